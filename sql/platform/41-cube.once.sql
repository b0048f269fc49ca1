-- ----------------------------------------------------------------------
-- sql/platform/41-cube.once.sql: the strategy cube. Four customer axes and
-- three slices; what stands on an axis is defined by an expression.
-- Changing a table needs a delta in sql/upgrade/.
-- ----------------------------------------------------------------------
CREATE TABLE mkt.cube_axis (
    axis_code text     NOT NULL,
    ordinal   smallint NOT NULL,
    slice     boolean  NOT NULL,
    name      text     NOT NULL,
    name_zh   text     NOT NULL,
    CONSTRAINT cube_axis_pkey PRIMARY KEY (axis_code),
    CONSTRAINT cube_axis_ordinal_key UNIQUE (ordinal)
);
COMMENT ON TABLE mkt.cube_axis IS 'The axes of the strategy cube: behaviour, need, preference and value of the customer, sliced by business, scene and life stage (S0-034).';

INSERT INTO mkt.cube_axis (axis_code, ordinal, slice, name, name_zh) VALUES
    ('behaviour',  1, false, 'Behaviour',  '行为'),
    ('need',       2, false, 'Need',       '需求'),
    ('preference', 3, false, 'Preference', '偏好'),
    ('value',      4, false, 'Value',      '价值'),
    ('business',   5, true,  'Business',   '业务'),
    ('scene',      6, true,  'Scene',      '场景'),
    ('life_stage', 7, true,  'Life stage', '生命周期');

CREATE TABLE mkt.cube_value (
    axis_code  text     NOT NULL,
    value_code text     NOT NULL,
    ordinal    smallint NOT NULL,
    name       text     NOT NULL,
    name_zh    text     NOT NULL,
    definition mkt.tagexpr,
    CONSTRAINT cube_value_pkey PRIMARY KEY (axis_code, value_code),
    CONSTRAINT cube_value_ordinal_key UNIQUE (axis_code, ordinal),
    CONSTRAINT cube_value_axis_code_fkey FOREIGN KEY (axis_code) REFERENCES mkt.cube_axis
);
COMMENT ON TABLE mkt.cube_value IS 'What stands on an axis of the strategy cube. definition: the customers who stand there; NULL: all, the value tells strategies apart, not customers (S0-034). An operator changes definitions when he likes: cells are counted when asked.';

-- businesses and scenes are those of the scene matrix (S2-030); names of stages are ours [proposed]
INSERT INTO mkt.cube_value (axis_code, value_code, ordinal, name, name_zh) VALUES
    ('business',   'broadband',         1, 'Broadband',              '宽带'),
    ('business',   'plan',              2, 'Plan',                   '套餐'),
    ('business',   'data',              3, 'Data pack',              '流量包'),
    ('business',   'top_up',            4, 'Top-up',                 '充值缴费'),
    ('business',   'number_card',       5, 'Number card',            '号卡'),
    ('business',   'terminal',          6, 'Terminal',               '终端'),
    ('scene',      'data_threshold',    1, 'Data threshold',         '流量阈值提醒'),
    ('scene',      'topup_arrived',     2, 'Top-up arrived',         '充值到账'),
    ('scene',      'arrears_suspended', 3, 'Suspended for arrears',  '欠费停机'),
    ('scene',      'low_balance',       4, 'Low balance reminder',   '低余额提醒'),
    ('scene',      'broadband_expiry',  5, 'Broadband expiry',       '宽带到期'),
    ('scene',      'cancellation',      6, 'Business cancellation',  '业务退订'),
    ('life_stage', 'prospect',          1, 'Not ours yet',           '潜在期'),
    ('life_stage', 'new',               2, 'New on the net',         '新入期'),
    ('life_stage', 'growing',           3, 'Growing',                '成长期'),
    ('life_stage', 'mature',            4, 'Mature',                 '成熟期'),
    ('life_stage', 'at_risk',           5, 'At risk',                '预警期'),
    ('life_stage', 'left',              6, 'Left',                   '离网期');

CREATE TABLE mkt.strategy_cube (
    strategy_id integer NOT NULL,
    axis_code   text    NOT NULL,
    value_code  text    NOT NULL,
    CONSTRAINT strategy_cube_pkey PRIMARY KEY (strategy_id, axis_code, value_code),
    CONSTRAINT strategy_cube_strategy_id_fkey FOREIGN KEY (strategy_id) REFERENCES mkt.strategy,
    CONSTRAINT strategy_cube_value_fkey FOREIGN KEY (axis_code, value_code) REFERENCES mkt.cube_value
);
COMMENT ON TABLE mkt.strategy_cube IS 'For which cells of the cube a strategy is made: its values on an axis; none on an axis means all of them (S0-034).';
