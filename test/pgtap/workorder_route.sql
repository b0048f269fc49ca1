-- workorder_route: mkt._route() on random people, orders and customers is what
-- picking one customer after the other by hand gives: the owner, else the unit of
-- the cell, else its grid, always the person with the fewest open orders, ties by
-- staff_id; people without capacity or not at work get nothing (semantics F, S3-021).
\set seed `echo "${SEED:-20261102}"`
\echo # seed :seed
BEGIN;
SELECT plan(7);
SELECT set_config('mkt_test.seed', :'seed', true) \gset
CREATE FUNCTION pg_temp.draw(salt text, n bigint, upto bigint) RETURNS integer LANGUAGE sql
    RETURN 1 + (hashtextextended(salt || n, current_setting('mkt_test.seed')::bigint) & 1073741823) % upto;

-- four grids of three small CEOs of four individuals each; grid 104 has nobody at work
INSERT INTO mkt.org (org_id, parent_id, tier, code, name, name_zh)
SELECT t, nullif(t - 1, 0), t, 'U' || t, 'x', 'x' FROM generate_series(1, 4) AS t
UNION ALL SELECT 100 + g, 4, 5, 'G' || g, 'x', 'x' FROM generate_series(1, 4) AS g
UNION ALL SELECT 1000 + 10 * g + c, 100 + g, 6, 'C' || g || c, 'x', 'x' FROM generate_series(1, 4) AS g, generate_series(1, 3) AS c
UNION ALL SELECT 10000 + 100 * g + 10 * c + i, 1000 + 10 * g + c, 7, 'I' || g || c || i, 'x', 'x'
FROM generate_series(1, 4) AS g, generate_series(1, 3) AS c, generate_series(1, 4) AS i;
-- 70 people, in places chosen at random, a third of them not to be given anything
INSERT INTO mkt.staff (staff_id, code, name, name_zh, post_code, org_id, active, daily_capacity)
SELECT n, 'S' || n, 'x', 'x', 'field_manager', o.org_id,
       pg_temp.draw('active', n, 6) > 1, CASE WHEN pg_temp.draw('capacity', n, 6) > 1 THEN 10 ELSE 0 END
FROM generate_series(1, 70) AS n
CROSS JOIN LATERAL (SELECT p.org_id FROM mkt.org AS p WHERE p.tier > CASE WHEN n % 5 = 0 THEN 3 ELSE 6 END
                    ORDER BY pg_temp.draw('place ' || n, p.org_id, 1000000), p.org_id LIMIT 1) AS o;
UPDATE mkt.staff AS s SET active = false FROM mkt.org AS o, mkt.org AS g WHERE g.org_id = 104 AND o.lft BETWEEN g.lft AND g.rgt AND s.org_id = o.org_id;
INSERT INTO mkt.grid_cell (cell_id, code, name, name_zh, kind, grid_id, org_id, geom, area_km2)
SELECT row_number() OVER (ORDER BY i.org_id), 'C' || i.org_id, 'x', 'x', 'rural', c.parent_id, i.org_id, ST_Multi(ST_MakeEnvelope(0, 0, 1, 1, 4326)), 1
FROM mkt.org AS i JOIN mkt.org AS c ON c.org_id = i.parent_id WHERE i.tier = 7;
INSERT INTO mkt.customer (cid, customer_key, net, cell_id, owner_staff_id)
SELECT n, 'K' || n, 'own', CASE WHEN pg_temp.draw('outside', n, 15) > 1 THEN pg_temp.draw('cell', n, 48) END,
       CASE WHEN pg_temp.draw('owned', n, 5) = 1 THEN pg_temp.draw('owner', n, 70) END
FROM generate_series(1, 600) AS n;
-- what people carry already; what is closed does not count
SET LOCAL session_replication_role = replica;
INSERT INTO mkt.work_order (order_id, round_id, strategy_id, version, cid, kind_code, channel_code, offer_code, staff_id, state,
                            p, value, context, lever, score, issued_at, due_at, state_at, closed_at)
SELECT n, 'r', 1, 1, n, 'visit', 'grid', 'o', pg_temp.draw('carrier', n, 70), 'issued', 1, 1, 1, 1, 1, '2026-11-01', '2026-11-09', '2026-11-01',
       CASE WHEN pg_temp.draw('closed', n, 3) = 1 THEN timestamptz '2026-11-02' END
FROM generate_series(1, 250) AS n;
SET LOCAL session_replication_role = origin;

-- the oracle: by hand, one after the other, along the parents
CREATE TEMP TABLE load AS
SELECT s.staff_id, s.org_id, (SELECT count(*) FROM mkt.work_order AS o WHERE o.staff_id = s.staff_id AND o.closed_at IS NULL) AS n
FROM mkt.staff AS s WHERE s.active AND s.daily_capacity > 0;
CREATE TEMP TABLE load_before AS TABLE load;
CREATE TEMP TABLE below AS
WITH RECURSIVE d AS (
    SELECT o.org_id AS top, o.org_id FROM mkt.org AS o
    UNION ALL SELECT d.top, o.org_id FROM d JOIN mkt.org AS o ON o.parent_id = d.org_id
) SELECT * FROM d;
CREATE TEMP TABLE answer (cid bigint, staff_id integer);
CREATE FUNCTION pg_temp.by_hand(cids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    pass integer;
    c    record;
    who  integer;
BEGIN
    FOR pass IN 1..3 LOOP
        FOR c IN SELECT k.cid, k.owner_staff_id, g.org_id, g.grid_id
                 FROM unnest(cids) WITH ORDINALITY AS a(cid, turn) JOIN mkt.customer AS k USING (cid)
                 LEFT JOIN mkt.grid_cell AS g USING (cell_id) ORDER BY a.turn
        LOOP
            CONTINUE WHEN EXISTS (SELECT FROM answer AS a WHERE a.cid = c.cid);
            -- nobody of a manned unit waits for the grid
            SELECT l.staff_id INTO who FROM load AS l
            WHERE CASE pass WHEN 1 THEN l.staff_id = c.owner_staff_id
                            WHEN 2 THEN l.org_id = c.org_id
                            WHEN 3 THEN l.org_id IN (SELECT b.org_id FROM below AS b WHERE b.top = c.grid_id) END
            ORDER BY l.n, l.staff_id LIMIT 1;
            CONTINUE WHEN who IS NULL;
            INSERT INTO answer VALUES (c.cid, who);
            UPDATE load SET n = n + 1 WHERE staff_id = who;
        END LOOP;
    END LOOP;
END $$;

SELECT array_agg(cid ORDER BY pg_temp.draw('turn', cid, 1000000), cid) AS cids FROM mkt.customer \gset
SELECT pg_temp.by_hand(:'cids');
CREATE TEMP TABLE routed AS SELECT r.* FROM mkt._route(:'cids') AS r;
CREATE TEMP TABLE how AS
SELECT r.*, c.owner_staff_id, g.org_id AS unit, g.grid_id, s.org_id AS stands
FROM routed AS r JOIN mkt.customer AS c USING (cid) LEFT JOIN mkt.grid_cell AS g ON g.cell_id = c.cell_id LEFT JOIN mkt.staff AS s ON s.staff_id = r.staff_id;

SELECT is_empty('SELECT cid, staff_id FROM routed WHERE staff_id IS NOT NULL EXCEPT TABLE answer', 'nobody is routed otherwise than by hand');
SELECT is_empty('TABLE answer EXCEPT SELECT cid, staff_id FROM routed', 'everybody routed by hand is routed');
SELECT is((SELECT array_agg(cid ORDER BY cid) FROM routed), (SELECT array_agg(cid ORDER BY cid) FROM mkt.customer), 'every customer has one line');
SELECT is_empty($$SELECT * FROM how WHERE reason IS DISTINCT FROM CASE WHEN staff_id IS NOT NULL THEN NULL WHEN unit IS NULL THEN 'outside every grid' ELSE 'nobody serves the cell' END
                  OR org_id IS DISTINCT FROM CASE WHEN staff_id IS NOT NULL THEN coalesce((SELECT o.org_id FROM mkt.org AS o WHERE o.org_id = stands AND o.tier = 7), unit) END$$,
    'who is not routed has the reason; an order hangs on the individual, or on the unit of the cell');
SELECT ok((SELECT count(*) FILTER (WHERE staff_id = owner_staff_id) > 20 AND count(*) FILTER (WHERE stands = unit AND staff_id IS DISTINCT FROM owner_staff_id) > 100
                  AND count(*) FILTER (WHERE stands <> unit AND staff_id IS DISTINCT FROM owner_staff_id) > 20 AND count(DISTINCT reason) = 2 FROM how), 'all ways were gone');
SELECT is_empty($$SELECT c.cid FROM mkt.customer AS c WHERE c.cid <= 60 AND mkt.route(c.cid) IS DISTINCT FROM
                  coalesce((SELECT l.staff_id FROM load_before AS l WHERE l.staff_id = c.owner_staff_id),
                           (SELECT l.staff_id FROM load_before AS l JOIN mkt.grid_cell AS g ON g.cell_id = c.cell_id AND g.org_id = l.org_id ORDER BY l.n, l.staff_id LIMIT 1),
                           (SELECT l.staff_id FROM load_before AS l JOIN below AS b ON b.org_id = l.org_id JOIN mkt.grid_cell AS g ON g.cell_id = c.cell_id AND g.grid_id = b.top ORDER BY l.n, l.staff_id LIMIT 1))$$,
    'route() of one customer as well');
SELECT is_empty($$SELECT * FROM mkt._deal('{1,1,2}', '{5,4,9}', '{0,3,0}', '{4,4,2}') EXCEPT
                  VALUES (1, 1::bigint, 5), (1, 2, 5), (1, 3, 5), (1, 4, 4), (1, 5, 5), (2, 1, 9), (2, 2, 9)$$, 'seats: least load first, ties by number');

SELECT * FROM finish();
ROLLBACK;
