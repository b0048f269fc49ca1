/*-------------------------------------------------------------------------
 *
 * statistics.c
 *		SQL functions over statistics_core.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/float.h"

#include "statistics_core.h"

static double
checked_df(FunctionCallInfo fcinfo, int argument)
{
	double		df = PG_GETARG_FLOAT8(argument);

	if (!(df > 0))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("degrees of freedom must be positive, not %s",
						float8out_internal(df))));
	return df;
}

static double
checked_probability(FunctionCallInfo fcinfo)
{
	double		p = PG_GETARG_FLOAT8(0);

	if (!(p > 0 && p < 1))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("probability must lie between 0 and 1, not be %s",
						float8out_internal(p)),
				 errhint("A confidence of 95 percent is written 0.95.")));
	return p;
}

PG_FUNCTION_INFO_V1(mkt_normal_tail_sql);
Datum
mkt_normal_tail_sql(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(mkt_normal_tail(PG_GETARG_FLOAT8(0)));
}

PG_FUNCTION_INFO_V1(mkt_normal_quantile_sql);
Datum
mkt_normal_quantile_sql(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(mkt_normal_quantile(checked_probability(fcinfo)));
}

PG_FUNCTION_INFO_V1(mkt_student_tail_sql);
Datum
mkt_student_tail_sql(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(mkt_student_tail(PG_GETARG_FLOAT8(0), checked_df(fcinfo, 1)));
}

PG_FUNCTION_INFO_V1(mkt_student_quantile_sql);
Datum
mkt_student_quantile_sql(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(mkt_student_quantile(checked_probability(fcinfo), checked_df(fcinfo, 1)));
}

PG_FUNCTION_INFO_V1(mkt_chi_square_tail_sql);
Datum
mkt_chi_square_tail_sql(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(mkt_chi_square_tail(PG_GETARG_FLOAT8(0), checked_df(fcinfo, 1)));
}
