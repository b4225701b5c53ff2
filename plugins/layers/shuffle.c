/* The examples of a draw in another order: one random permutation of the batch axis a draw, the same for all features. */
#include "fenchel.h"

static const fen_port inputs[]  = {{.name = "x", .shape = "[...; ...]", .help = "a value with the batch axis"}, FEN_END};
static const fen_port outputs[] = {{.name = "y", .shape = "[...; ...]", .help = "the same examples in another order"}, FEN_END};

static void shuffle_build(fen_builder *b) {
    fen_node *order = fen_permutation(b, "order", FEN_BATCH);
    fen_output(b, "y", fen_gather(b, fen_input(b, "x"), FEN_BATCH, order));
}

static const fen_function shuffle = {
    .name = "shuffle", .summary = "Random order of the batch.",
    .inputs = inputs, .outputs = outputs, .build = shuffle_build,
};
FEN_PLUGIN(.name = "shuffle", .version = "0.1.0", .license = "MIT", .layers = FEN_LIST(&shuffle));
