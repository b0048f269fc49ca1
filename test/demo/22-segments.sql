-- test/demo/22-segments.sql: segments, which name tags and one another.
SELECT mkt.segment_define('at_risk', 'At risk of leaving', '离网风险客户', 'own_net & churn_score > 0.5 & !曾离网客户', '2026-11-02 02:10+08') AS at_risk,
       mkt.segment_define('valuable', 'Valuable customer', '高价值客户', '本网客户 & 月出账 >= 80', '2026-11-02 02:10+08') AS valuable,
       mkt.segment_define('rescue', 'Valuable and at risk', '高价值挽留', '离网风险客户 & valuable & contract = ''月付''', '2026-11-02 02:10+08') AS rescue;
\echo an edit of one takes along those that rest on it, in one transaction
SELECT mkt.segment_define('valuable', NULL, NULL, '本网客户 & 月出账 >= 75', '2026-11-02 02:20+08') AS version;
SELECT s.code, t.name_zh, s.definition, s.version, t.members
FROM mkt.segment AS s JOIN mkt.tag AS t ON t.code = s.code
ORDER BY t.tag_id;
\echo a snapshot never changes; @name stands in expressions
SELECT mkt.snapshot_take('rescue_1102', 'rescue', 'Rescue list of 2 November', '十一月二日挽留名单', '2026-11-02 02:30+08') AS members;
SELECT mkt.audience_count('@rescue_1102 & !senior') AS without_seniors;
SELECT s.code, s.definition, s.segment_version, v.intact, left(v.hash, 16) AS hash_begins
FROM mkt.snapshot AS s CROSS JOIN LATERAL mkt.snapshot_verify(s.code) AS v;
\echo the past: tags that keep their history answer as of then
SELECT count(mkt.tag_keep_history(c, as_of => '2026-11-02 02:00+08')) AS with_history FROM unnest('{live,broadband}'::text[]) AS c;
SELECT mkt.tag_define('app_days', 'numeric', 'Days with the app', 'APP活跃天数', as_of => '2026-10-01 00:00+08', class => 'behaviour', unit => '天') IS NOT NULL
   AND mkt.tag_keep_history('app_days', as_of => '2026-10-01 00:00+08') IS NOT NULL AS defined;
SELECT mkt.tag_put_values('app_days', 'SELECT c, 1 + (demo.rnd(''app_days'', c) * 10)::integer FROM mkt.members(mkt.audience(''own_net & fiveg'')) AS c', '2026-10-16 02:00+08') AS middle_of_october,
       mkt.tag_put_values('app_days', 'SELECT c, 2 + (demo.rnd(''app_days'', c) * 28)::integer FROM mkt.members(mkt.audience(''own_net & fiveg'')) AS c', '2026-11-02 02:40+08') AS november;
SELECT mkt.audience_count('app_days >= 10', '2026-11-02 02:30+08') AS by_then, mkt.audience_count('app_days >= 10') AS now,
       mkt.audience_count('valuable', '2026-11-02 02:15+08') AS valuable_before_the_edit, mkt.audience_count('valuable') AS and_after;
\echo status, drift and lineage
SELECT mkt.tag_set_status('app_days', 'offline', '2026-11-02 02:45+08') AS app_days_was, mkt.tag_set_status('app_days', 'review', '2026-11-02 02:46+08') AS then_was,
       mkt.tag_set_status('app_days', 'online', '2026-11-02 02:47+08') AS and_was;
SELECT m.code, m.members, m.share FROM mkt.tag_measure('{app_days,arpu,broadband,contract}', '2026-11-02 02:50+08') AS m;
SELECT mkt.tag_put_values('app_days', 'SELECT v.cid, v.value / 2 FROM mkt.tag_values(''app_days'') AS v', '2026-11-02 02:55+08') AS half_as_many_days;
SELECT m.code, m.share_change, round(m.psi, 3) AS psi FROM mkt.tag_measure('{app_days,arpu,broadband,contract}', '2026-11-02 02:57+08') AS m;
SELECT l.direction, l.depth, l.kind, l.object, left(l.detail, 60) AS detail FROM mkt.tag_lineage('rescue') AS l WHERE l.kind <> 'source';
