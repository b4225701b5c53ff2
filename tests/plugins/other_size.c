/* Built against headers in which fen_op had one more field. */
#include "fenchel.h"

extern const fen_plugin fen_plugin_entry;
const fen_plugin fen_plugin_entry = {
    .abi = {FEN_MAGIC, FEN_ABI_VERSION, {sizeof(fen_shape), sizeof(fen_attribute), sizeof(fen_port), sizeof(fen_law), sizeof(fen_conjugate),
            sizeof(fen_function), sizeof(fen_draw), sizeof(fen_chain), sizeof(fen_op) + 8, sizeof(fen_node), sizeof(fen_plugin)}},
    .name = "other_size", .version = "1", .license = "MIT",
};
