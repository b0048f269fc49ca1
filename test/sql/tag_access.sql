-- tag_access: what a branch learns from tags: about its own customers, nothing else (semantics J)
SET search_path = mkt, public;
SET client_min_messages = warning;
\set SHOW_CONTEXT never
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh)
VALUES (1, NULL, 1, 'P', 'P', '省'), (2, 1, 2, 'A', 'A', '甲'), (3, 1, 2, 'B', 'B', '乙'), (4, 2, 3, 'A1', '', ''), (5, 3, 3, 'B1', '', ''), (6, 4, 4, 'LA', '', ''), (7, 5, 4, 'LB', '', ''),
       (8, 6, 5, 'GA', '', ''), (9, 7, 5, 'GB', '', ''), (10, 8, 6, 'CA', '', ''), (11, 9, 6, 'CB', '', ''), (12, 10, 7, 'IA', '', ''), (13, 11, 7, 'IB', '', '');
-- thirty cells, dealt to the two branches in turn: fifteen ranges each
CREATE TABLE public.map AS
SELECT 100 + n AS cell_id, 'cell ' || n AS code, 'cell' AS name, 'cell' AS name_zh, 'rural' AS kind, 8 + n % 2 AS grid_id, 12 + n % 2 AS org_id,
       ST_MakeEnvelope(114 + n * 0.01, 38, 114.005 + n * 0.01, 38.1, 4326) AS geom, 1 AS households, 1 AS ports_total, 1 AS ports_used
FROM generate_series(0, 29) AS n;
SELECT count(*) AS repaired FROM grid_cell_load('public.map');
-- customer n lives in cell n % 31, the last of which is on no map; every fourth is not live
INSERT INTO customer (cid, customer_key, net, cell_id, live)
SELECT n, 'K' || n, 'own', CASE WHEN n % 31 < 30 THEN 100 + n % 31 END, n % 4 > 0 FROM generate_series(1, 3000) AS n;
SELECT tag_define('odd', 'boolean', 'Odd', '奇数', rule => 's.cid % 2 = 1', source => 'mkt.customer') > 0 AS defined, tag_define('size', 'numeric', 'Size', '大小', rule => 's.cid', source => 'mkt.customer') > 0 AS defined,
       tag_define('hue', 'enum', 'Hue', '颜色', rule => 's.cid % 3', source => 'mkt.customer', labels => '{red,green,blue}') > 0 AS defined;
SELECT code, members FROM tag_refresh();
SELECT count(*) AS customers, count(*) FILTER (WHERE live AND cid % 2 = 1) AS odd FROM customer;

CREATE ROLE tag_access_a; CREATE ROLE tag_access_b; CREATE ROLE tag_access_office; CREATE ROLE tag_access_nobody;
SELECT grant_access('tag_access_a', 'strategist', 2), grant_access('tag_access_b', 'bi_reader', 13), grant_access('tag_access_office', 'head_office', 1);
GRANT USAGE ON SCHEMA mkt TO tag_access_nobody;
SELECT _apply_profile('tag_access_nobody', 'bi_reader');
-- what a role gets to know, and what it may know by the customer table's policy
CREATE VIEW public.answers WITH (security_invoker = true) AS
SELECT audience_count('all') AS "all", audience_count('odd') AS odd, audience_count('!odd') AS not_odd, audience_count('odd | !odd') AS "either",
       card(audience('size > 1000')) AS "set", (SELECT count(*) FROM audience_members('odd')) AS members, audience_sum('odd', 'size') AS "sum",
       (SELECT string_agg(concat(org_id, ':', members), ' ') FROM audience_by_org('odd', 2)) AS by_org,
       (SELECT string_agg(concat(value, ':', members), ' ') FROM audience_by('odd', 'hue')) AS by_hue,
       (SELECT cid FROM audience_topk('all', 'size', 1)) AS greatest, (SELECT string_agg(members::text, ' ') FROM audience_venn('{odd,size > 1500}')) AS venn,
       (SELECT string_agg(members::text, ' ') FROM audience_overlap('{odd,hue}')) AS overlap,
       (SELECT string_agg(concat(code, label, ':', members, '/', base_members), ' ') FROM audience_profile('odd') WHERE code IN ('odd', 'hue')) AS profile,
       (SELECT count(*) FROM generate_series(1, 100) AS n WHERE has_tags(n, 'all')) AS has_tags, (SELECT count(*) FROM generate_series(1, 100) AS n, LATERAL portrait(n) WHERE code = 'size') AS portraits,
       (SELECT count(*) FROM tag_values('size')) AS "values", audience_count($$in_org('A')$$) AS in_a, audience_count($$!in_org('A')$$) AS not_in_a;
CREATE VIEW public.allowed WITH (security_invoker = true) AS
SELECT count(*) AS "all", count(*) FILTER (WHERE cid % 2 = 1) AS odd, count(*) FILTER (WHERE cid % 2 = 0) AS not_odd, count(*) FILTER (WHERE cid > 1000) AS "set",
       sum(cid) FILTER (WHERE cid % 2 = 1) AS "sum", max(cid) AS greatest, count(*) FILTER (WHERE cid <= 100) AS has_tags
FROM customer WHERE live;
GRANT SELECT ON public.answers, public.allowed TO PUBLIC;
\x on
TABLE public.answers; TABLE public.allowed;
SET ROLE tag_access_a; TABLE public.answers; TABLE public.allowed; RESET ROLE;
SET ROLE tag_access_b; TABLE public.answers; TABLE public.allowed; RESET ROLE;
SET ROLE tag_access_office; TABLE public.answers; RESET ROLE;
SET ROLE tag_access_nobody; TABLE public.answers; TABLE public.allowed; RESET ROLE;
\x off
-- look-alikes: their own customers are ranked, by counts of their own customers; an audience of others is empty
SET ROLE tag_access_a;
SELECT count(*) AS ranked, count(*) FILTER (WHERE c.live AND c.cid % 2 = 0) AS mine, min(round(l.score::numeric, 9)) AS least FROM lookalike('odd', 10000, codes => '{hue}') AS l LEFT JOIN customer AS c USING (cid);
SELECT round(min(sum(ln((h.odd + h.one) / (s.odd + 2.0)) - ln((h.even + h.one) / (s.even + 2.0)))) OVER (), 9) AS by_hand
FROM (SELECT count(*) FILTER (WHERE cid % 2 = 1) AS odd, count(*) FILTER (WHERE cid % 2 = 0) AS even FROM customer WHERE live) AS s,
     generate_series(0, 2) AS mine, generate_series(0, 2) AS hue,
     LATERAL (SELECT 1 AS one, count(*) FILTER (WHERE cid % 2 = 1) AS odd, count(*) FILTER (WHERE cid % 2 = 0) AS even FROM customer WHERE live AND (cid % 3 = hue) = (mine = hue)) AS h
GROUP BY mine LIMIT 1;
SELECT * FROM lookalike('!in_org(''A'')', 1);
RESET ROLE;
-- the blocks themselves, and writing, are head office's and the owner's
SET ROLE tag_access_a;
SELECT count(*) FROM tag_block;
SELECT count(*) > 0 AS names_are_open FROM tag;
SELECT tag_add('odd', '{2}');
SELECT tag_put_values('size', 'SELECT 1, 1');
SELECT tag_refresh();
SELECT tag_define('mine', 'boolean', 'x', 'x');
RESET ROLE;
SET ROLE tag_access_office; SELECT count(*) > 0 AS office_sees_blocks FROM tag_block; RESET ROLE;
-- the past is asked like the present: about one's own customers
SELECT count(tag_keep_history(code)) AS with_history FROM tag WHERE code IN ('live', 'cell', 'odd');
SELECT tag_put('odd', '{}', '2099-01-01') AS odd;
SET ROLE tag_access_a;
SELECT audience_count('odd') AS now, audience_count('odd', '2098-01-01') AS past, (SELECT count(*) FROM audience_members('odd', '2098-01-01')) AS members, (SELECT string_agg(concat(org_id, ':', members), ' ') FROM audience_by_org('odd', 2, '2098-01-01')) AS by_org,
       (SELECT count(*) FROM generate_series(1, 100) AS n WHERE has_tags(n, 'odd', '2098-01-01')) AS has_tags, (SELECT count(*) FILTER (WHERE cid % 2 = 1) FROM customer WHERE live) AS allowed;
RESET ROLE;
SELECT tag_put('odd', audience('odd', '2098-01-01'), '2099-01-02') AS odd;
-- a unit that moves takes its customers along
SELECT org_move(4, 3);
SET ROLE tag_access_a; SELECT audience_count('all'); RESET ROLE;
-- a function of the owner answers as its owner, a function of the caller as the caller
CREATE FUNCTION public.as_owner() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$SELECT mkt.audience_count('all')$$;
SET ROLE tag_access_a; SELECT public.as_owner(), audience_count('all'); RESET ROLE;
DROP OWNED BY tag_access_a, tag_access_b, tag_access_office, tag_access_nobody;
DELETE FROM access_grant;
DROP ROLE tag_access_a, tag_access_b, tag_access_office, tag_access_nobody;
