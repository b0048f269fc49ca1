-- ----------------------------------------------------------------------
-- sql/platform/33-segment.code.sql: what segments rest on; versions stay.
-- ----------------------------------------------------------------------
CREATE OR REPLACE VIEW mkt._segment_use WITH (security_invoker = true) AS
SELECT s.code, n.name AS named, t.code AS uses, t.class AS uses_class
FROM mkt.segment AS s
CROSS JOIN LATERAL mkt.tagexpr_tags(s.definition) AS n(name)
LEFT JOIN mkt.tag AS t ON t.code = n.name OR t.name_zh = n.name;
COMMENT ON VIEW mkt._segment_use IS 'The tags each segment names: named as written, uses the code of the tag meant, NULL where there is none any more.';

CREATE OR REPLACE TRIGGER segment_version_keep
    BEFORE UPDATE OF version, definition, defined_at, defined_by OR DELETE OR TRUNCATE ON mkt.segment_version
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._append_only_trigger();
COMMENT ON TRIGGER segment_version_keep ON mkt.segment_version IS 'Versions are append-only; only a new code of the segment is followed.';
