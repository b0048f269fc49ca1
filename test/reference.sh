#!/bin/bash
# test/reference.sh: writes docs/reference.md (make reference); a lint checks that it was done.
. "$(dirname "$0")/lib/stage.sh"
. "$ROOT/test/lib/suites.sh"
MODE=private
check_open_private
timed "template databases" make_templates
lint_env psql -X -q -A -t -v ON_ERROR_STOP=1 -f "$ROOT/test/lib/reference.sql" >"$STAGE/reference.md"
mv "$STAGE/reference.md" "$ROOT/docs/reference.md"
say "docs/reference.md is written"
