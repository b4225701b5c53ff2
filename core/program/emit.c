/* emit.c: from a plan to steps in a row: kernels, groups, then what could not be written in place. Addresses become pointers when the
 * arena is bound: every pointer that depends on it, or on a block's memory, is in the list of patches. */
#include "program/run.h"
#include <string.h>

void *fenp_own(fenp_program *p, size_t bytes) {
    p->owned = fenp_more(p->owned, p->owns, sizeof *p->owned);
    return p->owned[p->owns++] = fenp_new(bytes + 1);
}
void fenp_patch_add(fenp_program *p, void **where, fenp_address to) {
    *where = to.memory;
    if (to.base == FENP_IN_MEMORY) return;
    p->patch = fenp_more(p->patch, p->patches, sizeof *p->patch);
    p->patch[p->patches++] = (fenp_patch){where, to};
}
void fenp_fill_cells(void *to, const fen_node *x, const double *from, int64_t n) {
    if (x->type == FEN_INTEGER) for (int64_t i = 0; i < n; i++) ((int32_t *)to)[i] = (int32_t)from[i];
    else if (x->wide)           for (int64_t i = 0; i < n; i++) ((double *)to)[i] = from[i];
    else                        for (int64_t i = 0; i < n; i++) ((float *)to)[i] = (float)from[i];
}

static void *constant(fenp_emitter *e, int id) {
    fen_node *x = &e->plan->at[id]->base.node;
    if (e->fixed[id]) return e->fixed[id];
    e->fixed[id] = fenp_own(e->program, fenp_bytes(x));
    fenp_fill_cells(e->fixed[id], x, fenp_data(e->plan, x), fenp_count(&x->shape));
    return e->fixed[id];
}
static void *feed(fenp_emitter *e, const fen_node *x) {
    void **at = &e->program->feed[x->attrs.whole[0]];
    if (!*at) *at = fenp_own(e->program, fenp_round64(fenp_bytes(x)));
    return *at;
}
static fenp_address root_address(fenp_emitter *e, int id) {
    const fen_node *x = &e->plan->at[id]->base.node;
    const fenp_spot *s = &e->plan->spot[id];
    int64_t offset = 0;
    if (x->op == &fenp_op_slot)
        return (fenp_address){FENP_IN_BLOCK, (const fenp_block *)(intptr_t)x->attrs.whole[0], NULL, x->attrs.whole[1] * (int64_t)fenp_cell(x)};
    if (x->op == &fenp_op_feed) return (fenp_address){FENP_IN_MEMORY, NULL, feed(e, x), 0};
    if (e->plan->role[id] == FENP_FIXED) return (fenp_address){FENP_IN_MEMORY, NULL, constant(e, id), 0};
    for (; s->where == FENP_HOSTED; s = &e->plan->spot[s->host]) offset += s->offset;
    return (fenp_address){s->where == FENP_IN_SLOT ? FENP_IN_BLOCK : FENP_IN_ARENA, s->block, NULL, offset + s->offset};
}
fenp_address fenp_address_of(fenp_emitter *e, int id) {
    int64_t first;
    int r = fenp_root(e->plan, id, &first);
    fenp_address a = root_address(e, r);
    int64_t bytes = first * (int64_t)fenp_cell(&e->plan->at[r]->base.node);
    if (a.base == FENP_IN_MEMORY) a.memory = (char *)a.memory + bytes;
    else a.offset += bytes;
    return a;
}

/* Works lie in memory that grows, so what points into one is patched by number afterwards: settle(). */
fenp_work *fenp_work_add(fenp_emitter *e, const fen_node *node, fen_kernel run, int parts, size_t scratch) {
    fenp_program *p = e->program;
    p->work = fenp_more(p->work, p->works, sizeof *p->work);
    fenp_work *w = &p->work[p->works++];
    *w = (fenp_work){.step = {.step = {.node = node}}, .run = run, .parts = parts, .scratch = fenp_round64(scratch)};
    if (w->scratch * (size_t)parts > e->scratch) e->scratch = w->scratch * (size_t)parts;
    return w;
}
/* Scratch of all steps is one piece behind the values; results' addresses, for whoever looks at them after a step. */
static void settle(fenp_emitter *e, fenp_address *out) {
    fenp_program *p = e->program;
    const fenp_address scratch = {FENP_IN_ARENA, NULL, NULL, (int64_t)fenp_round64(e->plan->arena)};
    for (int i = 0; i < p->works; i++) {
        if (p->work[i].scratch) fenp_patch_add(p, &p->work[i].step.step.scratch, scratch);
        fenp_patch_add(p, &p->work[i].step.step.out, out[i]);
    }
    p->arena_bytes = (size_t)scratch.offset + e->scratch;
}

static const void **inputs(fenp_emitter *e, const fen_node *x) {
    const void **in = fenp_arena_new(&e->program->memory, ((size_t)x->n + 1) * sizeof *in);
    for (int k = 0; k < x->n; k++) fenp_patch_add(e->program, (void **)(void *)&in[k], fenp_address_of(e, x->in[k]->id));
    return in;
}
/* Single or double: the width of the first real input that is no number, else of the node. */
static fen_kernel kernel_of(const fen_node *x) {
    bool wide = x->type == FEN_REAL && x->wide;
    for (int k = x->n - 1; k >= 0; k--) if (x->in[k]->type == FEN_REAL && x->in[k]->shape.rank) wide = x->in[k]->wide;
    return x->op->run[wide];
}
static void add_stream(fenp_emitter *e, const fen_node *x, int work) {
    fenp_program *p = e->program;
    const fenp_noise *noise = &e->plan->b->noise[x->attrs.whole[0]];
    int k = 0;
    while (k < p->streams && p->stream[k].hash != noise->hash) k++;
    if (k == p->streams) {
        p->stream = fenp_more(p->stream, p->streams, sizeof *p->stream);
        p->stream[p->streams++] = (fenp_stream){.name = noise->name, .hash = noise->hash, .batch = fenp_lead_of(&noise->shape, FEN_BATCH) >= 0};
    }
    p->noise = fenp_more(p->noise, p->noises, sizeof *p->noise);
    p->noise_stream = fenp_more(p->noise_stream, p->noises, sizeof *p->noise_stream);
    p->noise[p->noises] = work;
    p->noise_stream[p->noises++] = k;
}
static void emit_kernel(fenp_emitter *e, const fen_node *x) {
    fen_kernel run = kernel_of(x);
    int parts = x->op->parts ? x->op->parts(x) : 1;
    size_t scratch = x->op->scratch ? x->op->scratch(x) : 0;
    const void **in = inputs(e, x);
    fenp_work *w = fenp_work_add(e, x, run, parts < 1 ? 1 : parts, scratch);
    w->step.step.in = in;
    if (scratch && parts > 1) {
        fen_kernel *own = fenp_arena_new(&e->program->memory, sizeof *own);
        *own = run;
        w->extra = own;
        w->run = fenp_scratch_run;
    }
    bool draws = x->op == &fenp_op_uniform || x->op == &fenp_op_normal || x->op == &fenp_op_permutation;
    if (draws) add_stream(e, x, e->program->works - 1);
}

static fenp_word word_of(fen_type type, bool wide) { return type == FEN_INTEGER ? FENP_I4 : wide ? FENP_F8 : FENP_F4; }
static void emit_move(fenp_emitter *e, const fen_node *x, fenp_word to, fenp_address *out, fenp_address at, bool add) {
    fenp_program *p = e->program;
    fenp_move *m = fenp_arena_new(&p->memory, sizeof *m);
    const void **in = fenp_arena_new(&p->memory, sizeof *in);
    *m = (fenp_move){fenp_count(&x->shape), word_of(x->type, x->wide), to, add};
    fenp_patch_add(p, (void **)(void *)in, fenp_address_of(e, x->id));
    int parts = (int)(m->n / 32768 < 16 ? m->n / 32768 : 16);
    fenp_work *w = fenp_work_add(e, x, fenp_move_run, parts < 1 ? 1 : parts, 0);
    w->step.step.in = in;
    w->extra = m;
    out[p->works - 1] = at;
}
/* The pieces that were not computed in it. */
static void emit_join(fenp_emitter *e, const fen_node *x, fenp_address *out) {
    fenp_address at = fenp_address_of(e, x->id);
    for (int k = 0; k < x->n; k++) {
        fenp_address from = fenp_address_of(e, x->in[k]->id);
        bool there = from.base == at.base && from.block == at.block && from.offset == at.offset && from.base != FENP_IN_MEMORY;
        if (!there) emit_move(e, x->in[k], word_of(x->type, x->wide), out, at, false);
        at.offset += (int64_t)fenp_bytes(x->in[k]);
    }
}
static bool writes(const fenp_plan *p, const fenp_job *u) {
    for (int c = 0; c < u->n; c++) if (p->spot[u->value[c]].where == FENP_IN_SLOT) return true;
    return false;
}
static void emit_unit(fenp_emitter *e, const fenp_job *u, fenp_address *out) {
    fenp_plan *plan = e->plan;
    fenp_program *p = e->program;
    int id = u->value[u->n - 1];
    const fen_node *x = &plan->at[id]->base.node;
    if (p->first_write < 0 && writes(plan, u)) p->first_write = p->works;
    if (plan->role[id] == FENP_JOIN) { emit_join(e, x, out); return; }
    if (plan->role[id] == FENP_TILED) fenp_emit_group(e, u);
    else emit_kernel(e, x);
    if (plan->spot[id].where) out[p->works - 1] = fenp_address_of(e, id);
    if (plan->flags & FENP_NAIVE && plan->role[id] == FENP_TILED) p->work[p->works - 1].step.step.in = inputs(e, x);
}
/* What was not written in place, in the order of the targets, and what is kept. */
static void emit_aims(fenp_emitter *e, fenp_address *out) {
    fenp_program *p = e->program;
    if (p->first_write < 0) p->first_write = p->works;
    for (int i = 0; i < e->plan->aims; i++) {
        const fenp_aim *a = &e->plan->aim[i];
        if (a->how == FENP_KEEP) {
            fenp_patch_add(p, &p->value[a->index], fenp_address_of(e, a->node->id));
            p->value_wide[a->index] = a->node->wide;
        } else if (!a->in_place) {
            fenp_word to = word_of(a->block->type, a->block->wide);
            fenp_address at = {FENP_IN_BLOCK, a->block, NULL, a->offset * (to == FENP_F8 ? 8 : 4)};
            emit_move(e, a->node, to, out, at, a->how == FENP_ADD);
        }
    }
}
/* Every slot that is read, once: windows may span several. */
static void find_reads(fenp_emitter *e) {
    fenp_program *p = e->program;
    fenp_map seen = {0};
    for (int i = 0; i < e->plan->n; i++) {
        const fen_node *x = &e->plan->at[i]->base.node;
        if (x->op != &fenp_op_slot) continue;
        const fenp_block *b = (const fenp_block *)(intptr_t)x->attrs.whole[0];
        int64_t from = x->attrs.whole[1], to = from + fenp_count(&x->shape);
        for (int k = 0; k < b->n; k++) {
            const fenp_slot *s = b->slot[k];
            if (s->offset >= to || s->offset + s->count <= from || fenp_map_get(&seen, s->name)) continue;
            fenp_map_set(&seen, s->name, (void *)(intptr_t)s);
            p->read = fenp_more(p->read, p->reads, sizeof *p->read);
            p->read[p->reads++] = s;
        }
    }
    fenp_map_free(&seen);
}
void fenp_emit(fenp_emitter *e) {
    fenp_plan *plan = e->plan;
    fenp_program *p = e->program;
    size_t most = (size_t)(plan->n + plan->aims) + 1;
    for (int i = 0; i < plan->n; i++) most += (size_t)plan->at[i]->base.node.n;
    fenp_address *out = fenp_new(most * sizeof *out);
    e->fixed = fenp_new(((size_t)plan->n + 1) * sizeof *e->fixed);
    e->mark = fenp_new(((size_t)plan->n + 1) * sizeof *e->mark);
    e->operand_of = fenp_new(((size_t)plan->n + 1) * sizeof *e->operand_of);
    e->position = fenp_new(((size_t)plan->n + 1) * sizeof *e->position);
    p->first_write = -1;
    for (int k = 0; k < plan->units; k++) emit_unit(e, &plan->unit[plan->in_order[k]], out);
    emit_aims(e, out);
    settle(e, out);
    find_reads(e);
    fenp_delete(out);
    fenp_delete(e->fixed);
    fenp_delete(e->mark);
    fenp_delete(e->operand_of);
    fenp_delete(e->position);
}
