/*-------------------------------------------------------------------------
 *
 * tagmap_bits.c
 *		One block between its containers and plain bits.
 *
 * Pure C. Operations between two containers are in tagmap_chunk.c, the loops
 * over whole blocks in tagmap_kernel.c.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "tagmap_core.h"

/* Change of a stretch of bits: set, clear or flip. */
typedef enum BitsChange
{
	BITS_SET,
	BITS_CLEAR,
	BITS_FLIP
} BitsChange;

static void change_word(uint64_t *word, uint64_t mask, BitsChange how);
static void change_range(uint64_t *bits, uint32_t first, uint32_t last,
						 BitsChange how);
static void change_chunk(uint64_t *bits, const TagmapChunk *chunk,
						 BitsChange how);
static uint32_t range_count(const uint64_t *bits, uint32_t first,
							uint32_t last);
static void bits_to_runs(const uint64_t *bits, TagmapRun *run);
static uint32_t worth_of_runs(uint32_t card);
static void zero_padding(void *payload, size_t used);

/* ---- bits and one container -------------------------------------------- */

static inline void
change_word(uint64_t *word, uint64_t mask, BitsChange how)
{
	switch (how)
	{
		case BITS_SET:
			*word |= mask;
			break;
		case BITS_CLEAR:
			*word &= ~mask;
			break;
		case BITS_FLIP:
			*word ^= mask;
			break;
	}
}

static inline void
change_range(uint64_t *bits, uint32_t first, uint32_t last, BitsChange how)
{
	uint32_t	w = first / 64;
	uint32_t	end = last / 64;
	uint64_t	head = ~UINT64_C(0) << (first % 64);
	uint64_t	tail = ~UINT64_C(0) >> (63 - last % 64);

	if (w == end)
	{
		change_word(&bits[w], head & tail, how);
		return;
	}
	change_word(&bits[w], head, how);
	while (++w < end)
		change_word(&bits[w], ~UINT64_C(0), how);
	change_word(&bits[w], tail, how);
}

/* Change the bits of an array or run container. */
static inline void
change_chunk(uint64_t *bits, const TagmapChunk *chunk, BitsChange how)
{
	uint32_t	i;

	if (chunk->nruns > 0)
	{
		const TagmapRun *run = (const TagmapRun *) chunk->data;

		for (i = 0; i < chunk->nruns; i++)
			change_range(bits, run[i].start,
						 (uint32_t) run[i].start + run[i].more, how);
	}
	else
	{
		const uint16_t *low = (const uint16_t *) chunk->data;

		for (i = 0; i < chunk->card; i++)
			change_word(&bits[low[i] / 64], UINT64_C(1) << (low[i] % 64), how);
	}
}

void
mkt_tagmap_bits_fill(uint64_t *bits, uint32_t first, uint32_t last)
{
	change_range(bits, first, last, BITS_SET);
}

const uint64_t *
mkt_tagmap_chunk_bits(const TagmapChunk *chunk, uint64_t *scratch)
{
	if (mkt_tagmap_chunk_kind(chunk) == TAGMAP_BITMAP)
		return (const uint64_t *) chunk->data;
	mkt_tagmap_chunk_to_bits(chunk, scratch);
	return scratch;
}

void
mkt_tagmap_chunk_to_bits(const TagmapChunk *chunk, uint64_t *bits)
{
	if (mkt_tagmap_chunk_kind(chunk) == TAGMAP_BITMAP)
	{
		memcpy(bits, chunk->data, TAGMAP_BITMAP_BYTES);
		return;
	}
	memset(bits, 0, TAGMAP_BITMAP_BYTES);
	change_chunk(bits, chunk, BITS_SET);
}

void
mkt_tagmap_and_into_bits(uint64_t *bits, const TagmapChunk *chunk)
{
	uint64_t	scratch[TAGMAP_WORDS];

	mkt_tagmap_kernel->and2(bits, bits, mkt_tagmap_chunk_bits(chunk, scratch));
}

void
mkt_tagmap_or_into_bits(uint64_t *bits, const TagmapChunk *chunk)
{
	if (mkt_tagmap_chunk_kind(chunk) == TAGMAP_BITMAP)
		mkt_tagmap_kernel->or2(bits, bits, (const uint64_t *) chunk->data);
	else
		change_chunk(bits, chunk, BITS_SET);
}

void
mkt_tagmap_andnot_into_bits(uint64_t *bits, const TagmapChunk *chunk)
{
	if (mkt_tagmap_chunk_kind(chunk) == TAGMAP_BITMAP)
		mkt_tagmap_kernel->andnot2(bits, bits, (const uint64_t *) chunk->data);
	else
		change_chunk(bits, chunk, BITS_CLEAR);
}

void
mkt_tagmap_xor_into_bits(uint64_t *bits, const TagmapChunk *chunk)
{
	if (mkt_tagmap_chunk_kind(chunk) == TAGMAP_BITMAP)
		mkt_tagmap_kernel->xor2(bits, bits, (const uint64_t *) chunk->data);
	else
		change_chunk(bits, chunk, BITS_FLIP);
}

/* ---- counting and listing bits ------------------------------------------ */

uint32_t
mkt_tagmap_bits_and_count(const uint64_t *bits, const TagmapChunk *chunk)
{
	uint32_t	count = 0;
	uint32_t	i;

	switch (mkt_tagmap_chunk_kind(chunk))
	{
		case TAGMAP_BITMAP:
			return mkt_tagmap_kernel->and2_count(bits,
												 (const uint64_t *) chunk->data);
		case TAGMAP_ARRAY:
			{
				const uint16_t *low = (const uint16_t *) chunk->data;

				for (i = 0; i < chunk->card; i++)
					count += (bits[low[i] / 64] >> (low[i] % 64)) & 1;
				break;
			}
		case TAGMAP_RUN:
			{
				const TagmapRun *run = (const TagmapRun *) chunk->data;

				if (chunk->card == TAGMAP_BLOCK_BITS)
					return mkt_tagmap_kernel->count(bits);
				for (i = 0; i < chunk->nruns; i++)
					count += range_count(bits, run[i].start,
										 (uint32_t) run[i].start + run[i].more);
				break;
			}
	}
	return count;
}

static uint32_t
range_count(const uint64_t *bits, uint32_t first, uint32_t last)
{
	uint32_t	w = first / 64;
	uint32_t	end = last / 64;
	uint64_t	head = ~UINT64_C(0) << (first % 64);
	uint64_t	tail = ~UINT64_C(0) >> (63 - last % 64);
	uint64_t	count;

	if (w == end)
		return (uint32_t) mkt_tagmap_popcount(bits[w] & head & tail);
	count = mkt_tagmap_popcount(bits[w] & head);
	while (++w < end)
		count += mkt_tagmap_popcount(bits[w]);
	return (uint32_t) (count + mkt_tagmap_popcount(bits[w] & tail));
}

uint32_t
mkt_tagmap_bits_runs(const uint64_t *bits, uint32_t enough)
{
	uint64_t	before = 0;		/* last bit of the word before */
	uint64_t	runs = 0;
	int			i;

	for (i = 0; i < TAGMAP_WORDS && runs < enough; i++)
	{
		runs += mkt_tagmap_popcount(bits[i] & ~(bits[i] << 1 | before));
		before = bits[i] >> 63;
	}
	return (uint32_t) runs;
}

uint32_t
mkt_tagmap_bits_lows(const uint64_t *bits, uint16_t *lows)
{
	uint32_t	n = 0;
	uint32_t	i;

	for (i = 0; i < TAGMAP_WORDS; i++)
	{
		uint64_t	word;

		for (word = bits[i]; word != 0; word &= word - 1)
			lows[n++] = (uint16_t) (i * 64 + __builtin_ctzll(word));
	}
	return n;
}

uint32_t
mkt_tagmap_chunk_lows(const TagmapChunk *chunk, uint16_t *lows)
{
	switch (mkt_tagmap_chunk_kind(chunk))
	{
		case TAGMAP_BITMAP:
			return mkt_tagmap_bits_lows((const uint64_t *) chunk->data, lows);
		case TAGMAP_ARRAY:
			memcpy(lows, chunk->data, chunk->card * sizeof(uint16_t));
			break;
		case TAGMAP_RUN:
			{
				const TagmapRun *run = (const TagmapRun *) chunk->data;
				uint32_t	n = 0;
				uint32_t	i;
				uint32_t	k;

				for (i = 0; i < chunk->nruns; i++)
				{
					for (k = 0; k <= run[i].more; k++)
						lows[n++] = (uint16_t) (run[i].start + k);
				}
				break;
			}
	}
	return chunk->card;
}

/* ---- choosing the container --------------------------------------------- */

/*
 * With fewer runs than this, a run container is taken: it is strictly smaller
 * than an array and saves half of a bitmap.
 */
static uint32_t
worth_of_runs(uint32_t card)
{
	return card <= TAGMAP_ARRAY_MAX ? (card + 1) / 2 : TAGMAP_RUNS_MAX + 1;
}

void
mkt_tagmap_bits_to_chunk(const uint64_t *bits, uint32_t block, void *payload,
						 TagmapChunk *result)
{
	uint32_t	card = mkt_tagmap_kernel->count(bits);
	uint32_t	worth = worth_of_runs(card);
	uint32_t	nruns;

	result->block = block;
	result->card = (uint16_t) card;
	result->nruns = 0;
	result->data = payload;
	if (card == 0)
		return;
	nruns = mkt_tagmap_bits_runs(bits, worth);
	if (nruns < worth)
	{
		result->nruns = (uint16_t) nruns;
		bits_to_runs(bits, (TagmapRun *) payload);
		zero_padding(payload, nruns * sizeof(TagmapRun));
	}
	else if (card <= TAGMAP_ARRAY_MAX)
	{
		mkt_tagmap_bits_lows(bits, (uint16_t *) payload);
		zero_padding(payload, card * sizeof(uint16_t));
	}
	else
		result->data = bits;
}

/* Write every run of ones; the caller knows that they fit. */
static void
bits_to_runs(const uint64_t *bits, TagmapRun *run)
{
	uint32_t	start;
	uint32_t	end = 0;

	while (mkt_tagmap_next_run(bits, TAGMAP_WORDS, &start, &end))
	{
		run->start = (uint16_t) start;
		run->more = (uint16_t) (end - 1 - start);
		run++;
	}
}

bool
mkt_tagmap_next_run(const uint64_t *bits, uint32_t nwords, uint32_t *start,
					uint32_t *end)
{
	uint32_t	w = *end / 64;
	uint64_t	word;

	/* the next one ... */
	if (w >= nwords)
		return false;
	word = bits[w] & ~UINT64_C(0) << (*end % 64);
	while (word == 0)
	{
		if (++w == nwords)
			return false;
		word = bits[w];
	}
	*start = w * 64 + __builtin_ctzll(word);

	/* ... and the zero that ends its run */
	word = ~bits[w] & ~UINT64_C(0) << (*start % 64);
	while (word == 0 && ++w < nwords)
		word = ~bits[w];
	*end = w < nwords ? w * 64 + __builtin_ctzll(word) : nwords * 64;
	return true;
}

void
mkt_tagmap_lows_to_chunk(const uint16_t *lows, uint32_t n, uint32_t block,
						 void *payload, TagmapChunk *result)
{
	uint32_t	nruns = 0;
	uint32_t	i;

	for (i = 0; i < n; i++)
		nruns += i == 0 || lows[i] != lows[i - 1] + 1;
	result->block = block;
	result->card = (uint16_t) n;
	result->nruns = 0;
	result->data = payload;
	if (nruns < worth_of_runs(n))
	{
		TagmapRun  *run = (TagmapRun *) payload;

		result->nruns = (uint16_t) nruns;
		for (i = 0; i < n; i++)
		{
			if (i == 0 || lows[i] != lows[i - 1] + 1)
			{
				run->start = lows[i];
				run++->more = 0;
			}
			else
				run[-1].more++;
		}
		zero_padding(payload, nruns * sizeof(TagmapRun));
	}
	else if (n <= TAGMAP_ARRAY_MAX)
	{
		memcpy(payload, lows, n * sizeof(uint16_t));
		zero_padding(payload, n * sizeof(uint16_t));
	}
	else
	{
		uint64_t   *bits = (uint64_t *) payload;

		memset(bits, 0, TAGMAP_BITMAP_BYTES);
		for (i = 0; i < n; i++)
			bits[lows[i] / 64] |= UINT64_C(1) << (lows[i] % 64);
	}
}

/* Payloads end on a multiple of 8: zeros up to there. */
static void
zero_padding(void *payload, size_t used)
{
	memset((char *) payload + used, 0, (8 - used % 8) % 8);
}

size_t
mkt_tagmap_bits_to_value(const uint64_t *bits, uint32_t block, void *value)
{
	uint64_t	payload[TAGMAP_WORDS];
	TagmapChunk chunk;

	mkt_tagmap_bits_to_chunk(bits, block, payload, &chunk);
	return mkt_tagmap_chunk_to_value(&chunk, value);
}

size_t
mkt_tagmap_chunk_to_value(const TagmapChunk *chunk, void *value)
{
	Tagmap	   *map = (Tagmap *) value;
	size_t		bytes = mkt_tagmap_payload_size(chunk->card, chunk->nruns);

	map->vl_len_ = 0;
	map->head = TAGMAP_FORMAT_1;
	if (chunk->card == 0)
		return offsetof(Tagmap, dir);
	map->head |= 1 << 8;
	map->dir[0].block = chunk->block;
	map->dir[0].card = chunk->card;
	map->dir[0].nruns = chunk->nruns;
	memcpy(&map->dir[1], chunk->data, bytes);
	return offsetof(Tagmap, dir) + sizeof(TagmapDirEntry) + bytes;
}
