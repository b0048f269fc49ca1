-- Nothing in the schemas of mkt is granted to PUBLIC.
SELECT 'PUBLIC may execute ' || p.oid::regprocedure
FROM pg_proc AS p
WHERE p.pronamespace IN ('mkt'::regnamespace, 'mkt_cockpit'::regnamespace)
  AND EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a WHERE a.grantee = 0)
UNION ALL
SELECT format('PUBLIC may %s %s', lower(a.privilege_type), c.oid::regclass)
FROM pg_class AS c, aclexplode(c.relacl) AS a
WHERE c.relnamespace IN ('mkt'::regnamespace, 'mkt_cockpit'::regnamespace) AND a.grantee = 0
UNION ALL
SELECT format('PUBLIC has %s on schema %s', lower(a.privilege_type), n.nspname)
FROM pg_namespace AS n, aclexplode(n.nspacl) AS a
WHERE n.nspname IN ('mkt', 'mkt_cockpit') AND a.grantee = 0
ORDER BY 1;
