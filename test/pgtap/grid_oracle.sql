-- grid_oracle: locate() answers what a plain ST_Covers over all cells says, on
-- random points and on the awkward ones: vertices, middles of edges, corners.
\set seed `echo "${SEED:-20261102}"`
\echo # seed :seed
BEGIN;
SELECT plan(5);
SELECT set_config('mkt_test.seed', :'seed', true) \gset
CREATE FUNCTION pg_temp.rnd(salt text, n bigint) RETURNS float8 LANGUAGE sql
    RETURN (hashtextextended(salt || ':' || n, current_setting('mkt_test.seed')::bigint) & 1073741823) / 1073741824.0;

INSERT INTO mkt.org (org_id, parent_id, tier, code, name, name_zh)
SELECT n, nullif(n - 1, 0), n, 'U' || n, 'Unit ' || n, '单位' || n FROM generate_series(1, 7) AS n;

-- 300 Voronoi cells share their borders; numbers are dealt at random, so the
-- lowest number is nowhere in particular; two more cells overlap many
CREATE TEMP TABLE map AS
WITH site AS (SELECT ST_Collect(ST_MakePoint(114 + pg_temp.rnd('x', n), 38 + pg_temp.rnd('y', n))) AS points FROM generate_series(1, 300) AS n),
shape AS (
    SELECT ST_SetSRID((ST_Dump(ST_VoronoiPolygons(points))).geom, 4326) AS geom FROM site
    UNION ALL SELECT ST_Buffer(ST_SetSRID(ST_MakePoint(114.3, 38.3), 4326), 0.2)
    UNION ALL SELECT ST_Difference(ST_MakeEnvelope(114.5, 38.5, 115, 39, 4326), ST_MakeEnvelope(114.6, 38.6, 114.7, 38.7, 4326))
)
SELECT (row_number() OVER (ORDER BY pg_temp.rnd('number', (ST_X(ST_Centroid(geom)) * 1e9)::bigint)))::integer AS cell_id, geom,
       5 AS grid_id, 7 AS org_id, 'rural' AS kind, 0 AS households, 0 AS ports_total, 0 AS ports_used
FROM shape;
ALTER TABLE map ADD code text, ADD name text, ADD name_zh text;
UPDATE map SET code = 'cell ' || cell_id, name = 'cell', name_zh = '格';
SELECT count(*) FROM mkt.grid_cell_load('map') \gset
ANALYZE mkt.grid_cell;

CREATE TEMP TABLE probe AS
SELECT 'random' AS kind, ST_SetSRID(ST_MakePoint(112.5 + 4 * pg_temp.rnd('px', n), 36.5 + 4 * pg_temp.rnd('py', n)), 4326) AS point FROM generate_series(1, 3000) AS n
UNION ALL SELECT 'vertex', (ST_DumpPoints(geom)).geom FROM map
UNION ALL SELECT 'middle of an edge', ST_LineInterpolatePoint(s.geom, 0.5) FROM map CROSS JOIN LATERAL ST_DumpSegments(map.geom) AS s;

-- the oracle: every cell, no index, no function of ours
CREATE TEMP TABLE answer AS
SELECT p.kind, p.point, mkt.locate_cell(p.point) AS got, mkt.locate(p.point) AS grid,
       (SELECT min(m.cell_id) FROM map AS m WHERE ST_Covers(m.geom, p.point)) AS want
FROM probe AS p;

SELECT is_empty($$SELECT kind, ST_AsText(point), got, want FROM answer WHERE got IS DISTINCT FROM want$$, 'locate_cell() is the lowest cell that ST_Covers the point');
SELECT is_empty($$SELECT * FROM answer WHERE grid IS DISTINCT FROM CASE WHEN want IS NOT NULL THEN 5 END$$, 'locate() is the grid of that cell');
SELECT ok((SELECT count(*) FILTER (WHERE want IS NULL) BETWEEN 100 AND 2900 FROM answer WHERE kind = 'random'), 'points inside and outside were asked');
SELECT cmp_ok((SELECT count(*) FROM answer AS a WHERE (SELECT count(*) FROM map AS m WHERE ST_Covers(m.geom, a.point)) > 1), '>', 500::bigint, 'hundreds of points had more than one cell to choose from');

-- the set-based assignment gives the same
INSERT INTO mkt.customer (customer_key, net, location) SELECT 'p' || row_number() OVER (), 'own', point FROM probe;
SELECT mkt.customer_assign_cells() \gset
SELECT is_empty($$
    SELECT c.customer_key FROM mkt.customer AS c
    WHERE c.cell_id IS DISTINCT FROM (SELECT min(m.cell_id) FROM map AS m WHERE ST_Covers(m.geom, c.location))$$,
    'customer_assign_cells() agrees for every point');

SELECT * FROM finish();
ROLLBACK;
