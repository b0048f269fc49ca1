-- tagexpr_place: in_grid() and in_area() inside expressions, against plain SQL
-- over customers and against ST_Covers of their address points
SET search_path = mkt, public;
SET client_min_messages = warning;
\set VERBOSITY default
\set SHOW_CONTEXT never
\set seed `echo "${SEED:-20261121}"`
SELECT set_config('tagexpr_place.seed', :'seed', false) = :'seed' AS seeded;
CREATE FUNCTION public.rnd(salt text, n bigint) RETURNS float8 LANGUAGE sql
    RETURN (hashtextextended(salt || ':' || n, current_setting('tagexpr_place.seed')::bigint) & 4503599627370495) / 4503599627370496.0;

-- two cities; in both a county of the same name
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh)
VALUES (1, NULL, 1, 'P', 'Province', '省'), (2, 1, 2, 'A', 'City A', '甲市'), (3, 1, 2, 'B', 'City B', '乙市'), (4, 2, 3, 'A1', 'Bridge', '桥西区'), (5, 3, 3, 'B1', 'Bridge', '桥西区'),
       (6, 4, 4, 'LA', 'Line', '线'), (7, 5, 4, 'LB', 'Line', '线'), (8, 6, 5, 'GA', 'Grid A', '东格'), (9, 7, 5, 'GB', 'Grid B', '西格'), (10, 6, 5, 'GC', 'Grid C', '南格'),
       (11, 8, 6, 'CA', 'x', '小'), (12, 9, 6, 'CB', 'x', '小'), (13, 10, 6, 'CC', 'x', '小'), (14, 11, 7, 'IA', 'x', '兵'), (15, 12, 7, 'IB', 'x', '兵'), (16, 13, 7, 'IC', 'x', '兵');
-- a hundred Voronoi cells of a square degree, dealt to three grids
CREATE TABLE public.map AS
SELECT n::integer AS cell_id, 'cell ' || n AS code, 'cell' AS name, 'cell' AS name_zh, 'rural' AS kind, 8 + n::integer % 3 AS grid_id, 14 + n::integer % 3 AS org_id, geom,
       1 AS households, 1 AS ports_total, 1 AS ports_used
FROM (SELECT row_number() OVER (ORDER BY ST_XMin(g), ST_YMin(g)) AS n, ST_Intersection(ST_SetSRID(g, 4326), ST_MakeEnvelope(114, 38, 115, 39, 4326)) AS geom
      FROM (SELECT (ST_Dump(ST_VoronoiPolygons(ST_Collect(ST_MakePoint(114 + rnd('x', k), 38 + rnd('y', k)))))).geom FROM generate_series(1, 100) AS k) AS v(g)) AS cut;
SELECT count(*) AS repaired FROM grid_cell_load('public.map');
-- customers on and off the map, on vertices of it, without an address, not live
INSERT INTO customer (cid, customer_key, net, location, live)
SELECT n, 'K' || n, 'own', CASE WHEN n % 50 > 0 THEN ST_SetSRID(ST_MakePoint(113.9 + 1.2 * rnd('cx', n), 37.9 + 1.2 * rnd('cy', n)), 4326) END, n % 9 > 0 FROM generate_series(1, 6000) AS n;
INSERT INTO customer (cid, customer_key, net, location)
SELECT 70000 + row_number() OVER (), 'V' || row_number() OVER (), 'own', p.geom FROM public.map AS m CROSS JOIN LATERAL ST_DumpPoints(m.geom) AS p;
SELECT customer_assign_cells() BETWEEN 3500 AND 7000 AS placed;
SELECT tag_define('odd', 'boolean', 'Odd', '奇数', rule => 's.cid % 2 = 1', source => 'mkt.customer') > 0 AS defined;
SELECT count(*) FROM tag_refresh();

-- the canonical form: values sorted and once, text as it was given
SELECT tagexpr $$in_grid('b', 'a / 甲', 'b') & in_area('POLYGON((1 1,2 2,2 1,1 1))')$$ AS canonical, tagexpr '！IN_GRID(''东格'')' AS any_case;
-- in_grid: a code, a name of any unit, a path from anywhere; ASCII or full-width slash
SELECT path, audience_count(format('in_grid(%L)', path)::tagexpr) AS members,
       audience_count(format('in_grid(%L)', path)::tagexpr) = (SELECT count(*) FROM customer AS c JOIN grid_cell AS g USING (cell_id) WHERE c.live AND g.grid_id = ANY (grids)) AS equal
FROM (VALUES ('P', ARRAY[8, 9, 10]), ('省', ARRAY[8, 9, 10]), ('A', ARRAY[8, 10]), ('甲市 / 桥西区', ARRAY[8, 10]), (' 乙市/桥西区 ', ARRAY[9]), ('省／甲市／桥西区／线／南格', ARRAY[10]), ('GA', ARRAY[8]), ('City B / B1 / 线', ARRAY[9]), ('甲市 / 桥西区 / 线 / 东格 / 小 / 兵', ARRAY[8])) AS t(path, grids);
SELECT audience_count($$in_grid('东格', '西格') & odd$$) = (SELECT count(*) FROM customer AS c JOIN grid_cell AS g USING (cell_id) WHERE c.live AND c.cid % 2 = 1 AND g.grid_id IN (8, 9)) AS both,
       audience_count($$!in_grid('P')$$) = (SELECT count(*) FROM customer AS c WHERE c.live AND c.cell_id IS NULL) AS off_the_map;
-- a cell served from another grid: in_grid goes by the map, in_org by who serves
BEGIN;
UPDATE grid_cell SET org_id = 15 WHERE grid_id = 8;
SELECT audience_count($$in_grid('GA')$$) > 0 AS map, audience_count($$in_org('GA')$$) AS served, audience_count($$in_grid('IA')$$) AS nobody_there;
ROLLBACK;
SELECT audience_count($$in_grid('nowhere')$$);
SELECT audience_count($$in_grid('甲市 / 东格')$$);
SELECT audience_count($$in_grid('桥西区')$$);
SELECT audience_count($$in_grid('')$$);

-- in_area: ST_Covers of the customer's point, whatever cells the shape cuts
CREATE TABLE public.area (name text, geom geometry);
INSERT INTO public.area VALUES
    ('square', ST_MakeEnvelope(114.2, 38.2, 114.7, 38.6, 4326)), ('all', ST_MakeEnvelope(113, 37, 116, 40, 4326)), ('nowhere', ST_MakeEnvelope(10, 10, 11, 11, 4326)),
    ('hole', ST_Difference(ST_MakeEnvelope(114.1, 38.1, 114.9, 38.9, 4326), ST_Buffer('SRID=4326;POINT(114.5 38.5)'::geometry, 0.25))),
    ('two parts', 'SRID=4326;MULTIPOLYGON(((113.9 37.9, 114.3 37.9, 114.1 38.4, 113.9 37.9)), ((114.6 38.6, 115.2 38.6, 115.2 39.2, 114.6 38.6)))'),
    ('sliver', 'SRID=4326;POLYGON((114 38.5, 115 38.5, 115 38.5001, 114 38.5))'), ('bow tie', 'SRID=4326;POLYGON((114 38, 115 39, 115 38, 114 39, 114 38))'),
    ('outer corner', ST_MakeEnvelope(113.9, 37.9, 114.05, 38.05, 4326)), ('edge of the map', ST_MakeEnvelope(114, 38, 115, 39, 4326));
INSERT INTO public.area SELECT 'cell ' || cell_id, geom FROM public.map WHERE cell_id % 25 = 1;
INSERT INTO public.area SELECT 'grid', ST_Union(geom) FROM public.map WHERE grid_id = 8;
INSERT INTO public.area SELECT 'random ' || n, ST_Buffer(ST_SetSRID(ST_MakePoint(114 + rnd('ax', n), 38 + rnd('ay', n)), 4326), 0.3 * rnd('ar', n)) FROM generate_series(1, 8) AS n;
SELECT current_setting('tagexpr_place.seed') AS seed, a.name, form.kind
FROM public.area AS a
CROSS JOIN LATERAL (VALUES ('wkt', ST_AsText(a.geom, 17)), ('ewkt', ST_AsEWKT(a.geom, 17)), ('hex', a.geom::text), ('geojson', ST_AsGeoJSON(a.geom, 17))) AS form(kind, shape)
WHERE a.name !~ '^(cell|random)' OR form.kind = 'hex'
GROUP BY a.name, a.geom, form.kind, form.shape
HAVING audience(format('in_area(%L)', form.shape)::tagexpr) IS DISTINCT FROM
       (SELECT coalesce(tagmap_agg(c.cid), '{}') FROM customer AS c WHERE c.live AND ST_Covers(ST_MakeValid(a.geom), c.location))
ORDER BY 2, 3;
SELECT name, audience_count(format('in_area(%L)', geom)::tagexpr) AS members FROM public.area WHERE name IN ('all', 'nowhere') ORDER BY name;
-- whole cells answer by the cell, the others point by point; both kinds were met
SELECT name, (SELECT count(*) FROM _area_cells(ARRAY[geom::text])) AS cells, card(_area_members(ARRAY[geom::text])) > 0 AS points_too FROM public.area WHERE name IN ('square', 'edge of the map') ORDER BY name;
-- with other terms, negated, and one customer at a time
SELECT audience_count(format('!in_area(%L) & odd', a.geom)::tagexpr) = count(*) AS negated
FROM public.area AS a, customer AS c WHERE a.name = 'hole' AND c.live AND c.cid % 2 = 1 AND ST_Covers(a.geom, c.location) IS NOT TRUE GROUP BY a.geom;
SELECT count(*) AS wrong FROM public.area AS a, customer AS c
WHERE a.name = 'square' AND c.live AND c.cid < 300 AND has_tags(c.cid, format('in_area(%L)', a.geom)::tagexpr) <> coalesce(ST_Covers(a.geom, c.location), false);
SELECT audience_count(format('in_area(%L, %L)', a.geom, b.geom)::tagexpr) = (SELECT count(*) FROM customer AS c WHERE c.live AND (ST_Covers(a.geom, c.location) OR ST_Covers(b.geom, c.location))) AS either
FROM public.area AS a, public.area AS b WHERE a.name = 'hole' AND b.name = 'square';
SELECT audience_count('in_area(''SRID=4490;POLYGON((114.2 38.2,114.7 38.2,114.7 38.6,114.2 38.6,114.2 38.2))'')') = audience_count(format('in_area(%L)', a.geom)::tagexpr) AS cgcs2000 FROM public.area AS a WHERE a.name = 'square';
-- a repair is told
SET client_min_messages = notice;
SELECT audience_count($$in_area('POLYGON((114 38, 115 39, 115 38, 114 39, 114 38))')$$) > 0 AS repaired;
-- what is no area
SELECT audience_count($$in_area('the old town')$$);
SELECT audience_count($$in_area('')$$);
SELECT audience_count($$in_area('POINT(114 38)')$$);
SELECT audience_count($$in_area('POLYGON EMPTY')$$);
SELECT audience_count($$in_area('POLYGON((38 114, 39 114, 39 115, 38 114))')$$);
SELECT audience_count($$in_area('SRID=3857;POLYGON((0 0, 1 0, 1 1, 0 0))')$$);
SELECT audience_count($$in_area('POLYGON((114 38, 115 38')$$);
SELECT tagexpr $$in_area(1)$$;
SELECT length((format('in_area(%L)', repeat('x', 1048576))::tagexpr)::text);
SELECT format('in_area(%L)', repeat('x', 1048577))::tagexpr;
-- addresses of the past are not kept
SELECT tag_keep_history('live', true) IS NOT NULL AS live, tag_keep_history('cell', true) IS NOT NULL AS cell;
SELECT audience_count($$in_area('POLYGON((114 38, 115 38, 115 39, 114 38))')$$, as_of => now());
SELECT audience_count($$in_grid('GA')$$, as_of => now()) = audience_count($$in_grid('GA')$$) AS in_grid_can;

-- a branch counts its own customers only
CREATE ROLE tagexpr_place_a;
SELECT grant_access('tagexpr_place_a', 'bi_reader', 3);
GRANT SELECT ON public.area TO tagexpr_place_a;
SELECT count(*) AS allowed FROM customer AS c JOIN grid_cell AS g USING (cell_id) WHERE c.live AND g.org_id = 15 AND ST_Covers(ST_MakeEnvelope(114.2, 38.2, 114.7, 38.6, 4326), c.location) \gset
SET ROLE tagexpr_place_a;
SELECT audience_count(format('in_area(%L)', geom)::tagexpr) = :allowed AS own_only, audience_count($$in_grid('A')$$) AS others, audience_count($$in_grid('P')$$) = audience_count('all') AS own
FROM public.area WHERE name = 'square';
RESET ROLE;
DROP OWNED BY tagexpr_place_a;
DROP ROLE tagexpr_place_a;

-- parallel workers answer alike
SET min_parallel_table_scan_size = 0; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET max_parallel_workers_per_gather = 2;
SELECT count(*) = audience_count($$in_area('POLYGON((114.2 38.2, 114.7 38.2, 114.7 38.6, 114.2 38.2))') & in_grid('A')$$) AS equal
FROM customer AS c WHERE has_tags(c.cid, $$in_area('POLYGON((114.2 38.2, 114.7 38.2, 114.7 38.6, 114.2 38.2))') & in_grid('A')$$);
