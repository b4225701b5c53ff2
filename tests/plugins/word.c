/* A function under a name of the language. */
#include "fenchel.h"

static const fen_port inputs[]  = {{.name = "x", .shape = "[...; ...]", .help = "any value"}, FEN_END};
static const fen_port outputs[] = {{.name = "y", .shape = "[...; ...]", .help = "x"}, FEN_END};
static void build(fen_builder *b) { fen_output(b, "y", fen_input(b, "x")); }
static const fen_function word = {.name = "sum", .summary = "x itself.", .inputs = inputs, .outputs = outputs, .build = build};
FEN_PLUGIN(.name = "word", .version = "1", .license = "MIT", .layers = FEN_LIST(&word));
