#!/usr/bin/env bash
# ----------------------------------------------------------------------
# test/bench/tag.sh: make bench-tag. Any question about 67 million customers.
#
# Loads one wide table (a boolean column a tag, as plain SQL would hold it) and
# the same tags as mkt sets, then asks both, and the peers that are installed:
#   pg_roaringbitmap   its extension in the staged server
#   DuckDB, ClickHouse npm packages @duckdb/node-api and chdb below PEERS (a
#                      folder with node_modules)
# and the physical limit, memspeed.c. Medians of RUNS (7) runs, warm, at full
# scale unless CUSTOMERS says otherwise. Prints Markdown.
# ----------------------------------------------------------------------
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=test/bench/lib.sh
. "$here/lib.sh"

CUSTOMERS=${CUSTOMERS:-67000000}
PEERS=${PEERS:-}
GRIDS=85000
OVERLAP=${OVERLAP:-672}
TAGS="a b c t1 t2 t3 t4"

load_source() {
    say "source table: $CUSTOMERS rows, seven boolean tags, one membership, a grid"
    # disjoint stretches of two hashes: independent columns of known density
    sql >/dev/null <<SQL
CREATE SCHEMA bench;
CREATE UNLOGGED TABLE bench.source AS
SELECT cid,
       (h & 1023) < 512 AS a, (h >> 10 & 1023) < 205 AS b, (h >> 20 & 1023) < 51 AS c,
       (h >> 30 & 1023) < 103 AS t1, (h >> 40 & 1023) < 103 AS t2, (h >> 50 & 1023) < 103 AS t3,
       (k & 1023) < 103 AS t4, (k >> 10 & 1023) < 98 AS e, (k >> 20 & 1023) < 10 AS thin,
       ((k >> 30 & 1073741823) % $GRIDS)::integer + 1 AS cell
FROM (SELECT cid, hashint8extended(cid, 1) AS h, hashint8extended(cid, 2) AS k
      FROM generate_series(0, $CUSTOMERS - 1) AS cid) AS drawn;
VACUUM (FREEZE, ANALYZE) bench.source;
SQL
}

load_tags() {
    say "mkt: the same as tags"
    sql >/dev/null <<SQL
SELECT mkt.tag_put('live', mkt.tagmap_range(0, $CUSTOMERS - 1));
$(for tag in $TAGS e thin; do echo "SELECT mkt.tag_define('$tag', 'boolean', '$tag', '$tag');"; done)
SELECT count(*) FROM mkt._tag_load(string_to_array('$TAGS e thin cell', ' '), 'SELECT cid, ${TAGS// /, }, e, thin, cell FROM bench.source', now());
VACUUM (FREEZE, ANALYZE) mkt.tag_block;
SQL
}

load_roaring() {
    sql -c 'CREATE EXTENSION roaringbitmap' >/dev/null 2>&1 || return 0
    say "pg_roaringbitmap: the same as bitmaps"
    sql >/dev/null <<SQL
CREATE TABLE bench.roaring (tag text PRIMARY KEY, members roaringbitmap);
ALTER TABLE bench.roaring ALTER COLUMN members SET STORAGE EXTERNAL;
WITH built AS MATERIALIZED (
    SELECT $(for tag in $TAGS; do printf '%s' "rb_build_agg(cid::integer) FILTER (WHERE $tag) AS $tag"; [ "$tag" = t4 ] || printf ', '; done)
    FROM bench.source)
INSERT INTO bench.roaring
$(for tag in $TAGS; do printf '%s\n' "SELECT '$tag', $tag FROM built"; [ "$tag" = t4 ] || echo 'UNION ALL'; done);
VACUUM (FREEZE, ANALYZE) bench.roaring;
SQL
    roaring=yes
}

load_units() {       # a tree whose 85,000 individuals serve one cell each
    say "units: $GRIDS individuals, one cell each"
    sql >/dev/null <<SQL
INSERT INTO mkt.org (org_id, parent_id, tier, code, name, name_zh)
SELECT 1, NULL, 1, 'p', 'p', 'p'
UNION ALL SELECT 2, 1, 2, 'c', 'c', 'c'
UNION ALL SELECT 3, 2, 3, 'k', 'k', 'k'
UNION ALL SELECT 4, 3, 4, 'l', 'l', 'l'
UNION ALL SELECT 1000 + i, 4, 5, 'g' || i, 'g', 'g' FROM generate_series(1, $GRIDS / 100) AS i
UNION ALL SELECT 10000 + i, 1000 + i, 6, 's' || i, 's', 's' FROM generate_series(1, $GRIDS / 100) AS i
UNION ALL SELECT 100000 + i, 10001 + (i - 1) % ($GRIDS / 100), 7, 'i' || i, 'i', 'i' FROM generate_series(1, $GRIDS) AS i;
INSERT INTO mkt.grid_cell (cell_id, code, name, name_zh, kind, grid_id, org_id, geom, area_km2, repaired, households, ports_total, ports_used)
SELECT i, 'm' || i, 'm', 'm', 'rural', 1001 + (i - 1) % ($GRIDS / 100), 100000 + i,
       st_multi(st_makeenvelope(114 + i % 300 * 0.001, 38 + i / 300 * 0.001, 114.001 + i % 300 * 0.001, 38.001 + i / 300 * 0.001, 4326)),
       1, false, 0, 0, 0
FROM generate_series(1, $GRIDS) AS i;
VACUUM (ANALYZE) mkt.org, mkt.grid_cell;
SQL
}

rb() { echo "(SELECT members FROM bench.roaring WHERE tag = '$1')"; }

peer() {             # peer SCRIPT: "name ms" lines, nothing when not installed
    [ -n "$PEERS" ] && [ -d "$PEERS/node_modules" ] || return 0
    say "peer: $1"
    (cp "$here/$1" "$PEERS/" && cd "$PEERS" && node "$1" "$CUSTOMERS" "$RUNS") || true
}

pick() { awk -v name="$2" '$1 == name {print $2}' <<<"$1"; }

roaring=
load_source
load_tags
load_units
load_roaring

memspeed=${TMPDIR:-/tmp}/memspeed.$$
gcc -O3 -march=native -o "$memspeed" "$here/memspeed.c"
trap 'rm -f "$memspeed"' EXIT
duck=$(peer tag_duckdb.mjs)
click=$(peer tag_clickhouse.mjs)

question() {         # question TITLE NAME MKT PLAIN ROARING
    say "$1"
    local mkt limit plain rbm limited cached
    # the limit in the same minute, as often as the question: the machine may have other work
    mkt=$(ms "$3;" $((RUNS * 5))); limit=$("$memspeed" "$CUSTOMERS" $((RUNS * 5)))
    plain=$(ms "$4;" 3); rbm=
    [ -z "$roaring" ] || [ -z "$5" ] || rbm=$(ms "$5;")
    limited=$(pick "$limit" "$2"); cached=$(pick "$limit" "$2_cached")
    printf '| %s | %s | %s (%s) | %s (%s) | %s (%s) | %s (%s) | %s (%s) | %s (%s) |\n' "$1" "$(fmt "$mkt")" \
        "$(fmt "$limited")" "$(ratio "$mkt" "${limited:-0}")" "$(fmt "$cached")" "$(ratio "$mkt" "${cached:-0}")" \
        "$(fmt "$plain")" "$(ratio "$plain" "$mkt")" "$(fmt "$rbm")" "$(ratio "$rbm" "$mkt")" \
        "$(fmt "$(pick "$duck" "$2")")" "$(ratio "$(pick "$duck" "$2")" "$mkt")" \
        "$(fmt "$(pick "$click" "$2")")" "$(ratio "$(pick "$click" "$2")" "$mkt")"
}

single() {           # single TITLE STATEMENT: one mkt figure, ms
    say "$1"
    printf '| %s | %s |\n' "$1" "$(fmt "$(ms "$2;")")"
}

# weigh TITLE [-n] STATEMENT: a row of the table of memory, printed at the end
weigh() {
    local title=$1; shift
    say "memory: $title"
    weights+="| $title | $(fmt "$(peak "$@")") |"$'\n'
}
weights=

cat <<MD
## bench-tag: $CUSTOMERS customers

Milliseconds a client waits, medians of $RUNS warm runs (mkt and the loop: $((RUNS * 5))), $(nproc) cores, $(sql -c 'SHOW server_version'). In brackets: how many times the memory
loop mkt takes; how many times mkt the others take.

| question | mkt | loop, from memory | loop, from cache | plain SQL, parallel | pg_roaringbitmap | DuckDB | ClickHouse |
|---|---|---|---|---|---|---|---|
MD
question 'count(A & B & !C)' term "SELECT mkt.audience_count('a & b & !c')" \
    'SELECT count(*) FROM bench.source WHERE a AND b AND NOT c' \
    "SELECT rb_cardinality(rb_andnot(rb_and($(rb a), $(rb b)), $(rb c)))"
question 'count(A & B)' and "SELECT mkt.audience_count('a & b')" \
    'SELECT count(*) FROM bench.source WHERE a AND b' "SELECT rb_and_cardinality($(rb a), $(rb b))"
question 'count(union of 7)' union "SELECT mkt.audience_count('a | b | c | t1 | t2 | t3 | t4')" \
    'SELECT count(*) FROM bench.source WHERE a OR b OR c OR t1 OR t2 OR t3 OR t4' \
    "SELECT rb_cardinality(rb_or_agg(members)) FROM bench.roaring"
question "by $GRIDS cells" by_org "SELECT count(*), sum(members) FROM mkt.audience_by('e', 'cell')" \
    'SELECT count(*), sum(n) FROM (SELECT cell, count(*) AS n FROM bench.source WHERE e GROUP BY cell) AS g' ''

weigh 'count(A & B & !C)' "SELECT mkt.audience_count('a & b & !c')"
weigh 'count(union of 7)' "SELECT mkt.audience_count('a | b | c | t1 | t2 | t3 | t4')"
weigh 'A & B as a set' "SELECT mkt.card(mkt.audience('a & b'))"
weigh "by $GRIDS cells" "SELECT count(*), sum(members) FROM mkt.audience_by('e', 'cell')"
weigh "audience_by_org, $GRIDS individuals" "SELECT count(*), sum(members) FROM mkt.audience_by_org('e', 7)"
weigh 'audience_members in FROM, A (half of all)' "SELECT count(*) FROM mkt.audience_members('a')"
weigh 'audience_members streamed, A' "SELECT count(*) FROM (SELECT mkt.audience_members('a') OFFSET 0) AS s"
weigh 'audience_venn of 6' "SELECT count(*) FROM mkt.audience_venn('{a,b,c,t1,t2,t3}')"
weigh 'audience_sum, audience_avg' "SELECT mkt.audience_sum('a', 'cell'), mkt.audience_avg('a', 'cell')"
weigh 'audience_topk, 100,000' "SELECT count(*) FROM mkt.audience_topk('a', 'cell', 100000)"
weigh 'lookalike, 100,000' "SELECT count(*) FROM mkt.lookalike('t1 & t2', 100000, 'a')"

cat <<MD

| one at a time | ms |
|---|---|
MD
single 'has_tags, 1,000 customers' "SELECT count(*) FILTER (WHERE mkt.has_tags(cid, 'a & b & !c')) FROM generate_series(1, $CUSTOMERS, $CUSTOMERS / 1000) AS cid"
single 'audience_members in FROM, A (half of all)' "SELECT count(*) FROM mkt.audience_members('a')"
single 'audience_members streamed, A' "SELECT count(*) FROM (SELECT mkt.audience_members('a') OFFSET 0) AS s"
single 'one customer added and removed' "SELECT mkt.tag_add('thin', '{77777}'), mkt.tag_remove('thin', '{77777}')"
single "audience_by_org, $GRIDS individuals" "SELECT count(*), sum(members) FROM mkt.audience_by_org('e', 7)"
single "audience_by_org, $((GRIDS / 100)) grids" "SELECT count(*), sum(members) FROM mkt.audience_by_org('e', 5)"
single 'lookalike: the 100,000 of A most like T1 & T2, by 10 tags' "SELECT count(*) FROM mkt.lookalike('t1 & t2', 100000, 'a')"

say "loading"
scan=$(once "SET max_parallel_workers_per_gather = 0; SELECT count(cid) FROM (SELECT cid FROM bench.source WHERE a OFFSET 0) AS s")
load=$(once "SET max_parallel_workers_per_gather = 0; SELECT mkt.tag_put('a', (SELECT mkt.tagmap_agg(cid) FROM bench.source WHERE a))")
whole=$(once "SET max_parallel_workers_per_gather = 0; SELECT count(s) FROM (SELECT * FROM bench.source OFFSET 0) AS s")
sql >/dev/null <<SQL
SELECT mkt.tag_define('scan' || i, 'boolean', 'scan' || i, 'scan' || i, source => 'bench.source',
                      rule => CASE WHEN i <= 17 THEN 's.cell % 20 = ' || i ELSE 's.' || (ARRAY['a', 'b', 'c'])[i - 17] END)
FROM generate_series(1, 20) AS i;
SQL
refresh="SELECT count(*) FROM mkt.tag_refresh((SELECT array_agg('scan' || i) FROM generate_series(1, 20) AS i))"
twenty=$(once "$refresh")
weigh 'load A from a query' "SELECT mkt.tag_put('a', (SELECT mkt.tagmap_agg(cid) FROM bench.source WHERE a))"
weigh '20 tags from one scan' "$refresh"
sql -c "DELETE FROM mkt.tag WHERE code LIKE 'scan%'"

# kinds as in the catalogue: of 672 tags 106 are numbers and 47 enums; their
# values are there for the first four blocks of customers only, to save a disk
say "overlap of $OVERLAP tags"
sql >/dev/null <<SQL
SELECT mkt.tag_define('copy' || i, CASE WHEN i % 14 = 0 THEN 'enum' WHEN i % 6 = 0 THEN 'numeric' ELSE 'boolean' END,
                      'copy' || i, 'copy' || i, labels => CASE WHEN i % 14 = 0 THEN '{a,b,c,d,e,f,g,h}'::text[] END)
FROM generate_series(1, $OVERLAP) AS i;
INSERT INTO mkt.tag_block (tag_id, slice, block, members)
SELECT copy.tag_id, 0, b.block, b.members
FROM generate_series(1, $OVERLAP) AS i
JOIN mkt.tag AS copy ON copy.code = 'copy' || i
JOIN mkt.tag AS t ON t.code = (string_to_array('$TAGS', ' '))[i % 7 + 1]
JOIN mkt.tag_block AS b ON b.tag_id = t.tag_id AND b.slice = 0
ORDER BY 1, 3;
UPDATE mkt.tag AS c SET members = s.n
FROM (SELECT b.tag_id, sum(mkt.card(b.members)) AS n FROM mkt.tag_block AS b WHERE b.slice = 0 GROUP BY b.tag_id) AS s
WHERE s.tag_id = c.tag_id AND c.code LIKE 'copy%';
UPDATE mkt.tag SET slices = CASE kind WHEN 'enum' THEN 3 ELSE 12 END WHERE code LIKE 'copy%' AND kind <> 'boolean';
INSERT INTO mkt.tag_block (tag_id, slice, block, members)
SELECT c.tag_id, k, b.block, b.members
FROM mkt.tag AS c CROSS JOIN LATERAL generate_series(1, c.slices) AS k
JOIN mkt.tag AS t ON t.code = (string_to_array('$TAGS', ' '))[(c.tag_id + k) % 7 + 1]
JOIN mkt.tag_block AS b ON b.tag_id = t.tag_id AND b.slice = 0 AND b.block < 4
WHERE c.code LIKE 'copy%'
ORDER BY 1, 2, 3;
VACUUM (FREEZE, ANALYZE) mkt.tag_block;
SQL
pairs="SELECT count(*) FROM mkt.audience_overlap((SELECT array_agg('copy' || i) FROM generate_series(1, $OVERLAP) AS i))"
overlap=$(once "$pairs")
profile=$(once "SELECT count(*) FROM mkt.audience_profile('a & b')")
weigh "$OVERLAP tags with one another" -n "$pairs"
weigh "audience_profile, $OVERLAP tags" -n "SELECT count(*) FROM mkt.audience_profile('a & b')"
weigh "portrait, $OVERLAP tags" "SELECT count(*) FROM mkt.portrait(4711)"
single "portrait of a customer, $OVERLAP tags ($(sql -c 'SELECT count(*) FROM mkt.portrait(4711)') of them his)" "SELECT count(*) FROM mkt.portrait(4711)"
cat <<MD
| load A from a query (its scan alone: $(fmt "$scan")) | $(fmt "$load") ($(ratio "$load" "$scan") times the scan) |
| 20 tags from one scan (the scan alone: $(fmt "$whole")) | $(fmt "$twenty") ($(ratio "$twenty" "$whole") times the scan) |
| $OVERLAP tags with one another, all pairs | $(fmt "$overlap") |
| profile of A & B by $OVERLAP tags | $(fmt "$profile") |

| most private memory of the backend | MB |
|---|---|
$weights
| storage of one tag | members | blocks | bytes stored | Roaring portable | ratio |
|---|---|---|---|---|---|
MD
sql -F ' | ' <<SQL | sed 's/^/| /; s/$/ |/'
SELECT t.code, t.members, count(*), sum(octet_length(mkt.tagmap_send(b.members)) + 40 + 4 + 4)::bigint,
       octet_length(mkt.to_roaring(mkt.audience(t.code::mkt.tagexpr))),
       round(sum(octet_length(mkt.tagmap_send(b.members)) + 48) / octet_length(mkt.to_roaring(mkt.audience(t.code::mkt.tagexpr)))::numeric, 3)
FROM mkt.tag AS t JOIN mkt.tag_block AS b USING (tag_id)
WHERE t.code IN ('a', 'b', 'c', 'thin')
GROUP BY t.code, t.members ORDER BY t.members DESC
SQL
