-- model_quality: registering models, and AUC and lift against their definitions
SET search_path = mkt, public;
\set seed 20261101
\echo seed :seed
SELECT tag_put('live', tagmap_range(0, 1999)) AS live;
SELECT tag_define('score', 'numeric', 'Score', '分数', scale => 2) IS NOT NULL AS defined;
SELECT tag_define('left_us', 'boolean', 'Left', '已离网') IS NOT NULL AS defined;
SELECT tag_define('at_risk', 'boolean', 'At risk', '高风险') IS NOT NULL AS defined;

CREATE TABLE drawn AS
SELECT cid, score, (hashint8extended(cid, :seed + 1) & 1023) / 1024.0 < score AS left_us
FROM (SELECT cid, round(((hashint8extended(cid, :seed) & 1023) / 1024.0)::numeric, 2) AS score
      FROM generate_series(0, 1999) AS cid) AS d;
SELECT tag_put_values('score', 'SELECT cid, score FROM drawn WHERE cid % 10 <> 0') > 0 AS scored;
SELECT tag_put('left_us', (SELECT tagmap_agg(cid) FROM drawn WHERE left_us)) > 0 AS some_left;

-- the curve counts every scored customer of the base once
SELECT (SELECT sum(positives) FROM score_roc('score', 'left_us')) = (SELECT count(*) FROM drawn WHERE cid % 10 <> 0 AND left_us) AS positives,
       (SELECT sum(negatives) FROM score_roc('score', 'left_us')) = (SELECT count(*) FROM drawn WHERE cid % 10 <> 0 AND NOT left_us) AS negatives;

-- AUC by its definition: all pairs of one who left and one who stayed
SELECT round(score_auc('score', 'left_us'), 12) = round(avg(CASE WHEN p.score > n.score THEN 1.0 WHEN p.score = n.score THEN 0.5 ELSE 0 END), 12) AS auc_as_defined
FROM drawn AS p, drawn AS n
WHERE p.left_us AND NOT n.left_us AND p.cid % 10 <> 0 AND n.cid % 10 <> 0;

-- a perfect score, a useless one, and one class only
SELECT tag_define('truth', 'numeric', 'Truth', '真值') IS NOT NULL AS defined;
SELECT tag_put_values('truth', 'SELECT cid, left_us::integer FROM drawn') > 0 AS put;
SELECT score_auc('truth', 'left_us') AS perfect, score_auc('truth', '!left_us') AS inverted,
       score_auc('score', 'all') AS one_class, score_auc('score', 'left_us', 'none') AS nobody;

-- bins are of equal size, best first, and hold every positive
SELECT count(*) AS bins, round(max(customers) - min(customers), 9) AS spread,
       round(sum(positives), 6) = (SELECT count(*) FROM drawn WHERE cid % 10 <> 0 AND left_us) AS all_positives,
       (array_agg(lift ORDER BY bin))[1] > 1.2 AS best_bin_lifts, (array_agg(lift ORDER BY bin DESC))[1] < 0.8 AS worst_bin_drags
FROM score_lift('score', 'left_us');
SELECT bin, customers, positives FROM score_lift('truth', 'left_us', 'all', 1);
SELECT * FROM score_lift('score', 'left_us', 'all', 0);

-- registry
SELECT model_define('churn', 'risk', 'Churn risk', '离网风险', 'score', 'drawn', as_of => '2026-11-01 00:00+08') AS version;
SELECT model_define('churn', 'risk', 'Churn risk', '离网风险', 'truth', 'an oracle', as_of => '2026-11-10 00:00+08') AS version;
SELECT auc IS NOT NULL AND auc < 1 AS first_version FROM model_measure('churn', 'left_us', as_of => '2026-11-02 00:00+08');
SELECT auc AS second_version FROM model_measure('churn', 'left_us', as_of => '2026-11-12 00:00+08');
SELECT version, positives + negatives AS measured FROM model_quality ORDER BY version;
SELECT model_threshold('churn', 0.8, 'at_risk', as_of => '2026-11-02 00:00+08') = (SELECT count(*) FROM drawn WHERE cid % 10 <> 0 AND score >= 0.8) AS threshold;

-- scores of then against what happened later: the score that foresaw it is not the one that was told
SELECT tag_keep_history('score', as_of => '2026-11-15 00:00+08') IS NOT NULL AND tag_keep_history('live', as_of => '2026-11-15 00:00+08') IS NOT NULL AS kept FROM (SELECT tag_put('live', tagmap_range(0, 1999), '2026-11-01')) AS l, (SELECT tag_put_values('score', 'SELECT cid, score FROM drawn WHERE cid % 10 <> 0', '2026-11-01')) AS s \gset
SELECT snapshot_take('left_november', 'left_us', 'Left in November', '十一月离网') > 0 AS taken, tag_put('left_us', '{}') AS forgotten;
SELECT tag_put_values('score', 'SELECT cid, left_us::int FROM drawn', '2099-12-01') > 0 AS told;
SELECT score_auc('score', '@left_november') AS told, round(score_auc('score', '@left_november', as_of => '2099-11-20'), 12) = d.auc AS foreseen, d.auc < 0.95 AS honestly,
       (SELECT round(m.auc, 12) FROM model_measure('churn', '@left_november', as_of => '2026-11-02 00:00+08', scored_at => '2099-11-20') AS m) = d.auc AS measured,
       (SELECT sum(l.positives) FROM score_lift('score', '@left_november', as_of => '2099-11-20') AS l) = (SELECT count(*) FROM drawn WHERE cid % 10 <> 0 AND left_us) AS lifted
FROM (SELECT round(avg(CASE WHEN p.score > n.score THEN 1.0 WHEN p.score = n.score THEN 0.5 ELSE 0 END), 12) AS auc
      FROM drawn AS p, drawn AS n WHERE p.left_us AND NOT n.left_us AND p.cid % 10 <> 0 AND n.cid % 10 <> 0) AS d;

-- refusals
SELECT model_define('churn', 'risk', 'Churn risk', '离网风险', 'left_us', 'a boolean');
SELECT model_define('churn', 'risk', 'Churn risk', '离网风险', 'no_such_tag', 'nothing');
SELECT * FROM model_measure('churn', 'left_us', as_of => '2026-10-01 00:00+08');
SELECT * FROM model_measure('nobody', 'left_us', as_of => '2026-11-02 00:00+08');
