-- ----------------------------------------------------------------------
-- sql/platform/95-catalogue-tags-customer.once.sql: what a customer is and is worth
--
-- 191 of the 672 tags of the catalogue. A rule is an SQL expression over the
-- alias s of its source. Names are ours [proposed].
-- ----------------------------------------------------------------------

-- ---- basic: Basic attributes (30) ------------------------------------
INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule)
SELECT 'basic', 'customer_base', 'boolean', v.*
FROM (VALUES
    ('female',           'Woman',                                    '女性客户',           'general', 'monthly', 's.female'),
    ('minor',            'Under age',                                '未成年客户',         'general', 'monthly', 's.age < 18'),
    ('youth',            'Young adult',                              '青年客户',           'general', 'monthly', 's.age BETWEEN 18 AND 28'),
    ('senior',           'Senior',                                   '老年客户',           'general', 'monthly', 's.age >= 60'),
    ('birthday_month',   'Birthday this month',                      '本月生日',           'general', 'daily',   'EXTRACT(month FROM s.birthday) = EXTRACT(month FROM s.as_of)'),
    ('student',          'Student',                                  '学生客户',           'general', 'monthly', 's.occupation = ''student'''),
    ('trader',           'Self-employed trader',                     '个体经营者',         'general', 'monthly', 's.occupation = ''trader'''),
    ('migrant',          'Moved here from another city',             '外来客户',           'general', 'monthly', 's.registered_elsewhere'),
    ('rural',            'Rural customer',                           '农村客户',           'general', 'monthly', 's.area IN (''township'', ''village'')'),
    ('campus',           'Campus customer',                          '校园客户',           'general', 'monthly', 's.area = ''campus'''),
    ('park',             'Industrial park customer',                 '园区客户',           'general', 'monthly', 's.area = ''industry'''),
    ('veteran',          'Former soldier',                           '退役军人',           'general', 'monthly', 's.veteran'),
    ('social_care',      'Entitled to social care tariffs',          '帮扶资费对象',       'general', 'monthly', 's.care_registered'),
    ('employee',         'Operator''s own employee',                 '本企业员工',         'general', 'monthly', 's.employee'),
    ('star_high',        'Four or five stars',                       '高星级客户',         'general', 'monthly', 's.star_level >= 4'),
    ('star_dropped',     'Star level fell within a year',            '星级下降',           'general', 'monthly', 's.star_level < s.star_level_before'),
    ('personal_manager', 'Has a personal account manager',           '有专属客户经理',     'general', 'monthly', 's.has_manager'),
    ('id_expiring',      'Identity document expires within 60 days', '证件即将到期',       'general', 'daily',   's.id_expires_on - s.as_of BETWEEN 0 AND 60'),
    ('user_not_owner',   'User differs from the registered owner',   '机主与使用人不一致', 'general', 'monthly', 'NOT s.user_is_owner'),
    ('address_to_door',  'Address known to the door',                '地址到户',           'general', 'monthly', 's.address_to_door'),
    ('contact_verified', 'Contact data verified',                    '联系方式已核实',     'general', 'monthly', 's.contact_verified'),
    ('wecom_friend',     'Connected on WeCom',                       '企微好友',           'general', 'daily',   's.wecom_friend'),
    ('parent_of_infant', 'Parent of a child under three',            '婴幼儿家长',         'general', 'monthly', 's.child_age < 3'),
    ('parent_of_pupil',  'Parent of a school child',                 '学龄儿童家长',       'general', 'monthly', 's.child_age BETWEEN 6 AND 15')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, unit, scale, rule)
SELECT 'basic', 'customer_base', 'numeric', v.*
FROM (VALUES
    ('age',        'Age',        '年龄',     'general', 'monthly', 'years', 0, 's.age'),
    ('star_level', 'Star level', '客户星级', 'general', 'monthly', 'level', 0, 's.star_level')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule, labels, labels_zh)
SELECT 'basic', 'customer_base', 'enum', v.code, v.name, v.name_zh, v.business, v.refresh, v.rule, v.labels::text[], v.labels_zh::text[]
FROM (VALUES
    ('age_group',  'Age group',         '年龄段',       'general', 'monthly', 'width_bucket(s.age, ARRAY[18, 25, 35, 45, 60])',                                                                                           '{under 18,18 to 24,25 to 34,35 to 44,45 to 59,60 and over}',                             '{18岁以下,18至24岁,25至34岁,35至44岁,45至59岁,60岁及以上}'),
    ('occupation', 'Occupation',        '职业',         'general', 'monthly', 'array_position(ARRAY[''student'', ''office'', ''manual'', ''farmer'', ''trader'', ''public'', ''retired'', ''other''], s.occupation) - 1', '{student,office worker,manual worker,farmer,self-employed,public sector,retired,other}', '{学生,职员,务工,务农,个体,公职,退休,其他}'),
    ('residence',  'Kind of residence', '居住类型',     'general', 'monthly', 'array_position(ARRAY[''owner'', ''rent'', ''dormitory'', ''shop''], s.residence) - 1',                                                     '{own home,rented home,dormitory,shop with flat}',                                        '{自有住房,租房,集体宿舍,商住两用}'),
    ('area',       'Kind of area',      '所在区域类型', 'general', 'monthly', 'array_position(ARRAY[''city'', ''county'', ''township'', ''village'', ''campus'', ''industry''], s.area) - 1',                             '{city,county town,township,village,campus,industrial park}',                             '{城区,县城,乡镇,行政村,校园,园区}')) AS v(code, name, name_zh, business, refresh, rule, labels, labels_zh);

-- ---- number: Number and joining (16) ---------------------------------
INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule)
SELECT 'number', 'subscription', 'boolean', v.*
FROM (VALUES
    ('number_commitment', 'Premium number with minimum spend',   '靓号协议客户',       'number_card', 'monthly', 's.number_commitment'),
    ('secondary_number',  'Is a secondary number',               '副号用户',           'number_card', 'monthly', 's.secondary'),
    ('secondary_room',    'No secondary number yet',             '未开副卡',           'number_card', 'monthly', 's.secondary_numbers = 0 AND NOT s.secondary'),
    ('sim_old',           'SIM older than six years',            '老旧SIM卡',          'number_card', 'monthly', 's.sim_issued_on < s.as_of - 2190'),
    ('esim',              'Uses an eSIM',                        '使用eSIM',           'number_card', 'monthly', 's.sim_kind = ''esim'''),
    ('second_slot',       'Our card is the second card',         '本网为副卡槽',       'number_card', 'monthly', 's.sim_slot = ''second'''),
    ('ported_in',         'Ported in from another operator',     '携入客户',           'number_card', 'monthly', 's.ported_in'),
    ('ported_in_recent',  'Ported in within 180 days',           '近半年携入',         'number_card', 'daily',   's.ported_in AND s.as_of - s.ported_in_on BETWEEN 0 AND 180'),
    ('joined_elsewhere',  'Number from another city',            '异地号码在本地使用', 'number_card', 'monthly', 'NOT s.home_city'),
    ('ownership_changed', 'Ownership transferred within a year', '近一年过户',         'number_card', 'monthly', 's.as_of - s.owner_changed_on BETWEEN 0 AND 365')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, unit, scale, rule)
SELECT 'number', 'subscription', 'numeric', v.*
FROM (VALUES
    ('numbers_in_name', 'Numbers in the same name',   '名下号码数', 'number_card', 'monthly', 'count', 0, 's.numbers_in_name'),
    ('secondary_count', 'Secondary numbers attached', '副卡数',     'number_card', 'monthly', 'count', 0, 's.secondary_numbers')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule, labels, labels_zh)
SELECT 'number', 'subscription', 'enum', v.code, v.name, v.name_zh, v.business, v.refresh, v.rule, v.labels::text[], v.labels_zh::text[]
FROM (VALUES
    ('number_status', 'Status of the number', '号码状态',       'number_card', 'daily',   'array_position(ARRAY[''active'', ''one_way'', ''two_way'', ''on_hold'', ''closing''], s.number_status) - 1',      '{active,outgoing barred,suspended,kept on hold,closing}',                  '{在用,单停,双停,停机保号,预销户}'),
    ('join_channel',  'Channel of joining',   '入网渠道',       'number_card', 'monthly', 'array_position(ARRAY[''hall'', ''agent'', ''online'', ''delivery'', ''campus'', ''group''], s.join_channel) - 1', '{own hall,agent shop,online,doorstep delivery,campus stand,company deal}', '{自有厅,代理点,线上,上门交付,校园摊点,集团批开}'),
    ('number_grade',  'Grade of the number',  '号码等级',       'number_card', 'monthly', 'array_position(ARRAY[''plain'', ''good'', ''premium''], s.number_grade) - 1',                                     '{plain,good,premium}',                                                     '{普通,优质,靓号}'),
    ('ported_from',   'Operator ported from', '携入来源运营商', 'number_card', 'monthly', 'array_position(ARRAY[''mobile'', ''telecom'', ''broadnet''], s.ported_from) - 1',                                 '{China Mobile,China Telecom,China Broadnet}',                              '{移动,电信,广电}')) AS v(code, name, name_zh, business, refresh, rule, labels, labels_zh);

-- ---- lifecycle: Life cycle (18) --------------------------------------
INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule)
SELECT 'lifecycle', 'subscription', 'boolean', v.*
FROM (VALUES
    ('new_customer',        'Joined within 90 days',                  '新入网客户',     'general', 'daily',    's.as_of - s.joined_on BETWEEN 0 AND 90'),
    ('first_week',          'In the first week',                      '入网首周',       'general', 'daily',    's.as_of - s.joined_on BETWEEN 0 AND 7'),
    ('long_standing',       'With us for ten years',                  '十年老客户',     'general', 'monthly',  's.as_of - s.joined_on >= 3650'),
    ('anniversary_month',   'Anniversary of joining this month',      '本月入网纪念',   'general', 'monthly',  'EXTRACT(month FROM s.joined_on) = EXTRACT(month FROM s.as_of) AND s.as_of - s.joined_on > 300'),
    ('active_days_falling', 'Active days fell by half',               '活跃天数减半',   'general', 'monthly',  's.active_days_m1 < 0.5 * s.active_days_avg3'),
    ('silent',              'Silent for 30 days',                     '静默客户',       'general', 'daily',    's.idle_days >= 30'),
    ('nearly_silent',       'Silent for 10 to 29 days',               '临近静默',       'general', 'daily',    's.idle_days BETWEEN 10 AND 29'),
    ('never_active',        'New and hardly used',                    '入网未激活使用', 'general', 'monthly',  's.as_of - s.joined_on <= 60 AND s.active_days_m1 <= 3'),
    ('suspended',           'Suspended now',                          '停机客户',       'general', 'realtime', 's.number_status IN (''one_way'', ''two_way'')'),
    ('on_hold',             'Number kept on hold',                    '停机保号客户',   'general', 'daily',    's.number_status = ''on_hold'''),
    ('resumed_recently',    'Back after a suspension within 30 days', '近30天复机',     'general', 'daily',    's.as_of - s.resumed_on BETWEEN 0 AND 30'),
    ('closing',             'Number is being closed',                 '预销户客户',     'general', 'daily',    's.number_status = ''closing''')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, unit, scale, rule)
SELECT 'lifecycle', 'subscription', 'numeric', v.*
FROM (VALUES
    ('tenure',      'Months with the operator',     '网龄',           'general', 'monthly', 'months', 0, '(s.as_of - s.joined_on) / 30'),
    ('active_days', 'Days with own use last month', '上月活跃天数',   'general', 'monthly', 'days',   0, 's.active_days_m1'),
    ('idle_days',   'Days without own use',         '静默天数',       'general', 'daily',   'days',   0, 's.idle_days'),
    ('suspensions', 'Suspensions in 12 months',     '近12月停机次数', 'general', 'monthly', 'times',  0, 's.suspensions_m12')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule, labels, labels_zh)
SELECT 'lifecycle', 'subscription', 'enum', v.code, v.name, v.name_zh, v.business, v.refresh, v.rule, v.labels::text[], v.labels_zh::text[]
FROM (VALUES
    ('tenure_class', 'Tenure class',            '网龄段',       'general', 'monthly', 'width_bucket((s.as_of - s.joined_on) / 365, ARRAY[1, 3, 5, 10])',                                 '{under 1 year,1 to 2 years,3 to 4 years,5 to 9 years,10 years and over}', '{不满1年,1至2年,3至4年,5至9年,10年以上}'),
    ('stage',        'Stage of the life cycle', '生命周期阶段', 'general', 'monthly', 'array_position(ARRAY[''entry'', ''growth'', ''mature'', ''decline'', ''leaving''], s.stage) - 1', '{entry,growth,mature,decline,leaving}',                                   '{引入期,成长期,成熟期,衰退期,离网期}')) AS v(code, name, name_zh, business, refresh, rule, labels, labels_zh);

-- ---- value: Value (15) -----------------------------------------------
INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule)
SELECT 'value', 'billing_month', 'boolean', v.*
FROM (VALUES
    ('high_value',      'High value',                '高价值客户',     'general', 'monthly', 's.arpu_avg3 >= 150'),
    ('zero_spend',      'No charges last month',     '上月零消费',     'general', 'monthly', 's.arpu_m1 = 0'),
    ('loss_making',     'Costs more than it brings', '亏损客户',       'general', 'monthly', 's.arpu_m1 < s.cost_m1'),
    ('points_rich',     'Enough points for a gift',  '可兑礼积分客户', 'general', 'monthly', 's.points_balance >= 200'),
    ('points_expiring', 'Points about to expire',    '积分即将到期',   'general', 'monthly', 's.points_expiring > 0'),
    ('points_idle',     'Never uses points',         '积分沉睡客户',   'general', 'monthly', 's.points_balance > 100 AND s.points_used_y1 = 0')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, unit, scale, rule)
SELECT 'value', 'billing_month', 'numeric', v.*
FROM (VALUES
    ('arpu',             'Monthly charges',                  '月均消费',   'general', 'monthly', 'yuan',   2, 's.arpu_avg3'),
    ('arpu_last',        'Charges last month',               '上月消费',   'general', 'monthly', 'yuan',   2, 's.arpu_m1'),
    ('value_score',      'Value score',                      '价值评分',   'general', 'monthly', 'score',  0, 's.score_value'),
    ('lifetime_charges', 'Charges since joining',            '累计消费',   'general', 'monthly', 'yuan',   0, 's.total_charges'),
    ('household_arpu',   'Monthly charges of the household', '家庭月消费', 'general', 'monthly', 'yuan',   2, 's.household_arpu'),
    ('margin',           'Monthly margin',                   '月贡献毛利', 'general', 'monthly', 'yuan',   2, 's.arpu_m1 - s.cost_m1'),
    ('subsidy_left',     'Subsidy not yet recovered',        '未回收补贴', 'general', 'monthly', 'yuan',   2, 's.subsidy_left'),
    ('points_balance',   'Reward points',                    '积分余额',   'general', 'daily',   'points', 0, 's.points_balance')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule, labels, labels_zh)
SELECT 'value', 'billing_month', 'enum', v.code, v.name, v.name_zh, v.business, v.refresh, v.rule, v.labels::text[], v.labels_zh::text[]
FROM (VALUES
    ('arpu_class', 'Charges class', '消费档次', 'general', 'monthly', 'width_bucket(s.arpu_avg3, ARRAY[20, 50, 100, 200]::numeric[])', '{under 20 yuan,20 to 49 yuan,50 to 99 yuan,100 to 199 yuan,200 yuan and over}', '{20元以下,20至49元,50至99元,100至199元,200元以上}')) AS v(code, name, name_zh, business, refresh, rule, labels, labels_zh);

-- ---- spend: Structure of charges (22) --------------------------------
INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule)
SELECT 'spend', 'billing_month', 'boolean', v.*
FROM (VALUES
    ('charges_rising',     'Charges rise',                      '消费上升',     'general', 'monthly', 's.arpu_m1 > s.arpu_m2 AND s.arpu_m2 > s.arpu_avg3'),
    ('charges_falling',    'Charges fall',                      '消费下降',     'general', 'monthly', 's.arpu_m1 < s.arpu_m2 AND s.arpu_m2 < s.arpu_avg3'),
    ('charges_dropped',    'Charges fell by a third',           '消费骤降',     'general', 'monthly', 's.arpu_m1 < 0.67 * s.arpu_avg3'),
    ('charges_jumped',     'Charges rose by half',              '消费骤增',     'general', 'monthly', 's.arpu_m1 > 1.5 * s.arpu_avg3'),
    ('charges_steady',     'Steady charges',                    '消费稳定',     'general', 'monthly', 's.arpu_sd6 < 0.1 * s.arpu_avg6'),
    ('fee_only',           'Pays monthly fees only',            '纯月租消费',   'plan',    'monthly', 's.fixed_fee > 0 AND s.arpu_m1 <= s.fixed_fee'),
    ('overage_steady',     'Pays outside the plan every month', '持续超套',     'plan',    'monthly', 's.overage_fee >= 10 AND s.overage_avg3 >= 10'),
    ('overage_first',      'Suddenly pays outside the plan',    '突发超套',     'plan',    'monthly', 's.overage_fee >= 10 AND s.overage_avg3 < 5'),
    ('discount_dependent', 'Lives on discounts',                '优惠依赖客户', 'general', 'monthly', 's.discount > 0.4 * (s.discount + s.arpu_m1)'),
    ('refunded',           'Had a refund in three months',      '近3月有退费',  'service', 'monthly', 's.refund_m3 > 0')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, unit, scale, rule)
SELECT 'spend', 'billing_month', 'numeric', v.*
FROM (VALUES
    ('charges_change',  'Change of charges to the month before', '消费环比变化', 'general',   'monthly', 'ratio', 2, 's.arpu_m1 / NULLIF(s.arpu_m2, 0) - 1'),
    ('plan_fee',        'Monthly fees',                          '月租费',       'plan',      'monthly', 'yuan',  2, 's.fixed_fee'),
    ('voice_fee',       'Voice charges',                         '语音费',       'voice',     'monthly', 'yuan',  2, 's.voice_fee'),
    ('voice_fee_share', 'Share of voice in charges',             '语音费占比',   'voice',     'monthly', 'ratio', 2, 's.voice_fee / NULLIF(s.arpu_m1, 0)'),
    ('data_fee',        'Data charges',                          '流量费',       'data',      'monthly', 'yuan',  2, 's.data_fee'),
    ('data_fee_share',  'Share of data in charges',              '流量费占比',   'data',      'monthly', 'ratio', 2, 's.data_fee / NULLIF(s.arpu_m1, 0)'),
    ('vas_fee',         'Value-added charges',                   '增值业务费',   'benefit',   'monthly', 'yuan',  2, 's.vas_fee'),
    ('roaming_fee',     'Roaming charges',                       '漫游费',       'roaming',   'monthly', 'yuan',  2, 's.roaming_fee'),
    ('broadband_fee',   'Broadband charges',                     '宽带费',       'broadband', 'monthly', 'yuan',  2, 's.broadband_fee'),
    ('terminal_fee',    'Terminal instalment',                   '终端分期月付', 'terminal',  'monthly', 'yuan',  2, 's.terminal_fee'),
    ('overage',         'Charges outside the plan',              '超套费',       'plan',      'monthly', 'yuan',  2, 's.overage_fee'),
    ('discount',        'Discounts',                             '优惠减免额',   'general',   'monthly', 'yuan',  2, 's.discount')) AS v;

-- ---- payment: Payment and top-up (23) --------------------------------
INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule)
SELECT 'payment', 'payment_credit', 'boolean', v.*
FROM (VALUES
    ('balance_low',       'Low balance',                           '余额不足',       'top_up',  'realtime', 's.balance < 10'),
    ('balance_runs_out',  'Balance lasts less than a week',        '余额不足一周',   'top_up',  'daily',    's.balance < s.arpu / 4'),
    ('topup_today',       'Topped up today',                       '今日充值到账',   'top_up',  'realtime', 's.topup_last_on = s.as_of'),
    ('topup_small_often', 'Often tops up small amounts',           '小额高频充值',   'top_up',  'daily',    's.topup_m3 >= 6 AND s.topup_amount_m3 < 30 * s.topup_m3'),
    ('topup_large',       'Tops up 200 yuan and more',             '大额充值客户',   'top_up',  'daily',    's.topup_max_y1 >= 200'),
    ('topup_outside',     'Tops up outside our channels',          '他方渠道充值',   'top_up',  'daily',    's.topup_channel IN (''wechat'', ''alipay'', ''bank'', ''shop'')'),
    ('topup_for_family',  'Tops up for others',                    '为他人充值客户', 'top_up',  'daily',    's.topup_for_others_m3 >= 2'),
    ('topup_at_zero',     'Tops up only when empty',               '用尽才充客户',   'top_up',  'daily',    's.topup_at_zero'),
    ('topup_coupon',      'Uses top-up coupons',                   '充值券敏感客户', 'top_up',  'daily',    's.topup_coupon_m6 >= 2'),
    ('auto_pay',          'Pays automatically',                    '自动缴费客户',   'top_up',  'daily',    's.auto_pay OR s.auto_topup'),
    ('auto_pay_possible', 'Bank card bound, no automatic payment', '可开通自动缴费', 'top_up',  'daily',    's.bank_bound AND NOT s.auto_pay'),
    ('e_invoice',         'Takes electronic invoices',             '电子发票客户',   'top_up',  'daily',    's.e_invoice'),
    ('wallet',            'Has the operator''s wallet',            '钱包客户',       'finance', 'daily',    's.wallet'),
    ('wallet_active',     'Uses the wallet',                       '钱包活跃客户',   'finance', 'daily',    's.wallet_active'),
    ('wallet_loan',       'Uses consumer credit',                  '消费信贷客户',   'finance', 'daily',    's.wallet_loan')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, unit, scale, rule)
SELECT 'payment', 'payment_credit', 'numeric', v.*
FROM (VALUES
    ('balance',         'Account balance',                  '账户余额',       'top_up', 'realtime', 'yuan',  2, 's.balance'),
    ('topup_recency',   'Days since the last top-up',       '距上次充值天数', 'top_up', 'daily',    'days',  0, 's.as_of - s.topup_last_on'),
    ('topup_frequency', 'Top-ups in three months',          '近3月充值次数',  'top_up', 'daily',    'times', 0, 's.topup_m3'),
    ('topup_amount',    'Amount topped up in three months', '近3月充值金额',  'top_up', 'daily',    'yuan',  2, 's.topup_amount_m3'),
    ('topup_mean',      'Mean top-up',                      '次均充值金额',   'top_up', 'daily',    'yuan',  2, 's.topup_amount_m3 / NULLIF(s.topup_m3, 0)'),
    ('topup_day',       'Usual day of top-up',              '常用充值日',     'top_up', 'daily',    'day',   0, 's.topup_day')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule, labels, labels_zh)
SELECT 'payment', 'payment_credit', 'enum', v.code, v.name, v.name_zh, v.business, v.refresh, v.rule, v.labels::text[], v.labels_zh::text[]
FROM (VALUES
    ('topup_channel', 'Usual channel of top-up', '常用充值渠道', 'top_up', 'daily', 'array_position(ARRAY[''app'', ''wechat'', ''alipay'', ''bank'', ''hall'', ''shop'', ''other''], s.topup_channel) - 1', '{operator''s app,WeChat,Alipay,bank,hall,e-commerce,other}', '{手机营业厅,微信,支付宝,银行,营业厅,电商,其他}'),
    ('payment_mode',  'Mode of payment',         '付费模式',     'top_up', 'daily', 'array_position(ARRAY[''pre'', ''post'', ''quasi''], s.payment_mode) - 1',                                              '{prepaid,postpaid,quasi-prepaid}',                           '{预付费,后付费,准预付费}')) AS v(code, name, name_zh, business, refresh, rule, labels, labels_zh);

-- ---- credit: Credit and risk (15) ------------------------------------
INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule)
SELECT 'credit', 'payment_credit', 'boolean', v.*
FROM (VALUES
    ('arrears',           'In arrears',                         '欠费客户',       'general', 'realtime', 's.arrears > 0'),
    ('arrears_often',     'Often in arrears',                   '惯性欠费',       'general', 'daily',    's.arrears_times_y1 >= 3'),
    ('suspended_arrears', 'Suspended for arrears',              '欠费停机',       'general', 'realtime', 's.suspended_arrears'),
    ('credit_falling',    'Credit score fell by 100',           '信用分下滑',     'general', 'daily',    's.credit_score <= s.credit_score_before - 100'),
    ('pays_late',         'Pays late',                          '习惯性晚缴',     'general', 'daily',    's.pay_delay_days > 7'),
    ('bad_debt',          'Written-off debt',                   '坏账记录',       'general', 'daily',    's.bad_debt'),
    ('fraud_mark',        'Marked by the anti-fraud centre',    '涉诈标记',       'general', 'realtime', 's.fraud_flag'),
    ('nuisance_caller',   'Calls marked as nuisance by others', '被标记骚扰号码', 'general', 'daily',    's.calls_marked'),
    ('suspicious_use',    'Card in an unusual device or place', '异常用卡',       'general', 'daily',    's.card_use_suspicious'),
    ('card_farm',         'Several cards in one device',        '疑似养卡',       'general', 'daily',    's.many_cards_one_device')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, unit, scale, rule)
SELECT 'credit', 'payment_credit', 'numeric', v.*
FROM (VALUES
    ('arrears_amount', 'Amount owed',  '欠费金额', 'general', 'daily', 'yuan',  2, 's.arrears'),
    ('credit_score',   'Credit score', '信用分',   'general', 'daily', 'score', 0, 's.credit_score'),
    ('credit_limit',   'Credit limit', '信用额度', 'general', 'daily', 'yuan',  0, 's.credit_limit')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule, labels, labels_zh)
SELECT 'credit', 'payment_credit', 'enum', v.code, v.name, v.name_zh, v.business, v.refresh, v.rule, v.labels::text[], v.labels_zh::text[]
FROM (VALUES
    ('arrears_age',  'Age of the arrears', '欠费账龄', 'general', 'daily', 'width_bucket(NULLIF(s.arrears_days, 0), ARRAY[31, 91, 181])', '{up to 30 days,31 to 90 days,91 to 180 days,over 180 days}', '{30天内,31至90天,91至180天,180天以上}'),
    ('credit_class', 'Credit class',       '信用等级', 'general', 'daily', 'width_bucket(s.credit_score, ARRAY[400, 600, 800])',          '{poor,fair,good,excellent}',                                 '{较差,一般,良好,极好}')) AS v(code, name, name_zh, business, refresh, rule, labels, labels_zh);

-- ---- contract: Contract (14) -----------------------------------------
INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule)
SELECT 'contract', 'contract', 'boolean', v.*
FROM (VALUES
    ('contract',               'Under contract',                      '合约客户',         'plan', 'daily', 's.has_contract'),
    ('contract_ends_30',       'Contract ends within 30 days',        '合约30天内到期',   'plan', 'daily', 's.ends_on - s.as_of BETWEEN 0 AND 30'),
    ('contract_ends_90',       'Contract ends in 31 to 90 days',      '合约31至90天到期', 'plan', 'daily', 's.ends_on - s.as_of BETWEEN 31 AND 90'),
    ('contract_free',          'Contract ended, no new one',          '合约到期未续',     'plan', 'daily', 'NOT s.has_contract AND s.expired_on < s.as_of'),
    ('contract_just_ended',    'Contract ended within 60 days',       '合约到期60天内',   'plan', 'daily', 's.as_of - s.expired_on BETWEEN 0 AND 60'),
    ('contract_new',           'Contract signed within 60 days',      '新签合约',         'plan', 'daily', 's.as_of - s.starts_on BETWEEN 0 AND 60'),
    ('contract_return_ending', 'Returns end within 60 days',          '返还60天内结束',   'plan', 'daily', 's.return_until - s.as_of BETWEEN 0 AND 60'),
    ('contract_below_min',     'Spends below the minimum',            '消费不足最低承诺', 'plan', 'daily', 's.arpu < s.min_spend'),
    ('contract_broken_before', 'Once left a contract early',          '曾提前解约',       'plan', 'daily', 's.broken_before'),
    ('contract_asked',         'Asked about the end of the contract', '咨询合约到期',     'plan', 'daily', 's.asked_expiry')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, unit, scale, rule)
SELECT 'contract', 'contract', 'numeric', v.*
FROM (VALUES
    ('contract_days_left', 'Days to the end of the contract', '合约剩余天数', 'plan', 'daily', 'days', 0, 's.ends_on - s.as_of'),
    ('contract_penalty',   'Penalty for leaving today',       '当前违约金',   'plan', 'daily', 'yuan', 2, 's.penalty'),
    ('contract_min_spend', 'Minimum spend',                   '合约最低消费', 'plan', 'daily', 'yuan', 2, 's.min_spend')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule, labels, labels_zh)
SELECT 'contract', 'contract', 'enum', v.code, v.name, v.name_zh, v.business, v.refresh, v.rule, v.labels::text[], v.labels_zh::text[]
FROM (VALUES
    ('contract_kind', 'Kind of contract', '合约类型', 'plan', 'daily', 'array_position(ARRAY[''deposit'', ''phone'', ''fee'', ''number'', ''bundle''], s.kind) - 1', '{deposit for phone bill,contract phone,plan discount,premium number,bundle contract}', '{存费送费,合约机,套餐折扣,靓号协议,融合合约}')) AS v(code, name, name_zh, business, refresh, rule, labels, labels_zh);

-- ---- family: Family and bundle (17) ----------------------------------
INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule)
SELECT 'family', 'household', 'boolean', v.*
FROM (VALUES
    ('household_key_person', 'Decides for the household',      '家庭决策人',         'convergence', 'monthly', 's.key_person'),
    ('household_all_ours',   'Whole household with us',        '全家本网',           'convergence', 'monthly', 's.members_ours = s.members'),
    ('household_elder',      'Household with an elder',        '家有老人',           'convergence', 'monthly', 's.has_elder'),
    ('household_child',      'Household with a child',         '家有儿童',           'convergence', 'monthly', 's.has_child'),
    ('household_alone',      'Lives alone',                    '独居客户',           'convergence', 'monthly', 's.members = 1'),
    ('converged',            'Bundled customer',               '融合客户',           'convergence', 'monthly', 's.converged <> ''none'''),
    ('not_converged',        'Not bundled yet',                '未融合客户',         'convergence', 'monthly', 's.converged = ''none'''),
    ('bundle_full',          'Full bundle with smart home',    '全家桶客户',         'convergence', 'monthly', 's.converged = ''four'''),
    ('bundle_expiring',      'Bundle ends within 60 days',     '融合60天内到期',     'convergence', 'daily',   's.converged_until - s.as_of BETWEEN 0 AND 60'),
    ('bundle_can_add',       'Free place and a rival''s line', '可加他网成员入融合', 'convergence', 'monthly', 's.bundle_slots > 0 AND s.members_other > 0'),
    ('family_net',           'In a short-number group',        '亲情网客户',         'convergence', 'monthly', 's.virtual_group')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, unit, scale, rule)
SELECT 'family', 'household', 'numeric', v.*
FROM (VALUES
    ('household_size',   'Members of the household',     '家庭成员数',     'convergence', 'monthly', 'people', 0, 's.members'),
    ('household_rivals', 'Members with other operators', '家庭他网成员数', 'convergence', 'monthly', 'people', 0, 's.members_other'),
    ('bundle_lines',     'Lines in the bundle',          '融合成员数',     'convergence', 'monthly', 'count',  0, 's.bundle_lines'),
    ('bundle_slots',     'Free places in the bundle',    '融合剩余名额',   'convergence', 'monthly', 'count',  0, 's.bundle_slots')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule, labels, labels_zh)
SELECT 'family', 'household', 'enum', v.code, v.name, v.name_zh, v.business, v.refresh, v.rule, v.labels::text[], v.labels_zh::text[]
FROM (VALUES
    ('household_role', 'Role in the household', '家庭角色', 'convergence', 'monthly', 'array_position(ARRAY[''head'', ''spouse'', ''child'', ''elder'', ''other''], s.role) - 1', '{head,spouse,child,elder,other}',                     '{户主,配偶,子女,长辈,其他}'),
    ('bundle',         'Kind of bundle',        '融合类型', 'convergence', 'monthly', 'array_position(ARRAY[''none'', ''two'', ''three'', ''four''], s.converged) - 1',           '{none,mobile and broadband,with TV,with smart home}', '{未融合,手机加宽带,手机加宽带加电视,全家桶}')) AS v(code, name, name_zh, business, refresh, rule, labels, labels_zh);

-- ---- circle: Circle (10) ---------------------------------------------
INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule)
SELECT 'circle', 'household', 'boolean', v.*
FROM (VALUES
    ('circle_rival',   'Circle mostly with other operators',    '交往圈他网为主',     'number_card', 'monthly', 's.circle_ours < 0.4 * s.circle'),
    ('circle_joining', 'Friends joined us lately',              '近3月好友入网',      'general',     'monthly', 's.circle_new_ours > 0'),
    ('circle_leaving', 'Friends left lately',                   '近3月好友离网',      'general',     'monthly', 's.circle_left >= 2'),
    ('closest_rival',  'Closest contact with another operator', '最密切联系人为他网', 'number_card', 'monthly', 's.closest_other'),
    ('influencer',     'Influential person',                    '意见领袖',           'general',     'monthly', 's.influence >= 80'),
    ('hometown_ties',  'Family in another city',                '异地亲友客户',       'general',     'monthly', 's.hometown_calls'),
    ('flatmates',      'Several customers at one address',      '同址多客户',         'general',     'monthly', 's.cohabitants >= 3')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, unit, scale, rule)
SELECT 'circle', 'household', 'numeric', v.*
FROM (VALUES
    ('circle_size',  'Size of the circle',          '交往圈人数',     'general', 'monthly', 'people', 0, 's.circle'),
    ('circle_share', 'Share of the circle with us', '交往圈本网占比', 'general', 'monthly', 'ratio',  2, 's.circle_ours::numeric / NULLIF(s.circle, 0)'),
    ('influence',    'Influence score',             '影响力评分',     'general', 'monthly', 'score',  0, 's.influence')) AS v;

-- ---- enterprise: Link to an enterprise (11) --------------------------
INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule)
SELECT 'enterprise', 'enterprise_link', 'boolean', v.*
FROM (VALUES
    ('firm_member',           'Belongs to a customer firm',             '集团成员',           'enterprise', 'monthly', 's.member'),
    ('firm_decider',          'Decides for the firm',                   '企业决策人',         'enterprise', 'monthly', 's.decision_maker'),
    ('firm_pays',             'Bill paid by the firm',                  '单位代付客户',       'enterprise', 'monthly', 's.paid_by_firm'),
    ('firm_discount_ending',  'Firm discount ends within 60 days',      '集团优惠60天内到期', 'enterprise', 'monthly', 's.firm_discount_until - s.as_of BETWEEN 0 AND 60'),
    ('shop_owner',            'Owns a shop',                            '商铺业主',           'enterprise', 'monthly', 's.shop_owner'),
    ('shop_broadband',        'Has business broadband',                 '商务宽带客户',       'enterprise', 'monthly', 's.shop_broadband'),
    ('shop_broadband_ending', 'Business broadband ends within 60 days', '商务宽带60天内到期', 'enterprise', 'monthly', 's.shop_broadband_until - s.as_of BETWEEN 0 AND 60'),
    ('shop_camera',           'Has shop cameras',                       '商铺监控客户',       'enterprise', 'monthly', 's.shop_camera'),
    ('shop_cashier',          'Takes payments by code',                 '收款码商户',         'finance',    'monthly', 's.cashier')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, unit, scale, rule)
SELECT 'enterprise', 'enterprise_link', 'numeric', v.*
FROM (VALUES
    ('iot_cards', 'IoT cards', '物联网卡数', 'enterprise', 'monthly', 'count', 0, 's.iot_cards')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule, labels, labels_zh)
SELECT 'enterprise', 'enterprise_link', 'enum', v.code, v.name, v.name_zh, v.business, v.refresh, v.rule, v.labels::text[], v.labels_zh::text[]
FROM (VALUES
    ('firm_kind', 'Kind of firm', '所属企业类型', 'enterprise', 'monthly', 'array_position(ARRAY[''micro'', ''school'', ''hospital'', ''government'', ''industry'', ''chain''], s.firm_kind) - 1', '{micro business,school,hospital,government,industry,chain store}', '{小微企业,学校,医院,政府,工业企业,连锁商户}')) AS v(code, name, name_zh, business, refresh, rule, labels, labels_zh);
