/* tests/unit/random_values.h: values of a random program for the ops that random_program.h's own cases do not make, so that nearly every
 * op of the table is met fused, in place and beside all others (test_program counts which). Arguments are brought to where a function is
 * finite, also its derivatives. Included by random_program.h. */

static fen_node *between(fen_builder *b, fen_node *x, double from, double to) {
    return fen_shift(b, fen_scale(b, fen_tanh(b, x), (to - from) / 2), (to + from) / 2);
}
/* Elementwise: a function, and where its argument lies. */
static const struct { fen_node *(*f)(fen_builder *, fen_node *); double from, to; } unaries[] = {
    {fen_abs, -2, 2}, {fen_sign, -2, 2}, {fen_floor, -3, 3}, {fenp_ceil, -3, 3}, {fenp_round, -3, 3}, {fen_sin, -4, 4}, {fen_cos, -4, 4},
    {fen_erf, -2, 2}, {fen_erf_inverse, -.9, .9}, {fen_exp, -2, 1}, {fen_expm1, -2, 1}, {fen_log, .3, 3}, {fen_log1p, -.6, 2},
    {fen_sqrt, .3, 3}, {fen_lgamma, .5, 4}, {fen_log_sigmoid, -3, 3}, {fen_stop_gradient, -2, 2}, {fen_relu, -1, 1},
};
static fen_node *unary_value(made *m, fen_node *p) {
    unsigned k = roll_dice(m, sizeof unaries / sizeof *unaries);
    return unaries[k].f(m->b, between(m->b, p, unaries[k].from, unaries[k].to));
}
static fen_node *power_value(made *m, fen_node *p, fen_node *q) {
    fen_builder *b = m->b;
    fen_node *x = between(b, p, .4, 2);
    switch (roll_dice(m, 5)) {
    case 0: return fen_power(b, x, 2.25);
    case 3: return fen_where(b, fen_equal(b, fen_floor(b, between(b, p, -2, 2)), fen_floor(b, between(b, q, -2, 2))), p, fen_scale(b, q, .5));
    case 1: return fenp_power(b, x, between(b, q, -1, 2));
    case 2: return fenp_remainder(b, between(b, p, -3, 3), between(b, q, .5, 2));
    default: return fen_where(b, fenp_isfinite(b, p), p, q);
    }
}
/* Integers of several ops, then a real again. */
static fen_node *integer_value(made *m, fen_node *p, fen_node *q) {
    fen_builder *b = m->b;
    fen_node *x = fenp_to_integer(b, fen_floor(b, between(b, p, -6, 6))), *y = fenp_to_integer(b, fen_floor(b, between(b, q, 1, 6))), *z;
    if (roll_dice(m, 2)) y = fen_reduce(b, FEN_MAX, y, FEN_LEADS);
    switch (roll_dice(m, 6)) {
    case 0: z = fen_sub(b, x, y); break;
    case 1: z = fenp_remainder(b, x, y); break;
    case 2: z = fen_max(b, x, fen_min(b, y, fenp_integer(b, 2))); break;
    case 3: z = fen_where(b, fen_less(b, x, y), x, y); break;
    case 4: z = fen_add(b, fenp_less_equal(b, x, y), fen_equal(b, x, y)); break;
    default: z = fenp_cumsum_at(b, x, (int)roll_dice(m, 2)); break;
    }
    if (roll_dice(m, 3) == 0) z = fen_reduce(b, FEN_SUM, z, FEN_CHANNEL);
    return fen_mul(b, roll_dice(m, 2) ? p : q, fen_scale(b, fenp_to_real(b, z), .1));
}
/* w w' / 2 + 2 I; its factor, inverse, determinant, diagonal, on the rows of p. */
static fen_node *matrix_value(made *m, fen_node *p) {
    fen_builder *b = m->b;
    fen_node *w = fenp_slot_read(b, m->weight), *a = fen_matmul(b, w, fen_transpose(b, fen_scale(b, w, .5)));
    a = fen_add(b, a, fen_scale(b, fenp_eye(b, m->columns), 2));
    switch (roll_dice(m, 6)) {
    case 0: return fen_linear(b, p, fen_cholesky(b, a));
    case 1: return fen_solve_lower(b, fen_cholesky(b, a), p);
    case 2: return fenp_solve(b, a, p);
    case 3: return fen_mul(b, p, fen_scale(b, fen_log_abs_det(b, a), .1));
    case 4: return fen_add(b, p, fen_scale(b, fen_diagonal(b, a), .1));
    default: return fen_scale(b, fen_matmul(b, p, fenp_outer(b, fen_tanh(b, p), fen_tanh(b, p))), .2);
    }
}
/* Rows shuffled, the largest of each row, the entry where another value is least, and an entry of each row by a table. */
static fen_node *entry_value(made *m, fen_node *p, fen_node *q) {
    fen_builder *b = m->b;
    double index[64];
    switch (roll_dice(m, 5)) {
    case 0: return fenp_gather_at(b, p, 0, fen_permutation(b, fenp_arena_text(&b->graph.memory, "shuffle %d", m->n), FEN_BATCH));
    case 1: return fen_pick(b, p, 0, fenp_reduce(b, FEN_ARGMIN, q, 2));
    case 2: return fen_pick(b, p, 0, fenp_reduce(b, FEN_ARGMAX, p, 2));
    case 3: return fenp_reduce(b, FEN_MIN, p, 1u << roll_dice(m, 2));
    default:
        if (m->columns > 64) return p;
        for (int i = 0; i < 64; i++) index[i] = roll_dice(m, (unsigned)m->columns);
        return fen_pick(b, p, 0, fenp_table(b, fen_vector(m->columns), FEN_INTEGER, index));
    }
}
/* Constants of every kind, and a coordinate along the features. */
static fen_node *constant_value(made *m, fen_node *p) {
    fen_builder *b = m->b;
    double value[64];
    for (int i = 0; i < 64; i++) value[i] = .1 * roll_dice(m, 20);
    fen_node *number = fenp_relabel(b, fenp_slice_at(b, fenp_slot_read(b, m->bias), 0, 1, 1, 1), (fen_shape){0});
    switch (roll_dice(m, 3)) {
    case 0: return m->columns > 64 ? p : fen_add(b, p, fenp_table(b, fen_vector(m->columns), FEN_REAL, value));
    case 1: return fen_mul(b, p, fen_scale(b, fenp_to_real(b, fen_feature_coordinate(b, p, 0)), .1));
    default: return fen_mul(b, p, fen_tanh(b, number));
    }
}
static fen_node *rare_value(made *m, fen_node *p, fen_node *q) {
    switch (roll_dice(m, 8)) {
    case 0: return power_value(m, p, q);
    case 1: return integer_value(m, p, q);
    case 2: return matrix_value(m, p);
    case 3: return entry_value(m, p, q);
    case 4: return constant_value(m, p);
    default: return unary_value(m, p);
    }
}
