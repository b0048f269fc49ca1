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
