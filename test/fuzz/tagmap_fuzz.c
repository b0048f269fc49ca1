/*-------------------------------------------------------------------------
 *
 * tagmap_fuzz.c
 *		libFuzzer target for the pure-C core of tagmap.
 *
 * The first byte chooses what the rest is: text, wire bytes, Roaring images of
 * 32 or 64 bits, a program of set operations that is checked against plain
 * arrays of bits, or a program that damages valid bytes. Whatever is accepted must be canonical and must survive every
 * way out and back in. Run by test/fuzz/fuzz.sh tagmap.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tagmap_core.h"

#define MUST(condition) \
	do { \
		if (!(condition)) \
		{ \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

/* The oracle's loops would drown the coverage of the code under test. */
#define NOT_TRACED __attribute__((no_sanitize("coverage")))

#define SMALL_BLOCKS 2			/* blocks the oracle of programs covers */
#define SMALL_BITS (SMALL_BLOCKS * TAGMAP_BLOCK_BITS)

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void *
host_alloc(size_t size)
{
	void	   *ptr = malloc(size > 0 ? size : 1);

	MUST(ptr != NULL);
	return ptr;
}

static void *
host_resize(void *ptr, size_t size)
{
	ptr = realloc(ptr, size);
	MUST(ptr != NULL);
	return ptr;
}

static void
host_poll(void)
{
}

static const TagmapHost host = {host_alloc, host_resize, free, host_poll};

/* ---- laws every accepted value obeys --------------------------------------- */

static void
must_equal(Tagmap *map, size_t size, Tagmap *again, size_t again_size)
{
	MUST(again != NULL && again_size == size);
	MUST(memcmp(map, again, size) == 0);
	free(again);
}

static void
check_blocks(const Tagmap *map)
{
	static uint16_t lows[TAGMAP_BLOCK_BITS];
	uint64_t	bits[TAGMAP_WORDS];
	uint64_t	payload[TAGMAP_WORDS];
	TagmapCursor cursor;
	TagmapChunk again;

	mkt_tagmap_open(&cursor, map);
	while (mkt_tagmap_next(&cursor))
	{
		const TagmapChunk *chunk = &cursor.chunk;
		uint32_t	last = chunk->card - 1u;

		mkt_tagmap_chunk_to_bits(chunk, bits);
		MUST(mkt_tagmap_kernel->count(bits) == chunk->card);
		mkt_tagmap_bits_to_chunk(bits, chunk->block, payload, &again);
		MUST(mkt_tagmap_chunk_equal(chunk, &again));
		MUST(mkt_tagmap_chunk_lows(chunk, lows) == chunk->card);
		mkt_tagmap_lows_to_chunk(lows, chunk->card, chunk->block, payload,
								 &again);
		MUST(mkt_tagmap_chunk_equal(chunk, &again));
		MUST(mkt_tagmap_chunk_min(chunk) == lows[0]);
		MUST(mkt_tagmap_chunk_max(chunk) == lows[last]);
		MUST(mkt_tagmap_chunk_nth(chunk, last) == lows[last]);
		MUST(mkt_tagmap_chunk_rank(chunk, lows[last]) == last);
		MUST(mkt_tagmap_chunk_has(chunk, lows[last / 2]));
		MUST(mkt_tagmap_chunk_and_count(chunk, chunk) == chunk->card);
	}
}

static void
check_value(Tagmap *map, size_t size)
{
	const char *why;
	TagmapProblem problem;
	size_t		again_size = 0;
	size_t		bytes = 0;
	unsigned char *image;
	char	   *text;
	Tagmap	   *again;
	uint64_t	member;

	MUST(mkt_tagmap_validate(map, size, &why));
	MUST(mkt_tagmap_size(map) == size);
	check_blocks(map);

	again = mkt_tagmap_wire_in(&host, (const unsigned char *) &map->head,
							   size - 4, &again_size, &problem);
	must_equal(map, size, again, again_size);

	image = mkt_tagmap_to_roaring(&host, map, true, 0, &bytes, &problem);
	MUST(image != NULL);
	again = mkt_tagmap_from_roaring(&host, image, bytes, true, &again_size,
									&problem);
	must_equal(map, size, again, again_size);
	free(image);

	if (mkt_tagmap_cardinality(map) < 100000)
	{
		text = mkt_tagmap_to_text(&host, map);
		MUST(text != NULL);
		again = mkt_tagmap_from_text(&host, text, strlen(text), &again_size,
									 &problem);
		must_equal(map, size, again, again_size);
		free(text);
	}

	again = mkt_tagmap_set_op(&host, TAGMAP_XOR, map, map, &again_size);
	MUST(again != NULL && mkt_tagmap_nblocks(again) == 0);
	free(again);
	again = mkt_tagmap_set_op(&host, TAGMAP_AND, map, map, &again_size);
	must_equal(map, size, again, again_size);
	if (mkt_tagmap_set_max(map, &member))
	{
		MUST(mkt_tagmap_set_has(map, member));
		MUST(mkt_tagmap_set_rank(map, member) + 1 ==
			 mkt_tagmap_cardinality(map));
	}
	MUST(mkt_tagmap_set_compare(map, map) == 0);
}

/* ---- text, wire, Roaring ------------------------------------------------------ */

/* Long ranges are legal but only slow: keep numbers short. */
static bool
too_slow(const uint8_t *data, size_t size)
{
	size_t		digits = 0;
	size_t		i;

	for (i = 0; i < size; i++)
	{
		digits = data[i] >= '0' && data[i] <= '9' ? digits + 1 : 0;
		if (digits > 6 && memchr(data, '-', size) != NULL)
			return true;
	}
	return false;
}

static void
run_bytes(uint8_t what, const uint8_t *data, size_t size)
{
	TagmapProblem problem;
	size_t		map_size = 0;
	Tagmap	   *map = NULL;

	if (what == 0 && !too_slow(data, size))
		map = mkt_tagmap_from_text(&host, (const char *) data, size, &map_size,
								   &problem);
	else if (what == 1)
		map = mkt_tagmap_wire_in(&host, data, size, &map_size, &problem);
	else if (what == 2 || what == 3)
		map = mkt_tagmap_from_roaring(&host, data, size, what == 3, &map_size,
									  &problem);
	if (map != NULL)
	{
		check_value(map, map_size);
		free(map);
	}
}

/* ---- programs against an oracle ------------------------------------------------- */

typedef struct Program
{
	const uint8_t *data;
	size_t		size;
	size_t		at;
} Program;

static uint32_t
take(Program *program, int bytes)
{
	uint32_t	number = 0;

	while (bytes-- > 0)
	{
		number <<= 8;
		if (program->at < program->size)
			number |= program->data[program->at++];
	}
	return number;
}

/* Build a set from the program's bytes, in the builder and in oracle bits. */
NOT_TRACED static Tagmap *
build(Program *program, uint64_t *oracle, size_t *size)
{
	bool		xor = take(program, 1) & 1;
	TagmapBuilder *builder = mkt_tagmap_builder_new(&host, xor);
	int			steps = (int) take(program, 1) % 8;
	Tagmap	   *map;

	memset(oracle, 0, SMALL_BITS / 8);
	while (steps-- > 0)
	{
		uint32_t	how = take(program, 1);
		uint64_t	first = take(program, 3) % SMALL_BITS;
		uint64_t	stride = 1 + (how >> 4) * (how >> 4);
		uint64_t	last = first;

		if (how & 1)
			last += take(program, how & 2 ? 1 : 2);
		if (last >= SMALL_BITS)
			last = SMALL_BITS - 1;
		if (stride == 1)
			mkt_tagmap_builder_add_range(builder, first, last);
		for (; first <= last; first += stride)
		{
			uint64_t	mask = UINT64_C(1) << (first % 64);
			uint64_t	step = stride;

			if (stride > 1)
				mkt_tagmap_builder_add(builder, first);
			else if (first % 64 == 0 && last - first >= 63)
			{
				mask = ~UINT64_C(0);
				step = 64;
			}
			oracle[first / 64] = xor ? oracle[first / 64] ^ mask
				: oracle[first / 64] | mask;
			first += step - stride;
		}
	}
	map = mkt_tagmap_builder_value(builder, size);
	MUST(map != NULL);
	mkt_tagmap_builder_free(builder);
	return map;
}

NOT_TRACED static void
must_be(const Tagmap *map, const uint64_t *oracle)
{
	uint64_t	bits[TAGMAP_WORDS];
	uint32_t	block;

	for (block = 0; block < SMALL_BLOCKS; block++)
	{
		TagmapChunk chunk;

		memset(bits, 0, sizeof(bits));
		if (mkt_tagmap_find(map, block, &chunk))
			mkt_tagmap_chunk_to_bits(&chunk, bits);
		MUST(memcmp(bits, oracle + block * TAGMAP_WORDS, sizeof(bits)) == 0);
	}
}

/* Is any bit from `from` on set? */
NOT_TRACED static bool
any_from(const uint64_t *bits, size_t from)
{
	size_t		w = from / 64;
	uint64_t	word = bits[w] & ~UINT64_C(0) << (from % 64);

	while (word == 0 && ++w < SMALL_BITS / 64)
		word = bits[w];
	return word != 0;
}

/* Whoever has the first difference is smaller, unless the other ends there. */
NOT_TRACED static int
oracle_order(const uint64_t *x, const uint64_t *y)
{
	size_t		w;
	size_t		first;

	for (w = 0; w < SMALL_BITS / 64; w++)
	{
		if (x[w] == y[w])
			continue;
		first = w * 64 + (size_t) __builtin_ctzll(x[w] ^ y[w]);
		if (x[w] >> (first % 64) & 1)
			return any_from(y, first) ? -1 : 1;
		return any_from(x, first) ? 1 : -1;
	}
	return 0;
}

NOT_TRACED static void
run_program(const uint8_t *data, size_t size)
{
	static uint64_t x[SMALL_BITS / 64];
	static uint64_t y[SMALL_BITS / 64];
	static uint64_t z[SMALL_BITS / 64];
	static const TagmapOp ops[] = {TAGMAP_AND, TAGMAP_OR, TAGMAP_ANDNOT, TAGMAP_XOR};
	Program		program = {data, size, 0};
	size_t		size_a;
	size_t		size_b;
	size_t		size_c;
	Tagmap	   *a;
	Tagmap	   *b;
	uint64_t	both = 0;
	size_t		i;
	int			k;

	/* every kernel has to stand the same programs */
	mkt_tagmap_kernel = mkt_tagmap_kernel_nth((int) (take(&program, 1) % 3));
	if (mkt_tagmap_kernel == NULL)
		mkt_tagmap_kernel = mkt_tagmap_kernel_nth(0);
	a = build(&program, x, &size_a);
	b = build(&program, y, &size_b);
	must_be(a, x);
	must_be(b, y);
	check_value(a, size_a);

	for (k = 0; k < 4; k++)
	{
		Tagmap	   *c = mkt_tagmap_set_op(&host, ops[k], a, b, &size_c);
		const char *why;

		for (i = 0; i < SMALL_BITS / 64; i++)
			z[i] = k == 0 ? x[i] & y[i] : k == 1 ? x[i] | y[i]
				: k == 2 ? x[i] & ~y[i] : x[i] ^ y[i];
		MUST(c != NULL && mkt_tagmap_validate(c, size_c, &why));
		must_be(c, z);
		if (k == 0)
			both = mkt_tagmap_cardinality(c);
		free(c);
	}
	MUST(mkt_tagmap_set_and_count(&host, a, b) == both);
	MUST(mkt_tagmap_set_overlaps(a, b) == (both > 0));
	MUST(mkt_tagmap_set_contains(a, b) == (both == mkt_tagmap_cardinality(b)));
	MUST(mkt_tagmap_set_equal(a, b) == (memcmp(x, y, sizeof(x)) == 0));

	MUST(mkt_tagmap_set_compare(a, b) == oracle_order(x, y));
	free(a);
	free(b);
}

/* A valid set's bytes with a few of them changed or cut off. */
static void
run_damage(const uint8_t *data, size_t size)
{
	static uint64_t oracle[SMALL_BITS / 64];
	Program		program = {data, size, 0};
	uint8_t		form = 1 + take(&program, 1) % 3;
	int			edits = (int) take(&program, 1) % 5;
	size_t		cut = take(&program, 1) % 4 == 0 ? take(&program, 1) : 0;
	TagmapProblem problem;
	size_t		bytes;
	Tagmap	   *map = build(&program, oracle, &bytes);
	uint8_t    *image;
	uint8_t    *exact;

	if (form == 1)
	{
		bytes -= 4;
		image = host_alloc(bytes);
		memcpy(image, &map->head, bytes);
	}
	else
		image = mkt_tagmap_to_roaring(&host, map, form == 3, 0, &bytes, &problem);
	MUST(image != NULL);
	while (edits-- > 0 && bytes > 0)
	{
		size_t		at = take(&program, 2) % bytes;

		image[at] = (uint8_t) (image[at] + take(&program, 1));
	}
	bytes -= cut < bytes ? cut : bytes;

	/* a block of just these bytes, so that the sanitizer sees its end */
	exact = host_alloc(bytes);
	memcpy(exact, image, bytes);
	run_bytes(form, exact, bytes);
	free(exact);
	free(image);
	free(map);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	mkt_tagmap_kernel = mkt_tagmap_kernel_find("auto");
	if (data[0] % 6 == 5)
		run_damage(data + 1, size - 1);
	else if (data[0] % 6 == 4)
		run_program(data + 1, size - 1);
	else
		run_bytes(data[0] % 6, data + 1, size - 1);
	return 0;
}
