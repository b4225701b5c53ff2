/* ops/matrices.c: the verbs about matrices, the last two features; one feature alone is a row. Leading axes align by name; what one
 * side lacks, it is repeated along. A matrix without leading axes meets all rows at once, without being repeated. */
#include "ops/cells.h"

static int features_of(const fen_node *x) { return x->shape.rank - x->shape.leads; }
static fen_node *misfit(fen_builder *b, const char *who, const fen_node *x, const fen_node *y, const char *needed) {
    char left[160], right[160];
    return fenp_faulty(b, "%s: given %s and %s; needs %s", who, fenp_shape_text(b, x->shape, left), fenp_shape_text(b, y->shape, right), needed);
}
/* The size of feature k from the right; 1 where there is none. */
static int64_t last(const fen_node *x, int k) { return fen_feature(x, -k); }

/* Without its last n features; with two of these sizes. */
static fen_shape before(fen_shape s, int n) {
    for (int i = 0; i < n && s.rank > s.leads; i++) s = fenp_without(s, 1u << (s.rank - 1));
    return s;
}
static fen_shape matrices(fen_shape s, int64_t rows, int64_t columns) { return fenp_append(fenp_append(s, rows), columns); }
static bool is_plain_matrix(const fen_node *x) { return !x->shape.leads && x->shape.rank == 2; }

static fen_node *apply(fen_builder *b, const fen_op *op, fen_node *x, fen_node *y, int64_t flag) {
    fen_attrs a = {.whole = {flag}};
    return fen_apply(b, op, (fen_node *[]){x, y}, y ? 2 : 1, &a);
}
/* Both with the same leading axes and features before the last two. */
static bool align(fen_builder *b, fen_node **x, fen_node **y) {
    fen_shape left = before((*x)->shape, 2), right = before((*y)->shape, 2), both;
    if (!fenp_align(&left, &right, &both) || both.rank + 2 > FEN_MAX_RANK) return false;
    *x = fenp_broadcast(b, *x, matrices(both, last(*x, 2), last(*x, 1)));
    *y = fenp_broadcast(b, *y, matrices(both, last(*y, 2), last(*y, 1)));
    return true;
}
static bool has_room(const fen_node *x, int features) { return x->shape.rank + features <= FEN_MAX_RANK; }
static fen_node *as_row(fen_builder *b, fen_node *x)    { return fenp_relabel(b, x, matrices(before(x->shape, 1), 1, last(x, 1))); }
static fen_node *as_column(fen_builder *b, fen_node *x) { return fenp_relabel(b, x, matrices(before(x->shape, 1), last(x, 1), 1)); }

fen_node *fen_transpose(fen_builder *b, fen_node *x) {
    x = fenp_channelled(b, x);
    if (fenp_is_faulty(b, x)) return x;
    if (features_of(x) == 1) return has_room(x, 1) ? as_column(b, x) : misfit(b, "transpose", x, x, "at most 8 axes in all");
    int from[FEN_MAX_RANK], n = x->shape.rank;
    for (int p = 0; p < n; p++) from[p] = p;
    from[n - 2] = n - 1;
    from[n - 1] = n - 2;
    return fenp_permute(b, x, from, matrices(before(x->shape, 2), last(x, 1), last(x, 2)));
}

fen_node *fen_matmul(fen_builder *b, fen_node *x, fen_node *y) {
    fen_node *in[2] = {fenp_channelled(b, x), fenp_channelled(b, y)};
    if (fenp_is_faulty(b, in[0]) || fenp_is_faulty(b, in[1])) return b->faulty;
    bool row = features_of(in[0]) == 1;
    fenp_all_real(b, in, 2);
    x = fenp_to_real(b, in[0]);
    y = fenp_to_real(b, in[1]);
    if (features_of(y) == 1 && has_room(y, 1)) y = as_row(b, y);
    if (last(x, 1) != last(y, 2))
        return misfit(b, "matmul", in[0], in[1], "as many columns on the left as rows on the right; one feature alone is a row");
    if (is_plain_matrix(y)) return apply(b, &fenp_op_linear, x, y, 0);
    if (row && has_room(x, 1)) x = as_row(b, x);
    if (!align(b, &x, &y)) return misfit(b, "matmul", in[0], in[1], "what stands before the matrices to agree or be 1, and at most 8 axes");
    x = apply(b, &fenp_op_matmul, x, y, 0);
    return row && !fenp_is_faulty(b, x) ? fenp_relabel(b, x, fenp_append(before(x->shape, 2), last(x, 1))) : x;
}
/* With leading axes at w (weights for each of several members) it is a batched product of the rows. */
fen_node *fen_linear(fen_builder *b, fen_node *x, fen_node *w) {
    x = fenp_channelled(b, x);
    if (fenp_is_faulty(b, x) || fenp_is_faulty(b, w)) return b->faulty;
    if (features_of(w) != 2 || last(x, 1) != last(w, 2))
        return misfit(b, "linear", x, w, "weights of two features, the first as long as the channel of the input");
    x = fenp_to_real(b, x);
    w = fenp_to_real(b, w);
    if (is_plain_matrix(w)) return apply(b, &fenp_op_linear, x, w, 0);
    fen_shape leads = fenp_without(x->shape, ~((1u << x->shape.leads) - 1)), places = before(x->shape, 1);
    if (leads.rank + 2 > FEN_MAX_RANK) return misfit(b, "linear", x, w, "at most 8 axes");
    fen_node *y = fen_matmul(b, fenp_relabel(b, x, matrices(leads, fen_row_size(&places), last(x, 1))), w);
    if (fenp_is_faulty(b, y)) return y;
    fen_shape to = before(y->shape, 2);
    for (int p = places.leads; p < places.rank; p++) to = fenp_append(to, places.size[p]);
    return fenp_relabel(b, y, fenp_append(to, last(y, 1)));
}

/* One matrix */

static fen_node *of_matrix(fen_builder *b, const fen_op *op, fen_node *x) {
    char text[160];
    if (fenp_is_faulty(b, x)) return x;
    if (features_of(x) < 2 || last(x, 1) != last(x, 2))
        return fenp_faulty(b, "%s: given %s, needs square matrices as its last two features", op->name, fenp_shape_text(b, x->shape, text));
    return apply(b, op, fenp_to_real(b, x), NULL, 0);
}
fen_node *fen_cholesky(fen_builder *b, fen_node *x)    { return of_matrix(b, &fenp_op_cholesky, x); }
fen_node *fen_log_abs_det(fen_builder *b, fen_node *x) { return of_matrix(b, &fenp_op_log_abs_det, x); }
fen_node *fen_diagonal(fen_builder *b, fen_node *x)    { return of_matrix(b, &fenp_op_diagonal, x); }

/* Solving. A row is one right side. */

/* All rows at once: [leads; n] as one [; n, rows]. */
static fen_node *solve_rows(fen_builder *b, fen_node *l, fen_node *y) {
    fen_shape s = y->shape;
    fen_node *all = fenp_relabel(b, y, fen_matrix(fenp_count(&s) / last(y, 1), last(y, 1)));
    return fenp_relabel(b, fen_transpose(b, apply(b, &fenp_op_solve_triangular, l, fen_transpose(b, all), 0)), s);
}
static fen_node *solve(fen_builder *b, const char *who, fen_node *a, fen_node *y, bool triangular) {
    y = fenp_channelled(b, y);
    if (fenp_is_faulty(b, a) || fenp_is_faulty(b, y)) return b->faulty;
    bool row = features_of(y) == 1;
    fen_node *given = y;
    if (features_of(a) < 2 || last(a, 1) != last(a, 2) || last(a, 1) != last(y, row ? 1 : 2))
        return misfit(b, who, a, y, "square matrices, and right sides as long; one feature alone is one right side");
    a = fenp_to_real(b, a);
    y = fenp_to_real(b, y);
    if (triangular && row && is_plain_matrix(a)) return solve_rows(b, a, y);
    if (row && has_room(y, 1)) y = as_column(b, y);
    if (!align(b, &a, &y)) return misfit(b, who, a, given, "what stands before the matrices to agree or be 1, and at most 8 axes");
    y = triangular ? apply(b, &fenp_op_solve_triangular, a, y, 0) : apply(b, &fenp_op_matmul, apply(b, &fenp_op_inverse, a, NULL, 0), y, 0);
    return row && !fenp_is_faulty(b, y) ? fenp_relabel(b, y, fenp_append(before(y->shape, 2), last(y, 2))) : y;
}
fen_node *fen_solve_lower(fen_builder *b, fen_node *l, fen_node *y) { return solve(b, "solve_lower", l, y, true); }
fen_node *fenp_solve(fen_builder *b, fen_node *a, fen_node *y)      { return solve(b, "solve", a, y, false); }

fen_node *fenp_outer(fen_builder *b, fen_node *x, fen_node *y) {
    x = fenp_channelled(b, x);
    y = fenp_channelled(b, y);
    if (fenp_is_faulty(b, x) || fenp_is_faulty(b, y)) return b->faulty;
    if (!has_room(x, 1) || !has_room(y, 1)) return misfit(b, "outer", x, y, "at most 8 axes");
    return fen_mul(b, as_column(b, x), as_row(b, y));
}
fen_node *fenp_eye(fen_builder *b, int64_t n) { return apply(b, &fenp_op_from_diagonal, fen_fill(b, fen_vector(n), 1), NULL, 0); }
