/* Every element is 1. */
#include "fenchel.h"

static const fen_port outputs[] = {{.name = "value", .shape = "[...; ...]", .help = "1, in the shape asked for"}, FEN_END};

static void ones_build(fen_builder *b) { fen_output(b, "value", fen_fill(b, fen_draw_shape(b, fen_features(0, NULL)), 1)); }

static const fen_function ones = {
    .name = "ones", .summary = "Every element is 1.",
    .outputs = outputs, .build = ones_build,
};
FEN_PLUGIN(.name = "ones", .version = "0.1.0", .license = "MIT", .samplers = FEN_LIST(&ones));
