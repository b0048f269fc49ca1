-- ----------------------------------------------------------------------
-- test/lib/decide_oracle.sql: the decision in plain SQL, as schema oracle.
--
-- oracle._decide() answers what mkt._decide() answers, candidate by candidate,
-- from the tables and with joins, sorts and window functions. It is what the
-- engine is compared with in the tests, and measured against in the benchmark.
-- planned: contacts by channel that were decided in blocks before.
-- ----------------------------------------------------------------------
CREATE SCHEMA oracle;

CREATE FUNCTION oracle._candidates(eligibility mkt.tagexpr, propensity_tag text, from_block integer, to_block integer, only_cid bigint)
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

CREATE FUNCTION oracle._no_propensity(strategy text, tag text, cid bigint, p numeric) RETURNS numeric
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

CREATE FUNCTION oracle._barriers(as_of timestamptz, from_cid bigint, to_cid bigint, besides text DEFAULT NULL)
    RETURNS TABLE (cid bigint, channel_code text, no_consent boolean, do_not_disturb boolean, room integer)
    LANGUAGE plpgsql STABLE ROWS 10000
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
        WITH said AS (
            SELECT c.cid, c.channel_code, c.granted
            FROM mkt.consent AS c
            WHERE c.cid >= from_cid AND c.cid < to_cid AND c.contact_class = 'marketing' AND c.since <= as_of
        ), refused AS (
            -- what is said about a channel goes before what is said about all
            SELECT s.cid, ch.channel_code
            FROM said AS s
            JOIN mkt.channel AS ch ON s.channel_code IN (ch.channel_code, '*')
            GROUP BY s.cid, ch.channel_code
            HAVING NOT coalesce(bool_or(s.granted) FILTER (WHERE s.channel_code <> '*'), bool_or(s.granted))
        ), disturbed AS (
            SELECT DISTINCT d.cid, ch.channel_code
            FROM mkt.do_not_disturb AS d
            JOIN mkt.channel AS ch ON d.scope = 'all' OR d.scope = 'channel' AND d.scope_code = ch.channel_code
            WHERE d.cid >= from_cid AND d.cid < to_cid
              AND d.valid_from <= as_of AND (d.valid_to IS NULL OR as_of < d.valid_to)
        )
        SELECT b.cid, b.channel_code, bool_or(b.no_consent), bool_or(b.do_not_disturb), min(b.room)
        FROM (SELECT r.cid, r.channel_code, true AS no_consent, false AS do_not_disturb, NULL::integer AS room FROM refused AS r
              UNION ALL
              SELECT d.cid, d.channel_code, false, true, NULL FROM disturbed AS d
              UNION ALL
              SELECT k.cid, k.channel_code, false, false, k.room
              FROM mkt._cap_room(as_of, from_cid, to_cid, besides) AS k) AS b
        GROUP BY b.cid, b.channel_code;
END
$$;

CREATE FUNCTION oracle._channel_room(as_of timestamptz, planned jsonb DEFAULT '{}')
    RETURNS TABLE (channel_code text, cap_room integer, day_room bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 6
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    zone  text := (SELECT p.time_zone FROM mkt.platform AS p);
    today timestamp := date_trunc('day', as_of AT TIME ZONE zone);
BEGIN
    RETURN QUERY
        SELECT ch.channel_code,
               (SELECT min(cap.max_contacts) FROM mkt.contact_cap AS cap
                WHERE cap.contact_class = 'marketing' AND (cap.channels IS NULL OR ch.channel_code = ANY (cap.channels))),
               ch.daily_capacity
                   - coalesce((planned ->> ch.channel_code)::bigint, 0)
                   - CASE WHEN ch.daily_capacity IS NOT NULL THEN
                         (SELECT count(*) FROM mkt.contact AS c
                          WHERE c.channel_code = ch.channel_code AND c.state IN ('reserved', 'sent')
                            AND c.reserved_at >= today AT TIME ZONE zone
                            AND c.reserved_at < (today + interval '1 day') AT TIME ZONE zone)
                     END
        FROM mkt.channel AS ch;
END
$$;

CREATE FUNCTION oracle._decide(round text, as_of timestamptz, from_block integer, to_block integer,
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
    WITH RECURSIVE lane AS MATERIALIZED (
        SELECT l.* FROM mkt._lanes(_decide.round, as_of) AS l
    ), lane_channel AS MATERIALIZED (
        SELECT l.strategy_id, sc.rank, sc.channel_code, coalesce(f.factor, 1) AS lever, r.cap_room, r.day_room
        FROM lane AS l
        JOIN mkt.strategy_channel AS sc ON sc.strategy_id = l.strategy_id
        JOIN oracle._channel_room(as_of, planned) AS r ON r.channel_code = sc.channel_code
        LEFT JOIN mkt.channel_product_priority AS f ON f.channel_code = sc.channel_code AND f.type_code = l.type_code
        WHERE only_channel IS NULL OR sc.channel_code = only_channel
    ), candidate AS MATERIALIZED (
        SELECT l.strategy_id, m.cid, m.eligible,
               CASE WHEN l.propensity_tag IS NULL THEN 1
                    WHEN NOT m.eligible OR m.value BETWEEN 0 AND 1 THEN m.value
                    ELSE oracle._no_propensity(l.strategy_code, l.propensity_tag, m.cid, m.value) END AS p
        FROM lane AS l
        CROSS JOIN LATERAL oracle._candidates(l.eligibility, l.propensity_tag, from_block, to_block, only_cid) AS m
    ), unfit AS MATERIALIZED (
        -- eligible customers who fail a later layer
        SELECT l.strategy_id, m.cid,
               bool_or(layer.reason = 'not_applicable') AS not_applicable, bool_or(layer.reason = 'not_suitable') AS not_suitable
        FROM lane AS l
        CROSS JOIN LATERAL (VALUES ('not_applicable', l.applicability), ('not_suitable', l.suitability)) AS layer(reason, expr)
        CROSS JOIN LATERAL oracle._candidates(l.eligibility OPERATOR(mkt.&) (OPERATOR(mkt.!) layer.expr),
                                           NULL, from_block, to_block, only_cid) AS m
        WHERE layer.expr IS NOT NULL AND m.eligible
        GROUP BY l.strategy_id, m.cid
    ), barrier AS MATERIALIZED (
        SELECT b.* FROM oracle._barriers(as_of, from_cid, to_cid, besides => _decide.round) AS b
    ), unwanted AS MATERIALIZED (
        SELECT DISTINCT d.cid, d.scope_code AS product_code
        FROM mkt.do_not_disturb AS d
        WHERE d.scope = 'product' AND d.cid >= from_cid AND d.cid < to_cid
          AND d.valid_from <= as_of AND (d.valid_to IS NULL OR as_of < d.valid_to)
    ), suppressed AS MATERIALIZED (
        SELECT s.cid FROM mkt.suppression AS s
        WHERE s.cid >= from_cid AND s.cid < to_cid AND s.since <= as_of
    ), override AS MATERIALIZED (
        SELECT o.cid, o.like_cid FROM mkt.control_override AS o
        WHERE o.cid >= from_cid AND o.cid < to_cid AND o.since <= as_of
    ), held_out AS MATERIALIZED (
        -- mkt.is_control(), for all of them at once
        SELECT DISTINCT c.cid
        FROM mkt.holdout AS h
        JOIN candidate AS c ON mkt.bucket(h.salt, c.cid) >= h.bucket_from AND mkt.bucket(h.salt, c.cid) < h.bucket_to
        WHERE h.valid_from <= as_of AND (h.valid_to IS NULL OR as_of < h.valid_to)
        UNION
        SELECT o.cid
        FROM mkt.holdout AS h
        JOIN override AS o ON mkt.bucket(h.salt, o.like_cid) >= h.bucket_from AND mkt.bucket(h.salt, o.like_cid) < h.bucket_to
        WHERE h.valid_from <= as_of AND (h.valid_to IS NULL OR as_of < h.valid_to)
    ), kept_out AS MATERIALIZED (
        -- in the control group of a strategy by somebody merged into them
        SELECT DISTINCT l.strategy_id, o.cid
        FROM lane AS l
        JOIN override AS o ON mkt.bucket(l.strategy_code || salt, o.like_cid) < l.control_share * 10000
    ), earlier AS MATERIALIZED (
        -- contacts that count, and since when
        SELECT c.cid, c.strategy_id, c.family, c.state, c.sent_at
        FROM mkt.contact AS c
        WHERE c.cid >= from_cid AND c.cid < to_cid AND c.contact_class = 'marketing' AND c.state IN ('reserved', 'sent')
          AND (_decide.round IS NULL OR c.round_id IS DISTINCT FROM _decide.round OR c.made_for IS NOT NULL)
    ), span_of AS MATERIALIZED (
        SELECT l.strategy_id, l.family,
               (SELECT mkt._cap_since(w.span, 'rolling', as_of) FROM mkt.repeat_window AS w WHERE w.family IN (l.family, '*') ORDER BY w.family = '*' LIMIT 1) AS since
        FROM lane AS l
    ), repeated AS MATERIALIZED (
        SELECT DISTINCT l.strategy_id, e.cid
        FROM span_of AS l JOIN earlier AS e ON e.family = l.family AND (e.state = 'reserved' OR e.sent_at > l.since)
        WHERE l.since IS NOT NULL
    ), pair AS MATERIALIZED (
        SELECT p.strategy_id, p.other_id AS watched, p.kind, coalesce(mkt._cap_since(p.span, 'rolling', as_of), '-infinity') AS since FROM mkt.strategy_pair AS p
        UNION ALL
        SELECT p.other_id, p.strategy_id, p.kind, coalesce(mkt._cap_since(p.span, 'rolling', as_of), '-infinity') FROM mkt.strategy_pair AS p WHERE p.kind = 'never'
    ), paired AS MATERIALIZED (
        SELECT DISTINCT c.strategy_id, c.cid
        FROM candidate AS c
        JOIN pair AS p ON p.strategy_id = c.strategy_id
        WHERE EXISTS (SELECT FROM earlier AS e WHERE e.cid = c.cid AND e.strategy_id = p.watched
                      AND CASE p.kind WHEN 'never' THEN e.state = 'reserved' OR e.sent_at > p.since
                                      ELSE e.sent_at > p.since AND e.sent_at <= as_of END) = (p.kind = 'never')
    ), routable AS MATERIALIZED (
        -- work orders need a person: the owner, or somebody in the unit that serves the cell, or in its grid
        SELECT c.cid
        FROM mkt.customer AS c
        LEFT JOIN mkt.grid_cell AS g ON g.cell_id = c.cell_id
        WHERE c.cid >= from_cid AND c.cid < to_cid
          AND (c.owner_staff_id IN (SELECT w.staff_id FROM mkt._worker AS w)
               OR g.org_id IN (SELECT w.org_id FROM mkt._worker AS w)
               OR g.grid_id IN (SELECT w.grid_id FROM mkt._worker AS w))
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
               mkt.bucket(l.strategy_code || salt, r.cid) < l.control_share * 10000 OR k.cid IS NOT NULL AS strategy_control,
               coalesce(u.not_applicable, false) AS not_applicable,
               coalesce(u.not_suitable, false) AS not_suitable,
               re.cid IS NOT NULL AS repeated, pa.cid IS NOT NULL AS paired,
               only_channel IS NULL AND home.cid IS NULL AS unrouted
        FROM reach AS r
        JOIN lane AS l ON l.strategy_id = r.strategy_id
        LEFT JOIN unwanted AS w ON w.cid = r.cid AND w.product_code = l.product_code
        LEFT JOIN suppressed AS s ON s.cid = r.cid
        LEFT JOIN held_out AS h ON h.cid = r.cid
        LEFT JOIN kept_out AS k ON k.strategy_id = r.strategy_id AND k.cid = r.cid
        LEFT JOIN repeated AS re ON re.strategy_id = r.strategy_id AND re.cid = r.cid
        LEFT JOIN paired AS pa ON pa.strategy_id = r.strategy_id AND pa.cid = r.cid
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
                   CASE WHEN t.repeated THEN 'repeat_window' END,
                   CASE WHEN t.paired THEN 'pair_rule' END,
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
    ), walked (cid, place, taken, why) AS (
        -- down the places of a customer: who keeps clear of those above, and leaves them room
        SELECT DISTINCT k.cid, 0, '{}'::integer[], NULL::text FROM ranked AS k WHERE k.place = 1
        UNION ALL
        SELECT w.cid, k.place, CASE WHEN d.why IS NULL THEN w.taken || k.strategy_id ELSE w.taken END, d.why
        FROM walked AS w
        JOIN ranked AS k ON k.cid = w.cid AND k.place = w.place + 1 AND k.place <= most
        CROSS JOIN LATERAL (
            SELECT CASE WHEN EXISTS (SELECT FROM span_of AS a JOIN span_of AS b ON b.family = a.family
                                     WHERE a.strategy_id = k.strategy_id AND a.since IS NOT NULL AND b.strategy_id = ANY (w.taken)) THEN 'repeat_window'
                        WHEN EXISTS (SELECT FROM pair AS p WHERE p.kind = 'never' AND p.strategy_id = k.strategy_id AND p.watched = ANY (w.taken)) THEN 'pair_rule'
                        WHEN k.place > k.cap_room THEN 'frequency_cap' END AS why) AS d
    ), won AS (
        SELECT k.*,
               k.failed || CASE WHEN k.place > most THEN ARRAY['outranked']
                                WHEN w.why IS NOT NULL THEN ARRAY[w.why]
                                ELSE '{}' END AS refused
        FROM ranked AS k
        LEFT JOIN walked AS w ON w.cid = k.cid AND w.place = k.place
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

-- All blocks, one after the other, so that channels run full as they do in a deployment.
CREATE FUNCTION oracle.decide_all(round text, as_of timestamptz, blocks integer, most integer)
    RETURNS TABLE (cid bigint, strategy_id integer, version smallint, channel_code text,
                   p numeric, value numeric, context numeric, lever numeric, score numeric,
                   place integer, control boolean, reason text, reasons text[])
    LANGUAGE plpgsql ROWS 100000
AS $$
DECLARE
    planned jsonb := '{}';
    decided record;
BEGIN
    FOR block IN 0 .. blocks - 1 LOOP
        CREATE TEMP TABLE IF NOT EXISTS oracle_block ON COMMIT DROP AS SELECT * FROM oracle._decide(NULL, as_of, 0, 0) LIMIT 0;
        TRUNCATE oracle_block;
        INSERT INTO oracle_block
        SELECT * FROM oracle._decide(decide_all.round, decide_all.as_of, block, block + 1, most => decide_all.most, planned => planned);
        RETURN QUERY SELECT * FROM oracle_block;
        SELECT planned || coalesce(jsonb_object_agg(n.channel_code, coalesce((planned ->> n.channel_code)::bigint, 0) + n.n), '{}') INTO planned
        FROM (SELECT o.channel_code, count(*) AS n FROM oracle_block AS o WHERE o.reason IS NULL GROUP BY 1) AS n;
    END LOOP;
END
$$;
