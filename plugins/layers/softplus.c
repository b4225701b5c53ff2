/* Softplus: y = log(1 + e^x), elementwise; a smooth rectifier. */
#include "fenchel.h"

static const fen_port inputs[]  = {{.name = "x", .shape = "[...; ...]", .help = "any value"}, FEN_END};
static const fen_port outputs[] = {{.name = "y", .shape = "[...; ...]", .help = "log(1 + e^x)"}, FEN_END};

static void softplus_build(fen_builder *b) {
    fen_node *x = fen_input(b, "x");
    fen_output(b, "y", fen_softplus(b, x));
}

static const fen_function softplus = {
    .name = "softplus", .summary = "Smooth rectifier.",
    .inputs = inputs, .outputs = outputs, .build = softplus_build,
};
FEN_PLUGIN(.name = "softplus", .version = "0.1.0", .license = "MIT", .layers = FEN_LIST(&softplus));
