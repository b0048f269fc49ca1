-- tag_ask: the evaluator against plain SQL on random sets and expressions (S0-032, S3-016, semantics A1..A3)
SET search_path = mkt, public;
SET client_min_messages = warning;
\set SHOW_CONTEXT never
\if :{?seed}
\else
\set seed 20261101
\endif
SELECT :seed AS seed, setseed((:seed % 1000000) / 1000000.0);

-- Customers of four blocks far apart: a full one, a part of its neighbour, a
-- few in block 100 and in the last one. Tags of every density, and in runs.
CREATE TABLE public.truth AS
SELECT c AS cid, random() < 0.97 OR c < 64512 AS live,
       random() < 0.5 AS half, random() < 0.2 AS fifth, random() < 0.03 AS few, c % 20000 < 12000 AS runs,
       c BETWEEN 0 AND 64511 AS full_block, c > 6000000 AS far, false AS nobody,
       CASE WHEN random() < 0.9 THEN round((random() * 400 - 100)::numeric, 2) END AS arpu,
       CASE WHEN random() < 0.5 THEN floor(random() * 1000)::bigint END AS age,
       CASE WHEN random() < 0.02 OR c % 1000 = 7 THEN (random() * 1e12)::bigint END AS rare,
       CASE WHEN c % 3 > 0 THEN 7 END AS constant,
       CASE WHEN random() < 0.8 THEN (ARRAY['month', 'year', 'two'])[1 + floor(random() * 3)::int] END AS contract
FROM (SELECT generate_series(0, 70000) UNION ALL SELECT generate_series(6451200, 6453000) UNION ALL SELECT generate_series(1099511620000, 1099511627775)) AS v(c);
CREATE TABLE kinds AS
SELECT a.attname::text AS code, CASE a.atttypid WHEN 'boolean'::regtype THEN 'boolean' WHEN 'text'::regtype THEN 'enum' ELSE 'numeric' END AS kind
FROM pg_attribute AS a WHERE a.attrelid = 'truth'::regclass AND a.attnum > 2;
SELECT count(tag_define(code, kind, code, '中' || code, scale => CASE code WHEN 'arpu' THEN 2 ELSE 0 END, rule => 's.' || code, source => 'public.truth',
                        labels => CASE kind WHEN 'enum' THEN '{month,year,two}'::text[] END, labels_zh => CASE kind WHEN 'enum' THEN '{月,年,两年}'::text[] END)) AS tags
FROM kinds;
UPDATE tag SET source = 'public.truth' WHERE code = 'live';
UPDATE tag SET rule = NULL WHERE code = 'cell';
SELECT code, members, ms > 0 AS took_time FROM tag_refresh();
SELECT bool_and(t.members = (SELECT count(*) FROM truth AS s WHERE to_jsonb(s) ->> t.code <> 'false')) AS members_agree FROM tag AS t WHERE t.source = 'public.truth';
SELECT _blocks() AS blocks;

-- A random expression, and the same as a condition on the table.
CREATE FUNCTION pick(VARIADIC choices text[]) RETURNS text LANGUAGE sql VOLATILE AS 'SELECT choices[1 + floor(random() * cardinality(choices))::int]';
CREATE FUNCTION grow(depth int, OUT expression text, OUT condition text) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    code text;
    op   text;
    x    numeric;
    y    numeric;
    word text;
    part record;
BEGIN
    IF depth > 0 AND random() < 0.8 THEN
        IF random() < 0.25 THEN
            SELECT '!(' || g.expression || ')', 'NOT (' || g.condition || ')' INTO expression, condition FROM grow(depth - 1) AS g;
            RETURN;
        END IF;
        word := pick('and', 'or');
        FOR part IN SELECT g.* FROM generate_series(1, 2 + floor(random() * 3)::int) AS n, LATERAL grow(depth - 1 + 0 * n) AS g LOOP
            expression := concat_ws(' ' || word || ' ', expression, '(' || part.expression || ')');
            condition := concat_ws(' ' || word || ' ', condition, '(' || part.condition || ')');
        END LOOP;
        RETURN;
    END IF;
    CASE floor(random() * 8)::int
    WHEN 0, 1, 2 THEN
        code := pick('half', 'fifth', 'few', 'runs', 'full_block', 'far', 'nobody', 'live');
        expression := pick('', '中') || code;
        IF code = 'live' THEN expression := code; END IF;
        condition := code;
    WHEN 3 THEN
        code := pick('arpu', 'age', 'rare', 'constant', 'contract');
        expression := code;
        condition := code || ' IS NOT NULL';
    WHEN 4 THEN
        SELECT v.label, v.zh INTO code, word FROM (VALUES ('month', '月'), ('year', '年'), ('two', '两年')) AS v(label, zh) ORDER BY random() LIMIT 1;
        op := pick('=', '<>');
        expression := format('contract %s ''%s''', op, word);
        condition := format('coalesce(contract %s ''%s'', false)', op, code);
    ELSE
        code := pick('arpu', 'arpu', 'age', 'rare', 'constant');
        x := CASE code WHEN 'arpu' THEN round((random() * 500 - 150)::numeric, floor(random() * 4)::int)
                       WHEN 'age' THEN round((random() * 1200 - 100)::numeric, floor(random() * 2)::int)
                       WHEN 'rare' THEN round((random() * 1.1e12)::numeric) ELSE floor(random() * 3 + 6) END;
        y := x + round((random() * CASE code WHEN 'rare' THEN 1e11 ELSE 60 END)::numeric, 1) - 5;
        IF random() < 0.6 THEN
            op := pick('=', '<>', '<', '<=', '>', '>=');
            expression := format('%s %s %s', code, op, x);
            condition := format('coalesce(%s %s %s, false)', code, op, x);
        ELSIF random() < 0.6 THEN
            expression := format('%s between %s and %s', code, x, y);
            condition := format('coalesce(%s BETWEEN %s AND %s, false)', code, x, y);
        ELSE
            -- up to twelve values: by slices and by looking values up
            SELECT string_agg(CASE code WHEN 'rare' THEN coalesce((SELECT rare FROM truth WHERE rare > x LIMIT 1), 0)::numeric ELSE floor(x + n * random() * 9) END::text, ', ')
            INTO word FROM generate_series(1, 1 + floor(random() * 12)::int) AS n;
            expression := format('%s in (%s)', code, word);
            condition := format('coalesce(%s IN (%s), false)', code, word);
        END IF;
    END CASE;
END
$$;
-- Ask both; returns what differs.
CREATE FUNCTION differences(n int, depth int) RETURNS TABLE (expression text, question text, said text, truth text) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    g    record;
    e    mkt.tagexpr;
    want record;
    sample bigint[];
BEGIN
    FOR i IN 1 .. n LOOP
        SELECT * INTO g FROM grow(depth);
        e := g.expression::mkt.tagexpr;
        EXECUTE 'WITH m AS MATERIALIZED (SELECT * FROM truth WHERE live AND (' || g.condition || '))
                 SELECT count(*) AS members, coalesce(tagmap_agg(cid), ''{}'') AS set, coalesce(sum(arpu), 0) AS sum, avg(arpu) AS avg, sum(cid) AS cids,
                        (SELECT array_agg(t.cid) FROM (SELECT cid FROM m WHERE rare IS NOT NULL ORDER BY rare DESC, cid LIMIT 5) AS t) AS top,
                        (SELECT string_agg(concat(c.value, '':'', c.members), '' '' ORDER BY c.value)
                         FROM (SELECT array_position(''{month,year,two}'', contract) - 1 AS value, count(*) AS members FROM m GROUP BY 1) AS c) AS spread
                 FROM m' INTO want;
        RETURN QUERY
            SELECT e::text, a.question, a.said, a.truth
            FROM (VALUES ('count', audience_count(e)::text, want.members::text),
                         ('set', card(audience(e) # want.set)::text, '0'),
                         ('members', (SELECT concat(count(*), ' ', sum(m)) FROM audience_members(e) AS m), concat(want.members, ' ', want.cids)),
                         ('streamed', (SELECT count(m)::text FROM (SELECT audience_members(e) AS m) AS s), want.members::text),
                         ('sum', trim_scale(audience_sum(e, 'arpu'))::text, trim_scale(want.sum)::text),
                         ('avg', round(audience_avg(e, 'arpu'), 6)::text, round(want.avg, 6)::text),
                         ('top', (SELECT string_agg(t.cid::text, ' ') FROM audience_topk(e, 'rare', 5) AS t), array_to_string(want.top, ' ')),
                         ('by', (SELECT string_agg(concat(b.value, ':', b.members), ' ' ORDER BY b.value) FROM audience_by(e, 'contract') AS b),
                                want.spread)) AS a(question, said, truth)
            WHERE a.said IS DISTINCT FROM nullif(a.truth, '');
        SELECT array_agg(s.cid) INTO sample FROM (SELECT t.cid FROM truth AS t TABLESAMPLE SYSTEM (1) REPEATABLE (i) LIMIT 5) AS s;
        RETURN QUERY
            SELECT e::text, 'has_tags ' || c, mkt.has_tags(c, e)::text, (want.set @> c)::text
            FROM unnest(sample || ARRAY[5, 64512, 6451201, 1099511627775, 99999999]) AS c
            WHERE mkt.has_tags(c, e) <> (want.set @> c);
    END LOOP;
END
$$;
SELECT * FROM differences(60, 0) LIMIT 5;
SELECT * FROM differences(80, 1) LIMIT 5;
SELECT * FROM differences(60, 3) LIMIT 5;
-- every kernel answers alike
SET mkt.simd = 'off';
SELECT * FROM differences(30, 2) LIMIT 5;
RESET mkt.simd;

-- histograms of every kind of tag
SELECT count(*) AS values, bool_and(s.members = b.members) AS equal
FROM audience_by('half & !few', 'arpu') AS b
FULL JOIN (SELECT arpu AS value, count(*) AS members FROM truth WHERE live AND half AND NOT few GROUP BY 1) AS s ON coalesce(s.value, -999) = coalesce(b.value, -999);
SELECT count(*) AS values, bool_and(s.members = b.members) AS equal
FROM audience_by('fifth', 'rare') AS b
FULL JOIN (SELECT rare AS value, count(*) AS members FROM truth WHERE live AND fifth GROUP BY 1) AS s ON coalesce(s.value, -999) = coalesce(b.value, -999);
SELECT * FROM audience_by('all', 'constant');
SELECT * FROM audience_by('none', 'age');
SELECT count(*) AS valued, bool_and(v.value = s.arpu) AS equal FROM tag_values('arpu') AS v JOIN truth AS s USING (cid);

-- blocks, and values of members
SELECT count(*) = (SELECT count(*) FROM truth WHERE live AND half AND cid < 129024) AS equal FROM _audience_members('half', 0, 2);
SELECT count(*) = (SELECT count(*) FROM truth WHERE live AND half AND cid BETWEEN 64512 AND 6453000) AS equal FROM _audience_members('half', 1, 101);
SELECT count(*) AS none FROM _audience_members('half', 2, 100);
SELECT bool_and(v.value IS NOT DISTINCT FROM s.arpu) AND count(*) = (SELECT count(*) FROM truth WHERE live AND few) AS equal
FROM _audience_values('few', 'arpu', 0, _blocks()) AS v JOIN truth AS s USING (cid);
SELECT count(*) = (SELECT count(*) FROM truth WHERE live AND few) AND count(value) = 0 AS equal FROM _audience_values('few', NULL, 0, _blocks());
SELECT m FROM (SELECT audience_members('half') AS m) AS s LIMIT 0;
SELECT count(*) FROM (SELECT audience_members('live') AS m LIMIT 100000) AS s;
SELECT * FROM _audience_members('half', -1, 2);
SELECT * FROM _audience_members('half', 2, 1);

-- what is not live is nobody, whatever tags it has; no live customer at all is no error
BEGIN;
SELECT tag_put('live', '{3,5}') AS live;
SELECT audience('all') AS "all", audience('!half | half') AS both, audience_count('none') AS none, audience_count('!none') AS not_none,
       has_tags(4, 'all') AS dead, has_tags(5, 'all') AS alive;
SELECT tag_put('live', '{}') AS live;
SELECT audience('all') AS "all", audience_count('!half') AS "not", _blocks() AS blocks, audience_sum('all', 'arpu') AS sum, audience_avg('all', 'arpu') AS avg;
ROLLBACK;

-- refusals
SELECT audience_count('hlaf');
SELECT audience_count('中halff & live');
SELECT audience_count('half > 1');
SELECT audience_count('half in (1, 2)');
SELECT audience_count($$arpu = 'month'$$);
SELECT audience_count($$contract = 'moth'$$);
SELECT audience_count($$contract = '三年'$$);
SELECT audience_count($$in_org('nowhere')$$);
SELECT audience_sum('half', 'half');
SELECT audience_sum('half', 'nothing');
SELECT audience_by('half', 'few');
SELECT has_tags(-1, 'half');
SELECT has_tags(1099511627776, 'half');
SELECT audience_topk('half', 'arpu', -1);
SELECT audience_topk('half', 'arpu', 1000001);
SELECT audience_by_org('half', 0);
SELECT audience_by_org('half', 8);
SELECT audience_count(NULL) AS "null", audience(NULL) AS "null", has_tags(NULL, 'half') AS "null", has_tags(1, NULL) AS "null", audience_sum(NULL, 'arpu') AS "null";

-- parallel workers answer alike
SET min_parallel_table_scan_size = 0; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT count(*) FROM truth WHERE has_tags(cid, 'half & arpu > 100');
SELECT (SELECT count(*) FROM truth WHERE cid < 3000 AND has_tags(cid, 'half & arpu > 100')) = (SELECT count(*) FROM truth WHERE cid < 3000 AND live AND half AND arpu > 100) AS equal;

-- without the system's own tags, or without the platform, it says so
BEGIN;
DELETE FROM tag WHERE code = 'live';
SELECT audience_count('half');
ROLLBACK;
BEGIN;
DROP TABLE tag_block CASCADE;
SELECT audience_count('half');
ROLLBACK;
