-- battle_map: maps of cells and units as rows, GeoJSON and tiles; days of the past; what is refused
\set SHOW_CONTEXT never
SET search_path = mkt, public;
SET client_min_messages = warning;
SET TimeZone = 'Asia/Shanghai';
SET DateStyle = ISO;

-- two cities; six cells of 0.01 degree in each, side by side; customers, tasks and sales in some
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh) VALUES (1, NULL, 1, 'P', 'P', '省'), (2, 1, 2, 'A', 'A', '甲市'), (3, 1, 2, 'B', 'B', '乙市');
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh)
SELECT t * 10 + c, CASE t WHEN 3 THEN c ELSE (t - 1) * 10 + c END, t, 'U' || t || c, 'U' || t || c, '单位' || t || c
FROM generate_series(3, 7) AS t, generate_series(2, 3) AS c ORDER BY t, c;
INSERT INTO staff (staff_id, code, name, name_zh, post_code, org_id) VALUES (1, 'S1', 'One', '甲', 'field_manager', 72), (2, 'S2', 'Two', '乙', 'field_manager', 73);
INSERT INTO grid_cell (cell_id, code, name, name_zh, kind, grid_id, org_id, geom, area_km2, households)
SELECT n, 'C' || n, 'C' || n, '格' || n, (ARRAY['rural', 'community'])[1 + n % 2], 52 + n / 6, 72 + n / 6,
       ST_Multi(ST_MakeEnvelope(114.5 + n * 0.01, 38, 114.51 + n * 0.01, 38.01, 4326)), 0.97, 100 + n
FROM generate_series(0, 11) AS n;
INSERT INTO customer (cid, customer_key, net, cell_id) SELECT n, 'K' || n, CASE WHEN n % 3 = 0 THEN 'off' ELSE 'own' END, n % 8 FROM generate_series(0, 79) AS n;
INSERT INTO customer_profile (cid, churn_score) SELECT n, n / 100.0 FROM generate_series(1, 79, 2) AS n;
INSERT INTO product (product_code, type_code, family, name, name_zh, business, price, owner_org, core) VALUES ('p', 'plan', 'p', 'Plan', '套餐', 'plan', 100, 1, true);
INSERT INTO sales_order (order_key, cid, org_id, product_code, sale_scene, flow, amount, placed_at)
SELECT 'SO' || n, n, 72 + n % 8 / 6, 'p', 'field', 'fixed', n, '2026-11-03 10:00' FROM generate_series(0, 39) AS n;

SELECT cell_id, name_zh, kind, own_customers AS own, off_customers AS off, own_share, off_share, sales_orders AS sales, sales_yuan, churn_risk, staff_code, city_code
FROM mkt_cockpit.command_battle_map ORDER BY cell_id;

-- ---- GeoJSON ------------------------------------------------------------
CREATE TEMP VIEW feature AS
SELECT o.code AS unit, f AS feature FROM org AS o, json_array_elements(battle_map_geojson(o.org_id) -> 'features') AS f;
SELECT code, tier, (SELECT count(*) FROM feature WHERE unit = o.code) AS features FROM org AS o ORDER BY tier, code;
SELECT battle_map_geojson(2) ->> 'type' AS type, bool_and(feature ->> 'type' = 'Feature') AS features FROM feature WHERE unit = 'A';
-- every property is what the view says, every shape what the map says
SELECT count(*) AS differ
FROM (SELECT (feature ->> 'id')::integer AS cell_id, feature FROM feature WHERE unit = 'P') AS f
FULL JOIN mkt_cockpit.command_battle_map AS m USING (cell_id)
LEFT JOIN grid_cell AS g USING (cell_id)
WHERE (f.feature -> 'properties')::jsonb IS DISTINCT FROM to_jsonb(m) OR NOT ST_Equals(ST_GeomFromGeoJSON(f.feature -> 'geometry'), g.geom);

-- ---- units --------------------------------------------------------------
SELECT battle_map_refresh('2026-11-03 12:00') AS units;
SELECT code, tier, cells, own_customers AS own, off_customers AS off, own_share, sales_orders AS sales, sales_yuan, churn_risk, refreshed_at FROM mkt_cockpit.command_unit_map ORDER BY tier, code;
-- drawn with fewer points, none of which moved by more than the width of a cell
SELECT bool_and(ST_HausdorffDistance(u.geom, g.geom) <= 0.01 AND ST_IsValid(u.geom)) AS shapes FROM battle_map_unit AS u
CROSS JOIN LATERAL (SELECT ST_Union(c.geom) AS geom FROM mkt._cell_figure AS c WHERE u.org_id IN (c.grid_id, c.county_id, c.city_id)) AS g;
-- drawn anew when the map or the tree changes, and only then
CREATE TEMP TABLE drawn AS SELECT org_id, built_from FROM battle_map_unit;
SELECT battle_map_refresh('2026-11-03 12:05') AS units;
SELECT count(*) AS same FROM battle_map_unit JOIN drawn USING (org_id, built_from);
UPDATE grid_cell SET grid_id = 53, org_id = 73 WHERE cell_id = 5;
SELECT battle_map_refresh('2026-11-03 12:10') AS units;
SELECT count(*) AS same FROM battle_map_unit JOIN drawn USING (org_id, built_from);
SELECT code, cells, round(ST_Area(geom)::numeric, 6) AS degrees FROM battle_map_unit AS u JOIN org USING (org_id) WHERE u.tier = 5 ORDER BY code;
UPDATE grid_cell SET grid_id = 52, org_id = 72 WHERE cell_id = 5;
SELECT battle_map_refresh('2026-11-03 12:10') AS units;

-- ---- tiles --------------------------------------------------------------
CREATE FUNCTION pg_temp.tile_of(z integer, lon float8, lat float8, OUT x integer, OUT y integer) LANGUAGE sql
RETURN (floor((lon + 180) / 360 * (1 << z))::integer, floor((1 - ln(tan(radians(lat)) + 1 / cos(radians(lat))) / pi()) / 2 * (1 << z))::integer);
-- the name of a layer stands in its bytes; what a reader of tiles says of them is in test/t
SELECT z, length(t.tile) > 0 AS has_bytes, substring(t.tile FROM position('\x0a'::bytea IN t.tile) + 2 FOR get_byte(t.tile, position('\x0a'::bytea IN t.tile))) AS layer
FROM unnest(ARRAY[6, 7, 8, 9, 11, 12, 16]) AS z
CROSS JOIN LATERAL pg_temp.tile_of(z, 114.535, 38.005) AS p
CROSS JOIN LATERAL battle_map_tile(z, p.x, p.y) AS t(tile);
SELECT z, length(battle_map_tile(z, 0, 0)) AS nothing_there FROM unnest(ARRAY[6, 12, 22]) AS z;
-- two neighbours: the cell on their border is in both
SELECT z, p.x, position('C3'::bytea IN battle_map_tile(z, p.x, p.y)) > 0 AS has_c3 FROM unnest(ARRAY[13]) AS z CROSS JOIN LATERAL pg_temp.tile_of(z, 114.535, 38.005) AS p;

-- ---- the past -----------------------------------------------------------
SELECT battle_map_take('2026-11-03 23:45') AS taken;
SELECT battle_map_take('2026-11-03 23:50') AS not_again;
UPDATE customer SET net = 'own' WHERE cell_id = 0;
UPDATE sales_order SET state = 'cancelled', cancelled_at = '2026-11-04 09:00' WHERE cid = 1;
INSERT INTO grid_cell (cell_id, code, name, name_zh, kind, grid_id, org_id, geom, area_km2)
VALUES (12, 'C12', 'C12', '格12', 'business', 53, 73, ST_Multi(ST_MakeEnvelope(114.62, 38, 114.63, 38.01, 4326)), 0.97);
UPDATE staff SET code = 'S9' WHERE staff_id = 2;
SELECT battle_map_take('2026-11-04 23:45') AS taken;
SELECT cell_id, name_zh, what, own_customers AS own, own_change, off_change, own_share_pp, sales_orders_change AS sales, sales_yuan_change AS yuan, staff_code, staff_before
FROM battle_map_compare('2026-11-03', '2026-11-04') WHERE (own_change, sales_orders_change, what, staff_code) IS DISTINCT FROM (0, 0, 'both', staff_before) ORDER BY cell_id;
SELECT count(*) AS of_city_a FROM battle_map_compare('2026-11-03', '2026-11-04', 2);
SELECT what, count(*) FROM battle_map_compare('2026-11-04', '2026-11-03') GROUP BY what ORDER BY what;
SELECT day, sum(own_customers) AS own, sum(sales_yuan) AS yuan, count(*) AS cells, max(as_of) AS as_of FROM mkt_cockpit.command_battle_map_past GROUP BY day ORDER BY day;
-- the GeoJSON of a past day has its figures
SELECT (f #>> '{properties,day}')::date AS day, f #>> '{properties,own_customers}' AS own FROM json_array_elements(battle_map_geojson(2, '2026-11-03') -> 'features') AS f WHERE f ->> 'id' = '0';
-- what is past does not change; whole days go when they are old, the first of a month stays
UPDATE battle_map_snapshot SET own_customers = 0;
\echo :LAST_ERROR_SQLSTATE
SELECT battle_map_take(d) > 0 AS taken FROM generate_series(timestamptz '2026-11-05 12:00', '2026-12-31 12:00', '9 days') AS d;
SELECT battle_map_trim('2027-01-10 03:00') AS trimmed;
SELECT day FROM battle_map_snapshot GROUP BY day ORDER BY day;
SELECT battle_map_trim('2027-01-10 03:00') AS nothing_left;

-- ---- a branch sees its own ------------------------------------------------
CREATE ROLE battle_map_branch; CREATE ROLE battle_map_nobody;
SELECT grant_access('battle_map_branch', 'bi_reader', 3);
SELECT grant_access('battle_map_nobody', 'bi_reader', 3);
DELETE FROM access_grant WHERE role_name = 'battle_map_nobody';
SET ROLE battle_map_branch;
SELECT json_array_length(battle_map_geojson(1) -> 'features') AS of_all, json_array_length(battle_map_geojson(2) -> 'features') AS of_a, json_array_length(battle_map_geojson(3) -> 'features') AS of_b;
SELECT z, position('C3'::bytea IN t.tile) > 0 AS has_c3_of_a, position('C7'::bytea IN t.tile) > 0 AS has_c7_of_b
FROM unnest(ARRAY[12]) AS z CROSS JOIN LATERAL pg_temp.tile_of(z, 114.56, 38.005) AS p CROSS JOIN LATERAL battle_map_tile(z, p.x, p.y) AS t(tile);
SELECT position('U52'::bytea IN t.tile) > 0 AS has_grid_of_a, position('U53'::bytea IN t.tile) > 0 AS has_grid_of_b
FROM unnest(ARRAY[10]) AS z CROSS JOIN LATERAL pg_temp.tile_of(z, 114.56, 38.005) AS p CROSS JOIN LATERAL battle_map_tile(z, p.x, p.y) AS t(tile);
SELECT count(*) AS foreign_units FROM mkt_cockpit.command_unit_map WHERE code IN ('A', 'U32', 'U52');
SELECT count(*) AS cells, min(cell_id) AS from_cell FROM battle_map_compare('2026-11-03', '2026-12-02');
SELECT battle_map_take();
SELECT battle_map_refresh();
RESET ROLE;
SET ROLE battle_map_nobody;
SELECT json_array_length(battle_map_geojson(1) -> 'features') AS nothing, length(battle_map_tile(0, 0, 0)) AS no_bytes;
SELECT * FROM battle_map_compare('2026-11-03', '2026-12-02');
RESET ROLE;
DROP OWNED BY battle_map_branch, battle_map_nobody;
DELETE FROM access_grant;
DROP ROLE battle_map_branch, battle_map_nobody;

-- ---- refused ------------------------------------------------------------
SELECT battle_map_tile(-1, 0, 0);
\echo :LAST_ERROR_SQLSTATE
SELECT battle_map_tile(23, 0, 0);
SELECT battle_map_tile(3, 8, 0);
SELECT battle_map_tile(3, 0, -1);
SELECT battle_map_tile(3, NULL, 0);
SELECT battle_map_geojson(99);
\echo :LAST_ERROR_SQLSTATE
SELECT battle_map_geojson(NULL);
SELECT battle_map_geojson(1, '2020-01-01');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM battle_map_compare('2026-11-03', '2020-01-01');
SELECT * FROM battle_map_compare(NULL, '2026-11-03');
SELECT * FROM battle_map_compare('2026-11-03', '2026-11-03', 99);
SELECT battle_map_take(NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT battle_map_trim('2027-01-10', '-1 day');
\echo :LAST_ERROR_SQLSTATE
SELECT battle_map_trim('2027-01-10', NULL);
