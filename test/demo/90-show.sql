-- test/demo/90-show.sql: the four cockpits (四大驾驶舱).
--
-- Only queries of mkt_cockpit: what a BI tool would ask. Rates print in per
-- cent. Lists are short; the views hold all rows.
\pset border 2
\pset linestyle unicode
\pset null '-'
\pset numericlocale off
SET timezone = 'Asia/Shanghai';

-- a part of the whole, for people
CREATE FUNCTION pg_temp.pct(rate numeric) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN to_char(rate * 100, 'FM990.0') || '%';
-- city, county and grid of a path: the whole of it is too wide for a terminal
CREATE FUNCTION pg_temp.place(path text) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN concat_ws(' ', nullif(split_part(path, ' / ', 2), ''), nullif(split_part(path, ' / ', 3), ''), nullif(split_part(path, ' / ', 5), ''));
-- a share drawn, for people
CREATE FUNCTION pg_temp.bar(rate numeric) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN repeat('█', round(coalesce(rate, 0) * 20)::integer);

\echo
\echo '════ 总览 Overview ═══════════════════════════════════════════════════════════'
SELECT o.name_zh AS "驾驶舱", o.orientation_zh AS "定位", o.centre_zh AS "中心",
       f.figures[1] AS "指标一", f.figures[2] AS "指标二", f.figures[3] AS "指标三",
       to_char(o.as_of, 'MM-DD HH24:MI') AS "数据时间"
FROM mkt_cockpit.overview AS o
CROSS JOIN LATERAL (
    SELECT array_agg(v.label || ' ' || CASE v.unit WHEN '0..1' THEN pg_temp.pct(v.value) WHEN 'hours' THEN v.value || ' 小时'
                                                   ELSE to_char(v.value, 'FM999,999,999') END ORDER BY v.k) AS figures
    FROM (VALUES (1, o.figure1_zh, o.value1, o.unit1), (2, o.figure2_zh, o.value2, o.unit2), (3, o.figure3_zh, o.value3, o.unit3)) AS v(k, label, value, unit)
) AS f
ORDER BY array_position(ARRAY['command', 'customer', 'traffic', 'middle'], o.cockpit);

\echo
\echo '════ 一、指挥调度 Command and dispatch ═══════════════════════════════════════'
\echo '三类任务清单 Three kinds of task lists'
SELECT kind_name_zh AS "清单", strategy_name_zh AS "策略", issued AS "下发", accepted AS "领取", contacted AS "触达",
       succeeded AS "成功", refused AS "拒绝", unreachable AS "失联", overdue AS "超期", open AS "在途",
       pg_temp.pct(contact_rate) AS "触达率", pg_temp.pct(success_rate) AS "成功率", round(value_yuan) AS "价值(元)"
FROM mkt_cockpit.command_task_list
ORDER BY kind_code, issued DESC;

\echo '七层穿透：每层取任务最多的单位 Seven layers: in each, the unit with most tasks below the one above'
WITH RECURSIVE unit AS MATERIALIZED (
    SELECT * FROM mkt_cockpit.command_tier_progress
), way AS (
    SELECT u.* FROM unit AS u WHERE u.tier = 1
    UNION ALL
    (SELECT u.* FROM way AS w JOIN unit AS u ON u.parent_org_id = w.org_id ORDER BY u.issued DESC, u.code LIMIT 1)
)
SELECT tier_name_zh AS "层级", name_zh AS "单位", issued AS "下发", accepted AS "领取", contacted AS "触达", succeeded AS "成功",
       overdue AS "超期", open AS "在途", pg_temp.pct(contact_rate) AS "触达率", pg_temp.pct(success_rate) AS "成功率"
FROM way ORDER BY tier;

\echo '地市任务进度 Progress of the cities'
SELECT name_zh AS "地市", issued AS "下发", accepted AS "领取", contacted AS "触达", succeeded AS "成功", refused AS "拒绝",
       overdue AS "超期", pg_temp.pct(contact_rate) AS "触达率", pg_temp.pct(success_rate) AS "成功率", pg_temp.bar(share_of_parent) AS "任务占比"
FROM mkt_cockpit.command_drill
WHERE parent_code = (SELECT code FROM mkt_cockpit.command_drill WHERE parent_code IS NULL)
ORDER BY issued DESC;

\echo '作战地图：任务最多的区县 Battle map of the county with most tasks'
SELECT m.county_name_zh AS "区县", m.name_zh AS "作战单元", m.kind_name_zh AS "类型", m.households AS "住户", m.own_customers AS "本网", m.off_customers AS "异网",
       pg_temp.pct(m.own_share) AS "本网份额", m.ports_free AS "空闲端口", m.open_tasks AS "在途", m.succeeded AS "成功",
       round(m.sales_yuan) AS "销售(元)", pg_temp.pct(m.churn_risk) AS "离网风险", m.staff_name_zh AS "责任人"
FROM mkt_cockpit.command_battle_map AS m
WHERE m.county_code = (SELECT code FROM mkt_cockpit.command_tier_progress WHERE tier = 3 ORDER BY issued DESC, code LIMIT 1)
ORDER BY m.open_tasks DESC, m.code
LIMIT 8;

\echo '负荷最重的人员 People with most work at hand'
SELECT name_zh AS "人员", post_name_zh AS "岗位", pg_temp.place(path_zh) AS "地市 区县 网格", open AS "在途", overdue AS "超期", daily_capacity AS "日产能", load_days AS "在手天数"
FROM mkt_cockpit.command_staff_load
ORDER BY load_days DESC NULLS LAST, staff_code
LIMIT 5;

\echo '无人承接 Nobody to carry it out'
SELECT round_name_zh AS "批次", strategy_name_zh AS "策略", reason_zh AS "原因", customers AS "客户"
FROM mkt_cockpit.command_unrouted
ORDER BY customers DESC, strategy_code, reason
LIMIT 4;

\echo
\echo '════ 二、客户运营 Customer operation ═════════════════════════════════════════'
\echo '客户结构 Structure'
SELECT net_name_zh AS "网别", lifecycle_name_zh AS "生命周期",
       sum(customers) FILTER (WHERE area_kind = 'community') AS "社区", sum(customers) FILTER (WHERE area_kind = 'rural') AS "农村",
       sum(customers) FILTER (WHERE area_kind NOT IN ('community', 'rural')) AS "其他", sum(customers) AS "合计",
       round(sum(monthly_yuan) / sum(customers), 1) AS "户均月费(元)",
       pg_temp.bar(sum(customers) / sum(sum(customers)) OVER ()) AS "占比"
FROM mkt_cockpit.customer_structure
GROUP BY net_name_zh, lifecycle_name_zh, net, lifecycle
ORDER BY net DESC, sum(customers) DESC;

\echo '策略覆盖 Coverage of the six strategies'
SELECT family_name_zh AS "策略类", strategy_name_zh AS "策略", candidates AS "候选", issued AS "下发", control AS "对照组", refused AS "规则排除", unrouted AS "无人承接",
       pg_temp.pct(coverage_rate) AS "覆盖率", top_refusal_zh AS "首要排除原因"
FROM mkt_cockpit.customer_strategy_coverage
ORDER BY issued DESC;

\echo '渠道效果 What each channel brings'
SELECT name_zh AS "渠道", issued AS "下发", contacted AS "触达", responded AS "响应", pg_temp.pct(conversion_rate) AS "转化率",
       cost_yuan AS "成本(元)", value_yuan AS "价值(元)", roi_output_input AS "投入产出比", other_contacts AS "非工单触达"
FROM mkt_cockpit.customer_channel_effect
ORDER BY issued DESC, channel_code;

\echo '策略增益：与对照组相比 What each strategy adds over its control group'
SELECT strategy_name_zh AS "策略", treated AS "营销组", treated_converted AS "其中购买", control AS "对照组", control_converted AS "其中购买 ",
       pg_temp.pct(treated_rate) AS "营销组购买率", pg_temp.pct(control_rate) AS "对照组购买率", lift_pp AS "提升(百分点)"
FROM mkt_cockpit.customer_strategy_effect
ORDER BY lift_pp DESC NULLS LAST;

\echo '标签目录 Tags with most members'
SELECT tag_code AS "编码", name_zh AS "标签", kind AS "类型", members AS "客户数", coverage_pct AS "覆盖率%", to_char(refreshed_at, 'MM-DD HH24:MI') AS "刷新时间"
FROM mkt_cockpit.customer_tag_catalogue
WHERE members > 0
ORDER BY members DESC, tag_code
LIMIT 8;

\echo
\echo '════ 三、流量运营 Traffic operation ══════════════════════════════════════════'
\echo '码上漏斗 Behind the codes'
SELECT code_kind_name_zh AS "码", domain_name_zh AS "阵地", browsed AS "浏览", scanned AS "扫码", carted AS "加购", ordered AS "下单", paid AS "支付", collected AS "提货",
       pg_temp.pct(scan_rate) AS "扫码率", pg_temp.pct(click_to_deal) AS "点击成交率"
FROM mkt_cockpit.traffic_code_funnel
ORDER BY browsed DESC, code_kind, domain_code;

\echo '卡券漏斗 Coupons'
SELECT name_zh AS "批次", face_value_yuan AS "面额", generated AS "生成", issued AS "发放", claimed AS "领取", redeemed AS "核销", expired AS "过期", voided AS "作废",
       pg_temp.pct(claim_rate) AS "领取率", pg_temp.pct(redeem_rate) AS "核销率", redeemed_yuan AS "核销金额(元)"
FROM mkt_cockpit.traffic_coupon_funnel
ORDER BY batch_code;

\echo '阵地转化 Conversion by domain'
SELECT d.name_zh AS "阵地", d.fans AS "粉丝", f.new_30d AS "近30日新增", d.visitors AS "访客", d.buyers AS "购买者", d.orders AS "订单", round(d.amount_yuan) AS "金额(元)",
       pg_temp.pct(d.conversion_rate) AS "转化率"
FROM mkt_cockpit.traffic_domain_conversion AS d
JOIN mkt_cockpit.traffic_fan AS f ON f.domain_code = d.domain_code
ORDER BY d.visitors DESC, d.domain_code;

\echo '双域流转 From one domain to another: orders'
SELECT from_domain_name_zh AS "来自", to_domain_name_zh AS "成交于", customers AS "客户", orders AS "订单", round(amount_yuan) AS "金额(元)"
FROM mkt_cockpit.traffic_flow_matrix
WHERE from_domain_code <> to_domain_code
ORDER BY orders DESC, from_domain_code, to_domain_code
LIMIT 5;

\echo '扫码最多的营业厅 Halls whose code is scanned most'
SELECT name_zh AS "营业厅", pg_temp.place(path_zh) AS "地市 区县 网格", visitors AS "访客", orders AS "订单", round(amount_yuan) AS "金额(元)"
FROM mkt_cockpit.traffic_hall
ORDER BY visitors DESC, orders DESC, hall_code
LIMIT 5;

\echo
\echo '════ 四、中台运营 Middle-platform operation ══════════════════════════════════'
\echo '订单流 Order flow'
SELECT flow_name_zh AS "业务流", sum(orders) AS "订单",
       sum(orders) FILTER (WHERE state = 'placed') AS "已下单", sum(orders) FILTER (WHERE state = 'accepted') AS "已受理",
       sum(orders) FILTER (WHERE state = 'landed') AS "已落地", sum(orders) FILTER (WHERE state = 'dispatched') AS "已派单",
       sum(orders) FILTER (WHERE state = 'delivered') AS "已交付", sum(orders) FILTER (WHERE state = 'cancelled') AS "已取消",
       round(sum(amount_yuan)) AS "金额(元)"
FROM mkt_cockpit.middle_order_flow
GROUP BY flow, flow_name_zh
ORDER BY sum(orders) DESC;

\echo '自动受理 Automatic acceptance'
SELECT flow_name_zh AS "业务流", accepted AS "受理", auto_accepted AS "自动受理", pg_temp.pct(auto_rate) AS "自动受理率", pg_temp.pct(target_rate) AS "目标",
       CASE target_met WHEN true THEN '达标' WHEN false THEN '未达标' END AS "结论", pg_temp.pct(auto_dispatch_rate) AS "自动派单率", landing_p50_minutes AS "落地中位(分)"
FROM mkt_cockpit.middle_auto_acceptance
ORDER BY accepted DESC, flow;

\echo '交付时长 Time to delivery'
SELECT name_zh AS "交付方式", delivered AS "已交付", p50_minutes AS "中位(分)", p90_minutes AS "九成(分)", second_visits AS "二次上门", pg_temp.pct(second_visit_rate) AS "二次上门率"
FROM mkt_cockpit.middle_delivery_time
ORDER BY p50_minutes NULLS LAST, delivery_mode;

\echo '六大销售场景 Six scenes'
SELECT name_zh AS "场景", orders AS "订单", round(amount_yuan) AS "金额(元)", pg_temp.pct(share) AS "占比", pg_temp.pct(auto_rate) AS "自动受理率", pg_temp.bar(share) AS "订单占比"
FROM mkt_cockpit.middle_sale_scene
ORDER BY orders DESC, sale_scene;

\echo '十大机制 Ten mechanisms'
SELECT name_zh AS "机制", measure_zh AS "衡量", CASE unit WHEN '0..1' THEN pg_temp.pct(value) ELSE trim_scale(round(value, 1)) || CASE unit WHEN 'minutes' THEN ' 分钟' WHEN 'persons' THEN ' 人' ELSE ' 个' END END AS "现值",
       CASE unit WHEN '0..1' THEN pg_temp.pct(target) ELSE target::text END AS "目标", CASE target_met WHEN true THEN '达标' WHEN false THEN '未达标' END AS "结论"
FROM mkt_cockpit.middle_mechanism
ORDER BY proposed, mechanism_code;

\echo '数据时效 How fresh'
SELECT kind AS "类别", name_zh AS "来源", to_char(as_of, 'YYYY-MM-DD HH24:MI') AS "截至", CASE WHEN ok THEN '正常' ELSE '异常' END AS "状态", detail AS "说明"
FROM mkt_cockpit.freshness
ORDER BY kind DESC, source;
