/* harvest.c: ops of plugins. An op is tested as it is met in the graphs of the functions of its module (inputs, attributes, numbers); one that no
 * function uses on inputs that its shape rule takes, which are searched. */
#include "conformance/op.h"
#include "base/random.h"
#include "ops/ops.h"
#include <math.h>
#include <string.h>

enum { CASES = 9, LARGE = 5000 }; /* derivatives are taken up to that many elements */
typedef struct harvest {
    fenp_arena memory;
    const fen_op *op;
    fenp_op_case at[CASES];
    int n;
} harvest;

/* ---- from graphs ---- */
static bool same_case(const fenp_op_case *k, const fen_node *x) {
    bool same = k->op == x->op && k->n == x->n && memcmp(&k->attrs, &x->attrs, sizeof k->attrs) == 0;
    for (int i = 0; i < x->n && same; i++) same = fenp_same(&k->shape[i], &x->in[i]->shape) && k->type[i] == x->in[i]->type;
    return same;
}
static double value_at(void *e, const fen_node *x, int64_t i) { return fenp_evaluator_at(e, x, i); }
static void take(harvest *h, fenp_evaluator *e, const fen_node *x) {
    for (int i = 0; i < h->n; i++)
        if (same_case(&h->at[i], x)) return;
    if (h->n < CASES && fenp_op_case_of(&h->at[h->n], e->b, x, value_at, e, &h->memory)) h->n++;
}
static void harvest_setup(fenp_check *c, harvest *h, const fenp_setup *s) {
    fenp_trial t;
    fenp_trial_open(&t, c->subject, s, 0);
    if (t.faults.n == 0) {
        fenp_trial_values(&t, 3); /* its gradients are in the graph too */
        fenp_evaluator e = {.b = t.b};
        for (int i = 0; i < t.variables; i++) fenp_evaluator_put(&e, t.variable[i].node, t.variable[i].value);
        fenp_evaluator_run(&e, NULL);
        for (int i = 0; i < t.b->graph.n; i++)
            if (t.b->graph.at[i]->op == h->op) take(h, &e, t.b->graph.at[i]);
        fenp_evaluator_free(&e);
    }
    fenp_trial_close(&t);
}
static void harvest_function(fenp_check *c, harvest *h, const fen_function *f, fenp_kind kind) {
    fenp_setup list[8];
    fenp_subject s = *c->subject;
    const fenp_subject *before = c->subject;
    s.function = f;
    s.name = f->name;
    s.of = kind;
    c->subject = &s;
    int n = f->build ? fenp_setups(c, list, 8) : 0;
    fenp_setup large = n ? list[0] : (fenp_setup){0}; /* enough for several parts */
    large.batch = 1500;
    large.run = 3;
    if (n) harvest_setup(c, h, &large);
    for (int i = 0; i < n; i++) {
        harvest_setup(c, h, &list[i]);
        list[i].leads = list[i].leads == 2 ? 1 : 2;
        harvest_setup(c, h, &list[i]);
    }
    c->subject = before;
}
static void harvest_module(fenp_check *c, harvest *h) {
    const fen_plugin *p = c->subject->plugin;
    const fen_function *const *list[FENP_KINDS] = {p->layers, p->divergences, p->samplers, p->optimizers, p->metrics};
    for (int k = 0; k < FENP_KINDS; k++)
        for (int i = 0; list[k] && list[k][i]; i++) harvest_function(c, h, list[k][i], (fenp_kind)k);
}

/* ---- searching: inputs that the shape rule takes ---- */
static const struct {
    int leads, n;
    int64_t size[3];
} shapes[] = {{0, 1, {4}}, {1, 1, {4}}, {1, 2, {2, 3}}, {0, 2, {3, 3}}, {0, 2, {2, 3}}, {0, 2, {3, 4}}, {0, 0, {0}}, {1, 0, {0}}, {0, 3, {2, 3, 4}}};
enum { SHAPES = sizeof shapes / sizeof *shapes, NUMBERS = 3 };
static fen_shape shape_at(int i) {
    fen_shape s = {.leads = (uint8_t)shapes[i].leads, .rank = (uint8_t)(shapes[i].leads + shapes[i].n)};
    if (shapes[i].leads) s.size[0] = 3;
    for (int k = 0; k < shapes[i].n; k++) s.size[s.leads + k] = shapes[i].size[k];
    return s;
}
static const double *numbers(harvest *h, const fen_shape *s, fen_type type, int kind, uint64_t key) {
    int64_t n = fenp_count(s);
    double *x = fenp_arena_new(&h->memory, (size_t)n * sizeof *x + 8);
    for (int64_t i = 0; i < n; i++) {
        double z = fenp_normal_at(key, (uint64_t)i), u = fenp_uniform_at(key, (uint64_t)i);
        x[i] = type == FEN_INTEGER ? floor(2 * u) : (double)(float)(kind == 0 ? z : kind == 1 ? fabs(z) + 0.2 : 0.05 + 0.9 * u);
    }
    return x;
}
static bool try_case(harvest *h, int n, const int *shape, unsigned integers, int attribute) {
    fenp_op_case k = {.op = h->op, .n = n};
    k.attrs.whole[0] = attribute == 1;
    k.attrs.real[0] = attribute == 2 ? 0.5 : 1;
    for (int i = 0; i < n; i++) {
        k.shape[i] = shape_at(shape[i]);
        k.type[i] = integers >> i & 1 ? FEN_INTEGER : FEN_REAL;
    }
    if (attribute == 3) k.attrs.shape = k.shape[0];
    for (int kind = 0; kind < NUMBERS; kind++) {
        for (int i = 0; i < n; i++) k.value[i] = numbers(h, &k.shape[i], k.type[i], kind, 900 + (uint64_t)i);
        if (!fenp_op_accepts(&k)) continue;
        h->at[h->n++] = k;
        return true;
    }
    return false;
}
static void search(harvest *h) {
    const fen_op *op = h->op;
    int least = op->arity < 0 ? 1 : op->arity, last = op->arity < 0 ? 3 : op->arity;
    for (int n = least; n <= last && n <= 3; n++) {
        int all = 1;
        for (int i = 0; i < n; i++) all *= SHAPES;
        for (int attribute = 0; attribute < 4 && h->n < CASES; attribute++)
            for (unsigned integers = 0; integers < 1u << n; integers++)
                for (int k = 0; k < all && h->n < CASES; k++) {
                    int shape[3] = {k % SHAPES, k / SHAPES % SHAPES, k / SHAPES / SHAPES};
                    try_case(h, n, shape, integers, attribute);
                }
    }
}

/* ---- the tests ---- */
static int64_t size_of(const fenp_op_case *k) {
    int64_t n = 0;
    for (int i = 0; i < k->n; i++) n += fenp_count(&k->shape[i]);
    return n;
}
static void each_case(fenp_check *c, void (*test)(fenp_check *, const fenp_op_case *)) {
    harvest h = {.op = c->subject->op};
    harvest_module(c, &h);
    if (!h.n) search(&h);
    if (!h.n) fenp_find(c, "no inputs were found that its shape rule takes; needs a function of the module that uses it");
    for (int i = 0; i < h.n; i++)
        if (test == fenp_op_kernels || size_of(&h.at[i]) <= LARGE) test(c, &h.at[i]);
    fenp_arena_free(&h.memory);
}
void fenp_test_kernels(fenp_check *c) { each_case(c, fenp_op_kernels); }
void fenp_test_derivatives(fenp_check *c) {
    const fen_op *op = c->subject->op;
    if (!op->vjp && !op->expand && !(op->flags & FEN_FLAT)) return; /* refused by name where a gradient is needed: it says so */
    each_case(c, fenp_op_derivatives);
}
