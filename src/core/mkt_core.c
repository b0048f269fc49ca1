/*-------------------------------------------------------------------------
 *
 * mkt_core.c
 *		SQL functions that belong to no module: version and bucket.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "mkt_hash.h"

PG_FUNCTION_INFO_V1(mkt_version);
PG_FUNCTION_INFO_V1(mkt_bucket);

/*
 * version() returns text
 *		Version of the loaded library.
 */
Datum
mkt_version(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(MKT_VERSION));
}

/*
 * bucket(salt text, cid bigint) returns integer
 *		The salt is hashed as UTF-8, whatever the database's encoding is.
 */
Datum
mkt_bucket(PG_FUNCTION_ARGS)
{
	text	   *salt = PG_GETARG_TEXT_PP(0);
	char	   *utf8 = pg_server_to_any(VARDATA_ANY(salt),
										VARSIZE_ANY_EXHDR(salt), PG_UTF8);
	size_t		length = utf8 == VARDATA_ANY(salt)
		? VARSIZE_ANY_EXHDR(salt) : strlen(utf8);

	PG_RETURN_INT32((int32) mkt_hash_bucket(utf8, length, PG_GETARG_INT64(1)));
}
