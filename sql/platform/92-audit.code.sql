-- ----------------------------------------------------------------------
-- sql/platform/92-audit.code.sql: the checks we ship. A query gives one line
-- of text per breach; it runs with only pg_catalog on the search path.
-- ----------------------------------------------------------------------
INSERT INTO mkt.audit_check AS a (check_name, name_zh, promise, query) VALUES

('org_nested', '组织区间嵌套', 'Units nest: children lie inside their parent and beside one another.', $q$
    SELECT format('unit %s [%s, %s] is not inside its parent %s [%s, %s]', c.org_id, c.lft, c.rgt, p.org_id, p.lft, p.rgt)
    FROM mkt.org AS c JOIN mkt.org AS p ON p.org_id = c.parent_id
    WHERE c.lft <= p.lft OR c.rgt > p.rgt
    UNION ALL
    SELECT format('units %s and %s under %s overlap', s.org_id, s.next_id, s.parent_id)
    FROM (SELECT o.org_id, o.parent_id, o.rgt, lead(o.lft) OVER w AS next_lft, lead(o.org_id) OVER w AS next_id
          FROM mkt.org AS o WINDOW w AS (PARTITION BY o.parent_id ORDER BY o.lft, o.org_id)) AS s
    WHERE s.next_lft <= s.rgt
$q$),

('org_history', '组织沿革一致', 'The last line of the history of a unit, and of a person, is what holds now.', $q$
    SELECT format('unit %s: the history ends with parent %s, %s, %s', o.code, h.parent_id, h.name, h.name_zh)
    FROM mkt.org AS o
    LEFT JOIN LATERAL (SELECT l.* FROM mkt.org_history AS l WHERE l.org_id = o.org_id ORDER BY l.since DESC LIMIT 1) AS h ON true
    WHERE (o.parent_id, o.name, o.name_zh) IS DISTINCT FROM (h.parent_id, h.name, h.name_zh)
    UNION ALL
    SELECT format('staff %s: the history ends with unit %s, post %s, active %s', s.code, h.org_id, h.post_code, h.active)
    FROM mkt.staff AS s
    LEFT JOIN LATERAL (SELECT l.* FROM mkt.staff_history AS l WHERE l.staff_id = s.staff_id ORDER BY l.since DESC LIMIT 1) AS h ON true
    WHERE (s.org_id, s.post_code, s.active) IS DISTINCT FROM (h.org_id, h.post_code, h.active)
$q$),

('org_closed', '关闭单位无遗留', 'Nobody works in a closed unit, and no cell of the map is left to one.', $q$
    SELECT format('unit %s ends on %s with %s active staff, %s cells', o.code, o.valid_to, n.staff, n.cells)
    FROM mkt.org AS o
    CROSS JOIN LATERAL (SELECT (SELECT count(*) FROM mkt.staff AS s WHERE s.org_id = o.org_id AND s.active) AS staff,
                               (SELECT count(*) FROM mkt.grid_cell AS g WHERE g.org_id = o.org_id) AS cells) AS n
    WHERE o.valid_to IS NOT NULL AND (n.staff > 0 OR n.cells > 0)
$q$),

('cell_served', '地图责任到人', 'Who serves a cell is an individual (tier 7) of the grid it belongs to.', $q$
    SELECT format('cell %s of grid %s is served by unit %s of tier %s', c.cell_id, c.grid_id, c.org_id, u.tier)
    FROM mkt.grid_cell AS c
    JOIN mkt.org AS g ON g.org_id = c.grid_id
    JOIN mkt.org AS u ON u.org_id = c.org_id
    WHERE u.tier <> 7 OR u.lft NOT BETWEEN g.lft AND g.rgt
$q$),

('cell_ports', '端口与资源一致', 'The ports of a cell are those of the network resources in it.', $q$
    SELECT format('cell %s says %s of %s ports are used, its resources %s of %s', g.cell_id, g.ports_used, g.ports_total, n.used, n.total)
    FROM mkt.grid_cell AS g
    JOIN (SELECT r.cell_id, coalesce(sum(r.capacity) FILTER (WHERE k.ports), 0) AS total, coalesce(sum(r.used) FILTER (WHERE k.ports), 0) AS used
          FROM mkt.network_resource AS r JOIN mkt.network_kind AS k ON k.kind_code = r.kind_code
          GROUP BY r.cell_id) AS n ON n.cell_id = g.cell_id
    WHERE (g.ports_total, g.ports_used) <> (n.total, n.used)
$q$),

('fact_unit', '事实归属单兵', 'Facts hang on tier 7, so the sum over any tier is the same total.', $q$
    SELECT format('%s rows of %s hang on unit %s of tier %s', f.n, f.fact, f.org_id, coalesce(o.tier::text, '(none)'))
    FROM (SELECT 'work_order' AS fact, w.org_id, count(*) AS n FROM mkt.work_order AS w WHERE w.org_id IS NOT NULL GROUP BY w.org_id
          UNION ALL SELECT 'contact', c.org_id, count(*) FROM mkt.contact AS c WHERE c.org_id IS NOT NULL GROUP BY c.org_id
          UNION ALL SELECT 'scan', s.org_id, count(*) FROM mkt.scan AS s WHERE s.org_id IS NOT NULL GROUP BY s.org_id
          UNION ALL SELECT 'coupon', c.org_id, count(*) FROM mkt.coupon AS c WHERE c.org_id IS NOT NULL GROUP BY c.org_id
          UNION ALL SELECT 'sales_order', s.org_id, count(*) FROM mkt.sales_order AS s WHERE s.org_id IS NOT NULL GROUP BY s.org_id) AS f
    LEFT JOIN mkt.org AS o ON o.org_id = f.org_id
    WHERE o.tier IS DISTINCT FROM 7
$q$),

('order_log', '工单日志可重演', 'Replaying the log of a work order gives its state and its attempts.', $q$
    WITH replay AS (
        SELECT l.order_id, l.from_state, l.to_state, l.request_id,
               lag(l.to_state) OVER w AS before, lead(l.log_id) OVER w IS NULL AS is_last,
               count(l.request_id) OVER (PARTITION BY l.order_id) AS reports
        FROM mkt.work_order_log AS l WINDOW w AS (PARTITION BY l.order_id ORDER BY l.log_id)
    )
    SELECT format('work order %s: the log goes on from %s after %s', r.order_id, r.from_state, coalesce(r.before, 'its start'))
    FROM replay AS r
    WHERE r.from_state <> r.before OR r.before IS NULL AND r.from_state NOT IN ('planned', 'issued')
    UNION ALL
    SELECT format('work order %s is %s after %s attempts, its log says %s after %s',
                  w.order_id, w.state, w.attempts, coalesce(r.to_state, 'issued'), coalesce(r.reports, 0))
    FROM mkt.work_order AS w
    LEFT JOIN replay AS r ON r.order_id = w.order_id AND r.is_last
    WHERE coalesce(w.state <> r.to_state, w.state NOT IN ('planned', 'issued')) OR w.attempts <> coalesce(r.reports, 0)
$q$),

('order_closed', '工单终态一致', 'A work order is closed exactly when its state is terminal.', $q$
    SELECT format('work order %s is %s and closed_at is %s', w.order_id, w.state, coalesce(w.closed_at::text, 'empty'))
    FROM mkt.work_order AS w JOIN mkt.order_state AS s ON s.state = w.state
    WHERE s.terminal <> (w.closed_at IS NOT NULL)
$q$),

('order_person', '工单有人负责', 'Every open work order has a person who is active.', $q$
    SELECT format('open work order %s belongs to staff %s, who is not active', w.order_id, w.staff_id)
    FROM mkt.work_order AS w LEFT JOIN mkt.staff AS s ON s.staff_id = w.staff_id
    WHERE w.closed_at IS NULL AND s.active IS NOT TRUE
$q$),

('order_contact', '工单与触达一致', 'Every work order has one contact, about the same customer, strategy and channel, in a state that fits its own.', $q$
    SELECT CASE WHEN c.contact_id IS NULL THEN format('work order %s has no contact', w.order_id)
                ELSE format('work order %s of customer %s on %s is %s (outcome %s), its contact of customer %s on %s is %s', w.order_id, w.cid,
                            w.channel_code, w.state, coalesce(w.outcome, 'none'), c.cid, c.channel_code, c.state) END
    FROM mkt.work_order AS w
    LEFT JOIN mkt.contact AS c ON c.order_id = w.order_id
    LEFT JOIN mkt.outcome AS u ON u.outcome_code = w.outcome
    WHERE c.contact_id IS NULL
       OR (c.cid, c.round_id, c.strategy_id, c.channel_code) IS DISTINCT FROM (w.cid, w.round_id, w.strategy_id, w.channel_code)
       OR c.state = 'virtual'
       OR c.state = 'reserved' AND w.closed_at IS NOT NULL
       OR c.state = 'released' AND (w.closed_at IS NULL OR u.contacted)
       OR c.state <> 'sent' AND u.contacted
       OR c.responded IS NOT NULL AND c.responded <> (u.to_state = 'succeeded')
    UNION ALL
    SELECT format('contact %s is about work order %s, which does not exist', c.contact_id, c.order_id)
    FROM mkt.contact AS c
    WHERE c.order_id IS NOT NULL AND NOT EXISTS (SELECT FROM mkt.work_order AS w WHERE w.order_id = c.order_id)
$q$),

('channel_load', '渠道用量相符', 'What channels have used of a day is what the contact ledger says.', $q$
    SELECT format('channel %s on %s: %s contacts, counted %s', coalesce(c.channel_code, l.channel_code), coalesce(c.day, l.day), coalesce(c.n, 0), coalesce(l.n, 0))
    FROM (SELECT k.channel_code, (k.reserved_at AT TIME ZONE p.time_zone)::date AS day, count(*) AS n
          FROM mkt.contact AS k, mkt.platform AS p WHERE k.state IN ('reserved', 'sent') GROUP BY 1, 2) AS c
    FULL JOIN (SELECT m.channel_code, m.day, sum(m.contacts) AS n FROM mkt.channel_load AS m GROUP BY 1, 2) AS l USING (channel_code, day)
    WHERE coalesce(c.n, 0) <> coalesce(l.n, 0)
$q$),
('contact_cap', '触达不超频', 'No customer was contacted more often than a cap allows.', $q$
    SELECT format('customer %s had %s contacts by %s, more than cap %s allows', v.cid, v.contacts, v.at, v.cap_id)
    FROM mkt.cap_violations() AS v
$q$),

('contact_control', '对照组不触达', 'Marketing contacts of control customers are virtual, those of all others are not.', $q$
    SELECT format('contact %s of customer %s is %s, the customer is %sin a control group', c.contact_id, c.cid, c.state,
                  CASE WHEN g.control THEN '' ELSE 'not ' END)
    FROM mkt.contact AS c
    CROSS JOIN mkt.platform AS p
    LEFT JOIN mkt.strategy AS s ON s.strategy_id = c.strategy_id
    LEFT JOIN mkt.round_strategy AS r ON r.round_id = c.round_id AND r.strategy_id = c.strategy_id
    LEFT JOIN LATERAL (
        SELECT v.control_share FROM mkt.strategy_version AS v
        WHERE v.strategy_id = c.strategy_id
          AND CASE WHEN r.version IS NOT NULL THEN v.version = r.version
                   ELSE v.valid_from <= c.reserved_at AND (v.valid_to IS NULL OR c.reserved_at < v.valid_to) END
        ORDER BY v.version DESC LIMIT 1) AS v ON true
    CROSS JOIN LATERAL (SELECT mkt.is_control(coalesce(c.made_for, c.cid), c.reserved_at)
                            OR coalesce(mkt._in_bucket(s.code || p.tenant_salt, coalesce(c.made_for, c.cid), 0, ceil(v.control_share * 10000)::integer, c.reserved_at), false) AS control) AS g
    WHERE c.contact_class = 'marketing' AND c.state <> 'released' AND g.control <> (c.state = 'virtual')
$q$),

('round_limit', '每轮每客限量', 'A round gives a customer at most max_per_customer work orders.', $q$
    SELECT format('round "%s" gave customer %s %s work orders, not %s', w.round_id, coalesce(w.made_for, w.cid), count(*), r.max_per_customer)
    FROM mkt.work_order AS w JOIN mkt.round AS r ON r.round_id = w.round_id
    GROUP BY w.round_id, coalesce(w.made_for, w.cid), r.max_per_customer
    HAVING count(*) > r.max_per_customer
$q$),

('round_total', '轮次候选守恒', 'In a published round every candidate got a work order, was refused for one reason, or found nobody to go.', $q$
    SELECT format('round "%s", strategy %s: %s candidates, but %s work orders + %s refused + %s unrouted',
                  s.round_id, s.strategy_id, s.candidates, coalesce(w.n, 0), coalesce(f.n, 0), coalesce(u.n, 0))
    FROM mkt.round_strategy AS s
    JOIN mkt.round AS r ON r.round_id = s.round_id AND r.published_at IS NOT NULL
    LEFT JOIN (SELECT o.round_id, o.strategy_id, count(*) AS n FROM mkt.work_order AS o GROUP BY 1, 2) AS w
           ON w.round_id = s.round_id AND w.strategy_id = s.strategy_id
    LEFT JOIN (SELECT o.round_id, o.strategy_id, sum(o.customers) AS n FROM mkt.round_refusal AS o GROUP BY 1, 2) AS f
           ON f.round_id = s.round_id AND f.strategy_id = s.strategy_id
    LEFT JOIN (SELECT o.round_id, o.strategy_id, count(*) AS n FROM mkt.unrouted AS o GROUP BY 1, 2) AS u
           ON u.round_id = s.round_id AND u.strategy_id = s.strategy_id
    WHERE s.candidates <> coalesce(w.n, 0) + coalesce(f.n, 0) + coalesce(u.n, 0)
$q$),

('code_alive', '一物一码', 'One shop one code, one product one code, one person one code at any time.', $q$
    SELECT format('codes %s and %s of %s "%s" are alive together', c.code, c.next_code, c.kind, c.target)
    FROM (SELECT c.*, lead(c.code) OVER w AS next_code, lead(c.created_at) OVER w AS next_at
          FROM mkt.code AS c WINDOW w AS (PARTITION BY c.kind, c.target ORDER BY c.created_at, c.code)) AS c
    WHERE c.next_at < coalesce(c.expires_at, 'infinity')
$q$),

('coupon_total', '券不超发', 'A batch has as many coupons as it counts, and no more than its total; no customer holds more than allowed.', $q$
    SELECT format('batch "%s" counts %s coupons, has %s, of a total of %s', b.code, b.generated, count(c.coupon_code), b.total)
    FROM mkt.coupon_batch AS b LEFT JOIN mkt.coupon AS c ON c.batch_id = b.batch_id
    GROUP BY b.batch_id, b.code, b.generated, b.total
    HAVING b.generated <> count(c.coupon_code) OR count(c.coupon_code) > b.total
    UNION ALL
    SELECT format('customer %s holds %s of batch "%s", not %s', coalesce(c.made_for, c.cid), count(*), b.code, b.per_customer)
    FROM mkt.coupon AS c JOIN mkt.coupon_batch AS b ON b.batch_id = c.batch_id
    WHERE c.holding IS NOT NULL
    GROUP BY coalesce(c.made_for, c.cid), b.batch_id, b.code, b.per_customer
    HAVING count(*) > b.per_customer
$q$),

('coupon_order', '券单相符', 'A redeemed coupon and its order name each other and mean the same customer and product.', $q$
    SELECT format('coupon %s is redeemed for order %s, which does not say so', c.coupon_code, coalesce(o.order_key, c.sales_order_id::text))
    FROM mkt.coupon AS c
    JOIN mkt.coupon_batch AS b ON b.batch_id = c.batch_id
    LEFT JOIN mkt.sales_order AS o ON o.sales_order_id = c.sales_order_id
    WHERE c.state = 'redeemed'
      AND ((o.coupon_code, o.cid, o.product_code) IS DISTINCT FROM (c.coupon_code, c.cid, b.product_code) OR o.state = 'cancelled')
    UNION ALL
    SELECT format('order "%s" names coupon %s, which is %s', o.order_key, o.coupon_code, c.state)
    FROM mkt.sales_order AS o JOIN mkt.coupon AS c ON c.coupon_code = o.coupon_code
    WHERE o.state <> 'cancelled' AND (c.state <> 'redeemed' OR c.sales_order_id <> o.sales_order_id)
$q$),

('coupon_chain', '券流转链完整', 'A share chain starts with the first issuer and passes from hand to hand.', $q$
    SELECT format('coupon %s: "%s" passes on what "%s" has', s.coupon_code, s.giver, s.holder)
    FROM (SELECT s.coupon_code, s.giver, coalesce(lag(s.taker) OVER (PARTITION BY s.coupon_code ORDER BY s.seq), c.first_issuer) AS holder
          FROM mkt.coupon_share AS s JOIN mkt.coupon AS c ON c.coupon_code = s.coupon_code) AS s
    WHERE s.giver IS DISTINCT FROM s.holder
$q$),

('sales_order_steps', '订单步骤完整', 'An order has the time of every step up to its state, none after it, one after the other.', $q$
    SELECT format('order "%s" is %s, its times are %s', o.order_key, o.state,
                  concat_ws(', ', o.placed_at, coalesce(o.accepted_at::text, '-'), coalesce(o.landed_at::text, '-'),
                            coalesce(o.dispatched_at::text, '-'), coalesce(o.delivered_at::text, '-')))
    FROM mkt.sales_order AS o JOIN mkt.sales_order_state AS s ON s.state = o.state
    WHERE s.ordinal >= 0 AND num_nonnulls(o.accepted_at, o.landed_at, o.dispatched_at, o.delivered_at) <> s.ordinal
       OR o.landed_at IS NOT NULL AND o.accepted_at IS NULL
       OR o.dispatched_at IS NOT NULL AND o.landed_at IS NULL
       OR o.delivered_at IS NOT NULL AND o.dispatched_at IS NULL
       OR o.accepted_at < o.placed_at OR o.landed_at < o.accepted_at OR o.dispatched_at < o.landed_at OR o.delivered_at < o.dispatched_at
       OR o.cancelled_at < greatest(o.placed_at, o.accepted_at, o.landed_at, o.dispatched_at)
$q$),

('sales_order_work', '订单归因正确', 'An order is credited to a work order about the same customer, not issued later.', $q$
    SELECT format('order "%s" of customer %s is credited to work order %s of customer %s, issued at %s',
                  o.order_key, o.cid, w.order_id, w.cid, w.issued_at)
    FROM mkt.sales_order AS o JOIN mkt.work_order AS w ON w.order_id = o.work_order_id
    WHERE o.cid <> w.cid OR o.placed_at < w.issued_at
$q$),

('rollup_true', '汇总与台账一致', 'A roll-up says what a pass over its ledgers says.', $q$
    SELECT format('%s of %s differs from its ledgers by %s', d.table_name, d.key, d.difference)
    FROM mkt.rollup_difference() AS d
$q$),

('tag_members', '标签人数一致', 'tag.members is the number of customers stored in slice 0.', $q$
    SELECT format('tag "%s" says %s members, its blocks hold %s', t.code, t.members, coalesce(b.members, 0))
    FROM mkt.tag AS t
    LEFT JOIN (SELECT b.tag_id, sum(mkt.card(b.members)) AS members
               FROM mkt.tag_block AS b WHERE b.slice = 0 GROUP BY b.tag_id) AS b ON b.tag_id = t.tag_id
    WHERE t.members <> coalesce(b.members, 0)
$q$),

('snapshot_intact', '快照未变', 'A snapshot holds what was copied: its hash is that of its blocks.', $q$
    SELECT format('snapshot "%s" has %s members and another hash', v.code, v.members)
    FROM mkt.snapshot_verify() AS v
    WHERE NOT v.intact
$q$),

('tag_slices', '标签切片一致', 'Slices beyond the first hold only customers of slice 0, and no more slices than the tag has.', $q$
    SELECT format('tag "%s", slice %s, block %s holds customers without the tag, or a slice beyond %s', t.code, b.slice, b.block, t.slices)
    FROM mkt.tag_block AS b
    JOIN mkt.tag AS t ON t.tag_id = b.tag_id
    LEFT JOIN mkt.tag_block AS e ON e.tag_id = b.tag_id AND e.block = b.block AND e.slice = 0
    WHERE b.slice > t.slices
       OR b.slice > 0 AND (e.members IS NULL OR mkt.card(b.members OPERATOR(mkt.-) e.members) > 0)
$q$),

('merged_empty', '已合并客户无余留', 'Nothing is left with a customer who was merged into another; mkt.merge_sweep() moves what came late.', $q$
    SELECT format('customer %s was merged, %s rows of %s still name it', l.cid, l.rows, l.table_name)
    FROM mkt.merge_leftovers() AS l
$q$),

('tag_universe', '全集皆为客户', 'Everybody in the universe "live" is a customer.', $q$
    SELECT format('%s members of tag "live" in block %s are not customers', count(*), b.block)
    FROM mkt.tag AS t
    JOIN mkt.tag_block AS b ON b.tag_id = t.tag_id AND b.slice = 0
    CROSS JOIN LATERAL mkt.members(b.members) AS m(cid)
    WHERE t.code = 'live' AND NOT EXISTS (SELECT FROM mkt.customer AS c WHERE c.cid = m.cid)
    GROUP BY b.block
$q$)

ON CONFLICT ON CONSTRAINT audit_check_pkey
    DO UPDATE SET name_zh = excluded.name_zh, promise = excluded.promise, query = excluded.query;
