/* kernels/noise.h: many Philox blocks at once. Block i has a key and a number, and gives two uniforms (the two of fenp_philox and
 * fenp_unit in base/random.h, as vector code) or two normals. */
#ifndef FENCHEL_KERNELS_NOISE_H
#define FENCHEL_KERNELS_NOISE_H
#include <stdint.h>
enum { FENP_NOISE_BLOCKS = 256 };             /* at most so many a call */
void fenp_row_keys(uint64_t key, uint64_t first, int n, uint64_t *keys);      /* fenp_key_step(key, first + i) */
void fenp_uniform_pairs(const uint64_t *restrict key, const uint32_t *restrict block, int n, double *restrict u, double *restrict v);
void fenp_normal_pairs(const uint64_t *restrict key, const uint32_t *restrict block, int n, double *restrict x, double *restrict y);
/* x[0], y[0], x[1], y[1], .. to memory. */
void fenp_store_single(const double *restrict x, const double *restrict y, int n, double limit, float *restrict out);
void fenp_store_double(const double *restrict x, const double *restrict y, int n, double *restrict out);
#endif
