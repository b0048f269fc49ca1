-- ----------------------------------------------------------------------
-- sql/install/06-platform.code.sql: creating and upgrading the platform.
--
-- The platform is every table, policy, trigger and view of sql/platform.
-- They are ordinary objects of the user who calls create_platform(), so
-- pg_dump keeps all of them and DROP EXTENSION cannot take the data along.
-- Their text comes with the extension, in mkt._platform_part().
-- ----------------------------------------------------------------------
COMMENT ON SCHEMA mkt IS 'Telecom marketing: code of the extension mkt and the tables of its platform.';

CREATE FUNCTION mkt._extension_version() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT e.extversion FROM pg_catalog.pg_extension AS e WHERE e.extname = 'mkt';
END;
COMMENT ON FUNCTION mkt._extension_version() IS 'Version of the installed extension, as text.';

CREATE FUNCTION mkt._version_number(version text) RETURNS integer[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT pg_catalog.string_to_array(version, '.')::integer[];
END;
COMMENT ON FUNCTION mkt._version_number(text) IS 'A version in a form that sorts: 0.10.0 after 0.9.0.';

CREATE FUNCTION mkt._platform_version() RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF to_regclass('mkt.platform') IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT p.version FROM mkt.platform AS p);
END
$$;
COMMENT ON FUNCTION mkt._platform_version() IS 'Version of the platform in this database, NULL where there is none.';

CREATE FUNCTION mkt._require_platform() RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    have text := mkt._platform_version();
    want text := mkt._extension_version();
BEGIN
    IF have = want THEN
        RETURN;
    ELSIF have IS NULL THEN
        RAISE EXCEPTION 'database "%" has no mkt platform', current_database()
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'Run CALL mkt.create_platform().';
    ELSIF mkt._version_number(have) < mkt._version_number(want) THEN
        RAISE EXCEPTION 'the mkt platform is of version %, the extension of version %', have, want
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'Run CALL mkt.upgrade_platform().';
    ELSE
        RAISE EXCEPTION 'the mkt platform is of version %, the extension only of version %', have, want
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'Install the newer mkt on this server, then run ALTER EXTENSION mkt UPDATE.';
    END IF;
END
$$;
COMMENT ON FUNCTION mkt._require_platform() IS
    'Raises 55000 unless this database holds a platform of the extension''s version.';

CREATE FUNCTION mkt._platform_search_path() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT pg_catalog.format('pg_catalog, %I, pg_temp', n.nspname)
    FROM pg_catalog.pg_extension AS e
    JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
    WHERE e.extname = 'postgis';
END;
COMMENT ON FUNCTION mkt._platform_search_path() IS
    'The search_path the platform''s DDL runs with: the catalog and the schema that holds PostGIS.';

CREATE PROCEDURE mkt._run_platform_parts(kinds text[], newer_than text DEFAULT NULL)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    part    record;
    message text;
    detail  text;
    hint    text;
BEGIN
    PERFORM set_config('search_path', mkt._platform_search_path(), true);
    FOR part IN
        SELECT p.stem, p.kind, p.body
        FROM mkt._platform_part() AS p
        WHERE p.kind = ANY (kinds)
          AND (newer_than IS NULL
               OR mkt._version_number(split_part(p.stem, '--', 1)) >= mkt._version_number(newer_than))
        ORDER BY p.ordinal
    LOOP
        BEGIN
            EXECUTE part.body;
        EXCEPTION WHEN OTHERS THEN
            -- The server would show the whole part as context: name it instead.
            GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
            RAISE EXCEPTION 'platform part %.%: %', part.stem, part.kind,
                concat_ws('; ', message, nullif(detail, ''), nullif(hint, ''))
                USING ERRCODE = SQLSTATE;
        END;
    END LOOP;
END
$$;
COMMENT ON PROCEDURE mkt._run_platform_parts(text[], text) IS
    'Runs the platform parts of these kinds in order; newer_than limits deltas to those that start at that version or later.';

CREATE PROCEDURE mkt.create_platform(tenant_salt text DEFAULT NULL)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF to_regclass('mkt.platform') IS NOT NULL THEN
        RAISE EXCEPTION 'database "%" already has an mkt platform', current_database()
            USING ERRCODE = 'duplicate_object',
                  HINT = 'To bring it to the extension''s version, run CALL mkt.upgrade_platform().';
    END IF;

    CALL mkt._run_platform_parts(ARRAY['once', 'code']);

    INSERT INTO mkt.platform (version, system_identifier, tenant_salt)
    SELECT mkt._extension_version(), c.system_identifier,
           coalesce(create_platform.tenant_salt, gen_random_uuid()::text)
    FROM pg_control_system() AS c;
END
$$;
COMMENT ON PROCEDURE mkt.create_platform(text) IS
    'Creates every table, policy and view of the platform, owned by the caller. '
    'tenant_salt fixes the control groups (for a reproducible demo); by default it is random.';

CREATE PROCEDURE mkt.upgrade_platform()
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    have text := mkt._platform_version();
    want text := mkt._extension_version();
BEGIN
    IF have IS NULL OR mkt._version_number(have) > mkt._version_number(want) THEN
        PERFORM mkt._require_platform();    -- it has the words for both cases
    END IF;

    CALL mkt._run_platform_parts(ARRAY['delta'], newer_than => have);
    CALL mkt._run_platform_parts(ARRAY['code']);
    UPDATE mkt.platform AS p SET version = want;
END
$$;
COMMENT ON PROCEDURE mkt.upgrade_platform() IS
    'Brings the platform to the extension''s version: deltas of its tables, then every policy and view anew. '
    'Safe to repeat.';

CREATE PROCEDURE mkt.activate_platform()
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM mkt._require_platform();
    UPDATE mkt.platform AS p SET system_identifier = c.system_identifier FROM pg_control_system() AS c;
END
$$;
COMMENT ON PROCEDURE mkt.activate_platform() IS
    'Declares this cluster to be the one that sends. A platform restored elsewhere sends nothing until this is called, so that a clone never contacts customers (semantics J).';
