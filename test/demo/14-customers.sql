-- test/demo/14-customers.sql: customers drawn from real ones, put on the map.
-- The 7,043 rows of test/data/telco_churn.csv.gz are drawn with replacement;
-- where a customer lives, and what the file does not say, comes from the seed.
-- The demo's day is 2026-11-02.
CREATE TABLE demo.telco (
    churn text, female text, senior_citizen text, partner text, dependents text, tenure text, phone_service text, multiple_lines text,
    internet_service text, online_security text, online_backup text, device_protection text, tech_support text, streaming_tv text,
    streaming_movies text, contract text, paperless_billing text, payment_method text, monthly_charges text, total_charges text,
    line_no integer GENERATED ALWAYS AS IDENTITY
);
\set columns 'churn, female, senior_citizen, partner, dependents, tenure, phone_service, multiple_lines, internet_service, online_security, online_backup, device_protection, tech_support, streaming_tv, streaming_movies, contract, paperless_billing, payment_method, monthly_charges, total_charges'
\set copy '\\copy demo.telco (':columns') FROM PROGRAM ''gzip -dc ':data'/telco_churn.csv.gz'' (FORMAT csv, HEADER, NULL ''NA'')'
:copy

-- churn_score: a logistic model fitted to these 7,043 rows (AUC 0.837). In
-- logits: contract, internet service, way of paying, years with us, charges.
CREATE TABLE demo.attribute AS
SELECT t.line_no, t.female = '1' AS female, t.senior_citizen = '1' AS senior, t.partner = '1' AS partner, t.dependents = '1' AS dependents,
       t.tenure::integer AS tenure_months, t.phone_service = '1' AS phone_service, t.multiple_lines = 'Yes' AS multiple_lines,
       CASE t.internet_service WHEN 'DSL' THEN 'dsl' WHEN 'Fiber optic' THEN 'fiber' ELSE 'none' END AS internet_service,
       t.online_security = 'Yes' AS online_security, t.online_backup = 'Yes' AS online_backup, t.device_protection = 'Yes' AS device_protection,
       t.tech_support = 'Yes' AS tech_support, t.streaming_tv = 'Yes' AS streaming_tv, t.streaming_movies = 'Yes' AS streaming_movies,
       CASE t.contract WHEN 'Month-to-month' THEN 'month' WHEN 'One year' THEN 'one_year' ELSE 'two_year' END AS contract,
       t.paperless_billing = '1' AS paperless_billing, t.payment_method, t.monthly_charges::numeric AS monthly_charges,
       -- who joined this month has not been billed yet
       coalesce(t.total_charges::numeric, 0) AS total_charges, t.churn = 'Yes' AS churned,
       round((1 / (1 + exp(-(-1.504
           + CASE t.contract WHEN 'Month-to-month' THEN 0.803 WHEN 'Two year' THEN -0.812 ELSE 0 END
           + CASE t.internet_service WHEN 'Fiber optic' THEN 0.962 WHEN 'No' THEN -0.809 ELSE 0 END
           + CASE t.payment_method WHEN 'Electronic check' THEN 0.491 ELSE 0 END
           - 0.374 * t.tenure::float8 / 12 + 0.379 * t.monthly_charges::float8 / 100))))::numeric, 4) AS churn_score
FROM demo.telco AS t;
ALTER TABLE demo.attribute ADD PRIMARY KEY (line_no);
ANALYZE demo.attribute;

-- Who: 27 own-net to 40 off-net customers, as the operator counts them. Where:
-- a cell by its households; one in a thousand lives outside every grid.
CREATE TABLE demo.person AS
WITH ladder AS (
    SELECT array_agg(w.upto ORDER BY w.upto) AS upto, array_agg(w.cell_id ORDER BY w.upto) AS cell_id, max(w.upto) AS households
    FROM (SELECT c.cell_id, sum(c.households) OVER (ORDER BY c.cell_id)::float8 AS upto FROM mkt.grid_cell AS c WHERE c.households > 0) AS w
)
SELECT n AS cid, CASE WHEN demo.rnd('net', n) < 27.0 / 67 THEN 'own' ELSE 'off' END AS net,
       1 + floor(demo.rnd('attributes', n) * (SELECT count(*) FROM demo.attribute))::integer AS line_no,
       CASE WHEN demo.rnd('outside', n) >= 0.001
            THEN l.cell_id[1 + width_bucket(demo.rnd('cell', n) * l.households, l.upto)] END AS home
FROM generate_series(1, :customers::bigint) AS n
CROSS JOIN ladder AS l;
ANALYZE demo.person;

-- The point: random in the cell's box until it falls into the cell. Those
-- outside live on the water, in the Bohai Sea.
INSERT INTO mkt.customer (cid, customer_key, net, name_zh, phone, location, household_id, joined_on, live)
SELECT p.cid, 'C' || lpad(p.cid::text, 9, '0'), p.net,
       CASE p.net WHEN 'own' THEN demo.person_name('customer', p.cid) END,
       '120' || lpad(p.cid::text, 8, '0'),        -- 120: no such mobile prefix
       CASE WHEN p.home IS NULL
            THEN ST_SetSRID(ST_MakePoint(118.6 + demo.rnd('x', p.cid) * 0.8, 38.4 + demo.rnd('y', p.cid) * 0.3), 4326)
            ELSE coalesce(
                (SELECT spot.point
                 FROM generate_series(0, 49) AS try
                 CROSS JOIN LATERAL (SELECT ST_SetSRID(ST_MakePoint(
                     ST_XMin(c.geom) + (ST_XMax(c.geom) - ST_XMin(c.geom)) * demo.rnd('x', p.cid * 50 + try),
                     ST_YMin(c.geom) + (ST_YMax(c.geom) - ST_YMin(c.geom)) * demo.rnd('y', p.cid * 50 + try)), 4326) AS point OFFSET 0) AS spot
                 WHERE ST_Covers(c.geom, spot.point)
                 LIMIT 1),
                ST_PointOnSurface(c.geom))
       END,
       CASE WHEN demo.rnd('household', p.cid) < 0.7
            THEN p.home::bigint * 100000 + row_number() OVER (PARTITION BY p.home, demo.rnd('household', p.cid) < 0.7 ORDER BY p.cid) / 3 END,
       CASE p.net WHEN 'own' THEN (date '2026-11-02' - make_interval(months => a.tenure_months))::date - floor(demo.rnd('joined', p.cid) * 28)::integer END,
       demo.rnd('live', p.cid) >= 0.01
FROM demo.person AS p
JOIN demo.attribute AS a ON a.line_no = p.line_no
LEFT JOIN mkt.grid_cell AS c ON c.cell_id = p.home
ORDER BY p.cid;
\echo customers drawn; placing them on the map
SELECT setval(pg_get_serial_sequence('mkt.customer', 'cid'), :customers) AS last_cid \gset
ANALYZE mkt.customer;

-- Nobody copies the cell a point was made for: the map decides.
SELECT mkt.customer_assign_cells() AS customers_placed;

-- Of off-net customers only rough estimates are known.
INSERT INTO mkt.customer_profile (cid, female, senior, partner, dependents, tenure_months, phone_service, multiple_lines, internet_service,
    online_security, online_backup, device_protection, tech_support, streaming_tv, streaming_movies, contract, paperless_billing,
    payment_method, monthly_charges, total_charges, churned, fiveg, churn_score)
SELECT p.cid, a.female, a.senior, a.partner, a.dependents, a.tenure_months, a.phone_service, a.multiple_lines, a.internet_service,
       a.online_security, a.online_backup, a.device_protection, a.tech_support, a.streaming_tv, a.streaming_movies, a.contract, a.paperless_billing,
       a.payment_method, a.monthly_charges, a.total_charges, a.churned,
       demo.rnd('5g', p.cid) < CASE a.internet_service WHEN 'fiber' THEN 0.6 WHEN 'dsl' THEN 0.45 ELSE 0.25 END, a.churn_score
FROM demo.person AS p
JOIN demo.attribute AS a ON a.line_no = p.line_no
WHERE p.net = 'own'
ORDER BY p.cid;
INSERT INTO mkt.customer_profile (cid, tenure_months, monthly_charges, total_charges)
SELECT p.cid, a.tenure_months / 12 * 12, round(a.monthly_charges, -1), round(a.monthly_charges, -1) * (a.tenure_months / 12 * 12)
FROM demo.person AS p
JOIN demo.attribute AS a ON a.line_no = p.line_no
WHERE p.net = 'off' AND demo.rnd('estimate', p.cid) < 0.8
ORDER BY p.cid;

-- A few own-net customers belong to the person who serves their cell.
UPDATE mkt.customer AS c
SET owner_staff_id = s.staff_id
FROM mkt.grid_cell AS g
JOIN mkt.staff AS s ON s.org_id = g.org_id
WHERE c.net = 'own' AND demo.rnd('owner', c.cid) < 0.02 AND g.cell_id = c.cell_id;

INSERT INTO mkt.consent (cid, channel_code, contact_class, granted, since)
SELECT c.cid, demo.pick('{*,*,sms,outbound}', 'consent channel', c.cid),
       CASE WHEN demo.rnd('consent class', c.cid) < 0.95 THEN 'marketing' ELSE 'service' END, false,
       timestamptz '2026-11-02 00:00+08' - make_interval(days => 1 + floor(demo.rnd('consent since', c.cid) * 700)::integer)
FROM mkt.customer AS c
WHERE demo.rnd('consent', c.cid) < 0.03;

INSERT INTO mkt.do_not_disturb (cid, scope, scope_code, reason, valid_from, valid_to)
SELECT c.cid, d.scope, CASE d.scope WHEN 'channel' THEN demo.pick('{sms,outbound,hotline,grid}', 'dnd channel', c.cid) END,
       demo.pick('{complaint,customer request,regulator list}', 'dnd reason', c.cid), d.since,
       CASE WHEN demo.rnd('dnd end', c.cid) < 0.5 THEN d.since + interval '180 days' END
FROM mkt.customer AS c
CROSS JOIN LATERAL (SELECT CASE WHEN demo.rnd('dnd scope', c.cid) < 0.5 THEN 'all' ELSE 'channel' END AS scope,
    timestamptz '2026-11-02 00:00+08' - make_interval(days => 1 + floor(demo.rnd('dnd since', c.cid) * 300)::integer) AS since) AS d
WHERE demo.rnd('dnd', c.cid) < 0.02
ORDER BY c.cid;

VACUUM (ANALYZE) mkt.customer, mkt.customer_profile, mkt.consent, mkt.do_not_disturb;

\echo customers by network
SELECT c.net, count(*) AS customers, count(p.cid) AS with_profile, count(c.cell_id) AS on_the_map, count(c.owner_staff_id) AS with_owner,
       count(DISTINCT c.household_id) AS households, round(avg(p.monthly_charges), 2) AS avg_charges, round(avg(p.churn_score), 3) AS avg_churn_score
FROM mkt.customer AS c
LEFT JOIN mkt.customer_profile AS p ON p.cid = c.cid
GROUP BY ROLLUP (c.net)
ORDER BY c.net;

SELECT (SELECT count(*) FROM mkt.customer_unlocated) AS outside_every_grid,
       (SELECT count(*) FROM demo.person AS p JOIN mkt.customer AS c ON c.cid = p.cid WHERE c.cell_id <> p.home) AS in_another_cell,
       (SELECT count(*) FROM mkt.consent) AS opt_outs, (SELECT count(*) FROM mkt.do_not_disturb) AS do_not_disturb;
