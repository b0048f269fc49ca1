-- ----------------------------------------------------------------------
-- sql/install/23-shift.code.sql: the shifted coordinates of Chinese maps.
-- The map is in WGS 84, for which CGCS2000 (EPSG 4490) may stand: they differ
-- by centimetres. GCJ-02 (Amap, Tencent) and BD-09 (Baidu) are shifted by up
-- to a kilometre and have no EPSG number, so shapes in them have SRID 0, which
-- the map refuses: nothing shifted gets into it by mistake.
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt.to_gcj02(wgs_lon float8, wgs_lat float8, OUT lon float8, OUT lat float8)
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'mkt_to_gcj02';
COMMENT ON FUNCTION mkt.to_gcj02(float8, float8) IS
    'A longitude and latitude of WGS 84 as GCJ-02, by the publicly known formula; outside China the same (S0-075).';

CREATE FUNCTION mkt.from_gcj02(gcj_lon float8, gcj_lat float8, OUT lon float8, OUT lat float8)
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'mkt_from_gcj02';
COMMENT ON FUNCTION mkt.from_gcj02(float8, float8) IS
    'A longitude and latitude of GCJ-02 (Amap, Tencent) as WGS 84: the inverse of mkt.to_gcj02(), iterated to less than 1e-12 degrees (S0-075).';

CREATE FUNCTION mkt.to_bd09(wgs_lon float8, wgs_lat float8, OUT lon float8, OUT lat float8)
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'mkt_to_bd09';
COMMENT ON FUNCTION mkt.to_bd09(float8, float8) IS 'A longitude and latitude of WGS 84 as BD-09, by the publicly known formula (S0-075).';

CREATE FUNCTION mkt.from_bd09(bd_lon float8, bd_lat float8, OUT lon float8, OUT lat float8)
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'mkt_from_bd09';
COMMENT ON FUNCTION mkt.from_bd09(float8, float8) IS
    'A longitude and latitude of BD-09 (Baidu) as WGS 84: the inverse of mkt.to_bd09(), iterated to less than 1e-12 degrees (S0-075).';

CREATE FUNCTION mkt._shift_shape(wkb bytea, way text) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'mkt__shift_shape';
COMMENT ON FUNCTION mkt._shift_shape(bytea, text) IS 'Well-known binary in this machine''s byte order with every vertex shifted by to_gcj02, from_gcj02, to_bd09 or from_bd09.';

CREATE FUNCTION mkt._shifted(shape geometry, way text, result_srid integer) RETURNS geometry
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ST_GeomFromWKB(mkt._shift_shape(ST_AsBinary(shape), way), result_srid);
COMMENT ON FUNCTION mkt._shifted(geometry, text, integer) IS 'A shape shifted, in another SRID.';

CREATE FUNCTION mkt._check_unshifted(shape geometry) RETURNS geometry
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM mkt._check_srid(f.srid) FROM mkt._shape_facts(shape) AS f;
    RETURN shape;
END
$$;
COMMENT ON FUNCTION mkt._check_unshifted(geometry) IS 'The shape, if it is in WGS 84 or CGCS2000.';

CREATE FUNCTION mkt._check_shifted(shape geometry) RETURNS geometry
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    srid integer := (SELECT f.srid FROM mkt._shape_facts(shape) AS f);
BEGIN
    IF srid <> 0 THEN
        RAISE EXCEPTION 'a shape in SRID % is not in GCJ-02 or BD-09', srid
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Those have no SRID: ST_SetSRID(shape, 0) if its coordinates are shifted all the same.';
    END IF;
    RETURN shape;
END
$$;
COMMENT ON FUNCTION mkt._check_shifted(geometry) IS 'The shape, if it has no SRID, as shapes in GCJ-02 and BD-09 have none.';

CREATE FUNCTION mkt.to_gcj02(shape geometry) RETURNS geometry
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN mkt._shifted(mkt._check_unshifted(shape), 'to_gcj02', 0);
COMMENT ON FUNCTION mkt.to_gcj02(geometry) IS 'A shape of WGS 84 or CGCS2000 in GCJ-02, vertex by vertex, without an SRID (S0-075).';

CREATE FUNCTION mkt.from_gcj02(shape geometry) RETURNS geometry
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN mkt._shifted(mkt._check_shifted(shape), 'from_gcj02', 4326);
COMMENT ON FUNCTION mkt.from_gcj02(geometry) IS 'A shape in GCJ-02, which has no SRID, in WGS 84 (S0-075).';

CREATE FUNCTION mkt.to_bd09(shape geometry) RETURNS geometry
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN mkt._shifted(mkt._check_unshifted(shape), 'to_bd09', 0);
COMMENT ON FUNCTION mkt.to_bd09(geometry) IS 'A shape of WGS 84 or CGCS2000 in BD-09, vertex by vertex, without an SRID (S0-075).';

CREATE FUNCTION mkt.from_bd09(shape geometry) RETURNS geometry
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN mkt._shifted(mkt._check_shifted(shape), 'from_bd09', 4326);
COMMENT ON FUNCTION mkt.from_bd09(geometry) IS 'A shape in BD-09, which has no SRID, in WGS 84 (S0-075).';
