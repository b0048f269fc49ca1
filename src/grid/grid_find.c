/*-------------------------------------------------------------------------
 *
 * grid_find.c
 *		From a point to its cell, in a compiled map. Pure C, see grid_core.h.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "grid_core.h"

typedef enum Place
{
	OUTSIDE,
	INSIDE,
	BORDER
} Place;

/* A point of a list. Words are not aligned as doubles want it. */
static inline GridPoint
get_point(const uint32_t *points, uint32_t number)
{
	GridPoint	point;

	memcpy(&point, points + 4 * (size_t) number, sizeof(point));
	return point;
}

/* Where the point is to one ring; leaves the cursor behind the ring's words. */
static inline Place
place_in_ring(const uint32_t *points, const uint32_t **cursor, double x, double y)
{
	const uint32_t *word = *cursor;
	uint32_t	nedges = word[0] >> 1;
	int32_t		winding = (int32_t) word[1];
	bool		border = false;

	word += 2;
	*cursor = word + 2 * (size_t) nedges;
	for (; word < *cursor; word += 2)
	{
		GridPoint	a = get_point(points, word[0] >> 2);
		GridPoint	b = get_point(points, word[1]);
		double		side = grid_side(&a, &b, x, y);

		if (side == 0 &&
			((a.x <= x && x <= b.x) || (b.x <= x && x <= a.x)) &&
			((a.y <= y && y <= b.y) || (b.y <= y && y <= a.y)))
			border = true;
		winding += (a.y <= y) & (y < b.y) & (side > 0);
		winding -= (b.y <= y) & (y < a.y) & (side < 0);
		winding += ((word[0] & GRID_FROM_END) != 0) & (y >= b.y);
		winding -= ((word[0] & GRID_FROM_START) != 0) & (y >= a.y);
	}
	return border ? BORDER : winding != 0 ? INSIDE : OUTSIDE;
}

/* Whether the polygon whose rings stand at the cursor covers the point. */
static bool
part_covers(const uint32_t *points, const uint32_t **cursor, double x, double y)
{
	bool		last = **cursor & 1;
	Place		place = place_in_ring(points, cursor, x, y);
	bool		covers = place != OUTSIDE;
	bool		decided = place != INSIDE;

	while (!last)
	{
		last = **cursor & 1;
		if (decided)
		{
			*cursor += 2 + 2 * (size_t) (**cursor >> 1);
			continue;
		}
		place = place_in_ring(points, cursor, x, y);
		covers = place != INSIDE;
		decided = place != OUTSIDE;
	}
	return covers;
}

/* Number of the slice that holds an offset; rounding may put it just beyond. */
static inline uint32_t
slice(double offset, double scale, uint32_t n)
{
	double		at = offset * scale;

	return at <= 0 ? 0 : at >= n ? n - 1 : (uint32_t) at;
}

/* The tile a point lies in, NULL beyond the map's extent. */
typedef struct Spot
{
	uint32_t	col;
	uint32_t	row;
	const GridTile *tile;
} Spot;

static inline Spot
find_tile(const GridIndex *index, double x, double y)
{
	Spot		spot = {0, 0, NULL};

	/* so written that NaN is beyond */
	if (x >= index->xmin && x <= index->xmax && y >= index->ymin && y <= index->ymax)
	{
		spot.col = slice(x - index->xmin, index->scale, index->cols);
		spot.row = slice(y - index->ymin, index->scale, index->rows);
		spot.tile = &index->tile[(size_t) spot.row * index->cols + spot.col];
	}
	return spot;
}

/* The word of the point's square. */
static inline const uint32_t *
find_square(const GridIndex *index, Spot spot, double x, double y)
{
	const GridTile *tile = spot.tile;
	double		scale = index->scale * tile->side;

	if (tile->side == 0)
		return &tile->first;
	return &index->stream[tile->first +
						  slice(y - (index->ymin + spot.row * index->size), scale, tile->side) * tile->side +
						  slice(x - (index->xmin + spot.col * index->size), scale, tile->side)];
}

static inline int64_t
find_in_square(const GridIndex *index, uint32_t square, double x, double y, const uint8_t *visible)
{
	const uint32_t *points;
	const uint32_t *word;
	uint32_t	head;

	if (!(square & GRID_LIST))
		return square != 0 && (visible == NULL || visible[square - 1]) ? (int64_t) square - 1 : -1;
	points = &index->stream[square & ~GRID_LIST] + 1;
	word = points + 4 * (size_t) points[-1];
	do
	{
		uint32_t	ordinal;

		head = *word++;
		ordinal = head & GRID_ORDINAL;
		if (((head & GRID_WHOLE) || part_covers(points, &word, x, y)) &&
			(visible == NULL || visible[ordinal]))
			return ordinal;
	} while (!(head & GRID_LAST));
	return -1;
}

int64_t
mkt_grid_find(const GridIndex *index, double x, double y, const uint8_t *visible)
{
	Spot		spot = find_tile(index, x, y);

	if (spot.tile == NULL)
		return -1;
	return find_in_square(index, *find_square(index, spot, x, y), x, y, visible);
}

/*
 * A point alone waits for memory three times: tile, square, list. Many go
 * through each of the three steps together, and wait together.
 */
static void
find_batch(const GridIndex *index, const GridPoint *point, int n, const uint8_t *visible,
		   int64_t *ordinal)
{
	static const uint32_t nothing = 0;
	Spot		spot[GRID_BATCH];
	const uint32_t *square[GRID_BATCH];

	for (int i = 0; i < n; i++)
	{
		spot[i] = find_tile(index, point[i].x, point[i].y);
		__builtin_prefetch(spot[i].tile);
	}
	for (int i = 0; i < n; i++)
	{
		square[i] = spot[i].tile == NULL ? &nothing :
			find_square(index, spot[i], point[i].x, point[i].y);
		__builtin_prefetch(square[i]);
	}
	for (int i = 0; i < n; i++)
	{
		if (*square[i] & GRID_LIST)
		{
			__builtin_prefetch(&index->stream[*square[i] & ~GRID_LIST]);
			__builtin_prefetch(&index->stream[*square[i] & ~GRID_LIST] + 16);
		}
	}
	for (int i = 0; i < n; i++)
		ordinal[i] = find_in_square(index, *square[i], point[i].x, point[i].y, visible);
}

void
mkt_grid_find_many(const GridIndex *index, const GridPoint *point, size_t n,
				   const uint8_t *visible, int64_t *ordinal)
{
	for (size_t i = 0; i < n; i += GRID_BATCH)
		find_batch(index, point + i, n - i < GRID_BATCH ? (int) (n - i) : GRID_BATCH,
				   visible, ordinal + i);
}
