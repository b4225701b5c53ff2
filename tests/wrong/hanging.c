/* hanging.c: a build that never ends where an attribute is large. */
#include "wrong.h"

static const fen_attribute size[] = {{.name = "size", .type = FEN_ATTR_INT, .initial = "2", .range = "[1, inf)", .help = "how many"}, FEN_END};
static void hanging_build(fen_builder *b) {
    for (volatile int64_t i = fen_attr_int(b, "size"); i > 90000;) {}
    fen_output(b, "y", fen_input(b, "x"));
}
static const fen_function hanging = {
    .name = "hanging", .summary = "Never ends where size is large.", .attributes = size, .inputs = x_in, .outputs = y_out, .build = hanging_build};
FEN_PLUGIN(.name = "hanging", .version = "0.1.0", .license = "MIT", .layers = FEN_LIST(&hanging));
