/* choice.h: one of K by the inverse of the cumulative distribution: the first k with u < p_1 + .. + p_k, for u uniform. */
#ifndef FENCHEL_SAMPLERS_CHOICE_H
#define FENCHEL_SAMPLERS_CHOICE_H
#include "fenchel.h"

/* p: [...; K], adding up to 1; u: [...; ...]; k is an axis of size K. -> integers in the shape of u.
 * The last one is chosen where rounding leaves the sum below u. */
static inline fen_node *choose(fen_builder *b, fen_node *p, fen_node *u, fen_axis k) {
    int64_t n = fen_feature(p, -1);
    fen_node *sum = fen_name(b, fen_cumsum(b, p, -1), k);
    fen_node *last = fen_equal(b, fen_coordinate(b, k), fen_fill(b, fen_features(0, NULL), (double)(n - 1)));
    return fen_reduce_axis(b, FEN_ARGMAX, fen_max(b, fen_less(b, u, sum), last), k);
}
#endif
