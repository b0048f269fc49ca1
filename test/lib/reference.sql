-- ----------------------------------------------------------------------
-- test/lib/reference.sql: docs/reference.md, from the comments of the
-- objects. Internal objects (mkt._*) are left out. The order is by name, so
-- the page changes only where the objects do.
-- ----------------------------------------------------------------------
SET search_path = pg_catalog;

-- One line of text in a Markdown table.
CREATE FUNCTION pg_temp.cell(t text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN replace(replace(coalesce(t, ''), '|', '\|'), E'\n', ' ');

-- Types without the schema they all share, PostGIS wherever it lives.
CREATE FUNCTION pg_temp.short(t text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN regexp_replace(t, '\mmkt\.|\mpublic\.(?=geometry|geography)', '', 'g');

\qecho '# Reference'
\qecho
\qecho 'Generated from the comments of the objects by `make reference`: edit the comments, not this page.'
\qecho
\qecho '## Types'
\qecho
\qecho '| type | what it is |'
\qecho '|---|---|'
SELECT format('| `%s` | %s |', t.typname, pg_temp.cell(obj_description(t.oid, 'pg_type')))
FROM pg_type AS t
WHERE t.typnamespace = 'mkt'::regnamespace AND t.typcategory <> 'A' AND t.typtype IN ('b', 'e', 'd', 'r')
ORDER BY t.typname COLLATE "C";

\qecho
\qecho '## Operators'
\qecho
\qecho '| operator | result | what it does |'
\qecho '|---|---|---|'
SELECT format('| `%s %s %s` | `%s` | %s |', CASE WHEN o.oprleft <> 0 THEN pg_temp.short(format_type(o.oprleft, NULL)) END,
              pg_temp.cell(o.oprname), pg_temp.short(format_type(o.oprright, NULL)),
              pg_temp.short(format_type(o.oprresult, NULL)), pg_temp.cell(obj_description(o.oid, 'pg_operator')))
FROM pg_operator AS o
WHERE o.oprnamespace = 'mkt'::regnamespace
ORDER BY o.oprleft::regtype::text COLLATE "C", o.oprname COLLATE "C", o.oprright::regtype::text COLLATE "C";

\qecho
\qecho '## Functions, aggregates and procedures'
\qecho
\qecho '| call | returns | what it does |'
\qecho '|---|---|---|'
SELECT format('| `%s%s(%s)` | %s | %s |', CASE WHEN p.prokind = 'p' THEN 'CALL ' END, p.proname,
              pg_temp.cell(pg_temp.short(regexp_replace(pg_get_function_arguments(p.oid), '(, )?OUT [^,]*', '', 'g'))),
              CASE p.prokind WHEN 'p' THEN '' ELSE '`' || pg_temp.cell(pg_temp.short(pg_get_function_result(p.oid))) || '`' END,
              pg_temp.cell(obj_description(p.oid, 'pg_proc')))
FROM pg_proc AS p
WHERE p.pronamespace = 'mkt'::regnamespace AND p.proname !~ '^_'
  AND NOT EXISTS (SELECT FROM pg_type AS t WHERE p.oid IN (t.typinput, t.typoutput, t.typreceive, t.typsend))
  AND NOT EXISTS (SELECT FROM pg_aggregate AS a WHERE p.oid IN (a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn, a.aggdeserialfn))
ORDER BY p.proname COLLATE "C", pg_get_function_identity_arguments(p.oid) COLLATE "C";

\qecho
\qecho '## Tables and views of the platform'
SELECT E'\n' || format('### %s%s', c.relname, CASE c.relkind WHEN 'v' THEN ' (view)' END)
       || E'\n\n' || coalesce(obj_description(c.oid, 'pg_class'), '')
       || E'\n\n| column | type | |\n|---|---|---|\n'
       || string_agg(format('| `%s` | `%s`%s | %s |', a.attname, pg_temp.short(format_type(a.atttypid, a.atttypmod)),
                            CASE WHEN a.attnotnull THEN ' not null' END, pg_temp.cell(col_description(c.oid, a.attnum))),
                     E'\n' ORDER BY a.attnum)
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE c.relnamespace = 'mkt'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND a.attnum > 0 AND NOT a.attisdropped
GROUP BY c.oid, c.relname, c.relkind
ORDER BY c.relname COLLATE "C";

\qecho
\qecho '## Cockpit views (schema mkt_cockpit)'
SELECT E'\n' || format('### mkt_cockpit.%s', c.relname) || E'\n\n' || coalesce(obj_description(c.oid, 'pg_class'), '')
       || E'\n\n| column | type | |\n|---|---|---|\n'
       || string_agg(format('| `%s` | `%s` | %s |', a.attname, pg_temp.short(format_type(a.atttypid, a.atttypmod)),
                            pg_temp.cell(col_description(c.oid, a.attnum))), E'\n' ORDER BY a.attnum)
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE c.relnamespace = 'mkt_cockpit'::regnamespace AND c.relkind = 'v' AND a.attnum > 0 AND NOT a.attisdropped
GROUP BY c.oid, c.relname
ORDER BY c.relname COLLATE "C";
