/*-------------------------------------------------------------------------
 *
 * tagexpr_core.h
 *		The language of audiences: its tree, its parser, its canonical text.
 *
 * Pure C: no PostgreSQL header, so that sanitizers and fuzzers run on exactly
 * this code. What a name means (tables, slices, errors) is none of its
 * business: see tag_plan.c.
 *
 *		expr     = and { ("|" | or) and }
 *		and      = not { ("&" | and) not }
 *		not      = ("!" | not) not | primary
 *		primary  = "(" expr ")" | all | none | function "(" value {"," value} ")"
 *				 | name [test] | "@" name
 *		test     = ("=" | "<>" | "!=" | "<" | "<=" | ">" | ">=") value
 *				 | between number and number | in "(" value {"," value} ")"
 *		name     = letters, digits, _ and anything beyond ASCII, not only
 *				   digits; or any characters in double quotes ("" is a quote)
 *		value    = number | label in single quotes ('' is a quote)
 *
 * Words are taken in any case. Full-width punctuation but quotes, as Chinese input
 * methods produce it, reads as its ASCII twin.
 *
 * Every tree that leaves this module is canonical: flat, sorted, without
 * duplicates, double negation or constants inside, bounds of one tag joined
 * (x >= 1 & x <= 5 is x between 1 and 5; x = 1 | x = 2 is x in (1, 2)). So
 * equal trees print equal, and what is printed reads back as the same tree.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TAGEXPR_CORE_H
#define TAGEXPR_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TAGEXPR_DEPTH_MAX	200		/* parentheses within parentheses, printed */
#define TAGEXPR_NESTING_MAX 1000	/* the same as typed, needless ones included */
#define TAGEXPR_ITEMS_MAX	20000	/* leaves and values of one expression */
#define TAGEXPR_NAME_MAX	255		/* bytes of a name or a label */
#define TAGEXPR_AREA_MAX	(1 << 20)	/* bytes of a shape on the map */
#define TAGEXPR_DIGITS_MAX	38		/* digits before, and after, the point */

typedef enum TagexprKind
{
	TAGEXPR_NONE,				/* nobody */
	TAGEXPR_ALL,				/* the universe */
	TAGEXPR_TAG,				/* who has the tag */
	TAGEXPR_SNAPSHOT,			/* who was copied into the snapshot: @name */
	TAGEXPR_TEST,				/* who has a value that passes */
	TAGEXPR_CALL,				/* a function of the table below */
	TAGEXPR_NOT,
	TAGEXPR_AND,
	TAGEXPR_OR
} TagexprKind;

typedef enum TagexprOp
{
	TAGEXPR_EQ,
	TAGEXPR_NE,
	TAGEXPR_LT,
	TAGEXPR_LE,
	TAGEXPR_GT,
	TAGEXPR_GE,
	TAGEXPR_BETWEEN,
	TAGEXPR_IN
} TagexprOp;

/* A number in normal form (-12.5: no needless zero, no exponent) or a label. */
typedef struct TagexprValue
{
	bool		is_label;
	uint32_t	length;
	const char *text;			/* not terminated */
} TagexprValue;

typedef struct TagexprNode TagexprNode;
struct TagexprNode
{
	TagexprKind kind;
	TagexprOp	op;				/* of a test */
	uint32_t	depth;			/* parentheses needed to print it */
	uint32_t	items;			/* leaves and values in it */
	const char *name;			/* of a tag, a snapshot, a test or a call */
	uint32_t	name_length;
	uint32_t	nvalues;		/* of a test or a call */
	uint32_t	nargs;			/* of not, and, or */
	TagexprValue *values;
	TagexprNode **args;
};

/* Functions of the language: their arguments are a set of values. */
typedef struct TagexprFunction
{
	const char *name;
	uint32_t	min_values;
	uint32_t	max_values;
	bool		labels;			/* takes labels, else numbers */
	uint32_t	max_bytes;		/* of a label */
} TagexprFunction;

extern const TagexprFunction mkt_tagexpr_functions[];	/* ends with NULL */

/* alloc never returns NULL; enter is called at each recursion. */
typedef struct TagexprHost
{
	void	   *(*alloc) (size_t size);
	void		(*enter) (void);
	bool		utf8;			/* the text is UTF-8: full-width twins apply */
} TagexprHost;

typedef enum TagexprTrouble
{
	TAGEXPR_FINE,
	TAGEXPR_BAD_SYNTAX,			/* 42601 */
	TAGEXPR_BAD_NUMBER,			/* 22003 */
	TAGEXPR_LONG_NAME,			/* 42622 */
	TAGEXPR_TOO_LARGE,			/* 54000 */
	TAGEXPR_TOO_DEEP			/* 54001 */
} TagexprTrouble;

typedef struct TagexprProblem
{
	TagexprTrouble trouble;
	size_t		at;				/* byte offset in the text */
	size_t		length;			/* bytes of what was found; 0: the end */
	const char *expected;		/* "a tag or a parenthesis" */
	const char *hint;			/* a sentence, or NULL */
} TagexprProblem;

/* The canonical tree of a text; NULL and *problem if there is none. */
extern TagexprNode *mkt_tagexpr_parse(const TagexprHost *host,
									  const char *text, size_t length,
									  TagexprProblem *problem);

/* Canonical trees of canonical trees; kind is TAGEXPR_AND or TAGEXPR_OR. */
extern TagexprNode *mkt_tagexpr_join(const TagexprHost *host,
									 TagexprKind kind, TagexprNode **args,
									 uint32_t nargs, TagexprProblem *problem);
extern TagexprNode *mkt_tagexpr_negate(const TagexprHost *host,
									   TagexprNode *arg,
									   TagexprProblem *problem);

/* A total order of trees, and of values: -1, 0 or 1. */
extern int	mkt_tagexpr_compare(const TagexprNode *a, const TagexprNode *b);
extern int	mkt_tagexpr_compare_values(const TagexprValue *a,
									   const TagexprValue *b);

/* The text of a tree into out, unless NULL; returns its length. */
extern size_t mkt_tagexpr_print(const TagexprNode *node, char *out);

/* ---- between the two source files of the core -------------------------- */

extern TagexprNode *mkt_tagexpr_new_node(const TagexprHost *host,
										 TagexprKind kind);
/* A test or call with its values set: brings them into canonical form. */
extern TagexprNode *mkt_tagexpr_finish_leaf(const TagexprHost *host,
											TagexprNode *node);
/* Would these bytes be read as one bare name? */
extern bool mkt_tagexpr_is_bare(const char *name, size_t length);

#endif							/* TAGEXPR_CORE_H */
