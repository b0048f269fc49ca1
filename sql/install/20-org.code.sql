-- ----------------------------------------------------------------------
-- sql/install/20-org.code.sql: the tree of units. Changing it is 20-org-life.
-- The tables are sql/platform/20-org; what a login may see is
-- sql/install/98-access.
-- ----------------------------------------------------------------------

-- ---- the tree ----------------------------------------------------------
CREATE FUNCTION mkt._day(as_of timestamptz) RETURNS date
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (as_of AT TIME ZONE (SELECT p.time_zone FROM mkt.platform AS p))::date;
END
$$;
COMMENT ON FUNCTION mkt._day(timestamptz) IS 'The day of a moment in the time zone of the platform.';

CREATE FUNCTION mkt._org_lock() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Not a lock on the table: two who write it both hold a weak one already,
    -- and would wait for each other to get the stronger one.
    PERFORM pg_advisory_xact_lock(hashtextextended('mkt org', 0));
END
$$;
COMMENT ON FUNCTION mkt._org_lock() IS 'Who changes the shape of the tree waits here for whoever does so already, until the end of that transaction. Readers do not wait.';

CREATE FUNCTION mkt.org_tree(as_of timestamptz DEFAULT now())
    RETURNS TABLE (org_id integer, parent_id integer, tier smallint, code text, name text, name_zh text, area_kind text,
                   open boolean, lft integer, rgt integer)
    LANGUAGE plpgsql STABLE PARALLEL SAFE COST 100000 ROWS 20000
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    day date := mkt._day(org_tree.as_of);
BEGIN
    RETURN QUERY
        WITH RECURSIVE placed AS MATERIALIZED (
            -- Before its first day a unit stands where it came to stand, after
            -- its last one where it stood: so every fact has a place in every tree.
            SELECT o.org_id, o.tier, o.code, o.area_kind,
                   CASE WHEN day IS NULL THEN o.parent_id ELSE h.parent_id END AS parent_id,
                   CASE WHEN day IS NULL THEN o.name ELSE h.name END AS name,
                   CASE WHEN day IS NULL THEN o.name_zh ELSE h.name_zh END AS name_zh,
                   CASE WHEN day IS NULL THEN o.valid_to IS NULL
                        ELSE o.valid_from <= day AND (o.valid_to IS NULL OR day < o.valid_to) END AS open
            FROM mkt.org AS o
            LEFT JOIN LATERAL (
                SELECT h.parent_id, h.name, h.name_zh
                FROM mkt.org_history AS h
                WHERE day IS NOT NULL AND h.org_id = o.org_id
                ORDER BY (h.since <= day) DESC, abs(h.since - day)
                LIMIT 1) AS h ON true
        ), walk AS (
            SELECT p.org_id, ARRAY[p.code COLLATE "C"] AS sort, ARRAY[p.org_id] AS line
            FROM placed AS p
            WHERE p.parent_id IS NULL
            UNION ALL
            SELECT p.org_id, w.sort || p.code COLLATE "C", w.line || p.org_id
            FROM walk AS w
            JOIN placed AS p ON p.parent_id = w.org_id
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
        SELECT p.org_id, p.parent_id, p.tier, p.code, p.name, p.name_zh, p.area_kind, p.open, s.lft, s.rgt
        FROM placed AS p
        JOIN span AS s ON s.org_id = p.org_id;
END
$$;
COMMENT ON FUNCTION mkt.org_tree(timestamptz) IS
    'The organisation of then, numbered in preorder (siblings by code) like mkt.org: parents and names from mkt.org_history. Every unit is in it once; open: it existed that day. NULL: as it stands now, open if it is not closed (S0-011).';

CREATE FUNCTION mkt.org_renumber() RETURNS integer
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    changed integer;
BEGIN
    PERFORM mkt._org_lock();
    UPDATE mkt.org AS o
    SET lft = t.lft, rgt = t.rgt
    FROM mkt.org_tree(NULL) AS t
    WHERE o.org_id = t.org_id AND (o.lft, o.rgt) IS DISTINCT FROM (t.lft, t.rgt);
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END
$$;
COMMENT ON FUNCTION mkt.org_renumber() IS
    'Numbers the tree in preorder (siblings by code) so that a subtree is an interval; returns how many units got new numbers. Runs by itself when the tree changes (S0-011).';

CREATE FUNCTION mkt._org_lock_trigger() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM mkt._org_lock();
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION mkt._org_lock_trigger() IS 'Statement trigger of mkt.org: changes of the shape take turns.';

CREATE FUNCTION mkt._org_renumber_trigger() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM mkt.org_renumber();
    -- Every change writes the province, so that a REPEATABLE READ transaction
    -- that would number an older tree fails.
    UPDATE mkt.org AS o SET lft = o.lft WHERE o.parent_id IS NULL;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION mkt._org_renumber_trigger() IS 'Statement trigger of mkt.org: keeps the intervals right.';

CREATE FUNCTION mkt.org_children(org_id integer, as_of timestamptz DEFAULT now())
    RETURNS TABLE (child_id integer, code text, name text, name_zh text, tier smallint)
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 20
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    day date := mkt._day(org_children.as_of);
BEGIN
    RETURN QUERY
        SELECT o.org_id, o.code, h.name, h.name_zh, o.tier
        FROM (SELECT DISTINCT e.org_id FROM mkt.org_history AS e WHERE e.parent_id = org_children.org_id) AS ever
        JOIN mkt.org AS o ON o.org_id = ever.org_id
        CROSS JOIN LATERAL (
            SELECT h.parent_id, h.name, h.name_zh
            FROM mkt.org_history AS h
            WHERE h.org_id = o.org_id
            ORDER BY (h.since <= day) DESC, abs(h.since - day)
            LIMIT 1) AS h
        WHERE h.parent_id = org_children.org_id
          AND o.valid_from <= day AND (o.valid_to IS NULL OR day < o.valid_to)
        ORDER BY o.code COLLATE "C";
END
$$;
COMMENT ON FUNCTION mkt.org_children(integer, timestamptz) IS
    'One step of the drill: the units directly below a unit then, with the names of then (S0-011, S0-027).';

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
