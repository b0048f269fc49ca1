/*-------------------------------------------------------------------------
 *
 * grid_build.c
 *		Polygons into a raster of two levels. Pure C, see grid_core.h.
 *
 * Both levels are made by the same step, divide(): given a ring over a region
 * (the edges that come near, and how often the rest of the ring winds around
 * it), the same for each square the region is divided into. First every ring
 * is divided over all tiles, from all its edges; then, tile by tile, every
 * ring of the tile over its squares, which are encoded at once.
 *
 * If the result does not fit into the caller's limit, it is made again with a
 * quarter of the squares, until a single square holds everything.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "grid_core.h"

#define SQUARES_PER_EDGE 6.0	/* wished for; edges counted once for each tile */
#define EDGES_PER_TILE 16.0
#define TILES_MAX 1000000.0
#define SIDE_MAX 128
#define WORDS_PER_EDGE 100		/* to begin with; virtual memory, until it is used */
#define POINTS_BACK 32			/* how far to look for a point listed already */
#define SMALLEST_SIZE 1e-6		/* degrees: squares stay wide against the margin */

/* A ring in a square: the edges listed, and rest as grid_core.h defines it. */
typedef struct RingSquare
{
	uint32_t	square;
	uint32_t	ring;
	int32_t		rest;
	uint32_t	nedges;
	uint32_t	first;			/* its edges in the pool */
} RingSquare;

typedef struct Pool
{
	RingSquare *item;
	uint32_t   *edge;
	size_t		nitems;
	size_t		nedges;
	size_t		items_room;
	size_t		edges_room;
} Pool;

/* Squares of one size, cols by rows, from the corner (x, y) on. */
typedef struct Raster
{
	double		x;
	double		y;
	double		size;
	double		scale;
	int			cols;
	int			rows;
} Raster;

/* The part of a raster that a ring can touch, and what is known about it. */
typedef struct Window
{
	int			col;
	int			row;
	int			cols;
	int			rows;
	int32_t    *step;			/* by row and column: added from this column on */
	int32_t    *own;			/* by row and column: added here */
	uint32_t   *count;			/* by row and column: edges listed */
	size_t		step_room;
	size_t		own_room;
	size_t		count_room;
	uint64_t   *listed;			/* square of the window << 32 | edge */
	size_t		nlisted;
	size_t		listed_room;
} Window;

typedef struct Build
{
	GridIndex  *index;
	size_t		limit;
	double		share;			/* of the squares wished for */
	bool		overflow;		/* the limit is passed: give this attempt up */
	Raster		tiles;
	Pool		tile_rings;		/* the rings of every tile */
	Pool		square_rings;	/* the rings of every square of one tile */
	Window		window;
	GridPoint  *point;			/* of the square that is encoded */
	uint32_t	npoints;
	size_t		point_room;
	uint32_t   *record;			/* of the square that is encoded */
	uint32_t	nwords;
	size_t		record_room;
	RingSquare *sorted;
	uint32_t   *start;
	size_t		sorted_room;
	size_t		start_room;
} Build;

#define ROOM(build, array, room, wanted) \
	((array) = mkt_grid_room((build)->index->host, (array), &(room), (wanted), sizeof(*(array))))

/* ---- a ring over a raster ------------------------------------------------------ */

/* The slice of a raster a coordinate falls in; -1 and n are beyond its ends. */
static int
slice(double v, double origin, double scale, int n)
{
	double		at = floor((v - origin) * scale);

	return at < 0 ? -1 : at >= n ? n : (int) at;
}

static double
row_middle(const Raster *raster, int row)
{
	return raster->y + (row + 0.5) * raster->size;
}

/* Where the edge is at a height, or at that of its nearer end. */
static double
x_at(const GridPoint *a, const GridPoint *b, double y)
{
	y = fmin(fmax(y, fmin(a->y, b->y)), fmax(a->y, b->y));
	if (y == a->y)
		return a->x;
	if (y == b->y)
		return b->x;
	return a->x + (b->x - a->x) * ((y - a->y) / (b->y - a->y));
}

/* The squares of the raster that the box of some points touches. */
static bool
open_window(Build *build, const Raster *raster, double xmin, double ymin, double xmax, double ymax)
{
	Window	   *window = &build->window;
	int			col1 = slice(xmax + GRID_MARGIN, raster->x, raster->scale, raster->cols);
	int			row1 = slice(ymax + GRID_MARGIN, raster->y, raster->scale, raster->rows);
	size_t		nsquares;

	window->col = slice(xmin - GRID_MARGIN, raster->x, raster->scale, raster->cols);
	window->row = slice(ymin - GRID_MARGIN, raster->y, raster->scale, raster->rows);
	if (window->col < 0)
		window->col = 0;
	if (window->row < 0)
		window->row = 0;
	window->cols = (col1 < raster->cols ? col1 + 1 : raster->cols) - window->col;
	window->rows = (row1 < raster->rows ? row1 + 1 : raster->rows) - window->row;
	window->nlisted = 0;
	if (window->cols <= 0 || window->rows <= 0)
		return false;
	nsquares = (size_t) window->cols * window->rows;
	ROOM(build, window->step, window->step_room, nsquares);
	ROOM(build, window->own, window->own_room, nsquares);
	ROOM(build, window->count, window->count_room, nsquares);
	memset(window->step, 0, nsquares * sizeof(int32_t));
	memset(window->own, 0, nsquares * sizeof(int32_t));
	memset(window->count, 0, nsquares * sizeof(uint32_t));
	return true;
}

/* Add to all squares of the window in the rows whose middle is at y or above. */
static void
add_above(Window *window, const Raster *raster, double y, int sign)
{
	for (int row = 0; row < window->rows; row++)
	{
		if (row_middle(raster, window->row + row) >= y)
			window->step[(size_t) row * window->cols] += sign;
	}
}

/* One edge in one row: list it where it comes near, count it to the left of there. */
static void
add_edge_row(Build *build, const Raster *raster, uint32_t vertex, int row)
{
	Window	   *window = &build->window;
	const GridPoint *a = &build->index->vertex[vertex];
	const GridPoint *b = a + 1;
	size_t		line = (size_t) (row - window->row) * window->cols;
	double		bottom = raster->y + row * raster->size - GRID_MARGIN;
	double		top = raster->y + (row + 1) * raster->size + GRID_MARGIN;
	double		middle = row_middle(raster, row);
	double		x1 = a->y == b->y ? a->x : x_at(a, b, bottom);
	double		x2 = a->y == b->y ? b->x : x_at(a, b, top);
	bool		near_a = a->y >= bottom && a->y <= top;
	bool		near_b = b->y >= bottom && b->y <= top;
	int			from,
				to;

	from = slice(fmin(x1, x2) - GRID_MARGIN, raster->x, raster->scale, raster->cols) - window->col;
	to = slice(fmax(x1, x2) + GRID_MARGIN, raster->x, raster->scale, raster->cols) - window->col;

	if (from > 0 && (a->y <= middle) != (b->y <= middle))
	{
		int			sign = a->y <= middle ? 1 : -1;

		window->step[line] += sign;
		if (from < window->cols)
			window->step[line + from] -= sign;
	}
	for (int col = from > 0 ? from : 0; col <= to && col < window->cols; col++)
	{
		double		right = raster->x + (window->col + col + 1) * raster->size;
		uint32_t	edge = vertex << 2;

		if (near_a && a->x > right)
		{
			edge |= GRID_FROM_START;
			window->own[line + col] += middle >= a->y;
		}
		if (near_b && b->x > right)
		{
			edge |= GRID_FROM_END;
			window->own[line + col] -= middle >= b->y;
		}
		window->count[line + col]++;
		ROOM(build, window->listed, window->listed_room, window->nlisted + 1);
		window->listed[window->nlisted++] = (uint64_t) (line + col) << 32 | edge;
	}
}

/* The window's squares that the ring touches or winds around, into the pool. */
static void
close_window(Build *build, const Raster *raster, uint32_t ring, int32_t rest, Pool *pool)
{
	Window	   *window = &build->window;
	size_t		at = 0;

	ROOM(build, pool->edge, pool->edges_room, pool->nedges + window->nlisted + 1);
	for (int row = 0; row < window->rows; row++)
	{
		int32_t		sum = rest;

		for (int col = 0; col < window->cols; col++, at++)
		{
			uint32_t	nedges = window->count[at];

			sum += window->step[at];
			window->count[at] = (uint32_t) pool->nedges;	/* from now on: where its next edge goes */
			if (nedges == 0 && sum + window->own[at] == 0)
				continue;
			ROOM(build, pool->item, pool->items_room, pool->nitems + 1);
			pool->item[pool->nitems++] = (RingSquare)
			{
				(uint32_t) (window->row + row) * raster->cols + window->col + col,
				ring, sum + window->own[at], nedges, (uint32_t) pool->nedges
			};
			pool->nedges += nedges;
		}
	}
	for (size_t i = 0; i < window->nlisted; i++)
		pool->edge[window->count[window->listed[i] >> 32]++] = (uint32_t) window->listed[i];
	if (pool->nitems * sizeof(RingSquare) + pool->nedges * sizeof(uint32_t) > build->limit)
		build->overflow = true;
}

/*
 * One ring over the squares of a raster: edges as listed for the whole raster
 * (with the flags of there), and rest of there.
 */
static void
divide(Build *build, const Raster *raster, uint32_t ring, int32_t rest,
	   const uint32_t *edge, uint32_t nedges, Pool *pool)
{
	Window	   *window = &build->window;
	const GridPoint *vertex = build->index->vertex;

	for (uint32_t i = 0; i < nedges && !build->overflow; i++)
	{
		const GridPoint *a = &vertex[edge[i] >> 2];
		const GridPoint *b = a + 1;
		int			from = slice(fmin(a->y, b->y) - GRID_MARGIN, raster->y, raster->scale, raster->rows);
		int			to = slice(fmax(a->y, b->y) + GRID_MARGIN, raster->y, raster->scale, raster->rows);

		if (edge[i] & GRID_FROM_START)
			add_above(window, raster, a->y, -1);
		if (edge[i] & GRID_FROM_END)
			add_above(window, raster, b->y, 1);
		if (a->x == b->x && a->y == b->y)
			continue;			/* a vertex given twice */
		if (from < window->row)
			from = window->row;
		if (to >= window->row + window->rows)
			to = window->row + window->rows - 1;
		for (int row = from; row <= to; row++)
			add_edge_row(build, raster, edge[i] >> 2, row);
		if (window->nlisted * sizeof(uint64_t) > build->limit)
			build->overflow = true;
	}
	close_window(build, raster, ring, rest, pool);
}

/* ---- tiles ---------------------------------------------------------------------- */

static void
set_extent(GridIndex *index)
{
	bool		first = true;

	index->xmin = index->ymin = 0;
	index->xmax = index->ymax = -1; /* nothing is inside */
	for (uint32_t i = 0; i < index->nrings; i++)
	{
		const GridRing *ring = &index->ring[i];

		for (uint32_t v = ring->first; v <= ring->first + ring->nedges; v++)
		{
			GridPoint	p = index->vertex[v];

			index->xmin = first ? p.x : fmin(index->xmin, p.x);
			index->ymin = first ? p.y : fmin(index->ymin, p.y);
			index->xmax = first ? p.x : fmax(index->xmax, p.x);
			index->ymax = first ? p.y : fmax(index->ymax, p.y);
			first = false;
		}
	}
}

/* As many tiles as the edges deserve, square, over the extent of the map. */
static void
lay_tiles(Build *build)
{
	GridIndex  *index = build->index;
	double		wide = fmax(index->xmax - index->xmin, SMALLEST_SIZE);
	double		high = fmax(index->ymax - index->ymin, SMALLEST_SIZE);
	double		wished = fmin(index->nedges / EDGES_PER_TILE, TILES_MAX) * fmin(build->share, 1);
	double		size = fmax(sqrt(wide * high / fmax(wished, 1)), SMALLEST_SIZE);

	/* a map that is one long strip: not more tiles than wished for that way */
	size = fmax(size, fmax(wide, high) / fmax(wished, 1));
	index->size = size;
	index->scale = 1 / size;
	index->cols = (uint32_t) fmax(ceil(wide / size), 1);
	index->rows = (uint32_t) fmax(ceil(high / size), 1);
	build->tiles = (Raster) {index->xmin, index->ymin, size, index->scale,
		(int) index->cols, (int) index->rows};
	index->tile = index->host->resize(index->tile, (size_t) index->cols * index->rows * sizeof(GridTile));
}

static void
divide_ring(Build *build, uint32_t number)
{
	const GridIndex *index = build->index;
	const GridRing *ring = &index->ring[number];
	GridPoint	low = index->vertex[ring->first];
	GridPoint	high = low;
	uint32_t   *edge;

	ROOM(build, build->start, build->start_room, (size_t) ring->nedges + 1);
	edge = build->start;
	for (uint32_t i = 0; i < ring->nedges; i++)
	{
		GridPoint	p = index->vertex[ring->first + i];

		edge[i] = (ring->first + i) << 2;
		low = (GridPoint) {fmin(low.x, p.x), fmin(low.y, p.y)};
		high = (GridPoint) {fmax(high.x, p.x), fmax(high.y, p.y)};
	}
	if (open_window(build, &build->tiles, low.x, low.y, high.x, high.y))
		divide(build, &build->tiles, number, 0, edge, ring->nedges, &build->tile_rings);
}

/*
 * The pool's items by square, rings in order within one: into sorted, those
 * of square s from start[s] to start[s + 1].
 */
static void
sort_by_square(Build *build, const Pool *pool, size_t nsquares)
{
	ROOM(build, build->sorted, build->sorted_room, pool->nitems + 1);
	ROOM(build, build->start, build->start_room, nsquares + 2);
	memset(build->start, 0, (nsquares + 2) * sizeof(uint32_t));
	for (size_t i = 0; i < pool->nitems; i++)
		build->start[pool->item[i].square + 2]++;
	for (size_t s = 2; s < nsquares + 2; s++)
		build->start[s] += build->start[s - 1];
	for (size_t i = 0; i < pool->nitems; i++)
		build->sorted[build->start[pool->item[i].square + 1]++] = pool->item[i];
}

/* How many squares a side for a tile near which so many edges come. */
static uint32_t
choose_side(const Build *build, double nedges)
{
	double		side = sqrt(nedges * SQUARES_PER_EDGE * build->share);

	side = fmin(side, fmin(SIDE_MAX, build->index->size / SMALLEST_SIZE));
	return (uint32_t) fmax(side, 1);
}

/* ---- squares -------------------------------------------------------------------- */

static void
put_word(Build *build, uint32_t word)
{
	ROOM(build, build->record, build->record_room, build->nwords + (size_t) 1);
	build->record[build->nwords++] = word;
}

/* Number of a point in the square's list. Neighbours share their borders. */
static uint32_t
put_point(Build *build, GridPoint p)
{
	uint32_t	n = build->npoints;

	for (uint32_t i = n; i > 0 && i + POINTS_BACK > n; i--)
	{
		if (build->point[i - 1].x == p.x && build->point[i - 1].y == p.y)
			return i - 1;
	}
	ROOM(build, build->point, build->point_room, n + (size_t) 1);
	build->point[build->npoints++] = p;
	return n;
}

/*
 * The rings of one polygon in one square, n of them: the outer one first, or
 * the square is outside. A hole that holds all of the square ends the
 * matter for points inside of what came before; if that was no edge, for all.
 */
static bool
encode_part(Build *build, const Pool *pool, const RingSquare *item, uint32_t n)
{
	GridIndex  *index = build->index;
	const GridRing *shell = &index->ring[item[0].ring];
	uint32_t	ordinal = index->part_cell[shell->part];
	bool		edges = item[0].nedges > 0;

	if (shell->hole)
		return false;
	for (uint32_t i = 1; i < n; i++)
	{
		if (item[i].nedges == 0)
		{
			if (!edges)
				return false;
			n = i + 1;
		}
		edges = edges || item[i].nedges > 0;
	}
	if (!edges)
	{
		put_word(build, ordinal | GRID_WHOLE);
		return true;
	}
	put_word(build, ordinal);
	for (uint32_t i = 0; i < n; i++)
	{
		put_word(build, item[i].nedges << 1 | (i == n - 1));
		put_word(build, (uint32_t) item[i].rest);
		for (uint32_t e = 0; e < item[i].nedges; e++)
		{
			uint32_t	edge = pool->edge[item[i].first + e];
			const GridPoint *a = &index->vertex[edge >> 2];

			put_word(build, put_point(build, a[0]) << 2 | (edge & (GRID_FROM_START | GRID_FROM_END)));
			put_word(build, put_point(build, a[1]));
		}
	}
	return true;
}

/* The word of a square, from its n rings. */
static uint32_t
encode_square(Build *build, const Pool *pool, const RingSquare *item, uint32_t n)
{
	GridIndex  *index = build->index;
	uint32_t	begin = index->nstream;
	uint32_t	last = 0;
	uint32_t	next;
	size_t		length;

	build->npoints = build->nwords = 0;

	for (uint32_t i = 0; i < n; i = next)
	{
		uint32_t	head = build->nwords;

		for (next = i + 1; next < n; next++)
		{
			if (index->ring[item[next].ring].part != index->ring[item[i].ring].part)
				break;
		}
		if (encode_part(build, pool, item + i, next - i))
			last = head;
	}
	if (build->nwords == 0)
		return 0;
	if (build->nwords == 1)
		return (build->record[0] & GRID_ORDINAL) + 1;

	build->record[last] |= GRID_LAST;
	length = 1 + 4 * (size_t) build->npoints + build->nwords;
	ROOM(build, index->stream, index->stream_room, begin + length);
	index->stream[begin] = build->npoints;
	if (build->npoints > 0)
		memcpy(index->stream + begin + 1, build->point, build->npoints * sizeof(GridPoint));
	memcpy(index->stream + begin + length - build->nwords, build->record,
		   build->nwords * sizeof(uint32_t));
	index->nstream += length;
	return GRID_LIST | begin;
}

static void
build_tile(Build *build, uint32_t number, const RingSquare *item, uint32_t nitems)
{
	GridIndex  *index = build->index;
	GridTile   *tile = &index->tile[number];
	Pool	   *pool = &build->square_rings;
	Raster		raster;
	double		nedges = 0;
	size_t		nsquares;

	for (uint32_t i = 0; i < nitems; i++)
		nedges += item[i].nedges;
	tile->side = choose_side(build, nedges);
	tile->first = index->nstream;
	nsquares = (size_t) tile->side * tile->side;
	raster.cols = raster.rows = (int) tile->side;
	raster.x = index->xmin + (number % index->cols) * index->size;
	raster.y = index->ymin + (number / index->cols) * index->size;
	raster.scale = index->scale * raster.cols;
	raster.size = index->size / raster.cols;

	pool->nitems = pool->nedges = 0;
	for (uint32_t i = 0; i < nitems; i++)
	{
		open_window(build, &raster, raster.x, raster.y, raster.x + index->size, raster.y + index->size);
		divide(build, &raster, item[i].ring, item[i].rest,
			   build->tile_rings.edge + item[i].first, item[i].nedges, pool);
	}
	sort_by_square(build, pool, nsquares);
	index->nsquares += nsquares;
	if (nsquares == 1)
	{
		tile->side = 0;
		tile->first = encode_square(build, pool, build->sorted, build->start[1]);
		return;
	}
	ROOM(build, index->stream, index->stream_room, index->nstream + nsquares);
	index->nstream += nsquares;
	for (size_t s = 0; s < nsquares; s++)
	{
		uint32_t	word = encode_square(build, pool, build->sorted + build->start[s],
										 build->start[s + 1] - build->start[s]);

		index->stream[tile->first + s] = word;
	}
}

/* ---- the whole ------------------------------------------------------------------- */

size_t
mkt_grid_bytes(const GridIndex *index)
{
	return sizeof(GridIndex) + (size_t) index->ncells * 2 * sizeof(int32_t) +
		(size_t) index->cols * index->rows * sizeof(GridTile) +
		(size_t) index->nstream * sizeof(uint32_t);
}

/* Another ring or tile is done: does it still fit? */
static bool
go_on(Build *build)
{
	build->index->host->check();
	if (mkt_grid_bytes(build->index) > build->limit)
		build->overflow = true;
	return !build->overflow;
}

static bool
attempt(Build *build)
{
	GridIndex  *index = build->index;
	size_t		ntiles;
	RingSquare *item;
	uint32_t   *start;

	build->overflow = false;
	build->tile_rings.nitems = build->tile_rings.nedges = 0;
	index->nsquares = index->nstream = 0;
	ROOM(build, index->stream, index->stream_room,
		 fmin((double) index->nedges * WORDS_PER_EDGE, build->limit / sizeof(uint32_t)) + 1);
	lay_tiles(build);
	ntiles = (size_t) index->cols * index->rows;
	for (uint32_t i = 0; i < index->nrings && go_on(build); i++)
		divide_ring(build, i);
	if (!go_on(build))
		return false;

	/* what is sorted by tile stays while that of a tile is sorted by square */
	sort_by_square(build, &build->tile_rings, ntiles);
	item = build->sorted;
	start = build->start;
	build->sorted = NULL;
	build->start = NULL;
	build->sorted_room = build->start_room = 0;
	for (size_t t = 0; t < ntiles && go_on(build); t++)
		build_tile(build, (uint32_t) t, item + start[t], start[t + 1] - start[t]);
	index->host->resize(item, 0);
	index->host->resize(start, 0);
	return go_on(build);
}

static void *
release(const GridHost *host, void *array)
{
	if (array != NULL)
		host->resize(array, 0);
	return NULL;
}

bool
mkt_grid_compile(GridIndex *index, size_t limit)
{
	const GridHost *host = index->host;
	Build		build = {.index = index, .limit = limit, .share = 1};
	bool		fit;

	set_extent(index);
	while (!(fit = attempt(&build)) && build.share > 0)
		build.share = build.share > 1e-6 ? build.share / 4 : 0;		/* 0: one square, all edges */

	release(host, build.tile_rings.item);
	release(host, build.tile_rings.edge);
	release(host, build.square_rings.item);
	release(host, build.square_rings.edge);
	release(host, build.window.step);
	release(host, build.window.own);
	release(host, build.window.count);
	release(host, build.window.listed);
	release(host, build.point);
	release(host, build.record);
	release(host, build.sorted);
	release(host, build.start);
	index->ring = release(host, index->ring);
	index->part_cell = release(host, index->part_cell);
	index->vertex = release(host, index->vertex);
	if (fit)
		index->stream = host->resize(index->stream, index->nstream * sizeof(uint32_t));
	return fit;
}

void
mkt_grid_free(GridIndex *index)
{
	release(index->host, index->cell_id);
	release(index->host, index->grid_id);
	release(index->host, index->part_cell);
	release(index->host, index->ring);
	release(index->host, index->vertex);
	release(index->host, index->tile);
	release(index->host, index->stream);
}
