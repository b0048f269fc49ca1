-- order_field: what the field may do with codes, coupons and orders, and that a
-- limit counts what a branch cannot see (S0-010, S0-068, S0-078, semantics J)
BEGIN;
SELECT plan(11);
INSERT INTO mkt.org (org_id, parent_id, tier, code, name, name_zh)
SELECT t, nullif(t - 1, 0), t, 'U' || t, 'Unit ' || t, '单元' || t FROM generate_series(1, 7) AS t;
INSERT INTO mkt.staff (staff_id, code, name, name_zh, post_code, org_id) VALUES (1, 'S1', 'Wang Fang', '王芳', 'field_manager', 7);
INSERT INTO mkt.grid_cell (cell_id, code, name, name_zh, kind, grid_id, org_id, geom, area_km2)
VALUES (1, 'C1', 'Cell 1', '小区1', 'community', 5, 7, ST_Multi(ST_MakeEnvelope(0, 0, 1, 1, 4326)), 1);
INSERT INTO mkt.hall (code, name, name_zh, org_id, cell_id, location)
VALUES ('H1', 'Hall 1', '一号厅', 5, 1, ST_SetSRID(ST_MakePoint(0.5, 0.5), 4326));
INSERT INTO mkt.customer (cid, customer_key, net, cell_id)
SELECT c, 'K' || c, 'own', CASE WHEN c < 9 THEN 1 END FROM generate_series(0, 9) AS c;      -- 9 is outside every grid
INSERT INTO mkt.product (product_code, type_code, family, name, name_zh, business, price) VALUES
    ('fiber', 'home_internet', 'broadband', 'Fibre 1000M', '千兆宽带', 'broadband', 99),
    ('phone', 'terminal', 'terminal', '5G phone', '5G手机', 'terminal', 1999);
-- a second branch: city 12 .. individual 17, serving cell 2
INSERT INTO mkt.org (org_id, parent_id, tier, code, name, name_zh)
SELECT 10 + t, CASE t WHEN 2 THEN 1 ELSE 9 + t END, t, 'V' || t, 'Unit ' || t, '单元' || t FROM generate_series(2, 7) AS t;
INSERT INTO mkt.grid_cell (cell_id, code, name, name_zh, kind, grid_id, org_id, geom, area_km2)
VALUES (2, 'C2', 'Cell 2', '小区2', 'rural', 15, 17, ST_Multi(ST_MakeEnvelope(1, 0, 2, 1, 4326)), 1);
UPDATE mkt.customer SET cell_id = 2 WHERE cid = 8;
CREATE ROLE order_field_one;
CREATE ROLE order_field_two;
SELECT mkt.grant_access('order_field_one', 'front_line', 7), mkt.grant_access('order_field_two', 'front_line', 17);
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO order_field_one, order_field_two;
-- customer 3 holds a coupon that hangs on the other branch's unit
SELECT mkt.coupon_batch_create('B1', 'One each', '每人一张', 'phone', 200, 9, 1, '2026-11-01', '2026-12-01');
CREATE TEMP TABLE handed AS
SELECT 7 AS org_id, c FROM mkt.coupon_issue('B1', 2, 'q7', 'S1', 7, as_of => '2026-11-01') AS c
UNION ALL SELECT 17, c FROM mkt.coupon_issue('B1', 1, 'q17', 'S1', 17, as_of => '2026-11-01') AS c;
SELECT mkt.coupon_claim((SELECT c FROM handed WHERE org_id = 17), 3, '2026-11-02');
SELECT min(c) FILTER (WHERE org_id = 7) AS c1, max(c) FILTER (WHERE org_id = 7) AS c2, min(c) FILTER (WHERE org_id = 17) AS c3 FROM handed \gset
SELECT mkt.code_create('shop', 'H1', 'store', as_of => '2026-11-01') AS shop \gset

SET LOCAL ROLE order_field_one;
SELECT isnt(mkt.code_scan('r1', :'shop', 'scan', 2, as_of => '2026-11-02'), NULL, 'the field records a scan');
SELECT is(mkt.coupon_claim(:'c1', 2, '2026-11-02'), '2026-11-02'::timestamptz, 'and lets a customer claim a coupon of its unit');
SELECT is((SELECT count(*) FROM mkt.coupon AS c WHERE c.cid = 3), 0::bigint, 'it does not see the coupon customer 3 holds elsewhere');
SELECT throws_ok(format('SELECT mkt.coupon_claim(%L, 3, %L)', :'c2', '2026-11-02'), '54000', NULL, 'but the limit counts it');
SELECT isnt(mkt.order_place('F1', 2, 'phone', 'mobile', 'field', coupon => :'c1', as_of => '2026-11-02'), NULL, 'the field places an order with the coupon');
SELECT is(mkt.order_advance('F1', 'accepted', '2026-11-03', true), '2026-11-03'::timestamptz, 'and takes it a step further');
SELECT is((SELECT o.org_id FROM mkt.sales_order AS o WHERE o.order_key = 'F1'), 7, 'the order hangs on the unit of the customer''s cell');
SELECT throws_ok('SELECT mkt.order_place(''F2'', 2, ''phone'', ''mobile'', ''field'', org_id => 17)', '42501', NULL, 'not on somebody else''s unit');

SET LOCAL ROLE order_field_two;
SELECT is((SELECT count(*) FROM mkt.sales_order), 0::bigint, 'the other branch sees no order');
SELECT throws_ok('SELECT mkt.order_advance(''F1'', ''landed'')', 'P0002', NULL, 'and cannot move it');
SELECT throws_ok(format('SELECT * FROM mkt.coupon_redeem(%L, ''x'', ''F1'')', :'c1'), 'P0002', NULL, 'nor redeem its coupon');
RESET ROLE;
SELECT * FROM finish();
ROLLBACK;
