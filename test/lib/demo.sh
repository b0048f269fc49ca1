# shellcheck shell=bash
# ----------------------------------------------------------------------
# test/lib/demo.sh: runs the demo operator's steps, test/demo/NN-*.sql.
#
# A step's title is what follows the colon in its first line. A step gets
# the psql variables customers, seed and data (the directory of test/data,
# readable by the server).
# ----------------------------------------------------------------------

demo_title() {       # demo_title FILE
    local line
    IFS= read -r line <"$1" || true
    case $line in
    --*:*) line=${line#*: }; say "${line%.}" ;;
    *) basename "$1" .sql ;;
    esac
}

# demo_step K/N CLUSTER DATABASE FILE: its title, its seconds, then what it printed
demo_step() {
    local out=$STAGE/$2/step started status=0
    printf '[%s] %s ... ' "$1" "$(demo_title "$4")"
    started=$(date +%s%N)
    in_cluster "$2" psql -X -q -v ON_ERROR_STOP=1 -d "$3" -v "customers=$CUSTOMERS" -v "seed=$SEED" \
        -v "data=$(dirname "$4")/../data" -P pager=off -P footer=off -f "$4" >"$out" 2>&1 </dev/null || status=$?
    if [ $status -ne 0 ]; then printf 'FAILED\n'; else printf '%s s\n' "$(seconds_since "$started")"; fi
    cat "$out"
    return $status
}

demo_create() {      # demo_create CLUSTER DATABASE: the extension and a reproducible platform
    in_cluster "$1" createdb -T template0 "$2"
    in_cluster "$1" psql -X -q -v ON_ERROR_STOP=1 -d "$2" -c "CREATE EXTENSION mkt CASCADE" \
        -c "CALL mkt.create_platform(tenant_salt => 'demo $SEED')"
}
