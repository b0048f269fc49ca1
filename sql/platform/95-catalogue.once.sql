-- ----------------------------------------------------------------------
-- sql/platform/95-catalogue.once.sql: the shipped catalogue of tags and
-- models, its classes, businesses and scenes.
--
-- The sources give counts, not names (672 tags, 275 models, 61 behaviour tags
-- in five classes): every name in the 95-catalogue parts is ours [proposed].
-- Rows: 95-catalogue-sources, 95-catalogue-tags-*, 95-catalogue-models.
-- The catalogue is reference data. What an operator uses of it becomes a
-- working tag in mkt.tag by mkt.catalogue_adopt().
-- Changing a table needs a delta in sql/upgrade/.
-- ----------------------------------------------------------------------

-- ---- how the catalogue is ordered ----------------------------------------
CREATE TABLE mkt.catalogue_class (
    class_code text     NOT NULL,
    ordinal    smallint NOT NULL,
    axis       text,
    name       text     NOT NULL,
    name_zh    text     NOT NULL,
    CONSTRAINT catalogue_class_pkey PRIMARY KEY (class_code),
    CONSTRAINT catalogue_class_ordinal_key UNIQUE (ordinal),
    CONSTRAINT catalogue_class_name_zh_key UNIQUE (name_zh),
    CONSTRAINT catalogue_class_axis_check CHECK (axis IN ('behaviour', 'need', 'preference', 'value'))
);
COMMENT ON TABLE mkt.catalogue_class IS 'Classes of tags [proposed]. axis: the customer axis of the strategy cube that the class feeds (S0-034); NULL: it describes the customer or the life cycle.';

INSERT INTO mkt.catalogue_class (class_code, ordinal, axis, name, name_zh) VALUES
    ('basic',        1,  NULL,         'Basic attributes',         '基础属性'),
    ('number',       2,  NULL,         'Number and joining',       '号码与入网'),
    ('lifecycle',    3,  NULL,         'Life cycle',               '生命周期'),
    ('value',        4,  'value',      'Value',                    '客户价值'),
    ('spend',        5,  'value',      'Structure of charges',     '消费结构'),
    ('payment',      6,  'behaviour',  'Payment and top-up',       '缴费充值'),
    ('credit',       7,  'value',      'Credit and risk',          '信用与风险'),
    ('contract',     8,  NULL,         'Contract',                 '合约'),
    ('family',       9,  NULL,         'Family and bundle',        '家庭与融合'),
    ('circle',       10, NULL,         'Circle',                   '交往圈'),
    ('enterprise',   11, NULL,         'Link to an enterprise',    '政企关联'),
    ('voice',        12, 'behaviour',  'Voice and messages',       '语音与短信'),
    ('data',         13, 'behaviour',  'Data',                     '流量使用'),
    ('fiveg',        14, 'behaviour',  '5G',                       '5G使用'),
    ('holding',      15, 'behaviour',  'Plans and packs',          '套餐与流量包'),
    ('benefit',      16, 'preference', 'Benefits and added value', '权益与增值'),
    ('broadband',    17, 'behaviour',  'Broadband',                '宽带'),
    ('tv',           18, 'behaviour',  'TV',                       '电视'),
    ('smart_home',   19, 'behaviour',  'Smart home',               '智慧家庭'),
    ('terminal',     20, 'behaviour',  'Terminals',                '终端'),
    ('roaming',      21, 'behaviour',  'Roaming',                  '漫游'),
    ('service',      22, 'behaviour',  'Service and complaints',   '服务与投诉'),
    ('satisfaction', 23, 'value',      'Satisfaction',             '满意度'),
    ('experience',   24, 'need',       'Network experience',       '网络体验'),
    ('channel',      25, 'preference', 'Channel preference',       '渠道偏好'),
    ('content',      26, 'preference', 'Content and apps',         '内容与应用偏好'),
    ('location',     27, 'behaviour',  'Location and mobility',    '位置与出行'),
    ('competitor',   28, 'value',      'Competitor signals',       '竞争信号'),
    ('offnet',       29, 'value',      'Off-net customers',        '异网客户'),
    ('contact',      30, 'preference', 'Contact and answer',       '接触与响应'),
    ('need',         31, 'need',       'Needs',                    '需求'),
    ('behaviour',    32, 'behaviour',  'Channel behaviour',        '渠道行为');

CREATE TABLE mkt.catalogue_business (
    business_code text     NOT NULL,
    ordinal       smallint NOT NULL,
    name          text     NOT NULL,
    name_zh       text     NOT NULL,
    in_matrix     boolean  NOT NULL,
    key_business  boolean  NOT NULL,
    CONSTRAINT catalogue_business_pkey PRIMARY KEY (business_code),
    CONSTRAINT catalogue_business_ordinal_key UNIQUE (ordinal),
    CONSTRAINT catalogue_business_name_zh_key UNIQUE (name_zh)
);
COMMENT ON TABLE mkt.catalogue_business IS 'Businesses that tags and models belong to. in_matrix: one of the six of the scene matrix (S2-030); key_business: broadband, 4G plan, data pack (S2-014). The others are [proposed].';

INSERT INTO mkt.catalogue_business (business_code, ordinal, name, name_zh, in_matrix, key_business) VALUES
    ('broadband',   1,  'Broadband',          '宽带',     true,  true),
    ('plan',        2,  'Plan',               '套餐',     true,  true),
    ('data',        3,  'Data pack',          '流量包',   true,  true),
    ('top_up',      4,  'Top-up',             '充值缴费', true,  false),
    ('number_card', 5,  'Number card',        '号卡',     true,  false),
    ('terminal',    6,  'Terminal',           '终端',     true,  false),
    ('fiveg',       7,  '5G',                 '5G业务',   false, false),
    ('voice',       8,  'Voice',              '语音',     false, false),
    ('tv',          9,  'TV',                 '电视',     false, false),
    ('smart_home',  10, 'Smart home',         '智慧家庭', false, false),
    ('convergence', 11, 'Bundle',             '融合业务', false, false),
    ('benefit',     12, 'Benefits',           '权益',     false, false),
    ('roaming',     13, 'Roaming',            '漫游',     false, false),
    ('cloud',       14, 'Cloud',              '云业务',   false, false),
    ('finance',     15, 'Finance',            '金融',     false, false),
    ('enterprise',  16, 'Business customers', '政企',     false, false),
    ('service',     17, 'Customer service',   '客户服务', false, false),
    ('general',     18, 'All businesses',     '通用',     false, false);

CREATE TABLE mkt.catalogue_scene (
    scene_code text     NOT NULL,
    ordinal    smallint NOT NULL,
    name       text     NOT NULL,
    name_zh    text     NOT NULL,
    in_matrix  boolean  NOT NULL,
    moment     text     NOT NULL,
    CONSTRAINT catalogue_scene_pkey PRIMARY KEY (scene_code),
    CONSTRAINT catalogue_scene_ordinal_key UNIQUE (ordinal),
    CONSTRAINT catalogue_scene_name_zh_key UNIQUE (name_zh)
);
COMMENT ON TABLE mkt.catalogue_scene IS 'Scenes that models serve. in_matrix: one of the six of the scene matrix (S2-030); the others are [proposed]. moment: when the scene is on.';

INSERT INTO mkt.catalogue_scene (scene_code, ordinal, name, name_zh, in_matrix, moment) VALUES
    ('data_threshold',     1,  'Data threshold',             '流量阈值提醒', true,  'the plan''s data is nearly used up'),
    ('topup_arrived',      2,  'Top-up arrived',             '充值到账',     true,  'a top-up has been booked'),
    ('arrears_suspended',  3,  'Suspended for arrears',      '欠费停机',     true,  'the number is or will be suspended for arrears'),
    ('low_balance',        4,  'Low balance reminder',       '低余额提醒',   true,  'the balance falls below the limit'),
    ('broadband_expiry',   5,  'Broadband expiry',           '宽带到期',     true,  'a broadband line nears its expiry'),
    ('cancellation',       6,  'Business cancellation',      '业务退订',     true,  'a customer asks to cancel a service or the number'),
    ('onboarding',         7,  'Onboarding',                 '新入网关怀',   false, 'the first 90 days of a customer or a line'),
    ('contract_expiry',    8,  'Contract expiry',            '合约到期',     false, 'a contract, bundle or discount nears its end'),
    ('plan_migration',     9,  'Plan migration',             '套餐迁转',     false, 'a customer is about to change the plan'),
    ('overage',            10, 'Charges outside the plan',   '超套提醒',     false, 'use goes beyond the plan'),
    ('silent_wakeup',      11, 'Waking the silent',          '静默唤醒',     false, 'use fades away'),
    ('port_out_alert',     12, 'Alert of porting out',       '携出预警',     false, 'signs of leaving to another operator'),
    ('win_back',           13, 'Win-back',                   '离网召回',     false, 'a customer or line has left'),
    ('offnet_win',         14, 'Winning off-net customers',  '异网策反',     false, 'a customer of another operator can be met'),
    ('phone_change',       15, 'Change of phone',            '换机',         false, 'a new phone is due'),
    ('family_growth',      16, 'Family joins',               '家庭加人',     false, 'the household can be extended'),
    ('moving_home',        17, 'Moving home',                '搬家装机',     false, 'a household moves'),
    ('new_estate',         18, 'New estate',                 '新小区交付',   false, 'a new estate is handed over'),
    ('hall_visit',         19, 'Visit to a hall',            '到厅办理',     false, 'a customer stands at the counter'),
    ('hotline_call',       20, 'Call to the hotline',        '热线来话',     false, 'a customer calls 10010'),
    ('app_login',          21, 'Login to the app',           'APP登录',      false, 'a customer opens the app, the web hall or the mini-programme'),
    ('outbound_round',     22, 'Outbound round',             '外呼营销',     false, 'customers are called or messaged in a round'),
    ('grid_visit',         23, 'Visit by the grid manager',  '网格走访',     false, 'the grid manager goes from door to door'),
    ('community_activity', 24, 'Community activity',         '社区活动',     false, 'an activity is held in a community'),
    ('shop_street',        25, 'Shop street',                '商铺走访',     false, 'the manager visits the shops of a street'),
    ('live_show',          26, 'Live show',                  '直播带货',     false, 'a live show sells online'),
    ('social_share',       27, 'Sharing',                    '社交分享',     false, 'customers pass an activity on'),
    ('campus_season',      28, 'Campus season',              '校园迎新',     false, 'the term begins'),
    ('holiday_travel',     29, 'Holidays',                   '节假日出行',   false, 'people travel on holidays'),
    ('spring_return',      30, 'Return for Spring Festival', '春节返乡',     false, 'people return to their home towns'),
    ('going_abroad',       31, 'Going abroad',               '出境',         false, 'a customer plans or makes a trip abroad'),
    ('fault_care',         32, 'Broadband fault care',       '宽带故障关怀', false, 'the engineer repairs or visits'),
    ('tv_wakeup',          33, 'TV wake-up',                 '电视促活',     false, 'the TV at home is to be watched again'),
    ('member_care',        34, 'Member care',                '会员关怀',     false, 'members collect benefits, points and gifts'),
    ('complaint_followup', 35, 'After a complaint',          '投诉修复',     false, 'a complaint or survey is followed up'),
    ('network_upgrade',    36, 'Network built',              '新站开通',     false, 'a site opens or a weak place is mended'),
    ('debt_collection',    37, 'Debt collection',            '欠费催缴',     false, 'bills are unpaid'),
    ('credit_grant',       38, 'Granting credit',            '信用授信',     false, 'credit or instalments are granted'),
    ('fraud_control',      39, 'Fraud control',              '风险防控',     false, 'misuse has to be found'),
    ('round_planning',     40, 'Planning a round',           '轮次规划',     false, 'strategists plan the coming round'),
    ('capacity_planning',  41, 'Planning capacity',          '资源排产',     false, 'capacity for the coming month is planned');

CREATE TABLE mkt.catalogue_behaviour (
    behaviour_class text     NOT NULL,
    ordinal         smallint NOT NULL,
    name            text     NOT NULL,
    name_zh         text     NOT NULL,
    CONSTRAINT catalogue_behaviour_pkey PRIMARY KEY (behaviour_class),
    CONSTRAINT catalogue_behaviour_ordinal_key UNIQUE (ordinal),
    CONSTRAINT catalogue_behaviour_name_zh_key UNIQUE (name_zh)
);
COMMENT ON TABLE mkt.catalogue_behaviour IS 'The five classes of behaviour tags (S2-013).';

INSERT INTO mkt.catalogue_behaviour (behaviour_class, ordinal, name, name_zh) VALUES
    ('left_midway', 1, 'Left midway in handling',   '办理中途离开'),
    ('visited',     2, 'Visited or browsed',        '访问浏览'),
    ('ordered',     3, 'Successfully ordered',      '成功订购'),
    ('shared',      4, 'Drawn by activity sharing', '活动分享吸引'),
    ('clicked',     5, 'Clicked key touchpoints',   '点击关键触点');

CREATE TABLE mkt.catalogue_application (
    application_code text     NOT NULL,
    ordinal          smallint NOT NULL,
    name             text     NOT NULL,
    name_zh          text     NOT NULL,
    CONSTRAINT catalogue_application_pkey PRIMARY KEY (application_code),
    CONSTRAINT catalogue_application_ordinal_key UNIQUE (ordinal),
    CONSTRAINT catalogue_application_name_zh_key UNIQUE (name_zh)
);
COMMENT ON TABLE mkt.catalogue_application IS 'What tags are used for [proposed].';

CREATE TABLE mkt.catalogue_application_class (
    application_code text NOT NULL,
    class_code       text NOT NULL,
    CONSTRAINT catalogue_application_class_pkey PRIMARY KEY (application_code, class_code),
    CONSTRAINT catalogue_application_class_application_code_fkey FOREIGN KEY (application_code) REFERENCES mkt.catalogue_application,
    CONSTRAINT catalogue_application_class_class_code_fkey FOREIGN KEY (class_code) REFERENCES mkt.catalogue_class
);
COMMENT ON TABLE mkt.catalogue_application_class IS 'Application classes focus on different tags: which classes of tags each one looks at first (S1-034).';

INSERT INTO mkt.catalogue_application (application_code, ordinal, name, name_zh) VALUES
    ('acquire',         1, 'Acquisition',     '拓新'),
    ('activate',        2, 'Activation',      '激活促活'),
    ('upgrade',         3, 'Value growth',    '价值提升'),
    ('cross_sell',      4, 'Cross-selling',   '交叉融合'),
    ('retain',          5, 'Retention',       '存量维系'),
    ('win_back',        6, 'Win-back',        '召回'),
    ('service_care',    7, 'Service care',    '服务关怀'),
    ('risk_control',    8, 'Risk control',    '风险管控'),
    ('contact_control', 9, 'Contact control', '触达管控');

INSERT INTO mkt.catalogue_application_class (application_code, class_code)
SELECT v.application_code, c.class_code
FROM (VALUES
    ('acquire',         '{offnet,competitor,location,circle,family,number,content}'),
    ('activate',        '{lifecycle,channel,behaviour,benefit,fiveg,tv}'),
    ('upgrade',         '{value,spend,data,voice,holding,fiveg,broadband,terminal,need,behaviour}'),
    ('cross_sell',      '{family,broadband,tv,smart_home,terminal,benefit,content,enterprise,roaming,need}'),
    ('retain',          '{contract,lifecycle,competitor,satisfaction,experience,spend,value}'),
    ('win_back',        '{offnet,lifecycle,payment,contract}'),
    ('service_care',    '{service,satisfaction,experience,basic,benefit}'),
    ('risk_control',    '{credit,payment,number}'),
    ('contact_control', '{contact,channel,basic}')) AS v(application_code, classes)
CROSS JOIN unnest(v.classes::text[]) AS c(class_code);

-- ---- what the rules read -------------------------------------------------
CREATE TABLE mkt.catalogue_source (
    source_code text NOT NULL,
    relation    text NOT NULL,
    name        text NOT NULL,
    name_zh     text NOT NULL,
    grain       text NOT NULL,
    CONSTRAINT catalogue_source_pkey PRIMARY KEY (source_code),
    CONSTRAINT catalogue_source_relation_key UNIQUE (relation),
    CONSTRAINT catalogue_source_name_zh_key UNIQUE (name_zh)
);
COMMENT ON TABLE mkt.catalogue_source IS 'Sources of the tag rules (S3-010). Besides its columns each has cid bigint, one row per customer, and as_of date, the day the row was true: rules reckon with as_of and never read the clock.';
COMMENT ON COLUMN mkt.catalogue_source.relation IS 'Table or view that holds the source here; point it to your own before mkt.catalogue_adopt().';

CREATE TABLE mkt.catalogue_source_column (
    source_code text NOT NULL,
    column_name text NOT NULL,
    type        text NOT NULL,
    unit        text,
    name        text NOT NULL,
    name_zh     text NOT NULL,
    domain      text[],
    CONSTRAINT catalogue_source_column_pkey PRIMARY KEY (source_code, column_name),
    CONSTRAINT catalogue_source_column_source_code_fkey FOREIGN KEY (source_code) REFERENCES mkt.catalogue_source,
    CONSTRAINT catalogue_source_column_type_check CHECK (type IN ('boolean', 'integer', 'numeric', 'date', 'text')),
    CONSTRAINT catalogue_source_column_unit_check CHECK ((type IN ('integer', 'numeric')) = (unit IS NOT NULL)),
    CONSTRAINT catalogue_source_column_domain_check CHECK ((type = 'text') = (domain IS NOT NULL))
);
COMMENT ON TABLE mkt.catalogue_source_column IS 'Columns of a source. domain: every value a text column may hold.';

-- ---- tags and models -----------------------------------------------------
CREATE TABLE mkt.catalogue_tag (
    code            text     NOT NULL,
    name            text     NOT NULL,
    name_zh         text     NOT NULL,
    kind            text     NOT NULL,
    scale           smallint NOT NULL DEFAULT 0,
    unit            text,
    class_code      text     NOT NULL,
    business_code   text     NOT NULL,
    source_code     text     NOT NULL,
    rule            text     NOT NULL,
    refresh         text     NOT NULL,
    behaviour_class text,
    labels          text[],
    labels_zh       text[],
    CONSTRAINT catalogue_tag_pkey PRIMARY KEY (code),
    CONSTRAINT catalogue_tag_name_key UNIQUE (name),
    CONSTRAINT catalogue_tag_name_zh_key UNIQUE (name_zh),
    CONSTRAINT catalogue_tag_class_code_fkey FOREIGN KEY (class_code) REFERENCES mkt.catalogue_class,
    CONSTRAINT catalogue_tag_business_code_fkey FOREIGN KEY (business_code) REFERENCES mkt.catalogue_business,
    CONSTRAINT catalogue_tag_source_code_fkey FOREIGN KEY (source_code) REFERENCES mkt.catalogue_source,
    CONSTRAINT catalogue_tag_behaviour_class_fkey FOREIGN KEY (behaviour_class) REFERENCES mkt.catalogue_behaviour,
    CONSTRAINT catalogue_tag_code_check CHECK (code ~ '^[a-z][a-z0-9_]*$'),
    CONSTRAINT catalogue_tag_kind_check CHECK (kind IN ('boolean', 'numeric', 'enum')),
    CONSTRAINT catalogue_tag_scale_check CHECK (scale BETWEEN 0 AND 9 AND (scale = 0 OR kind = 'numeric')),
    CONSTRAINT catalogue_tag_unit_check CHECK ((kind = 'numeric') = (unit IS NOT NULL)),
    CONSTRAINT catalogue_tag_refresh_check CHECK (refresh IN ('daily', 'monthly', 'realtime')),
    CONSTRAINT catalogue_tag_behaviour_class_check CHECK ((class_code = 'behaviour') = (behaviour_class IS NOT NULL)),
    CONSTRAINT catalogue_tag_labels_check CHECK ((kind = 'enum') = (labels IS NOT NULL)
        AND (kind = 'enum') = (labels_zh IS NOT NULL) AND cardinality(labels) = cardinality(labels_zh))
);
COMMENT ON TABLE mkt.catalogue_tag IS 'The 672 tags of the user centre (S0-036, S3-016), 61 of them behaviour tags (S2-012, S2-013). Names are ours [proposed].';
COMMENT ON COLUMN mkt.catalogue_tag.rule IS 'SQL expression over the alias s of the source: boolean for a boolean tag, a number for a numeric one, 0 .. n-1 for an enum, the place of its label.';
COMMENT ON COLUMN mkt.catalogue_tag.scale IS 'Decimals kept of a number.';

CREATE TABLE mkt.catalogue_model (
    code          text   NOT NULL,
    name          text   NOT NULL,
    name_zh       text   NOT NULL,
    kind          text   NOT NULL,
    business_code text   NOT NULL,
    scene_code    text   NOT NULL,
    inputs        text[] NOT NULL,
    output        text   NOT NULL,
    target        text   NOT NULL,
    CONSTRAINT catalogue_model_pkey PRIMARY KEY (code),
    CONSTRAINT catalogue_model_name_key UNIQUE (name),
    CONSTRAINT catalogue_model_name_zh_key UNIQUE (name_zh),
    CONSTRAINT catalogue_model_business_code_fkey FOREIGN KEY (business_code) REFERENCES mkt.catalogue_business,
    CONSTRAINT catalogue_model_scene_code_fkey FOREIGN KEY (scene_code) REFERENCES mkt.catalogue_scene,
    CONSTRAINT catalogue_model_code_check CHECK (code ~ '^[a-z][a-z0-9_]*$'),
    CONSTRAINT catalogue_model_kind_check CHECK (kind IN ('propensity', 'risk', 'value', 'segmentation', 'recommendation', 'forecast', 'identification')),
    CONSTRAINT catalogue_model_inputs_check CHECK (cardinality(inputs) > 0),
    CONSTRAINT catalogue_model_output_check CHECK (output IN ('score', 'segment', 'amount'))
);
COMMENT ON TABLE mkt.catalogue_model IS 'The 275 models of the user centre (S0-037, S2-011, S4-016). Names are ours [proposed]. A model is a specification: inputs are codes of mkt.catalogue_tag, target says what is predicted.';
COMMENT ON COLUMN mkt.catalogue_model.output IS 'score: how likely or how high; segment: one of several groups or choices; amount: a number with a unit.';
