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

/* The people of a unit or of a grid: first .. first + n - 1 of a list. */
typedef struct StrategyPool
{
	int32		id;				/* first */
	int			first;
	int			n;
} StrategyPool;

typedef struct StrategyCell
{
	int32		cell_id;		/* first */
	int32		org_id;
	StrategyPool *unit;			/* NULL: nobody stands in it */
	StrategyPool *grid;			/* NULL: nor in its grid */
} StrategyCell;

/* A customer of the field, and who goes there. */
typedef struct StrategyRouted
{
	uint32		i;
	const StrategyCell *cell;	/* or NULL */
	StrategyPerson *person;
} StrategyRouted;

struct StrategyRouting
{
	pg_uuid_t	stamp;
	int			npeople;
	StrategyPerson *people;
	int		   *by_unit;		/* people by unit, then staff_id */
	int			nunits;
	StrategyPool *units;
	int		   *by_grid;		/* people by grid, then staff_id */
	int			ngrids;
	StrategyPool *grids;
	int			ncells;
	StrategyCell *cells;
	char	   *loads_round;	/* loads were counted for the deployment of this round */
	int64		loads_block;	/* and are those before this block */
};

/* Have the loads at hand with which to deploy a block. */
extern void mkt_strategy_loads(StrategyRouting *routing, const text *round, int64 block);

/* Where a customer of the field stands: a cell, or NULL. */
extern StrategyCell *mkt_strategy_place(StrategyDecision *decision, uint32 i);

/* Find a person for each of the customers, which come in ascending order. */
extern void mkt_strategy_assign(StrategyDecision *decision, StrategyRouted *routed, int n);

/* The unit that answers for the customer; false: none. */
extern bool mkt_strategy_unit(const StrategyRouted *routed, int32 *org_id);

extern StrategyCell *mkt_strategy_cell(const StrategyRouting *routing, int32 cell_id);

#endif							/* STRATEGY_ROUTE_H */
