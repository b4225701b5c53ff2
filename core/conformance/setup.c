/* setup.c: ways to call a function, found from its tables alone: values for attributes that must be given, which of the optional inputs, what
 * "..." and capital letters are in port shapes. The plainest one that builds without a fault is the base; others change one thing of it. */
#include "conformance/host.h"
#include "plugin/pattern.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    int n;
    int64_t size[3];
} runs[FENP_SETUP_RUNS] = {{1, {4}}, {0, {0}}, {2, {2, 3}}, {3, {3, 2, 4}}, {2, {4, 4}}};
static int64_t letter_size(int set, int letter) {
    static const int64_t mixed[] = {4, 3, 5, 2};
    return set == 0 ? mixed[letter % 4] : set == 1 ? 4 : set == 2 ? 2 : 3;
}

/* ---- shapes of inputs ---- */
int64_t fenp_setup_attribute(const fenp_setup *s, const fen_function *f, int i) {
    const char *text = s->text[i] ? s->text[i] : f->attributes[i].initial;
    return text ? strtol(text, NULL, 10) : 1;
}
static int64_t size_of(const fenp_setup *s, const fen_function *f, const fenp_size *z) {
    int i;
    if (z->kind == FENP_SIZE_NUMBER) return z->number;
    if (z->kind == FENP_SIZE_LETTER) return letter_size(s->letters, z->name[0] - 'A');
    return fenp_attribute(f, z->name, &i) ? fenp_setup_attribute(s, f, i) : 1;
}
fen_shape fenp_setup_shape(const fenp_setup *s, const fen_function *f, const fen_port *port) {
    fenp_pattern p;
    fen_shape shape = {0};
    if (!fenp_pattern_read(port->shape, &p)) return shape;
    int leads = !p.leads ? 0 : *p.lead ? 1 : s->flat ? 0 : s->leads;
    for (int i = 0; i < leads; i++) {
        shape.axis[i] = (fen_axis)i;
        shape.size[i] = i ? 2 : s->batch;
    }
    shape.leads = shape.rank = (uint8_t)leads;
    for (int i = 0; i <= p.n; i++) {
        for (int k = 0; p.run && i == p.before && k < runs[s->run].n && shape.rank < FEN_MAX_RANK; k++)
            shape.size[shape.rank++] = runs[s->run].size[k];
        if (i < p.n && shape.rank < FEN_MAX_RANK) shape.size[shape.rank++] = size_of(s, f, &p.size[i]);
    }
    return shape;
}
static int64_t first_row(const fenp_setup *s, const fen_function *f) {
    if (!fenp_ports(f->inputs)) return 4;
    fen_shape shape = fenp_setup_shape(s, f, &f->inputs[0]);
    return fen_row_size(&shape);
}

/* ---- values for attributes that must be given: the i-th try; NULL: no more ---- */
static const char *number_try(fenp_check *c, const fen_attribute *a, int i) {
    fenp_range r = {-INFINITY, INFINITY, true, true};
    bool whole = a->type == FEN_ATTR_INT;
    static const double tries[] = {3, 4, 2, 1, 0.5, 5, 0};
    if (a->range) fenp_range_read(a->range, &r);
    for (size_t k = 0; k < sizeof tries / sizeof *tries; k++) {
        if (!fenp_range_has(&r, tries[k]) || (whole && tries[k] != floor(tries[k])) || i-- > 0) continue;
        return fenp_arena_text(&c->memory, "%g", tries[k]);
    }
    double low = whole ? ceil(r.low) + (r.low_open && r.low == ceil(r.low)) : r.low_open ? (r.low + r.high) / 2 : r.low;
    return i == 0 && isfinite(low) ? fenp_arena_text(&c->memory, "%.17g", low) : NULL;
}
static const char *word_try(fenp_check *c, const fen_attribute *a, int i) {
    const char *s = a->range;
    for (; s && i > 0; i--) s = strchr(s, '|') ? strchr(s, '|') + 1 : NULL;
    return s ? fenp_arena_copy(&c->memory, s, strcspn(s, "|")) : NULL;
}
static const char *shape_try(fenp_check *c, const fenp_setup *s, const fen_function *f, int i) {
    long long n = (long long)first_row(s, f);
    if (i == 0) return fenp_arena_text(&c->memory, "[%lld]", n);
    if (i == 1) return fenp_arena_text(&c->memory, "[%d, %lld]", n % 2 ? 1 : 2, n % 2 ? n : n / 2);
    return i == 2 ? "[]" : NULL;
}
/* The i-th of the samplers that have a law: the experiment of a trial has them all, under these names. */
static const char *law_try(fenp_check *c, int i) {
    const char *const *name = fenp_function_names();
    fenp_kind kind;
    for (; *name; name++) {
        const fen_function *f = fenp_function_find(*name, &kind);
        if (kind == FENP_SAMPLER && f->law && f->build && i-- == 0) return fenp_arena_text(&c->memory, "a_%s", *name);
    }
    return NULL;
}
static const char *by_type(fenp_check *c, const fenp_setup *s, const fen_function *f, const fen_attribute *a, int i) {
    static const char *const functions[] = {"none", "normal", "zeros", NULL}, *const networks[] = {"net_1", "net_2", "net_3", NULL},
                             *const tables[] = {"[0.2, 0.3, 0.5]", "[[0.7, 0.3], [0.4, 0.6]]", "[1, 2]", "1", NULL},
                             *const layers[] = {"[dense: {units: out}, tanh]", "[dense: {units: 4}, tanh]", "[tanh]", NULL},
                             *const texts[] = {"a", NULL}, *const nodes[] = {"entry", NULL}, *const moving[] = {"bowl", "nearer", NULL},
                             *const records[] = {"{x: x}", "[x]", NULL};
    const char *const *list = NULL;
    switch (a->type) {
    case FEN_ATTR_REAL:
    case FEN_ATTR_INT: return number_try(c, a, i);
    case FEN_ATTR_BOOL: return i == 0 ? "false" : i == 1 ? "true" : NULL;
    case FEN_ATTR_WORD: return word_try(c, a, i);
    case FEN_ATTR_SHAPE: return shape_try(c, s, f, i);
    case FEN_ATTR_SAMPLER: return !f->moves ? law_try(c, i) : i ? law_try(c, i - 1) : "a_plane";
    case FEN_ATTR_TEXT: list = texts; break;
    case FEN_ATTR_TABLE: list = tables; break;
    case FEN_ATTR_FUNCTION: list = functions; break;
    case FEN_ATTR_LAYERS: list = layers; break;
    case FEN_ATTR_NETWORK: list = networks; break;
    case FEN_ATTR_NODE: list = f->moves ? moving : nodes; break;
    case FEN_ATTR_PATH: return !a->initial ? fenp_sample(i) : i ? fenp_sample(i - 1) : a->initial;
    case FEN_ATTR_RECORDS: list = records; break;
    }
    for (; list && *list && i > 0; i--) list++;
    return list ? *list : NULL;
}
/* The example that the help gives, "such as {x: 5}"; NULL: none. */
static const char *example(fenp_check *c, const fen_attribute *a) {
    const char *s = a->help ? strstr(a->help, "such as ") : NULL;
    if (!s || a->initial) return NULL;
    s += strlen("such as ");
    size_t n = strcspn(s, ",; ");
    int depth = 0;
    for (size_t i = 0; *s == '{' || *s == '['; i++) {
        depth += (s[i] == '{' || s[i] == '[') - (s[i] == '}' || s[i] == ']');
        n = i + 1;
        if (depth == 0 || !s[i]) break;
    }
    return depth ? NULL : fenp_arena_copy(&c->memory, s, n);
}
static const char *try(fenp_check *c, const fenp_setup *s, const fen_function *f, const fen_attribute *a, int i) {
    const char *first = example(c, a);
    return first && i == 0 ? first : by_type(c, s, f, a, i - (first != NULL));
}
/* What the command line says of attribute a; NULL: nothing. */
static const char *said(const fenp_check *c, const fen_attribute *a) {
    const char *who = c->subject->name;
    size_t n = strlen(who), m = strlen(a->name);
    for (int i = 0; i < c->subject->options->sets; i++) {
        const char *s = c->subject->options->set[i];
        if (strncmp(s, who, n) == 0 && s[n] == '.' && strncmp(s + n + 1, a->name, m) == 0 && s[n + 1 + m] == '=') return s + n + 2 + m;
    }
    return NULL;
}
/* The k-th way to give what must be given; false: there is none. */
static bool give(fenp_check *c, fenp_setup *s, int k) {
    const fen_function *f = c->subject->function;
    for (int i = 0; i < fenp_attributes(f->attributes); i++) {
        const fen_attribute *a = &f->attributes[i];
        if ((s->text[i] = said(c, a)) || (a->initial && a->type != FEN_ATTR_PATH)) continue;
        int n = 0;
        while (try(c, s, f, a, n)) n++;
        if (!n) continue;
        s->text[i] = try(c, s, f, a, k % n);
        if (s->text[i] == a->initial) s->text[i] = NULL;
        k /= n;
    }
    return k == 0;
}

/* ---- searching ---- */
bool fenp_setup_builds(fenp_check *c, const fenp_setup *s, const char **why) {
    fenp_trial t;
    fenp_trial_open(&t, c->subject, s, 0);
    bool good = t.faults.n == 0;
    if (!good && why && !*why) *why = fenp_arena_text(&c->memory, "%s", t.faults.at[0].text);
    fenp_trial_close(&t);
    return good;
}
/* Inputs that need not be given. */
static int optional_inputs(const fen_function *f, int *port) {
    int n = 0;
    for (int i = 0; i < fenp_ports(f->inputs); i++)
        if ((f->inputs[i].optional || f->inputs[i].initial) && n < 16) port[n++] = i;
    return n;
}
/* The k-th choice of them: none, each alone, all. false: no more. */
static bool choose(const fen_function *f, int k, unsigned long *given) {
    int port[16], n = optional_inputs(f, port);
    *given = 0;
    if (k > 0 && k <= n) *given = 1ul << port[k - 1];
    for (int i = 0; i < n && k == n + 1; i++) *given |= 1ul << port[i];
    return k <= n + (n > 1);
}
/* One whose draws have any features can fill a parameter. */
int fenp_setup_draws(const fenp_subject *s) {
    fenp_pattern p;
    const fen_port *out = s->function->outputs;
    return s->of == FENP_SAMPLER && out && fenp_pattern_read(out->shape, &p) && p.run ? FENP_SETUP_DRAWS : 1;
}
static bool fit_shapes(fenp_check *c, fenp_setup *s, const char **why) {
    static const int leads[] = {1, 0, 2};
    const fenp_setup before = *s;
    int draws = fenp_setup_draws(c->subject);
    for (int l = 0; l < 3; l++)
        for (s->draw = 0; s->draw < draws; s->draw++)
            for (s->letters = 0; s->letters < FENP_SETUP_LETTERS; s->letters++)
                for (s->run = 0; s->run < FENP_SETUP_RUNS; s->run++) {
                    s->leads = leads[l];
                    if (fenp_setup_builds(c, s, why)) return true;
                }
    *s = before;
    return false;
}
bool fenp_setup_fit(fenp_check *c, fenp_setup *s) {
    const char *why = NULL;
    return fenp_setup_builds(c, s, &why) || fit_shapes(c, s, &why);
}
bool fenp_setup_base(fenp_check *c, fenp_setup *s, const char **why) {
    *why = NULL;
    for (int k = 0; k < 200; k++) {
        *s = (fenp_setup){.batch = 3, .leads = 1, .mode = FEN_TRAIN, .doubles = true};
        if (!give(c, s, k)) break;
        for (int g = 0; choose(c->subject->function, g, &s->given); g++) {
            for (s->run = 0; s->run < FENP_SETUP_RUNS; s->run++) {
                if (!give(c, s, k)) break; /* shapes may follow from the inputs */
                if (fenp_setup_builds(c, s, why)) return true;
            }
            s->run = 0;
        }
        for (int g = 0; choose(c->subject->function, g, &s->given); g++)
            if (fit_shapes(c, s, why)) return true;
    }
    return false;
}

/* ---- one thing changed ---- */
static bool keep(fenp_check *c, fenp_setup *list, int *n, int most, fenp_setup s) {
    if (*n == most || !fenp_setup_fit(c, &s)) return false;
    list[(*n)++] = s;
    return true;
}
int fenp_setups(fenp_check *c, fenp_setup *list, int most) {
    const fen_function *f = c->subject->function;
    const char *why;
    fenp_setup base;
    unsigned long given;
    int n = 0;
    if (!fenp_setup_base(c, &base, &why)) return 0;
    keep(c, list, &n, most, base);
    for (int i = 0; i < fenp_attributes(f->attributes) && i < FENP_SETUP_ATTRIBUTES; i++) {
        const fen_attribute *a = &f->attributes[i];
        if (a->type != FEN_ATTR_WORD && a->type != FEN_ATTR_BOOL) continue;
        const char *now = base.text[i] ? base.text[i] : a->initial, *text;
        for (int k = 0; (text = try(c, &base, f, a, k)); k++) {
            fenp_setup s = base;
            s.text[i] = text;
            if (strcmp(text, now ? now : "")) keep(c, list, &n, most, s);
        }
    }
    for (int g = 0; choose(f, g, &given); g++) {
        fenp_setup s = base;
        s.given = given;
        if (given != base.given) keep(c, list, &n, most, s);
    }
    return n;
}
const char *fenp_setup_text(fenp_check *c, const fenp_setup *s) {
    const fen_function *f = c->subject->function;
    fenp_text t = {0};
    for (int i = 0; i < fenp_attributes(f->attributes); i++)
        if (s->text[i] && strcmp(s->text[i], f->attributes[i].initial ? f->attributes[i].initial : ""))
            fenp_text_add(&t, ", %s=%s", f->attributes[i].name, s->text[i]);
    for (int i = 0; i < fenp_ports(f->inputs); i++) {
        const fen_port *p = &f->inputs[i];
        if ((p->optional || p->initial) && !(s->given >> i & 1)) continue;
        fen_shape shape = fenp_setup_shape(s, f, p);
        fenp_text_add(&t, ", %s [%s%s;", p->name, shape.leads ? "batch" : "", shape.leads > 1 ? ", k" : "");
        for (int k = shape.leads; k < shape.rank; k++) fenp_text_add(&t, "%s%lld", k > shape.leads ? ", " : " ", (long long)shape.size[k]);
        fenp_text_add(&t, "]");
    }
    if (s->mode == FEN_EVALUATE) fenp_text_add(&t, ", in evaluation");
    const char *text = t.n ? fenp_arena_copy(&c->memory, t.at, t.n) : "";
    fenp_text_free(&t);
    return text;
}
