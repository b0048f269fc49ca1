/*-------------------------------------------------------------------------
 *
 * tagmap_kernel.h
 *		Word loops over one block of bits, in the CPU's widest registers.
 *
 * Pure C: no PostgreSQL header. A block is TAGMAP_WORDS words of 64 bits, bit
 * n % 64 of word n / 64 standing for the n-th customer of the block. Pointers
 * need the natural alignment of uint64_t and no more, so a bitmap can be read
 * where it lies in a shared buffer. dst may be one of the sources.
 *
 * What a set is, and the containers it is stored in, is in tagmap_core.h.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TAGMAP_KERNEL_H
#define TAGMAP_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#define TAGMAP_WORDS		1008	/* words in a block */
#define TAGMAP_BLOCK_BITS	64512	/* customers in a block: 63 * 1024 */
#define TAGMAP_BITMAP_BYTES 8064	/* bytes of a block of bits */

/* Bits set in a word, without assuming a population count instruction. */
static inline uint64_t
mkt_tagmap_popcount(uint64_t x)
{
	x -= (x >> 1) & UINT64_C(0x5555555555555555);
	x = (x & UINT64_C(0x3333333333333333)) +
		((x >> 2) & UINT64_C(0x3333333333333333));
	x = (x + (x >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
	return (x * UINT64_C(0x0101010101010101)) >> 56;
}

typedef void (*TagmapStore2) (uint64_t *dst, const uint64_t *a,
							  const uint64_t *b);
typedef uint32_t (*TagmapStoreCount2) (uint64_t *dst, const uint64_t *a,
									   const uint64_t *b);
typedef uint32_t (*TagmapCount1) (const uint64_t *a);
typedef uint32_t (*TagmapCount2) (const uint64_t *a, const uint64_t *b);
typedef uint32_t (*TagmapCount3) (const uint64_t *a, const uint64_t *b,
								  const uint64_t *c);

/* The intersection of yes[0..nyes) without no[0..nno); nyes is at least 1. */
typedef uint32_t (*TagmapCountTerm) (const uint64_t *const *yes, int nyes,
									 const uint64_t *const *no, int nno);
typedef uint32_t (*TagmapStoreTerm) (uint64_t *dst,
									 const uint64_t *const *yes, int nyes,
									 const uint64_t *const *no, int nno);

/* The union of src[0..n); n is at least 1. */
typedef uint32_t (*TagmapCountN) (const uint64_t *const *src, int n);
typedef uint32_t (*TagmapStoreN) (uint64_t *dst,
								  const uint64_t *const *src, int n);

/*
 * One implementation of every loop. Functions that return uint32_t return the
 * number of bits set in the result; *_count functions store nothing.
 */
typedef struct TagmapKernel
{
	const char *name;			/* off, avx2, avx512 or neon */

	TagmapStore2 and2;			/* dst = a & b */
	TagmapStore2 or2;			/* dst = a | b */
	TagmapStore2 andnot2;		/* dst = a & ~b */
	TagmapStore2 xor2;			/* dst = a ^ b */

	TagmapStoreCount2 and2_store_count; /* the same, and the count of dst */
	TagmapStoreCount2 or2_store_count;
	TagmapStoreCount2 andnot2_store_count;
	TagmapStoreCount2 xor2_store_count;

	TagmapCount1 count;			/* |a| */
	TagmapCount2 and2_count;	/* |a & b| */
	TagmapCount2 or2_count;		/* |a | b| */
	TagmapCount2 andnot2_count; /* |a & ~b| */
	TagmapCount2 xor2_count;	/* |a ^ b| */
	TagmapCount3 and3_count;	/* |a & b & c| */
	TagmapCount3 and2_andnot_count; /* |a & b & ~c| */

	TagmapCountTerm term_count; /* |y0 & y1 & .. & ~n0 & ~n1 ..| */
	TagmapStoreTerm term;		/* dst = y0 & y1 & .. & ~n0 ..; counts */
	TagmapCountN orn_count;		/* |s0 | s1 | ..| */
	TagmapStoreN orn;			/* dst = s0 | s1 | ..; counts */
} TagmapKernel;

/* The kernel in use: never NULL, switched by the setting mkt.simd. */
extern const TagmapKernel *mkt_tagmap_kernel;

/*
 * The kernel of that name, or NULL if this build or this CPU lacks it.
 * "auto" names the best one; "off" is the portable one and always there.
 */
extern const TagmapKernel *mkt_tagmap_kernel_find(const char *name);

/* i-th kernel this CPU can run, portable first; NULL past the last. */
extern const TagmapKernel *mkt_tagmap_kernel_nth(int i);

/*
 * Self-test: how many of the kernel's loops are wrong on random blocks. *wrong
 * is set to the name of the first one, if it is NULL before.
 */
extern uint64_t mkt_tagmap_kernel_check(const TagmapKernel *kernel,
										uint64_t seed, const char **wrong);

#endif							/* TAGMAP_KERNEL_H */
