-- ----------------------------------------------------------------------
-- sql/platform/32-tag.code.sql: what keeps the history of tags as it was.
-- ----------------------------------------------------------------------
CREATE OR REPLACE TRIGGER tag_change_keep
    BEFORE UPDATE ON mkt.tag_change
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._append_only_trigger();
COMMENT ON TRIGGER tag_change_keep ON mkt.tag_change IS 'What was flipped stays as written; old rows go by mkt.tag_history_trim().';
