/* simplify.c: the live part of a graph, copied in one forward sweep: each node as its simplest equal (rules.c), constants computed
 * (fold.c), equal nodes once. Then a second sweep drops what became dead, and numbers the rest.
 * Nodes are merged here and nowhere before: two variables with equal values are two until the last gradient is built. */
#include "program/plan.h"
#include <string.h>

static uint64_t mix(uint64_t h, const void *data, size_t n) {
    const unsigned char *c = data;
    for (size_t i = 0; i < n; i++) h = (h ^ c[i]) * 0x100000001b3u;
    return h ^ h >> 29;
}
static uint64_t mix_shape(uint64_t h, const fen_shape *s) {
    const unsigned char head[2] = {s->leads, s->rank};
    h = mix(mix(h, head, 2), s->axis, s->leads);
    return mix(h, s->size, s->rank * sizeof *s->size);
}
/* Attributes are compared field by field: the bytes between them may be anything after a copy. */
static uint64_t key_of(const fen_node *x) {
    uint64_t h = mix(0xcbf29ce484222325u, &x->op, sizeof x->op);
    h = mix(mix(h, x->attrs.real, sizeof x->attrs.real), x->attrs.whole, sizeof x->attrs.whole);
    h = mix_shape(mix_shape(h, &x->attrs.shape), &x->shape);
    for (int i = 0; i < x->n; i++) h = mix(h, &x->in[i]->id, sizeof x->in[i]->id);
    return h;
}
static bool equal(const fen_node *x, const fen_node *y) {
    if (x->op != y->op || x->n != y->n || x->type != y->type || x->wide != y->wide || !fenp_same(&x->shape, &y->shape)) return false;
    if (memcmp(x->attrs.real, y->attrs.real, sizeof x->attrs.real) || memcmp(x->attrs.whole, y->attrs.whole, sizeof x->attrs.whole)) return false;
    return fenp_same(&x->attrs.shape, &y->attrs.shape) && (!x->n || !memcmp(x->in, y->in, (size_t)x->n * sizeof *x->in));
}

static bool is_constant_leaf(const fen_op *op) {
    return op != &fenp_op_slot && op != &fenp_op_feed && op != &fenp_op_uniform && op != &fenp_op_normal && op != &fenp_op_permutation;
}
static fen_node *add(fenp_plan *p, const fen_node *x) {
    fenp_value *v = fenp_arena_new(&p->memory, sizeof *v);
    fen_node **in = fenp_arena_new(&p->memory, (size_t)x->n * sizeof *in + 1);
    if (x->n) memcpy(in, x->in, (size_t)x->n * sizeof *in);
    v->base.node = *x;
    v->base.node.in = in;
    v->base.node.id = p->n;
    v->base.depends = x->n || is_constant_leaf(x->op) ? 0 : 1;
    for (int i = 0; i < x->n; i++) v->base.depends |= fenp_node_of(x->in[i])->depends;
    p->at = fenp_more(p->at, p->n, sizeof *p->at);
    p->at[p->n++] = v;
    return &v->base.node;
}
static void grow(fenp_simplifier *s) {
    fenp_plan *p = s->plan;
    fenp_delete(s->table);
    s->size = s->size ? 2 * s->size : 1024;
    s->table = fenp_new(s->size * sizeof *s->table);
    for (int id = 0; id < p->n; id++) {
        size_t i = key_of(&p->at[id]->base.node) & (s->size - 1);
        while (s->table[i]) i = (i + 1) & (s->size - 1);
        s->table[i] = id + 1;
    }
}
fen_node *fenp_intern(fenp_simplifier *s, const fen_node *x) {
    fenp_plan *p = s->plan;
    if ((size_t)p->n * 2 >= s->size) grow(s);
    size_t i = key_of(x) & (s->size - 1);
    for (; s->table[i]; i = (i + 1) & (s->size - 1)) {
        fen_node *y = &p->at[s->table[i] - 1]->base.node;
        if (equal(x, y)) return y;
    }
    s->table[i] = p->n + 1;
    return add(p, x);
}

/* A slot as a window of its block. One that is kept in another width (a number among the parameters) is converted where it is read. */
static fen_node *window(fenp_simplifier *s, const fen_node *x) {
    const fenp_slot *slot = (const fenp_slot *)(intptr_t)x->attrs.whole[0];
    fen_node leaf = *x;
    memset(&leaf.attrs, 0, sizeof leaf.attrs);
    leaf.attrs.whole[0] = (int64_t)(intptr_t)slot->block;
    leaf.attrs.whole[1] = slot->offset;
    if (x->type != FEN_REAL || slot->block->wide == x->wide) return fenp_intern(s, &leaf);
    bool number = !x->shape.rank;
    leaf.wide = slot->block->wide;
    if (number) leaf.shape = fen_vector(1);
    fen_node *in = fenp_intern(s, &leaf), read = *x;
    memset(&read.attrs, 0, sizeof read.attrs);
    read.op = number ? &fenp_op_number : &fenp_op_cast;
    read.attrs.whole[0] = !number && x->wide;
    read.in = &in;
    read.n = 1;
    return fenp_simple(s, &read);
}

static bool *live_set(fen_node *const *at, int n, fen_node *const *target, int targets) {
    bool *live = fenp_new((size_t)n + 1);
    for (int i = 0; i < targets; i++) live[target[i]->id] = true;
    (void)at;
    for (int id = n - 1; id >= 0; id--)
        for (int i = 0; live[id] && i < at[id]->n; i++) live[at[id]->in[i]->id] = true;
    return live;
}

/* Copies what is live to the plan; to[]: where each node went. */
static fen_node **copy_live(fenp_simplifier *s, const bool *live) {
    const fenp_graph *g = &s->plan->b->graph;
    fen_node **to = fenp_new((size_t)(g->n + 1) * sizeof *to), **in = NULL;
    int room = 0;
    for (int id = 0; id < g->n; id++) {
        if (!live[id]) continue;
        fen_node x = *g->at[id];
        if (x.n > room) {
            fenp_delete(in);
            room = 2 * x.n;
            in = fenp_new((size_t)room * sizeof *in);
        }
        for (int i = 0; i < x.n; i++) in[i] = to[x.in[i]->id];
        x.in = in;
        to[id] = x.op == &fenp_op_slot ? window(s, &x) : fenp_simple(s, &x);
        for (int i = s->plan->n - 1; i >= 0 && !s->plan->at[i]->origin; i--) s->plan->at[i]->origin = g->at[id];
    }
    fenp_delete(in);
    return to;
}

/* Drops what no target needs and numbers the rest anew. */
static void compact(fenp_plan *p) {
    fen_node **at = fenp_new((size_t)(p->n + 1) * sizeof *at), **target = fenp_new((size_t)(p->aims + 1) * sizeof *target);
    for (int i = 0; i < p->n; i++) at[i] = &p->at[i]->base.node;
    for (int i = 0; i < p->aims; i++) target[i] = p->aim[i].node;
    bool *live = live_set(at, p->n, target, p->aims);
    int n = 0;
    for (int i = 0; i < p->n; i++) {
        if (!live[i]) { fenp_delete(p->at[i]->data); continue; }
        p->at[i]->base.node.id = n;
        p->at[n++] = p->at[i];
    }
    p->n = n;
    fenp_delete(at);
    fenp_delete(target);
    fenp_delete(live);
}

void fenp_simplify(fenp_plan *p, const fenp_target *t, int n) {
    fenp_simplifier s = {.plan = p};
    fen_node **target = fenp_new((size_t)(n + 1) * sizeof *target);
    for (int i = 0; i < n; i++) target[i] = t[i].node;
    bool *live = live_set(p->b->graph.at, p->b->graph.n, target, n);
    fen_node **to = copy_live(&s, live);
    for (int i = 0; i < n; i++) {
        p->aim = fenp_more(p->aim, p->aims, sizeof *p->aim);
        fenp_aim *a = &p->aim[p->aims++];
        *a = (fenp_aim){.node = to[t[i].node->id], .how = t[i].how, .index = i};
        if (t[i].how != FENP_KEEP) { a->block = t[i].slot->block; a->offset = t[i].slot->offset; }
    }
    fenp_aims(&s);
    compact(p);
    fenp_delete(target);
    fenp_delete(live);
    fenp_delete(to);
    fenp_delete(s.table);
}
