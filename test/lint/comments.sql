-- Every object of the extension and of the platform carries a comment.
WITH member AS (
    SELECT d.classid, d.objid
    FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid
    WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname = 'mkt'
      -- array types and implementation functions of casts come with their owner
      AND NOT EXISTS (SELECT FROM pg_type AS t WHERE d.classid = 'pg_type'::regclass AND t.oid = d.objid AND t.typcategory = 'A')
), platform AS (
    SELECT 'pg_class'::regclass::oid AS classid, c.oid AS objid
    FROM pg_class AS c
    WHERE c.relnamespace IN ('mkt'::regnamespace, 'mkt_cockpit'::regnamespace) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
    UNION ALL
    SELECT 'pg_policy'::regclass, p.oid FROM pg_policy AS p
    UNION ALL
    SELECT 'pg_namespace'::regclass, n.oid FROM pg_namespace AS n WHERE n.nspname IN ('mkt', 'mkt_cockpit')
)
SELECT pg_describe_object(o.classid, o.objid, 0) || ' has no comment'
FROM (TABLE member UNION TABLE platform) AS o
WHERE obj_description(o.objid, (SELECT c.relname FROM pg_class AS c WHERE c.oid = o.classid)) IS NULL
UNION ALL
SELECT 'column ' || a.attrelid::regclass || '.' || a.attname || ' has no comment'
FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
WHERE c.relnamespace = 'mkt_cockpit'::regnamespace AND c.relkind = 'v' AND a.attnum > 0 AND NOT a.attisdropped
  AND col_description(a.attrelid, a.attnum) IS NULL
ORDER BY 1;
