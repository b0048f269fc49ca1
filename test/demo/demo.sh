#!/bin/bash
# ----------------------------------------------------------------------
# test/demo/demo.sh: make demo. A cluster with the demo operator in it, one
# marketing day run, the cockpits printed; the cluster stays up.
#
# CUSTOMERS (default 200000) and SEED decide every number.
# ----------------------------------------------------------------------
. "$(dirname "$0")/../lib/stage.sh"
. "$ROOT/test/lib/demo.sh"
: "${CUSTOMERS:=200000}" "${SEED:=20261101}"
for number in "$CUSTOMERS" "$SEED"; do
    if [[ ! $number =~ ^[0-9]{1,9}$ ]]; then die "CUSTOMERS and SEED are whole numbers, not \"$number\""; fi
done

start_demo_cluster() {
    cluster_init demo "shared_buffers = 512MB" "work_mem = 64MB" "maintenance_work_mem = 256MB" \
        "max_wal_size = 4GB" "checkpoint_timeout = 30min" "synchronous_commit = off" "random_page_cost = 1.1" \
        "jit = off" "timezone = 'Asia/Shanghai'"
    cluster_start demo
    as_user mkdir "$STAGE/demo/test"
    cp -r "$ROOT/test/data" "$ROOT/test/demo" "$STAGE/demo/test"
    chmod -R a+rX "$STAGE/demo/test"
}

started=$(date +%s%N)
stage_prepare demo
timed "start a cluster" start_demo_cluster
timed "create the extension and the platform" demo_create demo mkt

steps=("$STAGE"/demo/test/demo/[0-9][0-9]-*.sql)
for k in "${!steps[@]}"; do
    demo_step "$((k + 1))/${#steps[@]}" demo mkt "${steps[$k]}"
done

cat <<END

The demo operator is up, $(seconds_since "$started") s after the start. make demo-stop removes it. Look further with
    make psql
or
    $BIN/psql -h $(socket_of demo) -U postgres -d mkt
END
