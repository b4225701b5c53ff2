/* kernels/noise.h: many Philox blocks at once. Block i has a key and a number, and gives two uniforms (the two of fenp_philox and
 * fenp_unit in base/random.h, as vector code) or two normals. */
#ifndef FENCHEL_KERNELS_NOISE_H
#define FENCHEL_KERNELS_NOISE_H
#include <stdint.h>
enum { FENP_NOISE_BLOCKS = 256 };             /* at most so many a call */
void fenp_row_keys(uint64_t key, uint64_t first, int n, uint64_t *keys);      /* fenp_key_step(key, first + i) */
void fenp_uniform_pairs(const uint64_t *key, const uint32_t *block, int n, double *u, double *v);
void fenp_normal_pairs(const uint64_t *key, const uint32_t *block, int n, double *x, double *y);
#endif
