/*-------------------------------------------------------------------------
 *
 * tag_value.c
 *		Values of some customers of a numeric or enum tag, changed in place.
 *
 * Only the slices in which a customer's bit changes are written, a row for each
 * block. A value above all that the slices can hold adds slices, which costs
 * nothing. One below the bias lowers the bias, by a power of two at least as
 * large as needed: all values grow by it, so the lower slices stay as they are,
 * and the next smaller value often needs no such step.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "tag.h"

/* What one customer shall have. */
typedef struct Change
{
	uint64		cid;
	int64		value;			/* times 10^scale */
	bool		want;			/* false: the tag goes */
	bool		changed;		/* that made a difference */
} Change;

static Tag *lock_values(TagStore *store, const text *code, TimestampTz as_of);
static int64 apply(TagStore *store, Tag *tag, Change *changes, int n);
static void lower_bias(TagStore *store, Tag *tag, int64 value);

PG_FUNCTION_INFO_V1(mkt_tag_put_value);
PG_FUNCTION_INFO_V1(mkt_tag_change_values);

/*
 * tag_put_value(code text, cid bigint, value numeric, as_of timestamptz)
 * returns boolean
 *		Give one customer a value; NULL takes the tag from it. Did that change
 *		anything?
 */
Datum
mkt_tag_put_value(PG_FUNCTION_ARGS)
{
	Change		change = {0};
	TagStore	store;
	Tag		   *tag;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(3))
		PG_RETURN_NULL();
	change.cid = mkt_tagmap_check_member(PG_GETARG_INT64(1));
	change.want = !PG_ARGISNULL(2);
	SPI_connect();
	tag = lock_values(&store, PG_GETARG_TEXT_PP(0), PG_GETARG_TIMESTAMPTZ(3));
	if (change.want)
		change.value = mkt_tag_scale(tag, change.cid, PG_GETARG_DATUM(2));
	apply(&store, tag, &change, 1);
	mkt_tag_written(&store, tag);
	SPI_finish();
	PG_RETURN_BOOL(change.changed);
}

/* The change sets of two arrays, of customers and of what they shall have. */
static Change *
read_changes(Tag *tag, ArrayType *cids, ArrayType *values, int *n)
{
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "mkt tag change",
												  ALLOCSET_SMALL_SIZES);
	Change	   *changes;
	Datum	   *cid;
	Datum	   *value;
	bool	   *no_cid;
	bool	   *no_value;
	int			nvalues;

	deconstruct_array(cids, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
					  &cid, &no_cid, n);
	deconstruct_array(values, NUMERICOID, -1, false, TYPALIGN_INT, &value, &no_value, &nvalues);
	if (*n != nvalues)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("%d customers and %d values do not match", *n, nvalues),
				 errhint("Pass one value for each customer, NULL to take the tag away.")));
	changes = MemoryContextAllocHuge(CurrentMemoryContext, (*n + 1) * sizeof(Change));
	for (int i = 0; i < *n; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(scratch);

		if (no_cid[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("element %d of the customers is null", i + 1),
					 errhint("Leave it out.")));
		changes[i].cid = mkt_tagmap_check_member(DatumGetInt64(cid[i]));
		changes[i].want = !no_value[i];
		changes[i].changed = false;
		changes[i].value = no_value[i] ? 0 : mkt_tag_scale(tag, changes[i].cid, value[i]);
		MemoryContextSwitchTo(old);
		MemoryContextReset(scratch);
	}
	return changes;
}

/*
 * tag_change_values(code text, cids bigint[], new_values numeric[],
 * as_of timestamptz) returns bigint
 *		The same for many customers; for how many did that change anything?
 */
Datum
mkt_tag_change_values(PG_FUNCTION_ARGS)
{
	TagStore	store;
	Tag		   *tag;
	Change	   *changes;
	int64		changed;
	int			n;

	SPI_connect();
	tag = lock_values(&store, PG_GETARG_TEXT_PP(0), PG_GETARG_TIMESTAMPTZ(3));
	changes = read_changes(tag, PG_GETARG_ARRAYTYPE_P(1), PG_GETARG_ARRAYTYPE_P(2), &n);
	changed = apply(&store, tag, changes, n);
	mkt_tag_written(&store, tag);
	SPI_finish();
	PG_RETURN_INT64(changed);
}

static Tag *
lock_values(TagStore *store, const text *code, TimestampTz as_of)
{
	Tag		   *tag = mkt_tag_lock(store, code, as_of);

	if (tag->kind == TAG_BOOLEAN)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("tag \"%s\" is boolean and has no values", tag->code),
				 errhint("Use mkt.tag_add() and mkt.tag_remove().")));
	return tag;
}

/* ---- the bits of some customers ------------------------------------------------------ */

static int
compare_changes(const void *a, const void *b)
{
	uint64		x = ((const Change *) a)->cid;
	uint64		y = ((const Change *) b)->cid;

	return (x > y) - (x < y);
}

/* Changes in order of customer, none twice. */
static void
sort_changes(const Tag *tag, Change *changes, int n)
{
	qsort(changes, n, sizeof(Change), compare_changes);
	for (int i = 1; i < n; i++)
	{
		if (changes[i].cid == changes[i - 1].cid)
			ereport(ERROR,
					(errcode(ERRCODE_CARDINALITY_VIOLATION),
					 errmsg("customer " UINT64_FORMAT " appears twice among the values of tag \"%s\"",
							changes[i].cid, tag->code),
					 errhint("Give each customer one value.")));
	}
}

static int
compare_values(const void *a, const void *b)
{
	int64		x = *(const int64 *) a;
	int64		y = *(const int64 *) b;

	return (x > y) - (x < y);
}

/* An enum that has labels knows no other values. */
static void
check_labels(const Tag *tag, const Change *changes, int n)
{
	List	   *labels = tag->kind == TAG_ENUM ? mkt_tag_labels(tag->tag_id) : NIL;
	int64	   *known = palloc((list_length(labels) + 1) * sizeof(int64));
	int			nknown = 0;
	ListCell   *lc;

	foreach(lc, labels)				/* ascending */
		known[nknown++] = ((TagLabel *) lfirst(lc))->value;
	for (int i = 0; i < n && nknown > 0; i++)
	{
		if (changes[i].want &&
			bsearch(&changes[i].value, known, nknown, sizeof(int64), compare_values) == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_OBJECT),
					 errmsg("tag \"%s\" has no label " INT64_FORMAT, tag->code, changes[i].value),
					 errhint("mkt.tag_label lists the labels; mkt.tag_define() adds one.")));
	}
}

/* How many slices hold values from 0 to this one. */
static int16
slices_for(uint64 greatest)
{
	return greatest == 0 ? 0 : pg_leftmost_one_pos64(greatest) + 1;
}

/* Bias and slices that hold the values beside those there are. */
static void
make_room(TagStore *store, Tag *tag, const Change *changes, int n)
{
	int64		min = PG_INT64_MAX;
	int64		max = PG_INT64_MIN;

	for (int i = 0; i < n; i++)
	{
		if (changes[i].want)
		{
			min = Min(min, changes[i].value);
			max = Max(max, changes[i].value);
		}
	}
	if (min > max)
		return;					/* none has a value */
	if (tag->members == 0)
		mkt_tag_reshape(store, tag, min, slices_for((uint64) max - (uint64) min));
	else if (min < tag->bias)
		lower_bias(store, tag, min);
	if (max > tag->bias && (uint64) max - (uint64) tag->bias > mkt_tag_number_max(tag))
		mkt_tag_reshape(store, tag, tag->bias, slices_for((uint64) max - (uint64) tag->bias));
}

/* Shall the customer be in the slice? */
static bool
wants_bit(const Tag *tag, const Change *change, int16 slice)
{
	uint64		stored = (uint64) change->value - (uint64) tag->bias;

	return change->want && (slice == 0 || (stored >> (slice - 1) & 1));
}

/* The bits of one block of a slice; returns how many more customers are in it. */
static int
change_block(TagStore *store, const Tag *tag, int16 slice, Change *changes, int n)
{
	TagCursor  *cursor = mkt_tag_cursor_open(store, tag->tag_id, slice, 0);
	uint32		block = mkt_tagmap_block_of(changes[0].cid);
	bool		exists;
	bool		flipped = false;
	int			growth = 0;
	uint64		bits[TAGMAP_WORDS];
	uint64		payload[TAGMAP_WORDS];
	TagmapChunk chunk;

	cursor->exact = true;
	exists = mkt_tag_cursor_seek(cursor, block) == block;
	for (int i = 0; i < n; i++)
	{
		uint32		low = mkt_tagmap_low_of(changes[i].cid);
		bool		want = wants_bit(tag, &changes[i], slice);

		if (want == (exists && mkt_tagmap_chunk_has(&cursor->chunk, low)))
			continue;
		if (!flipped && exists)
			mkt_tagmap_chunk_to_bits(&cursor->chunk, (uint64_t *) bits);
		else if (!flipped)
			memset(bits, 0, sizeof(bits));
		bits[low / 64] ^= UINT64CONST(1) << (low % 64);
		flipped = changes[i].changed = true;
		growth += want ? 1 : -1;
	}
	if (flipped)
	{
		mkt_tagmap_bits_to_chunk((const uint64_t *) bits, block, payload, &chunk);
		mkt_tag_write_block(tag, slice, block, exists ? &cursor->chunk : NULL, &chunk);
	}
	mkt_tag_cursor_close(cursor);
	return growth;
}

/* Make the changes, slice by slice; returns how many made a difference. */
static int64
apply(TagStore *store, Tag *tag, Change *changes, int n)
{
	int64		changed = 0;

	sort_changes(tag, changes, n);
	check_labels(tag, changes, n);
	make_room(store, tag, changes, n);
	for (int16 slice = 0; slice <= tag->slices; slice++)
	{
		int			end;

		for (int at = 0; at < n; at = end)
		{
			uint32		block = mkt_tagmap_block_of(changes[at].cid);
			int			growth;

			for (end = at + 1; end < n && mkt_tagmap_block_of(changes[end].cid) == block; end++)
				;
			growth = change_block(store, tag, slice, &changes[at], end - at);
			if (slice == 0)
				tag->members += growth;
		}
	}
	for (int i = 0; i < n; i++)
		changed += changes[i].changed;
	return changed;
}

/* ---- lowering the bias ---------------------------------------------------------------- */

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
