-- ----------------------------------------------------------------------
-- sql/install/42-policy.code.sql: may we send, may this customer be touched,
-- and the locks that keep the answer true until it is written down.
-- The order in which rules are tested is 40-strategy's _decide().
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt.may_send() RETURNS boolean
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT p.send_enabled AND p.system_identifier = c.system_identifier
            FROM mkt.platform AS p, pg_control_system() AS c);
END
$$;
COMMENT ON FUNCTION mkt.may_send() IS
    'Whether anything may be sent at all: the master switch is on, and this is the cluster the platform was activated in, not a clone of it (semantics B1, J).';

-- ---- locks -------------------------------------------------------------
-- A decision counts contacts and then reserves one. Nobody else may reserve
-- for the same customer in between. A batch locks a whole block of customers,
-- a single decision one customer and, shared, its block.
CREATE FUNCTION mkt._block_of(cid bigint) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (cid / 64512)::integer;
COMMENT ON FUNCTION mkt._block_of(bigint) IS 'Block a customer stands in: 64,512 customers each.';

CREATE FUNCTION mkt._require_read_committed() RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        -- A snapshot older than the lock does not show what its last holder reserved.
        RAISE EXCEPTION 'contacts cannot be reserved in a transaction of isolation level %', current_setting('transaction_isolation')
            USING ERRCODE = 'invalid_transaction_state',
                  HINT = 'Use BEGIN ISOLATION LEVEL READ COMMITTED.';
    END IF;
END
$$;
COMMENT ON FUNCTION mkt._require_read_committed() IS 'Raises 25000 where a lock would not show what was reserved before it.';

CREATE FUNCTION mkt._lock_block(block integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM mkt._require_read_committed();
    PERFORM pg_advisory_xact_lock(x'6D6B74'::integer, block);
END
$$;
COMMENT ON FUNCTION mkt._lock_block(integer) IS
    'Until the end of the transaction nobody else reserves contacts for customers of this block (semantics B5).';

CREATE FUNCTION mkt._lock_customer(cid bigint) RETURNS void
    LANGUAGE c VOLATILE STRICT AS 'MODULE_PATHNAME', 'mkt__lock_customer';
COMMENT ON FUNCTION mkt._lock_customer(bigint) IS
    'Until the end of the transaction nobody else reserves contacts for this customer; other customers of the block stay free (semantics B5).';

CREATE FUNCTION mkt._lock_channels() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(x'6D6B75'::integer, hashtext(c.channel_code))
    FROM (SELECT l.channel_code FROM mkt.channel AS l
          WHERE l.daily_capacity IS NOT NULL ORDER BY hashtext(l.channel_code)) AS c;
END
$$;
COMMENT ON FUNCTION mkt._lock_channels() IS
    'Until the end of the transaction no other deployment uses up the capacity of a limited channel. Always taken after the lock on customers.';

-- ---- counting ----------------------------------------------------------
CREATE FUNCTION mkt._cap_since(span interval, clock text, as_of timestamptz) RETURNS timestamptz
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    zone  text := (SELECT p.time_zone FROM mkt.platform AS p);
    local timestamp := as_of AT TIME ZONE zone;
BEGIN
    IF clock = 'rolling' THEN
        RETURN (local - span) AT TIME ZONE zone;
    END IF;
    -- the last instant before the local day, ISO week or month began
    RETURN (date_trunc(CASE span WHEN '1 day' THEN 'day' WHEN '7 days' THEN 'week' ELSE 'month' END, local)
            AT TIME ZONE zone) - interval '1 microsecond';
END
$$;
COMMENT ON FUNCTION mkt._cap_since(interval, text, timestamptz) IS
    'Contacts after this instant count against a cap at as_of; one at exactly this instant does not (semantics B3).';

CREATE FUNCTION mkt._day_room(as_of timestamptz, only_channel text DEFAULT NULL)
    RETURNS TABLE (channel_code text, day_room bigint)
    LANGUAGE plpgsql STABLE ROWS 6
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    today date := (as_of AT TIME ZONE (SELECT p.time_zone FROM mkt.platform AS p))::date;
BEGIN
    RETURN QUERY
        SELECT ch.channel_code,
               ch.daily_capacity - coalesce((SELECT sum(l.contacts) FROM mkt.channel_load AS l
                                             WHERE l.channel_code = ch.channel_code AND l.day = today), 0)::bigint
        FROM mkt.channel AS ch
        WHERE ch.daily_capacity IS NOT NULL AND (only_channel IS NULL OR ch.channel_code = only_channel);
END
$$;
COMMENT ON FUNCTION mkt._day_room(timestamptz, text) IS
    'How many contacts each limited channel has left that day, by the counters of mkt.channel_load: those of every branch (semantics B10).';

CREATE FUNCTION mkt._channel_room(as_of timestamptz)
    RETURNS TABLE (channel_code text, cap_room integer, day_room bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 6
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
        SELECT ch.channel_code,
               (SELECT min(cap.max_contacts) FROM mkt.contact_cap AS cap
                WHERE cap.contact_class = 'marketing' AND (cap.channels IS NULL OR ch.channel_code = ANY (cap.channels))),
               (SELECT r.day_room FROM mkt._day_room(_channel_room.as_of, ch.channel_code) AS r)
        FROM mkt.channel AS ch;
END
$$;
COMMENT ON FUNCTION mkt._channel_room(timestamptz) IS
    'Per channel: what the caps leave to a customer not contacted yet, and how many contacts the channel has left that day; NULL means no limit. Counts every branch (semantics B10).';

CREATE FUNCTION mkt._cap_room_all(as_of timestamptz, from_cid bigint, to_cid bigint, besides text)
    RETURNS TABLE (cid bigint, channel_code text, room integer)
    LANGUAGE plpgsql STABLE ROWS 10000
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
        WITH cap AS MATERIALIZED (
            SELECT k.cap_id, k.channels, k.contact_class, k.max_contacts, mkt._cap_since(k.span, k.clock, as_of) AS since
            FROM mkt.contact_cap AS k
            WHERE k.max_contacts IS NOT NULL AND k.contact_class = 'marketing'
        ), used AS (
            -- What is reserved may be sent any day, so it counts whatever its
            -- age; what was sent later than as_of counts too, so that a
            -- decision never breaks the window of a contact made meanwhile.
            SELECT cap.channels, c.cid, (cap.max_contacts - count(*))::integer AS room
            FROM mkt.contact AS c
            JOIN cap ON cap.contact_class = c.contact_class
                    AND (cap.channels IS NULL OR c.channel_code = ANY (cap.channels))
                    AND (c.state = 'reserved' OR c.sent_at > cap.since)
            WHERE c.cid >= from_cid AND c.cid < to_cid
              AND c.state IN ('reserved', 'sent')
              AND (besides IS NULL OR c.round_id IS DISTINCT FROM besides OR c.made_for IS NOT NULL)
            GROUP BY cap.cap_id, cap.channels, cap.max_contacts, c.cid
        )
        SELECT u.cid, ch.channel_code, min(u.room)
        FROM used AS u
        JOIN mkt.channel AS ch ON u.channels IS NULL OR ch.channel_code = ANY (u.channels)
        GROUP BY u.cid, ch.channel_code;
END
$$;
COMMENT ON FUNCTION mkt._cap_room_all(timestamptz, bigint, bigint, text) IS 'mkt._cap_room() by the contacts that the caller sees: it is run as their owner.';

CREATE FUNCTION mkt._cap_room(as_of timestamptz, from_cid bigint, to_cid bigint, besides text DEFAULT NULL)
    RETURNS TABLE (cid bigint, channel_code text, room integer)
    LANGUAGE c STABLE ROWS 10000 AS 'MODULE_PATHNAME', 'mkt__cap_room';
COMMENT ON FUNCTION mkt._cap_room(timestamptz, bigint, bigint, text) IS
    'How many marketing contacts the caps still leave to customers in [from_cid, to_cid) who had any, per channel. Contacts of round besides do not count: a round decides each customer once, and may ask again what it decided; what it decided for a customer merged in since does count. Counts the contacts of every branch, tells only of customers whom the caller sees (semantics B3, B5, B10).';


CREATE FUNCTION mkt.cap_violations()
    RETURNS TABLE (cap_id integer, cid bigint, at timestamptz, contacts bigint)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
        WITH counted AS (
            -- each contact for the customer it was made for: a merge breaks no cap
            SELECT k.cap_id, k.max_contacts, k.span, k.clock, coalesce(c.made_for, c.cid) AS cid, coalesce(c.sent_at, c.reserved_at) AS at
            FROM mkt.contact_cap AS k
            JOIN mkt.contact AS c ON c.contact_class = k.contact_class AND c.state IN ('reserved', 'sent')
                                 AND (k.channels IS NULL OR c.channel_code = ANY (k.channels))
            WHERE k.max_contacts IS NOT NULL
        ), instant AS (
            -- only customers with more contacts than the cap ever allows at once
            SELECT c.cap_id, c.max_contacts, c.span, c.clock, c.cid, unnest(array_agg(DISTINCT c.at)) AS at
            FROM counted AS c
            GROUP BY c.cap_id, c.max_contacts, c.span, c.clock, c.cid
            HAVING count(*) > c.max_contacts
        )
        SELECT i.cap_id, i.cid, i.at, count(*)
        FROM instant AS i
        JOIN counted AS c ON c.cap_id = i.cap_id AND c.cid = i.cid
                         AND c.at > mkt._cap_since(i.span, i.clock, i.at) AND c.at <= i.at
        GROUP BY i.cap_id, i.cid, i.at, i.max_contacts
        HAVING count(*) > i.max_contacts;
END
$$;
COMMENT ON FUNCTION mkt.cap_violations() IS
    'Every instant of the ledger at which more contacts had been made than a cap allows: no row means that every cap holds (S3-012).';
