/*-------------------------------------------------------------------------
 *
 * grid_core.h
 *		The compiled map: from a point to the cell that covers it.
 *
 * Pure C: no PostgreSQL header, so that sanitizers and fuzzers run on exactly
 * this code. Where the polygons come from and who may see which cell is
 * none of its business: see grid_index.c.
 *
 * The rule is ST_Covers of PostGIS, bit for bit: a ring is a closed chain of
 * edges, and how often it winds around a point is decided by the sign, in
 * double precision, of (bx-ax)*(py-ay) - (px-ax)*(by-ay) for every edge whose
 * height holds the point's; a zero of it within the edge's box is the border,
 * which belongs to the polygon. Of the cells that cover a point, the one with
 * the lowest number has it.
 *
 * The index is a raster in two levels: tiles of one size over the extent of
 * the map, each divided into side x side squares, more where more edges are.
 * The squares of a tile and what they refer to lie together in the stream,
 * so that a question touches few pages; a tile that needs no division is its
 * own square. A square holds
 *		0				no polygon comes near
 *		ordinal + 1		one polygon covers all of it
 *		GRID_LIST | at	a list in stream[at...]
 * A list, in words of 32 bits, is a number of points, the points (four words
 * each), and records, by ascending cell number:
 *		ordinal | GRID_WHOLE | GRID_LAST	the polygon part may cover the point;
 *											WHOLE: it does, nothing follows;
 *											LAST: no record comes after this
 *		then for its outer ring, and each hole that matters here:
 *		nedges << 1 | last ring, rest, edges...
 * An edge is two words: where it starts, point number << 2 with the two flags
 * below, and the point where it ends. So all that a point is compared with
 * lies together, in one or two cache lines as a rule. Rest is how often
 * the edges of the ring that are not listed wind around every point of the
 * square: they stay GRID_MARGIN away from it, so no rounding can put a point on
 * their other side. What is not constant about them is where they end: a
 * listed edge that leaves the square to the right may meet, at the height of
 * the square, one that is not listed. Its flag stands for a vertical edge
 * from there upwards, and rest is reckoned to match.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GRID_CORE_H
#define GRID_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GRID_MARGIN		1e-9	/* degrees: a thousand times any rounding */
#define GRID_LIST		0x80000000u
#define GRID_LAST		0x80000000u
#define GRID_WHOLE		0x40000000u
#define GRID_ORDINAL	0x3fffffffu
#define GRID_FROM_START 1u		/* the edge's start carries a vertical edge */
#define GRID_FROM_END	2u		/* so does its end */
#define GRID_VERTICES_MAX 0x3fffffffu
#define GRID_BATCH		64		/* points that wait together */

typedef struct GridPoint
{
	double		x;
	double		y;
} GridPoint;

/* A closed ring: vertices first .. first + nedges. */
typedef struct GridRing
{
	uint32_t	first;
	uint32_t	nedges;
	uint32_t	part;			/* number of the polygon it belongs to */
	bool		hole;
} GridRing;

typedef struct GridTile
{
	uint32_t	first;			/* its squares in the stream, row by row */
	uint32_t	side;			/* squares a side; 0: first is its only square's word */
} GridTile;

/* The caller's memory: realloc that never fails; size 0 frees. */
typedef struct GridHost
{
	void	   *(*resize) (void *block, size_t size);
	void		(*check) (void);	/* called every now and then, may not return */
} GridHost;

typedef struct GridIndex
{
	const GridHost *host;

	/* what mkt_grid_add() was given; an ordinal counts cells */
	uint32_t	ncells;
	uint32_t	nparts;
	uint32_t	nrings;
	uint32_t	nvertices;
	uint32_t	nedges;
	int32_t    *cell_id;		/* ascending */
	int32_t    *grid_id;
	uint32_t   *part_cell;		/* ordinal by part; until compiled */
	GridRing   *ring;			/* until compiled */
	GridPoint  *vertex;			/* until compiled */

	/* what mkt_grid_compile() made of it */
	double		xmin;
	double		ymin;
	double		xmax;
	double		ymax;
	double		size;			/* of a tile, in degrees */
	double		scale;			/* tiles a degree */
	uint32_t	cols;
	uint32_t	rows;
	uint32_t	nsquares;
	uint32_t	nstream;
	GridTile   *tile;
	uint32_t   *stream;

	/* allocated sizes of what grows */
	size_t		cells_room;
	size_t		parts_room;
	size_t		rings_room;
	size_t		vertices_room;
	size_t		stream_room;
} GridIndex;

/* grid_wkb.c: take in a cell, numbers ascending. NULL, or what is wrong. */
extern const char *mkt_grid_add(GridIndex *index, int32_t cell_id, int32_t grid_id,
								const uint8_t *wkb, size_t length);
extern void *mkt_grid_room(const GridHost *host, void *array, size_t *room,
						   size_t wanted, size_t item);

/* grid_build.c: make the raster within so many bytes; false if it cannot be. */
extern bool mkt_grid_compile(GridIndex *index, size_t limit);
extern size_t mkt_grid_bytes(const GridIndex *index);
extern void mkt_grid_free(GridIndex *index);

/*
 * grid_find.c: the ordinal of the lowest cell that covers the point, -1 for
 * none. visible, if not NULL, says by ordinal which cells count.
 */
extern int64_t mkt_grid_find(const GridIndex *index, double x, double y,
							 const uint8_t *visible);

/* The same for n points, with fewer waits for memory. */
extern void mkt_grid_find_many(const GridIndex *index, const GridPoint *point, size_t n,
							   const uint8_t *visible, int64_t *ordinal);

/* Twice the signed area of a, b, p as PostGIS computes it: > 0 left, < 0 right. */
static inline double
grid_side(const GridPoint *a, const GridPoint *b, double x, double y)
{
	return (b->x - a->x) * (y - a->y) - (x - a->x) * (b->y - a->y);
}

#endif							/* GRID_CORE_H */
