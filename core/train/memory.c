/* memory.c: one arena for all programs of turns, passes and pictures; and what a run needs in all, held against what the machine and the
 * control group have left before anything of it is taken (DECISIONS 19.9). */
#include "train/evaluate.h"
#include <string.h>

/* ---- the programs that share an arena: they never run within one another ---- */
typedef void (*visitor)(fenp_program *p, void *context);
static void visit(fenp_program *p, visitor f, void *context) {
    if (p) f(p, context);
}
static void each_program(fenp_run *r, visitor f, void *context) {
    fenp_evaluation *e = r->evaluation;
    for (int i = 0; i < r->phases; i++)
        for (int k = 0; k < r->phase[i].turns; k++) {
            visit(r->phase[i].turn[k].task.program, f, context);
            visit(r->phase[i].turn[k].gather.program, f, context);
        }
    for (int i = 0; i < e->groups; i++)
        for (int k = 0; k < e->group[i]->passes; k++) {
            visit(e->group[i]->pass[k].task.program, f, context);
            visit(e->group[i]->pass[k].tail.program, f, context);
        }
    visit(e->shown_task.program, f, context);
}
static void larger(fenp_program *p, void *most) {
    size_t n = fenp_program_arena(p);
    if (n > *(size_t *)most) *(size_t *)most = n;
}
static void bind(fenp_program *p, void *arena) { fenp_program_bind(p, arena); }
static size_t shared(fenp_run *r) {
    size_t most = 64;
    each_program(r, larger, &most);
    return most;
}
void fenp_memory_bind(fenp_run *r) {
    fenp_evaluation *e = r->evaluation;
    r->arena_bytes = shared(r);
    r->arena = fenp_new(r->arena_bytes);
    each_program(r, bind, r->arena);
    for (int i = 0; i < e->groups; i++) {
        fenp_group *g = e->group[i];
        const fen_builder *f = g->draft.metrics.finish;
        g->value = fenp_arena_new(&r->experiment->memory, (size_t)(f->feeds + 1) * sizeof *g->value);
        for (int k = 0; k < f->feeds; k++)
            g->value[k] = fenp_arena_new(&r->experiment->memory, fenp_product((size_t)fenp_count(&f->feed[k].shape), sizeof(double)) + 8);
    }
}

/* ---- what is needed, what is left ---- */
static double own(const fenp_program *p) { return p ? (double)fenp_program_arena(p) : 0; }
static double chains(const fenp_chains *c) { return c ? (double)fenp_chains_arena(c) : 0; }
/* Values that a pass keeps are there twice: while they are gathered, and for the program that finishes. */
static double of_group(const fenp_group *g) {
    const fen_builder *f = g->draft.metrics.finish;
    double n = own(g->finish) + own(g->once.program);
    for (int i = 0; i < f->feeds; i++) n += 2.0 * 8 * (double)fenp_count(&f->feed[i].shape);
    for (int i = 0; i < g->passes; i++) n += chains(g->pass[i].chains) + chains(g->pass[i].tail_chains);
    for (int i = 0; i < g->stages; i++) n += own(g->before[i].program);
    return n;
}
static double needed(fenp_run *r) {
    const fenp_store *s = r->experiment->store;
    double n = (double)shared(r) + chains(r->evaluation->shown_chains);
    for (int i = 0; i < s->n; i++) n += (double)fenp_block_bytes(s->block[i]);
    for (int i = 0; i < r->evaluation->groups; i++) n += of_group(r->evaluation->group[i]);
    for (int i = 0; i < r->phases; i++)
        for (int k = 0; k < r->phase[i].turns; k++) n += chains(r->phase[i].turn[k].chains) + chains(r->phase[i].turn[k].gather_chains);
    return n;
}
bool fenp_memory_enough(fenp_run *r) {
    double most = needed(r), left = fenp_memory_left();
    if (left < 0 || most < left) return true;
    fenp_fail(r->faults, (fenp_place){0}, "%s: the plan needs %.1f GB of memory, %.1f GB are free: a smaller batch, shorter passes, or smaller grids",
              r->experiment->file, most / 1e9, left / 1e9);
    return false;
}
