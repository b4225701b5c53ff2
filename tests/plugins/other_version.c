/* A later version of the interface; its sizes must not be looked at. */
#include "fenchel.h"

extern const fen_plugin fen_plugin_entry;
const fen_plugin fen_plugin_entry = {.abi = {FEN_MAGIC, FEN_ABI_VERSION + 1, {0}}, .name = "other_version", .version = "1", .license = "MIT"};
