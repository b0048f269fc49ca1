/*-------------------------------------------------------------------------
 *
 * strategy_deploy.c
 *		One block of a round, decided and written.
 *
 * Work orders with their reservations, virtual contacts of control customers,
 * the unrouted, and the counts, in the caller's transaction, which holds the
 * block. Rows are written without the triggers of their foreign keys:
 *
 *	round, strategy, version	the round's row is locked, and its strategies
 *								hang on it by foreign keys
 *	customer					is in the tag `live`, which loses a customer in
 *								the transaction that deletes it
 *	person, channel, cell		were read with this snapshot
 *
 * and whoever deletes a customer, a person or a channel waits for the block, or
 * the block for it (mkt._deploy_guard_trigger): then the constraint finds the
 * orders, or the block no longer finds the parent.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "strategy_route.h"
#include "strategy_write.h"

static const char *const order_columns[] = {
	"round_id", "strategy_id", "version", "cid", "kind_code", "channel_code", "offer_code",
	"org_id", "cell_id", "staff_id", "state", "p", "value", "context", "lever", "score",
	"issued_at", "due_at", "state_at"
};
static const char *const contact_columns[] = {
	"cid", "round_id", "strategy_id", "order_id", "channel_code", "family", "state", "org_id", "reserved_at"
};
static const char *const unrouted_columns[] = {"round_id", "strategy_id", "cid", "reason"};

typedef struct Deployment
{
	text	   *round;
	Datum		issued;			/* words, as text */
	Datum		reserved;
	Datum		virtual;
	Datum		outside;
	Datum		unserved;
	Datum	   *due;			/* by lane */
	StrategyWriter *orders;
	StrategyWriter *contacts;
	StrategyWriter *unrouted;
	AttrNumber	order_id;
	int64	   *reserved_by;	/* contacts reserved, by channel */
} Deployment;

static void write_judged(StrategyDecision *decision, StrategyLane *lane, StrategyVerdict *verdict);
static int64 write_orders(StrategyDecision *decision);
static void write_counts(StrategyDecision *decision);

PG_FUNCTION_INFO_V1(mkt__deploy_decided);

static Datum
due_at(TimestampTz as_of, int32 days)
{
	Interval	span = {0, days, 0};

	return DirectFunctionCall2(timestamptz_pl_interval, TimestampTzGetDatum(as_of), IntervalPGetDatum(&span));
}

/*
 * _deploy_decided(round text, as_of timestamptz, most int, block int) returns bigint
 *		How many work orders were written.
 */
Datum
mkt__deploy_decided(PG_FUNCTION_ARGS)
{
	Deployment	deployment = {PG_GETARG_TEXT_PP(0)};
	TimestampTz as_of = PG_GETARG_TIMESTAMPTZ(1);
	int32		block = PG_GETARG_INT32(3);
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "mkt deploy", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	StrategyContest *contest;
	StrategyDecision *decision;
	int64		written;

	if (!mkt_strategy_sees_all())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("role \"%s\" cannot deploy a round", GetUserNameFromId(GetUserId(), false)),
				 errhint("A round decides about all customers: its caller must see all of them (mkt.grant_access()).")));
	contest = mkt_strategy_contest(deployment.round, as_of, true, true);
	decision = mkt_strategy_decision(contest, as_of, deployment.round, PG_GETARG_INT32(2), -1);
	decision->judged = write_judged;
	decision->caller = &deployment;
	deployment.issued = CStringGetTextDatum("issued");
	deployment.reserved = CStringGetTextDatum("reserved");
	deployment.virtual = CStringGetTextDatum("virtual");
	deployment.outside = CStringGetTextDatum("outside every grid");
	deployment.unserved = CStringGetTextDatum("nobody serves the cell");
	deployment.reserved_by = palloc0((contest->nchannels + 1) * sizeof(int64));
	deployment.due = palloc((contest->nlanes + 1) * sizeof(Datum));
	for (int l = 0; l < contest->nlanes; l++)
		deployment.due[l] = due_at(as_of, contest->lanes[l].sla_days);
	deployment.orders = mkt_strategy_writer_open("work_order", order_columns, lengthof(order_columns), NULL);
	deployment.contacts = mkt_strategy_writer_open("contact", contact_columns, lengthof(contact_columns), "contact_load_insert");
	deployment.unrouted = mkt_strategy_writer_open("unrouted", unrouted_columns, lengthof(unrouted_columns), NULL);
	deployment.order_id = mkt_strategy_writer_column(deployment.orders, "order_id");

	mkt_strategy_decide_block(decision, block);
	mkt_strategy_loads(decision->routing, deployment.round, block);
	written = write_orders(decision);
	mkt_strategy_decision_done(decision);
	mkt_strategy_writer_close(deployment.unrouted);
	mkt_strategy_writer_close(deployment.contacts);
	mkt_strategy_writer_close(deployment.orders);
	write_counts(decision);
	decision->routing->loads_block = block + 1;
	mkt_strategy_contest_done(contest);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	PG_RETURN_INT64(written);
}

/* ---- control customers and the unrouted -------------------------------------------- */

static void
write_virtual(StrategyDecision *decision, StrategyLane *lane, int channel, uint32 i)
{
	Deployment *deployment = decision->caller;
	StrategyCell *cell = mkt_strategy_place(decision, i);
	Datum		row[lengthof(contact_columns)];
	bool		nulls[lengthof(contact_columns)] = {false};

	mkt_strategy_writer_flush(deployment->contacts, false);
	row[0] = Int64GetDatum(decision->first + i);
	row[1] = PointerGetDatum(deployment->round);
	row[2] = Int32GetDatum(lane->strategy_id);
	nulls[3] = true;
	row[4] = PointerGetDatum(decision->contest->channels[lane->path->channels[channel]].code);
	row[5] = PointerGetDatum(lane->family);
	row[6] = deployment->virtual;
	row[7] = Int32GetDatum(cell == NULL ? 0 : cell->org_id);
	nulls[7] = cell == NULL;
	row[8] = TimestampTzGetDatum(decision->as_of);
	mkt_strategy_writer_put(deployment->contacts, row, nulls);
}

static void
write_unrouted(StrategyDecision *decision, StrategyLane *lane, uint32 i)
{
	Deployment *deployment = decision->caller;
	Datum		row[lengthof(unrouted_columns)];
	bool		nulls[lengthof(unrouted_columns)] = {false};

	mkt_strategy_writer_flush(deployment->unrouted, false);
	row[0] = PointerGetDatum(deployment->round);
	row[1] = Int32GetDatum(lane->strategy_id);
	row[2] = Int64GetDatum(decision->first + i);
	row[3] = mkt_strategy_place(decision, i) == NULL ? deployment->outside : deployment->unserved;
	mkt_strategy_writer_put(deployment->unrouted, row, nulls);
}

/* A control customer who is otherwise a target: whatever else stands in the way. */
static const uint64 *
control_targets(StrategyDecision *decision, StrategyVerdict *verdict)
{
	const uint64 *control = mkt_strategy_or(decision, verdict->refused[REASON_GLOBAL_CONTROL],
											verdict->refused[REASON_STRATEGY_CONTROL]);

	if (!decision->contest->sending || control == NULL || verdict->candidates == NULL)
		return NULL;
	control = mkt_strategy_and(decision, control, verdict->candidates);
	control = mkt_strategy_andnot(decision, control, verdict->refused[REASON_NOT_APPLICABLE]);
	return mkt_strategy_andnot(decision, control, verdict->refused[REASON_NOT_SUITABLE]);
}

static void
write_judged(StrategyDecision *decision, StrategyLane *lane, StrategyVerdict *verdict)
{
	const uint64 *control = control_targets(decision, verdict);

	if (control == NULL && verdict->unrouted == NULL)
		return;
	if (decision->contest->cell_block != decision->block)
	{
		MemoryContext old = MemoryContextSwitchTo(decision->contest->query->context);

		mkt_tag_number_load(decision->contest->cell, decision->block);
		decision->contest->cell_block = decision->block;
		MemoryContextSwitchTo(old);
	}
	for (int c = 0; control != NULL && c < verdict->path->n; c++)
	{
		const uint64 *reached = mkt_strategy_and(decision, control, verdict->path->use[c]);

		for (int w = 0; reached != NULL && w < decision->words; w++)
		{
			for (uint64 left = reached[w]; left != 0; left &= left - 1)
				write_virtual(decision, lane, verdict->base + c, w * 64 + pg_rightmost_one_pos64(left));
		}
	}
	for (int w = 0; verdict->unrouted != NULL && w < decision->words; w++)
	{
		for (uint64 left = verdict->unrouted[w]; left != 0; left &= left - 1)
			write_unrouted(decision, lane, w * 64 + pg_rightmost_one_pos64(left));
	}
}

/* ---- work orders -------------------------------------------------------------------- */

static void
write_order(StrategyDecision *decision, const StrategyRouted *routed, Size at)
{
	Deployment *deployment = decision->caller;
	StrategyPodium *podium = &decision->podium;
	StrategyLane *lane = &decision->contest->lanes[podium->lane[at]];
	int			channel = podium->channel[at];
	Datum		code = PointerGetDatum(decision->contest->channels[lane->path->channels[channel]].code);
	int32		org_id = 0;
	bool		no_org = !mkt_strategy_unit(routed, &org_id);
	Datum		row[lengthof(order_columns)];
	bool		nulls[lengthof(order_columns)] = {false};
	TupleTableSlot *slot;
	MemoryContext old;

	mkt_strategy_writer_flush(deployment->orders, false);
	old = MemoryContextSwitchTo(mkt_strategy_writer_context(deployment->orders));
	row[0] = PointerGetDatum(deployment->round);
	row[1] = Int32GetDatum(lane->strategy_id);
	row[2] = Int16GetDatum(lane->version);
	row[3] = Int64GetDatum(decision->first + routed->i);
	row[4] = PointerGetDatum(lane->kind_code);
	row[5] = code;
	row[6] = PointerGetDatum(lane->offer_code);
	row[7] = Int32GetDatum(org_id);
	nulls[7] = no_org;
	row[8] = Int32GetDatum(routed->cell == NULL ? 0 : routed->cell->cell_id);
	nulls[8] = routed->cell == NULL;
	row[9] = Int32GetDatum(routed->person->staff_id);
	row[10] = deployment->issued;
	row[11] = lane->model == NULL ? NumericGetDatum(int64_to_numeric(1)) :
		mkt_strategy_p_datum(lane->model, mkt_strategy_p(decision, lane->model, routed->i));
	row[12] = NumericGetDatum(lane->value);
	row[13] = NumericGetDatum(lane->context);
	row[14] = NumericGetDatum(lane->lever[channel]);
	row[15] = DirectFunctionCall2(numeric_mul, row[11], NumericGetDatum(lane->weight[channel]));
	row[16] = row[18] = TimestampTzGetDatum(decision->as_of);
	row[17] = deployment->due[podium->lane[at]];
	slot = mkt_strategy_writer_put(deployment->orders, row, nulls);
	MemoryContextSwitchTo(old);
	if (slot != NULL)
	{
		Datum		contact[lengthof(contact_columns)];
		bool		none[lengthof(contact_columns)] = {false};

		mkt_strategy_writer_flush(deployment->contacts, false);
		contact[0] = row[3];
		contact[1] = row[0];
		contact[2] = row[1];
		contact[3] = slot->tts_values[deployment->order_id - 1];
		contact[4] = code;
		contact[5] = PointerGetDatum(lane->family);
		contact[6] = deployment->reserved;
		contact[7] = row[7];
		none[7] = no_org;
		contact[8] = row[16];
		if (mkt_strategy_writer_put(deployment->contacts, contact, none) != NULL)
			deployment->reserved_by[lane->path->channels[channel]]++;
	}
}

/* A customer's orders by strategy_id, all with the same person. */
static int64
write_customer(StrategyDecision *decision, const StrategyRouted *routed)
{
	StrategyPodium *podium = &decision->podium;
	StrategyLane *lanes = decision->contest->lanes;
	int64		n = 0;
	int32		last = PG_INT32_MIN;

	for (;;)
	{
		Size		next = 0;
		bool		found = false;

		for (int j = 0; j < podium->filled[routed->i]; j++)
		{
			Size		at = (Size) routed->i * podium->most + j;
			int32		id = lanes[podium->lane[at]].strategy_id;

			if (podium->refusal[at] == REASON_NONE && id > last &&
				(!found || id < lanes[podium->lane[next]].strategy_id))
			{
				next = at;
				found = true;
			}
		}
		if (!found)
			break;
		write_order(decision, routed, next);
		last = lanes[podium->lane[next]].strategy_id;
		n++;
	}
	routed->person->load += n;
	return n;
}

static int64
write_orders(StrategyDecision *decision)
{
	StrategyPodium *podium = &decision->podium;
	StrategyRouted *routed = palloc(decision->n * sizeof(StrategyRouted));
	MemoryContext old = MemoryContextSwitchTo(decision->contest->query->context);
	int			n = 0;
	int64		written = 0;

	if (decision->contest->cell_block != decision->block)
		mkt_tag_number_load(decision->contest->cell, decision->block);
	decision->contest->cell_block = decision->block;
	MemoryContextSwitchTo(old);
	for (uint32 i = 0; i < decision->n; i++)
	{
		bool		wins = false;

		for (int j = 0; j < podium->filled[i]; j++)
			wins |= podium->refusal[(Size) i * podium->most + j] == REASON_NONE;
		if (wins)
			routed[n++].i = i;
	}
	mkt_strategy_assign(decision, routed, n);
	for (int k = 0; k < n; k++)
		written += write_customer(decision, &routed[k]);
	return written;
}

/* ---- counts ---------------------------------------------------------------------------- */

/* What mkt._contact_load_trigger() would have counted. */
static void
write_load(StrategyDecision *decision)
{
	Deployment *deployment = decision->caller;
	StrategyContest *contest = decision->contest;
	Datum	   *codes = palloc((contest->nchannels + 1) * sizeof(Datum));
	Datum	   *counts = palloc((contest->nchannels + 1) * sizeof(Datum));
	Oid			types[3] = {TEXTARRAYOID, INT8ARRAYOID, TIMESTAMPTZOID};
	Datum		values[3];
	int			n = 0;

	for (int c = 0; c < contest->nchannels; c++)
	{
		if (deployment->reserved_by[c] == 0)
			continue;
		codes[n] = PointerGetDatum(contest->channels[c].code);
		counts[n++] = Int64GetDatum(deployment->reserved_by[c]);
	}
	values[0] = PointerGetDatum(construct_array(codes, n, TEXTOID, -1, false, TYPALIGN_INT));
	values[1] = PointerGetDatum(construct_array(counts, n, INT8OID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	values[2] = TimestampTzGetDatum(decision->as_of);
	if (SPI_execute_with_args("SELECT mkt._contact_load_add($1, $2, $3)", 3, types, values, NULL, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_with_args failed");
}

static void
write_counts(StrategyDecision *decision)
{
	Deployment *deployment = decision->caller;
	int			nlanes = decision->contest->nlanes;
	Datum	   *ids = palloc((nlanes * REASONS + 1) * sizeof(Datum));
	Datum	   *reasons = palloc((nlanes * REASONS + 1) * sizeof(Datum));
	Datum	   *counts = palloc((nlanes * REASONS + 1) * sizeof(Datum));
	Oid			types[4] = {TEXTOID, INT4ARRAYOID, INT8ARRAYOID, TEXTARRAYOID};
	Datum		values[4];
	int			n = 0;

	values[0] = PointerGetDatum(deployment->round);
	for (int l = 0; l < nlanes; l++)
	{
		ids[l] = Int32GetDatum(decision->contest->lanes[l].strategy_id);
		counts[l] = Int64GetDatum(decision->candidates[l]);
	}
	values[1] = PointerGetDatum(construct_array(ids, nlanes, INT4OID, 4, true, TYPALIGN_INT));
	values[2] = PointerGetDatum(construct_array(counts, nlanes, INT8OID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	SPI_connect();
	if (SPI_execute_with_args("UPDATE mkt.round_strategy AS rs SET candidates = rs.candidates + u.n "
							  "FROM unnest($2, $3) AS u(strategy_id, n) "
							  "WHERE rs.round_id = $1 AND rs.strategy_id = u.strategy_id AND u.n > 0",
							  3, types, values, NULL, false, 0) != SPI_OK_UPDATE)
		elog(ERROR, "SPI_execute_with_args failed");
	for (int l = 0; l < nlanes; l++)
	{
		for (int r = 0; r < REASONS; r++)
		{
			int64		count = decision->counts[l * REASONS + r];

			/* the unrouted are listed one by one */
			if (count == 0 || r == REASON_UNROUTED)
				continue;
			ids[n] = Int32GetDatum(decision->contest->lanes[l].strategy_id);
			reasons[n] = CStringGetTextDatum(mkt_strategy_reasons[r]);
			counts[n++] = Int64GetDatum(count);
		}
	}
	values[1] = PointerGetDatum(construct_array(ids, n, INT4OID, 4, true, TYPALIGN_INT));
	values[2] = PointerGetDatum(construct_array(counts, n, INT8OID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	values[3] = PointerGetDatum(construct_array(reasons, n, TEXTOID, -1, false, TYPALIGN_INT));
	if (SPI_execute_with_args("INSERT INTO mkt.round_refusal AS f (round_id, strategy_id, reason, customers) "
							  "SELECT $1, u.strategy_id, u.reason, u.n FROM unnest($2, $3, $4) AS u(strategy_id, n, reason) "
							  "ON CONFLICT ON CONSTRAINT round_refusal_pkey DO UPDATE SET customers = f.customers + excluded.customers",
							  4, types, values, NULL, false, 0) != SPI_OK_INSERT)
		elog(ERROR, "SPI_execute_with_args failed");
	write_load(decision);
	SPI_finish();
}
