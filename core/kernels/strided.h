/* kernels/strided.h: copies out of a strided view: element (i0, i1, ..) is x[i0 s0 + i1 s1 + ..], the last index the fastest. */
#ifndef FENCHEL_KERNELS_STRIDED_H
#define FENCHEL_KERNELS_STRIDED_H
#include <stddef.h>
#include <stdint.h>
enum { FENP_STRIDED_RANK = 8 };
/* Elements from .. to - 1, in the view's order, to y; rank 1 to FENP_STRIDED_RANK; cell: bytes of an element, 4 or 8. */
void fenp_strided_copy(size_t cell, int rank, const int64_t *size, const int64_t *stride, const void *x, int64_t from, int64_t to, void *y);
#endif
