/* law.c: a sampler's law against its own draws and against quadrature: log_density adds up to 1; cdf and quantile are those of the density;
 * draws have its distribution (Kolmogorov-Smirnov, moments; shares of integers), and its entropy. Parameters are the same for all draws. The
 * numbers are fixed, so the bounds of 5 standard errors are met always or never. */
#include "conformance/law.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const fenp_law_verb_name[FENP_LAW_VERBS] = {"log_density", "cdf", "quantile", "entropy"};

/* ---- the frame of a law ---- */
static bool has(const fen_law *l, fenp_law_verb verb) {
    return verb == FENP_LOG_DENSITY ? l->log_density != NULL
           : verb == FENP_CDF       ? l->cdf != NULL
           : verb == FENP_QUANTILE  ? l->quantile != NULL
                                    : l->entropy != NULL;
}
fen_node *fenp_law_verb_run(fenp_law_trial *w, fenp_law_verb verb, fen_node *x, const char **why) {
    const fen_law *l = w->t.function->law;
    fen_builder *b = w->t.b;
    int before = w->t.faults.n;
    *why = NULL;
    if (!has(l, verb)) return NULL;
    fenp_call call = *w->t.call;
    call.output = NULL;
    call.outputs = 0;
    call.event = w->event;
    b->site = "subject/law";
    fenp_frame frame = fenp_call_enter(b, &call);
    fen_node *y = verb == FENP_ENTROPY ? l->entropy(b) : (verb == FENP_LOG_DENSITY ? l->log_density : verb == FENP_CDF ? l->cdf : l->quantile)(b, x);
    fenp_call_leave(b, frame);
    if (y && !fenp_is_faulty(b, y) && w->t.faults.n == before) return y;
    *why = w->t.faults.n > before ? w->t.faults.at[before].text : "it gives NULL";
    w->t.faults.n = before;
    return NULL;
}
static bool open_law(fenp_check *c, fenp_law_trial *w, const fenp_setup *s) {
    const char *why;
    *w = (fenp_law_trial){.batch = s->batch, .where = fenp_setup_text(c, s)};
    fenp_trial_open(&w->t, c->subject, s, 0);
    if (w->t.faults.n || !w->t.results) return false;
    w->draw = w->t.result[0].node;
    fen_shape shape = w->draw->shape;
    if (fenp_lead_of(&shape, FEN_BATCH) != 0 || shape.leads != 1) return false;
    w->event = fen_features(shape.rank - shape.leads, shape.size + shape.leads);
    w->width = fenp_count(&w->event);
    w->whole = w->draw->type == FEN_INTEGER;
    w->x = fenp_feed_new(w->t.b, "x", shape, w->draw->type, w->t.b->doubles, FENP_ON_DRAW, NULL);
    for (int v = 0; v < FENP_LAW_VERBS; v++) {
        w->y[v] = fenp_law_verb_run(w, (fenp_law_verb)v, w->x, &why);
        if (why && (v == FENP_LOG_DENSITY || strncmp(why, "plugin ", 7) == 0)) fenp_find(c, "%s%s: %s", fenp_law_verb_name[v], w->where, why);
    }
    w->at_draw = fenp_law_verb_run(w, FENP_LOG_DENSITY, w->draw, &why);
    if (!w->y[FENP_LOG_DENSITY] || !w->at_draw) return false;
    if (fenp_count(&w->at_draw->shape) != w->batch || w->at_draw->shape.rank != 1) {
        fenp_find(c, "log_density%s: given shape %s, needed one number a draw", w->where, fenp_shape_text(w->t.b, w->at_draw->shape, (char[160]){0}));
        return false;
    }
    w->t.result[w->t.results++] = (fenp_output){"log_density", w->at_draw};
    if (w->y[FENP_ENTROPY] && w->t.inputs) w->t.result[w->t.results++] = (fenp_output){"entropy", w->y[FENP_ENTROPY]};
    return true;
}
static void close_law(fenp_law_trial *w) {
    fenp_delete(w->sample);
    fenp_delete(w->density);
    fenp_trial_close(&w->t);
}

/* ---- values ---- */
bool fenp_law_values(fenp_check *c, fenp_law_trial *w, fenp_law_verb verb, const double *x, int64_t n, double *to) {
    fenp_engine *e = fenp_engine_new(c, w->t.b, &w->y[verb], 1);
    if (!e) return false;
    int64_t count = fenp_engine_count(e), in = w->batch * w->width;
    double *piece = fenp_new((size_t)in * sizeof *piece), *value = fenp_new((size_t)count * sizeof *value + 8);
    fenp_engine_inputs(e, &w->t);
    for (int64_t at = 0; at < n; at += w->batch) {
        int64_t m = n - at < w->batch ? n - at : w->batch;
        for (int64_t i = 0; x && i < in; i++) piece[i] = x[at * w->width + i % (m * w->width)];
        if (x) fenp_engine_feed(e, w->x, piece);
        fenp_engine_values(e, 0, value);
        for (int64_t i = 0; i < m; i++) to[at + i] = value[count == 1 ? 0 : i];
    }
    fenp_delete(piece);
    fenp_delete(value);
    fenp_engine_free(e);
    return true;
}
static bool sample(fenp_check *c, fenp_law_trial *w) {
    fen_node *target[] = {w->draw, w->at_draw};
    fenp_engine *e = fenp_engine_new(c, w->t.b, target, 2);
    if (!e) return false;
    int64_t n = w->batch;
    double *value = fenp_new((size_t)(n * (w->width + 1)) * sizeof *value);
    w->samples = n * FENP_LAW_DRAWS;
    fenp_delete(w->sample);
    fenp_delete(w->density);
    w->sample = fenp_new((size_t)(w->samples * w->width) * sizeof *w->sample);
    w->density = fenp_new((size_t)w->samples * sizeof *w->density);
    fenp_engine_inputs(e, &w->t);
    for (int d = 0; d < FENP_LAW_DRAWS; d++) {
        fenp_engine_values(e, (uint64_t)d, value);
        memcpy(w->sample + d * n * w->width, value, (size_t)(n * w->width) * sizeof *value);
        memcpy(w->density + d * n, value + n * w->width, (size_t)n * sizeof *value);
    }
    fenp_delete(value);
    fenp_engine_free(e);
    return true;
}

/* ---- moments of the sample ---- */
typedef struct moments {
    double mean, variance, mean_error, variance_error;
} moments;
static moments moments_of(const double *x, int64_t n, int64_t step) {
    moments m = {0, 0, 0, 0};
    double fourth = 0;
    for (int64_t i = 0; i < n; i++) m.mean += x[i * step] / (double)n;
    for (int64_t i = 0; i < n; i++) {
        double d = x[i * step] - m.mean;
        m.variance += d * d / (double)n;
        fourth += d * d * d * d / (double)n;
    }
    m.mean_error = sqrt(m.variance / (double)n);
    m.variance_error = sqrt(fmax(fourth - m.variance * m.variance, 0) / (double)n);
    return m;
}
/* Against the mean of -log p over draws: for any law. */
static void check_entropy_of_draws(fenp_check *c, fenp_law_trial *w) {
    double given;
    if (!w->y[FENP_ENTROPY] || !fenp_law_values(c, w, FENP_ENTROPY, NULL, 1, &given)) return;
    moments m = moments_of(w->density, w->samples, 1);
    if (!(fabs(given + m.mean) <= 5 * m.mean_error + 1e-6 * (1 + fabs(given))))
        fenp_find(c, "entropy%s: given %.9g, needed %.9g +- %.2g (mean of -log_density over draws)", w->where, given, -m.mean, m.mean_error);
}

/* ---- a density ---- */
static double itself(const double *x, double log_p, int feature) { return (void)log_p, x[feature]; }
static double squared(const double *x, double log_p, int feature) { return (void)log_p, x[feature] * x[feature]; }
static double surprise(const double *x, double log_p, int feature) { return (void)x, (void)feature, -log_p; }

static void check_moments(fenp_check *c, const fenp_law_trial *w, const fenp_grid *g, int f) {
    double error, more;
    moments m = moments_of(w->sample + f, w->samples, w->width);
    double mean = fenp_grid_mean(g, itself, f, &error), second = fenp_grid_mean(g, squared, f, &more);
    if (more > 1e-3 * (1 + second))
        return; /* there is no second moment, so 5 standard errors mean nothing; the distribution is compared all the same */
    if (!(fabs(m.mean - mean) <= 5 * m.mean_error + 3 * error + 1e-6 * g->scale[f]))
        fenp_find(c, "draws%s: mean of feature %d given %.6g +- %.2g, needed %.6g (by log_density)", w->where, f, m.mean, m.mean_error, mean);
    double variance = second - mean * mean;
    if (!(fabs(m.variance - variance) <= 5 * m.variance_error + 3 * more + 6 * error * fabs(mean) + 1e-6 * g->scale[f] * g->scale[f]))
        fenp_find(c, "draws%s: variance of feature %d given %.6g +- %.2g, needed %.6g (by log_density)", w->where, f, m.variance, m.variance_error,
                  variance);
}
static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}
/* Kolmogorov-Smirnov: sqrt(n) D above 2.2 has probability 1e-4. */
static void check_distribution(fenp_check *c, const fenp_law_trial *w, const fenp_grid *g, int f) {
    double *marginal = fenp_grid_marginal(g, f), *x = fenp_new((size_t)w->samples * sizeof *x), worst = 0, at = 0, cell = 0;
    for (int64_t i = 1; i < g->side; i++) cell = fmax(cell, marginal[i] - marginal[i - 1]);
    for (int64_t i = 0; i < w->samples; i++) x[i] = w->sample[i * w->width + f];
    qsort(x, (size_t)w->samples, sizeof *x, ascending);
    for (int64_t i = 0; i < w->samples; i++) {
        double p = fenp_grid_cdf(g, marginal, f, x[i]), n = (double)w->samples, d = fmax(fabs(p - (double)i / n), fabs(p - (double)(i + 1) / n));
        if (d > worst) {
            worst = d;
            at = x[i];
        }
    }
    double bound = 2.2 / sqrt((double)w->samples) + cell / 4 + g->error;
    if (!(worst <= bound))
        fenp_find(c, "draws%s: their distribution differs from that of log_density by %.4g at %.6g of feature %d, needed at most %.4g", w->where,
                  worst, at, f, bound);
    fenp_delete(marginal);
    fenp_delete(x);
}
static void check_cdf(fenp_check *c, fenp_law_trial *w, const fenp_grid *g) {
    enum { N = 2000 };
    double x[N], given[N], *marginal = fenp_grid_marginal(g, 0);
    for (int i = 0; i < N; i++) x[i] = w->sample[i];
    bool good = w->y[FENP_CDF] && fenp_law_values(c, w, FENP_CDF, x, N, given);
    for (int i = 0; i < N && good; i++) {
        double needed = fenp_grid_cdf(g, marginal, 0, x[i]);
        if (fabs(given[i] - needed) <= 1e-4 + g->error) continue;
        fenp_find(c, "cdf(%.9g)%s: given %.9g, needed %.9g (log_density integrated)", x[i], w->where, given[i], needed);
        break;
    }
    fenp_delete(marginal);
}
static void check_quantile(fenp_check *c, fenp_law_trial *w, const fenp_grid *g) {
    enum { N = 2000 };
    double u[N], x[N], again[N], *marginal = fenp_grid_marginal(g, 0);
    for (int i = 0; i < N; i++) u[i] = (i + 0.5) / N;
    bool good = w->y[FENP_QUANTILE] && fenp_law_values(c, w, FENP_QUANTILE, u, N, x);
    bool exact = good && w->y[FENP_CDF] && fenp_law_values(c, w, FENP_CDF, x, N, again);
    for (int i = 0; i < N && good; i++) {
        double p = exact ? again[i] : fenp_grid_cdf(g, marginal, 0, x[i]);
        if (fabs(p - u[i]) <= (exact ? 1e-9 : 1e-4 + g->error)) continue;
        fenp_find(c, "quantile(%.9g)%s: given %.9g, whose cdf is %.9g", u[i], w->where, x[i], p);
        break;
    }
    fenp_delete(marginal);
}
static void check_entropy(fenp_check *c, fenp_law_trial *w, const fenp_grid *g) {
    double given, error, needed = fenp_grid_mean(g, surprise, 0, &error);
    if (!w->y[FENP_ENTROPY] || !fenp_law_values(c, w, FENP_ENTROPY, NULL, 1, &given)) return;
    if (!(fabs(given - needed) <= 1e-5 * (1 + fabs(needed)) + 3 * error))
        fenp_find(c, "entropy%s: given %.9g, needed %.9g (log_density integrated)", w->where, given, needed);
}
static bool normalised(const fenp_grid *g) { return fabs(g->total - 1) <= 1e-6 + 3 * g->error && g->error < 0.02; }
static void check_density(fenp_check *c, fenp_law_trial *w, const fenp_grid *g) {
    for (int f = 0; f < (int)w->width; f++) {
        check_moments(c, w, g, f);
        check_distribution(c, w, g, f);
    }
    if (w->width == 1) {
        check_cdf(c, w, g);
        check_quantile(c, w, g);
    }
    check_entropy(c, w, g);
}

/* ---- integers: shares of what was drawn ---- */
typedef struct shares {
    double *value, *share, *p;
    int64_t n;
    double total;
} shares;
static bool count_shares(fenp_check *c, fenp_law_trial *w, shares *s) {
    double *x = fenp_new((size_t)w->samples * sizeof *x);
    memcpy(x, w->sample, (size_t)w->samples * sizeof *x);
    qsort(x, (size_t)w->samples, sizeof *x, ascending);
    *s = (shares){.value = fenp_new((size_t)w->samples * sizeof *x),
                  .share = fenp_new((size_t)w->samples * sizeof *x),
                  .p = fenp_new((size_t)w->samples * sizeof *x)};
    for (int64_t i = 0; i < w->samples; i++) {
        if (i == 0 || x[i] != x[i - 1]) s->value[s->n++] = x[i];
        s->share[s->n - 1] += 1 / (double)w->samples;
    }
    fenp_delete(x);
    if (!fenp_law_values(c, w, FENP_LOG_DENSITY, s->value, s->n, s->p)) return false;
    for (int64_t i = 0; i < s->n; i++) s->total += s->p[i] = exp(s->p[i]);
    return true;
}
static void free_shares(shares *s) {
    fenp_delete(s->value);
    fenp_delete(s->share);
    fenp_delete(s->p);
}
static bool adds_up(const fenp_law_trial *w, const shares *s) { return s->total <= 1 + 1e-6 && s->total >= 1 - 10 / (double)w->samples - 1e-6; }
static void check_shares(fenp_check *c, fenp_law_trial *w, const shares *s) {
    double entropy = 0, given;
    for (int64_t i = 0; i < s->n; i++) {
        double p = s->p[i], error = sqrt(p * (1 - p) / (double)w->samples);
        entropy -= p > 0 ? p * log(p) : 0;
        if (fabs(s->share[i] - p) <= 5 * error + 2 / (double)w->samples) continue;
        fenp_find(c, "draws%s: share of %g given %.6g +- %.2g, needed %.6g (by log_density)", w->where, s->value[i], s->share[i], error, p);
        return;
    }
    if (!w->y[FENP_ENTROPY] || !fenp_law_values(c, w, FENP_ENTROPY, NULL, 1, &given)) return;
    if (!(fabs(given - entropy) <= 1e-6 + 30 * fabs(1 - s->total)))
        fenp_find(c, "entropy%s: given %.9g, needed %.9g (sum over values)", w->where, given, entropy);
}

/* ---- derivatives, faults ---- */
static void check_slopes(fenp_check *c, fenp_setup s) {
    fenp_law_trial w;
    fenp_variable x[24];
    double *value = NULL;
    int n = 0;
    s.batch = 3;
    if (open_law(c, &w, &s) && fenp_trial_values(&w.t, 17)) {
        fenp_evaluator e = {.b = w.t.b};
        for (int i = 0; i < w.t.variables; i++) fenp_evaluator_put(&e, w.t.variable[i].node, w.t.variable[i].value);
        fenp_evaluator_run_for(&e, (const fen_node *const *)&w.draw, 1);
        value = fenp_new((size_t)(w.batch * w.width) * sizeof *value);
        for (int64_t i = 0; i < w.batch * w.width; i++) value[i] = fenp_evaluator_at(&e, w.draw, i);
        fenp_evaluator_free(&e);
        for (int i = 0; i < w.t.inputs; i++)
            if (w.t.variable[i].node->type == FEN_REAL) x[n++] = w.t.variable[i];
        fenp_variable at = {.name = "x", .node = w.x, .value = value, .count = w.batch * w.width};
        int parameters = n;
        if (!w.whole) x[n++] = at;
        for (int v = 0; v < FENP_LAW_VERBS && n; v++) {
            if (!w.y[v] || (w.whole && v != FENP_ENTROPY && v != FENP_LOG_DENSITY) || (v == FENP_ENTROPY && !parameters)) continue;
            for (int64_t i = 0; i < w.batch * w.width && v == FENP_QUANTILE; i++) value[i] = 0.1 + 0.8 * fenp_uniform_at(41, (uint64_t)i);
            const fenp_slope slope = {
                .b = w.t.b, .x = x, .n = n, .y = w.y[v], .name = fenp_law_verb_name[v], .where = w.where, .also = w.whole ? &at : NULL};
            fenp_slope_check(c, &slope);
        }
    }
    fenp_delete(value);
    close_law(&w);
}
static void check_faults(fenp_check *c, fenp_setup s) {
    s.batch = 3;
    for (int v = 0; v < FENP_LAW_VERBS; v++)
        for (long k = 1, last = 1; k <= last && k < 2000; k++) {
            fenp_law_trial w;
            const char *why = NULL;
            if (!open_law(c, &w, &s) || !w.y[v]) last = 0;
            else {
                long before = w.t.b->verbs;
                w.t.b->fail_at = before + k;
                fenp_law_verb_run(&w, (fenp_law_verb)v, w.x, &why);
                last = k + (w.t.b->verbs - before >= k);
                if (last > k && (!why || !strstr(why, "injected")))
                    fenp_find(c, "verb %ld of %s fails%s: given `%s`, needed that fault", k, fenp_law_verb_name[v], w.where, why ? why : "no fault");
            }
            close_law(&w);
        }
}

/* ---- the whole ---- */
/* Over one or two features, or integers: numbers for the parameters are sought at which it adds up to 1. */
static bool check_law(fenp_check *c, fenp_setup s) {
    fenp_law_trial w, few;
    s.batch = 3;
    bool good = open_law(c, &few, &s), found = false;
    s.batch = FENP_LAW_BATCH;
    good = open_law(c, &w, &s) && good;
    double total = NAN;
    for (int way = 0, tries = 0; good && !found && tries < 12 && fenp_trial_values_next(&few.t, 19, &way); tries++) {
        fenp_grid g = {.n = 0};
        shares h = {.n = 0};
        for (int i = 0; i < w.t.inputs; i++) {
            fenp_variable *v = &w.t.variable[i];
            if (!v->value) v->value = fenp_new((size_t)v->count * sizeof *v->value + 8);
            memcpy(v->value, few.t.variable[i].value, (size_t)v->count * sizeof *v->value);
        }
        if (!sample(c, &w)) break;
        if (w.whole && w.width == 1) found = count_shares(c, &w, &h) && adds_up(&w, &h);
        else if (!w.whole && w.width <= 2) found = fenp_grid_make(c, &w, &g) && normalised(&g);
        else found = true;
        if (isnan(total) && w.width <= 2) total = w.whole ? h.total : g.total;
        if (found && h.n) check_shares(c, &w, &h);
        else if (found && g.n) check_density(c, &w, &g);
        if (found) check_entropy_of_draws(c, &w);
        fenp_grid_free(&g);
        free_shares(&h);
    }
    if (good && !found && isnan(total)) fenp_find(c, "log_density%s is not finite at draws, for all parameters that were tried", w.where);
    else if (good && !found) fenp_find(c, "log_density%s: exp of it %s to %.9g, needed 1", w.where, w.whole ? "adds up" : "integrates", total);
    close_law(&w);
    close_law(&few);
    return found;
}
static int64_t event_size(fenp_check *c, const fenp_setup *s) {
    fenp_trial t;
    int64_t n = -1;
    fenp_trial_open(&t, c->subject, s, 0);
    if (t.faults.n == 0 && t.results) {
        fen_shape shape = t.result[0].node->shape;
        n = shape.leads == 1 ? fen_row_size(&shape) : -1;
    }
    fenp_trial_close(&t);
    return n;
}
/* Events of one and of two numbers, where the sampler has them; else the smallest that it has. */
static bool shape_for(fenp_check *c, fenp_setup *s, int64_t size) {
    for (int k = 0; k < FENP_SETUP_RUNS * FENP_SETUP_LETTERS; k++) {
        s->run = k % FENP_SETUP_RUNS;
        s->letters = k / FENP_SETUP_RUNS;
        if (event_size(c, s) == size) return true;
    }
    return false;
}
void fenp_test_law(fenp_check *c) {
    fenp_setup list[16];
    int n = fenp_setups(c, list, 16), checked = 0, tested = 0;
    for (int i = 0; i < n; i++) {
        fenp_setup s = list[i];
        int shapes = 0;
        s.leads = 1;
        s.draw = 0;
        s.flat = true;
        for (int64_t size = 1; size <= 2 || (size <= 64 && !shapes); size++) {
            if (!shape_for(c, &s, size)) continue;
            check_slopes(c, s);
            if (!checked++) check_faults(c, s);
            tested += check_law(c, s);
            shapes++;
        }
    }
    if (n && !tested && !c->findings) fenp_find(c, "no draws were found on which its law could be tested");
}
