-- cockpit_contract: what BI tools hold on to: names, order and types of columns, keys, comments
BEGIN;
SELECT plan(8);

-- New columns go to the end; a change of any other kind breaks somebody's dashboard.
SELECT results_eq(
    $$SELECT d.view_name, string_agg(d.column_name || ' ' || d.data_type, ', ' ORDER BY d.ordinal)
      FROM mkt_cockpit.dictionary AS d GROUP BY d.view_name ORDER BY d.view_name COLLATE "C"$$,
    $$VALUES
    ('command_battle_map',
     'cell_id integer, code text, name text, name_zh text, kind text, kind_name_zh text, county_code text, county_name_zh text, grid_code text, grid_name_zh '
     'text, area_km2 numeric, households integer, own_customers bigint, off_customers bigint, own_share numeric, ports_total integer, ports_used integer, '
     'ports_free integer, open_tasks bigint, succeeded bigint, sales_orders bigint, sales_yuan numeric(14,2), churn_risk numeric, staff_code text, staff_name '
     'text, staff_name_zh text, as_of timestamp with time zone, off_share numeric, issued_tasks bigint, overdue_tasks bigint, city_code text, city_name_zh text, '
     'org_id integer'),
    ('command_battle_map_geojson',
     'cell_id integer, code text, name text, name_zh text, kind text, county_code text, grid_code text, lon double precision, lat double precision, geojson '
     'text'),
    ('command_battle_map_past',
     'day date, cell_id integer, code text, name text, name_zh text, kind text, county_code text, grid_code text, area_km2 numeric, households integer, '
     'own_customers bigint, off_customers bigint, own_share numeric, off_share numeric, ports_total integer, ports_used integer, ports_free integer, '
     'issued_tasks bigint, open_tasks bigint, overdue_tasks bigint, succeeded bigint, sales_orders bigint, sales_yuan numeric(14,2), churn_risk numeric, '
     'staff_code text, as_of timestamp with time zone'),
    ('command_drill',
     'parent_org_id integer, parent_code text, parent_name text, parent_name_zh text, org_id integer, code text, name text, name_zh text, tier integer, '
     'tier_name_zh text, issued bigint, accepted bigint, contacted bigint, succeeded bigint, refused bigint, unreachable bigint, overdue bigint, open '
     'bigint, other bigint, contact_rate numeric, success_rate numeric, overdue_rate numeric, share_of_parent numeric, as_of timestamp with time zone'),
    ('command_six_link',
     'grid_org_id integer, grid_code text, grid_name text, grid_name_zh text, path_zh text, customers bigint, with_address bigint, with_network bigint, '
     'own_customers bigint, with_product bigint, with_channel bigint, with_staff bigint, complete bigint, complete_rate numeric'),
    ('command_staff_load',
     'staff_code text, name text, name_zh text, post_code text, post_name_zh text, org_id integer, org_code text, org_name_zh text, path_zh text, issued '
     'bigint, open bigint, overdue bigint, contacted bigint, succeeded bigint, success_rate numeric, daily_capacity integer, load_days numeric, as_of '
     'timestamp with time zone'),
    ('command_task_list',
     'kind_code text, kind_name text, kind_name_zh text, strategy_code text, strategy_name text, strategy_name_zh text, family_name_zh text, rule text, '
     'issued bigint, accepted bigint, contacted bigint, succeeded bigint, refused bigint, unreachable bigint, overdue bigint, open bigint, contact_rate '
     'numeric, success_rate numeric, value_yuan numeric(14,2), next_due_at timestamp with time zone, as_of timestamp with time zone'),
    ('command_tier_progress',
     'org_id integer, code text, name text, name_zh text, tier integer, tier_name_zh text, parent_org_id integer, path_zh text, issued bigint, accepted '
     'bigint, contacted bigint, succeeded bigint, refused bigint, unreachable bigint, overdue bigint, open bigint, other bigint, accept_rate numeric, '
     'contact_rate numeric, success_rate numeric, overdue_rate numeric, as_of timestamp with time zone'),
    ('command_unit_map',
     'org_id integer, code text, name text, name_zh text, tier integer, parent_code text, cells integer, area_km2 numeric, households bigint, own_customers '
     'bigint, off_customers bigint, own_share numeric, off_share numeric, ports_total bigint, ports_used bigint, ports_free bigint, issued_tasks bigint, '
     'open_tasks bigint, overdue_tasks bigint, succeeded bigint, sales_orders bigint, sales_yuan numeric(14,2), churn_risk numeric, geojson text, '
     'refreshed_at timestamp with time zone, as_of timestamp with time zone'),
    ('command_unrouted',
     'round_id text, round_name_zh text, strategy_code text, strategy_name_zh text, reason text, reason_zh text, customers bigint, as_of timestamp with time zone'),
    ('customer_channel_effect',
     'channel_code text, name text, name_zh text, issued bigint, contacted bigint, responded bigint, succeeded bigint, cost_yuan numeric(14,2), value_yuan '
     'numeric(14,2), reach_rate numeric, conversion_rate numeric, roi_output_input numeric, other_contacts bigint, as_of timestamp with time zone'),
    ('customer_refusal',
     'round_id text, round_name_zh text, strategy_code text, strategy_name_zh text, reason text, ordinal integer, reason_name text, reason_name_zh text, '
     'customers bigint, as_of timestamp with time zone'),
    ('customer_strategy_coverage',
     'round_id text, round_name_zh text, strategy_code text, strategy_name text, strategy_name_zh text, family_code text, family_name_zh text, candidates '
     'bigint, issued bigint, control bigint, refused bigint, unrouted bigint, top_refusal_zh text, top_refusal_customers bigint, coverage_rate numeric, '
     'as_of timestamp with time zone'),
    ('customer_strategy_effect',
     'strategy_code text, strategy_name text, strategy_name_zh text, treated bigint, treated_converted bigint, control bigint, control_converted bigint, '
     'treated_rate numeric, control_rate numeric, lift_pp numeric, lift_relative numeric, as_of timestamp with time zone'),
    ('customer_structure',
     'city_code text, city_name text, city_name_zh text, net text, net_name_zh text, area_kind text, area_kind_name_zh text, lifecycle text, '
     'lifecycle_name_zh text, customers bigint, monthly_yuan numeric(14,2), as_of timestamp with time zone'),
    ('customer_tag_catalogue',
     'tag_code text, name text, name_zh text, kind text, class text, business text, tag_unit text, status text, members bigint, coverage_pct numeric, '
     'refreshed_at timestamp with time zone, as_of timestamp with time zone'),
    ('dictionary',
     'view_name text, ordinal integer, column_name text, data_type text, unit text, is_key boolean, description text, view_description text'),
    ('freshness',
     'kind text, source text, name_zh text, cockpits text, as_of timestamp with time zone, ok boolean, detail text'),
    ('middle_auto_acceptance',
     'flow text, flow_name text, flow_name_zh text, orders bigint, accepted bigint, auto_accepted bigint, auto_rate numeric, target_rate numeric, target_met '
     'boolean, dispatched bigint, auto_dispatched bigint, auto_dispatch_rate numeric, landing_p50_minutes numeric, as_of timestamp with time zone'),
    ('middle_delivery_time',
     'delivery_mode text, name text, name_zh text, delivered bigint, p50_minutes numeric, p90_minutes numeric, second_visits bigint, second_visit_rate '
     'numeric, as_of timestamp with time zone'),
    ('middle_mechanism',
     'mechanism_code text, name text, name_zh text, proposed boolean, measure text, measure_zh text, value numeric, unit text, target numeric, target_met '
     'boolean, as_of timestamp with time zone'),
    ('middle_order_flow',
     'flow text, flow_name text, flow_name_zh text, state text, ordinal integer, state_name text, state_name_zh text, orders bigint, amount_yuan numeric(14,2), '
     'share_of_flow numeric, as_of timestamp with time zone'),
    ('middle_sale_scene',
     'sale_scene text, name text, name_zh text, orders bigint, amount_yuan numeric(14,2), share numeric, auto_rate numeric, delivered bigint, as_of timestamp with '
     'time zone'),
    ('overview',
     'cockpit text, name text, name_zh text, orientation text, orientation_zh text, centre text, centre_zh text, figure1 text, figure1_zh text, value1 '
     'numeric, unit1 text, figure2 text, figure2_zh text, value2 numeric, unit2 text, figure3 text, figure3_zh text, value3 numeric, unit3 text, as_of '
     'timestamp with time zone'),
    ('traffic_code_funnel',
     'code_kind text, code_kind_name_zh text, domain_code text, domain_name_zh text, browsed bigint, scanned bigint, carted bigint, ordered bigint, paid '
     'bigint, collected bigint, scan_rate numeric, order_rate numeric, pay_rate numeric, click_to_deal numeric, as_of timestamp with time zone'),
    ('traffic_coupon_funnel',
     'batch_code text, name text, name_zh text, product_code text, product_name_zh text, face_value_yuan numeric(14,2), planned integer, generated bigint, '
     'issued bigint, claimed bigint, redeemed bigint, voided bigint, expired bigint, claim_rate numeric, redeem_rate numeric, redeemed_yuan numeric(14,2), as_of '
     'timestamp with time zone'),
    ('traffic_domain_conversion',
     'domain_code text, name text, name_zh text, fans bigint, steps bigint, visitors bigint, buyers bigint, orders bigint, amount_yuan numeric(14,2), '
     'conversion_rate numeric, as_of timestamp with time zone'),
    ('traffic_fan',
     'domain_code text, name text, name_zh text, fans bigint, own_net bigint, off_net bigint, new_7d bigint, new_30d bigint, growth_30d numeric, as_of '
     'timestamp with time zone'),
    ('traffic_flow_matrix',
     'from_domain_code text, from_domain_name_zh text, to_domain_code text, to_domain_name_zh text, customers bigint, orders bigint, amount_yuan numeric(14,2), '
     'as_of timestamp with time zone'),
    ('traffic_hall',
     'hall_code text, name text, name_zh text, org_id integer, path_zh text, steps bigint, visitors bigint, orders bigint, amount_yuan numeric(14,2), '
     'orders_per_visitor numeric, as_of timestamp with time zone')$$,
    'every view keeps its columns, their order and types');

SELECT is_empty(
    $$SELECT view_name, column_name, data_type FROM mkt_cockpit.dictionary
      WHERE data_type !~ '^(integer|bigint|numeric(\(14,2\))?|double precision|text|boolean|date|timestamp with time zone)$'$$,
    'base column types only');
SELECT is_empty(
    $$SELECT c.oid::regclass FROM pg_class AS c
      WHERE c.relnamespace = 'mkt_cockpit'::regnamespace AND NOT (c.relkind = 'v' AND c.reloptions @> ARRAY['security_invoker=true'])$$,
    'only views, and with the rights of the caller');
SELECT is_empty(
    $$SELECT view_name, column_name FROM mkt_cockpit.dictionary WHERE description IS NULL OR view_description IS NULL$$,
    'every view and column has a comment');
SELECT is_empty(
    $$SELECT d.view_name FROM mkt_cockpit.dictionary AS d GROUP BY d.view_name HAVING NOT bool_or(d.is_key)$$,
    'every view names its key');
SELECT is_empty(
    $$SELECT d.view_name, k.column_name
      FROM (SELECT DISTINCT view_name, view_description FROM mkt_cockpit.dictionary) AS d
      CROSS JOIN LATERAL string_to_table(substring(d.view_description FROM 'Key: ([^.]+)\.$'), ', ') AS k(column_name)
      WHERE NOT EXISTS (SELECT FROM mkt_cockpit.dictionary AS c WHERE c.view_name = d.view_name AND c.column_name = k.column_name)$$,
    'and the key is made of columns of the view');
SELECT is_empty(
    $$SELECT d.view_name FROM mkt_cockpit.dictionary AS d
      WHERE d.view_name NOT IN ('dictionary', 'command_battle_map_geojson', 'command_six_link')
      GROUP BY d.view_name HAVING NOT bool_or(d.column_name = 'as_of' AND d.data_type = 'timestamp with time zone')$$,
    'every view of facts says as of when');
SELECT is_empty(
    $$SELECT d.view_name, d.column_name FROM mkt_cockpit.dictionary AS d
      WHERE d.unit IS NULL AND (d.column_name ~ '_(rate|yuan|pct|share|pp|minutes|days)$' OR d.data_type = 'bigint' AND d.column_name !~ '_id$')$$,
    'every figure has a unit');

SELECT * FROM finish();
ROLLBACK;
