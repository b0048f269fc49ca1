-- demo_platform: after the demo's marketing day
BEGIN;
SELECT plan(4);

CREATE FUNCTION pg_temp.row_count(relation regclass) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    n bigint;
BEGIN
    EXECUTE format('SELECT count(*) FROM %s', relation) INTO n;
    RETURN n;
END
$$;

SELECT is_empty('SELECT * FROM mkt.audit()', 'the books balance');

SELECT cmp_ok((SELECT count(*) FROM pg_class WHERE relnamespace = 'mkt_cockpit'::regnamespace AND relkind = 'v'), '>=', 13::bigint,
              'four cockpits of at least three views, and the overview');
SELECT is_empty(
    $$SELECT c.oid::regclass FROM pg_class AS c
      WHERE c.relnamespace = 'mkt_cockpit'::regnamespace AND c.relkind = 'v' AND pg_temp.row_count(c.oid) = 0$$,
    'every cockpit view shows something the day wrote');

-- Tables a day of the demo does not write are listed, so that a new one is a decision.
SELECT set_eq(
    $$SELECT c.relname::text FROM pg_class AS c
      WHERE c.relnamespace = 'mkt'::regnamespace AND c.relkind IN ('r', 'p') AND pg_temp.row_count(c.oid) = 0$$,
    ARRAY['access_grant'],
    'the day writes every table but the grants of database roles');

SELECT * FROM finish();
ROLLBACK;
