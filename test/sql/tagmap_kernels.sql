-- tagmap_kernels: every kernel this CPU can run gives the same results
SET search_path = mkt, public;

-- against plain loops, on random blocks; the portable kernel is always there
SELECT bool_or(kernel = 'off') AS portable, bool_and(mismatches = 0) AS all_right,
       string_agg(first_wrong, ', ') AS wrong, count(*) FILTER (WHERE in_use) AS in_use
FROM simd_check(20261101, 300);

-- through SQL: the same answers whatever mkt.simd says
CREATE TEMP TABLE kernel_pair AS
SELECT style, tagmap_agg(i) FILTER (WHERE hashint8(i + style) % m = 0) AS a,
       tagmap_agg(i) FILTER (WHERE hashint8(i * 31 + style) % n = 0) AS b
FROM (VALUES (1, 2, 2), (2, 2, 5), (3, 20, 2), (4, 1, 3), (5, 1000, 2)) AS v (style, m, n),
     generate_series(0, 200000) AS i
GROUP BY style;
CREATE TEMP TABLE kernel_answer (kernel text, answer text);
DO $$
DECLARE
    k text;
BEGIN
    FOR k IN SELECT kernel FROM mkt.simd_check(1, 1) LOOP
        PERFORM set_config('mkt.simd', k, false);
        INSERT INTO kernel_answer
        SELECT k, string_agg(concat_ws(' ', style, md5((a & b)::bytea), md5((a | b)::bytea), md5((a - b)::bytea),
                                       md5((a # b)::bytea), and_card(a, b), a && b, a @> b, a = b,
                                       md5(a::bytea::tagmap::bytea)), E'\n' ORDER BY style)
        FROM kernel_pair;
        IF NOT (SELECT in_use FROM mkt.simd_check(1, 1) WHERE kernel = k) THEN
            RAISE EXCEPTION 'mkt.simd = % did not switch', k;
        END IF;
    END LOOP;
END $$;
RESET mkt.simd;
SELECT count(*) > 0 AS asked, count(DISTINCT answer) AS answers FROM kernel_answer;
SELECT style, card(a), card(b), and_card(a, b) FROM kernel_pair ORDER BY style;

-- a kernel the CPU lacks cannot be forced; no CPU has both avx2 and neon
SHOW mkt.simd;
SET mkt.simd = off;
SHOW mkt.simd;
SET mkt.simd = sse9;
DO $$
DECLARE
    refused int := 0;
    k text;
BEGIN
    FOREACH k IN ARRAY ARRAY['avx2', 'neon'] LOOP
        BEGIN
            PERFORM set_config('mkt.simd', k, false);
        EXCEPTION WHEN invalid_parameter_value THEN
            refused := refused + 1;
        END;
    END LOOP;
    IF refused = 0 THEN
        RAISE EXCEPTION 'avx2 and neon were both accepted';
    END IF;
END $$;
RESET mkt.simd;
SELECT count(*) AS in_use FROM simd_check(1, 1) WHERE in_use;
