/*-------------------------------------------------------------------------
 *
 * tagmap_set.c
 *		Operations and questions on whole sets.
 *
 * Pure C. Each walks the directories and leaves what happens inside a block
 * to tagmap_chunk.c.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "tagmap_core.h"

#define POLL_EVERY 1024			/* blocks between two calls of host->poll */

/* Two sets walked together: each step is one block that either has. */
typedef struct Pair
{
	TagmapCursor a;
	TagmapCursor b;
	bool		has_a;			/* the chunk in a.chunk belongs to this step */
	bool		has_b;
} Pair;

static void pair_open(Pair *pair, const Tagmap *a, const Tagmap *b);
static bool pair_next(Pair *pair);
static uint32_t first_difference(const TagmapChunk *a, const TagmapChunk *b);

static void
pair_open(Pair *pair, const Tagmap *a, const Tagmap *b)
{
	mkt_tagmap_open(&pair->a, a);
	mkt_tagmap_open(&pair->b, b);
	pair->has_a = pair->has_b = true;
}

static bool
pair_next(Pair *pair)
{
	bool		more_a = pair->a.chunk.card > 0;
	bool		more_b = pair->b.chunk.card > 0;

	/* what the last step used is replaced; the rest waits */
	if (pair->has_a)
		more_a = mkt_tagmap_next(&pair->a);
	if (pair->has_b)
		more_b = mkt_tagmap_next(&pair->b);
	pair->has_a = more_a &&
		(!more_b || pair->a.chunk.block <= pair->b.chunk.block);
	pair->has_b = more_b &&
		(!more_a || pair->b.chunk.block <= pair->a.chunk.block);
	return more_a || more_b;
}

Tagmap *
mkt_tagmap_set_op(const TagmapHost *host, TagmapOp op, const Tagmap *a,
				  const Tagmap *b, size_t *size)
{
	uint64_t	payload[TAGMAP_WORDS];
	TagmapWriter writer;
	Pair		pair;
	uint32_t	na = mkt_tagmap_nblocks(a);
	uint32_t	nb = mkt_tagmap_nblocks(b);
	uint32_t	expect = na > nb ? na : nb;

	if (op == TAGMAP_AND)
		expect = na < nb ? na : nb;
	mkt_tagmap_writer_open(&writer, host, expect);
	pair_open(&pair, a, b);
	while (pair_next(&pair) && !writer.too_large)
	{
		TagmapChunk result;

		if (pair.has_a && pair.has_b)
		{
			mkt_tagmap_chunk_op(op, &pair.a.chunk, &pair.b.chunk, payload,
								&result);
			mkt_tagmap_writer_add(&writer, &result);
		}
		else if (pair.has_a && (op >> 1 & 1))
			mkt_tagmap_writer_add(&writer, &pair.a.chunk);
		else if (pair.has_b && (op >> 2 & 1))
			mkt_tagmap_writer_add(&writer, &pair.b.chunk);
	}
	return mkt_tagmap_writer_close(&writer, size);
}

uint64_t
mkt_tagmap_set_and_count(const TagmapHost *host, const Tagmap *a,
						 const Tagmap *b)
{
	Pair		pair;
	uint64_t	count = 0;
	uint32_t	steps = 0;

	pair_open(&pair, a, b);
	while (pair_next(&pair))
	{
		if (pair.has_a && pair.has_b)
			count += mkt_tagmap_chunk_and_count(&pair.a.chunk, &pair.b.chunk);
		if (++steps % POLL_EVERY == 0)
			host->poll();
	}
	return count;
}

bool
mkt_tagmap_set_contains(const Tagmap *a, const Tagmap *b)
{
	Pair		pair;

	pair_open(&pair, a, b);
	while (pair_next(&pair))
	{
		if (pair.has_b &&
			(!pair.has_a || pair.a.chunk.card < pair.b.chunk.card ||
			 mkt_tagmap_chunk_and_count(&pair.a.chunk, &pair.b.chunk) !=
			 pair.b.chunk.card))
			return false;
	}
	return true;
}

bool
mkt_tagmap_set_overlaps(const Tagmap *a, const Tagmap *b)
{
	Pair		pair;

	pair_open(&pair, a, b);
	while (pair_next(&pair))
	{
		if (pair.has_a && pair.has_b &&
			mkt_tagmap_chunk_overlaps(&pair.a.chunk, &pair.b.chunk))
			return true;
	}
	return false;
}

bool
mkt_tagmap_set_equal(const Tagmap *a, const Tagmap *b)
{
	size_t		size;

	if (a->head != b->head ||
		memcmp(a->dir, b->dir,
			   (size_t) mkt_tagmap_nblocks(a) * sizeof(TagmapDirEntry)) != 0)
		return false;
	size = mkt_tagmap_size(a);
	return memcmp(&a->head, &b->head, size - offsetof(Tagmap, head)) == 0;
}

int
mkt_tagmap_set_compare(const Tagmap *a, const Tagmap *b)
{
	Pair		pair;

	pair_open(&pair, a, b);
	while (pair_next(&pair))
	{
		const TagmapChunk *x = &pair.a.chunk;
		const TagmapChunk *y = &pair.b.chunk;
		bool		x_has;
		uint32_t	low;

		/* one set ended, or has nothing here and goes on further up */
		if (!pair.has_a)
			return x->card == 0 ? -1 : 1;
		if (!pair.has_b)
			return y->card == 0 ? 1 : -1;
		if (mkt_tagmap_chunk_equal(x, y))
			continue;

		/*
		 * One has the first differing member. It is the smaller set, because
		 * the other continues with a greater member, unless the other ends.
		 */
		low = first_difference(x, y);
		x_has = mkt_tagmap_chunk_has(x, low);
		if (mkt_tagmap_chunk_max(x_has ? y : x) > low ||
			mkt_tagmap_next(x_has ? &pair.b : &pair.a))
			return x_has ? -1 : 1;
		return x_has ? 1 : -1;
	}
	return 0;
}

/* The smallest low that is in one of two different chunks only. */
static uint32_t
first_difference(const TagmapChunk *a, const TagmapChunk *b)
{
	uint64_t	scratch_a[TAGMAP_WORDS];
	uint64_t	scratch_b[TAGMAP_WORDS];
	const uint64_t *x = mkt_tagmap_chunk_bits(a, scratch_a);
	const uint64_t *y = mkt_tagmap_chunk_bits(b, scratch_b);
	uint32_t	w = 0;

	while (w < TAGMAP_WORDS - 1 && x[w] == y[w])
		w++;
	return x[w] == y[w] ? 0 : w * 64 + __builtin_ctzll(x[w] ^ y[w]);
}

bool
mkt_tagmap_set_has(const Tagmap *map, uint64_t member)
{
	TagmapChunk chunk;

	return mkt_tagmap_find(map, mkt_tagmap_block_of(member), &chunk) &&
		mkt_tagmap_chunk_has(&chunk, mkt_tagmap_low_of(member));
}

bool
mkt_tagmap_set_min(const Tagmap *map, uint64_t *member)
{
	return mkt_tagmap_set_nth(map, 0, member);
}

bool
mkt_tagmap_set_max(const Tagmap *map, uint64_t *member)
{
	uint32_t	nblocks = mkt_tagmap_nblocks(map);
	TagmapChunk chunk;

	if (nblocks == 0 ||
		!mkt_tagmap_find(map, map->dir[nblocks - 1].block, &chunk))
		return false;
	*member = mkt_tagmap_first_of(chunk.block) + mkt_tagmap_chunk_max(&chunk);
	return true;
}

uint64_t
mkt_tagmap_set_rank(const Tagmap *map, uint64_t member)
{
	uint32_t	block = mkt_tagmap_block_of(member);
	TagmapCursor cursor;
	uint64_t	rank = 0;

	mkt_tagmap_open(&cursor, map);
	while (mkt_tagmap_next(&cursor) && cursor.chunk.block <= block)
	{
		if (cursor.chunk.block == block)
			return rank + mkt_tagmap_chunk_rank(&cursor.chunk,
												mkt_tagmap_low_of(member));
		rank += cursor.chunk.card;
	}
	return rank;
}

bool
mkt_tagmap_set_nth(const Tagmap *map, uint64_t n, uint64_t *member)
{
	TagmapCursor cursor;

	mkt_tagmap_open(&cursor, map);
	while (mkt_tagmap_next(&cursor))
	{
		if (n < cursor.chunk.card)
		{
			*member = mkt_tagmap_first_of(cursor.chunk.block) +
				mkt_tagmap_chunk_nth(&cursor.chunk, (uint32_t) n);
			return true;
		}
		n -= cursor.chunk.card;
	}
	return false;
}

Tagmap *
mkt_tagmap_range_value(const TagmapHost *host, uint64_t first, uint64_t last,
					   size_t *size)
{
	uint32_t	block = mkt_tagmap_block_of(first);
	uint32_t	end = mkt_tagmap_block_of(last);
	TagmapWriter writer;

	if (end - block >= TAGMAP_NBLOCKS_MAX)
		return NULL;
	mkt_tagmap_writer_open(&writer, host, end - block + 1);
	for (;; block++)
	{
		uint64_t	payload = 0;
		TagmapChunk chunk = {block, 0, 1, &payload};
		uint32_t	from = 0;
		uint32_t	to = TAGMAP_BLOCK_BITS - 1;
		uint16_t	lows[2];

		if (block == mkt_tagmap_block_of(first))
			from = mkt_tagmap_low_of(first);
		if (block == end)
			to = mkt_tagmap_low_of(last);
		if (to - from < 2)
		{
			lows[0] = (uint16_t) from;
			lows[1] = (uint16_t) to;
			mkt_tagmap_lows_to_chunk(lows, to - from + 1, block, &payload,
									 &chunk);
		}
		else
		{
			TagmapRun	run = {(uint16_t) from, (uint16_t) (to - from)};

			memcpy(&payload, &run, sizeof(run));
			chunk.card = (uint16_t) (to - from + 1);
		}
		mkt_tagmap_writer_add(&writer, &chunk);
		if (block == end)
			break;
	}
	return mkt_tagmap_writer_close(&writer, size);
}
