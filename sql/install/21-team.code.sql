-- ----------------------------------------------------------------------
-- sql/install/21-team.code.sql: teams and their load. Posts are 20-org-life.
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt._team_member_trigger() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    team record;
BEGIN
    SELECT t.* INTO team FROM mkt.team AS t WHERE t.team_id = NEW.team_id;
    IF FOUND AND NOT daterange(team.valid_from, team.valid_to) @> NEW.valid_from THEN
        RAISE EXCEPTION 'staff % cannot join team % on %', NEW.staff_id, team.code, NEW.valid_from
            USING ERRCODE = 'check_violation',
                  HINT = format('The team lasts from %s to %s.', team.valid_from, coalesce(team.valid_to::text, 'an open end'));
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION mkt._team_member_trigger() IS 'Row trigger of mkt.team_member: one joins a team while it exists.';

CREATE FUNCTION mkt.team_members(team text, as_of timestamptz DEFAULT now())
    RETURNS TABLE (staff_id integer, code text, name text, name_zh text, post_code text, org_id integer)
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    day date := mkt._day(team_members.as_of);
BEGIN
    IF NOT EXISTS (SELECT FROM mkt.team AS t WHERE t.code = team) THEN
        RAISE EXCEPTION 'team "%" does not exist', team
            USING ERRCODE = 'undefined_object', HINT = 'Teams are listed in mkt.team; a branch sees its own.';
    END IF;
    RETURN QUERY
        SELECT s.staff_id, s.code, s.name, s.name_zh, s.post_code, s.org_id
        FROM mkt.team AS t
        JOIN mkt.team_member AS m ON m.team_id = t.team_id
        JOIN mkt.staff AS s ON s.staff_id = m.staff_id
        WHERE t.code = team
          AND daterange(t.valid_from, t.valid_to) * daterange(m.valid_from, m.valid_to) @> day
        ORDER BY s.code;
END
$$;
COMMENT ON FUNCTION mkt.team_members(text, timestamptz) IS 'Who is in a team on the day of as_of (S0-046).';

CREATE FUNCTION mkt.team_load(as_of timestamptz DEFAULT now())
    RETURNS TABLE (team_code text, name text, name_zh text, kind text, tier smallint, org_id integer,
                   persons bigint, open_orders numeric, open_per_person numeric, carried bigint)
    LANGUAGE plpgsql STABLE ROWS 200
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    day date := mkt._day(team_load.as_of);
BEGIN
    RETURN QUERY
        WITH task AS MATERIALIZED (
            SELECT o.org_id, o.staff_id, count(*) AS n FROM mkt.issued_order AS o WHERE o.closed_at IS NULL GROUP BY o.org_id, o.staff_id
        ), area AS (
            SELECT a.above_id, sum(k.n) AS n
            FROM (SELECT t.org_id, sum(t.n) AS n FROM task AS t GROUP BY t.org_id) AS k
            JOIN mkt._org_above AS a ON a.org_id = k.org_id
            GROUP BY a.above_id
        ), held AS (
            SELECT t.staff_id, sum(t.n) AS n FROM task AS t GROUP BY t.staff_id
        ), crew AS (
            SELECT t.team_id, count(m.staff_id) AS persons, coalesce(sum(h.n), 0)::bigint AS carried
            FROM mkt.team AS t
            LEFT JOIN mkt.team_member AS m ON m.team_id = t.team_id AND daterange(m.valid_from, m.valid_to) @> day
            LEFT JOIN held AS h ON h.staff_id = m.staff_id
            WHERE daterange(t.valid_from, t.valid_to) @> day
            GROUP BY t.team_id
        )
        SELECT t.code, t.name, t.name_zh, t.kind, o.tier, t.org_id,
               c.persons, coalesce(a.n, 0), round(coalesce(a.n, 0) / nullif(c.persons, 0), 1), c.carried
        FROM crew AS c
        JOIN mkt.team AS t ON t.team_id = c.team_id
        JOIN mkt.org AS o ON o.org_id = t.org_id
        LEFT JOIN area AS a ON a.above_id = t.org_id
        ORDER BY o.lft, t.code;
END
$$;
COMMENT ON FUNCTION mkt.team_load(timestamptz) IS
    'The teams of the day of as_of with their people and load: open_orders are those open now in the whole unit that the team looks after, carried those its own people hold (S0-046).';
