-- ----------------------------------------------------------------------
-- sql/install/44-lift.code.sql: the formulas experiments are judged by.
-- Pure arithmetic on counts and sums; where the arms come from is
-- 44-experiment. Tails and quantiles are src/experiment.
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt.normal_tail(x double precision) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_normal_tail_sql';
COMMENT ON FUNCTION mkt.normal_tail(double precision) IS 'P(X > x) of the standard normal distribution.';

CREATE FUNCTION mkt.normal_quantile(p double precision) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_normal_quantile_sql';
COMMENT ON FUNCTION mkt.normal_quantile(double precision) IS 'The x with P(X <= x) = p of the standard normal distribution; error 22003 unless 0 < p < 1.';

CREATE FUNCTION mkt.student_tail(x double precision, df double precision) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_student_tail_sql';
COMMENT ON FUNCTION mkt.student_tail(double precision, double precision) IS 'P(X > x) of Student''s t with df > 0 degrees of freedom, whole or not.';

CREATE FUNCTION mkt.student_quantile(p double precision, df double precision) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_student_quantile_sql';
COMMENT ON FUNCTION mkt.student_quantile(double precision, double precision) IS 'The x with P(X <= x) = p of Student''s t with df degrees of freedom; error 22003 unless 0 < p < 1.';

CREATE FUNCTION mkt.chi_square_tail(x double precision, df double precision) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_chi_square_tail_sql';
COMMENT ON FUNCTION mkt.chi_square_tail(double precision, double precision) IS 'P(X > x) of the chi-square distribution with df > 0 degrees of freedom.';

CREATE FUNCTION mkt._two_sided(confidence double precision) RETURNS double precision
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (1 + confidence) / 2;
COMMENT ON FUNCTION mkt._two_sided(double precision) IS 'The probability below the upper end of a two-sided interval.';

CREATE FUNCTION mkt._check_hits(hits bigint, n bigint) RETURNS void
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF hits < 0 OR hits > n THEN
        RAISE EXCEPTION '% of % is not a share', hits, n
            USING ERRCODE = 'numeric_value_out_of_range', HINT = 'Give the customers who converted first, then all of the arm.';
    END IF;
END
$$;
COMMENT ON FUNCTION mkt._check_hits(bigint, bigint) IS 'Raises 22003 unless 0 <= hits <= n.';

CREATE FUNCTION mkt.rate_interval(hits bigint, n bigint, confidence double precision DEFAULT 0.95,
                                  OUT rate double precision, OUT low double precision, OUT high double precision)
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    z      double precision := mkt.normal_quantile(mkt._two_sided(confidence));
    centre double precision;
    half   double precision;
BEGIN
    PERFORM mkt._check_hits(hits, n);
    IF n > 0 THEN
        rate := hits::double precision / n;
        centre := (rate + z * z / (2 * n)) / (1 + z * z / n);
        half := z / (1 + z * z / n) * sqrt(rate * (1 - rate) / n + z * z / (4.0 * n * n));
        low := CASE WHEN hits = 0 THEN 0 ELSE centre - half END;
        high := CASE WHEN hits = n THEN 1 ELSE centre + half END;
    END IF;
END
$$;
COMMENT ON FUNCTION mkt.rate_interval(bigint, bigint, double precision) IS
    'Rate hits / n with its Wilson score interval (Wilson 1927; method 3 of Newcombe, Statistics in Medicine 17:857, 1998). NULL for an empty arm (semantics D3).';

CREATE FUNCTION mkt.rate_lift(treated_hits bigint, treated bigint, control_hits bigint, control bigint,
                              confidence double precision DEFAULT 0.95,
                              OUT treated_rate double precision, OUT control_rate double precision,
                              OUT difference double precision, OUT low double precision, OUT high double precision,
                              OUT relative double precision, OUT relative_low double precision, OUT relative_high double precision,
                              OUT p_value double precision)
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    t      record := mkt.rate_interval(treated_hits, treated, confidence);
    c      record := mkt.rate_interval(control_hits, control, confidence);
    pooled double precision := (treated_hits + control_hits)::double precision / nullif(treated + control, 0);
    error  double precision := sqrt(pooled * (1 - pooled) * (1.0 / nullif(treated, 0) + 1.0 / nullif(control, 0)));
    spread double precision;
BEGIN
    treated_rate := t.rate;
    control_rate := c.rate;
    difference := t.rate - c.rate;
    low  := difference - sqrt((t.rate - t.low) ^ 2 + (c.high - c.rate) ^ 2);
    high := difference + sqrt((t.high - t.rate) ^ 2 + (c.rate - c.low) ^ 2);
    relative := difference / nullif(c.rate, 0);
    IF treated_hits > 0 AND control_hits > 0 THEN
        spread := mkt.normal_quantile(mkt._two_sided(confidence))
                  * sqrt(1.0 / treated_hits - 1.0 / treated + 1.0 / control_hits - 1.0 / control);
        relative_low := (t.rate / c.rate) * exp(-spread) - 1;
        relative_high := (t.rate / c.rate) * exp(spread) - 1;
    END IF;
    p_value := CASE WHEN error = 0 THEN 1 ELSE 2 * mkt.normal_tail(abs(difference) / error) END;
END
$$;
COMMENT ON FUNCTION mkt.rate_lift(bigint, bigint, bigint, bigint, double precision) IS
    'What treatment adds to a rate: the difference with its Newcombe interval (method 10, Statistics in Medicine 17:873, 1998), the relative lift with the log interval of Katz et al. (Biometrics 34:469, 1978; NULL where an arm has no hit), and the two-sided p-value of the pooled two-proportion test. NULL for an empty arm (semantics D3).';

CREATE FUNCTION mkt.mean_lift(treated bigint, treated_mean double precision, treated_variance double precision,
                              control bigint, control_mean double precision, control_variance double precision,
                              confidence double precision DEFAULT 0.95,
                              OUT difference double precision, OUT low double precision, OUT high double precision,
                              OUT relative double precision, OUT df double precision, OUT p_value double precision)
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    vt double precision := treated_variance / nullif(treated, 0);
    vc double precision := control_variance / nullif(control, 0);
    reach double precision;
BEGIN
    difference := treated_mean - control_mean;
    relative := difference / nullif(control_mean, 0);
    IF treated > 1 AND control > 1 AND vt + vc > 0 THEN
        df := (vt + vc) ^ 2 / (vt ^ 2 / (treated - 1) + vc ^ 2 / (control - 1));
        reach := mkt.student_quantile(mkt._two_sided(confidence), df) * sqrt(vt + vc);
        low := difference - reach;
        high := difference + reach;
        p_value := 2 * mkt.student_tail(abs(difference) / sqrt(vt + vc), df);
    END IF;
END
$$;
COMMENT ON FUNCTION mkt.mean_lift(bigint, double precision, double precision, bigint, double precision, double precision, double precision) IS
    'What treatment adds to a mean (money a customer): the difference with its Welch interval and p-value (Welch, Biometrika 34:28, 1947); variances are of samples. No interval where an arm has fewer than two customers or nobody varies (semantics D3).';

CREATE FUNCTION mkt.sample_ratio(observed bigint[], shares numeric[],
                                 OUT chi_square double precision, OUT df integer, OUT p_value double precision, OUT alarm boolean)
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    n      numeric := (SELECT sum(o) FROM unnest(observed) AS o);
    weight numeric := (SELECT sum(s) FROM unnest(shares) AS s);
BEGIN
    IF cardinality(observed) IS DISTINCT FROM cardinality(shares) OR cardinality(observed) < 2
       OR EXISTS (SELECT FROM unnest(observed, shares) AS a(o, s) WHERE o IS NULL OR s IS NULL OR o < 0 OR s <= 0) THEN
        RAISE EXCEPTION 'arms % do not fit shares %', observed, shares
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give the customers of at least two arms and a positive share for each.';
    END IF;
    df := cardinality(observed) - 1;
    chi_square := CASE WHEN n = 0 THEN 0 ELSE
        (SELECT sum((a.o - n * a.s / weight) ^ 2 / (n * a.s / weight)) FROM unnest(observed, shares) AS a(o, s)) END;
    p_value := mkt.chi_square_tail(chi_square, df);
    alarm := p_value < 0.001;
END
$$;
COMMENT ON FUNCTION mkt.sample_ratio(bigint[], numeric[]) IS
    'Sample-ratio check: do arms of these sizes fit the shares they were drawn with? Pearson''s chi-square; alarm at p < 0.001: something removed customers from one arm, and no lift of the experiment means anything (semantics D3).';

CREATE FUNCTION mkt.sample_size(base_rate double precision, lift double precision, power double precision DEFAULT 0.8,
                                confidence double precision DEFAULT 0.95, control_share double precision DEFAULT 0.5,
                                OUT treated bigint, OUT control bigint)
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p1     double precision := base_rate;
    p2     double precision := base_rate + lift;
    mix    double precision;
    n      double precision;
BEGIN
    IF NOT (p1 BETWEEN 0 AND 1 AND p2 BETWEEN 0 AND 1 AND lift <> 0 AND control_share > 0 AND control_share < 1) THEN
        RAISE EXCEPTION 'no sample shows a lift of % on a rate of % with a control share of %', lift, base_rate, control_share
            USING ERRCODE = 'numeric_value_out_of_range', HINT = 'Rates stay between 0 and 1, the lift is not 0 (one percentage point is 0.01), the control share lies between 0 and 1.';
    END IF;
    mix := control_share * p1 + (1 - control_share) * p2;
    n := ((mkt.normal_quantile(mkt._two_sided(confidence)) * sqrt(mix * (1 - mix) * (1 / control_share + 1 / (1 - control_share)))
           + mkt.normal_quantile(power) * sqrt(p1 * (1 - p1) / control_share + p2 * (1 - p2) / (1 - control_share))) / lift) ^ 2;
    treated := ceil(n * (1 - control_share));
    control := ceil(n * control_share);
END
$$;
COMMENT ON FUNCTION mkt.sample_size(double precision, double precision, double precision, double precision, double precision) IS
    'Customers each arm needs to show a lift (a difference of rates, 0.01 = one percentage point) with a given power: the two-proportion formula without continuity correction (Fleiss, Statistical Methods for Rates and Proportions, 3.2) (semantics D3).';

CREATE FUNCTION mkt.always_valid(difference double precision, variance double precision, expected double precision,
                                 confidence double precision DEFAULT 0.95,
                                 OUT low double precision, OUT high double precision, OUT p_value double precision)
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    t double precision := expected ^ 2;
    v double precision := variance;
    reach double precision;
BEGIN
    IF NOT (variance > 0 AND expected > 0 AND confidence > 0 AND confidence < 1) THEN
        RAISE EXCEPTION 'no sequential test with variance %, expected lift % and confidence %', variance, expected, confidence
            USING ERRCODE = 'numeric_value_out_of_range', HINT = 'All three must be positive, the confidence below 1.';
    END IF;
    reach := sqrt(v * (v + t) / t * (ln((v + t) / v) - 2 * ln(1 - confidence)));
    low := difference - reach;
    high := difference + reach;
    p_value := least(1, sqrt((v + t) / v) * exp(-t * difference ^ 2 / (2 * v * (v + t))));
END
$$;
COMMENT ON FUNCTION mkt.always_valid(double precision, double precision, double precision, double precision) IS
    'The interval and p-value of a difference with this variance that stay valid however often one looks: mixture sequential probability ratio test with a normal mixture of standard deviation expected, to be fixed before the start (Johari, Pekelis, Walsh, Operations Research 70:1806, 2022). Take the smallest p-value seen so far (semantics D3).';

CREATE FUNCTION mkt.arm_lift(data text, confidence double precision DEFAULT 0.95)
    RETURNS TABLE (method text, treated bigint, control bigint, treated_mean double precision, control_mean double precision,
                   difference double precision, low double precision, high double precision, p_value double precision,
                   variance_left double precision)
    LANGUAGE plpgsql STABLE ROWS 2
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    a record;
    theta double precision;
BEGIN
    EXECUTE format($sql$
        WITH d AS (SELECT treated, outcome::double precision AS y, before::double precision AS x FROM (%s) AS d(treated, outcome, before)),
             centre AS (SELECT avg(x) AS x FROM d WHERE x IS NOT NULL)
        SELECT count(*) FILTER (WHERE treated) AS tn, count(*) FILTER (WHERE NOT treated) AS cn,
               avg(y) FILTER (WHERE treated) AS ty, avg(y) FILTER (WHERE NOT treated) AS cy,
               var_samp(y) FILTER (WHERE treated) AS tvy, var_samp(y) FILTER (WHERE NOT treated) AS cvy,
               avg(coalesce(d.x - c.x, 0)) FILTER (WHERE treated) AS tx, avg(coalesce(d.x - c.x, 0)) FILTER (WHERE NOT treated) AS cx,
               var_samp(coalesce(d.x - c.x, 0)) FILTER (WHERE treated) AS tvx, var_samp(coalesce(d.x - c.x, 0)) FILTER (WHERE NOT treated) AS cvx,
               covar_samp(y, coalesce(d.x - c.x, 0)) FILTER (WHERE treated) AS tc, covar_samp(y, coalesce(d.x - c.x, 0)) FILTER (WHERE NOT treated) AS cc,
               covar_pop(y, coalesce(d.x - c.x, 0)) / nullif(var_pop(coalesce(d.x - c.x, 0)), 0) AS theta
        FROM d, centre AS c WHERE treated IS NOT NULL AND y IS NOT NULL$sql$, data) INTO a;
    FOR method, theta IN VALUES ('welch', 0::double precision), ('cuped', coalesce(a.theta, 0)) LOOP
        treated := a.tn;
        control := a.cn;
        treated_mean := a.ty - theta * a.tx;
        control_mean := a.cy - theta * a.cx;
        SELECT m.difference, m.low, m.high, m.p_value INTO difference, low, high, p_value
        FROM mkt.mean_lift(a.tn, treated_mean, a.tvy - 2 * theta * a.tc + theta ^ 2 * a.tvx,
                           a.cn, control_mean, a.cvy - 2 * theta * a.cc + theta ^ 2 * a.cvx, confidence) AS m;
        variance_left := (a.tvy - 2 * theta * a.tc + theta ^ 2 * a.tvx + a.cvy - 2 * theta * a.cc + theta ^ 2 * a.cvx) / nullif(a.tvy + a.cvy, 0);
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION mkt.arm_lift(text, double precision) IS
    'Lift of a mean from a query of (treated boolean, outcome, before): plain (Welch) and with CUPED, which takes out what the same metric before the experiment explains (Deng et al., WSDM 2013; customers without a before count as average). variance_left: share of the variance that remains. The query runs with the caller''s rights (semantics D3).';
