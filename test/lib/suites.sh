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
    at_exit drop_test_databases
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
    PGOPTIONS="-c client_min_messages=warning" client psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$1" -c "$2"
}

drop_test_databases() {
    local db
    for db in mkt_regress mkt_isolation mkt_pgtap mkt_template mkt_pgtap_template; do
        client dropdb --if-exists "$db" 2>/dev/null
    done
}

make_templates() {
    local db
    for db in mkt_template mkt_pgtap_template; do client dropdb --if-exists "$db" 2>/dev/null; done
    client createdb -T template0 mkt_template
    sql mkt_template "CREATE EXTENSION mkt CASCADE"
    sql mkt_template "CALL mkt.create_platform(tenant_salt => 'salt')"
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

# ---- core: random programs over pure C, without a server ---------------

suite_core() {
    local name started
    for name in $(names test/core c); do
        started=$(date +%s%N)
        if "$ROOT/test/core/core.sh" "$name" >"$WORK/core.log" 2>&1; then
            passed "core $name: $(cat "$WORK/core.log") ($(seconds_since "$started") s)"
        else
            failed "core $name"; tail -n 20 "$WORK/core.log"
        fi
    done
}

# ---- regress, isolation: output compared with expected/ ----------------

suite_regress()   { compare_suite regress "$PGXS_TEST/regress/pg_regress" test/sql sql expected; }
suite_isolation() { compare_suite isolation "$PGXS_TEST/isolation/pg_isolation_regress" test/isolation/specs spec test/isolation/expected; }

# The same once more on a library with the server's assertions compiled in.
suite_assert() {
    local copy=$STAGE/assert library
    library=$STAGE/server$("$PG_CONFIG" --pkglibdir)/mkt.so
    rm -rf "$copy"
    mkdir "$copy"
    cp -r "$ROOT/Makefile" "$ROOT/mkt.control" "$ROOT/sql" "$ROOT/src" "$copy"
    find "$copy" -name '*.o' -delete
    timed "build with assertions" build "$copy" COPT=-DUSE_ASSERT_CHECKING mkt.so
    at_exit cp --remove-destination "$ROOT/mkt.so" "$library"
    cp --remove-destination "$copy/mkt.so" "$library"
    SUITE_TITLE=assert suite_regress
    cp --remove-destination "$ROOT/mkt.so" "$library"
}

compare_suite() {    # compare_suite NAME RUNNER DIR EXT EXPECTED
    local name dir=$WORK/$1 title=${SUITE_TITLE:-$1} started
    for name in $(names "$3" "$4"); do
        clone mkt_template "mkt_$1"
        started=$(date +%s%N)
        # shellcheck disable=SC2016
        if (cd "$dir" && client_env "$2" --use-existing --dbname="mkt_$1" --bindir="$BIN" \
                --inputdir=. --outputdir=. "$name") >"$WORK/$1.log" 2>&1; then
            passed "$title $name ($(seconds_since "$started") s)"
        elif [ -n "${ACCEPT:-}" ] && [ -f "$dir/results/$name.out" ]; then
            cp "$dir/results/$name.out" "$ROOT/$5/$name.out"
            passed "$title $name: accepted"
        else
            failed "$title $name"
            if [ -s "$dir/regression.diffs" ]; then cat "$dir/regression.diffs"; else cat "$WORK/$1.log"; fi
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
    local good bad seconds
    seconds=$(seconds_since "$TAP_STARTED")
    good=$(grep -E '^ok ' "$3" | grep -civ '# skip\|# todo' || true)
    bad=$(grep -E '^not ok ' "$3" | grep -civ '# todo' || true)
    if [ "$2" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi    # died, or not as many as planned
    PASSED=$((PASSED + good)); FAILED=$((FAILED + bad))
    if [ "$bad" -eq 0 ]; then
        printf 'ok      %s: %d assertions (%s s)' "$1" "$good" "$seconds"
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
    TAP_STARTED=$(date +%s%N)
    (cd "$WORK" && client_env pg_prove -v -d mkt_pgtap --psql-bin "$BIN/psql" \
        "test/pgtap/$2.sql") >"$WORK/pgtap.log" 2>&1 || status=$?
    count_tap "pgtap $2" $status "$WORK/pgtap.log"
    client dropdb --if-exists mkt_pgtap 2>/dev/null
}

suite_tap() {
    local name status
    for name in $(names test/t pl); do
        if grep -q load_demo "$ROOT/test/t/$name.pl"; then need_demo_dump || continue; fi
        status=0
        TAP_STARTED=$(date +%s%N)
        mkdir -p "$WORK/tap/$name"; if [ "$(id -u)" -eq 0 ]; then chown -R postgres: "$WORK/tap"; fi
        (cd "$WORK" && tap_env prove -v -I "$PGXS_TEST/perl" -I test/lib "test/t/$name.pl") >"$WORK/tap.log" 2>&1 || status=$?
        count_tap "tap $name" $status "$WORK/tap.log"
        if [ $status -eq 0 ]; then
            rm -rf "$WORK/tap/$name"
        else
            find "$WORK/tap/$name" -name 'regress_log_*' -exec tail -n 20 {} +
        fi
    done
}

# What PostgreSQL::Test::Cluster wants to know. Its clusters are its own.
tap_env() {
    TESTDIR=$WORK/tap/$name TESTDATADIR=$WORK/tap/$name TESTLOGDIR=$WORK/tap/$name/log PG_REGRESS=$PGXS_TEST/regress/pg_regress \
        MKT_DEMO_DUMP=$WORK/demo.dump PATH=$BIN:$PATH PGPORT=65432 as_user "$@"
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
    local name
    need_demo || return 0
    client dropdb --if-exists mkt_demo_template 2>/dev/null
    client createdb -T mkt_demo mkt_demo_template
    sql mkt_demo_template "CREATE EXTENSION pgtap"
    for name in $(names test/pgtap sql | grep '^demo_'); do pgtap_file mkt_demo_template "$name"; done
}

need_demo() {        # the database mkt_demo, once; a step that fails is a failed test
    if [ -z "${DEMO_STATE:-}" ]; then
        DEMO_STATE=failed
        if load_demo mkt_demo; then DEMO_STATE=loaded; fi
    fi
    [ "$DEMO_STATE" = loaded ]
}

need_demo_dump() {   # the same as a file, for tests with clusters of their own
    need_demo || return 1
    if [ ! -f "$WORK/demo.dump" ]; then client pg_dump -Fc -Z 1 -f "$WORK/demo.dump" mkt_demo; fi
}

load_demo() {        # load_demo DATABASE: runs the steps of test/demo
    local file
    : "${CUSTOMERS:=20000}" "${SEED:=20261101}"
    say "# seed $SEED, $CUSTOMERS customers"
    if [ -z "$(sql postgres "SELECT 1 FROM pg_database WHERE datname = '$1'")" ]; then demo_create check "$1"; fi
    for file in "$WORK"/test/demo/[0-9][0-9]-*.sql; do
        if ! demo_step "$(basename "$file" .sql)" check "$1" "$file" >"$WORK/demo.log" 2>&1; then
            failed "demo $(head -n 1 "$WORK/demo.log")"; tail -n +2 "$WORK/demo.log"
            return 1
        fi
        passed "demo $(head -n 1 "$WORK/demo.log")"
    done
}

# ---- upgrade: fresh, updated and restored databases answer alike --------

suite_upgrade() {
    local db oldest
    oldest=$(oldest_release)
    need_demo || return 0
    timed "install release $oldest" install_oldest "$oldest"
    load_demo mkt_updated || return 0
    sql mkt_updated "ALTER EXTENSION mkt UPDATE"
    sql mkt_updated "CALL mkt.upgrade_platform()"
    client createdb -T template0 mkt_restored
    client pg_dump -Fc -Z 1 -f "$WORK/updated.dump" mkt_updated
    client pg_restore --exit-on-error -d mkt_restored "$WORK/updated.dump"
    for db in mkt_demo mkt_updated mkt_restored; do
        sql $db ANALYZE
        client psql -X -q -v ON_ERROR_STOP=1 -d $db -f "$WORK/test/upgrade/answers.sql" >"$WORK/$db.answers"
    done
    same_answers "an updated database is as a fresh one" mkt_demo mkt_updated
    same_answers "a restored database is as the updated one" mkt_updated mkt_restored
}

# The oldest release is the oldest script of test/upgrade; while there is
# none, the present one plays it as 0.0.0, and every code part runs twice.
oldest_release() {
    local version
    version=$(find "$ROOT/test/upgrade" -name 'mkt--*.sql' | sed -n 's/.*mkt--\(.*\)\.sql$/\1/p' | sort -V | head -n 1)
    say "${version:-0.0.0}"
}

install_oldest() {   # install_oldest VERSION: database mkt_updated with its platform
    local now dir released=$ROOT/test/upgrade/mkt--$1.sql
    now=$(sed -n "s/^default_version = '\(.*\)'/\1/p" "$ROOT/mkt.control")
    dir=$STAGE/server$("$PG_CONFIG" --sharedir)/extension
    if [ ! -f "$released" ]; then released=$dir/mkt--$now.sql; fi
    cp "$released" "$dir/mkt--$1.sql"
    sh "$ROOT/sql/assemble.sh" upgrade "$1" >"$dir/mkt--$1--$now.sql"
    client createdb -T template0 mkt_updated
    sql mkt_updated "CREATE EXTENSION mkt VERSION '$1' CASCADE"
    sql mkt_updated "CALL mkt.create_platform('demo $SEED')"
}

same_answers() {     # same_answers TITLE DATABASE DATABASE
    if diff "$WORK/$2.answers" "$WORK/$3.answers" >"$WORK/answers.diff" && [ -s "$WORK/$2.answers" ]; then
        passed "upgrade: $1"
    else
        failed "upgrade: $1"; head -n 40 "$WORK/answers.diff"
    fi
}
