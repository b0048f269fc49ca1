/*-------------------------------------------------------------------------
 *
 * tagmap_chunk.c
 *		Questions to one block, and operations between two blocks.
 *
 * Pure C. Blocks with many members are worked on as bits (tagmap_bits.c,
 * tagmap_kernel.c); small ones as spans, so that sparse sets do not pay 8 KB
 * per member.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "tagmap_core.h"

/* Up to this many runs and array members together, spans beat bits. */
#define SPANS_MAX 128

/* The members of an array or run container as stretches [start, end). */
typedef struct Spans
{
	const TagmapChunk *chunk;
	uint32_t	at;
	uint32_t	start;			/* the current stretch; PAST after the last */
	uint32_t	end;
} Spans;

#define PAST UINT32_MAX

static uint32_t span_count(const TagmapChunk *chunk);
static void spans_next(Spans *spans);
static void spans_open(Spans *spans, const TagmapChunk *chunk);
static uint32_t spans_and_count(const TagmapChunk *a, const TagmapChunk *b);
static uint32_t spans_op(TagmapOp op, const TagmapChunk *a,
						 const TagmapChunk *b, TagmapRun *run);
static void runs_to_chunk(const TagmapRun *run, uint32_t nruns, uint32_t block,
						  void *payload, TagmapChunk *result);
static void bits_op(TagmapOp op, const TagmapChunk *a, const TagmapChunk *b,
					void *payload, TagmapChunk *result);
static uint32_t lower_bound(const uint16_t *low, uint32_t n, uint32_t key);
static uint32_t runs_from(const TagmapRun *run, uint32_t nruns, uint32_t low);

/* ---- one block ----------------------------------------------------------- */

/* First index whose low is >= key. */
static uint32_t
lower_bound(const uint16_t *low, uint32_t n, uint32_t key)
{
	uint32_t	from = 0;

	while (n > 0)
	{
		uint32_t	half = n / 2;

		if (low[from + half] < key)
		{
			from += half + 1;
			n -= half + 1;
		}
		else
			n = half;
	}
	return from;
}

/* First run that ends at or after low. */
static uint32_t
runs_from(const TagmapRun *run, uint32_t nruns, uint32_t low)
{
	uint32_t	from = 0;

	while (nruns > 0)
	{
		uint32_t	half = nruns / 2;

		if ((uint32_t) run[from + half].start + run[from + half].more < low)
		{
			from += half + 1;
			nruns -= half + 1;
		}
		else
			nruns = half;
	}
	return from;
}

bool
mkt_tagmap_chunk_has(const TagmapChunk *chunk, uint32_t low)
{
	switch (mkt_tagmap_chunk_kind(chunk))
	{
		case TAGMAP_BITMAP:
			return ((const uint64_t *) chunk->data)[low / 64] >> (low % 64) & 1;
		case TAGMAP_ARRAY:
			{
				const uint16_t *lows = (const uint16_t *) chunk->data;
				uint32_t	i = lower_bound(lows, chunk->card, low);

				return i < chunk->card && lows[i] == low;
			}
		case TAGMAP_RUN:
			{
				const TagmapRun *run = (const TagmapRun *) chunk->data;
				uint32_t	i = runs_from(run, chunk->nruns, low);

				return i < chunk->nruns && run[i].start <= low;
			}
	}
	return false;
}

uint32_t
mkt_tagmap_chunk_min(const TagmapChunk *chunk)
{
	return mkt_tagmap_chunk_nth(chunk, 0);
}

uint32_t
mkt_tagmap_chunk_max(const TagmapChunk *chunk)
{
	switch (mkt_tagmap_chunk_kind(chunk))
	{
		case TAGMAP_BITMAP:
			{
				const uint64_t *bits = (const uint64_t *) chunk->data;
				uint32_t	w = TAGMAP_WORDS - 1;

				while (w > 0 && bits[w] == 0)
					w--;
				return bits[w] == 0 ? 0 : w * 64 + 63 - __builtin_clzll(bits[w]);
			}
		case TAGMAP_ARRAY:
			return ((const uint16_t *) chunk->data)[chunk->card - 1];
		case TAGMAP_RUN:
			{
				const TagmapRun *last =
					(const TagmapRun *) chunk->data + chunk->nruns - 1;

				return (uint32_t) last->start + last->more;
			}
	}
	return 0;
}

uint32_t
mkt_tagmap_chunk_rank(const TagmapChunk *chunk, uint32_t low)
{
	uint64_t	rank = 0;
	uint32_t	i;

	if (low >= TAGMAP_BLOCK_BITS)
		return chunk->card;
	switch (mkt_tagmap_chunk_kind(chunk))
	{
		case TAGMAP_BITMAP:
			{
				const uint64_t *bits = (const uint64_t *) chunk->data;

				for (i = 0; i < low / 64; i++)
					rank += mkt_tagmap_popcount(bits[i]);
				rank += mkt_tagmap_popcount(bits[i] &
											((UINT64_C(1) << (low % 64)) - 1));
				break;
			}
		case TAGMAP_ARRAY:
			return lower_bound((const uint16_t *) chunk->data, chunk->card, low);
		case TAGMAP_RUN:
			{
				const TagmapRun *run = (const TagmapRun *) chunk->data;

				for (i = 0; i < chunk->nruns && run[i].start < low; i++)
				{
					uint32_t	below = low - run[i].start;
					uint32_t	length = (uint32_t) run[i].more + 1;

					rank += below < length ? below : length;
				}
				break;
			}
	}
	return (uint32_t) rank;
}

uint32_t
mkt_tagmap_chunk_nth(const TagmapChunk *chunk, uint32_t n)
{
	switch (mkt_tagmap_chunk_kind(chunk))
	{
		case TAGMAP_BITMAP:
			{
				const uint64_t *bits = (const uint64_t *) chunk->data;
				uint32_t	w;

				for (w = 0; w < TAGMAP_WORDS; w++)
				{
					uint32_t	here = (uint32_t) mkt_tagmap_popcount(bits[w]);
					uint64_t	word = bits[w];

					if (n >= here)
					{
						n -= here;
						continue;
					}
					while (n-- > 0)
						word &= word - 1;
					return w * 64 + __builtin_ctzll(word);
				}
				break;
			}
		case TAGMAP_ARRAY:
			return ((const uint16_t *) chunk->data)[n];
		case TAGMAP_RUN:
			{
				const TagmapRun *run = (const TagmapRun *) chunk->data;

				for (; n > run->more; run++)
					n -= (uint32_t) run->more + 1;
				return run->start + n;
			}
	}
	return 0;
}

/* ---- two blocks ------------------------------------------------------------ */

bool
mkt_tagmap_chunk_equal(const TagmapChunk *a, const TagmapChunk *b)
{
	return a->card == b->card && a->nruns == b->nruns &&
		memcmp(a->data, b->data,
			   mkt_tagmap_payload_size(a->card, a->nruns)) == 0;
}

uint32_t
mkt_tagmap_chunk_and_count(const TagmapChunk *a, const TagmapChunk *b)
{
	uint64_t	scratch[TAGMAP_WORDS];
	const TagmapChunk *t;

	if (a->card == 0 || b->card == 0)
		return 0;
	if (a->card == TAGMAP_BLOCK_BITS)
		return b->card;
	if (b->card == TAGMAP_BLOCK_BITS)
		return a->card;
	if (mkt_tagmap_chunk_kind(a) == TAGMAP_BITMAP)
	{
		t = a;
		a = b;
		b = t;
	}
	if (mkt_tagmap_chunk_kind(b) == TAGMAP_BITMAP)
		return mkt_tagmap_bits_and_count((const uint64_t *) b->data, a);
	if (span_count(a) + span_count(b) <= SPANS_MAX)
		return spans_and_count(a, b);
	mkt_tagmap_chunk_to_bits(b, scratch);
	return mkt_tagmap_bits_and_count(scratch, a);
}

bool
mkt_tagmap_chunk_overlaps(const TagmapChunk *a, const TagmapChunk *b)
{
	if (a->card == 0 || b->card == 0)
		return false;
	if (mkt_tagmap_chunk_kind(a) == TAGMAP_BITMAP &&
		mkt_tagmap_chunk_kind(b) == TAGMAP_BITMAP)
	{
		const uint64_t *x = (const uint64_t *) a->data;
		const uint64_t *y = (const uint64_t *) b->data;
		int			i;

		for (i = 0; i < TAGMAP_WORDS; i++)
		{
			if (x[i] & y[i])
				return true;
		}
		return false;
	}
	return mkt_tagmap_chunk_and_count(a, b) > 0;
}

void
mkt_tagmap_chunk_op(TagmapOp op, const TagmapChunk *a, const TagmapChunk *b,
					void *payload, TagmapChunk *result)
{
	TagmapRun	run[SPANS_MAX];

	if (mkt_tagmap_chunk_kind(a) != TAGMAP_BITMAP &&
		mkt_tagmap_chunk_kind(b) != TAGMAP_BITMAP &&
		span_count(a) + span_count(b) <= SPANS_MAX)
	{
		runs_to_chunk(run, spans_op(op, a, b, run), a->block, payload, result);
		return;
	}
	if ((op == TAGMAP_AND || op == TAGMAP_ANDNOT) && a->nruns == 0 &&
		a->card <= SPANS_MAX && mkt_tagmap_chunk_kind(b) == TAGMAP_BITMAP)
	{
		/* a few members against a bitmap: ask for each */
		const uint16_t *low = (const uint16_t *) a->data;
		uint16_t	kept[SPANS_MAX];
		uint32_t	n = 0;
		uint32_t	i;

		for (i = 0; i < a->card; i++)
		{
			if (mkt_tagmap_chunk_has(b, low[i]) == (op == TAGMAP_AND))
				kept[n++] = low[i];
		}
		mkt_tagmap_lows_to_chunk(kept, n, a->block, payload, result);
		return;
	}
	bits_op(op, a, b, payload, result);
}

/* a op b by way of bits; the answer ends up in payload. */
static void
bits_op(TagmapOp op, const TagmapChunk *a, const TagmapChunk *b,
		void *payload, TagmapChunk *result)
{
	uint64_t	bits[TAGMAP_WORDS];

	if (op == TAGMAP_AND && mkt_tagmap_chunk_kind(a) != TAGMAP_BITMAP)
	{
		/* make bits of only one of the two */
		const TagmapChunk *t = a;

		a = b;
		b = t;
	}
	mkt_tagmap_chunk_to_bits(a, bits);
	switch (op)
	{
		case TAGMAP_AND:
			mkt_tagmap_and_into_bits(bits, b);
			break;
		case TAGMAP_OR:
			mkt_tagmap_or_into_bits(bits, b);
			break;
		case TAGMAP_ANDNOT:
			mkt_tagmap_andnot_into_bits(bits, b);
			break;
		case TAGMAP_XOR:
			mkt_tagmap_xor_into_bits(bits, b);
			break;
	}
	mkt_tagmap_bits_to_chunk(bits, a->block, payload, result);
	if (result->data != payload)
	{
		memcpy(payload, bits, TAGMAP_BITMAP_BYTES);
		result->data = payload;
	}
}

/* ---- small blocks as spans -------------------------------------------------- */

/* Spans of an array or run container, an array counting one per member. */
static uint32_t
span_count(const TagmapChunk *chunk)
{
	return chunk->nruns > 0 ? chunk->nruns : chunk->card;
}

static void
spans_next(Spans *spans)
{
	const TagmapChunk *chunk = spans->chunk;

	if (spans->at >= span_count(chunk))
		spans->start = spans->end = PAST;
	else if (chunk->nruns > 0)
	{
		TagmapRun	run = ((const TagmapRun *) chunk->data)[spans->at++];

		spans->start = run.start;
		spans->end = (uint32_t) run.start + run.more + 1;
	}
	else
	{
		spans->start = ((const uint16_t *) chunk->data)[spans->at++];
		spans->end = spans->start + 1;
	}
}

static void
spans_open(Spans *spans, const TagmapChunk *chunk)
{
	spans->chunk = chunk;
	spans->at = 0;
	spans_next(spans);
}

static uint32_t
spans_and_count(const TagmapChunk *a, const TagmapChunk *b)
{
	Spans		x;
	Spans		y;
	uint32_t	count = 0;

	spans_open(&x, a);
	spans_open(&y, b);
	while (x.start != PAST && y.start != PAST)
	{
		uint32_t	start = x.start > y.start ? x.start : y.start;
		uint32_t	end = x.end < y.end ? x.end : y.end;

		if (start < end)
			count += end - start;
		if (x.end < y.end)
			spans_next(&x);
		else
			spans_next(&y);
	}
	return count;
}

/*
 * Sweep along both, from one boundary to the next: between two boundaries
 * membership in a and in b is constant, and the truth table says whether the
 * stretch belongs to the answer. Every boundary of the answer is a boundary of
 * a or b, so there are at most as many runs as both have spans.
 */
static uint32_t
spans_op(TagmapOp op, const TagmapChunk *a, const TagmapChunk *b,
		 TagmapRun *run)
{
	Spans		x;
	Spans		y;
	bool		in_x = false;
	bool		in_y = false;
	uint32_t	from = 0;
	uint32_t	reached = PAST; /* end of the last run written */
	uint32_t	nruns = 0;

	spans_open(&x, a);
	spans_open(&y, b);
	for (;;)
	{
		uint32_t	next_x = in_x ? x.end : x.start;
		uint32_t	next_y = in_y ? y.end : y.start;
		uint32_t	to = next_x < next_y ? next_x : next_y;

		if (from < to && to != PAST && (op >> (in_x + 2 * in_y) & 1))
		{
			if (from != reached)
			{
				run[nruns].start = (uint16_t) from;
				run[nruns].more = (uint16_t) (to - from - 1);
				nruns++;
			}
			else
				run[nruns - 1].more += (uint16_t) (to - from);
			reached = to;
		}
		if (to == PAST)
			return nruns;
		if (next_x == to)
		{
			if (in_x)
				spans_next(&x);
			in_x = !in_x;
		}
		if (next_y == to)
		{
			if (in_y)
				spans_next(&y);
			in_y = !in_y;
		}
		from = to;
	}
}

/* The canonical container for at most SPANS_MAX runs. */
static void
runs_to_chunk(const TagmapRun *run, uint32_t nruns, uint32_t block,
			  void *payload, TagmapChunk *result)
{
	uint16_t	lows[2 * SPANS_MAX];
	uint32_t	card = 0;
	TagmapChunk runs = {block, 0, (uint16_t) nruns, run};
	uint32_t	i;

	for (i = 0; i < nruns; i++)
		card += (uint32_t) run[i].more + 1;
	runs.card = (uint16_t) card;
	if (2 * nruns < card)
	{
		/* the runs are the smallest form, and few */
		size_t		used = nruns * sizeof(TagmapRun);

		*result = runs;
		result->data = payload;
		memcpy(payload, run, used);
		memset((char *) payload + used, 0, (8 - used % 8) % 8);
		return;
	}
	if (card > 0)
		mkt_tagmap_chunk_lows(&runs, lows);
	mkt_tagmap_lows_to_chunk(lows, card, block, payload, result);
}
