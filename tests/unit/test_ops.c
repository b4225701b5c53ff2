/* Values of structure, reductions, gathering, linear algebra and their verbs against loops that follow the definitions. Parts are
 * run in reverse order by the evaluator; several cases are large enough to have many. */
#include "test.h"
#include "op_rules.h"
#include "fenchel/host.h"
#include "ops/blas.h"

static fenp_faults faults;
static fenp_store *store;
static evaluator e;
static fen_axis k_axis, m_axis;               /* sizes 3 and 2; batch 2 */

static fen_builder *begin(bool doubles) {
    memset(&faults, 0, sizeof faults);
    store = fenp_store_new(doubles);
    e = (evaluator){.b = fenp_builder_new(store, FEN_TRAIN, doubles, &faults)};
    e.b->axis[0].size = 2;
    k_axis = fen_axis_new(e.b, 3);
    m_axis = fen_axis_new(e.b, 2);
    return e.b;
}
static void end(void) {
    fen_test_say(!e.outside, __LINE__, __FILE__, "%s: writes behind its value", e.outside ? e.outside : "");
    fen_test_say(faults.n == 0, __LINE__, __FILE__, "fault: %s", faults.n ? faults.at[0].text : "");
    evaluator_free(&e);
    fenp_builder_free(e.b);
    fenp_store_free(store);
    fenp_faults_free(&faults);
}
static double noise(int64_t i) { return 2 * (double)((uint32_t)(i + 1) * 2654435761u >> 8) / 16777216 - 1; }
static fen_shape shape_of(const char *text) {
    fen_shape s = {0};
    for (; *text; text++) {
        bool lead = *text >= 'a';
        if (lead) s.axis[s.leads++] = *text == 'b' ? FEN_BATCH : *text == 'k' ? k_axis : m_axis;
        s.size[s.rank++] = lead ? (*text == 'k' ? 3 : 2) : *text - '0';
    }
    return s;
}
/* A value that depends on a draw; reals are exact in float, so that single and double must agree where nothing is rounded. */
static fen_node *feed_new(fen_shape s, fen_type type, int64_t seed) {
    fen_node *x = fenp_feed_new(e.b, "x", s, type, e.b->doubles, FENP_ON_DRAW, NULL);
    int64_t n = fenp_count(&s);
    double *value = fenp_new((size_t)(n + 1) * sizeof *value);
    for (int64_t i = 0; i < n; i++) value[i] = type == FEN_REAL ? (double)(float)noise(seed + i) : floor(noise(seed + i) * 10);
    feed(&e, x, value);
    fenp_delete(value);
    return x;
}
static fen_node *real(const char *shape) { return feed_new(shape_of(shape), FEN_REAL, 11 * (int64_t)e.b->graph.n); }
static fen_node *big(int n, int64_t i, int64_t j, int64_t k) { return feed_new(fen_features(n, (const int64_t[]){i, j, k}), FEN_REAL, 5); }
static fen_node *table(const char *shape, fen_type type, const double *value) { return fenp_table(e.b, shape_of(shape), type, value); }

static void both(void (*test)(bool doubles)) { test(false); test(true); }
static void shape_is(const fen_node *x, const char *text) {
    char buffer[160];
    FEN_TEXT(fenp_shape_text(e.b, x->shape, buffer), text);
}
/* Every element of y by a rule; most: how far it may be away. */
static void check(const char *name, const fen_node *y, op_rule rule, double most) {
    int wrong = 0;
    double found = 0, needed = 0;
    for (int64_t i = 0; i < fenp_count(&y->shape); i++) {
        int64_t at_y[8];
        index_of(&y->shape, i, at_y);
        double v = at(&e, y, i), r = rule(&e, y, at_y);
        if (fabs(v - r) <= most || (v == r) || (v != v && r != r)) continue;
        if (!wrong++) { found = v; needed = r; }
    }
    fen_test_say(wrong == 0, __LINE__, __FILE__, "%s: %d wrong, the first is %g, needed %g", name, wrong, found, needed);
}
/* One number, by the name of the op that gave it. */
static void near(const char *op, int64_t place, double found, double needed, double most) {
    bool good = fabs(found - needed) <= most || found == needed || (isnan(found) && isnan(needed));
    fen_test_say(good, __LINE__, __FILE__, "%s: number %lld is %.9g, needed %.9g within %g", op, (long long)place, found, needed, most);
}

/* Structure */

static void structure(bool doubles) {
    fen_builder *b = begin(doubles);
    fen_node *a[] = {
        fenp_broadcast(b, real("k12"), shape_of("bk32")), fenp_broadcast(b, real("k"), shape_of("bkm2")),
            fenp_broadcast(b, real("31"), shape_of("b34")),
        fenp_broadcast(b, real(""), shape_of("b5")), fenp_broadcast(b, big(2, 1, 300, 0), fen_matrix(400, 300)),
        fenp_broadcast(b, big(2, 700, 1, 0), fen_matrix(700, 300)), fenp_broadcast(b, fenp_integer(b, 7), shape_of("b5")),
        fenp_broadcast(b, feed_new(shape_of("k"), FEN_INTEGER, 3), shape_of("bk2")),
    };
    fen_node *x = big(3, 40, 50, 30);
    fen_node *p[] = {fenp_permute(b, x, (const int[]){2, 0, 1}, fen_features(3, (const int64_t[]){30, 40, 50})),
                     fenp_permute(b, x, (const int[]){1, 0, 2}, fen_features(3, (const int64_t[]){50, 40, 30}))};
    fen_node *s[] = {fenp_slice_at(b, x, 0, 3, 1, 20), fenp_slice_at(b, x, 1, 1, 7, 7), fenp_slice_at(b, x, 2, 0, 2, 15),
        fenp_slice_at(b, x, 2, 29, 5, 1)};
    fen_node *d[] = {fenp_spread_at(b, x, 0, 3, 2, 90), fenp_spread_at(b, x, 1, 5, 1, 60), fenp_spread_at(b, x, 2, 1, 3, 90)};
    fen_node *c[] = {fenp_concat_at(b, (fen_node *const[]){x, s[0]}, 2, 0), fenp_concat_at(b, (fen_node *const[]){s[1], x, s[1]}, 3, 1),
                     fenp_concat_at(b, (fen_node *const[]){s[2], s[3], x}, 3, 2)};
    run_all(&e);
    for (int i = 0; i < 8; i++) check("broadcast", a[i], broadcast_rule, 0);
    for (int i = 0; i < 2; i++) check("permute", p[i], permute_rule, 0);
    for (int i = 0; i < 4; i++) check("slice", s[i], slice_rule, 0);
    for (int i = 0; i < 3; i++) check("spread", d[i], spread_rule, 0);
    for (int i = 0; i < 3; i++) check("concat", c[i], concat_rule, 0);
    FEN_TRUE(fenp_slice_is_view(s[0]) && !fenp_slice_is_view(s[1]) && !fenp_slice_is_view(s[3]));
    FEN_TRUE(!fenp_slice_is_view(fenp_slice_at(b, x, 0, 0, 2, 3)) && fenp_slice_is_view(fenp_slice_at(b, x, 0, 1, 2, 1)));
    FEN_TRUE(p[0]->op == &fenp_op_permute && p[0]->op->parts(p[0]) > 1);
    end();
}
static void structure_moves(void) { both(structure); }

/* Reductions by verbs: one or several nodes. */

typedef struct reducing { fen_reduction how; unsigned mask; const fen_node *x; } reducing;
static reducing now;
RULE(reduce_rule) { (void)y; return reduced(e, now.x, now.how, now.mask, where); }
static void reduce_masks(fen_node *x, double most) {
    static const char *const names[] = {"sum", "sum (mean)", "max", "min", "logsumexp", "argmax", "argmin"};
    for (int how = FEN_SUM; how <= FEN_ARGMIN; how++)
        for (unsigned mask = 0; mask < 1u << x->shape.rank; mask++) {
            char name[64];
            snprintf(name, sizeof name, "%s over positions %x", names[how], mask);
            now = (reducing){(fen_reduction)how, mask, x};
            fen_node *y = fenp_reduce(e.b, now.how, x, mask);
            run_all(&e);
            fen_shape left = fenp_without(x->shape, mask);
            FEN_TRUE(fenp_same(&left, &y->shape));
            check(name, y, reduce_rule, most);
        }
}
static void reduce_small(bool doubles) {
    begin(doubles);
    reduce_masks(real("b345"), doubles ? 1e-13 : 1e-5);
    reduce_masks(real("b1413"), doubles ? 1e-13 : 1e-5);
    reduce_masks(big(2, 37, 5, 0), doubles ? 1e-13 : 1e-5);           /* few columns: rows go together */
    reduce_masks(feed_new(shape_of("bk5"), FEN_INTEGER, 77), 1e-6);   /* many are equal; the mean is rounded to single */
    end();
}
static void reductions(void) { both(reduce_small); }
static void reduce_large(bool doubles) {
    fen_builder *b = begin(doubles);
    fen_node *rows = big(2, 300, 1500, 0), *all = big(1, 1000000, 0, 0), *y = fenp_reduce(b, FEN_SUM, rows, 1),
        *z = fenp_reduce(b, FEN_SUM, rows, 2), *s = fen_sum(b, all);
    fen_node *m = fenp_reduce(b, FEN_MAX, rows, 1), *l = fenp_reduce(b, FEN_LOGSUMEXP, all, 1), *i = fenp_reduce(b, FEN_ARGMIN, rows, 1);
    run_all(&e);
    FEN_TRUE(y->op->parts(y) > 1 && z->op->parts(z) > 1 && m->op->parts(m) > 1);
    long double sum = 0, exps = 0;
    for (int64_t k = 0; k < 1000000; k++) { sum += (long double)at(&e, all, k); exps += expl((long double)at(&e, all, k)); }
    near("sum", 0, at(&e, s, 0), (double)sum, 1e-9);                  /* in double whatever the precision */
    near("logsumexp", 0, at(&e, l, 0), (double)logl(exps), doubles ? 1e-12 : 1e-6);
    for (int64_t c = 0; c < 1500; c += 7) {
        double column = 0, best = -2, least = 2;
        int64_t least_at = -1;
        for (int64_t r = 0; r < 300; r++) {
            double v = at(&e, rows, r * 1500 + c);
            column += v;
            if (v > best) best = v;
            if (v < least) { least = v; least_at = r; }
        }
        near("sum", c, at(&e, y, c), column, doubles ? 1e-12 : 3e-5);
        near("max", c, at(&e, m, c), best, 0);
        near("argmin", c, at(&e, i, c), (double)least_at, 0);
    }
    for (int64_t r = 0; r < 300; r += 7) {
        double row = 0;
        for (int64_t c = 0; c < 1500; c++) row += at(&e, rows, r * 1500 + c);
        near("sum", r, at(&e, z, r), row, doubles ? 1e-12 : 3e-5);
    }
    end();
}
static void reductions_in_parts(void) { both(reduce_large); }
static void reduce_special(void) {
    fen_builder *b = begin(true);
    const double value[] = {-INFINITY, -INFINITY, -INFINITY, 1, NAN, 2, 3, INFINITY, 3};
    fen_node *x = fenp_table(b, fen_matrix(3, 3), FEN_REAL, value), *max = fenp_reduce(b, FEN_MAX, x, 2), *lse = fenp_reduce(b, FEN_LOGSUMEXP, x, 2);
    fen_node *arg = fenp_reduce(b, FEN_ARGMAX, x, 2);
    run_all(&e);
    const double most[] = {-INFINITY, NAN, INFINITY}, where[] = {0, 1, 1};
    for (int i = 0; i < 3; i++) {
        near("logsumexp", i, at(&e, lse, i), most[i], 0);
        near("max", i, at(&e, max, i), most[i], 0);
        near("argmax", i, at(&e, arg, i), where[i], 0);
    }
    end();
}
/* Rows that are long enough for lanes: the first of equals, the first NaN, entries in the last, partial lanes. */
static void reduce_rows(void) {
    fen_builder *b = begin(false);
    enum { ROWS = 60, N = 53 };
    double value[ROWS * N];
    for (int r = 0; r < ROWS; r++)
        for (int i = 0; i < N; i++) {
            double plain = i == r + 3 || i == 52 ? 7 : i == r / 2 ? -7 : (double)(float)noise(r * N + i);
            value[r * N + i] = r < 50 ? plain : i >= r - 10 ? (double)NAN : i;
        }
    fen_node *x = fenp_feed_new(b, "x", fen_matrix(ROWS, N), FEN_REAL, false, FENP_ON_DRAW, NULL);
    feed(&e, x, value);
    fen_node *up = fenp_reduce(b, FEN_ARGMAX, x, 2), *down = fenp_reduce(b, FEN_ARGMIN, x, 2), *max = fenp_reduce(b, FEN_MAX, x, 2),
        *lse = fenp_reduce(b, FEN_LOGSUMEXP, x, 2);
    run_all(&e);
    for (int r = 0; r < ROWS; r++) {
        double exps = 0;
        for (int i = 0; i < N; i++) exps += exp(value[r * N + i]);
        near("argmax", r, at(&e, up, r), r < 50 ? r + 3 : r - 10, 0);
        near("argmin", r, at(&e, down, r), r < 50 ? r / 2 : r - 10, 0);
        near("max", r, at(&e, max, r), r < 50 ? 7 : NAN, 0);
        near("logsumexp", r, at(&e, lse, r), r < 50 ? log(exps) : NAN, 1e-6);
    }
    end();
}

/* Entries */

static void gathers(bool doubles) {
    fen_builder *b = begin(doubles);
    const double some[] = {1, 0, 1, 1, 0, 0, 1, 0, 1, 1, 0, 1}, three[] = {2, 0, -1, 3, 1, 1};
    fen_node *y[] = {
        fen_gather(b, real("bk4"), FEN_BATCH, table("b", FEN_INTEGER, some)), fen_gather(b, real("b4"), FEN_BATCH, table("23", FEN_INTEGER, some)),
        fen_gather(b, real("bk4"), FEN_BATCH, table("bk2", FEN_INTEGER, some)), fen_gather(b, real("k2"), k_axis, table("b", FEN_INTEGER, some)),
        fen_gather(b, real("bk"), k_axis, table("bm", FEN_INTEGER, some)), fen_pick(b, real("b432"), 1, table("k", FEN_INTEGER, three)),
        fen_pick(b, real("b32"), 0, table("bk", FEN_INTEGER, three)), fen_pick(b, real("3"), 0, table("23", FEN_INTEGER, three)),
        fen_pick(b, feed_new(shape_of("b5"), FEN_INTEGER, 1), 0, table("b", FEN_INTEGER, three + 2)),
            fen_pick(b, real("k5"), 0, table("", FEN_INTEGER, some)),
        fenp_gather_at(b, big(3, 64, 50, 30), 1, fenp_table(b, fen_vector(3), FEN_INTEGER, (const double[]){49, 0, 7})),
    };
    const char *shapes[] = {"[batch, axis_1; 4]", "[; 2, 3, 4]", "[batch, axis_1; 2, 4]", "[batch; 2]", "[batch, axis_2;]", "[batch, axis_1; 4, 2]",
                            "[batch, axis_1; 2]", "[; 2, 3]", "[batch;]", "[axis_1;]", "[; 64, 3, 30]"};
    run_all(&e);
    for (int i = 0; i < 11; i++) { check("gather", y[i], gather_rule, 0); shape_is(y[i], shapes[i]); }
    end();
}
static void gather_entries(void) { both(gathers); }
/* <gather(x, i), g> = <x, scatter_add(g, i)>, sums in parts too; indices outside are left out. */
static void scatter_is_adjoint(void) {
    fen_builder *b = begin(true);
    double where[60];
    for (int i = 0; i < 60; i++) where[i] = (i * 7) % 40;
    fen_node *x = big(3, 90, 40, 20), *i = fenp_table(b, fen_vector(60), FEN_INTEGER, where), *y = fenp_gather_at(b, x, 1, i),
        *g = feed_new(y->shape, FEN_REAL, 99);
    fen_attrs a = {.whole = {1}, .shape = x->shape};
    fen_node *s = fen_apply(b, &fenp_op_scatter_add, (fen_node *[]){g, i}, 2, &a), *p = fen_sum(b, fen_mul(b, x, s)),
        *q = fen_sum(b, fen_mul(b, y, g));
    fen_node *outside = fenp_table(b, fen_vector(3), FEN_INTEGER, (const double[]){-1, 1, 9});
    a = (fen_attrs){.whole = {0}, .shape = fen_vector(3)};
    fen_node *o = fen_apply(b, &fenp_op_scatter_add, (fen_node *[]){fenp_table(b, fen_vector(3), FEN_REAL, (const double[]){5, 6, 7}), outside}, 2,
        &a);
    run_all(&e);
    FEN_TRUE(s->op->parts(s) > 1);
    fen_test_say(fabs(at(&e, p, 0) - at(&e, q, 0)) <= 1e-9, __LINE__, __FILE__, "scatter_add is not the adjoint of gather: %g, %g", at(&e, p, 0),
        at(&e, q, 0));
    FEN_TRUE(fabs(at(&e, q, 0)) > 1);
    FEN_TRUE(at(&e, o, 0) == 0 && at(&e, o, 1) == 6 && at(&e, o, 2) == 0);
    end();
}

static void along(bool doubles) {
    fen_builder *b = begin(doubles);
    const double with_nan[] = {3, NAN, -1, 3, INFINITY, NAN, -INFINITY, 0, 3};
    fen_node *x[] = {real("b345"), feed_new(shape_of("b95"), FEN_INTEGER, 4), fenp_table(b, fen_vector(9), FEN_REAL, with_nan), big(3, 3, 70, 100)};
    for (int i = 0; i < 4; i++)
        for (int p = 0; p < x[i]->shape.rank; p++) {
            fen_node *order = fenp_argsort_at(b, x[i], p), *rank = fenp_rank_at(b, x[i], p), *sum = fenp_cumsum_at(b, x[i], p), *back;
            fen_attrs a = {.whole = {p, 1}};
            back = fen_apply(b, &fenp_op_cumsum, &x[i], 1, &a);
            fen_node *roll = fenp_roll_at(b, x[i], p, 1), *left = fenp_roll_at(b, x[i], p, -1);
            run_all(&e);
            check("argsort", order, argsort_rule, 0);
            check("rank", rank, rank_rule, 0);
            if (i != 2) check("cumsum", sum, cumsum_rule, doubles ? 1e-13 : 1e-5);
            if (i != 2) check("cumsum from the end", back, cumsum_rule, doubles ? 1e-13 : 1e-5);
            check("roll", roll, roll_rule, 0);
            check("roll left", left, roll_rule, 0);
        }
    end();
}
static void along_a_position(void) { both(along); }

/* Products */

static void one_product(const fen_op *op, bool tx, bool ty, int64_t batch, int64_t m, int64_t n, int64_t k) {
    fen_builder *b = e.b;
    const fen_attrs a = {.whole = {tx, ty}};
    bool outer = op == &fenp_op_outer_rows, matmul = op == &fenp_op_matmul;
    fen_node *x = outer ? big(2, k, m, 0) : matmul ? big(3, batch, tx ? k : m, tx ? m : k) : big(2, m, k, 0);
    fen_node *y = outer ? big(2, k, n, 0) : matmul ? big(3, batch, ty ? n : k, ty ? k : n) : big(2, ty ? n : k, ty ? k : n, 0);
    fen_node *z = fen_apply(b, op, (fen_node *[]){x, y}, 2, &a);
    char name[96];
    snprintf(name, sizeof name, "%s %d%d, %lld of %lld x %lld x %lld", op->name, tx, ty, (long long)batch, (long long)m, (long long)n, (long long)k);
    run_all(&e);
    check(name, z, product_rule, (b->doubles ? 1e-14 : 5e-7) * (double)(k + 4));
    if (m * n * k > 1 << 20) FEN_TRUE(op->parts(z) > 1);
}
static void products(bool doubles) {
    const int64_t size[][3] = {{1, 1, 1}, {200, 1, 6}, {200, 11, 1}, {3, 70, 9}, {70, 3, 9}, {5, 5, 400}, {64, 1, 600}, {33, 40, 50},
        {128, 400, 60}, {700, 50, 64}, {20, 500, 200}};
    for (size_t i = 0; i < sizeof size / sizeof *size; i++) {
        const int64_t *s = size[i];
        begin(doubles);
        for (int t = 0; t < 2; t++) one_product(&fenp_op_linear, false, t, 1, s[0], s[1], s[2]);
        one_product(&fenp_op_outer_rows, false, false, 1, s[0], s[1], s[2]);
        for (int t = 0; t < 4; t++) one_product(&fenp_op_matmul, t & 1, t >> 1, 3, s[0], s[1], s[2]);
        end();
    }
}
static void products_by_definition(void) { both(products); }

/* Matrices */

static double element(const fen_node *x, int64_t n, int64_t i, int64_t j) { return at(&e, x, i * n + j); }
static void matrices_of(int64_t n, bool doubles) {
    fen_builder *b = begin(doubles);
    double most = (doubles ? 1e-12 : 1e-3) * (double)n;
    fen_node *x = big(2, n, n, 0), *eye = fenp_eye(b, n), *a = fen_add(b, fen_matmul(b, x, fen_transpose(b, x)), eye), *l = fen_cholesky(b, a);
    fen_node *heavy = fen_add(b, x, fen_scale(b, eye, (double)n)), *y = fen_apply(b, &fenp_op_inverse, &heavy, 1, NULL), *right = big(2, n, 3, 0);
    fen_node *ll = fen_matmul(b, l, fen_transpose(b, l)), *product = fen_matmul(b, y, heavy), *z = fen_solve_lower(b, l, right),
        *lz = fen_matmul(b, l, z);
    fen_attrs turn = {.whole = {1}};
    fen_node *t = fen_apply(b, &fenp_op_solve_triangular, (fen_node *[]){l, right}, 2, &turn), *lt = fen_matmul(b, fen_transpose(b, l), t);
    fen_node *det_a = fen_log_abs_det(b, a), *logs = fen_scale(b, fen_sum(b, fen_log(b, fen_diagonal(b, l))), 2);
    fen_node *lower[3];
    for (int64_t k = 0; k < 3; k++) lower[k] = fen_apply(b, &fenp_op_lower, &x, 1, &(fen_attrs){.whole = {k}});
    run_all(&e);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) {
            near("cholesky", i * n + j, element(ll, n, i, j), element(a, n, i, j), most);
            near("inverse", i * n + j, element(product, n, i, j), i == j, most);
            if (j > i) near("cholesky", i * n + j, element(l, n, i, j), 0, 0);
        }
    for (int64_t i = 0; i < 3 * n; i++) {
        near("solve_triangular", i, at(&e, lz, i), at(&e, right, i), most);
        near("solve_triangular", i, at(&e, lt, i), at(&e, right, i), most);
    }
    near("log_abs_det", n, at(&e, det_a, 0), at(&e, logs, 0), most);
    for (int k = 0; k < 3; k++) check("lower", lower[k], lower_rule, 0);
    end();
}
static void matrices(void) {
    const int64_t size[] = {1, 2, 5, 40, 90};
    for (int i = 0; i < 5; i++) { matrices_of(size[i], false); matrices_of(size[i], true); }
}
/* So many small matrices that they are cut into parts and fill whole vectors: each against its determinants. */
static void many_matrices(bool doubles) {
    fen_builder *b = begin(doubles);
    enum { COUNT = 4003 };
    const double most = doubles ? 1e-12 : 1e-4;
    fen_node *x = big(3, COUNT, 3, 3), *right = big(3, COUNT, 3, 2), *rows = big(2, COUNT, 3, 0), *eye = fenp_eye(b, 3), *y[14];
    fen_node *heavy = fen_add(b, x, fen_scale(b, eye, 4)), *positive = fen_add(b, fen_matmul(b, x, fen_transpose(b, x)), eye);
    const fen_op *const one[] = {&fenp_op_inverse, &fenp_op_log_abs_det, &fenp_op_diagonal};
    op_rule rule[14] = {cholesky_rule, from_diagonal_rule};
    int n = 2;
    y[0] = fen_cholesky(b, positive);
    y[1] = fen_apply(b, &fenp_op_from_diagonal, &rows, 1, NULL);
    for (int k = 0; k < 3; k++) { y[n] = fen_apply(b, one[k], &heavy, 1, NULL); rule[n++] = k == 0 ? inverse_rule : k == 1 ? log_abs_det_rule : diagonal_rule; }
    for (int64_t k = 0; k < 3; k++) { y[n] = fen_apply(b, &fenp_op_lower, &x, 1, &(fen_attrs){.whole = {k}}); rule[n++] = lower_rule; }
    for (int64_t k = 0; k < 2; k++) {
        y[n] = fen_apply(b, &fenp_op_solve_triangular, (fen_node *[]){heavy, right}, 2, &(fen_attrs){.whole = {k}});
        rule[n++] = solve_triangular_rule;
    }
    for (int64_t k = 0; k < 4; k++) {
        y[n] = fen_apply(b, &fenp_op_matmul, (fen_node *[]){x, heavy}, 2, &(fen_attrs){.whole = {k & 1, k >> 1}});
        rule[n++] = product_rule;
    }
    run_all(&e);
    for (int k = 0; k < n; k++) check(y[k]->op->name, y[k], rule[k], most);
    FEN_TRUE(y[0]->op->parts(y[0]) > 1 && y[5]->op->parts(y[5]) > 1);
    end();
}
static void matrices_in_parts(void) { both(many_matrices); }
static void matrices_without_answer(void) {
    fen_builder *b = begin(true);
    const double negative[] = {1, 2, 2, 1}, singular[] = {1, 2, 2, 4}, turned[] = {0, 2, -3, 0};
    fen_node *l = fen_cholesky(b, fenp_table(b, fen_matrix(2, 2), FEN_REAL, negative)), *s = fenp_table(b, fen_matrix(2, 2), FEN_REAL, singular);
    fen_node *y = fen_apply(b, &fenp_op_inverse, &s, 1, NULL), *d = fen_log_abs_det(b, s),
        *t = fen_log_abs_det(b, fenp_table(b, fen_matrix(2, 2), FEN_REAL, turned));
    run_all(&e);
    near("cholesky", 0, at(&e, l, 0), NAN, 0);
    near("inverse", 0, at(&e, y, 0), NAN, 0);
    near("log_abs_det", 0, at(&e, d, 0), -INFINITY, 0);
    near("log_abs_det", 1, at(&e, t, 0), log(6), 1e-15);
    end();
}
static void host_algebra(void) {
    const double a[] = {1, 2, 3, 4, 5, 6}, c[] = {2, 1, 0, 1, 3, 1, 0, 1, 4};
    double product[4], right[6], values[3], copy[6], vectors[9], eigen[3];
    fen_product(2, 2, 3, a, a, product);      /* a is read as [2, 3], then as [3, 2] */
    const double needed[] = {22, 28, 49, 64};
    for (int i = 0; i < 4; i++) FEN_NEAR(product[i], needed[i], 1e-13);
    memcpy(copy, a, sizeof copy);
    FEN_TRUE(fen_svd(2, 3, copy, values, right));
    for (int i = 0; i < 2; i++) {             /* |a v| = s, for each right vector */
        double norm = 0, length = 0;
        for (int r = 0; r < 2; r++) {
            double sum = 0;
            for (int j = 0; j < 3; j++) sum += a[r * 3 + j] * right[i * 3 + j];
            norm += sum * sum;
        }
        for (int j = 0; j < 3; j++) length += right[i * 3 + j] * right[i * 3 + j];
        FEN_NEAR(sqrt(norm), values[i], 1e-13);
        FEN_NEAR(length, 1, 1e-13);
    }
    FEN_NEAR(values[0] * values[0] + values[1] * values[1], 91, 1e-11);
    memcpy(vectors, c, sizeof vectors);
    FEN_TRUE(fen_eigen_symmetric(3, vectors, eigen) && eigen[0] < eigen[1] && eigen[1] < eigen[2]);
    for (int i = 0; i < 3; i++)
        for (int r = 0; r < 3; r++) {
            double sum = 0;
            for (int j = 0; j < 3; j++) sum += c[r * 3 + j] * vectors[i * 3 + j];
            FEN_NEAR(sum, eigen[i] * vectors[i * 3 + r], 1e-13);
        }
    FEN_TRUE(fenp_blas_core() != NULL);
    setenv("OPENBLAS_CORETYPE", "Haswell", 1);
    FEN_TEXT(fenp_blas_warning(), "OPENBLAS_CORETYPE is set in the environment: products may run at half their speed; unset it");
    unsetenv("OPENBLAS_CORETYPE");
    FEN_TEXT(fenp_blas_warning(), NULL);      /* which would also say so if there were more threads than one */
}

int main(void) {
    const fen_test tests[] = {
        {"structure moves elements", structure_moves}, {"reductions over every mask", reductions}, {"reductions in parts", reductions_in_parts},
        {"infinities and NaN in reductions", reduce_special}, {"long rows", reduce_rows}, {"gather", gather_entries},
            {"scatter_add is its adjoint", scatter_is_adjoint},
        {"argsort, rank, cumsum, roll", along_a_position}, {"products", products_by_definition}, {"matrices", matrices}, {"many small matrices", matrices_in_parts},
        {"matrices without an answer", matrices_without_answer}, {"host algebra", host_algebra}, {NULL, NULL},
    };
    return fen_test_run("ops", tests);
}
