/* KL(N(m, e^v) | N(0, 1)), independent features, summed: 1/2 sum (m^2 + e^v - 1 - v). Source: Kingma, Welling 2014, arXiv 1312.6114, appendix B. */
#include "features.h"

static const fen_port inputs[] = {
    {.name = "mean", .shape = "[...; ...]", .help = "m"},
    {.name = "log_var", .shape = "[...; ...]", .help = "v, the log of the variance"},
    FEN_END
};
static const fen_port outputs[] = {{.name = "value", .shape = "[...;]", .unit = "nats", .help = "one number an example"}, FEN_END};

static void kl_standard_normal_build(fen_builder *b) {
    fen_node *mean = fen_input(b, "mean");
    fen_node *log_var = with_features_of(b, "kl_standard_normal", "log_var", fen_input(b, "log_var"), "mean", mean);
    fen_node *excess = fen_sub(b, fen_expm1(b, log_var), log_var);
    fen_output(b, "value", fen_scale(b, fen_sum_features(b, fen_add(b, fen_square(b, mean), excess)), 0.5));
}

static const fen_function kl_standard_normal = {
    .name = "kl_standard_normal", .summary = "KL from a normal distribution to the standard one.", .source = "Kingma, Welling 2014, arXiv 1312.6114",
    .inputs = inputs, .outputs = outputs, .build = kl_standard_normal_build,
};
FEN_PLUGIN(.name = "kl_standard_normal", .version = "0.1.0", .license = "MIT", .divergences = FEN_LIST(&kl_standard_normal));
