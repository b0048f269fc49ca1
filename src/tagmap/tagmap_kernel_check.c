/*-------------------------------------------------------------------------
 *
 * tagmap_kernel_check.c
 *		Does a kernel give the right results on this very machine?
 *
 * Pure C. Compares every loop of a kernel with a plain loop written here, on
 * random blocks that are sparse, dense, empty or full, at an address that is
 * aligned to words only.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "tagmap_kernel.h"

#define SOURCES 5

typedef struct Check
{
	uint64_t	random;
	uint64_t	source[SOURCES][TAGMAP_WORDS + 1];
	uint64_t	expected[TAGMAP_WORDS];
	uint64_t	got[TAGMAP_WORDS];
	uint32_t	count;			/* of expected */
	uint64_t	mismatches;
	const char **wrong;
} Check;

static uint64_t
next_random(Check *check)
{
	uint64_t	x = check->random += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static void
fill(Check *check, uint64_t *words)
{
	uint64_t	style = next_random(check) % 5;
	int			i;

	for (i = 0; i < TAGMAP_WORDS; i++)
	{
		uint64_t	x = next_random(check);

		switch (style)
		{
			case 0:
				x = 0;
				break;
			case 1:
				x = UINT64_MAX;
				break;
			case 2:
				x &= next_random(check) & next_random(check);
				break;
			case 3:
				x |= next_random(check) | next_random(check);
				break;
			default:
				break;
		}
		words[i] = x;
	}
}

/* One word of what an operation should give, from the sources' words. */
static uint64_t
expected_word(Check *check, const char *operation, int i)
{
	uint64_t	a = check->source[0][i];
	uint64_t	b = check->source[1][i];
	uint64_t	c = check->source[2][i];
	uint64_t	d = check->source[3][i];
	uint64_t	e = check->source[4][i];

	if (strcmp(operation, "count") == 0)
		return a;
	if (strcmp(operation, "and2") == 0)
		return a & b;
	if (strcmp(operation, "or2") == 0)
		return a | b;
	if (strcmp(operation, "andnot2") == 0)
		return a & ~b;
	if (strcmp(operation, "xor2") == 0)
		return a ^ b;
	if (strcmp(operation, "and3") == 0)
		return a & b & c;
	if (strcmp(operation, "and2_andnot") == 0)
		return a & b & ~c;
	if (strcmp(operation, "term") == 0)
		return a & b & c & ~d & ~e;
	return a | b | c | d | e;	/* orn */
}

static void
expect(Check *check, const char *operation)
{
	int			i;

	check->count = 0;
	for (i = 0; i < TAGMAP_WORDS; i++)
	{
		uint64_t	x = expected_word(check, operation, i);

		check->expected[i] = x;
		for (; x != 0; x &= x - 1)
			check->count++;
	}
	memset(check->got, 0x5a, sizeof(check->got));
}

static void
judge(Check *check, const char *operation, uint32_t count, bool stored)
{
	if (count == check->count &&
		(!stored ||
		 memcmp(check->got, check->expected, sizeof(check->got)) == 0))
		return;
	check->mismatches++;
	if (*check->wrong == NULL)
		*check->wrong = operation;
}

static void
check_pair(Check *check, const char *operation, TagmapStore2 store,
		   TagmapStoreCount2 store_count, TagmapCount2 count)
{
	const uint64_t *a = check->source[0];
	const uint64_t *b = check->source[1];

	expect(check, operation);
	store(check->got, a, b);
	judge(check, operation, check->count, true);
	expect(check, operation);
	judge(check, operation, store_count(check->got, a, b), true);
	judge(check, operation, count(a, b), false);

	/* dst may be a source */
	memcpy(check->got, a, sizeof(check->got));
	store(check->got, check->got, b);
	judge(check, operation, check->count, true);
}

uint64_t
mkt_tagmap_kernel_check(const TagmapKernel *kernel, uint64_t seed,
						const char **wrong)
{
	Check		check;
	const uint64_t *a = check.source[0];
	const uint64_t *b = check.source[1];
	const uint64_t *c = check.source[2];
	const uint64_t *all[SOURCES];
	int			i;

	check.random = seed;
	check.mismatches = 0;
	check.wrong = wrong;
	for (i = 0; i < SOURCES; i++)
	{
		fill(&check, check.source[i]);
		all[i] = check.source[i];
	}

	check_pair(&check, "and2", kernel->and2, kernel->and2_store_count,
			   kernel->and2_count);
	check_pair(&check, "or2", kernel->or2, kernel->or2_store_count,
			   kernel->or2_count);
	check_pair(&check, "andnot2", kernel->andnot2, kernel->andnot2_store_count,
			   kernel->andnot2_count);
	check_pair(&check, "xor2", kernel->xor2, kernel->xor2_store_count,
			   kernel->xor2_count);

	expect(&check, "count");
	judge(&check, "count", kernel->count(a), false);
	expect(&check, "and3");
	judge(&check, "and3", kernel->and3_count(a, b, c), false);
	expect(&check, "and2_andnot");
	judge(&check, "and2_andnot", kernel->and2_andnot_count(a, b, c), false);

	expect(&check, "term");
	judge(&check, "term", kernel->term_count(all, 3, all + 3, 2), false);
	judge(&check, "term", kernel->term(check.got, all, 3, all + 3, 2), true);
	expect(&check, "orn");
	judge(&check, "orn", kernel->orn_count(all, SOURCES), false);
	judge(&check, "orn", kernel->orn(check.got, all, SOURCES), true);
	return check.mismatches;
}
