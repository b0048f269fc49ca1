-- grid_index: the compiled map against ST_Covers over all cells, and that it
-- follows every change of the map
SET search_path = mkt, public;
\set VERBOSITY default
\set SHOW_CONTEXT never
\set seed `echo "${SEED:-20261121}"`
SELECT set_config('grid_index.seed', :'seed', false) = :'seed' AS seeded;
CREATE FUNCTION public.rnd(salt text, n bigint) RETURNS float8 LANGUAGE sql
    RETURN (hashtextextended(salt || ':' || n, current_setting('grid_index.seed')::bigint) & 4503599627370495) / 4503599627370496.0;

-- no cell yet: nowhere is on the map
SELECT cells, vertices, edges, bytes < 10000 AS small, build_ms >= 0 AS timed, built_at <= clock_timestamp() AS built FROM grid_index_info();
SELECT locate(114.5, 38.5) IS NULL AS nowhere, locate_cell(114.5, 38.5) IS NULL AS no_cell;

INSERT INTO org (org_id, parent_id, tier, code, name, name_zh)
SELECT n, nullif(n - 1, 0), n, 'U' || n, 'Unit', '单位' FROM generate_series(1, 7) AS n;
CREATE FUNCTION public.put(cell integer, shape geometry) RETURNS void LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO mkt.grid_cell (cell_id, code, name, name_zh, kind, grid_id, org_id, geom, area_km2)
    VALUES (cell, 'C' || cell, 'x', 'x', 'rural', 5, 7, ST_Multi(ST_SetSRID(shape, 4326)), 1);
END;

-- The oracle: every cell, no index, no function of ours.
CREATE TABLE public.probe (kind text, point geometry);
CREATE FUNCTION public.disagreements() RETURNS TABLE (seed text, kind text, point text, got integer, want integer) LANGUAGE sql
BEGIN ATOMIC
    SELECT current_setting('grid_index.seed'), p.kind, ST_AsText(p.point, 17), mkt.locate_cell(p.point), o.want
    FROM public.probe AS p
    CROSS JOIN LATERAL (SELECT min(c.cell_id) FROM mkt.grid_cell AS c WHERE ST_Covers(c.geom, p.point)) AS o(want)
    WHERE mkt.locate_cell(p.point) IS DISTINCT FROM o.want
       OR mkt.locate_cell(ST_X(p.point), ST_Y(p.point)) IS DISTINCT FROM o.want
       OR mkt.locate(p.point) IS DISTINCT FROM CASE WHEN o.want IS NOT NULL THEN 5 END
    ORDER BY 2, 3;
END;
-- every vertex, and points on, beside and between the edges
CREATE FUNCTION public.draw_probes(n integer) RETURNS void LANGUAGE sql
BEGIN ATOMIC
    DELETE FROM public.probe;
    INSERT INTO public.probe
    WITH edge AS (
        SELECT row_number() OVER () AS i, ST_StartPoint(s.geom) AS a, ST_EndPoint(s.geom) AS b, s.geom
        FROM mkt.grid_cell AS c CROSS JOIN LATERAL ST_DumpSegments(c.geom) AS s
    )
    SELECT 'vertex', a FROM edge
    UNION ALL SELECT 'middle of an edge', ST_LineInterpolatePoint(geom, 0.5) FROM edge
    UNION ALL SELECT 'somewhere on an edge', ST_LineInterpolatePoint(geom, public.rnd('along', i)) FROM edge
    UNION ALL SELECT 'height of a vertex', ST_SetSRID(ST_MakePoint(ST_X(a) + 0.3 * (public.rnd('x', i) - 0.5), ST_Y(a)), 4326) FROM edge
    UNION ALL SELECT 'beside a vertex', ST_SetSRID(ST_MakePoint(ST_X(a) + 3e-14 * (public.rnd('dx', i) - 0.5), ST_Y(a) + 3e-14 * (public.rnd('dy', i) - 0.5)), 4326) FROM edge
    UNION ALL SELECT 'random', ST_SetSRID(ST_MakePoint(113.9 + 1.2 * public.rnd('rx', k), 37.9 + 1.2 * public.rnd('ry', k)), 4326) FROM generate_series(1, n) AS k;
END;

-- many at once answer as one by one
CREATE FUNCTION public.many_disagree() RETURNS bigint LANGUAGE sql
BEGIN ATOMIC
    SELECT (SELECT count(*) FROM (SELECT array_agg(ST_X(p.point)) AS lon, array_agg(ST_Y(p.point)) AS lat, array_agg(mkt.locate_cell(p.point)) AS cell FROM public.probe AS p) AS a,
                   unnest(a.cell, mkt.locate_cells(a.lon, a.lat)) AS u(one, many) WHERE u.one IS DISTINCT FROM u.many)
         + (SELECT count(*) FROM (SELECT mkt.locate_cell(p.point) AS cell_id, count(*) AS points FROM public.probe AS p GROUP BY 1) AS one
            FULL JOIN mkt.locate_count('SELECT point FROM public.probe') AS many ON coalesce(many.cell_id, -1) = coalesce(one.cell_id, -1) WHERE many.points IS DISTINCT FROM one.points)
         + (SELECT count(*) FROM mkt.locate_count('SELECT point FROM public.probe') AS g
            FULL JOIN mkt.locate_count('SELECT ST_X(point), ST_Y(point) FROM public.probe') AS xy ON coalesce(g.cell_id, -1) = coalesce(xy.cell_id, -1) WHERE g.points IS DISTINCT FROM xy.points);
END;

-- squares that share borders on round numbers, a hole with an island, a hole
-- that touches the outer ring, two parts that touch in a corner, a sliver, a
-- vertex given twice, a spike of no width, two cells upon others, a tiny one
SELECT put(10 + x + 3 * y, ST_MakeEnvelope(114 + x * 0.25, 38 + y * 0.25, 114.25 + x * 0.25, 38.25 + y * 0.25)) IS NOT NULL AS put
FROM generate_series(0, 2) AS x, generate_series(0, 2) AS y \g /dev/null
SELECT put(5, 'POLYGON((114.8 38, 115 38, 115 38.3, 114.8 38.3, 114.8 38), (114.85 38.05, 114.95 38.05, 114.95 38.15, 114.85 38.15, 114.85 38.05), (114.9 38.3, 114.88 38.2, 114.92 38.2, 114.9 38.3))'),
       put(6, 'POLYGON((114.85 38.05, 114.95 38.05, 114.95 38.15, 114.85 38.15, 114.85 38.05))'),
       put(3, 'MULTIPOLYGON(((114.8 38.4, 114.9 38.4, 114.9 38.5, 114.8 38.5, 114.8 38.4)), ((114.9 38.5, 115 38.5, 115 38.6, 114.9 38.6, 114.9 38.5)))'),
       put(30, 'POLYGON((114 38.8, 115 38.80000000000001, 114.5 38.80000000000002, 114 38.8))'),
       put(31, 'POLYGON((114.1 38.85, 114.2 38.85, 114.2 38.85, 114.2 38.9, 114.15 38.9, 114.15 38.95, 114.15 38.9, 114.1 38.9, 114.1 38.85))'),
       put(2, 'POLYGON((114.1 38.1, 114.4 38.12, 114.37 38.43, 114.1 38.1))'),
       put(40, ST_Buffer('POINT(114.5 38.5)'::geometry, 0.2)),
       put(1, 'POLYGON((114.6000000001 38.6, 114.6000000003 38.6, 114.6000000002 38.6000000002, 114.6000000001 38.6))');
SELECT draw_probes(3000);
SELECT * FROM disagreements() \g (format=unaligned)
SELECT many_disagree();
SELECT count(*) > 3000 AS many, count(locate_cell(point)) BETWEEN 1500 AND count(*) - 500 AS on_and_off FROM probe;
SELECT cells, vertices, edges, tiles > 1 AS tiled, squares > 100 AS divided FROM grid_index_info();

-- jagged random cells upon each other, invalid ones among them: ST_Covers has a rule for these, too
DELETE FROM grid_cell;
SELECT put(n, ST_MakePolygon(ST_AddPoint(ring, ST_StartPoint(ring)))) IS NOT NULL AS put
FROM generate_series(1, 60) AS n
CROSS JOIN LATERAL (SELECT ST_MakeLine(ARRAY(
    SELECT ST_MakePoint(114.2 + 0.6 * rnd('cx', n) + 0.2 * rnd('px', n * 100 + k), 38.2 + 0.6 * rnd('cy', n) + 0.2 * rnd('py', n * 100 + k))
    FROM generate_series(1, 3 + n % 40) AS k))) AS r(ring) \g /dev/null
SELECT draw_probes(2000);
SELECT * FROM disagreements() \g (format=unaligned)
SELECT many_disagree();
SELECT count(*) FILTER (WHERE ST_IsValidReason(geom) <> 'Valid Geometry') > 10 AS invalid_ones_too FROM grid_cell;

-- the same with next to no memory: slower, not different
SET mkt.grid_index_memory = '64kB';
UPDATE grid_cell SET geom = geom;
SELECT bytes <= 65536 AS within, squares FROM grid_index_info() \gset little_
RESET mkt.grid_index_memory;
SELECT :'little_within'::boolean AS within;
SELECT * FROM disagreements() \g (format=unaligned)
UPDATE grid_cell SET geom = geom;
SELECT squares > :little_squares AS finer_again FROM grid_index_info();

-- too little for this map
INSERT INTO grid_cell (cell_id, code, name, name_zh, kind, grid_id, org_id, geom, area_km2)
SELECT 1000, 'round', 'x', 'x', 'rural', 5, 7, ST_Multi(ST_Buffer('SRID=4326;POINT(114.5 38.5)'::geometry, 0.2, 2000)), 1;
SET mkt.grid_index_memory = '64kB';
SELECT locate(114.5, 38.5);
RESET mkt.grid_index_memory;
SELECT locate(114.5, 38.5);

-- every kind of change is seen by the next question
DELETE FROM grid_cell;
SELECT locate_cell(114.5, 38.5) AS emptied;
SELECT put(7, ST_MakeEnvelope(114, 38, 115, 39));
SELECT locate_cell(114.5, 38.5) AS inserted;
UPDATE grid_cell SET cell_id = 8;
SELECT locate_cell(114.5, 38.5) AS renumbered;
UPDATE grid_cell SET geom = ST_Multi(ST_MakeEnvelope(116, 38, 117, 39, 4326));
SELECT locate_cell(114.5, 38.5) AS moved_away, locate_cell(116.5, 38.5) AS moved_here;
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh) VALUES (8, 4, 5, 'V', 'Other grid', '另格');
UPDATE grid_cell SET grid_id = 8;
SELECT locate(116.5, 38.5) AS other_grid;
-- within one transaction, undone, and done in a loop
BEGIN;
SAVEPOINT a;
UPDATE grid_cell SET cell_id = 9;
SELECT locate_cell(116.5, 38.5) AS mine;
ROLLBACK TO a;
SELECT locate_cell(116.5, 38.5) AS undone;
UPDATE grid_cell SET cell_id = 10;
SELECT locate_cell(116.5, 38.5) AS mine;
ROLLBACK;
SELECT locate_cell(116.5, 38.5) AS undone;
DO $$
BEGIN
    FOR n IN 1..3 LOOP
        UPDATE mkt.grid_cell SET cell_id = 100 + n;
        RAISE INFO 'cell %', mkt.locate_cell(116.5, 38.5);
    END LOOP;
END
$$;
-- columns the map does not hold leave it alone
SELECT built_at FROM grid_index_info() \gset
UPDATE grid_cell SET households = 5;
SELECT built_at = :'built_at' AS kept FROM grid_index_info();
-- a replica applies changes with triggers off: this one is always on
SET session_replication_role = replica;
UPDATE grid_cell SET cell_id = 50;
RESET session_replication_role;
SELECT locate_cell(116.5, 38.5) AS replicated;
SET session_replication_role = replica;   -- append-only tables hang on cells
SET client_min_messages = warning;
TRUNCATE grid_cell CASCADE;
RESET client_min_messages;
RESET session_replication_role;
SELECT locate_cell(116.5, 38.5) AS truncated;

-- a geometry that only looks like one, and columns
SELECT put(7, ST_MakeEnvelope(114, 38, 115, 39));
SELECT locate_cell('SRID=4326;MULTIPOINT((114.5 38.5))'::geometry);
SELECT locate_cell('SRID=4326;TRIANGLE((0 0, 1 0, 1 1, 0 0))'::geometry);
SELECT locate_cell('SRID=4326;POINT ZM (114.5 38.5 7 8)'::geometry) AS heights_are_nothing_to_it;
SELECT _cell_at('SRID=4326;POINT(114.5 38.5)'::geometry) AS here, _cell_at('POINT(114.5 38.5)'::geometry) AS no_srid, _cell_at('SRID=4326;POINT(200 95)'::geometry) AS not_on_earth,
       _cell_at('SRID=4326;POINT EMPTY'::geometry) AS empty, _cell_at('SRID=4326;LINESTRING(114 38, 115 39)'::geometry) AS line;

-- many at once: shapes of arrays and queries, and what is refused
SELECT locate_cells('{}', '{}') AS none, locate_cells('{114.5}', '{38.5}') AS one, locate_cells('{114.5,100,115}', '{38.5,38.5,39}') AS three;
SELECT locate_cells('{114.5,115}', '{38.5}');
SELECT locate_cells('{{114.5,115}}', '{{38.5,38.5}}');
SELECT locate_cells('{114.5,NULL}', '{38.5,38.5}');
SELECT locate_cells('{114.5,38.5}', '{38.5,114.5}');
SELECT * FROM locate_count('SELECT * FROM (VALUES (114.5::float8, 38.5::float8), (114.6, 38.6), (NULL, 38.5), (100, 38.5)) AS v');
SELECT * FROM locate_count('SELECT NULL::geometry UNION ALL SELECT ST_SetSRID(ST_MakePoint(114.5, 38.5, 7, 8), 4326)');
SELECT * FROM locate_count('SELECT 1, 2');
SELECT * FROM locate_count('SELECT ST_Point(38.5, 114.5, 4326)');
SELECT * FROM locate_count('SELEC 1');
SELECT * FROM locate_count('DELETE FROM mkt.grid_cell');
SELECT * FROM locate_count('SELECT ST_Point(114.5, 38.5, 4326); SELECT 1');
CREATE FUNCTION public.move_cell() RETURNS float8 LANGUAGE sql AS 'UPDATE mkt.grid_cell SET cell_id = 70; SELECT 38.5::float8';
SELECT * FROM locate_count('SELECT 114.5::float8, move_cell() FROM generate_series(1, 2000)');

-- CGCS2000 is taken as WGS 84
SELECT locate_cell('SRID=4490;POINT(114.5 38.5)'::geometry) AS cgcs2000, _cell_at('SRID=4490;POINT(114.5 38.5)'::geometry) AS column_too;

-- both ways round the antimeridian there is land: cut there, as GeoJSON says
UPDATE grid_cell SET geom = 'SRID=4326;MULTIPOLYGON(((179 50, 180 50, 180 51, 179 51, 179 50)), ((-180 50, -179 50, -179 51, -180 51, -180 50)))';
SELECT locate(179.5, 50.5) AS west_of_it, locate(-179.5, 50.5) AS east_of_it, locate(180, 50.5) AS on_it, locate(-180, 50.5) AS on_it_again, locate(0, 50.5) IS NULL AS not_greenwich;

-- a cell without area, and one that is not on earth
UPDATE grid_cell SET geom = 'SRID=4326;MULTIPOLYGON EMPTY';
SELECT locate(114.5, 38.5) IS NULL AS empty_covers_nothing;
UPDATE grid_cell SET geom = 'SRID=4326;MULTIPOLYGON(((114 38, 195 38, 115 39, 114 38)))';
SELECT locate(114.5, 38.5);
UPDATE grid_cell SET geom = 'SRID=4326;MULTIPOLYGON(((114 38, 115 38, 115 39, 114 38)))';
SELECT locate(114.9, 38.5) AS well_again;

-- a branch is answered from its own cells only, whatever the session asked before
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh) VALUES (12, 1, 2, 'B2', 'x', 'x'), (13, 12, 3, 'B3', 'x', 'x'), (14, 13, 4, 'B4', 'x', 'x'), (15, 14, 5, 'B5', 'x', 'x'), (16, 15, 6, 'B6', 'x', 'x'), (17, 16, 7, 'B7', 'x', 'x');
DELETE FROM grid_cell;
SELECT put(1, ST_MakeEnvelope(114, 38, 115, 39)), put(2, ST_MakeEnvelope(114.5, 38, 116, 39));
UPDATE grid_cell SET grid_id = 15, org_id = 17 WHERE cell_id = 2;
CREATE ROLE grid_index_a; CREATE ROLE grid_index_b; CREATE ROLE grid_index_office; CREATE ROLE grid_index_none;
SELECT grant_access('grid_index_a', 'bi_reader', 2), grant_access('grid_index_b', 'bi_reader', 12), grant_access('grid_index_office', 'head_office', 1);
GRANT USAGE ON SCHEMA mkt TO grid_index_none;
GRANT EXECUTE ON FUNCTION locate_cell(float8, float8) TO grid_index_none;
CREATE TABLE public.spot AS SELECT * FROM (VALUES ('only 1', 114.2, 38.5), ('both', 114.7, 38.5), ('border', 115, 38.5), ('only 2', 115.5, 38.5)) AS s(name, lon, lat);
GRANT SELECT ON public.spot TO PUBLIC;
SELECT name, locate_cell(lon, lat), locate(lon, lat) FROM public.spot ORDER BY lon;
BEGIN;
SET LOCAL ROLE grid_index_a;
SELECT name, locate_cell(lon, lat), locate(lon, lat) FROM public.spot ORDER BY lon;
SET LOCAL ROLE grid_index_b;
SELECT name, locate_cell(lon, lat), locate(lon, lat) FROM public.spot ORDER BY lon;
SELECT count(*) FROM grid_index_info();
ROLLBACK;
SET ROLE grid_index_office;
SELECT name, locate_cell(lon, lat), locate(lon, lat) FROM public.spot ORDER BY lon;
SET ROLE grid_index_none;
SELECT locate_cell(114.2, 38.5);
RESET ROLE;
UPDATE grid_cell SET org_id = 17 WHERE cell_id = 1;   -- handed over
SET ROLE grid_index_b;
SELECT name, locate_cell(lon, lat), locate(lon, lat) FROM public.spot ORDER BY lon;
RESET ROLE;
SELECT locate_cell(114.7, 38.5) AS all_again;
DROP OWNED BY grid_index_a, grid_index_b, grid_index_office, grid_index_none;
DROP ROLE grid_index_a, grid_index_b, grid_index_office, grid_index_none;

-- the version is gone, and no platform
DELETE FROM grid_version;
SELECT locate(114.5, 38.5);
INSERT INTO grid_version DEFAULT VALUES;
SELECT locate(114.5, 38.5);
DROP TABLE grid_version;
SELECT locate(114.5, 38.5);

-- in a plan: one call
EXPLAIN (COSTS OFF, VERBOSE) SELECT locate_cell(point) FROM probe;
