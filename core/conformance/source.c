/* source.c: samplers in host code. A simulation is pure in (key, index of the example, declared state): the same numbers again, in any cut of a
 * draw, from another instance, on threads; it writes nothing but its outputs and its state. A file serves tables that can be read, the same at
 * each opening, and a file that ends too early is refused or served as far as it goes, never a crash. */
#include "conformance/host.h"
#include "base/pool.h"
#include "base/random.h"
#include <math.h>
#include <string.h>

/* ---- guarded memory ---- */
enum { BESIDE = 0xa5 };
fenp_guarded fenp_guarded_new(int64_t n, double fill) {
    size_t bytes = (size_t)n * sizeof(double);
    char *m = fenp_new(bytes + 2 * FENP_GUARD);
    memset(m, BESIDE, bytes + 2 * FENP_GUARD);
    fenp_guarded g = {(double *)(void *)(m + FENP_GUARD), n};
    for (int64_t i = 0; i < n; i++) g.at[i] = fill;
    return g;
}
bool fenp_guarded_whole(const fenp_guarded *g) {
    const unsigned char *before = (const unsigned char *)g->at - FENP_GUARD, *behind = (const unsigned char *)(g->at + g->n);
    for (int i = 0; i < FENP_GUARD; i++)
        if (before[i] != BESIDE || behind[i] != BESIDE) return false;
    return true;
}
void fenp_guarded_free(fenp_guarded *g) {
    if (g->at) fenp_delete((char *)g->at - FENP_GUARD);
    g->at = NULL;
}
uint64_t fenp_sum_of(const void *data, size_t bytes) {
    const unsigned char *p = data;
    uint64_t sum = 0xCBF29CE484222325u;
    for (size_t i = 0; i < bytes; i++) sum = (sum ^ p[i]) * 0x100000001B3u;
    return sum;
}

/* ---- one draw ---- */
enum { MOST_OUTPUTS = 16, COUNT = 23 };
typedef struct drawing {
    fenp_check *c;
    fenp_trial *t;
    const fenp_source *source;
    const char *where;
    int64_t width[MOST_OUTPUTS];
    int outputs;
} drawing;
typedef struct numbers {
    fenp_guarded out[MOST_OUTPUTS], state;
} numbers; /* state: bytes, rounded up to doubles */

static size_t state_bytes(const drawing *d) { return d->source->function->draws->state; }
static numbers numbers_new(const drawing *d, int64_t count, double fill) {
    numbers r = {.state = fenp_guarded_new((int64_t)((state_bytes(d) * (size_t)count + 7) / 8), 0)};
    for (int k = 0; k < d->outputs; k++) r.out[k] = fenp_guarded_new(count * d->width[k], fill);
    return r;
}
static void numbers_free(const drawing *d, numbers *r) {
    for (int k = 0; k < d->outputs; k++) fenp_guarded_free(&r->out[k]);
    fenp_guarded_free(&r->state);
}
/* Examples first .. first + count - 1 of draw `key`, into r at `at`. */
static void draw(const drawing *d, numbers *r, uint64_t key, int64_t first, int64_t count, int64_t at) {
    double *out[MOST_OUTPUTS];
    for (int k = 0; k < d->outputs; k++) out[k] = r->out[k].at + at * d->width[k];
    fen_draw w = {.key = key, .first = first, .count = count, .state = state_bytes(d) ? (char *)r->state.at + state_bytes(d) * (size_t)at : NULL};
    d->source->function->draws->draw(d->source->self, &w, out);
}
static void check_guards(const drawing *d, const numbers *r) {
    for (int k = 0; k < d->outputs; k++)
        if (!fenp_guarded_whole(&r->out[k])) fenp_find(d->c, "draw writes beside output `%s`%s", d->source->output[k].name, d->where);
    if (!fenp_guarded_whole(&r->state)) fenp_find(d->c, "draw writes beside its state of %zu bytes an example%s", state_bytes(d), d->where);
}
static void compare(const drawing *d, const numbers *a, const numbers *b, int64_t count, const char *when) {
    for (int k = 0; k < d->outputs; k++)
        for (int64_t i = 0; i < count * d->width[k]; i++) {
            if (memcmp(&a->out[k].at[i], &b->out[k].at[i], sizeof(double)) == 0) continue;
            fenp_find(d->c, "output `%s` differs %s%s: example %lld given %.17g, needed %.17g", d->source->output[k].name, when, d->where,
                      (long long)(i / d->width[k]), b->out[k].at[i], a->out[k].at[i]);
            return;
        }
}
static void check_values(const drawing *d, const numbers *r, int64_t count) {
    for (int k = 0; k < d->outputs; k++)
        for (int64_t i = 0; i < count * d->width[k]; i++) {
            double x = r->out[k].at[i];
            bool whole = d->source->output[k].type != FEN_INTEGER || (x == floor(x) && fabs(x) <= INT32_MAX);
            if (isfinite(x) && whole) continue;
            fenp_find(d->c, "output `%s`%s: example %lld given %.17g, needed a %s", d->source->output[k].name, d->where, (long long)(i / d->width[k]),
                      x, isfinite(x) ? "whole number of 32 bits" : "finite number");
            return;
        }
}

/* ---- simulations ---- */
static uint64_t key_of(uint64_t n) { return fenp_key_step(fenp_key_step(1, fenp_hash("x")), n); }
static void cut(const drawing *d, const numbers *whole, uint64_t key, int64_t piece, bool backwards) {
    numbers r = numbers_new(d, COUNT, NAN);
    int64_t pieces = (COUNT + piece - 1) / piece;
    for (int64_t k = 0; k < pieces; k++) {
        int64_t at = (backwards ? pieces - 1 - k : k) * piece, n = COUNT - at < piece ? COUNT - at : piece;
        draw(d, &r, key, 100 + at, n, at);
    }
    check_guards(d, &r);
    compare(d, whole, &r, COUNT, backwards ? "when its examples are drawn in pieces, the last first" : "when its examples are drawn in pieces");
    numbers_free(d, &r);
}
typedef struct apart {
    const drawing *d;
    numbers *r;
} apart;
static void draw_part(const void *context, int part) {
    const apart *a = context;
    draw(a->d, a->r, key_of(0), 100 + part, 1, part);
}
static void on_threads(const drawing *d, const numbers *whole) {
    numbers r = numbers_new(d, COUNT, NAN);
    fenp_pool_start(3);
    fenp_pool_run(draw_part, &(apart){d, &r}, COUNT);
    fenp_pool_stop();
    compare(d, whole, &r, COUNT, "on three threads");
    numbers_free(d, &r);
}
/* Draws 0, 1, 2: with state they follow each other; a copy of the state in another instance goes on as this one. */
static void check_sequence(const drawing *d, const drawing *other) {
    numbers a = numbers_new(d, COUNT, NAN), b = numbers_new(d, COUNT, 0), kept = numbers_new(d, COUNT, 0);
    for (uint64_t n = 0; n < 3; n++) {
        if (n == 2) memcpy(kept.state.at, a.state.at, (size_t)a.state.n * sizeof(double));
        draw(d, &a, key_of(n), 0, COUNT, 0);
    }
    check_guards(d, &a);
    if (state_bytes(d)) memcpy(b.state.at, kept.state.at, (size_t)kept.state.n * sizeof(double));
    draw(other, &b, key_of(2), 0, COUNT, 0);
    compare(d, &a, &b, COUNT,
            state_bytes(d) ? "in another instance that goes on from the same state" : "in another instance, without the draws before");
    if (memcmp(a.state.at, b.state.at, state_bytes(d) * COUNT))
        fenp_find(d->c, "its state differs in another instance that goes on from the same state%s", d->where);
    numbers_free(d, &a);
    numbers_free(d, &b);
    numbers_free(d, &kept);
}
static void check_simulation(const drawing *d, const drawing *other) {
    numbers whole = numbers_new(d, COUNT, NAN), again = numbers_new(d, COUNT, 0);
    draw(d, &whole, key_of(0), 100, COUNT, 0);
    draw(d, &again, key_of(0), 100, COUNT, 0);
    check_guards(d, &whole);
    check_values(d, &whole, COUNT);
    compare(d, &whole, &again, COUNT, "when it is drawn again");
    for (int64_t piece = 1; piece <= 7; piece += 3) {
        cut(d, &whole, key_of(0), piece, false);
        cut(d, &whole, key_of(0), piece, true);
    }
    on_threads(d, &whole);
    check_sequence(d, other);
    numbers_free(d, &whole);
    numbers_free(d, &again);
}

/* ---- files ---- */
static double cell(const fen_table *t, int64_t i) {
    switch (t->cell) {
    case FEN_U8: return ((const uint8_t *)t->data)[i];
    case FEN_I64: return (double)((const int64_t *)t->data)[i];
    case FEN_F32: return (double)((const float *)t->data)[i];
    case FEN_F64: return ((const double *)t->data)[i];
    }
    return NAN;
}
static uint64_t read_tables(const fenp_source *s) {
    uint64_t sum = 0;
    for (int k = 0; k < s->outputs; k++) {
        const fen_table *t = &s->output[k].table;
        int64_t n = t->rows * fen_row_size(&t->features);
        for (int64_t i = 0; i < n; i++) {
            double x = cell(t, i);
            sum = fenp_key_step(sum, fenp_sum_of(&x, sizeof x));
        }
    }
    return sum;
}
static void check_tables(const drawing *d, const drawing *other) {
    if (d->source->rows < 1) fenp_find(d->c, "serves %lld rows%s; needs one at least", (long long)d->source->rows, d->where);
    if (read_tables(d->source) != read_tables(other->source)) fenp_find(d->c, "serves other numbers when it is opened again%s", d->where);
}
/* A header is a claim: each cut of each file. */
static void check_cuts(fenp_check *c, const fenp_setup *s) {
    const fen_function *f = c->subject->function;
    static const size_t bytes[] = {0, 1, 7, 12, 17, 40, 130, 200};
    for (int i = 0; i < fenp_attributes(f->attributes); i++)
        for (size_t k = 0; k < sizeof bytes / sizeof *bytes && f->attributes[i].type == FEN_ATTR_PATH && s->text[i]; k++) {
            fenp_setup shorter = *s;
            fenp_trial t;
            if (!(shorter.text[i] = fenp_sample_cut(c, s->text[i], bytes[k]))) continue;
            fenp_trial_open(&t, c->subject, &shorter, 0);
            if (t.faults.n == 0 && t.source && !f->draws->draw) read_tables(t.source);
            fenp_trial_close(&t);
            remove(shorter.text[i]);
        }
}

/* ---- the whole ---- */
static drawing drawing_of(fenp_check *c, fenp_trial *t, const char *where) {
    drawing d = {
        .c = c, .t = t, .source = t->source, .where = where, .outputs = t->source->outputs < MOST_OUTPUTS ? t->source->outputs : MOST_OUTPUTS};
    for (int k = 0; k < d.outputs; k++) d.width[k] = fenp_count(&t->source->output[k].features);
    return d;
}
/* What is served at a port that is named has the shape that the port promises. */
static void check_ports(const drawing *d) {
    for (int k = 0; k < d->outputs; k++) {
        const fenp_served *s = &d->source->output[k];
        const fen_port *p = fenp_port(d->t->function->outputs, s->name, NULL);
        fen_node *x = fenp_feed_new(d->t->b, "served", s->features, s->type, true, FENP_ON_DRAW, NULL);
        const char *needed = p ? fenp_port_refuses(&d->t->call->match, p, d->t->b, x, &x) : NULL;
        if (needed)
            fenp_find(d->c, "output `%s`%s: given %s, needed %s", s->name, d->where, fenp_shape_text(d->t->b, s->features, (char[160]){0}), needed);
        if (p && p->type != s->type)
            fenp_find(d->c, "output `%s`%s: given %s, its table promises %s", s->name, d->where, s->type ? "integers" : "reals",
                      p->type ? "integers" : "reals");
    }
}
static void check(fenp_check *c, const fenp_setup *s) {
    fenp_trial t, again;
    const char *where = fenp_setup_text(c, s);
    fenp_trial_open(&t, c->subject, s, 0);
    fenp_trial_open(&again, c->subject, s, 0);
    if (t.source && again.source && !t.faults.n && !again.faults.n) {
        drawing d = drawing_of(c, &t, where), other = drawing_of(c, &again, where);
        check_ports(&d);
        if (c->subject->function->draws->draw) check_simulation(&d, &other);
        else check_tables(&d, &other);
    }
    fenp_trial_close(&t);
    fenp_trial_close(&again);
}
static void check_ends(fenp_check *c, const fenp_setup *base) {
    const fen_function *f = c->subject->function;
    const char *text;
    bool large;
    for (int i = 0; i < fenp_attributes(f->attributes) && i < FENP_SETUP_ATTRIBUTES; i++)
        for (int k = 0; fenp_attribute_end(c, &f->attributes[i], k, &text, &large); k++) {
            fenp_setup s = *base;
            s.text[i] = text;
            if (!large && fenp_setup_builds(c, &s, NULL)) check(c, &s);
        }
}
void fenp_test_source(fenp_check *c) {
    fenp_setup base;
    const char *why;
    if (!fenp_setup_base(c, &base, &why)) {
        fenp_find(c, "cannot be opened; the first try said: %s (attributes can be given: %s.ATTRIBUTE=VALUE)", why ? why : "nothing",
                  c->subject->name);
        return;
    }
    check(c, &base);
    check_ends(c, &base);
    check_cuts(c, &base);
}
