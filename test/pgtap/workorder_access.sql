-- workorder_access: what a branch and its front line may do with tasks, and
-- what they may not (S0-052, S3-012, semantics B10, J). Each caller is a role
-- set up by grant_access(), nothing else.
SET client_min_messages = warning;
BEGIN;
SELECT plan(20);
-- two branches below two counties, each with a person, a cell and ten customers
INSERT INTO mkt.org (org_id, parent_id, tier, code, name, name_zh)
SELECT t, nullif(t - 1, 0), t, 'A' || t, 'Unit', '单元' FROM generate_series(1, 7) AS t;
INSERT INTO mkt.org (org_id, parent_id, tier, code, name, name_zh)
SELECT 10 + t, CASE t WHEN 3 THEN 2 ELSE 9 + t END, t, 'B' || t, 'Unit', '单元' FROM generate_series(3, 7) AS t;
INSERT INTO mkt.staff (staff_id, code, name, name_zh, post_code, org_id) VALUES
    (1, 'S1', 'Wang Fang', '王芳', 'field_manager', 7), (2, 'S2', 'Li Wei', '李伟', 'field_manager', 17);
INSERT INTO mkt.grid_cell (cell_id, code, name, name_zh, kind, grid_id, org_id, geom, area_km2)
SELECT n, 'C' || n, 'Cell', '小区', 'community', 10 * n - 5, 10 * n - 3, ST_Multi(ST_MakeEnvelope(n, 0, n + 1, 1, 4326)), 1 FROM generate_series(1, 2) AS n;
INSERT INTO mkt.customer (cid, customer_key, net, cell_id) SELECT c, 'K' || c, 'own', 1 + c % 2 FROM generate_series(1, 20) AS c;
SELECT mkt.tag_refresh() \g /dev/null
INSERT INTO mkt.product (product_code, type_code, family, name, name_zh, business, price) VALUES ('p', 'plan', 'plan', 'x', 'x', 'plan', 1);
INSERT INTO mkt.offer (offer_code, product_code, name, name_zh, value, valid_from) VALUES ('o', 'p', 'x', 'x', 10, '2026-01-01');
INSERT INTO mkt.strategy (strategy_id, code, family_code, name, name_zh, kind_code, status) VALUES (1, 's', 'retain', 'x', 'x', 'stock', 'published');
INSERT INTO mkt.strategy_version (strategy_id, version, eligibility, offer_code, sla_days, valid_from) VALUES (1, 1, 'live', 'o', 7, '2026-01-01');
INSERT INTO mkt.strategy_channel VALUES (1, 1, 'grid'), (1, 2, 'sms');
INSERT INTO mkt.contact_cap (name, name_zh, max_contacts, span, clock) VALUES ('x', 'x', 2, '7 days', 'rolling');
SELECT mkt.round_open('r', 'x', 'x', '2026-11-02 09:00+08') \g /dev/null
DO $$ BEGIN WHILE mkt._deploy_step('r', '2026-11-02 09:00+08') LOOP END LOOP; END $$;
CREATE ROLE mkt_test_wang;
CREATE ROLE mkt_test_li;
CREATE ROLE mkt_test_office;
SELECT mkt.grant_access('mkt_test_wang', 'front_line', 7), mkt.grant_access('mkt_test_li', 'front_line', 17),
       mkt.grant_access('mkt_test_office', 'head_office', 1) \g /dev/null
-- pgTAP keeps its books in temporary objects of the session's owner
CREATE FUNCTION pg_temp.try(who name, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', who);
    EXECUTE statement INTO answer;
    RESET ROLE;
    RETURN answer;
EXCEPTION WHEN OTHERS THEN
    RESET ROLE;
    RETURN SQLSTATE;
END
$$;

SELECT is((SELECT count(*) FROM mkt.issued_order WHERE staff_id = 2), 10::bigint, 'ten orders for each of the two branches');
SELECT is(pg_temp.try('mkt_test_wang', 'SELECT count(*) FROM mkt.my_tasks(1)'), '10', 'the front line sees its own list');
SELECT is(pg_temp.try('mkt_test_wang', 'SELECT count(*) FROM mkt.my_tasks(2)'), '42501', 'but not that of somebody elsewhere');
SELECT is(pg_temp.try('mkt_test_wang', 'SELECT count(*) FROM mkt.claim(2, 1)'), '42501', 'and claims nothing there');
SELECT is(pg_temp.try('mkt_test_wang', 'SELECT count(*) FROM mkt.claim(9, 1)'), '42501', 'nor learns who exists there');
SELECT is(pg_temp.try('mkt_test_office', 'SELECT count(*) FROM mkt.my_tasks(9)'), 'P0002', 'head office hears that nobody has this number');
SELECT is(pg_temp.try('mkt_test_wang', $$SELECT count(*) FROM mkt.claim(1, 3, '2026-11-02 09:30+08')$$), '3', 'it claims its own');
SELECT is(pg_temp.try('mkt_test_wang', $$SELECT state FROM mkt.report((SELECT min(order_id) FROM mkt.issued_order WHERE state = 'accepted'), 'accepted', 'q', NULL, '2026-11-02 10:00+08')$$),
          'succeeded', 'and reports');
SELECT is((SELECT members FROM mkt.tag WHERE code = 'accepted_offer'), 1::bigint, 'the tag is written although the caller may not write tags');
SELECT is((SELECT array_agg(DISTINCT actor::text) FROM mkt.work_order_log), ARRAY['mkt_test_wang'], 'the log names who did it');
SELECT is((SELECT count(*) FROM mkt.contact WHERE state = 'sent' AND responded), 1::bigint, 'the contact is sent');
SELECT is(pg_temp.try('mkt_test_li', (SELECT format($$SELECT mkt.report(%s, 'accepted', 'q')$$, order_id) FROM mkt.work_order WHERE state = 'accepted' LIMIT 1)),
          'P0002', 'an order of another branch does not exist for a report');
SELECT is(pg_temp.try('mkt_test_li', 'SELECT count(*) FROM mkt.issued_order WHERE staff_id = 1'), '0', 'nor for a query');
SELECT is(pg_temp.try('mkt_test_wang', 'UPDATE mkt.work_order SET state = ''closed'' WHERE staff_id = 1 RETURNING order_id'), '55000', 'the state machine holds for direct updates');
SELECT is(pg_temp.try('mkt_test_wang', 'DELETE FROM mkt.work_order_log RETURNING log_id'), '42501', 'the log cannot be cleaned');

-- caps count all branches, and answer branches that cannot read the others
INSERT INTO mkt.contact (cid, channel_code, family, state, org_id, reserved_at, sent_at) VALUES (2, 'sms', 'f', 'sent', 17, '2026-11-01', '2026-11-01');
SELECT is(pg_temp.try('mkt_test_wang', 'SELECT count(*) FROM mkt.contact WHERE cid = 2 AND org_id = 17'), '0', 'a branch does not read the contacts of another');
SELECT is(pg_temp.try('mkt_test_wang', $$SELECT passed FROM mkt.explain(2, 's', '2026-11-02 11:00+08') WHERE rule = 'frequency_cap'$$), 'false', 'yet they count against the cap');
SELECT is(pg_temp.try('mkt_test_wang', $$SELECT count(*) FROM mkt.next_best(2, 'sms_push', 1, '2026-11-02 11:00+08')$$), '0', 'so the customer is offered nothing');
SELECT is(pg_temp.try('mkt_test_wang', $$SELECT count(contact_id) FROM mkt.next_best(4, 'sms_push', 1, '2026-11-02 11:00+08')$$), '1', 'another one is, with a reservation');
SELECT is(pg_temp.try('mkt_test_wang', $$SELECT count(*) FROM mkt.next_best(1, 'sms_push', 1, '2026-11-02 11:00+08')$$), 'P0002', 'a customer of another branch does not exist');
SELECT * FROM finish();
ROLLBACK;
