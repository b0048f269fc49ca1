-- platform_upgrade: deltas run once each, in order, from the platform's version on
\set SHOW_CONTEXT never
SET client_min_messages = warning;

-- an extension whose platform took three steps to come here
CREATE OR REPLACE FUNCTION mkt._platform_part(OUT ordinal integer, OUT stem text, OUT kind text, OUT body text)
    RETURNS SETOF record LANGUAGE sql IMMUTABLE AS $parts$
VALUES (1, '06-platform',  'once',  'SELECT 1/0 AS once_parts_must_not_run_again'),
       (2, '06-platform',  'code',  'INSERT INTO public.ran VALUES (''code'')'),
       (3, '0.0.1--0.0.9', 'delta', 'INSERT INTO public.ran VALUES (''0.0.1'')'),
       (4, '0.0.9--0.0.10', 'delta', 'INSERT INTO public.ran VALUES (''0.0.9''); ALTER TABLE mkt.platform ADD COLUMN added_by_delta integer DEFAULT 7'),
       (5, '0.0.10--0.1.0', 'delta', 'INSERT INTO public.ran VALUES (''0.0.10''); UPDATE mkt.platform SET added_by_delta = added_by_delta + 1')
$parts$;
CREATE TABLE public.ran (step text, n integer GENERATED ALWAYS AS IDENTITY);

UPDATE mkt.platform SET version = '0.0.9';
CALL mkt.upgrade_platform();
SELECT step FROM public.ran ORDER BY n;
SELECT version, added_by_delta FROM mkt.platform;

-- again: only what is replaceable
CALL mkt.upgrade_platform();
SELECT step FROM public.ran ORDER BY n;

-- a delta that fails leaves the platform as it was, and is named
UPDATE mkt.platform SET version = '0.0.10';
CREATE OR REPLACE FUNCTION mkt._platform_part(OUT ordinal integer, OUT stem text, OUT kind text, OUT body text)
    RETURNS SETOF record LANGUAGE sql IMMUTABLE AS $parts$
VALUES (1, '0.0.10--0.1.0', 'delta', 'DROP TABLE public.ran; ALTER TABLE mkt.platform DROP COLUMN no_such_column')
$parts$;
CALL mkt.upgrade_platform();
\echo :LAST_ERROR_SQLSTATE
SELECT version, to_regclass('public.ran') AS still_there FROM mkt.platform;
