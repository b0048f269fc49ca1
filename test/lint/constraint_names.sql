-- Constraints are named after their table: an upgrade has to find them.
SELECT format('constraint %s of %s is not named after its table', c.conname, c.conrelid::regclass)
FROM pg_constraint AS c JOIN pg_class AS t ON t.oid = c.conrelid
WHERE c.connamespace = 'mkt'::regnamespace AND c.contype IN ('c', 'f', 'p', 'u', 'x')
  AND left(c.conname, length(t.relname) + 1) <> left(t.relname || '_', 63)
ORDER BY 1;
