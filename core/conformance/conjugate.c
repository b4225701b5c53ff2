/* conjugate.c: an f-divergence at 10 000 points each: f(1) = 0; Fenchel-Young, f(u) + f*(t) >= u t, for t = g(v), equal at t = f'(u); g leads from
 * any v into the domain of f*; f and f* are convex; f' is the slope of f by differences; each is elementwise. */
#include "conformance/conformance.h"
#include <math.h>

enum { POINTS = 10000 };
typedef struct functions {
    fenp_trial t;
    fen_node *in, *f, *slope, *conjugate, *activation; /* each of the same input */
    fenp_engine *e;
} functions;
typedef enum part { F, SLOPE, CONJUGATE, ACTIVATION, PARTS } part;
static const char *const name[PARTS] = {"f", "f'", "f*", "g"};

static bool open_functions(fenp_check *c, functions *k) {
    const fen_conjugate *j = c->subject->function->conjugate;
    fen_node *(*const make[])(fen_builder *, fen_node *) = {j->f, j->slope, j->conjugate, j->activation};
    fen_node *target[PARTS];
    fenp_setup s = {.batch = POINTS, .leads = 1, .mode = FEN_TRAIN, .doubles = true};
    fen_function alone = *c->subject->function;
    fenp_subject subject = *c->subject;
    alone.build = NULL;
    alone.inputs = alone.outputs = NULL;
    subject.function = &alone;
    fenp_trial_open(&k->t, &subject, &s, 0);
    if (k->t.faults.n) return false;
    k->in = fenp_feed_new(k->t.b, "u", (fen_shape){.leads = 1, .rank = 1, .size = {POINTS}}, FEN_REAL, true, FENP_ON_DRAW, NULL);
    for (int i = 0; i < PARTS; i++) {
        target[i] = make[i](k->t.b, k->in);
        if (k->t.faults.n || !target[i]) fenp_find(c, "%s cannot be built: %s", name[i], k->t.faults.n ? k->t.faults.at[0].text : "it is NULL");
        else if (!fenp_same(&target[i]->shape, &k->in->shape))
            fenp_find(c, "%s gives %s of %s; needs one number for each", name[i], fenp_shape_text(k->t.b, target[i]->shape, (char[160]){0}),
                      fenp_shape_text(k->t.b, k->in->shape, (char[160]){0}));
        if (c->findings) return false;
    }
    k->e = fenp_engine_new(c, k->t.b, target, PARTS);
    return k->e != NULL;
}
/* All four at x: value[part * POINTS + i]. */
static void evaluate(functions *k, const double *x, double *value) {
    fenp_engine_feed(k->e, k->in, x);
    fenp_engine_values(k->e, 0, value);
}
static double u_at(int i) { return i == 0 ? 1 : exp(1.5 * fenp_normal_at(21, (uint64_t)i)); }
static double v_at(int i) { return i % 2 ? 3 * fenp_normal_at(22, (uint64_t)i) : 30 * (2 * fenp_uniform_at(23, (uint64_t)i) - 1); }

typedef struct tables {
    double u[POINTS], v[POINTS], of_u[PARTS * POINTS], of_v[PARTS * POINTS], t[POINTS], of_t[PARTS * POINTS], of_slope[PARTS * POINTS],
        moved[PARTS * POINTS], work[POINTS];
} tables;

static void check_start(fenp_check *c, const tables *k) {
    if (!(fabs(k->of_u[0]) <= 1e-12)) fenp_find(c, "f(1): given %.12g, needed 0", k->of_u[0]);
    for (int i = 0; i < POINTS; i++) {
        if (isfinite(k->of_u[i]) && isfinite(k->of_u[SLOPE * POINTS + i])) continue;
        fenp_find(c, "%s(%.12g) is not finite; needs every u > 0", isfinite(k->of_u[i]) ? "f'" : "f", k->u[i]);
        return;
    }
}
static void check_range(fenp_check *c, const tables *k) {
    for (int i = 0; i < POINTS; i++) {
        if (isfinite(k->t[i]) && isfinite(k->of_t[CONJUGATE * POINTS + i])) continue;
        fenp_find(c, "f*(g(%.12g)) = f*(%.12g) is not finite; g must lead into the domain of f*", k->v[i], k->t[i]);
        return;
    }
}
static void check_inequality(fenp_check *c, const tables *k) {
    for (int i = 0; i < POINTS; i++) {
        double f = k->of_u[i], g = k->of_t[CONJUGATE * POINTS + i], product = k->u[i] * k->t[i], gap = f + g - product;
        if (gap >= -1e-9 * (1 + fabs(f) + fabs(g) + fabs(product)) || !isfinite(gap)) continue;
        fenp_find(c, "Fenchel-Young at u = %.12g, t = %.12g: f(u) + f*(t) - u t given %.6g, needed at least 0", k->u[i], k->t[i], gap);
        return;
    }
}
static void check_equality(fenp_check *c, const tables *k) {
    for (int i = 0; i < POINTS; i++) {
        double f = k->of_u[i], t = k->of_u[SLOPE * POINTS + i], g = k->of_slope[CONJUGATE * POINTS + i], product = k->u[i] * t, gap = f + g - product;
        if (fabs(gap) <= 1e-8 * (1 + fabs(f) + fabs(g) + fabs(product))) continue;
        fenp_find(c, "Fenchel-Young at u = %.12g, t = f'(u) = %.12g: f(u) + f*(t) - u t given %.6g, needed 0", k->u[i], t, gap);
        return;
    }
}
/* The middle of pairs lies below the chord. */
static void check_convex(fenp_check *c, functions *k, tables *w, part which, const double *x, const double *of_x) {
    for (int i = 0; i < POINTS; i++) w->work[i] = (x[i] + x[(i + 1) % POINTS]) / 2;
    evaluate(k, w->work, w->moved);
    for (int i = 0; i < POINTS; i++) {
        double a = of_x[i], b = of_x[(i + 1) % POINTS], m = w->moved[(int)which * POINTS + i];
        if (m <= (a + b) / 2 + 1e-9 * (1 + fabs(a) + fabs(b)) || !isfinite(a + b)) continue;
        fenp_find(c, "%s is not convex: at %.12g given %.12g, needed at most %.12g, the middle of the chord", name[which], w->work[i], m,
                  (a + b) / 2);
        return;
    }
}
static void check_slope(fenp_check *c, functions *k, tables *w) {
    static const double at[] = {-2, -1, 1, 2}, factor[] = {1, -8, 8, -1};
    double *sum = fenp_new(POINTS * sizeof *sum);
    for (int j = 0; j < 4; j++) {
        for (int i = 0; i < POINTS; i++) w->work[i] = w->u[i] * (1 + 1e-3 * at[j]);
        evaluate(k, w->work, w->moved);
        for (int i = 0; i < POINTS; i++) sum[i] += factor[j] * w->moved[i] / (12e-3 * w->u[i]);
    }
    for (int i = 0; i < POINTS; i++) {
        double given = w->of_u[SLOPE * POINTS + i];
        if (fabs(given - sum[i]) <= 1e-7 * (1 + fabs(given) + fabs(w->of_u[i] / w->u[i]))) continue;
        fenp_find(c, "f'(%.12g): given %.12g, needed %.12g (f by differences)", w->u[i], given, sum[i]);
        break;
    }
    fenp_delete(sum);
}
static void check_gradients(fenp_check *c) {
    const fen_conjugate *j = c->subject->function->conjugate;
    fen_node *(*const make[])(fen_builder *, fen_node *) = {j->f, j->slope, j->conjugate, j->activation};
    for (int i = 0; i < PARTS; i++) {
        double x[6];
        fenp_faults faults = {0};
        fenp_store *store = fenp_store_new(true);
        fen_builder *b = fenp_builder_new(store, FEN_TRAIN, true, &faults);
        fen_node *in = fenp_feed_new(b, "x", fen_vector(6), FEN_REAL, true, FENP_ON_DRAW, NULL);
        for (int k = 0; k < 6; k++) x[k] = i < CONJUGATE ? u_at(k + 1) : v_at(2 * k + 1);
        fen_node *y = i == CONJUGATE ? j->conjugate(b, j->activation(b, in)) : make[i](b, in);
        fenp_variable v = {.name = i < CONJUGATE ? "u" : "v", .node = in, .value = x, .count = 6};
        const fenp_slope s = {.b = b, .x = &v, .n = 1, .y = y, .name = i == CONJUGATE ? "f*(g(v))" : name[i], .where = ""};
        if (!faults.n) fenp_slope_check(c, &s);
        fenp_builder_free(b);
        fenp_store_free(store);
        fenp_faults_free(&faults);
    }
}
void fenp_test_conjugate(fenp_check *c) {
    functions k = {.in = NULL};
    tables *w = fenp_new(sizeof *w);
    if (open_functions(c, &k)) {
        for (int i = 0; i < POINTS; i++) {
            w->u[i] = u_at(i);
            w->v[i] = v_at(i);
        }
        evaluate(&k, w->u, w->of_u);
        evaluate(&k, w->v, w->of_v);
        for (int i = 0; i < POINTS; i++) w->t[i] = w->of_v[ACTIVATION * POINTS + i];
        evaluate(&k, w->t, w->of_t);
        evaluate(&k, w->of_u + SLOPE * POINTS, w->of_slope);
        check_start(c, w);
        check_range(c, w);
        check_inequality(c, w);
        check_equality(c, w);
        check_convex(c, &k, w, F, w->u, w->of_u);
        check_convex(c, &k, w, CONJUGATE, w->t, w->of_t + CONJUGATE * POINTS);
        check_slope(c, &k, w);
        check_gradients(c);
    }
    fenp_engine_free(k.e);
    fenp_trial_close(&k.t);
    fenp_delete(w);
}
