-- test/demo/10-organisation.sql: Hebei's divisions become the seven tiers.
-- Province, cities, counties and townships are real; a township is a grid.
-- Counties get a community and a rural line; the villages of a grid are dealt
-- in code order to individuals (at most 4 each), those to small CEOs (at most
-- 4 each).
CREATE TABLE demo.division (
    code        text PRIMARY KEY,
    parent_code text,
    level       text NOT NULL,
    name        text NOT NULL
);
\set copy '\\copy demo.division FROM PROGRAM ''gzip -dc ':data'/hebei_divisions.csv.gz'' (FORMAT csv, HEADER)'
:copy
CREATE INDEX ON demo.division (parent_code);
ANALYZE demo.division;

CREATE TABLE demo.city_name (code text PRIMARY KEY, name text NOT NULL);
INSERT INTO demo.city_name VALUES
    ('1301', 'Shijiazhuang'), ('1302', 'Tangshan'), ('1303', 'Qinhuangdao'), ('1304', 'Handan'), ('1305', 'Xingtai'),
    ('1306', 'Baoding'), ('1307', 'Zhangjiakou'), ('1308', 'Chengde'), ('1309', 'Cangzhou'), ('1310', 'Langfang'), ('1311', 'Hengshui');

-- A residents' committee is a community, a villagers' committee a village.
CREATE TABLE demo.village AS
SELECT v.code, v.parent_code AS grid_code, left(v.code, 6) AS county_code, v.name,
       CASE WHEN v.name ~ '居|社区|街道委' THEN 'community' ELSE 'rural' END AS kind
FROM demo.division AS v
WHERE v.level = 'village';

-- A subdistrict (third pair of digits 0xx), or a township whose places are
-- mostly communities, belongs to the community line.
CREATE TABLE demo.grid AS
SELECT t.code, t.parent_code AS county_code, t.name,
       CASE WHEN substr(t.code, 7, 1) = '0' OR avg((v.kind = 'community')::integer) > 0.5
            THEN 'community' ELSE 'rural' END AS area_kind,
       count(*)::integer AS villages,
       ceil(count(*) / 4.0)::integer AS individuals,
       ceil(ceil(count(*) / 4.0) / 4)::integer AS ceos
FROM demo.division AS t
JOIN demo.village AS v ON v.grid_code = t.code
WHERE t.level = 'township'
GROUP BY t.code;

ALTER TABLE demo.village ADD individual_code text;
UPDATE demo.village AS v
SET individual_code = g.code || '-' || (d.individual * g.ceos / g.individuals + 1) || '-' || to_char(d.individual + 1, 'FM00')
FROM (SELECT x.code, x.grid_code,
             ((row_number() OVER (PARTITION BY x.grid_code ORDER BY x.code) - 1) * y.individuals / y.villages)::integer AS individual
      FROM demo.village AS x
      JOIN demo.grid AS y ON y.code = x.grid_code) AS d
JOIN demo.grid AS g ON g.code = d.grid_code
WHERE v.code = d.code;

CREATE TABLE demo.unit (code text PRIMARY KEY, parent_code text, tier smallint, name text, name_zh text, area_kind text);
INSERT INTO demo.unit
SELECT '13', NULL, 1, 'Hebei', '河北省', NULL
UNION ALL
SELECT c.code, '13', 2, n.name, c.name, NULL
FROM demo.division AS c JOIN demo.city_name AS n ON n.code = c.code
UNION ALL
SELECT c.code, c.parent_code, 3, n.name || ' ' || c.code, c.name, NULL
FROM demo.division AS c JOIN demo.city_name AS n ON n.code = c.parent_code
WHERE c.level = 'county'
UNION ALL
SELECT DISTINCT g.county_code || CASE g.area_kind WHEN 'community' THEN '-C' ELSE '-R' END, g.county_code, 4,
       initcap(g.area_kind) || ' line ' || g.county_code,
       c.name || CASE g.area_kind WHEN 'community' THEN '社区线' ELSE '乡村线' END, g.area_kind
FROM demo.grid AS g JOIN demo.division AS c ON c.code = g.county_code
UNION ALL
SELECT g.code, g.county_code || CASE g.area_kind WHEN 'community' THEN '-C' ELSE '-R' END, 5, 'Grid ' || g.code, g.name, g.area_kind
FROM demo.grid AS g
UNION ALL
SELECT DISTINCT regexp_replace(v.individual_code, '-\d+$', ''), g.code, 6,
       'Small CEO ' || regexp_replace(v.individual_code, '-\d+$', ''),
       g.name || '小CEO' || split_part(v.individual_code, '-', 2), g.area_kind
FROM demo.village AS v JOIN demo.grid AS g ON g.code = v.grid_code
UNION ALL
SELECT DISTINCT v.individual_code, regexp_replace(v.individual_code, '-\d+$', ''), 7,
       'Individual ' || v.individual_code, g.name || '单兵' || split_part(v.individual_code, '-', 3)::integer, g.area_kind
FROM demo.village AS v JOIN demo.grid AS g ON g.code = v.grid_code;

WITH numbered AS (
    SELECT u.*, row_number() OVER (ORDER BY u.tier, u.code COLLATE "C")::integer AS org_id
    FROM demo.unit AS u
)
INSERT INTO mkt.org (org_id, parent_id, tier, code, name, name_zh, area_kind)
SELECT u.org_id, p.org_id, u.tier, u.code, u.name, u.name_zh, u.area_kind
FROM numbered AS u
LEFT JOIN numbered AS p ON p.code = u.parent_code;
ANALYZE mkt.org;

-- One field manager for each individual unit; a manager for each county, city
-- and the province; 68 digital staff in four posts, 24 at the province and 44
-- in the cities (S0-097).
WITH seat AS (
    SELECT o.org_id, o.tier, o.code AS org_code, CASE o.tier WHEN 7 THEN 'field_manager' ELSE 'general_manager' END AS post_code, 1 AS n
    FROM mkt.org AS o
    WHERE o.tier IN (1, 2, 3, 7)
    UNION ALL
    SELECT o.org_id, o.tier, o.code, p.post_code, n
    FROM mkt.org AS o
    CROSS JOIN (VALUES ('process_management'), ('product_management'), ('product_configuration'), ('touchpoint_support')) AS p(post_code)
    CROSS JOIN LATERAL generate_series(1, CASE o.tier WHEN 1 THEN 6 ELSE 1 END) AS n
    WHERE o.tier IN (1, 2)
), numbered AS (
    SELECT s.*, row_number() OVER (ORDER BY s.tier, s.org_code COLLATE "C", s.post_code COLLATE "C", s.n) AS place FROM seat AS s
)
INSERT INTO mkt.staff (code, name, name_zh, post_code, org_id, daily_capacity)
SELECT 'S' || lpad(n.place::text, 5, '0'), 'Staff ' || lpad(n.place::text, 5, '0'), demo.person_name('staff', n.place), n.post_code, n.org_id,
       CASE n.post_code WHEN 'field_manager' THEN 20 + floor(demo.rnd('capacity', n.place) * 21)::integer ELSE 0 END
FROM numbered AS n
ORDER BY n.place;

-- The owners of the six channels, at the province.
INSERT INTO mkt.staff (code, name, name_zh, post_code, org_id, daily_capacity)
SELECT 'S' || lpad(n.place::text, 5, '0'), 'Staff ' || lpad(n.place::text, 5, '0'), demo.person_name('staff', n.place), 'channel_manager', 1, 0
FROM (SELECT (SELECT count(*) FROM mkt.staff) + n AS place FROM generate_series(1, 6) AS n) AS n
ORDER BY n.place;
INSERT INTO mkt.channel_owner (channel_code, since, staff_id)
SELECT c.channel_code, date '2026-01-01', s.staff_id
FROM (SELECT channel_code, row_number() OVER (ORDER BY channel_code) AS n FROM mkt.channel) AS c
JOIN (SELECT staff_id, row_number() OVER (ORDER BY code) AS n FROM mkt.staff WHERE post_code = 'channel_manager') AS s ON s.n = c.n;

-- Teams of 30, 46 and 426 persons (S0-046): at the province digital staff and channel
-- managers; in the cities digital staff, and the manager where most people work; in the
-- counties the manager and a field manager, in some two.
INSERT INTO mkt.team (code, name, name_zh, kind, org_id)
SELECT 'T-' || o.code, 'Touchpoint team ' || o.name, o.name_zh || '触点运营团队', 'standing', o.org_id
FROM mkt.org AS o WHERE o.tier <= 3
ORDER BY o.lft;
WITH unit AS (
    SELECT o.org_id, o.tier, o.lft, o.rgt, row_number() OVER (PARTITION BY o.tier ORDER BY o.rgt - o.lft DESC, o.code) AS size_rank
    FROM mkt.org AS o WHERE o.tier <= 3
), candidate AS (
    SELECT u.org_id AS unit, u.tier, u.size_rank, s.staff_id, s.post_code,
           row_number() OVER (PARTITION BY u.org_id, s.post_code ORDER BY s.code) AS turn
    FROM unit AS u
    JOIN mkt.org AS o ON o.org_id = u.org_id OR u.tier = 3 AND o.tier = 7 AND o.lft BETWEEN u.lft AND u.rgt
    JOIN mkt.staff AS s ON s.org_id = o.org_id
)
INSERT INTO mkt.team_member (team_id, staff_id)
SELECT t.team_id, c.staff_id
FROM candidate AS c
JOIN mkt.team AS t ON t.org_id = c.unit
WHERE CASE c.tier
          WHEN 1 THEN c.post_code <> 'general_manager'
          WHEN 2 THEN c.post_code <> 'general_manager' OR c.size_rank <= 2
          ELSE c.post_code = 'general_manager' OR c.turn <= CASE WHEN c.size_rank <= 46 THEN 2 ELSE 1 END
      END
ORDER BY t.team_id, c.staff_id;

-- Two project teams draw people from several cities for a time.
INSERT INTO mkt.team (code, name, name_zh, kind, org_id, valid_from, valid_to) VALUES
    ('V-FTTR', 'FTTR autumn project', 'FTTR秋季攻坚项目组', 'project', 1, '2026-09-01', '2026-12-01'),
    ('V-RURAL', 'Rural broadband project', '乡村宽带项目组', 'project', 1, '2026-10-01', '2027-04-01');
INSERT INTO mkt.team_member (team_id, staff_id, valid_from, valid_to)
SELECT t.team_id, s.staff_id, t.valid_from, t.valid_to
FROM mkt.team AS t
JOIN mkt.staff AS s ON s.post_code = CASE t.code WHEN 'V-FTTR' THEN 'product_management' ELSE 'process_management' END
JOIN mkt.org AS o ON o.org_id = s.org_id AND o.tier = 2
WHERE t.kind = 'project';
ANALYZE mkt.staff, mkt.team, mkt.team_member;

SELECT t.tier, t.name AS tier_name, t.name_zh AS "层级", count(DISTINCT o.org_id) AS units, count(s.staff_id) AS staff,
       (SELECT mkt.org_path_zh(x.org_id) FROM mkt.org AS x WHERE x.tier = t.tier ORDER BY x.lft LIMIT 1) AS "first"
FROM mkt.tier AS t
LEFT JOIN mkt.org AS o ON o.tier = t.tier
LEFT JOIN mkt.staff AS s ON s.org_id = o.org_id
GROUP BY t.tier
ORDER BY t.tier;

SELECT o.tier, t.kind, count(DISTINCT t.team_id) AS teams, count(*) AS persons
FROM mkt.team AS t
JOIN mkt.org AS o ON o.org_id = t.org_id
JOIN mkt.team_member AS m ON m.team_id = t.team_id
GROUP BY o.tier, t.kind
ORDER BY o.tier, t.kind DESC;
