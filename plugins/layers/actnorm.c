/* Activation normalisation: y = (x + bias) exp(s), per channel, started so that y of the first draw has mean 0 and deviation 1:
 *   bias = -mean x,   s = -log(deviation of x + 1e-6),   over leading axes and places.   log|det| = (number of places) sum s
 * Source: Kingma, Dhariwal 2018, arXiv 1807.03039, section 3.1. */
#include "fenchel.h"

static const fen_port inputs[]  = {{.name = "x", .shape = "[...; ..., C]", .help = "any value"}, FEN_END};
static const fen_port outputs[] = {{.name = "y", .shape = "[...; ..., C]", .help = "(x + bias) exp(s)"}, FEN_END};

static void actnorm_build(fen_builder *b) {
    fen_node *x = fen_input(b, "x");
    fen_shape shape = fen_shape_of(x);
    fen_node *mean = fen_reduce(b, FEN_MEAN, x, FEN_ALL_BUT_CHANNEL);
    fen_node *variance = fen_reduce(b, FEN_MEAN, fen_square(b, fen_sub(b, x, mean)), FEN_ALL_BUT_CHANNEL);
    fen_node *bias = fen_param_from(b, "bias", fen_neg(b, mean));
    fen_node *s = fen_param_from(b, "log_scale", fen_neg(b, fen_log(b, fen_shift(b, fen_sqrt(b, variance), 1e-6))));
    fen_output(b, "y", fen_mul(b, fen_add(b, x, bias), fen_exp(b, s)));
    fen_log_det_add(b, fen_scale(b, fen_sum_features(b, s), (double)(fen_row_size(&shape) / fen_feature(x, -1))));
}
/* The parameters are there: the forward call made them, so what they would start from is not read. */
static void actnorm_invert(fen_builder *b) {
    fen_node *y = fen_input(b, "y"), *start = fen_fill(b, fen_vector(fen_feature(y, -1)), 0);
    fen_node *bias = fen_param_from(b, "bias", start), *s = fen_param_from(b, "log_scale", start);
    fen_output(b, "x", fen_sub(b, fen_mul(b, y, fen_exp(b, fen_neg(b, s))), bias));
}

static const fen_function actnorm = {
    .name = "actnorm", .summary = "Scale and shift that start from the first draw, invertible.", .source = "Kingma, Dhariwal 2018, arXiv 1807.03039",
    .inputs = inputs, .outputs = outputs, .build = actnorm_build, .invert = actnorm_invert,
};
FEN_PLUGIN(.name = "actnorm", .version = "0.1.0", .license = "MIT", .layers = FEN_LIST(&actnorm));
