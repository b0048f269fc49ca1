/*-------------------------------------------------------------------------
 *
 * tag_catalog.c
 *		The tag tables: opening them, looking tags and labels up by name.
 *
 * A name that is nobody's raises 42704 and is told its nearest neighbours.
 * The blocks behind a tag are read in tag_cursor.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/varlena.h"

#include "tag.h"

#define NEAR_NAMES 3

/* The names most like one that was not found, best first. */
typedef struct NearNames
{
	const char *wanted;
	int			length;
	int			n;
	int			distance[NEAR_NAMES];
	char	   *name[NEAR_NAMES];
} NearNames;

static Oid	relation_oid(const char *name);
static Tag *make_tag(TagStore *store, HeapTuple tuple);
static Tag *find_by(TagStore *store, const char *index, AttrNumber column,
					Datum key);
static void consider(NearNames *near, const char *name);
static const char *list_near(const NearNames *near);

/* ---- opening ------------------------------------------------------------ */

void
mkt_tag_store_open(TagStore *store)
{
	store->tag = mkt_tag_open_table("tag", Natts_tag);
	store->block = mkt_tag_open_table("tag_block", Natts_tag_block);
	if (store->block->rd_tableam != GetHeapamTableAmRoutine())
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("table mkt.tag_block is not a heap"),
				 errhint("Run ALTER TABLE mkt.tag_block SET ACCESS METHOD heap.")));
	store->block_index = index_open(mkt_primary_key_index(store->block),
									AccessShareLock);
	store->change = store->change_index = NULL;
	store->snapshot = GetActiveSnapshot();
	store->as_of = DT_NOEND;
	store->exact_scan = NULL;
}

void
mkt_tag_store_close(TagStore *store)
{
	if (store->change != NULL)
	{
		index_close(store->change_index, NoLock);
		table_close(store->change, NoLock);
	}
	if (store->exact_scan != NULL)
		index_endscan(store->exact_scan);
	index_close(store->block_index, NoLock);
	table_close(store->block, NoLock);
	table_close(store->tag, NoLock);
}

Relation
mkt_tag_open_table(const char *name, int natts)
{
	Oid			oid = relation_oid(name);
	Relation	relation;

	if (!OidIsValid(oid))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("this database has no table mkt.%s", name),
				 errdetail("The tags live in tables of the mkt platform."),
				 errhint("Run CALL mkt.create_platform().")));
	relation = table_open(oid, AccessShareLock);
	if (RelationGetDescr(relation)->natts < natts)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table mkt.%s is older than the mkt extension", name),
				 errhint("Run CALL mkt.upgrade_platform().")));
	return relation;
}

static Oid
relation_oid(const char *name)
{
	Oid			schema = get_namespace_oid("mkt", true);

	return OidIsValid(schema) ? get_relname_relid(name, schema) : InvalidOid;
}

/* ---- tags by name ------------------------------------------------------- */

/* A row of mkt.tag taken apart once: column by column costs a portrait a tenth. */
typedef struct Columns
{
	Datum	   *values;
	bool	   *nulls;
} Columns;

static Datum
column(const Columns *columns, AttrNumber attnum)
{
	if (columns->nulls[attnum - 1])
		elog(ERROR, "column %d of mkt.tag is null", attnum);
	return columns->values[attnum - 1];
}

/* A moment; false if there is none. */
static bool
moment(const Columns *columns, AttrNumber attnum, TimestampTz *at)
{
	if (columns->nulls[attnum - 1])
		return false;
	*at = DatumGetTimestampTz(columns->values[attnum - 1]);
	return true;
}

static Tag *
make_tag(TagStore *store, HeapTuple tuple)
{
	TupleDesc	desc = RelationGetDescr(store->tag);
	Tag		   *tag = palloc0(sizeof(Tag));
	Columns		columns;
	char	   *kind;
	char	   *status;

	columns.values = palloc(desc->natts * sizeof(Datum));
	columns.nulls = palloc(desc->natts * sizeof(bool));
	heap_deform_tuple(tuple, desc, columns.values, columns.nulls);
	kind = TextDatumGetCString(column(&columns, Anum_tag_kind));
	status = TextDatumGetCString(column(&columns, Anum_tag_status));
	tag->tag_id = DatumGetInt32(column(&columns, Anum_tag_tag_id));
	tag->kind = kind[0] == 'b' ? TAG_BOOLEAN : kind[0] == 'n' ? TAG_NUMERIC : TAG_ENUM;
	tag->scale = DatumGetInt16(column(&columns, Anum_tag_scale));
	tag->slices = DatumGetInt16(column(&columns, Anum_tag_slices));
	tag->bias = DatumGetInt64(column(&columns, Anum_tag_bias));
	tag->members = DatumGetInt64(column(&columns, Anum_tag_members));
	tag->is_system = DatumGetBool(column(&columns, Anum_tag_is_system));
	tag->online = strcmp(status, "online") == 0;
	tag->written = moment(&columns, Anum_tag_refreshed_at, &tag->refreshed_at);
	tag->history = moment(&columns, Anum_tag_history_since, &tag->history_since);
	tag->as_of = DT_NOEND;
	tag->code = TextDatumGetCString(column(&columns, Anum_tag_code));
	tag->name = TextDatumGetCString(column(&columns, Anum_tag_name));
	tag->name_zh = TextDatumGetCString(column(&columns, Anum_tag_name_zh));
	tag->class = TextDatumGetCString(column(&columns, Anum_tag_class));
	pfree(columns.values);
	pfree(columns.nulls);
	if (tag->slices < 0 || tag->slices > TAG_SLICES_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("tag \"%s\" claims to have %d slices", tag->code, tag->slices),
				 errhint("Load it again with mkt.tag_put_values() or mkt.tag_refresh().")));
	return tag;
}

static Tag *
find_by(TagStore *store, const char *index, AttrNumber attnum, Datum key)
{
	Oid			index_oid = relation_oid(index);
	ScanKeyData scankey;
	SysScanDesc scan;
	HeapTuple	tuple;
	Tag		   *tag = NULL;

	/* Both columns are COLLATE "C", which is what ScanKeyInit assumes. */
	ScanKeyInit(&scankey, attnum, BTEqualStrategyNumber, F_TEXTEQ, key);
	scan = systable_beginscan(store->tag, index_oid, OidIsValid(index_oid),
							  store->snapshot, 1, &scankey);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
		tag = make_tag(store, tuple);
	systable_endscan(scan);
	return tag;
}

Tag *
mkt_tag_find(TagStore *store, const char *name, int length)
{
	Datum		key = PointerGetDatum(cstring_to_text_with_len(name, length));
	Tag		   *tag = find_by(store, "tag_code_key", Anum_tag_code, key);

	if (tag == NULL)
		tag = find_by(store, "tag_name_zh_key", Anum_tag_name_zh, key);
	return tag;
}

Tag *
mkt_tag_need(TagStore *store, const char *name, int length)
{
	Tag		   *tag = mkt_tag_find(store, name, length);
	NearNames	near = {name, length, 0, {0}, {NULL}};
	ListCell   *lc;

	if (tag != NULL)
	{
		mkt_tag_look_back(store, tag);
		return tag;
	}
	foreach(lc, mkt_tag_all(store))
	{
		consider(&near, ((Tag *) lfirst(lc))->code);
		consider(&near, ((Tag *) lfirst(lc))->name_zh);
	}
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("tag \"%.*s\" does not exist", length, name),
			 near.n > 0 ? errhint("Did you mean %s?", list_near(&near)) :
			 errhint("SELECT code, name_zh FROM mkt.tag lists the tags.")));
	return NULL;
}

Tag *
mkt_tag_need_text(TagStore *store, const text *name)
{
	return mkt_tag_need(store, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
}

Tag *
mkt_tag_need_values(TagStore *store, const text *name)
{
	Tag		   *tag = mkt_tag_need_text(store, name);

	if (tag->kind == TAG_BOOLEAN)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("tag \"%s\" is boolean and has no values", tag->code),
				 errhint("Name a numeric or an enum tag.")));
	return tag;
}

List *
mkt_tag_all(TagStore *store)
{
	Oid			index_oid = mkt_primary_key_index(store->tag);
	Relation	index = index_open(index_oid, AccessShareLock);
	SysScanDesc scan = systable_beginscan_ordered(store->tag, index,
												  store->snapshot, 0, NULL);
	HeapTuple	tuple;
	List	   *tags = NIL;

	while (HeapTupleIsValid(tuple = systable_getnext_ordered(scan, ForwardScanDirection)))
		tags = lappend(tags, make_tag(store, tuple));
	systable_endscan_ordered(scan);
	index_close(index, NoLock);
	return tags;
}

List *
mkt_tag_online(TagStore *store)
{
	List	   *online = NIL;
	ListCell   *lc;

	foreach(lc, mkt_tag_all(store))
	{
		Tag		   *tag = lfirst(lc);

		if (tag->online && mkt_tag_remembers(store, tag))
			online = lappend(online, tag);
	}
	return online;
}

/* ---- labels --------------------------------------------------------------- */

List *
mkt_tag_labels(int32 tag_id)
{
	Relation	table = mkt_tag_open_table("tag_label", Natts_tag_label);
	Relation	index = index_open(mkt_primary_key_index(table), AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	List	   *labels = NIL;

	ScanKeyInit(&key, Anum_tag_label_tag_id, BTEqualStrategyNumber, F_INT4EQ,
				Int32GetDatum(tag_id));
	scan = systable_beginscan_ordered(table, index, GetActiveSnapshot(), 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext_ordered(scan, ForwardScanDirection)))
	{
		TupleDesc	desc = RelationGetDescr(table);
		TagLabel   *label = palloc(sizeof(TagLabel));
		bool		isnull;

		label->value = DatumGetInt32(heap_getattr(tuple, Anum_tag_label_value, desc, &isnull));
		label->label = TextDatumGetCString(heap_getattr(tuple, Anum_tag_label_label, desc, &isnull));
		label->label_zh = TextDatumGetCString(heap_getattr(tuple, Anum_tag_label_label_zh, desc, &isnull));
		labels = lappend(labels, label);
	}
	systable_endscan_ordered(scan);
	index_close(index, NoLock);
	table_close(table, NoLock);
	return labels;
}

static bool
same_text(const char *a, const char *b, int b_length)
{
	return strlen(a) == (size_t) b_length && memcmp(a, b, b_length) == 0;
}

int32
mkt_tag_need_label(const Tag *tag, const char *label, int length)
{
	List	   *labels = mkt_tag_labels(tag->tag_id);
	NearNames	near = {label, length, 0, {0}, {NULL}};
	ListCell   *lc;

	foreach(lc, labels)
	{
		TagLabel   *entry = lfirst(lc);

		if (same_text(entry->label, label, length) ||
			same_text(entry->label_zh, label, length))
			return entry->value;
		consider(&near, entry->label);
		consider(&near, entry->label_zh);
	}
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("tag \"%s\" has no label '%.*s'", tag->code, length, label),
			 near.n > 0 ? errhint("Did you mean %s?", list_near(&near)) :
			 errhint("SELECT label, label_zh FROM mkt.tag_label lists the labels.")));
	return 0;
}

/* ---- near names ------------------------------------------------------------ */

/* Keep the name if it is among the nearest, and less than half of it differs. */
static void
consider(NearNames *near, const char *name)
{
	int			length = strlen(name);
	int			limit;
	int			distance;
	int			at;

	if (length > 255 || near->length > 255)
		return;
	limit = Max(1, pg_mbstrlen_with_len(near->wanted, near->length) / 2);
	distance = varstr_levenshtein_less_equal(near->wanted, near->length,
											 name, length, 1, 1, 1, limit, true);
	if (distance > limit)
		return;
	for (at = near->n; at > 0 && near->distance[at - 1] > distance; at--)
	{
		if (at < NEAR_NAMES)
		{
			near->distance[at] = near->distance[at - 1];
			near->name[at] = near->name[at - 1];
		}
	}
	if (at == NEAR_NAMES)
		return;
	near->distance[at] = distance;
	near->name[at] = pstrdup(name);
	near->n = Min(near->n + 1, NEAR_NAMES);
}

static const char *
list_near(const NearNames *near)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (int i = 0; i < near->n; i++)
		appendStringInfo(&buf, "%s\"%s\"", i == 0 ? "" : i == near->n - 1 ? " or " : ", ",
						 near->name[i]);
	return buf.data;
}
