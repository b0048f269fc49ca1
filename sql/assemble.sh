#!/bin/sh
# ----------------------------------------------------------------------
# sql/assemble.sh: writes the extension's scripts to stdout.
#
#   assemble.sh                the install script
#   assemble.sh upgrade FROM   the script from version FROM to this one
#   assemble.sh starts         versions there is an upgrade from
#
# Install: the parts of sql/install by number, of one stem `once` before
# `code`. The parts of sql/platform are embedded as text, in the same order,
# in mkt._platform_part(), from which mkt.create_platform() runs them.
# Upgrade: the deltas of sql/upgrade on the way, then the code parts with
# CREATE turned into CREATE OR REPLACE (sql/upgrade/README.md).
# ----------------------------------------------------------------------
set -eu
cd "$(dirname "$0")"
export LC_ALL=C

parts() {            # parts DIR KIND...: existing part files, in order
    dir=$1; shift
    for stem in $(find "$dir" -name '*.sql' | sed -n 's/\.\(once\|code\)\.sql$//p' | sort -u); do
        for kind in "$@"; do
            if [ -f "$stem.$kind.sql" ]; then
                echo "$stem.$kind.sql"
            fi
        done
    done
}

deltas() {           # deltas KIND FROM: upgrade/A--B.KIND.sql with A >= FROM, in order
    for delta in $(find upgrade -name "*--*.$1.sql" | sort -V); do
        start=$(basename "${delta%%--*}")
        if [ "$(printf '%s\n' "$2" "$start" | sort -V | head -n 1)" = "$2" ]; then
            echo "$delta"
        fi
    done
}

copy() {             # copy FILE...: their text, each under its name
    for file in "$@"; do
        printf '\n-- ---- sql/%s\n' "$file"
        cat "$file"
    done
}

embed() {            # embed FILE STEM KIND: one row of mkt._platform_part()
    [ $n -eq 0 ] || printf ',\n'
    n=$((n + 1))
    printf "(%d, '%s', '%s', \$mkt_part\$\n" $n "$2" "$3"
    cat "$1"
    printf "\$mkt_part\$)"
}

platform_parts() {   # the embedded copy of sql/platform and of its deltas
    cat <<'SQL'

-- ---- sql/platform, embedded ----------------------------------------------
CREATE FUNCTION mkt._platform_part(OUT ordinal integer, OUT stem text, OUT kind text, OUT body text)
    RETURNS SETOF record
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $mkt_parts$
    VALUES
SQL
    n=0
    for part in $(parts platform once code); do
        name=$(basename "$part" .sql)
        embed "$part" "${name%.*}" "${name##*.}"
    done
    for part in $(deltas platform 0); do
        embed "$part" "$(basename "$part" .platform.sql)" delta
    done
    [ $n -gt 0 ] || printf "(0, '', '', '')"
    cat <<'SQL'

$mkt_parts$;
COMMENT ON FUNCTION mkt._platform_part() IS
    'The plain SQL of the platform: parts in order, kind once (state), code (replaceable) or delta (what an upgrade does to state).';
SQL
}

code_parts() {       # all code parts but the privileges, which come last
    parts install code | grep -v /99-privilege
}

case ${1:-install} in
install)
    printf '%s\n' '\echo Use "CREATE EXTENSION mkt CASCADE" to load this file. \quit'
    # shellcheck disable=SC2046  # part names have no spaces
    copy $(parts install once code | grep -v /99-privilege)
    platform_parts
    copy install/99-privilege.code.sql
    ;;
upgrade)
    printf '%s\n' '\echo Use "ALTER EXTENSION mkt UPDATE" to load this file. \quit'
    # shellcheck disable=SC2046
    {
        copy $(deltas install "$2")
        { copy $(code_parts); platform_parts; } |
            sed -E 's/^CREATE (FUNCTION|PROCEDURE)/CREATE OR REPLACE \1/'
    }
    copy install/99-privilege.code.sql
    ;;
starts)
    find upgrade -name '*--*.sql' | sed -E 's|.*/([^/]*)--.*|\1|' | sort -Vu
    ;;
esac
