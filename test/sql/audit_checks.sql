-- audit_checks: the books balance on a small platform, and every check that
-- ships finds what it is for when the books are made wrong
\set ECHO none
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO';
INSERT INTO mkt.org (org_id, parent_id, tier, code, name, name_zh)
SELECT t, nullif(t - 1, 0), t, 'U' || t, 'Unit ' || t, '单元' || t FROM generate_series(1, 7) AS t;
INSERT INTO mkt.staff (staff_id, code, name, name_zh, post_code, org_id) VALUES (1, 'S1', 'Wang Fang', '王芳', 'field_manager', 7);
INSERT INTO mkt.grid_cell (cell_id, code, name, name_zh, kind, grid_id, org_id, geom, area_km2)
VALUES (1, 'C1', 'Cell 1', '小区1', 'community', 5, 7, ST_Multi(ST_MakeEnvelope(0, 0, 1, 1, 4326)), 1);
INSERT INTO mkt.hall (code, name, name_zh, org_id, cell_id, location)
VALUES ('H1', 'Hall 1', '一号厅', 5, 1, ST_SetSRID(ST_MakePoint(0.5, 0.5), 4326));
INSERT INTO mkt.customer (cid, customer_key, net, cell_id)
SELECT c, 'K' || c, 'own', CASE WHEN c < 9 THEN 1 END FROM generate_series(0, 9) AS c;      -- 9 is outside every grid
INSERT INTO mkt.product (product_code, type_code, family, name, name_zh, business, price) VALUES
    ('fiber', 'home_internet', 'broadband', 'Fibre 1000M', '千兆宽带', 'broadband', 99),
    ('phone', 'terminal', 'terminal', '5G phone', '5G手机', 'terminal', 1999);
INSERT INTO mkt.org (org_id, parent_id, tier, code, name, name_zh) VALUES (8, 6, 7, 'U8', 'Unit 8', '单元8');
INSERT INTO mkt.staff (staff_id, code, name, name_zh, post_code, org_id) VALUES (2, 'S2', 'Li Na', '李娜', 'field_manager', 8);
INSERT INTO mkt.grid_cell (cell_id, code, name, name_zh, kind, grid_id, org_id, geom, area_km2)
VALUES (2, 'C2', 'Cell 2', '小区2', 'rural', 5, 8, ST_Multi(ST_MakeEnvelope(1, 0, 2, 1, 4326)), 1);
UPDATE mkt.customer SET cell_id = 2 WHERE cid IN (7, 8);
INSERT INTO mkt.offer (offer_code, product_code, name, name_zh, value, valid_from) VALUES ('O1', 'fiber', 'Fibre', '宽带', 300, '2026-01-01');
INSERT INTO mkt.strategy (strategy_id, code, family_code, name, name_zh, kind_code, status) VALUES (1, 's1', 'acquire', 'S', '策略', 'growth', 'published');
INSERT INTO mkt.strategy_version (strategy_id, version, eligibility, offer_code, sla_days, valid_from) VALUES (1, 1, 'live', 'O1', 3, '2026-01-01');
INSERT INTO mkt.strategy_channel (strategy_id, rank, channel_code) VALUES (1, 1, 'grid');
INSERT INTO mkt.contact_cap (name, name_zh, max_contacts, span, clock) VALUES ('Week', '每周', 1, '7 days', 'rolling');
SELECT count(*) AS tags FROM mkt.tag_refresh(as_of => '2026-11-01');
SELECT mkt.round_open('r', 'R', '轮次', '2026-11-02 08:00', ARRAY['s1']) AS strategies;
CALL mkt.deploy('r', '2026-11-02 08:05');
SELECT count(*) AS claimed FROM mkt.claim(1, 5, '2026-11-02 09:00');
SELECT r.* FROM mkt.work_order AS w, mkt.report(w.order_id, CASE w.cid WHEN 0 THEN 'accepted' WHEN 1 THEN 'no_answer' ELSE 'call_back' END, 'q' || w.cid, as_of => '2026-11-02 10:00') AS r
WHERE w.state = 'accepted' AND w.cid < 3 ORDER BY w.cid;
SELECT mkt.code_create('shop', 'H1', 'store', entropy => '00000000-0000-4000-8000-000000000001', as_of => '2026-11-01') AS shop \gset
SELECT mkt.coupon_batch_create('B1', 'Fibre 20', '宽带立减', 'fiber', 20, 9, 2, '2026-11-01', '2026-12-01') AS batch;
SELECT count(mkt.coupon_claim(i.code, (i.n - 1)::bigint, '2026-11-02 09:30')) AS claimed
FROM mkt.coupon_issue('B1', 3, 'q', 'S1', 7, '00000000-0000-4000-8000-000000000001', '2026-11-01') WITH ORDINALITY AS i(code, n);
SELECT count(mkt.coupon_share(c, 'S1', 'Li', '2026-11-02')) AS shared
FROM mkt.coupon_issue('B1', 1, 'q2', 'S1', 7, '00000000-0000-4000-8000-000000000002', '2026-11-01') AS c;
SELECT mkt.order_place('A1', 0, 'fiber', 'fixed', 'field', work_order_id => (SELECT order_id FROM mkt.work_order WHERE cid = 0), code => :'shop',
                       coupon => (SELECT coupon_code FROM mkt.coupon WHERE cid = 0), as_of => '2026-11-02 10:05') IS NOT NULL AS placed;
SELECT mkt.snapshot_take('kept', 'all', 'Kept', '留存', '2026-11-02') AS kept;
SELECT mkt.order_advance('A1', 'accepted', '2026-11-02 10:06', true), mkt.order_advance('A1', 'landed', '2026-11-02 10:07');
SELECT mkt.code_scan('q', :'shop', 'scan', 3, as_of => '2026-11-02 11:00') IS NOT NULL AS scanned;

-- break_book(check, statement): makes the books wrong, asks that check, takes it all back
CREATE TABLE tested (check_name text);
CREATE FUNCTION break_book(check_name text, statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    found text[];
BEGIN
    BEGIN
        SET LOCAL session_replication_role = replica;       -- no triggers, no foreign keys: a wrong book cannot be written otherwise
        EXECUTE statement;
        found := ARRAY(SELECT a.check_name || ': ' || a.detail FROM mkt.audit(break_book.check_name) AS a ORDER BY 1);
        RAISE EXCEPTION USING ERRCODE = 'XX999';
    EXCEPTION WHEN SQLSTATE 'XX999' THEN
        NULL;
    END;
    INSERT INTO tested VALUES (check_name);
    IF found = '{}' THEN
        RETURN NEXT check_name || ' found nothing after ' || statement;
    END IF;
    RETURN QUERY SELECT f FROM unnest(found) AS f;
END $$;
\set ECHO all
SELECT (SELECT count(*) FROM mkt.work_order) AS work_orders, (SELECT count(*) FROM mkt.contact) AS contacts,
       (SELECT count(*) FROM mkt.coupon) AS coupons, (SELECT count(*) FROM mkt.sales_order) AS sales_orders;
SELECT * FROM mkt.audit();

SELECT break_book('org_nested', 'UPDATE mkt.org SET rgt = 99 WHERE org_id = 7');
SELECT break_book('org_nested', 'UPDATE mkt.org SET lft = (SELECT lft FROM mkt.org WHERE org_id = 7), rgt = (SELECT rgt FROM mkt.org WHERE org_id = 7) WHERE org_id = 8');
SELECT break_book('org_history', 'UPDATE mkt.org_history SET parent_id = 5 WHERE org_id = 8');
SELECT break_book('org_history', 'UPDATE mkt.org_history SET name_zh = ''旧'' WHERE org_id = 7');
SELECT break_book('org_history', 'DELETE FROM mkt.staff_history WHERE staff_id = 1');
SELECT break_book('org_closed', 'UPDATE mkt.org SET valid_to = ''2026-12-01'' WHERE org_id = 7');
SELECT break_book('cell_served', 'UPDATE mkt.org SET lft = 50, rgt = 50 WHERE org_id = 7');
SELECT break_book('cell_ports', 'INSERT INTO mkt.network_resource (code, kind_code, name, name_zh, cell_id, capacity, used) VALUES (''B1'', ''splitter'', ''Box'', ''分光箱'', 1, 64, 8)');
SELECT break_book('merged_empty', 'UPDATE mkt.customer SET live = false, merged_into = 1 WHERE cid = 0');
SELECT break_book('fact_unit', 'UPDATE mkt.sales_order SET org_id = 5');
SELECT break_book('fact_unit', 'UPDATE mkt.contact SET org_id = 77 WHERE cid = 1');
SELECT break_book('order_log', 'UPDATE mkt.work_order SET state = ''refused'' WHERE cid = 0');
SELECT break_book('order_log', 'UPDATE mkt.work_order SET state = ''accepted'' WHERE cid = 7');
SELECT break_book('order_log', 'DELETE FROM mkt.work_order_log WHERE to_state = ''contacting'' AND order_id = (SELECT order_id FROM mkt.work_order WHERE cid = 0)');
SELECT break_book('order_log', 'UPDATE mkt.work_order SET attempts = 9 WHERE cid = 0');
SELECT break_book('order_closed', 'UPDATE mkt.work_order SET closed_at = NULL WHERE cid = 0');
SELECT break_book('order_person', 'UPDATE mkt.staff SET active = false WHERE staff_id = 1');
SELECT break_book('order_contact', 'DELETE FROM mkt.contact WHERE cid = 0');
SELECT break_book('order_contact', 'UPDATE mkt.contact SET channel_code = ''sms'' WHERE cid = 1');
SELECT break_book('order_contact', 'UPDATE mkt.contact SET state = ''released'', sent_at = NULL, released_at = ''2026-11-02'' WHERE cid IN (0, 3)');
SELECT break_book('order_contact', 'UPDATE mkt.contact SET state = ''reserved'', released_at = NULL WHERE cid = 1');
SELECT break_book('order_contact', 'UPDATE mkt.contact SET responded = false WHERE cid = 0');
SELECT break_book('order_contact', 'UPDATE mkt.contact SET order_id = 999 WHERE cid = 5');
SELECT break_book('channel_load', 'UPDATE mkt.channel_load SET contacts = contacts + 1 WHERE ctid = (SELECT min(ctid) FROM mkt.channel_load)');
SELECT break_book('contact_cap', 'INSERT INTO mkt.contact (cid, channel_code, family, state, reserved_at, sent_at) VALUES (0, ''sms'', ''terminal'', ''sent'', ''2026-11-05'', ''2026-11-05'')');
SELECT break_book('contact_control', 'INSERT INTO mkt.holdout (name, salt, bucket_from, bucket_to, valid_from) VALUES (''All'', ''s'', 0, 10000, ''2026-11-01'')') LIMIT 1;
SELECT break_book('contact_control', 'UPDATE mkt.strategy_version SET control_share = 1') LIMIT 1;
SELECT break_book('contact_control', 'UPDATE mkt.contact SET state = ''virtual'' WHERE cid = 6');
SELECT break_book('round_limit', 'UPDATE mkt.work_order SET cid = 1, strategy_id = 2 WHERE cid = 2');
SELECT break_book('round_total', 'DELETE FROM mkt.work_order WHERE cid = 6');
SELECT break_book('code_alive', 'INSERT INTO mkt.code (code, kind, target, created_at) VALUES (''2222222222222'', ''shop'', ''H1'', ''2026-11-05'')');
SELECT break_book('coupon_total', 'DELETE FROM mkt.coupon WHERE cid = 1');
SELECT break_book('coupon_total', 'UPDATE mkt.coupon SET cid = 1, holding = cid + 2 WHERE holding IS NOT NULL');
SELECT break_book('coupon_order', 'UPDATE mkt.sales_order SET coupon_code = NULL');
SELECT break_book('coupon_order', 'UPDATE mkt.sales_order SET cid = 1');
SELECT break_book('coupon_order', 'UPDATE mkt.coupon SET state = ''claimed'', redeemed_at = NULL, redeem_request = NULL, sales_order_id = NULL WHERE state = ''redeemed''');
SELECT break_book('coupon_chain', 'UPDATE mkt.coupon SET first_issuer = ''S2''');
SELECT break_book('sales_order_steps', 'UPDATE mkt.sales_order SET landed_at = NULL');
SELECT break_book('sales_order_steps', 'UPDATE mkt.sales_order SET placed_at = ''2026-11-03''');
SELECT break_book('sales_order_work', 'UPDATE mkt.sales_order SET cid = 1');
SELECT break_book('rollup_true', 'UPDATE mkt.rollup_cell SET open = open + 1');
SELECT break_book('tag_members', 'UPDATE mkt.tag SET members = 3 WHERE code = ''live''');
SELECT break_book('snapshot_intact', 'UPDATE mkt.tag_block SET members = ''{9}'' WHERE tag_id < 0');
SELECT break_book('tag_slices', 'UPDATE mkt.tag SET slices = 0 WHERE code = ''cell''');
SELECT break_book('tag_slices', 'UPDATE mkt.tag_block SET members = ''{9}'' WHERE slice = 1 AND tag_id = (SELECT tag_id FROM mkt.tag WHERE code = ''cell'')');
SELECT break_book('tag_universe', 'DELETE FROM mkt.customer WHERE cid = 9');

-- every check that ships was broken above, and nothing stayed broken
SELECT c.check_name AS not_tested FROM mkt.audit_check AS c WHERE c.check_name NOT IN (SELECT check_name FROM tested);
SELECT count(*) AS breaches FROM mkt.audit();

-- a check of one's own, switched off, asked by name; an unknown one
INSERT INTO mkt.audit_check (check_name, name_zh, promise, query) VALUES ('own', '自定义', 'Nobody lives outside every grid.',
    'SELECT format(''customer %s is outside'', c.cid) FROM mkt.customer AS c WHERE c.cell_id IS NULL');
SELECT * FROM mkt.audit();
UPDATE mkt.audit_check SET enabled = false WHERE check_name = 'own';
SELECT count(*) AS breaches FROM mkt.audit();
SELECT * FROM mkt.audit('own');
SELECT * FROM mkt.audit('teapot');
INSERT INTO mkt.audit_check (check_name, name_zh, promise, query) VALUES ('bad', '坏', 'Bad.', 'DROP TABLE mkt.contact');
