-- job_run: run_job() and tick(): rows, errors without half work, what is due
\set ECHO none
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO';
\set ECHO all
SELECT job_code, every, first_due, enabled FROM mkt.job ORDER BY job_code;

-- the shipped jobs run on an empty platform
CALL mkt.tick('2026-11-02 20:00');
SELECT job_code, due_at, started_at, finished_at > started_at AS finished, rows, skipped, error FROM mkt.job_run ORDER BY job_code;
-- nothing is due twice in one slot: new ones began for the fold, the maps of units and the tags; a quarter of an hour later three jobs are
CALL mkt.tick('2026-11-02 20:14:59');
SELECT count(*) AS runs FROM mkt.job_run;
CALL mkt.tick('2026-11-02 20:15');
SELECT job_code, due_at FROM mkt.job_run WHERE due_at = '2026-11-02 20:15';
SELECT job_code, due_at FROM mkt.job_due('2026-11-03 09:00') ORDER BY job_code;

-- an error: kept with its code, nothing half done, tried again
UPDATE mkt.job SET enabled = false;
CREATE TABLE work (at timestamptz);
CREATE FUNCTION half_work(at timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.work VALUES (half_work.at);
    PERFORM 1 / (extract(hour FROM half_work.at)::integer - 9);
    RETURN 42;
END $$;
INSERT INTO mkt.job (job_code, command, every, first_due, name, name_zh) VALUES ('half', 'SELECT public.half_work($1)', '1 day', '2026-01-01', 'Half', '半');
CALL mkt.tick('2026-11-03 09:00');
SELECT count(*) AS half_work FROM work;
CALL mkt.tick('2026-11-03 10:00');
SELECT count(*) AS whole_work FROM work;
CALL mkt.tick('2026-11-03 11:00');
SELECT due_at, started_at, rows, skipped, error, sqlstate FROM mkt.job_run WHERE job_code = 'half' ORDER BY run_id;

-- run_job() runs whether due or not; a CALL works too; a killed run (no end) does not count as done
CALL mkt.run_job('half', '2026-11-03 12:00');
CREATE PROCEDURE whole_work(at timestamptz) LANGUAGE sql AS 'INSERT INTO public.work VALUES (at)';
UPDATE mkt.job SET command = 'CALL public.whole_work($1)' WHERE job_code = 'half';
INSERT INTO mkt.job_run (job_code, due_at, started_at) VALUES ('half', '2026-11-04', '2026-11-04 00:00');
CALL mkt.tick('2026-11-04 08:00');
SELECT started_at, finished_at IS NOT NULL AS finished, rows, error FROM mkt.job_run WHERE job_code = 'half' AND started_at >= '2026-11-03 12:00' ORDER BY run_id;
SELECT * FROM work ORDER BY at;

-- refusals
CALL mkt.run_job('teapot');
BEGIN;
CALL mkt.run_job('half');
ROLLBACK;
INSERT INTO mkt.job (job_code, command, every, name, name_zh) VALUES ('bad', 'DROP TABLE work', '1 day', 'Bad', '坏');
INSERT INTO mkt.job (job_code, command, every, name, name_zh) VALUES ('bad', 'SELECT 1', '1 month', 'Bad', '坏');
INSERT INTO mkt.job (job_code, command, every, name, name_zh) VALUES ('bad', 'SELECT 1', '1 second', 'Bad', '坏');

-- pg_cron is optional: the plan is text, the status knows when pg_cron is not here
SELECT replace(job_name, current_database(), 'DB') AS job_name, schedule, command, replace(sql, current_database(), 'DB') AS sql FROM mkt.cron_plan();
SELECT scheduled, note FROM mkt.cron_status();
CREATE SCHEMA cron;
CREATE TABLE cron.job (jobname name, active boolean);
SELECT scheduled, replace(note, current_database(), 'DB') AS note FROM mkt.cron_status();
INSERT INTO cron.job SELECT job_name, true FROM mkt.cron_plan();
SELECT scheduled, note FROM mkt.cron_status();
