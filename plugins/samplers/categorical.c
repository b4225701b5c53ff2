/* Categorical distribution: integers 0 to K - 1, by probabilities, by weights that need not add up to 1, or by logits. Its law, in nats. */
#include "choice.h"

static const fen_attribute attributes[] = {
    {.name = "shape", .type = FEN_ATTR_SHAPE, .initial = "[]", .help = "features of a draw"},
    FEN_END
};
static const fen_port inputs[] = {
    {.name = "probabilities", .shape = "[...; K]", .optional = true, .help = "add up to 1"},
    {.name = "weights", .shape = "[...; K]", .optional = true, .help = "not negative; are divided by their sum"},
    {.name = "logits", .shape = "[...; K]", .optional = true, .help = "logarithms of weights"},
    FEN_END
};
static const fen_port outputs[] = {{.name = "value", .shape = "[...; ...]", .type = FEN_INTEGER, .help = "the draw"}, FEN_END};

/* x with one more feature of size 1 behind, which stretches over the classes. */
static fen_node *per_row(fen_builder *b, fen_node *x) { return fen_reshape(b, x, fen_vector(1)); }

/* log p: [...; K] */
static fen_node *log_probabilities(fen_builder *b) {
    fen_node *p = fen_input_or_null(b, "probabilities"), *w = fen_input_or_null(b, "weights"), *l = fen_input_or_null(b, "logits");
    if (!!p + !!w + !!l != 1) return fen_fault(b, "categorical: given %d of probabilities, weights, logits; needs one of them", !!p + !!w + !!l);
    if (l) return fen_sub(b, l, per_row(b, fen_reduce(b, FEN_LOGSUMEXP, l, FEN_CHANNEL)));
    if (w) return fen_log(b, fen_div(b, w, per_row(b, fen_reduce(b, FEN_SUM, w, FEN_CHANNEL))));
    return fen_log(b, p);
}

static void categorical_build(fen_builder *b) {
    fen_node *p = fen_exp(b, log_probabilities(b));
    fen_node *u = fen_uniform(b, "noise", fen_draw_shape(b, fen_features(0, NULL)));
    fen_output(b, "value", choose(b, p, u, fen_axis_new(b, fen_feature(p, -1))));
}
static fen_node *log_density(fen_builder *b, fen_node *x) { return fen_sum_features(b, fen_pick(b, log_probabilities(b), -1, x)); }
/* p log p with 0 log 0 = 0. */
static fen_node *entropy(fen_builder *b) {
    fen_node *l = log_probabilities(b), *zero = fen_fill(b, fen_features(0, NULL), 0);
    fen_node *never = fen_less(b, l, fen_fill(b, fen_features(0, NULL), -1e300));
    fen_node *one = fen_neg(b, fen_sum_features(b, fen_mul(b, fen_exp(b, l), fen_where(b, never, zero, l))));
    fen_shape event = fen_event_shape(b);
    return fen_scale(b, one, (double)fen_row_size(&event));
}

static const fen_law law = {.log_density = log_density, .entropy = entropy};
static const fen_function categorical = {
    .name = "categorical", .summary = "One of K, as an integer.",
    .attributes = attributes, .inputs = inputs, .outputs = outputs, .build = categorical_build, .law = &law,
};
FEN_PLUGIN(.name = "categorical", .version = "0.1.0", .license = "MIT", .samplers = FEN_LIST(&categorical));
