/* inverse.c: an invertible layer: invert(build(x)) is x again, and what build adds to log|det| is that of the Jacobian of each row, which is
 * taken by differences of fourth order and an LU decomposition: no derivative of the layer itself is used. */
#include "conformance/conformance.h"
#include <math.h>
#include <string.h>

enum { ROW_MOST = 40 };
typedef struct way {
    fenp_trial t;
    fenp_evaluator e;
    fenp_variable *x; /* the first input */
    fen_node *back;
    int64_t rows, width;
    const char *where;
} way;

/* The call backwards: outputs as inputs, then the conditions (plugin/call.h). */
static fen_node *build_back(way *w) {
    fenp_trial *t = &w->t;
    const fen_function *f = t->function;
    int outs = fenp_ports(f->outputs), ins = fenp_ports(f->inputs);
    fenp_call *c = fenp_arena_new(&t->memory, sizeof *c);
    fen_shape *forward = fenp_arena_new(&t->memory, ((size_t)ins + 1) * sizeof *forward);
    if (!fenp_trial_bind(t, f, c)) return NULL;
    c->inverting = true;
    c->forward = forward;
    c->input = fenp_arena_new(&t->memory, (size_t)(outs + ins + 1) * sizeof *c->input);
    for (int i = 0; i < outs; i++) c->input[i] = fenp_call_output(t->call, f->outputs[i].name);
    for (int i = 0; i < ins; i++) {
        if (t->call->input[i]) forward[i] = fen_shape_of(t->call->input[i]);
        if (i) c->input[outs + i] = t->call->input[i];
    }
    t->b->site = "subject/inverse";
    fenp_call_run(t->b, c, f->invert);
    return t->faults.n ? NULL : fenp_call_output(c, NULL);
}

/* ---- the Jacobian of a row ---- */
/* Outputs of a row, one behind the other. Returns how many; -1: more than there is room for. */
static int row_of_outputs(way *w, int64_t row, double *to) {
    int n = 0;
    for (int i = 0; i < w->t.call->outputs; i++) {
        const fen_node *y = w->t.call->output[i].node;
        int64_t width = fenp_count(&y->shape) / w->rows;
        if (n + width > ROW_MOST) return -1;
        for (int64_t j = 0; j < width; j++) to[n++] = fenp_evaluator_at(&w->e, y, row * width + j);
    }
    return n;
}
static void run_at(way *w, int64_t element, double step) {
    double kept = w->x->value[element];
    w->x->value[element] = kept + step;
    fenp_evaluator_put(&w->e, w->x->node, w->x->value);
    fenp_evaluator_run(&w->e, NULL);
    w->x->value[element] = kept;
}
static int jacobian(way *w, int64_t row, double step, double *a) {
    static const double at[] = {-2, -1, 1, 2}, factor[] = {1, -8, 8, -1};
    int n = (int)w->width, m = n;
    memset(a, 0, (size_t)(n * n) * sizeof *a);
    for (int j = 0; j < n && m == n; j++)
        for (int k = 0; k < 4 && m == n; k++) {
            double y[ROW_MOST];
            run_at(w, row * n + j, at[k] * step);
            if ((m = row_of_outputs(w, row, y)) != n) break;
            for (int i = 0; i < n; i++) a[i * n + j] += factor[k] * y[i] / (12 * step);
        }
    run_at(w, row * n, 0);
    return m;
}
static double log_abs_det(double *a, int n) {
    double sum = 0;
    for (int k = 0; k < n; k++) {
        int p = k;
        for (int i = k + 1; i < n; i++)
            if (fabs(a[i * n + k]) > fabs(a[p * n + k])) p = i;
        for (int j = 0; j < n && p != k; j++) {
            double t = a[k * n + j];
            a[k * n + j] = a[p * n + j];
            a[p * n + j] = t;
        }
        sum += log(fabs(a[k * n + k]));
        for (int i = k + 1; i < n; i++) {
            double r = a[i * n + k] / a[k * n + k];
            for (int j = k; j < n; j++) a[i * n + j] -= r * a[k * n + j];
        }
    }
    return sum;
}
static void check_account(fenp_check *c, way *w, int64_t row) {
    static const double steps[] = {1e-3, 1e-4, 1e-5};
    const fen_node *account = w->t.call->log_det;
    double a[ROW_MOST * ROW_MOST], given = 0, needed = 0, best = INFINITY;
    run_at(w, row * w->width, 0);
    if (account) given = fenp_evaluator_at(&w->e, account, fenp_count(&account->shape) == w->rows ? row : 0);
    for (int k = 0; k < 3 && !(best <= 1e-7 * (1 + fabs(given))); k++) {
        int n = jacobian(w, row, steps[k], a);
        if (n != (int)w->width) {
            fenp_find(c, "a row of x has %lld numbers, its outputs %d%s; needs as many", (long long)w->width, n, w->where);
            return;
        }
        double value = log_abs_det(a, n);
        if (fabs(value - given) < best || best == INFINITY) needed = value;
        best = fabs(needed - given);
    }
    if (!(best <= 1e-7 * (1 + fabs(given))))
        fenp_find(c, "log|det| of row %lld%s: given %.12g, needed %.12g (by its Jacobian)", (long long)row, w->where, given, needed);
}

/* ---- the whole ---- */
static void check_round_trip(fenp_check *c, way *w) {
    if (fenp_count(&w->back->shape) != w->x->count) {
        fenp_find(c, "invert gives %s%s; needs the shape of `%s`", fenp_shape_text(w->t.b, w->back->shape, (char[160]){0}), w->where, w->x->name);
        return;
    }
    for (int64_t i = 0; i < w->x->count; i++) {
        double again = fenp_evaluator_at(&w->e, w->back, i), x = w->x->value[i];
        if (fabs(again - x) <= 1e-8 * (1 + fabs(x))) continue;
        fenp_find(c, "invert(build(%s))%s: element %lld given %.12g, needed %.12g", w->x->name, w->where, (long long)i, again, x);
        return;
    }
}
static bool check(fenp_check *c, const fenp_setup *s) {
    way w = {.where = fenp_setup_text(c, s)};
    fenp_trial_open(&w.t, c->subject, s, 0);
    bool good = w.t.faults.n == 0 && w.t.inputs && (w.back = build_back(&w)) && fenp_trial_values(&w.t, 13);
    if (!good && w.t.faults.n) fenp_find(c, "invert%s: %s", w.where, w.t.faults.at[0].text);
    if (good) {
        w.e = (fenp_evaluator){.b = w.t.b};
        w.x = &w.t.variable[0];
        fen_shape shape = w.x->node->shape;
        w.rows = fen_rows(&shape);
        w.width = fen_row_size(&shape);
        for (int i = 0; i < w.t.variables; i++) fenp_evaluator_put(&w.e, w.t.variable[i].node, w.t.variable[i].value);
        fenp_evaluator_run(&w.e, NULL);
        check_round_trip(c, &w);
        for (int64_t row = 0; row < w.rows && row < 2 && w.width <= ROW_MOST; row++) check_account(c, &w, row);
        fenp_evaluator_free(&w.e);
    }
    fenp_trial_close(&w.t);
    return good;
}
void fenp_test_inverse(fenp_check *c) {
    fenp_setup list[24];
    int n = fenp_setups(c, list, 24), checked = 0;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < 2 * FENP_SETUP_RUNS; k++) {
            fenp_setup s = list[i];
            s.run = k % FENP_SETUP_RUNS;
            s.mode = k < FENP_SETUP_RUNS ? FEN_TRAIN : FEN_EVALUATE;
            if (fenp_setup_builds(c, &s, NULL)) checked += check(c, &s);
        }
    if (n && !checked && !c->findings) fenp_find(c, "could not be inverted at any numbers that were tried");
}
