-- strategy_decide: every reason to refuse, in the order of semantics B1; channels, scores, ties, controls
\set ECHO none
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO';
SET search_path = mkt, public;
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh)
SELECT t, nullif(t - 1, 0), t, 'U' || t, 'Unit ' || t, '单元' || t FROM generate_series(1, 7) AS t;
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh) VALUES (18, 4, 5, 'U18', 'Grid 2', '二网格'), (28, 18, 6, 'U28', 'CEO 2', '二小CEO'), (8, 28, 7, 'U8', 'Unit 8', '单元8');
INSERT INTO staff (staff_id, code, name, name_zh, post_code, org_id) VALUES (1, 'S1', 'Wang Fang', '王芳', 'field_manager', 7);
INSERT INTO grid_cell (cell_id, code, name, name_zh, kind, grid_id, org_id, geom, area_km2)
SELECT n, 'C' || n, 'Cell ' || n, '小区' || n, 'community', CASE n WHEN 2 THEN 18 ELSE 5 END, 6 + n, ST_Multi(ST_MakeEnvelope(n, 0, n + 1, 1, 4326)), 1
FROM generate_series(1, 2) AS n;
-- 18 is outside every grid, nobody serves the cell of 19, 20 has left
INSERT INTO customer (cid, customer_key, net, cell_id, live)
SELECT c, 'K' || c, 'own', CASE c WHEN 18 THEN NULL WHEN 19 THEN 2 ELSE 1 END, c <> 20 FROM generate_series(1, 20) AS c;
\o /dev/null
SELECT tag_define('target', 'boolean', 'Target', '目标'), tag_define('bound', 'boolean', 'Bound', '在约'),
       tag_define('chance', 'numeric', 'Chance', '概率', scale => 2);
SELECT tag_refresh();
SELECT tag_put('target', tagmap_range(1, 20) - '{17}'), tag_put('bound', '{7}');
SELECT tag_put_values('chance', 'SELECT cid, CASE cid WHEN 8 THEN 0.1 ELSE 0.2 END AS value FROM mkt.customer WHERE cid <> 17');
\o
INSERT INTO product (product_code, type_code, family, name, name_zh, business, price) VALUES
    ('plan5g', 'plan', 'plan', '5G plan', '5G套餐', 'plan', 99), ('pack', 'light', 'pack', 'Data pack', '流量包', 'data', 10);
INSERT INTO offer (offer_code, product_code, name, name_zh, value, valid_from) VALUES
    ('o5g', 'plan5g', '5G plan', '5G套餐', 100, '2026-01-01'), ('opack', 'pack', 'Data pack', '流量包', 10, '2026-01-01');
INSERT INTO strategy (strategy_id, code, family_code, name, name_zh, kind_code, status) VALUES
    (1, 'up5g', 'upgrade', 'To 5G', '升5G', 'stock', 'published'), (2, 'pack', 'cross_sell', 'Packs', '流量包', 'growth', 'published');
INSERT INTO strategy_version (strategy_id, version, eligibility, applicability, suitability, offer_code, propensity_tag, sla_days, valid_from) VALUES
    (1, 1, 'target', '!bound', 'chance >= 0.2', 'o5g', 'chance', 7, '2026-01-01'),
    (2, 1, 'target & chance >= 0.2', NULL, NULL, 'opack', NULL, 5, '2026-01-01');
INSERT INTO strategy_channel VALUES (1, 1, 'grid'), (1, 2, 'sms'), (2, 1, 'outbound');
INSERT INTO contact_cap (name, name_zh, max_contacts, span, clock) VALUES ('Two a week', '每周两次', 2, '7 days', 'rolling');
\set day '''2026-11-02 09:00+08'''
-- all of it, one customer each
INSERT INTO consent (cid, channel_code, granted, since) VALUES
    (2, '*', false, '2026-01-01'), (3, 'grid', false, '2026-01-01'), (4, '*', false, '2026-01-01'), (4, 'grid', true, '2026-01-01'), (5, '*', false, '2026-12-01');
INSERT INTO do_not_disturb (cid, scope, scope_code, reason, valid_from, valid_to) VALUES
    (9, 'all', NULL, 'complaint', '2026-11-01', NULL), (10, 'product', 'plan5g', 'complaint', '2026-11-01', NULL),
    (11, 'channel', 'grid', 'complaint', '2026-11-01', NULL), (12, 'all', NULL, 'over by then', '2026-10-01', :day);
INSERT INTO suppression (cid, reason, since) VALUES (6, 'court case', '2026-11-01');
INSERT INTO contact (cid, channel_code, family, state, reserved_at, sent_at)
SELECT c, 'sms', 'plan', 'sent', s, s
FROM (VALUES (13, timestamptz '2026-10-28'), (13, '2026-10-29'), (14, '2026-10-29'), (15, '2026-10-28'), (15, '2026-10-20')) AS x(c, s);
\set ECHO all

-- the order in which a decision lists its reasons is that of the catalogue
SELECT array_agg(reason ORDER BY ordinal) FROM refusal_reason;

SELECT round_open('r', 'Round', '轮次', :day);
SELECT cid, strategy_code AS strategy, channel_code AS channel, p, value, lever, score, reasons FROM dry_run('r') ORDER BY cid, strategy_code;

-- the whole operator is silent, or a clone
BEGIN;
UPDATE platform SET send_enabled = false;
SELECT reason, count(*) FROM dry_run('r') GROUP BY reason;
UPDATE platform SET send_enabled = true, system_identifier = 1;
SELECT reason, count(*) FROM dry_run('r') GROUP BY reason;
ROLLBACK;

-- global control, its history, and a strategy's own control: virtual contacts
-- for those who pass eligibility to suitability (not for 7 and 8)
BEGIN;
INSERT INTO holdout (name, salt, bucket_from, bucket_to, valid_from, valid_to) VALUES ('all', 'x', 0, 10000, '2026-11-01', '2026-12-01');
SELECT is_control(1, :day), is_control(1, '2026-12-01');
SELECT strategy_id, reason, control, array_agg(cid ORDER BY cid) FROM _decide('r', :day, 0, 1) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
ROLLBACK;
BEGIN;
UPDATE strategy_version SET control_share = 1 WHERE strategy_id = 1;
SELECT strategy_id, reason, control, array_agg(cid ORDER BY cid) FROM _decide('r', :day, 0, 1) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
ROLLBACK;

-- a full channel: the best of it by score, then the next channel
BEGIN;
UPDATE channel SET daily_capacity = 3 WHERE channel_code = 'grid';
SELECT channel_code, reason, count(*) FROM dry_run('r') WHERE strategy_code = 'up5g' GROUP BY 1, 2 ORDER BY 1, 2;
UPDATE channel SET daily_capacity = 0 WHERE channel_code = 'grid';
SELECT channel_code, reason, count(*) FROM dry_run('r') WHERE strategy_code = 'up5g' GROUP BY 1, 2 ORDER BY 1, 2;
ROLLBACK;

-- score = p x v x c x l
BEGIN;
UPDATE strategy_version SET context_factor = 1.7 WHERE strategy_id = 2;
SELECT strategy_code, p, value, context, lever, score, score = p * value * context * lever AS product, reason FROM dry_run('r') WHERE cid = 1 ORDER BY 2;
-- equal scores: higher value, then earlier deadline, then lower strategy_id
UPDATE channel_product_priority SET factor = 1;
UPDATE strategy_version SET context_factor = 2 WHERE strategy_id = 2;
SELECT strategy_code, score, value, reason FROM dry_run('r') WHERE cid = 1 ORDER BY 1;
UPDATE offer SET value = 10;
UPDATE strategy_version SET context_factor = 10 WHERE strategy_id = 1;
SELECT strategy_code, score, value, reason FROM dry_run('r') WHERE cid = 1 ORDER BY 1;
UPDATE strategy_version SET sla_days = 5;
SELECT strategy_code, score, value, reason FROM dry_run('r') WHERE cid = 1 ORDER BY 1;
ROLLBACK;

-- two a customer: the second must leave room for the first under the cap
BEGIN;
UPDATE round SET max_per_customer = 2;
SELECT cid, strategy_code, reason FROM dry_run('r') WHERE cid IN (1, 14) ORDER BY cid, score DESC;
ROLLBACK;

-- a probability is never guessed
BEGIN;
UPDATE strategy_version SET eligibility = 'live' WHERE strategy_id = 1;
SELECT count(*) FROM dry_run('r');
ROLLBACK;
BEGIN;
SELECT tag_put_values('chance', 'SELECT cid, 1.5 AS value FROM mkt.customer');
SELECT count(*) FROM dry_run('r');
ROLLBACK;
BEGIN;
UPDATE strategy_version SET eligibility = 'targett' WHERE strategy_id = 1;
SELECT count(*) FROM dry_run('r');
ROLLBACK;

-- explain asks the same decision: one who wins, one who loses, one who is refused twice over
SELECT * FROM explain(1, 'up5g', :day, 'r');
SELECT rule, detail FROM explain(1, 'pack', :day, 'r') WHERE NOT passed;
SELECT rule, detail FROM explain(13, 'up5g', :day, 'r') WHERE NOT passed;
SELECT rule, detail FROM explain(17, 'up5g', :day, 'r') WHERE NOT passed;
SELECT e.rule, e.detail FROM unnest('{2,3,6,9}'::bigint[]) AS c, explain(c, 'up5g', :day, 'r') AS e WHERE e.detail IS NOT NULL AND e.ordinal BETWEEN 20 AND 40;
SELECT count(*) AS disagree
FROM dry_run('r') AS d
CROSS JOIN LATERAL (SELECT array_agg(e.rule ORDER BY e.ordinal) AS failed FROM explain(d.cid, d.strategy_code, :day, 'r') AS e WHERE NOT e.passed) AS x
WHERE d.reasons <> coalesce(x.failed, '{}');
SELECT * FROM explain(99, 'up5g', :day);
SELECT * FROM explain(1, 'nothing', :day);
SELECT * FROM explain(1, 'up5g', '2025-01-01');

-- one customer at one touchpoint, now: the same rules, the channel of the touchpoint
SELECT n.place, n.strategy_code, n.name_zh, n.channel_code, trim_scale(n.score) AS score, n.contact_id
FROM next_best(1, 'grid_visit', 2, :day, reserve => false) AS n;
SELECT n.strategy_code FROM next_best(18, 'outbound_agent', 1, :day, reserve => false) AS n;      -- nobody has to be sent
SELECT n.strategy_code FROM next_best(9, 'sms_push', 1, :day, reserve => false) AS n;
SELECT n.strategy_code, n.contact_id IS NOT NULL AS reserved FROM next_best(14, 'grid_visit', 1, :day) AS n;
SELECT n.strategy_code FROM next_best(14, 'grid_visit', 1, :day) AS n;
SELECT contact_sent(max(contact_id), :day), contact_sent(max(contact_id), :day) FROM contact;
SELECT contact_release(max(contact_id), :day) FROM contact;
SELECT n.strategy_code FROM next_best(15, 'grid_visit', 1, '2026-11-01 09:00+08') AS n;
SELECT reservation_release('2026-11-02 09:00+08'), reservation_release('2026-11-02 09:00:01+08');
SELECT * FROM next_best(99, 'grid_visit');
SELECT * FROM next_best(1, 'moon');
SELECT * FROM cap_violations();
