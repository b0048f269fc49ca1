-- ----------------------------------------------------------------------
-- sql/platform/81-battle-map.code.sql: snapshots stay as they were, and the
-- views of units and of days. How to read comments: see 80-cockpit-command.
-- ----------------------------------------------------------------------
CREATE OR REPLACE TRIGGER battle_map_snapshot_keep
    BEFORE UPDATE OR TRUNCATE ON mkt.battle_map_snapshot
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._append_only_trigger();
COMMENT ON TRIGGER battle_map_snapshot_keep ON mkt.battle_map_snapshot IS 'A day that is past does not change; mkt.battle_map_trim() may remove whole days.';

CREATE OR REPLACE VIEW mkt_cockpit.command_unit_map WITH (security_invoker = true) AS
    SELECT u.org_id, o.code, o.name, o.name_zh, u.tier::integer AS tier, p.code AS parent_code,
           u.cells, u.area_km2, u.households, u.own_customers, u.off_customers,
           round(u.own_customers::numeric / nullif(u.own_customers + u.off_customers, 0), 4) AS own_share,
           round(u.off_customers::numeric / nullif(u.own_customers + u.off_customers, 0), 4) AS off_share,
           u.ports_total, u.ports_used, u.ports_total - u.ports_used AS ports_free,
           u.issued_tasks, u.open_tasks, u.overdue_tasks, u.succeeded, u.sales_orders, u.sales_yuan,
           round(u.churn_score / nullif(u.scored, 0), 4) AS churn_risk,
           ST_AsGeoJSON(u.geom, 5) AS geojson, u.refreshed_at, u.as_of
    FROM mkt.battle_map_unit AS u
    JOIN mkt.org AS o ON o.org_id = u.org_id
    LEFT JOIN mkt.org AS p ON p.org_id = o.parent_id;
COMMENT ON VIEW mkt_cockpit.command_unit_map IS
    'Battle maps of cities, counties and grids, with shapes: for looking from afar (S0-021, S0-022). Figures are those of refreshed_at, at most some minutes old. Key: org_id.';
COMMENT ON COLUMN mkt_cockpit.command_unit_map.org_id IS 'Number of the unit.';
COMMENT ON COLUMN mkt_cockpit.command_unit_map.code IS 'Code of the unit.';
COMMENT ON COLUMN mkt_cockpit.command_unit_map.name IS 'English name of the unit.';
COMMENT ON COLUMN mkt_cockpit.command_unit_map.name_zh IS 'Chinese name of the unit.';
COMMENT ON COLUMN mkt_cockpit.command_unit_map.tier IS '2 city, 3 county, 5 grid: filter on it.';
COMMENT ON COLUMN mkt_cockpit.command_unit_map.parent_code IS 'Code of the unit one tier up.';
COMMENT ON COLUMN mkt_cockpit.command_unit_map.cells IS 'Cells of the map in the unit.';
COMMENT ON COLUMN mkt_cockpit.command_unit_map.area_km2 IS 'Area of the cells [km2]';
COMMENT ON COLUMN mkt_cockpit.command_unit_map.households IS 'Households living there [households]';
COMMENT ON COLUMN mkt_cockpit.command_unit_map.own_customers IS 'Live customers on our net [customers]';
COMMENT ON COLUMN mkt_cockpit.command_unit_map.off_customers IS 'Live customers of competitors that we know [customers]';
COMMENT ON COLUMN mkt_cockpit.command_unit_map.own_share IS 'own_customers / all customers [0..1]';
COMMENT ON COLUMN mkt_cockpit.command_unit_map.off_share IS 'off_customers / all customers [0..1]';
COMMENT ON COLUMN mkt_cockpit.command_unit_map.ports_total IS 'Fibre ports [ports]';
COMMENT ON COLUMN mkt_cockpit.command_unit_map.ports_used IS 'Ports in use [ports]';
COMMENT ON COLUMN mkt_cockpit.command_unit_map.ports_free IS 'Ports free to sell [ports]';
COMMENT ON COLUMN mkt_cockpit.command_unit_map.issued_tasks IS 'Tasks about its cells, whatever came of them [orders]';
COMMENT ON COLUMN mkt_cockpit.command_unit_map.open_tasks IS 'Of these, still to be worked and in time [orders]';
COMMENT ON COLUMN mkt_cockpit.command_unit_map.overdue_tasks IS 'Of these, past their due time without a result [orders]';
COMMENT ON COLUMN mkt_cockpit.command_unit_map.succeeded IS 'Of these, ended with a yes [orders]';
COMMENT ON COLUMN mkt_cockpit.command_unit_map.sales_orders IS 'Sales orders of customers of its cells, cancelled ones left out [orders]';
COMMENT ON COLUMN mkt_cockpit.command_unit_map.sales_yuan IS 'Amount of these orders [yuan]';
COMMENT ON COLUMN mkt_cockpit.command_unit_map.churn_risk IS 'Mean churn score of live customers that have one [0..1]';
COMMENT ON COLUMN mkt_cockpit.command_unit_map.geojson IS 'Shape as a GeoJSON geometry, drawn with fewer points than its cells have.';
COMMENT ON COLUMN mkt_cockpit.command_unit_map.refreshed_at IS 'When the figures were added up.';
COMMENT ON COLUMN mkt_cockpit.command_unit_map.as_of IS 'Last change of a task or sale by then.';

CREATE OR REPLACE VIEW mkt_cockpit.command_battle_map_past WITH (security_invoker = true) AS
    SELECT s.day, s.cell_id, g.code, g.name, g.name_zh, g.kind, county.code AS county_code, grid.code AS grid_code,
           s.area_km2, s.households, s.own_customers, s.off_customers,
           round(s.own_customers::numeric / nullif(s.own_customers + s.off_customers, 0), 4) AS own_share,
           round(s.off_customers::numeric / nullif(s.own_customers + s.off_customers, 0), 4) AS off_share,
           s.ports_total, s.ports_used, s.ports_total - s.ports_used AS ports_free,
           s.issued_tasks, s.open_tasks, s.overdue_tasks, s.succeeded, s.sales_orders, s.sales_yuan,
           round(s.churn_score / nullif(s.scored, 0), 4) AS churn_risk, s.staff_code, s.taken_at AS as_of
    FROM mkt.battle_map_snapshot AS s
    LEFT JOIN mkt.grid_cell AS g ON g.cell_id = s.cell_id
    LEFT JOIN mkt.org AS grid ON grid.org_id = g.grid_id
    LEFT JOIN mkt.org AS line ON line.org_id = grid.parent_id
    LEFT JOIN mkt.org AS county ON county.org_id = line.parent_id;
COMMENT ON VIEW mkt_cockpit.command_battle_map_past IS
    'Battle maps of past days, as they were then (S0-021, S0-022); the names and units are those the cell has now. Two days side by side: mkt.battle_map_compare(). Key: day, cell_id.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_past.day IS 'Day of the snapshot: filter on it.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_past.cell_id IS 'Number of the cell of the map.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_past.code IS 'Code of the cell; NULL if the cell is gone.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_past.name IS 'English name of the cell.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_past.name_zh IS 'Chinese name of the cell.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_past.kind IS 'community, rural or business.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_past.county_code IS 'Code of the county (tier 3): filter on it.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_past.grid_code IS 'Code of the grid (tier 5): filter on it.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_past.area_km2 IS 'Area [km2]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_past.households IS 'Households living there [households]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_past.own_customers IS 'Live customers on our net [customers]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_past.off_customers IS 'Live customers of competitors that we knew [customers]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_past.own_share IS 'own_customers / all customers [0..1]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_past.off_share IS 'off_customers / all customers [0..1]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_past.ports_total IS 'Fibre ports [ports]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_past.ports_used IS 'Ports in use [ports]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_past.ports_free IS 'Ports free to sell [ports]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_past.issued_tasks IS 'Tasks about the cell until then [orders]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_past.open_tasks IS 'Of these, still to be worked and in time [orders]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_past.overdue_tasks IS 'Of these, past their due time without a result [orders]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_past.succeeded IS 'Of these, ended with a yes [orders]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_past.sales_orders IS 'Sales orders until then, cancelled ones left out [orders]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_past.sales_yuan IS 'Amount of these orders [yuan]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_past.churn_risk IS 'Mean churn score of live customers that had one [0..1]';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_past.staff_code IS 'Code of the person who answered for the cell.';
COMMENT ON COLUMN mkt_cockpit.command_battle_map_past.as_of IS 'When the snapshot was taken.';
