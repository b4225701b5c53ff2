/* kernels/strided.c: as many whole runs along the last index as have one stride go together, and parts of a run at the ends. Short runs
 * (a pair, a 2 by 2 matrix's row) have a loop of their own each: there the loop would be most of the work. */
#include "kernels/clones.h"
#include "kernels/strided.h"
#include <string.h>

#define word uint32_t
#define R(name) name##4
#include "kernels/strided.inc"
#undef word
#undef R
#define word uint64_t
#define R(name) name##8
#include "kernels/strided.inc"

void fenp_strided_copy(size_t cell, int rank, const int64_t *size, const int64_t *stride, const void *x, int64_t from, int64_t to, void *y) {
    int last = rank - 1;
    int64_t at[FENP_STRIDED_RANK], offset = 0, rest = from, n = size[last], step = stride[last], next = last ? stride[last - 1] : 0;
    for (int d = last; d >= 0; d--) {
        at[d] = rest % size[d];
        rest /= size[d];
        offset += at[d] * stride[d];
    }
    for (int64_t i = 0, left = to - from; left > 0;) {
        int64_t k = n - at[last] < left ? n - at[last] : left, rows = 1;
        if (last && k == n) rows = size[last - 1] - at[last - 1] < left / n ? size[last - 1] - at[last - 1] : left / n;
        if (cell == 4) runs4((uint32_t *)y + i, (const uint32_t *)x + offset, step, k, next, rows);
        else           runs8((uint64_t *)y + i, (const uint64_t *)x + offset, step, k, next, rows);
        i += rows * k;
        left -= rows * k;
        offset -= at[last] * step;
        at[last] = 0;
        for (int d = last - 1; d >= 0; d--, rows = 1) {
            offset += rows * stride[d];
            if ((at[d] += rows) < size[d]) break;
            offset -= stride[d] * size[d];
            at[d] = 0;
        }
    }
}
