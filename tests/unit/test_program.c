/* Programs: fused, in place and packed against one buffer for every value, bit by bit; against the graph evaluated node by node, in
 * double; guard, blame, threads, memory. Seeds are printed, so that a failure can be repeated: test_program SEED. */
#include "test.h"
#include "random_program.h"
#include "base/pool.h"
#include "base/random.h"
#include "evaluate.h"
#include <pthread.h>
#include <time.h>

static uint32_t first_seed = 1;
static int programs = 8000;

/* Bytes that grow. */
typedef struct bytes { unsigned char *at; size_t n, room; } bytes;
static void add_bytes(bytes *b, const void *data, size_t n) {
    if (b->n + n > b->room) b->at = realloc(b->at, b->room = 2 * (b->n + n));
    memcpy(b->at + b->n, data, n);
    b->n += n;
}
static bool equal_bytes(const bytes *x, const bytes *y) { return x->n == y->n && !memcmp(x->at, y->at, x->n); }
/* Everything that a run leaves behind: the blocks, then what was kept. */
static void look(const made *m, const fenp_program *p, bytes *to) {
    for (int i = 0; i < m->store->n; i++) add_bytes(to, m->store->block[i]->data, fenp_block_bytes(m->store->block[i]));
    for (int i = 0; i < m->targets; i++)
        if (m->target[i].how == FENP_KEEP) add_bytes(to, fenp_program_value(p, i), bytes_of(m->target[i].node));
}
static void fill_feed(const made *m, void *data) {
    for (int64_t i = 0; data && i < fenp_count(&m->feed->shape); i++) set(m->feed, data, i, sin(1.7 * (double)i) + .1 * cos((double)(i * i)));
}
static fenp_program *compile(made *m, unsigned flags) {
    fenp_program_flags = flags;
    fenp_program *p = fenp_program_new(m->b, m->target, m->targets, 0, &m->faults);
    fenp_program_flags = 0;
    if (p) {
        fenp_program_bind(p, NULL);
        fill_feed(m, fenp_program_feed(p, 0));
    }
    return p;
}
static void set_draws(fenp_program *p, uint64_t draw) {
    int n;
    fenp_stream *s = fenp_program_streams(p, &n);
    for (int i = 0; i < n; i++) s[i].draw = draw;
}
static long runs, refused;                    /* refused: something was not finite, so that little was compared */
/* Three runs from the same start; what they leave behind, as text. */
static bool three_runs(made *m, unsigned flags, bytes *to) {
    fenp_program *p = compile(m, flags);
    if (!p) return false;
    void *start = fenp_store_save(m->store);
    for (uint64_t k = 0; k < 3; k++) {
        set_draws(p, k);
        bool fine = fenp_program_run(p, 42, 0);
        runs++;
        refused += !fine;
        add_bytes(to, &fine, 1);
        look(m, p, to);
    }
    fenp_store_load(m->store, start);
    fenp_delete(start);
    fenp_program_free(p);
    return true;
}
/* In how many programs each op of the table was met. */
static int met[160];
static void count_ops(const made *m) {
    for (int k = 0; fenp_ops[k]; k++) {
        bool here = false;
        for (int i = 0; i < m->b->graph.n && !here; i++) here = m->b->graph.at[i]->op == fenp_ops[k];
        met[k] += here;
    }
}
static bool same_everywhere(uint32_t seed, int64_t rows, int64_t columns, bool doubles) {
    made m;
    made_new(&m, seed, rows, columns, doubles);
    count_ops(&m);
    bytes naive = {0}, fused = {0}, hostile = {0};
    bool fine = !m.faults.n && three_runs(&m, FENP_NAIVE, &naive) && three_runs(&m, 0, &fused) && three_runs(&m, FENP_HOSTILE, &hostile);
    if (!fine) fenp_faults_print(&m.faults, stdout);
    bool same = fine && equal_bytes(&naive, &fused), hard = fine && equal_bytes(&naive, &hostile);
    const char *what = !fine ? "does not compile" : same ? "hostile differs" : "fused differs";
    if (!same || !hard) printf("      seed %u (%d x %d, %s): %s\n", seed, (int)rows, (int)columns, doubles ? "double" : "single", what);
    free(naive.at);
    free(fused.at);
    free(hostile.at);
    made_free(&m);
    return same && hard;
}
static void test_random(void) {
    int wrong = 0;
    printf("      random programs from seed %u on\n", first_seed);
    for (int i = 0; i < programs && wrong < 5; i++) wrong += !same_everywhere(first_seed + (uint32_t)i, 5, 4, i % 5 == 0);
    FEN_COUNT(wrong, 0);
    printf("      %d programs, %ld of %ld runs refused by the guard\n", programs, refused, runs);
    fen_test_say(refused * 100 <= 2 * runs, __LINE__, __FILE__, "%ld of %ld runs were refused: they prove little", refused, runs);
}
/* Every op but the one that stands in no graph. */
static void test_all_ops_met(void) {
    int least = programs, rarest = 0;
    for (int k = 0; fenp_ops[k]; k++) {
        if (fenp_ops[k] == &fenp_op_faulty) continue;
        fen_test_say(met[k] > 0 || programs < 500, __LINE__, __FILE__, "%s: in none of %d random programs", fenp_ops[k]->name, programs);
        if (met[k] < least) { least = met[k]; rarest = k; }
    }
    printf("      the rarest op is %s, in %d of %d programs\n", fenp_ops[rarest]->name, least, programs);
}
/* More elements than a tile: rows longer and shorter than one, several parts. */
static void test_tiles(void) {
    static const int64_t size[][2] = {{40, 37}, {3, 700}, {700, 3}, {129, 4}};
    int wrong = 0;
    for (int i = 0; i < 40; i++) wrong += !same_everywhere(first_seed + 100000 + (uint32_t)i, size[i % 4][0], size[i % 4][1], false);
    FEN_COUNT(wrong, 0);
}

/* The graph node by node, in double: what simplifying and fusing must not change beyond rounding. */
static void evaluate(made *m, evaluator *e, uint64_t draw) {
    fen_builder *b = m->b;
    *e = (evaluator){.b = b, .data = calloc((size_t)b->graph.n, sizeof *e->data), .n = b->graph.n};
    for (int i = 0; i < b->graph.n; i++) {
        const fen_node *x = b->graph.at[i];
        e->data[i] = room_for(x);
        if (x->op == &fenp_op_feed) fill_feed(m, e->data[i]);
        else {
            bool noise = x->op == &fenp_op_uniform || x->op == &fenp_op_normal || x->op == &fenp_op_permutation;
            e->draw = noise ? fenp_key_step(fenp_key_step(42, b->noise[x->attrs.whole[0]].hash), draw) : 0;
            run_node(e, x);
        }
    }
}
static double furthest(const made *m, const fenp_program *p, const evaluator *e) {
    double most = 0;
    for (int i = 0; i < m->targets; i++) {
        const fen_node *x = m->target[i].node;
        if (m->target[i].how != FENP_KEEP) continue;
        for (int64_t k = 0; k < fenp_count(&x->shape); k++) {
            double found = get(x, fenp_program_value(p, i), k), needed = at(e, x, k), off = fabs(found - needed) / (1 + fabs(needed));
            if (!(off <= most)) most = off;
        }
    }
    return most;
}
static void test_values(void) {
    int wrong = 0;
    for (uint32_t i = 0; i < 300; i++) {
        made m;
        evaluator e;
        made_new(&m, first_seed + 200000 + i, 5, 4, true);
        evaluate(&m, &e, 3);
        fenp_program *p = compile(&m, 0);
        set_draws(p, 3);
        fenp_program_run(p, 42, 0);
        double off = furthest(&m, p, &e);
        if (!(off < 1e-9)) { printf("      seed %u: off by %g\n", first_seed + 200000 + i, off); wrong++; }
        fenp_program_free(p);
        evaluator_free(&e);
        made_free(&m);
    }
    FEN_COUNT(wrong, 0);
}

/* A small model by hand: a vector w [; 3] with a total beside it. */
typedef struct small { fenp_store *store; fen_builder *b; fenp_faults faults; fenp_slot *w, *v, *total; } small;
static void small_new(small *m, bool doubles) {
    memset(m, 0, sizeof *m);
    m->store = fenp_store_new(doubles);
    m->w = fenp_store_slot(m->store, "params/n", "params/n/w", fen_vector(3), FEN_REAL, false, 2);
    m->v = fenp_store_slot(m->store, "params/n", "params/n/v", fen_matrix(2, 2), FEN_REAL, false, 5);
    m->total = fenp_store_slot(m->store, "total", "total", (fen_shape){0}, FEN_REAL, true, 0);
    fenp_block_whole(m->store, m->w->block);
    fenp_store_seal(m->store);
    m->b = fenp_builder_new(m->store, FEN_TRAIN, doubles, &m->faults);
    m->b->axis[FEN_BATCH].size = 4;
}
static void small_free(small *m) {
    fenp_builder_free(m->b);
    fenp_store_free(m->store);
    fenp_faults_free(&m->faults);
}
static fenp_program *program_of(small *m, fenp_target *t, int n, int guard) { return fenp_program_new(m->b, t, n, guard, &m->faults); }

static void test_guard(void) {
    small m;
    small_new(&m, false);
    fen_builder *b = m.b;
    float *w = fenp_slot_data(m.w);
    fen_node *x = fenp_slot_read(b, m.w), *loss = fen_sum(b, fen_log(b, x));
    fenp_target t[3] = {{loss, NULL, FENP_KEEP}, {fen_scale(b, x, .5), m.w, FENP_WRITE}, {fenp_number(b, 1), m.total, FENP_ADD}};
    fenp_program *p = program_of(&m, t, 3, 0);
    FEN_TRUE(fenp_program_run(p, 1, 0));
    FEN_NEAR(*(const double *)fenp_program_value(p, 0), 3 * log(2), 1e-6);
    FEN_NEAR(w[1], 1, 0);
    FEN_NEAR(*(double *)fenp_slot_data(m.total), 1, 0);
    w[1] = -1;
    void *before = fenp_store_save(m.store);
    FEN_TRUE(!fenp_program_run(p, 1, 0));
    void *after = fenp_store_save(m.store);
    size_t n = 0;
    for (int i = 0; i < m.store->n; i++) n += fenp_block_bytes(m.store->block[i]);
    FEN_TRUE(!memcmp(before, after, n));
    const fen_node *who = fenp_program_blame(p, 1, 0);
    FEN_TRUE(who && who->op == &fenp_op_log);
    w[1] = NAN;
    who = fenp_program_blame(p, 1, 0);
    FEN_TRUE(who && who->op == &fenp_op_slot);
    w[1] = 1;
    FEN_TRUE(!fenp_program_blame(p, 1, 0));
    fenp_delete(before);
    fenp_delete(after);
    fenp_program_free(p);
    small_free(&m);
}
/* The guard reads the very value that is written: it must be known before. */
static void test_guard_reads_target(void) {
    small m;
    small_new(&m, false);
    float *w = fenp_slot_data(m.w);
    fen_node *next = fen_sqrt(m.b, fen_shift(m.b, fenp_slot_read(m.b, m.w), -1));
    fenp_target t[2] = {{fen_sum(m.b, next), NULL, FENP_KEEP}, {next, m.w, FENP_WRITE}};
    fenp_program *p = program_of(&m, t, 2, 0);
    FEN_TRUE(fenp_program_run(p, 1, 0));
    FEN_NEAR(w[2], 1, 0);
    w[2] = 0;
    FEN_TRUE(!fenp_program_run(p, 1, 0));
    FEN_NEAR(w[0], 1, 0);
    FEN_NEAR(w[2], 0, 0);
    const fen_node *who = fenp_program_blame(p, 1, 0);
    FEN_TRUE(who && who->op == &fenp_op_sqrt);
    fenp_program_free(p);
    small_free(&m);
}

static int nodes_of(small *m, fen_node *x) {
    fenp_target t = {x, NULL, FENP_KEEP};
    fenp_program *p = program_of(m, &t, 1, -1);
    int n = fenp_program_measure(p).nodes;
    fenp_program_free(p);
    return n;
}
static double value_of(small *m, fen_node *x, int64_t i) {
    fenp_target t = {x, NULL, FENP_KEEP};
    fenp_program *p = program_of(m, &t, 1, -1);
    fenp_program_run(p, 1, 0);
    double v = get(x, fenp_program_value(p, 0), i);
    fenp_program_free(p);
    return v;
}
static void test_simple(void) {
    small m;
    small_new(&m, false);
    fen_builder *b = m.b;
    fen_node *w = fenp_slot_read(b, m.w), *v = fenp_slot_read(b, m.v), *zero = fenp_number(b, 0);
    FEN_COUNT(nodes_of(&m, fen_mul(b, zero, fen_log(b, fen_neg(b, w)))), 1);         /* a weight of zero removes a term, */
    FEN_NEAR(value_of(&m, fen_mul(b, zero, fen_log(b, fen_neg(b, w))), 1), 0, 0);
    fen_node *g;
    bool reached;
    fenp_gradients(b, fen_add(b, fen_sum(b, w), fen_mul(b, zero, fen_sum(b, fen_log(b, fen_neg(b, w))))), NULL, &w, 1, &g, &reached);
    FEN_COUNT(nodes_of(&m, g), 1);                                                    /* and its gradient */
    FEN_NEAR(value_of(&m, g, 2), 1, 0);
    FEN_COUNT(nodes_of(&m, fen_shift(b, fen_scale(b, fen_shift(b, fen_scale(b, w, 3), 4), .5), 1)), 2);
    FEN_COUNT(nodes_of(&m, fen_stop_gradient(b, fenp_named(b, "n", fen_scale(b, w, 1)))), 1);
    FEN_COUNT(nodes_of(&m, fen_add(b, fen_tanh(b, w), fen_tanh(b, fenp_named(b, "n", w)))), 3);      /* equal values are merged */
    fen_node *part[2] = {w, fenp_relabel(b, v, fen_vector(4))}, *whole = fen_concat(b, part, 2, 0);
    FEN_COUNT(nodes_of(&m, whole), 1);                                                /* all slots of a block are the block */
    FEN_NEAR(value_of(&m, whole, 6), 5, 0);
    fen_node *x = fen_tanh(b, fenp_slot_read(b, fenp_store_find(m.store, "params/n/v")));
    fen_node *row[2] = {fen_slice(b, x, 0, 0, 1, 1), fen_slice(b, x, 0, 1, 1, 1)};
    FEN_COUNT(nodes_of(&m, fen_concat(b, row, 2, 0)), 2);                             /* pack(unpack(v)) is v */
    FEN_COUNT(nodes_of(&m, fen_slice(b, fen_concat(b, (fen_node *[]){fen_sin(b, w), fen_cos(b, w)}, 2, 0), 0, 4, 1, 2)), 3);
    FEN_NEAR(value_of(&m, fen_floor(b, fen_div(b, fenp_broadcast(b, fenp_number(b, 49), fen_vector(3)), fen_scale(b, w, 24.5))), 0), 1, 0);
    fen_node *third = fen_div(b, fenp_number(b, 1), fenp_number(b, 3));
    FEN_COUNT(nodes_of(&m, fen_mul(b, third, fen_exp(b, fenp_number(b, 2)))), 1);
    FEN_NEAR(value_of(&m, fen_mul(b, third, fen_exp(b, fenp_number(b, 2))), 0), exp(2) / 3, 1e-15);
    FEN_NEAR(value_of(&m, fen_mul(b, third, w), 0), (double)(float)(2 / 3.), 1e-7);
    fen_node *grid = fen_sin(b, fen_feature_coordinate(b, w, 0));
    FEN_COUNT(nodes_of(&m, grid), 1);
    FEN_NEAR(value_of(&m, grid, 2), sin(2), 1e-15);                                   /* constants are double */
    small_free(&m);
}
static void test_writes(void) {
    small m;
    small_new(&m, false);
    fen_builder *b = m.b;
    float *w = fenp_slot_data(m.w), *v = fenp_slot_data(m.v);
    fen_node *x = fenp_slot_read(b, m.w), *sum = fen_sum(b, x), *y = fen_scale(b, fenp_slot_read(b, m.v), 2);
    fenp_target t[4] = {{fen_sub(b, x, fen_mean(b, x)), m.w, FENP_WRITE}, {y, m.v, FENP_ADD}, {sum, m.total, FENP_ADD}, {x, NULL, FENP_KEEP}};
    fenp_program *p = program_of(&m, t, 4, -1);
    for (int i = 0; i < 3; i++) w[i] = (float)i;
    FEN_TRUE(fenp_program_run(p, 1, 0));
    FEN_NEAR(w[0], -1, 0);
    FEN_NEAR(w[2], 1, 0);
    FEN_NEAR(v[3], 15, 0);
    FEN_NEAR(*(double *)fenp_slot_data(m.total), 3, 0);
    FEN_NEAR(((const float *)fenp_program_value(p, 3))[2], 2, 0);                    /* kept is the value from before */
    fenp_program_run(p, 1, 0);
    FEN_NEAR(v[0], 45, 0);
    FEN_NEAR(*(double *)fenp_slot_data(m.total), 3, 0);                              /* 0 was added */
    fenp_program_free(p);
    small_free(&m);
}

/* Memory that a step reads for one element while it makes another: must not be the memory that it writes. */
static void test_overlap(void) {
    small m;
    small_new(&m, true);
    fen_builder *b = m.b;
    fen_shape s = {.leads = 1, .rank = 2, .size = {4, 3}};
    fen_node *x = fenp_cumsum_at(b, fenp_feed_new(b, "x", s, FEN_REAL, true, FENP_ON_DRAW, NULL), 0);
    fen_node *row = fenp_relabel(b, fenp_slice_at(b, x, 0, 0, 1, 1), fen_vector(3));
    fen_node *y = fenp_cumsum_at(b, fen_sub(b, x, row), 1), *w = fenp_slot_read(b, m.w), *v = fenp_slot_read(b, m.v);
    fenp_target t[3] = {{y, NULL, FENP_KEEP}, {fenp_roll_at(b, w, 0, 1), m.w, FENP_WRITE}};
    t[2] = (fenp_target){fen_sub(b, v, fenp_relabel(b, fenp_slice_at(b, v, 0, 0, 1, 1), fen_vector(2))), m.v, FENP_WRITE};
    fenp_program *p = program_of(&m, t, 3, -1);
    double *in = fenp_program_feed(p, 0), *at_w = fenp_slot_data(m.w), *at_v = fenp_slot_data(m.v);
    for (int i = 0; i < 12; i++) in[i] = i;
    for (int i = 0; i < 3; i++) at_w[i] = i;
    for (int i = 0; i < 4; i++) at_v[i] = i + 1;
    fenp_program_run(p, 1, 0);
    const double *found = fenp_program_value(p, 0);
    for (int j = 0; j < 3; j++) FEN_NEAR(found[j], 0, 0);
    FEN_NEAR(found[3], 3, 0);                                        /* x = 0 1 2, 3 5 7, 9 12 15, 18 22 26 */
    FEN_NEAR(found[8], 9 + 11 + 13, 0);
    FEN_NEAR(found[11], 18 + 21 + 24, 0);
    static const double rolled[3] = {2, 0, 1}, less[4] = {0, 0, 2, 2};
    for (int i = 0; i < 3; i++) FEN_NEAR(at_w[i], rolled[i], 0);
    for (int i = 0; i < 4; i++) FEN_NEAR(at_v[i], less[i], 0);
    fenp_program_free(p);
    small_free(&m);
}

/* The same where a row is longer than a tile: read again for every row. */
static void test_overlap_rows(void) {
    enum { N = 700 };
    small m;
    small_new(&m, false);
    fen_builder *b = m.b;
    fen_shape s = {.leads = 1, .rank = 2, .size = {4, N}};
    fen_node *x = fenp_cumsum_at(b, fenp_feed_new(b, "x", s, FEN_REAL, false, FENP_ON_DRAW, NULL), 0);
    fen_node *row = fenp_relabel(b, fenp_slice_at(b, x, 0, 0, 1, 1), fen_vector(N));
    fenp_target t = {fenp_cumsum_at(b, fen_sub(b, x, row), 0), NULL, FENP_KEEP};
    fenp_program *p = program_of(&m, &t, 1, -1);
    float *in = fenp_program_feed(p, 0);
    for (int i = 0; i < 4 * N; i++) in[i] = 1;
    fenp_program_run(p, 1, 0);
    const float *found = fenp_program_value(p, 0);
    for (int i = 0; i < 4; i++) FEN_NEAR(found[i * N + N - 1], i * (i + 1) / 2, 0);
    fenp_program_free(p);
    small_free(&m);
}

/* Row i of draw n: key(key(key(key(seed, hash), n), i)), block j: two features. In evaluation rows count from `first`. */
static void test_noise(void) {
    small m;
    small_new(&m, true);
    fen_shape s = {.leads = 1, .rank = 2, .size = {4, 3}};
    fenp_target t = {fenp_noise_new(m.b, "some/stream", &fenp_op_uniform, s), NULL, FENP_KEEP};
    fenp_program *p = program_of(&m, &t, 1, -1);
    int n;
    fenp_stream *stream = fenp_program_streams(p, &n);
    FEN_COUNT(n, 1);
    FEN_TEXT(stream->name, "some/stream");
    stream->draw = 9;
    fenp_program_run(p, 77, 100);
    uint64_t key = fenp_key_step(fenp_key_step(fenp_key_step(77, fenp_hash("some/stream")), 9), 102);
    uint32_t out[4];
    fenp_philox(key, 1, out);
    FEN_NEAR(((const double *)fenp_program_value(p, 0))[2 * 3 + 2], fenp_unit(out[0], out[1]), 0);
    double before = ((const double *)fenp_program_value(p, 0))[0];
    stream->seed = 78;
    stream->fixed = true;
    fenp_program_run(p, 77, 100);
    FEN_TRUE(((const double *)fenp_program_value(p, 0))[0] != before);
    double fixed = ((const double *)fenp_program_value(p, 0))[0];
    fenp_program_run(p, 1234, 100);
    FEN_NEAR(((const double *)fenp_program_value(p, 0))[0], fixed, 0);
    fenp_program_free(p);
    small_free(&m);
}

/* The same bits whoever computes the parts: all that 1, 2 and 3 threads leave behind, also in the hostile form. */
static void test_threads(void) {
    static const int64_t size[][2] = {{130, 150}, {700, 30}, {40, 500}};
    for (uint32_t i = 0; i < 24; i++) {
        made m;
        bytes one = {0}, more[2] = {{0}, {0}};
        unsigned form = i % 4 == 3 ? FENP_HOSTILE : 0;
        made_new(&m, first_seed + 300000 + i, size[i % 3][0], size[i % 3][1], i % 5 == 0);
        FEN_TRUE(three_runs(&m, form, &one));
        for (int k = 0; k < 2; k++) {
            fenp_pool_start(2 + k);
            bool same = three_runs(&m, form, &more[k]) && equal_bytes(&one, &more[k]);
            fen_test_say(same, __LINE__, __FILE__, "seed %u: %d threads give other bits than one", first_seed + 300000 + i, 2 + k);
            fenp_pool_stop();
            free(more[k].at);
        }
        free(one.at);
        made_free(&m);
    }
}
static void count_part(const void *context, int part) { ((int *)(intptr_t)context)[part]++; }
static void test_pool(void) {
    static int hits[64];
    int wrong = 0;
    for (int threads = 1; threads <= 3; threads++) {
        fenp_pool_start(threads);
        FEN_COUNT(fenp_pool_threads(), threads);
        for (int i = 0; i < 3000; i++) {
            int parts = i % 63 + 1;
            memset(hits, 0, sizeof hits);
            fenp_pool_run(count_part, hits, parts);
            for (int k = 0; k < 64; k++) wrong += hits[k] != (k < parts);
            if (i % 1500 == 0) nanosleep(&(struct timespec){0, 20000000}, NULL);     /* long enough to fall asleep */
        }
        fenp_pool_stop();
    }
    FEN_COUNT(wrong, 0);
    FEN_TRUE(fenp_pool_cores() >= 1 && fenp_pool_cores() <= 16);
}

/* Nothing is allocated inside a run. */
static long requests;
#if !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__ && defined __GLIBC__
extern void *__libc_malloc(size_t), *__libc_realloc(void *, size_t), *__libc_calloc(size_t, size_t);
void *malloc(size_t n) { requests++; return __libc_malloc(n); }
void *realloc(void *p, size_t n) { requests++; return __libc_realloc(p, n); }
void *calloc(size_t n, size_t size) { requests++; return __libc_calloc(n, size); }
#endif
static void test_memory(void) {
    for (uint32_t i = 0; i < 20; i++) {
        made m;
        made_new(&m, first_seed + 400000 + i, 5, 4, false);
        fenp_program *p = compile(&m, 0);
        fenp_program_run(p, 1, 0);
        fenp_memory_fail_at = 1000000;
        long before = requests;
        for (int k = 0; k < 3; k++) fenp_program_run(p, 1, 0);
        FEN_COUNT(fenp_memory_fail_at, 1000000);
        FEN_COUNT(requests - before, 0);
        fenp_memory_fail_at = 0;
        fenp_program_free(p);
        made_free(&m);
    }
}
/* Two programs in one arena, turn by turn. */
static void test_shared_arena(void) {
    made m, n;
    bytes alone = {0}, shared = {0};
    made_new(&m, first_seed + 500000, 5, 4, false);
    made_new(&n, first_seed + 500001, 5, 4, false);
    fenp_program *p = compile(&m, 0), *q = compile(&n, 0);
    void *start = fenp_store_save(m.store);
    fenp_program_run(p, 1, 0);
    look(&m, p, &alone);
    fenp_store_load(m.store, start);
    size_t most = fenp_program_arena(p) > fenp_program_arena(q) ? fenp_program_arena(p) : fenp_program_arena(q);
    void *arena = fenp_new(most);
    fenp_program_bind(p, arena);
    fenp_program_bind(q, arena);
    fenp_program_run(q, 1, 0);
    fenp_program_run(p, 1, 0);
    look(&m, p, &shared);
    FEN_TRUE(equal_bytes(&alone, &shared));
    free(alone.at);
    free(shared.at);
    fenp_delete(start);
    fenp_delete(arena);
    fenp_program_free(p);
    fenp_program_free(q);
    made_free(&m);
    made_free(&n);
}
static void see_slot(void *context, const fenp_slot *slot) { *(int *)context += slot->name[0] == 'p' ? 1 : 100; }
static void test_reads(void) {
    small m;
    small_new(&m, false);
    fen_node *whole = fenp_slot_read(m.b, fenp_block_whole(m.store, m.w->block));
    fenp_target t = {fen_add(m.b, fen_sum(m.b, whole), fenp_slot_read(m.b, m.total)), NULL, FENP_KEEP};
    fenp_program *p = program_of(&m, &t, 1, -1);
    int n = 0;
    fenp_program_reads(p, see_slot, &n);
    FEN_COUNT(n, 102);
    FEN_TRUE(fenp_program_run(p, 1, 0));
    FEN_NEAR(*(const double *)fenp_program_value(p, 0), 26, 0);
    fenp_program_free(p);
    small_free(&m);
}

/* A chain of 200 000 nodes on a small stack: no pass may recurse. */
enum { CHAIN = 100000, STACK = 128 * 1024 };
static void *deep(void *none) {
    small m;
    small_new(&m, true);
    fen_builder *b = m.b;
    fen_node *x = fenp_slot_read(b, m.w), *y = x;
    double value = 2;
    for (int i = 0; i < CHAIN; i++) {
        y = fen_sin(b, i % 7 ? y : fen_add(b, y, x));
        if (i % 7 == 0) value += 2;
        value = sin(value);
        if (i % 5 == 0) { y = fenp_relabel(b, fen_tanh(b, y), fen_vector(3)); value = tanh(value); }
    }
    fenp_target t[2] = {{fen_sum(b, y), NULL, FENP_KEEP}, {fen_scale(b, y, .5), m.w, FENP_WRITE}};
    fenp_program *p = program_of(&m, t, 2, 0);
    FEN_TRUE(p && fenp_program_run(p, 1, 0));
    FEN_TRUE(fenp_program_measure(p).nodes > CHAIN);
    FEN_NEAR(*(const double *)fenp_program_value(p, 0), 3 * value, 1e-9);
    fenp_program_free(p);
    small_free(&m);
    return none;
}
static void test_deep(void) {
    pthread_attr_t small_stack;
    pthread_t thread;
    pthread_attr_init(&small_stack);
    pthread_attr_setstacksize(&small_stack, STACK);
    FEN_COUNT(pthread_create(&thread, &small_stack, deep, NULL), 0);
    pthread_join(thread, NULL);
}

int main(int argc, char **argv) {
    if (argc > 1) { first_seed = (uint32_t)strtoul(argv[1], NULL, 10); programs = argc > 2 ? atoi(argv[2]) : 1; }
    static const fen_test tests[] = {
        {"random programs, fused and hostile against naive", test_random}, {"every op was met", test_all_ops_met}, {"tiles and rows", test_tiles},
        {"values against the graph node by node", test_values}, {"guard, blame", test_guard},
        {"guard of a written value", test_guard_reads_target}, {"what is simplified", test_simple},
        {"writes and additions", test_writes}, {"overlaps", test_overlap},
        {"overlaps in rows", test_overlap_rows},
        {"keys of noise", test_noise}, {"threads", test_threads}, {"pool", test_pool}, {"no allocation in a run", test_memory},
        {"shared arena", test_shared_arena}, {"slots read", test_reads}, {"deep graph, small stack", test_deep}, {NULL, NULL},
    };
    return fen_test_run("program", tests);
}
