/* conjugates.c: Kullback-Leibler, f(u) = u log u, f'(u) = log u + 1, f*(t) = exp(t - 1), g(v) = v, with one of the four wrong. */
#include "wrong.h"

static fen_node *f(fen_builder *b, fen_node *u) { return fen_mul(b, u, fen_log(b, u)); }
static fen_node *f_off(fen_builder *b, fen_node *u) { return fen_shift(b, f(b, u), 0.5); }
static fen_node *f_bent(fen_builder *b, fen_node *u) { return fen_neg(b, f(b, u)); }
static fen_node *slope(fen_builder *b, fen_node *u) { return fen_shift(b, fen_log(b, u), 1); }
static fen_node *slope_off(fen_builder *b, fen_node *u) { return fen_log(b, u); }
static fen_node *conjugate(fen_builder *b, fen_node *t) { return fen_exp(b, fen_shift(b, t, -1)); }
static fen_node *conjugate_off(fen_builder *b, fen_node *t) { return fen_scale(b, fen_exp(b, fen_shift(b, t, -1)), 0.9); }
static fen_node *activation(fen_builder *b, fen_node *v) { return fen_scale(b, v, 1); }
static fen_node *activation_out(fen_builder *b, fen_node *v) { return fen_scale(b, fen_square(b, v), 10); }

#define CONJUGATE(name_, what, f_, slope_, conjugate_, activation_)                                                                                  \
    static const fen_conjugate name_##_four = {f_, slope_, conjugate_, activation_};                                                                 \
    static const fen_function name_ = {.name = #name_, .summary = what, .conjugate = &name_##_four};
CONJUGATE(kl_right, "Nothing is wrong here.", f, slope, conjugate, activation)
CONJUGATE(f_of_one, "f(1) is not 0.", f_off, slope, conjugate, activation)
CONJUGATE(f_not_convex, "f is not convex.", f_bent, slope, conjugate, activation)
CONJUGATE(wrong_slope, "f' is that of another function.", f, slope_off, conjugate, activation)
CONJUGATE(wrong_conjugate, "f* breaks Fenchel-Young.", f, slope, conjugate_off, activation)
CONJUGATE(wrong_activation, "g leads out of what f* can bear.", f, slope, conjugate, activation_out)
FEN_PLUGIN(.name = "conjugates", .version = "0.1.0", .license = "MIT",
           .divergences = FEN_LIST(&kl_right, &f_of_one, &f_not_convex, &wrong_slope, &wrong_conjugate, &wrong_activation));
