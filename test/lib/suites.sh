# shellcheck shell=bash
# ----------------------------------------------------------------------
# test/lib/suites.sh: one function per suite of check.sh.
# ----------------------------------------------------------------------
PASSED=0
FAILED=0

passed() { PASSED=$((PASSED + 1)); printf 'ok      %s\n' "$*"; }
failed() { FAILED=$((FAILED + 1)); printf 'FAILED  %s\n' "$*"; }

# ---- where the tests run -----------------------------------------------

check_open_private() {
    stage_prepare check
    exec 9>"$STAGE/check.lock"
    flock -n 9 || die "another check runs in $STAGE"
    at_exit cluster_stop check
    timed "start a cluster" start_check_cluster
    check_copy
    client() { in_cluster check "$@"; }
}

start_check_cluster() {
    cluster_init check "fsync = off" "full_page_writes = off" "synchronous_commit = off" \
        "shared_buffers = 256MB" "max_wal_size = 4GB" "checkpoint_timeout = 1h" "lc_messages = C" \
        "max_prepared_transactions = 10" "timezone = UTC" "log_statement = none"
    cluster_start check
}

check_open_server() {
    PG_CONFIG=${PG_CONFIG:-pg_config}
    BIN=$("$PG_CONFIG" --bindir)
    STAGE=$ROOT/.mkt
    rm -rf "$STAGE/check"
    mkdir -p "$STAGE/check"
    as_user() { "$@"; }
    check_copy
    client() { local program=$1; shift; "$BIN/$program" "$@"; }
}

# The tests run in a copy that the server's user may write to: results, diffs, logs.
check_copy() {
    WORK=$STAGE/check/work
    mkdir -p "$WORK"
    cp -r "$ROOT/test" "$WORK/test"
    mkdir -p "$WORK/regress" "$WORK/isolation"
    ln -s "$WORK/test/sql" "$WORK/regress/sql"
    ln -s "$WORK/test/data" "$WORK/regress/data"
    cp -r "$ROOT/expected" "$WORK/regress/expected"
    ln -s "$WORK/test/isolation/specs" "$WORK/isolation/specs"
    ln -s "$WORK/test/isolation/expected" "$WORK/isolation/expected"
    if [ "$(id -u)" -eq 0 ]; then chown -R postgres: "$WORK"; fi
    PGXS_TEST=$(dirname "$("$PG_CONFIG" --pgxs)")/../test
}

sql() {              # sql DATABASE TEXT: run it, print bare rows
    client psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$1" -c "$2"
}

make_templates() {
    local db
    for db in mkt_template mkt_pgtap_template; do client dropdb --if-exists "$db"; done
    client createdb -T template0 mkt_template
    sql mkt_template "CREATE EXTENSION mkt CASCADE"
    sql mkt_template "CALL mkt.create_platform()"
    client createdb -T mkt_template mkt_pgtap_template
    sql mkt_pgtap_template "CREATE EXTENSION pgtap"
}

clone() { client dropdb --if-exists "$2" 2>/dev/null; client createdb -T "$1" "$2"; }

# names DIR EXT: test files of DIR without their extension, those of TESTS if it is set
names() {
    local file name
    for file in "$ROOT/$1"/*."$2"; do
        name=$(basename "$file" ".$2")
        if [ ! -f "$file" ]; then continue; fi
        if [ -z "${TESTS:-}" ] || [[ " $TESTS " == *" $name "* ]]; then say "$name"; fi
    done
}

# ---- regress, isolation: output compared with expected/ ----------------

suite_regress()   { compare_suite regress "$PGXS_TEST/regress/pg_regress" test/sql sql expected; }
suite_isolation() { compare_suite isolation "$PGXS_TEST/isolation/pg_isolation_regress" test/isolation/specs spec test/isolation/expected; }

compare_suite() {    # compare_suite NAME RUNNER DIR EXT EXPECTED
    local name dir=$WORK/$1 started
    for name in $(names "$3" "$4"); do
        clone mkt_template "mkt_$1"
        started=$(date +%s%N)
        # shellcheck disable=SC2016
        if (cd "$dir" && client_env "$2" --use-existing --dbname="mkt_$1" --bindir="$BIN" \
                --inputdir=. --outputdir=. "$name") >"$WORK/$1.log" 2>&1; then
            passed "$1 $name ($(seconds_since "$started") s)"
        elif [ -n "${ACCEPT:-}" ] && [ -f "$dir/results/$name.out" ]; then
            cp "$dir/results/$name.out" "$ROOT/$5/$name.out"
            passed "$1 $name: accepted"
        else
            failed "$1 $name"
            if [ -f "$dir/regression.diffs" ]; then cat "$dir/regression.diffs"; else cat "$WORK/$1.log"; fi
        fi
        client dropdb --if-exists "mkt_$1" 2>/dev/null
    done
}

# client_env PROGRAM...: any program, with the environment to reach the cluster
client_env() {
    if [ "$MODE" = server ]; then
        "$@"
    else
        PGHOST=$(socket_of check) PGPORT=5432 PGUSER=postgres PATH=$BIN:$PATH as_user "$@"
    fi
}

# ---- pgtap, tap: every assertion is a test -----------------------------

# count_tap TITLE STATUS LOG: adds the assertions of one file, shows what failed
count_tap() {
    local good bad
    good=$(grep -E '^ok ' "$3" | grep -civ '# skip\|# todo' || true)
    bad=$(grep -E '^not ok ' "$3" | grep -civ '# todo' || true)
    if [ "$2" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi    # died, or not as many as planned
    PASSED=$((PASSED + good)); FAILED=$((FAILED + bad))
    if [ "$bad" -eq 0 ]; then
        printf 'ok      %s: %d assertions' "$1" "$good"
        if grep -qi '^ok .*# skip' "$3"; then printf ', skipped: %s' "$(grep -ci '^ok .*# skip' "$3")"; fi
        printf '\n'
    else
        printf 'FAILED  %s: %d of %d\n' "$1" "$bad" $((good + bad))
        grep -vE '^ok ' "$3"
    fi
    grep -iE '^# *seed' "$3" || true
}

suite_pgtap() {
    local name
    for name in $(names test/pgtap sql | grep -v '^demo_'); do pgtap_file mkt_pgtap_template "$name"; done
}

pgtap_file() {       # pgtap_file TEMPLATE NAME
    local status=0
    clone "$1" mkt_pgtap
    (cd "$WORK" && client_env pg_prove -v -X -d mkt_pgtap --psql-bin "$BIN/psql" \
        "test/pgtap/$2.sql") >"$WORK/pgtap.log" 2>&1 || status=$?
    count_tap "pgtap $2" $status "$WORK/pgtap.log"
    client dropdb --if-exists mkt_pgtap 2>/dev/null
}

suite_tap() {
    local name status
    for name in $(names test/t pl); do
        status=0
        mkdir -p "$WORK/tap/$name"; if [ "$(id -u)" -eq 0 ]; then chown -R postgres: "$WORK/tap"; fi
        (cd "$WORK" && tap_env prove -v -I "$PGXS_TEST/perl" -I test/lib "test/t/$name.pl") >"$WORK/tap.log" 2>&1 || status=$?
        count_tap "tap $name" $status "$WORK/tap.log"
        if [ $status -eq 0 ]; then rm -rf "$WORK/tap/$name"; fi
    done
}

# What PostgreSQL::Test::Cluster wants to know. Its clusters are its own.
tap_env() {
    TESTDATADIR=$WORK/tap/$name TESTLOGDIR=$WORK/tap/$name/log PG_REGRESS=$PGXS_TEST/regress/pg_regress \
        PATH=$BIN:$PATH PGPORT=65432 as_user "$@"
}

# ---- lint: a query that returns findings, a script that prints them -----

suite_lint() {
    local name found
    for name in $(names test/lint sql); do
        if ! found=$(client psql -X -q -A -t -v ON_ERROR_STOP=1 -d mkt_template -f "$WORK/test/lint/$name.sql" 2>&1); then
            found="the query failed: $found"
        fi
        lint_result "$name" "$found"
    done
    for name in $(names test/lint sh); do
        if ! found=$(cd "$ROOT" && lint_env bash "test/lint/$name.sh" 2>&1); then
            found="the script failed: $found"
        fi
        lint_result "$name" "$found"
    done
}

lint_env() {         # a script's environment: psql reaches mkt_template
    if [ "$MODE" = private ]; then local -x PGHOST PGPORT=5432 PGUSER=postgres; PGHOST=$(socket_of check); fi
    PGDATABASE=mkt_template PG_CONFIG=$PG_CONFIG PATH=$BIN:$PATH "$@" 9>&-
}

lint_result() {
    if [ -z "$2" ]; then passed "lint $1"; else failed "lint $1"; say "$2"; fi
}

# ---- demo: a small operator, its day, and what must be true after it ----

suite_demo() {
    local file steps name
    : "${CUSTOMERS:=20000}" "${SEED:=20261101}"
    say "# seed $SEED, $CUSTOMERS customers"
    demo_create check mkt_demo
    steps=("$WORK"/test/demo/[0-9][0-9]-*.sql)
    for file in "${steps[@]}"; do
        if demo_step "$(basename "$file" .sql)" check mkt_demo "$file" >"$WORK/demo.log" 2>&1; then
            passed "demo $(head -n 1 "$WORK/demo.log")"
        else
            failed "demo $(basename "$file")"; cat "$WORK/demo.log"
            return
        fi
    done
    sql mkt_demo "CREATE EXTENSION IF NOT EXISTS pgtap"
    for name in $(names test/pgtap sql | grep '^demo_'); do pgtap_file mkt_demo "$name"; done
}
