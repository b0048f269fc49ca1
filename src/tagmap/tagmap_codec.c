/*-------------------------------------------------------------------------
 *
 * tagmap_codec.c
 *		The bytes of a set: checking, reading, walking and writing them.
 *
 * Pure C. What is inside a block is in tagmap_chunk.c.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "tagmap_core.h"

#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "stored bytes double as the little-endian wire format"
#endif

#define POLL_EVERY 1024			/* blocks between two calls of host->poll */

static bool validate_runs(const TagmapRun *run, uint32_t nruns, uint32_t card,
						  uint32_t *max, const char **why);
static bool validate_array(const uint16_t *low, uint32_t card, uint32_t *max,
						   const char **why);
static bool validate_bitmap(const TagmapChunk *chunk, uint32_t *max,
							const char **why);
static bool validate_chunk(const TagmapChunk *chunk, const char **why);
static void writer_reserve(TagmapWriter *writer, size_t payload);

/* ---- checking --------------------------------------------------------- */

bool
mkt_tagmap_validate(const void *ptr, size_t size, const char **why)
{
	const Tagmap *map = (const Tagmap *) ptr;
	size_t		offset;
	uint32_t	nblocks;
	uint32_t	i;

	*why = "the bytes end too early";
	if (size < offsetof(Tagmap, dir))
		return false;
	if ((map->head & 0xff) != TAGMAP_FORMAT_1)
	{
		*why = "the format byte is unknown";
		return false;
	}
	nblocks = mkt_tagmap_nblocks(map);
	offset = offsetof(Tagmap, dir) + (size_t) nblocks * sizeof(TagmapDirEntry);
	if (size > TAGMAP_SIZE_MAX)
	{
		*why = "there are too many bytes";
		return false;
	}
	if (size < offset)
		return false;

	for (i = 0; i < nblocks; i++)
	{
		const TagmapDirEntry *entry = &map->dir[i];
		TagmapChunk chunk = {entry->block, entry->card, entry->nruns,
		(const char *) ptr + offset};
		size_t		bytes = mkt_tagmap_payload_size(chunk.card, chunk.nruns);

		if (i > 0 && entry->block <= map->dir[i - 1].block)
		{
			*why = "the blocks are not in ascending order";
			return false;
		}
		if (bytes > size - offset)
			return false;
		if (!validate_chunk(&chunk, why))
			return false;
		offset += bytes;
		*why = "the bytes end too early";
	}
	if (offset != size)
	{
		*why = "there are bytes after the last block";
		return false;
	}
	return true;
}

static bool
validate_chunk(const TagmapChunk *chunk, const char **why)
{
	TagmapKind	kind = mkt_tagmap_chunk_kind(chunk);
	const char *data = (const char *) chunk->data;
	size_t		used = 0;
	size_t		padded = mkt_tagmap_payload_size(chunk->card, chunk->nruns);
	uint32_t	max = 0;

	if (chunk->card == 0 || chunk->card > TAGMAP_BLOCK_BITS)
	{
		*why = "a block has an impossible number of members";
		return false;
	}
	if (chunk->nruns > TAGMAP_RUNS_MAX)
	{
		*why = "a block has too many runs";
		return false;
	}
	switch (kind)
	{
		case TAGMAP_RUN:
			if (!validate_runs((const TagmapRun *) data, chunk->nruns,
							   chunk->card, &max, why))
				return false;
			used = (size_t) chunk->nruns * sizeof(TagmapRun);
			break;
		case TAGMAP_ARRAY:
			if (!validate_array((const uint16_t *) data, chunk->card, &max,
								why))
				return false;
			used = (size_t) chunk->card * sizeof(uint16_t);
			break;
		case TAGMAP_BITMAP:
			if (!validate_bitmap(chunk, &max, why))
				return false;
			used = TAGMAP_BITMAP_BYTES;
			break;
	}
	if (chunk->block > TAGMAP_BLOCK_MAX ||
		mkt_tagmap_first_of(chunk->block) + max > TAGMAP_MEMBER_MAX)
	{
		*why = "a member is beyond the greatest customer number";
		return false;
	}
	for (; used < padded; used++)
	{
		if (data[used] != 0)
		{
			*why = "the padding is not zero";
			return false;
		}
	}
	return true;
}

static bool
validate_runs(const TagmapRun *run, uint32_t nruns, uint32_t card,
			  uint32_t *max, const char **why)
{
	uint32_t	members = 0;
	uint32_t	free_from = 0;	/* least start the next run may have */
	uint32_t	i;

	for (i = 0; i < nruns; i++)
	{
		uint32_t	last = (uint32_t) run[i].start + run[i].more;

		if (run[i].start < free_from || last >= TAGMAP_BLOCK_BITS)
		{
			*why = "the runs of a block overlap, touch or leave the block";
			return false;
		}
		members += (uint32_t) run[i].more + 1;
		free_from = last + 2;
		*max = last;
	}
	if (members != card)
	{
		*why = "a block has other members than it says";
		return false;
	}
	if (nruns * 4 >= card * 2)
	{
		*why = "a block is not stored in its canonical form";
		return false;
	}
	return true;
}

static bool
validate_array(const uint16_t *low, uint32_t card, uint32_t *max,
			   const char **why)
{
	uint32_t	nruns = 1;
	uint32_t	i;

	for (i = 1; i < card; i++)
	{
		if (low[i] <= low[i - 1])
		{
			*why = "the members of a block are not in ascending order";
			return false;
		}
		nruns += low[i] != low[i - 1] + 1;
	}
	*max = low[card - 1];
	if (*max >= TAGMAP_BLOCK_BITS)
	{
		*why = "a member leaves its block";
		return false;
	}
	if (nruns * 4 < card * 2)
	{
		*why = "a block is not stored in its canonical form";
		return false;
	}
	return true;
}

static bool
validate_bitmap(const TagmapChunk *chunk, uint32_t *max, const char **why)
{
	const uint64_t *bits = (const uint64_t *) chunk->data;

	if (mkt_tagmap_kernel->count(bits) != chunk->card)
	{
		*why = "a block has other members than it says";
		return false;
	}
	if (mkt_tagmap_bits_runs(bits, TAGMAP_RUNS_MAX + 1) <= TAGMAP_RUNS_MAX)
	{
		*why = "a block is not stored in its canonical form";
		return false;
	}
	*max = mkt_tagmap_chunk_max(chunk);
	return true;
}

/* ---- from the wire ------------------------------------------------------ */

Tagmap *
mkt_tagmap_wire_in(const TagmapHost *host, const unsigned char *wire,
				   size_t length, size_t *size, TagmapProblem *problem)
{
	Tagmap	   *map;

	problem->trouble = TAGMAP_FINE;
	problem->at = 0;
	if (length > TAGMAP_SIZE_MAX - offsetof(Tagmap, head))
	{
		problem->trouble = TAGMAP_TOO_LARGE;
		problem->why = "there are too many bytes";
		return NULL;
	}
	*size = offsetof(Tagmap, head) + length;
	map = (Tagmap *) host->alloc(*size);
	map->vl_len_ = 0;
	memcpy(&map->head, wire, length);
	if (mkt_tagmap_validate(map, *size, &problem->why))
		return map;
	problem->trouble = TAGMAP_MALFORMED;
	host->release(map);
	return NULL;
}

/* ---- walking ---------------------------------------------------------- */

size_t
mkt_tagmap_size(const Tagmap *map)
{
	uint32_t	nblocks = mkt_tagmap_nblocks(map);
	size_t		size = offsetof(Tagmap, dir);
	uint32_t	i;

	for (i = 0; i < nblocks; i++)
		size += sizeof(TagmapDirEntry) +
			mkt_tagmap_payload_size(map->dir[i].card, map->dir[i].nruns);
	return size;
}

uint64_t
mkt_tagmap_cardinality(const Tagmap *map)
{
	uint32_t	nblocks = mkt_tagmap_nblocks(map);
	uint64_t	members = 0;
	uint32_t	i;

	for (i = 0; i < nblocks; i++)
		members += map->dir[i].card;
	return members;
}

void
mkt_tagmap_open(TagmapCursor *cursor, const Tagmap *map)
{
	memset(cursor, 0, sizeof(*cursor));
	cursor->map = map;
	cursor->payload = (const char *) &map->dir[mkt_tagmap_nblocks(map)];
}

bool
mkt_tagmap_next(TagmapCursor *cursor)
{
	const TagmapDirEntry *entry = &cursor->map->dir[cursor->at];

	if (cursor->at >= mkt_tagmap_nblocks(cursor->map))
	{
		cursor->chunk.card = 0;
		return false;
	}
	cursor->chunk.block = entry->block;
	cursor->chunk.card = entry->card;
	cursor->chunk.nruns = entry->nruns;
	cursor->chunk.data = cursor->payload;
	cursor->payload += mkt_tagmap_payload_size(entry->card, entry->nruns);
	cursor->at++;
	return true;
}

bool
mkt_tagmap_seek(TagmapCursor *cursor, uint32_t block)
{
	if (cursor->at > 0 && cursor->chunk.card > 0 &&
		cursor->chunk.block >= block)
		return true;
	while (mkt_tagmap_next(cursor))
	{
		if (cursor->chunk.block >= block)
			return true;
	}
	return false;
}

bool
mkt_tagmap_find(const Tagmap *map, uint32_t block, TagmapChunk *chunk)
{
	TagmapCursor cursor;

	mkt_tagmap_open(&cursor, map);
	if (mkt_tagmap_seek(&cursor, block) && cursor.chunk.block == block)
	{
		*chunk = cursor.chunk;
		return true;
	}
	memset(chunk, 0, sizeof(*chunk));
	chunk->block = block;
	return false;
}

/* ---- writing ---------------------------------------------------------- */

/*
 * While a value is written its directory stands in front of the payloads with
 * room to grow; closing moves the payloads up to the last entry.
 */
#define PAYLOADS(writer) \
	((writer)->buffer + offsetof(Tagmap, dir) + \
	 (size_t) (writer)->dir_room * sizeof(TagmapDirEntry))

void
mkt_tagmap_writer_open(TagmapWriter *writer, const TagmapHost *host,
					   uint32_t expect)
{
	memset(writer, 0, sizeof(*writer));
	writer->host = host;
	writer->dir_room = expect > 0 ? expect : 1;
	writer->capacity = offsetof(Tagmap, dir) +
		(size_t) writer->dir_room * sizeof(TagmapDirEntry);
	writer->buffer = (char *) host->alloc(writer->capacity);
}

void
mkt_tagmap_writer_add(TagmapWriter *writer, const TagmapChunk *chunk)
{
	size_t		bytes = mkt_tagmap_payload_size(chunk->card, chunk->nruns);
	TagmapDirEntry *entry;

	if (writer->nblocks % POLL_EVERY == POLL_EVERY - 1)
		writer->host->poll();
	if (chunk->card == 0 || writer->too_large)
		return;
	writer_reserve(writer, bytes);
	if (writer->too_large)
		return;
	entry = &((Tagmap *) writer->buffer)->dir[writer->nblocks++];
	entry->block = chunk->block;
	entry->card = chunk->card;
	entry->nruns = chunk->nruns;
	memcpy(PAYLOADS(writer) + writer->payload_used, chunk->data, bytes);
	writer->payload_used += bytes;
}

/* Make room for one more block with that much payload, or set too_large. */
static void
writer_reserve(TagmapWriter *writer, size_t payload)
{
	uint32_t	room = writer->dir_room;
	size_t		need;

	if (writer->nblocks == room)
		room *= 2;
	need = offsetof(Tagmap, dir) + (size_t) room * sizeof(TagmapDirEntry) +
		writer->payload_used + payload;
	if (writer->nblocks >= TAGMAP_NBLOCKS_MAX || need > TAGMAP_SIZE_MAX)
	{
		writer->too_large = true;
		return;
	}
	if (need > writer->capacity)
	{
		writer->capacity *= 2;
		if (writer->capacity < need)
			writer->capacity = need;
		if (writer->capacity > TAGMAP_SIZE_MAX)
			writer->capacity = TAGMAP_SIZE_MAX;
		writer->buffer = (char *) writer->host->resize(writer->buffer,
													   writer->capacity);
	}
	if (room > writer->dir_room)
	{
		char	   *from = PAYLOADS(writer);

		writer->dir_room = room;
		memmove(PAYLOADS(writer), from, writer->payload_used);
	}
}

Tagmap *
mkt_tagmap_writer_close(TagmapWriter *writer, size_t *size)
{
	Tagmap	   *map = (Tagmap *) writer->buffer;

	writer->buffer = NULL;
	if (writer->too_large)
	{
		writer->host->release(map);
		return NULL;
	}
	memmove(&map->dir[writer->nblocks],
			(char *) map + offsetof(Tagmap, dir) +
			(size_t) writer->dir_room * sizeof(TagmapDirEntry),
			writer->payload_used);
	map->vl_len_ = 0;
	map->head = writer->nblocks << 8 | TAGMAP_FORMAT_1;
	*size = offsetof(Tagmap, dir) + writer->payload_used +
		(size_t) writer->nblocks * sizeof(TagmapDirEntry);
	return map;
}
