-- ----------------------------------------------------------------------
-- sql/platform/63-coupon.once.sql: coupon batches, coupons, and whose hands
-- a coupon went through. An order is tied to its coupon in 64-order.
-- Changing a table needs a delta in sql/upgrade/.
-- ----------------------------------------------------------------------

-- generated counts the coupons ever made: its check is what makes "never more
-- than total" true whatever runs at the same time.
CREATE TABLE mkt.coupon_batch (
    batch_id     integer       GENERATED ALWAYS AS IDENTITY,
    code         text          NOT NULL,
    name         text          NOT NULL,
    name_zh      text          NOT NULL,
    product_code text          NOT NULL,
    face_value   numeric(14,2) NOT NULL,
    total        integer       NOT NULL,
    per_customer integer       NOT NULL,
    generated    integer       NOT NULL DEFAULT 0,
    valid_from   timestamptz   NOT NULL,
    valid_to     timestamptz   NOT NULL,
    CONSTRAINT coupon_batch_pkey PRIMARY KEY (batch_id),
    CONSTRAINT coupon_batch_code_key UNIQUE (code),
    CONSTRAINT coupon_batch_product_code_fkey FOREIGN KEY (product_code) REFERENCES mkt.product,
    CONSTRAINT coupon_batch_face_value_check CHECK (face_value > 0),
    CONSTRAINT coupon_batch_total_check CHECK (generated BETWEEN 0 AND total),
    CONSTRAINT coupon_batch_per_customer_check CHECK (per_customer > 0),
    CONSTRAINT coupon_batch_validity_check CHECK (valid_from < valid_to)
);
COMMENT ON TABLE mkt.coupon_batch IS 'A kind of coupon for one product: how many there are, how many a customer may hold, and when they are good; valid_to is exclusive (S0-078).';

-- holding numbers the coupons one customer has of a batch, 1 .. per_customer:
-- the unique key keeps the limit even where a snapshot is older than the lock.
CREATE TABLE mkt.coupon (
    coupon_code    text    NOT NULL,
    batch_id       integer NOT NULL,
    cid            bigint,
    holding        integer,
    org_id         integer,
    state          text    NOT NULL,
    first_issuer   text,
    issue_request  text    NOT NULL,
    generated_at   timestamptz NOT NULL,
    issued_at      timestamptz,
    claimed_at     timestamptz,
    lock_request   text,
    locked_until   timestamptz,
    redeemed_at    timestamptz,
    redeem_request text,
    sales_order_id bigint,
    voided_at      timestamptz,
    void_reason    text,
    made_for       bigint,
    CONSTRAINT coupon_pkey PRIMARY KEY (coupon_code),
    CONSTRAINT coupon_redeem_request_key UNIQUE (redeem_request),
    CONSTRAINT coupon_holding_key UNIQUE (batch_id, cid, holding),
    CONSTRAINT coupon_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES mkt.coupon_batch,
    CONSTRAINT coupon_cid_fkey FOREIGN KEY (cid) REFERENCES mkt.customer,
    CONSTRAINT coupon_org_id_fkey FOREIGN KEY (org_id) REFERENCES mkt.org,
    CONSTRAINT coupon_state_check CHECK (state IN ('generated', 'issued', 'claimed', 'locked', 'redeemed', 'void')),
    CONSTRAINT coupon_issued_check CHECK (state IN ('generated', 'void') OR (first_issuer IS NOT NULL AND issued_at IS NOT NULL)),
    CONSTRAINT coupon_held_check CHECK ((state IN ('claimed', 'locked', 'redeemed')) = (holding IS NOT NULL)),
    CONSTRAINT coupon_claimed_check CHECK (holding IS NULL OR (cid IS NOT NULL AND claimed_at IS NOT NULL)),
    CONSTRAINT coupon_locked_check CHECK ((state = 'locked') = (lock_request IS NOT NULL AND locked_until IS NOT NULL)),
    CONSTRAINT coupon_redeemed_check CHECK ((state = 'redeemed') = (redeemed_at IS NOT NULL AND redeem_request IS NOT NULL AND sales_order_id IS NOT NULL)),
    CONSTRAINT coupon_void_check CHECK ((state = 'void') = (voided_at IS NOT NULL AND void_reason IS NOT NULL))
);
COMMENT ON TABLE mkt.coupon IS 'One coupon: generated, issued (somebody hands it on), claimed (a customer holds it), locked (a basket holds it), redeemed, or void. Expired is a comparison with the batch, not a state (S0-078).';
COMMENT ON COLUMN mkt.coupon.made_for IS 'The customer who claimed it, if a merge has moved it since: the limit per customer held for that one.';
CREATE INDEX coupon_batch_id_state_idx ON mkt.coupon (batch_id, state);
CREATE INDEX coupon_cid_idx ON mkt.coupon (cid) WHERE cid IS NOT NULL;
CREATE INDEX coupon_issue_request_idx ON mkt.coupon (issue_request);

CREATE TABLE mkt.coupon_share (
    coupon_code text        NOT NULL,
    seq         integer     NOT NULL,
    giver       text        NOT NULL,
    taker       text        NOT NULL,
    org_id      integer,
    at          timestamptz NOT NULL,
    CONSTRAINT coupon_share_pkey PRIMARY KEY (coupon_code, seq),
    CONSTRAINT coupon_share_coupon_code_fkey FOREIGN KEY (coupon_code) REFERENCES mkt.coupon,
    CONSTRAINT coupon_share_org_id_fkey FOREIGN KEY (org_id) REFERENCES mkt.org
);
COMMENT ON TABLE mkt.coupon_share IS 'The way a coupon took from hand to hand; append-only. Whoever issued it first stays first_issuer (S0-078).';
