-- test/demo/40-day.sql: the marketing day: a round is tried out, deployed, worked through and reported.
-- Everything goes through the functions an operator would call. The day is
-- 2026-11-02 in Shanghai.

\echo the battle maps as they are before the day
SELECT mkt.battle_map_take('2026-11-01 23:45+08') AS cells_kept;

-- What happened before: contacts of the last ten days, so that caps have
-- something to count. Nobody of the control group, nobody above a cap.
WITH earlier AS MATERIALIZED (
    SELECT c.cid, c.cell_id, n.channel_code,
           timestamptz '2026-11-01 20:00+08' - make_interval(mins => floor(demo.rnd('earlier at ' || n.channel_code, c.cid) * 14400)::integer) AS at
    FROM mkt.customer AS c
    CROSS JOIN (VALUES ('sms', 0.40), ('internet', 0.30)) AS n(channel_code, share)
    WHERE c.live AND c.net = 'own' AND demo.rnd('earlier ' || n.channel_code, c.cid) < n.share
)
INSERT INTO mkt.contact (cid, channel_code, family, state, org_id, reserved_at, sent_at, responded)
SELECT e.cid, e.channel_code, 'data', 'sent', g.org_id, e.at, e.at, demo.rnd('answered', e.cid) < 0.05
FROM earlier AS e
LEFT JOIN mkt.grid_cell AS g ON g.cell_id = e.cell_id
WHERE NOT mkt.is_control(e.cid, e.at)
ORDER BY e.at, e.cid;
ANALYZE mkt.contact;

SELECT mkt.round_open('2026-11', 'November', '十一月统一部署', '2026-11-02 08:00+08') AS strategies_in_the_round;

\echo dry run: what deployment would decide, by the first rule that refuses
SELECT coalesce(r.name_zh, '下发') AS "结论", d.reason,
       count(*) FILTER (WHERE s.family_code = 'acquire') AS "拉新", count(*) FILTER (WHERE s.family_code = 'activate') AS "激活",
       count(*) FILTER (WHERE s.family_code = 'upgrade') AS "升档", count(*) FILTER (WHERE s.family_code = 'cross_sell') AS "交叉",
       count(*) FILTER (WHERE s.family_code = 'retain') AS "维系", count(*) FILTER (WHERE s.family_code = 'win_back') AS "赢回",
       count(*) AS total, round(sum(d.score)) AS expected_yuan
FROM mkt.dry_run('2026-11') AS d
JOIN mkt.strategy AS s ON s.code = d.strategy_code
LEFT JOIN mkt.refusal_reason AS r ON r.reason = d.reason
GROUP BY r.ordinal, r.name_zh, d.reason
ORDER BY r.ordinal NULLS FIRST;

CALL mkt.deploy('2026-11', '2026-11-02 08:05+08');
ANALYZE mkt.work_order;
ANALYZE mkt.contact;

-- The working day: one in eight people with tasks claims up to eight of them and
-- reports what the customers said. One transaction a person, as an app would.
-- Who takes the offer does so with the probability the model gave, or a bit less.
DO $$
DECLARE
    day    timestamptz := '2026-11-02 09:00+08';
    person record;
    task   record;
    dice   float8;
    saying text;
    at     timestamptz;
BEGIN
    FOR person IN
        SELECT o.staff_id, 1 + floor(demo.rnd('tasks', o.staff_id) * 8)::integer AS n
        FROM mkt.issued_order AS o
        WHERE demo.rnd('at work', o.staff_id) < 0.12
        GROUP BY o.staff_id
        ORDER BY o.staff_id
    LOOP
        FOR task IN
            SELECT c.order_id, c.cid, o.p, o.strategy_id
            FROM mkt.claim(person.staff_id, person.n, day) AS c
            JOIN mkt.work_order AS o ON o.order_id = c.order_id
        LOOP
            dice := demo.rnd('outcome ' || task.strategy_id, task.cid);
            at := day + interval '9 hours' * demo.rnd('reported', task.order_id);
            saying := CASE
                WHEN demo.rnd('reached', task.order_id) < 0.14 THEN 'no_answer'
                WHEN demo.rnd('reached', task.order_id) < 0.16 THEN 'wrong_number'
                WHEN dice < task.p * 0.9 THEN 'accepted'
                WHEN dice > 0.92 THEN 'call_back'
                ELSE demo.pick('{too_expensive,too_expensive,competitor,not_interested,not_interested}', 'why not', task.order_id)
            END;
            PERFORM mkt.report(task.order_id, saying, 'day 1', NULL, at);
        END LOOP;
        COMMIT;
    END LOOP;
END
$$;

-- Control customers take the product on their own less often than those we asked.
UPDATE mkt.contact AS c
SET responded = demo.rnd('outcome ' || c.strategy_id, c.cid) < 0.03
WHERE c.round_id = '2026-11' AND c.state = 'virtual';

\echo work orders of the day by kind and state
SELECT k.name_zh AS "任务清单", s.name_zh AS "状态", s.state, count(*) AS orders, count(DISTINCT o.staff_id) AS people, round(sum(o.score)) AS expected_yuan
FROM mkt.issued_order AS o
JOIN mkt.task_kind AS k USING (kind_code)
JOIN mkt.order_state AS s USING (state)
GROUP BY k.kind_code, k.name_zh, s.state, s.name_zh, s.ordinal
ORDER BY k.kind_code, s.ordinal;

\echo what the talks taught: tags written back by reports
SELECT t.code, t.name_zh, t.members FROM mkt.tag AS t WHERE t.class = 'feedback' ORDER BY t.code;

\echo the list of one person for tomorrow
SELECT t.order_id, t.kind_zh, t.due_at, t.cell_zh, t.customer_key, t.strategy_zh, t.offer_zh, t.channel_code, round(t.score, 1) AS score, t.why
FROM mkt.my_tasks((SELECT min(o.staff_id) FROM mkt.issued_order AS o WHERE o.state = 'succeeded')) AS t LIMIT 5;

\echo why this customer gets the 5G strategy
SELECT e.ordinal, r.name_zh AS "规则", e.passed, e.detail
FROM (SELECT o.cid FROM mkt.issued_order AS o JOIN mkt.strategy AS s USING (strategy_id) WHERE s.code = 'to5g' ORDER BY o.order_id LIMIT 1) AS won
CROSS JOIN LATERAL mkt.explain(won.cid, 'to5g', '2026-11-02 08:00+08', '2026-11') AS e
JOIN mkt.refusal_reason AS r ON r.reason = e.rule
ORDER BY e.ordinal;

\echo and this one, who got another, does not
SELECT lost.strategy AS got, e.ordinal, r.name_zh AS "规则", e.detail
FROM (SELECT o.cid, s.code AS strategy FROM mkt.issued_order AS o JOIN mkt.strategy AS s USING (strategy_id)
      WHERE s.code <> 'to5g' AND mkt.has_tags(o.cid, 'own_net & !fiveg & arpu >= 50 & tenure >= 6') ORDER BY o.order_id LIMIT 1) AS lost
CROSS JOIN LATERAL mkt.explain(lost.cid, 'to5g', '2026-11-02 08:00+08', '2026-11') AS e
JOIN mkt.refusal_reason AS r ON r.reason = e.rule
WHERE NOT e.passed
ORDER BY e.ordinal;

SELECT count(*) AS cap_violations FROM mkt.cap_violations();
