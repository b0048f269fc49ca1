# docs/reference.md is what the comments of the objects say.
if ! psql -X -q -A -t -v ON_ERROR_STOP=1 -f test/lib/reference.sql | diff docs/reference.md - | head -n 20 | grep .; then exit 0; fi
echo 'run make reference'
