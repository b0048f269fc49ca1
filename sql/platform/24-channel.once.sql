-- ----------------------------------------------------------------------
-- sql/platform/24-channel.once.sql: channels, touchpoints, and which product
-- types a channel should put first.
-- Changing a table needs a delta in sql/upgrade/.
-- ----------------------------------------------------------------------
CREATE TABLE mkt.channel (
    channel_code   text    NOT NULL,
    name           text    NOT NULL,
    name_zh        text    NOT NULL,
    ownership      text    NOT NULL,
    push_mode      text    NOT NULL,
    unit_cost      numeric NOT NULL,
    daily_capacity integer,
    external_key   text,
    CONSTRAINT channel_pkey PRIMARY KEY (channel_code),
    CONSTRAINT channel_external_key_key UNIQUE (external_key),
    CONSTRAINT channel_ownership_check CHECK (ownership IN ('own', 'external')),
    CONSTRAINT channel_push_mode_check CHECK (push_mode IN ('active', 'semi_active')),
    CONSTRAINT channel_unit_cost_check CHECK (unit_cost >= 0),
    CONSTRAINT channel_daily_capacity_check CHECK (daily_capacity >= 0)
);
COMMENT ON TABLE mkt.channel IS 'The six channels of the touchpoint centre (S0-045). unit_cost in yuan a contact; daily_capacity NULL means no limit.';

-- Costs and capacities are [proposed] starting values: an operator sets its own.
INSERT INTO mkt.channel (channel_code, name, name_zh, ownership, push_mode, unit_cost, daily_capacity) VALUES
    ('outbound', 'Smart outbound call', '智能外呼',   'own',      'active',      0.80, 20000),
    ('hall',     'Business hall',       '实体厅店',   'own',      'semi_active', 2.00, NULL),
    ('grid',     'Grid visit',          '网格直销',   'own',      'active',      6.00, NULL),
    ('internet', 'Internet entry',      '互联网入口', 'external', 'semi_active', 0.02, NULL),
    ('hotline',  '10010 hotline',       '10010热线',  'own',      'active',      1.50, 5000),
    ('sms',      'Interactive SMS',     '互动短信',   'own',      'active',      0.05, 200000);

-- Only first days: two owners at a time cannot be written down.
CREATE TABLE mkt.channel_owner (
    channel_code text NOT NULL,
    since        date NOT NULL,
    staff_id     integer,
    CONSTRAINT channel_owner_pkey PRIMARY KEY (channel_code, since),
    CONSTRAINT channel_owner_channel_code_fkey FOREIGN KEY (channel_code) REFERENCES mkt.channel,
    CONSTRAINT channel_owner_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES mkt.staff,
    CONSTRAINT channel_owner_since_check CHECK (isfinite(since))
);
COMMENT ON TABLE mkt.channel_owner IS 'Who answers for a channel from a day until the day of the next line, NULL nobody: one owner at a time by construction. mkt.channel_owners() reads it.';
CREATE INDEX channel_owner_staff_id_idx ON mkt.channel_owner (staff_id);

CREATE TABLE mkt.touchpoint (
    touchpoint_code text NOT NULL,
    channel_code    text NOT NULL,
    name            text NOT NULL,
    name_zh         text NOT NULL,
    mode            text NOT NULL,
    CONSTRAINT touchpoint_pkey PRIMARY KEY (touchpoint_code),
    CONSTRAINT touchpoint_channel_code_fkey FOREIGN KEY (channel_code) REFERENCES mkt.channel,
    CONSTRAINT touchpoint_mode_check CHECK (mode IN ('active', 'passive'))
);
COMMENT ON TABLE mkt.touchpoint IS 'Where a customer is met. active: we go to the customer; passive: the customer comes to us.';

INSERT INTO mkt.touchpoint (touchpoint_code, channel_code, name, name_zh, mode) VALUES
    ('outbound_robot',  'outbound', 'Robot call',             '机器人外呼',   'active'),
    ('outbound_agent',  'outbound', 'Agent call',             '人工外呼',     'active'),
    ('hall_counter',    'hall',     'Hall counter pop-up',    '厅店台席弹窗', 'passive'),
    ('grid_visit',      'grid',     'Door visit',             '上门走访',     'active'),
    ('community_stand', 'grid',     'Community stand',        '社区摆摊',     'active'),
    ('app',             'internet', 'App',                    '手机营业厅',   'passive'),
    ('cloud_retail',    'internet', 'Cloud retail shop',      '云零售店铺',   'passive'),
    ('wecom',           'internet', 'WeCom',                  '企业微信',     'active'),
    ('hotline_10010',   'hotline',  '10010 call-back',        '10010回访',    'active'),
    ('sms_push',        'sms',      'Interactive SMS push',   '互动短信推送', 'active');

CREATE TABLE mkt.product_type (
    type_code text NOT NULL,
    name      text NOT NULL,
    name_zh   text NOT NULL,
    CONSTRAINT product_type_pkey PRIMARY KEY (type_code)
);
COMMENT ON TABLE mkt.product_type IS 'Kinds of product as the channel rules see them (S0-041..044).';

INSERT INTO mkt.product_type (type_code, name, name_zh) VALUES
    ('light',         'Light product',      '轻量产品'),
    ('finance',       'Financial product',  '金融产品'),
    ('terminal',      'Terminal',           '终端产品'),
    ('home_internet', 'Home internet',      '家庭宽带'),
    ('preference',    'Preference product', '偏好产品'),
    ('scenario',      'Scenario product',   '场景产品'),
    ('plan',          'Tariff plan',        '套餐产品');

CREATE TABLE mkt.channel_product_priority (
    channel_code text    NOT NULL,
    type_code    text    NOT NULL,
    factor       numeric NOT NULL DEFAULT 1,
    CONSTRAINT channel_product_priority_pkey PRIMARY KEY (channel_code, type_code),
    CONSTRAINT channel_product_priority_channel_code_fkey FOREIGN KEY (channel_code) REFERENCES mkt.channel,
    CONSTRAINT channel_product_priority_type_code_fkey FOREIGN KEY (type_code) REFERENCES mkt.product_type,
    CONSTRAINT channel_product_priority_factor_check CHECK (factor >= 0)
);
COMMENT ON TABLE mkt.channel_product_priority IS 'The l-factor of arbitration: what a channel sells best counts more (S0-041..044). No row means factor 1.';

-- The rules are published, the size of the factor is [proposed].
INSERT INTO mkt.channel_product_priority (channel_code, type_code, factor) VALUES
    ('outbound', 'light',         1.3),     -- S0-041 precise, fast, efficient
    ('hall',     'finance',       1.3),     -- S0-042 face to face
    ('hall',     'terminal',      1.3),
    ('hall',     'home_internet', 1.3),
    ('internet', 'preference',    1.3),     -- S0-043 wide, fast, high benefit
    ('sms',      'scenario',      1.3);     -- S0-044 short, flat, fast
