/* fold.c: what depends on no draw, parameter or state is computed when a program is made, in double whatever the precision: an op runs
 * its own double kernel on double inputs. A result whose elements are all equal becomes a fill. */
#include "program/plan.h"
#include <string.h>

enum { VIRTUAL_FROM = 4096, MOST = 1 << 28, CHUNK = 1 << 16 };

static double *fresh(int64_t n) { return fenp_new(fenp_product((size_t)n, sizeof(double)) + 1); }

/* The memory that kernels expect of a constant: doubles, or int32 for integers. */
static void *as_input(fenp_plan *p, fen_node *x) {
    const double *data = fenp_data(p, x);
    int64_t n = fenp_count(&x->shape);
    if (!data) return NULL;
    if (x->type == FEN_REAL) return memcpy(fresh(n), data, (size_t)n * sizeof *data);
    int32_t *whole = fenp_new((size_t)n * sizeof *whole + 1);
    for (int64_t i = 0; i < n; i++) whole[i] = (int32_t)data[i];
    return whole;
}
static double *as_double(void *out, fen_type type, int64_t n) {
    if (type == FEN_REAL) return out;
    double *real = fresh(n);
    for (int64_t i = 0; i < n; i++) real[i] = ((int32_t *)out)[i];
    fenp_delete(out);
    return real;
}

static void run_tiles(const fen_node *y, const void *const *in, char *out) {
    size_t cell = y->type == FEN_REAL ? 8 : 4;
    const void *at[FENP_ARITY];
    int64_t n = fenp_count(&y->shape);
    for (int64_t i = 0; i < n; i += CHUNK) {
        for (int k = 0; k < y->n; k++) at[k] = (const char *)in[k] + (size_t)i * (y->in[k]->type == FEN_REAL ? 8 : 4);
        y->op->tile[1]((int)(n - i < CHUNK ? n - i : CHUNK), at, out + (size_t)i * cell, &y->attrs);
    }
}
static void run_kernel(const fen_node *y, const void *const *in, void *out) {
    int parts = y->op->parts ? y->op->parts(y) : 1;
    size_t scratch = y->op->scratch ? y->op->scratch(y) : 0;
    fenp_step s = {.step = {.node = y, .in = in, .out = out, .scratch = fenp_new(scratch * (size_t)parts + 64)}};
    for (int k = 0; k < parts; k++) y->op->run[1](&s.step, k);
    fenp_delete(s.step.scratch);
}
/* Runs the op on wide copies of its node and inputs. */
static double *computed(fenp_plan *p, const fen_node *x) {
    fen_node *copy = fenp_new(((size_t)x->n + 1) * sizeof *copy), **in = fenp_new(((size_t)x->n + 1) * sizeof *in), y = *x;
    void **data = fenp_new(((size_t)x->n + 1) * sizeof *data);
    int64_t n = fenp_count(&x->shape);
    bool fine = true;
    for (int k = 0; k < x->n; k++) {
        copy[k] = *x->in[k];
        copy[k].wide = copy[k].type == FEN_REAL;
        in[k] = &copy[k];
        data[k] = as_input(p, x->in[k]);
        fine &= data[k] != NULL;
    }
    y.in = in;
    y.wide = y.type == FEN_REAL;
    void *out = fine ? fresh(n) : NULL;
    if (fine && x->op->tile[1]) run_tiles(&y, (const void *const *)data, out);
    else if (fine) run_kernel(&y, (const void *const *)data, out);
    for (int k = 0; k < x->n; k++) fenp_delete(data[k]);
    fenp_delete(data);
    fenp_delete(in);
    fenp_delete(copy);
    return fine ? as_double(out, x->type, n) : NULL;
}

static double *coordinates(const fen_node *x) {
    int64_t n = fenp_count(&x->shape), inner = 1, size = x->shape.rank ? x->shape.size[x->attrs.whole[0]] : 1;
    for (int p = (int)x->attrs.whole[0] + 1; p < x->shape.rank; p++) inner *= x->shape.size[p];
    double *y = fresh(n);
    for (int64_t i = 0; i < n; i++) y[i] = x->attrs.real[0] + x->attrs.real[1] * (double)(i / inner % size);
    return y;
}
static double *filled(int64_t n, double v) {
    double *y = fresh(n);
    for (int64_t i = 0; i < n; i++) y[i] = v;
    return y;
}
const double *fenp_data(fenp_plan *p, fen_node *x) {
    fenp_value *v = fenp_value_of(x);
    double value;
    if (v->data) return v->data;
    if (x->op == &fenp_op_table) return (const double *)(intptr_t)x->attrs.whole[0];
    if (v->base.depends) return NULL;
    int64_t n = fenp_count(&x->shape);
    if (n > MOST) {
        fenp_fail(p->b->faults, fenp_node_of(x)->at, "a constant of %lld numbers is too large: %d at most", (long long)n, MOST);
        return NULL;
    }
    if (fenp_is_fill(x, &value)) return v->data = filled(n, value);
    if (x->op == &fenp_op_coordinate) return v->data = coordinates(x);
    if (x->op == &fenp_op_cast || x->op->flags & FEN_VIEW) {         /* the same doubles */
        const double *same = fenp_data(p, x->in[0]);
        return same ? v->data = memcpy(fresh(n), same, (size_t)n * sizeof *same) : NULL;
    }
    if (!(x->op->tile[1] || x->op->run[1]) || (x->op->tile[1] && x->n > FENP_ARITY)) return NULL;
    return v->data = computed(p, x);
}

static bool uniform(const double *x, int64_t n) {
    for (int64_t i = 1; i < n; i++) if (memcmp(x, x + i, sizeof *x)) return false;
    return n > 0;
}
/* Elementwise on fills: one element is enough. */
static fen_node *fold_fills(fenp_simplifier *s, const fen_node *x) {
    double real[FENP_ARITY], out = 0, v;
    int32_t whole[FENP_ARITY], count;
    const void *in[FENP_ARITY];
    if (!x->n || x->n > FENP_ARITY) return NULL;
    for (int k = 0; k < x->n; k++) {
        if (!fenp_is_fill(x->in[k], &v)) return NULL;
        real[k] = v;
        whole[k] = x->in[k]->type == FEN_INTEGER ? (int32_t)v : 0;
        in[k] = x->in[k]->type == FEN_INTEGER ? (const void *)&whole[k] : &real[k];
    }
    if (x->op == &fenp_op_cast) out = real[0];
    else if (x->type == FEN_INTEGER) { x->op->tile[1](1, in, &count, &x->attrs); out = count; }
    else x->op->tile[1](1, in, &out, &x->attrs);
    return fenp_fill_like(s, x, out);
}
static fen_node *as_table(fenp_simplifier *s, fen_node *x, const double *data, int64_t n) {
    if (uniform(data, n)) return fenp_fill_like(s, x, data[0]);
    if (x->op == &fenp_op_table) return x;
    fen_node table = *x;
    memset(&table.attrs, 0, sizeof table.attrs);
    double *own = fenp_arena_new(&s->plan->constants, (size_t)n * sizeof *own);
    memcpy(own, data, (size_t)n * sizeof *own);
    table.op = &fenp_op_table;
    table.n = 0;
    table.attrs.whole[0] = (int64_t)(intptr_t)own;
    table.attrs.whole[1] = x->type;
    table.attrs.shape = x->shape;
    fenp_delete(fenp_value_of(x)->data);
    fenp_value_of(x)->data = NULL;
    return fenp_intern(s, &table);
}
fen_node *fenp_fold(fenp_simplifier *s, fen_node *x) {
    bool leaf = x->op == &fenp_op_coordinate || x->op == &fenp_op_table;
    if (!x->n && !leaf) return NULL;
    for (int k = 0; k < x->n; k++) if (fenp_node_of(x->in[k])->depends) return NULL;
    if (x->op->tile[1] || x->op == &fenp_op_cast) {
        fen_node *y = fold_fills(s, x);
        if (y) return y;
    }
    int64_t n = fenp_count(&x->shape);
    if (x->op == &fenp_op_broadcast && n > VIRTUAL_FROM) return NULL;
    fen_node *y = fenp_intern(s, x);
    if (fenp_value_of(y)->folded) return fenp_value_of(y)->folded;
    const double *data = fenp_data(s->plan, y);
    if (!data) return y;
    return fenp_value_of(y)->folded = as_table(s, y, data, n);
}
