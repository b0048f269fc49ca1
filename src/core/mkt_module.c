/*-------------------------------------------------------------------------
 *
 * mkt_module.c
 *		The library's start: magic block and _PG_init.
 *
 * Loads in any backend, needs no shared_preload_libraries, never fails.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "fmgr.h"
#include "utils/guc.h"

#include "grid.h"
#include "mkt_simd.h"
#include "org.h"

PG_MODULE_MAGIC;

void		_PG_init(void);

void
_PG_init(void)
{
	mkt_simd_init();
	mkt_org_init();
	mkt_grid_init();
	MarkGUCPrefixReserved("mkt");
}
