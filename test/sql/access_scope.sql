-- access_scope: what two branches see of each other (nothing), what head
-- office sees (all), and what a role without a place sees (nothing)
SET search_path = mkt, public;
\set SHOW_CONTEXT never

INSERT INTO org (org_id, parent_id, tier, code, name, name_zh)
VALUES (1, NULL, 1, 'P', 'Province', '省'),
       (2, 1, 2, 'A', 'City A', '甲市'), (3, 1, 2, 'B', 'City B', '乙市'),
       (4, 2, 3, 'A1', 'County A', '甲县'), (5, 3, 3, 'B1', 'County B', '乙县'),
       (6, 4, 4, 'LA', 'Line A', '甲线'), (7, 5, 4, 'LB', 'Line B', '乙线'),
       (8, 6, 5, 'GA', 'Grid A', '甲格'), (9, 7, 5, 'GB', 'Grid B', '乙格'),
       (10, 8, 6, 'CA', 'CEO A', '甲小CEO'), (11, 9, 6, 'CB', 'CEO B', '乙小CEO'),
       (12, 10, 7, 'IA', 'Individual A', '甲兵'), (13, 11, 7, 'IB', 'Individual B', '乙兵');
INSERT INTO staff (code, name, name_zh, post_code, org_id)
VALUES ('SA', 'Staff A', '甲', 'field_manager', 12), ('SB', 'Staff B', '乙', 'field_manager', 13), ('SP', 'Staff P', '省', 'general_manager', 1);
CREATE TABLE public.map AS
SELECT * FROM (VALUES (101, 'cell A', 8, 12, ST_MakeEnvelope(114, 38, 115, 39, 4326)), (102, 'cell B', 9, 13, ST_MakeEnvelope(115, 38, 116, 39, 4326)))
    AS m(cell_id, code, grid_id, org_id, geom),
    (VALUES ('rural', 100, 80, 40)) AS f(kind, households, ports_total, ports_used), LATERAL (SELECT m.code, m.code) AS n(name, name_zh);
SELECT * FROM grid_cell_load('public.map');
INSERT INTO hall (code, name, name_zh, org_id, cell_id, location)
VALUES ('HA', 'Hall A', '甲厅', 12, 101, ST_SetSRID(ST_MakePoint(114.5, 38.5), 4326)), ('HB', 'Hall B', '乙厅', 13, 102, ST_SetSRID(ST_MakePoint(115.5, 38.5), 4326));
INSERT INTO customer (cid, customer_key, net, cell_id) VALUES (1, 'A-1', 'own', 101), (2, 'A-2', 'off', 101), (3, 'B-1', 'own', 102), (4, 'nowhere', 'own', NULL);
INSERT INTO customer_profile (cid, tenure_months) VALUES (1, 1), (2, 2), (3, 3), (4, 4);
INSERT INTO consent (cid, granted, since) VALUES (1, false, '2026-11-01'), (3, false, '2026-11-01');
INSERT INTO do_not_disturb (cid, scope, reason, valid_from) VALUES (1, 'all', 'request', '2026-11-01'), (3, 'all', 'request', '2026-11-01');

CREATE ROLE access_scope_a; CREATE ROLE access_scope_b; CREATE ROLE access_scope_office; CREATE ROLE access_scope_nobody;
CREATE ROLE access_scope_member IN ROLE access_scope_b;
CREATE ROLE access_scope_noinherit NOINHERIT IN ROLE access_scope_b;

-- setting up, and what is refused
SELECT grant_access('access_scope_a', 'bi_reader', 2), grant_access('access_scope_b', 'branch_admin', 3), grant_access('access_scope_office', 'head_office', 1);
SELECT grant_access('access_scope_none_such', 'bi_reader', 2);
SELECT grant_access('access_scope_a', 'chief', 2);
SELECT grant_access('access_scope_a', 'bi_reader', 99);
SELECT grant_access('access_scope_a', 'bi_reader', NULL);
SELECT grant_access('access_scope_a', 'head_office', 2);
-- a role that can reach the schema and read, but has no place
GRANT USAGE ON SCHEMA mkt TO access_scope_nobody;
SELECT _apply_profile('access_scope_nobody', 'bi_reader');

-- one line for whoever asks
CREATE VIEW public.seen WITH (security_invoker = true) AS
SELECT sees_all(), (SELECT string_agg(o::text, ',' ORDER BY o) FROM my_orgs() AS o) AS orgs, (SELECT string_agg(c::text, ',' ORDER BY c) FROM my_cells() AS c) AS cells,
       (SELECT string_agg(customer_key, ',' ORDER BY cid) FROM customer) AS customers,
       (SELECT count(*) FROM customer_profile) AS profiles, (SELECT count(*) FROM consent) AS consents, (SELECT count(*) FROM do_not_disturb) AS dnd,
       (SELECT string_agg(code, ',' ORDER BY code) FROM staff) AS staff, (SELECT count(*) FROM grid_cell) AS grid_cells, (SELECT count(*) FROM hall) AS halls,
       (SELECT count(*) FROM customer_unlocated) AS unlocated, (SELECT count(*) FROM access_grant) AS places;
GRANT SELECT ON public.seen TO PUBLIC;
\x on
TABLE public.seen;
SET ROLE access_scope_a; TABLE public.seen; RESET ROLE;
SET ROLE access_scope_b; TABLE public.seen; RESET ROLE;
SET ROLE access_scope_office; TABLE public.seen; RESET ROLE;
SET ROLE access_scope_nobody; TABLE public.seen; RESET ROLE;
SET ROLE access_scope_member; TABLE public.seen; RESET ROLE;
\x off
-- who does not inherit rights does not inherit rows
GRANT USAGE ON SCHEMA mkt TO access_scope_noinherit;
GRANT SELECT ON customer TO access_scope_noinherit;
SELECT _apply_profile('access_scope_noinherit', 'bi_reader');
SET ROLE access_scope_noinherit; SELECT count(*) AS rows_seen FROM customer; RESET ROLE;
-- where one stands, and if nowhere, that
SELECT sees FROM my_place();
\x on
SET ROLE access_scope_a; SELECT * FROM my_place(); RESET ROLE;
SET ROLE access_scope_member; SELECT * FROM my_place(); RESET ROLE;
SET ROLE access_scope_nobody; SELECT * FROM my_place(); RESET ROLE;
\x off

SET ROLE access_scope_a;
-- other ways round: a point in the other branch, a condition with a side effect, COPY, keys
SELECT locate(114.5, 38.5) AS mine, locate(115.5, 38.5) AS theirs;
SELECT code FROM nearest_halls(115.4, 38.5, 5, 200000);
SELECT cid FROM customer WHERE 1 / (cid - 3) > 0 OR true ORDER BY cid;
COPY (SELECT cid FROM customer ORDER BY cid) TO STDOUT;
TABLE access_grant;
INSERT INTO customer (cid, customer_key, net) VALUES (9, 'B-1', 'own');     -- a reader does not write
SELECT org_move(5, 2);
SELECT count(*) FROM tag_block;
RESET ROLE;

-- a branch administrator writes in the own branch only
SET ROLE access_scope_b;
INSERT INTO consent (cid, channel_code, granted, since) VALUES (3, 'sms', false, '2026-11-01');
INSERT INTO consent (cid, channel_code, granted, since) VALUES (1, 'sms', false, '2026-11-01');
UPDATE do_not_disturb SET reason = 'changed';
UPDATE staff SET org_id = 12 WHERE code = 'SB';
RESET ROLE;
SELECT cid, reason FROM do_not_disturb ORDER BY cid;

-- another profile takes back what the old one gave, another place moves the view
SELECT has_table_privilege('access_scope_b', 'mkt.consent', 'INSERT') AS before;
SELECT grant_access('access_scope_b', 'bi_reader', 4);
SELECT has_table_privilege('access_scope_b', 'mkt.consent', 'INSERT') AS after;
SET ROLE access_scope_b; SELECT cid FROM customer ORDER BY cid; RESET ROLE;

-- a place taken away, with what its profile gave
SELECT revoke_access('access_scope_b');
SELECT has_table_privilege('access_scope_b', 'mkt.customer', 'SELECT') AS reads, has_schema_privilege('access_scope_b', 'mkt', 'USAGE') AS enters;
SELECT revoke_access('access_scope_b');
-- an unknown rule
SELECT _secure('mkt.customer', 'everybody');

-- a role that is gone does not break the others
DROP OWNED BY access_scope_a, access_scope_b, access_scope_office, access_scope_nobody, access_scope_noinherit;
DROP ROLE access_scope_b, access_scope_office;
SET ROLE access_scope_nobody; RESET ROLE;
SELECT grant_access('access_scope_a', 'bi_reader', 2);
SET ROLE access_scope_a; SELECT count(*) FROM customer; RESET ROLE;
DROP OWNED BY access_scope_a;
DROP ROLE access_scope_a, access_scope_nobody, access_scope_member, access_scope_noinherit;
