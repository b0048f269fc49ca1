-- org_drill: one step down, the way up, the rows behind a figure, and what a branch gets (S0-011, S0-027)
\set ECHO none
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO';
SET search_path = mkt, public;
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh)
VALUES (1, NULL, 1, 'P', 'Province', '省'), (2, 1, 2, 'A', 'City A', '甲市'), (3, 1, 2, 'B', 'City B', '乙市'), (4, 1, 2, 'D', 'City D', '丁市'),
       (5, 2, 3, 'A1', 'County 1', '一县'), (6, 3, 3, 'B1', 'County 2', '二县');
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh)
SELECT 10 * c + t, CASE t WHEN 4 THEN c ELSE 10 * c + t - 1 END, t, 'U' || c || t, 'U', '单元' FROM generate_series(5, 6) AS c, generate_series(4, 7) AS t;
INSERT INTO product (product_code, type_code, family, name, name_zh, business, price) VALUES ('p', 'plan', 'plan', 'Plan', '套餐', 'plan', 99);
INSERT INTO customer (cid, customer_key, net) SELECT c, 'K' || c, 'own' FROM generate_series(1, 9) AS c;
INSERT INTO sales_order (order_key, cid, org_id, product_code, flow, sale_scene, amount, placed_at, cancelled_at, state)
SELECT 'O' || n, n, u, 'p', 'mobile', (SELECT min(sale_scene) FROM sale_scene), a, at, CASE WHEN n = 4 THEN at END, CASE WHEN n = 4 THEN 'cancelled' ELSE 'placed' END
FROM (VALUES (1, 57, 10, timestamptz '2026-02-10'), (2, 57, 20, '2026-04-10'), (3, 67, 5, '2026-04-11'),
             (4, 67, 99, '2026-04-12'), (5, NULL, 7, '2026-04-13')) AS o(n, u, a, at);
INSERT INTO staff (staff_id, code, name, name_zh, post_code, org_id)
VALUES (1, 'S1', 'x', 'x', 'general_manager', 2), (2, 'S2', 'x', 'x', 'field_manager', 57), (3, 'S3', 'x', 'x', 'field_manager', 67);
SELECT org_move(5, 4, '2026-03-01') \gset
\set ECHO all

SELECT code, name, unit FROM measure ORDER BY code;

-- from the province down; a unit without figures is 0, nobody's are a line of their own
SELECT * FROM drill('sales_amount');
SELECT org_id, code, value, share FROM drill('sales_amount', 4);
-- what hangs on a unit itself is a line of its own
SELECT org_id, code, value FROM drill('staff', 2);
-- a period, by the organisation of now, and by that of then: county 1 stood under city A
SELECT code, value FROM drill('sales_amount', period => '[2026-01-01, 2026-03-01)');
SELECT code, value FROM drill('sales_amount', period => '[2026-01-01, 2026-03-01)', as_of => '2026-02-28');
-- a closed unit is listed while it has figures
UPDATE staff SET active = false WHERE staff_id = 2;
SELECT count(org_close(o, '2026-10-01')) AS closed FROM unnest(ARRAY[57, 56, 55, 54, 5, 4]) AS o;
SELECT code, value FROM drill('sales_amount');
SELECT code, value FROM drill('staff');
SELECT code, value FROM drill('staff', as_of => '2026-09-30');

-- the way back up, now and then
SELECT tier, code, name_zh FROM drill_path(57);
SELECT tier, code, name_zh FROM drill_path(57, '2026-02-28') WHERE tier < 4;

-- the rows behind a figure
SELECT * FROM drill_rows('sales_amount', 4);
SELECT * FROM drill_rows('sales_amount', 4, '[2026-03-01,)', '2026-12-01');
SELECT * FROM drill_rows('sales_amount', most => 2);

-- any query; its bounds
SELECT code, value FROM drill_query('SELECT o.org_id, 1 AS value FROM mkt.sales_order AS o WHERE o.placed_at < $2', 1, '(,2026-04-11)');

-- refused
SELECT * FROM drill('love');
SELECT * FROM drill('staff', 77);
SELECT * FROM drill_path(77);
SELECT * FROM drill_query('SELECT 1 AS org_id');
SELECT * FROM drill_query('DROP TABLE mkt.org');
INSERT INTO measure (code, name, name_zh, unit, query) VALUES ('x', 'x', 'x', 'x', 'DELETE FROM mkt.org');

-- a branch sees its own part of every figure
CREATE ROLE org_drill_b;
SELECT grant_access('org_drill_b', 'bi_reader', 3);
SET ROLE org_drill_b;
SELECT code, value FROM drill('sales_amount');
SELECT * FROM drill_rows('sales_amount');
SELECT code, value FROM drill('sales_amount', 3);
SELECT * FROM drill_query('SELECT o.org_id, 1 AS value FROM mkt.tag_block AS o');
RESET ROLE;
DROP OWNED BY org_drill_b;
DROP ROLE org_drill_b;
