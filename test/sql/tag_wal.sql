-- tag_wal: a single change writes its own block's row and little else: 16 KB at most are promised
SET search_path = mkt, public;
SET client_min_messages = warning;
\if :{?seed}
\else
\set seed 20261101
\endif
SELECT :seed AS seed, setseed((:seed % 1000000) / 1000000.0);
SELECT count(tag_define(v.code, v.kind, v.code, '中' || v.code)) AS tags FROM (VALUES ('half', 'boolean'), ('thin', 'boolean'), ('number', 'numeric')) AS v(code, kind);
SELECT tag_put('live', tagmap_range(0, 400000)) AS live;
SELECT tag_put_values('half', 'SELECT i, random() < 0.5 FROM generate_series(0, 400000) AS i') > 190000 AS half,
       tag_put_values('thin', 'SELECT i, random() < 0.001 FROM generate_series(0, 400000) AS i') > 200 AS thin,
       tag_put_values('number', 'SELECT i, floor(random() * 1024)::integer FROM generate_series(0, 400000) AS i') AS number;
CREATE TABLE public.change (code text, bits integer, bytes numeric);
CREATE PROCEDURE public.measure(code text) LANGUAGE plpgsql AS $$
DECLARE
    who    bigint;
    old    integer;
    new    integer;
    before pg_lsn;
BEGIN
    FOR i IN 1 .. 200 LOOP
        who := floor(random() * 400000);
        old := CASE WHEN code = 'number' THEN mkt.audience_sum(format('number & who = %s', who)::mkt.tagexpr, 'number')
                    ELSE mkt.has_tags(who, code::mkt.tagexpr)::integer END;
        new := CASE WHEN code = 'number' THEN floor(random() * 1024) ELSE 1 - old END;
        COMMIT;
        before := pg_current_wal_insert_lsn();
        IF code = 'number' THEN
            PERFORM mkt.tag_put_value(code, who, new);
        ELSIF new = 1 THEN
            PERFORM mkt.tag_add(code, mkt.tagmap_range(who, who));
        ELSE
            PERFORM mkt.tag_remove(code, mkt.tagmap_range(who, who));
        END IF;
        COMMIT;
        INSERT INTO public.change VALUES (code, length(replace((old # new)::bit(10)::text, '0', '')), pg_current_wal_insert_lsn() - before);
    END LOOP;
END $$;
-- who: a customer's own number as a tag, to ask for one customer
SELECT tag_define('who', 'numeric', 'who', '谁') > 0 AS defined;
SELECT tag_put_values('who', 'SELECT i, i FROM generate_series(0, 400000) AS i') AS who;
CALL public.measure('half'); CALL public.measure('thin'); CALL public.measure('number');
-- medians of 200; of a number, per bit that changed
SELECT code, count(*) AS changes, percentile_disc(0.5) WITHIN GROUP (ORDER BY bytes / greatest(bits, 1)) <= CASE code WHEN 'thin' THEN 1024 ELSE 9 * 1024 END AS within,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY bytes / greatest(bits, 1)) >= CASE code WHEN 'thin' THEN 100 ELSE 8 * 1024 END AS something
FROM public.change GROUP BY code ORDER BY code;
