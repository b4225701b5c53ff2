/* Rectifier: y = max(x, 0), elementwise. */
#include "fenchel.h"

static const fen_port inputs[]  = {{.name = "x", .shape = "[...; ...]", .help = "any value"}, FEN_END};
static const fen_port outputs[] = {{.name = "y", .shape = "[...; ...]", .help = "max(x, 0)"}, FEN_END};

static void relu_build(fen_builder *b) {
    fen_node *x = fen_input(b, "x");
    fen_output(b, "y", fen_relu(b, x));
}

static const fen_function relu = {
    .name = "relu", .summary = "Rectifier.",
    .inputs = inputs, .outputs = outputs, .build = relu_build,
};
FEN_PLUGIN(.name = "relu", .version = "0.1.0", .license = "MIT", .layers = FEN_LIST(&relu));
