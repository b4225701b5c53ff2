/* Dropout: in training y = x keep / (1 - rate), keep 1 with probability 1 - rate, fresh for every element, place and draw; else y = x.
 * Source: Srivastava et al. 2014. Scaling in training keeps the mean, so evaluation needs no factor. */
#include "fenchel.h"

static const fen_attribute attributes[] = {
    {.name = "rate", .type = FEN_ATTR_REAL, .initial = "0.5", .range = "[0, 1)", .help = "share of elements set to 0"},
    FEN_END
};
static const fen_port inputs[]  = {{.name = "x", .shape = "[...; ...]", .help = "any value"}, FEN_END};
static const fen_port outputs[] = {{.name = "y", .shape = "[...; ...]", .help = "x, or 0"}, FEN_END};

static void dropout_build(fen_builder *b) {
    fen_node *x = fen_input(b, "x");
    double rate = fen_attr_real(b, "rate");
    if (fen_mode_of(b) == FEN_TRAIN && rate > 0) {
        fen_node *keep = fen_less(b, fen_fill(b, fen_features(0, NULL), rate), fen_uniform(b, "noise", fen_shape_of(x)));
        x = fen_scale(b, fen_mul(b, x, keep), 1 / (1 - rate));
    }
    fen_output(b, "y", x);
}

static const fen_function dropout = {
    .name = "dropout", .summary = "Sets a random share of elements to 0 in training.", .source = "Srivastava et al. 2014",
    .attributes = attributes, .inputs = inputs, .outputs = outputs, .build = dropout_build,
};
FEN_PLUGIN(.name = "dropout", .version = "0.1.0", .license = "MIT", .layers = FEN_LIST(&dropout));
