-- customer_merge: two customers become one and two again: refusals, what is
-- kept when the world goes on in between, who may, and late facts
\set SHOW_CONTEXT never
SET search_path = mkt, public;
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO';
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh)
SELECT t, nullif(t - 1, 0), t, 'U' || t, 'Unit ' || t, '单元' || t FROM generate_series(1, 7) AS t;
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh) VALUES (8, 6, 7, 'U8', 'Unit 8', '单元8');
INSERT INTO staff (staff_id, code, name, name_zh, post_code, org_id) VALUES (1, 'S1', 'x', 'x', 'field_manager', 7);
INSERT INTO grid_cell (cell_id, code, name, name_zh, kind, grid_id, org_id, geom, area_km2)
SELECT n, 'C' || n, 'x', 'x', 'rural', 5, 6 + n, ST_Multi(ST_MakeEnvelope(113 + n, 38, 114 + n, 39, 4326)), 1 FROM generate_series(1, 2) AS n;
INSERT INTO customer (cid, customer_key, net, name_zh, phone, cell_id, joined_on) VALUES
    (1, 'K1', 'off', '甲', NULL, 1, '2024-01-01'), (2, 'K2', 'own', '假', '139', 1, '2022-01-01'), (3, 'K3', 'own', '丙', NULL, 2, NULL),
    (4, 'K4', 'own', NULL, NULL, NULL, NULL), (5, 'K5', 'own', NULL, NULL, 1, NULL);
SELECT count(*) FROM tag_refresh(as_of => '2026-10-01');
SELECT tag_define('vip', 'boolean', 'x', '贵宾', as_of => '2026-10-01') IS NOT NULL, tag_define('spend', 'numeric', 'x', '消费', scale => 2, as_of => '2026-10-01') IS NOT NULL;
SELECT tag_put('vip', '{2,3}', '2026-10-02'), tag_put_values('spend', 'VALUES (1::bigint, 10.50), (2, 99.25), (3, 7)', '2026-10-02');

-- ---- refused -----------------------------------------------------------
SELECT customer_merge(1, 1, 'same');
\echo :LAST_ERROR_SQLSTATE
SELECT customer_merge(1, 99, 'nobody');
SELECT customer_merge(NULL, 2, 'nobody');
SELECT customer_merge(1, 2, '');
SELECT customer_unmerge(7);
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT customer_merge(1, 2, 'old snapshot');
ROLLBACK;
SELECT count(*) AS merges FROM customer_merge;

-- ---- consent: the stricter wins, channel by channel -----------------------
INSERT INTO consent (cid, channel_code, granted, since, source) VALUES
    (1, '*', false, '2026-01-01', 'form'), (1, 'sms', true, '2026-02-01', 'App'),
    (2, 'outbound', true, '2026-03-01', 'call'), (2, 'sms', false, '2026-04-01', 'reply TD');
INSERT INTO contact (cid, channel_code, family, state, reserved_at, sent_at) VALUES (1, 'sms', 'x', 'sent', '2026-10-30', '2026-10-30'), (2, 'sms', 'x', 'sent', '2026-10-31', '2026-10-31');
INSERT INTO contact_cap (cap_id, name, name_zh, max_contacts, span, clock) VALUES (1, 'x', 'x', 3, '7 days', 'rolling');
INSERT INTO holdout (name, salt, bucket_from, bucket_to, valid_from) SELECT 'x', 'h', bucket('h', 2), bucket('h', 2) + 1, '2026-01-01';
SELECT is_control(1, '2026-11-02') AS keep, is_control(2, '2026-11-02') AS gone;

SELECT customer_merge(1, 2, 'same identity card', '2026-11-01 10:00+08') AS merge_id \gset
SELECT cid, net, name_zh, phone, cell_id, joined_on, live, merged_into FROM customer WHERE cid < 3 ORDER BY cid;
SELECT cid, channel_code, granted, since, source FROM consent ORDER BY cid, channel_code;
SELECT channel_code, room FROM _cap_room('2026-11-02', 0, 10) WHERE channel_code = 'sms';
SELECT is_control(1, '2026-11-02') AS control_wins, is_control(1, '2026-10-31') AS not_before;
SELECT code, cid, value FROM (VALUES (1), (2)) AS c(cid), _merge_tag_values(c.cid) AS v ORDER BY 1, 2;
SELECT * FROM cap_violations();
SELECT customer_find('crm', 'K2') AS by_old_key, customer_current(2) AS by_old_number;
SELECT table_name, key, before, after FROM customer_merge_row WHERE table_name IN ('customer', 'control_override', 'contact') ORDER BY seq;

-- ---- merged of merged, and the wrong way round ------------------------------
SELECT customer_merge(2, 3, 'gone already');
SELECT customer_merge(3, 2, 'gone already');
SELECT customer_merge(3, 1, 'the same again', '2026-11-02') AS second \gset
SELECT customer_current(2), customer_find('crm', 'K2');
SELECT is_control(3, '2026-11-03') AS control_along_the_chain;
SELECT customer_unmerge(:merge_id, '2026-11-03');
SELECT customer_unmerge(:second, '2026-11-03');
SELECT customer_unmerge(:second, '2026-11-03');
-- what the import still sends under the old key is refused
SELECT outcome, reason, customers FROM customer_import($$SELECT 'K2' AS customer_key, 'own' AS net$$, '2026-11-03');
INSERT INTO customer_merge (keep, gone, reason, merged_at, undone_at, undone_by) VALUES (1, 3, 'x', '2026-11-03', '2026-11-03', 'x');
UPDATE customer_merge SET reason = 'another' WHERE merge_id = :merge_id;
UPDATE customer_merge SET undone_at = NULL, undone_by = NULL WHERE merge_id = :second;
DELETE FROM customer_merge;
UPDATE customer_merge_row SET after = NULL;

-- ---- the world goes on, and then the merge is taken back -----------------------
UPDATE customer SET phone = '138' WHERE cid = 1;                                    -- corrected since
SELECT tag_put_value('spend', 1, 20, '2026-11-03');                                  -- recomputed since
INSERT INTO contact (cid, channel_code, family, state, reserved_at, sent_at) VALUES (1, 'grid', 'new', 'sent', '2026-11-03', '2026-11-03');
SELECT consent_set(1, false, 'grid', source => 'at the door', as_of => '2026-11-03');
-- a fact that came under the old number
INSERT INTO contact (cid, channel_code, family, state, reserved_at, sent_at) VALUES (2, 'sms', 'late', 'sent', '2026-11-03', '2026-11-03');
SELECT * FROM merge_leftovers();
SELECT check_name, detail FROM audit('merged_empty');
SELECT merge_sweep('2026-11-03'), merge_sweep('2026-11-03');
SELECT cid, family, made_for FROM contact ORDER BY contact_id;

SELECT customer_unmerge(:merge_id, '2026-11-04');
SELECT cid, net, name_zh, phone, joined_on, live, merged_into FROM customer WHERE cid < 3 ORDER BY cid;
SELECT cid, channel_code, granted, since, source FROM consent ORDER BY cid, channel_code;
SELECT cid, family, made_for FROM contact ORDER BY contact_id;
SELECT code, cid, value FROM (VALUES (1), (2)) AS c(cid), _merge_tag_values(c.cid) AS v ORDER BY 1, 2;
SELECT is_control(1, '2026-11-05') AS keep, is_control(2, '2026-11-05') AS gone;
SELECT cid, channel_code, granted, source FROM consent_log WHERE cid = 1 ORDER BY log_id;

-- ---- who may --------------------------------------------------------------------
CREATE ROLE customer_merge_u7;
CREATE ROLE customer_merge_bi;
SELECT grant_access('customer_merge_u7', 'branch_admin', 7), grant_access('customer_merge_bi', 'bi_reader', 1);
SET ROLE customer_merge_bi;
SELECT customer_merge(1, 5, 'x');
RESET ROLE;
SET ROLE customer_merge_u7;
SELECT customer_merge(1, 3, 'another branch');
SELECT customer_merge(1, 4, 'outside every grid');
INSERT INTO customer_merge (keep, gone, reason, merged_at) VALUES (1, 3, 'past the function', '2026-11-05');
SELECT merge_id, keep, gone FROM customer_merge ORDER BY 1;          -- the one with 3 is not shown
SELECT customer_unmerge(:second);
SELECT customer_merge(5, 1, 'same flat', '2026-11-05') AS third \gset
SELECT cid, name_zh, phone, merged_into FROM customer ORDER BY cid;
SELECT tag_put('vip', '{1}');
SELECT customer_unmerge(:third, '2026-11-05');
SELECT keep, gone, reason, merged_by, undone_by FROM customer_merge WHERE merge_id = :third;
RESET ROLE;
DROP OWNED BY customer_merge_u7, customer_merge_bi;
DROP ROLE customer_merge_u7, customer_merge_bi;
