-- ----------------------------------------------------------------------
-- sql/platform/64-order.once.sql: one order pool for all flows, its steps and
-- the words it uses.
-- Work orders (tasks of our own people) are 50-workorder.
-- Changing a table needs a delta in sql/upgrade/.
-- ----------------------------------------------------------------------
CREATE TABLE mkt.sale_scene (
    sale_scene text NOT NULL,
    name       text NOT NULL,
    name_zh    text NOT NULL,
    CONSTRAINT sale_scene_pkey PRIMARY KEY (sale_scene)
);
COMMENT ON TABLE mkt.sale_scene IS 'The six scenes a sale happens in (S0-083).';

INSERT INTO mkt.sale_scene (sale_scene, name, name_zh) VALUES
    ('self_service', 'Self-service',    '自助'),
    ('on_behalf',    'On behalf',       '代客下单'),
    ('field',        'Field marketing', '外拓营销'),
    ('distribution', 'Distribution',    '分销'),
    ('code',         'Code sales',      '码上售'),
    ('casual',       'Casual sales',    '随销');

CREATE TABLE mkt.order_flow (
    flow    text NOT NULL,
    name    text NOT NULL,
    name_zh text NOT NULL,
    CONSTRAINT order_flow_pkey PRIMARY KEY (flow)
);
COMMENT ON TABLE mkt.order_flow IS 'The three order flows merged into the middle platform (S0-090).';

INSERT INTO mkt.order_flow (flow, name, name_zh) VALUES
    ('mobile', 'Mobile',        '移网'),
    ('2i',     '2I',            '2I'),
    ('fixed',  'Fixed network', '固网');

CREATE TABLE mkt.delivery_mode (
    delivery_mode text NOT NULL,
    name          text NOT NULL,
    name_zh       text NOT NULL,
    CONSTRAINT delivery_mode_pkey PRIMARY KEY (delivery_mode)
);
COMMENT ON TABLE mkt.delivery_mode IS 'Ways an order reaches the customer (S0-089). [proposed] list.';

INSERT INTO mkt.delivery_mode (delivery_mode, name, name_zh) VALUES
    ('instant', 'Activated online',     '即时开通'),
    ('pickup',  'Collected in a hall',  '到厅自提'),
    ('express', 'Express parcel',       '快递配送'),
    ('door',    'Brought by the grid',  '网格上门'),
    ('install', 'Installed at home',    '上门装维');

CREATE TABLE mkt.sales_order_state (
    state   text     NOT NULL,
    ordinal smallint NOT NULL,
    name    text     NOT NULL,
    name_zh text     NOT NULL,
    CONSTRAINT sales_order_state_pkey PRIMARY KEY (state),
    CONSTRAINT sales_order_state_ordinal_key UNIQUE (ordinal)
);
COMMENT ON TABLE mkt.sales_order_state IS 'Where an order stands. An order goes from one ordinal to the next, or to cancelled (-1) before delivery (S0-086).';

INSERT INTO mkt.sales_order_state (state, ordinal, name, name_zh) VALUES
    ('cancelled',  -1, 'Cancelled',       '已取消'),
    ('placed',      0, 'Placed',          '已下单'),
    ('accepted',    1, 'Accepted',        '已受理'),
    ('landed',      2, 'Landed in CBSS',  '已落地'),
    ('dispatched',  3, 'Dispatched',      '已派单'),
    ('delivered',   4, 'Delivered',       '已交付');

CREATE TABLE mkt.sales_order (
    sales_order_id  bigint        GENERATED ALWAYS AS IDENTITY,
    order_key       text          NOT NULL,
    cid             bigint        NOT NULL,
    org_id          integer,
    cell_id         integer,
    product_code    text          NOT NULL,
    work_order_id   bigint,
    channel_code    text,
    domain_code     text,
    sale_scene      text          NOT NULL,
    flow            text          NOT NULL,
    amount          numeric(14,2) NOT NULL,
    coupon_code     text,
    code            text,
    state           text          NOT NULL DEFAULT 'placed',
    placed_at       timestamptz   NOT NULL,
    accepted_at     timestamptz,
    auto_accepted   boolean,
    landed_at       timestamptz,
    dispatched_at   timestamptz,
    auto_dispatched boolean,
    delivered_at    timestamptz,
    cancelled_at    timestamptz,
    delivery_mode   text,
    visits          smallint      NOT NULL DEFAULT 0,
    CONSTRAINT sales_order_pkey PRIMARY KEY (sales_order_id),
    CONSTRAINT sales_order_order_key_key UNIQUE (order_key),
    CONSTRAINT sales_order_cid_fkey FOREIGN KEY (cid) REFERENCES mkt.customer,
    CONSTRAINT sales_order_org_id_fkey FOREIGN KEY (org_id) REFERENCES mkt.org,
    CONSTRAINT sales_order_product_code_fkey FOREIGN KEY (product_code) REFERENCES mkt.product,
    CONSTRAINT sales_order_work_order_id_fkey FOREIGN KEY (work_order_id) REFERENCES mkt.work_order,
    CONSTRAINT sales_order_channel_code_fkey FOREIGN KEY (channel_code) REFERENCES mkt.channel,
    CONSTRAINT sales_order_domain_code_fkey FOREIGN KEY (domain_code) REFERENCES mkt.domain,
    CONSTRAINT sales_order_sale_scene_fkey FOREIGN KEY (sale_scene) REFERENCES mkt.sale_scene,
    CONSTRAINT sales_order_flow_fkey FOREIGN KEY (flow) REFERENCES mkt.order_flow,
    CONSTRAINT sales_order_coupon_code_fkey FOREIGN KEY (coupon_code) REFERENCES mkt.coupon,
    CONSTRAINT sales_order_code_fkey FOREIGN KEY (code) REFERENCES mkt.code,
    CONSTRAINT sales_order_state_fkey FOREIGN KEY (state) REFERENCES mkt.sales_order_state,
    CONSTRAINT sales_order_delivery_mode_fkey FOREIGN KEY (delivery_mode) REFERENCES mkt.delivery_mode,
    CONSTRAINT sales_order_amount_check CHECK (amount >= 0),
    CONSTRAINT sales_order_visits_check CHECK (visits >= 0),
    CONSTRAINT sales_order_cancelled_check CHECK ((state = 'cancelled') = (cancelled_at IS NOT NULL)),
    CONSTRAINT sales_order_auto_check CHECK ((accepted_at IS NULL) = (auto_accepted IS NULL)
                                         AND (dispatched_at IS NULL) = (auto_dispatched IS NULL))
);
COMMENT ON TABLE mkt.sales_order IS 'The order pool: mobile, 2I and fixed orders of every scene in one place, each step with its time (S0-086, S0-090, S0-091). amount is what the customer pays, after the coupon; cell_id where the customer lived when it was placed.';
CREATE UNIQUE INDEX sales_order_coupon_code_idx ON mkt.sales_order (coupon_code) WHERE state <> 'cancelled';
COMMENT ON INDEX mkt.sales_order_coupon_code_idx IS 'A coupon serves one order; a cancelled order keeps the name of the coupon it gave back.';
CREATE INDEX sales_order_cid_idx ON mkt.sales_order (cid);
CREATE INDEX sales_order_placed_at_idx ON mkt.sales_order (placed_at);
CREATE INDEX sales_order_work_order_id_idx ON mkt.sales_order (work_order_id) WHERE work_order_id IS NOT NULL;
CREATE INDEX sales_order_code_idx ON mkt.sales_order (code) WHERE code IS NOT NULL;

-- A coupon and its order name each other; the second half can only be said here,
-- after the order table.
ALTER TABLE mkt.coupon
    ADD CONSTRAINT coupon_sales_order_id_key UNIQUE (sales_order_id),
    ADD CONSTRAINT coupon_sales_order_id_fkey FOREIGN KEY (sales_order_id) REFERENCES mkt.sales_order;
