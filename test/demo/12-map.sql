-- test/demo/12-map.sql: real county boundaries, divided among their villages.
-- The file has 168 boundaries, 98 of them invalid as such files are: repaired,
-- none skipped. Development zones lie inside other counties and have no
-- boundary of their own; their villages get no cell.
CREATE TABLE demo.feature (doc jsonb NOT NULL);
\set copy '\\copy demo.feature FROM PROGRAM ''gzip -dc ':data'/hebei_counties.geojson.gz'' (FORMAT csv, QUOTE e''\\x01'', DELIMITER e''\\x02'')'
:copy

-- Five boundaries carry the name of a county renamed or merged since.
CREATE TABLE demo.renamed (city_code text, name text, now_code text);
INSERT INTO demo.renamed VALUES
    ('1302', '滦县', '130284'), ('1305', '桥东区', '130502'), ('1305', '桥西区', '130503'), ('1305', '邢台县', '130503'), ('1305', '任县', '130505');

CREATE TABLE demo.boundary AS
SELECT coalesce(f.feature #>> '{properties,code}', d.code, r.now_code) AS county_code,
       f.feature #>> '{properties,name}' AS name,
       ST_GeomFromGeoJSON(f.feature -> 'geometry') AS geom
FROM (SELECT jsonb_array_elements(doc -> 'features') AS feature FROM demo.feature) AS f
LEFT JOIN demo.division AS d
       ON d.level = 'county' AND d.parent_code = f.feature #>> '{properties,city_code}' AND d.name = f.feature #>> '{properties,name}'
LEFT JOIN demo.renamed AS r
       ON r.city_code = f.feature #>> '{properties,city_code}' AND r.name = f.feature #>> '{properties,name}';

\echo county boundaries as the file has them
-- psql shows one NOTICE a polygon, 98 lines; the table says it shorter
SET client_min_messages = warning;
ALTER TABLE demo.boundary ADD problem text;
UPDATE demo.boundary SET problem = nullif(ST_IsValidReason(geom), 'Valid Geometry');
SELECT count(*) AS boundaries, count(problem) AS invalid_and_repaired,
       (array_agg(name || ': ' || problem ORDER BY county_code, name) FILTER (WHERE problem IS NOT NULL))[1] AS "for example"
FROM demo.boundary;
CREATE TABLE demo.county AS
SELECT b.county_code, ST_Multi(ST_Union(mkt.grid_polygon(b.geom, b.name))) AS geom
FROM demo.boundary AS b
GROUP BY b.county_code;
RESET client_min_messages;
ALTER TABLE demo.county ADD PRIMARY KEY (county_code);
ANALYZE demo.county;
-- what the map is checked against: the counties, and the province they make up
SELECT count(mkt.map_outline_put(o.org_id, c.geom)) AS county_outlines FROM demo.county AS c JOIN mkt.org AS o ON o.code = c.county_code;
SELECT mkt.map_outline_put(o.org_id, (SELECT ST_Union(c.geom) FROM demo.county AS c)) FROM mkt.org AS o WHERE o.parent_id IS NULL \g /dev/null

-- As many random points in a county as it has villages; the region nearer to
-- a point than to any other is a cell. Only regions that cross the border
-- need clipping.
CREATE TABLE demo.region AS
WITH sized AS (
    SELECT c.county_code, c.geom, count(*)::integer AS villages
    FROM demo.county AS c
    JOIN demo.village AS v ON v.county_code = c.county_code
    GROUP BY c.county_code
), tile AS (
    SELECT s.county_code, s.geom AS county, (ST_Dump(ST_VoronoiPolygons(site.points, 0, ST_Expand(s.geom, 0.1)))).geom AS geom
    FROM sized AS s
    -- shared out among the parts of a county points are rounded: ask for more, keep as many as needed
    CROSS JOIN LATERAL (
        SELECT ST_Collect(p.geom) AS points
        FROM ST_Dump(ST_GeneratePoints(s.geom, s.villages + ST_NumGeometries(s.geom),
                                       1 + floor(demo.rnd('map', s.county_code::bigint) * 1000000000)::integer)) AS p
        WHERE p.path[1] <= s.villages) AS site
)
SELECT t.county_code,
       CASE WHEN ST_Covers(t.county, t.geom) THEN t.geom
            ELSE ST_CollectionExtract(ST_Intersection(t.county, t.geom), 3) END AS geom
FROM tile AS t;

-- Points sort along a Hilbert curve, so villages in code order, and with them
-- the grids, come to lie side by side.
CREATE TABLE demo.cell AS
WITH place AS (
    SELECT r.county_code, r.geom, row_number() OVER (PARTITION BY r.county_code ORDER BY ST_Centroid(r.geom)) AS n
    FROM demo.region AS r
), village AS (
    SELECT v.*, row_number() OVER (PARTITION BY v.county_code ORDER BY v.code) AS n,
           row_number() OVER (ORDER BY v.code) AS cell_id
    FROM demo.village AS v
), sized AS (
    SELECT v.cell_id::integer AS cell_id, v.code, initcap(v.kind) || ' ' || v.code AS name, v.name AS name_zh, v.kind,
           g.org_id AS grid_id, i.org_id AS org_id, p.geom,
           -- households spread as a long tail; a community holds about five villages
           floor(exp(demo.rnd('households', v.cell_id) * 1.6 + CASE v.kind WHEN 'community' THEN 6.4 ELSE 4.8 END))::integer AS households
    FROM village AS v
    JOIN place AS p ON p.county_code = v.county_code AND p.n = v.n
    JOIN mkt.org AS g ON g.code = v.grid_code
    JOIN mkt.org AS i ON i.code = v.individual_code
), wired AS (
    SELECT s.*, ceil(s.households * (0.5 + 0.6 * demo.rnd('ports', s.cell_id)) / 8)::integer * 8 AS ports_total
    FROM sized AS s
)
SELECT w.*, floor(w.ports_total * (0.3 + 0.6 * demo.rnd('ports used', w.cell_id)))::integer AS ports_used
FROM wired AS w;

SELECT count(*) AS cells_repaired_while_loading FROM mkt.grid_cell_load('demo.cell');
DROP TABLE demo.feature, demo.region, demo.cell;
ANALYZE mkt.grid_cell;

-- A hall in the busiest community of every grid of the community line.
INSERT INTO mkt.hall (code, name, name_zh, org_id, cell_id, location)
SELECT DISTINCT ON (g.code) 'H' || g.code, 'Hall ' || g.code, g.name_zh || '营业厅', c.org_id, c.cell_id, ST_PointOnSurface(c.geom)
FROM mkt.grid_cell AS c
JOIN mkt.org AS g ON g.org_id = c.grid_id
WHERE g.area_kind = 'community'
ORDER BY g.code, c.households DESC, c.cell_id;
ANALYZE mkt.hall;

\echo cells of the map, one village or community each
SELECT c.kind, count(*) AS cells, count(DISTINCT c.grid_id) AS grids, count(DISTINCT c.org_id) AS individuals,
       round(sum(c.area_km2)) AS area_km2, sum(c.households) AS households,
       round(100.0 * sum(c.ports_used) / sum(c.ports_total), 1) AS ports_used_pct,
       count(*) FILTER (WHERE ST_IsValidReason(c.geom) <> 'Valid Geometry') AS invalid
FROM mkt.grid_cell AS c
GROUP BY ROLLUP (c.kind)
ORDER BY c.kind;

SELECT (SELECT count(*) FROM demo.village) AS villages,
       (SELECT count(*) FROM mkt.grid_cell) AS cells,
       (SELECT count(*) FROM demo.village AS v WHERE NOT EXISTS (SELECT FROM demo.county AS c WHERE c.county_code = v.county_code)) AS without_boundary,
       (SELECT count(*) FROM mkt.hall) AS halls;

\echo the first version of the map, and what one county leaves uncovered
SELECT v.version, v.code, v.state, (SELECT count(*) FROM mkt.map_change AS d WHERE d.version = v.version) AS cells,
       (SELECT count(*) FROM mkt.grid_gaps(1, (SELECT o.org_id FROM mkt.org AS o JOIN mkt.map_outline AS l USING (org_id) WHERE o.tier = 3 ORDER BY o.code LIMIT 1))) AS gaps
FROM mkt.map_version AS v;
