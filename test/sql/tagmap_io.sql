-- tagmap_io: what the type accepts, what it refuses, and its bytes
SET search_path = mkt, public;

-- good text: sorted, folded, three or more in a row become a range
SELECT '{3,1,2,2}'::tagmap;
SELECT '{}'::tagmap, ' { } '::tagmap, '{ 7 - 9 , 5,1 }'::tagmap, E'{1,\n\t2}'::tagmap;
SELECT '{1,2}'::tagmap, '{1-2}'::tagmap, '{1-3,4,5-5}'::tagmap, '{007}'::tagmap, '{0}'::tagmap;
SELECT '{1099511627775}'::tagmap, '{1099511627774-1099511627775,0}'::tagmap;
-- a range may cross blocks of 64,512 customers, in and out
SELECT '{64510-64513,129023,129024,129025}'::tagmap, '{0-200000}'::tagmap;
SELECT '{9,5-8,1-6}'::tagmap AS overlapping, '{4,5,6,2,1}'::tagmap AS around_a_gap;

-- refused, each with what is wrong and where
SELECT ''::tagmap;
SELECT '1,2'::tagmap;
SELECT '{1'::tagmap;
SELECT '{1,,2}'::tagmap;
SELECT '{,1}'::tagmap;
SELECT '{1,}'::tagmap;
SELECT '{1} x'::tagmap;
SELECT '{1}{2}'::tagmap;
SELECT '{a}'::tagmap;
SELECT '{+1}'::tagmap;
SELECT '{1.5}'::tagmap;
SELECT '{1 2}'::tagmap;
SELECT '{5-}'::tagmap;
SELECT '{9-5}'::tagmap;
SELECT '{-}'::tagmap;
SELECT '{客户}'::tagmap;
SELECT '{-1}'::tagmap;
SELECT '{1--1}'::tagmap;
SELECT '{1099511627776}'::tagmap;
SELECT '{5-99999999999999999999999999}'::tagmap;
SELECT '{0-1099511627775}'::tagmap;
\set VERBOSITY sqlstate
SELECT '{1,,2}'::tagmap;
SELECT '{-1}'::tagmap;
SELECT '{0-1099511627775}'::tagmap;
\set VERBOSITY default

-- stored and wire bytes are pinned: head, directory, payloads
-- the wire format is the stored bytes without the length word
SELECT encode(tagmap_send('{}'), 'hex') AS empty;
SELECT encode(tagmap_send('{1}'), 'hex') AS array_of_one;
SELECT encode(tagmap_send('{1,2}'), 'hex') AS array_as_small_as_a_run;
SELECT encode(tagmap_send('{1-3}'), 'hex') AS run;
SELECT encode(tagmap_send('{1,5,7-9}'), 'hex') AS array_of_five;
SELECT encode(tagmap_send('{1,65536}'), 'hex') AS two_blocks;
SELECT encode(tagmap_send('{0-64511}'), 'hex') AS full_block;
SELECT encode(tagmap_send('{1099511627775}'), 'hex') AS greatest;
SELECT length(b) AS bitmap_bytes, encode(substr(b, 1, 28), 'hex') AS begins, md5(b)
FROM (SELECT tagmap_send(tagmap_agg(i * 2)) AS b FROM generate_series(0, 32255) AS i) AS bitmap;

-- a container that saves half of a bitmap, at each boundary. A directory entry is block,
-- members, runs; the payload begins 12 bytes into the wire format
CREATE FUNCTION pg_temp.container(t tagmap) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN get_byte(b, 10) + get_byte(b, 11) > 0
                THEN get_byte(b, 10) + 256 * get_byte(b, 11) || ' runs'
                WHEN get_byte(b, 8) + 256 * get_byte(b, 9) <= 2016 THEN 'array' ELSE 'bitmap' END
        || ', ' || length(b) - 12 || ' bytes, ' || encode(substr(b, 13, 8), 'hex')
    FROM (SELECT mkt.tagmap_send(t) AS b) AS wire
$$;
SELECT n AS members, step, pg_temp.container(tagmap_agg(i * step))
FROM (VALUES (1, 1), (2, 1), (3, 1), (64512, 1), (4, 2), (5, 2), (2016, 2), (2017, 2), (2016, 16), (2017, 16)) AS v (n, step),
     LATERAL generate_series(0, n - 1) AS i
GROUP BY n, step ORDER BY n, step;
-- as many bytes as runs need, an array is taken; 1008 runs are half a bitmap
SELECT runs, length, pg_temp.container(tagmap_agg(i / length * 32 + i % length))
FROM (VALUES (1, 2), (1, 3), (700, 2), (700, 3), (1008, 2), (1008, 3), (1009, 2), (1009, 3)) AS v (runs, length),
     LATERAL generate_series(0, runs * length - 1) AS i
GROUP BY runs, length ORDER BY runs, length;

-- every way out leads back in
CREATE TABLE io_sample (id int, t tagmap);
INSERT INTO io_sample VALUES (1, '{}'), (2, '{0}'), (3, '{1,5,7-9}'), (4, '{0-64511}'), (5, '{64511-64513}'),
    (6, '{1099511627775}'), (7, '{5-300000,1000000-1000001}');
INSERT INTO io_sample SELECT 8, tagmap_agg(i * 2) FROM generate_series(0, 100000) AS i;
INSERT INTO io_sample SELECT 9, tagmap_agg(i * 977) FROM generate_series(0, 100000) AS i;
INSERT INTO io_sample SELECT 10, tagmap_agg(i / 8 * 32 + i % 8) FROM generate_series(0, 100000) AS i;
SELECT count(*) AS kept FROM io_sample
WHERE t::text::tagmap = t
  AND t::bytea::tagmap = t
  AND tagmap_send(t::bytea::tagmap) = tagmap_send(t)
  AND array(SELECT members(t))::tagmap = t
  AND from_roaring64(to_roaring64(t)) = t;
-- binary COPY: tagmap_send and tagmap_recv
CREATE TABLE io_copy (id int, t tagmap);
\copy io_sample TO 'results/tagmap_io.bin' (FORMAT binary)
\copy io_copy FROM 'results/tagmap_io.bin' (FORMAT binary)
SELECT count(*) AS copied FROM io_sample AS s JOIN io_copy AS c USING (id) WHERE s.t = c.t;

-- arrays
SELECT ARRAY[5, 3, 3, 4]::bigint[]::tagmap, '{}'::bigint[]::tagmap, ARRAY[[1, 2], [3, 4]]::bigint[]::tagmap;
SELECT ARRAY[1, NULL]::bigint[]::tagmap;
SELECT ARRAY[-1]::bigint[]::tagmap;
SELECT ARRAY[1099511627776]::tagmap;

-- ranges: both ends included
SELECT tagmap_range(3, 7), tagmap_range(5, 5), tagmap_range(5, 6), tagmap_range(5, 4),
       tagmap_range(64511, 64513), tagmap_range(0, 1000000);
SELECT tagmap_range(-1, 5);
SELECT tagmap_range(0, 1099511627776);
SELECT tagmap_range(0, 1099511627775);

-- hostile bytes: refused by the cast and by binary COPY alike, never believed
CREATE TABLE io_hostile (id int, what text, b bytea);
INSERT INTO io_hostile VALUES
    (1, 'nothing', ''),
    (2, 'half a head', '\x0100'),
    (3, 'unknown format', '\x02000000'),
    (4, 'directory cut off', '\x01010000 0000000001'),
    (5, 'more blocks than bytes', '\x01ffffff 0000000001000000 0100000000000000'),
    (6, 'payload cut off', '\x01010000 0000000001000000 01000000'),
    (7, 'trailing byte', '\x01010000 0000000001000000 0100000000000000 00'),
    (8, 'padding not zero', '\x01010000 0000000001000000 0100010000000000'),
    (9, 'no members', '\x01010000 0000000000000000'),
    (10, 'too many members', '\x01010000 00000000 01fc 0000' || decode(repeat('ff', 8064), 'hex')),
    (11, 'array not ascending', '\x01010000 0000000002000000 0500050000000000'),
    (12, 'array leaves the block', '\x01010000 0000000001000000 00fc000000000000'),
    (13, 'run stored as array', '\x01010000 0000000003000000 0100020003000000'),
    (14, 'array stored as run', '\x01010000 0000000002000100 0100010000000000'),
    (15, 'run of other length', '\x01010000 0000000005000100 0100020000000000'),
    (16, 'runs touch', '\x01010000 0000000006000200 0100020004000200'),
    (17, 'runs overlap', '\x01010000 0000000008000200 0100030003000300'),
    (18, 'run leaves the block', '\x01010000 0000000003000100 fefb020000000000'),
    (19, 'blocks not ascending', '\x01020000 0100000001000000 0000000001000000 0100000000000000 0100000000000000'),
    (20, 'block twice', '\x01020000 0100000001000000 0100000001000000 0100000000000000 0100000000000000'),
    (21, 'block beyond the last', '\x01010000 5210040101000000 0100000000000000'),
    (22, 'member beyond the last', '\x01010000 5110040101000000 0040000000000000'),
    (23, 'too many runs', '\x01010000 00000000 00fc e007' || decode(repeat('00', 8064), 'hex'));
-- bitmaps: a wrong count, and one that should be a run container
INSERT INTO io_hostile
SELECT 24, 'bitmap of other count', set_byte(b, 8, get_byte(b, 8) # 1)
FROM (SELECT tagmap_send(tagmap_agg(i * 2)) AS b FROM generate_series(0, 32255) AS i) AS bitmap;
INSERT INTO io_hostile
SELECT 25, 'bitmap of one run', '\x01010000 00000000 00fc 0000' || decode(repeat('ff', 8064), 'hex');
INSERT INTO io_hostile
SELECT 26, 'bitmap cut off', substr(b, 1, length(b) - 8)
FROM (SELECT tagmap_send(tagmap_agg(i * 2)) AS b FROM generate_series(0, 32255) AS i) AS bitmap;

CREATE FUNCTION pg_temp.refusal(b bytea) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN 'accepted: ' || (b::mkt.tagmap)::text;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT id, what, pg_temp.refusal(b) FROM io_hostile ORDER BY id;

-- binary COPY refuses them alike: all of these bytes, and every truncation of valid ones. A bytea dumped in binary is the
-- input of tagmap_recv; the server itself writes and reads the file
CREATE FUNCTION pg_temp.copied(b bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    file text := current_setting('data_directory') || '/tagmap_io.bin';
BEGIN
    TRUNCATE io_wire;
    INSERT INTO io_wire VALUES (b);
    EXECUTE format('COPY io_wire TO %L (FORMAT binary)', file);
    EXECUTE format('COPY io_landing FROM %L (FORMAT binary)', file);
    RETURN 'accepted: ' || (SELECT t FROM io_landing ORDER BY ctid DESC LIMIT 1)::text;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
CREATE TABLE io_wire (b bytea);
CREATE TABLE io_landing (t tagmap);
SELECT count(*) AS hostile, count(*) FILTER (WHERE pg_temp.copied(b) IS DISTINCT FROM pg_temp.refusal(b)) AS otherwise FROM io_hostile;
SELECT count(*) AS cuts, count(*) FILTER (WHERE pg_temp.copied(substr(s.t::bytea, 1, n)) NOT LIKE '22P03 %') AS believed
FROM io_sample AS s, generate_series(0, length(s.t::bytea) - 1) AS n WHERE s.id IN (3, 5);
SELECT pg_temp.copied(t::bytea) FROM io_sample WHERE id = 3;
-- and by psql
TRUNCATE io_landing, io_wire; INSERT INTO io_wire SELECT b FROM io_hostile WHERE id = 25;
\copy io_wire TO 'results/tagmap_io.bin' (FORMAT binary)
\copy io_landing FROM 'results/tagmap_io.bin' (FORMAT binary)
SELECT count(*) AS landed FROM io_landing;

-- every truncation of a valid value, and every byte changed in it, is refused
-- or gives another valid value: never the same, never a crash
SELECT id, count(*) AS cuts,
       count(*) FILTER (WHERE pg_temp.refusal(substr(b, 1, n)) LIKE '22P03 %') AS refused
FROM (SELECT id, t::bytea AS b FROM io_sample WHERE id IN (3, 4, 5, 7)) AS v,
     LATERAL generate_series(0, length(b) - 1) AS n
GROUP BY id ORDER BY id;
SELECT id, count(*) AS changes,
       count(*) FILTER (WHERE result LIKE '22P03 %' OR result LIKE 'accepted: %') AS answered,
       count(*) FILTER (WHERE result = 'accepted: ' || t::text) AS the_same
FROM (SELECT id, t, pg_temp.refusal(set_byte(t::bytea, n, get_byte(t::bytea, n) # (1 << bit))) AS result
      FROM io_sample, LATERAL generate_series(0, length(t::bytea) - 1) AS n, generate_series(0, 7) AS bit
      WHERE id IN (3, 4, 5, 7)) AS v
GROUP BY id ORDER BY id;

-- where values live: never compressed, out of line if large; inline and at most
-- 8,080 bytes if they are one block
SELECT typalign, typstorage, typlen FROM pg_type WHERE oid = 'mkt.tagmap'::regtype;
SELECT max(pg_column_size(members)) AS largest FROM io_sample, blocks(t);
SELECT pg_column_size(t) = length(t::bytea) AS not_compressed FROM io_sample WHERE id = 8;

DROP TABLE io_sample, io_copy, io_hostile, io_landing, io_wire;
