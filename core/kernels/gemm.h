/* kernels/gemm.h: products in single precision whose right side was laid out in panels first ("packed"). Row-major throughout.
 * Every element of a result is one chain of fused multiply-adds over k = 0, 1, .., so its bits depend neither on how the result is cut, nor on
 * the instruction set. Only few columns with a long k (fenp_gemm_is_narrow) are dot products of 32 chains that are joined in a fixed tree. */
#ifndef FENCHEL_KERNELS_GEMM_H
#define FENCHEL_KERNELS_GEMM_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* z [m, n] = x [m, k] y [k, n]; tx: x lies as [k, m], ty: y lies as [n, k]. ld*: elements from one row to the next. */
typedef struct fenp_gemm { bool tx, ty; int64_t m, n, k, ldx, ldy, ldz; } fenp_gemm;
typedef struct fenp_piece { int64_t row, rows, column, columns; } fenp_piece;        /* of a result */

const char *fenp_gemm_tile(void);             /* "AVX-512, 14 x 32"; NULL: this processor lacks what the kernels need, call none of them */
void        fenp_gemm_narrower(bool yes);     /* for tests: as on a processor without AVX-512 */
enum { FENP_PANEL = 32 };                     /* pieces begin at columns that are multiples of this */
bool    fenp_gemm_is_narrow(const fenp_gemm *p);
int64_t fenp_packed_size(int64_t n, int64_t k);                      /* floats of n packed columns; all before column c, a multiple of FENP_PANEL: c * k */
/* Columns from .. to - 1 of y; the first of them goes to packed[0]. */
void    fenp_gemm_pack(const fenp_gemm *p, const float *y, float *packed, int64_t from, int64_t to);
/* A piece of z, whose first column lies at packed[0]; x and z are the first elements of the wholes. */
void    fenp_gemm_multiply(const fenp_gemm *p, const float *x, const float *packed, float *z, fenp_piece piece);
/* The same where packing does not pay, or is not needed; false: it does, nothing was done. */
bool    fenp_gemm_direct(const fenp_gemm *p, const float *x, const float *y, float *z, fenp_piece piece);
#endif
