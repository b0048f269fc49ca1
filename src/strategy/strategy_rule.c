/*-------------------------------------------------------------------------
 *
 * strategy_rule.c
 *		The rules in their fixed order, each a set of refused customers.
 *
 * A rule answers for one strategy and all customers of the field at once:
 * whom it refuses. The first rule that refuses a candidate is the reason, so
 * what each rule counts is its set without those of the rules before it. A new
 * rule is a function and a line of the table.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "mkt_hash.h"
#include "strategy.h"

typedef const uint64 *(*RuleFunction) (StrategyDecision *decision, StrategyLane *lane,
									   StrategyVerdict *verdict);

/* ---- sets of a field ------------------------------------------------------------ */

uint64 *
mkt_strategy_bits(StrategyDecision *decision)
{
	if (decision->pooled == decision->npool)
	{
		MemoryContext old = MemoryContextSwitchTo(decision->context);
		int			more = Max(16, decision->npool / 2);

		decision->pool = decision->pool == NULL ? palloc(more * sizeof(uint64 *)) :
			repalloc(decision->pool, (decision->npool + more) * sizeof(uint64 *));
		for (int i = 0; i < more; i++)
			decision->pool[decision->npool++] = palloc(decision->words * sizeof(uint64));
		MemoryContextSwitchTo(old);
	}
	return decision->pool[decision->pooled++];
}

uint32
mkt_strategy_count(StrategyDecision *decision, const uint64 *a)
{
	if (a == NULL)
		return 0;
	if (decision->words == TAGMAP_WORDS)
		return mkt_tagmap_kernel->count((const uint64_t *) a);
	return pg_popcount64(a[0]);
}

const uint64 *
mkt_strategy_and(StrategyDecision *decision, const uint64 *a, const uint64 *b)
{
	uint64	   *result;

	if (a == NULL || b == decision->all)
		return a;
	if (b == NULL || a == decision->all)
		return b;
	result = mkt_strategy_bits(decision);
	if (decision->words == TAGMAP_WORDS)
		mkt_tagmap_kernel->and2((uint64_t *) result, (const uint64_t *) a, (const uint64_t *) b);
	else
		result[0] = a[0] & b[0];
	return result;
}

const uint64 *
mkt_strategy_or(StrategyDecision *decision, const uint64 *a, const uint64 *b)
{
	uint64	   *result;

	if (a == NULL || b == decision->all)
		return b;
	if (b == NULL || a == decision->all)
		return a;
	result = mkt_strategy_bits(decision);
	if (decision->words == TAGMAP_WORDS)
		mkt_tagmap_kernel->or2((uint64_t *) result, (const uint64_t *) a, (const uint64_t *) b);
	else
		result[0] = a[0] | b[0];
	return result;
}

const uint64 *
mkt_strategy_andnot(StrategyDecision *decision, const uint64 *a, const uint64 *b)
{
	uint64	   *result;

	if (a == NULL || b == NULL)
		return a;
	if (b == decision->all)
		return NULL;
	result = mkt_strategy_bits(decision);
	if (decision->words == TAGMAP_WORDS)
		mkt_tagmap_kernel->andnot2((uint64_t *) result, (const uint64_t *) a, (const uint64_t *) b);
	else
		result[0] = a[0] & ~b[0];
	return result;
}

/* ---- audiences -------------------------------------------------------------------- */

const uint64 *
mkt_strategy_members(StrategyDecision *decision, TagPlan *plan)
{
	MemoryContext old = MemoryContextSwitchTo(decision->contest->query->context);
	const uint64 *members = NULL;
	TagSet		set;

	if (decision->single)
	{
		if (mkt_tag_plan_has(plan, decision->block, decision->low))
			members = decision->all;
	}
	else
	{
		mkt_tag_plan_eval(plan, decision->block, false, &set);
		if (set.kind != TAG_SET_EMPTY)
		{
			uint64	   *bits = mkt_strategy_bits(decision);

			/* what lies in the plan's own room, or in the buffer, lasts as long as the field */
			members = mkt_tag_set_bits(&set, bits);
			if (members != bits)
				decision->pooled--;
		}
	}
	MemoryContextSwitchTo(old);
	return members;
}

/* ---- channels ----------------------------------------------------------------------- */

/*
 * Each customer is reached through the first channel of the path that is open
 * to it. To whom none is, the preferred one counts, with what bars it.
 */
static void
ready_path(StrategyDecision *decision, StrategyPath *path)
{
	int			preferred = path->channels[0];
	const uint64 *left = decision->all;
	bool		full = decision->day_room[preferred] == 0;

	if (path->ready)
		return;
	path->ready = true;
	for (int i = 0; i < path->n; i++)
	{
		const uint64 *closed = decision->closed[path->channels[i]];

		path->use[i] = mkt_strategy_andnot(decision, left, closed);
		left = mkt_strategy_and(decision, left, closed);
	}
	path->use[0] = mkt_strategy_or(decision, path->use[0], left);
	path->barred[REASON_NO_CONSENT] = mkt_strategy_and(decision, left, decision->no_consent[preferred]);
	path->barred[REASON_DO_NOT_DISTURB] = mkt_strategy_and(decision, left, decision->disturbed[preferred]);
	path->barred[REASON_FREQUENCY_CAP] = mkt_strategy_and(decision, left, decision->tight[preferred * decision->most]);
	path->barred[REASON_CHANNEL_CAPACITY] = full ? left : NULL;
}

void
mkt_strategy_ready(StrategyDecision *decision)
{
	StrategyContest *contest = decision->contest;

	if (decision->only_channel >= 0)
		ready_path(decision, &decision->only_path);
	for (int i = 0; i < contest->npaths && decision->only_channel < 0; i++)
		ready_path(decision, &contest->paths[i]);
	for (int i = 0; i < contest->nmodels; i++)
		mkt_strategy_find_valid(decision, &contest->models[i]);
}

/* ---- the rules ----------------------------------------------------------------------- */

static const uint64 *
kill_switch(StrategyDecision *decision, StrategyLane *lane, StrategyVerdict *verdict)
{
	return decision->contest->sending ? NULL : decision->all;
}

static const uint64 *
no_consent(StrategyDecision *decision, StrategyLane *lane, StrategyVerdict *verdict)
{
	return verdict->path->barred[REASON_NO_CONSENT];
}

static const uint64 *
do_not_disturb(StrategyDecision *decision, StrategyLane *lane, StrategyVerdict *verdict)
{
	return mkt_strategy_or(decision, verdict->path->barred[REASON_DO_NOT_DISTURB],
						   decision->unwanted[lane->product]);
}

static const uint64 *
suppressed(StrategyDecision *decision, StrategyLane *lane, StrategyVerdict *verdict)
{
	return decision->suppressed;
}

static const uint64 *
global_control(StrategyDecision *decision, StrategyLane *lane, StrategyVerdict *verdict)
{
	return decision->held_out;
}

static const uint64 *
strategy_control(StrategyDecision *decision, StrategyLane *lane, StrategyVerdict *verdict)
{
	uint64	   *control;

	if (lane->control == 0 || verdict->candidates == NULL)
		return NULL;
	mkt_strategy_mix(decision);
	control = mkt_strategy_bits(decision);
	for (int w = 0; w < decision->words; w++)
	{
		uint64		found = 0;

		for (uint64 left = verdict->candidates[w]; left != 0; left &= left - 1)
		{
			int			at = pg_rightmost_one_pos64(left);

			found |= (uint64) (mkt_hash_bucket_of(lane->salt, decision->mixed[w * 64 + at]) < lane->control) << at;
		}
		control[w] = found;
	}
	for (int o = 0; o < decision->noverrides; o++)
	{
		uint32		i = decision->overrides[o].i;
		uint64		bit = UINT64CONST(1) << (i % 64);

		if ((verdict->candidates[i / 64] & bit) != 0 &&
			mkt_hash_bucket_of(lane->salt, decision->overrides[o].mixed) < lane->control)
			control[i / 64] |= bit;
	}
	return control;
}

static const uint64 *
not_eligible(StrategyDecision *decision, StrategyLane *lane, StrategyVerdict *verdict)
{
	return mkt_strategy_andnot(decision, verdict->candidates, verdict->eligible);
}

/* Layers below a failed eligibility are not tested. */
static const uint64 *
outside(StrategyDecision *decision, StrategyVerdict *verdict, TagPlan *layer)
{
	if (layer == NULL || verdict->eligible == NULL)
		return NULL;
	return mkt_strategy_andnot(decision, verdict->eligible, mkt_strategy_members(decision, layer));
}

static const uint64 *
not_applicable(StrategyDecision *decision, StrategyLane *lane, StrategyVerdict *verdict)
{
	return outside(decision, verdict, lane->applicability);
}

static const uint64 *
not_suitable(StrategyDecision *decision, StrategyLane *lane, StrategyVerdict *verdict)
{
	return outside(decision, verdict, lane->suitability);
}

static const uint64 *
repeat_window(StrategyDecision *decision, StrategyLane *lane, StrategyVerdict *verdict)
{
	return lane->window < 0 ? NULL : decision->repeated[lane->window];
}

static const uint64 *
pair_rule(StrategyDecision *decision, StrategyLane *lane, StrategyVerdict *verdict)
{
	const StrategyContest *contest = decision->contest;
	const uint64 *barred = NULL;

	for (int k = 0; k < contest->npairs; k++)
	{
		const StrategyPair *pair = &contest->pairs[k];

		if (&contest->lanes[pair->lane] == lane)
			barred = mkt_strategy_or(decision, barred, pair->wanted ?
									 mkt_strategy_andnot(decision, decision->all, decision->met[k]) :
									 decision->met[k]);
	}
	return barred;
}

static const uint64 *
frequency_cap(StrategyDecision *decision, StrategyLane *lane, StrategyVerdict *verdict)
{
	return verdict->path->barred[REASON_FREQUENCY_CAP];
}

static const uint64 *
channel_capacity(StrategyDecision *decision, StrategyLane *lane, StrategyVerdict *verdict)
{
	return verdict->path->barred[REASON_CHANNEL_CAPACITY];
}

static const uint64 *
unrouted(StrategyDecision *decision, StrategyLane *lane, StrategyVerdict *verdict)
{
	return decision->homeless;
}

/* In the order of mkt.refusal_reason, which is that of semantics B1. */
static const RuleFunction rules[REASON_RULES] = {
	[REASON_KILL_SWITCH] = kill_switch,
	[REASON_NO_CONSENT] = no_consent,
	[REASON_DO_NOT_DISTURB] = do_not_disturb,
	[REASON_SUPPRESSED] = suppressed,
	[REASON_GLOBAL_CONTROL] = global_control,
	[REASON_STRATEGY_CONTROL] = strategy_control,
	[REASON_NOT_ELIGIBLE] = not_eligible,
	[REASON_NOT_APPLICABLE] = not_applicable,
	[REASON_NOT_SUITABLE] = not_suitable,
	[REASON_REPEAT_WINDOW] = repeat_window,
	[REASON_PAIR_RULE] = pair_rule,
	[REASON_FREQUENCY_CAP] = frequency_cap,
	[REASON_CHANNEL_CAPACITY] = channel_capacity,
	[REASON_UNROUTED] = unrouted,
};

const char *const mkt_strategy_reasons[REASONS] = {
	[REASON_KILL_SWITCH] = "kill_switch",
	[REASON_NO_CONSENT] = "no_consent",
	[REASON_DO_NOT_DISTURB] = "do_not_disturb",
	[REASON_SUPPRESSED] = "suppressed",
	[REASON_GLOBAL_CONTROL] = "global_control",
	[REASON_STRATEGY_CONTROL] = "strategy_control",
	[REASON_NOT_ELIGIBLE] = "not_eligible",
	[REASON_NOT_APPLICABLE] = "not_applicable",
	[REASON_NOT_SUITABLE] = "not_suitable",
	[REASON_REPEAT_WINDOW] = "repeat_window",
	[REASON_PAIR_RULE] = "pair_rule",
	[REASON_FREQUENCY_CAP] = "frequency_cap",
	[REASON_CHANNEL_CAPACITY] = "channel_capacity",
	[REASON_UNROUTED] = "unrouted",
	[REASON_OUTRANKED] = "outranked",
};

/* ---- one strategy ---------------------------------------------------------------------- */

/* Which channels count; false if the strategy does not use the touchpoint's. */
static bool
choose_path(StrategyDecision *decision, StrategyLane *lane, StrategyVerdict *verdict)
{
	verdict->path = lane->path;
	verdict->base = 0;
	if (decision->only_channel >= 0)
	{
		while (verdict->base < lane->path->n &&
			   lane->path->channels[verdict->base] != decision->only_channel)
			verdict->base++;
		if (verdict->base == lane->path->n)
			return false;
		verdict->path = &decision->only_path;
	}
	ready_path(decision, verdict->path);
	return true;
}

/* Count what each rule refuses first; who is left has passed. */
static void
count_refusals(StrategyDecision *decision, int l)
{
	StrategyVerdict *verdict = &decision->verdicts[l];
	int64	   *counts = decision->counts + l * REASONS;
	const uint64 *left = verdict->candidates;
	uint32		n = mkt_strategy_count(decision, left);

	decision->candidates[l] += n;
	for (int r = 0; r < REASON_RULES && n > 0; r++)
	{
		uint32		still;

		if (verdict->refused[r] == NULL)
			continue;
		if (r == REASON_UNROUTED)
			verdict->unrouted = mkt_strategy_and(decision, left, verdict->refused[r]);
		left = mkt_strategy_andnot(decision, left, verdict->refused[r]);
		still = mkt_strategy_count(decision, left);
		counts[r] += n - still;
		n = still;
	}
	verdict->passed = n > 0 ? unconstify(uint64 *, left) : NULL;
	verdict->npassed = n;
}

void
mkt_strategy_judge(StrategyDecision *decision, int l)
{
	StrategyLane *lane = &decision->contest->lanes[l];
	StrategyVerdict *verdict = &decision->verdicts[l];

	memset(verdict, 0, sizeof(*verdict));
	if (!choose_path(decision, lane, verdict))
		return;
	verdict->eligible = mkt_strategy_members(decision, lane->eligibility);
	if (lane->model != NULL && verdict->eligible != NULL)
		mkt_strategy_check_p(decision, lane, verdict->eligible);

	/* of one customer, also that it is not eligible is told */
	verdict->candidates = decision->single && decision->every ? decision->all : verdict->eligible;
	if (verdict->candidates == NULL)
		return;
	for (int r = 0; r < REASON_RULES; r++)
		verdict->refused[r] = rules[r] (decision, lane, verdict);
	count_refusals(decision, l);
}
