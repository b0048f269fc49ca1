-- tagmap_roaring: the public Roaring format, 32 and 64 bits wide
SET search_path = mkt, public;

-- pinned, by the format specification: cookie, containers, keys, offsets, bodies
SELECT encode(to_roaring('{}'), 'hex') AS empty;
SELECT encode(to_roaring('{1,5,9}'), 'hex') AS one_array;
SELECT encode(to_roaring('{10-19}'), 'hex') AS one_run;
SELECT encode(to_roaring('{1,65536,131072,196608}'), 'hex') AS four_arrays;
SELECT encode(to_roaring('{1,65536-65545,131072,196608}'), 'hex') AS with_a_run_and_offsets;
SELECT encode(to_roaring('{64511,64512,65535,65536}'), 'hex') AS our_blocks_are_not_theirs;
SELECT encode(to_roaring64('{}'), 'hex') AS empty;
SELECT encode(to_roaring64('{1,4294967296,1099511627775}'), 'hex') AS three_buckets;
SELECT length(b) AS bytes, encode(substr(b, 1, 24), 'hex') AS begins
FROM (SELECT to_roaring(tagmap_agg(i * 2)) AS b FROM generate_series(0, 32767) AS i) AS bitmap;

-- byte for byte what other programs write: the sums of the specification's own
-- sample files, bitmapwithruns.bin and portable_bitmap64.bin, built from the
-- numbers it says are in them
SELECT card(t), length(to_roaring(t)) AS bytes, from_roaring(to_roaring(t)) = t AS same,
       md5(to_roaring(t)) = 'a551ba54788ef4e52dcf74e3861886dc' AS like_the_public_file
FROM (SELECT tagmap_agg(i) AS t
      FROM (SELECT generate_series(0, 99000, 1000) UNION ALL SELECT generate_series(300000, 599997, 3)
            UNION ALL SELECT generate_series(700000, 799999)) AS v (i)) AS sample;
SELECT card(t), length(to_roaring64(t)) AS bytes, from_roaring64(to_roaring64(t)) = t AS same,
       md5(to_roaring64(t)) = '81228bf141ec63d6afedad20077456a9' AS like_the_public_file
FROM (SELECT tagmap_agg(base + i) AS t
      FROM (VALUES (0::bigint), (4294967296)) AS b (base),
           (SELECT generate_series(0, 36864) UNION ALL SELECT generate_series(40960, 65536)
            UNION ALL SELECT unnest(ARRAY[131072, 131077])
            UNION ALL SELECT generate_series(524288, 589822, 2)) AS v (i)) AS sample;

-- other programs may choose other containers for the same set
SELECT from_roaring('\x3a300000 01000000 00000200 10000000 0a000b000c00') AS run_as_array;
SELECT from_roaring('\x3b300000 01 00000000 0100 05000000') AS single_as_run;
SELECT from_roaring('\x3b300000 01 00000300 0200 05000100 07000100') AS touching_runs;
SELECT from_roaring('\x3b300000 00 00000000 0500') AS run_cookie_without_runs;
SELECT from_roaring('\x3a300000 00000000'), from_roaring64('\x0000000000000000');

-- ranges beyond 32 bits
SELECT to_roaring('{4294967295}') IS NOT NULL AS fits;
SELECT to_roaring('{4294967296}');
SELECT from_roaring64('\x0100000000000000 00010000 3a300000 01000000 00000000 10000000 0000');

-- hostile images
CREATE FUNCTION pg_temp.refusal(b bytea, wide boolean) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN 'accepted: ' || (CASE WHEN wide THEN mkt.from_roaring64(b) ELSE mkt.from_roaring(b) END)::text;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT what, pg_temp.refusal(b, wide)
FROM (VALUES
    (1, 'nothing', false, ''::bytea),
    (2, 'half a cookie', false, '\x3a30'),
    (3, 'unknown cookie', false, '\x39300000 00000000'),
    (4, 'no count', false, '\x3a300000'),
    (5, 'too many containers', false, '\x3a300000 01000100'),
    (6, 'more containers than bytes', false, '\x3a300000 00000100'),
    (7, 'flags cut off', false, '\x3b30ffff 00'),
    (8, 'array cut off', false, '\x3a300000 01000000 00000200 10000000 0a000b00'),
    (9, 'trailing byte', false, '\x3a300000 01000000 00000000 10000000 0a00 00'),
    (10, 'wrong offset', false, '\x3a300000 01000000 00000000 11000000 0a00'),
    (11, 'keys not ascending', false, '\x3a300000 02000000 01000000 00000000 18000000 1a000000 0a00 0a00'),
    (12, 'array not ascending', false, '\x3a300000 01000000 00000100 10000000 0a000a00'),
    (13, 'runs overlap', false, '\x3b300000 01 00000400 0200 05000200 07000100'),
    (14, 'run leaves the container', false, '\x3b300000 01 00000100 0100 ffff0100'),
    (15, 'run count too small', false, '\x3b300000 01 00000100 0100 05000500'),
    (16, 'run list cut off', false, '\x3b300000 01 00000100 ffff 05000500'),
    (17, 'no runs', false, '\x3b300000 01 00000000 0000'),
    (18, 'bitmap cut off', false, '\x3a300000 01000000 0000ffff 10000000' || decode(repeat('ff', 8191), 'hex')),
    (19, 'bitmap of other count', false, '\x3a300000 01000000 0000feff 10000000' || decode(repeat('ff', 8192), 'hex')),
    (20, '64 bit: nothing', true, ''),
    (21, '64 bit: bucket missing', true, '\x0200000000000000 00000000 3a300000 00000000'),
    (22, '64 bit: 2^64 - 1 buckets', true, '\xffffffffffffffff'),
    (23, '64 bit: buckets not ascending', true, '\x0200000000000000 00000000 3a30000000000000 00000000 3a30000000000000'),
    (24, '64 bit: trailing bytes', true, '\x0000000000000000 00'),
    (25, 'a flag too many', false, '\x3b300000 03 00000000 0100 05000000'),
    (26, '64 bit: read as 32 bit', false, '\x0000000000000000')
) AS v (id, what, wide, b) ORDER BY id;

-- every truncation and every changed bit is answered, and never believed
WITH image AS (SELECT to_roaring(tagmap '{1,65536-65545,131072,196608}') AS b)
SELECT count(*) AS cuts, count(*) FILTER (WHERE pg_temp.refusal(substr(b, 1, n), false) LIKE '22P03 %') AS refused
FROM image, generate_series(0, length(b) - 1) AS n;
WITH image AS (SELECT to_roaring64(tagmap '{1,65536-65545,4294967296}') AS b)
SELECT count(*) AS changes,
       count(*) FILTER (WHERE answer LIKE '22P03 %' OR answer LIKE '22003 %' OR answer LIKE 'accepted: %') AS answered,
       count(*) FILTER (WHERE answer = 'accepted: {1,65536-65545,4294967296}') AS the_same
FROM (SELECT pg_temp.refusal(set_byte(b, n, get_byte(b, n) # (1 << bit)), true) AS answer
      FROM image, generate_series(0, length(b) - 1) AS n, generate_series(0, 7) AS bit) AS v;
