-- ----------------------------------------------------------------------
-- sql/install/22-grid.code.sql: points to cells of the map, polygons into it.
-- Points are located in C, in a map each session compiles (src/grid).
-- Functions that need both PostGIS and a platform table are PL/pgSQL and call
-- PostGIS through the small BEGIN ATOMIC wrappers at the top, which are bound
-- here, at creation, to whatever schema PostGIS lives in.
--
-- The boundary rule: a point belongs to a cell when ST_Covers(cell, point),
-- so edges and corners count; on a border several cells share, the lowest
-- cell_id has it. A point no cell covers is outside the map: NULL.
-- ----------------------------------------------------------------------

-- ---- PostGIS, bound once ----------------------------------------------
CREATE FUNCTION mkt._as_wkb(shape geometry) RETURNS bytea
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ST_AsBinary(shape);
COMMENT ON FUNCTION mkt._as_wkb(geometry) IS 'ST_AsBinary: how the compiled map reads polygons.';

CREATE FUNCTION mkt._as_ewkb(shape geometry) RETURNS bytea
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ST_AsEWKB(shape);
COMMENT ON FUNCTION mkt._as_ewkb(geometry) IS 'ST_AsEWKB: how C reads geometry that is no plain point.';

CREATE FUNCTION mkt._metres(a geometry, b geometry) RETURNS float8
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ST_Distance(a::geography, b::geography);
COMMENT ON FUNCTION mkt._metres(geometry, geometry) IS 'Distance on the ellipsoid, in metres.';

CREATE FUNCTION mkt._sphere_metres(a geometry, b geometry) RETURNS float8
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN a::geography <-> b::geography;
COMMENT ON FUNCTION mkt._sphere_metres(geometry, geometry) IS 'Distance on a sphere, in metres: an order an index of geographies gives.';

CREATE FUNCTION mkt._within_metres(a geometry, b geometry, metres float8) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ST_DWithin(a::geography, b::geography, metres);
COMMENT ON FUNCTION mkt._within_metres(geometry, geometry, float8) IS 'Not further than so many metres on the ellipsoid, by index where there is one of geographies.';

CREATE FUNCTION mkt._area_km2(area geometry) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN round((ST_Area(area::geography) / 1000000)::numeric, 6);
COMMENT ON FUNCTION mkt._area_km2(geometry) IS 'Area on the ellipsoid, in square kilometres.';

CREATE FUNCTION mkt._make_point(lon float8, lat float8) RETURNS geometry
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ST_SetSRID(ST_MakePoint(lon, lat), 4326);
COMMENT ON FUNCTION mkt._make_point(float8, float8) IS 'A point in SRID 4326, coordinates unchecked.';

CREATE FUNCTION mkt._polygons(shape geometry, repair boolean) RETURNS geometry
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ST_Multi(ST_CollectionExtract(CASE WHEN repair THEN ST_MakeValid(shape) ELSE shape END, 3));
COMMENT ON FUNCTION mkt._polygons(geometry, boolean) IS
    'The polygonal parts of a shape as one multipolygon; lines and points that a repair leaves over are dropped.';

CREATE FUNCTION mkt._shape_facts(shape geometry, OUT kind text, OUT srid integer, OUT empty boolean, OUT invalid text,
                                 OUT xmin float8, OUT ymin float8, OUT xmax float8, OUT ymax float8)
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT GeometryType(shape), ST_SRID(shape), ST_IsEmpty(shape),
           nullif(ST_IsValidReason(shape), 'Valid Geometry'),   -- ST_IsValid() would chatter
           ST_XMin(shape), ST_YMin(shape), ST_XMax(shape), ST_YMax(shape);
END;
COMMENT ON FUNCTION mkt._shape_facts(geometry) IS 'What the checks of the map ask about a shape.';

CREATE FUNCTION mkt._from_geojson(shape text) RETURNS geometry
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ST_GeomFromGeoJSON(shape);
COMMENT ON FUNCTION mkt._from_geojson(text) IS 'ST_GeomFromGeoJSON: SRID 4326 as the format says.';

CREATE FUNCTION mkt._from_text(shape text) RETURNS geometry
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN shape::geometry;
COMMENT ON FUNCTION mkt._from_text(text) IS 'PostGIS'' own input: (E)WKT or (E)WKB in hexadecimal digits.';

CREATE FUNCTION mkt._as_4326(shape geometry) RETURNS geometry
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ST_SetSRID(shape, 4326);
COMMENT ON FUNCTION mkt._as_4326(geometry) IS 'The same coordinates in SRID 4326.';

CREATE FUNCTION mkt._covers(a geometry, b geometry) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ST_Covers(a, b);
COMMENT ON FUNCTION mkt._covers(geometry, geometry) IS 'ST_Covers, by index where there is one.';

CREATE FUNCTION mkt._contains_properly(a geometry, b geometry) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ST_ContainsProperly(a, b);
COMMENT ON FUNCTION mkt._contains_properly(geometry, geometry) IS 'ST_ContainsProperly, by index where there is one: b lies in a and does not touch its border.';

CREATE FUNCTION mkt._intersects(a geometry, b geometry) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ST_Intersects(a, b);
COMMENT ON FUNCTION mkt._intersects(geometry, geometry) IS 'ST_Intersects, by index where there is one.';

CREATE FUNCTION mkt._boxes_meet(a geometry, b geometry) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN a && b;
COMMENT ON FUNCTION mkt._boxes_meet(geometry, geometry) IS 'The boxes around two shapes meet, by index where there is one.';

CREATE FUNCTION mkt._box_tiles(shape geometry) RETURNS SETOF integer
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 3
BEGIN ATOMIC
    SELECT x * 10000 + y
    FROM generate_series(floor(ST_XMin(shape) * 20)::integer, floor(ST_XMax(shape) * 20)::integer) AS x
    CROSS JOIN generate_series(floor(ST_YMin(shape) * 20)::integer, floor(ST_YMax(shape) * 20)::integer) AS y;
END;
COMMENT ON FUNCTION mkt._box_tiles(geometry) IS 'Numbers of the tiles, a twentieth of a degree wide, that the box around a shape touches: boxes that meet share one.';

CREATE FUNCTION mkt._same_shape(a geometry, b geometry) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ST_AsBinary(a) = ST_AsBinary(b);
COMMENT ON FUNCTION mkt._same_shape(geometry, geometry) IS 'The same coordinates in the same order.';

CREATE FUNCTION mkt._area_m2(shape geometry) RETURNS float8
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ST_Area(ST_CollectionExtract(shape, 3)::geography);
COMMENT ON FUNCTION mkt._area_m2(geometry) IS 'Area of the polygonal parts on the ellipsoid, in square metres.';

CREATE FUNCTION mkt._overlap_m2(a geometry, b geometry) RETURNS float8
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 10000
    RETURN CASE WHEN ST_Relate(a, b, '2********') THEN ST_Area(ST_CollectionExtract(ST_Intersection(a, b), 3)::geography) ELSE 0 END;
COMMENT ON FUNCTION mkt._overlap_m2(geometry, geometry) IS 'The area two shapes share, in square metres on the ellipsoid; shapes that only touch share none.';

CREATE FUNCTION mkt._pieces(outline geometry) RETURNS SETOF geometry
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 100
BEGIN ATOMIC
    SELECT p FROM ST_Subdivide(outline, 256) AS p;
END;
COMMENT ON FUNCTION mkt._pieces(geometry) IS 'An outline of many vertices cut into pieces of few.';

CREATE FUNCTION mkt._outside_m2(shape geometry, pieces geometry[]) RETURNS float8
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 10000
    RETURN ST_Area(ST_CollectionExtract(ST_Difference(shape, coalesce(ST_Union(pieces), 'SRID=4326;POLYGON EMPTY')), 3)::geography);
COMMENT ON FUNCTION mkt._outside_m2(geometry, geometry[]) IS 'How much of a shape lies beyond the pieces of an outline, in square metres on the ellipsoid.';

CREATE FUNCTION mkt._left_over(outline geometry, covers geometry[]) RETURNS SETOF geometry
    LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 100000 ROWS 10
BEGIN ATOMIC
    SELECT (ST_Dump(ST_CollectionExtract(ST_Difference(outline, coalesce(ST_Union(covers), 'SRID=4326;POLYGON EMPTY')), 3))).geom;
END;
COMMENT ON FUNCTION mkt._left_over(geometry, geometry[]) IS 'The pieces of an outline that none of these shapes covers.';

CREATE FUNCTION mkt._nowhere() RETURNS geometry
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN 'SRID=4326;MULTIPOLYGON EMPTY'::geometry;
COMMENT ON FUNCTION mkt._nowhere() IS 'The polygon of a cell that is no longer on the map.';

-- ---- checks ------------------------------------------------------------
CREATE FUNCTION mkt._check_coordinates(lon float8, lat float8) RETURNS void
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt__check_coordinates';
COMMENT ON FUNCTION mkt._check_coordinates(float8, float8) IS
    'Refuses NaN, infinite and out-of-range coordinates, and says when longitude and latitude look swapped.';

CREATE FUNCTION mkt._check_srid(srid integer) RETURNS void
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt__check_srid';
COMMENT ON FUNCTION mkt._check_srid(integer) IS 'Refuses geometry that is neither in SRID 4326 (WGS 84) nor in 4490 (CGCS2000, the same at the accuracy of a map).';

-- ---- points to cells ---------------------------------------------------
-- Restricted, not safe: a parallel worker would compile a map of its own for
-- every query.
CREATE FUNCTION mkt.locate_cell(lon float8, lat float8) RETURNS integer
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 10 AS 'MODULE_PATHNAME', 'mkt_locate_cell';
COMMENT ON FUNCTION mkt.locate_cell(float8, float8) IS
    'The cell at a longitude and latitude of WGS 84: ST_Covers, on shared borders the lowest cell_id, NULL outside the map (S0-022).';

CREATE FUNCTION mkt.locate_cell(point geometry) RETURNS integer
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 10 AS 'MODULE_PATHNAME', 'mkt_locate_cell_geometry';
COMMENT ON FUNCTION mkt.locate_cell(geometry) IS
    'The cell a point lies in: ST_Covers, on shared borders the lowest cell_id, NULL outside the map (S0-022).';

CREATE FUNCTION mkt.locate(lon float8, lat float8) RETURNS integer
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 10 AS 'MODULE_PATHNAME', 'mkt_locate';
COMMENT ON FUNCTION mkt.locate(float8, float8) IS
    'The grid (org_id, tier 5) at a longitude and latitude of WGS 84, NULL outside the map (S0-022).';

CREATE FUNCTION mkt.locate(point geometry) RETURNS integer
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 10 AS 'MODULE_PATHNAME', 'mkt_locate_geometry';
COMMENT ON FUNCTION mkt.locate(geometry) IS
    'The grid (org_id, tier 5) a point lies in, NULL outside the map; borders as mkt.locate_cell() decides (S0-022).';

CREATE FUNCTION mkt._cell_at(point geometry) RETURNS integer
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 10 AS 'MODULE_PATHNAME', 'mkt__cell_at';
COMMENT ON FUNCTION mkt._cell_at(geometry) IS
    'mkt.locate_cell() for columns: NULL instead of an error for what is no place on earth.';

CREATE FUNCTION mkt.locate_cells(lon float8[], lat float8[]) RETURNS integer[]
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 1000 AS 'MODULE_PATHNAME', 'mkt_locate_cells';
COMMENT ON FUNCTION mkt.locate_cells(float8[], float8[]) IS
    'mkt.locate_cell() for many points at once, in their order: the fastest way when they are at hand as arrays (S0-022).';

CREATE FUNCTION mkt.locate_count(query text, OUT cell_id integer, OUT points bigint) RETURNS SETOF record
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 200000 ROWS 1000 AS 'MODULE_PATHNAME', 'mkt_locate_count';
COMMENT ON FUNCTION mkt.locate_count(text) IS
    'How many points of a query lie in each cell, by mkt.locate_cell(); cell_id NULL: outside the map, or no point. The query gives one geometry, or longitude and latitude, a row: what mkt.locate_cell() and GROUP BY would say, sooner (S0-021, S0-022).';

CREATE FUNCTION mkt.grid_index_info(OUT cells integer, OUT vertices bigint, OUT edges bigint, OUT tiles integer, OUT squares bigint,
                                    OUT bytes bigint, OUT build_ms float8, OUT built_at timestamptz)
    LANGUAGE c VOLATILE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'mkt_grid_index_info';
COMMENT ON FUNCTION mkt.grid_index_info() IS
    'The map this session has compiled for mkt.locate(): what is in it, the memory it takes (at most mkt.grid_index_memory), how long reading and compiling took, and when that was.';

CREATE FUNCTION mkt._grid_version_trigger() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE mkt.grid_version AS v SET stamp = DEFAULT;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION mkt._grid_version_trigger() IS
    'Statement trigger of mkt.grid_cell: the map is another one, so sessions compile it anew. Runs as its owner: who may change cells need not be able to change versions.';

CREATE FUNCTION mkt.nearest_halls(lon float8, lat float8, k integer DEFAULT 3, radius_m float8 DEFAULT 20000)
    RETURNS TABLE (hall_id integer, code text, name text, name_zh text, metres float8)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 3
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    reach float8;
BEGIN
    PERFORM mkt._check_coordinates(lon, lat);
    IF k < 0 OR radius_m < 0 OR radius_m = 'NaN' THEN
        RAISE EXCEPTION 'there are no % halls within % metres', k, radius_m
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Both are numbers from 0 on.';
    END IF;
    -- the index knows the order on a sphere; the k nearest there reach as far as
    -- the k nearest on the ellipsoid can be, and those are looked at exactly
    SELECT least(max(d.metres) + 0.001, radius_m) INTO reach
    FROM (SELECT mkt._metres(h.location, mkt._make_point(lon, lat)) AS metres
          FROM mkt.hall AS h
          ORDER BY mkt._sphere_metres(h.location, mkt._make_point(lon, lat))
          LIMIT k) AS d;
    RETURN QUERY
        SELECT h.hall_id, h.code, h.name, h.name_zh, d.metres
        FROM mkt.hall AS h
        CROSS JOIN LATERAL mkt._metres(h.location, mkt._make_point(lon, lat)) AS d(metres)
        WHERE mkt._within_metres(h.location, mkt._make_point(lon, lat), reach + 0.001) AND d.metres <= reach
        ORDER BY d.metres, h.hall_id
        LIMIT k;
END
$$;
COMMENT ON FUNCTION mkt.nearest_halls(float8, float8, integer, float8) IS
    'The k business halls nearest to a point on the ellipsoid, within a radius in metres, by index; ties by hall_id (S0-075).';

-- ---- polygons into the map --------------------------------------------
CREATE FUNCTION mkt._clean_polygon(shape geometry, label text) RETURNS geometry
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    fact  record;
    whose text := coalesce(' of ' || quote_literal(label), '');
BEGIN
    IF shape IS NULL THEN
        RAISE EXCEPTION 'the polygon% is missing', whose
            USING ERRCODE = 'null_value_not_allowed', HINT = 'Every cell of the map needs a polygon.';
    END IF;
    fact := mkt._shape_facts(shape);
    PERFORM mkt._check_srid(fact.srid);
    IF NOT fact.empty THEN
        PERFORM mkt._check_coordinates(fact.xmin, fact.ymin), mkt._check_coordinates(fact.xmax, fact.ymax);
    END IF;
    shape := mkt._polygons(mkt._as_4326(shape), repair => fact.invalid IS NOT NULL);
    IF mkt._area_km2(shape) = 0 THEN
        RAISE EXCEPTION 'the shape% has no area', whose
            USING ERRCODE = 'invalid_parameter_value', HINT = 'A cell of the map is a polygon or a multipolygon.';
    END IF;
    RETURN shape;
END
$$;
COMMENT ON FUNCTION mkt._clean_polygon(geometry, text) IS
    'A shape as the map wants it: a valid multipolygon in SRID 4326, repaired if need be; what has no area or no place on earth is refused.';

CREATE FUNCTION mkt.grid_polygon(shape geometry, label text DEFAULT NULL) RETURNS geometry
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    reason text := (SELECT f.invalid FROM mkt._shape_facts(shape) AS f);
BEGIN
    shape := mkt._clean_polygon(shape, label);
    IF reason IS NOT NULL THEN
        RAISE NOTICE 'polygon% repaired: %', coalesce(' of ' || quote_literal(label), ''), reason;
    END IF;
    RETURN shape;
END
$$;
COMMENT ON FUNCTION mkt.grid_polygon(geometry, text) IS
    'A shape as the map wants it: a valid multipolygon in SRID 4326. An invalid one is repaired, with a NOTICE, and keeps its polygonal parts; what has no area or no place on earth is refused.';

CREATE FUNCTION mkt.grid_polygon(geojson text, label text DEFAULT NULL) RETURNS geometry
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN mkt.grid_polygon(mkt._from_geojson(geojson), label);
END
$$;
COMMENT ON FUNCTION mkt.grid_polygon(text, text) IS 'mkt.grid_polygon() for a geometry in GeoJSON.';

-- ---- the map in expressions: in_grid(), in_area() ------------------------
CREATE FUNCTION mkt._unit_at(path text) RETURNS integer
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    steps text[] := regexp_split_to_array(btrim(path), '\s*[/／]\s*');
    step  text;
    units integer[] := ARRAY(SELECT o.org_id FROM mkt.org AS o WHERE steps[1] IN (o.code, o.name_zh, o.name));
BEGIN
    FOREACH step IN ARRAY steps[2:] LOOP
        units := ARRAY(SELECT o.org_id FROM mkt.org AS o WHERE o.parent_id = ANY (units) AND step IN (o.code, o.name_zh, o.name));
    END LOOP;
    IF cardinality(units) = 0 THEN
        RAISE EXCEPTION 'no unit of the organisation is at "%"', path
            USING ERRCODE = 'undefined_object', HINT = 'in_grid() takes a code, or codes or names from any unit downwards: ''石家庄市 / 行唐县''.';
    ELSIF cardinality(units) > 1 THEN
        RAISE EXCEPTION '% units of the organisation are at "%"', cardinality(units), path
            USING ERRCODE = 'ambiguous_parameter',
                  HINT = format('Begin further up, for example in_grid(%L).', mkt.org_path_zh((SELECT min(u) FROM unnest(units) AS u)));
    END IF;
    RETURN units[1];
END
$$;
COMMENT ON FUNCTION mkt._unit_at(text) IS
    'The unit a path leads to: codes, Chinese or English names, each the parent of the next, joined by / and beginning anywhere (S0-011). None, or more than one, is an error.';

CREATE FUNCTION mkt._grid_cells(paths text[]) RETURNS SETOF integer
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1000
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
        SELECT DISTINCT c.cell_id
        FROM unnest(paths) AS path
        JOIN mkt.org AS p ON p.org_id = mkt._unit_at(path)
        JOIN mkt.org AS o ON o.lft BETWEEN p.lft AND p.rgt
        JOIN mkt.grid_cell AS c ON o.org_id = CASE WHEN p.tier <= 5 THEN c.grid_id ELSE c.org_id END;
END
$$;
COMMENT ON FUNCTION mkt._grid_cells(text[]) IS
    'Cells of the map below these paths, by their grid; below tier 5 by who serves them: what in_grid() means in an expression.';

CREATE FUNCTION mkt._area(shape text, telling boolean, OUT area geometry)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF shape ~ '^\s*\{' THEN
        area := mkt._from_geojson(shape);
    ELSIF shape ~* '^\s*([0-9a-f]{18,}|(srid=\d+;)?\s*[a-z]+\s*([zm]|zm)?\s*(\(.*|empty\s*))$' THEN
        area := mkt._from_text(shape);
    ELSE
        RAISE EXCEPTION 'in_area() cannot read "%"', CASE WHEN length(shape) > 60 THEN left(shape, 57) || '...' ELSE shape END
            USING ERRCODE = 'invalid_text_representation',
                  HINT = 'Write the shape as WKT, GeoJSON, or EWKB in hexadecimal digits: in_area(''POLYGON((114 38, 115 38, 115 39, 114 38))'').';
    END IF;
    IF (SELECT f.srid FROM mkt._shape_facts(area) AS f) = 0 THEN
        area := mkt._as_4326(area);
    END IF;
    area := CASE WHEN telling THEN mkt.grid_polygon(area, 'in_area()') ELSE mkt._clean_polygon(area, 'in_area()') END;
END
$$;
COMMENT ON FUNCTION mkt._area(text, boolean) IS
    'The shape in_area() is given, as mkt.grid_polygon() takes it, telling of a repair or not; text without an SRID is in degrees of WGS 84.';

CREATE FUNCTION mkt._area_cells(shapes text[]) RETURNS SETOF integer
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1000
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    part record;
BEGIN
    FOR part IN SELECT mkt._area(s, false) AS area FROM unnest(shapes) AS s LOOP
        RETURN QUERY SELECT c.cell_id FROM mkt.grid_cell AS c WHERE mkt._contains_properly(part.area, c.geom);
    END LOOP;
END
$$;
COMMENT ON FUNCTION mkt._area_cells(text[]) IS
    'Cells of the map that lie in one of these shapes without touching its border: all of their customers are in_area().';

CREATE FUNCTION mkt._area_members(shapes text[]) RETURNS mkt.tagmap
    LANGUAGE plpgsql STABLE PARALLEL SAFE COST 100000
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    part    record;
    members mkt.tagmap := '{}';
BEGIN
    FOR part IN SELECT mkt._area(s, true) AS area FROM unnest(shapes) AS s LOOP
        members := members OPERATOR(mkt.|) (
            SELECT coalesce(mkt.tagmap_agg(m.cid), '{}')
            FROM (SELECT c.cid
                  FROM mkt.grid_cell AS g
                  JOIN mkt.customer AS c ON c.cell_id = g.cell_id
                  WHERE mkt._intersects(part.area, g.geom) AND NOT mkt._contains_properly(part.area, g.geom) AND mkt._covers(part.area, c.location)
                  UNION ALL
                  SELECT c.cid
                  FROM mkt.customer AS c
                  WHERE c.cell_id IS NULL AND mkt._covers(part.area, c.location)) AS m);
    END LOOP;
    RETURN members;
END
$$;
COMMENT ON FUNCTION mkt._area_members(text[]) IS
    'Customers in cells that cross the border of one of these shapes, or in no cell, whose address point the shape covers: the part of in_area() that is decided point by point.';
