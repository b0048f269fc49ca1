/*-------------------------------------------------------------------------
 *
 * strategy_fact.c
 *		What is known of the customers of a field, as sets.
 *
 * Consent, do-not-disturb, suppression and the contact ledger are each read
 * once per field, in the order of their indexes on cid. Contacts of one
 * customer come together, so caps need no memory: they are counted customer by
 * customer. The ledger's index has sent_at, so a contact older than every
 * window is passed over without touching its page.
 *
 * What a rule makes of the sets is strategy_rule.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "access/genam.h"
#include "access/relscan.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "mkt_hash.h"
#include "strategy.h"

/* ---- the tables (sql/platform/30-customer, 42-policy, 44-experiment, 52-contact) */

#define Anum_consent_cid			1
#define Anum_consent_channel_code	2
#define Anum_consent_contact_class	3
#define Anum_consent_granted		4
#define Anum_consent_since			5

#define Anum_dnd_cid				2
#define Anum_dnd_scope				3
#define Anum_dnd_scope_code			4
#define Anum_dnd_valid_from			6
#define Anum_dnd_valid_to			7

#define Anum_suppression_cid		1
#define Anum_suppression_since		3

#define Anum_contact_cid			2
#define Anum_contact_round_id		3
#define Anum_contact_strategy_id	4
#define Anum_contact_channel_code	6
#define Anum_contact_contact_class	7
#define Anum_contact_family			8
#define Anum_contact_state			9
#define Anum_contact_sent_at		12
#define Anum_contact_made_for		15

#define Anum_override_cid			1
#define Anum_override_like_cid		2
#define Anum_override_since			3

/* One table, read in the order of cid. */
typedef struct FactScan
{
	Relation	table;
	Relation	index;
	IndexScanDesc scan;
	TupleTableSlot *slot;
} FactScan;

struct StrategyFacts
{
	FactScan	consent;
	FactScan	dnd;
	FactScan	suppression;
	FactScan	override;
	FactScan	contact;
	TimestampTz *since;			/* by cap: contacts after it count */
	TimestampTz *repeat_since;	/* by window */
	TimestampTz *pair_since;	/* by pair */
	TimestampTz earliest;		/* of those */
	uint64	  **no_consent;		/* by channel */
	uint64	  **disturbed;		/* by channel */
	uint64	  **unwanted;		/* by product */
	uint64	  **repeated;		/* by window */
	uint64	  **met;			/* by pair */
	uint64	   *suppressed;
	uint64	   *held_out;
	uint64	  **tight;
	int8	   *said;			/* by channel, of one customer */
	int		   *used;			/* by cap, of one customer */
};

static void load_consent(StrategyDecision *decision);
static void load_dnd(StrategyDecision *decision);
static void load_suppression(StrategyDecision *decision);
static void load_contacts(StrategyDecision *decision);
static void load_overrides(StrategyDecision *decision);
static void load_holdouts(StrategyDecision *decision);
static void close_channels(StrategyDecision *decision);

/* ---- reading ------------------------------------------------------------------- */

static void
fact_open(FactScan *fact, const char *name, int natts, const char *index)
{
	fact->table = mkt_tag_open_table(name, natts);
	fact->index = index_open(get_relname_relid(index, RelationGetNamespace(fact->table)),
							 AccessShareLock);
	fact->scan = mkt_index_beginscan(fact->table, fact->index, GetActiveSnapshot(), 2);
	fact->slot = table_slot_create(fact->table, NULL);
}

static void
fact_close(FactScan *fact)
{
	if (fact->table == NULL)
		return;
	ExecDropSingleTupleTableSlot(fact->slot);
	index_endscan(fact->scan);
	index_close(fact->index, NoLock);
	table_close(fact->table, NoLock);
}

/* Begin with the first customer of the field. */
static void
fact_start(FactScan *fact, const StrategyDecision *decision)
{
	ScanKeyData keys[2];

	ScanKeyInit(&keys[0], 1, BTGreaterEqualStrategyNumber, F_INT8GE,
				Int64GetDatum(decision->first));
	ScanKeyInit(&keys[1], 1, BTLessStrategyNumber, F_INT8LT,
				Int64GetDatum(decision->first + decision->n));
	index_rescan(fact->scan, keys, 2, NULL, 0);
}

static bool
fact_next(FactScan *fact)
{
	CHECK_FOR_INTERRUPTS();
	return index_getnext_slot(fact->scan, ForwardScanDirection, fact->slot);
}

static Datum
fact_column(FactScan *fact, AttrNumber attnum, bool *isnull)
{
	return slot_getattr(fact->slot, attnum, isnull);
}

static int64
fact_cid(FactScan *fact, AttrNumber attnum)
{
	bool		isnull;

	return DatumGetInt64(slot_getattr(fact->slot, attnum, &isnull));
}

static bool
text_is(Datum value, const char *word)
{
	text	   *t = DatumGetTextPP(value);

	return VARSIZE_ANY_EXHDR(t) == strlen(word) &&
		memcmp(VARDATA_ANY(t), word, strlen(word)) == 0;
}

static inline void
set_bit(uint64 *bits, uint32 i)
{
	bits[i / 64] |= UINT64CONST(1) << (i % 64);
}

/* ---- all of it ------------------------------------------------------------------ */

static uint64 **
make_sets(int n, int words)
{
	uint64	  **sets = palloc((n + 1) * sizeof(uint64 *));

	for (int i = 0; i < n; i++)
		sets[i] = palloc(words * sizeof(uint64));
	return sets;
}

/* The last instant whose contacts no longer count, as mkt._cap_since() has it. */
static TimestampTz
window_start(const StrategyContest *contest, const Interval *span, bool calendar, TimestampTz as_of)
{
	Datum		zone = PointerGetDatum(contest->zone);
	Datum		local = DirectFunctionCall2(timestamptz_zone, zone, TimestampTzGetDatum(as_of));
	const char *unit = span->month > 0 ? "month" : span->day > 1 ? "week" : "day";

	if (!calendar)
		return DatumGetTimestampTz(DirectFunctionCall2(timestamp_zone, zone,
													   DirectFunctionCall2(timestamp_mi_interval, local,
																		   IntervalPGetDatum(unconstify(Interval *, span)))));
	local = DirectFunctionCall2(timestamp_trunc, PointerGetDatum(cstring_to_text(unit)), local);
	return DatumGetTimestampTz(DirectFunctionCall2(timestamp_zone, zone, local)) - 1;
}

StrategyFacts *
mkt_strategy_facts_open(StrategyDecision *decision)
{
	const StrategyContest *contest = decision->contest;
	StrategyFacts *facts = palloc0(sizeof(StrategyFacts));

	fact_open(&facts->consent, "consent", 5, "consent_pkey");
	fact_open(&facts->dnd, "do_not_disturb", 7, "do_not_disturb_cid_idx");
	fact_open(&facts->suppression, "suppression", 3, "suppression_pkey");
	fact_open(&facts->override, "control_override", 3, "control_override_pkey");
	facts->earliest = DT_NOEND;
	if (contest->ncaps + contest->nwindows + contest->npairs > 0)
	{
		fact_open(&facts->contact, "contact", 15, "contact_cid_idx");
		facts->contact.scan->xs_want_itup = true;
	}
	facts->since = palloc((contest->ncaps + 1) * sizeof(TimestampTz));
	facts->repeat_since = palloc((contest->nwindows + 1) * sizeof(TimestampTz));
	facts->pair_since = palloc((contest->npairs + 1) * sizeof(TimestampTz));
	for (int i = 0; i < contest->ncaps; i++)
	{
		facts->since[i] = window_start(contest, &contest->caps[i].span, contest->caps[i].calendar, decision->as_of);
		facts->earliest = Min(facts->earliest, facts->since[i]);
	}
	for (int i = 0; i < contest->nwindows; i++)
	{
		facts->repeat_since[i] = window_start(contest, &contest->windows[i].span, false, decision->as_of);
		facts->earliest = Min(facts->earliest, facts->repeat_since[i]);
	}
	for (int i = 0; i < contest->npairs; i++)
	{
		facts->pair_since[i] = contest->pairs[i].ever ? DT_NOBEGIN :
			window_start(contest, &contest->pairs[i].span, false, decision->as_of);
		facts->earliest = Min(facts->earliest, facts->pair_since[i]);
	}
	facts->no_consent = make_sets(contest->nchannels, decision->words);
	facts->disturbed = make_sets(contest->nchannels, decision->words);
	facts->unwanted = make_sets(contest->nproducts, decision->words);
	facts->tight = make_sets(contest->nchannels * decision->most, decision->words);
	facts->repeated = make_sets(contest->nwindows, decision->words);
	facts->met = make_sets(contest->npairs, decision->words);
	facts->suppressed = palloc(decision->words * sizeof(uint64));
	facts->held_out = palloc(decision->words * sizeof(uint64));
	facts->said = palloc(contest->nchannels + 1);
	facts->used = palloc((contest->ncaps + 1) * sizeof(int));

	decision->max_overrides = 16;
	decision->overrides = palloc(decision->max_overrides * sizeof(StrategyOverride));
	decision->no_consent = palloc0((contest->nchannels + 1) * sizeof(uint64 *));
	decision->disturbed = palloc0((contest->nchannels + 1) * sizeof(uint64 *));
	decision->repeated = palloc0((contest->nwindows + 1) * sizeof(uint64 *));
	decision->met = palloc0((contest->npairs + 1) * sizeof(uint64 *));
	decision->unwanted = palloc0((contest->nproducts + 1) * sizeof(uint64 *));
	decision->tight = palloc0((contest->nchannels * decision->most + 1) * sizeof(uint64 *));
	decision->closed = palloc0((contest->nchannels + 1) * sizeof(uint64 *));
	return facts;
}

void
mkt_strategy_facts_close(StrategyFacts *facts)
{
	fact_close(&facts->consent);
	fact_close(&facts->dnd);
	fact_close(&facts->suppression);
	fact_close(&facts->override);
	fact_close(&facts->contact);
}

void
mkt_strategy_facts_load(StrategyDecision *decision)
{
	load_consent(decision);
	load_dnd(decision);
	load_suppression(decision);
	load_contacts(decision);
	load_overrides(decision);
	load_holdouts(decision);
	close_channels(decision);
}

/* Put a customer into a set that is empty so far, or not. */
static void
put(StrategyDecision *decision, const uint64 **set, uint64 *bits, uint32 i)
{
	if (*set == NULL)
	{
		memset(bits, 0, decision->words * sizeof(uint64));
		*set = bits;
	}
	set_bit(bits, i);
}

/* ---- consent --------------------------------------------------------------------- */

/* What is said about a channel goes before what is said about all of them. */
static void
conclude_consent(StrategyDecision *decision, int8 about_all, uint32 i)
{
	StrategyFacts *facts = decision->facts;

	for (int c = 0; c < decision->contest->nchannels; c++)
	{
		int8		said = facts->said[c] != 0 ? facts->said[c] : about_all;

		if (said < 0)
			put(decision, &decision->no_consent[c], facts->no_consent[c], i);
	}
}

static void
load_consent(StrategyDecision *decision)
{
	StrategyFacts *facts = decision->facts;
	FactScan   *fact = &facts->consent;
	int			nchannels = decision->contest->nchannels;
	int64		at = -1;		/* customer at hand */
	int8		about_all = 0;	/* 1 granted, -1 refused */

	for (int c = 0; c < nchannels; c++)
		decision->no_consent[c] = NULL;
	fact_start(fact, decision);
	while (fact_next(fact))
	{
		int64		cid = fact_cid(fact, Anum_consent_cid);
		bool		isnull;
		Datum		channel;
		int8		said;

		if (cid != at)
		{
			if (at >= 0)
				conclude_consent(decision, about_all, at - decision->first);
			at = cid;
			about_all = 0;
			memset(facts->said, 0, nchannels);
		}
		if (DatumGetTimestampTz(fact_column(fact, Anum_consent_since, &isnull)) > decision->as_of ||
			!text_is(fact_column(fact, Anum_consent_contact_class, &isnull), "marketing"))
			continue;
		said = DatumGetBool(fact_column(fact, Anum_consent_granted, &isnull)) ? 1 : -1;
		channel = fact_column(fact, Anum_consent_channel_code, &isnull);
		if (text_is(channel, "*"))
			about_all = said;
		else
		{
			int			c = mkt_strategy_channel(decision->contest, DatumGetTextPP(channel));

			if (c >= 0)
				facts->said[c] = said;
		}
	}
	if (at >= 0)
		conclude_consent(decision, about_all, at - decision->first);
}

/* ---- do-not-disturb, suppression ---------------------------------------------------- */

static void
put_disturbed(StrategyDecision *decision, uint32 i)
{
	StrategyFacts *facts = decision->facts;
	StrategyContest *contest = decision->contest;
	bool		isnull;
	Datum		scope = fact_column(&facts->dnd, Anum_dnd_scope, &isnull);
	Datum		code = fact_column(&facts->dnd, Anum_dnd_scope_code, &isnull);
	int			c;

	if (text_is(scope, "all"))
	{
		for (c = 0; c < contest->nchannels; c++)
			put(decision, &decision->disturbed[c], facts->disturbed[c], i);
	}
	else if (text_is(scope, "channel"))
	{
		c = mkt_strategy_channel(contest, DatumGetTextPP(code));
		if (c >= 0)
			put(decision, &decision->disturbed[c], facts->disturbed[c], i);
	}
	else
	{
		text	   *product = DatumGetTextPP(code);

		for (int p = 0; p < contest->nproducts; p++)
		{
			if (mkt_strategy_same_code(contest->products[p], product))
				put(decision, &decision->unwanted[p], facts->unwanted[p], i);
		}
	}
}

static void
load_dnd(StrategyDecision *decision)
{
	FactScan   *fact = &decision->facts->dnd;

	for (int c = 0; c < decision->contest->nchannels; c++)
		decision->disturbed[c] = NULL;
	for (int p = 0; p < decision->contest->nproducts; p++)
		decision->unwanted[p] = NULL;
	fact_start(fact, decision);
	while (fact_next(fact))
	{
		bool		isnull;
		TimestampTz to;

		if (DatumGetTimestampTz(fact_column(fact, Anum_dnd_valid_from, &isnull)) > decision->as_of)
			continue;
		to = DatumGetTimestampTz(fact_column(fact, Anum_dnd_valid_to, &isnull));
		if (isnull || decision->as_of < to)
			put_disturbed(decision, fact_cid(fact, Anum_dnd_cid) - decision->first);
	}
}

static void
load_suppression(StrategyDecision *decision)
{
	FactScan   *fact = &decision->facts->suppression;

	decision->suppressed = NULL;
	fact_start(fact, decision);
	while (fact_next(fact))
	{
		bool		isnull;

		if (DatumGetTimestampTz(fact_column(fact, Anum_suppression_since, &isnull)) <= decision->as_of)
			put(decision, &decision->suppressed, decision->facts->suppressed,
				fact_cid(fact, Anum_suppression_cid) - decision->first);
	}
}

/* ---- contacts and caps ---------------------------------------------------------------- */

/* The next contact that may count: the index says when it was sent. */
static bool
next_contact(StrategyFacts *facts)
{
	IndexScanDesc scan = facts->contact.scan;

	for (;;)
	{
		ItemPointer tid = index_getnext_tid(scan, ForwardScanDirection);
		bool		isnull;
		TimestampTz sent_at;

		CHECK_FOR_INTERRUPTS();
		if (tid == NULL)
			return false;
		sent_at = DatumGetTimestampTz(index_getattr(scan->xs_itup, 2, scan->xs_itupdesc, &isnull));
		if ((isnull || sent_at > facts->earliest) && index_fetch_heap(scan, facts->contact.slot))
			return true;
	}
}

/* What the caps leave to a customer: a set for each number that may be too few. */
static void
conclude_contacts(StrategyDecision *decision, uint32 i)
{
	StrategyContest *contest = decision->contest;
	StrategyFacts *facts = decision->facts;

	for (int c = 0; c < contest->nchannels; c++)
	{
		int			room = contest->channels[c].cap_room;

		for (int k = 0; k < contest->ncaps; k++)
		{
			if (contest->caps[k].covers[c])
				room = Min(room, contest->caps[k].most - facts->used[k]);
		}
		for (int j = Max(room, 0); j < Min(decision->most, contest->channels[c].cap_room); j++)
		{
			int			at = c * decision->most + j;

			put(decision, &decision->tight[at], facts->tight[at], i);
		}
	}
}

/* What a contact means to the strategies of its family, and to those paired with its own. */
static void
note_contact(StrategyDecision *decision, bool reserved, TimestampTz sent_at)
{
	StrategyContest *contest = decision->contest;
	StrategyFacts *facts = decision->facts;
	FactScan   *fact = &facts->contact;
	uint32		i = fact_cid(fact, Anum_contact_cid) - decision->first;
	bool		isnull;
	text	   *family = DatumGetTextPP(fact_column(fact, Anum_contact_family, &isnull));
	int32		strategy_id = DatumGetInt32(fact_column(fact, Anum_contact_strategy_id, &isnull));

	for (int w = 0; w < contest->nwindows; w++)
	{
		if ((reserved || sent_at > facts->repeat_since[w]) &&
			mkt_strategy_same_code(family, contest->windows[w].family))
			put(decision, &decision->repeated[w], facts->repeated[w], i);
	}
	for (int k = 0; k < contest->npairs && !isnull; k++)
	{
		const StrategyPair *pair = &contest->pairs[k];

		/* what waits for a contact waits for one that has happened */
		if (pair->watched == strategy_id &&
			(reserved ? !pair->wanted : sent_at > facts->pair_since[k] &&
			 !(pair->wanted && sent_at > decision->as_of)))
			put(decision, &decision->met[k], facts->met[k], i);
	}
}

/*
 * What is reserved may be sent any day, so it counts whatever its age; what was
 * sent later than as_of counts too, so that a decision never breaks the window
 * of a contact made meanwhile.
 */
static void
count_contact(StrategyDecision *decision)
{
	StrategyContest *contest = decision->contest;
	StrategyFacts *facts = decision->facts;
	FactScan   *fact = &facts->contact;
	bool		isnull;
	Datum		state = fact_column(fact, Anum_contact_state, &isnull);
	bool		reserved = text_is(state, "reserved");
	Datum		value;
	TimestampTz sent_at;
	int			c;

	if (!(reserved || text_is(state, "sent")) ||
		!text_is(fact_column(fact, Anum_contact_contact_class, &isnull), "marketing"))
		return;
	value = fact_column(fact, Anum_contact_round_id, &isnull);
	if (!isnull && decision->besides != NULL)
	{
		if (mkt_strategy_same_code(DatumGetTextPP(value), decision->besides))
		{
			/* what the round gave a customer who was merged in since does count */
			fact_column(fact, Anum_contact_made_for, &isnull);
			if (isnull)
				return;
		}
	}
	c = mkt_strategy_channel(contest, DatumGetTextPP(fact_column(fact, Anum_contact_channel_code, &isnull)));
	sent_at = DatumGetTimestampTz(fact_column(fact, Anum_contact_sent_at, &isnull));
	for (int k = 0; k < contest->ncaps && c >= 0; k++)
	{
		if (contest->caps[k].covers[c] && (reserved || sent_at > facts->since[k]))
			facts->used[k]++;
	}
	note_contact(decision, reserved, sent_at);
}

static void
load_contacts(StrategyDecision *decision)
{
	StrategyContest *contest = decision->contest;
	StrategyFacts *facts = decision->facts;
	int64		at = -1;

	for (int c = 0; c < contest->nchannels; c++)
	{
		for (int j = 0; j < decision->most; j++)
			decision->tight[c * decision->most + j] = j >= contest->channels[c].cap_room ? decision->all : NULL;
	}
	for (int w = 0; w < contest->nwindows; w++)
		decision->repeated[w] = NULL;
	for (int k = 0; k < contest->npairs; k++)
		decision->met[k] = NULL;
	if (facts->contact.table == NULL)
		return;
	fact_start(&facts->contact, decision);
	while (next_contact(facts))
	{
		int64		cid = fact_cid(&facts->contact, Anum_contact_cid);

		if (cid != at)
		{
			if (at >= 0)
				conclude_contacts(decision, at - decision->first);
			at = cid;
			memset(facts->used, 0, contest->ncaps * sizeof(int));
		}
		count_contact(decision);
	}
	if (at >= 0)
		conclude_contacts(decision, at - decision->first);
}

/* ---- control groups and channels -------------------------------------------------------- */

/* The half of the bucket hash that belongs to the customer. */
void
mkt_strategy_mix(StrategyDecision *decision)
{
	if (decision->is_mixed)
		return;
	for (uint32 i = 0; i < decision->n; i++)
		decision->mixed[i] = mkt_hash_mix((uint64) (decision->first + i));
	decision->is_mixed = true;
}

/* After a merge the buckets of both count: control wins (semantics A.6). */
static void
load_overrides(StrategyDecision *decision)
{
	FactScan   *fact = &decision->facts->override;

	decision->noverrides = 0;
	fact_start(fact, decision);
	while (fact_next(fact))
	{
		StrategyOverride *override;
		bool		isnull;

		if (DatumGetTimestampTz(fact_column(fact, Anum_override_since, &isnull)) > decision->as_of)
			continue;
		if (decision->noverrides == decision->max_overrides)
		{
			decision->max_overrides *= 2;
			decision->overrides = repalloc(decision->overrides,
										   decision->max_overrides * sizeof(StrategyOverride));
		}
		override = &decision->overrides[decision->noverrides++];
		override->i = fact_cid(fact, Anum_override_cid) - decision->first;
		override->mixed = mkt_hash_mix(DatumGetInt64(fact_column(fact, Anum_override_like_cid, &isnull)));
	}
}

static void
load_holdouts(StrategyDecision *decision)
{
	StrategyContest *contest = decision->contest;

	decision->held_out = NULL;
	for (int h = 0; h < contest->nholdouts; h++)
	{
		StrategyHoldout *holdout = &contest->holdouts[h];

		mkt_strategy_mix(decision);
		for (uint32 i = 0; i < decision->n; i++)
		{
			int32		bucket = mkt_hash_bucket_of(holdout->salt, decision->mixed[i]);

			if (bucket >= holdout->from && bucket < holdout->to)
				put(decision, &decision->held_out, decision->facts->held_out, i);
		}
		for (int o = 0; o < decision->noverrides; o++)
		{
			int32		bucket = mkt_hash_bucket_of(holdout->salt, decision->overrides[o].mixed);

			if (bucket >= holdout->from && bucket < holdout->to)
				put(decision, &decision->held_out, decision->facts->held_out, decision->overrides[o].i);
		}
	}
}

/* A channel is closed to whom it may not or cannot reach. */
static void
close_channels(StrategyDecision *decision)
{
	StrategyContest *contest = decision->contest;

	for (int c = 0; c < contest->nchannels; c++)
	{
		const uint64 *closed = mkt_strategy_or(decision, decision->no_consent[c], decision->disturbed[c]);

		closed = mkt_strategy_or(decision, closed, decision->tight[c * decision->most]);
		if (decision->day_room[c] == 0)
			closed = decision->all;
		decision->closed[c] = closed;
	}
}
