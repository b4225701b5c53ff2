/* Verbs about features, leading axes and matrices: shapes, values, and the texts of their faults; constants that are computed while a
 * graph is built. */
#include "test.h"
#include "evaluate.h"
#include <time.h>

static fenp_faults faults;
static fenp_store *store;
static evaluator e;
static fen_axis k_axis, m_axis;               /* sizes 3 and 2; batch 4 */

static fen_builder *begin(void) {
    memset(&faults, 0, sizeof faults);
    store = fenp_store_new(true);
    e = (evaluator){.b = fenp_builder_new(store, FEN_TRAIN, true, &faults)};
    e.b->axis[0].size = 4;
    k_axis = fen_axis_new(e.b, 3);
    m_axis = fen_axis_new(e.b, 2);
    return e.b;
}
static void end(void) {
    fen_test_say(faults.n == 0, __LINE__, __FILE__, "fault: %s", faults.n ? faults.at[0].text : "");
    evaluator_free(&e);
    fenp_builder_free(e.b);
    fenp_store_free(store);
    fenp_faults_free(&faults);
}
/* A constant 0, 1, 2, ..: letters are axes (b, k, m), digits features. */
static fen_node *count(const char *text) {
    fen_shape s = {0};
    for (; *text; text++) {
        bool lead = *text >= 'a';
        if (lead) s.axis[s.leads++] = *text == 'b' ? FEN_BATCH : *text == 'k' ? k_axis : m_axis;
        s.size[s.rank++] = lead ? (*text == 'b' ? 4 : *text == 'k' ? 3 : 2) : *text - '0';
    }
    double value[4096];
    for (int i = 0; i < 4096; i++) value[i] = i;
    return fenp_table(e.b, s, FEN_REAL, value);
}
static void is(const fen_node *x, const char *shape, int n, const double *value) {
    char buffer[160];
    double *found = fenp_is_faulty(e.b, x) ? NULL : fenp_constants(x);
    FEN_TEXT(fenp_shape_text(e.b, x->shape, buffer), shape);
    FEN_TRUE(found != NULL);
    for (int i = 0; found && i < n; i++) FEN_NEAR(found[i], value[i], 1e-12);
    fenp_delete(found);
}
#define IS(x, shape, ...) is(x, shape, (int)(sizeof (const double[]){__VA_ARGS__} / sizeof(double)), (const double[]){__VA_ARGS__})

static void leading_axes(void) {
    fen_builder *b = begin();
    IS(fen_name(b, count("b32"), k_axis), "[batch, axis_1; 2]", 0, 1, 2, 3, 4, 5, 6);
    IS(fen_name(b, fen_name(b, count("32"), k_axis), m_axis), "[axis_1, axis_2;]", 0, 1, 2, 3, 4, 5);
    IS(fen_name(b, fen_name(b, count("23"), m_axis), k_axis), "[axis_1, axis_2;]", 0, 3, 1, 4, 2, 5);   /* the order of ids is that of memory */
    IS(fen_unname(b, count("km2"), k_axis), "[axis_2; 3, 2]", 0, 1, 4, 5, 8, 9, 2, 3, 6, 7, 10, 11);
    IS(fen_unname(b, count("km"), m_axis), "[axis_1; 2]", 0, 1, 2, 3, 4, 5);
    fen_axis other = fen_axis_new(b, 3);
    IS(fen_rename(b, count("km"), k_axis, other), "[axis_2, axis_3;]", 0, 2, 4, 1, 3, 5);
    IS(fen_reduce_axis(b, FEN_SUM, count("km"), m_axis), "[axis_1;]", 1, 5, 9);
    IS(fen_gather(b, count("k2"), k_axis, fen_argsort(b, fen_neg(b, fen_coordinate(b, k_axis)), k_axis)), "[axis_1; 2]", 4, 5, 2, 3, 0, 1);
    end();
}
static void features(void) {
    fen_builder *b = begin();
    fen_node *vector = count("b2"), *image = count("b213");
    IS(fen_concat(b, (fen_node *const[]){vector, image}, 2, -1), "[batch; 2, 1, 5]", 0, 1, 0, 1, 2, 0, 1, 3, 4, 5, 2, 3, 6, 7, 8);
    IS(fen_concat(b, (fen_node *const[]){count("k"), count("m2"), fenp_number(b, 9)}, 3, 0), "[axis_1, axis_2; 4]", 0, 0, 1, 9, 0, 2, 3, 9, 1, 0, 1,
        9);
    IS(fen_concat(b, (fen_node *const[]){count("22"), count("2")}, 2, 0), "[; 3, 2]", 0, 1, 2, 3, 0, 1);
    IS(fen_concat(b, (fen_node *const[]){count("m22"), count("m1")}, 2, 0), "[axis_2; 3, 2]", 0, 1, 2, 3, 0, 0, 4, 5, 6, 7, 1, 1);
    IS(fen_slice(b, count("m5"), -1, 1, 2, 2), "[axis_2; 2]", 1, 3, 6, 8);
    IS(fen_spread(b, count("m2"), 0, 1, 2, 5), "[axis_2; 5]", 0, 0, 0, 1, 0, 0, 2, 0, 3, 0);
    IS(fen_reshape(b, count("m6"), fen_matrix(2, 3)), "[axis_2; 2, 3]", 0, 1, 2, 3, 4, 5);
    IS(fen_reshape(b, count("m"), fen_vector(1)), "[axis_2; 1]", 0, 1);
    IS(fen_pick(b, count("m3"), -1, fenp_table(b, fen_vector(2), FEN_INTEGER, (const double[]){2, 0})), "[axis_2; 2]", 2, 0, 5, 3);
    IS(fen_reduce(b, FEN_SUM, count("k22"), FEN_PLACES), "[axis_1; 2]", 2, 4, 10, 12);
    IS(fen_reduce(b, FEN_SUM, count("k22"), FEN_ALL_BUT_CHANNEL), "[; 2]", 30, 36);
    IS(fen_reduce(b, FEN_MAX, count("k22"), FEN_LEADS), "[; 2, 2]", 8, 9, 10, 11);
    IS(fen_reduce(b, FEN_ARGMAX, count("k"), FEN_CHANNEL), "[axis_1;]", 0, 0, 0);
    IS(fen_mean(b, count("k2")), "[;]", 2.5);
    IS(fen_mean_features(b, count("k2")), "[axis_1;]", 0.5, 2.5, 4.5);
    IS(fenp_softmax(b, count("2"), 1, false), "[; 2]", 1 / (1 + exp(1)), 1 / (1 + exp(-1)));
    end();
}
/* Every line along every position, against a sort of its own. */
static int ascending(const void *x, const void *y) { return (*(const double *)x > *(const double *)y) - (*(const double *)x < *(const double *)y); }
static void sorts(void) {
    fen_builder *b = begin();
    const char *shapes[] = {"bk", "b2", "bk25", "5", "23", "b"};
    for (int i = 0; i < 6; i++) {
        fen_node *x = fen_sin(b, fen_scale(b, count(shapes[i]), 5));
        for (int p = 0; p < x->shape.rank; p++) {
            fen_node *y = fenp_sort_at(b, x, p);
            double *from = fenp_constants(x), *found = fenp_constants(y), line[8];
            int64_t n = x->shape.size[p], stride = fenp_stride(&x->shape, p);
            FEN_TRUE(fenp_same(&x->shape, &y->shape));
            for (int64_t k = 0; k < fenp_count(&x->shape); k++) {
                if (k / stride % n) continue;
                for (int64_t j = 0; j < n; j++) line[j] = from[k + j * stride];
                qsort(line, (size_t)n, sizeof *line, ascending);
                for (int64_t j = 0; j < n; j++) FEN_NEAR(found[k + j * stride], line[j], 0);
            }
            fenp_delete(from);
            fenp_delete(found);
        }
    }
    end();
}
static void products(void) {
    fen_builder *b = begin();
    IS(fen_linear(b, count("m12"), count("23")), "[axis_2; 1, 3]", 3, 4, 5, 9, 14, 19);
    IS(fen_linear(b, fenp_number(b, 2), count("13")), "[; 3]", 0, 2, 4);
    IS(fen_linear(b, count("m2"), count("k23")), "[axis_1, axis_2; 3]", 3, 4, 5, 9, 14, 19, 9, 10, 11, 39, 44, 49);
    IS(fen_matmul(b, count("2"), count("m23")), "[axis_2; 3]", 3, 4, 5, 9, 10, 11);
    IS(fen_matmul(b, count("21"), count("2")), "[; 2, 2]", 0, 0, 0, 1);
    IS(fen_matmul(b, count("m12"), count("221")), "[axis_2; 2, 1, 1]", 1, 3, 3, 13);
    IS(fen_transpose(b, count("23")), "[; 3, 2]", 0, 3, 1, 4, 2, 5);
    IS(fen_transpose(b, count("m2")), "[axis_2; 2, 1]", 0, 1, 2, 3);
    IS(fenp_outer(b, count("m"), count("2")), "[axis_2; 1, 2]", 0, 0, 0, 1);
    IS(fenp_outer(b, count("2"), count("3")), "[; 2, 3]", 0, 0, 0, 0, 1, 2);
    IS(fenp_eye(b, 2), "[; 2, 2]", 1, 0, 0, 1);
    const double l[] = {2, 0, 1, 4}, a[] = {0, 2, 1, 1};
    fen_node *lower = fenp_table(b, fen_matrix(2, 2), FEN_REAL, l);
    IS(fen_solve_lower(b, lower, count("m2")), "[axis_2; 2]", 0, 0.25, 1, 0.5);
    IS(fen_solve_lower(b, lower, count("m22")), "[axis_2; 2, 2]", 0, 0.5, 0.5, 0.625, 2, 2.5, 1, 1.125);
    IS(fenp_solve(b, fenp_table(b, fen_matrix(2, 2), FEN_REAL, a), count("m2")), "[axis_2; 2]", 1, 0, 2, 1);
    IS(fen_log_abs_det(b, lower), "[;]", log(8));
    end();
}

/* Each wrong call makes one fault, and what is built on it none. */
static void faults_say(void) {
    fen_builder *b = begin();
    const fen_attrs apart = {.whole = {5}};
    fen_node *x = count("b23"), *bad[] = {
        fen_slice(b, x, 1, 1, 2, 2), fen_slice(b, x, 2, 0, 1, 1), fen_reshape(b, x, fen_vector(5)), fen_name(b, x, k_axis), fen_name(b, x, FEN_BATCH),
        fen_unname(b, x, k_axis), fen_rename(b, x, FEN_BATCH, k_axis), fen_linear(b, x, count("42")), fen_matmul(b, x, count("b23")),
        fen_concat(b, (fen_node *const[]){x, count("33")}, 2, -1), fen_reduce_axis(b, FEN_SUM, x, m_axis), fen_cholesky(b, x),
        fen_pick(b, x, 0, count("")), fen_apply(b, &fenp_op_reduce_sum, &x, 1, &apart), fen_spread(b, x, 0, 0, 3, 3), fenp_argsort_at(b, x, 3),
    };
    const char *needed[] = {
        "slice: given 2 entries from 1 on, 2 apart, of feature 1 of [batch; 2, 3]; needs what lies within its 3 entries",
        "slice: given feature 2 of [batch; 2, 3], which has 2",
        "reshape: given [batch; 2, 3] with 6 entries in a row, needs as many as [; 5], 5, and at most 8 axes in all",
        "named: given [batch; 2, 3], needs a first feature of size 3, that of axis_1",
        "named: given [batch; 2, 3], needs a value that has not the leading axis batch yet",
        "unnamed: given [batch; 2, 3], needs the leading axis axis_1",
        "renamed: given [batch; 2, 3] with 4 entries along batch, needs the 3 of axis_1",
        "linear: given [batch; 2, 3] and [; 4, 2]; needs weights of two features, the first as long as the channel of the input",
        "matmul: given [batch; 2, 3] and [batch; 2, 3]; needs as many columns on the left as rows on the right; one feature alone is a row",
        "concat: given [batch; 2, 3] .. [; 3, 3], needs values that agree in all but feature -1",
        "reduction: given [batch; 2, 3], needs the leading axis axis_2",
        "cholesky: given [batch; 2, 3], needs square matrices as its last two features",
        "gather: needs integers as indices; given [batch; 2, 3] and [;]",
        "sum: needs one run of neighbouring positions; given [batch; 2, 3]",
        "spread: given feature 0 of [batch; 2, 3], to lie from 0 on, 3 apart; needs more room than 3 entries",
        "argsort: given position 3 of [batch; 2, 3], which has positions 0 to 2",
    };
    int n = (int)(sizeof bad / sizeof *bad);
    FEN_COUNT(faults.n, n);
    for (int i = 0; i < n && i < faults.n; i++) { FEN_TRUE(fenp_is_faulty(b, bad[i])); FEN_TEXT(faults.at[i].text, needed[i]); }
    fen_node *f = b->faulty, *silent[] = {
        fen_slice(b, f, 0, 0, 1, 1), fen_spread(b, f, 0, 0, 1, 4), fen_concat(b, (fen_node *const[]){x, f}, 2, 0), fen_pick(b, x, 0, f),
            fen_pick(b, f, 0, x),
        fen_reshape(b, f, fen_vector(3)), fen_name(b, f, k_axis), fen_unname(b, f, k_axis), fen_rename(b, f, k_axis, m_axis),
            fen_argsort(b, f, k_axis),
        fen_gather(b, f, k_axis, x), fen_gather(b, x, FEN_BATCH, f), fen_linear(b, f, x), fen_linear(b, x, f), fen_matmul(b, x, f),
            fen_matmul(b, f, x),
        fen_transpose(b, f), fen_diagonal(b, f), fen_cholesky(b, f), fen_solve_lower(b, f, x), fen_solve_lower(b, x, f), fen_log_abs_det(b, f),
        fen_reduce(b, FEN_MEAN, f, FEN_ALL), fen_reduce_axis(b, FEN_MAX, f, k_axis), fen_mean_features(b, f), fenp_softmax(b, f, 1, true),
        fenp_norm(b, f, 1), fenp_outer(b, f, x), fenp_solve(b, f, x), fenp_stretch(b, f, x->shape, 1), fenp_relabel(b, f, x->shape),
        fenp_permute(b, f, (const int[]){0}, x->shape), fenp_roll_at(b, f, 0, 1), fenp_sort_at(b, f, 0), fenp_gather_at(b, f, 0, x),
    };
    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++)
        fen_test_say(fenp_is_faulty(b, silent[i]), __LINE__, __FILE__, "verb %d of a faulty value is not faulty", (int)i);
    FEN_COUNT(faults.n, n);
    faults.n = 0;
    end();
}

static void constants(void) {
    fen_builder *b = begin();
    fen_node *small = fen_exp(b, fen_scale(b, fenp_number(b, 2), 0.5)), *x = fenp_feed_new(b, "x", fen_vector(2), FEN_REAL, true, FENP_ON_DRAW, NULL);
    double value = 0;
    for (int i = 0; i < 300000; i++) x = fen_scale(b, x, 1.0001);
    fen_node *y = fen_add(b, small, fenp_number(b, 1));
    clock_t start = clock();
    for (int i = 0; i < 100; i++) FEN_TRUE(fenp_constant(y, &value));
    FEN_TRUE((double)(clock() - start) / CLOCKS_PER_SEC < 0.1);       /* only ancestors are walked */
    FEN_NEAR(value, exp(1) + 1, 1e-15);
    FEN_TRUE(!fenp_constant(fen_sum(b, x), &value) && !fenp_constants(x) && !fenp_constant(b->faulty, &value));
    fen_node *chain = small;                  /* deep, and every node has two readers */
    for (int i = 0; i < 100000; i++) chain = fen_scale(b, fen_add(b, chain, chain), 0.5);
    FEN_TRUE(fenp_constant(chain, &value));
    FEN_NEAR(value, exp(1), 1e-15);
    FEN_TRUE(fenp_constant(fenp_integer(b, 3), &value) && value == 3);
    end();
}
/* In single too: what is constant is double, casts to single and back change nothing. */
static void constants_are_double(void) {
    fen_builder *b = begin();
    b->doubles = false;
    const double value[] = {1.0 / 3, 0.1};
    fen_node *narrow = fenp_widen(b, fenp_table(b, fen_vector(2), FEN_REAL, value), false), *y = fen_slice(b, fen_mul(b, narrow, narrow), 0, 1, 1, 1);
    double *found = fenp_constants(y);
    FEN_TRUE(!narrow->wide && found);
    FEN_TRUE(found[0] == 0.1 * 0.1);
    fenp_delete(found);
    end();
}

int main(void) {
    const fen_test tests[] = {{"leading axes", leading_axes}, {"features", features}, {"sorts", sorts}, {"products", products},
        {"faults", faults_say},
        {"constants", constants},
                              {"constants are double", constants_are_double}, {NULL, NULL}};
    return fen_test_run("verbs", tests);
}
