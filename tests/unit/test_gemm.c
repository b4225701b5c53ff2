/* tests/unit/test_gemm.c: products in single precision against sums in double; the same bits for every cut, packed or not, of both instruction
 * sets. Shapes at random, small and around the sizes of tiles, panels and blocks. */
#include "base/random.h"
#include "ops/blas.h"
#include "test.h"

enum { ROOM = 1 << 19, TIMES = 1200 };
static float x[ROOM], y[ROOM], z[ROOM], other[ROOM], work[ROOM * 2];
static uint64_t dice;
static int64_t below(int64_t n) {
    uint32_t r[4];
    fenp_philox(11, dice++, r);
    return r[0] % n;
}
static void fill(float *to, uint64_t key) {
    for (int64_t i = 0; i < ROOM; i++) {
        uint32_t r[4];
        fenp_philox(key, (uint64_t)i, r);
        to[i] = (float)fenp_unit(r[0], r[1]) - .5f;
    }
}
static int64_t size(void) {
    static const int64_t near[] = {2, 6, 8, 14, 16, 28, 32, 64, 128, 256, 512};
    if (below(3)) return 1 + below(70);
    int64_t n = near[below(11)] + below(3) - 1;
    return n < 1 ? 1 : n;
}
static fenp_gemm product(void) {
    fenp_gemm p = {.tx = below(2), .ty = below(2), .m = size(), .n = size(), .k = size()};
    p.ldx = (p.tx ? p.m : p.k) + below(2) * below(9);
    p.ldy = (p.ty ? p.k : p.n) + below(2) * below(9);
    p.ldz = p.n + below(2) * below(9);
    return p;
}
static void compare(const fenp_gemm *p) {
    double worst = 0;
    for (int64_t i = 0; i < p->m; i++)
        for (int64_t j = 0; j < p->n; j++) {
            double sum = 0, size = 0;
            for (int64_t l = 0; l < p->k; l++) {
                double v = (double)x[p->tx ? l * p->ldx + i : i * p->ldx + l] * (double)y[p->ty ? j * p->ldy + l : l * p->ldy + j];
                sum += v;
                size += fabs(v);
            }
            double off = fabs(z[i * p->ldz + j] - sum) / ((double)(p->k + 2) * 6e-8 * size + 1e-30);
            if (!(off <= worst)) worst = off;
        }
    fen_test_say(worst <= 1, __LINE__, __FILE__, "%d %d, %lld x %lld x %lld: off by %g of the bound", p->tx, p->ty, (long long)p->m, (long long)p->n,
                 (long long)p->k, worst);
}
static void same(const fenp_gemm *p, const char *what) {
    bool fine = true;
    for (int64_t i = 0; i < p->m; i++) fine &= memcmp(z + i * p->ldz, other + i * p->ldz, (size_t)p->n * sizeof *z) == 0;
    fen_test_say(fine, __LINE__, __FILE__, "%d %d, %lld x %lld x %lld: other bits %s", p->tx, p->ty, (long long)p->m, (long long)p->n, (long long)p->k, what);
}
static bool is_small(const fenp_gemm *p) { return p->m * p->n * p->k <= 16384; }
/* Cut into rows, then into columns; pieces of small ones are not small products. */
static void cuts(const fenp_gemm *p) {
    int64_t rows = 1 + below(p->m), columns = FENP_PANEL * (1 + below(3));
    for (int64_t i = 0; i < p->m; i += rows)
        fenp_gemm_piece_single(p, x, y, other, (fenp_piece){i, p->m - i < rows ? p->m - i : rows, 0, p->n}, work);
    same(p, "in rows");
    memset(other, 0, sizeof(float) * 4096);
    for (int64_t j = 0; j < p->n; j += columns)
        fenp_gemm_piece_single(p, x, y, other, (fenp_piece){0, p->m, j, p->n - j < columns ? p->n - j : columns}, work);
    same(p, "in columns");
}
static void packed(const fenp_gemm *p) {
    if (fenp_gemm_is_narrow(p) || !fenp_gemm_tile()) return;
    fenp_gemm_pack(p, y, work, 0, p->n);
    fenp_gemm_multiply(p, x, work, other, (fenp_piece){0, p->m, 0, p->n});
    same(p, "packed before");
}
static void test_products(void) {
    fill(x, 1);
    fill(y, 2);
    for (int i = 0; i < TIMES; i++) {
        fenp_gemm p = product();
        if (p.ldx * (p.tx ? p.k : p.m) > ROOM || p.ldy * (p.ty ? p.n : p.k) > ROOM || p.ldz * p.m > ROOM) continue;
        fenp_gemm_single(&p, x, y, z, work);
        compare(&p);
        if (is_small(&p)) continue;
        if (fenp_gemm_tile()) cuts(&p);
        packed(&p);
        fenp_gemm_narrower(true);
        if (fenp_gemm_tile()) {
            fenp_gemm_single(&p, x, y, other, work);
            same(&p, "with the other instruction set");
        }
        fenp_gemm_narrower(false);
    }
}
/* What is not finite stays so. */
static void test_special(void) {
    fenp_gemm p = {.m = 40, .n = 50, .k = 60, .ldx = 60, .ldy = 50, .ldz = 50};
    fill(x, 1);
    fill(y, 2);
    x[3 * 60 + 7] = NAN;
    y[9 * 50 + 11] = INFINITY;
    fenp_gemm_single(&p, x, y, z, work);
    for (int j = 0; j < 50; j++) FEN_TRUE(isnan(z[3 * 50 + j]));
    for (int i = 0; i < 40; i++) FEN_TRUE(!isfinite(z[i * 50 + 11]));
    FEN_TRUE(isfinite(z[0]) && isfinite(z[39 * 50 + 49]));
}
int main(void) {
    static const fen_test tests[] = {{"products", test_products}, {"not finite", test_special}, {NULL, NULL}};
    printf("      %s\n", fenp_blas_products());
    return fen_test_run("gemm", tests);
}
