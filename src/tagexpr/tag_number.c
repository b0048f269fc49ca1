/*-------------------------------------------------------------------------
 *
 * tag_number.c
 *		Bit-sliced numbers: who is in a range, and what values members have.
 *
 * A stored value is round(value * 10^scale) - bias, never negative; slice k
 * holds the customers whose stored value has bit k-1 set, slice 0 those who
 * have a value. A comparison with a constant walks the slices from the least
 * bit up and costs one pass over each (O'Neil and Quass, 1997).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "port/pg_bitutils.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

#include "tag.h"

/*
 * Costs of answering by slices, in passes over one slice: an equality reads
 * all slices once and together, an open end half of them on average twice.
 * Beyond the limit it is cheaper to look every customer's value up.
 */
#define COST_EQUAL	3
#define COST_END	7
#define COST_LIMIT	56
#define TABLE_SLICES 22			/* if a table of all values is small */

static void equal_to(TagNumber *number, const TagSet *exists, uint64 value,
					 int64 block, TagRoom *room, TagSet *result);
static void at_least(TagNumber *number, uint64 bound, int64 block, uint64 *bits);
static void between(TagNumber *number, const TagInterval *interval, int64 block,
					const TagSet *exists, uint64 *bits);
static void add_interval(TagNumber *number, const TagInterval *interval,
						 int64 block, const TagSet *exists, uint64 *bits);
static void look_up(TagNumber *number, TagRange *range, int64 block,
					const TagSet *exists, uint64 *bits);

/* The slice's members in this block, or NULL. */
static const TagmapChunk *
slice_at(TagNumber *number, int slice, int64 block)
{
	TagCursor  *cursor = number->slices[slice];

	return mkt_tag_cursor_seek(cursor, block) == block ? &cursor->chunk : NULL;
}

/* ---- ranges ------------------------------------------------------------------ */

/* Is the table the cheaper way? */
static bool
prefers_table(const TagNumber *number, const TagRange *range)
{
	uint64		max = mkt_tag_number_max(number->tag);
	int			cost = 0;

	if (number->tag->slices > TABLE_SLICES)
		return false;
	for (int i = 0; i < range->n && cost <= COST_LIMIT; i++)
	{
		const TagInterval *interval = &range->intervals[i];

		if (interval->low == interval->high)
			cost += COST_EQUAL;
		else
			cost += COST_END * ((interval->low > 0) + (interval->high < max));
	}
	return cost > COST_LIMIT;
}

void
mkt_tag_number_range(TagNumber *number, const TagSet *exists, TagRange *range,
					 int64 block, TagRoom *room, TagSet *result)
{
	uint64		max = mkt_tag_number_max(number->tag);
	const TagInterval *first = range->intervals;
	uint64	   *bits;

	if (exists->kind == TAG_SET_EMPTY || range->n == 0)
	{
		result->kind = TAG_SET_EMPTY;
		result->count = 0;
		return;
	}
	if (first->low == 0 && first->high == max)
	{
		*result = *exists;
		return;
	}
	if (range->n == 1 && first->low == first->high)
	{
		equal_to(number, exists, first->low, block, room, result);
		return;
	}
	bits = mkt_tag_room_bits(room);
	if (range->table != NULL || prefers_table(number, range))
		look_up(number, range, block, exists, bits);
	else
	{
		between(number, first, block, exists, bits);
		for (int i = 1; i < range->n; i++)
			add_interval(number, &range->intervals[i], block, exists, bits);
	}
	result->kind = TAG_SET_BITS;
	result->bits = bits;
	result->count = -1;
}

/* bits |= the customers in the interval */
static void
add_interval(TagNumber *number, const TagInterval *interval, int64 block,
			 const TagSet *exists, uint64 *bits)
{
	uint64	   *scratch = mkt_tag_room_bits(&number->room[0]);
	const uint64 *more = scratch;
	TagSet		set;

	if (interval->low == interval->high)
	{
		equal_to(number, exists, interval->low, block, &number->room[2], &set);
		more = mkt_tag_set_bits(&set, scratch);
	}
	else
		between(number, interval, block, exists, scratch);
	mkt_tagmap_kernel->or2((uint64_t *) bits, (uint64_t *) bits, (const uint64_t *) more);
}

/* One value: all slices of its ones, none of its zeros. */
static void
equal_to(TagNumber *number, const TagSet *exists, uint64 value, int64 block,
		 TagRoom *room, TagSet *result)
{
	int			nslices = number->tag->slices;
	TagSet		yes[TAG_SLICES_MAX + 1];
	TagSet		no[TAG_SLICES_MAX];
	int			nyes = 0;
	int			nno = 0;

	yes[nyes++] = *exists;
	for (int i = 0; i < nslices; i++)
	{
		TagSet	   *set = (value >> i) & 1 ? &yes[nyes++] : &no[nno++];

		mkt_tag_set_from_cursor(number->slices[i], block, set);
	}
	mkt_tag_set_term(yes, nyes, no, nno, false, room, result);
}

/*
 * bits = stored value >= bound, whatever bits say of customers without one.
 * From the least bit up: where the bound has a one, so must the value unless
 * a higher bit decides; where it has a zero, a one decides for the value.
 */
static void
at_least(TagNumber *number, uint64 bound, int64 block, uint64 *bits)
{
	bool		everybody = true;

	for (int i = 0; i < number->tag->slices; i++)
	{
		bool		one = (bound >> i) & 1;
		const TagmapChunk *chunk;

		if (everybody && !one)
			continue;
		chunk = slice_at(number, i, block);
		if (everybody)
		{
			if (chunk != NULL)
				mkt_tagmap_chunk_to_bits(chunk, (uint64_t *) bits);
			else
				memset(bits, 0, TAGMAP_BITMAP_BYTES);
			everybody = false;
		}
		else if (chunk == NULL)
		{
			if (one)
				memset(bits, 0, TAGMAP_BITMAP_BYTES);
		}
		else if (one)
			mkt_tagmap_and_into_bits((uint64_t *) bits, chunk);
		else
			mkt_tagmap_or_into_bits((uint64_t *) bits, chunk);
	}
	if (everybody)
		memset(bits, 0xff, TAGMAP_BITMAP_BYTES);
}

static void
between(TagNumber *number, const TagInterval *interval, int64 block,
		const TagSet *exists, uint64 *bits)
{
	uint64		max = mkt_tag_number_max(number->tag);
	uint64	   *other = mkt_tag_room_bits(&number->room[1]);

	at_least(number, interval->low, block, bits);
	if (interval->high < max)
	{
		at_least(number, interval->high + 1, block, other);
		mkt_tagmap_kernel->andnot2((uint64_t *) bits, (uint64_t *) bits, (uint64_t *) other);
	}
	if (exists->kind == TAG_SET_CHUNK)
		mkt_tagmap_and_into_bits((uint64_t *) bits, &exists->chunk);
}

/* Which values the intervals hold: a bit for each. */
static uint64 *
make_table(const TagNumber *number, const TagRange *range)
{
	MemoryContext context = GetMemoryChunkContext((void *) number);
	uint64	   *table = MemoryContextAllocZero(context, mkt_tag_number_max(number->tag) / 8 + sizeof(uint64));

	for (int i = 0; i < range->n; i++)
	{
		for (uint64 v = range->intervals[i].low; v <= range->intervals[i].high; v++)
			table[v / 64] |= UINT64CONST(1) << (v % 64);
	}
	return table;
}

/* Many intervals: look every customer's value up. */
static void
look_up(TagNumber *number, TagRange *range, int64 block, const TagSet *exists,
		uint64 *bits)
{
	const uint64 *mask = mkt_tag_set_bits(exists, mkt_tag_room_bits(&number->room[0]));
	const uint64 *table;
	uint32		lanes[64];

	if (range->table == NULL)
		range->table = make_table(number, range);
	table = range->table;
	mkt_tag_number_load(number, block);
	for (int w = 0; w < TAGMAP_WORDS; w++)
	{
		uint64		found = 0;

		if (mask[w] != 0)
		{
			mkt_tag_lanes(number->bits, number->tag->slices, w, lanes);
			for (int i = 0; i < 64; i++)
				found |= ((table[lanes[i] / 64] >> (lanes[i] % 64)) & 1) << i;
		}
		bits[w] = found & mask[w];
	}
}

/* ---- values ------------------------------------------------------------------ */

bool
mkt_tag_number_get(TagNumber *number, int64 block, uint32 low, uint64 *value)
{
	if (mkt_tag_cursor_seek(number->exists, block) != block ||
		!mkt_tagmap_chunk_has(&number->exists->chunk, low))
		return false;
	*value = 0;
	for (int i = 0; i < number->tag->slices; i++)
	{
		const TagmapChunk *chunk = slice_at(number, i, block);

		if (chunk != NULL && mkt_tagmap_chunk_has(chunk, low))
			*value |= UINT64CONST(1) << i;
	}
	return true;
}

void
mkt_tag_number_load(TagNumber *number, int64 block)
{
	int			nslices = number->tag->slices;

	if (number->scratch == NULL)
		number->scratch = palloc(Max(nslices, 1) * TAGMAP_BITMAP_BYTES);
	for (int i = 0; i < nslices; i++)
	{
		const TagmapChunk *chunk = slice_at(number, i, block);
		uint64	   *scratch = number->scratch + i * TAGMAP_WORDS;

		if (chunk == NULL)
		{
			memset(scratch, 0, TAGMAP_BITMAP_BYTES);
			number->bits[i] = scratch;
		}
		else
		{
			/*
			 * A copy, even of a bitmap: read one after the other, the slices
			 * stream from memory; read side by side they would trickle.
			 */
			mkt_tagmap_chunk_to_bits(chunk, (uint64_t *) scratch);
			number->bits[i] = scratch;
		}
	}
}

/* The stored value of one customer of the block loaded. */
static uint64
value_at(const TagNumber *number, uint32 low)
{
	uint64		value = 0;

	for (int k = 0; k < number->tag->slices; k++)
		value |= ((number->bits[k][low / 64] >> (low % 64)) & 1) << k;
	return value;
}

uint32
mkt_tag_number_values(const TagNumber *number, const TagSet *members,
					  uint64 *values)
{
	uint64		scratch[TAGMAP_WORDS];
	const uint64 *mask = mkt_tag_set_bits(members, scratch);
	int			nslices = number->tag->slices;
	uint32		n = 0;

	if (nslices <= 32)
	{
		/* in the upper half, from where they can be widened upwards */
		uint32	   *narrow = (uint32 *) values + TAGMAP_BLOCK_BITS;

		n = mkt_tag_lanes_collect(number->bits, nslices, mask, narrow);
		for (uint32 i = 0; i < n; i++)
			values[i] = narrow[i];
		return n;
	}
	for (int w = 0; w < TAGMAP_WORDS; w++)
	{
		for (uint64 word = mask[w]; word != 0; word &= word - 1)
			values[n++] = value_at(number, w * 64 + pg_rightmost_one_pos64(word));
	}
	return n;
}

Datum
mkt_tag_number_datum(const Tag *tag, uint64 value)
{
	return NumericGetDatum(int64_div_fast_to_numeric((int64) value + tag->bias,
													 tag->scale));
}

static Numeric
add_product(Numeric sum, int64 a, int64 b)
{
	Datum		product = DirectFunctionCall2(numeric_mul, NumericGetDatum(int64_to_numeric(a)),
											  NumericGetDatum(int64_to_numeric(b)));

	return DatumGetNumeric(DirectFunctionCall2(numeric_add, NumericGetDatum(sum), product));
}

Numeric
mkt_tag_number_total(const Tag *tag, int64 n, const int64 *ones)
{
	Numeric		sum = add_product(int64_to_numeric(0), n, tag->bias);

	for (int k = 0; k < tag->slices; k++)
		sum = add_product(sum, ones[k], INT64CONST(1) << k);
	/* exact: the divisor is a power of ten */
	return DatumGetNumeric(DirectFunctionCall2(numeric_mul, NumericGetDatum(sum),
											   NumericGetDatum(int64_div_fast_to_numeric(1, tag->scale))));
}
