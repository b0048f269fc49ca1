-- grid_locate: from a point to a cell and a grid, and every point that is refused
SET search_path = mkt, public;
\set VERBOSITY default
\set SHOW_CONTEXT never

INSERT INTO org (org_id, parent_id, tier, code, name, name_zh)
VALUES (1, NULL, 1, 'P', 'Province', '省'), (2, 1, 2, 'C', 'City', '市'), (3, 2, 3, 'D', 'County', '县'), (4, 3, 4, 'L', 'Line', '线'),
       (5, 4, 5, 'G1', 'Grid 1', '格一'), (6, 4, 5, 'G2', 'Grid 2', '格二'), (7, 5, 6, 'E1', 'CEO 1', '小CEO一'), (8, 6, 6, 'E2', 'CEO 2', '小CEO二'),
       (9, 7, 7, 'I1', 'Individual 1', '兵一'), (10, 8, 7, 'I2', 'Individual 2', '兵二');

-- a square with a hole, its right neighbour (listed first, higher number), the
-- island in the hole, a bow tie, and two parts in one
CREATE TABLE public.map (cell_id int, code text, grid_id int, org_id int, geom geometry);
INSERT INTO public.map VALUES
    (20, 'right',  6, 10, 'SRID=4326;POLYGON((115 38, 116 38, 116 39, 115 39, 115 38))'),
    (10, 'left',   5,  9, 'SRID=4326;POLYGON((114 38, 115 38, 115 39, 114 39, 114 38), (114.4 38.4, 114.6 38.4, 114.6 38.6, 114.4 38.6, 114.4 38.4))'),
    (30, 'island', 6, 10, 'SRID=4326;POLYGON((114.4 38.4, 114.6 38.4, 114.6 38.6, 114.4 38.6, 114.4 38.4))'),
    (40, 'bowtie', 5,  9, 'SRID=4326;POLYGON((117 38, 118 39, 118 38, 117 39, 117 38))'),
    (50, 'two',    6, 10, 'SRID=4326;MULTIPOLYGON(((119 38, 120 38, 120 39, 119 38)), ((121 38, 122 38, 122 39, 121 38)))');
ALTER TABLE public.map ADD name text, ADD name_zh text, ADD kind text DEFAULT 'rural', ADD households int DEFAULT 100, ADD ports_total int DEFAULT 80, ADD ports_used int DEFAULT 40;
UPDATE public.map SET name = code, name_zh = code;

-- loading says what was wrong and repairs it: both wings of the bow tie stay
SELECT * FROM grid_cell_load('public.map');
SELECT cell_id, code, repaired, ST_IsValid(geom) AS valid, ST_NumGeometries(geom) AS parts, round(ST_Area(geom)::numeric, 3) AS degrees2, round(area_km2) AS area_km2
FROM grid_cell ORDER BY cell_id;
-- again, with the bow tie untied: replaced, no notice
UPDATE public.map SET geom = ST_MakeEnvelope(117, 38, 118, 39, 4326) WHERE code = 'bowtie';
SELECT * FROM grid_cell_load('public.map');
SELECT code, repaired FROM grid_cell WHERE repaired;

-- inside, hole, gap, both parts, outside
SELECT code, locate_cell(ST_SetSRID(p, 4326)) AS cell, locate(ST_SetSRID(p, 4326)) AS grid, locate(ST_X(p), ST_Y(p)) AS by_lon_lat
FROM (VALUES ('left', ST_MakePoint(114.2, 38.2)), ('right', ST_MakePoint(115.5, 38.5)), ('in the hole', ST_MakePoint(114.5, 38.5)),
             ('part one', ST_MakePoint(119.9, 38.5)), ('part two', ST_MakePoint(121.9, 38.5)), ('between the parts', ST_MakePoint(120.5, 38.5)),
             ('north', ST_MakePoint(114.5, 39.5)), ('far away', ST_MakePoint(-70, -30))) AS t(code, p);

-- the boundary rule: edges and corners belong; where two share, the lowest cell has it
SELECT code, locate_cell(ST_SetSRID(p, 4326)) AS cell
FROM (VALUES ('outer corner', ST_MakePoint(114, 38)), ('outer edge', ST_MakePoint(114.5, 38)), ('shared edge', ST_MakePoint(115, 38.5)), ('shared corner', ST_MakePoint(115, 39)),
             ('edge of the hole', ST_MakePoint(114.5, 38.4)), ('corner of the hole', ST_MakePoint(114.6, 38.6)), ('right edge', ST_MakePoint(116, 38.5)),
             ('just outside', ST_MakePoint(116.0000000001, 38.5))) AS t(code, p);

-- refused: what is no place on earth, and what looks swapped
SELECT locate('NaN', 38);
SELECT locate(114, 'NaN');
SELECT locate('Infinity', 38);
SELECT locate(38.5, 114.5);
SELECT locate(181, 38);
SELECT locate(200, 100);
SELECT locate(NULL, 38.0) IS NULL AS null_in_null_out;
SELECT locate('SRID=3857;POINT(12700000 4600000)'::geometry);
SELECT locate('POINT(114.5 38.5)'::geometry);
SELECT locate('SRID=4326;POINT EMPTY'::geometry);
SELECT locate('SRID=4326;LINESTRING(114 38, 115 39)'::geometry);
SELECT locate('SRID=4326;POINT(38.5 114.5)'::geometry);

-- refused: what cannot be a cell; nothing of the load stays
UPDATE public.map SET code = code || ' again';
UPDATE public.map SET geom = 'SRID=4326;LINESTRING(114 38, 115 39)' WHERE cell_id = 50;
SELECT * FROM grid_cell_load('public.map');
UPDATE public.map SET geom = 'SRID=4326;POLYGON EMPTY' WHERE cell_id = 50;
SELECT * FROM grid_cell_load('public.map');
UPDATE public.map SET geom = NULL WHERE cell_id = 50;
SELECT * FROM grid_cell_load('public.map');
UPDATE public.map SET geom = 'POLYGON((119 38, 120 38, 120 39, 119 38))' WHERE cell_id = 50;
SELECT * FROM grid_cell_load('public.map');
UPDATE public.map SET geom = 'SRID=4326;POLYGON((38 119, 38 120, 39 120, 38 119))' WHERE cell_id = 50;
SELECT * FROM grid_cell_load('public.map');
-- a grid that is none: an individual
UPDATE public.map SET geom = ST_MakeEnvelope(119, 38, 120, 39, 4326), grid_id = 9 WHERE cell_id = 50;
SELECT * FROM grid_cell_load('public.map');
SELECT count(*) FILTER (WHERE code LIKE '% again') AS loaded_in_part FROM grid_cell;

-- GeoJSON in; a collection keeps its polygons
SELECT ST_AsText(ST_Normalize(grid_polygon('{"type":"Polygon","coordinates":[[[114,38],[115,39],[115,38],[114,39],[114,38]]]}', 'bow tie')));
SELECT ST_AsText(grid_polygon('SRID=4326;GEOMETRYCOLLECTION(POINT(1 1), POLYGON((0 0, 1 0, 1 1, 0 0)))'::geometry));

-- halls by distance: the radius counts, ties by number
INSERT INTO hall (code, name, name_zh, location)
SELECT 'H' || n, 'Hall ' || n, '厅' || n, ST_SetSRID(ST_MakePoint(114 + dx, 38), 4326)
FROM (VALUES (1, 0.3), (2, 0.1), (3, -0.1), (4, 0.01)) AS h(n, dx);
SELECT code, round(metres) AS metres FROM nearest_halls(114, 38, 3, 50000);
SELECT code FROM nearest_halls(114, 38, 3, 1000);
SELECT code FROM nearest_halls(114, 38, 1);
SELECT code FROM nearest_halls(38, 114, 1);
SELECT * FROM nearest_halls(114, 38, -1);
SELECT * FROM nearest_halls(114, 38, 3, 'NaN');
SELECT count(*) AS none FROM nearest_halls(114, 38, 0);

-- against measuring them all: many halls, some in one place, near and far, both ways round the antimeridian and at a pole
\set seed `echo "${SEED:-20261121}"`
SELECT set_config('grid_locate.seed', :'seed', false) = :'seed' AS seeded;
CREATE FUNCTION public.rnd(salt text, n bigint) RETURNS float8 LANGUAGE sql
    RETURN (hashtextextended(salt || ':' || n, current_setting('grid_locate.seed')::bigint) & 4503599627370495) / 4503599627370496.0;
DELETE FROM hall;
INSERT INTO hall (code, name, name_zh, location)
SELECT 'R' || n, 'Hall', '厅', ST_SetSRID(ST_MakePoint(113 + 4 * rnd('x', n / 2), 36 + 4 * rnd('y', n / 2)), 4326) FROM generate_series(1, 2000) AS n
UNION ALL SELECT 'A' || n, 'Hall', '厅', ST_SetSRID(ST_MakePoint(CASE WHEN n % 2 = 0 THEN 180 - rnd('a', n) ELSE rnd('a', n) - 180 END, 50 + rnd('b', n)), 4326) FROM generate_series(1, 50) AS n
UNION ALL SELECT 'N' || n, 'Hall', '厅', ST_SetSRID(ST_MakePoint(360 * rnd('p', n) - 180, 89.9 + 0.1 * rnd('q', n)), 4326) FROM generate_series(1, 50) AS n;
ANALYZE hall;
SELECT current_setting('grid_locate.seed') AS seed, p.lon, p.lat, p.k, p.radius
FROM (SELECT 113 + 4 * rnd('px', n) AS lon, 36 + 4 * rnd('py', n) AS lat, 1 + n % 12 AS k, CASE n % 3 WHEN 0 THEN 5000 WHEN 1 THEN 50000 ELSE 1e8 END AS radius FROM generate_series(1, 60) AS n
      UNION ALL VALUES (180, 50.5, 9, 1e5), (-180, 50.5, 9, 1e5), (0, 90, 7, 1e5), (12, -90, 3, 3e7), (179.99, 50.2, 30, 3e5)) AS p
CROSS JOIN LATERAL (SELECT array_agg(h.hall_id ORDER BY h.m, h.hall_id) AS ids FROM (
    SELECT h.hall_id, ST_Distance(h.location::geography, ST_Point(p.lon, p.lat, 4326)::geography) AS m FROM hall AS h
    WHERE ST_Distance(h.location::geography, ST_Point(p.lon, p.lat, 4326)::geography) <= p.radius ORDER BY 2, 1 LIMIT p.k) AS h) AS brute
WHERE brute.ids IS DISTINCT FROM (SELECT array_agg(n.hall_id ORDER BY n.metres, n.hall_id) FROM nearest_halls(p.lon, p.lat, p.k, p.radius) AS n);
-- both steps go by the index
SET enable_seqscan = off; SET enable_sort = off; SET enable_bitmapscan = off;
CREATE FUNCTION public.by_index(query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE 'EXPLAIN (COSTS OFF, FORMAT json) ' || query INTO plan;
    RETURN plan::text ~ '"Index Name": "hall_location_idx"' AND plan::text !~ '"(Sort|Seq Scan)"';
END
$$;
SELECT by_index('SELECT hall_id FROM hall AS h ORDER BY _sphere_metres(h.location, _make_point(114, 38)) LIMIT 3') AS nearest,
       by_index('SELECT hall_id FROM hall AS h WHERE _within_metres(h.location, _make_point(114, 38), 1000)') AS within;
RESET enable_seqscan; RESET enable_sort; RESET enable_bitmapscan;
