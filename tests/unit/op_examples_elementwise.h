/* tests/unit/op_examples_elementwise.h: examples of leaves and of ops from elements to elements. Definitions by libm in long double; the
 * inverse of erf by bisection, derivatives of log gamma by differences of lgammal. */

/* Leaves */
static fen_node *make_slot(situation *s) {
    return fenp_slot_read(s->b, fenp_store_slot(s->b->store, "params/n", "params/n/w", fen_matrix(2, 3), FEN_REAL, false, .375));
}
static fen_node *make_itself(situation *s) { return s->x[0]; }
static fen_node *make_table(situation *s) { return fenp_table(s->b, fen_matrix(2, 3), FEN_REAL, (const double[]){0, .5, 2, 4.5, 8, 12.5}); }
static fen_node *make_integers(situation *s) { return fenp_table(s->b, fen_matrix(2, 3), FEN_INTEGER, (const double[]){0, 3, -6, 9, -12, 15}); }
static fen_node *make_faulty(situation *s) { return s->b->faulty; }
static fen_node *make_name(situation *s) { return fenp_named(s->b, "x", s->x[0]); }
static fen_node *make_stop(situation *s) { return fen_stop_gradient(s->b, s->x[0]); }
static fen_node *make_uniform(situation *s) { return fen_uniform(s->b, "u", example_shape(s, "bk5")); }
static fen_node *make_normal(situation *s) { return fen_normal(s->b, "n", example_shape(s, "bk5")); }
static fen_node *make_permutation(situation *s) { return fen_permutation(s->b, "p", s->k); }
static fen_node *make_ends(situation *s) {
    fen_node *x = fenp_table(s->b, fen_vector(5), FEN_REAL, (const double[]){1, INFINITY, -INFINITY, NAN, -3});
    return fenp_isfinite(s->b, x);
}
static double p_slot(const double *x, const fen_attrs *a) { (void)x; (void)a; return .375; }
static double p_fill(const double *x, const fen_attrs *a) { (void)x; return a->real[0]; }
static double p_itself(const double *x, const fen_attrs *a) { (void)a; return x[0]; }
RULE(fed_rule) { (void)e; return example_value(&(op_example){.shape = {"b3"}}, 0, (int)offset_of(&y->shape, where)); }
RULE(squares_rule) { (void)e; double i = (double)offset_of(&y->shape, where); return i * i / 2; }
RULE(threes_rule) { (void)e; int64_t i = offset_of(&y->shape, where); return (double)(3 * i * (i % 2 || !i ? 1 : -1)); }
RULE(coordinate_rule) { (void)e; return y->attrs.real[0] + (double)where[y->attrs.whole[0]] * y->attrs.real[1]; }
RULE(ends_rule) { (void)e; (void)y; return where[0] == 0 || where[0] == 4; }
/* Rows by two leading axes, then blocks of two numbers. */
static double noise_rule(const evaluator *e, const int64_t *where, bool normal) {
    uint32_t r[4];
    fenp_philox(fenp_key_step(fenp_key_step(e->draw, (uint64_t)where[0]), (uint64_t)where[1]), (uint64_t)where[2] / 2, r);
    double u = fenp_unit(r[0], r[1]), v = fenp_unit(r[2], r[3]), radius = sqrt(-2 * log(u)), angle = 2 * acos(-1) * v;
    return normal ? radius * (where[2] % 2 ? sin(angle) : cos(angle)) : where[2] % 2 ? v : u;
}
RULE(uniform_rule) { (void)y; return noise_rule(e, where, false); }
RULE(normal_rule) { (void)y; return noise_rule(e, where, true); }
RULE(permutation_rule) { return (double)fenp_shuffled(e->draw, (uint64_t)where[0], (uint64_t)y->shape.size[0]); }

/* Definitions */
#define PLAIN(name, value) static double name(const double *x, const fen_attrs *a) { (void)a; return (double)(value); }
#define X ((long double)x[0])
#define Y ((long double)x[1])
static long double log_gamma(long double x) { int sign; return lgammal_r(x, &sign); }
static long double erf_inverse_by_halves(long double y) {
    long double low = -6, high = 6;
    for (int i = 0; i < 80; i++) { long double middle = (low + high) / 2; if (erfl(middle) < y) low = middle; else high = middle; }
    return (low + high) / 2;
}
/* The first and the second derivative of log gamma by differences of eighth order. */
static long double polygamma_by_differences(int n, long double x) {
    const long double first[] = {4 / 5.L, -1 / 5.L, 4 / 105.L, -1 / 280.L}, second[] = {8 / 5.L, -1 / 5.L, 8 / 315.L, -1 / 560.L};
    const long double h = 1 / 64.L;
    long double sum = n ? -205 / 72.L * log_gamma(x) : 0;
    for (int k = 1; k <= 4; k++) {
        long double up = log_gamma(x + k * h), down = log_gamma(x - k * h);
        sum += n ? second[k - 1] * (up + down) : first[k - 1] * (up - down);
    }
    return n ? sum / (h * h) : sum / h;
}
PLAIN(p_affine, a->real[0] * X + a->real[1])
PLAIN(p_add, X + Y)
PLAIN(p_sub, X - Y)
PLAIN(p_mul, X * Y)
PLAIN(p_div, X / Y)
PLAIN(p_max, fmaxl(X, Y))
PLAIN(p_min, fminl(X, Y))
PLAIN(p_remainder, X - Y * floorl(X / Y))
PLAIN(p_power2, powl(X, Y))
PLAIN(p_power, powl(X, a->real[0]))
PLAIN(p_abs, fabsl(X))
PLAIN(p_square, X * X)
PLAIN(p_sqrt, sqrtl(X))
PLAIN(p_exp, expl(X))
PLAIN(p_expm1, expm1l(X))
PLAIN(p_log, logl(X))
PLAIN(p_log1p, log1pl(X))
PLAIN(p_sin, sinl(X))
PLAIN(p_cos, cosl(X))
PLAIN(p_tanh, tanhl(X))
PLAIN(p_sigmoid, 1 / (1 + expl(-X)))
PLAIN(p_log_sigmoid, -log1pl(expl(-X)))
PLAIN(p_softplus, log1pl(expl(X)))
PLAIN(p_erf, erfl(X))
PLAIN(p_erf_inverse, erf_inverse_by_halves(X))
PLAIN(p_lgamma, log_gamma(X))
PLAIN(p_polygamma, polygamma_by_differences((int)a->whole[0], X))
PLAIN(p_leaky_relu, X > 0 ? X : a->real[0] * X)
PLAIN(p_slope, X > 0 ? 1 : a->real[0])
PLAIN(p_sign, (X > 0) - (X < 0))
PLAIN(p_floor, floorl(X))
PLAIN(p_ceil, ceill(X))
PLAIN(p_round, rintl(X))
PLAIN(p_less, X < Y)
PLAIN(p_less_equal, X <= Y)
PLAIN(p_equal, X == Y)
PLAIN(p_where, x[0] != 0 ? x[1] : x[2])
PLAIN(p_truncate, truncl(X))
#undef X
#undef Y
#undef PLAIN

#define ONE "b5"
#define TWO "b5", "b5"
#define THREE "ib5", "b5", "b5"
static const op_example elementwise_examples[] = {
    {.op = &fenp_op_slot, .make = make_slot, .plain = p_slot},
    {.op = &fenp_op_feed, .shape = {"b3"}, .make = make_itself, .rule = fed_rule},
    {.op = &fenp_op_fill, .attrs = {.real = {.7}}, .to = "bk2", .plain = p_fill},
    {.op = &fenp_op_fill, .what = "integer", .attrs = {.real = {-7}, .whole = {1}}, .to = "bk2", .plain = p_fill},
    {.op = &fenp_op_table, .make = make_table, .rule = squares_rule},
    {.op = &fenp_op_table, .what = "integer", .make = make_integers, .rule = threes_rule},
    {.op = &fenp_op_coordinate, .attrs = {.real = {.5, -.25}, .whole = {1}}, .to = "bk2", .rule = coordinate_rule},
    {.op = &fenp_op_coordinate, .what = "integer", .attrs = {.real = {0, 1}, .whole = {2, 1}}, .to = "bk4", .rule = coordinate_rule},
    {.op = &fenp_op_faulty, .make = make_faulty},
    {.op = &fenp_op_name, .shape = {"b3"}, .make = make_name, .plain = p_itself},
    {.op = &fenp_op_stop, .shape = {"b3"}, .make = make_stop, .plain = p_itself},
    {.op = &fenp_op_uniform, .make = make_uniform, .rule = uniform_rule},
    {.op = &fenp_op_normal, .make = make_normal, .rule = normal_rule},
    {.op = &fenp_op_permutation, .make = make_permutation, .rule = permutation_rule},

    {.op = &fenp_op_affine, .shape = {ONE}, .attrs = {.real = {1.75, -.375}}, .plain = p_affine},
    {.op = &fenp_op_add, .shape = {TWO}, .plain = p_add},
    {.op = &fenp_op_sub, .shape = {TWO}, .plain = p_sub},
    {.op = &fenp_op_mul, .shape = {TWO}, .plain = p_mul},
    {.op = &fenp_op_div, .shape = {TWO}, .in = {{0, 0}, {.5, 2}}, .plain = p_div},
    {.op = &fenp_op_div, .what = "by less than 0", .shape = {TWO}, .in = {{0, 0}, {-2, -.5}}, .plain = p_div},
    {.op = &fenp_op_max, .what = "of two", .shape = {TWO}, .flags = ROUGH, .plain = p_max},
    {.op = &fenp_op_max, .what = "of two, equal", .shape = {TWO}, .flags = WHOLE, .plain = p_max},
    {.op = &fenp_op_min, .what = "of two", .shape = {TWO}, .flags = ROUGH, .plain = p_min},
    {.op = &fenp_op_remainder, .shape = {TWO}, .in = {{-3, 3}, {.5, 2}}, .flags = ROUGH, .plain = p_remainder},
    {.op = &fenp_op_remainder, .what = "by less than 0", .shape = {TWO}, .in = {{-3, 3}, {-2, -.5}}, .flags = ROUGH, .plain = p_remainder},
    {.op = &fenp_op_power2, .shape = {TWO}, .in = {{.4, 2}, {-1.5, 2}}, .plain = p_power2},
    {.op = &fenp_op_power, .what = "2.5", .shape = {ONE}, .attrs = {.real = {2.5}}, .in = {{.4, 2}}, .plain = p_power},
    {.op = &fenp_op_power, .what = "-1.25", .shape = {ONE}, .attrs = {.real = {-1.25}}, .in = {{.5, 2}}, .plain = p_power},
    {.op = &fenp_op_power, .what = "3, of both signs", .shape = {ONE}, .attrs = {.real = {3}}, .plain = p_power},
    {.op = &fenp_op_abs, .shape = {ONE}, .flags = ROUGH, .plain = p_abs},
    {.op = &fenp_op_square, .shape = {ONE}, .plain = p_square},
    {.op = &fenp_op_sqrt, .shape = {ONE}, .in = {{.3, 2}}, .plain = p_sqrt},
    {.op = &fenp_op_exp, .shape = {ONE}, .in = {{-2, 2}}, .plain = p_exp},
    {.op = &fenp_op_expm1, .shape = {ONE}, .in = {{-2, 2}}, .plain = p_expm1},
    {.op = &fenp_op_log, .shape = {ONE}, .in = {{.3, 3}}, .plain = p_log},
    {.op = &fenp_op_log1p, .shape = {ONE}, .in = {{-.6, 2}}, .plain = p_log1p},
    {.op = &fenp_op_sin, .shape = {ONE}, .in = {{-4, 4}}, .plain = p_sin},
    {.op = &fenp_op_cos, .shape = {ONE}, .in = {{-4, 4}}, .plain = p_cos},
    {.op = &fenp_op_tanh, .shape = {ONE}, .in = {{-2, 2}}, .plain = p_tanh},
    {.op = &fenp_op_sigmoid, .shape = {ONE}, .in = {{-3, 3}}, .plain = p_sigmoid},
    {.op = &fenp_op_log_sigmoid, .shape = {ONE}, .in = {{-3, 3}}, .plain = p_log_sigmoid},
    {.op = &fenp_op_softplus, .shape = {ONE}, .in = {{-3, 3}}, .plain = p_softplus},
    {.op = &fenp_op_erf, .shape = {ONE}, .in = {{-2, 2}}, .plain = p_erf},
    {.op = &fenp_op_erf_inverse, .shape = {ONE}, .in = {{-.8, .8}}, .plain = p_erf_inverse},
    {.op = &fenp_op_lgamma, .shape = {ONE}, .in = {{.4, 4}}, .plain = p_lgamma},
    {.op = &fenp_op_lgamma, .what = "below 0", .shape = {ONE}, .in = {{-1.7, -1.3}}, .plain = p_lgamma},
    {.op = &fenp_op_polygamma, .what = "order 0", .shape = {ONE}, .in = {{1, 4}}, .plain = p_polygamma, .off = 1e-10},
    {.op = &fenp_op_polygamma, .what = "order 1", .shape = {ONE}, .attrs = {.whole = {1}}, .in = {{1, 4}}, .plain = p_polygamma, .off = 1e-9},
    {.op = &fenp_op_leaky_relu, .shape = {ONE}, .attrs = {.real = {.25}}, .flags = ROUGH, .plain = p_leaky_relu},
    {.op = &fenp_op_leaky_relu, .what = "slope 0", .shape = {ONE}, .flags = ROUGH, .plain = p_leaky_relu},
    {.op = &fenp_op_slope, .shape = {ONE}, .attrs = {.real = {.25}}, .plain = p_slope},
    {.op = &fenp_op_slope, .what = "at 0", .shape = {ONE}, .attrs = {.real = {.25}}, .flags = WHOLE, .plain = p_slope},
    {.op = &fenp_op_sign, .shape = {ONE}, .plain = p_sign},
    {.op = &fenp_op_sign, .what = "of 0", .shape = {ONE}, .flags = WHOLE, .plain = p_sign},
    {.op = &fenp_op_floor, .shape = {ONE}, .in = {{-3, 3}}, .plain = p_floor},
    {.op = &fenp_op_ceil, .shape = {ONE}, .in = {{-3, 3}}, .plain = p_ceil},
    {.op = &fenp_op_round, .shape = {ONE}, .in = {{-3, 3}}, .plain = p_round},
    {.op = &fenp_op_less, .shape = {TWO}, .plain = p_less},
    {.op = &fenp_op_less, .what = "of equals", .shape = {TWO}, .flags = WHOLE, .plain = p_less},
    {.op = &fenp_op_less_equal, .shape = {TWO}, .plain = p_less_equal},
    {.op = &fenp_op_less_equal, .what = "of equals", .shape = {TWO}, .flags = WHOLE, .plain = p_less_equal},
    {.op = &fenp_op_equal, .shape = {TWO}, .plain = p_equal},
    {.op = &fenp_op_equal, .what = "of equals", .shape = {TWO}, .flags = WHOLE, .plain = p_equal},
    {.op = &fenp_op_isfinite, .make = make_ends, .rule = ends_rule},
    {.op = &fenp_op_where, .shape = {THREE}, .in = {{-1.4, 1.4}}, .flags = ROUGH, .plain = p_where},
    {.op = &fenp_op_int_add, .shape = {"ib9", "ib9"}, .in = {{-9, 9}, {-9, 9}}, .plain = p_add},
    {.op = &fenp_op_int_sub, .shape = {"ib9", "ib9"}, .in = {{-9, 9}, {-9, 9}}, .plain = p_sub},
    {.op = &fenp_op_int_mul, .shape = {"ib9", "ib9"}, .in = {{-9, 9}, {-9, 9}}, .plain = p_mul},
    {.op = &fenp_op_int_remainder, .shape = {"ib9", "ib9"}, .in = {{-9, 9}, {1, 5}}, .plain = p_remainder},
    {.op = &fenp_op_int_remainder, .what = "by less than 0", .shape = {"ib9", "ib9"}, .in = {{-9, 9}, {-5, -1}}, .plain = p_remainder},
    {.op = &fenp_op_int_max, .shape = {"ib9", "ib9"}, .in = {{-3, 3}, {-3, 3}}, .plain = p_max},
    {.op = &fenp_op_int_min, .shape = {"ib9", "ib9"}, .in = {{-3, 3}, {-3, 3}}, .plain = p_min},
    {.op = &fenp_op_int_less, .shape = {"ib9", "ib9"}, .in = {{-2, 2}, {-2, 2}}, .plain = p_less},
    {.op = &fenp_op_int_less_equal, .shape = {"ib9", "ib9"}, .in = {{-2, 2}, {-2, 2}}, .plain = p_less_equal},
    {.op = &fenp_op_int_equal, .shape = {"ib9", "ib9"}, .in = {{-2, 2}, {-2, 2}}, .plain = p_equal},
    {.op = &fenp_op_int_where, .shape = {"ib9", "ib9", "ib9"}, .in = {{-1.4, 1.4}, {-9, 9}, {-9, 9}}, .plain = p_where},
    {.op = &fenp_op_to_real, .shape = {"ib9"}, .in = {{-9, 9}}, .plain = p_itself},
    {.op = &fenp_op_to_integer, .shape = {ONE}, .in = {{-9, 9}}, .plain = p_truncate},
    {.op = &fenp_op_cast, .what = "to double", .shape = {ONE}, .attrs = {.whole = {1}}, .flags = NARROW, .plain = p_itself},
    {.op = &fenp_op_cast, .what = "to single", .shape = {ONE}, .flags = WIDE, .plain = p_itself},
};
#undef ONE
#undef TWO
#undef THREE
