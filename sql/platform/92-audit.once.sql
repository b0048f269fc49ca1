-- ----------------------------------------------------------------------
-- sql/platform/92-audit.once.sql: where the checks of mkt.audit() are kept.
-- The checks we ship are 92-audit.code.
--
-- Whoever may write this table decides what the role that audits executes: no
-- profile gets that right, it is the owner's.
-- Changing a table needs a delta in sql/upgrade/.
-- ----------------------------------------------------------------------
CREATE TABLE mkt.audit_check (
    check_name text    NOT NULL,
    name_zh    text    NOT NULL,
    promise    text    NOT NULL,
    query      text    NOT NULL,
    enabled    boolean NOT NULL DEFAULT true,
    CONSTRAINT audit_check_pkey PRIMARY KEY (check_name),
    CONSTRAINT audit_check_query_check CHECK (query ~* '^\s*(select|with)\s')
);
COMMENT ON TABLE mkt.audit_check IS 'What has to be true across the platform: promise in words, query gives one text per breach. Add checks of your own; those we ship are written anew by every upgrade.';
