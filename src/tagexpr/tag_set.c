/*-------------------------------------------------------------------------
 *
 * tag_set.c
 *		Sets of customers of one block: intersection and union of many.
 *
 * The evaluator's inner loops. Bitmaps are combined by one kernel call over
 * all operands, read where they lie; small sets are filtered member by member
 * and never spread out into bits. Where the sets come from is tag_eval.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "tag.h"

static bool is_bitmap(const TagSet *set);
static const uint64 *bitmap_of(const TagSet *set);
static int	smallest_array(const TagSet *sets, int nsets);
static void filter_array(TagSet *yes, int nyes, TagSet *no, int nno, int base,
						 TagRoom *room, TagSet *result);
static void combine_bits(TagSet *yes, int nyes, TagSet *no, int nno,
						 bool count_only, TagRoom *room, TagSet *result);

static inline void
set_result(TagSet *result, TagSetKind kind, int32 count)
{
	result->kind = kind;
	result->count = count;
	result->bits = NULL;
}

/* ---- looking into a set -------------------------------------------------- */

uint32
mkt_tag_set_count(const TagSet *set)
{
	if (set->count >= 0)
		return set->count;
	Assert(set->kind == TAG_SET_BITS);
	return mkt_tagmap_kernel->count(set->bits);
}

bool
mkt_tag_set_has(const TagSet *set, uint32 low)
{
	switch (set->kind)
	{
		case TAG_SET_EMPTY:
			return false;
		case TAG_SET_FULL:
			return true;
		case TAG_SET_CHUNK:
			return mkt_tagmap_chunk_has(&set->chunk, low);
		case TAG_SET_BITS:
			break;
	}
	return (set->bits[low / 64] >> (low % 64)) & 1;
}

uint32
mkt_tag_set_and_count(const TagSet *a, const TagSet *b)
{
	if (a->kind == TAG_SET_EMPTY || b->kind == TAG_SET_EMPTY)
		return 0;
	if (a->kind == TAG_SET_FULL)
		return mkt_tag_set_count(b);
	if (b->kind == TAG_SET_FULL)
		return mkt_tag_set_count(a);
	if (a->kind == TAG_SET_CHUNK && b->kind == TAG_SET_CHUNK)
		return mkt_tagmap_chunk_and_count(&a->chunk, &b->chunk);
	if (a->kind == TAG_SET_CHUNK)
		return mkt_tagmap_bits_and_count((const uint64_t *) b->bits, &a->chunk);
	if (b->kind == TAG_SET_CHUNK)
		return mkt_tagmap_bits_and_count((const uint64_t *) a->bits, &b->chunk);
	return mkt_tagmap_kernel->and2_count((const uint64_t *) a->bits,
										 (const uint64_t *) b->bits);
}

const uint64 *
mkt_tag_set_bits(const TagSet *set, uint64 *scratch)
{
	switch (set->kind)
	{
		case TAG_SET_EMPTY:
			memset(scratch, 0, TAGMAP_BITMAP_BYTES);
			return scratch;
		case TAG_SET_FULL:
			memset(scratch, 0xff, TAGMAP_BITMAP_BYTES);
			return scratch;
		case TAG_SET_CHUNK:
			return (const uint64 *) mkt_tagmap_chunk_bits(&set->chunk, (uint64_t *) scratch);
		case TAG_SET_BITS:
			break;
	}
	return set->bits;
}

uint32
mkt_tag_set_lows(const TagSet *set, uint16 *lows)
{
	switch (set->kind)
	{
		case TAG_SET_EMPTY:
			return 0;
		case TAG_SET_FULL:
			for (uint32 i = 0; i < TAGMAP_BLOCK_BITS; i++)
				lows[i] = i;
			return TAGMAP_BLOCK_BITS;
		case TAG_SET_CHUNK:
			return mkt_tagmap_chunk_lows(&set->chunk, lows);
		case TAG_SET_BITS:
			break;
	}
	return mkt_tagmap_bits_lows(set->bits, lows);
}

void
mkt_tag_set_to_chunk(const TagSet *set, uint32 block, void *payload,
					 TagmapChunk *chunk)
{
	uint64		scratch[TAGMAP_WORDS];

	if (set->kind == TAG_SET_CHUNK && mkt_tagmap_chunk_kind(&set->chunk) == TAGMAP_ARRAY)
		mkt_tagmap_lows_to_chunk(set->chunk.data, set->chunk.card, block, payload, chunk);
	else
	{
		mkt_tagmap_bits_to_chunk(mkt_tag_set_bits(set, scratch), block, payload, chunk);
		if (chunk->data == scratch)
		{
			/* a bitmap is best: it must outlive this frame */
			memcpy(payload, scratch, TAGMAP_BITMAP_BYTES);
			chunk->data = payload;
		}
	}
}

uint64 *
mkt_tag_room_bits(TagRoom *room)
{
	if (room->bits == NULL)
		room->bits = palloc(TAGMAP_BITMAP_BYTES);
	return room->bits;
}

static bool
is_bitmap(const TagSet *set)
{
	return set->kind == TAG_SET_BITS ||
		(set->kind == TAG_SET_CHUNK && mkt_tagmap_chunk_kind(&set->chunk) == TAGMAP_BITMAP);
}

static const uint64 *
bitmap_of(const TagSet *set)
{
	return set->kind == TAG_SET_BITS ? set->bits : set->chunk.data;
}

/* ---- intersection --------------------------------------------------------- */

/* Drop the sets of that kind. */
static int
drop(TagSet *sets, int nsets, TagSetKind kind)
{
	int			kept = 0;

	for (int i = 0; i < nsets; i++)
	{
		if (sets[i].kind == kind)
			continue;
		if (kept != i)
			sets[kept] = sets[i];
		kept++;
	}
	return kept;
}

static bool
any(const TagSet *sets, int nsets, TagSetKind kind)
{
	for (int i = 0; i < nsets; i++)
	{
		if (sets[i].kind == kind)
			return true;
	}
	return false;
}

void
mkt_tag_set_term(TagSet *yes, int nyes, TagSet *no, int nno, bool count_only,
				 TagRoom *room, TagSet *result)
{
	int			base;

	if (any(yes, nyes, TAG_SET_EMPTY) || any(no, nno, TAG_SET_FULL))
	{
		set_result(result, TAG_SET_EMPTY, 0);
		return;
	}
	nyes = drop(yes, nyes, TAG_SET_FULL);
	nno = drop(no, nno, TAG_SET_EMPTY);
	if (nno == 0 && nyes <= 1)
	{
		if (nyes == 1)
			*result = yes[0];
		else
			set_result(result, TAG_SET_FULL, TAGMAP_BLOCK_BITS);
		return;
	}
	base = smallest_array(yes, nyes);
	if (base >= 0)
		filter_array(yes, nyes, no, nno, base, room, result);
	else
		combine_bits(yes, nyes, no, nno, count_only, room, result);
}

static int
smallest_array(const TagSet *sets, int nsets)
{
	int			best = -1;

	for (int i = 0; i < nsets; i++)
	{
		if (sets[i].kind == TAG_SET_CHUNK &&
			mkt_tagmap_chunk_kind(&sets[i].chunk) == TAGMAP_ARRAY &&
			(best < 0 || sets[i].chunk.card < sets[best].chunk.card))
			best = i;
	}
	return best;
}

/* Keep those of n lows whose presence in the set is `wanted`. */
static uint32
keep_lows(const TagSet *set, bool wanted, uint16 *lows, uint32 n)
{
	uint32		kept = 0;

	if (is_bitmap(set))
	{
		const uint64 *bits = bitmap_of(set);

		for (uint32 i = 0; i < n; i++)
		{
			uint16		low = lows[i];

			lows[kept] = low;
			kept += ((bits[low / 64] >> (low % 64)) & 1) == wanted;
		}
	}
	else
	{
		for (uint32 i = 0; i < n; i++)
		{
			uint16		low = lows[i];

			if (mkt_tagmap_chunk_has(&set->chunk, low) == wanted)
				lows[kept++] = low;
		}
	}
	return kept;
}

static void
filter_array(TagSet *yes, int nyes, TagSet *no, int nno, int base,
			 TagRoom *room, TagSet *result)
{
	uint32		n = yes[base].chunk.card;

	if (room->lows == NULL)
		room->lows = palloc((TAGMAP_ARRAY_MAX + 1) * sizeof(uint16));
	memcpy(room->lows, yes[base].chunk.data, n * sizeof(uint16));
	for (int i = 0; i < nyes && n > 0; i++)
	{
		if (i != base)
			n = keep_lows(&yes[i], true, room->lows, n);
	}
	for (int i = 0; i < nno && n > 0; i++)
		n = keep_lows(&no[i], false, room->lows, n);
	if (n == 0)
	{
		set_result(result, TAG_SET_EMPTY, 0);
		return;
	}
	set_result(result, TAG_SET_CHUNK, n);
	result->chunk.block = yes[base].chunk.block;
	result->chunk.card = n;
	result->chunk.nruns = 0;
	result->chunk.data = room->lows;
}

/* Move the bitmaps of sets[] to bits[]; the others close ranks. */
static int
take_bitmaps(TagSet *sets, int *nsets, const uint64 **bits)
{
	int			nbits = 0;
	int			kept = 0;

	for (int i = 0; i < *nsets; i++)
	{
		if (is_bitmap(&sets[i]))
			bits[nbits++] = bitmap_of(&sets[i]);
		else
			sets[kept++] = sets[i];
	}
	*nsets = kept;
	return nbits;
}

/*
 * All bitmaps in one kernel call; then the containers that are none, which
 * change the result in place.
 */
static void
combine_bits(TagSet *yes, int nyes, TagSet *no, int nno, bool count_only,
			 TagRoom *room, TagSet *result)
{
	const TagmapKernel *kernel = mkt_tagmap_kernel;
	const uint64_t **yes_bits = palloc((nyes + nno + 1) * sizeof(uint64_t *));
	const uint64_t **no_bits = yes_bits + nyes + 1;
	int			nyes_bits = take_bitmaps(yes, &nyes, (const uint64 **) yes_bits);
	int			nno_bits = take_bitmaps(no, &nno, (const uint64 **) no_bits);
	uint64_t   *bits;
	uint32		count;

	if (count_only && nyes_bits > 0 && nyes == 0 && nno == 0)
		count = kernel->term_count(yes_bits, nyes_bits, no_bits, nno_bits);
	else
	{
		bits = (uint64_t *) mkt_tag_room_bits(room);
		if (nyes_bits == 0)
		{
			/* begin with a run container, or with everybody */
			if (nyes > 0)
				mkt_tagmap_chunk_to_bits(&yes[--nyes].chunk, bits);
			else
				memset(bits, 0xff, TAGMAP_BITMAP_BYTES);
			yes_bits[0] = bits;
			nyes_bits = 1;
		}
		count = kernel->term(bits, yes_bits, nyes_bits, no_bits, nno_bits);
		for (int i = 0; i < nyes; i++)
			mkt_tagmap_and_into_bits(bits, &yes[i].chunk);
		for (int i = 0; i < nno; i++)
			mkt_tagmap_andnot_into_bits(bits, &no[i].chunk);
		if (nyes + nno > 0)
			count = kernel->count(bits);
		result->bits = (const uint64 *) bits;
	}
	pfree(yes_bits);
	result->kind = count > 0 ? TAG_SET_BITS : TAG_SET_EMPTY;
	result->count = count;
}

/* ---- union ------------------------------------------------------------------ */

void
mkt_tag_set_union(TagSet *sets, int nsets, bool count_only, TagRoom *room,
				  TagSet *result)
{
	const uint64_t **bitmaps;
	uint64_t   *bits;
	int			nbitmaps;
	uint32		count;

	nsets = drop(sets, nsets, TAG_SET_EMPTY);
	if (nsets == 0)
	{
		set_result(result, TAG_SET_EMPTY, 0);
		return;
	}
	if (nsets == 1)
	{
		*result = sets[0];
		return;
	}
	if (any(sets, nsets, TAG_SET_FULL))
	{
		set_result(result, TAG_SET_FULL, TAGMAP_BLOCK_BITS);
		return;
	}
	bitmaps = palloc(nsets * sizeof(uint64_t *));
	nbitmaps = take_bitmaps(sets, &nsets, (const uint64 **) bitmaps);
	if (count_only && nsets == 0)
		count = mkt_tagmap_kernel->orn_count(bitmaps, nbitmaps);
	else
	{
		bits = (uint64_t *) mkt_tag_room_bits(room);
		if (nbitmaps > 0)
			count = mkt_tagmap_kernel->orn(bits, bitmaps, nbitmaps);
		else
		{
			memset(bits, 0, TAGMAP_BITMAP_BYTES);
			count = 0;
		}
		for (int i = 0; i < nsets; i++)
			mkt_tagmap_or_into_bits(bits, &sets[i].chunk);
		if (nsets > 0)
			count = mkt_tagmap_kernel->count(bits);
		result->bits = (const uint64 *) bits;
	}
	pfree(bitmaps);
	result->kind = TAG_SET_BITS;
	result->count = count;
}
