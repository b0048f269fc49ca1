/*-------------------------------------------------------------------------
 *
 * strategy.h
 *		Who gets what, on which channel: the decision, block by block.
 *
 *	strategy_contest.c	the strategies that compete and the policy they are
 *						held against, kept by the session
 *	strategy_fact.c		what is known of the customers of a block: consent,
 *						do-not-disturb, suppression, contacts
 *	strategy_rule.c		the rules in their fixed order, each a set of refused
 *						customers
 *	strategy_rank.c		scores, the best of each customer, seats in channels
 *	strategy_ask.c		the questions: _decide, _decide_counts, _next_best
 *	strategy_route.c	whom a work order goes to
 *	strategy_write.c	many rows into a table
 *	strategy_deploy.c	one block of a round, decided and written
 *
 * A field is what is decided at once: the 64,512 customers of a block, or one
 * customer. Sets have a bit for each customer of the field, so one customer is
 * judged by the same code in sets of one word.
 *
 * Tables are read with the active snapshot and without privilege checks. A
 * field holds only customers the caller may see: blocks are clipped by the
 * evaluator, and of a single customer the caller must see the row.
 *
 *-------------------------------------------------------------------------
 */
#ifndef STRATEGY_H
#define STRATEGY_H

#include "datatype/timestamp.h"
#include "utils/numeric.h"
#include "utils/uuid.h"

#include "tag.h"

/* The rules in the order of the tests (semantics B1, mkt.refusal_reason). */
typedef enum StrategyReason
{
	REASON_KILL_SWITCH,
	REASON_NO_CONSENT,
	REASON_DO_NOT_DISTURB,
	REASON_SUPPRESSED,
	REASON_GLOBAL_CONTROL,
	REASON_STRATEGY_CONTROL,
	REASON_NOT_ELIGIBLE,
	REASON_NOT_APPLICABLE,
	REASON_NOT_SUITABLE,
	REASON_REPEAT_WINDOW,
	REASON_PAIR_RULE,
	REASON_FREQUENCY_CAP,
	REASON_CHANNEL_CAPACITY,
	REASON_UNROUTED,
	REASON_RULES,				/* those above are sets; the last one is ranking */
	REASON_OUTRANKED = REASON_RULES,
	REASONS,
	REASON_NONE = REASONS
} StrategyReason;

extern const char *const mkt_strategy_reasons[REASONS];

/* ---- what competes ------------------------------------------------------- */

typedef struct StrategyChannel
{
	text	   *code;
	bool		limited;		/* has a daily capacity */
	int32		cap_room;		/* contacts the caps allow to a customer without any */
} StrategyChannel;

/* At most `most` contacts within a window (mkt.contact_cap, marketing). */
typedef struct StrategyCap
{
	bool	   *covers;			/* by channel */
	int32		most;
	Interval	span;
	bool		calendar;
} StrategyCap;

/* Contacts about one product family keep this distance (mkt.repeat_window). */
typedef struct StrategyWindow
{
	text	   *family;
	Interval	span;
} StrategyWindow;

/*
 * A contact of the watched strategy bars a lane, or is what the lane waits for
 * (mkt.strategy_pair). A pair that never meets is there twice, once each way.
 */
typedef struct StrategyPair
{
	int32		watched;		/* strategy_id */
	int			lane;
	bool		wanted;
	bool		ever;			/* however long ago */
	Interval	span;
} StrategyPair;

/* Customers whose bucket is in [from, to) are left alone (mkt.holdout). */
typedef struct StrategyHoldout
{
	uint64		salt;			/* hashed */
	int32		from;
	int32		to;
} StrategyHoldout;

/* Channels in the order of preference, shared by the strategies that have it. */
typedef struct StrategyPath
{
	int			n;
	int		   *channels;
	bool		ready;			/* the sets below are those of the field at hand */
	const uint64 **use;			/* customers who are reached through channel i */
	const uint64 *barred[REASON_RULES]; /* those no channel is open to, and why */
} StrategyPath;

/* A numeric tag that holds probabilities. */
typedef struct StrategyModel
{
	TagNumber  *number;
	uint64		one;			/* 10^scale */
	TagRange	range;			/* stored values that are probabilities */
	TagRoom		room;
	int64		loaded;			/* block whose slices are at hand, or -1 */
	int64		checked;		/* block `valid` speaks of, or -1 */
	const uint64 *valid;		/* customers with a probability */
	Datum	   *numerics;		/* by value, made when first asked for; or NULL */
} StrategyModel;

/* A version of a strategy that competes. */
typedef struct StrategyLane
{
	int32		strategy_id;
	int16		version;
	int32		sla_days;
	text	   *code;
	text	   *kind_code;
	text	   *offer_code;
	text	   *family;
	text	   *offer_zh;
	text	   *template;		/* or NULL */
	int			product;		/* in contest->products */
	int			window;			/* in contest->windows, or -1 */
	Numeric		value;
	Numeric		context;
	StrategyModel *model;		/* NULL: p is 1 */
	uint64		salt;			/* of the strategy's control group, hashed */
	uint32		control;		/* buckets below are control */
	TagPlan    *eligibility;
	TagPlan    *applicability;	/* or NULL */
	TagPlan    *suitability;	/* or NULL */
	StrategyPath *path;
	Numeric    *lever;			/* by channel of the path */
	Numeric    *weight;			/* value x context x lever */
	uint128    *multiplier;		/* score = stored p x this, on the contest's scale */
} StrategyLane;

/*
 * Strategies that decide together, in the order that breaks ties: higher
 * value, earlier deadline, lower id. Kept between statements.
 */
typedef struct StrategyContest
{
	MemoryContext context;
	bool		busy;			/* in use, or left behind by an error */

	/* for whom and for when it was made */
	Oid			user;
	char	   *round;			/* or NULL */
	bool		clipped;		/* to the caller's cells: not kept */
	TimestampTz since;			/* the same at every as_of in [since, until) */
	TimestampTz until;
	pg_uuid_t	stamp;

	bool		sending;		/* the master switch, and no clone */
	text	   *zone;
	TagQuery   *query;
	TagNumber  *cell;			/* where customers stand */
	int64		cell_block;		/* block whose slices are at hand, or -1 */
	TagRange	served;			/* cells that somebody serves, as stored values */
	pg_uuid_t	served_stamp;	/* when that was so */
	TagRoom		room;
	int			nchannels;
	StrategyChannel *channels;
	int			ncaps;
	StrategyCap *caps;
	int			nwindows;
	StrategyWindow *windows;
	int			npairs;
	StrategyPair *pairs;
	int			nholdouts;
	StrategyHoldout *holdouts;
	int			nproducts;
	text	  **products;
	int			nmodels;
	StrategyModel *models;
	int			npaths;
	StrategyPath *paths;
	int			nlanes;
	StrategyLane *lanes;
	int		   *by_id;			/* lanes by strategy_id */
} StrategyContest;

/*
 * The contest of a round, or of all strategies in force. exact: single blocks
 * or customers will be asked for. Give it back when done.
 */
extern StrategyContest *mkt_strategy_contest(const text *round, TimestampTz as_of,
											 bool clip, bool exact);
extern void mkt_strategy_contest_done(StrategyContest *contest);

/* Codes are compared as bytes. */
static inline bool
mkt_strategy_same_code(const text *a, const text *b)
{
	return VARSIZE_ANY_EXHDR(a) == VARSIZE_ANY_EXHDR(b) &&
		memcmp(VARDATA_ANY(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(a)) == 0;
}

extern int	mkt_strategy_channel(const StrategyContest *contest, const text *code);
extern bool mkt_strategy_sees_all(void);

/* The stamp of a topic, which changes with every table behind it. */
extern void mkt_strategy_stamp(const char *topic, pg_uuid_t *stamp);

/* ---- a decision ------------------------------------------------------------ */

typedef struct StrategyRouting StrategyRouting;
typedef struct StrategyFacts StrategyFacts;

/* An owner of a customer of the field. */
typedef struct StrategyOwner
{
	uint32		i;
	int			person;			/* in the routing, or -1: not active */
} StrategyOwner;

/* What became of one strategy's candidates in the field at hand. */
typedef struct StrategyVerdict
{
	StrategyPath *path;
	int			base;			/* the path's first channel among the lane's */
	const uint64 *candidates;
	const uint64 *eligible;
	const uint64 *refused[REASON_RULES];	/* by each rule; NULL: nobody */
	const uint64 *unrouted;		/* refused for that and nothing before */
	uint64	   *passed;
	uint32		npassed;
} StrategyVerdict;

/* The best of each customer: place j of customer i is at i * most + j. */
typedef struct StrategyPodium
{
	int			most;
	uint16	   *filled;			/* places taken, by customer */
	uint128    *score;
	uint16	   *lane;
	uint8	   *channel;		/* of the lane's */
	uint8	   *refusal;		/* what happened on the podium, or REASON_NONE */
} StrategyPodium;

/* A customer whose control groups are also those of another. */
typedef struct StrategyOverride
{
	uint32		i;
	uint64		mixed;			/* of the other: half of the bucket hash */
} StrategyOverride;

typedef struct StrategyDecision
{
	StrategyContest *contest;
	TimestampTz as_of;
	const text *besides;		/* contacts of this round do not count */
	int			most;			/* contacts a customer may get */
	int			only_channel;	/* a touchpoint of this channel asks, or -1 */
	const bool *only_lanes;		/* these compete; NULL: all */
	bool		routed;			/* somebody has to be sent */
	bool		every;			/* keep all sets, to tell of every candidate */
	MemoryContext context;
	int64	   *day_room;		/* contacts a channel has left, -1: no limit */

	/* the field */
	bool		single;
	int64		block;
	uint32		low;			/* of the single customer in its block */
	int64		first;			/* its first customer */
	uint32		n;				/* how many */
	int			words;

	/* what is known of it; NULL: nobody */
	const uint64 *all;
	const uint64 **no_consent;	/* by channel */
	const uint64 **disturbed;	/* by channel */
	const uint64 **unwanted;	/* by product */
	const uint64 **repeated;	/* by window */
	const uint64 **met;			/* by pair: contacted by the watched strategy */
	const uint64 *suppressed;
	const uint64 *held_out;
	const uint64 *homeless;
	const uint64 **tight;		/* channel c: room for at most j contacts, at c * most + j */
	const uint64 **closed;		/* by channel: not open, for whatever reason */
	uint64	   *mixed;			/* by customer: half of the bucket hash */
	bool		is_mixed;
	StrategyOverride *overrides;	/* of mkt.control_override */
	int			noverrides;
	int			max_overrides;

	/* what is decided */
	StrategyVerdict *verdicts;	/* by lane */
	StrategyPodium podium;
	int64	   *counts;			/* lane l, reason r at l * REASONS + r, since the start */
	int64	   *candidates;		/* by lane, since the start */
	int64	   *issued;			/* by lane, since the start */

	StrategyFacts *facts;
	StrategyRouting *routing;
	int			nowners;
	StrategyOwner *owners;		/* ascending by i */
	StrategyPath only_path;
	uint64	  **pool;			/* sets to hand out */
	int			npool;
	int			pooled;			/* handed out */
	uint16	   *lows;
	uint64	   *values;

	/* called with every lane's verdict, while all its sets are there */
	void		(*judged) (struct StrategyDecision *decision, StrategyLane *lane,
						   StrategyVerdict *verdict);
	void	   *caller;
} StrategyDecision;

/* Everything but the field; the caller may then set every, routed and judged. */
extern StrategyDecision *mkt_strategy_decision(StrategyContest *contest, TimestampTz as_of,
											   const text *besides, int most,
											   int only_channel);
extern void mkt_strategy_decide_block(StrategyDecision *decision, int64 block);
extern void mkt_strategy_decide_customer(StrategyDecision *decision, int64 cid);
extern void mkt_strategy_decision_done(StrategyDecision *decision);

/* ---- between the files ------------------------------------------------------- */

extern uint64 *mkt_strategy_bits(StrategyDecision *decision);	/* not cleared */
extern uint32 mkt_strategy_count(StrategyDecision *decision, const uint64 *a);

/* a & b, a | b, a & ~b, NULL being the empty set; may return a or b. */
extern const uint64 *mkt_strategy_and(StrategyDecision *decision, const uint64 *a, const uint64 *b);
extern const uint64 *mkt_strategy_or(StrategyDecision *decision, const uint64 *a, const uint64 *b);
extern const uint64 *mkt_strategy_andnot(StrategyDecision *decision, const uint64 *a, const uint64 *b);

static inline bool
mkt_strategy_has(const uint64 *bits, uint32 i)
{
	return bits != NULL && ((bits[i / 64] >> (i % 64)) & 1);
}

extern StrategyFacts *mkt_strategy_facts_open(StrategyDecision *decision);
extern void mkt_strategy_facts_load(StrategyDecision *decision);
extern void mkt_strategy_facts_close(StrategyFacts *facts);

/* Members of a plan in the field. */
extern const uint64 *mkt_strategy_members(StrategyDecision *decision, TagPlan *plan);

/* Get the sets that strategies share, before the first is judged. */
extern void mkt_strategy_ready(StrategyDecision *decision);
extern void mkt_strategy_judge(StrategyDecision *decision, int lane);
extern void mkt_strategy_mix(StrategyDecision *decision);

extern void mkt_strategy_podium_clear(StrategyDecision *decision);
extern void mkt_strategy_rank(StrategyDecision *decision, int lane);
extern void mkt_strategy_seat(StrategyDecision *decision);

/* Stored p of customer i of the field, who has one. */
extern uint64 mkt_strategy_p(StrategyDecision *decision, StrategyModel *model, uint32 i);
extern Datum mkt_strategy_p_datum(StrategyModel *model, uint64 p);
/* Stored p of the members of a set, in decision->values. */
extern void mkt_strategy_p_values(StrategyDecision *decision, StrategyModel *model,
								  const uint64 *bits, uint64 *values);
/* Customers with a probability, into model->valid. */
extern void mkt_strategy_find_valid(StrategyDecision *decision, StrategyModel *model);
/* Raise 22004 or 22003 if an eligible customer has no probability. */
extern void mkt_strategy_check_p(StrategyDecision *decision, StrategyLane *lane,
								 const uint64 *eligible);

/* ---- who is sent (strategy_route.c) ----------------------------------------------- */

/* People, units and cells as of now, kept between statements. */
extern StrategyRouting *mkt_strategy_routing(void);
extern int	mkt_strategy_person(const StrategyRouting *routing, int32 staff_id);

/* Customers nobody could be sent to. */
extern void mkt_strategy_find_homeless(StrategyDecision *decision);

/* The owners among the customers of the field, into decision->owners. */
extern void mkt_strategy_load_owners(StrategyDecision *decision);

#endif							/* STRATEGY_H */
