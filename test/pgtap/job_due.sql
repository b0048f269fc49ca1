-- job_due: slots are counted from first_due, served once, and decided from the
-- rows of job_run alone; whatever the times of the ticks, a slot is served once.
\set seed `echo "${SEED:-20261102}"`
\echo # seed :seed
UPDATE mkt.job SET enabled = false;
INSERT INTO mkt.job (job_code, command, every, first_due, name, name_zh) VALUES
    ('night', 'SELECT 1', '1 day',      '2000-01-01 02:10+08', 'Night', '夜间'),
    ('often', 'SELECT 1', '15 minutes', '2000-01-01 00:00+08', 'Often', '经常'),
    ('later', 'SELECT 1', '1 hour',     '2027-01-01 00:00+08', 'Later', '以后'),
    ('off',   'SELECT 1', '1 hour',     '2000-01-01 00:00+08', 'Off',   '停用');
UPDATE mkt.job SET enabled = false WHERE job_code = 'off';
-- two days of ticks at irregular times, some of them twice
SELECT format('CALL mkt.tick(%L);', '2026-11-02 00:00+08'::timestamptz
              + make_interval(mins => (sum(1 + (hashtextextended('tick' || n, :seed) & 1048575) % 25) OVER (ORDER BY n))::integer))
FROM generate_series(1, 200) AS n, generate_series(1, 1 + (n % 7 = 0)::integer) ORDER BY n
\gexec
SELECT plan(7);
SELECT is((SELECT count(*) FROM mkt.job_run WHERE job_code IN ('later', 'off')), 0::bigint, 'a job that is off or begins later does not run');
SELECT is_empty('SELECT job_code, due_at FROM mkt.job_run GROUP BY 1, 2 HAVING count(*) > 1', 'a slot is served once');
SELECT is_empty('SELECT run_id FROM mkt.job_run WHERE started_at < due_at OR skipped OR error IS NOT NULL', 'nothing runs before it is due');
SELECT is_empty($$SELECT run_id FROM mkt.job_run WHERE job_code = 'night' AND (due_at AT TIME ZONE 'Asia/Shanghai')::time <> '02:10'$$, 'night slots begin at 02:10 in Shanghai');
SELECT is_empty($$SELECT run_id FROM mkt.job_run WHERE job_code = 'often' AND started_at >= due_at + interval '15 minutes'$$, 'a run serves the slot it stands in');
SELECT ok((SELECT count(*) > 100 FROM mkt.job_run WHERE job_code = 'often') AND (SELECT count(*) BETWEEN 2 AND 4 FROM mkt.job_run WHERE job_code = 'night'), 'and they do run');
SELECT set_eq($$SELECT job_code FROM mkt.job_due('2027-01-02 00:20+08')$$, ARRAY['night', 'often', 'later'], 'whatever was missed is due once');
SELECT * FROM finish();
