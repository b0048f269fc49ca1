/*-------------------------------------------------------------------------
 *
 * tagmap_kernel.c
 *		The kernels for each instruction set, and which of them this CPU runs.
 *
 * The loops themselves are in tagmap_kernel_body.h; here an instruction set is
 * a handful of macros. Instructions beyond the build's baseline stand behind
 * function-level target attributes, so no -march is needed.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "tagmap_kernel.h"

/* ---- portable --------------------------------------------------------- */

#define NAME(x)			portable_##x
#define KERNEL_NAME		"off"
#define TARGET
#define VEC				uint64_t
#define WORDS			1
#define LOAD(p)			(*(p))
#define STORE(p, v)		(*(p) = (v))
#define AND(a, b)		((a) & (b))
#define OR(a, b)		((a) | (b))
#define ANDNOT(a, b)	((a) & ~(b))
#define XOR(a, b)		((a) ^ (b))
#define SUM				uint64_t
#define SUM_ZERO		0
#define SUM_ADD(s, v)	((s) += mkt_tagmap_popcount(v))
#define SUM_TOTAL(s)	((uint32_t) (s))
#define INNER			TAGMAP_WORDS
#include "tagmap_kernel_body.h"

/* ---- x86-64 ----------------------------------------------------------- */

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

/* Bits per byte by two table look-ups: no AVX2 instruction counts bits. */
__attribute__((target("avx2"))) static inline __m256i
avx2_count_bytes(__m256i v)
{
	const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3,
										   1, 2, 2, 3, 2, 3, 3, 4,
										   0, 1, 1, 2, 1, 2, 2, 3,
										   1, 2, 2, 3, 2, 3, 3, 4);
	const __m256i nibble = _mm256_set1_epi8(0x0f);
	__m256i		low = _mm256_and_si256(v, nibble);
	__m256i		high = _mm256_and_si256(_mm256_srli_epi16(v, 4), nibble);

	return _mm256_add_epi8(_mm256_shuffle_epi8(table, low),
						   _mm256_shuffle_epi8(table, high));
}

__attribute__((target("avx2"))) static inline uint32_t
avx2_total(__m256i bytes)
{
	__m256i		sums = _mm256_sad_epu8(bytes, _mm256_setzero_si256());

	return (uint32_t) (_mm256_extract_epi64(sums, 0) +
					   _mm256_extract_epi64(sums, 1) +
					   _mm256_extract_epi64(sums, 2) +
					   _mm256_extract_epi64(sums, 3));
}

/* 28 registers of at most 8 bits a byte: a byte holds the sum. */
#define NAME(x)			avx2_##x
#define KERNEL_NAME		"avx2"
#define TARGET			__attribute__((target("avx2")))
#define VEC				__m256i
#define WORDS			4
#define LOAD(p)			_mm256_loadu_si256((const __m256i *) (p))
#define STORE(p, v)		_mm256_storeu_si256((__m256i *) (p), v)
#define AND(a, b)		_mm256_and_si256(a, b)
#define OR(a, b)		_mm256_or_si256(a, b)
#define ANDNOT(a, b)	_mm256_andnot_si256(b, a)
#define XOR(a, b)		_mm256_xor_si256(a, b)
#define SUM				__m256i
#define SUM_ZERO		_mm256_setzero_si256()
#define SUM_ADD(s, v)	((s) = _mm256_add_epi8(s, avx2_count_bytes(v)))
#define SUM_TOTAL(s)	avx2_total(s)
#define INNER			28
#include "tagmap_kernel_body.h"

#define NAME(x)			avx512_##x
#define KERNEL_NAME		"avx512"
#define TARGET			__attribute__((target("avx512f,avx512vpopcntdq")))
#define VEC				__m512i
#define WORDS			8
#define LOAD(p)			_mm512_loadu_si512((const void *) (p))
#define STORE(p, v)		_mm512_storeu_si512((void *) (p), v)
#define AND(a, b)		_mm512_and_si512(a, b)
#define OR(a, b)		_mm512_or_si512(a, b)
#define ANDNOT(a, b)	_mm512_andnot_si512(b, a)
#define XOR(a, b)		_mm512_xor_si512(a, b)
#define SUM				__m512i
#define SUM_ZERO		_mm512_setzero_si512()
#define SUM_ADD(s, v)	((s) = _mm512_add_epi64(s, _mm512_popcnt_epi64(v)))
#define SUM_TOTAL(s)	((uint32_t) _mm512_reduce_add_epi64(s))
#define INNER			126
#include "tagmap_kernel_body.h"

#define HAVE_X86_KERNELS
#endif							/* x86-64 */

/* ---- arm64 ------------------------------------------------------------ */

#if defined(__aarch64__)
#include <arm_neon.h>

#define NAME(x)			neon_##x
#define KERNEL_NAME		"neon"
#define TARGET
#define VEC				uint64x2_t
#define WORDS			2
#define LOAD(p)			vld1q_u64(p)
#define STORE(p, v)		vst1q_u64(p, v)
#define AND(a, b)		vandq_u64(a, b)
#define OR(a, b)		vorrq_u64(a, b)
#define ANDNOT(a, b)	vbicq_u64(a, b)
#define XOR(a, b)		veorq_u64(a, b)
#define SUM				uint8x16_t
#define SUM_ZERO		vdupq_n_u8(0)
#define SUM_ADD(s, v)	((s) = vaddq_u8(s, vcntq_u8(vreinterpretq_u8_u64(v))))
#define SUM_TOTAL(s)	((uint32_t) vaddlvq_u8(s))
#define INNER			28
#include "tagmap_kernel_body.h"

#define HAVE_NEON_KERNEL
#endif							/* arm64 */

/* ---- which of them ------------------------------------------------------ */

const TagmapKernel *mkt_tagmap_kernel = &portable_kernel;

/*
 * The kernels of this build that this CPU runs, from plain to best. The list
 * is short and asked rarely, so the CPU is asked every time.
 */
const TagmapKernel *
mkt_tagmap_kernel_nth(int i)
{
	const TagmapKernel *usable[3];
	int			n = 0;

	usable[n++] = &portable_kernel;
#ifdef HAVE_X86_KERNELS
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx2"))
		usable[n++] = &avx2_kernel;
	if (__builtin_cpu_supports("avx512f") &&
		__builtin_cpu_supports("avx512vpopcntdq"))
		usable[n++] = &avx512_kernel;
#endif
#ifdef HAVE_NEON_KERNEL
	usable[n++] = &neon_kernel;
#endif
	return i >= 0 && i < n ? usable[i] : NULL;
}

const TagmapKernel *
mkt_tagmap_kernel_find(const char *name)
{
	const TagmapKernel *best = NULL;
	const TagmapKernel *kernel;
	int			i;

	for (i = 0; (kernel = mkt_tagmap_kernel_nth(i)) != NULL; i++)
	{
		if (strcmp(kernel->name, name) == 0)
			return kernel;
		best = kernel;
	}
	return strcmp(name, "auto") == 0 ? best : NULL;
}
