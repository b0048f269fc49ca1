-- ----------------------------------------------------------------------
-- sql/platform/98-access.code.sql: puts mkt.table_access into force. While the
-- platform grows, tables of parts that are not there yet are passed over.
-- ----------------------------------------------------------------------
SELECT mkt._secure(to_regclass('mkt.' || a.table_name), a.rule)
FROM mkt.table_access AS a
WHERE a.rule IN ('org', 'cell', 'customer')
  AND to_regclass('mkt.' || a.table_name) IS NOT NULL
ORDER BY a.table_name;

SELECT mkt._access_refresh();
