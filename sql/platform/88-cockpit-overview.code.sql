-- ----------------------------------------------------------------------
-- sql/platform/88-cockpit-overview.code.sql: the four cockpits at a glance
-- and the dictionary of all their columns. How fresh they are: 91.
-- How to read comments: see 80-cockpit-command.
-- ----------------------------------------------------------------------

-- Computed from ledgers and roll-ups, not from the other views: this page opens
-- first. The sums of a cockpit stand in one sub-select so that each ledger is read once.
CREATE OR REPLACE VIEW mkt_cockpit.overview WITH (security_invoker = true) AS
    WITH task AS (
        SELECT sum(p.issued)    AS issued,
               sum(p.contacted) AS contacted,
               sum(p.succeeded) AS succeeded,
               (SELECT count(DISTINCT o.cid) FROM mkt.issued_order AS o) AS customers,
               max(p.as_of)     AS as_of
        FROM mkt._staff_task AS p
    ), person AS (
        SELECT sum(f.new + f.growing + f.mature + f.at_risk + f.lost) AS own_net,
               sum(f.prospect) AS off_net
        FROM mkt.rollup_customer AS f
    ), visit AS (
        SELECT count(*)                                    AS steps,
               count(*) FILTER (WHERE s.step = 'pay')      AS paid,
               max(s.at)                                   AS as_of
        FROM mkt.scan AS s
    ), coupon AS (
        SELECT count(*) FILTER (WHERE c.claimed_at IS NOT NULL) AS claimed,
               count(*) FILTER (WHERE c.state = 'redeemed')     AS redeemed
        FROM mkt.coupon AS c
    ), pool AS (
        SELECT count(*)                                          AS orders,
               count(*) FILTER (WHERE o.accepted_at IS NOT NULL) AS accepted,
               count(*) FILTER (WHERE o.auto_accepted)           AS auto_accepted,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM o.delivered_at - o.placed_at) / 3600) AS delivery_p50,
               max(greatest(o.placed_at, o.accepted_at, o.landed_at, o.dispatched_at, o.delivered_at, o.cancelled_at)) AS as_of
        FROM mkt.sales_order AS o
    )
    SELECT v.cockpit, v.name, v.name_zh, v.orientation, v.orientation_zh, v.centre, v.centre_zh,
           v.figure1, v.figure1_zh, v.value1, v.unit1,
           v.figure2, v.figure2_zh, v.value2, v.unit2,
           v.figure3, v.figure3_zh, v.value3, v.unit3,
           v.as_of
    FROM task AS t, person AS p, visit AS s, coupon AS c, pool AS o,
         LATERAL (VALUES
        ('command', 'Command and dispatch', '指挥调度', 'towards the market', '面向市场', 'the grid', '以网格为中心',
         'Tasks issued', '下发工单', coalesce(t.issued, 0)::numeric, 'orders',
         'Contact rate', '触达率', round(t.contacted::numeric / nullif(t.issued, 0), 4), '0..1',
         'Success rate', '成功率', round(t.succeeded::numeric / nullif(t.contacted, 0), 4), '0..1', t.as_of),
        ('customer', 'Customer operation', '客户运营', 'towards the customer', '面向客户', 'the customer', '以客户为中心',
         'Own-net customers', '本网客户', coalesce(p.own_net, 0)::numeric, 'customers',
         'Off-net customers', '异网客户', coalesce(p.off_net, 0)::numeric, 'customers',
         'Customers with a task', '策略覆盖率', round(t.customers::numeric / nullif(p.own_net + p.off_net, 0), 4), '0..1', t.as_of),
        ('traffic', 'Traffic operation', '流量运营', 'towards sales', '面向销售', 'dual-domain traffic', '以双域流量为中心',
         'Steps behind codes', '码上触点', s.steps::numeric, 'steps',
         'Payments behind codes', '码上支付', s.paid::numeric, 'payments',
         'Coupon redemption rate', '卡券核销率', round(c.redeemed::numeric / nullif(c.claimed, 0), 4), '0..1', s.as_of),
        ('middle', 'Middle-platform operation', '中台运营', 'towards support', '面向支撑', 'the order', '以订单为中心',
         'Orders in the pool', '订单池订单', o.orders::numeric, 'orders',
         'Automatic acceptance rate', '自动受理率', round(o.auto_accepted::numeric / nullif(o.accepted, 0), 4), '0..1',
         'Median time to delivery', '交付时长中位数', round(o.delivery_p50::numeric, 1), 'hours', o.as_of)
    ) AS v(cockpit, name, name_zh, orientation, orientation_zh, centre, centre_zh,
           figure1, figure1_zh, value1, unit1,
           figure2, figure2_zh, value2, unit2,
           figure3, figure3_zh, value3, unit3, as_of);
COMMENT ON VIEW mkt_cockpit.overview IS
    'The four cockpits, one row each: where it looks, what it turns around, three figures (S0-005, S0-006). The centres are [proposed]. Key: cockpit.';
COMMENT ON COLUMN mkt_cockpit.overview.cockpit IS 'command, customer, traffic or middle: the views of a cockpit begin with this word (S0-005).';
COMMENT ON COLUMN mkt_cockpit.overview.name IS 'English name.';
COMMENT ON COLUMN mkt_cockpit.overview.name_zh IS 'Chinese name.';
COMMENT ON COLUMN mkt_cockpit.overview.orientation IS 'Where it looks, in English (S0-006).';
COMMENT ON COLUMN mkt_cockpit.overview.orientation_zh IS 'Where it looks, in Chinese (S0-006).';
COMMENT ON COLUMN mkt_cockpit.overview.centre IS 'What it turns around, in English [proposed].';
COMMENT ON COLUMN mkt_cockpit.overview.centre_zh IS 'What it turns around, in Chinese [proposed].';
COMMENT ON COLUMN mkt_cockpit.overview.figure1 IS 'First figure, English name.';
COMMENT ON COLUMN mkt_cockpit.overview.figure1_zh IS 'First figure, Chinese name.';
COMMENT ON COLUMN mkt_cockpit.overview.value1 IS 'First figure, in unit1.';
COMMENT ON COLUMN mkt_cockpit.overview.unit1 IS 'Unit of value1.';
COMMENT ON COLUMN mkt_cockpit.overview.figure2 IS 'Second figure, English name.';
COMMENT ON COLUMN mkt_cockpit.overview.figure2_zh IS 'Second figure, Chinese name.';
COMMENT ON COLUMN mkt_cockpit.overview.value2 IS 'Second figure, in unit2.';
COMMENT ON COLUMN mkt_cockpit.overview.unit2 IS 'Unit of value2.';
COMMENT ON COLUMN mkt_cockpit.overview.figure3 IS 'Third figure, English name.';
COMMENT ON COLUMN mkt_cockpit.overview.figure3_zh IS 'Third figure, Chinese name.';
COMMENT ON COLUMN mkt_cockpit.overview.value3 IS 'Third figure, in unit3.';
COMMENT ON COLUMN mkt_cockpit.overview.unit3 IS 'Unit of value3.';
COMMENT ON COLUMN mkt_cockpit.overview.as_of IS 'Last event of the ledger behind the figures.';

-- Comments are the only place where a unit or key is written down.
CREATE OR REPLACE VIEW mkt_cockpit.dictionary WITH (security_invoker = true) AS
    SELECT c.relname::text COLLATE "default" AS view_name, a.attnum::integer AS ordinal, a.attname::text COLLATE "default" AS column_name,
           format_type(a.atttypid, a.atttypmod) AS data_type,
           substring(d.column_comment FROM '\[([^][]+)\]$') AS unit,
           coalesce(a.attname::text = ANY (string_to_array(substring(d.view_comment FROM 'Key: ([^.]+)\.$'), ', ')), false) AS is_key,
           d.column_comment AS description, d.view_comment AS view_description
    FROM pg_class AS c
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    CROSS JOIN LATERAL (
        SELECT col_description(c.oid, a.attnum) AS column_comment, obj_description(c.oid, 'pg_class') AS view_comment
    ) AS d
    WHERE c.relnamespace = 'mkt_cockpit'::regnamespace AND c.relkind = 'v';
COMMENT ON VIEW mkt_cockpit.dictionary IS
    'Every column of every cockpit view with type, unit and meaning, for tools that import descriptions. Key: view_name, column_name.';
COMMENT ON COLUMN mkt_cockpit.dictionary.view_name IS 'View of mkt_cockpit.';
COMMENT ON COLUMN mkt_cockpit.dictionary.ordinal IS 'Place of the column in the view.';
COMMENT ON COLUMN mkt_cockpit.dictionary.column_name IS 'Column.';
COMMENT ON COLUMN mkt_cockpit.dictionary.data_type IS 'SQL type of the column.';
COMMENT ON COLUMN mkt_cockpit.dictionary.unit IS 'Unit; NULL for names, codes and times.';
COMMENT ON COLUMN mkt_cockpit.dictionary.is_key IS 'The column belongs to the view''s unique key.';
COMMENT ON COLUMN mkt_cockpit.dictionary.description IS 'Comment of the column.';
COMMENT ON COLUMN mkt_cockpit.dictionary.view_description IS 'Comment of the view.';
