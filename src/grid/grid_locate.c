/*-------------------------------------------------------------------------
 *
 * grid_locate.c
 *		SQL functions of the map: one point to its cell or grid.
 *
 * Many points at once are in grid_many.c, what a point is in grid_point.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "grid.h"

PG_FUNCTION_INFO_V1(mkt_locate);
PG_FUNCTION_INFO_V1(mkt_locate_cell);
PG_FUNCTION_INFO_V1(mkt_locate_geometry);
PG_FUNCTION_INFO_V1(mkt_locate_cell_geometry);
PG_FUNCTION_INFO_V1(mkt__cell_at);
PG_FUNCTION_INFO_V1(mkt_grid_index_info);

/* ---- points to cells --------------------------------------------------------------- */

static inline bool
find(double lon, double lat, bool grid, int32 *answer)
{
	const GridMap *map = mkt_grid_map();
	int64		ordinal = mkt_grid_find(map->index, lon, lat, map->visible);

	if (ordinal >= 0)
		*answer = (grid ? map->index->grid_id : map->index->cell_id)[ordinal];
	return ordinal >= 0;
}

#define RETURN_FOUND(lon, lat, grid) \
	do { \
		int32		answer; \
		if (find(lon, lat, grid, &answer)) \
			PG_RETURN_INT32(answer); \
		PG_RETURN_NULL(); \
	} while (0)

/* The geometry argument of an SQL function of one argument. */
static inline GridShape
shape_argument(FunctionCallInfo fcinfo)
{
	Oid		   *types;
	int			n;

	if (fcinfo->flinfo->fn_extra == NULL)
	{
		(void) get_func_signature(fcinfo->flinfo->fn_oid, &types, &n);
		fcinfo->flinfo->fn_extra = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof(Oid));
		*(Oid *) fcinfo->flinfo->fn_extra = types[0];
	}
	return mkt_grid_read_shape(PG_GETARG_DATUM(0), *(Oid *) fcinfo->flinfo->fn_extra);
}

/*
 * locate(lon float8, lat float8) returns integer
 *		The grid at a point, NULL outside the map.
 */
Datum
mkt_locate(PG_FUNCTION_ARGS)
{
	double		lon = PG_GETARG_FLOAT8(0);
	double		lat = PG_GETARG_FLOAT8(1);

	mkt_grid_check_coordinates(lon, lat);
	RETURN_FOUND(lon, lat, true);
}

/*
 * locate_cell(lon float8, lat float8) returns integer
 */
Datum
mkt_locate_cell(PG_FUNCTION_ARGS)
{
	double		lon = PG_GETARG_FLOAT8(0);
	double		lat = PG_GETARG_FLOAT8(1);

	mkt_grid_check_coordinates(lon, lat);
	RETURN_FOUND(lon, lat, false);
}

/*
 * locate(point geometry) returns integer
 */
Datum
mkt_locate_geometry(PG_FUNCTION_ARGS)
{
	GridShape	point = shape_argument(fcinfo);

	mkt_grid_check_place(&point);
	RETURN_FOUND(point.x, point.y, true);
}

/*
 * locate_cell(point geometry) returns integer
 */
Datum
mkt_locate_cell_geometry(PG_FUNCTION_ARGS)
{
	GridShape	point = shape_argument(fcinfo);

	mkt_grid_check_place(&point);
	RETURN_FOUND(point.x, point.y, false);
}

/*
 * _cell_at(point geometry) returns integer
 *		As locate_cell(), but NULL for what is no point on earth.
 */
Datum
mkt__cell_at(PG_FUNCTION_ARGS)
{
	GridShape	shape = shape_argument(fcinfo);

	if (!mkt_grid_is_place(&shape))
		PG_RETURN_NULL();
	RETURN_FOUND(shape.x, shape.y, false);
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
