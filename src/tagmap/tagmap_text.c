/*-------------------------------------------------------------------------
 *
 * tagmap_text.c
 *		The text form: '{1,5,7-9}'.
 *
 * Pure C. Input: numbers and ranges "low-high" (both included) in any order,
 * overlapping or not, white space between them. Output: ascending, three or
 * more consecutive members as one range.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "tagmap_core.h"

typedef struct Parser
{
	const TagmapHost *host;
	const char *text;
	size_t		at;
	size_t		length;
	TagmapProblem *problem;
} Parser;

typedef struct Printer
{
	const TagmapHost *host;
	char	   *text;
	size_t		used;
	size_t		room;
	uint64_t	first;			/* the stretch not printed yet */
	uint64_t	end;			/* one past its last member; 0: none */
} Printer;

static bool parse_list(Parser *parser, TagmapBuilder *builder);
static bool parse_item(Parser *parser, TagmapBuilder *builder);
static bool parse_number(Parser *parser, uint64_t *number);
static bool complain(Parser *parser, TagmapTrouble trouble, const char *why);
static void print_stretch(Printer *printer, uint64_t first, uint64_t end);
static void print_pending(Printer *printer);
static void print_number(Printer *printer, uint64_t number, char after);

/* ---- in -------------------------------------------------------------------- */

Tagmap *
mkt_tagmap_from_text(const TagmapHost *host, const char *text, size_t length,
					 size_t *size, TagmapProblem *problem)
{
	Parser		parser = {host, text, 0, length, problem};
	TagmapBuilder *builder = mkt_tagmap_builder_new(host, false);
	Tagmap	   *map = NULL;

	problem->trouble = TAGMAP_FINE;
	if (parse_list(&parser, builder))
	{
		map = mkt_tagmap_builder_value(builder, size);
		if (map == NULL)
			complain(&parser, TAGMAP_TOO_LARGE, "the set is too large");
	}
	mkt_tagmap_builder_free(builder);
	return map;
}

static bool
complain(Parser *parser, TagmapTrouble trouble, const char *why)
{
	parser->problem->trouble = trouble;
	parser->problem->at = parser->at;
	parser->problem->why = why;
	return false;
}

/* The next character that is not white space; 0 at the end. */
static char
peek(Parser *parser)
{
	for (; parser->at < parser->length; parser->at++)
	{
		char		c = parser->text[parser->at];

		if (c != ' ' && (c < '\t' || c > '\r'))
			return c;
	}
	return '\0';
}

static bool
parse_list(Parser *parser, TagmapBuilder *builder)
{
	uint32_t	items = 0;
	char		next;

	if (peek(parser) != '{')
		return complain(parser, TAGMAP_MALFORMED, "expected \"{\"");
	parser->at++;
	if (peek(parser) != '}')
	{
		for (;;)
		{
			if (++items % 65536 == 0)
				parser->host->poll();
			if (!parse_item(parser, builder))
				return false;
			next = peek(parser);
			if (next == '}')
				break;
			if (next != ',')
				return complain(parser, TAGMAP_MALFORMED,
								"expected \",\", \"-\" or \"}\"");
			parser->at++;
		}
	}
	parser->at++;
	peek(parser);
	if (parser->at < parser->length)
		return complain(parser, TAGMAP_MALFORMED,
						"nothing may follow the closing brace");
	return true;
}

/* A number or a range. */
static bool
parse_item(Parser *parser, TagmapBuilder *builder)
{
	uint64_t	first;
	uint64_t	last;
	size_t		start;

	peek(parser);
	start = parser->at;
	if (!parse_number(parser, &first))
		return false;
	if (peek(parser) != '-')
	{
		mkt_tagmap_builder_add(builder, first);
		return true;
	}
	parser->at++;
	if (!parse_number(parser, &last))
		return false;
	if (first > last)
	{
		parser->at = start;
		return complain(parser, TAGMAP_MALFORMED, "the range is backwards");
	}
	if (mkt_tagmap_block_of(last) - mkt_tagmap_block_of(first) >=
		TAGMAP_NBLOCKS_MAX)
		return complain(parser, TAGMAP_TOO_LARGE, "the set is too large");
	mkt_tagmap_builder_add_range(builder, first, last);
	return true;
}

static bool
parse_number(Parser *parser, uint64_t *number)
{
	bool		negative = peek(parser) == '-';
	size_t		start = parser->at;
	bool		too_great = false;

	*number = 0;
	parser->at += negative;
	if (parser->at >= parser->length || parser->text[parser->at] < '0' ||
		parser->text[parser->at] > '9')
		return complain(parser, TAGMAP_MALFORMED,
						"expected a customer number");
	for (; parser->at < parser->length && parser->text[parser->at] >= '0' &&
		 parser->text[parser->at] <= '9'; parser->at++)
	{
		*number = *number * 10 + (uint64_t) (parser->text[parser->at] - '0');
		if (*number > TAGMAP_MEMBER_MAX)
		{
			too_great = true;
			*number = 0;
		}
	}
	if (too_great || (negative && *number > 0))
	{
		parser->at = start;
		return complain(parser, TAGMAP_OUT_OF_RANGE,
						"the customer number is out of range");
	}
	if (negative)
	{
		parser->at = start;
		return complain(parser, TAGMAP_MALFORMED,
						"expected a customer number");
	}
	return true;
}

/* ---- out --------------------------------------------------------------------- */

char *
mkt_tagmap_to_text(const TagmapHost *host, const Tagmap *map)
{
	Printer		printer = {host, NULL, 0, 64, 0, 0};
	uint16_t   *lows = NULL;
	TagmapCursor cursor;
	uint32_t	i;

	printer.text = (char *) host->alloc(printer.room);
	printer.text[printer.used++] = '{';
	mkt_tagmap_open(&cursor, map);
	while (mkt_tagmap_next(&cursor) && printer.text != NULL)
	{
		const TagmapChunk *chunk = &cursor.chunk;
		uint64_t	base = mkt_tagmap_first_of(chunk->block);

		host->poll();
		if (chunk->nruns > 0)
		{
			const TagmapRun *run = (const TagmapRun *) chunk->data;

			for (i = 0; i < chunk->nruns; i++)
				print_stretch(&printer, base + run[i].start,
							  base + run[i].start + run[i].more + 1);
			continue;
		}
		if (lows == NULL)
			lows = (uint16_t *) host->alloc(TAGMAP_BLOCK_BITS * sizeof(uint16_t));
		mkt_tagmap_chunk_lows(chunk, lows);
		for (i = 0; i < chunk->card; i++)
			print_stretch(&printer, base + lows[i], base + lows[i] + 1);
	}
	print_pending(&printer);
	if (lows != NULL)
		host->release(lows);
	if (printer.text != NULL)
	{
		/* the comma after the last number, if any, makes way for the brace */
		if (printer.used > 1)
			printer.used--;
		printer.text[printer.used++] = '}';
		printer.text[printer.used] = '\0';
	}
	return printer.text;
}

/* Stretches come in ascending order; those that touch become one. */
static void
print_stretch(Printer *printer, uint64_t first, uint64_t end)
{
	if (printer->end == first && first > 0)
	{
		printer->end = end;
		return;
	}
	print_pending(printer);
	printer->first = first;
	printer->end = end;
}

static void
print_pending(Printer *printer)
{
	uint64_t	members = printer->end - printer->first;

	if (printer->end == 0)
		return;
	print_number(printer, printer->first, members > 2 ? '-' : ',');
	if (members > 1)
		print_number(printer, printer->end - 1, ',');
}

static void
print_number(Printer *printer, uint64_t number, char after)
{
	char		digits[20];
	size_t		n = sizeof(digits);

	if (printer->text == NULL)
		return;
	digits[--n] = after;
	do
	{
		digits[--n] = (char) ('0' + number % 10);
		number /= 10;
	} while (number > 0);

	/* always keep room for the brace and the final NUL */
	if (printer->used + sizeof(digits) + 2 > printer->room)
	{
		printer->room *= 2;
		if (printer->room > TAGMAP_SIZE_MAX)
		{
			printer->host->release(printer->text);
			printer->text = NULL;
			return;
		}
		printer->text = (char *) printer->host->resize(printer->text,
													   printer->room);
	}
	memcpy(printer->text + printer->used, digits + n, sizeof(digits) - n);
	printer->used += sizeof(digits) - n;
}
