/* ops/elementwise.c: one value in, one out, all shapes equal. Derivatives are written with verbs, so the set is closed under them:
 * each vjp gives gx = gy dy/dx as graph. Kinks (abs, leaky_relu, max, min, where) have a flat indicator as derivative. Comparisons
 * and roundings are flat. Kernels: kernels/elementwise.inc. */
#include "kernels/special.h"
#include "kernels/vmath.h"
#include "ops/ops.h"
#include <math.h>

static inline double number(const fen_attrs *a, int i) { return a->real[i]; }  /* twice.h defines `real` */
#define FENP_TWICE "kernels/elementwise.inc"
#include "kernels/twice.h"

/* Shapes and types */
static const char *same_shapes(fen_node *const *in, int n, fen_type type) {
    for (int i = 0; i < n; i++) if (in[i]->type != type) return type == FEN_REAL ? "needs reals, not integers" : "needs integers, not reals";
    for (int i = 1; i < n; i++) if (!fenp_same(&in[0]->shape, &in[i]->shape)) return "needs equal shapes";
    return NULL;
}
#define SHAPE(rule, given, result) \
    static const char *rule(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) { \
        (void)a, (void)out; \
        *type = result; \
        return same_shapes(in, n, given); \
    }
SHAPE(reals, FEN_REAL, FEN_REAL)
SHAPE(integers, FEN_INTEGER, FEN_INTEGER)
SHAPE(reals_to_integer, FEN_REAL, FEN_INTEGER)
SHAPE(integers_to_real, FEN_INTEGER, FEN_REAL)

static const char *choice(fen_node *const *in, fen_type given, fen_type *type) {
    *type = given;
    if (in[0]->type != FEN_INTEGER) return "needs integers as its condition";
    return fenp_same(&in[0]->shape, &in[1]->shape) ? same_shapes(in + 1, 2, given) : "needs equal shapes";
}
static const char *where_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    (void)n, (void)a, (void)out;
    return choice(in, FEN_REAL, type);
}
static const char *int_where_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    (void)n, (void)a, (void)out;
    return choice(in, FEN_INTEGER, type);
}

/* Integers: one kernel stands in both places. Overflow wraps around. */
#define INTEGERS(name, value) \
    FENP_CLONES static void name(int n, const void *const *in, void *out, const fen_attrs *a) { \
        const int32_t *x = in[0], *y = in[1]; \
        int32_t *z = out; \
        (void)a; \
        FENP_IVDEP for (int i = 0; i < n; i++) z[i] = (int32_t)(value); \
    }
INTEGERS(i_add, (uint32_t)x[i] + (uint32_t)y[i])
INTEGERS(i_sub, (uint32_t)x[i] - (uint32_t)y[i])
INTEGERS(i_mul, (uint32_t)x[i] * (uint32_t)y[i])
INTEGERS(i_max, x[i] > y[i] ? x[i] : y[i])
INTEGERS(i_min, x[i] < y[i] ? x[i] : y[i])
INTEGERS(i_less, x[i] < y[i])
INTEGERS(i_less_equal, x[i] <= y[i])
INTEGERS(i_equal, x[i] == y[i])

/* Has y's sign; 0 where y is 0. The two quotients that overflow are taken out. */
static void i_remainder(int n, const void *const *in, void *out, const fen_attrs *a) {
    const int32_t *x = in[0], *y = in[1];
    int32_t *z = out;
    (void)a;
    for (int i = 0; i < n; i++) {
        int32_t d = y[i], r = d == 0 || d == -1 ? 0 : x[i] % d;
        z[i] = r != 0 && (r < 0) != (d < 0) ? r + d : r;
    }
}
static void i_where(int n, const void *const *in, void *out, const fen_attrs *a) {
    const int32_t *c = in[0], *x = in[1], *y = in[2];
    int32_t *z = out;
    (void)a;
    FENP_IVDEP for (int i = 0; i < n; i++) z[i] = c[i] ? x[i] : y[i];
}

/* Derivatives. x, y: the inputs; z: the value. */
#define VJP(rule) static void rule(fen_builder *b, fen_node *z, fen_node *gz, const bool *need, fen_node **gx)
#define VJP1(rule, derivative) VJP(rule) { fen_node *x = z->in[0]; (void)need, (void)x; gx[0] = derivative; }

static fen_node *apply1(fen_builder *b, const fen_op *op, fen_node *x, const fen_attrs *a) { return fen_apply(b, op, &x, 1, a); }
static fen_node *zero(fen_builder *b) { return fenp_number(b, 0); }
static fen_node *one_minus(fen_builder *b, fen_node *x) { return fen_sub(b, fenp_number(b, 1), x); }
static fen_node *slope_of(fen_builder *b, const fen_node *z) {
    const fen_attrs a = {.real = {z->attrs.real[0]}};
    return apply1(b, &fenp_op_slope, z->in[0], &a);
}
static fen_node *next_polygamma(fen_builder *b, fen_node *x, int64_t n) {
    const fen_attrs a = {.whole = {n}};
    return apply1(b, &fenp_op_polygamma, x, &a);
}
/* exp(sign x^2) times a factor: the derivatives of erf and its inverse. */
static fen_node *bell(fen_builder *b, fen_node *x, double sign, double factor) {
    return fen_scale(b, fen_exp(b, fen_scale(b, fen_square(b, x), sign)), factor);
}

VJP(add_vjp) { (void)b, (void)z; if (need[0]) gx[0] = gz; if (need[1]) gx[1] = gz; }
VJP(sub_vjp) { (void)z; if (need[0]) gx[0] = gz; if (need[1]) gx[1] = fen_neg(b, gz); }
VJP(mul_vjp) { if (need[0]) gx[0] = fen_mul(b, gz, z->in[1]); if (need[1]) gx[1] = fen_mul(b, gz, z->in[0]); }
VJP(div_vjp) {
    fen_node *q = fen_div(b, gz, z->in[1]);
    if (need[0]) gx[0] = q;
    if (need[1]) gx[1] = fen_neg(b, fen_mul(b, q, z));
}
static void split(fen_builder *b, fen_node *first, fen_node *gz, const bool *need, fen_node **gx) {
    if (need[0]) gx[0] = fen_where(b, first, gz, zero(b));
    if (need[1]) gx[1] = fen_where(b, first, zero(b), gz);
}
VJP(max_vjp) { split(b, fenp_less_equal(b, z->in[1], z->in[0]), gz, need, gx); }      /* of equals the first */
VJP(min_vjp) { split(b, fenp_less_equal(b, z->in[0], z->in[1]), gz, need, gx); }
VJP(where_vjp) { split(b, z->in[0], gz, need + 1, gx + 1); }
VJP(remainder_vjp) {
    if (need[0]) gx[0] = gz;
    if (need[1]) gx[1] = fen_neg(b, fen_mul(b, gz, fen_floor(b, fen_div(b, z->in[0], z->in[1]))));
}
/* log of what is not positive would be NaN, and 0 NaN is NaN in every order: 1 stands there instead. */
VJP(power2_vjp) {
    fen_node *x = z->in[0], *y = z->in[1], *in[2] = {x, fen_shift(b, y, -1)};
    if (need[0]) gx[0] = fen_mul(b, fen_mul(b, gz, y), fen_apply(b, &fenp_op_power2, in, 2, NULL));
    if (need[1]) gx[1] = fen_mul(b, fen_mul(b, gz, z), fen_log(b, fen_where(b, fen_less(b, zero(b), x), x, fenp_number(b, 1))));
}
VJP(power_vjp) {
    double r = z->attrs.real[0];
    (void)need;
    if (r != 0) gx[0] = fen_mul(b, gz, fen_scale(b, fen_power(b, z->in[0], r - 1), r));
}
VJP(erf_inverse_vjp) { (void)need; gx[0] = fen_mul(b, gz, bell(b, z, 1, 0.88622692545275801365)); }
VJP1(affine_vjp, fen_scale(b, gz, z->attrs.real[0]))
VJP1(abs_vjp, fen_mul(b, gz, fen_sign(b, x)))
VJP1(square_vjp, fen_mul(b, gz, fen_scale(b, x, 2)))
VJP1(sqrt_vjp, fen_scale(b, fen_div(b, gz, z), 0.5))
VJP1(exp_vjp, fen_mul(b, gz, z))
VJP1(expm1_vjp, fen_mul(b, gz, fen_shift(b, z, 1)))
VJP1(log_vjp, fen_div(b, gz, x))
VJP1(log1p_vjp, fen_div(b, gz, fen_shift(b, x, 1)))
VJP1(sin_vjp, fen_mul(b, gz, fen_cos(b, x)))
VJP1(cos_vjp, fen_neg(b, fen_mul(b, gz, fen_sin(b, x))))
VJP1(tanh_vjp, fen_mul(b, gz, one_minus(b, fen_square(b, z))))
VJP1(sigmoid_vjp, fen_mul(b, gz, fen_mul(b, z, one_minus(b, z))))
VJP1(log_sigmoid_vjp, fen_mul(b, gz, fen_sigmoid(b, fen_neg(b, x))))
VJP1(softplus_vjp, fen_mul(b, gz, fen_sigmoid(b, x)))
VJP1(erf_vjp, fen_mul(b, gz, bell(b, x, -1, 1.12837916709551257390)))
VJP1(lgamma_vjp, fen_mul(b, gz, next_polygamma(b, x, 0)))
VJP1(polygamma_vjp, fen_mul(b, gz, next_polygamma(b, x, z->attrs.whole[0] + 1)))
VJP1(leaky_relu_vjp, fen_mul(b, gz, slope_of(b, z)))
VJP1(cast_vjp, fenp_widen(b, gz, x->wide))

/* The ops */
#define OP(op, n, rule, derivative) const fen_op fenp_op_##op = { \
    .name = #op, .arity = n, .shape = rule, .tile = {t_##op##_single, t_##op##_double}, .vjp = derivative};
#define FLAT(op, n, rule) const fen_op fenp_op_##op = { \
    .name = #op, .arity = n, .flags = FEN_FLAT, .shape = rule, .tile = {t_##op##_single, t_##op##_double}};
#define INTEGER(op, n, rule, kernel) const fen_op fenp_op_int_##op = { \
    .name = "int_" #op, .arity = n, .flags = FEN_FLAT, .shape = rule, .tile = {kernel, kernel}};

OP(affine, 1, reals, affine_vjp)
OP(add, 2, reals, add_vjp)
OP(sub, 2, reals, sub_vjp)
OP(mul, 2, reals, mul_vjp)
OP(div, 2, reals, div_vjp)
OP(max, 2, reals, max_vjp)
OP(min, 2, reals, min_vjp)
OP(remainder, 2, reals, remainder_vjp)
OP(power2, 2, reals, power2_vjp)
OP(power, 1, reals, power_vjp)
OP(abs, 1, reals, abs_vjp)
OP(square, 1, reals, square_vjp)
OP(sqrt, 1, reals, sqrt_vjp)
OP(exp, 1, reals, exp_vjp)
OP(expm1, 1, reals, expm1_vjp)
OP(log, 1, reals, log_vjp)
OP(log1p, 1, reals, log1p_vjp)
OP(sin, 1, reals, sin_vjp)
OP(cos, 1, reals, cos_vjp)
OP(tanh, 1, reals, tanh_vjp)
OP(sigmoid, 1, reals, sigmoid_vjp)
OP(log_sigmoid, 1, reals, log_sigmoid_vjp)
OP(softplus, 1, reals, softplus_vjp)
OP(erf, 1, reals, erf_vjp)
OP(erf_inverse, 1, reals, erf_inverse_vjp)
OP(lgamma, 1, reals, lgamma_vjp)
OP(polygamma, 1, reals, polygamma_vjp)
OP(leaky_relu, 1, reals, leaky_relu_vjp)
OP(where, 3, where_shape, where_vjp)
OP(cast, 1, reals, cast_vjp)
FLAT(slope, 1, reals)
FLAT(sign, 1, reals)
FLAT(floor, 1, reals)
FLAT(ceil, 1, reals)
FLAT(round, 1, reals)
FLAT(less, 2, reals_to_integer)
FLAT(less_equal, 2, reals_to_integer)
FLAT(equal, 2, reals_to_integer)
FLAT(isfinite, 1, reals_to_integer)
FLAT(to_integer, 1, reals_to_integer)
FLAT(to_real, 1, integers_to_real)
INTEGER(add, 2, integers, i_add)
INTEGER(sub, 2, integers, i_sub)
INTEGER(mul, 2, integers, i_mul)
INTEGER(remainder, 2, integers, i_remainder)
INTEGER(max, 2, integers, i_max)
INTEGER(min, 2, integers, i_min)
INTEGER(less, 2, integers, i_less)
INTEGER(less_equal, 2, integers, i_less_equal)
INTEGER(equal, 2, integers, i_equal)
INTEGER(where, 3, int_where_shape, i_where)
