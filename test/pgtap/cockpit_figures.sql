-- cockpit_figures: the cockpits against numbers worked out by hand and a plain-SQL oracle
BEGIN;
SELECT plan(39);

-- The rows a query gives to a role, as one line.
CREATE FUNCTION pg_temp.seen(role name, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    PERFORM set_config('role', role, true);
    EXECUTE format('SELECT string_agg(r::text, '' '') FROM (%s) AS r', query) INTO answer;
    PERFORM set_config('role', 'none', true);
    RETURN answer;
END
$$;

-- ---- a small operator: two cities, three individuals, one round ---------
INSERT INTO mkt.org (org_id, parent_id, tier, code, name, name_zh)
VALUES (1, NULL, 1, 'P', 'Province', '省'),
       (2, 1, 2, 'A', 'City A', '甲市'), (3, 1, 2, 'B', 'City B', '乙市'),
       (4, 2, 3, 'A1', 'County A', '甲县'), (5, 3, 3, 'B1', 'County B', '乙县'),
       (6, 4, 4, 'LA', 'Line A', '甲线'), (7, 5, 4, 'LB', 'Line B', '乙线'),
       (8, 6, 5, 'GA', 'Grid A', '甲格'), (9, 7, 5, 'GB', 'Grid B', '乙格'),
       (10, 8, 6, 'CA', 'CEO A', '甲小CEO'), (11, 9, 6, 'CB', 'CEO B', '乙小CEO'),
       (12, 10, 7, 'IA', 'Individual A', '甲兵'), (13, 11, 7, 'IB', 'Individual B', '乙兵'), (14, 11, 7, 'IC', 'Individual C', '丙兵'),
       (15, 11, 7, 'ID', 'Individual D', '丁兵');
INSERT INTO mkt.staff (staff_id, code, name, name_zh, post_code, org_id, daily_capacity)
VALUES (1, 'SA', 'Staff A', '甲', 'field_manager', 12, 4), (2, 'SB', 'Staff B', '乙', 'field_manager', 13, 10),
       (3, 'SC', 'Staff C', '丙', 'field_manager', 14, 0), (4, 'SP', 'Staff P', '省', 'product_management', 1, 30);
INSERT INTO mkt.grid_cell (cell_id, code, name, name_zh, kind, grid_id, org_id, geom, area_km2, households, ports_total, ports_used)
SELECT c.cell_id, c.code, c.code, c.code, c.kind, c.grid_id, c.org_id, ST_Multi(ST_MakeEnvelope(c.x, 38, c.x + 1, 39, 4326)), 100, 50, 80, 30
FROM (VALUES (101, 'cell A', 'community', 8, 12, 114), (102, 'cell B', 'rural', 9, 13, 115), (103, 'cell C', 'rural', 9, 14, 116))
    AS c(cell_id, code, kind, grid_id, org_id, x);
INSERT INTO mkt.hall (hall_id, code, name, name_zh, org_id, cell_id, location)
VALUES (1, 'HA', 'Hall A', '甲厅', 12, 101, ST_SetSRID(ST_MakePoint(114.5, 38.5), 4326));
INSERT INTO mkt.customer (cid, customer_key, net, cell_id, live)
SELECT k, 'K' || k, CASE WHEN k % 4 = 0 THEN 'off' ELSE 'own' END,
       CASE WHEN k <= 20 THEN 101 WHEN k <= 30 THEN 102 WHEN k <= 39 THEN 103 END, k <> 39
FROM generate_series(1, 40) AS k;
INSERT INTO mkt.customer_profile (cid, tenure_months, churn_score, churned, monthly_charges)
VALUES (1, 3, 0.1, false, 50), (2, 12, 0.2, false, 60), (3, 60, 0.3, false, 70), (5, 60, 0.8, false, 80), (6, 60, 0.9, true, 90), (8, 5, NULL, NULL, 10);

INSERT INTO mkt.product (product_code, type_code, family, name, name_zh, business, price, owner_org, core)
VALUES ('p1', 'plan', 'p', 'Plan', '套餐', 'plan', 100, 1, true), ('p2', 'terminal', 't', 'Phone', '手机', 'terminal', 1000, NULL, true);
INSERT INTO mkt.offer (offer_code, product_code, name, name_zh, value, cost, valid_from)
VALUES ('o1', 'p1', 'Plan offer', '套餐优惠', 120, 10, '2026-01-01');
INSERT INTO mkt.strategy (strategy_id, code, family_code, name, name_zh, kind_code, status)
VALUES (1, 'keep', 'retain', 'Keep', '维系', 'stock', 'published'), (2, 'grow', 'acquire', 'Grow', '拉新', 'growth', 'published');
INSERT INTO mkt.strategy_version (strategy_id, version, eligibility, offer_code, sla_days, valid_from)
VALUES (1, 1, 'live', 'o1', 7, '2026-01-01'), (2, 1, 'live', 'o1', 7, '2026-01-01');
INSERT INTO mkt.round (round_id, name, name_zh, as_of, state, opened_at, published_at)
VALUES ('R', 'Round', '一轮', '2026-11-02 00:00Z', 'published', '2026-11-02 00:00Z', '2026-11-02 01:00Z'),
       ('hidden', 'Not yet', '未发布', '2026-11-03 00:00Z', 'deploying', '2026-11-03 00:00Z', NULL);
INSERT INTO mkt.round_strategy (round_id, strategy_id, version) VALUES ('R', 1, 1), ('R', 2, 1), ('hidden', 1, 1);

-- Straight into every state there is: the triggers that guard the way there are workorder's tests.
SET LOCAL session_replication_role = replica;
INSERT INTO mkt.work_order (round_id, strategy_id, version, cid, kind_code, channel_code, offer_code, org_id, cell_id, staff_id,
                            state, attempts, outcome, p, value, context, lever, score, issued_at, due_at, state_at)
SELECT CASE WHEN s.state = 'planned' THEN 'hidden' ELSE 'R' END, 1, 1, s.cid, 'stock', s.channel, 'o1',
       CASE WHEN s.cid <= 20 THEN 12 WHEN s.cid <= 30 THEN 13 ELSE 14 END, c.cell_id,
       CASE WHEN s.cid <= 20 THEN 1 WHEN s.cid <= 30 THEN 2 ELSE 3 END,
       s.state, s.attempts, s.outcome, 1, 120, 1, 1, 120, '2026-11-02 00:00Z', '2026-11-09 00:00Z', '2026-11-02 02:00Z'::timestamptz + s.cid * interval '1 minute'
FROM (VALUES
    ( 1, 'planned',     0, NULL,             'grid'), ( 2, 'issued',      0, NULL,             'grid'),
    ( 3, 'accepted',    0, NULL,             'grid'), ( 4, 'contacting',  1, 'call_back',      'grid'),
    ( 5, 'succeeded',   2, 'accepted',       'grid'), ( 6, 'refused',     1, 'too_expensive',  'grid'),
    ( 7, 'unreachable', 1, 'no_answer',      'grid'), ( 8, 'invalid',     1, 'wrong_number',   'grid'),
    ( 9, 'verified',    1, 'accepted',       'sms'),  (10, 'closed',      1, 'too_expensive',  'sms'),
    (11, 'closed',      1, 'accepted',       'sms'),  (12, 'transferred', 0, NULL,             'sms'),
    (13, 'overdue',     0, NULL,             'sms'),  (14, 'overdue',     1, 'call_back',      'sms'),
    (15, 'cancelled',   0, NULL,             'sms'),  (16, 'recycled',    0, NULL,             'sms'),
    (21, 'issued',      0, NULL,             'grid'), (22, 'succeeded',   1, 'accepted',       'grid'),
    (31, 'refused',     1, 'not_interested', 'grid')) AS s(cid, state, attempts, outcome, channel)
JOIN mkt.customer AS c ON c.cid = s.cid;
INSERT INTO mkt.contact (cid, round_id, strategy_id, order_id, channel_code, family, state, org_id, reserved_at, sent_at, released_at, responded)
SELECT o.cid, o.round_id, o.strategy_id, o.order_id, o.channel_code, 'p',
       CASE WHEN o.state = 'unreachable' THEN 'released' WHEN o.attempts > 0 THEN 'sent' ELSE 'reserved' END, o.org_id, o.issued_at,
       CASE WHEN o.attempts > 0 AND o.state <> 'unreachable' THEN o.state_at END, CASE WHEN o.state = 'unreachable' THEN o.state_at END,
       CASE WHEN o.attempts > 0 THEN o.outcome = 'accepted' END
FROM mkt.issued_order AS o;
INSERT INTO mkt.contact (cid, round_id, strategy_id, channel_code, family, state, org_id, reserved_at)
VALUES (17, 'R', 1, 'grid', 'p', 'virtual', 12, '2026-11-02 00:00Z'), (18, 'R', 1, 'grid', 'p', 'virtual', 12, '2026-11-02 00:00Z');
INSERT INTO mkt.contact (cid, channel_code, family, state, org_id, reserved_at, sent_at, responded)
VALUES (19, 'sms', 'p', 'sent', 12, '2026-10-01', '2026-10-01', true);
SET LOCAL session_replication_role = origin;
SELECT mkt.rollup_rebuild();    -- what was loaded with the triggers off

INSERT INTO mkt.round_refusal (round_id, strategy_id, reason, customers)
VALUES ('R', 1, 'no_consent', 7), ('R', 1, 'frequency_cap', 9), ('R', 1, 'global_control', 1), ('R', 1, 'strategy_control', 1), ('R', 1, 'unrouted', 1);
INSERT INTO mkt.unrouted (round_id, strategy_id, cid, reason) VALUES ('R', 1, 40, 'outside every grid');
UPDATE mkt.tag SET members = 39, refreshed_at = '2026-11-02 00:30Z' WHERE code = 'live';
UPDATE mkt.tag SET members = 38, refreshed_at = '2026-11-02 00:30Z' WHERE code = 'cell';

INSERT INTO mkt.code (code, kind, target, org_id, domain_code, created_at)
VALUES ('AAA', 'shop', 'HA', 12, 'store', '2026-11-01'), ('BBB', 'product', 'p1', NULL, 'app', '2026-11-01');
INSERT INTO mkt.scan (code, cid, domain_code, step, at, org_id, request_id)
SELECT s.code, s.cid, s.domain, s.step, '2026-11-02 03:00Z'::timestamptz + row_number() OVER () * interval '1 minute', 12, 'scan ' || row_number() OVER ()
FROM (VALUES ('AAA', 1, 'store', 'browse'), ('AAA', 1, 'store', 'scan'), ('AAA', 1, 'store', 'order'), ('AAA', 1, 'store', 'pay'),
             ('AAA', 2, 'store', 'scan'), ('AAA', 2, 'store', 'scan'), ('AAA', NULL, 'store', 'browse'), ('AAA', NULL, 'store', 'browse'),
             ('BBB', 3, 'app', 'browse'), ('BBB', 3, 'app', 'collect'), ('BBB', 9, 'app', 'browse')) AS s(code, cid, domain, step);
INSERT INTO mkt.fan (domain_code, cid, since) VALUES ('app', 1, '2026-09-01'), ('app', 4, '2026-10-20'), ('app', 2, '2026-11-01'), ('wecom', 1, '2026-11-02');

INSERT INTO mkt.sales_order (order_key, cid, org_id, product_code, channel_code, domain_code, sale_scene, flow, amount, code, state, placed_at,
                             accepted_at, auto_accepted, landed_at, dispatched_at, auto_dispatched, delivered_at, cancelled_at, delivery_mode, visits)
SELECT 'SO' || o.cid || o.product, o.cid, 12, o.product, 'grid', o.domain, o.scene, o.flow, o.amount, o.code, o.state, o.at,
       CASE WHEN o.accept THEN o.at + interval '1 minute' END, CASE WHEN o.accept THEN o.auto END,
       CASE WHEN o.accept THEN o.at + interval '2 minutes' END,
       CASE WHEN o.accept THEN o.at + interval '3 minutes' END, CASE WHEN o.accept THEN o.auto END,
       CASE WHEN o.state = 'delivered' THEN o.at + o.took * interval '1 minute' END, CASE WHEN o.state = 'cancelled' THEN o.at END, o.mode, o.visits
FROM (VALUES
    ( 1, 'p1', 'store', 'code',         'mobile', 100, 'AAA', 'delivered',  timestamptz '2026-11-02 04:00Z', true,  true,  10, 'install', 1),
    ( 2, 'p1', 'app',   'self_service', 'mobile', 100, NULL,  'delivered',  timestamptz '2026-11-02 04:00Z', true,  true,  20, 'install', 2),
    ( 3, 'p2', 'app',   'self_service', 'mobile', 100, 'BBB', 'delivered',  timestamptz '2026-11-02 04:00Z', true,  false, 30, 'install', 1),
    ( 5, 'p1', NULL,    'field',        'fixed',  100, NULL,  'dispatched', timestamptz '2026-11-02 04:00Z', true,  true,   0, 'install', 1),
    ( 6, 'p1', NULL,    'field',        'fixed',  100, NULL,  'cancelled',  timestamptz '2026-11-02 04:00Z', false, false,  0, 'install', 0),
    ( 9, 'p1', 'app',   'field',        'fixed',  100, NULL,  'placed',     timestamptz '2026-11-01 04:00Z', false, false,  0, 'install', 0),
    (17, 'p1', NULL,    'casual',       'fixed',  100, NULL,  'placed',     timestamptz '2026-11-20 04:00Z', false, false,  0, 'install', 0),
    (18, 'p2', NULL,    'casual',       'fixed',  100, NULL,  'placed',     timestamptz '2026-11-20 04:00Z', false, false,  0, 'install', 0))
    AS o(cid, product, domain, scene, flow, amount, code, state, at, accept, auto, took, mode, visits);

INSERT INTO mkt.coupon_batch (code, name, name_zh, product_code, face_value, total, per_customer, generated, valid_from, valid_to)
VALUES ('ended', 'Ended', '已结束', 'p1', 20, 10, 1, 6, '2026-10-01', '2026-11-01'), ('running', 'Running', '进行中', 'p1', 20, 10, 1, 1, '2026-10-01', '2026-11-03');
INSERT INTO mkt.coupon (coupon_code, batch_id, cid, holding, org_id, state, first_issuer, issue_request, generated_at, issued_at, claimed_at,
                        redeemed_at, redeem_request, sales_order_id, voided_at, void_reason)
SELECT c.coupon_code, b.batch_id, c.cid, c.holding, 12, c.state, 'SA', 'issue', '2026-10-02', c.issued, c.claimed, c.redeemed,
       CASE WHEN c.redeemed IS NOT NULL THEN 'redeem' END, CASE WHEN c.redeemed IS NOT NULL THEN (SELECT sales_order_id FROM mkt.sales_order WHERE order_key = 'SO1p1') END,
       c.voided, CASE WHEN c.voided IS NOT NULL THEN 'misprint' END
FROM (VALUES
    ('c1', 'ended',   NULL, NULL, 'generated', NULL::date, NULL::date, NULL::date, NULL::date),
    ('c2', 'ended',   NULL, NULL, 'issued',    '2026-10-03', NULL, NULL, NULL),
    ('c3', 'ended',   1,    1,    'claimed',   '2026-10-03', '2026-10-04', NULL, NULL),
    ('c4', 'ended',   2,    1,    'redeemed',  '2026-10-03', '2026-10-04', '2026-10-05', NULL),
    ('c5', 'ended',   NULL, NULL, 'void',      '2026-10-03', NULL, NULL, '2026-10-06'),
    ('c6', 'ended',   3,    NULL, 'void',      '2026-10-03', '2026-10-04', NULL, '2026-11-02'),
    ('c7', 'running', 3,    1,    'claimed',   '2026-10-03', '2026-10-04', NULL, NULL))
    AS c(coupon_code, batch, cid, holding, state, issued, claimed, redeemed, voided)
JOIN mkt.coupon_batch AS b ON b.code = c.batch;

-- ---- command ------------------------------------------------------------
-- Fifteen orders of individual A are out: the planned one belongs to a round that is not published.
SELECT is(pg_temp.seen('none',
    $$SELECT issued, accepted, contacted, succeeded, refused, unreachable, overdue, open, other, contact_rate, success_rate, as_of
      FROM mkt_cockpit.command_tier_progress WHERE code = 'IA'$$),
    '(15,10,9,3,2,1,2,4,3,0.6000,0.3333,"2026-11-02 02:31:00+00")',
    'every state counts as what it is');
SELECT is(pg_temp.seen('none',
    $$SELECT code, tier, issued, succeeded FROM mkt_cockpit.command_tier_progress ORDER BY tier, code$$),
    '(P,1,18,4) (A,2,15,3) (B,2,3,1) (A1,3,15,3) (B1,3,3,1) (LA,4,15,3) (LB,4,3,1) (GA,5,15,3) (GB,5,3,1) (CA,6,15,3) (CB,6,3,1) (IA,7,15,3) '
    '(IB,7,2,1) (IC,7,1,0)',
    'a row for each unit with tasks at all seven tiers, none for the one without');
SELECT is((SELECT path_zh FROM mkt_cockpit.command_tier_progress WHERE code = 'IC'), mkt.org_path_zh(14), 'the path is the one of org_path_zh()');
SELECT is((SELECT count(*) FROM mkt_cockpit.command_tier_progress WHERE tier = 7 AND issued > 0), 3::bigint, 'a filter on the tier leaves that tier');

-- moving a unit moves its figures
SELECT mkt.org_move(14, 10);
SELECT is(pg_temp.seen('none',
    $$SELECT code, issued FROM mkt_cockpit.command_tier_progress WHERE tier IN (2, 6) ORDER BY code$$),
    '(A,16) (B,2) (CA,16) (CB,2)',
    'a unit that moves takes its tasks along');
SELECT mkt.org_move(14, 11);

SELECT is(pg_temp.seen('none',
    $$SELECT code, issued, share_of_parent FROM mkt_cockpit.command_drill WHERE parent_code = 'CB' ORDER BY code$$),
    '(IB,2,0.6667) (IC,1,0.3333)',
    'drill: the children of one parent and their shares');
SELECT is(pg_temp.seen('none',
    $$SELECT code, issued, share_of_parent FROM mkt_cockpit.command_drill WHERE parent_code IS NULL$$),
    '(P,18,1.0000)',
    'drill begins at the province');
SELECT is(pg_temp.seen('none',
    $$SELECT kind_code, strategy_code, rule, issued, succeeded, value_yuan, contact_rate FROM mkt_cockpit.command_task_list ORDER BY strategy_code$$),
    '(growth,grow,live,0,0,0.00,) (stock,keep,live,18,4,480.00,0.6111)',
    'task lists: the strategy without tasks is there with zeros');
SELECT is(pg_temp.seen('none',
    $$SELECT code, own_customers, off_customers, own_share, ports_free, open_tasks, succeeded, sales_orders, sales_yuan, churn_risk, staff_code
      FROM mkt_cockpit.command_battle_map ORDER BY code$$),
    '("cell A",15,5,0.7500,50,4,3,7,700.00,0.4600,SA) ("cell B",8,2,0.8000,50,1,1,0,0.00,,SB) ("cell C",6,2,0.7500,50,0,0,0,0.00,,SC)',
    'battle map: live customers, resources, tasks, sales, who answers');
SELECT is(pg_temp.seen('none', $$SELECT code FROM mkt_cockpit.command_battle_map WHERE county_code = 'B1' ORDER BY code$$),
          '("cell B") ("cell C")', 'battle map of a county');
SELECT is((SELECT ST_AsText(ST_GeomFromGeoJSON(geojson)) FROM mkt_cockpit.command_battle_map_geojson WHERE grid_code = 'GA'),
          'MULTIPOLYGON(((114 38,114 39,115 39,115 38,114 38)))', 'the shape is GeoJSON that reads back');
SELECT is(pg_temp.seen('none',
    $$SELECT staff_code, issued, open, overdue, contacted, success_rate, load_days FROM mkt_cockpit.command_staff_load ORDER BY staff_code$$),
    '(SA,15,4,2,9,0.3333,1.50) (SB,2,1,0,1,1.0000,0.10) (SC,1,0,0,1,0.0000,) (SP,0,0,0,0,,0.00)',
    'staff load in days, without dividing by nothing');
SELECT is(pg_temp.seen('none',
    $$SELECT round_id, strategy_code, reason, customers FROM mkt_cockpit.command_unrouted$$),
    '(R,keep,"outside every grid",1)',
    'who found nobody');

-- ---- customer -----------------------------------------------------------
SELECT is(pg_temp.seen('none',
    $$SELECT city_code, net, area_kind, lifecycle, customers, monthly_yuan FROM mkt_cockpit.customer_structure ORDER BY 1, 2, 3, 4$$),
    '(A,off,community,prospect,5,10.00) (A,own,community,at_risk,1,80.00) (A,own,community,growing,1,60.00) (A,own,community,lost,1,90.00) '
    '(A,own,community,mature,11,70.00) (A,own,community,new,1,50.00) (B,off,rural,prospect,4,0.00) (B,own,rural,mature,14,0.00) '
    '(outside,off,outside,prospect,1,0.00)',
    'structure: every live customer once, also those outside the map');
SELECT is(pg_temp.seen('none',
    $$SELECT strategy_code, candidates, issued, control, refused, unrouted, top_refusal_zh, top_refusal_customers, coverage_rate
      FROM mkt_cockpit.customer_strategy_coverage ORDER BY strategy_code$$),
    '(grow,0,0,0,0,0,,,) (keep,37,18,2,16,1,触达频次超限,9,0.4865)',
    'coverage: candidates are issued, control, refused and unrouted; the hidden round is not there');
SELECT is(pg_temp.seen('none',
    $$SELECT reason, customers FROM mkt_cockpit.customer_refusal WHERE strategy_code = 'keep' ORDER BY ordinal$$),
    '(no_consent,7) (global_control,1) (strategy_control,1) (frequency_cap,9) (unrouted,1)',
    'refusals in the order of the tests');
SELECT is(pg_temp.seen('none',
    $$SELECT channel_code, issued, contacted, responded, succeeded, cost_yuan, value_yuan, conversion_rate, roi_output_input, other_contacts
      FROM mkt_cockpit.customer_channel_effect WHERE channel_code IN ('grid', 'sms', 'hall') ORDER BY channel_code$$),
    '(grid,10,6,2,2,36.00,240.00,0.3333,6.67,0) (hall,0,0,0,0,0.00,0.00,,,0) (sms,8,4,2,2,0.20,240.00,0.5000,1200.00,1)',
    'channel effect: cost of contacts made, value of what was taken, no return on nothing');
SELECT is(pg_temp.seen('none',
    $$SELECT strategy_code, treated, treated_converted, control, control_converted, treated_rate, control_rate, lift_pp FROM mkt_cockpit.customer_strategy_effect$$),
    '(keep,18,2,2,1,0.1111,0.5000,-38.89)',
    'strategy effect: only its product, only after the contact, cancelled orders do not count');
SELECT is(pg_temp.seen('none',
    $$SELECT tag_code, members, coverage_pct FROM mkt_cockpit.customer_tag_catalogue WHERE tag_code IN ('live', 'cell') ORDER BY tag_code$$),
    '(cell,38,97.44) (live,39,100.00)',
    'coverage of a tag is against the live customers');

-- ---- traffic ------------------------------------------------------------
SELECT is(pg_temp.seen('none',
    $$SELECT code_kind, domain_code, browsed, scanned, carted, ordered, paid, collected, click_to_deal FROM mkt_cockpit.traffic_code_funnel ORDER BY code_kind$$),
    '(product,app,2,1,1,1,1,1,1.0000) (shop,store,4,2,1,1,1,0,0.5000)',
    'code funnel: a visit counts up to its furthest step, a second scan is the same visit, strangers one by one');
SELECT is(pg_temp.seen('none',
    $$SELECT batch_code, planned, generated, issued, claimed, redeemed, voided, expired, redeem_rate, redeemed_yuan FROM mkt_cockpit.traffic_coupon_funnel ORDER BY batch_code$$),
    '(ended,10,6,5,3,1,2,3,0.3333,20.00) (running,10,1,1,1,0,0,0,0.0000,0.00)',
    'coupon funnel: expired by comparison, voided ones keep the steps they had made');
SELECT is(pg_temp.seen('none',
    $$SELECT domain_code, fans, steps, visitors, buyers, orders, amount_yuan, conversion_rate FROM mkt_cockpit.traffic_domain_conversion
      WHERE domain_code IN ('app', 'store', 'outbound') ORDER BY domain_code$$),
    '(app,3,3,2,2,3,300.00,1.0000) (outbound,0,0,0,0,0,0.00,) (store,0,8,2,1,1,100.00,0.5000)',
    'domain conversion: a buyer is a visitor who ordered there');
SELECT is(pg_temp.seen('none',
    $$SELECT from_domain_code, to_domain_code, customers, orders, amount_yuan FROM mkt_cockpit.traffic_flow_matrix ORDER BY 1, 2$$),
    '(app,app,1,1,100.00) (store,app,1,1,100.00) (store,store,1,1,100.00)',
    'flow matrix: seen in the store, then ordered in the App; an order before the visit came from elsewhere');
SELECT is(pg_temp.seen('none',
    $$SELECT hall_code, steps, visitors, orders, amount_yuan, orders_per_visitor FROM mkt_cockpit.traffic_hall$$),
    '(HA,8,4,1,100.00,0.2500)',
    'hall: what its code brings');
SELECT is(pg_temp.seen('none',
    $$SELECT domain_code, fans, own_net, off_net, new_7d, new_30d, growth_30d FROM mkt_cockpit.traffic_fan WHERE fans > 0 ORDER BY domain_code$$),
    '(app,3,2,1,1,2,2.0000) (wecom,1,1,0,1,1,)',
    'fans and their growth');

-- ---- middle platform ----------------------------------------------------
SELECT is(pg_temp.seen('none',
    $$SELECT flow, state, orders, share_of_flow FROM mkt_cockpit.middle_order_flow WHERE orders > 0 ORDER BY flow, ordinal$$),
    '(fixed,cancelled,1,0.2000) (fixed,placed,3,0.6000) (fixed,dispatched,1,0.2000) (mobile,delivered,3,1.0000)',
    'order flow by state');
SELECT is((SELECT count(*) FROM mkt_cockpit.middle_order_flow), 18::bigint, 'three flows times six states, empty ones too');
SELECT is(pg_temp.seen('none',
    $$SELECT flow, orders, accepted, auto_accepted, auto_rate, target_met, landing_p50_minutes FROM mkt_cockpit.middle_auto_acceptance ORDER BY flow$$),
    '(2i,0,0,0,,,) (fixed,5,1,1,1.0000,t,2.0) (mobile,3,3,2,0.6667,f,2.0)',
    'automatic acceptance against 90 %, nothing said about an empty flow');
SELECT is(pg_temp.seen('none',
    $$SELECT delivery_mode, delivered, p50_minutes, p90_minutes, second_visits, second_visit_rate FROM mkt_cockpit.middle_delivery_time WHERE delivery_mode IN ('install', 'door') ORDER BY 1$$),
    '(door,0,,,0,) (install,3,20.0,28.0,1,0.3333)',
    'delivery time: median and ninth tenth');
SELECT is(pg_temp.seen('none',
    $$SELECT sale_scene, orders, amount_yuan, share FROM mkt_cockpit.middle_sale_scene WHERE orders > 0 ORDER BY sale_scene$$),
    '(casual,2,200.00,0.2857) (code,1,100.00,0.1429) (field,2,200.00,0.2857) (self_service,2,200.00,0.2857)',
    'sales by scene without the cancelled');
SELECT is(pg_temp.seen('none',
    $$SELECT mechanism_code, value, target_met FROM mkt_cockpit.middle_mechanism ORDER BY mechanism_code$$),
    '(customer_perception,1,t) (embedded_staff,1,f) (front_line_perception,1,) (intensive_acceptance,0.75,f) '
    '(product_operation,0.5,f) (resource_grooming,0.75,) (reversed_installation,0.3333,f) (six_scene_support,4,f) '
    '(unified_commodity,0.5,f) (unified_delivery,20,)',
    'ten mechanisms, each measured');

-- ---- overview -----------------------------------------------------------
SELECT is(pg_temp.seen('none',
    $$SELECT cockpit, orientation_zh, value1, value2, value3 FROM mkt_cockpit.overview ORDER BY cockpit$$),
    '(command,面向市场,18,0.6111,0.3636) (customer,面向客户,29,10,0.4615) (middle,面向支撑,8,0.7500,0.3) (traffic,面向销售,11,1,0.2500)',
    'overview: four cockpits and their figures');
SELECT is(pg_temp.seen('none',
    $$SELECT source, as_of, ok FROM mkt_cockpit.freshness WHERE source IN ('work_order', 'scan')$$),
    '(work_order,"2026-11-02 02:31:00+00",t) (scan,"2026-11-02 03:11:00+00",t)',
    'freshness of a ledger is its last event');
SELECT is(pg_temp.seen('none',
    $$SELECT ok, detail FROM mkt_cockpit.freshness WHERE source = 'audit'$$),
    '(f,"never ran")',
    'a job that never ran is not fresh');

-- ---- who sees what ------------------------------------------------------
CREATE ROLE cockpit_branch; CREATE ROLE cockpit_office;
SELECT mkt.grant_access('cockpit_branch', 'bi_reader', 3), mkt.grant_access('cockpit_office', 'bi_reader', 1);
SELECT is(pg_temp.seen('cockpit_branch', 'SELECT code, issued FROM mkt_cockpit.command_tier_progress ORDER BY tier, code'),
          '(B,3) (B1,3) (LB,3) (GB,3) (CB,3) (IB,2) (IC,1)', 'a branch sees the units of its subtree, and their figures');
SELECT is(pg_temp.seen('cockpit_branch', 'SELECT strategy_code, issued FROM mkt_cockpit.command_task_list WHERE issued > 0'), '(keep,3)', 'its task lists');
SELECT is(pg_temp.seen('cockpit_branch', 'SELECT code FROM mkt_cockpit.command_battle_map ORDER BY code'), '("cell B") ("cell C")', 'its battle maps');
-- every view opens for every reader, and head office sees what the owner sees
SELECT is_empty(
    $$SELECT v.view_name FROM (SELECT DISTINCT view_name FROM mkt_cockpit.dictionary) AS v
      WHERE pg_temp.seen('cockpit_branch', format('SELECT count(*) FROM (SELECT * FROM mkt_cockpit.%I OFFSET 0) AS x', v.view_name)) IS NULL$$,
    'no view refuses a branch');
SELECT is_empty(
    $$SELECT v.view_name FROM (SELECT DISTINCT view_name FROM mkt_cockpit.dictionary) AS v
      CROSS JOIN LATERAL format('SELECT md5(string_agg(x::text, chr(10) ORDER BY x::text)) FROM mkt_cockpit.%I AS x', v.view_name) AS q
      WHERE pg_temp.seen('cockpit_office', q) IS DISTINCT FROM pg_temp.seen('none', q)$$,
    'a reader at the province sees all');

SELECT * FROM finish();
ROLLBACK;
