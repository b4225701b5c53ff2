/* Embedding: y = row i of a table of parameters.   i: [...; ...] integers   table: [; size, units]   ->   y: [...; ..., units] */
#include "fenchel.h"

static const fen_attribute attributes[] = {
    {.name = "size", .type = FEN_ATTR_INT, .range = "[1, inf)", .help = "rows of the table: indices are 0 to size - 1"},
    {.name = "units", .type = FEN_ATTR_INT, .range = "[1, inf)", .help = "channels of the output"},
    {.name = "init", .type = FEN_ATTR_FUNCTION, .initial = "normal", .help = "how the table starts"},
    FEN_END
};
static const fen_port inputs[]  = {{.name = "i", .shape = "[...; ...]", .type = FEN_INTEGER, .help = "indices, such as labels"}, FEN_END};
static const fen_port outputs[] = {{.name = "y", .shape = "[...; ..., units]", .help = "the rows"}, FEN_END};

static void embedding_build(fen_builder *b) {
    fen_node *table = fen_param(b, "table", fen_matrix(fen_attr_int(b, "size"), fen_attr_int(b, "units")), "init");
    fen_output(b, "y", fen_pick(b, table, 0, fen_input(b, "i")));
}

static const fen_function embedding = {
    .name = "embedding", .summary = "A row of a table of parameters for each integer.",
    .attributes = attributes, .inputs = inputs, .outputs = outputs, .build = embedding_build,
};
FEN_PLUGIN(.name = "embedding", .version = "0.1.0", .license = "MIT", .layers = FEN_LIST(&embedding));
