/*-------------------------------------------------------------------------
 *
 * grid_shift.c
 *		The shifted coordinates of Chinese maps: GCJ-02 and BD-09, in and out.
 *
 * The law gives no formula for GCJ-02. What everybody uses is the one that
 * became public in 2010 (eviltransform, coordtransform and Wikipedia,
 * "Restrictions on geographic data in China", tell the same): a sum of sines of
 * the distance from 105 E 35 N gives metres to the east and north, which the
 * ellipsoid of Krasovsky turns into degrees; outside of a rectangle around
 * China nothing is shifted. BD-09 is GCJ-02 with a second, small shift in polar
 * coordinates and a fixed one.
 *
 * Back we go by iteration: both shifts change so little from point to point
 * (less than a hundredth of the way) that taking off the shift of the last
 * guess gains two digits each time. A shape is read and written as the
 * well-known binary PostGIS makes of it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include <math.h>

#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "grid.h"

#define AXIS		6378245.0	/* of Krasovsky 1940, in metres */
#define ECCENTRICITY2 0.00669342162296594323
#define CENTRE_LON	105.0
#define CENTRE_LAT	35.0
#define BD_LON		0.0065
#define BD_LAT		0.006
#define BD_WAVE		(M_PI * 3000.0 / 180.0)
#define CLOSE		1e-13		/* degrees: a hundred millionth of a millimetre */
#define TURNS_MAX	50

typedef GridPoint (*Shift) (GridPoint point);

static GridPoint wgs_to_gcj(GridPoint wgs);
static GridPoint gcj_to_wgs(GridPoint gcj);
static GridPoint wgs_to_bd(GridPoint wgs);
static GridPoint bd_to_wgs(GridPoint bd);
static Datum shift_pair(PG_FUNCTION_ARGS, Shift shift);
static void shift_wkb(uint8 **at, const uint8 *end, Shift shift);

PG_FUNCTION_INFO_V1(mkt_to_gcj02);
PG_FUNCTION_INFO_V1(mkt_from_gcj02);
PG_FUNCTION_INFO_V1(mkt_to_bd09);
PG_FUNCTION_INFO_V1(mkt_from_bd09);
PG_FUNCTION_INFO_V1(mkt__shift_shape);

/* ---- the shifts ---------------------------------------------------------------- */

static bool
in_china(GridPoint p)
{
	return p.x >= 72.004 && p.x <= 137.8347 && p.y >= 0.8293 && p.y <= 55.8271;
}

/* A third of a wave: two thirds of a sine of `half` half-turns a degree. */
static double
wave(double metres, double at, double half)
{
	return metres * sin(at * half * M_PI) * 2.0 / 3.0;
}

/* How far GCJ-02 is from a point, in degrees, wherever it is. */
static GridPoint
gcj_shift(GridPoint p)
{
	double		x = p.x - CENTRE_LON;
	double		y = p.y - CENTRE_LAT;
	double		both = wave(20, x, 6) + wave(20, x, 2);
	double		east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(fabs(x)) +
		both + wave(20, x, 1) + wave(40, x, 1 / 3.0) + wave(150, x, 1 / 12.0) + wave(300, x, 1 / 30.0);
	double		north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(fabs(x)) +
		both + wave(20, y, 1) + wave(40, y, 1 / 3.0) + wave(160, y, 1 / 12.0) + wave(320, y, 1 / 30.0);
	double		latitude = p.y / 180 * M_PI;
	double		bulge = 1 - ECCENTRICITY2 * sin(latitude) * sin(latitude);
	double		along = AXIS / sqrt(bulge) * cos(latitude); /* metres a radian */
	double		up = AXIS * (1 - ECCENTRICITY2) / (bulge * sqrt(bulge));

	return (GridPoint) {east / along * 180 / M_PI, north / up * 180 / M_PI};
}

static GridPoint
gcj_anywhere(GridPoint wgs)
{
	GridPoint	shift = gcj_shift(wgs);

	return (GridPoint) {wgs.x + shift.x, wgs.y + shift.y};
}

static GridPoint
gcj_to_bd(GridPoint gcj)
{
	double		radius = sqrt(gcj.x * gcj.x + gcj.y * gcj.y) + 0.00002 * sin(gcj.y * BD_WAVE);
	double		angle = atan2(gcj.y, gcj.x) + 0.000003 * cos(gcj.x * BD_WAVE);

	return (GridPoint) {radius * cos(angle) + BD_LON, radius * sin(angle) + BD_LAT};
}

/* The point that `shift` brings to where `to` is. */
static GridPoint
undo(GridPoint to, Shift shift)
{
	GridPoint	from = to;

	for (int i = 0; i < TURNS_MAX; i++)
	{
		GridPoint	there = shift(from);
		double		dx = there.x - to.x;
		double		dy = there.y - to.y;

		from.x -= dx;
		from.y -= dy;
		if (fabs(dx) < CLOSE && fabs(dy) < CLOSE)
			break;
	}
	return from;
}

static GridPoint
wgs_to_gcj(GridPoint wgs)
{
	return in_china(wgs) ? gcj_anywhere(wgs) : wgs;
}

static GridPoint
gcj_to_wgs(GridPoint gcj)
{
	GridPoint	wgs = undo(gcj, gcj_anywhere);

	return in_china(wgs) ? wgs : gcj;
}

static GridPoint
wgs_to_bd(GridPoint wgs)
{
	return gcj_to_bd(wgs_to_gcj(wgs));
}

static GridPoint
bd_to_wgs(GridPoint bd)
{
	return gcj_to_wgs(undo(bd, gcj_to_bd));
}

/* ---- pairs of numbers ------------------------------------------------------------ */

/*
 * to_gcj02(wgs_lon float8, wgs_lat float8, OUT lon float8, OUT lat float8)
 */
Datum
mkt_to_gcj02(PG_FUNCTION_ARGS)
{
	return shift_pair(fcinfo, wgs_to_gcj);
}

Datum
mkt_from_gcj02(PG_FUNCTION_ARGS)
{
	return shift_pair(fcinfo, gcj_to_wgs);
}

Datum
mkt_to_bd09(PG_FUNCTION_ARGS)
{
	return shift_pair(fcinfo, wgs_to_bd);
}

Datum
mkt_from_bd09(PG_FUNCTION_ARGS)
{
	return shift_pair(fcinfo, bd_to_wgs);
}

static Datum
shift_pair(PG_FUNCTION_ARGS, Shift shift)
{
	GridPoint	point = {PG_GETARG_FLOAT8(0), PG_GETARG_FLOAT8(1)};
	TupleDesc	desc;
	Datum		values[2];
	bool		nulls[2] = {false, false};

	mkt_grid_check_coordinates(point.x, point.y);
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	point = shift(point);
	values[0] = Float8GetDatum(point.x);
	values[1] = Float8GetDatum(point.y);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, values, nulls)));
}

/* ---- shapes ------------------------------------------------------------------------ */

/*
 * _shift_shape(wkb bytea, way text) returns bytea
 *		Every vertex shifted; way is the name of one of the functions above.
 */
Datum
mkt__shift_shape(PG_FUNCTION_ARGS)
{
	static const struct
	{
		const char *name;
		Shift		shift;
	}			ways[] =
	{
		{"to_gcj02", wgs_to_gcj},
		{"from_gcj02", gcj_to_wgs},
		{"to_bd09", wgs_to_bd},
		{"from_bd09", bd_to_wgs}
	};
	bytea	   *shape = PG_GETARG_BYTEA_P_COPY(0);
	char	   *way = text_to_cstring(PG_GETARG_TEXT_PP(1));
	uint8	   *at = (uint8 *) VARDATA(shape);

	for (Size i = 0; i < lengthof(ways); i++)
	{
		if (strcmp(way, ways[i].name) != 0)
			continue;
		shift_wkb(&at, (uint8 *) VARDATA(shape) + VARSIZE(shape) - VARHDRSZ, ways[i].shift);
		PG_RETURN_BYTEA_P(shape);
	}
	elog(ERROR, "unknown shift \"%s\"", way);
	PG_RETURN_NULL();
}

/* The next bytes, which are there: PostGIS wrote them. */
static uint8 *
step(uint8 **at, const uint8 *end, Size n)
{
	uint8	   *here = *at;

	if ((Size) (end - here) < n)
		elog(ERROR, "the bytes of a shape end too early");
	*at += n;
	return here;
}

static uint32
take_uint32(uint8 **at, const uint8 *end)
{
	uint32		value;

	memcpy(&value, step(at, end, sizeof(value)), sizeof(value));
	return value;
}

static void
shift_vertices(uint8 **at, const uint8 *end, uint32 n, int dims, Shift shift)
{
	for (uint32 i = 0; i < n; i++)
	{
		uint8	   *vertex = step(at, end, dims * sizeof(double));
		GridPoint	point;

		memcpy(&point, vertex, sizeof(point));
		if (isnan(point.x) && isnan(point.y))
			continue;			/* an empty point */
		mkt_grid_check_coordinates(point.x, point.y);
		point = shift(point);
		memcpy(vertex, &point, sizeof(point));
	}
}

/* One geometry in this machine's byte order, and those in it. */
static void
shift_wkb(uint8 **at, const uint8 *end, Shift shift)
{
	uint32		type;
	uint32		n;
	int			dims;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	(void) step(at, end, 1);
	type = take_uint32(at, end);
	dims = 2 + (type >= 1000) + (type >= 3000);
	switch (type % 1000)
	{
		case 1:					/* point */
			shift_vertices(at, end, 1, dims, shift);
			return;
		case 2:					/* linestring */
			n = take_uint32(at, end);
			shift_vertices(at, end, n, dims, shift);
			return;
		case 3:					/* polygon */
			n = take_uint32(at, end);
			for (uint32 i = 0; i < n; i++)
			{
				uint32		vertices = take_uint32(at, end);

				shift_vertices(at, end, vertices, dims, shift);
			}
			return;
		case 4:					/* collections of these */
		case 5:
		case 6:
		case 7:
			n = take_uint32(at, end);
			for (uint32 i = 0; i < n; i++)
				shift_wkb(at, end, shift);
			return;
		default:
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("a curved or three-dimensional shape cannot be shifted"),
					 errhint("Pass points, lines, polygons or collections of them: ST_CurveToLine(shape).")));
	}
}
