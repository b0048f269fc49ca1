-- tag_compare: regions, overlaps, profiles, portraits and units against plain SQL (S0-011, S0-039, S2-046, semantics A3)
SET search_path = mkt, public;
SET client_min_messages = warning;
\set SHOW_CONTEXT never
\if :{?seed}
\else
\set seed 20261101
\endif
SELECT :seed AS seed, setseed((:seed % 1000000) / 1000000.0);
DELETE FROM outcome; DELETE FROM tag WHERE NOT is_system;
CREATE TABLE public.truth AS
SELECT c AS cid, random() < 0.95 AS live, random() < 0.5 AS a, random() < 0.2 AS b, random() < 0.02 AS c, c % 7 = 0 AS d, c > 100000 AS e, false AS f,
       CASE WHEN random() < 0.9 THEN round((random() * 100 - 20)::numeric, 1) END AS x,
       CASE WHEN random() < 0.7 THEN (ARRAY['red', 'green', 'blue'])[1 + floor(random() * 3)::int] END AS hue,
       CASE WHEN random() < 0.97 THEN 500 + floor(random() * 40)::int END AS cell
FROM generate_series(0, 140000) AS c WHERE random() < 0.6;
SELECT count(tag_define(v.code, v.kind, upper(v.code), '中' || v.code, scale => v.scale, rule => 's.' || v.code, source => 'public.truth')) AS tags
FROM (VALUES ('a', 'boolean', 0), ('b', 'boolean', 0), ('c', 'boolean', 0), ('d', 'boolean', 0), ('e', 'boolean', 0), ('f', 'boolean', 0), ('x', 'numeric', 1), ('hue', 'enum', 0)) AS v(code, kind, scale);
UPDATE tag SET source = 'public.truth', rule = 's.' || code WHERE is_system;
SELECT code FROM tag_refresh();

-- all regions of up to six audiences
SELECT v.region, v.inside, v.members, v.members = t.members AS equal
FROM audience_venn('{a,"b | c","!d & x > 10"}') AS v
LEFT JOIN (SELECT a::int + 2 * (b OR c)::int + 4 * (NOT d AND coalesce(x > 10, false))::int AS region, count(*) AS members FROM truth WHERE live GROUP BY 1) AS t USING (region)
ORDER BY v.region;
SELECT count(*) AS regions, bool_and(v.members = coalesce(t.members, 0)) AS equal, sum(v.members) = (SELECT audience_count('a | b | c | d | e | f')) AS all_of_them
FROM audience_venn('{a,b,c,d,e,f}') AS v
LEFT JOIN (SELECT a::int + 2 * b::int + 4 * c::int + 8 * d::int + 16 * e::int AS region, count(*) AS members FROM truth WHERE live GROUP BY 1) AS t USING (region);
SELECT * FROM audience_venn('{e}');
SELECT * FROM audience_venn('{f,none}');
-- audiences that lie in different blocks: none may hide the other's
SELECT v.region, v.members = t.members AS equal
FROM audience_venn('{"e & c","!e & b","c & a"}') AS v
JOIN (SELECT (e AND c)::int + 2 * (NOT e AND b)::int + 4 * (c AND a)::int AS region, count(*) AS members FROM truth WHERE live GROUP BY 1) AS t USING (region)
ORDER BY 1;
SELECT * FROM audience_venn('{}');
SELECT * FROM audience_venn('{a,b,c,d,e,f,x}');
SELECT * FROM audience_venn('{a,NULL}');
SELECT * FROM audience_venn('{a,zz}');

-- every pair of tags
SELECT o.*, o.members = (SELECT count(*) FROM truth AS t WHERE live AND (to_jsonb(t) ->> code_a) <> 'false' AND (to_jsonb(t) ->> code_b) <> 'false') AS equal
FROM audience_overlap('{a,d,f,hue}') AS o;
SELECT count(*) AS pairs, bool_and(o.members = audience_count(code_a::tagexpr & code_b::tagexpr)) AS like_counts FROM audience_overlap('{a,b,c,d,e,x,cell}') AS o;
SELECT * FROM audience_overlap('{a,zz}');
SELECT * FROM audience_overlap('{}');
SELECT * FROM audience_overlap('{a,NULL}');

-- an audience beside everybody
SELECT p.code, p.label, p.members = t.members AND p.base_members = t.base AS counted, p.share = round(t.members / t.n, 6) AND p.base_share = round(t.base / t.base_n, 6) AS shared,
       p.tgi IS NOT DISTINCT FROM round(100 * t.members / t.n / nullif(t.base / t.base_n, 0), 1) AS indexed, p.z > 3 AS more, p.z < -3 AS fewer
FROM audience_profile('a & !e & x > 0') AS p
JOIN LATERAL (
    SELECT count(*) FILTER (WHERE m.hit AND m.inside)::numeric AS members, count(*) FILTER (WHERE m.hit)::numeric AS base,
           count(*) FILTER (WHERE m.inside)::numeric AS n, count(*)::numeric AS base_n
    FROM (SELECT coalesce(CASE WHEN p.label IS NULL THEN to_jsonb(s) ->> p.code <> 'false' ELSE s.hue = p.label END, false) AS hit,
                 a AND NOT e AND coalesce(x > 0, false) AS inside FROM truth AS s WHERE live) AS m) AS t ON true
WHERE p.mean IS NULL;
SELECT p.code, p.mean = round(t.mean, 6) AS mean, p.base_mean = round(t.base_mean, 6) AS base_mean, p.tgi = round(100 * t.mean / t.base_mean, 1) AS tgi, p.z
FROM audience_profile('b') AS p, (SELECT avg(x) FILTER (WHERE b) AS mean, avg(x) AS base_mean FROM truth WHERE live) AS t WHERE p.mean IS NOT NULL;
-- everybody beside everybody: nothing stands out; nobody: no share at all
SELECT bool_and(tgi = 100) AS level, bool_and(z IS NULL) AS no_chance FROM audience_profile('all') WHERE base_members > 0;
SELECT DISTINCT members, share, tgi, z FROM audience_profile('none') WHERE code <> 'x';

-- a customer beside all tags
SELECT p.cid, p.live, (SELECT string_agg(concat_ws('=', t.code, t.value, t.label), ' ') FROM portrait(p.cid) AS t)
       IS NOT DISTINCT FROM CASE WHEN p.live THEN nullif(concat_ws(' ', CASE WHEN a THEN 'a' END, CASE WHEN b THEN 'b' END, CASE WHEN c THEN 'c' END, CASE WHEN d THEN 'd' END, CASE WHEN e THEN 'e' END,
                     'x=' || x, (SELECT concat_ws('=', 'hue', l.value, l.label) FROM tag_label AS l WHERE l.label = p.hue)), '') END AS equal
FROM (SELECT * FROM truth ORDER BY hashint8(cid) LIMIT 12) AS p;
SELECT count(*) AS nobody FROM portrait(99999999);
SELECT * FROM portrait(-5);
UPDATE tag SET status = 'offline' WHERE code IN ('a', 'x');
SELECT DISTINCT code FROM truth, LATERAL portrait(cid) WHERE cid < 50 AND live ORDER BY 1;

-- units of every tier
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh)
SELECT v.* FROM (VALUES (1, NULL, 1, 'P', 'P', 'P'), (2, 1, 2, 'A', 'A', 'A'), (3, 1, 2, 'B', 'B', 'B'), (4, 2, 3, 'A1', 'A1', 'A1'), (5, 3, 3, 'B1', 'B1', 'B1'), (6, 3, 3, 'B2', 'B2', 'B2'),
    (7, 4, 4, 'LA', '', ''), (8, 5, 4, 'LB', '', ''), (9, 6, 4, 'LC', '', ''), (10, 7, 5, 'GA', '', ''), (11, 8, 5, 'GB', '', ''), (12, 9, 5, 'GC', '', ''),
    (13, 10, 6, 'CA', '', ''), (14, 11, 6, 'CB', '', ''), (15, 12, 6, 'CC', '', ''), (16, 13, 7, 'IA', '', ''), (17, 14, 7, 'IB', '', ''), (18, 15, 7, 'IC', '', '')) AS v;
CREATE TABLE public.map AS
SELECT 500 + n AS cell_id, 'cell ' || n AS code, 'cell' AS name, 'cell' AS name_zh, 'rural' AS kind, 10 + n % 3 AS grid_id, 16 + n % 3 AS org_id,
       ST_MakeEnvelope(114 + n * 0.01, 38, 114.005 + n * 0.01, 38.1, 4326) AS geom, 1 AS households, 1 AS ports_total, 1 AS ports_used
FROM generate_series(0, 37) AS n;
SELECT count(*) AS repaired FROM grid_cell_load('public.map');
SELECT n.tier, count(*) AS units, bool_and(u.members = t.members) AS equal, sum(u.members) = audience_count('b') AS complete
FROM generate_series(1, 7) AS n(tier),
LATERAL audience_by_org('b', n.tier) AS u
LEFT JOIN LATERAL (SELECT p.org_id, count(*) AS members FROM truth AS s LEFT JOIN grid_cell AS g ON g.cell_id = s.cell LEFT JOIN org AS o ON o.org_id = g.org_id
                   LEFT JOIN org AS p ON p.tier = n.tier AND o.lft BETWEEN p.lft AND p.rgt WHERE live AND b GROUP BY 1) AS t ON t.org_id IS NOT DISTINCT FROM u.org_id
GROUP BY n.tier ORDER BY n.tier;
SELECT * FROM audience_by_org('none', 3);
-- organisation scope inside an expression
SELECT p.code, audience_count(format('in_org(%L) & a', p.code)::tagexpr) = count(s.cid) AS equal
FROM org AS p LEFT JOIN (truth AS s JOIN grid_cell AS g ON g.cell_id = s.cell JOIN org AS o ON o.org_id = g.org_id) ON s.live AND s.a AND o.lft BETWEEN p.lft AND p.rgt
WHERE p.tier IN (1, 2, 3, 7) GROUP BY p.code ORDER BY p.code;
SELECT audience_count($$in_org('A', 'B1') & !in_org('IA')$$) = (SELECT count(*) FROM truth WHERE live AND (cell - 500) % 3 = 1 AND cell < 538) AS equal;
