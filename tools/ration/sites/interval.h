/*
 * interval.h: how far an estimate from samples may be off.
 *
 * The number of a site's samples is about Poisson; its bytes are a sum of unlike samples, with an estimated mean and
 * variance. Such a sum is taken for a multiple of a Poisson number with the same mean and variance, whose limits are
 * quantiles of gamma distributions:
 *   variance / bytes * gamma quantile of shape bytes^2 / variance + 1/2
 * (Fay, Feuer, "Confidence intervals for directly standardized rates: a method based on the gamma distribution", 1997;
 * with 1/2 between the shapes of their lower and upper limit, as in the mid-p interval and that of Jeffreys, since theirs
 * together hold too often.) A normal interval is wrong for few samples: a site of half the mean would be covered by it in
 * 39 % of cases. Where every block was a sample there is no doubt, and both limits are the estimate.
 *
 * It holds for sites of many blocks that are small against the mean. Where nearly every block is a sample, the number of
 * those that were missed is small, and whether the interval holds is decided by one or two of them.
 */
#ifndef RATION_TOOL_SITES_INTERVAL_H
#define RATION_TOOL_SITES_INTERVAL_H

struct interval {
  double low;
  double high;
};

/* That of a site of which there is no sample, where samples are so many bytes apart: it may be there all the same. */
struct interval interval_of_nothing(double mean);

/* The 95 % interval of an estimate with that (estimated) variance; both at least 0. */
struct interval interval_of(double bytes, double variance);

#endif
