/* Other feature axes with as many elements, in the same order: [...; 784] -> [...; 28, 28, 1]. Invertible, log|det| = 0. */
#include "fenchel.h"

static const fen_attribute attributes[] = {
    {.name = "shape", .type = FEN_ATTR_SHAPE, .help = "the new features; leading axes stay"},
    FEN_END
};
static const fen_port inputs[]  = {{.name = "x", .shape = "[...; ...]", .help = "any value"}, FEN_END};
static const fen_port outputs[] = {{.name = "y", .shape = "[...; ...]", .help = "the same elements"}, FEN_END};

static void reshape_build(fen_builder *b)  { fen_output(b, "y", fen_reshape(b, fen_input(b, "x"), fen_attr_shape(b, "shape"))); }
static void reshape_invert(fen_builder *b) { fen_output(b, "x", fen_reshape(b, fen_input(b, "y"), fen_forward_shape(b, "x"))); }

static const fen_function reshape = {
    .name = "reshape", .summary = "Other feature axes, invertible.",
    .attributes = attributes, .inputs = inputs, .outputs = outputs, .build = reshape_build, .invert = reshape_invert,
};
FEN_PLUGIN(.name = "reshape", .version = "0.1.0", .license = "MIT", .layers = FEN_LIST(&reshape));
