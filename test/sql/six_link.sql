-- six_link: the six resources around a customer, what is missing, and ports
-- of cells from the network resources in them
\set SHOW_CONTEXT never
SET search_path = mkt, public;
SET client_min_messages = warning;

INSERT INTO org (org_id, parent_id, tier, code, name, name_zh)
SELECT t, nullif(t - 1, 0), t, 'U' || t, 'Unit ' || t, '单元' || t FROM generate_series(1, 7) AS t;
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh) VALUES (8, 6, 7, 'U8', 'Unit 8', '单元8'), (9, 4, 5, 'U9', 'Unit 9', '单元9');
INSERT INTO org (org_id, parent_id, tier, code, name, name_zh) VALUES (10, 9, 6, 'U10', 'x', 'x'), (11, 10, 7, 'U11', 'x', 'x');
INSERT INTO staff (staff_id, code, name, name_zh, post_code, org_id, external_key) VALUES
    (1, 'S1', 'Wang Fang', '王芳', 'field_manager', 7, 'HR-1'), (2, 'S2', 'Li Na', '李娜', 'field_manager', 7, NULL),
    (3, 'S3', 'Idle', '闲', 'field_manager', 11, NULL);
INSERT INTO grid_cell (cell_id, code, name, name_zh, kind, grid_id, org_id, geom, area_km2, ports_total, ports_used)
SELECT n, 'C' || n, 'Cell ' || n, '村' || n, 'rural', 5, CASE n WHEN 1 THEN 7 ELSE 8 END, ST_Multi(ST_MakeEnvelope(113 + n, 38, 114 + n, 39, 4326)), 1, 40, 10
FROM generate_series(1, 2) AS n;

-- ports: as loaded until the first resource of a kind with ports arrives
INSERT INTO network_resource (network_id, code, external_key, kind_code, name, name_zh, cell_id, capacity, used) VALUES
    (1, 'OLT1', 'oss-1', 'olt', 'OLT 1', '机房1', 1, 16, 3), (2, 'POS1', 'oss-2', 'splitter', 'Box 1', '分光箱1', 1, 64, 20),
    (3, 'POS2', NULL, 'splitter', 'Box 2', '分光箱2', 1, 8, 8), (4, 'BS1', NULL, 'cell_site', 'Site 1', '基站1', NULL, 1200, 700);
SELECT cell_id, ports_total, ports_used FROM grid_cell ORDER BY 1;
UPDATE network_resource SET cell_id = 2 WHERE code = 'POS2';
SELECT cell_id, ports_total, ports_used FROM grid_cell ORDER BY 1;
DELETE FROM network_resource WHERE code = 'POS2';
SELECT cell_id, ports_total, ports_used FROM grid_cell ORDER BY 1;
UPDATE grid_cell SET ports_used = 1 WHERE cell_id = 1;
SELECT check_name, detail FROM audit('cell_ports');
SELECT network_ports() AS corrected;
SELECT * FROM audit('cell_ports');
-- refused
INSERT INTO network_resource (network_id, code, kind_code, name, name_zh, capacity, used) VALUES (92, 'X', 'splitter', 'x', 'x', 8, 9);
INSERT INTO network_resource (network_id, code, kind_code, name, name_zh, capacity) VALUES (90, 'X', 'pigeon', 'x', 'x', 8);
INSERT INTO network_resource (network_id, code, external_key, kind_code, name, name_zh, capacity) VALUES (91, 'X', 'oss-1', 'olt', 'x', 'x', 8);
INSERT INTO address (code, name, name_zh, location) VALUES ('X', 'x', 'x', ST_SetSRID(ST_MakePoint(12700000, 4600000), 3857));

INSERT INTO address (address_id, code, external_key, name, name_zh, location) VALUES
    (1, 'A1', 'lib-1', 'Door 1', '村1一号', ST_SetSRID(ST_MakePoint(114.5, 38.5), 4326)),
    (2, 'A2', NULL, 'Door 2', '村2二号', ST_SetSRID(ST_MakePoint(115.5, 38.5), 4326)), (3, 'A3', NULL, 'Boat', '渔船', ST_SetSRID(ST_MakePoint(119, 38.5), 4326));
SELECT address_assign_cells();
INSERT INTO address_network VALUES (1, 2), (1, 4), (3, 4);
INSERT INTO product (product_code, type_code, family, name, name_zh, business, price, external_key) VALUES
    ('fiber', 'home_internet', 'broadband', 'Fibre', '宽带', 'broadband', 99, 'BOSS-1'), ('plan', 'plan', 'plan', 'Plan', '套餐', 'plan', 39, NULL),
    ('odd', 'light', 'data', 'Unsold', '无渠道', 'data', 1, NULL);
INSERT INTO product_channel VALUES ('fiber', 'hall'), ('fiber', 'grid'), ('plan', 'hall'), ('plan', 'sms'), ('plan', 'internet'), ('plan', 'outbound');
INSERT INTO customer (cid, customer_key, net, name_zh, address_id, cell_id, owner_staff_id) VALUES
    (1, 'K1', 'own', '甲', 1, 1, 2), (2, 'K2', 'own', '乙', 2, 2, NULL), (3, 'K3', 'off', '丙', NULL, 1, NULL), (4, 'K4', 'own', '丁', 1, 1, NULL), (5, 'K5', 'own', '戊', 3, NULL, NULL);
INSERT INTO account (account_id, code, cid) VALUES (1, 'ACC1', 1);
INSERT INTO subscription (code, cid, product_code, account_id, valid_from, valid_to) VALUES
    ('L1', 1, 'fiber', 1, '2024-01-01', NULL), ('L2', 1, 'plan', 1, '2025-01-01', NULL), ('L3', 1, 'plan', 1, '2023-01-01', NULL),
    ('L4', 2, 'odd', NULL, '2024-01-01', NULL), ('L5', 4, 'fiber', 1, '2020-01-01', '2024-01-01');

SELECT resource, code, external_key, name_zh, link, detail FROM six_link(1);
SELECT resource, code, link FROM six_link(5);
SELECT * FROM six_link(99);
SELECT gap, id, code, cell_id FROM broken_link ORDER BY gap, code COLLATE "C";
SELECT count(*) FROM broken_link AS b WHERE NOT EXISTS (SELECT FROM link_gap AS g WHERE g.gap = b.gap);
SELECT grid_code, customers, with_address, with_network, own_customers, with_product, with_channel, with_staff, complete, complete_rate FROM mkt_cockpit.command_six_link;

-- a branch sees the links of its own customers only
CREATE ROLE six_link_u8 LOGIN;
SELECT grant_access('six_link_u8', 'bi_reader', 8);
SET ROLE six_link_u8;
SELECT resource, code, link FROM six_link(2);
SELECT * FROM six_link(1);
SELECT gap, code FROM broken_link WHERE gap !~ '^(product|channel)' ORDER BY 1, 2;
SELECT (SELECT count(*) FROM address) AS addresses, (SELECT count(*) FROM network_resource) AS resources, (SELECT count(*) FROM address_network) AS coverage,
       (SELECT count(*) FROM subscription) AS subscriptions, (SELECT count(*) FROM account) AS accounts;
RESET ROLE;
DROP OWNED BY six_link_u8;
DROP ROLE six_link_u8;
