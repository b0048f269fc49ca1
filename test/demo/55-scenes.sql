-- test/demo/55-scenes.sql: in the evening things happen to customers; scenes
-- answer, messages go out, and some climb a tier by one click.
UPDATE mkt.scene_matrix AS m
SET strategy_id = s.strategy_id, touchpoint_code = v.touchpoint, enabled = true, again_after = v.again
FROM (VALUES ('data', 'data_threshold', 'video5g', 'sms_push', interval '3 days'), ('plan', 'topup_arrived', 'to5g', 'sms_push', interval '7 days'),
             ('plan', 'cancellation', 'renew', 'hall_counter', interval '1 day'), ('broadband', 'broadband_expiry', 'fttr', 'hall_counter', interval '7 days')) AS v(business, scene, code, touchpoint, again)
JOIN mkt.strategy AS s ON s.code = v.code
WHERE m.business_code = v.business AND m.scene_code = v.scene;

\echo 36 cells, four of them answered; what happens to 400 customers this evening
\o /dev/null
SELECT f.* FROM (
    SELECT c.cid, (ARRAY['data_threshold', 'topup_arrived', 'cancellation', 'broadband_expiry'])[1 + (demo.rnd('scene', c.cid) * 4)::integer % 4] AS scene
    FROM mkt.customer AS c WHERE c.net = 'own' AND c.live ORDER BY demo.rnd('evening', c.cid), c.cid LIMIT 400) AS e
CROSS JOIN LATERAL mkt.fire(e.cid, e.scene, 'evening-' || e.cid, '2026-11-02 19:00+08') AS f;
SELECT mkt.push_report(t.contact_id, CASE WHEN demo.rnd('gateway', t.cid) < 0.95 THEN 'delivered' ELSE 'failed' END, as_of => '2026-11-02 19:06+08')
FROM mkt.push_take('sms', 1000, '2026-11-02 19:05+08') AS t;
\o
SELECT v.name_zh AS "场景", count(*) AS events, count(e.strategy_id) AS answered, count(p.contact_id) AS pushed, count(*) FILTER (WHERE p.state = 'delivered') AS delivered
FROM mkt.scene_event AS e
JOIN mkt.cube_value AS v ON v.axis_code = 'scene' AND v.value_code = e.scene_code
LEFT JOIN mkt.push AS p ON p.contact_id = e.contact_id
GROUP BY v.ordinal, v.name_zh ORDER BY v.ordinal;

INSERT INTO mkt.ladder (ladder_code, usage_tag, name, name_zh) VALUES ('plan', 'arpu', 'Plans by what one spends', '套餐升档阶梯');
INSERT INTO mkt.offer (offer_code, product_code, name, name_zh, value, cost, valid_from) VALUES ('basic39', 'plan_basic', 'Plan 39', '惠民套餐39', 39, 0, '2026-10-01');
INSERT INTO mkt.ladder_step (ladder_code, rank, offer_code, covers, eligibility) VALUES
    ('plan', 1, 'basic39', 39, 'own_net'), ('plan', 2, 'loyal_year', 99, 'own_net & !churned'), ('plan', 3, 'up5g', 129, 'own_net & !churned');
\echo the default tier of one customer, and why not the others
SELECT u.rank, u.name_zh, u.covers, u.usage, u.chosen, u.reason FROM mkt.default_upgrade(7, 'plan', '2026-11-02 19:10+08') AS u;
