-- ----------------------------------------------------------------------
-- sql/platform/20-org.code.sql: what keeps the tree whole, and who may see
-- which line of access_grant. Row security of all other tables: 98-access.
-- ----------------------------------------------------------------------
CREATE OR REPLACE TRIGGER org_lock
    BEFORE INSERT OR DELETE OR UPDATE OF parent_id, code ON mkt.org
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._org_lock_trigger();
COMMENT ON TRIGGER org_lock ON mkt.org IS 'Changes of the shape take turns.';

CREATE OR REPLACE TRIGGER org_shape
    BEFORE INSERT OR UPDATE OF parent_id, tier, valid_to ON mkt.org
    FOR EACH ROW EXECUTE FUNCTION mkt._org_shape_trigger();
COMMENT ON TRIGGER org_shape ON mkt.org IS 'Says why a unit cannot stand where it is put.';

CREATE OR REPLACE TRIGGER org_close
    BEFORE UPDATE OF valid_to ON mkt.org
    FOR EACH ROW WHEN (NEW.valid_to IS NOT NULL AND NEW.valid_to IS DISTINCT FROM OLD.valid_to)
    EXECUTE FUNCTION mkt._org_close_trigger();
COMMENT ON TRIGGER org_close ON mkt.org IS 'A unit ends only when nothing hangs on it.';

CREATE OR REPLACE TRIGGER org_history
    AFTER INSERT OR UPDATE OF parent_id, name, name_zh ON mkt.org
    FOR EACH ROW EXECUTE FUNCTION mkt._org_history_trigger();
COMMENT ON TRIGGER org_history ON mkt.org IS 'No change of a parent or a name without its line of history (S0-011).';

CREATE OR REPLACE TRIGGER staff_unit
    BEFORE INSERT OR UPDATE OF org_id, active ON mkt.staff
    FOR EACH ROW EXECUTE FUNCTION mkt._staff_unit_trigger();
COMMENT ON TRIGGER staff_unit ON mkt.staff IS 'Nobody works in a unit that is closed.';

CREATE OR REPLACE TRIGGER staff_history
    AFTER INSERT OR UPDATE OF org_id, post_code, active ON mkt.staff
    FOR EACH ROW EXECUTE FUNCTION mkt._staff_history_trigger();
COMMENT ON TRIGGER staff_history ON mkt.staff IS 'No change of unit or post without its line of history.';

CREATE OR REPLACE TRIGGER org_renumber
    AFTER INSERT OR DELETE OR UPDATE OF parent_id, code ON mkt.org
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._org_renumber_trigger();
COMMENT ON TRIGGER org_renumber ON mkt.org IS 'Intervals are right after every statement that changes the shape of the tree.';

-- The access functions read this table with the caller's rights, so its own
-- policy must not call them: a role sees the lines whose rights it has.
ALTER TABLE mkt.access_grant ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS scope ON mkt.access_grant;
CREATE POLICY scope ON mkt.access_grant
    USING (mkt._has_rights_of(role_name));
COMMENT ON POLICY scope ON mkt.access_grant IS 'A role reads the places whose rights it has, no others.';
