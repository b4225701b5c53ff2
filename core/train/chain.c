/* chain.c: chains. A driver (host code) moves positions under nodes of the graph that depend on them; each node is a program with the
 * position as a feed, run at every step. What in it does not depend on the chain keeps its draws; the rest draws afresh (DECISIONS 9). */
#include "train/train.h"
#include "base/random.h"
#include "ops/ops.h"
#include <math.h>
#include <string.h>

typedef struct node_program {
    fenp_task value, both;
    bool *fresh_value, *fresh_both;
    fen_node *gradient;
    int64_t width;
} node_program;
typedef struct one_chain {
    fenp_chain_use *use;
    node_program *node;
    fenp_task *start;
    int starts;
    double *position, **output;
    double **scratch;
    int scratches;
    int64_t chains, width;
    void *self;
    bool opened;
} one_chain;
struct fenp_chains {
    fenp_build *build;
    one_chain *at;
    int n;
    fenp_task *main;
    int mains;
};

/* What a driver holds while it advances. */
typedef struct moving {
    fen_chain chain;
    one_chain *of;
    fenp_chains *all;
    const fenp_moment *moment;
    fen_draw draw;
    int next_scratch;
    bool tried, no_gradient;                  /* tried: before step 0, on zeros, to see what the driver asks for */
} moving;

/* ---- which nodes depend on the chain ---- */
static bool *dependent(const fen_builder *b, const fen_node *position, const fen_node *step) {
    bool *on = fenp_new((size_t)b->graph.n + 1);
    for (int i = 0; i < b->graph.n; i++) {
        const fen_node *x = b->graph.at[i];
        on[i] = x == position || x == step;
        for (int k = 0; k < x->n && !on[i]; k++) on[i] = on[x->in[k]->id];
    }
    return on;
}
/* A stream is fresh at each step if the entry that it belongs to (first part of its name) depends on the chain. */
static bool *fresh_streams(fenp_build *u, fenp_program *p, const bool *on) {
    int n;
    fenp_stream *s = fenp_program_streams(p, &n);
    bool *fresh = fenp_arena_new(&u->experiment->memory, (size_t)n + 1);
    for (int i = 0; i < n; i++) {
        size_t head = strcspn(s[i].name, "/");
        for (int k = 0; k < u->b->graph.n && !fresh[i]; k++) {
            const fenp_node *x = fenp_node_of(u->b->graph.at[k]);
            if (on[k] && strncmp(x->site, s[i].name, head) == 0 && (!x->site[head] || x->site[head] == '/')) fresh[i] = true;
        }
    }
    return fresh;
}

/* ---- programs ---- */
static bool compile(fenp_build *u, fenp_task *t, fen_node *a, fen_node *b, fenp_faults *faults) {
    fenp_target target[2] = {{.node = a}, {.node = b}};
    t->build = u;
    t->program = fenp_program_new(u->b, target, b ? 2 : 1, -1, faults);
    return t->program != NULL;
}
static bool make_node(fenp_build *u, one_chain *c, node_program *p, fen_node *x, const bool *on, fenp_faults *faults) {
    p->width = fen_row_size(&x->shape);
    if (!compile(u, &p->value, x, NULL, faults)) return false;
    p->fresh_value = fresh_streams(u, p->value.program, on);
    if (p->width != 1 || !p->gradient) return true;
    if (!compile(u, &p->both, x, p->gradient, faults)) return false;
    p->fresh_both = fresh_streams(u, p->both.program, on);
    (void)c;
    return true;
}
static void needs_gradient(const one_chain *c, fenp_faults *faults) {
    fenp_fail(faults, c->use->at, "chain `%s`: %s needs the gradient of its node, which must be one number a chain: sum(.. over features)", c->use->name,
              c->use->function->name);
}
/* What the driver asks of its nodes must be there before step 0. Only that is looked for: all values are 0, and what it answers is forgotten. */
static bool try_driver(fenp_chains *all, one_chain *c, fenp_faults *faults) {
    moving v = {.of = c, .all = all, .tried = true};
    double *position = fenp_new((size_t)(c->chains * c->width) * sizeof *position + 8);
    void *state = fenp_new(c->use->function->moves->state * (size_t)c->chains + 8);
    v.draw = (fen_draw){.count = c->chains, .state = state};
    v.chain = (fen_chain){.at = &v.draw, .chains = c->chains, .width = c->width, .fresh = true};
    c->use->function->moves->advance(c->self, &v.chain, position, c->output);
    fenp_delete(position);
    fenp_delete(state);
    if (v.no_gradient) needs_gradient(c, faults);
    return !v.no_gradient;
}
static bool make_chain(fenp_chains *all, one_chain *c, fenp_chain_use *k, fenp_faults *faults) {
    fenp_build *u = all->build;
    fen_host h;
    *c = (one_chain){.use = k, .chains = fen_rows(&k->shape), .width = fen_row_size(&k->shape)};
    c->node = fenp_new((size_t)k->nodes * sizeof *c->node + 1);
    for (int i = 0; i < k->nodes; i++) { /* gradients are graph: built before the dependence is read */
        if (fenp_is_faulty(u->b, k->node[i])) return false;
        u->b->place = k->at;
        if (fen_row_size(&k->node[i]->shape) == 1 && k->gradient[i]) c->node[i].gradient = k->gradient[i];
    }
    bool *on = dependent(u->b, k->position, k->step), good = true;
    for (int i = 0; i < k->nodes && good; i++) good = make_node(u, c, &c->node[i], k->node[i], on, faults);
    fenp_delete(on);
    c->starts = k->starts;
    c->start = fenp_new((size_t)k->starts * sizeof *c->start + 1);
    for (int i = 0; i < k->starts && good; i++) good = compile(u, &c->start[i], k->start[i]->node, NULL, faults);
    fenp_host_init(&h, &k->context, k->function, &k->call, k->at);
    c->self = good ? k->function->moves->open(&h) : NULL;
    if (good && !c->self && !h.failed) fen_host_fail(&h, "could not be opened");
    c->output = fenp_new((size_t)k->outputs * sizeof *c->output + 1);
    for (int i = 0; i < k->outputs; i++) c->output[i] = fenp_new((size_t)c->chains * sizeof(double) + 8);
    return good && c->self && try_driver(all, c, faults);
}
/* In order of dependence: a chain whose nodes read another chain's position comes after it. */
static bool reads(const one_chain *a, const one_chain *b) {
    for (int i = 0; i < a->use->nodes; i++)
        if (a != b && fenp_program_feed(a->node[i].value.program, b->use->position_feed)) return true;
    for (int i = 0; i < a->starts; i++)
        if (a != b && fenp_program_feed(a->start[i].program, b->use->position_feed)) return true;
    return false;
}
static bool sort(fenp_chains *c, fenp_faults *faults) {
    for (int i = 0; i < c->n; i++) {
        int k = i;
        for (; k < c->n; k++) {
            bool first = true;
            for (int j = i; j < c->n; j++) first &= j == k || !reads(&c->at[k], &c->at[j]);
            if (first) break;
        }
        if (k == c->n) {
            fenp_fail(faults, c->at[i].use->at, "chains `%s` and others depend on each other in a circle", c->at[i].use->name);
            return false;
        }
        one_chain t = c->at[i];
        c->at[i] = c->at[k];
        c->at[k] = t;
    }
    return true;
}
static bool wanted(const fenp_chains *c, const fenp_chain_use *k) {
    for (int i = 0; i < c->mains; i++) {
        if (fenp_program_feed(c->main[i].program, k->position_feed)) return true;
        for (int n = 0; n < k->outputs; n++)
            if (fenp_program_feed(c->main[i].program, k->output_feed[n])) return true;
    }
    for (int i = 0; i < c->n; i++) {
        for (int n = 0; n < c->at[i].use->nodes; n++)
            if (c->at[i].node[n].value.program && fenp_program_feed(c->at[i].node[n].value.program, k->position_feed)) return true;
        for (int n = 0; n < c->at[i].starts; n++)
            if (fenp_program_feed(c->at[i].start[n].program, k->position_feed)) return true;
    }
    return false;
}
fenp_chains *fenp_chains_new(fenp_build *u, fenp_task *main, int mains, fenp_faults *faults) {
    fenp_chains *c = fenp_new(sizeof *c);
    *c = (fenp_chains){.build = u, .main = main, .mains = mains, .at = fenp_new((size_t)u->chains * sizeof *c->at + 1)};
    bool added = true;
    while (added) {
        added = false;
        for (int i = 0; i < u->chains; i++) {
            bool there = false;
            for (int k = 0; k < c->n; k++) there |= c->at[k].use == u->chain[i];
            if (there || !wanted(c, u->chain[i])) continue;
            if (!make_chain(c, &c->at[c->n++], u->chain[i], faults)) {
                fenp_chains_free(c);
                return NULL;
            }
            added = true;
        }
    }
    if (sort(c, faults)) return c;
    fenp_chains_free(c);
    return NULL;
}
static void each_task(fenp_chains *c, void (*f)(fenp_task *t, void *context), void *context) {
    for (int i = 0; c && i < c->n; i++) {
        for (int n = 0; n < c->at[i].use->nodes; n++) {
            f(&c->at[i].node[n].value, context);
            if (c->at[i].node[n].both.program) f(&c->at[i].node[n].both, context);
        }
        for (int n = 0; n < c->at[i].starts; n++) f(&c->at[i].start[n], context);
    }
}
static void free_task(fenp_task *t, void *context) {
    (void)context;
    if (t->program) fenp_program_free(t->program);
}
static void larger(fenp_task *t, void *context) {
    size_t n = fenp_program_arena(t->program), *most = context;
    if (n > *most) *most = n;
}
static void bind_task(fenp_task *t, void *arena) { fenp_program_bind(t->program, arena); }
size_t fenp_chains_arena(const fenp_chains *c) {
    size_t most = 0;
    each_task((fenp_chains *)c, larger, &most);
    return most;
}
void fenp_chains_bind(fenp_chains *c, void *arena) { each_task(c, bind_task, arena); }
void fenp_chains_free(fenp_chains *c) {
    if (!c) return;
    each_task(c, free_task, NULL);
    for (int i = 0; i < c->n; i++) {
        for (int k = 0; c->at[i].output && k < c->at[i].use->outputs; k++) fenp_delete(c->at[i].output[k]);
        for (int k = 0; k < c->at[i].scratches; k++) fenp_delete(c->at[i].scratch[k]);
        fenp_delete(c->at[i].scratch);
        fenp_delete(c->at[i].output);
        fenp_delete(c->at[i].node);
        fenp_delete(c->at[i].start);
    }
    fenp_delete(c->at);
    fenp_delete(c);
}

/* ---- between doubles and values of the graph ---- */
static void put(const fenp_task *t, int feed, const double *x, int64_t n) {
    void *to = fenp_program_feed(t->program, feed);
    if (!to) return;
    if (t->build->b->feed[feed].wide) memcpy(to, x, (size_t)n * sizeof *x);
    else
        for (int64_t i = 0; i < n; i++) ((float *)to)[i] = (float)x[i];
}
static void get(const fenp_task *t, int target, const fen_node *x, double *to, int64_t n) {
    const void *from = fenp_program_value(t->program, target);
    for (int64_t i = 0; i < n; i++) to[i] = x->wide ? ((const double *)from)[i] : (double)((const float *)from)[i];
}
/* Positions of chains that were moved before in this turn. */
static void put_positions(fenp_chains *c, fenp_task *t) {
    for (int i = 0; i < c->n; i++) {
        if (c->at[i].position) put(t, c->at[i].use->position_feed, c->at[i].position, c->at[i].chains * c->at[i].width);
        for (int k = 0; k < c->at[i].use->outputs; k++) put(t, c->at[i].use->output_feed[k], c->at[i].output[k], c->at[i].chains);
    }
}

/* ---- the verbs of a driver ---- */
bool fen_chain_value(fen_chain *chain, int node, const double *x, double *value, double *gradient) {
    moving *m = (moving *)chain;
    if (node < 0 || node >= m->of->use->nodes) return false;
    node_program *p = &m->of->node[node];
    fenp_task *t = gradient ? &p->both : &p->value;
    int64_t n = chain->chains * chain->width;
    if (gradient && !t->program) {
        m->no_gradient = true;
        return false;
    }
    if (m->tried) {
        memset(value, 0, (size_t)fenp_count(&m->of->use->node[node]->shape) * sizeof *value);
        if (gradient) memset(gradient, 0, (size_t)n * sizeof *gradient);
        return true;
    }
    fenp_task_fill(t, m->moment, (uint64_t)chain->step, gradient ? p->fresh_both : p->fresh_value);
    put_positions(m->all, t);
    put(t, m->of->use->position_feed, x, n);
    double step = (double)chain->step;
    void *at = fenp_program_feed(t->program, m->of->use->step_feed);
    if (at) *(double *)at = step;
    if (!fenp_program_run(t->program, m->moment->seed, m->moment->first)) return false;
    const fen_node *v = m->of->use->node[node];
    get(t, 0, v, value, fenp_count(&v->shape));
    if (gradient) get(t, 1, p->gradient, gradient, n);
    return true;
}
void fen_chain_draw(fen_chain *chain, int sampler, double *x) {
    moving *m = (moving *)chain;
    if (sampler < 0 || sampler >= m->of->starts) return;
    if (m->tried) {
        memset(x, 0, (size_t)(chain->chains * chain->width) * sizeof *x);
        return;
    }
    fenp_task *t = &m->of->start[sampler];
    fenp_task_fill(t, m->moment, 0, NULL);
    put_positions(m->all, t);
    const fen_node *v = m->of->use->start[sampler]->node;
    int64_t n = chain->chains * chain->width, have = fenp_count(&v->shape);
    if (!fenp_program_run(t->program, m->moment->seed, m->moment->first)) return;
    get(t, 0, v, x, have < n ? have : n);
    for (int64_t i = have; i < n; i++) x[i] = x[i % have];
}
double *fen_chain_memory(fen_chain *chain, int64_t n) {
    moving *m = (moving *)chain;
    one_chain *c = m->of;
    if (m->next_scratch == c->scratches) {
        c->scratch = fenp_more(c->scratch, c->scratches, sizeof *c->scratch);
        c->scratch[c->scratches++] = fenp_new((size_t)n * sizeof(double));
    }
    return c->scratch[m->next_scratch++];
}

/* ---- a turn ---- */
static bool move(fenp_chains *all, one_chain *c, const fenp_moment *m, fenp_faults *faults) {
    fenp_arena *a = &all->build->experiment->memory;
    int64_t n = c->chains * c->width;
    const char *name = c->use->name;
    fenp_memory *position = fenp_memory_for(m, fenp_arena_text(a, "%s/position", name), (size_t)n * sizeof(double));
    size_t bytes = c->use->function->moves->state * (size_t)c->chains;
    fenp_memory *state = bytes ? fenp_memory_for(m, fenp_arena_text(a, "%s/driver", name), bytes) : NULL;
    fenp_counter *counter = fenp_counter_of(m->draws, name);
    for (int i = 0; i < c->starts; i++) fenp_task_take(&c->start[i], m);
    for (int i = 0; i < c->use->nodes; i++) fenp_task_take(&c->node[i].value, m);
    moving v = {.of = c, .all = all, .moment = m};
    int batch = fenp_lead_of(&c->use->shape, FEN_BATCH); /* in evaluation the index along it counts through the pass, and tells the draws apart */
    uint64_t count = m->training ? counter->count : batch < 0 ? (uint64_t)m->draw : 0;
    int64_t first = m->training || batch < 0 ? 0 : m->first * (c->chains / c->use->shape.size[batch]);
    v.draw = (fen_draw){.key = fenp_key_step(fenp_key_step(m->seed, fenp_hash(name)), count),
                        .first = first,
                        .count = c->chains,
                        .state = state ? state->data : NULL};
    v.chain = (fen_chain){.at = &v.draw, .chains = c->chains, .width = c->width, .step = 0, .fresh = position->fresh};
    c->position = position->data;
    bool good = c->use->function->moves->advance(c->self, &v.chain, position->data, c->output);
    position->fresh = false;
    if (state) state->fresh = false;
    if (!good && v.no_gradient) needs_gradient(c, faults);
    else if (!good)
        fenp_fail(faults, c->use->at,
                  "chain `%s`: its position or the value of its node is not finite; a smaller step, or a start where the node is finite", name);
    return good;
}
bool fenp_chains_run(fenp_chains *c, const fenp_moment *m, fenp_faults *faults) {
    for (int i = 0; c && i < c->n; i++)
        if (!move(c, &c->at[i], m, faults)) return false;
    for (int i = 0; c && i < c->mains; i++) put_positions(c, &c->main[i]);
    return true;
}
