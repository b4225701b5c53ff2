/* KL(N(m, e^v) | N(m2, e^v2)), independent features, summed: 1/2 sum ((m - m2)^2 e^-v2 + e^(v - v2) - 1 - (v - v2)) */
#include "features.h"

static const fen_port inputs[] = {
    {.name = "mean", .shape = "[...; ...]", .help = "m"},
    {.name = "log_var", .shape = "[...; ...]", .help = "v, the log of the variance"},
    {.name = "mean2", .shape = "[...; ...]", .help = "m2, of the other distribution"},
    {.name = "log_var2", .shape = "[...; ...]", .help = "v2"},
    FEN_END
};
static const fen_port outputs[] = {{.name = "value", .shape = "[...;]", .unit = "nats", .help = "one number an example"}, FEN_END};

static fen_node *read(fen_builder *b, const char *port, fen_node *mean) {
    return with_features_of(b, "kl_normal", port, fen_input(b, port), "mean", mean);
}

static void kl_normal_build(fen_builder *b) {
    fen_node *mean = fen_input(b, "mean"), *log_var = read(b, "log_var", mean), *log_var2 = read(b, "log_var2", mean);
    fen_node *apart = fen_square(b, fen_sub(b, mean, read(b, "mean2", mean)));
    fen_node *ratio = fen_sub(b, log_var, log_var2);
    fen_node *excess = fen_sub(b, fen_expm1(b, ratio), ratio);
    fen_output(b, "value", fen_scale(b, fen_sum_features(b, fen_add(b, fen_mul(b, apart, fen_exp(b, fen_neg(b, log_var2))), excess)), 0.5));
}

static const fen_function kl_normal = {
    .name = "kl_normal", .summary = "KL between two normal distributions.",
    .inputs = inputs, .outputs = outputs, .build = kl_normal_build,
};
FEN_PLUGIN(.name = "kl_normal", .version = "0.1.0", .license = "MIT", .divergences = FEN_LIST(&kl_normal));
