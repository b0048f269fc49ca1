/*-------------------------------------------------------------------------
 *
 * tagmap.c
 *		Random programs over the pure-C core of tagmap, against sorted arrays.
 *
 *		tagmap SEED OPERATIONS
 *
 * A handful of registers hold a set each, twice: as a value, and as the plain
 * ascending array of its members, on which everything is done by the obvious
 * loop. Every operation draws a kernel, changes or questions a register both
 * ways, and compares. Unlike the fuzzer (test/fuzz), sets here live through
 * thousands of operations, and the oracle shares no code with what it judges.
 * Run by test/core/core.sh.
 *
 *-------------------------------------------------------------------------
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tagmap_core.h"

#define REGISTERS	6
#define MEMBERS_MAX	3000		/* a larger set is seldom kept: it costs time */
#define KERNELS_MAX	8

typedef struct Naive
{
	uint64_t   *m;				/* ascending */
	size_t		n;
	size_t		room;
} Naive;

typedef struct Register
{
	Tagmap	   *map;
	size_t		size;
	Naive		naive;
} Register;

static uint64_t state;
static uint64_t seed;
static uint64_t operation;
static Register registers[REGISTERS];
static const TagmapKernel *kernels[KERNELS_MAX];
static int	nkernels;

#define MUST(condition) \
	do { \
		if (!(condition)) \
		{ \
			printf("seed %" PRIu64 ", operation %" PRIu64 ", kernel %s, line %d: %s does not hold\n", \
				   seed, operation, mkt_tagmap_kernel->name, __LINE__, #condition); \
			exit(1); \
		} \
	} while (0)

/* ---- surroundings ------------------------------------------------------------ */

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

/* splitmix64 */
static uint64_t
draw(uint64_t below)
{
	uint64_t	z = (state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (z ^ (z >> 31)) % below;
}

/* ---- sorted arrays -------------------------------------------------------------- */

static void
push(Naive *set, uint64_t member)
{
	if (set->n == set->room)
	{
		set->room = set->room > 0 ? 2 * set->room : 64;
		set->m = host_resize(set->m, set->room * sizeof(uint64_t));
	}
	set->m[set->n++] = member;
}

static int
compare_members(const void *a, const void *b)
{
	uint64_t	x = *(const uint64_t *) a;
	uint64_t	y = *(const uint64_t *) b;

	return (x > y) - (x < y);
}

/* Members below `member`. */
static size_t
below(const Naive *set, uint64_t member)
{
	size_t		low = 0;
	size_t		high = set->n;

	while (low < high)
	{
		size_t		middle = (low + high) / 2;

		if (set->m[middle] < member)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
naive_has(const Naive *set, uint64_t member)
{
	size_t		at = below(set, member);

	return at < set->n && set->m[at] == member;
}

/* By merging; op is a truth table, as in TagmapOp. */
static void
naive_op(int op, const Naive *a, const Naive *b, Naive *result)
{
	size_t		i = 0;
	size_t		j = 0;

	result->n = 0;
	while (i < a->n || j < b->n)
	{
		bool		in_a = j == b->n || (i < a->n && a->m[i] <= b->m[j]);
		bool		in_b = i == a->n || (j < b->n && b->m[j] <= a->m[i]);
		uint64_t	member = in_a ? a->m[i] : b->m[j];

		if ((op >> (in_a + 2 * in_b)) & 1)
			push(result, member);
		i += in_a;
		j += in_b;
	}
}

static int
naive_compare(const Naive *a, const Naive *b)
{
	size_t		n = a->n < b->n ? a->n : b->n;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		if (a->m[i] != b->m[i])
			return a->m[i] < b->m[i] ? -1 : 1;
	}
	return (a->n > b->n) - (a->n < b->n);
}

/* Sort what was pushed; of members pushed more than once keep one, or if xor the odd ones. */
static void
tidy(Naive *set, bool xor)
{
	size_t		kept = 0;
	size_t		i = 0;

	if (set->n > 0)
		qsort(set->m, set->n, sizeof(uint64_t), compare_members);
	while (i < set->n)
	{
		uint64_t	member = set->m[i];
		size_t		times = 0;

		for (; i < set->n && set->m[i] == member; i++)
			times++;
		if (!xor || times % 2 == 1)
			set->m[kept++] = member;
	}
	set->n = kept;
}

/* ---- random sets ------------------------------------------------------------------ */

static uint64_t
draw_block(void)
{
	static const uint32_t blocks[] = {0, 1, 2, 99, 65535, TAGMAP_BLOCK_MAX - 1, TAGMAP_BLOCK_MAX};

	return blocks[draw(sizeof(blocks) / sizeof(blocks[0]))];
}

/* One piece of a set: a single, a run, a comb or a scatter, pushed in any order. */
static void
draw_piece(Naive *raw, TagmapBuilder *builder)
{
	uint64_t	first = draw_block() * TAGMAP_BLOCK_BITS + (draw(3) == 0 ? draw(200) : draw(TAGMAP_BLOCK_BITS));
	uint64_t	how = draw(100);
	uint64_t	n = how < 30 ? 1 : how < 95 ? draw(100) : draw(50) > 0 ? draw(6000) : draw(70000);
	uint64_t	stride = draw(3) > 0 ? 1 : 1 + draw(20);
	bool		scatter = draw(3) == 0;
	uint64_t	i;

	if (first > TAGMAP_MEMBER_MAX)
		first = TAGMAP_MEMBER_MAX;
	if (!scatter && stride == 1 && n > 0)
	{
		uint64_t	last = first + n - 1 < TAGMAP_MEMBER_MAX ? first + n - 1 : TAGMAP_MEMBER_MAX;

		mkt_tagmap_builder_add_range(builder, first, last);
		for (; first <= last; first++)
			push(raw, first);
		return;
	}
	for (i = 0; i < n; i++)
	{
		uint64_t	member = scatter ? first + draw(4 * n) : first + i * stride;

		if (member > TAGMAP_MEMBER_MAX)
			member = TAGMAP_MEMBER_MAX - draw(n);
		mkt_tagmap_builder_add(builder, member);
		push(raw, member);
	}
}

/* The members as text, singles and ranges in descending order. */
static char *
spell(const Naive *set)
{
	char	   *text = host_alloc(32 * (set->n + 1));
	size_t		length = 0;
	size_t		i = set->n;

	text[length++] = '{';
	while (i > 0)
	{
		uint64_t	last = set->m[--i];
		uint64_t	first = last;

		while (i > 0 && set->m[i - 1] == first - 1 && draw(50) > 0)
			first = set->m[--i];
		length += sprintf(text + length, first < last ? "%" PRIu64 "-%" PRIu64 : "%" PRIu64, first, last);
		if (i > 0)
			text[length++] = ',';
	}
	text[length++] = '}';
	text[length] = 0;
	return text;
}

/* Block by block, from lows or from bits. */
static Tagmap *
write_blocks(const Naive *set, size_t *size)
{
	static uint16_t lows[TAGMAP_BLOCK_BITS];
	uint64_t	bits[TAGMAP_WORDS];
	uint64_t	payload[TAGMAP_WORDS];
	TagmapWriter writer;
	size_t		i = 0;

	mkt_tagmap_writer_open(&writer, &host, 1 + (uint32_t) draw(4));
	while (i < set->n)
	{
		uint32_t	block = mkt_tagmap_block_of(set->m[i]);
		uint32_t	n = 0;
		TagmapChunk chunk;

		memset(bits, 0, sizeof(bits));
		for (; i < set->n && mkt_tagmap_block_of(set->m[i]) == block; i++)
		{
			lows[n] = (uint16_t) mkt_tagmap_low_of(set->m[i]);
			bits[lows[n] / 64] |= UINT64_C(1) << (lows[n] % 64);
			n++;
		}
		if (draw(2) == 0)
			mkt_tagmap_lows_to_chunk(lows, n, block, payload, &chunk);
		else
			mkt_tagmap_bits_to_chunk(bits, block, payload, &chunk);
		mkt_tagmap_writer_add(&writer, &chunk);
	}
	return mkt_tagmap_writer_close(&writer, size);
}

/* A new random set, made in one of several ways. */
static void
draw_set(Register *r)
{
	bool		xor = draw(4) == 0;
	TagmapBuilder *builder = mkt_tagmap_builder_new(&host, xor);
	int			pieces = (int) draw(6);
	TagmapProblem problem;
	char	   *text;

	r->naive.n = 0;
	while (pieces-- > 0)
		draw_piece(&r->naive, builder);
	tidy(&r->naive, xor);
	free(r->map);
	switch (draw(3))
	{
		case 0:
			r->map = mkt_tagmap_builder_value(builder, &r->size);
			break;
		case 1:
			r->map = write_blocks(&r->naive, &r->size);
			break;
		default:
			text = spell(&r->naive);
			r->map = mkt_tagmap_from_text(&host, text, strlen(text), &r->size, &problem);
			free(text);
	}
	mkt_tagmap_builder_free(builder);
}

/* ---- comparing ----------------------------------------------------------------------- */

/* The register's value is valid and holds exactly the array's members. */
static void
check(const Register *r)
{
	static uint16_t lows[TAGMAP_BLOCK_BITS];
	const Naive *set = &r->naive;
	TagmapCursor cursor;
	const char *why;
	size_t		at = 0;

	MUST(r->map != NULL);
	MUST(mkt_tagmap_validate(r->map, r->size, &why));
	MUST(mkt_tagmap_size(r->map) == r->size);
	MUST(mkt_tagmap_cardinality(r->map) == set->n);
	mkt_tagmap_open(&cursor, r->map);
	while (mkt_tagmap_next(&cursor))
	{
		uint64_t	first = mkt_tagmap_first_of(cursor.chunk.block);
		uint32_t	n = mkt_tagmap_chunk_lows(&cursor.chunk, lows);
		uint32_t	i;

		MUST(n == cursor.chunk.card && at + n <= set->n);
		for (i = 0; i < n; i++)
			MUST(set->m[at++] == first + lows[i]);
	}
	MUST(at == set->n);
}

/* A member of the set, its neighbour, or anything. */
static uint64_t
draw_member(const Naive *set)
{
	uint64_t	member = draw_block() * TAGMAP_BLOCK_BITS + draw(TAGMAP_BLOCK_BITS);

	if (set->n > 0 && draw(4) > 0)
		member = set->m[draw(set->n)] + draw(3) - 1;
	return member <= TAGMAP_MEMBER_MAX ? member : 0;
}

/* ---- operations --------------------------------------------------------------------------- */

static void
replace(Register *r, Tagmap *map, size_t size)
{
	free(r->map);
	r->map = map;
	r->size = size;
}

static void
swap_naive(Naive *a, Naive *b)
{
	Naive		keep = *a;

	*a = *b;
	*b = keep;
}

/* r = r op other */
static void
combine(Register *r, const Register *other)
{
	static const TagmapOp ops[] = {TAGMAP_AND, TAGMAP_OR, TAGMAP_ANDNOT, TAGMAP_XOR};
	static Naive result;
	TagmapOp	op = ops[draw(4)];
	size_t		size;
	Tagmap	   *map = mkt_tagmap_set_op(&host, op, r->map, other->map, &size);

	naive_op(op, &r->naive, &other->naive, &result);
	swap_naive(&r->naive, &result);
	replace(r, map, size);
	check(r);
}

/* Put one member in or take it out. */
static void
change_one(Register *r)
{
	static Naive result;
	uint64_t	member = draw_member(&r->naive);
	TagmapOp	op = draw(2) == 0 ? TAGMAP_OR : TAGMAP_ANDNOT;
	Naive		one = {&member, 1, 1};
	size_t		size;
	Tagmap	   *single = mkt_tagmap_range_value(&host, member, member, &size);
	Tagmap	   *map = mkt_tagmap_set_op(&host, op, r->map, single, &size);

	free(single);
	naive_op(op, &r->naive, &one, &result);
	swap_naive(&r->naive, &result);
	replace(r, map, size);
	check(r);
}

/* Through a builder: one register on top of another. */
static void
aggregate(Register *r, const Register *other)
{
	static Naive result;
	bool		xor = draw(2) == 0;
	TagmapBuilder *builder = mkt_tagmap_builder_new(&host, xor);
	TagmapBuilder *second = mkt_tagmap_builder_new(&host, xor);
	size_t		size;
	Tagmap	   *map;

	mkt_tagmap_builder_add_map(builder, r->map);
	mkt_tagmap_builder_add_map(second, other->map);
	if (draw(2) == 0)
		mkt_tagmap_builder_add_builder(builder, second);
	else
		mkt_tagmap_builder_add_map(builder, other->map);
	naive_op(xor ? TAGMAP_XOR : TAGMAP_OR, &r->naive, &other->naive, &result);
	swap_naive(&r->naive, &result);
	map = mkt_tagmap_builder_value(builder, &size);
	replace(r, map, size);
	mkt_tagmap_builder_free(builder);
	mkt_tagmap_builder_free(second);
	check(r);
}

static void
question(const Register *r, const Register *other)
{
	static Naive both;
	const Naive *set = &r->naive;
	uint64_t	member = draw_member(set);
	uint64_t	n = draw(set->n + 2);
	uint64_t	answer = 0;

	MUST(mkt_tagmap_set_has(r->map, member) == naive_has(set, member));
	MUST(mkt_tagmap_set_rank(r->map, member) == below(set, member));
	MUST(mkt_tagmap_set_nth(r->map, n, &answer) == (n < set->n));
	MUST(n >= set->n || answer == set->m[n]);
	MUST(mkt_tagmap_set_min(r->map, &answer) == (set->n > 0));
	MUST(set->n == 0 || answer == set->m[0]);
	MUST(mkt_tagmap_set_max(r->map, &answer) == (set->n > 0));
	MUST(set->n == 0 || answer == set->m[set->n - 1]);

	naive_op(TAGMAP_AND, set, &other->naive, &both);
	MUST(mkt_tagmap_set_and_count(&host, r->map, other->map) == both.n);
	MUST(mkt_tagmap_set_overlaps(r->map, other->map) == (both.n > 0));
	MUST(mkt_tagmap_set_contains(r->map, other->map) == (both.n == other->naive.n));
	MUST(mkt_tagmap_set_compare(r->map, other->map) == naive_compare(set, &other->naive));
	MUST(mkt_tagmap_set_equal(r->map, other->map) == (naive_compare(set, &other->naive) == 0));
}

/* One block: seeking it, its questions, its bits. */
static void
question_block(const Register *r, const Register *other)
{
	uint64_t	bits[TAGMAP_WORDS];
	uint64_t	member = draw_member(&r->naive);
	uint32_t	block = mkt_tagmap_block_of(member);
	uint32_t	low = mkt_tagmap_low_of(member);
	size_t		from = below(&r->naive, mkt_tagmap_first_of(block));
	size_t		to = below(&r->naive, mkt_tagmap_first_of(block) + TAGMAP_BLOCK_BITS);
	TagmapCursor cursor;
	TagmapChunk chunk;
	TagmapChunk second;

	mkt_tagmap_open(&cursor, r->map);
	MUST(mkt_tagmap_seek(&cursor, block) == (from < r->naive.n));
	MUST(from == r->naive.n || cursor.chunk.block == mkt_tagmap_block_of(r->naive.m[from]));
	MUST(mkt_tagmap_find(r->map, block, &chunk) == (to > from));
	if (to == from)
		return;
	MUST(chunk.card == to - from);
	MUST(mkt_tagmap_chunk_has(&chunk, low) == naive_has(&r->naive, member));
	MUST(mkt_tagmap_chunk_rank(&chunk, low) == below(&r->naive, member) - from);
	MUST(mkt_tagmap_first_of(block) + mkt_tagmap_chunk_min(&chunk) == r->naive.m[from]);
	MUST(mkt_tagmap_first_of(block) + mkt_tagmap_chunk_max(&chunk) == r->naive.m[to - 1]);
	mkt_tagmap_chunk_to_bits(&chunk, bits);
	MUST(mkt_tagmap_kernel->count(bits) == chunk.card);
	if (mkt_tagmap_find(other->map, block, &second))
	{
		uint32_t	both = 0;

		for (; from < to; from++)
			both += naive_has(&other->naive, r->naive.m[from]);
		MUST(mkt_tagmap_chunk_and_count(&chunk, &second) == both);
		MUST(mkt_tagmap_chunk_overlaps(&chunk, &second) == (both > 0));
		MUST(mkt_tagmap_bits_and_count(bits, &second) == both);
		mkt_tagmap_andnot_into_bits(bits, &second);
		MUST(mkt_tagmap_kernel->count(bits) == chunk.card - both);
		mkt_tagmap_or_into_bits(bits, &second);
		MUST(mkt_tagmap_kernel->count(bits) == chunk.card - both + second.card);
	}
}

/* Out in one form and in again: the same bytes. */
static void
travel(const Register *r)
{
	uint64_t	form = draw(4);
	bool		narrow = r->naive.n == 0 || r->naive.m[r->naive.n - 1] <= UINT32_MAX;
	size_t		bytes = 0;
	size_t		size = 0;
	Tagmap	   *again = NULL;
	TagmapProblem problem;

	if (form == 0)
		again = mkt_tagmap_wire_in(&host, (const unsigned char *) &r->map->head, r->size - 4, &size, &problem);
	else if (form == 1)
	{
		char	   *text = mkt_tagmap_to_text(&host, r->map);

		again = mkt_tagmap_from_text(&host, text, strlen(text), &size, &problem);
		free(text);
	}
	else
	{
		bool		wide = form == 2;
		unsigned char *image = mkt_tagmap_to_roaring(&host, r->map, wide, 0, &bytes, &problem);

		MUST((image != NULL) == (wide || narrow));
		if (image == NULL)
			return;
		again = mkt_tagmap_from_roaring(&host, image, bytes, wide, &size, &problem);
		free(image);
	}
	MUST(again != NULL && size == r->size && memcmp(&again->head, &r->map->head, size - 4) == 0);
	free(again);
}

/* One bit wrong in the bytes: refused, or another valid set, never the same. */
static void
damage(const Register *r)
{
	size_t		length = r->size - 4;
	unsigned char *wire = host_alloc(length);
	size_t		size = 0;
	TagmapProblem problem;
	Tagmap	   *map;
	const char *why;

	memcpy(wire, &r->map->head, length);
	if (draw(3) == 0)
		length = draw(length);
	else
		wire[draw(length)] ^= (unsigned char) (1u << draw(8));
	map = mkt_tagmap_wire_in(&host, wire, length, &size, &problem);
	if (map != NULL)
	{
		MUST(mkt_tagmap_validate(map, size, &why));
		MUST(!mkt_tagmap_set_equal(map, r->map));
	}
	else
		MUST(problem.why != NULL);
	free(map);
	free(wire);
}

static void
run_one(void)
{
	Register   *r = &registers[draw(REGISTERS)];
	Register   *other = &registers[draw(REGISTERS)];

	mkt_tagmap_kernel = kernels[draw(nkernels)];
	switch (draw(12))
	{
		case 0:
			draw_set(r);
			check(r);
			break;
		case 1:
		case 2:
		case 3:
			combine(r, other);
			break;
		case 4:
		case 5:
			change_one(r);
			break;
		case 6:
			aggregate(r, other);
			break;
		case 7:
		case 8:
			question(r, other);
			break;
		case 9:
			question_block(r, other);
			break;
		case 10:
			travel(r);
			break;
		default:
			damage(r);
	}
	if (r->naive.n > MEMBERS_MAX && draw(10) > 0)
		draw_set(r);
}

int
main(int argc, char **argv)
{
	uint64_t	operations;
	int			i;

	if (argc != 3)
	{
		fprintf(stderr, "usage: tagmap SEED OPERATIONS\n");
		return 2;
	}
	seed = state = strtoull(argv[1], NULL, 10);
	operations = strtoull(argv[2], NULL, 10);
	while (nkernels < KERNELS_MAX && (kernels[nkernels] = mkt_tagmap_kernel_nth(nkernels)) != NULL)
		nkernels++;
	mkt_tagmap_kernel = kernels[0];
	for (i = 0; i < REGISTERS; i++)
	{
		draw_set(&registers[i]);
		check(&registers[i]);
	}
	for (operation = 1; operation <= operations; operation++)
		run_one();
	printf("seed %" PRIu64 ": %" PRIu64 " operations on %d kernels, all as sorted arrays say\n",
		   seed, operations, nkernels);
	return 0;
}
