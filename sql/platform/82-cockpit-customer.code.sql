-- ----------------------------------------------------------------------
-- sql/platform/82-cockpit-customer.code.sql: the customer cockpit. Who our
-- customers are, which of them the strategies cover, and what each channel
-- and strategy brings. How to read comments: see 80-cockpit-command.
-- ----------------------------------------------------------------------

-- From the roll-up of customers, which has a column for each stage: one row of
-- each cell is added up, and only the sums are turned into lines.
CREATE OR REPLACE VIEW mkt_cockpit.customer_structure WITH (security_invoker = true) AS
    WITH place AS (
        SELECT g.cell_id, g.kind, city.org_id
        FROM mkt.org AS city
        JOIN mkt.org AS grid ON grid.lft BETWEEN city.lft AND city.rgt
        JOIN mkt.grid_cell AS g ON g.grid_id = grid.org_id
        WHERE city.tier = 2 AND grid.tier = 5
    ), summed AS (
        SELECT p.org_id, p.kind,
               sum(f.prospect) AS prospect, sum(f.prospect_yuan) AS prospect_yuan,
               sum(f.new) AS new, sum(f.new_yuan) AS new_yuan,
               sum(f.growing) AS growing, sum(f.growing_yuan) AS growing_yuan,
               sum(f.mature) AS mature, sum(f.mature_yuan) AS mature_yuan,
               sum(f.at_risk) AS at_risk, sum(f.at_risk_yuan) AS at_risk_yuan,
               sum(f.lost) AS lost, sum(f.lost_yuan) AS lost_yuan
        FROM mkt.rollup_customer AS f
        LEFT JOIN place AS p ON p.cell_id = f.cell_id
        GROUP BY p.org_id, p.kind
    ), counted AS (
        SELECT s.org_id, s.kind, l.net, l.stage, l.customers::bigint AS customers, l.monthly_yuan
        FROM summed AS s
        CROSS JOIN LATERAL (VALUES
            ('off', 'prospect', s.prospect, s.prospect_yuan), ('own', 'new', s.new, s.new_yuan),
            ('own', 'growing', s.growing, s.growing_yuan),    ('own', 'mature', s.mature, s.mature_yuan),
            ('own', 'at_risk', s.at_risk, s.at_risk_yuan),    ('own', 'lost', s.lost, s.lost_yuan)) AS l(net, stage, customers, monthly_yuan)
        WHERE l.customers > 0
    )
    SELECT coalesce(city.code, 'outside') AS city_code,
           coalesce(city.name, 'Outside every grid') AS city_name,
           coalesce(city.name_zh, '网格之外') AS city_name_zh,
           c.net, n.name_zh AS net_name_zh,
           coalesce(c.kind, 'outside') AS area_kind, k.name_zh AS area_kind_name_zh,
           c.stage AS lifecycle, l.name_zh AS lifecycle_name_zh,
           c.customers,
           coalesce(c.monthly_yuan, 0)::numeric(14,2) AS monthly_yuan,
           (SELECT max(t.refreshed_at) FROM mkt.tag AS t) AS as_of
    FROM counted AS c
    LEFT JOIN mkt.org AS city ON city.org_id = c.org_id
    JOIN (VALUES ('own', '本网'), ('off', '异网')) AS n(net, name_zh) ON n.net = c.net
    JOIN (VALUES ('community', '社区'), ('rural', '农村'), ('business', '商圈'), ('outside', '网格之外')) AS k(kind, name_zh)
      ON k.kind = coalesce(c.kind, 'outside')
    JOIN (VALUES ('prospect', '潜在客户'), ('new', '新入网'), ('growing', '成长期'), ('mature', '成熟期'),
                 ('at_risk', '离网预警'), ('lost', '流失待赢回')) AS l(stage, name_zh)
      ON l.stage = c.stage;
COMMENT ON VIEW mkt_cockpit.customer_structure IS
    'Live customers by city, net, kind of area and stage of life (S0-030, S0-032, S0-014). Key: city_code, net, area_kind, lifecycle.';
COMMENT ON COLUMN mkt_cockpit.customer_structure.city_code IS 'Code of the city (tier 2); outside: no cell of the map.';
COMMENT ON COLUMN mkt_cockpit.customer_structure.city_name IS 'English name of the city.';
COMMENT ON COLUMN mkt_cockpit.customer_structure.city_name_zh IS 'Chinese name of the city.';
COMMENT ON COLUMN mkt_cockpit.customer_structure.net IS 'own or off: on our net or a competitor''s (S0-030).';
COMMENT ON COLUMN mkt_cockpit.customer_structure.net_name_zh IS 'Chinese name of the net.';
COMMENT ON COLUMN mkt_cockpit.customer_structure.area_kind IS 'Kind of the cell: community, rural, business; outside: no cell (S0-014).';
COMMENT ON COLUMN mkt_cockpit.customer_structure.area_kind_name_zh IS 'Chinese name of the kind.';
COMMENT ON COLUMN mkt_cockpit.customer_structure.lifecycle IS 'First that fits: prospect (off-net), lost (churned, to be won back), at_risk (churn score 0.6 and up), new (up to 6 months), growing (up to 24 months), mature [proposed].';
COMMENT ON COLUMN mkt_cockpit.customer_structure.lifecycle_name_zh IS 'Chinese name of the stage.';
COMMENT ON COLUMN mkt_cockpit.customer_structure.customers IS 'Live customers [customers]';
COMMENT ON COLUMN mkt_cockpit.customer_structure.monthly_yuan IS 'Sum of their monthly charges; estimates for off-net customers [yuan]';
COMMENT ON COLUMN mkt_cockpit.customer_structure.as_of IS 'Last refresh of the tags, which read the same attributes.';

CREATE OR REPLACE VIEW mkt_cockpit.customer_strategy_coverage WITH (security_invoker = true) AS
    WITH issued AS (
        SELECT o.round_id, o.strategy_id, sum(o.issued)::bigint AS customers
        FROM mkt._strategy_task AS o
        GROUP BY o.round_id, o.strategy_id
    ), refused AS (
        SELECT f.round_id, f.strategy_id,
               sum(f.customers) FILTER (WHERE f.reason IN ('global_control', 'strategy_control')) AS control,
               sum(f.customers) FILTER (WHERE f.reason NOT IN ('global_control', 'strategy_control', 'unrouted')) AS refused
        FROM mkt.round_refusal AS f
        GROUP BY f.round_id, f.strategy_id
    ), top AS (
        SELECT DISTINCT ON (f.round_id, f.strategy_id) f.round_id, f.strategy_id, n.name_zh, f.customers
        FROM mkt.round_refusal AS f
        JOIN mkt.refusal_reason AS n ON n.reason = f.reason
        WHERE f.reason NOT IN ('global_control', 'strategy_control', 'unrouted')
        ORDER BY f.round_id, f.strategy_id, f.customers DESC, n.ordinal
    ), unrouted AS (
        SELECT u.round_id, u.strategy_id, count(*) AS customers
        FROM mkt.unrouted AS u
        GROUP BY u.round_id, u.strategy_id
    ), part AS (
        SELECT rs.round_id, rs.strategy_id,
               coalesce(i.customers, 0)        AS issued,
               coalesce(f.control, 0)::bigint  AS control,
               coalesce(f.refused, 0)::bigint  AS refused,
               coalesce(u.customers, 0)        AS unrouted
        FROM mkt.round_strategy AS rs
        LEFT JOIN issued AS i ON i.round_id = rs.round_id AND i.strategy_id = rs.strategy_id
        LEFT JOIN refused AS f ON f.round_id = rs.round_id AND f.strategy_id = rs.strategy_id
        LEFT JOIN unrouted AS u ON u.round_id = rs.round_id AND u.strategy_id = rs.strategy_id
    )
    SELECT p.round_id, r.name_zh AS round_name_zh, s.code AS strategy_code, s.name AS strategy_name, s.name_zh AS strategy_name_zh,
           f.family_code, f.name_zh AS family_name_zh,
           p.issued + p.control + p.refused + p.unrouted AS candidates,
           p.issued, p.control, p.refused, p.unrouted,
           t.name_zh AS top_refusal_zh, t.customers AS top_refusal_customers,
           round(p.issued::numeric / nullif(p.issued + p.control + p.refused + p.unrouted, 0), 4) AS coverage_rate,
           r.as_of
    FROM part AS p
    JOIN mkt.round AS r ON r.round_id = p.round_id AND r.published_at IS NOT NULL
    JOIN mkt.strategy AS s ON s.strategy_id = p.strategy_id
    JOIN mkt.strategy_family AS f ON f.family_code = s.family_code
    LEFT JOIN top AS t ON t.round_id = p.round_id AND t.strategy_id = p.strategy_id;
COMMENT ON VIEW mkt_cockpit.customer_strategy_coverage IS
    'What became of the candidates of each strategy in each published round (S0-033, S0-035, S0-072). candidates = issued + control + refused + unrouted. Refusals are counts of the whole operator: only head office sees them. Key: round_id, strategy_code.';
COMMENT ON COLUMN mkt_cockpit.customer_strategy_coverage.round_id IS 'Round that was deployed.';
COMMENT ON COLUMN mkt_cockpit.customer_strategy_coverage.round_name_zh IS 'Chinese name of the round.';
COMMENT ON COLUMN mkt_cockpit.customer_strategy_coverage.strategy_code IS 'Code of the strategy.';
COMMENT ON COLUMN mkt_cockpit.customer_strategy_coverage.strategy_name IS 'English name of the strategy.';
COMMENT ON COLUMN mkt_cockpit.customer_strategy_coverage.strategy_name_zh IS 'Chinese name of the strategy.';
COMMENT ON COLUMN mkt_cockpit.customer_strategy_coverage.family_code IS 'Code of the strategy family, one of six (S0-033).';
COMMENT ON COLUMN mkt_cockpit.customer_strategy_coverage.family_name_zh IS 'Chinese name of the family.';
COMMENT ON COLUMN mkt_cockpit.customer_strategy_coverage.candidates IS 'Customers the round decided about for this strategy [customers]';
COMMENT ON COLUMN mkt_cockpit.customer_strategy_coverage.issued IS 'Of these, got a work order [customers]';
COMMENT ON COLUMN mkt_cockpit.customer_strategy_coverage.control IS 'Kept untouched in the global or the strategy''s control group (semantics D1) [customers]';
COMMENT ON COLUMN mkt_cockpit.customer_strategy_coverage.refused IS 'Refused by a rule; the rules are in customer_refusal [customers]';
COMMENT ON COLUMN mkt_cockpit.customer_strategy_coverage.unrouted IS 'Chosen, but nobody in the field could be given [customers]';
COMMENT ON COLUMN mkt_cockpit.customer_strategy_coverage.top_refusal_zh IS 'Chinese name of the rule that refused most.';
COMMENT ON COLUMN mkt_cockpit.customer_strategy_coverage.top_refusal_customers IS 'Customers this rule refused [customers]';
COMMENT ON COLUMN mkt_cockpit.customer_strategy_coverage.coverage_rate IS 'issued / candidates (S0-072) [0..1]';
COMMENT ON COLUMN mkt_cockpit.customer_strategy_coverage.as_of IS 'Time the round was decided for.';

CREATE OR REPLACE VIEW mkt_cockpit.customer_refusal WITH (security_invoker = true) AS
    SELECT f.round_id, r.name_zh AS round_name_zh, s.code AS strategy_code, s.name_zh AS strategy_name_zh,
           f.reason, n.ordinal::integer AS ordinal, n.name AS reason_name, n.name_zh AS reason_name_zh,
           f.customers, r.as_of
    FROM mkt.round_refusal AS f
    JOIN mkt.round AS r ON r.round_id = f.round_id AND r.published_at IS NOT NULL
    JOIN mkt.strategy AS s ON s.strategy_id = f.strategy_id
    JOIN mkt.refusal_reason AS n ON n.reason = f.reason;
COMMENT ON VIEW mkt_cockpit.customer_refusal IS
    'Why candidates were not contacted, by the first rule that failed (semantics B1). Head office only. Key: round_id, strategy_code, reason.';
COMMENT ON COLUMN mkt_cockpit.customer_refusal.round_id IS 'Round that was deployed.';
COMMENT ON COLUMN mkt_cockpit.customer_refusal.round_name_zh IS 'Chinese name of the round.';
COMMENT ON COLUMN mkt_cockpit.customer_refusal.strategy_code IS 'Code of the strategy.';
COMMENT ON COLUMN mkt_cockpit.customer_refusal.strategy_name_zh IS 'Chinese name of the strategy.';
COMMENT ON COLUMN mkt_cockpit.customer_refusal.reason IS 'Code of the rule.';
COMMENT ON COLUMN mkt_cockpit.customer_refusal.ordinal IS 'Place of the rule in the fixed order of tests.';
COMMENT ON COLUMN mkt_cockpit.customer_refusal.reason_name IS 'What the rule says, in English.';
COMMENT ON COLUMN mkt_cockpit.customer_refusal.reason_name_zh IS 'Chinese name of the rule.';
COMMENT ON COLUMN mkt_cockpit.customer_refusal.customers IS 'Candidates this rule refused [customers]';
COMMENT ON COLUMN mkt_cockpit.customer_refusal.as_of IS 'Time the round was decided for.';

CREATE OR REPLACE VIEW mkt_cockpit.customer_channel_effect WITH (security_invoker = true) AS
    WITH task AS (
        SELECT p.channel_code, sum(p.issued)::bigint AS issued, sum(p.succeeded)::bigint AS succeeded,
               sum(p.value_yuan) AS value_yuan, max(p.as_of) AS as_of
        FROM mkt._strategy_task AS p
        GROUP BY p.channel_code
    ), touch AS (
        SELECT c.channel_code,
               count(*) FILTER (WHERE c.order_id IS NOT NULL)                 AS contacted,
               count(*) FILTER (WHERE c.order_id IS NOT NULL AND c.responded) AS responded,
               count(*) FILTER (WHERE c.order_id IS NULL)                     AS other_contacts
        FROM mkt.contact AS c
        WHERE c.state = 'sent'
        GROUP BY c.channel_code
    ), part AS (
        SELECT h.channel_code, h.name, h.name_zh,
               coalesce(t.issued, 0)      AS issued,
               coalesce(k.contacted, 0)   AS contacted,
               coalesce(k.responded, 0)   AS responded,
               coalesce(k.other_contacts, 0) AS other_contacts,
               coalesce(t.succeeded, 0)   AS succeeded,
               (coalesce(k.contacted, 0) * h.unit_cost)::numeric(14,2) AS cost_yuan,
               coalesce(t.value_yuan, 0)::numeric(14,2) AS value_yuan,
               max(t.as_of) OVER ()       AS as_of
        FROM mkt.channel AS h
        LEFT JOIN task AS t ON t.channel_code = h.channel_code
        LEFT JOIN touch AS k ON k.channel_code = h.channel_code
    )
    SELECT p.channel_code, p.name, p.name_zh, p.issued, p.contacted, p.responded, p.succeeded,
           p.cost_yuan, p.value_yuan,
           round(p.contacted::numeric / nullif(p.issued, 0), 4)    AS reach_rate,
           round(p.responded::numeric / nullif(p.contacted, 0), 4) AS conversion_rate,
           round(p.value_yuan / nullif(p.cost_yuan, 0), 2)         AS roi_output_input,
           p.other_contacts, p.as_of
    FROM part AS p;
COMMENT ON VIEW mkt_cockpit.customer_channel_effect IS
    'What each of the six channels brings: one standard for all touchpoints (S0-045, S0-048, S0-072). Key: channel_code.';
COMMENT ON COLUMN mkt_cockpit.customer_channel_effect.channel_code IS 'Code of the channel.';
COMMENT ON COLUMN mkt_cockpit.customer_channel_effect.name IS 'English name of the channel.';
COMMENT ON COLUMN mkt_cockpit.customer_channel_effect.name_zh IS 'Chinese name of the channel.';
COMMENT ON COLUMN mkt_cockpit.customer_channel_effect.issued IS 'Work orders given to the channel [orders]';
COMMENT ON COLUMN mkt_cockpit.customer_channel_effect.contacted IS 'Contacts made for these orders: the customer was reached [contacts]';
COMMENT ON COLUMN mkt_cockpit.customer_channel_effect.responded IS 'Contacts after which the customer took the offer [contacts]';
COMMENT ON COLUMN mkt_cockpit.customer_channel_effect.succeeded IS 'Work orders the customer said yes to [orders]';
COMMENT ON COLUMN mkt_cockpit.customer_channel_effect.cost_yuan IS 'contacted x the channel''s cost of one contact [yuan]';
COMMENT ON COLUMN mkt_cockpit.customer_channel_effect.value_yuan IS 'Value of the offers that were taken [yuan]';
COMMENT ON COLUMN mkt_cockpit.customer_channel_effect.reach_rate IS 'contacted / issued (S0-072) [0..1]';
COMMENT ON COLUMN mkt_cockpit.customer_channel_effect.conversion_rate IS 'responded / contacted (S0-072) [0..1]';
COMMENT ON COLUMN mkt_cockpit.customer_channel_effect.roi_output_input IS 'value_yuan / cost_yuan; NULL where nothing was spent (semantics I) [yuan per yuan]';
COMMENT ON COLUMN mkt_cockpit.customer_channel_effect.other_contacts IS 'Contacts made without a work order; in none of the figures before [contacts]';
COMMENT ON COLUMN mkt_cockpit.customer_channel_effect.as_of IS 'Last change of a work order the caller sees.';

-- Both arms are compared as assigned: everybody with a contact row, sent or not,
-- against the virtual contacts of the control group. The 30 days are half-open at
-- the contact: what was bought before it does not count (semantics D2, I).
CREATE OR REPLACE VIEW mkt_cockpit.customer_strategy_effect WITH (security_invoker = true) AS
    WITH arm AS (
        SELECT c.contact_id, c.strategy_id, c.cid, c.reserved_at, c.state = 'virtual' AS control, o.product_code
        FROM mkt.contact AS c
        JOIN mkt.round_strategy AS rs ON rs.round_id = c.round_id AND rs.strategy_id = c.strategy_id
        JOIN mkt.strategy_version AS v ON v.strategy_id = rs.strategy_id AND v.version = rs.version
        JOIN mkt.offer AS o ON o.offer_code = v.offer_code
    ), bought AS (
        SELECT DISTINCT a.contact_id
        FROM arm AS a
        JOIN mkt.sales_order AS s
          ON s.cid = a.cid AND s.product_code = a.product_code
         AND s.placed_at > a.reserved_at AND s.placed_at <= a.reserved_at + interval '30 days'
        WHERE s.state <> 'cancelled'
    ), counted AS (
        SELECT a.strategy_id,
               count(*) FILTER (WHERE NOT a.control)                              AS treated,
               count(*) FILTER (WHERE NOT a.control AND b.contact_id IS NOT NULL) AS treated_converted,
               count(*) FILTER (WHERE a.control)                                  AS control,
               count(*) FILTER (WHERE a.control AND b.contact_id IS NOT NULL)     AS control_converted,
               max(a.reserved_at)                                                 AS as_of
        FROM arm AS a
        LEFT JOIN bought AS b ON b.contact_id = a.contact_id
        GROUP BY a.strategy_id
    ), rated AS (
        SELECT c.*,
               c.treated_converted::numeric / nullif(c.treated, 0) AS treated_rate,
               c.control_converted::numeric / nullif(c.control, 0) AS control_rate
        FROM counted AS c
    )
    SELECT s.code AS strategy_code, s.name AS strategy_name, s.name_zh AS strategy_name_zh,
           r.treated, r.treated_converted, r.control, r.control_converted,
           round(r.treated_rate, 4) AS treated_rate,
           round(r.control_rate, 4) AS control_rate,
           round((r.treated_rate - r.control_rate) * 100, 2) AS lift_pp,
           round((r.treated_rate - r.control_rate) / nullif(r.control_rate, 0), 4) AS lift_relative,
           r.as_of
    FROM rated AS r
    JOIN mkt.strategy AS s ON s.strategy_id = r.strategy_id;
COMMENT ON VIEW mkt_cockpit.customer_strategy_effect IS
    'What each strategy really adds: buyers of its product within 30 days among contacted customers against its control group, both as assigned (S0-049, semantics D). No interval yet: look at the counts before believing a lift. Key: strategy_code.';
COMMENT ON COLUMN mkt_cockpit.customer_strategy_effect.strategy_code IS 'Code of the strategy.';
COMMENT ON COLUMN mkt_cockpit.customer_strategy_effect.strategy_name IS 'English name of the strategy.';
COMMENT ON COLUMN mkt_cockpit.customer_strategy_effect.strategy_name_zh IS 'Chinese name of the strategy.';
COMMENT ON COLUMN mkt_cockpit.customer_strategy_effect.treated IS 'Contacts assigned, reached or not [contacts]';
COMMENT ON COLUMN mkt_cockpit.customer_strategy_effect.treated_converted IS 'Of these, bought the product within 30 days [contacts]';
COMMENT ON COLUMN mkt_cockpit.customer_strategy_effect.control IS 'Virtual contacts of the control group [contacts]';
COMMENT ON COLUMN mkt_cockpit.customer_strategy_effect.control_converted IS 'Of these, bought the product within 30 days all the same [contacts]';
COMMENT ON COLUMN mkt_cockpit.customer_strategy_effect.treated_rate IS 'treated_converted / treated [0..1]';
COMMENT ON COLUMN mkt_cockpit.customer_strategy_effect.control_rate IS 'control_converted / control [0..1]';
COMMENT ON COLUMN mkt_cockpit.customer_strategy_effect.lift_pp IS 'Difference of the two rates [percentage points]';
COMMENT ON COLUMN mkt_cockpit.customer_strategy_effect.lift_relative IS 'Difference relative to the control; NULL when the control bought nothing [ratio]';
COMMENT ON COLUMN mkt_cockpit.customer_strategy_effect.as_of IS 'Latest contact the caller sees.';

CREATE OR REPLACE VIEW mkt_cockpit.customer_tag_catalogue WITH (security_invoker = true) AS
    SELECT t.code AS tag_code, t.name, t.name_zh, t.kind, t.class, t.business, t.unit AS tag_unit, t.status, t.members,
           round(100.0 * t.members / nullif((SELECT u.members FROM mkt.tag AS u WHERE u.code = 'live'), 0), 2) AS coverage_pct,
           t.refreshed_at, t.refreshed_at AS as_of
    FROM mkt.tag AS t;
COMMENT ON VIEW mkt_cockpit.customer_tag_catalogue IS
    'Tags of the user centre with how many customers carry them (S0-036, S0-038). Counts are those of the last refresh, of the whole operator. Key: tag_code.';
COMMENT ON COLUMN mkt_cockpit.customer_tag_catalogue.tag_code IS 'Code, as typed in tag expressions.';
COMMENT ON COLUMN mkt_cockpit.customer_tag_catalogue.name IS 'English name.';
COMMENT ON COLUMN mkt_cockpit.customer_tag_catalogue.name_zh IS 'Chinese name; may be typed in tag expressions too.';
COMMENT ON COLUMN mkt_cockpit.customer_tag_catalogue.kind IS 'boolean, numeric or enum.';
COMMENT ON COLUMN mkt_cockpit.customer_tag_catalogue.class IS 'Class of the tag.';
COMMENT ON COLUMN mkt_cockpit.customer_tag_catalogue.business IS 'Business it belongs to (S0-038).';
COMMENT ON COLUMN mkt_cockpit.customer_tag_catalogue.tag_unit IS 'Unit of a numeric tag''s values.';
COMMENT ON COLUMN mkt_cockpit.customer_tag_catalogue.status IS 'draft, review, online or offline.';
COMMENT ON COLUMN mkt_cockpit.customer_tag_catalogue.members IS 'Customers that carry the tag [customers]';
COMMENT ON COLUMN mkt_cockpit.customer_tag_catalogue.coverage_pct IS 'members in per cent of all live customers; above 100 where the tag is kept for customers who are no longer live [%]';
COMMENT ON COLUMN mkt_cockpit.customer_tag_catalogue.refreshed_at IS 'When the tag was last computed.';
COMMENT ON COLUMN mkt_cockpit.customer_tag_catalogue.as_of IS 'The same as refreshed_at, under the name all cockpits use.';
