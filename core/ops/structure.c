/* ops/structure.c: ops that move elements and compute nothing: broadcast, reshape, number, permute, slice, spread, concat.
 * All but spread and concat are one copy from a strided view: element (i0, i1, ..) of the result is x[first + i0 s0 + i1 s1 + ..].
 * Adjoint pairs: broadcast and sum, slice and spread, concat and slices; permute and reshape have their inverse. */
#include "kernels/strided.h"
#include "ops/cells.h"
#include <string.h>

/* A strided view, outermost position first; neighbours that lie one behind the other are merged. */
typedef struct view { int rank; int64_t size[FEN_MAX_RANK], stride[FEN_MAX_RANK]; } view;

static view merged(const fen_shape *s, const int64_t *stride) {
    view v = {.rank = 0};
    for (int p = 0; p < s->rank; p++) {
        if (s->size[p] == 1) continue;
        int last = v.rank - 1;
        if (v.rank && v.stride[last] == stride[p] * s->size[p]) { v.size[last] *= s->size[p]; v.stride[last] = stride[p]; }
        else { v.size[v.rank] = s->size[p]; v.stride[v.rank++] = stride[p]; }
    }
    if (!v.rank) { v.size[0] = 1; v.rank = 1; }
    return v;
}

static int move_parts(const fen_node *y) { return fenp_parts_for(fenp_count(&y->shape), 1); }
static void move(const fen_step *s, int part, const int64_t *stride, int64_t first) {
    const fen_node *y = s->node;
    view v = merged(&y->shape, stride);
    size_t cell = fenp_cell_size(y);
    fenp_range r = fenp_range_of(fenp_count(&y->shape), part, move_parts(y));
    const char *x = (const char *)s->in[0] + (size_t)first * cell;
    fenp_strided_copy(cell, v.rank, v.size, v.stride, x, r.from, r.to, (char *)s->out + (size_t)r.from * cell);
}

/* broadcast */

/* The position of s where position p of x stands; -1: nowhere. */
static int place_of(const fen_shape *x, int p, const fen_shape *s) {
    if (fenp_is_lead(x, p)) return fenp_lead_of(s, x->axis[p]);
    int q = s->rank - (x->rank - p);
    return q < s->leads ? -1 : q;
}
static const char *broadcast_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    (void)n;
    const fen_shape *x = &in[0]->shape;
    *out = a->shape;
    *type = in[0]->type;
    for (int p = 0; p < x->rank; p++) {
        int q = place_of(x, p, out);
        if (q < 0) return "an axis of the input is not in the result";
        if (x->size[p] != out->size[q] && (fenp_is_lead(x, p) || x->size[p] != 1)) return "a size of the input is neither 1 nor the result's";
    }
    return NULL;
}
/* Stride of x for each position of s; 0 where x is stretched or has no such position. */
static void broadcast_strides(const fen_shape *x, const fen_shape *s, int64_t *stride) {
    memset(stride, 0, FEN_MAX_RANK * sizeof *stride);
    for (int p = 0; p < x->rank; p++)
        if (x->size[p] != 1) stride[place_of(x, p, s)] = fenp_stride(x, p);
}
static void broadcast_run(const fen_step *s, int part) {
    const fen_node *y = s->node, *x = y->in[0];
    int64_t stride[FEN_MAX_RANK];
    broadcast_strides(&x->shape, &y->shape, stride);
    if (x->shape.rank || y->type == FEN_INTEGER || y->wide) { move(s, part, stride, 0); return; }
    float v = (float)*(const double *)s->in[0];                      /* a number is double, the tensor is not */
    fen_step narrow = *s;
    narrow.in = (const void *const[]){&v};
    move(&narrow, part, stride, 0);
}
static void broadcast_vjp(fen_builder *b, fen_node *y, fen_node *gy, const bool *need, fen_node **gx) {
    (void)need;
    const fen_shape *x = &y->in[0]->shape;
    unsigned stretched = (1u << y->shape.rank) - 1;
    for (int p = 0; p < x->rank; p++) {
        int q = place_of(x, p, &y->shape);
        if (x->size[p] == y->shape.size[q]) stretched &= ~(1u << q);
    }
    gx[0] = fenp_relabel(b, fenp_reduce(b, FEN_SUM, gy, stretched), *x);
}
const fen_op fenp_op_broadcast = {
    .name = "broadcast", .arity = 1, .shape = broadcast_shape, .run = {broadcast_run, broadcast_run}, .parts = move_parts, .vjp = broadcast_vjp,
};

/* reshape */

static const char *reshape_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    (void)n;
    *out = a->shape;
    *type = in[0]->type;
    if (!out->rank || !in[0]->shape.rank) return "a number has another precision: needs the ops number or broadcast";
    return fenp_count(out) == fenp_count(&in[0]->shape) ? NULL : "the number of elements differs";
}
static void relabel_vjp(fen_builder *b, fen_node *y, fen_node *gy, const bool *need, fen_node **gx) {
    (void)need;
    gx[0] = fenp_relabel(b, gy, y->in[0]->shape);
}
/* A view, so that nobody runs it; whoever wants the copy all the same gets it. */
static void copy_run(const fen_step *s, int part) {
    int64_t stride[FEN_MAX_RANK];
    for (int p = 0; p < s->node->shape.rank; p++) stride[p] = fenp_stride(&s->node->shape, p);
    move(s, part, stride, 0);
}
const fen_op fenp_op_reshape = {
    .name = "reshape", .arity = 1, .flags = FEN_VIEW, .shape = reshape_shape, .run = {copy_run, copy_run}, .parts = move_parts, .vjp = relabel_vjp,
};

/* number */

static const char *number_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    (void)n; (void)a;
    *out = fen_features(0, NULL);
    *type = in[0]->type;
    return fenp_count(&in[0]->shape) == 1 ? NULL : "needs a value of one element";
}
static void number_run(const fen_step *s, int part) {
    (void)part;
    const fen_node *x = s->node->in[0];
    if (x->type == FEN_INTEGER) *(int32_t *)s->out = *(const int32_t *)s->in[0];
    else *(double *)s->out = x->wide ? *(const double *)s->in[0] : (double)*(const float *)s->in[0];
}
const fen_op fenp_op_number = {.name = "number", .arity = 1, .shape = number_shape, .run = {number_run, number_run}, .vjp = relabel_vjp};

/* permute */

static int permute_from(const fen_attrs *a, int i) { return (int)(a->whole[0] >> 4 * i & 15); }
static const char *permute_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    (void)n;
    const fen_shape *x = &in[0]->shape;
    *out = a->shape;
    *type = in[0]->type;
    unsigned seen = 0;
    if (out->rank != x->rank) return "needs as many positions as the input has";
    for (int i = 0; i < out->rank; i++) {
        int p = permute_from(a, i);
        if (p >= x->rank || seen >> p & 1) return "is no permutation of the positions";
        if (out->size[i] != x->size[p]) return "a size differs from that of the input";
        seen |= 1u << p;
    }
    return NULL;
}
static void permute_run(const fen_step *s, int part) {
    const fen_node *y = s->node;
    int64_t stride[FEN_MAX_RANK];
    for (int i = 0; i < y->shape.rank; i++) stride[i] = fenp_stride(&y->in[0]->shape, permute_from(&y->attrs, i));
    move(s, part, stride, 0);
}
static void permute_vjp(fen_builder *b, fen_node *y, fen_node *gy, const bool *need, fen_node **gx) {
    (void)need;
    int back[FEN_MAX_RANK] = {0};
    for (int i = 0; i < y->shape.rank; i++) back[permute_from(&y->attrs, i)] = i;
    gx[0] = fenp_permute(b, gy, back, y->in[0]->shape);
}
const fen_op fenp_op_permute = {
    .name = "permute", .arity = 1, .shape = permute_shape, .run = {permute_run, permute_run}, .parts = move_parts, .vjp = permute_vjp,
};

/* slice: w is p, first, step, count */

static const char *slice_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    (void)n;
    int64_t p = a->whole[0], first = a->whole[1], step = a->whole[2], count = a->whole[3];
    *out = in[0]->shape;
    *type = in[0]->type;
    if (p < 0 || p >= out->rank) return "has not this position";
    if (step < 1 || count < 1) return "step and count must be 1 or more";
    if (first < 0 || first >= out->size[p] || count - 1 > (out->size[p] - 1 - first) / step) return "reaches outside";
    out->size[p] = count;
    return NULL;
}
static void slice_run(const fen_step *s, int part) {
    const fen_node *y = s->node;
    const fen_shape *x = &y->in[0]->shape;
    int p = (int)y->attrs.whole[0];
    int64_t stride[FEN_MAX_RANK];
    for (int i = 0; i < x->rank; i++) stride[i] = fenp_stride(x, i);
    stride[p] *= y->attrs.whole[2];
    move(s, part, stride, y->attrs.whole[1] * fenp_stride(x, p));
}
static void slice_vjp(fen_builder *b, fen_node *y, fen_node *gy, const bool *need, fen_node **gx) {
    (void)need;
    int p = (int)y->attrs.whole[0];
    gx[0] = fenp_spread_at(b, gy, p, y->attrs.whole[1], y->attrs.whole[2], y->in[0]->shape.size[p]);
}
bool fenp_slice_is_view(const fen_node *y) {
    int p = (int)y->attrs.whole[0];
    return (y->attrs.whole[2] == 1 || y->shape.size[p] == 1) && fenp_span(&y->shape, 0, p) == 1;
}
const fen_op fenp_op_slice = {
    .name = "slice", .arity = 1, .shape = slice_shape, .run = {slice_run, slice_run}, .parts = move_parts, .vjp = slice_vjp,
};

/* spread: w is p, first, step, size of the result */

static const char *spread_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    (void)n;
    int64_t p = a->whole[0], first = a->whole[1], step = a->whole[2], size = a->whole[3];
    *out = in[0]->shape;
    *type = in[0]->type;
    if (p < 0 || p >= out->rank) return "has not this position";
    if (first < 0 || step < 1 || first >= size || out->size[p] - 1 > (size - 1 - first) / step) return "does not fit into the size asked for";
    out->size[p] = size;
    return NULL;
}
static fenp_view spread_view(const fen_node *y) {
    int p = (int)y->attrs.whole[0];
    return fenp_view_of(&y->shape, p, p + 1);
}
static int spread_parts(const fen_node *y) {
    fenp_view v = spread_view(y);
    return fenp_parts_for(v.outer, v.n * v.inner);
}
/* Where elements go: `count` of each row of x, `step` apart from `first` on, into rows of n. Most rows are short: a call for each would be most of
 * the work. */
typedef struct places { int64_t rows, n, first, step, count; } places;
static void place4(const places *p, const uint32_t *x, uint32_t *to) {
    to += p->first;
    if (p->count == 1) for (int64_t i = 0; i < p->rows; i++) to[i * p->n] = x[i];
    else for (int64_t i = 0; i < p->rows; i++, to += p->n, x += p->count) for (int64_t j = 0; j < p->count; j++) to[j * p->step] = x[j];
}
static void place8(const places *p, const uint64_t *x, uint64_t *to) {
    to += p->first;
    for (int64_t i = 0; i < p->rows; i++, to += p->n, x += p->count) for (int64_t j = 0; j < p->count; j++) to[j * p->step] = x[j];
}
static void spread_run(const fen_step *s, int part) {
    const fen_node *y = s->node;
    fenp_view v = spread_view(y);
    int64_t first = y->attrs.whole[1], step = y->attrs.whole[2], count = y->in[0]->shape.size[y->attrs.whole[0]];
    size_t cell = fenp_cell_size(y), row = (size_t)v.inner * cell;
    fenp_range r = fenp_range_of(v.outer, part, spread_parts(y));
    const char *x = (const char *)s->in[0] + (size_t)(r.from * count) * row;
    char *to = (char *)s->out + (size_t)(r.from * v.n) * row;
    memset(to, 0, (size_t)((r.to - r.from) * v.n) * row);
    if (v.inner == 1 && (step > 1 || count < 8)) {
        const places p = {r.to - r.from, v.n, first, step, count};
        if (cell == 4) place4(&p, (const uint32_t *)(const void *)x, (uint32_t *)(void *)to);
        else place8(&p, (const uint64_t *)(const void *)x, (uint64_t *)(void *)to);
        return;
    }
    for (int64_t i = r.from; i < r.to; i++, x += (size_t)count * row, to += (size_t)v.n * row) {
        if (step == 1) memcpy(to + (size_t)first * row, x, (size_t)count * row);
        else for (int64_t j = 0; j < count; j++) memcpy(to + (size_t)(first + j * step) * row, x + (size_t)j * row, row);
    }
}
static void spread_vjp(fen_builder *b, fen_node *y, fen_node *gy, const bool *need, fen_node **gx) {
    (void)need;
    int p = (int)y->attrs.whole[0];
    gx[0] = fenp_slice_at(b, gy, p, y->attrs.whole[1], y->attrs.whole[2], y->in[0]->shape.size[p]);
}
const fen_op fenp_op_spread = {
    .name = "spread", .arity = 1, .shape = spread_shape, .run = {spread_run, spread_run}, .parts = spread_parts, .vjp = spread_vjp,
};

/* concat: w[0] is p */

static const char *concat_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    if (n < 1) return "needs an input";
    int p = (int)a->whole[0];
    *out = in[0]->shape;
    *type = in[0]->type;
    if (p < 0 || p >= out->rank) return "has not this position";
    int64_t size = 0;
    for (int k = 0; k < n; k++) {
        fen_shape x = in[k]->shape;
        size += x.size[p];
        x.size[p] = out->size[p];
        if (!fenp_same(&x, out) || in[k]->type != *type) return "inputs differ in more than the position that is joined";
    }
    out->size[p] = size;
    return NULL;
}
static int concat_parts(const fen_node *y) {
    int p = (int)y->attrs.whole[0];
    int64_t outer = fenp_span(&y->shape, 0, p);
    return outer == 1 ? fenp_parts_for(y->n, fenp_count(&y->shape) / y->n) : fenp_parts_for(outer, fenp_span(&y->shape, p, y->shape.rank));
}
/* Rows from .. to - 1 of inputs first .. last - 1, the first of which begins at `at` in a row. */
static void concat_rows(const fen_step *s, fenp_range rows, int first, int last, size_t at) {
    const fen_node *y = s->node;
    int p = (int)y->attrs.whole[0];
    size_t cell = fenp_cell_size(y), row = (size_t)fenp_span(&y->shape, p, y->shape.rank) * cell;
    for (int k = first; k < last; k++) {
        size_t mine = (size_t)fenp_span(&y->in[k]->shape, p, y->shape.rank) * cell;
        for (int64_t i = rows.from; i < rows.to; i++)
            memcpy((char *)s->out + (size_t)i * row + at, (const char *)s->in[k] + (size_t)i * mine, mine);
        at += mine;
    }
}
static void concat_run(const fen_step *s, int part) {
    const fen_node *y = s->node;
    int p = (int)y->attrs.whole[0], parts = concat_parts(y);
    int64_t outer = fenp_span(&y->shape, 0, p);
    if (outer > 1) { concat_rows(s, fenp_range_of(outer, part, parts), 0, y->n, 0); return; }
    fenp_range r = fenp_range_of(y->n, part, parts);
    int64_t before = 0;
    for (int k = 0; k < r.from; k++) before += fenp_count(&y->in[k]->shape);
    concat_rows(s, (fenp_range){0, 1}, (int)r.from, (int)r.to, (size_t)before * fenp_cell_size(y));
}
static void concat_vjp(fen_builder *b, fen_node *y, fen_node *gy, const bool *need, fen_node **gx) {
    int p = (int)y->attrs.whole[0];
    int64_t first = 0;
    for (int k = 0; k < y->n; k++) {
        int64_t count = y->in[k]->shape.size[p];
        if (need[k]) gx[k] = fenp_slice_at(b, gy, p, first, 1, count);
        first += count;
    }
}
const fen_op fenp_op_concat = {
    .name = "concat", .arity = -1, .shape = concat_shape, .run = {concat_run, concat_run}, .parts = concat_parts, .vjp = concat_vjp,
};
