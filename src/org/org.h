/*-------------------------------------------------------------------------
 *
 * org.h
 *		What a caller may see: the units, cells and customers of its place.
 *
 * The place comes from the rights of the current user (mkt.access_grant), as
 * mkt.sees_all() and mkt._my_units() say. It is read once per user and
 * snapshot, so once per statement, and shared by the policies, the evaluator
 * and the map. A pointer to a scope is good until mkt_org_scope() is called
 * again or SQL is run.
 *
 *-------------------------------------------------------------------------
 */
#ifndef ORG_H
#define ORG_H

#include "utils/array.h"
#include "utils/snapshot.h"

typedef enum OrgKind
{
	ORG_UNITS,
	ORG_CELLS,
	ORG_CUSTOMERS
} OrgKind;

#define ORG_KINDS (ORG_CUSTOMERS + 1)

struct pagetable_hash;

/* A set of numbers as pages of bits. */
typedef struct OrgSet
{
	struct pagetable_hash *pages;
	int64		page;			/* the page asked last */
	uint64	   *bits;			/* and its bits, NULL if it has none */
	int64		members;
	bool		known;
	ArrayType  *array;	/* the members, once they were wanted so */
} OrgSet;

typedef struct OrgScope
{
	MemoryContext context;
	Oid			user;
	SnapshotData snapshot;		/* the answers hold for this user and moment */
	bool		stale;
	bool		all;			/* sees every row */
	bool		placed;			/* stands somewhere */
	int			busy;			/* being read: must not be thrown away */
	int64		asked;			/* customers looked up one by one */
	OrgSet		sets[ORG_KINDS];
} OrgScope;

extern void mkt_org_init(void);
extern OrgScope *mkt_org_scope(void);
extern OrgSet *mkt_org_set(OrgScope *scope, OrgKind kind);
extern int64 *mkt_org_members(OrgScope *scope, OrgKind kind);
extern bool mkt_org_sees(OrgScope *scope, OrgKind kind, int64 id);
extern double mkt_org_share(OrgScope *scope, OrgKind kind);
extern double mkt_org_count(OrgScope *scope, OrgKind kind);
extern void mkt_org_say_why(const OrgScope *scope);

#endif							/* ORG_H */
