-- ----------------------------------------------------------------------
-- sql/platform/33-tag-life.code.sql: the log stays as written.
-- ----------------------------------------------------------------------
CREATE OR REPLACE TRIGGER tag_log_keep
    BEFORE UPDATE OR DELETE OR TRUNCATE ON mkt.tag_log
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._append_only_trigger();
COMMENT ON TRIGGER tag_log_keep ON mkt.tag_log IS 'The log is append-only.';
