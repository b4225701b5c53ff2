/* rules.c: local identities. Each rule gets a node whose inputs are values of the plan already, and gives its simpler equal or NULL.
 * A product with a constant 0 is 0, and so is every linear op of a constant 0: a weight of zero removes a term, with its gradient.
 * Never: x - x = 0 (hides a NaN), division as multiplication by a rounded reciprocal (floor(49 * (1 / 49)) is 0). */
#include "program/plan.h"
#include <math.h>
#include <string.h>

bool fenp_is_fill(const fen_node *x, double *value) {
    if (x->op == &fenp_op_fill) *value = x->attrs.real[0];
    return x->op == &fenp_op_fill;
}
static bool is_fill_of(const fen_node *x, double value) {
    double v = 0;
    return fenp_is_fill(x, &v) && v == value;
}
fen_node *fenp_fill_like(fenp_simplifier *s, const fen_node *like, double value) {
    fen_node x = *like;
    memset(&x.attrs, 0, sizeof x.attrs);
    x.op = &fenp_op_fill;
    x.n = 0;
    x.attrs.real[0] = value;
    x.attrs.whole[0] = like->type;
    x.attrs.shape = like->shape;
    return fenp_intern(s, &x);
}
/* op on these inputs, with the result's shape, type and width of `like`. */
static fen_node *made(fenp_simplifier *s, const fen_op *op, const fen_node *like, fen_node **in, int n, fen_attrs a) {
    fen_node x = *like;
    x.op = op;
    x.in = in;
    x.n = n;
    x.attrs = a;
    return fenp_simple(s, &x);
}
static fen_node *affine(fenp_simplifier *s, const fen_node *like, fen_node *in, double p, double q) {
    return made(s, &fenp_op_affine, like, &in, 1, (fen_attrs){.real = {p, q}});
}
static fen_node *binary(fenp_simplifier *s, const fen_op *op, const fen_node *like, fen_node *x, fen_node *y) {
    return made(s, op, like, (fen_node *[]){x, y}, 2, (fen_attrs){.real = {0}});
}
static fen_node *moved(fenp_simplifier *s, const fen_op *op, const fen_node *like, fen_node *in) {
    return made(s, op, like, &in, 1, (fen_attrs){.shape = like->shape});
}
static bool is_negated(const fen_node *x) { return x->op == &fenp_op_affine && x->attrs.real[0] == -1 && x->attrs.real[1] == 0; }
static bool is_number(const fen_node *x) { return !x->shape.rank; }
static bool is_spread_number(const fen_node *x) { return x->op == &fenp_op_broadcast && is_number(x->in[0]); }
static bool alike(const fen_node *x, const fen_node *y) { return x->type == y->type && x->wide == y->wide && fenp_same(&x->shape, &y->shape); }

/* Movers: elements go elsewhere, none is changed. */
static fen_node *rule_same(fenp_simplifier *s, fen_node *x) { (void)s; return x->in[0]; }
static fen_node *rule_broadcast(fenp_simplifier *s, fen_node *x) {
    fen_node *in = x->in[0];
    if (alike(in, x)) return in;
    if (in->op == &fenp_op_broadcast) return moved(s, x->op, x, in->in[0]);
    bool relabels = !is_number(in) && !is_number(x) && in->wide == x->wide && fenp_count(&in->shape) == fenp_count(&x->shape);
    return relabels ? moved(s, &fenp_op_reshape, x, in) : NULL;
}
static fen_node *leaf_at(fenp_simplifier *s, const fen_node *x, const fen_node *leaf, int64_t offset) {
    fen_node y = *leaf;
    y.shape = x->shape;
    if (leaf->op == &fenp_op_slot) y.attrs.whole[1] += offset;
    else {
        y.attrs.whole[0] = (int64_t)(intptr_t)((const double *)(intptr_t)leaf->attrs.whole[0] + offset);
        y.attrs.shape = x->shape;
    }
    return fenp_simple(s, &y);
}
static bool is_memory(const fen_node *x) { return x->op == &fenp_op_slot || x->op == &fenp_op_table; }
static fen_node *rule_reshape(fenp_simplifier *s, fen_node *x) {
    fen_node *in = x->in[0];
    if (alike(in, x)) return in;
    if (in->op == &fenp_op_reshape || is_spread_number(in)) return moved(s, in->op, x, in->in[0]);
    return is_memory(in) ? leaf_at(s, x, in, 0) : NULL;
}
static int permuted_from(const fen_node *x, int i) { return (int)(x->attrs.whole[0] >> 4 * i & 15); }
static fen_node *rule_permute(fenp_simplifier *s, fen_node *x) {
    fen_node *in = x->in[0];
    int last = -1;
    bool in_order = true;                     /* of the positions that have more than one entry */
    for (int i = 0; i < x->shape.rank; i++) {
        if (x->shape.size[i] == 1) continue;
        in_order &= permuted_from(x, i) > last;
        last = permuted_from(x, i);
    }
    if (in_order) return moved(s, &fenp_op_reshape, x, in);
    if (is_spread_number(in)) return moved(s, in->op, x, in->in[0]);
    if (in->op != &fenp_op_permute) return NULL;
    fen_attrs a = x->attrs;
    a.whole[0] = 0;
    for (int i = 0; i < x->shape.rank; i++) a.whole[0] |= (int64_t)permuted_from(in, permuted_from(x, i)) << 4 * i;
    return made(s, x->op, x, (fen_node *[]){in->in[0]}, 1, a);
}
static int64_t stride_of(const fen_shape *s, int p) {
    int64_t n = 1;
    for (int i = p + 1; i < s->rank; i++) n *= s->size[i];
    return n;
}
/* A slice of a concat along the same position that lies within one input. */
static fen_node *slice_of_concat(fenp_simplifier *s, const fen_node *x, const fen_node *in) {
    int64_t first = x->attrs.whole[1], step = x->attrs.whole[2], last = first + step * (x->attrs.whole[3] - 1), before = 0;
    for (int k = 0; k < in->n; k++) {
        int64_t size = in->in[k]->shape.size[x->attrs.whole[0]];
        if (first >= before && last < before + size) {
            fen_attrs a = x->attrs;
            a.whole[1] -= before;
            return made(s, x->op, x, (fen_node *[]){in->in[k]}, 1, a);
        }
        before += size;
    }
    return NULL;
}
static fen_node *rule_slice(fenp_simplifier *s, fen_node *x) {
    fen_node *in = x->in[0];
    const int64_t *w = x->attrs.whole, *v = in->attrs.whole;
    if (alike(in, x)) return in;
    if (is_spread_number(in)) return moved(s, in->op, x, in->in[0]);
    if (in->op == &fenp_op_concat && v[0] == w[0]) return slice_of_concat(s, x, in);
    if (in->op == &fenp_op_spread && !memcmp(v, w, 3 * sizeof *w) && alike(in->in[0], x)) return in->in[0];
    if (in->op == &fenp_op_slice && v[0] == w[0]) {
        fen_attrs a = {.whole = {w[0], v[1] + v[2] * w[1], v[2] * w[2], w[3]}};
        return made(s, x->op, x, (fen_node *[]){in->in[0]}, 1, a);
    }
    return is_memory(in) && fenp_slice_is_view(x) ? leaf_at(s, x, in, w[1] * stride_of(&in->shape, (int)w[0])) : NULL;
}
static fen_node *rule_spread(fenp_simplifier *s, fen_node *x) { (void)s; return alike(x->in[0], x) ? x->in[0] : NULL; }

/* concat of slices that follow one another in one value, and are all of it. */
static fen_node *whole_again(const fen_node *x) {
    fen_node *source = x->in[0]->op == &fenp_op_slice ? x->in[0]->in[0] : NULL;
    int64_t next = 0;
    for (int k = 0; k < x->n; k++) {
        const fen_node *in = x->in[k];
        if (in->op != &fenp_op_slice || in->in[0] != source) return NULL;
        if (in->attrs.whole[0] != x->attrs.whole[0] || in->attrs.whole[1] != next || in->attrs.whole[2] != 1) return NULL;
        next += in->attrs.whole[3];
    }
    return source && alike(source, x) ? source : NULL;
}
/* concat of windows that follow one another in one block. */
static fen_node *one_window(fenp_simplifier *s, const fen_node *x) {
    const fen_node *first = x->in[0];
    int64_t next = first->attrs.whole[1];
    for (int p = 0; p < x->attrs.whole[0]; p++) if (x->shape.size[p] != 1) return NULL;
    for (int k = 0; k < x->n; k++) {
        const fen_node *in = x->in[k];
        if (in->op != &fenp_op_slot || in->attrs.whole[0] != first->attrs.whole[0] || in->attrs.whole[1] != next) return NULL;
        next += fenp_count(&in->shape);
    }
    return leaf_at(s, x, first, 0);
}
static fen_node *rule_concat(fenp_simplifier *s, fen_node *x) {
    double v, w;
    if (x->n == 1) return x->in[0];
    fen_node *y = whole_again(x);
    if (!y) y = one_window(s, x);
    if (y || !fenp_is_fill(x->in[0], &v)) return y;
    for (int k = 1; k < x->n; k++) if (!fenp_is_fill(x->in[k], &w) || memcmp(&v, &w, sizeof v)) return NULL;
    return fenp_fill_like(s, x, v);
}
static fen_node *rule_number(fenp_simplifier *s, fen_node *x) {
    const fen_node *in = x->in[0];
    while (in->op == &fenp_op_reshape) in = in->in[0];
    (void)s;
    return is_spread_number(in) ? in->in[0] : NULL;
}
static fen_node *rule_cast(fenp_simplifier *s, fen_node *x) {
    fen_node *in = x->in[0];
    if (alike(in, x)) return in;
    if (is_spread_number(in)) return moved(s, in->op, x, in->in[0]);
    if (in->op == &fenp_op_broadcast) {       /* cast before it grows */
        fen_node few = *x;
        few.shape = in->in[0]->shape;
        return moved(s, in->op, x, made(s, x->op, &few, (fen_node *[]){in->in[0]}, 1, x->attrs));
    }
    return in->op == &fenp_op_cast && !in->in[0]->wide && in->wide ? made(s, x->op, x, (fen_node *[]){in->in[0]}, 1, x->attrs) : NULL;
}
static fen_node *rule_to_integer(fenp_simplifier *s, fen_node *x) {
    (void)s;
    return x->in[0]->op == &fenp_op_to_real ? x->in[0]->in[0] : NULL;
}

/* Arithmetic */
static fen_node *rule_affine(fenp_simplifier *s, fen_node *x) {
    double p = x->attrs.real[0], q = x->attrs.real[1];
    fen_node *in = x->in[0];
    if (p == 1 && q == 0) return in;
    if (p == 0) return fenp_fill_like(s, x, q);
    if (in->op != &fenp_op_affine) return NULL;
    double pp = p * in->attrs.real[0], qq = q + p * in->attrs.real[1];
    return isfinite(pp) && isfinite(qq) ? affine(s, x, in->in[0], pp, qq) : NULL;
}
static fen_node *rule_add(fenp_simplifier *s, fen_node *x) {
    double v;
    if (fenp_is_fill(x->in[0], &v)) return affine(s, x, x->in[1], 1, v);
    if (fenp_is_fill(x->in[1], &v)) return affine(s, x, x->in[0], 1, v);
    if (is_negated(x->in[1])) return binary(s, &fenp_op_sub, x, x->in[0], x->in[1]->in[0]);
    return is_negated(x->in[0]) ? binary(s, &fenp_op_sub, x, x->in[1], x->in[0]->in[0]) : NULL;
}
static fen_node *rule_sub(fenp_simplifier *s, fen_node *x) {
    double v;
    if (fenp_is_fill(x->in[0], &v)) return affine(s, x, x->in[1], -1, v);
    if (fenp_is_fill(x->in[1], &v)) return affine(s, x, x->in[0], 1, -v);
    return is_negated(x->in[1]) ? binary(s, &fenp_op_add, x, x->in[0], x->in[1]->in[0]) : NULL;
}
static fen_node *rule_mul(fenp_simplifier *s, fen_node *x) {
    double v;
    if (fenp_is_fill(x->in[0], &v)) return affine(s, x, x->in[1], v, 0);
    if (fenp_is_fill(x->in[1], &v)) return affine(s, x, x->in[0], v, 0);
    return x->in[0] == x->in[1] ? made(s, &fenp_op_square, x, (fen_node *[]){x->in[0]}, 1, (fen_attrs){.real = {0}}) : NULL;
}
static fen_node *rule_div(fenp_simplifier *s, fen_node *x) {
    double v;
    int exponent;
    if (is_fill_of(x->in[0], 0)) return fenp_fill_like(s, x, 0);     /* 0 times the reciprocal */
    if (!fenp_is_fill(x->in[1], &v) || fabs(frexp(v, &exponent)) != .5 || !isfinite(1 / v)) return NULL;
    return affine(s, x, x->in[0], 1 / v, 0);                         /* exact for powers of two */
}
static fen_node *rule_power(fenp_simplifier *s, fen_node *x) {
    if (x->attrs.real[0] == 1) return x->in[0];
    return x->attrs.real[0] == 2 ? made(s, &fenp_op_square, x, (fen_node *[]){x->in[0]}, 1, (fen_attrs){.real = {0}}) : NULL;
}
static fen_node *rule_where(fenp_simplifier *s, fen_node *x) {
    double v;
    (void)s;
    if (x->in[1] == x->in[2]) return x->in[1];
    return fenp_is_fill(x->in[0], &v) ? x->in[v != 0 ? 1 : 2] : NULL;
}
static fen_node *rule_either(fenp_simplifier *s, fen_node *x) { (void)s; return x->in[0] == x->in[1] ? x->in[0] : NULL; }
static fen_node *rule_int_add(fenp_simplifier *s, fen_node *x) {
    (void)s;
    return is_fill_of(x->in[1], 0) ? x->in[0] : x->op == &fenp_op_int_add && is_fill_of(x->in[0], 0) ? x->in[1] : NULL;
}
static fen_node *rule_int_mul(fenp_simplifier *s, fen_node *x) {
    if (is_fill_of(x->in[0], 0) || is_fill_of(x->in[1], 0)) return fenp_fill_like(s, x, 0);
    return is_fill_of(x->in[0], 1) ? x->in[1] : is_fill_of(x->in[1], 1) ? x->in[0] : NULL;
}

/* Linear in each of its inputs: a constant 0 makes it 0. */
static fen_node *rule_product(fenp_simplifier *s, fen_node *x) {
    for (int k = 0; k < x->n; k++) if (is_fill_of(x->in[k], 0)) return fenp_fill_like(s, x, 0);
    return NULL;
}
static fen_node *rule_solve(fenp_simplifier *s, fen_node *x) { return is_fill_of(x->in[1], 0) ? fenp_fill_like(s, x, 0) : NULL; }
/* First input linear, the second an index. */
static fen_node *rule_gather(fenp_simplifier *s, fen_node *x) {
    double v;
    return fenp_is_fill(x->in[0], &v) ? fenp_fill_like(s, x, v) : NULL;
}
static fen_node *rule_scatter(fenp_simplifier *s, fen_node *x) { return is_fill_of(x->in[0], 0) ? fenp_fill_like(s, x, 0) : NULL; }
static fen_node *rule_roll(fenp_simplifier *s, fen_node *x) { return rule_gather(s, x); }
/* Of one element each: the element. */
static fen_node *rule_reduce(fenp_simplifier *s, fen_node *x) {
    fen_node *in = x->in[0];
    int64_t n = fenp_count(&in->shape), m = fenp_count(&x->shape);
    double v;
    if (fenp_is_fill(in, &v) && m) return fenp_fill_like(s, x, x->op == &fenp_op_reduce_sum ? v * (double)(n / m) : v);
    if (n != m || is_number(in)) return NULL;
    return moved(s, is_number(x) ? &fenp_op_number : &fenp_op_reshape, x, in);
}

static const struct { const fen_op *op; fen_node *(*rule)(fenp_simplifier *, fen_node *); } rules[] = {
    {&fenp_op_name, rule_same}, {&fenp_op_stop, rule_same}, {&fenp_op_affine, rule_affine}, {&fenp_op_add, rule_add},
    {&fenp_op_mul, rule_mul}, {&fenp_op_broadcast, rule_broadcast}, {&fenp_op_reshape, rule_reshape}, {&fenp_op_sub, rule_sub},
    {&fenp_op_div, rule_div}, {&fenp_op_permute, rule_permute}, {&fenp_op_slice, rule_slice}, {&fenp_op_spread, rule_spread},
    {&fenp_op_concat, rule_concat}, {&fenp_op_number, rule_number}, {&fenp_op_cast, rule_cast}, {&fenp_op_to_integer, rule_to_integer},
    {&fenp_op_power, rule_power}, {&fenp_op_where, rule_where}, {&fenp_op_int_where, rule_where}, {&fenp_op_max, rule_either},
    {&fenp_op_min, rule_either}, {&fenp_op_int_max, rule_either}, {&fenp_op_int_min, rule_either}, {&fenp_op_int_add, rule_int_add},
    {&fenp_op_int_sub, rule_int_add}, {&fenp_op_int_mul, rule_int_mul}, {&fenp_op_linear, rule_product}, {&fenp_op_outer_rows, rule_product},
    {&fenp_op_matmul, rule_product}, {&fenp_op_solve_triangular, rule_solve}, {&fenp_op_gather, rule_gather},
    {&fenp_op_scatter_add, rule_scatter}, {&fenp_op_roll, rule_roll}, {&fenp_op_reduce_sum, rule_reduce}, {&fenp_op_reduce_max, rule_reduce},
    {&fenp_op_reduce_min, rule_reduce},
};
/* Movers of one input: a fill stays a fill. */
static const fen_op *const movers[] = {
    &fenp_op_broadcast, &fenp_op_reshape, &fenp_op_permute, &fenp_op_slice, &fenp_op_number, &fenp_op_cast,
};
static bool moves(const fen_op *op) {
    for (size_t i = 0; i < sizeof movers / sizeof *movers; i++) if (movers[i] == op) return true;
    return false;
}
/* Elementwise on numbers that were spread: done on the numbers, in double, and spread then. */
static fen_node *before_spreading(fenp_simplifier *s, const fen_node *x) {
    fen_node number = *x, *in[4], *spread = NULL;
    double v;
    if (!x->op->tile[1] || x->n > 4 || is_number(x)) return NULL;
    for (int k = 0; k < x->n; k++) {
        if (is_spread_number(x->in[k])) { spread = in[k] = x->in[k]->in[0]; continue; }
        if (!fenp_is_fill(x->in[k], &v)) return NULL;
        fen_node like = *x->in[k];
        memset(&like.shape, 0, sizeof like.shape);
        like.wide = like.type == FEN_REAL;
        in[k] = fenp_fill_like(s, &like, v);
    }
    if (!spread) return NULL;
    memset(&number.shape, 0, sizeof number.shape);
    number.wide = number.type == FEN_REAL;
    number.in = in;
    return moved(s, &fenp_op_broadcast, x, fenp_simple(s, &number));
}

fen_node *fenp_simple(fenp_simplifier *s, fen_node *x) {
    double v;
    fen_node *y = NULL;
    if (x->n == 1 && fenp_is_fill(x->in[0], &v) && moves(x->op)) return fenp_fill_like(s, x, v);
    for (size_t i = 0; !y && i < sizeof rules / sizeof *rules; i++) if (rules[i].op == x->op) y = rules[i].rule(s, x);
    if (!y) y = before_spreading(s, x);
    if (!y) y = fenp_fold(s, x);
    return y ? y : fenp_intern(s, x);
}
