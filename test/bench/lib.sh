# shellcheck shell=bash
# ----------------------------------------------------------------------
# test/bench/lib.sh: what every benchmark uses. Sourced by bench.sh, with the
# private cluster up and PGHOST, PGPORT, PGUSER, PGDATABASE and PATH set.
# ----------------------------------------------------------------------
RUNS=${RUNS:-7}

say() { printf '# %s\n' "$*" >&2; }

sql() { psql -XAtq -v ON_ERROR_STOP=1 "$@"; }

# median: of the numbers on stdin, one a line
median() { sort -g | awk '{v[NR]=$1} END {print NR%2 ? v[(NR+1)/2] : (v[NR/2]+v[NR/2+1])/2}'; }

# ms STATEMENT [runs]: median milliseconds a client waits for it, warm, one
# connection, as pgbench logs it: the round trip is included.
ms() {
    _dir=$(mktemp -d)
    printf '%s\n' "$1" | tr '\n' ' ' > "$_dir/q.sql"
    # one run to warm the caches, then the counted ones in a second connection
    # whose own first statement (relation caches, library) is dropped
    pgbench -n -t 1 -f "$_dir/q.sql" >/dev/null 2>"$_dir/err" || { cat "$_dir/err" >&2; exit 1; }
    (cd "$_dir" && pgbench -n -t $((${2:-$RUNS} + 1)) -l -f "$_dir/q.sql" >/dev/null 2>&1)
    awk 'FNR > 1 {print $3 / 1000}' "$_dir"/pgbench_log.* | median
    rm -rf "$_dir"
}

# once STATEMENT: milliseconds of a single run, for what changes data
once() {
    { printf '\\timing on\n'; printf '%s;\n' "$1"; } | psql -Xq -v ON_ERROR_STOP=1 | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p' | tail -1
}

# peak [-n] STATEMENT: most private memory of the backend while it answers, MB. It
# is asked twice, and counted the second time (-n: once): what it shares, buffers
# and programs, is mapped then and can be taken off. Needs the right to write
# /proc/PID/clear_refs of the server's user; without it prints nothing.
peak() {
    local warm=$1
    if [ "$1" = -n ]; then shift; warm='SELECT 1'; fi
    psql -XAtq -v ON_ERROR_STOP=1 <<PSQL | sed -n 's/^peak //p'
SELECT pg_backend_pid() AS pid \\gset
\\setenv BACKEND :pid
$warm;
\\! (echo 5 > /proc/\$BACKEND/clear_refs) 2>/dev/null
$1;
\\! awk '/^VmHWM/ {peak = \$2} /^Rss(File|Shmem)/ {peak -= \$2} END {if (peak > 0) printf "peak %.1f\\n", peak / 1024}' /proc/\$BACKEND/status
PSQL
}

ratio() { awk -v a="$1" -v b="$2" 'BEGIN {if (b > 0 && a != "") printf "%.2f", a / b; else printf "-"}'; }
fmt() { awk -v a="$1" 'BEGIN {if (a == "") printf "-"; else printf a < 10 ? "%.2f" : "%.0f", a}'; }
