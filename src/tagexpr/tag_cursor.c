/*-------------------------------------------------------------------------
 *
 * tag_cursor.c
 *		One slice of one tag, walked in block order through the primary key.
 *
 * The index says which blocks there are, some rows ahead, so a block nobody
 * asks for is passed over without touching its page. A page is pinned by way
 * of the buffer it was last seen in, which saves most of a buffer look-up (a
 * quarter of counting three dense tags), and the next one is called into the
 * processor's cache meanwhile.
 *
 * The members column has storage PLAIN: the chunk points into the pinned
 * buffer, valid until the cursor moves. Only the smallest sets are copied.
 * mkt.tag_block is a heap: mkt_tag_store_open() checks it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/itup.h"
#include "access/relscan.h"
#include "access/stratnum.h"
#include "storage/bufmgr.h"
#include "utils/fmgroids.h"
#include "utils/memutils.h"

#include "tag.h"

/* Farther than this, a new descent beats reading the index on. */
#define BLOCKS_BEFORE_DESCENT (4 * TAG_CURSOR_AHEAD)

/* Where pages of mkt.tag_block were last seen, by page: only a hint. */
static Buffer *seen = NULL;
static BlockNumber nseen = 0;

static void descend(TagCursor *cursor, int64 from);
static void look_ahead(TagCursor *cursor);
static bool load(TagCursor *cursor, const TagPromise *row);
static const Tagmap *members_of(TagCursor *cursor, HeapTupleHeader tuple);
static Buffer pin(Relation relation, BlockNumber page);
static Buffer *last_seen(BlockNumber page);
static void call_into_cache(const TagPromise *row, const TagmapChunk *alike);

TagCursor *
mkt_tag_cursor_open(TagStore *store, int32 tag_id, int16 slice, int64 members)
{
	TagCursor  *cursor = palloc0(sizeof(TagCursor));

	ScanKeyInit(&cursor->keys[0], Anum_tag_block_tag_id, BTEqualStrategyNumber,
				F_INT4EQ, Int32GetDatum(tag_id));
	ScanKeyInit(&cursor->keys[1], Anum_tag_block_slice, BTEqualStrategyNumber,
				F_INT2EQ, Int16GetDatum(slice));
	cursor->store = store;
	cursor->buffer = InvalidBuffer;
	cursor->block = -1;
	cursor->members = members;
	return cursor;
}

void
mkt_tag_cursor_close(TagCursor *cursor)
{
	if (cursor->past != NULL)
		mkt_tag_past_close(cursor);
	if (BufferIsValid(cursor->buffer))
		ReleaseBuffer(cursor->buffer);
	if (cursor->scan != NULL)
		index_endscan(cursor->scan);
	cursor->buffer = InvalidBuffer;
	cursor->scan = NULL;
	cursor->placed = false;
	cursor->block = -1;
}

void
mkt_tag_cursor_turn(TagCursor *cursor, int32 tag_id, int16 slice)
{
	cursor->keys[0].sk_argument = Int32GetDatum(tag_id);
	cursor->keys[1].sk_argument = Int16GetDatum(slice);
	cursor->placed = false;
	cursor->block = -1;
}

int64
mkt_tag_cursor_advance(TagCursor *cursor, int64 from)
{
	if (cursor->past != NULL)
		return mkt_tag_past_advance(cursor, from);
	if (from > PG_INT32_MAX)
		return cursor->block = TAG_BLOCK_END;
	if (cursor->exact || !cursor->placed)
		descend(cursor, from);
	for (;;)
	{
		while (cursor->at < cursor->nahead)
		{
			const TagPromise *row = &cursor->ahead[cursor->at++];

			if (row->block >= from && load(cursor, row))
				return cursor->block;
		}
		if (cursor->drained)
			return cursor->block = TAG_BLOCK_END;
		if (cursor->nahead > 0 &&
			from - cursor->ahead[cursor->nahead - 1].block > BLOCKS_BEFORE_DESCENT)
			descend(cursor, from);
		else
			look_ahead(cursor);
	}
}

/*
 * An exact cursor is done with its scan at once, so a query's share one: a scan
 * takes tens of kilobytes, and a query may have hundreds of cursors.
 */
static inline IndexScanDesc *
scan_of(TagCursor *cursor)
{
	return cursor->borrows ? &cursor->store->exact_scan : &cursor->scan;
}

/* Go down the index to the first block >= from, or if exact to this block. */
static void
descend(TagCursor *cursor, int64 from)
{
	TagStore   *store = cursor->store;
	IndexScanDesc *scan = scan_of(cursor);

	if (*scan == NULL)
	{
		*scan = mkt_index_beginscan(store->block, store->block_index, store->snapshot, 3);
		(*scan)->xs_want_itup = true;
	}
	if (cursor->exact)
		ScanKeyInit(&cursor->keys[2], Anum_tag_block_block, BTEqualStrategyNumber,
					F_INT4EQ, Int32GetDatum((int32) from));
	else
		ScanKeyInit(&cursor->keys[2], Anum_tag_block_block, BTGreaterEqualStrategyNumber,
					F_INT4GE, Int32GetDatum((int32) Max(from, 0)));
	index_rescan(*scan, cursor->keys, 3, NULL, 0);
	cursor->placed = true;
	cursor->drained = false;
	look_ahead(cursor);
}

/* Ask the index for the next rows. */
static void
look_ahead(TagCursor *cursor)
{
	IndexScanDesc scan = *scan_of(cursor);

	cursor->at = 0;
	cursor->nahead = 0;
	while (cursor->nahead < TAG_CURSOR_AHEAD)
	{
		ItemPointer tid = index_getnext_tid(scan, ForwardScanDirection);
		bool		isnull;

		if (tid == NULL)
		{
			cursor->drained = true;
			return;
		}
		cursor->ahead[cursor->nahead].tid = *tid;
		cursor->ahead[cursor->nahead].block =
			DatumGetInt32(index_getattr(scan->xs_itup, 3, scan->xs_itupdesc, &isnull));
		cursor->nahead++;
	}
}

/* Put the row at hand, if the snapshot sees it. */
static bool
load(TagCursor *cursor, const TagPromise *row)
{
	Relation	relation = cursor->store->block;
	BlockNumber page = ItemPointerGetBlockNumber(&row->tid);
	ItemPointerData tid = row->tid;
	HeapTupleData tuple;
	bool		found;
	const Tagmap *map;

	if (!BufferIsValid(cursor->buffer) || BufferGetBlockNumber(cursor->buffer) != page)
	{
		if (cursor->at < cursor->nahead)
			call_into_cache(&cursor->ahead[cursor->at], &cursor->chunk);
		if (BufferIsValid(cursor->buffer))
			ReleaseBuffer(cursor->buffer);
		cursor->buffer = InvalidBuffer;
		cursor->buffer = pin(relation, page);
	}
	LockBuffer(cursor->buffer, BUFFER_LOCK_SHARE);
	found = heap_hot_search_buffer(&tid, relation, cursor->buffer, cursor->store->snapshot,
								   &tuple, NULL, true);
	LockBuffer(cursor->buffer, BUFFER_LOCK_UNLOCK);
	if (!found)
		return false;

	map = members_of(cursor, tuple.t_data);
	if (map == NULL || map->head != (1 << 8 | TAGMAP_FORMAT_1))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("a row of mkt.tag_block does not hold one block"),
				 errhint("Write tags with mkt.tag_put(), mkt.tag_add() and mkt.tag_remove() only.")));
	cursor->chunk.block = map->dir[0].block;
	cursor->chunk.card = map->dir[0].card;
	cursor->chunk.nruns = map->dir[0].nruns;
	cursor->chunk.data = &map->dir[1];
	cursor->block = cursor->chunk.block;
	return true;
}

/*
 * The set in a row, where it lies. One of less than 128 bytes is stored behind
 * a short length and not aligned: that one is copied.
 */
static const Tagmap *
members_of(TagCursor *cursor, HeapTupleHeader tuple)
{
	char	   *row = (char *) tuple + tuple->t_hoff;
	char	   *members = row + att_align_pointer(TAG_BLOCK_MEMBERS_AT, TYPALIGN_DOUBLE, -1,
												  row + TAG_BLOCK_MEMBERS_AT);

	if (VARATT_IS_4B_U(members))
		return (const Tagmap *) members;
	if (!VARATT_IS_SHORT(members))
		return NULL;
	memcpy(&cursor->small.map.head, VARDATA_SHORT(members), VARSIZE_SHORT(members) - VARHDRSZ_SHORT);
	return &cursor->small.map;
}

static Buffer
pin(Relation relation, BlockNumber page)
{
	Buffer	   *hint = last_seen(page);

	/* checks that the buffer still holds this page of this relation */
	if (!BufferIsValid(*hint) ||
		!ReadRecentBuffer(mkt_relation_files(relation), MAIN_FORKNUM, page, *hint))
		*hint = ReadBuffer(relation, page);
	return *hint;
}

/* The place of the hint for a page: four bytes a page, kept by the session. */
static Buffer *
last_seen(BlockNumber page)
{
	if (page >= nseen)
	{
		BlockNumber room = Max(page + 1, nseen + nseen / 2);

		if (seen == NULL)
			seen = MemoryContextAllocHuge(CacheMemoryContext, sizeof(Buffer) * (Size) room);
		else
			seen = repalloc_huge(seen, sizeof(Buffer) * (Size) room);
		for (; nseen < room; nseen++)
			seen[nseen] = InvalidBuffer;
	}
	return &seen[page];
}

/*
 * Start reading the row's page, where it was last seen: no harm if it is not
 * there. Rows of a tag are alike: after a bitmap, the whole page is wanted.
 *
 * It goes to the second-level cache, which fetches more lines at a time than
 * the first: 0.6 ms of 2.5 for three dense tags of 67 million customers.
 * Inlined by force, because gcc sees no effect in a function that only
 * prefetches, and drops calls of it.
 */
static pg_attribute_always_inline void
call_into_cache(const TagPromise *row, const TagmapChunk *alike)
{
	BlockNumber page = ItemPointerGetBlockNumber(&row->tid);

	if (page < nseen && seen[page] > 0)
	{
		const char *start = (const char *) BufferGetBlock(seen[page]);
		int			bytes = alike->card > TAGMAP_ARRAY_MAX && alike->nruns == 0 ? BLCKSZ : 256;

		for (int at = 0; at < bytes; at += 64)
			__builtin_prefetch(start + at, 0, 2);
	}
}
