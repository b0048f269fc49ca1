-- ----------------------------------------------------------------------
-- sql/install/53-push.code.sql: pushes, from the queue to the customer.
-- What a push does to the reservation behind it is in mkt.push_state.
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt.push_queue(round text, channel text, as_of timestamptz DEFAULT now(), expires_at timestamptz DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    plan   record := mkt._round(push_queue.round);
    mode   text := (SELECT c.push_mode FROM mkt.channel AS c WHERE c.channel_code = channel);
    queued bigint;
BEGIN
    IF mode IS DISTINCT FROM 'active' THEN
        RAISE EXCEPTION 'channel "%" %', channel, CASE WHEN mode IS NULL THEN 'does not exist' ELSE 'does not push: customers ask there' END
            USING ERRCODE = 'invalid_parameter_value', HINT = 'SELECT channel_code FROM mkt.channel WHERE push_mode = ''active'' lists those that push.';
    ELSIF plan.state <> 'published' THEN
        RAISE EXCEPTION 'round "%" is %', round, plan.state
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Nothing of a round is sent before all of it is published: CALL mkt.deploy().';
    END IF;
    INSERT INTO mkt.push (contact_id, cid, channel_code, org_id, body, not_before, expires_at, state_at)
    SELECT c.contact_id, c.cid, c.channel_code, c.org_id, f.template, push_queue.as_of, push_queue.expires_at, push_queue.as_of
    FROM mkt.contact AS c
    JOIN mkt.work_order AS o ON o.order_id = c.order_id AND o.state = 'issued'
    JOIN mkt.offer AS f ON f.offer_code = o.offer_code
    WHERE c.reserved_at = plan.as_of        -- all of a round are reserved at its as_of, side by side
      AND c.round_id = push_queue.round AND c.channel_code = channel AND c.state = 'reserved'
    ORDER BY c.contact_id
    ON CONFLICT ON CONSTRAINT push_pkey DO NOTHING;
    GET DIAGNOSTICS queued = ROW_COUNT;
    RETURN queued;
END
$$;
COMMENT ON FUNCTION mkt.push_queue(text, text, timestamptz, timestamptz) IS
    'Puts the work orders of a published round on a channel that pushes into the outbox, in place of the person they were issued to, and returns how many; those taken up already are left to their person. Repeatable (S1-035).';

CREATE FUNCTION mkt._push_settle(contact_id bigint, settles text, as_of timestamptz) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    task bigint := (SELECT c.order_id FROM mkt.contact AS c WHERE c.contact_id = _push_settle.contact_id);
BEGIN
    UPDATE mkt.contact AS c
    SET state = settles,
        sent_at = CASE WHEN settles = 'sent' THEN _push_settle.as_of END,
        released_at = CASE WHEN settles = 'released' THEN _push_settle.as_of END
    WHERE c.contact_id = _push_settle.contact_id AND c.state = 'reserved';
    IF task IS NULL THEN
        RETURN;
    END IF;
    -- the order goes the way a person would have taken it
    IF settles = 'sent' THEN
        UPDATE mkt.work_order AS o SET state = 'accepted', state_at = _push_settle.as_of WHERE o.order_id = task AND o.state = 'issued';
        UPDATE mkt.work_order AS o SET state = 'contacting', state_at = _push_settle.as_of, attempts = o.attempts + 1
        WHERE o.order_id = task AND o.state = 'accepted';
    ELSE
        UPDATE mkt.work_order AS o SET state = 'cancelled', state_at = _push_settle.as_of, closed_at = _push_settle.as_of
        WHERE o.order_id = task AND o.state = 'issued';
    END IF;
END
$$;
COMMENT ON FUNCTION mkt._push_settle(bigint, text, timestamptz) IS
    'What a push means to the reservation and to the work order behind it: sent, or released and cancelled. mkt.report() later says what the customer answered.';

CREATE FUNCTION mkt.push_take(channel text, n integer DEFAULT 100, as_of timestamptz DEFAULT now())
    RETURNS TABLE (contact_id bigint, cid bigint, phone text, body text)
    LANGUAGE plpgsql ROWS 100
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM mkt._require_platform();
    IF NOT mkt.may_send() THEN
        RAISE NOTICE 'nothing is sent: the master switch is off, or this is a clone';
        RETURN;
    END IF;
    RETURN QUERY
        WITH next AS (
            SELECT p.contact_id
            FROM mkt.push AS p
            WHERE p.channel_code = channel AND p.state = 'queued' AND p.not_before <= push_take.as_of
              AND (p.expires_at IS NULL OR push_take.as_of < p.expires_at)
            ORDER BY p.not_before, p.contact_id
            FOR UPDATE SKIP LOCKED
            LIMIT n
        ), taken AS (
            UPDATE mkt.push AS p
            SET state = 'taken', state_at = push_take.as_of, takes = p.takes + 1
            FROM next AS x
            WHERE p.contact_id = x.contact_id
            RETURNING p.contact_id, p.cid, p.body
        )
        SELECT t.contact_id, t.cid, c.phone, t.body
        FROM taken AS t
        JOIN mkt.customer AS c ON c.cid = t.cid
        ORDER BY t.contact_id;
END
$$;
COMMENT ON FUNCTION mkt.push_take(text, integer, timestamptz) IS
    'A gateway takes the next n messages of a channel. Two gateways never get the same one. While nothing may be sent there is none (S1-035, semantics B1).';

CREATE FUNCTION mkt.push_report(contact_id bigint, state text, error text DEFAULT NULL, as_of timestamptz DEFAULT now()) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    before text;
    settles text := (SELECT s.settles FROM mkt.push_state AS s WHERE s.state = push_report.state);
BEGIN
    SELECT p.state INTO before FROM mkt.push AS p WHERE p.contact_id = push_report.contact_id FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'push % does not exist', coalesce(contact_id::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'A push has the contact_id that mkt.push_take() gave.';
    ELSIF before = state THEN
        RETURN false;
    ELSIF NOT EXISTS (SELECT FROM mkt.push_transition AS t WHERE t.from_state = before AND t.to_state = push_report.state) THEN
        RAISE EXCEPTION 'push % is % and cannot become %', contact_id, before, coalesce(state, 'NULL')
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = coalesce((SELECT 'It can become ' || string_agg(t.to_state, ', ' ORDER BY t.to_state) || '.' FROM mkt.push_transition AS t WHERE t.from_state = before), 'That is its last state.');
    END IF;
    UPDATE mkt.push AS p
    SET state = push_report.state, state_at = push_report.as_of, error = push_report.error
    WHERE p.contact_id = push_report.contact_id;
    IF settles IS NOT NULL THEN
        PERFORM mkt._push_settle(contact_id, settles, as_of);
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION mkt.push_report(bigint, text, text, timestamptz) IS
    'What became of a push: sent, delivered, bounced, failed; the reservation behind it follows in the same transaction. false: it was known. Error 55000 for a step that mkt.push_transition does not have (semantics B5).';

CREATE FUNCTION mkt.push_sweep(as_of timestamptz DEFAULT now(), after interval DEFAULT '15 minutes') RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    lost    bigint;
    expired bigint;
BEGIN
    UPDATE mkt.push AS p
    SET state = 'queued', state_at = push_sweep.as_of
    WHERE p.state = 'taken' AND p.state_at < push_sweep.as_of - push_sweep.after;
    GET DIAGNOSTICS lost = ROW_COUNT;
    SELECT count(mkt.push_report(p.contact_id, 'expired', NULL, push_sweep.as_of)) INTO expired
    FROM mkt.push AS p
    WHERE p.state = 'queued' AND p.expires_at <= push_sweep.as_of;
    RETURN lost + expired;
END
$$;
COMMENT ON FUNCTION mkt.push_sweep(timestamptz, interval) IS
    'Job: messages that a gateway has had for too long without a word go back to the queue, so they may be sent twice but are never lost; those too old to be sent are given up and their reservations released. Returns both.';
