/* bench/gemm.c: the own product against OpenBLAS and against the fused multiply-adds that the processor can do at most, one thread.
 *   gemm [rounds]     a line a shape: GF/s of OpenBLAS, of the own product with its right side packed before, and packed at every call; the
 *                     share of the peak that the packed one has, and its ratio to OpenBLAS. Medians; the contestants run by turns. */
#include "base/io.h"
#include "kernels/gemm.h"
#include "machine.h"
#include "ops/blas.h"
#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct shape { const char *name; int64_t batch, in, out; } shape;
static const shape shapes[] = {
    {"128x784x400", 128, 784, 400}, {"128x400x784", 128, 400, 784}, {"256x128x128", 256, 128, 128}, {"64x1024x512", 64, 1024, 512},
    {"128x20x400", 128, 20, 400}, {"200x11x11", 200, 11, 11}, {"64x6272x1", 64, 6272, 1}, {"256x2x128", 256, 2, 128}, {"256x128x2", 256, 128, 2},
    {"256x1x128", 256, 1, 128}, {"256x128x1", 256, 128, 1}, {"1024x1024x1024", 1024, 1024, 1024}, {"3136x1024x128", 3136, 1024, 128},
};
enum { SHAPES = sizeof shapes / sizeof *shapes, WAYS = 3, SIDE = 3200 * 1100, MOST_ROUNDS = 101 };
static const char *const way_name[WAYS] = {"y = x W", "dx = dy W'", "dW = x' dy"};

static fenp_gemm product(const shape *s, int way) {
    if (way == 0) return (fenp_gemm){.m = s->batch, .n = s->out, .k = s->in, .ldx = s->in, .ldy = s->out, .ldz = s->out};
    if (way == 1) return (fenp_gemm){.ty = true, .m = s->batch, .n = s->in, .k = s->out, .ldx = s->out, .ldy = s->out, .ldz = s->in};
    return (fenp_gemm){.tx = true, .m = s->in, .n = s->out, .k = s->batch, .ldx = s->in, .ldy = s->out, .ldz = s->out};
}
typedef struct sides { float *x, *y, *z, *packed; } sides;
static void library(const fenp_gemm *p, const sides *s) {
    cblas_sgemm(CblasRowMajor, p->tx ? CblasTrans : CblasNoTrans, p->ty ? CblasTrans : CblasNoTrans, (int)p->m, (int)p->n, (int)p->k, 1, s->x, (int)p->ldx, s->y,
                (int)p->ldy, 0, s->z, (int)p->ldz);
}
static void packed(const fenp_gemm *p, const sides *s) { fenp_gemm_multiply(p, s->x, s->packed, s->z, (fenp_piece){0, p->m, 0, p->n}); }
static void whole(const fenp_gemm *p, const sides *s) { fenp_gemm_single(p, s->x, s->y, s->z, s->packed); }
typedef void (*contestant)(const fenp_gemm *p, const sides *s);

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}
/* Median seconds of each contestant, by turns. */
static void race(const fenp_gemm *p, const sides *s, int rounds, double seconds[3]) {
    static const contestant all[3] = {library, packed, whole};
    static double t[3][MOST_ROUNDS];
    int64_t times = (int64_t)(2e6 / ((double)p->m * (double)p->n * (double)p->k)) + 1;
    for (int r = 0; r < rounds; r++)
        for (int c = 0; c < 3; c++) {
            fenp_gemm_pack(p, s->y, s->packed, 0, p->n);
            all[c](p, s);
            double start = fenp_clock();
            for (int64_t i = 0; i < times; i++) all[c](p, s);
            t[c][r] = (fenp_clock() - start) / (double)times;
        }
    for (int c = 0; c < 3; c++) {
        qsort(t[c], (size_t)rounds, sizeof *t[c], by_size);
        seconds[c] = t[c][rounds / 2];
    }
}
int main(int argc, char **argv) {
    int rounds = argc > 1 ? atoi(argv[1]) : 21;
    sides s = {malloc(SIDE * sizeof(float)), malloc(SIDE * sizeof(float)), malloc(SIDE * sizeof(float)), malloc(2 * SIDE * sizeof(float))};
    if (rounds < 1 || rounds > MOST_ROUNDS || !s.x || !s.y || !s.z || !s.packed || !fenp_gemm_tile()) return 2;
    for (int64_t i = 0; i < SIDE; i++) s.x[i] = s.y[i] = (float)(i % 1009) / 1009 - .5f;
    printf("OpenBLAS %s, own %s, one thread; GF/s\n%-16s %-12s %9s %9s %9s %9s %12s %12s\n", fenp_blas_core(), fenp_gemm_tile(), "batch x in x out", "",
           "OpenBLAS", "packed", "unpacked", "peak", "packed/peak", "unp./OpenBLAS");
    for (int i = 0; i < SHAPES; i++)
        for (int w = 0; w < WAYS; w++) {
            fenp_gemm p = product(&shapes[i], w);
            double t[3], flops = 2e-9 * (double)p.m * (double)p.n * (double)p.k, most = bench_peak();
            race(&p, &s, rounds, t);
            printf("%-16s %-12s %9.1f %9.1f %9.1f %9.1f %11.0f%% %12.2f\n", shapes[i].name, way_name[w], flops / t[0], flops / t[1], flops / t[2], most,
                   100 * flops / t[1] / most, t[0] / t[2]);
        }
    return 0;
}
