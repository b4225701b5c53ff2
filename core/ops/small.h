/* ops/small.h: products and triangular solves that are too small for a library: a call of it costs more than they do. */
#ifndef FENCHEL_OPS_SMALL_H
#define FENCHEL_OPS_SMALL_H
#include "ops/blas.h"

/* z = x y as fenp_gemm; false: it is not small, nothing was done. */
bool fenp_small_gemm_single(const fenp_gemm *p, const float *x, const float *y, float *z);
bool fenp_small_gemm_double(const fenp_gemm *p, const double *x, const double *y, double *z);
#endif
