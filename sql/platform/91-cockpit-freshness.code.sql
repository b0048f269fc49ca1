-- ----------------------------------------------------------------------
-- sql/platform/91-cockpit-freshness.code.sql: how far the ledgers behind the
-- cockpits go, and how the jobs did. After 90 because it reads its tables.
-- ----------------------------------------------------------------------
CREATE OR REPLACE VIEW mkt_cockpit.freshness WITH (security_invoker = true) AS
    SELECT 'ledger' AS kind, l.source, l.name_zh, l.cockpits, l.as_of, l.as_of IS NOT NULL AS ok, NULL AS detail
    FROM (
        SELECT 'work_order' AS source, '营销工单' AS name_zh, 'command, customer' AS cockpits, (SELECT max(o.as_of) FROM mkt._staff_task AS o) AS as_of
        UNION ALL
        SELECT 'contact', '触点台账', 'customer', (SELECT max(greatest(c.reserved_at, c.sent_at, c.released_at)) FROM mkt.contact AS c)
        UNION ALL
        SELECT 'tag', '客户标签', 'customer', (SELECT max(t.refreshed_at) FROM mkt.tag AS t)
        UNION ALL
        SELECT 'scan', '码上行为', 'traffic', (SELECT max(s.at) FROM mkt.scan AS s)
        UNION ALL
        SELECT 'coupon', '电子卡券', 'traffic', (SELECT max(greatest(c.generated_at, c.issued_at, c.claimed_at, c.redeemed_at, c.voided_at)) FROM mkt.coupon AS c)
        UNION ALL
        SELECT 'sales_order', '销售订单', 'middle, traffic, command', (SELECT max(greatest(o.placed_at, o.accepted_at, o.landed_at, o.dispatched_at, o.delivered_at, o.cancelled_at)) FROM mkt.sales_order AS o)
    ) AS l
    UNION ALL
    SELECT 'job', j.job_code, j.name_zh, NULL, r.finished_at, r.error IS NULL AND r.finished_at IS NOT NULL,
           coalesce(r.sqlstate || ' ' || r.error,
                    CASE WHEN r.run_id IS NULL THEN 'never ran'
                         WHEN r.finished_at IS NULL THEN 'running, or killed'
                         ELSE format('%s rows in %s ms', coalesce(r.rows, 0), round(r.ms)) END)
    FROM mkt.job AS j
    LEFT JOIN LATERAL (
        SELECT n.run_id, n.finished_at, n.error, n.sqlstate, n.rows, n.ms
        FROM mkt.job_run AS n
        WHERE n.job_code = j.job_code AND NOT n.skipped
        ORDER BY n.due_at DESC, n.run_id DESC
        LIMIT 1
    ) AS r ON true;
COMMENT ON VIEW mkt_cockpit.freshness IS
    'How far each ledger behind the cockpits goes, and the last run of each job. Compare as_of with the time you expect: nothing here reads the clock. Key: kind, source.';
COMMENT ON COLUMN mkt_cockpit.freshness.kind IS 'ledger or job.';
COMMENT ON COLUMN mkt_cockpit.freshness.source IS 'Table of the ledger, or code of the job.';
COMMENT ON COLUMN mkt_cockpit.freshness.name_zh IS 'Chinese name.';
COMMENT ON COLUMN mkt_cockpit.freshness.cockpits IS 'Cockpits that read the ledger; NULL for jobs.';
COMMENT ON COLUMN mkt_cockpit.freshness.as_of IS 'Last event of the ledger the caller sees, or end of the job''s last run.';
COMMENT ON COLUMN mkt_cockpit.freshness.ok IS 'The ledger has rows; the job''s last run ended without an error.';
COMMENT ON COLUMN mkt_cockpit.freshness.detail IS 'Jobs: error, or rows and milliseconds.';
