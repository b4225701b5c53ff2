/* ops/blas.c: the only file that knows OpenBLAS. Its BLAS is called through cblas, its LAPACK through the Fortran names (lengths of
 * texts last), since the C layer over them allocates at every call. Small products are own loops: small.c. */
#include "ops/small.h"
#include "base/memory.h"
#include "fenchel/host.h"
#include <cblas.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

void spotrf_(const char *uplo, const int *n, float *a, const int *lda, int *info, size_t);
void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info, size_t);
void sgetrf_(const int *m, const int *n, float *a, const int *lda, int *pivot, int *info);
void dgetrf_(const int *m, const int *n, double *a, const int *lda, int *pivot, int *info);
void sgetri_(const int *n, float *a, const int *lda, const int *pivot, float *work, const int *room, int *info);
void dgetri_(const int *n, double *a, const int *lda, const int *pivot, double *work, const int *room, int *info);
void dsyevd_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w, double *work, const int *lwork, int *iwork,
             const int *liwork, int *info, size_t, size_t);
void dgesdd_(const char *jobz, const int *m, const int *n, double *a, const int *lda, double *s, double *u, const int *ldu, double *vt,
    const int *ldvt,
             double *work, const int *lwork, int *iwork, int *info, size_t);

/* Its own threads would change bits and fight with ours; the environment must not bring them back. */
static void keep_one_thread(void) { openblas_set_num_threads(1); }
static void one_thread(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, keep_one_thread);
}
const char *fenp_blas_core(void) {
    one_thread();
    return openblas_get_corename();
}
const char *fenp_blas_products(void) {
    const char *own = fenp_gemm_tile();
    return own ? own : "OpenBLAS";
}
const char *fenp_blas_warning(void) {
    one_thread();
    if (openblas_get_num_threads() != 1) return "OpenBLAS does not keep to one thread: results may differ from run to run";
    return getenv("OPENBLAS_CORETYPE") ? "OPENBLAS_CORETYPE is set in the environment: products may run at half their speed; unset it" : NULL;
}
int64_t fenp_lu_work(int64_t n) { return 64 * n; }

/* Own products, in single precision. A result of few columns whose left side lies by columns is made the other way round: z' = y' x. */
enum { FEW = 8 };
static bool is_turned(const fenp_gemm *p) { return p->tx && !p->ty && p->n <= FEW && p->m > p->n; }
size_t fenp_gemm_work(const fenp_gemm *p, int64_t columns) {
    int64_t packed = fenp_packed_size(columns, p->k), turned = is_turned(p) ? p->n * p->m : 0;
    return fenp_gemm_tile() ? (size_t)(packed > turned ? packed : turned) * sizeof(float) : 0;
}
static void turned_product(const fenp_gemm *p, const float *x, const float *y, float *z, fenp_piece q, float *work) {
    bool straight = p->n == 1 && p->ldz == 1;
    fenp_gemm t = {.tx = true, .m = p->n, .n = p->m, .k = p->k, .ldx = p->ldy, .ldy = p->ldx, .ldz = p->m};
    float *to = straight ? z : work;
    fenp_gemm_direct(&t, y, x, to, (fenp_piece){q.column, q.columns, q.row, q.rows});
    for (int64_t i = q.row; i < q.row + q.rows && !straight; i++)
        for (int64_t j = q.column; j < q.column + q.columns; j++) z[i * p->ldz + j] = work[j * p->m + i];
}
static bool own_product_single(const fenp_gemm *p, const float *x, const float *y, float *z, fenp_piece q, void *work) {
    if (!fenp_gemm_tile()) return false;
    if (is_turned(p)) turned_product(p, x, y, z, q, work);
    else if (!fenp_gemm_direct(p, x, y, z, q)) {
        fenp_gemm_pack(p, y, work, q.column, q.column + q.columns);
        fenp_gemm_multiply(p, x, work, z, q);
    }
    return true;
}
static bool own_product_double(const fenp_gemm *p, const double *x, const double *y, double *z, fenp_piece q, void *work) {
    (void)p; (void)x; (void)y; (void)z; (void)q; (void)work;
    return false;
}

#define PASTE3(a, b, c) a##b##c
#define NAME3(a, b, c) PASTE3(a, b, c)
#define NAME(layer, function) NAME3(layer, LETTER, function)
#define real float
#define R(name) name##_single
#define LETTER _s
#define LAPACK(name) s##name##_
#include "ops/blas.inc"
#undef real
#undef R
#undef LETTER
#undef LAPACK
#define real double
#define R(name) name##_double
#define LETTER _d
#define LAPACK(name) d##name##_
#include "ops/blas.inc"

bool fenp_eigen(int64_t n, double *a, double *values) {
    int size = (int)n, info = 0, room = -1, whole = -1, whole_best;
    double best;
    one_thread();
    dsyevd_("V", "L", &size, a, &size, values, &best, &room, &whole_best, &whole, &info, 1, 1);
    room = (int)best;
    whole = whole_best;
    double *work = fenp_new((size_t)room * sizeof *work);
    int *more = fenp_new((size_t)whole * sizeof *more);
    dsyevd_("V", "L", &size, a, &size, values, work, &room, more, &whole, &info, 1, 1);
    fenp_delete(work);
    fenp_delete(more);
    return info == 0;
}

/* By columns a is a' = V S U', so the library's left vectors are our right ones. */
bool fenp_svd(int64_t m, int64_t n, double *a, double *values, double *right) {
    int rows = (int)n, columns = (int)m, least = rows < columns ? rows : columns, info = 0, room = -1;
    double best, *left = fenp_new((size_t)least * (size_t)columns * sizeof *left);
    int *whole = fenp_new((size_t)least * 8 * sizeof *whole);
    one_thread();
    dgesdd_("S", &rows, &columns, a, &rows, values, right, &rows, left, &least, &best, &room, whole, &info, 1);
    room = (int)best;
    double *work = fenp_new((size_t)room * sizeof *work);
    dgesdd_("S", &rows, &columns, a, &rows, values, right, &rows, left, &least, work, &room, whole, &info, 1);
    fenp_delete(work);
    fenp_delete(whole);
    fenp_delete(left);
    return info == 0;
}
