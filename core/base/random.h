/* base/random.h: randomness is a pure function of (seed, stream, draw, index along each axis); DECISIONS 7 in core/README.md.
 *   key of a row (i0, i1, ..) of draw n:  k = step(.. step(step(step(seed, hash(stream)), n), i0) .., i1)
 *   step(k, i) = splitmix64's finaliser of k ^ (i + 1) * 0x9E3779B97F4A7C15
 *   block j of its features: Philox4x32-10(k, j), two uniforms of 53 bits; normals by Box-Muller on the two. */
#ifndef FENCHEL_BASE_RANDOM_H
#define FENCHEL_BASE_RANDOM_H
#include <stdint.h>
uint64_t fenp_hash(const char *text);                                /* FNV-1a, 64 bits */
uint64_t fenp_key_step(uint64_t key, uint64_t index);
void     fenp_philox(uint64_t key, uint64_t block, uint32_t out[4]); /* Salmon et al. 2011, 10 rounds, counter (block, 0) */
/* The same with all of its counter: for the published test vectors. */
void     fenp_philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);
double   fenp_unit(uint32_t high, uint32_t low);                     /* 53 bits into (0, 1), never 0 or 1 */
/* A permutation of 0..n-1 keyed by `key`: entry i without a table (cycle-walking Feistel network). */
uint64_t fenp_shuffled(uint64_t key, uint64_t i, uint64_t n);
#endif
