/*-------------------------------------------------------------------------
 *
 * strategy_rank.c
 *		Scores, the best of each customer, and seats in the channels.
 *
 * score = p x value x context x lever, as an integer on the contest's scale,
 * so comparing is exact. Strategies come in the order that breaks ties, hence
 * a later one takes a place only with a greater score. Each customer has a
 * podium of as many places as it may get contacts.
 *
 * Seats are given out last, to the podium as a whole: the place for whatever
 * looks at all customers together.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"

#include "strategy.h"

#define NUMERICS_MAX 10000		/* probabilities kept as numerics */

/* ---- probabilities ---------------------------------------------------------------- */

/* Have the model's slices of the block at hand. */
static void
load_model(StrategyDecision *decision, StrategyModel *model)
{
	MemoryContext old;

	if (model->loaded == decision->block)
		return;
	old = MemoryContextSwitchTo(decision->contest->query->context);
	mkt_tag_number_load(model->number, decision->block);
	MemoryContextSwitchTo(old);
	model->loaded = decision->block;
}

uint64
mkt_strategy_p(StrategyDecision *decision, StrategyModel *model, uint32 i)
{
	uint64		value = 0;

	if (decision->single)
	{
		if (!mkt_tag_number_get(model->number, decision->block, decision->low, &value))
			elog(ERROR, "no value of tag \"%s\"", model->number->tag->code);
	}
	else
	{
		load_model(decision, model);
		for (int k = 0; k < model->number->tag->slices; k++)
			value |= ((model->number->bits[k][i / 64] >> (i % 64)) & 1) << k;
	}
	return value + model->number->tag->bias;
}

void
mkt_strategy_p_values(StrategyDecision *decision, StrategyModel *model, const uint64 *bits,
					  uint64 *values)
{
	TagSet		set = {TAG_SET_BITS, -1, {0}, bits};
	uint64		bias = model->number->tag->bias;
	uint32		n;

	if (decision->single)
	{
		values[0] = mkt_strategy_p(decision, model, 0);
		return;
	}
	load_model(decision, model);
	n = mkt_tag_number_values(model->number, &set, values);
	for (uint32 i = 0; bias != 0 && i < n; i++)
		values[i] += bias;
}

Datum
mkt_strategy_p_datum(StrategyModel *model, uint64 p)
{
	int			scale = model->number->tag->scale;

	if (model->one > NUMERICS_MAX)
		return NumericGetDatum(int64_div_fast_to_numeric((int64) p, scale));
	if (model->numerics == NULL)
		model->numerics = MemoryContextAllocZero(GetMemoryChunkContext(model->range.intervals),
												 (model->one + 1) * sizeof(Datum));
	if (model->numerics[p] == (Datum) 0)
	{
		MemoryContext old = MemoryContextSwitchTo(GetMemoryChunkContext(model->range.intervals));

		model->numerics[p] = NumericGetDatum(int64_div_fast_to_numeric((int64) p, scale));
		MemoryContextSwitchTo(old);
	}
	return model->numerics[p];
}

/* A missing or impossible probability is never guessed (semantics C1). */
static void
complain_p(StrategyDecision *decision, StrategyLane *lane, uint32 i)
{
	StrategyModel *model = lane->model;
	const Tag  *tag = model->number->tag;
	uint32		low = decision->single ? decision->low : i;
	uint64		value;

	if (!mkt_tag_number_get(model->number, decision->block, low, &value))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("customer " INT64_FORMAT " has no propensity for strategy \"%s\": no value of tag \"%s\"",
						decision->first + i, text_to_cstring(lane->code), tag->code),
				 errhint("Add \"& %s\" to the eligibility of the strategy, or refresh the tag.", tag->code)));
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("propensity %s of customer " INT64_FORMAT " for strategy \"%s\" is not between 0 and 1",
					DatumGetCString(DirectFunctionCall1(numeric_out, mkt_tag_number_datum(tag, value))),
					decision->first + i, text_to_cstring(lane->code)),
			 errhint("Tag \"%s\" must hold a probability.", tag->code)));
}

static bool
is_probability(const StrategyModel *model, uint64 value)
{
	return model->range.n > 0 && value >= model->range.intervals[0].low &&
		value <= model->range.intervals[0].high;
}

static const uint64 *
valid_customers(StrategyDecision *decision, StrategyModel *model)
{
	TagNumber  *number = model->number;
	const uint64 *valid = NULL;
	TagSet		exists;
	TagSet		set;
	uint64		value;

	if (decision->single)
		return mkt_tag_number_get(number, decision->block, decision->low, &value) &&
			is_probability(model, value) ? decision->all : NULL;
	mkt_tag_set_from_cursor(number->exists, decision->block, &exists);
	mkt_tag_number_range(number, &exists, &model->range, decision->block, &model->room, &set);
	if (set.kind != TAG_SET_EMPTY)
		valid = mkt_tag_set_bits(&set, mkt_strategy_bits(decision));
	return valid;
}

void
mkt_strategy_find_valid(StrategyDecision *decision, StrategyModel *model)
{
	MemoryContext old;

	if (model->checked == decision->block)
		return;
	old = MemoryContextSwitchTo(decision->contest->query->context);
	model->valid = valid_customers(decision, model);
	model->checked = decision->block;
	MemoryContextSwitchTo(old);
}

void
mkt_strategy_check_p(StrategyDecision *decision, StrategyLane *lane, const uint64 *eligible)
{
	StrategyModel *model = lane->model;
	const uint64 *without;

	mkt_strategy_find_valid(decision, model);
	without = mkt_strategy_andnot(decision, eligible, model->valid);
	for (int w = 0; without != NULL && w < decision->words; w++)
	{
		if (without[w] != 0)
			complain_p(decision, lane, w * 64 + pg_rightmost_one_pos64(without[w]));
	}
}

/* ---- the podium -------------------------------------------------------------------- */

void
mkt_strategy_podium_clear(StrategyDecision *decision)
{
	memset(decision->podium.filled, 0, decision->n * sizeof(uint16));
}

static inline void
enter(StrategyPodium *podium, uint32 i, uint128 score, uint16 lane, uint8 channel)
{
	Size		base = (Size) i * podium->most;
	int			place = podium->filled[i];

	if (place == podium->most)
	{
		place--;
		if (score <= podium->score[base + place])
			return;
	}
	else
		podium->filled[i]++;
	for (; place > 0 && score > podium->score[base + place - 1]; place--)
	{
		podium->score[base + place] = podium->score[base + place - 1];
		podium->lane[base + place] = podium->lane[base + place - 1];
		podium->channel[base + place] = podium->channel[base + place - 1];
	}
	podium->score[base + place] = score;
	podium->lane[base + place] = lane;
	podium->channel[base + place] = channel;
}

static uint32
lows_of(StrategyDecision *decision, const uint64 *bits, uint16 *lows)
{
	if (!decision->single)
		return mkt_tagmap_bits_lows((const uint64_t *) bits, lows);
	lows[0] = 0;
	return bits[0] & 1;
}

/* Those who passed try for a place with the strategy. */
void
mkt_strategy_rank(StrategyDecision *decision, int l)
{
	StrategyLane *lane = &decision->contest->lanes[l];
	StrategyVerdict *verdict = &decision->verdicts[l];

	for (int i = 0; i < (verdict->passed == NULL ? 0 : verdict->path->n); i++)
	{
		uint128		multiplier = lane->multiplier[verdict->base + i];
		const uint64 *reached = mkt_strategy_and(decision, verdict->passed, verdict->path->use[i]);
		uint32		n = reached == NULL ? 0 : lows_of(decision, reached, decision->lows);

		if (n == 0)
			continue;
		if (lane->model != NULL)
			mkt_strategy_p_values(decision, lane->model, reached, decision->values);
		for (uint32 j = 0; j < n; j++)
			enter(&decision->podium, decision->lows[j],
				  lane->model == NULL ? multiplier : decision->values[j] * multiplier,
				  l, verdict->base + i);
	}
}

/* ---- seats --------------------------------------------------------------------------- */

/* One who would take a seat of a limited channel. */
typedef struct Claim
{
	uint128		score;
	uint32		i;
	int32		strategy_id;
	Size		at;				/* on the podium */
} Claim;

static int
compare_claims(const void *a, const void *b)
{
	const Claim *x = a;
	const Claim *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	if (x->i != y->i)
		return x->i < y->i ? -1 : 1;
	return (x->strategy_id > y->strategy_id) - (x->strategy_id < y->strategy_id);
}

static inline int
channel_at(const StrategyDecision *decision, Size at)
{
	const StrategyPodium *podium = &decision->podium;

	return decision->contest->lanes[podium->lane[at]].path->channels[podium->channel[at]];
}

/* The best of the field take what the channel has left that day. */
static void
give_seats(StrategyDecision *decision, int channel, uint32 claimed)
{
	StrategyPodium *podium = &decision->podium;
	Claim	   *claims = palloc(claimed * sizeof(Claim));
	uint32		n = 0;

	for (uint32 i = 0; i < decision->n; i++)
	{
		for (int j = 0; j < podium->filled[i]; j++)
		{
			Size		at = (Size) i * podium->most + j;

			if (podium->refusal[at] != REASON_NONE || channel_at(decision, at) != channel)
				continue;
			claims[n].score = podium->score[at];
			claims[n].i = i;
			claims[n].strategy_id = decision->contest->lanes[podium->lane[at]].strategy_id;
			claims[n++].at = at;
		}
	}
	qsort(claims, n, sizeof(Claim), compare_claims);
	for (uint32 k = decision->day_room[channel]; k < n; k++)
		podium->refusal[claims[k].at] = REASON_CHANNEL_CAPACITY;
	pfree(claims);
}

/* Which rule keeps two strategies from meeting one customer at once, or REASON_NONE. */
static StrategyReason
clash(const StrategyContest *contest, int l, int other)
{
	if (contest->lanes[l].window >= 0 && contest->lanes[l].window == contest->lanes[other].window)
		return REASON_REPEAT_WINDOW;
	for (int k = 0; k < contest->npairs; k++)
	{
		const StrategyPair *pair = &contest->pairs[k];

		if (!pair->wanted && pair->lane == l && pair->watched == contest->lanes[other].strategy_id)
			return REASON_PAIR_RULE;
	}
	return REASON_NONE;
}

/* What keeps a customer's strategy at place j from its contact, given those above it. */
static StrategyReason
refusal_at(const StrategyDecision *decision, uint32 i, int j)
{
	const StrategyPodium *podium = &decision->podium;
	Size		base = (Size) i * podium->most;
	StrategyReason first = REASON_NONE;

	for (int k = 0; k < j; k++)
	{
		if (podium->refusal[base + k] == REASON_NONE)
			first = Min(first, clash(decision->contest, podium->lane[base + k], podium->lane[base + j]));
	}
	if (first == REASON_NONE && j > 0 &&
		mkt_strategy_has(decision->tight[channel_at(decision, base + j) * decision->most + j], i))
		first = REASON_FREQUENCY_CAP;
	return first;
}

/*
 * Whoever stands on a lower place must leave room for those above, and channels
 * have so many seats a day. Counts what came of every candidate that passed.
 */
void
mkt_strategy_seat(StrategyDecision *decision)
{
	StrategyContest *contest = decision->contest;
	StrategyPodium *podium = &decision->podium;
	uint32	   *claimed = palloc0((contest->nchannels + 1) * sizeof(uint32));

	for (uint32 i = 0; i < decision->n; i++)
	{
		for (int j = 0; j < podium->filled[i]; j++)
		{
			Size		at = (Size) i * podium->most + j;

			podium->refusal[at] = refusal_at(decision, i, j);
			claimed[channel_at(decision, at)] += podium->refusal[at] == REASON_NONE;
		}
	}
	for (int c = 0; c < contest->nchannels; c++)
	{
		if (decision->day_room[c] < 0)
			continue;
		if (claimed[c] > decision->day_room[c])
			give_seats(decision, c, claimed[c]);
		decision->day_room[c] -= Min(claimed[c], decision->day_room[c]);
	}
	for (int l = 0; l < contest->nlanes; l++)
		decision->counts[l * REASONS + REASON_OUTRANKED] += decision->verdicts[l].npassed;
	for (uint32 i = 0; i < decision->n; i++)
	{
		for (int j = 0; j < podium->filled[i]; j++)
		{
			Size		at = (Size) i * podium->most + j;
			int			l = podium->lane[at];

			decision->counts[l * REASONS + REASON_OUTRANKED]--;
			if (podium->refusal[at] == REASON_NONE)
				decision->issued[l]++;
			else
				decision->counts[l * REASONS + podium->refusal[at]]++;
		}
	}
	pfree(claimed);
}
