/* shapes.c: builds of all kinds: shapes of inputs, ends of the ranges of attributes, a fault at every verb. Nothing may crash; a refusal is a
 * sentence to the user, never one of those that the frame says of a plugin whose build contradicts its tables. */
#include "conformance/conformance.h"
#include "ops/ops.h"
#include "plugin/pattern.h"
#include <math.h>
#include <string.h>

/* The frame's own complaints begin so (plugin/call.c): whatever a user wrote, they are the plugin's mistake. */
static bool plugins_mistake(const char *text) { return strncmp(text, "plugin ", 7) == 0 || strstr(text, " gives a faulty ") != NULL; }

/* Faults of t that are mistakes of the plugin; how many faults. */
static int look_at_faults(fenp_check *c, const fenp_trial *t, const char *where) {
    for (int i = 0; i < t->faults.n; i++)
        if (plugins_mistake(t->faults.at[i].text)) fenp_find(c, "%s%s", t->faults.at[i].text, where);
    return t->faults.n;
}
/* Each output against its port, matched anew with the inputs: letters mean one size throughout the call. */
static void compare_outputs(fenp_check *c, fenp_trial *t, const char *where) {
    const fen_function *f = t->function;
    fenp_match m = t->call->match;
    memset(m.letter, 0, sizeof m.letter);
    for (int i = 0; i < fenp_ports(f->inputs); i++) {
        fen_node *x = t->call->input[i];
        if (x) fenp_port_refuses(&m, &f->inputs[i], t->b, x, &x);
    }
    for (int i = 0; i < t->call->outputs; i++) {
        const fen_port *p = fenp_port(f->outputs, t->call->output[i].name, NULL);
        fen_node *y = t->call->output[i].node, *fitted;
        const char *needed = p ? fenp_port_refuses(&m, p, t->b, y, &fitted) : NULL;
        if (needed) fenp_find(c, "output `%s`%s: given %s, needed %s", p->name, where, fenp_shape_text(t->b, y->shape, (char[160]){0}), needed);
        if (p && p->type != y->type)
            fenp_find(c, "output `%s`%s: given %s, needed %s", p->name, where, y->type ? "integers" : "reals", p->type ? "integers" : "reals");
    }
}
/* What is not declared is not tested. */
static void look_at_ops(fenp_check *c, const fenp_trial *t) {
    for (int i = 0; i < t->b->graph.n; i++) {
        const fen_op *op = t->b->graph.at[i]->op;
        int k = 0;
        while (fenp_ops[k] && fenp_ops[k] != op) k++;
        if (!fenp_ops[k] && fenp_plugin_op(op->name) != op)
            fenp_find(c, "applies op %s that its module does not declare; needs it in .ops", op->name);
    }
}
static bool try_shape(fenp_check *c, const fenp_setup *s) {
    fenp_trial t;
    const char *where = fenp_setup_text(c, s);
    fenp_trial_open(&t, c->subject, s, 0);
    bool good = look_at_faults(c, &t, where) == 0;
    if (good) compare_outputs(c, &t, where);
    if (good) look_at_ops(c, &t);
    fenp_trial_close(&t);
    return good;
}
void fenp_test_shapes(fenp_check *c) {
    fenp_setup base, s;
    const char *why;
    int built = 0, draws = fenp_setup_draws(c->subject);
    if (!fenp_setup_base(c, &base, &why)) {
        fenp_find(c, "no way to call it was found; the first try said: %s (attributes can be given: %s.ATTRIBUTE=VALUE)", why ? why : "nothing",
                  c->subject->name);
        return;
    }
    for (int leads = 0; leads < 3; leads++)
        for (int k = 0; k < FENP_SETUP_RUNS * FENP_SETUP_LETTERS * draws; k++) {
            s = base;
            s.leads = leads;
            s.run = k % FENP_SETUP_RUNS;
            s.letters = k / FENP_SETUP_RUNS % FENP_SETUP_LETTERS;
            s.draw = k / FENP_SETUP_RUNS / FENP_SETUP_LETTERS;
            s.mode = k % 2 ? FEN_EVALUATE : FEN_TRAIN;
            built += try_shape(c, &s);
        }
    if (!built) fenp_find(c, "no shapes of inputs build");
}

/* ---- ends of ranges ---- */
enum { LARGE = 100000 };
bool fenp_attribute_end(fenp_check *c, const fen_attribute *a, int k, const char **text, bool *large) {
    fenp_range r = {-INFINITY, INFINITY, true, true};
    bool whole = a->type == FEN_ATTR_INT;
    *large = false;
    if (a->type == FEN_ATTR_BOOL || a->type == FEN_ATTR_WORD) {
        const char *words = a->type == FEN_ATTR_BOOL ? "false|true" : a->range;
        for (; words && k > 0; k--) words = strchr(words, '|') ? strchr(words, '|') + 1 : NULL;
        *text = words ? fenp_arena_copy(&c->memory, words, strcspn(words, "|")) : NULL;
        return words != NULL;
    }
    if ((a->type != FEN_ATTR_REAL && !whole) || k > 3) return false;
    if (a->range) fenp_range_read(a->range, &r);
    double low = isfinite(r.low) ? r.low : -1e6,
           high = isfinite(r.high) ? r.high
                  : whole          ? low + 20
                                   : 1e6,
           near = 1e-6 * (high - low < 1 ? high - low : 1);
    double x[] = {low + (r.low_open && isfinite(r.low) ? whole ? 1 : near : 0), high - (r.high_open && isfinite(r.high) ? whole ? 1 : near : 0),
                  (low + high) / 2, whole ? (isfinite(r.high) ? r.high : LARGE) : 1};
    if (whole) x[2] = floor(x[2]);
    *large = whole && (k == 3 || x[k] > 5000);
    *text = fenp_arena_text(&c->memory, "%.17g", x[k]);
    return true;
}
static void declare_only(fenp_check *c, const fenp_setup *s, const char *where) {
    fenp_trial t;
    fenp_setup build = *s;
    build.mode = FEN_INITIALISE;
    fenp_trial_open(&t, c->subject, &build, 0);
    look_at_faults(c, &t, where);
    fenp_trial_close(&t);
}
static void compute(fenp_check *c, const fenp_setup *s, const char *where) {
    fenp_trial t;
    fenp_trial_open(&t, c->subject, s, 0);
    if (!look_at_faults(c, &t, where) && !fenp_trial_values(&t, 5)) {
        fenp_find(c, "not finite%s: a result, or a derivative, at all numbers that were tried", where);
    }
    fenp_trial_close(&t);
}
/* A live number is read as a node: what it is may change from step to step. */
static void check_live(fenp_check *c, const fenp_setup *base, int i) {
    const fen_attribute *a = &c->subject->function->attributes[i];
    fenp_setup s = *base;
    fenp_trial t;
    s.text[i] = fenp_arena_text(&c->memory, "%s + 0 * step", base->text[i] ? base->text[i] : a->initial);
    fenp_trial_open(&t, c->subject, &s, 0);
    bool read = false;
    for (int k = 0; k < t.b->graph.n && !t.faults.n; k++)
        for (int j = 0; j < t.b->graph.at[k]->n; j++) read |= t.b->graph.at[k]->in[j] == t.call->argument[i].node;
    for (int k = 0; k < t.results && !t.faults.n; k++) read |= t.result[k].node == t.call->argument[i].node;
    if (t.faults.n) fenp_find(c, "%s=%s is refused, and it is live: %s", a->name, s.text[i], t.faults.at[0].text);
    else if (!read) fenp_find(c, "live attribute `%s` is not read as a node (fen_attr_node): what depends on step would be ignored", a->name);
    fenp_trial_close(&t);
}
void fenp_test_extremes(fenp_check *c) {
    const fen_function *f = c->subject->function;
    fenp_setup base, s;
    const char *why, *text;
    bool large;
    if (!fenp_setup_base(c, &base, &why)) return; /* said by the test of shapes */
    for (int i = 0; i < fenp_attributes(f->attributes) && i < FENP_SETUP_ATTRIBUTES; i++) {
        for (int k = 0; fenp_attribute_end(c, &f->attributes[i], k, &text, &large); k++) {
            s = base;
            s.text[i] = text;
            const char *where = fenp_arena_text(&c->memory, " at %s=%s", f->attributes[i].name, text);
            if (!large) fenp_setup_fit(c, &s);
            (large ? declare_only : compute)(c, &s, where);
        }
        if (f->attributes[i].live) check_live(c, &base, i);
    }
}

/* ---- a fault at every verb ---- */
static bool fail_at(fenp_check *c, const fenp_setup *s, long n) {
    fenp_trial t;
    fenp_trial_open(&t, c->subject, s, n);
    bool reached = n <= t.verbs;
    const char *text = t.faults.n ? t.faults.at[0].text : "";
    if (reached && (t.faults.n != 1 || !strstr(text, "injected")))
        fenp_find(c, "verb %ld of build fails%s: given %d faults (%s), needed that one", n, fenp_setup_text(c, s), t.faults.n,
                  t.faults.n > 1 ? t.faults.at[1].text : text);
    fenp_trial_close(&t);
    return reached;
}
void fenp_test_faults(fenp_check *c) {
    fenp_setup list[24];
    int n = fenp_setups(c, list, 24);
    for (int i = 0; i < n; i++)
        for (long k = 1; k < 3000 && fail_at(c, &list[i], k); k++) {}
}
