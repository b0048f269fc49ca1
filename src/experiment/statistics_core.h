/*-------------------------------------------------------------------------
 *
 * statistics_core.h
 *		Tails and quantiles of the three distributions that experiments are
 *		judged by.  Pure C: nothing but libm.
 *
 * Tails are P(X > x), computed as tails, so that a p-value of 1e-12 is one
 * and not 1 - 1 + rounding.  Arguments outside the domain give NaN.
 *
 *-------------------------------------------------------------------------
 */
#ifndef STATISTICS_CORE_H
#define STATISTICS_CORE_H

/* Standard normal. */
extern double mkt_normal_tail(double x);

/* Student's t with df > 0 degrees of freedom, also fractional (Welch). */
extern double mkt_student_tail(double x, double df);

/* Chi-square with df > 0 degrees of freedom; 1 for x <= 0. */
extern double mkt_chi_square_tail(double x, double df);

/* The x whose tail is 1 - p, 0 < p < 1. */
extern double mkt_normal_quantile(double p);
extern double mkt_student_quantile(double p, double df);

#endif							/* STATISTICS_CORE_H */
