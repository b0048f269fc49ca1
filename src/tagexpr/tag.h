/*-------------------------------------------------------------------------
 *
 * tag.h
 *		Tags in their tables, and audiences computed from them block by block.
 *
 * The layers, from the ground:
 *
 *	tag_catalog.c	the tables; what a name means; which names come near
 *	tag_cursor.c	one slice of one tag, walked in block order
 *	tag_past.c		the same slice as it was at a past moment
 *	tag_plan.c		an expression bound to cursors, clipped to the caller
 *	tag_set.c		intersection and union of sets of one block
 *	tag_eval.c		the plan in one block, and for one customer
 *	tag_number.c	bit-sliced numbers: ranges, and values of members
 *	tag_lanes.c		slices turned into the values of 64 customers
 *	tag_ask.c		count, members, the audience as a set
 *	tag_measure.c	breakdowns, sums, greatest values
 *	tag_compare.c	Venn regions, overlaps, profiles, portraits
 *	tag_alike.c		who is most like an audience
 *	tag_write.c		sets and values into tag_block
 *	tag_load.c		values from queries: tag_put_values, tag_refresh
 *	tag_slicer.c	all values of one tag into its slices
 *	tag_value.c		one customer's value: tag_put_value
 *
 * Tables are read with the active snapshot and without privilege checks: the
 * plan clips every answer to what mkt.sees_all() and mkt.my_cells() allow.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TAG_H
#define TAG_H

#include "access/genam.h"
#include "datatype/timestamp.h"
#include "nodes/pg_list.h"
#include "storage/buf.h"
#include "utils/array.h"
#include "utils/numeric.h"
#include "utils/rel.h"
#include "utils/snapshot.h"

#include "tagexpr.h"
#include "tagmap.h"

/* ---- the tables (sql/platform/32-tag.once.sql) ------------------------- */

#define Anum_tag_tag_id		1
#define Anum_tag_code		2
#define Anum_tag_name		3
#define Anum_tag_name_zh	4
#define Anum_tag_kind		5
#define Anum_tag_scale		6
#define Anum_tag_bias		7
#define Anum_tag_slices		8
#define Anum_tag_class		10
#define Anum_tag_status		15
#define Anum_tag_is_system	16
#define Anum_tag_refreshed_at 17
#define Anum_tag_members	18
#define Anum_tag_history_since 19
#define Natts_tag			19

#define Anum_tag_block_tag_id	1
#define Anum_tag_block_slice	2
#define Anum_tag_block_block	3
#define Anum_tag_block_members	4
#define Natts_tag_block			4

#define Anum_tag_label_tag_id	1
#define Anum_tag_label_value	2
#define Anum_tag_label_label	3
#define Anum_tag_label_label_zh 4
#define Natts_tag_label			4

#define Anum_tag_change_tag_id	1
#define Anum_tag_change_slice	2
#define Anum_tag_change_block	3
#define Anum_tag_change_changed_at 4
#define Anum_tag_change_flipped	6
#define Natts_tag_change		6

#define Anum_tag_shape_tag_id	1
#define Anum_tag_shape_until	2
#define Anum_tag_shape_bias		3
#define Anum_tag_shape_slices	4
#define Natts_tag_shape			4

#define TAG_SLICES_MAX	62
#define TAG_VALUE_MAX	(PG_INT64_MAX / 4)	/* of |value x 10^scale| */
#define TAG_BLOCK_END	((int64) PG_INT32_MAX + 1)	/* past every block */

typedef enum TagKind
{
	TAG_BOOLEAN,
	TAG_NUMERIC,
	TAG_ENUM
} TagKind;

typedef struct Tag
{
	int32		tag_id;
	TagKind		kind;
	int16		scale;
	int16		slices;
	int64		bias;
	int64		members;
	bool		is_system;
	bool		online;
	bool		written;		/* ever */
	bool		history;		/* changes are kept, since history_since */
	TimestampTz refreshed_at;
	TimestampTz history_since;
	TimestampTz as_of;			/* read as it was then; DT_NOEND: as it is */
	char	   *code;
	char	   *name;
	char	   *name_zh;
	char	   *class;
} Tag;

/* The tables, opened for one call. */
typedef struct TagStore
{
	Relation	tag;
	Relation	block;
	Relation	block_index;
	Relation	change;			/* NULL unless as_of is in the past */
	Relation	change_index;
	Snapshot	snapshot;
	TimestampTz as_of;			/* DT_NOEND: the present */
	IndexScanDesc exact_scan;	/* shared by a query's exact cursors; NULL until needed */
} TagStore;

extern void mkt_tag_store_open(TagStore *store);
extern void mkt_tag_store_close(TagStore *store);

/* Open mkt.<name> for reading, or raise 55000; natts: columns it must have. */
extern Relation mkt_tag_open_table(const char *name, int natts);

/*
 * Tags needed from here on are as they were at that moment, which raises 55000
 * for a tag that has no history so far back (tag_past.c).
 */
extern void mkt_tag_store_look_back(TagStore *store, TimestampTz as_of);
extern void mkt_tag_look_back(TagStore *store, Tag *tag);

/* The same, but false instead of an error. */
extern bool mkt_tag_remembers(TagStore *store, Tag *tag);

/* The tag of that code or Chinese name; unknown: NULL, or 42704 with a hint. */
extern Tag *mkt_tag_find(TagStore *store, const char *name, int length);
extern Tag *mkt_tag_need(TagStore *store, const char *name, int length);
extern Tag *mkt_tag_need_text(TagStore *store, const text *name);

/* The same, but 42804 unless it has values. */
extern Tag *mkt_tag_need_values(TagStore *store, const text *name);

/* Every tag, by tag_id, as it is now. */
extern List *mkt_tag_all(TagStore *store);

/* Those online, and of the past those whose state at that moment is known. */
extern List *mkt_tag_online(TagStore *store);

/* The value of an enum's label; unknown: 42704 with a hint. */
extern int32 mkt_tag_need_label(const Tag *tag, const char *label, int length);

/* Labels of an enum, as (value, label, label_zh); NIL if it has none. */
typedef struct TagLabel
{
	int32		value;
	char	   *label;
	char	   *label_zh;
} TagLabel;

extern List *mkt_tag_labels(int32 tag_id);

/* ---- one slice in block order ------------------------------------------- */

#define TAG_CURSOR_AHEAD	64

/*
 * Where in a row of mkt.tag_block the members begin, but for alignment: behind
 * integer, smallint and integer, all NOT NULL.
 */
#define TAG_BLOCK_MEMBERS_AT 12

/* A row the index promises; whether it is visible, the heap tells. */
typedef struct TagPromise
{
	int32		block;
	ItemPointerData tid;
} TagPromise;

typedef struct TagPast TagPast;

typedef struct TagCursor
{
	TagStore   *store;
	bool		exact;			/* single blocks are asked for: read no further */
	bool		borrows;		/* the store's exact_scan, having none of its own */
	IndexScanDesc scan;			/* NULL until the first block is asked for */
	ScanKeyData keys[3];
	bool		placed;			/* the scan stands at keys[0..1] */
	bool		drained;		/* the scan has no more rows */
	int			nahead;
	int			at;				/* next of ahead[] to be looked at */
	TagPromise	ahead[TAG_CURSOR_AHEAD];
	Buffer		buffer;			/* pinned: the page of the block at hand */
	int64		block;			/* block at hand, TAG_BLOCK_END after the last */
	TagmapChunk chunk;			/* its members, in the pinned buffer or in small */
	union
	{
		Tagmap		map;
		uint64		room[VARATT_SHORT_MAX / sizeof(uint64) + 1];
	}			small;			/* a set of less than 128 bytes */
	int64		members;		/* how many in all, at a guess: the cost */
	TagPast    *past;			/* NULL: the present */
} TagCursor;

extern TagCursor *mkt_tag_cursor_open(TagStore *store, int32 tag_id, int16 slice,
									  int64 members);
/* Closed, a cursor may be used again: it starts anew. */
extern void mkt_tag_cursor_close(TagCursor *cursor);

/* Turn to another slice; the next seek starts anew. */
extern void mkt_tag_cursor_turn(TagCursor *cursor, int32 tag_id, int16 slice);

/* Go to the first block >= from, never backwards; returns it. */
extern int64 mkt_tag_cursor_advance(TagCursor *cursor, int64 from);

/* The same for a cursor that was made to look back (tag_past.c). */
extern void mkt_tag_cursor_look_back(TagCursor *cursor, const Tag *tag, int16 slice);
extern int64 mkt_tag_past_advance(TagCursor *cursor, int64 from);
extern void mkt_tag_past_close(TagCursor *cursor);

static inline int64
mkt_tag_cursor_seek(TagCursor *cursor, int64 from)
{
	return cursor->block >= from ? cursor->block : mkt_tag_cursor_advance(cursor, from);
}

/* ---- a set of customers of one block ------------------------------------- */

typedef enum TagSetKind
{
	TAG_SET_EMPTY,
	TAG_SET_FULL,				/* the whole block */
	TAG_SET_CHUNK,				/* a container, canonical or not */
	TAG_SET_BITS
} TagSetKind;

typedef struct TagSet
{
	TagSetKind	kind;
	int32		count;			/* members; -1: not counted */
	TagmapChunk chunk;			/* if TAG_SET_CHUNK */
	const uint64 *bits;			/* if TAG_SET_BITS */
} TagSet;

extern uint32 mkt_tag_set_count(const TagSet *set);
extern bool mkt_tag_set_has(const TagSet *set, uint32 low);

/* Its bits, where they are or written to scratch (TAGMAP_WORDS words). */
extern const uint64 *mkt_tag_set_bits(const TagSet *set, uint64 *scratch);

/* Its lows, ascending, into lows[64512]; returns how many. */
extern uint32 mkt_tag_set_lows(const TagSet *set, uint16 *lows);

/* Canonical container, payload as for mkt_tagmap_bits_to_chunk(). */
extern void mkt_tag_set_to_chunk(const TagSet *set, uint32 block, void *payload,
								 TagmapChunk *chunk);

/* |a & b| */
extern uint32 mkt_tag_set_and_count(const TagSet *a, const TagSet *b);

/* Room for what an intersection or union produces; made on first use. */
typedef struct TagRoom
{
	uint64	   *bits;			/* TAGMAP_WORDS words */
	uint16	   *lows;			/* TAGMAP_ARRAY_MAX + 1 */
} TagRoom;

extern uint64 *mkt_tag_room_bits(TagRoom *room);

/*
 * Intersection of yes[] without no[], into *result; what has to be written
 * goes to room. With count_only, nothing is kept but kind and count.
 * Both arrays are used up.
 */
extern void mkt_tag_set_term(TagSet *yes, int nyes, TagSet *no, int nno,
							 bool count_only, TagRoom *room, TagSet *result);
extern void mkt_tag_set_union(TagSet *sets, int nsets, bool count_only,
							  TagRoom *room, TagSet *result);

/* The block at hand of a cursor, or the empty set if it is at another one. */
static inline void
mkt_tag_set_from_cursor(TagCursor *cursor, int64 block, TagSet *set)
{
	if (mkt_tag_cursor_seek(cursor, block) != block)
	{
		set->kind = TAG_SET_EMPTY;
		set->count = 0;
		return;
	}
	set->kind = cursor->chunk.card == TAGMAP_BLOCK_BITS ? TAG_SET_FULL : TAG_SET_CHUNK;
	set->count = cursor->chunk.card;
	set->chunk = cursor->chunk;
}

/* ---- bit-sliced numbers --------------------------------------------------- */

typedef struct TagInterval
{
	uint64		low;			/* stored values low .. high, both included */
	uint64		high;
} TagInterval;

/* Ascending intervals that do not touch. */
typedef struct TagRange
{
	int			n;
	TagInterval *intervals;
	uint64	   *table;			/* which values they hold, once it is needed */
} TagRange;

/* A numeric or enum tag opened for reading. */
typedef struct TagNumber
{
	const Tag  *tag;
	TagCursor  *exists;
	TagCursor **slices;			/* tag->slices of them, least bit first */
	uint64	   *scratch;		/* slices that are no bitmaps, made into bits */
	const uint64 **bits;		/* the slices' bits in the block loaded */
	TagRoom		room[3];
} TagNumber;

/* Those of `exists` (customers of the block with a value) in the intervals. */
extern void mkt_tag_number_range(TagNumber *number, const TagSet *exists,
								 TagRange *range, int64 block, TagRoom *room,
								 TagSet *result);

/* The stored value of one customer; false if there is none. */
extern bool mkt_tag_number_get(TagNumber *number, int64 block, uint32 low,
							   uint64 *value);

/* Ready the slices of a block for mkt_tag_number_values(). */
extern void mkt_tag_number_load(TagNumber *number, int64 block);

/*
 * Stored values of the members, ascending by customer, into values[], which
 * has TAG_VALUES_ROOM entries; returns how many. Who has no value gets 0.
 */
#define TAG_VALUES_ROOM (TAGMAP_BLOCK_BITS + 64)

extern uint32 mkt_tag_number_values(const TagNumber *number,
									const TagSet *members, uint64 *values);

/*
 * Stored values of the 64 customers of one word, from at most 32 slices:
 * values[i] has bit k where bits[k][word] has bit i (tag_lanes.c).
 */
extern void mkt_tag_lanes(const uint64 *const *bits, int nslices, int word,
						  uint32 *values);

/* The same for the members in mask (TAGMAP_WORDS words); returns how many. */
extern uint32 mkt_tag_lanes_collect(const uint64 *const *bits, int nslices,
									const uint64 *mask, uint32 *values);

/* Greatest stored value a number can hold. */
static inline uint64
mkt_tag_number_max(const Tag *tag)
{
	return (UINT64CONST(1) << tag->slices) - 1;
}

/* What a stored value stands for, as an SQL numeric. */
extern Datum mkt_tag_number_datum(const Tag *tag, uint64 value);

/* The sum of n values, ones[k] of which have bit k of their stored value set. */
extern Numeric mkt_tag_number_total(const Tag *tag, int64 n, const int64 *ones);

/* ---- plans ---------------------------------------------------------------- */

typedef enum TagPlanKind
{
	TAG_PLAN_NONE,
	TAG_PLAN_LEAF,
	TAG_PLAN_RANGE,
	TAG_PLAN_SET,				/* a set at hand */
	TAG_PLAN_TERM,				/* all of yes, none of no; empty: everybody */
	TAG_PLAN_UNION				/* any of yes */
} TagPlanKind;

typedef struct TagPlan TagPlan;
struct TagPlan
{
	TagPlanKind kind;
	double		cost;			/* members, at a guess: cheapest goes first */
	TagCursor  *cursor;			/* leaf; of a range, those with a value */
	TagNumber  *number;			/* range */
	TagRange   *range;
	const Tagmap *map;			/* set */
	TagPlan   **yes;
	int			nyes;
	TagPlan   **no;
	int			nno;
	TagSet	   *sets;			/* room for the operands' answers */
	TagRoom		room;
};

/* One question: the tables, and every slice opened once. */
typedef struct TagQuery
{
	TagStore	store;
	MemoryContext context;
	bool		exact;			/* single customers, or single blocks, are asked for */
	bool		together;		/* all plans are asked about the same block: they share cursors */
	List	   *cursors;		/* TagQuerySlice */
	List	   *numbers;		/* TagNumber */
	Tag		   *live;
	TagPlan    *cells;			/* the caller's, or NULL: all */
	TagPlan    *universe;		/* live, clipped to the caller's cells */
} TagQuery;

/*
 * A question about a moment, DT_NOEND being the present. What the caller may
 * see is decided by today.
 */
extern TagQuery *mkt_tag_query_open(TimestampTz as_of);
extern void mkt_tag_query_close(TagQuery *query);

/* Let go of tables and buffers, keep the plans; take them up again. */
extern void mkt_tag_query_suspend(TagQuery *query);
extern void mkt_tag_query_resume(TagQuery *query);

/* The expression within the universe. */
extern TagPlan *mkt_tag_query_plan(TagQuery *query, const TagexprNode *node);
extern TagPlan *mkt_tag_query_plan_value(TagQuery *query, struct varlena *expr);

/*
 * Shared by all who look at the same block. A plan's leaves have cursors of
 * their own, because mkt_tag_plan_next() may send one far ahead.
 */
extern TagCursor *mkt_tag_query_cursor(TagQuery *query, const Tag *tag, int16 slice);
extern TagNumber *mkt_tag_query_number(TagQuery *query, const Tag *tag);

/* Lower bound of the next block >= from that may have members. */
extern int64 mkt_tag_plan_next(TagPlan *plan, int64 from);

/* The answer in one block; blocks must be asked in ascending order. */
extern void mkt_tag_plan_eval(TagPlan *plan, int64 block, bool count_only,
							  TagSet *result);

/* Is the customer in the audience? */
extern bool mkt_tag_plan_has(TagPlan *plan, int64 block, uint32 low);

/*
 * Walk the non-empty blocks:
 *
 *		block = -1
 *		while (mkt_tag_plan_step(plan, count_only, &block, &set)) ...
 */
extern bool mkt_tag_plan_step(TagPlan *plan, bool count_only, int64 *block,
							  TagSet *set);

/*
 * The elements of an array argument, 1 to limit of them: else 22023, and 22004
 * for one that is NULL. `what` they are is for the message.
 */
extern int	mkt_tag_elements(ArrayType *array, Datum **values, int limit,
							 const char *what);

/* ---- writing -------------------------------------------------------------- */

/*
 * Lock the tag's row against other writers until the transaction ends, and
 * push a snapshot that sees what they did; mkt_tag_written() pops it. SPI must
 * be connected. The write counts as made at refreshed_at: that is as_of, but of
 * a tag with history never before the last write.
 */
extern Tag *mkt_tag_lock(TagStore *store, const text *name, TimestampTz as_of);
extern void mkt_tag_written(TagStore *store, const Tag *tag);

/*
 * Turn the row of one block into another, with history if the tag keeps it.
 * NULL: there is no row, or there shall be none; so with an empty new chunk.
 */
extern void mkt_tag_write_block(const Tag *tag, int16 slice, uint32 block,
								const TagmapChunk *old, const TagmapChunk *new);

/* Replaces the contents of one slice: chunks in block order, unequal rows only. */
typedef struct TagRewrite
{
	TagCursor  *old;
	const Tag  *tag;
	int16		slice;
	int64		members;		/* put so far */
} TagRewrite;

extern TagRewrite *mkt_tag_rewrite_open(TagStore *store, const Tag *tag, int16 slice);
extern void mkt_tag_rewrite_put(TagRewrite *rewrite, const TagmapChunk *chunk);
extern void mkt_tag_rewrite_close(TagRewrite *rewrite);

/* Change bias and slices, which have been as they were read; drop rows beyond. */
extern void mkt_tag_reshape(TagStore *store, Tag *tag, int64 bias, int16 slices);

/*
 * Replaces a tag by new values, which come block by block; a block may come
 * twice. A customer who comes twice raises 21000.
 */
typedef struct TagSlicer TagSlicer;

extern TagSlicer *mkt_tag_slicer_open(Tag *tag);
extern void mkt_tag_slicer_add(TagSlicer *slicer, uint64 cid, int64 value);
extern void mkt_tag_slicer_finish_block(TagSlicer *slicer, uint32 block);

/* Write the tag's rows and let go of the slicer. */
extern void mkt_tag_slicer_write(TagSlicer *slicer, TagStore *store);

/* A numeric times 10^scale, rounded; 22003 if the tag cannot hold it. */
extern int64 mkt_tag_scale(Tag *tag, uint64 cid, Datum value);

/* Add a constant to every value: bits[0] says who has one, bits[1..slices] is it. */
extern void mkt_tag_add_constant(uint64 *bits, int slices, uint64 constant);

#endif							/* TAG_H */
