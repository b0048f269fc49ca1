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

int64_t
mkt_grid_find(const GridIndex *index, double x, double y, const uint8_t *visible)
{
	const GridTile *tile;
	const uint32_t *points;
	const uint32_t *word;
	uint32_t	col,
				row,
				square,
				head;
	double		scale;

	if (!(x >= index->xmin && x <= index->xmax && y >= index->ymin && y <= index->ymax))
		return -1;
	col = slice(x - index->xmin, index->scale, index->cols);
	row = slice(y - index->ymin, index->scale, index->rows);
	tile = &index->tile[(size_t) row * index->cols + col];
	scale = index->scale * tile->side;
	square = index->stream[tile->first +
						   slice(y - (index->ymin + row * index->size), scale, tile->side) * tile->side +
						   slice(x - (index->xmin + col * index->size), scale, tile->side)];
	if (square == 0)
		return -1;
	if (!(square & GRID_LIST))
		return visible == NULL || visible[square - 1] ? (int64_t) square - 1 : -1;

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
