/* kernels/noise.c: Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011) as vector code, and Box-Muller in double: both precisions
 * draw the same numbers up to rounding. For u, v uniform: r = sqrt(-2 log u), x = r cos(2 pi v), y = r sin(2 pi v). */
#include "kernels/noise.h"
#include "kernels/vmath.h"

FENP_CLONES void fenp_row_keys(uint64_t key, uint64_t first, int n, uint64_t *keys) {
    for (int i = 0; i < n; i++) {
        uint64_t z = key ^ (first + (uint64_t)i + 1) * 0x9E3779B97F4A7C15u;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        keys[i] = z ^ (z >> 31);
    }
}

/* 32-bit words in lanes of 64 bits: a product and its two halves are three instructions there. */
#define ROUND { \
        uint64_t p = a * 0xD2511F53u, q = c * 0xCD9E8D57u; \
        a = (q >> 32) ^ b ^ k; \
        b = q & WORD; \
        c = (p >> 32) ^ d ^ l; \
        d = p & WORD; \
        k = (k + 0x9E3779B9u) & WORD; \
        l = (l + 0xBB67AE85u) & WORD; \
    }
#define WORD 0xFFFFFFFFu

/* fenp_unit without a conversion of 64-bit integers, which AVX2 has not: 52 bits as the mantissa of 1 + t, then the last, always 1. */
FENP_INLINE double unit(uint64_t top, uint64_t low) {
    return (v_real_double((top << 32 | low) >> 12 | 0x3FF0000000000000u) - 1) + 0x1p-53;
}

FENP_CLONES void fenp_uniform_pairs(const uint64_t *restrict key, const uint32_t *restrict block, int n, double *restrict u, double *restrict v) {
    for (int i = 0; i < n; i++) {
        uint64_t a = block[i], b = 0, c = 0, d = 0, k = key[i] & WORD, l = key[i] >> 32;
        ROUND ROUND ROUND ROUND ROUND ROUND ROUND ROUND ROUND ROUND
        u[i] = unit(a, b);
        v[i] = unit(c, d);
    }
}
#undef ROUND
#undef WORD

FENP_CLONES static void box_muller(int n, double *restrict u, double *restrict v) {
    for (int i = 0; i < n; i++) u[i] = sqrt(-2 * v_log_normal_double(u[i], 0));
    for (int i = 0; i < n; i++) {
        double sine, cosine;
        v_turn_double(v[i], &sine, &cosine);
        v[i] = u[i] * sine;
        u[i] = u[i] * cosine;
    }
}

void fenp_normal_pairs(const uint64_t *restrict key, const uint32_t *restrict block, int n, double *restrict x, double *restrict y) {
    fenp_uniform_pairs(key, block, n, x, y);
    box_muller(n, x, y);
}

/* limit: what uniforms are cut at, so that rounding to single leaves them below 1; infinite for normals. */
FENP_CLONES void fenp_store_single(const double *restrict x, const double *restrict y, int n, double limit, float *restrict out) {
    for (int i = 0; i < n; i++) {
        out[2 * i] = (float)(x[i] < limit ? x[i] : limit);
        out[2 * i + 1] = (float)(y[i] < limit ? y[i] : limit);
    }
}
FENP_CLONES void fenp_store_double(const double *restrict x, const double *restrict y, int n, double *restrict out) {
    for (int i = 0; i < n; i++) {
        out[2 * i] = x[i];
        out[2 * i + 1] = y[i];
    }
}
