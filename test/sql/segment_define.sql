-- segment_define: segments that name segments, refreshed in order, in one transaction
SET search_path = mkt, public;
SET TimeZone = 'UTC'; SET DateStyle = 'ISO';
\set SHOW_CONTEXT never
SELECT tag_put('live', tagmap_range(0, 99)) AS live;
SELECT tag_define('young', 'boolean', 'Young', '年轻') IS NOT NULL AND tag_define('rich', 'boolean', 'Rich', '富裕') IS NOT NULL
   AND tag_define('spend', 'numeric', 'Spend', '消费') IS NOT NULL AS defined;
SELECT tag_put('young', tagmap_range(0, 49)) AS young, tag_put('rich', tagmap_range(40, 79)) AS rich,
       tag_put_values('spend', 'SELECT g, g FROM generate_series(0, 99) AS g') AS spend;

-- the names an expression uses
SELECT tagexpr_tags('年轻 & (!rich | spend >= 3 | spend < 1) & in_org(''x'')');
SELECT count(*) AS of_nothing FROM tagexpr_tags('all');

-- three storeys, one of them named in Chinese
SELECT segment_define('target', 'Target', '目标客户', 'young & !rich', '2026-11-01 00:00Z') AS version;
SELECT segment_define('big_spender', 'Big spender', '高消费', '目标客户 & spend >= 30', '2026-11-01 00:00Z') AS version;
SELECT segment_define('others', 'Others', '其他客户', '!big_spender & !target', '2026-11-01 00:00Z') AS version;
SELECT s.code, s.definition, s.version, t.members, t.class, t.kind FROM segment AS s JOIN tag AS t ON t.code = s.code ORDER BY s.code;
SELECT * FROM segment_refresh(as_of => '2026-11-02 00:00Z');

-- an edit takes its dependants along, in their order, at once (semantics A.5)
BEGIN;
SELECT segment_define('target', NULL, NULL, 'young & !rich & spend < 35', '2026-11-03 00:00Z') AS version;
SELECT t.code, t.members, t.members = audience_count(s.definition) AS as_defined
FROM segment AS s JOIN tag AS t ON t.code = s.code ORDER BY t.code;
SELECT audience('big_spender'), audience_count('others');
COMMIT;
SELECT code, version, definition, defined_at FROM segment_version ORDER BY code, version;
SELECT segment_define('target', 'The target', NULL, 'young & !rich & spend < 35') AS names_only;
SELECT name, name_zh FROM tag WHERE code = 'target';

-- who came and who went; those a segment rests on come first, those that rest on it after
SELECT tag_put('rich', tagmap_range(34, 79)) AS rich;
SELECT * FROM segment_refresh('{big_spender}', '2026-11-04 00:00Z');

-- circles
SELECT segment_define('target', NULL, NULL, 'young & !others');
SELECT segment_define('target', NULL, NULL, 'young & "高消费"');
SELECT segment_define('selfish', 'Selfish', '自指', 'young & selfish');
\echo :LAST_ERROR_SQLSTATE
SELECT version, definition FROM segment WHERE code = 'target';
SELECT count(*) AS selfish FROM tag WHERE code = 'selfish';

-- a tag that is gone, and one with another name
SELECT tag_define('rich', 'boolean', 'Wealthy', '富人') IS NOT NULL AS renamed_in_chinese;
SELECT segment_define('named_zh', 'By name', '按名', '富人 & young') AS version;
SELECT tag_define('rich', 'boolean', 'Wealthy', '富翁') IS NOT NULL AS renamed_again;
SELECT * FROM segment_refresh('{named_zh}');
DELETE FROM tag WHERE code = 'spend';
SELECT * FROM segment_refresh('{target}');

-- refusals
SELECT segment_define('x', 'X', 'X', 'no_such_tag');
SELECT segment_define('young', 'Young', '年轻', 'rich');
SELECT segment_define('x', 'X', 'X', NULL);
SELECT segment_define('x', 'X', NULL, 'rich');
SELECT * FROM segment_refresh('{young}');
SELECT tag_define('target', 'boolean', 'Target', '目标客户');
DELETE FROM segment_version;
UPDATE segment_version SET definition = 'all';
DELETE FROM tag WHERE code = 'target';
