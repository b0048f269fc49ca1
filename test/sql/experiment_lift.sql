-- experiment_lift: the formulas of experiments against published examples and by simulation
SET search_path = mkt, public;
\set SHOW_CONTEXT never
\set seed 20261101
\echo seed :seed

-- tails and quantiles: tables anybody has
SELECT round(normal_quantile(0.975)::numeric, 6) AS z, round(student_quantile(0.975, 1)::numeric, 4) AS t1,
       round(student_quantile(0.975, 10)::numeric, 4) AS t10, round(student_quantile(0.025, 30)::numeric, 4) AS t30,
       round(chi_square_tail(3.841459, 1)::numeric, 5) AS chi1, round(chi_square_tail(124.342113, 100)::numeric, 5) AS chi100;
-- each is the inverse of the other, the tails of both sides make one, and t becomes normal
SELECT max(abs(normal_tail(normal_quantile(p)) - (1 - p))) < 1e-12 AS normal, max(abs(student_tail(student_quantile(p, df), df) - (1 - p))) < 1e-12 AS student,
       max(abs(normal_tail(3 * p) + normal_tail(-3 * p) - 1)) < 1e-12 AS both_sides,
       max(abs(student_quantile(p, 1e7) - normal_quantile(p))) < 1e-5 AS limit_is_normal
FROM generate_series(0.01, 0.99, 0.01) AS p, (VALUES (0.7::float8), (1), (3), (17.776), (250)) AS d(df);
-- the chi-square of two degrees is an exponential, of one a squared normal
SELECT max(abs(chi_square_tail(x, 2) - exp(-x / 2))) < 1e-12 AS two, max(abs(chi_square_tail(x, 1) - 2 * normal_tail(sqrt(x)))) < 1e-12 AS one
FROM (SELECT x::float8 FROM generate_series(0.1, 60, 0.1) AS x) AS g;
SELECT normal_quantile(1);
SELECT student_quantile(0.5, 0);
SELECT chi_square_tail(1, -3);

-- Newcombe 1998 (Statistics in Medicine 17:857), table I, method 3
SELECT hits, n, round(i.low::numeric, 4) AS low, round(i.high::numeric, 4) AS high
FROM (VALUES (81, 263), (15, 148), (0, 20), (1, 29)) AS e(hits, n), rate_interval(e.hits, e.n) AS i;
SELECT * FROM rate_interval(0, 0);
SELECT * FROM rate_interval(5, 4);
SELECT * FROM rate_interval(1, 4, 95);
-- Newcombe 1998 (Statistics in Medicine 17:873), table II, method 10
SELECT a, m, b, n, round(l.difference::numeric, 4) AS difference, round(l.low::numeric, 4) AS low, round(l.high::numeric, 4) AS high
FROM (VALUES (56, 70, 48, 80), (9, 10, 3, 10), (6, 7, 2, 7), (5, 56, 0, 29), (0, 10, 0, 20), (10, 10, 0, 20)) AS e(a, m, b, n),
     rate_lift(e.a, e.m, e.b, e.n) AS l;
SELECT relative IS NULL AS no_base, relative_low IS NULL AS no_interval, p_value < 0.05 AS significant FROM rate_lift(5, 10, 0, 20);
SELECT * FROM rate_lift(0, 0, 3, 20);

-- Student's sleep data (Biometrika 6:1, 1908), Welch's test
CREATE TEMP TABLE sleep AS
SELECT * FROM (VALUES (true, ARRAY[1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]), (false, ARRAY[0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])) AS s(drug, hours);
SELECT round(l.difference::numeric, 2) AS difference, round(l.low::numeric, 4) AS low, round(l.high::numeric, 4) AS high, round(l.df::numeric, 3) AS df, round(l.p_value::numeric, 5) AS p
FROM (SELECT avg(h) FILTER (WHERE drug) AS td, var_samp(h) FILTER (WHERE drug) AS tv, avg(h) FILTER (WHERE NOT drug) AS cd, var_samp(h) FILTER (WHERE NOT drug) AS cv
      FROM sleep, unnest(hours) AS h) AS s, mean_lift(10, td, tv, 10, cd, cv) AS l;
SELECT * FROM mean_lift(1, 2, NULL, 10, 1, 1);

-- a ratio of 0.993 that is no accident (Kohavi, Tang, Xu, Trustworthy Online Controlled Experiments, 2020, chapter 3)
SELECT round(chi_square::numeric, 2) AS chi_square, df, to_char(p_value, '9.9EEEE') AS p, alarm FROM sample_ratio('{815482,821588}', '{1,1}');
SELECT alarm, round(p_value::numeric, 3) AS p FROM sample_ratio('{9000,1012}', '{0.9,0.1}');
SELECT df, alarm FROM sample_ratio('{100,100,130}', '{1,1,1}');
SELECT * FROM sample_ratio('{0,0}', '{1,1}');
SELECT * FROM sample_ratio('{1,2,3}', '{0.5,0.5}');
SELECT * FROM sample_ratio('{1,2}', '{0.5,0}');

-- from 50 to 75 percent with power 0.9: 76.7 each, a textbook example; and the power is what it says
SELECT * FROM sample_size(0.5, 0.25, 0.9);
SELECT * FROM sample_size(0.02, 0.002, 0.8, 0.95, 0.1);
SELECT * FROM sample_size(0.5, 0.6);
SELECT * FROM sample_size(0.5, 0);

-- the random numbers below: uniform in (0, 1)
CREATE FUNCTION pg_temp.u(run int, i int, what int) RETURNS float8 LANGUAGE sql
    RETURN ((hashint8extended(run * 100003::bigint + i, what + :seed) & 1048575) + 0.5) / 1048576;
-- 400 experiments without an effect: a fixed look of 95 percent errs about 20 times, peeking at ten looks far more often;
-- the sequential interval with the same ten looks stays below 5 percent
WITH look AS (
    SELECT *
    FROM (SELECT run, n, sum((pg_temp.u(run, n, 1) < 0.3)::int) OVER seen AS t, sum((pg_temp.u(run, n, 2) < 0.3)::int) OVER seen AS c
          FROM generate_series(1, 400) AS run, generate_series(1, 1000) AS n
          WINDOW seen AS (PARTITION BY run ORDER BY n)) AS drawn
    WHERE n % 100 = 0
), judged AS (
    SELECT run, n, l.p_value, s.low > 0 OR s.high < 0 AS sure
    FROM look, rate_lift(t, n, c, n) AS l,
         always_valid(l.difference, (l.treated_rate * (1 - l.treated_rate) + l.control_rate * (1 - l.control_rate)) / n, 0.05) AS s
)
SELECT count(*) FILTER (WHERE n = 1000 AND p_value < 0.05) BETWEEN 5 AND 40 AS fixed_look_errs_as_said,
       count(DISTINCT run) FILTER (WHERE p_value < 0.05) > 40 AS peeking_errs_more,
       count(DISTINCT run) FILTER (WHERE sure) <= 20 AS sequential_holds
FROM judged;
-- p-value and interval of the sequential test say the same
SELECT bool_and((s.p_value < 0.05) = (s.low > 0 OR s.high < 0)) AS agree
FROM generate_series(-0.2, 0.2, 0.001) AS d, always_valid(d, 0.0004, 0.03) AS s;
SELECT * FROM always_valid(0.1, 0, 0.01);

-- CUPED: the same effect, less variance; by hand as the definition says
CREATE TEMP TABLE spend AS
SELECT i, pg_temp.u(1, i, 5) < 0.5 AS treated, 50 + 20 * b + 3 * (pg_temp.u(1, i, 5) < 0.5)::int + 4 * pg_temp.u(1, i, 7) AS after,
       CASE WHEN i % 10 > 0 THEN 48 + 20 * b END AS before
FROM generate_series(1, 2000) AS i, LATERAL (SELECT pg_temp.u(1, i, 6) AS b) AS d;
SELECT method, treated + control AS customers, low < 3 AND high > 3 AS holds_3, round(high::numeric - low::numeric, 1) AS width, variance_left < 0.5 AS half_explained
FROM arm_lift('SELECT treated, after, before FROM spend');
WITH x AS (SELECT treated, after AS y, coalesce(before - avg(before) OVER (), 0) AS x FROM spend),
     th AS (SELECT regr_slope(y, x) AS theta FROM x),
     adjusted AS (SELECT treated, y - theta * x AS y FROM x, th)
SELECT bool_and(abs(l.difference - m.difference) < 1e-9 AND abs(l.low - m.low) < 1e-9 AND abs(l.p_value - m.p_value) < 1e-9) AS as_defined
FROM (SELECT count(*) FILTER (WHERE treated) AS tn, avg(y) FILTER (WHERE treated) AS t, var_samp(y) FILTER (WHERE treated) AS tv,
             count(*) FILTER (WHERE NOT treated) AS cn, avg(y) FILTER (WHERE NOT treated) AS c, var_samp(y) FILTER (WHERE NOT treated) AS cv FROM adjusted) AS a,
     mean_lift(tn, t, tv, cn, c, cv) AS m, arm_lift('SELECT treated, after, before FROM spend') AS l
WHERE l.method = 'cuped';
