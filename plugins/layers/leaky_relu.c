/* Leaky rectifier: y = x where x > 0, slope x elsewhere.   x = y or y / slope;   log|det| = log(slope) (number of x <= 0)
 * Source: Maas, Hannun, Ng 2013. */
#include "fenchel.h"
#include <math.h>

static const fen_attribute attributes[] = {
    {.name = "slope", .type = FEN_ATTR_REAL, .initial = "0.01", .range = "(0, inf)", .help = "slope below 0"},
    FEN_END
};
static const fen_port inputs[]  = {{.name = "x", .shape = "[...; ...]", .help = "any value"}, FEN_END};
static const fen_port outputs[] = {{.name = "y", .shape = "[...; ...]", .help = "x or slope x"}, FEN_END};

static void leaky_relu_build(fen_builder *b) {
    fen_node *x = fen_input(b, "x"), *zero = fen_fill(b, fen_features(0, NULL), 0);
    double slope = fen_attr_real(b, "slope");
    fen_output(b, "y", fen_leaky_relu(b, x, slope));
    fen_log_det_add(b, fen_sum_features(b, fen_where(b, fen_less(b, zero, x), zero, fen_fill(b, fen_features(0, NULL), log(slope)))));
}
static void leaky_relu_invert(fen_builder *b) { fen_output(b, "x", fen_leaky_relu(b, fen_input(b, "y"), 1 / fen_attr_real(b, "slope"))); }

static const fen_function leaky_relu = {
    .name = "leaky_relu", .summary = "Leaky rectifier, invertible.", .source = "Maas, Hannun, Ng 2013",
    .attributes = attributes, .inputs = inputs, .outputs = outputs, .build = leaky_relu_build, .invert = leaky_relu_invert,
};
FEN_PLUGIN(.name = "leaky_relu", .version = "0.1.0", .license = "MIT", .layers = FEN_LIST(&leaky_relu));
