/* The mark of another program. */
#include "fenchel.h"

extern const fen_plugin fen_plugin_entry;
const fen_plugin fen_plugin_entry = {.abi = {1, FEN_ABI_VERSION, {0}}, .name = "other_mark", .version = "1", .license = "MIT"};
