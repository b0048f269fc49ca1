/*-------------------------------------------------------------------------
 *
 * strategy_contest.c
 *		The strategies that compete, and the policy they are held against.
 *
 * Reading a hundred strategies and planning their expressions takes longer
 * than deciding a customer, so a session keeps what it has read. It is used
 * again if the stamp in mkt.decision_stamp is still the same, which every
 * change of a table behind it replaces, and if as_of is in the span between two
 * dates of validity. Stamp and tables are read with the caller's snapshot, so a
 * transaction sees its own changes and nobody else's. Of the tags, only the
 * shape of numbers is kept; it is compared with mkt.tag each time.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "access/htup_details.h"
#include "access/relscan.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/value.h"
#include "parser/parse_func.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "mkt_hash.h"
#include "strategy.h"

#define KEPT 4					/* contests a session keeps */
#define Natts_decision_stamp 2

static StrategyContest *kept[KEPT];
static int	next_kept = 0;

static bool is_current(StrategyContest *contest, const text *round, TimestampTz as_of);
static bool same_numbers(StrategyContest *contest);
static StrategyContest *make_contest(const text *round, TimestampTz as_of, bool clip);
static void load_policy(StrategyContest *contest, TimestampTz as_of);
static void load_lanes(StrategyContest *contest, const text *round, TimestampTz as_of);
static void load_pairs(StrategyContest *contest);
static void scale_scores(StrategyContest *contest);

/* ---- keeping ------------------------------------------------------------------ */

StrategyContest *
mkt_strategy_contest(const text *round, TimestampTz as_of, bool clip, bool exact)
{
	StrategyContest *contest = NULL;

	clip = clip && !mkt_strategy_sees_all();
	for (int i = 0; i < KEPT && !clip; i++)
	{
		if (kept[i] == NULL)
			continue;
		if (kept[i]->busy)
		{
			/* an error left it behind: what it had open is gone */
			MemoryContextDelete(kept[i]->context);
			kept[i] = NULL;
		}
		else if (is_current(kept[i], round, as_of))
			contest = kept[i];
	}
	if (contest != NULL)
	{
		contest->busy = true;
		contest->query->exact = exact;
		mkt_tag_query_resume(contest->query);
		if (same_numbers(contest))
			return contest;
		mkt_strategy_contest_done(contest);
		contest->user = InvalidOid; /* never current again */
	}
	contest = make_contest(round, as_of, clip);
	contest->busy = true;
	contest->query->exact = exact;
	mkt_tag_query_suspend(contest->query);
	mkt_tag_query_resume(contest->query);
	if (!clip)
	{
		if (kept[next_kept] != NULL)
			MemoryContextDelete(kept[next_kept]->context);
		MemoryContextSetParent(contest->context, CacheMemoryContext);
		kept[next_kept] = contest;
		next_kept = (next_kept + 1) % KEPT;
	}
	return contest;
}

void
mkt_strategy_contest_done(StrategyContest *contest)
{
	mkt_tag_query_suspend(contest->query);
	contest->busy = false;
	if (contest->clipped)
		MemoryContextDelete(contest->context);
}

static bool
is_current(StrategyContest *contest, const text *round, TimestampTz as_of)
{
	pg_uuid_t	stamp;

	if (contest->user != GetUserId() || as_of < contest->since || as_of >= contest->until ||
		(contest->round == NULL) != (round == NULL))
		return false;
	if (round != NULL && (strlen(contest->round) != VARSIZE_ANY_EXHDR(round) ||
						  memcmp(contest->round, VARDATA_ANY(round), VARSIZE_ANY_EXHDR(round)) != 0))
		return false;
	mkt_strategy_stamp("strategy", &stamp);
	return memcmp(&contest->stamp, &stamp, sizeof(stamp)) == 0;
}

void
mkt_strategy_stamp(const char *topic, pg_uuid_t *stamp)
{
	Relation	table = mkt_tag_open_table("decision_stamp", Natts_decision_stamp);
	TableScanDesc scan = table_beginscan(table, GetActiveSnapshot(), 0, NULL);
	TupleTableSlot *slot = table_slot_create(table, NULL);
	bool		found = false;

	while (!found && table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		bool		isnull;
		text	   *name = DatumGetTextPP(slot_getattr(slot, 1, &isnull));

		found = VARSIZE_ANY_EXHDR(name) == strlen(topic) &&
			memcmp(VARDATA_ANY(name), topic, strlen(topic)) == 0;
		if (found)
			memcpy(stamp, DatumGetUUIDP(slot_getattr(slot, 2, &isnull)), sizeof(pg_uuid_t));
	}
	ExecDropSingleTupleTableSlot(slot);
	table_endscan(scan);
	table_close(table, NoLock);
	if (!found)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("mkt.decision_stamp has no row for \"%s\"", topic),
				 errhint("Run CALL mkt.upgrade_platform().")));
}

/* Do the numbers still have the bias and slices their plans were made for? */
static bool
same_numbers(StrategyContest *contest)
{
	TagStore   *store = &contest->query->store;
	Relation	index = index_open(mkt_primary_key_index(store->tag), AccessShareLock);
	IndexScanDesc scan = mkt_index_beginscan(store->tag, index, store->snapshot, 1);
	TupleTableSlot *slot = table_slot_create(store->tag, NULL);
	bool		same = true;
	ListCell   *lc;

	foreach(lc, contest->query->numbers)
	{
		const Tag  *tag = ((TagNumber *) lfirst(lc))->tag;
		ScanKeyData key;
		bool		isnull;

		ScanKeyInit(&key, 1, BTEqualStrategyNumber, F_INT4EQ, Int32GetDatum(tag->tag_id));
		index_rescan(scan, &key, 1, NULL, 0);
		same = index_getnext_slot(scan, ForwardScanDirection, slot) &&
			DatumGetInt64(slot_getattr(slot, Anum_tag_bias, &isnull)) == tag->bias &&
			DatumGetInt16(slot_getattr(slot, Anum_tag_slices, &isnull)) == tag->slices &&
			DatumGetInt16(slot_getattr(slot, Anum_tag_scale, &isnull)) == tag->scale;
		if (!same)
			break;
	}
	ExecDropSingleTupleTableSlot(slot);
	index_endscan(scan);
	index_close(index, NoLock);
	return same;
}

bool
mkt_strategy_sees_all(void)
{
	List	   *name;

	if (superuser())
		return true;			/* what it would say, sooner */
	name = list_make2(makeString("mkt"), makeString("sees_all"));
	return DatumGetBool(OidFunctionCall0(LookupFuncName(name, 0, NULL, false)));
}

/* ---- making -------------------------------------------------------------------- */

static StrategyContest *
make_contest(const text *round, TimestampTz as_of, bool clip)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "mkt strategy contest",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	StrategyContest *contest = palloc0(sizeof(StrategyContest));

	contest->context = context;
	contest->user = GetUserId();
	contest->round = round == NULL ? NULL : text_to_cstring(round);
	contest->clipped = clip;
	mkt_strategy_stamp("strategy", &contest->stamp);
	contest->query = mkt_tag_query_open(DT_NOEND);
	contest->query->together = true;
	MemoryContextSwitchTo(contest->query->context);
	contest->cell_block = -1;
	contest->cell = mkt_tag_query_number(contest->query, mkt_tag_need(&contest->query->store, "cell", 4));
	MemoryContextSwitchTo(context);
	if (!clip)
		contest->query->cells = NULL;	/* a single customer's row was seen */
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	load_policy(contest, as_of);
	load_lanes(contest, round, as_of);
	load_pairs(contest);
	SPI_finish();
	MemoryContextSwitchTo(context);
	scale_scores(contest);
	MemoryContextSwitchTo(old);
	return contest;
}

static void
ask(const char *sql, int nargs, Oid *types, Datum *values, const char *nulls)
{
	if (SPI_execute_with_args(sql, nargs, types, values, nulls, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_with_args failed: %s", sql);
}

/* A column of a row, copied into the contest; NULL only if the column is. */
static Datum
column(StrategyContest *contest, uint64 row, int attnum, bool by_value, bool *isnull)
{
	MemoryContext old;
	Datum		value = SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, attnum, isnull);

	if (*isnull || by_value)
		return value;
	old = MemoryContextSwitchTo(contest->context);
	value = PointerGetDatum(PG_DETOAST_DATUM_COPY(value));
	MemoryContextSwitchTo(old);
	return value;
}

static text *
text_column(StrategyContest *contest, uint64 row, int attnum)
{
	bool		isnull;
	Datum		value = column(contest, row, attnum, false, &isnull);

	return isnull ? NULL : (text *) DatumGetPointer(value);
}

static int32
int_column(uint64 row, int attnum)
{
	bool		isnull;

	return DatumGetInt32(SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, attnum, &isnull));
}

static bool
bool_column(uint64 row, int attnum)
{
	bool		isnull;

	return DatumGetBool(SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, attnum, &isnull));
}

static Numeric
numeric_column(StrategyContest *contest, uint64 row, int attnum)
{
	bool		isnull;

	return DatumGetNumeric(column(contest, row, attnum, false, &isnull));
}

/* The elements of an array column, in the contest. */
static int
array_column(StrategyContest *contest, uint64 row, int attnum, Oid type, bool **nulls, Datum **values)
{
	bool		isnull;
	Datum		array = column(contest, row, attnum, false, &isnull);
	MemoryContext old;
	int			n = 0;

	if (isnull)
		return -1;
	old = MemoryContextSwitchTo(contest->context);
	deconstruct_array(DatumGetArrayTypeP(array), type, -1, false, TYPALIGN_INT, values, nulls, &n);
	MemoryContextSwitchTo(old);
	return n;
}

/* The hash of a salt, which mkt.bucket() takes as UTF-8. */
static uint64
hash_salt(const char *salt)
{
	char	   *utf8 = pg_server_to_any(salt, strlen(salt), PG_UTF8);

	return mkt_hash_bytes(utf8, strlen(utf8), 0);
}

int
mkt_strategy_channel(const StrategyContest *contest, const text *code)
{
	for (int i = 0; i < contest->nchannels; i++)
	{
		if (mkt_strategy_same_code(contest->channels[i].code, code))
			return i;
	}
	return -1;
}

/* ---- policy ---------------------------------------------------------------------- */

static void
load_channels(StrategyContest *contest)
{
	ask("SELECT c.channel_code, c.daily_capacity IS NOT NULL FROM mkt.channel AS c ORDER BY c.channel_code",
		0, NULL, NULL, NULL);
	contest->nchannels = SPI_processed;
	contest->channels = MemoryContextAllocZero(contest->context,
											   (SPI_processed + 1) * sizeof(StrategyChannel));
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		contest->channels[i].code = text_column(contest, i, 1);
		contest->channels[i].limited = bool_column(i, 2);
		contest->channels[i].cap_room = PG_INT32_MAX;
	}
}

static void
load_caps(StrategyContest *contest)
{
	ask("SELECT k.channels, k.max_contacts, k.span, k.clock = 'calendar' FROM mkt.contact_cap AS k "
		"WHERE k.contact_class = 'marketing' AND k.max_contacts IS NOT NULL ORDER BY k.cap_id",
		0, NULL, NULL, NULL);
	contest->ncaps = SPI_processed;
	contest->caps = MemoryContextAllocZero(contest->context,
										   (SPI_processed + 1) * sizeof(StrategyCap));
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		StrategyCap *cap = &contest->caps[i];
		Datum	   *codes;
		bool	   *nulls;
		bool		isnull;
		int			n = array_column(contest, i, 1, TEXTOID, &nulls, &codes);

		cap->most = int_column(i, 2);
		cap->span = *DatumGetIntervalP(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 3, &isnull));
		cap->calendar = bool_column(i, 4);
		cap->covers = MemoryContextAllocZero(contest->context, contest->nchannels + 1);
		if (n < 0)
			memset(cap->covers, true, contest->nchannels);
		for (int j = 0; j < n; j++)
		{
			int			channel = nulls[j] ? -1 : mkt_strategy_channel(contest, DatumGetTextPP(codes[j]));

			if (channel >= 0)
				cap->covers[channel] = true;
		}
		for (int c = 0; c < contest->nchannels; c++)
		{
			if (cap->covers[c])
				contest->channels[c].cap_room = Min(contest->channels[c].cap_room, cap->most);
		}
	}
}

static void
load_policy(StrategyContest *contest, TimestampTz as_of)
{
	Oid			types[2] = {TIMESTAMPTZOID, TEXTOID};
	Datum		values[2];
	bool		isnull;
	char		identifier[32];

	snprintf(identifier, sizeof(identifier), UINT64_FORMAT, GetSystemIdentifier());
	values[0] = TimestampTzGetDatum(as_of);
	values[1] = CStringGetTextDatum(identifier);
	ask("SELECT p.time_zone, p.send_enabled AND p.system_identifier = $2::bigint, s.since, s.until "
		"FROM mkt.platform AS p, mkt._decision_span($1) AS s", 2, types, values, NULL);
	if (SPI_processed != 1)
		elog(ERROR, "mkt.platform has " UINT64_FORMAT " rows", (uint64) SPI_processed);
	contest->zone = text_column(contest, 0, 1);
	contest->sending = bool_column(0, 2);
	contest->since = DatumGetTimestampTz(column(contest, 0, 3, true, &isnull));
	contest->until = DatumGetTimestampTz(column(contest, 0, 4, true, &isnull));
	load_channels(contest);
	load_caps(contest);

	ask("SELECT h.salt, h.bucket_from, h.bucket_to FROM mkt.holdout AS h "
		"WHERE h.valid_from <= $1 AND (h.valid_to IS NULL OR $1 < h.valid_to)", 1, types, values, NULL);
	contest->nholdouts = SPI_processed;
	contest->holdouts = MemoryContextAllocZero(contest->context,
											   (SPI_processed + 1) * sizeof(StrategyHoldout));
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		contest->holdouts[i].salt = hash_salt(SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1));
		contest->holdouts[i].from = int_column(i, 2);
		contest->holdouts[i].to = int_column(i, 3);
	}
}

/* ---- strategies ------------------------------------------------------------------- */

static int
find_product(StrategyContest *contest, text *code)
{
	for (int i = 0; i < contest->nproducts; i++)
	{
		if (mkt_strategy_same_code(contest->products[i], code))
			return i;
	}
	contest->products[contest->nproducts] = code;
	return contest->nproducts++;
}

static int
find_window(StrategyContest *contest, text *family, const Interval *span)
{
	for (int i = 0; i < contest->nwindows; i++)
	{
		if (mkt_strategy_same_code(contest->windows[i].family, family))
			return i;
	}
	contest->windows[contest->nwindows].family = family;
	contest->windows[contest->nwindows].span = *span;
	return contest->nwindows++;
}

static StrategyPath *
find_path(StrategyContest *contest, int n, const int *channels)
{
	StrategyPath *path;

	for (int i = 0; i < contest->npaths; i++)
	{
		path = &contest->paths[i];
		if (path->n == n && memcmp(path->channels, channels, n * sizeof(int)) == 0)
			return path;
	}
	path = &contest->paths[contest->npaths++];
	path->n = n;
	path->channels = MemoryContextAlloc(contest->context, n * sizeof(int));
	memcpy(path->channels, channels, n * sizeof(int));
	path->use = MemoryContextAllocZero(contest->context, n * sizeof(uint64 *));
	return path;
}

/* Which stored values are probabilities, and room for looking them up. */
static StrategyModel *
find_model(StrategyContest *contest, const text *code)
{
	MemoryContext old = MemoryContextSwitchTo(contest->query->context);
	Tag		   *tag = mkt_tag_need_values(&contest->query->store, code);
	TagNumber  *number = mkt_tag_query_number(contest->query, tag);
	StrategyModel *model;
	int64		high;

	MemoryContextSwitchTo(old);
	for (int i = 0; i < contest->nmodels; i++)
	{
		if (contest->models[i].number == number)
			return &contest->models[i];
	}
	model = &contest->models[contest->nmodels++];
	model->number = number;
	model->loaded = model->checked = -1;
	model->one = 1;
	for (int i = 0; i < tag->scale; i++)
		model->one *= 10;
	model->range.intervals = MemoryContextAlloc(contest->context, sizeof(TagInterval));
	high = (int64) model->one - tag->bias;
	if (high >= 0 && (tag->bias >= 0 || (uint64) -tag->bias <= mkt_tag_number_max(tag)))
	{
		model->range.n = 1;
		model->range.intervals[0].low = tag->bias >= 0 ? 0 : (uint64) -tag->bias;
		model->range.intervals[0].high = Min((uint64) high, mkt_tag_number_max(tag));
	}
	return model;
}

/* buckets below: share x 10000, rounded up, as bucket < share x 10000 has it */
static uint32
control_buckets(Numeric share)
{
	Datum		buckets = DirectFunctionCall2(numeric_mul, NumericGetDatum(share),
											  NumericGetDatum(int64_to_numeric(MKT_BUCKETS)));

	return DatumGetInt32(DirectFunctionCall1(numeric_int4, DirectFunctionCall1(numeric_ceil, buckets)));
}

static TagPlan *
plan_column(StrategyContest *contest, uint64 row, int attnum)
{
	struct varlena *expr = (struct varlena *) text_column(contest, row, attnum);

	return expr == NULL ? NULL : mkt_tag_query_plan_value(contest->query, expr);
}

static void
load_channels_of(StrategyContest *contest, StrategyLane *lane, uint64 row)
{
	Datum	   *codes;
	Datum	   *levers;
	bool	   *nulls;
	int			n = array_column(contest, row, 16, TEXTOID, &nulls, &codes);
	int		   *channels = palloc(n * sizeof(int));
	MemoryContext old;

	array_column(contest, row, 17, NUMERICOID, &nulls, &levers);
	for (int i = 0; i < n; i++)
		channels[i] = mkt_strategy_channel(contest, DatumGetTextPP(codes[i]));
	lane->path = find_path(contest, n, channels);
	old = MemoryContextSwitchTo(contest->context);
	lane->lever = palloc(n * sizeof(Numeric));
	lane->weight = palloc(n * sizeof(Numeric));
	lane->multiplier = palloc(n * sizeof(uint128));
	for (int i = 0; i < n; i++)
	{
		Datum		weight = DirectFunctionCall2(numeric_mul, NumericGetDatum(lane->value),
												 NumericGetDatum(lane->context));

		lane->lever[i] = DatumGetNumeric(levers[i]);
		lane->weight[i] = DatumGetNumeric(DirectFunctionCall2(numeric_mul, weight, levers[i]));
	}
	MemoryContextSwitchTo(old);
}

static void
load_lane(StrategyContest *contest, StrategyLane *lane, uint64 row)
{
	text	   *tag;
	bool		isnull;
	Datum		span;

	lane->strategy_id = int_column(row, 1);
	lane->code = text_column(contest, row, 2);
	lane->version = (int16) int_column(row, 3);
	lane->kind_code = text_column(contest, row, 4);
	lane->eligibility = plan_column(contest, row, 5);
	lane->applicability = plan_column(contest, row, 6);
	lane->suitability = plan_column(contest, row, 7);
	lane->offer_code = text_column(contest, row, 8);
	lane->offer_zh = text_column(contest, row, 9);
	lane->template = text_column(contest, row, 10);
	lane->product = find_product(contest, text_column(contest, row, 11));
	lane->family = text_column(contest, row, 12);
	tag = text_column(contest, row, 13);
	lane->model = tag == NULL ? NULL : find_model(contest, tag);
	lane->value = numeric_column(contest, row, 14);
	lane->context = numeric_column(contest, row, 15);
	lane->control = control_buckets(numeric_column(contest, row, 18));
	lane->salt = hash_salt(SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, 19));
	lane->sla_days = int_column(row, 20);
	span = SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, 21, &isnull);
	lane->window = isnull ? -1 : find_window(contest, lane->family, DatumGetIntervalP(span));
	load_channels_of(contest, lane, row);
}

static int
compare_ids(const void *a, const void *b, void *arg)
{
	const StrategyLane *lanes = arg;
	int32		x = lanes[*(const int *) a].strategy_id;
	int32		y = lanes[*(const int *) b].strategy_id;

	return (x > y) - (x < y);
}

static void
load_lanes(StrategyContest *contest, const text *round, TimestampTz as_of)
{
	Oid			types[2] = {TEXTOID, TIMESTAMPTZOID};
	Datum		values[2];
	int			n;

	values[0] = PointerGetDatum(round);
	values[1] = TimestampTzGetDatum(as_of);
	ask("SELECT l.strategy_id, l.strategy_code, l.version::integer, l.kind_code, l.eligibility, l.applicability, l.suitability, "
		"l.offer_code, l.offer_zh, l.template, l.product_code, l.family, l.propensity_tag, l.value, l.context, l.channels, l.levers, "
		"l.control_share, l.strategy_code || p.tenant_salt, l.sla_days, "
		"(SELECT w.span FROM mkt.repeat_window AS w WHERE w.family IN (l.family, '*') ORDER BY w.family = '*' LIMIT 1) "
		"FROM mkt._lanes($1, $2) AS l, mkt.platform AS p WHERE l.channels IS NOT NULL "
		"ORDER BY l.value DESC, l.sla_days, l.strategy_id", 2, types, values, round == NULL ? "n " : "  ");
	n = SPI_processed;
	if (n >= PG_UINT16_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%d strategies cannot be decided together", n),
				 errhint("A round takes up to %d.", PG_UINT16_MAX - 1)));
	contest->lanes = MemoryContextAllocZero(contest->context, (n + 1) * sizeof(StrategyLane));
	contest->products = MemoryContextAllocZero(contest->context, (n + 1) * sizeof(text *));
	contest->windows = MemoryContextAllocZero(contest->context, (n + 1) * sizeof(StrategyWindow));
	contest->paths = MemoryContextAllocZero(contest->context, (n + 1) * sizeof(StrategyPath));
	contest->models = MemoryContextAllocZero(contest->context, (n + 1) * sizeof(StrategyModel));
	contest->by_id = MemoryContextAlloc(contest->context, (n + 1) * sizeof(int));
	for (int i = 0; i < n; i++)
	{
		load_lane(contest, &contest->lanes[i], i);
		contest->by_id[i] = i;
	}
	contest->nlanes = n;
	qsort_arg(contest->by_id, n, sizeof(int), compare_ids, contest->lanes);
}

/* The rules about pairs whose strategies compete here. */
static void
load_pairs(StrategyContest *contest)
{
	ask("SELECT p.other_id, p.strategy_id, p.kind = 'after', p.span FROM mkt.strategy_pair AS p "
		"UNION ALL SELECT p.strategy_id, p.other_id, false, p.span FROM mkt.strategy_pair AS p WHERE p.kind = 'never' "
		"ORDER BY 1, 2", 0, NULL, NULL, NULL);
	contest->pairs = MemoryContextAllocZero(contest->context, (SPI_processed + 1) * sizeof(StrategyPair));
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		StrategyPair *pair = &contest->pairs[contest->npairs];
		int32		strategy_id = int_column(i, 2);
		Datum		span;

		pair->watched = int_column(i, 1);
		pair->wanted = bool_column(i, 3);
		span = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 4, &pair->ever);
		if (!pair->ever)
			pair->span = *DatumGetIntervalP(span);
		for (pair->lane = 0; pair->lane < contest->nlanes; pair->lane++)
		{
			if (contest->lanes[pair->lane].strategy_id == strategy_id)
			{
				contest->npairs++;
				break;
			}
		}
	}
}

/* ---- scores as integers ------------------------------------------------------------ */

/* A numeric as digits x 10^-scale, without needless zeros; false if too long. */
static bool
split_numeric(Numeric number, uint128 *digits, int *scale)
{
	char	   *s = DatumGetCString(DirectFunctionCall1(numeric_out,
														DirectFunctionCall1(numeric_trim_scale, NumericGetDatum(number))));
	bool		fraction = false;

	*digits = 0;
	*scale = 0;
	for (; *s != '\0'; s++)
	{
		if (*s == '.')
		{
			fraction = true;
			continue;
		}
		if (*s < '0' || *s > '9' || *digits > ((uint128) 1 << 123))
			return false;
		*digits = *digits * 10 + (*s - '0');
		*scale += fraction;
	}
	return true;
}

/*
 * Scores are compared as integers, all on one scale, which is exact: a stored
 * p times a multiplier. p is at most 1, so a score has the digits of the weight
 * and of the scale; 38 digits fit.
 */
static void
scale_scores(StrategyContest *contest)
{
	int			common = 0;

	for (int pass = 0; pass < 2; pass++)
	{
		for (int l = 0; l < contest->nlanes; l++)
		{
			StrategyLane *lane = &contest->lanes[l];

			for (int i = 0; i < lane->path->n; i++)
			{
				int			p_scale = lane->model == NULL ? 0 : lane->model->number->tag->scale;
				uint128		digits;
				int			scale;
				bool		fits = split_numeric(lane->weight[i], &digits, &scale);

				if (pass == 0)
					common = Max(common, scale + p_scale);
				for (int more = scale; pass > 0 && fits && more < common; more++)
				{
					fits = digits <= ((uint128) 1 << 123);
					if (more == common - p_scale)
						lane->multiplier[i] = digits;
					digits *= 10;
				}
				if (pass > 0 && p_scale == 0)
					lane->multiplier[i] = digits;
				if (!fits)
					ereport(ERROR,
							(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
							 errmsg("value x context x lever of strategy \"%s\" has too many digits to be compared",
									text_to_cstring(lane->code)),
							 errhint("Use fewer decimals in offer.value, strategy_version.context_factor and channel_product_priority.factor.")));
			}
		}
	}
}
