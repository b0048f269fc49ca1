/*-------------------------------------------------------------------------
 *
 * org_policy.c
 *		What row security asks about each row, and how the planner answers it
 *		by an index.
 *
 * A policy is one call, mkt._sees_org(org_id): as a filter it is a test of a
 * bit. Its support function tells the planner which part of the rows will
 * pass, and offers org_id = ANY (mkt._my_org_ids()) as a condition of an index
 * to whom it shows a small part.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "access/amapi.h"
#include "access/stratnum.h"
#include "catalog/namespace.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "nodes/supportnodes.h"
#include "nodes/value.h"
#include "optimizer/optimizer.h"
#include "optimizer/paths.h"
#include "parser/parse_func.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "org.h"

/* Whoever sees more is better off reading the table. */
#define SHARE_BY_INDEX 0.25
#define CUSTOMERS_BY_INDEX 20000

/* To sort an array of numbers and go through them, for each. */
#define OPERATIONS_PER_ID 20

/* pg_operator.dat has no symbol for it. */
#define INT8_EQUAL 410

static const struct
{
	const char *sees;			/* the function of the policy */
	const char *ids;			/* all that it says true of */
	Oid			type;
	Oid			equal;
}			rules[ORG_KINDS] = {
	{"_sees_org", "_my_org_ids", INT4OID, Int4EqualOperator},
	{"_sees_cell", "_my_cell_ids", INT4OID, Int4EqualOperator},
	{"_sees_customer", "_my_customer_ids", INT8OID, INT8_EQUAL}
};

PG_FUNCTION_INFO_V1(mkt__sees_org);
PG_FUNCTION_INFO_V1(mkt__sees_cell);
PG_FUNCTION_INFO_V1(mkt__sees_customer);
PG_FUNCTION_INFO_V1(mkt__my_org_ids);
PG_FUNCTION_INFO_V1(mkt__my_cell_ids);
PG_FUNCTION_INFO_V1(mkt__my_customer_ids);
PG_FUNCTION_INFO_V1(mkt__sees_support);

/* ---- rows ---------------------------------------------------------------- */

/* What belongs to nobody is seen by head office only. */
static Datum
sees(OrgKind kind, bool isnull, int64 id)
{
	OrgScope   *scope = mkt_org_scope();

	if (isnull)
		mkt_org_say_why(scope);
	PG_RETURN_BOOL(scope->all || (!isnull && mkt_org_sees(scope, kind, id)));
}

/*
 * _sees_org(org_id int) returns boolean
 */
Datum
mkt__sees_org(PG_FUNCTION_ARGS)
{
	return sees(ORG_UNITS, PG_ARGISNULL(0), PG_ARGISNULL(0) ? 0 : PG_GETARG_INT32(0));
}

/*
 * _sees_cell(cell_id int) returns boolean
 */
Datum
mkt__sees_cell(PG_FUNCTION_ARGS)
{
	return sees(ORG_CELLS, PG_ARGISNULL(0), PG_ARGISNULL(0) ? 0 : PG_GETARG_INT32(0));
}

/*
 * _sees_customer(cid bigint) returns boolean
 */
Datum
mkt__sees_customer(PG_FUNCTION_ARGS)
{
	return sees(ORG_CUSTOMERS, PG_ARGISNULL(0), PG_ARGISNULL(0) ? 0 : PG_GETARG_INT64(0));
}

/* Made once a statement: an index may want it for every row of another table. */
static ArrayType *
make_array(OrgScope *scope, OrgKind kind)
{
	bool		narrow = rules[kind].type == INT4OID;
	int64	   *members = mkt_org_members(scope, kind);
	int64		n = scope->sets[kind].members;
	Datum	   *values;
	ArrayType  *array;

	if (n > (int64) MaxArraySize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%lld numbers do not fit into an array", (long long) n),
				 errhint("Ask the tables instead.")));
	values = MemoryContextAllocHuge(CurrentMemoryContext, (n + 1) * sizeof(Datum));
	for (int64 i = 0; i < n; i++)
		values[i] = narrow ? Int32GetDatum((int32) members[i]) : Int64GetDatum(members[i]);
	array = construct_array(values, (int) n, rules[kind].type, narrow ? 4 : 8,
							narrow || FLOAT8PASSBYVAL, narrow ? TYPALIGN_INT : TYPALIGN_DOUBLE);
	return memcpy(MemoryContextAlloc(scope->context, VARSIZE(array)), array, VARSIZE(array));
}

static Datum
ids(OrgKind kind)
{
	OrgScope   *scope = mkt_org_scope();

	mkt_org_say_why(scope);
	if (scope->sets[kind].array == NULL)
		scope->sets[kind].array = make_array(scope, kind);
	/* the scope may be gone before the caller is done */
	PG_RETURN_POINTER(memcpy(palloc(VARSIZE(scope->sets[kind].array)), scope->sets[kind].array,
							 VARSIZE(scope->sets[kind].array)));
}

/*
 * _my_org_ids() returns int[]
 */
Datum
mkt__my_org_ids(PG_FUNCTION_ARGS)
{
	return ids(ORG_UNITS);
}

/*
 * _my_cell_ids() returns int[]
 */
Datum
mkt__my_cell_ids(PG_FUNCTION_ARGS)
{
	return ids(ORG_CELLS);
}

/*
 * _my_customer_ids() returns bigint[]
 */
Datum
mkt__my_customer_ids(PG_FUNCTION_ARGS)
{
	return ids(ORG_CUSTOMERS);
}

/* ---- the planner -------------------------------------------------------------- */

static OrgKind
kind_of(Oid function)
{
	char	   *name = get_func_name(function);
	int			kind = 0;

	while (kind < ORG_KINDS && (name == NULL || (strcmp(name, rules[kind].sees) != 0 && strcmp(name, rules[kind].ids) != 0)))
		kind++;
	return kind;
}

/* Whether the clause says what the column of the index equals. */
static bool
fixes_column(SupportRequestIndexCondition *req, Expr *clause)
{
	List	   *args;
	Oid			operator;

	if (IsA(clause, OpExpr) && list_length(((OpExpr *) clause)->args) == 2)
	{
		args = ((OpExpr *) clause)->args;
		operator = ((OpExpr *) clause)->opno;
	}
	else if (IsA(clause, ScalarArrayOpExpr) && ((ScalarArrayOpExpr *) clause)->useOr)
	{
		args = ((ScalarArrayOpExpr *) clause)->args;
		operator = ((ScalarArrayOpExpr *) clause)->opno;
	}
	else
		return false;
	return get_op_opfamily_strategy(operator, req->opfamily) == BTEqualStrategyNumber &&
		(match_index_to_operand(linitial(args), req->indexcol, req->index) ||
		 match_index_to_operand(lsecond(args), req->indexcol, req->index));
}

static bool
any_fixes_column(SupportRequestIndexCondition *req, List *clauses)
{
	ListCell   *cell;

	foreach(cell, clauses)
	{
		if (fixes_column(req, lfirst_node(RestrictInfo, cell)->clause))
			return true;
	}
	return false;
}

/* Whether the column equals one of another table. */
static bool
is_joined(SupportRequestIndexCondition *req)
{
	ListCell   *cell;

	foreach(cell, req->root->eq_classes)
	{
		EquivalenceClass *class = lfirst_node(EquivalenceClass, cell);
		ListCell   *inner;

		if (bms_membership(class->ec_relids) != BMS_MULTIPLE)
			continue;
		foreach(inner, class->ec_members)
		{
			if (match_index_to_operand((Node *) lfirst_node(EquivalenceMember, inner)->em_expr,
									   req->indexcol, req->index))
				return true;
		}
	}
	return any_fixes_column(req, req->index->rel->joininfo);
}

/*
 * An index is asked with all conditions there are on its column. Next to an
 * equality, thousands of numbers more cost much and exclude nothing new: the
 * row that is found is tested by its bit. A join may find other ways, and has
 * their price to choose by; but customers are joined one by one.
 */
static bool
is_given(SupportRequestIndexCondition *req, OrgKind kind)
{
	return any_fixes_column(req, req->index->rel->baserestrictinfo) ||
		(kind == ORG_CUSTOMERS && is_joined(req));
}

static bool
by_index(OrgKind kind)
{
	OrgScope   *scope = mkt_org_scope();

	return !scope->all && mkt_org_share(scope, kind) <= SHARE_BY_INDEX &&
		(kind != ORG_CUSTOMERS || mkt_org_count(mkt_org_scope(), kind) <= CUSTOMERS_BY_INDEX);
}

/* column = ANY (mkt._my_..._ids()), exactly what the function says. */
static List *
index_condition(SupportRequestIndexCondition *req, FuncExpr *call, OrgKind kind)
{
	ScalarArrayOpExpr *any;
	Oid			array = get_array_type(rules[kind].type);
	Oid			function;

	if (!req->index->amsearcharray ||
		get_op_opfamily_strategy(rules[kind].equal, req->opfamily) != BTEqualStrategyNumber ||
		exprType(linitial(call->args)) != rules[kind].type || is_given(req, kind) || !by_index(kind))
		return NIL;
	function = LookupFuncName(list_make2(makeString("mkt"), makeString(pstrdup(rules[kind].ids))), 0, NULL, false);
	any = makeNode(ScalarArrayOpExpr);
	any->opno = rules[kind].equal;
	any->opfuncid = get_opcode(any->opno);
	any->useOr = true;
	any->args = list_make2(copyObject(linitial(call->args)),
						   makeFuncExpr(function, array, NIL, InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL));
	any->location = -1;
	req->lossy = false;
	return list_make1(any);
}

/*
 * _sees_support(internal) returns internal
 */
Datum
mkt__sees_support(PG_FUNCTION_ARGS)
{
	Node	   *node = (Node *) PG_GETARG_POINTER(0);
	OrgKind		kind;

	if (!ActiveSnapshotSet())
		PG_RETURN_POINTER(NULL);
	if (IsA(node, SupportRequestSelectivity))
	{
		SupportRequestSelectivity *req = (SupportRequestSelectivity *) node;

		kind = kind_of(req->funcid);
		if (kind == ORG_KINDS)
			PG_RETURN_POINTER(NULL);
		req->selectivity = mkt_org_share(mkt_org_scope(), kind);
		PG_RETURN_POINTER(req);
	}
	if (IsA(node, SupportRequestCost))
	{
		/* what an index does with the array each time it is entered */
		SupportRequestCost *req = (SupportRequestCost *) node;

		kind = kind_of(req->funcid);
		if (kind == ORG_KINDS || strcmp(get_func_name(req->funcid), rules[kind].ids) != 0)
			PG_RETURN_POINTER(NULL);
		req->startup = 0;
		req->per_tuple = (1 + mkt_org_count(mkt_org_scope(), kind)) * OPERATIONS_PER_ID * cpu_operator_cost;
		PG_RETURN_POINTER(req);
	}
	if (IsA(node, SupportRequestIndexCondition))
	{
		SupportRequestIndexCondition *req = (SupportRequestIndexCondition *) node;

		kind = kind_of(req->funcid);
		if (kind == ORG_KINDS || !IsA(req->node, FuncExpr))
			PG_RETURN_POINTER(NULL);
		PG_RETURN_POINTER(index_condition(req, (FuncExpr *) req->node, kind));
	}
	PG_RETURN_POINTER(NULL);
}
