/* Bernoulli distribution: integers, 1 with probability p, given as it is or by its logit, p = sigmoid(logit). Its law, in nats. */
#include "fenchel.h"

static const fen_attribute attributes[] = {
    {.name = "shape", .type = FEN_ATTR_SHAPE, .initial = "[]", .help = "features of a draw; not given: those of the inputs"},
    FEN_END
};
static const fen_port inputs[] = {
    {.name = "probability", .shape = "[...; ...]", .optional = true, .help = "p"},
    {.name = "logit", .shape = "[...; ...]", .optional = true, .help = "log(p / (1 - p))"},
    FEN_END
};
static const fen_port outputs[] = {{.name = "value", .shape = "[...; ...]", .type = FEN_INTEGER, .help = "0 or 1"}, FEN_END};

/* log p and log(1 - p); NULL: not asked for. Returns p. */
static fen_node *read(fen_builder *b, fen_node **yes, fen_node **no) {
    fen_node *p = fen_input_or_null(b, "probability"), *logit = fen_input_or_null(b, "logit");
    if (!p == !logit) p = fen_fault(b, "bernoulli: given %s probability and logit; needs one of them", p ? "both" : "neither");
    bool direct = p != NULL;
    if (yes) *yes = direct ? fen_log(b, p) : fen_log_sigmoid(b, logit);
    if (no) *no = direct ? fen_log1p(b, fen_neg(b, p)) : fen_log_sigmoid(b, fen_neg(b, logit));
    return direct ? p : fen_sigmoid(b, logit);
}

static void bernoulli_build(fen_builder *b) {
    fen_node *p = read(b, NULL, NULL);
    fen_output(b, "value", fen_less(b, fen_uniform(b, "noise", fen_draw_shape(b, fen_shape_of(p))), p));
}
/* Where x is 0 or 1 the other side's logarithm may be infinite: it is chosen, not weighed. */
static fen_node *log_density(fen_builder *b, fen_node *x) {
    fen_node *yes, *no, *half = fen_fill(b, fen_features(0, NULL), 0.5);
    read(b, &yes, &no);
    return fen_sum_features(b, fen_where(b, fen_less(b, half, x), yes, no));
}
static fen_node *entropy(fen_builder *b) {
    fen_node *yes, *no, *p = read(b, &yes, &no);
    fen_node *bits = fen_add(b, fen_mul(b, p, yes), fen_mul(b, fen_shift(b, fen_neg(b, p), 1), no));
    return fen_neg(b, fen_sum_features(b, fen_add(b, fen_fill(b, fen_event_shape(b), 0), bits)));
}

static const fen_law law = {.log_density = log_density, .entropy = entropy};
static const fen_function bernoulli = {
    .name = "bernoulli", .summary = "Bits.",
    .attributes = attributes, .inputs = inputs, .outputs = outputs, .build = bernoulli_build, .law = &law,
};
FEN_PLUGIN(.name = "bernoulli", .version = "0.1.0", .license = "MIT", .samplers = FEN_LIST(&bernoulli));
