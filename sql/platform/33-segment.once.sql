-- ----------------------------------------------------------------------
-- sql/platform/33-segment.once.sql: segments, audiences with a name.
-- Changing a table needs a delta in sql/upgrade/.
-- ----------------------------------------------------------------------
CREATE TABLE mkt.segment (
    code       text        COLLATE "C" NOT NULL,
    definition mkt.tagexpr NOT NULL,
    version    integer     NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT segment_pkey PRIMARY KEY (code),
    CONSTRAINT segment_code_fkey FOREIGN KEY (code) REFERENCES mkt.tag (code) ON UPDATE CASCADE,
    CONSTRAINT segment_version_check CHECK (version > 0)
);
COMMENT ON TABLE mkt.segment IS 'Segments: boolean tags of class segment whose members an expression gives, which may name other segments (S0-036, S3-016; semantics A.5). Written by mkt.segment_define().';
COMMENT ON COLUMN mkt.segment.definition IS 'The expression in force; its members as of the last refresh are the tag''s.';

CREATE TABLE mkt.segment_version (
    code       text        COLLATE "C" NOT NULL,
    version    integer     NOT NULL,
    definition mkt.tagexpr NOT NULL,
    defined_at timestamptz NOT NULL,
    defined_by name        NOT NULL DEFAULT current_user,
    CONSTRAINT segment_version_pkey PRIMARY KEY (code, version),
    CONSTRAINT segment_version_code_fkey FOREIGN KEY (code) REFERENCES mkt.segment ON UPDATE CASCADE
);
COMMENT ON TABLE mkt.segment_version IS 'Every definition a segment has had, append-only.';
