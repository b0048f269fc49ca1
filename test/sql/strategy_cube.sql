-- strategy_cube: slices and dices counted from sets, against plain SQL on random customers
SET search_path = mkt, public;
\set SHOW_CONTEXT never
\set seed 20261101
\echo seed :seed
CREATE TABLE drawn AS
SELECT cid, h & 1 = 1 AS rich, h >> 1 & 3 AS stage, h >> 3 & 1 = 1 AS fibre
FROM (SELECT cid, hashint8extended(cid, :seed) AS h FROM generate_series(0, 2999) AS cid) AS d;
SELECT tag_put('live', tagmap_range(0, 2999)) AS live;
SELECT tag_define('rich', 'boolean', 'Rich', '高消费') IS NOT NULL AND tag_define('fibre', 'boolean', 'Fibre', '光宽') IS NOT NULL AND tag_define('stage', 'numeric', 'Stage', '阶段') IS NOT NULL AS defined;
SELECT tag_put('rich', (SELECT tagmap_agg(cid) FROM drawn WHERE rich)) > 0 AND tag_put('fibre', (SELECT tagmap_agg(cid) FROM drawn WHERE fibre)) > 0
   AND tag_put_values('stage', 'SELECT cid, stage FROM drawn') > 0 AS filled;
INSERT INTO cube_value (axis_code, value_code, ordinal, name, name_zh, definition) VALUES
    ('value', 'high', 1, 'High', '高', 'rich'), ('value', 'low', 2, 'Low', '低', '!rich');
UPDATE cube_value SET definition = ('stage = ' || ordinal - 1)::tagexpr WHERE axis_code = 'life_stage' AND ordinal <= 4;
INSERT INTO product (product_code, type_code, family, name, name_zh, business, price) VALUES ('fttr', 'home_internet', 'broadband', 'FTTR', '全屋光宽', 'broadband', 199);
INSERT INTO offer (offer_code, product_code, name, name_zh, value, cost, valid_from) VALUES ('fttr', 'fttr', 'FTTR', '全屋光宽', 420, 140, '2026-10-01');
INSERT INTO strategy (strategy_id, code, family_code, name, name_zh, kind_code, status) VALUES
    (1, 'whole', 'cross_sell', 'FTTR', '全屋光宽融合', 'growth', 'published'), (2, 'keep', 'retain', 'Keep', '维系', 'stock', 'published'), (3, 'draft', 'retain', 'Draft', '草稿', 'stock', 'draft');
INSERT INTO strategy_version (strategy_id, version, eligibility, suitability, offer_code, sla_days, valid_from) VALUES
    (1, 1, 'fibre', 'rich', 'fttr', 7, '2026-10-01'), (2, 1, 'stage >= 2', NULL, 'fttr', 7, '2026-10-01'), (2, 2, 'stage >= 3', NULL, 'fttr', 7, '2026-11-01'), (3, 1, 'all', NULL, 'fttr', 7, '2026-10-01');
INSERT INTO strategy_channel VALUES (1, 1, 'hall'), (2, 1, 'sms');
INSERT INTO strategy_cube VALUES (1, 'business', 'broadband'), (1, 'scene', 'broadband_expiry'), (2, 'life_stage', 'mature'), (2, 'life_stage', 'growing'), (2, 'scene', 'cancellation');
\set day '''2026-11-02'''

SELECT cube_audience('{}') AS everybody, cube_audience('{"value": "high", "life_stage": ["new", "mature"]}') AS some, cube_audience('{"scene": "cancellation"}') AS no_definition;
SELECT strategy_target(2, '2026-10-15') AS october, strategy_target(2, :day) AS november, strategy_target(2, '2026-09-01') AS before;
SELECT value_code, name_zh, strategies FROM cube_slice('life_stage', '{"value": "high"}', :day);
-- every cell of three axes, and of two within a place
WITH plain AS (
    SELECT v.value_code AS value, s.value_code AS stage, f.value_code AS scene, count(d.cid) AS members,
           count(d.cid) FILTER (WHERE f.value_code IN ('broadband_expiry') AND d.fibre AND d.rich
                                   OR f.value_code IN ('cancellation') AND s.value_code IN ('mature', 'growing') AND d.stage >= 3) AS covered
    FROM cube_value AS v, cube_value AS s, cube_value AS f, drawn AS d
    WHERE v.axis_code = 'value' AND s.axis_code = 'life_stage' AND f.axis_code = 'scene'
      AND d.rich = (v.value_code = 'high') AND (s.definition IS NULL OR d.stage = s.ordinal - 1)
    GROUP BY 1, 2, 3
)
SELECT count(*) AS cells, count(*) FILTER (WHERE d.members IS DISTINCT FROM p.members OR d.covered IS DISTINCT FROM p.covered) AS wrong, sum(d.covered) > 0 AS some_covered
FROM cube_dice('{value,life_stage,scene}', as_of => :day) AS d
LEFT JOIN plain AS p ON p.value = d.cell ->> 'value' AND p.stage = d.cell ->> 'life_stage' AND p.scene = d.cell ->> 'scene';
SELECT cell, strategies FROM cube_dice('{business}', '{"scene": "broadband_expiry"}', :day) WHERE strategies <> '{}';
SELECT count(*) AS cells, sum(members) = (SELECT count(*) FROM drawn WHERE stage = 3) AS disjoint FROM cube_dice('{value}', '{"life_stage": "mature"}', :day);

SELECT coverage_code, name_zh, covered, total, share, CASE WHEN coverage_code <> 'touchpoint' THEN uncovered END AS uncovered FROM strategy_coverage(:day);
SELECT covered = (SELECT count(*) FROM drawn WHERE fibre AND rich OR stage >= 3) AS as_counted,
       audience_count(uncovered[1]::tagexpr) = total - covered AS finds_the_rest FROM strategy_coverage(:day) WHERE coverage_code = 'customer';
SELECT coverage_code, covered FROM strategy_coverage('2026-01-01');

SELECT * FROM cube_dice('{value}', '{"weather": "fine"}');
SELECT * FROM cube_dice('{value}', '{"life_stage": ["new", "old"]}');
SELECT * FROM cube_dice('{value}', '{"value": "high"}');
SELECT * FROM cube_dice('{weather}');
SELECT * FROM cube_dice('{need}');
SELECT * FROM cube_dice('{value}', '[]');
SELECT cube_audience('{"value": []}');
INSERT INTO strategy_cube VALUES (1, 'scene', 'rain');
