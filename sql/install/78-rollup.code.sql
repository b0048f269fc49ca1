-- ----------------------------------------------------------------------
-- sql/install/78-rollup.code.sql: keeping the sums behind the cockpits true.
-- What they are: sql/platform/78-rollup.once.sql. Why and how: docs/rollup.md.
--
-- A trigger is told the sign of its rows, which it finds in the transition
-- table "moved"; an update is what was, taken away, and what is, added. Triggers
-- run as their owner: who may report may not write sums.
-- ----------------------------------------------------------------------

-- ---- what a customer counts as -----------------------------------------
-- A stage of life is the first line that fits [proposed]. Customers without a
-- profile have the stage their net gives them.
CREATE FUNCTION mkt._lifecycle(net text, churned boolean, churn_score numeric, tenure_months integer) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN net = 'off'           THEN 'prospect'
                WHEN churned               THEN 'lost'
                WHEN churn_score >= 0.6    THEN 'at_risk'
                WHEN tenure_months <= 6    THEN 'new'
                WHEN tenure_months <= 24   THEN 'growing'
                ELSE 'mature'
           END;
COMMENT ON FUNCTION mkt._lifecycle(text, boolean, numeric, integer) IS
    'Stage of life of a customer: the first of prospect, lost, at_risk, new, growing, mature that fits (S0-032) [proposed].';

-- ---- the triggers ------------------------------------------------------
CREATE FUNCTION mkt._work_order_rollup_trigger() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    sign integer := TG_ARGV[0];
BEGIN
    WITH task AS MATERIALIZED (
        -- as mkt._order_mark, of rows that are no longer or not only in the table
        SELECT o.round_id, o.org_id, o.staff_id, o.cell_id, o.strategy_id, o.channel_code, o.due_at, o.state_at, o.value,
               m.accepted OR o.attempts > 0                                                 AS accepted,
               m.contacted OR o.attempts > 0                                                AS contacted,
               m.succeeded   OR (m.settled AND coalesce(r.to_state = 'succeeded', false))   AS succeeded,
               m.refused     OR (m.settled AND coalesce(r.to_state = 'refused', false))     AS refused,
               m.unreachable OR (m.settled AND coalesce(r.to_state = 'unreachable', false)) AS unreachable,
               m.overdue, m.open
        FROM moved AS o
        JOIN mkt.order_state AS m ON m.state = o.state
        LEFT JOIN mkt.outcome AS r ON r.outcome_code = o.outcome
    ), by_staff AS (
        INSERT INTO mkt.rollup_staff (round_id, org_id, staff_id, issued, accepted, contacted, succeeded, refused, unreachable, overdue, open, as_of)
        SELECT t.round_id, t.org_id, t.staff_id,
               sign * count(*), sign * count(*) FILTER (WHERE t.accepted), sign * count(*) FILTER (WHERE t.contacted),
               sign * count(*) FILTER (WHERE t.succeeded), sign * count(*) FILTER (WHERE t.refused),
               sign * count(*) FILTER (WHERE t.unreachable), sign * count(*) FILTER (WHERE t.overdue),
               sign * count(*) FILTER (WHERE t.open), max(t.state_at)
        FROM task AS t
        GROUP BY t.round_id, t.org_id, t.staff_id
    ), by_strategy AS (
        INSERT INTO mkt.rollup_strategy (whole, org_id, round_id, strategy_id, channel_code, due_at,
                                         issued, accepted, contacted, succeeded, refused, unreachable, overdue, open, value_yuan, as_of)
        SELECT grouping(t.org_id) = 1, t.org_id, t.round_id, t.strategy_id, t.channel_code, t.due_at,
               sign * count(*), sign * count(*) FILTER (WHERE t.accepted), sign * count(*) FILTER (WHERE t.contacted),
               sign * count(*) FILTER (WHERE t.succeeded), sign * count(*) FILTER (WHERE t.refused),
               sign * count(*) FILTER (WHERE t.unreachable), sign * count(*) FILTER (WHERE t.overdue),
               sign * count(*) FILTER (WHERE t.open), sign * coalesce(sum(t.value) FILTER (WHERE t.succeeded), 0), max(t.state_at)
        FROM task AS t
        GROUP BY GROUPING SETS ((t.round_id, t.strategy_id, t.channel_code, t.due_at, t.org_id),
                                (t.round_id, t.strategy_id, t.channel_code, t.due_at))
    )
    INSERT INTO mkt.rollup_cell (round_id, org_id, cell_id, issued, contacted, succeeded, overdue, open, as_of)
    SELECT t.round_id, t.org_id, t.cell_id,
           sign * count(*), sign * count(*) FILTER (WHERE t.contacted), sign * count(*) FILTER (WHERE t.succeeded),
           sign * count(*) FILTER (WHERE t.overdue), sign * count(*) FILTER (WHERE t.open), max(t.state_at)
    FROM task AS t
    GROUP BY t.round_id, t.org_id, t.cell_id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION mkt._work_order_rollup_trigger() IS 'Adds what a statement did to work orders to the tails of the roll-ups, in its transaction.';

CREATE FUNCTION mkt._sales_order_cell_trigger() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.cell_id := (SELECT c.cell_id FROM mkt.customer AS c WHERE c.cid = NEW.cid);
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION mkt._sales_order_cell_trigger() IS 'Notes on a sale the cell its customer lives in.';

CREATE FUNCTION mkt._sales_order_rollup_trigger() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    sign integer := TG_ARGV[0];
BEGIN
    INSERT INTO mkt.rollup_cell (org_id, cell_id, sales_orders, sales_yuan, as_of)
    SELECT s.org_id, s.cell_id, sign * count(*), sign * sum(s.amount), max(s.placed_at)
    FROM moved AS s
    WHERE s.state <> 'cancelled'
    GROUP BY s.org_id, s.cell_id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION mkt._sales_order_rollup_trigger() IS 'Adds what a statement did to sales orders to the tail of the roll-up, in its transaction.';

CREATE FUNCTION mkt._customer_rollup_trigger() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    sign integer := TG_ARGV[0];
BEGIN
    INSERT INTO mkt.rollup_customer (cell_id, prospect, new, growing, mature, at_risk, lost,
                                     prospect_yuan, new_yuan, growing_yuan, mature_yuan, at_risk_yuan, lost_yuan, scored, churn_score)
    SELECT c.cell_id,
           sign * count(*) FILTER (WHERE l.stage = 'prospect'), sign * count(*) FILTER (WHERE l.stage = 'new'),
           sign * count(*) FILTER (WHERE l.stage = 'growing'),  sign * count(*) FILTER (WHERE l.stage = 'mature'),
           sign * count(*) FILTER (WHERE l.stage = 'at_risk'),  sign * count(*) FILTER (WHERE l.stage = 'lost'),
           sign * coalesce(sum(f.monthly_charges) FILTER (WHERE l.stage = 'prospect'), 0),
           sign * coalesce(sum(f.monthly_charges) FILTER (WHERE l.stage = 'new'), 0),
           sign * coalesce(sum(f.monthly_charges) FILTER (WHERE l.stage = 'growing'), 0),
           sign * coalesce(sum(f.monthly_charges) FILTER (WHERE l.stage = 'mature'), 0),
           sign * coalesce(sum(f.monthly_charges) FILTER (WHERE l.stage = 'at_risk'), 0),
           sign * coalesce(sum(f.monthly_charges) FILTER (WHERE l.stage = 'lost'), 0),
           sign * count(f.churn_score), sign * coalesce(sum(f.churn_score), 0)
    FROM moved AS c
    LEFT JOIN mkt.customer_profile AS f ON f.cid = c.cid
    CROSS JOIN LATERAL (SELECT mkt._lifecycle(c.net, f.churned, f.churn_score, f.tenure_months) AS stage) AS l
    WHERE c.live
    GROUP BY c.cell_id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION mkt._customer_rollup_trigger() IS 'Adds what a statement did to customers to the tail of the roll-up, in its transaction.';

CREATE FUNCTION mkt._customer_profile_rollup_trigger() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    sign integer := TG_ARGV[0];
BEGIN
    -- The lock makes who changes the customer and who changes the profile wait
    -- for one another: each must see what the other has done.
    WITH person AS MATERIALIZED (
        SELECT c.cell_id, c.net, f.churned, f.churn_score, f.tenure_months, f.monthly_charges
        FROM moved AS f
        JOIN mkt.customer AS c ON c.cid = f.cid
        WHERE c.live
        FOR SHARE OF c
    )
    INSERT INTO mkt.rollup_customer (cell_id, prospect, new, growing, mature, at_risk, lost,
                                     prospect_yuan, new_yuan, growing_yuan, mature_yuan, at_risk_yuan, lost_yuan, scored, churn_score)
    SELECT p.cell_id,
           sign * coalesce(sum(p.times) FILTER (WHERE l.stage = 'prospect'), 0), sign * coalesce(sum(p.times) FILTER (WHERE l.stage = 'new'), 0),
           sign * coalesce(sum(p.times) FILTER (WHERE l.stage = 'growing'), 0),  sign * coalesce(sum(p.times) FILTER (WHERE l.stage = 'mature'), 0),
           sign * coalesce(sum(p.times) FILTER (WHERE l.stage = 'at_risk'), 0),  sign * coalesce(sum(p.times) FILTER (WHERE l.stage = 'lost'), 0),
           sign * coalesce(sum(p.monthly_charges) FILTER (WHERE l.stage = 'prospect'), 0),
           sign * coalesce(sum(p.monthly_charges) FILTER (WHERE l.stage = 'new'), 0),
           sign * coalesce(sum(p.monthly_charges) FILTER (WHERE l.stage = 'growing'), 0),
           sign * coalesce(sum(p.monthly_charges) FILTER (WHERE l.stage = 'mature'), 0),
           sign * coalesce(sum(p.monthly_charges) FILTER (WHERE l.stage = 'at_risk'), 0),
           sign * coalesce(sum(p.monthly_charges) FILTER (WHERE l.stage = 'lost'), 0),
           sign * count(p.churn_score), sign * coalesce(sum(p.churn_score), 0)
    FROM (SELECT w.*, 1 AS times FROM person AS w
          UNION ALL     -- and no longer the customer without a profile
          SELECT w.cell_id, w.net, NULL, NULL, NULL, NULL, -1 FROM person AS w) AS p
    CROSS JOIN LATERAL (SELECT mkt._lifecycle(p.net, p.churned, p.churn_score, p.tenure_months) AS stage) AS l
    GROUP BY p.cell_id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION mkt._customer_profile_rollup_trigger() IS
    'Adds what a statement did to profiles to the tail of the roll-up, in its transaction. Holds the customers FOR SHARE: see docs/rollup.md.';

CREATE FUNCTION mkt._rollup_truncate_trigger() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM mkt.rollup_rebuild();
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION mkt._rollup_truncate_trigger() IS 'TRUNCATE says nothing about the rows it took: the roll-ups are made anew.';

CREATE FUNCTION mkt._rollup_watch(source regclass) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name text := (SELECT c.relname FROM pg_class AS c WHERE c.oid = source);
BEGIN
    EXECUTE (
        SELECT string_agg(format('CREATE OR REPLACE TRIGGER %I AFTER %s ON %s REFERENCING %s TABLE AS moved'
                                 ' FOR EACH STATEMENT EXECUTE FUNCTION mkt.%I(%L);',
                                 name || '_rollup_' || t.suffix, t.event, source, t.which, '_' || name || '_rollup_trigger', t.sign), ' ')
        FROM (VALUES ('insert', 'INSERT', 'NEW', 1), ('delete', 'DELETE', 'OLD', -1),
                     ('update_new', 'UPDATE', 'NEW', 1), ('update_old', 'UPDATE', 'OLD', -1)) AS t(suffix, event, which, sign));
    EXECUTE format('CREATE OR REPLACE TRIGGER %I AFTER TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION mkt._rollup_truncate_trigger()',
                   name || '_rollup_truncate', source);
END
$$;
COMMENT ON FUNCTION mkt._rollup_watch(regclass) IS 'Puts the triggers on a ledger that keep the roll-ups true.';

-- ---- folding, making anew, comparing -----------------------------------
-- The statements are the same for every roll-up; only the names differ.
CREATE FUNCTION mkt._rollup_text(template text)
    RETURNS TABLE (table_name name, statement text)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
        SELECT r.table_name,
               replace(replace(replace(replace(replace(replace(replace(replace(replace(template,
                   '<rollup>', c.oid::regclass::text),
                   '<plain>', format('mkt.%I', '_' || r.table_name || '_plain')),
                   '<keys>', k.names),
                   '<keys of t>', CASE WHEN r.keeps_rounds THEN k.names ELSE k.without_rounds END),
                   '<sums>', s.names),
                   '<sum>', s.summed),
                   '<minus>', s.minus),
                   '<merge>', s.merged),
                   '<late>', CASE WHEN k.names = k.without_rounds OR r.keeps_rounds THEN 'false'
                                  ELSE 't.round_id IN (SELECT r.round_id FROM mkt.round AS r WHERE r.published_at IS NOT NULL)' END)
        FROM mkt.rollup AS r
        JOIN pg_class AS c ON c.oid = to_regclass(format('mkt.%I', r.table_name))
        JOIN pg_index AS i ON i.indexrelid = to_regclass(format('mkt.%I', r.table_name || '_key'))
        CROSS JOIN LATERAL (
            SELECT string_agg(a.attname::text, ', ' ORDER BY a.attnum) AS names,
                   string_agg(CASE a.attname WHEN 'round_id' THEN
                       '(SELECT t.round_id FROM mkt.round AS r WHERE r.round_id = t.round_id AND r.published_at IS NULL) AS round_id'
                       ELSE a.attname::text END, ', ' ORDER BY a.attnum) AS without_rounds
            FROM pg_attribute AS a
            WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey)) AS k
        CROSS JOIN LATERAL (
            SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS names,
                   string_agg(format('sum(t.%I) AS %1$I', a.attname), ', ' ORDER BY a.attnum) AS summed,
                   string_agg(format('- p.%I', a.attname), ', ' ORDER BY a.attnum) AS minus,
                   string_agg(format('%I = t.%1$I + excluded.%1$I', a.attname), ', ' ORDER BY a.attnum) AS merged
            FROM pg_attribute AS a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
              AND a.attnum <> ALL (i.indkey) AND a.attname NOT IN ('as_of', 'folded')) AS s
        ORDER BY r.table_name;
END
$$;
COMMENT ON FUNCTION mkt._rollup_text(text) IS 'A statement for every roll-up, from a template and the catalog: <rollup>, <plain>, <keys>, <sums> and what is done with them.';

CREATE FUNCTION mkt._rollup_lock() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('mkt rollup', 0));
END
$$;
COMMENT ON FUNCTION mkt._rollup_lock() IS 'One fold or rebuild at a time; writers of the ledgers and readers do not wait for it.';

CREATE FUNCTION mkt.rollup_fold(most integer DEFAULT 500000) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    job    record;
    folded bigint;
    total  bigint := 0;
BEGIN
    PERFORM mkt._require_platform();
    IF most IS NULL OR most < 1 THEN
        RAISE EXCEPTION 'cannot fold % rows', coalesce(most::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Say how many rows of a tail to fold at most, 500000 for instance.';
    END IF;
    PERFORM mkt._rollup_lock();
    -- Rows of rounds that have been published meanwhile lose the round's number.
    FOR job IN SELECT x.statement FROM mkt._rollup_text($q$
        WITH tail AS (
            DELETE FROM <rollup> AS t
            WHERE t.ctid = ANY (ARRAY(SELECT x.ctid FROM <rollup> AS x WHERE NOT x.folded LIMIT $1)) AND NOT t.folded
            RETURNING t.*
        ), late AS (
            DELETE FROM <rollup> AS t
            WHERE t.folded AND <late>
            RETURNING t.*
        ), merged AS (
            INSERT INTO <rollup> AS t (<keys>, <sums>, as_of, folded)
            SELECT <keys>, <sum>, max(t.as_of), true
            FROM (SELECT <keys of t>, <sums>, as_of FROM (TABLE tail UNION ALL TABLE late) AS t) AS t
            GROUP BY <keys>
            ON CONFLICT (<keys>) WHERE folded DO UPDATE SET <merge>, as_of = greatest(t.as_of, excluded.as_of)
        )
        SELECT count(*) FROM tail $q$) AS x
    LOOP
        EXECUTE job.statement INTO folded USING most;
        total := total + folded;
    END LOOP;
    RETURN total;
END
$$;
COMMENT ON FUNCTION mkt.rollup_fold(integer) IS
    'Job: merges the tail of each roll-up, at most so many rows, into the one row of its key; returns the rows merged. Changes no figure, only how many rows a cockpit has to add up.';

CREATE FUNCTION mkt.rollup_rebuild() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    job record;
BEGIN
    PERFORM mkt._require_platform();
    PERFORM mkt._rollup_lock();
    -- what is written meanwhile would be counted twice, or not at all
    LOCK TABLE mkt.work_order, mkt.sales_order, mkt.customer, mkt.customer_profile IN SHARE MODE;
    FOR job IN SELECT x.statement FROM mkt._rollup_text('DELETE FROM <rollup>') AS x
               UNION ALL
               SELECT x.statement FROM mkt._rollup_text(
                   'INSERT INTO <rollup> (<keys>, <sums>, as_of, folded) SELECT <keys>, <sums>, as_of, true FROM <plain>') AS x
    LOOP
        EXECUTE job.statement;
    END LOOP;
END
$$;
COMMENT ON FUNCTION mkt.rollup_rebuild() IS
    'Makes every roll-up anew from the ledgers: after a load with triggers off, after an upgrade. Writers of the ledgers wait.';

CREATE FUNCTION mkt.rollup_difference() RETURNS TABLE (table_name name, key text, difference text)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    job record;
BEGIN
    PERFORM mkt._require_platform();
    FOR job IN SELECT * FROM mkt._rollup_text($q$
        SELECT $1, ROW(<keys>)::text, ROW(<sums>)::text
        FROM (SELECT <keys>, <sum>
              FROM (SELECT <keys of t>, <sums> FROM <rollup> AS t
                    UNION ALL
                    SELECT <keys>, <minus> FROM <plain> AS p) AS t
              GROUP BY <keys>) AS d
        WHERE 0 <> ANY (ARRAY[<sums>]::numeric[]) $q$) AS x
    LOOP
        RETURN QUERY EXECUTE job.statement USING job.table_name;
    END LOOP;
END
$$;
COMMENT ON FUNCTION mkt.rollup_difference() IS
    'Where a roll-up and a pass over its ledgers disagree, of the rows the caller sees, and by how much; no row when they agree.';
