/* tests/unit/test_gradient.c: reverse mode itself. Every elementwise op to third order, in double, against differences of fourth order
 * of the order before; then identities, flat ops, expansions, and depth. */
#include "test.h"
#include "evaluate.h"
#include <pthread.h>

enum { POINTS = 7 };
typedef struct world { fenp_faults faults; fenp_store *store; fen_builder *b; fen_node *x[2]; evaluator e; } world;

static void open_world(world *w) {
    *w = (world){.store = fenp_store_new(true)};
    w->b = fenp_builder_new(w->store, FEN_TRAIN, true, &w->faults);
    w->e.b = w->b;
    for (int i = 0; i < 2; i++) w->x[i] = fenp_feed_new(w->b, i ? "y" : "x", fen_vector(POINTS), FEN_REAL, true, FENP_ON_DRAW, NULL);
}
static void close_world(world *w) {
    evaluator_free(&w->e);
    fenp_builder_free(w->b);
    fenp_store_free(w->store);
    fenp_faults_free(&w->faults);
}
static const char *last_fault(const world *w) { return w->faults.n ? w->faults.at[w->faults.n - 1].text : "none"; }

/* One value of one or two variables; low, high: where they lie. */
typedef fen_node *(*maker)(fen_builder *b, fen_node *x, fen_node *y);
typedef struct example { const char *name; maker make; double low, high; int variables; } example;

#define ONE(name, value) static fen_node *name(fen_builder *b, fen_node *x, fen_node *y) { (void)y; return value; }
#define TWO(name, value) static fen_node *name(fen_builder *b, fen_node *x, fen_node *y) { return value; }
static fen_node *number(fen_builder *b, double v) { return fenp_number(b, v); }
static fen_node *polygamma(fen_builder *b, fen_node *x, int64_t n) {
    const fen_attrs a = {.whole = {n}};
    return fen_apply(b, &fenp_op_polygamma, &x, 1, &a);
}
ONE(m_affine, fen_shift(b, fen_scale(b, x, -1.5), 2))
ONE(m_abs, fen_abs(b, fen_mul(b, x, fen_sin(b, x))))
ONE(m_square, fen_square(b, x))
ONE(m_sqrt, fen_sqrt(b, x))
ONE(m_exp, fen_exp(b, x))
ONE(m_expm1, fen_expm1(b, x))
ONE(m_log, fen_log(b, x))
ONE(m_log1p, fen_log1p(b, x))
ONE(m_sin, fen_sin(b, x))
ONE(m_cos, fen_cos(b, x))
ONE(m_tanh, fen_tanh(b, x))
ONE(m_sigmoid, fen_sigmoid(b, x))
ONE(m_log_sigmoid, fen_log_sigmoid(b, x))
ONE(m_softplus, fen_softplus(b, x))
ONE(m_erf, fen_erf(b, x))
ONE(m_erf_inverse, fen_erf_inverse(b, x))
ONE(m_lgamma, fen_lgamma(b, x))
ONE(m_polygamma, polygamma(b, x, 2))
ONE(m_leaky, fen_leaky_relu(b, fen_sin(b, x), 0.2))
ONE(m_power, fen_power(b, x, 2.7))
ONE(m_power_5, fen_power(b, x, 5))
ONE(m_power_3, fen_power(b, x, 3))
ONE(m_inverse, fen_power(b, x, -1))
ONE(m_inverse_square, fen_power(b, x, -2))
ONE(m_inverse_root, fen_power(b, x, -0.5))
ONE(m_log_of_sigmoid, fen_log(b, fen_sigmoid(b, x)))
ONE(m_log_of_rest, fen_log(b, fen_sub(b, number(b, 1), fen_sigmoid(b, x))))
ONE(m_log_of_exp, fen_log(b, fen_exp(b, fen_sin(b, x))))
ONE(m_name, fen_sin(b, fenp_named(b, "n", fen_square(b, x))))
TWO(m_add, fen_square(b, fen_add(b, x, y)))
TWO(m_sub, fen_sin(b, fen_sub(b, x, y)))
TWO(m_mul, fen_mul(b, x, fen_mul(b, x, y)))
TWO(m_div, fen_div(b, x, y))
TWO(m_power2, fenp_power(b, x, y))
TWO(m_remainder, fen_square(b, fenp_remainder(b, fen_scale(b, x, 5), y)))
TWO(m_max, fen_square(b, fen_max(b, fen_sin(b, x), y)))
TWO(m_min, fen_square(b, fen_min(b, fen_exp(b, x), y)))
TWO(m_where, fen_where(b, fen_less(b, x, number(b, 0.8)), fen_mul(b, x, y), fen_div(b, x, y)))

static const example examples[] = {
    {"affine", m_affine, -1, 1, 1}, {"abs", m_abs, 0.4, 1.7, 1}, {"square", m_square, -1, 1, 1}, {"sqrt", m_sqrt, 0.5, 2, 1},
    {"exp", m_exp, -1, 1, 1}, {"expm1", m_expm1, -1, 1, 1}, {"log", m_log, 0.5, 2, 1}, {"log1p", m_log1p, -0.4, 1, 1},
    {"sin", m_sin, -2, 2, 1}, {"cos", m_cos, -2, 2, 1}, {"tanh", m_tanh, -2, 2, 1}, {"sigmoid", m_sigmoid, -3, 3, 1},
    {"log_sigmoid", m_log_sigmoid, -3, 3, 1}, {"softplus", m_softplus, -3, 3, 1}, {"erf", m_erf, -1.5, 1.5, 1},
    {"erf_inverse", m_erf_inverse, -0.6, 0.6, 1}, {"lgamma", m_lgamma, 0.7, 5, 1}, {"polygamma", m_polygamma, 1, 5, 1},
    {"leaky_relu", m_leaky, -2.9, 3, 1}, {"power", m_power, 0.5, 2, 1}, {"power 5", m_power_5, -1.5, 1.5, 1},
    {"power 3", m_power_3, -1.5, 1.5, 1}, {"1 / x", m_inverse, 0.5, 2, 1}, {"1 / x^2", m_inverse_square, 0.5, 2, 1},
    {"1 / sqrt(x)", m_inverse_root, 0.5, 2, 1}, {"log(sigmoid)", m_log_of_sigmoid, -3, 3, 1}, {"log(1 - sigmoid)", m_log_of_rest, -3, 3, 1},
    {"log(exp)", m_log_of_exp, -3, 3, 1}, {"name", m_name, -1, 1, 1}, {"add", m_add, -1, 1, 2}, {"sub", m_sub, -1, 1, 2},
    {"mul", m_mul, -1, 1, 2}, {"div", m_div, 0.5, 2, 2}, {"power2", m_power2, 0.5, 2, 2}, {"remainder", m_remainder, 0.31, 1.13, 2},
    {"max", m_max, -2, 2, 2}, {"min", m_min, -2, 2, 2}, {"where", m_where, 0.31, 1.4, 2}, {NULL, NULL, 0, 0, 0},
};

/* Points that no kink of the table comes near: irregular, different in both variables. */
static void values_of(const example *c, int variable, double *v, double shift) {
    for (int i = 0; i < POINTS; i++) {
        double u = (i + 0.37 + 0.21 * variable) / POINTS;
        v[i] = c->low + (c->high - c->low) * (variable ? 1 - u : u) + shift;
    }
}

static void read_at(world *w, const example *c, const fen_node *y, int variable, double shift, double *out) {
    double v[POINTS];
    for (int i = 0; i < 2; i++) {
        values_of(c, i, v, i == variable ? shift : 0);
        feed(&w->e, w->x[i], v);
    }
    run_all(&w->e);
    for (int i = 0; i < POINTS; i++) out[i] = at(&w->e, y, i);
}

/* dy: what should be the derivative of y by x[variable]. */
static void compare(world *w, const example *c, const fen_node *y, const fen_node *dy, int variable, int order) {
    const double h = 4e-4;
    double f[4][POINTS], got[POINTS], worst = 0;
    const double shift[4] = {-2 * h, -h, h, 2 * h};
    for (int k = 0; k < 4; k++) read_at(w, c, y, variable, shift[k], f[k]);
    read_at(w, c, dy, variable, 0, got);
    for (int i = 0; i < POINTS; i++) {
        double want = (f[0][i] - 8 * f[1][i] + 8 * f[2][i] - f[3][i]) / (12 * h), error = fabs(got[i] - want) / (1 + fabs(want));
        if (!(error <= worst)) worst = error;
    }
    fen_test_say(worst < 1e-8, __LINE__, __FILE__, "%s, order %d: off by %g", c->name, order, worst);
}

static void check_example(const example *c) {
    world w;
    open_world(&w);
    fen_node *level[8] = {c->make(w.b, w.x[0], w.x[1])};
    int n = 1;
    for (int order = 1; order <= 3; order++) {          /* by x, then x and y, then all */
        fen_node *next[8];
        int m = 0;
        for (int k = 0; k < n; k++) {
            for (int v = 0; v < c->variables; v++) {
                bool reached;
                fenp_gradients(w.b, level[k], NULL, &w.x[v], 1, &next[m], &reached);
                compare(&w, c, level[k], next[m++], v, order);
            }
        }
        n = m;
        memcpy(level, next, sizeof level);
    }
    fen_test_say(w.faults.n == 0, __LINE__, __FILE__, "%s: %s", c->name, last_fault(&w));
    close_world(&w);
}
static void test_orders(void) { for (const example *c = examples; c->name; c++) check_example(c); }

/* The derivative of y by x at x = v in all places. */
static double slope_at(world *w, fen_node *y, int variable, double v) {
    double all[POINTS];
    for (int i = 0; i < POINTS; i++) all[i] = v;
    fen_node *g;
    bool reached;
    fenp_gradients(w->b, y, NULL, &w->x[variable], 1, &g, &reached);
    for (int i = 0; i < 2; i++) feed(&w->e, w->x[i], all);
    run_all(&w->e);
    return at(&w->e, g, 3);
}

static void test_kinks(void) {
    world w;
    open_world(&w);
    fen_node *x = w.x[0], *y = w.x[1];
    FEN_NEAR(slope_at(&w, fen_abs(w.b, x), 0, 0), 0, 0);
    FEN_NEAR(slope_at(&w, fen_relu(w.b, x), 0, 0), 0, 0);
    FEN_NEAR(slope_at(&w, fen_leaky_relu(w.b, x, 0.3), 0, -2), 0.3, 1e-15);
    FEN_NEAR(slope_at(&w, fen_max(w.b, x, y), 0, 1), 1, 0);             /* of equals the first */
    FEN_NEAR(slope_at(&w, fen_max(w.b, x, y), 1, 1), 0, 0);
    FEN_NEAR(slope_at(&w, fen_min(w.b, x, y), 0, 1), 1, 0);
    FEN_NEAR(slope_at(&w, fen_min(w.b, x, y), 1, 1), 0, 0);
    FEN_NEAR(slope_at(&w, fen_power(w.b, x, 0), 0, 0), 0, 0);
    FEN_NEAR(slope_at(&w, fenp_power(w.b, x, y), 1, 0), 0, 0);           /* not 0 times -infinity */
    FEN_NEAR(slope_at(&w, fen_mul(w.b, fen_floor(w.b, x), x), 0, 2.5), 2, 0);
    FEN_NEAR(slope_at(&w, fen_mul(w.b, fen_stop_gradient(w.b, x), x), 0, 3), 3, 0);
    FEN_NEAR(slope_at(&w, fen_where(w.b, fen_less(w.b, x, number(w.b, 0)), fen_log(w.b, fen_neg(w.b, x)), x), 0, 2), 1, 0);
    close_world(&w);
}

/* Two names with one value are two variables. */
static void test_twins(void) {
    world w;
    open_world(&w);
    fen_node *x = fen_sin(w.b, w.x[0]), *p = fenp_named(w.b, "p", x), *q = fenp_named(w.b, "q", x), *r = fenp_named(w.b, "r", x);
    fen_node *y = fen_add(w.b, fen_scale(w.b, p, 3), fen_square(w.b, q));
    fen_node *wanted[4] = {p, q, x, r}, *g[4];
    bool reached[4];
    fenp_gradients(w.b, y, NULL, wanted, 4, g, reached);
    FEN_TRUE(reached[0] && reached[1] && reached[2] && !reached[3]);
    double v[POINTS] = {0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5};
    feed(&w.e, w.x[0], v);
    run_all(&w.e);
    FEN_NEAR(at(&w.e, g[0], 0), 3, 0);
    FEN_NEAR(at(&w.e, g[1], 0), 2 * sin(0.5), 1e-15);
    FEN_NEAR(at(&w.e, g[2], 0), 3 + 2 * sin(0.5), 1e-15);
    FEN_NEAR(at(&w.e, g[3], 0), 0, 0);
    FEN_COUNT(w.faults.n, 0);
    FEN_TRUE(fenp_is_faulty(w.b, fen_gradient(w.b, y, r)));
    FEN_TEXT(last_fault(&w), "gradient: no path from `r` to the value; `q`, `p` have the same value: differentiate by one of these names");
    FEN_TRUE(fenp_is_faulty(w.b, fen_gradient(w.b, y, w.x[1])));
    FEN_TEXT(last_fault(&w), "gradient: no path from it to the value; it does not depend on it");
    int n = w.faults.n;
    FEN_TRUE(!fenp_is_faulty(w.b, fen_gradient(w.b, fen_stop_gradient(w.b, r), r)));      /* a path through stop counts, and gives 0 */
    FEN_COUNT(w.faults.n, n);
    close_world(&w);
}

/* Integers end the sweep; the wanted nodes may depend on each other; a seed weighs. */
static void test_ways(void) {
    world w;
    open_world(&w);
    fen_node *x = w.x[0], *middle = fen_square(w.b, x), *mask = fen_less(w.b, x, number(w.b, 9)), *y = fen_mul(w.b, fen_exp(w.b, middle), mask);
    fen_node *wanted[3] = {x, middle, y}, *g[3];
    bool reached[3];
    fenp_gradients(w.b, y, fen_fill(w.b, y->shape, 2), wanted, 3, g, reached);
    fen_node *of_mask;
    bool way;
    fenp_gradients(w.b, mask, NULL, &x, 1, &of_mask, &way);
    FEN_TRUE(reached[0] && reached[1] && reached[2] && way);
    double v[POINTS] = {1, 1, 1, 1, 1, 1, 1};
    feed(&w.e, w.x[0], v);
    run_all(&w.e);
    FEN_NEAR(at(&w.e, g[0], 2), 4 * exp(1), 1e-14);
    FEN_NEAR(at(&w.e, g[1], 2), 2 * exp(1), 1e-14);
    FEN_NEAR(at(&w.e, g[2], 2), 2, 0);
    FEN_NEAR(at(&w.e, of_mask, 2), 0, 0);
    FEN_COUNT(w.faults.n, 0);
    close_world(&w);
}

/* An op without vjp, x y^2, that expands; and one with neither. */
static int expanded;
static const char *pair_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    (void)in, (void)n, (void)a, (void)out;
    *type = FEN_REAL;
    return NULL;
}
static void fused_tile(int n, const void *const *in, void *out, const fen_attrs *a) {
    const double *x = in[0], *y = in[1];
    (void)a;
    for (int i = 0; i < n; i++) ((double *)out)[i] = x[i] * y[i] * y[i];
}
static fen_node *fused_expand(fen_builder *b, fen_node *z) {
    expanded++;
    return fen_mul(b, z->in[0], fen_square(b, z->in[1]));
}
static const fen_op fused = {.name = "fused", .arity = 2, .shape = pair_shape, .tile = {fused_tile, fused_tile}, .expand = fused_expand};
static const fen_op closed = {.name = "closed", .arity = 2, .shape = pair_shape, .tile = {fused_tile, fused_tile}};
static fen_node *m_fused(fen_builder *b, fen_node *x, fen_node *y) {
    fen_node *in[2] = {fen_sin(b, x), fen_mul(b, x, y)};
    return fen_square(b, fen_apply(b, &fused, in, 2, NULL));
}
static fen_node *m_nested(fen_builder *b, fen_node *x, fen_node *y) {           /* one input depends on the other; one stands twice */
    fen_node *in[2] = {x, fen_exp(b, fen_scale(b, x, 0.5))};
    fen_node *z = fen_apply(b, &fused, in, 2, NULL), *twice[2] = {z, z};
    return fen_add(b, fen_apply(b, &fused, twice, 2, NULL), y);
}
static void test_expansion(void) {
    const example both[] = {{"fused", m_fused, 0.2, 1.2, 2}, {"fused, dependent inputs", m_nested, 0.2, 0.9, 2}};
    for (int i = 0; i < 2; i++) check_example(&both[i]);
    world w;
    open_world(&w);
    fen_node *in[2] = {w.x[0], w.x[1]}, *z = fen_apply(w.b, &fused, in, 2, NULL), *y = fen_add(w.b, z, fen_exp(w.b, z));
    expanded = 0;
    fen_gradient(w.b, y, w.x[0]);
    fen_gradient(w.b, y, w.x[1]);
    FEN_COUNT(expanded, 1);
    FEN_COUNT(w.faults.n, 0);
    w.b->site = "graph y";
    fen_node *c = fen_apply(w.b, &closed, in, 2, NULL);
    FEN_TRUE(fenp_is_faulty(w.b, fen_gradient(w.b, fen_exp(w.b, c), w.x[0])));
    FEN_TEXT(last_fault(&w), "closed at graph y has no gradient, but one through it is needed");
    close_world(&w);
}

/* 200 000 nodes on a stack of 256 KB: y = x + n / 1000, dy/dx = 1; then tanh as often, forwards and backwards. */
static void *deep(void *result) {
    world w;
    open_world(&w);
    fen_node *y = w.x[0], *z = w.x[0];
    for (int i = 0; i < 100000; i++) y = fen_shift(w.b, y, 1e-3);
    for (int i = 0; i < 100000; i++) z = fen_tanh(w.b, z);
    fen_node *sum = fen_add(w.b, y, z), *g = fen_gradient(w.b, sum, w.x[0]);
    double v[POINTS] = {0};
    feed(&w.e, w.x[0], v);
    run_all(&w.e);
    *(double *)result = w.faults.n == 0 ? at(&w.e, g, 0) + at(&w.e, sum, 0) : NAN;
    close_world(&w);
    return NULL;
}
static void test_depth(void) {
    pthread_attr_t small;
    pthread_t thread;
    double result = 0;
    pthread_attr_init(&small);
    FEN_COUNT(pthread_attr_setstacksize(&small, 256 * 1024), 0);
    FEN_COUNT(pthread_create(&thread, &small, deep, &result), 0);
    pthread_join(thread, NULL);
    FEN_NEAR(result, 1 + 1 + 100, 1e-8);
}

/* A failure at each verb in turn: a fault, no crash, and poison wherever it is needed. */
static void test_failures(void) {
    for (long at_verb = 1; at_verb < 60; at_verb++) {
        world w;
        open_world(&w);
        w.b->verbs = 0;
        w.b->fail_at = at_verb;
        fen_node *y = fen_log(w.b, fen_sigmoid(w.b, fenp_named(w.b, "n", fen_div(w.b, w.x[0], fen_max(w.b, w.x[1], number(w.b, 1))))));
        fen_node *g = fen_gradient(w.b, fen_where(w.b, fen_less(w.b, y, w.x[0]), fen_square(w.b, y), y), w.x[0]);
        bool failed = w.b->verbs >= at_verb;
        FEN_COUNT(w.faults.n, failed);
        if (failed) FEN_TRUE(fenp_is_faulty(w.b, g));
        close_world(&w);
    }
}

int main(void) {
    static const fen_test tests[] = {
        {"every elementwise op to third order", test_orders}, {"kinks and flat ops", test_kinks}, {"twins", test_twins}, {"ways", test_ways},
        {"expansion", test_expansion}, {"depth", test_depth}, {"injected failures", test_failures}, {NULL, NULL},
    };
    return fen_test_run("gradient", tests);
}
