-- ----------------------------------------------------------------------
-- sql/platform/80-cockpit-command.code.sql: the command cockpit. Who has which
-- tasks, how far they are at each of the seven tiers, and the battle map.
--
-- All views of mkt_cockpit: row security of the caller, base column types
-- only, no order of rows, as_of from the ledger and never from the clock.
-- Each view's comment ends with its key; a column's comment ends with its
-- unit in brackets. mkt_cockpit.dictionary (88) reads both.
-- ----------------------------------------------------------------------

-- Facts hang on tier 7. Their sums climb the tree tier by tier, so each step adds
-- up only what the one below has left.
CREATE OR REPLACE VIEW mkt_cockpit.command_tier_progress WITH (security_invoker = true) AS
    WITH t7 AS (
        SELECT o.org_id, o.parent_id, l.issued, l.accepted, l.contacted, l.succeeded, l.refused, l.unreachable, l.overdue, l.open
        FROM mkt._org_task AS l
        JOIN mkt.org AS o ON o.org_id = l.org_id
    ), t6 AS (
        SELECT o.org_id, o.parent_id, c.issued, c.accepted, c.contacted, c.succeeded, c.refused, c.unreachable, c.overdue, c.open
        FROM (SELECT parent_id, sum(issued)::integer AS issued, sum(accepted)::integer AS accepted, sum(contacted)::integer AS contacted, sum(succeeded)::integer AS succeeded,
                     sum(refused)::integer AS refused, sum(unreachable)::integer AS unreachable, sum(overdue)::integer AS overdue, sum(open)::integer AS open
              FROM t7 GROUP BY parent_id) AS c
        JOIN mkt.org AS o ON o.org_id = c.parent_id
    ), t5 AS (
        SELECT o.org_id, o.parent_id, c.issued, c.accepted, c.contacted, c.succeeded, c.refused, c.unreachable, c.overdue, c.open
        FROM (SELECT parent_id, sum(issued)::integer AS issued, sum(accepted)::integer AS accepted, sum(contacted)::integer AS contacted, sum(succeeded)::integer AS succeeded,
                     sum(refused)::integer AS refused, sum(unreachable)::integer AS unreachable, sum(overdue)::integer AS overdue, sum(open)::integer AS open
              FROM t6 GROUP BY parent_id) AS c
        JOIN mkt.org AS o ON o.org_id = c.parent_id
    ), t4 AS (
        SELECT o.org_id, o.parent_id, c.issued, c.accepted, c.contacted, c.succeeded, c.refused, c.unreachable, c.overdue, c.open
        FROM (SELECT parent_id, sum(issued)::integer AS issued, sum(accepted)::integer AS accepted, sum(contacted)::integer AS contacted, sum(succeeded)::integer AS succeeded,
                     sum(refused)::integer AS refused, sum(unreachable)::integer AS unreachable, sum(overdue)::integer AS overdue, sum(open)::integer AS open
              FROM t5 GROUP BY parent_id) AS c
        JOIN mkt.org AS o ON o.org_id = c.parent_id
    ), t3 AS (
        SELECT o.org_id, o.parent_id, c.issued, c.accepted, c.contacted, c.succeeded, c.refused, c.unreachable, c.overdue, c.open
        FROM (SELECT parent_id, sum(issued)::integer AS issued, sum(accepted)::integer AS accepted, sum(contacted)::integer AS contacted, sum(succeeded)::integer AS succeeded,
                     sum(refused)::integer AS refused, sum(unreachable)::integer AS unreachable, sum(overdue)::integer AS overdue, sum(open)::integer AS open
              FROM t4 GROUP BY parent_id) AS c
        JOIN mkt.org AS o ON o.org_id = c.parent_id
    ), t2 AS (
        SELECT o.org_id, o.parent_id, c.issued, c.accepted, c.contacted, c.succeeded, c.refused, c.unreachable, c.overdue, c.open
        FROM (SELECT parent_id, sum(issued)::integer AS issued, sum(accepted)::integer AS accepted, sum(contacted)::integer AS contacted, sum(succeeded)::integer AS succeeded,
                     sum(refused)::integer AS refused, sum(unreachable)::integer AS unreachable, sum(overdue)::integer AS overdue, sum(open)::integer AS open
              FROM t3 GROUP BY parent_id) AS c
        JOIN mkt.org AS o ON o.org_id = c.parent_id
    ), t1 AS (
        SELECT o.org_id, o.parent_id, c.issued, c.accepted, c.contacted, c.succeeded, c.refused, c.unreachable, c.overdue, c.open
        FROM (SELECT parent_id, sum(issued)::integer AS issued, sum(accepted)::integer AS accepted, sum(contacted)::integer AS contacted, sum(succeeded)::integer AS succeeded,
                     sum(refused)::integer AS refused, sum(unreachable)::integer AS unreachable, sum(overdue)::integer AS overdue, sum(open)::integer AS open
              FROM t2 GROUP BY parent_id) AS c
        JOIN mkt.org AS o ON o.org_id = c.parent_id
    ), subtree AS (
        TABLE t1
        UNION ALL TABLE t2
        UNION ALL TABLE t3
        UNION ALL TABLE t4
        UNION ALL TABLE t5
        UNION ALL TABLE t6
        UNION ALL TABLE t7
    )
    SELECT u.org_id, u.code, u.name, u.name_zh, u.tier::integer AS tier, t.name_zh AS tier_name_zh,
           u.parent_id AS parent_org_id, l.path_zh,
           s.issued::bigint AS issued, s.accepted::bigint AS accepted, s.contacted::bigint AS contacted, s.succeeded::bigint AS succeeded,
           s.refused::bigint AS refused, s.unreachable::bigint AS unreachable, s.overdue::bigint AS overdue, s.open::bigint AS open,
           (s.issued - s.succeeded - s.refused - s.unreachable - s.overdue - s.open)::bigint AS other,
           round(s.accepted::numeric / s.issued, 4)                AS accept_rate,
           round(s.contacted::numeric / s.issued, 4)               AS contact_rate,
           round(s.succeeded::numeric / nullif(s.contacted, 0), 4) AS success_rate,
           round(s.overdue::numeric / s.issued, 4)                 AS overdue_rate,
           (SELECT max(f.as_of) FROM mkt._staff_task AS f)         AS as_of
    FROM subtree AS s
    JOIN mkt.org AS u ON u.org_id = s.org_id
    JOIN mkt.tier AS t ON t.tier = u.tier
    LEFT JOIN mkt._org_line AS l ON l.org_id = s.org_id
    -- everybody may read the tree: a branch would see its tasks again under the province
    WHERE (SELECT mkt.sees_all()) OR u.org_id IN (SELECT mkt.my_orgs());
COMMENT ON VIEW mkt_cockpit.command_tier_progress IS
    'Task progress of every unit of the seven tiers that has tasks; a unit shows its whole subtree, so a parent equals the sum of its children (S0-011, S0-027, S0-029). issued = succeeded + refused + unreachable + overdue + open + other. Key: org_id.';
COMMENT ON COLUMN mkt_cockpit.command_tier_progress.org_id IS 'Number of the unit.';
COMMENT ON COLUMN mkt_cockpit.command_tier_progress.code IS 'Code of the unit.';
COMMENT ON COLUMN mkt_cockpit.command_tier_progress.name IS 'English name of the unit.';
COMMENT ON COLUMN mkt_cockpit.command_tier_progress.name_zh IS 'Chinese name of the unit.';
COMMENT ON COLUMN mkt_cockpit.command_tier_progress.tier IS 'Tier, 1 province to 7 individual (S0-011).';
COMMENT ON COLUMN mkt_cockpit.command_tier_progress.tier_name_zh IS 'Chinese name of the tier.';
COMMENT ON COLUMN mkt_cockpit.command_tier_progress.parent_org_id IS 'Unit one tier up; NULL for the province.';
COMMENT ON COLUMN mkt_cockpit.command_tier_progress.path_zh IS 'Chinese names from the province down to the unit.';
COMMENT ON COLUMN mkt_cockpit.command_tier_progress.issued IS 'Work orders of published rounds, whatever came of them (S0-029) [orders]';
COMMENT ON COLUMN mkt_cockpit.command_tier_progress.accepted IS 'Of these, taken by a person (S0-029) [orders]';
COMMENT ON COLUMN mkt_cockpit.command_tier_progress.contacted IS 'Of these, the customer was tried at least once, reached or not (S0-029) [orders]';
COMMENT ON COLUMN mkt_cockpit.command_tier_progress.succeeded IS 'The customer said yes; stays so when verified and closed (S0-029) [orders]';
COMMENT ON COLUMN mkt_cockpit.command_tier_progress.refused IS 'The customer said no [orders]';
COMMENT ON COLUMN mkt_cockpit.command_tier_progress.unreachable IS 'The customer could not be reached [orders]';
COMMENT ON COLUMN mkt_cockpit.command_tier_progress.overdue IS 'Past their due time without a result (S0-002, S0-029) [orders]';
COMMENT ON COLUMN mkt_cockpit.command_tier_progress.open IS 'Still to be worked and in time [orders]';
COMMENT ON COLUMN mkt_cockpit.command_tier_progress.other IS 'Ended otherwise: invalid, cancelled, recycled [orders]';
COMMENT ON COLUMN mkt_cockpit.command_tier_progress.accept_rate IS 'accepted / issued, recomputed at each tier (S0-029) [0..1]';
COMMENT ON COLUMN mkt_cockpit.command_tier_progress.contact_rate IS 'contacted / issued (S0-029) [0..1]';
COMMENT ON COLUMN mkt_cockpit.command_tier_progress.success_rate IS 'succeeded / contacted; NULL before the first contact (S0-029) [0..1]';
COMMENT ON COLUMN mkt_cockpit.command_tier_progress.overdue_rate IS 'overdue / issued (S0-029) [0..1]';
COMMENT ON COLUMN mkt_cockpit.command_tier_progress.as_of IS 'Last change of a work order the caller sees.';

CREATE OR REPLACE VIEW mkt_cockpit.command_drill WITH (security_invoker = true) AS
    SELECT c.parent_org_id, p.code AS parent_code, p.name AS parent_name, p.name_zh AS parent_name_zh,
           c.org_id, c.code, c.name, c.name_zh, c.tier, c.tier_name_zh,
           c.issued, c.accepted, c.contacted, c.succeeded, c.refused, c.unreachable, c.overdue, c.open, c.other,
           c.contact_rate, c.success_rate, c.overdue_rate,
           round(c.issued / sum(c.issued) OVER (PARTITION BY c.parent_org_id, p.code), 4) AS share_of_parent,
           c.as_of
    FROM mkt_cockpit.command_tier_progress AS c
    LEFT JOIN mkt.org AS p ON p.org_id = c.parent_org_id;
COMMENT ON VIEW mkt_cockpit.command_drill IS
    'One step of the seven-layer drill: choose a parent, get its children (S0-011, S0-027). Start at parent_code IS NULL, go on with the code of a row. Key: org_id.';
COMMENT ON COLUMN mkt_cockpit.command_drill.parent_org_id IS 'Unit that is drilled into; NULL above the province.';
COMMENT ON COLUMN mkt_cockpit.command_drill.parent_code IS 'Code of the parent.';
COMMENT ON COLUMN mkt_cockpit.command_drill.parent_name IS 'English name of the parent.';
COMMENT ON COLUMN mkt_cockpit.command_drill.parent_name_zh IS 'Chinese name of the parent.';
COMMENT ON COLUMN mkt_cockpit.command_drill.org_id IS 'Number of the child unit.';
COMMENT ON COLUMN mkt_cockpit.command_drill.code IS 'Code of the child: parent_code of the next step.';
COMMENT ON COLUMN mkt_cockpit.command_drill.name IS 'English name of the child.';
COMMENT ON COLUMN mkt_cockpit.command_drill.name_zh IS 'Chinese name of the child.';
COMMENT ON COLUMN mkt_cockpit.command_drill.tier IS 'Tier of the child, 1 to 7.';
COMMENT ON COLUMN mkt_cockpit.command_drill.tier_name_zh IS 'Chinese name of the tier.';
COMMENT ON COLUMN mkt_cockpit.command_drill.issued IS 'Work orders of published rounds in the subtree [orders]';
COMMENT ON COLUMN mkt_cockpit.command_drill.accepted IS 'Taken by a person [orders]';
COMMENT ON COLUMN mkt_cockpit.command_drill.contacted IS 'Customer tried at least once [orders]';
COMMENT ON COLUMN mkt_cockpit.command_drill.succeeded IS 'Customer said yes [orders]';
COMMENT ON COLUMN mkt_cockpit.command_drill.refused IS 'Customer said no [orders]';
COMMENT ON COLUMN mkt_cockpit.command_drill.unreachable IS 'Customer not reached [orders]';
COMMENT ON COLUMN mkt_cockpit.command_drill.overdue IS 'Past due without a result [orders]';
COMMENT ON COLUMN mkt_cockpit.command_drill.open IS 'Still to be worked and in time [orders]';
COMMENT ON COLUMN mkt_cockpit.command_drill.other IS 'Ended otherwise: invalid, cancelled, recycled [orders]';
COMMENT ON COLUMN mkt_cockpit.command_drill.contact_rate IS 'contacted / issued [0..1]';
COMMENT ON COLUMN mkt_cockpit.command_drill.success_rate IS 'succeeded / contacted [0..1]';
COMMENT ON COLUMN mkt_cockpit.command_drill.overdue_rate IS 'overdue / issued [0..1]';
COMMENT ON COLUMN mkt_cockpit.command_drill.share_of_parent IS 'Share of the orders the parent''s children hold; 1 for the province [0..1]';
COMMENT ON COLUMN mkt_cockpit.command_drill.as_of IS 'Last change of a work order the caller sees.';

CREATE OR REPLACE VIEW mkt_cockpit.command_task_list WITH (security_invoker = true) AS
    WITH by_due AS (
        SELECT f.strategy_id, f.due_at, sum(f.issued) AS issued, sum(f.accepted) AS accepted, sum(f.contacted) AS contacted, sum(f.succeeded) AS succeeded,
               sum(f.refused) AS refused, sum(f.unreachable) AS unreachable, sum(f.overdue) AS overdue, sum(f.open) AS open,
               sum(f.value_yuan) AS value_yuan, max(f.as_of) AS as_of
        FROM mkt._strategy_task AS f
        GROUP BY f.strategy_id, f.due_at
    ), progress AS (
        SELECT p.strategy_id, sum(p.issued)::bigint AS issued, sum(p.accepted)::bigint AS accepted, sum(p.contacted)::bigint AS contacted,
               sum(p.succeeded)::bigint AS succeeded, sum(p.refused)::bigint AS refused, sum(p.unreachable)::bigint AS unreachable,
               sum(p.overdue)::bigint AS overdue, sum(p.open)::bigint AS open,
               min(p.due_at) FILTER (WHERE p.open > 0) AS next_due_at,
               sum(p.value_yuan) AS value_yuan, max(p.as_of) AS as_of
        FROM by_due AS p
        GROUP BY p.strategy_id
    )
    SELECT k.kind_code, k.name AS kind_name, k.name_zh AS kind_name_zh,
           s.code AS strategy_code, s.name AS strategy_name, s.name_zh AS strategy_name_zh,
           f.name_zh AS family_name_zh, v.eligibility::text AS rule,
           coalesce(p.issued, 0)      AS issued,
           coalesce(p.accepted, 0)    AS accepted,
           coalesce(p.contacted, 0)   AS contacted,
           coalesce(p.succeeded, 0)   AS succeeded,
           coalesce(p.refused, 0)     AS refused,
           coalesce(p.unreachable, 0) AS unreachable,
           coalesce(p.overdue, 0)     AS overdue,
           coalesce(p.open, 0)        AS open,
           round(p.contacted::numeric / p.issued, 4)               AS contact_rate,
           round(p.succeeded::numeric / nullif(p.contacted, 0), 4) AS success_rate,
           coalesce(p.value_yuan, 0)::numeric(14,2) AS value_yuan,
           p.next_due_at,
           max(p.as_of) OVER ()       AS as_of
    FROM mkt.strategy AS s
    JOIN mkt.task_kind AS k ON k.kind_code = s.kind_code
    JOIN mkt.strategy_family AS f ON f.family_code = s.family_code
    LEFT JOIN LATERAL (
        SELECT v.eligibility
        FROM mkt.strategy_version AS v
        WHERE v.strategy_id = s.strategy_id
        ORDER BY v.version DESC
        LIMIT 1
    ) AS v ON true
    LEFT JOIN progress AS p ON p.strategy_id = s.strategy_id;
COMMENT ON VIEW mkt_cockpit.command_task_list IS
    'The three kinds of task lists and the strategies that made them, with the rule that chose the customers (S0-020, S0-033). Strategies without tasks show zeros. Key: strategy_code.';
COMMENT ON COLUMN mkt_cockpit.command_task_list.kind_code IS 'Kind of task list: growth, stock or visit (S0-020).';
COMMENT ON COLUMN mkt_cockpit.command_task_list.kind_name IS 'English name of the kind.';
COMMENT ON COLUMN mkt_cockpit.command_task_list.kind_name_zh IS 'Chinese name of the kind.';
COMMENT ON COLUMN mkt_cockpit.command_task_list.strategy_code IS 'Code of the strategy.';
COMMENT ON COLUMN mkt_cockpit.command_task_list.strategy_name IS 'English name of the strategy.';
COMMENT ON COLUMN mkt_cockpit.command_task_list.strategy_name_zh IS 'Chinese name of the strategy.';
COMMENT ON COLUMN mkt_cockpit.command_task_list.family_name_zh IS 'Chinese name of the strategy family, one of six (S0-033).';
COMMENT ON COLUMN mkt_cockpit.command_task_list.rule IS 'Tag expression of the latest version: who is eligible.';
COMMENT ON COLUMN mkt_cockpit.command_task_list.issued IS 'Work orders of published rounds [orders]';
COMMENT ON COLUMN mkt_cockpit.command_task_list.accepted IS 'Taken by a person [orders]';
COMMENT ON COLUMN mkt_cockpit.command_task_list.contacted IS 'Customer tried at least once [orders]';
COMMENT ON COLUMN mkt_cockpit.command_task_list.succeeded IS 'Customer said yes [orders]';
COMMENT ON COLUMN mkt_cockpit.command_task_list.refused IS 'Customer said no [orders]';
COMMENT ON COLUMN mkt_cockpit.command_task_list.unreachable IS 'Customer not reached [orders]';
COMMENT ON COLUMN mkt_cockpit.command_task_list.overdue IS 'Past due without a result [orders]';
COMMENT ON COLUMN mkt_cockpit.command_task_list.open IS 'Still to be worked and in time [orders]';
COMMENT ON COLUMN mkt_cockpit.command_task_list.contact_rate IS 'contacted / issued; NULL without tasks [0..1]';
COMMENT ON COLUMN mkt_cockpit.command_task_list.success_rate IS 'succeeded / contacted [0..1]';
COMMENT ON COLUMN mkt_cockpit.command_task_list.value_yuan IS 'Value of the offers that were taken [yuan]';
COMMENT ON COLUMN mkt_cockpit.command_task_list.next_due_at IS 'Earliest due time among the open tasks.';
COMMENT ON COLUMN mkt_cockpit.command_task_list.as_of IS 'Last change of a work order the caller sees.';

-- Found from the cell, by index: an area costs what it holds and not what the
-- operator holds.
CREATE OR REPLACE VIEW mkt._cell_figure WITH (security_invoker = true) AS
    SELECT g.cell_id, g.code, g.name, g.name_zh, g.kind, g.grid_id, g.org_id, g.geom, g.area_km2, g.households, g.ports_total, g.ports_used,
           grid.code AS grid_code, grid.name_zh AS grid_name_zh, county.org_id AS county_id, county.code AS county_code, county.name_zh AS county_name_zh,
           city.org_id AS city_id, city.code AS city_code, city.name_zh AS city_name_zh,
           coalesce(c.own_customers, 0) AS own_customers, coalesce(c.off_customers, 0) AS off_customers,
           coalesce(c.scored, 0) AS scored, coalesce(c.churn_score, 0) AS churn_score,
           coalesce(t.issued, 0) AS issued_tasks, coalesce(t.succeeded, 0) AS succeeded,
           coalesce(t.overdue, 0) AS overdue_tasks, coalesce(t.open, 0) AS open_tasks,
           coalesce(t.sales_orders, 0) AS sales_orders, coalesce(t.sales_yuan, 0)::numeric(14,2) AS sales_yuan, t.as_of
    FROM mkt.grid_cell AS g
    JOIN mkt.org AS grid ON grid.org_id = g.grid_id
    JOIN mkt.org AS line ON line.org_id = grid.parent_id
    JOIN mkt.org AS county ON county.org_id = line.parent_id
    JOIN mkt.org AS city ON city.org_id = county.parent_id
    CROSS JOIN LATERAL (
        SELECT sum(f.new + f.growing + f.mature + f.at_risk + f.lost) AS own_customers, sum(f.prospect) AS off_customers,
               sum(f.scored) AS scored, sum(f.churn_score) AS churn_score
        FROM mkt.rollup_customer AS f
        WHERE f.cell_id = g.cell_id
    ) AS c
    CROSS JOIN LATERAL (
        SELECT sum(f.issued) AS issued, sum(f.succeeded) AS succeeded, sum(f.overdue) AS overdue, sum(f.open) AS open,
               sum(f.sales_orders) AS sales_orders, sum(f.sales_yuan) AS sales_yuan, max(f.as_of) AS as_of
        FROM mkt._cell_task AS f
        WHERE f.cell_id = g.cell_id
    ) AS t;
COMMENT ON VIEW mkt._cell_figure IS 'Every cell of the map with its figures from the roll-ups, parts of ratios apart: what battle maps, tiles and snapshots are made of (S0-021, S0-022).';

CREATE OR REPLACE VIEW mkt_cockpit.command_battle_map WITH (security_invoker = true) AS
    SELECT g.cell_id, g.code, g.name, g.name_zh, g.kind, k.name_zh AS kind_name_zh,
           g.county_code, g.county_name_zh, g.grid_code, g.grid_name_zh,
           g.area_km2, g.households, g.own_customers, g.off_customers,
           round(g.own_customers::numeric / nullif(g.own_customers + g.off_customers, 0), 4) AS own_share,
           g.ports_total, g.ports_used, g.ports_total - g.ports_used AS ports_free,
           g.open_tasks, g.succeeded, g.sales_orders, g.sales_yuan,
           round(g.churn_score / nullif(g.scored, 0), 4) AS churn_risk,
           w.code AS staff_code, w.name AS staff_name, w.name_zh AS staff_name_zh,
           g.as_of,
           round(g.off_customers::numeric / nullif(g.own_customers + g.off_customers, 0), 4) AS off_share,
           g.issued_tasks, g.overdue_tasks, g.city_code, g.city_name_zh, g.org_id
    FROM mkt._cell_figure AS g
    JOIN (VALUES ('community', '社区'), ('rural', '农村'), ('business', '商圈')) AS k(kind, name_zh) ON k.kind = g.kind
    LEFT JOIN LATERAL (
        SELECT y.code, y.name, y.name_zh
        FROM mkt.staff AS y
        WHERE y.org_id = g.org_id AND y.active
        ORDER BY y.staff_id
        LIMIT 1
    ) AS w ON true;
COMMENT ON VIEW mkt_cockpit.command_battle_map IS
    'Battle maps: one row per village, community or business area with customers, network resources, tasks, sales and the person who answers for it (S0-003, S0-021, S0-022). Ask for one county_code or grid_code; shapes are in command_battle_map_geojson. Key: cell_id.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.cell_id IS 'Number of the cell of the map.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.code IS 'Code of the cell.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.name IS 'English name of the cell.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.name_zh IS 'Chinese name of the cell.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.kind IS 'community, rural or business (S0-014, S0-021, S0-022).';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.kind_name_zh IS 'Chinese name of the kind.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.county_code IS 'Code of the county (tier 3): filter on it.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.county_name_zh IS 'Chinese name of the county.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.grid_code IS 'Code of the grid (tier 5): filter on it.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.grid_name_zh IS 'Chinese name of the grid.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.area_km2 IS 'Area [km2]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.households IS 'Households living there [households]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.own_customers IS 'Live customers on our net [customers]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.off_customers IS 'Live customers of competitors that we know [customers]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.own_share IS 'own_customers / all customers; the competitors have the rest; NULL without customers [0..1]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.ports_total IS 'Fibre ports [ports]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.ports_used IS 'Ports in use [ports]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.ports_free IS 'Ports free to sell [ports]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.open_tasks IS 'Tasks about this cell, still to be worked and in time [orders]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.succeeded IS 'Tasks about this cell that ended with a yes [orders]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.sales_orders IS 'Sales orders of customers who lived there when they ordered, cancelled ones left out [orders]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.sales_yuan IS 'Amount of these orders [yuan]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.churn_risk IS 'Mean churn score of live customers that have one [0..1]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.staff_code IS 'Code of the person who answers for the cell (S0-003).';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.staff_name IS 'English name of that person.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.staff_name_zh IS 'Chinese name of that person.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.as_of IS 'Last change of a task or sale of the cell; NULL before the first.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.off_share IS 'off_customers / all customers: what the competitors hold; NULL without customers [0..1]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.issued_tasks IS 'Tasks about this cell, whatever came of them [orders]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.overdue_tasks IS 'Of these, past their due time without a result [orders]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.city_code IS 'Code of the city (tier 2): filter on it.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.city_name_zh IS 'Chinese name of the city.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map.org_id IS 'Unit (tier 7) that serves the cell.';

CREATE OR REPLACE VIEW mkt_cockpit.command_battle_map_geojson WITH (security_invoker = true) AS
    SELECT g.cell_id, g.code, g.name, g.name_zh, g.kind,
           county.code AS county_code, grid.code AS grid_code,
           ST_X(ST_PointOnSurface(g.geom)) AS lon, ST_Y(ST_PointOnSurface(g.geom)) AS lat,
           ST_AsGeoJSON(g.geom, 5) AS geojson
    FROM mkt.grid_cell AS g
    JOIN mkt.org AS grid ON grid.org_id = g.grid_id
    JOIN mkt.org AS line ON line.org_id = grid.parent_id
    JOIN mkt.org AS county ON county.org_id = line.parent_id;
COMMENT ON VIEW mkt_cockpit.command_battle_map_geojson IS
    'Shapes of the battle maps as text, apart from the figures because shapes are large and some tools refuse geometry (S0-021, S0-022). Ask for one county_code or grid_code. Key: cell_id.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_geojson.cell_id IS 'Number of the cell of the map.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_geojson.code IS 'Code of the cell.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_geojson.name IS 'English name of the cell.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_geojson.name_zh IS 'Chinese name of the cell.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_geojson.kind IS 'community, rural or business.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_geojson.county_code IS 'Code of the county (tier 3): filter on it.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_geojson.grid_code IS 'Code of the grid (tier 5): filter on it.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_geojson.lon IS 'Longitude of a point inside, for pins [degrees]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_geojson.lat IS 'Latitude of that point [degrees]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_geojson.geojson IS 'Shape as a GeoJSON geometry, five decimals (about a metre).';

CREATE OR REPLACE VIEW mkt_cockpit.command_staff_load WITH (security_invoker = true) AS
    WITH task AS (
        SELECT p.staff_id,
               sum(p.issued)::bigint    AS issued,
               sum(p.open)::bigint      AS open,
               sum(p.overdue)::bigint   AS overdue,
               sum(p.contacted)::bigint AS contacted,
               sum(p.succeeded)::bigint AS succeeded,
               max(p.as_of)             AS as_of
        FROM mkt._staff_task AS p
        GROUP BY p.staff_id
    )
    SELECT s.code AS staff_code, s.name, s.name_zh, s.post_code, p.name_zh AS post_name_zh,
           s.org_id, o.code AS org_code, o.name_zh AS org_name_zh, l.path_zh,
           coalesce(t.issued, 0)    AS issued,
           coalesce(t.open, 0)      AS open,
           coalesce(t.overdue, 0)   AS overdue,
           coalesce(t.contacted, 0) AS contacted,
           coalesce(t.succeeded, 0) AS succeeded,
           round(t.succeeded::numeric / nullif(t.contacted, 0), 4) AS success_rate,
           s.daily_capacity,
           round((coalesce(t.open, 0) + coalesce(t.overdue, 0))::numeric / nullif(s.daily_capacity, 0), 2) AS load_days,
           (SELECT max(m.as_of) FROM task AS m) AS as_of
    FROM mkt.staff AS s
    JOIN mkt.post AS p ON p.post_code = s.post_code
    JOIN mkt.org AS o ON o.org_id = s.org_id
    LEFT JOIN mkt._org_line AS l ON l.org_id = s.org_id
    LEFT JOIN task AS t ON t.staff_id = s.staff_id
    WHERE s.active OR t.staff_id IS NOT NULL;
COMMENT ON VIEW mkt_cockpit.command_staff_load IS
    'Tasks and load of every active person, and of anybody who still holds tasks (S0-046, S0-052). Key: staff_code.';
COMMENT ON COLUMN mkt_cockpit.command_staff_load.staff_code IS 'Code of the person.';
COMMENT ON COLUMN mkt_cockpit.command_staff_load.name IS 'English name of the person.';
COMMENT ON COLUMN mkt_cockpit.command_staff_load.name_zh IS 'Chinese name of the person.';
COMMENT ON COLUMN mkt_cockpit.command_staff_load.post_code IS 'Code of the post.';
COMMENT ON COLUMN mkt_cockpit.command_staff_load.post_name_zh IS 'Chinese name of the post.';
COMMENT ON COLUMN mkt_cockpit.command_staff_load.org_id IS 'Unit the person stands in.';
COMMENT ON COLUMN mkt_cockpit.command_staff_load.org_code IS 'Code of that unit.';
COMMENT ON COLUMN mkt_cockpit.command_staff_load.org_name_zh IS 'Chinese name of that unit.';
COMMENT ON COLUMN mkt_cockpit.command_staff_load.path_zh IS 'Chinese names from the province down to that unit.';
COMMENT ON COLUMN mkt_cockpit.command_staff_load.issued IS 'Work orders of published rounds [orders]';
COMMENT ON COLUMN mkt_cockpit.command_staff_load.open IS 'Still to be worked and in time [orders]';
COMMENT ON COLUMN mkt_cockpit.command_staff_load.overdue IS 'Past due without a result [orders]';
COMMENT ON COLUMN mkt_cockpit.command_staff_load.contacted IS 'Customer tried at least once [orders]';
COMMENT ON COLUMN mkt_cockpit.command_staff_load.succeeded IS 'Customer said yes [orders]';
COMMENT ON COLUMN mkt_cockpit.command_staff_load.success_rate IS 'succeeded / contacted [0..1]';
COMMENT ON COLUMN mkt_cockpit.command_staff_load.daily_capacity IS 'Tasks the person can work in a day [orders]';
COMMENT ON COLUMN mkt_cockpit.command_staff_load.load_days IS '(open + overdue) / daily_capacity: days of work at hand; NULL without capacity [days]';
COMMENT ON COLUMN mkt_cockpit.command_staff_load.as_of IS 'Last change of a work order the caller sees.';

CREATE OR REPLACE VIEW mkt_cockpit.command_unrouted WITH (security_invoker = true) AS
    SELECT u.round_id, r.name_zh AS round_name_zh, s.code AS strategy_code, s.name_zh AS strategy_name_zh,
           u.reason, z.reason_zh, count(*) AS customers, r.as_of
    FROM mkt.unrouted AS u
    JOIN mkt.round AS r ON r.round_id = u.round_id
    JOIN mkt.strategy AS s ON s.strategy_id = u.strategy_id
    LEFT JOIN (VALUES ('outside every grid', '不在任何网格内'), ('nobody serves the cell', '作战单元无责任人')) AS z(reason, reason_zh)
           ON z.reason = u.reason
    GROUP BY u.round_id, r.name_zh, s.code, s.name_zh, u.reason, z.reason_zh, r.as_of;
COMMENT ON VIEW mkt_cockpit.command_unrouted IS
    'Customers a strategy chose but nobody in the field could be given: the gap between market space and people (S0-003). Key: round_id, strategy_code, reason.';
COMMENT ON COLUMN mkt_cockpit.command_unrouted.round_id IS 'Round that was deployed.';
COMMENT ON COLUMN mkt_cockpit.command_unrouted.round_name_zh IS 'Chinese name of the round.';
COMMENT ON COLUMN mkt_cockpit.command_unrouted.strategy_code IS 'Code of the strategy.';
COMMENT ON COLUMN mkt_cockpit.command_unrouted.strategy_name_zh IS 'Chinese name of the strategy.';
COMMENT ON COLUMN mkt_cockpit.command_unrouted.reason IS 'Why nobody was found.';
COMMENT ON COLUMN mkt_cockpit.command_unrouted.reason_zh IS 'The reason in Chinese.';
COMMENT ON COLUMN mkt_cockpit.command_unrouted.customers IS 'Customers left without a person [customers]';
COMMENT ON COLUMN mkt_cockpit.command_unrouted.as_of IS 'Time the round was decided for.';
