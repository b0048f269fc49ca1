/*-------------------------------------------------------------------------
 *
 * tag_past.c
 *		Tags as they were: a slice at a past moment, block by block.
 *
 * Every write of a tag with history leaves in mkt.tag_change what it flipped,
 * block by block (tag_write.c). A block at a past moment is the block of today
 * xor all that was flipped after that moment. Bias and slices of then are in
 * mkt.tag_shape, if they have changed since.
 *
 * The past block is made in memory, so it takes some microseconds where the
 * present one is read for nothing.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/tableam.h"
#include "utils/fmgroids.h"
#include "utils/timestamp.h"

#include "tag.h"

#define STEPS_BEFORE_SEEK 4

struct TagPast
{
	TagCursor  *now;			/* the slice as it is */
	ScanKeyData keys[4];		/* into tag_change */
	IndexScanDesc scan;			/* NULL until the first block is asked for */
	TupleTableSlot *slot;
	int64		block;			/* of the change at hand, TAG_BLOCK_END after the last */
	uint64		bits[TAGMAP_WORDS];
	uint64		payload[TAGMAP_WORDS];
};

static void load_shape(TagStore *store, Tag *tag);

/* ---- which tags can be asked ------------------------------------------------ */

void
mkt_tag_store_look_back(TagStore *store, TimestampTz as_of)
{
	store->as_of = as_of;
	if (as_of == DT_NOEND)
		return;
	store->change = mkt_tag_open_table("tag_change", Natts_tag_change);
	store->change_index = index_open(mkt_primary_key_index(store->change), AccessShareLock);
}

static void
no_history(const TagStore *store, const Tag *tag)
{
	char	   *asked = pstrdup(timestamptz_to_str(store->as_of));

	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("tag \"%s\" has no history at %s", tag->code, asked),
			 errdetail(tag->history ? "Its changes are kept since %s." :
					   "Its changes are not kept; the last one was at %s.",
					   timestamptz_to_str(tag->history ? tag->history_since : tag->refreshed_at)),
			 tag->history ? errhint("Ask about that moment or a later one.") :
			 errhint("mkt.tag_keep_history('%s') keeps them from the moment it is called.", tag->code)));
}

bool
mkt_tag_remembers(TagStore *store, Tag *tag)
{
	/* A snapshot is the same list at any time. */
	if (!tag->written || store->as_of >= tag->refreshed_at || strcmp(tag->class, "snapshot") == 0)
		return true;
	if (!tag->history || store->as_of < tag->history_since)
		return false;
	tag->as_of = store->as_of;
	load_shape(store, tag);
	return true;
}

void
mkt_tag_look_back(TagStore *store, Tag *tag)
{
	if (!mkt_tag_remembers(store, tag))
		no_history(store, tag);
}

/* Bias and slices of then: the first that ended after that moment. */
static void
load_shape(TagStore *store, Tag *tag)
{
	Relation	table = mkt_tag_open_table("tag_shape", Natts_tag_shape);
	Relation	index = index_open(mkt_primary_key_index(table), AccessShareLock);
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&keys[0], Anum_tag_shape_tag_id, BTEqualStrategyNumber, F_INT4EQ,
				Int32GetDatum(tag->tag_id));
	ScanKeyInit(&keys[1], Anum_tag_shape_until, BTGreaterStrategyNumber, F_TIMESTAMPTZ_GT,
				TimestampTzGetDatum(tag->as_of));
	scan = systable_beginscan_ordered(table, index, store->snapshot, 2, keys);
	tuple = systable_getnext_ordered(scan, ForwardScanDirection);
	if (HeapTupleIsValid(tuple))
	{
		TupleDesc	desc = RelationGetDescr(table);
		bool		isnull;

		tag->bias = DatumGetInt64(heap_getattr(tuple, Anum_tag_shape_bias, desc, &isnull));
		tag->slices = DatumGetInt16(heap_getattr(tuple, Anum_tag_shape_slices, desc, &isnull));
	}
	systable_endscan_ordered(scan);
	index_close(index, NoLock);
	table_close(table, NoLock);
}

/* ---- the cursor --------------------------------------------------------------- */

void
mkt_tag_cursor_look_back(TagCursor *cursor, const Tag *tag, int16 slice)
{
	TagPast    *past = palloc(sizeof(TagPast));

	past->now = mkt_tag_cursor_open(cursor->store, tag->tag_id, slice, cursor->members);
	past->scan = NULL;
	past->block = -1;
	ScanKeyInit(&past->keys[0], Anum_tag_change_tag_id, BTEqualStrategyNumber, F_INT4EQ,
				Int32GetDatum(tag->tag_id));
	ScanKeyInit(&past->keys[1], Anum_tag_change_slice, BTEqualStrategyNumber, F_INT2EQ,
				Int16GetDatum(slice));
	ScanKeyInit(&past->keys[3], Anum_tag_change_changed_at, BTGreaterStrategyNumber,
				F_TIMESTAMPTZ_GT, TimestampTzGetDatum(tag->as_of));
	cursor->past = past;
}

void
mkt_tag_past_close(TagCursor *cursor)
{
	TagPast    *past = cursor->past;

	mkt_tag_cursor_close(past->now);
	if (past->scan != NULL)
	{
		ExecDropSingleTupleTableSlot(past->slot);
		index_endscan(past->scan);
	}
	past->scan = NULL;
	past->block = -1;
}

/* Take the next change in hand. */
static void
step(TagPast *past)
{
	bool		isnull;

	if (index_getnext_slot(past->scan, ForwardScanDirection, past->slot))
		past->block = DatumGetInt32(slot_getattr(past->slot, Anum_tag_change_block, &isnull));
	else
		past->block = TAG_BLOCK_END;
}

/* Go to the first change of a block >= from; returns its block. */
static int64
seek_change(TagPast *past, TagStore *store, int64 from)
{
	if (past->scan == NULL)
	{
		past->scan = mkt_index_beginscan(store->change, store->change_index, store->snapshot, 4);
		past->slot = table_slot_create(store->change, NULL);
	}
	else
	{
		for (int i = 0; i < STEPS_BEFORE_SEEK && past->block < from; i++)
			step(past);
	}
	if (past->block < from)
	{
		ScanKeyInit(&past->keys[2], Anum_tag_change_block, BTGreaterEqualStrategyNumber,
					F_INT4GE, Int32GetDatum((int32) Max(from, 0)));
		index_rescan(past->scan, past->keys, 4, NULL, 0);
		step(past);
	}
	return past->block;
}

/* Undo the changes of the block at hand; leaves the next block's in hand. */
static void
undo(TagPast *past, uint32 block)
{
	do
	{
		bool		isnull;
		Tagmap	   *map = mkt_tagmap_from_datum(slot_getattr(past->slot, Anum_tag_change_flipped, &isnull));
		TagmapChunk flipped;

		if (!mkt_tagmap_find(map, block, &flipped))
			ereport(ERROR,
					(errcode(ERRCODE_DATA_CORRUPTED),
					 errmsg("a row of mkt.tag_change does not hold its block"),
					 errhint("Forget the history with mkt.tag_keep_history(code, false) and begin anew.")));
		mkt_tagmap_xor_into_bits((uint64_t *) past->bits, &flipped);
		step(past);
	} while (past->block == block);
}

int64
mkt_tag_past_advance(TagCursor *cursor, int64 from)
{
	TagPast    *past = cursor->past;

	while (from <= PG_INT32_MAX)
	{
		int64		now = mkt_tag_cursor_seek(past->now, from);
		int64		changed = seek_change(past, cursor->store, from);
		int64		block = Min(now, changed);

		if (block >= TAG_BLOCK_END)
			break;
		if (changed != block)
		{
			cursor->chunk = past->now->chunk;
			return cursor->block = block;
		}
		if (now == block)
			mkt_tagmap_chunk_to_bits(&past->now->chunk, (uint64_t *) past->bits);
		else
			memset(past->bits, 0, TAGMAP_BITMAP_BYTES);
		undo(past, (uint32) block);
		mkt_tagmap_bits_to_chunk((uint64_t *) past->bits, (uint32) block, past->payload,
								 &cursor->chunk);
		if (cursor->chunk.card > 0)
			return cursor->block = block;
		from = block + 1;
	}
	return cursor->block = TAG_BLOCK_END;
}
