/*-------------------------------------------------------------------------
 *
 * tagmap_ops.c
 *		Operators of type tagmap: algebra, comparison, counts without a result.
 *
 * Arguments are detoasted and valid. The work is in tagmap_set.c; questions
 * about one set are in tagmap_info.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "fmgr.h"

#include "mkt_hash.h"
#include "tagmap.h"

/* tagmap_NAME(tagmap, tagmap) returns tagmap */
#define SET_OPERATOR(name, op) \
PG_FUNCTION_INFO_V1(mkt_tagmap_##name); \
Datum \
mkt_tagmap_##name(PG_FUNCTION_ARGS) \
{ \
	Tagmap	   *a = PG_GETARG_TAGMAP_P(0); \
	Tagmap	   *b = PG_GETARG_TAGMAP_P(1); \
	size_t		size; \
	Tagmap	   *result = mkt_tagmap_set_op(&mkt_tagmap_host, op, a, b, &size); \
	PG_FREE_IF_COPY(a, 0); \
	PG_FREE_IF_COPY(b, 1); \
	PG_RETURN_TAGMAP_P(mkt_tagmap_finish(result, size)); \
}

/* tagmap_NAME(tagmap, tagmap) returns boolean, a and b being the arguments */
#define SET_QUESTION(name, expression) \
PG_FUNCTION_INFO_V1(mkt_tagmap_##name); \
Datum \
mkt_tagmap_##name(PG_FUNCTION_ARGS) \
{ \
	Tagmap	   *a = PG_GETARG_TAGMAP_P(0); \
	Tagmap	   *b = PG_GETARG_TAGMAP_P(1); \
	bool		result = (expression); \
	PG_FREE_IF_COPY(a, 0); \
	PG_FREE_IF_COPY(b, 1); \
	PG_RETURN_BOOL(result); \
}

/* NAME(tagmap, tagmap) returns bigint: from |a|, |b| and |a & b| */
#define SET_COUNT(name, expression) \
PG_FUNCTION_INFO_V1(mkt_##name); \
Datum \
mkt_##name(PG_FUNCTION_ARGS) \
{ \
	Counts		n = count_both(fcinfo); \
	PG_RETURN_INT64((int64) (expression)); \
}

typedef struct Counts
{
	uint64		a;
	uint64		b;
	uint64		both;
} Counts;

static Counts count_both(FunctionCallInfo fcinfo);
static uint64 hash_value(FunctionCallInfo fcinfo, uint64 seed);

SET_OPERATOR(and, TAGMAP_AND)
SET_OPERATOR(or, TAGMAP_OR)
SET_OPERATOR(minus, TAGMAP_ANDNOT)
SET_OPERATOR(xor, TAGMAP_XOR)

SET_QUESTION(contains, mkt_tagmap_set_contains(a, b))
SET_QUESTION(contained, mkt_tagmap_set_contains(b, a))
SET_QUESTION(overlaps, mkt_tagmap_set_overlaps(a, b))
SET_QUESTION(eq, mkt_tagmap_set_equal(a, b))
SET_QUESTION(ne, !mkt_tagmap_set_equal(a, b))
SET_QUESTION(lt, mkt_tagmap_set_compare(a, b) < 0)
SET_QUESTION(le, mkt_tagmap_set_compare(a, b) <= 0)
SET_QUESTION(gt, mkt_tagmap_set_compare(a, b) > 0)
SET_QUESTION(ge, mkt_tagmap_set_compare(a, b) >= 0)

SET_COUNT(and_card, n.both)
SET_COUNT(or_card, n.a + n.b - n.both)
SET_COUNT(andnot_card, n.a - n.both)
SET_COUNT(xor_card, n.a + n.b - 2 * n.both)

PG_FUNCTION_INFO_V1(mkt_tagmap_has);
PG_FUNCTION_INFO_V1(mkt_tagmap_within);
PG_FUNCTION_INFO_V1(mkt_tagmap_cmp);
PG_FUNCTION_INFO_V1(mkt_tagmap_hash);
PG_FUNCTION_INFO_V1(mkt_tagmap_hash_extended);
PG_FUNCTION_INFO_V1(mkt_jaccard);

static Counts
count_both(FunctionCallInfo fcinfo)
{
	Tagmap	   *a = PG_GETARG_TAGMAP_P(0);
	Tagmap	   *b = PG_GETARG_TAGMAP_P(1);
	Counts		n;

	n.a = mkt_tagmap_cardinality(a);
	n.b = mkt_tagmap_cardinality(b);
	n.both = mkt_tagmap_set_and_count(&mkt_tagmap_host, a, b);
	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	return n;
}

/*
 * tagmap_has(tagmap, bigint), tagmap_within(bigint, tagmap) return boolean
 */
Datum
mkt_tagmap_has(PG_FUNCTION_ARGS)
{
	uint64		member = mkt_tagmap_check_member(PG_GETARG_INT64(1));

	PG_RETURN_BOOL(mkt_tagmap_set_has(PG_GETARG_TAGMAP_P(0), member));
}

Datum
mkt_tagmap_within(PG_FUNCTION_ARGS)
{
	uint64		member = mkt_tagmap_check_member(PG_GETARG_INT64(0));

	PG_RETURN_BOOL(mkt_tagmap_set_has(PG_GETARG_TAGMAP_P(1), member));
}

/*
 * tagmap_cmp(tagmap, tagmap) returns integer
 */
Datum
mkt_tagmap_cmp(PG_FUNCTION_ARGS)
{
	Tagmap	   *a = PG_GETARG_TAGMAP_P(0);
	Tagmap	   *b = PG_GETARG_TAGMAP_P(1);
	int			order = mkt_tagmap_set_compare(a, b);

	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	PG_RETURN_INT32(order);
}

/*
 * tagmap_hash(tagmap) returns integer
 * tagmap_hash_extended(tagmap, bigint) returns bigint
 *		One set has one encoding, so the bytes are hashed, with the frozen hash.
 */
Datum
mkt_tagmap_hash(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32((int32) hash_value(fcinfo, 0));
}

Datum
mkt_tagmap_hash_extended(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64((int64) hash_value(fcinfo, (uint64) PG_GETARG_INT64(1)));
}

static uint64
hash_value(FunctionCallInfo fcinfo, uint64 seed)
{
	Tagmap	   *map = PG_GETARG_TAGMAP_P(0);
	uint64		hash = mkt_hash_bytes(VARDATA(map), VARSIZE(map) - VARHDRSZ,
									  seed);

	PG_FREE_IF_COPY(map, 0);
	return hash;
}

/*
 * jaccard(tagmap, tagmap) returns double precision
 *		Common members over all members; two empty sets are alike: 1.
 */
Datum
mkt_jaccard(PG_FUNCTION_ARGS)
{
	Counts		n = count_both(fcinfo);
	uint64		either = n.a + n.b - n.both;

	PG_RETURN_FLOAT8(either == 0 ? 1.0 : (double) n.both / (double) either);
}
