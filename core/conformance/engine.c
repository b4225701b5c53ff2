/* engine.c: a trial as a run computes it: a program, with whatever fusion, order and threads it has. It may be run many times, with other
 * numbers in its feeds and other draws of its noise. */
#include "conformance/conformance.h"

struct fenp_engine {
    fenp_program *program;
    fen_node **target;
    int targets;
    int64_t count;
};

fenp_engine *fenp_engine_new(fenp_check *c, const fen_builder *b, fen_node *const *target, int n) {
    fenp_target *aim = fenp_new(((size_t)n + 1) * sizeof *aim);
    fenp_engine *e = fenp_new(sizeof *e);
    fenp_faults faults = {0};
    *e = (fenp_engine){.target = fenp_new(((size_t)n + 1) * sizeof *e->target), .targets = n};
    for (int i = 0; i < n; i++) {
        aim[i] = (fenp_target){.node = e->target[i] = target[i]};
        e->count += fenp_count(&target[i]->shape);
    }
    e->program = fenp_program_new(b, aim, n, -1, &faults);
    fenp_delete(aim);
    if (e->program) fenp_program_bind(e->program, NULL);
    else {
        fenp_find(c, "no program can be made of it: %s", faults.n ? faults.at[0].text : "?");
        fenp_engine_free(e);
        e = NULL;
    }
    fenp_faults_free(&faults);
    return e;
}
void fenp_engine_free(fenp_engine *e) {
    if (!e) return;
    if (e->program) fenp_program_free(e->program);
    fenp_delete(e->target);
    fenp_delete(e);
}
int64_t fenp_engine_count(const fenp_engine *e) { return e->count; }
void fenp_engine_feed(fenp_engine *e, const fen_node *x, const double *value) {
    void *to = fenp_program_feed(e->program, (int)x->attrs.whole[0]);
    for (int64_t k = 0; to && k < fenp_count(&x->shape); k++) fenp_cell_put(x, to, k, value[k]);
}
void fenp_engine_inputs(fenp_engine *e, const fenp_trial *t) {
    for (int i = 0; i < t->inputs; i++) fenp_engine_feed(e, t->variable[i].node, t->variable[i].value);
}
void fenp_engine_values(fenp_engine *e, uint64_t draw, double *value) {
    int n;
    fenp_stream *s = fenp_program_streams(e->program, &n);
    for (int i = 0; i < n; i++) s[i].draw = draw;
    fenp_program_run(e->program, 1, 0);
    for (int i = 0; i < e->targets; i++)
        for (int64_t k = 0; k < fenp_count(&e->target[i]->shape); k++) *value++ = fenp_cell_get(e->target[i], fenp_program_value(e->program, i), k);
}
double *fenp_engine_run(fenp_check *c, fenp_trial *t, fen_node *const *target, int n, int64_t *count) {
    fenp_engine *e = fenp_engine_new(c, t->b, target, n);
    *count = 0;
    if (!e) return NULL;
    double *value = fenp_new((size_t)e->count * sizeof *value + 8);
    *count = e->count;
    fenp_engine_inputs(e, t);
    fenp_engine_values(e, 0, value);
    fenp_engine_free(e);
    return value;
}
