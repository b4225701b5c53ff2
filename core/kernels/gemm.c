/* kernels/gemm.c: instruction sets of the product, and the choice between them. The template is gemm.inc.
 * The sizes of blocks: a strip of x stays in the first cache while KDEPTH x COLUMNS of the packed side pass from the second. They change no bits. */
#include "kernels/gemm.h"
#include "kernels/clones.h"

enum { KDEPTH = 256, COLUMNS = 512, NARROW = 8, SHORT = 16, SHALLOW = 3, FEW_PANELS = 4 };
bool fenp_gemm_is_narrow(const fenp_gemm *p) { return !p->tx && p->n <= NARROW && p->k > SHORT; }
int64_t fenp_packed_size(int64_t n, int64_t k) { return (n + FENP_PANEL - 1) / FENP_PANEL * FENP_PANEL * k; }
static inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define PASTE(a, b) a##b
#define PASTED(a, b) PASTE(a, b)

/* AVX-512: tiles of 14 rows and two vectors of 16. */
#define ISA(name) name##_wide
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")))
#define FOR_ROWS(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14)
enum { ROWS_wide = 14, LANES_wide = 16, ABREAST_wide = 4 };
typedef __m512 vector_wide;
typedef __mmask16 mask_wide;
#define HERE TARGET FENP_INLINE
HERE vector_wide zero_wide(void) { return _mm512_setzero_ps(); }
HERE vector_wide load_wide(const float *p) { return _mm512_loadu_ps(p); }
HERE vector_wide all_wide(float x) { return _mm512_set1_ps(x); }
HERE vector_wide fma_wide(vector_wide a, vector_wide b, vector_wide c) { return _mm512_fmadd_ps(a, b, c); }
HERE void store_wide(float *p, vector_wide v) { _mm512_storeu_ps(p, v); }
HERE mask_wide first_wide(int64_t n) { return (mask_wide)(n >= 16 ? 0xffffu : (1u << n) - 1); }
HERE vector_wide load_first_wide(mask_wide m, const float *p) { return _mm512_maskz_loadu_ps(m, p); }
HERE void store_first_wide(float *p, mask_wide m, vector_wide v) { _mm512_mask_storeu_ps(p, m, v); }
/* 32 chains become 8. */
HERE __m256 eight_wide(const vector_wide *c) {
    vector_wide s = _mm512_add_ps(c[0], c[1]);
    return _mm256_add_ps(_mm512_castps512_ps256(s), _mm512_extractf32x8_ps(s, 1));
}
HERE vector_wide pairs_wide(bool high, vector_wide a, vector_wide b) {
    __m512d x = _mm512_castps_pd(a), y = _mm512_castps_pd(b);
    return _mm512_castpd_ps(high ? _mm512_unpackhi_pd(x, y) : _mm512_unpacklo_pd(x, y));
}
HERE void transpose_wide(vector_wide *r) {
    vector_wide t[16];
    for (int i = 0; i < 8; i++) {
        t[2 * i] = _mm512_unpacklo_ps(r[2 * i], r[2 * i + 1]);
        t[2 * i + 1] = _mm512_unpackhi_ps(r[2 * i], r[2 * i + 1]);
    }
    for (int i = 0; i < 16; i += 4)
        for (int k = 0; k < 4; k++) r[i + k] = pairs_wide(k % 2, t[i + k / 2], t[i + k / 2 + 2]);
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 16; k += 8) {
            t[i + k] = _mm512_shuffle_f32x4(r[i + k], r[i + k + 4], 0x88);
            t[i + k + 4] = _mm512_shuffle_f32x4(r[i + k], r[i + k + 4], 0xdd);
        }
    for (int i = 0; i < 8; i++) {
        r[i] = _mm512_shuffle_f32x4(t[i], t[i + 8], 0x88);
        r[i + 8] = _mm512_shuffle_f32x4(t[i], t[i + 8], 0xdd);
    }
}
#include "kernels/gemm.inc"
#undef ISA
#undef TARGET
#undef FOR_ROWS

/* AVX2: tiles of 6 rows and two vectors of 8. */
#define ISA(name) name##_half
#define TARGET __attribute__((target("avx2,fma")))
#define FOR_ROWS(X) X(1) X(2) X(3) X(4) X(5) X(6)
enum { ROWS_half = 6, LANES_half = 8, ABREAST_half = 2 };
typedef __m256 vector_half;
typedef __m256i mask_half;
HERE vector_half zero_half(void) { return _mm256_setzero_ps(); }
HERE vector_half load_half(const float *p) { return _mm256_loadu_ps(p); }
HERE vector_half all_half(float x) { return _mm256_set1_ps(x); }
HERE vector_half fma_half(vector_half a, vector_half b, vector_half c) { return _mm256_fmadd_ps(a, b, c); }
HERE void store_half(float *p, vector_half v) { _mm256_storeu_ps(p, v); }
HERE mask_half first_half(int64_t n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n > 8 ? 8 : (int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
HERE vector_half load_first_half(mask_half m, const float *p) { return _mm256_maskload_ps(p, m); }
HERE void store_first_half(float *p, mask_half m, vector_half v) { _mm256_maskstore_ps(p, m, v); }
HERE __m256 eight_half(const vector_half *c) { return _mm256_add_ps(_mm256_add_ps(c[0], c[2]), _mm256_add_ps(c[1], c[3])); }
HERE void transpose_half(vector_half *r) {
    vector_half t[8];
    for (int i = 0; i < 4; i++) {
        t[2 * i] = _mm256_unpacklo_ps(r[2 * i], r[2 * i + 1]);
        t[2 * i + 1] = _mm256_unpackhi_ps(r[2 * i], r[2 * i + 1]);
    }
    for (int i = 0; i < 8; i += 4) {
        r[i] = _mm256_shuffle_ps(t[i], t[i + 2], 0x44);
        r[i + 1] = _mm256_shuffle_ps(t[i], t[i + 2], 0xee);
        r[i + 2] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0x44);
        r[i + 3] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0xee);
    }
    for (int i = 0; i < 4; i++) {
        t[i] = _mm256_permute2f128_ps(r[i], r[i + 4], 0x20);
        t[i + 4] = _mm256_permute2f128_ps(r[i], r[i + 4], 0x31);
    }
    for (int i = 0; i < 8; i++) r[i] = t[i];
}
#include "kernels/gemm.inc"

typedef struct isa {
    const char *tile;
    void (*pack)(const fenp_gemm *p, const float *y, float *packed, int64_t from, int64_t to);
    void (*multiply)(const fenp_gemm *p, const float *x, const float *packed, float *z, fenp_piece piece);
    void (*direct)(const fenp_gemm *p, const float *x, const float *y, float *z, fenp_piece piece);
    int64_t rows;
} isa;
static const isa wide = {"AVX-512, 14 x 32", pack_wide, multiply_wide, direct_wide, ROWS_wide}, half = {"AVX2, 6 x 16", pack_half, multiply_half, direct_half,
                                                                                                          ROWS_half};
static bool narrower;                         /* tests only */
static const isa *choice(void) {
    bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
                  __builtin_cpu_supports("avx512bw");              /* one by one: clang 14 has no word for all of x86-64-v4 */
    if (avx2 && avx512 && !narrower) return &wide;
    return avx2 ? &half : NULL;
}
void fenp_gemm_narrower(bool yes) { narrower = yes; }
const char *fenp_gemm_tile(void) {
    const isa *i = choice();
    return i ? i->tile : NULL;
}
void fenp_gemm_pack(const fenp_gemm *p, const float *y, float *packed, int64_t from, int64_t to) { choice()->pack(p, y, packed, from, to); }
void fenp_gemm_multiply(const fenp_gemm *p, const float *x, const float *packed, float *z, fenp_piece piece) {
    choice()->multiply(p, x, packed, z, piece);
}
/* Dot products want y by its columns. Panels are read where they lie, but not often from rows that fall on the same places of the first cache. */
bool fenp_gemm_direct(const fenp_gemm *p, const float *x, const float *y, float *z, fenp_piece piece) {
    bool good = fenp_gemm_is_narrow(p) ? p->ty ? p->ldy == p->k : p->n == 1 && p->ldy == 1
                                       : !p->ty && (piece.rows <= 2 * choice()->rows || p->k <= KDEPTH || p->ldy % 256);
    if (good) choice()->direct(p, x, y, z, piece);
    return good;
}
#else
bool fenp_gemm_direct(const fenp_gemm *p, const float *x, const float *y, float *z, fenp_piece piece) {
    (void)p; (void)x; (void)y; (void)z; (void)piece;
    return false;
}
void fenp_gemm_narrower(bool yes) { (void)yes; }
const char *fenp_gemm_tile(void) { return NULL; }
void fenp_gemm_pack(const fenp_gemm *p, const float *y, float *packed, int64_t from, int64_t to) { (void)p; (void)y; (void)packed; (void)from; (void)to; }
void fenp_gemm_multiply(const fenp_gemm *p, const float *x, const float *packed, float *z, fenp_piece piece) {
    (void)p; (void)x; (void)packed; (void)z; (void)piece;
}
#endif
