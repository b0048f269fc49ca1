-- code_scan: short codes, what they resolve to, and idempotent scans (S0-068, S0-070)
\set ECHO none
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO';
\set VERBOSITY default
INSERT INTO mkt.org (org_id, parent_id, tier, code, name, name_zh)
SELECT t, nullif(t - 1, 0), t, 'U' || t, 'Unit ' || t, '单元' || t FROM generate_series(1, 7) AS t;
INSERT INTO mkt.staff (staff_id, code, name, name_zh, post_code, org_id) VALUES (1, 'S1', 'Wang Fang', '王芳', 'field_manager', 7);
INSERT INTO mkt.grid_cell (cell_id, code, name, name_zh, kind, grid_id, org_id, geom, area_km2)
VALUES (1, 'C1', 'Cell 1', '小区1', 'community', 5, 7, ST_Multi(ST_MakeEnvelope(0, 0, 1, 1, 4326)), 1);
INSERT INTO mkt.hall (code, name, name_zh, org_id, cell_id, location)
VALUES ('H1', 'Hall 1', '一号厅', 5, 1, ST_SetSRID(ST_MakePoint(0.5, 0.5), 4326));
INSERT INTO mkt.customer (cid, customer_key, net, cell_id)
SELECT c, 'K' || c, 'own', CASE WHEN c < 9 THEN 1 END FROM generate_series(0, 9) AS c;      -- 9 is outside every grid
INSERT INTO mkt.product (product_code, type_code, family, name, name_zh, business, price) VALUES
    ('fiber', 'home_internet', 'broadband', 'Fibre 1000M', '千兆宽带', 'broadband', 99),
    ('phone', 'terminal', 'terminal', '5G phone', '5G手机', 'terminal', 1999);
\set ECHO all

-- one shop, one product, one person, one code each; asked again: the same code
\set u1 '00000000-0000-4000-8000-000000000001'
SELECT mkt.code_create('shop', 'H1', 'store', entropy => :'u1', as_of => '2026-11-01') AS shop \gset
SELECT mkt.code_create('product', 'fiber', 'app', entropy => :'u1', as_of => '2026-11-01') AS product \gset
SELECT mkt.code_create('person', 'S1', entropy => :'u1', expires_at => '2026-12-01', as_of => '2026-11-01') AS person \gset
SELECT :'shop' AS shop, :'product' AS product, :'person' AS person;
SELECT mkt.code_create('shop', 'H1', as_of => '2026-11-02') = :'shop' AS same_code;
SELECT kind, target, staff_id, org_id, domain_code, product_code FROM mkt.code ORDER BY kind;

-- a target that does not exist
SELECT mkt.code_create('shop', 'nowhere');
SELECT mkt.code_create('banner', 'H1');

-- typed by hand: case, blanks and hyphens do not matter
SELECT code, kind, target, org_id, product_code FROM mkt.code_resolve(lower(substr(:'shop', 1, 4) || '-' || substr(:'shop', 5)), '2026-11-02');

-- wrong check character, wrong symbol, wrong length, unknown
SELECT * FROM mkt.code_resolve('222222222222A');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM mkt.code_resolve('O000000000000');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM mkt.code_resolve('234');
SELECT * FROM mkt.code_resolve('2222222222222');
\echo :LAST_ERROR_SQLSTATE

-- the check character is pinned, and catches every wrong symbol and every swap
SELECT mkt._code_check('222222222222') AS zeroes, mkt._code_check('322222222222') AS one, mkt._code_check('ZYXWVUTSRQPN') AS mixed;
WITH good AS (SELECT mkt._code_draw(:'u1', n) AS code FROM generate_series(1, 20) AS n),
     wrong AS (SELECT overlay(g.code PLACING substr(mkt._code_symbols(), s, 1) FROM i) AS code, 'symbol' AS fault
               FROM good AS g, generate_series(1, 13) AS i, generate_series(1, 31) AS s
               WHERE substr(g.code, i, 1) <> substr(mkt._code_symbols(), s, 1)
               UNION ALL
               SELECT overlay(overlay(g.code PLACING substr(g.code, j, 1) FROM i) PLACING substr(g.code, i, 1) FROM j), 'swap'
               FROM good AS g, generate_series(1, 12) AS i, generate_series(i + 1, 13) AS j
               WHERE substr(g.code, i, 1) <> substr(g.code, j, 1))
SELECT fault, count(*) > 1000 AS many, count(*) FILTER (WHERE mkt._code_check(left(code, 12)) = right(code, 1)) AS undetected
FROM wrong GROUP BY fault ORDER BY fault;

-- no collision in 20,000 draws, and the symbols are spread evenly
SELECT count(*) = count(DISTINCT c.code) AS distinct_codes,
       (SELECT max(n) < 1.2 * min(n) FROM (SELECT count(*) AS n FROM regexp_split_to_table(string_agg(left(c.code, 12), ''), '') AS s(symbol) GROUP BY symbol) AS f) AS spread
FROM (SELECT mkt._code_draw(:'u1', n) AS code FROM generate_series(1, 20000) AS n) AS c;

-- expiry is exclusive; a new code takes over, an old one stays an error
SELECT kind FROM mkt.code_resolve(:'person', '2026-11-30 23:59:59');
SELECT kind FROM mkt.code_resolve(:'person', '2026-12-01');
\echo :LAST_ERROR_SQLSTATE
SELECT mkt.code_create('person', 'S1', as_of => '2026-12-01') <> :'person' AS new_code;
SELECT mkt.code_retire(:'shop', '2026-11-20'), mkt.code_retire(:'shop', '2026-11-25') AS again;
SELECT kind FROM mkt.code_resolve(:'shop', '2026-11-19');
SELECT mkt.code_retire('2222222222222');

-- scans: a repeated request is one scan; the unit is the code's, else the customer's
SELECT mkt.code_scan('r1', :'shop', 'scan', 3, as_of => '2026-11-02 10:00') = mkt.code_scan('r1', :'shop', 'pay', 4, as_of => '2026-11-02 11:00') AS first_answer;
SELECT mkt.code_scan('r2', :'product', 'browse', 4, 'wecom', '2026-11-02 10:05') AS scan \gset
SELECT mkt.code_scan('r3', :'product', 'browse', NULL, as_of => '2026-11-02 10:06') AS scan \gset
SELECT request_id, cid, domain_code, step, at, org_id FROM mkt.scan ORDER BY request_id;
SELECT mkt.code_scan('r4', :'person', 'scan', 3, as_of => '2026-11-02');
SELECT mkt.code_scan('r4', :'shop', 'scan', 3, as_of => '2026-12-02');
SELECT mkt.code_scan('r4', :'shop', 'sniff', 3, as_of => '2026-11-02');
SELECT mkt.code_scan('r4', :'shop', 'scan', 12345, as_of => '2026-11-02');
SELECT count(*) AS scans FROM mkt.scan;
