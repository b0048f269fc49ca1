# The shell scripts, where shellcheck is installed.
if command -v shellcheck >/dev/null; then
    find sql test .ci -name '*.sh' -not -path '*/lint/*' -o -path .ci/run | xargs shellcheck -x
fi
