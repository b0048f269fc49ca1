/*-------------------------------------------------------------------------
 *
 * tag_cursor.c
 *		One slice of one tag, walked in block order through the primary key.
 *
 * The members column has storage PLAIN: the chunk points into the buffer that
 * the slot keeps pinned, valid until the cursor moves. No copy is made.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "access/genam.h"
#include "access/stratnum.h"
#include "access/tableam.h"
#include "utils/fmgroids.h"

#include "tag.h"

/* Nearer than this, stepping along the index beats a new descent. */
#define STEPS_BEFORE_SEEK 4

TagCursor *
mkt_tag_cursor_open(TagStore *store, int32 tag_id, int16 slice, int64 members)
{
	TagCursor  *cursor = palloc0(sizeof(TagCursor));

	ScanKeyInit(&cursor->keys[0], Anum_tag_block_tag_id, BTEqualStrategyNumber,
				F_INT4EQ, Int32GetDatum(tag_id));
	ScanKeyInit(&cursor->keys[1], Anum_tag_block_slice, BTEqualStrategyNumber,
				F_INT2EQ, Int16GetDatum(slice));
	cursor->store = store;
	cursor->block = -1;
	cursor->members = members;
	return cursor;
}

void
mkt_tag_cursor_close(TagCursor *cursor)
{
	if (cursor->scan != NULL)
	{
		ExecDropSingleTupleTableSlot(cursor->slot);
		index_endscan(cursor->scan);
	}
	cursor->scan = NULL;
	cursor->block = -1;
}

/* Go down the index to the first block >= from, or if exact to this block. */
static void
descend(TagCursor *cursor, int64 from)
{
	if (cursor->scan == NULL)
	{
		TagStore   *store = cursor->store;

		cursor->scan = mkt_index_beginscan(store->block, store->block_index,
										   store->snapshot, 3);
		cursor->slot = table_slot_create(store->block, NULL);
	}
	if (cursor->exact)
		ScanKeyInit(&cursor->keys[2], Anum_tag_block_block, BTEqualStrategyNumber,
					F_INT4EQ, Int32GetDatum((int32) from));
	else
		ScanKeyInit(&cursor->keys[2], Anum_tag_block_block, BTGreaterEqualStrategyNumber,
					F_INT4GE, Int32GetDatum((int32) Max(from, 0)));
	index_rescan(cursor->scan, cursor->keys, 3, NULL, 0);
}

void
mkt_tag_cursor_turn(TagCursor *cursor, int32 tag_id, int16 slice)
{
	cursor->keys[0].sk_argument = Int32GetDatum(tag_id);
	cursor->keys[1].sk_argument = Int16GetDatum(slice);
	cursor->block = -1;
}

/* Take the next row of the index scan. */
static void
step(TagCursor *cursor)
{
	bool		isnull;
	Tagmap	   *map;

	if (!index_getnext_slot(cursor->scan, ForwardScanDirection, cursor->slot))
	{
		cursor->block = TAG_BLOCK_END;
		return;
	}
	map = mkt_tagmap_from_datum(slot_getattr(cursor->slot, Anum_tag_block_members, &isnull));
	if (isnull || mkt_tagmap_nblocks(map) != 1)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("a row of mkt.tag_block does not hold one block"),
				 errhint("Write tags with mkt.tag_put(), mkt.tag_add() and mkt.tag_remove() only.")));
	cursor->chunk.block = map->dir[0].block;
	cursor->chunk.card = map->dir[0].card;
	cursor->chunk.nruns = map->dir[0].nruns;
	cursor->chunk.data = &map->dir[1];
	cursor->block = cursor->chunk.block;
}

int64
mkt_tag_cursor_advance(TagCursor *cursor, int64 from)
{
	if (cursor->block >= 0 && !cursor->exact)
	{
		for (int i = 0; i < STEPS_BEFORE_SEEK && cursor->block < from; i++)
			step(cursor);
	}
	if (cursor->block < from)
	{
		if (from > PG_INT32_MAX)
			return cursor->block = TAG_BLOCK_END;
		descend(cursor, from);
		step(cursor);
	}
	return cursor->block;
}
