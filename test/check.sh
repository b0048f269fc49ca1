#!/bin/bash
# ----------------------------------------------------------------------
# test/check.sh: runs the tests and ends with "N passed, N failed".
#
#   test/check.sh [--server] [SUITE...]
#
# Suites: lint core regress assert isolation pgtap tap demo upgrade; default: all.
# TESTS="name ..." runs only the test files of these names.
# ACCEPT=1 copies what regress and isolation printed to expected/: read the
# diff in git before you commit it.
# --server uses the running server of PGHOST, PGPORT (make installcheck)
# instead of a private cluster; mkt, PostGIS and pgTAP are installed there.
#
# Every test file gets a database of its own, cloned from mkt_template: the
# extension and an empty platform. Nothing is shared, nothing needs cleaning.
# ----------------------------------------------------------------------
. "$(dirname "$0")/lib/stage.sh"
. "$ROOT/test/lib/demo.sh"
. "$ROOT/test/lib/suites.sh"

SUITES=(lint core regress assert isolation pgtap tap demo upgrade)
MODE=private
if [ "${1:-}" = --server ]; then MODE=server; shift; fi
if [ $# -eq 0 ]; then set -- "${SUITES[@]}"; fi
for suite in "$@"; do
    if [[ " ${SUITES[*]} " != *" $suite "* ]]; then die "no suite \"$suite\"; there are: ${SUITES[*]}"; fi
done

started=$(date +%s%N)
"check_open_$MODE"
timed "template databases" make_templates
for suite in "$@"; do
    say "---- $suite"
    suite_started=$(date +%s%N)
    "suite_$suite"
    say "# $suite: $(seconds_since "$suite_started") s"
done

say "---- $(seconds_since "$started") s"
say "$PASSED passed, $FAILED failed"
[ "$FAILED" -eq 0 ] && [ "$PASSED" -gt 0 ]
