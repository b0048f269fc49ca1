-- ----------------------------------------------------------------------
-- sql/install/36-model.code.sql: registering models and measuring them.
-- Everything is computed from two histograms of a score tag, so it takes the
-- time of two counts, whatever the number of customers.
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt.model_define(
    code text, kind text, name text, name_zh text, score_tag text, method text,
    business text DEFAULT NULL, scene text DEFAULT NULL, owner text DEFAULT NULL,
    trained_until timestamptz DEFAULT NULL, as_of timestamptz DEFAULT now()) RETURNS smallint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    model integer;
    score_kind text := (SELECT t.kind FROM mkt.tag AS t WHERE t.code = model_define.score_tag);
    next_version smallint;
BEGIN
    IF score_kind IS DISTINCT FROM 'numeric' THEN
        RAISE EXCEPTION 'score tag "%" of model "%" is %', score_tag, code,
                        CASE WHEN score_kind IS NULL THEN 'not defined' ELSE 'a ' || score_kind || ' tag' END
            USING ERRCODE = CASE WHEN score_kind IS NULL THEN 'undefined_object' ELSE 'datatype_mismatch' END,
                  HINT = format('Run SELECT mkt.tag_define(%L, ''numeric'', …) first.', score_tag);
    END IF;

    INSERT INTO mkt.model AS m (code, kind, name, name_zh, business, scene, owner, status)
    VALUES (code, kind, name, name_zh, business, scene, owner, 'online')
    ON CONFLICT ON CONSTRAINT model_code_key DO UPDATE
        SET kind = excluded.kind, name = excluded.name, name_zh = excluded.name_zh,
            business = excluded.business, scene = excluded.scene, owner = excluded.owner
    RETURNING m.model_id INTO model;

    INSERT INTO mkt.model_version AS v (model_id, version, score_tag, method, trained_until, valid_from)
    SELECT model, coalesce(max(o.version), 0) + 1, model_define.score_tag, model_define.method,
           model_define.trained_until, as_of
    FROM mkt.model_version AS o WHERE o.model_id = model
    RETURNING v.version INTO next_version;
    RETURN next_version;
END
$$;
COMMENT ON FUNCTION mkt.model_define(text, text, text, text, text, text, text, text, text, timestamptz, timestamptz) IS
    'Registers a model, or a new version of it, whose scores are the numeric tag score_tag; returns the version (S0-037).';

CREATE FUNCTION mkt._model_version(model text, as_of timestamptz, OUT model_id integer, OUT version smallint, OUT score_tag text)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    SELECT v.model_id, v.version, v.score_tag
    INTO _model_version.model_id, _model_version.version, _model_version.score_tag
    FROM mkt.model AS m
    JOIN mkt.model_version AS v ON v.model_id = m.model_id
    WHERE m.code = model AND v.valid_from <= as_of
    ORDER BY v.version DESC
    LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'model "%" has no version valid at %', model, as_of
            USING ERRCODE = 'undefined_object', HINT = 'Register it with mkt.model_define().';
    END IF;
END
$$;
COMMENT ON FUNCTION mkt._model_version(text, timestamptz) IS 'The version of a model in force at a moment; error 42704 when there is none.';

CREATE FUNCTION mkt.score_roc(score_tag text, outcome mkt.tagexpr, base mkt.tagexpr DEFAULT 'all', as_of timestamptz DEFAULT 'infinity',
    OUT score numeric, OUT positives bigint, OUT negatives bigint)
    RETURNS SETOF record
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
    SELECT b.value, coalesce(p.members, 0), b.members - coalesce(p.members, 0)
    FROM mkt.audience_by(base, score_tag, as_of) AS b
    LEFT JOIN mkt.audience_by(base OPERATOR(mkt.&) outcome, score_tag, as_of) AS p ON p.value = b.value
    WHERE b.value IS NOT NULL;      -- those without a score stand beside the curve
END
$$;
COMMENT ON FUNCTION mkt.score_roc(text, mkt.tagexpr, mkt.tagexpr, timestamptz) IS
    'Customers of the base with each score, split by whether the outcome holds: what AUC, lift and calibration are made of. as_of: with the scores of then; an outcome that came later is named as a snapshot, @code.';

CREATE FUNCTION mkt.score_auc(score_tag text, outcome mkt.tagexpr, base mkt.tagexpr DEFAULT 'all', as_of timestamptz DEFAULT 'infinity') RETURNS numeric
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Mann-Whitney: the share of (positive, negative) pairs in which the
    -- positive scores higher, a tie counting one half.
    RETURN (
        SELECT sum(r.positives * (r.below + r.negatives / 2.0)) / nullif(sum(r.positives) * sum(r.negatives), 0)
        FROM (SELECT s.positives, s.negatives,
                     coalesce(sum(s.negatives) OVER (ORDER BY s.score ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS below
              FROM mkt.score_roc(score_tag, outcome, base, as_of) AS s) AS r);
END
$$;
COMMENT ON FUNCTION mkt.score_auc(text, mkt.tagexpr, mkt.tagexpr, timestamptz) IS
    'Area under the ROC curve of a score against an outcome (Mann-Whitney, ties one half): 0.5 is chance, NULL without both classes.';

CREATE FUNCTION mkt.score_lift(score_tag text, outcome mkt.tagexpr, base mkt.tagexpr DEFAULT 'all', bins integer DEFAULT 10, as_of timestamptz DEFAULT 'infinity',
    OUT bin integer, OUT lowest_score numeric, OUT customers numeric, OUT positives numeric, OUT rate numeric, OUT lift numeric)
    RETURNS SETOF record
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF bins IS NULL OR bins < 1 THEN
        RAISE EXCEPTION 'the number of bins is %', coalesce(bins::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Ask for one bin or more, 10 for deciles.';
    END IF;
    -- Bins of equal size, best scores first. Equal scores that a border cuts
    -- are shared out in proportion, so bins depend on nothing but the counts.
    RETURN QUERY
    WITH roc AS (
        SELECT s.score, s.positives + s.negatives AS n, s.positives AS p,
               sum(s.positives + s.negatives) OVER (ORDER BY s.score DESC) AS upto,
               sum(s.positives + s.negatives) OVER () AS total, sum(s.positives) OVER () AS hits
        FROM mkt.score_roc(score_tag, outcome, base, as_of) AS s),
    cut AS (
        SELECT b.bin, r.score, r.n, r.p, r.total, r.hits,
               least(r.upto, b.bin * r.total / bins) - greatest(r.upto - r.n, (b.bin - 1) * r.total / bins) AS part
        FROM roc AS r CROSS JOIN generate_series(1, bins) AS b(bin))
    SELECT c.bin, min(c.score), sum(c.part), sum(c.p * c.part / c.n),
           sum(c.p * c.part / c.n) / sum(c.part),
           sum(c.p * c.part / c.n) / sum(c.part) / nullif(min(c.hits) / min(c.total), 0)
    FROM cut AS c
    WHERE c.part > 0
    GROUP BY c.bin;
END
$$;
COMMENT ON FUNCTION mkt.score_lift(text, mkt.tagexpr, mkt.tagexpr, integer, timestamptz) IS
    'Lift table of a score against an outcome: bins of equal size, best first; rate of positives in each and its ratio to the base rate.';

CREATE FUNCTION mkt.model_measure(model text, outcome mkt.tagexpr, base mkt.tagexpr DEFAULT 'all', as_of timestamptz DEFAULT now(), scored_at timestamptz DEFAULT 'infinity',
    OUT positives bigint, OUT negatives bigint, OUT auc numeric, OUT top_lift numeric)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v record := mkt._model_version(model, as_of);
BEGIN
    SELECT coalesce(sum(r.positives), 0), coalesce(sum(r.negatives), 0)
    INTO model_measure.positives, model_measure.negatives
    FROM mkt.score_roc(v.score_tag, outcome, base, scored_at) AS r;
    auc := mkt.score_auc(v.score_tag, outcome, base, scored_at);
    top_lift := (SELECT l.lift FROM mkt.score_lift(v.score_tag, outcome, base, as_of => scored_at) AS l WHERE l.bin = 1);

    INSERT INTO mkt.model_quality AS q (model_id, version, measured_at, outcome, base, positives, negatives, auc, top_lift)
    VALUES (v.model_id, v.version, as_of, outcome, base, positives, negatives, auc, top_lift)
    ON CONFLICT ON CONSTRAINT model_quality_pkey DO UPDATE
        SET outcome = excluded.outcome, base = excluded.base, positives = excluded.positives,
            negatives = excluded.negatives, auc = excluded.auc, top_lift = excluded.top_lift;
END
$$;
COMMENT ON FUNCTION mkt.model_measure(text, mkt.tagexpr, mkt.tagexpr, timestamptz, timestamptz) IS
    'Measures the version of a model in force at as_of against an outcome, by the scores of scored_at (infinity: of now), and keeps the result in mkt.model_quality (S0-049).';

CREATE FUNCTION mkt.model_threshold(model text, threshold numeric, tag_code text, as_of timestamptz DEFAULT now()) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v record := mkt._model_version(model, as_of);
BEGIN
    RETURN mkt.tag_put(tag_code, mkt.audience(format('%s >= %s', quote_ident(v.score_tag), threshold)::mkt.tagexpr), as_of);
END
$$;
COMMENT ON FUNCTION mkt.model_threshold(text, numeric, text, timestamptz) IS
    'Sets a boolean tag to the customers a model scores at least threshold; returns how many they are (S0-037).';
