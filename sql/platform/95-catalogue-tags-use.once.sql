-- ----------------------------------------------------------------------
-- sql/platform/95-catalogue-tags-use.once.sql: what a customer uses
--
-- 198 of the 672 tags of the catalogue. A rule is an SQL expression over the
-- alias s of its source. Names are ours [proposed].
-- ----------------------------------------------------------------------

-- ---- voice: Voice and messages (18) ----------------------------------
INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule)
SELECT 'voice', 'usage_month', 'boolean', v.*
FROM (VALUES
    ('voice_heavy',           'Heavy caller',                           '语音高使用',       'voice',   'monthly', 's.voice_min_avg3 >= 600'),
    ('voice_none',            'No call last month',                     '零通话客户',       'voice',   'monthly', 's.voice_min_m1 = 0'),
    ('voice_falling',         'Calls fell by a third',                  '通话量下降',       'voice',   'monthly', 's.voice_min_m1 < 0.67 * s.voice_min_avg3'),
    ('voice_rising',          'Calls rose by half',                     '通话量上升',       'voice',   'monthly', 's.voice_min_m1 > 1.5 * s.voice_min_avg3'),
    ('voice_receiver',        'Mostly called by others',                '被叫为主客户',     'voice',   'monthly', 's.voice_in_min > 3 * s.voice_out_min'),
    ('voice_peers_shrinking', 'Talks with fewer people',                '通话对端减少',     'voice',   'monthly', 's.voice_peers < 0.6 * s.voice_peers_avg3'),
    ('voice_long_distance',   'Calls other cities often',               '长途通话偏好',     'voice',   'monthly', 's.voice_long_distance_min > 0.3 * s.voice_min_m1'),
    ('voice_international',   'Calls abroad',                           '拨打国际长途',     'roaming', 'monthly', 's.voice_intl_min > 0'),
    ('voice_office',          'Calls in office hours',                  '工作时段通话偏好', 'voice',   'monthly', 's.voice_work_min > 0.6 * s.voice_min_m1'),
    ('voice_short',           'Included minutes do not suffice',        '套餐语音不足',     'voice',   'monthly', 's.voice_out_min > s.voice_included_min'),
    ('voice_surplus',         'Uses under a third of included minutes', '套餐语音富余',     'voice',   'monthly', 's.voice_out_min < 0.33 * s.voice_included_min'),
    ('volte_missing',         'Calls without HD calls',                 '未开通高清通话',   'voice',   'monthly', 's.voice_min_m1 > 0 AND s.volte_min = 0'),
    ('sms_writer',            'Still writes messages',                  '短信使用客户',     'voice',   'monthly', 's.sms_sent >= 10'),
    ('rich_message_reader',   'Opens 5G messages',                      '5G消息客户',       'fiveg',   'monthly', 's.rich_messages > 0')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, unit, scale, rule)
SELECT 'voice', 'usage_month', 'numeric', v.*
FROM (VALUES
    ('voice_minutes',    'Monthly voice minutes',               '月均通话时长',   'voice', 'monthly', 'minutes', 0, 's.voice_min_avg3'),
    ('voice_peers',      'People called',                       '月通话对端数',   'voice', 'monthly', 'people',  0, 's.voice_peers'),
    ('voice_saturation', 'Use of included minutes',             '套餐语音饱和度', 'voice', 'monthly', 'ratio',   2, 's.voice_out_min / NULLIF(s.voice_included_min, 0)'),
    ('voice_other_net',  'Share of calls with other operators', '网间通话占比',   'voice', 'monthly', 'ratio',   2, 's.voice_other_net_min / NULLIF(s.voice_min_m1, 0)')) AS v;

-- ---- data: Data (22) -------------------------------------------------
INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule)
SELECT 'data', 'usage_month', 'boolean', v.*
FROM (VALUES
    ('data_heavy',         'Heavy data user',                     '流量高使用',     'data',        'monthly', 's.data_gb_avg3 >= 60'),
    ('data_none',          'No data last month',                  '零流量客户',     'data',        'monthly', 's.data_gb_m1 = 0'),
    ('data_rising',        'Data volume rose by half',            '流量骤增',       'data',        'monthly', 's.data_gb_m1 > 1.5 * s.data_gb_avg3'),
    ('data_falling',       'Data volume fell by a third',         '流量骤降',       'data',        'monthly', 's.data_gb_m1 < 0.67 * s.data_gb_avg3'),
    ('data_short',         'Included data does not suffice',      '套餐流量不足',   'data',        'monthly', 's.data_gb_m1 > s.data_included_gb'),
    ('data_nearly_short',  'Uses 80 to 100 % of included data',   '套餐流量临界',   'data',        'monthly', 's.data_gb_m1 BETWEEN 0.8 * s.data_included_gb AND s.data_included_gb'),
    ('data_surplus',       'Uses under a third of included data', '套餐流量富余',   'data',        'monthly', 's.data_gb_m1 < 0.33 * s.data_included_gb'),
    ('data_used_up_early', 'Data gone before the 20th',           '月中流量用尽',   'data',        'monthly', 's.data_used_up_day < 20'),
    ('data_pack_buyer',    'Buys data packs',                     '购买加油包客户', 'data',        'monthly', 's.data_pack_gb > 0'),
    ('data_night',         'Online at night',                     '夜间上网偏好',   'data',        'monthly', 's.data_night_gb > 0.3 * s.data_gb_m1'),
    ('data_weekend',       'Online on weekends',                  '周末上网偏好',   'data',        'monthly', 's.data_weekend_gb > 0.45 * s.data_gb_m1'),
    ('data_sharer',        'Shares data with secondary lines',    '共享流量给副卡', 'convergence', 'monthly', 's.data_shared_gb > 0'),
    ('hotspot_user',       'Uses the phone as a hotspot',         '手机热点使用者', 'data',        'monthly', 's.data_hotspot_gb >= 1'),
    ('hotspot_heavy',      'Hotspot instead of broadband',        '热点代替宽带',   'broadband',   'monthly', 's.data_hotspot_gb > 0.5 * s.data_gb_m1 AND s.data_gb_m1 > 20'),
    ('data_throttled',     'Throttled last month',                '上月被限速',     'data',        'monthly', 's.data_throttled_days > 0')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, unit, scale, rule)
SELECT 'data', 'usage_month', 'numeric', v.*
FROM (VALUES
    ('data_gb',         'Monthly data volume',                       '月均流量',       'data', 'monthly', 'GB',    1, 's.data_gb_avg3'),
    ('data_change',     'Change of data volume to the month before', '流量环比变化',   'data', 'monthly', 'ratio', 2, 's.data_gb_m1 / NULLIF(s.data_gb_m2, 0) - 1'),
    ('data_saturation', 'Use of included data',                      '套餐流量饱和度', 'data', 'monthly', 'ratio', 2, 's.data_gb_m1 / NULLIF(s.data_included_gb, 0)'),
    ('data_out_gb',     'Data outside the plan',                     '套外流量',       'data', 'monthly', 'GB',    1, 's.data_out_gb'),
    ('hours_online',    'Hours online a day',                        '日均上网时长',   'data', 'monthly', 'hours', 1, 's.hours_online'),
    ('data_other_city', 'Share of data in other cities',             '外地流量占比',   'data', 'monthly', 'ratio', 2, 's.data_other_city_gb / NULLIF(s.data_gb_m1, 0)')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule, labels, labels_zh)
SELECT 'data', 'usage_month', 'enum', v.code, v.name, v.name_zh, v.business, v.refresh, v.rule, v.labels::text[], v.labels_zh::text[]
FROM (VALUES
    ('data_class', 'Data volume class', '流量档次', 'data', 'monthly', 'width_bucket(s.data_gb_avg3, ARRAY[1, 10, 30, 60]::numeric[])', '{under 1 GB,1 to 9 GB,10 to 29 GB,30 to 59 GB,60 GB and over}', '{1GB以下,1至9GB,10至29GB,30至59GB,60GB以上}')) AS v(code, name, name_zh, business, refresh, rule, labels, labels_zh);

-- ---- fiveg: 5G (16) --------------------------------------------------
INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule)
SELECT 'fiveg', 'fiveg_month', 'boolean', v.*
FROM (VALUES
    ('fiveg',                  '5G network customer',            '5G登网客户',       'fiveg',    'monthly', 's.fiveg_registered'),
    ('fiveg_terminal',         'Has a 5G terminal',              '5G终端客户',       'terminal', 'monthly', 's.fiveg_terminal'),
    ('fiveg_terminal_no_plan', '5G terminal without 5G plan',    '有5G终端无5G套餐', 'fiveg',    'monthly', 's.fiveg_terminal AND NOT s.fiveg_plan'),
    ('fiveg_plan_no_terminal', '5G plan without 5G terminal',    '有5G套餐无5G终端', 'terminal', 'monthly', 's.fiveg_plan AND NOT s.fiveg_terminal'),
    ('fiveg_ready',            '5G terminal, plan and coverage', '5G三具备客户',     'fiveg',    'monthly', 's.fiveg_terminal AND s.fiveg_plan AND s.fiveg_home'),
    ('fiveg_switch_off',       '5G switched off',                '未打开5G开关',     'fiveg',    'monthly', 's.fiveg_terminal AND NOT s.fiveg_switch_on'),
    ('fiveg_unused',           '5G plan but never on 5G',        '有5G套餐未登网',   'fiveg',    'monthly', 's.fiveg_plan AND NOT s.fiveg_registered'),
    ('fiveg_heavy',            'Heavy 5G user',                  '5G高流量客户',     'fiveg',    'monthly', 's.fiveg_gb >= 30'),
    ('fiveg_home',             'Home covered by 5G',             '居住地5G覆盖',     'fiveg',    'monthly', 's.fiveg_home'),
    ('fiveg_work',             'Place of work covered by 5G',    '工作地5G覆盖',     'fiveg',    'monthly', 's.fiveg_work'),
    ('fiveg_plan_new',         'On a 5G plan for under 60 days', '新升5G套餐',       'fiveg',    'daily',   's.as_of - s.fiveg_plan_since BETWEEN 0 AND 60'),
    ('fiveg_terminal_new',     '5G terminal for under 30 days',  '新换5G终端',       'fiveg',    'daily',   's.as_of - s.fiveg_terminal_since BETWEEN 0 AND 30'),
    ('fiveg_fallbacks',        'Often falls back to 4G',         '频繁回落4G',       'fiveg',    'monthly', 's.fiveg_fallbacks >= 30'),
    ('fiveg_new_calling',      'Uses 5G new calling',            '5G新通话客户',     'fiveg',    'monthly', 's.fiveg_new_call OR s.vonr_min > 0')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, unit, scale, rule)
SELECT 'fiveg', 'fiveg_month', 'numeric', v.*
FROM (VALUES
    ('fiveg_gb',    '5G data volume',      '5G流量',     'fiveg', 'monthly', 'GB',    1, 's.fiveg_gb'),
    ('fiveg_share', 'Share of 5G in data', '5G流量占比', 'fiveg', 'monthly', 'ratio', 2, 's.fiveg_gb / NULLIF(s.all_gb, 0)')) AS v;

-- ---- holding: Plans and packs (22) -----------------------------------
INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule)
SELECT 'holding', 'product_holding', 'boolean', v.*
FROM (VALUES
    ('plan_4g',           'On a 4G plan',                    '4G套餐客户',     'plan',        'daily', 's.plan_generation = ''4g'''),
    ('plan_5g',           'On a 5G plan',                    '5G套餐客户',     'fiveg',       'daily', 's.plan_generation = ''5g'''),
    ('plan_outdated',     'Still on a 2G or 3G plan',        '老旧制式套餐',   'plan',        'daily', 's.plan_generation IN (''2g'', ''3g'')'),
    ('plan_withdrawn',    'On a plan no longer sold',        '停售套餐客户',   'plan',        'daily', 'NOT s.plan_on_sale'),
    ('plan_unlimited',    'On a plan without data limit',    '不限量套餐客户', 'plan',        'daily', 's.plan_unlimited'),
    ('plan_moved_up',     'Last moved to a dearer plan',     '最近升档客户',   'plan',        'daily', 's.plan_last_change = ''up'''),
    ('plan_moved_down',   'Last moved to a cheaper plan',    '最近降档客户',   'plan',        'daily', 's.plan_last_change = ''down'''),
    ('plan_hopper',       'Changes plan often',              '频繁换套餐',     'plan',        'daily', 's.plan_changes_y1 >= 3'),
    ('pack_data_monthly', 'Has a monthly data pack',         '包月流量包客户', 'data',        'daily', 's.pack_data_monthly'),
    ('pack_data_repeat',  'Buys data packs again and again', '流量包复购客户', 'data',        'daily', 's.packs_data_m3 >= 3'),
    ('pack_day_fan',      'Fan of day packs',                '日包偏好客户',   'data',        'daily', 's.pack_day_m3 >= 3'),
    ('pack_holiday',      'Bought a holiday pack',           '假日包客户',     'data',        'daily', 's.pack_holiday'),
    ('pack_directed',     'Has an app data pack',            '定向流量包客户', 'data',        'daily', 's.pack_directed'),
    ('pack_campus',       'Has a campus pack',               '校园包客户',     'data',        'daily', 's.pack_campus'),
    ('pack_voice',        'Has a monthly voice pack',        '包月语音包客户', 'voice',       'daily', 's.pack_minutes'),
    ('data_sharing',      'Has data sharing',                '开通流量共享',   'convergence', 'daily', 's.pack_family_share')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, unit, scale, rule)
SELECT 'holding', 'product_holding', 'numeric', v.*
FROM (VALUES
    ('plan_price',      'Price of the main plan',     '主套餐价格',      'plan', 'daily', 'yuan',   2, 's.plan_price'),
    ('plan_months',     'Months on the plan',         '套餐在用月数',    'plan', 'daily', 'months', 0, '(s.as_of - s.plan_since) / 30'),
    ('products',        'Products held',              '订购产品数',      'plan', 'daily', 'count',  0, 's.products'),
    ('pack_data_times', 'Data packs in three months', '近3月流量包次数', 'data', 'daily', 'times',  0, 's.packs_data_m3')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule, labels, labels_zh)
SELECT 'holding', 'product_holding', 'enum', v.code, v.name, v.name_zh, v.business, v.refresh, v.rule, v.labels::text[], v.labels_zh::text[]
FROM (VALUES
    ('plan_family',     'Family of the main plan',        '主套餐系列', 'plan', 'daily', 'array_position(ARRAY[''flagship'', ''data'', ''youth'', ''senior'', ''family'', ''basic'', ''other''], s.plan_code) - 1', '{flagship plan,data-rich plan,youth plan,senior plan,family bundle,basic plan,other}', '{旗舰套餐,大流量套餐,青年套餐,银龄套餐,家庭融合套餐,基础套餐,其他}'),
    ('plan_generation', 'Network generation of the plan', '套餐制式',   'plan', 'daily', 'array_position(ARRAY[''2g'', ''3g'', ''4g'', ''5g''], s.plan_generation) - 1',                                            '{2G plan,3G plan,4G plan,5G plan}',                                                    '{2G套餐,3G套餐,4G套餐,5G套餐}')) AS v(code, name, name_zh, business, refresh, rule, labels, labels_zh);

-- ---- benefit: Benefits and added value (19) --------------------------
INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule)
SELECT 'benefit', 'product_holding', 'boolean', v.*
FROM (VALUES
    ('benefit_member',      'Member of the benefit club',              '权益会员客户',       'benefit', 'daily', 's.benefit_member <> ''none'''),
    ('benefit_video',       'Has a video benefit',                     '视频权益客户',       'benefit', 'daily', 's.benefit_video'),
    ('benefit_music',       'Has a music benefit',                     '音乐权益客户',       'benefit', 'daily', 's.benefit_music'),
    ('benefit_travel',      'Has a travel benefit',                    '出行权益客户',       'benefit', 'daily', 's.benefit_travel'),
    ('benefit_food',        'Has a food benefit',                      '餐饮权益客户',       'benefit', 'daily', 's.benefit_food'),
    ('benefit_uncollected', 'Has not collected this month''s benefit', '本月权益未领',       'benefit', 'daily', 's.benefit_left > 0'),
    ('benefit_active',      'Collects benefits every month',           '权益活跃客户',       'benefit', 'daily', 's.benefit_used_m3 >= 3'),
    ('benefit_asleep',      'Member who never collects',               '权益沉睡会员',       'benefit', 'daily', 's.benefit_member <> ''none'' AND s.benefit_used_m3 = 0'),
    ('ring_tone',           'Has a ring-back tone',                    '炫铃客户',           'benefit', 'daily', 's.caller_ring'),
    ('video_ring',          'Has a video ring-back tone',              '视频彩铃客户',       'benefit', 'daily', 's.video_ring'),
    ('nuisance_shield',     'Has the nuisance call shield',            '骚扰拦截客户',       'service', 'daily', 's.number_shield'),
    ('cloud_drive',         'Has the cloud drive',                     '云盘客户',           'cloud',   'daily', 's.cloud_disk'),
    ('cloud_phone',         'Has a cloud phone',                       '云手机客户',         'cloud',   'daily', 's.cloud_phone'),
    ('cloud_game',          'Has a cloud game pass',                   '云游戏会员',         'benefit', 'daily', 's.cloud_game'),
    ('insured',             'Has handset or account insurance',        '保险业务客户',       'finance', 'daily', 's.insurance'),
    ('vas_cancelled',       'Cancelled a value-added service lately',  '近半年退订增值业务', 'benefit', 'daily', 's.vas_cancelled_m6 > 0'),
    ('trial_ending',        'Free trial ends within a week',           '体验业务即将到期',   'benefit', 'daily', 's.vas_trial_ends_on - s.as_of BETWEEN 0 AND 7')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, unit, scale, rule)
SELECT 'benefit', 'product_holding', 'numeric', v.*
FROM (VALUES
    ('cloud_drive_gb', 'Cloud drive in use', '云盘用量', 'cloud', 'daily', 'GB', 1, 's.cloud_disk_gb')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule, labels, labels_zh)
SELECT 'benefit', 'product_holding', 'enum', v.code, v.name, v.name_zh, v.business, v.refresh, v.rule, v.labels::text[], v.labels_zh::text[]
FROM (VALUES
    ('benefit_level', 'Level in the benefit club', '权益会员等级', 'benefit', 'daily', 'array_position(ARRAY[''none'', ''silver'', ''gold'', ''diamond''], s.benefit_member) - 1', '{none,silver,gold,diamond}', '{非会员,银卡,金卡,钻石}')) AS v(code, name, name_zh, business, refresh, rule, labels, labels_zh);

-- ---- broadband: Broadband (36) ---------------------------------------
INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule)
SELECT 'broadband', 'broadband', 'boolean', v.*
FROM (VALUES
    ('broadband',                 'Has broadband',                              '宽带客户',         'broadband',   'daily', 's.has_line'),
    ('broadband_gigabit',         'Gigabit customer',                           '千兆宽带客户',     'broadband',   'daily', 's.speed >= 1000'),
    ('broadband_gigabit_ready',   'Gigabit ready but slower',                   '具备千兆未升级',   'broadband',   'daily', 's.address_gigabit AND s.speed < 1000'),
    ('broadband_new',             'Installed within 60 days',                   '新装宽带',         'broadband',   'daily', 's.as_of - s.installed_on BETWEEN 0 AND 60'),
    ('broadband_expiring_30',     'Expires within 30 days',                     '宽带30天内到期',   'broadband',   'daily', 's.paid_until - s.as_of BETWEEN 0 AND 30'),
    ('broadband_expiring_90',     'Expires in 31 to 90 days',                   '宽带31至90天到期', 'broadband',   'daily', 's.paid_until - s.as_of BETWEEN 31 AND 90'),
    ('broadband_expired',         'Expired and not renewed',                    '宽带到期未续',     'broadband',   'daily', 's.line_status = ''expired'''),
    ('broadband_removed',         'Line removed',                               '宽带已拆机',       'broadband',   'daily', 's.line_status = ''removed'''),
    ('broadband_early_renewer',   'Renews before expiry',                       '提前续约宽带客户', 'broadband',   'daily', 's.renewed_early'),
    ('broadband_traffic_falling', 'Traffic of the line half down',              '宽带流量骤降',     'broadband',   'daily', 's.traffic_gb < 0.5 * s.traffic_gb_avg3'),
    ('broadband_idle',            'Line without traffic for 15 days',           '宽带静默',         'broadband',   'daily', 's.idle_days >= 15'),
    ('broadband_gamer',           'Games over the line',                        '宽带游戏家庭',     'broadband',   'daily', 's.games_gb > 0.1 * s.traffic_gb'),
    ('broadband_streamer',        'Streams live over the line',                 '宽带直播客户',     'broadband',   'daily', 's.live_gb > 0.1 * s.traffic_gb'),
    ('wifi_outdated',             'Old Wi-Fi router',                           '老旧路由器',       'smart_home',  'daily', 's.wifi_generation IN (''wifi4'', ''wifi5'')'),
    ('wifi_weak',                 'Weak Wi-Fi at home',                         '家庭WiFi弱覆盖',   'smart_home',  'daily', 's.weak_wifi'),
    ('modem_old',                 'Optical modem over five years old',          '光猫老旧',         'broadband',   'daily', 's.modem_age >= 60'),
    ('modem_blocks_gigabit',      'Modem too slow for gigabit',                 '光猫不支持千兆',   'broadband',   'daily', 's.address_gigabit AND NOT s.modem_gigabit'),
    ('broadband_below_speed',     'Measured speed under 80 %',                  '宽带速率不达标',   'service',     'daily', 's.speed_measured < 0.8 * s.speed'),
    ('broadband_weak_light',      'Weak optical signal',                        '宽带弱光',         'service',     'daily', 's.weak_light'),
    ('broadband_repeat_fault',    'Same fault again',                           '宽带重复故障',     'service',     'daily', 's.repeat_fault'),
    ('broadband_repair_slow',     'Last repair took over a day',                '宽带修障超时',     'service',     'daily', 's.repair_hours > 24'),
    ('broadband_dropouts',        'Line drops often',                           '宽带频繁掉线',     'service',     'daily', 's.dropouts_m1 >= 10'),
    ('broadband_moved',           'Line moved to a new address within 90 days', '近90天宽带移机',   'broadband',   'daily', 's.as_of - s.moved_on BETWEEN 0 AND 90'),
    ('broadband_visit_recent',    'Engineer came within a week',                '装维近7天上门',    'broadband',   'daily', 's.as_of - s.installer_visited_on BETWEEN 0 AND 7'),
    ('broadband_alone',           'Broadband without mobile plan',              '单宽带客户',       'convergence', 'daily', 's.has_line AND NOT s.main_number_bound'),
    ('broadband_possible',        'Free port, no line',                         '可装宽带客户',     'broadband',   'daily', 's.address_ports_free AND NOT s.has_line')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, unit, scale, rule)
SELECT 'broadband', 'broadband', 'numeric', v.*
FROM (VALUES
    ('broadband_speed',     'Speed of the line',      '宽带速率',          'broadband',  'daily', 'Mbps',  0, 's.speed'),
    ('broadband_days_left', 'Days to expiry',         '宽带剩余天数',      'broadband',  'daily', 'days',  0, 's.paid_until - s.as_of'),
    ('broadband_price',     'Price per year',         '宽带年化价格',      'broadband',  'daily', 'yuan',  2, 's.price_year'),
    ('broadband_traffic',   'Traffic of the line',    '宽带月流量',        'broadband',  'daily', 'GB',    0, 's.traffic_gb'),
    ('broadband_devices',   'Devices at home',        '家庭联网设备数',    'smart_home', 'daily', 'count', 0, 's.devices'),
    ('broadband_faults',    'Faults in three months', '近3月宽带报障次数', 'service',    'daily', 'times', 0, 's.faults_m3')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule, labels, labels_zh)
SELECT 'broadband', 'broadband', 'enum', v.code, v.name, v.name_zh, v.business, v.refresh, v.rule, v.labels::text[], v.labels_zh::text[]
FROM (VALUES
    ('broadband_access',      'Access technology',              '宽带接入方式', 'broadband',  'daily', 'array_position(ARRAY[''fttr'', ''ftth'', ''lan'', ''dsl''], s.access) - 1',                '{fibre to the room,fibre to the home,building LAN,DSL}',                              '{FTTR,光纤到户,楼宇LAN,铜线}'),
    ('broadband_speed_class', 'Speed class',                    '宽带速率档',   'broadband',  'daily', 'width_bucket(s.speed, ARRAY[100, 300, 500, 1000]::numeric[])',                             '{under 100 Mbps,100 to 299 Mbps,300 to 499 Mbps,500 to 999 Mbps,1000 Mbps and over}', '{100M以下,100至299M,300至499M,500至999M,1000M及以上}'),
    ('broadband_paid_by',     'Way of paying for broadband',    '宽带付费方式', 'broadband',  'daily', 'array_position(ARRAY[''year'', ''month'', ''bundle'', ''several''], s.paid_by) - 1',       '{yearly,monthly,with the plan,several years}',                                        '{包年,包月,融合赠送,多年付}'),
    ('wifi_generation',       'Generation of the Wi-Fi router', '路由器制式',   'smart_home', 'daily', 'array_position(ARRAY[''wifi4'', ''wifi5'', ''wifi6'', ''wifi7''], s.wifi_generation) - 1', '{Wi-Fi 4,Wi-Fi 5,Wi-Fi 6,Wi-Fi 7}',                                                   '{WiFi4,WiFi5,WiFi6,WiFi7}')) AS v(code, name, name_zh, business, refresh, rule, labels, labels_zh);

-- ---- tv: TV (17) -----------------------------------------------------
INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule)
SELECT 'tv', 'tv_month', 'boolean', v.*
FROM (VALUES
    ('tv',                 'Has TV',                             '电视客户',           'tv',      'monthly', 's.has_tv'),
    ('tv_box_old',         'HD box, no 4K',                      '老旧机顶盒',         'tv',      'monthly', 's.box_kind = ''hd'''),
    ('tv_second_screen',   'Has a second box',                   '第二路电视客户',     'tv',      'monthly', 's.boxes >= 2'),
    ('tv_active',          'Watches at least ten days',          '电视活跃客户',       'tv',      'monthly', 's.watch_days >= 10'),
    ('tv_asleep',          'TV not watched for 30 days',         '电视沉睡客户',       'tv',      'daily',   's.as_of - s.last_watched_on > 30'),
    ('tv_falling',         'Watches half as much',               '收视骤降',           'tv',      'monthly', 's.watch_hours < 0.5 * s.watch_hours_avg3'),
    ('tv_on_demand',       'Prefers films and series on demand', '点播偏好',           'tv',      'monthly', 's.on_demand_hours > s.live_hours'),
    ('tv_kids',            'Children watch',                     '少儿收视家庭',       'tv',      'monthly', 's.kids_hours >= 5'),
    ('tv_sport',           'Watches sport',                      '体育收视偏好',       'tv',      'monthly', 's.sport_hours >= 5'),
    ('tv_film_buyer',      'Buys single films',                  '单点影片客户',       'tv',      'monthly', 's.film_orders_m3 > 0'),
    ('tv_member',          'Has TV membership',                  '电视会员客户',       'tv',      'monthly', 's.tv_member'),
    ('tv_member_expiring', 'TV membership ends within 30 days',  '电视会员30天内到期', 'tv',      'daily',   's.tv_member_until - s.as_of BETWEEN 0 AND 30'),
    ('tv_kids_member',     'Has children''s membership',         '电视少儿会员',       'tv',      'monthly', 's.kids_member'),
    ('tv_failures',        'Picture failures',                   '电视卡顿频繁',       'service', 'monthly', 's.screen_failures >= 10'),
    ('tv_offer_opener',    'Opens offers on the TV',             '电视端点击推荐',     'tv',      'monthly', 's.ad_clicks > 0')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, unit, scale, rule)
SELECT 'tv', 'tv_month', 'numeric', v.*
FROM (VALUES
    ('tv_watch_hours', 'Hours watched', '月收视时长', 'tv', 'monthly', 'hours', 0, 's.watch_hours')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule, labels, labels_zh)
SELECT 'tv', 'tv_month', 'enum', v.code, v.name, v.name_zh, v.business, v.refresh, v.rule, v.labels::text[], v.labels_zh::text[]
FROM (VALUES
    ('tv_box', 'Kind of set-top box', '机顶盒类型', 'tv', 'monthly', 'array_position(ARRAY[''hd'', ''uhd'', ''uhd8'', ''integrated''], s.box_kind) - 1', '{HD box,4K box,8K box,box in the modem}', '{高清盒,4K盒,8K盒,融合光猫}')) AS v(code, name, name_zh, business, refresh, rule, labels, labels_zh);

-- ---- smart_home: Smart home (15) -------------------------------------
INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule)
SELECT 'smart_home', 'smart_home', 'boolean', v.*
FROM (VALUES
    ('fttr',                    'Has fibre to the room',               '全屋光宽带客户',   'smart_home', 'monthly', 's.fttr'),
    ('home_networking',         'Has home networking',                 '家庭组网客户',     'smart_home', 'monthly', 's.networking'),
    ('home_camera',             'Has a home camera',                   '家庭摄像头客户',   'smart_home', 'monthly', 's.camera'),
    ('camera_storage',          'Stores camera pictures in the cloud', '看家云存储客户',   'smart_home', 'monthly', 's.camera_storage'),
    ('camera_storage_expiring', 'Camera storage ends within 30 days',  '云存储30天内到期', 'smart_home', 'daily',   's.camera_storage_until - s.as_of BETWEEN 0 AND 30'),
    ('camera_no_storage',       'Camera without storage',              '有摄像头无云存储', 'smart_home', 'monthly', 's.camera AND NOT s.camera_storage'),
    ('camera_watcher',          'Looks at the camera daily',           '看家高频客户',     'smart_home', 'monthly', 's.camera_views_m1 >= 30'),
    ('smart_speaker',           'Has a smart speaker',                 '智能音箱客户',     'smart_home', 'monthly', 's.speaker'),
    ('smart_lock',              'Has a smart lock',                    '智能门锁客户',     'smart_home', 'monthly', 's.smart_lock'),
    ('elder_care',              'Has an elder care device',            '康养设备客户',     'smart_home', 'monthly', 's.elder_care'),
    ('child_watch',             'Has a child''s watch',                '儿童手表客户',     'smart_home', 'monthly', 's.child_watch'),
    ('fixed_phone',             'Has a fixed-line telephone',          '固话客户',         'voice',      'monthly', 's.fixed_phone'),
    ('home_service_buyer',      'Pays for help at home',               '付费上门服务客户', 'smart_home', 'monthly', 's.home_service_m6 > 0'),
    ('home_app',                'Home app bound',                      '智家APP绑定客户',  'smart_home', 'monthly', 's.app_bound')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, unit, scale, rule)
SELECT 'smart_home', 'smart_home', 'numeric', v.*
FROM (VALUES
    ('smart_devices', 'Smart devices', '智能设备数', 'smart_home', 'monthly', 'count', 0, 's.home_devices')) AS v;

-- ---- terminal: Terminals (24) ----------------------------------------
INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule)
SELECT 'terminal', 'terminal', 'boolean', v.*
FROM (VALUES
    ('phone_top',               'Top-price phone',                     '高端机客户',       'terminal',    'monthly', 's.price >= 6000'),
    ('phone_feature',           'Feature phone',                       '功能机客户',       'terminal',    'monthly', 's.system = ''feature'''),
    ('phone_new',               'New phone within 30 days',            '近30天换机',       'terminal',    'daily',   's.as_of - s.in_use_since BETWEEN 0 AND 30'),
    ('phone_old',               'Phone in use for three years',        '终端老旧客户',     'terminal',    'monthly', 's.as_of - s.in_use_since >= 1095'),
    ('phone_change_due',        'Usual time for a new phone reached',  '到换机周期',       'terminal',    'monthly', '(s.as_of - s.in_use_since) / 30 >= s.change_cycle'),
    ('phone_enthusiast',        'Buys the newest models',              '尝新换机客户',     'terminal',    'monthly', 's.changes_y2 >= 2 AND s.in_use_since - s.released_on < 180'),
    ('phone_brand_loyal',       'Stays with the brand',                '终端品牌忠诚',     'terminal',    'monthly', 's.brand = s.brand_before'),
    ('phone_dual_sim',          'Dual-SIM phone',                      '双卡终端客户',     'terminal',    'monthly', 's.dual_sim'),
    ('phone_esim_ready',        'Phone ready for eSIM',                '终端支持eSIM',     'number_card', 'monthly', 's.esim_ready'),
    ('watch_number',            'Watch with its own number',           '独立号码手表客户', 'terminal',    'monthly', 's.watch'),
    ('tablet_card',             'Tablet with a card',                  '插卡平板客户',     'terminal',    'monthly', 's.tablet'),
    ('phone_instalment',        'Pays the phone in instalments',       '分期购机客户',     'finance',     'monthly', 's.instalment'),
    ('phone_instalment_ending', 'Instalments end within three months', '分期即将还清',     'terminal',    'monthly', 's.instalment AND s.instalment_left BETWEEN 1 AND 3'),
    ('phone_traded_in',         'Has traded in a phone',               '以旧换新客户',     'terminal',    'monthly', 's.traded_in'),
    ('phone_browser',           'Looks at phones',                     '关注购机客户',     'terminal',    'monthly', 's.app_prices_m1 >= 3'),
    ('phone_reserved',          'Reserved a new model',                '预约新机客户',     'terminal',    'monthly', 's.new_model_followed'),
    ('phone_uninsured',         'Newer phone without care plan',       '新机未购碎屏保障', 'finance',     'monthly', 'NOT s.care_plan AND s.as_of - s.in_use_since <= 365'),
    ('accessory_buyer',         'Buys accessories',                    '配件购买客户',     'terminal',    'monthly', 's.accessories_y1 > 0')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, unit, scale, rule)
SELECT 'terminal', 'terminal', 'numeric', v.*
FROM (VALUES
    ('phone_price',  'Price of the phone when new', '终端上市价',   'terminal', 'monthly', 'yuan',   0, 's.price'),
    ('phone_months', 'Months with the phone',       '终端在用月数', 'terminal', 'monthly', 'months', 0, '(s.as_of - s.in_use_since) / 30')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule, labels, labels_zh)
SELECT 'terminal', 'terminal', 'enum', v.code, v.name, v.name_zh, v.business, v.refresh, v.rule, v.labels::text[], v.labels_zh::text[]
FROM (VALUES
    ('phone_brand',       'Phone brand',                     '终端品牌',     'terminal', 'monthly', 'array_position(ARRAY[''apple'', ''huawei'', ''honor'', ''xiaomi'', ''oppo'', ''vivo'', ''other''], s.brand) - 1', '{Apple,Huawei,Honor,Xiaomi,OPPO,vivo,other}',                                                '{苹果,华为,荣耀,小米,OPPO,vivo,其他}'),
    ('phone_system',      'Operating system of the phone',   '终端操作系统', 'terminal', 'monthly', 'array_position(ARRAY[''android'', ''ios'', ''harmony'', ''feature''], s.system) - 1',                             '{Android,iOS,HarmonyOS,feature phone}',                                                      '{安卓,苹果iOS,鸿蒙,功能机}'),
    ('phone_generation',  'Network generation of the phone', '终端制式',     'terminal', 'monthly', 'array_position(ARRAY[''g2'', ''g3'', ''g4'', ''g5''], s.generation) - 1',                                         '{2G,3G,4G,5G}',                                                                              '{2G终端,3G终端,4G终端,5G终端}'),
    ('phone_price_class', 'Price class of the phone',        '终端价位',     'terminal', 'monthly', 'width_bucket(s.price, ARRAY[1000, 2000, 4000, 6000]::numeric[])',                                                 '{under 1000 yuan,1000 to 1999 yuan,2000 to 3999 yuan,4000 to 5999 yuan,6000 yuan and over}', '{千元以下,1000至1999元,2000至3999元,4000至5999元,6000元以上}')) AS v(code, name, name_zh, business, refresh, rule, labels, labels_zh);

-- ---- roaming: Roaming (9) --------------------------------------------
INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule)
SELECT 'roaming', 'roaming_month', 'boolean', v.*
FROM (VALUES
    ('abroad_now',           'Abroad now',                  '当前在境外',     'roaming', 'realtime', 's.abroad_now'),
    ('frequent_flyer',       'Three trips abroad and more', '出境常客',       'roaming', 'daily',    's.trips_y1 >= 3'),
    ('roaming_pack_buyer',   'Buys roaming packs',          '漫游包客户',     'roaming', 'daily',    's.packs_y1 > 0'),
    ('roaming_without_pack', 'Went abroad without a pack',  '出境未购漫游包', 'roaming', 'daily',    's.no_pack_trip'),
    ('trip_planned',         'Plans a trip abroad',         '近期出境意向',   'roaming', 'daily',    's.visa_apps_days >= 2'),
    ('back_from_abroad',     'Back within two weeks',       '近两周回境',     'roaming', 'daily',    's.as_of - s.last_trip_on BETWEEN 0 AND 14 AND NOT s.abroad_now')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, unit, scale, rule)
SELECT 'roaming', 'roaming_month', 'numeric', v.*
FROM (VALUES
    ('trips_abroad', 'Trips abroad in a year', '近一年出境次数', 'roaming', 'daily', 'times', 0, 's.trips_y1'),
    ('roaming_gb',   'Roaming data in a year', '近一年漫游流量', 'roaming', 'daily', 'GB',    1, 's.gb_y1')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule, labels, labels_zh)
SELECT 'roaming', 'roaming_month', 'enum', v.code, v.name, v.name_zh, v.business, v.refresh, v.rule, v.labels::text[], v.labels_zh::text[]
FROM (VALUES
    ('roaming_region', 'Region last visited', '最近漫游地区', 'roaming', 'daily', 'array_position(ARRAY[''hkmt'', ''asia'', ''europe'', ''america'', ''other''], s.region) - 1', '{Hong Kong Macao Taiwan,Asia,Europe,America,other}', '{港澳台,亚洲,欧洲,美洲,其他}')) AS v(code, name, name_zh, business, refresh, rule, labels, labels_zh);
