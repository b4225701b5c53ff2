/* ops/composed.c: verbs that are a few others. */
#include "ops/cells.h"

/* exp(x - logsumexp(x)), or its log. */
fen_node *fenp_softmax(fen_builder *b, fen_node *x, unsigned mask, bool log) {
    if (fenp_is_faulty(b, x)) return x;
    x = fenp_to_real(b, x);
    fen_node *y = fen_sub(b, x, fenp_stretch(b, fenp_reduce(b, FEN_LOGSUMEXP, x, mask), x->shape, mask));
    return log ? y : fen_exp(b, y);
}

/* sqrt(sum x^2). The root is taken of 1 where the sum is 0, so that no derivative of any order meets 1/0; it is 0 there. */
fen_node *fenp_norm(fen_builder *b, fen_node *x, unsigned mask) {
    fen_node *sum = fenp_reduce(b, FEN_SUM, fen_square(b, fenp_to_real(b, x)), mask), *zero = fenp_number(b, 0);
    fen_node *at_zero = fen_equal(b, sum, zero);
    return fen_where(b, at_zero, zero, fen_sqrt(b, fen_where(b, at_zero, fenp_number(b, 1), sum)));
}
