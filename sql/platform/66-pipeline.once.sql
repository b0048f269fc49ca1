-- ----------------------------------------------------------------------
-- sql/platform/66-pipeline.once.sql: the mechanisms the middle platform runs
-- by. The product pipeline itself (S0-096) is not here yet.
-- Changing a table needs a delta in sql/upgrade/.
-- ----------------------------------------------------------------------
CREATE TABLE mkt.mechanism (
    code     text    NOT NULL,
    name     text    NOT NULL,
    name_zh  text    NOT NULL,
    proposed boolean NOT NULL,
    CONSTRAINT mechanism_pkey PRIMARY KEY (code)
);
COMMENT ON TABLE mkt.mechanism IS 'The ten operating mechanisms of the middle platform (S0-080). proposed: named by us, not by the operator.';

INSERT INTO mkt.mechanism (code, name, name_zh, proposed) VALUES
    ('product_operation',     'Product operation',                            '产品运营机制',               false),
    ('intensive_acceptance',  'Intensive acceptance',                         '集约受理机制',               false),
    ('customer_perception',   'Customer-perception improvement',              '客户感知提升机制',           false),
    ('front_line_perception', 'Front-line-perception improvement',            '一线感知提升机制',           false),
    ('resource_grooming',     'Front and back resource and data grooming',    '前后台资源数据梳理机制',     false),
    ('unified_delivery',      'Unified delivery operation',                   '统一交付运营机制',           false),
    ('embedded_staff',        'Embedded digital staff support',               '嵌入式数字化人员支撑机制',   false),
    ('six_scene_support',     'Six-scene touchpoint support',                 '六场景触点支撑机制',         true),
    ('reversed_installation', 'Reversed broadband installation',              '宽带反向装机机制',           true),
    ('unified_commodity',     'Unified product-commodity operation',          '产品商品统一运营机制',       true);
