-- test/demo/34-six.sql: the six resources and their links. A household has
-- one address, and so have some who live alone in the same village; ports of
-- a village are dealt to splitter boxes, each grid has an OLT and a mobile
-- site. A few links are missing on purpose (S0-013). Salts of its own: nothing
-- that was drawn before changes.
CREATE TABLE demo.home AS
WITH keyed AS (
    SELECT c.cid, c.location,
           CASE WHEN c.household_id IS NOT NULL THEN 'h' || c.household_id
                WHEN demo.rnd('same door', c.cid) < 0.15 AND c.cell_id IS NOT NULL THEN 'c' || c.cell_id
                ELSE 's' || c.cid END AS door
    FROM mkt.customer AS c
    WHERE demo.rnd('no address', c.cid) >= 0.002
)
SELECT k.cid, dense_rank() OVER (ORDER BY k.door COLLATE "C") AS address_id,
       first_value(k.location) OVER (PARTITION BY k.door ORDER BY k.cid) AS location
FROM keyed AS k;

INSERT INTO mkt.address (address_id, code, external_key, name, name_zh, location)
SELECT h.address_id, 'A' || lpad(h.address_id::text, 8, '0'), 'ADDR-' || md5(h.address_id::text), 'Door ' || h.address_id, '', h.location
FROM (SELECT DISTINCT address_id, location FROM demo.home) AS h
ORDER BY h.address_id;
SELECT setval(pg_get_serial_sequence('mkt.address', 'address_id'), (SELECT max(address_id) FROM mkt.address)) AS last_address \gset
\echo addresses made; placing them on the map
SELECT mkt.address_assign_cells() AS addresses_placed;
UPDATE mkt.address AS a
SET name_zh = coalesce((SELECT c.name_zh || o.name_zh || g.name_zh
                        FROM mkt.grid_cell AS g
                        JOIN mkt.org AS o ON o.org_id = g.grid_id
                        JOIN mkt.org AS l ON l.org_id = o.parent_id
                        JOIN mkt.org AS c ON c.org_id = l.parent_id
                        WHERE g.cell_id = a.cell_id), '渤海') || 1 + a.address_id % 400 || '号';
ANALYZE mkt.address;
UPDATE mkt.customer AS c SET address_id = h.address_id FROM demo.home AS h WHERE h.cid = c.cid;

-- One OLT and one base station a grid, splitter boxes of up to 512 ports.
INSERT INTO mkt.network_resource (code, external_key, kind_code, name, name_zh, cell_id, capacity, used)
SELECT k.prefix || g.code, 'OSS-' || k.kind_code || '-' || g.code, k.kind_code, k.name || ' ' || g.code, g.name_zh || k.name_zh,
       -- some sites have not been placed yet
       CASE WHEN k.kind_code = 'olt' OR demo.rnd('site placed', g.org_id) >= 0.01 THEN m.cell_id END,
       k.capacity, floor(k.capacity * (0.2 + 0.7 * demo.rnd('network ' || k.kind_code, g.org_id)))::integer
FROM (SELECT c.grid_id, min(c.cell_id) AS cell_id FROM mkt.grid_cell AS c GROUP BY c.grid_id) AS m
JOIN mkt.org AS g ON g.org_id = m.grid_id
CROSS JOIN (VALUES ('OLT', 'olt', 'OLT', 'OLT机房', 256), ('BS', 'cell_site', 'Base station', '基站', 1200)) AS k(prefix, kind_code, name, name_zh, capacity)
ORDER BY k.kind_code, g.code;

WITH box AS (
    SELECT c.*, n, ceil(c.ports_total / 512.0)::integer AS boxes
    FROM mkt.grid_cell AS c CROSS JOIN LATERAL generate_series(1, ceil(c.ports_total / 512.0)::integer) AS n
), dealt AS (
    SELECT b.*, (b.ports_total / 8 * (b.n - 1) / b.boxes) * 8 AS before, (b.ports_total / 8 * b.n / b.boxes) * 8 AS upto
    FROM box AS b
)
INSERT INTO mkt.network_resource (code, external_key, kind_code, name, name_zh, parent_id, cell_id, capacity, used)
SELECT 'POS' || d.code || '-' || d.n, 'OSS-splitter-' || d.code || '-' || d.n, 'splitter', 'Splitter box ' || d.code || '-' || d.n, d.name_zh || '分光箱' || d.n,
       o.network_id, d.cell_id, d.upto - d.before,
       (d.ports_used::bigint * d.upto / d.ports_total - d.ports_used::bigint * d.before / d.ports_total)::integer
FROM dealt AS d
JOIN mkt.org AS g ON g.org_id = d.grid_id
JOIN mkt.network_resource AS o ON o.code = 'OLT' || g.code
ORDER BY d.cell_id, d.n;
ANALYZE mkt.network_resource;

INSERT INTO mkt.address_network (address_id, network_id)
SELECT a.address_id, r.network_id
FROM mkt.address AS a
JOIN (SELECT n.cell_id, array_agg(n.network_id ORDER BY n.network_id) AS boxes
      FROM mkt.network_resource AS n WHERE n.kind_code = 'splitter' GROUP BY n.cell_id) AS b ON b.cell_id = a.cell_id
CROSS JOIN LATERAL (SELECT b.boxes[1 + floor(demo.rnd('box', a.address_id) * cardinality(b.boxes))::integer] AS network_id) AS r
WHERE demo.rnd('not covered', a.address_id) >= 0.003
UNION ALL
SELECT a.address_id, n.network_id
FROM mkt.address AS a
JOIN mkt.grid_cell AS c ON c.cell_id = a.cell_id
JOIN mkt.org AS g ON g.org_id = c.grid_id
JOIN mkt.network_resource AS n ON n.code = 'BS' || g.code
WHERE demo.rnd('not covered', a.address_id) >= 0.003
ORDER BY 1, 2;

-- What own-net customers hold, and who pays: often the first of the household.
INSERT INTO mkt.account (account_id, code, cid)
SELECT c.cid, 'ACC' || lpad(c.cid::text, 9, '0'), c.cid
FROM mkt.customer AS c
WHERE c.net = 'own'
ORDER BY c.cid;
SELECT setval(pg_get_serial_sequence('mkt.account', 'account_id'), (SELECT max(account_id) FROM mkt.account)) AS last_account \gset

INSERT INTO mkt.subscription (code, cid, product_code, account_id, valid_from)
SELECT 'SUB' || lpad(c.cid::text, 9, '0') || '-' || h.n, c.cid, h.product_code,
       CASE WHEN demo.rnd('pays alone', c.cid) < 0.4 THEN c.cid
            ELSE min(c.cid) OVER (PARTITION BY c.household_id, CASE WHEN c.household_id IS NULL THEN c.cid END) END,
       c.joined_on
FROM mkt.customer AS c
JOIN mkt.customer_profile AS p ON p.cid = c.cid
CROSS JOIN LATERAL (VALUES
    (1, CASE WHEN p.phone_service THEN CASE WHEN p.fiveg THEN 'plan5g' ELSE 'plan_basic' END END),
    (2, CASE p.internet_service WHEN 'fiber' THEN CASE WHEN demo.rnd('speed', c.cid) < 0.3 THEN 'fiber1000' ELSE 'fiber300' END WHEN 'dsl' THEN 'fiber300' END),
    (3, CASE WHEN p.streaming_tv AND p.streaming_movies THEN 'video_pack' END),
    (4, CASE WHEN demo.rnd('instalments', c.cid) < 0.01 THEN 'pay_later' END)) AS h(n, product_code)
WHERE c.net = 'own' AND h.product_code IS NOT NULL AND demo.rnd('no product', c.cid) >= 0.002
ORDER BY c.cid, h.n;

-- Everything is sold somewhere but phones in instalments: that link is missing.
INSERT INTO mkt.product_channel (product_code, channel_code)
SELECT p.product_code, c.channel_code
FROM mkt.product AS p
JOIN (VALUES ('home_internet', '{hall,grid,outbound,internet}'::text[]), ('plan', '{hall,grid,outbound,internet,hotline,sms}'),
             ('light', '{outbound,internet,sms,hotline}'), ('preference', '{internet,sms}'), ('scenario', '{internet,sms,hall}'),
             ('terminal', '{hall,internet}')) AS s(type_code, channels) ON s.type_code = p.type_code
CROSS JOIN LATERAL unnest(s.channels) AS c(channel_code)
ORDER BY 1, 2;

-- what other systems call them (S3-008)
UPDATE mkt.product SET external_key = 'BOSS-' || upper(product_code);
UPDATE mkt.channel SET external_key = 'CH-' || upper(channel_code);
UPDATE mkt.staff SET external_key = 'HR-' || code;
VACUUM (ANALYZE) mkt.customer, mkt.address, mkt.network_resource, mkt.address_network, mkt.account, mkt.subscription;

\echo the six resources
SELECT (SELECT count(*) FROM mkt.customer WHERE live) AS customers, (SELECT count(*) FROM mkt.address) AS addresses,
       (SELECT count(*) FROM mkt.network_resource) AS network_resources, (SELECT count(*) FROM mkt.product) AS products,
       (SELECT count(*) FROM mkt.channel) AS channels, (SELECT count(*) FROM mkt.staff WHERE active) AS staff,
       (SELECT count(*) FROM mkt.address_network) AS coverage, (SELECT count(*) FROM mkt.subscription) AS subscriptions;
\echo customer 7 with everything it is linked to
SELECT resource, code, name_zh, link, detail FROM mkt.six_link(7);
\echo links that are missing
SELECT g.gap, g.name_zh, count(b.gap) AS missing, min(b.code COLLATE "C") AS "for example"
FROM mkt.link_gap AS g LEFT JOIN mkt.broken_link AS b ON b.gap = g.gap
GROUP BY g.gap
ORDER BY g.ordinal;
SELECT count(*) AS grids, sum(complete) AS complete, round(sum(complete) / sum(customers), 4) AS rate, min(complete_rate) AS worst
FROM mkt_cockpit.command_six_link;

\echo the phone system sends what it knows; three lines are wrong
SELECT i.outcome, i.reason, r.name_zh, i.customers, i.example
FROM mkt.customer_import($$
    SELECT c.customer_key, c.phone AS key_phone FROM mkt.customer AS c WHERE c.cid % 100 = 7
    UNION ALL SELECT 'C999999999', '12099999999'
    UNION ALL SELECT 'C000000009', '12000000107' UNION ALL SELECT NULL, '12000000008'$$, '2026-11-01 21:00+08') AS i
LEFT JOIN mkt.import_reason AS r ON r.reason = i.reason;
