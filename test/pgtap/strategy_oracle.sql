-- strategy_oracle: on random customers, strategies, caps and refusals, every
-- decision equals the one that plain SQL finds, candidate by candidate
-- (semantics B, C, D). The oracle asks no function of mkt but bucket().
\set seed `echo "${SEED:-20261102}"`
\echo # seed :seed
SELECT 1 + :seed % 3 AS most \gset
SET client_min_messages = warning;
BEGIN;
SELECT plan(9);
SET LOCAL search_path = mkt, public;
CREATE FUNCTION pg_temp.rnd(salt text, n bigint) RETURNS float8 LANGUAGE sql
    RETURN (hashtextextended(salt || ' ' || n, current_setting('mkt_test.seed')::bigint) & 1048575)::float8 / 1048576;
SELECT set_config('mkt_test.seed', :'seed', true) \gset
\set day '''2026-11-02 09:00+08''::timestamptz'

-- three blocks of customers
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh)
SELECT t, nullif(t - 1, 0), t, 'U' || t, 'Unit', '单元' FROM generate_series(1, 7) AS t;
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh) SELECT 7 + t, 6, 7, 'V' || t, 'Unit', '单元' FROM generate_series(1, 4) AS t;
-- cell 5 has a person without capacity and no other in its grid, cell 6 nobody but its grid
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh) SELECT 15 + t, CASE t WHEN 5 THEN 4 ELSE 14 + t END, t, 'W' || t, 'Unit', '单元' FROM generate_series(5, 7) AS t;
INSERT INTO staff (staff_id, code, name, name_zh, post_code, org_id, active)
SELECT n, 'S' || n, 'x', 'x', 'field_manager', 7 + n % 4, n <> 3 FROM generate_series(1, 7) AS n;
INSERT INTO staff (staff_id, code, name, name_zh, post_code, org_id, daily_capacity) VALUES (8, 'S8', 'x', 'x', 'field_manager', 22, 0);
INSERT INTO grid_cell (cell_id, code, name, name_zh, kind, grid_id, org_id, geom, area_km2)
SELECT n, 'C' || n, 'x', 'x', 'rural', CASE n WHEN 5 THEN 20 ELSE 5 END, CASE n WHEN 5 THEN 22 WHEN 6 THEN 11 ELSE 6 + n END, ST_Multi(ST_MakeEnvelope(n, 0, n + 1, 1, 4326)), 1
FROM generate_series(1, 6) AS n;
INSERT INTO customer (cid, customer_key, net, cell_id, owner_staff_id, live)
SELECT c, 'K' || c, 'own', CASE WHEN pg_temp.rnd('cell', c) < 0.95 THEN 1 + floor(pg_temp.rnd('which', c) * 6) END,
       CASE WHEN pg_temp.rnd('owner', c) < 0.1 THEN 1 + floor(pg_temp.rnd('who', c) * 8) END, pg_temp.rnd('live', c) < 0.97
FROM generate_series(0, 2) AS b, generate_series(b * 64512::bigint, b * 64512::bigint + 399) AS c;
CREATE TEMP TABLE fact AS
SELECT cid, floor(pg_temp.rnd('arpu', cid) * 200)::integer AS arpu, pg_temp.rnd('flag', cid) < 0.3 AS flag,
       round(pg_temp.rnd('p1', cid)::numeric, 2) AS p1, round(pg_temp.rnd('p2', cid)::numeric, 1) AS p2 FROM customer;
SELECT tag_define('arpu', 'numeric', 'x', '收入'), tag_define('flag', 'boolean', 'x', '标记'),
       tag_define('p1', 'numeric', 'x', '概率一', scale => 2), tag_define('p2', 'numeric', 'x', '概率二', scale => 1) \g /dev/null
SELECT tag_refresh() \g /dev/null
SELECT tag_put_values('arpu', 'SELECT cid, arpu AS value FROM fact'), tag_put_values('p1', 'SELECT cid, p1 AS value FROM fact'),
       tag_put_values('p2', 'SELECT cid, p2 AS value FROM fact'), tag_put('flag', (SELECT tagmap_agg(cid) FROM fact WHERE flag)) \g /dev/null

-- ten strategies; coarse values and factors, so that ties happen
INSERT INTO product (product_code, type_code, family, name, name_zh, business, price)
SELECT 'p' || n, (ARRAY['light', 'plan', 'scenario', 'home_internet'])[n], 'f', 'x', 'x', 'plan', 1 FROM generate_series(1, 4) AS n;
INSERT INTO offer (offer_code, product_code, name, name_zh, value, valid_from)
SELECT 'o' || n, 'p' || n, 'x', 'x', 20 * n, '2026-01-01' FROM generate_series(1, 4) AS n;
CREATE TEMP TABLE rule AS
SELECT n AS strategy_id, floor(pg_temp.rnd('from', n) * 120)::integer AS arpu_from, pg_temp.rnd('unflagged', n) < 0.4 AS unflagged,
       floor(pg_temp.rnd('to', n) * 100 + 100)::integer AS arpu_to, round(pg_temp.rnd('fit', n)::numeric / 2, 2) AS p1_from
FROM generate_series(1, 10) AS n;
INSERT INTO strategy (strategy_id, code, family_code, name, name_zh, kind_code, status)
SELECT n, 's' || n, 'retain', 'x', 'x', 'stock', 'published' FROM generate_series(1, 10) AS n;
INSERT INTO strategy_version (strategy_id, version, eligibility, applicability, suitability, offer_code, propensity_tag,
                              context_factor, control_share, sla_days, valid_from)
SELECT n, 1, ('arpu >= ' || r.arpu_from)::tagexpr, CASE WHEN r.unflagged THEN tagexpr '!flag' END,
       ('arpu < ' || r.arpu_to || ' & p1 >= ' || r.p1_from)::tagexpr, 'o' || 1 + floor(pg_temp.rnd('offer', n) * 4),
       (ARRAY['p1', 'p2', NULL])[1 + floor(pg_temp.rnd('p', n) * 3)], 1 + floor(pg_temp.rnd('context', n) * 2) / 2,
       floor(pg_temp.rnd('control', n) * 3) / 10, 1 + floor(pg_temp.rnd('sla', n) * 2), '2026-01-01'
FROM generate_series(1, 10) AS n JOIN rule AS r ON r.strategy_id = n;
INSERT INTO strategy_channel (strategy_id, rank, channel_code)
SELECT n, row_number() OVER (PARTITION BY n ORDER BY pg_temp.rnd('rank' || c, n)), c
FROM generate_series(1, 10) AS n, unnest(ARRAY['grid', 'sms', 'outbound', 'hotline']) AS c
WHERE c = 'grid' OR pg_temp.rnd('has' || c, n) < 0.5;
UPDATE channel SET daily_capacity = NULL;
INSERT INTO contact_cap (name, name_zh, channels, max_contacts, span, clock) VALUES
    ('x', 'x', NULL, 2 + floor(pg_temp.rnd('n', 1) * 2), '7 days', 'rolling'), ('x', 'x', '{sms,outbound}', 1, '3 days', 'rolling'),
    ('x', 'x', '{outbound}', 1, '7 days', 'calendar'), ('x', 'x', '{hotline}', NULL, '1 day', 'rolling');
INSERT INTO holdout (name, salt, bucket_from, bucket_to, valid_from, valid_to) VALUES
    ('now', 'a', 300, 1000, '2026-01-01', NULL), ('over', 'b', 0, 5000, '2026-01-01', :day);
INSERT INTO consent (cid, channel_code, contact_class, granted, since)
SELECT cid, c, k, pg_temp.rnd('granted' || c || k, cid) < 0.3, :day - (pg_temp.rnd('said' || c, cid) * 20 - 2) * interval '1 day'
FROM customer, unnest(ARRAY['*', 'sms', 'grid']) AS c, unnest(ARRAY['marketing', 'service']) AS k WHERE pg_temp.rnd('says' || c || k, cid) < 0.15;
INSERT INTO do_not_disturb (cid, scope, scope_code, reason, valid_from, valid_to)
SELECT cid, s, CASE s WHEN 'channel' THEN 'grid' WHEN 'product' THEN 'p2' END, 'x', t.starts, CASE WHEN t.starts < t.ends THEN t.ends END
FROM customer, unnest(ARRAY['all', 'channel', 'product']) AS s
CROSS JOIN LATERAL (SELECT :day - interval '1 day' * (floor(pg_temp.rnd('dnd' || s, cid) * 4) - 1) AS starts,
                           :day + interval '1 hour' * floor(pg_temp.rnd('dnd hours' || s, cid) * 3) AS ends) AS t
WHERE pg_temp.rnd('disturb' || s, cid) < 0.06;
INSERT INTO suppression (cid, reason, since) SELECT cid, 'x', :day - interval '1 day' + interval '1 day' * floor(pg_temp.rnd('since', cid) * 3) FROM customer WHERE pg_temp.rnd('suppress', cid) < 0.05;
-- half of the earlier contacts stand at full days before the decision: on the edges of the windows
INSERT INTO contact (cid, channel_code, contact_class, family, state, reserved_at, sent_at, released_at)
SELECT cid, ch, class, 'f', state, at - interval '1 hour', CASE state WHEN 'sent' THEN at END, CASE state WHEN 'released' THEN at END
FROM (SELECT cid, (ARRAY['grid', 'sms', 'outbound'])[1 + floor(pg_temp.rnd('ch' || k, cid) * 3)] AS ch,
             CASE WHEN pg_temp.rnd('class' || k, cid) < 0.8 THEN 'marketing' ELSE 'service' END AS class,
             (ARRAY['sent', 'sent', 'sent', 'reserved', 'released', 'virtual'])[1 + floor(pg_temp.rnd('state' || k, cid) * 6)] AS state,
             :day - interval '1 day' * CASE WHEN pg_temp.rnd('edge' || k, cid) < 0.5 THEN floor(pg_temp.rnd('at' || k, cid) * 10) ELSE pg_temp.rnd('at' || k, cid) * 10 END AS at
      FROM customer, generate_series(1, 4) AS k WHERE pg_temp.rnd('was' || k, cid) < 0.4) AS c;
INSERT INTO contact (cid, channel_code, family, state, reserved_at, sent_at) VALUES (0, 'sms', 'f', 'sent', :day, :day);

-- ---- the oracle ----------------------------------------------------------
CREATE TEMP VIEW counted AS                 -- contacts that count against a cap at the day
SELECT k.cap_id, k.channels, k.max_contacts AS n, c.cid
FROM contact_cap AS k JOIN contact AS c ON c.contact_class = 'marketing' AND (k.channels IS NULL OR c.channel_code = ANY (k.channels))
WHERE k.max_contacts IS NOT NULL
  AND (c.state = 'reserved'
       OR c.state = 'sent' AND CASE k.clock
              WHEN 'rolling' THEN c.sent_at > :day - k.span
              ELSE extract(isoyear FROM c.sent_at AT TIME ZONE 'Asia/Shanghai') * 100 + extract(week FROM c.sent_at AT TIME ZONE 'Asia/Shanghai')
                 = extract(isoyear FROM :day AT TIME ZONE 'Asia/Shanghai') * 100 + extract(week FROM :day AT TIME ZONE 'Asia/Shanghai') END);
CREATE TEMP TABLE used AS SELECT cap_id, cid, count(*) AS used FROM counted GROUP BY 1, 2;
CREATE TEMP TABLE door AS                   -- customer and channel: what is in the way
SELECT c.cid, ch.channel_code,
       NOT coalesce((SELECT s.granted FROM consent AS s WHERE s.cid = c.cid AND s.channel_code = ch.channel_code AND s.contact_class = 'marketing' AND s.since <= :day),
                    (SELECT s.granted FROM consent AS s WHERE s.cid = c.cid AND s.channel_code = '*' AND s.contact_class = 'marketing' AND s.since <= :day), true) AS no_consent,
       EXISTS (SELECT FROM do_not_disturb AS d WHERE d.cid = c.cid AND (d.scope = 'all' OR d.scope = 'channel' AND d.scope_code = ch.channel_code)
               AND d.valid_from <= :day AND coalesce(d.valid_to, 'infinity') > :day) AS dnd,
       (SELECT min(k.max_contacts - coalesce(u.used, 0)) FROM contact_cap AS k LEFT JOIN used AS u ON u.cap_id = k.cap_id AND u.cid = c.cid
        WHERE k.channels IS NULL OR ch.channel_code = ANY (k.channels)) AS room
FROM customer AS c CROSS JOIN channel AS ch;
CREATE INDEX ON door (cid);
CREATE TEMP TABLE judged AS
WITH candidate AS (
    SELECT c.cid, c.cell_id, c.owner_staff_id, s.strategy_id, s.code, v.control_share, v.context_factor, v.sla_days, o.value, o.product_code,
           d.channel_code, d.no_consent, d.dnd, d.room,
           CASE v.propensity_tag WHEN 'p1' THEN f.p1 WHEN 'p2' THEN f.p2 ELSE 1 END AS p,
           coalesce((SELECT l.factor FROM channel_product_priority AS l JOIN product AS p USING (type_code)
                     WHERE p.product_code = o.product_code AND l.channel_code = d.channel_code), 1) AS l,
           r.unflagged AND f.flag AS not_applicable, NOT (f.arpu < r.arpu_to AND f.p1 >= r.p1_from) AS not_suitable
    FROM customer AS c JOIN fact AS f USING (cid) CROSS JOIN strategy AS s
    JOIN strategy_version AS v USING (strategy_id) JOIN rule AS r USING (strategy_id) JOIN offer AS o USING (offer_code)
    CROSS JOIN LATERAL (SELECT d.* FROM strategy_channel AS x JOIN door AS d ON d.cid = c.cid AND d.channel_code = x.channel_code
                        WHERE x.strategy_id = s.strategy_id
                        ORDER BY NOT (d.no_consent OR d.dnd OR coalesce(d.room, 9) <= 0) DESC, x.rank LIMIT 1) AS d
    WHERE c.live AND f.arpu >= r.arpu_from
)
SELECT c.*, c.p * c.value * c.context_factor * c.l AS score,
       CASE WHEN c.no_consent THEN 'no_consent'
            WHEN c.dnd OR EXISTS (SELECT FROM do_not_disturb AS d WHERE d.cid = c.cid AND d.scope = 'product' AND d.scope_code = c.product_code
                                  AND d.valid_from <= :day AND coalesce(d.valid_to, 'infinity') > :day) THEN 'do_not_disturb'
            WHEN EXISTS (SELECT FROM suppression AS s WHERE s.cid = c.cid AND s.since <= :day) THEN 'suppressed'
            WHEN bucket('a', c.cid) BETWEEN 300 AND 999 THEN 'global_control'
            WHEN bucket(c.code || (SELECT tenant_salt FROM platform), c.cid) < c.control_share * 10000 THEN 'strategy_control'
            WHEN c.not_applicable THEN 'not_applicable'
            WHEN c.not_suitable THEN 'not_suitable'
            WHEN c.room <= 0 THEN 'frequency_cap'
            WHEN NOT (coalesce((SELECT s.active AND s.daily_capacity > 0 FROM staff AS s WHERE s.staff_id = c.owner_staff_id), false)
                      OR EXISTS (SELECT FROM grid_cell AS g JOIN org AS p ON p.org_id IN (g.org_id, g.grid_id) JOIN org AS u ON u.lft BETWEEN p.lft AND p.rgt
                                 JOIN staff AS s ON s.org_id = u.org_id AND s.active AND s.daily_capacity > 0 WHERE g.cell_id = c.cell_id)) THEN 'unrouted'
       END AS reason
FROM candidate AS c;
CREATE INDEX ON judged (cid);
CREATE TEMP TABLE oracle AS
SELECT j.cid, j.code, j.channel_code, j.score,
       CASE WHEN j.reason IS NOT NULL THEN j.reason
            WHEN better.n >= :most THEN 'outranked'
            WHEN better.n >= j.room THEN 'frequency_cap' END AS reason
FROM judged AS j
CROSS JOIN LATERAL (SELECT count(*) AS n FROM judged AS b
                    WHERE b.cid = j.cid AND b.reason IS NULL
                      AND (b.score > j.score OR b.score = j.score AND (b.value > j.value OR b.value = j.value
                           AND (b.sla_days < j.sla_days OR b.sla_days = j.sla_days AND b.strategy_id < j.strategy_id)))) AS better;

-- ---- the two compared ----------------------------------------------------
SELECT round_open('r', 'x', 'x', :day, max_per_customer => :most) \g /dev/null
CREATE TEMP TABLE answer AS SELECT * FROM dry_run('r');
SELECT cmp_ok((SELECT count(*) FROM oracle), '>', 3000::bigint, (SELECT format('%s decisions, %s contacts', count(*), count(*) FILTER (WHERE reason IS NULL)) FROM oracle));
SELECT cmp_ok((SELECT count(DISTINCT reason) FROM oracle), '>=', 9::bigint, 'the data reaches nine reasons or more');
SELECT cmp_ok((SELECT count(*) FROM (SELECT cid, score FROM oracle WHERE reason IS NULL OR reason = 'outranked' GROUP BY 1, 2 HAVING count(*) > 1) AS t), '>', 0::bigint, 'there are ties');
SELECT is_empty($$SELECT * FROM oracle AS o FULL JOIN answer AS a ON (a.cid, a.strategy_code) = (o.cid, o.code)
                  WHERE (o.channel_code, o.score, coalesce(o.reason, '')) IS DISTINCT FROM (a.channel_code, a.score, coalesce(a.reason, ''))$$,
                'dry_run decides like the oracle');
SELECT is_empty('SELECT * FROM answer WHERE reason IS DISTINCT FROM reasons[1]', 'the reason is the first of all reasons');

DO $$ BEGIN WHILE mkt._deploy_step('r', '2026-11-02 10:00+08') LOOP END LOOP; END $$;
SELECT set_eq('SELECT o.cid, s.code, o.channel_code, o.score FROM mkt.issued_order AS o JOIN mkt.strategy AS s USING (strategy_id)',
              'SELECT cid, code, channel_code, score FROM oracle WHERE reason IS NULL', 'deployment issues what the oracle allows');
SELECT is_empty('SELECT cid, count(*) FROM mkt.issued_order GROUP BY 1 HAVING count(*) > (SELECT max_per_customer FROM mkt.round)', 'nobody gets more than the round allows');
-- what was over the cap before (the random past knows no caps) must not have grown
SELECT is_empty($$SELECT k.cap_id, o.cid FROM mkt.issued_order AS o
                  JOIN mkt.contact_cap AS k ON k.channels IS NULL OR o.channel_code = ANY (k.channels)
                  LEFT JOIN used AS u ON u.cap_id = k.cap_id AND u.cid = o.cid
                  GROUP BY k.cap_id, k.max_contacts, o.cid, u.used HAVING count(*) + coalesce(u.used, 0) > k.max_contacts$$, 'and nobody more than a cap allows');
SELECT is_empty($$SELECT e.* FROM (SELECT cid, code, coalesce(reason, '') AS reason FROM oracle WHERE cid % 40 = 1) AS o
                  CROSS JOIN LATERAL (SELECT coalesce(min(x.rule) FILTER (WHERE x.ordinal = x.first), '') AS rule
                                      FROM (SELECT e.*, min(e.ordinal) FILTER (WHERE NOT e.passed) OVER () AS first
                                            FROM mkt.explain(o.cid, o.code, '2026-11-02 09:00+08', 'r') AS e) AS x) AS e
                  WHERE e.rule <> o.reason$$, 'explain names the reason afterwards');
SELECT * FROM finish();
ROLLBACK;
