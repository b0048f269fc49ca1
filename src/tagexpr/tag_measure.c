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

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

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

static void measure_open(Measure *measure, struct varlena *expr, const char *code, int length);
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
measure_open(Measure *measure, struct varlena *expr, const char *code, int length)
{
	MemoryContext old;
	Tag		   *tag;

	memset(measure, 0, sizeof(*measure));
	measure->query = mkt_tag_query_open();
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
	uint16	   *lows = palloc(TAGMAP_BLOCK_BITS * sizeof(uint16));
	uint64	   *block_values = palloc(TAGMAP_BLOCK_BITS * sizeof(uint64));

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
		n = mkt_tag_set_lows(&measure->valued, lows);
		mkt_tag_number_values(measure->number, lows, n, block_values);
		for (uint32 i = 0; i < n; i++)
			count_value(result, block_values[i]);
	}
	pfree(lows);
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
 * audience_by(tagexpr, code text) returns table (value numeric, members bigint)
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
	measure_open(&measure, PG_GETARG_TAGEXPR_PP(0), VARDATA_ANY(code), VARSIZE_ANY_EXHDR(code));
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

/* A unit of the wanted tier, and the interval of everything below it. */
typedef struct Unit
{
	int32		lft;
	int32		rgt;
	int32		org_id;
	int64		members;
} Unit;

static int32
int_column(uint64 row, int column)
{
	bool		isnull;
	Datum		value = SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, &isnull);

	if (isnull)
		elog(ERROR, "column %d of the organisation is null", column);
	return DatumGetInt32(value);
}

static void
select_ints(const char *sql, int32 argument)
{
	Oid			type = INT4OID;
	Datum		arg = Int32GetDatum(argument);

	if (SPI_execute_with_args(sql, 1, &type, &arg, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_with_args failed: %s", sql);
}

/* The units of a tier, by lft; in `context`. */
static Unit *
units_of_tier(int32 tier, MemoryContext context, int *nunits)
{
	Unit	   *units;

	select_ints("SELECT o.lft, o.rgt, o.org_id FROM mkt.org AS o WHERE o.tier = $1 ORDER BY o.lft", tier);
	*nunits = (int) SPI_processed;
	units = MemoryContextAllocHuge(context, (*nunits + 1) * sizeof(Unit));
	for (int i = 0; i < *nunits; i++)
	{
		units[i].lft = int_column(i, 1);
		units[i].rgt = int_column(i, 2);
		units[i].org_id = int_column(i, 3);
		units[i].members = 0;
	}
	return units;
}

static Unit *
unit_around(Unit *units, int nunits, int32 lft)
{
	int			low = 0;
	int			high = nunits;

	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (units[middle].lft <= lft)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && units[low - 1].rgt >= lft ? &units[low - 1] : NULL;
}

static int64
members_of_cell(const Histogram *counts, int32 cell)
{
	const Tag  *tag = counts->number->tag;
	int64		stored = (int64) cell - tag->bias;
	ValueCount *entry;

	if (stored < 0 || stored > (int64) mkt_tag_number_max(tag))
		return 0;
	if (counts->dense != NULL)
		return counts->dense[stored];
	entry = values_lookup(counts->sparse, stored);
	return entry != NULL ? entry->members : 0;
}

/*
 * audience_by_org(tagexpr, tier int) returns table (org_id int, members bigint)
 *		Members by the unit of that tier that answers for their cell; a NULL
 *		unit for those nobody answers for.
 */
Datum
mkt_audience_by_org(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	int32		tier = PG_GETARG_INT32(1);
	MemoryContext context = CurrentMemoryContext;
	Measure		measure;
	Histogram  *counts;
	Unit	   *units;
	int			nunits;
	int64		nobody;
	Datum		row[2];
	bool		nulls[2] = {false, false};
	ValueCount *list;
	int			n;

	if (tier < 1 || tier > 7)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there is no tier %d", tier),
				 errhint("Tiers run from 1 (province) to 7 (individual).")));
	InitMaterializedSRF(fcinfo, 0);
	measure_open(&measure, PG_GETARG_TAGEXPR_PP(0), "cell", 4);
	counts = histogram(&measure);
	nobody = counts->without;
	n = list_values(counts, &list);
	for (int i = 0; i < n; i++)
		nobody += list[i].members;

	SPI_connect();
	units = units_of_tier(tier, context, &nunits);
	select_ints("SELECT c.cell_id, o.lft FROM mkt.grid_cell AS c JOIN mkt.org AS o USING (org_id) WHERE $1 > 0", 1);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		int64		members = members_of_cell(counts, int_column(i, 1));
		Unit	   *unit = members > 0 ? unit_around(units, nunits, int_column(i, 2)) : NULL;

		if (unit != NULL)
		{
			unit->members += members;
			nobody -= members;
		}
	}
	SPI_finish();

	for (int i = 0; i < nunits; i++)
	{
		if (units[i].members == 0)
			continue;
		row[0] = Int32GetDatum(units[i].org_id);
		row[1] = Int64GetDatum(units[i].members);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, row, nulls);
	}
	if (nobody > 0)
	{
		nulls[0] = true;
		row[1] = Int64GetDatum(nobody);
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

	measure_open(&measure, PG_GETARG_TAGEXPR_PP(0), VARDATA_ANY(code), VARSIZE_ANY_EXHDR(code));
	*n = slice_sums(&measure, ones);
	sum = mkt_tag_number_total(measure.number->tag, *n, ones);
	measure_close(&measure);
	return sum;
}

/*
 * audience_sum(tagexpr, code text) returns numeric
 *		Sum of the members' values; 0 if nobody has one.
 */
Datum
mkt_audience_sum(PG_FUNCTION_ARGS)
{
	int64		n;

	PG_RETURN_NUMERIC(sum_of(fcinfo, &n));
}

/*
 * audience_avg(tagexpr, code text) returns numeric
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
	TagSet		yes[2];
	TagSet		no;

	better.low = heap[0].value + 1; /* later customers lose ties */
	better.high = mkt_tag_number_max(measure->number->tag);
	yes[0] = measure->valued;
	if (better.low > better.high)
		yes[1].kind = TAG_SET_EMPTY;
	else
		mkt_tag_number_range(measure->number, &measure->valued, &better, 1, measure->block,
							 range_room, &yes[1]);
	mkt_tag_set_term(yes, 2, &no, 0, false, room, result);
}

/*
 * audience_topk(tagexpr, code text, k int)
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
	uint64	   *block_values = palloc(TAGMAP_BLOCK_BITS * sizeof(uint64));
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
	measure_open(&measure, PG_GETARG_TAGEXPR_PP(0), VARDATA_ANY(code), VARSIZE_ANY_EXHDR(code));
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
		mkt_tag_number_values(measure.number, lows, nlows, block_values);
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
