/*-------------------------------------------------------------------------
 *
 * mkt_hash.c
 *		The frozen 64-bit hash described in mkt_hash.h.
 *
 * Pure C; the SQL functions are in mkt_core.c.
 *
 *-------------------------------------------------------------------------
 */
#include "mkt_hash.h"

uint64_t
mkt_hash_bytes(const void *bytes, size_t length, uint64_t seed)
{
	const unsigned char *byte = (const unsigned char *) bytes;
	uint64_t	h = mkt_hash_mix(seed ^ (uint64_t) length);
	size_t		i;

	for (i = 0; i < length; i += 8)
	{
		size_t		n = length - i < 8 ? length - i : 8;
		uint64_t	w = 0;
		size_t		k;

		for (k = 0; k < n; k++)
			w |= (uint64_t) byte[i + k] << (8 * k);
		h = mkt_hash_mix(h ^ w) + UINT64_C(0x9e3779b97f4a7c15);
	}
	return h;
}

uint32_t
mkt_hash_bucket(const void *salt, size_t length, int64_t cid)
{
	return mkt_hash_bucket_of(mkt_hash_bytes(salt, length, 0), mkt_hash_mix((uint64_t) cid));
}
