-- ----------------------------------------------------------------------
-- sql/platform/78-rollup.code.sql: what the roll-ups hold, and the triggers
-- that keep them true.
-- ----------------------------------------------------------------------

-- ---- what each roll-up must hold, from the ledgers ---------------------
CREATE OR REPLACE VIEW mkt._rollup_staff_plain WITH (security_invoker = true) AS
    SELECT CASE WHEN r.published_at IS NULL THEN o.round_id END AS round_id, o.org_id, o.staff_id,
           count(*)                             AS issued,
           count(*) FILTER (WHERE o.accepted)    AS accepted,
           count(*) FILTER (WHERE o.contacted)   AS contacted,
           count(*) FILTER (WHERE o.succeeded)   AS succeeded,
           count(*) FILTER (WHERE o.refused)     AS refused,
           count(*) FILTER (WHERE o.unreachable) AS unreachable,
           count(*) FILTER (WHERE o.overdue)     AS overdue,
           count(*) FILTER (WHERE o.open)        AS open,
           max(o.state_at)                      AS as_of
    FROM mkt._order_mark AS o
    JOIN mkt.round AS r ON r.round_id = o.round_id
    GROUP BY 1, 2, 3;
COMMENT ON VIEW mkt._rollup_staff_plain IS 'mkt.rollup_staff from the work orders themselves.';

CREATE OR REPLACE VIEW mkt._rollup_strategy_plain WITH (security_invoker = true) AS
    SELECT grouping(o.org_id) = 1               AS whole,
           o.org_id, o.round_id, o.strategy_id, o.channel_code, o.due_at,
           count(*)                             AS issued,
           count(*) FILTER (WHERE o.accepted)    AS accepted,
           count(*) FILTER (WHERE o.contacted)   AS contacted,
           count(*) FILTER (WHERE o.succeeded)   AS succeeded,
           count(*) FILTER (WHERE o.refused)     AS refused,
           count(*) FILTER (WHERE o.unreachable) AS unreachable,
           count(*) FILTER (WHERE o.overdue)     AS overdue,
           count(*) FILTER (WHERE o.open)        AS open,
           coalesce(sum(o.value) FILTER (WHERE o.succeeded), 0) AS value_yuan,
           max(o.state_at)                      AS as_of
    FROM mkt._order_mark AS o
    GROUP BY GROUPING SETS ((o.round_id, o.strategy_id, o.channel_code, o.due_at, o.org_id),
                            (o.round_id, o.strategy_id, o.channel_code, o.due_at))
    HAVING grouping(o.org_id) = 0 OR (SELECT mkt.sees_all());
COMMENT ON VIEW mkt._rollup_strategy_plain IS 'mkt.rollup_strategy from the work orders themselves.';

CREATE OR REPLACE VIEW mkt._rollup_cell_plain WITH (security_invoker = true) AS
    SELECT f.round_id, f.org_id, f.cell_id,
           count(*) FILTER (WHERE f.task)        AS issued,
           count(*) FILTER (WHERE f.contacted)   AS contacted,
           count(*) FILTER (WHERE f.succeeded)   AS succeeded,
           count(*) FILTER (WHERE f.overdue)     AS overdue,
           count(*) FILTER (WHERE f.open)        AS open,
           count(f.amount)                      AS sales_orders,
           coalesce(sum(f.amount), 0)           AS sales_yuan,
           max(f.at)                            AS as_of
    FROM (SELECT CASE WHEN r.published_at IS NULL THEN o.round_id END AS round_id, o.org_id, o.cell_id, true AS task,
                 o.contacted, o.succeeded, o.overdue, o.open, NULL::numeric AS amount, o.state_at AS at
          FROM mkt._order_mark AS o
          JOIN mkt.round AS r ON r.round_id = o.round_id
          UNION ALL
          SELECT NULL, s.org_id, s.cell_id, false, false, false, false, false, s.amount, s.placed_at
          FROM mkt.sales_order AS s
          WHERE s.state <> 'cancelled') AS f
    GROUP BY 1, 2, 3;
COMMENT ON VIEW mkt._rollup_cell_plain IS 'mkt.rollup_cell from the work orders and sales orders themselves.';

CREATE OR REPLACE VIEW mkt._rollup_customer_plain WITH (security_invoker = true) AS
    SELECT c.cell_id,
           count(*) FILTER (WHERE l.stage = 'prospect') AS prospect,
           count(*) FILTER (WHERE l.stage = 'new')      AS new,
           count(*) FILTER (WHERE l.stage = 'growing')  AS growing,
           count(*) FILTER (WHERE l.stage = 'mature')   AS mature,
           count(*) FILTER (WHERE l.stage = 'at_risk')  AS at_risk,
           count(*) FILTER (WHERE l.stage = 'lost')     AS lost,
           coalesce(sum(f.monthly_charges) FILTER (WHERE l.stage = 'prospect'), 0) AS prospect_yuan,
           coalesce(sum(f.monthly_charges) FILTER (WHERE l.stage = 'new'), 0)      AS new_yuan,
           coalesce(sum(f.monthly_charges) FILTER (WHERE l.stage = 'growing'), 0)  AS growing_yuan,
           coalesce(sum(f.monthly_charges) FILTER (WHERE l.stage = 'mature'), 0)   AS mature_yuan,
           coalesce(sum(f.monthly_charges) FILTER (WHERE l.stage = 'at_risk'), 0)  AS at_risk_yuan,
           coalesce(sum(f.monthly_charges) FILTER (WHERE l.stage = 'lost'), 0)     AS lost_yuan,
           count(f.churn_score)                         AS scored,
           coalesce(sum(f.churn_score), 0)              AS churn_score,
           NULL::timestamptz                            AS as_of
    FROM mkt.customer AS c
    LEFT JOIN mkt.customer_profile AS f ON f.cid = c.cid
    CROSS JOIN LATERAL (SELECT mkt._lifecycle(c.net, f.churned, f.churn_score, f.tenure_months) AS stage) AS l
    WHERE c.live
    GROUP BY c.cell_id;
COMMENT ON VIEW mkt._rollup_customer_plain IS 'mkt.rollup_customer from the customers and their profiles themselves.';

-- ---- what the cockpits read --------------------------------------------
-- Orders of a round that is not published do not exist yet.
CREATE OR REPLACE VIEW mkt._staff_task WITH (security_invoker = true) AS
    SELECT f.org_id, f.staff_id, f.issued, f.accepted, f.contacted, f.succeeded, f.refused, f.unreachable, f.overdue, f.open, f.as_of
    FROM mkt.rollup_staff AS f
    WHERE f.round_id IS NULL OR EXISTS (SELECT FROM mkt.round AS r WHERE r.round_id = f.round_id AND r.published_at IS NOT NULL);
COMMENT ON VIEW mkt._staff_task IS 'Issued work orders by unit and person, to be summed: a key may have several rows.';

CREATE OR REPLACE VIEW mkt._org_task WITH (security_invoker = true) AS
    SELECT f.org_id, sum(f.issued)::integer AS issued, sum(f.accepted)::integer AS accepted, sum(f.contacted)::integer AS contacted,
           sum(f.succeeded)::integer AS succeeded, sum(f.refused)::integer AS refused, sum(f.unreachable)::integer AS unreachable,
           sum(f.overdue)::integer AS overdue, sum(f.open)::integer AS open, max(f.as_of) AS as_of
    FROM mkt._staff_task AS f
    GROUP BY f.org_id
    HAVING sum(f.issued) > 0;
COMMENT ON VIEW mkt._org_task IS 'Issued work orders by the unit that answers for them (tier 7).';

CREATE OR REPLACE VIEW mkt._strategy_task WITH (security_invoker = true) AS
    SELECT f.org_id, f.round_id, f.strategy_id, f.channel_code, f.due_at,
           f.issued, f.accepted, f.contacted, f.succeeded, f.refused, f.unreachable, f.overdue, f.open, f.value_yuan, f.as_of
    FROM mkt.rollup_strategy AS f
    JOIN mkt.round AS r ON r.round_id = f.round_id
    WHERE f.whole = (SELECT mkt.sees_all()) AND r.published_at IS NOT NULL;
COMMENT ON VIEW mkt._strategy_task IS 'Issued work orders by round, strategy, channel and due time, to be summed: who sees all reads the lines of the operator, a branch those of its units.';

CREATE OR REPLACE VIEW mkt._cell_task WITH (security_invoker = true) AS
    SELECT f.cell_id, f.org_id, f.issued, f.contacted, f.succeeded, f.overdue, f.open, f.sales_orders, f.sales_yuan, f.as_of
    FROM mkt.rollup_cell AS f
    WHERE f.round_id IS NULL OR EXISTS (SELECT FROM mkt.round AS r WHERE r.round_id = f.round_id AND r.published_at IS NOT NULL);
COMMENT ON VIEW mkt._cell_task IS 'Issued work orders and sales by cell, to be summed: a key may have several rows.';

-- ---- the triggers ------------------------------------------------------
SELECT mkt._rollup_watch('mkt.work_order'), mkt._rollup_watch('mkt.sales_order'),
       mkt._rollup_watch('mkt.customer'), mkt._rollup_watch('mkt.customer_profile');

CREATE OR REPLACE TRIGGER sales_order_cell BEFORE INSERT ON mkt.sales_order
    FOR EACH ROW WHEN (NEW.cell_id IS NULL) EXECUTE FUNCTION mkt._sales_order_cell_trigger();
COMMENT ON TRIGGER sales_order_cell ON mkt.sales_order IS 'A sale belongs to the cell its customer lives in at that time, and stays there.';
