/* tests/unit/test_noise.c: the noise ops against their definition in base/random.h, the prefix property on every axis, moments; the
 * cost of a number, printed for information. */
#include "base/random.h"
#include "test.h"
#include "ops/cells.h"
#include <time.h>

typedef struct world { fenp_faults faults; fenp_store *store; fen_builder *b; } world;
static world open_world(bool doubles) {
    world w = {.store = fenp_store_new(doubles)};
    w.b = fenp_builder_new(w.store, FEN_TRAIN, doubles, &w.faults);
    w.b->axis[FEN_BATCH].size = 6;
    for (int i = 1; i < 3; i++) w.b->axis[i] = (fenp_axis){.name = i == 1 ? "k" : "t", .size = i + 1, .counted = true};
    w.b->axes = 3;
    return w;
}
static void close_world(world *w) {
    fenp_builder_free(w->b);
    fenp_store_free(w->store);
    fenp_faults_free(&w->faults);
}

/* Parts from the last to the first. */
static void draw_into(const fen_node *x, uint64_t draw, int64_t first, void *out) {
    fenp_step s = {.step = {.node = x, .out = out, .draw = draw}, .first = first};
    for (int part = x->op->parts(x); part-- > 0;) x->op->run[x->wide](&s.step, part);
}
/* Free with fenp_delete. */
static void *drawn(const fen_node *x, uint64_t draw, int64_t first) {
    void *out = fenp_new((size_t)fenp_count(&x->shape) * sizeof(double) + 64);
    draw_into(x, draw, first, out);
    return out;
}

static double by_definition(uint64_t key, int64_t feature, bool normal) {
    uint32_t r[4];
    fenp_philox(key, (uint64_t)feature / 2, r);
    double u = fenp_unit(r[0], r[1]), v = fenp_unit(r[2], r[3]), radius = sqrt(-2 * log(u)), angle = 2 * 3.14159265358979323846 * v;
    if (!normal) return feature % 2 ? v : u;
    return radius * (feature % 2 ? sin(angle) : cos(angle));
}

/* [batch, k, t; f], with the batch counted from 11. */
static void check_definition(int64_t features, bool normal) {
    world w = open_world(true), v = open_world(false);
    fen_shape s = {.leads = 3, .rank = 4, .axis = {0, 1, 2}, .size = {6, 2, 3, features}};
    fen_node *x = normal ? fen_normal(w.b, "e", s) : fen_uniform(w.b, "e", s), *y = normal ? fen_normal(v.b, "e", s) : fen_uniform(v.b, "e", s);
    double *wide = drawn(x, 1234, 11), worst = 0, rounded = 0;
    float *narrow = drawn(y, 1234, 11);
    FEN_TRUE(x->wide && !y->wide);
    for (int64_t row = 0; row < 36; row++) {
        uint64_t key = fenp_key_step(1234, (uint64_t)(11 + row / 6));
        key = fenp_key_step(fenp_key_step(key, (uint64_t)(row / 3 % 2)), (uint64_t)(row % 3));
        for (int64_t j = 0; j < features; j++) {
            double got = wide[row * features + j], error = fabs(got - by_definition(key, j, normal));
            if (!(error <= worst)) worst = error;
            error = fabs((double)narrow[row * features + j] - got);
            if (!(error <= rounded)) rounded = error;
        }
    }
    FEN_NEAR(worst, 0, normal ? 4e-15 : 0);
    FEN_NEAR(rounded, 0, normal ? 4e-7 : 6e-8);
    fenp_delete(wide);
    fenp_delete(narrow);
    close_world(&w);
    close_world(&v);
}
static void test_definition(void) {
    const int64_t features[] = {1, 2, 3, 8, 1001};
    for (int i = 0; i < 5; i++) { check_definition(features[i], false); check_definition(features[i], true); }
}

/* A longer axis begins with the shorter one's numbers; the second batch goes on where the first ended. */
static void test_prefix(void) {
    world w = open_world(false);
    fen_shape small = {.leads = 1, .rank = 2, .axis = {0}, .size = {300, 3}}, large = {.leads = 1, .rank = 2, .axis = {0}, .size = {9000, 5}};
    fen_node *x = fen_normal(w.b, "small", small), *y = fen_normal(w.b, "large", large);
    FEN_TRUE(y->op->parts(y) > 1);
    float *a = drawn(x, 5, 0), *b = drawn(y, 5, 0), *c = drawn(x, 5, 300), *d = drawn(x, 6, 0);
    int differ = 0;
    for (int i = 0; i < 300; i++) {
        for (int j = 0; j < 3; j++) {
            if (j < 2) FEN_TRUE(a[3 * i + j] == b[5 * i + j] && c[3 * i + j] == b[5 * (300 + i) + j]);
            differ += a[3 * i + j] != d[3 * i + j];
        }
    }
    FEN_COUNT(differ, 900);
    fenp_delete(a);
    fenp_delete(b);
    fenp_delete(c);
    fenp_delete(d);
    close_world(&w);
}

/* Means of powers over 400 000 numbers, within 5 standard errors. */
static void test_moments(void) {
    enum { N = 400000 };
    world w = open_world(false);
    fen_shape s = {.leads = 1, .rank = 2, .axis = {0}, .size = {N / 4, 4}};
    float *x = drawn(fen_normal(w.b, "x", s), 77, 0), *u = drawn(fen_uniform(w.b, "u", s), 78, 0);
    double m[5] = {0}, unit[3] = {0}, pair = 0;
    bool inside = true;
    for (int i = 0; i < N; i++) {
        double v = (double)x[i], p = (double)u[i];
        for (int k = 1; k < 5; k++) m[k] += pow(v, k) / N;
        for (int k = 1; k < 3; k++) unit[k] += pow(p, k) / N;
        if (i) pair += v * (double)x[i - 1] / N;
        inside &= p > 0 && p < 1;
    }
    const double error = 5 / sqrt(N);
    FEN_TRUE(inside);
    FEN_NEAR(m[1], 0, error);
    FEN_NEAR(m[2], 1, error * sqrt(2));
    FEN_NEAR(m[3], 0, error * sqrt(15));
    FEN_NEAR(m[4], 3, error * sqrt(96));
    FEN_NEAR(pair, 0, error);
    FEN_NEAR(unit[1], 0.5, error * 0.289);
    FEN_NEAR(unit[2], 1.0 / 3, error * 0.299);
    fenp_delete(x);
    fenp_delete(u);
    close_world(&w);
}

static void test_permutation(void) {
    const int64_t sizes[] = {1, 2, 7, 1000};
    for (int k = 0; k < 4; k++) {
        world w = open_world(false);
        w.b->axis[1].size = sizes[k];
        int32_t *p = drawn(fen_permutation(w.b, "p", 1), 9, 0);
        int64_t sum = 0, squares = 0, n = sizes[k];
        bool *seen = fenp_new((size_t)n);
        for (int64_t i = 0; i < n; i++) {
            FEN_TRUE(p[i] >= 0 && p[i] < n && !seen[p[i]] && p[i] == (int32_t)fenp_shuffled(9, (uint64_t)i, (uint64_t)n));
            seen[p[i]] = true;
            sum += p[i];
            squares += p[i] == i;
        }
        FEN_COUNT(sum, n * (n - 1) / 2);
        if (n == 1000) FEN_TRUE(squares < 10);
        fenp_delete(seen);
        fenp_delete(p);
        close_world(&w);
    }
}

/* A number has one key step fewer: it is a draw by itself. */
static void test_number(void) {
    world w = open_world(false);
    double *x = drawn(fen_normal(w.b, "x", (fen_shape){0}), 3, 0);
    FEN_NEAR(x[0], by_definition(3, 0, true), 4e-15);
    fenp_delete(x);
    close_world(&w);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
static void test_cost(void) {
    const int64_t features[] = {1, 2, 20, 1024};
    for (int k = 0; k < 4; k++) {
        world w = open_world(false);
        fen_shape s = {.leads = 1, .rank = 2, .axis = {0}, .size = {131072 / features[k], features[k]}};
        fen_node *x = fen_normal(w.b, "x", s), *u = fen_uniform(w.b, "u", s);
        double best[2] = {1, 1};
        void *out = drawn(x, 3, 0);
        for (int i = 0; i < 10; i++) {
            double t[3] = {now()};
            draw_into(x, 3, 0, out);
            t[1] = now();
            draw_into(u, 3, 0, out);
            t[2] = now();
            for (int j = 0; j < 2; j++) if (t[j + 1] - t[j] < best[j]) best[j] = t[j + 1] - t[j];
        }
        printf("      [batch; %d]: normal %.2f, uniform %.2f ns\n", (int)features[k], best[0] / 131072 * 1e9, best[1] / 131072 * 1e9);
        FEN_TRUE(best[0] > 0);
        fenp_delete(out);
        close_world(&w);
    }
}

int main(void) {
    static const fen_test tests[] = {
        {"definition", test_definition}, {"prefix", test_prefix}, {"moments", test_moments}, {"permutation", test_permutation},
        {"number", test_number}, {"cost", test_cost}, {NULL, NULL},
    };
    return fen_test_run("noise", tests);
}
