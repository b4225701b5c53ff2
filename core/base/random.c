/* base/random.c: counter-based randomness: a number is a pure function of where it is used, so neither the order of the work nor the
 * number of threads can change it. Philox4x32-10: Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3".
 * Key mixing: the finaliser of splitmix64 (Steele, Lea, Flood 2014). Hash of names: FNV-1a. */
#include "base/random.h"

uint64_t fenp_hash(const char *text) {
    uint64_t h = 0xCBF29CE484222325u;
    for (; *text; text++) h = (h ^ (unsigned char)*text) * 0x100000001B3u;
    return h;
}

uint64_t fenp_key_step(uint64_t key, uint64_t index) {
    uint64_t z = key ^ (index + 1) * 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

void fenp_philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
    uint32_t a = counter[0], b = counter[1], c = counter[2], d = counter[3], k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        uint64_t p = (uint64_t)a * 0xD2511F53u, q = (uint64_t)c * 0xCD9E8D57u;
        a = (uint32_t)(q >> 32) ^ b ^ k0;
        b = (uint32_t)q;
        c = (uint32_t)(p >> 32) ^ d ^ k1;
        d = (uint32_t)p;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = a; out[1] = b; out[2] = c; out[3] = d;
}

void fenp_philox(uint64_t key, uint64_t block, uint32_t out[4]) {
    const uint32_t counter[4] = {(uint32_t)block, (uint32_t)(block >> 32), 0, 0};
    const uint32_t keys[2] = {(uint32_t)key, (uint32_t)(key >> 32)};
    fenp_philox4x32(counter, keys, out);
}

/* The lowest of the 53 bits is always set: odd / 2^53 lies within (0, 1) and needs no rounding, which (bits + 1/2) / 2^53 would. */
double fenp_unit(uint32_t high, uint32_t low) {
    uint64_t bits = ((uint64_t)high << 32 | low) >> 11;
    return (double)(bits | 1) * 0x1p-53;
}

/* A balanced Feistel network on 2 * half bits is a permutation whatever its round function; walking on until the value is below
 * n makes it one of 0..n-1. The domain is less than 4 n, so the mean walk is short. Eight rounds, since small n mix badly. */
uint64_t fenp_shuffled(uint64_t key, uint64_t i, uint64_t n) {
    unsigned half = 1;
    while (half < 32 && (uint64_t)1 << 2 * half < n) half++;
    uint64_t mask = ((uint64_t)1 << half) - 1;
    do {
        uint64_t left = i >> half, right = i & mask;
        for (uint64_t round = 0; round < 8; round++) {
            uint64_t next = left ^ (fenp_key_step(fenp_key_step(key, round), right) & mask);
            left = right;
            right = next;
        }
        i = left << half | right;
    } while (i >= n);
    return i;
}
