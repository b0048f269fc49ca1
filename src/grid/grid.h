/*-------------------------------------------------------------------------
 *
 * grid.h
 *		The map inside the server.
 *
 *	grid_core.h		the compiled map, pure C, and its parts grid_wkb.c (polygons
 *					in), grid_build.c (compiling), grid_find.c (asking)
 *	grid_index.c	one compiled map for this backend, kept true
 *	grid_locate.c	the SQL functions
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
	Size		bytes;
	double		build_ms;
	TimestampTz built_at;
} GridMap;

extern void mkt_grid_init(void);
extern const GridMap *mkt_grid_map(void);

#endif							/* GRID_H */
