-- ----------------------------------------------------------------------
-- sql/platform/20-org.code.sql: what keeps the tree whole, and who may see
-- which line of access_grant. Row security of all other tables: 98-access.
-- ----------------------------------------------------------------------
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
