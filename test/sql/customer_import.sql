-- customer_import: customers by COPY and by query, keys of other systems,
-- consent with its proof, households
\set SHOW_CONTEXT never
SET search_path = mkt, public;
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO';

INSERT INTO org (org_id, parent_id, tier, code, name, name_zh)
SELECT t, nullif(t - 1, 0), t, 'U' || t, 'Unit ' || t, '单元' || t FROM generate_series(1, 7) AS t;
INSERT INTO staff (staff_id, code, name, name_zh, post_code, org_id) VALUES (1, 'S1', 'x', 'x', 'field_manager', 7);
INSERT INTO grid_cell (cell_id, code, name, name_zh, kind, grid_id, org_id, geom, area_km2)
SELECT n, 'C' || n, 'Cell ' || n, '村' || n, 'rural', 5, 7, ST_Multi(ST_MakeEnvelope(113 + n, 38, 114 + n, 39, 4326)), 1 FROM generate_series(1, 2) AS n;
INSERT INTO address (code, name, name_zh, location, cell_id) VALUES ('A1', 'x', 'x', ST_SetSRID(ST_MakePoint(115.5, 38.5), 4326), 2);

-- from a file, through a temporary table
CREATE TEMP TABLE batch (customer_key text, net text, name_zh text, phone text, lon float8, lat float8, address_code text, owner_code text,
                         household_id bigint, joined_on date, key_phone text, key_broadband text);
COPY batch FROM stdin;
K1	own	甲	1390001	114.5	38.5	\N	S1	\N	2024-01-01	1390001	B1
K2	own	乙	1390002	\N	\N	A1	\N	\N	\N	1390002	\N
K3	off	\N	\N	119	38.5	\N	\N	77	\N	\N	\N
K4	both	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
K5	own	\N	\N	200	38.5	\N	\N	\N	\N	\N	\N
K6	own	\N	\N	NaN	38.5	\N	\N	\N	\N	\N	\N
K7	own	\N	\N	114.5	\N	\N	\N	\N	\N	\N	\N
K8	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
K9	own	\N	\N	\N	\N	A9	\N	\N	\N	\N	\N
K10	own	\N	\N	\N	\N	\N	S9	\N	\N	\N	\N
K11	own	\N	\N	\N	\N	\N	\N	\N	\N	1390011	\N
K12	own	\N	\N	\N	\N	\N	\N	\N	\N	1390011	\N
K13	own	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
K13	off	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
	own	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
\.
SELECT outcome, reason, customers, example FROM customer_import('batch', '2026-11-01 08:00+08');
SELECT cid, customer_key, net, name_zh, ST_AsText(location) AS location, address_id, cell_id, owner_staff_id, household_id, joined_on FROM customer ORDER BY cid;
SELECT line, customer_key, reason, detail FROM import_refusal ORDER BY line;
SELECT system_code, outside_key, cid FROM customer_key ORDER BY 1, 2;
SELECT customer_find('crm', 'K2') AS crm, customer_find('phone', '1390001') AS phone, customer_find('broadband', 'B1') AS broadband, customer_find('phone', '0') AS nobody;
SELECT customer_find('fax', '1');
SELECT audience('live') AS live, audience_count('cell = 2') AS in_cell_2;

-- the same again changes nothing, and no number is lost
SELECT outcome, reason, customers FROM customer_import('batch', '2026-11-01 09:00+08') WHERE outcome <> 'refused';
-- from a query: what is not said stays, what is said anew is taken, a new key is added
SELECT outcome, reason, customers, example FROM customer_import(
    $$VALUES ('K1', 115.5, 38.5), ('K2', NULL, NULL), ('K20', 114.5, 38.5)$$, '2026-11-01 09:00+08');
SELECT outcome, reason, customers, example FROM customer_import(
    $$SELECT * FROM (VALUES ('K1', NULL, 115.5, 38.5, NULL), ('K2', NULL, NULL, NULL, 'B2'), ('K20', 'own', 114.5, 38.5, NULL), ('K3', NULL, NULL, NULL, 'B1'))
      AS v(customer_key, net, lon, lat, key_broadband)$$, '2026-11-01 09:00+08');
SELECT cid, customer_key, name_zh, cell_id FROM customer ORDER BY cid;
SELECT outcome, reason, customers FROM customer_import($$SELECT 'K20' AS customer_key, false AS live$$, '2026-11-01 10:00+08');
SELECT audience('live') AS live, audience('cell = 2') AS in_cell_2, audience('cell = 1') AS in_cell_1;
CREATE TEMP TABLE shapes AS
    SELECT 'K30' AS customer_key, 'own' AS net, ST_SetSRID(ST_MakePoint(1, 2), 3857) AS location
    UNION ALL SELECT 'K31', 'own', ST_GeomFromText('LINESTRING(1 1, 2 2)', 4326)
    UNION ALL SELECT 'K32', 'own', ST_SetSRID(ST_MakePoint(114.5, 38.5), 4326);
SELECT outcome, reason, customers FROM customer_import('shapes', '2026-11-01 10:00+08');
-- a failed import leaves no gap
BEGIN;
SELECT outcome, customers FROM customer_import($$SELECT 'Z' || n AS customer_key, 'off' AS net FROM generate_series(1, 5000) AS n$$, '2026-11-01 10:00+08');
SELECT audience_count('live');
ROLLBACK;
SELECT outcome, customers FROM customer_import($$SELECT 'K40' AS customer_key, 'off' AS net$$, '2026-11-01 10:00+08');
INSERT INTO customer (customer_key, net) VALUES ('by hand', 'off');
SELECT min(cid), max(cid), count(*) FROM customer;
SELECT source ~ 'K40' AS last, inserted, updated, unchanged, refused FROM import_run ORDER BY import_id DESC LIMIT 1;

-- refused as a whole
SELECT * FROM customer_import('nowhere');
SELECT * FROM customer_import($$SELECT 'K1' AS customer_key, 1 AS shoe_size$$);
SELECT * FROM customer_import($$SELECT 'own' AS net$$);
SELECT * FROM customer_import($$SELECT 'K1' AS customer_key, 1 AS lon$$);
SELECT * FROM customer_import($$SELECT 'K1' AS customer_key, 'soon' AS joined_on$$);
CREATE ROLE customer_import_branch;
SELECT grant_access('customer_import_branch', 'branch_admin', 7);
GRANT EXECUTE ON FUNCTION customer_import, _require_platform TO customer_import_branch;
SET ROLE customer_import_branch;
SELECT * FROM customer_import('batch');

-- ---- consent: what was said, where, and who entered it ------------------
SELECT consent_set(1, false, 'sms', source => 'call to 10010', as_of => '2026-11-01 10:00+08');
SELECT consent_set(1, false, 'sms', source => 'again', as_of => '2026-11-01 11:00+08');
SELECT consent_set(1, true, 'sms', source => 'App', as_of => '2026-11-02 10:00+08');
INSERT INTO consent_log (cid, channel_code, contact_class, granted, actor) VALUES (1, 'sms', 'marketing', true, 'me');
RESET ROLE;
SELECT consent_set(1, false, 'pigeon');
SELECT consent_set(99, false);
SELECT consent_set(2, false, as_of => '2026-11-01 10:00+08');
DELETE FROM consent WHERE cid = 2;
SELECT cid, channel_code, granted, CASE WHEN granted IS NOT NULL THEN since END AS since, source, actor = current_user AS mine FROM consent_log ORDER BY log_id;
SELECT channel_code, granted, since, source FROM consent_at(1, '2026-11-01 12:00+08');
SELECT channel_code, granted, since, source FROM consent_at(1, '2026-11-03 12:00+08');
SELECT count(*) FROM consent_at(1, '2026-10-03 12:00+08');
DELETE FROM consent_log;

-- ---- households: address and account tie, what is given stays -----------
INSERT INTO customer (cid, customer_key, net, address_id, household_id) VALUES
    (101, 'H1', 'own', 1, NULL), (102, 'H2', 'own', 1, NULL), (103, 'H3', 'off', NULL, NULL), (104, 'H4', 'own', NULL, NULL), (105, 'H5', 'own', NULL, 500), (106, 'H6', 'own', NULL, NULL);
INSERT INTO product (product_code, type_code, family, name, name_zh, business, price) VALUES ('p', 'plan', 'plan', 'x', 'x', 'plan', 1);
INSERT INTO account (account_id, code, cid) VALUES (1, 'ACC1', 102), (2, 'ACC2', 105), (3, 'ACC3', 106);
INSERT INTO subscription (code, cid, product_code, account_id, valid_from) VALUES ('L1', 104, 'p', 1, '2026-01-01'), ('L2', 103, 'p', 2, '2026-01-01');
SELECT household_derive() > 0 AS some, household_derive() AS then_none;
SELECT cid, household_id, household_derived FROM customer WHERE cid > 100 OR cid = 2 ORDER BY cid;
SELECT member, customer_key, derived FROM household_members(104);
UPDATE subscription SET valid_to = '2026-06-01' WHERE code = 'L1';
SELECT household_derive();
SELECT member FROM household_members(104);
DROP OWNED BY customer_import_branch;
DROP ROLE customer_import_branch;
