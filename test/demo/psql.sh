#!/bin/bash
# test/demo/psql.sh: psql on the demo database; starts its cluster if it is down.
. "$(dirname "$0")/../lib/stage.sh"
stage_open
if [ ! -d "$STAGE/demo/data" ]; then die "there is no demo cluster: run make demo"; fi
cd "$STAGE"
cluster_start demo
cd "$OLDPWD"
trap - EXIT
exec "$BIN/psql" -h "$(socket_of demo)" -p 5432 -U postgres -d mkt "$@"
