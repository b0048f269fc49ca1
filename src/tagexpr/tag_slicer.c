/*-------------------------------------------------------------------------
 *
 * tag_slicer.c
 *		The values of one tag, all new, into slices and then into its rows.
 *
 * Values come block by block. The block at hand is sliced as they come; when
 * it is over, its slices go to a temporary file as a "part". A block may come
 * once more later. In the end the parts of a block are brought to the tag's
 * common bias, joined, and replace the tag's rows. So memory is one block per
 * slice, and two in the end. Where values come from is tag_load.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "storage/buffile.h"
#include "utils/memutils.h"

#include "tag.h"

/* Where in the file the slices of (a part of) a block are. */
typedef struct Part
{
	uint32		block;
	int			fileno;
	off_t		offset;
	int64		bias;
	int			slices;
} Part;

struct TagSlicer
{
	Tag		   *tag;
	uint64	   *bits;			/* the block at hand: bits[0] who, then the slices */
	bool		empty;			/* nobody in it so far */
	int			slices;			/* of the block at hand */
	int			room;			/* slices there is room for */
	int64		bias;			/* carried from block to block */
	int64		min;			/* of all values */
	int64		max;
	Part	   *parts;
	int			nparts;
	int			parts_room;
	BufFile    *file;
};

TagSlicer *
mkt_tag_slicer_open(Tag *tag)
{
	TagSlicer  *slicer = palloc0(sizeof(TagSlicer));

	slicer->tag = tag;
	slicer->empty = true;
	slicer->min = PG_INT64_MAX;
	slicer->max = PG_INT64_MIN;
	return slicer;
}

/* ---- values of a block into slices ---------------------------------------------------------- */

static void
twice(TagSlicer *slicer, uint64 cid)
{
	ereport(ERROR,
			(errcode(ERRCODE_CARDINALITY_VIOLATION),
			 errmsg("the query gives customer " UINT64_FORMAT " more than once for tag \"%s\"",
					cid, slicer->tag->code),
			 errhint("Aggregate per customer: GROUP BY cid.")));
}

/* Have at least so many slices in the block at hand. */
static void
widen(TagSlicer *slicer, int slices)
{
	Size		size = (Size) (slices + 1) * TAGMAP_BITMAP_BYTES;

	if (slicer->bits == NULL)
		slicer->bits = MemoryContextAlloc(GetMemoryChunkContext(slicer), size);
	else if (slices > slicer->room)
		slicer->bits = repalloc(slicer->bits, size);
	slicer->room = Max(slicer->room, slices);
	if (slices > slicer->slices)
		memset(slicer->bits + (slicer->slices + 1) * TAGMAP_WORDS, 0,
			   (Size) (slices - slicer->slices) * TAGMAP_BITMAP_BYTES);
	slicer->slices = Max(slicer->slices, slices);
}

static int
bits_of(uint64 value)
{
	return value == 0 ? 0 : pg_leftmost_one_pos64(value) + 1;
}

/*
 * A value below the bias: lower it by a power of two, so that this happens a
 * few times in a load and not with every other value. The final bias is exact.
 */
static void
lower_bias(TagSlicer *slicer, int64 value)
{
	uint64		less = UINT64CONST(1) << bits_of((uint64) slicer->bias - (uint64) value - 1);

	if (!slicer->empty)
	{
		widen(slicer, Max(slicer->slices, bits_of(less)) + 1);
		mkt_tag_add_constant(slicer->bits, slicer->slices, less);
	}
	slicer->bias -= less;
}

void
mkt_tag_slicer_add(TagSlicer *slicer, uint64 cid, int64 value)
{
	uint32		low = mkt_tagmap_low_of(cid);
	uint64		bit = UINT64CONST(1) << (low % 64);
	uint64		stored;
	uint64	   *word;

	if (slicer->min > slicer->max)
		slicer->bias = value;	/* the first of all */
	if (value < slicer->bias)
		lower_bias(slicer, value);
	slicer->min = Min(slicer->min, value);
	slicer->max = Max(slicer->max, value);
	if (slicer->empty)
	{
		slicer->empty = false;
		slicer->slices = -1;
	}
	stored = (uint64) value - (uint64) slicer->bias;
	if (bits_of(stored) > slicer->slices)
		widen(slicer, bits_of(stored));
	word = slicer->bits + low / 64;
	if ((*word & bit) != 0)
		twice(slicer, cid);
	for (*word |= bit; stored != 0; stored &= stored - 1)
		word[(pg_rightmost_one_pos64(stored) + 1) * TAGMAP_WORDS] |= bit;
}

static void
write_slice(TagSlicer *slicer, const uint64 *bits, uint32 block)
{
	uint64		payload[TAGMAP_WORDS];
	TagmapChunk chunk;
	uint32		head;

	mkt_tagmap_bits_to_chunk((const uint64_t *) bits, block, payload, &chunk);
	head = (uint32) chunk.nruns << 16 | chunk.card;
	BufFileWrite(slicer->file, &head, sizeof(head));
	if (chunk.card > 0)
		BufFileWrite(slicer->file, unconstify(void *, chunk.data),
					 mkt_tagmap_payload_size(chunk.card, chunk.nruns));
}

/* Write the block at hand as a part. */
void
mkt_tag_slicer_finish_block(TagSlicer *slicer, uint32 block)
{
	MemoryContext old;
	Part	   *part;

	if (slicer->empty)
		return;
	old = MemoryContextSwitchTo(GetMemoryChunkContext(slicer));
	if (slicer->nparts == slicer->parts_room)
	{
		slicer->parts_room = Max(64, slicer->parts_room * 2);
		slicer->parts = slicer->parts == NULL ?
			palloc(slicer->parts_room * sizeof(Part)) :
			repalloc_huge(slicer->parts, slicer->parts_room * sizeof(Part));
	}
	if (slicer->file == NULL)
		slicer->file = BufFileCreateTemp(false);
	part = &slicer->parts[slicer->nparts++];
	part->block = block;
	part->bias = slicer->bias;
	part->slices = slicer->slices;
	BufFileTell(slicer->file, &part->fileno, &part->offset);
	for (int k = 0; k <= slicer->slices; k++)
		write_slice(slicer, slicer->bits + k * TAGMAP_WORDS, block);
	slicer->empty = true;
	MemoryContextSwitchTo(old);
}

/* ---- parts to rows -------------------------------------------------------------------------- */

static int
compare_parts(const void *a, const void *b)
{
	const Part *x = a;
	const Part *y = b;

	if (x->block != y->block)
		return x->block < y->block ? -1 : 1;
	if (x->fileno != y->fileno)
		return x->fileno < y->fileno ? -1 : 1;
	return (x->offset > y->offset) - (x->offset < y->offset);
}

static void
read_exactly(TagSlicer *slicer, void *into, size_t size)
{
	if (BufFileRead(slicer->file, into, size) != size)
		elog(ERROR, "temporary file of tag \"%s\" ends early", slicer->tag->code);
}

static void
read_slice(TagSlicer *slicer, uint32 block, uint64 *bits)
{
	uint64		payload[TAGMAP_WORDS];
	TagmapChunk chunk;
	uint32		head;

	read_exactly(slicer, &head, sizeof(head));
	chunk.block = block;
	chunk.card = head & 0xffff;
	chunk.nruns = head >> 16;
	chunk.data = payload;
	if (chunk.card == 0)
	{
		memset(bits, 0, TAGMAP_BITMAP_BYTES);
		return;
	}
	read_exactly(slicer, payload, mkt_tagmap_payload_size(chunk.card, chunk.nruns));
	mkt_tagmap_chunk_to_bits(&chunk, (uint64_t *) bits);
}

void
mkt_tag_add_constant(uint64 *bits, int slices, uint64 constant)
{
	for (int w = 0; w < TAGMAP_WORDS; w++)
	{
		uint64		exists = bits[w];
		uint64		carry = 0;

		for (int k = 1; k <= slices; k++)
		{
			uint64		a = bits[k * TAGMAP_WORDS + w];
			uint64		b = (constant >> (k - 1)) & 1 ? exists : 0;

			bits[k * TAGMAP_WORDS + w] = a ^ b ^ carry;
			carry = (a & b) | (carry & (a ^ b));
		}
	}
}

/*
 * The part's slices into bits, with the tag's bias and number of slices. The
 * values fit these, so all arithmetic is modulo 2^slices: higher slices of the
 * part, which a lower bias may have given it, do not matter.
 */
static void
read_part(TagSlicer *slicer, const Part *part, uint64 *bits)
{
	const Tag  *tag = slicer->tag;

	if (BufFileSeek(slicer->file, part->fileno, part->offset, SEEK_SET) != 0)
		elog(ERROR, "could not seek in the temporary file of tag \"%s\"", tag->code);
	for (int k = 0; k <= Min(part->slices, tag->slices); k++)
		read_slice(slicer, part->block, bits + k * TAGMAP_WORDS);
	for (int k = part->slices + 1; k <= tag->slices; k++)
		memset(bits + k * TAGMAP_WORDS, 0, TAGMAP_BITMAP_BYTES);
	if (part->bias != tag->bias)
		mkt_tag_add_constant(bits, tag->slices, (uint64) part->bias - (uint64) tag->bias);
}

/* Join another part of the block, which may have no customer in common. */
static void
join_part(TagSlicer *slicer, uint32 block, uint64 *bits, const uint64 *more)
{
	for (int w = 0; w < TAGMAP_WORDS; w++)
	{
		if ((bits[w] & more[w]) != 0)
			twice(slicer, mkt_tagmap_first_of(block) + w * 64 +
				  pg_rightmost_one_pos64(bits[w] & more[w]));
	}
	for (int i = 0; i < (slicer->tag->slices + 1) * TAGMAP_WORDS; i++)
		bits[i] |= more[i];
}

/* Replace the tag's rows by what was loaded. */
void
mkt_tag_slicer_write(TagSlicer *slicer, TagStore *store)
{
	Tag		   *tag = slicer->tag;
	TagRewrite **rewrites;
	uint64	   *bits;
	uint64	   *more = NULL;
	uint64		payload[TAGMAP_WORDS];

	if (slicer->bits != NULL)
		pfree(slicer->bits);
	mkt_tag_reshape(store, tag, slicer->nparts > 0 ? slicer->min : 0,
					slicer->nparts > 0 ? bits_of((uint64) slicer->max - (uint64) slicer->min) : 0);
	qsort(slicer->parts, slicer->nparts, sizeof(Part), compare_parts);
	bits = palloc((tag->slices + 1) * TAGMAP_BITMAP_BYTES);
	rewrites = palloc((tag->slices + 1) * sizeof(TagRewrite *));
	for (int k = 0; k <= tag->slices; k++)
		rewrites[k] = mkt_tag_rewrite_open(store, tag, k);

	for (int i = 0; i < slicer->nparts;)
	{
		uint32		block = slicer->parts[i].block;

		read_part(slicer, &slicer->parts[i++], bits);
		for (; i < slicer->nparts && slicer->parts[i].block == block; i++)
		{
			if (more == NULL)
				more = palloc((tag->slices + 1) * TAGMAP_BITMAP_BYTES);
			read_part(slicer, &slicer->parts[i], more);
			join_part(slicer, block, bits, more);
		}
		for (int k = 0; k <= tag->slices; k++)
		{
			TagmapChunk chunk;

			mkt_tagmap_bits_to_chunk((uint64_t *) bits + k * TAGMAP_WORDS, block, payload, &chunk);
			mkt_tag_rewrite_put(rewrites[k], &chunk);
		}
	}

	tag->members = rewrites[0]->members;
	for (int k = 0; k <= tag->slices; k++)
		mkt_tag_rewrite_close(rewrites[k]);
	if (slicer->file != NULL)
		BufFileClose(slicer->file);
	if (more != NULL)
		pfree(more);
	if (slicer->parts != NULL)
		pfree(slicer->parts);
	pfree(rewrites);
	pfree(bits);
	pfree(slicer);
}
