-- ----------------------------------------------------------------------
-- sql/platform/86-cockpit-middle.code.sql: the middle-platform cockpit. One
-- order pool: how orders flow, are accepted and delivered, and how the ten
-- mechanisms do. How to read comments: see 80-cockpit-command.
-- ----------------------------------------------------------------------
CREATE OR REPLACE VIEW mkt_cockpit.middle_order_flow WITH (security_invoker = true) AS
    WITH counted AS (
        SELECT o.flow, o.state, count(*) AS orders, sum(o.amount) AS amount,
               max(greatest(o.placed_at, o.accepted_at, o.landed_at, o.dispatched_at, o.delivered_at, o.cancelled_at)) AS as_of
        FROM mkt.sales_order AS o
        GROUP BY o.flow, o.state
    )
    SELECT f.flow, f.name AS flow_name, f.name_zh AS flow_name_zh,
           s.state, s.ordinal::integer AS ordinal, s.name AS state_name, s.name_zh AS state_name_zh,
           coalesce(c.orders, 0) AS orders,
           coalesce(c.amount, 0)::numeric(14,2) AS amount_yuan,
           round(c.orders / sum(c.orders) OVER (PARTITION BY f.flow), 4) AS share_of_flow,
           max(c.as_of) OVER () AS as_of
    FROM mkt.order_flow AS f
    CROSS JOIN mkt.sales_order_state AS s
    LEFT JOIN counted AS c ON c.flow = f.flow AND c.state = s.state;
COMMENT ON VIEW mkt_cockpit.middle_order_flow IS
    'Where the orders of the three merged flows stand (S0-090, S0-091). Every flow has a line for every state. Key: flow, state.';
COMMENT ON COLUMN mkt_cockpit.middle_order_flow.flow IS 'mobile, 2i or fixed (S0-090).';
COMMENT ON COLUMN mkt_cockpit.middle_order_flow.flow_name IS 'English name of the flow.';
COMMENT ON COLUMN mkt_cockpit.middle_order_flow.flow_name_zh IS 'Chinese name of the flow.';
COMMENT ON COLUMN mkt_cockpit.middle_order_flow.state IS 'State of the orders.';
COMMENT ON COLUMN mkt_cockpit.middle_order_flow.ordinal IS 'Place of the state in the flow; -1 cancelled.';
COMMENT ON COLUMN mkt_cockpit.middle_order_flow.state_name IS 'English name of the state.';
COMMENT ON COLUMN mkt_cockpit.middle_order_flow.state_name_zh IS 'Chinese name of the state.';
COMMENT ON COLUMN mkt_cockpit.middle_order_flow.orders IS 'Orders that stand there now [orders]';
COMMENT ON COLUMN mkt_cockpit.middle_order_flow.amount_yuan IS 'Amount of these orders [yuan]';
COMMENT ON COLUMN mkt_cockpit.middle_order_flow.share_of_flow IS 'Share of the flow''s orders; NULL where there are none [0..1]';
COMMENT ON COLUMN mkt_cockpit.middle_order_flow.as_of IS 'Last step of an order the caller sees.';

CREATE OR REPLACE VIEW mkt_cockpit.middle_auto_acceptance WITH (security_invoker = true) AS
    WITH counted AS (
        SELECT o.flow,
               count(*)                                              AS orders,
               count(*) FILTER (WHERE o.accepted_at IS NOT NULL)     AS accepted,
               count(*) FILTER (WHERE o.auto_accepted)               AS auto_accepted,
               count(*) FILTER (WHERE o.dispatched_at IS NOT NULL)   AS dispatched,
               count(*) FILTER (WHERE o.auto_dispatched)             AS auto_dispatched,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM o.landed_at - o.placed_at) / 60) AS landing_p50,
               max(o.accepted_at)                                    AS as_of
        FROM mkt.sales_order AS o
        GROUP BY o.flow
    )
    SELECT f.flow, f.name AS flow_name, f.name_zh AS flow_name_zh,
           coalesce(c.orders, 0)          AS orders,
           coalesce(c.accepted, 0)        AS accepted,
           coalesce(c.auto_accepted, 0)   AS auto_accepted,
           round(c.auto_accepted::numeric / nullif(c.accepted, 0), 4) AS auto_rate,
           0.9 AS target_rate,
           c.auto_accepted >= 0.9 * c.accepted AS target_met,
           coalesce(c.dispatched, 0)      AS dispatched,
           coalesce(c.auto_dispatched, 0) AS auto_dispatched,
           round(c.auto_dispatched::numeric / nullif(c.dispatched, 0), 4) AS auto_dispatch_rate,
           round(c.landing_p50::numeric, 1) AS landing_p50_minutes,
           max(c.as_of) OVER () AS as_of
    FROM mkt.order_flow AS f
    LEFT JOIN counted AS c ON c.flow = f.flow;
COMMENT ON VIEW mkt_cockpit.middle_auto_acceptance IS
    'How many orders need no hand: automatic acceptance against its target of 90 %, automatic dispatch, and the way into CBSS (S0-085, S0-088). Key: flow.';
COMMENT ON COLUMN mkt_cockpit.middle_auto_acceptance.flow IS 'mobile, 2i or fixed (S0-090).';
COMMENT ON COLUMN mkt_cockpit.middle_auto_acceptance.flow_name IS 'English name of the flow.';
COMMENT ON COLUMN mkt_cockpit.middle_auto_acceptance.flow_name_zh IS 'Chinese name of the flow.';
COMMENT ON COLUMN mkt_cockpit.middle_auto_acceptance.orders IS 'All orders of the flow [orders]';
COMMENT ON COLUMN mkt_cockpit.middle_auto_acceptance.accepted IS 'Of these, accepted [orders]';
COMMENT ON COLUMN mkt_cockpit.middle_auto_acceptance.auto_accepted IS 'Of these, accepted without a hand [orders]';
COMMENT ON COLUMN mkt_cockpit.middle_auto_acceptance.auto_rate IS 'auto_accepted / accepted (S0-085) [0..1]';
COMMENT ON COLUMN mkt_cockpit.middle_auto_acceptance.target_rate IS 'Target of auto_rate (S0-085) [0..1]';
COMMENT ON COLUMN mkt_cockpit.middle_auto_acceptance.target_met IS 'Whether the rate, not rounded, reaches the target; NULL without orders.';
COMMENT ON COLUMN mkt_cockpit.middle_auto_acceptance.dispatched IS 'Orders dispatched [orders]';
COMMENT ON COLUMN mkt_cockpit.middle_auto_acceptance.auto_dispatched IS 'Of these, dispatched without a hand [orders]';
COMMENT ON COLUMN mkt_cockpit.middle_auto_acceptance.auto_dispatch_rate IS 'auto_dispatched / dispatched (S0-088) [0..1]';
COMMENT ON COLUMN mkt_cockpit.middle_auto_acceptance.landing_p50_minutes IS 'Median time from placing to landing in CBSS (S0-085) [minutes]';
COMMENT ON COLUMN mkt_cockpit.middle_auto_acceptance.as_of IS 'Last acceptance the caller sees.';

CREATE OR REPLACE VIEW mkt_cockpit.middle_delivery_time WITH (security_invoker = true) AS
    WITH delivered AS (
        SELECT o.delivery_mode, o.visits, o.delivered_at,
               extract(epoch FROM o.delivered_at - o.placed_at) / 60 AS minutes
        FROM mkt.sales_order AS o
        WHERE o.state = 'delivered'
    ), counted AS (
        SELECT d.delivery_mode,
               count(*)                                             AS delivered,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY d.minutes) AS p50,
               percentile_cont(0.9) WITHIN GROUP (ORDER BY d.minutes) AS p90,
               count(*) FILTER (WHERE d.visits >= 2)                AS second_visits,
               max(d.delivered_at)                                  AS as_of
        FROM delivered AS d
        GROUP BY d.delivery_mode
    )
    SELECT m.delivery_mode, m.name, m.name_zh,
           coalesce(c.delivered, 0)     AS delivered,
           round(c.p50::numeric, 1)     AS p50_minutes,
           round(c.p90::numeric, 1)     AS p90_minutes,
           coalesce(c.second_visits, 0) AS second_visits,
           round(c.second_visits::numeric / c.delivered, 4) AS second_visit_rate,
           max(c.as_of) OVER ()         AS as_of
    FROM mkt.delivery_mode AS m
    LEFT JOIN counted AS c ON c.delivery_mode = m.delivery_mode;
COMMENT ON VIEW mkt_cockpit.middle_delivery_time IS
    'From placing to delivery, by way of delivery, and how often somebody had to come twice (S0-084, S0-089). Key: delivery_mode.';
COMMENT ON COLUMN mkt_cockpit.middle_delivery_time.delivery_mode IS 'Code of the way of delivery.';
COMMENT ON COLUMN mkt_cockpit.middle_delivery_time.name IS 'English name.';
COMMENT ON COLUMN mkt_cockpit.middle_delivery_time.name_zh IS 'Chinese name.';
COMMENT ON COLUMN mkt_cockpit.middle_delivery_time.delivered IS 'Orders delivered this way [orders]';
COMMENT ON COLUMN mkt_cockpit.middle_delivery_time.p50_minutes IS 'Half of them took at most this long [minutes]';
COMMENT ON COLUMN mkt_cockpit.middle_delivery_time.p90_minutes IS 'Nine of ten took at most this long [minutes]';
COMMENT ON COLUMN mkt_cockpit.middle_delivery_time.second_visits IS 'Deliveries that needed two visits or more (S0-084) [orders]';
COMMENT ON COLUMN mkt_cockpit.middle_delivery_time.second_visit_rate IS 'second_visits / delivered [0..1]';
COMMENT ON COLUMN mkt_cockpit.middle_delivery_time.as_of IS 'Last delivery the caller sees.';

CREATE OR REPLACE VIEW mkt_cockpit.middle_sale_scene WITH (security_invoker = true) AS
    WITH counted AS (
        SELECT o.sale_scene,
               count(*)                                          AS orders,
               sum(o.amount)                                     AS amount,
               count(*) FILTER (WHERE o.accepted_at IS NOT NULL) AS accepted,
               count(*) FILTER (WHERE o.auto_accepted)           AS auto_accepted,
               count(*) FILTER (WHERE o.state = 'delivered')     AS delivered,
               max(o.placed_at)                                  AS as_of
        FROM mkt.sales_order AS o
        WHERE o.state <> 'cancelled'
        GROUP BY o.sale_scene
    )
    SELECT s.sale_scene, s.name, s.name_zh,
           coalesce(c.orders, 0)    AS orders,
           coalesce(c.amount, 0)::numeric(14,2) AS amount_yuan,
           round(coalesce(c.orders, 0) / nullif(sum(c.orders) OVER (), 0), 4) AS share,
           round(c.auto_accepted::numeric / nullif(c.accepted, 0), 4) AS auto_rate,
           coalesce(c.delivered, 0) AS delivered,
           max(c.as_of) OVER ()     AS as_of
    FROM mkt.sale_scene AS s
    LEFT JOIN counted AS c ON c.sale_scene = s.sale_scene;
COMMENT ON VIEW mkt_cockpit.middle_sale_scene IS
    'Sales in the six scenes, cancelled orders left out (S0-083). Key: sale_scene.';
COMMENT ON COLUMN mkt_cockpit.middle_sale_scene.sale_scene IS 'Code of the scene.';
COMMENT ON COLUMN mkt_cockpit.middle_sale_scene.name IS 'English name.';
COMMENT ON COLUMN mkt_cockpit.middle_sale_scene.name_zh IS 'Chinese name.';
COMMENT ON COLUMN mkt_cockpit.middle_sale_scene.orders IS 'Orders placed in the scene [orders]';
COMMENT ON COLUMN mkt_cockpit.middle_sale_scene.amount_yuan IS 'Their amount [yuan]';
COMMENT ON COLUMN mkt_cockpit.middle_sale_scene.share IS 'Share of all orders [0..1]';
COMMENT ON COLUMN mkt_cockpit.middle_sale_scene.auto_rate IS 'Accepted without a hand / accepted (S0-085) [0..1]';
COMMENT ON COLUMN mkt_cockpit.middle_sale_scene.delivered IS 'Orders delivered [orders]';
COMMENT ON COLUMN mkt_cockpit.middle_sale_scene.as_of IS 'Last order the caller sees.';

-- One measure per mechanism, each recomputed from its parts. A line without a
-- value says that there is nothing to measure yet.
CREATE OR REPLACE VIEW mkt_cockpit.middle_mechanism WITH (security_invoker = true) AS
    WITH pool AS (
        SELECT count(*) FILTER (WHERE o.accepted_at IS NOT NULL)   AS accepted,
               count(*) FILTER (WHERE o.auto_accepted)             AS auto_accepted,
               count(*) FILTER (WHERE o.dispatched_at IS NOT NULL) AS dispatched,
               count(*) FILTER (WHERE o.auto_dispatched)           AS auto_dispatched,
               count(*) FILTER (WHERE o.state = 'delivered')       AS delivered,
               count(*) FILTER (WHERE o.state = 'delivered' AND o.accepted_at IS NOT NULL
                                  AND o.landed_at IS NOT NULL AND o.dispatched_at IS NOT NULL) AS visible,
               count(*) FILTER (WHERE o.state = 'delivered' AND o.delivery_mode = 'install') AS installed,
               count(*) FILTER (WHERE o.state = 'delivered' AND o.delivery_mode = 'install' AND o.visits >= 2) AS second_visits,
               count(DISTINCT o.sale_scene)                        AS scenes,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM o.accepted_at - o.placed_at) / 60)  AS acceptance_p50,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM o.delivered_at - o.placed_at) / 60) AS delivery_p50,
               max(greatest(o.placed_at, o.accepted_at, o.landed_at, o.dispatched_at, o.delivered_at)) AS as_of
        FROM mkt.sales_order AS o
        WHERE o.state <> 'cancelled'
    ), shelf AS (
        SELECT count(*) FILTER (WHERE p.core)                   AS core,
               count(*) FILTER (WHERE p.core AND EXISTS (SELECT FROM mkt.offer AS f WHERE f.product_code = p.product_code)) AS core_offered,
               count(*)                                         AS products,
               count(p.owner_org)                               AS owned
        FROM mkt.product AS p
    ), measured AS (
        SELECT m.code, m.measure, m.measure_zh, m.value, m.target, m.better, m.unit, p.as_of
        FROM pool AS p
        CROSS JOIN shelf AS h
        CROSS JOIN LATERAL (VALUES
            ('product_operation',     'Core products with an offer', '核心产品上架率',
             h.core_offered::numeric / nullif(h.core, 0), 1, 'high', '0..1'),
            ('intensive_acceptance',  'Automatic acceptance rate', '自动受理率',
             p.auto_accepted::numeric / nullif(p.accepted, 0), 0.9, 'high', '0..1'),
            ('customer_perception',   'Orders visible at every step', '订单全程可视率',
             p.visible::numeric / nullif(p.delivered, 0), 1, 'high', '0..1'),
            ('front_line_perception', 'Median acceptance time', '受理时长中位数',
             p.acceptance_p50::numeric, NULL, 'low', 'minutes'),
            ('resource_grooming',     'Automatic dispatch rate', '自动派单率',
             p.auto_dispatched::numeric / nullif(p.dispatched, 0), NULL, 'high', '0..1'),
            ('unified_delivery',      'Median time to delivery', '交付时长中位数',
             p.delivery_p50::numeric, NULL, 'low', 'minutes'),
            ('embedded_staff',        'People in the four embedded posts', '嵌入式数字化人员数',
             (SELECT count(*)::numeric FROM mkt.staff AS s
              WHERE s.active AND s.post_code IN ('process_management', 'product_management', 'product_configuration', 'touchpoint_support')),
             68, 'high', 'persons'),
            ('six_scene_support',     'Scenes with orders', '有单场景数',
             p.scenes::numeric, 6, 'high', 'scenes'),
            ('reversed_installation', 'Installations with a second visit', '二次上门率',
             p.second_visits::numeric / nullif(p.installed, 0), 0, 'low', '0..1'),
            ('unified_commodity',     'Products with one owner', '产品归属明确率',
             h.owned::numeric / nullif(h.products, 0), 1, 'high', '0..1')
        ) AS m(code, measure, measure_zh, value, target, better, unit)
    )
    SELECT m.code AS mechanism_code, m.name, m.name_zh, m.proposed,
           v.measure, v.measure_zh, trim_scale(round(v.value, 4)) AS value, v.unit, v.target::numeric AS target,
           CASE v.better WHEN 'high' THEN v.value >= v.target ELSE v.value <= v.target END AS target_met,
           v.as_of
    FROM mkt.mechanism AS m
    LEFT JOIN measured AS v ON v.code = m.code;
COMMENT ON VIEW mkt_cockpit.middle_mechanism IS
    'The ten operating mechanisms, each with the one measure that shows whether it works (S0-080..S0-089, S0-093, S0-097). Key: mechanism_code.';
COMMENT ON COLUMN mkt_cockpit.middle_mechanism.mechanism_code IS 'Code of the mechanism.';
COMMENT ON COLUMN mkt_cockpit.middle_mechanism.name IS 'English name.';
COMMENT ON COLUMN mkt_cockpit.middle_mechanism.name_zh IS 'Chinese name.';
COMMENT ON COLUMN mkt_cockpit.middle_mechanism.proposed IS 'The name is ours, not the operator''s (S0-080).';
COMMENT ON COLUMN mkt_cockpit.middle_mechanism.measure IS 'What is measured, in English.';
COMMENT ON COLUMN mkt_cockpit.middle_mechanism.measure_zh IS 'What is measured, in Chinese.';
COMMENT ON COLUMN mkt_cockpit.middle_mechanism.value IS 'The measure, in the unit of the column unit; NULL when there is nothing to measure.';
COMMENT ON COLUMN mkt_cockpit.middle_mechanism.unit IS 'Unit of value and target: 0..1, minutes, persons or scenes.';
COMMENT ON COLUMN mkt_cockpit.middle_mechanism.target IS 'Published target; NULL where there is none.';
COMMENT ON COLUMN mkt_cockpit.middle_mechanism.target_met IS 'Whether value, not rounded, reaches the target; NULL without either.';
COMMENT ON COLUMN mkt_cockpit.middle_mechanism.as_of IS 'Last step of an order the caller sees.';
