/*-------------------------------------------------------------------------
 *
 * tagmap_build.c
 *		Building a set from members, ranges and blocks in any order.
 *
 * Pure C. Under construction a block is a list of lows, later plain bits, or
 * just "full". A list may hold a low more than once: in a union that counts
 * once, in a symmetric difference an even number of times counts not at all.
 * Members mostly arrive in ascending order; as long as new blocks do, the
 * entries are their own index, and small sets cost next to nothing.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "tagmap_core.h"

#define LIST_MAX	2048		/* lows in the longest list */
#define LIST_FIRST	4
#define ROOM_BITS	UINT16_MAX	/* data is uint64_t[TAGMAP_WORDS] */
#define ROOM_FULL	(UINT16_MAX - 1)	/* every member; no data */
#define SORT_MAX	32			/* longer lists are sorted through bits */
#define NONE		UINT32_MAX

typedef struct Entry
{
	uint32_t	block;
	uint16_t	used;			/* lows in the list */
	uint16_t	room;			/* lows there is room for, or ROOM_* */
	void	   *data;
} Entry;

struct TagmapBuilder
{
	const TagmapHost *host;
	bool		xor;
	uint32_t	nentries;
	uint32_t	room;			/* entries there is room for */
	uint32_t	last;			/* entry used last */
	uint32_t	index_mask;		/* size of index - 1 */
	Entry	   *entries;
	uint32_t   *index;			/* hash of block -> entry; NULL while entries
								 * are in ascending order */
};

static Entry *entry_for(TagmapBuilder *builder, uint32_t block);
static uint32_t entry_find(const TagmapBuilder *builder, uint32_t block);
static Entry *entry_append(TagmapBuilder *builder, uint32_t block);
static void index_insert(TagmapBuilder *builder, uint32_t at);
static void index_build(TagmapBuilder *builder);
static void entries_sort(TagmapBuilder *builder);
static void list_push(TagmapBuilder *builder, Entry *entry, uint32_t low);
static void list_fold(const TagmapBuilder *builder, Entry *entry);
static void add_fill(TagmapBuilder *builder, Entry *entry, uint32_t first,
					 uint32_t last);
static void add_full(TagmapBuilder *builder, Entry *entry);
static uint64_t *entry_bits(TagmapBuilder *builder, Entry *entry);

TagmapBuilder *
mkt_tagmap_builder_new(const TagmapHost *host, bool xor)
{
	TagmapBuilder *builder = (TagmapBuilder *) host->alloc(sizeof(*builder));

	memset(builder, 0, sizeof(*builder));
	builder->host = host;
	builder->xor = xor;
	return builder;
}

void
mkt_tagmap_builder_free(TagmapBuilder *builder)
{
	uint32_t	i;

	for (i = 0; i < builder->nentries; i++)
	{
		if (builder->entries[i].data != NULL)
			builder->host->release(builder->entries[i].data);
	}
	if (builder->entries != NULL)
		builder->host->release(builder->entries);
	if (builder->index != NULL)
		builder->host->release(builder->index);
	builder->host->release(builder);
}

/* ---- adding ------------------------------------------------------------- */

void
mkt_tagmap_builder_add(TagmapBuilder *builder, uint64_t member)
{
	uint32_t	low = mkt_tagmap_low_of(member);
	Entry	   *entry = entry_for(builder, mkt_tagmap_block_of(member));

	if (entry->room == ROOM_BITS)
	{
		uint64_t   *word = (uint64_t *) entry->data + low / 64;
		uint64_t	mask = UINT64_C(1) << (low % 64);

		*word = builder->xor ? *word ^ mask : *word | mask;
	}
	else
		list_push(builder, entry, low);
}

void
mkt_tagmap_builder_add_range(TagmapBuilder *builder, uint64_t first,
							 uint64_t last)
{
	uint32_t	block = mkt_tagmap_block_of(first);
	uint32_t	end = mkt_tagmap_block_of(last);

	for (; block <= end; block++)
	{
		Entry	   *entry = entry_for(builder, block);
		uint32_t	from = 0;
		uint32_t	to = TAGMAP_BLOCK_BITS - 1;

		if (block == mkt_tagmap_block_of(first))
			from = mkt_tagmap_low_of(first);
		if (block == end)
			to = mkt_tagmap_low_of(last);
		add_fill(builder, entry, from, to);
	}
}

void
mkt_tagmap_builder_add_chunk(TagmapBuilder *builder, const TagmapChunk *chunk)
{
	Entry	   *entry;
	uint32_t	i;

	if (chunk->card == 0)
		return;
	entry = entry_for(builder, chunk->block);
	if (chunk->nruns > 0)
	{
		const TagmapRun *run = (const TagmapRun *) chunk->data;

		for (i = 0; i < chunk->nruns; i++)
			add_fill(builder, entry, run[i].start,
					 (uint32_t) run[i].start + run[i].more);
	}
	else if (mkt_tagmap_chunk_kind(chunk) == TAGMAP_ARRAY &&
			 entry->room != ROOM_BITS)
	{
		const uint16_t *low = (const uint16_t *) chunk->data;

		for (i = 0; i < chunk->card; i++)
			list_push(builder, entry, low[i]);
	}
	else if (builder->xor)
		mkt_tagmap_xor_into_bits(entry_bits(builder, entry), chunk);
	else if (entry->room != ROOM_FULL)
		mkt_tagmap_or_into_bits(entry_bits(builder, entry), chunk);
}

void
mkt_tagmap_builder_add_map(TagmapBuilder *builder, const Tagmap *map)
{
	TagmapCursor cursor;

	mkt_tagmap_open(&cursor, map);
	while (mkt_tagmap_next(&cursor))
		mkt_tagmap_builder_add_chunk(builder, &cursor.chunk);
}

void
mkt_tagmap_builder_add_builder(TagmapBuilder *builder, TagmapBuilder *other)
{
	uint32_t	i;
	uint32_t	k;

	for (i = 0; i < other->nentries; i++)
	{
		const Entry *from = &other->entries[i];
		Entry	   *entry = entry_for(builder, from->block);

		if (from->room == ROOM_FULL)
			add_full(builder, entry);
		else if (from->room != ROOM_BITS)
		{
			for (k = 0; k < from->used; k++)
				list_push(builder, entry, ((const uint16_t *) from->data)[k]);
		}
		else if (builder->xor || entry->room != ROOM_FULL)
		{
			uint64_t   *bits = entry_bits(builder, entry);

			(builder->xor ? mkt_tagmap_kernel->xor2 : mkt_tagmap_kernel->or2)
				(bits, bits, (const uint64_t *) from->data);
		}
	}
}

/* ---- the value ------------------------------------------------------------ */

Tagmap *
mkt_tagmap_builder_value(TagmapBuilder *builder, size_t *size)
{
	uint64_t	payload[TAGMAP_WORDS];
	const TagmapRun everyone = {0, TAGMAP_BLOCK_BITS - 1};
	TagmapWriter writer;
	uint32_t	i;

	entries_sort(builder);
	mkt_tagmap_writer_open(&writer, builder->host, builder->nentries);
	for (i = 0; i < builder->nentries && !writer.too_large; i++)
	{
		Entry	   *entry = &builder->entries[i];
		TagmapChunk chunk;

		if (entry->room == ROOM_FULL)
		{
			chunk.block = entry->block;
			chunk.card = TAGMAP_BLOCK_BITS;
			chunk.nruns = 1;
			payload[0] = 0;
			memcpy(payload, &everyone, sizeof(everyone));
			chunk.data = payload;
		}
		else if (entry->room == ROOM_BITS)
			mkt_tagmap_bits_to_chunk((const uint64_t *) entry->data,
									 entry->block, payload, &chunk);
		else
		{
			list_fold(builder, entry);
			mkt_tagmap_lows_to_chunk((const uint16_t *) entry->data,
									 entry->used, entry->block, payload,
									 &chunk);
		}
		mkt_tagmap_writer_add(&writer, &chunk);
	}
	return mkt_tagmap_writer_close(&writer, size);
}

static int
compare_entries(const void *a, const void *b)
{
	uint32_t	x = ((const Entry *) a)->block;
	uint32_t	y = ((const Entry *) b)->block;

	return (x > y) - (x < y);
}

/* Ascending order makes the index superfluous. */
static void
entries_sort(TagmapBuilder *builder)
{
	if (builder->index == NULL)
		return;
	qsort(builder->entries, builder->nentries, sizeof(Entry), compare_entries);
	builder->host->release(builder->index);
	builder->index = NULL;
	builder->last = 0;
}

/* ---- finding the block ------------------------------------------------------ */

static inline Entry *
entry_for(TagmapBuilder *builder, uint32_t block)
{
	uint32_t	at;

	if (builder->nentries > 0 && builder->entries[builder->last].block == block)
		return &builder->entries[builder->last];
	at = entry_find(builder, block);
	if (at == NONE)
		return entry_append(builder, block);
	builder->last = at;
	return &builder->entries[at];
}

static uint32_t
index_slot(const TagmapBuilder *builder, uint32_t block)
{
	return (uint32_t) (block * UINT64_C(0x9e3779b97f4a7c15) >> 32) &
		builder->index_mask;
}

static uint32_t
entry_find(const TagmapBuilder *builder, uint32_t block)
{
	uint32_t	from = 0;
	uint32_t	n = builder->nentries;
	uint32_t	slot;

	if (builder->index != NULL)
	{
		for (slot = index_slot(builder, block); builder->index[slot] != NONE;
			 slot = (slot + 1) & builder->index_mask)
		{
			if (builder->entries[builder->index[slot]].block == block)
				return builder->index[slot];
		}
		return NONE;
	}
	if (n == 0 || builder->entries[n - 1].block < block)
		return NONE;
	while (n > 1)
	{
		uint32_t	half = n / 2;

		if (builder->entries[from + half].block <= block)
		{
			from += half;
			n -= half;
		}
		else
			n = half;
	}
	return builder->entries[from].block == block ? from : NONE;
}

/* A new entry: an empty list. */
static Entry *
entry_append(TagmapBuilder *builder, uint32_t block)
{
	uint32_t	at = builder->nentries;
	bool		ascending = at == 0 || builder->entries[at - 1].block < block;
	Entry	   *entry;

	if (builder->entries == NULL)
	{
		builder->room = 1;
		builder->entries = (Entry *) builder->host->alloc(sizeof(Entry));
	}
	else if (at == builder->room)
	{
		builder->entries = (Entry *)
			builder->host->resize(builder->entries,
								  (size_t) builder->room * 2 * sizeof(Entry));
		builder->room *= 2;
	}
	entry = &builder->entries[at];
	memset(entry, 0, sizeof(*entry));
	entry->block = block;
	builder->nentries++;
	builder->last = at;
	if (builder->index != NULL)
		index_insert(builder, at);
	else if (!ascending)
		index_build(builder);
	return entry;
}

static void
index_insert(TagmapBuilder *builder, uint32_t at)
{
	uint32_t	slot = index_slot(builder, builder->entries[at].block);

	if (builder->nentries > builder->index_mask / 2)
	{
		index_build(builder);
		return;
	}
	while (builder->index[slot] != NONE)
		slot = (slot + 1) & builder->index_mask;
	builder->index[slot] = at;
}

/* Index all entries, at most a quarter full. */
static void
index_build(TagmapBuilder *builder)
{
	uint32_t   *old = builder->index;
	size_t		slots = 16;
	uint32_t	i;

	while (slots < (size_t) builder->nentries * 4)
		slots *= 2;
	builder->index = (uint32_t *) builder->host->alloc(slots * sizeof(uint32_t));
	builder->index_mask = (uint32_t) (slots - 1);
	memset(builder->index, 0xff, slots * sizeof(uint32_t));
	if (old != NULL)
		builder->host->release(old);
	for (i = 0; i < builder->nentries; i++)
		index_insert(builder, i);
}

/* ---- inside a block ----------------------------------------------------------- */

/* Add a low to an entry that is not (yet) bits. */
static void
list_push(TagmapBuilder *builder, Entry *entry, uint32_t low)
{
	if (entry->room == ROOM_BITS || entry->room == ROOM_FULL)
	{
		add_fill(builder, entry, low, low);
		return;
	}
	if (entry->used == entry->room)
	{
		list_fold(builder, entry);
		if (entry->room == 0)
		{
			entry->room = LIST_FIRST;
			entry->data = builder->host->alloc(LIST_FIRST * sizeof(uint16_t));
		}
		else if (entry->used > entry->room / 2)
		{
			if (entry->room == LIST_MAX)
			{
				add_fill(builder, entry, low, low);
				return;
			}
			entry->data = builder->host->resize(entry->data, (size_t)
												entry->room * 2 * sizeof(uint16_t));
			entry->room *= 2;
		}
	}
	((uint16_t *) entry->data)[entry->used++] = (uint16_t) low;
}

/* Make a list strictly ascending, each low once or, in xor, by parity. */
static void
list_fold(const TagmapBuilder *builder, Entry *entry)
{
	uint16_t   *low = (uint16_t *) entry->data;
	uint64_t	bits[TAGMAP_WORDS];
	uint32_t	n = entry->used;
	uint32_t	kept = 0;
	uint32_t	i;
	uint32_t	k;

	for (i = 1; i < n && low[i] > low[i - 1]; i++)
		;
	if (i >= n)
		return;

	if (n > SORT_MAX)
	{
		memset(bits, 0, sizeof(bits));
		for (i = 0; i < n; i++)
		{
			uint64_t   *word = &bits[low[i] / 64];
			uint64_t	mask = UINT64_C(1) << (low[i] % 64);

			*word = builder->xor ? *word ^ mask : *word | mask;
		}
		entry->used = (uint16_t) mkt_tagmap_bits_lows(bits, low);
		return;
	}

	for (i = 1; i < n; i++)
	{
		uint16_t	moving = low[i];

		for (k = i; k > 0 && low[k - 1] > moving; k--)
			low[k] = low[k - 1];
		low[k] = moving;
	}
	for (i = 0; i < n; i = k)
	{
		for (k = i + 1; k < n && low[k] == low[i]; k++)
			;
		if (!builder->xor || (k - i) % 2 == 1)
			low[kept++] = low[i];
	}
	entry->used = (uint16_t) kept;
}

/* Add the lows first .. last. */
static void
add_fill(TagmapBuilder *builder, Entry *entry, uint32_t first, uint32_t last)
{
	uint64_t   *bits;

	if (entry->room == ROOM_FULL && !builder->xor)
		return;
	if (last - first == TAGMAP_BLOCK_BITS - 1)
	{
		add_full(builder, entry);
		return;
	}
	if (entry->room < LIST_MAX && last - first < LIST_MAX / 4)
	{
		for (; first <= last; first++)
			list_push(builder, entry, first);
		return;
	}
	bits = entry_bits(builder, entry);
	if (!builder->xor)
		mkt_tagmap_bits_fill(bits, first, last);
	else
	{
		TagmapRun	run = {(uint16_t) first, (uint16_t) (last - first)};
		TagmapChunk chunk = {0, (uint16_t) (last - first + 1), 1, &run};

		mkt_tagmap_xor_into_bits(bits, &chunk);
	}
}

/* Add every low of the block. */
static void
add_full(TagmapBuilder *builder, Entry *entry)
{
	bool		empty = entry->used == 0 && entry->room <= LIST_MAX;

	if (builder->xor && entry->room == ROOM_FULL)
		entry->room = 0;
	else if (builder->xor && !empty)
	{
		uint64_t   *bits = entry_bits(builder, entry);
		int			i;

		for (i = 0; i < TAGMAP_WORDS; i++)
			bits[i] = ~bits[i];
	}
	else
	{
		if (entry->data != NULL)
			builder->host->release(entry->data);
		entry->data = NULL;
		entry->used = 0;
		entry->room = ROOM_FULL;
	}
}

/* Turn an entry into bits, whatever it is. */
static uint64_t *
entry_bits(TagmapBuilder *builder, Entry *entry)
{
	uint64_t   *bits;
	uint32_t	i;

	if (entry->room == ROOM_BITS)
		return (uint64_t *) entry->data;
	bits = (uint64_t *) builder->host->alloc(TAGMAP_BITMAP_BYTES);
	memset(bits, entry->room == ROOM_FULL ? 0xff : 0, TAGMAP_BITMAP_BYTES);
	if (entry->data != NULL)
	{
		const uint16_t *low;

		list_fold(builder, entry);
		low = (const uint16_t *) entry->data;
		for (i = 0; i < entry->used; i++)
			bits[low[i] / 64] |= UINT64_C(1) << (low[i] % 64);
		builder->host->release(entry->data);
	}
	entry->data = bits;
	entry->used = 0;
	entry->room = ROOM_BITS;
	return bits;
}
