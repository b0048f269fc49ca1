-- tag_write: defining tags, writing sets and values, how they are stored (S0-036, S2-015)
SET search_path = mkt, public;
SET client_min_messages = warning;
\set SHOW_CONTEXT never

-- defining
SELECT tag_define('a', 'boolean', 'A', '甲') > 0 AS defined, tag_define('arpu', 'numeric', 'Charges', '出账', scale => 2, unit => '元') > 0 AS numeric,
       tag_define('contract', 'enum', 'Contract', '合约', labels => '{month,year}', labels_zh => '{月付,年付}') > 0 AS enum;
SELECT tag_define('a', 'boolean', 'A better name', '甲组', class => 'test') = (SELECT tag_id FROM tag WHERE code = 'a') AS same_tag;
SELECT code, name, name_zh, kind, scale, bias, slices, class, status, is_system, members FROM tag WHERE class <> 'feedback' ORDER BY tag_id;
SELECT t.code, l.value, l.label, l.label_zh FROM tag_label AS l JOIN tag AS t USING (tag_id) ORDER BY 1, 2;
SELECT tag_define('Bad Code', 'boolean', 'x', 'x');
SELECT tag_define('and', 'boolean', 'x', 'x');
SELECT tag_define('b', 'boolean', 'x', NULL);
SELECT tag_define('b', 'boolean', 'x', '甲组');
SELECT tag_define('b', 'boolean', 'x', 'arpu');
\set VERBOSITY terse
SELECT tag_define('b', 'fuzzy', 'x', 'x');
SELECT tag_define('b', 'boolean', 'x', 'x', scale => 2);
SELECT tag_define('b', 'boolean', 'x', 'x', status => 'old');
SELECT tag_define('b', 'boolean', 'x', 'x', rule => 's.x');
\set VERBOSITY default
SELECT tag_define('b', 'enum', 'x', 'x', labels => '{a,b}', labels_zh => '{a}');
SELECT tag_define('b', 'boolean', 'x', 'x', labels => '{a}');
SELECT tag_define('a', 'numeric', 'x', 'x');
SELECT tag_define('live', 'boolean', 'x', 'x');

-- sets: written, changed block by block, counted
SELECT tag_put('a', '{1-10,64512,200000}') AS put, tag_put('live', tagmap_range(0, 300000)) AS live;
SELECT tag_add('a', '{10,11,64513}') AS added, tag_remove('a', '{1,2,3,999,200000}') AS removed, tag_add('甲组', '{}') AS none;
SELECT members, audience('a') FROM tag WHERE code = 'a';
SELECT slice, block, b.members FROM tag_block AS b JOIN tag USING (tag_id) WHERE code = 'a' ORDER BY 1, 2;
SELECT tag_put('a', '{5}') AS put;
SELECT slice, block, b.members FROM tag_block AS b JOIN tag USING (tag_id) WHERE code = 'a' ORDER BY 1, 2;
SELECT tag_put('a', '{}') AS put, count(*) AS rows FROM tag_block JOIN tag USING (tag_id) WHERE code = 'a';
SELECT count(*) AS rows_of_an_empty_tag FROM tag_block JOIN tag USING (tag_id) WHERE code = 'a';
SELECT tag_put('a', '{7}', '2026-11-01 10:00+08') AS put, tag_put(NULL, '{}') AS "null", tag_put('a', NULL) AS "null";
SELECT refreshed_at AT TIME ZONE 'Asia/Shanghai' AS refreshed_at FROM tag WHERE code = 'a';
-- what would not change is not written: the row stays where it is
SELECT b.ctid AS at FROM tag_block AS b JOIN tag USING (tag_id) WHERE code = 'a' \gset
SELECT tag_put('a', '{7}') AS put, tag_add('a', '{7}') AS added, tag_remove('a', '{8}') AS removed;
SELECT b.ctid = :'at' AS untouched FROM tag_block AS b JOIN tag USING (tag_id) WHERE code = 'a';

-- refusals
SELECT tag_put('b', '{}');
SELECT tag_add('arpuu', '{}');
SELECT tag_add('出帐', '{}');
SELECT tag_add('something else entirely', '{}');
SELECT tag_put('arpu', '{1}');
SELECT tag_add('arpu', '{1}');

-- values: signed, scaled, sliced
SELECT tag_put_values('arpu', 'SELECT v.cid, v.value FROM (VALUES (1::bigint, 12.345), (2, -3), (3, NULL), (70000, 0), (5, 99.99)) AS v(cid, value)') AS put;
SELECT bias, slices, members FROM tag WHERE code = 'arpu';
SELECT * FROM tag_values('arpu');
SELECT slice, block, b.members FROM tag_block AS b JOIN tag USING (tag_id) WHERE code = 'arpu' AND slice IN (0, 1) ORDER BY 1, 2;
SELECT tag_remove('arpu', '{2,70000}') AS removed;
SELECT * FROM tag_values('arpu');
SELECT count(*) AS left_over FROM tag_block AS b JOIN tag AS t USING (tag_id) WHERE code = 'arpu' AND b.members && '{2,70000}';
SELECT tag_put_values('arpu', 'SELECT 4, 7') AS one_value, (SELECT slices FROM tag WHERE code = 'arpu') AS before;
SELECT bias, slices, (SELECT count(*) FROM tag_block AS b WHERE b.tag_id = t.tag_id) AS rows FROM tag AS t WHERE code = 'arpu';
SELECT tag_put_values('arpu', 'SELECT 1, 1 WHERE false') AS nobody;
SELECT bias, slices, (SELECT count(*) FROM tag_block AS b WHERE b.tag_id = t.tag_id) AS rows FROM tag AS t WHERE code = 'arpu';
-- any kind of number; booleans for boolean tags; labels for enums, new ones are added
SELECT tag_put_values('arpu', 'SELECT 1::bigint, 1.5::float8') AS float8, tag_put_values('arpu', 'SELECT 1, 2::smallint') AS int2,
       tag_put_values('arpu', 'SELECT 1, 1.5::real') AS float4, tag_put_values('a', 'SELECT i, i % 2 = 0 FROM generate_series(0, 9) AS i') AS booleans,
       tag_put_values('contract', 'SELECT i::bigint, (ARRAY[''month'', ''年付'', ''forever''])[i] FROM generate_series(1, 4) AS i') AS labels;
SELECT audience('a') AS a, audience($$contract = '月付'$$) AS month, audience($$contract = 'year'$$) AS year, audience($$contract = 'forever'$$) AS forever;
SELECT value, label, label_zh FROM tag_label JOIN tag USING (tag_id) WHERE code = 'contract' ORDER BY 1;
-- the greatest numbers there are
SELECT tag_define('big', 'numeric', 'Big', '大数') > 0 AS defined;
SELECT tag_put_values('big', 'VALUES (1, -2305843009213693951), (2, 2305843009213693951), (3, 0)') AS put;
SELECT slices FROM tag WHERE code = 'big';
SELECT *, audience('big >= 2305843009213693951') AS greatest, audience('big < 0') AS negative, audience('big > -1e30') AS "all", audience('big > 1e30') AS none FROM tag_values('big');
-- refusals
SELECT tag_put_values('arpu', 'SELECT 1, 23058430092136939.52');
SELECT tag_put_values('big', 'SELECT 1, 2305843009213693952');
SELECT tag_put_values('big', 'SELECT 1, ''NaN''::numeric');
SELECT tag_put_values('big', 'SELECT 1, ''-infinity''::float8');
SELECT tag_put_values('arpu', 'SELECT -1, 1');
SELECT tag_put_values('arpu', 'SELECT 1099511627776, 1');
SELECT tag_put_values('arpu', 'SELECT NULL::bigint, 1');
SELECT tag_put_values('arpu', 'SELECT i, 1 FROM unnest(ARRAY[1, 2, 1]) AS i');
SELECT tag_put_values('arpu', 'SELECT 1');
SELECT tag_put_values('arpu', 'SELECT 1, 2, 3');
SELECT tag_put_values('arpu', 'SELECT 1, ''x''');
SELECT tag_put_values('arpu', 'SELECT ''x'', 1');
SELECT tag_put_values('arpu', 'SELECT 1, true');
SELECT tag_put_values('a', 'SELECT 1, 1');
SELECT tag_put_values('contract', 'SELECT 1, true');
SELECT tag_put_values('contract', 'SELECT 1, repeat(''x'', 256)');
SELECT tag_put_values('arpu', 'SELECT 1, 1; DROP TABLE mkt.tag');
SELECT tag_put_values('arpu', 'DELETE FROM mkt.tag RETURNING 1, 1');
SELECT tag_put_values('arpu', 'SELECT 1, $1');
SELECT tag_put_values('arpu', 'SELECT 1, 1/0');
SELECT tag_put_values('nothing', 'SELECT 1, 1');
-- none of these changed anything
SELECT * FROM tag_values('arpu');

-- rows in any order, more than memory holds, equal rows in order; two orders, the same bytes
SET maintenance_work_mem = '1MB';
SELECT tag_put_values('arpu', 'SELECT i, (hashint8(i) % 10000) / 100.0 FROM generate_series(0, 199999) AS i') AS in_order;
CREATE TABLE first AS SELECT b.* FROM tag_block AS b JOIN tag USING (tag_id) WHERE code = 'arpu';
SELECT tag_put_values('arpu', 'SELECT 1, 1') AS between;
SELECT tag_put_values('arpu', 'SELECT i, (hashint8(i) % 10000) / 100.0 FROM generate_series(0, 199999) AS i ORDER BY hashint8(i + 1)') AS shuffled;
SELECT count(*) AS rows, bool_and(f.members = b.members) AS equal FROM first AS f FULL JOIN (SELECT b.* FROM tag_block AS b JOIN tag USING (tag_id) WHERE code = 'arpu') AS b USING (tag_id, slice, block);
SELECT count(*) AS wrong FROM tag_values('arpu') AS v WHERE v.value <> round((hashint8(v.cid) % 10000) / 100.0, 2);
SELECT tag_put_values('arpu', 'SELECT i % 100000, 1 FROM generate_series(0, 199999) AS i');
RESET maintenance_work_mem;

-- random values of all magnitudes and both signs, rows in four orders: the same bytes, and every value as it was
\if :{?seed}
\else
\set seed 20261101
\endif
SELECT :seed AS seed;
CREATE TABLE drawn AS
SELECT (i * 19)::bigint AS cid, ((hashint8extended(i, :seed) >> (hashint8extended(i, :seed + 1) & 63)::integer) >> 6) / 100.0 AS value
FROM generate_series(0, 9999) AS i;
CREATE FUNCTION pg_temp.stored(ordering text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tag_put_values('arpu', 'SELECT 5, 5');
    PERFORM tag_put_values('arpu', 'SELECT cid, value FROM drawn ORDER BY ' || ordering);
    RETURN (SELECT md5(string_agg(b.slice || ' ' || b.block || ' ' || b.members::text, ',' ORDER BY b.slice, b.block))
            FROM tag_block AS b JOIN tag AS t USING (tag_id) WHERE t.code = 'arpu');
END $$;
SELECT count(DISTINCT pg_temp.stored(o)) AS different FROM unnest(ARRAY['cid', 'cid DESC', 'value', 'hashint8(cid)']) AS o;
SELECT count(*) AS rows, count(*) FILTER (WHERE d.value = v.value) AS right FROM drawn AS d FULL JOIN tag_values('arpu') AS v USING (cid);

-- storage: one page, inline, never TOAST, whatever the bits
SELECT tag_put('a', (SELECT tagmap_agg(i) FROM generate_series(0, 200000) AS i WHERE hashint8(i) % 2 = 0)) > 90000 AS worst_case;
SELECT c.reltoastrelid = 0 AS no_toast_table, a.attstorage AS storage,
       (SELECT max(pg_column_size(b.members)) FROM tag_block AS b) AS largest_set,
       (SELECT bool_and(pg_column_compression(b.members) IS NULL) FROM tag_block AS b) AS never_compressed,
       (SELECT bool_and(pg_column_size(b.*) <= 8160) FROM tag_block AS b) AS fits_a_page
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'members' WHERE c.oid = 'mkt.tag_block'::regclass;
INSERT INTO tag_block VALUES (1, 0, 99, '{1}');
INSERT INTO tag_block VALUES (1, 0, 99, '{}');
INSERT INTO tag_block VALUES (1, 0, 0, '{1,64512}');
INSERT INTO tag_block VALUES (1, 0, -1, '{1}');
INSERT INTO tag_block VALUES (1, -1, 0, '{1}');
INSERT INTO tag_block VALUES (999, 0, 0, '{1}');

-- deleting a tag takes its blocks along; nothing is written to a table of that name elsewhere
DELETE FROM tag WHERE code = 'arpu';
SELECT count(*) AS orphans FROM tag_block AS b WHERE NOT EXISTS (SELECT FROM tag AS t WHERE t.tag_id = b.tag_id);
CREATE TEMP TABLE tag_block (tag_id int, slice smallint, block int, members tagmap);
SELECT tag_add('a', '{1,299999}') AS added, (SELECT count(*) FROM pg_temp.tag_block) AS fooled;

-- a savepoint takes the change back, the count with it
SELECT members AS before FROM tag WHERE code = 'a' \gset
BEGIN;
SAVEPOINT s;
SELECT tag_remove('a', tagmap_range(0, 300000)) > 0 AS removed;
ROLLBACK TO s;
COMMIT;
SELECT members = :before AND members = card(audience('a')) AS back FROM tag WHERE code = 'a';
