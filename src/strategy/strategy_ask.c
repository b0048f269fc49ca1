/*-------------------------------------------------------------------------
 *
 * strategy_ask.c
 *		The questions about a decision that write nothing.
 *
 * _decide() tells of every candidate, _decide_counts() only how many each rule
 * refused, _next_best() what one customer is offered at a touchpoint. Which of
 * them is asked changes what is told, not what is decided.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "strategy.h"

#define LOCK_SPACE 0x6D6B74		/* advisory locks of customers: "mkt" */

/* Where the rows of an answer go. */
typedef struct Answer
{
	ReturnSetInfo *rsinfo;
	StrategyDecision *decision;
	MemoryContext scratch;		/* reset row by row */
	Datum		reasons[REASONS];	/* as text */
} Answer;

static void tell_field(Answer *answer);
static void require_visible(int64 cid);

PG_FUNCTION_INFO_V1(mkt__decide);
PG_FUNCTION_INFO_V1(mkt__decide_counts);
PG_FUNCTION_INFO_V1(mkt__next_best);
PG_FUNCTION_INFO_V1(mkt__lock_customer);
PG_FUNCTION_INFO_V1(mkt__backend_number);

static int
channel_argument(StrategyContest *contest, const text *code)
{
	int			channel = mkt_strategy_channel(contest, code);

	if (channel < 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("channel \"%s\" does not exist", text_to_cstring(code)),
				 errhint("Channels are listed in mkt.channel.")));
	return channel;
}

static void
check_blocks(int64 from, int64 stop)
{
	if (from < 0 || stop < from)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%d to %d is no range of blocks", (int) from, (int) stop),
				 errhint("Blocks run from 0 to mkt._blocks(), the last not included.")));
}

/*
 * _decide(round text, as_of timestamptz, from_block int, to_block int,
 *		   only_cid bigint, only_channel text, most int)
 * returns table (cid, strategy_id, strategy_code, version, channel_code, offer_code,
 *				  p, value, context, lever, score, place, control, reason, reasons)
 */
Datum
mkt__decide(PG_FUNCTION_ARGS)
{
	text	   *round = PG_ARGISNULL(0) ? NULL : PG_GETARG_TEXT_PP(0);
	bool		single = !PG_ARGISNULL(4);
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "mkt decide",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old;
	StrategyContest *contest;
	Answer		answer;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3) || PG_ARGISNULL(6))
		return (Datum) 0;
	old = MemoryContextSwitchTo(context);
	check_blocks(PG_GETARG_INT32(2), PG_GETARG_INT32(3));
	if (single)
		require_visible(PG_GETARG_INT64(4));
	contest = mkt_strategy_contest(round, PG_GETARG_TIMESTAMPTZ(1), !single, single);
	answer.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	answer.scratch = AllocSetContextCreate(context, "mkt decide row", ALLOCSET_DEFAULT_SIZES);
	for (int r = 0; r < REASONS; r++)
		answer.reasons[r] = CStringGetTextDatum(mkt_strategy_reasons[r]);
	answer.decision = mkt_strategy_decision(contest, PG_GETARG_TIMESTAMPTZ(1), round, PG_GETARG_INT32(6),
											PG_ARGISNULL(5) ? -1 : channel_argument(contest, PG_GETARG_TEXT_PP(5)));
	answer.decision->every = true;
	if (single)
	{
		mkt_strategy_decide_customer(answer.decision, PG_GETARG_INT64(4));
		tell_field(&answer);
	}
	for (int64 block = PG_GETARG_INT32(2); !single && block < PG_GETARG_INT32(3); block++)
	{
		mkt_strategy_decide_block(answer.decision, block);
		tell_field(&answer);
	}
	mkt_strategy_decision_done(answer.decision);
	mkt_strategy_contest_done(contest);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return (Datum) 0;
}

/* ---- every candidate ------------------------------------------------------------ */

/* Its place among the customer's best, from 1; 0: none. */
static int
place_of(const StrategyPodium *podium, uint32 i, int lane)
{
	for (int j = 0; j < podium->filled[i]; j++)
	{
		if (podium->lane[(Size) i * podium->most + j] == lane)
			return j + 1;
	}
	return 0;
}

static int
channel_of(const StrategyVerdict *verdict, uint32 i)
{
	for (int c = 0; c < verdict->path->n; c++)
	{
		if (mkt_strategy_has(verdict->path->use[c], i))
			return verdict->base + c;
	}
	elog(ERROR, "a candidate has no channel");
}

static bool
passes_layers(const StrategyVerdict *verdict, uint32 i)
{
	return !mkt_strategy_has(verdict->refused[REASON_NOT_ELIGIBLE], i) &&
		!mkt_strategy_has(verdict->refused[REASON_NOT_APPLICABLE], i) &&
		!mkt_strategy_has(verdict->refused[REASON_NOT_SUITABLE], i);
}

/* The reasons that refuse, first first; returns how many. */
static int
list_reasons(const StrategyDecision *decision, int l, uint32 i, int place, StrategyReason *reasons)
{
	const StrategyVerdict *verdict = &decision->verdicts[l];
	const StrategyPodium *podium = &decision->podium;
	int			n = 0;

	for (int r = 0; r < REASON_RULES; r++)
	{
		if (mkt_strategy_has(verdict->refused[r], i))
			reasons[n++] = r;
	}
	if (n == 0 && place == 0)
		reasons[n++] = REASON_OUTRANKED;
	else if (n == 0)
	{
		StrategyReason refusal = podium->refusal[(Size) i * podium->most + place - 1];

		if (refusal != REASON_NONE)
			reasons[n++] = refusal;
	}
	return n;
}

static void
tell_candidate(Answer *answer, int l, uint32 i)
{
	StrategyDecision *decision = answer->decision;
	StrategyLane *lane = &decision->contest->lanes[l];
	StrategyVerdict *verdict = &decision->verdicts[l];
	MemoryContext old = MemoryContextSwitchTo(answer->scratch);
	int			channel = channel_of(verdict, i);
	int			place = place_of(&decision->podium, i, l);
	StrategyReason reasons[REASONS];
	int			n = list_reasons(decision, l, i, place, reasons);
	Datum		names[REASONS];
	Datum		row[15];
	bool		nulls[15] = {false};

	row[0] = Int64GetDatum(decision->first + i);
	row[1] = Int32GetDatum(lane->strategy_id);
	row[2] = PointerGetDatum(lane->code);
	row[3] = Int16GetDatum(lane->version);
	row[4] = PointerGetDatum(decision->contest->channels[lane->path->channels[channel]].code);
	row[5] = PointerGetDatum(lane->offer_code);
	nulls[6] = nulls[10] = lane->model != NULL && !mkt_strategy_has(verdict->eligible, i);
	if (!nulls[6])
	{
		row[6] = lane->model == NULL ? NumericGetDatum(int64_to_numeric(1)) :
			mkt_strategy_p_datum(lane->model, mkt_strategy_p(decision, lane->model, i));
		row[10] = DirectFunctionCall2(numeric_mul, row[6], NumericGetDatum(lane->weight[channel]));
	}
	row[7] = NumericGetDatum(lane->value);
	row[8] = NumericGetDatum(lane->context);
	row[9] = NumericGetDatum(lane->lever[channel]);
	row[11] = Int32GetDatum(place);
	nulls[11] = place == 0;
	row[12] = BoolGetDatum(decision->contest->sending && passes_layers(verdict, i) &&
						   (mkt_strategy_has(verdict->refused[REASON_GLOBAL_CONTROL], i) ||
							mkt_strategy_has(verdict->refused[REASON_STRATEGY_CONTROL], i)));
	for (int r = 0; r < n; r++)
		names[r] = answer->reasons[reasons[r]];
	nulls[13] = n == 0;
	row[13] = n == 0 ? (Datum) 0 : names[0];
	row[14] = n == 0 ? PointerGetDatum(construct_empty_array(TEXTOID)) :
		PointerGetDatum(construct_array(names, n, TEXTOID, -1, false, TYPALIGN_INT));
	tuplestore_putvalues(answer->rsinfo->setResult, answer->rsinfo->setDesc, row, nulls);
	MemoryContextSwitchTo(old);
	MemoryContextReset(answer->scratch);
}

/* All candidates of the field, by customer and strategy. */
static void
tell_field(Answer *answer)
{
	StrategyDecision *decision = answer->decision;
	StrategyContest *contest = decision->contest;

	for (int w = 0; w < decision->words; w++)
	{
		uint64		anybody = 0;

		CHECK_FOR_INTERRUPTS();
		for (int l = 0; l < contest->nlanes; l++)
		{
			if (decision->verdicts[l].candidates != NULL)
				anybody |= decision->verdicts[l].candidates[w];
		}
		for (; anybody != 0; anybody &= anybody - 1)
		{
			uint32		i = w * 64 + pg_rightmost_one_pos64(anybody);

			for (int k = 0; k < contest->nlanes; k++)
			{
				if (mkt_strategy_has(decision->verdicts[contest->by_id[k]].candidates, i))
					tell_candidate(answer, contest->by_id[k], i);
			}
		}
	}
}

/* ---- counts -------------------------------------------------------------------------- */

/*
 * _decide_counts(round text, as_of timestamptz, from_block int, to_block int, most int)
 * returns table (strategy_id int, reason text, customers bigint)
 *		reason NULL: would be issued.
 */
Datum
mkt__decide_counts(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	text	   *round = PG_ARGISNULL(0) ? NULL : PG_GETARG_TEXT_PP(0);
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "mkt decide",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old;
	StrategyContest *contest;
	StrategyDecision *decision;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3) || PG_ARGISNULL(4))
		return (Datum) 0;
	old = MemoryContextSwitchTo(context);
	check_blocks(PG_GETARG_INT32(2), PG_GETARG_INT32(3));
	contest = mkt_strategy_contest(round, PG_GETARG_TIMESTAMPTZ(1), true, false);
	decision = mkt_strategy_decision(contest, PG_GETARG_TIMESTAMPTZ(1), round, PG_GETARG_INT32(4), -1);
	for (int64 block = PG_GETARG_INT32(2); block < PG_GETARG_INT32(3); block++)
		mkt_strategy_decide_block(decision, block);
	for (int k = 0; k < contest->nlanes && decision->all != NULL; k++)
	{
		int			l = contest->by_id[k];

		for (int r = 0; r <= REASONS; r++)
		{
			int64		n = r < REASONS ? decision->counts[l * REASONS + r] : decision->issued[l];
			Datum		row[3];
			bool		nulls[3] = {false, r == REASONS, false};

			row[0] = Int32GetDatum(contest->lanes[l].strategy_id);
			row[1] = r == REASONS ? (Datum) 0 : CStringGetTextDatum(mkt_strategy_reasons[r]);
			row[2] = Int64GetDatum(n);
			if (n > 0)
				tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, row, nulls);
		}
	}
	mkt_strategy_decision_done(decision);
	mkt_strategy_contest_done(contest);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return (Datum) 0;
}

/* ---- one customer ----------------------------------------------------------------------- */

/* P0002 unless the caller sees the customer's row. */
static void
require_visible(int64 cid)
{
	static SPIPlanPtr plan = NULL;
	Datum		value = Int64GetDatum(cid);

	SPI_connect();
	if (plan == NULL)
	{
		Oid			type = INT8OID;
		SPIPlanPtr	fresh = SPI_prepare("SELECT FROM mkt.customer AS c WHERE c.cid = $1", 1, &type);

		if (fresh == NULL || SPI_keepplan(fresh) != 0)
			elog(ERROR, "SPI_prepare failed");
		plan = fresh;
	}
	if (SPI_execute_plan(plan, &value, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_plan failed");
	if (SPI_processed == 0)
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("customer " INT64_FORMAT " does not exist", cid),
				 errhint("A cid is what mkt.customer says for a customer_key; a branch finds its own customers only.")));
	SPI_finish();
}

/* Which strategies are among these; NULL for an empty array: all of them. */
static const bool *
lanes_argument(const StrategyContest *contest, ArrayType *ids)
{
	bool	   *only;
	Datum	   *values;
	int			n;

	deconstruct_array(ids, INT4OID, sizeof(int32), true, TYPALIGN_INT, &values, NULL, &n);
	if (n == 0)
		return NULL;
	only = palloc0(contest->nlanes * sizeof(bool));
	for (int l = 0; l < contest->nlanes; l++)
	{
		for (int i = 0; i < n && !only[l]; i++)
			only[l] = DatumGetInt32(values[i]) == contest->lanes[l].strategy_id;
	}
	return only;
}

/*
 * _next_best(cid bigint, channel text, k int, as_of timestamptz, strategies int[])
 * returns table (place int, strategy_id int, strategy_code text, offer_code text,
 *				  name_zh text, template text, family text, score numeric)
 */
Datum
mkt__next_best(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	int64		cid = PG_GETARG_INT64(0);
	TimestampTz as_of = PG_GETARG_TIMESTAMPTZ(3);
	StrategyContest *contest;
	StrategyDecision *decision;
	StrategyPodium *podium;

	InitMaterializedSRF(fcinfo, 0);
	require_visible(cid);
	if (PG_GETARG_INT32(2) < 1)
		return (Datum) 0;
	contest = mkt_strategy_contest(NULL, as_of, false, true);
	decision = mkt_strategy_decision(contest, as_of, NULL, PG_GETARG_INT32(2),
									 channel_argument(contest, PG_GETARG_TEXT_PP(1)));
	decision->only_lanes = lanes_argument(contest, PG_GETARG_ARRAYTYPE_P(4));
	mkt_strategy_decide_customer(decision, cid);
	podium = &decision->podium;
	for (int j = 0; j < podium->filled[0]; j++)
	{
		StrategyLane *lane = &contest->lanes[podium->lane[j]];
		Datum		row[8];
		bool		nulls[8] = {false};
		Datum		p;

		if (podium->refusal[j] != REASON_NONE)
			continue;
		p = lane->model == NULL ? NumericGetDatum(int64_to_numeric(1)) :
			mkt_strategy_p_datum(lane->model, mkt_strategy_p(decision, lane->model, 0));
		row[0] = Int32GetDatum(j + 1);
		row[1] = Int32GetDatum(lane->strategy_id);
		row[2] = PointerGetDatum(lane->code);
		row[3] = PointerGetDatum(lane->offer_code);
		row[4] = PointerGetDatum(lane->offer_zh);
		row[5] = PointerGetDatum(lane->template);
		nulls[5] = lane->template == NULL;
		row[6] = PointerGetDatum(lane->family);
		row[7] = DirectFunctionCall2(numeric_mul, p, NumericGetDatum(lane->weight[podium->channel[j]]));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, row, nulls);
	}
	mkt_strategy_decision_done(decision);
	mkt_strategy_contest_done(contest);
	return (Datum) 0;
}

/*
 * _lock_customer(cid bigint) returns void
 *		The block shared, the customer exclusively: see sql/install/42-policy.
 */
Datum
mkt__lock_customer(PG_FUNCTION_ARGS)
{
	int64		cid = PG_GETARG_INT64(0);

	if (IsolationUsesXactSnapshot())
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TRANSACTION_STATE),
				 errmsg("contacts cannot be reserved in a transaction of isolation level %s",
						GetConfigOption("transaction_isolation", false, false)),
				 errhint("Use BEGIN ISOLATION LEVEL READ COMMITTED.")));
	DirectFunctionCall2(pg_advisory_xact_lock_shared_int4, Int32GetDatum(LOCK_SPACE),
						Int32GetDatum((int32) (cid / TAGMAP_BLOCK_BITS)));
	DirectFunctionCall1(pg_advisory_xact_lock_int8, Int64GetDatum(((int64) LOCK_SPACE << 40) | cid));
	PG_RETURN_VOID();
}

/*
 * _backend_number() returns int
 *		No two sessions have the same at the same time.
 */
Datum
mkt__backend_number(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(mkt_backend_number());
}
