-- org_law: on a random tree, after random moves, the figure of every unit is
-- the sum of its children's at all seven tiers, and intervals say what parents say.
\set seed `echo "${SEED:-20261102}"`
\echo # seed :seed
BEGIN;
SELECT plan(6);

-- 1,500 units: every unit of a tier hangs on a random unit of the tier above
CREATE TEMP TABLE shape AS
SELECT n, CASE WHEN n = 1 THEN 1 WHEN n <= 6 THEN 2 WHEN n <= 40 THEN 3 WHEN n <= 110 THEN 4 WHEN n <= 300 THEN 5 WHEN n <= 600 THEN 6 ELSE 7 END AS tier
FROM generate_series(1, 1500) AS n;
CREATE FUNCTION pg_temp.draw(salt text, n bigint, upto bigint) RETURNS bigint LANGUAGE sql
    RETURN 1 + (hashtextextended(salt || n, current_setting('mkt_test.seed')::bigint) & 1073741823) % upto;
SELECT set_config('mkt_test.seed', :'seed', true) \gset

INSERT INTO mkt.org (org_id, parent_id, tier, code, name, name_zh)
SELECT s.n, up.first + pg_temp.draw('parent', s.n, up.units) - 1, s.tier, 'U' || s.n, 'Unit ' || s.n, '单位' || s.n
FROM shape AS s
LEFT JOIN LATERAL (SELECT min(p.n) AS first, count(*) AS units FROM shape AS p WHERE p.tier = s.tier - 1 HAVING count(*) > 0) AS up ON true;

CREATE TEMP TABLE fact AS
SELECT o.org_id, pg_temp.draw('fact', o.org_id, 100) AS figure FROM mkt.org AS o WHERE o.tier = 7;

CREATE TEMP VIEW figures AS
SELECT p.org_id, p.parent_id, p.tier, coalesce(sum(f.figure), 0) AS figure
FROM mkt.org AS p
LEFT JOIN mkt.org AS o ON o.lft BETWEEN p.lft AND p.rgt
LEFT JOIN fact AS f ON f.org_id = o.org_id
GROUP BY p.org_id;

CREATE TEMP VIEW broken_law AS
SELECT p.org_id FROM figures AS p
LEFT JOIN (SELECT parent_id, sum(figure) AS figure FROM figures GROUP BY parent_id) AS c ON c.parent_id = p.org_id
WHERE p.tier < 7 AND p.figure <> coalesce(c.figure, 0);

CREATE TEMP VIEW broken_interval AS
WITH RECURSIVE down AS (
    SELECT org_id AS top, org_id FROM mkt.org
    UNION ALL
    SELECT d.top, o.org_id FROM down AS d JOIN mkt.org AS o ON o.parent_id = d.org_id
), by_interval AS (
    SELECT p.org_id AS top, o.org_id FROM mkt.org AS p JOIN mkt.org AS o ON o.lft BETWEEN p.lft AND p.rgt
)
(TABLE down EXCEPT TABLE by_interval) UNION ALL (TABLE by_interval EXCEPT TABLE down);

SELECT is_empty('TABLE broken_law', 'every figure is the sum of the figures one tier down');
SELECT is_empty('TABLE broken_interval', 'intervals and parents describe the same tree');

-- 30 random legal moves, then the same laws, and no fact was touched
CREATE TEMP TABLE before AS SELECT ctid AS place, f.* FROM fact AS f;
SELECT count(mkt.org_move(s.n, (up.first + pg_temp.draw('move to', s.n, up.units) - 1)::integer)) AS moves
FROM (SELECT n, tier FROM shape WHERE tier BETWEEN 3 AND 7 ORDER BY pg_temp.draw('move', n, 1000000), n LIMIT 30) AS s
CROSS JOIN LATERAL (SELECT min(p.n) AS first, count(*) AS units FROM shape AS p WHERE p.tier = s.tier - 1) AS up \gset
SELECT is_empty('TABLE broken_law', 'the law survives moves');
SELECT is_empty('TABLE broken_interval', 'so do the intervals');
SELECT is_empty('(SELECT ctid, * FROM fact) EXCEPT TABLE before', 'a move rewrites no fact row');
SELECT is((SELECT figure FROM figures WHERE tier = 1), (SELECT sum(figure) FROM fact), 'the province is the sum of all facts');

SELECT * FROM finish();
ROLLBACK;
