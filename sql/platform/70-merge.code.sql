-- ----------------------------------------------------------------------
-- sql/platform/70-merge.code.sql: a row of mkt.customer_merge is the merge.
-- ----------------------------------------------------------------------
CREATE OR REPLACE TRIGGER customer_merge_apply
    AFTER INSERT ON mkt.customer_merge
    FOR EACH ROW EXECUTE FUNCTION mkt._customer_merge_trigger();
COMMENT ON TRIGGER customer_merge_apply ON mkt.customer_merge IS 'Merges.';

CREATE OR REPLACE TRIGGER customer_merge_undo
    AFTER UPDATE ON mkt.customer_merge
    FOR EACH ROW EXECUTE FUNCTION mkt._customer_unmerge_trigger();
COMMENT ON TRIGGER customer_merge_undo ON mkt.customer_merge IS 'Takes a merge back; nothing else about it may change.';

CREATE OR REPLACE TRIGGER customer_merge_keep
    BEFORE DELETE OR TRUNCATE ON mkt.customer_merge
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._append_only_trigger();
COMMENT ON TRIGGER customer_merge_keep ON mkt.customer_merge IS 'Merges are remembered.';

CREATE OR REPLACE TRIGGER customer_merge_row_keep
    BEFORE UPDATE OR DELETE OR TRUNCATE ON mkt.customer_merge_row
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._append_only_trigger();
COMMENT ON TRIGGER customer_merge_row_keep ON mkt.customer_merge_row IS 'The merge log is append-only.';

ALTER TABLE mkt.customer_merge ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS scope ON mkt.customer_merge;
CREATE POLICY scope ON mkt.customer_merge
    USING ((SELECT mkt.sees_all())
           OR EXISTS (SELECT FROM mkt.customer AS c WHERE c.cid = customer_merge.keep)
          AND EXISTS (SELECT FROM mkt.customer AS c WHERE c.cid = customer_merge.gone));
COMMENT ON POLICY scope ON mkt.customer_merge IS 'Whoever sees both customers sees the merge, may make it and take it back.';
