/*-------------------------------------------------------------------------
 *
 * memspeed.c
 *		The physical limit of counting: the same bits in plain memory.
 *
 * Fills arrays of n bits with the densities of bench-tag and times
 * popcount(a & b & ~c), popcount(a & b) and the union of seven, in the widest
 * registers the compiler may use (this program is built with -march=native;
 * the extension is not). Prints "NAME milliseconds", the median of the runs.
 *
 *		memspeed BITS RUNS
 *
 *-------------------------------------------------------------------------
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SETS 7
#define COPIES 5

static uint64_t seed = 20261101;

static uint64_t
next_random(void)
{
	uint64_t	z = (seed += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* A word whose bits are set with probability share / 32. */
static uint64_t
random_word(int share)
{
	uint64_t	word = 0;

	for (int bit = 1; bit < 32; bit <<= 1)
		word = share & bit ? word | next_random() : word & next_random();
	return word;
}

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static int
ascending(const void *a, const void *b)
{
	double		x = *(const double *) a,
				y = *(const double *) b;

	return (x > y) - (x < y);
}

static uint64_t
count_term(uint64_t *const *s, size_t n)
{
	uint64_t	count = 0;

	for (size_t i = 0; i < n; i++)
		count += __builtin_popcountll(s[0][i] & s[1][i] & ~s[2][i]);
	return count;
}

static uint64_t
count_and(uint64_t *const *s, size_t n)
{
	uint64_t	count = 0;

	for (size_t i = 0; i < n; i++)
		count += __builtin_popcountll(s[0][i] & s[1][i]);
	return count;
}

static uint64_t
count_union(uint64_t *const *s, size_t n)
{
	uint64_t	count = 0;

	for (size_t i = 0; i < n; i++)
		count += __builtin_popcountll(s[0][i] | s[1][i] | s[2][i] | s[3][i] |
									  s[4][i] | s[5][i] | s[6][i]);
	return count;
}

static void
report(const char *name, uint64_t (*loop) (uint64_t *const *, size_t),
	   uint64_t *const *s, int copies,
	   size_t n, int runs)
{
	double	   *took = malloc(runs * sizeof(double));
	uint64_t	count = loop(s, n);

	for (int run = 0; run < runs; run++)
	{
		double		start = now_ms();

		if (loop(s + run % copies * SETS, n) != count)
			abort();
		took[run] = now_ms() - start;
	}
	qsort(took, runs, sizeof(double), ascending);
	printf("%s %.3f\n", name, took[runs / 2]);
	free(took);
}

int
main(int argc, char **argv)
{
	size_t		n = (argc > 1 ? strtoull(argv[1], NULL, 10) : 67000000) / 64;
	int			runs = argc > 2 ? atoi(argv[2]) : 7;
	const int	share[SETS] = {16, 6, 2, 3, 3, 3, 3};
	uint64_t   *set[COPIES * SETS];

	for (int s = 0; s < COPIES * SETS; s++)
	{
		set[s] = aligned_alloc(64, (n * 8 + 63) / 64 * 64);
		if (set[s] == NULL)
			return 1;
		for (size_t i = 0; i < n; i++)
			set[s][i] = s < SETS ? random_word(share[s]) : set[s % SETS][i];
	}
	report("term", count_term, set, COPIES, n, runs);
	report("and", count_and, set, COPIES, n, runs);
	report("union", count_union, set, COPIES, n, runs);
	report("term_cached", count_term, set, 1, n, runs);
	report("and_cached", count_and, set, 1, n, runs);
	report("union_cached", count_union, set, 1, n, runs);
	return 0;
}
