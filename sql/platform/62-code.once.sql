-- ----------------------------------------------------------------------
-- sql/platform/62-code.once.sql: the short codes printed on shops, products
-- and badges, and every step taken behind them.
-- Changing a table needs a delta in sql/upgrade/.
-- ----------------------------------------------------------------------
CREATE TABLE mkt.code (
    code         text        NOT NULL,
    kind         text        NOT NULL,
    target       text        NOT NULL,
    staff_id     integer,
    org_id       integer,
    domain_code  text,
    product_code text,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz,
    CONSTRAINT code_pkey PRIMARY KEY (code),
    CONSTRAINT code_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES mkt.staff,
    CONSTRAINT code_org_id_fkey FOREIGN KEY (org_id) REFERENCES mkt.org,
    CONSTRAINT code_domain_code_fkey FOREIGN KEY (domain_code) REFERENCES mkt.domain,
    CONSTRAINT code_product_code_fkey FOREIGN KEY (product_code) REFERENCES mkt.product,
    CONSTRAINT code_kind_check CHECK (kind IN ('shop', 'product', 'person')),
    CONSTRAINT code_validity_check CHECK (created_at < expires_at)
);
COMMENT ON TABLE mkt.code IS 'One shop one code, one product one code, one person one code (S0-068). target is the code of the hall, product or staff member; expires_at is exclusive, NULL never.';
CREATE INDEX code_kind_target_idx ON mkt.code (kind, target);

CREATE TABLE mkt.scan_step (
    step    text     NOT NULL,
    ordinal smallint NOT NULL,
    name    text     NOT NULL,
    name_zh text     NOT NULL,
    CONSTRAINT scan_step_pkey PRIMARY KEY (step),
    CONSTRAINT scan_step_ordinal_key UNIQUE (ordinal)
);
COMMENT ON TABLE mkt.scan_step IS 'The six steps of self-service shopping, in the order of the funnel (S0-070).';

INSERT INTO mkt.scan_step (step, ordinal, name, name_zh) VALUES
    ('browse',  1, 'Browse the shelf', '浏览货架'),
    ('scan',    2, 'Scan the code',    '扫码'),
    ('cart',    3, 'Put in the cart',  '加入购物车'),
    ('order',   4, 'Order',            '下单'),
    ('pay',     5, 'Pay',              '支付'),
    ('collect', 6, 'Collect',          '提货');

CREATE TABLE mkt.scan (
    scan_id     bigint      GENERATED ALWAYS AS IDENTITY,
    code        text        NOT NULL,
    cid         bigint,
    domain_code text        NOT NULL,
    step        text        NOT NULL,
    at          timestamptz NOT NULL,
    org_id      integer,
    request_id  text        NOT NULL,
    CONSTRAINT scan_pkey PRIMARY KEY (scan_id),
    CONSTRAINT scan_request_id_key UNIQUE (request_id),
    CONSTRAINT scan_code_fkey FOREIGN KEY (code) REFERENCES mkt.code,
    CONSTRAINT scan_cid_fkey FOREIGN KEY (cid) REFERENCES mkt.customer,
    CONSTRAINT scan_domain_code_fkey FOREIGN KEY (domain_code) REFERENCES mkt.domain,
    CONSTRAINT scan_step_fkey FOREIGN KEY (step) REFERENCES mkt.scan_step,
    CONSTRAINT scan_org_id_fkey FOREIGN KEY (org_id) REFERENCES mkt.org
);
COMMENT ON TABLE mkt.scan IS 'What happened behind a code, step by step; append-only. cid NULL: a visitor nobody knows yet (S0-068, S0-070).';
CREATE INDEX scan_code_idx ON mkt.scan (code);
CREATE INDEX scan_cid_idx ON mkt.scan (cid) WHERE cid IS NOT NULL;
CREATE INDEX scan_at_idx ON mkt.scan (at);
