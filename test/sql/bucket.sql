-- bucket: the frozen hash behind control groups, and the library's version
SET search_path = mkt, public;

SELECT mkt.version() = (SELECT extversion FROM pg_extension WHERE extname = 'mkt') AS library_is_the_extension;

-- pinned: whoever changes one of these moves customers between control groups
SELECT salt, cid, bucket(salt, cid)
FROM (VALUES ('', 0), ('', 1), ('', 2), ('global', 0), ('global', 1), ('global', 2), ('global', 67000000),
             ('global', 1099511627775), ('Global', 1), ('12345678', 1), ('123456789', 1),
             ('保有策略', 1), ('保有策略', 2)) AS v (salt, cid);
SELECT bucket('global', -1) AS negative, bucket('global', 9223372036854775807) AS greatest,
       bucket(NULL, 1) IS NULL AND bucket('global', NULL) IS NULL AS strict;

-- an implementation in SQL, written from the description in mkt_hash.h, agrees:
-- 64-bit words as exact numerics, their xor by parts of 16 bits
CREATE FUNCTION pg_temp.part(x numeric, i int) RETURNS int LANGUAGE sql AS $$
    SELECT mod(div(x, 65536::numeric ^ i), 65536)::int
$$;
CREATE FUNCTION pg_temp.xor64(a numeric, b numeric) RETURNS numeric LANGUAGE sql AS $$
    SELECT round(sum((pg_temp.part(a, i) # pg_temp.part(b, i)) * 65536::numeric ^ i))
    FROM generate_series(0, 3) AS i
$$;
CREATE FUNCTION pg_temp.mix(x numeric) RETURNS numeric LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1 .. 2 LOOP
        x := mod(pg_temp.xor64(x, div(x, 4294967296)) * 15485907386658061715, 18446744073709551616);
    END LOOP;
    RETURN pg_temp.xor64(x, div(x, 4294967296));
END $$;
CREATE FUNCTION pg_temp.bucket(salt text, cid bigint) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    b bytea := convert_to(salt, 'UTF8');
    h numeric := pg_temp.mix(length(b));
    w numeric;
BEGIN
    FOR i IN 0 .. (length(b) - 1) / 8 LOOP
        CONTINUE WHEN length(b) = 0;
        w := 0;
        FOR k IN 0 .. least(7, length(b) - 1 - 8 * i) LOOP
            w := w + get_byte(b, 8 * i + k) * 256::numeric ^ k;
        END LOOP;
        h := mod(pg_temp.mix(pg_temp.xor64(h, round(w))) + 11400714819323198485, 18446744073709551616);
    END LOOP;
    RETURN mod(pg_temp.mix(pg_temp.xor64(h, pg_temp.mix(cid))), 10000);
END $$;
SELECT count(*) AS agree
FROM (VALUES (''), ('a'), ('global'), ('12345678'), ('123456789'), ('保有策略')) AS s (salt),
     generate_series(0, 1099511627775, 54975581388) AS cid
WHERE bucket(salt, cid) = pg_temp.bucket(salt, cid);

-- even: chi-square of 10,000 buckets over a million customers, 9,999 degrees of
-- freedom: mean 9,999, standard deviation 141
SELECT salt, min(n) > 0 AND count(*) = 10000 AS all_used, sum((n - 100) ^ 2 / 100) BETWEEN 9300 AND 10700 AS even
FROM (SELECT salt, bucket(salt, cid), count(*) AS n
      FROM (VALUES ('2026'), ('global')) AS s (salt), generate_series(1, 1000000) AS cid
      GROUP BY 1, 2) AS b
GROUP BY salt ORDER BY salt;

-- independent: membership under one salt says nothing about another
SELECT abs(count(*) - 10000) < 500 AS independent
FROM generate_series(1, 1000000) AS cid
WHERE bucket('2026', cid) < 1000 AND bucket('global', cid) < 1000;
