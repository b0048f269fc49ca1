-- import_law: random imports, good lines and bad, against the same lines taken
-- one by one: same customers, same keys, same counts, numbers without a gap.
\set seed `echo "${SEED:-20261102}"`
\echo # seed :seed
SET client_min_messages = warning;
BEGIN;
SELECT plan(6);
SELECT set_config('mkt_test.seed', :'seed', true) \gset
CREATE FUNCTION pg_temp.draw(salt text, n bigint, upto bigint) RETURNS bigint LANGUAGE sql
    RETURN (hashtextextended(salt || ':' || n, current_setting('mkt_test.seed')::bigint) & 1073741823) % upto;

INSERT INTO mkt.org (org_id, parent_id, tier, code, name, name_zh)
SELECT t, nullif(t - 1, 0), t, 'U' || t, 'Unit ' || t, '单元' || t FROM generate_series(1, 7) AS t;
INSERT INTO mkt.staff (staff_id, code, name, name_zh, post_code, org_id) VALUES (1, 'S1', 'x', 'x', 'field_manager', 7);
INSERT INTO mkt.grid_cell (cell_id, code, name, name_zh, kind, grid_id, org_id, geom, area_km2)
SELECT n, 'C' || n, 'x', 'x', 'rural', 5, 7, ST_Multi(ST_MakeEnvelope(113 + n, 38, 114 + n, 39, 4326)), 1 FROM generate_series(1, 3) AS n;
INSERT INTO mkt.address (address_id, code, name, name_zh, location, cell_id) SELECT n, 'A' || n, 'x', 'x', ST_SetSRID(ST_MakePoint(113.5 + n, 38.5), 4326), n FROM generate_series(1, 3) AS n;

-- 30 imports of 40 lines about 150 customers; every kind of mistake comes up
CREATE TEMP TABLE line AS
SELECT i AS import, n AS line, i * 40 + n AS id,
       CASE WHEN pg_temp.draw('nokey', i * 40 + n, 60) > 0 THEN 'K' || pg_temp.draw('key', i * 40 + n, 150) END AS customer_key,
       CASE WHEN pg_temp.draw('net', i * 40 + n, 4) > 0 THEN (ARRAY['own', 'off', 'own', 'off', 'own', 'off', 'both'])[1 + pg_temp.draw('which', i * 40 + n, 7)] END AS net,
       CASE WHEN pg_temp.draw('phone', i * 40 + n, 2) = 0 THEN 'P' || pg_temp.draw('which phone', i * 40 + n, 9) END AS phone,
       CASE WHEN pg_temp.draw('point', i * 40 + n, 3) = 0 THEN 113 + pg_temp.draw('lon', i * 40 + n, 50) / 10.0 + CASE WHEN pg_temp.draw('far', i * 40 + n, 20) = 0 THEN 900 ELSE 0 END END::float8 AS lon,
       CASE WHEN pg_temp.draw('point', i * 40 + n, 3) = 0 THEN 38.25 END::float8 AS lat,
       CASE WHEN pg_temp.draw('address', i * 40 + n, 4) = 0 THEN 'A' || 1 + pg_temp.draw('which address', i * 40 + n, 4) END AS address_code,
       CASE WHEN pg_temp.draw('live', i * 40 + n, 5) = 0 THEN pg_temp.draw('is live', i * 40 + n, 2) = 0 END AS live,
       CASE WHEN pg_temp.draw('has key', i * 40 + n, 3) = 0 THEN 'X' || pg_temp.draw('outside key', i * 40 + n, 80) END AS key_phone
FROM generate_series(1, 30) AS i, generate_series(1, 40) AS n;
CREATE TEMP TABLE counted (import integer, outcome text, reason text, customers bigint);

-- ---- one by one ------------------------------------------------------------
CREATE TEMP TABLE expected (cid bigint, customer_key text PRIMARY KEY, net text, phone text, lon float8, lat float8, address_id bigint, cell_id integer, live boolean);
CREATE TEMP TABLE expected_key (outside_key text PRIMARY KEY, cid bigint);
CREATE TEMP TABLE expected_count (import integer, outcome text, reason text);
CREATE FUNCTION pg_temp.take(l pg_temp.line) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    had  pg_temp.expected;
    now  pg_temp.expected;
    owns bigint := (SELECT k.cid FROM pg_temp.expected_key AS k WHERE k.outside_key = l.key_phone);
    home record;
BEGIN
    SELECT * INTO had FROM pg_temp.expected AS e WHERE e.customer_key = l.customer_key;
    SELECT a.address_id, ST_X(a.location) AS lon, ST_Y(a.location) AS lat, a.cell_id INTO home FROM mkt.address AS a WHERE a.code = l.address_code;
    IF l.customer_key IS NULL THEN RETURN 'no_key'; END IF;
    IF (SELECT count(*) FROM pg_temp.line AS o WHERE o.import = l.import AND o.customer_key = l.customer_key) > 1 THEN RETURN 'duplicate_key'; END IF;
    IF l.net = 'both' THEN RETURN 'bad_net'; END IF;
    IF l.lon > 180 THEN RETURN 'bad_point'; END IF;
    IF had.cid IS NULL AND l.net IS NULL THEN RETURN 'bad_net'; END IF;
    IF l.address_code IS NOT NULL AND home.address_id IS NULL THEN RETURN 'unknown_address'; END IF;
    -- the others that claim the key in this import, as far as they could be read
    IF l.key_phone IS NOT NULL AND EXISTS (
        SELECT FROM pg_temp.line AS o WHERE o.import = l.import AND o.id <> l.id AND o.key_phone = l.key_phone AND o.customer_key IS NOT NULL
          AND coalesce(o.net, '') <> 'both' AND coalesce(o.lon, 0) < 180
          AND (SELECT count(*) FROM pg_temp.line AS p WHERE p.import = o.import AND p.customer_key = o.customer_key) = 1) THEN
        RETURN 'key_twice';
    END IF;
    IF owns <> coalesce(had.cid, -1) THEN RETURN 'key_taken'; END IF;

    now := had;
    now.customer_key := l.customer_key;
    now.cid := coalesce(had.cid, (SELECT count(*) + 1 FROM pg_temp.expected));
    now.net := coalesce(l.net, had.net);
    now.phone := coalesce(l.phone, had.phone);
    now.live := coalesce(l.live, had.live, true);
    now.address_id := coalesce(home.address_id, had.address_id);
    IF l.lon IS NOT NULL THEN
        IF (l.lon, l.lat) IS DISTINCT FROM (had.lon, had.lat) THEN
            now.cell_id := (SELECT min(g.cell_id) FROM mkt.grid_cell AS g WHERE ST_Covers(g.geom, ST_SetSRID(ST_MakePoint(l.lon, l.lat), 4326)));
        END IF;
        now.lon := l.lon; now.lat := l.lat;
    ELSIF had.lon IS NULL AND home.address_id IS NOT NULL THEN
        now.lon := home.lon; now.lat := home.lat; now.cell_id := home.cell_id;
    END IF;
    IF l.key_phone IS NOT NULL AND owns IS NULL THEN
        INSERT INTO pg_temp.expected_key VALUES (l.key_phone, now.cid);
    ELSIF now IS NOT DISTINCT FROM had THEN
        RETURN 'unchanged';
    END IF;
    DELETE FROM pg_temp.expected AS e WHERE e.customer_key = l.customer_key;
    INSERT INTO pg_temp.expected SELECT now.*;
    RETURN CASE WHEN had.cid IS NULL THEN 'inserted' ELSE 'updated' END;
END
$$;
DO $$
DECLARE
    l pg_temp.line;
    said text;
BEGIN
    FOR i IN 1 .. 30 LOOP
        INSERT INTO pg_temp.counted SELECT i, c.outcome, c.reason, c.customers
        FROM mkt.customer_import(format('SELECT customer_key, net, phone, lon, lat, address_code, live, key_phone FROM pg_temp.line WHERE import = %s ORDER BY line', i),
                                 timestamptz '2026-11-01' + i * interval '1 hour', universe => i % 3 > 0) AS c;
        FOR l IN SELECT * FROM pg_temp.line AS x WHERE x.import = i ORDER BY x.line LOOP
            said := pg_temp.take(l);
            INSERT INTO pg_temp.expected_count
            SELECT i, CASE WHEN said IN ('inserted', 'updated', 'unchanged') THEN said ELSE 'refused' END, CASE WHEN said NOT IN ('inserted', 'updated', 'unchanged') THEN said END;
        END LOOP;
    END LOOP;
END
$$;
SELECT set_eq('SELECT cid, customer_key, net, phone, ST_X(location), ST_Y(location), address_id, cell_id, live FROM mkt.customer', 'TABLE expected', 'the customers are those of the lines taken one by one');
SELECT set_eq('SELECT outside_key, cid FROM mkt.customer_key', 'TABLE expected_key', 'so are the keys');
SELECT set_eq('TABLE counted', 'SELECT import, outcome, reason, count(*) FROM expected_count GROUP BY 1, 2, 3', 'and what is reported of each import');
SELECT cmp_ok((SELECT count(DISTINCT coalesce(reason, outcome)) FROM counted), '>=', 10::bigint, 'every outcome but a few came up');
SELECT is((SELECT array_agg(cid ORDER BY cid) FROM mkt.customer), (SELECT array_agg(n ORDER BY n) FROM generate_series(1::bigint, (SELECT count(*) FROM mkt.customer)) AS n), 'numbers have no gap');
SELECT count(*) AS refreshed FROM mkt.tag_refresh('{live,cell}', '2026-11-03') \gset
SELECT set_eq($$SELECT cid, value::integer FROM mkt.tag_values('cell')$$, 'SELECT cid, cell_id FROM expected WHERE live AND cell_id IS NOT NULL', 'and the universe follows');
SELECT * FROM finish();
ROLLBACK;
