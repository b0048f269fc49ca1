/*-------------------------------------------------------------------------
 *
 * statistics_core.c
 *		Tails and quantiles: normal, Student's t, chi-square.
 *
 * The normal tail is libm's erfc().  The other two are the incomplete beta
 * and gamma functions, each by the expansion that converges where it is
 * used; numbers in brackets are equations of the NIST Digital Library of
 * Mathematical Functions (dlmf.nist.gov).
 *
 *-------------------------------------------------------------------------
 */
#include <float.h>
#include <math.h>

#include "statistics_core.h"

#define MOST_TERMS 100000		/* far more than any argument needs */

/*
 * A continued fraction b0 + a1/(b1 + a2/(b2 + ...)) by the modified Lentz
 * method: term(n) gives a_n and b_n, n from 1.
 */
typedef void (*fraction_term) (int n, double x, double p, double q,
							   double *a, double *b);

static double
continued_fraction(double b0, fraction_term term, double x, double p, double q)
{
	double		f = b0 == 0 ? DBL_MIN : b0;
	double		c = f;
	double		d = 0;
	int			n;

	for (n = 1; n <= MOST_TERMS; n++)
	{
		double		a;
		double		b;
		double		step;

		term(n, x, p, q, &a, &b);
		d = b + a * d;
		c = b + a / c;
		if (d == 0)
			d = DBL_MIN;
		if (c == 0)
			c = DBL_MIN;
		d = 1 / d;
		step = c * d;
		f *= step;
		if (fabs(step - 1) < DBL_EPSILON)
			break;
	}
	return f;
}

/* Incomplete beta: 1/(1 + d1/(1 + d2/(1 + ...)))  [8.17.22, 8.17.23] */
static void
beta_term(int n, double x, double p, double q, double *a, double *b)
{
	int			m = n / 2;

	*b = 1;
	if (n % 2 == 0)
		*a = m * (q - m) * x / ((p + 2 * m - 1) * (p + 2 * m));
	else
		*a = -(p + m) * (p + q + m) * x / ((p + 2 * m) * (p + 2 * m + 1));
}

/* Regularised incomplete beta function I_x(p, q), 0 <= x <= 1. */
static double
incomplete_beta(double x, double p, double q)
{
	double		front;

	if (x <= 0)
		return 0;
	if (x >= 1)
		return 1;
	/* the fraction converges fast below the mean  [8.17.4 mirrors] */
	if (x > (p + 1) / (p + q + 2))
		return 1 - incomplete_beta(1 - x, q, p);
	front = exp(p * log(x) + q * log1p(-x)
				+ lgamma(p + q) - lgamma(p) - lgamma(q)) / p;
	return front / continued_fraction(1, beta_term, x, p, q);
}

/* Upper incomplete gamma: 1/(x+1-p - 1(1-p)/(x+3-p - ...))  [8.9.2, even part] */
static void
gamma_term(int n, double x, double p, double q, double *a, double *b)
{
	(void) q;
	*a = n * (p - n);
	*b = x + 2 * n + 1 - p;
}

/* Regularised upper incomplete gamma function Q(p, x). */
static double
incomplete_gamma_tail(double p, double x)
{
	double		front = exp(p * log(x) - x - lgamma(p));
	double		sum;
	double		term;
	int			n;

	if (x > p + 1)
		return front / continued_fraction(x + 1 - p, gamma_term, x, p, 0);
	sum = term = 1 / p;
	for (n = 1; n <= MOST_TERMS && term > sum * DBL_EPSILON; n++)
		sum += term *= x / (p + n);		/* the power series [8.7.1] */
	return 1 - front * sum;
}

double
mkt_normal_tail(double x)
{
	return erfc(x * M_SQRT1_2) / 2;
}

double
mkt_student_tail(double x, double df)
{
	double		beyond;

	if (!(df > 0))
		return NAN;
	beyond = incomplete_beta(df / (df + x * x), df / 2, 0.5) / 2;
	return x < 0 ? 1 - beyond : beyond;
}

double
mkt_chi_square_tail(double x, double df)
{
	if (!(df > 0) || isnan(x))
		return NAN;
	return x <= 0 ? 1 : incomplete_gamma_tail(df / 2, x / 2);
}

static double
normal_tail(double x, double unused)
{
	(void) unused;
	return mkt_normal_tail(x);
}

/* Halves the interval that holds the x with this tail until nothing is left to halve. */
static double
quantile(double (*tail) (double x, double df), double df, double p)
{
	double		low = 0;
	double		high = 1;

	if (!(p > 0 && p < 1) || !(df > 0))
		return NAN;
	if (p < 0.5)
		return -quantile(tail, df, 1 - p);
	while (tail(high, df) > 1 - p && high < DBL_MAX / 2)
		high *= 2;
	for (;;)
	{
		double		middle = low + (high - low) / 2;

		if (middle <= low || middle >= high)
			return middle;
		if (tail(middle, df) > 1 - p)
			low = middle;
		else
			high = middle;
	}
}

double
mkt_normal_quantile(double p)
{
	return quantile(normal_tail, 1, p);
}

double
mkt_student_quantile(double p, double df)
{
	return quantile(mkt_student_tail, df, p);
}
