/* ops/cells.h: what the kernels of structure, reductions and gathering share: the size of an element, products of sizes, how many
 * parts a step has. All from shapes, so that no result depends on the number of threads. */
#ifndef FENCHEL_OPS_CELLS_H
#define FENCHEL_OPS_CELLS_H
#include "ops/ops.h"

/* Bytes of an element in memory. */
static inline size_t fenp_cell_size(const fen_node *x) { return x->type == FEN_REAL && x->wide ? sizeof(double) : sizeof(float); }

/* Product of the sizes at positions from .. to - 1. */
static inline int64_t fenp_span(const fen_shape *s, int from, int to) {
    int64_t n = 1;
    for (int p = from; p < to; p++) n *= s->size[p];
    return n;
}

/* Elements from one entry of position p to the next. */
static inline int64_t fenp_stride(const fen_shape *s, int p) { return fenp_span(s, p + 1, s->rank); }

/* A step of `units` that cost `each` elements apiece: parts of at least 16384 elements, at most 64 of them. */
static inline int fenp_parts_for(int64_t units, int64_t each) {
    int64_t parts = units * each / 16384;
    if (parts > units) parts = units;
    return parts < 1 ? 1 : parts > 64 ? 64 : (int)parts;
}

/* Part `part` of `parts` does units from .. to - 1. */
typedef struct fenp_range { int64_t from, to; } fenp_range;
static inline fenp_range fenp_range_of(int64_t units, int part, int parts) {
    return (fenp_range){units * part / parts, units * (part + 1) / parts};
}

/* A value seen as [outer, n, inner] around its positions from .. to - 1. */
typedef struct fenp_view { int64_t outer, n, inner; } fenp_view;
static inline fenp_view fenp_view_of(const fen_shape *s, int from, int to) {
    return (fenp_view){fenp_span(s, 0, from), fenp_span(s, from, to), fenp_span(s, to, s->rank)};
}

static inline bool fenp_is_lead(const fen_shape *s, int p) { return p < s->leads; }

fen_node *fenp_channelled(fen_builder *b, fen_node *x);              /* verbs.c: [leads;] becomes [leads; 1] */
/* position.c. y has the shape `to` without the positions in mask: repeats it along them. */
fen_node *fenp_stretch(fen_builder *b, fen_node *y, fen_shape to, unsigned mask);
fen_shape fenp_append(fen_shape s, int64_t size);                    /* one feature more; the caller knows that there is room */
void      fenp_all_real(fen_builder *b, fen_node **in, int n);       /* integers become reals beside reals; all integers stay */
#endif
