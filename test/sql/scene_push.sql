-- scene_push: scenes answer events, the outbox delivers, ladders and one click
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
INSERT INTO customer (cid, customer_key, net, cell_id, phone) SELECT c, 'K' || c, 'own', 1, '1860000000' || c FROM generate_series(1, 9) AS c;
\o /dev/null
SELECT tag_define('target', 'boolean', 'Target', '目标'), tag_define('gb', 'numeric', 'Data a month', '月流量', scale => 1, unit => 'GB');
SELECT tag_refresh();
SELECT tag_put('target', tagmap_range(1, 8)), tag_put_values('gb', 'SELECT cid, cid * 10 AS value FROM mkt.customer WHERE cid <> 7');
\o
INSERT INTO product (product_code, type_code, family, name, name_zh, business, price) VALUES
    ('pack', 'light', 'pack', 'Data pack', '流量包', 'data', 10), ('fibre', 'home_internet', 'fibre', 'Fibre', '光宽', 'broadband', 99),
    ('p39', 'plan', 'plan', 'Plan 39', '套餐39', 'plan', 39), ('p59', 'plan', 'plan', 'Plan 59', '套餐59', 'plan', 59), ('p99', 'plan', 'plan', 'Plan 99', '套餐99', 'plan', 99), ('p129', 'plan', 'plan', 'Plan 129', '套餐129', 'plan', 129);
INSERT INTO offer (offer_code, product_code, name, name_zh, value, valid_from, valid_to, template)
SELECT 'o_' || product_code, product_code, name, name_zh, price, '2026-01-01', CASE product_code WHEN 'p99' THEN date '2026-11-20' END, 'Take ' || name FROM product;
INSERT INTO strategy (strategy_id, code, family_code, name, name_zh, kind_code, status) VALUES
    (1, 'more', 'cross_sell', 'More data', '加流量', 'growth', 'published'), (2, 'faster', 'upgrade', 'Faster', '提速', 'stock', 'published'), (3, 'other', 'upgrade', 'Other', '其他', 'stock', 'published');
INSERT INTO strategy_version (strategy_id, version, eligibility, offer_code, sla_days, valid_from) VALUES
    (1, 1, 'target', 'o_pack', 7, '2026-01-01'), (2, 1, 'target & gb >= 20', 'o_fibre', 7, '2026-01-01'), (3, 1, 'target', 'o_p129', 7, '2026-01-01');
INSERT INTO strategy_channel VALUES (1, 1, 'sms'), (2, 1, 'internet'), (3, 1, 'sms'), (3, 2, 'internet');
INSERT INTO contact_cap (name, name_zh, max_contacts, span, clock) VALUES ('Two a week', '每周两次', 2, '7 days', 'rolling');
\set ECHO all

-- the matrix is there, and empty; a cell without an answer cannot be switched on
SELECT count(*) AS cells, count(DISTINCT business_code) AS businesses, count(DISTINCT scene_code) AS scenes, bool_or(enabled) AS on FROM scene_matrix;
UPDATE scene_matrix SET enabled = true WHERE business_code = 'data';
UPDATE scene_matrix SET strategy_id = 1, touchpoint_code = 'sms_push', enabled = true WHERE (business_code, scene_code) = ('data', 'data_threshold');
UPDATE scene_matrix SET strategy_id = 2, touchpoint_code = 'app', enabled = true, again_after = '3 days' WHERE (business_code, scene_code) = ('broadband', 'data_threshold');

-- the better of two cells answers; where the better does not fit, the other; strategy 3 is no part of the scene
SELECT * FROM fire(2, 'data_threshold', 'e1', '2026-11-02 09:00');
SELECT * FROM fire(1, 'data_threshold', 'e2', '2026-11-02 09:00');
SELECT * FROM fire(9, 'data_threshold', 'e3', '2026-11-02 09:00');
SELECT * FROM fire(3, 'cancellation', 'e4', '2026-11-02 09:00');
-- repeated: the first answer; again the same day: the other cell; then the cap
SELECT business_code, contact_id = (SELECT contact_id FROM scene_event WHERE request_id = 'e1') AS same FROM fire(2, 'data_threshold', 'e1', '2026-11-05 09:00');
SELECT business_code, mode FROM fire(2, 'data_threshold', 'e5', '2026-11-02 10:00');
SELECT count(*) AS third FROM fire(2, 'data_threshold', 'e6', '2026-11-05 12:00');
SELECT request_id, cid, scene_code, business_code, touchpoint_code, strategy_id, contact_id IS NOT NULL AS reserved FROM scene_event ORDER BY request_id;
-- what fire() reserves is what next_best() would
SELECT strategy_code FROM next_best(3, 'app', 1, '2026-11-02 09:00', reserve => false);
SELECT f.strategy_code FROM fire(3, 'data_threshold', 'e7', '2026-11-02 09:00') AS f;

-- the outbox: two pushes are due; each is taken once
SELECT business_code, mode FROM fire(4, 'data_threshold', 'e8', '2026-11-02 09:00');
SELECT business_code, mode FROM fire(4, 'data_threshold', 'e9', '2026-11-02 10:00');
SELECT cid, channel_code, state, body, not_before FROM push ORDER BY contact_id;
SELECT cid, phone, body FROM push_take('sms', 1, '2026-11-02 10:30');
SELECT cid FROM push_take('sms', 10, '2026-11-02 10:30');
SELECT cid FROM push_take('sms', 10, '2026-11-02 10:30');
SELECT contact_id AS one FROM push WHERE cid = 1 \gset
SELECT contact_id AS two FROM push WHERE cid = 2 \gset
SELECT push_report(:one, 'delivered', as_of => '2026-11-02 10:31') AS news, push_report(:one, 'delivered', as_of => '2026-11-02 10:32') AS again;
SELECT push_report(:two, 'failed', 'no such number', '2026-11-02 10:31');
SELECT push_report(:two, 'sent');
SELECT push_report(:one, 'bounced');
SELECT push_report(-1, 'sent');
SELECT push_report(:one, 'lost');
SELECT p.cid, p.state, p.error, c.state AS contact, c.sent_at, c.released_at FROM push AS p JOIN contact AS c USING (contact_id) ORDER BY p.cid;
-- silence: nothing is given out
BEGIN;
UPDATE platform SET send_enabled = false;
SELECT count(*) FROM push_take('sms', 10, '2026-11-02 11:00');
ROLLBACK;

-- a round on a channel that pushes
SELECT round_open('r', 'Round', '轮次', '2026-11-10 09:00', '{more}');
SELECT push_queue('r', 'sms');
SET client_min_messages = error;
CALL deploy('r', '2026-11-10 09:00');
SELECT push_queue('r', 'internet');
SELECT push_queue('r', 'pigeon');
SELECT order_id AS mine FROM issued_order WHERE cid = 8 \gset
SELECT count(*) AS claimed FROM claim(1, 1, '2026-11-10 09:30');
SELECT push_queue('r', 'sms', '2026-11-10 10:00', '2026-11-10 20:00') AS queued, push_queue('r', 'sms', '2026-11-10 10:00') AS again;
SELECT count(*) AS issued FROM issued_order;
SELECT count(push_report(t.contact_id, 'sent', as_of => '2026-11-10 10:05')) AS sent FROM push_take('sms', 3, '2026-11-10 10:00') AS t;
SELECT count(push_report(t.contact_id, 'failed', as_of => '2026-11-10 10:05')) AS failed FROM push_take('sms', 1, '2026-11-10 10:00') AS t;
SELECT count(*) AS taken FROM push_take('sms', 1, '2026-11-10 10:00');
SELECT push_sweep('2026-11-10 10:10') AS nothing_yet, push_sweep('2026-11-10 10:16') AS lost, push_sweep('2026-11-10 20:00') AS expired;
SELECT o.state AS work_order, p.state AS push, c.state AS contact, count(*)
FROM issued_order AS o JOIN contact AS c ON c.order_id = o.order_id LEFT JOIN push AS p ON p.contact_id = c.contact_id
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
SELECT state, recorded_outcome FROM report((SELECT min(order_id) FROM issued_order WHERE state = 'contacting'), 'accepted', 'answer', as_of => '2026-11-10 11:00');
SELECT DISTINCT l.from_state, l.to_state FROM work_order_log AS l ORDER BY 1, 2;
SELECT * FROM cap_violations();

-- the ladder: customer n uses 10 n GB; 3 holds the second tier, 7 has no usage
INSERT INTO ladder (ladder_code, usage_tag, name, name_zh) VALUES ('data', 'gb', 'Plans by data', '流量套餐阶梯');
INSERT INTO ladder_step VALUES ('data', 1, 'o_p39', 10, NULL), ('data', 2, 'o_p59', 30, NULL), ('data', 3, 'o_p99', 60, NULL), ('data', 4, 'o_p129', 85, 'target');
INSERT INTO subscription (code, cid, product_code, valid_from) VALUES ('L3', 3, 'p59', '2026-01-01'), ('L1', 1, 'p39', '2025-01-01');
UPDATE subscription SET valid_to = '2026-06-01' WHERE code = 'L1';
SELECT c.cid, u.rank, u.offer_code, u.usage, u.chosen, u.reason FROM (VALUES (1), (3), (7)) AS c(cid), default_upgrade(c.cid, 'data', '2026-11-02') AS u ORDER BY c.cid, u.rank;
SELECT c.cid, u.offer_code FROM customer AS c LEFT JOIN LATERAL default_upgrade(c.cid, 'data', '2026-11-02') AS u ON u.chosen ORDER BY c.cid;
SELECT offer_code FROM default_upgrade(5, 'data', '2026-11-25') WHERE chosen;
-- one step from there to the order
SELECT one_click('K1', 5, 'app', u.offer_code, as_of => '2026-11-02 12:00') = one_click('K1', 5, 'app', u.offer_code, as_of => '2026-11-02 12:01') AS one_order
FROM default_upgrade(5, 'data', '2026-11-02') AS u WHERE u.chosen;
SELECT contact_id AS asked FROM next_best(4, 'app', 1, '2026-11-20 09:00') \gset
SELECT one_click('K2', 4, 'app', 'o_p129', :asked, '2026-11-20 09:01') IS NOT NULL AS ordered;
SELECT order_key, cid, product_code, channel_code, flow, sale_scene, amount FROM sales_order ORDER BY order_key;
SELECT state, responded FROM contact WHERE contact_id = :asked;

SELECT * FROM fire(1, 'rain', 'x');
SELECT * FROM fire(1, 'cancellation', NULL);
SELECT * FROM fire(99, 'data_threshold', 'y');
SELECT * FROM default_upgrade(1, 'rope');
SELECT one_click('K3', 5, 'app', 'o_p99', as_of => '2026-11-25');
SELECT one_click('K3', 5, 'kiosk', 'o_p99');
SELECT one_click('K3', 5, 'app', 'free');
