/* my_plugin: the logistic distribution. Draws x = m + s log(u / (1 - u)), u uniform; its law, in nats, r = (x - m) / s:
 *   log p = -r - 2 log(1 + exp(-r)) - log s,   P(X < x) = sigmoid(r),   quantile(p) = m + s log(p / (1 - p)),   entropy = log s + 2
 * Source: the paper and the equation; this one is in any textbook.
 *
 * A file has always this order: head comment, attributes, inputs, outputs, build, law, descriptor. `fenchel describe my_plugin` reads the tables. */
#include "fenchel.h"

/* `shape` is an attribute that fen_draw_shape knows: the features of a draw. Without it they are those of the inputs. */
static const fen_attribute attributes[] = {
    {.name = "shape", .type = FEN_ATTR_SHAPE, .initial = "[]", .help = "features of a draw; not given: those of the inputs"},
    FEN_END
};
/* Parameters of the law are inputs: they may be numbers, or values of the graph that are trained, and gradients flow to them. */
static const fen_port inputs[] = {
    {.name = "mean", .shape = "[...; ...]", .initial = "0", .help = "m"},
    {.name = "scale", .shape = "[...; ...]", .initial = "1", .help = "s, above 0"},
    FEN_END
};
static const fen_port outputs[] = {{.name = "value", .shape = "[...; ...]", .help = "the draw"}, FEN_END};

/* log(p / (1 - p)) */
static fen_node *logit(fen_builder *b, fen_node *p) { return fen_sub(b, fen_log(b, p), fen_log1p(b, fen_neg(b, p))); }

/* m + s logit(p) */
static fen_node *at(fen_builder *b, fen_node *p) {
    return fen_add(b, fen_input(b, "mean"), fen_mul(b, fen_input(b, "scale"), logit(b, p)));
}
static fen_node *reduced(fen_builder *b, fen_node *x) {
    return fen_div(b, fen_sub(b, x, fen_input(b, "mean")), fen_input(b, "scale"));
}

/* Noise has a name within the call: two noises in one build have two names. It is the same in single and double precision. */
static void my_plugin_build(fen_builder *b) {
    fen_shape like = fen_shape_of(fen_add(b, fen_input(b, "mean"), fen_input(b, "scale")));
    fen_output(b, "value", at(b, fen_uniform(b, "noise", fen_draw_shape(b, like))));
}

/* The law reads the same inputs and attributes. log_density is summed over the features of an event, cdf and quantile are not. */
static fen_node *my_plugin_log_density(fen_builder *b, fen_node *x) {
    fen_node *r = reduced(b, x);
    fen_node *bits = fen_add(b, r, fen_scale(b, fen_softplus(b, fen_neg(b, r)), 2));
    return fen_neg(b, fen_sum_features(b, fen_add(b, bits, fen_log(b, fen_input(b, "scale")))));
}
static fen_node *my_plugin_cdf(fen_builder *b, fen_node *x) { return fen_sigmoid(b, reduced(b, x)); }
static fen_node *my_plugin_quantile(fen_builder *b, fen_node *u) { return at(b, u); }
static fen_node *my_plugin_entropy(fen_builder *b) {
    fen_node *one = fen_shift(b, fen_log(b, fen_input(b, "scale")), 2);
    return fen_sum_features(b, fen_add(b, fen_fill(b, fen_event_shape(b), 0), one));         /* once for each feature of an event */
}

/* Leave out what has no closed form; a sampler without law has no .law. */
static const fen_law law = {
    .log_density = my_plugin_log_density, .cdf = my_plugin_cdf, .quantile = my_plugin_quantile, .entropy = my_plugin_entropy,
};
static const fen_function my_plugin_sampler = {
    .name = "my_plugin", .summary = "Logistic distribution.",
    .attributes = attributes, .inputs = inputs, .outputs = outputs, .build = my_plugin_build, .law = &law,
};
FEN_PLUGIN(.name = "my_plugin", .version = "0.1.0", .license = "MIT", .samplers = FEN_LIST(&my_plugin_sampler));
