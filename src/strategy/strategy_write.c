/*-------------------------------------------------------------------------
 *
 * strategy_write.c
 *		Many rows into a table, a thousand at a time.
 *
 * As COPY does it: pages are filled by one call, then the indexes follow.
 * Defaults, constraints and triggers are honoured, whoever added them; only
 * the row triggers of foreign keys are left out, because asking and locking
 * the parents row by row would take ten times as long as everything else. The
 * caller has checked them for all rows together.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "executor/nodeModifyTable.h"
#include "miscadmin.h"
#include "optimizer/optimizer.h"
#include "rewrite/rewriteHandler.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "strategy_write.h"
#include "tag.h"

#define ROWS 1000

struct StrategyWriter
{
	Relation	table;
	EState	   *estate;
	ResultRelInfo *info;
	TransitionCaptureState *capture;
	BulkInsertState bulk;
	CommandId	command;
	int			ncolumns;
	AttrNumber *attnums;		/* of the caller's columns */
	ExprState **defaults;		/* by column; NULL: no default, or the caller's */
	int			n;
	TupleTableSlot *slots[ROWS];
	MemoryContext rows;			/* reset when they are written */
};

/* ---- opening --------------------------------------------------------------------- */

/* Take the triggers of foreign keys, and the one whose work is done, out of our copy of the description. */
static void
drop_triggers(ResultRelInfo *info, const char *done)
{
	TriggerDesc *desc = info->ri_TrigDesc;
	int			kept = 0;

	if (desc == NULL)
		return;
	desc->trig_insert_after_row = desc->trig_insert_after_statement = desc->trig_insert_new_table = false;
	for (int i = 0; i < desc->numtriggers; i++)
	{
		Trigger    *trigger = &desc->triggers[i];

		if (trigger->tgfoid == F_RI_FKEY_CHECK_INS || (done != NULL && strcmp(trigger->tgname, done) == 0))
			continue;
		desc->triggers[kept++] = *trigger;
		if (TRIGGER_TYPE_MATCHES(trigger->tgtype, TRIGGER_TYPE_ROW, TRIGGER_TYPE_AFTER, TRIGGER_TYPE_INSERT))
			desc->trig_insert_after_row = true;
		if (TRIGGER_TYPE_MATCHES(trigger->tgtype, TRIGGER_TYPE_STATEMENT, TRIGGER_TYPE_AFTER, TRIGGER_TYPE_INSERT))
			desc->trig_insert_after_statement = true;
		desc->trig_insert_new_table |= TRIGGER_FOR_INSERT(trigger->tgtype) && trigger->tgnewtable != NULL;
	}
	desc->numtriggers = kept;
}

static void
prepare_defaults(StrategyWriter *writer)
{
	TupleDesc	desc = RelationGetDescr(writer->table);

	writer->defaults = palloc0(desc->natts * sizeof(ExprState *));
	for (int a = 0; a < desc->natts; a++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, a);
		bool		given = att->attisdropped || att->attgenerated;
		Expr	   *expr;

		for (int i = 0; i < writer->ncolumns; i++)
			given |= writer->attnums[i] == a + 1;
		expr = given ? NULL : (Expr *) build_column_default(writer->table, a + 1);
		if (expr != NULL)
			writer->defaults[a] = ExecInitExpr(expression_planner(expr), NULL);
	}
}

StrategyWriter *
mkt_strategy_writer_open(const char *name, const char *const *columns, int ncolumns, const char *done)
{
	StrategyWriter *writer = palloc0(sizeof(StrategyWriter));
	Relation	table = mkt_tag_open_table(name, ncolumns);
	AclResult	allowed = pg_class_aclcheck(RelationGetRelid(table), GetUserId(), ACL_INSERT);

	if (allowed != ACLCHECK_OK)
		aclcheck_error(allowed, OBJECT_TABLE, RelationGetRelationName(table));
	LockRelationOid(RelationGetRelid(table), RowExclusiveLock);
	writer->table = table;
	writer->ncolumns = ncolumns;
	writer->attnums = palloc(ncolumns * sizeof(AttrNumber));
	for (int i = 0; i < ncolumns; i++)
		writer->attnums[i] = mkt_strategy_writer_column(writer, columns[i]);
	writer->estate = CreateExecutorState();
	writer->info = makeNode(ResultRelInfo);
	InitResultRelInfo(writer->info, table, 0, NULL, 0);
	ExecOpenIndices(writer->info, false);
	drop_triggers(writer->info, done);
	writer->bulk = GetBulkInsertState();
	writer->command = GetCurrentCommandId(true);
	writer->rows = AllocSetContextCreate(CurrentMemoryContext, "mkt writer rows", ALLOCSET_DEFAULT_SIZES);
	prepare_defaults(writer);
	AfterTriggerBeginQuery();
	writer->capture = MakeTransitionCaptureState(writer->info->ri_TrigDesc, RelationGetRelid(table), CMD_INSERT);
	ExecBSInsertTriggers(writer->estate, writer->info);
	return writer;
}

MemoryContext
mkt_strategy_writer_context(StrategyWriter *writer)
{
	return writer->rows;
}

AttrNumber
mkt_strategy_writer_column(StrategyWriter *writer, const char *column)
{
	AttrNumber	attnum = get_attnum(RelationGetRelid(writer->table), column);

	if (attnum == InvalidAttrNumber)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table mkt.%s has no column %s", RelationGetRelationName(writer->table), column),
				 errhint("Run CALL mkt.upgrade_platform().")));
	return attnum;
}

/* ---- rows ------------------------------------------------------------------------- */

static void
fill_slot(StrategyWriter *writer, TupleTableSlot *slot, const Datum *values, const bool *nulls)
{
	int			natts = RelationGetDescr(writer->table)->natts;
	ExprContext *econtext = GetPerTupleExprContext(writer->estate);
	MemoryContext old = MemoryContextSwitchTo(writer->rows);

	ExecClearTuple(slot);
	memset(slot->tts_isnull, true, natts);
	for (int a = 0; a < natts; a++)
	{
		if (writer->defaults[a] != NULL)
			slot->tts_values[a] = ExecEvalExpr(writer->defaults[a], econtext, &slot->tts_isnull[a]);
	}
	for (int i = 0; i < writer->ncolumns; i++)
	{
		slot->tts_values[writer->attnums[i] - 1] = values[i];
		slot->tts_isnull[writer->attnums[i] - 1] = nulls[i];
	}
	ExecStoreVirtualTuple(slot);
	slot->tts_tableOid = RelationGetRelid(writer->table);
	MemoryContextSwitchTo(old);
}

static void
write_rows(StrategyWriter *writer)
{
	MemoryContext old = MemoryContextSwitchTo(GetPerTupleMemoryContext(writer->estate));

	CHECK_FOR_INTERRUPTS();
	table_multi_insert(writer->table, writer->slots, writer->n, writer->command, 0, writer->bulk);
	for (int i = 0; i < writer->n; i++)
	{
		List	   *recheck = NIL;

		ResetPerTupleExprContext(writer->estate);
		if (writer->info->ri_NumIndices > 0)
			recheck = mkt_insert_index_tuples(writer->info, writer->slots[i], writer->estate);
		ExecARInsertTriggers(writer->estate, writer->info, writer->slots[i], recheck, writer->capture);
		ExecClearTuple(writer->slots[i]);
	}
	MemoryContextSwitchTo(old);
	MemoryContextReset(writer->rows);
	writer->n = 0;
}

TupleTableSlot *
mkt_strategy_writer_put(StrategyWriter *writer, const Datum *values, const bool *nulls)
{
	TriggerDesc *triggers = writer->info->ri_TrigDesc;
	TupleTableSlot *slot;

	if (writer->slots[writer->n] == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(GetMemoryChunkContext(writer));

		writer->slots[writer->n] = table_slot_create(writer->table, NULL);
		MemoryContextSwitchTo(old);
	}
	slot = writer->slots[writer->n];
	ResetPerTupleExprContext(writer->estate);
	fill_slot(writer, slot, values, nulls);
	if (triggers != NULL && triggers->trig_insert_before_row &&
		!ExecBRInsertTriggers(writer->estate, writer->info, slot))
		return NULL;
	if (RelationGetDescr(writer->table)->constr != NULL)
	{
		if (RelationGetDescr(writer->table)->constr->has_generated_stored)
			ExecComputeStoredGenerated(writer->info, writer->estate, slot, CMD_INSERT);
		ExecConstraints(writer->info, slot, writer->estate);
	}
	writer->n++;
	return slot;
}

/* Before the caller's row context fills up: write what there is. */
void
mkt_strategy_writer_flush(StrategyWriter *writer, bool all)
{
	if (writer->n == ROWS || (all && writer->n > 0))
		write_rows(writer);
}

void
mkt_strategy_writer_close(StrategyWriter *writer)
{
	mkt_strategy_writer_flush(writer, true);
	ExecASInsertTriggers(writer->estate, writer->info, writer->capture);
	AfterTriggerEndQuery(writer->estate);
	ExecCloseResultRelations(writer->estate);	/* those of triggers */
	table_finish_bulk_insert(writer->table, 0);
	FreeBulkInsertState(writer->bulk);
	for (int i = 0; i < ROWS && writer->slots[i] != NULL; i++)
		ExecDropSingleTupleTableSlot(writer->slots[i]);
	ExecCloseIndices(writer->info);
	FreeExecutorState(writer->estate);
	MemoryContextDelete(writer->rows);
	table_close(writer->table, NoLock);
	pfree(writer);
}
