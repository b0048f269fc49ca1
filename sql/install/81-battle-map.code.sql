-- ----------------------------------------------------------------------
-- sql/install/81-battle-map.code.sql: battle maps as vector tiles, as GeoJSON,
-- of units, and as they were. The map of cells is a view (80-cockpit-command).
--
-- PostGIS is called through small BEGIN ATOMIC functions, which are bound at
-- creation to whatever schema it lives in.
-- ----------------------------------------------------------------------

-- ---- PostGIS, bound once ----------------------------------------------
CREATE FUNCTION mkt._tile_box(z integer, x integer, y integer) RETURNS geometry
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN ST_Transform(ST_TileEnvelope(z, x, y, margin => 64.0 / 4096), 4326);
COMMENT ON FUNCTION mkt._tile_box(integer, integer, integer) IS 'What a tile and its border of 64 of 4096 units show, in SRID 4326.';

CREATE FUNCTION mkt._meets(a geometry, b geometry) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN a && b;
COMMENT ON FUNCTION mkt._meets(geometry, geometry) IS 'Whether bounding boxes meet: the operator of the index.';

-- Properties come as jsonb because a tile's rows have no type of their own here.
CREATE FUNCTION mkt._tile(layer text, z integer, x integer, y integer, ids bigint[], shapes geometry[], properties jsonb[]) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(ST_AsMVT(t, layer, 4096, 'geom', 'id'), ''::bytea)
    FROM (SELECT u.id, u.properties, ST_AsMVTGeom(ST_Transform(u.shape, 3857), e.box, 4096, 64, true) AS geom
          FROM unnest(ids, shapes, properties) AS u(id, shape, properties),
               ST_TileEnvelope(z, x, y) AS e(box)) AS t
    WHERE t.geom IS NOT NULL;
END;
COMMENT ON FUNCTION mkt._tile(text, integer, integer, integer, bigint[], geometry[], jsonb[]) IS 'A Mapbox vector tile of one layer; what is smaller than a unit of the tile is left out.';

CREATE FUNCTION mkt._union(shapes geometry[]) RETURNS geometry
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ST_Multi(ST_CollectionExtract(ST_Union(shapes), 3));
COMMENT ON FUNCTION mkt._union(geometry[]) IS 'The union of polygons, as one multipolygon.';

CREATE FUNCTION mkt._with_fewer_points(shape geometry, degrees float8) RETURNS geometry
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ST_Multi(ST_CollectionExtract(ST_MakeValid(ST_SimplifyPreserveTopology(shape, degrees)), 3));
COMMENT ON FUNCTION mkt._with_fewer_points(geometry, float8) IS 'A shape for looking from afar: no point moves by more than so many degrees.';

CREATE FUNCTION mkt._as_geojson(shape geometry) RETURNS json
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ST_AsGeoJSON(shape, 6)::json;
COMMENT ON FUNCTION mkt._as_geojson(geometry) IS 'A shape as GeoJSON, six decimals (a tenth of a metre).';

-- ---- tiles -------------------------------------------------------------
CREATE FUNCTION mkt.battle_map_tile(z integer, x integer, y integer) RETURNS bytea
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    SET jit = off
AS $$
DECLARE
    here record;            -- a field, because the type geometry is in a schema of its own
    -- from this zoom on a layer shows units of this tier; 7: the cells themselves
    shown integer := CASE WHEN z <= 6 THEN 2 WHEN z <= 8 THEN 3 WHEN z <= 11 THEN 5 ELSE 7 END;
BEGIN
    PERFORM mkt._require_platform();
    IF z IS NULL OR x IS NULL OR y IS NULL OR z NOT BETWEEN 0 AND 22 OR x NOT BETWEEN 0 AND (1 << z) - 1 OR y NOT BETWEEN 0 AND (1 << z) - 1 THEN
        RAISE EXCEPTION 'there is no tile %/%/%', coalesce(z::text, 'NULL'), coalesce(x::text, 'NULL'), coalesce(y::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'A tile is z/x/y as web maps count: z from 0 to 22, x from the west and y from the north, each from 0 to 2^z - 1.';
    END IF;
    SELECT mkt._tile_box(z, x, y) AS box INTO here;
    IF shown < 7 THEN
        RETURN (
            SELECT mkt._tile(min(t.code), z, x, y, array_agg(u.org_id::bigint), array_agg(u.geom), array_agg(jsonb_build_object(
                       'code', o.code, 'name', o.name, 'name_zh', o.name_zh, 'cells', u.cells, 'area_km2', u.area_km2, 'households', u.households,
                       'own_customers', u.own_customers, 'off_customers', u.off_customers,
                       'own_share', round(u.own_customers::numeric / nullif(u.own_customers + u.off_customers, 0), 4),
                       'churn_risk', round(u.churn_score / nullif(u.scored, 0), 4),
                       'ports_total', u.ports_total, 'ports_free', u.ports_total - u.ports_used,
                       'open_tasks', u.open_tasks, 'overdue_tasks', u.overdue_tasks, 'succeeded', u.succeeded,
                       'sales_orders', u.sales_orders, 'sales_yuan', u.sales_yuan)))
            FROM mkt.battle_map_unit AS u
            JOIN mkt.org AS o ON o.org_id = u.org_id
            JOIN mkt.tier AS t ON t.tier = u.tier
            WHERE u.tier = shown AND mkt._meets(u.geom, here.box));
    END IF;
    RETURN (
        SELECT mkt._tile('cell', z, x, y, array_agg(f.cell_id::bigint), array_agg(f.geom), array_agg(jsonb_build_object(
                   'code', f.code, 'name', f.name, 'name_zh', f.name_zh, 'kind', f.kind, 'grid_code', f.grid_code, 'area_km2', f.area_km2, 'households', f.households,
                   'own_customers', f.own_customers, 'off_customers', f.off_customers,
                   'own_share', round(f.own_customers::numeric / nullif(f.own_customers + f.off_customers, 0), 4),
                   'churn_risk', round(f.churn_score / nullif(f.scored, 0), 4),
                   'ports_total', f.ports_total, 'ports_free', f.ports_total - f.ports_used,
                   'open_tasks', f.open_tasks, 'overdue_tasks', f.overdue_tasks, 'succeeded', f.succeeded,
                   'sales_orders', f.sales_orders, 'sales_yuan', f.sales_yuan)))
        FROM mkt._cell_figure AS f
        WHERE mkt._meets(f.geom, here.box));
END
$$;
COMMENT ON FUNCTION mkt.battle_map_tile(integer, integer, integer) IS
    'Battle maps as a Mapbox vector tile: layer city to zoom 6, county to 8, grid to 11 (figures of mkt.battle_map_unit), cell from 12 on (figures of this moment). Only what the caller sees; an empty tile has no bytes (S0-021, S0-022).';

-- ---- GeoJSON -----------------------------------------------------------
CREATE FUNCTION mkt._units_below(org integer) RETURNS integer[]
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    unit record;
BEGIN
    PERFORM mkt._require_platform();
    SELECT o.lft, o.rgt INTO unit FROM mkt.org AS o WHERE o.org_id = org;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unit % does not exist', coalesce(org::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'Units are listed in mkt.org.';
    END IF;
    RETURN ARRAY(SELECT o.org_id FROM mkt.org AS o WHERE o.tier = 7 AND o.lft BETWEEN unit.lft AND unit.rgt);
END
$$;
COMMENT ON FUNCTION mkt._units_below(integer) IS 'The individuals (tier 7) of a subtree: who serves its cells.';

CREATE FUNCTION mkt.battle_map_geojson(org integer, day date DEFAULT NULL) RETURNS json
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    SET jit = off
AS $$
DECLARE
    units integer[] := mkt._units_below(org);
BEGIN
    IF day IS NOT NULL THEN
        PERFORM mkt._require_snapshot(day);
    END IF;
    RETURN json_build_object('type', 'FeatureCollection', 'features', coalesce((
        SELECT json_agg(json_build_object('type', 'Feature', 'id', g.cell_id, 'geometry', mkt._as_geojson(g.geom),
                                          'properties', coalesce(p.figures, n.figures)) ORDER BY g.cell_id)
        FROM mkt.grid_cell AS g
        LEFT JOIN (SELECT m.cell_id, row_to_json(m) AS figures FROM mkt_cockpit.command_battle_map AS m
                   WHERE battle_map_geojson.day IS NULL AND m.org_id = ANY (units)) AS n ON n.cell_id = g.cell_id
        LEFT JOIN (SELECT m.cell_id, row_to_json(m) AS figures FROM mkt_cockpit.command_battle_map_past AS m
                   WHERE m.day = battle_map_geojson.day) AS p ON p.cell_id = g.cell_id
        WHERE g.org_id = ANY (units) AND num_nonnulls(p.figures, n.figures) = 1), '[]'));
END
$$;
COMMENT ON FUNCTION mkt.battle_map_geojson(integer, date) IS
    'The battle maps of a unit as a GeoJSON FeatureCollection: a feature for each cell, with the columns of mkt_cockpit.command_battle_map as properties, or with those of a past day. Only what the caller sees (S0-021, S0-022).';

-- ---- units: the jobs ---------------------------------------------------
CREATE FUNCTION mkt._battle_map_shapes(fingerprint text) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    drawn bigint;
BEGIN
    DELETE FROM mkt.battle_map_unit AS u WHERE u.built_from <> fingerprint;
    WITH grid AS MATERIALIZED (
        SELECT o.org_id, o.parent_id, mkt._union(array_agg(g.geom)) AS geom
        FROM mkt.grid_cell AS g
        JOIN mkt.org AS o ON o.org_id = g.grid_id
        GROUP BY o.org_id
    ), county AS MATERIALIZED (
        SELECT o.org_id, o.parent_id, mkt._union(array_agg(g.geom)) AS geom
        FROM grid AS g
        JOIN mkt.org AS line ON line.org_id = g.parent_id
        JOIN mkt.org AS o ON o.org_id = line.parent_id
        GROUP BY o.org_id
    ), city AS (
        SELECT c.parent_id AS org_id, mkt._union(array_agg(c.geom)) AS geom
        FROM county AS c
        GROUP BY c.parent_id
    )
    INSERT INTO mkt.battle_map_unit (org_id, tier, geom, built_from)
    SELECT s.org_id, s.tier, mkt._with_fewer_points(s.geom, s.degrees), fingerprint
    FROM (SELECT c.org_id, 2 AS tier, c.geom, 0.01 AS degrees FROM city AS c       -- half a pixel where they are shown last
          UNION ALL SELECT c.org_id, 3, c.geom, 0.0025 FROM county AS c
          UNION ALL SELECT g.org_id, 5, g.geom, 0.0003 FROM grid AS g) AS s
    ON CONFLICT ON CONSTRAINT battle_map_unit_pkey DO NOTHING;
    GET DIAGNOSTICS drawn = ROW_COUNT;
    RETURN drawn;
END
$$;
COMMENT ON FUNCTION mkt._battle_map_shapes(text) IS 'Draws every city, county and grid anew as the union of its cells.';

CREATE FUNCTION mkt.battle_map_refresh(as_of timestamptz DEFAULT now()) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    fingerprint text;
    refreshed   bigint;
BEGIN
    PERFORM mkt._require_platform();
    -- two at once would draw everything twice
    PERFORM pg_advisory_xact_lock(hashtextextended('mkt battle map', 0));
    SELECT md5(concat(max(v.stamp::text), string_agg(o.org_id || ' ' || o.parent_id, ',' ORDER BY o.org_id))) INTO fingerprint
    FROM mkt.grid_version AS v, mkt.org AS o
    WHERE o.tier BETWEEN 2 AND 5;
    IF NOT EXISTS (SELECT FROM mkt.battle_map_unit AS u WHERE u.built_from = fingerprint) THEN
        PERFORM mkt._battle_map_shapes(fingerprint);
    END IF;

    WITH figure AS (
        SELECT coalesce(f.grid_id, f.county_id, f.city_id) AS org_id, count(*) AS cells, sum(f.area_km2) AS area_km2, sum(f.households) AS households,
               sum(f.ports_total) AS ports_total, sum(f.ports_used) AS ports_used, sum(f.own_customers) AS own_customers, sum(f.off_customers) AS off_customers,
               sum(f.scored) AS scored, sum(f.churn_score) AS churn_score, sum(f.issued_tasks) AS issued_tasks, sum(f.succeeded) AS succeeded,
               sum(f.overdue_tasks) AS overdue_tasks, sum(f.open_tasks) AS open_tasks, sum(f.sales_orders) AS sales_orders, sum(f.sales_yuan) AS sales_yuan,
               max(f.as_of) AS as_of
        FROM mkt._cell_figure AS f
        GROUP BY GROUPING SETS ((f.grid_id), (f.county_id), (f.city_id))
    )
    UPDATE mkt.battle_map_unit AS u
    SET (cells, area_km2, households, ports_total, ports_used, own_customers, off_customers, scored, churn_score,
         issued_tasks, succeeded, overdue_tasks, open_tasks, sales_orders, sales_yuan, as_of, refreshed_at)
      = (f.cells, f.area_km2, f.households, f.ports_total, f.ports_used, f.own_customers, f.off_customers, f.scored, f.churn_score,
         f.issued_tasks, f.succeeded, f.overdue_tasks, f.open_tasks, f.sales_orders, f.sales_yuan, f.as_of, battle_map_refresh.as_of)
    FROM figure AS f
    WHERE f.org_id = u.org_id;
    GET DIAGNOSTICS refreshed = ROW_COUNT;
    RETURN refreshed;
END
$$;
COMMENT ON FUNCTION mkt.battle_map_refresh(timestamptz) IS
    'Job: adds up the figures of cities, counties and grids for maps seen from afar, and draws their shapes anew when the map or the tree has changed; returns the units.';

-- ---- as they were ------------------------------------------------------
CREATE FUNCTION mkt.battle_map_take(as_of timestamptz DEFAULT now()) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    taken bigint;
    today date;
BEGIN
    PERFORM mkt._require_platform();
    IF as_of IS NULL THEN
        RAISE EXCEPTION 'a snapshot needs a time'
            USING ERRCODE = 'null_value_not_allowed', HINT = 'as_of says which day the snapshot is of.';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('mkt battle map', 0));
    today := (SELECT (battle_map_take.as_of AT TIME ZONE p.time_zone)::date FROM mkt.platform AS p);
    IF EXISTS (SELECT FROM mkt.battle_map_snapshot AS s WHERE s.day = today) THEN
        RETURN 0;
    END IF;
    INSERT INTO mkt.battle_map_snapshot (day, cell_id, area_km2, households, ports_total, ports_used, own_customers, off_customers, scored, churn_score,
                                         issued_tasks, succeeded, overdue_tasks, open_tasks, sales_orders, sales_yuan, staff_code, taken_at)
    SELECT today, f.cell_id, f.area_km2, f.households, f.ports_total, f.ports_used, f.own_customers, f.off_customers, f.scored, f.churn_score,
           f.issued_tasks, f.succeeded, f.overdue_tasks, f.open_tasks, f.sales_orders, f.sales_yuan, m.staff_code, battle_map_take.as_of
    FROM mkt._cell_figure AS f
    JOIN mkt_cockpit.command_battle_map AS m ON m.cell_id = f.cell_id
    ORDER BY f.cell_id;
    GET DIAGNOSTICS taken = ROW_COUNT;
    RETURN taken;
END
$$;
COMMENT ON FUNCTION mkt.battle_map_take(timestamptz) IS
    'Job: keeps the battle maps of this moment as those of the day (in the time zone of the platform); returns the cells, 0 when the day has its snapshot already.';

CREATE FUNCTION mkt.battle_map_trim(as_of timestamptz DEFAULT now(), keep interval DEFAULT '35 days') RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    trimmed bigint;
BEGIN
    PERFORM mkt._require_platform();
    IF as_of IS NULL OR keep IS NULL OR keep < interval '0' THEN
        RAISE EXCEPTION 'snapshots cannot be kept for %', coalesce(keep::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Say for how long to keep every day, 35 days for instance.';
    END IF;
    -- day by day down the index, not row by row
    WITH RECURSIVE days AS (
        SELECT min(s.day) AS day FROM mkt.battle_map_snapshot AS s
        UNION ALL
        SELECT (SELECT min(s.day) FROM mkt.battle_map_snapshot AS s WHERE s.day > d.day) FROM days AS d WHERE d.day IS NOT NULL
    ), old AS (
        SELECT d.day, row_number() OVER (PARTITION BY date_trunc('month', d.day) ORDER BY d.day) > 1 AS later_in_month
        FROM days AS d WHERE d.day IS NOT NULL
    )
    DELETE FROM mkt.battle_map_snapshot AS s
    USING old AS o, mkt.platform AS p
    WHERE s.day = o.day AND o.later_in_month AND o.day < (battle_map_trim.as_of AT TIME ZONE p.time_zone - keep)::date;
    GET DIAGNOSTICS trimmed = ROW_COUNT;
    RETURN trimmed;
END
$$;
COMMENT ON FUNCTION mkt.battle_map_trim(timestamptz, interval) IS
    'Job: removes snapshots older than keep, except the first of each month, which stays for good; returns the rows.';

CREATE FUNCTION mkt._require_snapshot(day date) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM mkt.battle_map_snapshot AS s WHERE s.day = _require_snapshot.day) THEN
        RAISE EXCEPTION 'there is no battle map of %', coalesce(day::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'SELECT DISTINCT day FROM mkt_cockpit.command_battle_map_past; job battle_map_take keeps one a day.';
    END IF;
END
$$;
COMMENT ON FUNCTION mkt._require_snapshot(date) IS 'Raises P0002 when no snapshot of the day is there for the caller.';

CREATE FUNCTION mkt.battle_map_compare(from_day date, to_day date, org integer DEFAULT NULL)
    RETURNS TABLE (cell_id integer, code text, name_zh text, what text, own_customers bigint, own_change bigint, off_customers bigint, off_change bigint,
                   own_share numeric, own_share_pp numeric, ports_free integer, ports_free_change integer, open_tasks bigint, open_change bigint,
                   succeeded_change bigint, sales_orders_change bigint, sales_yuan_change numeric, staff_code text, staff_before text)
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1000
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    units integer[] := CASE WHEN org IS NOT NULL THEN mkt._units_below(org) END;
BEGIN
    PERFORM mkt._require_snapshot(from_day), mkt._require_snapshot(to_day);
    RETURN QUERY
        SELECT coalesce(a.cell_id, b.cell_id), g.code, g.name_zh,
               CASE WHEN b.cell_id IS NULL THEN 'new' WHEN a.cell_id IS NULL THEN 'gone' ELSE 'both' END,
               a.own_customers, a.own_customers - b.own_customers, a.off_customers, a.off_customers - b.off_customers,
               round(s.after, 4), round((s.after - s.before) * 100, 2),
               a.ports_total - a.ports_used, a.ports_total - a.ports_used - (b.ports_total - b.ports_used),
               a.open_tasks, a.open_tasks - b.open_tasks, a.succeeded - b.succeeded, a.sales_orders - b.sales_orders, a.sales_yuan - b.sales_yuan,
               a.staff_code, b.staff_code
        FROM (SELECT * FROM mkt.battle_map_snapshot AS x WHERE x.day = to_day) AS a
        FULL JOIN (SELECT * FROM mkt.battle_map_snapshot AS x WHERE x.day = from_day) AS b ON b.cell_id = a.cell_id
        LEFT JOIN mkt.grid_cell AS g ON g.cell_id = coalesce(a.cell_id, b.cell_id)
        CROSS JOIN LATERAL (SELECT a.own_customers::numeric / nullif(a.own_customers + a.off_customers, 0) AS after,
                                   b.own_customers::numeric / nullif(b.own_customers + b.off_customers, 0) AS before) AS s
        WHERE units IS NULL OR g.org_id = ANY (units);
END
$$;
COMMENT ON FUNCTION mkt.battle_map_compare(date, date, integer) IS
    'Two days of the battle maps side by side, of all cells or of a unit: the later figures and what changed; what says new, gone or both. Changes of a cell that was not there on one of the days are NULL (S0-021, S0-022).';
