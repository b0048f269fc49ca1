/*-------------------------------------------------------------------------
 *
 * strategy_route.h
 *		The people, units and cells that routing goes by.
 *
 *-------------------------------------------------------------------------
 */
#ifndef STRATEGY_ROUTE_H
#define STRATEGY_ROUTE_H

#include "strategy.h"

/* A person who can be given tasks. */
typedef struct StrategyPerson
{
	int32		staff_id;		/* first: people are sorted and sought by it */
	int32		org_id;
	int32		grid_id;		/* 0: stands above the grids */
	bool		individual;		/* stands in a unit of tier 7 */
	int64		load;			/* open work orders */
	int64		turn;			/* the same, and customers given in this block */
} StrategyPerson;

/* A unit with active people: by_unit[first .. first + n - 1]. */
typedef struct StrategyUnit
{
	int32		org_id;			/* first */
	int			first;
	int			n;
} StrategyUnit;

typedef struct StrategyCell
{
	int32		cell_id;		/* first */
	int32		org_id;
	int			unit;			/* -1: nobody stands in it */
	bool		served;			/* somebody stands in it, or in its grid */
} StrategyCell;

struct StrategyRouting
{
	pg_uuid_t	stamp;
	int			npeople;
	StrategyPerson *people;
	int		   *by_unit;		/* people by unit, then staff_id */
	int32	   *grids;			/* npeople, ascending: those of the people */
	int			nunits;
	StrategyUnit *units;
	int			ncells;
	StrategyCell *cells;
};

extern StrategyCell *mkt_strategy_cell(const StrategyRouting *routing, int32 cell_id);

#endif							/* STRATEGY_ROUTE_H */
