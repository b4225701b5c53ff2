/* Calls a function that no library has. */
#include "fenchel.h"

void fen_test_nowhere(fen_builder *b);
static const fen_port outputs[] = {{.name = "y", .shape = "[...; ...]", .help = "nothing"}, FEN_END};
static const fen_function undefined = {.name = "undefined_of_tests", .summary = "Nothing.", .outputs = outputs, .build = fen_test_nowhere};
FEN_PLUGIN(.name = "undefined", .version = "1", .license = "MIT", .layers = FEN_LIST(&undefined));
