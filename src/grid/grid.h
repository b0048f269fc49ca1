/*-------------------------------------------------------------------------
 *
 * grid.h
 *		The map inside the server.
 *
 *	grid_core.h		the compiled map, pure C, and its parts grid_wkb.c (polygons
 *					in), grid_build.c (compiling), grid_find.c (asking)
 *	grid_index.c	one compiled map for this backend, kept true
 *	grid_point.c	what is a point on the map
 *	grid_locate.c	the SQL functions: a point to its cell
 *	grid_many.c		the same for many points at once
 *
 *-------------------------------------------------------------------------
 */
#ifndef GRID_H
#define GRID_H

#include "datatype/timestamp.h"

#include "grid_core.h"

/* The compiled map as the caller's statement sees it. */
typedef struct GridMap
{
	GridIndex  *index;
	uint8	   *visible;		/* by ordinal; NULL: the caller sees all cells */
	uint64		generation;		/* another one after each compiling */
	Size		bytes;
	double		build_ms;
	TimestampTz built_at;
} GridMap;

extern void mkt_grid_init(void);
extern const GridMap *mkt_grid_map(void);

/* ---- grid_point.c ------------------------------------------------------ */

#define MAP_SRID		4326
#define CGCS2000_SRID	4490

/* What the checks ask about a geometry. */
typedef struct GridShape
{
	uint32		type;
	int32		srid;
	bool		empty;
	double		x;				/* of a point */
	double		y;
} GridShape;

extern bool mkt_grid_on_earth(double lon, double lat);
extern void mkt_grid_check_coordinates(double lon, double lat);

/* A geometry value of that type, PostGIS' own. */
extern GridShape mkt_grid_read_shape(Datum geometry, Oid type);

/* Is it a point on the map? And: an error that says what it is instead. */
extern bool mkt_grid_is_place(const GridShape *shape);
extern void mkt_grid_check_place(const GridShape *shape);

#endif							/* GRID_H */
