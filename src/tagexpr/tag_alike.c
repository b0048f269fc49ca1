/*-------------------------------------------------------------------------
 *
 * tag_alike.c
 *		Look-alikes: who of the others is most like an audience.
 *
 * Bernoulli naive Bayes. A feature is something a customer has or has not: a
 * boolean tag, or one label of an enum. Of A customers in the audience a have
 * it, of B others b; with one imaginary customer of either kind on both sides
 * (Laplace), so that no chance is 0 or 1,
 *
 *		p = (a + 1) / (A + 2)		q = (b + 1) / (B + 2)
 *
 * and a customer scores the sum of ln(p / q) over the features it has and of
 * ln((1 - p) / (1 - q)) over those it has not. The latter is summed once, for
 * a customer with nothing; each feature then adds the difference.
 *
 * Two passes over the blocks: the first counts, the second scores the others
 * of a block and keeps the best in a heap. Scores are added up in the order of
 * tags and labels, so equal customers have equal scores, bit by bit.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include <math.h>

#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "tag.h"

#define ALIKE_TAGS_MAX		1000
#define ALIKE_FEATURES_MAX	10000
#define ALIKE_BEST_MAX		1000000

/* The two sides that are told apart. */
enum
{
	AUDIENCE,
	OTHERS
};

typedef struct Feature
{
	const Tag  *tag;
	int32		label;			/* of an enum, else 0 */
	TagCursor  *exists;
	TagNumber  *number;			/* of an enum, else NULL */
	int64		members[2];
	double		weight;			/* what having it adds to the score */
} Feature;

typedef struct Candidate
{
	double		score;
	uint64		cid;
} Candidate;

/* The best so far: once full, a heap with the worst at its root. */
typedef struct Best
{
	Candidate  *heap;
	int			n;
	int			room;
} Best;

typedef struct Alike
{
	TagQuery   *query;
	TagPlan    *plans[2];
	int64		members[2];
	Feature    *features;
	int			nfeatures;
	double		start;			/* score of a customer without any feature */
	TagRoom		room;			/* of a feature's members */
	TagRoom		both_room;		/* of those among the others */
} Alike;

static void add_tags(Alike *alike, ArrayType *codes);
static void count_all(Alike *alike);
static void weigh(Alike *alike);
static void rank_others(Alike *alike, Best *best);
static int	compare_best(const void *a, const void *b);

PG_FUNCTION_INFO_V1(mkt__lookalike);

/*
 * _lookalike(audience tagexpr, others tagexpr, n int, codes text[],
 * as_of timestamptz)
 * returns table (cid bigint, score float8)
 *		The n of the others who are most like the audience, best first.
 */
Datum
mkt__lookalike(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	struct varlena *audience = PG_GETARG_TAGEXPR_PP(0);
	int32		n = PG_GETARG_INT32(2);
	Alike		alike = {0};
	Best		best = {NULL, 0, n};

	if (n < 1 || n > ALIKE_BEST_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot list %d look-alikes", n),
				 errhint("Ask for 1 to %d.", ALIKE_BEST_MAX)));
	InitMaterializedSRF(fcinfo, 0);
	alike.query = mkt_tag_query_open(PG_GETARG_TIMESTAMPTZ(4));
	alike.plans[AUDIENCE] = mkt_tag_query_plan_value(alike.query, audience);
	alike.plans[OTHERS] = mkt_tag_query_plan_value(alike.query, PG_GETARG_TAGEXPR_PP(1));
	add_tags(&alike, PG_GETARG_ARRAYTYPE_P(3));
	count_all(&alike);
	if (alike.members[AUDIENCE] == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("nobody is in the audience \"%.*s\", so nobody is like it",
						pg_mbcliplen(VARDATA_ANY(audience), VARSIZE_ANY_EXHDR(audience), 200),
						VARDATA_ANY(audience)),
				 errhint("Only live customers whom you may see count: try mkt.audience_count().")));
	weigh(&alike);
	best.heap = palloc(n * sizeof(Candidate));
	rank_others(&alike, &best);
	mkt_tag_query_close(alike.query);

	qsort(best.heap, best.n, sizeof(Candidate), compare_best);
	for (int i = 0; i < best.n; i++)
	{
		Datum		row[2];
		bool		nulls[2] = {false, false};

		row[0] = Int64GetDatum((int64) best.heap[i].cid);
		row[1] = Float8GetDatum(best.heap[i].score);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, row, nulls);
	}
	return (Datum) 0;
}

/* ---- features -------------------------------------------------------------------- */

static void
add_feature(Alike *alike, const Tag *tag, int32 label)
{
	Feature    *feature;

	if (alike->nfeatures == ALIKE_FEATURES_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the tags have more than %d labels to compare customers by",
						ALIKE_FEATURES_MAX),
				 errhint("Leave out enum tags with many labels.")));
	feature = &alike->features[alike->nfeatures++];
	feature->tag = tag;
	feature->label = label;
	feature->exists = mkt_tag_query_cursor(alike->query, tag, 0);
	feature->number = tag->kind == TAG_BOOLEAN ? NULL : mkt_tag_query_number(alike->query, tag);
}

static int
compare_features(const void *a, const void *b)
{
	const Feature *x = a;
	const Feature *y = b;

	if (x->tag->tag_id != y->tag->tag_id)
		return x->tag->tag_id < y->tag->tag_id ? -1 : 1;
	return (x->label > y->label) - (x->label < y->label);
}

/* The features of these tags, in order, each once. */
static void
add_tags(Alike *alike, ArrayType *codes)
{
	MemoryContext old = MemoryContextSwitchTo(alike->query->context);
	Datum	   *names;
	int			n = mkt_tag_elements(codes, &names, ALIKE_TAGS_MAX, "tags");
	int			kept = 1;

	alike->features = palloc0(ALIKE_FEATURES_MAX * sizeof(Feature));
	for (int i = 0; i < n; i++)
	{
		Tag		   *tag = mkt_tag_need_text(&alike->query->store, DatumGetTextPP(names[i]));
		ListCell   *lc;

		if (tag->kind == TAG_NUMERIC)
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("tag \"%s\" is numeric, and customers are compared by what they have or have not",
							tag->code),
					 errhint("Define a segment such as %s >= 80, and name that.", tag->code)));
		if (tag->kind == TAG_BOOLEAN)
			add_feature(alike, tag, 0);
		else
		{
			foreach(lc, mkt_tag_labels(tag->tag_id))
				add_feature(alike, tag, ((TagLabel *) lfirst(lc))->value);
		}
	}
	qsort(alike->features, alike->nfeatures, sizeof(Feature), compare_features);
	for (int i = 1; i < alike->nfeatures; i++)
	{
		if (compare_features(&alike->features[kept - 1], &alike->features[i]) != 0)
			alike->features[kept++] = alike->features[i];
	}
	alike->nfeatures = Min(kept, alike->nfeatures);
	MemoryContextSwitchTo(old);
}

/* Who of the block has the feature. */
static void
feature_set(const Feature *feature, int64 block, TagRoom *room, TagSet *result)
{
	int64		bias = feature->tag->bias;
	TagInterval only;
	TagRange	range = {1, &only, NULL};
	TagSet		exists;

	if (feature->number == NULL)
	{
		mkt_tag_set_from_cursor(feature->exists, block, result);
		return;
	}
	only.low = only.high = (uint64) feature->label - (uint64) bias;
	range.n = feature->label >= bias && only.low <= mkt_tag_number_max(feature->tag);
	mkt_tag_set_from_cursor(feature->exists, block, &exists);
	mkt_tag_number_range(feature->number, &exists, &range, block, room, result);
}

/* ---- the first pass: counts --------------------------------------------------------- */

static void
count_block(Alike *alike, int64 block)
{
	TagSet		sides[2];

	for (int side = AUDIENCE; side <= OTHERS; side++)
	{
		mkt_tag_plan_eval(alike->plans[side], block, false, &sides[side]);
		sides[side].count = mkt_tag_set_count(&sides[side]);
		alike->members[side] += sides[side].count;
	}
	if (sides[AUDIENCE].count == 0 && sides[OTHERS].count == 0)
		return;
	for (int i = 0; i < alike->nfeatures; i++)
	{
		Feature    *feature = &alike->features[i];
		TagSet		having;

		CHECK_FOR_INTERRUPTS();
		feature_set(feature, block, &alike->room, &having);
		for (int side = AUDIENCE; side <= OTHERS; side++)
			feature->members[side] += mkt_tag_set_and_count(&having, &sides[side]);
	}
}

static void
count_all(Alike *alike)
{
	MemoryContext old = MemoryContextSwitchTo(alike->query->context);

	for (int64 block = 0;; block++)
	{
		CHECK_FOR_INTERRUPTS();
		block = Min(mkt_tag_plan_next(alike->plans[AUDIENCE], block),
					mkt_tag_plan_next(alike->plans[OTHERS], block));
		if (block == TAG_BLOCK_END)
			break;
		count_block(alike, block);
	}
	MemoryContextSwitchTo(old);
}

/* ln of the chance to have a feature over that to have it not; all smoothed */
static double
log_odds(int64 having, int64 all)
{
	return log((double) (having + 1) / (double) (all - having + 1));
}

/* ln of the chance not to have it */
static double
log_without(int64 having, int64 all)
{
	return log((double) (all - having + 1) / (double) (all + 2));
}

static void
weigh(Alike *alike)
{
	alike->start = 0;
	for (int i = 0; i < alike->nfeatures; i++)
	{
		Feature    *feature = &alike->features[i];
		const int64 *having = feature->members;
		const int64 *all = alike->members;

		feature->weight = log_odds(having[AUDIENCE], all[AUDIENCE]) - log_odds(having[OTHERS], all[OTHERS]);
		alike->start += log_without(having[AUDIENCE], all[AUDIENCE]) - log_without(having[OTHERS], all[OTHERS]);
	}
}

/* ---- the second pass: scores ---------------------------------------------------------- */

/* Negative if a comes before b: the greater score, of equal ones the smaller cid. */
static inline int
compare_candidates(const Candidate *a, const Candidate *b)
{
	if (a->score != b->score)
		return a->score > b->score ? -1 : 1;
	return (a->cid > b->cid) - (a->cid < b->cid);
}

static int
compare_best(const void *a, const void *b)
{
	return compare_candidates(a, b);
}

/* Restore the heap below `at`. */
static void
sift_down(Best *best, int at)
{
	Candidate  *heap = best->heap;

	for (;;)
	{
		int			child = 2 * at + 1;
		Candidate	candidate;

		if (child + 1 < best->n && compare_candidates(&heap[child + 1], &heap[child]) > 0)
			child++;
		if (child >= best->n || compare_candidates(&heap[at], &heap[child]) >= 0)
			return;
		candidate = heap[at];
		heap[at] = heap[child];
		heap[child] = candidate;
		at = child;
	}
}

/* Candidates come in ascending order of cid: who ties with the worst is out. */
static inline void
consider(Best *best, double score, uint64 cid)
{
	if (best->n < best->room)
	{
		best->heap[best->n].score = score;
		best->heap[best->n++].cid = cid;
		if (best->n == best->room)
		{
			for (int at = best->n / 2; at >= 0; at--)
				sift_down(best, at);
		}
	}
	else if (score > best->heap[0].score)
	{
		best->heap[0].score = score;
		best->heap[0].cid = cid;
		sift_down(best, 0);
	}
}

/* Add the weights of the block's features to the scores of the others. */
static void
score_block(Alike *alike, int64 block, const TagSet *others, uint16 *lows, double *scores)
{
	for (uint32 low = 0; low < TAGMAP_BLOCK_BITS; low++)
		scores[low] = alike->start;
	for (int i = 0; i < alike->nfeatures; i++)
	{
		const Feature *feature = &alike->features[i];
		TagSet		yes[2];
		TagSet		no;
		TagSet		having;
		uint32		n;

		CHECK_FOR_INTERRUPTS();
		if (feature->weight == 0)
			continue;
		feature_set(feature, block, &alike->room, &yes[0]);
		yes[1] = *others;
		mkt_tag_set_term(yes, 2, &no, 0, false, &alike->both_room, &having);
		n = mkt_tag_set_lows(&having, lows);
		for (uint32 k = 0; k < n; k++)
			scores[lows[k]] += feature->weight;
	}
}

static void
rank_others(Alike *alike, Best *best)
{
	MemoryContext old = MemoryContextSwitchTo(alike->query->context);
	uint16	   *lows = palloc(TAGMAP_BLOCK_BITS * sizeof(uint16));
	double	   *scores = palloc(TAGMAP_BLOCK_BITS * sizeof(double));
	int64		block = -1;
	TagSet		others;

	/* back to the first block */
	mkt_tag_query_suspend(alike->query);
	mkt_tag_query_resume(alike->query);
	while (mkt_tag_plan_step(alike->plans[OTHERS], false, &block, &others))
	{
		uint64		first = mkt_tagmap_first_of((uint32) block);
		uint32		n;

		score_block(alike, block, &others, lows, scores);
		n = mkt_tag_set_lows(&others, lows);
		for (uint32 i = 0; i < n; i++)
			consider(best, scores[lows[i]], first + lows[i]);
	}
	MemoryContextSwitchTo(old);
}
