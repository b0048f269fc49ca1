-- ----------------------------------------------------------------------
-- sql/install/50-workorder.code.sql: who carries a task out, and the way of
-- a task from the list to the result.
-- Issuing is 41-round's.
-- ----------------------------------------------------------------------

-- ---- routing -----------------------------------------------------------
CREATE FUNCTION mkt._deal(pools integer[], staff integer[], loads bigint[], customers bigint[])
    RETURNS TABLE (pool integer, place bigint, staff_id integer)
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 10000
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
        SELECT w.pool, row_number() OVER (PARTITION BY w.pool ORDER BY k.k, w.staff), w.staff
        FROM (
            -- The last seat that can be needed: all at the load of the busiest,
            -- or all customers spread evenly.
            SELECT u.pool, u.staff, u.load,
                   greatest(max(u.load) OVER p, ceil((u.customers + sum(u.load) OVER p) / count(*) OVER p))::bigint AS last
            FROM unnest(pools, _deal.staff, loads, _deal.customers) AS u(pool, staff, load, customers)
            WINDOW p AS (PARTITION BY u.pool)) AS w
        CROSS JOIN LATERAL generate_series(w.load + 1, w.last) AS k(k);
END
$$;
COMMENT ON FUNCTION mkt._deal(integer[], integer[], bigint[], bigint[]) IS
    'Who of a pool gets its 1st, 2nd, ... customer when each goes to the person with the least to do, ties by staff_id: that is the same as taking seats in the order load + 1, load + 2, ... One line of the arrays is one person; customers is how many the pool has to place.';

CREATE FUNCTION mkt._route(cids bigint[])
    RETURNS TABLE (cid bigint, staff_id integer, org_id integer, cell_id integer, reason text)
    LANGUAGE plpgsql STABLE ROWS 10000
    SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_custom_plan     -- one customer or a block of 64,512: the plans differ
AS $$
BEGIN
    -- Three passes: owners, the unit that serves the cell, its grid. Each
    -- counts what the passes before it have handed out.
    RETURN QUERY
        WITH asked AS MATERIALIZED (
            SELECT a.cid, a.turn, c.cell_id, g.org_id AS unit, g.grid_id AS grid, w.staff_id AS owner_id
            FROM unnest(cids) WITH ORDINALITY AS a(cid, turn)
            JOIN mkt.customer AS c ON c.cid = a.cid
            LEFT JOIN mkt.grid_cell AS g ON g.cell_id = c.cell_id
            LEFT JOIN mkt._worker AS w ON w.staff_id = c.owner_staff_id
        ), demand AS MATERIALIZED (
            SELECT a.unit, a.grid, count(*) AS customers FROM asked AS a
            WHERE a.owner_id IS NULL AND a.unit IS NOT NULL GROUP BY a.unit, a.grid
        ), owned AS (
            SELECT a.owner_id AS staff_id, count(*) AS n FROM asked AS a WHERE a.owner_id IS NOT NULL GROUP BY a.owner_id
        ), in_unit AS MATERIALIZED (
            SELECT d.unit, d.customers, w.staff_id, l.load + coalesce(o.n, 0) AS load
            FROM (SELECT e.unit, sum(e.customers)::bigint AS customers FROM demand AS e GROUP BY e.unit) AS d
            JOIN mkt._worker AS w ON w.org_id = d.unit
            LEFT JOIN owned AS o ON o.staff_id = w.staff_id
            CROSS JOIN LATERAL (SELECT count(*) AS load FROM mkt.work_order AS t
                                WHERE t.staff_id = w.staff_id AND t.closed_at IS NULL) AS l
        ), unit_seat AS MATERIALIZED (
            SELECT d.pool AS unit, d.place, d.staff_id
            FROM (SELECT array_agg(u.unit) AS pool, array_agg(u.staff_id) AS staff, array_agg(u.load) AS load, array_agg(u.customers) AS customers
                  FROM in_unit AS u) AS p
            CROSS JOIN LATERAL mkt._deal(p.pool, p.staff, p.load, p.customers) AS d
            JOIN (SELECT DISTINCT u.unit, u.customers FROM in_unit AS u) AS n ON n.unit = d.pool AND d.place <= n.customers
        ), given AS (
            SELECT g.staff_id, sum(g.n) AS n
            FROM (TABLE owned UNION ALL SELECT s.staff_id, count(*) FROM unit_seat AS s GROUP BY s.staff_id) AS g
            GROUP BY g.staff_id
        ), in_grid AS MATERIALIZED (
            SELECT d.grid, d.customers, w.staff_id, (l.load + coalesce(o.n, 0))::bigint AS load
            FROM (SELECT e.grid, sum(e.customers)::bigint AS customers FROM demand AS e
                  WHERE e.unit NOT IN (SELECT u.unit FROM in_unit AS u) GROUP BY e.grid) AS d
            JOIN mkt._worker AS w ON w.grid_id = d.grid
            LEFT JOIN given AS o ON o.staff_id = w.staff_id
            CROSS JOIN LATERAL (SELECT count(*) AS load FROM mkt.work_order AS t
                                WHERE t.staff_id = w.staff_id AND t.closed_at IS NULL) AS l
        ), grid_seat AS MATERIALIZED (
            SELECT d.pool AS grid, d.place, d.staff_id
            FROM (SELECT array_agg(u.grid) AS pool, array_agg(u.staff_id) AS staff, array_agg(u.load) AS load, array_agg(u.customers) AS customers
                  FROM in_grid AS u) AS p
            CROSS JOIN LATERAL mkt._deal(p.pool, p.staff, p.load, p.customers) AS d
        ), queue AS (
            SELECT a.cid, a.unit, a.grid, a.manned,
                   row_number() OVER (PARTITION BY a.manned, CASE WHEN a.manned THEN a.unit ELSE a.grid END ORDER BY a.turn) AS place
            FROM (SELECT q.*, q.unit IN (SELECT u.unit FROM in_unit AS u) AS manned FROM asked AS q WHERE q.owner_id IS NULL) AS a
        ), found AS (
            SELECT a.cid, a.turn, a.cell_id, a.unit, coalesce(a.owner_id, us.staff_id, gs.staff_id) AS staff_id
            FROM asked AS a
            LEFT JOIN queue AS q ON q.cid = a.cid
            LEFT JOIN unit_seat AS us ON q.manned AND us.unit = q.unit AND us.place = q.place
            LEFT JOIN grid_seat AS gs ON NOT q.manned AND gs.grid = q.grid AND gs.place = q.place
        )
        -- who stands above the individuals answers through the cell's unit
        SELECT f.cid, f.staff_id, CASE WHEN f.staff_id IS NOT NULL THEN coalesce(u.org_id, f.unit) END, f.cell_id,
               CASE WHEN f.staff_id IS NOT NULL THEN NULL
                    WHEN f.cell_id IS NULL THEN 'outside every grid' ELSE 'nobody serves the cell' END
        FROM found AS f
        LEFT JOIN mkt.staff AS s ON s.staff_id = f.staff_id
        LEFT JOIN mkt.org AS u ON u.org_id = s.org_id AND u.tier = 7
        ORDER BY f.turn;
END
$$;
COMMENT ON FUNCTION mkt._route(bigint[]) IS
    'For each customer, in this order: its owner, else the person with the fewest open orders of the unit that serves its cell, else of the whole grid, ties by staff_id; else the reason why there is nobody. Only people at work with a daily capacity get tasks (semantics F, S3-021).';

CREATE FUNCTION mkt.route(cid bigint) RETURNS integer
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM mkt._require_customer(cid);
    RETURN (SELECT r.staff_id FROM mkt._route(ARRAY[route.cid]) AS r);
END
$$;
COMMENT ON FUNCTION mkt.route(bigint) IS
    'Person who would get a task about this customer now; NULL if the customer is outside every grid or nobody is at work in it (S0-013, S3-021, semantics F).';

-- ---- triggers ----------------------------------------------------------
CREATE FUNCTION mkt._work_order_start_trigger() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'a work order cannot begin as %', NEW.state
        USING ERRCODE = 'check_violation', HINT = 'Insert it as planned or issued.';
END
$$;
COMMENT ON FUNCTION mkt._work_order_start_trigger() IS 'Refuses an order that is born in the middle of its life.';

CREATE FUNCTION mkt._work_order_change_trigger() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wrong record;
BEGIN
    SELECT b.order_id, b.state AS from_state, a.state AS to_state INTO wrong
    FROM before AS b
    JOIN after AS a ON a.order_id = b.order_id
    WHERE (a.state <> b.state OR a.request_id IS DISTINCT FROM b.request_id)
      AND NOT EXISTS (SELECT FROM mkt.order_transition AS t WHERE t.from_state = b.state AND t.to_state = a.state)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'work order % cannot go from % to %', wrong.order_id, wrong.from_state, wrong.to_state
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = format('From %s it may go to: %s.', wrong.from_state,
                      coalesce((SELECT string_agg(t.to_state, ', ' ORDER BY t.to_state)
                                FROM mkt.order_transition AS t WHERE t.from_state = wrong.from_state), 'nowhere'));
    END IF;

    INSERT INTO mkt.work_order_log (order_id, org_id, at, actor, from_state, to_state, request_id, outcome, note)
    SELECT a.order_id, a.org_id, a.state_at, current_user, b.state, a.state, r.request_id,
           CASE WHEN r.request_id IS NOT NULL THEN a.outcome END, CASE WHEN r.request_id IS NOT NULL THEN a.note END
    FROM before AS b
    JOIN after AS a ON a.order_id = b.order_id
    CROSS JOIN LATERAL (SELECT CASE WHEN a.request_id IS DISTINCT FROM b.request_id THEN a.request_id END) AS r(request_id)
    WHERE a.state <> b.state OR r.request_id IS NOT NULL
    ORDER BY a.order_id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION mkt._work_order_change_trigger() IS
    'Checks every change of state of a statement against mkt.order_transition and logs it with who and when.';

CREATE FUNCTION mkt._append_only_trigger() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION '% of %.% is refused: it is append-only', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege', HINT = 'Write what is true now as a new row.';
END
$$;
COMMENT ON FUNCTION mkt._append_only_trigger() IS 'Refuses to change or remove rows of a log.';

CREATE FUNCTION mkt._work_order_log_tag_trigger() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- The front line may not write tags; what its reports teach must get there all the same.
    PERFORM mkt.tag_add(t.tag_code, t.members, t.at)
    FROM (SELECT u.tag_code, mkt.tagmap_agg(o.cid) AS members, max(l.at) AS at
          FROM logged AS l
          JOIN mkt.outcome AS u ON u.outcome_code = l.outcome
          JOIN mkt.work_order AS o ON o.order_id = l.order_id
          WHERE l.request_id IS NOT NULL AND u.tag_code IS NOT NULL
          GROUP BY u.tag_code
          ORDER BY u.tag_code) AS t;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION mkt._work_order_log_tag_trigger() IS
    'Gives the customers of reported outcomes the tags of mkt.outcome, in the transaction of the report (S3-011).';

-- ---- the front line ----------------------------------------------------
CREATE FUNCTION mkt._require_staff(staff integer) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM mkt._require_platform();
    IF EXISTS (SELECT FROM mkt.staff AS s WHERE s.staff_id = staff) THEN
        RETURN;
    ELSIF mkt.sees_all() THEN
        RAISE EXCEPTION 'staff % does not exist', coalesce(staff::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'People are listed in mkt.staff.';
    END IF;
    RAISE EXCEPTION 'staff % is not in the part of the organisation that role "%" may see', coalesce(staff::text, 'NULL'), current_user
        USING ERRCODE = 'insufficient_privilege',
              HINT = 'The caller''s scope must contain the staff''s unit: mkt.grant_access() sets it.';
END
$$;
COMMENT ON FUNCTION mkt._require_staff(integer) IS 'Raises 42501 for a person outside the caller''s subtree, P0002 for one who does not exist.';

CREATE FUNCTION mkt.my_tasks(staff integer)
    RETURNS TABLE (order_id bigint, state text, kind_zh text, due_at timestamptz, cell_zh text,
                   cid bigint, customer_key text, customer_zh text, phone text,
                   strategy_zh text, offer_zh text, template text, channel_code text, score numeric, why text)
    LANGUAGE plpgsql STABLE ROWS 50
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM mkt._require_staff(staff);
    RETURN QUERY
        SELECT o.order_id, o.state, k.name_zh, o.due_at, g.name_zh,
               o.cid, c.customer_key, c.name_zh, c.phone,
               s.name_zh, f.name_zh, f.template, o.channel_code, o.score,
               v.eligibility::text
        FROM mkt.issued_order AS o
        JOIN mkt.task_kind AS k ON k.kind_code = o.kind_code
        JOIN mkt.strategy AS s ON s.strategy_id = o.strategy_id
        JOIN mkt.strategy_version AS v ON v.strategy_id = o.strategy_id AND v.version = o.version
        JOIN mkt.offer AS f ON f.offer_code = o.offer_code
        LEFT JOIN mkt.customer AS c ON c.cid = o.cid
        LEFT JOIN mkt.grid_cell AS g ON g.cell_id = o.cell_id
        WHERE o.staff_id = staff AND o.closed_at IS NULL
        ORDER BY o.due_at, o.cell_id, o.order_id;
END
$$;
COMMENT ON FUNCTION mkt.my_tasks(integer) IS
    'Open tasks of a person in the order to work through them: what is due first, then cell by cell of the map; with whom to see, what to offer, and why (S0-020, S0-052).';

CREATE FUNCTION mkt.claim(staff integer, n integer DEFAULT 10, as_of timestamptz DEFAULT now())
    RETURNS TABLE (order_id bigint, cid bigint, cell_id integer, due_at timestamptz)
    LANGUAGE plpgsql ROWS 10
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM mkt._require_staff(staff);
    RETURN QUERY
        WITH next AS (
            SELECT o.order_id
            FROM mkt.work_order AS o
            WHERE o.staff_id = staff AND o.closed_at IS NULL AND o.state IN ('issued', 'transferred')
              AND EXISTS (SELECT FROM mkt.round AS r WHERE r.round_id = o.round_id AND r.published_at IS NOT NULL)
            ORDER BY o.due_at, o.cell_id, o.order_id
            FOR UPDATE OF o SKIP LOCKED
            LIMIT n
        ), taken AS (
            UPDATE mkt.work_order AS o
            SET state = 'accepted', state_at = claim.as_of
            FROM next AS x
            WHERE o.order_id = x.order_id
            RETURNING o.order_id, o.cid, o.cell_id, o.due_at
        )
        SELECT t.order_id, t.cid, t.cell_id, t.due_at FROM taken AS t
        ORDER BY t.due_at, t.cell_id, t.order_id;
END
$$;
COMMENT ON FUNCTION mkt.claim(integer, integer, timestamptz) IS
    'A person accepts the next n tasks of the list. Two devices that claim at once never get the same task (S0-052).';

CREATE FUNCTION mkt.report(order_id bigint, outcome text, request_id text, note text DEFAULT NULL, as_of timestamptz DEFAULT now())
    RETURNS TABLE (state text, recorded_outcome text, recorded_at timestamptz)
    LANGUAGE plpgsql ROWS 1
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    task   record;
    result record;
    ends   boolean;
BEGIN
    PERFORM mkt._require_platform();
    IF coalesce(report.request_id, '') = '' THEN
        RAISE EXCEPTION 'a report needs a request_id'
            USING ERRCODE = 'null_value_not_allowed', HINT = 'Send the same request_id again when you are not sure that a report arrived.';
    END IF;
    -- Only the order: a joined row would stay the one from before the wait for the lock.
    SELECT o.state, o.outcome, o.closed_at, o.issued_at INTO task
    FROM mkt.work_order AS o
    WHERE o.order_id = report.order_id
      AND EXISTS (SELECT FROM mkt.round AS r WHERE r.round_id = o.round_id AND r.published_at IS NOT NULL)
    FOR UPDATE OF o;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'work order % does not exist', coalesce(report.order_id::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'SELECT * FROM mkt.my_tasks(staff) lists the orders one may report on.';
    END IF;

    RETURN QUERY
        SELECT l.to_state, l.outcome, l.at
        FROM mkt.work_order_log AS l
        WHERE l.order_id = report.order_id AND l.request_id = report.request_id;
    IF FOUND THEN
        RETURN;
    END IF;

    SELECT u.to_state, u.contacted INTO result FROM mkt.outcome AS u WHERE u.outcome_code = report.outcome;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'outcome "%" does not exist', report.outcome
            USING ERRCODE = 'undefined_object',
                  HINT = format('Outcomes: %s.', (SELECT string_agg(u.outcome_code, ', ' ORDER BY u.outcome_code) FROM mkt.outcome AS u));
    ELSIF task.closed_at IS NOT NULL THEN
        RAISE EXCEPTION 'work order % is already %', report.order_id, concat_ws(': ', task.state, task.outcome)
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format('It was closed at %s by another request.', task.closed_at),
                  HINT = 'A correction is made by the back office.';
    ELSIF task.state IN ('planned', 'issued', 'transferred') THEN
        RAISE EXCEPTION 'work order % is %, nobody has accepted it', report.order_id, task.state
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Claim it first: SELECT * FROM mkt.claim(staff, n).';
    ELSIF report.as_of < task.issued_at THEN
        RAISE EXCEPTION 'work order % was issued at %, it cannot be reported at %', report.order_id, task.issued_at, report.as_of
            USING ERRCODE = 'invalid_parameter_value', HINT = 'as_of is when the customer was contacted.';
    END IF;

    IF task.state <> 'contacting' AND result.to_state <> 'contacting' THEN
        UPDATE mkt.work_order AS o SET state = 'contacting', state_at = report.as_of WHERE o.order_id = report.order_id;
    END IF;
    SELECT s.terminal INTO ends FROM mkt.order_state AS s WHERE s.state = result.to_state;
    UPDATE mkt.work_order AS o
    SET state = result.to_state, state_at = report.as_of, attempts = o.attempts + 1,
        outcome = report.outcome, request_id = report.request_id, note = report.note,
        closed_at = CASE WHEN ends THEN report.as_of END
    WHERE o.order_id = report.order_id;

    UPDATE mkt.contact AS c
    SET state = CASE WHEN result.contacted THEN 'sent' ELSE 'released' END,
        sent_at = CASE WHEN result.contacted THEN report.as_of END,
        released_at = CASE WHEN NOT result.contacted THEN report.as_of END
    WHERE c.order_id = report.order_id AND c.state = 'reserved' AND (result.contacted OR ends);
    UPDATE mkt.contact AS c
    SET responded = (result.to_state = 'succeeded')
    WHERE c.order_id = report.order_id AND c.state = 'sent' AND ends;

    RETURN QUERY SELECT result.to_state, report.outcome, report.as_of;
END
$$;
COMMENT ON FUNCTION mkt.report(bigint, text, text, text, timestamptz) IS
    'Reports what came of a task. In one transaction it moves the order, settles the reservation (sent, or released if the customer was never reached), logs, and writes the outcome''s tag (S3-011). A repeated request_id gets the first answer and changes nothing.';

-- ---- jobs --------------------------------------------------------------
CREATE FUNCTION mkt.workorder_overdue(as_of timestamptz DEFAULT now()) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    changed bigint;
BEGIN
    UPDATE mkt.work_order AS o
    SET state = 'overdue', state_at = workorder_overdue.as_of
    FROM mkt.order_transition AS t
    WHERE o.closed_at IS NULL AND o.due_at < workorder_overdue.as_of
      AND t.from_state = o.state AND t.to_state = 'overdue';
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END
$$;
COMMENT ON FUNCTION mkt.workorder_overdue(timestamptz) IS
    'Job: marks open orders past their due date as overdue and returns how many. They can still be accepted and reported; their reservations stay (semantics F).';

CREATE FUNCTION mkt.workorder_recycle(as_of timestamptz DEFAULT now(), after interval DEFAULT '7 days') RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    changed bigint;
BEGIN
    WITH returned AS (
        UPDATE mkt.work_order AS o
        SET state = 'recycled', state_at = workorder_recycle.as_of, closed_at = workorder_recycle.as_of
        FROM mkt.order_transition AS t
        WHERE o.state_at < workorder_recycle.as_of - workorder_recycle.after
          AND t.from_state = o.state AND t.to_state = 'recycled'
        RETURNING o.order_id
    ), released AS (
        UPDATE mkt.contact AS c
        SET state = 'released', released_at = workorder_recycle.as_of
        FROM returned AS r
        WHERE c.order_id = r.order_id AND c.state = 'reserved'
    )
    SELECT count(*) INTO changed FROM returned;
    RETURN changed;
END
$$;
COMMENT ON FUNCTION mkt.workorder_recycle(timestamptz, interval) IS
    'Job: orders that have been overdue or unreachable for some days go back to the pool, and their number is returned. Their reservations are released, so the next round may decide the customers anew; attempts and the log remember (semantics F).';
