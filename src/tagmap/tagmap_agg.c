/*-------------------------------------------------------------------------
 *
 * tagmap_agg.c
 *		Aggregates tagmap_agg, tagmap_or_agg and tagmap_xor_agg.
 *
 * Their state is a TagmapBuilder in the aggregate's context. Making a value of
 * it leaves the state usable, so the aggregates work over window frames; a
 * state travels between processes as the value's wire format and is checked on
 * arrival. tagmap_and_agg needs nothing of this: it is tagmap_and, repeated.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "fmgr.h"
#include "utils/memutils.h"

#include "tagmap.h"

PG_FUNCTION_INFO_V1(mkt_tagmap_agg_add);
PG_FUNCTION_INFO_V1(mkt_tagmap_or_agg_add);
PG_FUNCTION_INFO_V1(mkt_tagmap_or_agg_combine);
PG_FUNCTION_INFO_V1(mkt_tagmap_xor_agg_add);
PG_FUNCTION_INFO_V1(mkt_tagmap_xor_agg_combine);
PG_FUNCTION_INFO_V1(mkt_tagmap_agg_serialize);
PG_FUNCTION_INFO_V1(mkt_tagmap_or_agg_deserialize);
PG_FUNCTION_INFO_V1(mkt_tagmap_xor_agg_deserialize);
PG_FUNCTION_INFO_V1(mkt_tagmap_agg_final);

static MemoryContext agg_context(FunctionCallInfo fcinfo);
static Datum add_map(FunctionCallInfo fcinfo, bool xor);
static Datum combine(FunctionCallInfo fcinfo, bool xor);
static Datum deserialize(FunctionCallInfo fcinfo, bool xor);
static Tagmap *state_value(TagmapBuilder *state);

/*
 * tagmap_agg_add(internal, bigint) returns internal
 *		Runs once per row: no detour when the state exists.
 */
Datum
mkt_tagmap_agg_add(PG_FUNCTION_ARGS)
{
	MemoryContext old = MemoryContextSwitchTo(agg_context(fcinfo));
	TagmapBuilder *state;

	if (PG_ARGISNULL(0))
		state = mkt_tagmap_builder_new(&mkt_tagmap_host, false);
	else
		state = (TagmapBuilder *) PG_GETARG_POINTER(0);
	if (!PG_ARGISNULL(1))
		mkt_tagmap_builder_add(state,
							   mkt_tagmap_check_member(PG_GETARG_INT64(1)));
	MemoryContextSwitchTo(old);
	PG_RETURN_POINTER(state);
}

/*
 * tagmap_or_agg_add(internal, tagmap), tagmap_xor_agg_add(internal, tagmap)
 * return internal
 */
Datum
mkt_tagmap_or_agg_add(PG_FUNCTION_ARGS)
{
	return add_map(fcinfo, false);
}

Datum
mkt_tagmap_xor_agg_add(PG_FUNCTION_ARGS)
{
	return add_map(fcinfo, true);
}

/*
 * tagmap_or_agg_combine(internal, internal),
 * tagmap_xor_agg_combine(internal, internal) return internal
 */
Datum
mkt_tagmap_or_agg_combine(PG_FUNCTION_ARGS)
{
	return combine(fcinfo, false);
}

Datum
mkt_tagmap_xor_agg_combine(PG_FUNCTION_ARGS)
{
	return combine(fcinfo, true);
}

/*
 * tagmap_agg_serialize(internal) returns bytea
 */
Datum
mkt_tagmap_agg_serialize(PG_FUNCTION_ARGS)
{
	(void) agg_context(fcinfo);
	PG_RETURN_BYTEA_P((bytea *)
					  state_value((TagmapBuilder *) PG_GETARG_POINTER(0)));
}

/*
 * tagmap_or_agg_deserialize(bytea, internal),
 * tagmap_xor_agg_deserialize(bytea, internal) return internal
 */
Datum
mkt_tagmap_or_agg_deserialize(PG_FUNCTION_ARGS)
{
	return deserialize(fcinfo, false);
}

Datum
mkt_tagmap_xor_agg_deserialize(PG_FUNCTION_ARGS)
{
	return deserialize(fcinfo, true);
}

/*
 * tagmap_agg_final(internal) returns tagmap
 *		No row: the empty set.
 */
Datum
mkt_tagmap_agg_final(PG_FUNCTION_ARGS)
{
	(void) agg_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_TAGMAP_P(mkt_tagmap_make_empty());
	PG_RETURN_TAGMAP_P(state_value((TagmapBuilder *) PG_GETARG_POINTER(0)));
}

/* ---- what they share -------------------------------------------------------- */

/* Where the state lives; an error if not called as part of an aggregate. */
static MemoryContext
agg_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "function %u called outside an aggregate",
			 fcinfo->flinfo->fn_oid);
	return context;
}

static Datum
add_map(FunctionCallInfo fcinfo, bool xor)
{
	MemoryContext context = agg_context(fcinfo);
	Tagmap	   *map = PG_ARGISNULL(1) ? NULL : PG_GETARG_TAGMAP_P(1);
	MemoryContext old = MemoryContextSwitchTo(context);
	TagmapBuilder *state;

	if (PG_ARGISNULL(0))
		state = mkt_tagmap_builder_new(&mkt_tagmap_host, xor);
	else
		state = (TagmapBuilder *) PG_GETARG_POINTER(0);
	if (map != NULL)
		mkt_tagmap_builder_add_map(state, map);
	MemoryContextSwitchTo(old);
	PG_RETURN_POINTER(state);
}

/* Either state may be missing; the second belongs to somebody else. */
static Datum
combine(FunctionCallInfo fcinfo, bool xor)
{
	MemoryContext old = MemoryContextSwitchTo(agg_context(fcinfo));
	TagmapBuilder *state;

	if (PG_ARGISNULL(0))
		state = mkt_tagmap_builder_new(&mkt_tagmap_host, xor);
	else
		state = (TagmapBuilder *) PG_GETARG_POINTER(0);
	if (!PG_ARGISNULL(1))
		mkt_tagmap_builder_add_builder(state,
									   (TagmapBuilder *) PG_GETARG_POINTER(1));
	MemoryContextSwitchTo(old);
	PG_RETURN_POINTER(state);
}

static Datum
deserialize(FunctionCallInfo fcinfo, bool xor)
{
	bytea	   *wire = PG_GETARG_BYTEA_PP(0);
	TagmapBuilder *state;
	TagmapProblem problem;
	Tagmap	   *map;
	size_t		size;

	(void) agg_context(fcinfo);
	map = mkt_tagmap_wire_in(&mkt_tagmap_host,
							 (const unsigned char *) VARDATA_ANY(wire),
							 VARSIZE_ANY_EXHDR(wire), &size, &problem);
	if (map == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid tagmap aggregate state: %s", problem.why)));
	state = mkt_tagmap_builder_new(&mkt_tagmap_host, xor);
	mkt_tagmap_builder_add_map(state, map);
	pfree(map);
	PG_RETURN_POINTER(state);
}

static Tagmap *
state_value(TagmapBuilder *state)
{
	size_t		size;
	Tagmap	   *map = mkt_tagmap_builder_value(state, &size);

	return mkt_tagmap_finish(map, size);
}
