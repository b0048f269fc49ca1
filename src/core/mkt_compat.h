/*-------------------------------------------------------------------------
 *
 * mkt_compat.h
 *		What differs between PostgreSQL 15 and 18, in one place.
 *
 * The only file that tests PG_VERSION_NUM. Include it after postgres.h and
 * before other PostgreSQL headers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MKT_COMPAT_H
#define MKT_COMPAT_H

#if PG_VERSION_NUM < 150000
#error "mkt needs PostgreSQL 15 or later"
#endif

#if PG_VERSION_NUM < 160000

/* Soft errors came with 16: before, an input function's complaint is an ERROR. */
struct Node;
#define ereturn(escontext, dummy_value, ...) \
	do { \
		(void) (escontext); \
		ereport(ERROR, __VA_ARGS__); \
		return dummy_value; \
	} while (0)

/* 16 calls a relation's files by another name. */
#define mkt_relation_files(relation) ((relation)->rd_node)

/* 16 can leave out the indexes that do not summarize. */
#define mkt_insert_index_tuples(info, slot, estate) \
	ExecInsertIndexTuples(info, slot, estate, false, false, NULL, NIL)

#else

#define mkt_relation_files(relation) ((relation)->rd_locator)

#define mkt_insert_index_tuples(info, slot, estate) \
	ExecInsertIndexTuples(info, slot, estate, false, false, NULL, NIL, false)

/* 16 moved the varlena macros out of postgres.h. */
#include "varatt.h"

#endif

/* 17 numbers backends from 0, and by another name. */
#if PG_VERSION_NUM < 170000
#define mkt_backend_number() ((int) MyBackendId)
#else
#define mkt_backend_number() ((int) MyProcNumber)
#endif

/* 18 added an argument for EXPLAIN's counters, one about deferrable keys, and a new spelling. */
#if PG_VERSION_NUM < 180000
#define pg_noreturn pg_attribute_noreturn()
#define mkt_primary_key_index(table) RelationGetPrimaryKeyIndex(table)
#define mkt_index_beginscan(heap, index, snapshot, nkeys) \
	index_beginscan(heap, index, snapshot, nkeys, 0)
#else
#define mkt_primary_key_index(table) RelationGetPrimaryKeyIndex(table, false)
#define mkt_index_beginscan(heap, index, snapshot, nkeys) \
	index_beginscan(heap, index, snapshot, NULL, nkeys, 0)
#endif

#endif							/* MKT_COMPAT_H */
