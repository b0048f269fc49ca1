-- ----------------------------------------------------------------------
-- sql/platform/33-tag-life.once.sql: from draft to offline, and the log.
-- Changing a table needs a delta in sql/upgrade/.
-- ----------------------------------------------------------------------
CREATE TABLE mkt.tag_transition (
    from_status text NOT NULL,
    to_status   text NOT NULL,
    name        text NOT NULL,
    name_zh     text NOT NULL,
    CONSTRAINT tag_transition_pkey PRIMARY KEY (from_status, to_status),
    CONSTRAINT tag_transition_from_status_check CHECK (from_status IN ('draft', 'review', 'online', 'offline')),
    CONSTRAINT tag_transition_to_status_check CHECK (to_status IN ('draft', 'review', 'online', 'offline'))
);
COMMENT ON TABLE mkt.tag_transition IS 'The steps a tag''s status may take: draft, review, online, offline, and the ways back.';

INSERT INTO mkt.tag_transition (from_status, to_status, name, name_zh) VALUES
    ('draft',   'review',  'Submit',     '提交审核'),
    ('review',  'online',  'Approve',    '审核上线'),
    ('review',  'draft',   'Send back',  '退回修改'),
    ('online',  'offline', 'Take off',   '下线'),
    ('offline', 'review',  'Take up',    '重新提审');

CREATE TABLE mkt.tag_log (
    log_id bigint      GENERATED ALWAYS AS IDENTITY,
    code   text        COLLATE "C" NOT NULL,
    at     timestamptz NOT NULL,
    actor  name        NOT NULL DEFAULT current_user,
    event  text        NOT NULL,
    before jsonb,
    after  jsonb       NOT NULL,
    CONSTRAINT tag_log_pkey PRIMARY KEY (log_id),
    CONSTRAINT tag_log_event_check CHECK (event IN ('defined', 'status', 'refreshed', 'measured'))
);
CREATE INDEX tag_log_code_event_idx ON mkt.tag_log (code, event, log_id);
COMMENT ON TABLE mkt.tag_log IS 'Who did what to a tag, and when, append-only (S0-036, S2-015). It outlives the tag.';
COMMENT ON COLUMN mkt.tag_log.event IS 'defined: what is said about it (only what changed); status; refreshed: members before and after; measured: its distribution, for drift.';
