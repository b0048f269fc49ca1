-- tag_alike: look-alikes against naive Bayes in plain SQL (semantics A7)
SET search_path = mkt, public;
SET client_min_messages = warning;
\set SHOW_CONTEXT never
\if :{?seed}
\else
\set seed 20261101
\endif
SELECT :seed AS seed, setseed((:seed % 1000000) / 1000000.0);
DELETE FROM outcome; DELETE FROM tag WHERE NOT is_system;
-- u: hidden; the tags lean on it more or less, so that likeness means something
CREATE TABLE public.truth AS
SELECT c AS cid, random() < 0.95 AS live, u < 0.06 AS a, u + random() / 2 < 0.4 AS b, random() < 0.3 AS c, u + random() > 1.2 AS d, c > 100000 AS e, false AS f, true AS g, random() < 0.001 AS h,
       CASE WHEN random() < 0.9 THEN round((random() * 100 - 20)::numeric, 1) END AS x,
       CASE WHEN random() < 0.7 THEN (ARRAY['red', 'green', 'blue'])[1 + floor((u + random()) * 1.5)::int] END AS hue
FROM (SELECT i AS c, random() AS u FROM generate_series(0, 140000) AS i) AS i WHERE c < 60000 OR random() < 0.2;
SELECT count(tag_define(v.code, v.kind, upper(v.code), '中' || v.code, scale => v.scale, rule => 's.' || v.code, source => 'public.truth', labels => v.labels::text[])) AS tags
FROM (VALUES ('a', 'boolean', 0, NULL), ('b', 'boolean', 0, NULL), ('c', 'boolean', 0, NULL), ('d', 'boolean', 0, NULL), ('e', 'boolean', 0, NULL), ('f', 'boolean', 0, NULL), ('g', 'boolean', 0, NULL),
             ('h', 'boolean', 0, NULL), ('x', 'numeric', 1, NULL), ('hue', 'enum', 0, '{never,red,green,blue,unused}')) AS v(code, kind, scale, labels);
UPDATE tag SET source = 'public.truth', rule = 's.live' WHERE code = 'live';
SELECT count(*) AS refreshed FROM tag_refresh(ARRAY(SELECT code FROM tag WHERE code <> 'cell'));

-- The same from rows: a feature is a tag, or a label of an enum; sums in the order of tag and label.
CREATE TABLE public.having AS
SELECT t.tag_id, coalesce(l.value, 0) AS label, s.cid
FROM truth AS s CROSS JOIN tag AS t LEFT JOIN tag_label AS l ON l.tag_id = t.tag_id
WHERE NOT t.is_system AND s.live AND CASE WHEN t.kind = 'boolean' THEN (to_jsonb(s) ->> t.code)::boolean WHEN t.kind = 'enum' THEN s.hue = l.label END;
CREATE FUNCTION public.oracle(inside text, among text, codes text[]) RETURNS TABLE (at bigint, cid bigint, score float8) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format($q$
        WITH side AS MATERIALIZED (SELECT s.cid, coalesce(%1$s, false) AS inside, NOT coalesce(%1$s, false) AND coalesce(%2$s, false) AS other FROM truth AS s WHERE s.live),
             whole AS MATERIALIZED (SELECT count(*) FILTER (WHERE s.inside) AS a, count(*) FILTER (WHERE s.other) AS b FROM side AS s),
             feature AS (SELECT t.tag_id, coalesce(l.value, 0) AS label FROM mkt.tag AS t LEFT JOIN mkt.tag_label AS l USING (tag_id) WHERE t.code = ANY ($1)),
             counted AS (SELECT f.tag_id, f.label, count(*) FILTER (WHERE s.inside) AS a, count(*) FILTER (WHERE s.other) AS b
                         FROM feature AS f LEFT JOIN public.having AS h USING (tag_id, label) LEFT JOIN side AS s ON s.cid = h.cid GROUP BY 1, 2),
             weighed AS MATERIALIZED (SELECT c.tag_id, c.label, ln((c.a + 1)::float8 / (w.a - c.a + 1)::float8) - ln((c.b + 1)::float8 / (w.b - c.b + 1)::float8) AS weight,
                                ln((w.a - c.a + 1)::float8 / (w.a + 2)::float8) - ln((w.b - c.b + 1)::float8 / (w.b + 2)::float8) AS without
                         FROM counted AS c CROSS JOIN whole AS w),
             scored AS (SELECT p.cid, sum(p.part ORDER BY p.tag_id, p.label) AS score
                        FROM (SELECT s.cid, 0 AS tag_id, 0 AS label, (SELECT sum(w.without ORDER BY w.tag_id, w.label) FROM weighed AS w) AS part FROM side AS s WHERE s.other
                              UNION ALL
                              SELECT s.cid, w.tag_id, w.label, w.weight FROM weighed AS w JOIN public.having AS h USING (tag_id, label) JOIN side AS s ON s.cid = h.cid WHERE s.other) AS p
                        GROUP BY 1)
        SELECT row_number() OVER (ORDER BY s.score DESC, s.cid), s.cid::bigint, s.score FROM scored AS s$q$, inside, among) USING codes;
END $$;

SELECT w.expression, w.among, w.codes, w.n, l.rows, l.wrong, l.scores > 1 AS told_apart
FROM (VALUES ('a', 'all', NULL, '{b,c,d,e,f,g,h}', 'a', 'true', 1), ('a', 'all', NULL, '{b,c,d,e,f,g,h}', 'a', 'true', 5000), ('a', 'all', NULL, '{b,c,d,e,f,g,h}', 'a', 'true', 1000000),
             ('a & !h', 'c | x < 0', NULL, '{b,c,d,e,f,g}', 'a AND NOT h', 'c OR x < 0', 5000), ('x > 79', 'a', '{hue}', '{hue}', 'x > 79', 'a', 777),
             ('中b & e', '!e', '{h,hue,中a,a,h}', '{a,h,hue}', 'b AND e', 'NOT e', 12345), ('e', 'a', '{a}', '{a}', 'e', 'a', 300), ('h', 'g', '{b}', '{b}', 'h', 'g', 9999),
             ($$hue = 'red'$$, 'all', NULL, '{a,b,c,d,e,f,g,h}', $$hue = 'red'$$, 'true', 20000), ('a', 'none', NULL, '{b}', 'a', 'false', 5), ('all', 'all', NULL, '{b}', 'true', 'true', 5))
     AS w(expression, among, codes, named, inside, among_sql, n)
CROSS JOIN LATERAL (
    SELECT count(l.cid) AS rows, count(*) FILTER (WHERE (l.cid, l.score) IS DISTINCT FROM (o.cid, o.score)) AS wrong, count(DISTINCT l.score) AS scores
    FROM (SELECT * FROM lookalike(w.expression::tagexpr, w.n, w.among::tagexpr, w.codes::text[]) WITH ORDINALITY AS l(cid, score, at)) AS l
    FULL JOIN (SELECT * FROM oracle(w.inside, w.among_sql, w.named::text[]) LIMIT w.n) AS o USING (at)) AS l;
-- the formula, by hand: of 3 in the audience 2 have k, of 4 others 1
SELECT tag_define('few', 'boolean', 'Few', '少') > 0 AND tag_define('k', 'boolean', 'K', '甲') > 0 AS defined;
SELECT tag_put('live', '{10-16}') AS live, tag_put('few', '{10,11,12,99}') AS audience, tag_put('k', '{11,12,15,98}') AS having;
SELECT cid, round(score::numeric, 9) AS score, round(CASE WHEN cid = 15 THEN ln(3 / 5.0) - ln(2 / 6.0) ELSE ln(2 / 5.0) - ln(4 / 6.0) END, 9) AS by_hand FROM lookalike('few', 3, codes => '{k}');
-- a snapshot of the audience is no likeness unless it is asked for
SELECT snapshot_take('copy', 'few', 'Copy', '副本') AS copied;
SELECT count(*) AS by_others FROM (SELECT * FROM lookalike('few', 9) EXCEPT SELECT * FROM lookalike('few', 9, codes => ARRAY(SELECT code FROM tag WHERE kind = 'boolean' AND class <> 'snapshot' AND NOT is_system AND code <> 'few'))) AS d;
SELECT count(*) AS ranked FROM lookalike('k', 9, codes => '{copy}');
-- NULL: nobody
SELECT * FROM lookalike(NULL, 5);
SELECT * FROM lookalike('few', NULL);
SELECT * FROM lookalike('few', 5, NULL);
-- refusals
SELECT * FROM lookalike('few', 0);
SELECT * FROM lookalike('few', -1);
SELECT * FROM lookalike('few', 1000001);
SELECT * FROM lookalike('none', 5);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM lookalike('few & f', 5);
SELECT * FROM lookalike('fewer', 5);
SELECT * FROM lookalike('few', 5, 'fewer');
SELECT * FROM lookalike('few', 5, codes => '{fewer}');
SELECT * FROM lookalike('few', 5, codes => '{x}');
SELECT * FROM lookalike('few', 5, codes => '{}');
SELECT * FROM lookalike('few', 5, codes => '{k,NULL}');
UPDATE tag SET status = 'offline' WHERE kind = 'boolean' AND NOT is_system AND code <> 'few';
SELECT * FROM lookalike('few', 5);
INSERT INTO tag_label (tag_id, value, label, label_zh) SELECT tag_id, n, 'l' || n, '标' || n FROM tag, generate_series(10, 10010) AS n WHERE code = 'hue';
SELECT * FROM lookalike('few', 5, codes => '{hue}');
-- a time limit is kept
SELECT tag_put('live', tagmap_range(0, 64000000)) AS live;
SET statement_timeout = 20;
SELECT count(*) FROM lookalike('few', 5, codes => '{k}');
RESET statement_timeout;
