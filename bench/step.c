/* bench/step.c: what one update costs. VAE 784-400-20, batch 128, Adam; a 1-D GAN 1-6-5-1, 200 points, sorted, momentum: critic and generator.
 * Prints core name, threads, median and least time, plan sizes; with -v each kind of step alone, hot.
 *   step [threads] [-v] */
#include "base/io.h"
#include "base/pool.h"
#include "ops/blas.h"
#include "ops/ops.h"
#include "program/run.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct model { fenp_store *store; fen_builder *b; fenp_faults faults; fenp_target target[64]; int targets; } model;

static fenp_slot *slot(model *m, const char *block, const char *name, fen_shape s, double spread) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", block, name);
    fenp_slot *t = fenp_store_slot(m->store, block, path, s, FEN_REAL, !s.rank, spread);
    return t;
}
static fen_node *parameter(model *m, const char *net, const char *layer, const char *name, fen_shape s, double spread) {
    char path[128], block[64];
    snprintf(path, sizeof path, "%s/%s", layer, name);
    snprintf(block, sizeof block, "params/%s", net);
    return fenp_slot_read(m->b, slot(m, block, path, s, spread));
}
static fen_node *dense(model *m, const char *net, const char *layer, fen_node *x, int64_t n) {
    int64_t k = fen_feature(x, -1);
    fen_node *w = parameter(m, net, layer, "weight", fen_matrix(k, n), 1 / sqrt((double)k)), *c = parameter(m, net, layer, "bias", fen_vector(n), 0);
    return fen_add(m->b, fen_linear(m->b, x, w), c);
}
/* Gradients of all tensors of a network, as one vector. */
static fen_node *flat_gradient(model *m, fen_node *loss, const char *net) {
    char name[64];
    snprintf(name, sizeof name, "params/%s", net);
    fenp_block *k = fenp_store_block(m->store, name);
    fen_node *w[32], *g[32], *flat[32];
    bool reached[32];
    for (int i = 0; i < k->n; i++) w[i] = fenp_slot_read(m->b, k->slot[i]);
    fenp_gradients(m->b, loss, NULL, w, k->n, g, reached);
    for (int i = 0; i < k->n; i++) flat[i] = fenp_relabel(m->b, g[i], fen_vector(k->slot[i]->count));
    return fen_concat(m->b, flat, k->n, 0);
}
static void set(model *m, fenp_slot *s, fen_node *x) { m->target[m->targets++] = (fenp_target){x, s, FENP_WRITE}; }
static fenp_slot *state(model *m, const char *net, const char *name, fen_shape s) {
    char block[64];
    snprintf(block, sizeof block, "optimizer/%s/%s", net, name);
    return slot(m, block, name, s, 0);
}
static fen_node *running(model *m, const char *net, const char *name, fen_node *x, double beta) {
    fenp_slot *s = state(m, net, name, fen_shape_of(x));
    fen_node *y = fen_add(m->b, fen_scale(m->b, fenp_slot_read(m->b, s), beta), fen_scale(m->b, x, 1 - beta));
    set(m, s, y);
    return y;
}
static void adam(model *m, const char *net, fen_node *g) {
    fen_builder *b = m->b;
    char name[64];
    snprintf(name, sizeof name, "params/%s", net);
    fenp_slot *whole = fenp_block_whole(m->store, fenp_store_block(m->store, name)), *turns = state(m, net, "turns", (fen_shape){0});
    fen_node *p = fenp_slot_read(b, whole), *t = fen_shift(b, fenp_slot_read(b, turns), 1);
    set(m, turns, t);
    fen_node *mean = fen_div(b, running(m, net, "mean", g, .9), fen_neg(b, fen_expm1(b, fen_scale(b, t, log(.9)))));
    fen_node *square = fen_div(b, running(m, net, "square", fen_square(b, g), .999), fen_neg(b, fen_expm1(b, fen_scale(b, t, log(.999)))));
    fen_node *way = fen_div(b, mean, fen_shift(b, fen_sqrt(b, square), 1e-8));
    way = fen_add(b, way, fen_scale(b, p, 0));
    set(m, whole, fen_sub(b, p, fen_mul(b, fenp_number(b, 1e-3), way)));
}
static void momentum(model *m, const char *net, fen_node *g) {
    fen_builder *b = m->b;
    char name[64];
    snprintf(name, sizeof name, "params/%s", net);
    fenp_slot *whole = fenp_block_whole(m->store, fenp_store_block(m->store, name)), *s = state(m, net, "v", whole->shape);
    fen_node *v = fen_add(b, fen_scale(b, fenp_slot_read(b, s), .6), fen_scale(b, g, 1e-3));
    set(m, s, v);
    set(m, whole, fen_sub(b, fenp_slot_read(b, whole), v));
}
static fen_shape rows(int64_t n, int64_t k) { return (fen_shape){.leads = 1, .rank = 2, .size = {n, k}}; }
static void start(model *m, fenp_store *store, int64_t batch) {
    memset(m, 0, sizeof *m);
    m->store = store;
    m->b = fenp_builder_new(store, FEN_TRAIN, store->doubles, &m->faults);
    m->b->axis[FEN_BATCH].size = batch;
    m->targets = 1;
}
static fenp_program *finish(model *m, fen_node *loss, fen_node *guard) {
    m->target[0] = (fenp_target){fen_add(m->b, loss, guard), NULL, FENP_KEEP};
    m->target[m->targets++] = (fenp_target){loss, NULL, FENP_KEEP};
    double a = fenp_clock();
    fenp_program *p = fenp_program_new(m->b, m->target, m->targets, 0, &m->faults);
    a = fenp_clock() - a;
    fenp_faults_print(&m->faults, stderr);
    if (!p) exit(1);
    fenp_program_size s = fenp_program_measure(p);
    printf("  %d nodes built, %d left, %d steps, %d groups, %d in place, arena %.3f MB of %.3f, %d writing steps, compiled in %.2f ms\n",
           m->b->graph.n, s.nodes, s.steps, s.groups, s.in_place, (double)s.arena / 1e6, (double)s.values / 1e6, p->works - p->first_write, a * 1e3);
    return p;
}
static void vae(model *m) {
    fen_builder *b = m->b;
    fen_node *x = fenp_feed_new(b, "x", rows(128, 784), FEN_REAL, false, FENP_ON_DRAW, NULL);
    fen_node *o = dense(m, "encoder", "out", fen_relu(b, dense(m, "encoder", "hidden", x, 400)), 40);
    fen_node *mean = fen_slice(b, o, 0, 0, 1, 20), *log_var = fen_slice(b, o, 0, 20, 1, 20);
    fen_node *z = fen_add(b, mean, fen_mul(b, fen_exp(b, fen_scale(b, log_var, .5)), fen_normal(b, "z", fen_shape_of(mean))));
    fen_node *l = dense(m, "decoder", "out", fen_relu(b, dense(m, "decoder", "hidden", z, 400)), 784);
    fen_node *rebuilt = fen_sum_features(b, fen_sub(b, fen_softplus(b, l), fen_mul(b, x, l)));
    fen_node *spread = fen_add(b, fen_square(b, mean), fen_exp(b, log_var));
    fen_node *kl = fen_scale(b, fen_sum_features(b, fen_sub(b, spread, fen_shift(b, log_var, 1))), .5);
    fen_node *loss = fen_mean(b, fen_add(b, rebuilt, kl)), *guard = fenp_number(b, 0);
    static const char *const net[2] = {"encoder", "decoder"};
    for (int i = 0; i < 2; i++) {
        fen_node *g = flat_gradient(m, loss, net[i]);
        guard = fen_add(b, guard, fen_sum(b, g));
        adam(m, net[i], g);
    }
    m->target[0].node = loss;
    m->target[63].node = guard;
}
static fen_node *mlp(model *m, const char *net, fen_node *x) {
    fen_builder *b = m->b;
    return fen_tanh(b, dense(m, net, "3", fen_tanh(b, dense(m, net, "2", fen_tanh(b, dense(m, net, "1", x, 6)), 5)), 1));
}
static void gan(model *m, bool generator) {
    fen_builder *b = m->b;
    fen_shape s = rows(200, 1);
    fen_node *line = fen_shift(b, fen_scale(b, fenp_to_real(b, fen_coordinate(b, FEN_BATCH)), 10 / 199.), -5);
    fen_node *z = fen_add(b, fenp_relabel(b, line, s), fen_scale(b, fen_uniform(b, "z", s), .01));
    fen_node *fake = fen_scale(b, mlp(m, "generator", z), 5), *d = fen_shift(b, fen_scale(b, mlp(m, "critic", fake), .49), .5), *loss;
    if (generator) loss = fen_neg(b, fen_mean(b, fen_log(b, d)));
    else {
        fen_node *x = fen_shift(b, fen_normal(b, "x", s), -1);
        x = fenp_gather_at(b, x, 0, fenp_argsort_at(b, fenp_relabel(b, x, (fen_shape){.leads = 1, .rank = 1, .size = {200}}), 0));
        fen_node *real = fen_log(b, fen_shift(b, fen_scale(b, mlp(m, "critic", x), .49), .5));
        loss = fen_neg(b, fen_mean(b, fen_add(b, real, fen_log(b, fen_sub(b, fenp_number(b, 1), d)))));
    }
    const char *net = generator ? "generator" : "critic";
    fen_node *g = flat_gradient(m, loss, net);
    momentum(m, net, g);
    m->target[0].node = loss;
    m->target[63].node = fen_sum(b, g);
}
/* Parameters U(-1, 1) times the start value that was declared. */
static void fill(fenp_store *s) {
    uint32_t dice = 1;
    fenp_store_seal(s);
    for (int i = 0; i < s->n; i++)
        for (int64_t k = 0; k < s->block[i]->count; k++) {
            dice = dice * 1664525u + 1013904223u;
            double u = dice / 2147483648. - 1;
            if (s->block[i]->wide) ((double *)s->block[i]->data)[k] *= u;
            else ((float *)s->block[i]->data)[k] *= (float)u;
        }
}
static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}
static void set_draws(fenp_program *p, uint64_t k) {
    int n;
    fenp_stream *s = fenp_program_streams(p, &n);
    for (int i = 0; i < n; i++) s[i].draw = k;
}
static void measure(const char *name, fenp_program **p, int programs, int runs) {
    double *t = malloc((size_t)runs * sizeof *t), all = fenp_clock();
    for (int i = 0; i < runs; i++) {
        t[i] = fenp_clock();
        for (int k = 0; k < programs; k++) {
            set_draws(p[k], (uint64_t)i);
            if (!fenp_program_run(p[k], 1, 0)) { printf("  refused at %d\n", i); exit(1); }
        }
        t[i] = fenp_clock() - t[i];
    }
    all = fenp_clock() - all;
    qsort(t, (size_t)runs, sizeof *t, by_size);
    printf("%s, %s, %d thread(s): median %.1f us, least %.1f, a tenth below %.1f; %d runs in %.3f s; last loss %.4f\n", name, fenp_blas_core(),
           fenp_pool_threads(), t[runs / 2] * 1e6, t[0] * 1e6, t[runs / 10] * 1e6, runs, all,
           *(const double *)fenp_program_value(p[0], p[0]->targets - 1));
    free(t);
}
/* Each step alone, again and again. */
static void profile(fenp_program *p, bool each) {
    const char *name[64];
    double time[64] = {0}, all = 0;
    int count[64] = {0}, n = 0;
    for (int i = 0; i < p->works; i++) {
        const fenp_work *w = &p->work[i];
        double best = 1;
        for (int r = 0; r < 30; r++) {
            double a = fenp_clock();
            for (int q = 0; q < 10; q++) for (int k = 0; k < w->parts; k++) w->run(&w->step.step, k);
            a = (fenp_clock() - a) / 10;
            if (a < best) best = a;
        }
        const char *family = w->run == fenp_group_run ? "group" : w->run == fenp_move_run ? "move" : w->step.step.node->op->name;
        int k = 0;
        while (k < n && strcmp(name[k], family)) k++;
        if (k == n) name[n++] = family;
        time[k] += best;
        count[k]++;
        all += best;
        const char *from_here = i == p->first_write ? " (writes from here)" : "";
        int64_t n_elements = fenp_count(&w->step.step.node->shape);
        if (each) printf("    %3d %-10s %2d parts %9.3f us  %lld elements%s\n", i, family, w->parts, best * 1e6, (long long)n_elements, from_here);
    }
    printf("  alone, hot:");
    for (int k = 0; k < n; k++) printf(" %s %d x = %.2f us;", name[k], count[k], time[k] * 1e6);
    printf(" sum %.2f us\n", all * 1e6);
}
int main(int argc, char **argv) {
    int threads = argc > 1 ? atoi(argv[1]) : 1;
    bool detail = argc > 2 && !strcmp(argv[2], "-v");
    fenp_pool_start(threads);
    fenp_store *s = fenp_store_new(false);
    model m, n;
    start(&m, s, 128);
    vae(&m);
    fenp_program *p = finish(&m, m.target[0].node, m.target[63].node);
    fill(s);
    fenp_program_bind(p, NULL);
    float *x = fenp_program_feed(p, 0);
    for (int i = 0; i < 128 * 784; i++) x[i] = (float)(.5 + .5 * sin(i * .37));
    measure("VAE 784-400-20, batch 128, Adam", &p, 1, 400);
    profile(p, detail);
    fenp_store *s2 = fenp_store_new(false);
    start(&m, s2, 200);
    gan(&m, false);
    fenp_program *both[2] = {finish(&m, m.target[0].node, m.target[63].node), NULL};
    start(&n, s2, 200);
    gan(&n, true);
    both[1] = finish(&n, n.target[0].node, n.target[63].node);
    fill(s2);
    measure("GAN 1-6-5-1, 200 points, critic and generator", both, 2, 11000);
    for (int k = 0; k < 2; k++) profile(both[k], detail);
    fenp_pool_stop();
    return 0;
}
