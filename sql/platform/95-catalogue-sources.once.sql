-- ----------------------------------------------------------------------
-- sql/platform/95-catalogue-sources.once.sql: the documented source schema that
-- the rules of the catalogue read. Every source also has the columns cid bigint
-- and as_of date (see mkt.catalogue_source). Names are ours [proposed].
-- ----------------------------------------------------------------------
INSERT INTO mkt.catalogue_source (source_code, relation, name, name_zh, grain) VALUES
    ('customer_base',       'mkt_source.customer_base',       'Customer profile',          '客户资料',       'one row per customer'),
    ('subscription',        'mkt_source.subscription',        'Number and subscription',   '号码与入网',     'one row per customer''s main number'),
    ('billing_month',       'mkt_source.billing_month',       'Account and billing month', '账户与月账单',   'one row per customer, last closed months'),
    ('usage_month',         'mkt_source.usage_month',         'Usage month',               '月使用量',       'one row per customer, last closed months'),
    ('product_holding',     'mkt_source.product_holding',     'Product holding',           '产品订购',       'one row per customer'),
    ('fiveg_month',         'mkt_source.fiveg_month',         '5G month',                  '5G使用月表',     'one row per customer'),
    ('broadband',           'mkt_source.broadband',           'Broadband line',            '宽带',           'one row per customer''s home line'),
    ('tv_month',            'mkt_source.tv_month',            'TV month',                  '电视使用月表',   'one row per customer''s home'),
    ('smart_home',          'mkt_source.smart_home',          'Smart home',                '智慧家庭',       'one row per customer''s home'),
    ('household',           'mkt_source.household',           'Household and circle',      '家庭与交往圈',   'one row per customer'),
    ('terminal',            'mkt_source.terminal',            'Terminal',                  '终端',           'one row per customer''s main phone'),
    ('contract',            'mkt_source.contract',            'Contract',                  '合约',           'one row per customer''s main contract'),
    ('payment_credit',      'mkt_source.payment_credit',      'Payment and credit',        '缴费与信用',     'one row per customer'),
    ('service_complaint',   'mkt_source.service_complaint',   'Service and complaint',     '服务与投诉',     'one row per customer'),
    ('network_experience',  'mkt_source.network_experience',  'Network experience',        '网络体验',       'one row per customer'),
    ('channel_use',         'mkt_source.channel_use',         'Channel use',               '渠道使用',       'one row per customer'),
    ('content_month',       'mkt_source.content_month',       'Content and app month',     '内容与应用月表', 'one row per customer, from traffic classes, with consent'),
    ('location_month',      'mkt_source.location_month',      'Location and grid',         '位置与网格',     'one row per customer, monthly, coarse cells only'),
    ('roaming_month',       'mkt_source.roaming_month',       'Roaming month',             '漫游月表',       'one row per customer'),
    ('competitor_estimate', 'mkt_source.competitor_estimate', 'Competitor estimate',       '竞争情况估计',   'one row per own-net customer'),
    ('offnet_customer',     'mkt_source.offnet_customer',     'Off-net customer',          '异网客户',       'one row per off-net customer known'),
    ('contact_history',     'mkt_source.contact_history',     'Contact history',           '接触历史',       'one row per customer, from the contact ledger'),
    ('need_signal',         'mkt_source.need_signal',         'Need signal',               '需求信号',       'one row per customer, derived daily'),
    ('enterprise_link',     'mkt_source.enterprise_link',     'Link to an enterprise',     '政企关联',       'one row per customer'),
    ('channel_behaviour',   'mkt_source.channel_behaviour',   'Channel behaviour',         '渠道行为',       'one row per customer, counted daily from the events of app, web hall and mini-programme');

-- ---- customer_base: Customer profile ---------------------------------
INSERT INTO mkt.catalogue_source_column (source_code, column_name, type, unit, name, name_zh, domain)
SELECT 'customer_base', v.column_name, v.type, v.unit, v.name, v.name_zh, v.domain::text[]
FROM (VALUES
    ('age',                  'integer', 'years', 'Age',                                  '年龄',             NULL),
    ('birthday',             'date',    NULL,    'Date of birth',                        '出生日期',         NULL),
    ('female',               'boolean', NULL,    'Female',                               '女性',             NULL),
    ('occupation',           'text',    NULL,    'Occupation',                           '职业',             '{student,office,manual,farmer,trader,public,retired,other}'),
    ('residence',            'text',    NULL,    'Kind of residence',                    '居住类型',         '{owner,rent,dormitory,shop}'),
    ('area',                 'text',    NULL,    'Kind of area',                         '区域类型',         '{city,county,township,village,campus,industry}'),
    ('registered_elsewhere', 'boolean', NULL,    'Household registered in another city', '户籍在外地',       NULL),
    ('veteran',              'boolean', NULL,    'Former soldier',                       '退役军人',         NULL),
    ('care_registered',      'boolean', NULL,    'Registered for social care',           '帮扶登记',         NULL),
    ('employee',             'boolean', NULL,    'Works for the operator',               '本企业员工',       NULL),
    ('star_level',           'integer', 'level', 'Star level 1 to 5',                    '客户星级',         NULL),
    ('star_level_before',    'integer', 'level', 'Star level a year ago',                '去年客户星级',     NULL),
    ('has_manager',          'boolean', NULL,    'Has a personal account manager',       '有专属客户经理',   NULL),
    ('id_expires_on',        'date',    NULL,    'Identity document valid until',        '证件有效期',       NULL),
    ('user_is_owner',        'boolean', NULL,    'The user is the registered owner',     '使用人与机主一致', NULL),
    ('address_to_door',      'boolean', NULL,    'Address known to the door',            '地址到户',         NULL),
    ('contact_verified',     'boolean', NULL,    'Contact data verified',                '联系方式已核实',   NULL),
    ('wecom_friend',         'boolean', NULL,    'Connected with a manager on WeCom',    '企微好友',         NULL),
    ('child_age',            'integer', 'years', 'Age of the youngest child known',      '最小子女年龄',     NULL)) AS v(column_name, type, unit, name, name_zh, domain);

-- ---- subscription: Number and subscription ---------------------------
INSERT INTO mkt.catalogue_source_column (source_code, column_name, type, unit, name, name_zh, domain)
SELECT 'subscription', v.column_name, v.type, v.unit, v.name, v.name_zh, v.domain::text[]
FROM (VALUES
    ('number_status',     'text',    NULL,    'Status of the number',                   '号码状态',          '{active,one_way,two_way,on_hold,closing}'),
    ('joined_on',         'date',    NULL,    'Joined on',                              '入网日期',          NULL),
    ('join_channel',      'text',    NULL,    'Channel of joining',                     '入网渠道',          '{hall,agent,online,delivery,campus,group}'),
    ('number_grade',      'text',    NULL,    'Grade of the number',                    '号码等级',          '{plain,good,premium}'),
    ('number_commitment', 'boolean', NULL,    'The number carries a minimum spend',     '靓号协议',          NULL),
    ('secondary',         'boolean', NULL,    'Secondary number of another line',       '副号',              NULL),
    ('numbers_in_name',   'integer', 'count', 'Numbers registered in the name',         '名下号码数',        NULL),
    ('secondary_numbers', 'integer', 'count', 'Secondary numbers attached',             '副卡数',            NULL),
    ('sim_kind',          'text',    NULL,    'Kind of SIM',                            '卡类型',            '{plain,usim,super,esim}'),
    ('sim_issued_on',     'date',    NULL,    'SIM issued on',                          '换卡日期',          NULL),
    ('ported_in',         'boolean', NULL,    'Ported in',                              '携入',              NULL),
    ('ported_in_on',      'date',    NULL,    'Ported in on',                           '携入日期',          NULL),
    ('ported_from',       'text',    NULL,    'Operator ported from',                   '携出运营商',        '{mobile,telecom,broadnet}'),
    ('home_city',         'boolean', NULL,    'Joined in the city of residence',        '本地入网',          NULL),
    ('owner_changed_on',  'date',    NULL,    'Ownership transferred on',               '过户日期',          NULL),
    ('suspensions_m12',   'integer', 'times', 'Suspensions in 12 months',               '近12月停机次数',    NULL),
    ('resumed_on',        'date',    NULL,    'Last resumed on',                        '最近复机日期',      NULL),
    ('stage',             'text',    NULL,    'Stage of the life cycle',                '生命周期阶段',      '{entry,growth,mature,decline,leaving}'),
    ('active_days_m1',    'integer', 'days',  'Days with own use last month',           '上月活跃天数',      NULL),
    ('active_days_avg3',  'numeric', 'days',  'Days with own use, average of 3 months', '近3月平均活跃天数', NULL),
    ('idle_days',         'integer', 'days',  'Days since the last own use',            '连续未使用天数',    NULL),
    ('sim_slot',          'text',    NULL,    'Slot in a dual-SIM phone',               '双卡卡槽',          '{only,main,second}')) AS v(column_name, type, unit, name, name_zh, domain);

-- ---- billing_month: Account and billing month ------------------------
INSERT INTO mkt.catalogue_source_column (source_code, column_name, type, unit, name, name_zh, domain)
SELECT 'billing_month', v.column_name, v.type, v.unit, v.name, v.name_zh, v.domain::text[]
FROM (VALUES
    ('arpu_m1',         'numeric', 'yuan',   'Charges last month',                            '上月出账',        NULL),
    ('arpu_m2',         'numeric', 'yuan',   'Charges the month before',                      '前月出账',        NULL),
    ('arpu_avg3',       'numeric', 'yuan',   'Charges, average of 3 months',                  '近3月平均出账',   NULL),
    ('arpu_avg6',       'numeric', 'yuan',   'Charges, average of 6 months',                  '近6月平均出账',   NULL),
    ('arpu_sd6',        'numeric', 'yuan',   'Standard deviation of charges over 6 months',   '近6月出账标准差', NULL),
    ('total_charges',   'numeric', 'yuan',   'Charges since joining',                         '累计出账',        NULL),
    ('household_arpu',  'numeric', 'yuan',   'Charges of the household last month',           '家庭上月出账',    NULL),
    ('fixed_fee',       'numeric', 'yuan',   'Monthly fees last month',                       '上月月租费',      NULL),
    ('voice_fee',       'numeric', 'yuan',   'Voice charges last month',                      '上月语音费',      NULL),
    ('data_fee',        'numeric', 'yuan',   'Data charges last month',                       '上月流量费',      NULL),
    ('vas_fee',         'numeric', 'yuan',   'Value-added charges last month',                '上月增值费',      NULL),
    ('roaming_fee',     'numeric', 'yuan',   'Roaming charges last month',                    '上月漫游费',      NULL),
    ('broadband_fee',   'numeric', 'yuan',   'Broadband charges last month',                  '上月宽带费',      NULL),
    ('terminal_fee',    'numeric', 'yuan',   'Terminal instalment last month',                '上月终端分期',    NULL),
    ('overage_fee',     'numeric', 'yuan',   'Charges outside the plan last month',           '上月超套费',      NULL),
    ('overage_avg3',    'numeric', 'yuan',   'Charges outside the plan, average of 3 months', '近3月平均超套费', NULL),
    ('discount',        'numeric', 'yuan',   'Discounts last month',                          '上月优惠减免',    NULL),
    ('refund_m3',       'numeric', 'yuan',   'Refunds in 3 months',                           '近3月退费',       NULL),
    ('cost_m1',         'numeric', 'yuan',   'Cost to serve last month',                      '上月服务成本',    NULL),
    ('subsidy_left',    'numeric', 'yuan',   'Subsidy not yet recovered',                     '未回收补贴',      NULL),
    ('score_value',     'numeric', 'score',  'Value score 0 to 100',                          '价值评分',        NULL),
    ('points_balance',  'numeric', 'points', 'Reward points',                                 '积分余额',        NULL),
    ('points_expiring', 'numeric', 'points', 'Reward points expiring this year',              '年内到期积分',    NULL),
    ('points_used_y1',  'numeric', 'points', 'Reward points used in 12 months',               '近12月兑换积分',  NULL)) AS v(column_name, type, unit, name, name_zh, domain);

-- ---- usage_month: Usage month ----------------------------------------
INSERT INTO mkt.catalogue_source_column (source_code, column_name, type, unit, name, name_zh, domain)
SELECT 'usage_month', v.column_name, v.type, v.unit, v.name, v.name_zh, v.domain::text[]
FROM (VALUES
    ('voice_min_m1',            'numeric', 'minutes',  'Voice minutes last month',                       '上月通话时长',         NULL),
    ('voice_min_avg3',          'numeric', 'minutes',  'Voice minutes, average of 3 months',             '近3月平均通话时长',    NULL),
    ('voice_out_min',           'numeric', 'minutes',  'Outgoing minutes last month',                    '上月主叫时长',         NULL),
    ('voice_in_min',            'numeric', 'minutes',  'Incoming minutes last month',                    '上月被叫时长',         NULL),
    ('voice_peers',             'integer', 'people',   'People called last month',                       '上月通话对端数',       NULL),
    ('voice_peers_avg3',        'numeric', 'people',   'People called, average of 3 months',             '近3月平均通话对端数',  NULL),
    ('voice_long_distance_min', 'numeric', 'minutes',  'Long-distance minutes last month',               '上月长途时长',         NULL),
    ('voice_intl_min',          'numeric', 'minutes',  'International minutes last month',               '上月国际通话时长',     NULL),
    ('voice_work_min',          'numeric', 'minutes',  'Minutes in office hours last month',             '上月工作时段通话时长', NULL),
    ('voice_included_min',      'numeric', 'minutes',  'Minutes included in the plan',                   '套餐内语音',           NULL),
    ('voice_other_net_min',     'numeric', 'minutes',  'Minutes with other operators last month',        '上月网间通话时长',     NULL),
    ('volte_min',               'numeric', 'minutes',  'VoLTE and VoNR minutes last month',              '上月高清通话时长',     NULL),
    ('sms_sent',                'integer', 'messages', 'Messages sent last month',                       '上月发送短信条数',     NULL),
    ('rich_messages',           'integer', 'messages', '5G messages opened last month',                  '上月打开5G消息条数',   NULL),
    ('data_gb_m1',              'numeric', 'GB',       'Data volume last month',                         '上月流量',             NULL),
    ('data_gb_m2',              'numeric', 'GB',       'Data volume the month before',                   '前月流量',             NULL),
    ('data_gb_avg3',            'numeric', 'GB',       'Data volume, average of 3 months',               '近3月平均流量',        NULL),
    ('data_included_gb',        'numeric', 'GB',       'Data volume included in the plan',               '套餐内流量',           NULL),
    ('data_pack_gb',            'numeric', 'GB',       'Data volume of packs bought last month',         '上月加油包流量',       NULL),
    ('data_out_gb',             'numeric', 'GB',       'Data volume outside the plan last month',        '上月套外流量',         NULL),
    ('data_used_up_day',        'integer', 'day',      'Day of the month when the plan''s data ran out', '套餐流量用尽日',       NULL),
    ('data_night_gb',           'numeric', 'GB',       'Data volume between 23 and 7 o''clock',          '夜间流量',             NULL),
    ('data_weekend_gb',         'numeric', 'GB',       'Data volume on weekends',                        '周末流量',             NULL),
    ('data_other_city_gb',      'numeric', 'GB',       'Data volume in other cities',                    '外地流量',             NULL),
    ('data_shared_gb',          'numeric', 'GB',       'Data volume used by shared lines',               '副卡共享流量',         NULL),
    ('data_hotspot_gb',         'numeric', 'GB',       'Data volume over the phone''s hotspot',          '热点共享流量',         NULL),
    ('data_throttled_days',     'integer', 'days',     'Days at reduced speed last month',               '上月限速天数',         NULL),
    ('hours_online',            'numeric', 'hours',    'Hours online a day',                             '日均上网时长',         NULL)) AS v(column_name, type, unit, name, name_zh, domain);

-- ---- product_holding: Product holding --------------------------------
INSERT INTO mkt.catalogue_source_column (source_code, column_name, type, unit, name, name_zh, domain)
SELECT 'product_holding', v.column_name, v.type, v.unit, v.name, v.name_zh, v.domain::text[]
FROM (VALUES
    ('plan_code',         'text',    NULL,    'Family of the main plan',                    '主套餐系列',            '{flagship,data,youth,senior,family,basic,other}'),
    ('plan_price',        'numeric', 'yuan',  'Price of the main plan',                     '主套餐价格',            NULL),
    ('plan_since',        'date',    NULL,    'On the plan since',                          '套餐生效日期',          NULL),
    ('plan_generation',   'text',    NULL,    'Network generation of the plan',             '套餐制式',              '{2g,3g,4g,5g}'),
    ('plan_on_sale',      'boolean', NULL,    'The plan is still sold',                     '套餐在售',              NULL),
    ('plan_changes_y1',   'integer', 'times', 'Changes of plan in 12 months',               '近12月变更套餐次数',    NULL),
    ('plan_last_change',  'text',    NULL,    'Direction of the last change',               '最近变更方向',          '{up,down,none}'),
    ('plan_unlimited',    'boolean', NULL,    'Plan without data limit',                    '不限量套餐',            NULL),
    ('products',          'integer', 'count', 'Products held',                              '订购产品数',            NULL),
    ('packs_data_m3',     'integer', 'times', 'Data packs bought in 3 months',              '近3月购买流量包次数',   NULL),
    ('pack_data_monthly', 'boolean', NULL,    'Monthly data pack',                          '包月流量包',            NULL),
    ('pack_day_m3',       'integer', 'times', 'Day packs bought in 3 months',               '近3月购买日包次数',     NULL),
    ('pack_holiday',      'boolean', NULL,    'Bought a holiday pack in the last year',     '近一年购买假日包',      NULL),
    ('pack_directed',     'boolean', NULL,    'App data pack',                              '定向流量包',            NULL),
    ('pack_campus',       'boolean', NULL,    'Campus pack',                                '校园包',                NULL),
    ('pack_minutes',      'boolean', NULL,    'Monthly voice pack',                         '包月语音包',            NULL),
    ('pack_family_share', 'boolean', NULL,    'Data sharing',                               '流量共享',              NULL),
    ('benefit_member',    'text',    NULL,    'Membership of the benefit club',             '权益会员等级',          '{none,silver,gold,diamond}'),
    ('benefit_video',     'boolean', NULL,    'Video benefit',                              '视频权益',              NULL),
    ('benefit_music',     'boolean', NULL,    'Music benefit',                              '音乐权益',              NULL),
    ('benefit_travel',    'boolean', NULL,    'Travel benefit',                             '出行权益',              NULL),
    ('benefit_food',      'boolean', NULL,    'Food benefit',                               '餐饮权益',              NULL),
    ('benefit_left',      'integer', 'count', 'Benefits not yet collected this month',      '本月未领权益数',        NULL),
    ('benefit_used_m3',   'integer', 'times', 'Benefits collected in 3 months',             '近3月领取权益次数',     NULL),
    ('caller_ring',       'boolean', NULL,    'Ring-back tone',                             '炫铃',                  NULL),
    ('video_ring',        'boolean', NULL,    'Video ring-back tone',                       '视频彩铃',              NULL),
    ('number_shield',     'boolean', NULL,    'Nuisance call shield',                       '骚扰拦截',              NULL),
    ('cloud_disk',        'boolean', NULL,    'Cloud drive',                                '云盘',                  NULL),
    ('cloud_disk_gb',     'numeric', 'GB',    'Cloud drive in use',                         '云盘用量',              NULL),
    ('cloud_phone',       'boolean', NULL,    'Cloud phone',                                '云手机',                NULL),
    ('cloud_game',        'boolean', NULL,    'Cloud game pass',                            '云游戏会员',            NULL),
    ('insurance',         'boolean', NULL,    'Handset or account insurance',               '保险业务',              NULL),
    ('vas_cancelled_m6',  'integer', 'times', 'Value-added services cancelled in 6 months', '近6月退订增值业务次数', NULL),
    ('vas_trial_ends_on', 'date',    NULL,    'Free trial of a service ends on',            '体验业务到期日',        NULL)) AS v(column_name, type, unit, name, name_zh, domain);

-- ---- fiveg_month: 5G month -------------------------------------------
INSERT INTO mkt.catalogue_source_column (source_code, column_name, type, unit, name, name_zh, domain)
SELECT 'fiveg_month', v.column_name, v.type, v.unit, v.name, v.name_zh, v.domain::text[]
FROM (VALUES
    ('fiveg_terminal',       'boolean', NULL,      '5G terminal',                       '5G终端',         NULL),
    ('fiveg_switch_on',      'boolean', NULL,      '5G switched on in the terminal',    '5G开关打开',     NULL),
    ('fiveg_registered',     'boolean', NULL,      'Seen on the 5G network last month', '上月登录5G网络', NULL),
    ('fiveg_gb',             'numeric', 'GB',      'Data volume on 5G last month',      '上月5G流量',     NULL),
    ('all_gb',               'numeric', 'GB',      'Data volume last month',            '上月总流量',     NULL),
    ('fiveg_home',           'boolean', NULL,      'Home is covered by 5G',             '居住地有5G覆盖', NULL),
    ('fiveg_work',           'boolean', NULL,      'Place of work is covered by 5G',    '工作地有5G覆盖', NULL),
    ('fiveg_plan',           'boolean', NULL,      '5G plan',                           '5G套餐',         NULL),
    ('fiveg_plan_since',     'date',    NULL,      'On the 5G plan since',              '5G套餐生效日期', NULL),
    ('fiveg_fallbacks',      'integer', 'times',   'Fallbacks to 4G last month',        '上月回落4G次数', NULL),
    ('vonr_min',             'numeric', 'minutes', 'VoNR minutes last month',           '上月VoNR时长',   NULL),
    ('fiveg_new_call',       'boolean', NULL,      '5G new calling',                    '5G新通话',       NULL),
    ('fiveg_terminal_since', 'date',    NULL,      '5G terminal in use since',          '5G终端启用日期', NULL)) AS v(column_name, type, unit, name, name_zh, domain);

-- ---- broadband: Broadband line ---------------------------------------
INSERT INTO mkt.catalogue_source_column (source_code, column_name, type, unit, name, name_zh, domain)
SELECT 'broadband', v.column_name, v.type, v.unit, v.name, v.name_zh, v.domain::text[]
FROM (VALUES
    ('has_line',             'boolean', NULL,     'Has a broadband line',            '有宽带',            NULL),
    ('access',               'text',    NULL,     'Access technology',               '接入方式',          '{fttr,ftth,lan,dsl}'),
    ('speed',                'numeric', 'Mbps',   'Speed of the line',               '宽带速率',          NULL),
    ('speed_measured',       'numeric', 'Mbps',   'Measured speed',                  '实测速率',          NULL),
    ('installed_on',         'date',    NULL,     'Installed on',                    '装机日期',          NULL),
    ('paid_until',           'date',    NULL,     'Paid until',                      '到期日',            NULL),
    ('paid_by',              'text',    NULL,     'Way of paying',                   '付费方式',          '{year,month,bundle,several}'),
    ('price_year',           'numeric', 'yuan',   'Price per year',                  '年化价格',          NULL),
    ('renewed_early',        'boolean', NULL,     'Last renewal came before expiry', '上次提前续约',      NULL),
    ('line_status',          'text',    NULL,     'Status of the line',              '宽带状态',          '{active,paused,expired,removed}'),
    ('idle_days',            'integer', 'days',   'Days without traffic',            '连续无流量天数',    NULL),
    ('traffic_gb',           'numeric', 'GB',     'Traffic last month',              '上月宽带流量',      NULL),
    ('traffic_gb_avg3',      'numeric', 'GB',     'Traffic, average of 3 months',    '近3月平均宽带流量', NULL),
    ('devices',              'integer', 'count',  'Devices at home',                 '家庭联网设备数',    NULL),
    ('wifi_generation',      'text',    NULL,     'Generation of the Wi-Fi router',  '路由器制式',        '{wifi4,wifi5,wifi6,wifi7}'),
    ('modem_age',            'integer', 'months', 'Age of the optical modem',        '光猫使用月数',      NULL),
    ('modem_gigabit',        'boolean', NULL,     'Gigabit optical modem',           '千兆光猫',          NULL),
    ('weak_wifi',            'boolean', NULL,     'Weak Wi-Fi at home',              '家庭WiFi弱覆盖',    NULL),
    ('weak_light',           'boolean', NULL,     'Weak optical signal',             '弱光',              NULL),
    ('faults_m3',            'integer', 'times',  'Faults in 3 months',              '近3月报障次数',     NULL),
    ('repeat_fault',         'boolean', NULL,     'Same fault again within 30 days', '重复故障',          NULL),
    ('repair_hours',         'numeric', 'hours',  'Hours to repair the last fault',  '最近修障时长',      NULL),
    ('dropouts_m1',          'integer', 'times',  'Dropouts last month',             '上月掉线次数',      NULL),
    ('moved_on',             'date',    NULL,     'Line moved to a new address on',  '移机日期',          NULL),
    ('address_gigabit',      'boolean', NULL,     'Gigabit ready at the address',    '地址具备千兆能力',  NULL),
    ('address_ports_free',   'boolean', NULL,     'Free ports at the address',       '地址有空闲端口',    NULL),
    ('installer_visited_on', 'date',    NULL,     'Last visit of the engineer',      '装维最近上门日期',  NULL),
    ('main_number_bound',    'boolean', NULL,     'Bound to a mobile plan',          '与手机套餐融合',    NULL),
    ('games_gb',             'numeric', 'GB',     'Game traffic',                    '游戏流量',          NULL),
    ('live_gb',              'numeric', 'GB',     'Live streaming traffic',          '直播上行流量',      NULL)) AS v(column_name, type, unit, name, name_zh, domain);

-- ---- tv_month: TV month ----------------------------------------------
INSERT INTO mkt.catalogue_source_column (source_code, column_name, type, unit, name, name_zh, domain)
SELECT 'tv_month', v.column_name, v.type, v.unit, v.name, v.name_zh, v.domain::text[]
FROM (VALUES
    ('has_tv',           'boolean', NULL,    'Has TV',                                     '有电视',                 NULL),
    ('box_kind',         'text',    NULL,    'Kind of set-top box',                        '机顶盒类型',             '{hd,uhd,uhd8,integrated}'),
    ('watch_days',       'integer', 'days',  'Days watched last month',                    '上月收视天数',           NULL),
    ('watch_hours',      'numeric', 'hours', 'Hours watched last month',                   '上月收视时长',           NULL),
    ('watch_hours_avg3', 'numeric', 'hours', 'Hours watched, average of 3 months',         '近3月平均收视时长',      NULL),
    ('last_watched_on',  'date',    NULL,    'Last watched on',                            '最近收视日期',           NULL),
    ('live_hours',       'numeric', 'hours', 'Hours of live channels last month',          '上月直播时长',           NULL),
    ('on_demand_hours',  'numeric', 'hours', 'Hours of films and series last month',       '上月点播时长',           NULL),
    ('kids_hours',       'numeric', 'hours', 'Hours of children''s programmes last month', '上月少儿节目时长',       NULL),
    ('sport_hours',      'numeric', 'hours', 'Hours of sport last month',                  '上月体育节目时长',       NULL),
    ('film_orders_m3',   'integer', 'times', 'Films bought in 3 months',                   '近3月单点影片次数',      NULL),
    ('tv_member',        'boolean', NULL,    'TV membership',                              '电视会员',               NULL),
    ('tv_member_until',  'date',    NULL,    'TV membership until',                        '电视会员到期日',         NULL),
    ('kids_member',      'boolean', NULL,    'Children''s membership',                     '少儿会员',               NULL),
    ('boxes',            'integer', 'count', 'Set-top boxes',                              '机顶盒数量',             NULL),
    ('screen_failures',  'integer', 'times', 'Picture failures last month',                '上月卡顿花屏次数',       NULL),
    ('ad_clicks',        'integer', 'times', 'Offers opened on the TV last month',         '上月电视端点击推荐次数', NULL)) AS v(column_name, type, unit, name, name_zh, domain);

-- ---- smart_home: Smart home ------------------------------------------
INSERT INTO mkt.catalogue_source_column (source_code, column_name, type, unit, name, name_zh, domain)
SELECT 'smart_home', v.column_name, v.type, v.unit, v.name, v.name_zh, v.domain::text[]
FROM (VALUES
    ('fttr',                 'boolean', NULL,    'Fibre to the room',              '全屋光宽带',            NULL),
    ('networking',           'boolean', NULL,    'Home networking service',        '家庭组网',              NULL),
    ('camera',               'boolean', NULL,    'Home camera',                    '家庭摄像头',            NULL),
    ('camera_storage',       'boolean', NULL,    'Camera cloud storage',           '看家云存储',            NULL),
    ('camera_storage_until', 'date',    NULL,    'Camera storage until',           '云存储到期日',          NULL),
    ('camera_views_m1',      'integer', 'times', 'Camera views last month',        '上月查看摄像头次数',    NULL),
    ('speaker',              'boolean', NULL,    'Smart speaker',                  '智能音箱',              NULL),
    ('smart_lock',           'boolean', NULL,    'Smart lock',                     '智能门锁',              NULL),
    ('elder_care',           'boolean', NULL,    'Elder care device',              '康养设备',              NULL),
    ('child_watch',          'boolean', NULL,    'Child''s watch',                 '儿童手表',              NULL),
    ('home_devices',         'integer', 'count', 'Smart devices',                  '智能设备数',            NULL),
    ('fixed_phone',          'boolean', NULL,    'Fixed-line telephone',           '固定电话',              NULL),
    ('home_service_m6',      'integer', 'times', 'Paid home services in 6 months', '近6月付费上门服务次数', NULL),
    ('app_bound',            'boolean', NULL,    'Home app bound',                 '智家APP已绑定',         NULL)) AS v(column_name, type, unit, name, name_zh, domain);

-- ---- household: Household and circle ---------------------------------
INSERT INTO mkt.catalogue_source_column (source_code, column_name, type, unit, name, name_zh, domain)
SELECT 'household', v.column_name, v.type, v.unit, v.name, v.name_zh, v.domain::text[]
FROM (VALUES
    ('members',         'integer', 'people', 'Members of the household',                       '家庭成员数',          NULL),
    ('members_ours',    'integer', 'people', 'Members with us',                                '家庭本网成员数',      NULL),
    ('members_other',   'integer', 'people', 'Members with other operators',                   '家庭他网成员数',      NULL),
    ('role',            'text',    NULL,     'Role in the household',                          '家庭角色',            '{head,spouse,child,elder,other}'),
    ('key_person',      'boolean', NULL,     'Decides for the household',                      '家庭决策人',          NULL),
    ('has_elder',       'boolean', NULL,     'Household with an elder',                        '家有老人',            NULL),
    ('has_child',       'boolean', NULL,     'Household with a child',                         '家有儿童',            NULL),
    ('converged',       'text',    NULL,     'Kind of bundle',                                 '融合类型',            '{none,two,three,four}'),
    ('converged_until', 'date',    NULL,     'Bundle until',                                   '融合合约到期日',      NULL),
    ('bundle_lines',    'integer', 'count',  'Lines in the bundle',                            '融合成员数',          NULL),
    ('bundle_slots',    'integer', 'count',  'Free places in the bundle',                      '融合剩余名额',        NULL),
    ('virtual_group',   'boolean', NULL,     'Short-number group',                             '亲情网',              NULL),
    ('circle',          'integer', 'people', 'Size of the circle',                             '交往圈人数',          NULL),
    ('circle_ours',     'integer', 'people', 'People of the circle with us',                   '交往圈本网人数',      NULL),
    ('circle_new_ours', 'integer', 'people', 'People of the circle who joined us in 3 months', '近3月交往圈入网人数', NULL),
    ('circle_left',     'integer', 'people', 'People of the circle who left in 3 months',      '近3月交往圈离网人数', NULL),
    ('closest_other',   'boolean', NULL,     'Closest contact is with another operator',       '最密切联系人为他网',  NULL),
    ('influence',       'numeric', 'score',  'Influence score 0 to 100',                       '影响力评分',          NULL),
    ('hometown_calls',  'boolean', NULL,     'Calls one far city often',                       '常联系外地亲友',      NULL),
    ('cohabitants',     'integer', 'people', 'People at the same address',                     '同址人数',            NULL)) AS v(column_name, type, unit, name, name_zh, domain);

-- ---- terminal: Terminal ----------------------------------------------
INSERT INTO mkt.catalogue_source_column (source_code, column_name, type, unit, name, name_zh, domain)
SELECT 'terminal', v.column_name, v.type, v.unit, v.name, v.name_zh, v.domain::text[]
FROM (VALUES
    ('brand',              'text',    NULL,     'Brand',                           '品牌',               '{apple,huawei,honor,xiaomi,oppo,vivo,other}'),
    ('brand_before',       'text',    NULL,     'Brand of the phone before',       '上一部终端品牌',     '{apple,huawei,honor,xiaomi,oppo,vivo,other}'),
    ('price',              'numeric', 'yuan',   'Price when new',                  '终端上市价',         NULL),
    ('system',             'text',    NULL,     'Operating system',                '操作系统',           '{android,ios,harmony,feature}'),
    ('released_on',        'date',    NULL,     'Model released on',               '机型上市日期',       NULL),
    ('in_use_since',       'date',    NULL,     'In use since',                    '终端启用日期',       NULL),
    ('changes_y2',         'integer', 'times',  'Changes of phone in 2 years',     '近2年换机次数',      NULL),
    ('change_cycle',       'integer', 'months', 'Usual months between phones',     '平均换机周期',       NULL),
    ('generation',         'text',    NULL,     'Generation',                      '终端制式',           '{g2,g3,g4,g5}'),
    ('dual_sim',           'boolean', NULL,     'Dual-SIM phone',                  '双卡终端',           NULL),
    ('esim_ready',         'boolean', NULL,     'eSIM ready',                      '支持eSIM',           NULL),
    ('watch',              'boolean', NULL,     'Watch with its own number',       '独立号码手表',       NULL),
    ('tablet',             'boolean', NULL,     'Tablet with a card',              '插卡平板',           NULL),
    ('instalment',         'boolean', NULL,     'Paid in instalments',             '分期购机',           NULL),
    ('instalment_left',    'integer', 'months', 'Instalments left',                '分期剩余期数',       NULL),
    ('traded_in',          'boolean', NULL,     'Traded in an old phone',          '以旧换新',           NULL),
    ('app_prices_m1',      'integer', 'times',  'Phone pages visited last month',  '上月浏览终端页次数', NULL),
    ('new_model_followed', 'boolean', NULL,     'Registered for a new model',      '预约新机',           NULL),
    ('care_plan',          'boolean', NULL,     'Screen or care plan',             '碎屏保障',           NULL),
    ('accessories_y1',     'integer', 'times',  'Accessories bought in 12 months', '近12月购买配件次数', NULL)) AS v(column_name, type, unit, name, name_zh, domain);

-- ---- contract: Contract ----------------------------------------------
INSERT INTO mkt.catalogue_source_column (source_code, column_name, type, unit, name, name_zh, domain)
SELECT 'contract', v.column_name, v.type, v.unit, v.name, v.name_zh, v.domain::text[]
FROM (VALUES
    ('has_contract',  'boolean', NULL,   'Has a contract',                      '有合约',         NULL),
    ('kind',          'text',    NULL,   'Kind of contract',                    '合约类型',       '{deposit,phone,fee,number,bundle}'),
    ('starts_on',     'date',    NULL,   'Starts on',                           '合约开始日期',   NULL),
    ('ends_on',       'date',    NULL,   'Ends on',                             '合约结束日期',   NULL),
    ('penalty',       'numeric', 'yuan', 'Penalty for leaving today',           '当前违约金',     NULL),
    ('return_until',  'date',    NULL,   'Returns until',                       '返还截止日期',   NULL),
    ('min_spend',     'numeric', 'yuan', 'Minimum spend',                       '最低消费',       NULL),
    ('arpu',          'numeric', 'yuan', 'Charges, average of 3 months',        '近3月平均出账',  NULL),
    ('broken_before', 'boolean', NULL,   'Left a contract early before',        '曾提前解约',     NULL),
    ('expired_on',    'date',    NULL,   'Last contract expired on',            '上一合约到期日', NULL),
    ('asked_expiry',  'boolean', NULL,   'Asked about the end of the contract', '咨询过合约到期', NULL)) AS v(column_name, type, unit, name, name_zh, domain);

-- ---- payment_credit: Payment and credit ------------------------------
INSERT INTO mkt.catalogue_source_column (source_code, column_name, type, unit, name, name_zh, domain)
SELECT 'payment_credit', v.column_name, v.type, v.unit, v.name, v.name_zh, v.domain::text[]
FROM (VALUES
    ('balance',               'numeric', 'yuan',  'Balance of the account',                '账户余额',            NULL),
    ('arpu',                  'numeric', 'yuan',  'Charges, average of 3 months',          '近3月平均出账',       NULL),
    ('topup_last_on',         'date',    NULL,    'Last top-up on',                        '最近充值日期',        NULL),
    ('topup_m3',              'integer', 'times', 'Top-ups in 3 months',                   '近3月充值次数',       NULL),
    ('topup_amount_m3',       'numeric', 'yuan',  'Amount topped up in 3 months',          '近3月充值金额',       NULL),
    ('topup_max_y1',          'numeric', 'yuan',  'Largest top-up in 12 months',           '近12月最大充值金额',  NULL),
    ('topup_channel',         'text',    NULL,    'Usual channel of top-up',               '常用充值渠道',        '{app,wechat,alipay,bank,hall,shop,other}'),
    ('topup_for_others_m3',   'integer', 'times', 'Top-ups for other numbers in 3 months', '近3月为他人充值次数', NULL),
    ('topup_at_zero',         'boolean', NULL,    'Tops up only when the balance is gone', '余额用尽才充值',      NULL),
    ('topup_day',             'integer', 'day',   'Usual day of the month of top-up',      '常用充值日',          NULL),
    ('topup_coupon_m6',       'integer', 'times', 'Top-up coupons used in 6 months',       '近6月使用充值券次数', NULL),
    ('auto_pay',              'boolean', NULL,    'Automatic payment',                     '自动缴费',            NULL),
    ('auto_topup',            'boolean', NULL,    'Automatic top-up',                      '自动充值',            NULL),
    ('e_invoice',             'boolean', NULL,    'Electronic invoice',                    '电子发票',            NULL),
    ('payment_mode',          'text',    NULL,    'Mode of payment',                       '付费模式',            '{pre,post,quasi}'),
    ('arrears',               'numeric', 'yuan',  'Amount owed',                           '欠费金额',            NULL),
    ('arrears_days',          'integer', 'days',  'Days in arrears',                       '欠费天数',            NULL),
    ('arrears_times_y1',      'integer', 'times', 'Arrears in 12 months',                  '近12月欠费次数',      NULL),
    ('suspended_arrears',     'boolean', NULL,    'Suspended for arrears',                 '欠费停机',            NULL),
    ('credit_score',          'integer', 'score', 'Credit score 0 to 1000',                '信用分',              NULL),
    ('credit_score_before',   'integer', 'score', 'Credit score half a year ago',          '半年前信用分',        NULL),
    ('credit_limit',          'numeric', 'yuan',  'Credit limit',                          '信用额度',            NULL),
    ('pay_delay_days',        'numeric', 'days',  'Mean delay of payment',                 '平均缴费延迟天数',    NULL),
    ('bad_debt',              'boolean', NULL,    'Written-off debt',                      '坏账记录',            NULL),
    ('fraud_flag',            'boolean', NULL,    'Marked by the anti-fraud centre',       '涉诈标记',            NULL),
    ('calls_marked',          'boolean', NULL,    'Calls marked as nuisance by others',    '被标记骚扰',          NULL),
    ('card_use_suspicious',   'boolean', NULL,    'Card in an unusual device or place',    '异常用卡',            NULL),
    ('many_cards_one_device', 'boolean', NULL,    'Several cards in one device',           '一机多卡',            NULL),
    ('wallet',                'boolean', NULL,    'Operator''s wallet',                    '沃钱包',              NULL),
    ('wallet_active',         'boolean', NULL,    'Wallet used last month',                '上月使用钱包',        NULL),
    ('wallet_loan',           'boolean', NULL,    'Consumer credit of the wallet',         '消费信贷',            NULL),
    ('bank_bound',            'boolean', NULL,    'Bank card bound',                       '绑定银行卡',          NULL)) AS v(column_name, type, unit, name, name_zh, domain);

-- ---- service_complaint: Service and complaint ------------------------
INSERT INTO mkt.catalogue_source_column (source_code, column_name, type, unit, name, name_zh, domain)
SELECT 'service_complaint', v.column_name, v.type, v.unit, v.name, v.name_zh, v.domain::text[]
FROM (VALUES
    ('hotline_calls_m1',      'integer', 'times', 'Calls to 10010 last month',              '上月拨打热线次数',   NULL),
    ('hotline_calls_m3',      'integer', 'times', 'Calls to 10010 in 3 months',             '近3月拨打热线次数',  NULL),
    ('human_asked',           'boolean', NULL,    'Asks for a human at once',               '要求人工',           NULL),
    ('hotline_topic',         'text',    NULL,    'Last topic of enquiry',                  '最近咨询主题',       '{bill,plan,data,network,broadband,cancel,other}'),
    ('complaints_m6',         'integer', 'times', 'Complaints in 6 months',                 '近6月投诉次数',      NULL),
    ('complaints_y1',         'integer', 'times', 'Complaints in 12 months',                '近12月投诉次数',     NULL),
    ('complaint_on',          'date',    NULL,    'Last complaint on',                      '最近投诉日期',       NULL),
    ('complaint_kind',        'text',    NULL,    'Kind of the last complaint',             '最近投诉类型',       '{fee,network,service,marketing,broadband,vas,other}'),
    ('complaint_open',        'boolean', NULL,    'Complaint open',                         '投诉未结',           NULL),
    ('complaint_repeat',      'boolean', NULL,    'Same complaint again',                   '重复投诉',           NULL),
    ('complaint_upgraded',    'boolean', NULL,    'Complaint to the regulator',             '越级投诉',           NULL),
    ('compensation_y1',       'numeric', 'yuan',  'Compensation in 12 months',              '近12月补偿金额',     NULL),
    ('satisfaction',          'integer', 'score', 'Last satisfaction score 1 to 10',        '最近满意度评分',     NULL),
    ('satisfaction_before',   'integer', 'score', 'Satisfaction score before',              '上次满意度评分',     NULL),
    ('satisfaction_on',       'date',    NULL,    'Last rated on',                          '最近测评日期',       NULL),
    ('nps',                   'integer', 'score', 'Readiness to recommend 0 to 10',         '推荐意愿',           NULL),
    ('satisfaction_network',  'integer', 'score', 'Satisfaction with the network 1 to 10',  '网络满意度',         NULL),
    ('satisfaction_tariff',   'integer', 'score', 'Satisfaction with tariffs 1 to 10',      '资费满意度',         NULL),
    ('satisfaction_engineer', 'integer', 'score', 'Satisfaction with the engineer 1 to 10', '装维满意度',         NULL),
    ('survey_answers_y1',     'integer', 'times', 'Surveys answered in 12 months',          '近12月参与测评次数', NULL),
    ('cancel_asked_on',       'date',    NULL,    'Asked how to cancel on',                 '咨询销户日期',       NULL),
    ('port_code_on',          'date',    NULL,    'Asked for a porting code on',            '查询携转资格日期',   NULL),
    ('plan_down_asked_on',    'date',    NULL,    'Asked for a cheaper plan on',            '咨询降档日期',       NULL),
    ('robot_share',           'numeric', 'ratio', 'Share of enquiries solved by the robot', '智能客服解决占比',   NULL),
    ('self_service_m3',       'integer', 'times', 'Self-service acts in 3 months',          '近3月自助办理次数',  NULL),
    ('care_calls_m6',         'integer', 'times', 'Care calls in 6 months',                 '近6月关怀回访次数',  NULL)) AS v(column_name, type, unit, name, name_zh, domain);

-- ---- network_experience: Network experience --------------------------
INSERT INTO mkt.catalogue_source_column (source_code, column_name, type, unit, name, name_zh, domain)
SELECT 'network_experience', v.column_name, v.type, v.unit, v.name, v.name_zh, v.domain::text[]
FROM (VALUES
    ('home_signal',         'text',    NULL,      'Signal at home',                       '居住地信号',           '{good,fair,poor}'),
    ('work_signal',         'text',    NULL,      'Signal at work',                       '工作地信号',           '{good,fair,poor}'),
    ('indoor_weak',         'boolean', NULL,      'Weak indoors',                         '室内弱覆盖',           NULL),
    ('dropped_rate',        'numeric', 'ratio',   'Share of dropped calls',               '掉话率',               NULL),
    ('page_seconds',        'numeric', 'seconds', 'Mean time to open a page',             '页面打开时长',         NULL),
    ('video_stall_rate',    'numeric', 'ratio',   'Share of stalled videos',              '视频卡顿率',           NULL),
    ('game_delay_ms',       'numeric', 'ms',      'Mean game delay',                      '游戏时延',             NULL),
    ('slow_hours',          'integer', 'hours',   'Hours at a congested cell last month', '上月拥塞小区驻留时长', NULL),
    ('on_3g_hours',         'integer', 'hours',   'Hours on 2G or 3G last month',         '上月驻留2G3G时长',     NULL),
    ('experience_score',    'numeric', 'score',   'Experience score 0 to 100',            '感知评分',             NULL),
    ('experience_score_m1', 'numeric', 'score',   'Experience score the month before',    '前月感知评分',         NULL),
    ('new_site_near',       'boolean', NULL,      'New site near home within 90 days',    '附近新开站',           NULL),
    ('rail_weak',           'boolean', NULL,      'Weak on the way to work',              '通勤路线弱覆盖',       NULL)) AS v(column_name, type, unit, name, name_zh, domain);

-- ---- channel_use: Channel use ----------------------------------------
INSERT INTO mkt.catalogue_source_column (source_code, column_name, type, unit, name, name_zh, domain)
SELECT 'channel_use', v.column_name, v.type, v.unit, v.name, v.name_zh, v.domain::text[]
FROM (VALUES
    ('main_channel',         'text',    NULL,    'Channel used most',                            '最常用渠道',             '{app,mini,web,hall,hotline,wecom,shop}'),
    ('app_installed',        'boolean', NULL,    'App installed',                                '已装APP',                NULL),
    ('app_installed_on',     'date',    NULL,    'App installed on',                             'APP安装日期',            NULL),
    ('app_days_m1',          'integer', 'days',  'Days in the app last month',                   '上月APP使用天数',        NULL),
    ('app_last_on',          'date',    NULL,    'Last in the app on',                           '最近登录APP日期',        NULL),
    ('app_push',             'boolean', NULL,    'Allows app messages',                          '允许APP推送',            NULL),
    ('app_elder_mode',       'boolean', NULL,    'Large-type version',                           '长辈版',                 NULL),
    ('app_orders_m6',        'integer', 'times', 'Orders in the app in 6 months',                '近6月APP订单数',         NULL),
    ('app_sign_in',          'integer', 'days',  'Sign-in days last month',                      '上月签到天数',           NULL),
    ('app_mall_m3',          'integer', 'times', 'Visits to the app''s shop in 3 months',        '近3月访问商城次数',      NULL),
    ('mini_days_m1',         'integer', 'days',  'Days in the mini-programme last month',        '上月小程序使用天数',     NULL),
    ('wechat_follow',        'boolean', NULL,    'Follows the WeChat account',                   '关注公众号',             NULL),
    ('wecom_replies_m3',     'integer', 'times', 'Answers on WeCom in 3 months',                 '近3月企微回复次数',      NULL),
    ('wecom_group',          'boolean', NULL,    'In a WeCom group',                             '企微社群成员',           NULL),
    ('hall_visits_m6',       'integer', 'times', 'Visits to a hall in 6 months',                 '近6月到厅次数',          NULL),
    ('hall_visit_on',        'date',    NULL,    'Last visit to a hall',                         '最近到厅日期',           NULL),
    ('hall_distance',        'numeric', 'km',    'Distance to the nearest hall',                 '最近营业厅距离',         NULL),
    ('manager_orders_y1',    'integer', 'times', 'Orders through the grid manager in 12 months', '近12月经理上门订单数',   NULL),
    ('activity_y1',          'integer', 'times', 'Community activities attended in 12 months',   '近12月参加社区活动次数', NULL),
    ('outbound_answer_rate', 'numeric', 'ratio', 'Share of outbound calls answered',             '外呼接通率',             NULL),
    ('outbound_orders_y1',   'integer', 'times', 'Orders by outbound call in 12 months',         '近12月外呼订单数',       NULL),
    ('sms_reply_orders_y1',  'integer', 'times', 'Orders by message in 12 months',               '近12月短信办理次数',     NULL),
    ('qr_scans_m6',          'integer', 'times', 'Codes scanned in 6 months',                    '近6月扫码次数',          NULL),
    ('live_room_m3',         'integer', 'times', 'Visits to our live shows in 3 months',         '近3月观看直播次数',      NULL),
    ('referrals_y1',         'integer', 'times', 'Referrals in 12 months',                       '近12月推荐好友次数',     NULL),
    ('online_share',         'numeric', 'ratio', 'Share of acts done online',                    '线上办理占比',           NULL)) AS v(column_name, type, unit, name, name_zh, domain);

-- ---- content_month: Content and app month ----------------------------
INSERT INTO mkt.catalogue_source_column (source_code, column_name, type, unit, name, name_zh, domain)
SELECT 'content_month', v.column_name, v.type, v.unit, v.name, v.name_zh, v.domain::text[]
FROM (VALUES
    ('video_days',      'integer', 'days',    'Days with long video',                   '长视频使用天数',     NULL),
    ('short_gb',        'numeric', 'GB',      'Short video volume',                     '短视频流量',         NULL),
    ('live_days',       'integer', 'days',    'Days with live streams',                 '直播使用天数',       NULL),
    ('game_days',       'integer', 'days',    'Days with games',                        '游戏使用天数',       NULL),
    ('game_minutes',    'numeric', 'minutes', 'Minutes of games',                       '游戏时长',           NULL),
    ('music_days',      'integer', 'days',    'Days with music',                        '音乐使用天数',       NULL),
    ('read_days',       'integer', 'days',    'Days with reading',                      '阅读使用天数',       NULL),
    ('social_gb',       'numeric', 'GB',      'Social app volume',                      '社交流量',           NULL),
    ('shop_days',       'integer', 'days',    'Days with shopping',                     '购物使用天数',       NULL),
    ('food_days',       'integer', 'days',    'Days with food delivery',                '外卖使用天数',       NULL),
    ('travel_days',     'integer', 'days',    'Days with travel apps',                  '旅行使用天数',       NULL),
    ('hail_days',       'integer', 'days',    'Days with ride hailing',                 '网约车使用天数',     NULL),
    ('map_days',        'integer', 'days',    'Days with navigation',                   '导航使用天数',       NULL),
    ('pay_days',        'integer', 'days',    'Days with payment apps',                 '支付使用天数',       NULL),
    ('stock_days',      'integer', 'days',    'Days with stock trading apps',           '炒股使用天数',       NULL),
    ('study_days',      'integer', 'days',    'Days with learning apps',                '学习使用天数',       NULL),
    ('pupil_days',      'integer', 'days',    'Days with school apps',                  '家校使用天数',       NULL),
    ('office_days',     'integer', 'days',    'Days with office apps',                  '办公使用天数',       NULL),
    ('meeting_minutes', 'numeric', 'minutes', 'Minutes of video meetings',              '视频会议时长',       NULL),
    ('sport_days',      'integer', 'days',    'Days with sport apps',                   '运动使用天数',       NULL),
    ('baby_days',       'integer', 'days',    'Days with parenting apps',               '母婴使用天数',       NULL),
    ('house_days',      'integer', 'days',    'Days with housing apps',                 '房产使用天数',       NULL),
    ('job_days',        'integer', 'days',    'Days with job apps',                     '求职使用天数',       NULL),
    ('car_days',        'integer', 'days',    'Days with car apps',                     '汽车使用天数',       NULL),
    ('charge_days',     'integer', 'days',    'Days with car charging apps',            '充电桩使用天数',     NULL),
    ('photo_days',      'integer', 'days',    'Days with photo apps',                   '摄影使用天数',       NULL),
    ('pet_days',        'integer', 'days',    'Days with pet apps',                     '宠物使用天数',       NULL),
    ('farm_days',       'integer', 'days',    'Days with farming apps',                 '农技使用天数',       NULL),
    ('courier_days',    'integer', 'days',    'Days with apps of couriers and drivers', '骑手司机端使用天数', NULL),
    ('merchant_days',   'integer', 'days',    'Days with apps of merchants',            '商家端使用天数',     NULL),
    ('creator_days',    'integer', 'days',    'Days with apps of creators',             '创作者使用天数',     NULL),
    ('ai_days',         'integer', 'days',    'Days with AI assistants',                '智能助手使用天数',   NULL),
    ('cloud_days',      'integer', 'days',    'Days with cloud drives',                 '网盘使用天数',       NULL),
    ('apps',            'integer', 'count',   'Apps used',                              '使用应用数',         NULL),
    ('finance_days',    'integer', 'days',    'Days with wealth apps',                  '理财使用天数',       NULL),
    ('kids_days',       'integer', 'days',    'Days with children''s apps',             '儿童应用天数',       NULL)) AS v(column_name, type, unit, name, name_zh, domain);

-- ---- location_month: Location and grid -------------------------------
INSERT INTO mkt.catalogue_source_column (source_code, column_name, type, unit, name, name_zh, domain)
SELECT 'location_month', v.column_name, v.type, v.unit, v.name, v.name_zh, v.domain::text[]
FROM (VALUES
    ('home_kind',          'text',    NULL,    'Kind of place of living',                         '居住场所类型',            '{community,village,campus,factory,barracks}'),
    ('work_kind',          'text',    NULL,    'Kind of place of work',                           '工作场所类型',            '{office,factory,market,school,hospital,site,none}'),
    ('home_since',         'date',    NULL,    'At this home since',                              '居住地起始日期',          NULL),
    ('home_moved_on',      'date',    NULL,    'Home changed on',                                 '居住地变更日期',          NULL),
    ('work_moved_on',      'date',    NULL,    'Place of work changed on',                        '工作地变更日期',          NULL),
    ('commute_km',         'numeric', 'km',    'Way to work',                                     '通勤距离',                NULL),
    ('commute_mode',       'text',    NULL,    'Way of commuting',                                '通勤方式',                '{walk,road,metro,rail}'),
    ('nights_away',        'integer', 'days',  'Nights away last month',                          '上月外宿天数',            NULL),
    ('cities_m1',          'integer', 'count', 'Cities visited last month',                       '上月到访城市数',          NULL),
    ('away_now',           'boolean', NULL,    'In another province now',                         '当前在省外',              NULL),
    ('hometown_festival',  'boolean', NULL,    'Went to a home town at the last Spring Festival', '春节返乡',                NULL),
    ('hub_visits_m1',      'integer', 'times', 'Airports and stations last month',                '上月到访机场车站次数',    NULL),
    ('mall_days_m1',       'integer', 'days',  'Days at shopping centres last month',             '上月到访商圈天数',        NULL),
    ('scenic_days_m3',     'integer', 'days',  'Days at scenic spots in 3 months',                '近3月到访景区天数',       NULL),
    ('school_days_m1',     'integer', 'days',  'School mornings and evenings last month',         '上月接送学校天数',        NULL),
    ('rival_hall_days_m3', 'integer', 'days',  'Days at a rival''s hall in 3 months',             '近3月到访他网营业厅天数', NULL),
    ('own_hall_days_m3',   'integer', 'days',  'Days at our hall in 3 months',                    '近3月途经本网营业厅天数', NULL),
    ('night_shift',        'boolean', NULL,    'Works at night',                                  '夜班作息',                NULL),
    ('home_all_day',       'boolean', NULL,    'At home on working days',                         '工作日居家',              NULL),
    ('fair_grid',          'boolean', NULL,    'Lives in a key grid',                             '重点网格居住',            NULL),
    ('new_estate',         'boolean', NULL,    'Lives in a new estate',                           '新交付小区',              NULL),
    ('grid_saturation',    'numeric', 'ratio', 'Broadband saturation of the home grid',           '居住网格宽带渗透率',      NULL),
    ('grid_ports_free',    'numeric', 'ratio', 'Free ports in the home grid',                     '居住网格端口空闲率',      NULL),
    ('rival_share_grid',   'numeric', 'ratio', 'Rivals'' share in the home grid',                 '居住网格他网占比',        NULL),
    ('second_home',        'boolean', NULL,    'Second home',                                     '第二居所',                NULL)) AS v(column_name, type, unit, name, name_zh, domain);

-- ---- roaming_month: Roaming month ------------------------------------
INSERT INTO mkt.catalogue_source_column (source_code, column_name, type, unit, name, name_zh, domain)
SELECT 'roaming_month', v.column_name, v.type, v.unit, v.name, v.name_zh, v.domain::text[]
FROM (VALUES
    ('abroad_now',     'boolean', NULL,    'Abroad now',                                '当前在境外',           NULL),
    ('region',         'text',    NULL,    'Region last visited',                       '最近漫游地区',         '{hkmt,asia,europe,america,other}'),
    ('trips_y1',       'integer', 'times', 'Trips abroad in 12 months',                 '近12月出境次数',       NULL),
    ('last_trip_on',   'date',    NULL,    'Last trip on',                              '最近出境日期',         NULL),
    ('gb_y1',          'numeric', 'GB',    'Roaming data in 12 months',                 '近12月漫游流量',       NULL),
    ('packs_y1',       'integer', 'times', 'Roaming packs in 12 months',                '近12月漫游包次数',     NULL),
    ('no_pack_trip',   'boolean', NULL,    'Last trip without a pack',                  '最近出境未购包',       NULL),
    ('visa_apps_days', 'integer', 'days',  'Days with visa and flight apps last month', '上月签证机票应用天数', NULL)) AS v(column_name, type, unit, name, name_zh, domain);

-- ---- competitor_estimate: Competitor estimate ------------------------
INSERT INTO mkt.catalogue_source_column (source_code, column_name, type, unit, name, name_zh, domain)
SELECT 'competitor_estimate', v.column_name, v.type, v.unit, v.name, v.name_zh, v.domain::text[]
FROM (VALUES
    ('rival_card',            'boolean', NULL,       'Holds a rival''s card',                          '持有他网卡',               NULL),
    ('rival',                 'text',    NULL,       'Rival of the second card',                       '他网卡运营商',             '{mobile,telecom,broadnet}'),
    ('rival_share',           'numeric', 'ratio',    'Estimated share of use on the rival''s card',    '他网使用占比',             NULL),
    ('rival_share_m3',        'numeric', 'ratio',    'Share of use on the rival''s card 3 months ago', '3月前他网使用占比',        NULL),
    ('rival_hotline_m3',      'integer', 'times',    'Calls to rivals'' hotlines in 3 months',         '近3月拨打他网客服次数',    NULL),
    ('rival_sms_m1',          'integer', 'messages', 'Messages from rivals last month',                '上月接收他网营销短信条数', NULL),
    ('rival_broadband',       'boolean', NULL,       'Rival''s broadband at home',                     '家有他网宽带',             NULL),
    ('rival_broadband_until', 'date',    NULL,       'Rival''s broadband until',                       '他网宽带到期估计',         NULL),
    ('rival_price',           'numeric', 'yuan',     'Estimated spend with the rival',                 '他网消费估计',             NULL),
    ('rival_manager_calls',   'integer', 'times',    'Calls from rivals'' sales people',               '他网营销来电次数',         NULL),
    ('porting_score',         'numeric', 'score',    'Leaning to port out 0 to 100',                   '携出倾向分',               NULL),
    ('porting_page_m1',       'integer', 'times',    'Porting pages visited last month',               '上月浏览携转页面次数',     NULL),
    ('forwards_to_rival',     'boolean', NULL,       'Forwards to a rival''s number',                  '呼转他网号码',             NULL),
    ('verification_moved',    'boolean', NULL,       'Verification codes move to another number',      '验证码迁移迹象',           NULL),
    ('rival_campaign_grid',   'boolean', NULL,       'Rival''s campaign in the home grid',             '居住网格有他网促销',       NULL),
    ('rival_contract_until',  'date',    NULL,       'Rival''s contract until',                        '他网合约到期估计',         NULL)) AS v(column_name, type, unit, name, name_zh, domain);

-- ---- offnet_customer: Off-net customer -------------------------------
INSERT INTO mkt.catalogue_source_column (source_code, column_name, type, unit, name, name_zh, domain)
SELECT 'offnet_customer', v.column_name, v.type, v.unit, v.name, v.name_zh, v.domain::text[]
FROM (VALUES
    ('operator',            'text',    NULL,      'Operator',                                  '所属运营商',              '{mobile,telecom,broadnet}'),
    ('arpu',                'numeric', 'yuan',    'Estimated charges',                         '消费估计',                NULL),
    ('data_gb',             'numeric', 'GB',      'Estimated data volume',                     '流量估计',                NULL),
    ('calls_us',            'integer', 'people',  'Our customers called last month',           '上月联系本网客户数',      NULL),
    ('calls_us_before',     'numeric', 'people',  'Our customers called, average of 3 months', '近3月平均联系本网客户数', NULL),
    ('minutes_with_us',     'numeric', 'minutes', 'Minutes with our customers last month',     '上月与本网通话时长',      NULL),
    ('former_us',           'boolean', NULL,      'Former customer of ours',                   '曾为本网客户',            NULL),
    ('left_on',             'date',    NULL,      'Left us on',                                '离网日期',                NULL),
    ('left_reason',         'text',    NULL,      'Reason for leaving',                        '离网原因',                '{price,network,service,family,moved,phone}'),
    ('our_broadband',       'boolean', NULL,      'Has our broadband',                         '使用本网宽带',            NULL),
    ('our_benefit',         'boolean', NULL,      'Uses our apps or benefits',                 '使用本网应用',            NULL),
    ('lives_grid',          'boolean', NULL,      'Lives in one of our grids',                 '居住在本网网格内',        NULL),
    ('family_ours',         'boolean', NULL,      'Family with us',                            '家人为本网',              NULL),
    ('campaign_touches_m6', 'integer', 'times',   'Touches in 6 months',                       '近6月触达次数',           NULL),
    ('campaign_answers_m6', 'integer', 'times',   'Answers in 6 months',                       '近6月响应次数',           NULL),
    ('fiveg_phone',         'boolean', NULL,      '5G phone',                                  '使用5G终端',              NULL),
    ('contract_until',      'date',    NULL,      'Contract until, as told',                   '合约到期日',              NULL),
    ('activity_guest',      'boolean', NULL,      'Came to our activity',                      '参加过本网活动',          NULL),
    ('lead_kind',           'text',    NULL,      'Kind of lead',                              '线索来源',                '{circle,visit,activity,online,partner}'),
    ('campus',              'boolean', NULL,      'Student',                                   '校园',                    NULL),
    ('port_fit',            'numeric', 'score',   'Readiness to port in 0 to 100',             '携入意向分',              NULL),
    ('community_coverage',  'boolean', NULL,      'Estate has our fibre',                      '小区有本网光纤',          NULL)) AS v(column_name, type, unit, name, name_zh, domain);

-- ---- contact_history: Contact history --------------------------------
INSERT INTO mkt.catalogue_source_column (source_code, column_name, type, unit, name, name_zh, domain)
SELECT 'contact_history', v.column_name, v.type, v.unit, v.name, v.name_zh, v.domain::text[]
FROM (VALUES
    ('contacts_d7',          'integer', 'times',    'Marketing contacts in 7 days',         '近7天营销接触次数',    NULL),
    ('contacts_d30',         'integer', 'times',    'Marketing contacts in 30 days',        '近30天营销接触次数',   NULL),
    ('contacts_d90',         'integer', 'times',    'Marketing contacts in 90 days',        '近90天营销接触次数',   NULL),
    ('contact_last_channel', 'text',    NULL,       'Channel of the last contact',          '最近接触渠道',         '{outbound,hall,grid,internet,hotline,sms}'),
    ('sms_d30',              'integer', 'messages', 'Marketing messages in 30 days',        '近30天营销短信条数',   NULL),
    ('calls_d30',            'integer', 'times',    'Outbound calls in 30 days',            '近30天外呼次数',       NULL),
    ('visits_d90',           'integer', 'times',    'Visits of the manager in 90 days',     '近90天走访次数',       NULL),
    ('responses_d90',        'integer', 'times',    'Answers in 90 days',                   '近90天响应次数',       NULL),
    ('orders_d90',           'integer', 'times',    'Orders after contact in 90 days',      '近90天接触后订购次数', NULL),
    ('refusals_d90',         'integer', 'times',    'Refusals in 90 days',                  '近90天拒绝次数',       NULL),
    ('unreachable_d90',      'integer', 'times',    'Not reached in 90 days',               '近90天未接通次数',     NULL),
    ('no_consent',           'boolean', NULL,       'Consent withdrawn',                    '撤回营销同意',         NULL),
    ('dnd',                  'boolean', NULL,       'Do not disturb',                       '免打扰登记',           NULL),
    ('best_channel',         'text',    NULL,       'Channel with the best answer',         '最佳响应渠道',         '{outbound,hall,grid,internet,hotline,sms}'),
    ('best_hour',            'integer', 'hour',     'Hour with the best answer',            '最佳接触时段',         NULL),
    ('coupons_claimed_y1',   'integer', 'times',    'Coupons claimed in 12 months',         '近12月领券次数',       NULL),
    ('coupons_redeemed_y1',  'integer', 'times',    'Coupons redeemed in 12 months',        '近12月用券次数',       NULL),
    ('coupon_open',          'boolean', NULL,       'Unused coupon in hand',                '有未用优惠券',         NULL),
    ('coupon_ends_on',       'date',    NULL,       'Unused coupon until',                  '优惠券到期日',         NULL),
    ('campaigns_y1',         'integer', 'times',    'Activities joined in 12 months',       '近12月参与活动次数',   NULL),
    ('callback_asked',       'boolean', NULL,       'Asked to be called back',              '预约回访',             NULL),
    ('callback_on',          'date',    NULL,       'Call back on',                         '预约回访日期',         NULL),
    ('control',              'boolean', NULL,       'In the global control group',          '全局对照组',           NULL),
    ('open_orders',          'integer', 'count',    'Open work orders',                     '未结工单数',           NULL),
    ('feedback_need',        'text',    NULL,       'Need told to the manager',             '走访反馈需求',         '{none,plan,broadband,phone,service}'),
    ('script_interest',      'integer', 'score',    'Interest noted by the caller 0 to 10', '外呼兴趣评分',         NULL)) AS v(column_name, type, unit, name, name_zh, domain);

-- ---- need_signal: Need signal ----------------------------------------
INSERT INTO mkt.catalogue_source_column (source_code, column_name, type, unit, name, name_zh, domain)
SELECT 'need_signal', v.column_name, v.type, v.unit, v.name, v.name_zh, v.domain::text[]
FROM (VALUES
    ('plan_fit_price',         'numeric', 'yuan',  'Monthly saving with the best-fitting plan', '适配套餐月节省',       NULL),
    ('plan_fit_gb',            'numeric', 'GB',    'Data missing per month in the plan',        '月流量缺口',           NULL),
    ('pack_spend',             'numeric', 'yuan',  'Spend on packs, average of 3 months',       '近3月平均加油包消费',  NULL),
    ('upgrade_step',           'numeric', 'yuan',  'Step to the next plan',                     '升档差价',             NULL),
    ('searched_plan_d30',      'integer', 'times', 'Searches for plans in 30 days',             '近30天搜索套餐次数',   NULL),
    ('searched_data_d30',      'integer', 'times', 'Searches for data packs in 30 days',        '近30天搜索流量包次数', NULL),
    ('searched_broadband_d30', 'integer', 'times', 'Searches for broadband in 30 days',         '近30天搜索宽带次数',   NULL),
    ('searched_phone_d30',     'integer', 'times', 'Searches for phones in 30 days',            '近30天搜索终端次数',   NULL),
    ('searched_roaming_d30',   'integer', 'times', 'Searches for roaming in 30 days',           '近30天搜索漫游次数',   NULL),
    ('searched_bill_d30',      'integer', 'times', 'Bills looked up in 30 days',                '近30天查询账单次数',   NULL),
    ('searched_balance_d30',   'integer', 'times', 'Balance looked up in 30 days',              '近30天查询余额次数',   NULL),
    ('speed_tests_d30',        'integer', 'times', 'Speed tests in 30 days',                    '近30天测速次数',       NULL),
    ('wants_second_line',      'boolean', NULL,    'Needs a number for a family member',        '副卡需求信号',         NULL),
    ('wants_home_wifi',        'boolean', NULL,    'Needs better Wi-Fi',                        '组网需求信号',         NULL),
    ('wants_camera',           'boolean', NULL,    'Needs a camera',                            '看家需求信号',         NULL),
    ('wants_elder_care',       'boolean', NULL,    'Needs care for an elder',                   '康养需求信号',         NULL),
    ('wants_cloud',            'boolean', NULL,    'Needs storage',                             '云存储需求信号',       NULL),
    ('wants_storefront',       'boolean', NULL,    'Needs service for a shop',                  '商铺上云需求信号',     NULL),
    ('price_sensitive',        'numeric', 'score', 'Price sensitivity 0 to 100',                '价格敏感度',           NULL),
    ('speed_sensitive',        'numeric', 'score', 'Speed sensitivity 0 to 100',                '网速敏感度',           NULL),
    ('service_sensitive',      'numeric', 'score', 'Service sensitivity 0 to 100',              '服务敏感度',           NULL),
    ('gift_sensitive',         'numeric', 'score', 'Gift sensitivity 0 to 100',                 '赠品敏感度',           NULL)) AS v(column_name, type, unit, name, name_zh, domain);

-- ---- enterprise_link: Link to an enterprise --------------------------
INSERT INTO mkt.catalogue_source_column (source_code, column_name, type, unit, name, name_zh, domain)
SELECT 'enterprise_link', v.column_name, v.type, v.unit, v.name, v.name_zh, v.domain::text[]
FROM (VALUES
    ('member',               'boolean', NULL,    'Belongs to a customer firm', '集团成员',       NULL),
    ('firm_kind',            'text',    NULL,    'Kind of firm',               '企业类型',       '{micro,school,hospital,government,industry,chain}'),
    ('decision_maker',       'boolean', NULL,    'Decides for the firm',       '企业决策人',     NULL),
    ('paid_by_firm',         'boolean', NULL,    'Bill paid by the firm',      '单位代付',       NULL),
    ('firm_discount_until',  'date',    NULL,    'Firm discount until',        '集团优惠到期日', NULL),
    ('shop_owner',           'boolean', NULL,    'Owns a shop',                '商铺业主',       NULL),
    ('shop_broadband',       'boolean', NULL,    'Business broadband',         '商务宽带',       NULL),
    ('shop_broadband_until', 'date',    NULL,    'Business broadband until',   '商务宽带到期日', NULL),
    ('shop_camera',          'boolean', NULL,    'Shop cameras',               '商铺监控',       NULL),
    ('cashier',              'boolean', NULL,    'Takes payments by code',     '收款码商户',     NULL),
    ('iot_cards',            'integer', 'count', 'IoT cards',                  '物联网卡数',     NULL)) AS v(column_name, type, unit, name, name_zh, domain);

-- ---- channel_behaviour: Channel behaviour ----------------------------
INSERT INTO mkt.catalogue_source_column (source_code, column_name, type, unit, name, name_zh, domain)
SELECT 'channel_behaviour', v.column_name, v.type, v.unit, v.name, v.name_zh, v.domain::text[]
FROM (VALUES
    ('line_started_d7',       'integer', 'times', 'New broadband begun in 7 days',                       '近7天宽带新装发起次数',          NULL),
    ('line_done_d7',          'integer', 'times', 'New broadband submitted in 7 days',                   '近7天宽带新装提交次数',          NULL),
    ('coverage_checks_d7',    'integer', 'times', 'Addresses checked for broadband in 7 days',           '近7天宽带资源查询次数',          NULL),
    ('renewal_started_d7',    'integer', 'times', 'Broadband renewal begun in 7 days',                   '近7天宽带续费发起次数',          NULL),
    ('renewal_done_d7',       'integer', 'times', 'Broadband renewal paid in 7 days',                    '近7天宽带续费支付次数',          NULL),
    ('speed_started_d7',      'integer', 'times', 'Speed upgrade begun in 7 days',                       '近7天宽带提速发起次数',          NULL),
    ('speed_done_d7',         'integer', 'times', 'Speed upgrade submitted in 7 days',                   '近7天宽带提速提交次数',          NULL),
    ('plan4g_started_d7',     'integer', 'times', '4G plan change begun in 7 days',                      '近7天4G套餐变更发起次数',        NULL),
    ('plan4g_tier_d7',        'integer', 'times', '4G plan tier chosen in 7 days',                       '近7天4G套餐选档次数',            NULL),
    ('plan4g_done_d7',        'integer', 'times', '4G plan change submitted in 7 days',                  '近7天4G套餐变更提交次数',        NULL),
    ('plan5g_started_d7',     'integer', 'times', '5G plan change begun in 7 days',                      '近7天5G套餐变更发起次数',        NULL),
    ('plan5g_done_d7',        'integer', 'times', '5G plan change submitted in 7 days',                  '近7天5G套餐变更提交次数',        NULL),
    ('pack_started_d7',       'integer', 'times', 'Data pack begun in 7 days',                           '近7天流量包发起次数',            NULL),
    ('pack_done_d7',          'integer', 'times', 'Data pack submitted in 7 days',                       '近7天流量包提交次数',            NULL),
    ('topup_started_d7',      'integer', 'times', 'Top-up begun in 7 days',                              '近7天充值发起次数',              NULL),
    ('topup_done_d7',         'integer', 'times', 'Top-up paid in 7 days',                               '近7天充值支付次数',              NULL),
    ('number_picked_d7',      'integer', 'times', 'Number picked in 7 days',                             '近7天选号次数',                  NULL),
    ('number_done_d7',        'integer', 'times', 'Number card ordered in 7 days',                       '近7天号卡下单次数',              NULL),
    ('cart_d7',               'integer', 'count', 'Phones left in the cart',                             '购物车终端数',                   NULL),
    ('phone_done_d7',         'integer', 'times', 'Phone ordered in 7 days',                             '近7天终端下单次数',              NULL),
    ('benefit_started_d7',    'integer', 'times', 'Membership begun in 7 days',                          '近7天权益会员发起次数',          NULL),
    ('benefit_done_d7',       'integer', 'times', 'Membership paid in 7 days',                           '近7天权益会员支付次数',          NULL),
    ('line_views_d30',        'integer', 'times', 'Broadband pages visited in 30 days',                  '近30天浏览宽带页次数',           NULL),
    ('renewal_views_d30',     'integer', 'times', 'Renewal pages visited in 30 days',                    '近30天浏览宽带续费页次数',       NULL),
    ('speed_views_d30',       'integer', 'times', 'Gigabit pages visited in 30 days',                    '近30天浏览千兆页次数',           NULL),
    ('plan4g_views_d30',      'integer', 'times', '4G plan pages visited in 30 days',                    '近30天浏览4G套餐页次数',         NULL),
    ('plan5g_views_d30',      'integer', 'times', '5G plan pages visited in 30 days',                    '近30天浏览5G套餐页次数',         NULL),
    ('compare_views_d30',     'integer', 'times', 'Plan comparison visited in 30 days',                  '近30天浏览套餐对比次数',         NULL),
    ('pack_views_d30',        'integer', 'times', 'Data pack pages visited in 30 days',                  '近30天浏览流量包页次数',         NULL),
    ('usage_views_d30',       'integer', 'times', 'Data left looked at in 30 days',                      '近30天浏览剩余流量次数',         NULL),
    ('topup_views_d30',       'integer', 'times', 'Top-up offers visited in 30 days',                    '近30天浏览充值优惠次数',         NULL),
    ('number_views_d30',      'integer', 'times', 'Number cards visited in 30 days',                     '近30天浏览号卡页次数',           NULL),
    ('phone_views_d30',       'integer', 'times', 'Phone pages visited in 30 days',                      '近30天浏览终端页次数',           NULL),
    ('benefit_views_d30',     'integer', 'times', 'Membership pages visited in 30 days',                 '近30天浏览权益页次数',           NULL),
    ('home_views_d30',        'integer', 'times', 'Smart home pages visited in 30 days',                 '近30天浏览智家页次数',           NULL),
    ('line_orders_d30',       'integer', 'times', 'New broadband ordered in 30 days',                    '近30天线上宽带新装次数',         NULL),
    ('renewal_orders_d30',    'integer', 'times', 'Broadband renewed in 30 days',                        '近30天线上宽带续费次数',         NULL),
    ('speed_orders_d30',      'integer', 'times', 'Speed upgraded in 30 days',                           '近30天线上宽带提速次数',         NULL),
    ('plan4g_orders_d30',     'integer', 'times', '4G plan ordered in 30 days',                          '近30天线上4G套餐订购次数',       NULL),
    ('plan5g_orders_d30',     'integer', 'times', '5G plan ordered in 30 days',                          '近30天线上5G套餐订购次数',       NULL),
    ('pack_orders_d30',       'integer', 'times', 'Data packs ordered in 30 days',                       '近30天线上流量包订购次数',       NULL),
    ('pack_monthly_d30',      'integer', 'times', 'Monthly data packs ordered in 30 days',               '近30天线上包月流量包订购次数',   NULL),
    ('topup_orders_d30',      'integer', 'times', 'Top-ups paid in 30 days',                             '近30天线上充值次数',             NULL),
    ('number_orders_d30',     'integer', 'times', 'Number cards ordered in 30 days',                     '近30天线上号卡订购次数',         NULL),
    ('phone_orders_d30',      'integer', 'times', 'Phones ordered in 30 days',                           '近30天线上终端订购次数',         NULL),
    ('benefit_orders_d30',    'integer', 'times', 'Memberships ordered in 30 days',                      '近30天线上权益订购次数',         NULL),
    ('share_opens_d30',       'integer', 'times', 'Friends'' shares opened in 30 days',                  '近30天打开好友分享次数',         NULL),
    ('share_line_opens_d30',  'integer', 'times', 'Broadband activities opened from a share in 30 days', '近30天由分享进入宽带活动次数',   NULL),
    ('share_plan_opens_d30',  'integer', 'times', '4G plan activities opened from a share in 30 days',   '近30天由分享进入4G套餐活动次数', NULL),
    ('share_pack_claims_d30', 'integer', 'times', 'Data given by friends claimed in 30 days',            '近30天领取好友赠送流量次数',     NULL),
    ('share_group_joins_d30', 'integer', 'times', 'Group purchases joined in 30 days',                   '近30天参团次数',                 NULL),
    ('share_help_d30',        'integer', 'times', 'Helped a friend''s activity in 30 days',              '近30天助力次数',                 NULL),
    ('share_packets_d30',     'integer', 'times', 'Top-up red packets claimed in 30 days',               '近30天领取充值红包次数',         NULL),
    ('share_onward_d30',      'integer', 'times', 'Shared onward in 30 days',                            '近30天二次分享次数',             NULL),
    ('share_orders_d30',      'integer', 'times', 'Orders after a share in 30 days',                     '近30天由分享成交次数',           NULL),
    ('popup_clicks_d30',      'integer', 'times', 'Clicks on the login pop-up in 30 days',               '近30天点击登录弹窗次数',         NULL),
    ('banner_clicks_d30',     'integer', 'times', 'Clicks on the home banner in 30 days',                '近30天点击首页横幅次数',         NULL),
    ('float_clicks_d30',      'integer', 'times', 'Clicks on the floating icon in 30 days',              '近30天点击浮标次数',             NULL),
    ('floor_clicks_d30',      'integer', 'times', 'Clicks on the personal floor in 30 days',             '近30天点击精准楼层次数',         NULL),
    ('zone4g_clicks_d30',     'integer', 'times', 'Clicks on the 4G zone in 30 days',                    '近30天点击4G专区次数',           NULL),
    ('line_popup_clicks_d30', 'integer', 'times', 'Clicks on the broadband expiry pop-up in 30 days',    '近30天点击宽带到期弹窗次数',     NULL),
    ('oneclick_d30',          'integer', 'times', 'Clicks on one-click renewal in 30 days',              '近30天点击一键续费次数',         NULL),
    ('threshold_clicks_d30',  'integer', 'times', 'Clicks on the data reminder in 30 days',              '近30天点击流量提醒次数',         NULL),
    ('arrived_clicks_d30',    'integer', 'times', 'Clicks on the top-up receipt page in 30 days',        '近30天点击充值到账页次数',       NULL),
    ('arrears_clicks_d30',    'integer', 'times', 'Clicks on the arrears reminder in 30 days',           '近30天点击欠费提醒次数',         NULL),
    ('balance_clicks_d30',    'integer', 'times', 'Clicks on the low balance reminder in 30 days',       '近30天点击余额提醒次数',         NULL),
    ('robot_clicks_d30',      'integer', 'times', 'Clicks on offers of the chat assistant in 30 days',   '近30天点击智能客服推荐次数',     NULL),
    ('message_clicks_d30',    'integer', 'times', 'Clicks on links in messages in 30 days',              '近30天点击短信链接次数',         NULL)) AS v(column_name, type, unit, name, name_zh, domain);
