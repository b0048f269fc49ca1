-- tag_value: one customer's value changed in place, against rows (S2-015)
SET search_path = mkt, public;
SET client_min_messages = warning;
\set SHOW_CONTEXT never
\if :{?seed}
\else
\set seed 20261101
\endif
SELECT :seed AS seed, setseed((:seed % 1000000) / 1000000.0);
SELECT count(tag_define(v.code, v.kind, v.code, '中' || v.code, scale => v.scale, labels => v.labels)) AS tags
FROM (VALUES ('v', 'numeric', 2, NULL), ('w', 'numeric', 0, NULL), ('hue', 'enum', 0, '{red,green,blue}'::text[]), ('flag', 'boolean', 0, NULL)) AS v(code, kind, scale, labels);
SELECT tag_put('live', tagmap_range(0, 300000), '2026-10-01') AS live;
CREATE VIEW public.shape AS SELECT code, bias, slices, members FROM tag WHERE code IN ('v', 'w', 'hue') ORDER BY code;
CREATE VIEW public.rows AS SELECT t.code, b.slice, b.block, b.ctid AS at, b.members FROM tag_block AS b JOIN tag AS t USING (tag_id);

-- nothing yet; above the slices; below the bias; rounded; gone
SELECT tag_put_value('v', 7, 10) AS first; TABLE public.shape;
SELECT tag_put_value('v', 7, 10.004) AS same, tag_put_value('v', 70000, 10.02) AS above; TABLE public.shape;
SELECT tag_put_value('v', 9, 9.995) AS rounded, tag_put_value('v', 8, 9.98) AS below; TABLE public.shape;
SELECT * FROM tag_values('v');
SELECT tag_put_value('v', 9, 9.99) AS fits, tag_put_value('v', 9, NULL) AS gone, tag_put_value('v', 9, NULL) AS still, tag_put_value('v', 200000, NULL) AS never; TABLE public.shape;
SELECT * FROM tag_values('v');
SELECT tag_put_value('v', 7, NULL), tag_put_value('v', 8, NULL), tag_put_value('v', 70000, NULL);
SELECT count(*) AS rows FROM public.rows WHERE code = 'v';
SELECT tag_put_value('v', 7, -3) AS anew; TABLE public.shape;
-- only the slices whose bit changes: 1001 to 1010 are two bits and a row each, the block next door stays
SELECT tag_put_values('w', 'SELECT i, i % 64 FROM generate_series(0, 130000) AS i') AS loaded;
CREATE TABLE public.before AS TABLE public.rows;
SELECT tag_put_value('w', 9, 10) AS changed;
SELECT slice, block, r.at <> b.at AS moved, r.members # b.members AS flipped FROM public.rows AS r JOIN public.before AS b USING (code, slice, block) WHERE r.at <> b.at ORDER BY 1, 2;
SELECT tag_put_value('w', 9, 10) AS again;
SELECT count(*) AS moved FROM public.rows AS r JOIN public.before AS b USING (code, slice, block) WHERE r.at <> b.at;
-- the bias falls by 64, the next power of two: the six slices stay but for this customer, a seventh holds all others
SELECT tag_put_value('w', 64512, -40) AS changed; TABLE public.shape;
SELECT slice, block, card(r.members # b.members) AS flipped, card(r.members) AS members FROM public.rows AS r LEFT JOIN public.before AS b USING (code, slice, block) WHERE code = 'w' AND r.at IS DISTINCT FROM b.at ORDER BY 1, 2;
SELECT count(*) AS customers, count(*) FILTER (WHERE value IS DISTINCT FROM CASE cid WHEN 9 THEN 10 WHEN 64512 THEN -40 ELSE cid % 64 END) AS wrong FROM tag_values('w');

-- the ends of all numbers
SELECT tag_put_values('w', 'VALUES (1, 5)'), tag_put_value('w', 2, 2305843009213693951), tag_put_value('w', 3, -2305843009213693951), tag_put_value('w', 4, -2305843009213693950), tag_put_value('w', 100000, 0);
TABLE public.shape;
SELECT * FROM tag_values('w');
SELECT tag_put_values('w', 'VALUES (1, 2305843009213693951)'), tag_put_value('w', 2, -2305843009213693951);
SELECT * FROM tag_values('w');

-- labels by their numbers
SELECT tag_put_value('hue', 5, 1) AS green, tag_put_value('hue', 6, 0) AS red, tag_put_value('hue', 6, 2) AS blue; TABLE public.shape;
SELECT audience($$hue = 'green'$$) AS green, audience($$hue = 'red'$$) AS red, audience($$hue <> 'red'$$) AS others;

-- a random program: values near and far, some taken away
SELECT tag_keep_history('v', as_of => '2030-01-01') = '2030-01-01' AS kept;
CREATE TABLE public.truth AS SELECT * FROM tag_values('v');
CREATE TABLE public.moment (at timestamptz, total numeric, members bigint, card bigint);
DO $$
DECLARE
    at  timestamptz;
    who bigint;
    new numeric;
    old numeric;
BEGIN
    FOR n IN 1 .. 1500 LOOP
        at := timestamptz '2030-01-01' + n * interval '1 minute';
        who := CASE WHEN random() < 0.5 THEN floor(random() * 40) ELSE 64500 + floor(random() * 24) * 5000 END;
        new := CASE WHEN random() < 0.8 THEN round(((random() - 0.5) * 10 ^ floor(random() * (1 + n / 200)))::numeric, 2) END;
        old := (SELECT t.value FROM public.truth AS t WHERE t.cid = who);
        IF mkt.tag_put_value('v', who, new, at) IS DISTINCT FROM (old IS DISTINCT FROM new) THEN
            RAISE EXCEPTION 'step %: customer %, % to %: said wrong', n, who, old, new;
        END IF;
        DELETE FROM public.truth AS t WHERE t.cid = who;
        INSERT INTO public.truth SELECT who, new WHERE new IS NOT NULL;
        IF n % 50 = 0 THEN
            IF EXISTS ((SELECT * FROM public.truth EXCEPT SELECT * FROM mkt.tag_values('v')) UNION ALL (SELECT * FROM mkt.tag_values('v') EXCEPT SELECT * FROM public.truth)) THEN
                RAISE EXCEPTION 'step %: values differ', n;
            END IF;
            INSERT INTO public.moment
            SELECT at, mkt.audience_sum('v', 'v'), (SELECT t.members FROM mkt.tag AS t WHERE t.code = 'v'), mkt.audience_count('v > 0');
        END IF;
    END LOOP;
END $$;
SELECT count(*) AS moments, (SELECT total = (SELECT sum(value) FROM public.truth) AND members = (SELECT count(*) FROM public.truth) FROM public.moment ORDER BY at DESC LIMIT 1) AS last_right,
       count(DISTINCT total) > 20 AS moved FROM public.moment;
SELECT bias < -100000 AS far_below, slices > 15 AS many FROM tag WHERE code = 'v';
-- and each past moment answers as it did then, whatever bias and slices were
SELECT count(*) AS moments, count(*) FILTER (WHERE audience_count('v > 0', at) <> card OR audience_count('v', at) <> members) AS wrong FROM public.moment;

-- change sets: many customers at once, in any order, in many blocks, above and below what there is
SELECT tag_put_values('w', 'SELECT i, i % 100 FROM generate_series(0, 1000) AS i'), tag_keep_history('w', as_of => '2031-01-01') = '2031-01-01' AS kept;
TRUNCATE public.truth, public.moment;
INSERT INTO public.truth SELECT * FROM tag_values('w');
DO $$
DECLARE
    at    timestamptz;
    cids  bigint[];
    vals  numeric[];
    want  bigint;
BEGIN
    FOR n IN 1 .. 120 LOOP
        at := timestamptz '2031-01-01' + n * interval '1 minute';
        SELECT array_agg(d.cid ORDER BY d.o), array_agg(d.value ORDER BY d.o) INTO cids, vals
        FROM (SELECT DISTINCT ON (c.cid) c.cid, CASE WHEN random() < 0.8 THEN round(((random() - 0.5) * 10 ^ floor(random() * (1 + n / 15)))::numeric) END AS value, random() AS o
              FROM (SELECT floor(random() * CASE WHEN i % 2 = 0 THEN 2000 ELSE 300000 END)::bigint AS cid FROM generate_series(1, (random() * 60)::int) AS i) AS c) AS d;
        cids := coalesce(cids, '{}'); vals := coalesce(vals, '{}');
        want := (SELECT count(*) FROM unnest(cids, vals) AS c(cid, value) LEFT JOIN public.truth AS t USING (cid) WHERE t.value IS DISTINCT FROM c.value);
        IF mkt.tag_change_values('w', cids, vals, at) <> want THEN
            RAISE EXCEPTION 'step %: % customers change, it says otherwise', n, want;
        END IF;
        DELETE FROM public.truth AS t WHERE t.cid = ANY (cids);
        INSERT INTO public.truth SELECT c.* FROM unnest(cids, vals) AS c(cid, value) WHERE c.value IS NOT NULL;
        IF EXISTS ((SELECT * FROM public.truth EXCEPT SELECT * FROM mkt.tag_values('w')) UNION ALL (SELECT * FROM mkt.tag_values('w') EXCEPT SELECT * FROM public.truth)) THEN
            RAISE EXCEPTION 'step %: values differ', n;
        END IF;
        INSERT INTO public.moment
        SELECT at, mkt.audience_sum('w', 'w'), (SELECT t.members FROM mkt.tag AS t WHERE t.code = 'w'), mkt.audience_count('w > 0');
    END LOOP;
END $$;
SELECT count(*) AS moments, count(*) FILTER (WHERE audience_count('w > 0', at) <> card OR audience_count('w', at) <> members OR audience_sum('w', 'w', at) <> total) AS wrong FROM public.moment;
SELECT members = (SELECT count(*) FROM public.truth) AS counted, bias < -1000000 AS far_below, slices > 20 AS many FROM tag WHERE code = 'w';
-- each slice of a block is written once, whatever many change in it
SELECT tag_keep_history('w', false);
TRUNCATE public.before; INSERT INTO public.before TABLE public.rows;
SELECT tag_change_values('w', ARRAY(SELECT generate_series(0, 999)), ARRAY(SELECT generate_series(0, 999)::numeric)) AS changed;
SELECT count(*) FILTER (WHERE r.at <> b.at AND r.block > 0) AS other_blocks, bool_or(r.at <> b.at) AS moved, count(*) = count(DISTINCT (r.slice, r.block)) AS once FROM public.rows AS r JOIN public.before AS b USING (code, slice, block) WHERE code = 'w';
SELECT tag_change_values('w', '{}', '{}') AS nothing, tag_change_values('hue', '{5,6,7}', '{0,NULL,2}') AS labels, tag_change_values('w', NULL, '{}') AS "null";
SELECT audience($$hue = 'red'$$) AS red, audience($$hue = 'blue'$$) AS blue, audience('hue') AS "any";
SELECT tag_change_values('w', '{1,2}', '{1}');
SELECT tag_change_values('w', '{1,2,1}', '{1,2,3}');
SELECT tag_change_values('w', '{1,NULL}', '{1,2}');
SELECT tag_change_values('w', '{-1}', '{1}');
SELECT tag_change_values('w', '{1}', '{NaN}');
SELECT tag_change_values('hue', '{1,2}', '{1,9}');
SELECT tag_change_values('flag', '{1}', '{1}');
-- a tag that has no values yet
SELECT tag_define('fresh', 'numeric', 'Fresh', '新') IS NOT NULL AS defined;
SELECT tag_change_values('fresh', '{70000,3,200000}', '{-5,-5,1000}') AS three, tag_change_values('fresh', '{3,9}', '{NULL,NULL}') AS one;
SELECT v.*, t.bias, t.slices, t.members FROM tag_values('fresh') AS v, tag AS t WHERE t.code = 'fresh' ORDER BY 1;

-- NULL; refusals
SELECT tag_put_value(NULL, 1, 1), tag_put_value('v', NULL, 1), tag_put_value('v', 1, 1, NULL);
SELECT tag_put_value('vv', 1, 1);
SELECT tag_put_value('flag', 1, 1);
SELECT tag_put_value('live', 1, NULL);
SELECT tag_put_value('v', -1, 1);
SELECT tag_put_value('v', 1099511627776, 1);
SELECT tag_put_value('v', 1, 'NaN');
SELECT tag_put_value('v', 1, 'infinity');
SELECT tag_put_value('v', 1, 23058430092136939.52);
SELECT tag_put_value('hue', 1, 3);
\echo :LAST_ERROR_SQLSTATE
SELECT snapshot_take('copy', 'flag', 'Copy', '副本') IS NOT NULL AS copied;
SELECT tag_put_value('copy', 1, 1);
