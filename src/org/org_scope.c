/*-------------------------------------------------------------------------
 *
 * org_scope.c
 *		Reads the caller's place once per statement and keeps it as bitmaps.
 *
 * Each kind of number is one query with the caller's rights: units are what
 * mkt._my_units() says, cells and customers what row security leaves of their
 * tables, whose policies ask for the kind before. A set is read when it is
 * first asked for.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "access/htup_details.h"
#include "access/parallel.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "org.h"

#define PAGE_BITS 8192
#define PAGE_WORDS (PAGE_BITS / 64)
#define ROWS_A_FETCH 8192
#define SCOPES 4

/*
 * Customers are looked up one by one until this part of those one may see has
 * been asked for, and then read at once: at most twice the work of the better.
 */
#define LOOKUPS_PER_READ 16
#define LOOKUPS_AT_LEAST 50

typedef struct BitPage
{
	int64		page;
	char		status;
	uint64	   *bits;
} BitPage;

#define SH_PREFIX pagetable
#define SH_ELEMENT_TYPE BitPage
#define SH_KEY_TYPE int64
#define SH_KEY page
#define SH_HASH_KEY(tb, key) murmurhash32((uint32) (key) ^ (uint32) ((uint64) (key) >> 32))
#define SH_EQUAL(tb, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DEFINE
#define SH_DECLARE
#include "lib/simplehash.h"

/* Scopes of late, most recent first: nested calls may be other users' or see more. */
static OrgScope *scopes[SCOPES];

static const struct
{
	const char *query;
	const char *universe;		/* a table with a row for each there is */
}			kinds[ORG_KINDS] = {
	{"SELECT mkt._my_units()", "org"},
	{"SELECT c.cell_id FROM mkt.grid_cell AS c", "grid_cell"},
	{"SELECT c.cid FROM mkt.customer AS c", "customer"}
};

/* ---- sets ---------------------------------------------------------------- */

static void
add_member(OrgScope *scope, OrgSet *set, int64 id)
{
	int64		number = id >> 13;
	uint64		bit = (uint64) id % PAGE_BITS;
	bool		found;
	BitPage    *page;

	if (set->bits == NULL || set->page != number)
	{
		page = pagetable_insert(set->pages, number, &found);
		if (!found)
			page->bits = MemoryContextAllocZero(scope->context, PAGE_WORDS * sizeof(uint64));
		set->page = number;
		set->bits = page->bits;
	}
	if ((set->bits[bit / 64] >> (bit % 64) & 1) == 0)
		set->members++;
	set->bits[bit / 64] |= UINT64CONST(1) << (bit % 64);
}

static inline bool
has_member(OrgSet *set, int64 id)
{
	int64		number = id >> 13;
	uint64		bit = (uint64) id % PAGE_BITS;

	if (set->page != number)
	{
		BitPage    *page = pagetable_lookup(set->pages, number);

		set->page = number;
		set->bits = page == NULL ? NULL : page->bits;
	}
	return set->bits != NULL && (set->bits[bit / 64] >> (bit % 64) & 1) != 0;
}

static int
compare_ids(const void *a, const void *b)
{
	int64		x = *(const int64 *) a;
	int64		y = *(const int64 *) b;

	return (x > y) - (x < y);
}

/* ---- questions to the database, with the caller's rights -------------------- */

static int64
number_of(HeapTuple row, TupleDesc desc, bool *isnull)
{
	Datum		value = SPI_getbinval(row, desc, 1, isnull);

	return SPI_gettypeid(desc, 1) == INT8OID ? DatumGetInt64(value) : DatumGetInt32(value);
}

static void
fetch_set(OrgScope *scope, OrgKind kind)
{
	static SPIPlanPtr plans[ORG_KINDS];
	OrgSet	   *set = &scope->sets[kind];
	Portal		portal;

	set->pages = pagetable_create(scope->context, 64, NULL);
	set->bits = NULL;
	set->members = 0;
	SPI_connect();
	if (plans[kind] == NULL)
	{
		plans[kind] = SPI_prepare(kinds[kind].query, 0, NULL);
		if (plans[kind] == NULL || SPI_keepplan(plans[kind]) != 0)
			elog(ERROR, "cannot prepare \"%s\"", kinds[kind].query);
	}
	portal = SPI_cursor_open(NULL, plans[kind], NULL, NULL, true);
	do
	{
		CHECK_FOR_INTERRUPTS();
		SPI_cursor_fetch(portal, true, ROWS_A_FETCH);
		for (uint64 i = 0; i < SPI_processed; i++)
		{
			bool		isnull;
			int64		id = number_of(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, &isnull);

			if (!isnull)
				add_member(scope, set, id);
		}
		SPI_freetuptable(SPI_tuptable);
	} while (SPI_processed > 0);
	SPI_cursor_close(portal);
	SPI_finish();
	set->page = PG_INT64_MIN;	/* no number's page */
	set->bits = NULL;
	set->known = true;
}

/* Nested questions are about this scope too, and must leave it where it is. */
static void
read_set(OrgScope *scope, OrgKind kind)
{
	scope->busy++;
	PG_TRY();
	{
		fetch_set(scope, kind);
	}
	PG_FINALLY();
	{
		scope->busy--;
	}
	PG_END_TRY();
}

static bool
ask(const char *query, bool *second)
{
	bool		answer;
	bool		isnull;

	SPI_connect();
	if (SPI_execute(query, true, 1) != SPI_OK_SELECT || SPI_processed != 1)
		elog(ERROR, "no answer to \"%s\"", query);
	answer = DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	*second = DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull));
	SPI_finish();
	return answer;
}

/* Whether row security shows the caller this customer. */
static bool
fetch_customer(int64 cid)
{
	static SPIPlanPtr plan;
	Oid			type = INT8OID;
	Datum		value = Int64GetDatum(cid);
	bool		found;

	SPI_connect();
	if (plan == NULL)
	{
		plan = SPI_prepare("SELECT FROM mkt.customer AS c WHERE c.cid OPERATOR(pg_catalog.=) $1", 1, &type);
		if (plan == NULL || SPI_keepplan(plan) != 0)
			elog(ERROR, "cannot prepare the look-up of a customer");
	}
	if (SPI_execute_plan(plan, &value, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "cannot look up a customer");
	found = SPI_processed > 0;
	SPI_finish();
	return found;
}

static bool
look_up(OrgScope *scope, int64 cid)
{
	volatile bool found = false;

	scope->busy++;
	PG_TRY();
	{
		found = fetch_customer(cid);
	}
	PG_FINALLY();
	{
		scope->busy--;
	}
	PG_END_TRY();
	return found;
}

/* ---- scopes ---------------------------------------------------------------- */

static bool
same_snapshot(const SnapshotData *a, const SnapshotData *b)
{
	return a->xmin == b->xmin && a->xmax == b->xmax && a->curcid == b->curcid &&
		a->xcnt == b->xcnt && a->subxcnt == b->subxcnt && a->suboverflowed == b->suboverflowed &&
		(a->xcnt == 0 || memcmp(a->xip, b->xip, a->xcnt * sizeof(TransactionId)) == 0) &&
		(a->subxcnt <= 0 || memcmp(a->subxip, b->subxip, a->subxcnt * sizeof(TransactionId)) == 0);
}

static void *
copy_of(MemoryContext context, const void *bytes, Size size)
{
	return size == 0 ? NULL : memcpy(MemoryContextAlloc(context, size), bytes, size);
}

static OrgScope *
new_scope(Snapshot snapshot)
{
	MemoryContext context = AllocSetContextCreate(TopMemoryContext, "mkt scope", ALLOCSET_DEFAULT_SIZES);
	OrgScope   *scope = MemoryContextAllocZero(context, sizeof(OrgScope));

	scope->context = context;
	scope->user = GetUserId();
	scope->snapshot = *snapshot;
	scope->snapshot.xip = copy_of(context, snapshot->xip, snapshot->xcnt * sizeof(TransactionId));
	scope->snapshot.subxip = copy_of(context, snapshot->subxip, Max(snapshot->subxcnt, 0) * sizeof(TransactionId));
	return scope;
}

/* A place at the front of the list: whoever has not been asked for longest goes. */
static void
make_room(void)
{
	int			last = SCOPES - 1;

	while (last > 0 && scopes[last] != NULL && scopes[last]->busy > 0)
		last--;
	if (scopes[last] != NULL)
	{
		if (scopes[last]->busy > 0)
			elog(ERROR, "too many users' scopes are being read at once");
		MemoryContextDelete(scopes[last]->context);
	}
	memmove(&scopes[1], &scopes[0], last * sizeof(OrgScope *));
	scopes[0] = NULL;
}

OrgScope *
mkt_org_scope(void)
{
	Snapshot	snapshot = GetActiveSnapshot();
	Oid			user = GetUserId();
	OrgScope   *scope;
	bool		all;
	bool		placed;

	for (int i = 0; i < SCOPES && scopes[i] != NULL; i++)
	{
		scope = scopes[i];
		if (scope->user != user || scope->stale || !same_snapshot(&scope->snapshot, snapshot))
			continue;
		memmove(&scopes[1], &scopes[0], i * sizeof(OrgScope *));
		return scopes[0] = scope;
	}
	all = ask("SELECT mkt.sees_all(), EXISTS (SELECT FROM mkt._my_places())", &placed);
	make_room();
	scope = new_scope(snapshot);
	scope->all = all;
	scope->placed = placed;
	return scopes[0] = scope;
}

OrgSet *
mkt_org_set(OrgScope *scope, OrgKind kind)
{
	if (!scope->sets[kind].known)
		read_set(scope, kind);
	return &scope->sets[kind];
}

/* The numbers in a set, ascending, in the caller's memory. */
int64 *
mkt_org_members(OrgScope *scope, OrgKind kind)
{
	OrgSet	   *set = mkt_org_set(scope, kind);
	int64	   *ids = MemoryContextAllocHuge(CurrentMemoryContext, (set->members + 1) * sizeof(int64));
	int64		n = 0;
	pagetable_iterator walk;
	BitPage    *page;

	pagetable_start_iterate(set->pages, &walk);
	while ((page = pagetable_iterate(set->pages, &walk)) != NULL)
	{
		for (int bit = 0; bit < PAGE_BITS; bit++)
			if (page->bits[bit / 64] >> (bit % 64) & 1)
				ids[n++] = page->page * PAGE_BITS + bit;
	}
	qsort(ids, n, sizeof(int64), compare_ids);
	return ids;
}

bool
mkt_org_sees(OrgScope *scope, OrgKind kind, int64 id)
{
	if (scope->all)
		return true;
	if (!scope->sets[kind].known)
	{
		mkt_org_say_why(scope);
		if (kind == ORG_CUSTOMERS && scope->placed &&
			scope->asked++ < Max(LOOKUPS_AT_LEAST, mkt_org_count(scope, kind) / LOOKUPS_PER_READ))
			return look_up(scope, id);
		read_set(scope, kind);
	}
	return has_member(&scope->sets[kind], id);
}

/* ---- for the planner --------------------------------------------------------- */

static double
rows_of(const char *table)
{
	Oid			relid = get_relname_relid(table, get_namespace_oid("mkt", true));
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	double		rows = -1;

	if (HeapTupleIsValid(tuple))
	{
		rows = ((Form_pg_class) GETSTRUCT(tuple))->reltuples;
		ReleaseSysCache(tuple);
	}
	return rows;
}

/* The part of all rows that the caller sees, of units or of cells. */
double
mkt_org_share(OrgScope *scope, OrgKind kind)
{
	OrgKind		known = kind == ORG_CUSTOMERS ? ORG_CELLS : kind;
	double		rows;
	double		members;

	if (scope->all)
		return 1;
	members = mkt_org_set(scope, known)->members;
	rows = Max(rows_of(kinds[known].universe), members);
	return rows < 1 ? 0 : members / rows;
}

/* About how many of them the caller sees. */
double
mkt_org_count(OrgScope *scope, OrgKind kind)
{
	return mkt_org_share(scope, kind) * Max(rows_of(kinds[kind].universe), 0);
}

/* ---- for people --------------------------------------------------------------- */

/* Somebody without a place gets no row, and is told why, once a statement. */
void
mkt_org_say_why(const OrgScope *scope)
{
	static TimestampTz said = 0;

	if (scope->all || scope->placed || said == GetCurrentStatementStartTimestamp() || IsParallelWorker())
		return;
	said = GetCurrentStatementStartTimestamp();
	ereport(NOTICE,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("role \"%s\" has no place in the organisation, so it sees no rows",
					GetUserNameFromId(scope->user, false)),
			 errhint("The platform's owner gives it one: SELECT mkt.grant_access(role, profile, org_id).")));
}

/* ---- when answers stop to hold --------------------------------------------------- */

static void
forget(bool all)
{
	int			kept = 0;

	for (int i = 0; i < SCOPES; i++)
	{
		if (scopes[i] == NULL)
			continue;
		if (all || scopes[i]->busy == 0)
			MemoryContextDelete(scopes[i]->context);
		else
		{
			scopes[i]->stale = true;
			scopes[kept++] = scopes[i];
		}
	}
	for (int i = kept; i < SCOPES; i++)
		scopes[i] = NULL;
}

static void
at_transaction_end(XactEvent event, void *arg)
{
	if (event != XACT_EVENT_PRE_COMMIT && event != XACT_EVENT_PARALLEL_PRE_COMMIT && event != XACT_EVENT_PRE_PREPARE)
		forget(true);
}

/* Rows come and go with a subtransaction, and the snapshot does not tell. */
static void
at_subtransaction_end(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		forget(false);
}

void
mkt_org_init(void)
{
	RegisterXactCallback(at_transaction_end, NULL);
	RegisterSubXactCallback(at_subtransaction_end, NULL);
}
