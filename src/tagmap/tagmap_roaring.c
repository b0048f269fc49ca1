/*-------------------------------------------------------------------------
 *
 * tagmap_roaring.c
 *		The Roaring portable format, 32 and 64 bits wide, in and out.
 *
 * Pure C; written from the public format specification. A Roaring container
 * holds 65,536 numbers, a block of ours 64,512: both are whole words, so
 * either direction is a stream of words cut at other places (Regroup). All
 * integers of the format are little-endian.
 *
 *	32 bit	cookie 12346, uint32 n containers           (no run containers)
 *			cookie 12347 | n - 1 << 16, run flags        (some are runs)
 *			n x {uint16 key, uint16 members - 1}
 *			n x uint32 offset of the container; left out if the cookie is
 *			12347 and n < 4
 *			containers: uint16 each (at most 4,096 members), or 8,192 bytes
 *			of bits, or uint16 count and that many {start, length - 1}
 *	64 bit	uint64 n buckets, n x {uint32 high half, a 32-bit image}
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "tagmap_core.h"

#define COOKIE_PLAIN	12346
#define COOKIE_RUNS		12347
#define OFFSETS_FROM	4		/* containers from which runs have offsets */
#define R_WORDS			1024	/* words of a Roaring container */
#define R_BITMAP_BYTES	8192
#define R_ARRAY_MAX		4096
#define R_CONTAINERS	65536	/* most containers of a 32-bit image */

/*
 * A stream of words in ascending order, handed on in groups of `unit` words;
 * group g holds the words g * unit .. g * unit + unit - 1. Groups in which
 * nothing was put are left out.
 */
typedef struct Regroup
{
	uint32_t	unit;
	bool		open;
	uint64_t	group;
	uint64_t	words[R_WORDS];
	void		(*emit) (void *arg, uint64_t group, const uint64_t *words);
	void	   *arg;
} Regroup;

/* A byte string that grows; past TAGMAP_SIZE_MAX it only remembers that. */
typedef struct Bytes
{
	const TagmapHost *host;
	unsigned char *data;
	size_t		used;
	size_t		room;
	bool		too_large;
} Bytes;

/* One container of the 32-bit image being written. */
typedef struct Container
{
	uint16_t	key;
	uint16_t	more;			/* members - 1 */
	uint32_t	is_run;
	uint32_t	size;
} Container;

typedef struct RoaringWriter
{
	Bytes		out;
	Bytes		containers;		/* Container of the current bucket */
	Bytes		bodies;			/* their payloads */
	bool		wide;
	uint64_t	high;			/* the current bucket's upper half */
	uint64_t	buckets;
} RoaringWriter;

typedef struct RoaringReader
{
	const unsigned char *image;
	size_t		length;
	size_t		at;
	uint64_t	base;			/* first number of the bucket */
	Regroup		regroup;
	TagmapWriter writer;
	TagmapProblem *problem;
} RoaringReader;

static void regroup_put(Regroup *regroup, uint64_t at, const uint64_t *words,
						uint32_t n);
static void regroup_close(Regroup *regroup);
static void write_container(void *arg, uint64_t group, const uint64_t *words);
static void write_bucket(RoaringWriter *writer);
static void write_block(void *arg, uint64_t group, const uint64_t *words);
static bool read_image(RoaringReader *reader);
static bool read_container(RoaringReader *reader, bool is_run, uint32_t card,
						   uint64_t *words);
static bool refuse(RoaringReader *reader, const char *why);

/* ---- regrouping words ------------------------------------------------------- */

static void
regroup_put(Regroup *regroup, uint64_t at, const uint64_t *words, uint32_t n)
{
	while (n > 0)
	{
		uint64_t	group = at / regroup->unit;
		uint32_t	within = (uint32_t) (at % regroup->unit);
		uint32_t	take = regroup->unit - within;

		if (!regroup->open || group != regroup->group)
		{
			regroup_close(regroup);
			memset(regroup->words, 0, sizeof(regroup->words));
			regroup->group = group;
			regroup->open = true;
		}
		if (take > n)
			take = n;
		memcpy(regroup->words + within, words, take * sizeof(uint64_t));
		words += take;
		at += take;
		n -= take;
	}
}

static void
regroup_close(Regroup *regroup)
{
	if (regroup->open)
		regroup->emit(regroup->arg, regroup->group, regroup->words);
	regroup->open = false;
}

/* ---- bytes -------------------------------------------------------------------- */

static void *
bytes_extend(Bytes *bytes, size_t n)
{
	void	   *at;

	if (bytes->too_large || bytes->used + n > TAGMAP_SIZE_MAX)
	{
		bytes->too_large = true;
		return NULL;
	}
	if (bytes->data == NULL || bytes->used + n > bytes->room)
	{
		size_t		room = bytes->room * 2 + n + 64;

		if (room > TAGMAP_SIZE_MAX)
			room = TAGMAP_SIZE_MAX;
		bytes->data = (unsigned char *)
			(bytes->data == NULL ? bytes->host->alloc(room)
			 : bytes->host->resize(bytes->data, room));
		bytes->room = room;
	}
	at = bytes->data + bytes->used;
	bytes->used += n;
	return at;
}

static void
bytes_put(Bytes *bytes, const void *data, size_t n)
{
	void	   *at = bytes_extend(bytes, n);

	if (at != NULL && n > 0)
		memcpy(at, data, n);
}

static void
put_int(Bytes *bytes, uint64_t number, size_t width)
{
	unsigned char le[8];
	size_t		i;

	for (i = 0; i < width; i++)
		le[i] = (unsigned char) (number >> (8 * i));
	bytes_put(bytes, le, width);
}

static void
bytes_free(Bytes *bytes)
{
	if (bytes->data != NULL)
		bytes->host->release(bytes->data);
	bytes->data = NULL;
}

static uint64_t
get_int(const unsigned char *from, size_t width)
{
	uint64_t	number = 0;
	size_t		i;

	for (i = 0; i < width; i++)
		number |= (uint64_t) from[i] << (8 * i);
	return number;
}

/* ---- out ------------------------------------------------------------------------ */

unsigned char *
mkt_tagmap_to_roaring(const TagmapHost *host, const Tagmap *map, bool wide,
					  size_t prefix, size_t *size, TagmapProblem *problem)
{
	uint64_t	scratch[TAGMAP_WORDS];
	Bytes		none = {host, NULL, 0, 0, false};
	RoaringWriter writer = {none, none, none, wide, 0, 0};
	Regroup		regroup;
	TagmapCursor cursor;
	uint64_t	greatest;

	problem->trouble = TAGMAP_FINE;
	problem->at = 0;
	if (!wide && mkt_tagmap_set_max(map, &greatest) && greatest > UINT32_MAX)
	{
		problem->trouble = TAGMAP_OUT_OF_RANGE;
		problem->why = "a 32-bit Roaring image holds numbers up to 4294967295";
		return NULL;
	}

	regroup.unit = R_WORDS;
	regroup.open = false;
	regroup.emit = write_container;
	regroup.arg = &writer;
	bytes_extend(&writer.out, prefix + (wide ? 8 : 0));
	mkt_tagmap_open(&cursor, map);
	while (mkt_tagmap_next(&cursor))
	{
		host->poll();
		regroup_put(&regroup, (uint64_t) cursor.chunk.block * TAGMAP_WORDS,
					mkt_tagmap_chunk_bits(&cursor.chunk, scratch),
					TAGMAP_WORDS);
	}
	regroup_close(&regroup);
	if (!wide || writer.containers.used > 0)
		write_bucket(&writer);
	bytes_free(&writer.containers);
	bytes_free(&writer.bodies);

	if (writer.out.too_large)
	{
		bytes_free(&writer.out);
		problem->trouble = TAGMAP_TOO_LARGE;
		problem->why = "the Roaring image is too large";
		return NULL;
	}
	if (wide)
	{
		/* now the number of buckets is known */
		*size = writer.out.used;
		writer.out.used = prefix;
		put_int(&writer.out, writer.buckets, 8);
		writer.out.used = *size;
	}
	*size = writer.out.used;
	return writer.out.data;
}

/* One group of 1,024 words becomes the smallest container, if not empty. */
static void
write_container(void *arg, uint64_t group, const uint64_t *words)
{
	RoaringWriter *writer = (RoaringWriter *) arg;
	Container	container = {(uint16_t) group, 0, false, 0};
	uint64_t	before = 0;
	uint32_t	card = 0;
	uint32_t	nruns = 0;
	uint32_t	plain;
	uint32_t	i;

	for (i = 0; i < R_WORDS; i++)
	{
		card += (uint32_t) mkt_tagmap_popcount(words[i]);
		nruns += (uint32_t) mkt_tagmap_popcount(words[i] &
												~(words[i] << 1 | before));
		before = words[i] >> 63;
	}
	if (card == 0)
		return;
	if (group >> 16 != writer->high)
	{
		if (writer->containers.used > 0)
			write_bucket(writer);
		writer->high = group >> 16;
	}

	plain = card <= R_ARRAY_MAX ? card * 2 : R_BITMAP_BYTES;
	container.more = (uint16_t) (card - 1);
	container.is_run = 2 + 4 * nruns < plain;
	container.size = container.is_run ? 2 + 4 * nruns : plain;
	bytes_put(&writer->containers, &container, sizeof(container));

	if (container.is_run)
	{
		uint32_t	start;
		uint32_t	end = 0;

		put_int(&writer->bodies, nruns, 2);
		while (mkt_tagmap_next_run(words, R_WORDS, &start, &end))
		{
			put_int(&writer->bodies, start, 2);
			put_int(&writer->bodies, end - 1 - start, 2);
		}
	}
	else if (card <= R_ARRAY_MAX)
	{
		for (i = 0; i < R_WORDS; i++)
		{
			uint64_t	word;

			for (word = words[i]; word != 0; word &= word - 1)
				put_int(&writer->bodies,
						i * 64 + (uint32_t) __builtin_ctzll(word), 2);
		}
	}
	else
	{
		for (i = 0; i < R_WORDS; i++)
			put_int(&writer->bodies, words[i], 8);
	}
}

/* The containers gathered become one 32-bit image at the end of out. */
static void
write_bucket(RoaringWriter *writer)
{
	const Container *container = (const Container *) writer->containers.data;
	uint32_t	n = (uint32_t) (writer->containers.used / sizeof(Container));
	unsigned char flags[R_CONTAINERS / 8] = {0};
	bool		runs = false;
	size_t		offset;
	uint32_t	i;

	for (i = 0; i < n; i++)
	{
		if (container[i].is_run)
		{
			flags[i / 8] |= (unsigned char) (1 << (i % 8));
			runs = true;
		}
	}
	if (writer->wide)
		put_int(&writer->out, writer->high, 4);
	if (runs)
	{
		put_int(&writer->out, COOKIE_RUNS | (uint64_t) (n - 1) << 16, 4);
		bytes_put(&writer->out, flags, (n + 7) / 8);
		offset = 4 + (n + 7) / 8;
	}
	else
	{
		put_int(&writer->out, COOKIE_PLAIN, 4);
		put_int(&writer->out, n, 4);
		offset = 8;
	}
	for (i = 0; i < n; i++)
	{
		put_int(&writer->out, container[i].key, 2);
		put_int(&writer->out, container[i].more, 2);
	}
	if (!runs || n >= OFFSETS_FROM)
	{
		offset += (size_t) n * 8;
		for (i = 0; i < n; i++)
		{
			put_int(&writer->out, offset, 4);
			offset += container[i].size;
		}
	}
	bytes_put(&writer->out, writer->bodies.data, writer->bodies.used);
	writer->out.too_large |= writer->containers.too_large ||
		writer->bodies.too_large;
	writer->containers.used = 0;
	writer->bodies.used = 0;
	writer->buckets++;
}

/* ---- in -------------------------------------------------------------------------- */

Tagmap *
mkt_tagmap_from_roaring(const TagmapHost *host, const unsigned char *image,
						size_t length, bool wide, size_t *size,
						TagmapProblem *problem)
{
	RoaringReader reader;
	uint64_t	buckets = 1;
	int64_t		high = -1;
	Tagmap	   *map;

	memset(&reader, 0, sizeof(reader));
	reader.image = image;
	reader.length = length;
	reader.problem = problem;
	reader.regroup.unit = TAGMAP_WORDS;
	reader.regroup.emit = write_block;
	reader.regroup.arg = &reader.writer;
	mkt_tagmap_writer_open(&reader.writer, host, 16);
	problem->trouble = TAGMAP_FINE;

	if (wide && length < 8)
		refuse(&reader, "the bytes end too early");
	else if (wide)
	{
		buckets = get_int(image, 8);
		reader.at = 8;
	}
	for (; buckets > 0 && problem->trouble == TAGMAP_FINE; buckets--)
	{
		if (wide)
		{
			uint32_t	next;

			if (length - reader.at < 4)
			{
				refuse(&reader, "the bytes end too early");
				break;
			}
			next = (uint32_t) get_int(image + reader.at, 4);
			if ((int64_t) next <= high)
			{
				refuse(&reader, "the buckets are not in ascending order");
				break;
			}
			high = next;
			reader.base = (uint64_t) next << 32;
			if (reader.base > TAGMAP_MEMBER_MAX)
			{
				refuse(&reader, "a member is beyond the greatest customer number");
				problem->trouble = TAGMAP_OUT_OF_RANGE;
				break;
			}
			reader.at += 4;
		}
		read_image(&reader);
	}
	if (problem->trouble == TAGMAP_FINE && reader.at < length)
		refuse(&reader, "there are bytes after the last container");
	regroup_close(&reader.regroup);

	map = mkt_tagmap_writer_close(&reader.writer, size);
	if (problem->trouble != TAGMAP_FINE && map != NULL)
	{
		host->release(map);
		map = NULL;
	}
	else if (problem->trouble == TAGMAP_FINE && map == NULL)
	{
		refuse(&reader, "the set is too large");
		problem->trouble = TAGMAP_TOO_LARGE;
	}
	return map;
}

static bool
refuse(RoaringReader *reader, const char *why)
{
	reader->problem->trouble = TAGMAP_MALFORMED;
	reader->problem->at = reader->at;
	reader->problem->why = why;
	return false;
}

/* A full group of 1,008 words is a block. */
static void
write_block(void *arg, uint64_t group, const uint64_t *words)
{
	uint64_t	payload[TAGMAP_WORDS];
	TagmapChunk chunk;

	mkt_tagmap_bits_to_chunk(words, (uint32_t) group, payload, &chunk);
	mkt_tagmap_writer_add((TagmapWriter *) arg, &chunk);
}

/* One 32-bit image at the reader's place. */
static bool
read_image(RoaringReader *reader)
{
	uint64_t	words[R_WORDS];
	const unsigned char *image = reader->image;
	const unsigned char *flags = NULL;
	const unsigned char *keys;
	const unsigned char *offsets = NULL;
	size_t		start = reader->at;
	size_t		left = reader->length - start;
	size_t		header = 8;
	uint64_t	cookie;
	uint64_t	n;
	uint32_t	i;

	if (left < 4)
		return refuse(reader, "the bytes end too early");
	cookie = get_int(image + start, 4);
	if (cookie == COOKIE_PLAIN)
	{
		if (left < 8)
			return refuse(reader, "the bytes end too early");
		n = get_int(image + start + 4, 4);
	}
	else if ((cookie & 0xffff) == COOKIE_RUNS)
	{
		n = (cookie >> 16) + 1;
		flags = image + start + 4;
		header = 4 + (n + 7) / 8;
	}
	else
		return refuse(reader, "the cookie is not that of a Roaring image");
	if (n > R_CONTAINERS)
		return refuse(reader, "there are too many containers");

	keys = image + start + header;
	header += n * 4;
	if (flags == NULL || n >= OFFSETS_FROM)
	{
		offsets = image + start + header;
		header += n * 4;
	}
	if (left < header)
		return refuse(reader, "the bytes end too early");
	if (flags != NULL && n % 8 != 0 && flags[n / 8] >> (n % 8) != 0)
		return refuse(reader, "a run flag belongs to no container");

	reader->at += header;
	for (i = 0; i < n; i++)
	{
		uint64_t	key = get_int(keys + 4 * i, 2);
		uint32_t	card = (uint32_t) get_int(keys + 4 * i + 2, 2) + 1;

		if (i > 0 && key <= get_int(keys + 4 * (i - 1), 2))
			return refuse(reader, "the containers are not in ascending order");
		if (offsets != NULL &&
			get_int(offsets + 4 * i, 4) != (uint32_t) (reader->at - start))
			return refuse(reader, "an offset does not lead to its container");
		if (!read_container(reader, flags != NULL && (flags[i / 8] >> (i % 8) & 1),
							card, words))
			return false;
		regroup_put(&reader->regroup, (reader->base + (key << 16)) / 64, words,
					R_WORDS);
		if (i % 64 == 0)
			reader->writer.host->poll();
	}
	return true;
}

static bool
read_container(RoaringReader *reader, bool is_run, uint32_t card,
			   uint64_t *words)
{
	const unsigned char *from = reader->image + reader->at;
	size_t		left = reader->length - reader->at;
	size_t		size;
	int64_t		reached = -1;	/* greatest number so far */
	uint32_t	members = 0;
	uint32_t	n;
	uint32_t	i;

	memset(words, 0, R_WORDS * sizeof(uint64_t));
	if (is_run)
	{
		if (left < 2)
			return refuse(reader, "the bytes end too early");
		n = (uint32_t) get_int(from, 2);
		size = 2 + (size_t) n * 4;
	}
	else
		size = card <= R_ARRAY_MAX ? (size_t) card * 2 : R_BITMAP_BYTES;
	if (left < size)
		return refuse(reader, "the bytes end too early");

	if (is_run)
	{
		for (i = 0; i < n; i++)
		{
			uint32_t	first = (uint32_t) get_int(from + 2 + 4 * i, 2);
			uint32_t	last = first + (uint32_t) get_int(from + 4 + 4 * i, 2);

			if ((int64_t) first <= reached || last >= R_CONTAINERS)
				return refuse(reader, "the runs of a container overlap or leave it");
			members += last - first + 1;
			reached = last;
			for (; first <= last; first++)
				words[first / 64] |= UINT64_C(1) << (first % 64);
		}
	}
	else if (card <= R_ARRAY_MAX)
	{
		for (i = 0; i < card; i++)
		{
			uint32_t	low = (uint32_t) get_int(from + 2 * i, 2);

			if ((int64_t) low <= reached)
				return refuse(reader, "the members of a container are not in ascending order");
			reached = low;
			words[low / 64] |= UINT64_C(1) << (low % 64);
		}
		members = card;
	}
	else
	{
		for (i = 0; i < R_WORDS; i++)
		{
			words[i] = get_int(from + 8 * i, 8);
			members += (uint32_t) mkt_tagmap_popcount(words[i]);
		}
	}
	if (members != card)
		return refuse(reader, "a container has other members than it says");
	reader->at += size;
	return true;
}
