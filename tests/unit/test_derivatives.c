/* Derivatives of every op (op_examples.h), and of some verbs that are several ops, in double against differences of fourth order; and all
 * of these in single against double. With y the value of an example, p its inputs and u a fixed weight for every value:
 *   order 1: d<u, y>/dp;   order 2: d<u', that>/dp and /du;   order 3: d<u'', that>/dp, where there are no kinks.
 * Nothing but the op and its vjp stands between p and what is compared: the weights are the seeds of the sweeps, sums are done here. */
#include "test.h"
#include "op_examples.h"

enum { MOST_VARIABLES = 2 * MOST_INPUTS, MOST_STAGES = 40 };
/* One sweep: of a value `of` weighted by `seed`, the derivatives `d` by the first n variables. */
typedef struct stage { fen_node *of, *seed, *d[MOST_VARIABLES]; int order, n; } stage;
typedef struct sweeps { built c; fen_node *variable[MOST_STAGES]; int variables; stage at[MOST_STAGES]; int n; } sweeps;

static const double step = 1.0 / 512, most_off[] = {0, 1e-8, 1e-7, 1e-6};

static bool is_zero(const fen_node *x) { return x->op == &fenp_op_fill && x->attrs.real[0] == 0; }
static double seed_value(int variable, int k) { return floor((.75 + .5 * example_noise(31 + 100 * (unsigned)variable + (unsigned)k)) * 4096) / 4096; }

/* Variables: the real inputs, then the seed of the first sweep; later seeds are no variables, they would show the same. */
static void add_stage(sweeps *s, fen_node *of, int order) {
    fen_builder *b = s->c.e.b;
    if (of->type != FEN_REAL || is_zero(of) || s->n == MOST_STAGES) return;
    stage *t = &s->at[s->n++];
    bool reached[MOST_VARIABLES];
    *t = (stage){.of = of, .order = order, .n = s->variables};
    t->seed = fenp_feed_new(b, "seed", of->shape, FEN_REAL, of->wide, FENP_ON_DRAW, NULL);
    fenp_gradients(b, of, t->seed, s->variable, t->n, t->d, reached);
}
static void sweep(sweeps *s, const op_example *x, bool doubles) {
    *s = (sweeps){.n = 0};
    build_example(&s->c, x, doubles);
    for (int i = 0; i < s->c.n; i++) if (s->c.p[i]->type == FEN_REAL) s->variable[s->variables++] = s->c.p[i];
    if (!s->variables || s->c.faults.n) return;
    add_stage(s, s->c.y, 1);
    if (!s->n) return;
    int inputs = s->variables, first = s->n, second;
    s->variable[s->variables++] = s->at[0].seed;
    for (int i = 0; i < inputs; i++) add_stage(s, s->at[0].d[i], 2);
    second = s->n;
    for (int k = first; k < second && !(x->flags & ROUGH); k++)
        for (int i = 0; i < inputs; i++) add_stage(s, s->at[k].d[i], 3);
}
static void fill_in(sweeps *s) {
    double value[MOST_ELEMENTS];
    for (int i = 0; i < s->c.n; i++) {
        for (int k = 0; k < (int)fenp_count(&s->c.p[i]->shape); k++) value[k] = example_value(s->c.example, i, k);
        feed(&s->c.e, s->c.p[i], value);
    }
    for (int i = 0; i < s->n; i++) {
        for (int k = 0; k < (int)fenp_count(&s->at[i].seed->shape); k++) value[k] = seed_value(i, k);
        feed(&s->c.e, s->at[i].seed, value);
    }
    run_all(&s->c.e);
}
static double weighted(const sweeps *s, const stage *t) {
    double sum = 0;
    for (int64_t k = 0; k < fenp_count(&t->of->shape); k++) sum += at(&s->c.e, t->of, k) * at(&s->c.e, t->seed, k);
    return sum;
}
/* d<seed, of> of every stage by element k of a variable, by differences of fourth order. */
static void differences(sweeps *s, const fen_node *variable, int k, double *d) {
    const double factor[] = {1, -8, 8, -1}, at_step[] = {-2, -1, 1, 2}, here = at(&s->c.e, variable, k);
    for (int i = 0; i < s->n; i++) d[i] = 0;
    for (int j = 0; j < 4; j++) {
        set(variable, s->c.e.data[variable->id], k, here + at_step[j] * step);
        run_all(&s->c.e);
        for (int i = 0; i < s->n; i++) d[i] += factor[j] * weighted(s, &s->at[i]) / (12 * step);
    }
    set(variable, s->c.e.data[variable->id], k, here);
    run_all(&s->c.e);
}
static void against_differences(const op_example *x) {
    sweeps s;
    double d[MOST_STAGES], worst[4] = {0}, largest[MOST_STAGES], off[MOST_STAGES] = {0};
    bool stopped = x->op && (x->op->flags & FEN_FLAT) && (x->op->flags & FEN_VIEW);      /* flat by declaration: 0, whatever moves */
    if (x->flags & WHOLE) return;             /* on kinks; the table has it without, see test_registry */
    sweep(&s, x, true);
    fen_test_say(s.c.faults.n == 0, __LINE__, __FILE__, "%s: %s", name_of_example(x), s.c.faults.n ? s.c.faults.at[0].text : "");
    if (!s.c.faults.n) fill_in(&s);
    for (int i = 0; i < s.n; i++) largest[i] = 1e-2;
    for (int v = 0; v < s.variables && !s.c.faults.n; v++)
        for (int k = 0; k < (int)fenp_count(&s.variable[v]->shape); k++) {
            differences(&s, s.variable[v], k, d);
            for (int i = 0; i < s.n; i++) {
                if (v >= s.at[i].n) continue;
                double error = fabs((stopped ? 0 : d[i]) - at(&s.c.e, s.at[i].d[v], k));
                if (!(error <= off[i])) off[i] = error;
                if (fabs(d[i]) > largest[i]) largest[i] = fabs(d[i]);
            }
        }
    fen_test_say(!s.c.e.outside, __LINE__, __FILE__, "%s: %s writes behind its value", name_of_example(x), s.c.e.outside ? s.c.e.outside : "");
    for (int i = 0; i < s.n; i++)
        if (!(off[i] / largest[i] <= worst[s.at[i].order])) worst[s.at[i].order] = off[i] / largest[i];
    for (int order = 1; order <= 3; order++)
        fen_test_say(worst[order] <= most_off[order], __LINE__, __FILE__, "%s: derivative of order %d is off by %g of its largest, at most %g",
            name_of_example(x), order, worst[order], most_off[order]);
    free_example(&s.c);
}
static void derivatives_by_differences(void) { each_example(against_differences); }

/* How far single may be from double, relative to the largest element: units of 2^-24, by the order of the derivative. */
static const double units[] = {8, 16, 64, 128};
static double worst_units[4];
static void compare_precisions(const sweeps *one, const sweeps *two, const fen_node *x, const fen_node *y, int order) {
    double worst = 0, largest = 1e-2;
    const op_example *example = one->c.example;
    for (int64_t k = 0; k < fenp_count(&x->shape); k++) {
        double v = at(&one->c.e, x, k), w = at(&two->c.e, y, k), error = v == w || (v != v && w != w) ? 0 : fabs(v - w);
        if (!(error <= worst)) worst = error;
        if (fabs(w) > largest) largest = fabs(w);
    }
    double found = worst / largest * 0x1p24;
    if (found > worst_units[order]) worst_units[order] = found;
    fen_test_say(found <= units[order], __LINE__, __FILE__, "%s: order %d: single differs from double by %g units of 2^-24, at most %g",
        name_of_example(example), order, found, units[order]);
    bool own = example->flags & (NARROW | WIDE), constant = !x->op->arity;
    fen_test_say(own || constant || x->type != FEN_REAL || x->wide == !x->shape.rank, __LINE__, __FILE__, "%s: order %d: is not single",
        name_of_example(example), order);
}
static void precisions(const op_example *x) {
    sweeps one, two;
    if (x->op == &fenp_op_faulty) return;
    sweep(&one, x, false);
    sweep(&two, x, true);
    one.c.e.draw = two.c.e.draw = 7;
    fill_in(&one);
    fill_in(&two);
    fen_test_say(one.c.faults.n == 0 && one.n == two.n, __LINE__, __FILE__, "%s: single has other derivatives than double", name_of_example(x));
    compare_precisions(&one, &two, one.c.y, two.c.y, 0);
    for (int i = 0; i < one.n && i < two.n; i++)
        for (int v = 0; v < one.at[i].n; v++) compare_precisions(&one, &two, one.at[i].d[v], two.at[i].d[v], one.at[i].order);
    free_example(&one.c);
    free_example(&two.c);
}
static void single_against_double(void) {
    each_example(precisions);
    printf("      single against double, units of 2^-24 of the largest: value %.3g, derivatives %.3g, %.3g, %.3g\n", worst_units[0], worst_units[1],
        worst_units[2], worst_units[3]);
}

/* At a kink the derivative is that of a fixed side: what `at` is given, what it must be. */
typedef struct kink { const fen_op *op; const char *what; double a, at[2], slope[2]; } kink;
static void at_kinks(void) {
    static const kink kinks[] = {
        {&fenp_op_abs, "at 0", 0, {0}, {0}}, {&fenp_op_leaky_relu, "at 0", .25, {0}, {.25}}, {&fenp_op_leaky_relu, "slope 0 at 0", 0, {0}, {0}},
        {&fenp_op_max, "of equals", 0, {2, 2}, {1, 0}}, {&fenp_op_min, "of equals", 0, {2, 2}, {1, 0}},
        {&fenp_op_power, "0 at 0", 0, {0}, {0}}, {&fenp_op_power, "2 at 0", 2, {0}, {0}},
        {&fenp_op_power2, "0^1.5", 0, {0, 1.5}, {0, 0}}, {&fenp_op_remainder, "4 by 2", 0, {4, 2}, {1, -2}},
    };
    for (size_t i = 0; i < sizeof kinks / sizeof *kinks; i++) {
        const kink *k = &kinks[i];
        built c;
        fen_node *g[2];
        bool reached[2];
        build_example(&c, &(op_example){.op = k->op, .shape = {"1", k->op->arity == 2 ? "1" : NULL}, .attrs = {.real = {k->a}}}, true);
        fenp_gradients(c.e.b, c.y, NULL, c.p, c.n, g, reached);
        for (int v = 0; v < c.n; v++) feed(&c.e, c.p[v], &k->at[v]);
        run_all(&c.e);
        for (int v = 0; v < c.n; v++)
            fen_test_say(at(&c.e, g[v], 0) == k->slope[v], __LINE__, __FILE__, "%s (%s): derivative by input %d is %g, needs %g", k->op->name, k->what,
                v, at(&c.e, g[v], 0), k->slope[v]);
        free_example(&c);
    }
}

/* The derivative of a norm is 0 where the norm is, of logsumexp where all is -inf; no order gives NaN. */
static void corner(const op_example *x, double value, bool exponential) {
    built c;
    double in[MOST_ELEMENTS];
    build_example(&c, x, true);
    for (int i = 0; i < 24; i++) in[i] = i < 12 ? value : example_value(x, 0, i);
    fen_node *p = c.p[0], *y = exponential ? fen_exp(c.e.b, c.y) : c.y, *g, *h;
    bool reached;
    fenp_gradients(c.e.b, y, NULL, &p, 1, &g, &reached);
    fenp_gradients(c.e.b, fen_square(c.e.b, g), NULL, &p, 1, &h, &reached);
    feed(&c.e, p, in);
    run_all(&c.e);
    for (int i = 0; i < 24; i++) {
        double slope = at(&c.e, g, i), bend = at(&c.e, h, i);
        bool good = (i < 12 ? slope == 0 : fabs(slope) > 1e-3) && isfinite(bend);
        fen_test_say(good, __LINE__, __FILE__, "%s where all is %g: derivative %d is %g, the second %g", name_of_example(x), value, i, slope, bend);
    }
    fen_test_say(at(&c.e, c.y, 0) == value, __LINE__, __FILE__, "%s where all is %g: is %g", name_of_example(x), value, at(&c.e, c.y, 0));
    free_example(&c);
}
static void corners(void) {
    corner(&(op_example){.what = "norm", .shape = {"b34"}, .make = make_norm}, 0, false);
    corner(&(op_example){.op = &fenp_op_reduce_logsumexp, .shape = {"b34"}, .attrs = {.whole = {4}}}, -INFINITY, true);
}

int main(void) {
    const fen_test tests[] = {{"orders 1, 2 and 3 against differences", derivatives_by_differences}, {"single against double", single_against_double},
                              {"at kinks", at_kinks}, {"corners", corners}, {NULL, NULL}};
    return fen_test_run("derivatives", tests);
}
