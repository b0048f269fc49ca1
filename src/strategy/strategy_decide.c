/*-------------------------------------------------------------------------
 *
 * strategy_decide.c
 *		One decision: a block of customers, or a single one.
 *
 * Facts, then strategy after strategy: who is refused, who tries for a place;
 * then the seats. Whoever asks (strategy_ask.c, strategy_deploy.c) reads the
 * podium and the counts.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "strategy.h"

#define MOST_MAX 100			/* contacts of one customer in one decision */

static void prepare(StrategyDecision *decision, int words);
static void load_day_room(StrategyDecision *decision);
static void decide(StrategyDecision *decision);

StrategyDecision *
mkt_strategy_decision(StrategyContest *contest, TimestampTz as_of, const text *besides,
					  int most, int only_channel)
{
	StrategyDecision *decision = palloc0(sizeof(StrategyDecision));

	decision->contest = contest;
	decision->as_of = as_of;
	decision->besides = besides;
	decision->most = Max(1, Min(most, contest->nlanes));
	if (decision->most > MOST_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%d contacts of one customer are too many for one decision", most),
				 errhint("A customer gets up to %d.", MOST_MAX)));
	decision->only_channel = only_channel;
	decision->routed = only_channel < 0;
	decision->context = CurrentMemoryContext;
	return decision;
}

/* Room for a field of so many words. */
static void
prepare(StrategyDecision *decision, int words)
{
	StrategyContest *contest = decision->contest;
	StrategyPodium *podium = &decision->podium;
	MemoryContext old = MemoryContextSwitchTo(decision->context);
	Size		n = decision->n;
	uint64	   *all = palloc(words * sizeof(uint64));

	decision->words = words;
	memset(all, 0xff, words * sizeof(uint64));
	if (decision->single)
		all[0] = 1;
	decision->all = all;
	decision->only_path.n = 1;
	decision->only_path.channels = &decision->only_channel;
	decision->only_path.use = palloc(sizeof(uint64 *));
	decision->mixed = palloc(n * sizeof(uint64));
	decision->lows = palloc(n * sizeof(uint16));
	decision->values = palloc((decision->single ? 1 : TAG_VALUES_ROOM) * sizeof(uint64));
	podium->most = decision->most;
	podium->filled = palloc(n * sizeof(uint16));
	podium->score = palloc(n * podium->most * sizeof(uint128));
	podium->lane = palloc(n * podium->most * sizeof(uint16));
	podium->channel = palloc(n * podium->most);
	podium->refusal = palloc(n * podium->most);
	decision->verdicts = palloc0((contest->nlanes + 1) * sizeof(StrategyVerdict));
	decision->counts = palloc0((contest->nlanes + 1) * REASONS * sizeof(int64));
	decision->candidates = palloc0((contest->nlanes + 1) * sizeof(int64));
	decision->issued = palloc0((contest->nlanes + 1) * sizeof(int64));
	load_day_room(decision);
	decision->facts = mkt_strategy_facts_open(decision);
	MemoryContextSwitchTo(old);
}

/* Contacts each limited channel has left that day, of all branches. */
static void
load_day_room(StrategyDecision *decision)
{
	static SPIPlanPtr plan = NULL;
	StrategyContest *contest = decision->contest;
	bool		limited = false;
	Oid			types[2] = {TIMESTAMPTZOID, TEXTOID};
	Datum		values[2];
	int			only = decision->only_channel;

	decision->day_room = palloc((contest->nchannels + 1) * sizeof(int64));
	for (int c = 0; c < contest->nchannels; c++)
	{
		decision->day_room[c] = -1;
		limited |= contest->channels[c].limited && (only < 0 || only == c);
	}
	if (!limited)
		return;
	values[0] = TimestampTzGetDatum(decision->as_of);
	values[1] = only < 0 ? (Datum) 0 : PointerGetDatum(contest->channels[only].code);
	SPI_connect();
	if (plan == NULL)
	{
		SPIPlanPtr	fresh = SPI_prepare("SELECT r.channel_code, r.day_room FROM mkt._day_room($1, $2) AS r", 2, types);

		if (fresh == NULL || SPI_keepplan(fresh) != 0)
			elog(ERROR, "SPI_prepare failed");
		plan = fresh;
	}
	if (SPI_execute_plan(plan, values, only < 0 ? " n" : "  ", true, 0) != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_plan failed");
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i];
		bool		isnull;
		int			c = mkt_strategy_channel(contest, DatumGetTextPP(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 1, &isnull)));

		if (c >= 0)
			decision->day_room[c] = Max(DatumGetInt64(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 2, &isnull)), 0);
	}
	SPI_finish();
}

void
mkt_strategy_decide_block(StrategyDecision *decision, int64 block)
{
	decision->single = false;
	decision->block = block;
	decision->first = block * TAGMAP_BLOCK_BITS;
	decision->n = TAGMAP_BLOCK_BITS;
	if (decision->all == NULL)
		prepare(decision, TAGMAP_WORDS);
	decide(decision);
}

void
mkt_strategy_decide_customer(StrategyDecision *decision, int64 cid)
{
	decision->single = true;
	decision->block = mkt_tagmap_block_of(cid);
	decision->low = mkt_tagmap_low_of(cid);
	decision->first = cid;
	decision->n = 1;
	if (decision->all == NULL)
		prepare(decision, 1);
	decide(decision);
}

/* Nothing can be offered at the touchpoint, and nobody asks why. */
static bool
is_hopeless(StrategyDecision *decision)
{
	return decision->single && !decision->every && decision->only_channel >= 0 &&
		(!decision->contest->sending || decision->closed[decision->only_channel] != NULL ||
		 decision->suppressed != NULL || decision->held_out != NULL);
}

static void
decide(StrategyDecision *decision)
{
	StrategyContest *contest = decision->contest;

	decision->pooled = 0;
	decision->is_mixed = false;
	for (int i = 0; i < contest->npaths; i++)
		contest->paths[i].ready = false;
	decision->only_path.ready = false;
	contest->cell_block = -1;
	for (int i = 0; i < contest->nmodels; i++)
		contest->models[i].loaded = contest->models[i].checked = -1;
	mkt_strategy_facts_load(decision);
	if (decision->routed)
		mkt_strategy_find_homeless(decision);
	mkt_strategy_podium_clear(decision);
	if (is_hopeless(decision))
		return;
	if (!decision->single)
		mkt_strategy_ready(decision);
	for (int l = 0; l < contest->nlanes; l++)
	{
		int			kept = decision->pooled;

		CHECK_FOR_INTERRUPTS();
		if (decision->only_lanes != NULL && !decision->only_lanes[l])
			continue;
		mkt_strategy_judge(decision, l);
		mkt_strategy_rank(decision, l);
		if (decision->judged != NULL)
			decision->judged(decision, &contest->lanes[l], &decision->verdicts[l]);
		if (!decision->every && !decision->single)
			decision->pooled = kept;
	}
	mkt_strategy_seat(decision);
}

void
mkt_strategy_decision_done(StrategyDecision *decision)
{
	if (decision->facts != NULL)
		mkt_strategy_facts_close(decision->facts);
}
