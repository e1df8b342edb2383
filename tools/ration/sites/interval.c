/*
 * interval.c: see interval.h.
 */
#include "sites/interval.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

#define LOW       0.025
#define HIGH      0.975
#define DEVIATION 1.959964 /* of the normal distribution, at these */

/* From here on gsl's inversion need not converge, and the approximation is better than 0.01 % of the width. */
#define MANY 1000

/* Wilson, Hilferty, "The distribution of chi-square", 1931. */
static double gamma_quantile_of_many(double deviation, double shape) {
  double root = 1 - 1 / (9 * shape) + deviation / (3 * sqrt(shape));
  return shape * root * root * root;
}

struct interval interval_of_nothing(double mean) {
  return (struct interval){0, mean > 1 ? mean * gsl_cdf_gamma_Pinv(HIGH, 0.5, 1) : 0};
}

struct interval interval_of(double bytes, double variance) {
  if (!(variance > 0) || !(bytes > 0)) return (struct interval){bytes, bytes};
  double scale = variance / bytes, shape = bytes / scale + 0.5;
  if (shape > MANY) {
    return (struct interval){scale * gamma_quantile_of_many(-DEVIATION, shape),
                             scale * gamma_quantile_of_many(DEVIATION, shape)};
  }
  return (struct interval){scale * gsl_cdf_gamma_Pinv(LOW, shape, 1),
                           scale * gsl_cdf_gamma_Pinv(HIGH, shape, 1)};
}
