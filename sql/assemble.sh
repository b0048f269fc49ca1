#!/bin/sh
# ----------------------------------------------------------------------
# sql/assemble.sh: writes the extension's install script to stdout.
#
# Order: the parts of sql/install by number, of one stem `once` before
# `code`. The parts of sql/platform are embedded as text, in the same order,
# in mkt._platform_part(), from which mkt.create_platform() runs them.
# `assemble.sh upgrade` prints what every upgrade script ends with: the code
# parts alone, with CREATE turned into CREATE OR REPLACE.
# ----------------------------------------------------------------------
set -eu
cd "$(dirname "$0")"

stems() {            # stems DIR: NN-stem, in order
    ls "$1" | sed -n 's/\.\(once\|code\)\.sql$//p' | sort -u
}

parts() {            # parts DIR KIND...: existing part files, in order
    dir=$1; shift
    for stem in $(stems "$dir"); do
        for kind in "$@"; do
            if [ -f "$dir/$stem.$kind.sql" ]; then
                echo "$dir/$stem.$kind.sql"
            fi
        done
    done
}

platform_parts() {   # the embedded copy of sql/platform
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
        [ $n -eq 0 ] || printf ',\n'
        n=$((n + 1))
        printf "(%d, '%s', '%s', \$mkt_part\$\n" $n "${name%.*}" "${name##*.}"
        cat "$part"
        printf '$mkt_part$)'
    done
    [ $n -gt 0 ] || printf "(0, '', '', '')"
    cat <<'SQL'

$mkt_parts$;
COMMENT ON FUNCTION mkt._platform_part() IS
    'The plain SQL of the platform: parts in order, kind once (state) or code (replaceable).';
SQL
}

if [ "${1:-install}" = upgrade ]; then
    cat $(parts install code) | sed -E 's/^CREATE (FUNCTION|PROCEDURE|VIEW)/CREATE OR REPLACE \1/'
    platform_parts | sed -E 's/^CREATE FUNCTION mkt\._platform_part/CREATE OR REPLACE FUNCTION mkt._platform_part/'
    exit
fi

echo '\echo Use "CREATE EXTENSION mkt CASCADE" to load this file. \quit'
for part in $(parts install once code); do
    [ "$(basename "$part")" = 99-privilege.code.sql ] && continue
    printf '\n-- ---- sql/%s\n' "$part"
    cat "$part"
done
platform_parts
if [ -f install/99-privilege.code.sql ]; then cat install/99-privilege.code.sql; fi
