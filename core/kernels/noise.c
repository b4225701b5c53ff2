/* kernels/noise.c: Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011) over lanes of 32 bits, and Box-Muller in double: both precisions
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

FENP_INLINE uint32_t high(uint32_t a, uint32_t b) { return (uint32_t)((uint64_t)a * b >> 32); }

typedef struct lanes { uint32_t a[FENP_NOISE_BLOCKS], b[FENP_NOISE_BLOCKS], c[FENP_NOISE_BLOCKS], d[FENP_NOISE_BLOCKS]; } lanes;

#define ROUND { \
        uint32_t t = high(c, 0xCD9E8D57u) ^ b ^ k; \
        b = c * 0xCD9E8D57u; \
        c = high(a, 0xD2511F53u) ^ d ^ l; \
        d = a * 0xD2511F53u; \
        a = t; \
        k += 0x9E3779B9u; \
        l += 0xBB67AE85u; \
    }
FENP_CLONES static void philox(const uint64_t *key, const uint32_t *block, int n, lanes *restrict z) {
    for (int i = 0; i < n; i++) {
        uint32_t a = block[i], b = 0, c = 0, d = 0, k = (uint32_t)key[i], l = (uint32_t)(key[i] >> 32);
        ROUND ROUND ROUND ROUND ROUND ROUND ROUND ROUND ROUND ROUND
        z->a[i] = a;
        z->b[i] = b;
        z->c[i] = c;
        z->d[i] = d;
    }
}
#undef ROUND

/* fenp_unit without a conversion of 64-bit integers, which AVX2 has not: 52 bits as the mantissa of 1 + t, then the last, always 1. */
FENP_INLINE double unit(uint32_t top, uint32_t low) {
    uint64_t bits = ((uint64_t)top << 32 | low) >> 12;
    return (v_real_double(bits | 0x3FF0000000000000u) - 1) + 0x1p-53;
}

FENP_CLONES static void units(const lanes *z, int n, double *restrict u, double *restrict v) {
    for (int i = 0; i < n; i++) u[i] = unit(z->a[i], z->b[i]);
    for (int i = 0; i < n; i++) v[i] = unit(z->c[i], z->d[i]);
}

void fenp_uniform_pairs(const uint64_t *key, const uint32_t *block, int n, double *u, double *v) {
    lanes z;
    philox(key, block, n, &z);
    units(&z, n, u, v);
}

FENP_CLONES static void box_muller(int n, double *restrict u, double *restrict v) {
    for (int i = 0; i < n; i++) u[i] = sqrt(-2 * v_log_normal_double(u[i], 0));
    for (int i = 0; i < n; i++) {
        double sine, cosine;
        v_turn_double(v[i], &sine, &cosine);
        v[i] = u[i] * sine;
        u[i] = u[i] * cosine;
    }
}

void fenp_normal_pairs(const uint64_t *key, const uint32_t *block, int n, double *x, double *y) {
    fenp_uniform_pairs(key, block, n, x, y);
    box_muller(n, x, y);
}
