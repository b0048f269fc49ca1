-- ----------------------------------------------------------------------
-- sql/install/20-org.code.sql: the tree of units, and what a login may see.
-- The tables are sql/platform/20-org, the lists behind _secure() and
-- grant_access() sql/platform/98-access.
-- ----------------------------------------------------------------------

-- ---- the tree ----------------------------------------------------------
CREATE FUNCTION mkt.org_renumber() RETURNS integer
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    changed integer;
BEGIN
    -- Two moves at once must not number the same tree twice over.
    LOCK TABLE mkt.org IN SHARE ROW EXCLUSIVE MODE;
    WITH RECURSIVE walk AS (
        SELECT o.org_id, ARRAY[o.code COLLATE "C"] AS sort, ARRAY[o.org_id] AS line
        FROM mkt.org AS o
        WHERE o.parent_id IS NULL
        UNION ALL
        SELECT o.org_id, w.sort || o.code COLLATE "C", w.line || o.org_id
        FROM walk AS w
        JOIN mkt.org AS o ON o.parent_id = w.org_id
    ), ranked AS (
        SELECT w.line, row_number() OVER (ORDER BY w.sort)::integer AS place
        FROM walk AS w
    ), span AS (
        -- a unit is the first of its subtree, its last descendant the end
        SELECT a.org_id, min(r.place) AS lft, max(r.place) AS rgt
        FROM ranked AS r
        CROSS JOIN LATERAL unnest(r.line) AS a(org_id)
        GROUP BY a.org_id
    )
    UPDATE mkt.org AS o
    SET lft = s.lft, rgt = s.rgt
    FROM span AS s
    WHERE o.org_id = s.org_id AND (o.lft, o.rgt) IS DISTINCT FROM (s.lft, s.rgt);
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END
$$;
COMMENT ON FUNCTION mkt.org_renumber() IS
    'Numbers the tree in preorder (siblings by code) so that a subtree is an interval; returns how many units got new numbers. Runs by itself when the tree changes (S0-011).';

CREATE FUNCTION mkt._org_renumber_trigger() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM mkt.org_renumber();
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION mkt._org_renumber_trigger() IS 'Statement trigger of mkt.org: keeps the intervals right.';

CREATE FUNCTION mkt.org_move(org_id integer, new_parent integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    unit   record;
    parent record;
BEGIN
    LOCK TABLE mkt.org IN SHARE ROW EXCLUSIVE MODE;
    SELECT o.* INTO unit FROM mkt.org AS o WHERE o.org_id = org_move.org_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unit % does not exist', org_move.org_id
            USING ERRCODE = 'no_data_found', HINT = 'Units are listed in mkt.org.';
    END IF;
    SELECT o.* INTO parent FROM mkt.org AS o WHERE o.org_id = new_parent;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unit % does not exist', new_parent
            USING ERRCODE = 'no_data_found', HINT = 'Units are listed in mkt.org.';
    END IF;
    IF parent.lft BETWEEN unit.lft AND unit.rgt THEN
        RAISE EXCEPTION 'unit % cannot move under %: that would be a cycle', unit.code, parent.code
            USING ERRCODE = 'integrity_constraint_violation',
                  HINT = 'A unit cannot stand under itself or one of its descendants.';
    END IF;
    IF parent.tier <> unit.tier - 1 THEN
        RAISE EXCEPTION 'unit % of tier % cannot stand under % of tier %', unit.code, unit.tier, parent.code, parent.tier
            USING ERRCODE = 'integrity_constraint_violation',
                  HINT = format('Choose a unit of tier %s: SELECT * FROM mkt.org WHERE tier = %s.', unit.tier - 1, unit.tier - 1);
    END IF;
    UPDATE mkt.org AS o SET parent_id = new_parent WHERE o.org_id = unit.org_id;
END
$$;
COMMENT ON FUNCTION mkt.org_move(integer, integer) IS
    'Moves a unit with everything below it under another parent, in one transaction. No fact row is rewritten: facts carry the tier-7 unit only.';

CREATE FUNCTION mkt.org_close(org_id integer, valid_to date) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    unit   record;
    reason text;
BEGIN
    SELECT o.* INTO unit FROM mkt.org AS o WHERE o.org_id = org_close.org_id FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unit % does not exist', org_close.org_id
            USING ERRCODE = 'no_data_found', HINT = 'Units are listed in mkt.org.';
    END IF;
    reason := CASE
        WHEN EXISTS (SELECT FROM mkt.org AS o
                     WHERE o.parent_id = unit.org_id AND (o.valid_to IS NULL OR o.valid_to > org_close.valid_to))
            THEN 'units below it stay open'
        WHEN EXISTS (SELECT FROM mkt.staff AS s WHERE s.org_id = unit.org_id AND s.active)
            THEN 'it still has active staff'
        WHEN EXISTS (SELECT FROM mkt.grid_cell AS g WHERE unit.org_id IN (g.org_id, g.grid_id))
            THEN 'it still answers for cells of the map'
    END;
    IF reason IS NOT NULL THEN
        RAISE EXCEPTION 'unit % cannot be closed: %', unit.code, reason
            USING ERRCODE = 'object_in_use', HINT = 'Hand its units, staff and cells to another unit first.';
    END IF;
    UPDATE mkt.org AS o SET valid_to = org_close.valid_to WHERE o.org_id = unit.org_id;
END
$$;
COMMENT ON FUNCTION mkt.org_close(integer, date) IS
    'Ends a unit on a date (exclusive). Refused while something still hangs on it.';

CREATE FUNCTION mkt.org_children(org_id integer, as_of timestamptz DEFAULT now())
    RETURNS TABLE (child_id integer, code text, name text, name_zh text, tier smallint)
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 20
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    day date := (org_children.as_of AT TIME ZONE (SELECT p.time_zone FROM mkt.platform AS p))::date;
BEGIN
    RETURN QUERY
        SELECT o.org_id, o.code, o.name, o.name_zh, o.tier
        FROM mkt.org AS o
        WHERE o.parent_id = org_children.org_id
          AND o.valid_from <= day AND (o.valid_to IS NULL OR day < o.valid_to)
        ORDER BY o.lft;
END
$$;
COMMENT ON FUNCTION mkt.org_children(integer, timestamptz) IS
    'One step of the drill: the units directly below a unit that were valid then (S0-011, S0-027).';

CREATE FUNCTION mkt._org_path(org_id integer, chinese boolean) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (
        WITH RECURSIVE up AS (
            SELECT o.parent_id, o.tier, o.name, o.name_zh
            FROM mkt.org AS o
            WHERE o.org_id = _org_path.org_id
            UNION ALL
            SELECT o.parent_id, o.tier, o.name, o.name_zh
            FROM up AS u
            JOIN mkt.org AS o ON o.org_id = u.parent_id
        )
        SELECT string_agg(CASE WHEN chinese THEN u.name_zh ELSE u.name END, ' / ' ORDER BY u.tier)
        FROM up AS u);
END
$$;
COMMENT ON FUNCTION mkt._org_path(integer, boolean) IS 'Names from the province down to a unit, joined by " / ".';

CREATE FUNCTION mkt.org_path(org_id integer) RETURNS text
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN mkt._org_path(org_id, false);
COMMENT ON FUNCTION mkt.org_path(integer) IS
    'English names from the province down to a unit, joined by " / "; NULL for an unknown unit (S0-011).';

CREATE FUNCTION mkt.org_path_zh(org_id integer) RETURNS text
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN mkt._org_path(org_id, true);
COMMENT ON FUNCTION mkt.org_path_zh(integer) IS
    'Chinese names from the province down to a unit, joined by " / "; NULL for an unknown unit (S0-011).';

CREATE FUNCTION mkt.org_ancestor(org_id integer, tier integer) RETURNS integer
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (
        WITH RECURSIVE up AS (
            SELECT o.org_id, o.parent_id, o.tier
            FROM mkt.org AS o
            WHERE o.org_id = org_ancestor.org_id
            UNION ALL
            SELECT o.org_id, o.parent_id, o.tier
            FROM up AS u
            JOIN mkt.org AS o ON o.org_id = u.parent_id
        )
        SELECT u.org_id FROM up AS u WHERE u.tier = org_ancestor.tier);
END
$$;
COMMENT ON FUNCTION mkt.org_ancestor(integer, integer) IS
    'The unit of a tier above (or at) a unit; NULL when the unit stands higher than that. For many units join on the intervals instead.';

-- ---- who sees what -----------------------------------------------------
CREATE FUNCTION mkt._has_rights_of(role_name name) RETURNS boolean
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Through the catalog: a role that was dropped gives false, not an error.
    RETURN EXISTS (SELECT FROM pg_roles AS r
                   WHERE r.rolname = role_name AND pg_has_role(r.oid, 'USAGE'));
END
$$;
COMMENT ON FUNCTION mkt._has_rights_of(name) IS
    'Whether the current user has the rights of a role, as CREATE POLICY ... TO would see it.';

CREATE FUNCTION mkt._owns_platform() RETURNS boolean
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN EXISTS (SELECT FROM pg_roles AS r
                   WHERE r.rolname = current_user AND (r.rolsuper OR r.rolbypassrls))
        OR pg_has_role((SELECT c.relowner FROM pg_class AS c WHERE c.oid = 'mkt.org'::regclass), 'USAGE');
END
$$;
COMMENT ON FUNCTION mkt._owns_platform() IS
    'Superusers, BYPASSRLS roles and the owner of mkt.org: those whom row security does not bind.';

CREATE FUNCTION mkt.sees_all() RETURNS boolean
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN mkt._owns_platform()
        OR EXISTS (SELECT FROM mkt.access_grant AS g
                   JOIN mkt.org AS o ON o.org_id = g.org_id
                   WHERE o.parent_id IS NULL AND mkt._has_rights_of(g.role_name));
END
$$;
COMMENT ON FUNCTION mkt.sees_all() IS
    'Whether the caller sees every row: owner, superuser, or a role placed at the province (head office), who also sees rows of no unit.';

CREATE FUNCTION mkt.my_orgs() RETURNS SETOF integer
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1000
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF mkt.sees_all() THEN
        RETURN QUERY SELECT o.org_id FROM mkt.org AS o;
    ELSE
        RETURN QUERY
            SELECT DISTINCT o.org_id
            FROM mkt.access_grant AS g
            JOIN mkt.org AS p ON p.org_id = g.org_id
            JOIN mkt.org AS o ON o.lft BETWEEN p.lft AND p.rgt
            WHERE mkt._has_rights_of(g.role_name);
    END IF;
END
$$;
COMMENT ON FUNCTION mkt.my_orgs() IS
    'Units the caller may see: the subtree of the place of its role. A role without a place has none (S0-010).';

CREATE FUNCTION mkt.my_cells() RETURNS SETOF integer
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 5000
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF mkt.sees_all() THEN
        RETURN QUERY SELECT c.cell_id FROM mkt.grid_cell AS c;
    ELSE
        RETURN QUERY
            SELECT c.cell_id
            FROM mkt.grid_cell AS c
            WHERE c.org_id IN (SELECT mkt.my_orgs());
    END IF;
END
$$;
COMMENT ON FUNCTION mkt.my_cells() IS
    'Cells of the map whose individual is one of mkt.my_orgs(): customers there are the caller''s.';

-- ---- setting access up -------------------------------------------------
CREATE FUNCTION mkt._secure(target regclass, rule text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    mine text := CASE rule
        WHEN 'org'      THEN 'org_id IN (SELECT mkt.my_orgs())'
        WHEN 'cell'     THEN 'cell_id IN (SELECT mkt.my_cells())'
        WHEN 'customer' THEN format('EXISTS (SELECT FROM mkt.customer AS seen WHERE seen.cid = %s.cid)', target)
    END;
BEGIN
    IF mine IS NULL THEN
        RAISE EXCEPTION 'unknown access rule "%"', rule
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Rules are org, cell and customer.';
    END IF;
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('DROP POLICY IF EXISTS scope ON %s', target);
    -- the sub-selects make each function run once per statement
    EXECUTE format('CREATE POLICY scope ON %s USING ((SELECT mkt.sees_all()) OR %s)', target, mine);
    EXECUTE format('COMMENT ON POLICY scope ON %s IS %L', target,
        format('Rule %s: head office sees all, a branch its own subtree.', rule));
END
$$;
COMMENT ON FUNCTION mkt._secure(regclass, text) IS
    'Turns row security on for a table, by rule org (its org_id), cell (its cell_id) or customer (its cid is a customer one sees).';

CREATE FUNCTION mkt._apply_profile(role_name name, profile text, template text DEFAULT 'GRANT %s ON %s TO %I')
    RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    statement text;
BEGIN
    FOR statement IN
        WITH target AS (
            SELECT 'schema' AS object_kind, s.nspname::text AS name, NULL AS rule, format('SCHEMA %I', s.nspname) AS object
            FROM pg_namespace AS s
            UNION ALL
            SELECT 'table', c.oid::regclass::text, a.rule, 'TABLE ' || c.oid::regclass
            FROM pg_class AS c
            LEFT JOIN mkt.table_access AS a
                   ON c.relnamespace = 'mkt'::regnamespace AND c.relname = a.table_name
            WHERE c.relnamespace::regnamespace::text IN ('mkt', 'mkt_cockpit') AND c.relkind IN ('r', 'p', 'v')
            UNION ALL
            -- a routine that only reads with the caller's rights is a reader
            SELECT CASE WHEN p.provolatile <> 'v' AND NOT p.prosecdef THEN 'reader' ELSE 'routine' END,
                   format('%s.%s', p.pronamespace::regnamespace, p.proname), NULL, 'ROUTINE ' || p.oid::regprocedure
            FROM pg_proc AS p
            WHERE p.pronamespace::regnamespace::text IN ('mkt', 'mkt_cockpit')
        )
        SELECT DISTINCT format(template, g.privilege, t.object, role_name)
        FROM mkt.profile_grant AS g
        JOIN target AS t
          ON CASE g.object_kind
                 WHEN 'rule' THEN t.rule = g.pattern
                 -- a reader is a routine, too
                 ELSE (t.object_kind = g.object_kind OR (g.object_kind, t.object_kind) = ('routine', 'reader'))
                  AND t.name LIKE replace(replace(g.pattern, '_', '\_'), '*', '%')
             END
        WHERE g.profile_code = profile
    LOOP
        EXECUTE statement;
    END LOOP;
END
$$;
COMMENT ON FUNCTION mkt._apply_profile(name, text, text) IS
    'Grants a role what mkt.profile_grant says about a profile, on the objects that exist now; another template takes it back.';

CREATE FUNCTION mkt._access_refresh() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM mkt._apply_profile(r.rolname, g.profile_code)
    FROM mkt.access_grant AS g
    JOIN pg_roles AS r ON r.rolname = g.role_name;
END
$$;
COMMENT ON FUNCTION mkt._access_refresh() IS
    'Grants every known role what its profile allows on objects that an upgrade brought.';

CREATE FUNCTION mkt.grant_access(role_name name, profile text, org integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    root_only boolean;
    parent_id integer;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = grant_access.role_name) THEN
        RAISE EXCEPTION 'role "%" does not exist', grant_access.role_name
            USING ERRCODE = 'undefined_object', HINT = format('CREATE ROLE %I LOGIN;', grant_access.role_name);
    END IF;
    SELECT p.root_only INTO root_only FROM mkt.profile AS p WHERE p.profile_code = grant_access.profile;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'profile "%" does not exist', grant_access.profile
            USING ERRCODE = 'undefined_object',
                  HINT = format('Profiles: %s.', (SELECT string_agg(p.profile_code, ', ' ORDER BY p.profile_code) FROM mkt.profile AS p));
    END IF;
    SELECT o.parent_id INTO parent_id FROM mkt.org AS o WHERE o.org_id = grant_access.org;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unit % does not exist', coalesce(grant_access.org::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'Every login needs a place in the organisation: see mkt.org.';
    END IF;
    IF root_only AND parent_id IS NOT NULL THEN
        RAISE EXCEPTION 'profile "%" stands at the province only, not at unit %', grant_access.profile, grant_access.org
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Use branch_admin for a branch, or the org_id of the province.';
    END IF;
    -- A role whose profile changes must not keep what the old one gave it.
    PERFORM mkt._apply_profile(g.role_name, g.profile_code, 'REVOKE %s ON %s FROM %I')
    FROM mkt.access_grant AS g
    WHERE g.role_name = grant_access.role_name AND g.profile_code <> grant_access.profile;
    INSERT INTO mkt.access_grant AS g (role_name, profile_code, org_id)
    VALUES (grant_access.role_name, grant_access.profile, grant_access.org)
    ON CONFLICT ON CONSTRAINT access_grant_pkey
        DO UPDATE SET profile_code = excluded.profile_code, org_id = excluded.org_id;
    PERFORM mkt._apply_profile(grant_access.role_name, grant_access.profile);
END
$$;
COMMENT ON FUNCTION mkt.grant_access(name, text, integer) IS
    'Gives a database role a place in the organisation and the privileges of a profile. The place decides which rows it sees, the profile what it may do. Repeatable; a new call replaces the old place.';
