/*-------------------------------------------------------------------------
 *
 * grid_point.c
 *		What is a point on the map: coordinates, SRID, and geometry as PostGIS
 *		hands it over.
 *
 * A geometry value is read as it is stored when it is a plain point: behind
 * the varlena header an SRID of three bytes, a byte of flags, type and number
 * of points as words, then the coordinates. Stored geometry outlives major
 * versions, so this cannot change under us; whatever is not exactly of
 * that form is asked of PostGIS, as extended well-known binary.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include <math.h>

#include "fmgr.h"
#include "nodes/pg_list.h"
#include "nodes/value.h"
#include "parser/parse_func.h"
#include "utils/float.h"
#include "utils/lsyscache.h"

#include "grid.h"

/* Stored geometry: flags, and what a point without a box takes. */
#define STORED_Z		0x01
#define STORED_M		0x02
#define STORED_VERSION	0x40	/* of the flags: means nothing here */
#define STORED_HEAD		12		/* bytes before the coordinates */

/* Extended well-known binary: flags of the type word, and the type of a point. */
#define EWKB_SRID	0x20000000u
#define EWKB_FLAGS	0xe0000000u
#define EWKB_POINT	1

static bool stored_point(const struct varlena *geometry, GridShape *shape);
static GridShape read_ewkb(const bytea *ewkb);
static const char *type_name(uint32 type);

PG_FUNCTION_INFO_V1(mkt__check_coordinates);
PG_FUNCTION_INFO_V1(mkt__check_srid);

/* ---- checks -------------------------------------------------------------------------- */

bool
mkt_grid_on_earth(double lon, double lat)
{
	/* false for NaN */
	return lon >= -180 && lon <= 180 && lat >= -90 && lat <= 90;
}

void
mkt_grid_check_coordinates(double lon, double lat)
{
	char	   *x,
			   *y;

	if (likely(mkt_grid_on_earth(lon, lat)))
		return;
	x = float8out_internal(lon);
	y = float8out_internal(lat);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("coordinates (%s, %s) are not longitude and latitude", x, y),
			 mkt_grid_on_earth(lat, lon) ?
			 errhint("They look swapped: try longitude %s, latitude %s.", y, x) :
			 errhint("Longitude runs from -180 to 180, latitude from -90 to 90, in degrees of WGS 84.")));
}

/* CGCS2000 and WGS 84 are one thing at the accuracy of a map. */
static bool
is_map_srid(int32 srid)
{
	return srid == MAP_SRID || srid == CGCS2000_SRID;
}

static void
check_srid(int32 srid)
{
	if (!is_map_srid(srid))
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
	mkt_grid_check_coordinates(PG_GETARG_FLOAT8(0), PG_GETARG_FLOAT8(1));
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

GridShape
mkt_grid_read_shape(Datum geometry, Oid type)
{
	struct varlena *bytes = PG_DETOAST_DATUM_PACKED(geometry);
	GridShape	shape;
	Oid			as_ewkb;

	if (likely(stored_point(bytes, &shape)))
		return shape;
	as_ewkb = LookupFuncName(list_make2(makeString("mkt"), makeString("_as_ewkb")), 1, &type, false);
	return read_ewkb(DatumGetByteaPP(OidFunctionCall1(as_ewkb, geometry)));
}

bool
mkt_grid_is_place(const GridShape *shape)
{
	return shape->type == EWKB_POINT && is_map_srid(shape->srid) &&
		mkt_grid_on_earth(shape->x, shape->y);
}

void
mkt_grid_check_place(const GridShape *shape)
{
	if (shape->type != EWKB_POINT || shape->empty)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s%s is not a point on the map", shape->empty ? "an empty " : "a ",
						shape->empty ? "geometry" : type_name(shape->type)),
				 errhint("Pass one point, for example ST_Centroid(shape).")));
	check_srid(shape->srid);
	mkt_grid_check_coordinates(shape->x, shape->y);
}

/* A plain point that is not empty; false: it is, or may be, something else. */
static bool
stored_point(const struct varlena *geometry, GridShape *shape)
{
	const uint8 *at = (const uint8 *) VARDATA_ANY(geometry);
	Size		size = VARSIZE_ANY_EXHDR(geometry);
	uint32		head[2];		/* type, number of points */
	int			dims;

	if (size < STORED_HEAD || (at[3] & ~(STORED_Z | STORED_M | STORED_VERSION)) != 0)
		return false;
	memcpy(head, at + 4, sizeof(head));
	dims = 2 + ((at[3] & STORED_Z) != 0) + ((at[3] & STORED_M) != 0);
	if (head[0] != EWKB_POINT || head[1] != 1 || size != STORED_HEAD + dims * sizeof(double))
		return false;
	shape->type = EWKB_POINT;
	shape->srid = at[0] << 16 | at[1] << 8 | at[2];
	memcpy(&shape->x, at + STORED_HEAD, sizeof(double));
	memcpy(&shape->y, at + STORED_HEAD + sizeof(double), sizeof(double));
	shape->empty = isnan(shape->x) && isnan(shape->y);
	return true;
}

/* The next n bytes as a number; complains if there are not so many. */
static uint64
take(const uint8 **at, const uint8 *end, bool little, int n)
{
	uint64		value = 0;

	if (end - *at < n)
		elog(ERROR, "the bytes of a geometry end too early");
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

static GridShape
read_ewkb(const bytea *ewkb)
{
	const uint8 *at = (const uint8 *) VARDATA_ANY(ewkb);
	const uint8 *end = at + VARSIZE_ANY_EXHDR(ewkb);
	bool		little = take(&at, end, true, 1) == 1;
	uint32		type = (uint32) take(&at, end, little, 4);
	GridShape	shape = {type & ~EWKB_FLAGS, 0, false, 0, 0};

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
