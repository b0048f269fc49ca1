-- org_law: 1,300 units and 14,700 people. After random moves the figure of every
-- unit is the sum of its children's at all seven tiers, today and as of any day;
-- intervals say what parents say; drill() is what plain recursive SQL gives.
\set seed `echo "${SEED:-20261102}"`
\echo # seed :seed
BEGIN;
SELECT plan(15);

-- every unit of a tier hangs on a random unit of the tier above
CREATE TEMP TABLE shape AS
SELECT n, CASE WHEN n = 1 THEN 1 WHEN n <= 6 THEN 2 WHEN n <= 40 THEN 3 WHEN n <= 110 THEN 4 WHEN n <= 300 THEN 5 WHEN n <= 600 THEN 6 ELSE 7 END AS tier
FROM generate_series(1, 1300) AS n;
CREATE FUNCTION pg_temp.draw(salt text, n bigint, upto bigint) RETURNS bigint LANGUAGE sql
    RETURN 1 + (hashtextextended(salt || n, current_setting('mkt_test.seed')::bigint) & 1073741823) % upto;
SELECT set_config('mkt_test.seed', :'seed', true) \gset

INSERT INTO mkt.org (org_id, parent_id, tier, code, name, name_zh)
SELECT s.n, up.first + pg_temp.draw('parent', s.n, up.units) - 1, s.tier, 'U' || s.n, 'Unit ' || s.n, '单位' || s.n
FROM shape AS s
LEFT JOIN LATERAL (SELECT min(p.n) AS first, count(*) AS units FROM shape AS p WHERE p.tier = s.tier - 1 HAVING count(*) > 0) AS up ON true;

-- most people stand at tier 7, some at any
INSERT INTO mkt.staff (staff_id, code, name, name_zh, post_code, org_id)
SELECT n, 'S' || n, 'S' || n, '员' || n, 'field_manager',
       CASE WHEN pg_temp.draw('tier', n, 10) = 1 THEN pg_temp.draw('unit', n, 1300) ELSE 600 + pg_temp.draw('unit', n, 700) END
FROM generate_series(1, 14700) AS n;

CREATE TEMP TABLE fact AS
SELECT o.org_id, pg_temp.draw('fact', o.org_id, 100) AS value FROM mkt.org AS o WHERE o.tier = 7
UNION ALL SELECT NULL, 17;
ANALYZE mkt.org, mkt.staff, mkt.org_history;

CREATE TEMP VIEW figures AS
SELECT p.org_id, p.parent_id, p.tier, coalesce(sum(f.value), 0) AS figure
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

-- 30 random legal moves, one a day; then the same laws, and no fact was touched
CREATE TEMP TABLE before AS SELECT ctid AS place, f.* FROM fact AS f;
CREATE TEMP TABLE first_parent AS SELECT org_id, parent_id FROM mkt.org;
CREATE TEMP TABLE move AS
SELECT s.n AS org_id, (up.first + pg_temp.draw('move to', s.n, up.units) - 1)::integer AS parent_id,
       date '2026-01-01' + row_number() OVER (ORDER BY pg_temp.draw('move', s.n, 1000000), s.n)::integer AS day
FROM shape AS s
CROSS JOIN LATERAL (SELECT min(p.n) AS first, count(*) AS units FROM shape AS p WHERE p.tier = s.tier - 1) AS up
WHERE s.tier >= 2 ORDER BY day LIMIT 30;
SELECT count(mkt.org_move(m.org_id, m.parent_id, m.day)) AS moves FROM (SELECT * FROM move ORDER BY day) AS m \gset
SELECT is_empty('TABLE broken_law', 'the law survives moves');
SELECT is_empty('TABLE broken_interval', 'so do the intervals');
SELECT is_empty('(SELECT ctid, * FROM fact) EXCEPT TABLE before', 'a move rewrites no fact row');
SELECT is((SELECT figure FROM figures WHERE tier = 1), (SELECT sum(value) FROM fact WHERE org_id IS NOT NULL), 'the province is the sum of all facts');

-- the parent of each unit on a day, from the moves alone; and all above it
CREATE FUNCTION pg_temp.parents(day date) RETURNS TABLE (org_id integer, parent_id integer) LANGUAGE sql AS
    $$SELECT f.org_id, coalesce((SELECT m.parent_id FROM move AS m WHERE m.org_id = f.org_id AND m.day <= $1), f.parent_id) FROM first_parent AS f$$;
CREATE FUNCTION pg_temp.above(day date) RETURNS TABLE (org_id integer, above_id integer) LANGUAGE sql AS $$
    WITH RECURSIVE p AS MATERIALIZED (SELECT * FROM pg_temp.parents(day)), up AS (
        SELECT p.org_id, p.org_id AS above_id FROM p
        UNION ALL
        SELECT u.org_id, p.parent_id FROM up AS u JOIN p ON p.org_id = u.above_id WHERE p.parent_id IS NOT NULL
    ) SELECT * FROM up $$;

-- the tree as of a day before, between and after the moves
CREATE TEMP TABLE probe AS SELECT date '2026-01-01' + d AS day FROM unnest(ARRAY[0, 31, pg_temp.draw('day', 1, 29), pg_temp.draw('day', 2, 29)]::integer[]) AS d;
CREATE TEMP TABLE then_parent AS SELECT p.day, x.* FROM probe AS p CROSS JOIN LATERAL pg_temp.parents(p.day) AS x;
CREATE TEMP TABLE then_above AS SELECT p.day, x.* FROM probe AS p CROSS JOIN LATERAL pg_temp.above(p.day) AS x;
CREATE TEMP TABLE then_tree AS SELECT p.day, x.* FROM probe AS p CROSS JOIN LATERAL mkt.org_tree(p.day::timestamp AT TIME ZONE 'Asia/Shanghai') AS x;
CREATE INDEX ON then_tree (day, lft);
ANALYZE then_tree;
CREATE TEMP TABLE then_inside AS
SELECT a.day, b.org_id, a.org_id AS above_id FROM then_tree AS a JOIN then_tree AS b ON b.day = a.day AND b.lft BETWEEN a.lft AND a.rgt;
SELECT is_empty('(TABLE then_above EXCEPT TABLE then_inside) UNION ALL (TABLE then_inside EXCEPT TABLE then_above)',
    'org_tree() as of a day is what the moves say');
SELECT is_empty($$SELECT t.org_id, t.lft, t.rgt FROM mkt.org_tree('2026-06-01') AS t EXCEPT SELECT o.org_id, o.lft, o.rgt FROM mkt.org AS o$$,
    'after the last move it has the intervals of mkt.org');
SELECT is_empty($$
    SELECT c.org_id FROM probe AS p CROSS JOIN (SELECT org_id FROM mkt.org WHERE tier < 4) AS c
    WHERE ARRAY(SELECT k.child_id FROM mkt.org_children(c.org_id, p.day::timestamp AT TIME ZONE 'Asia/Shanghai') AS k ORDER BY 1)
       <> ARRAY(SELECT x.org_id FROM then_parent AS x WHERE x.day = p.day AND x.parent_id = c.org_id ORDER BY 1)$$,
    'org_children() of then as well');

-- drill: the province, the cities and one unit in forty, now and then
CREATE TEMP TABLE node AS
SELECT org_id FROM mkt.org WHERE tier <= 2 OR pg_temp.draw('node', org_id, 40) = 1;
CREATE TEMP TABLE drilled AS
SELECT n.org_id AS node, d.org_id, d.value, d.share FROM node AS n CROSS JOIN LATERAL mkt.drill('staff', n.org_id) AS d;
CREATE TEMP VIEW headcount AS
WITH RECURSIVE up AS (
    SELECT s.org_id AS above_id, s.org_id FROM mkt.staff AS s
    UNION ALL
    SELECT o.parent_id, u.org_id FROM up AS u JOIN mkt.org AS o ON o.org_id = u.above_id WHERE o.parent_id IS NOT NULL
) SELECT above_id AS org_id, count(*) AS n FROM up GROUP BY above_id;
SELECT is_empty($$
    SELECT d.node, d.org_id, d.value FROM drilled AS d WHERE d.org_id <> d.node
    EXCEPT SELECT o.parent_id, o.org_id, coalesce(h.n, 0) FROM mkt.org AS o LEFT JOIN headcount AS h ON h.org_id = o.org_id$$,
    'drill() gives each child the people below it');
SELECT is_empty($$
    SELECT n.org_id FROM node AS n LEFT JOIN headcount AS h ON h.org_id = n.org_id LEFT JOIN drilled AS d ON d.node = n.org_id
    GROUP BY n.org_id, h.n HAVING coalesce(sum(d.value), 0) <> coalesce(h.n, 0)$$,
    'and the rows of a unit, its own people included, add up to it');
SELECT is((SELECT sum(value) FROM mkt.drill('staff')), 14700::numeric, '14,700 people stand below the province, or in it');
SELECT is_empty($$
    SELECT p.day, n.org_id, d.org_id
    FROM probe AS p CROSS JOIN (SELECT org_id FROM node ORDER BY org_id LIMIT 8) AS n
    CROSS JOIN LATERAL mkt.drill_query('SELECT * FROM pg_temp.fact', n.org_id, as_of => p.day::timestamp AT TIME ZONE 'Asia/Shanghai') AS d
    WHERE d.org_id IS NOT NULL
      AND d.value <> (SELECT coalesce(sum(f.value), 0) FROM then_above AS a JOIN fact AS f ON f.org_id = a.org_id WHERE a.day = p.day AND a.above_id = d.org_id)$$,
    'the figures of then go by the organisation of then');
SELECT is((SELECT value FROM mkt.drill_query('SELECT * FROM pg_temp.fact') WHERE org_id IS NULL), 17::numeric, 'what nobody answers for is a line of the province');
SELECT is_empty($$
    SELECT n.org_id FROM node AS n
    WHERE (SELECT coalesce(sum(r.value), 0) FROM mkt.drill_rows('staff', n.org_id) AS r) <> coalesce((SELECT h.n FROM headcount AS h WHERE h.org_id = n.org_id), 0)$$,
    'drill_rows() lists the people a figure is made of');

SELECT * FROM finish();
ROLLBACK;
