-- access_list: mkt.table_access names every table, and what it says is in force
SET search_path = mkt, public;

-- a table or view nobody has thought about, and one that is not there
SELECT c.relname AS not_classified
FROM pg_class AS c
WHERE c.relnamespace = 'mkt'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
  AND NOT EXISTS (SELECT FROM table_access AS a WHERE a.table_name = c.relname)
ORDER BY 1;
SELECT a.table_name AS not_there FROM table_access AS a WHERE to_regclass('mkt.' || a.table_name) IS NULL ORDER BY 1;

-- a rule that is not in force, or row security the list does not know
SELECT a.table_name AS not_in_force
FROM table_access AS a JOIN pg_class AS c ON c.oid = to_regclass('mkt.' || a.table_name)
WHERE (a.rule IN ('org', 'cell', 'customer')) <> (c.relrowsecurity AND EXISTS (SELECT FROM pg_policy AS p WHERE p.polrelid = c.oid AND p.polname = 'scope'))
  AND a.rule <> 'self'
ORDER BY 1;

-- a table of customers, units or staff that is open to all
SELECT c.relname AS branch_rows_unguarded
FROM pg_attribute AS t JOIN pg_class AS c ON c.oid = t.attrelid JOIN table_access AS a ON a.table_name = c.relname
WHERE c.relnamespace = 'mkt'::regnamespace AND c.relkind IN ('r', 'p') AND t.attname IN ('cid', 'org_id', 'cell_id', 'staff_id') AND a.rule = 'open' AND c.relname NOT IN ('org', 'org_history', 'map_outline', 'channel_owner')
ORDER BY 1;
