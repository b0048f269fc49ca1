# Exported symbols: mkt_*, the magic block, _PG_init, and what PG_FUNCTION_INFO_V1 adds.
nm -D --defined-only mkt.so | awk '{ print $3 }' |
    grep -vE '^(mkt_[a-z0-9_]+|pg_finfo_mkt_[a-z0-9_]+|Pg_magic_func|_PG_init)$' |
    sed 's/$/ is exported without the prefix mkt_/'
true
