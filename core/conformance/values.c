/* values.c: numbers for what a trial reads. Ports do not say on which numbers a function is defined, so kinds of numbers are tried until all
 * results and their derivatives are finite: any reals, positive ones, ones in (0, 1), shares that add up to 1, positive definite matrices;
 * small indices where a port wants integers. All are exact in single precision. */
#include "conformance/conformance.h"
#include "base/random.h"
#include "ops/ops.h"
#include "fenchel/host.h"
#include <math.h>

double fenp_uniform_at(uint64_t key, uint64_t i) {
    double u[2];
    fen_random(key, i, u);
    return u[0];
}
double fenp_normal_at(uint64_t key, uint64_t i) {
    double u[2];
    fen_random(key, i, u);
    return sqrt(-2 * log(u[0])) * cos(6.28318530717958647693 * u[1]);
}

fen_node *fenp_weighted_sum(fen_builder *b, fen_node *y, uint64_t key) {
    int64_t n = fenp_count(&y->shape);
    double *w = fenp_new((size_t)n * sizeof *w + 8);
    for (int64_t i = 0; i < n; i++) w[i] = (double)(float)(fenp_normal_at(key, (uint64_t)i) + 0.3);
    fen_node *table = fenp_table(b, y->shape, FEN_REAL, w);
    fenp_delete(w);
    return fen_sum(b, fen_mul(b, table, y));
}

enum { ANY, POSITIVE, UNIT, SHARES, DEFINITE, KINDS };
static void fill_definite(double *x, int64_t n, int64_t side, uint64_t key) {
    for (int64_t m = 0; m < n / (side * side); m++)
        for (int64_t i = 0; i < side; i++)
            for (int64_t j = 0; j < side; j++) {
                double sum = i == j;
                for (int64_t k = 0; k < side; k++)
                    sum +=
                        0.3 * fenp_normal_at(key, (uint64_t)((m * side + i) * side + k)) * fenp_normal_at(key, (uint64_t)((m * side + j) * side + k));
                x[(m * side + i) * side + j] = (double)(float)sum;
            }
}
static bool fill(const fen_node *node, double *x, int64_t n, int kind, uint64_t key) {
    const fen_shape *s = &node->shape;
    int features = s->rank - s->leads;
    int64_t channel = features ? s->size[s->rank - 1] : 1;
    bool square = features > 1 && s->size[s->rank - 2] == channel;
    if (kind == DEFINITE && square) fill_definite(x, n, channel, key);
    if (kind == DEFINITE) return square;
    for (int64_t i = 0; i < n; i++) {
        double z = fenp_normal_at(key, (uint64_t)i), u = fenp_uniform_at(key, (uint64_t)i);
        x[i] = (double)(float)(kind == ANY ? z : kind == POSITIVE ? fabs(z) + 0.2 : 0.05 + 0.9 * u);
        if (node->type == FEN_INTEGER) x[i] = kind == SHARES ? 0 : floor(u * (2 + kind));
    }
    for (int64_t row = 0; row < n / channel && kind == SHARES && node->type == FEN_REAL; row++) {
        double sum = 0;
        for (int64_t i = 0; i < channel; i++) sum += x[row * channel + i];
        for (int64_t i = 0; i < channel; i++) x[row * channel + i] = (double)(float)(x[row * channel + i] / sum);
    }
    return true;
}

/* ---- where parameters start ---- */
static void run_starts(fenp_trial *t) {
    fen_builder *b = t->declaration->b;
    fenp_target *target = fenp_new(((size_t)b->starts + 1) * sizeof *target);
    for (int i = 0; i < b->starts; i++) target[i] = (fenp_target){b->start[i].value, b->start[i].slot, FENP_WRITE};
    fenp_program *p = b->starts ? fenp_program_new(b, target, b->starts, -1, &t->faults) : NULL;
    for (int i = 0; p && i < b->feeds; i++) {
        void *to = fenp_program_feed(p, i);
        for (int64_t k = 0; to && k < fenp_count(&b->feed[i].shape); k++)
            fenp_cell_put(b->feed[i].node, to, k, fabs(fenp_normal_at(77, (uint64_t)k)));
    }
    if (p) {
        fenp_program_bind(p, NULL);
        fenp_program_run(p, 1, 0);
        fenp_program_free(p);
    }
    fenp_delete(target);
}
/* Where they start, moved a little: nothing stands where a derivative happens to vanish. */
static void fill_parameter(fenp_variable *v, uint64_t key) {
    const void *data = fenp_slot_data(v->slot);
    for (int64_t i = 0; i < v->count; i++) {
        double x = v->slot->block->wide ? ((const double *)data)[i] : (double)((const float *)data)[i];
        v->value[i] = (double)(float)((isfinite(x) ? x : 0) + 0.3 * fenp_normal_at(key, (uint64_t)i));
    }
}
void fenp_trial_store(fenp_trial *t) {
    for (int i = t->inputs; i < t->variables; i++) {
        fenp_variable *v = &t->variable[i];
        void *data = fenp_slot_data(v->slot);
        for (int64_t k = 0; k < v->count; k++)
            if (v->slot->block->wide) ((double *)data)[k] = v->value[k];
            else ((float *)data)[k] = (float)v->value[k];
    }
}

/* ---- searching ---- */
static fen_node *sum_of_results(fenp_trial *t) {
    fen_node *sum = fenp_number(t->b, 0);
    for (int i = 0; i < t->results; i++)
        if (t->result[i].node->type == FEN_REAL) sum = fen_add(t->b, sum, fen_sum(t->b, t->result[i].node));
    return sum;
}
static bool all_finite(fenp_evaluator *e, const fen_node *x) {
    for (int64_t i = 0; i < fenp_count(&x->shape); i++)
        if (!isfinite(fenp_evaluator_at(e, x, i))) return false;
    return true;
}
static bool good_here(fenp_trial *t, fenp_evaluator *e, fen_node *const *gradient, int n) {
    bool good = true;
    for (int i = 0; i < t->variables; i++) fenp_evaluator_put(e, t->variable[i].node, t->variable[i].value);
    const fen_node *target[96];
    for (int i = 0; i < t->results; i++) target[i] = t->result[i].node;
    for (int i = 0; i < n; i++) target[t->results + i] = gradient[i];
    fenp_evaluator_run_for(e, target, t->results + n);
    for (int i = 0; i < t->results && good; i++) good = all_finite(e, t->result[i].node);
    for (int i = 0; i < n && good; i++) good = all_finite(e, gradient[i]);
    return good;
}
static bool fill_inputs(fenp_trial *t, int way, uint64_t salt) {
    bool good = true;
    for (int i = 0; i < t->inputs; i++, way /= KINDS) {
        fenp_variable *v = &t->variable[i];
        good = fill(v->node, v->value, v->count, way % KINDS, fenp_key_step(salt, (uint64_t)i)) && good;
    }
    return good;
}
/* All inputs of one kind first, then every mixture. */
static int way_of(int try, int inputs) {
    int way = 0;
    for (int i = 0; i < inputs && try < KINDS; i++) way = way * KINDS + try;
    return try < KINDS ? way : try - KINDS;
}
bool fenp_trial_values(fenp_trial *t, uint64_t salt) {
    int way = 0;
    return fenp_trial_values_next(t, salt, &way);
}
bool fenp_trial_values_next(fenp_trial *t, uint64_t salt, int *way) {
    fen_node *x[48], *gradient[48];
    bool reached[48], good = false;
    int n = 0, ways = KINDS;
    run_starts(t);
    for (int i = 0; i < t->variables; i++) {
        fenp_variable *v = &t->variable[i];
        fenp_delete(v->value);
        v->value = fenp_new((size_t)v->count * sizeof *v->value + 8);
        if (v->slot) fill_parameter(v, fenp_key_step(salt, 1000 + (uint64_t)i));
        if (v->node->type == FEN_REAL) x[n++] = v->node;
    }
    for (int i = 0; i < t->inputs && ways < 4000; i++) ways *= KINDS;
    if (n) fenp_gradients(t->b, sum_of_results(t), NULL, x, n, gradient, reached);
    for (int i = 0; i < n; i++)
        if (fenp_is_faulty(t->b, gradient[i])) n = 0;
    fenp_evaluator e = {.b = t->b};
    for (; *way < ways && !good; ++*way) good = fill_inputs(t, way_of(*way, t->inputs), salt) && good_here(t, &e, gradient, n);
    fenp_evaluator_free(&e);
    fenp_trial_store(t);
    return good;
}
