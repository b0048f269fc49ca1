-- Cockpit views: run with the caller's rights and show base column types only (any driver of any BI tool knows them).
-- Views named *_map may also hold a geometry.
SELECT c.oid::regclass || ' is not security_invoker'
FROM pg_class AS c
WHERE c.relnamespace = 'mkt_cockpit'::regnamespace AND c.relkind = 'v'
  AND NOT coalesce(c.reloptions @> ARRAY['security_invoker=true'], false)
UNION ALL
SELECT c.oid::regclass || ' is not a view'
FROM pg_class AS c
WHERE c.relnamespace = 'mkt_cockpit'::regnamespace AND c.relkind NOT IN ('v', 'c')
UNION ALL
SELECT format('%s.%s is of type %s', c.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod))
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE c.relnamespace = 'mkt_cockpit'::regnamespace AND c.relkind = 'v' AND a.attnum > 0 AND NOT a.attisdropped
  AND format_type(a.atttypid, NULL) NOT IN ('integer', 'bigint', 'numeric', 'double precision', 'text', 'boolean', 'date',
                                            'timestamp with time zone')
  AND NOT (c.relname LIKE '%\_map' AND a.atttypid = to_regtype('geometry'))
ORDER BY 1;
