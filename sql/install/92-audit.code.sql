-- ----------------------------------------------------------------------
-- sql/install/92-audit.code.sql: do the books balance? The checks themselves
-- are rows of mkt.audit_check.
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt.audit(wanted text DEFAULT NULL) RETURNS TABLE (check_name text, detail text)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    todo record;
BEGIN
    IF wanted IS NOT NULL AND NOT EXISTS (SELECT FROM mkt.audit_check AS c WHERE c.check_name = wanted) THEN
        RAISE EXCEPTION 'unknown check "%"', wanted
            USING ERRCODE = 'no_data_found', HINT = 'mkt.audit_check lists the checks.';
    END IF;
    FOR todo IN
        SELECT c.check_name, c.query FROM mkt.audit_check AS c
        WHERE c.check_name = wanted OR wanted IS NULL AND c.enabled
        ORDER BY c.check_name
    LOOP
        check_name := todo.check_name;
        FOR detail IN EXECUTE todo.query LOOP
            RETURN NEXT;
        END LOOP;
    END LOOP;
END
$$;
COMMENT ON FUNCTION mkt.audit(text) IS
    'Every breach of a check of mkt.audit_check, in words; zero rows when the books balance. Counts what the caller may see: run it as head office. wanted: one check by name, also if it is switched off.';
