# A refresh of tags that is killed half way leaves every tag as it was, the indexes whole, and no obstacle for the next one.
#
# 300,000 customers in five blocks; two sources, so two batches. Another session holds a row of tag_block that the second
# batch has to rewrite, so the refresh stops there with rows of both batches written and not committed.
use strict;
use warnings;
use lib 'test/lib';
use MktTest;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('tag_crash');
$node->append_conf('postgresql.conf', 'restart_after_crash = on');
$node->restart;
$node->safe_psql('postgres', 'CREATE DATABASE crash TEMPLATE template0');
$node->safe_psql('crash', q{CREATE EXTENSION mkt CASCADE; CREATE EXTENSION amcheck});
$node->safe_psql('crash', q{CALL mkt.create_platform(tenant_salt => 'salt')});
$node->safe_psql('crash', q{
	CREATE TABLE fact AS SELECT c AS cid, c % 7 = 0 AS seventh, c % 1000 AS n, (ARRAY['red', 'green', 'blue'])[1 + c % 3] AS hue FROM generate_series(0, 299999) AS c;
	CREATE TABLE other AS SELECT c AS cid, c % 2 = 0 AS even, (c / 100.0)::numeric(12,2) AS x FROM generate_series(0, 299999) AS c;
	SELECT mkt.tag_put('live', mkt.tagmap_range(0, 299999), '2026-11-01 01:00+08'),
		mkt.tag_define('seventh', 'boolean', 'S', 'S', rule => 's.seventh', source => 'public.fact'),
		mkt.tag_define('n', 'numeric', 'N', 'N', rule => 's.n', source => 'public.fact'),
		mkt.tag_define('hue', 'enum', 'H', 'H', rule => 's.hue', source => 'public.fact'),
		mkt.tag_define('even', 'boolean', 'E', 'E', rule => 's.even', source => 'public.other'),
		mkt.tag_define('x', 'numeric', 'X', 'X', scale => 2, rule => 's.x', source => 'public.other');
	SELECT count(*) FROM mkt.tag_refresh('{seventh,n,hue,even,x}', '2026-11-01 02:00+08');
	SELECT mkt.tag_keep_history(code, as_of => '2026-11-01 03:00+08') FROM mkt.tag WHERE code IN ('seventh', 'n', 'hue', 'even', 'x', 'live');
	CHECKPOINT});

# What the five tags hold, by the tags and by the tables.
my $tags = q{SELECT md5(mkt.audience('seventh')::bytea), md5(mkt.audience('even')::bytea), mkt.audience_sum('all', 'n'), mkt.audience_sum('all', 'x'),
	mkt.audience_count('hue = ''red'''), mkt.audience_count('n < 500 & x > 100')};
my $tables = q{SELECT md5((SELECT mkt.tagmap_agg(cid) FROM fact WHERE seventh)::bytea), md5((SELECT mkt.tagmap_agg(cid) FROM other WHERE even)::bytea), (SELECT sum(n) FROM fact), (SELECT sum(x) FROM other),
	(SELECT count(*) FROM fact WHERE hue = 'red'), (SELECT count(*) FROM fact JOIN other USING (cid) WHERE n < 500 AND x > 100)};
my $stored = q{SELECT count(*), md5(string_agg(b::text, '' ORDER BY b.tag_id, b.slice, b.block)) FROM mkt.tag_block AS b};
my $rows = q{SELECT string_agg(concat(t.code, ':', t.members, ':', t.bias, ':', t.slices, ':', t.refreshed_at), ' ' ORDER BY t.tag_id) FROM mkt.tag AS t};

sub start_again
{
	foreach (1 .. 100)
	{
		return if $node->start(fail_ok => 1);
		select(undef, undef, undef, 0.1);
		$node->stop('fast', fail_ok => 1);
	}
	die 'the server does not start again';
}

# The server restarts by itself when a backend was killed.
sub back_again
{
	foreach (1 .. 300)
	{
		return if IPC::Run::run([ 'psql', '-X', '-d', $node->connstr('crash'), '-c', 'SELECT 1' ], '&>', \my $out);
		select(undef, undef, undef, 0.1);
	}
	die 'the server does not come back';
}

sub indexes_whole
{
	like($node->safe_psql('crash', q{SELECT count(*), string_agg(s.checked::text, '') FROM (
			SELECT bt_index_parent_check(i.indexrelid, heapallindexed => true, rootdescend => true) AS checked FROM pg_index AS i
			WHERE i.indrelid IN ('mkt.tag'::regclass, 'mkt.tag_block'::regclass, 'mkt.tag_change'::regclass, 'mkt.tag_shape'::regclass, 'mkt.tag_label'::regclass, 'mkt.tag_log'::regclass)) AS s}),
		qr/^1\d\|$/, '... the indexes are whole');
	is($node->safe_psql('crash', q{SELECT count(*) FROM unnest('{mkt.tag,mkt.tag_block,mkt.tag_change,mkt.tag_shape}'::regclass[]) AS t, LATERAL verify_heapam(t)}), '0',
		'... the tables too');
	return;
}

is($node->safe_psql('crash', $tags), $node->safe_psql('crash', $tables), 'the tags agree with the tables');

# Runs a refresh into a held row, calls $crash with its pid, $revive when all sessions are gone, and looks at what is left.
sub refresh_until
{
	my ($how, $crash, $revive) = @_;
	my ($before, $bytes, $heads) = map { $node->safe_psql('crash', $_) } $tags, $stored, $rows;
	$node->safe_psql('crash', q{
		UPDATE fact SET seventh = NOT seventh, n = n * 3 - 700, hue = CASE WHEN cid % 5 > 0 THEN 'violet ' || cid % 3 END;
		UPDATE other SET even = cid % 2 = 1, x = x + 1 - cid % 3 WHERE cid % 11 < 6});
	my $out = '';
	my $holder = IPC::Run::start([ 'psql', '-X', '-d', $node->connstr('crash'), '-c',
			"SELECT FROM mkt.tag_block AS b JOIN mkt.tag AS t USING (tag_id) WHERE t.code = 'x' AND b.slice = 3 AND b.block = 2 FOR UPDATE OF b; SELECT pg_sleep(600)" ], '&>', \$out);
	$node->poll_query_until('crash', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'}) or die 'no holder';
	my $refresh = IPC::Run::start([ 'psql', '-X', '-d', $node->connstr('crash'), '-c',
			"SET maintenance_work_mem = '1MB'", '-c', "SELECT count(*) FROM mkt.tag_refresh(as_of => '2026-11-02 02:00+08')" ], '&>', \$out);
	my $waiting = q{FROM pg_stat_activity WHERE query ~ 'mkt.tag_refresh' AND wait_event_type = 'Lock'};
	$node->poll_query_until('crash', "SELECT count(*) = 1 $waiting") or die 'the refresh does not wait';
	is($node->safe_psql('crash', $tags), $before, "$how: others see nothing of a refresh under way");
	# what it wrote so far reaches the disk
	$node->safe_psql('crash', 'CHECKPOINT');
	$crash->($node->safe_psql('crash', "SELECT pid $waiting"));
	IPC::Run::finish($_) foreach ($holder, $refresh);
	$revive->();

	is($node->safe_psql('crash', $tags), $before, '... afterwards every tag is as it was');
	is($node->safe_psql('crash', $stored), $bytes, '... to the byte');
	is($node->safe_psql('crash', $rows), $heads, '... with its count, bias, slices and date');
	is($node->safe_psql('crash', q{SELECT count(*) FROM mkt.tag_change WHERE changed_at = '2026-11-02 02:00+08'}), '0', '... and no history of what never was');
	is(scalar(glob($node->data_dir . '/base/pgsql_tmp/*')), undef, '... nor a file left over');
	indexes_whole();
	return;
}

refresh_until('immediate stop', sub { $node->stop('immediate') }, \&start_again);
refresh_until('kill -9 of the server', sub { $node->kill9 }, \&start_again);
refresh_until('kill -9 of the backend', sub { kill(9, $_[0]) }, \&back_again);

# The next refresh does it all, and the past is still known.
my $past = $node->safe_psql('crash', $tags);
is($node->safe_psql('crash', q{SELECT count(*) FROM mkt.tag_refresh('{seventh,n,hue,even,x}', '2026-11-03 02:00+08')}), '5', 'the next refresh completes');
is($node->safe_psql('crash', $tags), $node->safe_psql('crash', $tables), '... and the tags agree with the tables');
is($node->safe_psql('crash', $tags =~ s/(audience\w*\([^)]*)\)/$1, '2026-11-02 12:00+08')/gr), $past, '... and as of before with what they were');
indexes_whole();

# A finished refresh is there after a crash right behind it.
$node->safe_psql('crash', q{UPDATE other SET even = NOT even});
$node->safe_psql('crash', q{SELECT count(*) FROM mkt.tag_refresh('{even,x}', '2026-11-04 02:00+08')});
$node->stop('immediate');
start_again();
is($node->safe_psql('crash', $tags), $node->safe_psql('crash', $tables), 'what was committed survives a crash');
indexes_whole();

$node->stop;
done_testing();
