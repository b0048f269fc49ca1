/*-------------------------------------------------------------------------
 *
 * mkt_simd.c
 *		The setting mkt.simd: auto, off, avx2, avx512 or neon.
 *
 * The kernels and the question what this CPU can run are in tagmap_kernel.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "utils/guc.h"

#include "mkt_simd.h"
#include "tagmap_kernel.h"

enum
{
	SIMD_AUTO,
	SIMD_OFF,
	SIMD_AVX2,
	SIMD_AVX512,
	SIMD_NEON
};

/* Option i has value i. */
static const struct config_enum_entry options[] = {
	{"auto", SIMD_AUTO, false},
	{"off", SIMD_OFF, false},
	{"avx2", SIMD_AVX2, false},
	{"avx512", SIMD_AVX512, false},
	{"neon", SIMD_NEON, false},
	{NULL, 0, false}
};

static int	simd = SIMD_AUTO;

static bool
check_simd(int *newval, void **extra, GucSource source)
{
	if (mkt_tagmap_kernel_find(options[*newval].name) != NULL)
		return true;
	GUC_check_errdetail("This CPU or this build cannot run the \"%s\" kernels.",
						options[*newval].name);
	GUC_check_errhint("Use \"auto\", or see mkt.simd_check() for what can run here.");
	return false;
}

static void
assign_simd(int newval, void *extra)
{
	mkt_tagmap_kernel = mkt_tagmap_kernel_find(options[newval].name);
}

void
mkt_simd_init(void)
{
	DefineCustomEnumVariable("mkt.simd",
							 "CPU instructions that set operations use.",
							 "\"auto\" is the best this CPU can run, \"off\" the portable code.",
							 &simd, SIMD_AUTO, options, PGC_USERSET, 0,
							 check_simd, assign_simd, NULL);
}
