/* ops/along.c: ops along one position p: argsort (stable, ascending, NaN last), rank (0 is the largest, the first of equals first),
 * cumsum, roll. A sort is gather by argsort, so it has all derivatives; argsort and rank themselves are flat. */
#include "ops/cells.h"
#include <string.h>

static fenp_view along_view(const fen_node *y) {
    int p = (int)y->attrs.whole[0];
    return fenp_view_of(&y->shape, p, p + 1);
}
static const char *along_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    (void)n;
    *out = in[0]->shape;
    *type = in[0]->type;
    return a->whole[0] < 0 || a->whole[0] >= out->rank ? "has not this position" : NULL;
}
static const char *order_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    const char *wrong = along_shape(in, n, a, out, type);
    *type = FEN_INTEGER;
    return wrong;
}

/* argsort, rank: one line a unit; scratch holds its keys and two lists of indices. */

static int order_parts(const fen_node *y) {
    fenp_view v = along_view(y);
    return fenp_parts_for(v.outer * v.inner, 8 * v.n);
}
static size_t order_scratch(const fen_node *y) { return (size_t)along_view(y).n * (sizeof(double) + 2 * sizeof(int32_t)); }

static double key_at(const fen_node *x, const void *data, int64_t at) {
    if (x->type == FEN_INTEGER) return (double)((const int32_t *)data)[at];
    return x->wide ? ((const double *)data)[at] : (double)((const float *)data)[at];
}
/* Of equals the left one stays in front; what is no number goes behind all. */
static bool goes_first(double right, double left) { return right < left || (left != left && right == right); }
/* Merge sort from the bottom. order and spare change places; returns the one that holds the result. */
static int32_t *sorted(const double *key, int64_t n, int32_t *order, int32_t *spare) {
    for (int64_t i = 0; i < n; i++) order[i] = (int32_t)i;
    for (int64_t width = 1; width < n; width *= 2) {
        for (int64_t lo = 0; lo < n; lo += 2 * width) {
            int64_t mid = lo + width < n ? lo + width : n, hi = lo + 2 * width < n ? lo + 2 * width : n, i = lo, j = mid;
            for (int64_t k = lo; k < hi; k++)
                spare[k] = i < mid && (j >= hi || !goes_first(key[order[j]], key[order[i]])) ? order[i++] : order[j++];
        }
        int32_t *swap = order;
        order = spare;
        spare = swap;
    }
    return order;
}
static void order_run(const fen_step *s, int part) {
    const fen_node *y = s->node;
    fenp_view v = along_view(y);
    bool rank = y->op == &fenp_op_rank;
    double *key = s->scratch;
    int32_t *order = (int32_t *)(key + v.n), *out = s->out;
    fenp_range r = fenp_range_of(v.outer * v.inner, part, order_parts(y));
    for (int64_t u = r.from; u < r.to; u++) {
        int64_t first = u / v.inner * v.n * v.inner + u % v.inner;
        for (int64_t i = 0; i < v.n; i++) key[i] = key_at(y->in[0], s->in[0], first + i * v.inner) * (rank ? -1 : 1);
        const int32_t *at = sorted(key, v.n, order, order + v.n);
        for (int64_t i = 0; i < v.n; i++) out[first + (rank ? at[i] : i) * v.inner] = rank ? (int32_t)i : at[i];
    }
}
const fen_op fenp_op_argsort = {
    .name = "argsort", .arity = 1, .flags = FEN_FLAT, .shape = order_shape, .run = {order_run, order_run}, .parts = order_parts,
        .scratch = order_scratch,
};
const fen_op fenp_op_rank = {
    .name = "rank", .arity = 1, .flags = FEN_FLAT, .shape = order_shape, .run = {order_run, order_run}, .parts = order_parts,
        .scratch = order_scratch,
};

/* cumsum */

static int cumsum_parts(const fen_node *y) {
    fenp_view v = along_view(y);
    return fenp_parts_for(v.outer * ((v.inner + 63) / 64), v.n * (v.inner < 64 ? v.inner : 64));
}
#define real int32_t
#define total int64_t
#define R(name) name##_integer
#include "ops/along.inc"
#undef real
#undef total
#undef R
#define total double
#define FENP_TWICE "ops/along.inc"
#include "kernels/twice.h"
#undef total
static void cumsum_single(const fen_step *s, int part) { (s->node->type == FEN_INTEGER ? cumsum_lines_integer : cumsum_lines_single)(s, part); }
static void cumsum_double(const fen_step *s, int part) { (s->node->type == FEN_INTEGER ? cumsum_lines_integer : cumsum_lines_double)(s, part); }
static void cumsum_vjp(fen_builder *b, fen_node *y, fen_node *gy, const bool *need, fen_node **gx) {
    (void)need;
    fen_attrs a = {.whole = {y->attrs.whole[0], !y->attrs.whole[1]}};
    gx[0] = fen_apply(b, &fenp_op_cumsum, &gy, 1, &a);
}
const fen_op fenp_op_cumsum = {
    .name = "cumsum", .arity = 1, .shape = along_shape, .run = {cumsum_single, cumsum_double}, .parts = cumsum_parts, .vjp = cumsum_vjp,
};

/* roll: w[1] lies within 0 .. size - 1 */

static void roll_run(const fen_step *s, int part) {
    (void)part;
    const fen_node *y = s->node;
    fenp_view v = along_view(y);
    size_t row = (size_t)v.inner * fenp_cell_size(y), shift = (size_t)y->attrs.whole[1] * row, all = (size_t)v.n * row;
    for (int64_t i = 0; i < v.outer; i++) {
        const char *x = (const char *)s->in[0] + (size_t)i * all;
        char *to = (char *)s->out + (size_t)i * all;
        memcpy(to + shift, x, all - shift);
        memcpy(to, x + all - shift, shift);
    }
}
static const char *roll_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    const char *wrong = along_shape(in, n, a, out, type);
    if (wrong) return wrong;
    return a->whole[1] < 0 || a->whole[1] >= out->size[a->whole[0]] ? "moves by more than there is" : NULL;
}
static void roll_vjp(fen_builder *b, fen_node *y, fen_node *gy, const bool *need, fen_node **gx) {
    (void)need;
    gx[0] = fenp_roll_at(b, gy, (int)y->attrs.whole[0], -y->attrs.whole[1]);
}
const fen_op fenp_op_roll = {.name = "roll", .arity = 1, .shape = roll_shape, .run = {roll_run, roll_run}, .vjp = roll_vjp};
