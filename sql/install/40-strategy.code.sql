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
                   offer_code text, offer_zh text, template text, product_code text, family text, type_code text,
                   propensity_tag text, value numeric, context numeric, channels text[], levers numeric[],
                   control_share numeric, sla_days integer, due_at timestamptz)
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
               o.offer_code, o.name_zh, o.template, p.product_code, p.family, p.type_code,
               v.propensity_tag, o.value::numeric, v.context_factor, ways.channels, ways.levers,
               v.control_share, v.sla_days, as_of + make_interval(days => v.sla_days)
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
        CROSS JOIN LATERAL (
            SELECT array_agg(sc.channel_code ORDER BY sc.rank) AS channels, array_agg(coalesce(f.factor, 1) ORDER BY sc.rank) AS levers
            FROM mkt.strategy_channel AS sc
            LEFT JOIN mkt.channel_product_priority AS f ON f.channel_code = sc.channel_code AND f.type_code = p.type_code
            WHERE sc.strategy_id = s.strategy_id) AS ways
        WHERE (frozen OR s.status = 'published' AND o.valid_from <= today AND (o.valid_to IS NULL OR today < o.valid_to))
          AND (_lanes.round IS NULL OR rs.round_id IS NOT NULL);
END
$$;
COMMENT ON FUNCTION mkt._lanes(text, timestamptz) IS
    'The strategies that compete, with the version and offer that count: those of a round (frozen once it deploys), or without a round all that are published and in force.';



CREATE FUNCTION mkt._decision_stamp_trigger() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE mkt.decision_stamp AS s SET stamp = DEFAULT WHERE s.topic = ANY (TG_ARGV);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION mkt._decision_stamp_trigger() IS
    'Statement trigger of the tables that sessions keep a copy of: its arguments are the topics whose stamp is replaced. SECURITY DEFINER: whoever may change the table changes the stamp.';

CREATE FUNCTION mkt._decision_span(as_of timestamptz, OUT since timestamptz, OUT until timestamptz)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    zone text := (SELECT p.time_zone FROM mkt.platform AS p);
BEGIN
    SELECT coalesce(max(d.at) FILTER (WHERE d.at <= as_of), '-infinity'), coalesce(min(d.at) FILTER (WHERE d.at > as_of), 'infinity')
    INTO since, until
    FROM (SELECT unnest(ARRAY[v.valid_from, v.valid_to]) AS at FROM mkt.strategy_version AS v
          UNION ALL
          SELECT unnest(ARRAY[h.valid_from, h.valid_to]) FROM mkt.holdout AS h
          UNION ALL
          SELECT unnest(ARRAY[o.valid_from, o.valid_to])::timestamp AT TIME ZONE zone FROM mkt.offer AS o) AS d;
END
$$;
COMMENT ON FUNCTION mkt._decision_span(timestamptz) IS
    'The time around as_of, [since, until), in which the same versions, offers and holdouts are valid: so long may a session keep what it has read of them.';

CREATE FUNCTION mkt._decide(round text, as_of timestamptz, from_block integer, to_block integer,
                            only_cid bigint DEFAULT NULL, only_channel text DEFAULT NULL, most integer DEFAULT 1)
    RETURNS TABLE (cid bigint, strategy_id integer, strategy_code text, version smallint, channel_code text, offer_code text,
                   p numeric, value numeric, context numeric, lever numeric, score numeric,
                   place integer, control boolean, reason text, reasons text[])
    LANGUAGE c STABLE COST 1000000 ROWS 100000 AS 'MODULE_PATHNAME', 'mkt__decide';
COMMENT ON FUNCTION mkt._decide(text, timestamptz, integer, integer, bigint, text, integer) IS
    'Every candidate of the blocks [from, to), or of one customer, with its factors, its place among the customer''s best, the first rule that refuses it and all that do; reason NULL: contact. By cid and strategy_id. '
    'control: a control customer who is otherwise a target, whose contact stays virtual (semantics B1, C, D). only_channel: a touchpoint of that channel asks, so nobody has to be sent. most: contacts per customer.';

CREATE FUNCTION mkt._decide_counts(round text, as_of timestamptz, from_block integer, to_block integer, most integer DEFAULT 1)
    RETURNS TABLE (strategy_id integer, reason text, customers bigint)
    LANGUAGE c STABLE COST 1000000 ROWS 1000 AS 'MODULE_PATHNAME', 'mkt__decide_counts';
COMMENT ON FUNCTION mkt._decide_counts(text, timestamptz, integer, integer, integer) IS
    'How many candidates of the blocks [from, to) each strategy contacts (reason NULL) or which rule refuses first: mkt._decide() without telling of every one.';

CREATE FUNCTION mkt._next_best(cid bigint, channel text, k integer, as_of timestamptz, strategies integer[] DEFAULT '{}')
    RETURNS TABLE (place integer, strategy_id integer, strategy_code text, offer_code text, name_zh text, template text, family text, score numeric)
    LANGUAGE c STABLE STRICT COST 1000 ROWS 3 AS 'MODULE_PATHNAME', 'mkt__next_best';
COMMENT ON FUNCTION mkt._next_best(bigint, text, integer, timestamptz, integer[]) IS
    'The k best strategies for a customer on a channel, of all or of these: what mkt._decide() answers for this one customer. Raises P0002 for a customer who does not exist or is not the caller''s.';


CREATE FUNCTION mkt.next_best(cid bigint, touchpoint text, k integer DEFAULT 1,
                              as_of timestamptz DEFAULT now(), reserve boolean DEFAULT true)
    RETURNS TABLE (place integer, strategy_code text, offer_code text, name_zh text, template text,
                   channel_code text, score numeric, contact_id bigint)
    LANGUAGE plpgsql ROWS 3
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    channel  text := (SELECT t.channel_code FROM mkt.touchpoint AS t WHERE t.touchpoint_code = touchpoint);
    best     record;
BEGIN
    IF channel IS NULL THEN
        PERFORM mkt._require_platform();
        RAISE EXCEPTION 'touchpoint "%" does not exist', touchpoint
            USING ERRCODE = 'undefined_object',
                  HINT = format('Touchpoints: %s.', (SELECT string_agg(t.touchpoint_code, ', ' ORDER BY t.touchpoint_code) FROM mkt.touchpoint AS t));
    END IF;
    IF next_best.cid IS NULL THEN
        PERFORM mkt._require_customer(NULL);
    ELSIF reserve THEN
        -- The customer is protected exactly. A channel's capacity is our own
        -- limit: callers at the same moment may pass it by one each, rather
        -- than wait for each other.
        PERFORM mkt._lock_customer(next_best.cid);
    END IF;
    FOR best IN
        SELECT b.* FROM mkt._next_best(next_best.cid, channel, next_best.k, next_best.as_of) AS b
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
            VALUES (next_best.cid, best.strategy_id, channel, best.family, 'reserved',
                    (SELECT g.org_id FROM mkt.customer AS c JOIN mkt.grid_cell AS g ON g.cell_id = c.cell_id WHERE c.cid = next_best.cid), as_of)
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
