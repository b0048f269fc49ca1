-- ----------------------------------------------------------------------
-- sql/install/54-scene.code.sql: answering an event at once, choosing the
-- tier a customer can climb to, and ordering with one click.
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt.fire(cid bigint, scene text, request_id text, as_of timestamptz DEFAULT now())
    RETURNS TABLE (business_code text, touchpoint_code text, mode text, strategy_code text, offer_code text, name_zh text, template text, contact_id bigint)
    LANGUAGE plpgsql ROWS 1
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    best record;
    mine bigint;
BEGIN
    PERFORM mkt._require_platform();
    IF NOT EXISTS (SELECT FROM mkt.scene_matrix AS m WHERE m.scene_code = scene) THEN
        RAISE EXCEPTION 'scene "%" does not exist', coalesce(scene, 'NULL')
            USING ERRCODE = 'undefined_object',
                  HINT = format('Scenes: %s.', (SELECT string_agg(DISTINCT m.scene_code, ', ') FROM mkt.scene_matrix AS m));
    ELSIF coalesce(request_id, '') = '' THEN
        RAISE EXCEPTION 'an event needs a request_id'
            USING ERRCODE = 'null_value_not_allowed', HINT = 'Send the same request_id again when you are not sure that an event arrived.';
    END IF;
    PERFORM mkt._lock_customer(fire.cid);
    IF NOT EXISTS (SELECT FROM mkt.scene_event AS e WHERE e.request_id = fire.request_id) THEN
        WITH cell AS (
            SELECT m.business_code, m.strategy_id, t.touchpoint_code, t.channel_code, t.mode
            FROM mkt.scene_matrix AS m
            JOIN mkt.touchpoint AS t ON t.touchpoint_code = m.touchpoint_code
            WHERE m.scene_code = scene AND m.enabled
              AND NOT EXISTS (SELECT FROM mkt.scene_event AS e
                              WHERE e.cid = fire.cid AND e.scene_code = scene AND e.business_code = m.business_code AND e.at > fire.as_of - m.again_after)
        ), asked AS (
            SELECT c.channel_code, array_agg(c.strategy_id) AS strategies FROM cell AS c GROUP BY c.channel_code
        )
        SELECT c.business_code, c.touchpoint_code, c.mode, c.channel_code, b.* INTO best
        FROM asked AS a
        CROSS JOIN LATERAL mkt._next_best(fire.cid, a.channel_code, 1, fire.as_of, a.strategies) AS b
        JOIN cell AS c ON c.channel_code = a.channel_code AND c.strategy_id = b.strategy_id
        ORDER BY b.score DESC, b.strategy_id, c.business_code
        LIMIT 1;
        IF FOUND THEN
            INSERT INTO mkt.contact AS c (cid, strategy_id, channel_code, family, state, org_id, reserved_at)
            VALUES (fire.cid, best.strategy_id, best.channel_code, best.family, 'reserved', mkt._customer_unit(fire.cid), fire.as_of)
            RETURNING c.contact_id INTO mine;
            INSERT INTO mkt.push (contact_id, cid, channel_code, org_id, body, not_before, state_at)
            SELECT c.contact_id, c.cid, c.channel_code, c.org_id, best.template, fire.as_of, fire.as_of
            FROM mkt.contact AS c
            WHERE c.contact_id = mine AND best.mode = 'active';
            INSERT INTO mkt.scene_event (request_id, cid, scene_code, at, business_code, touchpoint_code, strategy_id, offer_code, contact_id)
            VALUES (fire.request_id, fire.cid, scene, fire.as_of, best.business_code, best.touchpoint_code, best.strategy_id, best.offer_code, mine);
        ELSE
            INSERT INTO mkt.scene_event (request_id, cid, scene_code, at) VALUES (fire.request_id, fire.cid, scene, fire.as_of);
        END IF;
    END IF;
    RETURN QUERY
        SELECT e.business_code, e.touchpoint_code, t.mode, s.code, e.offer_code, f.name_zh, f.template, e.contact_id
        FROM mkt.scene_event AS e
        JOIN mkt.strategy AS s ON s.strategy_id = e.strategy_id
        JOIN mkt.touchpoint AS t ON t.touchpoint_code = e.touchpoint_code
        JOIN mkt.offer AS f ON f.offer_code = e.offer_code
        WHERE e.request_id = fire.request_id AND e.cid = fire.cid;
END
$$;
COMMENT ON FUNCTION mkt.fire(bigint, text, text, timestamptz) IS
    'A scene has happened to a customer: the best strategy of its cells that policy allows is reserved, pushed through the outbox where the touchpoint is active, or shown by the caller where it is passive; no row: nothing fits. Same rules and scores as mkt.next_best(). A repeated request_id gets the first answer (S2-030..033, S4-020).';

CREATE FUNCTION mkt.default_upgrade(cid bigint, ladder text, as_of timestamptz DEFAULT now())
    RETURNS TABLE (rank smallint, offer_code text, name_zh text, covers numeric, usage numeric, chosen boolean, reason text)
    LANGUAGE plpgsql STABLE ROWS 5
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    tag   text := (SELECT l.usage_tag FROM mkt.ladder AS l WHERE l.ladder_code = ladder);
    today date := (as_of AT TIME ZONE (SELECT p.time_zone FROM mkt.platform AS p))::date;
    needs numeric;
    stands smallint;
BEGIN
    PERFORM mkt._require_platform();
    PERFORM mkt._require_customer(default_upgrade.cid);
    IF tag IS NULL THEN
        RAISE EXCEPTION 'ladder "%" does not exist', coalesce(ladder, 'NULL')
            USING ERRCODE = 'undefined_object', HINT = 'SELECT ladder_code FROM mkt.ladder lists them.';
    END IF;
    SELECT p.value INTO needs FROM mkt.portrait(default_upgrade.cid) AS p WHERE p.code = tag;
    SELECT max(s.rank) INTO stands
    FROM mkt.ladder_step AS s
    JOIN mkt.offer AS f ON f.offer_code = s.offer_code
    JOIN mkt.subscription AS h ON h.product_code = f.product_code
    WHERE s.ladder_code = ladder AND h.cid = default_upgrade.cid AND h.valid_from <= today AND (h.valid_to IS NULL OR today < h.valid_to);
    RETURN QUERY
        WITH step AS (
            SELECT s.rank, s.offer_code, f.name_zh, s.covers,
                   CASE WHEN s.rank <= stands THEN 'held, or below what is held'
                        WHEN needs IS NULL THEN format('usage unknown: no value of tag "%s"', tag)
                        WHEN s.covers < needs THEN 'does not cover the usage'
                        WHEN f.valid_from > today OR f.valid_to <= today THEN 'offer not valid'
                        WHEN s.eligibility IS NOT NULL AND NOT mkt.has_tags(default_upgrade.cid, s.eligibility) THEN 'not eligible' END AS obstacle
            FROM mkt.ladder_step AS s
            JOIN mkt.offer AS f ON f.offer_code = s.offer_code
            WHERE s.ladder_code = ladder
        )
        SELECT s.rank, s.offer_code, s.name_zh, s.covers, needs,
               s.obstacle IS NULL AND s.rank = min(s.rank) FILTER (WHERE s.obstacle IS NULL) OVER (),
               coalesce(s.obstacle, CASE WHEN s.rank = min(s.rank) FILTER (WHERE s.obstacle IS NULL) OVER () THEN 'lowest tier that covers the usage' ELSE 'higher than needed' END)
        FROM step AS s
        ORDER BY s.rank;
END
$$;
COMMENT ON FUNCTION mkt.default_upgrade(bigint, text, timestamptz) IS
    'The tier a customer is offered by default: the lowest above the one held that covers the usage and whose eligibility the customer passes. Every tier is listed with the reason; chosen marks at most one (S2-044).';

CREATE FUNCTION mkt.one_click(order_key text, cid bigint, touchpoint text, offer text, contact_id bigint DEFAULT NULL, as_of timestamptz DEFAULT now()) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    today   date := (as_of AT TIME ZONE (SELECT p.time_zone FROM mkt.platform AS p))::date;
    channel text := (SELECT t.channel_code FROM mkt.touchpoint AS t WHERE t.touchpoint_code = touchpoint);
    wanted  record;
    placed  bigint;
BEGIN
    PERFORM mkt._require_platform();
    PERFORM mkt._require_customer(one_click.cid);
    SELECT f.product_code, CASE p.business WHEN 'broadband' THEN 'fixed' ELSE 'mobile' END AS flow, f.valid_from <= today AND (f.valid_to IS NULL OR today < f.valid_to) AS valid
    INTO wanted
    FROM mkt.offer AS f JOIN mkt.product AS p ON p.product_code = f.product_code
    WHERE f.offer_code = offer;
    IF channel IS NULL THEN
        RAISE EXCEPTION 'touchpoint "%" does not exist', touchpoint USING ERRCODE = 'undefined_object', HINT = 'SELECT touchpoint_code FROM mkt.touchpoint lists them.';
    ELSIF wanted.valid IS NOT TRUE THEN
        RAISE EXCEPTION 'offer "%" %', offer, CASE WHEN wanted.valid IS NULL THEN 'does not exist' ELSE format('is not valid on %s', today) END
            USING ERRCODE = CASE WHEN wanted.valid IS NULL THEN 'undefined_object' ELSE 'object_not_in_prerequisite_state' END,
                  HINT = 'Offer what mkt.next_best(), mkt.fire() or mkt.default_upgrade() answered.';
    END IF;
    placed := mkt.order_place(order_key, cid, wanted.product_code, wanted.flow, 'self_service', channel => channel, as_of => as_of);
    UPDATE mkt.contact AS c
    SET state = 'sent', sent_at = coalesce(c.sent_at, one_click.as_of), responded = true
    WHERE c.contact_id = one_click.contact_id AND c.cid = one_click.cid AND c.order_id IS NULL AND c.state IN ('reserved', 'sent');
    RETURN placed;
END
$$;
COMMENT ON FUNCTION mkt.one_click(text, bigint, text, text, bigint, timestamptz) IS
    'Orders what was just offered, in one step, and settles the contact it was offered by: it happened, and the customer took it. A repeated order_key returns the first order (S2-033, S2-044).';
