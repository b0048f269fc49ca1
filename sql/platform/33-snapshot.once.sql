-- ----------------------------------------------------------------------
-- sql/platform/33-snapshot.once.sql: audiences copied once and for all.
-- Changing a table needs a delta in sql/upgrade/.
-- ----------------------------------------------------------------------
CREATE TABLE mkt.snapshot (
    code            text        COLLATE "C" NOT NULL,
    definition      mkt.tagexpr NOT NULL,
    segment_version integer,
    taken_at        timestamptz NOT NULL,
    taken_by        name        NOT NULL DEFAULT current_user,
    members         bigint      NOT NULL,
    hash            text        NOT NULL,
    CONSTRAINT snapshot_pkey PRIMARY KEY (code),
    CONSTRAINT snapshot_code_fkey FOREIGN KEY (code) REFERENCES mkt.tag (code),
    CONSTRAINT snapshot_members_check CHECK (members >= 0),
    CONSTRAINT snapshot_hash_check CHECK (hash ~ '^[0-9a-f]{64}$')
);
COMMENT ON TABLE mkt.snapshot IS 'Snapshots: immutable copies of audiences, boolean tags of class snapshot with a negative tag_id (semantics A.4). The row seals the copy; mkt.snapshot_verify() compares it with the hash.';
COMMENT ON COLUMN mkt.snapshot.definition IS 'What was copied.';
COMMENT ON COLUMN mkt.snapshot.segment_version IS 'If one segment was copied: the version it had.';
COMMENT ON COLUMN mkt.snapshot.hash IS 'SHA-256, in hex, of the SHA-256 of each block''s wire bytes, in block order.';
