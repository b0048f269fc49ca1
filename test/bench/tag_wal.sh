#!/bin/bash
# ----------------------------------------------------------------------
# test/bench/tag_wal.sh: make bench-tag_wal. WAL and time of a single change:
# the tag of one random customer flipped, or its value changed, in a
# transaction of its own; medians of 200. CUSTOMERS=26000000 SEED=20261101
#
# "first touch": right after a checkpoint, so that most changes log besides an
# image of the page the old row lies in. "later": that has happened.
# ----------------------------------------------------------------------
. "$(dirname "$0")/lib.sh"
CUSTOMERS=${CUSTOMERS:-26000000}
SEED=${SEED:-20261101}

say "$CUSTOMERS customers, seed $SEED"
sql <<EOF2 >/dev/null
SELECT setseed(($SEED % 1000000) / 1000000.0);
SELECT mkt.tag_put('live', mkt.tagmap_range(0, $CUSTOMERS - 1));
SELECT mkt.tag_define(v.code, v.kind, v.code, v.code || '中') FROM (VALUES ('half', 'boolean'), ('fifth', 'boolean'), ('percent', 'boolean'), ('number', 'numeric')) AS v(code, kind);
SELECT mkt.tag_put_values('half', 'SELECT i, random() < 0.5 FROM generate_series(0, $CUSTOMERS - 1) AS i');
SELECT mkt.tag_put_values('fifth', 'SELECT i, random() < 0.2 FROM generate_series(0, $CUSTOMERS - 1) AS i');
SELECT mkt.tag_put_values('percent', 'SELECT i, random() < 0.01 FROM generate_series(0, $CUSTOMERS - 1) AS i');
SELECT mkt.tag_put_values('number', 'SELECT i, floor(random() * 10000)::integer FROM generate_series(0, $CUSTOMERS - 1) AS i');
CREATE TABLE public.change (what text, code text, bytes numeric, ms double precision);
CREATE PROCEDURE public.measure(what text, code text, changes integer) LANGUAGE plpgsql AS \$\$
DECLARE
    who     bigint;
    has     boolean;
    before  pg_lsn;
    started timestamptz;
    ended   timestamptz;
BEGIN
    FOR i IN 1 .. changes LOOP
        who := floor(random() * $CUSTOMERS);
        has := mkt.has_tags(who, code::mkt.tagexpr);
        COMMIT;
        before := pg_current_wal_insert_lsn();
        started := clock_timestamp();
        IF code = 'number' THEN
            PERFORM mkt.tag_put_value(code, who, floor(random() * 10000)::integer);
        ELSIF has THEN
            PERFORM mkt.tag_remove(code, mkt.tagmap_range(who, who));
        ELSE
            PERFORM mkt.tag_add(code, mkt.tagmap_range(who, who));
        END IF;
        ended := clock_timestamp();
        COMMIT;
        IF what <> '' THEN
            INSERT INTO public.change VALUES (what, code, pg_current_wal_insert_lsn() - before, 1000 * extract(epoch FROM ended - started));
        END IF;
    END LOOP;
END \$\$;
EOF2
for code in half fifth percent number; do
    sql -c "VACUUM mkt.tag_block" -c "CHECKPOINT" -c "CALL public.measure('first touch', '$code', 200)" \
        -c "CALL public.measure('', '$code', 2000)" -c "CALL public.measure('later', '$code', 200)"
done
say "WAL of one change, bytes"
sql -F ' | ' <<'EOF2' | sed 's/^/| /; s/$/ |/'
SELECT 'tag', 'when', 'median bytes', '90 %', 'median ms' UNION ALL SELECT '---', '---', '---', '---', '---';
SELECT code, what, percentile_disc(0.5) WITHIN GROUP (ORDER BY bytes), percentile_disc(0.9) WITHIN GROUP (ORDER BY bytes), round((percentile_disc(0.5) WITHIN GROUP (ORDER BY ms))::numeric, 3)
FROM public.change GROUP BY code, what ORDER BY min(ctid);
EOF2
