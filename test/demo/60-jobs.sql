-- test/demo/60-jobs.sql: the jobs of the evening, and whether the books balance.
CALL mkt.tick('2026-11-02 20:00+08');
SELECT r.job_code, j.name_zh AS "任务", r.due_at, r.rows, round(r.ms) AS ms, r.skipped, r.error
FROM mkt.job_run AS r JOIN mkt.job AS j ON j.job_code = r.job_code
ORDER BY r.run_id;
-- a second tick at the same time finds nothing to do
CALL mkt.tick('2026-11-02 20:00+08');
SELECT count(*) AS runs_after_a_second_tick FROM mkt.job_run;

\echo what the day brought to the cells of the battle maps
SELECT count(*) AS cells, sum(open_change) AS open_tasks, sum(succeeded_change) AS succeeded, sum(sales_orders_change) AS sales_orders, sum(sales_yuan_change) AS sales_yuan
FROM mkt.battle_map_compare('2026-11-01', '2026-11-02');

\echo mkt.audit(): promises that do not hold, none when the books balance
CREATE TEMP TABLE breach AS SELECT * FROM mkt.audit();
SELECT c.check_name, c.name_zh AS "核对项", c.promise, count(b.detail) AS breaches
FROM mkt.audit_check AS c LEFT JOIN breach AS b ON b.check_name = c.check_name
GROUP BY c.check_name, c.name_zh, c.promise ORDER BY c.check_name;
SELECT b.* FROM breach AS b;
