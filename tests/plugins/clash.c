/* Gives a function under a name that is taken, and one of its own. */
#include "fenchel.h"

static const fen_port inputs[]  = {{.name = "x", .shape = "[...; ...]", .help = "any value"}, FEN_END};
static const fen_port outputs[] = {{.name = "y", .shape = "[...; ...]", .help = "x"}, FEN_END};
static void build(fen_builder *b) { fen_output(b, "y", fen_input(b, "x")); }
static const fen_function taken = {.name = "good_of_tests", .summary = "x itself.", .inputs = inputs, .outputs = outputs, .build = build};
static const fen_function own = {.name = "own_of_tests", .summary = "x itself.", .inputs = inputs, .outputs = outputs, .build = build};
FEN_PLUGIN(.name = "clash", .version = "1", .license = "MIT", .layers = FEN_LIST(&taken, &own));
