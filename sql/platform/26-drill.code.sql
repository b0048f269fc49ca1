-- ----------------------------------------------------------------------
-- sql/platform/26-drill.code.sql: the way up the tree for many units at once,
-- on which the cockpits sum.
-- ----------------------------------------------------------------------

-- The tiers are strict (mkt.org_parent_tier_fkey), so six steps reach the
-- province. Left joins by primary key: those a query does not need vanish from
-- its plan.
CREATE OR REPLACE VIEW mkt._org_line WITH (security_invoker = true) AS
    SELECT o.org_id, o.tier,
           o.parent_id AS up1, p1.parent_id AS up2, p2.parent_id AS up3, p3.parent_id AS up4, p4.parent_id AS up5, p5.parent_id AS up6,
           concat_ws(' / ', p6.name_zh, p5.name_zh, p4.name_zh, p3.name_zh, p2.name_zh, p1.name_zh, o.name_zh) AS path_zh
    FROM mkt.org AS o
    LEFT JOIN mkt.org AS p1 ON p1.org_id = o.parent_id
    LEFT JOIN mkt.org AS p2 ON p2.org_id = p1.parent_id
    LEFT JOIN mkt.org AS p3 ON p3.org_id = p2.parent_id
    LEFT JOIN mkt.org AS p4 ON p4.org_id = p3.parent_id
    LEFT JOIN mkt.org AS p5 ON p5.org_id = p4.parent_id
    LEFT JOIN mkt.org AS p6 ON p6.org_id = p5.parent_id;
COMMENT ON VIEW mkt._org_line IS
    'The way from a unit up to the province, for many units at once: up1 is its parent, up2 the parent of that, NULL above the province. path_zh: as mkt.org_path_zh().';

CREATE OR REPLACE VIEW mkt._org_above WITH (security_invoker = true) AS
    SELECT l.org_id, up.above_id
    FROM mkt._org_line AS l
    CROSS JOIN LATERAL (VALUES (l.org_id), (l.up1), (l.up2), (l.up3), (l.up4), (l.up5), (l.up6)) AS up(above_id)
    WHERE up.above_id IS NOT NULL;
COMMENT ON VIEW mkt._org_above IS
    'Every unit with itself and each unit above it. Joined to sums of facts by org_id and grouped by above_id it gives the figures of all seven tiers at once (S0-011).';

CREATE OR REPLACE VIEW mkt._worker WITH (security_invoker = true) AS
    SELECT s.staff_id, s.org_id, CASE l.tier WHEN 5 THEN l.org_id WHEN 6 THEN l.up1 WHEN 7 THEN l.up2 END AS grid_id
    FROM mkt.staff AS s
    JOIN mkt._org_line AS l ON l.org_id = s.org_id
    WHERE s.active AND s.daily_capacity > 0;
COMMENT ON VIEW mkt._worker IS
    'People who can be given tasks: at work, with a daily capacity; with the unit and the grid they stand in, NULL above the grids.';
