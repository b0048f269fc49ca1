-- segment_snapshot: copies that never change, whichever way one tries
SET search_path = mkt, public;
SET TimeZone = 'UTC'; SET DateStyle = 'ISO';
\set SHOW_CONTEXT never
SELECT tag_put('live', tagmap_range(0, 199999), '2026-04-01 00:00Z') AS live;
SELECT tag_define('young', 'boolean', 'Young', '年轻') IS NOT NULL AS defined;
SELECT tag_put('young', tagmap_range(100, 149999), '2026-04-01 00:00Z') AS young;
SELECT segment_define('target', 'Target', '目标客户', 'young', '2026-04-01 00:00Z') AS v1, segment_define('target', NULL, NULL, 'young & !none & young', '2026-04-01 00:00Z') AS same;
SELECT segment_define('target', NULL, NULL, 'young | live & none', '2026-04-01 00:00Z') AS still_the_same, segment_define('target', NULL, NULL, 'young & live', '2026-04-01 00:00Z') AS v2;

SELECT snapshot_take('may', 'young', 'Young in May', '五月年轻', '2026-05-01 00:00Z') AS members;
SELECT snapshot_take('june', '目标客户', 'Target in June', '六月目标', '2026-06-01 00:00Z') AS members;
SELECT snapshot_take('nobody', 'none', 'Nobody', '无人', '2026-06-01 00:00Z') AS members;
SELECT code, definition, segment_version, taken_at, members, hash FROM snapshot ORDER BY code;
SELECT * FROM snapshot_verify();

-- the tag moves on, the snapshot does not
SELECT tag_remove('young', tagmap_range(0, 99999), '2026-06-15 00:00Z') AS removed;
SELECT audience_count('young') AS now, audience_count('@may') AS then, audience_count('@五月年轻 & !young') AS gone,
       audience_count('may') AS bare, has_tags(100, '@may') AS was_young, audience_count('@nobody') AS nobody;
SELECT intact FROM snapshot_verify('may');

-- in the language: canonical, and apart from the tag of the same name
SELECT '@may'::tagexpr, '＠"五月年轻"&@may|( @ may )'::tagexpr, '!@may & may & @may'::tagexpr, '@"a b" | @"@"'::tagexpr;
SELECT tagexpr_tags('@may & !young');
SELECT '@'::tagexpr;
SELECT '@may >= 3'::tagexpr;
SELECT '@all'::tagexpr;
SELECT '@@may'::tagexpr;
SELECT audience_count('@young');
SELECT audience_count('@mai');
SELECT segment_define('followers', 'Followers', '跟随者', '@may & !young') AS may_be_used_in_a_segment;

-- no way to change it
SELECT tag_put('may', '{1}');
SELECT tag_add('may', '{1}');
SELECT tag_remove('may', '{100}');
SELECT tag_put_values('may', 'SELECT 1::bigint, true');
SELECT tag_define('may', 'boolean', 'May', '五月');
SELECT tag_define('may', 'boolean', 'May', '五月', class => 'snapshot');
SELECT tag_define('new', 'boolean', 'New', '新', class => 'snapshot');
SELECT snapshot_take('may', 'young', 'May', '五月');
SELECT segment_define('may', 'May', '五月', 'young');
UPDATE tag_block SET members = '{1}' WHERE tag_id < 0 AND block = 0;
DELETE FROM tag_block WHERE tag_id < 0;
INSERT INTO tag_block SELECT tag_id, 0, 3, tagmap_range(193536, 193537) FROM tag WHERE code = 'may';
UPDATE tag_block SET tag_id = (SELECT tag_id FROM tag WHERE code = 'nobody') WHERE tag_id = (SELECT tag_id FROM tag WHERE code = 'young');
UPDATE tag SET members = 1 WHERE code = 'may';
UPDATE tag SET rule = 'true', source = 'customer' WHERE code = 'may';
DELETE FROM tag WHERE code = 'may';
UPDATE snapshot SET hash = repeat('0', 64);
SELECT * FROM tag_refresh('{may}');
SELECT code, intact, members FROM snapshot_verify();

-- and should somebody find one, it shows
SET session_replication_role = replica;
UPDATE tag_block SET members = members - '{7777}'::tagmap WHERE block = 0 AND tag_id = (SELECT tag_id FROM tag WHERE code = 'june');
RESET session_replication_role;
SELECT code, intact, members FROM snapshot_verify();
SELECT * FROM audit('snapshot_intact');

-- equal sets have equal hashes, another set another one
SELECT snapshot_take('may2', '@may', 'May again', '再五月', '2026-07-01 00:00Z') AS members;
SELECT a.hash = b.hash AS equal, a.hash = c.hash AS other FROM snapshot AS a, snapshot AS b, snapshot AS c WHERE (a.code, b.code, c.code) = ('may', 'may2', 'nobody');

SELECT snapshot_drop('june');
SELECT count(*) AS june FROM tag WHERE code = 'june';
SELECT snapshot_drop('june');
SELECT * FROM snapshot_verify('june');
SELECT snapshot_take('x', 'no_such_tag', 'X', 'X');
SELECT snapshot_take('x', NULL, 'X', 'X');
