# sql/assemble.sh puts deltas in order of version, and an upgrade begins with those from its start on.
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -r sql "$copy" && rm -f "$copy"/sql/upgrade/*.sql
for step in 0.9.0--0.10.0 0.10.0--0.11.0; do
    echo "-- the install delta $step" >"$copy/sql/upgrade/$step.install.sql"
    echo "-- the platform delta $step" >"$copy/sql/upgrade/$step.platform.sql"
done
differs() {          # differs WHAT EXPECTED GOT
    if [ "$2" != "$3" ]; then printf '%s: expected %s, got %s\n' "$1" "$2" "$3"; fi
}
deltas() { sh "$copy/sql/assemble.sh" "$@" | sed -n "s/^-- the \(.*\) delta \(.*\)--.*/\1 \2/p" | tr '\n' ' '; }
differs 'starts' '0.9.0 0.10.0 ' "$(sh "$copy/sql/assemble.sh" starts | tr '\n' ' ')"
differs 'install' 'platform 0.9.0 platform 0.10.0 ' "$(deltas install)"
differs 'upgrade 0.9.0' 'install 0.9.0 install 0.10.0 platform 0.9.0 platform 0.10.0 ' "$(deltas upgrade 0.9.0)"
differs 'upgrade 0.10.0' 'install 0.10.0 platform 0.9.0 platform 0.10.0 ' "$(deltas upgrade 0.10.0)"
differs 'functions an upgrade would create anew' 0 "$(sh "$copy/sql/assemble.sh" upgrade 0.9.0 | grep -cE '^CREATE (FUNCTION|PROCEDURE)')"
