/* ops/many.h: many small matrices at once, of at most 8 rows and columns: as vectors over the matrices, since a call of a library for each
 * costs a hundred times what it computes. The same answers as ops/blas.h, NaN where there is none. */
#ifndef FENCHEL_OPS_MANY_H
#define FENCHEL_OPS_MANY_H
#include "ops/blas.h"

enum { FENP_MANY_SIDE = 8 };

/* z = x y for `count` products that lie one behind the other; ld* of p are not looked at. Each element is one chain over k. */
void fenp_many_products_single(const fenp_gemm *p, int64_t count, const float *x, const float *y, float *z);
void fenp_many_products_double(const fenp_gemm *p, int64_t count, const double *x, const double *y, double *z);
/* y = L^-1 b or L^-T b, b [n, m]. */
void fenp_many_solve_single(bool transposed, int64_t n, int64_t m, int64_t count, const float *l, const float *b, float *y);
void fenp_many_solve_double(bool transposed, int64_t n, int64_t m, int64_t count, const double *l, const double *b, double *y);
/* The lower factor of (x + x')/2. */
void fenp_many_cholesky_single(int64_t n, int64_t count, const float *x, float *y);
void fenp_many_cholesky_double(int64_t n, int64_t count, const double *x, double *y);
/* One matrix. */
void fenp_few_inverse_single(int64_t n, const float *x, float *y);
void fenp_few_inverse_double(int64_t n, const double *x, double *y);
double fenp_few_log_abs_det_single(int64_t n, const float *x);
double fenp_few_log_abs_det_double(int64_t n, const double *x);
/* L^-1 b or L^-T b for a single L of at most 8 rows and any number of columns, in place. */
void fenp_few_solve_single(bool transposed, int64_t n, int64_t m, const float *l, float *b);
void fenp_few_solve_double(bool transposed, int64_t n, int64_t m, const double *l, double *b);
#endif
