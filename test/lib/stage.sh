# shellcheck shell=bash
# ----------------------------------------------------------------------
# test/lib/stage.sh: a private PostgreSQL with mkt in it, without touching
# the system's. Sourced by demo, check, bench and reference.
#
# The stage holds a copy of the server's programs (they find share/ and lib/
# relative to themselves), mkt installed into that copy, a copy of the tests,
# and one directory per cluster. It is .mkt in the checkout, or a directory
# in /var/tmp where the user who runs the server cannot enter the checkout.
# Root drops to the user postgres for every server, client and test.
# ----------------------------------------------------------------------
set -euo pipefail
umask 022

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

say() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

# at_exit COMMAND: runs when the script ends, however it ends; the last given runs first
AT_EXIT=()
at_exit() { AT_EXIT=("$*" "${AT_EXIT[@]}"); }
run_at_exit() {
    local status=$? command
    trap - EXIT; set +e
    if [ -n "${TIMED_LOG:-}" ]; then printf 'FAILED\n'; cat "$TIMED_LOG" >&2; rm -f "$TIMED_LOG"; fi
    for command in "${AT_EXIT[@]}"; do eval "$command"; done
    exit $status
}
trap run_at_exit EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# timed TITLE COMMAND...: one line per step with its seconds; its output shows only if it fails.
# Not to be used in a condition: there bash ignores failures inside COMMAND.
timed() {
    local title=$1 started; shift
    TIMED_LOG=$(mktemp); started=$(date +%s%N)
    printf '%s ... ' "$title"
    "$@" >"$TIMED_LOG" 2>&1 </dev/null
    rm -f "$TIMED_LOG"; TIMED_LOG=
    printf '%s s\n' "$(seconds_since "$started")"
}

seconds_since() {    # seconds_since NANOSECONDS: one decimal
    local tenths=$((($(date +%s%N) - $1) / 100000000))
    printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

# ---- packages ----------------------------------------------------------

pg_major() {         # PG_MAJOR, or the newest server installed, or the distribution's
    local dir newest=
    if [ -n "${PG_MAJOR:-}" ]; then say "$PG_MAJOR"; return; fi
    for dir in /usr/lib/postgresql/*/bin; do
        if [ -x "$dir/postgres" ]; then dir=${dir%/bin}; newest=$(printf '%s\n' "$newest" "${dir##*/}" | sort -n | tail -n 1); fi
    done
    say "${newest:-$(distribution_major)}"
}

distribution_major() {
    local major=
    major=$(apt-cache depends postgresql 2>/dev/null | sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p' | head -n 1)
    say "${major:-15}"
}

missing_packages() { # missing_packages demo|check: what has to be installed, by name
    local package wanted="make gcc libc6-dev gzip
        postgresql-$PG_MAJOR postgresql-server-dev-$PG_MAJOR postgresql-$PG_MAJOR-postgis-3"
    if [ "$1" = check ]; then
        wanted+=" binutils perl libipc-run-perl libtap-parser-sourcehandler-pgtap-perl
            postgresql-$PG_MAJOR-pgtap postgresql-$PG_MAJOR-cron gdal-bin"
    fi
    for package in $wanted; do
        if [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
            printf '%s ' "$package"
        fi
    done
}

stage_packages() {   # stage_packages demo|check
    local missing
    command -v dpkg-query >/dev/null || return 0    # not Debian: trust PG_CONFIG
    missing=$(missing_packages "$1")
    if [ -z "$missing" ]; then return; fi
    if [ "$(id -u)" -ne 0 ]; then
        die "mkt needs packages that are not installed. As root, run:
    apt-get update && apt-get install -y --no-install-recommends $missing"
    fi
    say "installing: $missing"
    # shellcheck disable=SC2086  # a list of names
    timed "apt-get update and install" install_packages $missing
}

install_packages() { # root only; the packages must not create a cluster of their own
    local policy=/etc/postgresql-common/createcluster.d/mkt-stage.conf status=0
    mkdir -p "${policy%/*}"
    say 'create_main_cluster = false' >"$policy"
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"; } || status=$?
    rm -f "$policy"
    return $status
}

# ---- who runs the server, and where ------------------------------------

as_user() {          # as_user COMMAND...: as the user who runs the server, no lock inherited
    if [ "$(id -u)" -eq 0 ]; then
        HOME=$STAGE setpriv --reuid=postgres --regid=postgres --init-groups "$@" 9>&-
    else
        "$@" 9>&-
    fi
}

stage_choose() {     # sets STAGE: .mkt, or a place the server's user can enter
    STAGE=$ROOT/.mkt
    mkdir -p "$STAGE"
    if [ "$(id -u)" -eq 0 ] && ! (cd / && as_user test -r "$STAGE/." -a -x "$STAGE/."); then
        STAGE=/var/tmp/mkt-$(printf '%s' "$ROOT" | cksum | cut -d' ' -f1)
        mkdir -p "$STAGE"
        if [ -L "$STAGE" ] || [ "$(stat -c %u "$STAGE")" -ne 0 ]; then die "$STAGE belongs to somebody else: remove it"; fi
        say "the user postgres cannot enter $ROOT: the cluster and the test results go to $STAGE" >&2
    fi
}

# ---- build and stage ---------------------------------------------------

build() {            # build DIR [MAKE ARGUMENT...]: compile the checkout or a copy of it
    local dir=$1; shift
    env -u MAKEFLAGS -u MAKELEVEL make -s -C "$dir" -j "$(nproc)" PG_CONFIG="$PG_CONFIG" "$@"
}

stage_server() {     # programs as real copies, the rest as links
    local lib share
    lib=$(dirname "$($PG_CONFIG --bindir)"); share=$($PG_CONFIG --sharedir)
    BIN=$STAGE/server$($PG_CONFIG --bindir)
    if [ "$BIN/postgres" -nt "$lib/bin/postgres" ]; then return; fi
    rm -rf "$STAGE/server"
    mkdir -p "$BIN" "$STAGE/server$($PG_CONFIG --pkglibdir)" "$STAGE/server$share"
    cp -rL "$lib/bin/." "$BIN"
    cp -rs "$($PG_CONFIG --pkglibdir)/." "$STAGE/server$($PG_CONFIG --pkglibdir)"
    cp -rs "$share/." "$STAGE/server$share"
}

stage_install() {
    stage_server
    build "$ROOT" install DESTDIR="$STAGE/server"
}

stage_open() {       # for clients of a stage that stands: sets STAGE and BIN
    stage_choose
    if [ ! -f "$STAGE/bin" ]; then die "nothing is staged here yet: run make demo"; fi
    BIN=$(cat "$STAGE/bin")
}

stage_prepare() {    # stage_prepare demo|check: everything up to a server that could be started
    PG_MAJOR=$(pg_major)
    stage_packages "$1"
    if [ -z "${PG_CONFIG:-}" ]; then
        PG_CONFIG=/usr/lib/postgresql/$PG_MAJOR/bin/pg_config
        [ -x "$PG_CONFIG" ] || PG_CONFIG=pg_config
    fi
    stage_choose
    cd "$STAGE"
    BIN=$STAGE/server$($PG_CONFIG --bindir)
    timed "build" build "$ROOT"
    timed "stage $($PG_CONFIG --version | cut -d' ' -f1,2) with mkt" stage_install
    say "$BIN" >"$STAGE/bin"
}

# ---- clusters ----------------------------------------------------------
# A cluster NAME lives in $STAGE/NAME: data, log, and the path of its socket
# directory, which is short because a socket's path is limited to 107 bytes.

socket_of() { cat "$STAGE/$1/socket"; }

cluster_running() { [ -f "$STAGE/$1/data/postmaster.pid" ] && as_user "$BIN/pg_ctl" -D "$STAGE/$1/data" status >/dev/null 2>&1; }

cluster_init() {     # cluster_init NAME [SETTING...]: a new, empty cluster
    local name=$1 dir=$STAGE/$1; shift
    cluster_remove "$name"
    mkdir -p "$dir"
    if [ "$(id -u)" -eq 0 ]; then chown postgres: "$dir"; fi
    as_user "$BIN/initdb" -D "$dir/data" -U postgres -A trust --locale=C.UTF-8 --encoding=UTF8 --no-sync
    printf "%s\n" "$@" | as_user tee -a "$dir/data/postgresql.conf" >/dev/null
}

cluster_start() {    # cluster_start NAME
    local dir=$STAGE/$1 socket
    if cluster_running "$1"; then return; fi
    socket=$(as_user mktemp -d /tmp/mkt.XXXXXX)
    say "$socket" | as_user tee "$dir/socket" >/dev/null
    as_user "$BIN/pg_ctl" -D "$dir/data" -l "$dir/log" -w -t 120 -s \
        -o "-c listen_addresses= -c unix_socket_directories=$socket -p 5432" start
}

cluster_stop() {     # cluster_stop NAME [MODE]
    if cluster_running "$1"; then as_user "$BIN/pg_ctl" -D "$STAGE/$1/data" -m "${2:-fast}" -w -s stop; fi
    if [ -f "$STAGE/$1/socket" ]; then as_user rm -rf "$(socket_of "$1")"; rm -f "$STAGE/$1/socket"; fi
}

cluster_remove() { cluster_stop "$1" immediate; rm -rf "${STAGE:?}/$1"; }

in_cluster() {       # in_cluster NAME PROGRAM ARGUMENT...: a client program of the stage, as postgres
    local name=$1 program=$2; shift 2
    PGHOST=$(socket_of "$name") PGPORT=5432 PGUSER=postgres PGAPPNAME=mkt as_user "$BIN/$program" "$@"
}
