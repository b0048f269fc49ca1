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

static Datum
ids(OrgKind kind)
{
	OrgScope   *scope = mkt_org_scope();
	int64	   *members;
	int64		n;
	Datum	   *values;

	mkt_org_say_why(scope);
	members = mkt_org_members(scope, kind);
	n = scope->sets[kind].members;
	if (n > (int64) MaxArraySize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%lld numbers do not fit into an array", (long long) n),
				 errhint("Ask the tables instead.")));
	values = MemoryContextAllocHuge(CurrentMemoryContext, (n + 1) * sizeof(Datum));
	for (int64 i = 0; i < n; i++)
		values[i] = rules[kind].type == INT4OID ? Int32GetDatum((int32) members[i]) : Int64GetDatum(members[i]);
	PG_RETURN_ARRAYTYPE_P(construct_array(values, (int) n, rules[kind].type,
										  rules[kind].type == INT4OID ? 4 : 8,
										  rules[kind].type == INT4OID || FLOAT8PASSBYVAL,
										  rules[kind].type == INT4OID ? TYPALIGN_INT : TYPALIGN_DOUBLE));
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

	while (kind < ORG_KINDS && (name == NULL || strcmp(name, rules[kind].sees) != 0))
		kind++;
	return kind;
}

static bool
by_index(OrgKind kind)
{
	OrgScope   *scope = mkt_org_scope();

	return !scope->all && mkt_org_share(scope, kind) <= SHARE_BY_INDEX &&
		(kind != ORG_CUSTOMERS || mkt_org_customers(mkt_org_scope()) <= CUSTOMERS_BY_INDEX);
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
		exprType(linitial(call->args)) != rules[kind].type || !by_index(kind))
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
