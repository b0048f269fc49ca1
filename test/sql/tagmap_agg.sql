-- tagmap_agg: aggregates; parallel = serial = window
SET search_path = mkt, public;

-- NULL is ignored; of no rows, sets are empty and the intersection is NULL
SELECT tagmap_agg(i) FROM (VALUES (3::bigint), (NULL), (1), (3), (2)) AS v (i);
SELECT tagmap_agg(i) AS agg FROM (VALUES (NULL::bigint)) AS v (i);
SELECT tagmap_agg(i::bigint) AS agg, tagmap_or_agg(t) AS "or", tagmap_xor_agg(t) AS "xor", tagmap_and_agg(t) IS NULL AS and_null
FROM (SELECT 1 AS i, '{}'::tagmap AS t WHERE false) AS nothing;
SELECT tagmap_or_agg(t) AS "or", tagmap_xor_agg(t) AS "xor", tagmap_and_agg(t) AS "and"
FROM (VALUES ('{1-5,100000}'::tagmap), (NULL), ('{4-8,100000}'), ('{5,100000,200000}')) AS v (t);
SELECT tagmap_or_agg(t) AS "or", tagmap_xor_agg(t) AS "xor", tagmap_and_agg(t) IS NULL AS and_null FROM (VALUES (NULL::tagmap)) AS v (t);
SELECT tagmap_agg(i) FROM (VALUES (1::bigint), (-1)) AS v (i);
SELECT tagmap_agg(i) FROM (VALUES (1::bigint), (1099511627776)) AS v (i);

-- order of arrival does not matter: ascending, descending, shuffled, repeated
WITH source AS (SELECT (i * 7919) % 300007 AS i FROM generate_series(0, 99999) AS i)
SELECT count(DISTINCT t) AS results, min(card(t)) AS members
FROM (SELECT tagmap_agg(i ORDER BY i) FROM source
      UNION ALL SELECT tagmap_agg(i ORDER BY i DESC) FROM source
      UNION ALL SELECT tagmap_agg(i ORDER BY hashint8(i)) FROM source
      UNION ALL SELECT tagmap_agg(i) FROM (SELECT i FROM source UNION ALL SELECT i FROM source) AS twice) AS v (t);
-- blocks in random order over the whole range
SELECT card(t), (SELECT count(*) FROM blocks(t)) AS blocks, tagmap_max(t)
FROM (SELECT tagmap_agg((i * 7046029254386353131::numeric % 1099511627776)::bigint) AS t
      FROM generate_series(1, 20000) AS i) AS wide;
-- whole blocks through a union and a symmetric difference
SELECT tagmap_or_agg(t) AS "or", tagmap_xor_agg(t) AS "xor"
FROM (VALUES ('{5}'::tagmap), ('{0-64511}'), ('{10-200000}'), ('{0-64511}'), ('{64512-129023}'), ('{7}')) AS v (t);

-- parallel: the same sets, in a plan with workers and partial aggregates
CREATE TABLE agg_source (cid bigint, grp int, t tagmap) WITH (parallel_workers = 2);
INSERT INTO agg_source
SELECT i * 3, i % 7, tagmap_range(i % 1000, i % 1000 + i % 97) | tagmap_range(i * 10, i * 10 + 3)
FROM generate_series(1, 60000) AS i;
ANALYZE agg_source;
CREATE TABLE agg_result (how text, agg tagmap, or_agg tagmap, xor_agg tagmap, and_agg tagmap);
SET max_parallel_workers_per_gather = 0;
INSERT INTO agg_result
SELECT 'serial', tagmap_agg(cid), tagmap_or_agg(t), tagmap_xor_agg(t), tagmap_and_agg(t | '{5,70000}') FROM agg_source;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET parallel_leader_participation = off;
EXPLAIN (COSTS OFF, VERBOSE)
SELECT tagmap_agg(cid), tagmap_or_agg(t), tagmap_xor_agg(t), tagmap_and_agg(t | '{5,70000}') FROM agg_source;
-- INSERT ... SELECT is never parallel: keep the answer in variables
SELECT tagmap_agg(cid) AS agg, tagmap_or_agg(t) AS or_agg, tagmap_xor_agg(t) AS xor_agg,
       tagmap_and_agg(t | '{5,70000}') AS and_agg
FROM agg_source \gset
INSERT INTO agg_result VALUES ('parallel', :'agg', :'or_agg', :'xor_agg', :'and_agg');
-- grouped, in parallel
EXPLAIN (COSTS OFF) SELECT grp, tagmap_agg(cid), tagmap_xor_agg(t) FROM agg_source GROUP BY grp;
SELECT md5(string_agg(grp || agg::text || x::text, ' ' ORDER BY grp)) AS parallel_groups
FROM (SELECT grp, tagmap_agg(cid) AS agg, tagmap_xor_agg(t) AS x FROM agg_source GROUP BY grp) AS v \gset
SET max_parallel_workers_per_gather = 0;
SELECT md5(string_agg(grp || agg::text || x::text, ' ' ORDER BY grp)) = :'parallel_groups' AS groups_agree
FROM (SELECT grp, tagmap_agg(cid) AS agg, tagmap_xor_agg(t) AS x FROM agg_source GROUP BY grp) AS v;
RESET parallel_leader_participation;

-- window over the whole table: one state, asked at the end
INSERT INTO agg_result
SELECT 'window', tagmap_agg(cid) OVER w, tagmap_or_agg(t) OVER w, tagmap_xor_agg(t) OVER w,
       tagmap_and_agg(t | '{5,70000}') OVER w
FROM agg_source WINDOW w AS () LIMIT 1;
SELECT count(*) AS ways, count(DISTINCT agg) + count(DISTINCT or_agg) + count(DISTINCT xor_agg) + count(DISTINCT and_agg) = 4 AS agree
FROM agg_result;
SELECT card(agg), card(or_agg), card(xor_agg), and_agg FROM agg_result WHERE how = 'serial';
-- an oracle without sets
SELECT card(agg) = (SELECT count(DISTINCT cid) FROM agg_source) AS agg_right,
       card(or_agg) = (SELECT count(DISTINCT m) FROM agg_source, members(t) AS m) AS or_right,
       card(xor_agg) = (SELECT count(*) FROM (SELECT m FROM agg_source, members(t) AS m GROUP BY m HAVING count(*) % 2 = 1) AS odd) AS xor_right
FROM agg_result WHERE how = 'serial';

-- running and moving frames: asking for a result does not disturb the state
SELECT i, tagmap_agg(i) OVER running AS agg, tagmap_xor_agg(t) OVER running AS "xor",
       tagmap_or_agg(t) OVER moving AS moving_or, tagmap_and_agg(t) OVER moving AS moving_and
FROM (SELECT i::bigint, tagmap_range(i, i + 2) AS t FROM generate_series(1, 6) AS i) AS v
WINDOW running AS (ORDER BY i), moving AS (ORDER BY i ROWS 1 PRECEDING) ORDER BY i;
-- out of order within the frame, past the lists' first sizes and into bits
SELECT count(*) AS frames,
       bool_and(card(t) = n AND t @> i) AS right
FROM (SELECT i, tagmap_agg(i) OVER w AS t, count(*) OVER w AS n
      FROM (SELECT (k * 7919) % 100003 AS i, k FROM generate_series(1, 3000) AS k) AS v
      WINDOW w AS (ORDER BY k)) AS frames;
SELECT bool_and(x = o) AS moving_agrees
FROM (SELECT tagmap_xor_agg(t) OVER w AS x,
             (SELECT tagmap_xor_agg(tagmap_range(j, j * 3)) FROM generate_series(greatest(i - 4, 1), i) AS j) AS o
      FROM (SELECT i, tagmap_range(i, i * 3) AS t FROM generate_series(1, 300) AS i) AS v
      WINDOW w AS (ORDER BY i ROWS 4 PRECEDING)) AS frames;

-- card() of a set stored out of line reads the directory only
CREATE TABLE agg_toast (t tagmap);
INSERT INTO agg_toast SELECT tagmap_agg(i * 2) FROM generate_series(0, 2000000) AS i;
CREATE FUNCTION pg_temp.pages(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ' || query INTO plan;
    RETURN (plan -> 0 -> 'Plan' ->> 'Shared Hit Blocks')::bigint + (plan -> 0 -> 'Plan' ->> 'Shared Read Blocks')::bigint;
END $$;
SELECT card(t), is_empty(t), length(t::bytea) AS bytes FROM agg_toast;
SELECT pg_temp.pages('SELECT t::bytea IS NULL FROM agg_toast') > 50 AS whole_value,
       pg_temp.pages('SELECT mkt.card(t) FROM agg_toast') < 15 AS directory_only;
DROP TABLE agg_source, agg_result, agg_toast;
