/*-------------------------------------------------------------------------
 *
 * tag_eval.c
 *		A plan's answer: which block comes next, who is in it, is one in it.
 *
 * Blocks are visited in ascending order. Before any bitmap is read, the plan
 * is asked for the next block that can have members at all: the cheapest
 * operand of an intersection proposes, the others must agree, so a rare tag
 * makes its dense partners seek instead of step. A cursor sent ahead in this
 * way says "nothing" of the blocks it skipped; that is right, because then the
 * intersection it belongs to has nobody there.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "tag.h"

static int64 next_of_set(const Tagmap *map, int64 from);
static int64 next_of_all(TagPlan *plan, int64 from);
static int64 next_of_any(TagPlan *plan, int64 from);

int64
mkt_tag_plan_next(TagPlan *plan, int64 from)
{
	switch (plan->kind)
	{
		case TAG_PLAN_NONE:
			return TAG_BLOCK_END;
		case TAG_PLAN_LEAF:
		case TAG_PLAN_RANGE:
			return mkt_tag_cursor_seek(plan->cursor, from);
		case TAG_PLAN_SET:
			return next_of_set(plan->map, from);
		case TAG_PLAN_TERM:
			return next_of_all(plan, from);
		case TAG_PLAN_UNION:
			break;
	}
	return next_of_any(plan, from);
}

static int64
next_of_set(const Tagmap *map, int64 from)
{
	TagmapCursor cursor;

	mkt_tagmap_open(&cursor, map);
	return mkt_tagmap_seek(&cursor, (uint32) from) ? cursor.chunk.block : TAG_BLOCK_END;
}

static void
eval_set(const Tagmap *map, int64 block, TagSet *result)
{
	result->kind = TAG_SET_EMPTY;
	result->count = 0;
	if (!mkt_tagmap_find(map, (uint32) block, &result->chunk))
		return;
	result->count = result->chunk.card;
	result->kind = result->count == TAGMAP_BLOCK_BITS ? TAG_SET_FULL : TAG_SET_CHUNK;
}

static int64
next_of_all(TagPlan *plan, int64 from)
{
	int			agreed = 0;

	for (int i = 0; agreed < plan->nyes; i = (i + 1) % plan->nyes)
	{
		int64		next = mkt_tag_plan_next(plan->yes[i], from);

		if (next == TAG_BLOCK_END)
			return next;
		if (next > from)
		{
			/* begin anew, with the cheapest */
			from = next;
			agreed = i == 0 ? 1 : 0;
			if (i > 0)
				i = -1;
		}
		else
			agreed++;
	}
	return from;
}

static int64
next_of_any(TagPlan *plan, int64 from)
{
	int64		best = TAG_BLOCK_END;

	for (int i = 0; i < plan->nyes && best > from; i++)
		best = Min(best, mkt_tag_plan_next(plan->yes[i], from));
	return best;
}

void
mkt_tag_plan_eval(TagPlan *plan, int64 block, bool count_only, TagSet *result)
{
	TagSet		exists;

	switch (plan->kind)
	{
		case TAG_PLAN_NONE:
			result->kind = TAG_SET_EMPTY;
			result->count = 0;
			return;
		case TAG_PLAN_LEAF:
			mkt_tag_set_from_cursor(plan->cursor, block, result);
			return;
		case TAG_PLAN_RANGE:
			mkt_tag_set_from_cursor(plan->cursor, block, &exists);
			mkt_tag_number_range(plan->number, &exists, plan->range, block, &plan->room,
								 result);
			return;
		case TAG_PLAN_SET:
			eval_set(plan->map, block, result);
			return;
		case TAG_PLAN_TERM:
		case TAG_PLAN_UNION:
			break;
	}
	for (int i = 0; i < plan->nyes; i++)
	{
		mkt_tag_plan_eval(plan->yes[i], block, false, &plan->sets[i]);
		if (plan->kind == TAG_PLAN_TERM && plan->sets[i].kind == TAG_SET_EMPTY)
		{
			*result = plan->sets[i];
			return;
		}
		if (plan->kind == TAG_PLAN_UNION && plan->sets[i].kind == TAG_SET_FULL)
		{
			*result = plan->sets[i];
			return;
		}
	}
	for (int i = 0; i < plan->nno; i++)
		mkt_tag_plan_eval(plan->no[i], block, false, &plan->sets[plan->nyes + i]);
	if (plan->kind == TAG_PLAN_TERM)
		mkt_tag_set_term(plan->sets, plan->nyes, plan->sets + plan->nyes, plan->nno,
						 count_only, &plan->room, result);
	else
		mkt_tag_set_union(plan->sets, plan->nyes, count_only, &plan->room, result);
}

bool
mkt_tag_plan_step(TagPlan *plan, bool count_only, int64 *block, TagSet *set)
{
	for (;;)
	{
		CHECK_FOR_INTERRUPTS();
		*block = mkt_tag_plan_next(plan, *block + 1);
		if (*block == TAG_BLOCK_END)
			return false;
		mkt_tag_plan_eval(plan, *block, count_only, set);
		set->count = mkt_tag_set_count(set);
		if (set->count > 0)
			return true;
	}
}

/* ---- one customer ------------------------------------------------------------ */

static bool
in_range(const TagRange *range, uint64 value)
{
	int			low = 0;
	int			high = range->n;

	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (range->intervals[middle].high < value)
			low = middle + 1;
		else
			high = middle;
	}
	return low < range->n && range->intervals[low].low <= value;
}

bool
mkt_tag_plan_has(TagPlan *plan, int64 block, uint32 low)
{
	uint64		value;

	switch (plan->kind)
	{
		case TAG_PLAN_NONE:
			return false;
		case TAG_PLAN_LEAF:
			return mkt_tag_cursor_seek(plan->cursor, block) == block &&
				mkt_tagmap_chunk_has(&plan->cursor->chunk, low);
		case TAG_PLAN_RANGE:
			return mkt_tag_number_get(plan->number, block, low, &value) &&
				in_range(plan->range, value);
		case TAG_PLAN_SET:
			return mkt_tagmap_set_has(plan->map, (uint64) block * TAGMAP_BLOCK_BITS + low);
		case TAG_PLAN_TERM:
			for (int i = 0; i < plan->nyes; i++)
			{
				if (!mkt_tag_plan_has(plan->yes[i], block, low))
					return false;
			}
			for (int i = 0; i < plan->nno; i++)
			{
				if (mkt_tag_plan_has(plan->no[i], block, low))
					return false;
			}
			return true;
		case TAG_PLAN_UNION:
			break;
	}
	for (int i = 0; i < plan->nyes; i++)
	{
		if (mkt_tag_plan_has(plan->yes[i], block, low))
			return true;
	}
	return false;
}
