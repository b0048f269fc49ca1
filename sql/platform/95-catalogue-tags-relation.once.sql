-- ----------------------------------------------------------------------
-- sql/platform/95-catalogue-tags-relation.once.sql: how a customer stands to us,
-- to the network, to rivals, and what a customer likes and needs
--
-- 222 of the 672 tags of the catalogue. A rule is an SQL expression over the
-- alias s of its source. Names are ours [proposed].
-- ----------------------------------------------------------------------

-- ---- service: Service and complaints (20) ----------------------------
INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule)
SELECT 'service', 'service_complaint', 'boolean', v.*
FROM (VALUES
    ('hotline_often',       'Calls the hotline often',                 '高频拨打热线',     'service',     'daily',    's.hotline_calls_m1 >= 3'),
    ('hotline_human',       'Asks for a human at once',                '偏好人工服务',     'service',     'daily',    's.human_asked'),
    ('robot_friend',        'Solves enquiries with the robot',         '接受智能客服',     'service',     'daily',    's.robot_share >= 0.7'),
    ('self_service',        'Uses self-service',                       '自助办理客户',     'service',     'daily',    's.self_service_m3 >= 2'),
    ('complained_lately',   'Complained within 30 days',               '近30天投诉',       'service',     'daily',    's.as_of - s.complaint_on BETWEEN 0 AND 30'),
    ('complaint_network',   'Complained about the network',            '网络投诉客户',     'service',     'daily',    's.complaint_kind = ''network'' AND s.complaints_y1 > 0'),
    ('complaint_marketing', 'Complained about marketing',              '营销骚扰投诉客户', 'service',     'daily',    's.complaint_kind = ''marketing'' AND s.complaints_y1 > 0'),
    ('complaint_open',      'Complaint open',                          '投诉处理中',       'service',     'realtime', 's.complaint_open'),
    ('complaint_repeat',    'Same complaint again',                    '重复投诉',         'service',     'daily',    's.complaint_repeat'),
    ('complaint_upgraded',  'Went to the regulator',                   '越级投诉',         'service',     'daily',    's.complaint_upgraded'),
    ('complaint_prone',     'Complains often',                         '投诉敏感客户',     'service',     'daily',    's.complaints_y1 >= 4'),
    ('cancel_asked',        'Asked how to cancel within 30 days',      '近30天咨询销户',   'service',     'daily',    's.as_of - s.cancel_asked_on BETWEEN 0 AND 30'),
    ('port_asked',          'Asked for a porting code within 30 days', '近30天查询携转',   'number_card', 'realtime', 's.as_of - s.port_code_on BETWEEN 0 AND 30'),
    ('cheaper_asked',       'Asked for a cheaper plan within 30 days', '近30天咨询降档',   'plan',        'daily',    's.as_of - s.plan_down_asked_on BETWEEN 0 AND 30'),
    ('care_called',         'Had a care call in half a year',          '近半年已关怀回访', 'service',     'daily',    's.care_calls_m6 > 0')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, unit, scale, rule)
SELECT 'service', 'service_complaint', 'numeric', v.*
FROM (VALUES
    ('hotline_calls', 'Hotline calls in three months', '近3月热线次数',  'service', 'daily', 'times', 0, 's.hotline_calls_m3'),
    ('complaints',    'Complaints in half a year',     '近半年投诉次数', 'service', 'daily', 'times', 0, 's.complaints_m6'),
    ('compensated',   'Compensation in a year',        '近一年补偿金额', 'service', 'daily', 'yuan',  2, 's.compensation_y1')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule, labels, labels_zh)
SELECT 'service', 'service_complaint', 'enum', v.code, v.name, v.name_zh, v.business, v.refresh, v.rule, v.labels::text[], v.labels_zh::text[]
FROM (VALUES
    ('hotline_topic',  'Last topic of enquiry',      '最近咨询主题', 'service', 'daily', 'array_position(ARRAY[''bill'', ''plan'', ''data'', ''network'', ''broadband'', ''cancel'', ''other''], s.hotline_topic) - 1',      '{bill,plan,data,network,broadband,cancelling,other}',                               '{账单,套餐,流量,网络,宽带,退订销户,其他}'),
    ('complaint_kind', 'Kind of the last complaint', '最近投诉类型', 'service', 'daily', 'array_position(ARRAY[''fee'', ''network'', ''service'', ''marketing'', ''broadband'', ''vas'', ''other''], s.complaint_kind) - 1', '{charges,network,service,unwanted marketing,broadband,unsubscribed service,other}', '{资费,网络质量,服务态度,营销骚扰,宽带装维,增值业务,其他}')) AS v(code, name, name_zh, business, refresh, rule, labels, labels_zh);

-- ---- satisfaction: Satisfaction (10) ---------------------------------
INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule)
SELECT 'satisfaction', 'service_complaint', 'boolean', v.*
FROM (VALUES
    ('dissatisfied',         'Dissatisfied',                    '不满意客户',   'service', 'monthly', 's.satisfaction <= 6'),
    ('satisfaction_falling', 'Satisfaction fell by two points', '满意度下滑',   'service', 'monthly', 's.satisfaction <= s.satisfaction_before - 2'),
    ('satisfaction_fresh',   'Rated us within 90 days',         '近90天已测评', 'service', 'monthly', 's.as_of - s.satisfaction_on BETWEEN 0 AND 90'),
    ('promoter',             'Would recommend us',              '推荐者',       'service', 'monthly', 's.nps >= 9'),
    ('detractor',            'Would advise against us',         '贬损者',       'service', 'monthly', 's.nps <= 6'),
    ('survey_friend',        'Answers surveys',                 '乐于测评客户', 'service', 'monthly', 's.survey_answers_y1 >= 2')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, unit, scale, rule)
SELECT 'satisfaction', 'service_complaint', 'numeric', v.*
FROM (VALUES
    ('satisfaction',          'Satisfaction score',             '满意度评分', 'service',   'monthly', 'score', 0, 's.satisfaction'),
    ('satisfaction_network',  'Satisfaction with the network',  '网络满意度', 'service',   'monthly', 'score', 0, 's.satisfaction_network'),
    ('satisfaction_tariff',   'Satisfaction with tariffs',      '资费满意度', 'service',   'monthly', 'score', 0, 's.satisfaction_tariff'),
    ('satisfaction_engineer', 'Satisfaction with the engineer', '装维满意度', 'broadband', 'monthly', 'score', 0, 's.satisfaction_engineer')) AS v;

-- ---- experience: Network experience (15) -----------------------------
INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule)
SELECT 'experience', 'network_experience', 'boolean', v.*
FROM (VALUES
    ('home_signal_poor',     'Poor signal at home',            '居住地弱信号', 'service', 'monthly', 's.home_signal = ''poor'''),
    ('work_signal_poor',     'Poor signal at work',            '工作地弱信号', 'service', 'monthly', 's.work_signal = ''poor'''),
    ('indoor_weak',          'Weak signal indoors',            '室内弱覆盖',   'service', 'monthly', 's.indoor_weak'),
    ('commute_weak',         'Weak signal on the way to work', '通勤弱覆盖',   'service', 'monthly', 's.rail_weak'),
    ('page_slow',            'Pages open slowly',              '网页打开慢',   'data',    'monthly', 's.page_seconds > 3'),
    ('video_stalls',         'Videos stall',                   '视频卡顿',     'data',    'monthly', 's.video_stall_rate > 0.05'),
    ('congested',            'At a congested cell for long',   '常驻拥塞小区', 'data',    'monthly', 's.slow_hours >= 20'),
    ('stuck_on_old_network', 'Long on 2G or 3G',               '长时驻留2G3G', 'fiveg',   'monthly', 's.on_3g_hours >= 50'),
    ('experience_poor',      'Poor experience',                '感知差客户',   'service', 'monthly', 's.experience_score < 60'),
    ('experience_falling',   'Experience fell by ten points',  '感知下滑',     'service', 'monthly', 's.experience_score <= s.experience_score_m1 - 10'),
    ('experience_repaired',  'New site near home',             '附近新开站',   'service', 'monthly', 's.new_site_near')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, unit, scale, rule)
SELECT 'experience', 'network_experience', 'numeric', v.*
FROM (VALUES
    ('dropped_rate',     'Share of dropped calls', '掉话率',   'voice',   'monthly', 'ratio', 4, 's.dropped_rate'),
    ('game_delay',       'Game delay',             '游戏时延', 'data',    'monthly', 'ms',    0, 's.game_delay_ms'),
    ('experience_score', 'Experience score',       '感知评分', 'service', 'monthly', 'score', 0, 's.experience_score')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule, labels, labels_zh)
SELECT 'experience', 'network_experience', 'enum', v.code, v.name, v.name_zh, v.business, v.refresh, v.rule, v.labels::text[], v.labels_zh::text[]
FROM (VALUES
    ('home_signal', 'Signal at home', '居住地信号', 'service', 'monthly', 'array_position(ARRAY[''good'', ''fair'', ''poor''], s.home_signal) - 1', '{good,fair,poor}', '{好,一般,差}')) AS v(code, name, name_zh, business, refresh, rule, labels, labels_zh);

-- ---- channel: Channel preference (30) --------------------------------
INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule)
SELECT 'channel', 'channel_use', 'boolean', v.*
FROM (VALUES
    ('channel_online',     'Does business online',               '线上偏好',         'general',  'monthly', 's.online_share >= 0.7'),
    ('channel_offline',    'Does business in person',            '线下偏好',         'general',  'monthly', 's.online_share < 0.2'),
    ('app_installed',      'Has the app',                        'APP客户',          'general',  'daily',   's.app_installed'),
    ('app_missing',        'Has not installed the app',          '未装APP客户',      'general',  'monthly', 'NOT s.app_installed'),
    ('app_new',            'Installed the app within 30 days',   '近30天新装APP',    'general',  'daily',   's.as_of - s.app_installed_on BETWEEN 0 AND 30'),
    ('app_active',         'In the app within 30 days',          'APP活跃客户',      'general',  'daily',   's.as_of - s.app_last_on BETWEEN 0 AND 30'),
    ('app_loyal',          'In the app ten days a month',        'APP高黏客户',      'general',  'monthly', 's.app_days_m1 >= 10'),
    ('app_asleep',         'App installed, unused for 90 days',  'APP沉睡客户',      'general',  'monthly', 's.app_installed AND s.as_of - s.app_last_on > 90'),
    ('app_push_off',       'App messages switched off',          '关闭APP推送',      'general',  'monthly', 's.app_installed AND NOT s.app_push'),
    ('app_senior_mode',    'Uses the large-type version',        '长辈版客户',       'general',  'monthly', 's.app_elder_mode'),
    ('app_buyer',          'Buys in the app',                    'APP下单客户',      'general',  'monthly', 's.app_orders_m6 > 0'),
    ('app_sign_in',        'Signs in daily for points',          'APP签到客户',      'general',  'monthly', 's.app_sign_in >= 7'),
    ('app_shopper',        'Visits the app''s shop',             '商城访客',         'terminal', 'monthly', 's.app_mall_m3 >= 3'),
    ('mini_user',          'Uses the mini-programme',            '小程序客户',       'general',  'monthly', 's.mini_days_m1 > 0'),
    ('wechat_follower',    'Follows the WeChat account',         '公众号粉丝',       'general',  'monthly', 's.wechat_follow'),
    ('wecom_responsive',   'Answers on WeCom',                   '企微活跃客户',     'general',  'monthly', 's.wecom_replies_m3 > 0'),
    ('wecom_group',        'In a WeCom group',                   '企微社群成员',     'general',  'monthly', 's.wecom_group'),
    ('hall_fan',           'Prefers the hall',                   '营业厅偏好',       'general',  'monthly', 's.hall_visits_m6 >= 3'),
    ('hall_near',          'Lives within a kilometre of a hall', '营业厅一公里内',   'general',  'monthly', 's.hall_distance <= 1'),
    ('hall_visitor_fresh', 'In a hall within a week',            '近7天到厅',        'general',  'daily',   's.as_of - s.hall_visit_on BETWEEN 0 AND 7'),
    ('manager_buyer',      'Buys from the grid manager',         '经理上门办理客户', 'general',  'monthly', 's.manager_orders_y1 > 0'),
    ('activity_guest',     'Comes to community activities',      '社区活动参与者',   'general',  'monthly', 's.activity_y1 > 0'),
    ('outbound_answerer',  'Answers outbound calls',             '外呼易接通',       'general',  'monthly', 's.outbound_answer_rate >= 0.5'),
    ('outbound_buyer',     'Buys by phone',                      '外呼成交客户',     'general',  'monthly', 's.outbound_orders_y1 > 0'),
    ('sms_buyer',          'Orders by message',                  '短信办理客户',     'general',  'monthly', 's.sms_reply_orders_y1 > 0'),
    ('code_scanner',       'Scans our codes',                    '扫码客户',         'general',  'monthly', 's.qr_scans_m6 > 0'),
    ('live_show_viewer',   'Watches our live shows',             '直播间观众',       'general',  'monthly', 's.live_room_m3 > 0'),
    ('referrer',           'Recommends us to friends',           '推荐达人',         'general',  'monthly', 's.referrals_y1 >= 2')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, unit, scale, rule)
SELECT 'channel', 'channel_use', 'numeric', v.*
FROM (VALUES
    ('app_days', 'Days in the app', 'APP月使用天数', 'general', 'monthly', 'days', 0, 's.app_days_m1')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule, labels, labels_zh)
SELECT 'channel', 'channel_use', 'enum', v.code, v.name, v.name_zh, v.business, v.refresh, v.rule, v.labels::text[], v.labels_zh::text[]
FROM (VALUES
    ('channel_main', 'Channel used most', '最常用渠道', 'general', 'monthly', 'array_position(ARRAY[''app'', ''mini'', ''web'', ''hall'', ''hotline'', ''wecom'', ''shop''], s.main_channel) - 1', '{operator''s app,mini-programme,web hall,hall,hotline,WeCom,e-commerce}', '{手机营业厅,小程序,网上营业厅,营业厅,热线,企业微信,电商旗舰店}')) AS v(code, name, name_zh, business, refresh, rule, labels, labels_zh);

-- ---- content: Content and apps (35) ----------------------------------
INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule)
SELECT 'content', 'content_month', 'boolean', v.*
FROM (VALUES
    ('video_fan',         'Long video fan',               '长视频爱好者',     'data',        'monthly', 's.video_days >= 15'),
    ('short_video_heavy', 'Short video in great volume',  '短视频重度用户',   'data',        'monthly', 's.short_gb >= 20'),
    ('live_stream_fan',   'Live stream fan',              '直播爱好者',       'data',        'monthly', 's.live_days >= 10'),
    ('gamer',             'Gamer',                        '游戏爱好者',       'data',        'monthly', 's.game_days >= 10'),
    ('gamer_heavy',       'Plays over two hours a day',   '游戏重度用户',     'fiveg',       'monthly', 's.game_minutes >= 3600'),
    ('music_fan',         'Music fan',                    '音乐爱好者',       'benefit',     'monthly', 's.music_days >= 10'),
    ('reader',            'Reader',                       '阅读爱好者',       'benefit',     'monthly', 's.read_days >= 10'),
    ('social_heavy',      'Always in social apps',        '社交重度用户',     'data',        'monthly', 's.social_gb >= 10'),
    ('shopper',           'Online shopper',               '网购爱好者',       'benefit',     'monthly', 's.shop_days >= 15'),
    ('food_delivery',     'Orders food often',            '外卖高频客户',     'benefit',     'monthly', 's.food_days >= 10'),
    ('traveller_apps',    'Plans journeys',               '出行预订客户',     'roaming',     'monthly', 's.travel_days >= 4'),
    ('ride_hailing',      'Takes cabs by app',            '网约车客户',       'benefit',     'monthly', 's.hail_days >= 5'),
    ('navigator',         'Drives with navigation',       '驾车导航客户',     'data',        'monthly', 's.map_days >= 15'),
    ('mobile_payer',      'Pays by phone daily',          '移动支付高频客户', 'finance',     'monthly', 's.pay_days >= 25'),
    ('investor',          'Trades stocks',                '炒股客户',         'finance',     'monthly', 's.stock_days >= 10'),
    ('wealth',            'Follows wealth products',      '理财关注客户',     'finance',     'monthly', 's.finance_days >= 5'),
    ('learner',           'Learns online',                '在线学习客户',     'data',        'monthly', 's.study_days >= 8'),
    ('school_parent',     'Uses school apps as a parent', '家校应用家长',     'smart_home',  'monthly', 's.pupil_days >= 8'),
    ('remote_worker',     'Works from home',              '远程办公客户',     'broadband',   'monthly', 's.office_days >= 10 AND s.meeting_minutes >= 600'),
    ('runner',            'Does sport with apps',         '运动健身客户',     'terminal',    'monthly', 's.sport_days >= 8'),
    ('young_family_apps', 'Uses parenting apps',          '母婴应用客户',     'smart_home',  'monthly', 's.baby_days >= 4'),
    ('kids_apps',         'Uses children''s apps',        '儿童应用家庭',     'tv',          'monthly', 's.kids_days >= 4'),
    ('house_hunter',      'Looks for a home',             '看房租房客户',     'broadband',   'monthly', 's.house_days >= 3'),
    ('job_seeker',        'Looks for work',               '求职客户',         'number_card', 'monthly', 's.job_days >= 5'),
    ('car_interest',      'Follows cars',                 '汽车关注客户',     'data',        'monthly', 's.car_days >= 4'),
    ('electric_car',      'Charges an electric car',      '新能源车主',       'data',        'monthly', 's.charge_days >= 2'),
    ('photographer',      'Takes and edits photos',       '摄影爱好者',       'cloud',       'monthly', 's.photo_days >= 10'),
    ('cloud_drive_rival', 'Uses other cloud drives',      '使用站外网盘',     'cloud',       'monthly', 's.cloud_days >= 3'),
    ('pet_owner',         'Keeps pets',                   '养宠客户',         'smart_home',  'monthly', 's.pet_days >= 3'),
    ('farmer_apps',       'Uses farming apps',            '农技应用客户',     'data',        'monthly', 's.farm_days >= 2'),
    ('courier',           'Courier or driver',            '骑手司机',         'data',        'monthly', 's.courier_days >= 15'),
    ('merchant',          'Keeps a shop online',          '网店商家',         'enterprise',  'monthly', 's.merchant_days >= 10'),
    ('creator',           'Makes content',                '内容创作者',       'broadband',   'monthly', 's.creator_days >= 8'),
    ('ai_user',           'Uses AI assistants',           '智能助手客户',     'fiveg',       'monthly', 's.ai_days >= 5')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, unit, scale, rule)
SELECT 'content', 'content_month', 'numeric', v.*
FROM (VALUES
    ('apps_used', 'Apps used', '使用应用数', 'data', 'monthly', 'count', 0, 's.apps')) AS v;

-- ---- location: Location and mobility (24) ----------------------------
INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule)
SELECT 'location', 'location_month', 'boolean', v.*
FROM (VALUES
    ('home_moved',         'Changed the place of living within 90 days', '近90天搬家',       'broadband',   'monthly', 's.as_of - s.home_moved_on BETWEEN 0 AND 90'),
    ('work_moved',         'New place of work within 90 days',           '近90天更换工作地', 'general',     'monthly', 's.as_of - s.work_moved_on BETWEEN 0 AND 90'),
    ('settled',            'At the same home for three years',           '稳定居住客户',     'general',     'monthly', 's.as_of - s.home_since >= 1095'),
    ('commuter_long',      'Commutes over 20 km',                        '长距离通勤',       'data',        'monthly', 's.commute_km >= 20'),
    ('business_traveller', 'Travels on business',                        '商旅客户',         'roaming',     'monthly', 's.hub_visits_m1 >= 4 AND s.nights_away >= 4'),
    ('away_now',           'In another province now',                    '当前在省外',       'roaming',     'daily',   's.away_now'),
    ('festival_returner',  'Goes home for Spring Festival',              '春节返乡客户',     'general',     'monthly', 's.hometown_festival'),
    ('mall_goer',          'Often at shopping centres',                  '商圈常客',         'benefit',     'monthly', 's.mall_days_m1 >= 8'),
    ('scenic_goer',        'Visits scenic spots',                        '景区游客',         'data',        'monthly', 's.scenic_days_m3 >= 3'),
    ('school_run',         'Takes children to school',                   '接送孩子客户',     'smart_home',  'monthly', 's.school_days_m1 >= 10'),
    ('rival_hall_visitor', 'Was at a rival''s hall',                     '到访他网营业厅',   'number_card', 'monthly', 's.rival_hall_days_m3 > 0'),
    ('passes_hall',        'Passes our hall often',                      '常途经营业厅',     'general',     'monthly', 's.own_hall_days_m3 >= 10'),
    ('night_shift',        'Works at night',                             '夜班作息客户',     'data',        'monthly', 's.night_shift'),
    ('home_all_day',       'At home on working days',                    '居家客户',         'broadband',   'monthly', 's.home_all_day'),
    ('key_grid',           'Lives in a key grid',                        '重点网格居民',     'general',     'monthly', 's.fair_grid'),
    ('new_estate',         'Lives in a new estate',                      '新交付小区居民',   'broadband',   'monthly', 's.new_estate'),
    ('grid_open',          'Home grid with many free ports',             '网格端口充裕',     'broadband',   'monthly', 's.grid_ports_free >= 0.4'),
    ('grid_rival_strong',  'Home grid ruled by rivals',                  '网格他网主导',     'broadband',   'monthly', 's.rival_share_grid >= 0.6'),
    ('second_home',        'Has a second home',                          '第二居所客户',     'broadband',   'monthly', 's.second_home')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, unit, scale, rule)
SELECT 'location', 'location_month', 'numeric', v.*
FROM (VALUES
    ('cities_visited',  'Cities visited',                        '月到访城市数',   'general',   'monthly', 'count', 0, 's.cities_m1'),
    ('grid_saturation', 'Broadband saturation of the home grid', '网格宽带渗透率', 'broadband', 'monthly', 'ratio', 2, 's.grid_saturation')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule, labels, labels_zh)
SELECT 'location', 'location_month', 'enum', v.code, v.name, v.name_zh, v.business, v.refresh, v.rule, v.labels::text[], v.labels_zh::text[]
FROM (VALUES
    ('home_kind',    'Kind of place of living', '居住场所类型', 'general', 'monthly', 'array_position(ARRAY[''community'', ''village'', ''campus'', ''factory'', ''barracks''], s.home_kind) - 1',                 '{community,village,campus,factory dormitory,other}',                  '{小区,村庄,校园,厂区宿舍,其他}'),
    ('work_kind',    'Kind of place of work',   '工作场所类型', 'general', 'monthly', 'array_position(ARRAY[''office'', ''factory'', ''market'', ''school'', ''hospital'', ''site'', ''none''], s.work_kind) - 1', '{office building,factory,market,school,hospital,building site,none}', '{写字楼,工厂,商圈市场,学校,医院,工地,无固定}'),
    ('commute_mode', 'Way of commuting',        '通勤方式',     'general', 'monthly', 'array_position(ARRAY[''walk'', ''road'', ''metro'', ''rail''], s.commute_mode) - 1',                                        '{walk or bike,road,metro,train}',                                     '{步行骑行,公路,地铁,铁路}')) AS v(code, name, name_zh, business, refresh, rule, labels, labels_zh);

-- ---- competitor: Competitor signals (15) -----------------------------
INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule)
SELECT 'competitor', 'competitor_estimate', 'boolean', v.*
FROM (VALUES
    ('rival_card',             'Holds a rival''s card',                  '持有他网卡',         'number_card', 'monthly', 's.rival_card'),
    ('rival_growing',          'Moves to the rival''s card',             '使用向他网迁移',     'number_card', 'monthly', 's.rival_share > s.rival_share_m3 + 0.2'),
    ('rival_hotline',          'Calls rivals'' hotlines',                '拨打他网客服',       'number_card', 'monthly', 's.rival_hotline_m3 >= 2'),
    ('rival_messages',         'Wooed by rivals',                        '频繁接收他网营销',   'number_card', 'monthly', 's.rival_sms_m1 >= 5 OR s.rival_manager_calls >= 3'),
    ('rival_broadband',        'Mobile with us, broadband with a rival', '手机本网宽带他网',   'broadband',   'monthly', 's.rival_broadband'),
    ('rival_broadband_ending', 'Rival''s broadband ends within 60 days', '他网宽带60天内到期', 'broadband',   'monthly', 's.rival_broadband_until - s.as_of BETWEEN 0 AND 60'),
    ('rival_contract_ending',  'Rival''s contract ends within 60 days',  '他网合约60天内到期', 'number_card', 'monthly', 's.rival_contract_until - s.as_of BETWEEN 0 AND 60'),
    ('porting_reader',         'Reads about porting out',                '浏览携转页面',       'number_card', 'monthly', 's.porting_page_m1 > 0'),
    ('forwards_to_rival',      'Forwards to a rival''s number',          '呼转他网号码',       'voice',       'monthly', 's.forwards_to_rival'),
    ('verification_moving',    'Moves verification codes elsewhere',     '验证码迁移迹象',     'number_card', 'monthly', 's.verification_moved'),
    ('rival_campaign',         'Rival''s campaign near home',            '居住网格有他网促销', 'number_card', 'monthly', 's.rival_campaign_grid')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, unit, scale, rule)
SELECT 'competitor', 'competitor_estimate', 'numeric', v.*
FROM (VALUES
    ('rival_share',   'Share of use on the rival''s card', '他网使用占比', 'number_card', 'monthly', 'ratio', 2, 's.rival_share'),
    ('rival_spend',   'Estimated spend with the rival',    '他网消费估计', 'number_card', 'monthly', 'yuan',  2, 's.rival_price'),
    ('porting_score', 'Leaning to port out',               '携出倾向分',   'number_card', 'monthly', 'score', 0, 's.porting_score')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule, labels, labels_zh)
SELECT 'competitor', 'competitor_estimate', 'enum', v.code, v.name, v.name_zh, v.business, v.refresh, v.rule, v.labels::text[], v.labels_zh::text[]
FROM (VALUES
    ('rival_operator', 'Operator of the second card', '他网卡运营商', 'number_card', 'monthly', 'array_position(ARRAY[''mobile'', ''telecom'', ''broadnet''], s.rival) - 1', '{China Mobile,China Telecom,China Broadnet}', '{移动,电信,广电}')) AS v(code, name, name_zh, business, refresh, rule, labels, labels_zh);

-- ---- offnet: Off-net customers (23) ----------------------------------
INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule)
SELECT 'offnet', 'offnet_customer', 'boolean', v.*
FROM (VALUES
    ('offnet_high_value',      'High-value off-net customer',            '异网高价值客户',       'number_card', 'monthly', 's.arpu >= 100'),
    ('offnet_close',           'Talks mostly with our customers',        '异网密切联系本网',     'number_card', 'monthly', 's.minutes_with_us >= 200'),
    ('offnet_approaching',     'Talks more and more with our customers', '异网联系本网增多',     'number_card', 'monthly', 's.calls_us > 1.5 * s.calls_us_before'),
    ('offnet_former',          'Former customer',                        '曾在本网客户',         'number_card', 'monthly', 's.former_us'),
    ('offnet_left_recent',     'Left us within half a year',             '近半年离网客户',       'number_card', 'monthly', 's.as_of - s.left_on BETWEEN 0 AND 180'),
    ('offnet_our_broadband',   'Off-net phone, our broadband',           '手机异网宽带本网',     'convergence', 'monthly', 's.our_broadband'),
    ('offnet_our_apps',        'Off-net customer in our apps',           '异网使用本网应用',     'benefit',     'monthly', 's.our_benefit'),
    ('offnet_in_grid',         'Off-net resident of our grids',          '网格内异网居民',       'number_card', 'monthly', 's.lives_grid'),
    ('offnet_family_ours',     'Off-net with family on our net',         '异网客户家人为本网',   'convergence', 'monthly', 's.family_ours'),
    ('offnet_fibre',           'Off-net in an estate with our fibre',    '异网且小区有本网光纤', 'broadband',   'monthly', 's.community_coverage'),
    ('offnet_answered',        'Off-net customer who answered us',       '异网有响应客户',       'number_card', 'monthly', 's.campaign_answers_m6 > 0'),
    ('offnet_tired',           'Off-net customer touched in vain',       '异网多次触达无响应',   'number_card', 'monthly', 's.campaign_touches_m6 >= 3 AND s.campaign_answers_m6 = 0'),
    ('offnet_fiveg_phone',     'Off-net with a 5G phone',                '异网5G终端客户',       'fiveg',       'monthly', 's.fiveg_phone'),
    ('offnet_contract_ending', 'Off-net contract ends within 90 days',   '异网合约90天内到期',   'number_card', 'monthly', 's.contract_until - s.as_of BETWEEN 0 AND 90'),
    ('offnet_guest',           'Off-net guest of an activity',           '异网活动参与者',       'number_card', 'monthly', 's.activity_guest'),
    ('offnet_student',         'Off-net student',                        '异网学生',             'number_card', 'monthly', 's.campus')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, unit, scale, rule)
SELECT 'offnet', 'offnet_customer', 'numeric', v.*
FROM (VALUES
    ('offnet_arpu',     'Estimated charges of the off-net customer', '异网消费估计',         'number_card', 'monthly', 'yuan',   2, 's.arpu'),
    ('offnet_data_gb',  'Estimated data of the off-net customer',    '异网流量估计',         'data',        'monthly', 'GB',     1, 's.data_gb'),
    ('offnet_ties',     'Our customers called',                      '异网客户联系本网人数', 'number_card', 'monthly', 'people', 0, 's.calls_us'),
    ('offnet_port_fit', 'Readiness to port in',                      '携入意向分',           'number_card', 'monthly', 'score',  0, 's.port_fit')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule, labels, labels_zh)
SELECT 'offnet', 'offnet_customer', 'enum', v.code, v.name, v.name_zh, v.business, v.refresh, v.rule, v.labels::text[], v.labels_zh::text[]
FROM (VALUES
    ('offnet_operator',    'Operator of the off-net customer',      '异网运营商',   'number_card', 'monthly', 'array_position(ARRAY[''mobile'', ''telecom'', ''broadnet''], s.operator) - 1',                                    '{China Mobile,China Telecom,China Broadnet}',              '{移动,电信,广电}'),
    ('offnet_left_reason', 'Reason for leaving us',                 '离网原因',     'number_card', 'monthly', 'array_position(ARRAY[''price'', ''network'', ''service'', ''family'', ''moved'', ''phone''], s.left_reason) - 1', '{price,network,service,family,moved away,contract phone}', '{资费,网络,服务,家人携带,迁居,购机}'),
    ('offnet_lead_kind',   'How the off-net customer became known', '异网线索来源', 'number_card', 'monthly', 'array_position(ARRAY[''circle'', ''visit'', ''activity'', ''online'', ''partner''], s.lead_kind) - 1',            '{calling circle,home visit,activity,online form,partner}', '{通信圈,走访,活动,线上表单,异业合作}')) AS v(code, name, name_zh, business, refresh, rule, labels, labels_zh);

-- ---- contact: Contact and answer (27) --------------------------------
INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule)
SELECT 'contact', 'contact_history', 'boolean', v.*
FROM (VALUES
    ('contact_tired',     'Contacted too often',             '过度接触客户',    'general', 'daily',    's.contacts_d30 >= 6'),
    ('contact_fresh',     'Not contacted for 90 days',       '近90天未接触',    'general', 'daily',    's.contacts_d90 = 0'),
    ('sms_many',          'Many marketing messages',         '短信触达频繁',    'general', 'daily',    's.sms_d30 >= 5'),
    ('called_lately',     'Called within 30 days',           '近30天已外呼',    'general', 'daily',    's.calls_d30 > 0'),
    ('visited_lately',    'Visited within 90 days',          '近90天已走访',    'general', 'daily',    's.visits_d90 > 0'),
    ('responsive',        'Answers marketing',               '营销响应客户',    'general', 'daily',    's.responses_d90 > 0'),
    ('buys_on_contact',   'Bought after contact in 90 days', '近90天营销成功',  'general', 'daily',    's.orders_d90 > 0'),
    ('refuses',           'Refused twice in 90 days',        '近期多次拒绝',    'general', 'daily',    's.refusals_d90 >= 2'),
    ('unreachable',       'Not reached lately',              '外呼难接通',      'general', 'daily',    's.unreachable_d90 >= 3'),
    ('consent_withdrawn', 'Consent to marketing withdrawn',  '撤回营销同意',    'general', 'realtime', 's.no_consent'),
    ('dnd',               'Do not disturb',                  '免打扰客户',      'general', 'realtime', 's.dnd'),
    ('coupon_user',       'Redeems coupons',                 '用券客户',        'general', 'daily',    's.coupons_redeemed_y1 > 0'),
    ('coupon_collector',  'Claims coupons, never redeems',   '领券不用客户',    'general', 'daily',    's.coupons_claimed_y1 >= 2 AND s.coupons_redeemed_y1 = 0'),
    ('coupon_open',       'Unused coupon in hand',           '持有未用优惠券',  'general', 'daily',    's.coupon_open'),
    ('coupon_ending',     'Coupon ends within a week',       '优惠券7天内到期', 'general', 'daily',    's.coupon_ends_on - s.as_of BETWEEN 0 AND 7'),
    ('activity_fan',      'Joins activities',                '活动爱好者',      'general', 'daily',    's.campaigns_y1 >= 3'),
    ('callback_due',      'Asked to be called back',         '预约回访客户',    'general', 'daily',    's.callback_asked AND s.callback_on >= s.as_of'),
    ('control_group',     'In the global control group',     '全局对照组客户',  'general', 'daily',    's.control'),
    ('order_open',        'Has an open work order',          '有未结工单',      'general', 'daily',    's.open_orders > 0')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, unit, scale, rule)
SELECT 'contact', 'contact_history', 'numeric', v.*
FROM (VALUES
    ('contacts_7',    'Contacts in a week',        '近7天接触次数',  'general', 'daily', 'times', 0, 's.contacts_d7'),
    ('contacts_30',   'Contacts in 30 days',       '近30天接触次数', 'general', 'daily', 'times', 0, 's.contacts_d30'),
    ('response_rate', 'Answers per contact',       '接触响应率',     'general', 'daily', 'ratio', 2, 's.responses_d90::numeric / NULLIF(s.contacts_d90, 0)'),
    ('best_hour',     'Hour with the best answer', '最佳接触时段',   'general', 'daily', 'hour',  0, 's.best_hour'),
    ('call_interest', 'Interest noted in calls',   '外呼兴趣评分',   'general', 'daily', 'score', 0, 's.script_interest')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule, labels, labels_zh)
SELECT 'contact', 'contact_history', 'enum', v.code, v.name, v.name_zh, v.business, v.refresh, v.rule, v.labels::text[], v.labels_zh::text[]
FROM (VALUES
    ('contact_last_channel', 'Channel of the last contact',  '最近接触渠道', 'general', 'daily', 'array_position(ARRAY[''outbound'', ''hall'', ''grid'', ''internet'', ''hotline'', ''sms''], s.contact_last_channel) - 1', '{outbound call,hall,grid manager,internet,hotline,message}', '{外呼,营业厅,网格经理,互联网,热线,短信}'),
    ('best_channel',         'Channel with the best answer', '最佳触达渠道', 'general', 'daily', 'array_position(ARRAY[''outbound'', ''hall'', ''grid'', ''internet'', ''hotline'', ''sms''], s.best_channel) - 1',         '{outbound call,hall,grid manager,internet,hotline,message}', '{外呼,营业厅,网格经理,互联网,热线,短信}'),
    ('need_told',            'Need told to the manager',     '走访反馈需求', 'general', 'daily', 'array_position(ARRAY[''none'', ''plan'', ''broadband'', ''phone'', ''service''], s.feedback_need) - 1',                   '{none,plan,broadband,phone,service}',                        '{无,套餐,宽带,终端,服务}')) AS v(code, name, name_zh, business, refresh, rule, labels, labels_zh);

-- ---- need: Needs (23) ------------------------------------------------
INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, rule)
SELECT 'need', 'need_signal', 'boolean', v.*
FROM (VALUES
    ('plan_misfit',        'Plan too dear for the use',           '套餐偏高客户',     'plan',        'daily', 's.plan_fit_price >= 20'),
    ('upgrade_fits',       'Next plan costs less than the packs', '升档更划算',       'plan',        'daily', 's.upgrade_step < s.pack_spend'),
    ('searched_plan',      'Searches for plans',                  '搜索套餐客户',     'plan',        'daily', 's.searched_plan_d30 > 0'),
    ('searched_data',      'Searches for data packs',             '搜索流量包客户',   'data',        'daily', 's.searched_data_d30 > 0'),
    ('searched_broadband', 'Searches for broadband',              '搜索宽带客户',     'broadband',   'daily', 's.searched_broadband_d30 > 0'),
    ('searched_phone',     'Searches for phones',                 '搜索终端客户',     'terminal',    'daily', 's.searched_phone_d30 > 0'),
    ('searched_roaming',   'Searches for roaming',                '搜索漫游客户',     'roaming',     'daily', 's.searched_roaming_d30 > 0'),
    ('bill_watcher',       'Checks bills often',                  '频繁查询账单',     'service',     'daily', 's.searched_bill_d30 >= 5'),
    ('balance_watcher',    'Checks the balance often',            '频繁查询余额',     'top_up',      'daily', 's.searched_balance_d30 >= 8'),
    ('speed_tester',       'Tests the speed often',               '频繁测速',         'fiveg',       'daily', 's.speed_tests_d30 >= 3'),
    ('need_second_line',   'Needs a number for the family',       '副卡需求客户',     'number_card', 'daily', 's.wants_second_line'),
    ('need_home_wifi',     'Needs better Wi-Fi',                  '组网需求客户',     'smart_home',  'daily', 's.wants_home_wifi'),
    ('need_camera',        'Needs a camera',                      '看家需求客户',     'smart_home',  'daily', 's.wants_camera'),
    ('need_elder_care',    'Needs care for an elder',             '康养需求客户',     'smart_home',  'daily', 's.wants_elder_care'),
    ('need_cloud',         'Needs storage',                       '云存储需求客户',   'cloud',       'daily', 's.wants_cloud'),
    ('need_storefront',    'Needs service for a shop',            '商铺上云需求客户', 'enterprise',  'daily', 's.wants_storefront'),
    ('price_minded',       'Sensitive to price',                  '价格敏感客户',     'plan',        'daily', 's.price_sensitive >= 70'),
    ('speed_sensitive',    'Sensitive to speed',                  '网速敏感客户',     'broadband',   'daily', 's.speed_sensitive >= 70'),
    ('service_sensitive',  'Sensitive to service',                '服务敏感客户',     'service',     'daily', 's.service_sensitive >= 70'),
    ('gift_sensitive',     'Sensitive to gifts',                  '赠品敏感客户',     'benefit',     'daily', 's.gift_sensitive >= 70')) AS v;

INSERT INTO mkt.catalogue_tag (class_code, source_code, kind, code, name, name_zh, business_code, refresh, unit, scale, rule)
SELECT 'need', 'need_signal', 'numeric', v.*
FROM (VALUES
    ('plan_saving',  'Monthly saving with the best-fitting plan', '适配套餐月节省', 'plan', 'daily', 'yuan', 2, 's.plan_fit_price'),
    ('plan_gap_gb',  'Data missing in the plan',                  '月流量缺口',     'data', 'daily', 'GB',   1, 's.plan_fit_gb'),
    ('upgrade_step', 'Step to the next plan',                     '升档差价',       'plan', 'daily', 'yuan', 2, 's.upgrade_step')) AS v;
