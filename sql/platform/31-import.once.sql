-- ----------------------------------------------------------------------
-- sql/platform/31-import.once.sql: what other systems call a customer, and
-- what came in.
-- Changing a table needs a delta in sql/upgrade/.
-- ----------------------------------------------------------------------
CREATE TABLE mkt.key_system (
    system_code text    NOT NULL,
    is_leading  boolean NOT NULL DEFAULT false,
    name        text    NOT NULL,
    name_zh     text    NOT NULL,
    CONSTRAINT key_system_pkey PRIMARY KEY (system_code)
);
COMMENT ON TABLE mkt.key_system IS 'Systems that have a key of their own for a customer (S3-008). The keys of the leading one are mkt.customer.customer_key, those of the others mkt.customer_key.';
CREATE UNIQUE INDEX key_system_is_leading_idx ON mkt.key_system (is_leading) WHERE is_leading;

INSERT INTO mkt.key_system (system_code, is_leading, name, name_zh) VALUES
    ('crm',       true,  'CRM customer number', 'CRM客户编号'),
    ('phone',     false, 'Phone number',        '手机号码'),
    ('broadband', false, 'Broadband account',   '宽带账号');

CREATE TABLE mkt.customer_key (
    system_code text   NOT NULL,
    outside_key text   NOT NULL,
    cid         bigint NOT NULL,
    CONSTRAINT customer_key_pkey PRIMARY KEY (system_code, outside_key),
    CONSTRAINT customer_key_system_code_fkey FOREIGN KEY (system_code) REFERENCES mkt.key_system,
    CONSTRAINT customer_key_cid_fkey FOREIGN KEY (cid) REFERENCES mkt.customer,
    CONSTRAINT customer_key_outside_key_check CHECK (outside_key <> '')
);
COMMENT ON TABLE mkt.customer_key IS 'Dictionary from the keys of other systems to customer numbers: a customer may have many, a key belongs to one customer (S3-008). mkt.customer_find() reads it.';
CREATE INDEX customer_key_cid_idx ON mkt.customer_key (cid);

CREATE TABLE mkt.import_reason (
    reason  text NOT NULL,
    name    text NOT NULL,
    name_zh text NOT NULL,
    CONSTRAINT import_reason_pkey PRIMARY KEY (reason)
);
COMMENT ON TABLE mkt.import_reason IS 'Why mkt.customer_import() refuses a line.';

INSERT INTO mkt.import_reason (reason, name, name_zh) VALUES
    ('no_key',          'The line has no customer_key',                          '无客户编号'),
    ('duplicate_key',   'The customer_key stands in several lines',              '客户编号重复'),
    ('bad_net',         'net is neither own nor off, or missing for a new customer', '网别缺失或有误'),
    ('bad_point',       'The point is no place in WGS 84 (SRID 4326)',           '坐标有误'),
    ('unknown_address', 'There is no address of that code',                      '地址编码不存在'),
    ('unknown_staff',   'There is no staff member of that code',                 '人员编码不存在'),
    ('merged',          'The customer was merged into another',                  '客户已合并'),
    ('key_twice',       'Two lines claim the same key of another system',        '外部键被重复申领'),
    ('key_taken',       'The key of another system belongs to another customer', '外部键属于其他客户');

CREATE TABLE mkt.import_run (
    import_id bigint      GENERATED ALWAYS AS IDENTITY,
    source    text        NOT NULL,
    at        timestamptz NOT NULL,
    actor     name        NOT NULL DEFAULT current_user,
    inserted  bigint      NOT NULL,
    updated   bigint      NOT NULL,
    unchanged bigint      NOT NULL,
    refused   bigint      NOT NULL,
    CONSTRAINT import_run_pkey PRIMARY KEY (import_id)
);
COMMENT ON TABLE mkt.import_run IS 'Imports of customers: what was read, when, by whom, and what came of the lines (S3-010).';

CREATE TABLE mkt.import_refusal (
    import_id    bigint NOT NULL,
    line         bigint NOT NULL,
    customer_key text,
    reason       text   NOT NULL,
    detail       text,
    CONSTRAINT import_refusal_pkey PRIMARY KEY (import_id, line),
    CONSTRAINT import_refusal_import_id_fkey FOREIGN KEY (import_id) REFERENCES mkt.import_run ON DELETE CASCADE,
    CONSTRAINT import_refusal_reason_fkey FOREIGN KEY (reason) REFERENCES mkt.import_reason
);
COMMENT ON TABLE mkt.import_refusal IS 'Lines of an import that were refused, by their place in what was read, and why.';
