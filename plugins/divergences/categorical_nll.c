/* Negative log-likelihood of a label under a categorical distribution given by logits: nll = logsumexp(l) - l_t */
#include "fenchel.h"

static const fen_port inputs[] = {
    {.name = "target", .shape = "[...;]", .type = FEN_INTEGER, .help = "t, the label, 0 to K - 1"},
    {.name = "logits", .shape = "[...; K]", .help = "l, one a class"},
    FEN_END
};
static const fen_port outputs[] = {{.name = "value", .shape = "[...;]", .unit = "nats", .help = "one number an example"}, FEN_END};

static void categorical_nll_build(fen_builder *b) {
    fen_node *logits = fen_input(b, "logits");
    fen_node *all = fen_reduce(b, FEN_LOGSUMEXP, logits, FEN_CHANNEL);
    fen_output(b, "value", fen_sub(b, all, fen_pick(b, logits, -1, fen_input(b, "target"))));
}

static const fen_function categorical_nll = {
    .name = "categorical_nll", .summary = "Negative log-likelihood of a label, from logits.",
    .inputs = inputs, .outputs = outputs, .build = categorical_nll_build,
};
FEN_PLUGIN(.name = "categorical_nll", .version = "0.1.0", .license = "MIT", .divergences = FEN_LIST(&categorical_nll));
