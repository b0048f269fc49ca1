-- ----------------------------------------------------------------------
-- test/upgrade/answers.sql: what must be the same in a fresh database, in
-- an updated one, and in a restored one: the definition of every object,
-- then a fingerprint of the rows of every table and cockpit view.
--
-- Left out: what is drawn or read from a clock when the platform is created
-- (created_at, tenant_salt, stamp), how long a job ran (ms, finished_at), and the view
-- freshness, which tells of it; when a log line was written, a map was opened and
-- published by the clock, and the stamp a unit's shape was drawn from. Parentheses and the
-- aliases of constants are left out of definitions: the server itself prints
-- them differently after a dump and restore.
-- ----------------------------------------------------------------------
\pset format unaligned
\pset tuples_only on
SET search_path = pg_catalog;
SET TimeZone = 'UTC';
SET client_min_messages = warning;

\echo == routines
SELECT p.oid::regprocedure, p.prokind, l.lanname, p.provolatile, p.proisstrict, p.proparallel, p.proleakproof, p.prosecdef, p.procost,
       p.prorows, p.proconfig, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), p.proacl,
       md5(coalesce(pg_get_function_sqlbody(p.oid), p.prosrc)), p.prosupport, md5(obj_description(p.oid, 'pg_proc'))
FROM pg_proc AS p JOIN pg_language AS l ON l.oid = p.prolang
WHERE p.pronamespace IN ('mkt'::regnamespace, 'mkt_cockpit'::regnamespace)
ORDER BY p.oid::regprocedure::text COLLATE "C";
SELECT a.aggfnoid, a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn, a.aggdeserialfn, a.aggtranstype::regtype, a.aggtransspace, a.agginitval
FROM pg_aggregate AS a JOIN pg_proc AS p ON p.oid = a.aggfnoid
WHERE p.pronamespace = 'mkt'::regnamespace ORDER BY p.oid::regprocedure::text COLLATE "C";

\echo == types, operators, casts, operator classes
SELECT t.oid::regtype, t.typlen, t.typbyval, t.typcategory, t.typstorage, t.typalign, t.typinput, t.typoutput, t.typreceive, t.typsend, t.typacl, obj_description(t.oid, 'pg_type')
FROM pg_type AS t WHERE t.typnamespace = 'mkt'::regnamespace AND t.typrelid = 0 ORDER BY t.oid::regtype::text COLLATE "C";
SELECT o.oid::regoperator, o.oprresult::regtype, o.oprcode, o.oprcom::regoperator, o.oprnegate::regoperator, o.oprcanhash, o.oprcanmerge, o.oprrest, o.oprjoin, obj_description(o.oid, 'pg_operator')
FROM pg_operator AS o WHERE o.oprnamespace = 'mkt'::regnamespace ORDER BY o.oid::regoperator::text COLLATE "C";
SELECT c.castsource::regtype, c.casttarget::regtype, c.castfunc::regprocedure, c.castcontext, c.castmethod
FROM pg_cast AS c JOIN pg_depend AS d ON d.classid = 'pg_cast'::regclass AND d.objid = c.oid AND d.deptype = 'e'
JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'mkt' ORDER BY c.castsource::regtype::text, c.casttarget::regtype::text;
SELECT am.amname, f.opfname, a.amopstrategy, a.amopopr::regoperator FROM pg_amop AS a JOIN pg_opfamily AS f ON f.oid = a.amopfamily JOIN pg_am AS am ON am.oid = f.opfmethod
WHERE f.opfnamespace = 'mkt'::regnamespace ORDER BY am.amname, f.opfname, a.amopstrategy;
SELECT am.amname, f.opfname, a.amprocnum, a.amproc FROM pg_amproc AS a JOIN pg_opfamily AS f ON f.oid = a.amprocfamily JOIN pg_am AS am ON am.oid = f.opfmethod
WHERE f.opfnamespace = 'mkt'::regnamespace ORDER BY am.amname, f.opfname, a.amprocnum;

\echo == relations
CREATE TEMP TABLE ours AS
    SELECT c.* FROM pg_class AS c WHERE c.relnamespace IN ('mkt'::regnamespace, 'mkt_cockpit'::regnamespace);
SELECT c.oid::regclass, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.relpersistence, c.reloptions, c.relacl, obj_description(c.oid, 'pg_class')
FROM ours AS c ORDER BY c.oid::regclass::text COLLATE "C";
SELECT a.attrelid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attstorage, a.attacl, pg_get_expr(d.adbin, d.adrelid), col_description(a.attrelid, a.attnum)
FROM ours AS c JOIN pg_attribute AS a ON a.attrelid = c.oid LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind <> 'i' ORDER BY a.attrelid::regclass::text COLLATE "C", a.attname COLLATE "C";
SELECT c.conrelid::regclass, c.conname, translate(pg_get_constraintdef(c.oid), '()', ''), c.convalidated
FROM pg_constraint AS c JOIN ours AS o ON o.oid = c.conrelid ORDER BY c.conrelid::regclass::text COLLATE "C", c.conname COLLATE "C";
SELECT pg_get_indexdef(i.indexrelid) FROM pg_index AS i JOIN ours AS c ON c.oid = i.indrelid ORDER BY pg_get_indexdef(i.indexrelid) COLLATE "C";
SELECT pg_get_triggerdef(t.oid), t.tgenabled FROM pg_trigger AS t JOIN ours AS c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal ORDER BY pg_get_triggerdef(t.oid) COLLATE "C";
SELECT p.polrelid::regclass, p.polname, p.polcmd, p.polpermissive, p.polroles::regrole[], pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid), obj_description(p.oid, 'pg_policy')
FROM pg_policy AS p ORDER BY p.polrelid::regclass::text COLLATE "C", p.polname COLLATE "C";
SELECT c.oid::regclass, regexp_replace(translate(pg_get_viewdef(c.oid), '()', ''), ' AS (text|"\?column\?"|numeric|int4|bool)\M', '', 'g') FROM ours AS c WHERE c.relkind = 'v' ORDER BY c.oid::regclass::text COLLATE "C";
SELECT s.seqrelid::regclass, s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcycle, pg_sequence_last_value(s.seqrelid)
FROM pg_sequence AS s JOIN ours AS c ON c.oid = s.seqrelid ORDER BY s.seqrelid::regclass::text COLLATE "C";

\echo == rows
SET search_path = pg_catalog, public;
\set left_out '{created_at,tenant_salt,stamp,ms,finished_at,logged_at,built_from,opened_at,published_at}'
SELECT format($$SELECT %L, count(*), md5(string_agg(r, E'\n' ORDER BY r COLLATE "C")) FROM (SELECT %s FROM %s AS t) AS rows(r)$$, c.oid::regclass,
              CASE WHEN EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = ANY (:'left_out'::text[]))
                   THEN format('(to_jsonb(t) - %L::text[])::text', :'left_out') ELSE 't::text' END, c.oid::regclass)
FROM ours AS c WHERE c.relkind IN ('r', 'p') OR c.relkind = 'v' AND c.relnamespace = 'mkt_cockpit'::regnamespace AND c.relname <> 'freshness'
ORDER BY c.oid::regclass::text COLLATE "C"
\gexec
