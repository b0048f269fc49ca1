# GDAL reads the battle maps: as GeoJSON, as vector tiles, and through its
# PostgreSQL driver, and finds what SQL says.
use strict;
use warnings;
use lib 'test/lib';
use MktTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use JSON::PP;

plan skip_all => 'ogr2ogr is not installed (Debian package gdal-bin)' if system('ogr2ogr --version >/dev/null 2>&1') != 0;

my $node = new_node('main');
load_demo($node, 'demo');
my $dir = $node->basedir;

sub sql { return $node->safe_psql('demo', $_[0]); }

# The rows ogr2ogr writes as CSV, without the header, sorted.
sub ogr_rows
{
	my (@arguments) = @_;
	my ($out, $err) = run_command([ 'ogr2ogr', '-f', 'CSV', '/vsistdout/', @arguments ]);
	diag($err) if $err ne '';
	my ($header, @rows) = map { s/"//gr } split /\r?\n/, $out;
	return join("\n", sort @rows);
}

sub slurp_json { my ($file) = @_; open(my $in, '<:raw', $file) or die "$file: $!"; local $/; return decode_json(<$in>); }

sub write_file
{
	my ($file, $bytes) = @_;
	open(my $out, '>:raw', $file) or die "$file: $!";
	print $out $bytes;
	close $out or die "$file: $!";
	return;
}

# The county with most sales: cells of different figures.
my ($unit, $county) = split /\|/, sql(q{
	SELECT u.org_id, u.code FROM mkt_cockpit.command_unit_map AS u WHERE u.tier = 3 ORDER BY u.sales_orders DESC, u.code LIMIT 1});
my $cells = sql("SELECT count(*) FROM mkt_cockpit.command_battle_map WHERE county_code = '$county'");
cmp_ok($cells, '>', 20, "county $county has cells");

# ---- GeoJSON -----------------------------------------------------------
my $geojson = "$dir/county.geojson";
write_file($geojson, sql("SELECT mkt.battle_map_geojson($unit)"));
my ($info) = run_command([ 'ogrinfo', '-so', '-al', $geojson ]);
like($info, qr/using driver `GeoJSON' successful/, 'ogrinfo opens the GeoJSON');
like($info, qr/Feature Count: $cells\b/, 'as many features as cells');
like($info, qr/Geometry: Multi Polygon/, 'all are multipolygons');
like($info, qr/ID\["EPSG",4326\]/, 'in WGS 84');
my $columns = sql(q{SELECT string_agg(column_name, ' ' ORDER BY ordinal) FROM mkt_cockpit.dictionary WHERE view_name = 'command_battle_map'});
is(join(' ', $info =~ /^(\w+): (?:String|Integer64|Integer|Real|DateTime)/mg), $columns, 'the columns of the view, in their order');

my $figures = 'code, own_customers, off_customers, ports_free, open_tasks, sales_orders';
is(ogr_rows($geojson, '-sql', "SELECT $figures FROM county"),
	join("\n", sort map { s/\|/,/gr } split /\n/, sql("SELECT $figures FROM mkt_cockpit.command_battle_map WHERE county_code = '$county'")),
	'the same figures');

my %area = map { split /,/ } split /\n/, ogr_rows($geojson, '-sql', 'SELECT code, OGR_GEOM_AREA AS degrees FROM county');
my %mine = map { split /\|/ } split /\n/, sql("SELECT g.code, ST_Area(g.geom) FROM mkt.grid_cell AS g JOIN mkt_cockpit.command_battle_map AS m USING (cell_id) WHERE m.county_code = '$county'");
my @off = grep { !defined $area{$_} || abs($area{$_} - $mine{$_}) > 1e-7 + 1e-3 * $mine{$_} } keys %mine;
is(join(' ', @off), '', 'the same areas, but for the sixth decimal');

# ---- through the PostgreSQL driver, over the socket ----------------------
my $pg = sprintf('PG:host=%s port=%s dbname=demo user=%s', $node->host, $node->port, $ENV{PGUSER} // scalar getpwuid($<));
is(ogr_rows($pg, '-sql', "SELECT $figures FROM mkt_cockpit.command_battle_map WHERE county_code = '$county'"),
	ogr_rows($geojson, '-sql', "SELECT $figures FROM county"), 'the view through the PostgreSQL driver');
my ($layer) = run_command([ 'ogrinfo', '-so', $pg, 'mkt.grid_cell' ]);
like($layer, qr/Geometry: Multi Polygon/, 'the driver knows the map by its geometry');
is($layer =~ /Feature Count: (\d+)/ && $1, sql('SELECT count(*) FROM mkt.grid_cell'), 'and counts its cells');

# ---- vector tiles --------------------------------------------------------
# The tile around the county's busiest cell, at a zoom of every layer.
my ($lon, $lat) = split /\|/, sql(qq{
	SELECT ST_X(p), ST_Y(p) FROM mkt_cockpit.command_battle_map AS m JOIN mkt.grid_cell AS g USING (cell_id), ST_PointOnSurface(g.geom) AS p
	WHERE m.county_code = '$county' ORDER BY m.sales_orders DESC, m.cell_id LIMIT 1});
foreach my $case ([ 6, 'city' ], [ 8, 'county' ], [ 10, 'grid' ], [ 12, 'cell' ], [ 14, 'cell' ])
{
	my ($z, $name) = @$case;
	my ($x, $y) = split /\|/, sql(qq{SELECT floor(($lon + 180) / 360 * (1 << $z))::integer,
		floor((1 - ln(tan(radians($lat)) + 1 / cos(radians($lat))) / pi()) / 2 * (1 << $z))::integer});
	my $tile = "$dir/$z.mvt";
	write_file($tile, pack('H*', sql("SELECT encode(mkt.battle_map_tile($z, $x, $y), 'hex')")));
	my @read = ("MVT:$tile", '-oo', "X=$x", '-oo', "Y=$y", '-oo', "Z=$z", '-oo', 'CLIP=NO', '-oo', 'METADATA_FILE=');
	my ($tells) = run_command([ 'ogrinfo', '-so', '-al', @read ]);
	like($tells, qr/Layer name: $name$/m, "zoom $z: the layer is $name");

	# What meets the tile by its polygon is in it; what is in it meets the tile with its border.
	my $table = $name eq 'cell' ? 'mkt.grid_cell' : "(SELECT u.*, o.code FROM mkt.battle_map_unit AS u JOIN mkt.org AS o USING (org_id) JOIN mkt.tier AS t ON t.tier = u.tier WHERE t.code = '$name')";
	my %in = map { $_ => 1 } split /\n/, ogr_rows(@read, '-sql', "SELECT code FROM $name");
	my @missing = grep { !$in{$_} } split /\n/, sql(qq{SELECT s.code FROM $table AS s, ST_TileEnvelope($z, $x, $y) AS e(box)
		WHERE ST_Area(ST_Intersection(ST_Transform(s.geom, 3857), e.box)) > 16 * (ST_XMax(e.box) - ST_XMin(e.box)) ^ 2 / 4096 ^ 2});
	is(join(' ', @missing), '', "zoom $z: all that shows is there");
	my %may = map { $_ => 1 } split /\n/, sql(qq{SELECT s.code FROM $table AS s, ST_TileEnvelope($z, $x, $y, margin => 0.02) AS e(box)
		WHERE ST_Intersects(ST_Transform(s.geom, 3857), e.box)});
	is(join(' ', grep { !$may{$_} } keys %in), '', "zoom $z: and nothing else");

	my $view = $name eq 'cell' ? 'command_battle_map' : 'command_unit_map';
	my $some = 'code, own_customers, open_tasks, sales_orders';
	my $codes = join(', ', map { "'$_'" } sort keys %in);
	is(ogr_rows(@read, '-sql', "SELECT $some FROM $name"),
		join("\n", sort map { s/\|/,/gr } split /\n/, sql("SELECT $some FROM mkt_cockpit.$view WHERE code IN ($codes)" . ($name eq 'cell' ? '' : " AND tier = (SELECT tier FROM mkt.tier WHERE code = '$name')"))),
		"zoom $z: the figures of $view");

	# Shapes that lie in the tile as a whole: not more than two of the tile's 4096 units off, all around.
	system('ogr2ogr', '-f', 'GeoJSON', '-t_srs', 'EPSG:4326', "$dir/$z.geojson", @read) == 0 or die 'ogr2ogr failed';
	my $unit_m = 40075016.7 / 2 ** $z / 4096;
	my $compared = 0;
	my $differ = 0;
	foreach my $feature (@{ slurp_json("$dir/$z.geojson")->{features} })
	{
		my $shape = encode_json($feature->{geometry});
		my ($whole, $far) = split /\|/, sql(qq{
			SELECT ST_Within(m.shape, ST_TileEnvelope($z, $x, $y)), ST_Area(ST_SymDifference(m.shape, ST_MakeValid(ST_Transform(ST_GeomFromGeoJSON('$shape'), 3857)))) > 2 * $unit_m * ST_Perimeter(m.shape)
			FROM $table AS s CROSS JOIN ST_Transform(s.geom, 3857) AS m(shape) WHERE s.code = '$feature->{properties}{code}'});
		next if $whole ne 't';
		$compared++;
		$differ++ if $far eq 't';
	}
	is($differ, 0, "zoom $z: the shapes of $compared whole polygons");
}

$node->stop;
done_testing();
