# One version: mkt.control, META.json, the newest heading of docs/CHANGELOG.md, the built script.
version=$(sed -n "s/^default_version = '\(.*\)'/\1/p" mkt.control)
meta=$(perl -MJSON::PP -0777 -ne '$m = decode_json($_); print join "\n", $m->{version}, map { $_->{version}, $_->{file} } values %{$m->{provides}}' META.json) || exit 1
expected=$(printf '%s\n%s\n%s' "$version" "$version" mkt.control)
if [ "$meta" != "$expected" ]; then printf 'META.json says %s, mkt.control %s\n' "$(printf '%s' "$meta" | tr '\n' ' ')" "$version"; fi
logged=$(sed -n 's/^## \([0-9.]*\).*/\1/p' docs/CHANGELOG.md | head -n 1)
if [ "$logged" != "$version" ]; then printf 'docs/CHANGELOG.md begins with %s, mkt.control says %s\n' "$logged" "$version"; fi
if [ ! -f ".mkt/build/mkt--$version.sql" ]; then printf 'no script mkt--%s.sql was built\n' "$version"; fi
if find sql -maxdepth 1 -name '*.sql' | grep .; then echo 'pg_regress would run these in place of its tests'; fi
true
