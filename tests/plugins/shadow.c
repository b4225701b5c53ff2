/* Gives a function under the name of a built-in one. */
#include "fenchel.h"

static const fen_port inputs[]  = {{.name = "x", .shape = "[...; ...]", .help = "any value"}, FEN_END};
static const fen_port outputs[] = {{.name = "y", .shape = "[...; ...]", .help = "x"}, FEN_END};
static void build(fen_builder *b) { fen_output(b, "y", fen_input(b, "x")); }
static const fen_function shadow = {.name = "relu", .summary = "Another relu.", .inputs = inputs, .outputs = outputs, .build = build};
FEN_PLUGIN(.name = "shadow", .version = "1", .license = "MIT", .layers = FEN_LIST(&shadow));
