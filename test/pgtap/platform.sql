-- platform: whose it is, who may touch it
BEGIN;
SELECT plan(6);

-- A login that was granted nothing gets nothing.
CREATE ROLE platform_nobody;
SELECT is(has_schema_privilege('platform_nobody', s, 'USAGE'), false, 'no use of schema ' || s || ' without a grant')
FROM unnest(ARRAY['mkt', 'mkt_cockpit']) AS s;
SELECT is_empty(
    $$SELECT p.oid::regprocedure FROM pg_proc AS p
      WHERE p.pronamespace IN ('mkt'::regnamespace, 'mkt_cockpit'::regnamespace)
        AND has_function_privilege('platform_nobody', p.oid, 'EXECUTE')$$,
    'no routine without a grant');
SELECT is_empty(
    $$SELECT c.oid::regclass FROM pg_class AS c
      WHERE c.relnamespace IN ('mkt'::regnamespace, 'mkt_cockpit'::regnamespace) AND c.relkind IN ('r', 'p', 'v', 'S')
        AND CASE c.relkind WHEN 'S' THEN has_sequence_privilege('platform_nobody', c.oid, 'USAGE, SELECT, UPDATE')
                           ELSE has_table_privilege('platform_nobody', c.oid, 'SELECT, INSERT, UPDATE, DELETE') END$$,
    'no table, view or sequence without a grant');

-- A clone can know that it is one.
SELECT is((SELECT p.system_identifier FROM mkt.platform AS p), (SELECT c.system_identifier FROM pg_control_system() AS c),
          'the platform knows the cluster it was created in');

SELECT throws_ok($$UPDATE mkt.platform SET tenant_salt = ''$$, '23514', NULL, 'an empty salt is refused');

SELECT * FROM finish();
ROLLBACK;
