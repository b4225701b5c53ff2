/* derivative.c: derivatives against differences of fourth order along fixed random directions, in double.
 *   first order:  s = sum w y;                d s along d by differences = sum of (ds/dx) d,   within 1e-8 of sum |ds/dx d|
 *   second order: t = sum over x of v ds/dx;  d t along d by differences = sum of (dt/dx) d,   within 1e-7
 * Kinks: what flat ops and integers are (step, sign, argsort, ..) is recorded at every point of the stencil, and the direction is dropped
 * where one differs. stop_gradient is held at its value. The step is not known beforehand: several are tried, and a wrong derivative agrees
 * with none of them. */
#include "conformance/conformance.h"
#include "base/random.h"
#include "ops/ops.h"
#include <math.h>
#include <string.h>

enum { DIRECTIONS = 2, STEPS = 5 };
static const double steps[STEPS] = {1e-3, 2e-4, 4e-3, 4e-5, 1e-5};

typedef struct work {
    const fenp_slope *of;
    fenp_evaluator e;
    bool *skip, *flat; /* not run when a variable moves: held, not needed, or not depending on it */
    char **record;     /* of flat nodes, at the point itself */
    int nodes;
    fen_node *s, *t, **g, **h;
} work;

/* ---- the graph ---- */
static bool build(work *k, fenp_check *c) {
    const fenp_slope *p = k->of;
    fen_builder *b = p->b;
    int before = b->faults->n;
    bool *reached = fenp_arena_new(&c->memory, (size_t)p->n + 1);
    fen_node **x = fenp_arena_new(&c->memory, ((size_t)p->n + 1) * sizeof *x);
    k->g = fenp_arena_new(&c->memory, ((size_t)p->n + 1) * sizeof *k->g);
    k->h = fenp_arena_new(&c->memory, ((size_t)p->n + 1) * sizeof *k->h);
    for (int i = 0; i < p->n; i++) x[i] = p->x[i].node;
    k->s = fenp_weighted_sum(b, p->y, 11);
    fenp_gradients(b, k->s, NULL, x, p->n, k->g, reached);
    k->t = fenp_number(b, 0);
    for (int i = 0; i < p->n; i++) k->t = fen_add(b, k->t, fenp_weighted_sum(b, k->g[i], 31 + (uint64_t)i));
    fenp_gradients(b, k->t, NULL, x, p->n, k->h, reached);
    if (b->faults->n == before) return true;
    fenp_find(c, "derivatives of %s%s: %s", p->name, p->where, b->faults->at[before].text);
    return false;
}
static bool is_flat(const fen_node *x) { return x->op != &fenp_op_stop && x->n && (x->op->flags & FEN_FLAT || x->type == FEN_INTEGER); }

/* ---- points ---- */
static size_t bytes_of(const fen_node *x) { return (size_t)fenp_count(&x->shape) * (x->type == FEN_INTEGER ? 4 : 8); }
static void start(work *k) {
    const fen_builder *b = k->of->b;
    k->nodes = b->graph.n;
    k->skip = fenp_new((size_t)k->nodes + 1);
    k->flat = fenp_new((size_t)k->nodes + 1);
    k->record = fenp_new(((size_t)k->nodes + 1) * sizeof *k->record);
    for (int i = 0; i < k->of->n; i++) fenp_evaluator_put(&k->e, k->of->x[i].node, k->of->x[i].value);
    if (k->of->also) fenp_evaluator_put(&k->e, k->of->also->node, k->of->also->value);
    const fen_node *target[3 + 2 * 48] = {k->s, k->t, k->of->y};
    for (int i = 0; i < k->of->n; i++) {
        target[3 + 2 * i] = k->g[i];
        target[4 + 2 * i] = k->h[i];
    }
    fenp_evaluator_run_for(&k->e, target, 3 + 2 * k->of->n);
    for (int i = 0; i < k->nodes; i++) {
        const fen_node *x = b->graph.at[i];
        k->flat[i] = is_flat(x);
        if (!k->flat[i]) continue;
        k->record[i] = fenp_new(bytes_of(x) + 1);
        memcpy(k->record[i], fenp_evaluator_data(&k->e, x), bytes_of(x));
    }
}
static void finish(work *k) {
    for (int i = 0; i < k->nodes; i++) fenp_delete(k->record[i]);
    fenp_delete(k->record);
    fenp_delete(k->skip);
    fenp_delete(k->flat);
    fenp_evaluator_free(&k->e);
}
static void mark_inputs(const work *k, bool *need) {
    for (int i = k->nodes - 1; i >= 0; i--)
        for (int j = 0; j < k->of->b->graph.at[i]->n && need[i]; j++) need[k->of->b->graph.at[i]->in[j]->id] = true;
}
/* When variable i moves: the number, and the flat nodes behind its derivative, where its kinks show. */
static void choose(work *k, const fen_node *number, const fen_node *gradient, int i) {
    bool *behind = fenp_new((size_t)k->nodes + 1), *need = fenp_new((size_t)k->nodes + 1), *depends = fenp_new((size_t)k->nodes + 1);
    behind[gradient->id] = need[number->id] = true;
    mark_inputs(k, behind);
    for (int id = 0; id < k->nodes; id++) need[id] |= behind[id] && k->flat[id];
    mark_inputs(k, need);
    for (int id = 0; id < k->nodes; id++) {
        const fen_node *x = k->of->b->graph.at[id];
        depends[id] = x == k->of->x[i].node;
        for (int j = 0; j < x->n; j++) depends[id] |= depends[x->in[j]->id];
        depends[id] &= x->op != &fenp_op_stop;
        k->skip[id] = !need[id] || !depends[id];
    }
    fenp_delete(behind);
    fenp_delete(need);
    fenp_delete(depends);
}
/* The first flat node that is not what it was; NULL: all are. */
static const fen_node *kink(work *k) {
    for (int i = 0; i < k->nodes; i++)
        if (k->flat[i] && !k->skip[i] && memcmp(k->record[i], fenp_evaluator_data(&k->e, k->of->b->graph.at[i]), bytes_of(k->of->b->graph.at[i])))
            return k->of->b->graph.at[i];
    return NULL;
}
static void move(work *k, int i, const double *d, double step) {
    const fenp_variable *v = &k->of->x[i];
    double *x = fenp_new((size_t)v->count * sizeof *x + 8);
    for (int64_t j = 0; j < v->count; j++) x[j] = v->value[j] + step * d[j];
    fenp_evaluator_put(&k->e, v->node, x);
    fenp_delete(x);
    fenp_evaluator_run(&k->e, k->skip);
}
/* Of `number` by variable i along d; false: a kink lies between. */
static bool difference(work *k, const fen_node *number, int i, const double *d, double step, double *slope, const fen_node **what) {
    static const double at[] = {-2, -1, 1, 2}, factor[] = {1, -8, 8, -1};
    double sum = 0;
    for (int j = 0; j < 4; j++) {
        move(k, i, d, at[j] * step);
        if ((*what = kink(k))) return false;
        sum += factor[j] * fenp_evaluator_at(&k->e, number, 0);
    }
    *slope = sum / (12 * step);
    return true;
}

/* ---- comparing ---- */
typedef struct outcome {
    int compared;
    bool agreed;
    double given, needed, error;
    const fen_node *kink;
} outcome;
/* terms: how large what was added up is, which bounds what rounding does to the differences. */
static outcome compare(work *k, const fen_node *number, const fen_node *gradient, int i, const double *d, double most, double terms) {
    outcome r = {.agreed = false, .error = INFINITY};
    double given = 0, size = 0, needed;
    for (int64_t j = 0; j < k->of->x[i].count; j++) {
        double term = fenp_evaluator_at(&k->e, gradient, j) * d[j];
        given += term;
        size += fabs(term);
    }
    for (int n = 0; n < STEPS && !r.agreed; n++) {
        if (!difference(k, number, i, d, steps[n], &needed, &r.kink)) continue;
        double error = fabs(given - needed), bound = most * size + 1e-15 * terms / steps[n] + 1e-3 * most * terms;
        r.compared++;
        r.agreed = error <= bound;
        if (r.compared > 1 && !(error < r.error)) continue;
        r.given = given;
        r.needed = needed;
        r.error = error;
    }
    move(k, i, d, 0);
    return r;
}
static double terms_of(work *k, const fen_node *const *x, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        for (int64_t j = 0; j < fenp_count(&x[i]->shape); j++) sum += fabs(fenp_evaluator_at(&k->e, x[i], j));
    return sum;
}
static void check_variable(fenp_check *c, work *k, int order, int i) {
    const fenp_slope *p = k->of;
    const fenp_variable *v = &p->x[i];
    const fen_node *number = order == 1 ? k->s : k->t, *gradient = order == 1 ? k->g[i] : k->h[i];
    const fen_node *y = p->y;
    double terms = order == 1 ? terms_of(k, &y, 1) : terms_of(k, (const fen_node *const *)k->g, p->n),
           *d = fenp_new((size_t)v->count * sizeof *d + 8);
    int compared = 0;
    const fen_node *flat = NULL;
    const char *which = order == 1 ? "first" : "second";
    choose(k, number, gradient, i);
    for (int n = 0; n < DIRECTIONS + 4 && compared < DIRECTIONS; n++) {
        for (int64_t j = 0; j < v->count; j++) d[j] = 2 * fenp_uniform_at((uint64_t)(1000 * order + 10 * i + n), (uint64_t)j) - 1;
        outcome r = compare(k, number, gradient, i, d, order == 1 ? 1e-8 : 1e-7, terms);
        if (r.kink) flat = r.kink;
        if (!r.compared) continue;
        compared++;
        if (r.agreed) continue;
        fenp_find(c, "%s-order gradient of %s by `%s`%s: along a direction given %.12g, needed %.12g (by differences)", which, p->name, v->name,
                  p->where, r.given, r.needed);
        break;
    }
    if (!compared && flat)
        fenp_find(
            c, "%s-order gradient of %s by `%s`%s: cannot be compared, %s changes along every direction; needs an op that is flat where it says so",
            which, p->name, v->name, p->where, flat->op->name);
    fenp_delete(d);
}
void fenp_slope_check(fenp_check *c, const fenp_slope *s) {
    work k = {.of = s, .e = {.b = s->b}};
    if (s->y->type != FEN_REAL || !build(&k, c)) return;
    start(&k);
    for (int i = 0; i < s->n; i++)
        for (int order = 1; order <= 2; order++) check_variable(c, &k, order, i);
    if (k.e.broken) fenp_find(c, "op %s writes beside its value", k.e.broken->op->name);
    finish(&k);
}
