/*-------------------------------------------------------------------------
 *
 * mkt_hash.h
 *		The project's own 64-bit hash: frozen, because it decides who is in a
 *		control group and what a stored hash index holds.
 *
 * Pure C. Never change what these functions return: test vectors are pinned
 * in the regression test "bucket".
 *
 *		mix(x)	x ^= x >> 32; x *= 0xd6e8feb86659fd93; x ^= x >> 32;
 *				x *= 0xd6e8feb86659fd93; x ^= x >> 32
 *		hash	h = mix(seed ^ length); for each group of 8 bytes, read as a
 *				little-endian integer w (the last group filled up with zero
 *				bytes): h = mix(h ^ w) + 0x9e3779b97f4a7c15
 *		bucket	h = hash(salt, seed 0); mix(h ^ mix(cid)) mod 10000
 *
 * Arithmetic is modulo 2^64.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MKT_HASH_H
#define MKT_HASH_H

#include <stddef.h>
#include <stdint.h>

#define MKT_BUCKETS 10000

static inline uint64_t
mkt_hash_mix(uint64_t x)
{
	x ^= x >> 32;
	x *= UINT64_C(0xd6e8feb86659fd93);
	x ^= x >> 32;
	x *= UINT64_C(0xd6e8feb86659fd93);
	x ^= x >> 32;
	return x;
}

extern uint64_t mkt_hash_bytes(const void *bytes, size_t length,
							   uint64_t seed);

/* Bucket 0 .. MKT_BUCKETS - 1 of a customer under a salt. */
extern uint32_t mkt_hash_bucket(const void *salt, size_t length, int64_t cid);

/* The same for many: from the hash of the salt and mix(cid). */
static inline uint32_t
mkt_hash_bucket_of(uint64_t salt, uint64_t mixed)
{
	return (uint32_t) (mkt_hash_mix(salt ^ mixed) % MKT_BUCKETS);
}

#endif							/* MKT_HASH_H */
