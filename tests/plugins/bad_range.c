/* A range that cannot be read. */
#include "fenchel.h"

static const fen_attribute attributes[] = {{.name = "rate", .type = FEN_ATTR_REAL, .initial = "1", .range = "from 0", .help = "a number"}, FEN_END};
static const fen_port outputs[] = {{.name = "y", .shape = "[;]", .help = "nothing"}, FEN_END};
static void build(fen_builder *b) { (void)b; }
static const fen_function bad = {.name = "bad_range_of_tests", .summary = "Nothing.", .attributes = attributes, .outputs = outputs, .build = build};
FEN_PLUGIN(.name = "bad_range", .version = "1", .license = "MIT", .metrics = FEN_LIST(&bad));
