#!/usr/bin/env bash
# ----------------------------------------------------------------------
# test/bench/strategy.sh: make bench-strategy. Deciding for everybody at once,
# and for one customer in a millisecond.
#
# CUSTOMERS (1,000,000) with 40 boolean tags, arpu, tenure and six models;
# STRATEGIES (100) with three layers each, one to three channels, control
# groups and a holdout; consent, do-not-disturb, suppression, ORDERS contacts
# of the last months, four caps and limited channels.
#
# 1. Decisions alone: mkt.dry_run_counts() of all customers.
# 2. The same in SQL: test/lib/decide_oracle.sql on BLOCKS of the blocks, every
#    candidate compared (ORACLE=0 leaves it out).
# 3. Deployment, against INSERT ... SELECT of the rows it wrote into tables
#    with the same indexes and checks, but no trigger and no foreign key.
# 4. mkt.next_best() from 4 clients, reserving, synchronous_commit on and off.
# Prints Markdown. Times are single runs where data is written.
# ----------------------------------------------------------------------
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=test/bench/lib.sh
. "$here/lib.sh"

CUSTOMERS=${CUSTOMERS:-1000000}
STRATEGIES=${STRATEGIES:-100}
ORACLE=${ORACLE:-1}
SEED=${SEED:-20261121}
SECONDS_EACH=${SECONDS_EACH:-10}

per_second() { awk -v n="$1" -v ms="$2" 'BEGIN {printf "%.2f", n / ms / 1000}'; }

load() {
    say "load $CUSTOMERS customers"
    sql >/dev/null <<SQL
SET client_min_messages = warning;
CREATE SCHEMA bench;
CREATE FUNCTION bench.rnd(salt integer, n bigint) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (hashint8extended(n, $SEED + salt) & 4503599627370495) / 4503599627370496.0;
INSERT INTO mkt.org (org_id, parent_id, tier, code, name, name_zh)
SELECT n, nullif(n - 1, 0), n, 'U' || n, 'U' || n, '单位' || n FROM generate_series(1, 6) AS n;
INSERT INTO mkt.org (org_id, parent_id, tier, code, name, name_zh)
SELECT 1000 + n, 6, 7, 'I' || n, 'I' || n, '单兵' || n FROM generate_series(1, 10000) AS n;
INSERT INTO mkt.staff (staff_id, code, name, name_zh, post_code, org_id)
SELECT n, 'S' || n, 'x', 'x', 'field_manager', 1000 + 1 + n % 10000 FROM generate_series(1, 14700) AS n;
INSERT INTO mkt.grid_cell (cell_id, code, name, name_zh, kind, grid_id, org_id, geom, area_km2)
SELECT n, 'C' || n, 'x', 'x', 'rural', 5, 1000 + 1 + n % 10000, ST_Multi(ST_MakeEnvelope(n, 0, n + 1, 1, 4326)), 1 FROM generate_series(1, 85000) AS n;
SET session_replication_role = replica;         -- no roll-up of a million births
INSERT INTO mkt.customer (cid, customer_key, net, cell_id, owner_staff_id)
SELECT c, 'K' || c, CASE WHEN bench.rnd(1, c) < 0.4 THEN 'own' ELSE 'off' END, 1 + floor(bench.rnd(2, c) * 85000),
       CASE WHEN bench.rnd(3, c) < 0.02 THEN 1 + floor(bench.rnd(4, c) * 14700) END
FROM generate_series(0::bigint, $CUSTOMERS - 1) AS c;
INSERT INTO mkt.consent (cid, channel_code, granted, since)
SELECT c, (ARRAY['*', 'sms', 'outbound'])[1 + floor(bench.rnd(11, c) * 3)], false, '2026-01-01'
FROM generate_series(0::bigint, $CUSTOMERS - 1) AS c WHERE bench.rnd(10, c) < 0.06;
INSERT INTO mkt.do_not_disturb (cid, scope, scope_code, reason, valid_from)
SELECT c, CASE WHEN bench.rnd(13, c) < 0.5 THEN 'all' ELSE 'product' END, CASE WHEN bench.rnd(13, c) < 0.5 THEN NULL ELSE 'p3' END, 'x', '2026-06-01'
FROM generate_series(0::bigint, $CUSTOMERS - 1) AS c WHERE bench.rnd(12, c) < 0.03;
INSERT INTO mkt.suppression (cid, reason, since)
SELECT c, 'x', '2026-06-01' FROM generate_series(0::bigint, $CUSTOMERS - 1) AS c WHERE bench.rnd(14, c) < 0.005;
-- a quarter of the customers was contacted last month, a tenth of those within a week
INSERT INTO mkt.contact (cid, channel_code, family, state, reserved_at, sent_at)
SELECT c, (ARRAY['sms', 'outbound', 'grid', 'internet'])[1 + floor(bench.rnd(16, c) * 4)], 'f', 'sent', t, t
FROM (SELECT c, timestamptz '2026-11-02 08:00+08' - interval '30 days' * bench.rnd(17, c) AS t
      FROM generate_series(0::bigint, $CUSTOMERS - 1) AS c WHERE bench.rnd(15, c) < 0.25) AS x;
RESET session_replication_role;
VACUUM (ANALYZE) mkt.customer, mkt.consent, mkt.do_not_disturb, mkt.suppression, mkt.contact;
SQL
    say "tags"
    sql >/dev/null <<SQL
SET client_min_messages = warning;
SELECT mkt.tag_define('b' || n, 'boolean', 'x', '标' || n) FROM generate_series(1, 40) AS n;
SELECT mkt.tag_define('arpu', 'numeric', 'x', '收入'), mkt.tag_define('tenure', 'numeric', 'x', '网龄');
SELECT mkt.tag_define('p' || n, 'numeric', 'x', '模' || n, scale => 4) FROM generate_series(1, 6) AS n;
SELECT mkt.tag_refresh(ARRAY['live', 'cell']);
SQL
    # one pass over the numbers writes all tags
    { printf "SELECT mkt._tag_load(ARRAY['arpu','tenure'"; for i in 1 2 3 4 5 6; do printf ",'p%s'" "$i"; done
      for i in $(seq 1 40); do printf ",'b%s'" "$i"; done
      printf "], \$q\$SELECT c, floor(200 * bench.rnd(30, c) ^ 2), floor(240 * bench.rnd(31, c))"
      for i in 1 2 3 4 5 6; do printf ", round((bench.rnd(%s, c) ^ 2)::numeric, 4)" $((40 + i)); done
      for i in $(seq 1 40); do printf ", bench.rnd(%s, c) < %s" $((60 + i)) "$(awk -v i="$i" 'BEGIN {printf "%.2f", 0.02 + 0.9 * (i % 10) / 10}')"; done
      printf " FROM generate_series(0::bigint, %s - 1) AS c\$q\$, now());\n" "$CUSTOMERS"; } | sql >/dev/null
}

strategies() {
    say "$STRATEGIES strategies"
    sql >/dev/null <<SQL
SET client_min_messages = warning;
INSERT INTO mkt.product (product_code, type_code, family, name, name_zh, business, price)
SELECT 'p' || n, (ARRAY['light', 'finance', 'terminal', 'home_internet', 'preference', 'scenario', 'plan'])[1 + n % 7], 'f' || n % 5, 'x', 'x', 'plan', 1 FROM generate_series(1, 20) AS n;
INSERT INTO mkt.offer (offer_code, product_code, name, name_zh, value, valid_from)
SELECT 'o' || n, 'p' || 1 + n % 20, 'x', 'x', 20 + floor(400 * bench.rnd(20, n)), '2026-01-01' FROM generate_series(1, 60) AS n;
INSERT INTO mkt.strategy (strategy_id, code, family_code, name, name_zh, kind_code, status)
SELECT n, 's' || n, 'retain', 'x', 'x', 'stock', 'published' FROM generate_series(1, $STRATEGIES) AS n;
-- a target is a few per cent of all customers: three tags of it, two bounds, an exclusion
INSERT INTO mkt.strategy_version (strategy_id, version, eligibility, applicability, suitability, offer_code, propensity_tag, context_factor, control_share, sla_days, valid_from)
SELECT n, 1, format('b%s & b%s & arpu >= %s', 1 + n % 40, 1 + (n * 7 + 3) % 40, floor(100 * bench.rnd(21, n)))::mkt.tagexpr,
       format('!b%s', 1 + (n * 11 + 5) % 40)::mkt.tagexpr,
       format('tenure >= %s & p%s >= %s', floor(60 * bench.rnd(22, n)), 1 + n % 6, round(0.15 * bench.rnd(23, n)::numeric, 2))::mkt.tagexpr,
       'o' || 1 + n % 60, 'p' || 1 + n % 6, 1 + round(bench.rnd(24, n)::numeric, 1), CASE n % 3 WHEN 0 THEN 0.05 ELSE 0 END, 7 + n % 3, '2026-01-01'
FROM generate_series(1, $STRATEGIES) AS n;
INSERT INTO mkt.strategy_channel (strategy_id, rank, channel_code)
SELECT n, k, (ARRAY['internet', 'grid', 'hall', 'outbound', 'sms', 'hotline'])[1 + (n + k * (1 + n % 5)) % 6]
FROM generate_series(1, $STRATEGIES) AS n, generate_series(1, 3) AS k WHERE k <= 1 + n % 3
ON CONFLICT DO NOTHING;
INSERT INTO mkt.contact_cap (name, name_zh, channels, max_contacts, span, clock) VALUES
    ('x', 'x', NULL, 2, '7 days', 'rolling'), ('x', 'x', '{sms}', 1, '7 days', 'rolling'),
    ('x', 'x', '{outbound,hotline}', 1, '1 month', 'calendar'), ('x', 'x', NULL, 4, '1 month', 'calendar');
INSERT INTO mkt.holdout (name, salt, bucket_from, bucket_to, valid_from) VALUES ('five per cent', 'h', 0, 500, '2026-01-01');
SELECT mkt.round_open('bench', 'x', 'x', '2026-11-02 08:00+08');
ANALYZE;
SQL
}

# what a session keeps afterwards
memory() {
    psql -XAtq -v ON_ERROR_STOP=1 <<SQL | tail -1
SELECT count(*) FROM mkt.dry_run_counts('bench');
SELECT pg_size_pretty(sum(total_bytes)) FROM pg_backend_memory_contexts WHERE name LIKE 'mkt %';
SQL
}

row() { printf '| %s |\n' "$(printf '%s' "$1" | sed 's/|/ | /g')"; }

load
strategies
blocks=$(sql -c "SELECT mkt._blocks()")
row "what|result|"; row "---|---|---"
best=$(ms "SELECT count(*) FROM mkt.dry_run_counts('bench')" 5)
row "customers, strategies|$CUSTOMERS, $STRATEGIES|$(sql -c "SELECT sum(customers) || ' candidates, ' || sum(customers) FILTER (WHERE reason IS NULL) || ' contacts' FROM mkt.dry_run_counts('bench')")"
row "decisions alone|$(fmt "$best") ms|$(per_second "$CUSTOMERS" "$best") M customers/s"
row "kept by the session||$(memory)"
if [ "$ORACLE" = 1 ]; then
    psql -Xq -v ON_ERROR_STOP=1 -f "$here/../lib/decide_oracle.sql"
    engine=$(for _ in 1 2 3; do once "SELECT count(*) FROM mkt._decide('bench', '2026-11-02 08:00+08', 0, $blocks)"; done | median)
    sqlms=$(once "CREATE TABLE bench.expected AS SELECT * FROM oracle.decide_all('bench', '2026-11-02 08:00+08', $blocks, 1)")
    differ=$(sql -c "SELECT count(*) FROM (SELECT cid, strategy_id, channel_code, score, control, reason, reasons FROM mkt._decide('bench', '2026-11-02 08:00+08', 0, $blocks)) AS d FULL JOIN bench.expected AS e USING (cid, strategy_id) WHERE (d.channel_code, d.score, d.control, coalesce(d.reason, ''), d.reasons) IS DISTINCT FROM (e.channel_code, e.score, e.control, coalesce(e.reason, ''), e.reasons)")
    row "every candidate told: mkt._decide()|$(fmt "$engine") ms|"
    row "the same in SQL|$(fmt "$sqlms") ms|$(ratio "$sqlms" "$engine") times _decide(), $(ratio "$sqlms" "$best") times the counts; $differ differences"
fi
echo "CHECKPOINT" | sql
deploy=$(once "SET client_min_messages = warning; CALL mkt.deploy('bench')" | tail -1)
echo "CHECKPOINT" | sql
sql >/dev/null <<SQL
CREATE TABLE bench.work_order (LIKE mkt.work_order INCLUDING ALL);
CREATE TABLE bench.contact (LIKE mkt.contact INCLUDING ALL);
SQL
peer1=$(once "INSERT INTO bench.work_order SELECT * FROM mkt.work_order ORDER BY order_id")
peer2=$(once "INSERT INTO bench.contact SELECT * FROM mkt.contact WHERE round_id = 'bench' ORDER BY contact_id")
peer=$(awk -v a="$peer1" -v b="$peer2" 'BEGIN {print a + b}')
orders=$(sql -c "SELECT count(*) FROM mkt.work_order")
row "deploy: decide, route, write, publish|$(fmt "$deploy") ms|$orders work orders, $(per_second "$orders" "$deploy") M/s"
row "INSERT ... SELECT of these work orders and contacts, same indexes|$(fmt "$peer") ms|deployment takes $(ratio "$deploy" "$peer") times as long"
sql -c "DELETE FROM mkt.contact WHERE round_id IS NULL AND order_id IS NULL AND state = 'reserved'" >/dev/null
dir=$(mktemp -d)
for touch in app sms_push; do
cat > "$dir/next.sql" <<SQL
\\set cid random(0, $CUSTOMERS - 1)
SELECT * FROM mkt.next_best(:cid, '$touch', 1, '2026-11-20 10:00+08');
SQL
for commit in on off; do
    (cd "$dir" && rm -f pgbench_log.* && PGOPTIONS="-c synchronous_commit=$commit" pgbench -n -M prepared -c 4 -j 2 -T "$SECONDS_EACH" -l -f next.sql > out 2>err) || { cat "$dir/err" >&2; exit 1; }
    tps=$(sed -n 's/^tps = \([0-9]*\).*/\1/p' "$dir/out")
    p99=$(cat "$dir"/pgbench_log.* | awk '{print $3 / 1000}' | sort -g | awk '{v[NR] = $1} END {printf "%.2f", v[int(NR * 0.99)]}')
    row "next_best($touch), 4 clients, synchronous_commit $commit|$tps a second|p99 $p99 ms"
done
done
rm -rf "$dir"
row "reserved by next_best||$(sql -c "SELECT count(*) FROM mkt.contact WHERE round_id IS NULL AND state = 'reserved'"), cap violations $(sql -c "SELECT count(*) FROM mkt.cap_violations()")"
