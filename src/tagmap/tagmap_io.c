/*-------------------------------------------------------------------------
 *
 * tagmap_io.c
 *		Doors of type tagmap: text, binary, bytea, bigint[], Roaring.
 *
 * Bytes that enter here are checked once and trusted afterwards. The formats
 * themselves are in tagmap_text.c, tagmap_codec.c and tagmap_roaring.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "tagmap.h"

PG_FUNCTION_INFO_V1(mkt_tagmap_in);
PG_FUNCTION_INFO_V1(mkt_tagmap_out);
PG_FUNCTION_INFO_V1(mkt_tagmap_recv);
PG_FUNCTION_INFO_V1(mkt_tagmap_send);
PG_FUNCTION_INFO_V1(mkt_tagmap_from_bytea);
PG_FUNCTION_INFO_V1(mkt_tagmap_from_array);
PG_FUNCTION_INFO_V1(mkt_tagmap_range);
PG_FUNCTION_INFO_V1(mkt_to_roaring);
PG_FUNCTION_INFO_V1(mkt_to_roaring64);
PG_FUNCTION_INFO_V1(mkt_from_roaring);
PG_FUNCTION_INFO_V1(mkt_from_roaring64);

static Tagmap *from_wire(const void *wire, size_t length);
static Datum to_roaring(Tagmap *map, bool wide);
static Datum from_roaring(bytea *image, bool wide);
pg_noreturn static void too_large(void);

/* ---- SQL entry points ---------------------------------------------------- */

/*
 * tagmap_in(cstring) returns tagmap
 */
Datum
mkt_tagmap_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	TagmapProblem problem;
	size_t		size;
	Tagmap	   *map = mkt_tagmap_from_text(&mkt_tagmap_host, text,
										   strlen(text), &size, &problem);

	switch (problem.trouble)
	{
		case TAGMAP_FINE:
			break;
		case TAGMAP_MALFORMED:
			ereturn(fcinfo->context, (Datum) 0,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("invalid input syntax for type tagmap: \"%.60s\"",
							text),
					 errdetail("At character %d: %s.",
							   (int) problem.at + 1, problem.why),
					 errhint("Write customer numbers and ranges like {1,5,7-9}.")));
		case TAGMAP_OUT_OF_RANGE:
			ereturn(fcinfo->context, (Datum) 0,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("customer number %s is out of range for type tagmap",
							pnstrdup(text + problem.at,
									 strspn(text + problem.at, "-0123456789"))),
					 errdetail("A tagmap holds customer numbers 0 to %llu.",
							   (unsigned long long) TAGMAP_MEMBER_MAX),
					 errhint("Use the dense number mkt.customer.cid, not an outside key.")));
		case TAGMAP_TOO_LARGE:
			ereturn(fcinfo->context, (Datum) 0,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("the set is too large for type tagmap"),
					 errhint("Keep it as one tagmap per block: see mkt.blocks().")));
	}
	PG_RETURN_TAGMAP_P(mkt_tagmap_finish(map, size));
}

/*
 * tagmap_out(tagmap) returns cstring
 */
Datum
mkt_tagmap_out(PG_FUNCTION_ARGS)
{
	char	   *text = mkt_tagmap_to_text(&mkt_tagmap_host,
										  PG_GETARG_TAGMAP_P(0));

	if (text == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the text of this tagmap is longer than 1 GB"),
				 errhint("Read the set with mkt.members() or in binary.")));
	PG_RETURN_CSTRING(text);
}

/*
 * tagmap_recv(internal) returns tagmap
 */
Datum
mkt_tagmap_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buffer = (StringInfo) PG_GETARG_POINTER(0);
	int			length = buffer->len - buffer->cursor;

	PG_RETURN_TAGMAP_P(from_wire(pq_getmsgbytes(buffer, length), length));
}

/*
 * tagmap_send(tagmap) returns bytea
 *		The wire format is the value without its length word, so the value,
 *		looked at as a bytea, is the answer.
 */
Datum
mkt_tagmap_send(PG_FUNCTION_ARGS)
{
	PG_RETURN_BYTEA_P((bytea *) PG_GETARG_TAGMAP_P(0));
}

/*
 * tagmap(bytea) returns tagmap
 *		From the wire format.
 */
Datum
mkt_tagmap_from_bytea(PG_FUNCTION_ARGS)
{
	bytea	   *wire = PG_GETARG_BYTEA_PP(0);

	PG_RETURN_TAGMAP_P(from_wire(VARDATA_ANY(wire), VARSIZE_ANY_EXHDR(wire)));
}

/*
 * tagmap(bigint[]) returns tagmap
 */
Datum
mkt_tagmap_from_array(PG_FUNCTION_ARGS)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	const int64 *member = (const int64 *) ARR_DATA_PTR(array);
	int			n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	TagmapBuilder *builder;
	Tagmap	   *map;
	size_t		size;
	int			i;

	if (array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("a tagmap cannot hold NULL"),
				 errhint("Remove the NULLs with array_remove(array, NULL).")));
	builder = mkt_tagmap_builder_new(&mkt_tagmap_host, false);
	for (i = 0; i < n; i++)
	{
		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		mkt_tagmap_builder_add(builder, mkt_tagmap_check_member(member[i]));
	}
	map = mkt_tagmap_builder_value(builder, &size);
	mkt_tagmap_builder_free(builder);
	PG_RETURN_TAGMAP_P(mkt_tagmap_finish(map, size));
}

/*
 * tagmap_range(lo bigint, hi bigint) returns tagmap
 *		Both ends included; empty if lo > hi.
 */
Datum
mkt_tagmap_range(PG_FUNCTION_ARGS)
{
	uint64		lo = mkt_tagmap_check_member(PG_GETARG_INT64(0));
	uint64		hi = mkt_tagmap_check_member(PG_GETARG_INT64(1));
	Tagmap	   *map;
	size_t		size;

	if (lo > hi)
		PG_RETURN_TAGMAP_P(mkt_tagmap_make_empty());
	map = mkt_tagmap_range_value(&mkt_tagmap_host, lo, hi, &size);
	PG_RETURN_TAGMAP_P(mkt_tagmap_finish(map, size));
}

/*
 * to_roaring(tagmap), to_roaring64(tagmap) return bytea
 * from_roaring(bytea), from_roaring64(bytea) return tagmap
 */
Datum
mkt_to_roaring(PG_FUNCTION_ARGS)
{
	return to_roaring(PG_GETARG_TAGMAP_P(0), false);
}

Datum
mkt_to_roaring64(PG_FUNCTION_ARGS)
{
	return to_roaring(PG_GETARG_TAGMAP_P(0), true);
}

Datum
mkt_from_roaring(PG_FUNCTION_ARGS)
{
	return from_roaring(PG_GETARG_BYTEA_PP(0), false);
}

Datum
mkt_from_roaring64(PG_FUNCTION_ARGS)
{
	return from_roaring(PG_GETARG_BYTEA_PP(0), true);
}

/* ---- what they share -------------------------------------------------------- */

static Tagmap *
from_wire(const void *wire, size_t length)
{
	TagmapProblem problem;
	size_t		size;
	Tagmap	   *map = mkt_tagmap_wire_in(&mkt_tagmap_host,
										 (const unsigned char *) wire, length,
										 &size, &problem);

	if (problem.trouble == TAGMAP_TOO_LARGE)
		too_large();
	if (map == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary tagmap of %zu bytes: %s",
						length, problem.why),
				 errhint("The wire format is described in docs/tagmap.md; write it with mkt.tagmap_send().")));
	return mkt_tagmap_finish(map, size);
}

static Datum
to_roaring(Tagmap *map, bool wide)
{
	TagmapProblem problem;
	size_t		size;
	uint64		greatest;
	unsigned char *image = mkt_tagmap_to_roaring(&mkt_tagmap_host, map, wide,
												 VARHDRSZ, &size, &problem);

	if (problem.trouble == TAGMAP_OUT_OF_RANGE &&
		mkt_tagmap_set_max(map, &greatest))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("customer number " UINT64_FORMAT " does not fit the 32-bit Roaring format",
						greatest),
				 errhint("Use mkt.to_roaring64().")));
	if (image == NULL)
		too_large();
	SET_VARSIZE(image, size);
	PG_RETURN_BYTEA_P((bytea *) image);
}

static Datum
from_roaring(bytea *image, bool wide)
{
	TagmapProblem problem;
	size_t		size;
	Tagmap	   *map = mkt_tagmap_from_roaring(&mkt_tagmap_host,
											  (const unsigned char *) VARDATA_ANY(image),
											  VARSIZE_ANY_EXHDR(image), wide,
											  &size, &problem);

	switch (problem.trouble)
	{
		case TAGMAP_FINE:
			break;
		case TAGMAP_TOO_LARGE:
			too_large();
			break;
		case TAGMAP_MALFORMED:
		case TAGMAP_OUT_OF_RANGE:
			ereport(ERROR,
					(errcode(problem.trouble == TAGMAP_OUT_OF_RANGE
							 ? ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE
							 : ERRCODE_INVALID_BINARY_REPRESENTATION),
					 errmsg("invalid %d-bit Roaring image of %zu bytes: %s",
							wide ? 64 : 32, (size_t) VARSIZE_ANY_EXHDR(image),
							problem.why),
					 errdetail("At byte %zu.", problem.at),
					 errhint("mkt.from_roaring() reads the 32-bit and mkt.from_roaring64() the 64-bit portable format.")));
	}
	PG_RETURN_TAGMAP_P(mkt_tagmap_finish(map, size));
}

/* ---- tagmap.h ------------------------------------------------------------------ */

static void *
host_alloc(size_t size)
{
	return palloc(size);
}

static void *
host_resize(void *ptr, size_t size)
{
	return repalloc(ptr, size);
}

static void
host_release(void *ptr)
{
	pfree(ptr);
}

static void
host_poll(void)
{
	CHECK_FOR_INTERRUPTS();
}

const TagmapHost mkt_tagmap_host = {
	host_alloc, host_resize, host_release, host_poll
};

Tagmap *
mkt_tagmap_from_datum(Datum datum)
{
	Tagmap	   *map = (Tagmap *) PG_DETOAST_DATUM(datum);

	if (VARSIZE(map) < offsetof(Tagmap, dir) ||
		(map->head & 0xff) != TAGMAP_FORMAT_1)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("stored tagmap of %u bytes has format %u, which this version cannot read",
						VARSIZE(map),
						VARSIZE(map) < offsetof(Tagmap, dir)
						? 0 : map->head & 0xff),
				 errhint("Restore the row from a backup, or update the extension mkt.")));
	return map;
}

Tagmap *
mkt_tagmap_finish(Tagmap *map, size_t size)
{
	if (map == NULL)
		too_large();
	SET_VARSIZE(map, size);
	return map;
}

static void
too_large(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("the result is too large for one value"),
			 errdetail("A tagmap holds at most %d blocks and 1 GB.",
					   TAGMAP_NBLOCKS_MAX),
			 errhint("Work block by block: see mkt.blocks() and mkt.clip().")));
}

Tagmap *
mkt_tagmap_make_from_bits(const uint64 *bits, uint32 block)
{
	uint64		payload[TAGMAP_WORDS];
	TagmapChunk chunk;

	mkt_tagmap_bits_to_chunk((const uint64_t *) bits, block, payload, &chunk);
	return mkt_tagmap_make_from_chunk(&chunk);
}

Tagmap *
mkt_tagmap_make_from_chunk(const TagmapChunk *chunk)
{
	Tagmap	   *map = palloc(offsetof(Tagmap, dir) + sizeof(TagmapDirEntry) +
							 mkt_tagmap_payload_size(chunk->card,
													 chunk->nruns));

	return mkt_tagmap_finish(map, mkt_tagmap_chunk_to_value(chunk, map));
}

Tagmap *
mkt_tagmap_make_empty(void)
{
	TagmapChunk nothing = {0, 0, 0, NULL};

	return mkt_tagmap_make_from_chunk(&nothing);
}

uint64
mkt_tagmap_check_member(int64 member)
{
	if (member < 0 || (uint64) member > TAGMAP_MEMBER_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("customer number " INT64_FORMAT " is out of range for type tagmap",
						member),
				 errdetail("A tagmap holds customer numbers 0 to %llu.",
						   (unsigned long long) TAGMAP_MEMBER_MAX),
				 errhint("Use the dense number mkt.customer.cid, not an outside key.")));
	return (uint64) member;
}
