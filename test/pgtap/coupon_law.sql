-- coupon_law: after thousands of random calls, most of them refused, repeated
-- or late, no limit is broken and every answer was the first answer (S0-078).
\set seed `echo "${SEED:-20261102}"`
\echo # seed :seed
BEGIN;
SELECT plan(9);
SELECT set_config('mkt_test.seed', :'seed', true) AS seed \gset
CREATE FUNCTION pg_temp.draw(salt text, n bigint, upto bigint) RETURNS bigint LANGUAGE sql
    RETURN 1 + (hashtextextended(salt || n, current_setting('mkt_test.seed')::bigint) & 1073741823) % upto;
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
SELECT mkt.coupon_batch_create('B1', 'One each', '每人一张', 'phone', 200, 60, 1, '2026-11-01', '2026-11-20'),
       mkt.coupon_batch_create('B2', 'Three each', '每人三张', 'phone', 50, 150, 3, '2026-11-05', '2026-11-30');
CREATE TEMP TABLE said (call text, arguments text, answer text, n bigint);
CREATE TEMP TABLE refused (sqlstate text, message text);

-- one random call; a call that was answered before must be answered the same
CREATE FUNCTION pg_temp.one_call(n bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    call text := (ARRAY['issue', 'claim', 'claim', 'claim', 'redeem', 'redeem', 'lock', 'share', 'void', 'cancel'])[pg_temp.draw('call', n, 10)];
    at timestamptz := '2026-10-31'::timestamptz + make_interval(hours => n::integer / 4);
    c text := (SELECT k.coupon_code FROM mkt.coupon AS k ORDER BY hashtextextended(k.coupon_code, n) LIMIT 1);
    who bigint := pg_temp.draw('who', n, 10) - 1;
    request text := 'q' || pg_temp.draw('request', n, 400);
    arguments text := concat_ws(' ', c, who, request);
    answer text;
BEGIN
    CASE call
        WHEN 'issue' THEN
            arguments := 'B' || (1 + n % 2) || ' ' || request;
            answer := (SELECT string_agg(i, ',') FROM mkt.coupon_issue('B' || (1 + n % 2), pg_temp.draw('n', n, 4)::integer, request, 'S1', 7,
                                                                       md5(n::text)::uuid, at) AS i);
        WHEN 'claim' THEN
            arguments := concat_ws(' ', c, who);
            answer := mkt.coupon_claim(c, who, at);
        WHEN 'redeem' THEN
            who := coalesce((SELECT k.cid FROM mkt.coupon AS k WHERE k.coupon_code = c), who);
            answer := mkt.order_place(concat_ws(' ', who, c, n % 3), who, 'phone', 'mobile', 'code', coupon => c, as_of => at);
            arguments := concat_ws(' ', who, c, n % 3);
        WHEN 'lock' THEN
            answer := NULL;
            PERFORM mkt.coupon_lock(c, request, at + interval '3 hours', at);
        WHEN 'share' THEN
            answer := mkt.coupon_share(c, (ARRAY['S1', 'Li', 'Zhao'])[pg_temp.draw('giver', n, 3)], (ARRAY['Li', 'Zhao', 'Chen'])[pg_temp.draw('taker', n, 3)], at);
            arguments := c;                                  -- always the first issuer
        WHEN 'void' THEN
            answer := NULL;
            IF n % 10 = 0 THEN PERFORM mkt.coupon_void(c, 'test', at); END IF;
        ELSE
            PERFORM mkt.order_cancel(o.order_key, at) FROM mkt.sales_order AS o ORDER BY hashtextextended(o.order_key, n) LIMIT (n % 3 = 0)::integer;
    END CASE;
    IF answer IS NOT NULL THEN
        INSERT INTO said VALUES (call, arguments, answer, n);
    END IF;
EXCEPTION WHEN OTHERS THEN
    INSERT INTO refused VALUES (SQLSTATE, SQLERRM);
END $$;
SELECT count(pg_temp.one_call(n)) AS calls FROM generate_series(1, 3000) AS n \gset

SELECT is_empty('SELECT * FROM mkt.audit() WHERE check_name LIKE ''coupon%'' OR check_name LIKE ''sales_order%''', 'the books balance');
SELECT is_empty('SELECT b.code FROM mkt.coupon_batch AS b JOIN mkt.coupon AS c USING (batch_id) GROUP BY b.batch_id HAVING count(*) > b.total', 'no batch has more coupons than its total');
SELECT is_empty($$SELECT c.cid FROM mkt.coupon AS c JOIN mkt.coupon_batch AS b USING (batch_id) WHERE c.state IN ('claimed', 'locked', 'redeemed')
                 GROUP BY c.cid, b.batch_id HAVING count(*) > b.per_customer$$, 'no customer holds more than allowed');
SELECT is_empty('SELECT c.coupon_code FROM mkt.coupon AS c JOIN mkt.coupon_batch AS b USING (batch_id)
                 WHERE c.redeemed_at NOT BETWEEN b.valid_from AND b.valid_to OR c.claimed_at NOT BETWEEN b.valid_from AND b.valid_to', 'nothing happened outside the validity');
SELECT is_empty('SELECT call, arguments FROM said WHERE call <> ''claim'' GROUP BY 1, 2 HAVING count(DISTINCT answer) > 1', 'a repeated call got the first answer');
SELECT ok((SELECT count(*) > 20 FROM (SELECT FROM said WHERE call IN ('issue', 'redeem') GROUP BY call, arguments HAVING count(*) > 1) AS r), 'and there were such calls');
SELECT is_empty($$SELECT DISTINCT sqlstate, message FROM refused WHERE sqlstate NOT IN ('55000', '54000', '22023', 'P0002', '23505', '22004')
                  AND message !~ '^(coupon|customer|order|batch)'$$, 'every refusal is one of ours');
SELECT is_empty('SELECT sqlstate FROM refused WHERE sqlstate = ''23505'' AND message LIKE ''duplicate key%''', 'no refusal is a bare constraint');
SELECT ok((SELECT count(*) FILTER (WHERE state = 'redeemed') > 5 AND count(DISTINCT state) >= 4 FROM mkt.coupon)
          AND (SELECT count(*) FILTER (WHERE message LIKE 'customer % already has %') > 5 AND count(*) FILTER (WHERE message LIKE 'batch % has %') > 5 FROM refused),
          'coupons ended in every way, and both limits were met');
SELECT * FROM finish();
ROLLBACK;
