/* engine.c: a trial as a run computes it: a program, with whatever fusion, order and threads it has. */
#include "conformance/conformance.h"

static void fill_feeds(fenp_trial *t, fenp_program *p) {
    for (int i = 0; i < t->inputs; i++) {
        const fenp_variable *v = &t->variable[i];
        void *to = fenp_program_feed(p, (int)v->node->attrs.whole[0]);
        for (int64_t k = 0; to && k < v->count; k++) fenp_cell_put(v->node, to, k, v->value[k]);
    }
}
double *fenp_engine_run(fenp_check *c, fenp_trial *t, fen_node *const *target, int n, int64_t *count) {
    fenp_target *aim = fenp_new(((size_t)n + 1) * sizeof *aim);
    *count = 0;
    for (int i = 0; i < n; i++) {
        aim[i] = (fenp_target){.node = target[i]};
        *count += fenp_count(&target[i]->shape);
    }
    fenp_faults faults = {0};
    fenp_program *p = fenp_program_new(t->b, aim, n, -1, &faults);
    fenp_delete(aim);
    if (!p) {
        fenp_find(c, "no program can be made of it: %s", faults.n ? faults.at[0].text : "?");
        fenp_faults_free(&faults);
        return NULL;
    }
    double *value = fenp_new((size_t)*count * sizeof *value + 8), *to = value;
    fenp_program_bind(p, NULL);
    fill_feeds(t, p);
    fenp_program_run(p, 1, 0);
    for (int i = 0; i < n; i++)
        for (int64_t k = 0; k < fenp_count(&target[i]->shape); k++) *to++ = fenp_cell_get(target[i], fenp_program_value(p, i), k);
    fenp_program_free(p);
    return value;
}
