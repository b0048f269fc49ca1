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
