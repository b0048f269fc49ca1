/*-------------------------------------------------------------------------
 *
 * strategy_route.c
 *		Who could be sent to a customer, and who is.
 *
 * The owner, else the least loaded person of the unit that serves the
 * customer's cell, else of its grid, ties by staff_id: mkt._route(), for a
 * whole block from arrays. People are those of mkt._worker: active, with a
 * daily capacity. The map and the people are read once and kept until the stamp of
 * topic "people" changes. Where customers stand is what the tag `cell` says,
 * owners are read from mkt.customer, where few have one.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "access/genam.h"
#include "access/relscan.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "strategy_route.h"

/* A unit of mkt.org. */
typedef struct TreeUnit
{
	int32		org_id;			/* first */
	int32		parent_id;
	int16		tier;
} TreeUnit;

static StrategyRouting *kept = NULL;
static MemoryContext kept_context = NULL;

static void read_people(StrategyRouting *routing);
static void read_cells(StrategyRouting *routing);

/* ---- keeping -------------------------------------------------------------------- */

StrategyRouting *
mkt_strategy_routing(void)
{
	pg_uuid_t	stamp;
	MemoryContext old;

	mkt_strategy_stamp("people", &stamp);
	if (kept != NULL && memcmp(&kept->stamp, &stamp, sizeof(stamp)) == 0)
		return kept;
	kept = NULL;
	if (kept_context != NULL)
		MemoryContextDelete(kept_context);
	kept_context = AllocSetContextCreate(CacheMemoryContext, "mkt strategy routing",
										 ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(kept_context);
	{
		StrategyRouting *routing = palloc0(sizeof(StrategyRouting));

		routing->stamp = stamp;
		read_people(routing);
		read_cells(routing);
		kept = routing;
	}
	MemoryContextSwitchTo(old);
	return kept;
}

/* ---- reading a table ---------------------------------------------------------------- */

/* The integers of a column of every row, and of others beside it. */
typedef struct Reader
{
	Relation	table;
	TableScanDesc scan;
	TupleTableSlot *slot;
} Reader;

static void
reader_open(Reader *reader, const char *name)
{
	reader->table = mkt_tag_open_table(name, 1);
	reader->scan = table_beginscan(reader->table, GetActiveSnapshot(), 0, NULL);
	reader->slot = table_slot_create(reader->table, NULL);
}

static void
reader_close(Reader *reader)
{
	ExecDropSingleTupleTableSlot(reader->slot);
	table_endscan(reader->scan);
	table_close(reader->table, NoLock);
}

static bool
reader_next(Reader *reader)
{
	CHECK_FOR_INTERRUPTS();
	return table_scan_getnextslot(reader->scan, ForwardScanDirection, reader->slot);
}

static AttrNumber
reader_column(Reader *reader, const char *name)
{
	AttrNumber	attnum = get_attnum(RelationGetRelid(reader->table), name);

	if (attnum == InvalidAttrNumber)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table mkt.%s has no column %s", RelationGetRelationName(reader->table), name),
				 errhint("Run CALL mkt.upgrade_platform().")));
	return attnum;
}

static Datum
reader_value(Reader *reader, AttrNumber attnum)
{
	bool		isnull;

	return slot_getattr(reader->slot, attnum, &isnull);
}

static int
compare_numbers(const void *a, const void *b)
{
	int32		x = *(const int32 *) a;
	int32		y = *(const int32 *) b;

	return (x > y) - (x < y);
}

/* ---- people and cells ------------------------------------------------------------------ */

/* Every unit and its parent, by org_id. */
static TreeUnit *
read_tree(int *n)
{
	TreeUnit   *units = palloc(1024 * sizeof(TreeUnit));
	int			room = 1024;
	Reader		reader;
	AttrNumber	org_id;
	AttrNumber	parent_id;
	AttrNumber	tier;

	*n = 0;
	reader_open(&reader, "org");
	org_id = reader_column(&reader, "org_id");
	parent_id = reader_column(&reader, "parent_id");
	tier = reader_column(&reader, "tier");
	while (reader_next(&reader))
	{
		if (*n == room)
			units = repalloc(units, (room *= 2) * sizeof(TreeUnit));
		units[*n].org_id = DatumGetInt32(reader_value(&reader, org_id));
		units[*n].parent_id = DatumGetInt32(reader_value(&reader, parent_id));
		units[(*n)++].tier = DatumGetInt16(reader_value(&reader, tier));
	}
	reader_close(&reader);
	qsort(units, *n, sizeof(TreeUnit), compare_numbers);
	return units;
}

/* The grid that a unit is or belongs to; 0 above the grids. */
static int32
grid_of(const TreeUnit *tree, int n, const TreeUnit *unit)
{
	while (unit != NULL && unit->tier > 5)
		unit = bsearch(&unit->parent_id, tree, n, sizeof(TreeUnit), compare_numbers);
	return unit != NULL && unit->tier == 5 ? unit->org_id : 0;
}

/* What pools people: their unit or their grid; ties by staff_id. */
static int
compare_pools(const void *a, const void *b, void *arg)
{
	const int32 *pool = arg;
	int			x = *(const int *) a;
	int			y = *(const int *) b;

	if (pool[x] != pool[y])
		return pool[x] < pool[y] ? -1 : 1;
	return (x > y) - (x < y);
}

/* People, who come by staff_id, by pool; those of pool 0 belong to none. */
static int
make_pools(int npeople, int32 *pool, int **people, StrategyPool **pools)
{
	int			n = 0;

	*people = palloc((npeople + 1) * sizeof(int));
	*pools = palloc0((npeople + 1) * sizeof(StrategyPool));
	for (int i = 0; i < npeople; i++)
		(*people)[i] = i;
	qsort_arg(*people, npeople, sizeof(int), compare_pools, pool);
	for (int i = 0; i < npeople; i++)
	{
		int32		id = pool[(*people)[i]];

		if (id == 0)
			continue;
		if (n == 0 || (*pools)[n - 1].id != id)
		{
			(*pools)[n].id = id;
			(*pools)[n++].first = i;
		}
		(*pools)[n - 1].n++;
	}
	return n;
}

static void
read_people(StrategyRouting *routing)
{
	int			ntree;
	TreeUnit   *tree = read_tree(&ntree);
	int			room = 1024;
	Reader		reader;
	AttrNumber	staff_id;
	AttrNumber	org_id;
	AttrNumber	active;
	AttrNumber	capacity;
	int32	   *pool;

	routing->people = palloc(room * sizeof(StrategyPerson));
	reader_open(&reader, "staff");
	staff_id = reader_column(&reader, "staff_id");
	org_id = reader_column(&reader, "org_id");
	active = reader_column(&reader, "active");
	capacity = reader_column(&reader, "daily_capacity");
	while (reader_next(&reader))
	{
		StrategyPerson *person;
		TreeUnit   *unit;

		if (!DatumGetBool(reader_value(&reader, active)) || DatumGetInt32(reader_value(&reader, capacity)) == 0)
			continue;
		if (routing->npeople == room)
			routing->people = repalloc(routing->people, (room *= 2) * sizeof(StrategyPerson));
		person = &routing->people[routing->npeople++];
		memset(person, 0, sizeof(*person));
		person->staff_id = DatumGetInt32(reader_value(&reader, staff_id));
		person->org_id = DatumGetInt32(reader_value(&reader, org_id));
		unit = bsearch(&person->org_id, tree, ntree, sizeof(TreeUnit), compare_numbers);
		person->individual = unit != NULL && unit->tier == 7;
		person->grid_id = grid_of(tree, ntree, unit);
	}
	reader_close(&reader);
	pfree(tree);

	/* staff_id is the first field of a person */
	qsort(routing->people, routing->npeople, sizeof(StrategyPerson), compare_numbers);
	pool = palloc((routing->npeople + 1) * sizeof(int32));
	for (int i = 0; i < routing->npeople; i++)
		pool[i] = routing->people[i].org_id;
	routing->nunits = make_pools(routing->npeople, pool, &routing->by_unit, &routing->units);
	for (int i = 0; i < routing->npeople; i++)
		pool[i] = routing->people[i].grid_id;
	routing->ngrids = make_pools(routing->npeople, pool, &routing->by_grid, &routing->grids);
	pfree(pool);
}

static void
read_cells(StrategyRouting *routing)
{
	int			room = 1024;
	Reader		reader;
	AttrNumber	cell_id;
	AttrNumber	org_id;
	AttrNumber	grid_id;

	routing->cells = palloc(room * sizeof(StrategyCell));
	reader_open(&reader, "grid_cell");
	cell_id = reader_column(&reader, "cell_id");
	org_id = reader_column(&reader, "org_id");
	grid_id = reader_column(&reader, "grid_id");
	while (reader_next(&reader))
	{
		StrategyCell *cell;
		int32		grid;

		if (routing->ncells == room)
			routing->cells = repalloc_huge(routing->cells, (room *= 2) * sizeof(StrategyCell));
		cell = &routing->cells[routing->ncells++];
		cell->cell_id = DatumGetInt32(reader_value(&reader, cell_id));
		cell->org_id = DatumGetInt32(reader_value(&reader, org_id));
		cell->unit = bsearch(&cell->org_id, routing->units, routing->nunits, sizeof(StrategyPool), compare_numbers);
		grid = DatumGetInt32(reader_value(&reader, grid_id));
		cell->grid = bsearch(&grid, routing->grids, routing->ngrids, sizeof(StrategyPool), compare_numbers);
	}
	reader_close(&reader);
	qsort(routing->cells, routing->ncells, sizeof(StrategyCell), compare_numbers);
}

int
mkt_strategy_person(const StrategyRouting *routing, int32 staff_id)
{
	StrategyPerson *person = bsearch(&staff_id, routing->people, routing->npeople,
									 sizeof(StrategyPerson), compare_numbers);

	return person == NULL ? -1 : (int) (person - routing->people);
}

StrategyCell *
mkt_strategy_cell(const StrategyRouting *routing, int32 cell_id)
{
	return bsearch(&cell_id, routing->cells, routing->ncells, sizeof(StrategyCell), compare_numbers);
}

static inline bool
is_served(const StrategyCell *cell)
{
	return cell->unit != NULL || cell->grid != NULL;
}

/* ---- who has nobody ---------------------------------------------------------------------- */

/* The cells that somebody serves, as a range of the tag's stored values. */
static void
find_served(StrategyContest *contest, const StrategyRouting *routing)
{
	const Tag  *tag = contest->cell->tag;
	uint64		max = mkt_tag_number_max(tag);
	TagRange   *range = &contest->served;

	if (range->intervals != NULL && memcmp(&contest->served_stamp, &routing->stamp, sizeof(pg_uuid_t)) == 0)
		return;
	if (range->table != NULL)
		pfree(range->table);
	if (range->intervals != NULL)
		pfree(range->intervals);
	memset(range, 0, sizeof(*range));
	range->intervals = MemoryContextAllocHuge(contest->query->context,
											  (routing->ncells + 1) * sizeof(TagInterval));
	for (int i = 0; i < routing->ncells; i++)
	{
		int64		stored = (int64) routing->cells[i].cell_id - tag->bias;
		TagInterval *last = &range->intervals[range->n - 1];

		if (!is_served(&routing->cells[i]) || stored < 0 || (uint64) stored > max)
			continue;
		if (range->n > 0 && last->high + 1 == (uint64) stored)
			last->high++;
		else
		{
			range->intervals[range->n].low = range->intervals[range->n].high = stored;
			range->n++;
		}
	}
	contest->served_stamp = routing->stamp;
}

static const uint64 *
served_customers(StrategyDecision *decision)
{
	StrategyContest *contest = decision->contest;
	TagNumber  *number = contest->cell;
	const uint64 *served = NULL;
	MemoryContext old;
	StrategyCell *cell;
	TagSet		exists;
	TagSet		set;
	uint64		value;

	if (decision->single)
	{
		if (!mkt_tag_number_get(number, decision->block, decision->low, &value))
			return NULL;
		cell = mkt_strategy_cell(decision->routing, (int32) ((int64) value + number->tag->bias));
		return cell != NULL && is_served(cell) ? decision->all : NULL;
	}
	find_served(contest, decision->routing);
	old = MemoryContextSwitchTo(contest->query->context);
	mkt_tag_set_from_cursor(number->exists, decision->block, &exists);
	mkt_tag_number_range(number, &exists, &contest->served, decision->block, &contest->room, &set);
	if (set.kind != TAG_SET_EMPTY)
		served = mkt_tag_set_bits(&set, mkt_strategy_bits(decision));
	MemoryContextSwitchTo(old);
	return served;
}

void
mkt_strategy_find_homeless(StrategyDecision *decision)
{
	const uint64 *served;
	uint64	   *owned = NULL;

	decision->routing = mkt_strategy_routing();
	mkt_strategy_load_owners(decision);
	served = served_customers(decision);
	for (int k = 0; k < decision->nowners; k++)
	{
		if (decision->owners[k].person < 0)
			continue;
		if (owned == NULL)
		{
			owned = mkt_strategy_bits(decision);
			memset(owned, 0, decision->words * sizeof(uint64));
		}
		owned[decision->owners[k].i / 64] |= UINT64CONST(1) << (decision->owners[k].i % 64);
	}
	decision->homeless = mkt_strategy_andnot(decision, decision->all,
											 mkt_strategy_or(decision, served, owned));
}

/* ---- owners ------------------------------------------------------------------------------- */

void
mkt_strategy_load_owners(StrategyDecision *decision)
{
	Relation	table = mkt_tag_open_table("customer", 1);
	AttrNumber	cid = get_attnum(RelationGetRelid(table), "cid");
	AttrNumber	owner = get_attnum(RelationGetRelid(table), "owner_staff_id");
	Relation	index = index_open(get_relname_relid("customer_owner_idx", RelationGetNamespace(table)),
								   AccessShareLock);
	IndexScanDesc scan = mkt_index_beginscan(table, index, GetActiveSnapshot(), 2);
	TupleTableSlot *slot = table_slot_create(table, NULL);
	ScanKeyData keys[2];

	if (decision->owners == NULL)
		decision->owners = MemoryContextAlloc(decision->context, decision->n * sizeof(StrategyOwner));
	decision->nowners = 0;
	ScanKeyInit(&keys[0], 1, BTGreaterEqualStrategyNumber, F_INT8GE, Int64GetDatum(decision->first));
	ScanKeyInit(&keys[1], 1, BTLessStrategyNumber, F_INT8LT, Int64GetDatum(decision->first + decision->n));
	index_rescan(scan, keys, 2, NULL, 0);
	while (index_getnext_slot(scan, ForwardScanDirection, slot))
	{
		StrategyOwner *found = &decision->owners[decision->nowners];
		bool		isnull;

		CHECK_FOR_INTERRUPTS();
		found->i = DatumGetInt64(slot_getattr(slot, cid, &isnull)) - decision->first;
		found->person = mkt_strategy_person(decision->routing, DatumGetInt32(slot_getattr(slot, owner, &isnull)));
		if (!isnull)
			decision->nowners++;
	}
	ExecDropSingleTupleTableSlot(slot);
	index_endscan(scan);
	index_close(index, NoLock);
	table_close(table, NoLock);
}

/* ---- handing out --------------------------------------------------------------------------- */

/*
 * Open orders by person are counted when a session begins or resumes a
 * deployment, and carried on from block to block. Orders that are closed
 * meanwhile make no difference to a fair share.
 */
void
mkt_strategy_loads(StrategyRouting *routing, const text *round, int64 block)
{
	char	   *name = text_to_cstring(round);

	if (routing->loads_round == NULL || strcmp(routing->loads_round, name) != 0 || routing->loads_block != block)
	{
		for (int i = 0; i < routing->npeople; i++)
			routing->people[i].load = 0;
		SPI_connect();
		if (SPI_execute("SELECT o.staff_id, count(*) FROM mkt.work_order AS o WHERE o.closed_at IS NULL GROUP BY o.staff_id",
						true, 0) != SPI_OK_SELECT)
			elog(ERROR, "SPI_execute failed");
		for (uint64 i = 0; i < SPI_processed; i++)
		{
			bool		isnull;
			int			person = mkt_strategy_person(routing, DatumGetInt32(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull)));

			if (person >= 0)
				routing->people[person].load = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2, &isnull));
		}
		SPI_finish();
		if (routing->loads_round != NULL)
			pfree(routing->loads_round);
		routing->loads_round = MemoryContextStrdup(kept_context, name);
	}
	routing->loads_block = -1;	/* until this block is done */
	for (int i = 0; i < routing->npeople; i++)
		routing->people[i].turn = routing->people[i].load;
}

StrategyCell *
mkt_strategy_place(StrategyDecision *decision, uint32 i)
{
	TagNumber  *number = decision->contest->cell;
	uint64		value;
	TagSet		exists;

	mkt_tag_set_from_cursor(number->exists, decision->block, &exists);
	if (!mkt_tag_set_has(&exists, i))
		return NULL;
	value = 0;
	for (int k = 0; k < number->tag->slices; k++)
		value |= ((number->bits[k][i / 64] >> (i % 64)) & 1) << k;
	return mkt_strategy_cell(decision->routing, (int32) ((int64) value + number->tag->bias));
}

/* The one with the least to do, ties by staff_id, gets one more. */
static StrategyPerson *
pick(StrategyRouting *routing, const StrategyPool *pool, const int *people)
{
	StrategyPerson *best = NULL;

	for (int k = pool->first; k < pool->first + pool->n; k++)
	{
		StrategyPerson *person = &routing->people[people[k]];

		if (best == NULL || person->turn < best->turn)
			best = person;
	}
	best->turn++;
	return best;
}

/* Owners, the unit that serves the cell, its grid: each counts what was handed out before. */
void
mkt_strategy_assign(StrategyDecision *decision, StrategyRouted *routed, int n)
{
	StrategyRouting *routing = decision->routing;
	int			owner = 0;

	for (int k = 0; k < n; k++)
	{
		routed[k].cell = mkt_strategy_place(decision, routed[k].i);
		routed[k].person = NULL;
		while (owner < decision->nowners && decision->owners[owner].i < routed[k].i)
			owner++;
		if (owner < decision->nowners && decision->owners[owner].i == routed[k].i &&
			decision->owners[owner].person >= 0)
		{
			routed[k].person = &routing->people[decision->owners[owner].person];
			routed[k].person->turn++;
		}
	}
	for (int k = 0; k < n; k++)
	{
		if (routed[k].person == NULL && routed[k].cell != NULL && routed[k].cell->unit != NULL)
			routed[k].person = pick(routing, routed[k].cell->unit, routing->by_unit);
	}
	for (int k = 0; k < n; k++)
	{
		if (routed[k].person == NULL && routed[k].cell != NULL && routed[k].cell->grid != NULL)
			routed[k].person = pick(routing, routed[k].cell->grid, routing->by_grid);
		if (routed[k].person == NULL)
			elog(ERROR, "nobody can be sent to customer " INT64_FORMAT, decision->first + routed[k].i);
	}
}

/* Who stands above the individuals answers through the cell's unit. */
bool
mkt_strategy_unit(const StrategyRouted *routed, int32 *org_id)
{
	if (routed->person->individual)
		*org_id = routed->person->org_id;
	else if (routed->cell != NULL)
		*org_id = routed->cell->org_id;
	else
		return false;
	return true;
}
