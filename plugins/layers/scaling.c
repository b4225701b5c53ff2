/* Diagonal scaling of the channel: y = x exp(s),  s: [; C] parameters.   log|det| = (number of places) sum s
 * Source: Dinh, Krueger, Bengio 2015, arXiv 1410.8516, section 3.3. */
#include "fenchel.h"

static const fen_attribute attributes[] = {
    {.name = "init", .type = FEN_ATTR_FUNCTION, .initial = "zeros", .help = "how s starts"},
    FEN_END
};
static const fen_port inputs[]  = {{.name = "x", .shape = "[...; ..., C]", .help = "any value"}, FEN_END};
static const fen_port outputs[] = {{.name = "y", .shape = "[...; ..., C]", .help = "x exp(s)"}, FEN_END};

static fen_node *log_scale(fen_builder *b, fen_node *x) { return fen_param(b, "log_scale", fen_vector(fen_feature(x, -1)), "init"); }

static void scaling_build(fen_builder *b) {
    fen_node *x = fen_input(b, "x"), *s = log_scale(b, x);
    fen_shape shape = fen_shape_of(x);
    fen_output(b, "y", fen_mul(b, x, fen_exp(b, s)));
    fen_log_det_add(b, fen_scale(b, fen_sum_features(b, s), (double)(fen_row_size(&shape) / fen_feature(x, -1))));
}
static void scaling_invert(fen_builder *b) {
    fen_node *y = fen_input(b, "y");
    fen_output(b, "x", fen_mul(b, y, fen_exp(b, fen_neg(b, log_scale(b, y)))));
}

static const fen_function scaling = {
    .name = "scaling", .summary = "Diagonal scaling of the channel, invertible.", .source = "Dinh, Krueger, Bengio 2015, arXiv 1410.8516",
    .attributes = attributes, .inputs = inputs, .outputs = outputs, .build = scaling_build, .invert = scaling_invert,
};
FEN_PLUGIN(.name = "scaling", .version = "0.1.0", .license = "MIT", .layers = FEN_LIST(&scaling));
