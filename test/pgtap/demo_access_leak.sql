-- demo_access_leak: a login learns nothing of rows it may not see (semantics J, S4-005).
--
-- Everything is found in the catalogs: every table, view, sequence, function
-- and procedure of mkt and mkt_cockpit is asked, as four logins that see
-- different parts of the demo. A login asks twice: with everybody's data there,
-- and after all that it may not see has been deleted. The two answers must be
-- the same, errors with all their fields included, and the free texts of
-- hidden rows, which are marked before, must not turn up. Functions get the
-- keys of rows of another branch, by the names and types of their parameters.
-- What may differ is listed in leak.known, with the reason.
-- -v list=1 prints what was covered, and how.
SET client_min_messages = error;
VACUUM ANALYZE;
BEGIN;
CREATE EXTENSION IF NOT EXISTS pgtap;
SELECT no_plan();
CREATE SCHEMA leak;
GRANT USAGE ON SCHEMA leak TO PUBLIC;

-- ---- the logins ---------------------------------------------------------
CREATE TABLE leak.city AS
SELECT row_number() OVER (ORDER BY count(*) DESC, c.org_id)::integer AS place, c.org_id, c.lft, c.rgt
FROM mkt.work_order AS w JOIN mkt.org AS o ON o.org_id = w.org_id JOIN mkt.org AS c ON c.tier = 2 AND o.lft BETWEEN c.lft AND c.rgt
GROUP BY c.org_id;
CREATE TABLE leak.login (role_name name PRIMARY KEY, profile text, org_id integer, place integer, other integer);
INSERT INTO leak.login
SELECT 'leak_admin', 'branch_admin', org_id, 1, 2 FROM leak.city WHERE place = 1
UNION ALL SELECT 'leak_strategist', 'strategist', org_id, 2, 1 FROM leak.city WHERE place = 2
UNION ALL (SELECT 'leak_front', 'front_line', w.org_id, 1, 2 FROM mkt.work_order AS w JOIN mkt.org AS o USING (org_id) JOIN leak.city AS c ON c.place = 1 AND o.lft BETWEEN c.lft AND c.rgt
           GROUP BY w.org_id ORDER BY count(*) DESC, w.org_id LIMIT 1)
UNION ALL SELECT 'leak_nobody', 'front_line', NULL, NULL, 1;
DO $$
DECLARE l record;
BEGIN
    FOR l IN TABLE leak.login LOOP
        EXECUTE format('CREATE ROLE %I', l.role_name);
        IF l.org_id IS NULL THEN
            PERFORM mkt._apply_profile(l.role_name, l.profile);
        ELSE
            PERFORM mkt.grant_access(l.role_name, l.profile, l.org_id);
        END IF;
    END LOOP;
END $$;

-- What the demo lacks: a draft of the map that moves cells of both cities,
-- and merged customers in both.
DO $$
DECLARE
    draft integer := mkt.map_open('leak', 'Draft', '草稿');
    c     record;
BEGIN
    FOR c IN TABLE leak.city ORDER BY place LIMIT 2 LOOP
        PERFORM mkt.map_remove(draft, ARRAY(SELECT g.cell_id FROM mkt.grid_cell AS g JOIN mkt.org AS o USING (org_id) WHERE o.lft BETWEEN c.lft AND c.rgt ORDER BY g.cell_id LIMIT 3));
        PERFORM mkt.customer_merge(cids[1], cids[2], 'one person', '2026-11-02 23:00+08')
        FROM (SELECT ARRAY(SELECT u.cid FROM mkt.customer AS u JOIN mkt.grid_cell AS g USING (cell_id) JOIN mkt.org AS o ON o.org_id = g.org_id
                           WHERE o.lft BETWEEN c.lft AND c.rgt AND u.net = 'own' ORDER BY u.cid DESC LIMIT 2) AS cids) AS two;
    END LOOP;
    UPDATE mkt.map_change SET removed = false, geom = ST_Translate(geom, 0.002, 0) WHERE version = draft;
    -- a small province, which most of the draft lies beyond, and which is compared in no time
    UPDATE mkt.map_outline SET geom = (SELECT ST_Multi(ST_Envelope(d.geom)) FROM mkt.map_change AS d WHERE d.version = draft ORDER BY d.cell_id LIMIT 1)
    WHERE org_id = (SELECT o.org_id FROM mkt.org AS o WHERE o.parent_id IS NULL);
END $$;

-- ---- what is there ------------------------------------------------------
CREATE TABLE leak.relation AS
SELECT c.oid, c.oid::regclass::text AS name, c.relkind, c.relrowsecurity AS secured
FROM pg_class AS c WHERE c.relnamespace IN ('mkt'::regnamespace, 'mkt_cockpit'::regnamespace) AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f');
CREATE TABLE leak.routine AS
SELECT p.oid, p.oid::regprocedure::text AS name, p.prokind,
       CASE WHEN p.prorettype IN ('trigger'::regtype, 'event_trigger'::regtype) THEN 'a trigger'
            WHEN p.proargtypes::oid[] && ARRAY['internal'::regtype, 'cstring'::regtype]::oid[] THEN 'not callable from SQL'
            WHEN p.provolatile = 'i' THEN 'immutable: knows its arguments only' END AS why_not
FROM pg_proc AS p WHERE p.pronamespace IN ('mkt'::regnamespace, 'mkt_cockpit'::regnamespace);
CREATE TABLE leak.covered (object text, login name, how text);
CREATE TABLE leak.finding (login name, object text, statement text, what text);

-- Answers that depend on rows the caller may not see, and why they may.
CREATE TABLE leak.known (pattern text, reason text);
INSERT INTO leak.known VALUES
    ('^mkt\.(grid_version|decision_stamp)$', 'a random stamp that is another one after every change of the map or of the strategies, and says nothing else'),
    ('^mkt\._channel_room\(', 'a channel''s capacity is one for the operator: contacts of all branches use it up (semantics B10)'),
    ('^mkt\._blocks\(', 'how many blocks of 64,512 customers there are'),
    ('^mkt\.(_cap_room|_coupon_free_holding|coupon_claim|explain|next_best)\(', 'contacts and coupons of the caller''s own customers count, whichever branch made them (semantics B10)'),
    ('^mkt\.(code_scan|order_place|one_click)\(', 'keys are unique over all branches, and a sale may be made to a customer of another: who may write learns that a key is taken, or that a number is a customer''s');

-- ---- what to ask functions about ----------------------------------------
-- Values of a parameter: by its name, else by its type. $1 are units: those of
-- another branch first, then the caller's.
CREATE TABLE leak.sample (parameter text, type regtype, query text);
INSERT INTO leak.sample VALUES
    (NULL, 'bigint', 'SELECT cid FROM mkt.work_order WHERE org_id = ANY ($1) ORDER BY order_id LIMIT 1'),
    (NULL, 'bigint', 'SELECT order_id FROM mkt.work_order WHERE org_id = ANY ($1) ORDER BY order_id LIMIT 1'),
    (NULL, 'integer', 'SELECT staff_id FROM mkt.work_order WHERE org_id = ANY ($1) ORDER BY order_id LIMIT 1'),
    (NULL, 'integer', 'SELECT cell_id FROM mkt.grid_cell WHERE org_id = ANY ($1) ORDER BY cell_id LIMIT 1'),
    (NULL, 'integer', 'SELECT min(org_id) FROM mkt.org WHERE org_id = ANY ($1) AND tier = 7'),
    (NULL, 'text', 'SELECT customer_key FROM mkt.customer JOIN mkt.work_order USING (cid) WHERE org_id = ANY ($1) ORDER BY order_id LIMIT 1'),
    (NULL, 'text', 'SELECT code FROM mkt.org WHERE org_id = ANY ($1) ORDER BY lft LIMIT 1'),
    (NULL, 'name', 'SELECT role_name FROM leak.login ORDER BY 1 LIMIT 1'),
    (NULL, 'boolean', 'SELECT true'), (NULL, 'jsonb', $$SELECT '{}'$$), (NULL, 'interval', $$SELECT '1 day'$$), (NULL, 'numeric', 'SELECT 1'), (NULL, 'numeric[]', $$SELECT '{1,2}'$$),
    (NULL, 'date', $$SELECT '2026-11-02'$$), (NULL, 'smallint', 'SELECT 7'), (NULL, 'uuid', $$SELECT '12345678-1234-4234-8234-123456789abc'$$), (NULL, 'regclass', $$SELECT 'mkt.customer'$$),
    (NULL, 'timestamptz', $$SELECT '2026-11-02 20:00+08'$$), (NULL, 'mkt.tagmap', $$SELECT '{1,2,3}'$$),
    (NULL, 'mkt.tagexpr', $$SELECT 'all'$$), (NULL, 'mkt.tagexpr', $$SELECT 'fiber & own_net'$$), (NULL, 'mkt.tagexpr', $$SELECT format('in_org(%L)', code) FROM mkt.org WHERE org_id = ANY ($1) ORDER BY lft LIMIT 1$$),
    (NULL, 'mkt.tagexpr[]', $$SELECT array[format('in_org(%L)', code), 'own_net'] FROM mkt.org WHERE org_id = ANY ($1) ORDER BY lft LIMIT 1$$),
    (NULL, 'bigint[]', 'SELECT array_agg(cid) FROM (SELECT cid FROM mkt.work_order WHERE org_id = ANY ($1) ORDER BY order_id LIMIT 5) AS w'),
    (NULL, 'integer[]', 'SELECT array_agg(cell_id) FROM (SELECT cell_id FROM mkt.grid_cell WHERE org_id = ANY ($1) ORDER BY cell_id LIMIT 5) AS c'),
    (NULL, 'text[]', $$SELECT '{own_net,fiber}'$$), (NULL, 'text[]', 'SELECT array_agg(code) FROM mkt.org WHERE org_id = ANY ($1) AND tier < 4'),
    (NULL, 'float8', 'SELECT 1000'), (NULL, 'float8[]', $$SELECT '{115,38}'$$), (NULL, 'tstzrange', $$SELECT '(,)'$$),
    ('query', 'text', 'SELECT $$SELECT o.org_id, 1 AS value FROM mkt.work_order AS o$$'), ('query', 'text', 'SELECT $$SELECT c.location FROM mkt.customer AS c$$'),
    ('measure', 'text', 'SELECT code FROM mkt.measure ORDER BY 1 LIMIT 1'), ('node', 'integer', 'SELECT min(org_id) FROM mkt.org WHERE org_id = ANY ($1)'),
    (NULL, 'geometry', 'SELECT location FROM mkt.customer JOIN mkt.work_order USING (cid) WHERE org_id = ANY ($1) ORDER BY order_id LIMIT 1'),
    (NULL, 'bytea', 'SELECT ST_AsEWKB(location) FROM mkt.customer JOIN mkt.work_order USING (cid) WHERE org_id = ANY ($1) ORDER BY order_id LIMIT 1'),
    ('lon', 'float8', 'SELECT ST_X(location) FROM mkt.customer JOIN mkt.work_order USING (cid) WHERE org_id = ANY ($1) ORDER BY order_id LIMIT 1'),
    ('lat', 'float8', 'SELECT ST_Y(location) FROM mkt.customer JOIN mkt.work_order USING (cid) WHERE org_id = ANY ($1) ORDER BY order_id LIMIT 1'),
    ('radius_m', 'float8', 'SELECT 1000000'),
    ('cid', 'bigint', 'SELECT cid FROM mkt.work_order WHERE org_id = ANY ($1) ORDER BY order_id LIMIT 1'),
    ('cid', 'bigint', 'SELECT cid FROM mkt.coupon WHERE org_id = ANY ($1) AND cid IS NOT NULL ORDER BY coupon_code LIMIT 1'),
    ('only_cid', 'bigint', 'SELECT cid FROM mkt.work_order WHERE org_id = ANY ($1) ORDER BY order_id LIMIT 1'),
    ('from_cid', 'bigint', 'SELECT 0'), ('to_cid', 'bigint', 'SELECT 1000000000'),
    ('order_id', 'bigint', $$SELECT order_id FROM mkt.issued_order WHERE org_id = ANY ($1) AND state = 'accepted' ORDER BY order_id LIMIT 1$$),
    ('work_order_id', 'bigint', 'SELECT order_id FROM mkt.issued_order WHERE org_id = ANY ($1) ORDER BY order_id LIMIT 1'),
    ('contact_id', 'bigint', 'SELECT contact_id FROM mkt.contact WHERE org_id = ANY ($1) ORDER BY contact_id LIMIT 1'),
    ('seed', 'bigint', 'SELECT 1'), ('rounds', 'integer', 'SELECT 1'),
    ('from_block', 'integer', 'SELECT 0'), ('to_block', 'integer', 'SELECT 2'), ('block', 'integer', 'SELECT 0'),
    ('tier', 'integer', 'SELECT 2'), ('tier', 'integer', 'SELECT 7'), ('n', 'integer', 'SELECT 5'), ('k', 'integer', 'SELECT 3'), ('bins', 'integer', 'SELECT 5'), ('most', 'integer', 'SELECT 3'), ('visits', 'integer', 'SELECT 1'),
    ('staff', 'integer', 'SELECT staff_id FROM mkt.work_order WHERE org_id = ANY ($1) ORDER BY order_id LIMIT 1'),
    ('org_id', 'integer', 'SELECT min(org_id) FROM mkt.org WHERE org_id = ANY ($1) AND tier = 7'), ('org_id', 'integer', 'SELECT min(org_id) FROM mkt.org WHERE org_id = ANY ($1)'),
    ('cell_id', 'integer', 'SELECT cell_id FROM mkt.grid_cell WHERE org_id = ANY ($1) ORDER BY cell_id LIMIT 1'),
    ('batch_id', 'integer', 'SELECT batch_id FROM mkt.coupon WHERE org_id = ANY ($1) AND cid IS NOT NULL ORDER BY coupon_code LIMIT 1'), ('per_customer', 'integer', 'SELECT 3'),
    ('tag_id', 'integer', $$SELECT tag_id FROM mkt.tag WHERE code = 'fiber'$$),
    ('code', 'text', $$SELECT 'churn_score'$$), ('code', 'text', $$SELECT 'fiber'$$), ('code', 'text', 'SELECT code FROM mkt.code WHERE org_id = ANY ($1) ORDER BY code LIMIT 1'),
    ('score_tag', 'text', $$SELECT 'churn_score'$$), ('propensity_tag', 'text', $$SELECT 'churn_score'$$), ('model', 'text', 'SELECT code FROM mkt.model ORDER BY 1 LIMIT 1'),
    ('codes', 'text[]', $$SELECT '{own_net,fiber}'$$), ('codes', 'text[]', 'SELECT array_agg(code) FROM mkt.org WHERE org_id = ANY ($1) AND tier < 4'),
    ('coupon', 'text', 'SELECT coupon_code FROM mkt.coupon WHERE org_id = ANY ($1) ORDER BY state = $$issued$$ DESC, coupon_code LIMIT 1'),
    ('coupon_code', 'text', 'SELECT coupon_code FROM mkt.coupon WHERE org_id = ANY ($1) ORDER BY coupon_code LIMIT 1'),
    ('coupon', 'text', 'SELECT coupon_code FROM mkt.coupon WHERE org_id = ANY ($1) ORDER BY state = $$claimed$$ DESC, coupon_code LIMIT 1'),
    ('request_id', 'text', $$SELECT 'leak-request'$$), ('request_id', 'text', 'SELECT request_id FROM mkt.scan WHERE org_id = ANY ($1) ORDER BY scan_id LIMIT 1'),
    ('giver', 'text', 'SELECT first_issuer FROM mkt.coupon WHERE org_id = ANY ($1) AND first_issuer IS NOT NULL ORDER BY coupon_code LIMIT 1'), ('taker', 'text', $$SELECT 'leak-taker'$$),
    ('order_key', 'text', 'SELECT order_key FROM mkt.sales_order WHERE org_id = ANY ($1) ORDER BY sales_order_id LIMIT 1'), ('order_key', 'text', $$SELECT 'leak-order'$$),
    ('product_code', 'text', 'SELECT product_code FROM mkt.product ORDER BY 1 LIMIT 1'), ('flow', 'text', 'SELECT flow FROM mkt.sales_order ORDER BY 1 LIMIT 1'),
    ('sale_scene', 'text', 'SELECT sale_scene FROM mkt.sales_order ORDER BY 1 LIMIT 1'), ('channel', 'text', $$SELECT 'hall'$$), ('only_channel', 'text', $$SELECT 'hall'$$), ('domain', 'text', 'SELECT domain_code FROM mkt.domain ORDER BY 1 LIMIT 1'),
    ('delivery_mode', 'text', 'SELECT delivery_mode FROM mkt.sales_order WHERE delivery_mode IS NOT NULL ORDER BY 1 LIMIT 1'),
    ('step', 'text', $$SELECT 'accepted'$$), ('step', 'text', $$SELECT 'scan'$$), ('round', 'text', 'SELECT round_id FROM mkt.round ORDER BY 1 LIMIT 1'), ('besides', 'text', $$SELECT 'none'$$),
    ('strategy', 'text', 'SELECT code FROM mkt.strategy ORDER BY 1 LIMIT 1'), ('touchpoint', 'text', 'SELECT touchpoint_code FROM mkt.touchpoint ORDER BY 1 LIMIT 1'), ('touchpoint', 'text', $$SELECT touchpoint_code FROM mkt.touchpoint WHERE channel_code = 'hall' ORDER BY 1 LIMIT 1$$),
    ('outcome', 'text', $$SELECT 'accepted'$$), ('kind', 'text', $$SELECT 'person'$$), ('kind', 'text', $$SELECT 'shop'$$), ('to_state', 'text', $$SELECT 'sent'$$),
    ('target', 'text', 'SELECT code FROM mkt.staff WHERE org_id = ANY ($1) ORDER BY staff_id LIMIT 1'), ('target', 'text', 'SELECT code FROM mkt.hall WHERE org_id = ANY ($1) ORDER BY hall_id LIMIT 1'),
    ('clock', 'text', $$SELECT 'rolling'$$), ('wanted', 'text', 'SELECT check_name FROM mkt.audit_check ORDER BY 1 LIMIT 1'), ('segment', 'text', 'SELECT code FROM mkt.segment ORDER BY 1 LIMIT 1'), ('snapshot', 'text', 'SELECT code FROM mkt.snapshot ORDER BY 1 LIMIT 1'),
    ('source_code', 'text', 'SELECT source_code FROM mkt.catalogue_source ORDER BY 1 LIMIT 1'),
    ('entropy', 'uuid', $$SELECT '12345678-1234-4234-8234-123456789abc'$$),
    -- the map: a county, a draft, a tile and a shape around a customer
    ('unit', 'integer', 'SELECT min(org_id) FROM mkt.map_outline WHERE org_id = ANY ($1)'), ('version', 'integer', 'SELECT max(version) FROM mkt.map_version'),
    ('org', 'integer', 'SELECT min(org_id) FROM mkt.org WHERE org_id = ANY ($1) AND tier > 2'), ('z', 'integer', 'SELECT 10'),
    ('x', 'integer', 'SELECT floor((ST_X(location) + 180) / 360 * 1024) FROM mkt.customer JOIN mkt.work_order USING (cid) WHERE org_id = ANY ($1) ORDER BY order_id LIMIT 1'),
    ('y', 'integer', 'SELECT floor((1 - asinh(tan(radians(ST_Y(location)))) / pi()) * 512) FROM mkt.customer JOIN mkt.work_order USING (cid) WHERE org_id = ANY ($1) ORDER BY order_id LIMIT 1'),
    (NULL, 'geometry[]', 'SELECT ARRAY[geom] FROM mkt.grid_cell WHERE org_id = ANY ($1) ORDER BY cell_id LIMIT 1'), (NULL, 'jsonb[]', $$SELECT ARRAY['{}'::jsonb]$$), ('ids', 'bigint[]', 'SELECT ARRAY[1]'),
    ('shape', 'text', 'SELECT ST_AsText(ST_Expand(location, 0.1)) FROM mkt.customer JOIN mkt.work_order USING (cid) WHERE org_id = ANY ($1) ORDER BY order_id LIMIT 1'),
    ('shapes', 'text[]', 'SELECT ARRAY[ST_AsText(ST_Expand(location, 0.1))] FROM mkt.customer JOIN mkt.work_order USING (cid) WHERE org_id = ANY ($1) ORDER BY order_id LIMIT 1'),
    ('path', 'text', 'SELECT code FROM mkt.org WHERE org_id = ANY ($1) ORDER BY lft LIMIT 1'),
    -- customers: outside keys, merges, what befalls them
    ('system', 'text', $$SELECT 'phone'$$), ('outside_key', 'text', $$SELECT outside_key FROM mkt.customer_key JOIN mkt.customer USING (cid) JOIN mkt.grid_cell USING (cell_id) WHERE org_id = ANY ($1) AND system_code = 'phone' ORDER BY cid LIMIT 1$$),
    ('keep', 'bigint', 'SELECT min(cid) FROM mkt.work_order WHERE org_id = ANY ($1)'), ('gone', 'bigint', 'SELECT cid FROM mkt.work_order WHERE org_id = ANY ($1) ORDER BY order_id DESC LIMIT 1'),
    ('merge_id', 'bigint', 'SELECT merge_id FROM mkt.customer_merge AS m JOIN mkt.customer AS c ON c.cid = m.keep JOIN mkt.grid_cell USING (cell_id) WHERE org_id = ANY ($1) ORDER BY merge_id LIMIT 1'),
    ('scene', 'text', 'SELECT scene_code FROM mkt.scene_matrix WHERE enabled ORDER BY strategy_id IS NULL, 1 LIMIT 1'), ('ladder', 'text', 'SELECT ladder_code FROM mkt.ladder ORDER BY 1 LIMIT 1'),
    ('offer', 'text', 'SELECT offer_code FROM mkt.offer ORDER BY 1 LIMIT 1'), ('contact_class', 'text', $$SELECT 'marketing'$$), ('channel_code', 'text', $$SELECT 'sms'$$),
    ('team', 'text', 'SELECT code FROM mkt.team WHERE org_id = ANY ($1) ORDER BY team_id LIMIT 1'),
    ('axis', 'text', 'SELECT axis_code FROM mkt.cube_axis ORDER BY ordinal LIMIT 1'), ('axes', 'text[]', 'SELECT ARRAY[min(axis_code)] FROM mkt.cube_axis'), ('strategy_id', 'integer', 'SELECT min(strategy_id) FROM mkt.strategy');

CREATE FUNCTION leak.values_of(parameter text, type regtype, theirs integer[], mine integer[]) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    s      record;
    value  text;
    result text[] := '{}';
BEGIN
    FOR s IN SELECT DISTINCT x.query, t.own, x.ctid FROM leak.sample AS x CROSS JOIN (VALUES (false), (true)) AS t(own)
             WHERE x.type = values_of.type
               AND (x.parameter = values_of.parameter
                    OR x.parameter IS NULL AND NOT EXISTS (SELECT FROM leak.sample AS y WHERE y.parameter = values_of.parameter AND y.type = values_of.type))
             ORDER BY t.own, x.ctid
    LOOP
        EXECUTE s.query INTO value USING CASE WHEN s.own THEN mine ELSE theirs END;
        IF value IS NOT NULL AND value <> ALL (result) THEN result := result || value; END IF;
    END LOOP;
    RETURN result;
END $$;

-- Statements that call a routine: with what is theirs, with what is the
-- caller's, and with each value of each parameter among the caller's.
CREATE FUNCTION leak.calls(routine oid, theirs integer[], mine integer[]) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    p      record;
    a      record;
    names  text[] := '{}';
    types  text[] := '{}';
    lists  jsonb := '[]';
    choice text[];
    n      integer;
BEGIN
    SELECT * INTO p FROM pg_proc WHERE oid = routine;
    FOR a IN
        SELECT x.ordinal, coalesce(p.proargnames[x.place], '') AS name, x.type::regtype AS type, x.ordinal > p.pronargs - p.pronargdefaults AS has_default,
               pg_get_function_arg_default(p.oid, x.place::integer) ~ '^NULL' AS may_be_null
        FROM (SELECT row_number() OVER (ORDER BY t.place) AS ordinal, t.place, t.type
              FROM unnest(coalesce(p.proallargtypes, p.proargtypes::oid[]), coalesce(p.proargmodes, array_fill('i'::"char", ARRAY[p.pronargs::integer])))
                   WITH ORDINALITY AS t(type, mode, place)
              WHERE t.mode IN ('i', 'b', 'v')) AS x
        ORDER BY x.ordinal
    LOOP
        choice := leak.values_of(a.name, a.type, theirs, mine);
        IF choice = '{}' THEN
            CONTINUE WHEN a.has_default;
            IF NOT EXISTS (SELECT FROM leak.sample AS s WHERE s.type = a.type) THEN
                RAISE EXCEPTION 'no sample for parameter % of type %', a.name, a.type;
            END IF;
            choice := ARRAY[NULL::text];
        END IF;
        CONTINUE WHEN a.has_default AND NOT EXISTS (SELECT FROM leak.sample AS s WHERE s.parameter = a.name AND s.type = a.type) AND (a.may_be_null OR a.type <> 'timestamptz'::regtype);
        names := names || a.name;
        types := types || a.type::text;
        lists := lists || jsonb_build_array(to_jsonb(choice));
    END LOOP;
    n := coalesce(cardinality(names), 0);
    RETURN QUERY
        WITH picked AS (
            SELECT array_agg(0 ORDER BY i) AS pick FROM generate_series(0, n - 1) AS i
            UNION
            SELECT array_agg(jsonb_array_length(lists -> i) - 1 ORDER BY i) FROM generate_series(0, n - 1) AS i
            UNION
            SELECT array_agg(CASE WHEN i = j THEN v ELSE jsonb_array_length(lists -> i) - 1 END ORDER BY i)
            FROM generate_series(0, n - 1) AS j CROSS JOIN LATERAL generate_series(0, least(jsonb_array_length(lists -> j) - 1, 2)) AS v CROSS JOIN generate_series(0, n - 1) AS i
            GROUP BY j, v
        )
        SELECT format(CASE p.prokind WHEN 'p' THEN 'CALL %s.%I(%s)' ELSE 'SELECT string_agg(x::text, chr(10) ORDER BY x::text COLLATE "C") FROM %s.%I(%s) AS x' END, p.pronamespace::regnamespace, p.proname,
                      (SELECT string_agg(CASE WHEN names[i + 1] <> '' THEN format('%I => ', names[i + 1]) ELSE '' END || format('%L::%s', lists -> i ->> k.pick[i + 1], types[i + 1]), ', ' ORDER BY i)
                       FROM generate_series(0, n - 1) AS i))
        FROM picked AS k
        ORDER BY 1;
END $$;

-- ---- asking -------------------------------------------------------------
CREATE FUNCTION leak.ask(who name, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
    state  text; message text; detail text; hint text; of_constraint text; of_table text; of_column text; of_type text;
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', who);
    EXECUTE statement INTO answer;
    RAISE EXCEPTION USING ERRCODE = 'LEAK0', MESSAGE = coalesce(answer, 'NULL');
EXCEPTION WHEN OTHERS THEN
    -- the role and all that was done are as before
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT,
        of_constraint = CONSTRAINT_NAME, of_table = TABLE_NAME, of_column = COLUMN_NAME, of_type = PG_DATATYPE_NAME;
    RETURN CASE WHEN state = 'LEAK0' THEN message ELSE 'ERROR ' || concat_ws(' | ', state, message, detail, hint, of_constraint, of_table, of_column, of_type) END;
END $$;

CREATE TABLE leak.sequence AS SELECT c.oid::regclass AS name, pg_sequence_last_value(c.oid) AS last FROM pg_class AS c WHERE c.relkind = 'S' AND c.relnamespace = 'mkt'::regnamespace;
CREATE FUNCTION leak.rewind() RETURNS void LANGUAGE sql AS $$SELECT setval(name, last) FROM leak.sequence WHERE last IS NOT NULL$$;

-- In a session's own function, cheap enough to run before anything else.
CREATE FUNCTION leak.peek(line text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$
BEGIN
    IF line LIKE '%LEAK~%' THEN RAISE EXCEPTION 'peeked at %', line; END IF;
    RETURN true;
END $$;
CREATE FUNCTION leak.plan(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    all_lines text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (ANALYZE, VERBOSE, COSTS OFF, TIMING OFF, SUMMARY OFF) ' || query LOOP all_lines := all_lines || line || chr(10); END LOOP;
    RETURN all_lines;
END $$;

CREATE TABLE leak.question (id integer GENERATED ALWAYS AS IDENTITY, object text, kind text, statement text, answer text);

-- What this login can ask; and what it cannot, noted as covered.
CREATE FUNCTION leak.questions(l leak.login) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    theirs integer[] := (SELECT array_agg(o.org_id) FROM leak.city AS c JOIN mkt.org AS o ON o.lft BETWEEN c.lft AND c.rgt WHERE c.place = l.other);
    mine   integer[] := coalesce((SELECT array_agg(o.org_id) FROM mkt.org AS p JOIN mkt.org AS o ON o.lft BETWEEN p.lft AND p.rgt WHERE p.org_id = l.org_id), theirs);
    r      record;
    columns text;
    one    text;
BEGIN
    TRUNCATE leak.question;
    FOR r IN SELECT * FROM leak.relation ORDER BY name LOOP
        IF r.relkind = 'S' THEN
            INSERT INTO leak.question (object, kind, statement) VALUES (r.name, 'refused', format('SELECT last_value FROM %s', r.name));
        ELSIF NOT has_table_privilege(l.role_name, r.oid, 'SELECT') THEN
            INSERT INTO leak.question (object, kind, statement) VALUES (r.name, 'refused', format('SELECT count(*) FROM %s', r.name));
        ELSE
            INSERT INTO leak.question (object, kind, statement) VALUES
                (r.name, CASE WHEN r.secured OR r.relkind = 'v' THEN 'rows' ELSE 'open rows' END, format('SELECT concat_ws('' '', count(*), sum(hashtextextended(x.line, 0)), bool_or(x.line LIKE ''%%LEAK~%%'')) FROM (SELECT t::text AS line FROM %s AS t OFFSET 0) AS x', r.name));
            IF r.secured OR r.relkind = 'v' THEN
                INSERT INTO leak.question (object, kind, statement) VALUES (r.name, 'peek', format('SELECT count(*) FROM %s AS t WHERE leak.peek(t::text)', r.name));
            END IF;
            IF r.secured THEN
                INSERT INTO leak.question (object, kind, statement) VALUES (r.name, 'plan', format('SELECT leak.plan(%L)', format('SELECT * FROM %s', r.name)));
            END IF;
        END IF;
        IF r.relkind IN ('r', 'p') THEN
            SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum), (array_agg(quote_ident(a.attname) ORDER BY a.attidentity <> '', k.conkey IS NOT NULL, a.attnum DESC))[1] INTO columns, one
            FROM pg_attribute AS a LEFT JOIN pg_constraint AS k ON k.conrelid = r.oid AND k.contype = 'p' AND a.attnum = ANY (k.conkey)
            WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '';
            IF has_table_privilege(l.role_name, r.oid, 'UPDATE') THEN
                INSERT INTO leak.question (object, kind, statement) VALUES
                    (r.name, 'update', format('WITH u AS (UPDATE %s AS t SET %s = t.%s RETURNING t::text AS line) SELECT concat_ws('' '', count(*), max(line)) FROM u', r.name, one, one));
            END IF;
            IF has_table_privilege(l.role_name, r.oid, 'DELETE') THEN
                INSERT INTO leak.question (object, kind, statement) VALUES
                    (r.name, 'delete', format('WITH u AS (DELETE FROM %s AS t RETURNING t::text AS line) SELECT concat_ws('' '', count(*), max(line)) FROM u', r.name));
            END IF;
            IF has_table_privilege(l.role_name, r.oid, 'INSERT') THEN
                INSERT INTO leak.question (object, kind, statement)
                SELECT r.name, 'insert', format('WITH i AS (INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM jsonb_populate_record(NULL::%s, %L) RETURNING 1) SELECT ''inserted '' || count(*) FROM i',
                                                r.name, columns, columns, r.name, h.line)
                FROM leak.hidden AS h WHERE h.relation = r.oid ORDER BY h.line LIMIT 2;
            END IF;
        END IF;
    END LOOP;
    FOR r IN SELECT * FROM leak.routine ORDER BY name LOOP
        IF r.why_not IS NOT NULL OR r.prokind = 'a' THEN
            INSERT INTO leak.covered VALUES (r.name, l.role_name, coalesce(r.why_not, 'an aggregate of the caller''s values'));
        ELSIF NOT has_function_privilege(l.role_name, r.oid, 'EXECUTE') THEN
            INSERT INTO leak.covered VALUES (r.name, l.role_name, 'refused');
        ELSE
            BEGIN
                INSERT INTO leak.question (object, kind, statement) SELECT r.name, 'calls', c FROM leak.calls(r.oid, theirs, mine) AS c;
            EXCEPTION WHEN raise_exception THEN
                INSERT INTO leak.finding VALUES (l.role_name, r.name, NULL, SQLERRM);
            END;
        END IF;
    END LOOP;
    INSERT INTO leak.covered SELECT q.object, l.role_name, string_agg(DISTINCT q.kind || CASE WHEN q.kind = 'calls' THEN ' ' || n ELSE '' END, ', ')
    FROM (SELECT *, count(*) OVER (PARTITION BY object, kind) AS n FROM leak.question) AS q GROUP BY q.object;
END $$;

-- Rows the login may not see: where they are, and some as they are.
CREATE TABLE leak.keep (relation oid, place tid);
CREATE TABLE leak.hidden (relation oid, line jsonb);
GRANT INSERT ON leak.keep TO PUBLIC;
CREATE FUNCTION leak.look_around(who name) RETURNS void LANGUAGE plpgsql AS $$
DECLARE r record;
BEGIN
    TRUNCATE leak.keep, leak.hidden;
    EXECUTE format('SET LOCAL ROLE %I', who);
    FOR r IN SELECT c.oid, c.oid::regclass AS name FROM pg_class AS c WHERE c.relnamespace = 'mkt'::regnamespace AND c.relrowsecurity AND c.relkind = 'r' LOOP
        EXECUTE format('INSERT INTO leak.keep SELECT tableoid, ctid FROM %s', r.name);
    END LOOP;
    RESET ROLE;
    ANALYZE leak.keep;
    FOR r IN SELECT oid, name FROM leak.relation WHERE secured LOOP
        EXECUTE format('INSERT INTO leak.hidden SELECT $1, to_jsonb(t) FROM %s AS t WHERE t.ctid NOT IN (SELECT place FROM leak.keep WHERE relation = $1) LIMIT 3', r.name) USING r.oid;
    END LOOP;
END $$;

-- Free texts of hidden rows become marks: columns no constraint speaks of.
CREATE FUNCTION leak.mark() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    r      record;
    marked integer := 0;
BEGIN
    FOR r IN
        SELECT c.oid, c.name, string_agg(format('%I = ''LEAK~'' || left(%I, 3)', a.attname, a.attname), ', ') AS texts
        FROM leak.relation AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
        WHERE c.secured AND a.atttypid = 'text'::regtype AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
          AND NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conrelid = c.oid AND a.attnum = ANY (k.conkey))
          AND NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.confrelid = c.oid AND a.attnum = ANY (k.confkey))
          AND NOT EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = c.oid AND a.attnum = ANY (i.indkey))
          AND a.attname NOT LIKE '%\_code' AND a.attname NOT IN ('state', 'kind', 'round_id')
        GROUP BY c.oid, c.name
    LOOP
        EXECUTE format('UPDATE %s AS t SET %s WHERE t.ctid NOT IN (SELECT place FROM leak.keep WHERE relation = $1)', r.name, r.texts) USING r.oid;
        marked := marked + 1;
    END LOOP;
    RETURN marked;
END $$;

-- A world in which what the login may not see has never been.
CREATE FUNCTION leak.forget(who name) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    r    record;
    mine mkt.tagmap;
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', who);
    SELECT coalesce(mkt.tagmap_agg(c.cid), '{}') INTO mine FROM mkt.customer AS c;
    RESET ROLE;
    FOR r IN SELECT oid, name FROM leak.relation WHERE secured LOOP
        EXECUTE format('DELETE FROM %s AS t WHERE t.ctid NOT IN (SELECT place FROM leak.keep WHERE relation = $1)', r.name) USING r.oid;
    END LOOP;
    DELETE FROM mkt.tag_block WHERE NOT mine OPERATOR(mkt.&&) members;
    UPDATE mkt.tag_block SET members = members OPERATOR(mkt.&) mine;
    DELETE FROM mkt.tag_change WHERE NOT mine OPERATOR(mkt.&&) flipped;
    UPDATE mkt.tag_change SET flipped = flipped OPERATOR(mkt.&) mine;
END $$;

CREATE FUNCTION leak.answer_all(who name, again boolean) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    q       record;
    answers text[] := '{}';
BEGIN
    FOR q IN SELECT * FROM leak.question ORDER BY id LOOP
        IF again AND q.kind IN ('refused', 'insert', 'peek', 'plan', 'open rows') THEN
            answers := answers || NULL::text;       -- what is wrong with these shows the first time
            CONTINUE;
        END IF;
        IF q.kind = 'calls' THEN PERFORM leak.rewind(); END IF;
        answers := answers || coalesce(leak.ask(who, q.statement), 'NULL');
    END LOOP;
    RETURN answers;
END $$;

CREATE FUNCTION leak.try(l leak.login) RETURNS SETOF leak.finding LANGUAGE plpgsql AS $$
DECLARE
    before text[];
    after  text[];
    marked integer;
BEGIN
    PERFORM leak.look_around(l.role_name);
    PERFORM leak.questions(l);
    BEGIN
        PERFORM set_config('session_replication_role', 'replica', true);
        marked := leak.mark();
        PERFORM set_config('session_replication_role', 'origin', true);
        before := leak.answer_all(l.role_name, false);
        PERFORM set_config('session_replication_role', 'replica', true);
        PERFORM leak.forget(l.role_name);
        PERFORM set_config('session_replication_role', 'origin', true);
        after := leak.answer_all(l.role_name, true);
        RAISE EXCEPTION USING ERRCODE = 'LEAK1';
    EXCEPTION WHEN SQLSTATE 'LEAK1' THEN
        NULL;                                       -- the world is as before, what was learned is kept
    END;
    IF marked < 10 THEN
        RETURN QUERY SELECT l.role_name, 'leak.mark()'::text, NULL::text, format('only %s tables could be marked', marked);
    END IF;
    RETURN QUERY
        SELECT l.role_name, q.object, q.statement,
               CASE WHEN a.b LIKE '%LEAK~%' OR q.kind LIKE '%rows' AND a.b LIKE '% t' THEN 'shows a hidden text: ' || left(a.b, 300)
                    WHEN q.kind = 'refused' THEN 'is not refused: ' || left(a.b, 300)
                    WHEN q.kind = 'insert' THEN 'takes a row of another branch: ' || left(a.b, 300)
                    ELSE format(E'depends on hidden rows:\n    %s\n    %s', left(a.b, 300), left(a.a, 300)) END
        FROM (SELECT *, row_number() OVER (ORDER BY id) AS place FROM leak.question) AS q
        JOIN unnest(before, after) WITH ORDINALITY AS a(b, a, place) USING (place)
        WHERE CASE q.kind WHEN 'refused' THEN a.b NOT LIKE 'ERROR 42501%' WHEN 'insert' THEN a.b NOT LIKE 'ERROR %' WHEN 'plan' THEN false WHEN 'open rows' THEN false WHEN 'peek' THEN a.b LIKE 'ERROR%' ELSE a.b <> a.a END
           OR a.b LIKE '%LEAK~%' OR q.kind LIKE '%rows' AND a.b LIKE '% t';
END $$;
SELECT leak.rewind() \g /dev/null
INSERT INTO leak.finding SELECT f.* FROM leak.login AS l, LATERAL leak.try(l) AS f;

SELECT is_empty($$SELECT f.login, f.object, f.statement, f.what FROM leak.finding AS f WHERE NOT EXISTS (SELECT FROM leak.known AS k WHERE f.object ~ k.pattern)$$, 'nothing leaks');
-- what the planner has seen of guarded tables, and COPY
SELECT is(leak.ask('leak_admin', $$SELECT (SELECT count(*) FROM pg_stats AS s JOIN pg_class AS c ON c.oid = format('%I.%I', s.schemaname, s.tablename)::regclass WHERE c.relnamespace = 'mkt'::regnamespace AND c.relrowsecurity)
                                               + (SELECT count(*) FROM pg_stats_ext WHERE schemaname = 'mkt')$$), '0', 'statistics of guarded tables are hidden');
SELECT isnt(leak.ask('leak_admin', $$SELECT count(*) FROM pg_stats WHERE tablename = 'org'$$), '0', 'those of open ones are not');
SELECT matches(leak.ask('leak_admin', 'SELECT count(*) FROM pg_statistic'), '^ERROR 42501', 'nor is there a way round');
SELECT is_empty($$SELECT p.oid::regprocedure FROM pg_proc AS p WHERE p.pronamespace = 'mkt'::regnamespace AND p.proleakproof AND p.provolatile <> 'i'$$, 'no function of ours that reads a table may run before a policy');
SELECT is_empty($$SELECT r.name, l.role_name FROM (SELECT name FROM leak.relation UNION ALL SELECT name FROM leak.routine) AS r CROSS JOIN leak.login AS l
                  WHERE NOT EXISTS (SELECT FROM leak.covered AS c WHERE c.object = r.name AND c.login = l.role_name)$$, 'every object is covered, for every login');
-- COPY of a guarded table gives what a query gives
CREATE TABLE leak.copied (line text);
CREATE TABLE leak.rows_seen AS SELECT 0::bigint AS n;
DO $$
DECLARE r record; rows bigint; total bigint := 0;
BEGIN
    SET LOCAL ROLE leak_admin;
    FOR r IN SELECT c.oid::regclass AS name FROM pg_class AS c WHERE c.relnamespace = 'mkt'::regnamespace AND c.relrowsecurity AND has_table_privilege(c.oid, 'SELECT') LOOP
        EXECUTE format('SELECT count(*) FROM %s', r.name) INTO rows;
        total := total + rows;
    END LOOP;
    RESET ROLE;
    UPDATE leak.rows_seen SET n = total;
END $$;
SET LOCAL ROLE leak_admin;
\o copied_by_leak_admin.txt
SELECT format('COPY %s TO STDOUT', c.oid::regclass) FROM pg_class AS c WHERE c.relnamespace = 'mkt'::regnamespace AND c.relrowsecurity AND has_table_privilege(c.oid, 'SELECT') \gexec
\o
RESET ROLE;
\copy leak.copied FROM 'copied_by_leak_admin.txt' (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02')
\! rm -f copied_by_leak_admin.txt
SELECT is((SELECT count(*) FROM leak.copied), (SELECT n FROM leak.rows_seen), 'COPY copies the rows one sees');
SELECT * FROM finish();
\if :{?list}
SELECT c.object, c.how, string_agg(c.login, ', ' ORDER BY c.login) AS logins FROM leak.covered AS c GROUP BY 1, 2 ORDER BY 1, 2;
\endif
ROLLBACK;
