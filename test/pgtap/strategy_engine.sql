-- strategy_engine: on random customers, strategies and policies, the engine in C
-- decides every candidate like the oracle in SQL (test/lib/decide_oracle.sql):
-- channel, factors, score, place, first and all reasons, control (semantics B, C, D);
-- for whole blocks, for one customer, for a touchpoint, and counted.
\set seed `echo "${SEED:-$(date +%s)}"`
\echo # seed :seed
SET client_min_messages = warning;
BEGIN;
SELECT plan(15);
\i test/lib/decide_oracle.sql
SET LOCAL search_path = mkt, public;
CREATE FUNCTION pg_temp.rnd(salt text, n bigint) RETURNS float8 LANGUAGE sql
    RETURN (hashtextextended(salt || ' ' || n, current_setting('mkt_test.seed')::bigint) & 1048575)::float8 / 1048576;
SELECT set_config('mkt_test.seed', :'seed', true) \gset
\set day '''2026-11-02 09:00+08''::timestamptz'
SELECT 1 + floor(pg_temp.rnd('most', 1) * 4)::integer AS most \gset

-- two blocks with gaps; units with and without people, owners active or not
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh)
SELECT t, nullif(t - 1, 0), t, 'U' || t, 'Unit', '单元' FROM generate_series(1, 7) AS t;
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh) SELECT 7 + t, 6, 7, 'V' || t, 'Unit', '单元' FROM generate_series(1, 6) AS t;
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh) VALUES (20, 4, 5, 'W5', 'Grid', '网格'), (21, 20, 6, 'W6', 'Ceo', '小CEO'), (22, 21, 7, 'W7', 'Unit', '单元');
INSERT INTO staff (staff_id, code, name, name_zh, post_code, org_id, active)
SELECT n, 'S' || n, 'x', 'x', 'field_manager', CASE WHEN n = 9 THEN 6 ELSE 7 + n % 5 END, pg_temp.rnd('active', n) < 0.7 FROM generate_series(1, 9) AS n;
INSERT INTO grid_cell (cell_id, code, name, name_zh, kind, grid_id, org_id, geom, area_km2)
SELECT 100 + n * n, 'C' || n, 'x', 'x', 'rural', CASE WHEN n = 7 THEN 20 ELSE 5 END, CASE WHEN n = 7 THEN 22 ELSE 6 + n END, ST_Multi(ST_MakeEnvelope(n, 0, n + 1, 1, 4326)), 1 FROM generate_series(1, 7) AS n;
INSERT INTO customer (cid, customer_key, net, cell_id, owner_staff_id, live)
SELECT c, 'K' || c, 'own', CASE WHEN pg_temp.rnd('cell', c) < 0.95 THEN 100 + floor(1 + pg_temp.rnd('which', c) * 7) ^ 2 END,
       CASE WHEN pg_temp.rnd('owner', c) < 0.1 THEN 1 + floor(pg_temp.rnd('who', c) * 9) END, pg_temp.rnd('live', c) < 0.97
FROM generate_series(0, 1) AS b, generate_series(b * 64512::bigint, b * 64512::bigint + 599) AS c;
CREATE TEMP TABLE fact AS
SELECT cid, floor(pg_temp.rnd('arpu', cid) * 200)::integer AS arpu, pg_temp.rnd('flag', cid) < 0.3 AS flag, pg_temp.rnd('rare', cid) < 0.02 AS rare,
       round(pg_temp.rnd('p1', cid)::numeric, 2) AS p1, round(pg_temp.rnd('p2', cid)::numeric, 1) AS p2, round(pg_temp.rnd('p3', cid)::numeric * 0.9 + 0.05, 4) AS p3 FROM customer;
SELECT tag_define('arpu', 'numeric', 'x', '收入'), tag_define('flag', 'boolean', 'x', '标记'), tag_define('rare', 'boolean', 'x', '少见'),
       tag_define('p1', 'numeric', 'x', '概率一', scale => 2), tag_define('p2', 'numeric', 'x', '概率二', scale => 1), tag_define('p3', 'numeric', 'x', '概率三', scale => 4) \g /dev/null
SELECT tag_refresh() \g /dev/null
SELECT tag_put_values(c, format('SELECT cid, %I AS value FROM fact', c)) FROM unnest('{arpu,p1,p2,p3}'::text[]) AS c \g /dev/null
SELECT tag_put('flag', (SELECT tagmap_agg(cid) FROM fact WHERE flag)), tag_put('rare', (SELECT tagmap_agg(cid) FROM fact WHERE rare)) \g /dev/null

-- twenty strategies; coarse values and factors, so that ties happen
INSERT INTO product (product_code, type_code, family, name, name_zh, business, price)
SELECT 'p' || n, (ARRAY['light', 'plan', 'scenario', 'home_internet'])[n], 'f' || n % 3, 'x', 'x', 'plan', 1 FROM generate_series(1, 4) AS n;
INSERT INTO offer (offer_code, product_code, name, name_zh, value, valid_from)
SELECT 'o' || n, 'p' || 1 + n % 4, 'x', 'x', (ARRAY[20, 40, 40, 33.33, 12345678.90, 60])[n], '2026-01-01' FROM generate_series(1, 6) AS n;
INSERT INTO strategy (strategy_id, code, family_code, name, name_zh, kind_code, status)
SELECT 21 - n, 's' || n, 'retain', 'x', 'x', 'stock', 'published' FROM generate_series(1, 20) AS n;
INSERT INTO strategy_version (strategy_id, version, eligibility, applicability, suitability, offer_code, propensity_tag,
                              context_factor, control_share, sla_days, valid_from)
SELECT n, 1, CASE WHEN pg_temp.rnd('rare', n) < 0.1 THEN tagexpr 'rare' ELSE ('arpu >= ' || floor(pg_temp.rnd('from', n) * 180))::tagexpr END,
       CASE WHEN pg_temp.rnd('unflagged', n) < 0.4 THEN tagexpr '!flag | rare' END,
       CASE WHEN pg_temp.rnd('any', n) < 0.8 THEN ('arpu < ' || floor(pg_temp.rnd('to', n) * 100 + 100) || ' & p1 >= ' || round(pg_temp.rnd('fit', n)::numeric / 2, 2))::tagexpr END,
       'o' || 1 + floor(pg_temp.rnd('offer', n) * 6), (ARRAY['p1', 'p2', 'p3', NULL])[1 + floor(pg_temp.rnd('p', n) * 4)],
       (ARRAY[1, 1.5, 0.333, 1.000])[1 + floor(pg_temp.rnd('context', n) * 4)], (ARRAY[0, 0.1, 0.25, 0.12345])[1 + floor(pg_temp.rnd('control', n) * 4)],
       1 + floor(pg_temp.rnd('sla', n) * 2), '2026-01-01'
FROM generate_series(1, 20) AS n;
INSERT INTO strategy_channel (strategy_id, rank, channel_code)
SELECT n, row_number() OVER (PARTITION BY n ORDER BY pg_temp.rnd('rank' || c, n)), c
FROM generate_series(1, 20) AS n, unnest(ARRAY['grid', 'sms', 'outbound', 'hotline', 'hall']) AS c
WHERE c = 'grid' AND n <> 7 OR pg_temp.rnd('has' || c, n) < 0.3;
UPDATE channel SET daily_capacity = floor(pg_temp.rnd(channel_code, 1) * 300) WHERE daily_capacity IS NOT NULL;
UPDATE channel SET daily_capacity = 200 WHERE channel_code = 'grid' AND pg_temp.rnd('tight', 1) < 0.3;
INSERT INTO contact_cap (name, name_zh, channels, max_contacts, span, clock) VALUES
    ('x', 'x', NULL, 2 + floor(pg_temp.rnd('n', 1) * 2), '7 days', 'rolling'), ('x', 'x', '{sms,outbound}', 1, '3 days', 'rolling'),
    ('x', 'x', '{outbound}', 1, '7 days', 'calendar'), ('x', 'x', '{hotline}', NULL, '1 day', 'rolling'), ('x', 'x', '{grid,hall}', 2, '1 month', 'calendar'),
    ('x', 'x', '{hall}', floor(pg_temp.rnd('n', 2) * 2), '1 day', 'calendar');
INSERT INTO repeat_window (family, span) VALUES ('f1', '5 days'), ('*', CASE WHEN pg_temp.rnd('window', 1) < 0.5 THEN interval '2 days' ELSE interval '1 hour' END);
INSERT INTO strategy_pair (strategy_id, other_id, kind, span) VALUES (1, 2, 'never', '8 days'), (3, 4, 'never', NULL), (5, 6, 'after', '20 days'), (7, 8, 'after', NULL), (9, 1, 'never', '1 day');
INSERT INTO holdout (name, salt, bucket_from, bucket_to, valid_from, valid_to) VALUES
    ('now', 'a', 300, 1000, '2026-01-01', NULL), ('too', 'b', 9000, 10000, :day, NULL), ('over', 'b', 0, 5000, '2026-01-01', :day);
INSERT INTO consent (cid, channel_code, contact_class, granted, since)
SELECT cid, c, k, pg_temp.rnd('granted' || c || k, cid) < 0.3, :day - (pg_temp.rnd('said' || c, cid) * 20 - 2) * interval '1 day'
FROM customer, unnest(ARRAY['*', 'sms', 'grid', 'hall']) AS c, unnest(ARRAY['marketing', 'service']) AS k WHERE pg_temp.rnd('says' || c || k, cid) < 0.15;
INSERT INTO do_not_disturb (cid, scope, scope_code, reason, valid_from, valid_to)
SELECT cid, s, CASE s WHEN 'channel' THEN 'grid' WHEN 'product' THEN 'p2' END, 'x', t.starts, CASE WHEN t.starts < t.ends THEN t.ends END
FROM customer, unnest(ARRAY['all', 'channel', 'product']) AS s
CROSS JOIN LATERAL (SELECT :day - interval '1 day' * (floor(pg_temp.rnd('dnd' || s, cid) * 4) - 1) AS starts,
                           :day + interval '1 hour' * floor(pg_temp.rnd('dnd hours' || s, cid) * 3) AS ends) AS t
WHERE pg_temp.rnd('disturb' || s, cid) < 0.06;
INSERT INTO control_override (cid, like_cid, since) SELECT cid, cid - cid % 64512 + (cid % 64512 + 7) % 600, :day - interval '1 day' + interval '1 day' * floor(pg_temp.rnd('like', cid) * 3) FROM customer WHERE pg_temp.rnd('override', cid) < 0.05;
INSERT INTO suppression (cid, reason, since) SELECT cid, 'x', :day - interval '1 day' + interval '1 day' * floor(pg_temp.rnd('since', cid) * 3) FROM customer WHERE pg_temp.rnd('suppress', cid) < 0.05;
-- earlier contacts, half of them at full days before the decision: on the edges of the windows
INSERT INTO contact (cid, round_id, strategy_id, channel_code, contact_class, family, state, reserved_at, sent_at, released_at)
SELECT cid, CASE WHEN pg_temp.rnd('round' || k, cid) < 0.2 THEN 'r' END, CASE WHEN pg_temp.rnd('strategy' || k, cid) < 0.8 THEN 1 + floor(pg_temp.rnd('of' || k, cid) * 9) END, ch, class, 'f' || floor(pg_temp.rnd('family' || k, cid) * 4), state, at - interval '1 hour', CASE state WHEN 'sent' THEN at END, CASE state WHEN 'released' THEN at END
FROM (SELECT cid, k, (ARRAY['grid', 'sms', 'outbound', 'hall'])[1 + floor(pg_temp.rnd('ch' || k, cid) * 4)] AS ch,
             CASE WHEN pg_temp.rnd('class' || k, cid) < 0.8 THEN 'marketing' ELSE 'service' END AS class,
             (ARRAY['sent', 'sent', 'sent', 'reserved', 'released', 'virtual'])[1 + floor(pg_temp.rnd('state' || k, cid) * 6)] AS state,
             :day - interval '1 day' * CASE WHEN pg_temp.rnd('edge' || k, cid) < 0.5 THEN floor(pg_temp.rnd('at' || k, cid) * 10) ELSE pg_temp.rnd('at' || k, cid) * 40 - 1 END AS at
      FROM customer, generate_series(1, 4) AS k WHERE pg_temp.rnd('was' || k, cid) < 0.4) AS c;
-- merges: the buckets of both count, and so do contacts the round gave the other
UPDATE contact SET made_for = cid WHERE round_id = 'r' AND pg_temp.rnd('made for', contact_id) < 0.5;
INSERT INTO control_override (cid, like_cid, since)
SELECT c.cid, c.next, :day + interval '1 hour' * (floor(pg_temp.rnd('merged at', c.cid) * 4) - 2)
FROM (SELECT cid, lead(cid, k) OVER (PARTITION BY k ORDER BY cid) AS next FROM customer, generate_series(1, 2) AS k) AS c
WHERE c.next IS NOT NULL AND c.next <> c.cid AND pg_temp.rnd('merged', c.cid) < 0.1
ON CONFLICT DO NOTHING;
SELECT round_open('r', 'x', 'x', :day, max_per_customer => :most) \g /dev/null

-- ---- whole blocks --------------------------------------------------------------
CREATE TEMP VIEW compared AS
SELECT cid, strategy_id, version, channel_code, p::text, value::text, context::text, lever::text, score::text, control, reason, reasons FROM _decide('r', :day, 0, 2, most => :most);
CREATE TEMP TABLE expected AS SELECT * FROM oracle.decide_all('r', :day, 2, :most);
CREATE FUNCTION pg_temp.differences() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT 'engine ' || a::text FROM (TABLE compared EXCEPT SELECT cid, strategy_id, version, channel_code, p::text, value::text, context::text, lever::text, score::text, control, reason, reasons FROM expected) AS a
    UNION ALL
    SELECT 'oracle ' || a::text FROM (SELECT cid, strategy_id, version, channel_code, p::text, value::text, context::text, lever::text, score::text, control, reason, reasons FROM expected EXCEPT TABLE compared) AS a
    LIMIT 5 $$;
SELECT cmp_ok((SELECT count(*) FROM expected), '>', 4000::bigint, (SELECT format('%s decisions, %s contacts of at most %s', count(*), count(*) FILTER (WHERE reason IS NULL), :most) FROM expected));
SELECT cmp_ok((SELECT count(DISTINCT reason) FROM expected), '>=', 9::bigint, 'the data reaches nine reasons or more');
SELECT is_empty('SELECT pg_temp.differences()', 'every candidate is decided alike, with the same factors to the last digit');
SELECT is_empty($$SELECT d.cid, d.strategy_id, d.place, e.place FROM _decide('r', timestamptz '2026-11-02 09:00+08', 0, 2, most => 2) AS d
                  JOIN oracle.decide_all('r', '2026-11-02 09:00+08', 2, 2) AS e USING (cid, strategy_id)
                  WHERE d.place IS DISTINCT FROM CASE WHEN e.place <= 2 THEN e.place END$$, 'places are those of the oracle, as far as there are contacts');
SELECT set_eq($$SELECT strategy_id, reason, customers FROM _decide_counts('r', '2026-11-02 09:00+08', 0, 2, $$ || :most || ')',
              'SELECT strategy_id, reason, count(*) FROM expected GROUP BY 1, 2', 'the counts are those of the candidates');
SELECT is((SELECT array_agg(row(cid, strategy_id)::text) FROM _decide('r', :day, 0, 2, most => :most)),
          (SELECT array_agg(row(cid, strategy_id)::text ORDER BY cid, strategy_id) FROM expected), 'candidates come by customer and strategy');

-- what the session keeps of strategies, tags and policy never goes stale
UPDATE offer SET value = value + 7 WHERE offer_code = 'o2';
UPDATE strategy_version SET eligibility = 'flag' WHERE strategy_id = 3;
UPDATE strategy_version SET applicability = $$in_org('V1')$$ WHERE strategy_id = 5;
SELECT count(*) FROM _decide('r', :day, 0, 2, most => :most) \g /dev/null
UPDATE grid_cell SET org_id = 8 WHERE cell_id = 104;
UPDATE contact_cap SET max_contacts = 1 WHERE cap_id = (SELECT min(cap_id) FROM contact_cap);
DELETE FROM strategy_channel WHERE strategy_id = 4;
UPDATE staff SET active = NOT active WHERE staff_id IN (1, 2);
UPDATE fact SET p1 = p1 / 4;
SELECT tag_put_values('p1', 'SELECT cid, p1 AS value FROM fact') \g /dev/null
TRUNCATE expected;
INSERT INTO expected SELECT * FROM oracle.decide_all('r', :day, 2, :most);
SELECT is_empty('SELECT pg_temp.differences()', 'changed strategies, caps, people and tags count at once');
SAVEPOINT before;
UPDATE platform SET send_enabled = false;
TRUNCATE expected;
INSERT INTO expected SELECT * FROM oracle.decide_all('r', :day, 2, :most);
SELECT is_empty('SELECT pg_temp.differences()', 'the kill switch counts at once');
ROLLBACK TO before;
SELECT is_empty('SELECT pg_temp.differences()', 'and no longer when it was rolled back');

-- ---- one customer ----------------------------------------------------------------
CREATE TEMP TABLE one AS SELECT cid FROM customer WHERE live AND pg_temp.rnd('one', cid) < 0.05;
SELECT set_eq($$SELECT d.cid, d.strategy_id, d.channel_code, d.p, d.score, d.control, d.reasons FROM one, _decide('r', '2026-11-02 09:00+08', 0, 0, one.cid, most => 2) AS d$$,
              $$SELECT d.cid, d.strategy_id, d.channel_code, d.p, d.score, d.control, d.reasons FROM one, oracle._decide('r', '2026-11-02 09:00+08', (cid / 64512)::integer, (cid / 64512)::integer + 1, one.cid, most => 2) AS d$$,
              'one customer is decided like the oracle does, not eligible ones included');
SELECT set_eq($$SELECT d.cid, d.strategy_id, d.reasons FROM one, unnest('{hall,sms}'::text[]) AS c, _decide(NULL, '2026-11-02 09:00+08', 0, 0, one.cid, c, 3) AS d$$,
              $$SELECT d.cid, d.strategy_id, d.reasons FROM one, unnest('{hall,sms}'::text[]) AS c, oracle._decide(NULL, '2026-11-02 09:00+08', (cid / 64512)::integer, (cid / 64512)::integer + 1, one.cid, c, 3) AS d$$,
              'and at a touchpoint');
SELECT set_eq($$SELECT one.cid, t.touchpoint_code, n.place, n.strategy_code, n.score, n.channel_code FROM one, touchpoint AS t, next_best(one.cid, t.touchpoint_code, 3, '2026-11-02 09:00+08', reserve => false) AS n$$,
              $$SELECT d.cid, t.touchpoint_code, d.place, s.code, d.score, d.channel_code FROM touchpoint AS t, oracle._decide(NULL, '2026-11-02 09:00+08', 0, 2, NULL, t.channel_code, 3) AS d
                JOIN one USING (cid) JOIN strategy AS s USING (strategy_id)
                WHERE d.place <= 3 AND d.reasons <@ '{channel_capacity}' AND (d.reason IS NULL OR (SELECT r.day_room FROM _channel_room('2026-11-02 09:00+08') AS r WHERE r.channel_code = t.channel_code) > 0)$$,
              'next_best agrees with the batch, but for seats that the batch gave to others');
SELECT cmp_ok((SELECT count(*) FROM one, touchpoint AS t, next_best(one.cid, t.touchpoint_code, 3, :day, reserve => false)), '>', 5::bigint, 'it has something to offer');

-- the deployment writes what the oracle decides
DELETE FROM round_strategy AS r WHERE NOT EXISTS (SELECT FROM strategy_channel AS c WHERE c.strategy_id = r.strategy_id);
TRUNCATE expected;
INSERT INTO expected SELECT * FROM oracle.decide_all('r', :day, 2, :most);
DO $$ BEGIN WHILE mkt._deploy_step('r', '2026-11-02 10:00+08') LOOP END LOOP; END $$;
SELECT set_eq('SELECT cid, strategy_id, version, channel_code, p, value, context, lever, score FROM work_order',
              'SELECT cid, strategy_id, version, channel_code, p, value, context, lever, score FROM expected WHERE reason IS NULL', 'deployment writes what the oracle allows');
SELECT is_empty($$SELECT * FROM mkt.audit() WHERE check_name NOT IN ('contact_cap', 'contact_control')$$, 'and the books balance (the random past knew no caps and no control)');
SELECT * FROM finish();
ROLLBACK;
