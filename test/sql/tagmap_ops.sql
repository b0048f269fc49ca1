-- tagmap_ops: operators, order, questions, and laws against an oracle
SET search_path = mkt, public;

SELECT tagmap '{1,2,3,64511,64512}' & '{2-3,64512-70000}' AS "and",
       tagmap '{1,2,3}' | '{3,4,100000}' AS "or",
       tagmap '{1-9,64512}' - '{3,64512}' AS minus,
       tagmap '{1-4}' # '{3-6}' AS "xor";
SELECT tagmap '{1}' & '{}' AS nothing, tagmap '{}' | '{}' AS "empty", tagmap '{5}' # '{5}' AS gone;
SELECT tagmap '{1-9}' @> tagmap '{2,3}' AS contains, tagmap '{1-9}' @> tagmap '{9,10}' AS contains_not,
       tagmap '{}' <@ tagmap '{1}' AS contained, tagmap '{1}' @> tagmap '{}' AS contains_nothing,
       tagmap '{1-9}' && '{9,10}' AS overlaps, tagmap '{1-9}' && '{}' AS overlaps_not,
       tagmap '{1-9}' @> 9::bigint AS has, 10::bigint <@ tagmap '{1-9}' AS has_not;
SELECT tagmap '{1}' @> -1::bigint;
SELECT tagmap '{1}' @> 1099511627776::bigint;
SELECT NULL::tagmap & '{1}' IS NULL AS unknown_stays_unknown;

-- counts without building, and likeness
SELECT and_card(a, b), or_card(a, b), andnot_card(a, b), xor_card(a, b), round(jaccard(a, b)::numeric, 4) AS jaccard
FROM (VALUES ('{1-100}'::tagmap, '{51-150,70000}'::tagmap), ('{}', '{}'), ('{}', '{1}')) AS v (a, b);

-- questions about one set
SELECT t, card(t), is_empty(t), tagmap_min(t), tagmap_max(t), tagmap_rank(t, 64512) AS rank, tagmap_nth(t, 3) AS third
FROM (VALUES ('{}'::tagmap), ('{5}'), ('{1,64511-64513,200000}'), ('{7-100000}')) AS v (t);
SELECT tagmap_nth('{5,6}', 0) AS zeroth, tagmap_nth('{5,6}', 3) AS past, tagmap_nth('{5,6}', -1) AS negative;
SELECT tagmap_rank('{5}', -1);
SELECT tagmap '{1,64511-64513,200000}' AS t, clip('{1,64511-64513,200000}', 1) AS block_1,
       clip('{1,64511-64513,200000}', 2) AS block_2;
SELECT clip('{1}', -1);
SELECT clip('{1}', 17043522);
SELECT * FROM blocks('{1,64511-64513,200000}');
SELECT * FROM members('{1,64511-64513,200000}');

-- order: as the ascending sequences of members
SELECT string_agg(t::text, ' < ' ORDER BY t) AS ascending
FROM (VALUES ('{2}'::tagmap), ('{1,3}'), ('{}'), ('{1,2}'), ('{1}'), ('{1,2,100000}'), ('{0-64511}'), ('{0-64512}'),
             ('{100000}'), ('{0-70000}'), ('{1,2,200000}'), ('{0,2-64511}'), ('{0,64512}')) AS v (t);
SELECT bool_and((a < b)::int + (a = b)::int + (a > b)::int = 1) AS one_of_three,
       bool_and((a <= b) = (a < b OR a = b) AND (a >= b) = (a > b OR a = b) AND (a <> b) = NOT (a = b)) AS consistent,
       bool_and((a < b) = (array(SELECT members(a)) < array(SELECT members(b)))) AS like_arrays,
       bool_and((a < b) = (b > a) AND (a <= b) = (b >= a)) AS commutes
FROM (SELECT tagmap_range(i % 3, i % 7) | tagmap_range(64510 + i % 5, 64510 + i % 11) AS a,
             tagmap_range(j % 3, j % 7) | tagmap_range(64510 + j % 5, 64510 + j % 11) AS b
      FROM generate_series(1, 60) AS i, generate_series(1, 60) AS j) AS pair;

-- the classes work: sort, hash join, hash aggregate, unique index
CREATE TABLE ops_class AS
SELECT i, tagmap_range(i % 50, i % 50 + i % 3) AS t FROM generate_series(1, 1000) AS i;
SET enable_hashagg = off;
SELECT count(*) AS sorted FROM (SELECT DISTINCT t FROM ops_class) AS d;
RESET enable_hashagg;
SET enable_sort = off;
SELECT count(*) AS hashed FROM (SELECT t FROM ops_class GROUP BY t) AS d;
SELECT count(*) AS joined FROM ops_class AS a JOIN ops_class AS b USING (t);
RESET enable_sort;
SELECT count(*) AS joined_by_text FROM ops_class AS a JOIN ops_class AS b ON a.t::text = b.t::text;
SELECT tagmap_hash(t) = (tagmap_hash_extended(t, 0) & 4294967295)::bit(32)::int AS low_half,
       tagmap_hash_extended(t, 0) <> tagmap_hash_extended(t, 1) AS seeded
FROM ops_class WHERE i = 7;
SELECT tagmap_hash('{}'), tagmap_hash('{1}'), tagmap_hash_extended('{1,5,7-9}', 0);
CREATE UNIQUE INDEX ops_class_t ON ops_class (t);
CREATE UNIQUE INDEX ops_class_t ON ops_class (t) WHERE i <= 10;
DROP TABLE ops_class;

-- members() knows how many rows a constant set has
EXPLAIN (COSTS ON, TIMING OFF, SUMMARY OFF) SELECT * FROM members('{1-123456}');

-- laws over sets that differ in size, density and place
CREATE TEMP TABLE law_set AS
SELECT row_number() OVER (ORDER BY m, lo, hi) AS id,
       (SELECT tagmap_agg(i) FROM generate_series(lo, hi, m) AS i) AS t
FROM (VALUES (1), (2), (3), (17), (700)) AS v (m), (VALUES (0, 1000), (0, 64511), (60000, 140000), (64512, 64600)) AS r (lo, hi);
INSERT INTO law_set VALUES (0, '{}');
SELECT count(*) AS pairs,
       bool_and(a & b = b & a AND a | b = b | a AND a # b = b # a) AS commute,
       bool_and(card(a) = card(a & b) + card(a - b)) AS split,
       bool_and(card(a | b) = card(a) + card(b) - card(a & b)) AS inclusion_exclusion,
       bool_and(a # b = (a | b) - (a & b)) AS xor_is,
       bool_and((a - b) & b = '{}' AND (a - b) | (a & b) = a) AS difference,
       bool_and((a @> b) = (a | b = a) AND (b <@ a) = (a @> b)) AS containment,
       bool_and((a && b) = NOT is_empty(a & b)) AS overlap,
       bool_and(and_card(a, b) = card(a & b) AND or_card(a, b) = card(a | b)
                AND andnot_card(a, b) = card(a - b) AND xor_card(a, b) = card(a # b)) AS counts,
       bool_and((a # b) # b = a) AS xor_twice
FROM (SELECT x.t AS a, y.t AS b FROM law_set AS x, law_set AS y) AS pair;
SELECT bool_and(a & (b | c) = (a & b) | (a & c) AND a - (b | c) = (a - b) & (a - c)
                AND (a & b) & c = a & (b & c) AND (a # b) # c = a # (b # c)) AS distribute_and_associate
FROM (SELECT x.t AS a, y.t AS b, z.t AS c FROM law_set AS x, law_set AS y, law_set AS z
      WHERE (x.id + y.id + z.id) % 3 = 0) AS triple;
SELECT bool_and((SELECT tagmap_or_agg(members) FROM blocks(t)) = t) AS blocks_rebuild,
       bool_and((SELECT bool_and(members = clip(t, block)) FROM blocks(t)) IS NOT FALSE) AS clip_is_the_block,
       bool_and((SELECT bool_and(tagmap_nth(t, tagmap_rank(t, m)) = m)
                 FROM members(t) AS m WHERE m % 97 = 0) IS NOT FALSE) AS nth_of_rank
FROM law_set;

-- a random program against a naive oracle: sets as sorted arrays of numbers
\if :{?seed}
\else
\set seed 20261101
\endif
SELECT :seed AS seed;
CREATE FUNCTION pg_temp.random_array(OUT numbers bigint[]) LANGUAGE plpgsql AS $$
DECLARE
    base bigint := (ARRAY[0, 0, 64000, 1000000, 1099511500000])[1 + floor(random() * 5)];
    span int := (ARRAY[50, 1000, 70000, 120000])[1 + floor(random() * 4)];
    size int := 1 + floor(random() ^ 3 * 9000);
    step int := 1 + floor(random() * 3);
BEGIN
    numbers := CASE floor(random() * 4)
        WHEN 0 THEN array(SELECT base + i FROM generate_series(0, least(size * step, 120000), step) AS i)
        WHEN 1 THEN array(SELECT base + i / 8 * 24 + i % 8 FROM generate_series(0, least(size, 40000)) AS i)
        ELSE array(SELECT DISTINCT base + floor(random() * span)::bigint AS n FROM generate_series(1, size) ORDER BY n) END;
END $$;
CREATE FUNCTION pg_temp.random_program(steps int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    x bigint[];
    y bigint[];
    a mkt.tagmap;
    b mkt.tagmap;
    wanted bigint[];
    got mkt.tagmap;
    op text;
    n bigint;
BEGIN
    x := pg_temp.random_array();
    FOR step IN 1 .. steps LOOP
        y := pg_temp.random_array();
        a := x::mkt.tagmap;
        b := y::mkt.tagmap;
        op := (ARRAY['&', '|', '-', '#'])[1 + floor(random() * 4)];
        EXECUTE format('SELECT $1 OPERATOR(mkt.%s) $2', op) INTO got USING a, b;
        wanted := CASE op
            WHEN '&' THEN array(SELECT unnest(x) INTERSECT SELECT unnest(y) ORDER BY 1)
            WHEN '|' THEN array(SELECT unnest(x) UNION SELECT unnest(y) ORDER BY 1)
            WHEN '-' THEN array(SELECT unnest(x) EXCEPT SELECT unnest(y) ORDER BY 1)
            ELSE array((SELECT unnest(x) EXCEPT SELECT unnest(y))
                       UNION (SELECT unnest(y) EXCEPT SELECT unnest(x)) ORDER BY 1) END;
        n := wanted[1 + floor(random() * cardinality(wanted))];
        IF array(SELECT mkt.members(got)) <> wanted
           OR got::text::mkt.tagmap <> got
           OR mkt.card(got) <> cardinality(wanted)
           OR mkt.tagmap_min(got) IS DISTINCT FROM wanted[1]
           OR mkt.tagmap_max(got) IS DISTINCT FROM wanted[cardinality(wanted)]
           OR (n IS NOT NULL AND NOT (got @> n AND mkt.tagmap_rank(got, n) = array_position(wanted, n)))
           OR (a @> b) <> (x @> y) OR (a && b) <> (x && y) OR (a < b) <> (x < y)
        THEN
            RETURN format('step %s: %s OPERATOR(mkt.%s) %s gives %s', step, a, op, b, got);
        END IF;
        x := CASE WHEN cardinality(wanted) BETWEEN 1 AND 60000 THEN wanted ELSE y END;
    END LOOP;
    RETURN format('%s steps right', steps);
END $$;
SELECT setseed((:seed % 1000000) / 1000000.0);
SELECT pg_temp.random_program(150);
