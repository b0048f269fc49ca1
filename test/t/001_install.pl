# The library loads anywhere; the extension comes and goes, the platform's data stays.
use strict;
use warnings;
use lib 'test/lib';
use MktTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('install');
my ($out, $err, $status);

# The library needs neither preloading nor the extension, and bears preloading.
is($node->psql('postgres', "LOAD 'mkt'"), 0, 'LOAD works in any backend');
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'mkt'");
$node->restart;
is($node->safe_psql('postgres', 'SELECT 1'), '1', 'the server starts with the library preloaded');
($status, $out, $err) = $node->psql('postgres', "LOAD 'mkt'; SET mkt.no_such_setting = 1");
like($err, qr/invalid configuration parameter name "mkt.no_such_setting"/, 'a mistyped mkt setting is an error');

# Without a platform nothing holds the extension.
$node->safe_psql('postgres', 'CREATE EXTENSION mkt CASCADE');
is($node->safe_psql('postgres', "SELECT extname FROM pg_extension WHERE extname = 'postgis'"), 'postgis', 'CASCADE brings PostGIS');
($status, $out, $err) = $node->psql('postgres', 'SELECT mkt._require_platform()');
like($err, qr/has no mkt platform.*CALL mkt\.create_platform/s, 'without a platform the error says what to call');
$node->safe_psql('postgres', 'DROP EXTENSION mkt');
$node->safe_psql('postgres', 'CREATE EXTENSION mkt');

# PostGIS in a schema of its own.
$node->safe_psql('postgres', 'CREATE DATABASE apart');
$node->safe_psql('apart', 'CREATE SCHEMA geo; CREATE EXTENSION postgis SCHEMA geo; CREATE EXTENSION mkt; CALL mkt.create_platform()');
is($node->safe_psql('apart', 'SELECT count(*) FROM mkt.platform'), '1', 'PostGIS may live in any schema');

# The salt of the control groups is drawn at random, unless it is given.
$node->safe_psql('postgres', 'CALL mkt.create_platform()');
my $salt = 'SELECT tenant_salt FROM mkt.platform';
cmp_ok(length($node->safe_psql('postgres', $salt)), '>=', 32, 'the salt is long');
isnt($node->safe_psql('postgres', $salt), $node->safe_psql('apart', $salt), 'every platform has its own salt');

# The platform may belong to a role that is no superuser.
$node->safe_psql('postgres', 'CREATE ROLE keeper LOGIN; CREATE DATABASE kept');
$node->safe_psql('kept', q{
	CREATE EXTENSION mkt CASCADE;
	GRANT CREATE ON DATABASE kept TO keeper;
	GRANT USAGE, CREATE ON SCHEMA mkt TO keeper;
	GRANT EXECUTE ON ALL ROUTINES IN SCHEMA mkt TO keeper;
});
$node->safe_psql('kept', 'CALL mkt.create_platform()', extra_params => [ '-U', 'keeper' ]);
is($node->safe_psql('kept', q{SELECT string_agg(DISTINCT relowner::regrole::text, ' ') FROM pg_class WHERE relnamespace = 'mkt'::regnamespace}),
	'keeper', 'the platform belongs to the role that created it');
$node->safe_psql('kept', 'CALL mkt.upgrade_platform()', extra_params => [ '-U', 'keeper' ]);

# With a platform the extension cannot be dropped from under the data.
($status, $out, $err) = $node->psql('postgres', 'DROP EXTENSION mkt');
isnt($status, 0, 'DROP EXTENSION is refused while a platform uses it');
like($err, qr/cannot drop extension mkt because other objects depend on it/, '... and says so');

# Forced, it takes its types along and no table and no row.
my $tables = "SELECT count(*) FROM pg_class WHERE relnamespace = 'mkt'::regnamespace AND relkind IN ('r', 'p')";
my $before = $node->safe_psql('postgres', $tables);
cmp_ok($before, '>', 20, 'there is a platform to lose');
$node->safe_psql('postgres', 'SET client_min_messages = error; DROP EXTENSION mkt CASCADE');
is($node->safe_psql('postgres', $tables), $before, 'DROP EXTENSION CASCADE leaves every table');
is($node->safe_psql('postgres', 'SELECT count(*) FROM mkt.platform'), '1', '... and its rows');

$node->stop;
done_testing();
