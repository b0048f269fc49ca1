# pg_dump loses nothing: neither rows nor what a DBA added; a dump of the restored database is the same dump.
use strict;
use warnings;
use lib 'test/lib';
use MktTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('dump');
load_demo($node, 'origin');

# What a DBA adds to tables that a less careful extension would own.
$node->safe_psql('origin', q{
	ALTER TABLE mkt.customer ADD COLUMN dba_note text;
	UPDATE mkt.customer SET dba_note = 'kept ' || cid WHERE cid % 7 = 0;
	CREATE INDEX dba_note_idx ON mkt.customer (dba_note);
	CREATE POLICY dba_policy ON mkt.customer FOR SELECT TO CURRENT_USER USING (false);
});

my $file = $node->basedir . '/origin.sql';
command_ok([ 'pg_dump', '-d', $node->connstr('origin'), '-f', $file ], 'pg_dump');
$node->safe_psql('postgres', 'CREATE DATABASE copy TEMPLATE template0');
command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('copy'), '-f', $file ], 'the dump restores without an error');

$node->safe_psql('copy', 'ANALYZE');

my @origin = answers($node, 'origin');
my @copy = answers($node, 'copy');
cmp_ok(scalar(@origin), '>', 100, 'there is something to compare');
my @differing = lines_differing(\@origin, \@copy);
is(scalar(@differing), 0, 'definitions and rows are the same') or diag(join "\n", @differing);

my @again = lines_differing([ dump_text($node, 'origin') ], [ dump_text($node, 'copy') ]);
is(scalar(@again), 0, 'a dump of the copy is the same dump') or diag(join '', @again[ 0 .. ($#again < 20 ? $#again : 20) ]);

foreach my $db ('origin', 'copy')
{
	is($node->safe_psql($db, "SELECT count(*) > 0 FROM mkt.customer WHERE dba_note = 'kept ' || cid"), 't', "$db: the DBA's column has its values");
	is($node->safe_psql($db, "SELECT to_regclass('mkt.dba_note_idx') IS NOT NULL"), 't', "$db: the DBA's index is there");
	is($node->safe_psql($db, "SELECT count(*) FROM pg_policy WHERE polname = 'dba_policy'"), '1', "$db: the DBA's policy is there");
	is($node->safe_psql($db, 'SELECT count(*) FROM mkt.audit()'), '0', "$db: the books balance");
}

# Numbers go on where they were: a new customer does not meet an old one.
is($node->safe_psql('copy', q{INSERT INTO mkt.customer (customer_key, net) VALUES ('after restore', 'own') RETURNING cid = (SELECT max(cid) + 1 FROM mkt.customer)}),
	't', 'sequences were restored');

$node->stop;
done_testing();
