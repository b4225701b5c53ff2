/* Hyperbolic tangent: y = tanh x.   x = (log(1 + y) - log(1 - y)) / 2;   log|det| = sum 2 (log 2 - x - softplus(-2 x)),
 * which is log(1 - y^2) without its cancellation where |x| is large. */
#include "fenchel.h"

static const double log_2 = 0.69314718055994530942;

static const fen_port inputs[]  = {{.name = "x", .shape = "[...; ...]", .help = "any value"}, FEN_END};
static const fen_port outputs[] = {{.name = "y", .shape = "[...; ...]", .help = "tanh x, in (-1, 1)"}, FEN_END};

static void tanh_build(fen_builder *b) {
    fen_node *x = fen_input(b, "x");
    fen_output(b, "y", fen_tanh(b, x));
    fen_node *half = fen_neg(b, fen_add(b, x, fen_softplus(b, fen_scale(b, x, -2))));
    fen_log_det_add(b, fen_sum_features(b, fen_scale(b, fen_shift(b, half, log_2), 2)));
}
static void tanh_invert(fen_builder *b) {
    fen_node *y = fen_input(b, "y");
    fen_output(b, "x", fen_scale(b, fen_sub(b, fen_log1p(b, y), fen_log1p(b, fen_neg(b, y))), 0.5));
}

static const fen_function tanh_layer = {
    .name = "tanh", .summary = "Hyperbolic tangent, invertible.",
    .inputs = inputs, .outputs = outputs, .build = tanh_build, .invert = tanh_invert,
};
FEN_PLUGIN(.name = "tanh", .version = "0.1.0", .license = "MIT", .layers = FEN_LIST(&tanh_layer));
