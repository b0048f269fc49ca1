-- org_life: the organisation of then, and people who change posts (S0-011, S0-097)
\set ECHO none
\set VERBOSITY default
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO';
SET search_path = mkt, public;
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh)
VALUES (1, NULL, 1, 'P', 'Province', '省'), (2, 1, 2, 'A', 'City A', '甲市'), (3, 1, 2, 'B', 'City B', '乙市'),
       (4, 2, 3, 'A1', 'County 1', '一县'), (5, 2, 3, 'A2', 'County 2', '二县'), (6, 5, 4, 'L', 'Line', '线'),
       (7, 6, 5, 'G', 'Grid', '格'), (8, 7, 6, 'C', 'CEO', '小CEO'), (9, 8, 7, 'I', 'Individual', '兵');
\set ECHO all

-- every unit has its line of history from its first day
SELECT org_id, since, parent_id, name FROM org_history ORDER BY org_id LIMIT 2;

-- a county changes city, is renamed, and a new one opens
SELECT org_move(5, 3, '2026-03-01 00:00+08');
SELECT org_rename(5, 'County Two', NULL, '2026-06-01');
SELECT org_open('B9', 'County 9', '九县', 3, as_of => '2026-09-01 12:00+08');
SELECT org_id, since, parent_id, name, name_zh FROM org_history WHERE org_id IN (5, 10) ORDER BY org_id, since;

-- the organisation of then and of now; midnight of the platform's time zone divides
SELECT code, name, parent_id, open, lft, rgt FROM org_tree('2026-02-28 23:59+08') ORDER BY lft;
SELECT code, name, parent_id, open, lft, rgt FROM org_tree('2026-03-01 00:00+08') ORDER BY lft;
SELECT count(*) AS differences FROM (SELECT org_id, parent_id, lft, rgt, name FROM org EXCEPT SELECT org_id, parent_id, lft, rgt, name FROM org_tree('2027-01-01')) AS d;
SELECT code, name FROM org_children(2, '2026-02-28');
SELECT code, name FROM org_children(2, '2026-03-01');
SELECT code, name FROM org_children(3, '2026-03-01');
SELECT code, name FROM org_children(3, '2026-09-01');

-- the last change of a day counts; what is already so adds nothing
SELECT org_move(5, 2, '2026-06-01');
SELECT org_move(5, 2, '2026-08-01');
SELECT since, parent_id, name FROM org_history WHERE org_id = 5 ORDER BY since;
-- refused: before the last change, a second parent, below the seventh tier, another tier
SELECT org_move(5, 3, '2026-05-31');
SELECT org_open('A1', 'County 1', '一县', 3);
SELECT org_open('X', 'X', 'X', 9);
SELECT org_open('X', 'X', 'X', 99);
UPDATE org SET tier = 4 WHERE org_id = 4;
INSERT INTO org_history (org_id, since, parent_id, name, name_zh) VALUES (5, '2026-03-01', 2, 'County 2', '二县');
INSERT INTO org_history (org_id, since, parent_id, name, name_zh) VALUES (5, '-infinity', 2, 'County 2', '二县');

-- written past the functions: of today
UPDATE org SET parent_id = 3 WHERE org_id = 5;
SELECT since = (now() AT TIME ZONE 'Asia/Shanghai')::date AS today, parent_id FROM org_history WHERE org_id = 5 ORDER BY org_history.since DESC LIMIT 1;

-- people: one post at a time, and which it was then
INSERT INTO staff (staff_id, code, name, name_zh, post_code, org_id, joined_on) VALUES (1, 'S1', 'One', '一', 'field_manager', 9, '2025-01-01');
SELECT staff_post(1, 'general_manager', 4, '2026-04-01');
SELECT staff_post(1, 'field_manager', 9, '2026-03-31');
UPDATE staff SET active = false WHERE staff_id = 1;
SELECT CASE WHEN since < '2026-11-01' THEN since END AS since, org_id, post_code, active FROM staff_history WHERE staff_id = 1 ORDER BY staff_history.since;
SELECT staff_post(1, 'astronaut', 9);
SELECT staff_post(1, 'field_manager', 99);
SELECT staff_post(7, 'field_manager', 9);
INSERT INTO staff (staff_id, code, name, name_zh, post_code, org_id) VALUES (2, 'S1', 'One', '一', 'line_manager', 6);
UPDATE staff_history SET since = '2025-01-01' WHERE staff_id = 1;

-- a unit ends when nothing hangs on it, also past the function
UPDATE staff SET org_id = 9 WHERE staff_id = 1;
INSERT INTO customer (cid, customer_key, net, owner_staff_id) VALUES (1, 'K1', 'own', 1);
UPDATE org SET valid_to = '2026-12-01' WHERE org_id = 8;
UPDATE org SET valid_to = '2026-12-01' WHERE org_id = 9;
UPDATE customer SET owner_staff_id = NULL;
INSERT INTO grid_cell (cell_id, code, name, name_zh, kind, grid_id, org_id, geom, area_km2)
VALUES (1, 'C1', 'Cell', '小区', 'community', 7, 9, ST_Multi(ST_MakeEnvelope(0, 0, 1, 1, 4326)), 1);
SELECT org_close(9, '2026-12-01');
DELETE FROM grid_cell;
SELECT org_close(9, '2026-12-01'), org_close(8, '2026-12-01');
SELECT code, open FROM org_tree('2026-11-30') WHERE tier > 5 ORDER BY lft;
SELECT code, open FROM org_tree('2026-12-01') WHERE tier > 5 ORDER BY lft;
-- nobody starts in a closed unit, no unit opens below one, nor opens again before its parent does
UPDATE staff SET active = true WHERE staff_id = 1;
INSERT INTO staff (staff_id, code, name, name_zh, post_code, org_id) VALUES (2, 'S2', 'Two', '二', 'field_manager', 9);
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh) VALUES (20, 8, 7, 'I2', 'Individual 2', '二兵');
SELECT org_close(9, NULL);
SELECT org_close(8, NULL), org_close(9, NULL);
SELECT count(*) AS breaches FROM audit();
