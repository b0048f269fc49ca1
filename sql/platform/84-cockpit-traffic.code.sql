-- ----------------------------------------------------------------------
-- sql/platform/84-cockpit-traffic.code.sql: the traffic cockpit. What happens
-- behind codes and coupons, and how customers move between the domains.
-- How to read comments: see 80-cockpit-command.
-- ----------------------------------------------------------------------

-- A visit is one customer at one code; strangers (no cid) count one by one. Each
-- visit counts at every step up to the furthest, so the funnel only narrows.
CREATE OR REPLACE VIEW mkt_cockpit.traffic_code_funnel WITH (security_invoker = true) AS
    WITH visit AS (
        SELECT c.kind, s.domain_code, max(t.ordinal) AS furthest, max(s.at) AS as_of
        FROM mkt.scan AS s
        JOIN mkt.code AS c ON c.code = s.code
        JOIN mkt.scan_step AS t ON t.step = s.step
        GROUP BY c.kind, s.domain_code, s.code, coalesce(s.cid, -s.scan_id)
    ), counted AS (
        SELECT v.kind, v.domain_code,
               count(*)                               AS browsed,
               count(*) FILTER (WHERE v.furthest >= 2) AS scanned,
               count(*) FILTER (WHERE v.furthest >= 3) AS carted,
               count(*) FILTER (WHERE v.furthest >= 4) AS ordered,
               count(*) FILTER (WHERE v.furthest >= 5) AS paid,
               count(*) FILTER (WHERE v.furthest >= 6) AS collected,
               max(v.as_of)                           AS as_of
        FROM visit AS v
        GROUP BY v.kind, v.domain_code
    )
    SELECT c.kind AS code_kind, k.name_zh AS code_kind_name_zh, c.domain_code, d.name_zh AS domain_name_zh,
           c.browsed, c.scanned, c.carted, c.ordered, c.paid, c.collected,
           round(c.scanned::numeric / c.browsed, 4)              AS scan_rate,
           round(c.ordered::numeric / nullif(c.scanned, 0), 4)   AS order_rate,
           round(c.paid::numeric / nullif(c.ordered, 0), 4)      AS pay_rate,
           round(c.paid::numeric / nullif(c.scanned, 0), 4)      AS click_to_deal,
           max(c.as_of) OVER ()                                  AS as_of
    FROM counted AS c
    JOIN mkt.domain AS d ON d.domain_code = c.domain_code
    JOIN (VALUES ('shop', '一店一码'), ('product', '一品一码'), ('person', '一人一码')) AS k(kind, name_zh) ON k.kind = c.kind;
COMMENT ON VIEW mkt_cockpit.traffic_code_funnel IS
    'From browsing to collecting behind each kind of code in each domain (S0-004, S0-068, S0-070, S0-072). A visit is one customer at one code and counts at every step up to its furthest. Key: code_kind, domain_code.';
COMMENT ON COLUMN mkt_cockpit.traffic_code_funnel.code_kind IS 'shop, product or person: one code each (S0-068).';
COMMENT ON COLUMN mkt_cockpit.traffic_code_funnel.code_kind_name_zh IS 'Chinese name of the kind.';
COMMENT ON COLUMN mkt_cockpit.traffic_code_funnel.domain_code IS 'Domain the steps were taken in (S0-060).';
COMMENT ON COLUMN mkt_cockpit.traffic_code_funnel.domain_name_zh IS 'Chinese name of the domain.';
COMMENT ON COLUMN mkt_cockpit.traffic_code_funnel.browsed IS 'Visits [visits]';
COMMENT ON COLUMN mkt_cockpit.traffic_code_funnel.scanned IS 'Visits that got to the scan or further [visits]';
COMMENT ON COLUMN mkt_cockpit.traffic_code_funnel.carted IS 'Visits that got to the cart or further [visits]';
COMMENT ON COLUMN mkt_cockpit.traffic_code_funnel.ordered IS 'Visits that got to the order or further [visits]';
COMMENT ON COLUMN mkt_cockpit.traffic_code_funnel.paid IS 'Visits that got to the payment or further [visits]';
COMMENT ON COLUMN mkt_cockpit.traffic_code_funnel.collected IS 'Visits that ended with the goods in hand [visits]';
COMMENT ON COLUMN mkt_cockpit.traffic_code_funnel.scan_rate IS 'scanned / browsed [0..1]';
COMMENT ON COLUMN mkt_cockpit.traffic_code_funnel.order_rate IS 'ordered / scanned [0..1]';
COMMENT ON COLUMN mkt_cockpit.traffic_code_funnel.pay_rate IS 'paid / ordered [0..1]';
COMMENT ON COLUMN mkt_cockpit.traffic_code_funnel.click_to_deal IS 'paid / scanned (S0-072) [0..1]';
COMMENT ON COLUMN mkt_cockpit.traffic_code_funnel.as_of IS 'Last step the caller sees.';

-- A coupon that was redeemed or voided has been issued; expiry compares the batch
-- with the last event, no job and no clock is involved (semantics G).
CREATE OR REPLACE VIEW mkt_cockpit.traffic_coupon_funnel WITH (security_invoker = true) AS
    WITH ledger AS (
        SELECT max(greatest(c.generated_at, c.issued_at, c.claimed_at, c.redeemed_at, c.voided_at)) AS as_of
        FROM mkt.coupon AS c
    ), counted AS (
        SELECT c.batch_id,
               count(*)                                                                   AS generated,
               count(*) FILTER (WHERE coalesce(c.issued_at, c.claimed_at) IS NOT NULL)    AS issued,
               count(*) FILTER (WHERE c.claimed_at IS NOT NULL)                           AS claimed,
               count(*) FILTER (WHERE c.state = 'redeemed')                               AS redeemed,
               count(*) FILTER (WHERE c.state = 'void')                                   AS voided,
               count(*) FILTER (WHERE c.state NOT IN ('redeemed', 'void'))                AS live
        FROM mkt.coupon AS c
        GROUP BY c.batch_id
    )
    SELECT b.code AS batch_code, b.name, b.name_zh, b.product_code, p.name_zh AS product_name_zh, b.face_value AS face_value_yuan,
           b.total AS planned,
           coalesce(c.generated, 0) AS generated,
           coalesce(c.issued, 0)    AS issued,
           coalesce(c.claimed, 0)   AS claimed,
           coalesce(c.redeemed, 0)  AS redeemed,
           coalesce(c.voided, 0)    AS voided,
           CASE WHEN b.valid_to <= l.as_of THEN coalesce(c.live, 0) ELSE 0 END AS expired,
           round(c.claimed::numeric / nullif(c.issued, 0), 4)   AS claim_rate,
           round(c.redeemed::numeric / nullif(c.claimed, 0), 4) AS redeem_rate,
           (coalesce(c.redeemed, 0) * b.face_value)::numeric(14,2) AS redeemed_yuan,
           l.as_of
    FROM mkt.coupon_batch AS b
    JOIN mkt.product AS p ON p.product_code = b.product_code
    CROSS JOIN ledger AS l
    LEFT JOIN counted AS c ON c.batch_id = b.batch_id;
COMMENT ON VIEW mkt_cockpit.traffic_coupon_funnel IS
    'The life of each coupon batch from generation to redemption (S0-061, S0-078). A coupon counts at every step it has reached; expired ones are neither redeemed nor void. Key: batch_code.';
COMMENT ON COLUMN mkt_cockpit.traffic_coupon_funnel.batch_code IS 'Code of the batch.';
COMMENT ON COLUMN mkt_cockpit.traffic_coupon_funnel.name IS 'English name of the batch.';
COMMENT ON COLUMN mkt_cockpit.traffic_coupon_funnel.name_zh IS 'Chinese name of the batch.';
COMMENT ON COLUMN mkt_cockpit.traffic_coupon_funnel.product_code IS 'Product the coupon is for.';
COMMENT ON COLUMN mkt_cockpit.traffic_coupon_funnel.product_name_zh IS 'Chinese name of the product.';
COMMENT ON COLUMN mkt_cockpit.traffic_coupon_funnel.face_value_yuan IS 'What one coupon takes off the price [yuan]';
COMMENT ON COLUMN mkt_cockpit.traffic_coupon_funnel.planned IS 'Most coupons the batch may ever have [coupons]';
COMMENT ON COLUMN mkt_cockpit.traffic_coupon_funnel.generated IS 'Coupons made that the caller sees [coupons]';
COMMENT ON COLUMN mkt_cockpit.traffic_coupon_funnel.issued IS 'Of these, handed on by somebody [coupons]';
COMMENT ON COLUMN mkt_cockpit.traffic_coupon_funnel.claimed IS 'Of these, taken by a customer [coupons]';
COMMENT ON COLUMN mkt_cockpit.traffic_coupon_funnel.redeemed IS 'Of these, spent on an order [coupons]';
COMMENT ON COLUMN mkt_cockpit.traffic_coupon_funnel.voided IS 'Withdrawn [coupons]';
COMMENT ON COLUMN mkt_cockpit.traffic_coupon_funnel.expired IS 'Neither spent nor withdrawn when the batch ended [coupons]';
COMMENT ON COLUMN mkt_cockpit.traffic_coupon_funnel.claim_rate IS 'claimed / issued [0..1]';
COMMENT ON COLUMN mkt_cockpit.traffic_coupon_funnel.redeem_rate IS 'redeemed / claimed [0..1]';
COMMENT ON COLUMN mkt_cockpit.traffic_coupon_funnel.redeemed_yuan IS 'redeemed x face value [yuan]';
COMMENT ON COLUMN mkt_cockpit.traffic_coupon_funnel.as_of IS 'Last event of a coupon the caller sees.';

CREATE OR REPLACE VIEW mkt_cockpit.traffic_domain_conversion WITH (security_invoker = true) AS
    WITH visited AS (
        SELECT s.domain_code, s.cid, count(*) AS steps, max(s.at) AS as_of
        FROM mkt.scan AS s
        GROUP BY s.domain_code, s.cid
    ), bought AS (
        SELECT o.domain_code, o.cid, count(*) AS orders, sum(o.amount) AS amount, max(o.placed_at) AS as_of
        FROM mkt.sales_order AS o
        WHERE o.domain_code IS NOT NULL AND o.state <> 'cancelled'
        GROUP BY o.domain_code, o.cid
    ), visits AS (
        SELECT v.domain_code,
               sum(v.steps)::bigint AS steps,
               count(v.cid)         AS visitors,
               count(b.cid)         AS buyers,
               max(v.as_of)         AS as_of
        FROM visited AS v
        LEFT JOIN bought AS b ON b.domain_code = v.domain_code AND b.cid = v.cid
        GROUP BY v.domain_code
    ), sales AS (
        SELECT b.domain_code, sum(b.orders)::bigint AS orders, sum(b.amount) AS amount, max(b.as_of) AS as_of
        FROM bought AS b
        GROUP BY b.domain_code
    ), fans AS (
        SELECT f.domain_code, count(*) AS fans
        FROM mkt.fan AS f
        GROUP BY f.domain_code
    )
    SELECT d.domain_code, d.name, d.name_zh,
           coalesce(f.fans, 0)     AS fans,
           coalesce(v.steps, 0)    AS steps,
           coalesce(v.visitors, 0) AS visitors,
           coalesce(v.buyers, 0)   AS buyers,
           coalesce(s.orders, 0)   AS orders,
           coalesce(s.amount, 0)::numeric(14,2) AS amount_yuan,
           round(v.buyers::numeric / nullif(v.visitors, 0), 4) AS conversion_rate,
           max(greatest(v.as_of, s.as_of)) OVER () AS as_of
    FROM mkt.domain AS d
    LEFT JOIN visits AS v ON v.domain_code = d.domain_code
    LEFT JOIN sales AS s ON s.domain_code = d.domain_code
    LEFT JOIN fans AS f ON f.domain_code = d.domain_code;
COMMENT ON VIEW mkt_cockpit.traffic_domain_conversion IS
    'Fans, visitors, buyers and sales of each of the five domains (S0-060, S0-072). Customers are counted once per domain; adding domains up counts some twice. Key: domain_code.';
COMMENT ON COLUMN mkt_cockpit.traffic_domain_conversion.domain_code IS 'Code of the domain.';
COMMENT ON COLUMN mkt_cockpit.traffic_domain_conversion.name IS 'English name of the domain.';
COMMENT ON COLUMN mkt_cockpit.traffic_domain_conversion.name_zh IS 'Chinese name of the domain.';
COMMENT ON COLUMN mkt_cockpit.traffic_domain_conversion.fans IS 'Customers who follow us there [customers]';
COMMENT ON COLUMN mkt_cockpit.traffic_domain_conversion.steps IS 'Steps taken behind codes, strangers included [steps]';
COMMENT ON COLUMN mkt_cockpit.traffic_domain_conversion.visitors IS 'Known customers who took a step there [customers]';
COMMENT ON COLUMN mkt_cockpit.traffic_domain_conversion.buyers IS 'Of the visitors, those who ordered there [customers]';
COMMENT ON COLUMN mkt_cockpit.traffic_domain_conversion.orders IS 'Sales orders placed there, cancelled ones left out [orders]';
COMMENT ON COLUMN mkt_cockpit.traffic_domain_conversion.amount_yuan IS 'Amount of these orders [yuan]';
COMMENT ON COLUMN mkt_cockpit.traffic_domain_conversion.conversion_rate IS 'buyers / visitors (S0-072) [0..1]';
COMMENT ON COLUMN mkt_cockpit.traffic_domain_conversion.as_of IS 'Last step or order the caller sees.';

CREATE OR REPLACE VIEW mkt_cockpit.traffic_flow_matrix WITH (security_invoker = true) AS
    WITH visited AS (
        SELECT s.domain_code, s.cid, min(s.at) AS first_at
        FROM mkt.scan AS s
        WHERE s.cid IS NOT NULL
        GROUP BY s.domain_code, s.cid
    )
    SELECT v.domain_code AS from_domain_code, f.name_zh AS from_domain_name_zh,
           o.domain_code AS to_domain_code, t.name_zh AS to_domain_name_zh,
           count(DISTINCT o.cid) AS customers, count(*) AS orders, sum(o.amount)::numeric(14,2) AS amount_yuan,
           max(o.placed_at) AS as_of
    FROM visited AS v
    JOIN mkt.sales_order AS o ON o.cid = v.cid AND o.placed_at >= v.first_at AND o.state <> 'cancelled'
    JOIN mkt.domain AS f ON f.domain_code = v.domain_code
    JOIN mkt.domain AS t ON t.domain_code = o.domain_code
    GROUP BY v.domain_code, f.name_zh, o.domain_code, t.name_zh;
COMMENT ON VIEW mkt_cockpit.traffic_flow_matrix IS
    'Where buyers came from: customers seen in one domain who then ordered in another or the same (S0-061, S0-065, S0-073). An order counts once for every domain its customer was seen in before. Key: from_domain_code, to_domain_code.';
COMMENT ON COLUMN mkt_cockpit.traffic_flow_matrix.from_domain_code IS 'Domain the customer was seen in before the order.';
COMMENT ON COLUMN mkt_cockpit.traffic_flow_matrix.from_domain_name_zh IS 'Chinese name of that domain.';
COMMENT ON COLUMN mkt_cockpit.traffic_flow_matrix.to_domain_code IS 'Domain of the order.';
COMMENT ON COLUMN mkt_cockpit.traffic_flow_matrix.to_domain_name_zh IS 'Chinese name of that domain.';
COMMENT ON COLUMN mkt_cockpit.traffic_flow_matrix.customers IS 'Customers who took this way [customers]';
COMMENT ON COLUMN mkt_cockpit.traffic_flow_matrix.orders IS 'Their orders, cancelled ones left out [orders]';
COMMENT ON COLUMN mkt_cockpit.traffic_flow_matrix.amount_yuan IS 'Amount of these orders [yuan]';
COMMENT ON COLUMN mkt_cockpit.traffic_flow_matrix.as_of IS 'Last order on this way.';

CREATE OR REPLACE VIEW mkt_cockpit.traffic_hall WITH (security_invoker = true) AS
    WITH scanned AS (
        SELECT c.target, count(*) AS steps,
               count(DISTINCT coalesce(s.cid, -s.scan_id)) AS visitors,
               max(s.at) AS as_of
        FROM mkt.scan AS s
        JOIN mkt.code AS c ON c.code = s.code
        WHERE c.kind = 'shop'
        GROUP BY c.target
    ), sold AS (
        SELECT c.target, count(*) AS orders, sum(o.amount) AS amount, max(o.placed_at) AS as_of
        FROM mkt.sales_order AS o
        JOIN mkt.code AS c ON c.code = o.code
        WHERE c.kind = 'shop' AND o.state <> 'cancelled'
        GROUP BY c.target
    )
    SELECT h.code AS hall_code, h.name, h.name_zh, h.org_id, l.path_zh,
           coalesce(s.steps, 0)    AS steps,
           coalesce(s.visitors, 0) AS visitors,
           coalesce(o.orders, 0)   AS orders,
           coalesce(o.amount, 0)::numeric(14,2) AS amount_yuan,
           round(o.orders::numeric / nullif(s.visitors, 0), 4) AS orders_per_visitor,
           max(greatest(s.as_of, o.as_of)) OVER () AS as_of
    FROM mkt.hall AS h
    LEFT JOIN mkt._org_line AS l ON l.org_id = h.org_id
    LEFT JOIN scanned AS s ON s.target = h.code
    LEFT JOIN sold AS o ON o.target = h.code;
COMMENT ON VIEW mkt_cockpit.traffic_hall IS
    'What the code on the door of each business hall brings (S0-062, S0-068, S0-079). Key: hall_code.';
COMMENT ON COLUMN mkt_cockpit.traffic_hall.hall_code IS 'Code of the hall.';
COMMENT ON COLUMN mkt_cockpit.traffic_hall.name IS 'English name of the hall.';
COMMENT ON COLUMN mkt_cockpit.traffic_hall.name_zh IS 'Chinese name of the hall.';
COMMENT ON COLUMN mkt_cockpit.traffic_hall.org_id IS 'Unit that runs it.';
COMMENT ON COLUMN mkt_cockpit.traffic_hall.path_zh IS 'Chinese names from the province down to that unit.';
COMMENT ON COLUMN mkt_cockpit.traffic_hall.steps IS 'Steps taken behind its code [steps]';
COMMENT ON COLUMN mkt_cockpit.traffic_hall.visitors IS 'Customers behind these steps; strangers count one by one [customers]';
COMMENT ON COLUMN mkt_cockpit.traffic_hall.orders IS 'Sales orders through its code, cancelled ones left out [orders]';
COMMENT ON COLUMN mkt_cockpit.traffic_hall.amount_yuan IS 'Amount of these orders [yuan]';
COMMENT ON COLUMN mkt_cockpit.traffic_hall.orders_per_visitor IS 'orders / visitors [orders per customer]';
COMMENT ON COLUMN mkt_cockpit.traffic_hall.as_of IS 'Last step or order the caller sees.';

CREATE OR REPLACE VIEW mkt_cockpit.traffic_fan WITH (security_invoker = true) AS
    WITH ledger AS (
        SELECT max(f.since) AS as_of FROM mkt.fan AS f
    ), counted AS (
        SELECT f.domain_code,
               count(*)                                                       AS fans,
               count(*) FILTER (WHERE c.net = 'own')                          AS own_net,
               count(*) FILTER (WHERE c.net = 'off')                          AS off_net,
               count(*) FILTER (WHERE f.since > l.as_of - interval '7 days')  AS new_7d,
               count(*) FILTER (WHERE f.since > l.as_of - interval '30 days') AS new_30d
        FROM mkt.fan AS f
        JOIN mkt.customer AS c ON c.cid = f.cid
        CROSS JOIN ledger AS l
        GROUP BY f.domain_code
    )
    SELECT d.domain_code, d.name, d.name_zh,
           coalesce(n.fans, 0)    AS fans,
           coalesce(n.own_net, 0) AS own_net,
           coalesce(n.off_net, 0) AS off_net,
           coalesce(n.new_7d, 0)  AS new_7d,
           coalesce(n.new_30d, 0) AS new_30d,
           round(n.new_30d::numeric / nullif(n.fans - n.new_30d, 0), 4) AS growth_30d,
           l.as_of
    FROM mkt.domain AS d
    CROSS JOIN ledger AS l
    LEFT JOIN counted AS n ON n.domain_code = d.domain_code;
COMMENT ON VIEW mkt_cockpit.traffic_fan IS
    'Fans of each domain and how fast they grow (S0-079, S0-107). Key: domain_code.';
COMMENT ON COLUMN mkt_cockpit.traffic_fan.domain_code IS 'Code of the domain.';
COMMENT ON COLUMN mkt_cockpit.traffic_fan.name IS 'English name of the domain.';
COMMENT ON COLUMN mkt_cockpit.traffic_fan.name_zh IS 'Chinese name of the domain.';
COMMENT ON COLUMN mkt_cockpit.traffic_fan.fans IS 'Customers who follow us there [customers]';
COMMENT ON COLUMN mkt_cockpit.traffic_fan.own_net IS 'Of these, on our net [customers]';
COMMENT ON COLUMN mkt_cockpit.traffic_fan.off_net IS 'Of these, on a competitor''s net [customers]';
COMMENT ON COLUMN mkt_cockpit.traffic_fan.new_7d IS 'Of these, new in the 7 days up to as_of [customers]';
COMMENT ON COLUMN mkt_cockpit.traffic_fan.new_30d IS 'Of these, new in the 30 days up to as_of [customers]';
COMMENT ON COLUMN mkt_cockpit.traffic_fan.growth_30d IS 'new_30d / fans 30 days before; NULL when there were none [ratio]';
COMMENT ON COLUMN mkt_cockpit.traffic_fan.as_of IS 'Latest fan the caller sees, in any domain.';
