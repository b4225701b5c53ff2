/* Wasserstein-1 distance of two samples on the line, exactly: the area between their quantile functions,
 *   W1 = integral over u in (0, 1) of |F^-1(u) - G^-1(u)| du,   each a staircase with steps at i / n and j / m, so the lengths may differ.
 * Source: Vallender 1974. */
#include "fenchel.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const fen_port inputs[] = {
    {.name = "a", .shape = "[a...; 1]", .help = "numbers"},
    {.name = "b", .shape = "[b...; 1]", .help = "numbers, their own pass"},
    FEN_END
};
static const fen_port outputs[] = {{.name = "value", .shape = "[;]", .help = "the distance"}, FEN_END};

typedef struct numbers { double *at; int64_t n, room; } numbers;
typedef struct tally { numbers side[2]; } tally;

static void *wasserstein_start(fen_host *h) { return fen_host_memory(h, sizeof(tally)); }

static bool append(numbers *to, const double *x, int64_t n) {
    if (to->n + n > to->room) {
        int64_t room = 2 * (to->n + n);
        double *more = realloc(to->at, (size_t)room * sizeof *more);
        if (!more) return false;
        to->at = more;
        to->room = room;
    }
    memcpy(to->at + to->n, x, (size_t)n * sizeof *x);
    to->n += n;
    return true;
}
static bool wasserstein_add(void *self, int64_t rows, const double *const *in) {
    tally *t = self;
    for (int k = 0; k < 2; k++)
        if (in[k] && !append(&t->side[k], in[k], rows)) return false;
    return true;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}
static bool any_nan(const numbers *x) {
    for (int64_t i = 0; i < x->n; i++)
        if (isnan(x->at[i])) return true;
    return false;
}
/* Both sorted. Places along u are counted in units of 1 / (n m), exactly. */
static double area(const numbers *a, const numbers *b) {
    double sum = 0;
    int64_t done = 0;
    for (int64_t i = 0, j = 0; i < a->n && j < b->n;) {
        int64_t end_a = (i + 1) * b->n, end_b = (j + 1) * a->n, end = end_a < end_b ? end_a : end_b;
        sum += fabs(a->at[i] - b->at[j]) * (double)(end - done);
        done = end;
        i += end_a == end;
        j += end_b == end;
    }
    return sum / ((double)a->n * (double)b->n);
}
static bool wasserstein_finish(void *self, double *const *out) {
    tally *t = self;
    numbers *a = &t->side[0], *b = &t->side[1];
    bool whole = a->n > 0 && b->n > 0 && !any_nan(a) && !any_nan(b);
    for (int k = 0; whole && k < 2; k++) qsort(t->side[k].at, (size_t)t->side[k].n, sizeof(double), ascending);
    out[0][0] = whole ? area(a, b) : NAN;
    free(a->at);
    free(b->at);
    *t = (tally){0};
    return true;
}

static const fen_fold fold = {.start = wasserstein_start, .add = wasserstein_add, .finish = wasserstein_finish};
static const fen_function wasserstein_1d = {
    .name = "wasserstein_1d", .summary = "Wasserstein-1 distance on the line.", .source = "Vallender 1974",
    .inputs = inputs, .outputs = outputs, .fold = &fold,
};
FEN_PLUGIN(.name = "wasserstein_1d", .version = "0.1.0", .license = "MIT", .metrics = FEN_LIST(&wasserstein_1d));
