/* tests/unit/op_examples_matrix.h: examples of products and matrices, and of verbs about them. X X' + 2 I and X + 3 I are far from
 * singular. */

static fen_node *apply_to(situation *s, fen_node *x, fen_node *y) {
    return fen_apply(s->b, s->example->op, (fen_node *[]){x, y}, y ? 2 : 1, &s->example->attrs);
}
static fen_node *eye(situation *s, double factor) { return fen_scale(s->b, fenp_eye(s->b, fen_feature(s->x[0], -1)), factor); }
static fen_node *heavy(situation *s) { return fen_add(s->b, s->x[0], eye(s, 3)); }
static fen_node *positive(situation *s) { return fen_add(s->b, fen_matmul(s->b, s->x[0], fen_transpose(s->b, s->x[0])), eye(s, 2)); }
static fen_node *make_of_positive(situation *s) { return apply_to(s, positive(s), NULL); }
static fen_node *make_of_heavy(situation *s) { return apply_to(s, heavy(s), s->x[1]); }
static fen_node *make_linear(situation *s) { return fen_linear(s->b, s->x[0], s->x[1]); }
static fen_node *make_matmul(situation *s) { return fen_matmul(s->b, s->x[0], s->x[1]); }
static fen_node *make_outer(situation *s) { return fenp_outer(s->b, s->x[0], s->x[1]); }
static fen_node *make_transpose(situation *s) { return fen_transpose(s->b, s->x[0]); }
static fen_node *make_solve(situation *s) { return fenp_solve(s->b, heavy(s), s->x[1]); }
static fen_node *make_solve_lower(situation *s) { return fen_solve_lower(s->b, heavy(s), s->x[1]); }

#define BITS(p, q) .attrs = {.whole = {p, q}}
static const op_example matrix_examples[] = {
    {.op = &fenp_op_linear, .shape = {"b34", "45"}, .rule = product_rule},
    {.op = &fenp_op_linear, .what = "transposed", .shape = {"b34", "54"}, BITS(0, 1), .rule = product_rule},
    {.op = &fenp_op_outer_rows, .shape = {"b34", "b32"}, .rule = product_rule},
    {.op = &fenp_op_matmul, .shape = {"b23", "b34"}, .rule = product_rule},
    {.op = &fenp_op_matmul, .what = "first transposed", .shape = {"b32", "b34"}, BITS(1, 0), .rule = product_rule},
    {.op = &fenp_op_matmul, .what = "second transposed", .shape = {"b23", "b43"}, BITS(0, 1), .rule = product_rule},
    {.op = &fenp_op_matmul, .what = "both transposed", .shape = {"b32", "b43"}, BITS(1, 1), .rule = product_rule},
    {.op = &fenp_op_cholesky, .shape = {"b33"}, .make = make_of_positive, .rule = cholesky_rule, .off = 1e-13},
    {.op = &fenp_op_cholesky, .what = "of what is not symmetric", .shape = {"33"}, .make = make_of_heavy, .rule = cholesky_rule, .off = 1e-13},
    {.op = &fenp_op_solve_triangular, .shape = {"b33", "b32"}, .make = make_of_heavy, .rule = solve_triangular_rule, .off = 1e-13},
    {.op = &fenp_op_solve_triangular, .what = "transposed", .shape = {"b33", "b32"}, BITS(1, 0), .make = make_of_heavy,
        .rule = solve_triangular_rule, .off = 1e-13},
    {.op = &fenp_op_inverse, .shape = {"b33"}, .make = make_of_heavy, .rule = inverse_rule, .off = 1e-13},
    {.op = &fenp_op_log_abs_det, .shape = {"b33"}, .make = make_of_heavy, .rule = log_abs_det_rule, .off = 1e-13},
    {.op = &fenp_op_log_abs_det, .what = "of one", .shape = {"44"}, .make = make_of_heavy, .rule = log_abs_det_rule, .off = 1e-13},
    {.op = &fenp_op_lower, .shape = {"b33"}, .rule = lower_rule},
    {.op = &fenp_op_lower, .what = "strictly", .shape = {"b33"}, BITS(1, 0), .rule = lower_rule},
    {.op = &fenp_op_lower, .what = "halved", .shape = {"b33"}, BITS(2, 0), .rule = lower_rule},
    {.op = &fenp_op_diagonal, .shape = {"b33"}, .rule = diagonal_rule},
    {.op = &fenp_op_from_diagonal, .shape = {"b3"}, .rule = from_diagonal_rule},

    {.what = "linear of members", .shape = {"b24", "k45"}, .make = make_linear},
    {.what = "matmul aligned", .shape = {"k23", "b34"}, .make = make_matmul}, {.what = "matmul of a row", .shape = {"b3", "b34"}, .make = make_matmul},
    {.what = "outer", .shape = {"b3", "k2"}, .make = make_outer}, {.what = "transpose", .shape = {"b34"}, .make = make_transpose},
    {.what = "solve", .shape = {"b33", "k3"}, .make = make_solve}, {.what = "solve columns", .shape = {"33", "b32"}, .make = make_solve_lower},
    {.what = "solve rows of many", .shape = {"33", "b3"}, .make = make_solve_lower},
};
#undef BITS
