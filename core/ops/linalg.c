/* ops/linalg.c: dense linear algebra in double for folds (fenchel/host.h). */
#include "fenchel/host.h"
#include "ops/blas.h"

bool fen_eigen_symmetric(int64_t n, double *a, double *values) { return fenp_eigen(n, a, values); }
bool fen_svd(int64_t m, int64_t n, double *a, double *values, double *right) { return fenp_svd(m, n, a, values, right); }
void fen_product(int64_t m, int64_t n, int64_t k, const double *a, const double *b, double *c) {
    const fenp_gemm p = {.m = m, .n = n, .k = k, .ldx = k, .ldy = n, .ldz = n};
    fenp_gemm_double(&p, a, b, c, NULL);
}
