/*-------------------------------------------------------------------------
 *
 * tagmap_kernel_body.h
 *		Every kernel loop, written once; included once per instruction set.
 *
 * The including file defines
 *
 *	NAME(x)			x with the instruction set's suffix
 *	KERNEL_NAME		what mkt.simd calls it, a string
 *	TARGET			function attribute that permits the instructions
 *	VEC, WORDS		a register of words, and how many words it holds
 *	LOAD, STORE		unaligned
 *	AND, OR, ANDNOT, XOR	ANDNOT(a, b) is a & ~b
 *	SUM				running counts; INNER registers may be added to one
 *	SUM_ZERO, SUM_ADD(sum, v), SUM_TOTAL(sum)
 *
 * INNER * WORDS divides TAGMAP_WORDS, and STRIP (7) divides INNER: counts are gathered in narrow lanes for
 * INNER registers, then added to the total.
 *
 *-------------------------------------------------------------------------
 */

/* Loop over a block, group by group; body sees word offset i. */
#define EACH_GROUP(body, after) \
	do { \
		int			i = 0; \
		while (i < TAGMAP_WORDS) \
		{ \
			int			end = i + INNER * WORDS; \
			SUM			sum = SUM_ZERO; \
			for (; i < end; i += WORDS) \
			{ \
				body \
				SUM_ADD(sum, v); \
			} \
			after += SUM_TOTAL(sum); \
		} \
	} while (0)

#define STORE2(name, op) \
TARGET static void \
NAME(name) (uint64_t *dst, const uint64_t *a, const uint64_t *b) \
{ \
	int			i; \
	for (i = 0; i < TAGMAP_WORDS; i += WORDS) \
		STORE(dst + i, op(LOAD(a + i), LOAD(b + i))); \
}

#define STORE_COUNT2(name, op) \
TARGET static uint32_t \
NAME(name) (uint64_t *dst, const uint64_t *a, const uint64_t *b) \
{ \
	uint32_t	count = 0; \
	EACH_GROUP(VEC v = op(LOAD(a + i), LOAD(b + i)); STORE(dst + i, v);, \
			   count); \
	return count; \
}

#define COUNT2(name, op) \
TARGET static uint32_t \
NAME(name) (const uint64_t *a, const uint64_t *b) \
{ \
	uint32_t	count = 0; \
	EACH_GROUP(VEC v = op(LOAD(a + i), LOAD(b + i));, count); \
	return count; \
}

#define COUNT3(name, op) \
TARGET static uint32_t \
NAME(name) (const uint64_t *a, const uint64_t *b, const uint64_t *c) \
{ \
	uint32_t	count = 0; \
	EACH_GROUP(VEC v = op(AND(LOAD(a + i), LOAD(b + i)), LOAD(c + i));, \
			   count); \
	return count; \
}

/*
 * Terms and unions go strip by strip, a strip being the registers v0 .. v6: one
 * operand's whole strip is loaded before the next operand's, so the loop over
 * the operands costs a seventh. STRIP times WORDS divides TAGMAP_WORDS.
 */
#define STRIP 7
#define EACH_OF_STRIP(do) do(0) do(1) do(2) do(3) do(4) do(5) do(6)
#define AT(p, r)	((p) + i + (r) * WORDS)
#define TAKE(r)		v##r = LOAD(AT(first, r));
#define INTERSECT(r) v##r = AND(v##r, LOAD(AT(next, r)));
#define WITHOUT(r)	v##r = ANDNOT(v##r, LOAD(AT(next, r)));
#define UNITE(r)	v##r = OR(v##r, LOAD(AT(next, r)));
#define KEEP(r)		STORE(AT(dst, r), v##r);
#define ADD_UP(r)	SUM_ADD(sum, v##r);

/* The strip at word offset i: the operand's, then combined with others. */
#define BEGIN_STRIP(operand) \
	VEC			v0, v1, v2, v3, v4, v5, v6; \
	const uint64_t *first = (operand); \
	EACH_OF_STRIP(TAKE)
#define COMBINE_STRIP(operands, from, n, how) \
	for (int k = (from); k < (n); k++) \
	{ \
		const uint64_t *next = (operands)[k]; \
		EACH_OF_STRIP(how) \
	}

/* Loop over a block, strip by strip; the sum is emptied before it overflows. */
#define EACH_STRIP(body, keep, after) \
	do { \
		int			i = 0; \
		while (i < TAGMAP_WORDS) \
		{ \
			int			end = i + INNER * WORDS; \
			SUM			sum = SUM_ZERO; \
			for (; i < end; i += STRIP * WORDS) \
			{ \
				body \
				keep \
				EACH_OF_STRIP(ADD_UP) \
			} \
			after += SUM_TOTAL(sum); \
		} \
	} while (0)

#define TERM_STRIP \
	BEGIN_STRIP(yes[0]) \
	COMBINE_STRIP(yes, 1, nyes, INTERSECT) \
	COMBINE_STRIP(no, 0, nno, WITHOUT)
#define UNION_STRIP \
	BEGIN_STRIP(src[0]) \
	COMBINE_STRIP(src, 1, n, UNITE)
#define KEEP_STRIP	EACH_OF_STRIP(KEEP)

STORE2(and2, AND)
STORE2(or2, OR)
STORE2(andnot2, ANDNOT)
STORE2(xor2, XOR)
STORE_COUNT2(and2_store_count, AND)
STORE_COUNT2(or2_store_count, OR)
STORE_COUNT2(andnot2_store_count, ANDNOT)
STORE_COUNT2(xor2_store_count, XOR)
COUNT2(and2_count, AND)
COUNT2(or2_count, OR)
COUNT2(andnot2_count, ANDNOT)
COUNT2(xor2_count, XOR)
COUNT3(and3_count, AND)
COUNT3(and2_andnot_count, ANDNOT)

TARGET static uint32_t
NAME(count) (const uint64_t *a)
{
	uint32_t	count = 0;

	EACH_GROUP(VEC v = LOAD(a + i);, count);
	return count;
}

TARGET static uint32_t
NAME(term_count) (const uint64_t *const *yes, int nyes,
				  const uint64_t *const *no, int nno)
{
	uint32_t	count = 0;

	EACH_STRIP(TERM_STRIP,, count);
	return count;
}

TARGET static uint32_t
NAME(term) (uint64_t *dst, const uint64_t *const *yes, int nyes,
			const uint64_t *const *no, int nno)
{
	uint32_t	count = 0;

	EACH_STRIP(TERM_STRIP, KEEP_STRIP, count);
	return count;
}

TARGET static uint32_t
NAME(orn_count) (const uint64_t *const *src, int n)
{
	uint32_t	count = 0;

	EACH_STRIP(UNION_STRIP,, count);
	return count;
}

TARGET static uint32_t
NAME(orn) (uint64_t *dst, const uint64_t *const *src, int n)
{
	uint32_t	count = 0;

	EACH_STRIP(UNION_STRIP, KEEP_STRIP, count);
	return count;
}

static const TagmapKernel NAME(kernel) =
{
	.name = KERNEL_NAME,
	.and2 = NAME(and2),
	.or2 = NAME(or2),
	.andnot2 = NAME(andnot2),
	.xor2 = NAME(xor2),
	.and2_store_count = NAME(and2_store_count),
	.or2_store_count = NAME(or2_store_count),
	.andnot2_store_count = NAME(andnot2_store_count),
	.xor2_store_count = NAME(xor2_store_count),
	.count = NAME(count),
	.and2_count = NAME(and2_count),
	.or2_count = NAME(or2_count),
	.andnot2_count = NAME(andnot2_count),
	.xor2_count = NAME(xor2_count),
	.and3_count = NAME(and3_count),
	.and2_andnot_count = NAME(and2_andnot_count),
	.term_count = NAME(term_count),
	.term = NAME(term),
	.orn_count = NAME(orn_count),
	.orn = NAME(orn),
};

#undef EACH_GROUP
#undef STORE2
#undef STORE_COUNT2
#undef COUNT2
#undef COUNT3
#undef STRIP
#undef EACH_OF_STRIP
#undef AT
#undef TAKE
#undef INTERSECT
#undef WITHOUT
#undef UNITE
#undef KEEP
#undef ADD_UP
#undef BEGIN_STRIP
#undef COMBINE_STRIP
#undef EACH_STRIP
#undef TERM_STRIP
#undef UNION_STRIP
#undef KEEP_STRIP
#undef NAME
#undef KERNEL_NAME
#undef TARGET
#undef VEC
#undef WORDS
#undef LOAD
#undef STORE
#undef AND
#undef OR
#undef ANDNOT
#undef XOR
#undef SUM
#undef SUM_ZERO
#undef SUM_ADD
#undef SUM_TOTAL
#undef INNER
