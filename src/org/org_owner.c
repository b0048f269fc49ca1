/*-------------------------------------------------------------------------
 *
 * org_owner.c
 *		Rules of head office: they count rows that the caller may not read.
 *
 * A cap holds for the contacts of all branches, and so does a customer's
 * allowance of coupons. The count is made as the owner of the tables, and
 * answered only about customers whom the caller sees. A SECURITY DEFINER
 * function could not tell who its caller is.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "org.h"

PG_FUNCTION_INFO_V1(mkt__cap_room);
PG_FUNCTION_INFO_V1(mkt__coupon_free_holding);

static Oid
owner_of(const char *table)
{
	Oid			relid = get_relname_relid(table, get_namespace_oid("mkt", false));
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table mkt.%s does not exist", table),
				 errhint("Run CALL mkt.create_platform().")));
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

/*
 * Run a query as the table's owner, in the caller's snapshot or in a new one.
 * An error puts the user back as well.
 */
static void
execute_as_owner(const char *table, const char *query, FunctionCallInfo fcinfo, const Oid *types, bool anew)
{
	Oid			user;
	int			security;
	Datum		values[FUNC_MAX_ARGS];
	char		nulls[FUNC_MAX_ARGS];

	for (int i = 0; i < PG_NARGS(); i++)
	{
		values[i] = fcinfo->args[i].value;
		nulls[i] = PG_ARGISNULL(i) ? 'n' : ' ';
	}
	GetUserIdAndSecContext(&user, &security);
	SetUserIdAndSecContext(owner_of(table), security | SECURITY_LOCAL_USERID_CHANGE);
	if (SPI_execute_with_args(query, PG_NARGS(), (Oid *) types, values, nulls, !anew, 0) != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_with_args failed: %s", query);
	SetUserIdAndSecContext(user, security);
}

/*
 * _cap_room(as_of timestamptz, from_cid bigint, to_cid bigint, besides text)
 * returns table (cid bigint, channel_code text, room int)
 */
Datum
mkt__cap_room(PG_FUNCTION_ARGS)
{
	static const Oid types[] = {TIMESTAMPTZOID, INT8OID, INT8OID, TEXTOID};
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	SPITupleTable *rows;

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	execute_as_owner("contact", "SELECT r.cid, r.channel_code, r.room FROM mkt._cap_room_all($1, $2, $3, $4) AS r",
					 fcinfo, types, false);
	rows = SPI_tuptable;
	for (uint64 i = 0; i < rows->numvals; i++)
	{
		Datum		row[3];
		bool		nulls[3];

		CHECK_FOR_INTERRUPTS();
		heap_deform_tuple(rows->vals[i], rows->tupdesc, row, nulls);
		if (mkt_org_sees(mkt_org_scope(), ORG_CUSTOMERS, DatumGetInt64(row[0])))
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, row, nulls);
	}
	SPI_finish();
	return (Datum) 0;
}

/*
 * _coupon_free_holding(batch_id int, cid bigint, per_customer int) returns int
 */
Datum
mkt__coupon_free_holding(PG_FUNCTION_ARGS)
{
	static const Oid types[] = {INT4OID, INT8OID, INT4OID};
	int64		cid = PG_GETARG_INT64(1);
	Datum		place;
	bool		isnull;

	if (!mkt_org_sees(mkt_org_scope(), ORG_CUSTOMERS, cid))
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("customer %lld does not exist", (long long) cid),
				 errhint("A cid is what mkt.customer says for a customer_key; a branch finds its own customers only.")));
	SPI_connect();
	execute_as_owner("coupon", "SELECT mkt._coupon_lowest_free($1, $2, $3)", fcinfo, types, true);
	place = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
	SPI_finish();
	if (isnull)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(place);
}
