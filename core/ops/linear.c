/* ops/linear.c: products. linear: every row of x [R, k] times W [k, n] (ty: W lies as [n, k]); outer_rows: x [R, m], y [R, n] give
 * sum over rows x'y [m, n]; matmul: the last two features, batched over all before them, each side transposed or not.
 * Each is closed under its derivatives. A product is cut into pieces that depend on the shape only: into columns, since a piece then reads its part of the
 * right side only; where the result is too narrow for that, into rows; a power of two of them, so that two and four threads have equal shares. */
#include "ops/cells.h"
#include "ops/many.h"

enum { MANY = FENP_MANY_SIDE * FENP_MANY_SIDE };

static int64_t last(const fen_shape *s, int k) { return s->size[s->rank - k]; }      /* k 1: the last size */
static int64_t rows_of(const fen_shape *s) { return fenp_span(s, 0, s->rank - 1); }
static const int64_t most = INT32_MAX;        /* the library counts in int */

typedef struct cut { bool rows; int parts; } cut;
static fenp_gemm linear_product(const fen_node *y) {
    const fen_shape *x = &y->in[0]->shape, *w = &y->in[1]->shape;
    return (fenp_gemm){.ty = y->attrs.whole[1], .m = rows_of(x), .n = last(&y->shape, 1), .k = last(x, 1),
                       .ldx = last(x, 1), .ldy = last(w, 1), .ldz = last(&y->shape, 1)};
}
static fenp_gemm outer_product(const fen_node *z) {
    const fen_shape *x = &z->in[0]->shape;
    int64_t m = last(&z->shape, 2), n = last(&z->shape, 1);
    return (fenp_gemm){.tx = true, .m = m, .n = n, .k = rows_of(x), .ldx = m, .ldy = n, .ldz = n};
}
static fenp_gemm matmul_product(const fen_node *z) {
    const fen_shape *x = &z->in[0]->shape, *y = &z->in[1]->shape;
    bool tx = z->attrs.whole[0], ty = z->attrs.whole[1];
    return (fenp_gemm){.tx = tx, .ty = ty, .m = last(&z->shape, 2), .n = last(&z->shape, 1), .k = last(x, tx ? 2 : 1),
                       .ldx = last(x, 1), .ldy = last(y, 1), .ldz = last(&z->shape, 1)};
}

/* The largest power of two of pieces of a side that are at least `least` wide, at most 8, each worth 2^18 multiplications. */
static int pieces(int64_t side, int64_t least, int64_t work) {
    int n = 1;
    while (n < 8 && side >= 2 * n * least && work >> 18 >= 2 * n) n *= 2;
    return n;
}
static cut cut_of(const fenp_gemm *p) {
    int64_t work = p->m * p->n * p->k;
    static const int64_t columns[] = {160, 96, 64}, rows[] = {96, 48, 24};
    for (int i = 0; i < 3; i++) {
        int wide = pieces(p->n, columns[i], work), high = pieces(p->m, rows[i], work);
        if (wide > 1) return (cut){false, wide};
        if (high > 1) return (cut){true, high};
    }
    return (cut){true, 1};
}
static fenp_gemm cut_product(const fen_node *y) { return y->op == &fenp_op_linear ? linear_product(y) : outer_product(y); }
static int cut_parts(const fen_node *y) {
    fenp_gemm p = cut_product(y);
    return cut_of(&p).parts;
}
static fenp_piece piece_of(const fenp_gemm *p, cut c, int part) {
    fenp_range r = fenp_range_of(c.rows ? p->m : (p->n + FENP_PANEL - 1) / FENP_PANEL, part, c.parts);
    if (c.rows) return (fenp_piece){r.from, r.to - r.from, 0, p->n};
    int64_t from = r.from * FENP_PANEL, to = r.to * FENP_PANEL;
    return (fenp_piece){0, p->m, from, (to < p->n ? to : p->n) - from};
}
static size_t cut_scratch(const fen_node *y) {
    fenp_gemm p = cut_product(y);
    cut c = cut_of(&p);
    int64_t panels = (p.n + FENP_PANEL - 1) / FENP_PANEL, widest = (panels + c.parts - 1) / c.parts * FENP_PANEL;
    return y->wide ? 0 : fenp_gemm_work(&p, c.rows ? p.n : widest);
}
static int matmul_parts(const fen_node *y) {
    fenp_gemm p = matmul_product(y);
    int64_t batch = fenp_span(&y->shape, 0, y->shape.rank - 2);
    return pieces(batch, 1, batch * p.m * p.n * p.k);
}
static size_t matmul_scratch(const fen_node *y) {
    fenp_gemm p = matmul_product(y);
    return y->wide ? 0 : fenp_gemm_work(&p, p.n);
}

#define FENP_TWICE "ops/linear.inc"
#include "kernels/twice.h"

/* Shapes and derivatives */

static fen_node *linear(fen_builder *b, fen_node *x, fen_node *w, bool transposed) {
    fen_attrs a = {.whole = {0, transposed}};
    return fen_apply(b, &fenp_op_linear, (fen_node *[]){x, w}, 2, &a);
}
static fen_node *outer_rows(fen_builder *b, fen_node *x, fen_node *y) {
    return fen_apply(b, &fenp_op_outer_rows, (fen_node *[]){x, y}, 2, NULL);
}
static fen_node *matmul(fen_builder *b, fen_node *x, bool tx, fen_node *y, bool ty) {
    fen_attrs a = {.whole = {tx, ty}};
    return fen_apply(b, &fenp_op_matmul, (fen_node *[]){x, y}, 2, &a);
}

static bool all_fit(const fen_shape *s) {
    for (int p = 0; p < s->rank; p++) if (s->size[p] > most) return false;
    return rows_of(s) <= most;
}
static const char *factors(fen_node *const *in, fen_type *type) {
    *type = FEN_REAL;
    for (int i = 0; i < 2; i++) {
        const fen_shape *s = &in[i]->shape;
        if (in[i]->type != FEN_REAL) return "needs reals";
        if (s->rank == s->leads) return "needs a feature";
        if (!all_fit(s)) return "has more rows than a product can count";
    }
    return NULL;
}
static const char *linear_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    (void)n;
    const fen_shape *w = &in[1]->shape;
    const char *wrong = factors(in, type);
    if (wrong) return wrong;
    *out = in[0]->shape;
    if (w->leads || w->rank != 2) return "the second input needs two features and no leading axis";
    if (last(out, 1) != w->size[a->whole[1] ? 1 : 0]) return "inner sizes differ";
    out->size[out->rank - 1] = w->size[a->whole[1] ? 0 : 1];
    return NULL;
}
static void linear_vjp(fen_builder *b, fen_node *y, fen_node *gy, const bool *need, fen_node **gx) {
    bool transposed = y->attrs.whole[1];
    if (need[0]) gx[0] = linear(b, gy, y->in[1], !transposed);
    if (need[1]) gx[1] = transposed ? outer_rows(b, gy, y->in[0]) : outer_rows(b, y->in[0], gy);
}
const fen_op fenp_op_linear = {
    .name = "linear", .arity = 2, .shape = linear_shape, .run = {linear_run_single, linear_run_double}, .parts = cut_parts, .scratch = cut_scratch, .vjp = linear_vjp,
};

static const char *outer_rows_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    (void)n; (void)a;
    fen_shape x = in[0]->shape;
    const fen_shape *y = &in[1]->shape;
    const char *wrong = factors(in, type);
    if (wrong) return wrong;
    *out = fen_matrix(last(&x, 1), last(y, 1));
    x.size[x.rank - 1] = last(y, 1);
    return fenp_same(&x, y) ? NULL : "the rows differ";
}
static void outer_rows_vjp(fen_builder *b, fen_node *z, fen_node *gz, const bool *need, fen_node **gx) {
    if (need[0]) gx[0] = linear(b, z->in[1], gz, true);
    if (need[1]) gx[1] = linear(b, z->in[0], gz, false);
}
const fen_op fenp_op_outer_rows = {
    .name = "outer_rows", .arity = 2, .shape = outer_rows_shape, .run = {outer_rows_run_single, outer_rows_run_double}, .parts = cut_parts, .scratch = cut_scratch,
    .vjp = outer_rows_vjp,
};

static const char *matmul_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    (void)n;
    fen_shape x = in[0]->shape, y = in[1]->shape;
    const char *wrong = factors(in, type);
    if (wrong) return wrong;
    if (x.rank - x.leads < 2 || y.rank - y.leads < 2) return "needs two features on both sides";
    int64_t m = last(&x, a->whole[0] ? 1 : 2), k = last(&x, a->whole[0] ? 2 : 1), l = last(&y, a->whole[1] ? 1 : 2),
        c = last(&y, a->whole[1] ? 2 : 1);
    if (k != l) return "inner sizes differ";
    for (int i = 1; i <= 2; i++) x.size[x.rank - i] = y.size[y.rank - i] = 1;
    if (!fenp_same(&x, &y)) return "what is before the last two features differs";
    *out = x;
    out->size[out->rank - 2] = m;
    out->size[out->rank - 1] = c;
    return NULL;
}
static void matmul_vjp(fen_builder *b, fen_node *z, fen_node *gz, const bool *need, fen_node **gx) {
    fen_node *x = z->in[0], *y = z->in[1];
    bool p = z->attrs.whole[0], q = z->attrs.whole[1];
    if (need[0]) gx[0] = p ? matmul(b, y, q, gz, true) : matmul(b, gz, false, y, !q);
    if (need[1]) gx[1] = q ? matmul(b, gz, true, x, p) : matmul(b, x, !p, gz, false);
}
const fen_op fenp_op_matmul = {
    .name = "matmul", .arity = 2, .shape = matmul_shape, .run = {matmul_run_single, matmul_run_double}, .parts = matmul_parts, .scratch = matmul_scratch, .vjp = matmul_vjp,
};
