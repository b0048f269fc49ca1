-- access_field: the field works through the routines, in its own branch only
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
INSERT INTO staff (staff_id, code, name, name_zh, post_code, org_id)
VALUES (1, 'SA', 'Staff A', '甲', 'field_manager', 12), (2, 'SB', 'Staff B', '乙', 'field_manager', 13);
CREATE TABLE public.map AS
SELECT n AS cell_id, 'cell ' || n AS code, 'cell ' || n AS name, '村' || n AS name_zh, 'rural' AS kind, 7 + n AS grid_id, 11 + n AS org_id,
       ST_MakeEnvelope(113 + n, 38, 114 + n, 39, 4326) AS geom, 100 AS households, 80 AS ports_total, 40 AS ports_used
FROM generate_series(1, 2) AS n;
SELECT * FROM grid_cell_load('public.map');
INSERT INTO customer (cid, customer_key, net, cell_id) SELECT n, 'c' || n, 'own', 1 + n % 2 FROM generate_series(1, 4) AS n;
INSERT INTO product (product_code, type_code, family, name, name_zh, business, price) VALUES ('plan', 'plan', 'plan', 'Plan', '套餐', 'plan', 99);
INSERT INTO offer (offer_code, product_code, name, name_zh, value, valid_from) VALUES ('offer', 'plan', 'Offer', '优惠', 50, '2026-01-01');
INSERT INTO strategy (strategy_id, code, family_code, name, name_zh, kind_code, status) VALUES (1, 's', 'upgrade', 'S', '策', 'growth', 'published');
INSERT INTO strategy_version (strategy_id, version, eligibility, offer_code, sla_days, valid_from) VALUES (1, 1, 'live', 'offer', 7, '2026-01-01');
INSERT INTO round (round_id, name, name_zh, as_of, state, opened_at, published_at)
VALUES ('r', 'R', '轮', '2026-11-02', 'published', '2026-11-02', '2026-11-02');
INSERT INTO work_order (order_id, round_id, strategy_id, version, cid, kind_code, channel_code, offer_code, org_id, cell_id, staff_id, state,
                        p, value, context, lever, score, issued_at, due_at, state_at)
SELECT c.cid, 'r', 1, 1, c.cid, 'growth', 'grid', 'offer', 11 + c.cell_id, c.cell_id, c.cell_id, 'issued', 1, 50, 1, 1, 50,
       '2026-11-02 08:00+08', '2026-11-09 08:00+08', '2026-11-02 08:00+08'
FROM customer AS c;

CREATE ROLE access_field_a; CREATE ROLE access_field_bi;
SELECT grant_access('access_field_a', 'front_line', 2), grant_access('access_field_bi', 'bi_reader', 2);

SET ROLE access_field_a;
SELECT order_id, state, customer_key FROM my_tasks(1);
SELECT my_tasks(2);                                                  -- somebody else's list
SELECT order_id FROM claim(1, 1, '2026-11-02 09:00+08');
SELECT claim(2, 1, '2026-11-02 09:00+08');
SELECT state, recorded_outcome FROM report(2, 'accepted', 'req-1', NULL, '2026-11-02 10:00+08');
SELECT state, recorded_outcome FROM report(2, 'no_answer', 'req-1', NULL, '2026-11-02 10:00+08');  -- the first answer again
SELECT report(1, 'accepted', 'req-2', NULL, '2026-11-02 10:00+08');                                -- the other branch's
UPDATE work_order SET state = 'closed' WHERE order_id = 4;                                         -- no legal step
UPDATE work_order SET org_id = 13 WHERE order_id = 4;                                              -- out of the branch
SELECT order_id, to_state FROM work_order_log ORDER BY log_id;
SELECT code_create('person', 'SA') AS badge \gset
SELECT kind, target FROM code_resolve(:'badge');
SELECT grant_access('access_field_a', 'head_office', 1);
INSERT INTO access_grant VALUES ('access_field_a', 'head_office', 1);
UPDATE access_grant SET org_id = 1;
RESET ROLE;

-- a reader reads the same and does nothing
SET ROLE access_field_bi;
SELECT order_id, state FROM issued_order ORDER BY order_id;
SELECT claim(1, 1);
UPDATE work_order SET state = 'accepted';
SELECT count(*) >= 0 AS cockpit_opens FROM mkt_cockpit.overview;
RESET ROLE;

DROP OWNED BY access_field_a, access_field_bi;
DROP ROLE access_field_a, access_field_bi;
