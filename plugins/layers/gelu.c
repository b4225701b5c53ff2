/* GELU: y = x P(x), P the standard normal distribution function, in its exact form by erf. Source: Hendrycks, Gimpel 2016, arXiv 1606.08415. */
#include "fenchel.h"

static const double sqrt_half = 0.70710678118654752440;

static const fen_port inputs[]  = {{.name = "x", .shape = "[...; ...]", .help = "any value"}, FEN_END};
static const fen_port outputs[] = {{.name = "y", .shape = "[...; ...]", .help = "x P(x)"}, FEN_END};

static void gelu_build(fen_builder *b) {
    fen_node *x = fen_input(b, "x");
    fen_node *twice = fen_shift(b, fen_erf(b, fen_scale(b, x, sqrt_half)), 1);
    fen_output(b, "y", fen_scale(b, fen_mul(b, x, twice), 0.5));
}

static const fen_function gelu = {
    .name = "gelu", .summary = "Gaussian error linear unit.", .source = "Hendrycks, Gimpel 2016, arXiv 1606.08415",
    .inputs = inputs, .outputs = outputs, .build = gelu_build,
};
FEN_PLUGIN(.name = "gelu", .version = "0.1.0", .license = "MIT", .layers = FEN_LIST(&gelu));
