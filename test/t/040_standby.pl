# A streaming standby answers as the primary does, also after sets were rewritten.
use strict;
use warnings;
use lib 'test/lib';
use MktTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = new_node('primary', allows_streaming => 1);
load_demo($primary, 'demo');
$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;

# A count of every tag, alone and without its neighbour, and every row of tag_block.
my $question = q{
	SELECT t.code, mkt.audience_count(t.code::mkt.tagexpr), mkt.audience_count((t.code || ' & !' || u.code)::mkt.tagexpr)
	FROM mkt.tag AS t JOIN mkt.tag AS u ON u.tag_id = t.tag_id % (SELECT max(tag_id) FROM mkt.tag) + 1
	ORDER BY t.code COLLATE "C";
	SELECT count(*), md5(string_agg(b::text, '' ORDER BY b.tag_id, b.slice, b.block)) FROM mkt.tag_block AS b};

sub same_answer
{
	my ($what) = @_;
	$primary->wait_for_catchup($standby);
	my $left = $primary->safe_psql('demo', $question);
	cmp_ok(length($left), '>', 200, "$what: there is an answer");
	is($standby->safe_psql('demo', $question), $left, "$what: the standby gives the same");
	return;
}

same_answer('base backup');

my $code = $primary->safe_psql('demo', q{SELECT code FROM mkt.tag WHERE kind = 'boolean' AND NOT is_system AND tag_id > 0 AND rule IS NOT NULL ORDER BY tag_id LIMIT 1});
my $before = $primary->safe_psql('demo', "SELECT mkt.audience_count('$code')");
$primary->safe_psql('demo', "SELECT mkt.tag_remove('$code', (SELECT mkt.tagmap_agg(m) FROM mkt.audience_members('$code') AS m WHERE m % 2 = 0))");
isnt($primary->safe_psql('demo', "SELECT mkt.audience_count('$code')"), $before, 'half the members of a tag are removed');
same_answer('WAL replay');

# Writing on a standby is refused, and jobs say so without harm.
my ($status, $out, $err) = $standby->psql('demo', "CALL mkt.deploy('any')");
isnt($status, 0, 'nothing is deployed on a standby');

$standby->promote;
is($standby->safe_psql('demo', 'SELECT count(*) FROM mkt.audit()'), '0', 'after promotion the books balance');

$standby->stop;
$primary->stop;
done_testing();
