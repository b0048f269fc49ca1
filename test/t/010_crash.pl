# A deployment that is killed half way goes on where it stopped: the same orders as without the crash, none twice.
#
# Customers stand in 40 blocks. A second session holds one of them, so that the deployment
# stops there with rows written and not committed: no luck with timing is needed.
use strict;
use warnings;
use lib 'test/lib';
use MktTest;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('crash');
load_demo($node, 'crash');

# The demo was dumped in another cluster: here it is a clone, and a clone sends nothing.
is($node->safe_psql('crash', 'SELECT mkt.may_send()'), 'f', 'a platform restored elsewhere sends nothing');
$node->safe_psql('crash', 'CALL mkt.activate_platform()');
is($node->safe_psql('crash', 'SELECT mkt.may_send()'), 't', '... until it is told that it may');

# 200 more customers in each of 40 blocks, all of them targets of one strategy of the demo's kind.
$node->safe_psql('crash', q{
	CREATE TEMP TABLE home AS
		SELECT row_number() OVER (ORDER BY cid) - 1 AS n, cell_id FROM mkt.customer WHERE cell_id IS NOT NULL LIMIT 200;
	INSERT INTO mkt.customer (cid, customer_key, net, cell_id)
		SELECT block * 64512 + home.n, format('crash %s %s', block, home.n), 'own', home.cell_id
		FROM generate_series(1, 40) AS block, home;
	SELECT count(*) FROM mkt.tag_refresh(ARRAY['live', 'cell']);
	INSERT INTO mkt.strategy (code, family_code, name, name_zh, kind_code, status)
		SELECT 'crash', family_code, 'crash', '崩溃', kind_code, 'published' FROM mkt.strategy ORDER BY strategy_id LIMIT 1;
	INSERT INTO mkt.strategy_version (strategy_id, version, eligibility, offer_code, sla_days, valid_from)
		SELECT s.strategy_id, 1, 'live', v.offer_code, 7, v.valid_from
		FROM mkt.strategy AS s, (SELECT * FROM mkt.strategy_version ORDER BY strategy_id, version LIMIT 1) AS v WHERE s.code = 'crash';
	INSERT INTO mkt.strategy_channel (strategy_id, rank, channel_code)
		SELECT s.strategy_id, 1, c.channel_code FROM mkt.strategy AS s, mkt.channel AS c
		WHERE s.code = 'crash' AND c.channel_code = 'grid';
	SELECT mkt.round_open('crash', 'crash', '崩溃', (SELECT max(as_of) + interval '30 days' FROM mkt.round), ARRAY['crash']);
});

# What the deployment would have done without a crash.
$node->safe_psql('postgres', 'CREATE DATABASE calm TEMPLATE crash');
$node->safe_psql('calm', "CALL mkt.deploy('crash')");
my $orders = q{
	SELECT o.cid, o.strategy_id, o.version, o.channel_code, o.offer_code, o.org_id, o.staff_id, o.state, o.score, o.due_at
	FROM mkt.work_order AS o WHERE o.round_id = 'crash' ORDER BY o.cid, o.strategy_id};
my $contacts = q{
	SELECT c.cid, c.channel_code, c.state, count(*) FROM mkt.contact AS c WHERE c.round_id = 'crash'
	GROUP BY c.cid, c.channel_code, c.state ORDER BY c.cid, c.channel_code, c.state};
my $refusals = q{SELECT * FROM mkt.round_refusal WHERE round_id = 'crash' ORDER BY strategy_id, reason};
my $blocks = q{SELECT count(DISTINCT cid / 64512) FROM mkt.work_order WHERE round_id = 'crash'};
cmp_ok($node->safe_psql('calm', $blocks), '>', 30, 'there are orders in many blocks');

sub wait_for
{
	my ($query, $what) = @_;
	$node->poll_query_until('crash', $query) or die "timed out: $what";
	return;
}

# After kill -9 the backends need a moment to notice and let go of the shared memory.
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

# Deploys until the block that another session holds, then calls $crash with the deployment's pid.
sub deploy_until
{
	my ($block, $crash) = @_;
	my $target = $node->safe_psql('crash', "SELECT mkt.audience_count('live') > 0 AND EXISTS (SELECT FROM mkt.customer WHERE cid = $block * 64512)");
	is($target, 't', "block $block has customers");
	my $out = '';
	my $holder = IPC::Run::start(
		[ 'psql', '-X', '-d', $node->connstr('crash'), '-c',
			"SELECT mkt._lock_block($block); SELECT pg_sleep(600)" ], '&>', \$out);
	wait_for(q{SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'}, 'the holder');
	my $deployment = IPC::Run::start([ 'psql', '-X', '-d', $node->connstr('crash'), '-c', "CALL mkt.deploy('crash')" ], '&>', \$out);
	my $waiting = q{FROM pg_stat_activity WHERE query ~ '^CALL mkt.deploy' AND wait_event_type = 'Lock'};
	wait_for("SELECT count(*) = 1 $waiting", 'the deployment');
	$crash->($node->safe_psql('crash', "SELECT pid $waiting"));
	IPC::Run::finish($_) foreach ($holder, $deployment);
	start_again();

	is($node->safe_psql('crash', q{SELECT state, next_block FROM mkt.round WHERE round_id = 'crash'}), "deploying|$block",
		"after the crash the round stands at block $block");
	is($node->safe_psql('crash', "SELECT count(*) FROM mkt.work_order WHERE round_id = 'crash' AND cid >= $block * 64512"), '0',
		'... nothing of that block was kept');
	cmp_ok($node->safe_psql('crash', "SELECT count(*) FROM mkt.work_order WHERE round_id = 'crash'"), '>', 0, '... all before it was');
	is($node->safe_psql('crash', "SELECT count(*) FROM mkt.issued_order WHERE round_id = 'crash'"), '0', '... and nobody sees half a deployment');
	is($node->safe_psql('crash', 'SELECT count(*) FROM mkt.audit()'), '0', '... and the books balance');
	return;
}

deploy_until(13, sub { $node->stop('immediate') });
deploy_until(27, sub { $node->kill9 });

$node->safe_psql('crash', "CALL mkt.deploy('crash')");
is($node->safe_psql('crash', q{SELECT state FROM mkt.round WHERE round_id = 'crash'}), 'published', 'called again it goes on to the end');
foreach my $check ([ 'orders', $orders ], [ 'contacts', $contacts ], [ 'refusals', $refusals ])
{
	my ($what, $query) = @$check;
	ok($node->safe_psql('crash', $query) eq $node->safe_psql('calm', $query), "the same $what as without a crash");
}
is($node->safe_psql('crash', 'SELECT count(*) FROM mkt.audit()'), '0', 'the books balance');

# A third call changes nothing.
my $before = $node->safe_psql('crash', $orders);
$node->safe_psql('crash', "CALL mkt.deploy('crash')");
ok($node->safe_psql('crash', $orders) eq $before, 'deploying a published round again changes nothing');

$node->stop;
done_testing();
