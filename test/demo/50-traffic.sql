-- test/demo/50-traffic.sql: codes, scans, coupons and the order pool.
-- Everything goes through the functions an app would call; what happens to
-- whom is decided by demo.rnd(). The evening is 20:00 on 2026-11-02: later
-- steps have not happened yet.
\set morning '''2026-11-02 08:30+08''::timestamptz'
\set evening '''2026-11-02 20:00+08''::timestamptz'
CREATE FUNCTION demo.entropy(salt text) RETURNS uuid LANGUAGE sql STABLE
    RETURN md5(salt || ' ' || (SELECT s.seed FROM demo.seed AS s))::uuid;

-- one hall one code, one product one code, one person one code (S0-068)
SELECT c.kind, count(mkt.code_create(c.kind, c.target, c.domain, entropy => demo.entropy(c.kind || c.target), as_of => '2026-10-01 00:00+08')) AS codes
FROM (SELECT 'shop' AS kind, h.code AS target, 'store' AS domain FROM mkt.hall AS h
      UNION ALL SELECT 'product', p.product_code, 'app' FROM mkt.product AS p
      UNION ALL SELECT 'person', s.code, 'wecom' FROM mkt.staff AS s
                WHERE s.post_code = 'field_manager' AND s.active AND demo.rnd('badge', s.staff_id) < 0.1
      ORDER BY 1, 2) AS c
GROUP BY c.kind ORDER BY c.kind;
ANALYZE mkt.code;

-- fans of the domains (S0-079)
INSERT INTO mkt.fan (domain_code, cid, since)
SELECT d.domain_code, c.cid, '2026-11-02 00:00+08'::timestamptz - make_interval(hours => floor(demo.rnd('fan since ' || d.domain_code, c.cid) * 9000)::integer)
FROM (VALUES ('app', 0.15), ('cloud_retail', 0.05), ('wecom', 0.08), ('store', 0.03), ('outbound', 0.01)) AS d(domain_code, share)
JOIN mkt.customer AS c ON c.live AND demo.rnd('fan ' || d.domain_code, c.cid) < d.share * CASE c.net WHEN 'own' THEN 1.6 ELSE 0.6 END;

-- One customer in twenty looks at a code today: that of the hall or the field
-- manager nearby, or of a product. Each step of the funnel loses some (S0-070).
CREATE TABLE demo.visit AS
WITH product AS (
    SELECT array_agg(p.product_code ORDER BY p.product_code) AS codes FROM mkt.product AS p
), visitor AS (
    SELECT c.cid, k.code AS shop_code, b.code AS badge, demo.rnd('kind', c.cid) AS kind, demo.rnd('depth', c.cid) AS depth,
           demo.pick(p.codes, 'visit product', c.cid) AS product_code
    FROM mkt.customer AS c
    CROSS JOIN product AS p
    LEFT JOIN mkt.grid_cell AS g ON g.cell_id = c.cell_id
    LEFT JOIN mkt.org AS o ON o.org_id = g.grid_id
    LEFT JOIN mkt.code AS k ON k.kind = 'shop' AND k.target = 'H' || o.code
    LEFT JOIN mkt.code AS b ON b.kind = 'person' AND b.org_id = g.org_id
    WHERE c.live AND demo.rnd('visit', c.cid) < 0.05
)
SELECT v.cid, x.kind, v.product_code,
       CASE x.kind WHEN 'shop' THEN v.shop_code WHEN 'person' THEN v.badge ELSE p.code END AS code,
       CASE x.kind WHEN 'shop' THEN demo.pick('{store,store,store,cloud_retail}', 'visit domain', v.cid)
                   WHEN 'person' THEN demo.pick('{wecom,wecom,outbound}', 'visit domain', v.cid)
                   ELSE demo.pick('{app,app,cloud_retail,cloud_retail,wecom}', 'visit domain', v.cid) END AS domain_code,
       CASE WHEN v.depth < 0.12 THEN 6 WHEN v.depth < 0.19 THEN 5 WHEN v.depth < 0.22 THEN 4
            WHEN v.depth < 0.40 THEN 3 WHEN v.depth < 0.70 THEN 2 ELSE 1 END AS furthest,
       :morning + make_interval(secs => floor(demo.rnd('visit at', v.cid) * 36000)) AS at
FROM visitor AS v
JOIN mkt.code AS p ON p.kind = 'product' AND p.target = v.product_code
CROSS JOIN LATERAL (SELECT CASE WHEN v.badge IS NOT NULL AND v.kind < 0.5 THEN 'person'
                                WHEN v.shop_code IS NOT NULL AND v.kind < 0.6 THEN 'shop' ELSE 'product' END AS kind) AS x;
ALTER TABLE demo.visit ADD PRIMARY KEY (cid);
ANALYZE demo.visit;

SELECT count(mkt.code_scan(s.request_id, s.code, s.step, s.cid, s.domain_code, s.at)) AS steps_recorded, count(DISTINCT s.cid) AS visits
FROM (SELECT format('visit-%s-%s', v.cid, t.step) AS request_id, v.code, t.step, v.cid, v.domain_code,
             v.at + make_interval(mins => 2 * t.ordinal) AS at
      FROM demo.visit AS v JOIN mkt.scan_step AS t ON t.ordinal <= v.furthest
      UNION ALL     -- strangers in the halls, whom nobody knows
      SELECT format('stranger-%s', k.target), k.code, 'scan', NULL, 'store', :morning + make_interval(secs => floor(demo.rnd('stranger', g.grid_id) * 36000))
      FROM mkt.code AS k JOIN mkt.hall AS h ON h.code = k.target JOIN mkt.grid_cell AS g ON g.cell_id = h.cell_id
      WHERE k.kind = 'shop' AND demo.rnd('stranger?', g.grid_id) < 0.3
      ORDER BY at, request_id) AS s;
-- a phone that sends twice: the same scans again change nothing
SELECT count(mkt.code_scan(format('visit-%s-browse', v.cid), v.code, 'browse', v.cid, v.domain_code, v.at)) AS sent_twice,
       (SELECT count(*) FROM mkt.scan) AS steps_recorded
FROM demo.visit AS v WHERE demo.rnd('twice', v.cid) < 0.02;

-- Two batches of coupons, handed out by halls and field managers, claimed by
-- those who look at the product; some pass through friends first (S0-078).
CREATE TABLE demo.batch AS
SELECT p.product_code, 'CP-' || upper(p.product_code) AS code, p.name, p.name_zh, greatest(5, round(p.price * 0.1)) AS face_value,
       20 + (:customers / 100)::integer AS total
FROM (SELECT DISTINCT ON (q.business) q.* FROM mkt.product AS q WHERE q.business IN ('terminal', 'broadband') ORDER BY q.business, q.price DESC, q.product_code) AS p;
SELECT b.code, b.face_value, b.total,
       mkt.coupon_batch_create(b.code, b.name || ' coupon', b.name_zh || '优惠券', b.product_code, b.face_value, b.total, 2,
                               '2026-11-01 00:00+08', '2026-11-12 00:00+08') IS NOT NULL AS created
FROM demo.batch AS b ORDER BY b.code;

CREATE TABLE demo.coupon AS
WITH issuer AS (
    SELECT k.target, k.org_id, row_number() OVER (ORDER BY demo.rnd('issuer', k.org_id), k.code) AS n
    FROM mkt.code AS k WHERE k.kind IN ('shop', 'person')
)
SELECT b.product_code, i.target AS issuer, c.coupon_code, row_number() OVER (PARTITION BY b.product_code ORDER BY i.n, c.coupon_code COLLATE "C") AS n
FROM demo.batch AS b
JOIN issuer AS i ON i.n <= 20
CROSS JOIN LATERAL mkt.coupon_issue(b.code, greatest(1, b.total / 22), format('%s %s', b.code, i.target), i.target, i.org_id,
                                    demo.entropy(b.code || i.target), '2026-11-01 09:00+08') AS c(coupon_code);
CREATE TABLE demo.claim AS
SELECT w.cid, w.product_code, c.coupon_code, c.issuer, w.at
FROM (SELECT v.cid, b.product_code, v.at - interval '5 minutes' AS at, v.product_code = b.product_code AS looked,
             row_number() OVER (PARTITION BY b.product_code ORDER BY v.product_code = b.product_code DESC, v.furthest DESC, v.cid) AS n
      FROM demo.batch AS b CROSS JOIN demo.visit AS v
      WHERE v.product_code = b.product_code AND v.furthest >= 2 OR demo.rnd('claims ' || b.product_code, v.cid) < 0.05) AS w
JOIN demo.coupon AS c ON c.product_code = w.product_code AND c.n = w.n;
SELECT (SELECT count(mkt.coupon_share(c.coupon_code, c.issuer, 'friend of ' || c.cid, c.at - interval '1 hour'))
        FROM demo.claim AS c WHERE demo.rnd('share', c.cid) < 0.2) AS passed_on;
SELECT count(mkt.coupon_claim(c.coupon_code, c.cid, c.at)) AS claimed FROM (SELECT * FROM demo.claim ORDER BY at, cid) AS c;
SELECT count(mkt.coupon_void(c.coupon_code, 'misprint', :morning)) AS misprints
FROM demo.coupon AS c WHERE c.n > (SELECT max(d.n) - 3 FROM demo.coupon AS d WHERE d.product_code = c.product_code);
ANALYZE mkt.coupon;

-- Orders: of those who got to "order" behind a code, of customers who said yes
-- to a work order, and of the week before in the app (S0-083, S0-090).
CREATE TABLE demo.sale AS
WITH wish AS (
    -- who looks in one domain often buys in another: WeCom leads to the App,
    -- stores to cloud retail, online browsing to the store (S0-065, S0-073..075)
    SELECT 'V' || v.cid AS order_key, v.cid, v.product_code, NULL::bigint AS work_order_id, NULL AS channel,
           demo.pick(CASE v.domain_code WHEN 'wecom' THEN '{app,app,wecom}' WHEN 'store' THEN '{store,store,store,cloud_retail}'
                                        WHEN 'outbound' THEN '{app,outbound}' WHEN 'app' THEN '{app,app,app,store,cloud_retail}'
                                        ELSE '{cloud_retail,cloud_retail,cloud_retail,app,store}' END::text[], 'order domain', v.cid) AS domain_code, v.code,
           (SELECT c.coupon_code FROM demo.claim AS c WHERE c.cid = v.cid AND c.product_code = v.product_code) AS coupon_code,
           CASE WHEN v.kind = 'product' THEN CASE v.domain_code WHEN 'cloud_retail' THEN 'distribution' ELSE 'self_service' END ELSE 'code' END AS sale_scene,
           v.at + interval '8 minutes' AS placed_at
    FROM demo.visit AS v WHERE v.furthest >= 4
    UNION ALL
    SELECT 'W' || w.order_id, w.cid, f.product_code, w.order_id, w.channel_code,
           CASE w.channel_code WHEN 'outbound' THEN 'outbound' WHEN 'hotline' THEN 'outbound' WHEN 'hall' THEN 'store' WHEN 'grid' THEN 'wecom' ELSE 'app' END,
           NULL, NULL,
           CASE w.channel_code WHEN 'grid' THEN 'field' WHEN 'hall' THEN 'casual' WHEN 'outbound' THEN 'on_behalf' WHEN 'hotline' THEN 'on_behalf' ELSE 'self_service' END,
           w.closed_at + make_interval(mins => 1 + floor(demo.rnd('sale after', w.order_id) * 20)::integer)
    FROM mkt.issued_order AS w
    JOIN mkt.outcome AS u ON u.outcome_code = w.outcome AND u.to_state = 'succeeded'
    JOIN mkt.offer AS f ON f.offer_code = w.offer_code
    UNION ALL
    SELECT 'D' || c.cid, c.cid, demo.pick(p.codes, 'direct product', c.cid), NULL, 'internet', demo.pick('{app,app,cloud_retail}', 'direct domain', c.cid), NULL, NULL,
           demo.pick('{self_service,self_service,distribution,casual,on_behalf}', 'direct scene', c.cid),
           '2026-10-27 09:00+08'::timestamptz + make_interval(days => floor(demo.rnd('direct day', c.cid) * 7)::integer, secs => floor(demo.rnd('direct at', c.cid) * 36000))
    FROM mkt.customer AS c
    CROSS JOIN (SELECT array_agg(q.product_code ORDER BY q.product_code) AS codes FROM mkt.product AS q) AS p
    WHERE c.live AND demo.rnd('direct', c.cid) < 0.01
), sold AS (
    SELECT w.*, p.business, hashtextextended(w.order_key, 0) AS n,
           CASE WHEN p.business = 'broadband' THEN 'fixed' WHEN w.domain_code IN ('app', 'cloud_retail') AND p.business IN ('number_card', 'plan', 'data') THEN '2i' ELSE 'mobile' END AS flow
    FROM wish AS w JOIN mkt.product AS p ON p.product_code = w.product_code
    WHERE w.placed_at < :evening
), planned AS (
    SELECT s.*, CASE WHEN s.business = 'broadband' THEN 'install'
                     WHEN s.business IN ('data', 'top_up', 'plan') THEN 'instant'
                     WHEN s.domain_code IN ('store', 'wecom') THEN demo.pick('{pickup,pickup,door}', 'mode', s.n)
                     ELSE demo.pick('{express,express,express,door}', 'mode', s.n) END AS delivery_mode,
           demo.rnd('auto accept', s.n) < CASE s.flow WHEN 'fixed' THEN 0.87 ELSE 0.94 END AS auto_accepted,
           demo.rnd('auto dispatch', s.n) < CASE s.flow WHEN 'fixed' THEN 0.80 ELSE 0.92 END AS auto_dispatched
    FROM sold AS s
), timed AS (           -- minutes each step takes
    SELECT p.*, CASE WHEN p.auto_accepted THEN 0.2 + 1.5 * demo.rnd('accept', p.n) ELSE 8 + 70 * demo.rnd('accept', p.n) END AS m1,
           0.5 + 4 * demo.rnd('land', p.n) AS m2,
           CASE WHEN p.auto_dispatched THEN 1 + 6 * demo.rnd('dispatch', p.n) ELSE 20 + 100 * demo.rnd('dispatch', p.n) END AS m3,
           CASE p.delivery_mode WHEN 'instant' THEN 1 + 4 * demo.rnd('deliver', p.n) WHEN 'pickup' THEN 20 + 160 * demo.rnd('deliver', p.n)
                WHEN 'door' THEN 90 + 300 * demo.rnd('deliver', p.n) WHEN 'install' THEN 180 + 900 * demo.rnd('deliver', p.n)
                ELSE 1200 + 2600 * demo.rnd('deliver', p.n) END AS m4
    FROM planned AS p
)
SELECT t.*, t.placed_at + make_interval(secs => round(60 * t.m1)) AS accepted_at,
       t.placed_at + make_interval(secs => round(60 * (t.m1 + t.m2))) AS landed_at,
       t.placed_at + make_interval(secs => round(60 * (t.m1 + t.m2 + t.m3))) AS dispatched_at,
       t.placed_at + make_interval(secs => round(60 * (t.m1 + t.m2 + t.m3 + t.m4))) AS delivered_at,
       CASE WHEN t.delivery_mode IN ('install', 'door') THEN 1 + (demo.rnd('visits', t.n) < 0.04)::integer ELSE 0 END AS visits,
       demo.rnd('cancel', t.n) < 0.02 AS cancelled
FROM timed AS t;

SELECT count(mkt.order_place(s.order_key, s.cid, s.product_code, s.flow, s.sale_scene, work_order_id => s.work_order_id, channel => s.channel,
                             domain => s.domain_code, code => s.code, coupon => s.coupon_code, delivery_mode => s.delivery_mode, as_of => s.placed_at)) AS placed
FROM (SELECT * FROM demo.sale ORDER BY placed_at, order_key) AS s;
SELECT count(mkt.order_cancel(s.order_key, s.placed_at + interval '10 seconds')) AS cancelled FROM demo.sale AS s WHERE s.cancelled;
SELECT (SELECT count(mkt.order_advance(s.order_key, 'accepted', s.accepted_at, s.auto_accepted)) FROM demo.sale AS s WHERE NOT s.cancelled AND s.accepted_at < :evening) AS accepted;
SELECT (SELECT count(mkt.order_advance(s.order_key, 'landed', s.landed_at)) FROM demo.sale AS s WHERE NOT s.cancelled AND s.landed_at < :evening) AS landed;
SELECT (SELECT count(mkt.order_advance(s.order_key, 'dispatched', s.dispatched_at, s.auto_dispatched)) FROM demo.sale AS s WHERE NOT s.cancelled AND s.dispatched_at < :evening) AS dispatched;
SELECT (SELECT count(mkt.order_advance(s.order_key, 'delivered', s.delivered_at, visits => s.visits)) FROM demo.sale AS s WHERE NOT s.cancelled AND s.delivered_at < :evening) AS delivered;
VACUUM (ANALYZE) mkt.scan, mkt.fan, mkt.coupon, mkt.coupon_share, mkt.sales_order;

\echo coupons and orders
SELECT b.code, b.total, count(*) AS coupons, count(*) FILTER (WHERE c.state IN ('issued', 'generated')) AS in_stock, count(*) FILTER (WHERE c.state = 'claimed') AS claimed,
       count(*) FILTER (WHERE c.state = 'redeemed') AS redeemed, count(*) FILTER (WHERE c.state = 'void') AS void
FROM mkt.coupon_batch AS b JOIN mkt.coupon AS c ON c.batch_id = b.batch_id GROUP BY b.batch_id ORDER BY b.code;
SELECT f.name_zh AS flow, count(*) AS orders, sum(o.amount) AS amount, count(o.work_order_id) AS from_work_orders, count(o.code) AS from_codes, count(o.coupon_code) AS with_coupon,
       count(*) FILTER (WHERE o.state = 'delivered') AS delivered
FROM mkt.sales_order AS o JOIN mkt.order_flow AS f ON f.flow = o.flow GROUP BY f.flow ORDER BY f.flow;
