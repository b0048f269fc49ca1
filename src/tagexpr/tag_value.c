/*-------------------------------------------------------------------------
 *
 * tag_value.c
 *		One customer's value of a numeric or enum tag, changed in place.
 *
 * Only the slices in which the customer's bit changes are written, a row each.
 * A value above all that the slices can hold adds slices, which costs nothing.
 * One below the bias lowers the bias, by a power of two at least as large as
 * needed: all values grow by it, so the lower slices stay as they are, and the
 * next smaller value often needs no such step.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "tag.h"

static void check_label(const Tag *tag, int64 value);
static void make_room(TagStore *store, Tag *tag, int64 value);
static void lower_bias(TagStore *store, Tag *tag, int64 value);
static bool set_bit(TagStore *store, const Tag *tag, int16 slice, uint64 cid, bool want);

PG_FUNCTION_INFO_V1(mkt_tag_put_value);

/*
 * tag_put_value(code text, cid bigint, value numeric, as_of timestamptz)
 * returns boolean
 *		Give one customer a value; NULL takes the tag from it. Did that change
 *		anything?
 */
Datum
mkt_tag_put_value(PG_FUNCTION_ARGS)
{
	bool		want = !PG_ARGISNULL(2);
	uint64		stored = 0;
	bool		had;
	bool		changed;
	uint64		cid;
	TagStore	store;
	Tag		   *tag;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(3))
		PG_RETURN_NULL();
	cid = mkt_tagmap_check_member(PG_GETARG_INT64(1));
	SPI_connect();
	tag = mkt_tag_lock(&store, PG_GETARG_TEXT_PP(0), PG_GETARG_TIMESTAMPTZ(3));
	if (tag->kind == TAG_BOOLEAN)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("tag \"%s\" is boolean and has no values", tag->code),
				 errhint("Use mkt.tag_add() and mkt.tag_remove().")));
	if (want)
	{
		int64		value = mkt_tag_scale(tag, cid, PG_GETARG_DATUM(2));

		check_label(tag, value);
		make_room(&store, tag, value);
		stored = (uint64) value - (uint64) tag->bias;
	}
	changed = set_bit(&store, tag, 0, cid, want);
	had = changed != want;
	for (int16 slice = 1; slice <= tag->slices; slice++)
		changed |= set_bit(&store, tag, slice, cid, (stored >> (slice - 1)) & 1);
	tag->members += (int) want - (int) had;
	mkt_tag_written(&store, tag);
	SPI_finish();
	PG_RETURN_BOOL(changed);
}

/* An enum that has labels knows no other values. */
static void
check_label(const Tag *tag, int64 value)
{
	List	   *labels = tag->kind == TAG_ENUM ? mkt_tag_labels(tag->tag_id) : NIL;
	ListCell   *lc;

	foreach(lc, labels)
	{
		if (((TagLabel *) lfirst(lc))->value == value)
			return;
	}
	if (labels != NIL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("tag \"%s\" has no label " INT64_FORMAT, tag->code, value),
				 errhint("mkt.tag_label lists the labels; mkt.tag_define() adds one.")));
}

/* Bias and slices that hold the value beside those there are. */
static void
make_room(TagStore *store, Tag *tag, int64 value)
{
	if (tag->members == 0)
		mkt_tag_reshape(store, tag, value, 0);
	else if (value < tag->bias)
		lower_bias(store, tag, value);
	else if ((uint64) value - (uint64) tag->bias > mkt_tag_number_max(tag))
		mkt_tag_reshape(store, tag, tag->bias,
						pg_leftmost_one_pos64((uint64) value - (uint64) tag->bias) + 1);
}

/* Put the slices of one block, of which bits[0] says who has a value. */
static void
put_block(TagRewrite **rewrites, int slices, uint32 block, const uint64 *bits)
{
	uint64		payload[TAGMAP_WORDS];
	TagmapChunk chunk;

	for (int k = 1; k <= slices; k++)
	{
		mkt_tagmap_bits_to_chunk((const uint64_t *) bits + k * TAGMAP_WORDS, block, payload, &chunk);
		mkt_tag_rewrite_put(rewrites[k], &chunk);
	}
}

static void
lower_bias(TagStore *store, Tag *tag, int64 value)
{
	uint64		step = pg_nextpower2_64((uint64) tag->bias - (uint64) value);
	uint64		largest = Min(mkt_tag_number_max(tag), (uint64) TAG_VALUE_MAX - (uint64) tag->bias);
	int			had = tag->slices;
	TagRewrite **rewrites;
	TagCursor **cursors;
	uint64	   *bits;

	step = Min(step, (uint64) tag->bias + (uint64) TAG_VALUE_MAX);
	mkt_tag_reshape(store, tag, (int64) ((uint64) tag->bias - step),
					pg_leftmost_one_pos64(largest + step) + 1);
	bits = palloc((tag->slices + 1) * TAGMAP_BITMAP_BYTES);
	rewrites = palloc((tag->slices + 1) * sizeof(TagRewrite *));
	cursors = palloc((had + 1) * sizeof(TagCursor *));
	for (int k = 0; k <= had; k++)
		cursors[k] = mkt_tag_cursor_open(store, tag->tag_id, k, 0);
	for (int k = 1; k <= tag->slices; k++)
		rewrites[k] = mkt_tag_rewrite_open(store, tag, k);
	for (int64 block = mkt_tag_cursor_seek(cursors[0], 0); block < TAG_BLOCK_END;
		 block = mkt_tag_cursor_seek(cursors[0], block + 1))
	{
		CHECK_FOR_INTERRUPTS();
		memset(bits, 0, (tag->slices + 1) * TAGMAP_BITMAP_BYTES);
		for (int k = 0; k <= had; k++)
		{
			if (mkt_tag_cursor_seek(cursors[k], block) == block)
				mkt_tagmap_chunk_to_bits(&cursors[k]->chunk, (uint64_t *) bits + k * TAGMAP_WORDS);
		}
		mkt_tag_add_constant(bits, tag->slices, step);
		put_block(rewrites, tag->slices, (uint32) block, bits);
	}
	for (int k = 0; k <= had; k++)
		mkt_tag_cursor_close(cursors[k]);
	for (int k = 1; k <= tag->slices; k++)
		mkt_tag_rewrite_close(rewrites[k]);
	pfree(cursors);
	pfree(rewrites);
	pfree(bits);

	/* what was written is read again */
	CommandCounterIncrement();
	UpdateActiveSnapshotCommandId();
}

/* ---- one bit ------------------------------------------------------------------------ */

/* Have the customer in the slice or not; did that change it? */
static bool
set_bit(TagStore *store, const Tag *tag, int16 slice, uint64 cid, bool want)
{
	TagCursor  *cursor = mkt_tag_cursor_open(store, tag->tag_id, slice, 0);
	uint32		block = mkt_tagmap_block_of(cid);
	uint32		low = mkt_tagmap_low_of(cid);
	uint64		bits[TAGMAP_WORDS];
	uint64		payload[TAGMAP_WORDS];
	TagmapChunk chunk;
	bool		exists;
	bool		changed;

	cursor->exact = true;
	exists = mkt_tag_cursor_seek(cursor, block) == block;
	changed = want != (exists && mkt_tagmap_chunk_has(&cursor->chunk, low));
	if (changed)
	{
		if (exists)
			mkt_tagmap_chunk_to_bits(&cursor->chunk, (uint64_t *) bits);
		else
			memset(bits, 0, sizeof(bits));
		bits[low / 64] ^= UINT64CONST(1) << (low % 64);
		mkt_tagmap_bits_to_chunk((const uint64_t *) bits, block, payload, &chunk);
		mkt_tag_write_block(tag, slice, block, exists ? &cursor->chunk : NULL, &chunk);
	}
	mkt_tag_cursor_close(cursor);
	return changed;
}
