/* base/sha256.h: SHA-256 (FIPS 180-4), for naming the weights that a run began with. */
#ifndef FENCHEL_BASE_SHA256_H
#define FENCHEL_BASE_SHA256_H
#include <stddef.h>
#include <stdint.h>
typedef struct fenp_sha256 { uint32_t h[8]; uint8_t block[64]; uint64_t bytes; } fenp_sha256;
void fenp_sha256_start(fenp_sha256 *s);
void fenp_sha256_add(fenp_sha256 *s, const void *data, size_t n);
void fenp_sha256_finish(fenp_sha256 *s, char text[65]);              /* 64 hexadecimal digits and NUL */
#endif
