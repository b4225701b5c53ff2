/* fan.h: how many numbers go into and out of one unit of a weight. The last axis of a weight counts its outputs, the axis before it
 * its inputs, all others places (of a convolution):  in = elements / last,  out = elements / last but one. */
#ifndef FENCHEL_SAMPLERS_FAN_H
#define FENCHEL_SAMPLERS_FAN_H
#include "fenchel.h"

static inline double fan_in_of(const fen_shape *s) {
    int n = s->rank - s->leads;
    return n > 0 ? (double)(fen_row_size(s) / s->size[s->rank - 1]) : 1;
}
static inline double fan_out_of(const fen_shape *s) {
    int n = s->rank - s->leads;
    return n > 1 ? (double)(fen_row_size(s) / s->size[s->rank - 2]) : n == 1 ? (double)s->size[s->rank - 1] : 1;
}
/* Uniform in (-limit, limit). */
static inline fen_node *within(fen_builder *b, fen_shape s, double limit) {
    return fen_scale(b, fen_shift(b, fen_uniform(b, "noise", s), -0.5), 2 * limit);
}
#endif
