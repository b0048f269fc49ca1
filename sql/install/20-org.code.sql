-- ----------------------------------------------------------------------
-- sql/install/20-org.code.sql: the tree of units. The tables are
-- sql/platform/20-org; what a login may see is sql/install/98-access.
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
