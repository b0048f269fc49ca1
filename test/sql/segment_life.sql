-- segment_life: status, change log, quality, drift and lineage of tags
SET search_path = mkt, public;
SET TimeZone = 'UTC'; SET DateStyle = 'ISO';
\set SHOW_CONTEXT never
SELECT tag_put('live', tagmap_range(0, 999)) AS live;
CREATE TABLE fact (cid bigint PRIMARY KEY, rich boolean, spend numeric, plan text);
INSERT INTO fact SELECT g, g < 400, g / 10.0, (ARRAY['S','M','L'])[1 + g % 3] FROM generate_series(0, 999) AS g;

-- a life
SELECT tag_define('rich', 'boolean', 'Rich', '富裕', rule => 's.rich', source => 'mkt.fact', status => 'draft', refresh => '1 day', as_of => '2026-11-01 00:00Z') IS NOT NULL AS born;
SELECT tag_set_status('rich', 'online', '2026-11-01 01:00Z');
\echo :LAST_ERROR_SQLSTATE
SELECT tag_set_status('rich', 'review', '2026-11-01 01:00Z') AS had, tag_set_status('rich', 'online', '2026-11-01 02:00Z') AS then_had;
SELECT tag_define('rich', 'boolean', 'Wealthy', '富裕', rule => 's.rich', source => 'mkt.fact', refresh => '1 day', as_of => '2026-11-01 03:00Z') IS NOT NULL AS renamed,
       (SELECT status FROM tag WHERE code = 'rich') AS still;
SELECT tag_define('rich', 'boolean', 'Wealthy', '富裕', rule => 's.rich', source => 'mkt.fact', refresh => '1 day', status => 'draft');
SELECT tag_define('spend', 'numeric', 'Spend', '消费', scale => 1, rule => 's.spend', source => 'mkt.fact', as_of => '2026-11-01 00:00Z') IS NOT NULL
   AND tag_define('plan', 'enum', 'Plan', '套餐', rule => 's.plan', source => 'mkt.fact', as_of => '2026-11-01 00:00Z') IS NOT NULL AS more;
SELECT code, members FROM tag_refresh('{rich,spend,plan}', '2026-11-02 00:00Z');
SELECT code, at, event, before, after FROM tag_log ORDER BY log_id;
SELECT tag_set_status('rich', 'offline', '2026-11-02 01:00Z') AS had, tag_set_status('rich', 'review', '2026-11-02 02:00Z') AS had, tag_set_status('rich', 'online', '2026-11-02 03:00Z') AS had;

-- figures: the first measurement has nothing to compare with, the second sees no difference
SELECT * FROM tag_measure(as_of => '2026-11-02 04:00Z');
SELECT count(*) AS nothing_new FROM tag_measure(as_of => '2026-11-02 05:00Z');
SELECT code, after -> 'edges' AS edges, after -> 'bins' AS bins FROM tag_log WHERE event = 'measured' ORDER BY code;
SELECT count(*) AS again FROM tag_refresh('{rich,spend,plan}', '2026-11-03 00:00Z');
SELECT * FROM tag_measure(as_of => '2026-11-03 04:00Z');
-- the facts move: fewer rich, everybody spends more, plan L is gone, some have no value any more
UPDATE fact SET rich = cid < 200, spend = CASE WHEN cid >= 100 THEN spend * 1.5 + 20 END, plan = CASE plan WHEN 'L' THEN 'M' ELSE plan END;
SELECT count(*) AS again FROM tag_refresh('{rich,spend,plan}', '2026-11-04 00:00Z');
SELECT * FROM tag_measure(as_of => '2026-11-04 04:00Z');
-- by the formula: 400 of 1000 became 200
SELECT psi = round((0.2 - 0.4) * ln(0.2 / 0.4) + (0.8 - 0.6) * ln(0.8 / 0.6), 6) AS as_defined FROM tag_quality('2026-11-04 12:00Z') WHERE code = 'rich';
-- and for a number, from the two histograms over the ten bins of the first
WITH edge AS (SELECT array_agg(e::numeric ORDER BY e::numeric) AS edges FROM tag_log, jsonb_array_elements_text(after -> 'edges') AS e WHERE code = 'spend' AND event = 'measured' AND before IS NULL),
     bin AS (SELECT coalesce(width_bucket(g / 10.0, edges), -1) AS bin, count(*) / 1000.0 AS share FROM edge, generate_series(0, 999) AS g GROUP BY 1),
     now AS (SELECT coalesce(width_bucket(round(spend, 1), edges), -1) AS bin, count(*) / 1000.0 AS share FROM edge, fact GROUP BY 1)
SELECT round(sum((greatest(coalesce(n.share, 0), 0.0001) - greatest(coalesce(b.share, 0), 0.0001)) * ln(greatest(coalesce(n.share, 0), 0.0001) / greatest(coalesce(b.share, 0), 0.0001))), 6)
       = (SELECT psi FROM tag_quality('2026-11-04 12:00Z') WHERE code = 'spend') AS as_defined
FROM bin AS b FULL JOIN now AS n USING (bin);

SELECT tag_remove('live', tagmap_range(0, 99)) AS left_us;
SELECT code, status, members, round(coverage, 4) AS coverage, age, fresh, share_change, psi > 0.25 AS moved, measured_at
FROM tag_quality('2026-11-05 12:00Z') WHERE class <> 'feedback' ORDER BY code;
SELECT code, fresh, psi FROM tag_quality('2026-11-03 12:00Z') WHERE code IN ('rich', 'plan') ORDER BY code;

-- lineage, up to the ground and down to the last user
SELECT segment_define('target', 'Target', '目标客户', 'rich & spend >= 5', '2026-11-05 00:00Z') AS v, segment_define('inner', 'Inner', '核心', '目标客户 & plan', '2026-11-05 00:00Z') AS v;
SELECT snapshot_take('copy', '核心', 'Copy', '副本') >= 0 AS taken;
SELECT model_define('worth', 'value', 'Worth', '价值', 'spend', 'given') AS version;
INSERT INTO product (product_code, type_code, family, name, name_zh, business, price) SELECT 'P', type_code, 'f', 'P', '产品', 'plan', 1 FROM product_type ORDER BY 1 LIMIT 1;
INSERT INTO offer (offer_code, product_code, name, name_zh, value, cost, valid_from) VALUES ('O', 'P', 'O', '礼', 1, 0, '2026-01-01');
INSERT INTO strategy (code, family_code, name, name_zh, kind_code, status) VALUES ('S', 'retain', 'S', '策略', 'stock', 'draft');
INSERT INTO strategy_version (strategy_id, version, eligibility, suitability, offer_code, propensity_tag, sla_days, valid_from) SELECT strategy_id, 1, 'inner', '富裕', 'O', 'spend', 3, '2026-11-01' FROM strategy;
SELECT * FROM tag_lineage('rich');
SELECT * FROM tag_lineage('spend');
SELECT * FROM tag_lineage('inner');
SELECT * FROM tag_lineage('copy');

-- refusals
SELECT tag_set_status('rich', 'old');
SELECT tag_set_status('rich', NULL);
SELECT tag_set_status('nobody', 'review');
SELECT tag_set_status('live', 'offline');
SELECT tag_lineage('nobody');
UPDATE tag_log SET actor = 'nobody';
DELETE FROM tag_log;

-- the steps hold for whoever writes; a status that stays is no step
UPDATE tag SET status = 'draft' WHERE code = 'rich';
\echo :LAST_ERROR_SQLSTATE
UPDATE tag SET status = 'offline' WHERE code = 'live';
UPDATE tag SET status = NULL WHERE code = 'rich';
UPDATE tag SET status = 'online', owner = 'me' WHERE code = 'rich' RETURNING status, owner;
SELECT tag_set_status('rich', 'online') AS had, (SELECT count(*) FROM tag_log WHERE code = 'rich' AND event = 'status' AND after ->> 'status' = 'online' AND before ->> 'status' = 'online') AS logged;

-- a tag taken off keeps what it holds: whoever named it still gets an answer, but nobody refreshes, proposes or shows it
SELECT audience_count('rich') AS members, audience_count('target') AS resting_on_it, (SELECT count(*) FROM portrait(150) WHERE code = 'rich') AS shown \gset before_
SELECT tag_set_status('rich', 'offline') AS had;
SELECT audience_count('rich') = :before_members AS answers, audience_count('target') = :before_resting_on_it AS so_does_what_rests_on_it, :before_shown AS was_shown,
       (SELECT count(*) FROM portrait(150) WHERE code = 'rich') AS shown, (SELECT count(*) FROM audience_profile('all') WHERE code = 'rich') AS profiled;
SELECT count(*) AS kept FROM segment_refresh('{target}', '2026-11-08 00:00Z') WHERE members = :before_resting_on_it;
SELECT tag_refresh('{rich}');
SELECT status, members > 0 AS counted FROM tag_quality() WHERE code = 'rich';
-- a draft holds nothing yet, which is the empty set and no error
SELECT tag_define('idea', 'boolean', 'Idea', '设想', rule => 's.rich', source => 'mkt.fact', status => 'draft') IS NOT NULL AS born;
SELECT audience_count('idea') AS members, audience_count('!idea') = audience_count('all') AS nobody_has_it;

-- what is due: once in a slot as long as the tag may become old, counted from 02:10 in Shanghai (18:10Z)
UPDATE tag SET refresh = '1 month' WHERE code = 'plan'; UPDATE tag SET refresh = '1 hour' WHERE code = 'spend';
SELECT tag_set_status('rich', 'review'), tag_set_status('rich', 'online');
DELETE FROM tag WHERE class = 'feedback' AND rule IS NOT NULL;
SELECT count(*) AS loaded FROM tag_refresh('{rich,spend,plan}', '2026-11-09 18:10Z'), segment_refresh(as_of => '2026-11-09 18:20Z');
UPDATE tag SET rule = NULL WHERE is_system;
SELECT m AS minutes_later, (SELECT string_agg(code || CASE WHEN segment THEN '*' ELSE '' END, ' ' ORDER BY code) FROM tag_due('2026-11-09 18:15Z'::timestamptz + m * interval '1 minute')) AS due
FROM unnest('{0,54,55,1434,1435,1440,100000}'::int[]) AS m ORDER BY m;
SELECT code, due_at FROM tag_due('2026-11-10 18:30Z') ORDER BY code;
-- the jobs: tags, then the segments resting on them, then what both measure
UPDATE job SET enabled = job_code IN ('tag_refresh', 'segment_refresh', 'tag_measure');
UPDATE fact SET rich = cid < 700;
CALL tick('2026-11-10 18:35Z');
CALL tick('2026-11-10 18:50Z');
SELECT job_code, due_at, rows, skipped, error FROM job_run ORDER BY run_id;
SELECT code, members, refreshed_at FROM tag WHERE code IN ('rich', 'spend', 'plan', 'target', 'inner') ORDER BY code;
SELECT count(*) AS due FROM tag_due('2026-11-10 18:50Z');
CALL tick('2026-11-10 19:35Z');
SELECT job_code, due_at, rows, skipped, error FROM job_run WHERE due_at >= '2026-11-10 19:00Z' ORDER BY run_id;
