#!/usr/bin/env bash
# ----------------------------------------------------------------------
# test/bench/org.sh: make bench-org. The organisation with CUSTOMERS
# (5,000,000) customers hanging on it.
#
# The tree is one province of 11 cities, 190 counties, 380 lines, 2,365 grids,
# 4,730 small CEOs and 14,190 individuals, 85,140 cells, one field manager an
# individual. One county after the other moves under another city, MOVES (7)
# times: milliseconds, the rows, blocks and bytes of WAL written, and whether
# a fact row was. Then figures one step down from the province and from a
# county, by the organisation of now and of then, and the tasks of ROUTED
# (1,000,000) customers, against the recursive SQL a user would write; the
# answers are compared. Prints Markdown; medians of RUNS (7).
# ----------------------------------------------------------------------
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=test/bench/lib.sh
. "$here/lib.sh"

CUSTOMERS=${CUSTOMERS:-5000000}
MOVES=${MOVES:-7}
ROUTED=${ROUTED:-1000000}
if [ "$ROUTED" -gt "$CUSTOMERS" ]; then ROUTED=$CUSTOMERS; fi

load_tree() {
    say "the tree, the map, the people"
    sql >/dev/null <<'SQL'
CREATE SCHEMA bench;
CREATE TABLE bench.tier AS
SELECT * FROM (VALUES (1, 1, 0), (2, 11, 1), (3, 190, 12), (4, 380, 202), (5, 2365, 582), (6, 4730, 2947), (7, 14190, 7677)) AS t(tier, units, before);
INSERT INTO mkt.org (org_id, parent_id, tier, code, name, name_zh)
SELECT t.before + n, p.before + 1 + (n - 1) * p.units / t.units, t.tier, 'U' || lpad((t.before + n)::text, 6, '0'), 'Unit ' || t.before + n, '单位' || t.before + n
FROM bench.tier AS t
LEFT JOIN bench.tier AS p ON p.tier = t.tier - 1
CROSS JOIN LATERAL generate_series(1, t.units) AS n;
INSERT INTO mkt.staff (staff_id, code, name, name_zh, post_code, org_id)
SELECT org_id, 'S' || org_id, 'S' || org_id, '员' || org_id, 'field_manager', org_id FROM mkt.org WHERE tier = 7;
INSERT INTO mkt.grid_cell (cell_id, code, name, name_zh, kind, grid_id, org_id, geom, area_km2)
SELECT (i.org_id - 7678) * 6 + k, 'C' || (i.org_id - 7678) * 6 + k, 'x', '村', 'rural', c.parent_id, i.org_id, ST_Multi(ST_MakeEnvelope(0, 0, 1, 1, 4326)), 1
FROM mkt.org AS i JOIN mkt.org AS c ON c.org_id = i.parent_id CROSS JOIN generate_series(1, 6) AS k
WHERE i.tier = 7;
VACUUM (FREEZE, ANALYZE) mkt.org, mkt.staff, mkt.grid_cell, mkt.org_history;
SQL
}

# Checked foreign keys and triggers of 67 million rows would measure them, not
# the organisation: the rows are right by construction. The table's indexes stay.
load_customers() {
    say "$CUSTOMERS customers"
    sql >/dev/null <<SQL
SET session_replication_role = replica;
INSERT INTO mkt.customer (cid, customer_key, net, cell_id, owner_staff_id)
SELECT n, 'K' || n, 'own', 1 + (hashint8(n)::bigint + 2147483648) % 85140,
       CASE WHEN n % 50 = 0 THEN 7678 + n % 14190 END
FROM generate_series(1, $CUSTOMERS) AS n;
RESET session_replication_role;
VACUUM (ANALYZE) mkt.customer;
CHECKPOINT;
SQL
}

# What has been written to the facts: rows by the statistics, and the newest
# transaction and the size of the table themselves.
facts() {
    sql -c "SELECT pg_stat_force_next_flush()" >/dev/null
    sql -F ' ' -c "SELECT n_tup_ins + n_tup_upd + n_tup_del, pg_relation_size('mkt.customer') FROM pg_stat_user_tables WHERE relid = 'mkt.customer'::regclass"
}

measure_moves() {
    say "moves"
    local k lsn before after
    before=$(facts)
    for k in $(seq 1 "$MOVES"); do
        # a county of city k goes under the city five further
        lsn=$(sql -c "SELECT pg_current_wal_insert_lsn()")
        once "SELECT mkt.org_move((SELECT max(org_id) FROM mkt.org WHERE parent_id = 1 + $k), 2 + ($k + 5) % 11)" >> "$tmp/move"
        sql -c "SELECT pg_current_wal_insert_lsn() - '$lsn'::pg_lsn" >> "$tmp/wal"
    done
    after=$(facts)
    say "customers written before, after: $before, $after"
    fact_rows=$((${after%% *} - ${before%% *}))
    newest=$(sql -c "SELECT count(*) FROM mkt.customer WHERE xmin::text::bigint > (SELECT min(xmin::text::bigint) FROM mkt.org_history WHERE since > '2000-01-01')")
}

plain_drill() {      # plain_drill NODE: what a user would write
    cat <<SQL
WITH RECURSIVE down AS (
    SELECT org_id AS child, org_id FROM mkt.org WHERE parent_id = $1
    UNION ALL
    SELECT d.child, o.org_id FROM down AS d JOIN mkt.org AS o ON o.parent_id = d.org_id)
SELECT d.child AS org_id, count(c.cid) AS value
FROM down AS d LEFT JOIN mkt.grid_cell AS g ON g.org_id = d.org_id LEFT JOIN mkt.customer AS c ON c.cell_id = g.cell_id AND c.live
GROUP BY d.child
SQL
}

bench_drill() {      # bench_drill TITLE NODE
    local ours past theirs wrong
    say "drill: $1"
    ours=$(ms "SELECT * FROM mkt.drill('customers', $2)")
    past=$(ms "SELECT * FROM mkt.drill('customers', $2, as_of => '2001-01-01')")
    theirs=$(ms "$(plain_drill "$2")")
    wrong=$(sql -c "SELECT count(*) FROM ($(plain_drill "$2")) AS p FULL JOIN mkt.drill('customers', $2) AS d USING (org_id) WHERE p.value IS DISTINCT FROM d.value")
    printf '| %s | %s | %s | %s | %s | %s |\n' "$1" "$(fmt "$ours")" "$(fmt "$past")" "$(fmt "$theirs")" "$(ratio "$theirs" "$ours")" "$wrong"
}

# A user's way: for each customer the owner, else who has the fewest orders in the cell's unit.
PLAIN_ROUTE="SELECT c.cid, coalesce((SELECT s.staff_id FROM mkt.staff AS s WHERE s.staff_id = c.owner_staff_id AND s.active),
    (SELECT s.staff_id FROM mkt.grid_cell AS g JOIN mkt.staff AS s ON s.org_id = g.org_id AND s.active
     WHERE g.cell_id = c.cell_id
     ORDER BY (SELECT count(*) FROM mkt.work_order AS o WHERE o.staff_id = s.staff_id AND o.closed_at IS NULL), s.staff_id LIMIT 1)) AS staff_id
FROM mkt.customer AS c WHERE c.cid <= $ROUTED"
OUR_ROUTE="SELECT r.cid, r.staff_id FROM generate_series(0, $ROUTED / 64512) AS b
CROSS JOIN LATERAL mkt._route(ARRAY(SELECT n FROM generate_series(greatest(1, b * 64512), least($ROUTED, b * 64512 + 64511)) AS n)) AS r"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cat <<MD
## bench-org: $CUSTOMERS customers

$(sql -c "SELECT 'PostgreSQL ' || current_setting('server_version')"), $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg). Milliseconds, medians.

MD
load_tree
load_customers
measure_moves
cat <<MD
| moving a county under another city, $MOVES times | |
|---|---|
| units | $(sql -c "SELECT count(*) FROM mkt.org") |
| milliseconds, median | $(fmt "$(median < "$tmp/move")") |
| milliseconds, slowest | $(fmt "$(sort -g "$tmp/move" | tail -1)") |
| WAL, bytes, median | $(median < "$tmp/wal") |
| customer table, bytes | $(sql -c "SELECT pg_total_relation_size('mkt.customer')") |
| customer rows inserted, updated or deleted meanwhile | $fact_rows |
| customer rows newer than the first move | $newest |

| customers one step down | drill(), now | drill(), as of 2001 | recursive SQL, now | times faster | figures that differ |
|---|---|---|---|---|---|
MD
bench_drill 'the province' 1
bench_drill 'a county' 100
bench_drill 'a grid' 700
sql -c "VACUUM ANALYZE mkt.org" >/dev/null
say "routing"
ours=$(RUNS=3 ms "SELECT count(staff_id) FROM ($OUR_ROUTE) AS r" 3)
theirs=$(RUNS=3 ms "SELECT count(staff_id) FROM ($PLAIN_ROUTE) AS r" 3)
wrong=$(sql -c "SELECT count(*) FROM ($PLAIN_ROUTE) AS p JOIN ($OUR_ROUTE) AS r USING (cid) WHERE p.staff_id IS DISTINCT FROM r.staff_id")
cat <<MD

| routing $ROUTED customers | ms | answers that differ |
|---|---|---|
| _route(), a block of 64,512 a call, balanced | $(fmt "$ours") | |
| subqueries, one person a unit, nothing balanced | $(fmt "$theirs") | $wrong |
MD
