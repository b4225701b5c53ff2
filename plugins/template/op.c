/* my_plugin: the arcus tangent as an op of its own, and a layer that applies it, invertible.
 *   y = atan x,   dy/dx = 1 / (1 + x^2),   x = tan y,   log|det| = -sum log(1 + x^2)
 * Source: the paper and the equation; this one is in any textbook.
 *
 * An op is needed only where verbs cannot say it, or are too slow. It has a rule for its shape, a kernel for single and for double precision, and
 * its derivative as a graph of verbs, so that derivatives of any order exist. All of it is in fenchel/op.h. */
#include "fenchel.h"
#include <math.h>

/* Which shape and type the value has; or what is wrong with the inputs, as the end of a sentence. */
static const char *my_plugin_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    (void)n;
    (void)a;
    if (in[0]->type != FEN_REAL) return "needs reals";
    *out = in[0]->shape;
    *type = FEN_REAL;
    return NULL;
}

/* Element by element: n of them, in a row. `out` may be the input. The host cuts, runs them on its threads, and fuses them with what is around.
 * An op that is no such thing has .run instead, with .parts and .scratch. */
static void my_plugin_single(int n, const void *const *in, void *out, const fen_attrs *a) {
    const float *x = (const float *)in[0];
    float *y = (float *)out;
    (void)a;
    for (int i = 0; i < n; i++) y[i] = atanf(x[i]);
}
static void my_plugin_double(int n, const void *const *in, void *out, const fen_attrs *a) {
    const double *x = (const double *)in[0];
    double *y = (double *)out;
    (void)a;
    for (int i = 0; i < n; i++) y[i] = atan(x[i]);
}

/* gy is the derivative of some number by y; gx[i] becomes that by input i. It is made of nodes, not of numbers. */
static void my_plugin_vjp(fen_builder *b, fen_node *y, fen_node *gy, const bool *need, fen_node **gx) {
    if (need[0]) gx[0] = fen_div(b, gy, fen_shift(b, fen_square(b, y->in[0]), 1));
}

static const fen_op my_plugin_op = {
    .name = "my_plugin", .arity = 1, .shape = my_plugin_shape, .tile = {my_plugin_single, my_plugin_double}, .vjp = my_plugin_vjp,
};

/* The layer. Its only verb of its own: the op applied to one input, without attributes. */
static const fen_port inputs[]  = {{.name = "x", .shape = "[...; ...]", .help = "any value"}, FEN_END};
static const fen_port outputs[] = {{.name = "y", .shape = "[...; ...]", .help = "atan x, within (-pi / 2, pi / 2)"}, FEN_END};

static void my_plugin_build(fen_builder *b) {
    fen_node *x = fen_input(b, "x");
    fen_output(b, "y", fen_apply(b, &my_plugin_op, &x, 1, NULL));
    fen_log_det_add(b, fen_neg(b, fen_sum_features(b, fen_log1p(b, fen_square(b, x)))));
}
static void my_plugin_invert(fen_builder *b) {
    fen_node *y = fen_input(b, "y");
    fen_output(b, "x", fen_div(b, fen_sin(b, y), fen_cos(b, y)));
}

static const fen_function my_plugin_layer = {
    .name = "my_plugin", .summary = "Arcus tangent, invertible.",
    .inputs = inputs, .outputs = outputs, .build = my_plugin_build, .invert = my_plugin_invert,
};
FEN_PLUGIN(.name = "my_plugin", .version = "0.1.0", .license = "MIT", .layers = FEN_LIST(&my_plugin_layer), .ops = FEN_OPS(&my_plugin_op));
