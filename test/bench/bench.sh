#!/bin/bash
# ----------------------------------------------------------------------
# test/bench/bench.sh STEM: make bench-STEM. Runs test/bench/STEM.sh against
# a cluster of its own, which is removed afterwards. The benchmark finds an
# empty platform in the database "bench" through PGHOST, PGPORT, PGUSER and
# PGDATABASE, and the server's programs in PATH. What it prints on stdout is
# its result; SHARED_BUFFERS (2GB) sizes the server.
# ----------------------------------------------------------------------
. "$(dirname "$0")/../lib/stage.sh"
program=$ROOT/test/bench/${1:-}.sh
if [ -z "${1:-}" ] || [ "$1" = lib ] || [ "$1" = bench ] || [ ! -f "$program" ]; then
    die "no benchmark \"${1:-}\"; there are: $(find "$ROOT/test/bench" -name '*.sh' | sed 's|.*/||; s|\.sh$||' | grep -vx 'lib\|bench' | sort | tr '\n' ' ')"
fi

start_bench_cluster() {
    cluster_init bench "shared_buffers = ${SHARED_BUFFERS:-2GB}" "work_mem = 256MB" "maintenance_work_mem = 1GB" \
        "max_wal_size = 16GB" "checkpoint_timeout = 1h" "synchronous_commit = off" "random_page_cost = 1.1" "jit = off"
    cluster_start bench
    in_cluster bench createdb -T template0 bench
    in_cluster bench psql -X -q -v ON_ERROR_STOP=1 -d bench -c "CREATE EXTENSION mkt CASCADE" -c "CALL mkt.create_platform('bench')"
}

stage_prepare demo >&2
at_exit cluster_remove bench
timed "start a cluster" start_bench_cluster >&2
PGHOST=$(socket_of bench) PGPORT=5432 PGUSER=postgres PGDATABASE=bench PATH=$BIN:$PATH PG_CONFIG=$PG_CONFIG bash "$program"
