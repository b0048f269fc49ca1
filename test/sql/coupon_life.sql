-- coupon_life: from batch to redemption, every refusal on the way (S0-078, semantics G)
\set ECHO none
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO';
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
\set ECHO all
\set u1 '00000000-0000-4000-8000-000000000001'
SELECT mkt.coupon_batch_create('B1', 'Phone 200', '手机满减', 'phone', 200, 5, 1, '2026-11-01', '2026-11-11') =
       mkt.coupon_batch_create('B1', 'Phone 300', '手机满减', 'phone', 300, 9, 9, '2026-11-01', '2026-11-11') AS same_batch;
SELECT code, face_value, total, per_customer, generated FROM mkt.coupon_batch;

-- issue: a repeated request returns the same coupons, never more than the total
CREATE TEMP TABLE mine AS SELECT row_number() OVER () AS n, c AS coupon
FROM mkt.coupon_issue('B1', 4, 'issue 1', 'S1', 7, :'u1', '2026-11-01') AS c;
SELECT array_agg(c) = (SELECT array_agg(coupon ORDER BY n) FROM mine) AS same_coupons
FROM mkt.coupon_issue('B1', 4, 'issue 1', 'S1', 7, as_of => '2026-11-02') AS c;
SELECT mkt.coupon_issue('B1', 2, 'issue 2', 'S1', as_of => '2026-11-02');
\echo :LAST_ERROR_SQLSTATE
SELECT mkt.coupon_issue('B1', 0, 'issue 3', 'S1');
SELECT mkt.coupon_issue('B0', 1, 'issue 3', 'S1');
-- the same entropy again: collisions are drawn again
SELECT count(*) AS one_more FROM mkt.coupon_issue('B1', 1, 'issue 4', NULL, NULL, :'u1', '2026-11-02');
SELECT state, first_issuer, org_id, count(*) FROM mkt.coupon GROUP BY 1, 2, 3 ORDER BY 1;
SELECT total, generated FROM mkt.coupon_batch;
SELECT coupon AS c1 FROM mine WHERE n = 1 \gset
SELECT coupon AS c2 FROM mine WHERE n = 2 \gset
SELECT coupon AS c3 FROM mine WHERE n = 3 \gset
SELECT coupon AS c4 FROM mine WHERE n = 4 \gset
SELECT coupon_code AS c5 FROM mkt.coupon WHERE state = 'generated' \gset

-- the first issuer stays the first, however long the chain
SELECT mkt.coupon_share(:'c5', 'H1', 'Li', '2026-11-02') AS issuer;
SELECT mkt.coupon_share(:'c5', 'Li', 'Zhao', '2026-11-03') AS issuer;
SELECT mkt.coupon_share(:'c5', 'Li', 'Zhao', '2026-11-04') AS replay;
SELECT mkt.coupon_share(:'c5', 'Li', 'Chen', '2026-11-04');
SELECT first_issuer, issued_at, (SELECT string_agg(giver || '>' || taker, ' ' ORDER BY seq) FROM mkt.coupon_share) AS chain
FROM mkt.coupon WHERE coupon_code = :'c5';

-- claim: again is the first answer; another customer, the limit, the validity
SELECT mkt.coupon_claim(:'c1', 3, '2026-11-02 10:00'), mkt.coupon_claim(:'c1', 3, '2026-11-02 11:00') AS again;
SELECT mkt.coupon_claim(:'c1', 4, '2026-11-02');
\echo :LAST_ERROR_SQLSTATE
SELECT mkt.coupon_claim(:'c2', 3, '2026-11-02');
\echo :LAST_ERROR_SQLSTATE
SELECT mkt.coupon_claim(:'c2', 4, '2026-10-31');
SELECT mkt.coupon_claim(:'c2', 4, '2026-11-11');
\echo :LAST_ERROR_SQLSTATE
SELECT mkt.coupon_claim(:'c2', 4, '2026-11-10 23:59:59');
SELECT mkt.coupon_share(:'c2', 'S1', 'Li', '2026-11-10');
SELECT mkt.coupon_claim('2222222222222', 4);
\echo :LAST_ERROR_SQLSTATE

-- redeem: only for an order of that product and customer
SELECT * FROM mkt.coupon_redeem(:'c1', 'pay 1', 'no such order', '2026-11-02');
\echo :LAST_ERROR_SQLSTATE
SELECT mkt.order_place('O-fiber', 3, 'fiber', 'fixed', 'self_service', as_of => '2026-11-02') IS NOT NULL AS placed;
SELECT mkt.order_place('O-other', 4, 'phone', 'mobile', 'self_service', as_of => '2026-11-02') IS NOT NULL AS placed;
SELECT mkt.order_place('O-phone', 3, 'phone', 'mobile', 'code', as_of => '2026-11-02') IS NOT NULL AS placed;
SELECT * FROM mkt.coupon_redeem(:'c1', 'pay 1', 'O-fiber', '2026-11-02');
SELECT * FROM mkt.coupon_redeem(:'c1', 'pay 1', 'O-other', '2026-11-02');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM mkt.coupon_redeem(:'c1', 'pay 1', 'O-phone', '2026-11-11');
SELECT * FROM mkt.coupon_redeem(:'c3', 'pay 1', 'O-phone', '2026-11-02');
SELECT coupon_code = :'c1' AS c1, face_value, redeemed_at FROM mkt.coupon_redeem(:'c1', 'pay 1', 'O-phone', '2026-11-02 12:00');
-- replay, even after the coupon has expired; another request is refused
SELECT coupon_code = :'c1' AS c1, face_value, redeemed_at FROM mkt.coupon_redeem(:'c1', 'pay 1', 'O-phone', '2026-12-24');
SELECT * FROM mkt.coupon_redeem(:'c1', 'pay 2', 'O-phone', '2026-11-02 12:01');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM mkt.coupon_redeem(:'c2', 'pay 1', 'O-other', '2026-11-02');
\echo :LAST_ERROR_SQLSTATE
SELECT order_key, amount, coupon_code = :'c1' AS c1 FROM mkt.sales_order ORDER BY order_key;

-- a lock keeps the coupon for one request, for a time
SELECT mkt.coupon_lock(:'c2', 'basket 1', '2026-11-03 10:15', '2026-11-03 10:00'),
       mkt.coupon_lock(:'c2', 'basket 1', '2026-11-03 10:25', '2026-11-03 10:10') AS again;
SELECT mkt.coupon_lock(:'c2', 'basket 2', '2026-11-03 10:25', '2026-11-03 10:10');
SELECT * FROM mkt.coupon_redeem(:'c2', 'basket 2', 'O-other', '2026-11-03 10:10');
SELECT mkt.coupon_release(:'c2', 'basket 2');
SELECT mkt.coupon_release(:'c2', 'basket 1', '2026-11-03'), mkt.coupon_release(:'c2', 'basket 1', '2026-11-03') AS again;
SELECT mkt.coupon_lock(:'c2', 'basket 3', '2026-11-03 11:15', '2026-11-03 11:00');
-- a lock whose time is over counts for nothing, without any job
SELECT redeemed_at FROM mkt.coupon_redeem(:'c2', 'basket 4', 'O-other', '2026-11-03 11:15');

-- cancelling the order gives the coupon back while it is valid, not after
SELECT mkt.order_cancel('O-other', '2026-11-04'), mkt.order_cancel('O-other', '2026-11-05') AS again;
SELECT state, cid, redeemed_at, sales_order_id FROM mkt.coupon WHERE coupon_code = :'c2';
SELECT mkt.order_place('O-again', 4, 'phone', 'mobile', 'self_service', coupon => :'c2', as_of => '2026-11-04') IS NOT NULL AS placed;
SELECT mkt.order_cancel('O-again', '2026-11-11');
SELECT state, cid, void_reason FROM mkt.coupon WHERE coupon_code = :'c2';

-- void: with a reason, once, never after redemption; the customer may claim another
SELECT mkt.coupon_claim(:'c3', 5, '2026-11-02'), mkt.coupon_void(:'c3', 'damaged', '2026-11-05'), mkt.coupon_void(:'c3', 'lost', '2026-11-06') AS again;
SELECT mkt.coupon_claim(:'c4', 5, '2026-11-06');
SELECT mkt.coupon_void(:'c1', 'damaged', '2026-11-05');
SELECT * FROM mkt.coupon_redeem(:'c3', 'pay 9', 'O-phone', '2026-11-05');
SELECT state, count(*), count(holding) AS held FROM mkt.coupon GROUP BY state ORDER BY state;

-- the table itself refuses a second holding in the same place: the limit stands whatever the snapshot
UPDATE mkt.coupon SET state = 'claimed', cid = 5, holding = 1, claimed_at = '2026-11-07' WHERE coupon_code = :'c5';
UPDATE mkt.coupon_batch SET generated = 6;
