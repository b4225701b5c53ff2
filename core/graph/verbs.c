/* graph/verbs.c: elementwise verbs. Operands of two are brought to one type, aligned by name, and broadcast by the one explicit op,
 * so that ops themselves see equal shapes. Forms that lose all digits where they are written plainly, such as log(sigmoid(x)), are
 * built in their stable form here: before gradients, and only where the inner op is seen directly, for a `name` between the two is
 * a variable to differentiate by. */
#include "ops/ops.h"
#include <math.h>
#include <stdlib.h>

static fen_node *apply1(fen_builder *b, const fen_op *op, fen_node *x) { return fen_apply(b, op, &x, 1, NULL); }

/* A number that is written in the text or in a plugin: it needs no broadcast. */
static bool literal(const fen_node *x, double *value) {
    if (x->op != &fenp_op_fill || x->shape.rank) return false;
    *value = x->attrs.real[0];
    return true;
}

static fen_node *misfit(fen_builder *b, const char *verb, const fen_shape *x, const fen_shape *y) {
    char p[160], q[160];
    return fenp_faulty(b, "%s: shapes %s and %s do not fit: feature axes align on the right, leading axes by name", verb,
                       fenp_shape_text(b, *x, p), fenp_shape_text(b, *y, q));
}

/* Types */
fen_node *fenp_to_real(fen_builder *b, fen_node *x) {
    double value;
    x = fenp_node_given(b, x);
    if (x->type == FEN_REAL) return x;
    return literal(x, &value) ? fenp_number(b, value) : apply1(b, &fenp_op_to_real, x);
}

fen_node *fenp_to_integer(fen_builder *b, fen_node *x) {
    double value;
    x = fenp_node_given(b, x);
    if (fenp_is_faulty(b, x) || x->type == FEN_INTEGER) return x;
    return literal(x, &value) ? fenp_integer(b, (int64_t)value) : apply1(b, &fenp_op_to_integer, x);
}

fen_node *fenp_widen(fen_builder *b, fen_node *x, bool wide) {
    if (fenp_is_faulty(b, x) || x->type != FEN_REAL || x->wide == wide || (!wide && !x->shape.rank)) return x;
    if (x->op == &fenp_op_cast && x->in[0]->wide == wide) return x->in[0];
    const fen_attrs a = {.whole = {wide}};
    return fen_apply(b, &fenp_op_cast, &x, 1, &a);
}

/* Two operands: both integers and `whole` given, or both real. */
static fen_node *pair(fen_builder *b, const fen_op *op, const fen_op *whole, fen_node *x, fen_node *y) {
    x = fenp_node_given(b, x);
    y = fenp_node_given(b, y);
    if (fenp_is_faulty(b, x) || fenp_is_faulty(b, y)) return b->faulty;
    bool integers = whole && x->type == FEN_INTEGER && y->type == FEN_INTEGER;
    fen_node *in[2] = {integers ? x : fenp_to_real(b, x), integers ? y : fenp_to_real(b, y)};
    fen_shape s;
    if (!fenp_align(&x->shape, &y->shape, &s)) return misfit(b, op->name, &x->shape, &y->shape);
    for (int i = 0; i < 2; i++) in[i] = fenp_broadcast(b, in[i], s);
    return fen_apply(b, integers ? whole : op, in, 2, NULL);
}

static fen_node *affine(fen_builder *b, fen_node *x, double factor, double offset) {
    const fen_attrs a = {.real = {factor, offset}};
    x = fenp_to_real(b, x);
    return fen_apply(b, &fenp_op_affine, &x, 1, &a);
}

static bool is_whole(double a) { return a == floor(a) && fabs(a) <= INT32_MAX; }
static bool is_real(const fen_node *x, const fen_node *y) { return x->type == FEN_REAL || y->type == FEN_REAL; }

fen_node *fen_scale(fen_builder *b, fen_node *x, double a) {
    x = fenp_node_given(b, x);
    if (a == 1) return x;
    return x->type == FEN_INTEGER && is_whole(a) ? fen_mul(b, x, fenp_integer(b, (int64_t)a)) : affine(b, x, a, 0);
}

fen_node *fen_shift(fen_builder *b, fen_node *x, double a) {
    x = fenp_node_given(b, x);
    if (a == 0) return x;
    return x->type == FEN_INTEGER && is_whole(a) ? fen_add(b, x, fenp_integer(b, (int64_t)a)) : affine(b, x, 1, a);
}

fen_node *fen_add(fen_builder *b, fen_node *x, fen_node *y) {
    double c;
    x = fenp_node_given(b, x);
    y = fenp_node_given(b, y);
    if (is_real(x, y) && literal(y, &c)) return fen_shift(b, fenp_to_real(b, x), c);
    if (is_real(x, y) && literal(x, &c)) return fen_shift(b, fenp_to_real(b, y), c);
    return pair(b, &fenp_op_add, &fenp_op_int_add, x, y);
}

fen_node *fen_sub(fen_builder *b, fen_node *x, fen_node *y) {
    double c;
    x = fenp_node_given(b, x);
    y = fenp_node_given(b, y);
    if (is_real(x, y) && literal(y, &c)) return fen_shift(b, fenp_to_real(b, x), -c);
    if (is_real(x, y) && literal(x, &c)) return affine(b, y, -1, c);
    return pair(b, &fenp_op_sub, &fenp_op_int_sub, x, y);
}

fen_node *fen_mul(fen_builder *b, fen_node *x, fen_node *y) {
    double c;
    x = fenp_node_given(b, x);
    y = fenp_node_given(b, y);
    if (is_real(x, y) && literal(y, &c)) return fen_scale(b, fenp_to_real(b, x), c);
    if (is_real(x, y) && literal(x, &c)) return fen_scale(b, fenp_to_real(b, y), c);
    return pair(b, &fenp_op_mul, &fenp_op_int_mul, x, y);
}

/* Dividing by a power of two is exactly a product. */
fen_node *fen_div(fen_builder *b, fen_node *x, fen_node *y) {
    double c;
    int exponent;
    x = fenp_node_given(b, x);
    y = fenp_node_given(b, y);
    if (literal(y, &c) && fabs(frexp(c, &exponent)) == 0.5 && abs(exponent) < 100) return fen_scale(b, fenp_to_real(b, x), 1 / c);
    return pair(b, &fenp_op_div, NULL, x, y);
}

fen_node *fenp_remainder(fen_builder *b, fen_node *x, fen_node *y) { return pair(b, &fenp_op_remainder, &fenp_op_int_remainder, x, y); }
fen_node *fen_max(fen_builder *b, fen_node *x, fen_node *y) { return pair(b, &fenp_op_max, &fenp_op_int_max, x, y); }
fen_node *fen_min(fen_builder *b, fen_node *x, fen_node *y) { return pair(b, &fenp_op_min, &fenp_op_int_min, x, y); }
fen_node *fen_less(fen_builder *b, fen_node *x, fen_node *y) { return pair(b, &fenp_op_less, &fenp_op_int_less, x, y); }
fen_node *fenp_less_equal(fen_builder *b, fen_node *x, fen_node *y) { return pair(b, &fenp_op_less_equal, &fenp_op_int_less_equal, x, y); }
fen_node *fen_equal(fen_builder *b, fen_node *x, fen_node *y) { return pair(b, &fenp_op_equal, &fenp_op_int_equal, x, y); }

/* x^a. A chain of products is exact for whole exponents and negative x, and cheaper. */
fen_node *fen_power(fen_builder *b, fen_node *x, double a) {
    x = fenp_to_real(b, x);
    if (a == 1) return x;
    if (a == 2) return fen_square(b, x);
    if (a == 3) return fen_mul(b, x, fen_square(b, x));
    if (a == 4) return fen_square(b, fen_square(b, x));
    if (a == 0.5) return fen_sqrt(b, x);
    if (a == -0.5 || a == -1 || a == -2) return fen_div(b, fenp_number(b, 1), fen_power(b, x, -a));
    const fen_attrs r = {.real = {a}};
    return fen_apply(b, &fenp_op_power, &x, 1, &r);
}

fen_node *fenp_power(fen_builder *b, fen_node *x, fen_node *y) {
    double a;
    if (fenp_is_faulty(b, x) || fenp_is_faulty(b, y)) return b->faulty;
    return fenp_constant(y, &a) ? fen_power(b, x, a) : pair(b, &fenp_op_power2, NULL, x, y);
}

/* One operand */
static fen_node *real1(fen_builder *b, const fen_op *op, fen_node *x) { return apply1(b, op, fenp_to_real(b, x)); }

#define REAL1(verb, op) fen_node *verb(fen_builder *b, fen_node *x) { return real1(b, &op, x); }
REAL1(fen_square, fenp_op_square)
REAL1(fen_sqrt, fenp_op_sqrt)
REAL1(fen_exp, fenp_op_exp)
REAL1(fen_expm1, fenp_op_expm1)
REAL1(fen_log1p, fenp_op_log1p)
REAL1(fen_sin, fenp_op_sin)
REAL1(fen_cos, fenp_op_cos)
REAL1(fen_tanh, fenp_op_tanh)
REAL1(fen_sigmoid, fenp_op_sigmoid)
REAL1(fen_log_sigmoid, fenp_op_log_sigmoid)
REAL1(fen_softplus, fenp_op_softplus)
REAL1(fen_erf, fenp_op_erf)
REAL1(fen_erf_inverse, fenp_op_erf_inverse)
REAL1(fen_lgamma, fenp_op_lgamma)
REAL1(fenp_isfinite, fenp_op_isfinite)
#undef REAL1

/* log(sigmoid(v)), log(1 - sigmoid(v)), and log(exp(v)), which is log(softmax) too: fenp_softmax ends in an exp. */
fen_node *fen_log(fen_builder *b, fen_node *x) {
    x = fenp_node_given(b, x);
    const fen_op *op = x->op;
    if (op == &fenp_op_sigmoid) return fen_log_sigmoid(b, x->in[0]);
    if (op == &fenp_op_exp) return x->in[0];
    if (op == &fenp_op_affine && x->attrs.real[0] == -1 && x->attrs.real[1] == 1 && x->in[0]->op == &fenp_op_sigmoid)
        return fen_log_sigmoid(b, fen_neg(b, x->in[0]->in[0]));
    return real1(b, &fenp_op_log, x);
}

fen_node *fen_neg(fen_builder *b, fen_node *x) { return fen_scale(b, x, -1); }

fen_node *fen_abs(fen_builder *b, fen_node *x) {
    x = fenp_node_given(b, x);
    return x->type == FEN_INTEGER ? fen_max(b, x, fen_neg(b, x)) : apply1(b, &fenp_op_abs, x);
}

fen_node *fen_sign(fen_builder *b, fen_node *x) {
    x = fenp_node_given(b, x);
    fen_node *y = real1(b, &fenp_op_sign, x);
    return x->type == FEN_INTEGER ? fenp_to_integer(b, y) : y;
}

static fen_node *rounded(fen_builder *b, const fen_op *op, fen_node *x) {
    x = fenp_node_given(b, x);
    return x->type == FEN_INTEGER ? x : apply1(b, op, x);
}
fen_node *fen_floor(fen_builder *b, fen_node *x) { return rounded(b, &fenp_op_floor, x); }
fen_node *fenp_ceil(fen_builder *b, fen_node *x) { return rounded(b, &fenp_op_ceil, x); }
fen_node *fenp_round(fen_builder *b, fen_node *x) { return rounded(b, &fenp_op_round, x); }

fen_node *fen_leaky_relu(fen_builder *b, fen_node *x, double slope) {
    const fen_attrs a = {.real = {slope}};
    x = fenp_to_real(b, x);
    return fen_apply(b, &fenp_op_leaky_relu, &x, 1, &a);
}
fen_node *fen_relu(fen_builder *b, fen_node *x) { return fen_leaky_relu(b, x, 0); }

fen_node *fen_stop_gradient(fen_builder *b, fen_node *x) { return apply1(b, &fenp_op_stop, x); }

/* A real condition holds where it is not 0. */
static fen_node *condition_of(fen_builder *b, fen_node *c) {
    c = fenp_node_given(b, c);
    if (fenp_is_faulty(b, c) || c->type == FEN_INTEGER) return c;
    return fen_sub(b, fenp_integer(b, 1), fen_equal(b, c, fenp_number(b, 0)));
}

fen_node *fen_where(fen_builder *b, fen_node *condition, fen_node *x, fen_node *y) {
    x = fenp_node_given(b, x);
    y = fenp_node_given(b, y);
    fen_node *in[3] = {condition_of(b, condition), x, y};
    for (int i = 0; i < 3; i++) if (fenp_is_faulty(b, in[i])) return b->faulty;
    bool real = is_real(x, y);
    fen_shape s, all;
    if (!fenp_align(&x->shape, &y->shape, &s)) return misfit(b, "where", &x->shape, &y->shape);
    if (!fenp_align(&in[0]->shape, &s, &all)) return misfit(b, "where", &in[0]->shape, &s);
    for (int i = 0; i < 3; i++) in[i] = fenp_broadcast(b, i && real ? fenp_to_real(b, in[i]) : in[i], all);
    return fen_apply(b, real ? &fenp_op_where : &fenp_op_int_where, in, 3, NULL);
}

/* Constants */
fen_node *fen_fill(fen_builder *b, fen_shape shape, double value) {
    const fen_attrs a = {.real = {value}, .whole = {FEN_REAL}, .shape = shape};
    return fen_apply(b, &fenp_op_fill, NULL, 0, &a);
}

static fen_node *grid(fen_builder *b, fen_shape s, int p, fen_type type, double first, double step) {
    const fen_attrs a = {.real = {first, step}, .whole = {p, type}, .shape = s};
    return fen_apply(b, &fenp_op_coordinate, NULL, 0, &a);
}

fen_node *fenp_coordinate_at(fen_builder *b, fen_shape s, int p) { return grid(b, s, p, FEN_INTEGER, 0, 1); }

fen_node *fen_coordinate(fen_builder *b, fen_axis axis) {
    const fenp_axis *a = &b->axis[axis];
    const fen_shape s = {.leads = 1, .rank = 1, .axis = {axis}, .size = {a->size}};
    if (a->counted) return fenp_coordinate_at(b, s, 0);
    return grid(b, s, 0, FEN_REAL, a->from, a->size > 1 ? (a->to - a->from) / (double)(a->size - 1) : 0);
}

fen_node *fen_feature_coordinate(fen_builder *b, fen_node *x, int k) {
    x = fenp_node_given(b, x);
    int n = x->shape.rank - x->shape.leads, p = k < 0 ? n + k : k;
    if (fenp_is_faulty(b, x)) return x;
    if (p < 0 || p >= n) return fenp_integer(b, 0);
    return fenp_coordinate_at(b, fen_features(n, x->shape.size + x->shape.leads), p);
}

fen_node *fen_one_hot(fen_builder *b, fen_node *i, int64_t n) {
    char given[160];
    i = fenp_node_given(b, i);
    if (fenp_is_faulty(b, i)) return i;
    if (i->type != FEN_INTEGER) return fenp_faulty(b, "one_hot: its input is real; labels must be integers");
    if (i->shape.rank == FEN_MAX_RANK) return fenp_faulty(b, "one_hot: %s has no room for one more axis", fenp_shape_text(b, i->shape, given));
    if (n < 1) return fenp_faulty(b, "one_hot: %lld classes; at least 1 is needed", (long long)n);
    fen_shape s = i->shape;
    if (s.rank) s.size[s.rank++] = 1;
    return fenp_to_real(b, fen_equal(b, fenp_relabel(b, i, s), fenp_coordinate_at(b, fen_vector(n), 0)));
}
