-- ----------------------------------------------------------------------
-- sql/install/26-drill.code.sql: figures along the tree. What a figure is made
-- of is one query of facts, each with the unit that answers for it: its sum is
-- the figure of a unit, its rows are what lies behind the figure.
-- For all units at once: the view mkt._org_above (sql/platform/26-drill).
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt.drill_path(node integer, as_of timestamptz DEFAULT NULL)
    RETURNS TABLE (tier smallint, org_id integer, code text, name text, name_zh text)
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 7
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    day date := mkt._day(drill_path.as_of);
BEGIN
    PERFORM mkt._org_unit(node);
    RETURN QUERY
        WITH RECURSIVE up AS (
            SELECT node AS org_id
            UNION ALL
            SELECT CASE WHEN day IS NULL THEN o.parent_id
                        ELSE (SELECT h.parent_id FROM mkt.org_history AS h WHERE h.org_id = u.org_id
                              ORDER BY (h.since <= day) DESC, abs(h.since - day) LIMIT 1) END
            FROM up AS u
            JOIN mkt.org AS o ON o.org_id = u.org_id
        )
        SELECT o.tier, o.org_id, o.code, coalesce(h.name, o.name), coalesce(h.name_zh, o.name_zh)
        FROM up AS u
        JOIN mkt.org AS o ON o.org_id = u.org_id
        LEFT JOIN LATERAL (
            SELECT h.name, h.name_zh FROM mkt.org_history AS h WHERE day IS NOT NULL AND h.org_id = o.org_id
            ORDER BY (h.since <= day) DESC, abs(h.since - day) LIMIT 1) AS h ON true
        ORDER BY o.tier;
END
$$;
COMMENT ON FUNCTION mkt.drill_path(integer, timestamptz) IS
    'The units from the province down to one, as they stand now or stood as of a time: the way back up a drill (S0-011).';

CREATE FUNCTION mkt._drill_tree(as_of timestamptz) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN as_of IS NULL
                THEN '(SELECT o.*, o.valid_to IS NULL AS open FROM mkt.org AS o)'
                ELSE format('mkt.org_tree(%L)', as_of) END;
COMMENT ON FUNCTION mkt._drill_tree(timestamptz) IS 'The organisation of now or of then, as text for FROM: now has an index.';

CREATE FUNCTION mkt._drill_span(node integer, as_of timestamptz, OUT top integer, OUT lft integer, OUT rgt integer, OUT is_root boolean)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format('SELECT t.org_id, t.lft, t.rgt, t.parent_id IS NULL FROM %s AS t WHERE t.org_id = $1 OR $1 IS NULL AND t.parent_id IS NULL',
                   mkt._drill_tree(as_of))
        INTO top, lft, rgt, is_root USING node;
    IF top IS NULL THEN
        PERFORM mkt._org_unit(node);
    END IF;
END
$$;
COMMENT ON FUNCTION mkt._drill_span(integer, timestamptz) IS 'A unit and its interval in the organisation of now or of then; NULL: the province.';

CREATE FUNCTION mkt._drill_check(query text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format('SELECT q.org_id::integer, q.value::numeric FROM (%s) AS q LIMIT 0', query)
        USING '-infinity'::timestamptz, 'infinity'::timestamptz;
EXCEPTION WHEN syntax_error_or_access_rule_violation THEN
    RAISE EXCEPTION 'this query cannot be drilled: %', SQLERRM
        USING ERRCODE = SQLSTATE,
              HINT = 'It must be a SELECT that gives org_id and value, its names with their schema; $1 and $2 in it are the bounds of the period.';
END
$$;
COMMENT ON FUNCTION mkt._drill_check(text) IS 'Raises the error of a query that mkt.drill_query() cannot use, with what it must be like.';

CREATE FUNCTION mkt.drill_query(query text, node integer DEFAULT NULL, period tstzrange DEFAULT '(,)', as_of timestamptz DEFAULT NULL)
    RETURNS TABLE (org_id integer, tier smallint, code text, name text, name_zh text, value numeric, share numeric)
    LANGUAGE plpgsql STABLE ROWS 20
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    span record := mkt._drill_span(node, as_of);
BEGIN
    PERFORM mkt._drill_check(query);
    RETURN QUERY EXECUTE format($q$
        WITH tree AS (
            SELECT t.org_id, t.parent_id, t.tier, t.code, t.name, t.name_zh, t.open, t.lft, t.rgt
            FROM %1$s AS t
            WHERE t.lft BETWEEN $4 AND $5
        ), fact AS MATERIALIZED (
            SELECT q.org_id, sum(q.value)::numeric AS value FROM (%2$s) AS q %3$s GROUP BY q.org_id
        ), child AS MATERIALIZED (
            SELECT t.org_id, t.lft, t.rgt FROM tree AS t WHERE t.parent_id = $3
        ), part AS (
            -- of which child, or else of the unit itself, or of nobody
            SELECT coalesce(c.org_id, t.org_id) AS org_id, sum(f.value) AS value
            FROM fact AS f
            LEFT JOIN tree AS t ON t.org_id = f.org_id
            LEFT JOIN child AS c ON t.lft BETWEEN c.lft AND c.rgt
            GROUP BY 1
        ), listed AS (
            SELECT t.org_id, t.tier, t.code, t.name, t.name_zh, t.lft, coalesce(p.value, 0) AS value
            FROM tree AS t
            LEFT JOIN part AS p ON p.org_id = t.org_id
            WHERE p.org_id IS NOT NULL OR t.parent_id = $3 AND t.open
            UNION ALL
            SELECT p.org_id, NULL, NULL, NULL, NULL, NULL, p.value FROM part AS p WHERE p.org_id IS NULL
        )
        SELECT l.org_id, l.tier, l.code, l.name, l.name_zh, l.value, round(l.value / nullif(sum(l.value) OVER (), 0), 4)
        FROM listed AS l
        ORDER BY l.lft NULLS LAST
        $q$, mkt._drill_tree(as_of), drill_query.query,
        CASE WHEN NOT span.is_root THEN 'WHERE q.org_id IN (SELECT t.org_id FROM tree AS t)' END)
        USING coalesce(lower(period), '-infinity'), coalesce(upper(period), 'infinity'), span.top, span.lft, span.rgt;
END
$$;
COMMENT ON FUNCTION mkt.drill_query(text, integer, tstzrange, timestamptz) IS
    'One step down from a unit (NULL: the province) with the sums of any query that gives org_id and value; $1 and $2 in it are the bounds of period. One row for each child, one for the unit itself if facts hang on it, at the province one with org_id NULL for facts of nobody: '
    'together they are the figure of the unit. as_of: the organisation of then instead of now. Names in the query need their schema; it runs with the caller''s rights (S0-011, S0-027).';

CREATE FUNCTION mkt._measure(code text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    facts text := (SELECT m.query FROM mkt.measure AS m WHERE m.code = _measure.code);
BEGIN
    IF facts IS NULL THEN
        RAISE EXCEPTION 'measure "%" does not exist', _measure.code
            USING ERRCODE = 'undefined_object',
                  HINT = format('Measures: %s. Any other query: mkt.drill_query().', (SELECT string_agg(m.code, ', ' ORDER BY m.code) FROM mkt.measure AS m));
    END IF;
    RETURN facts;
END
$$;
COMMENT ON FUNCTION mkt._measure(text) IS 'The facts of a registered measure; raises 42704 for one that does not exist.';

CREATE FUNCTION mkt.drill(measure text, node integer DEFAULT NULL, period tstzrange DEFAULT '(,)', as_of timestamptz DEFAULT NULL)
    RETURNS TABLE (org_id integer, tier smallint, code text, name text, name_zh text, value numeric, share numeric)
    LANGUAGE plpgsql STABLE ROWS 20
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY SELECT d.* FROM mkt.drill_query(mkt._measure(measure), node, period, as_of) AS d;
END
$$;
COMMENT ON FUNCTION mkt.drill(text, integer, tstzrange, timestamptz) IS
    'One step down from a unit (NULL: the province) with a measure of mkt.measure in a period; as_of: by the organisation of then instead of now (S0-011, S0-027). The rows add up to the figure of the unit, see mkt.drill_query().';

CREATE FUNCTION mkt.drill_rows(measure text, node integer DEFAULT NULL, period tstzrange DEFAULT '(,)', as_of timestamptz DEFAULT NULL,
                               most bigint DEFAULT NULL)
    RETURNS TABLE (org_id integer, value numeric, cid bigint, key text)
    LANGUAGE plpgsql STABLE ROWS 1000
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    span record := mkt._drill_span(node, as_of);
BEGIN
    RETURN QUERY EXECUTE format($q$
        SELECT q.org_id, q.value::numeric, q.cid, q.key
        FROM (%s) AS q
        %s
        ORDER BY q.org_id, q.key
        LIMIT $5
        $q$, mkt._measure(measure),
        CASE WHEN NOT span.is_root THEN
            format('WHERE q.org_id IN (SELECT t.org_id FROM %s AS t WHERE t.lft BETWEEN $3 AND $4)', mkt._drill_tree(as_of)) END)
        USING coalesce(lower(period), '-infinity'), coalesce(upper(period), 'infinity'), span.lft, span.rgt, most;
END
$$;
COMMENT ON FUNCTION mkt.drill_rows(text, integer, tstzrange, timestamptz, bigint) IS
    'What lies behind a figure of mkt.drill(): the customers, orders or people it is the sum of, key being their outside key; most of them at most (S0-027).';
