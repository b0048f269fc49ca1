-- ----------------------------------------------------------------------
-- sql/install/63-coupon.code.sql: a coupon from batch to redemption.
--
-- Every function that changes a coupon first locks its row, then looks at its
-- state, so of two callers the second sees what the first did. A repeated call
-- gets the first answer. Expired is a comparison with the batch's valid_to, so
-- no job has to run for it to be right.
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt.coupon_batch_create(code text, name text, name_zh text, product_code text, face_value numeric, total integer,
                                        per_customer integer, valid_from timestamptz, valid_to timestamptz)
    RETURNS integer
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    answer integer;
BEGIN
    INSERT INTO mkt.coupon_batch (code, name, name_zh, product_code, face_value, total, per_customer, valid_from, valid_to)
    VALUES (coupon_batch_create.code, coupon_batch_create.name, coupon_batch_create.name_zh, coupon_batch_create.product_code,
            coupon_batch_create.face_value, coupon_batch_create.total, coupon_batch_create.per_customer,
            coupon_batch_create.valid_from, coupon_batch_create.valid_to)
    ON CONFLICT ON CONSTRAINT coupon_batch_code_key DO NOTHING
    RETURNING batch_id INTO answer;
    IF NOT FOUND THEN
        SELECT b.batch_id INTO STRICT answer FROM mkt.coupon_batch AS b WHERE b.code = coupon_batch_create.code;
    END IF;
    RETURN answer;
END
$$;
COMMENT ON FUNCTION mkt.coupon_batch_create(text, text, text, text, numeric, integer, integer, timestamptz, timestamptz) IS
    'A new batch of at most total coupons; the batch that has this code already, if there is one (S0-078).';

CREATE FUNCTION mkt.coupon_issue(batch text, n integer, request_id text, issuer text DEFAULT NULL, org_id integer DEFAULT NULL,
                                 entropy uuid DEFAULT gen_random_uuid(), as_of timestamptz DEFAULT now())
    RETURNS SETOF text
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    b    record;
    done integer := 0;
    more integer;
    seed integer := 0;
BEGIN
    IF n IS NULL OR n < 1 THEN
        RAISE EXCEPTION 'cannot issue % coupons', coalesce(n::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Ask for one coupon or more.';
    END IF;
    -- Issuing from one batch is one at a time: this lock also covers a repeated request.
    SELECT c.batch_id, c.total, c.generated INTO b FROM mkt.coupon_batch AS c WHERE c.code = batch FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unknown coupon batch "%"', batch
            USING ERRCODE = 'no_data_found', HINT = 'mkt.coupon_batch_create() makes one.';
    END IF;
    IF NOT EXISTS (SELECT FROM mkt.coupon AS c
                   WHERE c.issue_request = coupon_issue.request_id AND c.batch_id = b.batch_id) THEN
        IF b.generated + n > b.total THEN
            RAISE EXCEPTION 'batch "%" has % of % coupons left, not %', batch, b.total - b.generated, b.total, n
                USING ERRCODE = 'program_limit_exceeded', HINT = 'Issue fewer, or raise the total of the batch.';
        END IF;
        UPDATE mkt.coupon_batch AS c SET generated = c.generated + n WHERE c.batch_id = b.batch_id;
        WHILE done < n LOOP     -- a collision is drawn again
            INSERT INTO mkt.coupon (coupon_code, batch_id, org_id, state, first_issuer, issue_request, generated_at, issued_at)
            SELECT mkt._code_draw(entropy, i), b.batch_id, coupon_issue.org_id,
                   CASE WHEN issuer IS NULL THEN 'generated' ELSE 'issued' END, issuer,
                   coupon_issue.request_id, as_of, CASE WHEN issuer IS NOT NULL THEN as_of END
            FROM generate_series(seed + 1, seed + n - done) AS i
            ON CONFLICT ON CONSTRAINT coupon_pkey DO NOTHING;
            GET DIAGNOSTICS more = ROW_COUNT;
            seed := seed + n - done;
            done := done + more;
        END LOOP;
    END IF;
    RETURN QUERY
        SELECT c.coupon_code FROM mkt.coupon AS c
        WHERE c.issue_request = coupon_issue.request_id AND c.batch_id = b.batch_id
        ORDER BY c.coupon_code COLLATE "C";
END
$$;
COMMENT ON FUNCTION mkt.coupon_issue(text, integer, text, text, integer, uuid, timestamptz) IS
    'Makes n coupons of a batch and hands them to the issuer (none: they wait as generated). A repeated request_id returns the same coupons; never more than the batch''s total (S0-078).';

CREATE FUNCTION mkt._coupon_take(INOUT coupon_code text, OUT batch_id integer, OUT batch text, OUT state text, OUT cid bigint,
                                 OUT first_issuer text, OUT org_id integer, OUT claimed_at timestamptz, OUT lock_request text,
                                 OUT locked_until timestamptz, OUT redeemed_at timestamptz, OUT redeem_request text,
                                 OUT sales_order_id bigint, OUT voided_at timestamptz, OUT face_value numeric,
                                 OUT product_code text, OUT per_customer integer, OUT valid_from timestamptz,
                                 OUT valid_to timestamptz)
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    cleaned text := mkt._code_clean(coupon_code);
BEGIN
    SELECT c.coupon_code, c.batch_id, b.code, c.state, c.cid, c.first_issuer, c.org_id, c.claimed_at, c.lock_request,
           c.locked_until, c.redeemed_at, c.redeem_request, c.sales_order_id, c.voided_at, b.face_value,
           b.product_code, b.per_customer, b.valid_from, b.valid_to
    INTO coupon_code, batch_id, batch, state, cid, first_issuer, org_id, claimed_at, lock_request,
         locked_until, redeemed_at, redeem_request, sales_order_id, voided_at, face_value,
         product_code, per_customer, valid_from, valid_to
    FROM mkt.coupon AS c JOIN mkt.coupon_batch AS b USING (batch_id)
    WHERE c.coupon_code = cleaned
    FOR UPDATE OF c;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unknown coupon "%"', cleaned
            USING ERRCODE = 'no_data_found', HINT = 'mkt.coupon lists the coupons you may see.';
    END IF;
END
$$;
COMMENT ON FUNCTION mkt._coupon_take(text) IS 'Locks one coupon for the rest of the transaction and says all about it.';

CREATE FUNCTION mkt._coupon_refuse(coupon_code text, state text, wish text) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'coupon % is % and cannot be %', coupon_code, state, wish
        USING ERRCODE = 'object_not_in_prerequisite_state',
              HINT = 'A coupon goes generated, issued, claimed, redeemed; each step once.';
END
$$;
COMMENT ON FUNCTION mkt._coupon_refuse(text, text, text) IS 'The one error for a step that the state of a coupon does not allow.';

CREATE FUNCTION mkt._coupon_require_valid(coupon_code text, valid_from timestamptz, valid_to timestamptz, as_of timestamptz)
    RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF as_of < valid_from OR as_of >= valid_to THEN
        RAISE EXCEPTION 'coupon % is not valid at %', coupon_code, as_of
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = format('It is good from %s until before %s.', valid_from, valid_to);
    END IF;
END
$$;
COMMENT ON FUNCTION mkt._coupon_require_valid(text, timestamptz, timestamptz, timestamptz) IS 'An error unless the instant lies in [valid_from, valid_to).';

CREATE FUNCTION mkt.coupon_share(coupon text, giver text, taker text, as_of timestamptz DEFAULT now()) RETURNS text
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c    record;
    last record;
BEGIN
    SELECT * INTO c FROM mkt._coupon_take(coupon);
    SELECT s.seq, s.giver, s.taker INTO last
    FROM mkt.coupon_share AS s WHERE s.coupon_code = c.coupon_code ORDER BY s.seq DESC LIMIT 1;
    IF last.giver = coupon_share.giver AND last.taker = coupon_share.taker THEN
        RETURN c.first_issuer;
    END IF;
    IF c.state NOT IN ('generated', 'issued') THEN
        PERFORM mkt._coupon_refuse(c.coupon_code, c.state, 'shared');
    END IF;
    PERFORM mkt._coupon_require_valid(c.coupon_code, c.valid_from, c.valid_to, as_of);
    IF coalesce(last.taker, c.first_issuer) <> coupon_share.giver THEN
        RAISE EXCEPTION 'coupon % is in the hands of "%", not "%"', c.coupon_code, coalesce(last.taker, c.first_issuer), giver
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Only who has a coupon can pass it on.';
    END IF;
    INSERT INTO mkt.coupon_share (coupon_code, seq, giver, taker, org_id, at)
    VALUES (c.coupon_code, coalesce(last.seq, 0) + 1, coupon_share.giver, coupon_share.taker, c.org_id, as_of);
    IF c.state = 'generated' THEN
        UPDATE mkt.coupon AS u SET state = 'issued', first_issuer = coupon_share.giver, issued_at = as_of
        WHERE u.coupon_code = c.coupon_code;
    END IF;
    RETURN coalesce(c.first_issuer, giver);
END
$$;
COMMENT ON FUNCTION mkt.coupon_share(text, text, text, timestamptz) IS
    'Passes an unclaimed coupon from hand to hand and returns its first issuer, who stays the first however long the chain (S0-078).';

CREATE FUNCTION mkt._coupon_lowest_free(batch_id integer, cid bigint, per_customer integer) RETURNS integer
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT min(n) FROM generate_series(1, per_customer) AS n
            WHERE NOT EXISTS (SELECT FROM mkt.coupon AS h
                              WHERE h.batch_id = _coupon_lowest_free.batch_id AND h.cid = _coupon_lowest_free.cid
                                AND h.holding = n));
END
$$;
COMMENT ON FUNCTION mkt._coupon_lowest_free(integer, bigint, integer) IS 'mkt._coupon_free_holding() by the coupons that the caller sees: it is run as their owner.';

-- A limit that only counted what a branch sees would not be a limit.
CREATE FUNCTION mkt._coupon_free_holding(batch_id integer, cid bigint, per_customer integer) RETURNS integer
    LANGUAGE c VOLATILE STRICT AS 'MODULE_PATHNAME', 'mkt__coupon_free_holding';
COMMENT ON FUNCTION mkt._coupon_free_holding(integer, bigint, integer) IS 'The lowest free place, 1 .. per_customer, among a customer''s coupons of a batch; NULL when all are taken. Counts the coupons of every branch; a customer whom the caller does not see does not exist.';

CREATE FUNCTION mkt.coupon_claim(coupon text, cid bigint, as_of timestamptz DEFAULT now()) RETURNS timestamptz
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c     record;
    place integer;
BEGIN
    SELECT * INTO c FROM mkt._coupon_take(coupon);
    IF c.state IN ('claimed', 'locked', 'redeemed') AND c.cid = coupon_claim.cid THEN
        RETURN c.claimed_at;
    END IF;
    IF c.state <> 'issued' THEN
        PERFORM mkt._coupon_refuse(c.coupon_code, c.state, 'claimed');
    END IF;
    PERFORM mkt._coupon_require_valid(c.coupon_code, c.valid_from, c.valid_to, as_of);
    -- Two claims of one customer count one after the other.
    PERFORM pg_advisory_xact_lock(hashtextextended(format('mkt coupon %s %s', c.batch_id, coupon_claim.cid), 0));
    place := mkt._coupon_free_holding(c.batch_id, coupon_claim.cid, c.per_customer);
    IF place IS NULL THEN
        RAISE EXCEPTION 'customer % already has % of batch "%"', coupon_claim.cid, c.per_customer, c.batch
            USING ERRCODE = 'program_limit_exceeded', HINT = 'The batch sets how many a customer may have: coupon_batch.per_customer.';
    END IF;
    UPDATE mkt.coupon AS u
    SET state = 'claimed', cid = coupon_claim.cid, made_for = NULL, holding = place, claimed_at = as_of,
        org_id = coalesce(u.org_id, mkt._customer_unit(coupon_claim.cid))
    WHERE u.coupon_code = c.coupon_code;
    RETURN as_of;
END
$$;
COMMENT ON FUNCTION mkt.coupon_claim(text, bigint, timestamptz) IS
    'A customer takes an issued coupon; returns when. Never more than per_customer of a batch (S0-078).';

CREATE FUNCTION mkt.coupon_lock(coupon text, request_id text, until timestamptz, as_of timestamptz DEFAULT now())
    RETURNS timestamptz
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c record;
BEGIN
    SELECT * INTO c FROM mkt._coupon_take(coupon);
    IF c.state = 'locked' AND c.locked_until > as_of THEN
        IF c.lock_request = request_id THEN
            RETURN c.locked_until;
        END IF;
        PERFORM mkt._coupon_refuse(c.coupon_code, format('locked until %s', c.locked_until), 'locked');
    END IF;
    IF c.state NOT IN ('claimed', 'locked') THEN
        PERFORM mkt._coupon_refuse(c.coupon_code, c.state, 'locked');
    END IF;
    PERFORM mkt._coupon_require_valid(c.coupon_code, c.valid_from, c.valid_to, as_of);
    UPDATE mkt.coupon AS u SET state = 'locked', lock_request = request_id, locked_until = until
    WHERE u.coupon_code = c.coupon_code;
    RETURN until;
END
$$;
COMMENT ON FUNCTION mkt.coupon_lock(text, text, timestamptz, timestamptz) IS
    'Keeps a claimed coupon for one basket until an instant; after it the lock counts for nothing. Redeem with the same request_id (S0-078).';

CREATE FUNCTION mkt._coupon_reopen(coupon_code text, as_of timestamptz) RETURNS text
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    answer text;
BEGIN
    UPDATE mkt.coupon AS u
    SET state = CASE WHEN as_of < b.valid_to THEN 'claimed' ELSE 'void' END,
        holding = CASE WHEN as_of < b.valid_to THEN u.holding END,
        voided_at = CASE WHEN as_of >= b.valid_to THEN as_of END,
        void_reason = CASE WHEN as_of >= b.valid_to THEN 'expired' END,
        lock_request = NULL, locked_until = NULL, redeemed_at = NULL, redeem_request = NULL, sales_order_id = NULL
    FROM mkt.coupon_batch AS b
    WHERE u.coupon_code = _coupon_reopen.coupon_code AND b.batch_id = u.batch_id
    RETURNING u.state INTO answer;
    RETURN answer;
END
$$;
COMMENT ON FUNCTION mkt._coupon_reopen(text, timestamptz) IS 'A locked or redeemed coupon goes back to its customer, or is void if it expired meanwhile (S0-078).';

CREATE FUNCTION mkt.coupon_release(coupon text, request_id text, as_of timestamptz DEFAULT now()) RETURNS text
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c record;
BEGIN
    SELECT * INTO c FROM mkt._coupon_take(coupon);
    IF c.state = 'locked' AND c.lock_request = request_id THEN
        RETURN mkt._coupon_reopen(c.coupon_code, as_of);
    END IF;
    IF c.state = 'claimed' OR c.state = 'void' THEN
        RETURN c.state;
    END IF;
    PERFORM mkt._coupon_refuse(c.coupon_code, c.state, format('released by request "%s"', request_id));
END
$$;
COMMENT ON FUNCTION mkt.coupon_release(text, text, timestamptz) IS
    'Gives up a lock; returns claimed, or void when the coupon expired meanwhile. A redemption is undone by mkt.order_cancel() (S0-078).';

CREATE FUNCTION mkt.coupon_redeem(coupon text, request_id text, order_key text, as_of timestamptz DEFAULT now(),
                                  OUT coupon_code text, OUT face_value numeric, OUT redeemed_at timestamptz,
                                  OUT sales_order_id bigint)
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c record;
    o record;
BEGIN
    -- Order first, coupon second, as order_place() and order_cancel() do: no deadlock.
    SELECT s.sales_order_id, s.cid, s.product_code, s.state, s.coupon_code INTO o
    FROM mkt.sales_order AS s WHERE s.order_key = coupon_redeem.order_key FOR UPDATE;
    SELECT * INTO c FROM mkt._coupon_take(coupon);
    coupon_code := c.coupon_code;
    face_value := c.face_value;
    IF c.state = 'redeemed' THEN
        IF c.redeem_request IS DISTINCT FROM request_id THEN
            RAISE EXCEPTION 'coupon % was already redeemed at %', c.coupon_code, c.redeemed_at
                USING ERRCODE = 'object_not_in_prerequisite_state',
                      HINT = 'A coupon is good once; the request that redeemed it may be repeated.';
        END IF;
        redeemed_at := c.redeemed_at;
        sales_order_id := c.sales_order_id;
        RETURN;
    END IF;
    IF c.state NOT IN ('claimed', 'locked') THEN
        PERFORM mkt._coupon_refuse(c.coupon_code, c.state, 'redeemed');
    END IF;
    IF c.state = 'locked' AND c.locked_until > as_of AND c.lock_request IS DISTINCT FROM request_id THEN
        PERFORM mkt._coupon_refuse(c.coupon_code, format('locked until %s', c.locked_until), 'redeemed');
    END IF;
    PERFORM mkt._coupon_require_valid(c.coupon_code, c.valid_from, c.valid_to, as_of);
    IF o.sales_order_id IS NULL THEN
        RAISE EXCEPTION 'there is no order "%" to redeem coupon % for', order_key, c.coupon_code
            USING ERRCODE = 'no_data_found', HINT = 'Place the order first: mkt.order_place(..., coupon => ...) does both.';
    END IF;
    IF o.cid <> c.cid OR o.product_code <> c.product_code OR o.state = 'cancelled' OR o.coupon_code IS NOT NULL THEN
        RAISE EXCEPTION 'coupon % does not fit order "%"', c.coupon_code, order_key
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = format('It is for product %s and customer %s, and an open order takes one coupon.', c.product_code, c.cid);
    END IF;
    IF EXISTS (SELECT FROM mkt.coupon AS u WHERE u.redeem_request = coupon_redeem.request_id) THEN
        RAISE EXCEPTION 'request "%" redeemed another coupon already', request_id
            USING ERRCODE = 'unique_violation', HINT = 'A new redemption needs a new request_id.';
    END IF;
    UPDATE mkt.coupon AS u
    SET state = 'redeemed', redeemed_at = as_of, redeem_request = coupon_redeem.request_id,
        sales_order_id = o.sales_order_id, lock_request = NULL, locked_until = NULL
    WHERE u.coupon_code = c.coupon_code;
    UPDATE mkt.sales_order AS u
    SET coupon_code = c.coupon_code, amount = greatest(u.amount - c.face_value, 0)
    WHERE u.sales_order_id = o.sales_order_id;
    redeemed_at := as_of;
    sales_order_id := o.sales_order_id;
END
$$;
COMMENT ON FUNCTION mkt.coupon_redeem(text, text, text, timestamptz) IS
    'Redeems a coupon for an order, once: the same request_id gets the first answer again, another one an error. The order''s amount falls by the face value (S0-078).';

CREATE FUNCTION mkt.coupon_void(coupon text, reason text, as_of timestamptz DEFAULT now()) RETURNS timestamptz
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c record;
BEGIN
    SELECT * INTO c FROM mkt._coupon_take(coupon);
    IF c.state = 'void' THEN
        RETURN c.voided_at;
    END IF;
    IF c.state = 'redeemed' THEN
        PERFORM mkt._coupon_refuse(c.coupon_code, c.state, 'made void');
    END IF;
    UPDATE mkt.coupon AS u
    SET state = 'void', holding = NULL, lock_request = NULL, locked_until = NULL, voided_at = as_of, void_reason = reason
    WHERE u.coupon_code = c.coupon_code;
    RETURN as_of;
END
$$;
COMMENT ON FUNCTION mkt.coupon_void(text, text, timestamptz) IS
    'Takes a coupon out of use, with a reason; returns when. It stays counted in its batch, the customer may claim another (S0-078).';
