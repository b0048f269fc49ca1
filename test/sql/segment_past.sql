-- segment_past: audiences at past moments are what a rebuild from the events says
SET search_path = mkt, public;
SET TimeZone = 'UTC'; SET DateStyle = 'ISO';
\set SHOW_CONTEXT never
\set moment '''2026-11-01 00:00Z''::timestamptz + interval ''1 minute'' *'

-- by hand: three blocks, a customer who comes, goes and comes again
SELECT tag_put('live', tagmap_range(0, 199999), :moment 0) AS live;
SELECT tag_define('vip', 'boolean', 'VIP', '贵宾') IS NOT NULL AS defined;
SELECT tag_put('vip', '{1,70000}', :moment 1) AS put;
SELECT audience('vip', :moment 1), audience_count('vip', :moment 5);
SELECT audience('vip', :moment 0);
SELECT tag_keep_history('vip', as_of => :moment 0) = :moment 1 AS since_the_last_write;
SELECT tag_add('vip', '{2}', :moment 2), tag_remove('vip', '{2,70000}', :moment 3), tag_add('vip', '{2}', :moment 4), tag_put('vip', '{5,140000}', :moment 5);
SELECT m, audience('vip', :moment m) AS vip, audience_count('!vip', :moment m) AS others, audience('vip', :moment m + interval '30 s') AS half_a_minute_later
FROM generate_series(1, 6) AS m ORDER BY m;
SELECT slice, block, changed_at, flipped FROM tag_change ORDER BY changed_at, block;
-- a write says what the tag holds now: it is never filed before the one before it
SELECT tag_add('vip', '{6}', :moment 2) AS late, (SELECT refreshed_at = :moment 5 FROM tag WHERE code = 'vip') AS filed_with_the_last;
SELECT audience('vip', :moment 4) AS before, audience('vip', :moment 5) AS after;
-- the universe has a past of its own
SELECT tag_remove('live', '{5}', :moment 9) AS gone, audience_count('vip', :moment 10);
SELECT audience_count('vip', :moment 8);
SELECT tag_keep_history('live', as_of => :moment 9) IS NOT NULL AS kept, tag_add('live', '{5}', :moment 12) AS back;
SELECT audience('vip', :moment 10) AS without_5, audience('vip', :moment 12) AS with_5;
SELECT audience('vip', :moment 8);
-- what is forgotten, and what is not kept at all
SELECT tag_history_trim(:moment 4, '{vip}') AS gone, (SELECT count(*) FROM tag_change AS c JOIN tag USING (tag_id) WHERE code = 'vip') AS left;
SELECT tag_keep_history('vip', false) AS since, (SELECT count(*) FROM tag_change AS c JOIN tag USING (tag_id) WHERE code = 'vip') AS left;
SELECT audience('vip', :moment 4);
SELECT tag_keep_history('nobody');
SELECT audience(NULL, :moment 4) IS NULL AS strict, audience_count('none', 'infinity') AS none;
SELECT tag_keep_history('live', false);

-- random events, and a rebuild
\if :{?seed}
\else
\set seed 20261101
\endif
\echo seed :seed
SELECT set_config('test.seed', :'seed', false) AS seed \gset
CREATE FUNCTION pg_temp.draw(salt text, n bigint, below bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS
$$ SELECT (hashtextextended(salt || n, 0) & 9007199254740991) % below $$;
CREATE TABLE event (at integer, tag text, cid bigint, value numeric, PRIMARY KEY (at, tag, cid));   -- value NULL: taken away
CREATE TABLE world (tag text, cid bigint, value numeric, PRIMARY KEY (tag, cid));
SELECT tag_define('score', 'numeric', 'Score', '评分', scale => 1) IS NOT NULL
   AND tag_define('level', 'enum', 'Level', '等级', labels => '{low,mid,high}') IS NOT NULL AS defined;
SELECT tag_put('live', '{}', :moment 0), tag_put('vip', '{}', :moment 0);
SELECT count(tag_keep_history(code, as_of => :moment 0)) AS with_history FROM tag WHERE code IN ('live', 'vip', 'score', 'level');

DO $$
DECLARE
    seed text := current_setting('test.seed');
    at   timestamptz;
    t    text;
BEGIN
    FOR n IN 1 .. 60 LOOP
        t := (ARRAY['live', 'vip', 'score', 'level'])[1 + pg_temp.draw(seed || 'tag', n, 4)];
        at := '2026-11-01 00:00Z'::timestamptz + n * interval '1 minute';
        INSERT INTO event
        SELECT DISTINCT ON (d.cid) n, t, d.cid,
               CASE WHEN pg_temp.draw(seed || 'gone' || n, d.i, 4) = 0 THEN NULL
                    WHEN t = 'score' THEN (pg_temp.draw(seed || 'value' || n, d.i, 5 * (1 + n % 7) * (1 + n % 5)) - 100 * (n % 3)) / 10.0
                    WHEN t = 'level' THEN pg_temp.draw(seed || 'value' || n, d.i, 3)
                    ELSE 1 END
        FROM (SELECT i, pg_temp.draw(seed || 'block' || n, i, 4) * 64512 + pg_temp.draw(seed || 'low' || n, i, CASE WHEN n % 2 = 0 THEN 40 ELSE 900 END) AS cid
              FROM generate_series(1, CASE WHEN n % 5 = 0 THEN 3000 ELSE 100 END) AS i) AS d
        ORDER BY d.cid, d.i;
        -- scores are often drawn anew for all, in another range: bias and slices change
        IF t = 'score' AND n % 3 > 0 THEN
            INSERT INTO event SELECT n, t, w.cid, NULL FROM world AS w WHERE w.tag = t ON CONFLICT DO NOTHING;
        END IF;
        DELETE FROM world AS w USING event AS e WHERE e.at = n AND w.tag = e.tag AND w.cid = e.cid;
        INSERT INTO world SELECT e.tag, e.cid, e.value FROM event AS e WHERE e.at = n AND e.value IS NOT NULL;
        IF t IN ('score', 'level') THEN
            PERFORM mkt.tag_put_values(t, format('SELECT cid, value FROM world WHERE tag = %L', t), at);
        ELSIF n % 3 = 0 THEN
            PERFORM mkt.tag_put(t, (SELECT coalesce(mkt.tagmap_agg(w.cid), '{}') FROM world AS w WHERE w.tag = t), at);
        ELSE
            PERFORM mkt.tag_remove(t, (SELECT coalesce(mkt.tagmap_agg(e.cid), '{}') FROM event AS e WHERE e.at = n AND e.value IS NULL), at);
            PERFORM mkt.tag_add(t, (SELECT coalesce(mkt.tagmap_agg(e.cid), '{}') FROM event AS e WHERE e.at = n AND e.value IS NOT NULL), at);
        END IF;
    END LOOP;
END $$;
SELECT count(*) > 5 AS shapes, (SELECT count(*) FROM tag_change) > 200 AS changes, (SELECT count(DISTINCT slice) FROM tag_change) > 5 AS slices FROM tag_shape;
SELECT count(*) AS mixed_up FROM tag_change AS c JOIN tag AS t USING (tag_id) WHERE c.changed_at > t.refreshed_at;

-- the state at a moment: of each customer and tag the last event up to then
CREATE FUNCTION pg_temp.state(t integer, tag_code text) RETURNS TABLE (cid bigint, value numeric) LANGUAGE sql AS
$$ SELECT s.cid, s.value FROM (SELECT DISTINCT ON (e.cid) e.cid, e.value FROM event AS e WHERE e.tag = tag_code AND e.at <= t ORDER BY e.cid, e.at DESC) AS s WHERE s.value IS NOT NULL $$;
CREATE FUNCTION pg_temp.rebuild(t integer, condition text) RETURNS mkt.tagmap LANGUAGE plpgsql AS $$
DECLARE
    found mkt.tagmap;
BEGIN
    EXECUTE format('SELECT coalesce(mkt.tagmap_agg(l.cid), ''{}'') FROM pg_temp.state($1, ''live'') AS l
                    LEFT JOIN pg_temp.state($1, ''vip'') AS v USING (cid) LEFT JOIN pg_temp.state($1, ''score'') AS s USING (cid) LEFT JOIN pg_temp.state($1, ''level'') AS e USING (cid)
                    WHERE %s', condition) INTO found USING t;
    RETURN found;
END $$;
CREATE TABLE asked (expression mkt.tagexpr, condition text);
INSERT INTO asked VALUES
    ('all', 'true'), ('vip', 'v.value = 1'), ('!vip', 'v.value IS NULL'), ('score', 's.value IS NOT NULL'),
    ('score >= 3.5', 's.value >= 3.5'), ('score < 0', 's.value < 0'), ('score between -5 and 2.5', 's.value BETWEEN -5 AND 2.5'), ('score <> 1', 's.value <> 1'),
    ('score in (-1, 0.3, 7)', 's.value IN (-1, 0.3, 7)'), ('level = ''high''', 'e.value = 2'), ('level <> ''low'' | vip', 'coalesce(e.value <> 0, false) OR v.value = 1'),
    ('!(score >= 1) & !vip & level', '(s.value >= 1) IS NOT TRUE AND v.value IS NULL AND e.value IS NOT NULL'),
    ('vip & score >= 1 & score < 1', 'false');
SELECT count(*) AS questions, count(*) FILTER (WHERE card(r.members) > 0) > 200 AS most_have_members,
       bool_and(audience(a.expression, :moment t.at) = r.members) AS equal_a_rebuild,
       bool_and(audience_count(a.expression, :moment t.at + interval '59 s') = card(r.members)) AS counted_so_until_the_next
FROM asked AS a CROSS JOIN (SELECT pg_temp.draw(:'seed' || 'moment', g, 61)::integer AS at FROM generate_series(1, 30) AS g) AS t
CROSS JOIN LATERAL (SELECT pg_temp.rebuild(t.at, a.condition) AS members) AS r;
-- at the last event the past is the present, and it is still there after a trim
SELECT bool_and(audience(expression, :moment 60) = audience(expression)) AS now FROM asked;
SELECT tag_history_trim(:moment 30) > 0 AS trimmed;
SELECT bool_and(audience(expression, :moment m) = pg_temp.rebuild(m, condition)) AS still FROM asked, unnest('{30,31,45,59}'::integer[]) AS m;
SELECT audience_count('score', :moment 29);

-- one question may mix a snapshot and the past; a snapshot may be taken of the past
SELECT snapshot_take('then', 'vip & score >= 1', 'Then', '当时', :moment 40) = card(pg_temp.rebuild(40, 'v.value = 1 AND s.value >= 1')) AS as_of_then;
SELECT audience('@then & vip', :moment 50) = (pg_temp.rebuild(40, 'v.value = 1 AND s.value >= 1') & pg_temp.rebuild(50, 'v.value = 1')) AS mixed;

-- no row of the history is ever toasted, and changes stay as they are
SELECT reltoastrelid FROM pg_class WHERE oid = 'mkt.tag_change'::regclass;
SELECT max(pg_column_size(c.*)) < 8160 AS fits FROM tag_change AS c;
SELECT tag_put('vip', (SELECT tagmap_agg(g) FROM generate_series(0, 64511, 2) AS g), :moment 70), tag_put('vip', (SELECT tagmap_agg(g) FROM generate_series(1, 64511, 2) AS g), :moment 71);
SELECT card(flipped) FROM tag_change AS c JOIN tag AS t USING (tag_id) WHERE t.code = 'vip' AND block = 0 ORDER BY changed_at DESC LIMIT 1;
SELECT audience_count('vip & live', :moment 70) + audience_count('!vip & live', :moment 70) = audience_count('all', :moment 70) AS adds_up;
UPDATE tag_change SET changed_at = now();
