-- catalogue: what is shipped, and the way from an entry to a counted audience
SET client_min_messages = warning;
\set SHOW_CONTEXT never
SET DateStyle = ISO;

SELECT c.class_code, c.name_zh, c.axis, count(*) AS tags
FROM mkt.catalogue_class AS c JOIN mkt.catalogue_tag AS t USING (class_code)
GROUP BY c.class_code, c.ordinal ORDER BY c.ordinal;
SELECT b.business_code, count(DISTINCT t.code) AS tags, count(DISTINCT m.code) AS models
FROM mkt.catalogue_business AS b
LEFT JOIN mkt.catalogue_tag AS t USING (business_code)
LEFT JOIN mkt.catalogue_model AS m USING (business_code)
GROUP BY b.business_code, b.ordinal ORDER BY b.ordinal;
SELECT kind, output, count(*) AS models FROM mkt.catalogue_model GROUP BY kind, output ORDER BY kind, output;
SELECT code, name_zh, scene_code, inputs, target FROM mkt.catalogue_model WHERE code IN ('churn_silent', 'plan_upgrade_default') ORDER BY code;

-- the check views speak up
BEGIN;
INSERT INTO mkt.catalogue_business VALUES ('drone', 99, 'Drones', '无人机', false, false);
INSERT INTO mkt.catalogue_scene VALUES ('eclipse', 99, 'Eclipse', '日食', false, 'the sun is covered');
UPDATE mkt.catalogue_model SET inputs = inputs || '{moon_phase}' WHERE code = 'tv_buy';
TABLE mkt.catalogue_business_gap;
TABLE mkt.catalogue_scene_gap;
TABLE mkt.catalogue_input_gap;
ROLLBACK;

-- a source as documented, with five lines
CREATE SCHEMA mkt_source;
SELECT format('CREATE TABLE mkt_source.broadband (cid bigint, as_of date, %s)', string_agg(format('%I %s', column_name, type), ', ' ORDER BY column_name))
FROM mkt.catalogue_source_column WHERE source_code = 'broadband'
\gset
:format;
SELECT * FROM mkt.catalogue_source_gap('broadband');
INSERT INTO mkt_source.broadband (cid, as_of, has_line, access, speed, paid_until, line_status, address_gigabit, main_number_bound, address_ports_free) VALUES
    (0, '2026-11-02', true,  'ftth', 300,  '2026-11-20', 'active',  true,  true,  false),
    (1, '2026-11-02', true,  'fttr', 1000, '2026-12-31', 'active',  true,  true,  false),
    (2, '2026-11-02', true,  'lan',  100,  '2026-11-02', 'active',  false, false, false),
    (3, '2026-11-02', true,  'dsl',  20,   '2026-10-01', 'expired', NULL,  true,  true),
    (4, '2026-11-02', false, NULL,   NULL, NULL,         NULL,      true,  NULL,  true);
SELECT mkt.tag_put('live', '{0-4}');

-- adopt, review, put online, refresh in one scan, ask
SELECT code, adopted FROM mkt.catalogue_adopt('{broadband,broadband_access,broadband_speed,broadband_days_left,broadband_expiring_30,broadband_expired,broadband_gigabit_ready,broadband_alone,broadband_possible}');
SELECT * FROM mkt.tag_refresh('{broadband}');
UPDATE mkt.tag SET status = 'review' WHERE source = 'mkt_source.broadband';
UPDATE mkt.tag SET status = 'online' WHERE source = 'mkt_source.broadband';
SELECT code, members FROM mkt.tag_refresh(ARRAY(SELECT code FROM mkt.tag WHERE source = 'mkt_source.broadband')) ORDER BY code;
SELECT mkt.audience('broadband_expiring_30') AS expiring, mkt.audience('具备千兆未升级 & 宽带30天内到期') AS upgrade_at_renewal,
       mkt.audience('broadband_access = ''building LAN''') AS lan, mkt.audience('broadband_days_left between 0 and 60') AS sixty_days,
       mkt.audience('可装宽带客户') AS possible, mkt.audience('broadband_expired') AS expired, mkt.audience('broadband_alone') AS alone;

-- adopting again changes nothing
SELECT code, adopted FROM mkt.catalogue_adopt('{broadband,fttr}');
SELECT code, status FROM mkt.tag WHERE code IN ('broadband', 'fttr') ORDER BY code;

-- refused, all or nothing
SELECT * FROM mkt.catalogue_adopt('{silent,silnet}');
SELECT mkt.tag_define('quiet', 'boolean', 'Quiet', '静默客户') > 0 AS defined;
SELECT * FROM mkt.catalogue_adopt('{new_customer,silent}');
SELECT count(*) FROM mkt.tag WHERE code IN ('new_customer', 'silent');
SELECT * FROM mkt.catalogue_source_gap('broadbend');
INSERT INTO mkt.catalogue_tag (code, name, name_zh, kind, class_code, business_code, source_code, rule, refresh)
VALUES ('odd', 'Odd', '奇数', 'enum', 'basic', 'general', 'customer_base', 's.age % 2', 'daily');
INSERT INTO mkt.catalogue_tag (code, name, name_zh, kind, class_code, business_code, source_code, rule, refresh)
VALUES ('odd', 'Odd', '奇数', 'boolean', 'behaviour', 'general', 'channel_behaviour', 's.cart_d7 = 1', 'daily');
