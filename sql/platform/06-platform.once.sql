-- ----------------------------------------------------------------------
-- sql/platform/06-platform.once.sql: what this database's platform is.
--
-- mkt.create_platform() runs this part first. Changing it needs a delta in
-- sql/upgrade/.
-- ----------------------------------------------------------------------
CREATE TABLE mkt.platform (
    only_row          boolean     NOT NULL DEFAULT true,
    version           text        NOT NULL,
    created_at        timestamptz NOT NULL DEFAULT now(),
    system_identifier bigint      NOT NULL,
    send_enabled      boolean     NOT NULL DEFAULT true,
    tenant_salt       text        NOT NULL,
    time_zone         text        NOT NULL DEFAULT 'Asia/Shanghai',
    CONSTRAINT platform_pkey PRIMARY KEY (only_row),
    CONSTRAINT platform_only_row_check CHECK (only_row),
    CONSTRAINT platform_tenant_salt_check CHECK (tenant_salt <> ''),
    CONSTRAINT platform_time_zone_check CHECK (time_zone <> '')
);
COMMENT ON TABLE mkt.platform IS 'One row: which platform this database holds and how it is set.';
COMMENT ON COLUMN mkt.platform.only_row IS 'Always true: the key that keeps the table at one row.';
COMMENT ON COLUMN mkt.platform.version IS 'Version of mkt whose tables these are; mkt.upgrade_platform() moves it.';
COMMENT ON COLUMN mkt.platform.created_at IS 'When mkt.create_platform() ran.';
COMMENT ON COLUMN mkt.platform.system_identifier IS
    'The cluster this platform was activated in: a clone that runs elsewhere sends nothing.';
COMMENT ON COLUMN mkt.platform.send_enabled IS 'Master switch: false refuses every contact (semantics B1).';
COMMENT ON COLUMN mkt.platform.tenant_salt IS
    'Salt of the control groups. Never change it: every customer would change groups (semantics D1).';
COMMENT ON COLUMN mkt.platform.time_zone IS 'Where the calendar day of caps and quiet hours begins (semantics B3).';

CREATE SCHEMA mkt_cockpit;
COMMENT ON SCHEMA mkt_cockpit IS
    'The cockpits: views for BI tools, base column types only, rows limited to what the login may see.';
