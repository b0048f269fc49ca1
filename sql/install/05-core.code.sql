-- ----------------------------------------------------------------------
-- sql/install/05-core.code.sql: functions that belong to no module.
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt.version() RETURNS text
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_version';
COMMENT ON FUNCTION mkt.version() IS 'Version of the loaded mkt library.';

CREATE FUNCTION mkt.bucket(salt text, cid bigint) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_bucket';
COMMENT ON FUNCTION mkt.bucket(text, bigint) IS
    'Bucket 0 to 9999 of a customer under a salt: a frozen hash, stable for life, for control groups (semantics D1).';
