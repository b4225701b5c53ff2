/* ops/matrix.c: ops on the last two features, batched over all before them. With L = cholesky(A), Y = inverse(X), G the gradient of the
 * result, phi(M) the lower triangle of M with its diagonal halved:
 *   cholesky:          S = L^-T phi(L'G) L^-1,  gA = (S + S')/2                                  (Murray 2016, arXiv 1602.07527, eq. 10)
 *   solve_triangular:  Y = L^-1 B:  gB = L^-T G,  gL = -lower(gB Y');   Y = L^-T B:  gB = L^-1 G,  gL = -lower(Y gB')
 *   inverse:           gX = -Y' G Y';      log_abs_det:  gX = G inverse(X)'
 * All of these are graph, so every order exists. A matrix without an answer gives NaN; a singular one has log|det| -inf. */
#include "ops/cells.h"
#include "ops/many.h"
#include <math.h>
#include <string.h>

/* `count` matrices of n rows; elements of each in the inputs and in the result. */
typedef struct batch { int64_t count, n, in, second, out; } batch;
static batch batch_of(const fen_node *y) {
    const fen_shape *x = &y->in[0]->shape;
    int flat = y->op == &fenp_op_from_diagonal ? 1 : 2;
    batch m = {.count = fenp_span(x, 0, x->rank - flat), .n = x->size[x->rank - 1]};
    m.in = fenp_count(x) / m.count;
    m.second = y->n > 1 ? fenp_count(&y->in[1]->shape) / m.count : 0;
    m.out = fenp_count(&y->shape) / m.count;
    return m;
}
static int matrix_parts(const fen_node *y) {
    batch m = batch_of(y);
    return fenp_parts_for(m.count, m.n * m.n * (m.n < 8 ? 8 : m.n) / 4);
}
static size_t pivot_bytes(int64_t n) { return ((size_t)n * sizeof(int) + 63) / 64 * 64; }
static size_t inverse_scratch(const fen_node *y) {
    int64_t n = batch_of(y).n;
    return pivot_bytes(n) + (size_t)fenp_lu_work(n) * sizeof(double);
}
static size_t det_scratch(const fen_node *y) {
    int64_t n = batch_of(y).n;
    return pivot_bytes(n) + (size_t)(n * n) * sizeof(double);
}

#define FENP_TWICE "ops/matrix.inc"
#include "kernels/twice.h"

/* Shapes */

static const char *square_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    (void)n; (void)a;
    const fen_shape *s = &in[0]->shape;
    *out = *s;
    *type = FEN_REAL;
    if (in[0]->type != FEN_REAL) return "needs reals";
    if (s->rank - s->leads < 2 || s->size[s->rank - 1] != s->size[s->rank - 2]) return "needs square matrices as the last two features";
    return s->size[s->rank - 1] > 32768 ? "needs matrices of at most 32768 rows" : NULL;
}
static const char *solve_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    const char *wrong = square_shape(in, n, a, out, type);
    fen_shape l = in[0]->shape, y = in[1]->shape;
    if (wrong) return wrong;
    if (in[1]->type != FEN_REAL) return "needs reals";
    *out = y;
    if (l.rank != y.rank) return "needs as many axes on both sides";
    l.size[l.rank - 1] = y.size[y.rank - 1];
    return fenp_same(&l, &y) ? NULL : "the right sides are not as long as the matrices, or what is before them differs";
}
static const char *det_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    const char *wrong = square_shape(in, n, a, out, type);
    if (!wrong) *out = fenp_without(*out, 3u << (out->rank - 2));
    return wrong;
}
static const char *diagonal_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    const char *wrong = square_shape(in, n, a, out, type);
    if (!wrong) *out = fenp_without(*out, 1u << (out->rank - 1));
    return wrong;
}
static const char *from_diagonal_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    (void)n; (void)a;
    *out = in[0]->shape;
    *type = FEN_REAL;
    if (in[0]->type != FEN_REAL) return "needs reals";
    if (out->rank == out->leads || out->rank == FEN_MAX_RANK) return "needs a feature, and room for another";
    *out = fenp_append(*out, out->size[out->rank - 1]);
    return NULL;
}

/* Derivatives */

static fen_node *of(fen_builder *b, const fen_op *op, int64_t flag, fen_node *x) {
    fen_attrs a = {.whole = {flag}};
    return fen_apply(b, op, &x, 1, &a);
}
static fen_node *product(fen_builder *b, fen_node *x, bool tx, fen_node *y, bool ty) {
    fen_attrs a = {.whole = {tx, ty}};
    return fen_apply(b, &fenp_op_matmul, (fen_node *[]){x, y}, 2, &a);
}
static fen_node *solved(fen_builder *b, fen_node *l, fen_node *x, bool transposed) {
    fen_attrs a = {.whole = {transposed}};
    return fen_apply(b, &fenp_op_solve_triangular, (fen_node *[]){l, x}, 2, &a);
}

static void cholesky_vjp(fen_builder *b, fen_node *y, fen_node *gy, const bool *need, fen_node **gx) {
    (void)need;
    fen_node *phi = of(b, &fenp_op_lower, 2, product(b, y, true, gy, false));
    fen_node *s = solved(b, y, fen_transpose(b, solved(b, y, phi, true)), true);
    gx[0] = fen_scale(b, fen_add(b, s, fen_transpose(b, s)), 0.5);
}
static void solve_vjp(fen_builder *b, fen_node *y, fen_node *gy, const bool *need, fen_node **gx) {
    bool transposed = y->attrs.whole[0];
    fen_node *g = solved(b, y->in[0], gy, !transposed);
    if (need[0]) gx[0] = fen_neg(b, of(b, &fenp_op_lower, 0, transposed ? product(b, y, false, g, true) : product(b, g, false, y, true)));
    if (need[1]) gx[1] = g;
}
static void inverse_vjp(fen_builder *b, fen_node *y, fen_node *gy, const bool *need, fen_node **gx) {
    (void)need;
    gx[0] = fen_neg(b, product(b, product(b, y, true, gy, false), false, y, true));
}
static void det_vjp(fen_builder *b, fen_node *y, fen_node *gy, const bool *need, fen_node **gx) {
    (void)need;
    fen_node *x = y->in[0];
    gx[0] = fen_mul(b, fenp_stretch(b, gy, x->shape, 3u << (x->shape.rank - 2)), fen_transpose(b, of(b, &fenp_op_inverse, 0, x)));
}
static void lower_vjp(fen_builder *b, fen_node *y, fen_node *gy, const bool *need, fen_node **gx) {
    (void)need;
    gx[0] = of(b, &fenp_op_lower, y->attrs.whole[0], gy);
}
static void diagonal_vjp(fen_builder *b, fen_node *y, fen_node *gy, const bool *need, fen_node **gx) {
    (void)y; (void)need;
    gx[0] = of(b, &fenp_op_from_diagonal, 0, gy);
}
static void from_diagonal_vjp(fen_builder *b, fen_node *y, fen_node *gy, const bool *need, fen_node **gx) {
    (void)y; (void)need;
    gx[0] = of(b, &fenp_op_diagonal, 0, gy);
}

const fen_op fenp_op_cholesky = {
    .name = "cholesky", .arity = 1, .shape = square_shape, .run = {cholesky_run_single, cholesky_run_double}, .parts = matrix_parts,
        .vjp = cholesky_vjp,
};
const fen_op fenp_op_solve_triangular = {
    .name = "solve_triangular", .arity = 2, .shape = solve_shape, .run = {solve_run_single, solve_run_double}, .parts = matrix_parts,
        .vjp = solve_vjp,
};
const fen_op fenp_op_inverse = {
    .name = "inverse", .arity = 1, .shape = square_shape, .run = {inverse_run_single, inverse_run_double}, .parts = matrix_parts,
    .scratch = inverse_scratch, .vjp = inverse_vjp,
};
const fen_op fenp_op_log_abs_det = {
    .name = "log_abs_det", .arity = 1, .shape = det_shape, .run = {log_abs_det_run_single, log_abs_det_run_double}, .parts = matrix_parts,
    .scratch = det_scratch, .vjp = det_vjp,
};
const fen_op fenp_op_lower = {
    .name = "lower", .arity = 1, .shape = square_shape, .run = {lower_run_single, lower_run_double}, .parts = matrix_parts, .vjp = lower_vjp,
};
const fen_op fenp_op_diagonal = {
    .name = "diagonal", .arity = 1, .shape = diagonal_shape, .run = {diagonal_run_single, diagonal_run_double}, .parts = matrix_parts,
        .vjp = diagonal_vjp,
};
const fen_op fenp_op_from_diagonal = {
    .name = "from_diagonal", .arity = 1, .shape = from_diagonal_shape, .run = {from_diagonal_run_single, from_diagonal_run_double},
        .parts = matrix_parts,
    .vjp = from_diagonal_vjp,
};
