/*-------------------------------------------------------------------------
 *
 * tag_load.c
 *		Values from a query into the slices of many tags, in one scan.
 *
 * The query's rows go straight from the executor into one slicer per tag
 * (tag_slicer.c), which wants them block by block. A row of a block that is over
 * waits: all that wait are sorted, spilling to disk, and go the same way
 * afterwards. So memory is one block per slice and what sorting is allowed,
 * however many customers there are.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include <math.h>

#include "catalog/pg_operator_d.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "tcop/dest.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/plancache.h"
#include "utils/timestamp.h"
#include "utils/tuplesort.h"

#include "tag.h"

#define SORT_KB		16384		/* most memory for rows that wait */
#define NO_BLOCK	PG_UINT32_MAX

/* A label of an enum and its value. */
typedef struct LabelEntry
{
	char		label[TAGEXPR_NAME_MAX + 1];
	int32		value;
} LabelEntry;

typedef struct Loader
{
	Tag		   *tag;
	TagStore	store;
	Oid			type;			/* of the query's column */
	FmgrInfo	to_numeric;		/* if it is neither integer nor numeric */
	Numeric		factor;			/* 10^scale, for numerics */
	int64		power;			/* the same, for integers */
	HTAB	   *labels;			/* of an enum fed with text */
	int32		next_label;
	TagSlicer  *slicer;
	double		ms;				/* time spent on it */
} Loader;

/* The executor's end of the query. */
typedef struct Receiver
{
	DestReceiver pub;
	Loader	  **loaders;
	int			nloaders;
	uint32		block;			/* at hand */
	int64	   *values;			/* of the row at hand, one per loader */
	bool	   *nulls;
	Tuplesortstate *waiting;	/* rows of earlier blocks; NULL: none yet */
	TupleTableSlot *waiter;		/* cid and values of one of them */
	MemoryContext context;
	MemoryContext row;			/* reset now and then */
	uint64		rows;
} Receiver;

static void load(const char *query, Loader **loaders, int nloaders);
static void take_row(Receiver *receiver, uint64 cid);
static void finish_block(Receiver *receiver);
static void let_wait(Receiver *receiver, uint64 cid);
static void take_waiting(Receiver *receiver);
static Loader *loader_open(Tag *tag);
static void loader_column(Loader *loader, Oid type, const char *name);
static int64 value_of(Loader *loader, uint64 cid, Datum value);

PG_FUNCTION_INFO_V1(mkt_tag_put_values);
PG_FUNCTION_INFO_V1(mkt__tag_load);

/*
 * tag_put_values(code text, query text, as_of timestamptz) returns bigint
 *		Replace a tag by the rows (cid, value) of a query; returns its members.
 */
Datum
mkt_tag_put_values(PG_FUNCTION_ARGS)
{
	char	   *query = text_to_cstring(PG_GETARG_TEXT_PP(1));
	TagStore	store;
	Tag		   *tag;
	Loader	   *loader;
	int64		members;

	SPI_connect();
	tag = mkt_tag_lock(&store, PG_GETARG_TEXT_PP(0), PG_GETARG_TIMESTAMPTZ(2));
	loader = loader_open(tag);
	load(query, &loader, 1);
	mkt_tag_slicer_write(loader->slicer, &store);
	members = tag->members;
	mkt_tag_written(&store, tag);
	SPI_finish();
	PG_RETURN_INT64(members);
}

/*
 * _tag_load(codes text[], query text, as_of timestamptz)
 * returns table (code text, members bigint, ms numeric)
 *		Replace many tags by the columns of one query: cid, then a value for
 *		each tag. ms is the tag's share of the scan and its own writing.
 */
Datum
mkt__tag_load(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	char	   *query = text_to_cstring(PG_GETARG_TEXT_PP(1));
	instr_time	start;
	instr_time	end;
	double		scan_ms;
	Loader	  **loaders;
	TagStore   *stores;
	Datum	   *codes;
	int			n;

	InitMaterializedSRF(fcinfo, 0);
	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &codes, NULL, &n);
	SPI_connect();
	loaders = palloc(n * sizeof(Loader *));
	stores = palloc(n * sizeof(TagStore));
	for (int i = 0; i < n; i++)
		loaders[i] = loader_open(mkt_tag_lock(&stores[i], DatumGetTextPP(codes[i]),
											  PG_GETARG_TIMESTAMPTZ(2)));
	INSTR_TIME_SET_CURRENT(start);
	load(query, loaders, n);
	INSTR_TIME_SET_CURRENT(end);
	INSTR_TIME_SUBTRACT(end, start);
	scan_ms = INSTR_TIME_GET_MILLISEC(end) / Max(n, 1);
	/* backwards, because each lock pushed a snapshot */
	for (int i = n - 1; i >= 0; i--)
	{
		INSTR_TIME_SET_CURRENT(start);
		mkt_tag_slicer_write(loaders[i]->slicer, &stores[i]);
		mkt_tag_written(&stores[i], loaders[i]->tag);
		INSTR_TIME_SET_CURRENT(end);
		INSTR_TIME_SUBTRACT(end, start);
		loaders[i]->ms = scan_ms + INSTR_TIME_GET_MILLISEC(end);
	}
	for (int i = 0; i < n; i++)
	{
		Datum		row[3];
		bool		nulls[3] = {false, false, false};

		row[0] = CStringGetTextDatum(loaders[i]->tag->code);
		row[1] = Int64GetDatum(loaders[i]->tag->members);
		row[2] = DirectFunctionCall1(float8_numeric,
									 Float8GetDatum(rint(loaders[i]->ms * 1000) / 1000));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, row, nulls);
	}
	SPI_finish();
	return (Datum) 0;
}

/* ---- the scan ------------------------------------------------------------------------ */

static void
receive_startup(DestReceiver *self, int operation, TupleDesc desc)
{
	Receiver   *receiver = (Receiver *) self;

	if (desc->natts != receiver->nloaders + 1)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("the query has %d columns, not %d", desc->natts, receiver->nloaders + 1),
				 errhint("It must give the customer number, then one value for each tag.")));
	if (TupleDescAttr(desc, 0)->atttypid != INT8OID && TupleDescAttr(desc, 0)->atttypid != INT4OID)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column cid is of type %s, not bigint",
						format_type_be(TupleDescAttr(desc, 0)->atttypid)),
				 errhint("The first column names the customer: SELECT cid, ...")));
	for (int i = 0; i < receiver->nloaders; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i + 1);

		loader_column(receiver->loaders[i], att->atttypid, NameStr(att->attname));
	}
}

static bool
receive_row(TupleTableSlot *slot, DestReceiver *self)
{
	Receiver   *receiver = (Receiver *) self;
	MemoryContext old;
	int64		member;
	uint64		cid;

	slot_getallattrs(slot);
	if (slot->tts_isnull[0])
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("the query gives a row without a customer number"),
				 errhint("Add WHERE cid IS NOT NULL.")));
	member = TupleDescAttr(slot->tts_tupleDescriptor, 0)->atttypid == INT8OID ?
		DatumGetInt64(slot->tts_values[0]) : DatumGetInt32(slot->tts_values[0]);
	cid = mkt_tagmap_check_member(member);
	old = MemoryContextSwitchTo(receiver->row);
	for (int i = 0; i < receiver->nloaders; i++)
	{
		Loader	   *loader = receiver->loaders[i];
		Datum		value = slot->tts_values[i + 1];

		receiver->nulls[i] = slot->tts_isnull[i + 1] ||
			(loader->type == BOOLOID && !DatumGetBool(value));
		if (!receiver->nulls[i])
			receiver->values[i] = value_of(loader, cid, value);
	}
	take_row(receiver, cid);
	MemoryContextSwitchTo(old);
	if (++receiver->rows % 256 == 0)
	{
		MemoryContextReset(receiver->row);
		CHECK_FOR_INTERRUPTS();
	}
	return true;
}

static void
receive_nothing(DestReceiver *self)
{
}

/* Put the row at hand into the loaders, or let it wait if its block is over. */
static void
take_row(Receiver *receiver, uint64 cid)
{
	uint32		block = mkt_tagmap_block_of(cid);

	if (block != receiver->block)
	{
		if (receiver->block != NO_BLOCK && block < receiver->block)
		{
			let_wait(receiver, cid);
			return;
		}
		finish_block(receiver);
		receiver->block = block;
	}
	for (int i = 0; i < receiver->nloaders; i++)
	{
		if (!receiver->nulls[i])
			mkt_tag_slicer_add(receiver->loaders[i]->slicer, cid, receiver->values[i]);
	}
}

static void
finish_block(Receiver *receiver)
{
	if (receiver->block == NO_BLOCK)
		return;
	for (int i = 0; i < receiver->nloaders; i++)
	{
		CHECK_FOR_INTERRUPTS();
		mkt_tag_slicer_finish_block(receiver->loaders[i]->slicer, receiver->block);
	}
	receiver->block = NO_BLOCK;
}

/* ---- rows of blocks that are over ------------------------------------------------------- */

static void
begin_waiting(Receiver *receiver)
{
	MemoryContext old = MemoryContextSwitchTo(receiver->context);
	TupleDesc	desc = CreateTemplateTupleDesc(receiver->nloaders + 1);
	AttrNumber	column = 1;
	Oid			operator = Int8LessOperator;
	Oid			collation = InvalidOid;
	bool		nulls_first = false;

	for (int i = 1; i <= desc->natts; i++)
		TupleDescInitEntry(desc, i, NULL, INT8OID, -1, 0);
	receiver->waiting = tuplesort_begin_heap(desc, 1, &column, &operator, &collation, &nulls_first,
											 Min(maintenance_work_mem, SORT_KB), NULL,
											 TUPLESORT_NONE);
	receiver->waiter = MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);
	MemoryContextSwitchTo(old);
}

static void
let_wait(Receiver *receiver, uint64 cid)
{
	TupleTableSlot *slot;

	if (receiver->waiting == NULL)
		begin_waiting(receiver);
	slot = receiver->waiter;
	ExecClearTuple(slot);
	slot->tts_values[0] = Int64GetDatum((int64) cid);
	slot->tts_isnull[0] = false;
	for (int i = 0; i < receiver->nloaders; i++)
	{
		slot->tts_values[i + 1] = Int64GetDatum(receiver->values[i]);
		slot->tts_isnull[i + 1] = receiver->nulls[i];
	}
	ExecStoreVirtualTuple(slot);
	tuplesort_puttupleslot(receiver->waiting, slot);
}

static void
take_waiting(Receiver *receiver)
{
	TupleTableSlot *slot = receiver->waiter;

	if (receiver->waiting == NULL)
		return;
	tuplesort_performsort(receiver->waiting);
	while (tuplesort_gettupleslot(receiver->waiting, true, false, slot, NULL))
	{
		slot_getallattrs(slot);
		for (int i = 0; i < receiver->nloaders; i++)
		{
			receiver->nulls[i] = slot->tts_isnull[i + 1];
			receiver->values[i] = DatumGetInt64(slot->tts_values[i + 1]);
		}
		take_row(receiver, (uint64) DatumGetInt64(slot->tts_values[0]));
	}
	ExecDropSingleTupleTableSlot(slot);
	tuplesort_end(receiver->waiting);
	finish_block(receiver);
}

/* ---- the query ---------------------------------------------------------------------------- */

static bool
is_select(SPIPlanPtr plan)
{
	List	   *sources = plan != NULL ? SPI_plan_get_plan_sources(plan) : NIL;

	return list_length(sources) == 1 && SPI_getargcount(plan) == 0 &&
		((CachedPlanSource *) linitial(sources))->commandTag == CMDTAG_SELECT &&
		SPI_is_cursor_plan(plan);
}

static void
load(const char *query, Loader **loaders, int nloaders)
{
	Receiver	receiver = {0};
	SPIPlanPtr	plan = SPI_prepare(query, 0, NULL);
	SPIExecuteOptions options = {0};

	if (!is_select(plan))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the values must come from one SELECT"),
				 errhint("Write a SELECT that gives cid and value, without parameters.")));
	receiver.pub.receiveSlot = receive_row;
	receiver.pub.rStartup = receive_startup;
	receiver.pub.rShutdown = receive_nothing;
	receiver.pub.rDestroy = receive_nothing;
	receiver.pub.mydest = DestNone;
	receiver.loaders = loaders;
	receiver.nloaders = nloaders;
	receiver.block = NO_BLOCK;
	receiver.values = palloc0(nloaders * sizeof(int64));
	receiver.nulls = palloc(nloaders * sizeof(bool));
	receiver.context = CurrentMemoryContext;
	receiver.row = AllocSetContextCreate(CurrentMemoryContext, "mkt tag load rows",
										 ALLOCSET_DEFAULT_SIZES);
	options.dest = &receiver.pub;
	options.read_only = false;
	if (SPI_execute_plan_extended(plan, &options) < 0)
		elog(ERROR, "SPI_execute_plan_extended failed: %s", query);
	SPI_freeplan(plan);
	finish_block(&receiver);
	take_waiting(&receiver);
	MemoryContextDelete(receiver.row);
}

/* ---- values of a column ------------------------------------------------------------------ */

static Loader *
loader_open(Tag *tag)
{
	Loader	   *loader = palloc0(sizeof(Loader));

	loader->tag = tag;
	loader->slicer = mkt_tag_slicer_open(tag);
	loader->power = 1;
	for (int i = 0; i < tag->scale; i++)
		loader->power *= 10;
	loader->factor = int64_to_numeric(loader->power);
	return loader;
}

static void
refuse_type(Loader *loader, Oid type, const char *name, const char *wanted)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("column \"%s\" is of type %s and cannot feed the %s tag \"%s\"",
					name, format_type_be(type),
					loader->tag->kind == TAG_BOOLEAN ? "boolean" :
					loader->tag->kind == TAG_NUMERIC ? "numeric" : "enum",
					loader->tag->code),
			 errhint("Give it %s.", wanted)));
}

static void
open_labels(Loader *loader)
{
	HASHCTL		ctl = {0};
	ListCell   *lc;

	ctl.keysize = TAGEXPR_NAME_MAX + 1;
	ctl.entrysize = sizeof(LabelEntry);
	ctl.hcxt = CurrentMemoryContext;
	loader->labels = hash_create("mkt tag labels", 64, &ctl, HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
	foreach(lc, mkt_tag_labels(loader->tag->tag_id))
	{
		TagLabel   *label = lfirst(lc);
		const char *names[2];

		names[0] = label->label;
		names[1] = label->label_zh;
		for (int i = 0; i < 2; i++)
		{
			LabelEntry *entry;

			if (strlen(names[i]) > TAGEXPR_NAME_MAX)
				continue;
			entry = hash_search(loader->labels, names[i], HASH_ENTER, NULL);
			entry->value = label->value;
		}
		loader->next_label = Max(loader->next_label, label->value + 1);
	}
}

/* Decide how the query's column is read; refuse what cannot be. */
static void
loader_column(Loader *loader, Oid type, const char *name)
{
	type = getBaseType(type);
	loader->type = type;
	switch (loader->tag->kind)
	{
		case TAG_BOOLEAN:
			if (type != BOOLOID)
				refuse_type(loader, type, name, "a boolean");
			return;
		case TAG_ENUM:
			if (type == TEXTOID || type == VARCHAROID)
			{
				open_labels(loader);
				return;
			}
			break;
		case TAG_NUMERIC:
			break;
	}
	switch (type)
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case NUMERICOID:
			return;
		case FLOAT4OID:
			fmgr_info_cxt(F_NUMERIC_FLOAT4, &loader->to_numeric, CurrentMemoryContext);
			return;
		case FLOAT8OID:
			fmgr_info_cxt(F_NUMERIC_FLOAT8, &loader->to_numeric, CurrentMemoryContext);
			return;
		default:
			refuse_type(loader, type, name,
						loader->tag->kind == TAG_ENUM ? "a label (text) or its number" : "a number");
	}
}

static void
out_of_range(Loader *loader, uint64 cid)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("the value of customer " UINT64_FORMAT " is out of range for tag \"%s\"",
					cid, loader->tag->code),
			 errdetail("A tag of scale %d holds numbers up to " INT64_FORMAT ".",
					   loader->tag->scale, (int64) (TAG_VALUE_MAX / loader->power)),
			 errhint("Give NULL instead, or define a tag with fewer decimals.")));
}

static int64
from_numeric(Loader *loader, uint64 cid, Datum value)
{
	Numeric		number = DatumGetNumeric(value);
	Numeric		limit;

	if (numeric_is_nan(number) || numeric_is_inf(number))
		out_of_range(loader, cid);
	if (loader->tag->scale > 0)
		number = DatumGetNumeric(DirectFunctionCall2(numeric_mul, NumericGetDatum(number),
													 NumericGetDatum(loader->factor)));
	limit = int64_to_numeric(TAG_VALUE_MAX);
	if (DatumGetBool(DirectFunctionCall2(numeric_gt,
										 DirectFunctionCall1(numeric_abs, NumericGetDatum(number)),
										 NumericGetDatum(limit))))
		out_of_range(loader, cid);
	return DatumGetInt64(DirectFunctionCall1(numeric_int8, NumericGetDatum(number)));
}

int64
mkt_tag_scale(Tag *tag, uint64 cid, Datum value)
{
	return from_numeric(loader_open(tag), cid, value);
}

static int64
from_integer(Loader *loader, uint64 cid, int64 value)
{
	int64		limit = TAG_VALUE_MAX / loader->power;

	if (value > limit || value < -limit)
		out_of_range(loader, cid);
	return value * loader->power;
}

/* A connection of its own: the outer one is busy running the query. */
static void
insert_label(int32 tag_id, int32 number, Datum label)
{
	Oid			types[3] = {INT4OID, INT4OID, TEXTOID};
	Datum		args[3];

	args[0] = Int32GetDatum(tag_id);
	args[1] = Int32GetDatum(number);
	args[2] = label;
	SPI_connect();
	if (SPI_execute_with_args("INSERT INTO mkt.tag_label (tag_id, value, label, label_zh)"
							  " VALUES ($1, $2, $3, $3)", 3, types, args, NULL, false, 0) != SPI_OK_INSERT)
		elog(ERROR, "could not add a label");
	SPI_finish();
}

/* A label's number; a label never seen gets the next one. */
static int64
from_label(Loader *loader, Datum value)
{
	char	   *label = TextDatumGetCString(value);
	LabelEntry *entry;
	bool		found;

	if (strlen(label) > TAGEXPR_NAME_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_STRING_DATA_RIGHT_TRUNCATION),
				 errmsg("a label of tag \"%s\" is longer than %d bytes",
						loader->tag->code, TAGEXPR_NAME_MAX),
				 errhint("An expression could not name it: shorten it in the query.")));
	entry = hash_search(loader->labels, label, HASH_ENTER, &found);
	if (!found)
	{
		entry->value = loader->next_label++;
		insert_label(loader->tag->tag_id, entry->value, value);
	}
	return entry->value;
}

static int64
value_of(Loader *loader, uint64 cid, Datum value)
{
	switch (loader->type)
	{
		case BOOLOID:
			return 0;
		case INT2OID:
			return from_integer(loader, cid, DatumGetInt16(value));
		case INT4OID:
			return from_integer(loader, cid, DatumGetInt32(value));
		case INT8OID:
			return from_integer(loader, cid, DatumGetInt64(value));
		case NUMERICOID:
			return from_numeric(loader, cid, value);
		case TEXTOID:
		case VARCHAROID:
			return from_label(loader, value);
		default:
			return from_numeric(loader, cid, FunctionCall1(&loader->to_numeric, value));
	}
}
