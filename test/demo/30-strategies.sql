-- test/demo/30-strategies.sql: what the operator sells, six strategies, and the rules that protect customers.
-- The operator's figures are invented; propensities are logistic models over
-- real attributes, with coefficients set by hand.
INSERT INTO mkt.product (product_code, type_code, family, name, name_zh, business, price, core) VALUES
    ('fiber300',   'home_internet', 'broadband', 'Fibre 300M',             '百兆宽带',       'broadband',   69.00, true),
    ('fiber1000',  'home_internet', 'broadband', 'Fibre 1000M',            '千兆宽带',       'broadband',  129.00, true),
    ('fttr',       'home_internet', 'broadband', 'Whole-home fibre (FTTR)', '全屋光宽FTTR',  'broadband',  199.00, true),
    ('plan5g',     'plan',          'plan',      '5G plan 129',            '5G畅爽套餐129',  'plan',       129.00, true),
    ('plan_basic', 'plan',          'plan',      'Plan 39',                '惠民套餐39',     'plan',        39.00, false),
    ('plan_bound', 'plan',          'contract',  'Loyalty contract',       '老用户续约合约', 'plan',        99.00, true),
    ('data_pack',  'light',         'data',      'Data pack 20 GB',        '20GB流量包',     'data',        19.00, false),
    ('video_pack', 'preference',    'data',      'Video data pack',        '视频定向流量包', 'data',        15.00, false),
    ('top_up',     'scenario',      'top_up',    'Top-up with bonus',      '充值有礼',       'top_up',     100.00, false),
    ('port_in',    'plan',          'number',    'Port-in number card',    '携号转网号卡',   'number_card', 59.00, true),
    ('phone5g',    'terminal',      'terminal',  '5G phone',               '5G手机',         'terminal',  1999.00, false),
    ('pay_later',  'finance',       'terminal',  'Phone in instalments',   '信用购机',       'terminal',     0.00, false);
-- one owner a product (S0-093): head office
UPDATE mkt.product SET owner_org = (SELECT o.org_id FROM mkt.org AS o WHERE o.tier = 1);

INSERT INTO mkt.offer (offer_code, product_code, name, name_zh, value, cost, valid_from, valid_to, template) VALUES
    ('port_in_half',  'port_in',    'Port in, half price for a year', '携转首年半价',     620, 180, '2026-10-01', '2027-01-01', '携号转网，首年月费五折，号码不变。'),
    ('video_free',    'video_pack', 'Three months of video for free', '视频流量免三个月',  75,  12, '2026-10-01', NULL,         '您已开通5G，视频定向流量免费体验三个月。'),
    ('up5g',          'plan5g',     'To 5G with a phone voucher',     '升5G送购机券',     310,  90, '2026-10-01', '2027-01-01', '升级5G套餐，立得200元购机券。'),
    ('fiber_up',      'fiber1000',  'From 300M to 1000M',             '百兆升千兆',       180,  40, '2026-10-01', NULL,         '宽带提速到千兆，前三个月按百兆收费。'),
    ('fiber_first',   'fiber300',   'Fibre, first month free',        '宽带首月免费',     210,  70, '2026-10-01', NULL,         '新装百兆宽带，首月免费，安装免费。'),
    ('fttr_install',  'fttr',       'FTTR, free installation',        'FTTR免费安装',     420, 140, '2026-10-01', NULL,         '全屋光宽，每个房间都是千兆，安装免费。'),
    ('loyal_year',    'plan_bound', 'One year, one month free',       '续约一年送一月',   540, 100, '2026-10-01', '2027-01-01', '老用户专享：续约一年，赠送一个月月费。'),
    ('come_back',     'plan_basic', 'Come back at 39',                '回归立减套餐39',   260,  60, '2026-10-01', NULL,         '欢迎回来：39元套餐，三个月内不满意可退。');

-- Propensity models: numeric tags between 0 and 1. Two come with 20-tags
-- (p_join, p_fiveg); the others are logistic, their coefficients set by hand.
\o /dev/null
SELECT mkt.tag_define(m.code, 'numeric', m.name, m.name_zh, as_of => '2026-11-01 20:00+08', scale => 4, class => 'model', business => m.business,
                      source => 'SELECT p.* FROM mkt.customer_profile AS p JOIN mkt.customer AS c ON c.cid = p.cid WHERE c.live',
                      rule => format('CASE WHEN %s THEN round((1 / (1 + exp(-(%s))))::numeric, 4) END', m.who, m.logit))
FROM (VALUES
    ('p_video', 'Likely to use a video pack',  '视频包倾向',   'data',      'NOT s.churned',
     '-1.6 + 0.7 * (s.streaming_movies OR s.streaming_tv)::integer - 0.008 * s.tenure_months'),
    ('p_fttr',  'Likely to take FTTR',         '全屋光宽倾向', 'broadband', 'NOT s.churned',
     '-2.7 + 0.6 * s.partner::integer + 0.4 * s.dependents::integer + 0.5 * s.streaming_tv::integer'),
    ('p_renew', 'Likely to renew when asked',  '续约倾向',     'plan',      'NOT s.churned',
     '-0.9 - 1.4 * (s.churn_score - 0.5) + 0.010 * s.tenure_months'),
    ('p_back',  'Likely to come back',         '回流倾向',     'plan',      's.churned',
     '-2.6 + 0.9 * s.senior::integer + 0.012 * s.tenure_months')) AS m(code, name, name_zh, business, who, logit);
SELECT * FROM mkt.tag_refresh(ARRAY['p_video', 'p_fttr', 'p_renew', 'p_back'], '2026-11-02 02:10+08');
\o

INSERT INTO mkt.strategy (code, family_code, name, name_zh, kind_code, status) VALUES
    ('port_in',   'acquire',    'Bring good off-net customers over',   '异网高值携转',   'growth', 'published'),
    ('video5g',   'activate',   'Video for idle 5G customers',         '5G视频激活',     'stock',  'published'),
    ('to5g',      'upgrade',    'Heavy users to 5G',                   '高值用户升5G',   'stock',  'published'),
    ('fttr',      'cross_sell', 'Whole-home fibre for fibre families', '全屋光宽融合',   'growth', 'published'),
    ('renew',     'retain',     'Renew before they leave',             '离网预警续约',   'stock',  'published'),
    ('come_back', 'win_back',   'Win back who has left',               '流失客户赢回',   'visit',  'published');

INSERT INTO mkt.strategy_version (strategy_id, version, eligibility, applicability, suitability, offer_code, propensity_tag,
                                  context_factor, control_share, sla_days, valid_from)
SELECT s.strategy_id, 1, v.eligibility::mkt.tagexpr, v.applicability::mkt.tagexpr, v.suitability::mkt.tagexpr,
       v.offer_code, v.propensity_tag, v.context_factor, v.control_share, v.sla_days, '2026-10-01 00:00+08'
FROM (VALUES
    ('port_in',   'off_net & p_join >= 0',                         'arpu >= 70',          'tenure < 48',      'port_in_half', 'p_join',  1.0, 0.10, 14),
    ('video5g',   'own_net & fiveg & p_video >= 0',                'arpu >= 30',          '!tv | arpu < 70',  'video_free',   'p_video', 1.0, 0.05,  7),
    ('to5g',      'own_net & !fiveg & p_fiveg >= 0',               'tenure >= 6',         'arpu >= 50',       'up5g',         'p_fiveg', 1.1, 0.10, 10),
    ('fttr',      'own_net & fiber & p_fttr >= 0',                 '!care',               'arpu >= 75',       'fttr_install', 'p_fttr',  1.0, 0.05, 14),
    ('renew',     'own_net & contract = ''month'' & p_renew >= 0', 'churn_score >= 0.35', 'tenure >= 3',      'loyal_year',   'p_renew', 1.3, 0.10,  7),
    ('come_back', 'own_net & churned & p_back >= 0',               'tenure >= 1',         NULL,               'come_back',    'p_back',  1.0, 0.05, 14)
    ) AS v(code, eligibility, applicability, suitability, offer_code, propensity_tag, context_factor, control_share, sla_days)
JOIN mkt.strategy AS s ON s.code = v.code;

INSERT INTO mkt.strategy_channel (strategy_id, rank, channel_code)
SELECT s.strategy_id, c.rank, c.channel_code
FROM (VALUES ('port_in', '{grid,internet}'::text[]), ('video5g', '{sms,internet}'), ('to5g', '{outbound,hall,sms}'),
             ('fttr', '{hall,grid}'), ('renew', '{hotline,outbound,hall}'), ('come_back', '{grid,outbound}')) AS v(code, channels)
JOIN mkt.strategy AS s ON s.code = v.code
CROSS JOIN LATERAL unnest(v.channels) WITH ORDINALITY AS c(channel_code, rank);

-- the customer is protected: two contacts in seven days, one of them at most by SMS
INSERT INTO mkt.contact_cap (name, name_zh, channels, max_contacts, span, clock) VALUES
    ('Two marketing contacts a week', '每周营销触达不超过两次', NULL, 2, '7 days', 'rolling'),
    ('One marketing SMS a week',      '每周营销短信不超过一条', '{sms}', 1, '7 days', 'rolling');
-- nobody hears of terminals twice a month, nor of a renewal and of whole-home fibre in one week
INSERT INTO mkt.repeat_window (family, span) VALUES ('terminal', '30 days');
INSERT INTO mkt.strategy_pair (strategy_id, other_id, kind, span)
SELECT a.strategy_id, b.strategy_id, 'never', '7 days' FROM mkt.strategy AS a, mkt.strategy AS b WHERE a.code = 'renew' AND b.code = 'fttr';
INSERT INTO mkt.suppression (cid, reason, since)
SELECT c.cid, demo.pick('{court case,open complaint,own staff}', 'suppression', c.cid), '2026-09-01 00:00+08'
FROM mkt.customer AS c WHERE demo.rnd('suppressed', c.cid) < 0.002;

-- 5 % of all customers are left alone all year: what the whole is worth
INSERT INTO mkt.holdout (name, salt, bucket_from, bucket_to, valid_from, valid_to)
SELECT 'Global control 2026', p.tenant_salt, 0, 500, '2026-01-01 00:00+08', '2027-01-01 00:00+08' FROM mkt.platform AS p;

SELECT f.name_zh AS "策略族", s.code AS strategy, s.name_zh AS "策略", k.name_zh AS "任务清单", v.eligibility, o.name_zh AS "权益", o.value,
       (SELECT string_agg(h.name_zh, ' → ' ORDER BY c.rank) FROM mkt.strategy_channel AS c JOIN mkt.channel AS h USING (channel_code) WHERE c.strategy_id = s.strategy_id) AS "渠道",
       mkt.audience_count(v.eligibility) AS eligible
FROM mkt.strategy AS s
JOIN mkt.strategy_family AS f USING (family_code)
JOIN mkt.task_kind AS k USING (kind_code)
JOIN mkt.strategy_version AS v USING (strategy_id)
JOIN mkt.offer AS o USING (offer_code)
ORDER BY f.ordinal;

-- the strategy cube: who stands where, and for which cells a strategy is made
INSERT INTO mkt.cube_value (axis_code, value_code, ordinal, name, name_zh, definition) VALUES
    ('behaviour',  'streams',   1, 'Streams',               '视频活跃',   'tv'),
    ('behaviour',  'quiet',     2, 'Uses little',           '使用清淡',   '!tv'),
    ('need',       'speed',     1, 'Needs more speed',      '提速需求',   'broadband & !fiber'),
    ('need',       'mobile',    2, 'Needs 5G',              '升5G需求',   '!fiveg'),
    ('preference', 'paperless', 1, 'Prefers online',        '线上偏好',   'paperless'),
    ('preference', 'counter',   2, 'Prefers people',        '线下偏好',   '!paperless'),
    ('value',      'high',      1, 'High value',            '高价值',     'arpu >= 80'),
    ('value',      'middle',    2, 'Middle value',          '中价值',     'arpu >= 50 & arpu < 80'),
    ('value',      'low',       3, 'Low value',             '低价值',     'arpu < 50');
UPDATE mkt.cube_value AS v SET definition = d.definition::mkt.tagexpr
FROM (VALUES ('prospect', 'off_net'), ('new', 'own_net & !churned & tenure < 6'), ('growing', 'own_net & !churned & tenure >= 6 & tenure < 24 & churn_score < 0.5'),
             ('mature', 'own_net & !churned & tenure >= 24 & churn_score < 0.5'), ('at_risk', 'own_net & !churned & tenure >= 6 & churn_score >= 0.5'),
             ('left', 'own_net & churned')) AS d(value_code, definition)
WHERE v.axis_code = 'life_stage' AND v.value_code = d.value_code;
INSERT INTO mkt.strategy_cube (strategy_id, axis_code, value_code)
SELECT s.strategy_id, c.axis_code, c.value_code
FROM (VALUES ('port_in', 'life_stage', 'prospect'), ('port_in', 'business', 'number_card'), ('video5g', 'business', 'data'), ('video5g', 'scene', 'data_threshold'),
             ('video5g', 'life_stage', 'growing'), ('video5g', 'life_stage', 'mature'), ('to5g', 'business', 'plan'), ('to5g', 'need', 'mobile'), ('to5g', 'scene', 'topup_arrived'),
             ('fttr', 'business', 'broadband'), ('fttr', 'scene', 'broadband_expiry'), ('fttr', 'value', 'high'), ('renew', 'business', 'plan'), ('renew', 'scene', 'cancellation'),
             ('renew', 'life_stage', 'at_risk'), ('come_back', 'life_stage', 'left'), ('come_back', 'scene', 'arrears_suspended')) AS c(code, axis_code, value_code)
JOIN mkt.strategy AS s ON s.code = c.code;
\echo the strategy cube along the life of a customer, high value only; and what the strategies leave uncovered
SELECT c.name_zh AS "生命周期", c.members, c.strategies, c.covered FROM mkt.cube_slice('life_stage', '{"value": "high"}', '2026-11-02 08:00+08') AS c;
SELECT c.name_zh AS "覆盖", c.covered, c.total, c.share, CASE WHEN c.coverage_code <> 'customer' THEN array_to_string(c.uncovered, '、') END AS "未覆盖" FROM mkt.strategy_coverage('2026-11-02 08:00+08') AS c;
