/* base/draw.c: what a plugin's host code sees of base/random.h (fenchel/host.h): the same keys and numbers as in a program. */
#include "base/random.h"
#include "fenchel/host.h"

uint64_t fen_key(const fen_draw *at, int64_t example) { return fenp_key_step(at->key, (uint64_t)example); }

void fen_random(uint64_t key, uint64_t block, double uniform[2]) {
    uint32_t r[4];
    fenp_philox(key, block, r);
    uniform[0] = fenp_unit(r[0], r[1]);
    uniform[1] = fenp_unit(r[2], r[3]);
}
