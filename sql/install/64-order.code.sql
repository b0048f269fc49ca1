-- ----------------------------------------------------------------------
-- sql/install/64-order.code.sql: an order from placing to delivery.
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt.order_place(order_key text, cid bigint, product_code text, flow text, sale_scene text,
                                amount numeric DEFAULT NULL, work_order_id bigint DEFAULT NULL, channel text DEFAULT NULL,
                                domain text DEFAULT NULL, code text DEFAULT NULL, coupon text DEFAULT NULL,
                                delivery_mode text DEFAULT NULL, org_id integer DEFAULT NULL,
                                as_of timestamptz DEFAULT now())
    RETURNS bigint
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    answer bigint;
    task   record;
    behind record;
BEGIN
    SELECT o.sales_order_id INTO answer FROM mkt.sales_order AS o WHERE o.order_key = order_place.order_key;
    IF FOUND THEN               -- a repeated call: the first answer, and nothing else happens
        RETURN answer;
    END IF;
    SELECT w.cid, w.org_id, w.channel_code INTO task FROM mkt.work_order AS w WHERE w.order_id = order_place.work_order_id;
    IF work_order_id IS NOT NULL AND task.cid IS DISTINCT FROM order_place.cid THEN
        RAISE EXCEPTION 'work order % is not about customer %', work_order_id, order_place.cid
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave out work_order_id for a sale nobody was sent for.';
    END IF;
    SELECT r.code, r.org_id, r.domain_code INTO behind
    FROM (SELECT WHERE order_place.code IS NOT NULL) AS given, mkt.code_resolve(order_place.code, as_of) AS r;

    INSERT INTO mkt.sales_order (order_key, cid, product_code, flow, sale_scene, work_order_id, code, placed_at, delivery_mode,
                                 amount, channel_code, domain_code, org_id)
    VALUES (order_place.order_key, order_place.cid, order_place.product_code, order_place.flow, order_place.sale_scene,
            order_place.work_order_id, behind.code, as_of, order_place.delivery_mode,
            coalesce(order_place.amount,
                     (SELECT p.price FROM mkt.product AS p WHERE p.product_code = order_place.product_code), 0),
            coalesce(channel, task.channel_code), coalesce(domain, behind.domain_code),
            coalesce(order_place.org_id, task.org_id, behind.org_id, mkt._customer_unit(order_place.cid)))
    ON CONFLICT ON CONSTRAINT sales_order_order_key_key DO NOTHING
    RETURNING sales_order_id INTO answer;
    IF NOT FOUND THEN           -- the same call ran at the same time
        SELECT o.sales_order_id INTO answer FROM mkt.sales_order AS o WHERE o.order_key = order_place.order_key;
        IF answer IS NULL THEN
            RAISE EXCEPTION 'order key "%" is taken', order_key
                USING ERRCODE = 'unique_violation', HINT = 'An order that you cannot see has it; choose another key.';
        END IF;
        RETURN answer;
    END IF;
    IF coupon IS NOT NULL THEN
        PERFORM mkt.coupon_redeem(coupon, order_key, order_key, as_of);
    END IF;
    RETURN answer;
END
$$;
COMMENT ON FUNCTION mkt.order_place(text, bigint, text, text, text, numeric, bigint, text, text, text, text, text, integer, timestamptz) IS
    'Places an order and credits it to the work order, code and coupon behind it; amount is the price before the coupon (default: the product''s). A repeated order_key returns the first order (S0-068, S0-090).';

CREATE FUNCTION mkt._order_take(order_key text, OUT sales_order_id bigint, OUT state text, OUT ordinal integer, OUT coupon_code text,
                                OUT times jsonb)
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    SELECT o.sales_order_id, o.state, s.ordinal, o.coupon_code, to_jsonb(o)
    INTO sales_order_id, state, ordinal, coupon_code, times
    FROM mkt.sales_order AS o JOIN mkt.sales_order_state AS s USING (state)
    WHERE o.order_key = _order_take.order_key
    FOR UPDATE OF o;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unknown order "%"', order_key
            USING ERRCODE = 'no_data_found', HINT = 'mkt.sales_order lists the orders you may see.';
    END IF;
END
$$;
COMMENT ON FUNCTION mkt._order_take(text) IS 'Locks one order for the rest of the transaction; times holds its row, so that times ->> (state || ''_at'') is when it took a step.';

CREATE FUNCTION mkt.order_advance(order_key text, step text, at timestamptz DEFAULT now(), auto boolean DEFAULT false,
                                  visits integer DEFAULT NULL)
    RETURNS timestamptz
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    o      record;
    wanted integer;
    taken  timestamptz;
    before timestamptz;
BEGIN
    SELECT s.ordinal INTO wanted FROM mkt.sales_order_state AS s WHERE s.state = step AND s.ordinal > 0;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unknown step "%"', step
            USING ERRCODE = 'invalid_parameter_value', HINT = 'The steps are accepted, landed, dispatched, delivered.';
    END IF;
    SELECT * INTO o FROM mkt._order_take(order_key);
    taken := o.times ->> (step || '_at');
    before := o.times ->> (o.state || '_at');
    IF taken IS NOT NULL THEN   -- a repeated call
        RETURN taken;
    END IF;
    IF o.ordinal < 0 OR wanted <> o.ordinal + 1 THEN
        RAISE EXCEPTION 'order "%" is % and cannot be % next', order_key, o.state, step
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = coalesce((SELECT format('Its next step is %s.', s.state) FROM mkt.sales_order_state AS s
                                   WHERE s.ordinal = o.ordinal + 1 AND o.ordinal >= 0), 'It takes no more steps.');
    END IF;
    IF at < before THEN
        RAISE EXCEPTION 'order "%" was % at %, it cannot be % at %', order_key, o.state, before, step, at
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Steps follow one another in time.';
    END IF;
    UPDATE mkt.sales_order AS u
    SET state = step,
        accepted_at     = CASE step WHEN 'accepted'   THEN at   ELSE u.accepted_at     END,
        auto_accepted   = CASE step WHEN 'accepted'   THEN auto ELSE u.auto_accepted   END,
        landed_at       = CASE step WHEN 'landed'     THEN at   ELSE u.landed_at       END,
        dispatched_at   = CASE step WHEN 'dispatched' THEN at   ELSE u.dispatched_at   END,
        auto_dispatched = CASE step WHEN 'dispatched' THEN auto ELSE u.auto_dispatched END,
        delivered_at    = CASE step WHEN 'delivered'  THEN at   ELSE u.delivered_at    END,
        visits          = coalesce(order_advance.visits, u.visits)
    WHERE u.sales_order_id = o.sales_order_id;
    RETURN at;
END
$$;
COMMENT ON FUNCTION mkt.order_advance(text, text, timestamptz, boolean, integer) IS
    'Takes an order one step further: accepted, landed, dispatched, delivered; auto says no person was needed, visits how often somebody had to come. Returns when the step was taken, also for a repeated call (S0-084, S0-085, S0-086, S0-088).';

CREATE FUNCTION mkt.order_cancel(order_key text, at timestamptz DEFAULT now()) RETURNS timestamptz
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    o record;
BEGIN
    SELECT * INTO o FROM mkt._order_take(order_key);
    IF o.state = 'cancelled' THEN
        RETURN o.times ->> 'cancelled_at';
    END IF;
    IF o.state = 'delivered' THEN
        RAISE EXCEPTION 'order "%" is delivered and cannot be cancelled', order_key
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'What was delivered is taken back by a new order.';
    END IF;
    UPDATE mkt.sales_order AS u SET state = 'cancelled', cancelled_at = at WHERE u.sales_order_id = o.sales_order_id;
    IF o.coupon_code IS NOT NULL THEN
        PERFORM mkt._coupon_reopen(o.coupon_code, at);
    END IF;
    RETURN at;
END
$$;
COMMENT ON FUNCTION mkt.order_cancel(text, timestamptz) IS
    'Cancels an order that is not delivered; its coupon goes back to the customer if it is still valid (S0-078, S0-086).';
