/*-------------------------------------------------------------------------
 *
 * mkt_simd.h
 *		The setting mkt.simd: which kernels the set operations run on.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MKT_SIMD_H
#define MKT_SIMD_H

/* Define the setting and choose the best kernels; called by _PG_init. */
extern void mkt_simd_init(void);

#endif							/* MKT_SIMD_H */
