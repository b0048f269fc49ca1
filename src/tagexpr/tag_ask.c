/*-------------------------------------------------------------------------
 *
 * tag_ask.c
 *		The plain questions: how many, who, is this one among them.
 *
 * Every answer walks the plan block by block; memory does not grow with the
 * audience. Breakdowns and sums are in tag_measure.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "tag.h"

/* A walk over the members, one block in hand. */
typedef struct Walk
{
	TagQuery   *query;
	TagPlan    *plan;
	TagNumber  *number;			/* whose values are wanted, or NULL */
	int64		block;
	int64		stop;			/* first block not to visit */
	uint32		n;
	uint32		at;
	uint16	   *lows;
	uint64	   *values;
	bool	   *known;			/* has a value */
	MemoryContext scratch;		/* reset with every block */
} Walk;

#define SINGLE_XIDS 32
#define ROWS_KB		16384		/* most memory for rows of a whole audience */

/* A plan kept between the calls of one statement, and what it depends on. */
typedef struct Single
{
	TagQuery   *query;
	TagPlan    *plan;
	struct varlena *expr;
	bool		busy;			/* between open and suspended: an error was here */
	Oid			user;
	TransactionId xmin;
	TransactionId xmax;
	CommandId	curcid;
	uint32		xcnt;
	TransactionId xip[SINGLE_XIDS];
} Single;

static Single *single_query(FmgrInfo *flinfo, struct varlena *expr, TimestampTz as_of);
static Walk *walk_open(struct varlena *expr, const text *code, int64 from, int64 stop,
					   TimestampTz as_of);
static void open_rows(FunctionCallInfo fcinfo, bits32 flags);
static bool walk_block(Walk *walk);
static void walk_close(Walk *walk);
static void block_range(FunctionCallInfo fcinfo, int first, int64 *from, int64 *stop);
static Datum stream_members(FunctionCallInfo fcinfo, int64 from, int64 stop, TimestampTz as_of);

PG_FUNCTION_INFO_V1(mkt_audience_count);
PG_FUNCTION_INFO_V1(mkt_audience);
PG_FUNCTION_INFO_V1(mkt_has_tags);
PG_FUNCTION_INFO_V1(mkt_audience_members);
PG_FUNCTION_INFO_V1(mkt__audience_members);
PG_FUNCTION_INFO_V1(mkt__audience_values);
PG_FUNCTION_INFO_V1(mkt__blocks);
PG_FUNCTION_INFO_V1(mkt__tagmap_is_block);

/*
 * audience_count(tagexpr, as_of timestamptz) returns bigint
 */
Datum
mkt_audience_count(PG_FUNCTION_ARGS)
{
	TagQuery   *query = mkt_tag_query_open(PG_GETARG_TIMESTAMPTZ(1));
	TagPlan    *plan = mkt_tag_query_plan_value(query, PG_GETARG_TAGEXPR_PP(0));
	int64		block = -1;
	int64		count = 0;
	TagSet		set;

	while (mkt_tag_plan_step(plan, true, &block, &set))
		count += set.count;
	mkt_tag_query_close(query);
	PG_RETURN_INT64(count);
}

/*
 * audience(tagexpr, as_of timestamptz) returns tagmap
 */
Datum
mkt_audience(PG_FUNCTION_ARGS)
{
	TagQuery   *query = mkt_tag_query_open(PG_GETARG_TIMESTAMPTZ(1));
	TagPlan    *plan = mkt_tag_query_plan_value(query, PG_GETARG_TAGEXPR_PP(0));
	uint64	   *payload = palloc(TAGMAP_BITMAP_BYTES);
	int64		block = -1;
	TagmapWriter writer;
	Tagmap	   *map;
	size_t		size;
	TagSet		set;

	mkt_tagmap_writer_open(&writer, &mkt_tagmap_host, 16);
	while (mkt_tag_plan_step(plan, false, &block, &set))
	{
		TagmapChunk chunk;

		mkt_tag_set_to_chunk(&set, (uint32) block, payload, &chunk);
		mkt_tagmap_writer_add(&writer, &chunk);
	}
	map = mkt_tagmap_writer_close(&writer, &size);
	mkt_tag_query_close(query);
	PG_RETURN_TAGMAP_P(mkt_tagmap_finish(map, size));
}

/*
 * has_tags(cid bigint, tagexpr, as_of timestamptz) returns boolean
 *		One index lookup per tag that has to be asked.
 */
Datum
mkt_has_tags(PG_FUNCTION_ARGS)
{
	uint64		cid = mkt_tagmap_check_member(PG_GETARG_INT64(0));
	Single	   *single = single_query(fcinfo->flinfo, PG_GETARG_TAGEXPR_PP(1),
										 PG_GETARG_TIMESTAMPTZ(2));
	MemoryContext old = MemoryContextSwitchTo(single->query->context);
	bool		has = mkt_tag_plan_has(single->plan, mkt_tagmap_block_of(cid),
									   mkt_tagmap_low_of(cid));

	mkt_tag_query_suspend(single->query);
	single->busy = false;
	MemoryContextSwitchTo(old);
	PG_RETURN_BOOL(has);
}

/*
 * audience_members(tagexpr, as_of timestamptz) returns setof bigint
 */
Datum
mkt_audience_members(PG_FUNCTION_ARGS)
{
	return stream_members(fcinfo, 0, TAG_BLOCK_END, PG_GETARG_TIMESTAMPTZ(1));
}

/*
 * _audience_members(tagexpr, from_block int, to_block int, as_of timestamptz)
 * returns setof bigint
 *		Members in the blocks from .. to - 1.
 */
Datum
mkt__audience_members(PG_FUNCTION_ARGS)
{
	int64		from;
	int64		stop;

	block_range(fcinfo, 1, &from, &stop);
	return stream_members(fcinfo, from, stop, PG_GETARG_TIMESTAMPTZ(3));
}

/*
 * _audience_values(tagexpr, code text, from_block int, to_block int, as_of timestamptz)
 * returns table (cid bigint, value numeric)
 */
Datum
mkt__audience_values(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	int64		from;
	int64		stop;
	Walk	   *walk;

	open_rows(fcinfo, 0);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(2) || PG_ARGISNULL(3) || PG_ARGISNULL(4))
		return (Datum) 0;
	block_range(fcinfo, 2, &from, &stop);
	walk = walk_open(PG_GETARG_TAGEXPR_PP(0), PG_ARGISNULL(1) ? NULL : PG_GETARG_TEXT_PP(1),
					 from, stop, PG_GETARG_TIMESTAMPTZ(4));
	while (walk_block(walk))
	{
		MemoryContext old = MemoryContextSwitchTo(walk->scratch);
		uint64		first = mkt_tagmap_first_of((uint32) walk->block);
		Datum		row[2];
		bool		nulls[2] = {false, true};

		for (uint32 i = 0; i < walk->n; i++)
		{
			row[0] = Int64GetDatum((int64) (first + walk->lows[i]));
			nulls[1] = walk->number == NULL || !walk->known[i];
			if (!nulls[1])
				row[1] = mkt_tag_number_datum(walk->number->tag, walk->values[i]);
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, row, nulls);
		}
		MemoryContextSwitchTo(old);
	}
	walk_close(walk);
	return (Datum) 0;
}

/*
 * _blocks() returns int
 *		1 + the highest block of the universe.
 */
Datum
mkt__blocks(PG_FUNCTION_ARGS)
{
	TagStore	store;
	Tag		   *live;
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;
	int32		blocks = 0;

	mkt_tag_store_open(&store);
	live = mkt_tag_need(&store, "live", 4);
	ScanKeyInit(&keys[0], Anum_tag_block_tag_id, BTEqualStrategyNumber, F_INT4EQ,
				Int32GetDatum(live->tag_id));
	ScanKeyInit(&keys[1], Anum_tag_block_slice, BTEqualStrategyNumber, F_INT2EQ,
				Int16GetDatum(0));
	scan = systable_beginscan_ordered(store.block, store.block_index, store.snapshot, 2, keys);
	tuple = systable_getnext_ordered(scan, BackwardScanDirection);
	if (HeapTupleIsValid(tuple))
	{
		bool		isnull;

		blocks = 1 + DatumGetInt32(heap_getattr(tuple, Anum_tag_block_block,
												RelationGetDescr(store.block), &isnull));
	}
	systable_endscan_ordered(scan);
	mkt_tag_store_close(&store);
	PG_RETURN_INT32(blocks);
}

/*
 * _tagmap_is_block(tagmap, int) returns boolean
 *		Does the set lie in this one block, and is it not empty?
 */
Datum
mkt__tagmap_is_block(PG_FUNCTION_ARGS)
{
	Tagmap	   *map = PG_GETARG_TAGMAP_P(0);
	int32		block = PG_GETARG_INT32(1);

	PG_RETURN_BOOL(mkt_tagmap_nblocks(map) == 1 && block >= 0 &&
				   map->dir[0].block == (uint32) block);
}

/* ---- one customer after another ---------------------------------------------------- */

static bool
same_snapshot(const Single *single, Snapshot snapshot)
{
	return single->xmin == snapshot->xmin && single->xmax == snapshot->xmax &&
		single->curcid == snapshot->curcid && single->xcnt == snapshot->xcnt &&
		snapshot->subxcnt == 0 && !snapshot->suboverflowed &&
		memcmp(single->xip, snapshot->xip, snapshot->xcnt * sizeof(TransactionId)) == 0;
}

static void
remember_snapshot(Single *single, Snapshot snapshot)
{
	single->xcnt = PG_UINT32_MAX;	/* unlike any */
	if (snapshot->xcnt > SINGLE_XIDS)
		return;
	single->xmin = snapshot->xmin;
	single->xmax = snapshot->xmax;
	single->curcid = snapshot->curcid;
	single->xcnt = snapshot->xcnt;
	memcpy(single->xip, snapshot->xip, snapshot->xcnt * sizeof(TransactionId));
}

/*
 * The plan of the expression, from the last call if that asked the same in the
 * same snapshot: within a statement the names are looked up once.
 */
static Single *
single_query(FmgrInfo *flinfo, struct varlena *expr, TimestampTz as_of)
{
	Single	   *single = flinfo->fn_extra;
	Snapshot	snapshot = GetActiveSnapshot();
	MemoryContext old;

	if (single != NULL && !single->busy && single->user == GetUserId() &&
		single->query->store.as_of == as_of && same_snapshot(single, snapshot) &&
		VARSIZE_ANY_EXHDR(single->expr) == VARSIZE_ANY_EXHDR(expr) &&
		memcmp(VARDATA_ANY(single->expr), VARDATA_ANY(expr), VARSIZE_ANY_EXHDR(expr)) == 0)
	{
		single->busy = true;
		mkt_tag_query_resume(single->query);
		return single;
	}
	if (single != NULL)
		MemoryContextDelete(single->query->context);
	flinfo->fn_extra = NULL;
	old = MemoryContextSwitchTo(flinfo->fn_mcxt);
	single = MemoryContextAllocZero(flinfo->fn_mcxt, sizeof(Single));
	single->query = mkt_tag_query_open(as_of);
	MemoryContextSwitchTo(single->query->context);
	single->query->exact = true;
	single->plan = mkt_tag_query_plan_value(single->query, expr);
	single->expr = palloc(VARSIZE_ANY(expr));
	memcpy(single->expr, expr, VARSIZE_ANY(expr));
	single->user = GetUserId();
	single->busy = true;
	remember_snapshot(single, snapshot);
	mkt_tag_query_suspend(single->query);
	mkt_tag_query_resume(single->query);
	MemoryContextSwitchTo(old);
	flinfo->fn_extra = single;
	return single;
}

/* ---- walking ------------------------------------------------------------------- */

static void
block_range(FunctionCallInfo fcinfo, int first, int64 *from, int64 *stop)
{
	*from = PG_GETARG_INT32(first);
	*stop = PG_GETARG_INT32(first + 1);
	if (*from < 0 || *stop < *from)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%d to %d is no range of blocks", (int) *from, (int) *stop),
				 errhint("Blocks run from 0 to mkt._blocks(), the last not included.")));
}

/* In the current memory context. */
static Walk *
walk_open(struct varlena *expr, const text *code, int64 from, int64 stop, TimestampTz as_of)
{
	Walk	   *walk = palloc0(sizeof(Walk));

	walk->query = mkt_tag_query_open(as_of);
	walk->plan = mkt_tag_query_plan_value(walk->query, expr);
	walk->block = from - 1;
	walk->stop = stop;
	walk->scratch = AllocSetContextCreate(CurrentMemoryContext, "mkt walk block",
										  ALLOCSET_DEFAULT_SIZES);
	walk->lows = palloc(TAGMAP_BLOCK_BITS * sizeof(uint16));
	if (code != NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(walk->query->context);

		walk->number = mkt_tag_query_number(walk->query,
											mkt_tag_need_values(&walk->query->store, code));
		MemoryContextSwitchTo(old);
		walk->values = palloc(TAG_VALUES_ROOM * sizeof(uint64));
		walk->known = palloc(TAGMAP_BLOCK_BITS * sizeof(bool));
	}
	return walk;
}

static void
walk_values(Walk *walk, const TagSet *members)
{
	TagSet		exists;

	mkt_tag_set_from_cursor(walk->number->exists, walk->block, &exists);
	for (uint32 i = 0; i < walk->n; i++)
		walk->known[i] = mkt_tag_set_has(&exists, walk->lows[i]);
	mkt_tag_number_load(walk->number, walk->block);
	mkt_tag_number_values(walk->number, members, walk->values);
}

/* Take the next block in hand. A stream comes here in a context of one row. */
static bool
walk_block(Walk *walk)
{
	MemoryContext old = MemoryContextSwitchTo(walk->query->context);
	TagSet		set;

	MemoryContextReset(walk->scratch);
	walk->at = walk->n = 0;
	if (mkt_tag_plan_step(walk->plan, false, &walk->block, &set) &&
		walk->block < walk->stop)
	{
		walk->n = mkt_tag_set_lows(&set, walk->lows);
		if (walk->number != NULL)
			walk_values(walk, &set);
	}
	MemoryContextSwitchTo(old);
	return walk->n > 0;
}

static void
walk_close(Walk *walk)
{
	mkt_tag_query_close(walk->query);
	MemoryContextDelete(walk->scratch);
}

/*
 * A place for the rows, as InitMaterializedSRF() makes it, but flat: millions of
 * rows go to a temporary file soon, however large work_mem is.
 */
static void
open_rows(FunctionCallInfo fcinfo, bits32 flags)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext old;

	InitMaterializedSRF(fcinfo, flags);
	tuplestore_end(rsinfo->setResult);
	old = MemoryContextSwitchTo(rsinfo->econtext->ecxt_per_query_memory);
	rsinfo->setResult = tuplestore_begin_heap((rsinfo->allowedModes & SFRM_Materialize_Random) != 0,
											  false, Min(work_mem, ROWS_KB));
	MemoryContextSwitchTo(old);
}

/* ---- members, into a tuple store or one by one ------------------------------------ */

static void
walk_shutdown(Datum arg)
{
	walk_close((Walk *) DatumGetPointer(arg));
}

/* Where the caller likes it (a FROM clause), all members at once. */
static Datum
materialize_members(FunctionCallInfo fcinfo, int64 from, int64 stop, TimestampTz as_of)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Walk	   *walk;

	open_rows(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	walk = walk_open(PG_GETARG_TAGEXPR_PP(0), NULL, from, stop, as_of);
	while (walk_block(walk))
	{
		uint64		first = mkt_tagmap_first_of((uint32) walk->block);
		bool		isnull = false;

		for (uint32 i = 0; i < walk->n; i++)
		{
			Datum		cid = Int64GetDatum((int64) (first + walk->lows[i]));

			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, &cid, &isnull);
		}
	}
	walk_close(walk);
	return (Datum) 0;
}

static Datum
stream_members(FunctionCallInfo fcinfo, int64 from, int64 stop, TimestampTz as_of)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	FuncCallContext *context;
	Walk	   *walk;

	if (rsinfo != NULL && IsA(rsinfo, ReturnSetInfo) &&
		(rsinfo->allowedModes & SFRM_Materialize_Preferred) != 0)
		return materialize_members(fcinfo, from, stop, as_of);
	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext old;

		context = SRF_FIRSTCALL_INIT();
		old = MemoryContextSwitchTo(context->multi_call_memory_ctx);
		walk = walk_open(PG_GETARG_TAGEXPR_PP(0), NULL, from, stop, as_of);
		MemoryContextSwitchTo(old);
		context->user_fctx = walk;
		RegisterExprContextCallback(rsinfo->econtext, walk_shutdown, PointerGetDatum(walk));
	}
	context = SRF_PERCALL_SETUP();
	walk = context->user_fctx;
	if (walk->at == walk->n && !walk_block(walk))
	{
		UnregisterExprContextCallback(rsinfo->econtext, walk_shutdown, PointerGetDatum(walk));
		walk_close(walk);
		SRF_RETURN_DONE(context);
	}
	SRF_RETURN_NEXT(context,
					Int64GetDatum((int64) mkt_tagmap_first_of((uint32) walk->block) +
								  walk->lows[walk->at++]));
}
