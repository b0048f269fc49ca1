-- demo_operator: the loaded demo is the operator it claims to be.
\set seed `echo "${SEED:-20261102}"`
\echo # seed :seed
BEGIN;
SELECT plan(20);
SELECT set_config('mkt_test.seed', :'seed', true) \gset
CREATE FUNCTION pg_temp.rnd(salt text, n bigint) RETURNS float8 LANGUAGE sql
    RETURN (hashtextextended(salt || ':' || n, current_setting('mkt_test.seed')::bigint) & 1073741823) / 1073741824.0;

-- organisation
SELECT results_eq('SELECT tier::integer, count(*)::integer FROM mkt.org WHERE tier IN (1, 2, 3, 5) GROUP BY tier ORDER BY tier',
    'VALUES (1, 1), (2, 11), (3, 190), (5, 2365)', 'Hebei: one province, 11 cities, 190 counties, 2,365 townships as grids');
SELECT is_empty('SELECT p.org_id FROM mkt.org AS p WHERE p.tier < 7 AND NOT EXISTS (SELECT FROM mkt.org AS c WHERE c.parent_id = p.org_id)', 'no unit is empty');
SELECT is_empty('SELECT parent_id FROM mkt.org WHERE tier = 7 GROUP BY parent_id HAVING count(*) > 4', 'a small CEO leads at most 4 individuals');
SELECT is_empty('SELECT org_id FROM mkt.grid_cell GROUP BY org_id HAVING count(*) > 4', 'an individual serves at most 4 cells');
SELECT is_empty($$SELECT o.org_id FROM mkt.org AS o LEFT JOIN mkt.staff AS s ON s.org_id = o.org_id AND s.post_code = 'field_manager'
                  WHERE o.tier = 7 GROUP BY o.org_id HAVING count(s.staff_id) <> 1$$, 'one field manager stands in every individual unit');
SELECT ok((SELECT count(*) BETWEEN 14500 AND 14900 FROM mkt.staff), 'about 14,700 staff (S0-019)');
SELECT is((SELECT count(*)::integer FROM mkt.staff WHERE post_code IN ('process_management', 'product_management', 'product_configuration', 'touchpoint_support')), 68, '68 digital staff (S0-097)');

SELECT results_eq($$SELECT tier::integer, sum(persons)::integer FROM mkt.team_load('2026-11-02') WHERE kind = 'standing' GROUP BY tier ORDER BY tier$$,
    'VALUES (1, 30), (2, 46), (3, 426)', 'teams of 30, 46 and 426 persons (S0-046)');
SELECT is_empty($$SELECT channel_code FROM mkt.channel_owners('2026-11-02') WHERE staff_id IS NULL$$, 'every channel has an owner');
SELECT is((SELECT sum(value)::bigint FROM mkt.drill('customers')), (SELECT count(*) FROM mkt.customer WHERE live), 'drill() has every customer');

-- the law on real units: customers of a unit = sum over its children, at all tiers
CREATE TEMP TABLE headcount AS
SELECT p.org_id, p.parent_id, p.tier, coalesce(sum(n.customers), 0) AS customers
FROM mkt.org AS p
LEFT JOIN (SELECT o.lft, count(*) AS customers
           FROM mkt.customer AS c JOIN mkt.grid_cell AS g ON g.cell_id = c.cell_id JOIN mkt.org AS o ON o.org_id = g.org_id
           GROUP BY o.lft) AS n ON n.lft BETWEEN p.lft AND p.rgt
GROUP BY p.org_id;
SELECT is_empty('SELECT p.org_id FROM headcount AS p JOIN headcount AS c ON c.parent_id = p.org_id
                 GROUP BY p.org_id, p.customers HAVING p.customers <> sum(c.customers)', 'customers of a unit are those of its children at all seven tiers');
SELECT is((SELECT customers FROM headcount WHERE tier = 1), (SELECT count(cell_id)::numeric FROM mkt.customer), 'the province has every customer on the map');

-- map
SELECT is((SELECT array[count(*), count(problem)]::integer[] FROM demo.boundary), array[168, 98], '168 boundaries, 98 of them invalid, none skipped');
SELECT is_empty($$SELECT cell_id FROM mkt.grid_cell WHERE ST_IsValidReason(geom) <> 'Valid Geometry' OR ST_IsEmpty(geom)$$, 'every cell is valid');
SELECT is_empty('SELECT c.cell_id FROM mkt.grid_cell AS c JOIN mkt.org AS g ON g.org_id = c.grid_id JOIN mkt.org AS i ON i.org_id = c.org_id
                 WHERE i.lft NOT BETWEEN g.lft AND g.rgt', 'who serves a cell stands under the grid of the cell');
SELECT is((SELECT count(*) FROM demo.village AS v JOIN demo.county AS c ON c.county_code = v.county_code), (SELECT count(*) FROM mkt.grid_cell),
    'every village whose county has a boundary has a cell');

-- real polygons against the oracle, without index: random points and vertices in one city
CREATE TEMP TABLE near AS
SELECT g.cell_id, g.geom FROM mkt.grid_cell AS g WHERE ST_DWithin(g.geom, 'SRID=4326;POINT(114.5 38.05)'::geometry, 0.45);
SELECT is_empty($$
    SELECT p.point FROM (
        SELECT ST_SetSRID(ST_MakePoint(114.2 + 0.6 * pg_temp.rnd('x', n), 37.75 + 0.6 * pg_temp.rnd('y', n)), 4326) AS point FROM generate_series(1, 300) AS n
        UNION ALL
        (SELECT ST_PointN(ST_ExteriorRing(ST_GeometryN(geom, 1)), 1) FROM near WHERE ST_DWithin(geom, 'SRID=4326;POINT(114.5 38.05)'::geometry, 0.1) ORDER BY cell_id LIMIT 200)) AS p(point)
    WHERE mkt.locate_cell(p.point) IS DISTINCT FROM (SELECT min(n.cell_id) FROM near AS n WHERE ST_Covers(n.geom, p.point))$$,
    'locate_cell() on real polygons is what ST_Covers says');

-- customers
SELECT ok((SELECT abs(avg((net = 'own')::integer) - 27.0 / 67) < 0.02 FROM mkt.customer), 'own-net to off-net is 27 to 40');
SELECT is_empty($$SELECT c.cid FROM mkt.customer AS c JOIN mkt.customer_profile AS p ON p.cid = c.cid WHERE c.net = 'off' AND (p.contract, p.churned, p.churn_score, p.internet_service) IS DISTINCT FROM (NULL, NULL, NULL, NULL)$$,
    'of off-net customers only estimates are known');
SELECT is((SELECT count(*) FROM mkt.customer_unlocated), (SELECT count(*) FROM mkt.customer AS c WHERE c.live AND NOT EXISTS (SELECT FROM mkt.grid_cell AS g WHERE ST_Covers(g.geom, c.location))),
    'the list of customers outside every grid is right');

SELECT * FROM finish();
ROLLBACK;
