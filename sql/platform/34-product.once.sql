-- ----------------------------------------------------------------------
-- sql/platform/34-product.once.sql: what we sell, and at what terms.
-- Product types and what a channel sells best are 24-channel.
-- Changing a table needs a delta in sql/upgrade/.
-- ----------------------------------------------------------------------
CREATE TABLE mkt.product (
    product_code text          NOT NULL,
    type_code    text          NOT NULL,
    family       text          NOT NULL,
    name         text          NOT NULL,
    name_zh      text          NOT NULL,
    business     text          NOT NULL,
    price        numeric(14,2) NOT NULL,
    owner_org    integer,
    core         boolean       NOT NULL DEFAULT false,
    external_key text,
    CONSTRAINT product_pkey PRIMARY KEY (product_code),
    CONSTRAINT product_external_key_key UNIQUE (external_key),
    CONSTRAINT product_type_code_fkey FOREIGN KEY (type_code) REFERENCES mkt.product_type,
    CONSTRAINT product_owner_org_fkey FOREIGN KEY (owner_org) REFERENCES mkt.org,
    CONSTRAINT product_business_check CHECK (business IN ('broadband', 'plan', 'data', 'top_up', 'number_card', 'terminal')),
    CONSTRAINT product_price_check CHECK (price >= 0)
);
COMMENT ON TABLE mkt.product IS 'Products of the six businesses (S2-030). type_code is what channel priorities go by (S0-041..044), family what repeated marketing is measured by (S3-012); owner_org is the department that answers for it, core marks the products of the core list.';

CREATE TABLE mkt.offer (
    offer_code   text          NOT NULL,
    product_code text          NOT NULL,
    name         text          NOT NULL,
    name_zh      text          NOT NULL,
    value        numeric(14,2) NOT NULL,
    cost         numeric(14,2) NOT NULL DEFAULT 0,
    valid_from   date          NOT NULL,
    valid_to     date,
    template     text,
    CONSTRAINT offer_pkey PRIMARY KEY (offer_code),
    CONSTRAINT offer_product_code_fkey FOREIGN KEY (product_code) REFERENCES mkt.product,
    CONSTRAINT offer_value_check CHECK (value >= 0),
    CONSTRAINT offer_cost_check CHECK (cost >= 0),
    CONSTRAINT offer_validity_check CHECK (valid_from < valid_to)
);
COMMENT ON TABLE mkt.offer IS 'A product at terms: value is what an acceptance is worth to the operator and cost what the benefit costs, both in yuan. valid_to is exclusive, days are those of the platform''s time zone. template is what the front line says or sends.';
