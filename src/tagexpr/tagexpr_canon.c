/*-------------------------------------------------------------------------
 *
 * tagexpr_canon.c
 *		The canonical form of a tag expression: order, folding, printing.
 *
 * Works bottom-up: what it is given is canonical already, so each step looks
 * at one node and its children only. Reading text is in tagexpr_parse.c.
 *
 *-------------------------------------------------------------------------
 */
#include "tagexpr_core.h"

#include <stdlib.h>
#include <string.h>

const TagexprFunction mkt_tagexpr_functions[] =
{
	{"in_org", 1, 1000, true, TAGEXPR_NAME_MAX},	/* whose cell these units serve */
	{"in_grid", 1, 1000, true, TAGEXPR_NAME_MAX},	/* whose cell lies below these paths */
	{"in_area", 1, 1000, true, TAGEXPR_AREA_MAX},	/* whose address these shapes cover */
	{NULL, 0, 0, false, 0}
};

static const char *const op_text[] =
{
	[TAGEXPR_EQ] = " = ",
	[TAGEXPR_NE] = " <> ",
	[TAGEXPR_LT] = " < ",
	[TAGEXPR_LE] = " <= ",
	[TAGEXPR_GT] = " > ",
	[TAGEXPR_GE] = " >= ",
	[TAGEXPR_BETWEEN] = " between ",
	[TAGEXPR_IN] = " in "
};

/* ---- order --------------------------------------------------------------- */

static int
sign(int64_t difference)
{
	return (difference > 0) - (difference < 0);
}

static int
compare_text(const char *a, uint32_t a_length, const char *b, uint32_t b_length)
{
	uint32_t	common = a_length < b_length ? a_length : b_length;
	int			c = common == 0 ? 0 : memcmp(a, b, common);

	return c != 0 ? sign(c) : sign((int64_t) a_length - b_length);
}

/* Numbers in normal form without their minus: the longer whole part wins. */
static int
compare_magnitudes(const char *a, uint32_t a_length,
				   const char *b, uint32_t b_length)
{
	const char *a_point = memchr(a, '.', a_length);
	const char *b_point = memchr(b, '.', b_length);
	int64_t		a_whole = a_point != NULL ? a_point - a : a_length;
	int64_t		b_whole = b_point != NULL ? b_point - b : b_length;

	if (a_whole != b_whole)
		return sign(a_whole - b_whole);
	return compare_text(a, a_length, b, b_length);
}

int
mkt_tagexpr_compare_values(const TagexprValue *a, const TagexprValue *b)
{
	bool		a_minus;
	bool		b_minus;

	if (a->is_label != b->is_label)
		return a->is_label ? 1 : -1;
	if (a->is_label)
		return compare_text(a->text, a->length, b->text, b->length);
	a_minus = a->text[0] == '-';
	b_minus = b->text[0] == '-';
	if (a_minus != b_minus)
		return a_minus ? -1 : 1;
	if (a_minus)
		return compare_magnitudes(b->text + 1, b->length - 1,
								  a->text + 1, a->length - 1);
	return compare_magnitudes(a->text, a->length, b->text, b->length);
}

/* Leaves stand together by name; not, and, or come after them. */
static int
rank(TagexprKind kind)
{
	return kind < TAGEXPR_TAG || kind > TAGEXPR_CALL ? (int) kind : (int) TAGEXPR_TAG;
}

int
mkt_tagexpr_compare(const TagexprNode *a, const TagexprNode *b)
{
	int			c = sign(rank(a->kind) - rank(b->kind));

	if (c == 0)
		c = compare_text(a->name, a->name_length, b->name, b->name_length);
	if (c == 0)
		c = sign((int) a->kind - (int) b->kind);
	if (c == 0)
		c = sign((int) a->op - (int) b->op);
	for (uint32_t i = 0; c == 0 && i < a->nvalues && i < b->nvalues; i++)
		c = mkt_tagexpr_compare_values(&a->values[i], &b->values[i]);
	if (c == 0)
		c = sign((int64_t) a->nvalues - b->nvalues);
	for (uint32_t i = 0; c == 0 && i < a->nargs && i < b->nargs; i++)
		c = mkt_tagexpr_compare(a->args[i], b->args[i]);
	return c != 0 ? c : sign((int64_t) a->nargs - b->nargs);
}

static int
compare_value_entries(const void *a, const void *b)
{
	return mkt_tagexpr_compare_values(a, b);
}

static int
compare_node_entries(const void *a, const void *b)
{
	return mkt_tagexpr_compare(*(TagexprNode *const *) a,
							   *(TagexprNode *const *) b);
}

/* ---- leaves ------------------------------------------------------------- */

TagexprNode *
mkt_tagexpr_new_node(const TagexprHost *host, TagexprKind kind)
{
	TagexprNode *node = host->alloc(sizeof(TagexprNode));

	memset(node, 0, sizeof(*node));
	node->kind = kind;
	return node;
}

static TagexprNode *
make_constant(const TagexprHost *host, TagexprKind kind)
{
	return mkt_tagexpr_finish_leaf(host, mkt_tagexpr_new_node(host, kind));
}

static void
sort_values(TagexprNode *node)
{
	uint32_t	kept = 0;

	qsort(node->values, node->nvalues, sizeof(TagexprValue), compare_value_entries);
	for (uint32_t i = 0; i < node->nvalues; i++)
	{
		if (kept == 0 ||
			mkt_tagexpr_compare_values(&node->values[kept - 1], &node->values[i]) != 0)
			node->values[kept++] = node->values[i];
	}
	node->nvalues = kept;
}

TagexprNode *
mkt_tagexpr_finish_leaf(const TagexprHost *host, TagexprNode *node)
{
	if (node->kind == TAGEXPR_CALL ||
		(node->kind == TAGEXPR_TEST && node->op == TAGEXPR_IN))
	{
		sort_values(node);
		if (node->kind == TAGEXPR_TEST && node->nvalues == 1)
			node->op = TAGEXPR_EQ;
	}
	if (node->kind == TAGEXPR_TEST && node->op == TAGEXPR_BETWEEN)
	{
		int			c = mkt_tagexpr_compare_values(&node->values[0], &node->values[1]);

		if (c > 0)
			return make_constant(host, TAGEXPR_NONE);
		if (c == 0)
		{
			node->op = TAGEXPR_EQ;
			node->nvalues = 1;
		}
	}
	node->items = 1 + node->nvalues;
	return node;
}

/* ---- not, and, or --------------------------------------------------------- */

static TagexprNode *
too_much(TagexprProblem *problem, TagexprTrouble trouble)
{
	problem->trouble = trouble;
	problem->at = problem->length = 0;
	problem->expected = problem->hint = NULL;
	return NULL;
}

/* Does the child print in parentheses below a node of this kind? */
static bool
needs_parentheses(TagexprKind parent, const TagexprNode *child)
{
	if (parent == TAGEXPR_NOT)
		return child->kind == TAGEXPR_AND || child->kind == TAGEXPR_OR ||
			child->kind == TAGEXPR_TEST;
	return parent == TAGEXPR_AND && child->kind == TAGEXPR_OR;
}

static TagexprNode *
measure(TagexprNode *node, TagexprProblem *problem)
{
	node->depth = 0;
	node->items = 0;
	for (uint32_t i = 0; i < node->nargs; i++)
	{
		const TagexprNode *child = node->args[i];
		uint32_t	depth = child->depth + needs_parentheses(node->kind, child);

		if (depth > node->depth)
			node->depth = depth;
		node->items += child->items;
	}
	if (node->depth > TAGEXPR_DEPTH_MAX)
		return too_much(problem, TAGEXPR_TOO_DEEP);
	if (node->items > TAGEXPR_ITEMS_MAX)
		return too_much(problem, TAGEXPR_TOO_LARGE);
	return node;
}

TagexprNode *
mkt_tagexpr_negate(const TagexprHost *host, TagexprNode *arg,
				   TagexprProblem *problem)
{
	TagexprNode *node;

	if (arg->kind == TAGEXPR_NOT)
		return arg->args[0];
	if (arg->kind == TAGEXPR_ALL || arg->kind == TAGEXPR_NONE)
		return make_constant(host, arg->kind == TAGEXPR_ALL ?
							 TAGEXPR_NONE : TAGEXPR_ALL);
	node = mkt_tagexpr_new_node(host, TAGEXPR_NOT);
	node->args = host->alloc(sizeof(TagexprNode *));
	node->args[0] = arg;
	node->nargs = 1;
	return measure(node, problem);
}

static bool
same_test_name(const TagexprNode *a, const TagexprNode *b)
{
	return a->kind == TAGEXPR_TEST && b->kind == TAGEXPR_TEST &&
		compare_text(a->name, a->name_length, b->name, b->name_length) == 0;
}

static bool
is_bound(const TagexprNode *node)
{
	return node->kind == TAGEXPR_TEST &&
		(node->op == TAGEXPR_GE || node->op == TAGEXPR_LE ||
		 node->op == TAGEXPR_BETWEEN);
}

static bool
is_listing(const TagexprNode *node)
{
	return node->kind == TAGEXPR_TEST &&
		(node->op == TAGEXPR_EQ || node->op == TAGEXPR_IN);
}

/* x >= a & x between b and c ..., n of them: the one test they amount to. */
static TagexprNode *
fold_bounds(const TagexprHost *host, TagexprNode **tests, uint32_t n)
{
	TagexprNode *node = mkt_tagexpr_new_node(host, TAGEXPR_TEST);
	const TagexprValue *low = NULL;
	const TagexprValue *high = NULL;

	for (uint32_t i = 0; i < n; i++)
	{
		const TagexprNode *test = tests[i];
		const TagexprValue *from = test->op == TAGEXPR_LE ? NULL : &test->values[0];
		const TagexprValue *to = test->op == TAGEXPR_GE ? NULL :
			&test->values[test->nvalues - 1];

		if (from && (!low || mkt_tagexpr_compare_values(from, low) > 0))
			low = from;
		if (to && (!high || mkt_tagexpr_compare_values(to, high) < 0))
			high = to;
	}
	node->name = tests[0]->name;
	node->name_length = tests[0]->name_length;
	node->op = !low ? TAGEXPR_LE : !high ? TAGEXPR_GE : TAGEXPR_BETWEEN;
	node->values = host->alloc(2 * sizeof(TagexprValue));
	if (low)
		node->values[node->nvalues++] = *low;
	if (high)
		node->values[node->nvalues++] = *high;
	return mkt_tagexpr_finish_leaf(host, node);
}

/* x = a | x in (b, c) ..., n of them: one list. */
static TagexprNode *
fold_listings(const TagexprHost *host, TagexprNode **tests, uint32_t n)
{
	TagexprNode *node = mkt_tagexpr_new_node(host, TAGEXPR_TEST);
	uint32_t	total = 0;

	for (uint32_t i = 0; i < n; i++)
		total += tests[i]->nvalues;
	node->name = tests[0]->name;
	node->name_length = tests[0]->name_length;
	node->op = TAGEXPR_IN;
	node->values = host->alloc(total * sizeof(TagexprValue));
	for (uint32_t i = 0; i < n; i++)
	{
		memcpy(node->values + node->nvalues, tests[i]->values,
			   tests[i]->nvalues * sizeof(TagexprValue));
		node->nvalues += tests[i]->nvalues;
	}
	return mkt_tagexpr_finish_leaf(host, node);
}

/*
 * Replace the foldable tests of one tag by the test they amount to. In sorted
 * order the tests of a tag are neighbours, but not the foldable ones (= sorts
 * before <, in after it), so they are picked out run by run.
 */
static uint32_t
fold_tests(const TagexprHost *host, TagexprKind kind, TagexprNode **args,
		   uint32_t nargs)
{
	bool		(*foldable) (const TagexprNode *) =
		kind == TAGEXPR_AND ? is_bound : is_listing;
	TagexprNode **picked = host->alloc(nargs * sizeof(TagexprNode *));
	uint32_t	kept = 0;

	for (uint32_t i = 0; i < nargs;)
	{
		uint32_t	first = i;
		uint32_t	npicked = 0;

		do
		{
			if (foldable(args[i]))
				picked[npicked++] = args[i];
			else
				args[kept++] = args[i];
			i++;
		} while (i < nargs && same_test_name(args[first], args[i]));
		if (npicked == 1)
			args[kept++] = picked[0];
		else if (npicked > 1)
			args[kept++] = kind == TAGEXPR_AND ?
				fold_bounds(host, picked, npicked) :
				fold_listings(host, picked, npicked);
	}
	return kept;
}

static uint32_t
sort_nodes(TagexprNode **args, uint32_t nargs)
{
	uint32_t	kept = 0;

	qsort(args, nargs, sizeof(TagexprNode *), compare_node_entries);
	for (uint32_t i = 0; i < nargs; i++)
	{
		if (kept == 0 || mkt_tagexpr_compare(args[kept - 1], args[i]) != 0)
			args[kept++] = args[i];
	}
	return kept;
}

TagexprNode *
mkt_tagexpr_join(const TagexprHost *host, TagexprKind kind, TagexprNode **args,
				 uint32_t nargs, TagexprProblem *problem)
{
	TagexprKind neutral = kind == TAGEXPR_AND ? TAGEXPR_ALL : TAGEXPR_NONE;
	TagexprKind deciding = kind == TAGEXPR_AND ? TAGEXPR_NONE : TAGEXPR_ALL;
	TagexprNode *node = mkt_tagexpr_new_node(host, kind);
	uint32_t	total = 0;
	uint32_t	n = 0;

	for (uint32_t i = 0; i < nargs; i++)
		total += args[i]->kind == kind ? args[i]->nargs : 1;
	node->args = host->alloc(total * sizeof(TagexprNode *));
	for (uint32_t i = 0; i < nargs; i++)
	{
		if (args[i]->kind == kind)
		{
			memcpy(node->args + n, args[i]->args,
				   args[i]->nargs * sizeof(TagexprNode *));
			n += args[i]->nargs;
		}
		else if (args[i]->kind != neutral)
			node->args[n++] = args[i];
	}
	n = sort_nodes(node->args, n);
	n = fold_tests(host, kind, node->args, n);
	n = sort_nodes(node->args, n);
	for (uint32_t i = 0; i < n; i++)
	{
		if (node->args[i]->kind == deciding)
			return node->args[i];
	}
	if (n == 0)
		return make_constant(host, neutral);
	if (n == 1)
		return node->args[0];
	node->nargs = n;
	return measure(node, problem);
}

/* ---- printing --------------------------------------------------------------- */

typedef struct Printer
{
	char	   *out;			/* NULL: only measure */
	size_t		length;
} Printer;

static void
put(Printer *printer, const char *text, size_t length)
{
	if (printer->out != NULL)
		memcpy(printer->out + printer->length, text, length);
	printer->length += length;
}

static void
put_quoted(Printer *printer, const char *text, size_t length, const char *quote)
{
	put(printer, quote, 1);
	for (size_t i = 0; i < length; i++)
	{
		if (text[i] == quote[0])
			put(printer, quote, 1);
		put(printer, text + i, 1);
	}
	put(printer, quote, 1);
}

static void
put_value(Printer *printer, const TagexprValue *value)
{
	if (value->is_label)
		put_quoted(printer, value->text, value->length, "'");
	else
		put(printer, value->text, value->length);
}

static void
put_list(Printer *printer, const TagexprNode *node)
{
	put(printer, "(", 1);
	for (uint32_t i = 0; i < node->nvalues; i++)
	{
		if (i > 0)
			put(printer, ", ", 2);
		put_value(printer, &node->values[i]);
	}
	put(printer, ")", 1);
}

static void
put_name(Printer *printer, const TagexprNode *node)
{
	if (mkt_tagexpr_is_bare(node->name, node->name_length))
		put(printer, node->name, node->name_length);
	else
		put_quoted(printer, node->name, node->name_length, "\"");
}

static void
put_test(Printer *printer, const TagexprNode *node)
{
	put_name(printer, node);
	put(printer, op_text[node->op], strlen(op_text[node->op]));
	if (node->op == TAGEXPR_IN)
	{
		put_list(printer, node);
		return;
	}
	put_value(printer, &node->values[0]);
	if (node->op == TAGEXPR_BETWEEN)
	{
		put(printer, " and ", 5);
		put_value(printer, &node->values[1]);
	}
}

static void
put_node(Printer *printer, const TagexprNode *node)
{
	switch (node->kind)
	{
		case TAGEXPR_NONE:
			put(printer, "none", 4);
			return;
		case TAGEXPR_ALL:
			put(printer, "all", 3);
			return;
		case TAGEXPR_TAG:
			put_name(printer, node);
			return;
		case TAGEXPR_SNAPSHOT:
			put(printer, "@", 1);
			put_name(printer, node);
			return;
		case TAGEXPR_TEST:
			put_test(printer, node);
			return;
		case TAGEXPR_CALL:
			put(printer, node->name, node->name_length);
			put_list(printer, node);
			return;
		case TAGEXPR_NOT:
		case TAGEXPR_AND:
		case TAGEXPR_OR:
			break;
	}
	if (node->kind == TAGEXPR_NOT)
		put(printer, "!", 1);
	for (uint32_t i = 0; i < node->nargs; i++)
	{
		bool		wrap = needs_parentheses(node->kind, node->args[i]);

		if (i > 0)
			put(printer, node->kind == TAGEXPR_AND ? " & " : " | ", 3);
		if (wrap)
			put(printer, "(", 1);
		put_node(printer, node->args[i]);
		if (wrap)
			put(printer, ")", 1);
	}
}

size_t
mkt_tagexpr_print(const TagexprNode *node, char *out)
{
	Printer		printer = {out, 0};

	put_node(&printer, node);
	return printer.length;
}
