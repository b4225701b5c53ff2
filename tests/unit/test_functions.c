/* Built-in functions that hold no parameters against closed forms, finite differences, quadrature and counting. */
#include "function.h"

static double spread(int64_t i) { return 6 * (double)((uint32_t)(i + 1) * 2654435761u >> 8) / 16777216 - 3; }   /* in (-3, 3) */
static fen_node *spread_values(int64_t n) {
    double *x = fenp_new((size_t)(ROWS * (n ? n : 1)) * sizeof *x);
    for (int64_t i = 0; i < ROWS * (n ? n : 1); i++) x[i] = spread(i);
    fen_node *node = values(true, n, x);
    fenp_delete(x);
    return node;
}

/* ---- elementwise layers ---- */
static double relu_of(double x)     { return x > 0 ? x : 0; }
static double leaky_of(double x)    { return x > 0 ? x : 0.01 * x; }
static double sigmoid_of(double x)  { return 1 / (1 + exp(-x)); }
static double softplus_of(double x) { return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x)); }
static double swish_of(double x)    { return x * sigmoid_of(x); }
static double gelu_of(double x)     { return x * 0.5 * erfc(-x / sqrt(2)); }
static double elu_of(double x)      { return x > 0 ? x : expm1(x); }
static const struct { const char *name; double (*f)(double); } elementwise[] = {
    {"relu", relu_of}, {"leaky_relu", leaky_of}, {"tanh", tanh}, {"sigmoid", sigmoid_of}, {"softplus", softplus_of}, {"swish", swish_of}, {"gelu",
        gelu_of}, {"elu", elu_of},
};
static void activations(void) {
    static const double point[] = {-800, -40, -3, -1, -1e-3, -1e-9, 0, 1e-9, 1e-3, 0.5, 1, 3, 40, 800};
    for (size_t k = 0; k < sizeof elementwise / sizeof *elementwise; k++) {
        begin();
        fenp_call *c = call_of(elementwise[k].name);
        fen_node *x = values(false, 14, point);
        give(c, "x", x);
        fen_node *y = run(c), *slope = fen_gradient(e.b, y, x);
        run_all(&e);
        for (int i = 0; i < 14; i++) {
            double want = elementwise[k].f(point[i]), h = 1e-5;
            fen_test_say(fabs(at(&e, y, i) - want) <= 1e-13 * (1 + fabs(want)), __LINE__, __FILE__, "%s(%g) = %.17g, needed %.17g",
                elementwise[k].name, point[i], at(&e, y, i), want);
            double difference = (elementwise[k].f(point[i] + h) - elementwise[k].f(point[i] - h)) / (2 * h);
            if (fabs(point[i]) > 1e-4) fen_test_say(fabs(at(&e, slope, i) - difference) <= 1e-6, __LINE__, __FILE__, "%s'(%g) = %.17g, needed %.17g",
                elementwise[k].name, point[i], at(&e, slope, i), difference);
        }
        end();
    }
}

/* build, then invert: the same again; the account is sum log |dy_i / dx_i|. */
static void invertible_elementwise(void) {
    static const struct { const char *name; double (*f)(double); } row[] = {{"leaky_relu", leaky_of}, {"tanh", tanh}, {"sigmoid", sigmoid_of}};
    for (size_t k = 0; k < sizeof row / sizeof *row; k++) {
        begin();
        fenp_call *c = call_of(row[k].name);
        fen_node *x = spread_values(3);
        give(c, "x", x);
        fen_node *y = run(c), *again = run_back(c, &y, 1);
        run_all(&e);
        for (int64_t i = 0; i < 30; i++) {
            double sum = 0, h = 1e-5;
            for (int64_t j = 3 * i; j < 3 * i + 3; j++) {
                FEN_NEAR(at(&e, again, j), spread(j), 1e-12);
                sum += log((row[k].f(spread(j) + h) - row[k].f(spread(j) - h)) / (2 * h));
            }
            FEN_NEAR(at(&e, c->log_det, i), sum, 1e-7);
        }
        end();
    }
}

static void rearranged(void) {
    static const char *const name[] = {"flatten", "reshape", "split", "permute", "reverse"};
    for (size_t k = 0; k < sizeof name / sizeof *name; k++) {
        begin();
        fenp_call *c = call_of(name[k]);
        fen_node *x = fen_reshape(e.b, spread_values(12), fen_features(3, (int64_t[]){2, 1, 6}));
        if (k == 1) argument_of(c, "shape")->shape = fen_features(2, (int64_t[]){3, 4});
        give(c, "x", x);
        run(c);
        fen_node *part[2] = {fenp_call_output(c, k == 2 ? "first" : NULL), k == 2 ? fenp_call_output(c, "second") : NULL};
        fen_node *again = run_back(c, part, k == 2 ? 2 : 1), *none = fen_sum(e.b, fen_abs(e.b, fen_sub(e.b, again, x)));
        fen_node *moved = k > 2 ? fen_sum(e.b, fen_abs(e.b, fen_sub(e.b, part[0], x))) : NULL;
        run_all(&e);
        FEN_TRUE(fenp_same(&again->shape, &x->shape));
        FEN_NEAR(at(&e, none, 0), 0, 0);
        if (moved) FEN_TRUE(at(&e, moved, 0) > 1);
        if (k == 4) for (int64_t j = 0; j < 6; j++) FEN_NEAR(at(&e, part[0], j), spread(5 - j), 0);
        if (k == 2) FEN_NEAR(at(&e, part[1], 0), spread(3), 0);
        end();
    }
}

static void splits(void) {
    begin();
    fenp_call *c = call_of("split");
    number(c, "at", 2);
    give(c, "x", spread_values(5));
    run(c);
    FEN_COUNT(fen_feature(fenp_call_output(c, "first"), -1), 2);
    FEN_COUNT(fen_feature(fenp_call_output(c, "second"), -1), 3);
    fenp_call *odd = call_of("split");
    give(odd, "x", spread_values(5));
    run(odd);
    FEN_COUNT(faults.n, 1);
    FEN_TEXT(faults.at[0].text, "split: given 5 channels, to be cut at 0; needs a cut within them (an even number of channels, or `at`)");
    faults.n = 0;
    end();
}

static void dropout(void) {
    for (int mode = 0; mode < 2; mode++) {
        begin_as(true, mode ? FEN_EVALUATE : FEN_TRAIN);
        fenp_call *c = call_of("dropout");
        number(c, "rate", 0.3);
        give(c, "x", spread_values(4));
        fen_node *y = run(c);
        int64_t dropped = 0;
        run_all(&e);
        for (int64_t i = 0; i < 4 * ROWS; i++) {
            double v = at(&e, y, i);
            dropped += v == 0;
            if (v != 0 && fabs(v - spread(i) / (mode ? 1 : 0.7)) > 1e-12) FEN_NEAR(v, spread(i) / 0.7, 1e-12);
        }
        double sd = sqrt(0.3 * 0.7 / (4 * ROWS));
        FEN_NEAR((double)dropped / (4 * ROWS), mode ? 0 : 0.3, mode ? 0 : 5 * sd);
        end();
    }
}

static void shuffle(void) {
    begin();
    fenp_call *c = call_of("shuffle");
    fen_node *x = spread_values(2);
    give(c, "x", x);
    fen_node *y = run(c);
    run_all(&e);
    double sum = 0, square = 0, pairs = 0, here = 0;
    for (int64_t i = 0; i < ROWS; i++) {
        sum += at(&e, y, 2 * i) - at(&e, x, 2 * i);
        square += pow(at(&e, y, 2 * i), 2) - pow(at(&e, x, 2 * i), 2);
        pairs += at(&e, y, 2 * i) * at(&e, y, 2 * i + 1) - at(&e, x, 2 * i) * at(&e, x, 2 * i + 1);     /* rows stay whole */
        here += at(&e, y, 2 * i) == at(&e, x, 2 * i);
    }
    FEN_NEAR(sum, 0, 1e-9);
    FEN_NEAR(square, 0, 1e-9);
    FEN_NEAR(pairs, 0, 1e-9);
    FEN_TRUE(here < 20);
    end();
}

static void layer_norm(void) {
    static const char *const across[] = {"channel", "features"};
    for (int k = 0; k < 2; k++) {
        begin();
        fenp_call *c = call_of("layer_norm");
        word(c, "across", across[k]);
        number(c, "affine", 0);
        give(c, "x", fen_reshape(e.b, spread_values(12), fen_features(2, (int64_t[]){3, 4})));
        fen_node *y = run(c);
        int64_t n = k ? 12 : 4;
        run_all(&e);
        for (int64_t i = 0; i < 60 / n; i++) {
            double mean = 0, square = 0, m = 0, v = 0;
            for (int64_t j = i * n; j < (i + 1) * n; j++) { mean += at(&e, y, j) / (double)n; square += pow(at(&e, y, j),
                2) / (double)n; m += spread(j) / (double)n; }
            for (int64_t j = i * n; j < (i + 1) * n; j++) v += pow(spread(j) - m, 2) / (double)n;
            FEN_NEAR(mean, 0, 1e-12);
            FEN_NEAR(square, v / (v + 1e-5), 1e-10);
        }
        end();
    }
}

/* ---- divergences ---- */
static double bernoulli_of(double t, double l, double v,
    double w)    { (void)v; (void)w; double s = 1 / (1 + exp(-l)); return -t * log(s) - (1 - t) * log1p(-s); }
static double gaussian_of(double t, double m, double v, double w)     { (void)w; return 0.5 * (pow(t - m, 2) / exp(v) + log(2 * acos(-1) * exp(v))); }
static double kl_standard_of(double m, double v, double a, double w)  { (void)a; (void)w; return 0.5 * (m * m + exp(v) - 1 - v); }
static double kl_of(double m, double v, double m2, double v2)         { return log(exp(v2 / 2) / exp(v / 2)) + (exp(v) + pow(m - m2,
    2)) / (2 * exp(v2)) - 0.5; }
static void divergences(void) {
    static const struct { const char *name; int ports; double (*of)(double, double, double, double); } row[] = {
        {"bernoulli_nll", 2, bernoulli_of}, {"gaussian_nll", 3, gaussian_of}, {"kl_standard_normal", 2, kl_standard_of}, {"kl_normal", 4, kl_of}};
    for (size_t k = 0; k < sizeof row / sizeof *row; k++) {
        begin();
        fenp_call *c = call_of(row[k].name);
        for (int p = 0; p < row[k].ports; p++) {
            double *x = fenp_new(3 * ROWS * sizeof *x);
            for (int64_t i = 0; i < 3 * ROWS; i++) x[i] = k == 0 && p == 0 ? (spread(i) + 3) / 6 : spread(i * row[k].ports + p);
            give(c, c->function->inputs[p].name, values(true, 3, x));
            fenp_delete(x);
        }
        fen_node *y = run(c);
        run_all(&e);
        for (int64_t i = 0; i < 20; i++) {
            double want = 0, in[4] = {0};
            for (int64_t j = 3 * i; j < 3 * i + 3; j++) {
                for (int p = 0; p < row[k].ports; p++) in[p] = at(&e, c->input[p], j);
                want += row[k].of(in[0], in[1], in[2], in[3]);
            }
            fen_test_say(fabs(at(&e, y, i) - want) < 1e-11 * (1 + fabs(want)), __LINE__, __FILE__, "%s: %.17g, needed %.17g", row[k].name, at(&e, y,
                i), want);
        }
        FEN_TEXT(c->function->outputs[0].unit, "nats");
        end();
    }
}
static void unequal_features(void) {
    begin();
    fenp_call *c = call_of("bernoulli_nll");
    give(c, "target", fen_reshape(e.b, spread_values(4), fen_features(3, (int64_t[]){2, 2, 1})));
    give(c, "logits", spread_values(4));
    run(c);
    FEN_COUNT(faults.n, 1);
    FEN_TEXT(faults.n ? faults.at[0].text : "",
        "bernoulli_nll: target has 3 feature axes with 4 elements, logits has 1 with 4; needs equal features, as by flatten or reshape");
    faults.n = 0;
    end();
}
static void labels(void) {
    begin();
    double label[ROWS];
    for (int i = 0; i < ROWS; i++) label[i] = i % 5;
    fen_node *t = fenp_feed_new(e.b, "t", (fen_shape){.leads = 1, .rank = 1, .size = {ROWS}}, FEN_INTEGER, false, FENP_ON_DRAW, NULL);
    feed(&e, t, label);
    fenp_call *c = call_of("categorical_nll");
    give(c, "target", t);
    give(c, "logits", spread_values(5));
    fen_node *y = run(c);
    run_all(&e);
    for (int64_t i = 0; i < 50; i++) {
        double sum = 0;
        for (int64_t j = 0; j < 5; j++) sum += exp(spread(5 * i + j));
        FEN_NEAR(at(&e, y, i), log(sum) - spread(5 * i + i % 5), 1e-12);
    }
    end();
}
static void games(void) {
    begin();
    fenp_call *c = call_of("gan"), *q = call_of("gan_qp");
    fen_node *real = spread_values(1), *fake = fen_scale(e.b, fen_shift(e.b, real, 0.5), -0.7);
    give(c, "real_score", real);
    give(c, "fake_score", fake);
    run(c);
    static const char *const port[] = {"real_score", "fake_score", "real", "fake"};
    for (int i = 0; i < 4; i++) give(q, port[i], i % 2 ? fake : real);
    run(q);
    run_all(&e);
    double critic = 0, generator = 0, minimax = 0, qp = 0;
    for (int64_t i = 0; i < ROWS; i++) {
        double t = spread(i), f = -0.7 * (t + 0.5), gap = t - f;
        critic += (-log(sigmoid_of(t)) - log(1 - sigmoid_of(f))) / ROWS;
        generator += -log(sigmoid_of(f)) / ROWS;
        minimax += log(1 - sigmoid_of(f)) / ROWS;
        qp += (gap * gap / (20 * fabs(gap)) - gap) / ROWS;
    }
    FEN_NEAR(at(&e, fenp_call_output(c, "critic"), 0), critic, 1e-11);
    FEN_NEAR(at(&e, fenp_call_output(c, "generator"), 0), generator, 1e-11);
    FEN_NEAR(at(&e, fenp_call_output(c, "minimax"), 0), minimax, 1e-11);
    FEN_NEAR(at(&e, fenp_call_output(q, "critic"), 0), qp, 1e-11);
    end();
}

/* ---- samplers ---- */
/* Mean and variance of column j of w, against what they are, at 5 standard errors (kurtosis of at most 9). */
static void moments(const char *name, const fen_node *y, int64_t j, int64_t w, double mean, double variance) {
    int64_t n = fenp_count(&y->shape) / w;
    double m = 0, v = 0;
    for (int64_t i = 0; i < n; i++) m += at(&e, y, i * w + j) / (double)n;
    for (int64_t i = 0; i < n; i++) v += pow(at(&e, y, i * w + j) - m, 2) / (double)n;
    fen_test_say(fabs(m - mean) <= 5 * sqrt(variance / (double)n) + 1e-12, __LINE__, __FILE__, "%s: mean %g, needed %g", name, m, mean);
    fen_test_say(fabs(v - variance) <= 5 * variance * sqrt(8 / (double)n) + 1e-12, __LINE__, __FILE__, "%s: variance %g, needed %g", name, v,
        variance);
}
static void draws(void) {
    begin();
    fenp_call *u = sampler_of("uniform"), *n = sampler_of("normal"), *i = sampler_of("integers"), *c = sampler_of("bernoulli");
    give(u, "low", fenp_number(e.b, -2));
    argument_of(u, "shape")->shape = fen_vector(3);
    give(n, "mean", fenp_number(e.b, -1));
    give(n, "log_var", fenp_number(e.b, log(4)));
    number(i, "low", 1);
    number(i, "high", 9);
    give(c, "logit", fenp_number(e.b, log(0.25 / 0.75)));
    fen_node *yu = run(u), *yn = run(n), *yi = run(i), *yc = run(c);
    run_all(&e);
    FEN_COUNT(fenp_count(&yu->shape), 3 * ROWS);
    FEN_TRUE(yi->type == FEN_INTEGER && yc->type == FEN_INTEGER);
    moments("uniform", yu, 1, 3, -0.5, 9.0 / 12);
    moments("normal", yn, 0, 1, -1, 4);
    moments("integers", yi, 0, 1, 5, 80.0 / 12);
    moments("bernoulli", yc, 0, 1, 0.25, 0.1875);
    for (int64_t k = 0; k < ROWS; k++) if (at(&e, yi, k) < 1 || at(&e, yi, k) > 9) FEN_NEAR(at(&e, yi, k), 5, 4);
    end();
}
static void categorical(void) {
    static const double p[] = {0.1, 0, 0.2, 0.3, 0.4}, logits[] = {-2.302585092994046, -1e9, -1.6094379124341003, -1.2039728043259361,
        -0.916290731874155}, weights[] = {2, 0, 4, 6, 8};
    static const struct { const char *port; const double *x; } row[] = {{"probabilities", p}, {"logits", logits}, {"weights", weights}};
    for (int k = 0; k < 3; k++) {
        begin();
        fenp_call *c = sampler_of("categorical");
        give(c, row[k].port, fenp_table(e.b, fen_vector(5), FEN_REAL, row[k].x));
        fen_node *y = run(c), *density = law(c, c->function->law->log_density, y), *h = entropy(c);
        double count[5] = {0}, chi = 0, want = 0;
        run_all(&e);
        for (int64_t i = 0; i < ROWS; i++) {
            int d = (int)at(&e, y, i);
            count[d]++;
            if (i < 50) FEN_NEAR(at(&e, density, i), log(p[d]), 1e-9);
        }
        FEN_NEAR(count[1], 0, 0);
        for (int j = 0; j < 5; j++) if (p[j] > 0) { chi += pow(count[j] - p[j] * ROWS, 2) / (p[j] * ROWS); want -= p[j] * log(p[j]); }
        FEN_TRUE(chi < 16.3);                 /* 3 degrees of freedom, 0.1 % */
        FEN_NEAR(at(&e, h, 0), want, 1e-9);
        end();
    }
}
static void constants(void) {
    begin();
    static const double table[] = {1, 2, 3, 4, 5, 6};
    fen_axis k = fen_axis_new(e.b, 3);
    fenp_call *c = call_of("constant"), *fill = call_of("constant");
    c->drawn = (fen_shape){.leads = 1, .rank = 1, .axis = {k}, .size = {3}};
    c->draws = c->axes_said = true;
    give(c, "value", fenp_table(e.b, fen_matrix(3, 2), FEN_REAL, table));
    fill->drawn = fen_matrix(4, 5);
    fill->draws = fill->axes_said = true;
    give(fill, "value", fenp_number(e.b, 0.25));
    fen_node *y = run(c), *f = run(fill);
    char text[160];
    run_all(&e);
    FEN_COUNT(y->shape.leads, 1);
    FEN_COUNT(y->shape.axis[0], k);
    for (int i = 0; i < 6; i++) FEN_NEAR(at(&e, y, i), table[i], 0);
    FEN_TEXT(fenp_shape_text(e.b, f->shape, text), "[; 4, 5]");
    FEN_NEAR(at(&e, f, 19), 0.25, 0);
    end();
}

/* Initialisers: variance by shape [200, 30]. */
static void starts(void) {
    static const struct { const char *name, *law; double mean, variance; } row[] = {
        {"fan_in", NULL, 0, 1.0 / 200 / 3}, {"xavier", "uniform", 0, 2.0 / 230}, {"xavier", "normal", 0, 2.0 / 230}, {"he", "normal", 0, 2.0 / 200},
            {"he", "uniform", 0, 2.0 / 200},
        {"zeros", NULL, 0, 0}, {"ones", NULL, 1, 0}};
    for (size_t k = 0; k < sizeof row / sizeof *row; k++) {
        begin();
        fenp_call *c = call_of(row[k].name);
        c->drawn = fen_matrix(200, 30);
        if (row[k].law) word(c, "law", row[k].law);
        fen_node *y = run(c);
        run_all(&e);
        moments(row[k].name, y, 0, 1, row[k].mean, row[k].variance);
        end();
    }
}
static void matrices(void) {
    static const int64_t size[][2] = {{64, 64}, {30, 80}, {80, 30}, {1, 5}};
    for (int precision = 0; precision < 2; precision++)
        for (int k = 0; k < 4; k++) {
            begin_as(precision, FEN_INITIALISE);
            int64_t n = size[k][0], m = size[k][1], less = n < m ? n : m, more = n < m ? m : n;
            fenp_call *c = call_of("orthogonal"), *id = call_of("identity");
            c->drawn = id->drawn = fen_matrix(n, m);
            fen_node *y = run(c), *one = run(id);
            double worst = 0, unit = 0;
            run_all(&e);
            for (int64_t i = 0; i < less; i++)
                for (int64_t j = 0; j < less; j++) {
                    double dot = -(i == j);
                    for (int64_t l = 0; l < more; l++) dot += n < m ? at(&e, y, i * m + l) * at(&e, y, j * m + l) : at(&e, y, l * m + i) * at(&e, y,
                        l * m + j);
                    worst = fmax(worst, fabs(dot));
                }
            for (int64_t i = 0; i < n * m; i++) unit += fabs(at(&e, one, i) - (i / m == i % m));
            fen_test_say(worst < (precision ? 1e-12 : 3e-6), __LINE__, __FILE__, "orthogonal %d x %d, %s: off by %g", (int)n, (int)m, precision
                ? "double" : "single", worst);
            FEN_NEAR(unit, 0, 0);
            end();
        }
}

/* ---- laws ---- */
/* The integral of exp(log_density) and of -p log p on a grid of the line or the plane; entropy by the law. */
static void integrals(fenp_call *c, int width, double low, double high, int side, double tolerance) {
    fen_builder *b = e.b;
    int64_t n = width == 1 ? side : (int64_t)side * side;
    double h = (high - low) / (side - 1), *x = fenp_new((size_t)(n * width) * sizeof *x), total = 0, bits = 0;
    for (int64_t i = 0; i < n; i++) { x[i * width] = low + h * (double)(i % side); if (width == 2) x[2 * i + 1] = low + h * (double)(i / side); }
    fen_axis points = fen_axis_new(b, n);
    fen_node *d = law(c, c->function->law->log_density, fen_name(b, fenp_table(b, fen_matrix(n, width), FEN_REAL, x), points)), *s = entropy(c);
    run_all(&e);
    for (int64_t i = 0; i < n; i++) {
        double l = at(&e, d, i);
        total += exp(l) * pow(h, width);
        if (l > -700) bits -= exp(l) * l * pow(h, width);
    }
    fen_test_say(fabs(total - 1) < tolerance, __LINE__, __FILE__, "%s: density adds up to %.12g", c->function->name, total);
    fen_test_say(fabs(at(&e, s, 0) - bits) < tolerance, __LINE__, __FILE__, "%s: entropy %.12g, by quadrature %.12g", c->function->name, at(&e, s, 0),
        bits);
    fenp_delete(x);
}
static void mixture_laws(void) {
    static const double means[] = {-1, 2}, weights[] = {1, 3}, plane[] = {-2, 0, 2, 0, 0, 3}, close[] = {-0.7, 0.8};
    begin();
    fenp_call *one = call_of("gaussian_mixture"), *two = call_of("gaussian_mixture"), *ring = call_of("ring"), *grid = call_of("grid"),
        *near = call_of("gaussian_mixture");
    give(one, "means", fenp_table(e.b, fen_matrix(2, 1), FEN_REAL, means));
    give(one, "sd", fenp_table(e.b, fen_vector(2), FEN_REAL, (const double[]){0.6, 0.3}));
    give(one, "weights", fenp_table(e.b, fen_vector(2), FEN_REAL, weights));
    give(two, "means", fenp_table(e.b, fen_matrix(3, 2), FEN_REAL, plane));
    give(two, "sd", fenp_number(e.b, 0.7));
    give(near, "means", fenp_table(e.b, fen_matrix(2, 1), FEN_REAL, close));
    number(ring, "radius", 1);
    number(ring, "sd", 0.3);
    number(grid, "side", 3);
    number(grid, "spacing", 1);
    number(grid, "sd", 0.2);
    integrals(one, 1, -8, 8, 4001, 1e-8);
    integrals(near, 1, -12, 12, 4001, 1e-8);
    integrals(two, 2, -7, 9, 401, 1e-7);
    integrals(ring, 2, -4, 4, 401, 1e-7);
    integrals(grid, 2, -4, 4, 401, 1e-7);
    end();
}
static void mixture_draws(void) {
    static const double means[] = {-1, 5, 2, -5}, sd[] = {0.5, 0.1, 0.25, 0.2}, weights[] = {1, 3};
    begin();
    fenp_call *c = sampler_of("gaussian_mixture"), *r = sampler_of("ring");
    give(c, "means", fenp_table(e.b, fen_matrix(2, 2), FEN_REAL, means));
    give(c, "sd", fenp_table(e.b, fen_matrix(2, 2), FEN_REAL, sd));
    give(c, "weights", fenp_table(e.b, fen_vector(2), FEN_REAL, weights));
    fen_node *y = run(c), *z = run(r), *centre, *deviation;
    fen_axis mode;
    e.b->call = r;
    r->function->law->modes(e.b, &centre, &deviation, &mode);
    e.b->call = NULL;
    int hit[8] = {0};
    run_all(&e);
    moments("mixture 0", y, 0, 2, 1.25, 0.25 * 0.25 + 0.75 * 0.0625 + 0.1875 * 9);
    moments("mixture 1", y, 1, 2, -2.5, 0.25 * 0.01 + 0.75 * 0.04 + 0.1875 * 100);
    for (int64_t i = 0; i < ROWS; i++)
        for (int k = 0; k < 8; k++) hit[k] += hypot(at(&e, z, 2 * i) - 2 * cos(k * acos(-1) / 4), at(&e, z,
            2 * i + 1) - 2 * sin(k * acos(-1) / 4)) < 0.1;
    for (int k = 0; k < 8; k++) {
        FEN_NEAR(hit[k], ROWS / 8, 5 * sqrt(ROWS / 8.0));
        FEN_NEAR(at(&e, centre, 2 * k), 2 * cos(k * acos(-1) / 4), 1e-12);
        FEN_NEAR(at(&e, centre, 2 * k + 1), 2 * sin(k * acos(-1) / 4), 1e-12);
        FEN_NEAR(at(&e, deviation, k), 0.02, 1e-15);
    }
    end();
}
/* d cdf / dx = density; cdf(quantile(u)) = u; the entropy of the closed form. */
static void line_laws(void) {
    static const char *const name[] = {"normal", "uniform", "gaussian_mixture"};
    static const double means[] = {-1.5, 1.5}, x[] = {-1.4, -0.3, 0.2, 0.9}, u[] = {0.01, 0.3, 0.5, 0.999};
    for (int k = 0; k < 3; k++) {
        fen_builder *b = begin();
        fenp_call *c = call_of(name[k]);
        if (k == 1) { give(c, "low", fenp_number(b, -2)); give(c, "high", fenp_number(b, 1.5)); }
        if (k == 0) { give(c, "mean", fenp_number(b, 0.5)); give(c, "sd", fenp_number(b, 1.7)); }
        if (k == 2) give(c, "means", fenp_table(b, fen_matrix(2, 1), FEN_REAL, means));
        event_of(c, 1, (int64_t[]){1});
        fen_axis points = fen_axis_new(b, 4);
        fen_node *at_x = fen_name(b, values(false, 4, x), points), *wide = fen_reshape(b, at_x, fen_vector(1));
        const fen_law *l = c->function->law;
        fen_node *cdf = law(c, l->cdf, wide), *slope = fen_gradient(b, cdf, wide), *density = law(c, l->log_density, wide);
        fen_node *back = l->quantile ? law(c, l->cdf, law(c, l->quantile, values(false, 4, u))) : NULL;
        fen_node *s = entropy(c);
        run_all(&e);
        for (int i = 0; i < 4; i++) {
            FEN_NEAR(at(&e, slope, i), exp(at(&e, density, i)), 1e-12);
            if (back) FEN_NEAR(at(&e, back, i), u[i], 1e-9);
        }
        if (k == 0) FEN_NEAR(at(&e, s, 0), 0.5 * log(2 * acos(-1) * exp(1) * 1.7 * 1.7), 1e-12);
        if (k == 1) FEN_NEAR(at(&e, s, 0), log(3.5), 1e-12);
        end();
    }
}
static void outside(void) {
    begin();
    fenp_call *c = call_of("uniform"), *i = call_of("integers");
    number(i, "high", 3);
    fen_node *out = law(c, c->function->law->log_density, values(false, 1, (const double[]){1.5}));
    fen_node *far = law(i, i->function->law->log_density, fenp_integer(e.b, 4)), *in = law(i, i->function->law->log_density, fenp_integer(e.b, 3));
    run_all(&e);
    FEN_TRUE(at(&e, out, 0) == -INFINITY);
    FEN_TRUE(at(&e, far, 0) == -INFINITY);
    FEN_NEAR(at(&e, in, 0), -log(4), 1e-12);
    end();
}

int main(void) {
    static const fen_test tests[] = {
        {"activations", activations}, {"invertible elementwise", invertible_elementwise}, {"rearranged", rearranged}, {"splits", splits}, {"dropout",
            dropout},
        {"shuffle", shuffle}, {"layer norm", layer_norm}, {"divergences", divergences}, {"unequal features", unequal_features}, {"labels", labels},
            {"games", games},
        {"draws", draws}, {"categorical", categorical}, {"constants", constants}, {"starts", starts}, {"matrices", matrices}, {"mixture laws",
            mixture_laws},
        {"mixture draws", mixture_draws}, {"line laws", line_laws}, {"outside", outside}, {NULL, NULL}};
    fenp_registry_open();
    return fen_test_run("functions", tests);
}
