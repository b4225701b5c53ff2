/* All features in one: [...; h, w, c] -> [...; h w c], row by row. Invertible: only labels change, log|det| = 0. */
#include "fenchel.h"

static const fen_port inputs[]  = {{.name = "x", .shape = "[...; ...]", .help = "any value"}, FEN_END};
static const fen_port outputs[] = {{.name = "y", .shape = "[...; C]", .help = "its features as one vector"}, FEN_END};

static void flatten_build(fen_builder *b) {
    fen_node *x = fen_input(b, "x");
    fen_shape s = fen_shape_of(x);
    fen_output(b, "y", fen_reshape(b, x, fen_vector(fen_row_size(&s))));
}
static void flatten_invert(fen_builder *b) { fen_output(b, "x", fen_reshape(b, fen_input(b, "y"), fen_forward_shape(b, "x"))); }

static const fen_function flatten = {
    .name = "flatten", .summary = "Features as one vector, invertible.",
    .inputs = inputs, .outputs = outputs, .build = flatten_build, .invert = flatten_invert,
};
FEN_PLUGIN(.name = "flatten", .version = "0.1.0", .license = "MIT", .layers = FEN_LIST(&flatten));
