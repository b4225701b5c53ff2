/* ops/blas.h: dense linear algebra behind one interface; blas.c alone includes the library. Row-major throughout. The library is kept
 * at one thread: a product has the same bits whoever computes it. Everything here may be called from several threads at once. */
#ifndef FENCHEL_OPS_BLAS_H
#define FENCHEL_OPS_BLAS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "kernels/gemm.h"

const char *fenp_blas_core(void);             /* the name of the kernels in use: print it beside every timing */
const char *fenp_blas_products(void);         /* who computes products in single precision */
const char *fenp_blas_warning(void);          /* NULL, or what in the environment makes it slow */

/* Products, whole or in pieces whose columns begin at multiples of FENP_PANEL: bits depend neither on the cut nor on who computes it. `work` is
 * memory of the caller's, fenp_gemm_work bytes for pieces of so many columns. Small ones are loops of their own, single precision has own kernels
 * where the processor has what they need; all others are the library's, whose bits depend on the kind of processor. */
void   fenp_gemm_single(const fenp_gemm *p, const float *x, const float *y, float *z, void *work);
void   fenp_gemm_double(const fenp_gemm *p, const double *x, const double *y, double *z, void *work);
void   fenp_gemm_piece_single(const fenp_gemm *p, const float *x, const float *y, float *z, fenp_piece piece, void *work);
void   fenp_gemm_piece_double(const fenp_gemm *p, const double *x, const double *y, double *z, fenp_piece piece, void *work);
size_t fenp_gemm_work(const fenp_gemm *p, int64_t columns);

/* In place on a [n, n]; false: not positive definite, singular, not converged; then the content is undefined. */
bool fenp_cholesky_single(int64_t n, float *a);                      /* lower factor in the lower triangle, the upper one untouched */
bool fenp_cholesky_double(int64_t n, double *a);
bool fenp_lu_single(int64_t n, float *a, int *pivot);                /* of a, row by row; pivot[n] */
bool fenp_lu_double(int64_t n, double *a, int *pivot);
bool fenp_lu_inverse_single(int64_t n, float *a, const int *pivot, float *work);     /* after fenp_lu; work[fenp_lu_work(n)] */
bool fenp_lu_inverse_double(int64_t n, double *a, const int *pivot, double *work);
int64_t fenp_lu_work(int64_t n);
/* b [n, m] becomes L^-1 b, or L^-T b; only the lower triangle of l is read. */
void fenp_triangular_single(bool transposed, int64_t n, int64_t m, const float *l, float *b);
void fenp_triangular_double(bool transposed, int64_t n, int64_t m, const double *l, double *b);
bool fenp_eigen(int64_t n, double *a, double *values);               /* symmetric a becomes the eigenvectors, rows; ascending */
bool fenp_svd(int64_t m, int64_t n, double *a, double *values, double *right);       /* a is lost; values[min], right [min, n]: rows */
#endif
