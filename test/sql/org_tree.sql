-- org_tree: seven tiers kept as intervals, and every move that is refused
SET search_path = mkt, public;
\set VERBOSITY default
\set SHOW_CONTEXT never

-- two cities, each with one line of every tier; the second city has two individuals
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh)
VALUES (1, NULL, 1, 'P', 'Province', '省'),
       (2, 1, 2, 'P-A', 'City A', '甲市'), (3, 1, 2, 'P-B', 'City B', '乙市'),
       (4, 2, 3, 'P-A-1', 'County A1', '甲一县'), (5, 3, 3, 'P-B-1', 'County B1', '乙一县'),
       (6, 4, 4, 'LA', 'Line A', '甲线'), (7, 5, 4, 'LB', 'Line B', '乙线'),
       (8, 6, 5, 'GA', 'Grid A', '甲格'), (9, 7, 5, 'GB', 'Grid B', '乙格'),
       (10, 8, 6, 'CA', 'CEO A', '甲小CEO'), (11, 9, 6, 'CB', 'CEO B', '乙小CEO'),
       (12, 10, 7, 'IA', 'Individual A', '甲兵'), (13, 11, 7, 'IB1', 'Individual B1', '乙兵一'), (14, 11, 7, 'IB2', 'Individual B2', '乙兵二');

-- the intervals are there without being asked for
SELECT org_id, code, tier, lft, rgt FROM org ORDER BY lft;

-- the law at every tier: the people of a unit are those of its children, none twice
CREATE VIEW law AS
SELECT bool_and(own = below) AS law_holds, count(*) AS units
FROM (SELECT p.org_id,
             (SELECT array_agg(i.org_id ORDER BY i.org_id) FROM org AS i WHERE i.tier = 7 AND i.lft BETWEEN p.lft AND p.rgt) AS own,
             (SELECT array_agg(i.org_id ORDER BY i.org_id)
              FROM org AS c JOIN org AS i ON i.tier = 7 AND i.lft BETWEEN c.lft AND c.rgt WHERE c.parent_id = p.org_id) AS below
      FROM org AS p WHERE p.tier < 7) AS unit;
SELECT * FROM law;

-- and the intervals say the same as the parents do
CREATE VIEW oracle AS
WITH RECURSIVE down AS (
    SELECT org_id AS top, org_id FROM org
    UNION ALL
    SELECT d.top, o.org_id FROM down AS d JOIN org AS o ON o.parent_id = d.org_id
), by_interval AS (
    SELECT p.org_id AS top, o.org_id FROM org AS p JOIN org AS o ON o.lft BETWEEN p.lft AND p.rgt
)
SELECT count(*) AS differences
FROM ((TABLE down EXCEPT ALL TABLE by_interval) UNION ALL (TABLE by_interval EXCEPT ALL TABLE down)) AS d;
TABLE oracle;

SELECT org_path(13), org_path_zh(13), org_path(1), org_path(99);
SELECT org_ancestor(13, 1), org_ancestor(13, 5), org_ancestor(13, 7), org_ancestor(3, 5);
SELECT code, name_zh FROM org_children(11);

-- a move renumbers and changes no other row's parent
SELECT org_move(5, 2);
SELECT org_path(13), lft, rgt FROM org WHERE org_id = 5;
TABLE oracle;
SELECT law_holds FROM law;
SELECT org_renumber() AS already_right;

-- refused: a cycle, a skipped tier, units that do not exist
SELECT org_move(2, 5);
SELECT org_move(5, 5);
SELECT org_move(8, 2);
SELECT org_move(99, 2);
SELECT org_move(5, 99);
SELECT org_move(5, NULL);

-- the table refuses the same without the function
UPDATE org SET parent_id = 1 WHERE org_id = 8;
UPDATE org SET parent_id = 12 WHERE org_id = 10;
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh) VALUES (20, 1, 3, 'skip', 'Skip', '跳级');
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh) VALUES (21, NULL, 1, 'Q', 'Second root', '第二省');
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh) VALUES (22, NULL, 2, 'orphan', 'Orphan', '孤市');
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh) VALUES (23, 12, 8, 'deep', 'Tier eight', '第八级');
DELETE FROM org WHERE org_id = 10;

-- validity: a closed unit is part of the past only
INSERT INTO staff (code, name, name_zh, post_code, org_id) VALUES ('S1', 'One', '一', 'field_manager', 14);
SELECT org_close(11, '2026-11-01');
SELECT org_close(14, '2026-11-01');
UPDATE staff SET active = false WHERE code = 'S1';
SELECT org_close(14, '2026-11-01');
SELECT code FROM org_children(11, '2026-10-31 23:59+08');
SELECT code FROM org_children(11, '2026-11-01 00:00+08');
SELECT org_close(99, '2026-11-01');
SELECT org_close(13, '1999-01-01');
