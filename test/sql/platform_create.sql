-- platform_create: what create_platform() and upgrade_platform() do and refuse
SET client_min_messages = warning;
\set SHOW_CONTEXT never

-- a second platform is refused
CALL mkt.create_platform();

-- upgrading to the version it already has changes nothing and may be repeated
CALL mkt.upgrade_platform();
CALL mkt.upgrade_platform();
SELECT count(*) AS platforms, bool_and(version = mkt._extension_version()) AS current FROM mkt.platform;
SELECT mkt._require_platform();

-- code that meets an older, a newer or no platform says what to do
BEGIN;
UPDATE mkt.platform SET version = '0.0.9';
SELECT mkt._require_platform();
ROLLBACK;

BEGIN;
UPDATE mkt.platform SET version = '10.0.0';
SELECT mkt._require_platform();
ROLLBACK;

BEGIN;
UPDATE mkt.platform SET version = '10.0.0';
CALL mkt.upgrade_platform();
ROLLBACK;

BEGIN;
ALTER TABLE mkt.platform RENAME TO hidden;
SELECT mkt._require_platform();
ROLLBACK;

BEGIN;
ALTER TABLE mkt.platform RENAME TO hidden;
CALL mkt.upgrade_platform();
ROLLBACK;

-- a clone of production sends nothing until it is told that it may
BEGIN;
UPDATE mkt.platform SET system_identifier = 0;
SELECT mkt.may_send() AS clone_sends;
CALL mkt.activate_platform();
SELECT mkt.may_send() AS activated_sends;
ROLLBACK;

-- one row, for good
INSERT INTO mkt.platform (version, system_identifier, tenant_salt) VALUES ('0', 0, 'x');

-- versions sort by number
SELECT mkt._version_number('0.10.0') > mkt._version_number('0.9.0') AS ten_after_nine;

-- nothing of the platform belongs to the extension
SELECT count(*) AS member_tables
FROM pg_depend AS d JOIN pg_class AS c ON c.oid = d.objid
WHERE d.classid = 'pg_class'::regclass AND d.deptype = 'e' AND c.relnamespace = 'mkt'::regnamespace;
