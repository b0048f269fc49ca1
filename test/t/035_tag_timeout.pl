# Every long call can be cancelled, and a session that was cancelled hundreds of times holds no more memory than before.
use strict;
use warnings;
use lib 'test/lib';
use MktTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('tag_timeout');
$node->safe_psql('postgres', 'CREATE DATABASE slow TEMPLATE template0');
$node->safe_psql('slow', 'CREATE EXTENSION mkt CASCADE');
$node->safe_psql('slow', q{CALL mkt.create_platform(tenant_salt => 'salt')});

# Two million customers in 32 blocks, with tags that take time: half of all at random, a wide number, a score.
$node->safe_psql('slow', q{
	SELECT mkt.tag_put('live', mkt.tagmap_range(0, 2000000), '2026-11-01'),
		mkt.tag_define('half', 'boolean', 'H', 'H'), mkt.tag_define('third', 'boolean', 'T', 'T'),
		mkt.tag_define('ruled', 'numeric', 'R', 'R', rule => 's.cid % 1000', source => '(SELECT c AS cid FROM generate_series(0, 2000000) AS c)'),
		mkt.tag_define('wide', 'numeric', 'W', 'W'), mkt.tag_define('hue', 'enum', 'E', 'E');
	SELECT mkt._tag_load('{half,third,wide,hue}', 'SELECT c, hashint8(c) % 2 = 0, hashint8(c) % 3 = 0, hashint8(c + 7)::bigint & 16777215, ''hue '' || (hashint8(c) & 63) FROM generate_series(0, 2000000) AS c', '2026-11-01');
	SELECT mkt.tag_keep_history(code, as_of => '2026-11-01') FROM mkt.tag WHERE code IN ('half', 'live', 'wide', 'hue', 'third');
	SELECT mkt.tag_put('half', mkt.audience('!half'), '2026-11-02');
	VACUUM (ANALYZE) mkt.tag_block});

my $slow = q{'half & wide > 1000003 | third & wide between 77 and 12345678 | wide in (3, 333, 33333, 333333, 3333333, 33, 99, 999, 9999, 99999)'};
my %call = (
	audience_count => "SELECT mkt.audience_count($slow) FROM generate_series(1, 20)",
	audience => "SELECT mkt.card(mkt.audience($slow)) FROM generate_series(1, 20)",
	'audience, past' => "SELECT mkt.card(mkt.audience('half', '2026-11-01')) FROM generate_series(1, 200)",
	'audience_members, streamed' => "SELECT count(m) FROM (SELECT mkt.audience_members($slow) AS m) AS s",
	'audience_members, stored' => "SELECT count(*) FROM mkt.audience_members($slow)",
	has_tags => "SELECT count(*) FROM generate_series(0, 2000000) AS c WHERE mkt.has_tags(c, 'half & wide > 5')",
	audience_by_org => "SELECT mkt.audience_by_org('half', 3) FROM generate_series(1, 100)",
	audience_by => "SELECT count(*) FROM mkt.audience_by($slow, 'hue'), generate_series(1, 20)",
	'audience_by, sparse' => "SELECT count(*) FROM mkt.audience_by('third', 'wide')",
	audience_sum => "SELECT mkt.audience_sum($slow, 'wide') FROM generate_series(1, 20)",
	audience_topk => "SELECT count(*) FROM mkt.audience_topk('all', 'wide', 1000000)",
	audience_venn => "SELECT count(*) FROM mkt.audience_venn(ARRAY[$slow, 'half', 'third', 'wide > 9', 'hue = ''hue 3''', 'wide < 12345']::mkt.tagexpr[])",
	audience_overlap => "SELECT count(*) FROM mkt.audience_overlap(ARRAY(SELECT (ARRAY['half', 'third', 'wide', 'hue'])[1 + n % 4] FROM generate_series(1, 60) AS n))",
	audience_profile => "SELECT count(*) FROM mkt.audience_profile($slow)",
	lookalike => "SELECT count(*) FROM mkt.lookalike('half', 100000, 'all', '{third,hue}')",
	tag_values => "SELECT count(*) FROM mkt.tag_values('wide')",
	tag_put => "SELECT mkt.tag_put('half', mkt.audience('!half')), mkt.tag_put('third', mkt.audience('!third'))",
	tag_put_values => q{SELECT mkt.tag_put_values('wide', 'SELECT c, c FROM generate_series(0, 2000000) AS c')},
	tag_refresh => q{SELECT count(*) FROM mkt.tag_refresh('{ruled}')},
	snapshot_take => "SELECT mkt.snapshot_take('s' || c, $slow, 's' || c, 's' || c) FROM (SELECT (random() * 1e15)::bigint AS c FROM generate_series(1, 20)) AS r",
	tagmap_agg => 'SELECT mkt.card(mkt.tagmap_agg(c * 7)) FROM generate_series(0, 2000000) AS c',
	members => q{SELECT count(*) FROM mkt.members((SELECT mkt.audience('half'))), generate_series(1, 3)},
);

# One session asks everything $rounds times, each time cancelled somewhere else, and weighs itself: half way, when its
# caches of relations and plans are warm, and in the end.
sub script
{
	my ($rounds) = @_;
	my $weigh = "SELECT 'weight', sum(total_bytes), count(*) FILTER (WHERE name LIKE 'mkt %') FROM pg_backend_memory_contexts;\n";
	my $script = "\\set VERBOSITY sqlstate\n";
	foreach my $round (0 .. $rounds)
	{
		$script .= $weigh if $round == $rounds / 2;
		foreach my $name (sort keys %call)
		{
			$script .= sprintf("SET statement_timeout = %d;\n\\echo call %s\n%s;\n\\echo :SQLSTATE\nRESET statement_timeout;\n", 1 + ($round * 7) % 12, $name, $call{$name});
		}
	}
	return $script . $weigh;
}

my ($status, $out, $err) = $node->psql('slow', script(16), on_error_stop => 0, timeout => 300);
my ($name, %cancelled, %other, @weight);
foreach my $line (split /\n/, $out)
{
	if ($line =~ /^call (.*)/) { $name = $1; }
	elsif ($line =~ /^weight\|(\d+)\|(\d+)/) { push @weight, [ $1, $2 ]; }
	elsif ($line eq '57014') { $cancelled{$name}++; }
	elsif ($line =~ /^[0-9A-Z]{5}$/ && $line ne '00000') { $other{$name} = $line; }
}
is_deeply(\%other, {}, 'no call failed in another way');
cmp_ok($cancelled{$_} // 0, '>', 0, "$_ was cancelled " . ($cancelled{$_} // 0) . ' times') foreach sort keys %call;
is(scalar(@weight), 2, 'the session lived through it');
is($weight[1][1], 0, 'no query of ours is left in memory');
cmp_ok($weight[1][0] - $weight[0][0], '<', 512 * 1024, "memory stays flat: $weight[0][0] bytes, then $weight[1][0]");

# what was cancelled while it was written is as it was
is($node->safe_psql('slow', q{SELECT bool_and(t.members = mkt.card(mkt._tag_set(t.code))) FROM mkt.tag AS t}), 't', 'counts agree with the sets');

$node->stop;
done_testing();
