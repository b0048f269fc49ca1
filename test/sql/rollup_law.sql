-- rollup_law: the roll-ups say what a pass over the ledgers says, whatever is done to the ledgers
\set SHOW_CONTEXT never
SET search_path = mkt, public;
SET client_min_messages = warning;
\getenv seed SEED
\if :{?seed}
\else
\set seed 20261121
\endif
\echo seed :seed
SELECT setseed(:seed % 1000 / 1000.0) IS NOT NULL AS seeded;

-- two cities of two individuals each, four cells and a person for each, one hidden round
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh)
SELECT * FROM (VALUES (1, NULL, 1, 'P', 'P', '省'), (2, 1, 2, 'A', 'A', '甲'), (3, 1, 2, 'B', 'B', '乙')) AS o(org_id, parent_id, tier, code, name, name_zh);
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh)
SELECT t * 10 + c, CASE t WHEN 3 THEN c ELSE (t - 1) * 10 + c END, t, 'U' || t || c, 'U', '单位'
FROM generate_series(3, 6) AS t, generate_series(2, 3) AS c ORDER BY t, c;
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh)
SELECT 100 + n, 62 + n % 2, 7, 'I' || n, 'I', '兵' FROM generate_series(0, 3) AS n;
INSERT INTO staff (staff_id, code, name, name_zh, post_code, org_id) SELECT n, 'S' || n, 'S', '人', 'field_manager', 100 + n FROM generate_series(0, 3) AS n;
INSERT INTO grid_cell (cell_id, code, name, name_zh, kind, grid_id, org_id, geom, area_km2)
SELECT n, 'C' || n, 'C', '格', 'rural', 52 + n % 2, 100 + n, ST_Multi(ST_MakeEnvelope(n, 0, n + 1, 1, 4326)), 1 FROM generate_series(0, 3) AS n;
INSERT INTO product (product_code, type_code, family, name, name_zh, business, price, owner_org, core) VALUES ('p', 'plan', 'p', 'Plan', '套餐', 'plan', 100, 1, true);
INSERT INTO offer (offer_code, product_code, name, name_zh, value, cost, valid_from) VALUES ('o', 'p', 'Offer', '优惠', 120, 10, '2026-01-01');
INSERT INTO strategy (strategy_id, code, family_code, name, name_zh, kind_code, status) VALUES (1, 'keep', 'retain', 'Keep', '维系', 'stock', 'published');
INSERT INTO strategy_version (strategy_id, version, eligibility, offer_code, sla_days, valid_from) VALUES (1, 1, 'live', 'o', 7, '2026-01-01');
INSERT INTO round (round_id, name, name_zh, as_of, state, opened_at, published_at)
SELECT 'R' || n, 'Round', '轮', '2026-11-02', CASE n WHEN 3 THEN 'deploying' ELSE 'published' END, '2026-11-02', CASE n WHEN 3 THEN NULL ELSE timestamptz '2026-11-02' END
FROM generate_series(1, 3) AS n;
INSERT INTO round_strategy (round_id, strategy_id, version) SELECT 'R' || n, 1, 1 FROM generate_series(1, 3) AS n;

CREATE FUNCTION pg_temp.pick(n integer) RETURNS integer LANGUAGE sql VOLATILE RETURN floor(random() * n)::integer;

-- one statement of a kind that occurs, over some rows
CREATE PROCEDURE pg_temp.act(kind integer) LANGUAGE plpgsql AS $$
DECLARE
    chosen bigint[] := ARRAY(SELECT pg_temp.pick(200) FROM generate_series(1, 1 + pg_temp.pick(15)));
BEGIN
    CASE kind
    WHEN 0 THEN INSERT INTO mkt.customer (cid, customer_key, net, cell_id, live)
                SELECT DISTINCT s, 'K' || s, (ARRAY['own', 'off'])[1 + pg_temp.pick(2)], nullif(pg_temp.pick(5), 4), random() < 0.9 FROM unnest(chosen) AS s ON CONFLICT DO NOTHING;
    WHEN 1 THEN INSERT INTO mkt.customer_profile AS f (cid, tenure_months, churned, churn_score, monthly_charges)
                SELECT DISTINCT ON (c.cid) c.cid, nullif(pg_temp.pick(40), 0), random() < 0.2, CASE WHEN random() < 0.8 THEN round(random()::numeric, 4) END, pg_temp.pick(9999) / 100.0
                FROM mkt.customer AS c WHERE c.cid = ANY (chosen)
                ON CONFLICT ON CONSTRAINT customer_profile_pkey DO UPDATE SET (tenure_months, churned, churn_score, monthly_charges) = (excluded.tenure_months, excluded.churned, excluded.churn_score, excluded.monthly_charges);
    WHEN 2 THEN UPDATE mkt.customer SET cell_id = nullif(pg_temp.pick(5), 4), net = (ARRAY['own', 'off'])[1 + pg_temp.pick(2)], live = random() < 0.9 WHERE cid = ANY (chosen);
    WHEN 3 THEN DELETE FROM mkt.customer_profile WHERE cid = ANY (chosen);
    WHEN 4 THEN INSERT INTO mkt.work_order (round_id, strategy_id, version, cid, kind_code, channel_code, offer_code, org_id, cell_id, staff_id,
                                            state, p, value, context, lever, score, issued_at, due_at, state_at)
                SELECT 'R' || 1 + pg_temp.pick(3), 1, 1, c.cid, 'stock', (ARRAY['grid', 'sms'])[1 + pg_temp.pick(2)], 'o', nullif(100 + pg_temp.pick(5), 104), c.cell_id, pg_temp.pick(4),
                       'issued', 1, pg_temp.pick(9999) / 100.0, 1, 1, 1, '2026-11-02', timestamptz '2026-11-09' + pg_temp.pick(2) * interval '1 day', '2026-11-02'
                FROM mkt.customer AS c WHERE c.cid = ANY (chosen) ON CONFLICT DO NOTHING;
    WHEN 5 THEN UPDATE mkt.work_order AS o SET state = t.to_state, attempts = pg_temp.pick(3), state_at = o.state_at + interval '1 minute',
                       outcome = (ARRAY['accepted', 'too_expensive', 'no_answer', 'call_back', NULL])[1 + pg_temp.pick(5)]
                FROM (SELECT DISTINCT ON (w.order_id) w.order_id, x.to_state FROM mkt.work_order AS w JOIN mkt.order_transition AS x ON x.from_state = w.state
                      WHERE w.cid = ANY (chosen) ORDER BY w.order_id, random()) AS t
                WHERE t.order_id = o.order_id;
    WHEN 6 THEN UPDATE mkt.work_order SET staff_id = pg_temp.pick(4), org_id = 100 + pg_temp.pick(4), due_at = due_at + interval '1 day', value = value + 1 WHERE cid = ANY (chosen);
    WHEN 7 THEN DELETE FROM mkt.work_order AS o WHERE o.cid = ANY (chosen[1:2]) AND NOT EXISTS (SELECT FROM mkt.work_order_log AS l WHERE l.order_id = o.order_id);
    WHEN 8 THEN INSERT INTO mkt.sales_order (order_key, cid, org_id, product_code, sale_scene, flow, amount, placed_at)
                SELECT gen_random_uuid(), c.cid, nullif(100 + pg_temp.pick(5), 104), 'p', 'field', 'fixed', pg_temp.pick(99999) / 100.0, '2026-11-03' FROM mkt.customer AS c WHERE c.cid = ANY (chosen);
    WHEN 9 THEN UPDATE mkt.sales_order SET state = 'cancelled', cancelled_at = '2026-11-04' WHERE cid = ANY (chosen);
    WHEN 10 THEN DELETE FROM mkt.sales_order WHERE cid = ANY (chosen[1:2]);
    WHEN 11 THEN PERFORM mkt.rollup_fold(1 + pg_temp.pick(100));
    WHEN 12 THEN UPDATE mkt.round SET published_at = '2026-11-03', state = 'published' WHERE round_id = 'R3' AND random() < 0.2;
    END CASE;
END
$$;

-- 400 statements, one in ten taken back; after each ten everything agrees
CREATE FUNCTION pg_temp.run(OUT statements integer, OUT taken_back integer, OUT wrong bigint) LANGUAGE plpgsql AS $$
BEGIN
    statements := 0; taken_back := 0; wrong := 0;
    FOR n IN 1 .. 400 LOOP
        BEGIN
            CALL pg_temp.act(pg_temp.pick(13));
            statements := statements + 1;
            IF random() < 0.1 THEN RAISE SQLSTATE 'MK001'; END IF;
        EXCEPTION WHEN SQLSTATE 'MK001' THEN
            taken_back := taken_back + 1;
        END;
        IF n % 10 = 0 THEN wrong := wrong + (SELECT count(*) FROM mkt.rollup_difference()); END IF;
    END LOOP;
END
$$;
SELECT statements, taken_back > 0 AS some_taken_back, wrong FROM pg_temp.run();
SELECT count(*) > 30 AS orders, count(*) FILTER (WHERE state NOT IN ('issued', 'accepted')) > 10 AS moved_on FROM work_order;
SELECT count(*) > 50 AS sales, count(*) FILTER (WHERE state = 'cancelled') > 5 AS cancelled FROM sales_order;
SELECT bool_and(live IS NOT NULL) AND count(*) > 100 AS customers, (SELECT count(*) > 20 FROM customer_profile) AS profiles FROM customer;

-- folding changes no figure and leaves one row of a key
CREATE TEMP TABLE before AS SELECT * FROM mkt_cockpit.command_tier_progress;
CREATE TEMP TABLE map_before AS SELECT * FROM mkt_cockpit.command_battle_map;
SELECT rollup_fold() > 0 AS folded;
SELECT rollup_fold() AS nothing_left;
SELECT count(*) AS unfolded FROM (SELECT folded FROM rollup_staff UNION ALL SELECT folded FROM rollup_strategy UNION ALL SELECT folded FROM rollup_cell
                                  UNION ALL SELECT folded FROM rollup_customer) AS f WHERE NOT f.folded;
SELECT count(*) AS same_rounds FROM rollup_staff AS f JOIN round AS r USING (round_id) WHERE r.published_at IS NOT NULL;
SELECT count(*) AS changed FROM (TABLE before EXCEPT TABLE mkt_cockpit.command_tier_progress) AS d;
SELECT count(*) AS changed FROM (TABLE map_before EXCEPT TABLE mkt_cockpit.command_battle_map) AS d;

-- the cockpit's unit says what the ledger says
SELECT (SELECT (issued, contacted, succeeded, overdue, open) FROM mkt_cockpit.command_tier_progress WHERE tier = 1)
     = (SELECT (count(*), count(*) FILTER (WHERE contacted), count(*) FILTER (WHERE succeeded), count(*) FILTER (WHERE overdue), count(*) FILTER (WHERE open))
        FROM _order_progress WHERE org_id IS NOT NULL) AS province_agrees;
SELECT bool_and((m.own_customers, m.off_customers, m.sales_orders, m.sales_yuan) = (c.own, c.off, s.n, s.yuan)) AND count(*) = 4 AS map_agrees
FROM mkt_cockpit.command_battle_map AS m
CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE net = 'own') AS own, count(*) FILTER (WHERE net = 'off') AS off FROM customer AS c WHERE c.cell_id = m.cell_id AND c.live) AS c
CROSS JOIN LATERAL (SELECT count(*) AS n, coalesce(sum(amount), 0) AS yuan FROM sales_order AS s WHERE s.cell_id = m.cell_id AND s.state <> 'cancelled') AS s;

-- a branch: the same law on the rows it sees
CREATE ROLE rollup_law_branch;
SELECT grant_access('rollup_law_branch', 'branch_admin', 2);
SET ROLE rollup_law_branch;
SELECT count(*) AS wrong FROM rollup_difference();
SELECT (SELECT sum(issued) FROM mkt_cockpit.command_task_list) = (SELECT count(*) FROM _order_progress) AS tasks_agree, count(*) > 0 AS has_tasks FROM _order_progress;
SELECT count(*) FILTER (WHERE org_id IS NULL OR org_id NOT IN (SELECT my_orgs())) AS foreign_rows FROM (SELECT org_id FROM rollup_staff UNION ALL SELECT org_id FROM rollup_strategy UNION ALL SELECT org_id FROM rollup_cell) AS f;
SELECT count(*) AS foreign_cells FROM rollup_customer WHERE cell_id IS NULL OR cell_id NOT IN (SELECT my_cells());
INSERT INTO rollup_staff (org_id, staff_id, issued, accepted, contacted, succeeded, refused, unreachable, overdue, open) VALUES (100, 0, 1, 0, 0, 0, 0, 0, 0, 0);
SELECT rollup_fold();
RESET ROLE;
DROP OWNED BY rollup_law_branch;
DELETE FROM access_grant;
DROP ROLE rollup_law_branch;

-- damage is found, named, and repaired
UPDATE rollup_cell SET open = open + 7 WHERE cell_id = 1 AND org_id = 101;
DELETE FROM rollup_customer WHERE cell_id = 2;
SELECT table_name, key FROM rollup_difference() ORDER BY 1, 2;
SELECT count(*) AS breaches FROM audit() WHERE check_name = 'rollup_true';
SELECT rollup_rebuild();
SELECT count(*) AS wrong FROM rollup_difference();
-- what was loaded with the triggers off
SET session_replication_role = replica;
UPDATE customer SET net = 'own';
RESET session_replication_role;
SELECT count(*) > 0 AS behind FROM rollup_difference();
SELECT rollup_rebuild();
SELECT count(*) AS wrong FROM rollup_difference();
TRUNCATE customer_profile;
SELECT count(*) AS wrong FROM rollup_difference();

-- refused
SELECT rollup_fold(0);
\echo :LAST_ERROR_SQLSTATE
SELECT rollup_fold(NULL);
