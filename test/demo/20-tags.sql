-- test/demo/20-tags.sql: what is known about customers, as tags.
-- 24 tags over one join and the two of the system are loaded by one call; a
-- rule is SQL over the alias s of the source (S0-036, S3-016).
SELECT format($$
    SELECT c.cid, c.net, c.joined_on, p.female, p.senior, p.partner, p.dependents, p.tenure_months, p.phone_service, p.multiple_lines,
           p.internet_service, p.online_security, p.tech_support, p.streaming_tv, p.streaming_movies, p.contract, p.paperless_billing,
           p.payment_method, p.monthly_charges, p.total_charges, p.churned, p.fiveg, p.churn_score
    FROM mkt.customer AS c LEFT JOIN mkt.customer_profile AS p ON p.cid = c.cid
    WHERE c.live$$) AS source \gset

\set define 'SELECT count(mkt.tag_define(t.code, t.kind, t.name, t.name_zh, as_of => ''2026-11-01 20:00+08'', class => t.class, business => t.business, unit => t.unit, scale => t.scale, owner => ''user centre'', source => :''source'', rule => t.rule)) AS tags_defined FROM'
:define (VALUES
    -- who: the customer structure (S0-032, S0-039)
    ('own_net',        'boolean', 'On our net',                    '本网客户',       'structure',  NULL,        NULL, 0, $$s.net = 'own'$$),
    ('off_net',        'boolean', 'On another net',                '异网客户',       'structure',  NULL,        NULL, 0, $$s.net = 'off'$$),
    ('female',         'boolean', 'Woman',                         '女性客户',       'structure',  NULL,        NULL, 0, 's.female'),
    ('senior',         'boolean', 'Senior citizen',                '老年客户',       'structure',  NULL,        NULL, 0, 's.senior'),
    ('family',         'boolean', 'Partner or dependents',         '家庭客户',       'structure',  NULL,        NULL, 0, 's.partner OR s.dependents'),
    ('tenure',         'numeric', 'Months on the net',             '网龄',           'structure',  NULL,        '月', 0, 's.tenure_months'),
    -- what they have: business tags for key business (S0-038, S2-014)
    ('has_phone',      'boolean', 'Has a phone line',              '语音用户',       'business',   'mobile',    NULL, 0, 's.phone_service'),
    ('multi_line',     'boolean', 'Several lines',                 '多线用户',       'business',   'mobile',    NULL, 0, 's.multiple_lines'),
    ('fiveg',          'boolean', 'Uses 5G',                       '5G用户',         'business',   'mobile',    NULL, 0, 's.fiveg'),
    ('broadband',      'boolean', 'Has home broadband',            '宽带用户',       'business',   'broadband', NULL, 0, $$s.internet_service <> 'none'$$),
    ('fiber',          'boolean', 'Broadband over fibre',          '光宽用户',       'business',   'broadband', NULL, 0, $$s.internet_service = 'fiber'$$),
    ('tv',             'boolean', 'Streams television or films',   '视频用户',       'business',   'content',   NULL, 0, 's.streaming_tv OR s.streaming_movies'),
    ('safe_home',      'boolean', 'Buys online security',          '安全服务用户',   'business',   'broadband', NULL, 0, 's.online_security'),
    ('care',           'boolean', 'Buys technical support',        '专属服务用户',   'business',   'broadband', NULL, 0, 's.tech_support'),
    -- what they are worth, and how they pay: value and preference (S0-034)
    ('arpu',           'numeric', 'Monthly charges',               '月出账',         'value',      NULL,        '元', 2, 's.monthly_charges'),
    ('paid_total',     'numeric', 'Charges in all',                '累计出账',       'value',      NULL,        '元', 2, 's.total_charges'),
    ('paperless',      'boolean', 'Paperless bills',               '电子账单用户',   'preference', NULL,        NULL, 0, 's.paperless_billing'),
    -- models: scores between 0 and 1 (S0-037)
    ('churned',        'boolean', 'Has left before',               '曾离网客户',     'risk',       NULL,        NULL, 0, 's.churned'),
    ('churn_score',    'numeric', 'Likely to leave',               '离网倾向',       'model',      NULL,        NULL, 4, 's.churn_score'),
    ('p_fiveg',        'numeric', 'Likely to take 5G',             '5G倾向',         'model',      'mobile',    NULL, 4,
     $$CASE WHEN s.net = 'own' AND NOT s.fiveg THEN least(0.9, 0.08 + s.monthly_charges / 400 + CASE WHEN s.senior THEN 0 ELSE 0.07 END) END$$),
    ('p_broadband',    'numeric', 'Likely to take broadband',      '宽带倾向',       'model',      'broadband', NULL, 4,
     $$CASE WHEN s.internet_service = 'none' THEN 0.06 + CASE WHEN s.partner OR s.dependents THEN 0.12 ELSE 0 END + least(s.tenure_months, 60) / 600.0 END$$),
    ('p_join',         'numeric', 'Likely to come over to us',     '入网倾向',       'model',      'mobile',    NULL, 4,
     $$CASE WHEN s.net = 'off' THEN greatest(0.02, 0.22 - coalesce(s.tenure_months, 24) / 400.0) END$$)
) AS t(code, kind, name, name_zh, class, business, unit, scale, rule);

-- enumerations: labels in the order of their numbers
SELECT mkt.tag_define('contract', 'enum', 'Length of contract', '合约类型', as_of => '2026-11-01 20:00+08', class => 'value', source => :'source', rule => 's.contract',
                      labels => '{month,one_year,two_year}', labels_zh => '{月付,一年合约,两年合约}') IS NOT NULL
   AND mkt.tag_define('payment', 'enum', 'Way of paying', '缴费方式', as_of => '2026-11-01 20:00+08', class => 'preference', source => :'source', rule => 's.payment_method') IS NOT NULL
   AS enums_defined;

\echo one scan of a source computes all of its tags
SELECT r.code, t.name_zh, t.kind, r.members, r.ms
FROM mkt.tag_refresh(as_of => '2026-11-02 02:00+08') AS r
JOIN mkt.tag AS t ON t.code = r.code
ORDER BY t.tag_id;
VACUUM (ANALYZE) mkt.tag, mkt.tag_label, mkt.tag_block;

\echo questions while you type
SELECT e.expression, mkt.audience_count(e.expression) AS customers
FROM (VALUES ('宽带用户 & 月出账 >= 80 & !曾离网客户'::mkt.tagexpr),
             ('broadband & contract = ''月付'' & churn_score > 0.5'),
             ('own_net & !fiveg & arpu between 50 and 100'),
             ('off_net & p_join >= 0.2')) AS e(expression)
ORDER BY e.expression;
