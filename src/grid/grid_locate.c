/*-------------------------------------------------------------------------
 *
 * grid_locate.c
 *		SQL functions of the map: points to cells, and the checks of points.
 *
 * A geometry comes as the extended well-known binary PostGIS writes of it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include <math.h>

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/timestamp.h"

#include "grid.h"

#define MAP_SRID 4326

/* Extended well-known binary: flags of the type word, and the type of a point. */
#define EWKB_Z		0x80000000u
#define EWKB_M		0x40000000u
#define EWKB_SRID	0x20000000u
#define EWKB_FLAGS	0xe0000000u
#define EWKB_POINT	1

/* What the checks ask about a geometry. */
typedef struct Shape
{
	uint32		type;
	int32		srid;
	bool		empty;
	double		x;				/* of a point */
	double		y;
} Shape;

static bool on_earth(double lon, double lat);
static void check_coordinates(double lon, double lat);
static void check_srid(int32 srid);
static Shape read_shape(const bytea *ewkb);
static Shape read_point(const bytea *ewkb);
static const char *type_name(uint32 type);
static bool find(double lon, double lat, const int32 *(*answers) (const GridIndex *), int32 *answer);

PG_FUNCTION_INFO_V1(mkt_locate);
PG_FUNCTION_INFO_V1(mkt_locate_cell);
PG_FUNCTION_INFO_V1(mkt__locate);
PG_FUNCTION_INFO_V1(mkt__locate_cell);
PG_FUNCTION_INFO_V1(mkt__cell_at);
PG_FUNCTION_INFO_V1(mkt__check_coordinates);
PG_FUNCTION_INFO_V1(mkt__check_srid);
PG_FUNCTION_INFO_V1(mkt_grid_index_info);

/* ---- points to cells --------------------------------------------------------------- */

static const int32 *
by_cell(const GridIndex *index)
{
	return index->cell_id;
}

static const int32 *
by_grid(const GridIndex *index)
{
	return index->grid_id;
}

static inline bool
find(double lon, double lat, const int32 *(*answers) (const GridIndex *), int32 *answer)
{
	const GridMap *map = mkt_grid_map();
	int64		ordinal = mkt_grid_find(map->index, lon, lat, map->visible);

	if (ordinal >= 0)
		*answer = answers(map->index)[ordinal];
	return ordinal >= 0;
}

#define RETURN_FOUND(lon, lat, answers) \
	do { \
		int32		answer; \
		if (find(lon, lat, answers, &answer)) \
			PG_RETURN_INT32(answer); \
		PG_RETURN_NULL(); \
	} while (0)

/*
 * locate(lon float8, lat float8) returns integer
 *		The grid at a point, NULL outside the map.
 */
Datum
mkt_locate(PG_FUNCTION_ARGS)
{
	double		lon = PG_GETARG_FLOAT8(0);
	double		lat = PG_GETARG_FLOAT8(1);

	check_coordinates(lon, lat);
	RETURN_FOUND(lon, lat, by_grid);
}

/*
 * locate_cell(lon float8, lat float8) returns integer
 */
Datum
mkt_locate_cell(PG_FUNCTION_ARGS)
{
	double		lon = PG_GETARG_FLOAT8(0);
	double		lat = PG_GETARG_FLOAT8(1);

	check_coordinates(lon, lat);
	RETURN_FOUND(lon, lat, by_cell);
}

/*
 * _locate(point bytea) returns integer
 */
Datum
mkt__locate(PG_FUNCTION_ARGS)
{
	Shape		point = read_point(PG_GETARG_BYTEA_PP(0));

	RETURN_FOUND(point.x, point.y, by_grid);
}

/*
 * _locate_cell(point bytea) returns integer
 */
Datum
mkt__locate_cell(PG_FUNCTION_ARGS)
{
	Shape		point = read_point(PG_GETARG_BYTEA_PP(0));

	RETURN_FOUND(point.x, point.y, by_cell);
}

/*
 * _cell_at(point bytea) returns integer
 *		As _locate_cell(), but NULL for what is no point on earth.
 */
Datum
mkt__cell_at(PG_FUNCTION_ARGS)
{
	Shape		shape = read_shape(PG_GETARG_BYTEA_PP(0));

	if (shape.type != EWKB_POINT || shape.srid != MAP_SRID || !on_earth(shape.x, shape.y))
		PG_RETURN_NULL();
	RETURN_FOUND(shape.x, shape.y, by_cell);
}

/* ---- checks -------------------------------------------------------------------------- */

static bool
on_earth(double lon, double lat)
{
	/* false for NaN */
	return lon >= -180 && lon <= 180 && lat >= -90 && lat <= 90;
}

static void
check_coordinates(double lon, double lat)
{
	char	   *x,
			   *y;

	if (likely(on_earth(lon, lat)))
		return;
	x = float8out_internal(lon);
	y = float8out_internal(lat);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("coordinates (%s, %s) are not longitude and latitude", x, y),
			 on_earth(lat, lon) ?
			 errhint("They look swapped: try longitude %s, latitude %s.", y, x) :
			 errhint("Longitude runs from -180 to 180, latitude from -90 to 90, in degrees of WGS 84.")));
}

static void
check_srid(int32 srid)
{
	if (srid != MAP_SRID)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the map is in SRID %d, this geometry in SRID %d", MAP_SRID, srid),
				 srid == 0 ?
				 errhint("Say what it is: ST_SetSRID(geometry, %d) for longitude and latitude.", MAP_SRID) :
				 errhint("Convert it: ST_Transform(geometry, %d).", MAP_SRID)));
}

/*
 * _check_coordinates(lon float8, lat float8) returns void
 */
Datum
mkt__check_coordinates(PG_FUNCTION_ARGS)
{
	check_coordinates(PG_GETARG_FLOAT8(0), PG_GETARG_FLOAT8(1));
	PG_RETURN_VOID();
}

/*
 * _check_srid(srid integer) returns void
 */
Datum
mkt__check_srid(PG_FUNCTION_ARGS)
{
	check_srid(PG_GETARG_INT32(0));
	PG_RETURN_VOID();
}

/* ---- geometry ------------------------------------------------------------------------ */

/* The next n bytes as a number; complains if there are not so many. */
static uint64
take(const uint8 **at, const uint8 *end, bool little, int n)
{
	uint64		value = 0;

	if (end - *at < n)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("the bytes of a geometry end too early"),
				 errhint("Pass ST_AsEWKB(point).")));
	for (int i = 0; i < n; i++)
		value |= (uint64) (*at)[i] << 8 * (little ? i : n - 1 - i);
	*at += n;
	return value;
}

static double
take_float8(const uint8 **at, const uint8 *end, bool little)
{
	uint64		bits = take(at, end, little, sizeof(double));
	double		value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

static Shape
read_shape(const bytea *ewkb)
{
	const uint8 *at = (const uint8 *) VARDATA_ANY(ewkb);
	const uint8 *end = at + VARSIZE_ANY_EXHDR(ewkb);
	bool		little = take(&at, end, true, 1) == 1;
	uint32		type = (uint32) take(&at, end, little, 4);
	Shape		shape = {type & ~EWKB_FLAGS, 0, false, 0, 0};

	if (type & EWKB_SRID)
		shape.srid = (int32) take(&at, end, little, 4);
	if (shape.type == EWKB_POINT)
	{
		shape.x = take_float8(&at, end, little);
		shape.y = take_float8(&at, end, little);
		shape.empty = isnan(shape.x) && isnan(shape.y);
	}
	else
		shape.empty = take(&at, end, little, 4) == 0;
	return shape;
}

/* A point of the map, or an error that says what it is instead. */
static Shape
read_point(const bytea *ewkb)
{
	Shape		shape = read_shape(ewkb);

	if (shape.type != EWKB_POINT || shape.empty)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s%s is not a point on the map", shape.empty ? "an empty " : "a ",
						shape.empty ? "geometry" : type_name(shape.type)),
				 errhint("Pass one point, for example ST_Centroid(shape).")));
	check_srid(shape.srid);
	check_coordinates(shape.x, shape.y);
	return shape;
}

static const char *
type_name(uint32 type)
{
	static const char *const names[] = {
		"geometry", "point", "linestring", "polygon", "multipoint", "multilinestring",
		"multipolygon", "geometrycollection", "circularstring", "compoundcurve",
		"curvepolygon", "multicurve", "multisurface", "curve", "surface",
		"polyhedralsurface", "tin", "triangle"
	};

	return names[type < lengthof(names) ? type : 0];
}

/* ---- what there is -------------------------------------------------------------------- */

/*
 * grid_index_info(OUT cells int, vertices bigint, edges bigint, tiles int,
 *				   squares bigint, bytes bigint, build_ms float8, built_at timestamptz)
 */
Datum
mkt_grid_index_info(PG_FUNCTION_ARGS)
{
	const GridMap *map = mkt_grid_map();
	TupleDesc	desc;
	Datum		value[8];
	bool		isnull[8] = {0};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	value[0] = Int32GetDatum((int32) map->index->ncells);
	value[1] = Int64GetDatum(map->index->nvertices);
	value[2] = Int64GetDatum(map->index->nedges);
	value[3] = Int32GetDatum((int32) (map->index->cols * map->index->rows));
	value[4] = Int64GetDatum(map->index->nsquares);
	value[5] = Int64GetDatum((int64) map->bytes);
	value[6] = Float8GetDatum(map->build_ms);
	value[7] = TimestampTzGetDatum(map->built_at);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, value, isnull)));
}
