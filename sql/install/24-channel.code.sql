-- ----------------------------------------------------------------------
-- sql/install/24-channel.code.sql: who owns a channel.
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt.channel_owners(as_of timestamptz DEFAULT now())
    RETURNS TABLE (channel_code text, name text, name_zh text, since date, staff_id integer)
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 6
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    day date := mkt._day(channel_owners.as_of);
BEGIN
    RETURN QUERY
        SELECT c.channel_code, c.name, c.name_zh, o.since, o.staff_id
        FROM mkt.channel AS c
        LEFT JOIN LATERAL (
            SELECT w.since, w.staff_id FROM mkt.channel_owner AS w
            WHERE w.channel_code = c.channel_code AND w.since <= day
            ORDER BY w.since DESC LIMIT 1) AS o ON true
        ORDER BY c.channel_code;
END
$$;
COMMENT ON FUNCTION mkt.channel_owners(timestamptz) IS 'Every channel with the person who owns it on the day of as_of and since when; staff_id NULL: nobody (S0-045).';
