-- demo_cockpit: after the demo's marketing day the cockpits agree with the ledgers and with themselves
BEGIN;
SELECT plan(12);

-- ---- additive: a parent is the sum of its children, tier by tier --------
CREATE TEMP TABLE progress AS SELECT * FROM mkt_cockpit.command_tier_progress;
SELECT set_eq('SELECT DISTINCT tier FROM progress', ARRAY[1, 2, 3, 4, 5, 6, 7], 'tasks at all seven tiers');
SELECT is_empty(
    $$SELECT p.code, p.tier
      FROM progress AS p JOIN progress AS c ON c.parent_org_id = p.org_id
      GROUP BY p.org_id, p.code, p.tier, p.issued, p.accepted, p.contacted, p.succeeded, p.refused, p.unreachable, p.overdue, p.open, p.other
      HAVING (sum(c.issued), sum(c.accepted), sum(c.contacted), sum(c.succeeded), sum(c.refused), sum(c.unreachable), sum(c.overdue), sum(c.open), sum(c.other))
          <> (p.issued, p.accepted, p.contacted, p.succeeded, p.refused, p.unreachable, p.overdue, p.open, p.other)$$,
    'every parent equals the sum of its children, in every figure');
SELECT is_empty(
    $$SELECT code FROM progress WHERE issued <> succeeded + refused + unreachable + overdue + open + other OR NOT (issued >= accepted AND accepted >= contacted)
      OR contacted < succeeded + refused + unreachable$$,
    'results add up to the issued orders and the stages only narrow');

-- ---- against the ledgers, the plain way ---------------------------------
SELECT results_eq(
    $$SELECT org_id, issued, succeeded, as_of FROM progress WHERE tier IN (2, 5) ORDER BY org_id$$,
    $$WITH unit AS (
          SELECT o.org_id, count(*) AS issued,
                 count(*) FILTER (WHERE o.state = 'succeeded' OR (o.state IN ('verified', 'closed') AND r.to_state = 'succeeded')) AS succeeded
          FROM mkt.issued_order AS o LEFT JOIN mkt.outcome AS r ON r.outcome_code = o.outcome GROUP BY o.org_id)
      SELECT p.org_id, sum(n.issued)::bigint, sum(n.succeeded)::bigint, (SELECT max(state_at) FROM mkt.issued_order)
      FROM unit AS n
      JOIN mkt.org AS u ON u.org_id = n.org_id
      JOIN mkt.org AS p ON u.lft BETWEEN p.lft AND p.rgt AND p.tier IN (2, 5)
      GROUP BY p.org_id ORDER BY p.org_id$$,
    'cities and grids equal a sum over the intervals of the tree');
SELECT results_eq(
    $$SELECT sum(own_customers), sum(off_customers), sum(succeeded), sum(sales_yuan) FROM mkt_cockpit.command_battle_map$$,
    $$SELECT (SELECT count(*)::numeric FROM mkt.customer WHERE live AND net = 'own' AND cell_id IS NOT NULL),
             (SELECT count(*)::numeric FROM mkt.customer WHERE live AND net = 'off' AND cell_id IS NOT NULL),
             (SELECT sum(succeeded)::numeric FROM progress WHERE tier = 1),
             (SELECT sum(o.amount) FROM mkt.sales_order AS o JOIN mkt.customer AS c ON c.cid = o.cid WHERE c.cell_id IS NOT NULL AND o.state <> 'cancelled')$$,
    'the battle map shows every customer on it, every success and every sale');
SELECT results_eq(
    $$SELECT sum(customers)::bigint FROM mkt_cockpit.customer_structure$$,
    $$SELECT count(*) FROM mkt.customer WHERE live$$, 'the structure shows every live customer once');
SELECT results_eq(
    $$SELECT strategy_code, candidates FROM mkt_cockpit.customer_strategy_coverage ORDER BY strategy_code$$,
    $$SELECT s.code, mkt.audience_count(v.eligibility)
      FROM mkt.round_strategy AS rs
      JOIN mkt.strategy AS s ON s.strategy_id = rs.strategy_id
      JOIN mkt.strategy_version AS v ON v.strategy_id = rs.strategy_id AND v.version = rs.version
      ORDER BY s.code$$,
    'coverage: issued, control, refused and unrouted are all who are eligible');
SELECT results_eq(
    $$SELECT sum(issued)::bigint, sum(unrouted)::bigint FROM mkt_cockpit.customer_strategy_coverage$$,
    $$SELECT (SELECT count(*) FROM mkt.issued_order), (SELECT count(*) FROM mkt.unrouted)$$,
    'coverage: issued and unrouted are those of the ledgers');
SELECT is_empty(
    $$SELECT code_kind FROM mkt_cockpit.traffic_code_funnel WHERE NOT (browsed >= scanned AND scanned >= carted AND carted >= ordered AND ordered >= paid AND paid >= collected)
      UNION ALL
      SELECT batch_code FROM mkt_cockpit.traffic_coupon_funnel WHERE NOT (planned >= generated AND generated >= issued AND issued >= claimed AND claimed >= redeemed)$$,
    'funnels only narrow');
SELECT results_eq(
    $$SELECT sum(orders)::bigint, sum(amount_yuan) FROM mkt_cockpit.middle_order_flow$$,
    $$SELECT count(*), sum(amount) FROM mkt.sales_order$$, 'the order pool shows every order once');

-- ---- keys ---------------------------------------------------------------
CREATE FUNCTION pg_temp.repeated(view_name text, key text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    n bigint;
BEGIN
    EXECUTE format('SELECT count(*) FROM (SELECT FROM mkt_cockpit.%I GROUP BY %s HAVING count(*) > 1) AS r', view_name, key) INTO n;
    RETURN n;
END
$$;
SELECT is_empty(
    $$SELECT view_name FROM mkt_cockpit.dictionary WHERE is_key
      GROUP BY view_name HAVING pg_temp.repeated(view_name, string_agg(column_name, ', ')) > 0$$,
    'the documented key of every view is unique');

-- ---- a branch -----------------------------------------------------------
CREATE ROLE demo_cockpit_branch;
SELECT mkt.grant_access('demo_cockpit_branch', 'bi_reader', (SELECT org_id FROM progress WHERE tier = 2 ORDER BY issued DESC, org_id LIMIT 1)) AS granted \gset
CREATE FUNCTION pg_temp.as_branch(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('role', 'demo_cockpit_branch', true);
    RETURN QUERY EXECUTE format('SELECT r::text FROM (%s) AS r', query);
    PERFORM set_config('role', 'none', true);
END
$$;
SELECT set_eq(
    $$SELECT pg_temp.as_branch('SELECT code, issued, succeeded, overdue FROM mkt_cockpit.command_tier_progress')$$,
    $$SELECT (p.code, p.issued, p.succeeded, p.overdue)::text
      FROM progress AS p JOIN mkt.org AS o ON o.org_id = p.org_id
      JOIN mkt.org AS city ON city.org_id = (SELECT org_id FROM progress WHERE tier = 2 ORDER BY issued DESC, org_id LIMIT 1)
      WHERE o.lft BETWEEN city.lft AND city.rgt$$,
    'a city sees its own subtree with the same figures, and nothing else');

SELECT * FROM finish();
ROLLBACK;
