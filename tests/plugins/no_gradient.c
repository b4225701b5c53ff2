/* An optimizer that takes no gradient. */
#include "fenchel.h"

static const fen_port inputs[]  = {{.name = "parameter", .shape = "[; ...]", .help = "p"}, FEN_END};
static const fen_port outputs[] = {{.name = "next", .shape = "[; ...]", .help = "p"}, FEN_END};
static void build(fen_builder *b) { fen_output(b, "next", fen_input(b, "parameter")); }
static const fen_function still = {.name = "still_of_tests", .summary = "p itself.", .inputs = inputs, .outputs = outputs, .build = build};
FEN_PLUGIN(.name = "no_gradient", .version = "1", .license = "MIT", .optimizers = FEN_LIST(&still));
