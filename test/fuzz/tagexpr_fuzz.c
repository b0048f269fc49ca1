/*-------------------------------------------------------------------------
 *
 * tagexpr_fuzz.c
 *		libFuzzer target for the pure-C core of tagexpr.
 *
 * The first byte's low bit says whether the text counts as UTF-8. A refused
 * text must point into itself; an accepted one must print as something that
 * reads back as an equal tree and prints the same, in either encoding, and
 * must obey the laws of joining and negating. Run by test/fuzz/fuzz.sh tagexpr.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tagexpr_core.h"

#define MUST(condition) \
	do { \
		if (!(condition)) \
		{ \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What one input allocates, freed at its end: like a memory context. */
typedef struct Allocation
{
	struct Allocation *next;
	long long	data[];
} Allocation;

static Allocation *allocations;

static void *
host_alloc(size_t size)
{
	Allocation *allocation = malloc(sizeof(Allocation) + size);

	MUST(allocation != NULL);
	allocation->next = allocations;
	allocations = allocation;
	return allocation->data;
}

static void
host_enter(void)
{
}

static char *
print(const TagexprNode *node, size_t *length)
{
	char	   *out;

	*length = mkt_tagexpr_print(node, NULL);
	out = host_alloc(*length);
	MUST(mkt_tagexpr_print(node, out) == *length);
	return out;
}

/* Prints, reads back, is equal, prints the same. */
static void
round_trip(const TagexprHost *host, const TagexprNode *node)
{
	TagexprProblem problem;
	size_t		length;
	size_t		again_length;
	char	   *text = print(node, &length);
	TagexprNode *again = mkt_tagexpr_parse(host, text, length, &problem);
	char	   *again_text;

	MUST(again != NULL);
	MUST(mkt_tagexpr_compare(node, again) == 0);
	again_text = print(again, &again_length);
	MUST(again_length == length && memcmp(text, again_text, length) == 0);
	MUST(again->depth == node->depth && again->items == node->items);
}

/* A joined or negated tree is canonical too, unless it meets a limit. */
static void
laws(const TagexprHost *host, TagexprNode *node)
{
	TagexprProblem problem = {0};
	TagexprNode *twice[2] = {node, node};
	TagexprNode *other = mkt_tagexpr_negate(host, node, &problem);
	TagexprNode *both;

	both = mkt_tagexpr_join(host, TAGEXPR_AND, twice, 2, &problem);
	MUST(both != NULL && mkt_tagexpr_compare(both, node) == 0);
	both = mkt_tagexpr_join(host, TAGEXPR_OR, twice, 2, &problem);
	MUST(both != NULL && mkt_tagexpr_compare(both, node) == 0);
	if (other == NULL)
	{
		MUST(problem.trouble == TAGEXPR_TOO_DEEP || problem.trouble == TAGEXPR_TOO_LARGE);
		return;
	}
	round_trip(host, other);
	both = mkt_tagexpr_negate(host, other, &problem);
	MUST(both != NULL && mkt_tagexpr_compare(both, node) == 0);
	for (int kind = TAGEXPR_AND; kind <= TAGEXPR_OR; kind++)
	{
		TagexprNode *pair[2] = {node, other};
		TagexprNode *swapped[2] = {other, node};
		TagexprNode *a = mkt_tagexpr_join(host, kind, pair, 2, &problem);
		TagexprNode *b = mkt_tagexpr_join(host, kind, swapped, 2, &problem);

		MUST((a == NULL) == (b == NULL));
		if (a == NULL)
			continue;
		MUST(mkt_tagexpr_compare(a, b) == 0);
		round_trip(host, a);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TagexprHost host = {host_alloc, host_enter, true};
	TagexprHost other = {host_alloc, host_enter, false};
	TagexprProblem problem;
	TagexprNode *node;

	if (size == 0)
		return 0;
	host.utf8 = data[0] & 1;
	other.utf8 = !host.utf8;
	node = mkt_tagexpr_parse(&host, (const char *) data + 1, size - 1, &problem);
	if (node == NULL)
	{
		MUST(problem.trouble != TAGEXPR_FINE);
		MUST(problem.at + problem.length <= size - 1);
		MUST(problem.trouble != TAGEXPR_BAD_SYNTAX || problem.expected != NULL);
	}
	else
	{
		MUST(problem.trouble == TAGEXPR_FINE);
		MUST(node->depth <= TAGEXPR_DEPTH_MAX && node->items <= TAGEXPR_ITEMS_MAX);
		round_trip(&host, node);
		round_trip(&other, node);
		laws(&host, node);
	}
	while (allocations != NULL)
	{
		Allocation *next = allocations->next;

		free(allocations);
		allocations = next;
	}
	return 0;
}
