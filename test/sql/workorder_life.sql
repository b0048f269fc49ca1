-- workorder_life: routing, the list, claims, reports, overdue and back (S0-020, S0-052, S3-011, semantics F)
\set ECHO none
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO';
SET search_path = mkt, public;
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh)
SELECT t, nullif(t - 1, 0), t, 'U' || t, 'Unit ' || t, '单元' || t FROM generate_series(1, 7) AS t;
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh) VALUES (8, 6, 7, 'U8', 'Unit 8', '单元8'), (9, 6, 7, 'U9', 'Unit 9', '单元9');
INSERT INTO staff (staff_id, code, name, name_zh, post_code, org_id) VALUES
    (1, 'S1', 'Wang Fang', '王芳', 'field_manager', 7), (2, 'S2', 'Li Wei', '李伟', 'field_manager', 7), (3, 'S3', 'Zhang Min', '张敏', 'field_manager', 8);
INSERT INTO grid_cell (cell_id, code, name, name_zh, kind, grid_id, org_id, geom, area_km2)
SELECT n, 'C' || n, 'Cell ' || n, '小区' || n, 'community', 5, 6 + n, ST_Multi(ST_MakeEnvelope(n, 0, n + 1, 1, 4326)), 1
FROM generate_series(1, 3) AS n;
INSERT INTO customer (cid, customer_key, net, cell_id, name_zh, phone)
SELECT c, 'K' || c, 'own', 1 + c % 2, '客户' || c, '1200000000' || c FROM generate_series(1, 9) AS c;
\o /dev/null
SELECT tag_refresh();
\o
INSERT INTO product (product_code, type_code, family, name, name_zh, business, price) VALUES
    ('plan5g', 'plan', 'plan', '5G plan', '5G套餐', 'plan', 99), ('pack', 'light', 'pack', 'Data pack', '流量包', 'data', 10);
INSERT INTO offer (offer_code, product_code, name, name_zh, value, valid_from, template) VALUES
    ('o5g', 'plan5g', '5G plan', '5G套餐', 100, '2026-01-01', '5G套餐，首月免费'), ('opack', 'pack', 'Data pack', '流量包', 10, '2026-01-01', NULL);
INSERT INTO strategy (strategy_id, code, family_code, name, name_zh, kind_code, status) VALUES
    (1, 'up5g', 'upgrade', 'To 5G', '升5G', 'stock', 'published'), (2, 'pack', 'cross_sell', 'Packs', '流量包', 'growth', 'published');
INSERT INTO strategy_version (strategy_id, version, eligibility, offer_code, sla_days, valid_from) VALUES (1, 1, 'live', 'o5g', 7, '2026-01-01');
INSERT INTO strategy_channel VALUES (1, 1, 'grid');
\set day '''2026-11-02 09:00+08'''
\set ECHO all

-- routing: the owner; else who has least to do, ties by staff_id; nobody
SELECT c, route(c) FROM generate_series(1, 2) AS c;
BEGIN;
UPDATE customer SET owner_staff_id = 3 WHERE cid = 2;
SELECT route(2);
UPDATE staff SET active = false WHERE staff_id = 3;
SELECT route(2), route(1);
ROLLBACK;
SELECT * FROM _route('{2,4,6,8,1}') ORDER BY cid;
SELECT route(10);

-- nothing can be claimed or reported before it is published
SELECT round_open('r', 'Round', '轮次', :day);
SELECT _deploy_step('r', :day);
SELECT * FROM claim(1, 9, :day);
SELECT * FROM report(1, 'accepted', 'q0');
SELECT _deploy_step('r', :day);
SELECT order_id, cid, org_id, staff_id, state, closed_at FROM issued_order ORDER BY order_id;

-- the list: due first, then the map; with the reason why
UPDATE work_order SET due_at = '2026-11-04' WHERE cid = 8;
SELECT * FROM my_tasks(1) LIMIT 1 \gx
SELECT order_id, cid FROM my_tasks(2);
SELECT * FROM my_tasks(4);
SELECT * FROM claim(4);

-- claims
SELECT order_id, cid, due_at FROM claim(2, 1, :day);
SELECT order_id, cid, due_at FROM claim(2, 5, :day);
SELECT order_id, cid, due_at FROM claim(2, 5, :day);
SELECT count(*) FROM claim(1, 5, :day);

-- a report: order, contact, log and tag in one transaction
SELECT * FROM report(2, 'accepted', 'q1', 'will pay on Friday', '2026-11-02 10:00+08');
SELECT o.state, o.outcome, o.attempts, o.note, o.closed_at, c.state AS contact, c.sent_at, c.responded FROM work_order AS o JOIN contact AS c USING (order_id) WHERE order_id = 2;
SELECT from_state, to_state, at, actor = current_user AS by_me, request_id, outcome, note FROM work_order_log WHERE order_id = 2 ORDER BY log_id;
SELECT has_tags(2, 'accepted_offer'), has_tags(4, 'accepted_offer');
-- the same request again, even with another content: the first answer, nothing written
SELECT * FROM report(2, 'competitor', 'q1', NULL, '2026-11-02 11:00+08');
SELECT count(*) FROM work_order_log WHERE order_id = 2;
-- another request: too late
SELECT * FROM report(2, 'competitor', 'q2', NULL, '2026-11-02 11:00+08');

-- not reached: the reservation is released
SELECT * FROM report(4, 'no_answer', 'q1', NULL, '2026-11-02 10:00+08');
SELECT o.state, c.state AS contact, c.sent_at, c.released_at, c.responded FROM work_order AS o JOIN contact AS c USING (order_id) WHERE order_id = 4;
-- asked to call back: the contact has happened, the order stays open for the next attempt
SELECT * FROM report(6, 'call_back', 'q1', NULL, '2026-11-02 10:00+08');
SELECT * FROM report(6, 'call_back', 'q2', NULL, '2026-11-02 12:00+08');
SELECT * FROM report(6, 'too_expensive', 'q3', NULL, '2026-11-02 14:00+08');
SELECT * FROM report(6, 'call_back', 'q2', NULL, '2026-11-02 15:00+08');
SELECT o.state, o.outcome, o.attempts, c.state AS contact, c.sent_at, c.responded FROM work_order AS o JOIN contact AS c USING (order_id) WHERE order_id = 6;
SELECT has_tags(6, 'wants_later & price_sensitive');

-- what a report may not be
SELECT * FROM report(99, 'accepted', 'q1');
SELECT * FROM report(8, 'bought', 'q1');
SELECT * FROM report(8, 'accepted', '');
SELECT * FROM report(8, 'accepted', NULL);
SELECT * FROM report(8, 'accepted', 'q1', NULL, '2026-11-02 08:59+08');
SELECT * FROM report(1, 'accepted', 'q1', NULL, '2026-11-02 10:00+08');

-- no way around the state machine, nor around its log
UPDATE work_order SET state = 'closed' WHERE order_id = 1;
UPDATE work_order SET state = 'verified' WHERE order_id IN (2, 1);
UPDATE work_order SET state = 'sleeping' WHERE order_id = 1;
INSERT INTO work_order SELECT 100, round_id, 1, 1, 9, kind_code, channel_code, offer_code, 7, 1, 1, 'closed', 1, 1, 1, 1, 1, issued_at, due_at, state_at FROM work_order WHERE order_id = 1;
UPDATE work_order_log SET actor = 'nobody';
DELETE FROM work_order_log;
TRUNCATE work_order_log CASCADE;
UPDATE work_order SET state = 'verified', state_at = '2026-11-03' WHERE order_id = 2;
UPDATE work_order SET state = 'closed', state_at = '2026-11-03' WHERE order_id = 2;
-- all pairs of states: exactly those of the table are let through
CREATE FUNCTION goes(from_state text, to_state text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    SET LOCAL session_replication_role = replica;
    UPDATE mkt.work_order SET state = from_state, request_id = 'a' WHERE order_id = 1;
    SET LOCAL session_replication_role = origin;
    UPDATE mkt.work_order SET state = to_state, request_id = 'b' WHERE order_id = 1;
    RAISE EXCEPTION USING ERRCODE = 'MKT00';        -- undo
EXCEPTION
    WHEN SQLSTATE 'MKT00' THEN RETURN true;
    WHEN object_not_in_prerequisite_state THEN RETURN false;
END
$$;
SELECT count(*) AS pairs, count(*) FILTER (WHERE goes(a.state, b.state)) AS let_through,
       count(*) FILTER (WHERE goes(a.state, b.state) <> (t.to_state IS NOT NULL)) AS wrong
FROM order_state AS a CROSS JOIN order_state AS b
LEFT JOIN order_transition AS t ON (t.from_state, t.to_state) = (a.state, b.state);

-- overdue, and back into the pool
SELECT workorder_overdue('2026-11-09 09:00+08'), workorder_overdue('2026-11-09 09:00:01+08'), workorder_overdue('2026-11-09 09:00:01+08');
SELECT order_id FROM claim(3, 9, '2026-11-09');
SELECT state, count(*) FROM work_order GROUP BY 1 ORDER BY 1;
SELECT * FROM report(8, 'accepted', 'late', NULL, '2026-11-10');
SELECT workorder_recycle('2026-11-12'), workorder_recycle('2026-11-17');
SELECT o.order_id, o.state, o.attempts, o.closed_at, c.state AS contact FROM work_order AS o JOIN contact AS c USING (order_id) ORDER BY 1;

-- orders are conserved: what was issued is the sum of the states, and the log ends where the order stands
SELECT sum(o.n) AS in_states, sum(o.n) = (SELECT count(*) FROM contact WHERE order_id IS NOT NULL) AS as_many_contacts
FROM order_state AS s JOIN (SELECT state, count(*) AS n FROM issued_order GROUP BY state) AS o USING (state);
SELECT count(*) AS broken FROM work_order AS o
JOIN LATERAL (SELECT l.to_state, l.at FROM work_order_log AS l WHERE l.order_id = o.order_id ORDER BY l.log_id DESC LIMIT 1) AS l ON true
WHERE (l.to_state, l.at) IS DISTINCT FROM (o.state, o.state_at);
