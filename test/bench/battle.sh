#!/usr/bin/env bash
# ----------------------------------------------------------------------
# test/bench/battle.sh: make bench-battle. Cockpits and battle maps at scale.
#
# 85,000 cells (Voronoi, 35,000 of them in eleven dense cities), 1,300 grids,
# 14,700 individuals with a person each, CUSTOMERS (67,000,000) customers of whom
# 40 in 100 are ours, ORDERS (18,000,000) work orders of a published round in all
# states, SALES (a tenth of them) sales orders. Loaded with the triggers off;
# mkt.rollup_rebuild() then makes the roll-ups, which is also how long a pass
# over the ledgers takes. Asks the cockpits as the owner, as head office and as
# a branch, and the same of the ledgers in plain SQL. Medians of RUNS (7), warm,
# one connection, round trip included. Prints Markdown.
# ----------------------------------------------------------------------
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=test/bench/lib.sh
. "$here/lib.sh"

CUSTOMERS=${CUSTOMERS:-67000000}
ORDERS=${ORDERS:-18000000}
SALES=${SALES:-$((ORDERS / 10))}
CELLS=${CELLS:-85000}
SEED=${SEED:-20261121}

load_units() {
    say "units and $CELLS cells"
    sql >/dev/null <<SQL
SET client_min_messages = warning;
CREATE SCHEMA bench;
CREATE FUNCTION bench.rnd(salt integer, n bigint) RETURNS float8 LANGUAGE sql IMMUTABLE
    RETURN (hashint8extended(n, $SEED + salt) & 4503599627370495) / 4503599627370496.0;
-- province 1; cities, counties, lines, grids, small CEOs, individuals in ranges of their own
INSERT INTO mkt.org (org_id, parent_id, tier, code, name, name_zh)
SELECT 1, NULL, 1, 'P', 'P', '省' UNION ALL
SELECT 100 + n, 1, 2, 'A' || n, 'A', '市' FROM generate_series(0, 10) AS n UNION ALL
SELECT 1000 + n, 100 + n * 11 / 168, 3, 'B' || n, 'B', '县' FROM generate_series(0, 167) AS n UNION ALL
SELECT 2000 + n, 1000 + n, 4, 'C' || n, 'C', '线' FROM generate_series(0, 167) AS n UNION ALL
SELECT 10000 + n, 2000 + n * 168 / 1300, 5, 'D' || n, 'D', '网格' FROM generate_series(0, 1299) AS n UNION ALL
SELECT 20000 + n, 10000 + n, 6, 'E' || n, 'E', '小CEO' FROM generate_series(0, 1299) AS n UNION ALL
SELECT 30000 + n, 20000 + n % 1300, 7, 'F' || n, 'F', '单兵' FROM generate_series(0, 14699) AS n;
INSERT INTO mkt.staff (staff_id, code, name, name_zh, post_code, org_id)
SELECT n, 'S' || n, 'S', '人', 'field_manager', 30000 + n FROM generate_series(0, 14699) AS n;
-- 35,000 of 85,000 cells in eleven dense cities
CREATE TABLE bench.shape AS
SELECT (ST_Dump(ST_VoronoiPolygons(ST_Collect(ST_SetSRID(ST_MakePoint(p.x, p.y), 4326))))).geom
FROM (SELECT CASE WHEN n % 17 < 7 THEN 113.8 + (n % 11) * 0.55 + 0.2 * bench.rnd(1, n) ELSE 113.5 + 6.3 * bench.rnd(2, n) END AS x,
             CASE WHEN n % 17 < 7 THEN 36.3 + (n * 7 % 11) * 0.55 + 0.2 * bench.rnd(3, n) ELSE 36 + 6.6 * bench.rnd(4, n) END AS y
      FROM generate_series(1, $CELLS) AS n) AS p;
-- a grid is a piece of a column of the map
CREATE TEMP TABLE source AS
SELECT s.n::integer AS cell_id, 'G' || s.n AS code, 'Cell ' || s.n AS name, '作战单元' || s.n AS name_zh, CASE WHEN s.n % 17 < 7 THEN 'community' ELSE 'rural' END AS kind,
       10000 + s.grid AS grid_id, 30000 + s.grid + 1300 * (s.n % (CASE WHEN s.grid < 400 THEN 12 ELSE 11 END))::integer AS org_id,
       ST_Multi(s.geom) AS geom, 300 AS households, 64 AS ports_total, 40 AS ports_used
FROM (SELECT row_number() OVER (ORDER BY c.col, ST_Y(ST_Centroid(c.geom))) AS n, c.geom,
             ((row_number() OVER (ORDER BY c.col, ST_Y(ST_Centroid(c.geom))) - 1) * 1300 / count(*) OVER ())::integer AS grid
      FROM (SELECT ntile(36) OVER (ORDER BY ST_X(ST_Centroid(geom))) AS col, geom FROM bench.shape) AS c) AS s;
SELECT count(*) FROM mkt.grid_cell_load('source');
ANALYZE mkt.org, mkt.staff;
VACUUM ANALYZE mkt.grid_cell;
SQL
}

load_ledgers() {
    say "$CUSTOMERS customers, $ORDERS work orders, $SALES sales orders"
    sql >/dev/null <<SQL
SET session_replication_role = replica;
INSERT INTO mkt.customer (cid, customer_key, net, cell_id)
SELECT n, n::text, CASE WHEN bench.rnd(5, n) < 0.4 THEN 'own' ELSE 'off' END, 1 + floor(bench.rnd(6, n) * $CELLS)::integer FROM generate_series(0, $CUSTOMERS - 1) AS n;
INSERT INTO mkt.customer_profile (cid, tenure_months, churned, churn_score, monthly_charges)
SELECT c.cid, floor(bench.rnd(7, c.cid) * 72)::integer, bench.rnd(8, c.cid) < 0.05, round(bench.rnd(9, c.cid)::numeric, 4), round(20 + 100 * bench.rnd(10, c.cid)::numeric, 2)
FROM mkt.customer AS c WHERE c.net = 'own';
INSERT INTO mkt.product (product_code, type_code, family, name, name_zh, business, price) VALUES ('p', 'plan', 'p', 'P', 'P', 'plan', 1);
INSERT INTO mkt.offer (offer_code, product_code, name, name_zh, value, valid_from) VALUES ('o', 'p', 'O', 'O', 10, '2026-01-01');
INSERT INTO mkt.strategy (strategy_id, code, family_code, name, name_zh, kind_code, status)
SELECT n, 's' || n, 'retain', 'S', '策略' || n, 'stock', 'published' FROM generate_series(1, 6) AS n;
INSERT INTO mkt.strategy_version (strategy_id, version, eligibility, offer_code, sla_days, valid_from) SELECT n, 1, 'live', 'o', 7, '2026-01-01' FROM generate_series(1, 6) AS n;
INSERT INTO mkt.round (round_id, name, name_zh, as_of, state, opened_at, published_at) VALUES ('r', 'R', '轮', '2026-11-02', 'published', '2026-11-02', '2026-11-02');
INSERT INTO mkt.work_order (round_id, strategy_id, version, cid, kind_code, channel_code, offer_code, org_id, cell_id, staff_id, state, p, value, context, lever, score,
                            issued_at, due_at, state_at, attempts, outcome)
SELECT 'r', 1 + o.n % 6, 1, o.cid, 'stock', (ARRAY['grid', 'hall', 'outbound'])[1 + o.n % 3], 'o', g.org_id, g.cell_id, g.org_id - 30000, o.state, 0.5, 10, 1, 1, 5,
       '2026-11-02', timestamptz '2026-11-09' + (o.n % 6) * interval '1 day', timestamptz '2026-11-02' + (o.n % 86400) * interval '1 second', CASE o.state WHEN 'issued' THEN 0 ELSE 1 END,
       CASE o.state WHEN 'succeeded' THEN 'accepted' WHEN 'refused' THEN 'not_interested' END
FROM (SELECT n, n * ($CUSTOMERS / $ORDERS) AS cid, (ARRAY['issued', 'accepted', 'contacting', 'succeeded', 'refused', 'overdue'])[1 + floor(bench.rnd(11, n) * 6)::integer] AS state
      FROM generate_series(0, $ORDERS - 1) AS n) AS o
JOIN mkt.customer AS c ON c.cid = o.cid
JOIN mkt.grid_cell AS g ON g.cell_id = c.cell_id;
INSERT INTO mkt.sales_order (order_key, cid, org_id, cell_id, product_code, sale_scene, flow, amount, placed_at)
SELECT 'SO' || n, c.cid, g.org_id, g.cell_id, 'p', 'field', 'fixed', round(10 + 90 * bench.rnd(12, n)::numeric, 2), '2026-11-03'
FROM generate_series(0, $SALES - 1) AS n
JOIN mkt.customer AS c ON c.cid = n * ($CUSTOMERS / $SALES)
JOIN mkt.grid_cell AS g ON g.cell_id = c.cell_id;
UPDATE mkt.tag SET members = $CUSTOMERS WHERE code = 'live';
RESET session_replication_role;
VACUUM (ANALYZE) mkt.customer, mkt.customer_profile, mkt.work_order, mkt.sales_order;
CREATE ROLE bench_office LOGIN; CREATE ROLE bench_city LOGIN;
SELECT mkt.grant_access('bench_office', 'bi_reader', 1), mkt.grant_access('bench_city', 'bi_reader', 100);
SQL
}

as_role() { if [ "$1" = postgres ]; then ms "$2"; else PGUSER=$1 ms "$2"; fi; }

# row TITLE QUERY [PLAIN QUERY]: three logins, then the ledgers in plain SQL
row() {
    local plain=-
    if [ -n "${3:-}" ]; then plain=$(fmt "$(ms "$3" 1)"); fi
    printf '| %s | %s | %s | %s | %s |\n' "$1" "$(fmt "$(as_role postgres "$2")")" "$(fmt "$(as_role bench_office "$2")")" "$(fmt "$(as_role bench_city "$2")")" "$plain"
}

tile() {             # tile Z LON LAT: the call for the tile at a place
    awk -v z="$1" -v lon="$2" -v lat="$3" 'BEGIN {n = 2 ^ z; r = lat * 3.14159265358979 / 180
        printf "mkt.battle_map_tile(%d, %d, %d)", z, int((lon + 180) / 360 * n), int((1 - log(sin(r) / cos(r) + 1 / cos(r)) / 3.14159265358979) / 2 * n)}'
}

load_units
load_ledgers
say "rebuild"
rebuilt=$(once "SELECT mkt.rollup_rebuild()")
sql -c "VACUUM (ANALYZE) mkt.rollup_staff, mkt.rollup_strategy, mkt.rollup_cell, mkt.rollup_customer"
shapes=$(once "SELECT mkt.battle_map_refresh()")
figures=$(once "SELECT mkt.battle_map_refresh()")
sql -c "VACUUM (ANALYZE) mkt.battle_map_unit"

cat <<MD
## bench-battle: $CUSTOMERS customers, $ORDERS work orders, $SALES sales, $CELLS cells

Milliseconds a client waits. $(sql -c "SELECT 'PostgreSQL ' || current_setting('server_version') || ', PostGIS ' || extversion FROM pg_extension WHERE extname = 'postgis'"), $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg).

| question | owner | head office | one city | plain SQL on the ledgers |
|---|---|---|---|---|
MD
say "cockpits"
row 'task progress of the cities' "SELECT * FROM mkt_cockpit.command_tier_progress WHERE tier = 2" \
    "SELECT a.org_id, count(*), count(*) FILTER (WHERE p.contacted), count(*) FILTER (WHERE p.succeeded), count(*) FILTER (WHERE p.open) FROM mkt._order_progress AS p JOIN mkt.org AS o ON o.org_id = p.org_id JOIN mkt.org AS a ON o.lft BETWEEN a.lft AND a.rgt AND a.tier = 2 GROUP BY a.org_id"
row 'drill into a county' "SELECT * FROM mkt_cockpit.command_drill WHERE parent_code = 'B0'"
row 'task lists by strategy' "SELECT * FROM mkt_cockpit.command_task_list" \
    "SELECT strategy_id, count(*), count(*) FILTER (WHERE contacted), count(*) FILTER (WHERE succeeded), sum(value) FILTER (WHERE succeeded), min(due_at) FILTER (WHERE open) FROM mkt._order_progress GROUP BY strategy_id"
row 'load of all staff' "SELECT count(*), max(load_days) FROM mkt_cockpit.command_staff_load"
row 'customer structure' "SELECT * FROM mkt_cockpit.customer_structure" "SELECT count(*), sum(prospect), sum(mature) FROM mkt._rollup_customer_plain"
say "battle maps"
row 'battle map of a county' "SELECT * FROM mkt_cockpit.command_battle_map WHERE county_code = 'B0'"
row 'battle map of a grid' "SELECT * FROM mkt_cockpit.command_battle_map WHERE grid_code = 'D0'"
row 'battle map of the whole province, own share' "SELECT sum(own_customers) / sum(own_customers + off_customers) FROM mkt_cockpit.command_battle_map"
row 'GeoJSON of a grid' "SELECT length(mkt.battle_map_geojson(10000)::text)"
row 'GeoJSON of a county' "SELECT length(mkt.battle_map_geojson(1000)::text)"
for z in 4 6 7 8 9 11 12 14; do
    row "tile at zoom $z, dense city ($(sql -c "SELECT length($(tile $z 113.9 36.4))") bytes)" "SELECT length($(tile $z 113.9 36.4))"
done

say "writing"
one="UPDATE mkt.work_order SET state_at = state_at + interval '1 second' WHERE order_id = (SELECT 5 + (random() * 1000)::integer)"
with=$(ms "$one" 200)
folded=$(once "SELECT mkt.rollup_fold()")
sql -c "SELECT format('ALTER TABLE mkt.work_order DISABLE TRIGGER %I;', tgname) FROM pg_trigger WHERE tgrelid = 'mkt.work_order'::regclass AND tgname LIKE 'work_order_rollup%'" | sql
without=$(ms "$one" 200)
sql -c "ALTER TABLE mkt.work_order ENABLE TRIGGER USER"
cat <<MD

| | ms |
|---|---|
| one work order changed, roll-ups kept | $(fmt "$with") |
| the same with their triggers off | $(fmt "$without") |
| fold of the 200 changes | $(fmt "$folded") |
| all roll-ups made anew from the ledgers | $(fmt "$rebuilt") |
| figures of cities, counties and grids | $(fmt "$figures") |
| the same, shapes drawn anew | $(fmt "$shapes") |

Roll-ups: $(sql -c "SELECT string_agg(format('%s %s rows, %s', c.relname, c.reltuples::bigint, pg_size_pretty(pg_total_relation_size(c.oid))), '; ' ORDER BY c.relname) FROM pg_class AS c JOIN mkt.rollup AS r ON r.table_name = c.relname"). Differences between roll-ups and ledgers: $(sql -c "SELECT count(*) FROM mkt.rollup_difference()").
MD
