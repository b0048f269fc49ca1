-- ----------------------------------------------------------------------
-- sql/platform/50-workorder.code.sql: what guards work orders, and the view
-- the front line and the cockpits read.
-- ----------------------------------------------------------------------
CREATE OR REPLACE TRIGGER work_order_start
    BEFORE INSERT ON mkt.work_order
    FOR EACH ROW WHEN (NEW.state NOT IN ('planned', 'issued'))
    EXECUTE FUNCTION mkt._work_order_start_trigger();
COMMENT ON TRIGGER work_order_start ON mkt.work_order IS 'An order begins as planned or issued (semantics F).';

CREATE OR REPLACE TRIGGER work_order_change
    AFTER UPDATE ON mkt.work_order
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._work_order_change_trigger();
COMMENT ON TRIGGER work_order_change ON mkt.work_order IS 'Refuses changes of state that are not in mkt.order_transition and logs the others (semantics F).';

CREATE OR REPLACE TRIGGER work_order_log_keep
    BEFORE UPDATE OR DELETE OR TRUNCATE ON mkt.work_order_log
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._append_only_trigger();
COMMENT ON TRIGGER work_order_log_keep ON mkt.work_order_log IS 'The log is append-only (semantics F).';

CREATE OR REPLACE TRIGGER work_order_log_tag
    AFTER INSERT ON mkt.work_order_log
    REFERENCING NEW TABLE AS logged
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._work_order_log_tag_trigger();
COMMENT ON TRIGGER work_order_log_tag ON mkt.work_order_log IS 'What a report says becomes a tag of the customer, in the same transaction (S3-011).';

CREATE OR REPLACE VIEW mkt.issued_order WITH (security_invoker = true) AS
    SELECT o.*
    FROM mkt.work_order AS o
    JOIN mkt.round AS r ON r.round_id = o.round_id
    WHERE r.published_at IS NOT NULL;
COMMENT ON VIEW mkt.issued_order IS 'Work orders as the world may see them: a round appears when it is published, all of it at once, and stays when it is rolled back.';

-- An order that is verified or closed counts by what the customer had said.
CREATE OR REPLACE VIEW mkt._order_mark WITH (security_invoker = true) AS
    SELECT o.order_id, o.round_id, o.strategy_id, o.kind_code, o.channel_code, o.cid, o.org_id, o.cell_id, o.staff_id,
           o.value, o.due_at, o.state_at,
           m.accepted OR o.attempts > 0                            AS accepted,
           m.contacted OR o.attempts > 0                           AS contacted,
           m.succeeded   OR (m.settled AND coalesce(r.to_state = 'succeeded', false))   AS succeeded,
           m.refused     OR (m.settled AND coalesce(r.to_state = 'refused', false))     AS refused,
           m.unreachable OR (m.settled AND coalesce(r.to_state = 'unreachable', false)) AS unreachable,
           m.overdue, m.open
    FROM mkt.work_order AS o
    JOIN mkt.order_state AS m ON m.state = o.state
    LEFT JOIN mkt.outcome AS r ON r.outcome_code = o.outcome;
COMMENT ON VIEW mkt._order_mark IS
    'Every work order, issued or not, with what it counts as: accepted and contacted on the way, then at most one of succeeded, refused, unreachable, overdue, open. None of them: invalid, cancelled, recycled.';

CREATE OR REPLACE VIEW mkt._order_progress WITH (security_invoker = true) AS
    SELECT o.*
    FROM mkt._order_mark AS o
    JOIN mkt.round AS r ON r.round_id = o.round_id
    WHERE r.published_at IS NOT NULL;
COMMENT ON VIEW mkt._order_progress IS 'The same of the orders the world may see (mkt.issued_order). Sums of it are kept in the roll-ups.';
