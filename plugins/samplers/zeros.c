/* Every element is 0. */
#include "fenchel.h"

static const fen_port outputs[] = {{.name = "value", .shape = "[...; ...]", .help = "0, in the shape asked for"}, FEN_END};

static void zeros_build(fen_builder *b) { fen_output(b, "value", fen_fill(b, fen_draw_shape(b, fen_features(0, NULL)), 0)); }

static const fen_function zeros = {
    .name = "zeros", .summary = "Every element is 0.",
    .outputs = outputs, .build = zeros_build,
};
FEN_PLUGIN(.name = "zeros", .version = "0.1.0", .license = "MIT", .samplers = FEN_LIST(&zeros));
