-- access_place: the place of a login comes from its role, whatever the session
-- sets or plants, and a policy is a condition of an index (S0-010, semantics J).
SET client_min_messages = warning;
BEGIN;
SELECT plan(30);
-- forty branches of ten individuals, each with a person, a cell and 25 customers
INSERT INTO mkt.org (org_id, parent_id, tier, code, name, name_zh) VALUES (1, NULL, 1, 'P', 'Province', '省');
INSERT INTO mkt.org (org_id, parent_id, tier, code, name, name_zh)
SELECT b * 1000 + t, CASE WHEN t = 2 THEN 1 ELSE b * 1000 + t - 1 END, t, format('%s-%s', b, t), 'Unit', '单元' FROM generate_series(1, 40) AS b, generate_series(2, 6) AS t;
INSERT INTO mkt.org (org_id, parent_id, tier, code, name, name_zh)
SELECT b * 1000 + 10 + i, b * 1000 + 6, 7, format('%s-7-%s', b, i), 'Unit', '单元' FROM generate_series(1, 40) AS b, generate_series(1, 10) AS i;
INSERT INTO mkt.staff (code, name, name_zh, post_code, org_id) SELECT 'S' || org_id, 'x', 'x', 'field_manager', org_id FROM mkt.org WHERE tier = 7;
INSERT INTO mkt.grid_cell (cell_id, code, name, name_zh, kind, grid_id, org_id, geom, area_km2)
SELECT o.org_id, 'C' || o.org_id, 'x', 'x', 'community', o.org_id / 1000 * 1000 + 5, o.org_id, ST_Multi(ST_MakeEnvelope(110 + o.org_id * 0.0001, 38, 110.00005 + o.org_id * 0.0001, 38.1, 4326)), 1
FROM mkt.org AS o WHERE o.tier = 7;
INSERT INTO mkt.customer (customer_key, net, cell_id) SELECT 'K' || c.cell_id || '-' || n, 'own', c.cell_id FROM mkt.grid_cell AS c, generate_series(1, 25) AS n;
INSERT INTO mkt.customer_profile (cid, tenure_months) SELECT cid, 1 FROM mkt.customer;
ANALYZE mkt.org; ANALYZE mkt.staff; ANALYZE mkt.grid_cell; ANALYZE mkt.customer; ANALYZE mkt.customer_profile;
CREATE ROLE access_place_a; CREATE ROLE access_place_b; CREATE ROLE access_place_nobody; CREATE ROLE access_place_office;
SELECT mkt.grant_access('access_place_a', 'branch_admin', 1002), mkt.grant_access('access_place_b', 'bi_reader', 2002), mkt.grant_access('access_place_office', 'head_office', 1) \g /dev/null
GRANT USAGE ON SCHEMA mkt TO access_place_nobody;
SELECT mkt._apply_profile('access_place_nobody', 'front_line') \g /dev/null
CREATE SCHEMA access_place_own AUTHORIZATION access_place_a;
GRANT CREATE, TEMP ON DATABASE :DBNAME TO access_place_a;

CREATE FUNCTION pg_temp.try(who name, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', who);
    EXECUTE statement INTO answer;
    RESET ROLE;
    RETURN answer;
EXCEPTION WHEN OTHERS THEN
    RESET ROLE;
    RETURN SQLSTATE;
END $$;
CREATE FUNCTION pg_temp.plan_of(who name, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text; result text := '';
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', who);
    FOR line IN EXECUTE 'EXPLAIN ' || query LOOP result := result || line || chr(10); END LOOP;
    RESET ROLE;
    RETURN result;
END $$;
\set seen '$$SELECT concat_ws(\' \', (SELECT count(*) FROM mkt.customer), (SELECT count(*) FROM mkt.customer_profile), (SELECT count(*) FROM mkt.staff), (SELECT min(cell_id) FROM mkt.grid_cell), (SELECT count(*) FROM mkt.my_orgs()), mkt.sees_all())$$'

SELECT is(pg_temp.try('access_place_a', :seen), '250 250 10 1011 15 f', 'a branch sees its tenth of a quarter');
SELECT is(pg_temp.try('access_place_b', :seen), '250 250 10 2011 15 f', 'the next one its own');
SELECT is(pg_temp.try('access_place_office', :seen), '10000 10000 400 1011 601 t', 'head office sees all');
SELECT is(pg_temp.try('access_place_nobody', :seen), '0 0 0 0 f', 'without a place one sees nothing');
SELECT is(pg_temp.try('access_place_nobody', 'SELECT left(sees, 6) FROM mkt.my_place()'), 'no row', 'and is told so');

-- plans: a condition of the index, and estimates that are right
SELECT matches(pg_temp.plan_of('access_place_a', 'SELECT count(*) FROM mkt.customer'), 'Index Cond: \(cell_id = ANY \(mkt\._my_cell_ids\(\)\)\)', 'rule cell by index');
SELECT matches(pg_temp.plan_of('access_place_a', 'SELECT count(*) FROM mkt.customer_profile'), 'Index Cond: \(cid = ANY \(mkt\._my_customer_ids\(\)\)\)', 'rule customer by index');
SET LOCAL enable_seqscan = off;          -- four hundred rows are few
SELECT matches(pg_temp.plan_of('access_place_b', 'SELECT * FROM mkt.staff'), 'Index Cond: \(org_id = ANY \(mkt\._my_org_ids\(\)\)\)', 'rule org by index');
RESET enable_seqscan;
SELECT ok(substring(pg_temp.plan_of('access_place_a', 'SELECT * FROM mkt.customer') FROM 'rows=(\d+)')::integer BETWEEN 200 AND 300, 'the planner knows how many rows will pass');
SELECT doesnt_match(pg_temp.plan_of('access_place_office', 'SELECT count(*) FROM mkt.customer'), 'ANY', 'head office just reads');
SELECT ok(substring(pg_temp.plan_of('access_place_office', 'SELECT * FROM mkt.customer') FROM 'rows=(\d+)')::integer BETWEEN 9900 AND 10100, 'and is planned for all rows');
SELECT doesnt_match(pg_temp.plan_of('access_place_a', 'SELECT * FROM mkt.customer WHERE cell_id = 1011'), 'ANY', 'a column that is given is not compared with a list as well');
SELECT is_empty($$SELECT a.table_name FROM mkt.table_access AS a WHERE a.rule IN ('org', 'cell', 'customer') AND NOT EXISTS (
        SELECT FROM pg_index AS i JOIN pg_attribute AS t ON t.attrelid = i.indrelid AND t.attnum = i.indkey[0]
        WHERE i.indrelid = ('mkt.' || a.table_name)::regclass AND i.indpred IS NULL
          AND t.attname = CASE a.rule WHEN 'org' THEN 'org_id' WHEN 'cell' THEN 'cell_id' ELSE 'cid' END)$$, 'every guarded table has the index for it');
-- a saved plan follows the user
PREPARE how_many AS SELECT count(*) FROM mkt.customer;
SELECT is(pg_temp.try('access_place_a', 'EXECUTE how_many'), '250', 'a prepared statement of one user');
SELECT is(pg_temp.try('access_place_b', 'EXECUTE how_many') || ' ' || pg_temp.try('access_place_office', 'EXECUTE how_many'), '250 10000', 'is another one of another user');

-- what a session can say does not move it: settings
CREATE FUNCTION pg_temp.with_setting(setting text, value text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
    SET LOCAL ROLE access_place_a;
    EXECUTE format('SET LOCAL %s = %L', setting, value);
    SELECT concat_ws(' ', (SELECT count(*) FROM mkt.customer), (SELECT count(*) FROM mkt.my_orgs())) INTO answer;
    RAISE EXCEPTION USING ERRCODE = 'UNDO0', MESSAGE = answer;
EXCEPTION WHEN SQLSTATE 'UNDO0' THEN
    RETURN SQLERRM;
WHEN OTHERS THEN
    RETURN SQLSTATE;
END $$;
SELECT is_empty($$SELECT s.name, v.value, pg_temp.with_setting(s.name, v.value)
    FROM pg_settings AS s CROSS JOIN LATERAL unnest(coalesce(s.enumvals, CASE s.vartype WHEN 'bool' THEN '{on,off}'::text[] ELSE ARRAY[s.min_val, s.max_val, s.boot_val] END)) AS v(value)
    WHERE s.name LIKE 'mkt.%' AND pg_temp.with_setting(s.name, v.value) NOT IN ('250 15', '22023', '42501', '55P02')$$, 'no setting of mkt changes what one sees');
SELECT is(pg_temp.with_setting('mkt.org', '1'), '42602', 'nobody can make one up');
SELECT is(pg_temp.with_setting('row_security', 'off'), '42501', 'nor switch policies off');
SET SESSION AUTHORIZATION access_place_a;
DO $$
BEGIN
    SET ROLE access_place_office;
    PERFORM set_config('access_place.role', 'taken', true);
EXCEPTION WHEN insufficient_privilege THEN
    PERFORM set_config('access_place.role', 'refused', true);
END $$;
RESET SESSION AUTHORIZATION;
SELECT is(current_setting('access_place.role'), 'refused', 'nor take a role one is not a member of');

-- objects of the same names in front of the path
SET LOCAL ROLE access_place_a;
CREATE TEMP TABLE org AS SELECT 1 AS org_id, NULL::integer AS parent_id, 0 AS lft, 1000000 AS rgt, 1 AS tier;
CREATE TEMP TABLE access_grant AS SELECT current_user AS role_name, 'head_office' AS profile_code, 1 AS org_id;
CREATE TEMP TABLE grid_cell AS SELECT n AS cell_id, 1 AS org_id FROM generate_series(1, 40000) AS n;
CREATE TEMP TABLE pg_roles AS SELECT 10::oid AS oid, current_user AS rolname, true AS rolsuper, true AS rolbypassrls;
CREATE FUNCTION access_place_own.sees_all() RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION access_place_own.pg_has_role(oid, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION access_place_own._sees_cell(integer) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION access_place_own.always(integer, integer) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION access_place_own.always(name, name) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION access_place_own.always(oid, oid) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR access_place_own.= (LEFTARG = integer, RIGHTARG = integer, FUNCTION = access_place_own.always);
CREATE OPERATOR access_place_own.= (LEFTARG = name, RIGHTARG = name, FUNCTION = access_place_own.always);
CREATE OPERATOR access_place_own.= (LEFTARG = oid, RIGHTARG = oid, FUNCTION = access_place_own.always);
CREATE OPERATOR access_place_own.>= (LEFTARG = integer, RIGHTARG = integer, FUNCTION = access_place_own.always);
CREATE OPERATOR access_place_own.<= (LEFTARG = integer, RIGHTARG = integer, FUNCTION = access_place_own.always);
CREATE TYPE access_place_own.wide AS (x integer);
CREATE FUNCTION access_place_own.to_int(access_place_own.wide) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE CAST (access_place_own.wide AS integer) WITH FUNCTION access_place_own.to_int(access_place_own.wide) AS IMPLICIT;
RESET ROLE;
SET LOCAL search_path = pg_temp, access_place_own, pg_catalog, mkt, public;
SELECT is(pg_temp.try('access_place_a', :seen)::text, '250 250 10 1011 15 f'::text, 'planted tables, functions, operators and casts are not used');
SELECT is(pg_temp.try('access_place_a', 'SELECT count(*) FROM mkt.my_place()')::text, '1'::text, 'nor by my_place()');
RESET search_path;

-- a function that costs nothing runs after the policy all the same
CREATE TABLE access_place_own.peeked (cid bigint);
GRANT INSERT ON access_place_own.peeked TO access_place_a;
CREATE FUNCTION access_place_own.peek(cid bigint) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$BEGIN INSERT INTO access_place_own.peeked VALUES (cid); RETURN true; END$$;
SELECT is(pg_temp.try('access_place_a', 'SELECT count(*) FROM mkt.customer_profile WHERE access_place_own.peek(cid)'), '250', 'a nosy function');
SELECT is((SELECT count(*) FROM access_place_own.peeked), 250::bigint, 'is shown the rows that one sees');
SELECT is(pg_temp.try('access_place_a', 'SELECT count(*) FROM mkt.customer WHERE 1 / (cid - (SELECT 5000)) IS NOT NULL'), '250', 'nor does a row fail that one does not see');

-- keys of others: that one is taken shows, not by whom
SELECT is(pg_temp.try('access_place_a', $$INSERT INTO mkt.staff (code, name, name_zh, post_code, org_id) VALUES ('S2011', 'x', 'x', 'field_manager', 1011) RETURNING 1$$), '23505', 'a key that another branch has is refused');
CREATE FUNCTION pg_temp.detail_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE d text;
BEGIN
    SET LOCAL ROLE access_place_a;
    EXECUTE statement;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS d = PG_EXCEPTION_DETAIL;
    RETURN d;
END $$;
SELECT is(pg_temp.detail_of($$INSERT INTO mkt.staff (code, name, name_zh, post_code, org_id) VALUES ('S2011', 'x', 'x', 'field_manager', 1011)$$), '', 'without a word about the other row');

-- a place that is taken away within a transaction, and one that was never given
SAVEPOINT moved;
SELECT mkt.grant_access('access_place_a', 'bi_reader', 3002) \g /dev/null
SELECT is(pg_temp.try('access_place_a', 'SELECT min(cell_id) FROM mkt.grid_cell'), '3011', 'a new place counts at once');
ROLLBACK TO moved;
SELECT is(pg_temp.try('access_place_a', 'SELECT min(cell_id) FROM mkt.grid_cell'), '1011', 'and no longer than it stands');
SELECT mkt.revoke_access('access_place_b') \g /dev/null
SELECT is(pg_temp.try('access_place_b', 'SELECT count(*) FROM mkt.customer'), '42501', 'a place taken away leaves nothing');
-- many look-ups turn into one reading, with the same answers
SELECT is(pg_temp.try('access_place_a', 'SELECT count(*) FROM generate_series(1, 10000) AS n WHERE mkt._sees_customer(n) <> (n IN (SELECT c.cid FROM mkt.customer AS c))'), '0', 'customers one by one and all at once are the same');
SELECT * FROM finish();
ROLLBACK;
