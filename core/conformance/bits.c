/* bits.c: results and their gradients as a run computes them: the same bits for another build, for a second run, for any number of threads,
 * and node by node; and single precision near double. */
#include "conformance/conformance.h"
#include "base/pool.h"
#include "base/random.h"
#include "ops/ops.h"
#include <float.h>
#include <math.h>
#include <string.h>

enum { TARGETS = 96 };
/* Results, then gradients of their weighted sum by the variables. */
static int targets(fenp_trial *t, fen_node **to) {
    fen_node *x[48], *gradient[48], *sum = fenp_number(t->b, 0);
    bool reached[48];
    int n = 0, wanted = 0;
    for (int i = 0; i < t->results; i++) {
        to[n++] = t->result[i].node;
        if (t->result[i].node->type == FEN_REAL) sum = fen_add(t->b, sum, fenp_weighted_sum(t->b, t->result[i].node, 70 + (uint64_t)i));
    }
    for (int i = 0; i < t->variables; i++)
        if (t->variable[i].node->type == FEN_REAL) x[wanted++] = t->variable[i].node;
    if (wanted) fenp_gradients(t->b, sum, NULL, x, wanted, gradient, reached);
    for (int i = 0; i < wanted && !fenp_is_faulty(t->b, gradient[i]); i++) to[n++] = gradient[i];
    return n;
}
static const char *target_name(fenp_check *c, const fenp_trial *t, int i) {
    if (i < t->results) return fenp_arena_text(&c->memory, "`%s`", t->result[i].name);
    int k = i - t->results;
    for (int j = 0; j < t->variables; j++)
        if (t->variable[j].node->type == FEN_REAL && k-- == 0) return fenp_arena_text(&c->memory, "the gradient by `%s`", t->variable[j].name);
    return "a gradient";
}
/* Of which target element i is. */
static int target_at(fen_node *const *target, int64_t *i) {
    int k = 0;
    while (*i >= fenp_count(&target[k]->shape)) *i -= fenp_count(&target[k++]->shape);
    return k;
}
static int targets_of(fen_node *const *target, int64_t n) {
    int count = 0;
    for (; n > 0; count++) n -= fenp_count(&target[count]->shape);
    return count;
}
/* The first difference, as a finding. */
static void compare_bits(fenp_check *c, const fenp_trial *t, fen_node *const *target, const double *a, const double *b, int64_t n, const char *when,
                         const char *where) {
    for (int64_t i = 0; i < n; i++) {
        if (memcmp(&a[i], &b[i], sizeof *a) == 0) continue;
        int64_t at = i;
        int k = target_at(target, &at);
        fenp_find(c, "%s differs %s%s: element %lld given %.17g, needed %.17g", target_name(c, t, k), when, where, (long long)at, b[i], a[i]);
        return;
    }
}

/* ---- the same bits ---- */
static double *compute(fenp_check *c, const fenp_setup *s, fenp_trial *t, fen_node **target, int64_t *n) {
    fenp_trial_open(t, c->subject, s, 0);
    if (t->faults.n) return NULL;
    if (!fenp_trial_values(t, 9)) fenp_trial_store(t);
    int k = targets(t, target);
    return k ? fenp_engine_run(c, t, target, k, n) : NULL;
}
/* A program computes constants before, merges factors: not the same bits, but nothing else. */
static void node_by_node(fenp_check *c, fenp_trial *t, fen_node *const *target, const double *value, int64_t n, const char *where) {
    const double most = t->b->doubles ? 1e-9 : 1e-3;
    fenp_evaluator e = {.b = t->b};
    double *alone = fenp_new((size_t)n * sizeof *alone + 8);
    for (int i = 0; i < t->variables; i++) fenp_evaluator_put(&e, t->variable[i].node, t->variable[i].value);
    fenp_evaluator_run(&e, NULL);
    for (int64_t i = 0; i < n; i++) {
        int64_t at = i;
        int k = target_at(target, &at);
        alone[i] = fenp_evaluator_at(&e, target[k], at);
    }
    double size = 0;
    for (int64_t i = 0; i < n; i++)
        if (isfinite(value[i])) size = fmax(size, fabs(value[i]));
    for (int64_t i = 0; i < n; i++) {
        if (fabs(alone[i] - value[i]) <= most * (size + 1) || (!isfinite(alone[i]) && !isfinite(value[i]))) continue;
        int64_t at = i;
        int k = target_at(target, &at);
        fenp_find(c, "%s differs node by node%s: element %lld given %.17g, needed %.17g", target_name(c, t, k), where, (long long)at, alone[i],
                  value[i]);
        break;
    }
    if (e.broken) fenp_find(c, "op %s writes beside its value%s", e.broken->op->name, where);
    fenp_delete(alone);
    fenp_evaluator_free(&e);
}
static void check_bits(fenp_check *c, const fenp_setup *s) {
    fenp_trial t, again;
    fen_node *target[TARGETS], *other[TARGETS];
    int64_t n = 0, m = 0;
    const char *where = fenp_setup_text(c, s);
    fenp_pool_start(1);
    double *value = compute(c, s, &t, target, &n), *second = compute(c, s, &again, other, &m);
    if (value && second && n == m) compare_bits(c, &t, target, value, second, n, "when it is built again", where);
    else if (n != m || !value != !second) fenp_find(c, "is another graph when it is built again%s", where);
    fenp_delete(second);
    fenp_trial_close(&again);
    for (int threads = 1; threads <= 3 && value; threads++) {
        fenp_pool_start(threads);
        int64_t k;
        second = fenp_engine_run(c, &t, target, targets_of(target, n), &k);
        if (second)
            compare_bits(c, &t, target, value, second, n,
                         fenp_arena_text(&c->memory, "on %d thread%s", threads, threads > 1 ? "s" : " when run again"), where);
        fenp_delete(second);
    }
    fenp_pool_stop();
    static const struct {
        unsigned flags;
        const char *text;
    } ways[] = {{FENP_NAIVE, "without fusion"}, {FENP_HOSTILE, "in small groups, in memory that is not clean"}};
    for (int i = 0; i < 2 && value; i++) {
        int64_t k;
        fenp_program_flags = ways[i].flags;
        second = fenp_engine_run(c, &t, target, targets_of(target, n), &k);
        fenp_program_flags = 0;
        if (second) compare_bits(c, &t, target, value, second, n, ways[i].text, where);
        fenp_delete(second);
    }
    if (value) node_by_node(c, &t, target, value, n, where);
    fenp_delete(value);
    fenp_trial_close(&t);
}
void fenp_test_bits(fenp_check *c) {
    fenp_setup list[16];
    int n = fenp_setups(c, list, 16);
    for (int i = 0; i < n; i++) check_bits(c, &list[i]);
    if (!n) return;
    fenp_setup large = list[0]; /* enough for several parts */
    large.batch = 1500;
    large.run = 3;
    large.doubles = false;
    if (!fenp_setup_builds(c, &large, NULL)) large.run = list[0].run;
    check_bits(c, &large);
}

/* ---- single against double ---- */
/* What moving all variables by relative errors of that size does to each element, in double: rounding them does as much. */
static void add_spread(fenp_check *c, fenp_trial *t, fen_node *const *target, int k, const double *value, double *spread, int64_t n, int round) {
    const double error = 1e-7;
    fenp_variable kept[48];
    memcpy(kept, t->variable, sizeof kept);
    for (int i = 0; i < t->variables; i++) {
        fenp_variable *v = &t->variable[i];
        v->value = fenp_new((size_t)v->count * sizeof *v->value + 8);
        for (int64_t j = 0; j < v->count; j++) {
            bool up = fenp_uniform_at((uint64_t)(500 + round), (uint64_t)(1000 * i + j)) < 0.5;
            v->value[j] = kept[i].value[j] * (v->node->type == FEN_REAL ? 1 + (up ? error : -error) : 1);
        }
    }
    fenp_trial_store(t);
    int64_t m;
    double *moved = fenp_engine_run(c, t, target, k, &m);
    for (int64_t i = 0; i < n && moved; i++) spread[i] = fmax(spread[i], fabs(moved[i] - value[i]) / error);
    fenp_delete(moved);
    for (int i = 0; i < t->variables; i++) {
        fenp_delete(t->variable[i].value);
        t->variable[i].value = kept[i].value;
    }
    fenp_trial_store(t);
}
/* 8 eps sqrt(n) of the largest element of its tensor and of what rounded inputs do to it; n is the most that is added up. */
static void compare_precisions(fenp_check *c, fenp_trial *t, fen_node *const *target, int k, const double *wide, const double *narrow,
                               const double *spread, const char *where) {
    int64_t most = 1, at = 0;
    for (int i = 0; i < t->variables; i++) most = t->variable[i].count > most ? t->variable[i].count : most;
    for (int i = 0; i < k; i++) {
        int64_t n = fenp_count(&target[i]->shape);
        double size = 0, condition = 0;
        for (int64_t j = at; j < at + n; j++) {
            size = fmax(size, fabs(wide[j]));
            condition = fmax(condition, spread[j]);
        }
        double bound = 8 * FLT_EPSILON * sqrt((double)most) * (size + condition);
        for (int64_t j = at; j < at + n; j++) {
            if (fabs(narrow[j] - wide[j]) <= bound || (!isfinite(wide[j]) && !isfinite(narrow[j]))) continue;
            fenp_find(c, "%s in single precision%s: element %lld given %.9g, needed %.9g within %.2g", target_name(c, t, i), where,
                      (long long)(j - at), narrow[j], wide[j], bound);
            break;
        }
        at += n;
    }
}
static void check_precision(fenp_check *c, const fenp_setup *s) {
    fenp_setup single = *s;
    fenp_trial t, u;
    fen_node *target[TARGETS], *other[TARGETS];
    int64_t n = 0, m = 0;
    single.doubles = false;
    double *wide = compute(c, s, &t, target, &n), *narrow = compute(c, &single, &u, other, &m), *spread = fenp_new((size_t)n * sizeof *spread + 8);
    int k = wide ? targets_of(target, n) : 0;
    for (int round = 0; round < 4 && wide; round++) add_spread(c, &t, target, k, wide, spread, n, round);
    if (wide && narrow && n == m) compare_precisions(c, &t, target, k, wide, narrow, spread, fenp_setup_text(c, s));
    if (!wide || !narrow || n != m)
        fenp_find(c, "cannot be built in both precisions%s: %s", fenp_setup_text(c, s), u.faults.n ? u.faults.at[0].text : "another graph");
    fenp_delete(wide);
    fenp_delete(narrow);
    fenp_delete(spread);
    fenp_trial_close(&t);
    fenp_trial_close(&u);
}
void fenp_test_precision(fenp_check *c) {
    fenp_setup list[16];
    int n = fenp_setups(c, list, 16);
    for (int i = 0; i < n; i++) check_precision(c, &list[i]);
}
