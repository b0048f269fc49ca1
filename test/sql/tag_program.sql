-- tag_program: random programs of writes, with every question, about now and about the past, asked of the tags and of plain tables (S0-032, S2-015, S3-016, semantics A)
SET search_path = public, mkt;
SET client_min_messages = warning;
SET TimeZone = 'UTC'; SET DateStyle = 'ISO';
\set SHOW_CONTEXT never
\if :{?seed}
\else
\set seed 20261101
\endif
\if :{?steps}
\else
\set steps 40
\endif
\echo seed :seed
SELECT setseed((:seed % 1000000) / 1000000.0), set_config('test.steps', :'steps', false) \gset

CREATE FUNCTION draw(below float8) RETURNS bigint LANGUAGE sql VOLATILE AS 'SELECT floor(random() * below)::bigint';
CREATE FUNCTION pick(VARIADIC choices text[]) RETURNS text LANGUAGE sql VOLATILE AS 'SELECT choices[1 + draw(cardinality(choices))::int]';

-- ---- a map, and tags of every kind; what they hold is a table, copied after every step -------
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh)
SELECT v.* FROM (VALUES (1, NULL, 1, 'P', 'P', 'P'), (2, 1, 2, 'A', 'A', 'A'), (3, 1, 2, 'B', 'B', 'B'), (4, 2, 3, 'A1', 'A1', 'A1'), (5, 3, 3, 'B1', 'B1', 'B1'), (6, 3, 3, 'B2', 'B2', 'B2'),
    (7, 4, 4, 'LA', '', ''), (8, 5, 4, 'LB', '', ''), (9, 6, 4, 'LC', '', ''), (10, 7, 5, 'GA', '', ''), (11, 8, 5, 'GB', '', ''), (12, 9, 5, 'GC', '', ''),
    (13, 10, 6, 'CA', '', ''), (14, 11, 6, 'CB', '', ''), (15, 12, 6, 'CC', '', ''), (16, 13, 7, 'IA', '', ''), (17, 14, 7, 'IB', '', ''), (18, 15, 7, 'IC', '', '')) AS v;
CREATE TABLE map AS
SELECT 500 + n AS cell_id, 'cell ' || n AS code, 'cell' AS name, 'cell' AS name_zh, 'rural' AS kind, 10 + n % 3 AS grid_id, 16 + n % 3 AS org_id,
       ST_MakeEnvelope(114 + n * 0.01, 38, 114.005 + n * 0.01, 38.1, 4326) AS geom, 1 AS households, 1 AS ports_total, 1 AS ports_used
FROM generate_series(0, 37) AS n;
SELECT count(*) AS repaired FROM grid_cell_load('public.map');
CREATE TABLE truth AS
SELECT c AS cid, random() < 0.9 AS live, random() < 0.5 AS a, random() < 0.1 AS b, c % 100 < 60 AS c, CASE WHEN random() < 0.7 THEN ((draw(4000) - 1000) / 100.0)::numeric(12,2) END AS x, CASE WHEN random() < 0.3 THEN draw(50)::numeric END AS y,
       CASE WHEN random() < 0.8 THEN pick('red', 'green', 'blue') END AS hue, CASE WHEN random() < 0.95 THEN 500 + draw(41)::int END AS cell, false AS seg, false AS deep
FROM (SELECT generate_series(0, 900) UNION ALL SELECT generate_series(64300, 64800) UNION ALL SELECT generate_series(10000000, 10000400, 3) UNION ALL SELECT generate_series(1099511627600, 1099511627775)) AS v(c);
CREATE TABLE snap (code text, cid bigint, PRIMARY KEY (code, cid));
CREATE TABLE past AS SELECT 0 AS step, t.* FROM truth AS t;
CREATE INDEX ON past (step, cid);
CREATE FUNCTION moment(step int) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$SELECT '2026-11-01 00:00Z'::timestamptz + step * interval '1 minute'$$;
SELECT count(tag_define(v.code, v.kind, v.code, '中' || v.code, scale => v.scale, rule => 's.' || v.code, source => 'public.truth', labels => v.labels, labels_zh => v.labels_zh, as_of => moment(0))) AS tags
FROM (VALUES ('a', 'boolean', 0, NULL::text[], NULL::text[]), ('b', 'boolean', 0, NULL, NULL), ('c', 'boolean', 0, NULL, NULL), ('x', 'numeric', 2, NULL, NULL), ('y', 'numeric', 0, NULL, NULL),
             ('hue', 'enum', 0, '{red,green,blue}', '{红,绿,蓝}')) AS v(code, kind, scale, labels, labels_zh);
UPDATE tag SET source = 'public.truth', rule = 's.' || code WHERE is_system;
SELECT count(*) AS loaded FROM tag_refresh(as_of => moment(0));
SELECT count(tag_keep_history(code, as_of => moment(0))) AS with_history FROM tag WHERE refreshed_at IS NOT NULL;

-- ---- a random expression, and the same as a condition on the table -----------------------------
CREATE FUNCTION grow(depth int, segments boolean, OUT expression text, OUT condition text) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    code text;
    word text;
    op   text;
    v    numeric := (draw(5000) - 1500) / 100.0;
    part record;
BEGIN
    IF depth > 0 AND random() < 0.8 THEN
        IF random() < 0.25 THEN
            SELECT '!(' || g.expression || ')', 'NOT (' || g.condition || ')' INTO expression, condition FROM grow(depth - 1, segments) AS g;
            RETURN;
        END IF;
        word := pick('and', 'or');
        FOR part IN SELECT g.* FROM generate_series(1, 2 + draw(2)) AS n, LATERAL grow(depth - 1 + 0 * n::int, segments) AS g LOOP
            expression := concat_ws(' ' || word || ' ', expression, '(' || part.expression || ')');
            condition := concat_ws(' ' || word || ' ', condition, '(' || part.condition || ')');
        END LOOP;
        RETURN;
    END IF;
    CASE draw(8)
    WHEN 0, 1 THEN
        code := pick('a', 'b', 'c');
        expression := pick('', '中') || code;
        condition := code;
    WHEN 2 THEN
        code := pick('x', 'y', 'hue');
        expression := code;
        condition := code || ' IS NOT NULL';
    WHEN 3 THEN
        SELECT u.label, u.zh INTO code, word FROM (VALUES ('red', '红'), ('green', '绿'), ('blue', '蓝')) AS u(label, zh) ORDER BY random() LIMIT 1;
        op := pick('=', '<>');
        expression := format('hue %s ''%s''', op, pick(code, word));
        condition := format('coalesce(hue %s ''%s'', false)', op, code);
    WHEN 4 THEN
        code := pick('P', 'A', 'B', 'A1', 'B2', 'LB', 'GC', 'CA', 'IC');
        expression := format('in_org(''%s'')', code);
        condition := format('EXISTS (SELECT FROM mkt.grid_cell AS g JOIN mkt.org AS o ON o.org_id = g.org_id JOIN mkt.org AS p ON o.lft BETWEEN p.lft AND p.rgt WHERE p.code = ''%s'' AND g.cell_id = s.cell)', code);
    WHEN 5 THEN
        code := coalesce((SELECT s.code FROM mkt.snapshot AS s ORDER BY random() LIMIT 1), 'a');
        expression := CASE WHEN code = 'a' THEN 'a' ELSE '@' || code END;
        condition := CASE WHEN code = 'a' THEN 'a' ELSE format('s.cid = ANY (ARRAY(SELECT n.cid FROM public.snap AS n WHERE n.code = ''%s''))', code) END;
    WHEN 6 THEN
        code := CASE WHEN segments THEN pick('seg', 'deep') ELSE pick('a', 'c') END;
        expression := code;
        condition := code;
    ELSE
        code := pick('x', 'y', 'x');
        IF code = 'y' THEN v := round(v); END IF;
        IF random() < 0.7 THEN
            op := pick('=', '<>', '<', '<=', '>', '>=');
            expression := format('%s %s %s', code, op, v);
            condition := format('coalesce(%s %s %s, false)', code, op, v);
        ELSE
            expression := format('%s between %s and %s', code, v, v + 9.5);
            condition := format('coalesce(%s BETWEEN %s AND %s, false)', code, v, v + 9.5);
        END IF;
    END CASE;
END
$$;

-- ---- one step: a write of any kind, to the table and to the tags ---------------------------------
-- Some customers: a few, a run, or every so many.
CREATE FUNCTION some_customers() RETURNS bigint[] LANGUAGE sql VOLATILE AS $$
    SELECT coalesce(array_agg(t.cid ORDER BY t.cid), '{}')
    FROM truth AS t, (SELECT draw(4) AS how, draw(1000) AS low, draw(300) AS many, 2 + draw(9) AS stride OFFSET 0) AS h
    WHERE CASE h.how WHEN 0 THEN t.cid BETWEEN h.low AND h.low + h.many WHEN 1 THEN t.cid % h.stride = 0 WHEN 2 THEN t.cid > 64000 AND (t.cid * 7919) % 997 < h.low / 4 ELSE (t.cid * 31) % 1009 = h.low END $$;
CREATE FUNCTION run_step(n int) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    who   bigint[] := some_customers();
    one   bigint := (SELECT t.cid FROM truth AS t ORDER BY random() LIMIT 1);
    code  text := pick('a', 'b', 'c', 'live');
    at    timestamptz := moment(n);
    v     numeric;
    count bigint;
    g     record;
    what  text := pick('add', 'remove', 'put', 'value', 'value', 'values', 'refresh', 'cell', 'segment', 'snapshot', 'tick');
BEGIN
    IF n < 3 THEN what := 'segment'; END IF;
    CASE what
    WHEN 'add', 'remove' THEN
        EXECUTE format('UPDATE truth SET %I = %L WHERE cid = ANY ($1) AND %I = NOT %L', code, what = 'add', code, what = 'add') USING who;
        GET DIAGNOSTICS count = ROW_COUNT;
        IF count <> (CASE what WHEN 'add' THEN mkt.tag_add(code, who::mkt.tagmap, at) ELSE mkt.tag_remove(code, who::mkt.tagmap, at) END) THEN
            RAISE EXCEPTION 'step %: % says another number than %', n, what, count;
        END IF;
    WHEN 'put' THEN
        EXECUTE format('UPDATE truth SET %I = cid = ANY ($1)', code) USING who;
        PERFORM mkt.tag_put(code, who::mkt.tagmap, at);
    WHEN 'value' THEN
        v := CASE WHEN random() < 0.8 THEN round(((random() - 0.5) * 10 ^ draw(5))::numeric, 2) END;
        UPDATE truth SET x = v WHERE cid = one;
        PERFORM mkt.tag_put_value('x', one, v, at);
    WHEN 'values' THEN
        v := draw(100) - 50;
        UPDATE truth SET y = v + cid % 37 WHERE cid = ANY (who);
        PERFORM mkt.tag_put_values('y', 'SELECT cid, y FROM public.truth', at);
    WHEN 'refresh' THEN
        UPDATE truth SET c = NOT c, hue = CASE cid % 4 WHEN 3 THEN NULL ELSE (ARRAY['red', 'green', 'blue'])[1 + cid % 4] END WHERE cid = ANY (who);
        PERFORM mkt.tag_refresh('{c,hue}', at);
    WHEN 'cell' THEN
        v := CASE WHEN random() < 0.8 THEN 500 + draw(45) END;
        UPDATE truth SET cell = v WHERE cid = one;
        PERFORM mkt.tag_put_value('cell', one, v, at);
    WHEN 'segment' THEN
        SELECT * INTO g FROM grow(2, false);
        PERFORM mkt.segment_define('seg', 'Seg', '客群', g.expression::mkt.tagexpr, at), mkt.segment_define('deep', 'Deep', '深群', 'seg & !b | x > 20', at);
        EXECUTE format('UPDATE truth AS s SET seg = live AND (%s)', g.condition);
        UPDATE truth SET deep = live AND (seg AND NOT b OR coalesce(x > 20, false));
    WHEN 'snapshot' THEN
        SELECT * INTO g FROM grow(2, n > 3);
        PERFORM mkt.snapshot_take('s' || n, g.expression::mkt.tagexpr, 'S' || n, '照' || n, at);
        EXECUTE format('INSERT INTO snap SELECT %L, cid FROM truth AS s WHERE live AND (%s)', 's' || n, g.condition);
    ELSE
        PERFORM mkt.segment_refresh(as_of => at);
        EXECUTE (SELECT format('UPDATE truth AS s SET seg = live AND (%s)', k.condition) FROM public.defined AS k);
        UPDATE truth SET deep = live AND (seg AND NOT b OR coalesce(x > 20, false));
    END CASE;
    IF what = 'segment' THEN
        DELETE FROM public.defined;
        INSERT INTO public.defined VALUES (g.condition);
    END IF;
    INSERT INTO past SELECT n, t.* FROM truth AS t;
    RETURN what;
END
$$;
CREATE TABLE defined (condition text);

-- ---- every question about the state after a step ------------------------------------------------------
CREATE FUNCTION differences(m int, at timestamptz) RETURNS TABLE (step int, expression text, question text, said text, truth text) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    f    record;
    g    record;
    h    record;
    e    mkt.tagexpr;
    want record;
    tier int := 1 + draw(7);
    one  bigint := (SELECT t.cid FROM truth AS t ORDER BY random() LIMIT 1);
BEGIN
    SELECT * INTO f FROM grow(3, true);
    SELECT * INTO g FROM grow(1, true);
    SELECT * INTO h FROM grow(1, true);
    e := f.expression::mkt.tagexpr;
    EXECUTE format($q$
        WITH s AS MATERIALIZED (SELECT s.* FROM past AS s WHERE s.step = %1$s AND s.live),
             m AS MATERIALIZED (SELECT s.* FROM s WHERE %2$s)
        SELECT count(*) AS members, coalesce(tagmap_agg(cid), '{}') AS set, sum(cid) AS cids, coalesce(sum(x), 0.00) AS sum, avg(x) AS avg, bool_or(cid = %3$s) AS has,
               (SELECT string_agg(concat(t.cid, ':', t.x), ' ') FROM (SELECT cid, x FROM m WHERE x IS NOT NULL ORDER BY x DESC, cid LIMIT 5) AS t) AS top,
               (SELECT string_agg(concat(c.value, ':', c.members), ' ' ORDER BY c.value) FROM (SELECT y AS value, count(*) AS members FROM m GROUP BY 1) AS c) AS spread,
               (SELECT string_agg(concat(c.org_id, ':', c.members), ' ' ORDER BY c.org_id)
                FROM (SELECT p.org_id, count(*) AS members FROM m LEFT JOIN mkt.grid_cell AS k ON k.cell_id = m.cell LEFT JOIN mkt.org AS o ON o.org_id = k.org_id
                      LEFT JOIN mkt.org AS p ON p.tier = %4$s AND o.lft BETWEEN p.lft AND p.rgt GROUP BY 1) AS c) AS by_org,
               (SELECT string_agg(concat(r.region, ':', r.members), ' ' ORDER BY r.region)
                FROM (SELECT (%2$s)::int + 2 * (%5$s)::int + 4 * (%6$s)::int AS region, count(*) AS members FROM s GROUP BY 1) AS r WHERE r.region > 0) AS venn,
               (SELECT concat_ws(' ', count(*) FILTER (WHERE a), count(*) FILTER (WHERE a AND y IS NOT NULL), count(*) FILTER (WHERE a AND seg), count(*) FILTER (WHERE y IS NOT NULL), count(*) FILTER (WHERE y IS NOT NULL AND seg), count(*) FILTER (WHERE seg)) FROM s) AS overlap,
               (SELECT concat_ws(' ', count(*) FILTER (WHERE b), (SELECT count(*) FROM s WHERE b), count(*) FILTER (WHERE hue = 'green'), (SELECT count(*) FROM s WHERE hue = 'green'), round(avg(x), 6), (SELECT round(avg(x), 6) FROM s)) FROM m) AS profile,
               (SELECT string_agg(concat(cid, ':', x), ' ' ORDER BY cid) FROM s WHERE x IS NOT NULL AND cid < 64600) AS values,
               (SELECT concat_ws(' ', CASE WHEN a THEN 'a' END, CASE WHEN b THEN 'b' END, CASE WHEN c THEN 'c' END, CASE WHEN deep THEN 'deep' END, 'hue=' || hue, CASE WHEN seg THEN 'seg' END, 'x=' || x, 'y=' || y) FROM s WHERE cid = %3$s) AS portrait
        FROM m $q$, m, f.condition, one, tier, g.condition, h.condition) INTO want;
    RETURN QUERY
        SELECT m, e::text, a.question, a.said, a.truth
        FROM (VALUES ('count', audience_count(e, at)::text, want.members::text),
                     ('set', card(audience(e, at) # want.set)::text, '0'),
                     ('members', (SELECT concat(count(*), ' ', sum(c)) FROM audience_members(e, at) AS c), concat(want.members, ' ', want.cids)),
                     ('streamed', (SELECT concat(count(c), ' ', sum(c)) FROM (SELECT audience_members(e, at) AS c) AS s), concat(want.members, ' ', want.cids)),
                     ('has_tags', has_tags(one, e, at)::text, coalesce(want.has, false)::text),
                     ('sum', audience_sum(e, 'x', at)::text, want.sum::text),
                     ('avg', round(audience_avg(e, 'x', at), 9)::text, round(want.avg, 9)::text),
                     ('top', (SELECT string_agg(concat(t.cid, ':', t.value), ' ') FROM audience_topk(e, 'x', 5, at) AS t), want.top),
                     ('by', (SELECT string_agg(concat(b.value, ':', b.members), ' ' ORDER BY b.value) FROM audience_by(e, 'y', at) AS b), want.spread),
                     ('by_org', (SELECT string_agg(concat(b.org_id, ':', b.members), ' ' ORDER BY b.org_id) FROM audience_by_org(e, tier, at) AS b), want.by_org),
                     ('venn', (SELECT string_agg(concat(v.region, ':', v.members), ' ' ORDER BY v.region) FROM audience_venn(ARRAY[e, g.expression::tagexpr, h.expression::tagexpr], at) AS v WHERE v.members > 0), want.venn),
                     ('overlap', (SELECT string_agg(o.members::text, ' ') FROM audience_overlap('{a,y,seg}', at) AS o), want.overlap),
                     ('profile', (SELECT concat_ws(' ', max(p.members) FILTER (WHERE code = 'b'), max(p.base_members) FILTER (WHERE code = 'b'), coalesce(max(p.members) FILTER (WHERE label = 'green'), 0), coalesce(max(p.base_members) FILTER (WHERE label = 'green'), 0),
                                                   max(p.mean) FILTER (WHERE code = 'x'), max(p.base_mean) FILTER (WHERE code = 'x')) FROM audience_profile(e, at) AS p), want.profile),
                     ('values', (SELECT string_agg(concat(v.cid, ':', v.value), ' ' ORDER BY v.cid) FROM tag_values('x', at) AS v WHERE v.cid < 64600), want.values),
                     ('portrait', (SELECT string_agg(concat_ws('=', p.code, coalesce(p.label, p.value::text)), ' ' ORDER BY p.code) FROM portrait(one, at) AS p WHERE p.class <> 'snapshot'), nullif(want.portrait, '')))
             AS a(question, said, truth)
        WHERE a.said IS DISTINCT FROM a.truth;
END
$$;

-- ---- the program ---------------------------------------------------------------------------------------
CREATE TABLE found (step int, expression text, question text, said text, truth text, after text);
CREATE TABLE tally (what text);
DO $$
BEGIN
    FOR n IN 1 .. current_setting('test.steps')::int LOOP
        INSERT INTO tally SELECT run_step(n);
        INSERT INTO found SELECT d.*, t.what FROM (SELECT what FROM tally ORDER BY ctid DESC LIMIT 1) AS t, generate_series(1, 3) AS k, LATERAL differences(n + 0 * k, 'infinity') AS d;
        -- a moment is any time up to the next write
        INSERT INTO found SELECT d.*, 'past' FROM (SELECT 1 + draw(n)::int AS m FROM generate_series(1, 3)) AS k, LATERAL differences(k.m, moment(k.m) + interval '59 s') AS d;
    END LOOP;
END $$;
SELECT count(*) >= 7 AS kinds_of_writes FROM (SELECT what FROM tally GROUP BY what) AS s;
SELECT step, after, left(expression, 200) AS expression, question, left(said, 100) AS said, left(truth, 100) AS truth FROM found LIMIT 5;
SELECT count(*) AS differences FROM found;
SELECT bool_and(t.members = card(_tag_set(t.code))) AS counted, (SELECT bool_and(v.intact) FROM snapshot_verify() AS v) AS snapshots_intact FROM tag AS t;
SELECT count(*) > 0 AS shapes_changed FROM tag_shape;

-- look-alikes of the past are ranked by what was known then
CREATE TABLE ranked AS SELECT row_number() OVER () AS place, l.* FROM lookalike('hue', 50, 'all', '{a,b,c,seg}', moment(:steps / 2)) AS l;
WITH s AS (SELECT p.*, hue IS NOT NULL AS inside FROM past AS p WHERE p.step = :steps / 2 AND p.live),
     feature AS (SELECT f.name, CASE f.name WHEN 'a' THEN s.a WHEN 'b' THEN s.b WHEN 'c' THEN s.c ELSE s.seg END AS has, s.cid, s.inside FROM s, unnest('{a,b,c,seg}'::text[]) AS f(name)),
     n AS (SELECT count(*) FILTER (WHERE inside) + 2.0::float8 AS a, count(*) FILTER (WHERE NOT inside) + 2.0::float8 AS b FROM s),
     w AS (SELECT name, (count(*) FILTER (WHERE has AND inside) + 1) / min(n.a) AS p, (count(*) FILTER (WHERE has AND NOT inside) + 1) / min(n.b) AS q FROM feature, n GROUP BY name),
     scored AS (SELECT f.cid, round(sum(CASE WHEN has THEN ln(p / q) ELSE ln((1 - p) / (1 - q)) END)::numeric, 9) AS score FROM feature AS f JOIN w USING (name) WHERE NOT f.inside GROUP BY f.cid)
SELECT count(*) > 10 AS ranked, bool_and(round(r.score::numeric, 9) = t.score AND r.cid = t.cid) AS equal
FROM ranked AS r JOIN (SELECT row_number() OVER (ORDER BY score DESC, cid) AS place, * FROM scored) AS t USING (place);
-- no state known, no moment, no answer
SELECT audience_count('a', moment(-5));
SELECT count(*) AS none FROM portrait(1, NULL);
SELECT audience_by('a', 'y', NULL), audience_sum('a', 'x', NULL), has_tags(1, 'a', NULL);
