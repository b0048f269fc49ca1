-- ----------------------------------------------------------------------
-- sql/platform/60-flow.once.sql: the domains customers move between, and
-- who follows us there.
-- What they do there is scan (62-code) and sales_order (64-order).
-- Changing a table needs a delta in sql/upgrade/.
-- ----------------------------------------------------------------------
CREATE TABLE mkt.domain (
    domain_code text NOT NULL,
    name        text NOT NULL,
    name_zh     text NOT NULL,
    CONSTRAINT domain_pkey PRIMARY KEY (domain_code)
);
COMMENT ON TABLE mkt.domain IS 'The five actors of dual-domain traffic: App and cloud retail at the core, WeCom, stores and the strategy cube''s outbound calls around them (S0-060).';

INSERT INTO mkt.domain (domain_code, name, name_zh) VALUES
    ('app',          'Enterprise App',      '企业App'),
    ('cloud_retail', 'Cloud retail (H5)',   '云零售'),
    ('wecom',        'WeCom',               '企业微信'),
    ('store',        'Offline store',       '线下门店'),
    ('outbound',     'Strategy outbound',   '策略外呼');

CREATE TABLE mkt.fan (
    domain_code text        NOT NULL,
    cid         bigint      NOT NULL,
    since       timestamptz NOT NULL,
    CONSTRAINT fan_pkey PRIMARY KEY (domain_code, cid),
    CONSTRAINT fan_domain_code_fkey FOREIGN KEY (domain_code) REFERENCES mkt.domain,
    CONSTRAINT fan_cid_fkey FOREIGN KEY (cid) REFERENCES mkt.customer
);
COMMENT ON TABLE mkt.fan IS 'Customers who follow us in a domain, and since when (S0-079).';
CREATE INDEX fan_cid_idx ON mkt.fan (cid);
