-- ----------------------------------------------------------------------
-- sql/install/40-strategy.code.sql: who gets what, on which channel.
--
-- One function decides, mkt._decide(). Deployment, dry run, next best action
-- and explanation all ask it, so they cannot disagree. How rounds are opened,
-- tried out, deployed and rolled back is 41-round.
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt._lanes(round text, as_of timestamptz)
    RETURNS TABLE (strategy_id integer, strategy_code text, version smallint, kind_code text,
                   eligibility mkt.tagexpr, applicability mkt.tagexpr, suitability mkt.tagexpr,
                   offer_code text, product_code text, family text, type_code text,
                   propensity_tag text, value numeric, context numeric, control_share numeric, due_at timestamptz)
    LANGUAGE plpgsql STABLE ROWS 10
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    today  date := (as_of AT TIME ZONE (SELECT p.time_zone FROM mkt.platform AS p))::date;
    frozen boolean := (SELECT r.state <> 'planned' FROM mkt.round AS r WHERE r.round_id = _lanes.round);
BEGIN
    RETURN QUERY
        SELECT s.strategy_id, s.code, v.version, s.kind_code,
               v.eligibility, v.applicability, v.suitability,
               o.offer_code, p.product_code, p.family, p.type_code,
               v.propensity_tag, o.value::numeric, v.context_factor, v.control_share,
               as_of + make_interval(days => v.sla_days)
        FROM mkt.strategy AS s
        LEFT JOIN mkt.round_strategy AS rs ON rs.round_id = _lanes.round AND rs.strategy_id = s.strategy_id
        JOIN LATERAL (
            SELECT n.*
            FROM mkt.strategy_version AS n
            WHERE n.strategy_id = s.strategy_id
              AND CASE WHEN frozen THEN n.version = rs.version
                       ELSE n.valid_from <= as_of AND (n.valid_to IS NULL OR as_of < n.valid_to) END
            ORDER BY n.version DESC
            LIMIT 1) AS v ON true
        JOIN mkt.offer AS o ON o.offer_code = v.offer_code
        JOIN mkt.product AS p ON p.product_code = o.product_code
        WHERE (frozen OR s.status = 'published' AND o.valid_from <= today AND (o.valid_to IS NULL OR today < o.valid_to))
          AND (_lanes.round IS NULL OR rs.round_id IS NOT NULL);
END
$$;
COMMENT ON FUNCTION mkt._lanes(text, timestamptz) IS
    'The strategies that compete, with the version and offer that count: those of a round (frozen once it deploys), or without a round all that are published and in force.';

CREATE FUNCTION mkt._candidates(eligibility mkt.tagexpr, propensity_tag text, from_block integer, to_block integer, only_cid bigint)
    RETURNS TABLE (cid bigint, eligible boolean, value numeric)
    LANGUAGE plpgsql STABLE ROWS 10000
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF only_cid IS NULL THEN
        RETURN QUERY
            SELECT m.cid, true, m.value
            FROM mkt._audience_values(eligibility, propensity_tag, from_block, to_block) AS m;
    ELSIF NOT mkt.has_tags(only_cid, eligibility) THEN
        RETURN QUERY SELECT only_cid, false, NULL::numeric;
    ELSIF propensity_tag IS NULL THEN
        RETURN QUERY SELECT only_cid, true, NULL::numeric;
    ELSE
        RETURN QUERY
            SELECT m.cid, true, m.value
            FROM mkt._audience_values(eligibility, propensity_tag, from_block, to_block) AS m
            WHERE m.cid = only_cid;
    END IF;
END
$$;
COMMENT ON FUNCTION mkt._candidates(mkt.tagexpr, text, integer, integer, bigint) IS
    'Members of an expression in the blocks [from, to) with their value of a tag; or, for one customer, whether it is a member.';

CREATE FUNCTION mkt._no_propensity(strategy text, tag text, cid bigint, p numeric) RETURNS numeric
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF p IS NULL THEN
        RAISE EXCEPTION 'customer % has no propensity for strategy "%": no value of tag "%"', cid, strategy, tag
            USING ERRCODE = 'null_value_not_allowed',
                  HINT = format('Add "& %s" to the eligibility of the strategy, or refresh the tag.', tag);
    END IF;
    RAISE EXCEPTION 'propensity % of customer % for strategy "%" is not between 0 and 1', p, cid, strategy
        USING ERRCODE = 'numeric_value_out_of_range',
              HINT = format('Tag "%s" must hold a probability.', tag);
END
$$;
COMMENT ON FUNCTION mkt._no_propensity(text, text, bigint, numeric) IS
    'Raises the error about a propensity that is missing or not a probability: neither is ever guessed (semantics C1).';

CREATE FUNCTION mkt._decide(round text, as_of timestamptz, from_block integer, to_block integer,
                            only_cid bigint DEFAULT NULL, only_channel text DEFAULT NULL,
                            most integer DEFAULT 1, planned jsonb DEFAULT '{}')
    RETURNS TABLE (cid bigint, strategy_id integer, version smallint, channel_code text,
                   p numeric, value numeric, context numeric, lever numeric, score numeric,
                   place integer, control boolean, reason text, reasons text[])
    LANGUAGE plpgsql STABLE ROWS 100000
    SET search_path = pg_catalog, pg_temp
    SET jit = off   -- compiling this query takes longer than any block of customers
AS $$
DECLARE
    from_cid bigint := coalesce(only_cid, from_block * 64512::bigint);
    to_cid   bigint := coalesce(only_cid + 1, to_block * 64512::bigint);
    sending  boolean := mkt.may_send();
    salt     text := (SELECT s.tenant_salt FROM mkt.platform AS s);
BEGIN
    RETURN QUERY
    WITH lane AS MATERIALIZED (
        SELECT l.* FROM mkt._lanes(_decide.round, as_of) AS l
    ), lane_channel AS MATERIALIZED (
        SELECT l.strategy_id, sc.rank, sc.channel_code, coalesce(f.factor, 1) AS lever, r.cap_room, r.day_room
        FROM lane AS l
        JOIN mkt.strategy_channel AS sc ON sc.strategy_id = l.strategy_id
        JOIN mkt._channel_room(as_of, planned) AS r ON r.channel_code = sc.channel_code
        LEFT JOIN mkt.channel_product_priority AS f ON f.channel_code = sc.channel_code AND f.type_code = l.type_code
        WHERE only_channel IS NULL OR sc.channel_code = only_channel
    ), candidate AS MATERIALIZED (
        SELECT l.strategy_id, m.cid, m.eligible,
               CASE WHEN l.propensity_tag IS NULL THEN 1
                    WHEN NOT m.eligible OR m.value BETWEEN 0 AND 1 THEN m.value
                    ELSE mkt._no_propensity(l.strategy_code, l.propensity_tag, m.cid, m.value) END AS p
        FROM lane AS l
        CROSS JOIN LATERAL mkt._candidates(l.eligibility, l.propensity_tag, from_block, to_block, only_cid) AS m
    ), unfit AS MATERIALIZED (
        -- eligible customers who fail a later layer
        SELECT l.strategy_id, m.cid,
               bool_or(layer.reason = 'not_applicable') AS not_applicable, bool_or(layer.reason = 'not_suitable') AS not_suitable
        FROM lane AS l
        CROSS JOIN LATERAL (VALUES ('not_applicable', l.applicability), ('not_suitable', l.suitability)) AS layer(reason, expr)
        CROSS JOIN LATERAL mkt._candidates(l.eligibility OPERATOR(mkt.&) (OPERATOR(mkt.!) layer.expr),
                                           NULL, from_block, to_block, only_cid) AS m
        WHERE layer.expr IS NOT NULL AND m.eligible
        GROUP BY l.strategy_id, m.cid
    ), barrier AS MATERIALIZED (
        SELECT b.* FROM mkt._barriers(as_of, from_cid, to_cid, besides => _decide.round) AS b
    ), unwanted AS MATERIALIZED (
        SELECT DISTINCT d.cid, d.scope_code AS product_code
        FROM mkt.do_not_disturb AS d
        WHERE d.scope = 'product' AND d.cid >= from_cid AND d.cid < to_cid
          AND d.valid_from <= as_of AND (d.valid_to IS NULL OR as_of < d.valid_to)
    ), suppressed AS MATERIALIZED (
        SELECT s.cid FROM mkt.suppression AS s
        WHERE s.cid >= from_cid AND s.cid < to_cid AND s.since <= as_of
    ), held_out AS MATERIALIZED (
        -- mkt.is_control(), for all of them at once
        SELECT DISTINCT c.cid
        FROM mkt.holdout AS h
        JOIN candidate AS c ON mkt.bucket(h.salt, c.cid) >= h.bucket_from AND mkt.bucket(h.salt, c.cid) < h.bucket_to
        WHERE h.valid_from <= as_of AND (h.valid_to IS NULL OR as_of < h.valid_to)
    ), routable AS MATERIALIZED (
        -- work orders need a person: the owner, or somebody in the unit that serves the cell
        SELECT c.cid
        FROM mkt.customer AS c
        LEFT JOIN mkt.grid_cell AS g ON g.cell_id = c.cell_id
        WHERE c.cid >= from_cid AND c.cid < to_cid
          AND (c.owner_staff_id IN (SELECT s.staff_id FROM mkt.staff AS s WHERE s.active)
               OR g.org_id IN (SELECT s.org_id FROM mkt.staff AS s WHERE s.active))
    ), reach AS (
        -- each candidate on the first channel that is open, or else on the preferred one
        SELECT DISTINCT ON (c.strategy_id, c.cid)
               c.strategy_id, c.cid, c.eligible, c.p, lc.channel_code, lc.lever, lc.day_room,
               coalesce(b.no_consent, false) AS no_consent,
               coalesce(b.do_not_disturb, false) AS do_not_disturb,
               least(lc.cap_room, b.room) AS cap_room
        FROM candidate AS c
        JOIN lane_channel AS lc ON lc.strategy_id = c.strategy_id
        LEFT JOIN barrier AS b ON b.cid = c.cid AND b.channel_code = lc.channel_code
        ORDER BY c.strategy_id, c.cid,
                 (coalesce(b.no_consent, false) OR coalesce(b.do_not_disturb, false)
                  OR coalesce(least(lc.cap_room, b.room) <= 0, false) OR coalesce(lc.day_room <= 0, false)),
                 lc.rank
    ), tested AS (
        SELECT r.*, l.strategy_code, l.version, l.value, l.context, l.due_at,
               r.p * l.value * l.context * r.lever AS score,
               r.do_not_disturb OR w.cid IS NOT NULL AS disturbed,
               s.cid IS NOT NULL AS suppressed,
               h.cid IS NOT NULL AS held_out,
               mkt.bucket(l.strategy_code || salt, r.cid) < l.control_share * 10000 AS strategy_control,
               coalesce(u.not_applicable, false) AS not_applicable,
               coalesce(u.not_suitable, false) AS not_suitable,
               only_channel IS NULL AND home.cid IS NULL AS unrouted
        FROM reach AS r
        JOIN lane AS l ON l.strategy_id = r.strategy_id
        LEFT JOIN unwanted AS w ON w.cid = r.cid AND w.product_code = l.product_code
        LEFT JOIN suppressed AS s ON s.cid = r.cid
        LEFT JOIN held_out AS h ON h.cid = r.cid
        LEFT JOIN routable AS home ON home.cid = r.cid
        LEFT JOIN unfit AS u ON u.strategy_id = r.strategy_id AND u.cid = r.cid
    ), judged AS (
        -- in the order of mkt.refusal_reason, which is that of semantics B1
        SELECT t.*,
               array_remove(ARRAY[
                   CASE WHEN NOT sending THEN 'kill_switch' END,
                   CASE WHEN t.no_consent THEN 'no_consent' END,
                   CASE WHEN t.disturbed THEN 'do_not_disturb' END,
                   CASE WHEN t.suppressed THEN 'suppressed' END,
                   CASE WHEN t.held_out THEN 'global_control' END,
                   CASE WHEN t.strategy_control THEN 'strategy_control' END,
                   CASE WHEN NOT t.eligible THEN 'not_eligible' END,
                   CASE WHEN t.not_applicable THEN 'not_applicable' END,
                   CASE WHEN t.not_suitable THEN 'not_suitable' END,
                   CASE WHEN t.cap_room <= 0 THEN 'frequency_cap' END,
                   CASE WHEN t.day_room <= 0 THEN 'channel_capacity' END,
                   CASE WHEN t.unrouted THEN 'unrouted' END], NULL) AS failed
        FROM tested AS t
    ), ranked AS (
        SELECT j.*,
               CASE WHEN j.failed = '{}' THEN
                   row_number() OVER (PARTITION BY j.cid, j.failed = '{}'
                                      ORDER BY j.score DESC, j.value DESC, j.due_at, j.strategy_id)::integer
               END AS place
        FROM judged AS j
    ), won AS (
        -- whoever stands second in a round must leave room for the first
        SELECT k.*,
               k.failed || CASE WHEN k.place > most THEN ARRAY['outranked']
                                WHEN k.place > k.cap_room THEN ARRAY['frequency_cap']
                                ELSE '{}' END AS refused
        FROM ranked AS k
    ), seated AS (
        -- the best of the block first, as long as the channel has room
        SELECT w.*,
               CASE WHEN w.refused = '{}'
                     AND row_number() OVER (PARTITION BY w.channel_code, w.refused = '{}'
                                            ORDER BY w.score DESC, w.cid, w.strategy_id) > w.day_room
                    THEN ARRAY['channel_capacity'] ELSE w.refused END AS all_reasons
        FROM won AS w
    )
    SELECT d.cid, d.strategy_id, d.version, d.channel_code,
           d.p, d.value, d.context, d.lever, d.score, d.place,
           sending AND (d.held_out OR d.strategy_control)
               AND d.eligible AND NOT d.not_applicable AND NOT d.not_suitable,
           d.all_reasons[1], d.all_reasons
    FROM seated AS d;
END
$$;
COMMENT ON FUNCTION mkt._decide(text, timestamptz, integer, integer, bigint, text, integer, jsonb) IS
    'Every candidate of the blocks [from, to), or of one customer, with its factors, its place among the customer''s strategies, the first rule that refuses it and all that do; reason NULL: contact. '
    'control: a control customer who is otherwise a target, whose contact stays virtual (semantics B1, C, D). only_channel: a touchpoint of that channel asks, so nobody has to be sent. most: contacts per customer; planned: contacts by channel that a dry run has decided so far.';


CREATE FUNCTION mkt.next_best(cid bigint, touchpoint text, k integer DEFAULT 1,
                              as_of timestamptz DEFAULT now(), reserve boolean DEFAULT true)
    RETURNS TABLE (place integer, strategy_code text, offer_code text, name_zh text, template text,
                   channel_code text, score numeric, contact_id bigint)
    LANGUAGE plpgsql ROWS 3
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    block    integer := mkt._block_of(next_best.cid);
    channel  text := (SELECT t.channel_code FROM mkt.touchpoint AS t WHERE t.touchpoint_code = touchpoint);
    best     record;
BEGIN
    PERFORM mkt._require_platform();
    IF channel IS NULL THEN
        RAISE EXCEPTION 'touchpoint "%" does not exist', touchpoint
            USING ERRCODE = 'undefined_object',
                  HINT = format('Touchpoints: %s.', (SELECT string_agg(t.touchpoint_code, ', ' ORDER BY t.touchpoint_code) FROM mkt.touchpoint AS t));
    END IF;
    PERFORM mkt._require_customer(next_best.cid);
    IF reserve THEN
        -- The customer is protected exactly. A channel's capacity is our own
        -- limit: callers at the same moment may pass it by one each, rather
        -- than wait for each other.
        PERFORM mkt._lock_customer(next_best.cid);
    END IF;
    FOR best IN
        SELECT d.place, d.score, d.strategy_id, l.strategy_code, l.offer_code, l.family, o.name_zh, o.template
        FROM mkt._decide(NULL, as_of, block, block + 1, next_best.cid, channel, most => k) AS d
        JOIN mkt._lanes(NULL, as_of) AS l ON l.strategy_id = d.strategy_id
        JOIN mkt.offer AS o ON o.offer_code = l.offer_code
        WHERE d.reason IS NULL
        ORDER BY d.place
    LOOP
        place := best.place;
        strategy_code := best.strategy_code;
        offer_code := best.offer_code;
        name_zh := best.name_zh;
        template := best.template;
        channel_code := channel;
        score := best.score;
        contact_id := NULL;
        IF reserve THEN
            INSERT INTO mkt.contact AS c (cid, strategy_id, channel_code, family, state, org_id, reserved_at)
            VALUES (next_best.cid, best.strategy_id, channel, best.family, 'reserved', mkt._customer_unit(next_best.cid), as_of)
            RETURNING c.contact_id INTO next_best.contact_id;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION mkt.next_best(bigint, text, integer, timestamptz, boolean) IS
    'The k best offers for a customer who stands at a touchpoint now, decided by the rules and scores of deployment (S2-031, S2-033, S4-012). Each is reserved as a contact: call mkt.contact_sent() when it was shown, mkt.contact_release() when it was not. reserve => false only looks.';

CREATE FUNCTION mkt._require_customer(cid bigint) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM mkt.customer AS c WHERE c.cid = _require_customer.cid) THEN
        RAISE EXCEPTION 'customer % does not exist', coalesce(cid::text, 'NULL')
            USING ERRCODE = 'no_data_found',
                  HINT = 'A cid is what mkt.customer says for a customer_key; a branch finds its own customers only.';
    END IF;
END
$$;
COMMENT ON FUNCTION mkt._require_customer(bigint) IS 'Raises P0002 for a customer who does not exist or is not the caller''s.';

CREATE FUNCTION mkt.explain(cid bigint, strategy text, as_of timestamptz DEFAULT now(), round text DEFAULT NULL)
    RETURNS TABLE (rule text, ordinal smallint, passed boolean, detail text)
    LANGUAGE plpgsql STABLE ROWS 15
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    block    integer := mkt._block_of(explain.cid);
    lane     record;
    verdict  record;
    best     record;
    room     text;
    factors  text;
BEGIN
    PERFORM mkt._require_platform();
    PERFORM mkt._require_customer(explain.cid);
    SELECT l.* INTO lane FROM mkt._lanes(explain.round, as_of) AS l WHERE l.strategy_code = strategy;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'strategy "%" does not compete at %', strategy, as_of
            USING ERRCODE = 'undefined_object',
                  HINT = 'It must be published, with a version and an offer valid then, and belong to the round if one is named: see mkt.strategy_version.';
    END IF;

    SELECT d.* INTO verdict
    FROM mkt._decide(explain.round, as_of, block, block + 1, explain.cid,
                     most => coalesce((SELECT r.max_per_customer FROM mkt.round AS r WHERE r.round_id = explain.round), 1)) AS d
    WHERE d.strategy_id = lane.strategy_id;
    SELECT s.code, d.score INTO best
    FROM mkt._decide(explain.round, as_of, block, block + 1, explain.cid) AS d
    JOIN mkt.strategy AS s ON s.strategy_id = d.strategy_id
    WHERE d.place = 1;
    SELECT string_agg(format('%s %s', k.channel_code, k.room), ', ' ORDER BY k.channel_code) INTO room
    FROM mkt._cap_room(as_of, explain.cid, explain.cid + 1, explain.round) AS k;
    factors := format('score %s = p %s x value %s x context %s x lever %s', trim_scale(verdict.score), trim_scale(verdict.p),
                      verdict.value, trim_scale(verdict.context), trim_scale(verdict.lever));

    RETURN QUERY
        SELECT r.reason, r.ordinal, NOT r.reason = ANY (verdict.reasons), saw.detail
        FROM mkt.refusal_reason AS r
        LEFT JOIN (VALUES
            ('kill_switch',      (SELECT CASE WHEN mkt.may_send() THEN 'sending is on' WHEN p.send_enabled THEN 'this is a clone' ELSE 'sending is off' END FROM mkt.platform AS p)),
            ('no_consent',       (SELECT string_agg(format('%s %s since %s', c.channel_code, CASE WHEN c.granted THEN 'granted' ELSE 'refused' END, c.since), ', ' ORDER BY c.channel_code)
                                  FROM mkt.consent AS c WHERE c.cid = explain.cid AND c.contact_class = 'marketing')),
            ('do_not_disturb',   (SELECT string_agg(concat_ws(' ', d.scope, d.scope_code, 'from', d.valid_from, 'to ' || d.valid_to), ', ' ORDER BY d.dnd_id)
                                  FROM mkt.do_not_disturb AS d WHERE d.cid = explain.cid)),
            ('suppressed',       (SELECT s.reason FROM mkt.suppression AS s WHERE s.cid = explain.cid)),
            ('strategy_control', format('control share %s', trim_scale(lane.control_share))),
            ('not_eligible',     lane.eligibility::text),
            ('not_applicable',   lane.applicability::text),
            ('not_suitable',     lane.suitability::text),
            ('frequency_cap',    coalesce('contacts left: ' || room, 'no contact counts')),
            ('channel_capacity', 'on ' || verdict.channel_code),
            ('outranked',        factors || coalesce('; best is ' || best.code || ' with ' || trim_scale(best.score), ''))
            ) AS saw(rule, detail) ON saw.rule = r.reason
        ORDER BY r.ordinal;
END
$$;
COMMENT ON FUNCTION mkt.explain(bigint, text, timestamptz, text) IS
    'Why a customer gets a strategy or does not: every rule in the order of the tests, whether it let the customer pass, and what it saw. Asks the decision of deployment itself; name the round to ask what that round decided. Layers below a failed eligibility are not tested.';
