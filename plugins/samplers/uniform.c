/* Uniform distribution on (low, high): x = low + (high - low) u. Its law, in nats: -log(high - low) within, no density outside. */
#include "fenchel.h"
#include <math.h>

static const fen_attribute attributes[] = {
    {.name = "shape", .type = FEN_ATTR_SHAPE, .initial = "[]", .help = "features of a draw; not given: those of the inputs"},
    FEN_END
};
static const fen_port inputs[] = {
    {.name = "low", .shape = "[...; ...]", .initial = "0", .help = "lower end"},
    {.name = "high", .shape = "[...; ...]", .initial = "1", .help = "upper end"},
    FEN_END
};
static const fen_port outputs[] = {{.name = "value", .shape = "[...; ...]", .help = "the draw"}, FEN_END};

static fen_node *width(fen_builder *b) { return fen_sub(b, fen_input(b, "high"), fen_input(b, "low")); }
static fen_node *quantile(fen_builder *b, fen_node *u) { return fen_add(b, fen_input(b, "low"), fen_mul(b, u, width(b))); }
static fen_node *number(fen_builder *b, double x) { return fen_fill(b, fen_features(0, NULL), x); }

static void uniform_build(fen_builder *b) {
    fen_node *u = fen_uniform(b, "noise", fen_draw_shape(b, fen_shape_of(width(b))));
    fen_output(b, "value", quantile(b, u));
}
static fen_node *log_density(fen_builder *b, fen_node *x) {
    fen_node *below = fen_less(b, x, fen_input(b, "low")), *above = fen_less(b, fen_input(b, "high"), x);
    return fen_sum_features(b, fen_where(b, fen_max(b, below, above), number(b, -INFINITY), fen_neg(b, fen_log(b, width(b)))));
}
static fen_node *cdf(fen_builder *b, fen_node *x) {
    fen_node *u = fen_div(b, fen_sub(b, x, fen_input(b, "low")), width(b));
    return fen_min(b, fen_max(b, u, number(b, 0)), number(b, 1));
}
static fen_node *entropy(fen_builder *b) { return fen_sum_features(b, fen_add(b, fen_fill(b, fen_event_shape(b), 0), fen_log(b, width(b)))); }

static const fen_law law = {.log_density = log_density, .cdf = cdf, .quantile = quantile, .entropy = entropy};
static const fen_function uniform = {
    .name = "uniform", .summary = "Uniform distribution.",
    .attributes = attributes, .inputs = inputs, .outputs = outputs, .build = uniform_build, .law = &law,
};
FEN_PLUGIN(.name = "uniform", .version = "0.1.0", .license = "MIT", .samplers = FEN_LIST(&uniform));
