-- strategy_round: opening, deploying, being killed, publishing, rolling back (S0-033, S0-040)
\set ECHO none
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO';
SET search_path = mkt, public;
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh)
SELECT t, nullif(t - 1, 0), t, 'U' || t, 'Unit ' || t, '单元' || t FROM generate_series(1, 7) AS t;
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh) VALUES (8, 6, 7, 'U8', 'Unit 8', '单元8'), (19, 4, 5, 'U19', 'Grid 2', '二网格'), (29, 19, 6, 'U29', 'CEO 2', '二小CEO'), (9, 29, 7, 'U9', 'Unit 9', '单元9');
INSERT INTO staff (staff_id, code, name, name_zh, post_code, org_id) VALUES
    (1, 'S1', 'Wang Fang', '王芳', 'field_manager', 7), (2, 'S2', 'Li Wei', '李伟', 'field_manager', 7), (3, 'S3', 'Zhang Min', '张敏', 'field_manager', 8);
INSERT INTO grid_cell (cell_id, code, name, name_zh, kind, grid_id, org_id, geom, area_km2)
SELECT n, 'C' || n, 'Cell ' || n, '小区' || n, 'community', CASE n WHEN 3 THEN 19 ELSE 5 END, 6 + n, ST_Multi(ST_MakeEnvelope(n, 0, n + 1, 1, 4326)), 1
FROM generate_series(1, 3) AS n;
-- three blocks of customers; those of cell 3 are served by nobody
INSERT INTO customer (cid, customer_key, net, cell_id)
SELECT b * 64512 + c, 'K' || b || '/' || c, 'own', CASE WHEN c = 40 THEN NULL WHEN c = 39 THEN 3 ELSE 1 + c % 2 END
FROM generate_series(0, 2) AS b, generate_series(1, 40) AS c;
UPDATE customer SET owner_staff_id = 3 WHERE cid = 2;
\o /dev/null
SELECT tag_define('chance', 'numeric', 'Chance', '概率', scale => 2);
SELECT tag_refresh();
SELECT tag_put_values('chance', 'SELECT cid, (cid % 40) / 100.0 AS value FROM mkt.customer');
\o
INSERT INTO product (product_code, type_code, family, name, name_zh, business, price) VALUES
    ('plan5g', 'plan', 'plan', '5G plan', '5G套餐', 'plan', 99), ('pack', 'light', 'pack', 'Data pack', '流量包', 'data', 10);
INSERT INTO offer (offer_code, product_code, name, name_zh, value, valid_from, template) VALUES
    ('o5g', 'plan5g', '5G plan', '5G套餐', 100, '2026-01-01', '5G套餐，首月免费'), ('opack', 'pack', 'Data pack', '流量包', 10, '2026-01-01', NULL);
INSERT INTO strategy (strategy_id, code, family_code, name, name_zh, kind_code, status) VALUES
    (1, 'up5g', 'upgrade', 'To 5G', '升5G', 'stock', 'published'), (2, 'pack', 'cross_sell', 'Packs', '流量包', 'growth', 'published');
INSERT INTO strategy_version (strategy_id, version, eligibility, offer_code, propensity_tag, control_share, sla_days, valid_from) VALUES
    (1, 1, 'chance >= 0.05', 'o5g', 'chance', 0.1, 7, '2026-01-01'), (2, 1, 'live', 'opack', NULL, 0, 5, '2026-01-01');
INSERT INTO strategy_channel VALUES (1, 1, 'grid'), (1, 2, 'sms'), (2, 1, 'outbound'), (2, 2, 'sms');
INSERT INTO contact_cap (name, name_zh, max_contacts, span, clock) VALUES ('One a week', '每周一次', 1, '7 days', 'rolling');
INSERT INTO holdout (name, salt, bucket_from, bucket_to, valid_from) VALUES ('ten percent', 'x', 0, 1000, '2026-01-01');
INSERT INTO contact (cid, channel_code, family, state, reserved_at, sent_at)
SELECT cid, 'sms', 'plan', 'sent', '2026-10-30', '2026-10-30' FROM customer WHERE cid % 8 = 3;
UPDATE channel SET daily_capacity = 30 WHERE channel_code = 'outbound';
CREATE VIEW written AS
SELECT 'order' AS what, cid, strategy_id, concat_ws(' ', version, channel_code, offer_code, org_id, cell_id, staff_id, state, score, issued_at, due_at) AS how FROM work_order
UNION ALL SELECT 'contact', cid, strategy_id, concat_ws(' ', round_id, channel_code, family, state, org_id, reserved_at, order_id IS NULL) FROM contact
UNION ALL SELECT 'unrouted', cid, strategy_id, reason FROM unrouted
UNION ALL SELECT 'refusal', customers, strategy_id, reason FROM round_refusal;
CREATE VIEW digest AS SELECT md5(string_agg(w::text, '|' ORDER BY w::text)) AS digest, count(*) AS rows FROM written AS w;
\set day '''2026-11-02 09:00+08'''
\set ECHO all

-- opening: what can go wrong, and what it does not decide yet
SELECT round_open('r', 'Round', '轮次', :day, ARRAY['up5g', 'nope', 'nada']);
BEGIN;
UPDATE strategy SET status = 'paused' WHERE code = 'pack';
SELECT round_open('r', 'Round', '轮次', :day, ARRAY['up5g', 'pack']);
ROLLBACK;
SELECT round_open('r', 'Round', '轮次', '2025-12-31');
SELECT round_open('r', 'Round', '轮次', :day);
SELECT round_open('r', 'Round', '轮次', :day);
SELECT round_id, as_of, state, next_block, published_at FROM round;
SELECT * FROM dry_run('nope');
CALL deploy('nope');
SELECT round_rollback('nope');

-- deployment commits, so it cannot be part of a transaction
BEGIN;
CALL deploy('r', :day);
ROLLBACK;

-- what cannot be deployed: a strategy paused since, one without a channel, an offer that is over
BEGIN;
UPDATE strategy SET status = 'paused' WHERE code = 'pack';
SELECT _deploy_step('r');
ROLLBACK;
BEGIN;
DELETE FROM strategy_channel WHERE strategy_id = 1;
SELECT _deploy_step('r');
ROLLBACK;
BEGIN;
UPDATE offer SET valid_to = '2026-11-02';
SELECT _deploy_step('r');
ROLLBACK;

-- all in one go, to compare with
BEGIN;
CREATE TEMP TABLE trial AS SELECT * FROM dry_run('r');
SELECT reason, count(*) FROM trial GROUP BY reason ORDER BY reason;
SELECT _deploy_step('r', :day), _deploy_step('r', :day), _deploy_step('r', :day), _deploy_step('r', :day);
SELECT state, next_block, published_at FROM round;
-- the dry run said so
SELECT count(*) AS orders,
       count(*) FILTER (WHERE (o.channel_code, o.offer_code, o.p, o.value, o.context, o.lever, o.score)
                            = (t.channel_code, t.offer_code, t.p, t.value, t.context, t.lever, t.score)) AS as_the_dry_run
FROM issued_order AS o
FULL JOIN (SELECT t.*, s.strategy_id FROM trial AS t JOIN strategy AS s ON s.code = t.strategy_code WHERE t.reason IS NULL) AS t USING (cid, strategy_id);
SELECT count(*) AS disagreeing_counts
FROM (SELECT s.strategy_id, t.reason, count(*) FROM trial AS t JOIN strategy AS s ON s.code = t.strategy_code
      WHERE t.reason <> 'unrouted' GROUP BY 1, 2) AS t
FULL JOIN round_refusal AS f USING (strategy_id, reason) WHERE t.count IS DISTINCT FROM f.customers;
-- one reservation an order, one virtual contact a control customer
SELECT c.state, c.order_id IS NOT NULL AS of_order, count(*), count(o.order_id) AS orders
FROM contact AS c LEFT JOIN work_order AS o ON o.order_id = c.order_id AND (o.cid, o.strategy_id, o.channel_code, o.org_id) = (c.cid, c.strategy_id, c.channel_code, c.org_id)
WHERE c.round_id = 'r' GROUP BY 1, 2 ORDER BY 1;
SELECT count(*) AS control FROM _decide('r', :day, 0, 3) WHERE control;
-- owner first, then the cell's unit, shared out evenly; and those nobody serves
SELECT staff_id, org_id, count(*) FROM work_order GROUP BY 1, 2 ORDER BY 1;
SELECT staff_id FROM work_order WHERE cid = 2;
SELECT reason, count(*) FROM unrouted GROUP BY 1 ORDER BY 1;
SELECT * FROM cap_violations();
SELECT digest AS whole FROM digest \gset
ROLLBACK;

-- explain gives the same reasons after the fact: the round's own contacts do not
-- count against it (only channels that are full by now do, so here none is limited)
BEGIN;
UPDATE channel SET daily_capacity = NULL;
CREATE TEMP TABLE trial AS SELECT * FROM dry_run('r');
SELECT _deploy_step('r', :day), _deploy_step('r', :day), _deploy_step('r', :day), _deploy_step('r', :day);
SELECT count(*) AS asked, count(*) FILTER (WHERE t.reasons <> coalesce(x.failed, '{}')) AS disagree
FROM trial AS t
CROSS JOIN LATERAL (SELECT array_agg(e.rule ORDER BY e.ordinal) AS failed FROM explain(t.cid, t.strategy_code, :day, 'r') AS e WHERE NOT e.passed) AS x;
ROLLBACK;

-- killed after the first block
SET client_min_messages = notice;
SELECT _deploy_step('r', :day) AS more;
\c
SET search_path = mkt, public;
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO';
SELECT state, next_block FROM round;
SELECT count(*) > 0 AS written, (SELECT count(*) FROM issued_order) AS visible FROM work_order;
-- meanwhile somebody publishes new versions and pauses a strategy; the round keeps what it froze
INSERT INTO strategy_version SELECT strategy_id, 2, eligibility, applicability, suitability, 'opack', NULL, 9, 0, 1, valid_from FROM strategy_version;
UPDATE strategy SET status = 'paused' WHERE strategy_id = 2;
CALL deploy('r', :day);
SELECT digest = :'whole' AS the_same_as_in_one_go FROM digest;
SELECT round_id, state, next_block, published_at FROM round;

-- again: nothing changes
CALL deploy('r', '2026-12-24');
SELECT digest = :'whole' AS unchanged FROM digest;
SELECT published_at FROM round;

-- rolling back: what was accepted and not yet contacted goes, what happened stays
SELECT count(*) FROM claim(1, 2, :day);
SELECT state FROM work_order AS o, report(o.order_id, 'not_interested', 'q', NULL, :day) AS r(new_state, outcome, at) WHERE o.state = 'accepted' LIMIT 1;
SELECT round_rollback('r', '2026-11-03') > 0 AS cancelled;
SELECT state, count(*) > 0, bool_and(closed_at IS NOT NULL) AS closed FROM issued_order GROUP BY 1 ORDER BY 1;
SELECT o.state AS orders, c.state AS contacts FROM work_order AS o JOIN contact AS c USING (order_id) GROUP BY 1, 2 ORDER BY 1, 2;
SELECT round_rollback('r');
CALL deploy('r');

-- half a deployment can be rolled back as well, unseen
UPDATE strategy SET status = 'published';
SELECT round_open('half', 'Half', '半途', '2026-11-20');
SELECT _deploy_step('half');
SELECT round_rollback('half', '2026-11-20') > 0 AS cancelled;
SELECT count(*) AS visible FROM issued_order WHERE round_id = 'half';
SELECT count(*) AS reserved FROM contact WHERE state = 'reserved';

-- a round of no strategy for nobody
UPDATE customer SET live = false;
SELECT count(tag_refresh()) = 1 AS refreshed;
SELECT round_open('none', 'None', '空', '2026-11-20', ARRAY['pack'], 3);
CALL deploy('none', '2026-11-20');
