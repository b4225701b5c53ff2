/* Derivatives of first and second order of structure, reductions, gathering, linear algebra and composed verbs, in double against
 * differences of fourth order, and their values in single against double. Each case makes y from its parameters; what is
 * differentiated is s = sum w y^2 with fixed weights w, then t = sum of v ds/dx. */
#include "test.h"
#include "evaluate.h"

enum { MOST_INPUTS = 3, MOST_ELEMENTS = 64 };
typedef struct situation { fen_builder *b; fen_axis k, m; fen_node *x[MOST_INPUTS]; } situation;     /* axes of sizes 3 and 2; batch 2 */
typedef struct example { const char *name; fen_node *(*make)(situation *s); const char *shape[MOST_INPUTS]; } example;

static fen_node *numbers(situation *s, fen_shape shape, const double *value) { return fenp_table(s->b, shape, FEN_INTEGER, value); }
static fen_shape features(int n, int64_t i, int64_t j, int64_t k) { return fen_features(n, (const int64_t[]){i, j, k}); }
static fen_shape leads(int n, fen_axis i, int64_t si, fen_axis j, int64_t sj) {
    fen_shape s = {.leads = (uint8_t)n, .rank = (uint8_t)n, .axis = {i, j}, .size = {si, sj}};
    return s;
}

/* Structure */
static fen_node *spread_out(situation *s) { return fenp_broadcast(s->b, s->x[0], (fen_shape){.leads = 2, .rank = 4, .axis = {FEN_BATCH, s->k},
    .size = {2, 3, 4, 3}}); }
static fen_node *spread_number(situation *s) { return fenp_broadcast(s->b, s->x[0], features(2, 2, 3, 0)); }
static fen_node *reshaped(situation *s) { return fen_reshape(s->b, s->x[0], features(2, 2, 6, 0)); }
static fen_node *one_number(situation *s) { return fenp_relabel(s->b, s->x[0], features(0, 0, 0, 0)); }
static fen_node *permuted(situation *s) { return fenp_permute(s->b, s->x[0], (const int[]){2, 0, 1}, features(3, 4, 2, 3)); }
static fen_node *sliced(situation *s) { return fen_slice(s->b, s->x[0], 0, 1, 2, 2); }
static fen_node *spreaded(situation *s) { return fen_spread(s->b, s->x[0], 0, 1, 3, 9); }
static fen_node *joined(situation *s) { return fen_concat(s->b, (fen_node *const[]){s->x[0], s->x[1], s->x[2]}, 3, -1); }
static fen_node *joined_first(situation *s) { return fenp_concat_at(s->b, (fen_node *const[]){s->x[0], s->x[1]}, 2, 0); }
static fen_node *named(situation *s) { return fen_name(s->b, s->x[0], s->k); }
static fen_node *unnamed(situation *s) { return fen_unname(s->b, s->x[0], FEN_BATCH); }
static fen_node *renamed(situation *s) { return fen_mul(s->b, s->x[0], fen_rename(s->b, s->x[0], FEN_BATCH, s->m)); }
/* Reductions */
static fen_node *sum_all(situation *s) { return fen_sum(s->b, s->x[0]); }
static fen_node *mean_leads(situation *s) { return fen_reduce(s->b, FEN_MEAN, s->x[0], FEN_LEADS); }
static fen_node *sum_apart(situation *s) { return fenp_reduce(s->b, FEN_SUM, s->x[0], 5); }
static fen_node *max_channel(situation *s) { return fen_reduce(s->b, FEN_MAX, s->x[0], FEN_CHANNEL); }
static fen_node *min_all(situation *s) { return fen_reduce(s->b, FEN_MIN, s->x[0], FEN_ALL); }
static fen_node *max_apart(situation *s) { return fenp_reduce(s->b, FEN_MAX, s->x[0], 5); }
static fen_node *lse_channel(situation *s) { return fen_reduce(s->b, FEN_LOGSUMEXP, s->x[0], FEN_CHANNEL); }
static fen_node *lse_leads(situation *s) { return fen_reduce(s->b, FEN_LOGSUMEXP, s->x[0], FEN_LEADS); }
static fen_node *lse_all(situation *s) { return fen_reduce(s->b, FEN_LOGSUMEXP, s->x[0], FEN_ALL); }
static fen_node *softmax(situation *s) { return fenp_softmax(s->b, s->x[0], 4, false); }
static fen_node *log_softmax(situation *s) { return fenp_softmax(s->b, s->x[0], 2, true); }
static fen_node *norm(situation *s) { return fenp_norm(s->b, s->x[0], 6); }
/* Entries */
static fen_node *pick_feature(situation *s) { return fen_pick(s->b, s->x[0], 0, numbers(s, fen_vector(4), (const double[]){2, 0, 2, 1})); }
static fen_node *pick_each(situation *s) { return fen_pick(s->b, s->x[0], -1, numbers(s, leads(1, 0, 2, 0, 0), (const double[]){3, 1})); }
static fen_node *pick_one(situation *s) { return fen_pick(s->b, s->x[0], 0, numbers(s, features(0, 0, 0, 0), (const double[]){2})); }
static fen_node *gather_kept(situation *s) { return fen_gather(s->b, s->x[0], FEN_BATCH,
    numbers(s, leads(2, 0, 2, s->k, 3), (const double[]){1, 0, 1, 0, 0, 1})); }
static fen_node *gather_gone(situation *s) { return fen_gather(s->b, s->x[0], FEN_BATCH,
    numbers(s, features(2, 2, 2, 0), (const double[]){1, 0, 1, 1})); }
static fen_node *gather_names(situation *s) { return fen_gather(s->b, s->x[0], s->k,
    numbers(s, leads(2, 0, 2, s->m, 2), (const double[]){1, 0, 2, 1})); }
static fen_node *sorted(situation *s) { return fen_gather(s->b, s->x[0], FEN_BATCH, fen_argsort(s->b, s->x[0], FEN_BATCH)); }
static fen_node *sorted_lines(situation *s) { return fenp_sort_at(s->b, s->x[0], 1); }
static fen_node *cumsum(situation *s) { return fenp_cumsum_at(s->b, s->x[0], 1); }
static fen_node *roll(situation *s) { return fenp_roll_at(s->b, s->x[0], 1, -4); }
/* Products */
static fen_node *op2(situation *s, const fen_op *op, int64_t p, int64_t q) {
    const fen_attrs a = {.whole = {p, q}};
    return fen_apply(s->b, op, s->x, 2, &a);
}
static fen_node *op1(situation *s, const fen_op *op, fen_node *x, int64_t p) {
    const fen_attrs a = {.whole = {p}};
    return fen_apply(s->b, op, &x, 1, &a);
}
static fen_node *linear(situation *s) { return fen_linear(s->b, s->x[0], s->x[1]); }
static fen_node *linear_turned(situation *s) { return op2(s, &fenp_op_linear, 0, 1); }
static fen_node *outer_rows(situation *s) { return op2(s, &fenp_op_outer_rows, 0, 0); }
static fen_node *matmul(situation *s) { return fen_matmul(s->b, s->x[0], s->x[1]); }
static fen_node *matmul_tn(situation *s) { return op2(s, &fenp_op_matmul, 1, 0); }
static fen_node *matmul_nt(situation *s) { return op2(s, &fenp_op_matmul, 0, 1); }
static fen_node *matmul_tt(situation *s) { return op2(s, &fenp_op_matmul, 1, 1); }
static fen_node *outer(situation *s) { return fenp_outer(s->b, s->x[0], s->x[1]); }
static fen_node *transposed(situation *s) { return fen_transpose(s->b, s->x[0]); }
/* Matrices: X X' + 2 I and X + 3 I are far from singular. */
static fen_node *positive(situation *s) {
    fen_node *x = s->x[0];
    return fen_add(s->b, fen_matmul(s->b, x, fen_transpose(s->b, x)), fen_scale(s->b, fenp_eye(s->b, fen_feature(x, -1)), 2));
}
static fen_node *heavy(situation *s) { return fen_add(s->b, s->x[0], fen_scale(s->b, fenp_eye(s->b, fen_feature(s->x[0], -1)), 3)); }
static fen_node *cholesky(situation *s) { return fen_cholesky(s->b, positive(s)); }
static fen_node *cholesky_plain(situation *s) { return fen_cholesky(s->b, heavy(s)); }
static fen_node *solve_lower(situation *s) { s->x[0] = heavy(s); return op2(s, &fenp_op_solve_triangular, 0, 0); }
static fen_node *solve_upper(situation *s) { s->x[0] = heavy(s); return op2(s, &fenp_op_solve_triangular, 1, 0); }
static fen_node *solve_rows(situation *s) { return fen_solve_lower(s->b, heavy(s), s->x[1]); }
static fen_node *solve(situation *s) { return fenp_solve(s->b, heavy(s), s->x[1]); }
static fen_node *inverse(situation *s) { return op1(s, &fenp_op_inverse, heavy(s), 0); }
static fen_node *log_abs_det(situation *s) { return fen_log_abs_det(s->b, heavy(s)); }
static fen_node *lower(situation *s) { return op1(s, &fenp_op_lower, s->x[0], 0); }
static fen_node *lower_strict(situation *s) { return op1(s, &fenp_op_lower, s->x[0], 1); }
static fen_node *lower_halved(situation *s) { return op1(s, &fenp_op_lower, s->x[0], 2); }
static fen_node *diagonal(situation *s) { return fen_diagonal(s->b, s->x[0]); }
static fen_node *from_diagonal(situation *s) { return op1(s, &fenp_op_from_diagonal, s->x[0], 0); }

/* Shapes: letters are axes (b batch 2, k 3, m 2), digits features. */
static const example examples[] = {
    {"broadcast", spread_out, {"k13"}}, {"broadcast number", spread_number, {""}}, {"reshape", reshaped, {"b34"}}, {"number", one_number, {"1"}},
    {"permute", permuted, {"234"}}, {"slice", sliced, {"b43"}}, {"spread", spreaded, {"b32"}}, {"concat", joined, {"b3", "b222", "1"}},
    {"concat first", joined_first, {"23", "43"}}, {"named", named, {"b32"}}, {"unnamed", unnamed, {"bk2"}}, {"renamed", renamed, {"bk2"}},
    {"sum", sum_all, {"b34"}}, {"mean leads", mean_leads, {"bk2"}}, {"sum apart", sum_apart, {"234"}}, {"max channel", max_channel, {"b34"}},
    {"min all", min_all, {"b34"}}, {"max apart", max_apart, {"234"}}, {"logsumexp channel", lse_channel, {"b34"}},
    {"logsumexp leads", lse_leads, {"bk4"}}, {"logsumexp all", lse_all, {"b5"}}, {"softmax", softmax, {"b34"}}, {"log softmax", log_softmax, {"b34"}},
    {"norm", norm, {"b34"}}, {"pick feature", pick_feature, {"b32"}}, {"pick each", pick_each, {"bk4"}}, {"pick one", pick_one, {"4"}},
    {"gather kept", gather_kept, {"b32"}}, {"gather gone", gather_gone, {"bk2"}}, {"gather names", gather_names, {"bk2"}}, {"sort", sorted, {"b"}},
        {"sort lines", sorted_lines, {"b32"}},
    {"cumsum", cumsum, {"b43"}}, {"roll", roll, {"b32"}}, {"linear", linear, {"b34", "45"}}, {"linear turned", linear_turned, {"b34", "54"}},
    {"linear members", linear, {"b24", "k45"}}, {"outer rows", outer_rows, {"b34", "b32"}}, {"matmul", matmul, {"k23", "b34"}},
    {"matmul row", matmul, {"b3", "b34"}}, {"matmul tn", matmul_tn, {"b32", "b34"}}, {"matmul nt", matmul_nt, {"b23", "b43"}},
    {"matmul tt", matmul_tt, {"b32", "b43"}}, {"outer", outer, {"b3", "k2"}}, {"transpose", transposed, {"b34"}}, {"cholesky", cholesky, {"b33"}},
    {"cholesky of what is not symmetric", cholesky_plain, {"33"}}, {"solve lower", solve_lower, {"b33", "b32"}},
        {"solve upper", solve_upper, {"b33", "b32"}},
    {"solve columns", solve_rows, {"33", "b32"}}, {"solve rows of many", solve_rows, {"33", "b3"}}, {"solve", solve, {"b33", "k3"}},
        {"inverse", inverse, {"b33"}},
    {"log_abs_det", log_abs_det, {"b33"}}, {"log_abs_det of one", log_abs_det, {"44"}}, {"lower", lower, {"b33"}},
        {"lower strict", lower_strict, {"b33"}},
    {"lower halved", lower_halved, {"b33"}}, {"diagonal", diagonal, {"b33"}}, {"from_diagonal", from_diagonal, {"b3"}},
};

/* A number in (-1, 1) for each i, fixed. */
static double noise(unsigned i) { return 2 * (double)(i * 2654435761u >> 8) / 16777216 - 1; }

static fen_shape shape_of(const situation *s, const char *text) {
    fen_shape shape = {0};
    for (; *text; text++) {
        bool lead = *text >= 'a';
        if (lead) shape.axis[shape.leads++] = *text == 'b' ? FEN_BATCH : *text == 'k' ? s->k : s->m;
        shape.size[shape.rank++] = lead ? (*text == 'k' ? 3 : 2) : *text - '0';
    }
    return shape;
}
static fen_node *weighted_square(fen_builder *b, fen_node *y, unsigned seed) {
    double *w = fenp_new((size_t)fenp_count(&y->shape) * sizeof *w);
    for (int64_t i = 0; i < fenp_count(&y->shape); i++) w[i] = 0.5 + noise(seed + (unsigned)i);
    fen_node *table = fenp_table(b, y->shape, FEN_REAL, w);
    fenp_delete(w);
    return fen_sum(b, fen_mul(b, table, y));
}

/* The graph of one case: parameters p, y, s, its gradients g, t, and the gradients h of t. */
typedef struct built { fenp_faults faults; fenp_store *store; evaluator e; fen_node *p[MOST_INPUTS], *y, *s, *t, *g[MOST_INPUTS], *h[MOST_INPUTS];
    int n; } built;
static void build(built *c, const example *example, bool doubles) {
    *c = (built){.store = fenp_store_new(doubles)};
    fen_builder *b = c->e.b = fenp_builder_new(c->store, FEN_TRAIN, doubles, &c->faults);
    bool reached[MOST_INPUTS];
    b->axis[0].size = 2;
    situation s = {.b = b};
    s.k = fen_axis_new(b, 3);
    s.m = fen_axis_new(b, 2);
    for (; c->n < MOST_INPUTS && example->shape[c->n]; c->n++)
        s.x[c->n] = c->p[c->n] = fenp_feed_new(b, "p", shape_of(&s, example->shape[c->n]), FEN_REAL, doubles, FENP_ON_DRAW, NULL);
    c->y = example->make(&s);
    c->s = weighted_square(b, fen_square(b, c->y), 7);
    fenp_gradients(b, c->s, NULL, c->p, c->n, c->g, reached);
    c->t = fenp_number(b, 0);
    for (int i = 0; i < c->n; i++) c->t = fen_add(b, c->t, weighted_square(b, c->g[i], 31 + 100 * (unsigned)i));
    fenp_gradients(b, c->t, NULL, c->p, c->n, c->h, reached);
}
static void fill(built *c, double value[MOST_INPUTS][MOST_ELEMENTS]) {
    for (int i = 0; i < c->n; i++)
        for (int k = 0; k < MOST_ELEMENTS; k++) value[i][k] = 0.9 * noise(1000 + 97 * (unsigned)i + (unsigned)k);
}
static void run(built *c, double value[MOST_INPUTS][MOST_ELEMENTS]) {
    for (int i = 0; i < c->n; i++) feed(&c->e, c->p[i], value[i]);
    run_all(&c->e);
}
static void discard(built *c) {
    evaluator_free(&c->e);
    fenp_builder_free(c->e.b);
    fenp_store_free(c->store);
    fenp_faults_free(&c->faults);
}
/* d of number by element k of parameter i, by differences of fourth order. */
static double difference(built *c, double value[MOST_INPUTS][MOST_ELEMENTS], const fen_node *number, int i, int k) {
    const double step = 2e-3, factor[] = {1, -8, 8, -1}, at_step[] = {-2, -1, 1, 2};
    double sum = 0, kept = value[i][k];
    for (int j = 0; j < 4; j++) {
        value[i][k] = kept + at_step[j] * step;
        run(c, value);
        sum += factor[j] * at(&c->e, number, 0);
    }
    value[i][k] = kept;
    return sum / (12 * step);
}
static void compare(built *c, double value[MOST_INPUTS][MOST_ELEMENTS], const fen_node *number, fen_node *const *gradient, const char *name,
    double most) {
    double worst = 0, largest = 1e-3;
    for (int i = 0; i < c->n; i++)
        for (int k = 0; k < (int)fenp_count(&c->p[i]->shape); k++) {
            double d = difference(c, value, number, i, k);
            run(c, value);
            double error = fabs(d - at(&c->e, gradient[i], k));
            if (!(error <= worst)) worst = error;
            if (fabs(d) > largest) largest = fabs(d);
        }
    fen_test_say(worst <= most * largest, __LINE__, __FILE__, "%s: order %d: error %g, the derivative is %g", name, gradient == c->h ? 2 : 1, worst,
        largest);
}
static void derivatives(const example *example) {
    built c;
    double value[MOST_INPUTS][MOST_ELEMENTS];
    build(&c, example, true);
    fill(&c, value);
    fen_test_say(c.faults.n == 0, __LINE__, __FILE__, "%s: %s", example->name, c.faults.n ? c.faults.at[0].text : "");
    if (!c.faults.n) {
        compare(&c, value, c.s, c.g, example->name, 1e-8);
        compare(&c, value, c.t, c.h, example->name, 1e-7);
    }
    discard(&c);
}
static void precisions(const example *example) {
    built one, two;
    double value[MOST_INPUTS][MOST_ELEMENTS];
    build(&one, example, false);
    build(&two, example, true);
    fill(&two, value);
    if (!one.faults.n) run(&one, value);
    if (!one.faults.n) run(&two, value);
    fen_test_say(one.faults.n == 0, __LINE__, __FILE__, "%s: %s", example->name, one.faults.n ? one.faults.at[0].text : "");
    for (int i = -1; i < one.n && !one.faults.n; i++) {
        const fen_node *x = i < 0 ? one.y : one.h[i], *y = i < 0 ? two.y : two.h[i];
        double worst = 0, largest = 1e-3;
        for (int64_t k = 0; k < fenp_count(&x->shape); k++) {
            double error = fabs(at(&one.e, x, k) - at(&two.e, y, k));
            if (!(error <= worst)) worst = error;
            if (fabs(at(&two.e, y, k)) > largest) largest = fabs(at(&two.e, y, k));
        }
        fen_test_say(worst <= 2e-5 * largest, __LINE__, __FILE__, "%s: single differs by %g of %g", example->name, worst, largest);
        fen_test_say(x->wide == !x->shape.rank || !fenp_node_of(x)->depends, __LINE__, __FILE__, "%s: is not single", example->name);
    }
    discard(&one);
    discard(&two);
}

static void each(void (*test)(const example *)) {
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) test(&examples[i]);
}
static void derivatives_by_differences(void) { each(derivatives); }
static void single_against_double(void) { each(precisions); }

/* The derivative of a norm is 0 where the norm is, of logsumexp where all is -inf; no order gives NaN. */
static void corners(void) {
    const example norm_at_0 = {"norm", norm, {"b34"}}, lse = {"logsumexp", lse_channel, {"b34"}};
    const example *both[] = {&norm_at_0, &lse};
    for (int k = 0; k < 2; k++) {
        built c;
        double value[MOST_INPUTS][MOST_ELEMENTS];
        build(&c, both[k], true);
        fill(&c, value);
        for (int i = 0; i < 12; i++) value[0][i] = k ? -INFINITY : 0;
        fen_node *exponential = fen_exp(c.e.b, c.y), *g, *x = c.p[0];
        bool reached;
        fenp_gradients(c.e.b, k ? exponential : c.y, NULL, &x, 1, &g, &reached);
        run(&c, value);
        for (int i = 0; i < 12; i++) FEN_NEAR(at(&c.e, g, i), 0, 0);
        for (int i = 12; i < 24; i++) FEN_TRUE(fabs(at(&c.e, g, i)) > 1e-3);
        FEN_TRUE(at(&c.e, c.y, 0) == (k ? -INFINITY : 0));
        discard(&c);
    }
}

int main(void) {
    const fen_test tests[] = {{"derivatives of first and second order", derivatives_by_differences}, {"single against double", single_against_double},
                              {"corners", corners}, {NULL, NULL}};
    return fen_test_run("derivatives", tests);
}
