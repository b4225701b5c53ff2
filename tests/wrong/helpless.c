/* helpless.c: an attribute without help. */
#include "wrong.h"
static const fen_attribute width[] = {{.name = "width", .type = FEN_ATTR_REAL, .initial = "1"}, FEN_END};
static void build(fen_builder *b) { fen_output(b, "y", fen_input(b, "x")); }
static const fen_function helpless = {
    .name = "helpless", .summary = "No help.", .attributes = width, .inputs = x_in, .outputs = y_out, .build = build};
FEN_PLUGIN(.name = "helpless", .version = "0.1.0", .license = "MIT", .layers = FEN_LIST(&helpless));
