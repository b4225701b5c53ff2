/* Logistic sigmoid: y = 1 / (1 + e^-x).   x = log y - log(1 - y);   log|det| = sum (log y + log(1 - y)) */
#include "fenchel.h"

static const fen_port inputs[]  = {{.name = "x", .shape = "[...; ...]", .help = "any value"}, FEN_END};
static const fen_port outputs[] = {{.name = "y", .shape = "[...; ...]", .help = "1 / (1 + e^-x), in (0, 1)"}, FEN_END};

static void sigmoid_build(fen_builder *b) {
    fen_node *x = fen_input(b, "x");
    fen_output(b, "y", fen_sigmoid(b, x));
    fen_log_det_add(b, fen_sum_features(b, fen_add(b, fen_log_sigmoid(b, x), fen_log_sigmoid(b, fen_neg(b, x)))));
}
static void sigmoid_invert(fen_builder *b) {
    fen_node *y = fen_input(b, "y");
    fen_output(b, "x", fen_sub(b, fen_log(b, y), fen_log1p(b, fen_neg(b, y))));
}

static const fen_function sigmoid = {
    .name = "sigmoid", .summary = "Logistic sigmoid, invertible.",
    .inputs = inputs, .outputs = outputs, .build = sigmoid_build, .invert = sigmoid_invert,
};
FEN_PLUGIN(.name = "sigmoid", .version = "0.1.0", .license = "MIT", .layers = FEN_LIST(&sigmoid));
