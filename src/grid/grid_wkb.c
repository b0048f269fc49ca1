/*-------------------------------------------------------------------------
 *
 * grid_wkb.c
 *		Polygons in well-known binary, checked and taken into a GridIndex.
 *
 * Polygon and MultiPolygon as ST_AsBinary writes them (ISO), in either byte
 * order; Z and M are skipped. Nothing is believed before it is checked: the
 * bytes may come from anywhere. Pure C, see grid_core.h.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "grid_core.h"

#define WKB_POLYGON 3
#define WKB_MULTIPOLYGON 6

/* Bytes still unread. A read past the end sets failed and gives zeros. */
typedef struct Reader
{
	const uint8_t *at;
	const uint8_t *end;
	bool		little;
	bool		failed;
} Reader;

static const char *add_polygon(GridIndex *index, Reader *in, uint32_t dims, uint32_t ordinal);
static const char *add_ring(GridIndex *index, Reader *in, uint32_t dims, uint32_t part,
							bool hole, bool *empty);

/* The array with room for so many items: grows by half as much again. */
void *
mkt_grid_room(const GridHost *host, void *array, size_t *room, size_t wanted, size_t item)
{
	if (wanted <= *room)
		return array;
	*room = wanted + wanted / 2 + 16;
	return host->resize(array, *room * item);
}

/* ---- reading --------------------------------------------------------------- */

static uint64_t
read_bytes(Reader *in, size_t n)
{
	uint64_t	value = 0;

	if ((size_t) (in->end - in->at) < n)
	{
		in->failed = true;
		in->at = in->end;
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		value |= (uint64_t) in->at[i] << 8 * (in->little ? i : n - 1 - i);
	in->at += n;
	return value;
}

static uint32_t
read_uint32(Reader *in)
{
	return (uint32_t) read_bytes(in, 4);
}

static double
read_double(Reader *in)
{
	uint64_t	bits = read_bytes(in, 8);
	double		value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

/* Byte order and type of a geometry; the type 0 is one that is not taken. */
static uint32_t
read_type(Reader *in, uint32_t *dims)
{
	uint64_t	order = read_bytes(in, 1);
	uint32_t	type;

	if (order > 1)
		return 0;
	in->little = order == 1;
	type = read_uint32(in);
	if (type >= 4000)
		return 0;
	*dims = 2 + (type >= 1000) + (type >= 3000);
	return type % 1000;
}

/* ---- taking in --------------------------------------------------------------- */

const char *
mkt_grid_add(GridIndex *index, int32_t cell_id, int32_t grid_id,
			 const uint8_t *wkb, size_t length)
{
	Reader		in = {wkb, wkb + length, false, false};
	uint32_t	ordinal = index->ncells;
	uint32_t	dims = 2;
	uint32_t	type = read_type(&in, &dims);
	uint32_t	npolygons = 1;
	const char *problem = NULL;
	size_t		room = index->cells_room;

	if (type != WKB_POLYGON && type != WKB_MULTIPOLYGON)
		return "it is neither a polygon nor a multipolygon";
	if (ordinal > 0 && index->cell_id[ordinal - 1] >= cell_id)
		return "cells must come in ascending order";
	if (ordinal >= GRID_ORDINAL)
		return "there are too many cells";

	index->cell_id = mkt_grid_room(index->host, index->cell_id, &room,
								   ordinal + (size_t) 1, sizeof(int32_t));
	index->grid_id = mkt_grid_room(index->host, index->grid_id, &index->cells_room,
								   ordinal + (size_t) 1, sizeof(int32_t));
	index->cell_id[ordinal] = cell_id;
	index->grid_id[ordinal] = grid_id;
	index->ncells++;

	if (type == WKB_MULTIPOLYGON)
		npolygons = read_uint32(&in);
	for (uint32_t i = 0; i < npolygons && problem == NULL && !in.failed; i++)
	{
		uint32_t	inner_dims = dims;

		if (type == WKB_MULTIPOLYGON &&
			(read_type(&in, &inner_dims) != WKB_POLYGON || inner_dims != dims))
			return "a part of it is not a polygon";
		problem = add_polygon(index, &in, dims, ordinal);
	}
	if (problem == NULL && in.failed)
		problem = "its bytes end too early";
	if (problem == NULL && in.at != in.end)
		problem = "bytes follow its end";
	return problem;
}

static const char *
add_polygon(GridIndex *index, Reader *in, uint32_t dims, uint32_t ordinal)
{
	uint32_t	nrings = read_uint32(in);
	uint32_t	part = index->nparts;
	bool		hollow = false;

	for (uint32_t i = 0; i < nrings && !in->failed; i++)
	{
		GridIndex	before = *index;
		bool		empty = false;
		const char *problem = add_ring(index, in, dims, part, i > 0, &empty);

		if (problem != NULL)
			return problem;
		if (i == 0)
			hollow = empty;
		if (hollow)
		{
			/* a hole in nothing */
			index->nrings = before.nrings;
			index->nvertices = before.nvertices;
			index->nedges = before.nedges;
		}
	}
	if (nrings > 0 && !hollow)
	{
		index->part_cell = mkt_grid_room(index->host, index->part_cell, &index->parts_room,
										 part + (size_t) 1, sizeof(uint32_t));
		index->part_cell[part] = ordinal;
		index->nparts++;
	}
	return NULL;
}

static const char *
add_ring(GridIndex *index, Reader *in, uint32_t dims, uint32_t part, bool hole, bool *empty)
{
	uint32_t	npoints = read_uint32(in);
	uint32_t	first = index->nvertices;
	GridPoint  *vertex;

	if (in->failed || npoints > (size_t) (in->end - in->at) / (dims * sizeof(double)))
	{
		in->failed = true;
		return NULL;
	}
	*empty = npoints == 0;
	if (*empty)
		return NULL;
	if (npoints > GRID_VERTICES_MAX - first)
		return "the map has too many vertices";
	index->vertex = mkt_grid_room(index->host, index->vertex, &index->vertices_room,
								  first + (size_t) npoints, sizeof(GridPoint));
	vertex = index->vertex + first;
	for (uint32_t i = 0; i < npoints; i++)
	{
		vertex[i].x = read_double(in);
		vertex[i].y = read_double(in);
		in->at += (dims - 2) * sizeof(double);
		/* so written that NaN fails as well */
		if (!(vertex[i].x >= -180 && vertex[i].x <= 180 && vertex[i].y >= -90 && vertex[i].y <= 90))
			return "a vertex is not a longitude and a latitude";
	}
	if (vertex[0].x != vertex[npoints - 1].x || vertex[0].y != vertex[npoints - 1].y)
		return "a ring is not closed";
	index->nvertices += npoints;
	index->nedges += npoints - 1;
	index->ring = mkt_grid_room(index->host, index->ring, &index->rings_room,
								index->nrings + (size_t) 1, sizeof(GridRing));
	index->ring[index->nrings++] = (GridRing) {first, npoints - 1, part, hole};
	return NULL;
}
