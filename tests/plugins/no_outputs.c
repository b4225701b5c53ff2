/* A function that promises no output. */
#include "fenchel.h"

static void nothing_build(fen_builder *b) { (void)b; }
static const fen_function nothing = {.name = "nothing_of_tests", .summary = "Nothing.", .build = nothing_build};
FEN_PLUGIN(.name = "no_outputs", .version = "1", .license = "MIT", .layers = FEN_LIST(&nothing));
