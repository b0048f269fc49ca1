-- ----------------------------------------------------------------------
-- sql/platform/33-snapshot.code.sql: what keeps a snapshot as it was taken.
--
-- The WHEN clauses keep these triggers free of cost for every other tag.
-- ----------------------------------------------------------------------
CREATE OR REPLACE TRIGGER snapshot_keep_changed
    BEFORE UPDATE ON mkt.tag_block
    FOR EACH ROW WHEN (OLD.tag_id < 0 OR NEW.tag_id < 0)
    EXECUTE FUNCTION mkt._snapshot_keep_trigger();
COMMENT ON TRIGGER snapshot_keep_changed ON mkt.tag_block IS 'The blocks of a snapshot stay as they are (semantics A.4).';

CREATE OR REPLACE TRIGGER snapshot_keep_added
    BEFORE INSERT ON mkt.tag_block
    FOR EACH ROW WHEN (NEW.tag_id < 0)
    EXECUTE FUNCTION mkt._snapshot_keep_trigger();
COMMENT ON TRIGGER snapshot_keep_added ON mkt.tag_block IS 'A snapshot gets no block once it is sealed (semantics A.4).';

CREATE OR REPLACE TRIGGER snapshot_keep_removed
    BEFORE DELETE ON mkt.tag_block
    FOR EACH ROW WHEN (OLD.tag_id < 0)
    EXECUTE FUNCTION mkt._snapshot_keep_trigger();
COMMENT ON TRIGGER snapshot_keep_removed ON mkt.tag_block IS 'A snapshot loses no block (semantics A.4).';

CREATE OR REPLACE TRIGGER snapshot_keep_tag
    BEFORE UPDATE OF tag_id, code, kind, bias, slices, class, rule, source, members, refreshed_at OR DELETE ON mkt.tag
    FOR EACH ROW WHEN (OLD.tag_id < 0)
    EXECUTE FUNCTION mkt._snapshot_keep_trigger();
COMMENT ON TRIGGER snapshot_keep_tag ON mkt.tag IS 'A snapshot keeps its tag; only its words and its status may change.';

CREATE OR REPLACE TRIGGER snapshot_keep
    BEFORE UPDATE OR TRUNCATE ON mkt.snapshot
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._append_only_trigger();
COMMENT ON TRIGGER snapshot_keep ON mkt.snapshot IS 'What is written about a snapshot stays; mkt.snapshot_drop() drops the whole.';
