/*-------------------------------------------------------------------------
 *
 * tagexpr_parse.c
 *		Reads a tag expression: characters to tokens to tree.
 *
 * Recursive descent over the grammar in tagexpr_core.h. The tree becomes
 * canonical as it grows: tagexpr_canon.c joins, negates and prints.
 *
 *-------------------------------------------------------------------------
 */
#include "tagexpr_core.h"

#include <string.h>

typedef enum TokenKind
{
	TOKEN_END,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_COMMA,
	TOKEN_AND,
	TOKEN_OR,
	TOKEN_NOT,
	TOKEN_OPERATOR,
	TOKEN_BETWEEN,
	TOKEN_IN,
	TOKEN_ALL,
	TOKEN_NONE,
	TOKEN_NAME,
	TOKEN_AT,
	TOKEN_OTHER					/* a number, a label, or nonsense */
} TokenKind;

typedef struct Parser
{
	const TagexprHost *host;
	const char *text;
	size_t		length;
	TagexprProblem *problem;
	uint32_t	nesting;
	uint32_t	items;
	/* the token at hand */
	TokenKind	kind;
	TagexprOp	op;				/* of TOKEN_OPERATOR */
	size_t		start;
	size_t		end;
	bool		quoted;			/* of TOKEN_NAME */
} Parser;

static const struct
{
	const char *word;
	TokenKind	kind;
}			keywords[] =
{
	{"and", TOKEN_AND},
	{"or", TOKEN_OR},
	{"not", TOKEN_NOT},
	{"between", TOKEN_BETWEEN},
	{"in", TOKEN_IN},
	{"all", TOKEN_ALL},
	{"none", TOKEN_NONE},
	{NULL, TOKEN_END}
};

static const char want_operand[] = "a tag, \"(\" or \"!\"";
static const char want_value[] = "a number or a label in single quotes";

static TagexprNode *parse_or(Parser *p);

/* ---- characters --------------------------------------------------------- */

/*
 * The ASCII character at offset `at`, its width in *width; a full-width twin
 * or ideographic space counts as the ASCII one. 0x80 stands for any other
 * byte beyond ASCII, 0 for the end.
 */
static int
peek(const char *text, size_t length, size_t at, bool utf8, size_t *width)
{
	const unsigned char *s = (const unsigned char *) text + at;

	*width = 1;
	if (at >= length)
	{
		*width = 0;
		return 0;
	}
	if (s[0] < 0x80)
		return s[0] == 0 ? 0x01 : s[0];
	if (utf8 && length - at >= 3)
	{
		static const char twins[] = "!&(),<=>@|";

		if (s[0] == 0xe3 && s[1] == 0x80 && s[2] == 0x80)
		{
			*width = 3;
			return ' ';
		}
		if (s[0] == 0xef && (s[1] == 0xbc || s[1] == 0xbd))
		{
			int			twin = (s[1] == 0xbc ? s[2] - 0x60 : s[2] - 0x20);

			if (twin > ' ' && twin < 0x7f && strchr(twins, twin) != NULL)
			{
				*width = 3;
				return twin;
			}
		}
	}
	return 0x80;
}

static bool
is_space(int c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static bool
is_word(int c)
{
	return c == 0x80 || c == '_' || is_digit(c) ||
		(c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
same_word(const char *text, size_t length, const char *word)
{
	for (size_t i = 0; i < length; i++)
	{
		char		c = text[i];

		if (c >= 'A' && c <= 'Z')
			c = (char) (c - 'A' + 'a');
		if (c != word[i])		/* also where word ends */
			return false;
	}
	return word[length] == '\0';
}

static TokenKind
word_kind(const char *text, size_t length)
{
	for (int i = 0; keywords[i].word != NULL; i++)
	{
		if (same_word(text, length, keywords[i].word))
			return keywords[i].kind;
	}
	return TOKEN_NAME;
}

static bool
all_digits(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
	{
		if (!is_digit((unsigned char) text[i]))
			return false;
	}
	return true;
}

bool
mkt_tagexpr_is_bare(const char *name, size_t length)
{
	size_t		width;

	/* As UTF-8, whatever it is: then it is bare in any encoding. */
	for (size_t i = 0; i < length; i++)
	{
		if (!is_word(peek(name, length, i, true, &width)))
			return false;
	}
	return length > 0 && !all_digits(name, length) &&
		word_kind(name, length) == TOKEN_NAME;
}

/* ---- complaints --------------------------------------------------------- */

static TagexprNode *
complain(Parser *p, TagexprTrouble trouble, const char *expected,
		 const char *hint)
{
	/* The first complaint is the true one. */
	if (p->problem->trouble == TAGEXPR_FINE)
	{
		p->problem->trouble = trouble;
		p->problem->at = p->start;
		p->problem->length = p->end - p->start;
		p->problem->expected = expected;
		p->problem->hint = hint;
	}
	return NULL;
}

static TagexprNode *
unexpected(Parser *p, const char *expected)
{
	return complain(p, TAGEXPR_BAD_SYNTAX, expected, NULL);
}

/* ---- tokens ------------------------------------------------------------- */

static int
look(Parser *p, size_t at, size_t *width)
{
	return peek(p->text, p->length, at, p->host->utf8, width);
}

/* End of the quoted text that begins at `at`; 0 if it never ends. */
static size_t
quoted_end(Parser *p, size_t at, int quote)
{
	size_t		width;

	look(p, at, &width);
	at += width;
	for (;;)
	{
		int			c = look(p, at, &width);

		if (width == 0)
			return 0;
		at += width;
		if (c == quote && look(p, at, &width) == quote)
			at += width;
		else if (c == quote)
			return at;
	}
}

static void
scan_operator(Parser *p, int first, size_t width)
{
	size_t		more;
	int			second = look(p, p->start + width, &more);

	p->kind = TOKEN_OPERATOR;
	p->end = p->start + width;
	if (first == '<' && second == '>')
		p->op = TAGEXPR_NE;
	else if (first == '!')
		p->op = TAGEXPR_NE;
	else if (second == '=' && first == '<')
		p->op = TAGEXPR_LE;
	else if (second == '=' && first == '>')
		p->op = TAGEXPR_GE;
	else
	{
		p->op = first == '<' ? TAGEXPR_LT : first == '>' ? TAGEXPR_GT : TAGEXPR_EQ;
		return;
	}
	p->end += more;
}

static void
scan_word(Parser *p)
{
	size_t		width;

	while (is_word(look(p, p->end, &width)))
		p->end += width;
	p->quoted = false;
	if (all_digits(p->text + p->start, p->end - p->start))
		p->kind = TOKEN_OTHER;
	else
		p->kind = word_kind(p->text + p->start, p->end - p->start);
}

static void
advance(Parser *p)
{
	size_t		width;
	size_t		more;
	int			c = look(p, p->end, &width);

	while (is_space(c))
	{
		p->end += width;
		c = look(p, p->end, &width);
	}
	p->start = p->end;
	p->end += width;
	switch (c)
	{
		case 0:
			p->kind = TOKEN_END;
			return;
		case '(':
			p->kind = TOKEN_OPEN;
			return;
		case ')':
			p->kind = TOKEN_CLOSE;
			return;
		case ',':
			p->kind = TOKEN_COMMA;
			return;
		case '@':
			p->kind = TOKEN_AT;
			return;
		case '&':
			p->kind = TOKEN_AND;
			return;
		case '|':
			p->kind = TOKEN_OR;
			return;
		case '!':
			p->kind = TOKEN_NOT;
			if (look(p, p->end, &more) == '=')
				scan_operator(p, c, width);
			return;
		case '<':
		case '>':
		case '=':
			scan_operator(p, c, width);
			return;
		case '"':
		case '\'':
			p->kind = c == '"' ? TOKEN_NAME : TOKEN_OTHER;
			p->quoted = true;
			p->end = quoted_end(p, p->start, c);
			if (p->end == 0)
			{
				p->end = p->length;
				p->kind = TOKEN_OTHER;
				complain(p, TAGEXPR_BAD_SYNTAX, c == '"' ?
						 "a closing double quote" : "a closing single quote",
						 NULL);
			}
			return;
		default:
			p->kind = TOKEN_OTHER;
			if (is_word(c))
				scan_word(p);
			return;
	}
}

/* The text between the quotes at [start, end), doubled quotes made single. */
static const char *
unquote(Parser *p, uint32_t *length)
{
	size_t		width;
	int			quote = look(p, p->start, &width);
	size_t		at = p->start + width;
	char	   *copy = p->host->alloc(p->end - p->start);
	uint32_t	n = 0;

	for (;;)
	{
		int			c = look(p, at, &width);

		if (c == quote)
		{
			at += width;
			if (at >= p->end)
				break;
			c = look(p, at, &width);	/* the second of a doubled quote */
		}
		memcpy(copy + n, p->text + at, width);
		n += (uint32_t) width;
		at += width;
	}
	*length = n;
	return copy;
}

/* ---- leaves ------------------------------------------------------------- */

static bool
count_item(Parser *p)
{
	p->items++;
	if (p->items <= TAGEXPR_ITEMS_MAX)
		return true;
	complain(p, TAGEXPR_TOO_LARGE, NULL, NULL);
	return false;
}

static bool
take_name(Parser *p, TagexprNode *node)
{
	if (p->quoted)
		node->name = unquote(p, &node->name_length);
	else
	{
		char	   *copy = p->host->alloc(p->end - p->start);

		memcpy(copy, p->text + p->start, p->end - p->start);
		node->name = copy;
		node->name_length = (uint32_t) (p->end - p->start);
	}
	if (node->name_length == 0)
	{
		complain(p, TAGEXPR_BAD_SYNTAX, "a name between the quotes", NULL);
		return false;
	}
	if (node->name_length > TAGEXPR_NAME_MAX)
	{
		complain(p, TAGEXPR_LONG_NAME, NULL, NULL);
		return false;
	}
	return count_item(p);
}

/*
 * [+-] digits [. digits] [e [+-] digits] from p->start, in normal form: the
 * digits are collected with the place of the point, then written out.
 */
static bool
take_number(Parser *p, TagexprValue *value)
{
	const char *s = p->text + p->start;
	const char *stop = p->text + p->length;
	char		digits[2 * TAGEXPR_DIGITS_MAX];
	int			ndigits = 0;
	int			point = 0;		/* digits before the point */
	int			exponent = 0;
	bool		negative = false;
	bool		seen = false;
	bool		after = false;
	bool		too_long = false;
	char	   *out;
	uint32_t	n = 0;
	int			next;
	size_t		width;

	if (s < stop && (*s == '-' || *s == '+'))
		negative = *s++ == '-';
	for (; s < stop && (is_digit((unsigned char) *s) || (*s == '.' && !after)); s++)
	{
		if (*s == '.')
		{
			after = true;
			continue;
		}
		seen = true;
		if (ndigits == 0 && *s == '0')
			point -= after;		/* a leading zero */
		else if (ndigits < (int) sizeof(digits))
		{
			digits[ndigits++] = *s;
			point += !after;
		}
		else
			too_long = too_long || *s != '0' || !after;
	}
	if (seen && s < stop && (*s == 'e' || *s == 'E'))
	{
		bool		minus = false;
		bool		any = false;

		s++;
		if (s < stop && (*s == '-' || *s == '+'))
			minus = *s++ == '-';
		for (; s < stop && is_digit((unsigned char) *s); s++)
		{
			any = true;
			if (exponent < 10000)
				exponent = exponent * 10 + (*s - '0');
		}
		seen = any;
		if (minus)
			exponent = -exponent;
	}
	p->end = (size_t) (s - p->text);
	if (p->end == p->start && p->end < p->length)
		p->end++;
	next = look(p, (size_t) (s - p->text), &width);
	if (!seen || is_word(next) || next == '.')
	{
		complain(p, TAGEXPR_BAD_SYNTAX, want_value,
				 "Labels of an enumeration stand in single quotes: contract = 'month'.");
		return false;
	}
	while (ndigits > 0 && digits[ndigits - 1] == '0')
		ndigits--;
	point = ndigits == 0 ? 0 : point + exponent;
	if (too_long || point > TAGEXPR_DIGITS_MAX ||
		ndigits - point > TAGEXPR_DIGITS_MAX)
	{
		complain(p, TAGEXPR_BAD_NUMBER, NULL, NULL);
		return false;
	}

	out = p->host->alloc(2 * TAGEXPR_DIGITS_MAX + 4);
	if (negative && ndigits > 0)
		out[n++] = '-';
	if (point <= 0)
		out[n++] = '0';
	for (int i = 0; i < point; i++)
		out[n++] = i < ndigits ? digits[i] : '0';
	if (ndigits > point)
	{
		out[n++] = '.';
		for (int i = point; i < ndigits; i++)
			out[n++] = i < 0 ? '0' : digits[i];
	}
	value->is_label = false;
	value->text = out;
	value->length = n;
	return true;
}

/* A value, which must be a label of so many bytes or a number if so told; moves on. */
static bool
take_value(Parser *p, TagexprValue *value, bool labels, uint32_t max_bytes, bool numbers)
{
	size_t		width;
	int			c = look(p, p->start, &width);

	if (p->problem->trouble != TAGEXPR_FINE)
		return false;
	if (c == '\'' && labels && p->kind != TOKEN_END)
	{
		value->is_label = true;
		value->text = unquote(p, &value->length);
		if (value->length > max_bytes)
		{
			complain(p, TAGEXPR_LONG_NAME, NULL, NULL);
			return false;
		}
	}
	else if (numbers && p->kind != TOKEN_END && c != '\'' &&
			 (is_digit(c) || c == '-' || c == '+' || c == '.'))
	{
		if (!take_number(p, value))
			return false;
	}
	else
	{
		complain(p, TAGEXPR_BAD_SYNTAX, !labels ? "a number" :
				 !numbers ? "a label in single quotes" : want_value,
				 p->kind == TOKEN_NAME && labels ?
				 "Labels of an enumeration stand in single quotes: contract = 'month'." :
				 c == '\'' && p->kind != TOKEN_END ?
				 "Labels have no order: test them with =, <> or in." : NULL);
		return false;
	}
	if (!count_item(p))
		return false;
	advance(p);
	return true;
}

static bool
expect(Parser *p, TokenKind kind, const char *expected)
{
	if (p->kind != kind)
	{
		unexpected(p, expected);
		return false;
	}
	advance(p);
	return true;
}

/* "(" value {"," value} ")" into the node; the parenthesis is at hand. */
static bool
take_list(Parser *p, TagexprNode *node, bool labels, uint32_t max_bytes, bool numbers)
{
	uint32_t	room = 8;

	node->values = p->host->alloc(room * sizeof(TagexprValue));
	advance(p);
	for (;;)
	{
		if (node->nvalues == room)
		{
			TagexprValue *grown = p->host->alloc(2 * room * sizeof(TagexprValue));

			memcpy(grown, node->values, room * sizeof(TagexprValue));
			node->values = grown;
			room *= 2;
		}
		if (!take_value(p, &node->values[node->nvalues], labels, max_bytes, numbers))
			return false;
		node->nvalues++;
		if (p->kind != TOKEN_COMMA)
			return expect(p, TOKEN_CLOSE, "\",\" or \")\"");
		advance(p);
	}
}

static TagexprNode *
parse_call(Parser *p, TagexprNode *node)
{
	const TagexprFunction *f = mkt_tagexpr_functions;

	while (f->name != NULL &&
		   (node->name_length != strlen(f->name) ||
			!same_word(node->name, node->name_length, f->name)))
		f++;
	if (f->name == NULL)
		return complain(p, TAGEXPR_BAD_SYNTAX,
						"\"&\", \"|\", a comparison or the end",
						"No function of that name: there are in_org('code'), in_grid('path') and in_area('shape').");
	node->kind = TAGEXPR_CALL;
	node->name = f->name;
	if (!take_list(p, node, f->labels, f->max_bytes, !f->labels))
		return NULL;
	if (node->nvalues < f->min_values || node->nvalues > f->max_values)
		return unexpected(p, "another number of arguments");
	return mkt_tagexpr_finish_leaf(p->host, node);
}

static TagexprNode *
parse_test(Parser *p, TagexprNode *node)
{
	node->kind = TAGEXPR_TEST;
	if (p->kind == TOKEN_IN)
	{
		node->op = TAGEXPR_IN;
		advance(p);
		if (p->kind != TOKEN_OPEN)
			return unexpected(p, "\"(\"");
		if (!take_list(p, node, true, TAGEXPR_NAME_MAX, true))
			return NULL;
		return mkt_tagexpr_finish_leaf(p->host, node);
	}
	node->values = p->host->alloc(2 * sizeof(TagexprValue));
	if (p->kind == TOKEN_BETWEEN)
	{
		node->op = TAGEXPR_BETWEEN;
		node->nvalues = 2;
		advance(p);
		if (!take_value(p, &node->values[0], false, 0, true) ||
			!expect(p, TOKEN_AND, "\"and\"") ||
			!take_value(p, &node->values[1], false, 0, true))
			return NULL;
	}
	else
	{
		node->op = p->op;
		node->nvalues = 1;
		advance(p);
		if (!take_value(p, &node->values[0],
						node->op == TAGEXPR_EQ || node->op == TAGEXPR_NE, TAGEXPR_NAME_MAX, true))
			return NULL;
	}
	return mkt_tagexpr_finish_leaf(p->host, node);
}

static TagexprNode *
parse_name(Parser *p)
{
	TagexprNode *node = mkt_tagexpr_new_node(p->host, TAGEXPR_TAG);
	bool		quoted = p->quoted;

	if (!take_name(p, node))
		return NULL;
	advance(p);
	switch (p->kind)
	{
		case TOKEN_OPEN:
			if (!quoted)
				return parse_call(p, node);
			break;
		case TOKEN_OPERATOR:
		case TOKEN_BETWEEN:
		case TOKEN_IN:
			return parse_test(p, node);
		default:
			break;
	}
	return mkt_tagexpr_finish_leaf(p->host, node);
}

static TagexprNode *
parse_snapshot(Parser *p)
{
	TagexprNode *node = mkt_tagexpr_new_node(p->host, TAGEXPR_SNAPSHOT);

	advance(p);
	if (p->kind != TOKEN_NAME)
		return unexpected(p, "the name of a snapshot");
	if (!take_name(p, node))
		return NULL;
	advance(p);
	return mkt_tagexpr_finish_leaf(p->host, node);
}

/* ---- structure ---------------------------------------------------------- */

static TagexprNode *
parse_primary(Parser *p)
{
	TagexprNode *node;

	switch (p->kind)
	{
		case TOKEN_ALL:
		case TOKEN_NONE:
			if (!count_item(p))
				return NULL;
			node = mkt_tagexpr_new_node(p->host, p->kind == TOKEN_ALL ?
										TAGEXPR_ALL : TAGEXPR_NONE);
			advance(p);
			return mkt_tagexpr_finish_leaf(p->host, node);
		case TOKEN_NAME:
			return parse_name(p);
		case TOKEN_AT:
			return parse_snapshot(p);
		case TOKEN_OPEN:
			if (++p->nesting > TAGEXPR_NESTING_MAX)
				return complain(p, TAGEXPR_TOO_DEEP, NULL, NULL);
			p->host->enter();
			advance(p);
			node = parse_or(p);
			p->nesting--;
			if (node == NULL || !expect(p, TOKEN_CLOSE, "\"&\", \"|\" or \")\""))
				return NULL;
			return node;
		default:
			return unexpected(p, want_operand);
	}
}

static TagexprNode *
parse_not(Parser *p)
{
	TagexprNode *node;
	bool		negate = false;

	while (p->kind == TOKEN_NOT)
	{
		negate = !negate;
		advance(p);
	}
	node = parse_primary(p);
	if (node == NULL || !negate)
		return node;
	return mkt_tagexpr_negate(p->host, node, p->problem);
}

/* Operands separated by `between`, each read by `operand`, joined as kind. */
static TagexprNode *
parse_chain(Parser *p, TokenKind between, TagexprKind kind,
			TagexprNode *(*operand) (Parser *))
{
	TagexprNode *first = operand(p);
	TagexprNode **args;
	uint32_t	nargs = 1;
	uint32_t	room = 8;

	if (first == NULL || p->kind != between)
		return first;
	args = p->host->alloc(room * sizeof(TagexprNode *));
	args[0] = first;
	while (p->kind == between)
	{
		if (nargs == room)
		{
			TagexprNode **grown = p->host->alloc(2 * room * sizeof(TagexprNode *));

			memcpy(grown, args, room * sizeof(TagexprNode *));
			args = grown;
			room *= 2;
		}
		advance(p);
		args[nargs] = operand(p);
		if (args[nargs] == NULL)
			return NULL;
		nargs++;
	}
	return mkt_tagexpr_join(p->host, kind, args, nargs, p->problem);
}

static TagexprNode *
parse_and(Parser *p)
{
	return parse_chain(p, TOKEN_AND, TAGEXPR_AND, parse_not);
}

static TagexprNode *
parse_or(Parser *p)
{
	return parse_chain(p, TOKEN_OR, TAGEXPR_OR, parse_and);
}

TagexprNode *
mkt_tagexpr_parse(const TagexprHost *host, const char *text, size_t length,
				  TagexprProblem *problem)
{
	Parser		p = {0};
	TagexprNode *node;

	memset(problem, 0, sizeof(*problem));
	p.host = host;
	p.text = text;
	p.length = length;
	p.problem = problem;
	advance(&p);
	node = parse_or(&p);
	if (node != NULL && p.kind != TOKEN_END)
		unexpected(&p, "\"&\", \"|\", a comparison or the end");
	return problem->trouble == TAGEXPR_FINE ? node : NULL;
}
