/* ops/constant.c: the value of a constant, now. Only its ancestors are walked, whatever the size of the graph; each is run once, in
 * order of ids, all reals in double whatever the precision, so a cast between the precisions is the identity here. */
#include "ops/cells.h"
#include <stdlib.h>
#include <string.h>

/* The ancestors. `seen` is an open-addressing table of ids + 1, `slots` a power of two. */
typedef struct walk { const fen_node **at; int n, *seen, slots; } walk;
/* What is computed for one of them: a copy of the node that says double, and its value; `left` readers still to come. */
typedef struct result { fen_node node; fen_node **in; void *data; bool owned; int left; } result;

static int *slot_of(const walk *w, int id) {
    unsigned at = (unsigned)id * 2654435761u;
    while (w->seen[at & (unsigned)(w->slots - 1)] && w->seen[at & (unsigned)(w->slots - 1)] != id + 1) at++;
    return &w->seen[at & (unsigned)(w->slots - 1)];
}
static void grow(walk *w) {
    fenp_delete(w->seen);
    w->slots = w->slots ? 2 * w->slots : 64;
    w->seen = fenp_new((size_t)w->slots * sizeof *w->seen);
    for (int i = 0; i < w->n; i++) *slot_of(w, w->at[i]->id) = w->at[i]->id + 1;
}
static void visit(walk *w, const fen_node *x) {
    if (2 * (w->n + 1) > w->slots) grow(w);
    int *slot = slot_of(w, x->id);
    if (*slot) return;
    *slot = x->id + 1;
    w->at = fenp_more(w->at, w->n, sizeof *w->at);
    w->at[w->n++] = x;
}
static int by_id(const void *x, const void *y) {
    int i = (*(const fen_node *const *)x)->id, j = (*(const fen_node *const *)y)->id;
    return (i > j) - (i < j);
}
static walk ancestors_of(const fen_node *x) {
    walk w = {0};
    visit(&w, x);
    for (int i = 0; i < w.n; i++)
        for (int k = 0; k < w.at[i]->n; k++) visit(&w, w.at[i]->in[k]);
    qsort(w.at, (size_t)w.n, sizeof *w.at, by_id);
    return w;
}

static result *result_of(result *r, const walk *w, const fen_node *x) {
    const fen_node **at = bsearch(&x, w->at, (size_t)w->n, sizeof *w->at, by_id);
    return &r[at - w->at];
}
static bool is_alias(const fen_node *x) { return x->n && ((x->op->flags & FEN_VIEW) || x->op == &fenp_op_cast); }

static void run_tiles(const fen_node *x, const void **in, void *out) {
    int64_t n = fenp_count(&x->shape);
    for (int64_t from = 0; from < n; from += 1 << 20) {
        int m = n - from < 1 << 20 ? (int)(n - from) : 1 << 20;
        x->op->tile[1](m, in, (char *)out + (size_t)from * fenp_cell_size(x), &x->attrs);
        for (int k = 0; k < x->n; k++) in[k] = (const char *)in[k] + (size_t)m * fenp_cell_size(x->in[k]);
    }
}
static void run_parts(const fen_node *x, const void *const *in, void *out) {
    int parts = x->op->parts ? x->op->parts(x) : 1;
    size_t scratch = x->op->scratch ? x->op->scratch(x) : 0;
    fenp_step step = {.step = {.node = x, .in = in, .out = out, .scratch = scratch ? fenp_new(scratch) : NULL}};
    for (int part = 0; part < parts; part++) x->op->run[1](&step.step, part);
    fenp_delete(step.step.scratch);
}
static void let_go(result *r) {
    if (--r->left == 0 && r->owned) { fenp_delete(r->data); r->data = NULL; }
}
/* An alias borrows its input's value, which then lives to the end. */
static void compute(result *r, result *all, const walk *w, const fen_node *x) {
    const void **in = fenp_new((size_t)(x->n + 1) * sizeof *in);
    r->in = fenp_new((size_t)(x->n + 1) * sizeof *r->in);
    r->node = *x;
    r->node.in = r->in;
    r->node.wide = r->node.type == FEN_REAL;
    for (int k = 0; k < x->n; k++) {
        result *from = result_of(all, w, x->in[k]);
        r->in[k] = &from->node;
        in[k] = from->data;
    }
    r->owned = !is_alias(x);
    if (r->owned) {
        r->data = fenp_new(fenp_product((size_t)fenp_count(&x->shape), fenp_cell_size(&r->node)));
        if (x->op->tile[1]) run_tiles(&r->node, in, r->data);
        else run_parts(&r->node, in, r->data);
    } else r->data = result_of(all, w, x->in[0])->data;
    for (int k = 0; k < x->n; k++) {
        result *from = result_of(all, w, x->in[k]);
        if (r->owned) let_go(from);
    }
    fenp_delete(in);
}

static double *doubles_of(const result *r) {
    int64_t n = fenp_count(&r->node.shape);
    double *value = fenp_new(fenp_product((size_t)(n ? n : 1), sizeof *value));
    if (r->node.type == FEN_REAL) memcpy(value, r->data, (size_t)n * sizeof *value);
    else for (int64_t i = 0; i < n; i++) value[i] = (double)((const int32_t *)r->data)[i];
    return value;
}
static bool can_run(const walk *w) {
    for (int i = 0; i < w->n; i++) {
        const fen_op *op = w->at[i]->op;
        if (!op->tile[1] && !op->run[1] && !is_alias(w->at[i])) return false;
    }
    return true;
}
double *fenp_constants(const fen_node *x) {
    if (fenp_node_of(x)->depends || x->id < 0) return NULL;
    walk w = ancestors_of(x);
    double *value = NULL;
    if (can_run(&w)) {
        result *r = fenp_new((size_t)w.n * sizeof *r);
        for (int i = 0; i < w.n; i++)
            for (int k = 0; k < w.at[i]->n; k++) result_of(r, &w, w.at[i]->in[k])->left++;
        for (int i = 0; i < w.n; i++) compute(&r[i], r, &w, w.at[i]);
        value = doubles_of(&r[w.n - 1]);
        for (int i = 0; i < w.n; i++) { if (r[i].owned) fenp_delete(r[i].data); fenp_delete(r[i].in); }
        fenp_delete(r);
    }
    fenp_delete(w.at);
    fenp_delete(w.seen);
    return value;
}

bool fenp_constant(const fen_node *x, double *value) {
    if (x->shape.rank || x->id < 0 || fenp_node_of(x)->depends) return false;
    if (x->op == &fenp_op_fill) { *value = x->attrs.real[0]; return true; }
    double *all = fenp_constants(x);
    if (all) *value = *all;
    fenp_delete(all);
    return all != NULL;
}
