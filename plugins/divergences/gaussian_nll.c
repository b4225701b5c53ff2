/* Negative log-likelihood under independent normal distributions, summed over features:
 *   nll = 1/2 sum ((t - m)^2 exp(-v) + v + log 2 pi),   v the log of the variance */
#include "features.h"

static const double log_2_pi = 1.83787706640934548356;

static const fen_port inputs[] = {
    {.name = "target", .shape = "[...; ...]", .help = "t"},
    {.name = "mean", .shape = "[...; ...]", .help = "m"},
    {.name = "log_var", .shape = "[...; ...]", .initial = "0", .help = "v"},
    FEN_END
};
static const fen_port outputs[] = {{.name = "value", .shape = "[...;]", .unit = "nats", .help = "one number an example"}, FEN_END};

static void gaussian_nll_build(fen_builder *b) {
    fen_node *target = fen_input(b, "target");
    fen_node *mean = with_features_of(b, "gaussian_nll", "mean", fen_input(b, "mean"), "target", target);
    fen_node *log_var = with_features_of(b, "gaussian_nll", "log_var", fen_input(b, "log_var"), "target", target);
    fen_node *bent = fen_mul(b, fen_square(b, fen_sub(b, target, mean)), fen_exp(b, fen_neg(b, log_var)));
    fen_output(b, "value", fen_scale(b, fen_sum_features(b, fen_add(b, bent, fen_shift(b, log_var, log_2_pi))), 0.5));
}

static const fen_function gaussian_nll = {
    .name = "gaussian_nll", .summary = "Negative log-likelihood under independent normal distributions.",
    .inputs = inputs, .outputs = outputs, .build = gaussian_nll_build,
};
FEN_PLUGIN(.name = "gaussian_nll", .version = "0.1.0", .license = "MIT", .divergences = FEN_LIST(&gaussian_nll));
