-- ----------------------------------------------------------------------
-- sql/platform/98-access.code.sql: puts mkt.table_access into force. A table
-- that the list names and nobody has created is an error.
-- ----------------------------------------------------------------------
SELECT mkt._secure(('mkt.' || a.table_name)::regclass, a.rule)
FROM mkt.table_access AS a
WHERE a.rule IN ('org', 'cell', 'customer')
ORDER BY a.table_name;

-- Counts of the whole operator, read by a cockpit that every reader opens: a
-- branch gets no row, not an error.
ALTER TABLE mkt.round_refusal ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS scope ON mkt.round_refusal;
CREATE POLICY scope ON mkt.round_refusal USING ((SELECT mkt.sees_all()));
COMMENT ON POLICY scope ON mkt.round_refusal IS 'Head office sees the counts, a branch none.';

SELECT mkt._access_refresh();
