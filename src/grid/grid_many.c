/*-------------------------------------------------------------------------
 *
 * grid_many.c
 *		SQL functions of the map: many points at once.
 *
 * Points go to the map in batches, so that they wait for memory together
 * (grid_find.c), and the rows of a query come straight from the executor.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "tcop/dest.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

#include "grid.h"

#define POINTS_A_TURN 1024		/* a multiple of GRID_BATCH */

/* Counts the points of a query by cell. */
typedef struct Counter
{
	DestReceiver pub;
	Oid			geometry;		/* the column's type, or Invalid: lon and lat */
	uint64		generation;		/* of the map that is counted by */
	int64	   *count;			/* by ordinal, then those outside */
	int64		unplaced;		/* rows without a point */
	int			npoints;
	GridPoint	point[POINTS_A_TURN];
	int64		ordinal[POINTS_A_TURN];
} Counter;

static const float8 *coordinates(ArrayType *array, const char *what, int n);
static void count_startup(DestReceiver *self, int operation, TupleDesc desc);
static bool count_row(TupleTableSlot *slot, DestReceiver *self);
static void count_turn(Counter *counter);
static void count_nothing(DestReceiver *self);
static void run_query(const char *query, DestReceiver *dest);

PG_FUNCTION_INFO_V1(mkt_locate_cells);
PG_FUNCTION_INFO_V1(mkt_locate_count);

/* ---- arrays ------------------------------------------------------------------------ */

/*
 * locate_cells(lon float8[], lat float8[]) returns integer[]
 *		The cell at each point, NULL outside the map.
 */
Datum
mkt_locate_cells(PG_FUNCTION_ARGS)
{
	ArrayType  *lons = PG_GETARG_ARRAYTYPE_P(0);
	ArrayType  *lats = PG_GETARG_ARRAYTYPE_P(1);
	int			n = ArrayGetNItems(ARR_NDIM(lons), ARR_DIMS(lons));
	const float8 *lon = coordinates(lons, "longitudes", n);
	const float8 *lat = coordinates(lats, "latitudes", n);
	Datum	   *cell = MemoryContextAllocHuge(CurrentMemoryContext, Max(n, 1) * sizeof(Datum));
	bool	   *outside = MemoryContextAllocHuge(CurrentMemoryContext, Max(n, 1) * sizeof(bool));
	const GridMap *map = mkt_grid_map();
	GridPoint	point[POINTS_A_TURN];
	int64		ordinal[POINTS_A_TURN];
	int			lower = 1;

	for (int from = 0; from < n; from += POINTS_A_TURN)
	{
		int			turn = Min(n - from, POINTS_A_TURN);

		CHECK_FOR_INTERRUPTS();
		for (int i = 0; i < turn; i++)
		{
			mkt_grid_check_coordinates(lon[from + i], lat[from + i]);
			point[i] = (GridPoint) {lon[from + i], lat[from + i]};
		}
		mkt_grid_find_many(map->index, point, turn, map->visible, ordinal);
		for (int i = 0; i < turn; i++)
		{
			outside[from + i] = ordinal[i] < 0;
			cell[from + i] = Int32GetDatum(ordinal[i] < 0 ? 0 : map->index->cell_id[ordinal[i]]);
		}
	}
	if (n == 0)
		PG_RETURN_ARRAYTYPE_P(construct_empty_array(INT4OID));
	PG_RETURN_ARRAYTYPE_P(construct_md_array(cell, outside, 1, &n, &lower, INT4OID,
											 sizeof(int32), true, TYPALIGN_INT));
}

/* The numbers of an array: one list of n, none of them NULL. */
static const float8 *
coordinates(ArrayType *array, const char *what, int n)
{
	if (ARR_NDIM(array) > 1 || ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)) != n)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("the %s are not one list as long as the other", what),
				 errhint("Pass one longitude and one latitude for each point.")));
	if (array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("one of the %s is NULL", what),
				 errhint("Leave out what has no place.")));
	return (const float8 *) ARR_DATA_PTR(array);
}

/* ---- queries ------------------------------------------------------------------------ */

/*
 * locate_count(query text) returns table (cell_id integer, points bigint)
 *		How many points of a query each cell has; NULL: outside, or no point.
 */
Datum
mkt_locate_count(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	const GridMap *map = mkt_grid_map();
	Counter    *counter = palloc0(sizeof(Counter));
	uint32		ncells = map->index->ncells;

	InitMaterializedSRF(fcinfo, 0);
	counter->pub.receiveSlot = count_row;
	counter->pub.rStartup = count_startup;
	counter->pub.rShutdown = count_nothing;
	counter->pub.rDestroy = count_nothing;
	counter->pub.mydest = DestNone;
	counter->generation = map->generation;
	counter->count = MemoryContextAllocExtended(CurrentMemoryContext, (ncells + (Size) 1) * sizeof(int64),
												MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	run_query(text_to_cstring(PG_GETARG_TEXT_PP(0)), &counter->pub);
	count_turn(counter);
	map = mkt_grid_map();
	counter->count[ncells] += counter->unplaced;
	for (uint32 i = 0; i <= ncells; i++)
	{
		Datum		row[2];
		bool		nulls[2] = {i == ncells, false};

		row[0] = Int32GetDatum(i < ncells ? map->index->cell_id[i] : 0);
		row[1] = Int64GetDatum(counter->count[i]);
		if (counter->count[i] > 0)
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, row, nulls);
	}
	return (Datum) 0;
}

static void
run_query(const char *query, DestReceiver *dest)
{
	SPIExecuteOptions options = {0};
	SPIPlanPtr	plan;

	options.dest = dest;
	options.read_only = true;
	SPI_connect();
	plan = SPI_prepare(query, 0, NULL);
	if (plan == NULL || !SPI_is_cursor_plan(plan))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the points must come from one SELECT"),
				 errhint("Write a SELECT that gives a geometry, or longitude and latitude.")));
	if (SPI_execute_plan_extended(plan, &options) < 0)
		elog(ERROR, "SPI_execute_plan_extended failed: %s", query);
	SPI_finish();
}

/* PostGIS' type, wherever it is installed. */
static bool
is_geometry(Oid type)
{
	HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
	bool		is = HeapTupleIsValid(tuple) &&
		strcmp(NameStr(((Form_pg_type) GETSTRUCT(tuple))->typname), "geometry") == 0;

	if (HeapTupleIsValid(tuple))
		ReleaseSysCache(tuple);
	return is;
}

static void
count_startup(DestReceiver *self, int operation, TupleDesc desc)
{
	Counter    *counter = (Counter *) self;
	Oid			first = desc->natts > 0 ? TupleDescAttr(desc, 0)->atttypid : InvalidOid;

	if (desc->natts == 1 && is_geometry(first))
		counter->geometry = first;
	else if (desc->natts != 2 || first != FLOAT8OID || TupleDescAttr(desc, 1)->atttypid != FLOAT8OID)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("the query gives no points"),
				 errhint("It must give one column of type geometry, or longitude and latitude as float8.")));
}

static bool
count_row(TupleTableSlot *slot, DestReceiver *self)
{
	Counter    *counter = (Counter *) self;
	bool		geometry = OidIsValid(counter->geometry);
	GridPoint  *point = &counter->point[counter->npoints];

	slot_getsomeattrs(slot, geometry ? 1 : 2);
	if (slot->tts_isnull[0] || (!geometry && slot->tts_isnull[1]))
	{
		counter->unplaced++;
		return true;
	}
	if (geometry)
	{
		GridShape	shape = mkt_grid_read_shape(slot->tts_values[0], counter->geometry);

		mkt_grid_check_place(&shape);
		*point = (GridPoint) {shape.x, shape.y};
	}
	else
	{
		*point = (GridPoint) {DatumGetFloat8(slot->tts_values[0]), DatumGetFloat8(slot->tts_values[1])};
		mkt_grid_check_coordinates(point->x, point->y);
	}
	if (++counter->npoints == POINTS_A_TURN)
		count_turn(counter);
	return true;
}

/* Count the points at hand. The query's own functions may have changed the map. */
static void
count_turn(Counter *counter)
{
	const GridMap *map = mkt_grid_map();
	uint32		ncells = map->index->ncells;

	if (map->generation != counter->generation)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the map has changed while points were counted"),
				 errhint("Write a query that does not change the map.")));
	mkt_grid_find_many(map->index, counter->point, counter->npoints, map->visible, counter->ordinal);
	for (int i = 0; i < counter->npoints; i++)
		counter->count[counter->ordinal[i] < 0 ? ncells : counter->ordinal[i]]++;
	counter->npoints = 0;
}

static void
count_nothing(DestReceiver *self)
{
}
