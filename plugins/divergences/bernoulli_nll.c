/* Negative log-likelihood of bits under independent Bernoulli distributions given by logits, summed over features:
 *   nll = sum softplus(l) - t l,   which is -log(s^t (1 - s)^(1 - t)), s = sigmoid(l), without overflow for any l
 * A target between 0 and 1 (grey values) gives the cross entropy. */
#include "features.h"

static const fen_port inputs[] = {
    {.name = "target", .shape = "[...; ...]", .help = "t, in [0, 1]"},
    {.name = "logits", .shape = "[...; ...]", .help = "l, before the sigmoid"},
    FEN_END
};
static const fen_port outputs[] = {{.name = "value", .shape = "[...;]", .unit = "nats", .help = "one number an example"}, FEN_END};

static void bernoulli_nll_build(fen_builder *b) {
    fen_node *logits = fen_input(b, "logits");
    fen_node *target = with_features_of(b, "bernoulli_nll", "target", fen_input(b, "target"), "logits", logits);
    fen_output(b, "value", fen_sum_features(b, fen_sub(b, fen_softplus(b, logits), fen_mul(b, target, logits))));
}

static const fen_function bernoulli_nll = {
    .name = "bernoulli_nll", .summary = "Negative log-likelihood of bits, from logits.",
    .inputs = inputs, .outputs = outputs, .build = bernoulli_nll_build,
};
FEN_PLUGIN(.name = "bernoulli_nll", .version = "0.1.0", .license = "MIT", .divergences = FEN_LIST(&bernoulli_nll));
