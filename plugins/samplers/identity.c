/* Start of square weights: 1 where the last two features are equal, 0 elsewhere. */
#include "fenchel.h"

static const fen_port outputs[] = {{.name = "value", .shape = "[...; ..., N, M]", .help = "the matrix, in the shape of the parameter"}, FEN_END};

static void identity_build(fen_builder *b) {
    fen_shape s = fen_draw_shape(b, fen_features(0, NULL));
    fen_node *zero = fen_fill(b, s, 0);
    if (s.rank - s.leads < 2) zero = fen_fault(b, "identity: asked for %d feature axes; needs a matrix, as shape [2, 2]", s.rank - s.leads);
    fen_node *one = fen_equal(b, fen_feature_coordinate(b, zero, -2), fen_feature_coordinate(b, zero, -1));
    fen_output(b, "value", fen_add(b, zero, one));
}

static const fen_function identity = {
    .name = "identity", .summary = "The unit matrix.",
    .outputs = outputs, .build = identity_build,
};
FEN_PLUGIN(.name = "identity", .version = "0.1.0", .license = "MIT", .samplers = FEN_LIST(&identity));
