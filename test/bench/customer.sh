#!/usr/bin/env bash
# ----------------------------------------------------------------------
# test/bench/customer.sh: make bench-customer. Customers by import, and merges.
#
# A map of 10,000 square cells, BASE (1,000,000) customers to begin with, then
# batches of BATCH (200,000) lines with key, network, name, phone and point:
# new ones; the same again; one phone in ten changed; a key of another system
# each. Beside them what a user would write by hand: INSERT ... ON CONFLICT with
# the point placed by mkt.locate_cell(), without checks, counts or log. Rows per
# minute are of the median of RUNS (5). Merges are between customers with a
# profile, two contacts, two subscriptions, and 20 tags. Prints Markdown.
# ----------------------------------------------------------------------
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=test/bench/lib.sh
. "$here/lib.sh"

BASE=${BASE:-1000000}
BATCH=${BATCH:-200000}
RUNS=${RUNS:-5}
MERGES=${MERGES:-200}

say "a map, $BASE customers"
sql >/dev/null <<SQL
SET client_min_messages = warning;
CREATE SCHEMA bench;
INSERT INTO mkt.org (org_id, parent_id, tier, code, name, name_zh) SELECT n, nullif(n - 1, 0), n, 'U' || n, 'U' || n, '单位' || n FROM generate_series(1, 7) AS n;
CREATE TEMP TABLE source AS
SELECT x * 100 + y + 1 AS cell_id, 'C' || x || '-' || y AS code, 'x' AS name, 'x' AS name_zh, 'rural' AS kind, 5 AS grid_id, 7 AS org_id,
       ST_MakeEnvelope(113 + x * 0.05, 36 + y * 0.05, 113.05 + x * 0.05, 36.05 + y * 0.05, 4326) AS geom, 0 AS households, 0 AS ports_total, 0 AS ports_used
FROM generate_series(0, 99) AS x, generate_series(0, 99) AS y;
SELECT count(*) FROM mkt.grid_cell_load('source');
CREATE FUNCTION bench.lines(first bigint, n bigint) RETURNS TABLE (customer_key text, net text, name_zh text, phone text, lon float8, lat float8) LANGUAGE sql STABLE AS \$\$
    SELECT 'K' || k, CASE WHEN k % 5 < 2 THEN 'own' ELSE 'off' END, '名' || k, '13' || lpad(k::text, 9, '0'),
           113 + (k * 7919 % 1000003) / 1000003.0 * 5, 36 + (k * 104729 % 1000003) / 1000003.0 * 5
    FROM generate_series(first, first + n - 1) AS k \$\$;
SELECT count(*) FROM mkt.customer_import('SELECT * FROM bench.lines(1, $BASE)', '2026-11-01', universe => false);
VACUUM ANALYZE mkt.customer;
CREATE UNLOGGED TABLE bench.batch (customer_key text, net text, name_zh text, phone text, lon float8, lat float8);
SQL

next=$((BASE + 1))
fresh() { sql -c "TRUNCATE bench.batch" -c "INSERT INTO bench.batch SELECT * FROM bench.lines($next, $BATCH)" -c "ANALYZE bench.batch"; next=$((next + BATCH)); }
import() { once "SELECT count(*) FROM mkt.customer_import('$1', '2026-11-01', universe => false)"; }
report() { awk -v what="$1" -v ms="$2" -v n="$BATCH" 'BEGIN {printf "| %s | %.0f | %.2f |\n", what, ms, n / ms * 60000 / 1e6}'; }

for run in $(seq "$RUNS"); do
    say "run $run"
    fresh; import 'bench.batch' >> "${TMPDIR:-/tmp}/$$.new"
    import 'bench.batch' >> "${TMPDIR:-/tmp}/$$.same"
    sql -c "UPDATE bench.batch SET phone = '14' || phone WHERE right(customer_key, 1) = '7'"
    import 'SELECT customer_key, phone FROM bench.batch' >> "${TMPDIR:-/tmp}/$$.changed"
    import 'SELECT customer_key, customer_key AS key_phone FROM bench.batch' >> "${TMPDIR:-/tmp}/$$.keys"
    fresh; once "INSERT INTO mkt.customer (customer_key, net, name_zh, phone, location, cell_id)
        SELECT b.customer_key, b.net, b.name_zh, b.phone, ST_SetSRID(ST_MakePoint(b.lon, b.lat), 4326), mkt.locate_cell(b.lon, b.lat)
        FROM bench.batch AS b ON CONFLICT (customer_key) DO NOTHING" >> "${TMPDIR:-/tmp}/$$.plain"
done

say "$MERGES merges"
sql >/dev/null <<SQL
SET client_min_messages = warning;
INSERT INTO mkt.product (product_code, type_code, family, name, name_zh, business, price) VALUES ('p', 'plan', 'plan', 'x', 'x', 'plan', 1);
INSERT INTO mkt.customer_profile (cid, senior, tenure_months) SELECT c, c % 2 = 0, c % 90 FROM generate_series(1, 2 * $MERGES) AS c;
INSERT INTO mkt.subscription (code, cid, product_code, valid_from) SELECT 'L' || c || '-' || n, c, 'p', '2026-01-01' FROM generate_series(1, 2 * $MERGES) AS c, generate_series(1, 2) AS n;
INSERT INTO mkt.contact (cid, channel_code, family, state, reserved_at, sent_at) SELECT c, 'sms', 'x', 'sent', '2026-10-01', '2026-10-01' FROM generate_series(1, 2 * $MERGES) AS c, generate_series(1, 2) AS n;
SELECT mkt.tag_define('t' || n, CASE WHEN n % 2 = 0 THEN 'boolean' ELSE 'numeric' END, 'x', '标签' || n) FROM generate_series(1, 20) AS n;
SELECT mkt.tag_put_values('t' || n, 'SELECT c.cid, CASE WHEN c.cid % 3 > 0 THEN c.cid % 1000 END::numeric AS value FROM mkt.customer AS c WHERE c.cid < 200000') FROM generate_series(1, 19, 2) AS n;
SELECT mkt.tag_put('t' || n, mkt.tagmap_range(0, 200000)) FROM generate_series(2, 20, 2) AS n;
SELECT count(*) FROM mkt.tag_refresh('{live,cell}');
SQL
merge=$(once "SELECT count(mkt.customer_merge(2 * n - 1, 2 * n, 'bench')) FROM generate_series(1, $MERGES) AS n")
undo=$(once "SELECT count(*) FROM (SELECT mkt.customer_unmerge(m.merge_id) FROM mkt.customer_merge AS m ORDER BY m.merge_id DESC OFFSET 0) AS u")

echo "| lines of $BATCH, onto $BASE customers | ms | million a minute |"
echo "|---|---:|---:|"
report "import, all new" "$(median < "${TMPDIR:-/tmp}/$$.new")"
report "INSERT ... ON CONFLICT by hand, all new" "$(median < "${TMPDIR:-/tmp}/$$.plain")"
report "import, the same again" "$(median < "${TMPDIR:-/tmp}/$$.same")"
report "import, a tenth changed" "$(median < "${TMPDIR:-/tmp}/$$.changed")"
report "import, a new key for each" "$(median < "${TMPDIR:-/tmp}/$$.keys")"
rm -f "${TMPDIR:-/tmp}/$$".*
echo
awk -v m="$merge" -v u="$undo" -v n="$MERGES" 'BEGIN {printf "A merge takes %.1f ms, taking it back %.1f ms.\n", m / n, u / n}'
