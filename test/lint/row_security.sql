-- Every table is under row security: a table that forgot it would show every branch's rows to anyone it is granted to.
SELECT c.oid::regclass || ' has no row security or no policy'
FROM pg_class AS c
WHERE c.relnamespace = 'mkt'::regnamespace AND c.relkind IN ('r', 'p')
  AND NOT (c.relrowsecurity AND EXISTS (SELECT FROM pg_policy AS p WHERE p.polrelid = c.oid))
  AND EXISTS (SELECT FROM aclexplode(c.relacl) AS a WHERE a.grantee <> c.relowner)
ORDER BY 1;
