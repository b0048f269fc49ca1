-- ----------------------------------------------------------------------
-- sql/install/31-import.code.sql: from outside keys to customer numbers, and
-- customers by the million from a table or a query.
--
-- An import holds a lock that lets nobody else write customers, and reads
-- what it decides from after it has it. So two imports with the same keys
-- take turns, numbers are counted on from the greatest there is, and none is
-- lost to a conflict.
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt.customer_current(cid bigint) RETURNS bigint
    LANGUAGE plpgsql STABLE STRICT
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    answer bigint;
BEGIN
    WITH RECURSIVE way AS (
        SELECT c.cid, c.merged_into FROM mkt.customer AS c WHERE c.cid = customer_current.cid
        UNION ALL
        SELECT n.cid, n.merged_into FROM way AS w JOIN mkt.customer AS n ON n.cid = w.merged_into
    )
    SELECT w.cid INTO answer FROM way AS w WHERE w.merged_into IS NULL;
    RETURN answer;
END
$$;
COMMENT ON FUNCTION mkt.customer_current(bigint) IS 'The customer that a number means now: itself, or whom it was merged into. NULL: no such customer, or not the caller''s.';

CREATE FUNCTION mkt.customer_find(system text, outside_key text) RETURNS bigint
    LANGUAGE plpgsql STABLE STRICT
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    first boolean;
BEGIN
    SELECT s.is_leading INTO first FROM mkt.key_system AS s WHERE s.system_code = system;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'key system "%" does not exist', system
            USING ERRCODE = 'undefined_object',
                  HINT = format('Systems: %s.', (SELECT string_agg(s.system_code, ', ' ORDER BY s.system_code) FROM mkt.key_system AS s));
    ELSIF first THEN
        RETURN mkt.customer_current((SELECT c.cid FROM mkt.customer AS c WHERE c.customer_key = outside_key));
    END IF;
    RETURN mkt.customer_current((SELECT k.cid FROM mkt.customer_key AS k WHERE k.system_code = system AND k.outside_key = customer_find.outside_key));
END
$$;
COMMENT ON FUNCTION mkt.customer_find(text, text) IS
    'The number of the customer that another system knows by this key; after a merge the one that stayed. NULL: nobody, or not the caller''s (S3-008).';

CREATE FUNCTION mkt._import_columns(source text) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning   -- nothing to drop is no news
AS $$
DECLARE
    known   text[] := '{customer_key,net,name_zh,phone,lon,lat,location,address_code,household_id,joined_on,live,owner_code}'
                      || ARRAY(SELECT 'key_' || s.system_code FROM mkt.key_system AS s WHERE NOT s.is_leading);
    columns jsonb;
    unknown text;
BEGIN
    DROP TABLE IF EXISTS pg_temp.mkt_import_shape;
    EXECUTE format('CREATE TEMP TABLE mkt_import_shape ON COMMIT DROP AS SELECT * FROM %s AS s LIMIT 0', source);
    SELECT jsonb_object_agg(a.attname, format_type(a.atttypid, NULL)) INTO columns
    FROM pg_attribute AS a
    WHERE a.attrelid = 'pg_temp.mkt_import_shape'::regclass AND a.attnum > 0;
    DROP TABLE pg_temp.mkt_import_shape;

    SELECT string_agg(c, ', ' ORDER BY c) INTO unknown FROM jsonb_object_keys(columns) AS c WHERE NOT c = ANY (known);
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'an import cannot read column "%"', unknown
            USING ERRCODE = 'undefined_column', HINT = format('Columns it reads: %s.', array_to_string(known, ', '));
    ELSIF NOT columns ? 'customer_key' THEN
        RAISE EXCEPTION 'an import needs the column "customer_key"'
            USING ERRCODE = 'undefined_column', HINT = 'By it a customer is known again.';
    ELSIF (columns ? 'lon') <> (columns ? 'lat') THEN
        RAISE EXCEPTION 'an import has lon and lat both, or neither'
            USING ERRCODE = 'undefined_column', HINT = 'Degrees in WGS 84; or give location, a point in SRID 4326.';
    END IF;
    RETURN columns;
END
$$;
COMMENT ON FUNCTION mkt._import_columns(text) IS 'The columns of an import with their types; an error if it cannot read them.';

CREATE FUNCTION mkt._import_read(source text, columns jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning   -- nothing to drop is no news
AS $$
DECLARE
    -- what a column of the import is called here, and how it is read; a column
    -- that is not there says nothing, and what is not said stays as it is
    reading text := (
        SELECT string_agg(format('%s AS %I',
                                 CASE WHEN columns ? r.name THEN format(r.expression, 's.' || r.name) ELSE 'NULL::' || r.type END, r.name),
                          ', ' ORDER BY r.name)
        FROM (VALUES ('net', 'text', '%s::text'), ('name_zh', 'text', '%s::text'), ('phone', 'text', '%s::text'),
                     ('address_code', 'text', 'nullif(%s::text, '''')'), ('owner_code', 'text', 'nullif(%s::text, '''')'),
                     ('household_id', 'bigint', '%s::bigint'), ('joined_on', 'date', '%s::date'), ('live', 'boolean', '%s::boolean'))
             AS r(name, type, expression));
    point   text := CASE WHEN columns ? 'lon' THEN 'CASE WHEN s.lon::float8 BETWEEN -180 AND 180 AND s.lat::float8 BETWEEN -90 AND 90 THEN mkt._make_point(s.lon::float8, s.lat::float8) END'
                         WHEN columns ? 'location' THEN 'CASE WHEN (SELECT f.kind = ''POINT'' AND NOT f.empty AND f.srid = 4326 AND f.xmin BETWEEN -180 AND 180 AND f.ymin BETWEEN -90 AND 90 FROM mkt._shape_facts(s.location) AS f) THEN s.location END'
                         ELSE 'NULL::' || (SELECT format_type(a.atttypid, NULL) FROM pg_attribute AS a WHERE a.attrelid = 'mkt.customer'::regclass AND a.attname = 'location') END;
    pointed text := CASE WHEN columns ? 'lon' THEN '(s.lon IS NOT NULL OR s.lat IS NOT NULL)' WHEN columns ? 'location' THEN 's.location IS NOT NULL' ELSE 'false' END;
    keys    text := coalesce((SELECT string_agg(format('s.%1$I::text AS %1$I', k), ', ') FROM jsonb_object_keys(columns) AS k WHERE k LIKE 'key\_%'), 'NULL AS key_none');
BEGIN
    DROP TABLE IF EXISTS pg_temp.mkt_import, pg_temp.mkt_import_key;
    EXECUTE format($sql$
        CREATE TEMP TABLE mkt_import ON COMMIT DROP AS
        SELECT i.*,
               CASE WHEN coalesce(i.customer_key, '') = '' THEN 'no_key'
                    WHEN count(*) OVER (PARTITION BY i.customer_key COLLATE "C") > 1 THEN 'duplicate_key'
                    WHEN i.net NOT IN ('own', 'off') THEN 'bad_net'
                    WHEN i.pointed AND i.point IS NULL THEN 'bad_point' END AS reason
        FROM (SELECT row_number() OVER () AS line, s.customer_key::text AS customer_key, %s, %s AS point, %s AS pointed, %s
              FROM %s AS s) AS i
        $sql$, reading, point, pointed, keys, source);
    ANALYZE pg_temp.mkt_import;

    CREATE TEMP TABLE mkt_import_key (line bigint, system_code text, outside_key text) ON COMMIT DROP;
    FOR keys IN SELECT k FROM jsonb_object_keys(columns) AS k WHERE k LIKE 'key\_%' LOOP
        EXECUTE format('INSERT INTO pg_temp.mkt_import_key SELECT i.line, %L, i.%I FROM pg_temp.mkt_import AS i WHERE i.reason IS NULL AND i.%2$I <> ''''', substr(keys, 5), keys);
    END LOOP;
    ANALYZE pg_temp.mkt_import_key;
END
$$;
COMMENT ON FUNCTION mkt._import_read(text, jsonb) IS
    'Reads an import into pg_temp.mkt_import, each line with the reason to refuse it that can be seen in the import itself, and its keys of other systems into pg_temp.mkt_import_key.';

CREATE FUNCTION mkt._import_plan() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning   -- nothing to drop is no news
AS $$
DECLARE
    last_cid bigint := (SELECT coalesce(max(c.cid), 0) FROM mkt.customer AS c);
BEGIN
    DROP TABLE IF EXISTS pg_temp.mkt_import_plan;
    EXECUTE $sql$
        CREATE TEMP TABLE mkt_import_plan ON COMMIT DROP AS
        WITH claim AS (
            SELECT k.line, min(CASE WHEN k.claims > 1 THEN 'key_twice' WHEN d.cid <> coalesce(c.cid, -1) THEN 'key_taken' END) AS reason,
                   min(k.system_code || ' ' || k.outside_key) FILTER (WHERE k.claims > 1 OR d.cid <> coalesce(c.cid, -1)) AS detail,
                   count(*) FILTER (WHERE d.cid IS NULL) AS news
            FROM (SELECT x.*, count(*) OVER (PARTITION BY x.system_code, x.outside_key COLLATE "C") AS claims FROM pg_temp.mkt_import_key AS x) AS k
            JOIN pg_temp.mkt_import AS i ON i.line = k.line
            LEFT JOIN mkt.customer AS c ON c.customer_key = i.customer_key
            LEFT JOIN mkt.customer_key AS d ON d.system_code = k.system_code AND d.outside_key = k.outside_key
            GROUP BY k.line
        ), judged AS (
            SELECT i.line, i.customer_key, c.cid AS had,
                   coalesce(i.reason,
                            CASE WHEN c.merged_into IS NOT NULL THEN 'merged'
                                 WHEN c.cid IS NULL AND i.net IS NULL THEN 'bad_net'
                                 WHEN i.address_code IS NOT NULL AND a.address_id IS NULL THEN 'unknown_address'
                                 WHEN i.owner_code IS NOT NULL AND s.staff_id IS NULL THEN 'unknown_staff' END,
                            k.reason) AS reason,
                   coalesce(CASE WHEN k.reason IS NOT NULL THEN k.detail END, i.address_code, i.owner_code, i.net) AS detail,
                   k.news > 0 AS news,
                   coalesce(i.net, c.net) AS net, coalesce(i.name_zh, c.name_zh) AS name_zh, coalesce(i.phone, c.phone) AS phone,
                   coalesce(i.point, c.location, a.location) AS location, coalesce(a.address_id, c.address_id) AS address_id,
                   CASE WHEN i.point IS NOT NULL AND mkt._as_wkb(i.point) IS DISTINCT FROM mkt._as_wkb(c.location) THEN mkt._cell_at(i.point)
                        WHEN i.point IS NULL AND c.location IS NULL AND a.location IS NOT NULL THEN coalesce(a.cell_id, mkt._cell_at(a.location))
                        ELSE c.cell_id END AS cell_id,
                   coalesce(s.staff_id, c.owner_staff_id) AS owner_staff_id,
                   coalesce(i.household_id, c.household_id) AS household_id,
                   coalesce(i.household_id IS NULL AND c.household_derived, false) AS household_derived,
                   coalesce(i.joined_on, c.joined_on) AS joined_on, coalesce(i.live, c.live, true) AS live,
                   c.net AS old_net, c.name_zh AS old_name_zh, c.phone AS old_phone, mkt._as_wkb(c.location) AS old_location, c.address_id AS old_address_id,
                   c.cell_id AS old_cell_id, c.owner_staff_id AS old_owner, c.household_id AS old_household_id, c.household_derived AS old_derived,
                   c.joined_on AS old_joined_on, c.live AS old_live
            FROM pg_temp.mkt_import AS i
            LEFT JOIN mkt.customer AS c ON c.customer_key = i.customer_key
            LEFT JOIN mkt.address AS a ON a.code = i.address_code
            LEFT JOIN mkt.staff AS s ON s.code = i.owner_code
            LEFT JOIN claim AS k ON k.line = i.line
        )
        SELECT coalesce(j.had, CASE WHEN j.reason IS NULL THEN
                   $1 + count(*) FILTER (WHERE j.had IS NULL AND j.reason IS NULL) OVER (ORDER BY j.line) END) AS cid,
               CASE WHEN j.reason IS NOT NULL THEN 'refused'
                    WHEN j.had IS NULL THEN 'inserted'
                    WHEN j.news OR j.changed THEN 'updated' ELSE 'unchanged' END AS outcome,
               j.had IS NULL OR (j.live, j.cell_id) IS DISTINCT FROM (j.old_live, j.old_cell_id) AS moved,
               j.*
        FROM (SELECT d.*,
                     (d.net, d.name_zh, d.phone, mkt._as_wkb(d.location), d.address_id, d.cell_id, d.owner_staff_id, d.household_id, d.household_derived, d.joined_on, d.live)
                     IS DISTINCT FROM (d.old_net, d.old_name_zh, d.old_phone, d.old_location, d.old_address_id, d.old_cell_id, d.old_owner, d.old_household_id,
                                       d.old_derived, d.old_joined_on, d.old_live) AS changed
              FROM judged AS d) AS j
        $sql$ USING last_cid;
END
$$;
COMMENT ON FUNCTION mkt._import_plan() IS
    'Decides every line of pg_temp.mkt_import into pg_temp.mkt_import_plan: what becomes of it, under which number, with which values.';

CREATE FUNCTION mkt._import_write(run bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE 'INSERT INTO mkt.import_refusal (import_id, line, customer_key, reason, detail)
        SELECT $1, p.line, p.customer_key, p.reason, p.detail FROM pg_temp.mkt_import_plan AS p WHERE p.outcome = ''refused''' USING run;
    EXECUTE 'INSERT INTO mkt.customer (cid, customer_key, net, name_zh, phone, location, address_id, cell_id, owner_staff_id, household_id, joined_on, live)
        SELECT p.cid, p.customer_key, p.net, p.name_zh, p.phone, p.location, p.address_id, p.cell_id, p.owner_staff_id, p.household_id, p.joined_on, p.live
        FROM pg_temp.mkt_import_plan AS p WHERE p.outcome = ''inserted'' ORDER BY p.cid';
    EXECUTE 'UPDATE mkt.customer AS c
        SET net = p.net, name_zh = p.name_zh, phone = p.phone, location = p.location, address_id = p.address_id, cell_id = p.cell_id,
            owner_staff_id = p.owner_staff_id, household_id = p.household_id, household_derived = p.household_derived, joined_on = p.joined_on, live = p.live
        FROM pg_temp.mkt_import_plan AS p WHERE p.outcome = ''updated'' AND p.changed AND p.cid = c.cid';
    EXECUTE 'INSERT INTO mkt.customer_key (system_code, outside_key, cid)
        SELECT k.system_code, k.outside_key, p.cid
        FROM pg_temp.mkt_import_key AS k JOIN pg_temp.mkt_import_plan AS p ON p.line = k.line
        WHERE p.outcome IN (''inserted'', ''updated'') AND p.news
          AND NOT EXISTS (SELECT FROM mkt.customer_key AS d WHERE d.system_code = k.system_code AND d.outside_key = k.outside_key)';
END
$$;
COMMENT ON FUNCTION mkt._import_write(bigint) IS 'Writes what pg_temp.mkt_import_plan decided.';

CREATE FUNCTION mkt._import_universe(as_of timestamptz) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    moved bigint[];
BEGIN
    EXECUTE 'SELECT array_agg(p.cid) FROM pg_temp.mkt_import_plan AS p WHERE p.moved AND p.outcome IN (''inserted'', ''updated'')' INTO moved;
    IF cardinality(moved) > 100000 THEN        -- reading all customers once is cheaper than changing most of their blocks
        PERFORM mkt.tag_refresh('{live,cell}', as_of);
    ELSE
        PERFORM mkt.customer_follow(moved, as_of);
    END IF;
END
$$;
COMMENT ON FUNCTION mkt._import_universe(timestamptz) IS 'Brings the tags live and cell up to date with what an import has written.';

CREATE FUNCTION mkt.customer_import(source text, as_of timestamptz DEFAULT now(), universe boolean DEFAULT true)
    RETURNS TABLE (import_id bigint, outcome text, reason text, customers bigint, example text)
    LANGUAGE plpgsql ROWS 5
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    reading text := CASE WHEN source ~* '^\s*(select|with|values|table)\M' THEN format(E'(%s\n)', source) ELSE source END;
    columns jsonb;
BEGIN
    PERFORM mkt._require_platform();
    IF NOT mkt.sees_all() THEN
        RAISE EXCEPTION 'role "%" does not see all customers and cannot import any', current_user
            USING ERRCODE = 'insufficient_privilege', HINT = 'Who does not see a customer would enter it a second time: head office imports.';
    END IF;
    columns := mkt._import_columns(reading);
    -- Lets readers and foreign keys pass, but no other writer of customers.
    LOCK TABLE mkt.customer, mkt.customer_key IN SHARE ROW EXCLUSIVE MODE;
    PERFORM mkt._import_read(reading, columns);
    PERFORM mkt._import_plan();

    EXECUTE 'INSERT INTO mkt.import_run AS r (source, at, inserted, updated, unchanged, refused)
        SELECT $1, $2, count(*) FILTER (WHERE p.outcome = ''inserted''), count(*) FILTER (WHERE p.outcome = ''updated''),
               count(*) FILTER (WHERE p.outcome = ''unchanged''), count(*) FILTER (WHERE p.outcome = ''refused'')
        FROM pg_temp.mkt_import_plan AS p RETURNING r.import_id' INTO import_id USING source, as_of;
    PERFORM mkt._import_write(import_id);
    IF universe THEN
        PERFORM mkt._import_universe(as_of);
    END IF;
    -- last, because a sequence is not taken back by a rollback
    PERFORM setval(pg_get_serial_sequence('mkt.customer', 'cid'), greatest(max(c.cid), 1)) FROM mkt.customer AS c;

    RETURN QUERY EXECUTE 'SELECT $1, p.outcome, p.reason, count(*), min(p.customer_key COLLATE "C")
        FROM pg_temp.mkt_import_plan AS p GROUP BY p.outcome, p.reason
        ORDER BY array_position(''{inserted,updated,unchanged,refused}'', p.outcome), p.reason' USING import_id;
END
$$;
COMMENT ON FUNCTION mkt.customer_import(text, timestamptz, boolean) IS
    'Enters customers from a table (schema-qualified or temporary, for example filled by COPY) or a query, by customer_key, all in one transaction: new ones get the next numbers and are placed on the map, known ones are updated where the import says something else, bad lines are refused one by one (mkt.import_refusal) (S3-008, S3-010). '
    'Importing the same again changes nothing. universe: the tags live and cell follow at once; false leaves that to the next mkt.tag_refresh().';
