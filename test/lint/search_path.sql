-- Every PL/pgSQL routine pins its search_path with pg_temp last. Only a procedure that commits may not: a SET clause forbids COMMIT.
SELECT p.oid::regprocedure || ' does not pin its search_path'
FROM pg_proc AS p JOIN pg_language AS l ON l.oid = p.prolang
WHERE p.pronamespace IN ('mkt'::regnamespace, 'mkt_cockpit'::regnamespace)
  AND (l.lanname = 'plpgsql' OR p.prosecdef)
  AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS c WHERE c ~ '^search_path=.*pg_temp$')
  AND NOT (p.prokind = 'p' AND p.prosrc ~* '\m(commit|rollback)\M\s*;' AND NOT p.prosecdef)
ORDER BY 1;
