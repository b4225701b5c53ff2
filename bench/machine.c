/* bench/machine.c: what the machine can do at most. */
#include "machine.h"
#include "base/io.h"
#include "base/pool.h"
#include <stdlib.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#if defined(__x86_64__)
/* Twelve chains in registers. */
__attribute__((target("avx512f"))) static double wide_peak(void) {
    __m512 a[12], x = _mm512_set1_ps(.999999f), y = _mm512_set1_ps(1e-7f);
#pragma GCC unroll 12
    for (int i = 0; i < 12; i++) a[i] = _mm512_set1_ps((float)i);
    double t = fenp_clock();
    enum { TIMES = 2000000 };
    for (int j = 0; j < TIMES; j++)
#pragma GCC unroll 12
        for (int i = 0; i < 12; i++) {
            a[i] = _mm512_fmadd_ps(a[i], x, y);
            __asm__ volatile("" : "+v"(a[i]));
        }
    return TIMES * 12 * 32e-9 / (fenp_clock() - t);
}
__attribute__((target("avx2,fma"))) static double half_peak(void) {
    __m256 a[12], x = _mm256_set1_ps(.999999f), y = _mm256_set1_ps(1e-7f);
#pragma GCC unroll 12
    for (int i = 0; i < 12; i++) a[i] = _mm256_set1_ps((float)i);
    double t = fenp_clock();
    enum { TIMES = 2000000 };
    for (int j = 0; j < TIMES; j++)
#pragma GCC unroll 12
        for (int i = 0; i < 12; i++) {
            a[i] = _mm256_fmadd_ps(a[i], x, y);
            __asm__ volatile("" : "+x"(a[i]));
        }
    return TIMES * 12 * 16e-9 / (fenp_clock() - t);
}
double bench_peak(void) { return __builtin_cpu_supports("x86-64-v4") ? wide_peak() : half_peak(); }
#else
double bench_peak(void) { return 0; }
#endif

enum { FLOATS = 24 << 20, PARTS = 24 };
typedef struct triad { float *a, *b, *c; } triad;
static void triad_part(const void *of, int part) {
    const triad *t = of;
    for (int i = part * (FLOATS / PARTS), end = i + FLOATS / PARTS; i < end; i++) t->a[i] = t->b[i] + 2 * t->c[i];
}
double bench_bandwidth(void) {
    triad t = {malloc(FLOATS * sizeof(float)), malloc(FLOATS * sizeof(float)), malloc(FLOATS * sizeof(float))};
    double best = 0;
    for (int i = 0; t.a && t.b && t.c && i < FLOATS; i++) t.a[i] = t.b[i] = t.c[i] = (float)i;
    for (int k = 0; t.a && t.b && t.c && k < 5; k++) {
        double start = fenp_clock();
        fenp_pool_run(triad_part, &t, PARTS);
        double speed = 3e-9 * FLOATS * sizeof(float) / (fenp_clock() - start);
        if (speed > best) best = speed;
    }
    free(t.a);
    free(t.b);
    free(t.c);
    return best;
}
