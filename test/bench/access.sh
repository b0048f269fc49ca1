#!/usr/bin/env bash
# ----------------------------------------------------------------------
# test/bench/access.sh: what row security costs. make bench-access
#
# Loads the demo operator (CUSTOMERS, 200000) into the bench cluster and asks
# as a branch, as one person and as head office: EXPLAIN ANALYZE's own times,
# planning included, medians of RUNS (7). Beside them the owner asks the same
# with the units written into the query, which is what a user would do without
# row security, and without them.
# ----------------------------------------------------------------------
set -euo pipefail
here=$(dirname "$0")
. "$here/lib.sh"

: "${CUSTOMERS:=200000}" "${SEED:=20261101}"
say "loading the demo of $CUSTOMERS customers"
for step in "$here"/../demo/[0-9][0-9]-*.sql; do
    say "$(basename "$step" .sql)"
    psql -Xq -v ON_ERROR_STOP=1 -v customers="$CUSTOMERS" -v seed="$SEED" -v data="$(cd "$here/../data" && pwd)" -f "$step" >/dev/null </dev/null
done
sql -c 'VACUUM ANALYZE' >/dev/null
city=$(sql -c "SELECT c.org_id FROM mkt.org AS c JOIN mkt.org AS o ON o.lft BETWEEN c.lft AND c.rgt JOIN mkt.work_order AS w ON w.org_id = o.org_id WHERE c.tier = 2 GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")
person=$(sql -c "SELECT w.org_id FROM mkt.work_order AS w JOIN mkt.org AS o USING (org_id) JOIN mkt.org AS c ON c.org_id = $city AND o.lft BETWEEN c.lft AND c.rgt GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")
sql -c "CREATE ROLE bench_city; CREATE ROLE bench_person; CREATE ROLE bench_office" \
    -c "SELECT mkt.grant_access('bench_city', 'bi_reader', $city), mkt.grant_access('bench_person', 'front_line', $person), mkt.grant_access('bench_office', 'head_office', 1)" >/dev/null

# explained ROLE QUERY: median of planning and execution
explained() {
    { printf 'SET ROLE %s;\n' "$1"; for _ in $(seq $((RUNS + 1))); do printf 'EXPLAIN (ANALYZE, TIMING OFF) %s;\n' "$2"; done; } |
        sql | awk '/^Planning Time/ {p = $3} /^Execution Time/ {if (n++) print p + $3}' | median
}

units="(SELECT o.org_id FROM mkt.org AS p JOIN mkt.org AS o ON o.lft BETWEEN p.lft AND p.rgt WHERE p.org_id = $city)"
cells="ANY (ARRAY(SELECT g.cell_id FROM mkt.grid_cell AS g WHERE g.org_id IN $units))"
row() {              # row TITLE QUERY FILTERED: FILTERED is QUERY for the owner, of the city only
    local city_ms owner_ms all_ms office_ms person_ms
    city_ms=$(explained bench_city "$2")
    owner_ms=$(explained postgres "$3")
    all_ms=$(explained postgres "$2")
    office_ms=$(explained bench_office "$2")
    person_ms=$(explained bench_person "$2")
    printf '| %s | %s | %s | %s | %s | %s | %s | %s |\n' "$1" "$(fmt "$city_ms")" "$(fmt "$owner_ms")" "$(ratio "$city_ms" "$owner_ms")" \
        "$(fmt "$person_ms")" "$(fmt "$office_ms")" "$(fmt "$all_ms")" "$(ratio "$office_ms" "$all_ms")"
}
echo '| query (ms) | branch | owner, filtered | ratio | one person | head office | owner, all | ratio |'
echo '|---|--:|--:|--:|--:|--:|--:|--:|'
row 'customers (rule cell)' 'SELECT count(*) FROM mkt.customer' "SELECT count(*) FROM mkt.customer WHERE cell_id = $cells"
row 'profiles (rule customer)' 'SELECT count(*) FROM mkt.customer_profile' "SELECT count(*) FROM mkt.customer_profile JOIN mkt.customer AS c USING (cid) WHERE c.cell_id = $cells"
row 'work orders (rule org)' 'SELECT count(*), sum(score) FROM mkt.work_order' "SELECT count(*), sum(score) FROM mkt.work_order WHERE org_id IN $units"
row 'customers with profile' 'SELECT avg(p.monthly_charges) FROM mkt.customer AS c JOIN mkt.customer_profile AS p USING (cid)' \
    "SELECT avg(p.monthly_charges) FROM mkt.customer AS c JOIN mkt.customer_profile AS p USING (cid) WHERE c.cell_id = $cells"
row 'battle map (heaviest cockpit)' 'SELECT count(*), sum(sales_yuan), avg(churn_risk) FROM mkt_cockpit.command_battle_map' \
    "SELECT count(*), sum(sales_yuan), avg(churn_risk) FROM mkt_cockpit.command_battle_map WHERE cell_id = $cells"
row 'load of people' 'SELECT count(*), sum(open) FROM mkt_cockpit.command_staff_load' "SELECT count(*), sum(open) FROM mkt_cockpit.command_staff_load WHERE org_id IN $units"
