-- test/demo/65-models.sql: the churn model meets those who left.
SELECT mkt.model_define('churn', 'risk', 'Churn risk', '离网风险模型', 'churn_score',
                        'logistic score of contract, tenure and charges',
                        business => 'mobile', scene => 'retention', as_of => '2026-11-01 00:00+08') AS version;
SELECT positives AS "离网", negatives AS "在网", round(auc, 3) AS auc, round(top_lift, 2) AS "首十分位提升度"
FROM mkt.model_measure('churn', outcome => 'churned', base => 'own_net', as_of => '2026-11-02 20:00+08');
SELECT bin AS "十分位", round(lowest_score, 3) AS "最低分", round(customers) AS "客户", round(positives) AS "离网",
       round(100 * rate, 1) AS "离网率%", round(lift, 2) AS "提升度"
FROM mkt.score_lift('churn_score', outcome => 'churned', base => 'own_net')
ORDER BY bin;
