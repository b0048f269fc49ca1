-- ----------------------------------------------------------------------
-- sql/install/52-contact.code.sql: what becomes of a reservation.
-- Reservations of work orders are settled by their reports: 50-workorder.
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt._contact_settle(contact_id bigint, to_state text, as_of timestamptz) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_state text;
BEGIN
    UPDATE mkt.contact AS c
    SET state = to_state,
        sent_at = CASE WHEN to_state = 'sent' THEN as_of END,
        released_at = CASE WHEN to_state = 'released' THEN as_of END
    WHERE c.contact_id = _contact_settle.contact_id AND c.state = 'reserved' AND c.order_id IS NULL;
    IF FOUND THEN
        RETURN true;
    END IF;

    SELECT CASE WHEN c.order_id IS NOT NULL THEN 'part of work order ' || c.order_id ELSE c.state END INTO found_state
    FROM mkt.contact AS c WHERE c.contact_id = _contact_settle.contact_id;
    IF found_state = to_state THEN
        RETURN false;
    END IF;
    RAISE EXCEPTION 'contact % cannot become %: it %', contact_id, to_state, coalesce('is ' || found_state, 'does not exist')
        USING ERRCODE = 'object_not_in_prerequisite_state',
              HINT = 'Only a reservation can be sent or released; that of a work order is settled by mkt.report().';
END
$$;
COMMENT ON FUNCTION mkt._contact_settle(bigint, text, timestamptz) IS 'Moves a reservation to sent or released; false if it was there already.';

CREATE FUNCTION mkt.contact_sent(contact_id bigint, as_of timestamptz DEFAULT now()) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN mkt._contact_settle(contact_id, 'sent', as_of);
END
$$;
COMMENT ON FUNCTION mkt.contact_sent(bigint, timestamptz) IS
    'The contact that mkt.next_best() reserved has happened. Repeatable: false says that it was known (semantics B5).';

CREATE FUNCTION mkt.contact_release(contact_id bigint, as_of timestamptz DEFAULT now()) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN mkt._contact_settle(contact_id, 'released', as_of);
END
$$;
COMMENT ON FUNCTION mkt.contact_release(bigint, timestamptz) IS
    'The contact that mkt.next_best() reserved will not happen: it stops counting. Repeatable: false says that it was known (semantics B5).';

CREATE FUNCTION mkt.reservation_release(as_of timestamptz DEFAULT now(), after interval DEFAULT '1 day') RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    changed bigint;
BEGIN
    UPDATE mkt.contact AS c
    SET state = 'released', released_at = reservation_release.as_of
    WHERE c.state = 'reserved' AND c.order_id IS NULL AND c.reserved_at < reservation_release.as_of - reservation_release.after;
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END
$$;
COMMENT ON FUNCTION mkt.reservation_release(timestamptz, interval) IS
    'Job: releases what mkt.next_best() reserved and nobody confirmed in time, and returns how many. Work orders keep theirs until they are reported, recycled or rolled back (semantics B5).';

-- ---- how much of a channel's day is taken ------------------------------
CREATE FUNCTION mkt._backend_number() RETURNS integer
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'mkt__backend_number';
COMMENT ON FUNCTION mkt._backend_number() IS 'A small number that no other session has at the same time.';

CREATE FUNCTION mkt._contact_load_add(channels text[], contacts bigint[], reserved_at timestamptz) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO mkt.channel_load AS l (channel_code, day, slot, contacts)
    SELECT u.channel_code, (reserved_at AT TIME ZONE p.time_zone)::date, mkt._backend_number(), u.contacts
    FROM mkt.platform AS p, unnest(channels, _contact_load_add.contacts) AS u(channel_code, contacts)
    ORDER BY u.channel_code
    ON CONFLICT ON CONSTRAINT channel_load_pkey DO UPDATE SET contacts = l.contacts + excluded.contacts;
END
$$;
COMMENT ON FUNCTION mkt._contact_load_add(text[], bigint[], timestamptz) IS 'Counts contacts of a day, in a row of this session''s own.';

CREATE FUNCTION mkt._contact_load_trigger() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    zone text := (SELECT p.time_zone FROM mkt.platform AS p);
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        DELETE FROM mkt.channel_load;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO mkt.channel_load AS l (channel_code, day, slot, contacts)
        SELECT m.channel_code, (m.reserved_at AT TIME ZONE zone)::date, mkt._backend_number(), sum(m.sign)
        FROM (SELECT w.channel_code, w.reserved_at, -1 AS sign FROM was AS w WHERE w.state IN ('reserved', 'sent')
              UNION ALL
              SELECT n.channel_code, n.reserved_at, 1 FROM moved AS n WHERE n.state IN ('reserved', 'sent')) AS m
        GROUP BY 1, 2
        HAVING sum(m.sign) <> 0
        ORDER BY 1, 2
        ON CONFLICT ON CONSTRAINT channel_load_pkey DO UPDATE SET contacts = l.contacts + excluded.contacts;
    ELSE
        INSERT INTO mkt.channel_load AS l (channel_code, day, slot, contacts)
        SELECT m.channel_code, (m.reserved_at AT TIME ZONE zone)::date, mkt._backend_number(), TG_ARGV[0]::bigint * count(*)
        FROM moved AS m
        WHERE m.state IN ('reserved', 'sent')
        GROUP BY 1, 2
        ORDER BY 1, 2
        ON CONFLICT ON CONSTRAINT channel_load_pkey DO UPDATE SET contacts = l.contacts + excluded.contacts;
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION mkt._contact_load_trigger() IS
    'Counts what a statement did to the ledger into mkt.channel_load. SECURITY DEFINER: whoever may write a contact may not write counters.';
