-- catalogue: 672 tags, 275 models, 61 behaviour tags in five classes, and every rule runs
-- PGOPTIONS="-c test.seed=N" repeats a run with other rows.
\set ECHO none
\set QUIET 1
BEGIN;
SELECT plan(67);

SELECT coalesce(nullif(current_setting('test.seed', true), ''), '20261101') AS seed \gset
SELECT diag('seed ' || :'seed');
SELECT setseed((:seed % 1000003) / 1000003.0) \g /dev/null

-- ---- counts (S0-036, S0-037, S2-013, S2-014) -------------------------------
SELECT is(count(*), 672::bigint, 'the catalogue has 672 tags') FROM mkt.catalogue_tag;
SELECT is(count(*), 275::bigint, 'the catalogue has 275 models') FROM mkt.catalogue_model;
SELECT results_eq(
    $$SELECT b.behaviour_class, count(t.code)
      FROM mkt.catalogue_behaviour AS b LEFT JOIN mkt.catalogue_tag AS t USING (behaviour_class)
      GROUP BY b.behaviour_class, b.ordinal ORDER BY b.ordinal$$,
    $$VALUES ('left_midway', 13::bigint), ('visited', 14), ('ordered', 12), ('shared', 9), ('clicked', 13)$$,
    '61 behaviour tags in five classes');
SELECT is_empty(
    $$SELECT b.business_code, c.behaviour_class
      FROM mkt.catalogue_business AS b CROSS JOIN mkt.catalogue_behaviour AS c
      WHERE b.key_business
        AND NOT EXISTS (SELECT FROM mkt.catalogue_tag AS t
                        WHERE t.business_code = b.business_code AND t.behaviour_class = c.behaviour_class)$$,
    'broadband, 4G plan and data pack have behaviour tags of every class');
SELECT set_eq($$SELECT name FROM mkt.catalogue_business WHERE in_matrix$$,
    ARRAY['Broadband', 'Plan', 'Data pack', 'Top-up', 'Number card', 'Terminal'], 'six businesses of the scene matrix');
SELECT is(count(*), 6::bigint, 'six scenes of the scene matrix') FROM mkt.catalogue_scene WHERE in_matrix;

-- ---- coverage (S0-034, S0-038, S1-034) -------------------------------------
SELECT is_empty('TABLE mkt.catalogue_business_gap', 'every business has tags');
SELECT is_empty('TABLE mkt.catalogue_scene_gap', 'every scene has models');
SELECT is_empty('TABLE mkt.catalogue_input_gap', 'every input of a model is a tag');
SELECT is_empty(
    $$SELECT code FROM mkt.catalogue_model WHERE cardinality(inputs) <> (SELECT count(DISTINCT i) FROM unnest(inputs) AS i)$$,
    'no model lists an input twice');
SELECT is_empty(
    $$SELECT business_code FROM mkt.catalogue_business AS b
      WHERE NOT EXISTS (SELECT FROM mkt.catalogue_model AS m WHERE m.business_code = b.business_code)$$,
    'every business has models');
SELECT is_empty(
    $$SELECT a.axis FROM unnest(ARRAY['behaviour', 'need', 'preference', 'value']) AS a(axis)
      WHERE NOT EXISTS (SELECT FROM mkt.catalogue_class AS c JOIN mkt.catalogue_tag USING (class_code) WHERE c.axis = a.axis)$$,
    'every axis of the strategy cube has tags');
SELECT is_empty(
    $$SELECT class_code FROM mkt.catalogue_class AS c
      WHERE NOT EXISTS (SELECT FROM mkt.catalogue_application_class AS a WHERE a.class_code = c.class_code)$$,
    'every class of tags serves an application');

-- ---- names -----------------------------------------------------------------
CREATE TEMP VIEW named AS
SELECT 'tag' AS what, code, name, name_zh FROM mkt.catalogue_tag
UNION ALL SELECT 'model', code, name, name_zh FROM mkt.catalogue_model;

SELECT is_empty('SELECT code FROM named GROUP BY code HAVING count(*) > 1', 'no code twice, tags and models together');
SELECT is_empty('SELECT lower(name) FROM named GROUP BY what, lower(name) HAVING count(*) > 1', 'no English name twice');
SELECT is_empty('SELECT name_zh FROM named GROUP BY name_zh HAVING count(*) > 1', 'no Chinese name twice');
SELECT is_empty('SELECT code FROM named WHERE name !~ ''^[[:ascii:]]+$'' OR name_zh !~ ''[一-龥]{2}''', 'English in English, Chinese in Chinese');
SELECT is_empty(
    $$SELECT code FROM mkt.catalogue_tag AS c CROSS JOIN unnest(ARRAY[c.code, c.name_zh]) AS n(written)
      WHERE (n.written::mkt.tagexpr)::text <> n.written$$,
    'code and Chinese name stand bare in an expression');
SELECT is_empty(
    $$SELECT c.code FROM mkt.catalogue_tag AS c JOIN mkt.tag AS t ON t.code = c.code OR t.name_zh = c.name_zh$$,
    'no name of the catalogue is taken by a tag of the platform');
SELECT is_empty(
    $$SELECT code FROM mkt.catalogue_tag AS c
      WHERE EXISTS (SELECT FROM unnest(c.labels)    AS l GROUP BY l HAVING count(*) > 1)
         OR EXISTS (SELECT FROM unnest(c.labels_zh) AS l GROUP BY l HAVING count(*) > 1)$$,
    'no label twice in a tag');

-- ---- every rule runs over its documented source ----------------------------
-- 3,000 rows: a tenth of the values NULL, a tenth of the numbers 0, the rest spread over all magnitudes; dates lie
-- mostly near as_of. So a rule that names an unknown column, divides by zero or asks for a code that the column
-- does not have (then it is never true) is found.
CREATE FUNCTION pg_temp.column_sample(type text, unit text, domain text[]) RETURNS text
    LANGUAGE sql AS $$
SELECT format('CASE WHEN random() >= 0.1 THEN %s END::%s',
    CASE
        WHEN type = 'boolean' THEN 'random() < 0.5'
        WHEN type = 'text'    THEN format('(%L::text[])[1 + floor(random() * %s)::integer]', domain, cardinality(domain))
        WHEN type = 'date'    THEN 'date ''2026-11-02'' + (CASE WHEN random() < 0.6 THEN random() * 240 - 120 ELSE random() * 6000 - 5000 END)::integer'
        WHEN unit = 'ratio'   THEN 'round(random()::numeric, 4)'
        ELSE 'CASE WHEN random() < 0.1 THEN 0 ELSE round(power(10, random() * 4.8 - 1)::numeric, 2) END'
    END, type)
$$;

CREATE FUNCTION pg_temp.make_source(source text) RETURNS void
    LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TEMP TABLE %I AS SELECT g AS cid, date ''2026-11-02'' AS as_of, %s FROM generate_series(1, 3000) AS g', source,
        (SELECT string_agg(format('%s AS %I', pg_temp.column_sample(c.type, c.unit, c.domain), c.column_name), ', ' ORDER BY c.column_name)
         FROM mkt.catalogue_source_column AS c WHERE c.source_code = source));
END
$$;

-- what is wrong with a rule: it fails, gives another type, or does not tell customers apart; NULL: nothing
CREATE FUNCTION pg_temp.rule_fault(source text, kind text, scale integer, labels integer, rule text) RETURNS text
    LANGUAGE plpgsql AS $$
DECLARE
    answer record;
BEGIN
    EXECUTE format(
        'SELECT (array_agg(pg_typeof(r.v)::text))[1] AS type, count(DISTINCT r.v) AS answers, min(r.v::text) AS least
         FROM (SELECT (%s) AS v FROM pg_temp.%I AS s) AS r', rule, source) INTO answer;
    RETURN CASE
        WHEN answer.type <> ALL (CASE WHEN kind = 'boolean' THEN ARRAY['boolean']
                                      WHEN kind = 'enum'    THEN ARRAY['integer']
                                      WHEN scale > 0        THEN ARRAY['numeric']
                                      ELSE ARRAY['integer', 'numeric'] END)
            THEN format('gives %s for a %s tag with %s decimals', answer.type, kind, scale)
        WHEN answer.answers < 2
            THEN format('gives %s for everybody', answer.least)
        WHEN kind = 'enum' AND (answer.answers <> labels OR answer.least <> '0')
            THEN format('gives %s values from %s for %s labels', answer.answers, answer.least, labels)
    END;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLERRM;
END
$$;

SELECT pg_temp.make_source(source_code) FROM mkt.catalogue_source ORDER BY source_code \g /dev/null
SELECT is_empty(
    format('SELECT t.code, f.fault
            FROM mkt.catalogue_tag AS t
            CROSS JOIN LATERAL pg_temp.rule_fault(t.source_code, t.kind, t.scale, cardinality(t.labels), t.rule) AS f(fault)
            WHERE t.source_code = %L AND f.fault IS NOT NULL', source_code),
    'every rule over ' || source_code || ' runs and tells customers apart')
FROM mkt.catalogue_source ORDER BY source_code;

-- the check finds what it is there to find
SELECT is(pg_temp.rule_fault('customer_base', v.kind, v.scale, 3, v.rule), v.fault, 'a faulty rule is found: ' || v.fault)
FROM (VALUES
    ('boolean', 0, 's.no_such_column > 1',                 'column s.no_such_column does not exist'),
    ('boolean', 0, 's.age',                                'gives integer for a boolean tag with 0 decimals'),
    ('numeric', 2, 's.age / 3',                            'gives integer for a numeric tag with 2 decimals'),
    ('boolean', 0, 's.occupation = ''farmhand''',          'gives false for everybody'),
    ('numeric', 2, '100.0 / s.star_level',                 'division by zero'),
    ('enum',    0, 'CASE WHEN s.female THEN 0 ELSE 2 END', 'gives 2 values from 0 for 3 labels')) AS v(kind, scale, rule, fault);

SELECT is_empty(
    $$SELECT c.source_code, c.column_name FROM mkt.catalogue_source_column AS c
      WHERE NOT EXISTS (SELECT FROM mkt.catalogue_tag AS t
                        WHERE t.source_code = c.source_code AND t.rule ~ ('\ms\.' || c.column_name || '\M'))$$,
    'a source documents no column that no rule reads');

SELECT is_empty(
    $$SELECT source_code, rule FROM mkt.catalogue_tag GROUP BY source_code, rule HAVING count(*) > 1$$,
    'no two tags mean the same');

-- ---- adoption (S2-015) -----------------------------------------------------
SELECT results_eq(
    $$SELECT code, adopted FROM mkt.catalogue_adopt(ARRAY['broadband', 'arpu', 'plan_family'])$$,
    $$VALUES ('arpu', true), ('broadband', true), ('plan_family', true)$$, 'three tags adopted');
SELECT results_eq(
    $$SELECT code COLLATE "default", kind, scale::integer, unit, class, business, rule, source, status
      FROM mkt.tag WHERE code IN ('broadband', 'arpu', 'plan_family') ORDER BY tag.code$$,
    $$VALUES ('arpu',        'numeric', 2, 'yuan', 'value',     'general',   's.arpu_avg3', 'mkt_source.billing_month', 'draft'),
             ('broadband',   'boolean', 0, NULL,   'broadband', 'broadband', 's.has_line',  'mkt_source.broadband', 'draft'),
             ('plan_family', 'enum',    0, NULL,   'holding',   'plan',
              'array_position(ARRAY[''flagship'', ''data'', ''youth'', ''senior'', ''family'', ''basic'', ''other''], s.plan_code) - 1',
              'mkt_source.product_holding', 'draft')$$,
    'they are drafts with rule and source');
SELECT is(count(*), 7::bigint, 'an enum brings its labels')
FROM mkt.tag_label AS l JOIN mkt.tag AS t USING (tag_id) WHERE t.code = 'plan_family';

UPDATE mkt.tag SET status = 'review' WHERE code = 'broadband';
UPDATE mkt.tag SET status = 'online', rule = 's.has_line AND s.speed > 0' WHERE code = 'broadband';
SELECT results_eq(
    $$SELECT code, adopted FROM mkt.catalogue_adopt(ARRAY['broadband', 'broadband', 'fiveg'])$$,
    $$VALUES ('broadband', false), ('fiveg', true)$$, 'a tag that is there is not adopted again');
SELECT is(rule, 's.has_line AND s.speed > 0', 'and keeps what was changed') FROM mkt.tag WHERE code = 'broadband';

SELECT throws_ok($$SELECT * FROM mkt.catalogue_adopt(ARRAY['silent', 'no_such_tag', 'nor_this'])$$,
    '42704', 'the catalogue has no tag "no_such_tag", "nor_this"', 'unknown codes are named');
SELECT is_empty($$SELECT FROM mkt.tag WHERE code = 'silent'$$, 'and nothing is adopted');
INSERT INTO mkt.tag (code, name, name_zh, kind) VALUES ('quiet', 'Quiet', '静默客户', 'boolean');
SELECT throws_ok($$SELECT * FROM mkt.catalogue_adopt(ARRAY['silent'])$$,
    '23505', NULL, 'a Chinese name in use is refused');
DELETE FROM mkt.tag WHERE code = 'quiet';
SELECT is_empty('SELECT * FROM mkt.catalogue_adopt(ARRAY[]::text[])', 'no codes, no tags');
SELECT is(count(*) FILTER (WHERE a.adopted), 668::bigint, 'the rest of the catalogue can be adopted at once')
FROM mkt.catalogue_adopt(ARRAY(SELECT code FROM mkt.catalogue_tag)) AS a;
SELECT is(count(*), 672::bigint, 'all are working tags now')
FROM mkt.tag AS t JOIN mkt.catalogue_tag AS c USING (code, name, name_zh, kind);

-- ---- connecting one's own sources ------------------------------------------
SELECT is((SELECT count(*) FROM mkt.catalogue_source_gap('contract')),
          (SELECT count(*) + 2 FROM mkt.catalogue_source_column WHERE source_code = 'contract'),
          'a source that is not there lacks every column, cid and as_of');
CREATE TABLE public.our_roaming (cid bigint, as_of timestamptz, abroad_now boolean, region varchar(20), trips_y1 smallint);
UPDATE mkt.catalogue_source SET relation = 'public.our_roaming' WHERE source_code = 'roaming_month';
SELECT results_eq(
    $$SELECT column_name, expected, found FROM mkt.catalogue_source_gap('roaming_month')$$,
    $$VALUES ('as_of', 'date', 'timestamp with time zone'), ('gb_y1', 'numeric', NULL), ('last_trip_on', 'date', NULL),
             ('no_pack_trip', 'boolean', NULL), ('packs_y1', 'integer', NULL), ('visa_apps_days', 'integer', NULL)$$,
    'missing columns and wrong types are listed, wider types are taken');
SELECT throws_ok($$SELECT * FROM mkt.catalogue_source_gap('no_such_source')$$,
    '42704', 'the catalogue has no source "no_such_source"', 'an unknown source is refused');

SELECT * FROM finish();
ROLLBACK;
