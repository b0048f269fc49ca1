/*-------------------------------------------------------------------------
 *
 * tag_write.c
 *		Sets into tag_block: replacing a tag, adding and removing customers.
 *
 * Writers of one tag take turns by its row in mkt.tag, so no update of a block
 * is lost. Rows are written through prepared statements with the caller's
 * privileges; a row whose bytes would not change is left alone. Values of
 * numeric tags come in through tag_load.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "tag.h"

/* The statements, prepared once per session; those on blocks come first. */
typedef enum WriteKind
{
	WRITE_INSERT,
	WRITE_UPDATE,
	WRITE_CHANGE,
	WRITE_DELETE,
	WRITE_CUT,
	WRITE_LOCK,
	WRITE_TAG,
	WRITE_SHAPE
} WriteKind;

#define WRITE_ARGS 5

typedef struct WriteStatement
{
	const char *sql;
	int			nargs;
	int			expected;		/* what SPI says when it went well */
	SPIPlanPtr	plan;			/* NULL until first used */
} WriteStatement;

static WriteStatement write_statement[] =
{
	[WRITE_INSERT] = {"INSERT INTO mkt.tag_block (tag_id, slice, block, members) VALUES ($1, $2, $3, $4)", 4, SPI_OK_INSERT, NULL},
	[WRITE_UPDATE] = {"UPDATE mkt.tag_block SET members = $4 WHERE tag_id = $1 AND slice = $2 AND block = $3", 4, SPI_OK_UPDATE, NULL},
	[WRITE_CHANGE] = {"INSERT INTO mkt.tag_change (tag_id, slice, block, flipped, changed_at) VALUES ($1, $2, $3, $4, $5)", 5, SPI_OK_INSERT, NULL},
	[WRITE_DELETE] = {"DELETE FROM mkt.tag_block WHERE tag_id = $1 AND slice = $2 AND block = $3", 3, SPI_OK_DELETE, NULL},
	[WRITE_CUT] = {"DELETE FROM mkt.tag_block WHERE tag_id = $1 AND slice > $2", 2, SPI_OK_DELETE, NULL},
	[WRITE_LOCK] = {"SELECT FROM mkt.tag WHERE tag_id = $1 FOR NO KEY UPDATE", 1, SPI_OK_SELECT, NULL},
	[WRITE_TAG] = {"UPDATE mkt.tag SET members = $2, bias = $3, slices = $4, refreshed_at = $5 WHERE tag_id = $1", 5, SPI_OK_UPDATE, NULL},
	/* arguments as of WRITE_TAG; of several changes at one moment the first counts */
	[WRITE_SHAPE] = {"INSERT INTO mkt.tag_shape (tag_id, bias, slices, until) VALUES ($1, $3, $4, $5) ON CONFLICT DO NOTHING", 5, SPI_OK_INSERT, NULL}
};

static void run(WriteKind kind, Datum *args);
static Datum change(FunctionCallInfo fcinfo, TagmapOp op);
static int64 change_slice(TagStore *store, const Tag *tag, int16 slice,
						  const Tagmap *map, TagmapOp op);

PG_FUNCTION_INFO_V1(mkt_tag_put);
PG_FUNCTION_INFO_V1(mkt_tag_add);
PG_FUNCTION_INFO_V1(mkt_tag_remove);

/*
 * tag_put(code text, members tagmap, as_of timestamptz) returns bigint
 *		Replace the members of a boolean tag; returns how many it has now.
 */
Datum
mkt_tag_put(PG_FUNCTION_ARGS)
{
	Tagmap	   *map = PG_GETARG_TAGMAP_P(1);
	TagStore	store;
	Tag		   *tag;
	TagRewrite *rewrite;
	TagmapCursor cursor;
	int64		members;

	SPI_connect();
	tag = mkt_tag_lock(&store, PG_GETARG_TEXT_PP(0), PG_GETARG_TIMESTAMPTZ(2));
	if (tag->kind != TAG_BOOLEAN)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("tag \"%s\" has values and cannot be written as a set", tag->code),
				 errhint("Use mkt.tag_put_values('%s', 'SELECT cid, value FROM ...').", tag->code)));
	rewrite = mkt_tag_rewrite_open(&store, tag, 0);
	mkt_tagmap_open(&cursor, map);
	while (mkt_tagmap_next(&cursor))
		mkt_tag_rewrite_put(rewrite, &cursor.chunk);
	tag->members = members = rewrite->members;
	mkt_tag_rewrite_close(rewrite);
	mkt_tag_written(&store, tag);
	SPI_finish();
	PG_RETURN_INT64(members);
}

/*
 * tag_add(code text, members tagmap, as_of timestamptz) returns bigint
 *		Add customers to a boolean tag; returns how many were new.
 */
Datum
mkt_tag_add(PG_FUNCTION_ARGS)
{
	return change(fcinfo, TAGMAP_OR);
}

/*
 * tag_remove(code text, members tagmap, as_of timestamptz) returns bigint
 *		Take the tag from customers, with its value if it has one; returns how
 *		many had it.
 */
Datum
mkt_tag_remove(PG_FUNCTION_ARGS)
{
	return change(fcinfo, TAGMAP_ANDNOT);
}

static Datum
change(FunctionCallInfo fcinfo, TagmapOp op)
{
	Tagmap	   *map = PG_GETARG_TAGMAP_P(1);
	TagStore	store;
	Tag		   *tag;
	int64		changed;

	SPI_connect();
	tag = mkt_tag_lock(&store, PG_GETARG_TEXT_PP(0), PG_GETARG_TIMESTAMPTZ(2));
	if (op == TAGMAP_OR && tag->kind != TAG_BOOLEAN)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("tag \"%s\" has values: customers cannot be added without one", tag->code),
				 errhint("Use mkt.tag_put_values('%s', 'SELECT cid, value FROM ...').", tag->code)));
	changed = change_slice(&store, tag, 0, map, op);
	for (int16 slice = 1; slice <= tag->slices; slice++)
		change_slice(&store, tag, slice, map, op);
	tag->members += changed;
	mkt_tag_written(&store, tag);
	SPI_finish();
	PG_RETURN_INT64(changed < 0 ? -changed : changed);
}

/* ---- the tag's row --------------------------------------------------------------- */

Tag *
mkt_tag_lock(TagStore *store, const text *name, TimestampTz as_of)
{
	Datum		args[WRITE_ARGS];
	Tag		   *tag;

	mkt_tag_store_open(store);
	tag = mkt_tag_need_text(store, name);
	if (strcmp(tag->class, "snapshot") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("snapshot \"%s\" never changes", tag->code),
				 errhint("Take another one with mkt.snapshot_take().")));
	args[0] = Int32GetDatum(tag->tag_id);
	run(WRITE_LOCK, args);
	mkt_tag_store_close(store);

	/* What others wrote before they let go of the row counts too. */
	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
	mkt_tag_store_open(store);
	tag = mkt_tag_need(store, tag->code, strlen(tag->code));
	if (!tag->history || !tag->written || as_of > tag->refreshed_at)
		tag->refreshed_at = as_of;
	return tag;
}

static void
write_tag(WriteKind kind, const Tag *tag)
{
	Datum		args[WRITE_ARGS];

	args[0] = Int32GetDatum(tag->tag_id);
	args[1] = Int64GetDatum(tag->members);
	args[2] = Int64GetDatum(tag->bias);
	args[3] = Int16GetDatum(tag->slices);
	args[4] = TimestampTzGetDatum(tag->refreshed_at);
	run(kind, args);
}

void
mkt_tag_written(TagStore *store, const Tag *tag)
{
	write_tag(WRITE_TAG, tag);
	mkt_tag_store_close(store);
	PopActiveSnapshot();
}

/* ---- rows of tag_block -------------------------------------------------------------- */

static void
run(WriteKind kind, Datum *args)
{
	static const Oid block_types[] = {INT4OID, INT2OID, INT4OID, InvalidOid, TIMESTAMPTZOID};
	static const Oid tag_types[] = {INT4OID, INT8OID, INT8OID, INT2OID, TIMESTAMPTZOID};
	WriteStatement *statement = &write_statement[kind];

	if (statement->plan == NULL)
	{
		Oid			types[WRITE_ARGS];
		SPIPlanPtr	plan;

		memcpy(types, kind >= WRITE_LOCK ? tag_types : block_types,
			   statement->nargs * sizeof(Oid));
		if (kind <= WRITE_CHANGE)
			types[3] = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid,
									   CStringGetDatum("tagmap"),
									   ObjectIdGetDatum(get_namespace_oid("mkt", false)));
		plan = SPI_prepare(statement->sql, statement->nargs, types);
		if (plan == NULL || SPI_keepplan(plan) != 0)
			elog(ERROR, "SPI_prepare failed: %s", statement->sql);
		statement->plan = plan;
	}
	if (SPI_execute_plan(statement->plan, args, NULL, false, 0) != statement->expected)
		elog(ERROR, "SPI_execute_plan failed: %s", statement->sql);
	if (SPI_processed == 0 && kind != WRITE_CUT && kind != WRITE_SHAPE)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("a row of the tag tables vanished while it was being written"),
				 errhint("Run the statement again.")));
}

/* Write one row; chunk NULL: there is nothing to store. */
static void
write_row(WriteKind kind, const Tag *tag, int16 slice, uint32 block,
		  const TagmapChunk *chunk)
{
	uint64		value[TAGMAP_ONE_BLOCK_MAX / sizeof(uint64)];
	Datum		args[WRITE_ARGS];

	args[0] = Int32GetDatum(tag->tag_id);
	args[1] = Int16GetDatum(slice);
	args[2] = Int32GetDatum((int32) block);
	if (chunk != NULL)
		args[3] = PointerGetDatum(mkt_tagmap_finish((Tagmap *) value,
													mkt_tagmap_chunk_to_value(chunk, value)));
	args[4] = TimestampTzGetDatum(tag->refreshed_at);
	run(kind, args);
}

/* Keep who came and who went: before xor after. */
static void
write_change(const Tag *tag, int16 slice, uint32 block, const TagmapChunk *old,
			 const TagmapChunk *new)
{
	uint64		payload[TAGMAP_WORDS];
	TagmapChunk flipped;

	if (old == NULL || new == NULL)
		flipped = old == NULL ? *new : *old;
	else
		mkt_tagmap_chunk_op(TAGMAP_XOR, old, new, payload, &flipped);
	write_row(WRITE_CHANGE, tag, slice, block, &flipped);
}

void
mkt_tag_write_block(const Tag *tag, int16 slice, uint32 block, const TagmapChunk *old,
					const TagmapChunk *new)
{
	CHECK_FOR_INTERRUPTS();
	if (new != NULL && new->card == 0)
		new = NULL;
	if (tag->history)
		write_change(tag, slice, block, old, new);
	write_row(old == NULL ? WRITE_INSERT : new == NULL ? WRITE_DELETE : WRITE_UPDATE,
			  tag, slice, block, new);
}

void
mkt_tag_reshape(TagStore *store, Tag *tag, int64 bias, int16 slices)
{
	int16		old_slices = tag->slices;

	if (tag->history && (tag->bias != bias || tag->slices != slices))
		write_tag(WRITE_SHAPE, tag);
	tag->bias = bias;
	tag->slices = slices;
	if (tag->history)
	{
		for (int16 slice = slices + 1; slice <= old_slices; slice++)
			mkt_tag_rewrite_close(mkt_tag_rewrite_open(store, tag, slice));
	}
	else if (slices < old_slices)
		write_row(WRITE_CUT, tag, slices, 0, NULL);
}

/* op the map into the slice, touching the map's blocks only; returns the growth. */
static int64
change_slice(TagStore *store, const Tag *tag, int16 slice, const Tagmap *map,
			 TagmapOp op)
{
	TagCursor  *old = mkt_tag_cursor_open(store, tag->tag_id, slice, 0);
	uint64	   *payload = palloc(TAGMAP_BITMAP_BYTES);
	int64		growth = 0;
	TagmapCursor cursor;

	mkt_tagmap_open(&cursor, map);
	while (mkt_tagmap_next(&cursor))
	{
		const TagmapChunk *chunk = &cursor.chunk;
		bool		exists = mkt_tag_cursor_seek(old, chunk->block) == chunk->block;
		TagmapChunk result;

		if (!exists)
		{
			if (op == TAGMAP_OR)
			{
				mkt_tag_write_block(tag, slice, chunk->block, NULL, chunk);
				growth += chunk->card;
			}
			continue;
		}
		mkt_tagmap_chunk_op(op, &old->chunk, chunk, payload, &result);
		if (result.card == old->chunk.card)
			continue;			/* only more, or only fewer: the same */
		growth += (int64) result.card - old->chunk.card;
		mkt_tag_write_block(tag, slice, chunk->block, &old->chunk, &result);
	}
	mkt_tag_cursor_close(old);
	pfree(payload);
	return growth;
}

/* ---- replacing a slice ---------------------------------------------------------------- */

TagRewrite *
mkt_tag_rewrite_open(TagStore *store, const Tag *tag, int16 slice)
{
	TagRewrite *rewrite = palloc(sizeof(TagRewrite));

	rewrite->old = mkt_tag_cursor_open(store, tag->tag_id, slice, 0);
	rewrite->tag = tag;
	rewrite->slice = slice;
	rewrite->members = 0;
	mkt_tag_cursor_seek(rewrite->old, 0);
	return rewrite;
}

/* Rows before this block were not put again: they go. */
static void
drop_before(TagRewrite *rewrite, int64 block)
{
	while (rewrite->old->block < block)
	{
		mkt_tag_write_block(rewrite->tag, rewrite->slice, rewrite->old->chunk.block, &rewrite->old->chunk, NULL);
		mkt_tag_cursor_seek(rewrite->old, rewrite->old->block + 1);
	}
}

void
mkt_tag_rewrite_put(TagRewrite *rewrite, const TagmapChunk *chunk)
{
	bool		exists;

	if (chunk->card == 0)
		return;
	drop_before(rewrite, chunk->block);
	exists = rewrite->old->block == chunk->block;
	if (!exists || !mkt_tagmap_chunk_equal(&rewrite->old->chunk, chunk))
		mkt_tag_write_block(rewrite->tag, rewrite->slice, chunk->block, exists ? &rewrite->old->chunk : NULL, chunk);
	if (exists)
		mkt_tag_cursor_seek(rewrite->old, rewrite->old->block + 1);
	rewrite->members += chunk->card;
}

void
mkt_tag_rewrite_close(TagRewrite *rewrite)
{
	drop_before(rewrite, TAG_BLOCK_END);
	mkt_tag_cursor_close(rewrite->old);
	pfree(rewrite);
}
