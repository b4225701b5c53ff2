/* tests/unit/evaluate.h: a graph evaluated node by node, one buffer for every value, parts in reverse order: what the tests of ops run
 * on. A parameter of a test is a feed, filled from doubles; a slot is read where the store has it. */
#ifndef FENCHEL_TESTS_EVALUATE_H
#define FENCHEL_TESTS_EVALUATE_H
#include "ops/cells.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct evaluator { fen_builder *b; void **data; int n; uint64_t draw; const char *outside; } evaluator;   /* draw: the key of all noise;
    * outside: the first op that wrote behind its value; NULL: none */

__attribute__((unused)) static size_t bytes_of(const fen_node *x) { return (size_t)fenp_count(&x->shape) * fenp_cell_size(x); }
/* Memory of a value; behind it stand numbers that would show in any result, and that nobody may change. */
enum { EVALUATE_BEHIND = 64 };
__attribute__((unused)) static void *room_for(const fen_node *x) {
    char *data = fenp_new(bytes_of(x) + EVALUATE_BEHIND);
    memset(data + bytes_of(x), 0x7b, EVALUATE_BEHIND);
    return data;
}
__attribute__((unused)) static void look_behind(evaluator *e, const fen_node *x) {
    const char *behind = (const char *)e->data[x->id] + bytes_of(x);
    for (int i = 0; i < EVALUATE_BEHIND; i++) if (behind[i] != 0x7b && !e->outside) e->outside = x->op->name;
}
__attribute__((unused)) static double get(const fen_node *x, const void *data, int64_t i) {
    if (x->type == FEN_INTEGER) return ((const int32_t *)data)[i];
    return x->wide ? ((const double *)data)[i] : (double)((const float *)data)[i];
}
__attribute__((unused)) static void set(const fen_node *x, void *data, int64_t i, double v) {
    if (x->type == FEN_INTEGER) ((int32_t *)data)[i] = (int32_t)v;
    else if (x->wide) ((double *)data)[i] = v;
    else ((float *)data)[i] = (float)v;
}
/* Which of the two kernels: by the first real input that is a tensor, else by the first real input, else by the node. */
__attribute__((unused)) static int slot_of_node(const fen_node *x) {
    const fen_node *real = NULL;
    for (int k = x->n - 1; k >= 0; k--) if (x->in[k]->type == FEN_REAL && (x->in[k]->shape.rank || !real)) real = x->in[k];
    return real && (x->op->tile[0] || real->shape.rank) ? real->wide : x->wide;
}
__attribute__((unused)) static void run_node(evaluator *e, const fen_node *x) {
    const void *in[64];
    void *out = e->data[x->id];
    for (int k = 0; k < x->n; k++) in[k] = e->data[x->in[k]->id];
    if (x->op == &fenp_op_slot) { memcpy(out, fenp_slot_data((const fenp_slot *)(intptr_t)x->attrs.whole[0]), bytes_of(x)); return; }
    if (x->op->flags & FEN_VIEW) { memcpy(out, in[0], bytes_of(x)); return; }
    bool cast = x->op == &fenp_op_cast;      /* its kernels are by what it gives */
    if (x->op->tile[0]) { x->op->tile[cast ? x->wide : slot_of_node(x)]((int)fenp_count(&x->shape), in, out, &x->attrs); return; }
    int parts = x->op->parts ? x->op->parts(x) : 1;
    fenp_step s = {.step = {.node = x, .in = in, .out = out, .draw = e->draw, .scratch = fenp_new(x->op->scratch ? x->op->scratch(x) + 1 : 1)}};
    memset(out, 0x7b, bytes_of(x));
    for (int part = parts; part-- > 0;) x->op->run[slot_of_node(x)](&s.step, part);
    fenp_delete(s.step.scratch);
}
/* Runs every node that is no feed; nodes that were added since the last call get their memory here. */
__attribute__((unused)) static void run_all(evaluator *e) {
    int n = e->b->graph.n;
    if (n > e->n) e->data = realloc(e->data, (size_t)n * sizeof *e->data);
    for (; e->n < n; e->n++) e->data[e->n] = room_for(e->b->graph.at[e->n]);
    for (int i = 0; i < n; i++) {
        if (e->b->graph.at[i]->op != &fenp_op_feed) run_node(e, e->b->graph.at[i]);
        look_behind(e, e->b->graph.at[i]);
    }
}
__attribute__((unused)) static double at(const evaluator *e, const fen_node *x, int64_t i) { return get(x, e->data[x->id], i); }
__attribute__((unused)) static void feed(evaluator *e, const fen_node *x, const double *value) {
    int n = e->b->graph.n;
    if (n > e->n) e->data = realloc(e->data, (size_t)n * sizeof *e->data);
    for (; e->n < n; e->n++) e->data[e->n] = room_for(e->b->graph.at[e->n]);
    for (int64_t i = 0; i < fenp_count(&x->shape); i++) set(x, e->data[x->id], i, value[i]);
}
__attribute__((unused)) static void evaluator_free(evaluator *e) {
    for (int i = 0; i < e->n; i++) fenp_delete(e->data[i]);
    free(e->data);
}
#endif
