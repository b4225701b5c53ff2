/* A module without faults: the others differ from it in one thing each. */
#include "fenchel.h"

static const fen_port inputs[]  = {{.name = "x", .shape = "[...; ...]", .help = "any value"}, FEN_END};
static const fen_port outputs[] = {{.name = "y", .shape = "[...; ...]", .help = "x"}, FEN_END};
static void good_build(fen_builder *b) { fen_output(b, "y", fen_input(b, "x")); }
static const fen_function good = {.name = "good_of_tests", .summary = "x itself.", .inputs = inputs, .outputs = outputs, .build = good_build};
FEN_PLUGIN(.name = "good", .version = "1", .license = "MIT", .layers = FEN_LIST(&good));
