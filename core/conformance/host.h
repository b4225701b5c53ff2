/* conformance/host.h: what the tests of host code (sources, chains, folds) share: memory with guard bytes, sample files. */
#ifndef FENCHEL_CONFORMANCE_HOST_H
#define FENCHEL_CONFORMANCE_HOST_H
#include "conformance/conformance.h"
#include "language/source.h"

/* n doubles between guard bytes, each with the bits of `fill` at first. */
typedef struct fenp_guarded {
    double *at;
    int64_t n;
} fenp_guarded;
fenp_guarded fenp_guarded_new(int64_t n, double fill);
bool fenp_guarded_whole(const fenp_guarded *g);
void fenp_guarded_free(fenp_guarded *g);
uint64_t fenp_sum_of(const void *data, size_t bytes); /* changes if a byte does */

/* samples.c: files of the kinds that fenchel reads, in a folder of their own, for attributes that are paths. */
void fenp_samples_open(void); /* in the host, before any test */
void fenp_samples_close(void);
const char *fenp_sample(int i);                                             /* NULL: there are no more */
const char *fenp_sample_cut(fenp_check *c, const char *path, size_t bytes); /* its first bytes, under a name of its own; remove it */
#endif
