# ----------------------------------------------------------------------
# test/lib/MktTest.pm: what the Perl tests share.
# ----------------------------------------------------------------------
package MktTest;

use strict;
use warnings;
use Exporter 'import';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;

our @EXPORT = qw(new_node load_demo answers dump_text lines_differing);

# A started cluster with settings of its own.
sub new_node
{
	my ($name, %init) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init(%init, extra => [ '--locale=C.UTF-8', '--encoding=UTF8' ]);
	$node->append_conf('postgresql.conf', "shared_buffers = 256MB\nmax_wal_size = 2GB\n");
	$node->start;
	return $node;
}

# The small demo operator after its day, from the dump that the suite made.
sub load_demo
{
	my ($node, $db) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $db TEMPLATE template0");
	$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $node->connstr($db), $ENV{MKT_DEMO_DUMP} ],
		"the demo restores into $db");
	$node->safe_psql($db, 'ANALYZE');
	return;
}

# What test/upgrade/answers.sql says of a database, as lines.
sub answers
{
	my ($node, $db) = @_;
	my ($out, $err) = run_command(
		[ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($db), '-f', 'test/upgrade/answers.sql' ]);
	die "answers.sql failed in $db: $err" if $err =~ /ERROR/;
	return split /\n/, $out;
}

# pg_dump in plain text, as lines, without what is random in it.
sub dump_text
{
	my ($node, $db) = @_;
	my $file = $node->basedir . "/$db.text";
	system('pg_dump', '-d', $node->connstr($db), '-f', $file) == 0 or die "pg_dump of $db failed";
	open(my $dump, '<', $file) or die "$file: $!";
	my @lines = grep { !/^\\(un)?restrict / } <$dump>;
	close $dump;
	return @lines;
}

# Lines of the first list that are not in the second, and the other way round.
sub lines_differing
{
	my ($left, $right) = @_;
	my (%left, %right);
	$left{$_}++ foreach @$left;
	$right{$_}++ foreach @$right;
	return ((map { "< $_" } grep { !$right{$_} } @$left), (map { "> $_" } grep { !$left{$_} } @$right));
}

1;
