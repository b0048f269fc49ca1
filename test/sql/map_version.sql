-- map_version: drafts of the map, what is wrong with one, publishing, and who
-- moves with it (S0-021, S0-022)
SET search_path = mkt, public;
SET client_min_messages = warning;
\set VERBOSITY default
\set SHOW_CONTEXT never
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh)
VALUES (1, NULL, 1, 'P', 'Province', '省'), (2, 1, 2, 'C', 'City', '市'), (3, 2, 3, 'D', 'County', '县'), (4, 3, 4, 'L', 'Line', '线'),
       (5, 4, 5, 'G1', 'Grid 1', '格一'), (6, 4, 5, 'G2', 'Grid 2', '格二'), (7, 5, 6, 'E1', 'CEO 1', '小CEO一'), (8, 6, 6, 'E2', 'CEO 2', '小CEO二'),
       (9, 7, 7, 'I1', 'Individual 1', '兵一'), (10, 8, 7, 'I2', 'Individual 2', '兵二');
CREATE TABLE public.map (cell_id int, code text, name text, name_zh text, kind text DEFAULT 'rural', grid_id int, org_id int, geom geometry, households int DEFAULT 100, ports_total int DEFAULT 80, ports_used int DEFAULT 40);
CREATE FUNCTION public.cell(id integer, shape geometry) RETURNS void LANGUAGE sql AS $$
    INSERT INTO public.map (cell_id, code, name, name_zh, grid_id, org_id, geom) VALUES (id, 'cell ' || id, 'Cell', '村', 5 + id % 2, 9 + id % 2, ST_SetSRID(shape, 4326)) $$;

-- version 1: four squares in a row and one above
SELECT cell(n, ST_MakeEnvelope(113 + n, 38, 114 + n, 39)) FROM generate_series(1, 4) AS n \g /dev/null
SELECT cell(5, ST_MakeEnvelope(114, 39, 118, 40)) \g /dev/null
SELECT map_open('2026-11', 'November', '十一月', '2026-11-01 00:00+08') AS version;
SELECT * FROM map_load(1, 'public.map');
SELECT count(*) AS published, count(locate(114.5, 38.5)) AS located FROM grid_cell;
SELECT * FROM map_check(1);
SELECT * FROM map_publish(1, '2026-11-02 00:00+08');
SELECT version, code, name_zh, state, opened_at AT TIME ZONE 'Asia/Shanghai' AS opened, published_at AT TIME ZONE 'Asia/Shanghai' AS published, published_by = current_user AS mine FROM map_version;
INSERT INTO customer (customer_key, net, location) SELECT 'x' || x || ' y' || y, 'own', ST_SetSRID(ST_MakePoint(114 + x / 4.0, 38.1 + y / 2.0), 4326) FROM generate_series(0, 16) AS x, generate_series(0, 3) AS y;
INSERT INTO customer (customer_key, net, cell_id) VALUES ('by hand, no address', 'own', 2);
INSERT INTO hall (code, name, name_zh, location, cell_id) VALUES ('H', 'Hall', '厅', 'SRID=4326;POINT(115.9 38.5)', 2);
INSERT INTO address (code, name, name_zh, location) SELECT 'A' || x, 'Address', '地址', ST_SetSRID(ST_MakePoint(114.05 + x / 4.0, 38.5), 4326) FROM generate_series(0, 15) AS x;
SELECT customer_assign_cells() AS customers, address_assign_cells() AS addresses;
INSERT INTO network_resource (code, kind_code, name, name_zh, cell_id, capacity, used) VALUES ('S2', 'splitter', 'Splitter', '分光箱', 2, 64, 16);
SELECT cell_id, count(*) FROM customer GROUP BY 1 ORDER BY 1;

-- version 2: the border between 2 and 3 moves, 5 goes, 6 comes, 1 changes its name only
TRUNCATE public.map;
SELECT cell(2, ST_MakeEnvelope(115, 38, 115.6, 39)), cell(3, ST_MakeEnvelope(115.6, 38, 117, 39)), cell(6, ST_MakeEnvelope(114, 39, 116, 40)), cell(1, ST_MakeEnvelope(114, 38, 115, 39)) \g /dev/null
UPDATE public.map SET name_zh = '新村' WHERE cell_id = 1;
SELECT map_open('2026-12', 'December', '十二月', '2026-11-20 00:00+08') AS version;
SELECT map_open('2026-13', 'Another', '又一', '2026-11-20 00:00+08');
SELECT * FROM grid_cell_load('public.map');
SELECT * FROM map_load(2, 'public.map');
SELECT map_remove(2, '{5}');
-- until it is published nobody sees it
SELECT name_zh, locate_cell(115.7, 38.5) FROM grid_cell WHERE cell_id = 1;
SELECT cell_id, since FROM map_cells(2) ORDER BY 1;
CREATE TABLE public.was AS SELECT cid, cell_id FROM customer;
BEGIN;
SELECT * FROM map_publish(2, '2026-12-01 00:00+08');
ROLLBACK;
SELECT locate_cell(115.7, 38.5) AS still_2, (SELECT count(*) FROM customer JOIN public.was USING (cid) WHERE customer.cell_id IS DISTINCT FROM was.cell_id) AS moved, (SELECT state FROM map_version WHERE version = 2);
SELECT * FROM map_publish(2, '2026-12-01 00:00+08');
SELECT locate_cell(115.7, 38.5) AS now_3, locate_cell(114.5, 39.5) AS now_6, locate_cell(117.5, 39.5) AS nobody;
SELECT was.cell_id AS was, c.cell_id AS "is", count(*) FROM customer AS c JOIN public.was USING (cid) WHERE c.cell_id IS DISTINCT FROM was.cell_id GROUP BY 1, 2 ORDER BY 1, 2;
SELECT count(*) FILTER (WHERE cell_id IS DISTINCT FROM locate_cell(location)) AS wrong, count(*) FILTER (WHERE location IS NULL AND cell_id = 2) AS by_hand FROM customer;
SELECT (SELECT cell_id FROM hall) AS hall, (SELECT count(*) FROM address WHERE cell_id IS DISTINCT FROM locate_cell(location)) AS addresses_wrong;
SELECT cell_id, ports_total, ports_used FROM grid_cell WHERE cell_id IN (2, 3) ORDER BY 1;
-- the cell that went keeps its row, for what refers to it
SELECT code, ST_IsEmpty(geom) AS empty, area_km2, households, ports_total FROM grid_cell WHERE cell_id = 5;
-- earlier versions can be shown; those published stay as they are
SELECT version, count(*) AS cells, string_agg(cell_id || CASE WHEN name_zh = '新村' THEN ' renamed' ELSE '' END, ', ' ORDER BY cell_id) AS which, round(sum(area_km2)) AS km2
FROM generate_series(1, 2) AS version, LATERAL map_cells(version) GROUP BY 1 ORDER BY 1;
SELECT t AS at, map_version_at(t::timestamptz) FROM unnest(ARRAY['2026-11-01 00:00+08', '2026-11-02 00:00+08', '2026-11-30 23:59+08', '2026-12-01 00:00+08']) AS t;
SELECT count(*) AS differ FROM (SELECT cell_id, ST_AsEWKB(geom), code, name_zh, grid_id FROM map_cells(2) EXCEPT SELECT cell_id, ST_AsEWKB(geom), code, name_zh, grid_id FROM grid_cell WHERE NOT ST_IsEmpty(geom)) AS d;
SELECT * FROM map_load(2, 'public.map');
SELECT map_remove(1, '{1}');
SELECT map_publish(2);
SELECT map_drop(1);
SELECT map_publish(99);
SELECT * FROM map_cells(99);
-- a draft given up
SELECT map_open('test', 'Test', '试', '2026-12-02 00:00+08') AS version;
SELECT map_remove(3, '{77}');
SELECT map_remove(3, '{1}'), map_drop(3);
SELECT count(*) AS left_over FROM map_change WHERE version = 3;
-- a cell that went comes back with grid_cell_load, which does all three at once
TRUNCATE public.map;
SELECT cell(5, ST_MakeEnvelope(116, 39, 118, 40)) \g /dev/null
SELECT * FROM grid_cell_load('public.map', '2026-12-03 00:00+08');
SELECT version, code, name, state FROM map_version ORDER BY 1;
SELECT count(*) AS wrong FROM customer WHERE cell_id IS DISTINCT FROM locate_cell(location) AND location IS NOT NULL;
-- somebody changed cells by hand: everybody is looked at
UPDATE grid_cell SET geom = ST_Multi(ST_MakeEnvelope(117, 38, 117.5, 39, 4326)) WHERE cell_id = 4;
SELECT customer_assign_cells() AS none, customer_assign_cells(NULL) AS four;

-- overlaps and gaps of the map, with the area
SELECT * FROM grid_overlaps();
UPDATE grid_cell SET geom = ST_Multi(ST_MakeEnvelope(116.9, 38, 118, 39, 4326)) WHERE cell_id = 4;
SELECT cell_id, other_id, round(area_m2) AS area_m2, round(area_m2 - ST_Area(ST_MakeEnvelope(116.9, 38, 117, 39, 4326)::geography)) AS off FROM grid_overlaps();
SELECT count(*) AS above FROM grid_overlaps(1e9);
SELECT map_outline_put(1, ST_MakeEnvelope(114, 38, 118, 40, 4326)), map_outline_put(2, ST_MakeEnvelope(114, 38, 116, 39.5, 4326));
SELECT * FROM grid_gaps();
UPDATE grid_cell SET geom = ST_Multi(ST_MakeEnvelope(115, 38, 115.5, 39, 4326)) WHERE cell_id = 2;
SELECT org_id, round(area_m2 - ST_Area(ST_MakeEnvelope(115.5, 38, 115.6, 39, 4326)::geography)) AS off, ST_XMin(geom), ST_XMax(geom) FROM grid_gaps() ORDER BY org_id;
SELECT count(*) AS of_one FROM grid_gaps(unit => 2);
SELECT count(*) AS above FROM grid_gaps(1e11);
-- a sliver below the tolerance is none
UPDATE grid_cell SET geom = ST_Multi(ST_MakeEnvelope(115, 38, 115.6 - 1e-12, 39, 4326)) WHERE cell_id = 2;
SELECT count(*) AS slivers, max(area_m2) > 0 AS some FROM grid_gaps(0, 2);
SELECT count(*) AS above FROM grid_gaps(unit => 2);

-- a draft is checked before: beyond the province, overlapping, leaving gaps, repaired
TRUNCATE public.map;
SELECT cell(4, ST_MakeEnvelope(117.2, 38, 118.5, 39)), cell(7, ST_MakeEnvelope(115.1, 38.1, 115.2, 38.2)), cell(8, 'POLYGON((115.15 38.1, 115.3 38.2, 115.3 38.1, 115.15 38.2, 115.15 38.1))'::geometry) \g /dev/null
SELECT map_open('bad', 'Bad', '坏', '2026-12-04 00:00+08') AS version \gset
SELECT * FROM map_load(:version, 'public.map');
SELECT problem, cell_id, other_id, round(area_m2 / 1e6) AS km2, detail FROM map_check(:version);
SELECT map_publish(:version);
DELETE FROM map_change WHERE version = :version AND cell_id = 4;
SELECT cells FROM map_publish(:version, '2026-12-05 00:00+08');
SELECT code, repaired FROM grid_cell WHERE repaired;

-- a branch reads the changes of its own cells, and changes nothing
CREATE ROLE map_version_a; CREATE ROLE map_version_office;
SELECT grant_access('map_version_a', 'bi_reader', 5), grant_access('map_version_office', 'head_office', 1);
SET ROLE map_version_a;
SELECT count(*) > 0 AS own, bool_and(org_id = 9) AS only_own FROM map_change;
SELECT map_open('mine', 'Mine', '我的');
RESET ROLE;
DROP OWNED BY map_version_a, map_version_office;
DROP ROLE map_version_a, map_version_office;
