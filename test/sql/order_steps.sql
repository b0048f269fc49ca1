-- order_steps: placing, crediting, and the steps to delivery (S0-080, S0-083..S0-091)
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
INSERT INTO mkt.offer (offer_code, product_code, name, name_zh, value, valid_from) VALUES ('O1', 'fiber', 'Fibre', '宽带', 300, '2026-01-01');
INSERT INTO mkt.strategy (strategy_id, code, family_code, name, name_zh, kind_code) VALUES (1, 's1', 'acquire', 'S', '策略', 'growth');
INSERT INTO mkt.strategy_version (strategy_id, version, eligibility, offer_code, sla_days, valid_from) VALUES (1, 1, 'live', 'O1', 3, '2026-01-01');
INSERT INTO mkt.round (round_id, name, name_zh, as_of, opened_at) VALUES ('r', 'R', '轮次', '2026-11-02', '2026-11-02');
INSERT INTO mkt.work_order (order_id, round_id, strategy_id, version, cid, kind_code, channel_code, offer_code, org_id, staff_id, state, p, value, context, lever, score, issued_at, due_at, state_at)
VALUES (1, 'r', 1, 1, 3, 'growth', 'grid', 'O1', 7, 1, 'issued', 1, 300, 1, 1, 300, '2026-11-02', '2026-11-05', '2026-11-02');
\set ECHO all
SELECT mkt.code_create('shop', 'H1', 'store', entropy => '00000000-0000-4000-8000-000000000001', as_of => '2026-11-01') AS shop \gset

-- idempotent by key; the price is the product's unless given
SELECT mkt.order_place('A1', 3, 'fiber', 'fixed', 'field', work_order_id => 1, as_of => '2026-11-02 10:00') =
       mkt.order_place('A1', 4, 'phone', 'mobile', 'field', as_of => '2026-11-02 11:00') AS first_answer;
SELECT mkt.order_place('A2', 4, 'phone', 'mobile', 'code', amount => 1500, code => :'shop', delivery_mode => 'pickup', as_of => '2026-11-02 10:00') IS NOT NULL AS placed;
SELECT mkt.order_place('A3', 9, 'fiber', '2i', 'self_service', domain => 'app', channel => 'internet', as_of => '2026-11-02 10:00') IS NOT NULL AS placed;
SELECT order_key, cid, org_id, work_order_id, channel_code, domain_code, flow, sale_scene, amount, code = :'shop' AS by_shop, state, placed_at FROM mkt.sales_order ORDER BY order_key;

-- refusals
SELECT mkt.order_place('A4', 4, 'fiber', 'fixed', 'field', work_order_id => 1);
SELECT mkt.order_place('A4', 4, 'fiber', 'fixed', 'field', work_order_id => 77);
SELECT mkt.order_place('A4', 4, 'teapot', 'fixed', 'field');
SELECT mkt.order_place('A4', 4, 'fiber', 'satellite', 'field');
SELECT mkt.order_place('A4', 4, 'fiber', 'fixed', 'field', code => '222222222222A');
SELECT count(*) AS orders FROM mkt.sales_order;

-- the four steps, each once, in order, forward in time
SELECT mkt.order_advance('A1', 'landed', '2026-11-02 10:01');
\echo :LAST_ERROR_SQLSTATE
SELECT mkt.order_advance('A1', 'accepted', '2026-11-02 09:00');
\echo :LAST_ERROR_SQLSTATE
SELECT mkt.order_advance('A1', 'accepted', '2026-11-02 10:01', auto => true), mkt.order_advance('A1', 'accepted', '2026-11-02 10:09') AS again;
SELECT mkt.order_advance('A1', 'landed', '2026-11-02 10:02');
SELECT mkt.order_advance('A1', 'accepted', '2026-11-02 10:09') AS late_replay;
SELECT mkt.order_advance('A1', 'delivered', '2026-11-02 10:09');
SELECT mkt.order_advance('A1', 'dispatched', '2026-11-02 10:10', auto => false);
SELECT mkt.order_advance('A1', 'delivered', '2026-11-03 15:00', visits => 2);
SELECT mkt.order_advance('A1', 'cancelled');
SELECT mkt.order_advance('A9', 'accepted');
SELECT mkt.order_cancel('A1');
SELECT mkt.order_cancel('A2', '2026-11-02 10:30');
SELECT mkt.order_advance('A2', 'accepted', '2026-11-02 10:31');
SELECT order_key, state, accepted_at, auto_accepted, landed_at, dispatched_at, auto_dispatched, delivered_at, cancelled_at, visits FROM mkt.sales_order ORDER BY order_key;

-- the words: six scenes, three flows, ten mechanisms of which three are ours
SELECT (SELECT count(*) FROM mkt.sale_scene) AS scenes, (SELECT count(*) FROM mkt.order_flow) AS flows,
       (SELECT count(*) FROM mkt.domain) AS domains, (SELECT count(*) FROM mkt.delivery_mode) AS modes,
       (SELECT count(*) FROM mkt.mechanism) AS mechanisms, (SELECT count(*) FROM mkt.mechanism WHERE proposed) AS proposed;
