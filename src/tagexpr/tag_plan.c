/*-------------------------------------------------------------------------
 *
 * tag_plan.c
 *		From an expression to a plan: names bound, constants converted,
 *		operands ordered, the whole clipped to the caller's universe.
 *
 * "Not" needs no universe of its own: every plan's root is an intersection
 * with the live customers (and, for a branch, with its cells), so a negation
 * below it may speak of all numbers of a block.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "org.h"
#include "tag.h"

/* A slice opened for this query. */
typedef struct TagQuerySlice
{
	int32		tag_id;
	int16		slice;
	TimestampTz as_of;
	bool		shared;			/* else it belongs to one leaf of a plan */
	TagCursor  *cursor;
} TagQuerySlice;

/* A constant between two neighbouring integers, or on one. */
typedef struct Bound
{
	int64		floor;
	bool		exact;
} Bound;

static TagPlan *plan_node(TagQuery *query, const TagexprNode *node);
static TagPlan *plan_universe(TagQuery *query, TimestampTz as_of);
static int32 *cells_from_sql(const char *sql, Datum argument, Oid type, int *ncells);
static const Tagmap *set_from_sql(const char *sql, Datum argument);
static TagPlan *finish_operands(TagPlan *plan);
static TagPlan *plan_cells(TagQuery *query, int32 *cells, int ncells);

/* ---- a query ------------------------------------------------------------------ */

TagQuery *
mkt_tag_query_open(TimestampTz as_of)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "mkt tag query",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	TagQuery   *query = palloc0(sizeof(TagQuery));

	query->context = context;
	mkt_tag_store_open(&query->store);
	query->universe = plan_universe(query, as_of);
	MemoryContextSwitchTo(old);
	return query;
}

void
mkt_tag_query_suspend(TagQuery *query)
{
	ListCell   *lc;

	foreach(lc, query->cursors)
		mkt_tag_cursor_close(((TagQuerySlice *) lfirst(lc))->cursor);
	mkt_tag_store_close(&query->store);
}

void
mkt_tag_query_resume(TagQuery *query)
{
	TimestampTz as_of = query->store.as_of;
	ListCell   *lc;

	mkt_tag_store_open(&query->store);
	mkt_tag_store_look_back(&query->store, as_of);
	foreach(lc, query->cursors)
	{
		TagCursor  *cursor = ((TagQuerySlice *) lfirst(lc))->cursor;

		cursor->exact = cursor->borrows = query->exact;
	}
}

void
mkt_tag_query_close(TagQuery *query)
{
	mkt_tag_query_suspend(query);
	MemoryContextDelete(query->context);
}

/* A cursor that is closed with the query. */
static TagCursor *
open_cursor(TagQuery *query, const Tag *tag, int16 slice, bool shared)
{
	MemoryContext old = MemoryContextSwitchTo(query->context);
	TagQuerySlice *opened = palloc(sizeof(TagQuerySlice));

	opened->tag_id = tag->tag_id;
	opened->slice = slice;
	opened->as_of = tag->as_of;
	opened->shared = shared;
	opened->cursor = mkt_tag_cursor_open(&query->store, tag->tag_id, slice,
										 slice == 0 ? tag->members : tag->members / 2);
	if (tag->as_of != DT_NOEND)
		mkt_tag_cursor_look_back(opened->cursor, tag, slice);
	query->cursors = lappend(query->cursors, opened);
	MemoryContextSwitchTo(old);
	return opened->cursor;
}

TagCursor *
mkt_tag_query_cursor(TagQuery *query, const Tag *tag, int16 slice)
{
	ListCell   *lc;

	foreach(lc, query->cursors)
	{
		TagQuerySlice *opened = lfirst(lc);

		if (opened->shared && opened->tag_id == tag->tag_id && opened->slice == slice &&
			opened->as_of == tag->as_of)
			return opened->cursor;
	}
	return open_cursor(query, tag, slice, true);
}

/*
 * The cursor of a leaf: its own, because mkt_tag_plan_next() may send it ahead,
 * unless nobody will call that.
 */
static TagCursor *
leaf_cursor(TagQuery *query, const Tag *tag)
{
	return query->together ? mkt_tag_query_cursor(query, tag, 0) : open_cursor(query, tag, 0, false);
}

TagNumber *
mkt_tag_query_number(TagQuery *query, const Tag *tag)
{
	MemoryContext old;
	TagNumber  *number;
	ListCell   *lc;

	foreach(lc, query->numbers)
	{
		number = lfirst(lc);
		if (number->tag->tag_id == tag->tag_id && number->tag->as_of == tag->as_of)
			return number;
	}
	old = MemoryContextSwitchTo(query->context);
	number = palloc0(sizeof(TagNumber));
	number->tag = tag;
	number->exists = mkt_tag_query_cursor(query, tag, 0);
	number->slices = palloc((tag->slices + 1) * sizeof(TagCursor *));
	number->bits = palloc((tag->slices + 1) * sizeof(uint64 *));
	for (int i = 0; i < tag->slices; i++)
		number->slices[i] = mkt_tag_query_cursor(query, tag, i + 1);
	query->numbers = lappend(query->numbers, number);
	MemoryContextSwitchTo(old);
	return number;
}

/* ---- constants ------------------------------------------------------------------ */

/*
 * A number in normal form times 10^scale. Beyond 64 bits it saturates, which
 * is beyond every stored value too.
 */
static Bound
scale_number(const TagexprValue *value, int scale)
{
	const char *s = value->text;
	const char *end = s + value->length;
	bool		negative = *s == '-';
	int			decimals = -1;	/* digits after the point seen; -1: before it */
	int64		limit = PG_INT64_MAX / 2;
	int64		magnitude = 0;
	Bound		bound = {0, true};

	for (s += negative; s < end; s++)
	{
		if (*s == '.')
			decimals = 0;
		else if (decimals >= scale)
			bound.exact = bound.exact && *s == '0';
		else
		{
			magnitude = magnitude > limit / 10 ? limit : magnitude * 10 + (*s - '0');
			decimals += decimals >= 0;
		}
	}
	for (decimals = Max(decimals, 0); decimals < scale; decimals++)
		magnitude = magnitude > limit / 10 ? limit : magnitude * 10;
	bound.floor = !negative ? magnitude : bound.exact ? -magnitude : -magnitude - 1;
	return bound;
}

static Bound
bound_of(const Tag *tag, const TagexprValue *value)
{
	Bound		bound = {0, true};

	if (!value->is_label)
		return scale_number(value, tag->scale);
	if (tag->kind != TAG_ENUM)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("tag \"%s\" is numeric and has no labels", tag->code),
				 errhint("Compare it with a number: %s >= 80.", tag->code)));
	bound.floor = mkt_tag_need_label(tag, value->text, value->length);
	return bound;
}

/* low .. high in scaled values, clamped to what the tag can store. */
static void
add_interval(TagPlan *plan, const Tag *tag, int64 low, int64 high)
{
	uint64		max = mkt_tag_number_max(tag);
	TagInterval interval;

	if (high < low || high < tag->bias)
		return;
	interval.low = low <= tag->bias ? 0 : (uint64) low - (uint64) tag->bias;
	interval.high = (uint64) high - (uint64) tag->bias;
	if (interval.low > max)
		return;
	interval.high = Min(interval.high, max);
	plan->range->intervals[plan->range->n++] = interval;
}

static int
compare_intervals(const void *a, const void *b)
{
	uint64		x = ((const TagInterval *) a)->low;
	uint64		y = ((const TagInterval *) b)->low;

	return (x > y) - (x < y);
}

/* Sort, and join neighbours that touch. */
static void
tidy_range(TagRange *range)
{
	int			kept = 0;

	qsort(range->intervals, range->n, sizeof(TagInterval), compare_intervals);
	for (int i = 0; i < range->n; i++)
	{
		TagInterval *next = &range->intervals[i];
		TagInterval *last = &range->intervals[kept - 1];

		if (kept > 0 && (next->low <= last->high || next->low - last->high == 1))
			last->high = Max(last->high, next->high);
		else
			range->intervals[kept++] = *next;
	}
	range->n = kept;
}

/* ---- nodes ---------------------------------------------------------------------- */

static TagPlan *
new_plan(TagPlanKind kind, double cost)
{
	TagPlan    *plan = palloc0(sizeof(TagPlan));

	plan->kind = kind;
	plan->cost = cost;
	return plan;
}

static TagPlan *
plan_leaf(TagQuery *query, const Tag *tag)
{
	TagPlan    *plan = new_plan(TAG_PLAN_LEAF, tag->members);

	plan->cursor = leaf_cursor(query, tag);
	return plan;
}

/* A range plan with room for n intervals and none of them filled in. */
static TagPlan *
new_range(TagQuery *query, const Tag *tag, int n)
{
	TagPlan    *plan = new_plan(TAG_PLAN_RANGE, tag->members);

	plan->cursor = leaf_cursor(query, tag);
	plan->number = mkt_tag_query_number(query, tag);
	plan->range = palloc0(sizeof(TagRange));
	plan->range->intervals = palloc(Max(n, 1) * sizeof(TagInterval));
	return plan;
}

static TagPlan *
finish_range(TagPlan *plan)
{
	tidy_range(plan->range);
	if (plan->range->n == 0)
		return new_plan(TAG_PLAN_NONE, 0);
	return plan;
}

static TagPlan *
plan_test(TagQuery *query, const TagexprNode *node)
{
	Tag		   *tag = mkt_tag_need(&query->store, node->name, node->name_length);
	TagPlan    *plan;
	Bound		first;

	if (tag->kind == TAG_BOOLEAN)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("tag \"%s\" is boolean and cannot be compared", tag->code),
				 errhint("Write %s, or !%s for customers without it.", tag->code, tag->code)));
	plan = new_range(query, tag, Max((int) node->nvalues, 2));
	first = bound_of(tag, &node->values[0]);
	switch (node->op)
	{
		case TAGEXPR_EQ:
		case TAGEXPR_IN:
			for (uint32 i = 0; i < node->nvalues; i++)
			{
				Bound		bound = bound_of(tag, &node->values[i]);

				if (bound.exact)
					add_interval(plan, tag, bound.floor, bound.floor);
			}
			break;
		case TAGEXPR_NE:
			add_interval(plan, tag, PG_INT64_MIN, first.floor - (first.exact ? 1 : 0));
			add_interval(plan, tag, first.floor + 1, PG_INT64_MAX);
			break;
		case TAGEXPR_LT:
			add_interval(plan, tag, PG_INT64_MIN, first.floor - (first.exact ? 1 : 0));
			break;
		case TAGEXPR_LE:
			add_interval(plan, tag, PG_INT64_MIN, first.floor);
			break;
		case TAGEXPR_GT:
			add_interval(plan, tag, first.floor + 1, PG_INT64_MAX);
			break;
		case TAGEXPR_GE:
			add_interval(plan, tag, first.floor + (first.exact ? 0 : 1), PG_INT64_MAX);
			break;
		case TAGEXPR_BETWEEN:
			add_interval(plan, tag, first.floor + (first.exact ? 0 : 1),
						 bound_of(tag, &node->values[1]).floor);
			break;
	}
	return finish_range(plan);
}

static TagPlan *
plan_snapshot(TagQuery *query, const TagexprNode *node)
{
	Tag		   *tag = mkt_tag_need(&query->store, node->name, node->name_length);

	if (strcmp(tag->class, "snapshot") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("tag \"%s\" is not a snapshot", tag->code),
				 errhint("Write %s, or take a snapshot with mkt.snapshot_take().", tag->code)));
	return plan_leaf(query, tag);
}

/* A call's values as text[]. */
static Datum
call_values(const TagexprNode *node)
{
	Datum	   *values = palloc(node->nvalues * sizeof(Datum));

	for (uint32 i = 0; i < node->nvalues; i++)
		values[i] = PointerGetDatum(cstring_to_text_with_len(node->values[i].text,
															 node->values[i].length));
	return PointerGetDatum(construct_array(values, node->nvalues, TEXTOID, -1, false, TYPALIGN_INT));
}

/* The cells a function of text[] gives. */
static TagPlan *
plan_cells_of(TagQuery *query, const char *sql, const TagexprNode *node)
{
	int			ncells;
	int32	   *cells = cells_from_sql(sql, call_values(node), TEXTARRAYOID, &ncells);

	return plan_cells(query, cells, ncells);
}

/* in_org('code', ...): the cells these units and those below them serve. */
static TagPlan *
plan_in_org(TagQuery *query, const TagexprNode *node)
{
	return plan_cells_of(query, "SELECT c FROM mkt._org_cells($1) AS c", node);
}

/* in_grid('path', ...): the cells whose grid, or individual, is there or below. */
static TagPlan *
plan_in_grid(TagQuery *query, const TagexprNode *node)
{
	return plan_cells_of(query, "SELECT c FROM mkt._grid_cells($1) AS c", node);
}

/*
 * in_area('shape', ...): the cells within, and of those that cross its border the
 * customers whose address it covers. Where people lived is not kept.
 */
static TagPlan *
plan_in_area(TagQuery *query, const TagexprNode *node)
{
	TagPlan    *plan = new_plan(TAG_PLAN_UNION, 0);
	TagPlan    *members = new_plan(TAG_PLAN_SET, 0);

	if (query->store.as_of != DT_NOEND)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("in_area() cannot look back"),
				 errdetail("Past addresses of customers are not kept."),
				 errhint("Ask in_grid() or in_org(), which go by the cells customers had then.")));
	members->map = set_from_sql("SELECT mkt._area_members($1)", call_values(node));
	members->cost = mkt_tagmap_cardinality(members->map);
	plan->yes = palloc(2 * sizeof(TagPlan *));
	plan->yes[plan->nyes++] = plan_cells_of(query, "SELECT c FROM mkt._area_cells($1) AS c", node);
	plan->yes[plan->nyes++] = members;
	return finish_operands(plan);
}

static TagPlan *
plan_call(TagQuery *query, const TagexprNode *node)
{
	static const struct
	{
		const char *name;
		TagPlan    *(*plan) (TagQuery *query, const TagexprNode *node);
	}			calls[] =
	{
		{"in_org", plan_in_org},
		{"in_grid", plan_in_grid},
		{"in_area", plan_in_area}
	};

	for (Size i = 0; i < lengthof(calls); i++)
	{
		if (strcmp(node->name, calls[i].name) == 0)
			return calls[i].plan(query, node);
	}
	elog(ERROR, "function %s of the language has no plan", node->name);
	return NULL;
}

static int
compare_costs(const void *a, const void *b)
{
	double		x = (*(TagPlan *const *) a)->cost;
	double		y = (*(TagPlan *const *) b)->cost;

	return (x > y) - (x < y);
}

/* Order the operands, cheapest first, and make room for their answers. */
static TagPlan *
finish_operands(TagPlan *plan)
{
	qsort(plan->yes, plan->nyes, sizeof(TagPlan *), compare_costs);
	qsort(plan->no, plan->nno, sizeof(TagPlan *), compare_costs);
	plan->sets = palloc0((plan->nyes + plan->nno + 1) * sizeof(TagSet));
	plan->cost = 0;
	if (plan->kind == TAG_PLAN_UNION)
	{
		for (int i = 0; i < plan->nyes; i++)
			plan->cost += plan->yes[i]->cost;
	}
	else
		plan->cost = plan->nyes > 0 ? plan->yes[0]->cost : 1e18;
	return plan;
}

/* An intersection with room for n operands of either side. */
static TagPlan *
new_term(int n)
{
	TagPlan    *plan = new_plan(TAG_PLAN_TERM, 0);

	plan->yes = palloc((n + 1) * sizeof(TagPlan *));
	plan->no = palloc((n + 1) * sizeof(TagPlan *));
	return plan;
}

/* Add what the node demands to an intersection, its own operands if it is one. */
static void
demand(TagQuery *query, TagPlan *term, const TagexprNode *node)
{
	if (node->kind == TAGEXPR_NOT)
		term->no[term->nno++] = plan_node(query, node->args[0]);
	else if (node->kind != TAGEXPR_ALL)
		term->yes[term->nyes++] = plan_node(query, node);
}

/* Add the caller's universe to an intersection, with cursors of its own. */
static void
demand_universe(TagQuery *query, TagPlan *term)
{
	term->yes[term->nyes++] = plan_leaf(query, query->live);
	if (query->cells != NULL)
	{
		TagPlan    *cells = palloc(sizeof(TagPlan));

		*cells = *query->cells;
		if (cells->kind == TAG_PLAN_RANGE)
			cells->cursor = leaf_cursor(query, cells->number->tag);
		term->yes[term->nyes++] = cells;
	}
}

static TagPlan *
plan_term(TagQuery *query, const TagexprNode *node, bool in_universe)
{
	TagPlan    *plan = new_term(node->nargs + 3);

	if (node->kind == TAGEXPR_AND)
	{
		for (uint32 i = 0; i < node->nargs; i++)
			demand(query, plan, node->args[i]);
	}
	else
		demand(query, plan, node);
	if (in_universe)
		demand_universe(query, plan);
	return finish_operands(plan);
}

static TagPlan *
plan_node(TagQuery *query, const TagexprNode *node)
{
	TagPlan    *plan;

	check_stack_depth();
	switch (node->kind)
	{
		case TAGEXPR_NONE:
			return new_plan(TAG_PLAN_NONE, 0);
		case TAGEXPR_TAG:
			return plan_leaf(query, mkt_tag_need(&query->store, node->name, node->name_length));
		case TAGEXPR_SNAPSHOT:
			return plan_snapshot(query, node);
		case TAGEXPR_TEST:
			return plan_test(query, node);
		case TAGEXPR_CALL:
			return plan_call(query, node);
		case TAGEXPR_ALL:
		case TAGEXPR_NOT:
		case TAGEXPR_AND:
			return plan_term(query, node, false);
		case TAGEXPR_OR:
			break;
	}
	plan = new_plan(TAG_PLAN_UNION, 0);
	plan->yes = palloc(node->nargs * sizeof(TagPlan *));
	for (uint32 i = 0; i < node->nargs; i++)
		plan->yes[plan->nyes++] = plan_node(query, node->args[i]);
	return finish_operands(plan);
}

TagPlan *
mkt_tag_query_plan(TagQuery *query, const TagexprNode *node)
{
	MemoryContext old = MemoryContextSwitchTo(query->context);
	TagPlan    *plan = plan_term(query, node, true);

	MemoryContextSwitchTo(old);
	return plan;
}

TagPlan *
mkt_tag_query_plan_value(TagQuery *query, struct varlena *expr)
{
	MemoryContext old = MemoryContextSwitchTo(query->context);
	TagPlan    *plan = mkt_tag_query_plan(query, mkt_tagexpr_from_value(expr));

	MemoryContextSwitchTo(old);
	return plan;
}

/* ---- the caller's universe ------------------------------------------------------ */

/* The caller's cells as a plan, or NULL: it sees all. */
static TagPlan *
plan_my_cells(TagQuery *query)
{
	OrgScope   *scope;
	int64	   *members;
	int32	   *cells;
	int			ncells;

	if (superuser())
		return NULL;			/* what its scope would say, sooner */
	scope = mkt_org_scope();
	if (scope->all)
		return NULL;
	mkt_org_say_why(scope);
	members = mkt_org_members(scope, ORG_CELLS);
	ncells = (int) scope->sets[ORG_CELLS].members;
	cells = palloc((ncells + 1) * sizeof(int32));
	for (int i = 0; i < ncells; i++)
		cells[i] = (int32) members[i];
	return plan_cells(query, cells, ncells);
}

static TagPlan *
plan_universe(TagQuery *query, TimestampTz as_of)
{
	TagPlan    *plan = new_term(2);

	query->cells = plan_my_cells(query);
	mkt_tag_store_look_back(&query->store, as_of);
	query->live = mkt_tag_need(&query->store, "live", 4);
	demand_universe(query, plan);
	return finish_operands(plan);
}

/* Run a query of one int4 column, with at most one argument. */
static int32 *
cells_from_sql(const char *sql, Datum argument, Oid type, int *ncells)
{
	MemoryContext context = CurrentMemoryContext;
	int32	   *cells;

	SPI_connect();
	if (SPI_execute_with_args(sql, OidIsValid(type) ? 1 : 0, &type, &argument,
							  NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_with_args failed: %s", sql);
	*ncells = 0;
	cells = MemoryContextAllocHuge(context, (SPI_processed + 1) * sizeof(int32));
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		bool		isnull;
		Datum		cell = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull);

		if (!isnull)
			cells[(*ncells)++] = DatumGetInt32(cell);
	}
	SPI_finish();
	return cells;
}

/* Run a query of one set with a text[] argument. */
static const Tagmap *
set_from_sql(const char *sql, Datum argument)
{
	MemoryContext context = CurrentMemoryContext;
	MemoryContext old;
	Oid			type = TEXTARRAYOID;
	bool		isnull;
	Datum		set;
	Tagmap	   *map;

	SPI_connect();
	if (SPI_execute_with_args(sql, 1, &type, &argument, NULL, true, 1) != SPI_OK_SELECT ||
		SPI_processed != 1)
		elog(ERROR, "SPI_execute_with_args failed: %s", sql);
	set = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
	old = MemoryContextSwitchTo(context);
	map = isnull ? mkt_tagmap_make_empty() :
		mkt_tagmap_from_datum(PointerGetDatum(PG_DETOAST_DATUM_COPY(set)));
	MemoryContextSwitchTo(old);
	SPI_finish();
	return map;
}

/* Customers of these cells, as ranges of the tag `cell`. */
static TagPlan *
plan_cells(TagQuery *query, int32 *cells, int ncells)
{
	Tag		   *tag = mkt_tag_need(&query->store, "cell", 4);
	TagPlan    *plan = new_range(query, tag, ncells);

	for (int i = 0; i < ncells; i++)
		add_interval(plan, tag, cells[i], cells[i]);
	return finish_range(plan);
}
