/*-------------------------------------------------------------------------
 *
 * tagmap_info.c
 *		Questions about one set: cardinality, order, members, blocks.
 *
 * Also the planner's estimate for members(), and the self-test of the SIMD
 * kernels.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"
#include "utils/builtins.h"

#include "tagmap.h"

PG_FUNCTION_INFO_V1(mkt_card);
PG_FUNCTION_INFO_V1(mkt_is_empty);
PG_FUNCTION_INFO_V1(mkt_tagmap_min);
PG_FUNCTION_INFO_V1(mkt_tagmap_max);
PG_FUNCTION_INFO_V1(mkt_tagmap_rank);
PG_FUNCTION_INFO_V1(mkt_tagmap_nth);
PG_FUNCTION_INFO_V1(mkt_members);
PG_FUNCTION_INFO_V1(mkt_members_support);
PG_FUNCTION_INFO_V1(mkt_clip);
PG_FUNCTION_INFO_V1(mkt_blocks);
PG_FUNCTION_INFO_V1(mkt_simd_check);

/* Where members() stands: one block spelt out at a time. */
typedef struct MembersState
{
	TagmapCursor cursor;
	uint32		next;			/* index into lows */
	uint16		lows[TAGMAP_BLOCK_BITS];
} MembersState;

static Tagmap *directory_of(Datum datum);

/*
 * card(tagmap) returns bigint
 */
Datum
mkt_card(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64((int64)
					mkt_tagmap_cardinality(directory_of(PG_GETARG_DATUM(0))));
}

/*
 * is_empty(tagmap) returns boolean
 */
Datum
mkt_is_empty(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(mkt_tagmap_nblocks(directory_of(PG_GETARG_DATUM(0))) == 0);
}

/*
 * Header and directory of a set; payloads may be missing. Of a set stored out
 * of line only these bytes are fetched.
 */
static Tagmap *
directory_of(Datum datum)
{
	struct varlena *stored = (struct varlena *) DatumGetPointer(datum);
	Tagmap	   *head;
	int32		bytes;

	if (!VARATT_IS_EXTERNAL_ONDISK(stored))
		return mkt_tagmap_from_datum(datum);
	head = (Tagmap *) PG_DETOAST_DATUM_SLICE(datum, 0, sizeof(head->head));
	head = mkt_tagmap_from_datum(PointerGetDatum(head));
	bytes = sizeof(head->head) +
		mkt_tagmap_nblocks(head) * sizeof(TagmapDirEntry);
	return (Tagmap *) PG_DETOAST_DATUM_SLICE(datum, 0, bytes);
}

/*
 * tagmap_min(tagmap), tagmap_max(tagmap) return bigint
 *		NULL for the empty set.
 */
Datum
mkt_tagmap_min(PG_FUNCTION_ARGS)
{
	uint64_t	member;

	if (!mkt_tagmap_set_min(PG_GETARG_TAGMAP_P(0), &member))
		PG_RETURN_NULL();
	PG_RETURN_INT64((int64) member);
}

Datum
mkt_tagmap_max(PG_FUNCTION_ARGS)
{
	uint64_t	member;

	if (!mkt_tagmap_set_max(PG_GETARG_TAGMAP_P(0), &member))
		PG_RETURN_NULL();
	PG_RETURN_INT64((int64) member);
}

/*
 * tagmap_rank(tagmap, bigint) returns bigint
 *		Members up to and including the number.
 */
Datum
mkt_tagmap_rank(PG_FUNCTION_ARGS)
{
	Tagmap	   *map = PG_GETARG_TAGMAP_P(0);
	uint64		member = mkt_tagmap_check_member(PG_GETARG_INT64(1));

	PG_RETURN_INT64((int64) (mkt_tagmap_set_rank(map, member) +
							 mkt_tagmap_set_has(map, member)));
}

/*
 * tagmap_nth(tagmap, bigint) returns bigint
 *		The n-th member, counted from 1; NULL if there is none.
 */
Datum
mkt_tagmap_nth(PG_FUNCTION_ARGS)
{
	Tagmap	   *map = PG_GETARG_TAGMAP_P(0);
	int64		n = PG_GETARG_INT64(1);
	uint64_t	member;

	if (n < 1 || !mkt_tagmap_set_nth(map, (uint64) n - 1, &member))
		PG_RETURN_NULL();
	PG_RETURN_INT64((int64) member);
}

/*
 * members(tagmap) returns setof bigint
 *		Ascending; memory for one block, however large the set.
 */
Datum
mkt_members(PG_FUNCTION_ARGS)
{
	FuncCallContext *call;
	MembersState *state;

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext old;

		call = SRF_FIRSTCALL_INIT();
		old = MemoryContextSwitchTo(call->multi_call_memory_ctx);
		state = palloc(sizeof(MembersState));
		mkt_tagmap_open(&state->cursor, PG_GETARG_TAGMAP_P(0));
		state->next = 0;
		call->user_fctx = state;
		MemoryContextSwitchTo(old);
	}
	call = SRF_PERCALL_SETUP();
	state = (MembersState *) call->user_fctx;
	if (state->next == state->cursor.chunk.card)
	{
		CHECK_FOR_INTERRUPTS();
		if (!mkt_tagmap_next(&state->cursor))
			SRF_RETURN_DONE(call);
		mkt_tagmap_chunk_lows(&state->cursor.chunk, state->lows);
		state->next = 0;
	}
	SRF_RETURN_NEXT(call, Int64GetDatum((int64)
										(mkt_tagmap_first_of(state->cursor.chunk.block) +
										 state->lows[state->next++])));
}

/*
 * members_support(internal) returns internal
 *		Rows of members(): exact where the set is a constant.
 */
Datum
mkt_members_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);
	SupportRequestRows *rows;
	Node	   *argument;

	if (!IsA(request, SupportRequestRows))
		PG_RETURN_POINTER(NULL);
	rows = (SupportRequestRows *) request;
	if (!is_funcclause(rows->node) ||
		list_length(((FuncExpr *) rows->node)->args) != 1)
		PG_RETURN_POINTER(NULL);
	argument = (Node *) linitial(((FuncExpr *) rows->node)->args);
	if (!IsA(argument, Const))
		PG_RETURN_POINTER(NULL);
	if (((Const *) argument)->constisnull)
		rows->rows = 0;
	else
		rows->rows = (double)
			mkt_tagmap_cardinality(directory_of(((Const *) argument)->constvalue));
	PG_RETURN_POINTER(request);
}

/*
 * clip(tagmap, block integer) returns tagmap
 *		The part of the set in one block.
 */
Datum
mkt_clip(PG_FUNCTION_ARGS)
{
	int32		block = PG_GETARG_INT32(1);
	TagmapChunk chunk;

	if (block < 0 || (uint32) block > TAGMAP_BLOCK_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("block %d is out of range", block),
				 errdetail("Blocks are numbered 0 to %u.", TAGMAP_BLOCK_MAX),
				 errhint("The block of a customer is cid / %d.",
						 TAGMAP_BLOCK_BITS)));
	mkt_tagmap_find(PG_GETARG_TAGMAP_P(0), (uint32) block, &chunk);
	PG_RETURN_TAGMAP_P(mkt_tagmap_make_from_chunk(&chunk));
}

/*
 * blocks(tagmap) returns table (block integer, members tagmap)
 *		The set cut into one-block sets.
 */
Datum
mkt_blocks(PG_FUNCTION_ARGS)
{
	FuncCallContext *call;
	TagmapCursor *cursor;
	Datum		values[2];
	bool		nulls[2] = {false, false};
	HeapTuple	tuple;

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext old;

		call = SRF_FIRSTCALL_INIT();
		old = MemoryContextSwitchTo(call->multi_call_memory_ctx);
		if (get_call_result_type(fcinfo, NULL, &call->tuple_desc) !=
			TYPEFUNC_COMPOSITE)
			elog(ERROR, "return type must be a row type");
		BlessTupleDesc(call->tuple_desc);
		cursor = palloc(sizeof(TagmapCursor));
		mkt_tagmap_open(cursor, PG_GETARG_TAGMAP_P(0));
		call->user_fctx = cursor;
		MemoryContextSwitchTo(old);
	}
	call = SRF_PERCALL_SETUP();
	cursor = (TagmapCursor *) call->user_fctx;
	CHECK_FOR_INTERRUPTS();
	if (!mkt_tagmap_next(cursor))
		SRF_RETURN_DONE(call);
	values[0] = Int32GetDatum((int32) cursor->chunk.block);
	values[1] = PointerGetDatum(mkt_tagmap_make_from_chunk(&cursor->chunk));
	tuple = heap_form_tuple(call->tuple_desc, values, nulls);
	SRF_RETURN_NEXT(call, HeapTupleGetDatum(tuple));
}

/*
 * simd_check(seed bigint, rounds integer)
 * returns table (kernel text, in_use boolean, mismatches bigint, first_wrong text)
 *		Every kernel this CPU can run against plain loops, on random blocks.
 */
Datum
mkt_simd_check(PG_FUNCTION_ARGS)
{
	int64		seed = PG_GETARG_INT64(0);
	int32		rounds = PG_GETARG_INT32(1);
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	const TagmapKernel *kernel;
	int			i;

	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; (kernel = mkt_tagmap_kernel_nth(i)) != NULL; i++)
	{
		Datum		values[4];
		bool		nulls[4] = {false, false, false, false};
		const char *wrong = NULL;
		uint64		mismatches = 0;
		int32		round;

		for (round = 0; round < rounds; round++)
		{
			CHECK_FOR_INTERRUPTS();
			mismatches += mkt_tagmap_kernel_check(kernel, (uint64) seed + round,
												  &wrong);
		}
		values[0] = CStringGetTextDatum(kernel->name);
		values[1] = BoolGetDatum(kernel == mkt_tagmap_kernel);
		values[2] = Int64GetDatum((int64) mismatches);
		nulls[3] = wrong == NULL;
		values[3] = nulls[3] ? (Datum) 0 : CStringGetTextDatum(wrong);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
