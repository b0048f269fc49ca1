-- ----------------------------------------------------------------------
-- sql/install/23-map.code.sql: versions of the map, and what is wrong with one.
-- A draft is a set of changed cells; publishing puts them into mkt.grid_cell and
-- places the customers, addresses and halls around them anew, in one
-- transaction: whoever asks sees the old version or the new one.
-- ----------------------------------------------------------------------

-- ---- a draft -------------------------------------------------------------
CREATE FUNCTION mkt._map_draft(version integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_state text := (SELECT v.state FROM mkt.map_version AS v WHERE v.version = _map_draft.version FOR UPDATE);
BEGIN
    IF found_state IS NULL THEN
        RAISE EXCEPTION 'map version % does not exist', version
            USING ERRCODE = 'undefined_object', HINT = 'SELECT mkt.map_open(''code'', ''name'', ''name_zh'') opens one.';
    ELSIF found_state <> 'draft' THEN
        RAISE EXCEPTION 'map version % is published and stays as it is', version
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Open another one with mkt.map_open().';
    END IF;
END
$$;
COMMENT ON FUNCTION mkt._map_draft(integer) IS 'Locks a version of the map for changes; refuses one that is no draft.';

CREATE FUNCTION mkt.map_open(code text, name text, name_zh text, as_of timestamptz DEFAULT now()) RETURNS integer
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    draft text := (SELECT v.code FROM mkt.map_version AS v WHERE v.state = 'draft');
    opened integer;
BEGIN
    IF draft IS NOT NULL THEN
        RAISE EXCEPTION 'map version "%" is still a draft', draft
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'There is one draft at a time: mkt.map_publish() or mkt.map_drop() it first.';
    END IF;
    INSERT INTO mkt.map_version AS v (code, name, name_zh, opened_at)
    VALUES (map_open.code, map_open.name, map_open.name_zh, as_of)
    RETURNING v.version INTO opened;
    RETURN opened;
END
$$;
COMMENT ON FUNCTION mkt.map_open(text, text, text, timestamptz) IS
    'Opens a draft of the next version of the map, as the map is now; returns its number (S0-021, S0-022).';

CREATE FUNCTION mkt.map_load(version integer, source regclass)
    RETURNS TABLE (code text, problem text)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    loaded   bigint;
    repaired bigint;
BEGIN
    PERFORM mkt._map_draft(version);
    EXECUTE format($q$
        INSERT INTO mkt.map_change AS c (version, cell_id, code, name, name_zh, kind, grid_id, org_id, geom, area_km2, problem,
                                         households, ports_total, ports_used)
        SELECT $1, s.cell_id, s.code, s.name, s.name_zh, s.kind, s.grid_id, s.org_id,
               clean.geom, mkt._area_km2(clean.geom), fact.invalid, s.households, s.ports_total, s.ports_used
        FROM %s AS s
        CROSS JOIN LATERAL (SELECT mkt._clean_polygon(s.geom, s.code) AS geom OFFSET 0) AS clean
        CROSS JOIN LATERAL mkt._shape_facts(s.geom) AS fact
        ON CONFLICT ON CONSTRAINT map_change_pkey DO UPDATE
        SET (removed, code, name, name_zh, kind, grid_id, org_id, geom, area_km2, problem, households, ports_total, ports_used)
          = (false, excluded.code, excluded.name, excluded.name_zh, excluded.kind, excluded.grid_id, excluded.org_id, excluded.geom,
             excluded.area_km2, excluded.problem, excluded.households, excluded.ports_total, excluded.ports_used)
        $q$, source) USING version;
    GET DIAGNOSTICS loaded = ROW_COUNT;
    RETURN QUERY EXECUTE format(
        'SELECT c.code, c.problem FROM %s AS s JOIN mkt.map_change AS c ON c.version = $1 AND c.cell_id = s.cell_id'
        ' WHERE c.problem IS NOT NULL ORDER BY c.cell_id', source) USING version;
    GET DIAGNOSTICS repaired = ROW_COUNT;
    IF repaired > 0 THEN
        RAISE NOTICE '% of % polygons were invalid and have been repaired', repaired, loaded
            USING HINT = 'SELECT * FROM mkt.map_change WHERE problem IS NOT NULL;';
    END IF;
END
$$;
COMMENT ON FUNCTION mkt.map_load(integer, regclass) IS
    'Puts or replaces cells in a draft from a table with columns cell_id, code, name, name_zh, kind, grid_id, org_id, geom, households, ports_total, ports_used. Invalid polygons are repaired, never skipped: one NOTICE, and one row for each with what was wrong. What cannot be a cell is refused by its code and nothing is loaded.';

CREATE FUNCTION mkt.map_remove(version integer, cells integer[]) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wrong   integer;
    removed bigint;
BEGIN
    PERFORM mkt._map_draft(version);
    SELECT n INTO wrong FROM unnest(cells) AS n WHERE NOT EXISTS (SELECT FROM mkt.grid_cell AS g WHERE g.cell_id = n);
    IF FOUND THEN
        RAISE EXCEPTION 'cell % is not on the map', wrong
            USING ERRCODE = 'undefined_object', HINT = 'A cell that is only in the draft goes with DELETE FROM mkt.map_change.';
    END IF;
    INSERT INTO mkt.map_change AS c (version, cell_id, removed, code, name, name_zh, kind, grid_id, org_id, geom, area_km2,
                                     households, ports_total, ports_used)
    SELECT map_remove.version, g.cell_id, true, g.code, g.name, g.name_zh, g.kind, g.grid_id, g.org_id, g.geom, g.area_km2,
           g.households, g.ports_total, g.ports_used
    FROM mkt.grid_cell AS g
    WHERE g.cell_id = ANY (cells)
    ON CONFLICT ON CONSTRAINT map_change_pkey DO UPDATE SET removed = true;
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN removed;
END
$$;
COMMENT ON FUNCTION mkt.map_remove(integer, integer[]) IS
    'Removes cells from the map in a draft. Once it is published their rows stay, for what refers to them, with an empty polygon and nobody in it.';

CREATE FUNCTION mkt.map_drop(version integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM mkt._map_draft(version);
    DELETE FROM mkt.map_version AS v WHERE v.version = map_drop.version;
END
$$;
COMMENT ON FUNCTION mkt.map_drop(integer) IS 'Gives a draft up.';

-- ---- what is wrong --------------------------------------------------------
CREATE FUNCTION mkt.map_outline_put(org_id integer, shape geometry) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    unit text := (SELECT o.code FROM mkt.org AS o WHERE o.org_id = map_outline_put.org_id);
BEGIN
    shape := mkt.grid_polygon(shape, unit);
    INSERT INTO mkt.map_outline AS l (org_id, geom, area_km2)
    VALUES (map_outline_put.org_id, shape, mkt._area_km2(shape))
    ON CONFLICT ON CONSTRAINT map_outline_pkey DO UPDATE SET (geom, area_km2) = (excluded.geom, excluded.area_km2);
END
$$;
COMMENT ON FUNCTION mkt.map_outline_put(integer, geometry) IS 'Says where the official boundary of a unit is; repaired if need be, with a NOTICE.';

CREATE FUNCTION mkt._map_beyond(version integer, tolerance_m2 float8)
    RETURNS TABLE (cell_id integer, code text, area_m2 float8)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
        WITH province AS MATERIALIZED (
            SELECT l.geom
            FROM mkt.org AS p
            JOIN mkt.map_outline AS l ON l.org_id = p.org_id
            WHERE p.parent_id IS NULL
        ), piece AS MATERIALIZED (   -- quick to ask, but cutting moves the border by some square metres
            SELECT mkt._pieces(p.geom) AS geom FROM province AS p
        ), within AS MATERIALIZED (
            SELECT DISTINCT d.cell_id
            FROM piece AS p
            JOIN mkt.map_change AS d ON mkt._covers(p.geom, d.geom)
            WHERE d.version = _map_beyond.version
        ), doubtful AS MATERIALIZED (
            SELECT d.cell_id, d.code, d.geom
            FROM mkt.map_change AS d
            WHERE d.version = _map_beyond.version AND NOT d.removed AND EXISTS (SELECT FROM province)
              AND NOT EXISTS (SELECT FROM within AS w WHERE w.cell_id = d.cell_id)
              AND mkt._outside_m2(d.geom, ARRAY(SELECT p.geom FROM piece AS p WHERE mkt._boxes_meet(p.geom, d.geom))) > tolerance_m2
        )
        SELECT d.cell_id, d.code, o.m2
        FROM doubtful AS d
        CROSS JOIN province AS p
        CROSS JOIN LATERAL (SELECT mkt._outside_m2(d.geom, ARRAY[p.geom]) OFFSET 0) AS o(m2)
        WHERE o.m2 > tolerance_m2
        ORDER BY d.cell_id;
END
$$;
COMMENT ON FUNCTION mkt._map_beyond(integer, float8) IS
    'Cells of a draft that lie beyond the outline of the province by more than so many square metres; none while there is no outline.';

CREATE FUNCTION mkt.grid_overlaps(tolerance_m2 float8 DEFAULT 1)
    RETURNS TABLE (cell_id integer, other_id integer, area_m2 float8)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 100
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
        -- Neighbours are found by tiles: under row security no index of shapes may be used, and every cell would meet every other.
        WITH cell AS MATERIALIZED (
            SELECT g.cell_id, g.geom FROM mkt.grid_cell AS g
        ), tile AS MATERIALIZED (
            SELECT c.cell_id, t.tile FROM cell AS c CROSS JOIN LATERAL mkt._box_tiles(c.geom) AS t(tile)
        ), near AS MATERIALIZED (
            SELECT DISTINCT a.cell_id, b.cell_id AS other_id FROM tile AS a JOIN tile AS b ON b.tile = a.tile AND b.cell_id > a.cell_id
        )
        SELECT a.cell_id, b.cell_id, o.m2
        FROM near AS n
        JOIN cell AS a ON a.cell_id = n.cell_id
        JOIN cell AS b ON b.cell_id = n.other_id AND mkt._boxes_meet(a.geom, b.geom)
        CROSS JOIN LATERAL (SELECT mkt._overlap_m2(a.geom, b.geom) OFFSET 0) AS o(m2)
        WHERE o.m2 > tolerance_m2
        ORDER BY o.m2 DESC, a.cell_id, b.cell_id;
END
$$;
COMMENT ON FUNCTION mkt.grid_overlaps(float8) IS
    'Pairs of cells that share more than so many square metres, the largest first. Points there belong to the lower cell_id (S0-021, S0-022).';

CREATE FUNCTION mkt._map_gaps(version integer, tolerance_m2 float8, unit integer)
    RETURNS TABLE (org_id integer, area_m2 float8, geom geometry)
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
        SELECT l.org_id, mkt._area_m2(gap.geom), gap.geom
        FROM mkt.map_outline AS l
        CROSS JOIN LATERAL (SELECT array_agg(c.geom) FROM (
            SELECT g.geom FROM mkt.grid_cell AS g
            WHERE mkt._boxes_meet(l.geom, g.geom) AND NOT EXISTS (SELECT FROM mkt.map_change AS d WHERE d.version = _map_gaps.version AND d.cell_id = g.cell_id)
            UNION ALL
            SELECT d.geom FROM mkt.map_change AS d
            WHERE d.version = _map_gaps.version AND NOT d.removed AND mkt._boxes_meet(l.geom, d.geom)) AS c) AS cells(geoms)
        CROSS JOIN LATERAL mkt._left_over(l.geom, cells.geoms) AS gap(geom)
        WHERE (unit IS NULL OR l.org_id = unit)
          AND (_map_gaps.version IS NULL OR EXISTS (SELECT FROM mkt.map_change AS d WHERE d.version = _map_gaps.version AND mkt._boxes_meet(l.geom, d.geom)))
          AND mkt._area_m2(gap.geom) > tolerance_m2
        ORDER BY 2 DESC, 1;
END
$$;
COMMENT ON FUNCTION mkt._map_gaps(integer, float8, integer) IS
    'What cells leave uncovered of the outlines of units: of all, or of one. With a draft: as the map would be, of the outlines it comes near.';

CREATE FUNCTION mkt.grid_gaps(tolerance_m2 float8 DEFAULT 1, unit integer DEFAULT NULL)
    RETURNS TABLE (org_id integer, area_m2 float8, geom geometry)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 100
BEGIN ATOMIC
    SELECT g.org_id, g.area_m2, g.geom FROM mkt._map_gaps(NULL, tolerance_m2, unit) AS g;
END;
COMMENT ON FUNCTION mkt.grid_gaps(float8, integer) IS
    'Pieces larger than so many square metres that the outline of a unit (mkt.map_outline) has and no cell covers, the largest first: of all units, or of one (S0-003, S0-021).';

CREATE FUNCTION mkt.map_check(version integer, tolerance_m2 float8 DEFAULT 1)
    RETURNS TABLE (problem text, cell_id integer, other_id integer, area_m2 float8, detail text)
    LANGUAGE plpgsql STABLE STRICT ROWS 100
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
        WITH draft AS MATERIALIZED (
            SELECT d.* FROM mkt.map_change AS d WHERE d.version = map_check.version
        ), pair AS (
            SELECT a.cell_id, b.cell_id AS other_id, a.geom, b.geom AS other_geom
            FROM draft AS a
            JOIN mkt.map_change AS b ON b.version = map_check.version AND b.cell_id > a.cell_id AND NOT b.removed AND mkt._boxes_meet(a.geom, b.geom)
            WHERE NOT a.removed
            UNION ALL
            SELECT a.cell_id, g.cell_id, a.geom, g.geom
            FROM draft AS a
            JOIN mkt.grid_cell AS g ON mkt._boxes_meet(a.geom, g.geom)
            WHERE NOT a.removed AND NOT EXISTS (SELECT FROM draft AS d WHERE d.cell_id = g.cell_id)
        )
        SELECT 'outside', b.cell_id, NULL::integer, b.area_m2, format('%s lies beyond the province', b.code)
        FROM mkt._map_beyond(version, tolerance_m2) AS b
        UNION ALL
        SELECT 'overlap', pair.cell_id, pair.other_id, o.m2, 'the lower number has the points there'
        FROM pair
        CROSS JOIN LATERAL (SELECT mkt._overlap_m2(pair.geom, pair.other_geom) OFFSET 0) AS o(m2)
        WHERE o.m2 > tolerance_m2
        UNION ALL
        SELECT 'gap', NULL, g.org_id, g.area_m2, 'of the outline of unit ' || p.code
        FROM mkt._map_gaps(version, tolerance_m2, NULL) AS g
        JOIN mkt.org AS p ON p.org_id = g.org_id
        UNION ALL
        SELECT 'repaired', d.cell_id, NULL, NULL, d.problem
        FROM draft AS d
        WHERE d.problem IS NOT NULL
        ORDER BY 1, 4 DESC, 2, 3;
END
$$;
COMMENT ON FUNCTION mkt.map_check(integer, float8) IS
    'What is wrong with a draft: cells beyond the province (which cannot be published), overlaps (other_id: the other cell), gaps (other_id: the unit) and polygons that were repaired; areas up to the tolerance in square metres are passed over (S0-021, S0-022).';

-- ---- publishing -----------------------------------------------------------
CREATE FUNCTION mkt._map_require_inside(version integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    beyond text[] := ARRAY(SELECT b.code FROM mkt._map_beyond(version, 1) AS b);
BEGIN
    IF cardinality(beyond) > 0 THEN
        RAISE EXCEPTION 'cell "%" lies beyond the province', beyond[1]
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('Cells of the draft that do: %s.', cardinality(beyond)),
                  HINT = format('SELECT * FROM mkt.map_check(%s); lists them with the area beyond.', version);
    END IF;
END
$$;
COMMENT ON FUNCTION mkt._map_require_inside(integer) IS 'Refuses a draft with cells more than a square metre beyond the outline of the province.';

CREATE FUNCTION mkt._map_touched(version integer) RETURNS integer[]
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN ARRAY(
        WITH moved AS MATERIALIZED (
            SELECT d.geom, g.geom AS old_geom
            FROM mkt.map_change AS d
            LEFT JOIN mkt.grid_cell AS g ON g.cell_id = d.cell_id
            WHERE d.version = _map_touched.version AND (d.removed OR g.cell_id IS NULL OR NOT mkt._same_shape(g.geom, d.geom))
        )
        SELECT g.cell_id FROM moved AS m JOIN mkt.grid_cell AS g ON mkt._boxes_meet(g.geom, m.geom)
        UNION
        SELECT g.cell_id FROM moved AS m JOIN mkt.grid_cell AS g ON mkt._boxes_meet(g.geom, m.old_geom));
END
$$;
COMMENT ON FUNCTION mkt._map_touched(integer) IS
    'Cells on the map that a draft may take points from: those whose box meets an old or new polygon it changes.';

CREATE FUNCTION mkt.map_publish(version integer, as_of timestamptz DEFAULT now(),
                                OUT cells bigint, OUT customers bigint, OUT addresses bigint, OUT halls bigint)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    touched integer[];
BEGIN
    PERFORM mkt._map_draft(version);
    PERFORM mkt._map_require_inside(version);
    touched := mkt._map_touched(version);
    INSERT INTO mkt.grid_cell AS c (cell_id, code, name, name_zh, kind, grid_id, org_id, geom, area_km2, repaired,
                                    households, ports_total, ports_used)
    SELECT d.cell_id, d.code, d.name, d.name_zh, d.kind, d.grid_id, d.org_id,
           CASE WHEN d.removed THEN mkt._nowhere() ELSE d.geom END, CASE WHEN d.removed THEN 0 ELSE d.area_km2 END, d.problem IS NOT NULL,
           CASE WHEN d.removed THEN 0 ELSE d.households END, CASE WHEN d.removed THEN 0 ELSE d.ports_total END, CASE WHEN d.removed THEN 0 ELSE d.ports_used END
    FROM mkt.map_change AS d
    WHERE d.version = map_publish.version
    ON CONFLICT ON CONSTRAINT grid_cell_pkey DO UPDATE
    SET (code, name, name_zh, kind, grid_id, org_id, geom, area_km2, repaired, households, ports_total, ports_used)
      = (excluded.code, excluded.name, excluded.name_zh, excluded.kind, excluded.grid_id, excluded.org_id, excluded.geom,
         excluded.area_km2, excluded.repaired, excluded.households, excluded.ports_total, excluded.ports_used);
    GET DIAGNOSTICS cells = ROW_COUNT;
    -- where network resources stand, their ports count, not those of the load
    PERFORM mkt.network_ports(ARRAY(
        SELECT d.cell_id FROM mkt.map_change AS d
        WHERE d.version = map_publish.version AND EXISTS (SELECT FROM mkt.network_resource AS r WHERE r.cell_id = d.cell_id)));
    customers := mkt.customer_assign_cells(touched);
    addresses := mkt.address_assign_cells(touched);
    UPDATE mkt.hall AS h
    SET cell_id = mkt._cell_at(h.location)
    WHERE h.cell_id = ANY (touched) AND mkt._cell_at(h.location) IS DISTINCT FROM h.cell_id;
    GET DIAGNOSTICS halls = ROW_COUNT;
    UPDATE mkt.map_version AS v
    SET state = 'published', published_at = as_of, published_by = current_user
    WHERE v.version = map_publish.version;
END
$$;
COMMENT ON FUNCTION mkt.map_publish(integer, timestamptz) IS
    'Puts a draft in force, in one transaction: its cells replace those of mkt.grid_cell, and customers, addresses and halls whose cell, or a neighbour of it, changed are placed anew, as are those without a cell. Returns how many cells it wrote and who moved. Cells beyond the province are refused (S0-021, S0-022).';

CREATE FUNCTION mkt.map_cells(version integer)
    RETURNS TABLE (cell_id integer, code text, name text, name_zh text, kind text, grid_id integer, org_id integer, geom geometry, area_km2 numeric,
                   households integer, ports_total integer, ports_used integer, since integer)
    LANGUAGE plpgsql STABLE STRICT ROWS 10000
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM mkt.map_version AS v WHERE v.version = map_cells.version) THEN
        RAISE EXCEPTION 'map version % does not exist', version
            USING ERRCODE = 'undefined_object', HINT = 'SELECT * FROM mkt.map_version;';
    END IF;
    RETURN QUERY
        SELECT c.cell_id, c.code, c.name, c.name_zh, c.kind, c.grid_id, c.org_id, c.geom, c.area_km2, c.households, c.ports_total, c.ports_used, c.version
        FROM (SELECT DISTINCT ON (d.cell_id) d.*
              FROM mkt.map_change AS d
              WHERE d.version <= map_cells.version
              ORDER BY d.cell_id, d.version DESC) AS c
        WHERE NOT c.removed;
END
$$;
COMMENT ON FUNCTION mkt.map_cells(integer) IS
    'The cells of one version of the map, an earlier one or the draft, each with the version it is there since (S0-021, S0-022).';

CREATE FUNCTION mkt.map_version_at(as_of timestamptz DEFAULT now()) RETURNS integer
    LANGUAGE plpgsql STABLE STRICT
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT max(v.version) FROM mkt.map_version AS v WHERE v.published_at <= as_of);
END
$$;
COMMENT ON FUNCTION mkt.map_version_at(timestamptz) IS 'The version of the map in force at a moment; NULL before the first.';

CREATE FUNCTION mkt.grid_cell_load(source regclass, as_of timestamptz DEFAULT now())
    RETURNS TABLE (code text, problem text)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    opened integer := mkt.map_open('load ' || 1 + coalesce((SELECT max(v.version) FROM mkt.map_version AS v), 0), 'Load of ' || source, '导入 ' || source, as_of);
BEGIN
    RETURN QUERY SELECT l.code, l.problem FROM mkt.map_load(opened, source) AS l;
    PERFORM mkt.map_publish(opened, as_of);
END
$$;
COMMENT ON FUNCTION mkt.grid_cell_load(regclass, timestamptz) IS
    'Opens a version of the map, loads a table into it (mkt.map_load()) and publishes it, in one statement: one row for each polygon that was repaired.';
