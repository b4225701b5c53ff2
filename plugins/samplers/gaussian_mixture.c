/* Mixture of normal distributions with independent features: p(x) = sum_k w_k N(x; c_k, diag s_k^2). Its law, in nats; the cdf in
 * one dimension; entropy: see mixture.h for its error. */
#include "mixture.h"

static const fen_port inputs[] = {
    {.name = "means", .shape = "[; K, D]", .help = "c, one row a component"},
    {.name = "sd", .shape = "[; ...]", .initial = "1", .help = "s: a number, one a component, or [K, D]"},
    {.name = "weights", .shape = "[; K]", .optional = true, .help = "w, are divided by their sum; not given: equal"},
    FEN_END
};
static const fen_port outputs[] = {{.name = "value", .shape = "[...; D]", .help = "the draw"}, FEN_END};

static mixture read(fen_builder *b) {
    fen_node *means = fen_input(b, "means"), *sd = fen_input(b, "sd"), *weights = fen_input_or_null(b, "weights");
    int64_t n = fen_feature(means, 0);
    fen_shape s = fen_shape_of(sd);
    mixture m = {.mode = fen_axis_new(b, n)};
    m.centre = fen_name(b, means, m.mode);
    if (s.rank > 0 && s.size[0] != n) sd = fen_fault(b, "gaussian_mixture: given %lld deviations for %lld components; needs one, or one a component",
        (long long)s.size[0], (long long)n);
    m.sd = s.rank > 0 ? fen_name(b, sd, m.mode) : sd;
    m.weight = weights ? fen_div(b, weights, fen_sum_features(b, weights)) : fen_fill(b, fen_vector(n), 1 / (double)n);
    return m;
}
static void gaussian_mixture_build(fen_builder *b) { fen_output(b, "value", mixture_draw(b, read(b))); }
static fen_node *log_density(fen_builder *b, fen_node *x) { return mixture_log_density(b, read(b), x); }
static fen_node *entropy(fen_builder *b) { return mixture_entropy(b, read(b)); }
static void modes(fen_builder *b, fen_node **centre, fen_node **sd, fen_axis *mode) { mixture_modes(b, read(b), centre, sd, mode); }
/* sum_k w_k P((x - c_k) / s_k) */
static fen_node *cdf(fen_builder *b, fen_node *x) {
    mixture m = read(b);
    if (fen_feature(m.centre, -1) != 1)
        return fen_fault(b, "gaussian_mixture: the cdf needs one dimension, given %lld", (long long)fen_feature(m.centre, -1));
    fen_node *r = fen_scale(b, fen_div(b, fen_sub(b, x, m.centre), m.sd), 0.70710678118654752440);
    fen_node *one = fen_scale(b, fen_shift(b, fen_erf(b, r), 1), 0.5);
    return fen_reduce_axis(b, FEN_SUM, fen_mul(b, one, fen_name(b, m.weight, m.mode)), m.mode);
}

static const fen_law law = {.log_density = log_density, .cdf = cdf, .entropy = entropy, .modes = modes};
static const fen_function gaussian_mixture = {
    .name = "gaussian_mixture", .summary = "Mixture of normal distributions.",
    .inputs = inputs, .outputs = outputs, .build = gaussian_mixture_build, .law = &law,
};
FEN_PLUGIN(.name = "gaussian_mixture", .version = "0.1.0", .license = "MIT", .samplers = FEN_LIST(&gaussian_mixture));
