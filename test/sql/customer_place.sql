-- customer_place: customers and the map, and what they asked us not to do
SET search_path = mkt, public;
\set SHOW_CONTEXT never

INSERT INTO org (org_id, parent_id, tier, code, name, name_zh)
VALUES (1, NULL, 1, 'P', 'Province', '省'), (2, 1, 2, 'C', 'City', '市'), (3, 2, 3, 'D', 'County', '县'), (4, 3, 4, 'L', 'Line', '线'),
       (5, 4, 5, 'G', 'Grid', '格'), (6, 5, 6, 'E', 'CEO', '小CEO'), (7, 6, 7, 'I', 'Individual', '兵');
CREATE TABLE public.map AS
SELECT n AS cell_id, 'cell ' || n AS code, 'cell ' || n AS name, '村' || n AS name_zh, 'rural' AS kind, 5 AS grid_id, 7 AS org_id,
       ST_MakeEnvelope(113 + n, 38, 114 + n, 39, 4326) AS geom, 100 AS households, 80 AS ports_total, 40 AS ports_used
FROM generate_series(1, 2) AS n;
SELECT * FROM grid_cell_load('public.map');

-- numbers are given from 1
INSERT INTO customer (customer_key, net, location, cell_id) VALUES
    ('in one',     'own', 'SRID=4326;POINT(114.5 38.5)', NULL),
    ('on the edge','own', 'SRID=4326;POINT(115 38.5)',   NULL),
    ('outside',    'off', 'SRID=4326;POINT(119 38.5)',   NULL),
    ('no address', 'off', NULL,                          NULL),
    ('said so',    'own', 'SRID=4326;POINT(114.5 38.5)', 2),
    ('gone',       'own', NULL,                          NULL);
UPDATE customer SET live = false WHERE customer_key = 'gone';
SELECT customer_assign_cells();
SELECT cid, customer_key, cell_id FROM customer ORDER BY cid;
-- whoever has a cell keeps it, so a second call has nothing to do
SELECT customer_assign_cells();
-- set and single answers agree
SELECT count(*) AS disagree FROM customer WHERE cell_id IS DISTINCT FROM locate_cell(location) AND customer_key <> 'said so';
SELECT cid, customer_key, reason FROM customer_unlocated ORDER BY cid;

-- refused
INSERT INTO customer (customer_key, net) VALUES ('in one', 'own');
INSERT INTO customer (customer_key, net) VALUES ('half', 'both');
INSERT INTO customer (cid, customer_key, net) VALUES (-1, 'below', 'own');
INSERT INTO customer (customer_key, net, location) VALUES ('metres', 'own', 'SRID=3857;POINT(12700000 4600000)');
INSERT INTO customer (customer_key, net, cell_id) VALUES ('no cell', 'own', 99);
INSERT INTO customer_profile (cid, churn_score) VALUES (1, 1.5);
INSERT INTO consent (cid, channel_code, granted, since) VALUES (1, 'pigeon', false, '2026-11-02');
INSERT INTO consent (cid, channel_code, contact_class, granted, since) VALUES (1, 'sms', 'gossip', false, '2026-11-02');
INSERT INTO do_not_disturb (cid, scope, reason, valid_from) VALUES (1, 'channel', 'which one?', '2026-11-02');
INSERT INTO do_not_disturb (cid, scope, scope_code, reason, valid_from) VALUES (1, 'all', 'sms', 'only sms?', '2026-11-02');
INSERT INTO do_not_disturb (cid, scope, reason, valid_from, valid_to) VALUES (1, 'all', 'ends first', '2026-11-02', '2026-11-01');
-- accepted
INSERT INTO consent (cid, granted, since) VALUES (1, false, '2026-11-02');
INSERT INTO consent (cid, channel_code, granted, since) VALUES (1, 'sms', true, '2026-11-02');
INSERT INTO do_not_disturb (cid, scope, scope_code, reason, valid_from) VALUES (1, 'channel', 'sms', 'request', '2026-11-02');
SELECT channel_code, contact_class, granted FROM consent ORDER BY 1;
