-- policy_cap: what a cap counts, and when; locks; what is not a cap (S3-012, semantics B2..B5)
\set ECHO none
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET search_path = mkt, public;
INSERT INTO customer (cid, customer_key, net) SELECT c, 'K' || c, 'own' FROM generate_series(1, 9) AS c;
-- one cap at a time, and how much room it leaves on every channel
CREATE FUNCTION room(cap text, contacts text, as_of timestamptz) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    EXECUTE 'INSERT INTO mkt.contact_cap (name, name_zh, channels, max_contacts, span, clock) VALUES (''cap'', ''cap'', ' || cap || ')';
    EXECUTE 'INSERT INTO mkt.contact (cid, channel_code, contact_class, state, reserved_at, sent_at, released_at, family)
             SELECT 1, channel, class, state, at - interval ''1 hour'', CASE state WHEN ''sent'' THEN at END,
                    CASE state WHEN ''released'' THEN at END, ''f''
             FROM (VALUES ' || contacts || ') AS v(channel, class, state, at)';
    SELECT string_agg(r.channel_code || ' ' || coalesce(least(r.cap_room, k.room)::text, '-'), ', ' ORDER BY r.channel_code) INTO answer
    FROM mkt._channel_room(as_of) AS r
    LEFT JOIN mkt._cap_room(as_of, 0, 10) AS k ON k.channel_code = r.channel_code AND k.cid = 1
    WHERE r.channel_code IN ('grid', 'sms');
    DELETE FROM mkt.contact;
    DELETE FROM mkt.contact_cap;
    RETURN answer;
END
$$;
\set ECHO all

-- rolling: (t - 7 days, t], so at exactly 7 days the contact is over
SELECT room($$NULL, 1, '7 days', 'rolling'$$, $$('sms', 'marketing', 'sent', timestamptz '2026-11-01 12:00+08')$$, t) AS room, t
FROM unnest(ARRAY['2026-11-01 12:00+08', '2026-11-08 11:59:59.999999+08', '2026-11-08 12:00+08']::timestamptz[]) AS t;
-- what is sent later counts as well: a decision must not break that window
SELECT room($$NULL, 1, '7 days', 'rolling'$$, $$('sms', 'marketing', 'sent', timestamptz '2026-11-01 12:00+08')$$, '2026-10-31 12:00+08');

-- calendar: day, ISO week and month of the platform's zone, not of the session's
SELECT room($$NULL, 1, '1 day', 'calendar'$$, $$('sms', 'marketing', 'sent', timestamptz '2026-11-01 23:59:59+08')$$, t) AS day, t AT TIME ZONE 'Asia/Shanghai' AS local
FROM unnest(ARRAY['2026-11-01 23:59:59+08', '2026-11-02 00:00+08']::timestamptz[]) AS t;
SELECT room($$NULL, 1, '1 day', 'calendar'$$, $$('sms', 'marketing', 'sent', timestamptz '2026-11-02 00:00+08')$$, '2026-11-02 00:00+08') AS at_midnight;
SELECT room($$NULL, 1, '7 days', 'calendar'$$, $$('sms', 'marketing', 'sent', timestamptz '2026-11-02 00:00+08')$$, t) AS week, t AT TIME ZONE 'Asia/Shanghai' AS local
FROM unnest(ARRAY['2026-11-08 23:59+08', '2026-11-09 00:00+08']::timestamptz[]) AS t;
SELECT room($$NULL, 1, '1 month', 'calendar'$$, $$('sms', 'marketing', 'sent', timestamptz '2026-01-31 12:00+08')$$, t) AS month, t AT TIME ZONE 'Asia/Shanghai' AS local
FROM unnest(ARRAY['2026-01-31 23:59+08', '2026-02-01 00:00+08']::timestamptz[]) AS t;

-- reservations count whatever their age, released and virtual ones never; service is another class
SELECT state, room($$NULL, 2, '7 days', 'rolling'$$, format('(%L, %L, %L, timestamptz %L)', 'sms', class, state, '2026-10-01 12:00+08'), '2026-11-01 12:00+08')
FROM (VALUES ('reserved', 'marketing'), ('sent', 'marketing'), ('released', 'marketing'), ('virtual', 'marketing'), ('reserved', 'service')) AS v(state, class);

-- per channel; 0 means none, NULL means no limit; the strictest cap counts
SELECT room($$ARRAY['sms'], 2, '7 days', 'rolling'$$, $$('sms', 'marketing', 'sent', timestamptz '2026-11-01 12:00+08'), ('grid', 'marketing', 'sent', '2026-11-01 13:00+08')$$, '2026-11-02');
SELECT room($$ARRAY['sms'], 0, '7 days', 'rolling'$$, $$('grid', 'marketing', 'sent', timestamptz '2026-11-01 13:00+08')$$, '2026-11-02');
SELECT room($$NULL, NULL, '7 days', 'rolling'$$, $$('sms', 'marketing', 'sent', timestamptz '2026-11-01 12:00+08')$$, '2026-11-02');
SELECT room($$NULL, 5, '7 days', 'rolling'), ('one sms', 'x', ARRAY['sms'], 1, '1 day', 'rolling'$$, $$('sms', 'marketing', 'sent', timestamptz '2026-11-01 12:00+08')$$, '2026-11-01 20:00+08');

-- caps that make no sense
INSERT INTO contact_cap (name, name_zh, max_contacts, span, clock) VALUES ('x', 'x', -1, '7 days', 'rolling');
INSERT INTO contact_cap (name, name_zh, max_contacts, span, clock) VALUES ('x', 'x', 1, '0 days', 'rolling');
INSERT INTO contact_cap (name, name_zh, max_contacts, span, clock) VALUES ('x', 'x', 1, '3 days', 'calendar');
INSERT INTO contact_cap (name, name_zh, channels, max_contacts, span, clock) VALUES ('x', 'x', '{}', 1, '7 days', 'rolling');

-- the evidence: more than two in seven days, but not at exactly seven
INSERT INTO contact_cap (cap_id, name, name_zh, max_contacts, span, clock) VALUES (1, 'x', 'x', 2, '7 days', 'rolling');
INSERT INTO contact (cid, channel_code, family, state, reserved_at, sent_at)
SELECT 1, 'sms', 'f', 'sent', t, t FROM unnest(ARRAY['2026-11-01', '2026-11-07', '2026-11-08', '2026-11-14', '2026-11-14 23:59:59']::timestamptz[]) AS t;
SELECT * FROM cap_violations();

-- reserving needs a snapshot that is younger than the lock
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT _lock_customer(1);
ROLLBACK;
BEGIN;
SELECT _lock_customer(1), _lock_block(7);
SELECT mode, granted, count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() GROUP BY 1, 2 ORDER BY 1;
ROLLBACK;

-- the global control group: half-open buckets, and the share it promises
INSERT INTO holdout (name, salt, bucket_from, bucket_to, valid_from) VALUES ('x', 'x', 0, 10001, '2026-01-01');
INSERT INTO holdout (name, salt, bucket_from, bucket_to, valid_from) VALUES ('x', 'x', 5, 5, '2026-01-01');
INSERT INTO holdout (name, salt, bucket_from, bucket_to, valid_from, valid_to) VALUES ('five percent', 'tenant', 0, 500, '2026-01-01', '2027-01-01');
SELECT count(*) FILTER (WHERE is_control(c, '2026-11-02')) BETWEEN 4800 AND 5200 AS about_5_percent,
       count(*) FILTER (WHERE is_control(c, '2026-11-02') <> (bucket('tenant', c) < 500)) AS not_a_hash,
       count(*) FILTER (WHERE is_control(c, '2027-01-01')) AS after_the_end
FROM generate_series(0, 99999) AS c;
-- groups of different salts are independent: 5 % of 20 %
SELECT count(*) BETWEEN 900 AND 1100 AS about_1_percent FROM generate_series(0, 99999) AS c WHERE is_control(c, '2026-11-02') AND bucket('strategy' || 'tenant', c) < 2000;
