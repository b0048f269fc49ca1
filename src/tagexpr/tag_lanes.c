/*-------------------------------------------------------------------------
 *
 * tag_lanes.c
 *		Slices turned into values.
 *
 * Up to 32 slices of 64 customers are a bit matrix; its columns are the
 * values. The bits of the members wanted are first pressed together (BMI2 has
 * an instruction for it), so that each matrix that is turned is full. AVX-512
 * turns it with masks, adding a slice's bit to 16 values at once; elsewhere it
 * is transposed by halves. Which way runs follows the setting mkt.simd.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "port/pg_bitutils.h"

#include "tag.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define LANES_X86
#include <immintrin.h>
#endif

#define SLICES_MAX 32

typedef void (*TurnFunction) (const uint64 *rows, int nslices, uint32 *values);

/* ---- turning a matrix ------------------------------------------------------------ */

/*
 * Transpose 32 x 32 bits in place: swap the off-diagonal quarters, then those
 * of each quarter, and so on (Hacker's Delight, section 7-3).
 */
static void
transpose32(uint32 *rows)
{
	uint32		mask = 0x0000ffff;

	for (int half = 16; half > 0; half /= 2, mask ^= mask << half)
	{
		for (int i = 0; i < 32; i = (i + half + 1) & ~half)
		{
			uint32		swap = ((rows[i] >> half) ^ rows[i + half]) & mask;

			rows[i] ^= swap << half;
			rows[i + half] ^= swap;
		}
	}
}

static void
turn_portable(const uint64 *rows, int nslices, uint32 *values)
{
	for (int k = 0; k < SLICES_MAX; k++)
	{
		values[k] = k < nslices ? (uint32) rows[k] : 0;
		values[32 + k] = k < nslices ? (uint32) (rows[k] >> 32) : 0;
	}
	transpose32(values);
	transpose32(values + 32);
}

#ifdef LANES_X86
__attribute__((target("avx512f")))
static void
turn_avx512(const uint64 *rows, int nslices, uint32 *values)
{
	__m512i		v0 = _mm512_setzero_si512();
	__m512i		v1 = v0;
	__m512i		v2 = v0;
	__m512i		v3 = v0;
	__m512i		bit = _mm512_set1_epi32(1);

	for (int k = 0; k < nslices; k++)
	{
		uint64		row = rows[k];

		v0 = _mm512_mask_or_epi32(v0, (__mmask16) row, v0, bit);
		v1 = _mm512_mask_or_epi32(v1, (__mmask16) (row >> 16), v1, bit);
		v2 = _mm512_mask_or_epi32(v2, (__mmask16) (row >> 32), v2, bit);
		v3 = _mm512_mask_or_epi32(v3, (__mmask16) (row >> 48), v3, bit);
		bit = _mm512_add_epi32(bit, bit);
	}
	_mm512_storeu_si512(values, v0);
	_mm512_storeu_si512(values + 16, v1);
	_mm512_storeu_si512(values + 32, v2);
	_mm512_storeu_si512(values + 48, v3);
}
#endif

static TurnFunction
turn_function(void)
{
#ifdef LANES_X86
	if (strcmp(mkt_tagmap_kernel->name, "avx512") == 0)
		return turn_avx512;
#endif
	return turn_portable;
}

void
mkt_tag_lanes(const uint64 *const *bits, int nslices, int word, uint32 *values)
{
	uint64		rows[SLICES_MAX];

	for (int k = 0; k < nslices; k++)
		rows[k] = bits[k][word];
	turn_function() (rows, nslices, values);
}

/* ---- values of members ------------------------------------------------------------- */

/* Where few members share a word, each is put together by itself. */
static uint32
collect_portable(const uint64 *const *bits, int nslices, const uint64 *mask,
				 uint32 *values)
{
	uint32		lanes[64];
	uint32		n = 0;

	for (int w = 0; w < TAGMAP_WORDS; w++)
	{
		uint64		members = mask[w];
		bool		many = pg_popcount64(members) >= 16;

		if (many)
			mkt_tag_lanes(bits, nslices, w, lanes);
		for (; members != 0; members &= members - 1)
		{
			int			at = pg_rightmost_one_pos64(members);
			uint32		value = 0;

			for (int k = 0; !many && k < nslices; k++)
				value |= (uint32) ((bits[k][w] >> at) & 1) << k;
			values[n++] = many ? lanes[at] : value;
		}
	}
	return n;
}

#ifdef LANES_X86
__attribute__((target("bmi2,popcnt")))
static uint32
collect_bmi2(const uint64 *const *bits, int nslices, const uint64 *mask,
			 uint32 *values)
{
	TurnFunction turn = turn_function();
	uint64		rows[SLICES_MAX] = {0};	/* members pressed together so far */
	int			filled = 0;		/* of the 64 columns of rows */
	uint32		n = 0;

	for (int w = 0; w < TAGMAP_WORDS; w++)
	{
		uint64		members = mask[w];
		int			count;

		if (members == 0)
			continue;
		count = __builtin_popcountll(members);
#pragma GCC unroll 4
		for (int k = 0; k < nslices; k++)
			rows[k] |= _pext_u64(bits[k][w], members) << filled;
		filled += count;
		if (filled < 64)
			continue;
		turn(rows, nslices, values + n);
		n += 64;
		filled -= 64;
		for (int k = 0; k < nslices; k++)
			rows[k] = filled > 0 ? _pext_u64(bits[k][w], members) >> (count - filled) : 0;
	}
	if (filled > 0)
		turn(rows, nslices, values + n);
	return n + filled;
}
#endif

uint32
mkt_tag_lanes_collect(const uint64 *const *bits, int nslices,
					  const uint64 *mask, uint32 *values)
{
#ifdef LANES_X86
	if (strcmp(mkt_tagmap_kernel->name, "off") != 0 && __builtin_cpu_supports("bmi2"))
		return collect_bmi2(bits, nslices, mask, values);
#endif
	return collect_portable(bits, nslices, mask, values);
}
