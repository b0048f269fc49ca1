/*-------------------------------------------------------------------------
 *
 * tagmap_core.h
 *		The set of customer numbers: its bytes, and what can be done with it.
 *
 * Pure C: no PostgreSQL header, so that sanitizers and fuzzers run on exactly
 * this code. tagmap.h is the PostgreSQL side.
 *
 * Stored layout, format 1 (little-endian like the machines mkt is built for;
 * offsets from the start of the value):
 *
 *	off    size  field
 *	  0       4  vl_len_   PostgreSQL's length word; the core writes 0 there
 *	  4       4  head      low byte: format (1); upper 24 bits: nblocks
 *	  8     8*n  dir[]     one entry per non-empty block, ascending by block
 *	  ...        payloads  in directory order, each padded to 8 with zeros
 *
 * Block b holds the members b * 64512 .. b * 64512 + 64511; within it a member
 * is known by its "low", member % 64512. A directory entry tells how many
 * members the block has and, by nruns and card alone, how they are stored:
 *
 *	run     nruns > 0                  nruns pairs of uint16 {start, length-1},
 *	                                   ascending, never touching
 *	array   nruns = 0 and card <= 2016 card uint16, ascending
 *	bitmap  nruns = 0 otherwise        1008 uint64, bit low % 64 of word low / 64
 *
 * A run or array container must save at least half of a bitmap's bytes, the
 * smaller of the two if both do (array on a tie); else it is a bitmap: reading
 * 8 KB of bits is faster than scattering thousands of numbers. So one set has
 * one encoding, and equality and hashing may compare bytes. A set within one block
 * takes at most 16 + 8064 bytes, and every payload begins on a multiple of 8.
 *
 * mkt_tagmap_validate() checks all of this wherever bytes enter.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TAGMAP_CORE_H
#define TAGMAP_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tagmap_kernel.h"

#define TAGMAP_FORMAT_1		1
#define TAGMAP_MEMBER_MAX	((UINT64_C(1) << 40) - 1)
#define TAGMAP_BLOCK_MAX	((uint32_t) (TAGMAP_MEMBER_MAX / TAGMAP_BLOCK_BITS))
#define TAGMAP_NBLOCKS_MAX	16777215	/* what 24 bits hold */
#define TAGMAP_ARRAY_MAX	2016	/* most members an array container has */
#define TAGMAP_RUNS_MAX		1008	/* most runs a run container has */
#define TAGMAP_SIZE_MAX		((size_t) 0x3fffffff)	/* bytes of a varlena */
#define TAGMAP_ONE_BLOCK_MAX (8 + 8 + TAGMAP_BITMAP_BYTES)

typedef struct TagmapDirEntry
{
	uint32_t	block;
	uint16_t	card;			/* 1 .. 64512 */
	uint16_t	nruns;			/* 0: array or bitmap */
} TagmapDirEntry;

typedef struct Tagmap
{
	uint32_t	vl_len_;		/* PostgreSQL's; do not touch directly */
	uint32_t	head;			/* nblocks << 8 | format */
	TagmapDirEntry dir[];
} Tagmap;

_Static_assert(sizeof(TagmapDirEntry) == 8, "directory entries are 8 bytes");
_Static_assert(offsetof(TagmapDirEntry, card) == 4, "card follows block");
_Static_assert(offsetof(TagmapDirEntry, nruns) == 6, "nruns follows card");
_Static_assert(offsetof(Tagmap, head) == 4, "head follows the length word");
_Static_assert(offsetof(Tagmap, dir) == 8, "tagmap header is 8 bytes");
_Static_assert(TAGMAP_WORDS * 64 == TAGMAP_BLOCK_BITS, "words fill a block");
_Static_assert(TAGMAP_WORDS * 8 == TAGMAP_BITMAP_BYTES, "bytes of a bitmap");
_Static_assert(TAGMAP_ARRAY_MAX * 2 == TAGMAP_BITMAP_BYTES / 2,
			   "an array saves half of a bitmap");
_Static_assert(TAGMAP_RUNS_MAX * 4 == TAGMAP_BITMAP_BYTES / 2,
			   "runs save half of a bitmap");
_Static_assert(TAGMAP_BLOCK_BITS <= UINT16_MAX, "card fits 16 bits");

/* One block of a set, read where it lies. card = 0 stands for "nothing". */
typedef struct TagmapChunk
{
	uint32_t	block;
	uint16_t	card;
	uint16_t	nruns;
	const void *data;			/* payload, 8-byte aligned */
} TagmapChunk;

typedef struct TagmapRun
{
	uint16_t	start;
	uint16_t	more;			/* length - 1 */
} TagmapRun;

typedef enum TagmapKind
{
	TAGMAP_ARRAY,
	TAGMAP_BITMAP,
	TAGMAP_RUN
} TagmapKind;

/* Set operations, as truth tables: bit (in a) + 2 * (in b) is the answer. */
typedef enum TagmapOp
{
	TAGMAP_AND = 0x8,
	TAGMAP_OR = 0xe,
	TAGMAP_ANDNOT = 0x2,
	TAGMAP_XOR = 0x6
} TagmapOp;

/*
 * What the core needs from its surroundings. Allocation never returns NULL (it
 * raises the surroundings' error instead); poll is called now and then in long
 * loops and may not return either.
 */
typedef struct TagmapHost
{
	void	   *(*alloc) (size_t size);
	void	   *(*resize) (void *ptr, size_t size);
	void		(*release) (void *ptr);
	void		(*poll) (void);
} TagmapHost;

/* ---- reading a value ------------------------------------------------- */

static inline uint32_t
mkt_tagmap_nblocks(const Tagmap *map)
{
	return map->head >> 8;
}

static inline uint32_t
mkt_tagmap_block_of(uint64_t member)
{
	return (uint32_t) (member / TAGMAP_BLOCK_BITS);
}

static inline uint32_t
mkt_tagmap_low_of(uint64_t member)
{
	return (uint32_t) (member % TAGMAP_BLOCK_BITS);
}

static inline uint64_t
mkt_tagmap_first_of(uint32_t block)
{
	return (uint64_t) block * TAGMAP_BLOCK_BITS;
}

static inline TagmapKind
mkt_tagmap_kind(uint32_t card, uint32_t nruns)
{
	if (nruns > 0)
		return TAGMAP_RUN;
	return card <= TAGMAP_ARRAY_MAX ? TAGMAP_ARRAY : TAGMAP_BITMAP;
}

static inline TagmapKind
mkt_tagmap_chunk_kind(const TagmapChunk *chunk)
{
	return mkt_tagmap_kind(chunk->card, chunk->nruns);
}

/* Bytes of a payload, padding included. */
static inline size_t
mkt_tagmap_payload_size(uint32_t card, uint32_t nruns)
{
	switch (mkt_tagmap_kind(card, nruns))
	{
		case TAGMAP_RUN:
			return ((size_t) nruns * 4 + 7) & ~(size_t) 7;
		case TAGMAP_ARRAY:
			return ((size_t) card * 2 + 7) & ~(size_t) 7;
		case TAGMAP_BITMAP:
			break;
	}
	return TAGMAP_BITMAP_BYTES;
}

/*
 * Are these size bytes a valid value? The length word is not looked at. ptr
 * must be 8-byte aligned. On false, *why says what is wrong (a constant).
 */
extern bool mkt_tagmap_validate(const void *ptr, size_t size,
								const char **why);

/* Bytes of a valid value, from its directory. */
extern size_t mkt_tagmap_size(const Tagmap *map);

/* Members of a valid value; reads header and directory only. */
extern uint64_t mkt_tagmap_cardinality(const Tagmap *map);

/*
 * Walk the blocks in ascending order:
 *
 *		mkt_tagmap_open(&cursor, map);
 *		while (mkt_tagmap_next(&cursor))
 *			... cursor.chunk ...
 */
typedef struct TagmapCursor
{
	const Tagmap *map;
	uint32_t	at;				/* directory entries already delivered */
	const char *payload;		/* payload of entry `at` */
	TagmapChunk chunk;			/* the block delivered last */
} TagmapCursor;

extern void mkt_tagmap_open(TagmapCursor *cursor, const Tagmap *map);
extern bool mkt_tagmap_next(TagmapCursor *cursor);

/* Advance to the first block >= block (never backwards). */
extern bool mkt_tagmap_seek(TagmapCursor *cursor, uint32_t block);

/* The block's part of the set; false (and card 0) if it has none. */
extern bool mkt_tagmap_find(const Tagmap *map, uint32_t block,
							TagmapChunk *chunk);

/* ---- one block ------------------------------------------------------- */

extern bool mkt_tagmap_chunk_has(const TagmapChunk *chunk, uint32_t low);
extern uint32_t mkt_tagmap_chunk_min(const TagmapChunk *chunk);
extern uint32_t mkt_tagmap_chunk_max(const TagmapChunk *chunk);

/* How many lows are below `low` (0 .. 64512). */
extern uint32_t mkt_tagmap_chunk_rank(const TagmapChunk *chunk, uint32_t low);

/* The n-th low, n from 0; n must be below card. */
extern uint32_t mkt_tagmap_chunk_nth(const TagmapChunk *chunk, uint32_t n);

/* All lows, ascending, into lows[card]; returns card. */
extern uint32_t mkt_tagmap_chunk_lows(const TagmapChunk *chunk,
									  uint16_t *lows);

extern bool mkt_tagmap_chunk_equal(const TagmapChunk *a, const TagmapChunk *b);

/* |a & b|; the other counts follow: |a - b| = |a| - |a & b| and so on. */
extern uint32_t mkt_tagmap_chunk_and_count(const TagmapChunk *a,
										   const TagmapChunk *b);

/* Is a & b non-empty? Stops at the first common member. */
extern bool mkt_tagmap_chunk_overlaps(const TagmapChunk *a,
									  const TagmapChunk *b);

/*
 * a op b into payload (TAGMAP_BITMAP_BYTES bytes, 8-byte aligned, distinct
 * from both inputs), described by *result, whose card is 0 if nothing is left.
 */
extern void mkt_tagmap_chunk_op(TagmapOp op, const TagmapChunk *a,
								const TagmapChunk *b, void *payload,
								TagmapChunk *result);

/* ---- one block as bits: uint64_t[TAGMAP_WORDS] ------------------------ */

/*
 * The chunk's bits: where they lie if it is a bitmap, else written to scratch.
 * The result may be shared memory: read only.
 */
extern const uint64_t *mkt_tagmap_chunk_bits(const TagmapChunk *chunk,
											 uint64_t *scratch);

/* bits = chunk, bits &= chunk, bits |= chunk, bits &= ~chunk, bits ^= chunk */
extern void mkt_tagmap_chunk_to_bits(const TagmapChunk *chunk, uint64_t *bits);
extern void mkt_tagmap_and_into_bits(uint64_t *bits, const TagmapChunk *chunk);
extern void mkt_tagmap_or_into_bits(uint64_t *bits, const TagmapChunk *chunk);
extern void mkt_tagmap_andnot_into_bits(uint64_t *bits,
										const TagmapChunk *chunk);
extern void mkt_tagmap_xor_into_bits(uint64_t *bits, const TagmapChunk *chunk);

/* |bits & chunk|, reading only the words the chunk touches. */
extern uint32_t mkt_tagmap_bits_and_count(const uint64_t *bits,
										  const TagmapChunk *chunk);

/* Set bits first .. last, both included. */
extern void mkt_tagmap_bits_fill(uint64_t *bits, uint32_t first, uint32_t last);

/* How many runs of ones; counting stops once `enough` are found. */
extern uint32_t mkt_tagmap_bits_runs(const uint64_t *bits, uint32_t enough);

/*
 * The first run of ones at or after *end, as [*start, *end); false if there is
 * none. Begin with *end = 0.
 */
extern bool mkt_tagmap_next_run(const uint64_t *bits, uint32_t nwords,
								uint32_t *start, uint32_t *end);

/* Lows of the bits set, ascending; returns how many. lows[64512] suffices. */
extern uint32_t mkt_tagmap_bits_lows(const uint64_t *bits, uint16_t *lows);

/*
 * The canonical container for these bits, into payload (TAGMAP_BITMAP_BYTES
 * bytes, 8-byte aligned; may not be bits). *result describes it; card 0 if no
 * bit is set. Without any copy if a bitmap is best: data then points to bits.
 */
extern void mkt_tagmap_bits_to_chunk(const uint64_t *bits, uint32_t block,
									 void *payload, TagmapChunk *result);

/* The same for n strictly ascending lows. */
extern void mkt_tagmap_lows_to_chunk(const uint16_t *lows, uint32_t n,
									 uint32_t block, void *payload,
									 TagmapChunk *result);

/*
 * A whole one-block value into value (TAGMAP_ONE_BLOCK_MAX bytes, 8-byte
 * aligned); returns its size, 8 for the empty set. The length word is 0.
 */
extern size_t mkt_tagmap_bits_to_value(const uint64_t *bits, uint32_t block,
									   void *value);
extern size_t mkt_tagmap_chunk_to_value(const TagmapChunk *chunk, void *value);

/* ---- writing a value block by block, ascending ------------------------ */

typedef struct TagmapWriter
{
	const TagmapHost *host;
	char	   *buffer;			/* the value under construction */
	uint32_t	nblocks;
	uint32_t	dir_room;		/* directory entries there is room for */
	size_t		payload_used;	/* bytes of payload after the directory room */
	size_t		capacity;		/* bytes of buffer */
	bool		too_large;		/* a limit was met: later blocks are dropped */
} TagmapWriter;

/* expect: how many blocks, at a guess; 1 at least. */
extern void mkt_tagmap_writer_open(TagmapWriter *writer,
								   const TagmapHost *host, uint32_t expect);

/* Append a canonical chunk of a higher block; card 0 is skipped. */
extern void mkt_tagmap_writer_add(TagmapWriter *writer,
								  const TagmapChunk *chunk);

/*
 * The finished value and its size; the caller owns it. NULL if too_large.
 */
extern Tagmap *mkt_tagmap_writer_close(TagmapWriter *writer, size_t *size);

/* ---- building from members in any order ------------------------------- */

typedef struct TagmapBuilder TagmapBuilder;

/*
 * xor = false: a member added is in the set. xor = true: adding a member
 * changes its membership. Memory is what the blocks need: at most 8 KB each.
 */
extern TagmapBuilder *mkt_tagmap_builder_new(const TagmapHost *host, bool xor);
extern void mkt_tagmap_builder_free(TagmapBuilder *builder);

/* member must be <= TAGMAP_MEMBER_MAX, first <= last. */
extern void mkt_tagmap_builder_add(TagmapBuilder *builder, uint64_t member);
extern void mkt_tagmap_builder_add_range(TagmapBuilder *builder,
										 uint64_t first, uint64_t last);
extern void mkt_tagmap_builder_add_chunk(TagmapBuilder *builder,
										 const TagmapChunk *chunk);
extern void mkt_tagmap_builder_add_map(TagmapBuilder *builder,
									   const Tagmap *map);
extern void mkt_tagmap_builder_add_builder(TagmapBuilder *builder,
										   TagmapBuilder *other);

/*
 * The set as a value the caller owns; the builder can take more afterwards.
 * NULL if it exceeds TAGMAP_NBLOCKS_MAX blocks or TAGMAP_SIZE_MAX bytes.
 */
extern Tagmap *mkt_tagmap_builder_value(TagmapBuilder *builder, size_t *size);

/* ---- whole sets -------------------------------------------------------- */

/* a op b; NULL if the result is beyond the limits. */
extern Tagmap *mkt_tagmap_set_op(const TagmapHost *host, TagmapOp op,
								 const Tagmap *a, const Tagmap *b,
								 size_t *size);
extern uint64_t mkt_tagmap_set_and_count(const TagmapHost *host,
										 const Tagmap *a, const Tagmap *b);
extern bool mkt_tagmap_set_contains(const Tagmap *a, const Tagmap *b);
extern bool mkt_tagmap_set_overlaps(const Tagmap *a, const Tagmap *b);
extern bool mkt_tagmap_set_equal(const Tagmap *a, const Tagmap *b);
extern bool mkt_tagmap_set_has(const Tagmap *map, uint64_t member);

/*
 * Total order: as their members, written in ascending order, would compare as
 * sequences ({} < {1} < {1,2} < {1,3} < {2}). Returns -1, 0 or 1.
 */
extern int	mkt_tagmap_set_compare(const Tagmap *a, const Tagmap *b);

/* Smallest and greatest member; false for the empty set. */
extern bool mkt_tagmap_set_min(const Tagmap *map, uint64_t *member);
extern bool mkt_tagmap_set_max(const Tagmap *map, uint64_t *member);

/* Members below `member`. */
extern uint64_t mkt_tagmap_set_rank(const Tagmap *map, uint64_t member);

/* The n-th member, n from 0; false if there are not that many. */
extern bool mkt_tagmap_set_nth(const Tagmap *map, uint64_t n,
							   uint64_t *member);

/* Members first .. last, both included; NULL if beyond the limits. */
extern Tagmap *mkt_tagmap_range_value(const TagmapHost *host, uint64_t first,
									  uint64_t last, size_t *size);

/* ---- other forms: text, wire, Roaring ---------------------------------- */

typedef enum TagmapTrouble
{
	TAGMAP_FINE,
	TAGMAP_MALFORMED,			/* 22P02, or 22P03 for bytes */
	TAGMAP_OUT_OF_RANGE,		/* 22003 */
	TAGMAP_TOO_LARGE			/* 54000 */
} TagmapTrouble;

typedef struct TagmapProblem
{
	TagmapTrouble trouble;
	size_t		at;				/* byte offset in the input */
	const char *why;			/* a constant sentence fragment */
} TagmapProblem;

/* '{1,5,7-9}' and back; see docs/tagmap.md. NULL and *problem on bad input. */
extern Tagmap *mkt_tagmap_from_text(const TagmapHost *host, const char *text,
									size_t length, size_t *size,
									TagmapProblem *problem);

/* The text, NUL-terminated, or NULL if longer than TAGMAP_SIZE_MAX bytes. */
extern char *mkt_tagmap_to_text(const TagmapHost *host, const Tagmap *map);

/*
 * The wire format is the stored bytes from offset 4 on, in little-endian
 * order: on the machines mkt is built for, the value without its length word.
 * wire_in makes a value of such bytes if they are valid.
 */
extern Tagmap *mkt_tagmap_wire_in(const TagmapHost *host,
								  const unsigned char *wire, size_t length,
								  size_t *size, TagmapProblem *problem);

/*
 * The Roaring portable format, 32-bit or (wide) 64-bit. *prefix bytes are left
 * free before the image, for a varlena header.
 */
extern unsigned char *mkt_tagmap_to_roaring(const TagmapHost *host,
											const Tagmap *map, bool wide,
											size_t prefix, size_t *size,
											TagmapProblem *problem);
extern Tagmap *mkt_tagmap_from_roaring(const TagmapHost *host,
									   const unsigned char *image,
									   size_t length, bool wide, size_t *size,
									   TagmapProblem *problem);

#endif							/* TAGMAP_CORE_H */
