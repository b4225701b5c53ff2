/* expect.c: `expect`: conditions over metrics, their history, and parameters; printed as a table. */
#include "train/evaluate.h"
#include "ops/ops.h"
#include <math.h>
#include <string.h>

/* The values that conditions read: of one run, or over the points of a sweep. */
typedef struct book {
    fenp_run *run;
    bool trial;
} book; /* trial: before the run; nothing was measured yet */

static fenp_value *as_table(const fenp_context *c, const fenp_result *m, const double *x) {
    fenp_value *v = fenp_value_new(c->build, m->shape.rank ? fenp_table(c->build->b, m->shape, FEN_REAL, x) : fenp_number(c->build->b, x[0]));
    v->unit = NULL;
    return v;
}
static fenp_value *last_value(const fenp_context *c, const char *name, fenp_place at) {
    book *k = c->build->metrics->owner;
    fenp_result *m = fenp_result_named(k->run, name);
    if (!m) return NULL;
    if (!m->single) return fenp_wrong(c, at, "metric `%s` has several values: give each that you need a metric of its own", name);
    return as_table(c, m, m->value);
}

/* ---- history ---- */
static int phase_named(const fenp_run *r, const char *name) {
    for (int i = 0; i < r->phases; i++)
        if (strcmp(r->phase[i].name, name) == 0) return i;
    return -1;
}
static const double *at_phase(const fenp_run *r, const fenp_result *m, int phase) {
    for (int i = m->entries; i-- > 0;)
        if (m->round[i] == r->phase[phase].ended) return m->history[i];
    return NULL;
}
static double extreme(const fenp_result *m, int64_t k, double sign) {
    double best = NAN;
    for (int i = 0; i < m->entries; i++)
        if (isnan(best) || sign * m->history[i][k] < sign * best) best = m->history[i][k];
    return best;
}
/* Each value beside the one before: how far it moves the wrong way at most. */
static double monotone(const fenp_result *m, const char *f, double tolerance) {
    bool strict = f[0] != 'n', up = strstr(f, "increasing") ? strcmp(f, "nonincreasing") != 0 : strcmp(f, "nondecreasing") == 0;
    for (int i = 1; i < m->entries; i++)
        for (int64_t k = 0; k < fenp_count(&m->shape); k++) {
            double d = (m->history[i][k] - m->history[i - 1][k]) * (up ? 1 : -1);
            if (strict ? !(d > 0) : !(d >= -tolerance)) return 0;
        }
    return 1;
}
static fenp_value *history(const fenp_context *c, const fenp_expression *e) {
    static const char *const names[] = {"first", "at", "lowest", "highest", "nondecreasing", "nonincreasing", "increasing", "decreasing", NULL};
    int f = 0;
    while (names[f] && strcmp(names[f], e->name)) f++;
    if (!names[f]) return NULL;
    book *k = c->build->metrics->owner;
    fenp_result *m = e->n && e->arg[0]->form == FENP_X_NAME ? fenp_result_named(k->run, e->arg[0]->name) : NULL;
    if (!m || !m->single || (!m->entries && !k->trial)) return fenp_wrong(c, e->at, "%s(..) needs the name of a metric", e->name);
    if (f == 0) return as_table(c, m, k->trial ? m->value : m->history[0]);
    if (f == 1) {
        int phase = e->n > 1 && e->arg[1]->form == FENP_X_NAME ? phase_named(k->run, e->arg[1]->name) : -1;
        const double *x = phase >= 0 ? k->trial ? m->value : at_phase(k->run, m, phase) : NULL;
        return x ? as_table(c, m, x) : fenp_wrong(c, e->at, "at(metric, phase): needs the name of a phase that was played");
    }
    if (f < 4) {
        double *x = fenp_arena_new(&c->build->experiment->memory, (size_t)fenp_count(&m->shape) * sizeof *x + 8);
        for (int64_t i = 0; i < fenp_count(&m->shape); i++) x[i] = extreme(m, i, f == 2 ? 1 : -1);
        return as_table(c, m, x);
    }
    double tolerance = 0;
    if (e->n > 1 && !fenp_constant_of(c, e->arg[1], &tolerance)) return fenp_faulty_value(c->build);
    return fenp_value_new(c->build, fenp_number(c->build->b, monotone(m, e->name, tolerance)));
}

/* ---- the table ---- */
static bool holds(const fenp_context *c, const fenp_expression *e, bool *good) {
    fenp_value *v = fenp_evaluate(c, e);
    *good = !fenp_is_fault(c->build, v);
    if (!*good) return false;
    fen_node *x = fenp_tensor(c, v, e->at);
    double *d = fenp_is_faulty(c->build->b, x) ? NULL : fenp_constants(x);
    if (!d && !fenp_is_faulty(c->build->b, x)) fenp_wrong(c, e->at, "a condition reads metrics and parameters; this is not known at the end of the run");
    bool all = d != NULL;
    *good = d != NULL;
    for (int64_t i = 0; d && i < fenp_count(&x->shape); i++) all &= d[i] != 0 && !isnan(d[i]);
    fenp_delete(d);
    return all;
}
/* The left side's value, for the reader of the table. */
static const char *shown(const fenp_context *c, const fenp_expression *e) {
    fenp_arena *a = &c->build->experiment->memory;
    if (e->form < FENP_X_LESS) return "";
    fenp_value *v = fenp_evaluate(c, e->arg[0]);
    fen_node *x = fenp_is_fault(c->build, v) ? NULL : fenp_tensor(c, v, e->at);
    double *d = x && !fenp_is_faulty(c->build->b, x) ? fenp_constants(x) : NULL;
    const char *text = "";
    for (int64_t i = 0; d && i < fenp_count(&x->shape) && i < 8; i++) text = fenp_arena_text(a, "%s%s%.6g", text, i ? ", " : "", d[i]);
    fenp_delete(d);
    return text;
}
bool fenp_conditions(fenp_run *r, const fenp_item *expect, fenp_value *(*named)(const fenp_context *, const char *, fenp_place),
                     fenp_value *(*called)(const fenp_context *, const fenp_expression *), void *owner, bool quiet, bool *met) {
    *met = true;
    if (!expect) return true;
    fenp_build *u = fenp_build_new(r->experiment, FEN_EVALUATE, true);
    fenp_metrics metrics = {.finish = u->b, .named = named, .owner = owner, .unit_said = true, .size_batch = -1, .size_draws = -1};
    u->metrics = &metrics;
    u->called = called;
    u->metrics_first = true;
    u->over_points = r->points;
    u->final = true;
    fenp_context c = {u, r->experiment->space->scope, u->world};
    fenp_text t = {0};
    int before = r->faults->n, n = expect->sort == FENP_LIST ? expect->n : 1;
    for (int i = 0; i < n; i++) {
        const fenp_item *item = expect->sort == FENP_LIST ? expect->item[i] : expect;
        const char *text = item->text ? fenp_paste(&c, item) : NULL;
        fenp_expression *e = text ? fenp_parsed(r->experiment, text, item->at) : NULL;
        bool good = false, held = e && holds(&c, e, &good);
        if (!item->text) fenp_fail(r->faults, item->at, "expect: given %s; needs conditions such as error <= 0.03", fenp_sort_name[item->sort]);
        *met &= held;
        const char *left = e && good ? shown(&c, e) : "";
        fenp_text_add(&t, "%s  %-4s %s%s%s%s", i ? "\n" : "",
                      !e || !good ? "?"
                      : held      ? "met"
                                  : "NOT",
                      item->text ? item->text : "?", *left ? "   (" : "", left, *left ? ")" : "");
    }
    if (!quiet && r->progress) fenp_progress_say(r->progress, "expected:\n%s", t.at ? t.at : "");
    fenp_text_free(&t);
    u->metrics = NULL;
    fenp_build_free(u);
    return r->faults->n == before;
}
bool fenp_expect_table(fenp_run *r, bool quiet, bool *met) {
    book k = {r, false};
    (void)quiet; /* --quiet leaves the terminal out, not console.log */
    return fenp_conditions(r, r->evaluation->expect, last_value, history, &k, false, met);
}
/* Of a faulty file, whose metrics are not all built: names that there are not. */
typedef struct reader {
    fenp_run *run;
    fenp_context context;
} reader;
static void look_at_name(void *context, const fenp_expression *e) {
    reader *k = context;
    bool known = e->form != FENP_X_NAME || strcmp(e->name, "pi") == 0 || strcmp(e->name, "step") == 0 || strcmp(e->name, "epoch") == 0;
    if (known || fenp_result_named(k->run, e->name) || fenp_lookup(k->context.scope, e->name) || phase_named(k->run, e->name) >= 0) return;
    fenp_unknown_name(&k->context, e->name, e->at);
}
void fenp_expect_look(fenp_run *r) {
    const fenp_item *expect = r->evaluation->expect;
    fenp_build *u = r->declaration;
    reader k = {r, {u, r->experiment->space->scope, u->world}};
    for (int i = 0; expect && i < (expect->sort == FENP_LIST ? expect->n : 1); i++) {
        const fenp_item *item = expect->sort == FENP_LIST ? expect->item[i] : expect;
        fenp_expression *e = item->sort == FENP_TEXT && !strstr(item->text, "${") ? fenp_parsed(r->experiment, item->text, item->at) : NULL;
        if (e) fenp_expression_names(e, look_at_name, &k);
    }
}
/* Conditions that cannot be read are said before step 0. */
bool fenp_expect_check(fenp_run *r) {
    book k = {r, true};
    bool met;
    return fenp_conditions(r, r->evaluation->expect, last_value, history, &k, true, &met);
}
