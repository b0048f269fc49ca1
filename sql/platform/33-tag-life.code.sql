-- ----------------------------------------------------------------------
-- sql/platform/33-tag-life.code.sql: a status takes steps, the log stays as written.
-- ----------------------------------------------------------------------
CREATE OR REPLACE TRIGGER tag_log_keep
    BEFORE UPDATE OR DELETE OR TRUNCATE ON mkt.tag_log
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._append_only_trigger();
COMMENT ON TRIGGER tag_log_keep ON mkt.tag_log IS 'The log is append-only.';

-- Whoever sets it: also a statement straight on the table.
CREATE OR REPLACE TRIGGER tag_status_step
    BEFORE UPDATE OF status ON mkt.tag
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION mkt._tag_status_trigger();
COMMENT ON TRIGGER tag_status_step ON mkt.tag IS 'A status takes the steps of mkt.tag_transition and no others (S0-036, S2-015).';
