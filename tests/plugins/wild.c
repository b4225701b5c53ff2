/* A table that lies nowhere. */
#include "fenchel.h"

static const fen_port outputs[] = {{.name = "y", .shape = "[;]", .help = "nothing"}, FEN_END};
static void build(fen_builder *b) { (void)b; }
static const fen_function wild = {
    .name = "wild_of_tests", .summary = "Nothing.", .attributes = (const fen_attribute *)8, .outputs = outputs, .build = build,
};
FEN_PLUGIN(.name = "wild", .version = "1", .license = "MIT", .layers = FEN_LIST(&wild));
