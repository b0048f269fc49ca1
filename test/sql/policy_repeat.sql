-- policy_repeat: how soon a product family may be brought up again, and strategies that exclude or follow each other (S3-012, semantics B9, C4)
\set ECHO none
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO';
SET search_path = mkt, public;
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh)
SELECT t, nullif(t - 1, 0), t, 'U' || t, 'Unit ' || t, '单元' || t FROM generate_series(1, 7) AS t;
INSERT INTO staff (staff_id, code, name, name_zh, post_code, org_id) VALUES (1, 'S1', 'Wang Fang', '王芳', 'field_manager', 7);
INSERT INTO grid_cell (cell_id, code, name, name_zh, kind, grid_id, org_id, geom, area_km2)
VALUES (1, 'C1', 'Cell 1', '小区1', 'community', 5, 7, ST_Multi(ST_MakeEnvelope(0, 0, 1, 1, 4326)), 1);
INSERT INTO customer (cid, customer_key, net, cell_id) SELECT c, 'K' || c, 'own', 1 FROM generate_series(1, 9) AS c;
SELECT tag_refresh() \g /dev/null
INSERT INTO product (product_code, type_code, family, name, name_zh, business, price) VALUES
    ('a', 'plan', 'plan', 'A', '甲', 'plan', 10), ('b', 'plan', 'plan', 'B', '乙', 'plan', 10), ('c', 'light', 'pack', 'C', '丙', 'data', 10);
INSERT INTO offer (offer_code, product_code, name, name_zh, value, valid_from) SELECT product_code, product_code, name, name_zh, ascii(product_code), '2026-01-01' FROM product;
INSERT INTO strategy (strategy_id, code, family_code, name, name_zh, kind_code, status) SELECT row_number() OVER (ORDER BY offer_code), offer_code, 'retain', name, name_zh, 'stock', 'published' FROM offer;
INSERT INTO strategy_version (strategy_id, version, eligibility, offer_code, sla_days, valid_from) SELECT strategy_id, 1, 'live', code, 7, '2026-01-01' FROM strategy;
INSERT INTO strategy_channel SELECT strategy_id, 1, 'grid' FROM strategy;
\set day '''2026-11-02 09:00+08'''
CREATE VIEW decided AS
SELECT cid, string_agg(strategy_code || coalesce(' ' || nullif(array_to_string(reasons, '+'), ''), ''), ', ' ORDER BY strategy_code) AS strategies
FROM _decide(NULL, :day, 0, 1, most => 3) GROUP BY cid;
\set ECHO all

-- all three may meet a customer; two of one family may not, once the family has a window
SELECT * FROM decided WHERE cid = 1;
INSERT INTO repeat_window (family, span) VALUES ('plan', '30 days');
SELECT * FROM decided WHERE cid = 1;
-- the instant that is the window away is allowed; reservations count at any age, service, virtual and released contacts never
INSERT INTO contact (cid, channel_code, contact_class, family, state, reserved_at, sent_at, released_at, strategy_id)
SELECT x.cid, 'grid', x.class, x.family, x.state, x.at, CASE x.state WHEN 'sent' THEN x.at END, CASE x.state WHEN 'released' THEN x.at END, x.strategy
FROM (VALUES (2, 'marketing', 'plan', 'sent', timestamptz '2026-10-03 09:00+08', 3), (3, 'marketing', 'plan', 'sent', '2026-10-03 09:00:00.000001+08', 3), (4, 'marketing', 'plan', 'reserved', '2026-01-01', 3),
             (5, 'service', 'plan', 'sent', '2026-11-01', 3), (6, 'marketing', 'plan', 'virtual', '2026-11-01', 3), (7, 'marketing', 'plan', 'released', '2026-11-01', 3),
             (8, 'marketing', 'pack', 'sent', '2026-11-01', 3), (9, 'marketing', 'plan', 'sent', '2026-11-03', 3)) AS x(cid, class, family, state, at, strategy);
SELECT * FROM decided ORDER BY cid;
INSERT INTO repeat_window (family, span) VALUES ('*', '1 day');
SELECT * FROM decided WHERE cid = 8;
UPDATE repeat_window SET span = '2 days' WHERE family = '*';
SELECT * FROM decided WHERE cid = 8;
DELETE FROM repeat_window;

-- never both: on one podium, and against what was said before
INSERT INTO strategy_pair (strategy_id, other_id, kind, span) VALUES (1, 3, 'never', '7 days');
SELECT * FROM decided WHERE cid IN (1, 2, 8) ORDER BY cid;
-- only after: what counts has happened
UPDATE strategy_pair SET kind = 'after', span = NULL;
SELECT * FROM decided ORDER BY cid;
UPDATE strategy_pair SET span = '7 days';
SELECT * FROM decided WHERE cid IN (2, 8) ORDER BY cid;
SELECT place, strategy_code FROM next_best(8, 'grid_visit', 3, :day, reserve => false);
SELECT place, strategy_code FROM next_best(1, 'grid_visit', 3, :day, reserve => false);

-- rules that contradict each other or themselves
INSERT INTO strategy_pair (strategy_id, other_id, kind) VALUES (3, 1, 'never');
INSERT INTO strategy_pair (strategy_id, other_id, kind) VALUES (2, 2, 'never');
INSERT INTO strategy_pair (strategy_id, other_id, kind) VALUES (2, 1, 'sometimes');
INSERT INTO strategy_pair (strategy_id, other_id, kind, span) VALUES (2, 1, 'after', '0');
INSERT INTO repeat_window (family, span) VALUES ('plan', '0 days');
SELECT array_agg(reason ORDER BY ordinal) FROM refusal_reason WHERE ordinal BETWEEN 90 AND 120;
