-- org_team: teams, project teams across units, and channel owners, one at a time (S0-045, S0-046)
\set ECHO none
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO';
SET search_path = mkt, public;
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh)
VALUES (1, NULL, 1, 'P', 'Province', '省'), (2, 1, 2, 'A', 'City A', '甲市'), (3, 1, 2, 'B', 'City B', '乙市');
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh)
SELECT 10 * c + t, CASE t WHEN 3 THEN c ELSE 10 * c + t - 1 END, t, 'U' || c || t, 'U', '单元' FROM generate_series(2, 3) AS c, generate_series(3, 7) AS t;
INSERT INTO staff (staff_id, code, name, name_zh, post_code, org_id)
VALUES (1, 'S1', 'x', 'x', 'channel_manager', 1), (2, 'S2', 'x', 'x', 'field_manager', 27), (3, 'S3', 'x', 'x', 'field_manager', 37), (4, 'S4', 'x', 'x', 'channel_manager', 1);
INSERT INTO round (round_id, name, name_zh, as_of, state, opened_at, published_at) VALUES ('r', 'r', 'r', '2026-11-01', 'published', '2026-11-01', '2026-11-01');
SET session_replication_role = replica;
INSERT INTO work_order (order_id, round_id, strategy_id, version, cid, kind_code, channel_code, offer_code, org_id, staff_id, state, p, value, context, lever, score, issued_at, due_at, state_at, closed_at)
SELECT n, 'r', 1, 1, n, 'visit', 'grid', 'o', CASE WHEN n <= 7 THEN 27 ELSE 37 END, CASE WHEN n <= 7 THEN 2 ELSE 3 END, 'issued', 1, 1, 1, 1, 1, '2026-11-01', '2026-11-09', '2026-11-01',
       CASE WHEN n IN (1, 10) THEN timestamptz '2026-11-02' END
FROM generate_series(1, 12) AS n;
RESET session_replication_role;
\set ECHO all

-- a standing team of a city, and a project that draws people from two cities
INSERT INTO team (team_id, code, name, name_zh, kind, org_id, valid_from, valid_to) VALUES
    (1, 'TA', 'Team A', '甲队', 'standing', 2, '2026-01-01', NULL), (2, 'VX', 'Project X', '项目X', 'project', 1, '2026-09-01', '2026-12-01');
INSERT INTO team_member (team_id, staff_id, valid_from, valid_to) VALUES
    (1, 2, '2026-01-01', NULL), (2, 2, '2026-09-01', NULL), (2, 3, '2026-10-01', '2026-11-15');
SELECT * FROM team_load('2026-11-02');
SELECT * FROM team_load('2026-12-01');
SELECT staff_id, org_id FROM team_members('VX', '2026-09-30 23:59');
SELECT staff_id, org_id FROM team_members('VX', '2026-10-01');
SELECT staff_id, org_id FROM team_members('VX', '2026-12-01');

-- refused: twice in a team at a time, outside its time, a project without an end
INSERT INTO team_member (team_id, staff_id, valid_from) VALUES (2, 3, '2026-11-14');
INSERT INTO team_member (team_id, staff_id, valid_from) VALUES (2, 3, '2026-11-15');
INSERT INTO team_member (team_id, staff_id, valid_from) VALUES (2, 1, '2026-12-01');
INSERT INTO team_member (team_id, staff_id, valid_from) VALUES (2, 1, '2026-08-31');
INSERT INTO team (code, name, name_zh, kind, org_id) VALUES ('VY', 'Project Y', '项目Y', 'project', 1);
SELECT * FROM team_members('VZ');

-- owners of a channel follow one another; a vacancy is a line of its own
INSERT INTO channel_owner VALUES ('sms', '2026-01-01', 1), ('sms', '2026-06-01', NULL), ('sms', '2026-07-01', 4), ('hall', '2026-07-01', 4);
SELECT channel_code, since, staff_id FROM channel_owners('2026-05-31') WHERE channel_code IN ('sms', 'hall');
SELECT channel_code, since, staff_id FROM channel_owners('2026-06-30') WHERE channel_code IN ('sms', 'hall');
SELECT channel_code, since, staff_id FROM channel_owners('2026-07-01') WHERE channel_code IN ('sms', 'hall');
INSERT INTO channel_owner VALUES ('sms', '2026-07-01', 1);

-- a branch sees its teams and its people in the teams of others
CREATE ROLE org_team_b;
SELECT grant_access('org_team_b', 'branch_admin', 3);
SET ROLE org_team_b;
SELECT code FROM team;
SELECT team_id, staff_id FROM team_member ORDER BY 1, 2, valid_from;
INSERT INTO team (team_id, code, name, name_zh, kind, org_id) VALUES (3, 'TB', 'Team B', '乙队', 'standing', 3);
INSERT INTO team (team_id, code, name, name_zh, kind, org_id) VALUES (4, 'TA2', 'Team A2', '甲二队', 'standing', 2);
INSERT INTO team_member (team_id, staff_id) VALUES (1, 2);
RESET ROLE;
DROP OWNED BY org_team_b;
DROP ROLE org_team_b;
