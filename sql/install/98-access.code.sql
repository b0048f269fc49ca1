-- ----------------------------------------------------------------------
-- sql/install/98-access.code.sql: what a login may see and do. The tree it
-- stands in is 20-org, the lists behind _secure() and grant_access() are
-- sql/platform/98-access, the C behind the policies is in src/org.
-- ----------------------------------------------------------------------

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

-- From the caller's roles to their lines: there may be a line for each of
-- thousands of people. Memberships without inheritance are followed, too, so
-- that one rule decides, that of pg_has_role().
CREATE FUNCTION mkt._my_places() RETURNS TABLE (role_name name, profile_code text, org_id integer)
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
        WITH RECURSIVE mine AS (
            SELECT r.oid FROM pg_roles AS r WHERE r.rolname = current_user
            UNION
            SELECT m.roleid FROM mine AS x JOIN pg_auth_members AS m ON m.member = x.oid
        )
        SELECT g.role_name, g.profile_code, g.org_id
        FROM mine AS x
        JOIN mkt.access_grant AS g ON g.role_name = pg_get_userbyid(x.oid)
        WHERE pg_has_role(x.oid, 'USAGE');
END
$$;
COMMENT ON FUNCTION mkt._my_places() IS 'Units where the caller stands: the places of all roles whose rights it has.';

CREATE FUNCTION mkt.sees_all() RETURNS boolean
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN mkt._owns_platform()
        OR EXISTS (SELECT FROM mkt._my_places() AS p
                   JOIN mkt.org AS o ON o.org_id = p.org_id
                   WHERE o.parent_id IS NULL);
END
$$;
COMMENT ON FUNCTION mkt.sees_all() IS
    'Whether the caller sees every row: owner, superuser, or a role placed at the province (head office), who also sees rows of no unit.';

CREATE FUNCTION mkt._my_units() RETURNS SETOF integer
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1000
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- the list of tiers lets one index of the tree find the subtree
    RETURN QUERY
        SELECT DISTINCT o.org_id
        FROM mkt._my_places() AS m
        JOIN mkt.org AS p ON p.org_id = m.org_id
        JOIN mkt.org AS o ON o.tier = ANY ('{1,2,3,4,5,6,7}'::smallint[]) AND o.lft BETWEEN p.lft AND p.rgt;
END
$$;
COMMENT ON FUNCTION mkt._my_units() IS 'Units in the subtrees of mkt._my_places(): what the C behind the policies reads, once a statement.';

-- ---- row security ------------------------------------------------------
CREATE FUNCTION mkt._sees_support(internal) RETURNS internal
    LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'mkt__sees_support';
COMMENT ON FUNCTION mkt._sees_support(internal) IS
    'Tells the planner which part of the rows a policy leaves to the caller, and turns the policy into a condition of an index when that part is small.';

CREATE FUNCTION mkt._sees_org(org_id integer) RETURNS boolean
    LANGUAGE c STABLE PARALLEL SAFE COST 1 SUPPORT mkt._sees_support AS 'MODULE_PATHNAME', 'mkt__sees_org';
COMMENT ON FUNCTION mkt._sees_org(integer) IS
    'Policy of rule org: whether the unit is in the caller''s subtree; of no unit, whether the caller sees all. The subtree is read once a statement (S0-010).';

CREATE FUNCTION mkt._sees_cell(cell_id integer) RETURNS boolean
    LANGUAGE c STABLE PARALLEL SAFE COST 1 SUPPORT mkt._sees_support AS 'MODULE_PATHNAME', 'mkt__sees_cell';
COMMENT ON FUNCTION mkt._sees_cell(integer) IS
    'Policy of rule cell: whether the caller sees the cell of the map, read once a statement (S0-010).';

CREATE FUNCTION mkt._sees_customer(cid bigint) RETURNS boolean
    LANGUAGE c STABLE PARALLEL SAFE COST 2 SUPPORT mkt._sees_support AS 'MODULE_PATHNAME', 'mkt__sees_customer';
COMMENT ON FUNCTION mkt._sees_customer(bigint) IS
    'Policy of rule customer: whether the caller sees the row of mkt.customer. Few are looked up; for many, all that the caller sees are read once a statement (S0-010).';

CREATE FUNCTION mkt._my_org_ids() RETURNS integer[]
    LANGUAGE c STABLE PARALLEL SAFE COST 1000 SUPPORT mkt._sees_support AS 'MODULE_PATHNAME', 'mkt__my_org_ids';
COMMENT ON FUNCTION mkt._my_org_ids() IS 'Units mkt._sees_org() says true of; by an index, policies compare with it. Empty for those who see all.';

CREATE FUNCTION mkt._my_cell_ids() RETURNS integer[]
    LANGUAGE c STABLE PARALLEL SAFE COST 1000 SUPPORT mkt._sees_support AS 'MODULE_PATHNAME', 'mkt__my_cell_ids';
COMMENT ON FUNCTION mkt._my_cell_ids() IS 'Cells mkt._sees_cell() says true of.';

CREATE FUNCTION mkt._my_customer_ids() RETURNS bigint[]
    LANGUAGE c STABLE PARALLEL SAFE COST 1000 SUPPORT mkt._sees_support AS 'MODULE_PATHNAME', 'mkt__my_customer_ids';
COMMENT ON FUNCTION mkt._my_customer_ids() IS 'Customers mkt._sees_customer() says true of.';

CREATE FUNCTION mkt.my_orgs() RETURNS SETOF integer
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1000
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF mkt.sees_all() THEN
        RETURN QUERY SELECT o.org_id FROM mkt.org AS o;
    ELSE
        RETURN QUERY SELECT unnest(mkt._my_org_ids());
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
    -- the table's own row security says it
    RETURN QUERY SELECT c.cell_id FROM mkt.grid_cell AS c;
END
$$;
COMMENT ON FUNCTION mkt.my_cells() IS
    'Cells of the map whose individual is one of mkt.my_orgs(): customers there are the caller''s.';

CREATE FUNCTION mkt.my_place()
    RETURNS TABLE (role_name name, profile_code text, org_id integer, org_code text, path text, path_zh text, sees text)
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
        SELECT m.role_name, m.profile_code, m.org_id, o.code, mkt.org_path(m.org_id), mkt.org_path_zh(m.org_id),
               CASE WHEN o.parent_id IS NULL THEN 'every row' ELSE 'rows of this unit and those below it' END
        FROM mkt._my_places() AS m
        JOIN mkt.org AS o ON o.org_id = m.org_id
        ORDER BY o.lft, m.role_name;
    IF FOUND THEN
        RETURN;
    END IF;
    RETURN QUERY
        SELECT current_user::name, NULL::text, NULL::integer, NULL::text, NULL::text, NULL::text,
               CASE WHEN mkt._owns_platform() THEN 'every row: row security does not bind the owner, superusers and BYPASSRLS roles'
                    ELSE 'no row: the role has no place in the organisation; the owner gives it one by mkt.grant_access(role, profile, org_id)' END;
END
$$;
COMMENT ON FUNCTION mkt.my_place() IS
    'Where the caller stands, as what, and what that lets it see; without a place, why it sees nothing (S0-010).';

-- ---- setting access up -------------------------------------------------
CREATE FUNCTION mkt._secure(target regclass, rule text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    key name := CASE rule WHEN 'org' THEN 'org_id' WHEN 'cell' THEN 'cell_id' WHEN 'customer' THEN 'cid' END;
    table_name name := (SELECT c.relname FROM pg_class AS c WHERE c.oid = target);
BEGIN
    IF key IS NULL THEN
        RAISE EXCEPTION 'unknown access rule "%"', rule
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Rules are org, cell and customer.';
    END IF;
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('DROP POLICY IF EXISTS scope ON %s', target);
    EXECUTE format('CREATE POLICY scope ON %s USING (mkt._sees_%s(%I))', target, rule, key);
    EXECUTE format('COMMENT ON POLICY scope ON %s IS %L', target,
        format('Rule %s: head office sees all, a branch its own subtree.', rule));
    -- the condition of an index needs one
    IF NOT EXISTS (SELECT FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
                   JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_am AS m ON m.oid = c.relam AND m.amname = 'btree'
                   WHERE i.indrelid = target AND i.indisvalid AND i.indpred IS NULL AND a.attname = key) THEN
        EXECUTE format('CREATE INDEX %I ON %s (%I)', table_name || '_scope_idx', target, key);
    END IF;
END
$$;
COMMENT ON FUNCTION mkt._secure(regclass, text) IS
    'Turns row security on for a table, by rule org (its org_id), cell (its cell_id) or customer (its cid is a customer one sees), and gives it the index that lets the policy be one of its conditions.';

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

CREATE FUNCTION mkt.revoke_access(role_name name) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    profile text;
BEGIN
    DELETE FROM mkt.access_grant AS g WHERE g.role_name = revoke_access.role_name
    RETURNING g.profile_code INTO profile;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'role "%" has no place in the organisation', revoke_access.role_name
            USING ERRCODE = 'undefined_object', HINT = 'Places are listed in mkt.access_grant.';
    END IF;
    IF EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = revoke_access.role_name) THEN
        PERFORM mkt._apply_profile(revoke_access.role_name, profile, 'REVOKE %s ON %s FROM %I');
    END IF;
END
$$;
COMMENT ON FUNCTION mkt.revoke_access(name) IS
    'Takes a role''s place and the privileges of its profile; also cleans up after a role that was dropped.';
