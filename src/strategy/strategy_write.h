/*-------------------------------------------------------------------------
 *
 * strategy_write.h
 *		Many rows into a table.
 *
 *-------------------------------------------------------------------------
 */
#ifndef STRATEGY_WRITE_H
#define STRATEGY_WRITE_H

#include "executor/tuptable.h"
#include "utils/rel.h"

typedef struct StrategyWriter StrategyWriter;

/*
 * Rows for the table mkt.<name>, in these columns; the others get their
 * defaults. The caller answers for the foreign keys. Raises 42501 unless the
 * user may insert. done: a trigger whose work the caller does, or NULL.
 */
extern StrategyWriter *mkt_strategy_writer_open(const char *name, const char *const *columns,
												int ncolumns, const char *done);

/* What the next row is made of lives here until it is written. */
extern MemoryContext mkt_strategy_writer_context(StrategyWriter *writer);

/* The row, whose columns may be looked at until the next flush; NULL: a trigger skipped it. */
extern TupleTableSlot *mkt_strategy_writer_put(StrategyWriter *writer, const Datum *values,
											   const bool *nulls);
extern AttrNumber mkt_strategy_writer_column(StrategyWriter *writer, const char *column);

/* Write the rows put, if there are many, or all. Called before each row is made. */
extern void mkt_strategy_writer_flush(StrategyWriter *writer, bool all);
extern void mkt_strategy_writer_close(StrategyWriter *writer);

#endif							/* STRATEGY_WRITE_H */
