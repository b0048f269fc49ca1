-- ----------------------------------------------------------------------
-- sql/platform/90-job.once.sql: what has to run now and then, and what ran.
--
-- Whoever may write mkt.job decides what the scheduler's role executes: no
-- profile gets that right, it is the owner's.
-- Changing a table needs a delta in sql/upgrade/.
-- ----------------------------------------------------------------------
CREATE TABLE mkt.job (
    job_code  text        NOT NULL,
    command   text        NOT NULL,
    every     interval    NOT NULL,
    first_due timestamptz NOT NULL DEFAULT '2000-01-01 00:00+08',
    name      text        NOT NULL,
    name_zh   text        NOT NULL,
    enabled   boolean     NOT NULL DEFAULT true,
    CONSTRAINT job_pkey PRIMARY KEY (job_code),
    CONSTRAINT job_command_check CHECK (command ~* '^\s*(select|call)\s'),
    CONSTRAINT job_every_check CHECK (every >= interval '1 minute'),
    CONSTRAINT job_every_exact_check CHECK (extract(month FROM every) = 0 AND extract(year FROM every) = 0)
);
COMMENT ON TABLE mkt.job IS 'Jobs: one statement each, due once in every slot of length every, counted from first_due. In the command $1 is the time of the run; if it returns a number, that is how many rows it worked on.';

-- The short ones at the full hour and quarter. Which tags are due, mkt.tag_due() knows: most of them once a day, at 02:10
-- in Shanghai; segments follow the tags, and measuring follows both.
INSERT INTO mkt.job (job_code, command, every, first_due, name, name_zh) VALUES
    ('tag_refresh',         'SELECT count(*) FROM mkt.tag_refresh(ARRAY(SELECT d.code FROM mkt.tag_due($1) AS d WHERE NOT d.segment), $1)',
                                                                   '1 hour',     '2000-01-01 00:10+08', 'Refresh tags that are due',      '标签刷新'),
    ('segment_refresh',     'SELECT count(*) FROM mkt.segment_refresh(ARRAY(SELECT d.code FROM mkt.tag_due($1) AS d WHERE d.segment), $1)',
                                                                   '1 hour',     '2000-01-01 00:20+08', 'Refresh segments that are due',  '客群刷新'),
    ('tag_measure',         'SELECT count(*) FROM mkt.tag_measure(as_of => $1)', '1 hour', '2000-01-01 00:30+08', 'Measure what was refreshed', '标签质量度量'),
    ('workorder_overdue',   'SELECT mkt.workorder_overdue($1)',    '1 hour',     '2000-01-01 00:00+08', 'Mark overdue work orders',       '工单超时'),
    ('workorder_recycle',   'SELECT mkt.workorder_recycle($1)',    '1 day',      '2000-01-01 01:00+08', 'Return old work orders to the pool', '工单回收'),
    ('reservation_release', 'SELECT mkt.reservation_release($1)',  '15 minutes', '2000-01-01 00:00+08', 'Release stale reservations',     '预占释放'),
    ('push_sweep',          'SELECT mkt.push_sweep($1)',           '5 minutes',  '2000-01-01 00:00+08', 'Return lost pushes to the queue', '推送回收'),
    ('rollup_fold',         'SELECT mkt.rollup_fold()',            '5 minutes',  '2000-01-01 00:00+08', 'Fold the tails of the roll-ups',  '汇总归并'),
    ('battle_map_refresh',  'SELECT mkt.battle_map_refresh($1)',   '5 minutes',  '2000-01-01 00:00+08', 'Battle maps of units',            '单位作战地图'),
    ('battle_map_take',     'SELECT mkt.battle_map_take($1)',      '1 day',      '2000-01-01 23:45+08', 'Keep the battle maps of the day', '作战地图快照'),
    ('battle_map_trim',     'SELECT mkt.battle_map_trim($1)',      '1 day',      '2000-01-01 03:00+08', 'Remove old battle maps',          '作战地图清理'),
    ('audit',               'SELECT count(*) FROM mkt.audit()',    '1 day',      '2000-01-01 23:30+08', 'Check that the books balance',   '账目核对');

CREATE TABLE mkt.job_run (
    run_id      bigint      GENERATED ALWAYS AS IDENTITY,
    job_code    text        NOT NULL,
    due_at      timestamptz NOT NULL,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz,
    rows        bigint,
    ms          numeric,
    skipped     boolean     NOT NULL DEFAULT false,
    error       text,
    sqlstate    text,
    CONSTRAINT job_run_pkey PRIMARY KEY (run_id),
    CONSTRAINT job_run_job_code_fkey FOREIGN KEY (job_code) REFERENCES mkt.job ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT job_run_error_check CHECK ((error IS NULL) = (sqlstate IS NULL))
);
COMMENT ON TABLE mkt.job_run IS 'One row per attempt. due_at is the slot it served; no finished_at: running, or killed; skipped: another session had the job. started_at is the time given to the run, finished_at that plus ms.';
CREATE INDEX job_run_job_code_due_at_idx ON mkt.job_run (job_code, due_at);
