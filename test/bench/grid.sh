#!/usr/bin/env bash
# ----------------------------------------------------------------------
# test/bench/grid.sh: make bench-grid. From points to cells of the map.
#
# Two maps: CELLS (85,000) Voronoi polygons of about 7 vertices, as villages
# are, and the real boundaries of 168 counties, about 700 vertices each. Every
# map is asked about random points of its extent, POINTS (10,000,000) of them:
#
#   PostGIS, on the first PEERS (200,000), in four forms: a join on the GiST
#       index with the lowest number of each point; a subquery for the lowest
#       number; a subquery with LIMIT 1, which is not the same question: on a
#       border it finds any cell; and the subquery over polygons cut by
#       ST_Subdivide, which is a second map to be kept;
#   mkt on all: locate_cell() row by row, and locate_count() for the query.
#
# Where both were asked, every answer is compared, and once more on vertices,
# middles of edges and random points of edges. EQUAL=1 compares all POINTS: the
# points of each polygon in turn are asked of PostGIS, by an index on points.
# At last ASSIGN (2,000,000) customers are placed on the village map, by a query
# and by customer_assign_cells(). Times are best of three. Prints Markdown.
# ----------------------------------------------------------------------
# test/bench/grid.sh: make bench-grid. From points to cells of the map.
#
# Two maps: CELLS (85,000) Voronoi polygons of about 7 vertices, as villages
# are, and the real boundaries of 168 counties, about 900 vertices each. Every
# map is asked about the same POINTS (10,000,000) random points of its extent:
# by PostGIS in three forms, on the first PEERS (200,000) of them: a join on the
# GiST index with the lowest number of each point, a subquery for the lowest
# number, and a subquery with LIMIT 1, which is not the same question: on a
# border it finds any cell. By mkt.locate_cell() on all. Where both were asked,
# every answer is compared, and once more on vertices, middles of edges and
# random points of edges. Times are best of three. Prints Markdown.
# ----------------------------------------------------------------------
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=test/bench/lib.sh
. "$here/lib.sh"

CELLS=${CELLS:-85000}
POINTS=${POINTS:-10000000}
PEERS=${PEERS:-200000}
ASSIGN=${ASSIGN:-2000000}
EQUAL=${EQUAL:-}
SEED=${SEED:-20261121}

best() { for _ in 1 2 3; do once "$1"; done | sort -g | head -1; }
per_point() { awk -v ms="$1" -v n="$2" 'BEGIN {printf "%.3f", ms * 1000 / n}'; }
times() { awk -v a="$1" -v n="$2" -v b="$3" -v m="$4" 'BEGIN {printf "%.0f", (a / n) / (b / m)}'; }
minus() { awk -v a="$1" -v b="$2" 'BEGIN {print (a > b ? a - b : 0.001)}'; }

prepare() {
    sql >/dev/null <<SQL
CREATE SCHEMA bench;
CREATE FUNCTION bench.rnd(salt integer, n bigint) RETURNS float8 LANGUAGE sql IMMUTABLE
    RETURN (hashint8extended(n, $SEED + salt) & 4503599627370495) / 4503599627370496.0;
INSERT INTO mkt.org (org_id, parent_id, tier, code, name, name_zh)
SELECT n, nullif(n - 1, 0), n, 'U' || n, 'U' || n, '单位' || n FROM generate_series(1, 7) AS n;
SQL
}

# Points over the extent of bench.shape; a random number for each shape, so
# that the lowest number on a border is nowhere in particular.
load_map() {
    sql >/dev/null <<SQL
SET client_min_messages = warning;
DELETE FROM mkt.grid_cell;
CREATE TEMP TABLE numbered AS
SELECT (row_number() OVER (ORDER BY bench.rnd(3, n)))::integer AS cell_id, geom FROM bench.shape;
CREATE TEMP TABLE source AS
SELECT cell_id, 'C' || cell_id AS code, 'C' || cell_id AS name, 'C' || cell_id AS name_zh, 'rural' AS kind, 5 AS grid_id, 7 AS org_id,
       geom, 0 AS households, 0 AS ports_total, 0 AS ports_used
FROM numbered;
SELECT count(*) FROM mkt.grid_cell_load('source');
VACUUM (FREEZE, ANALYZE) mkt.grid_cell;
DROP TABLE IF EXISTS bench.point, bench.few, bench.awkward, bench.piece;
CREATE UNLOGGED TABLE bench.piece AS SELECT cell_id, ST_Subdivide(geom, 16) AS geom FROM mkt.grid_cell;
CREATE INDEX ON bench.piece USING gist (geom);
CREATE UNLOGGED TABLE bench.point AS
SELECT n, xmin + (xmax - xmin) * bench.rnd(1, n) AS lon, ymin + (ymax - ymin) * bench.rnd(2, n) AS lat
FROM (SELECT min(ST_XMin(geom)) AS xmin, max(ST_XMax(geom)) AS xmax, min(ST_YMin(geom)) AS ymin, max(ST_YMax(geom)) AS ymax FROM mkt.grid_cell) AS extent,
     generate_series(1, $POINTS) AS n;
CREATE UNLOGGED TABLE bench.few AS SELECT n, ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS point FROM bench.point WHERE n <= $PEERS;
CREATE UNLOGGED TABLE bench.awkward AS
WITH segment AS (SELECT (ST_DumpSegments(geom)).geom AS geom FROM mkt.grid_cell),
     drawn AS (SELECT geom FROM segment ORDER BY bench.rnd(4, hashtextextended(ST_AsText(geom), 0)) LIMIT 60000)
SELECT row_number() OVER () AS n, point
FROM (SELECT ST_StartPoint(geom) AS point FROM drawn
      UNION ALL SELECT ST_LineInterpolatePoint(geom, 0.5) FROM drawn
      UNION ALL SELECT ST_LineInterpolatePoint(geom, bench.rnd(5, hashtextextended(ST_AsText(geom), 0))) FROM drawn) AS p;
VACUUM (FREEZE, ANALYZE) bench.point, bench.few, bench.awkward, bench.piece;
SQL
}

load_cells() {
    say "map: $CELLS Voronoi cells"
    sql >/dev/null <<SQL
SET client_min_messages = warning;
DROP TABLE IF EXISTS bench.shape;
CREATE TABLE bench.shape AS
SELECT row_number() OVER () AS n, geom
FROM (SELECT (ST_Dump(ST_VoronoiPolygons(ST_Collect(ST_SetSRID(ST_MakePoint(113.5 + 6.3 * bench.rnd(6, n), 36 + 6.6 * bench.rnd(7, n)), 4326))))).geom
      FROM generate_series(1, $CELLS) AS n) AS v;
SQL
    load_map
}

load_counties() {
    say "map: the counties"
    { printf 'CREATE TEMP TABLE feature (doc jsonb);\n\\copy feature FROM PROGRAM '"'"'gzip -dc %s'"'"' (FORMAT csv, QUOTE e'"'"'\\x01'"'"', DELIMITER e'"'"'\\x02'"'"')\n' "$here/../data/hebei_counties.geojson.gz"
      cat <<'SQL'
SET client_min_messages = warning;
DROP TABLE IF EXISTS bench.shape;
CREATE TABLE bench.shape AS
SELECT row_number() OVER () AS n, ST_GeomFromGeoJSON(f -> 'geometry') AS geom
FROM (SELECT jsonb_array_elements(doc -> 'features') AS f FROM feature) AS features;
SQL
    } | sql >/dev/null
    load_map
}

POSTGIS="SELECT p.n, min(c.cell_id) AS cell FROM %s AS p LEFT JOIN mkt.grid_cell AS c ON ST_Covers(c.geom, p.point) GROUP BY p.n"

# differ TABLE: points of a table on which PostGIS and mkt disagree
differ() {
    # shellcheck disable=SC2059
    sql -c "SELECT count(*) FROM ($(printf "$POSTGIS" "$1")) AS theirs JOIN $1 AS p USING (n) WHERE theirs.cell IS DISTINCT FROM mkt.locate_cell(p.point)"
}

# all_differ: of all points, those on which they disagree. Polygon by polygon, so
# that PostGIS unpacks and prepares each of them once (OFFSET 0 keeps it unpacked).
all_differ() {
    say "all $POINTS points"
    sql <<SQL
SET max_parallel_workers_per_gather = 0; SET work_mem = '1GB'; SET maintenance_work_mem = '2GB'; SET enable_hashjoin = off; SET enable_mergejoin = off;
CREATE UNLOGGED TABLE bench.spot AS SELECT n, ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS point FROM bench.point;
CREATE INDEX spot_idx ON bench.spot USING gist (point);
CREATE UNLOGGED TABLE bench.theirs AS
SELECT p.n, min(c.cell_id) AS cell FROM (SELECT cell_id, ST_Force2D(geom) AS geom FROM mkt.grid_cell OFFSET 0) AS c CROSS JOIN LATERAL (SELECT s.n FROM bench.spot AS s WHERE ST_Covers(c.geom, s.point)) AS p GROUP BY p.n;
SET enable_hashjoin = on;
SELECT count(*) FROM bench.point AS p LEFT JOIN bench.theirs AS t USING (n) WHERE t.cell IS DISTINCT FROM mkt.locate_cell(p.lon, p.lat);
DROP TABLE bench.spot, bench.theirs;
SQL
}

SERIAL="SET max_parallel_workers_per_gather = 0; SET work_mem = '1GB';"
WARM="$SERIAL SELECT mkt.locate_cell(114, 38);"

compare() {          # compare TITLE
    local few_scan join lowest limit pieces fastest scan xy geometry many differ
    say "PostGIS"
    few_scan=$(best "$SERIAL SELECT count(point) FROM bench.few")
    # shellcheck disable=SC2059
    join=$(best "$SERIAL SELECT count(cell) FROM ($(printf "$POSTGIS" bench.few)) AS a")
    lowest=$(best "$SERIAL SELECT count((SELECT min(c.cell_id + 0) FROM mkt.grid_cell AS c WHERE ST_Covers(c.geom, p.point))) FROM bench.few AS p")
    limit=$(best "$SERIAL SELECT count((SELECT c.cell_id FROM mkt.grid_cell AS c WHERE ST_Covers(c.geom, p.point) LIMIT 1)) FROM bench.few AS p")
    pieces=$(best "$SERIAL SELECT count((SELECT min(c.cell_id + 0) FROM bench.piece AS c WHERE ST_Covers(c.geom, p.point))) FROM bench.few AS p")
    fastest=$(printf '%s\n%s\n' "$join" "$lowest" | sort -g | head -1)
    say "mkt"
    scan=$(best "$SERIAL SELECT count(lon + lat) FROM bench.point")
    xy=$(best "$WARM SELECT count(mkt.locate_cell(lon, lat)) FROM bench.point")
    geometry=$(best "$WARM SELECT count(mkt.locate_cell(point)) FROM bench.few")
    many=$(best "$WARM SELECT sum(points) FROM mkt.locate_count('SELECT lon, lat FROM bench.point')")
    say "same answers?"
    differ="$(differ bench.few) of $PEERS, $(differ bench.awkward) of $(sql -c "SELECT count(*) FROM bench.awkward")"
    [ -z "$EQUAL" ] || differ="$differ; $(all_differ) of $POINTS"
    say "done: $differ"
    micros="$micros| $1 | $(sql -c "SELECT count(*) || ' x ' || round(avg(ST_NPoints(geom)), 1) FROM mkt.grid_cell") | $(per_point "$join" "$PEERS") | $(per_point "$lowest" "$PEERS") | $(per_point "$limit" "$PEERS") | $(per_point "$pieces" "$PEERS") | $(per_point "$xy" "$POINTS") | $(per_point "$geometry" "$PEERS") | $(per_point "$many" "$POINTS") | $(per_point "$scan" "$POINTS") |"$'\n'
    ratios="$ratios| $1 | $(times "$fastest" "$PEERS" "$xy" "$POINTS") | $(times "$(minus "$fastest" "$few_scan")" "$PEERS" "$(minus "$xy" "$scan")" "$POINTS") | **$(times "$fastest" "$PEERS" "$many" "$POINTS")** | $(times "$pieces" "$PEERS" "$xy" "$POINTS") | $(times "$pieces" "$PEERS" "$many" "$POINTS") | $differ |"$'\n'
    info="$info$(sql -F ' | ' -c "SELECT '$1', cells, edges, tiles, squares, round(bytes / 1048576.0, 1), round(build_ms::numeric) FROM mkt.grid_index_info()" | sed 's/^/| /; s/$/ |/')"$'\n'
}

# Placing customers: the answers written down by one query, and as an update.
assign() {
    local query update
    say "placing $ASSIGN customers"
    sql >/dev/null <<SQL
CREATE UNLOGGED TABLE bench.home AS
SELECT n, ST_SetSRID(ST_MakePoint(113.5 + 6.3 * bench.rnd(8, n), 36 + 6.6 * bench.rnd(9, n)), 4326) AS point FROM generate_series(1, $ASSIGN) AS n;
VACUUM (FREEZE, ANALYZE) bench.home;
SQL
    query=$(once "$SERIAL CREATE UNLOGGED TABLE bench.placed AS SELECT n, mkt.locate_cell(point) AS cell_id FROM bench.home")
    placed="| a query, locate_cell(geometry) into a new table, $ASSIGN | $(awk -v ms="$query" 'BEGIN {printf "%.1f", ms / 1000}') | $(per_point "$query" "$ASSIGN") |"
    sql >/dev/null <<SQL
INSERT INTO mkt.customer (customer_key, net, location) SELECT 'K' || n, 'own', point FROM bench.home WHERE n <= 500000;
VACUUM (FREEZE, ANALYZE) mkt.customer;
SQL
    update=$(once "$SERIAL SELECT mkt.customer_assign_cells()")
    placed="$placed"$'\n'"| customer_assign_cells(), $(sql -c "SELECT count(*) FROM mkt.customer") customers with all their indexes and keys | $(awk -v ms="$update" 'BEGIN {printf "%.1f", ms / 1000}') | $(per_point "$update" "$(sql -c "SELECT count(*) FROM mkt.customer")") |"
}

info='' micros='' ratios='' placed=''
prepare
load_counties
compare 'counties'
load_cells
compare 'villages'
assign
cat <<MD
## bench-grid: $POINTS points, seed $SEED

$(sql -c "SELECT 'PostgreSQL ' || current_setting('server_version') || ', PostGIS ' || extversion FROM pg_extension WHERE extname = 'postgis'"), $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg). One process, best of three runs.

Microseconds a point, the scan of the points included:

| map | polygons x vertices | PostGIS: join | subquery | LIMIT 1 | ST_Subdivide | locate_cell(lon, lat) | locate_cell(geometry) | locate_count(query) | the scan alone |
|---|---|---|---|---|---|---|---|---|---|
$micros
Times faster; "best" is the faster one of join and subquery:

| map | row by row / best | the same without the scans | **locate_count / best** | row by row / ST_Subdivide | locate_count / ST_Subdivide | answers that differ: random, awkward |
|---|---|---|---|---|---|---|
$ratios
| compiled map | cells | edges | tiles | squares | MB | read and compiled, ms |
|---|---|---|---|---|---|---|
$info
| placing customers | seconds | us each |
|---|---|---|
$placed
MD
