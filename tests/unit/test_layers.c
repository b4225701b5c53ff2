/* Built-in functions with parameters, states and inner layers, on verbs of the test's own: layers forth and back with their log|det| against the
 * determinant of the Jacobian, normalisations, optimisers against loops, and every function with every verb failing. */
#include "function.h"

/* ---- parameters, states, inner layers ---- */
typedef struct kept { char name[32]; fen_node *now, *next; double first; } kept;
static kept keeps[16];
static int n_keeps;
static double spread(int64_t i) { return 6 * (double)((uint32_t)(i + 1) * 2654435761u >> 8) / 16777216 - 3; }   /* in (-3, 3) */

static kept *keep(const char *name) {
    for (int i = 0; i < n_keeps; i++)
        if (strcmp(keeps[i].name, name) == 0) return &keeps[i];
    kept *k = &keeps[n_keeps++];
    *k = (kept){.now = NULL};
    snprintf(k->name, sizeof k->name, "%s", name);
    return k;
}
static fen_node *filled(fen_builder *b, fen_shape s, double constant, double factor) {
    fen_node *x = fenp_feed_new(b, "kept", s, FEN_REAL, b->doubles || !s.rank, FENP_ON_STORE, NULL);
    if (fenp_is_faulty(b, x)) return x;
    double *v = fenp_new((size_t)fenp_count(&s) * sizeof *v);
    for (int64_t i = 0; i < fenp_count(&s); i++) v[i] = constant + factor * spread(i + 77);
    feed(&e, x, v);
    fenp_delete(v);
    return x;
}
fen_node *fen_param(fen_builder *b, const char *name, fen_shape shape, const char *init) {
    kept *k = keep(name);
    int i;
    FEN_TRUE(!init || fenp_attribute(b->call->function, init, &i));
    if (!k->now) k->now = filled(b, shape, 0, 0.3);
    FEN_TRUE(fenp_is_faulty(b, k->now) || fenp_same(&shape, &k->now->shape));
    return k->now;
}
fen_node *fen_param_from(fen_builder *b, const char *name, fen_node *first) {
    (void)b;
    kept *k = keep(name);
    if (!k->now) k->now = first;
    return k->now;
}
fen_node *fen_state(fen_builder *b, const char *name, fen_shape shape, double first) {
    kept *k = keep(name);
    if (!k->now) k->now = filled(b, shape, first, 0);
    k->first = first;
    return k->now;
}
void fen_state_set(fen_builder *b, const char *name, fen_node *next) { (void)b; keep(name)->next = next; }
fen_node *fen_layers(fen_builder *b, const char *attribute, fen_node *x, const char *bound, int64_t value) {
    FEN_TEXT(attribute, "net");
    FEN_TEXT(bound, "out");
    int64_t n = fen_feature(x, -1);
    double *w = fenp_new((size_t)(n * value) * sizeof *w);
    for (int64_t i = 0; i < n * value; i++) w[i] = 0.2 * spread(i + 5);
    fen_node *y = fen_tanh(b, fen_linear(b, x, fen_constants(b, FEN_REAL, fen_matrix(n, value), w)));
    fenp_delete(w);
    return y;
}
static fen_builder *start(int64_t rows, fen_mode mode) {
    n_keeps = 0;
    fen_builder *b = begin_as(true, mode);
    b->axis[0].size = rows;
    return b;
}
static fen_node *spread_values(int64_t n, double factor) {
    int64_t count = e.b->axis[0].size * n;
    double *x = fenp_new((size_t)count * sizeof *x);
    for (int64_t i = 0; i < count; i++) x[i] = factor * spread(i);
    fen_node *node = values(true, n, x);
    fenp_delete(x);
    return node;
}

/* ---- log |det| ---- */
static double log_det_of(double *a, int n) {
    double sum = 0;
    for (int k = 0; k < n; k++) {
        int p = k;
        for (int i = k + 1; i < n; i++) if (fabs(a[i * n + k]) > fabs(a[p * n + k])) p = i;
        for (int j = 0; j < n; j++) { double t = a[k * n + j]; a[k * n + j] = a[p * n + j]; a[p * n + j] = t; }
        sum += log(fabs(a[k * n + k]));
        for (int i = k + 1; i < n; i++) {
            double f = a[i * n + k] / a[k * n + k];
            for (int j = k; j < n; j++) a[i * n + j] -= f * a[k * n + j];
        }
    }
    return sum;
}
typedef struct variant { const char *name, *mask, *scale; double keep; int rank; int64_t size[3]; bool whole; } variant;
/* Rows 0 and 1: the Jacobian by gradients of each element of y. actnorm starts from the batch: its parameters are held. */
static void check_inverse(const variant *v) {
    fen_builder *b = start(5, FEN_TRAIN);
    fen_shape s = fen_features(v->rank, v->size);
    int n = (int)fen_row_size(&s);
    fen_node *x = fen_reshape(b, spread_values(n, 0.5), s), *grad[16];
    if (strcmp(v->name, "actnorm") == 0) {
        keep("bias")->now = filled(b, fen_vector(v->size[v->rank - 1]), 0, 0.2);
        keep("log_scale")->now = filled(b, fen_vector(v->size[v->rank - 1]), 0, 0.2);
    }
    fenp_call *c = call_of(v->name);
    if (v->mask) { word(c, "mask", v->mask); number(c, "keep", v->keep); }
    if (v->scale) word(c, "scale", v->scale);
    give(c, "x", x);
    fen_node *y = run(c), *back = run_back(c, &y, 1), *flat = fen_reshape(b, y, fen_vector(n));
    for (int i = 0; i < n; i++) grad[i] = fen_gradient(b, fen_slice(b, flat, 0, i, 1, 1), x);
    run_all(&e);
    double off = 0;
    for (int64_t i = 0; i < 5 * n; i++) off = fmax(off, fabs(at(&e, back, i) - at(&e, x, i)));
    fen_test_say(off < 1e-10, __LINE__, __FILE__, "%s %s %s: back is off by %g", v->name, v->mask ? v->mask : "", v->scale ? v->scale : "", off);
    for (int row = 0; row < 2; row++) {
        double jacobian[256], account = 0;
        for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) jacobian[i * n + j] = at(&e, grad[i], row * n + j);
        double want = log_det_of(jacobian, n);
        if (c->log_det) account = at(&e, c->log_det, c->log_det->shape.rank ? row : 0);
        fen_test_say(fabs(want - account) < 1e-9, __LINE__, __FILE__, "%s %s %s keep %g: log|det| %.12g, by the Jacobian %.12g", v->name, v->mask
            ? v->mask : "", v->scale ? v->scale : "", v->keep, account, want);
    }
    end();
}
static void inverses(void) {
    static const variant row[] = {
        {.name = "leaky_relu", .rank = 1, .size = {4}}, {.name = "tanh", .rank = 2, .size = {2, 2}}, {.name = "sigmoid", .rank = 1, .size = {4}},
        {.name = "flatten", .rank = 3, .size = {2, 1, 3}}, {.name = "permute", .rank = 1, .size = {7}}, {.name = "reverse", .rank = 2, .size = {2,
            3}},
        {.name = "scaling", .rank = 3, .size = {2, 2, 3}}, {.name = "actnorm", .rank = 3, .size = {2, 2, 3}}, {.name = "actnorm", .rank = 1,
            .size = {3}},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) check_inverse(&row[i]);
}
static void couplings(void) {
    static const char *const mask[] = {"alternate", "channel", "checkerboard"}, *const scale[] = {"exp", "sigmoid", NULL};
    for (int k = 0; k < 18; k++) {
        variant v = {.name = k % 3 == 2 ? "additive_coupling" : "affine_coupling", .mask = mask[k / 3 % 3], .scale = scale[k % 3], .keep = k / 9,
            .rank = 1, .size = {5}};
        if (k / 3 % 3 == 2) v = (variant){v.name, v.mask, v.scale, v.keep, 3, {2, 3, 2}, false};
        check_inverse(&v);
    }
}

/* ---- layers ---- */
static void dense(void) {
    for (int bias = 0; bias < 2; bias++) {
        start(7, FEN_TRAIN);
        fenp_call *c = call_of("dense");
        number(c, "units", 3);
        number(c, "bias", bias);
        fen_node *x = fen_reshape(e.b, spread_values(8, 1), fen_matrix(2, 4));
        give(c, "x", x);
        fen_node *y = run(c);
        run_all(&e);
        FEN_COUNT(y->shape.rank, 3);
        for (int64_t i = 0; i < 14; i++)
            for (int64_t u = 0; u < 3; u++) {
                double want = bias ? at(&e, keep("bias")->now, u) : 0;
                for (int64_t k = 0; k < 4; k++) want += at(&e, x, 4 * i + k) * at(&e, keep("weight")->now, 3 * k + u);
                FEN_NEAR(at(&e, y, 3 * i + u), want, 1e-12);
            }
        FEN_COUNT(n_keeps, 1 + bias);
        end();
    }
}
static void embedding(void) {
    start(6, FEN_TRAIN);
    fen_node *i = fenp_feed_new(e.b, "i", (fen_shape){.leads = 1, .rank = 1, .size = {6}}, FEN_INTEGER, false, FENP_ON_DRAW, NULL);
    static const double index[] = {3, 0, 4, 4, 1, 2};
    feed(&e, i, index);
    fenp_call *c = call_of("embedding");
    number(c, "size", 5);
    number(c, "units", 2);
    give(c, "i", i);
    fen_node *y = run(c);
    run_all(&e);
    for (int k = 0; k < 6; k++) for (int u = 0; u < 2; u++) FEN_NEAR(at(&e, y, 2 * k + u), at(&e, keep("table")->now, 2 * (int64_t)index[k] + u), 0);
    end();
}
static void batch_norm(void) {
    static const fen_mode modes[] = {FEN_TRAIN, FEN_EVALUATE, FEN_INITIALISE};
    for (int k = 0; k < 3; k++) {
        start(10, modes[k]);
        fenp_call *c = call_of("batch_norm");
        number(c, "affine", k == 2);
        fen_node *x = fen_reshape(e.b, spread_values(6, 1), fen_matrix(2, 3));
        give(c, "x", x);
        fen_node *y = run(c);
        run_all(&e);
        for (int channel = 0; channel < 3; channel++) {
            double m = 0, v = 0;
            for (int i = 0; i < 20; i++) m += at(&e, x, 3 * i + channel) / 20;
            for (int i = 0; i < 20; i++) v += pow(at(&e, x, 3 * i + channel) - m, 2) / 20;
            for (int i = 0; i < 20; i++) {
                double in = at(&e, x, 3 * i + channel), want = k == 1 ? in / sqrt(1 + 1e-5) : (in - m) / sqrt(v + 1e-5);
                if (k == 2) want = want * at(&e, keep("scale")->now, channel) + at(&e, keep("shift")->now, channel);
                FEN_NEAR(at(&e, y, 3 * i + channel), want, 1e-12);
            }
            FEN_TRUE((keep("mean")->next != NULL) == (k == 0));
            if (k) continue;
            FEN_NEAR(at(&e, keep("mean")->next, channel), 0.1 * m, 1e-14);
            FEN_NEAR(at(&e, keep("variance")->next, channel), 0.9 + 0.1 * v, 1e-14);
        }
        end();
    }
}
static void actnorm_start(void) {
    start(50, FEN_INITIALISE);
    fenp_call *c = call_of("actnorm");
    give(c, "x", fen_shift(e.b, fen_reshape(e.b, spread_values(6, 3), fen_matrix(2, 3)), 4));
    fen_node *y = run(c);
    run_all(&e);
    for (int channel = 0; channel < 3; channel++) {
        double m = 0, v = 0;
        for (int i = 0; i < 100; i++) m += at(&e, y, 3 * i + channel) / 100;
        for (int i = 0; i < 100; i++) v += pow(at(&e, y, 3 * i + channel) - m, 2) / 100;
        FEN_NEAR(m, 0, 1e-12);
        FEN_NEAR(v, 1, 1e-5);
    }
    end();
}

/* ---- optimisers: six turns of a scalar loop ---- */
enum { TURNS = 6, N = 5 };
typedef struct memory { double way, square, mean; } memory;
static double adam(double p, double g, int t, memory *m) {
    m->mean = 0.9 * m->mean + 0.1 * g;
    m->square = 0.999 * m->square + 0.001 * g * g;
    return p - 0.05 * (m->mean / (1 - pow(0.9, t)) / (sqrt(m->square / (1 - pow(0.999, t))) + 1e-8) + 0.01 * p);
}
static double rmsprop(double p, double g, int t, memory *m) {
    (void)t;
    m->square = 0.99 * m->square + 0.01 * g * g;
    m->way = 0.5 * m->way + g / (sqrt(m->square) + 1e-8);
    return p - 0.05 * m->way;
}
static double sgd(double p, double g, int t, memory *m) { (void)t; m->way = 0.5 * m->way + g + 0.01 * p; return p - 0.05 * m->way; }
static double nesterov(double p, double g, int t,
    memory *m) { (void)t; g += 0.01 * p; m->way = 0.5 * m->way + g; return p - 0.05 * (g + 0.5 * m->way); }
static void optimizers(void) {
    static const struct { const char *name; double (*step)(double, double, int, memory *); double momentum, decay; bool nesterov; } row[] = {
        {"adam", adam, -1, 0.01, false}, {"rmsprop", rmsprop, 0.5, -1, false}, {"sgd", sgd, 0.5, 0.01, false}, {"sgd", nesterov, 0.5, 0.01, true}};
    for (size_t k = 0; k < sizeof row / sizeof *row; k++) {
        double p[N], g[N], want[N];
        memory m[N] = {{0, 0, 0}};
        start(2, FEN_TRAIN);
        for (int i = 0; i < N; i++) p[i] = want[i] = spread(i);
        fenp_call *c = call_of(row[k].name);
        number(c, "rate", 0.05);
        if (row[k].momentum >= 0) number(c, "momentum", row[k].momentum);
        if (row[k].decay >= 0) number(c, "decay", row[k].decay);
        if (row[k].nesterov) number(c, "nesterov", 1);
        fen_node *parameter = values(false, N, p), *gradient = values(false, N, p);
        give(c, "parameter", parameter);
        give(c, "gradient", gradient);
        fen_node *next = run(c);
        for (int t = 1; t <= TURNS; t++) {
            for (int i = 0; i < N; i++) { g[i] = sin(p[i]) + 0.1 * spread(i + 9 * t); want[i] = row[k].step(want[i], g[i], t, &m[i]); }
            feed(&e, parameter, p);
            feed(&e, gradient, g);
            run_all(&e);
            for (int i = 0; i < N; i++) p[i] = at(&e, next, i);
            for (int i = 0; i < N; i++) fen_test_say(fabs(p[i] - want[i]) < 1e-12, __LINE__, __FILE__, "%s, turn %d: %.15g, needed %.15g",
                row[k].name, t, p[i], want[i]);
            for (int j = 0; j < n_keeps; j++) {                      /* states move on */
                double v[N];
                for (int64_t i = 0; i < fenp_count(&keeps[j].now->shape); i++) v[i] = at(&e, keeps[j].next, i);
                feed(&e, keeps[j].now, v);
            }
        }
        end();
    }
}

/* ---- every function, every verb failing ---- */
/* A call with something at every input and attribute; NULL: it needs the language (nodes, samplers, records). */
static fenp_call *any_call(const fen_function *f) {
    fenp_call *c = call_of(f->name);
    c->drawn = strcmp(f->name, "identity") == 0 ? fen_matrix(4, 4) : (fen_shape){.leads = 1, .rank = 1, .size = {e.b->axis[0].size}};
    c->draws = true;
    for (int i = 0; i < fenp_attributes(f->attributes); i++) {
        const fen_attribute *a = &f->attributes[i];
        if (a->type == FEN_ATTR_SAMPLER || a->type == FEN_ATTR_NODE || a->type == FEN_ATTR_NETWORK || a->type == FEN_ATTR_RECORDS) return NULL;
        c->argument[i].given = true;
        if (!a->initial) c->argument[i].whole = 4;
        if (a->type == FEN_ATTR_SHAPE) c->argument[i].shape = strcmp(f->name, "reshape") == 0 ? fen_matrix(2, 2) : fen_vector(4);
    }
    for (int i = 0; i < fenp_ports(f->inputs); i++) {
        const fen_port *p = &f->inputs[i];
        if (p->type == FEN_INTEGER) c->input[i] = fenp_integer(e.b, 2);
        else if (!p->optional && !p->initial) give(c, p->name, p->shape[1] == ';' ? filled(e.b, strstr(p->shape, "K, D") ? fen_matrix(4, 4)
            : fen_vector(4), 0, 1) : spread_values(4, 1));
        else if (strcmp(p->name, "probability") == 0 || strcmp(p->name, "probabilities") == 0) give(c, p->name, filled(e.b, fen_vector(4), 0.25, 0));
    }
    return c;
}
/* The number of verbs of f's build; fails the n-th, -1: none. */
static long attempt(const fen_function *f, long fail_at) {
    fen_builder *b = start(3, FEN_TRAIN);
    fenp_call *c = any_call(f);
    long before = b->verbs, verbs = 0;
    if (c) {
        b->fail_at = fail_at > 0 ? before + fail_at : 0;
        run(c);
        verbs = b->verbs - before;
        const char *text = faults.n ? faults.at[0].text : "";
        if (fail_at < 0) fen_test_say(faults.n == 0, __LINE__, __FILE__, "%s: %s", f->name, text);
        else fen_test_say(faults.n == 1 && strstr(text, "injected"), __LINE__, __FILE__, "%s, verb %ld: %d faults, %s", f->name, fail_at, faults.n,
            faults.n > 1 ? faults.at[1].text : text);
        faults.n = 0;
    }
    end();
    return verbs;
}
static void failing_verbs(void) {
    const char *const *name = fenp_function_names();
    int functions = 0;
    for (int i = 0; name[i]; i++) {
        const fen_function *f = fenp_function_find(name[i], NULL);
        if (!f->build) continue;
        long n = attempt(f, -1);
        functions += n > 0;
        for (long k = 1; k <= n; k++) attempt(f, k);
    }
    FEN_TRUE(functions >= 40);
}

int main(void) {
    static const fen_test tests[] = {{"inverses", inverses}, {"couplings", couplings}, {"dense", dense}, {"embedding", embedding}, {"batch norm",
        batch_norm},
                                     {"actnorm start", actnorm_start}, {"optimizers", optimizers}, {"failing verbs", failing_verbs}, {NULL, NULL}};
    fenp_registry_open();
    return fen_test_run("layers", tests);
}
