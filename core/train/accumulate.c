/* accumulate.c: accumulators of a pass, in double, from the first element on, in the order of the draws, so that another batch size gives
 * the same figure to rounding in double. Variances by Welford's update; logsumexp by a running maximum. */
#include "train/evaluate.h"
#include <math.h>
#include <string.h>

void fenp_sum_start(fenp_sum *s, const fenp_accumulator *a) {
    s->cells = fenp_count(&a->result);
    s->filled = 0;
    size_t bytes = (size_t)s->cells * sizeof(double) + 8;
    s->a = fenp_new(bytes);
    s->b = fenp_new(bytes);
    s->n = fenp_new(bytes);
    double first = a->how == FENP_G_MAX || a->how == FENP_G_LOGSUMEXP || a->how == FENP_G_LOGMEANEXP ? -INFINITY
                   : a->how == FENP_G_MIN                                                            ? INFINITY
                                                                                                     : 0;
    for (int64_t i = 0; i < s->cells; i++) s->a[i] = first;
}
static void add_cell(fenp_sum *s, fenp_gather_how how, int64_t k, double x, double weight) {
    double *a = &s->a[k], *b = &s->b[k], d;
    s->n[k] += weight;
    switch (how) {
    case FENP_G_SUM:
    case FENP_G_MEAN: *a += weight * x; break;
    case FENP_G_NORM: *a += weight * x * x; break;
    case FENP_G_MAX:
        if (x > *a || isnan(x)) *a = x;
        break;
    case FENP_G_MIN:
        if (x < *a || isnan(x)) *a = x;
        break;
    case FENP_G_VAR:
    case FENP_G_STD:
        d = x - *a;
        *a += d * weight / s->n[k];
        *b += weight * d * (x - *a);
        break;
    default:
        if (x > *a) {
            *b = *b * exp(*a - x) + weight;
            *a = x;
        } else if (x > -INFINITY || isnan(x)) *b += weight * exp(x - *a);
    }
}
static double element(const fen_node *x, const void *value, int64_t i) {
    if (x->type == FEN_INTEGER) return ((const int32_t *)value)[i];
    return x->wide ? ((const double *)value)[i] : (double)((const float *)value)[i];
}
/* Offsets of the result's cell for a step along each position of x; 0 where it is reduced. */
static void strides(const fen_shape *s, unsigned mask, int64_t *stride) {
    int64_t n = 1;
    for (int p = s->rank - 1; p >= 0; p--) {
        stride[p] = mask >> p & 1 ? 0 : n;
        if (!(mask >> p & 1)) n *= s->size[p];
    }
}
void fenp_sum_add(fenp_sum *s, const fenp_accumulator *a, const fen_node *x, const void *value, double examples) {
    int64_t n = fenp_count(&x->shape), stride[FEN_MAX_RANK], at[FEN_MAX_RANK] = {0}, k = 0;
    double weight = a->by_example ? examples : 1;
    if (a->how == FENP_G_KEEP) { /* draws follow each other along the first axis */
        for (int64_t i = 0; i < n && s->filled < s->cells; i++) s->a[s->filled++] = element(x, value, i);
        return;
    }
    strides(&x->shape, a->mask, stride);
    for (int64_t i = 0; i < n; i++) {
        add_cell(s, a->how, k, element(x, value, i), weight);
        for (int p = x->shape.rank - 1; p >= 0; p--) {
            k += stride[p];
            if (++at[p] < x->shape.size[p]) break;
            k -= stride[p] * x->shape.size[p];
            at[p] = 0;
        }
    }
}
void fenp_sum_finish(fenp_sum *s, const fenp_accumulator *a, double *to) {
    for (int64_t k = 0; k < s->cells; k++) {
        double x = s->a[k], n = s->n[k];
        switch (a->how) {
        case FENP_G_MEAN: to[k] = x / n; break;
        case FENP_G_NORM: to[k] = sqrt(x); break;
        case FENP_G_VAR: to[k] = s->b[k] / n; break;
        case FENP_G_STD: to[k] = sqrt(s->b[k] / n); break;
        case FENP_G_LOGSUMEXP: to[k] = isinf(x) ? x : x + log(s->b[k]); break;
        case FENP_G_LOGMEANEXP: to[k] = isinf(x) ? x : x + log(s->b[k]) - log(n); break;
        default: to[k] = x;
        }
    }
    fenp_delete(s->a);
    fenp_delete(s->b);
    fenp_delete(s->n);
}
