#!/bin/bash
# ----------------------------------------------------------------------
# test/core/core.sh NAME [SEED [OPERATIONS]]: builds test/core/NAME.c with the
# pure-C core of the module NAME and runs it: random programs against a naive
# oracle. Without OPERATIONS, as many as `make check` has time for.
# SANITIZE=1 builds with the address and undefined-behaviour sanitizers. CC= and
# RUN= choose a compiler and what runs its program: another processor's kernels by
# CC=aarch64-linux-gnu-gcc RUN='qemu-aarch64 -L /usr/aarch64-linux-gnu'.
# ----------------------------------------------------------------------
set -euo pipefail

name=${1:?usage: core.sh NAME [SEED [OPERATIONS]]}
seed=${2:-${SEED:-20261101}}
operations=${3:-500000}
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$root/.mkt/core
flags=()
if [ -n "${SANITIZE:-}" ]; then flags=(-g "-fsanitize=address,undefined" -fno-sanitize-recover=all); fi

mkdir -p "$work"
mapfile -t sources < <(grep -L '"postgres.h"' "$root/src/$name"/*.c "$root"/src/tagmap/*.c | sort -u)
${CC:-cc} -O2 -std=gnu99 -Wall -Wextra -Werror "${flags[@]}" -I"$root/src/core" -I"$root/src/tagmap" -I"$root/src/$name" \
    -o "$work/$name" "$root/test/core/$name.c" "${sources[@]}"
${RUN:-} "$work/$name" "$seed" "$operations"
