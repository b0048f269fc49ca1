/*-------------------------------------------------------------------------
 *
 * grid_fuzz.c
 *		libFuzzer target for the pure-C core of the map.
 *
 * Two ways to read the input, told apart by the first byte: as well-known
 * binary of one cell, whatever it is; or as cells drawn on a lattice of 16
 * by 16 points, where everything touches everything (rings that cross
 * themselves, holes outside, cells upon each other). Whatever is taken in is
 * compiled, within a limit the input chooses, and must answer on the lattice,
 * on vertices, beside them and between them what the definition says: all
 * edges of all rings, no index. Run by test/fuzz/fuzz.sh grid.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grid_core.h"

#define MUST(condition) \
	do { \
		if (!(condition)) \
		{ \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Input
{
	const uint8_t *at;
	const uint8_t *end;
} Input;

static void *
host_resize(void *block, size_t size)
{
	void	   *result;

	if (size == 0)
	{
		free(block);
		return NULL;
	}
	result = realloc(block, size);
	MUST(result != NULL);
	return result;
}

static void
host_check(void)
{
}

static const GridHost host = {host_resize, host_check};

/* ---- what the definition says --------------------------------------------------- */

/* 1 inside, 0 on the border, -1 outside */
static int
place(const GridPoint *vertex, uint32_t nedges, double x, double y)
{
	int			winding = 0;

	for (uint32_t i = 0; i < nedges; i++)
	{
		const GridPoint *a = vertex + i;
		const GridPoint *b = a + 1;
		double		side = grid_side(a, b, x, y);

		if (a->x == b->x && a->y == b->y)
			continue;
		if (side == 0 && x >= fmin(a->x, b->x) && x <= fmax(a->x, b->x) &&
			y >= fmin(a->y, b->y) && y <= fmax(a->y, b->y))
			return 0;
		if (a->y <= y && y < b->y && side > 0)
			winding++;
		if (b->y <= y && y < a->y && side < 0)
			winding--;
	}
	return winding != 0 ? 1 : -1;
}

/* The lowest visible ordinal that covers the point, all rings in turn; -1. */
static int64_t
by_definition(const GridIndex *given, double x, double y, const uint8_t *visible)
{
	const GridRing *ring = given->ring;

	for (uint32_t i = 0; i < given->nrings;)
	{
		uint32_t	part = ring[i].part;
		int			in = place(given->vertex + ring[i].first, ring[i].nedges, x, y);

		MUST(!ring[i].hole);
		for (i++; i < given->nrings && ring[i].part == part; i++)
		{
			int			hole;

			MUST(ring[i].hole);
			if (in != 1)
				continue;
			hole = place(given->vertex + ring[i].first, ring[i].nedges, x, y);
			if (hole != -1)
				in = -hole * 2; /* in it: outside; on its border: decided, covered */
		}
		if (in != -1 && in != -2 && (visible == NULL || visible[given->part_cell[part]]))
			return given->part_cell[part];
	}
	return -1;
}

/* ---- cells from bytes -------------------------------------------------------------- */

static uint8_t
byte(Input *in)
{
	return in->at < in->end ? *in->at++ : 0;
}

static void
put(uint8_t *wkb, size_t *length, const void *bytes, size_t n)
{
	memcpy(wkb + *length, bytes, n);
	*length += n;
}

static void
put_uint32(uint8_t *wkb, size_t *length, uint32_t value)
{
	put(wkb, length, &value, sizeof(value));
}

/* How a lattice point becomes a coordinate; some scales keep rounding busy. */
static double
coordinate(int lattice, int scale)
{
	static const double unit[] = {1, 1.0 / 3, 1e-3 / 7, 1e-7, 3e-9, 1e-12};

	return (scale & 1 ? 38.1 : 0) + lattice * unit[scale / 2 % 6];
}

static void
draw_cell(GridIndex *index, Input *in, int32_t cell_id, int scale)
{
	uint8_t		wkb[16384];
	size_t		length = 0;
	uint32_t	nparts = 1 + byte(in) % 2;

	put(wkb, &length, "\1", 1);
	put_uint32(wkb, &length, 6);
	put_uint32(wkb, &length, nparts);
	for (uint32_t p = 0; p < nparts; p++)
	{
		uint32_t	nrings = 1 + byte(in) % 3;

		put(wkb, &length, "\1", 1);
		put_uint32(wkb, &length, 3);
		put_uint32(wkb, &length, nrings);
		for (uint32_t r = 0; r < nrings; r++)
		{
			uint32_t	npoints = byte(in) % 24;
			double		first[2] = {0, 0};

			put_uint32(wkb, &length, npoints);
			for (uint32_t i = 0; i < npoints; i++)
			{
				uint8_t		at = byte(in);
				double		xy[2] = {coordinate(at & 15, scale), coordinate(at >> 4, scale)};

				if (i == 0)
					memcpy(first, xy, sizeof(xy));
				put(wkb, &length, i == npoints - 1 ? first : xy, sizeof(xy));
			}
		}
	}
	MUST(mkt_grid_add(index, cell_id, cell_id, wkb, length) == NULL);
}

/* ---- the test ------------------------------------------------------------------------ */

static void
ask(const GridIndex *index, const GridIndex *given, double x, double y)
{
	uint8_t		visible[16] = {0, 1, 0, 1, 1, 0, 1, 0};

	MUST(mkt_grid_find(index, x, y, NULL) == by_definition(given, x, y, NULL));
	MUST(index->ncells > sizeof(visible) ||
		 mkt_grid_find(index, x, y, visible) == by_definition(given, x, y, visible));
}

/* Points in a row answer as one by one: a lattice, and what is no point. */
static void
ask_many(const GridIndex *index, int scale)
{
	GridPoint	point[GRID_BATCH + 36];
	int64_t		ordinal[GRID_BATCH + 36];

	for (int i = 0; i < GRID_BATCH + 36; i++)
		point[i] = (GridPoint) {i == 7 ? NAN : coordinate(i % 10 * 2 - 1, scale), coordinate(i / 10 * 2, scale)};
	mkt_grid_find_many(index, point, GRID_BATCH + 36, NULL, ordinal);
	for (int i = 0; i < GRID_BATCH + 36; i++)
		MUST(ordinal[i] == mkt_grid_find(index, point[i].x, point[i].y, NULL));
}

static void *
copy(const void *array, size_t size)
{
	return size == 0 ? NULL : memcpy(host_resize(NULL, size), array, size);
}

static void
compare(GridIndex *index, size_t limit, int scale)
{
	GridIndex	given = *index;

	given.cell_id = given.grid_id = NULL;
	given.ring = copy(index->ring, index->nrings * sizeof(GridRing));
	given.part_cell = copy(index->part_cell, index->nparts * sizeof(uint32_t));
	given.vertex = copy(index->vertex, index->nvertices * sizeof(GridPoint));
	if (mkt_grid_compile(index, limit))
	{
		MUST(mkt_grid_bytes(index) <= limit);
		MUST(mkt_grid_find(index, NAN, 0, NULL) == -1);
		for (uint32_t v = 0; v < given.nvertices && v < 64; v++)
		{
			GridPoint	a = given.vertex[v];
			GridPoint	b = given.vertex[v + 1 < given.nvertices ? v + 1 : 0];

			ask(index, &given, a.x, a.y);
			ask(index, &given, nextafter(a.x, 1e9), a.y);
			ask(index, &given, a.x, nextafter(a.y, -1e9));
			ask(index, &given, (a.x + b.x) / 2, (a.y + b.y) / 2);
			ask(index, &given, b.x, a.y);
		}
		for (int i = 0; i < 289; i++)
			ask(index, &given, coordinate(i % 17, scale) - (i & 1) * 1e-3, coordinate(i / 17, scale));
		ask_many(index, scale);
	}
	else
		MUST(limit < 1 << 20);
	mkt_grid_free(&given);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	GridIndex	index = {.host = &host};
	Input		in = {data, data + size};
	uint8_t		how = byte(&in);
	size_t		limit = how & 2 ? (size_t) 1 << (9 + (how >> 5)) : (size_t) 1 << 24;
	int			scale = byte(&in) % 12;

	if (how & 1)
	{
		if (mkt_grid_add(&index, 1, 1, in.at, in.end - in.at) != NULL)
		{
			mkt_grid_free(&index);
			return 0;
		}
	}
	else
	{
		for (int32_t cell = 0; cell < 12 && in.at < in.end; cell++)
			draw_cell(&index, &in, cell, scale);
	}
	compare(&index, limit, scale);
	mkt_grid_free(&index);
	return 0;
}
