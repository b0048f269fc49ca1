/*-------------------------------------------------------------------------
 *
 * tagexpr_type.c
 *		Type mkt.tagexpr: text in and out, the wire, operators, order, hash.
 *
 * Nothing here knows what a tag is: tag_plan.c gives names a meaning.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mkt_compat.h"

#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/nodes.h"
#include "utils/builtins.h"

#include "tagexpr.h"

static TagexprHost host(void);
static TagexprNode *parse(const char *text, size_t length, Node *escontext);
static void *complain(const TagexprProblem *problem, const char *text,
					  size_t length, Node *escontext);
static Datum join(FunctionCallInfo fcinfo, TagexprKind kind);
static int	compare(FunctionCallInfo fcinfo);

PG_FUNCTION_INFO_V1(mkt_tagexpr_in);
PG_FUNCTION_INFO_V1(mkt_tagexpr_out);
PG_FUNCTION_INFO_V1(mkt_tagexpr_recv);
PG_FUNCTION_INFO_V1(mkt_tagexpr_send);
PG_FUNCTION_INFO_V1(mkt_tagexpr_and);
PG_FUNCTION_INFO_V1(mkt_tagexpr_or);
PG_FUNCTION_INFO_V1(mkt_tagexpr_not);
PG_FUNCTION_INFO_V1(mkt_tagexpr_eq);
PG_FUNCTION_INFO_V1(mkt_tagexpr_ne);
PG_FUNCTION_INFO_V1(mkt_tagexpr_lt);
PG_FUNCTION_INFO_V1(mkt_tagexpr_le);
PG_FUNCTION_INFO_V1(mkt_tagexpr_gt);
PG_FUNCTION_INFO_V1(mkt_tagexpr_ge);
PG_FUNCTION_INFO_V1(mkt_tagexpr_cmp);
PG_FUNCTION_INFO_V1(mkt_tagexpr_hash);
PG_FUNCTION_INFO_V1(mkt_tagexpr_hash_extended);

Datum
mkt_tagexpr_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	TagexprNode *node = parse(text, strlen(text), fcinfo->context);

	if (node == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(mkt_tagexpr_to_value(node));
}

Datum
mkt_tagexpr_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(text_to_cstring((text *) PG_GETARG_TAGEXPR_PP(0)));
}

/*
 * tagexpr_recv(internal) returns tagexpr
 *		The wire holds the text, canonical or not.
 */
Datum
mkt_tagexpr_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int			length;
	char	   *text = pq_getmsgtext(buf, buf->len - buf->cursor, &length);

	PG_RETURN_POINTER(mkt_tagexpr_to_value(parse(text, length, NULL)));
}

Datum
mkt_tagexpr_send(PG_FUNCTION_ARGS)
{
	struct varlena *value = PG_GETARG_TAGEXPR_PP(0);
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendtext(&buf, VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
mkt_tagexpr_and(PG_FUNCTION_ARGS)
{
	return join(fcinfo, TAGEXPR_AND);
}

Datum
mkt_tagexpr_or(PG_FUNCTION_ARGS)
{
	return join(fcinfo, TAGEXPR_OR);
}

Datum
mkt_tagexpr_not(PG_FUNCTION_ARGS)
{
	TagexprHost h = host();
	TagexprProblem problem = {0};
	TagexprNode *arg = mkt_tagexpr_from_value(PG_GETARG_TAGEXPR_PP(0));
	TagexprNode *node = mkt_tagexpr_negate(&h, arg, &problem);

	if (node == NULL)
		complain(&problem, "", 0, NULL);
	PG_RETURN_POINTER(mkt_tagexpr_to_value(node));
}

Datum
mkt_tagexpr_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) == 0);
}

Datum
mkt_tagexpr_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) != 0);
}

Datum
mkt_tagexpr_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) < 0);
}

Datum
mkt_tagexpr_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) <= 0);
}

Datum
mkt_tagexpr_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) > 0);
}

Datum
mkt_tagexpr_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) >= 0);
}

Datum
mkt_tagexpr_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare(fcinfo));
}

Datum
mkt_tagexpr_hash(PG_FUNCTION_ARGS)
{
	struct varlena *value = PG_GETARG_TAGEXPR_PP(0);

	return hash_any((unsigned char *) VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
}

Datum
mkt_tagexpr_hash_extended(PG_FUNCTION_ARGS)
{
	struct varlena *value = PG_GETARG_TAGEXPR_PP(0);

	return hash_any_extended((unsigned char *) VARDATA_ANY(value),
							 VARSIZE_ANY_EXHDR(value), PG_GETARG_INT64(1));
}

/* ---- values and trees ------------------------------------------------- */

static void
enter(void)
{
	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
}

static void *
allocate(size_t size)
{
	return palloc(size);
}

static TagexprHost
host(void)
{
	TagexprHost h = {allocate, enter, GetDatabaseEncoding() == PG_UTF8};

	return h;
}

static TagexprNode *
parse(const char *text, size_t length, Node *escontext)
{
	TagexprHost h = host();
	TagexprProblem problem;
	TagexprNode *node = mkt_tagexpr_parse(&h, text, length, &problem);

	if (node == NULL)
		complain(&problem, text, length, escontext);
	return node;
}

TagexprNode *
mkt_tagexpr_from_value(const struct varlena *value)
{
	return parse(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value), NULL);
}

struct varlena *
mkt_tagexpr_to_value(const TagexprNode *node)
{
	size_t		length = mkt_tagexpr_print(node, NULL);
	struct varlena *value = palloc(VARHDRSZ + length);

	SET_VARSIZE(value, VARHDRSZ + length);
	mkt_tagexpr_print(node, VARDATA(value));
	return value;
}

static Datum
join(FunctionCallInfo fcinfo, TagexprKind kind)
{
	TagexprHost h = host();
	TagexprProblem problem = {0};
	TagexprNode *args[2];
	TagexprNode *node;

	args[0] = mkt_tagexpr_from_value(PG_GETARG_TAGEXPR_PP(0));
	args[1] = mkt_tagexpr_from_value(PG_GETARG_TAGEXPR_PP(1));
	node = mkt_tagexpr_join(&h, kind, args, 2, &problem);
	if (node == NULL)
		complain(&problem, "", 0, NULL);
	PG_RETURN_POINTER(mkt_tagexpr_to_value(node));
}

/* Canonical texts are equal when the expressions are: bytes decide. */
static int
compare(FunctionCallInfo fcinfo)
{
	struct varlena *a = PG_GETARG_TAGEXPR_PP(0);
	struct varlena *b = PG_GETARG_TAGEXPR_PP(1);
	size_t		a_length = VARSIZE_ANY_EXHDR(a);
	size_t		b_length = VARSIZE_ANY_EXHDR(b);
	int			c = memcmp(VARDATA_ANY(a), VARDATA_ANY(b), Min(a_length, b_length));

	if (c == 0 && a_length != b_length)
		c = a_length < b_length ? -1 : 1;
	return c;
}

/* ---- complaints ------------------------------------------------------- */

/* "found ..." of the message: what stands where something else should. */
static char *
found(const TagexprProblem *problem, const char *text)
{
	int			length = pg_mbcliplen(text + problem->at, problem->length, 40);

	if (problem->length == 0)
		return pstrdup("the end");
	return psprintf("\"%.*s\"%s", length, text + problem->at,
					(size_t) length < problem->length ? "..." : "");
}

static void *
complain(const TagexprProblem *problem, const char *text, size_t length,
		 Node *escontext)
{
	int			shown = pg_mbcliplen(text, length, 200);
	const char *dots = (size_t) shown < length ? "..." : "";
	int			position = pg_mbstrlen_with_len(text, problem->at) + 1;

	switch (problem->trouble)
	{
		case TAGEXPR_BAD_NUMBER:
			ereturn(escontext, NULL,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("number %s at character %d of the tag expression is out of range",
							found(problem, text), position),
					 errdetail("A number has at most %d digits before the point and as many after it.",
							   TAGEXPR_DIGITS_MAX)));
			break;
		case TAGEXPR_LONG_NAME:
			ereturn(escontext, NULL,
					(errcode(ERRCODE_NAME_TOO_LONG),
					 errmsg("name %s at character %d of the tag expression is too long",
							found(problem, text), position),
					 errdetail("A name or a label has at most %d bytes, a shape of in_area() %d.",
							   TAGEXPR_NAME_MAX, TAGEXPR_AREA_MAX)));
			break;
		case TAGEXPR_TOO_LARGE:
			ereturn(escontext, NULL,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("tag expression is too large"),
					 errdetail("An expression has at most %d tags and values.", TAGEXPR_ITEMS_MAX),
					 errhint("Store a part of it as a tag of its own, with mkt.tag_put('code', mkt.audience('...')).")));
			break;
		case TAGEXPR_TOO_DEEP:
			ereturn(escontext, NULL,
					(errcode(ERRCODE_STATEMENT_TOO_COMPLEX),
					 errmsg("tag expression is nested too deeply"),
					 errdetail("Parentheses may stand %d deep, %d if needless ones are counted.",
							   TAGEXPR_DEPTH_MAX, TAGEXPR_NESTING_MAX),
					 errhint("Store a part of it as a tag of its own, with mkt.tag_put('code', mkt.audience('...')).")));
			break;
		default:
			ereturn(escontext, NULL,
					(errcode(ERRCODE_SYNTAX_ERROR),
					 errmsg("syntax error in tag expression \"%.*s%s\"", shown, text, dots),
					 errdetail("At character %d expected %s, found %s.",
							   position, problem->expected, found(problem, text)),
					 problem->hint != NULL ? errhint("%s", problem->hint) : 0));
			break;
	}
	return NULL;
}
