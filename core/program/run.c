/* run.c: a program from a builder's targets, and its run: a loop over steps. Nothing in it allocates, looks up a name, or locks. */
#include "program/run.h"
#include "base/pool.h"
#include "base/random.h"
#include <math.h>
#include <string.h>

unsigned fenp_program_flags;

static bool is_sound(const fen_builder *b, const fenp_target *t, int n) {
    for (int i = 0; i < n; i++) if (!t[i].node || fenp_is_faulty(b, t[i].node)) return false;
    return true;
}
/* Two streams of one name must have one shape, two names two hashes. */
static bool streams_agree(const fenp_plan *p, fenp_faults *faults) {
    const fen_node **seen = NULL;
    int n = 0;
    bool fine = true;
    for (int i = 0; i < p->n; i++) {
        const fen_node *x = &p->at[i]->base.node;
        if (x->op != &fenp_op_uniform && x->op != &fenp_op_normal && x->op != &fenp_op_permutation) continue;
        const fenp_noise *mine = &p->b->noise[x->attrs.whole[0]];
        for (int k = 0; k < n; k++) {
            const fenp_noise *other = &p->b->noise[seen[k]->attrs.whole[0]];
            if (other->hash != mine->hash) continue;
            fenp_place at = fenp_node_of(p->at[i]->origin)->at;
            if (strcmp(other->name, mine->name)) fenp_fail(faults, at, "noise %s and noise %s have one key; rename one", mine->name, other->name);
            else if (!fenp_same(&seen[k]->shape, &x->shape)) fenp_fail(faults, at, "noise %s is drawn in two shapes; rename one", mine->name);
            else continue;
            fine = false;
        }
        seen = fenp_more(seen, n, sizeof *seen);
        seen[n++] = x;
    }
    fenp_delete(seen);
    return fine;
}
static bool arities_fit(const fenp_plan *p, fenp_faults *faults) {
    bool fine = true;
    for (int i = 0; i < p->n; i++) {
        const fen_node *x = &p->at[i]->base.node;
        if (!x->op->tile[0] || x->n <= FENP_ARITY) continue;
        fenp_fail(faults, fenp_node_of(p->at[i]->origin)->at, "op %s: %d inputs given, an elementwise op may have %d", x->op->name, x->n, FENP_ARITY);
        fine = false;
    }
    return fine;
}
static void delete_plan(fenp_plan *p) {
    for (int i = 0; i < p->n; i++) { fenp_delete(p->at[i]->data); p->at[i]->data = NULL; }
    fenp_arena_free(&p->constants);
    fenp_delete(p->at);
    fenp_delete(p->aim);
    fenp_delete(p->role);
    fenp_delete(p->unit_of);
    fenp_delete(p->unit);
    fenp_delete(p->in_order);
    fenp_delete(p->spot);
}
static fenp_program *compiled(const fen_builder *b, const fenp_target *t, int n, int guard, unsigned flags, fenp_faults *faults) {
    fenp_plan plan = {.b = b, .flags = flags, .guard = guard};
    fenp_program *p = fenp_new(sizeof *p);
    fenp_emitter e = {.plan = &plan, .program = p};
    *p = (fenp_program){.builder = b, .targets = n, .guard = guard, .flags = flags};
    p->target = fenp_new(((size_t)n + 1) * sizeof *t);
    if (n) memcpy(p->target, t, (size_t)n * sizeof *t);
    p->value = fenp_new(((size_t)n + 1) * sizeof *p->value);
    p->value_wide = fenp_new((size_t)n + 1);
    p->feeds = b->feeds;
    p->feed = fenp_new(((size_t)b->feeds + 1) * sizeof *p->feed);
    fenp_simplify(&plan, t, n);
    bool fine = streams_agree(&plan, faults) && arities_fit(&plan, faults);
    if (fine) {
        fenp_fuse(&plan);
        fine = fenp_order(&plan);
        if (!fine) fenp_fail(faults, b->place, "a program's groups depend on one another: a mistake in fenchel; please report the file");
    }
    if (fine) {
        fenp_place_all(&plan);
        fenp_emit(&e);
    }
    p->values = plan.memory;
    p->size = (fenp_program_size){plan.n, p->works, p->size.groups, plan.in_place, p->arena_bytes, plan.values};
    delete_plan(&plan);
    if (fine) return p;
    fenp_program_free(p);
    return NULL;
}
fenp_program *fenp_program_new(const fen_builder *b, const fenp_target *t, int n, int guard, fenp_faults *faults) {
    return is_sound(b, t, n) ? compiled(b, t, n, guard, fenp_program_flags, faults) : NULL;
}
void fenp_program_free(fenp_program *p) {
    if (!p) return;
    for (int i = 0; i < p->owns; i++) fenp_delete(p->owned[i]);
    fenp_delete(p->owned);
    fenp_delete(p->target);
    fenp_delete(p->work);
    fenp_delete(p->patch);
    fenp_delete(p->feed);
    fenp_delete(p->stream);
    fenp_delete(p->noise);
    fenp_delete(p->noise_stream);
    fenp_delete(p->value);
    fenp_delete(p->value_wide);
    fenp_delete(p->read);
    fenp_delete(p->own);
    fenp_arena_free(&p->memory);
    fenp_arena_free(&p->values);
    fenp_delete(p);
}

size_t fenp_program_arena(const fenp_program *p) { return p->arena_bytes; }
void fenp_program_bind(fenp_program *p, void *arena) {
    if (!arena && !p->own) p->own = fenp_new(p->arena_bytes + 64);
    p->arena = arena ? arena : p->own;
    for (int i = 0; i < p->patches; i++) {
        const fenp_address *a = &p->patch[i].to;
        *p->patch[i].where = (char *)(a->base == FENP_IN_BLOCK ? a->block->data : p->arena) + a->offset;
    }
}
fenp_stream *fenp_program_streams(fenp_program *p, int *n) {
    *n = p->streams;
    return p->stream;
}
void *fenp_program_feed(fenp_program *p, int feed) { return feed >= 0 && feed < p->feeds ? p->feed[feed] : NULL; }
const void *fenp_program_value(const fenp_program *p, int target) { return p->value[target]; }
void fenp_program_reads(const fenp_program *p, void (*each)(void *context, const fenp_slot *slot), void *context) {
    for (int i = 0; i < p->reads; i++) each(context, p->read[i]);
}
fenp_program_size fenp_program_measure(const fenp_program *p) { return p->size; }

static void run_part(const void *work, int part) {
    const fenp_work *w = work;
    w->run(&w->step.step, part);
}
static inline void run_step(const fenp_work *w, bool alone) {
    if (w->parts == 1) w->run(&w->step.step, 0);
    else if (alone) for (int k = 0; k < w->parts; k++) w->run(&w->step.step, k);
    else fenp_pool_run(run_part, w, w->parts);
}
/* Gives the steps that draw their keys; DECISIONS 7. */
static void set_keys(fenp_program *p, uint64_t seed, int64_t first) {
    for (int i = 0; i < p->noises; i++) {
        const fenp_stream *s = &p->stream[p->noise_stream[i]];
        fenp_step *step = &p->work[p->noise[i]].step;
        step->step.draw = fenp_key_step(fenp_key_step(s->fixed ? s->seed : seed, s->hash), s->draw);
        step->first = first;
    }
}
static bool refuses(const fenp_program *p) {
    if (p->guard < 0) return false;
    const void *v = p->value[p->guard];
    return v && !isfinite(p->value_wide[p->guard] ? *(const double *)v : (double)*(const float *)v);
}
bool fenp_program_run(fenp_program *p, uint64_t seed, int64_t first) {
    bool alone = fenp_pool_threads() == 1;
    if (!p->arena) fenp_program_bind(p, NULL);
    if (p->flags & FENP_HOSTILE) memset(p->arena, 0xff, p->arena_bytes);
    set_keys(p, seed, first);
    for (int i = 0; i < p->first_write; i++) run_step(&p->work[i], alone);
    if (refuses(p)) return false;
    for (int i = p->first_write; i < p->works; i++) run_step(&p->work[i], alone);
    return true;
}

/* Blame */
static bool is_finite(const fen_node *x, const void *data) {
    int64_t n = fenp_count(&x->shape);
    if (!data || x->type != FEN_REAL) return true;
    for (int64_t i = 0; i < n; i++) if (!isfinite(x->wide ? ((const double *)data)[i] : (double)((const float *)data)[i])) return false;
    return true;
}
/* The culprit of a step with a result that is not finite: an input that was given so, else the step's own node. */
static const fen_node *culprit(const fenp_work *w) {
    const fen_node *x = w->step.step.node;
    for (int k = 0; w->step.step.in && k < x->n; k++) {
        const fen_node *in = x->in[k];
        if (is_finite(in, w->step.step.in[k])) continue;
        while (fenp_is_view(in, NULL)) in = in->in[0];
        if (!in->n) return fenp_value_of(in)->origin;
    }
    return fenp_value_of(x)->origin;
}
const fen_node *fenp_program_blame(fenp_program *p, uint64_t seed, int64_t first) {
    fenp_faults faults = {0};
    const fen_node *found = NULL;
    fenp_program *q = compiled(p->builder, p->target, p->targets, p->guard, FENP_NAIVE, &faults);
    fenp_faults_free(&faults);
    if (!q) return NULL;
    fenp_program_bind(q, NULL);
    for (int i = 0; i < p->feeds; i++) {
        const fen_node *x = p->builder->feed[i].node;
        if (q->feed[i] && p->feed[i]) memcpy(q->feed[i], p->feed[i], fenp_bytes(x));
    }
    for (int i = 0; i < q->streams; i++)
        for (int k = 0; k < p->streams; k++) if (p->stream[k].hash == q->stream[i].hash) q->stream[i] = p->stream[k];
    set_keys(q, seed, first);
    for (int i = 0; i < q->first_write && !found; i++) {
        run_step(&q->work[i], true);
        if (!is_finite(q->work[i].step.step.node, q->work[i].step.step.out)) found = culprit(&q->work[i]);
    }
    if (!found && refuses(q)) found = p->target[p->guard].node;      /* a constant */
    fenp_program_free(q);
    return found;
}
