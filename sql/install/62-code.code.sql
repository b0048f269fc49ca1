-- ----------------------------------------------------------------------
-- sql/install/62-code.code.sql: short codes: drawing, checking, resolving,
-- and recording what happens behind them.
--
-- A code is twelve random symbols and a check character, from 31 symbols that
-- cannot be mistaken for one another (no 0 O 1 I L). 31 is prime, so the check
-- character, sum(position * value) mod 31, catches every single wrong symbol
-- and every swap of two. Coupons (63-coupon) use the same codes.
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt._code_symbols() RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT '23456789ABCDEFGHJKMNPQRSTUVWXYZ'::text;
END;
COMMENT ON FUNCTION mkt._code_symbols() IS 'The 31 symbols of a short code; a symbol''s value is its place, from 0.';

-- PL/pgSQL, not SQL: these run once per code, and PL/pgSQL keeps its plans.
CREATE FUNCTION mkt._code_check(payload text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    symbols text := mkt._code_symbols();
    total   integer := 0;
BEGIN
    FOR i IN 1 .. length(payload) LOOP
        total := total + i * (strpos(symbols, substr(payload, i, 1)) - 1);
    END LOOP;
    RETURN substr(symbols, 1 + total % 31, 1);
END
$$;
COMMENT ON FUNCTION mkt._code_check(text) IS 'The check character of a payload: the symbol of sum(position * value) mod 31, positions from 1 (S0-068).';

CREATE FUNCTION mkt._code_draw(entropy uuid, n integer) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    symbols text := mkt._code_symbols();
    digest  bytea := sha256(convert_to(entropy::text || ':' || n, 'UTF8'));
    payload text := '';
BEGIN
    FOR i IN 0 .. 11 LOOP
        payload := payload || substr(symbols, 1 + get_byte(digest, i) % 31, 1);
    END LOOP;
    RETURN payload || mkt._code_check(payload);
END
$$;
COMMENT ON FUNCTION mkt._code_draw(uuid, integer) IS 'The n-th short code of a random uuid: as hard to guess as the uuid, and the same again for the same uuid (S0-068).';

CREATE FUNCTION mkt._code_clean(typed text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cleaned text := upper(translate(typed, '- ', ''));
BEGIN
    IF length(cleaned) <> 13 OR translate(cleaned, mkt._code_symbols(), '') <> '' THEN
        RAISE EXCEPTION 'malformed code "%"', typed
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = format('A code has 13 of the characters %s; spaces and hyphens are ignored.', mkt._code_symbols());
    END IF;
    IF mkt._code_check(left(cleaned, 12)) <> right(cleaned, 1) THEN
        RAISE EXCEPTION 'code "%" has a wrong check character', typed
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'A character is wrong or two are swapped: read the code again.';
    END IF;
    RETURN cleaned;
END
$$;
COMMENT ON FUNCTION mkt._code_clean(text) IS 'A typed code as it is stored; an error if it cannot be a code.';

CREATE FUNCTION mkt._customer_unit(cid bigint) RETURNS integer
    LANGUAGE plpgsql STABLE STRICT
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT g.org_id
            FROM mkt.customer AS c JOIN mkt.grid_cell AS g USING (cell_id)
            WHERE c.cid = _customer_unit.cid);
END
$$;
COMMENT ON FUNCTION mkt._customer_unit(bigint) IS 'The tier-7 unit that serves the cell a customer stands in; NULL outside every grid.';

CREATE FUNCTION mkt.code_create(kind text, target text, domain text DEFAULT NULL, expires_at timestamptz DEFAULT NULL,
                                entropy uuid DEFAULT gen_random_uuid(), as_of timestamptz DEFAULT now())
    RETURNS text
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    answer text;
    thing  record;
BEGIN
    -- One code per thing: two callers asking for it at once get the same one.
    PERFORM pg_advisory_xact_lock(hashtextextended(format('mkt code %s %s', kind, target), 0));
    SELECT c.code INTO answer
    FROM mkt.code AS c
    WHERE c.kind = code_create.kind AND c.target = code_create.target
      AND (c.expires_at IS NULL OR c.expires_at > as_of);
    IF FOUND THEN
        RETURN answer;
    END IF;

    SELECT t.staff_id, t.org_id, t.product_code INTO thing
    FROM (SELECT 'shop' AS kind, h.code AS target, NULL::integer AS staff_id,
                 coalesce(g.org_id, h.org_id) AS org_id, NULL::text AS product_code
          FROM mkt.hall AS h LEFT JOIN mkt.grid_cell AS g USING (cell_id)
          UNION ALL
          SELECT 'product', p.product_code, NULL, NULL, p.product_code FROM mkt.product AS p
          UNION ALL
          SELECT 'person', s.code, s.staff_id, s.org_id, NULL FROM mkt.staff AS s) AS t
    WHERE t.kind = code_create.kind AND t.target = code_create.target;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no % "%" to make a code for', kind, target
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'The kind is shop, product or person; the target is the code of a hall, a product or a staff member.';
    END IF;

    FOR n IN 1 .. 100 LOOP      -- a collision is drawn again
        INSERT INTO mkt.code (code, kind, target, staff_id, org_id, domain_code, product_code, created_at, expires_at)
        VALUES (mkt._code_draw(entropy, n), code_create.kind, code_create.target, thing.staff_id, thing.org_id,
                domain, thing.product_code, as_of, code_create.expires_at)
        ON CONFLICT ON CONSTRAINT code_pkey DO NOTHING
        RETURNING code INTO answer;
        IF FOUND THEN
            RETURN answer;
        END IF;
    END LOOP;
    RAISE EXCEPTION 'no free code found for % "%"', kind, target
        USING ERRCODE = 'program_limit_exceeded', HINT = 'Leave out the entropy argument to draw from fresh random bytes.';
END
$$;
COMMENT ON FUNCTION mkt.code_create(text, text, text, timestamptz, uuid, timestamptz) IS
    'The code of a shop, product or person, made if it has none alive. entropy makes it reproducible; leave it out in production (S0-068).';

CREATE FUNCTION mkt.code_retire(code text, as_of timestamptz DEFAULT now()) RETURNS timestamptz
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    answer timestamptz;
BEGIN
    UPDATE mkt.code AS c SET expires_at = least(c.expires_at, as_of)
    WHERE c.code = mkt._code_clean(code_retire.code)
    RETURNING c.expires_at INTO answer;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unknown code "%"', code
            USING ERRCODE = 'no_data_found', HINT = 'mkt.code lists the codes you may see.';
    END IF;
    RETURN answer;
END
$$;
COMMENT ON FUNCTION mkt.code_retire(text, timestamptz) IS 'Ends a code, so that mkt.code_create() makes a new one; returns when it ends (S0-068).';

CREATE FUNCTION mkt.code_resolve(INOUT code text, as_of timestamptz DEFAULT now(), OUT kind text, OUT target text,
                                 OUT staff_id integer, OUT org_id integer, OUT domain_code text, OUT product_code text,
                                 OUT expires_at timestamptz)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    cleaned text := mkt._code_clean(code);
BEGIN
    SELECT c.code, c.kind, c.target, c.staff_id, c.org_id, c.domain_code, c.product_code, c.expires_at
    INTO code, kind, target, staff_id, org_id, domain_code, product_code, expires_at
    FROM mkt.code AS c
    WHERE c.code = cleaned;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unknown code "%"', cleaned
            USING ERRCODE = 'no_data_found', HINT = 'mkt.code lists the codes you may see.';
    END IF;
    IF expires_at <= as_of THEN
        RAISE EXCEPTION 'code "%" expired at %', code, expires_at
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = format('SELECT mkt.code_create(%L, %L) makes a new one.', kind, target);
    END IF;
END
$$;
COMMENT ON FUNCTION mkt.code_resolve(text, timestamptz) IS 'What a code stands for: the shop, product or person, and the unit that answers for it (S0-068). Unknown and expired codes are errors.';

CREATE FUNCTION mkt.code_scan(request_id text, code text, step text DEFAULT 'scan', cid bigint DEFAULT NULL,
                              domain text DEFAULT NULL, as_of timestamptz DEFAULT now())
    RETURNS bigint
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    answer bigint;
    seen   record;
BEGIN
    SELECT s.scan_id INTO answer FROM mkt.scan AS s WHERE s.request_id = code_scan.request_id;
    IF FOUND THEN
        RETURN answer;
    END IF;
    SELECT * INTO seen FROM mkt.code_resolve(code, as_of);
    IF coalesce(domain, seen.domain_code) IS NULL THEN
        RAISE EXCEPTION 'code "%" belongs to no domain', code
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Say where it was scanned: domain => ''store''.';
    END IF;
    INSERT INTO mkt.scan (code, cid, domain_code, step, at, org_id, request_id)
    VALUES (seen.code, code_scan.cid, coalesce(domain, seen.domain_code), code_scan.step, as_of,
            coalesce(seen.org_id, mkt._customer_unit(code_scan.cid)), code_scan.request_id)
    ON CONFLICT ON CONSTRAINT scan_request_id_key DO NOTHING
    RETURNING scan_id INTO answer;
    IF NOT FOUND THEN           -- the same request ran at the same time
        SELECT s.scan_id INTO answer FROM mkt.scan AS s WHERE s.request_id = code_scan.request_id;
    END IF;
    RETURN answer;
END
$$;
COMMENT ON FUNCTION mkt.code_scan(text, text, text, bigint, text, timestamptz) IS
    'Records one step behind a code: browse, scan, cart, order, pay or collect. A repeated request_id gives the first answer (S0-068, S0-070).';
