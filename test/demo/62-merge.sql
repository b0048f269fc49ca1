-- test/demo/62-merge.sql: two customers who turn out to be one. The busiest
-- two of one cell are merged and taken back, and nothing of that is kept; two who
-- have left long ago stay merged.
BEGIN;
SELECT (array_agg(c.cid))[1] AS keep, (array_agg(c.cid))[2] AS gone
FROM (SELECT o.cid FROM mkt.work_order AS o JOIN mkt.contact AS t ON t.cid = o.cid
      WHERE o.cell_id = (SELECT w.cell_id FROM mkt.work_order AS w WHERE w.cell_id IS NOT NULL GROUP BY w.cell_id HAVING count(DISTINCT w.cid) > 1
                         ORDER BY count(*) DESC, w.cell_id LIMIT 1)
      GROUP BY o.cid ORDER BY count(*) DESC, o.cid LIMIT 2) AS c \gset
CREATE TEMP TABLE portrait ON COMMIT DROP AS SELECT p.code, p.value FROM mkt.portrait(:gone) AS p;
SELECT mkt.customer_merge(:keep, :gone, 'same identity card', '2026-11-02 22:30+08') AS merge_id \gset
\echo what a merge moved
SELECT r.table_name, count(*) FILTER (WHERE r.before IS NOT NULL AND r.after IS NOT NULL) AS changed,
       count(*) FILTER (WHERE r.after IS NULL) AS removed, count(*) FILTER (WHERE r.before IS NULL) AS added
FROM mkt.customer_merge_row AS r WHERE r.merge_id = :merge_id
GROUP BY r.table_name ORDER BY min(r.seq);
SELECT mkt.customer_unmerge(:merge_id, '2026-11-02 22:31+08') \gset
SELECT count(*) AS tags_of_the_one_who_was_gone, count(*) FILTER (WHERE p.value IS DISTINCT FROM w.value) AS that_differ_now
FROM portrait AS w LEFT JOIN mkt.portrait(:gone) AS p ON p.code = w.code;
ROLLBACK;

SELECT mkt.customer_merge((array_agg(c.cid))[1], (array_agg(c.cid))[2], 'one contract under two numbers', '2026-11-02 22:40+08') AS merge_id
FROM (SELECT c.cid FROM mkt.customer AS c WHERE NOT c.live AND c.household_id IS NULL ORDER BY c.cid LIMIT 2) AS c;
