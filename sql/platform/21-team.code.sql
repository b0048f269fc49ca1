-- ----------------------------------------------------------------------
-- sql/platform/21-team.code.sql: checks around teams, and who sees them.
-- ----------------------------------------------------------------------
CREATE OR REPLACE TRIGGER team_member_period
    BEFORE INSERT OR UPDATE ON mkt.team_member
    FOR EACH ROW EXECUTE FUNCTION mkt._team_member_trigger();
COMMENT ON TRIGGER team_member_period ON mkt.team_member IS 'A membership begins while the team exists.';

-- A project draws people from other branches: who sees the person sees that it is in the team.
ALTER TABLE mkt.team_member ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS scope ON mkt.team_member;
CREATE POLICY scope ON mkt.team_member
    USING (EXISTS (SELECT FROM mkt.staff AS seen WHERE seen.staff_id = team_member.staff_id));
COMMENT ON POLICY scope ON mkt.team_member IS 'A role sees the memberships of the people it sees.';
