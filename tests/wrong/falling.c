/* falling.c: crashes when it is opened. */
#include "wrong.h"
__attribute__((constructor)) static void fall(void) { abort(); }
static void build(fen_builder *b) { fen_output(b, "y", fen_input(b, "x")); }
static const fen_function falling = {.name = "falling", .summary = "Falls.", .inputs = x_in, .outputs = y_out, .build = build};
FEN_PLUGIN(.name = "falling", .version = "0.1.0", .license = "MIT", .layers = FEN_LIST(&falling));
