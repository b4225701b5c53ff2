/* mixture.h: mixtures of normal distributions with independent features, for ring, grid and gaussian_mixture: draw and law.
 *   p(x) = sum_k w_k N(x; c_k, diag s_k^2),   modes k on a leading axis of their own
 * Entropy has no closed form: -sum_k w_k E log p(c_k + s_k e), e standard normal, the expectation by the trapezoid rule on [-9, 9]^D
 * (401 points in 1-D, 121^2 in 2-D: error below 1e-8 unless deviations differ by more than 10); in more dimensions, and for more than 200
 * or 32 modes, by 65536 / K fixed draws (fewer where K is above 256): standard error about sd(log p) / 256. */
#ifndef FENCHEL_SAMPLERS_MIXTURE_H
#define FENCHEL_SAMPLERS_MIXTURE_H
#include "choice.h"
#include <math.h>
#include <stdlib.h>

/* centre: [mode; D]   sd: a number, [mode;] or [mode; D]   weight: [; K], adding up to 1 */
typedef struct mixture { fen_axis mode; fen_node *centre, *sd, *weight; } mixture;

static inline fen_node *mixture_draw(fen_builder *b, mixture m) {
    fen_shape s = fen_draw_shape(b, fen_vector(fen_feature(m.centre, -1))), row = s;
    if (s.rank - s.leads > 1)
        return fen_fault(b, "a mixture: asked for a draw of %d feature axes; a draw is one point, [; %lld]", s.rank - s.leads,
                         (long long)fen_feature(m.centre, -1));
    row.rank = s.leads;
    for (int i = s.leads; i < FEN_MAX_RANK; i++) row.size[i] = 0;
    fen_node *k = choose(b, m.weight, fen_uniform(b, "mode", row), m.mode);
    fen_node *spread = fen_mul(b, fen_add(b, fen_scale(b, m.centre, 0), fen_fill(b, fen_features(0, NULL), 1)), m.sd);     /* [mode; D] */
    fen_node *e = fen_mul(b, fen_normal(b, "noise", s), fen_gather(b, spread, m.mode, k));
    return fen_add(b, fen_gather(b, m.centre, m.mode, k), e);
}

static inline fen_node *mixture_log_density(fen_builder *b, mixture m, fen_node *x) {
    double half_log_2pi = 0.91893853320467274178;
    fen_node *r = fen_div(b, fen_sub(b, x, m.centre), m.sd);
    fen_node *one = fen_add(b, fen_scale(b, fen_square(b, r), 0.5), fen_shift(b, fen_log(b, m.sd), half_log_2pi));
    fen_node *joint = fen_sub(b, fen_log(b, fen_name(b, m.weight, m.mode)), fen_sum_features(b, one));
    return fen_reduce_axis(b, FEN_LOGSUMEXP, joint, m.mode);
}

/* Points e [n][D] and their weights, which add up to 1, for expectations under the standard normal. */
static inline void mixture_grid(int64_t side, int64_t width, double *point, double *weight) {
    int64_t n = width == 1 ? side : side * side;
    double total = 0;
    for (int64_t i = 0; i < n; i++) {
        double bend = 0;
        for (int64_t d = 0; d < width; d++) {
            double e = -9 + 18 * (double)(d == 0 ? i % side : i / side) / (double)(side - 1);
            point[i * width + d] = e;
            bend += e * e / 2;
        }
        total += weight[i] = exp(-bend);
    }
    for (int64_t i = 0; i < n; i++) weight[i] /= total;
}
static inline void mixture_draws(int64_t n, int64_t width, double *point, double *weight) {
    for (int64_t i = 0; i < n; i++) {
        weight[i] = 1 / (double)n;
        for (int64_t d = 0; d < width; d++) {
            double u[2];
            fen_random(0x656e74726f7079, (uint64_t)(i * width + d), u);
            point[i * width + d] = sqrt(-2 * log(u[0])) * cos(6.28318530717958647693 * u[1]);
        }
    }
}

static inline fen_node *mixture_entropy(fen_builder *b, mixture m) {
    int64_t width = fen_feature(m.centre, -1), modes = fen_feature(m.weight, -1), side = width == 1 ? 401 : 121;
    bool grid = (width == 1 && modes <= 200) || (width == 2 && modes <= 32);
    int64_t most = 16777216 / (modes * modes), draws = 65536 / modes;          /* of each mode at each point the density of each mode is kept */
    int64_t n = grid ? (width == 1 ? side : side * side) : draws < most ? draws : most > 0 ? most : 1;
    double *point = calloc((size_t)n, (size_t)(width + 1) * sizeof *point);
    if (!point) return fen_fault(b, "entropy of a mixture: out of memory");
    double *weight = point + n * width;
    if (grid) mixture_grid(side, width, point, weight);
    else mixture_draws(n, width, point, weight);
    fen_axis at = fen_axis_new(b, n), from = fen_axis_new(b, modes);
    fen_node *e = fen_name(b, fen_constants(b, FEN_REAL, fen_matrix(n, width), point), at);          /* [at; D] */
    fen_node *share = fen_name(b, fen_constants(b, FEN_REAL, fen_vector(n), weight), at);            /* [at;] */
    free(point);
    fen_node *x = fen_rename(b, fen_add(b, m.centre, fen_mul(b, m.sd, e)), m.mode, from);            /* [at, from; D] */
    fen_node *mean = fen_reduce_axis(b, FEN_SUM, fen_mul(b, share, mixture_log_density(b, m, x)), at);
    return fen_neg(b, fen_reduce_axis(b, FEN_SUM, fen_mul(b, mean, fen_name(b, m.weight, from)), from));
}

/* One deviation a mode: [mode;]. */
static inline void mixture_modes(fen_builder *b, mixture m, fen_node **centre, fen_node **sd, fen_axis *mode) {
    fen_shape s = fen_shape_of(m.sd);
    *centre = m.centre;
    *mode = m.mode;
    *sd = s.rank > s.leads ? fen_fault(b, "modes of a mixture: given a deviation for each feature; needs one for each mode") : m.sd;
    *sd = fen_add(b, *sd, fen_scale(b, fen_sum_features(b, m.centre), 0));
}
#endif
