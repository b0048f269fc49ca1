-- ----------------------------------------------------------------------
-- sql/install/41-round.code.sql: a round's life: opened, tried out, deployed
-- in committed batches, published at once, or rolled back.
-- What it decides is 40-strategy.
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt._round(round text, OUT state text, OUT as_of timestamptz, OUT max_per_customer smallint, OUT next_block integer)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM mkt._require_platform();
    SELECT r.state, r.as_of, r.max_per_customer, r.next_block INTO _round.state, _round.as_of, _round.max_per_customer, _round.next_block
    FROM mkt.round AS r
    WHERE r.round_id = _round.round;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'round "%" does not exist', _round.round
            USING ERRCODE = 'undefined_object',
                  HINT = 'Open it with mkt.round_open(); SELECT * FROM mkt.round lists those there are.';
    END IF;
END
$$;
COMMENT ON FUNCTION mkt._round(text) IS 'A round as it stands; raises 42704 if there is none.';

CREATE FUNCTION mkt.round_open(round_id text, name text, name_zh text, as_of timestamptz DEFAULT now(),
                               strategies text[] DEFAULT NULL, max_per_customer integer DEFAULT 1) RETURNS integer
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    unknown text;
    entered integer;
BEGIN
    PERFORM mkt._require_platform();
    SELECT string_agg(w.code, ', ' ORDER BY w.code) INTO unknown
    FROM unnest(strategies) AS w(code)
    WHERE NOT EXISTS (SELECT FROM mkt.strategy AS s WHERE s.code = w.code);
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'strategy "%" does not exist', unknown
            USING ERRCODE = 'undefined_object', HINT = 'SELECT code FROM mkt.strategy lists the strategy library.';
    END IF;

    INSERT INTO mkt.round (round_id, name, name_zh, as_of, max_per_customer, opened_at)
    VALUES (round_open.round_id, round_open.name, round_open.name_zh, round_open.as_of, round_open.max_per_customer, round_open.as_of)
    ON CONFLICT ON CONSTRAINT round_pkey DO NOTHING;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'round "%" already exists', round_open.round_id
            USING ERRCODE = 'unique_violation', HINT = 'Choose another round_id, or deploy the round there is.';
    END IF;

    INSERT INTO mkt.round_strategy (round_id, strategy_id, version)
    SELECT round_open.round_id, l.strategy_id, l.version
    FROM mkt._lanes(NULL, round_open.as_of) AS l
    WHERE strategies IS NULL OR l.strategy_code = ANY (strategies);
    GET DIAGNOSTICS entered = ROW_COUNT;
    IF entered = 0 OR entered < cardinality(strategies) THEN
        RAISE EXCEPTION '% of % strategies are in force at %', entered, coalesce(cardinality(strategies)::text, 'all'), round_open.as_of
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'A strategy must be published, with a version and an offer valid then.';
    END IF;
    RETURN entered;
END
$$;
COMMENT ON FUNCTION mkt.round_open(text, text, text, timestamptz, text[], integer) IS
    'Plans a round of strategies (default: all in force) to be decided together as of a time; returns how many entered. Nothing is decided before mkt.dry_run() or mkt.deploy().';

CREATE FUNCTION mkt.dry_run(round text, as_of timestamptz DEFAULT NULL)
    RETURNS TABLE (cid bigint, strategy_code text, channel_code text, offer_code text,
                   p numeric, value numeric, context numeric, lever numeric, score numeric,
                   reason text, reasons text[])
    LANGUAGE plpgsql STABLE ROWS 100000
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    plan record := mkt._round(dry_run.round);
BEGIN
    RETURN QUERY
        SELECT d.cid, d.strategy_code, d.channel_code, d.offer_code, d.p, d.value, d.context, d.lever, d.score, d.reason, d.reasons
        FROM mkt._decide(dry_run.round, coalesce(dry_run.as_of, plan.as_of), 0, mkt._blocks(), most => plan.max_per_customer) AS d;
END
$$;
COMMENT ON FUNCTION mkt.dry_run(text, timestamptz) IS
    'What deploying a round would decide, candidate by candidate, writing nothing: reason NULL would be issued, otherwise the first rule that refuses and all that do (S2-003). as_of NULL is the round''s own.';

CREATE FUNCTION mkt.dry_run_counts(round text, as_of timestamptz DEFAULT NULL)
    RETURNS TABLE (strategy_code text, reason text, customers bigint)
    LANGUAGE plpgsql STABLE ROWS 1000
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    plan record := mkt._round(dry_run_counts.round);
BEGIN
    RETURN QUERY
        SELECT s.code, c.reason, c.customers
        FROM mkt._decide_counts(dry_run_counts.round, coalesce(dry_run_counts.as_of, plan.as_of), 0, mkt._blocks(), plan.max_per_customer) AS c
        JOIN mkt.strategy AS s ON s.strategy_id = c.strategy_id
        LEFT JOIN mkt.refusal_reason AS r ON r.reason = c.reason
        ORDER BY s.strategy_id, r.ordinal NULLS FIRST;
END
$$;
COMMENT ON FUNCTION mkt.dry_run_counts(text, timestamptz) IS
    'What deploying a round would decide, counted: candidates by strategy and first failing rule, reason NULL would be issued (S2-003). The same decision as mkt.dry_run(), without telling of every candidate.';

-- ---- deployment --------------------------------------------------------
CREATE FUNCTION mkt._freeze(round text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    plan record := mkt._round(_freeze.round);
    lost text;
BEGIN
    UPDATE mkt.round_strategy AS rs
    SET version = l.version
    FROM mkt._lanes(_freeze.round, plan.as_of) AS l
    WHERE rs.round_id = _freeze.round AND rs.strategy_id = l.strategy_id;

    SELECT string_agg(s.code, ', ' ORDER BY s.code) INTO lost
    FROM mkt.round_strategy AS rs
    JOIN mkt.strategy AS s ON s.strategy_id = rs.strategy_id
    WHERE rs.round_id = _freeze.round
      AND NOT EXISTS (SELECT FROM mkt._lanes(_freeze.round, plan.as_of) AS l
                      JOIN mkt.strategy_channel AS c ON c.strategy_id = l.strategy_id
                      WHERE l.strategy_id = rs.strategy_id);
    IF lost IS NOT NULL THEN
        RAISE EXCEPTION 'strategy "%" of round "%" cannot be deployed', lost, _freeze.round
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'It must be published, have a channel, and a version and an offer valid at the round''s as_of. Or delete it from mkt.round_strategy.';
    END IF;
    UPDATE mkt.round AS r SET state = 'deploying' WHERE r.round_id = _freeze.round;
END
$$;
COMMENT ON FUNCTION mkt._freeze(text) IS 'Starts a deployment: from here on the round keeps the versions that are in force at its as_of.';

CREATE FUNCTION mkt._deploy_decided(round text, as_of timestamptz, most integer, block integer) RETURNS bigint
    LANGUAGE c VOLATILE STRICT COST 1000000 AS 'MODULE_PATHNAME', 'mkt__deploy_decided';
COMMENT ON FUNCTION mkt._deploy_decided(text, timestamptz, integer, integer) IS
    'Decides one block of customers and writes all of it: work orders with their reservations, virtual contacts of control customers, the unrouted, and the counts. Returns the work orders. The caller holds the block.';

CREATE FUNCTION mkt._deploy_block(round text, as_of timestamptz, most integer, block integer) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Locks first, in statements of their own: what decides must see what the last holder wrote.
    PERFORM mkt._lock_block(block);
    PERFORM mkt._lock_channels();
    PERFORM pg_advisory_xact_lock_shared(x'6D6B76'::integer, 0);
    RETURN mkt._deploy_decided(_deploy_block.round, _deploy_block.as_of, most, block);
END
$$;
COMMENT ON FUNCTION mkt._deploy_block(text, timestamptz, integer, integer) IS
    'Deploys one block of customers under its locks and returns how many work orders that made.';

CREATE FUNCTION mkt._deploy_guard_trigger() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(x'6D6B76'::integer, 0);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION mkt._deploy_guard_trigger() IS
    'Before rows are deleted that work orders point at: waits for the blocks in deployment, whose foreign keys are checked in sets. The constraint then finds their orders; blocks that come later no longer find the rows.';

CREATE FUNCTION mkt._customer_gone_trigger() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM mkt.tag_remove('live', t.members)
    FROM (SELECT mkt.tagmap_agg(g.cid) AS members FROM gone AS g HAVING count(*) > 0) AS t;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION mkt._customer_gone_trigger() IS 'A customer who is deleted is no longer live, from the same moment on.';

CREATE FUNCTION mkt._deploy_step(round text, at timestamptz DEFAULT now()) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    plan   record := mkt._round(_deploy_step.round);
    blocks integer := mkt._blocks();
    issued bigint;
BEGIN
    -- Two who deploy the same round take turns, block by block.
    PERFORM FROM mkt.round AS r WHERE r.round_id = _deploy_step.round FOR UPDATE;
    plan := mkt._round(_deploy_step.round);
    IF plan.state = 'published' THEN
        RAISE NOTICE 'round "%" is already published', _deploy_step.round;
        RETURN false;
    ELSIF plan.state = 'rolled_back' THEN
        RAISE EXCEPTION 'round "%" was rolled back', _deploy_step.round
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Open a new round with mkt.round_open().';
    ELSIF plan.state = 'planned' THEN
        PERFORM mkt._freeze(_deploy_step.round);
    END IF;

    IF plan.next_block < blocks THEN
        issued := mkt._deploy_block(_deploy_step.round, plan.as_of, plan.max_per_customer, plan.next_block);
        UPDATE mkt.round AS r SET next_block = plan.next_block + 1 WHERE r.round_id = _deploy_step.round;
        RAISE NOTICE 'round "%": block % of %, % work orders', _deploy_step.round, plan.next_block + 1, blocks, issued;
        RETURN true;
    END IF;

    UPDATE mkt.round AS r SET state = 'published', published_at = _deploy_step.at WHERE r.round_id = _deploy_step.round;
    RAISE NOTICE 'round "%" is published: % work orders', _deploy_step.round,
        (SELECT count(*) FROM mkt.work_order AS o WHERE o.round_id = _deploy_step.round);
    RETURN false;
END
$$;
COMMENT ON FUNCTION mkt._deploy_step(text, timestamptz) IS
    'One transaction of a deployment: the next block, or publishing when none is left. Returns whether there is more to do.';

-- No SET clause here: a procedure that has one cannot commit. Hence the full names.
CREATE PROCEDURE mkt.deploy(round text, at timestamptz DEFAULT now())
    LANGUAGE plpgsql
AS $$
BEGIN
    WHILE mkt._deploy_step(deploy.round, deploy.at) LOOP
        COMMIT;
    END LOOP;
END
$$;
COMMENT ON PROCEDURE mkt.deploy(text, timestamptz) IS
    'Deploys a round: decides block by block in transactions of its own, then publishes everything with one row. A deployment that was killed goes on where it stopped when it is called again; a published round stays as it is. at is the time of publishing (S0-033, S0-040).';

CREATE FUNCTION mkt.round_rollback(round text, as_of timestamptz DEFAULT now()) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    plan      record := mkt._round(round_rollback.round);
    cancelled bigint;
BEGIN
    PERFORM FROM mkt.round AS r WHERE r.round_id = round_rollback.round FOR UPDATE;
    plan := mkt._round(round_rollback.round);
    IF plan.state = 'rolled_back' THEN
        RAISE NOTICE 'round "%" was rolled back before', round_rollback.round;
        RETURN 0;
    END IF;

    -- Locked first: what a claim changes while we wait must be seen as it is then.
    PERFORM FROM mkt.work_order AS o WHERE o.round_id = round_rollback.round AND o.closed_at IS NULL ORDER BY o.order_id FOR UPDATE;
    WITH stopped AS (
        UPDATE mkt.work_order AS o
        SET state = 'cancelled', state_at = round_rollback.as_of, closed_at = round_rollback.as_of
        FROM mkt.order_transition AS t
        WHERE o.round_id = round_rollback.round AND o.attempts = 0
          AND t.from_state = o.state AND t.to_state = 'cancelled'
        RETURNING o.order_id
    ), released AS (
        UPDATE mkt.contact AS c
        SET state = 'released', released_at = round_rollback.as_of
        FROM stopped AS s
        WHERE c.order_id = s.order_id AND c.state = 'reserved'
    )
    SELECT count(*) INTO cancelled FROM stopped;
    UPDATE mkt.round AS r SET state = 'rolled_back' WHERE r.round_id = round_rollback.round;
    RAISE NOTICE 'round "%" is rolled back: % work orders cancelled', round_rollback.round, cancelled;
    RETURN cancelled;
END
$$;
COMMENT ON FUNCTION mkt.round_rollback(text, timestamptz) IS
    'Takes a round back, deployed or half deployed: orders whose customer was not contacted yet are cancelled and their reservations released, contacts that happened stay. Returns the orders cancelled.';
