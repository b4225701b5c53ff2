/* evaluator.c: a graph run node by node, one buffer for every value, parts in reverse order, guard bytes around each buffer: what a fused
 * program cannot show (a kernel that writes beside its value, or a derivative with one op held) is seen here. */
#include "conformance/op.h"
#include "base/random.h"
#include "ops/cells.h"
#include <string.h>

enum { GUARD_BYTE = 0xa5, OLD_BYTE = 0x7b };

double fenp_cell_get(const fen_node *x, const void *data, int64_t i) {
    if (x->type == FEN_INTEGER) return ((const int32_t *)data)[i];
    return x->wide ? ((const double *)data)[i] : (double)((const float *)data)[i];
}
void fenp_cell_put(const fen_node *x, void *data, int64_t i, double v) {
    if (x->type == FEN_INTEGER) ((int32_t *)data)[i] = (int32_t)v;
    else if (x->wide) ((double *)data)[i] = v;
    else ((float *)data)[i] = (float)v;
}
static size_t bytes_of(const fen_node *x) { return (size_t)fenp_count(&x->shape) * fenp_cell_size(x); }

/* What is kept in the store, until something else is put there. */
static void read_slot(const fen_node *x, void *to) {
    const fenp_slot *slot = (const fenp_slot *)(intptr_t)x->attrs.whole[0];
    const void *from = fenp_slot_data(slot);
    for (int64_t i = 0; i < slot->count; i++)
        fenp_cell_put(x, to, i,
                      slot->type == FEN_INTEGER ? ((const int32_t *)from)[i]
                      : slot->block->wide       ? ((const double *)from)[i]
                                                : (double)((const float *)from)[i]);
}
void *fenp_evaluator_data(fenp_evaluator *e, const fen_node *x) {
    if (e->n < e->b->graph.n) {
        char **more = fenp_new((size_t)e->b->graph.n * sizeof *more);
        if (e->n) memcpy(more, e->memory, (size_t)e->n * sizeof *more);
        fenp_delete(e->memory);
        e->memory = more;
        e->n = e->b->graph.n;
    }
    if (!e->memory[x->id]) {
        char *m = e->memory[x->id] = fenp_new(bytes_of(x) + 2 * FENP_GUARD);
        memset(m, GUARD_BYTE, FENP_GUARD);
        memset(m + FENP_GUARD + bytes_of(x), GUARD_BYTE, FENP_GUARD);
        if (x->op == &fenp_op_slot) read_slot(x, m + FENP_GUARD);
    }
    return e->memory[x->id] + FENP_GUARD;
}
void fenp_evaluator_put(fenp_evaluator *e, const fen_node *x, const double *value) {
    void *to = fenp_evaluator_data(e, x);
    for (int64_t i = 0; i < fenp_count(&x->shape); i++) fenp_cell_put(x, to, i, value[i]);
}
double fenp_evaluator_at(fenp_evaluator *e, const fen_node *x, int64_t i) { return fenp_cell_get(x, fenp_evaluator_data(e, x), i); }

/* Which of the two kernels: as program/emit.c and group.c choose. */
int fenp_kernel_width(const fen_node *x) {
    bool wide = x->type == FEN_REAL && x->wide;
    if (x->op == &fenp_op_cast) return x->wide;
    for (int k = x->n - 1; k >= 0; k--)
        if (x->in[k]->type == FEN_REAL && (x->op->tile[0] || x->in[k]->shape.rank)) wide = x->in[k]->wide;
    return wide;
}
static uint64_t draw_of(const fenp_evaluator *e, const fen_node *x) {
    bool draws = x->op == &fenp_op_uniform || x->op == &fenp_op_normal || x->op == &fenp_op_permutation;
    return draws ? fenp_key_step(fenp_key_step(1, e->b->noise[x->attrs.whole[0]].hash), 0) : 0;
}
static void run_kernel(const fenp_evaluator *e, const fen_node *x, const void *const *in, void *out) {
    size_t scratch = x->op->scratch ? x->op->scratch(x) : 0;
    int parts = x->op->parts ? x->op->parts(x) : 1;
    fenp_step s = {.step = {.node = x, .in = in, .out = out, .scratch = fenp_new(scratch + 1), .draw = draw_of(e, x)}};
    for (int part = parts; part-- > 0;) x->op->run[fenp_kernel_width(x)](&s.step, part);
    fenp_delete(s.step.scratch);
}
static bool guards_whole(const fenp_evaluator *e, const fen_node *x) {
    const char *m = e->memory[x->id];
    for (size_t i = 0; i < FENP_GUARD; i++)
        if ((unsigned char)m[i] != GUARD_BYTE || (unsigned char)m[FENP_GUARD + bytes_of(x) + i] != GUARD_BYTE) return false;
    return true;
}
static void run_node(fenp_evaluator *e, const fen_node *x) {
    const void *few[16], **in = x->n > 16 ? fenp_new((size_t)x->n * sizeof *in) : few;
    void *out = fenp_evaluator_data(e, x);
    for (int k = 0; k < x->n; k++) in[k] = fenp_evaluator_data(e, x->in[k]);
    if (x->op->flags & FEN_VIEW) memcpy(out, in[0], bytes_of(x));
    else if (x->op->tile[0]) x->op->tile[fenp_kernel_width(x)]((int)fenp_count(&x->shape), in, out, &x->attrs);
    else {
        memset(out, OLD_BYTE, bytes_of(x));
        run_kernel(e, x, in, out);
    }
    if (!e->broken && !guards_whole(e, x)) e->broken = x;
    if (in != few) fenp_delete(in);
}
void fenp_evaluator_run(fenp_evaluator *e, const bool *held) {
    for (int i = 0; i < e->b->graph.n; i++) {
        const fen_node *x = e->b->graph.at[i];
        if (x->op != &fenp_op_feed && x->op != &fenp_op_slot && !(held && held[i])) run_node(e, x);
    }
}
void fenp_evaluator_run_for(fenp_evaluator *e, const fen_node *const *target, int n) {
    bool *held = fenp_new((size_t)e->b->graph.n + 1);
    memset(held, 1, (size_t)e->b->graph.n);
    for (int i = 0; i < n; i++) held[target[i]->id] = false;
    for (int i = e->b->graph.n - 1; i >= 0; i--)
        for (int k = 0; k < e->b->graph.at[i]->n && !held[i]; k++) held[e->b->graph.at[i]->in[k]->id] = false;
    fenp_evaluator_run(e, held);
    fenp_delete(held);
}
void fenp_evaluator_free(fenp_evaluator *e) {
    for (int i = 0; i < e->n; i++) fenp_delete(e->memory[i]);
    fenp_delete(e->memory);
    *e = (fenp_evaluator){0};
}
