/* ELU: y = x where x > 0, alpha (e^x - 1) elsewhere. Source: Clevert, Unterthiner, Hochreiter 2016, arXiv 1511.07289.
 * The exponential sees min(x, 0) only, so a large x cannot make it overflow and its gradient 0 * inf. */
#include "fenchel.h"

static const fen_attribute attributes[] = {
    {.name = "alpha", .type = FEN_ATTR_REAL, .initial = "1", .range = "(0, inf)", .help = "-alpha is what y tends to"},
    FEN_END
};
static const fen_port inputs[]  = {{.name = "x", .shape = "[...; ...]", .help = "any value"}, FEN_END};
static const fen_port outputs[] = {{.name = "y", .shape = "[...; ...]", .help = "x or alpha (e^x - 1)"}, FEN_END};

static void elu_build(fen_builder *b) {
    fen_node *x = fen_input(b, "x"), *zero = fen_fill(b, fen_features(0, NULL), 0);
    fen_node *above = fen_less(b, zero, x);
    fen_node *below = fen_scale(b, fen_expm1(b, fen_where(b, above, zero, x)), fen_attr_real(b, "alpha"));
    fen_output(b, "y", fen_where(b, above, x, below));
}

static const fen_function elu = {
    .name = "elu", .summary = "Exponential linear unit.", .source = "Clevert, Unterthiner, Hochreiter 2016, arXiv 1511.07289",
    .attributes = attributes, .inputs = inputs, .outputs = outputs, .build = elu_build,
};
FEN_PLUGIN(.name = "elu", .version = "0.1.0", .license = "MIT", .layers = FEN_LIST(&elu));
