/* ops/reduce.c: sum, max, min, argmax, argmin, logsumexp over one run of neighbouring positions, which vanish: x is seen as
 * [outer, n, inner]. A reduction to a number is added up in double from the first element. Integers stay integers.
 *   d sum: gy everywhere;   d max, d min: gy at the first of equals;   d logsumexp: gy exp(x - y) */
#include "kernels/vmath.h"
#include "ops/cells.h"
#include <float.h>
#include <math.h>
#include <string.h>

enum { TILE = 128, NARROW = 16, SHORT = 16 };                        /* columns at a time; so few that rows are put together; a short row */

static fenp_view reduce_view(const fen_node *y) {
    const fen_shape *x = &y->in[0]->shape;
    int from = 0, to;
    while (!(y->attrs.whole[0] >> from & 1)) from++;
    for (to = from; to < x->rank && y->attrs.whole[0] >> to & 1; to++) continue;
    return fenp_view_of(x, from, to);
}
static int64_t reduce_units(fenp_view v) { return v.outer * ((v.inner + TILE - 1) / TILE); }
static int reduce_parts(const fen_node *y) {
    fenp_view v = reduce_view(y);
    return fenp_parts_for(reduce_units(v), v.n * (v.inner < TILE ? v.inner : TILE));
}

#define real int32_t
#define total int64_t
#define IS_NAN(v) false
#define R(name) name##_integer
#include "ops/reduce.inc"
#undef real
#undef total
#undef IS_NAN
#undef R
static void sum_integer(const fen_step *s, int part) {
    if (s->node->shape.rank) over_tiles_integer(s, part, sum_tile_integer);
    else *(int32_t *)s->out = (int32_t)sum_all_integer(s->in[0], fenp_count(&s->node->in[0]->shape));
}
#define IS_NAN(v) ((v) != (v))
#define FENP_TWICE "ops/reduce_real.inc"
#include "kernels/twice.h"
#undef IS_NAN

static const char *reduce_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    (void)n;
    unsigned mask = (unsigned)a->whole[0], first = mask & (~mask + 1);
    *type = in[0]->type;
    *out = fenp_without(in[0]->shape, mask);
    if (!mask || mask >> in[0]->shape.rank) return "has not these positions";
    return (mask + first) & mask ? "needs one run of neighbouring positions" : NULL;
}
static const char *arg_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    const char *wrong = reduce_shape(in, n, a, out, type);
    *type = FEN_INTEGER;
    return wrong;
}
static const char *logsumexp_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    return in[0]->type == FEN_REAL ? reduce_shape(in, n, a, out, type) : "needs reals";
}

static void sum_vjp(fen_builder *b, fen_node *y, fen_node *gy, const bool *need, fen_node **gx) {
    (void)need;
    gx[0] = fenp_stretch(b, gy, y->in[0]->shape, (unsigned)y->attrs.whole[0]);
}
static void extreme_vjp(fen_builder *b, fen_node *y, fen_node *gy, const bool *need, fen_node **gx) {
    (void)need;
    fen_node *x = y->in[0];
    fenp_view v = reduce_view(y);
    fen_shape all = fen_features(3, (const int64_t[]){v.outer, v.n, v.inner}), one = fen_features(3, (const int64_t[]){v.outer, 1, v.inner});
    fen_reduction arg = y->op == &fenp_op_reduce_max ? FEN_ARGMAX : FEN_ARGMIN;
    fen_node *at = fenp_relabel(b, fenp_reduce(b, arg, x, (unsigned)y->attrs.whole[0]), one);
    fen_node *hit = fen_equal(b, fenp_coordinate_at(b, all, 1), at);
    gx[0] = fenp_relabel(b, fen_where(b, hit, fenp_relabel(b, gy, one), fenp_number(b, 0)), x->shape);
}
static void logsumexp_vjp(fen_builder *b, fen_node *y, fen_node *gy, const bool *need, fen_node **gx) {
    (void)need;
    fen_node *x = y->in[0], *safe = fen_where(b, fenp_isfinite(b, y), y, fenp_number(b, 0));   /* all entries -inf: derivative 0 */
    unsigned mask = (unsigned)y->attrs.whole[0];
    fen_node *share = fen_exp(b, fen_sub(b, x, fenp_stretch(b, safe, x->shape, mask)));
    gx[0] = fen_mul(b, fenp_stretch(b, gy, x->shape, mask), share);
}

const fen_op fenp_op_reduce_sum = {
    .name = "sum", .arity = 1, .shape = reduce_shape, .run = {sum_run_single, sum_run_double}, .parts = reduce_parts, .vjp = sum_vjp,
};
const fen_op fenp_op_reduce_max = {
    .name = "max", .arity = 1, .shape = reduce_shape, .run = {extreme_run_single, extreme_run_double}, .parts = reduce_parts, .vjp = extreme_vjp,
};
const fen_op fenp_op_reduce_min = {
    .name = "min", .arity = 1, .shape = reduce_shape, .run = {extreme_run_single, extreme_run_double}, .parts = reduce_parts, .vjp = extreme_vjp,
};
const fen_op fenp_op_reduce_argmax = {
    .name = "argmax", .arity = 1, .flags = FEN_FLAT, .shape = arg_shape, .run = {extreme_run_single, extreme_run_double}, .parts = reduce_parts,
};
const fen_op fenp_op_reduce_argmin = {
    .name = "argmin", .arity = 1, .flags = FEN_FLAT, .shape = arg_shape, .run = {extreme_run_single, extreme_run_double}, .parts = reduce_parts,
};
const fen_op fenp_op_reduce_logsumexp = {
    .name = "logsumexp", .arity = 1, .shape = logsumexp_shape, .run = {logsumexp_run_single, logsumexp_run_double}, .parts = reduce_parts,
    .vjp = logsumexp_vjp,
};
