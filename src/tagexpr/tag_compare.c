/*-------------------------------------------------------------------------
 *
 * tag_compare.c
 *		Audiences beside each other, an audience beside everybody, a customer
 *		beside all tags.
 *
 * One pass over the blocks answers for all regions, pairs or tags together.
 * Names, shares and indices are added in SQL (32-tag.code.sql).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "tag.h"

#define VENN_MAX	6
#define OVERLAP_MAX 1000

PG_FUNCTION_INFO_V1(mkt_audience_venn);
PG_FUNCTION_INFO_V1(mkt__audience_overlap);
PG_FUNCTION_INFO_V1(mkt__audience_profile);
PG_FUNCTION_INFO_V1(mkt__portrait);

int
mkt_tag_elements(ArrayType *array, Datum **values, int limit, const char *what)
{
	Oid			type = ARR_ELEMTYPE(array);
	bool	   *nulls;
	int			n;

	deconstruct_array(array, type, -1, false, TYPALIGN_INT, values, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("element %d of the %s is null", i + 1, what),
					 errhint("Leave it out.")));
	}
	if (n < 1 || n > limit)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%d %s cannot be compared", n, what),
				 errhint("Pass 1 to %d.", limit)));
	return n;
}

/* ---- regions ----------------------------------------------------------------------- */

/* Members of the sets in `mask` that are in none of the others. */
static uint32
region_count(const TagSet *sets, int n, int mask, TagRoom *room)
{
	TagSet		yes[VENN_MAX];
	TagSet		no[VENN_MAX];
	int			nyes = 0;
	int			nno = 0;
	TagSet		region;

	for (int i = 0; i < n; i++)
	{
		bool		inside = (mask >> i) & 1;

		if (inside && sets[i].kind == TAG_SET_EMPTY)
			return 0;
		if (inside)
			yes[nyes++] = sets[i];
		else
			no[nno++] = sets[i];
	}
	mkt_tag_set_term(yes, nyes, no, nno, true, room, &region);
	return mkt_tag_set_count(&region);
}

static Datum
positions(int mask)
{
	Datum		inside[VENN_MAX];
	int			n = 0;

	for (int i = 0; i < VENN_MAX; i++)
	{
		if ((mask >> i) & 1)
			inside[n++] = Int32GetDatum(i + 1);
	}
	return PointerGetDatum(construct_array(inside, n, INT4OID, sizeof(int32), true, TYPALIGN_INT));
}

/*
 * audience_venn(tagexpr[], as_of timestamptz)
 * returns table (region int, inside int[], members bigint)
 *		Members of every region that lies in at least one of the audiences:
 *		inside those listed, outside the others. Bit i-1 of region says "in
 *		the i-th".
 */
Datum
mkt_audience_venn(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Datum	   *exprs;
	int			n = mkt_tag_elements(PG_GETARG_ARRAYTYPE_P(0), &exprs, VENN_MAX, "audiences");
	TagPlan    *plans[VENN_MAX];
	TagSet		sets[VENN_MAX];
	TagRoom		room = {NULL, NULL};
	int64		members[1 << VENN_MAX] = {0};
	TagQuery   *query;

	InitMaterializedSRF(fcinfo, 0);
	query = mkt_tag_query_open(PG_GETARG_TIMESTAMPTZ(1));
	for (int i = 0; i < n; i++)
		plans[i] = mkt_tag_query_plan_value(query, PG_DETOAST_DATUM_PACKED(exprs[i]));
	for (int64 block = 0;; block++)
	{
		int64		next = TAG_BLOCK_END;

		CHECK_FOR_INTERRUPTS();
		for (int i = 0; i < n; i++)
			next = Min(next, mkt_tag_plan_next(plans[i], block));
		if (next == TAG_BLOCK_END)
			break;
		block = next;
		for (int i = 0; i < n; i++)
			mkt_tag_plan_eval(plans[i], block, false, &sets[i]);
		for (int mask = 1; mask < 1 << n; mask++)
			members[mask] += region_count(sets, n, mask, &room);
	}
	for (int mask = 1; mask < 1 << n; mask++)
	{
		Datum		row[3];
		bool		nulls[3] = {false, false, false};

		row[0] = Int32GetDatum(mask);
		row[1] = positions(mask);
		row[2] = Int64GetDatum(members[mask]);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, row, nulls);
	}
	mkt_tag_query_close(query);
	return (Datum) 0;
}

/* ---- pairs of tags -------------------------------------------------------------------- */

/*
 * _audience_overlap(codes text[], as_of timestamptz)
 * returns table (a int, b int, members bigint)
 *		Customers who have both the a-th and the b-th tag, for all a <= b.
 */
Datum
mkt__audience_overlap(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Datum	   *codes;
	int			n = mkt_tag_elements(PG_GETARG_ARRAYTYPE_P(0), &codes, OVERLAP_MAX, "tags");
	TagCursor **cursors = palloc(n * sizeof(TagCursor *));
	TagRoom    *rooms = palloc0(n * sizeof(TagRoom));
	TagSet	   *sets = palloc(n * sizeof(TagSet));
	int64	   *members = palloc0((size_t) n * n * sizeof(int64));
	int64		block = -1;
	TagSet		universe;
	TagQuery   *query;

	InitMaterializedSRF(fcinfo, 0);
	query = mkt_tag_query_open(PG_GETARG_TIMESTAMPTZ(1));
	for (int i = 0; i < n; i++)
		cursors[i] = mkt_tag_query_cursor(query, mkt_tag_need_text(&query->store, DatumGetTextPP(codes[i])), 0);
	while (mkt_tag_plan_step(query->universe, false, &block, &universe))
	{
		for (int i = 0; i < n; i++)
		{
			TagSet		yes[2];
			TagSet		no;

			mkt_tag_set_from_cursor(cursors[i], block, &yes[0]);
			yes[1] = universe;
			mkt_tag_set_term(yes, 2, &no, 0, false, &rooms[i], &sets[i]);
			sets[i].count = mkt_tag_set_count(&sets[i]);
			members[i * n + i] += sets[i].count;
		}
		for (int i = 0; i < n; i++)
		{
			CHECK_FOR_INTERRUPTS();
			for (int j = i + 1; j < n && sets[i].count > 0; j++)
				members[i * n + j] += mkt_tag_set_and_count(&sets[i], &sets[j]);
		}
	}
	for (int i = 0; i < n; i++)
	{
		for (int j = i; j < n; j++)
		{
			Datum		row[3];
			bool		nulls[3] = {false, false, false};

			row[0] = Int32GetDatum(i + 1);
			row[1] = Int32GetDatum(j + 1);
			row[2] = Int64GetDatum(members[i * n + j]);
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, row, nulls);
		}
	}
	mkt_tag_query_close(query);
	return (Datum) 0;
}

/* ---- an audience beside everybody --------------------------------------------------------- */

/*
 * What is counted of a tag: those who have it, for an enum those with each
 * label, for a number the ones of each slice (from which comes the sum).
 */
typedef struct Feature
{
	const Tag  *tag;
	TagNumber  *number;			/* NULL: a boolean tag */
	int64		members[2];		/* in the audience, in the universe */
	int			nlabels;
	int64	   *labels;			/* two counts a label */
	int64		ones[2][TAG_SLICES_MAX];
} Feature;

#define PROFILE_LABELS_MAX 1000

static Feature *
open_feature(TagQuery *query, const Tag *tag)
{
	Feature    *feature = palloc0(sizeof(Feature));

	feature->tag = tag;
	feature->number = tag->kind == TAG_BOOLEAN ? NULL : mkt_tag_query_number(query, tag);
	if (tag->kind == TAG_ENUM && mkt_tag_number_max(tag) < PROFILE_LABELS_MAX)
	{
		feature->nlabels = (int) mkt_tag_number_max(tag) + 1;
		feature->labels = palloc0(2 * feature->nlabels * sizeof(int64));
	}
	return feature;
}

static void
count_labels(Feature *feature, const TagSet *exists, int64 block, const TagSet *sets,
			 TagRoom *room)
{
	for (int value = 0; value < feature->nlabels; value++)
	{
		TagInterval only = {value, value};
		TagRange	range = {1, &only, NULL};
		TagSet		having;

		mkt_tag_number_range(feature->number, exists, &range, block, room, &having);
		for (int side = 0; side < 2; side++)
			feature->labels[2 * value + side] += mkt_tag_set_and_count(&having, &sets[side]);
	}
}

/* sets[0]: the audience, sets[1]: the universe, both of this block. */
static void
count_feature(Feature *feature, TagCursor *exists, int64 block, const TagSet *sets, TagRoom *room)
{
	TagSet		having;

	mkt_tag_set_from_cursor(exists, block, &having);
	if (having.kind == TAG_SET_EMPTY)
		return;
	for (int side = 0; side < 2; side++)
		feature->members[side] += mkt_tag_set_and_count(&having, &sets[side]);
	if (feature->tag->kind == TAG_ENUM)
		count_labels(feature, &having, block, sets, room);
	else if (feature->tag->kind == TAG_NUMERIC)
	{
		for (int k = 0; k < feature->tag->slices; k++)
		{
			/* of those outside the universe nothing counts, so the sets decide */
			mkt_tag_set_from_cursor(feature->number->slices[k], block, &having);
			for (int side = 0; side < 2; side++)
				feature->ones[side][k] += mkt_tag_set_and_count(&having, &sets[side]);
		}
	}
}

static void
put_feature(ReturnSetInfo *rsinfo, const Feature *feature)
{
	const Tag  *tag = feature->tag;
	Datum		row[6];
	bool		nulls[6] = {false, true, false, false, true, true};

	row[0] = Int32GetDatum(tag->tag_id);
	row[2] = Int64GetDatum(feature->members[0]);
	row[3] = Int64GetDatum(feature->members[1]);
	if (tag->kind == TAG_NUMERIC)
	{
		nulls[4] = nulls[5] = false;
		row[4] = NumericGetDatum(mkt_tag_number_total(tag, feature->members[0], feature->ones[0]));
		row[5] = NumericGetDatum(mkt_tag_number_total(tag, feature->members[1], feature->ones[1]));
	}
	if (tag->kind != TAG_ENUM)
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, row, nulls);
	nulls[1] = false;
	for (int value = 0; value < feature->nlabels; value++)
	{
		if (feature->labels[2 * value + 1] == 0)
			continue;
		row[1] = mkt_tag_number_datum(tag, value);
		row[2] = Int64GetDatum(feature->labels[2 * value]);
		row[3] = Int64GetDatum(feature->labels[2 * value + 1]);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, row, nulls);
	}
}

/*
 * _audience_profile(tagexpr, as_of timestamptz)
 * returns table (tag_id int, value numeric, members bigint, base bigint,
 * total numeric, base_total numeric)
 *		For every online tag how many of the audience and of the universe have
 *		it; an enum has a row per label, a number its sums. The row of tag_id
 *		NULL counts audience and universe themselves.
 */
Datum
mkt__audience_profile(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	TagRoom		room = {NULL, NULL};
	int64		sizes[2] = {0, 0};
	int64		block = -1;
	List	   *features = NIL;
	Datum		row[6];
	bool		nulls[6] = {true, true, false, false, true, true};
	TagQuery   *query;
	TagPlan    *plan;
	TagSet		sets[2];
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	query = mkt_tag_query_open(PG_GETARG_TIMESTAMPTZ(1));
	plan = mkt_tag_query_plan_value(query, PG_GETARG_TAGEXPR_PP(0));
	foreach(lc, mkt_tag_online(&query->store))
	{
		Tag		   *tag = lfirst(lc);

		if (!tag->is_system)
			features = lappend(features, open_feature(query, tag));
	}
	while (mkt_tag_plan_step(query->universe, false, &block, &sets[1]))
	{
		mkt_tag_plan_eval(plan, block, false, &sets[0]);
		sizes[0] += sets[0].count = mkt_tag_set_count(&sets[0]);
		sizes[1] += sets[1].count;
		foreach(lc, features)
		{
			Feature    *feature = lfirst(lc);

			count_feature(feature, mkt_tag_query_cursor(query, feature->tag, 0), block, sets, &room);
		}
	}
	row[2] = Int64GetDatum(sizes[0]);
	row[3] = Int64GetDatum(sizes[1]);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, row, nulls);
	foreach(lc, features)
		put_feature(rsinfo, lfirst(lc));
	mkt_tag_query_close(query);
	return (Datum) 0;
}

/* ---- a customer beside all tags --------------------------------------------------------------- */

/* Slices of today are all looked up by one cursor, those of the past each by its own. */
static TagCursor *
turn_to(TagQuery *query, TagCursor *today, const Tag *tag, int16 slice)
{
	if (tag->as_of != DT_NOEND)
		return mkt_tag_query_cursor(query, tag, slice);
	mkt_tag_cursor_turn(today, tag->tag_id, slice);
	return today;
}

/* Is the customer in the slice at hand? */
static bool
cursor_has(TagCursor *cursor, int64 block, uint32 low)
{
	return mkt_tag_cursor_seek(cursor, block) == block && mkt_tagmap_chunk_has(&cursor->chunk, low);
}

/*
 * _portrait(cid bigint, as_of timestamptz) returns table (tag_id int, value numeric)
 *		The online tags a customer has, with their values. No rows for a
 *		customer outside the caller's universe.
 */
Datum
mkt__portrait(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	uint64		cid = mkt_tagmap_check_member(PG_GETARG_INT64(0));
	int64		block = mkt_tagmap_block_of(cid);
	uint32		low = mkt_tagmap_low_of(cid);
	TagCursor  *today;
	TagQuery   *query;
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	query = mkt_tag_query_open(PG_GETARG_TIMESTAMPTZ(1));
	if (!mkt_tag_plan_has(query->universe, block, low))
	{
		mkt_tag_query_close(query);
		return (Datum) 0;
	}
	today = mkt_tag_cursor_open(&query->store, 0, 0, 0);
	today->exact = true;
	foreach(lc, mkt_tag_online(&query->store))
	{
		Tag		   *tag = lfirst(lc);
		uint64		value = 0;
		Datum		row[2];
		bool		nulls[2] = {false, true};

		if (!cursor_has(turn_to(query, today, tag, 0), block, low))
			continue;
		for (int k = 1; k <= tag->slices; k++)
		{
			if (cursor_has(turn_to(query, today, tag, k), block, low))
				value |= UINT64CONST(1) << (k - 1);
		}
		row[0] = Int32GetDatum(tag->tag_id);
		nulls[1] = tag->kind == TAG_BOOLEAN;
		if (!nulls[1])
			row[1] = mkt_tag_number_datum(tag, value);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, row, nulls);
	}
	mkt_tag_cursor_close(today);
	mkt_tag_query_close(query);
	return (Datum) 0;
}
