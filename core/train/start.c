/* start.c: values before step 0: initialisers, then what starts from the data (the first objective that reaches it, on its draw 0, which is
 * not used up), parameters of runs, then copies (DECISIONS 6, 12). */
#include "train/evaluate.h"
#include <string.h>

static bool of_data(const fenp_start *s) { return fenp_node_of(s->value)->depends & FENP_ON_DRAW; }
/* Runs the starts [from, to) that do, or do not, depend on data. */
static bool fill(fenp_run *r, int from, int to, bool data, bool training) {
    fenp_build *u = r->declaration;
    fenp_target *t = fenp_new((size_t)(to - from) * sizeof *t + 1);
    int n = 0;
    for (int i = from; i < to; i++)
        if (of_data(&u->b->start[i]) == data) t[n++] = (fenp_target){u->b->start[i].value, u->b->start[i].slot, FENP_WRITE};
    if (!n) {
        fenp_delete(t);
        return true;
    }
    fenp_task task = {.build = u, .program = fenp_program_new(u->b, t, n, -1, r->faults)};
    fenp_delete(t);
    if (!task.program) return false;
    fenp_chains *c = data ? fenp_chains_new(u, &task, 1, r->faults) : NULL;
    fenp_moment m = fenp_evaluation_moment(r);
    if (training) {
        m.training = true;
        m.seed = r->experiment->seed;
    }
    fenp_task_fill(&task, &m, 0, NULL);
    bool good = (!data || c) && fenp_chains_run(c, &m, r->faults) && fenp_program_run(task.program, m.seed, 0);
    if (!good && !r->exit_code) r->exit_code = c ? FENP_EXIT_NUMBERS : 0;
    fenp_chains_free(c);
    fenp_program_free(task.program);
    return good;
}
static void copy_blocks(fenp_run *r) {
    fenp_experiment *x = r->experiment;
    for (int i = 0; i < x->networks; i++) {
        fenp_network *n = x->network[i];
        fenp_block *to = n->copy && !n->run ? fenp_store_block(x->store, n->block) : NULL,
                   *from = to ? fenp_store_block(x->store, n->copy->block) : NULL;
        if (to && from) memcpy(to->data, from->data, fenp_block_bytes(to));
    }
}
bool fenp_start_values(fenp_run *r) {
    fenp_build *u = r->declaration;
    if (!fill(r, 0, u->b->starts, false, true)) return false;
    if (!fenp_runs_load(r)) return false;
    for (int i = 0; i < r->phases; i++)
        for (int k = 0; k < r->phase[i].turns; k++) {
            fenp_turn *t = &r->phase[i].turn[k];
            if (!fill(r, t->first_start, t->first_start + t->starts, true, true)) return false;
        }
    if (!fill(r, r->first_evaluation_start, u->b->starts, true, false)) return false;
    copy_blocks(r);
    return true;
}
