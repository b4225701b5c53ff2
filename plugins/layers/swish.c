/* Swish (SiLU): y = x sigmoid(x), elementwise. Source: Ramachandran, Zoph, Le 2017, arXiv 1710.05941. */
#include "fenchel.h"

static const fen_port inputs[]  = {{.name = "x", .shape = "[...; ...]", .help = "any value"}, FEN_END};
static const fen_port outputs[] = {{.name = "y", .shape = "[...; ...]", .help = "x sigmoid(x)"}, FEN_END};

static void swish_build(fen_builder *b) {
    fen_node *x = fen_input(b, "x");
    fen_output(b, "y", fen_mul(b, x, fen_sigmoid(b, x)));
}

static const fen_function swish = {
    .name = "swish", .summary = "Swish, also called SiLU.", .source = "Ramachandran, Zoph, Le 2017, arXiv 1710.05941",
    .inputs = inputs, .outputs = outputs, .build = swish_build,
};
FEN_PLUGIN(.name = "swish", .version = "0.1.0", .license = "MIT", .layers = FEN_LIST(&swish));
