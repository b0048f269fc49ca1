#!/bin/bash
# ----------------------------------------------------------------------
# test/fuzz/fuzz.sh STEM [SECONDS]: fuzzes the pure-C core of a module with
# libFuzzer under the address and undefined-behaviour sanitizers (60 s).
#
# The target is test/fuzz/STEM_fuzz.c, linked with every C file of src/STEM
# and src/tagmap that does not include postgres.h. It starts from the inputs
# kept in test/fuzz/STEM_corpus; new inputs and findings go to
# .mkt/fuzz/STEM. FUZZ_MERGE=1 instead keeps in STEM_corpus, of all inputs
# known, the few that together reach every edge. Needs clang, libclang-rt.
# ----------------------------------------------------------------------
set -euo pipefail

stem=${1:?usage: fuzz.sh STEM [SECONDS]}
seconds=${2:-${SECONDS_TO_FUZZ:-60}}
root=$(cd "$(dirname "$0")/../.." && pwd)
target=$root/test/fuzz/${stem}_fuzz.c
kept=$root/test/fuzz/${stem}_corpus
work=$root/.mkt/fuzz/$stem
clang=$(command -v clang || command -v clang-14) ||
    { echo "fuzz.sh: clang is not installed (apt install clang libclang-rt-14-dev)" >&2; exit 1; }
[ -f "$target" ] || { echo "fuzz.sh: there is no $target" >&2; exit 1; }

mkdir -p "$work/corpus" "$kept"
mapfile -t sources < <(grep -L '"postgres.h"' "$root/src/$stem"/*.c "$root"/src/tagmap/*.c | sort -u)
"$clang" -g -O2 -std=gnu99 -Wall -Wextra -fno-omit-frame-pointer \
    -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
    -I"$root/src/core" -I"$root/src/tagmap" -I"$root/src/$stem" \
    -o "$work/fuzz" "$target" "${sources[@]}"

cd "$work"
if [ -n "${FUZZ_MERGE:-}" ]; then
    mkdir -p merged
    "$work/fuzz" -set_cover_merge=1 -use_counters=0 -max_len=4096 merged "$kept" corpus
    rm -f "$kept"/*
    cp merged/* "$kept"/
    rm -r merged
    exit
fi
"$work/fuzz" -max_total_time="$seconds" -max_len=40000 -rss_limit_mb=2048 -timeout=20 \
    -print_final_stats=1 corpus "$kept"
