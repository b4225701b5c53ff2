/* laws.c: samplers whose law is not that of their draws, each in one way: exponential distribution, p(x) = exp(-x) for x > 0. */
#include "wrong.h"

static void draw(fen_builder *b) { fen_output(b, "value", fen_neg(b, fen_log(b, fen_uniform(b, "u", fen_draw_shape(b, fen_features(0, NULL)))))); }
static void draw_wide(fen_builder *b) {
    fen_output(b, "value", fen_scale(b, fen_log(b, fen_uniform(b, "u", fen_draw_shape(b, fen_features(0, NULL)))), -1.1));
}
static fen_node *where_positive(fen_builder *b, fen_node *x, fen_node *y, double otherwise) {
    return fen_where(b, fen_less(b, number(b, 0), x), y, number(b, otherwise));
}
static fen_node *density(fen_builder *b, fen_node *x) { return where_positive(b, x, fen_neg(b, x), -INFINITY); }
static fen_node *density_off(fen_builder *b, fen_node *x) { return fen_shift(b, density(b, x), 0.01); }
static fen_node *cdf(fen_builder *b, fen_node *x) { return where_positive(b, x, fen_neg(b, fen_expm1(b, fen_neg(b, x))), 0); }
static fen_node *cdf_off(fen_builder *b, fen_node *x) { return fen_power(b, cdf(b, x), 1.01); }
static fen_node *quantile(fen_builder *b, fen_node *u) { return fen_neg(b, fen_log1p(b, fen_neg(b, u))); }
static fen_node *quantile_off(fen_builder *b, fen_node *u) { return fen_neg(b, fen_log(b, u)); }
static fen_node *entropy(fen_builder *b) { return number(b, 1); }
static fen_node *entropy_off(fen_builder *b) { return number(b, 1.001); }

#define LAW(law_name, what, build_, density_, cdf_, quantile_, entropy_)                                                                             \
    static const fen_law law_name##_law = {.log_density = density_, .cdf = cdf_, .quantile = quantile_, .entropy = entropy_};                        \
    static const fen_function law_name = {.name = #law_name, .summary = what, .outputs = point_out, .build = build_, .law = &law_name##_law};
LAW(density_is_off, "Its density adds up to 1.01.", draw, density_off, NULL, NULL, NULL)
LAW(draws_are_off, "Its draws are 1.1 times too large.", draw_wide, density, NULL, NULL, NULL)
LAW(cdf_is_off, "Its cdf is a power of what it should be.", draw, density, cdf_off, NULL, NULL)
LAW(quantile_is_off, "Its quantile runs backwards.", draw, density, cdf, quantile_off, NULL)
LAW(entropy_is_off, "Its entropy is off by a thousandth.", draw, density, cdf, quantile, entropy_off)
LAW(law_is_right, "Nothing is wrong here.", draw, density, cdf, quantile, entropy)

/* Integers: 0 or 1 with probability 1/4. */
static const fen_port bit_out[] = {{.name = "value", .shape = "[...;]", .type = FEN_INTEGER, .help = "0 or 1"}, FEN_END};
static void bit(fen_builder *b) {
    fen_output(b, "value", fen_less(b, fen_uniform(b, "u", fen_draw_shape(b, fen_features(0, NULL))), number(b, 0.25)));
}
static fen_node *bit_density(fen_builder *b, fen_node *x) {
    return fen_where(b, fen_less(b, number(b, 0.5), x), number(b, log(0.3)), number(b, log(0.7)));
}
static const fen_law bit_law = {.log_density = bit_density};
static const fen_function bits_are_off = {
    .name = "bits_are_off", .summary = "Its law is that of another coin.", .outputs = bit_out, .build = bit, .law = &bit_law};
FEN_PLUGIN(.name = "laws", .version = "0.1.0", .license = "MIT",
           .samplers = FEN_LIST(&density_is_off, &draws_are_off, &cdf_is_off, &quantile_is_off, &entropy_is_off, &law_is_right, &bits_are_off));
