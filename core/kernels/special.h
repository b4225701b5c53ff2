/* kernels/special.h: functions that are called seldom, one number at a time, in double. */
#ifndef FENCHEL_KERNELS_SPECIAL_H
#define FENCHEL_KERNELS_SPECIAL_H
double fenp_lgamma(double x);                 /* log|gamma(x)|; infinite at 0, -1, .. */
double fenp_polygamma(int n, double x);       /* (n + 1)-th derivative of log gamma */
double fenp_erf_inverse(double y);            /* NaN beyond [-1, 1] */
#endif
