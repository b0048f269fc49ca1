-- tag_refresh: all tags of a source in one scan of it; what is computed and what is not (S0-036, S2-015)
SET search_path = mkt, public;
SET client_min_messages = warning;
\set SHOW_CONTEXT never
INSERT INTO customer (cid, customer_key, net, live) SELECT n, 'K' || n, CASE WHEN n % 3 = 0 THEN 'own' ELSE 'off' END, n % 10 > 0 FROM generate_series(1, 1000) AS n;
CREATE SEQUENCE public.scanned;
\set source '''SELECT c.cid, c.net, nextval(''''public.scanned'''') AS n FROM mkt.customer AS c'''
SELECT count(tag_define(v.code, v.kind, v.code, '中' || v.code, rule => v.rule, source => v.source, status => v.status)) AS tags
FROM (VALUES ('own', 'boolean', 's.net = ''own''', :source, 'online'), ('triple', 'numeric', 's.cid * 3', :source, 'online'), ('net', 'enum', 's.net', :source, 'online'),
             ('upper', 'boolean', 's.cid > 500', 'mkt.customer', 'online'), ('sketch', 'boolean', 'true', 'mkt.customer', 'draft'), ('old', 'boolean', 'true', 'mkt.customer', 'offline'),
             ('by_hand', 'boolean', NULL, NULL, 'online')) AS v(code, kind, rule, source, status);
SELECT tag_put('by_hand', '{1,2}') AS by_hand, tag_put('sketch', '{3}') AS sketch;
SELECT code, members, ms > 0 AS took_time FROM tag_refresh(as_of => '2026-11-02 02:00+08');
SELECT last_value AS rows_scanned FROM scanned;
SELECT code, members, refreshed_at = '2026-11-02 02:00+08' AS refreshed FROM tag WHERE class = 'custom' ORDER BY tag_id;
SELECT label, audience_count(format('net = %L', label)::tagexpr) FROM tag_label ORDER BY label;
-- only some of them; again, nothing changes and nothing is written
CREATE TEMP TABLE before AS SELECT b.ctid AS at, b.tag_id, b.slice, b.block FROM tag_block AS b;
SELECT code, members FROM tag_refresh('{triple,upper}');
SELECT count(*) AS rows, bool_and(b.ctid = k.at) AS untouched FROM tag_block AS b FULL JOIN before AS k USING (tag_id, slice, block);
-- a customer changes, a rule changes: whoever no longer fits is out
UPDATE customer SET net = 'own' WHERE cid = 1; DELETE FROM customer WHERE cid = 3; UPDATE tag SET rule = 's.cid > 990' WHERE code = 'upper';
SELECT audience_count('own') AS own_before, audience_count('upper') AS upper_before;
SELECT code, members FROM tag_refresh('{own,upper,live}');
SELECT has_tags(1, 'own') AS came, has_tags(3, 'own') AS gone, audience_count('upper') AS upper, audience_count('all') AS "all";
-- refusals; a rule that fails leaves every tag as it was
SELECT * FROM tag_refresh('{own,sketch}');
SELECT * FROM tag_refresh('{by_hand}');
SELECT * FROM tag_refresh('{nothing}');
SELECT count(*) AS none FROM tag_refresh('{}');
SELECT tag_define('broken', 'numeric', 'x', '坏', rule => '1 / (s.cid - 7)', source => 'mkt.customer') > 0 AS defined;
SELECT * FROM tag_refresh();
UPDATE tag SET rule = 's.no_such_column' WHERE code = 'broken';
SELECT * FROM tag_refresh();
UPDATE tag SET rule = 's.net' WHERE code = 'broken';
SELECT * FROM tag_refresh();
UPDATE tag SET rule = '1', source = 'mkt.no_such_table' WHERE code = 'broken';
SELECT * FROM tag_refresh();
UPDATE tag SET source = 'SELECT 1 AS cid UNION ALL SELECT 1' WHERE code = 'broken';
SELECT * FROM tag_refresh();
SELECT audience_count('upper') AS upper, audience_count('own') AS own;

-- the universe in step with the customers, in the same transaction
SELECT count(*) AS loaded FROM tag_refresh('{live,cell}');
BEGIN;
INSERT INTO customer (cid, customer_key, net, live) SELECT n, 'N' || n, 'own', n % 3 > 0 FROM generate_series(200000, 200009) AS n;
UPDATE customer SET live = false WHERE cid BETWEEN 11 AND 15;
DELETE FROM customer WHERE cid = 21;
SELECT audience_count('all') AS before, customer_follow(ARRAY(SELECT generate_series(200000, 200009)) || '{11,12,13,14,15,21,21,NULL,99}'::bigint[]) AS entries,
       customer_follow('{11,21,200001}') AS again, customer_follow(NULL) AS "null", customer_follow('{}') AS nobody;
SELECT audience('all') = (SELECT tagmap_agg(cid) FROM customer WHERE live) AS in_step, audience_count('all') = (SELECT count(*) FROM customer WHERE live) AS counted;
ROLLBACK;
SELECT audience('all') = (SELECT tagmap_agg(cid) FROM customer WHERE live) AS in_step_again;
