-- merge_law: random customers with rows in every table are merged, chains
-- included, and taken back: everything is as it was; and every column that
-- holds a customer number has a rule.
\set seed `echo "${SEED:-20261102}"`
\echo # seed :seed
SET client_min_messages = warning;
BEGIN;
SELECT plan(15);
SELECT set_config('mkt_test.seed', :'seed', true) \gset
CREATE FUNCTION pg_temp.draw(salt text, n bigint, upto bigint) RETURNS bigint LANGUAGE sql
    RETURN (hashtextextended(salt || ':' || n, current_setting('mkt_test.seed')::bigint) & 1073741823) % upto;

-- ---- the rules are complete ----------------------------------------------
CREATE TEMP VIEW customer_column AS
SELECT c.relname AS table_name, a.attname AS column_name
FROM pg_class AS c
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'mkt'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND (a.attname ~ '(^|_)cid$' OR a.attname IN ('made_for', 'merged_into')
       OR EXISTS (SELECT FROM pg_constraint AS f WHERE f.conrelid = c.oid AND f.confrelid = 'mkt.customer'::regclass AND a.attnum = ANY (f.conkey)))
  AND c.relname <> 'customer_merge';        -- the merges themselves
SELECT set_eq('SELECT table_name, column_name FROM customer_column', 'SELECT table_name, column_name FROM mkt.merge_rule',
              'every column with a customer number has a rule in mkt.merge_rule, and no other');
SELECT is_empty(
    $$SELECT r.table_name FROM mkt.merge_rule AS r
      WHERE r.how IN ('move', 'pair', 'fill') AND (r.how = 'move') = (r.column_name = ANY ((mkt._merge_key(r.table_name)).names))$$,
    'a column of the primary key is a pair, any other moves');

-- ---- customers with everything --------------------------------------------
INSERT INTO mkt.org (org_id, parent_id, tier, code, name, name_zh)
SELECT t, nullif(t - 1, 0), t, 'U' || t, 'Unit ' || t, '单元' || t FROM generate_series(1, 7) AS t;
INSERT INTO mkt.staff (staff_id, code, name, name_zh, post_code, org_id) VALUES (1, 'S1', 'x', 'x', 'field_manager', 7);
INSERT INTO mkt.grid_cell (cell_id, code, name, name_zh, kind, grid_id, org_id, geom, area_km2)
SELECT n, 'C' || n, 'x', 'x', 'rural', 5, 7, ST_Multi(ST_MakeEnvelope(113 + n, 38, 114 + n, 39, 4326)), 1 FROM generate_series(1, 2) AS n;
INSERT INTO mkt.address (address_id, code, name, name_zh) SELECT n, 'A' || n, 'x', 'x' FROM generate_series(1, 5) AS n;
INSERT INTO mkt.product (product_code, type_code, family, name, name_zh, business, price) VALUES ('p', 'plan', 'plan', 'x', 'x', 'plan', 9), ('q', 'light', 'data', 'x', 'x', 'data', 1);
INSERT INTO mkt.offer (offer_code, product_code, name, name_zh, value, valid_from) VALUES ('o', 'p', 'x', 'x', 10, '2026-01-01');
INSERT INTO mkt.strategy (strategy_id, code, family_code, name, name_zh, kind_code, status) SELECT n, 's' || n, 'retain', 'x', 'x', 'stock', 'published' FROM generate_series(1, 2) AS n;
INSERT INTO mkt.strategy_version (strategy_id, version, eligibility, offer_code, sla_days, valid_from, control_share) SELECT n, 1, 'live', 'o', 7, '2026-01-01', 0.2 FROM generate_series(1, 2) AS n;
INSERT INTO mkt.strategy_channel SELECT n, 1, 'grid' FROM generate_series(1, 2) AS n;
INSERT INTO mkt.holdout (name, salt, bucket_from, bucket_to, valid_from) VALUES ('x', 'x', 0, 2000, '2026-01-01');
INSERT INTO mkt.contact_cap (name, name_zh, max_contacts, span, clock) VALUES ('x', 'x', 2, '7 days', 'rolling');

INSERT INTO mkt.customer (cid, customer_key, net, name_zh, phone, location, cell_id, address_id, owner_staff_id, household_id, joined_on, live)
SELECT n, 'K' || n, CASE pg_temp.draw('net', n, 2) WHEN 0 THEN 'own' ELSE 'off' END, CASE WHEN pg_temp.draw('name', n, 2) = 0 THEN '名' || n END,
       CASE WHEN pg_temp.draw('phone', n, 2) = 0 THEN '139' || n END,
       CASE WHEN pg_temp.draw('place', n, 3) > 0 THEN ST_SetSRID(ST_MakePoint(114.1 + pg_temp.draw('x', n, 1000000007) / 700000000.0, 38.1 + pg_temp.draw('y', n, 1000000007) / 1700000000.0), 4326) END, NULL,
       CASE WHEN pg_temp.draw('address', n, 2) = 0 THEN 1 + pg_temp.draw('which address', n, 5) END, CASE WHEN pg_temp.draw('owner', n, 3) = 0 THEN 1 END,
       CASE WHEN pg_temp.draw('household', n, 2) = 0 THEN n / 2 END, CASE WHEN pg_temp.draw('joined', n, 2) = 0 THEN date '2020-01-01' + pg_temp.draw('day', n, 999)::integer END,
       pg_temp.draw('live', n, 8) > 0
FROM generate_series(1, 40) AS n;
UPDATE mkt.customer SET cid = 64512 * 2 + cid WHERE cid > 30;       -- in another block
SELECT mkt.customer_assign_cells() \gset
CREATE TEMP TABLE someone AS SELECT row_number() OVER (ORDER BY c.cid) AS n, c.cid FROM mkt.customer AS c;
CREATE FUNCTION pg_temp.who(salt text, n bigint) RETURNS bigint LANGUAGE sql
    RETURN (SELECT s.cid FROM pg_temp.someone AS s WHERE s.n = 1 + pg_temp.draw('who ' || salt, who.n, 40));

INSERT INTO mkt.customer_profile (cid, female, senior, tenure_months, internet_service, monthly_charges, churn_score)
SELECT s.cid, pg_temp.draw('f', s.n, 3) = 0, CASE WHEN pg_temp.draw('s', s.n, 2) = 0 THEN true END, CASE WHEN pg_temp.draw('t', s.n, 2) = 0 THEN s.n END,
       CASE WHEN pg_temp.draw('i', s.n, 2) = 0 THEN 'fiber' END, CASE WHEN pg_temp.draw('m', s.n, 2) = 0 THEN s.n * 1.10 END, CASE WHEN pg_temp.draw('c', s.n, 2) = 0 THEN 0.5 END
FROM someone AS s WHERE pg_temp.draw('profile', s.n, 3) > 0;
INSERT INTO mkt.customer_key (system_code, outside_key, cid)
SELECT CASE n % 2 WHEN 0 THEN 'phone' ELSE 'broadband' END, 'X' || n, pg_temp.who('key', n) FROM generate_series(1, 60) AS n;
INSERT INTO mkt.consent (cid, channel_code, contact_class, granted, since, source)
SELECT pg_temp.who('consent', n), (ARRAY['*', 'sms', 'grid', 'outbound'])[1 + pg_temp.draw('channel', n, 4)], (ARRAY['marketing', 'service'])[1 + pg_temp.draw('class', n, 2)],
       pg_temp.draw('granted', n, 2) = 0, timestamptz '2026-01-01' + n * interval '1.000001 hours', 'form ' || n
FROM generate_series(1, 120) AS n ON CONFLICT DO NOTHING;
INSERT INTO mkt.do_not_disturb (cid, scope, scope_code, reason, valid_from) SELECT pg_temp.who('dnd', n), 'channel', 'sms', 'r' || n, '2026-01-01' FROM generate_series(1, 20) AS n;
INSERT INTO mkt.suppression (cid, reason, since) SELECT pg_temp.who('supp', n), 'r' || n, timestamptz '2026-01-01' + n * interval '1 day' FROM generate_series(1, 15) AS n ON CONFLICT DO NOTHING;
INSERT INTO mkt.account (code, cid) SELECT 'ACC' || n, pg_temp.who('account', n) FROM generate_series(1, 20) AS n;
INSERT INTO mkt.subscription (code, cid, product_code, account_id, valid_from) SELECT 'L' || n, pg_temp.who('line', n), 'p', 1 + n % 20, '2026-01-01' FROM generate_series(1, 50) AS n;
INSERT INTO mkt.fan (domain_code, cid, since) SELECT (ARRAY['app', 'wecom'])[1 + n % 2], pg_temp.who('fan', n), timestamptz '2026-01-01' + n * interval '1 day' FROM generate_series(1, 60) AS n ON CONFLICT DO NOTHING;
SELECT mkt.coupon_batch_create('B', 'x', '券', 'p', 5, 60, 3, '2026-01-01', '2027-01-01') \gset
SELECT count(mkt.code_create('product', 'p', 'app', as_of => '2026-01-02')) AS codes \gset
SELECT count(*) AS coupons FROM mkt.coupon_issue('B', 60, 'r1', 'H1', entropy => '00000000-0000-4000-8000-000000000001', as_of => '2026-01-02') \gset
CREATE TEMP TABLE handed AS SELECT c.coupon_code, row_number() OVER (ORDER BY c.coupon_code) AS n FROM mkt.coupon AS c;
DO $$
DECLARE h record;
BEGIN
    FOR h IN SELECT * FROM pg_temp.handed ORDER BY n LIMIT 45 LOOP
        BEGIN
            PERFORM mkt.coupon_claim(h.coupon_code, pg_temp.who('coupon', h.n), '2026-02-01');
        EXCEPTION WHEN OTHERS THEN
            NULL;       -- the customer has as many as allowed
        END;
    END LOOP;
END
$$;
INSERT INTO mkt.sales_order (order_key, cid, product_code, sale_scene, flow, amount, placed_at)
SELECT 'W' || n, pg_temp.who('order', n), 'p', (SELECT min(sale_scene) FROM mkt.sale_scene), 'mobile', n, '2026-02-01' FROM generate_series(1, 60) AS n;
INSERT INTO mkt.scan (code, cid, domain_code, step, at, request_id) SELECT (SELECT min(code) FROM mkt.code), pg_temp.who('scan', n), 'app', 'scan', '2026-02-01', 'q' || n FROM generate_series(1, 60) AS n;
INSERT INTO mkt.scene_event (request_id, cid, scene_code, at) SELECT 'e' || n, pg_temp.who('scene', n), 'cancellation', '2026-02-01' FROM generate_series(1, 30) AS n;

-- tags of every kind, one with history, a segment that negates, a snapshot
SELECT mkt.tag_define('b1', 'boolean', 'x', '甲'), mkt.tag_define('b2', 'boolean', 'x', '乙'), mkt.tag_define('n1', 'numeric', 'x', '丙', scale => 2),
       mkt.tag_define('h1', 'numeric', 'x', '丁', as_of => '2026-01-01'), mkt.tag_define('e1', 'enum', 'x', '戊', labels => '{a,b,c}') \gset
SELECT count(*) AS refreshed FROM mkt.tag_refresh(as_of => '2026-01-01') \gset
SELECT mkt.tag_keep_history('h1', as_of => '2026-01-01') \gset
SELECT mkt.tag_put('b1', (SELECT mkt.tagmap_agg(s.cid) FROM someone AS s WHERE pg_temp.draw('b1', s.n, 2) = 0), '2026-01-02'),
       mkt.tag_put('b2', (SELECT mkt.tagmap_agg(s.cid) FROM someone AS s WHERE pg_temp.draw('b2', s.n, 4) = 0), '2026-01-02'),
       mkt.tag_put_values('n1', 'SELECT s.cid, -50 + pg_temp.draw(''n1'', s.n, 100000) / 100.0 AS value FROM pg_temp.someone AS s WHERE pg_temp.draw(''has n1'', s.n, 2) = 0', '2026-01-02'),
       mkt.tag_put_values('h1', 'SELECT s.cid, pg_temp.draw(''h1'', s.n, 1000)::numeric AS value FROM pg_temp.someone AS s WHERE pg_temp.draw(''has h1'', s.n, 2) = 0', '2026-01-02'),
       mkt.tag_put_values('e1', 'SELECT s.cid, pg_temp.draw(''e1'', s.n, 3)::numeric AS value FROM pg_temp.someone AS s WHERE pg_temp.draw(''has e1'', s.n, 2) = 0', '2026-01-02') \gset
SELECT mkt.segment_define('seg1', 'x', '己', '!b1 & n1 >= 100', '2026-01-03'), mkt.segment_define('seg2', 'x', '庚', '!seg1', '2026-01-03') \gset
SELECT count(*) AS segments FROM mkt.segment_refresh(as_of => '2026-01-03') \gset
SELECT mkt.snapshot_take('snap', 'b1', 'x', '辛', '2026-01-03') \gset

-- two rounds by the rules: orders, contacts, virtual contacts
SELECT mkt.round_open('r1', 'x', 'x', '2026-02-01', max_per_customer => 2), mkt.round_open('r2', 'x', 'x', '2026-03-05', max_per_customer => 2) \gset
DO $$ BEGIN WHILE mkt._deploy_step('r1', '2026-02-01') LOOP NULL; END LOOP; WHILE mkt._deploy_step('r2', '2026-03-05') LOOP NULL; END LOOP; END $$;
INSERT INTO mkt.push (contact_id, cid, channel_code, org_id, not_before, state_at) SELECT c.contact_id, c.cid, c.channel_code, c.org_id, c.reserved_at, c.reserved_at FROM mkt.contact AS c WHERE c.state = 'reserved' AND c.contact_id % 3 = 0;

SELECT is_empty('SELECT * FROM mkt.audit()', 'the books balance to begin with');
SELECT is_empty(
    $$SELECT r.table_name FROM mkt.merge_rule AS r
      WHERE (xpath('//n/text()', query_to_xml(format('SELECT count(*) AS n FROM mkt.%I', r.table_name), false, false, '')))[1]::text::bigint = 0
        AND r.how <> 'stay' AND r.table_name <> 'control_override'$$,
    'every table with a rule has rows to move');

-- ---- merge and take back ------------------------------------------------------
CREATE FUNCTION pg_temp.dump() RETURNS TABLE (place text, content text) LANGUAGE plpgsql AS $$
DECLARE
    tab name;
BEGIN
    FOR tab IN SELECT DISTINCT r.table_name FROM mkt.merge_rule AS r WHERE r.table_name <> 'consent_log' LOOP
        RETURN QUERY EXECUTE format('SELECT %L::text, (t.*)::text FROM mkt.%I AS t', tab, tab);
    END LOOP;
    RETURN QUERY SELECT 'tag ' || t.code, concat_ws(' ', b.slice, b.block, b.members, t.members, t.bias, t.slices)
                 FROM mkt.tag_block AS b JOIN mkt.tag AS t ON t.tag_id = b.tag_id;
    RETURN QUERY SELECT 'tag refreshed', t.code || ' ' || t.refreshed_at FROM mkt.tag AS t WHERE t.history_since IS NULL;
    RETURN QUERY SELECT 'past', mkt.audience('h1 >= 0', '2026-01-05')::text;
    RETURN QUERY SELECT 'work order log', (l.*)::text FROM mkt.work_order_log AS l;
END
$$;
CREATE TEMP TABLE before AS SELECT * FROM pg_temp.dump();
CREATE TEMP TABLE counted AS
SELECT r.table_name, (xpath('//n/text()', query_to_xml(format('SELECT count(*) AS n FROM mkt.%I', r.table_name), false, false, '')))[1]::text::bigint AS rows
FROM mkt.merge_rule AS r WHERE r.how = 'move';
CREATE TEMP TABLE was AS
SELECT s.cid, mkt.is_control(s.cid, '2026-06-01') AS control, x.channel_code,
       coalesce((SELECT c.granted FROM mkt.consent AS c WHERE c.cid = s.cid AND c.contact_class = 'marketing' AND c.channel_code IN (x.channel_code, '*') ORDER BY c.channel_code = '*' LIMIT 1), true) AS granted
FROM someone AS s CROSS JOIN mkt.channel AS x;

-- 15 merges of whoever has not been merged yet: chains come by themselves
CREATE TEMP TABLE merged (merge_id bigint, keep bigint, gone bigint);
DO $$
DECLARE
    pair record;
BEGIN
    FOR n IN 1 .. 15 LOOP
        SELECT (array_agg(p.cid))[1] AS keep, (array_agg(p.cid))[2] AS gone INTO pair
        FROM (SELECT c.cid FROM mkt.customer AS c WHERE c.merged_into IS NULL ORDER BY pg_temp.draw('pair ' || n, c.cid, 1000000), c.cid LIMIT 2) AS p;
        INSERT INTO pg_temp.merged VALUES (mkt.customer_merge(pair.keep, pair.gone, 'test', timestamptz '2026-05-01' + n * interval '1 day'), pair.keep, pair.gone);
    END LOOP;
END
$$;
SELECT cmp_ok((SELECT count(*) FROM merged AS a JOIN merged AS b ON b.gone = a.keep), '>', 0::bigint, 'there are chains');
SELECT is_empty('SELECT * FROM mkt.audit()', 'the books balance after the merges');
SELECT is_empty(
    $$SELECT c.table_name FROM counted AS c
      WHERE c.rows <> (xpath('//n/text()', query_to_xml(format('SELECT count(*) AS n FROM mkt.%I', c.table_name), false, false, '')))[1]::text::bigint$$,
    'what moves is neither lost nor doubled');
SELECT is_empty(
    $$SELECT g.cid FROM someone AS s CROSS JOIN LATERAL (SELECT s.cid, mkt.customer_current(s.cid) AS keep) AS g
      JOIN was AS w ON w.cid = g.cid
      WHERE w.control AND NOT mkt.is_control(g.keep, '2026-06-01')$$,
    'control wins, along chains too');
SELECT is_empty(
    $$SELECT DISTINCT keep FROM (SELECT mkt.customer_current(w.cid) AS keep, w.channel_code, bool_and(w.granted) AS granted FROM was AS w GROUP BY 1, 2) AS w
      WHERE w.granted <> coalesce((SELECT c.granted FROM mkt.consent AS c WHERE c.cid = w.keep AND c.contact_class = 'marketing' AND c.channel_code IN (w.channel_code, '*')
                                   ORDER BY c.channel_code = '*' LIMIT 1), true)$$,
    'a channel is allowed if everybody who is one had allowed it');
SELECT is_empty(
    $$SELECT s.code, c.cid FROM mkt.segment AS s JOIN mkt.customer AS c ON c.cid IN (SELECT keep FROM merged) AND c.live
      WHERE mkt.has_tags(c.cid, s.code::mkt.tagexpr) <> mkt.has_tags(c.cid, s.definition) AND EXISTS (SELECT FROM mkt.customer_merge_row AS r WHERE r.key ->> 'code' = s.code)
        AND c.cid IN (SELECT m.keep FROM merged AS m JOIN mkt.customer_merge_row AS r ON r.merge_id = m.merge_id AND r.key ->> 'code' = s.code)$$,
    'segments say of the keeper what their definition says');
SELECT ok(intact, 'a snapshot stays as it was taken') FROM mkt.snapshot_verify('snap');
SELECT throws_ok(format('SELECT mkt.customer_unmerge(%s)', min(a.merge_id)), '55000', NULL, 'a merge under another is not taken back')
FROM merged AS a JOIN merged AS b ON b.merge_id > a.merge_id AND (b.keep IN (a.keep, a.gone) OR b.gone IN (a.keep, a.gone));

DO $$
DECLARE
    m record;
BEGIN
    SET LOCAL timezone = 'America/New_York';      -- the log does not depend on it
    FOR m IN SELECT * FROM pg_temp.merged ORDER BY merge_id DESC LOOP
        PERFORM mkt.customer_unmerge(m.merge_id, '2026-07-01');
    END LOOP;
    SET LOCAL timezone = 'UTC';
END
$$;
CREATE TEMP TABLE after AS SELECT * FROM pg_temp.dump();
SELECT is_empty('(SELECT ''lost'', * FROM (TABLE before EXCEPT ALL TABLE after) AS l) UNION ALL (SELECT ''new'', * FROM (TABLE after EXCEPT ALL TABLE before) AS n)',
                'everything is as it was');
SELECT is_empty('SELECT * FROM mkt.audit()', 'and the books balance');
SELECT ok((SELECT count(*) FROM mkt.consent_log AS l WHERE l.source ~ 'merge') > 0 AND (SELECT bool_and(undone_at IS NOT NULL) FROM mkt.customer_merge),
          'what was done is remembered');

SELECT * FROM finish();
ROLLBACK;
