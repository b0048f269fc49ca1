/*-------------------------------------------------------------------------
 *
 * tagmap.h
 *		The PostgreSQL side of type mkt.tagmap.
 *
 * The bytes and the algorithms are in tagmap_core.h. Include postgres.h first.
 *
 * A column with storage PLAIN hands out pointers into the page: never short
 * headers, never toasted, 8-byte aligned. mkt_tagmap_from_datum() then copies
 * nothing, so the set is read straight from the buffer.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TAGMAP_H
#define TAGMAP_H

#include "fmgr.h"

#include "tagmap_core.h"

/* palloc, repalloc, pfree and CHECK_FOR_INTERRUPTS for the core. */
extern const TagmapHost mkt_tagmap_host;

/*
 * Detoast (a no-op for inline, aligned values) and check the format byte.
 * Everything else was validated when the bytes entered.
 */
extern Tagmap *mkt_tagmap_from_datum(Datum datum);

#define PG_GETARG_TAGMAP_P(n) mkt_tagmap_from_datum(PG_GETARG_DATUM(n))

/* Set the length word of a value the core made; NULL raises 54000. */
extern Tagmap *mkt_tagmap_finish(Tagmap *map, size_t size);

#define PG_RETURN_TAGMAP_P(map) PG_RETURN_POINTER(map)

/* A palloc'd value, length word set: one block, or the empty set. */
extern Tagmap *mkt_tagmap_make_from_bits(const uint64 *bits, uint32 block);
extern Tagmap *mkt_tagmap_make_from_chunk(const TagmapChunk *chunk);
extern Tagmap *mkt_tagmap_make_empty(void);

/* Error 22003 unless member is a customer number; else the number. */
extern uint64 mkt_tagmap_check_member(int64 member);

#endif							/* TAGMAP_H */
