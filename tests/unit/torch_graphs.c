/* tests/unit/torch_graphs.c: random graphs in double with their gradients, for tests/python/test_torch.py, which computes the same with
 * PyTorch. Each op's examples come first, then seeded compositions.
 *
 *   torch_graphs COUNT [SEED]
 *
 * One JSON object a line. nodes: [id, "op/arity", inputs, attrs.real, attrs.whole, attrs.shape, shape, value], the value of leaves only;
 * a shape is [leads, axes, sizes]. With s a number and p the inputs: first = ds/dp; second = dt/dp with t = sum of weights * first. */
#include "random_program.h"
#include "op_examples.h"
#include <stdio.h>

enum { MOST_WANTED = 3, MOST_NODES = 100000 };
typedef struct game { fen_builder *b; evaluator *e; fen_node *s, *p[MOST_WANTED], *g[MOST_WANTED], *h[MOST_WANTED]; int n; } game;

static void print_number(double v) {
    if (v != v) printf("NaN");
    else if (isinf(v)) printf(v > 0 ? "Infinity" : "-Infinity");
    else printf("%.17g", v);
}
static void print_values(const evaluator *e, const fen_node *x) {
    for (int64_t i = 0; i < fenp_count(&x->shape); i++) {
        printf(i ? "," : "[");
        print_number(at(e, x, i));
    }
    printf("]");
}
static void print_shape(const fen_shape *s) {
    printf("[%d,[", s->leads);
    for (int i = 0; i < s->leads; i++) printf(i ? ",%d" : "%d", s->axis[i]);
    printf("],[");
    for (int i = 0; i < s->rank; i++) printf(i ? ",%lld" : "%lld", (long long)s->size[i]);
    printf("]]");
}
/* Attributes of leaves are addresses; their values say all. */
static void print_node(const evaluator *e, const fen_node *x) {
    bool leaf = !x->op->arity;
    printf("[%d,\"%s/%d\",[", x->id, x->op->name, x->op->arity);
    for (int k = 0; k < x->n; k++) printf(k ? ",%d" : "%d", x->in[k]->id);
    printf("],[");
    for (int k = 0; k < 4 && !leaf; k++) { if (k) printf(","); print_number(x->attrs.real[k]); }
    printf("],[");
    for (int k = 0; k < 6 && !leaf; k++) printf(k ? ",%lld" : "%lld", x->op == &fenp_op_name ? 0 : (long long)x->attrs.whole[k]);
    printf("],");
    print_shape(&x->attrs.shape);
    printf(",");
    print_shape(&x->shape);
    printf(",");
    if (leaf) print_values(e, x); else printf("null");
    printf("]");
}
/* What s is made of: the gradients are not shown. */
static void print_graph(const game *g) {
    static bool live[MOST_NODES];
    memset(live, 0, sizeof live);
    live[g->s->id] = true;
    for (int i = 0; i < g->n; i++) live[g->p[i]->id] = true;
    for (int i = g->s->id; i >= 0; i--) {
        const fen_node *x = g->b->graph.at[i];
        for (int k = 0; k < x->n && live[i]; k++) live[x->in[k]->id] = true;
    }
    printf("\"nodes\":[");
    for (int i = 0, any = 0; i <= g->s->id; i++) {
        if (!live[i]) continue;
        printf(any++ ? ",\n" : "\n");
        print_node(g->e, g->b->graph.at[i]);
    }
    printf("]");
}
static double weight(int i, int64_t k) { return .75 + .5 * example_noise(31 + 100 * (unsigned)i + (unsigned)k); }
/* sum over k of weight(i, k) x[k] */
static fen_node *weighted_sum(fen_builder *b, fen_node *x, int i) {
    double *w = fenp_new((size_t)(fenp_count(&x->shape) + 1) * sizeof *w);
    for (int64_t k = 0; k < fenp_count(&x->shape); k++) w[k] = weight(i, k);
    fen_node *table = fenp_table(b, x->shape, FEN_REAL, w);
    fenp_delete(w);
    return fen_sum(b, fen_mul(b, table, fenp_widen(b, x, true)));
}
static void differentiate(game *g) {
    bool reached[MOST_WANTED];
    fen_node *t = fenp_number(g->b, 0);
    fenp_gradients(g->b, g->s, NULL, g->p, g->n, g->g, reached);
    for (int i = 0; i < g->n; i++) t = fen_add(g->b, t, weighted_sum(g->b, g->g[i], i));
    fenp_gradients(g->b, t, NULL, g->p, g->n, g->h, reached);
}
static void print_arrays(const game *g, const char *key, fen_node *const *x) {
    printf(",\n\"%s\":[", key);
    for (int i = 0; i < g->n; i++) {
        if (i) printf(",");
        print_values(g->e, x[i]);
    }
    printf("]");
}
static void print_game(const game *g, const char *name) {
    printf("{\"name\":\"%s\",", name);
    print_graph(g);
    printf(",\n\"s\":%d,\"value\":", g->s->id);
    print_number(at(g->e, g->s, 0));
    printf(",\"wanted\":[");
    for (int i = 0; i < g->n; i++) printf(i ? ",%d" : "%d", g->p[i]->id);
    printf("],\"weights\":[");
    for (int i = 0; i < g->n; i++) {
        printf(i ? ",[" : "[");
        for (int64_t k = 0; k < fenp_count(&g->p[i]->shape); k++) { if (k) printf(","); print_number(weight(i, k)); }
        printf("]");
    }
    printf("]");
    print_arrays(g, "first", g->g);
    print_arrays(g, "second", g->h);
    printf("}\n\n");
}
static void refuse(const fenp_faults *faults, const char *name) {
    if (!faults->n) return;
    fprintf(stderr, "torch_graphs: %s: %s\n", name, faults->at[0].text);
    exit(1);
}

/* An example as a graph of its own. */
static void print_example(const op_example *x) {
    built c;
    double value[MOST_ELEMENTS];
    if (x->op == &fenp_op_faulty) return;
    build_example(&c, x, true);
    game g = {.b = c.e.b, .e = &c.e};
    for (int i = 0; i < c.n; i++) {
        for (int k = 0; k < (int)fenp_count(&c.p[i]->shape); k++) value[k] = example_value(x, i, k);
        feed(&c.e, c.p[i], value);
        if (c.p[i]->type == FEN_REAL && !(x->flags & WHOLE)) g.p[g.n++] = c.p[i];
    }
    g.s = weighted_sum(g.b, fenp_to_real(g.b, c.y), 9);
    differentiate(&g);
    refuse(&c.faults, name_of_example(x));
    c.e.draw = 5;
    run_all(&c.e);
    print_game(&g, name_of_example(x));
    free_example(&c);
}

/* A few random values one from another, and the mean of some. */
static void print_random(uint32_t seed) {
    static const int64_t size[][2] = {{5, 4}, {4, 3}, {6, 5}, {3, 7}, {2, 4}};
    char name[64];
    made m = {.dice = seed, .rows = size[seed % 5][0], .columns = size[seed % 5][1], .store = fenp_store_new(true)};
    evaluator e = {.draw = seed};
    declare(&m);
    fen_builder *b = e.b = m.b = fenp_builder_new(m.store, FEN_TRAIN, true, &m.faults);
    b->axis[FEN_BATCH].size = m.rows;
    m.x[m.n++] = m.feed = fenp_feed_new(b, "x", table_shape(&m), FEN_REAL, true, FENP_ON_DRAW, NULL);
    m.x[m.n++] = fen_uniform(b, "u", table_shape(&m));
    m.x[m.n++] = fenp_slot_read(b, m.state);
    for (int length = 2 + (int)roll_dice(&m, 10); length--; m.n++)
        m.x[m.n] = fenp_broadcast(b, random_value(&m), table_shape(&m));
    game g = {.b = b, .e = &e, .p = {m.feed, fenp_slot_read(b, m.weight), fenp_slot_read(b, m.bias)}, .n = 3};
    g.s = fen_mean(b, fen_tanh(b, m.x[m.n - 1]));
    for (int i = 0; i < 2; i++) g.s = fen_add(b, g.s, fen_mean(b, fen_tanh(b, any(&m))));
    differentiate(&g);
    snprintf(name, sizeof name, "random graph, seed %u", seed);
    refuse(&m.faults, name);
    double value[VALUES];
    for (int i = 0; i < VALUES; i++) value[i] = sin(1.7 * i + seed) + .1 * cos((double)(i * i));
    feed(&e, m.feed, value);
    for (int64_t i = 0; i < m.weight->count; i++) ((double *)fenp_slot_data(m.weight))[i] = .4 * sin(2.3 * (double)i + seed);
    for (int64_t i = 0; i < m.bias->count; i++) ((double *)fenp_slot_data(m.bias))[i] = .3 * cos(1.1 * (double)i + seed);
    run_all(&e);
    print_game(&g, name);
    evaluator_free(&e);
    made_free(&m);
}

int main(int argc, char **argv) {
    uint32_t count = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 10, seed = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 1;
    if (argc <= 2) each_example(print_example);
    for (uint32_t i = 0; i < count; i++) print_random(seed + i);
    return fflush(stdout) != 0;
}
