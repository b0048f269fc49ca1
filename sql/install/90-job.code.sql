-- ----------------------------------------------------------------------
-- sql/install/90-job.code.sql: running jobs, by hand, by tick() or by pg_cron.
--
-- The procedures commit, so they cannot have a SET clause: every name in them
-- is qualified instead. A job's statement runs inside a subtransaction: it is
-- done completely, or not at all and its error is kept in mkt.job_run. So a
-- job's statement cannot itself commit.
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt.job_due(now timestamptz DEFAULT now()) RETURNS TABLE (job_code text, due_at timestamptz)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
        SELECT j.job_code, s.slot
        FROM mkt.job AS j, date_bin(j.every, job_due.now, j.first_due) AS s(slot)
        WHERE j.enabled AND job_due.now >= j.first_due
          AND NOT EXISTS (SELECT FROM mkt.job_run AS r
                          WHERE r.job_code = j.job_code AND r.due_at = s.slot
                            AND r.finished_at IS NOT NULL AND NOT r.skipped AND r.error IS NULL)
        ORDER BY s.slot, j.job_code;
END
$$;
COMMENT ON FUNCTION mkt.job_due(timestamptz) IS
    'Enabled jobs whose current slot has no finished run without error. Slots missed meanwhile are not made up for: one run serves them all.';

CREATE PROCEDURE mkt._job_run(job text, now timestamptz, only_if_due boolean)
    LANGUAGE plpgsql
AS $$
DECLARE
    todo    record;
    run     pg_catalog.int8;
    began   pg_catalog.timestamptz;
    answer  pg_catalog.text;
    message pg_catalog.text;
    code    pg_catalog.text;
BEGIN
    SELECT j.command, pg_catalog.date_bin(j.every, _job_run.now, j.first_due) AS slot INTO todo
    FROM mkt.job AS j WHERE j.job_code OPERATOR(pg_catalog.=) job;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unknown job "%"', job
            USING ERRCODE = 'no_data_found', HINT = 'mkt.job lists the jobs.';
    END IF;
    -- Committed before the work begins: a killed run leaves a trace.
    INSERT INTO mkt.job_run (job_code, due_at, started_at)
    VALUES (job, todo.slot, _job_run.now)
    RETURNING run_id INTO run;
    COMMIT;

    -- The lock ends with the transaction, so a cancelled run cannot leave it behind.
    IF NOT pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtextextended(pg_catalog.concat('mkt job ', job), 0))
       OR (only_if_due AND NOT EXISTS (SELECT FROM mkt.job_due(_job_run.now) AS d WHERE d.job_code OPERATOR(pg_catalog.=) job)) THEN
        UPDATE mkt.job_run AS r SET skipped = true, finished_at = r.started_at, ms = 0
        WHERE r.run_id OPERATOR(pg_catalog.=) run;
        RETURN;
    END IF;

    began := pg_catalog.clock_timestamp();
    BEGIN
        IF todo.command OPERATOR(pg_catalog.~*) '^\s*call' THEN
            EXECUTE todo.command USING _job_run.now;
        ELSE
            EXECUTE todo.command INTO answer USING _job_run.now;
        END IF;
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, code = RETURNED_SQLSTATE;
    END;
    UPDATE mkt.job_run AS r
    SET finished_at = r.started_at OPERATOR(pg_catalog.+) e.elapsed,
        ms = pg_catalog.round(extract(epoch FROM e.elapsed) OPERATOR(pg_catalog.*) 1000, 3),
        rows = CASE WHEN message IS NULL AND answer OPERATOR(pg_catalog.~) '^\d+$' THEN answer::pg_catalog.int8 END,
        error = message, sqlstate = code
    FROM (SELECT pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) began AS elapsed) AS e
    WHERE r.run_id OPERATOR(pg_catalog.=) run;
END
$$;
COMMENT ON PROCEDURE mkt._job_run(text, timestamptz, boolean) IS
    'One attempt at a job: row, lock, statement, result. only_if_due: not if another session served the slot meanwhile. The caller commits.';

CREATE PROCEDURE mkt.run_job(job text, now timestamptz DEFAULT now())
    LANGUAGE plpgsql
AS $$
BEGIN
    CALL mkt._job_run(job, now, false);
    COMMIT;
END
$$;
COMMENT ON PROCEDURE mkt.run_job(text, timestamptz) IS
    'Runs one job now, due or not. If another session is running it, the run is marked skipped; an error is kept in mkt.job_run and not raised.';

CREATE PROCEDURE mkt.tick(now timestamptz DEFAULT now())
    LANGUAGE plpgsql
AS $$
DECLARE
    todo pg_catalog.text[] := ARRAY(SELECT d.job_code FROM mkt.job_due(tick.now) AS d);
    job  pg_catalog.text;
BEGIN
    FOREACH job IN ARRAY todo LOOP
        CALL mkt._job_run(job, now, true);
        COMMIT;
    END LOOP;
END
$$;
COMMENT ON PROCEDURE mkt.tick(timestamptz) IS
    'Runs every job that is due, one after the other, each in its own transaction. Any number of sessions may call it at any time; a failed job is tried again by the next call.';

CREATE FUNCTION mkt.cron_plan() RETURNS TABLE (job_name text, schedule text, command text, sql text)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- One line is enough: tick() knows what is due, so neither pg_cron's GMT
    -- clock nor its one-minute resolution matters to a job's own schedule.
    RETURN QUERY
        SELECT p.job_name, p.schedule, p.command,
               format('SELECT cron.schedule_in_database(%L, %L, %L, %L)', p.job_name, p.schedule, p.command, current_database())
        FROM (SELECT format('mkt:%s:tick', current_database()), '* * * * *', 'CALL mkt.tick()') AS p(job_name, schedule, command);
END
$$;
COMMENT ON FUNCTION mkt.cron_plan() IS
    'What to schedule where pg_cron is at hand; run the sql column in the database that holds pg_cron. Needs no pg_cron itself.';

CREATE FUNCTION mkt.cron_status() RETURNS TABLE (job_name text, scheduled boolean, note text)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    there boolean := to_regclass('cron.job') IS NOT NULL;
    names text[] := '{}';
BEGIN
    IF there THEN               -- late bound: cron.job need not exist
        EXECUTE 'SELECT coalesce(array_agg(j.jobname::text), ''{}'') FROM cron.job AS j WHERE j.active' INTO names;
    END IF;
    RETURN QUERY
        SELECT p.job_name, p.job_name = ANY (names),
               CASE WHEN NOT there THEN 'pg_cron is not in this database: run mkt.cron_plan().sql where it is, or call mkt.tick() from outside'
                    WHEN p.job_name = ANY (names) THEN 'active in pg_cron'
                    ELSE format('not scheduled: %s', p.sql) END
        FROM mkt.cron_plan() AS p;
END
$$;
COMMENT ON FUNCTION mkt.cron_status() IS 'Which lines of mkt.cron_plan() pg_cron runs, as far as this database can tell.';
