-- ----------------------------------------------------------------------
-- sql/install/41-cube.code.sql: slicing and dicing the strategy cube, and
-- what the strategies in force leave uncovered.
--
-- A place in the cube is a jsonb object of axis and value, or axis and array
-- of values: {"life_stage": "mature", "business": ["broadband", "plan"]}.
-- Nothing is stored: customers are counted from their sets when asked.
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt._cube_place(place jsonb) RETURNS TABLE (axis_code text, value_codes text[])
    LANGUAGE plpgsql STABLE ROWS 3
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    wrong record;
BEGIN
    IF jsonb_typeof(place) IS DISTINCT FROM 'object' OR '[]' IN (SELECT p.said FROM jsonb_each(CASE WHEN jsonb_typeof(place) = 'object' THEN place END) AS p(axis, said)) THEN
        RAISE EXCEPTION 'a place in the cube is an object of axes and values, not %', coalesce(place::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'For example: {"life_stage": "mature", "business": ["broadband", "plan"]}.';
    END IF;
    SELECT p.axis, v.code, a.axis_code IS NULL AS no_axis INTO wrong
    FROM jsonb_each(place) AS p(axis, said)
    LEFT JOIN mkt.cube_axis AS a ON a.axis_code = p.axis
    CROSS JOIN LATERAL jsonb_array_elements_text(CASE WHEN jsonb_typeof(p.said) = 'array' THEN p.said ELSE jsonb_build_array(p.said) END) AS v(code)
    WHERE NOT EXISTS (SELECT FROM mkt.cube_value AS k WHERE k.axis_code = p.axis AND k.value_code = v.code)
    ORDER BY 1, 2
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the cube has no %', CASE WHEN wrong.no_axis THEN format('axis "%s"', wrong.axis) ELSE format('value "%s" on axis "%s"', wrong.code, wrong.axis) END
            USING ERRCODE = 'undefined_object',
                  HINT = format('There are: %s.', CASE WHEN wrong.no_axis
                      THEN (SELECT string_agg(a.axis_code, ', ' ORDER BY a.ordinal) FROM mkt.cube_axis AS a)
                      ELSE coalesce((SELECT string_agg(k.value_code, ', ' ORDER BY k.ordinal) FROM mkt.cube_value AS k WHERE k.axis_code = wrong.axis), 'none; add some to mkt.cube_value') END);
    END IF;
    RETURN QUERY
        SELECT p.axis, ARRAY(SELECT jsonb_array_elements_text(CASE WHEN jsonb_typeof(p.said) = 'array' THEN p.said ELSE jsonb_build_array(p.said) END))
        FROM jsonb_each(place) AS p(axis, said);
END
$$;
COMMENT ON FUNCTION mkt._cube_place(jsonb) IS 'A place in the cube as axes and values; 42704 names an axis or a value that does not exist.';

CREATE FUNCTION mkt._any_of(expressions mkt.tagexpr[]) RETURNS mkt.tagexpr
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    whole mkt.tagexpr := 'none';
    one   mkt.tagexpr;
BEGIN
    FOREACH one IN ARRAY expressions LOOP
        whole := whole OPERATOR(mkt.|) one;
    END LOOP;
    RETURN whole;
END
$$;
COMMENT ON FUNCTION mkt._any_of(mkt.tagexpr[]) IS 'Customers of any of these expressions; nobody if there are none.';

CREATE FUNCTION mkt.cube_audience(place jsonb) RETURNS mkt.tagexpr
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    whole mkt.tagexpr := 'all';
    axis  record;
BEGIN
    -- a value without a definition is everybody, and so is an axis that has one
    FOR axis IN
        SELECT mkt._any_of(array_agg(coalesce(v.definition, 'all'::mkt.tagexpr) ORDER BY v.ordinal)) AS members
        FROM mkt._cube_place(place) AS p
        JOIN mkt.cube_value AS v ON v.axis_code = p.axis_code AND v.value_code = ANY (p.value_codes)
        GROUP BY p.axis_code
        HAVING bool_and(v.definition IS NOT NULL)
        ORDER BY p.axis_code
    LOOP
        whole := whole OPERATOR(mkt.&) axis.members;
    END LOOP;
    RETURN whole;
END
$$;
COMMENT ON FUNCTION mkt.cube_audience(jsonb) IS 'The customers who stand at a place in the strategy cube, as an expression: ready for mkt.audience_count() or a strategy''s eligibility (S0-034).';

CREATE FUNCTION mkt.strategy_target(strategy_id integer, as_of timestamptz DEFAULT now()) RETURNS mkt.tagexpr
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT v.eligibility OPERATOR(mkt.&) coalesce(v.applicability, 'all') OPERATOR(mkt.&) coalesce(v.suitability, 'all')
            FROM mkt.strategy_version AS v
            WHERE v.strategy_id = strategy_target.strategy_id AND v.valid_from <= as_of AND (v.valid_to IS NULL OR as_of < v.valid_to)
            ORDER BY v.version DESC
            LIMIT 1);
END
$$;
COMMENT ON FUNCTION mkt.strategy_target(integer, timestamptz) IS 'Whom a strategy is made for then: its three layers in one expression; NULL when no version is in force.';

CREATE FUNCTION mkt.cube_dice(axes text[], place jsonb DEFAULT '{}', as_of timestamptz DEFAULT now())
    RETURNS TABLE (cell jsonb, members bigint, strategies text[], covered bigint)
    LANGUAGE plpgsql STABLE ROWS 100
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cells   jsonb[] := ARRAY['{}'::jsonb];
    axis    text;
    targets mkt.tagexpr[];
BEGIN
    PERFORM mkt._require_platform();
    PERFORM FROM mkt._cube_place(place);
    FOREACH axis IN ARRAY axes LOOP
        IF place ? axis OR NOT EXISTS (SELECT FROM mkt.cube_value AS v WHERE v.axis_code = axis) THEN
            RAISE EXCEPTION 'the cube cannot be diced along "%"', axis
                USING ERRCODE = 'invalid_parameter_value',
                      HINT = CASE WHEN place ? axis THEN 'The place already fixes this axis.' ELSE 'It is no axis of mkt.cube_axis, or has no values in mkt.cube_value.' END;
        END IF;
        cells := ARRAY(SELECT c.cell || jsonb_build_object(axis, v.value_code)
                       FROM unnest(cells) WITH ORDINALITY AS c(cell, n)
                       JOIN mkt.cube_value AS v ON v.axis_code = axis
                       ORDER BY c.n, v.ordinal);
        IF cardinality(cells) > 10000 THEN
            RAISE EXCEPTION 'more than 10000 cells along %', axes
                USING ERRCODE = 'program_limit_exceeded', HINT = 'Fix some axes in the place, and dice along fewer.';
        END IF;
    END LOOP;
    FOREACH cell IN ARRAY cells LOOP
        members := mkt.audience_count(mkt.cube_audience(place || cell));
        SELECT coalesce(array_agg(s.code ORDER BY s.code), '{}'), array_agg(s.target ORDER BY s.code) INTO strategies, targets
        FROM mkt._cube_strategies(place || cell, as_of) AS s;
        covered := CASE WHEN strategies = '{}' THEN 0
                        ELSE mkt.audience_count(mkt.cube_audience(place || cell) OPERATOR(mkt.&) mkt._any_of(targets)) END;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION mkt.cube_dice(text[], jsonb, timestamptz) IS
    'Every cell along some axes of the strategy cube, within a place: customers who stand there, the published strategies made for it, and how many of the customers these cover. Exact counts from the sets, for the customers the caller may see (S0-034).';

CREATE FUNCTION mkt._cube_strategies(place jsonb, as_of timestamptz)
    RETURNS TABLE (strategy_id integer, code text, target mkt.tagexpr)
    LANGUAGE plpgsql STABLE ROWS 10
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
        SELECT s.strategy_id, s.code, t.target
        FROM mkt.strategy AS s
        CROSS JOIN LATERAL mkt.strategy_target(s.strategy_id, as_of) AS t(target)
        WHERE s.status = 'published' AND t.target IS NOT NULL
          AND NOT EXISTS (SELECT FROM mkt._cube_place(place) AS p
                          JOIN mkt.strategy_cube AS c ON c.strategy_id = s.strategy_id AND c.axis_code = p.axis_code
                          GROUP BY p.axis_code
                          HAVING NOT bool_or(c.value_code = ANY (p.value_codes)));
END
$$;
COMMENT ON FUNCTION mkt._cube_strategies(jsonb, timestamptz) IS 'Published strategies made for a place in the cube, with whom they are made for then.';

CREATE FUNCTION mkt.cube_slice(axis text, place jsonb DEFAULT '{}', as_of timestamptz DEFAULT now())
    RETURNS TABLE (value_code text, name text, name_zh text, members bigint, strategies text[], covered bigint)
    LANGUAGE plpgsql STABLE ROWS 10
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
        SELECT v.value_code, v.name, v.name_zh, d.members, d.strategies, d.covered
        FROM mkt.cube_dice(ARRAY[axis], place, as_of) AS d
        JOIN mkt.cube_value AS v ON v.axis_code = axis AND v.value_code = d.cell ->> axis
        ORDER BY v.ordinal;
END
$$;
COMMENT ON FUNCTION mkt.cube_slice(text, jsonb, timestamptz) IS 'The strategy cube along one axis, within a place: mkt.cube_dice() of one axis, with names (S0-034).';

CREATE FUNCTION mkt.strategy_coverage(as_of timestamptz DEFAULT now())
    RETURNS TABLE (coverage_code text, name text, name_zh text, covered bigint, total bigint, share numeric, uncovered text[])
    LANGUAGE plpgsql STABLE ROWS 5
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    everybody mkt.tagexpr;
BEGIN
    PERFORM mkt._require_platform();
    SELECT mkt._any_of(coalesce(array_agg(s.target ORDER BY s.code), '{}')) INTO everybody FROM mkt._cube_strategies('{}', as_of) AS s;
    RETURN QUERY
        WITH slot AS (
            SELECT v.axis_code AS coverage_code, v.ordinal::integer AS ordinal, v.name_zh AS slot,
                   EXISTS (SELECT FROM mkt._cube_strategies(jsonb_build_object(v.axis_code, v.value_code), as_of) AS s
                           JOIN mkt.strategy_cube AS c ON c.strategy_id = s.strategy_id AND c.axis_code = v.axis_code AND c.value_code = v.value_code) AS used
            FROM mkt.cube_value AS v
            JOIN mkt.cube_axis AS a ON a.axis_code = v.axis_code
            WHERE a.slice
            UNION ALL
            SELECT 'touchpoint', (row_number() OVER (ORDER BY t.touchpoint_code))::integer, t.name_zh,
                   EXISTS (SELECT FROM mkt._cube_strategies('{}', as_of) AS s
                           JOIN mkt.strategy_channel AS c ON c.strategy_id = s.strategy_id AND c.channel_code = t.channel_code)
            FROM mkt.touchpoint AS t
        ), counted AS (
            SELECT s.coverage_code, count(*) FILTER (WHERE s.used) AS covered, count(*) AS total,
                   coalesce(array_agg(s.slot ORDER BY s.ordinal) FILTER (WHERE NOT s.used), '{}') AS uncovered
            FROM slot AS s
            GROUP BY s.coverage_code
            UNION ALL
            SELECT 'customer', mkt.audience_count(everybody), mkt.audience_count('all'), ARRAY[(OPERATOR(mkt.!) everybody)::text]
        )
        SELECT c.coverage_code, k.name, k.name_zh, c.covered, c.total, round(c.covered::numeric / nullif(c.total, 0), 4), c.uncovered
        FROM counted AS c
        JOIN (VALUES (1, 'customer', 'All customers', '全客户'), (2, 'business', 'All businesses', '全业务'), (3, 'life_stage', 'Whole life cycle', '全周期'),
                     (4, 'scene', 'All scenes', '全场景'), (5, 'touchpoint', 'All touchpoints', '全触点')) AS k(ordinal, coverage_code, name, name_zh)
            ON k.coverage_code = c.coverage_code
        ORDER BY k.ordinal;
END
$$;
COMMENT ON FUNCTION mkt.strategy_coverage(timestamptz) IS
    'What the published strategies cover of customers, businesses, life stages, scenes and touchpoints, and what they leave out: by name, for customers as the expression that finds them. A strategy covers a slice when it names it in mkt.strategy_cube; one that names none is made for all and covers none by name (S0-035).';
