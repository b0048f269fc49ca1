# The C code also compiles, without a warning, with the server's assertions on.
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -r Makefile mkt.control sql src "$copy" && find "$copy" -name '*.o' -delete
env -u MAKEFLAGS -u MAKELEVEL make -s -C "$copy" -j "$(nproc)" PG_CONFIG="$PG_CONFIG" COPT=-DUSE_ASSERT_CHECKING mkt.so
