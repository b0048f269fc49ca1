/*-------------------------------------------------------------------------
 *
 * tag_measure.c
 *		Measuring an audience: by unit, by value, sums, greatest values.
 *
 * Everything is counted on the slices; no customer becomes a row on the way.
 * Comparing audiences and tags with each other is tag_compare.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "access/table.h"
#include "access/tableam.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "tag.h"

#define DENSE_SLICES	20		/* up to here, a counter for every value */
#define VALUES_MAX		2000000 /* most different values counted otherwise */
#define TOP_MAX			1000000

/* Members by stored value. */
typedef struct ValueCount
{
	uint64		value;
	int64		members;
	char		status;			/* for the hash table */
} ValueCount;

#define SH_PREFIX values
#define SH_ELEMENT_TYPE ValueCount
#define SH_KEY_TYPE uint64
#define SH_KEY value
#define SH_HASH_KEY(tb, key) ((uint32) (((key) * UINT64CONST(0x9E3779B97F4A7C15)) >> 32))
#define SH_EQUAL(tb, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

typedef struct Histogram
{
	TagNumber  *number;
	int64	   *dense;			/* by value, or NULL */
	values_hash *sparse;
	int64		without;		/* members without a value */
} Histogram;

/* An audience and a tag with values, opened together. */
typedef struct Measure
{
	TagQuery   *query;
	TagPlan    *plan;
	TagNumber  *number;
	TagRoom		room;
	int64		block;
	TagSet		members;		/* of the block */
	TagSet		valued;			/* those who have a value */
} Measure;

static void measure_open(Measure *measure, struct varlena *expr, const char *code, int length,
						 TimestampTz as_of);
static bool measure_step(Measure *measure);
static void measure_close(Measure *measure);
static Histogram *histogram(Measure *measure);
static int64 slice_sums(Measure *measure, int64 *ones);

PG_FUNCTION_INFO_V1(mkt_audience_by_org);
PG_FUNCTION_INFO_V1(mkt_audience_by);
PG_FUNCTION_INFO_V1(mkt_audience_sum);
PG_FUNCTION_INFO_V1(mkt_audience_avg);
PG_FUNCTION_INFO_V1(mkt_audience_topk);

/* ---- an audience and a tag ------------------------------------------------------- */

static void
measure_open(Measure *measure, struct varlena *expr, const char *code, int length,
			 TimestampTz as_of)
{
	MemoryContext old;
	Tag		   *tag;

	memset(measure, 0, sizeof(*measure));
	measure->query = mkt_tag_query_open(as_of);
	measure->plan = mkt_tag_query_plan_value(measure->query, expr);
	old = MemoryContextSwitchTo(measure->query->context);
	tag = mkt_tag_need_values(&measure->query->store, cstring_to_text_with_len(code, length));
	measure->number = mkt_tag_query_number(measure->query, tag);
	MemoryContextSwitchTo(old);
	measure->block = -1;
}

static bool
measure_step(Measure *measure)
{
	TagSet		yes[2];
	TagSet		no;

	if (!mkt_tag_plan_step(measure->plan, false, &measure->block, &measure->members))
		return false;
	yes[0] = measure->members;
	mkt_tag_set_from_cursor(measure->number->exists, measure->block, &yes[1]);
	mkt_tag_set_term(yes, 2, &no, 0, false, &measure->room, &measure->valued);
	measure->valued.count = mkt_tag_set_count(&measure->valued);
	return true;
}

static void
measure_close(Measure *measure)
{
	mkt_tag_query_close(measure->query);
}

/* ---- by value --------------------------------------------------------------------- */

static void
count_value(Histogram *histogram, uint64 value)
{
	ValueCount *entry;
	bool		found;

	if (histogram->dense != NULL)
	{
		histogram->dense[value]++;
		return;
	}
	entry = values_insert(histogram->sparse, value, &found);
	if (!found)
		entry->members = 0;
	entry->members++;
	if (!found && histogram->sparse->members > VALUES_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("tag \"%s\" has more than %d different values in this audience",
						histogram->number->tag->code, VALUES_MAX),
				 errhint("Narrow the audience with a condition on the tag, or use mkt.audience_sum() and mkt.audience_topk().")));
}

static Histogram *
histogram(Measure *measure)
{
	Histogram  *result = palloc0(sizeof(Histogram));
	int			nslices = measure->number->tag->slices;
	uint64	   *block_values = palloc(TAG_VALUES_ROOM * sizeof(uint64));

	result->number = measure->number;
	if (nslices <= DENSE_SLICES)
		result->dense = palloc0((UINT64CONST(1) << nslices) * sizeof(int64));
	else
		result->sparse = values_create(CurrentMemoryContext, 1024, NULL);
	while (measure_step(measure))
	{
		uint32		n;

		result->without += measure->members.count - measure->valued.count;
		if (measure->valued.count == 0)
			continue;
		mkt_tag_number_load(measure->number, measure->block);
		n = mkt_tag_number_values(measure->number, &measure->valued, block_values);
		for (uint32 i = 0; i < n; i++)
			count_value(result, block_values[i]);
	}
	pfree(block_values);
	return result;
}

static int
compare_value_counts(const void *a, const void *b)
{
	uint64		x = ((const ValueCount *) a)->value;
	uint64		y = ((const ValueCount *) b)->value;

	return (x > y) - (x < y);
}

/* The values that occur, ascending; returns how many. */
static int
list_values(const Histogram *histogram, ValueCount **list)
{
	int			n = 0;

	if (histogram->dense != NULL)
	{
		uint64		max = mkt_tag_number_max(histogram->number->tag);

		*list = palloc((max + 1) * sizeof(ValueCount));
		for (uint64 v = 0; v <= max; v++)
		{
			if (histogram->dense[v] == 0)
				continue;
			(*list)[n].value = v;
			(*list)[n++].members = histogram->dense[v];
		}
	}
	else
	{
		values_iterator it;
		ValueCount *entry;

		*list = MemoryContextAllocHuge(CurrentMemoryContext,
									   (histogram->sparse->members + 1) * sizeof(ValueCount));
		values_start_iterate(histogram->sparse, &it);
		while ((entry = values_iterate(histogram->sparse, &it)) != NULL)
			(*list)[n++] = *entry;
		qsort(*list, n, sizeof(ValueCount), compare_value_counts);
	}
	return n;
}

/*
 * audience_by(tagexpr, code text, as_of timestamptz)
 * returns table (value numeric, members bigint)
 *		Members by their value of a tag; a NULL value for those without one.
 */
Datum
mkt_audience_by(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	text	   *code = PG_GETARG_TEXT_PP(1);
	Measure		measure;
	Histogram  *counts;
	ValueCount *list;
	Datum		row[2];
	bool		nulls[2] = {false, false};
	int			n;

	InitMaterializedSRF(fcinfo, 0);
	measure_open(&measure, PG_GETARG_TAGEXPR_PP(0), VARDATA_ANY(code), VARSIZE_ANY_EXHDR(code),
				 PG_GETARG_TIMESTAMPTZ(2));
	counts = histogram(&measure);
	n = list_values(counts, &list);
	for (int i = 0; i < n; i++)
	{
		row[0] = mkt_tag_number_datum(measure.number->tag, list[i].value);
		row[1] = Int64GetDatum(list[i].members);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, row, nulls);
		pfree(DatumGetPointer(row[0]));
	}
	if (counts->without > 0)
	{
		nulls[0] = true;
		row[1] = Int64GetDatum(counts->without);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, row, nulls);
	}
	measure_close(&measure);
	return (Datum) 0;
}

/* ---- by unit of the organisation ----------------------------------------------------- */

#define INT_COLUMNS_MAX 4

/* Read integer columns of every row of mkt.<table>, without copying a row. */
static void
scan_ints(const char *table, const char *const *columns, int ncolumns,
		  void (*take) (void *arg, const int32 *values), void *arg)
{
	Relation	rel = mkt_tag_open_table(table, ncolumns);
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	TableScanDesc scan = table_beginscan(rel, GetActiveSnapshot(), 0, NULL);
	AttrNumber	attnums[INT_COLUMNS_MAX];
	int32		values[INT_COLUMNS_MAX];

	for (int i = 0; i < ncolumns; i++)
	{
		attnums[i] = get_attnum(RelationGetRelid(rel), columns[i]);
		if (attnums[i] == InvalidAttrNumber)
			elog(ERROR, "mkt.%s has no column %s", table, columns[i]);
	}
	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		CHECK_FOR_INTERRUPTS();
		for (int i = 0; i < ncolumns; i++)
		{
			bool		isnull;
			Datum		value = slot_getattr(slot, attnums[i], &isnull);

			values[i] = isnull ? PG_INT32_MIN :
				TupleDescAttr(slot->tts_tupleDescriptor, attnums[i] - 1)->attlen == 2 ?
				DatumGetInt16(value) : DatumGetInt32(value);
		}
		take(arg, values);
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	table_close(rel, NoLock);
}

/* A unit of the organisation: its interval holds everything below it. */
typedef struct Unit
{
	int32		org_id;
	int32		lft;
	int32		rgt;
	char		status;			/* for the hash table */
} Unit;

#define SH_PREFIX units
#define SH_ELEMENT_TYPE Unit
#define SH_KEY_TYPE int32
#define SH_KEY org_id
#define SH_HASH_KEY(tb, key) ((uint32) (((uint32) (key) * UINT64CONST(0x9E3779B97F4A7C15)) >> 32))
#define SH_EQUAL(tb, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* By unit: the walk over org and grid_cell that spreads a histogram of cells. */
typedef struct ByUnit
{
	const Histogram *counts;
	int32		tier;
	units_hash *units;			/* all of them, by org_id */
	Unit	   *wanted;			/* those of the tier */
	int			nwanted;
	int			room;
	int32		last;			/* greatest rgt */
	int32	   *at;				/* by lft: 1 + the wanted unit around it, or 0 */
	int64	   *members;		/* of each wanted unit */
	int64		nobody;			/* members no wanted unit answers for */
} ByUnit;

static void
take_unit(void *arg, const int32 *values)
{
	ByUnit	   *by = arg;
	bool		found;
	Unit	   *unit = units_insert(by->units, values[0], &found);

	unit->lft = values[2];
	unit->rgt = values[3];
	by->last = Max(by->last, values[3]);
	if (values[1] != by->tier)
		return;
	if (by->nwanted == by->room)
	{
		by->room *= 2;
		by->wanted = repalloc_huge(by->wanted, by->room * sizeof(Unit));
	}
	by->wanted[by->nwanted++] = *unit;
}

static int64
members_of_cell(const Histogram *counts, int32 cell)
{
	const Tag  *tag = counts->number->tag;
	int64		stored = (int64) cell - tag->bias;
	ValueCount *entry;

	if (stored < 0 || (uint64) stored > mkt_tag_number_max(tag))
		return 0;
	if (counts->dense != NULL)
		return counts->dense[stored];
	entry = values_lookup(counts->sparse, stored);
	return entry != NULL ? entry->members : 0;
}

static void
take_cell(void *arg, const int32 *values)
{
	ByUnit	   *by = arg;
	int64		members = members_of_cell(by->counts, values[0]);
	Unit	   *unit;

	if (members == 0)
		return;
	unit = units_lookup(by->units, values[1]);
	if (unit != NULL && unit->lft >= 0 && by->at[unit->lft] > 0)
	{
		by->members[by->at[unit->lft] - 1] += members;
		by->nobody -= members;
	}
}

/* Units of one tier never overlap, so each place has at most one around it. */
static void
place_wanted(ByUnit *by)
{
	by->at = palloc_extended(((size_t) by->last + 1) * sizeof(int32), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	by->members = palloc_extended((by->nwanted + 1) * sizeof(int64), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (int i = 0; i < by->nwanted; i++)
	{
		for (int32 place = Max(by->wanted[i].lft, 0); place <= by->wanted[i].rgt; place++)
			by->at[place] = i + 1;
	}
}

/*
 * audience_by_org(tagexpr, tier int, as_of timestamptz)
 * returns table (org_id int, members bigint)
 *		Members by the unit of that tier that answers for their cell; a NULL
 *		unit for those nobody answers for.
 */
Datum
mkt_audience_by_org(PG_FUNCTION_ARGS)
{
	static const char *const org_columns[] = {"org_id", "tier", "lft", "rgt"};
	static const char *const cell_columns[] = {"cell_id", "org_id"};
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ByUnit		by = {0};
	Measure		measure;
	ValueCount *list;
	Datum		row[2];
	bool		nulls[2] = {false, false};
	int			n;

	by.tier = PG_GETARG_INT32(1);
	if (by.tier < 1 || by.tier > 7)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there is no tier %d", by.tier),
				 errhint("Tiers run from 1 (province) to 7 (individual).")));
	InitMaterializedSRF(fcinfo, 0);
	measure_open(&measure, PG_GETARG_TAGEXPR_PP(0), "cell", 4, PG_GETARG_TIMESTAMPTZ(2));
	by.counts = histogram(&measure);
	by.nobody = by.counts->without;
	n = list_values(by.counts, &list);
	for (int i = 0; i < n; i++)
		by.nobody += list[i].members;

	by.units = units_create(CurrentMemoryContext, 16384, NULL);
	by.room = 1024;
	by.wanted = palloc(by.room * sizeof(Unit));
	scan_ints("org", org_columns, 4, take_unit, &by);
	place_wanted(&by);
	scan_ints("grid_cell", cell_columns, 2, take_cell, &by);

	for (int i = 0; i < by.nwanted; i++)
	{
		if (by.members[i] == 0)
			continue;
		row[0] = Int32GetDatum(by.wanted[i].org_id);
		row[1] = Int64GetDatum(by.members[i]);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, row, nulls);
	}
	if (by.nobody > 0)
	{
		nulls[0] = true;
		row[1] = Int64GetDatum(by.nobody);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, row, nulls);
	}
	measure_close(&measure);
	return (Datum) 0;
}

/* ---- sums ------------------------------------------------------------------------------ */

/* Members with a value, and in ones[k] how many of them have bit k set. */
static int64
slice_sums(Measure *measure, int64 *ones)
{
	TagNumber  *number = measure->number;
	uint64		scratch[TAGMAP_WORDS];
	int64		n = 0;

	while (measure_step(measure))
	{
		const uint64 *bits;

		n += measure->valued.count;
		if (measure->valued.count == 0)
			continue;
		bits = mkt_tag_set_bits(&measure->valued, scratch);
		for (int k = 0; k < number->tag->slices; k++)
		{
			TagCursor  *slice = number->slices[k];

			if (mkt_tag_cursor_seek(slice, measure->block) == measure->block)
				ones[k] += mkt_tagmap_bits_and_count((const uint64_t *) bits, &slice->chunk);
		}
	}
	return n;
}

static Numeric
sum_of(FunctionCallInfo fcinfo, int64 *n)
{
	text	   *code = PG_GETARG_TEXT_PP(1);
	int64		ones[TAG_SLICES_MAX] = {0};
	Measure		measure;
	Numeric		sum;

	measure_open(&measure, PG_GETARG_TAGEXPR_PP(0), VARDATA_ANY(code), VARSIZE_ANY_EXHDR(code),
				 PG_GETARG_TIMESTAMPTZ(2));
	*n = slice_sums(&measure, ones);
	sum = mkt_tag_number_total(measure.number->tag, *n, ones);
	measure_close(&measure);
	return sum;
}

/*
 * audience_sum(tagexpr, code text, as_of timestamptz) returns numeric
 *		Sum of the members' values; 0 if nobody has one.
 */
Datum
mkt_audience_sum(PG_FUNCTION_ARGS)
{
	int64		n;

	PG_RETURN_NUMERIC(sum_of(fcinfo, &n));
}

/*
 * audience_avg(tagexpr, code text, as_of timestamptz) returns numeric
 *		Mean over the members who have a value; NULL if nobody has one.
 */
Datum
mkt_audience_avg(PG_FUNCTION_ARGS)
{
	int64		n;
	Numeric		sum = sum_of(fcinfo, &n);

	if (n == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(DirectFunctionCall2(numeric_div, NumericGetDatum(sum),
										NumericGetDatum(int64_to_numeric(n))));
}

/* ---- greatest values ---------------------------------------------------------------------- */

typedef struct TopEntry
{
	uint64		value;
	uint64		cid;
} TopEntry;

/* Worst first: the smallest value, of equal ones the greatest number. */
static int
compare_top(const TopEntry *a, const TopEntry *b)
{
	if (a->value != b->value)
		return a->value < b->value ? -1 : 1;
	return (a->cid < b->cid) - (a->cid > b->cid);
}

static int
compare_top_entries(const void *a, const void *b)
{
	return -compare_top(a, b);
}

/* Restore the heap below `at`; its root is the worst. */
static void
sift_down(TopEntry *heap, int n, int at)
{
	for (;;)
	{
		int			child = 2 * at + 1;
		TopEntry	entry;

		if (child + 1 < n && compare_top(&heap[child + 1], &heap[child]) < 0)
			child++;
		if (child >= n || compare_top(&heap[at], &heap[child]) <= 0)
			return;
		entry = heap[at];
		heap[at] = heap[child];
		heap[child] = entry;
		at = child;
	}
}

/* Members of the block who could still displace the worst of a full heap. */
static void
contenders(Measure *measure, const TopEntry *heap, TagRoom *room, TagRoom *range_room,
		   TagSet *result)
{
	TagInterval better;
	TagRange	range = {1, &better, NULL};
	TagSet		yes[2];
	TagSet		no;

	better.low = heap[0].value + 1; /* later customers lose ties */
	better.high = mkt_tag_number_max(measure->number->tag);
	yes[0] = measure->valued;
	if (better.low > better.high)
		yes[1].kind = TAG_SET_EMPTY;
	else
		mkt_tag_number_range(measure->number, &measure->valued, &range, measure->block,
							 range_room, &yes[1]);
	mkt_tag_set_term(yes, 2, &no, 0, false, room, result);
}

/*
 * audience_topk(tagexpr, code text, k int, as_of timestamptz)
 * returns table (cid bigint, value numeric)
 *		The k members with the greatest values; of equal ones the smaller cid.
 */
Datum
mkt_audience_topk(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	text	   *code = PG_GETARG_TEXT_PP(1);
	int32		k = PG_GETARG_INT32(2);
	uint16	   *lows = palloc(TAGMAP_BLOCK_BITS * sizeof(uint16));
	uint64	   *block_values = palloc(TAG_VALUES_ROOM * sizeof(uint64));
	TagRoom		rooms[2] = {{NULL, NULL}, {NULL, NULL}};
	TopEntry   *heap;
	int			n = 0;
	Measure		measure;

	if (k < 0 || k > TOP_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot list the %d greatest values", k),
				 errhint("Ask for 0 to %d.", TOP_MAX)));
	InitMaterializedSRF(fcinfo, 0);
	heap = palloc((k + 1) * sizeof(TopEntry));
	measure_open(&measure, PG_GETARG_TAGEXPR_PP(0), VARDATA_ANY(code), VARSIZE_ANY_EXHDR(code),
				 PG_GETARG_TIMESTAMPTZ(3));
	while (k > 0 && measure_step(&measure))
	{
		uint64		first = mkt_tagmap_first_of((uint32) measure.block);
		TagSet		set = measure.valued;
		uint32		nlows;

		if (n == k && set.count > 0)
			contenders(&measure, heap, &rooms[0], &rooms[1], &set);
		nlows = mkt_tag_set_lows(&set, lows);
		if (nlows == 0)
			continue;
		mkt_tag_number_load(measure.number, measure.block);
		mkt_tag_number_values(measure.number, &set, block_values);
		for (uint32 i = 0; i < nlows; i++)
		{
			TopEntry	entry = {block_values[i], first + lows[i]};

			if (n < k)
			{
				heap[n++] = entry;
				if (n == k)
				{
					for (int at = n / 2; at >= 0; at--)
						sift_down(heap, n, at);
				}
			}
			else if (compare_top(&heap[0], &entry) < 0)
			{
				heap[0] = entry;
				sift_down(heap, n, 0);
			}
		}
	}
	qsort(heap, n, sizeof(TopEntry), compare_top_entries);
	for (int i = 0; i < n; i++)
	{
		Datum		row[2];
		bool		nulls[2] = {false, false};

		row[0] = Int64GetDatum((int64) heap[i].cid);
		row[1] = mkt_tag_number_datum(measure.number->tag, heap[i].value);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, row, nulls);
		pfree(DatumGetPointer(row[1]));
	}
	measure_close(&measure);
	return (Datum) 0;
}
