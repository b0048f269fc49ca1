/*-------------------------------------------------------------------------
 *
 * grid_index.c
 *		One compiled map for this backend, kept true.
 *
 * The map is compiled from mkt.grid_cell when it is first asked, and again
 * when mkt.grid_version, whose one row changes with every change of a cell's
 * polygon, shows another stamp. Both are read with the caller's snapshot, so
 * that locate() answers like a query in its place: for the map as it was when a
 * repeatable read began, with one's own uncommitted changes, after a rollback
 * without them. Whether anything can have changed is asked once for each
 * snapshot, which is once a statement; all other calls compare a few numbers.
 *
 * The compiled map holds all cells, read as the table's owner. Which of them
 * the caller sees is asked at the same time, by the rule of the table's row
 * security: mkt.sees_all(), else mkt.my_cells().
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include <sys/mman.h>

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "grid.h"

#define Anum_grid_version_stamp 2
#define CELLS_A_FETCH 500
#define HUGE_PAGE ((Size) 2 * 1024 * 1024)

/* What decides which rows a statement sees, and as whom. */
typedef struct Sight
{
	TransactionId xmin;
	TransactionId xmax;
	uint32		xcnt;
	int32		subxcnt;
	CommandId	curcid;
	Oid			user;
} Sight;

static GridMap map;
static uint64 generations;
static MemoryContext map_context;	/* holds map.index and map.visible */
static MemoryContext building;	/* the same while it is being made */
static pg_uuid_t map_stamp;
static Oid	map_cells;			/* mkt.grid_cell and mkt.grid_version, */
static Oid	map_versions;		/* as the callback knows them */
static bool sight_valid;		/* map is what last_sight sees */
static Sight last_sight;
static int	grid_index_memory = 200 * 1024;

static Sight current_sight(void);
static void forget_sight(void);
static void refresh(void);
static Relation open_table(const char *name);
static void read_stamp(Relation versions, pg_uuid_t *stamp);
static void build(Relation cells);
static void read_cells(GridIndex *index);
static void read_visible(Relation cells);

/* ---- when to look again ------------------------------------------------------- */

static void
on_relcache(Datum arg, Oid relation)
{
	if (!OidIsValid(relation) || relation == map_cells || relation == map_versions)
		forget_sight();
}

static void
on_xact(XactEvent event, void *arg)
{
	forget_sight();
}

/* A subtransaction that is undone takes back what the same snapshot showed. */
static void
on_subxact(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		forget_sight();
}

static void
forget_sight(void)
{
	sight_valid = false;
}

void
mkt_grid_init(void)
{
	DefineCustomIntVariable("mkt.grid_index_memory",
							"Memory each session may use for the compiled map.",
							"A smaller one makes mkt.locate() slower. It holds at least 16 bytes for each vertex of the map.",
							&grid_index_memory, 200 * 1024, 64, 1024 * 1024,
							PGC_USERSET, GUC_UNIT_KB, NULL, NULL, NULL);
	CacheRegisterRelcacheCallback(on_relcache, (Datum) 0);
	RegisterXactCallback(on_xact, NULL);
	RegisterSubXactCallback(on_subxact, NULL);
}

/*
 * Two snapshots of one transaction with the same numbers see the same rows:
 * between the same xmin and xmax transactions can only end, and then xcnt
 * is smaller.
 */
static Sight
current_sight(void)
{
	Snapshot	snapshot = GetActiveSnapshot();
	Sight		sight = {snapshot->xmin, snapshot->xmax, snapshot->xcnt,
	snapshot->subxcnt, snapshot->curcid, GetUserId()};

	return sight;
}

const GridMap *
mkt_grid_map(void)
{
	Sight		sight = current_sight();

	if (!sight_valid || sight.curcid != last_sight.curcid || sight.xmax != last_sight.xmax ||
		sight.xmin != last_sight.xmin || sight.xcnt != last_sight.xcnt ||
		sight.subxcnt != last_sight.subxcnt || sight.user != last_sight.user)
	{
		refresh();
		last_sight = sight;
		sight_valid = true;
	}
	return &map;
}

/* Make the map what the active snapshot and the current user see. */
static void
refresh(void)
{
	Relation	versions = open_table("grid_version");
	Relation	cells = open_table("grid_cell");
	AclResult	allowed = pg_class_aclcheck(RelationGetRelid(cells), GetUserId(), ACL_SELECT);
	pg_uuid_t	stamp;

	if (allowed != ACLCHECK_OK)
		aclcheck_error(allowed, OBJECT_TABLE, RelationGetRelationName(cells));
	sight_valid = false;
	map_cells = RelationGetRelid(cells);
	map_versions = RelationGetRelid(versions);
	read_stamp(versions, &stamp);
	if (map.index == NULL || memcmp(&stamp, &map_stamp, sizeof(stamp)) != 0)
	{
		build(cells);
		map_stamp = stamp;
	}
	read_visible(cells);

	/* The locks stay: while this transaction trusts the map, no DDL. */
	table_close(cells, NoLock);
	table_close(versions, NoLock);
}

static Relation
open_table(const char *name)
{
	Oid			schema = get_namespace_oid("mkt", true);
	Oid			oid = OidIsValid(schema) ? get_relname_relid(name, schema) : InvalidOid;

	if (!OidIsValid(oid))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("this database has no table mkt.%s", name),
				 errdetail("The map is in tables of the mkt platform."),
				 errhint("Run CALL mkt.create_platform(), or CALL mkt.upgrade_platform() where there is an older one.")));
	return table_open(oid, AccessShareLock);
}

static void
read_stamp(Relation versions, pg_uuid_t *stamp)
{
	SysScanDesc scan = systable_beginscan(versions, InvalidOid, false,
										  GetActiveSnapshot(), 0, NULL);
	HeapTuple	tuple = systable_getnext(scan);
	bool		isnull = true;
	Datum		value = (Datum) 0;

	if (HeapTupleIsValid(tuple))
		value = heap_getattr(tuple, Anum_grid_version_stamp,
							 RelationGetDescr(versions), &isnull);
	if (isnull)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table mkt.grid_version has no row"),
				 errhint("INSERT INTO mkt.grid_version DEFAULT VALUES;")));
	memcpy(stamp, DatumGetUUIDP(value), sizeof(pg_uuid_t));
	systable_endscan(scan);
}

/* ---- compiling ------------------------------------------------------------------ */

/*
 * A large map is asked at random: with huge pages half of the time for a point
 * is saved, which otherwise goes into finding pages. Only a wish.
 */
static void *
wish_huge_pages(void *block, Size size)
{
#ifdef MADV_HUGEPAGE
	uintptr_t	from = TYPEALIGN(HUGE_PAGE, (uintptr_t) block);
	uintptr_t	to = TYPEALIGN_DOWN(HUGE_PAGE, (uintptr_t) block + size);

	if (from < to)
		(void) madvise((void *) from, to - from, MADV_HUGEPAGE);
#endif
	return block;
}

/* For memory of the map, and for what is only needed while compiling. */
static void *
resize_in_context(void *block, Size size)
{
	if (size > 0)
		return block == NULL ? wish_huge_pages(MemoryContextAllocHuge(building, size), size) :
			repalloc_huge(block, size);
	if (block != NULL)
		pfree(block);
	return NULL;
}

static void
check_interrupts(void)
{
	CHECK_FOR_INTERRUPTS();
}

static const GridHost host = {resize_in_context, check_interrupts};

static void
drop_map(void)
{
	MemoryContext old = map_context;

	memset(&map, 0, sizeof(map));
	map_context = NULL;
	if (old != NULL)
		MemoryContextDelete(old);
}

/*
 * The old map goes first, for its memory. If anything fails on the way, what
 * there is goes with the statement's memory, and the next call begins anew.
 */
static void
build(Relation cells)
{
	Oid			user;
	int			security;
	GridIndex  *index;
	instr_time	began,
				took;

	INSTR_TIME_SET_CURRENT(began);
	drop_map();
	building = AllocSetContextCreate(CurrentMemoryContext, "mkt map", ALLOCSET_DEFAULT_SIZES);
	index = MemoryContextAllocZero(building, sizeof(GridIndex));
	index->host = &host;

	GetUserIdAndSecContext(&user, &security);
	SetUserIdAndSecContext(cells->rd_rel->relowner,
						   security | SECURITY_LOCAL_USERID_CHANGE | SECURITY_NOFORCE_RLS);
	read_cells(index);
	SetUserIdAndSecContext(user, security);

	if (!mkt_grid_compile(index, (Size) grid_index_memory * 1024))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the compiled map does not fit into %d kB", grid_index_memory),
				 errdetail("It has %u cells with %u vertices.", index->ncells, index->nvertices),
				 errhint("SET mkt.grid_index_memory = '%zu kB';",
						 mkt_grid_bytes(index) / 512)));
	MemoryContextSetParent(building, TopMemoryContext);
	map_context = building;
	INSTR_TIME_SET_CURRENT(took);
	INSTR_TIME_SUBTRACT(took, began);
	map.bytes = mkt_grid_bytes(index);
	map.build_ms = INSTR_TIME_GET_MILLISEC(took);
	map.built_at = GetCurrentTimestamp();
	map.generation = ++generations;
	map.index = index;
}

static void
add_cell(GridIndex *index, HeapTuple tuple, TupleDesc desc)
{
	bool		isnull[3];
	int32		cell_id = DatumGetInt32(SPI_getbinval(tuple, desc, 1, &isnull[0]));
	int32		grid_id = DatumGetInt32(SPI_getbinval(tuple, desc, 2, &isnull[1]));
	Datum		wkb = SPI_getbinval(tuple, desc, 3, &isnull[2]);
	bytea	   *bytes;
	const char *problem;

	if (isnull[0] || isnull[1] || isnull[2])
		elog(ERROR, "null in mkt.grid_cell");
	bytes = DatumGetByteaPP(wkb);
	problem = mkt_grid_add(index, cell_id, grid_id,
						   (const uint8 *) VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("cell %d cannot be on the map: %s", cell_id, problem),
				 errhint("Load its polygon again with mkt.grid_cell_load(), which checks and repairs.")));
}

static void
read_cells(GridIndex *index)
{
	SPIPlanPtr	plan;
	Portal		portal;

	SPI_connect();
	plan = SPI_prepare("SELECT c.cell_id, c.grid_id, mkt._as_wkb(c.geom)"
					   " FROM mkt.grid_cell AS c ORDER BY c.cell_id", 0, NULL);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	portal = SPI_cursor_open(NULL, plan, NULL, NULL, true);
	do
	{
		SPI_cursor_fetch(portal, true, CELLS_A_FETCH);
		for (uint64 i = 0; i < SPI_processed; i++)
			add_cell(index, SPI_tuptable->vals[i], SPI_tuptable->tupdesc);
		SPI_freetuptable(SPI_tuptable);
	} while (SPI_processed > 0);
	SPI_cursor_close(portal);
	SPI_finish();
}

/* ---- who sees what ---------------------------------------------------------------- */

static int
compare_ids(const void *a, const void *b)
{
	int32		x = *(const int32 *) a;
	int32		y = *(const int32 *) b;

	return (x > y) - (x < y);
}

static bool
sees_all(void)
{
	bool		isnull;

	if (SPI_execute("SELECT mkt.sees_all()", true, 1) != SPI_OK_SELECT || SPI_processed != 1)
		elog(ERROR, "mkt.sees_all() gave no answer");
	return DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
}

static void
mark_visible(const GridIndex *index, uint8 *visible)
{
	if (SPI_execute("SELECT c FROM mkt.my_cells() AS c", true, 0) != SPI_OK_SELECT)
		elog(ERROR, "mkt.my_cells() gave no answer");
	for (uint64 i = 0; i < SPI_processed && index->ncells > 0; i++)
	{
		bool		isnull;
		int32		cell = DatumGetInt32(SPI_getbinval(SPI_tuptable->vals[i],
													   SPI_tuptable->tupdesc, 1, &isnull));
		int32	   *found = bsearch(&cell, index->cell_id, index->ncells, sizeof(int32), compare_ids);

		if (!isnull && found != NULL)
			visible[found - index->cell_id] = 1;
	}
}

static void
read_visible(Relation cells)
{
	if (map.visible != NULL)
		pfree(map.visible);
	map.visible = NULL;
	if (check_enable_rls(RelationGetRelid(cells), InvalidOid, true) != RLS_ENABLED)
		return;
	SPI_connect();
	if (!sees_all())
	{
		map.visible = MemoryContextAllocZero(map_context, map.index->ncells + 1);
		mark_visible(map.index, map.visible);
	}
	SPI_finish();
}
