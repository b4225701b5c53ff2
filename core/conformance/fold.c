/* fold.c: a metric over a pass. However the pass is cut into draws, and in whatever order passes of several inputs come, the result is the same;
 * two instances know nothing of each other; rows are read, never written, and not beyond the last. */
#include "conformance/host.h"
#include <math.h>
#include <string.h>

enum { ROWS = 60, FEEDS = 16, OUTS = 16 };
typedef struct feed {
    const char *name, *pass;
    fen_shape features;
    int64_t width, rows;
    double *value;
} feed; /* pass "": fed once */
typedef struct folding {
    fenp_check *c;
    fenp_trial t;
    feed feed[FEEDS];
    int feeds, outs;
    int64_t out_width[OUTS];
    double behind; /* the rows of a draw */
    const char *where, *why;
} folding;

/* ---- what it is fed ---- */
/* The name of its lead, "" where it has none: ports of one name come from one pass. */
static const char *pass_of(folding *k, const fen_port *p) {
    const char *end = strstr(p->shape, "...;");
    if (!end) return "";
    return end == p->shape + 1 ? "batch" : fenp_arena_copy(&k->t.memory, p->shape + 1, (size_t)(end - p->shape - 1));
}
static void add_feed(folding *k, const char *name, const char *pass, const fen_node *x) {
    if (k->feeds == FEEDS) return;
    fen_shape s = x->shape;
    k->feed[k->feeds++] = (feed){.name = name, .pass = pass, .features = fen_features(s.rank - s.leads, s.size + s.leads), .rows = fen_rows(&s)};
}
static void read_feeds(folding *k, fenp_evaluator *e) {
    const fen_function *f = k->t.function;
    const fenp_call *call = k->t.call;
    fen_node *node[FEEDS];
    k->feeds = 0;
    for (int i = 0; f->build && i < call->feeds && i < FEEDS; i++) {
        node[i] = call->feed[i].node;
        add_feed(k, call->feed[i].name, fenp_node_of(node[i])->depends & FENP_ON_DRAW ? "batch" : "", node[i]);
    }
    for (int i = 0; !f->build && i < fenp_ports(f->inputs) && i < FEEDS; i++) {
        node[i] = call->input[i];
        if (node[i]) add_feed(k, f->inputs[i].name, pass_of(k, &f->inputs[i]), node[i]);
        else k->feed[k->feeds++] = (feed){.name = f->inputs[i].name, .pass = ""};
    }
    for (int i = 0; i < k->feeds; i++) {
        feed *d = &k->feed[i];
        d->width = fenp_count(&d->features);
        d->value = fenp_arena_new(&k->t.memory, (size_t)(d->rows * d->width) * sizeof *d->value + 8);
        for (int64_t j = 0; node[i] && j < d->rows * d->width; j++) d->value[j] = fenp_evaluator_at(e, node[i], j);
    }
}
static bool known_outputs(folding *k) {
    const fen_function *f = k->t.function;
    k->outs = fenp_ports(f->outputs);
    for (int i = 0; i < k->outs && i < OUTS; i++) {
        int n = 0;
        int64_t size[FEN_MAX_RANK];
        if (!fenp_port_features(&k->t.call->match, &f->outputs[i], &n, size)) return false;
        k->out_width[i] = 1;
        for (int j = 0; j < n; j++) k->out_width[i] *= size[j];
    }
    return k->outs <= OUTS;
}
/* Numbers of a kind from *way on; false: no more. */
static bool next_numbers(folding *k, int *way) {
    fenp_evaluator e = {.b = k->t.b};
    if (!fenp_trial_values_next(&k->t, 29, way)) return false;
    for (int i = 0; i < k->t.variables; i++) fenp_evaluator_put(&e, k->t.variable[i].node, k->t.variable[i].value);
    fenp_evaluator_run(&e, NULL);
    read_feeds(k, &e);
    fenp_evaluator_free(&e);
    return true;
}

/* ---- an instance ---- */
typedef struct instance {
    folding *of;
    void *self;
    fen_host host;
    fenp_arena memory;
    fen_shape port[FEEDS];
    const char *name[FEEDS];
    int64_t at[FEEDS];
} instance;
static bool start(folding *k, instance *n) {
    const fen_function *f = k->t.function;
    *n = (instance){.of = k};
    fenp_host_init(&n->host, &k->t.context, f, k->t.call, (fenp_place){0});
    n->host.memory = &n->memory;
    n->host.ports = k->feeds;
    n->host.port = n->port;
    n->host.port_name = n->name;
    for (int i = 0; i < k->feeds; i++) {
        n->port[i] = k->feed[i].features;
        n->name[i] = k->feed[i].name;
    }
    n->self = f->fold->start(&n->host);
    if (n->self && !n->host.failed) return true;
    k->why = k->t.faults.n ? k->t.faults.at[0].text : "start gives NULL and says nothing";
    fenp_arena_free(&n->memory);
    return false;
}
/* The next `rows` rows of all feeds of that pass; false: there are none left. */
static bool add(instance *n, const char *pass, int64_t rows) {
    folding *k = n->of;
    const double *in[FEEDS] = {NULL};
    fenp_guarded copy[FEEDS] = {{0}};
    uint64_t sum[FEEDS];
    int64_t left = 0;
    for (int i = 0; i < k->feeds; i++) {
        feed *d = &k->feed[i];
        if (strcmp(d->pass, pass) || !d->rows) continue;
        int64_t m = d->rows - n->at[i] < rows ? d->rows - n->at[i] : rows;
        copy[i] = fenp_guarded_new((m + 2) * d->width, k->behind);
        memcpy(copy[i].at, d->value + n->at[i] * d->width, (size_t)(m * d->width) * sizeof(double));
        sum[i] = fenp_sum_of(copy[i].at, (size_t)copy[i].n * sizeof(double));
        n->at[i] += m;
        left = m > left ? m : left;
        in[i] = copy[i].at;
    }
    if (left && !k->t.function->fold->add(n->self, left, in)) fenp_find(k->c, "add says that memory is out%s", k->where);
    for (int i = 0; i < k->feeds; i++) {
        if (!copy[i].at) continue;
        if (!fenp_guarded_whole(&copy[i]) || fenp_sum_of(copy[i].at, (size_t)copy[i].n * sizeof(double)) != sum[i])
            fenp_find(k->c, "add writes to its rows of `%s`, or beside them%s", k->feed[i].name, k->where);
        fenp_guarded_free(&copy[i]);
    }
    return left > 0;
}
static bool finish(instance *n, double *value) {
    folding *k = n->of;
    fenp_guarded out[OUTS];
    double *at[OUTS];
    for (int i = 0; i < k->outs; i++) at[i] = (out[i] = fenp_guarded_new(k->out_width[i], -7.5e77)).at;
    bool good = k->t.function->fold->finish(n->self, at);
    for (int i = 0; i < k->outs; i++) {
        if (!fenp_guarded_whole(&out[i])) fenp_find(k->c, "finish writes beside output `%s`%s", k->t.function->outputs[i].name, k->where);
        for (int64_t j = 0; j < k->out_width[i]; j++, value++) {
            *value = good ? out[i].at[j] : NAN;
            if (good && *value == -7.5e77) fenp_find(k->c, "finish does not write output `%s`%s", k->t.function->outputs[i].name, k->where);
        }
        fenp_guarded_free(&out[i]);
    }
    fenp_arena_free(&n->memory);
    return good;
}

/* ---- passes ---- */
static int passes(const folding *k, const char **name) {
    int n = 0;
    for (int i = 0; i < k->feeds; i++) {
        int j = 0;
        while (j < n && strcmp(name[j], k->feed[i].pass)) j++;
        if (j == n && *k->feed[i].pass) name[n++] = k->feed[i].pass;
    }
    return n;
}
typedef struct cut {
    int64_t first, rest;
    bool alternating, last_first;
    const char *text;
} cut; /* rows of the first draw, of the others */
static const cut cuts[] = {{ROWS, ROWS, false, false, "at once"},
                           {1, 1, false, false, "one row at a time"},
                           {7, 7, true, false, "seven rows at a time, passes by turns"},
                           {ROWS - 1, 1, false, true, "all but one row, then that, the last pass first"},
                           {3, 20, true, true, "three rows, then twenty at a time"}};
enum { CUTS = sizeof cuts / sizeof *cuts };
static void feed_all(instance *n, const cut *way) {
    const char *name[FEEDS];
    int count = passes(n->of, name), draws = 0;
    bool more = true;
    add(n, "", ROWS * ROWS); /* what depends on no draw, once */
    if (way->alternating)
        for (; more; draws++) {
            more = false;
            for (int p = 0; p < count; p++) more |= add(n, name[way->last_first ? count - 1 - p : p], draws ? way->rest : way->first);
        }
    else
        for (int p = 0; p < count; p++)
            for (draws = 0; add(n, name[way->last_first ? count - 1 - p : p], draws ? way->rest : way->first);) draws++;
}
static int64_t numbers(const folding *k) {
    int64_t n = 0;
    for (int i = 0; i < k->outs; i++) n += k->out_width[i];
    return n;
}
static bool result(folding *k, const cut *way, double *value) {
    instance n;
    if (!start(k, &n)) return false;
    feed_all(&n, way);
    return finish(&n, value);
}
static void compare(folding *k, const double *needed, const double *given, double most, const char *when) {
    for (int64_t i = 0; i < numbers(k); i++) {
        if (fabs(given[i] - needed[i]) <= most * (1 + fabs(needed[i])) || (isnan(given[i]) && isnan(needed[i]))) continue;
        fenp_find(k->c, "its result differs %s%s: number %lld given %.17g, needed %.17g", when, k->where, (long long)i, given[i], needed[i]);
        return;
    }
}

/* ---- the whole ---- */
/* Another instance with other rows lives beside it. */
static void check_two(folding *k, const double *needed, double *given) {
    instance a, b;
    if (!start(k, &a)) return;
    if (start(k, &b)) {
        const char *name[FEEDS];
        int count = passes(k, name);
        for (int p = 0; p < count; p++) add(&b, name[p], 5);
        feed_all(&a, &cuts[2]);
        for (int p = 0; p < count; p++) add(&b, name[p], 9);
        finish(&a, given);
        compare(k, needed, given, 1e-9, "beside another instance");
        finish(&b, given);
    } else finish(&a, given);
}
static void check_none(folding *k, double *given) {
    instance n;
    if (start(k, &n)) finish(&n, given);
    if (!start(k, &n)) return;
    for (int i = 0; i < k->feeds; i++)
        for (int64_t j = 0; j < k->feed[i].rows * k->feed[i].width; j += 3) k->feed[i].value[j] = NAN; /* must not crash */
    feed_all(&n, &cuts[2]);
    finish(&n, given);
}
static bool all_finite(const double *x, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        if (!isfinite(x[i])) return false;
    return true;
}
static bool check(fenp_check *c, fenp_setup s) {
    folding k = {.c = c, .behind = NAN, .where = fenp_setup_text(c, &s)};
    bool good = false;
    s.batch = ROWS;
    s.mode = FEN_EVALUATE;
    fenp_trial_open(&k.t, c->subject, &s, 0);
    if (k.t.faults.n == 0 && !known_outputs(&k)) fenp_find(c, "the size of an output is not known from its inputs and attributes%s", k.where);
    else if (k.t.faults.n == 0) {
        double *needed = fenp_new((size_t)numbers(&k) * sizeof *needed + 8), *given = fenp_new((size_t)numbers(&k) * sizeof *given + 8);
        for (int way = 0; !good && next_numbers(&k, &way);) good = result(&k, &cuts[0], needed) && all_finite(needed, numbers(&k));
        for (int i = 0; i < CUTS && good; i++)
            if (result(&k, &cuts[i], given))
                compare(&k, needed, given, i ? 1e-9 : 0,
                        i ? fenp_arena_text(&c->memory, "when its rows come %s", cuts[i].text) : "when it is run again");
        if (good) check_two(&k, needed, given);
        if (good) check_none(&k, given);
        k.behind = 0;
        if (!good && k.feeds && result(&k, &cuts[0], needed) && all_finite(needed, numbers(&k))) fenp_find(c, "add reads beyond its rows%s", k.where);
        else if (!good) fenp_find(c, "no rows were found for which its result is finite%s%s%s", k.where, k.why ? ": " : "", k.why ? k.why : "");
        fenp_delete(needed);
        fenp_delete(given);
    }
    fenp_trial_close(&k.t);
    return good;
}
void fenp_test_fold(fenp_check *c) {
    fenp_setup list[16];
    const char *why = NULL;
    int n = fenp_setups(c, list, 16);
    int checked = 0;
    for (int i = 0; i < n; i++) checked += check(c, list[i]);
    if (!n && !fenp_setup_base(c, &list[0], &why)) fenp_find(c, "no way to call it was found; the first try said: %s", why ? why : "nothing");
    else if (n && !checked && !c->findings) fenp_find(c, "no pass could be made for it");
}
