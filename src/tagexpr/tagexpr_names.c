/*-------------------------------------------------------------------------
 *
 * tagexpr_names.c
 *		Which tags an expression names.
 *
 * The names as written, codes or Chinese names; what they mean today is looked
 * up by whoever asks.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "tagexpr.h"

typedef struct Names
{
	const TagexprNode **leaf;	/* each of them has a name */
	int			n;
	int			room;
} Names;

static void collect(Names *names, const TagexprNode *node);
static int	compare_names(const void *a, const void *b);

PG_FUNCTION_INFO_V1(mkt_tagexpr_tags);

/*
 * tagexpr_tags(tagexpr) returns setof text
 *		Each name once, in byte order.
 */
Datum
mkt_tagexpr_tags(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Names		names = {palloc(16 * sizeof(TagexprNode *)), 0, 16};

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	collect(&names, mkt_tagexpr_from_value(PG_GETARG_TAGEXPR_PP(0)));
	qsort(names.leaf, names.n, sizeof(TagexprNode *), compare_names);
	for (int i = 0; i < names.n; i++)
	{
		Datum		name;
		bool		isnull = false;

		if (i > 0 && compare_names(&names.leaf[i - 1], &names.leaf[i]) == 0)
			continue;
		name = PointerGetDatum(cstring_to_text_with_len(names.leaf[i]->name,
														names.leaf[i]->name_length));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, &name, &isnull);
	}
	return (Datum) 0;
}

static void
collect(Names *names, const TagexprNode *node)
{
	check_stack_depth();
	if (node->kind != TAGEXPR_CALL && node->name_length > 0)
	{
		if (names->n == names->room)
		{
			names->room *= 2;
			names->leaf = repalloc(names->leaf, names->room * sizeof(TagexprNode *));
		}
		names->leaf[names->n++] = node;
	}
	for (uint32 i = 0; i < node->nargs; i++)
		collect(names, node->args[i]);
}

static int
compare_names(const void *a, const void *b)
{
	const TagexprNode *x = *(const TagexprNode *const *) a;
	const TagexprNode *y = *(const TagexprNode *const *) b;
	int			c = memcmp(x->name, y->name, Min(x->name_length, y->name_length));

	return c != 0 ? c : (int) x->name_length - (int) y->name_length;
}
