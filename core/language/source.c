/* source.c: the verbs of fenchel/host.h that read attributes and serve tables; opening of files and simulations. */
#include "language/source.h"
#include "base/random.h"
#include "language/attribute.h"
#include "log/hdf5.h"
#include "ops/ops.h"
#include <string.h>

void fenp_host_init(fen_host *h, const fenp_context *c, const fen_function *f, const fenp_call *call, fenp_place at) {
    *h = (fen_host){.experiment = c->build->experiment,
                    .context = c,
                    .call = call,
                    .function = f,
                    .who = f->name,
                    .at = at,
                    .memory = &c->build->experiment->memory};
}
void *fen_host_fail(fen_host *h, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    const char *text = format ? fenp_arena_vtext(h->memory, format, ap) : "reports a fault without words (fen_host_fail with NULL)";
    va_end(ap);
    if (!h->failed) fenp_fail(h->experiment->faults, h->at, "%s: %s", h->who, text);
    h->failed = true;
    return NULL;
}
void *fen_host_memory(fen_host *h, size_t bytes) { /* lives as long as the instance, so as the experiment */
    char *p = fenp_arena_new(h->memory, bytes + 64);
    return p + (64 - (uintptr_t)p % 64) % 64;
}

/* ---- attributes: "rate", or a field of records "reactions.2.rate" ---- */
static const fenp_argument *argument(fen_host *h, const char *name, const fen_attribute **a) {
    int k;
    const fen_attribute *found = fenp_attribute(h->function, name, &k);
    if (!found) {
        fen_host_fail(h, "asks for attribute `%s` that it does not declare", name);
        return NULL;
    }
    if (a) *a = found;
    return &h->call->argument[k];
}
static const fenp_item *field(fen_host *h, const char *name, fenp_context *c) {
    const char *dot = strchr(name, '.');
    const char *head = fenp_arena_copy(h->memory, name, (size_t)(dot - name));
    const fenp_argument *a = argument(h, head, NULL);
    if (!a || !a->source) return NULL;
    const fenp_later *l = a->source;
    const fenp_item *item = l->item;
    *c = l->context;
    for (const char *p = dot; item && *p == '.';) {
        char *end;
        long i = strtol(p + 1, &end, 10);
        bool number = end != p + 1 && (*end == '.' || !*end);
        const char *next = number ? end : p + 1 + strcspn(p + 1, ".");
        if (number) item = i >= 0 && i < item->n ? item->item[i] : NULL;
        else item = fenp_item_get(item, fenp_arena_copy(h->memory, p + 1, (size_t)(next - p - 1)));
        p = next;
    }
    return item;
}
double fen_host_real(fen_host *h, const char *name) {
    double x = 1;
    name = fenp_text_given(name);
    if (strchr(name, '.')) {
        fenp_context c;
        const fenp_item *i = field(h, name, &c);
        if (!i) fen_host_fail(h, "needs `%s`", name);
        else if (!fenp_number_of(&c, i, &x)) h->failed = true;
        return x;
    }
    const fen_attribute *t;
    const fenp_argument *a = argument(h, name, &t);
    if (!a) return 1;
    if (t->type == FEN_ATTR_INT || t->type == FEN_ATTR_BOOL) return (double)a->whole;
    return a->node && !fenp_constant(a->node, &x) ? 1 : a->node ? x : a->real;
}
int64_t fen_host_int(fen_host *h, const char *name) {
    name = fenp_text_given(name);
    if (strchr(name, '.')) return (int64_t)fen_host_real(h, name);
    const fen_attribute *t;
    const fenp_argument *a = argument(h, name, &t);
    return !a ? 1 : t->type == FEN_ATTR_REAL ? (int64_t)a->real : a->whole;
}
const char *fen_host_text(fen_host *h, const char *name) {
    name = fenp_text_given(name);
    if (strchr(name, '.')) {
        fenp_context c;
        const fenp_item *i = field(h, name, &c);
        return i && i->text ? fenp_paste(&c, i) : NULL;
    }
    const fenp_argument *a = argument(h, name, NULL);
    return a ? a->text : NULL;
}
const double *fen_host_numbers(fen_host *h, const char *name, fen_shape *shape) {
    fen_node *x = NULL;
    name = fenp_text_given(name);
    if (strchr(name, '.')) {
        fenp_context c;
        const fenp_item *i = field(h, name, &c);
        fenp_value *v = i ? fenp_evaluate_text(&c, i) : NULL;
        if (v && !fenp_is_fault(c.build, v)) x = fenp_tensor(&c, v, i->at);
    } else {
        const fenp_argument *a = argument(h, name, NULL);
        x = a ? a->node : NULL;
    }
    if (!x || x == h->context->build->b->faulty) return NULL;
    double *d = fenp_constants(x), *kept = NULL;
    if (d) {
        kept = fen_host_memory(h, (size_t)fenp_count(&x->shape) * sizeof *d);
        memcpy(kept, d, (size_t)fenp_count(&x->shape) * sizeof *d);
        if (shape) *shape = fen_features(x->shape.rank - x->shape.leads, x->shape.size + x->shape.leads);
    } else fen_host_fail(h, "`%s` needs numbers that are known when the model is built", name);
    fenp_delete(d);
    return kept;
}
static const fenp_item *records(fen_host *h, const char *name) {
    fenp_context c;
    name = fenp_text_given(name);
    if (strchr(name, '.')) return field(h, name, &c);
    const fenp_argument *a = argument(h, name, NULL);
    return a && a->source ? ((const fenp_later *)a->source)->item : NULL;
}
int64_t fen_host_records(fen_host *h, const char *name) {
    const fenp_item *i = records(h, name);
    return i ? i->n : 0;
}
const char *fen_host_key(fen_host *h, const char *name, int64_t i) {
    const fenp_item *r = records(h, name);
    if (!r || i < 0 || i >= r->n) return NULL;
    return r->sort == FENP_MAPPING ? r->key[i] : r->item[i]->text;
}
fen_shape fen_host_shape(fen_host *h, const char *port) {
    port = fenp_text_given(port);
    for (int i = 0; i < h->ports; i++)
        if (strcmp(h->port_name[i], port) == 0) return h->port[i];
    fen_host_fail(h, "asks for the shape of `%s` that there is not", port);
    return fen_features(0, NULL);
}

/* ---- outputs ---- */
static fenp_served *served(fen_host *h, const char *output) {
    output = fenp_text_given(output);
    if (!*output) {
        fen_host_fail(h, "serves an output without a name");
        return NULL;
    }
    const fen_port *p = fenp_port(h->function->outputs, output, NULL);
    if (!p && !fenp_port(h->function->outputs, "*", NULL)) {
        fen_host_fail(h, "serves `%s` that it does not declare", output);
        return NULL;
    }
    fenp_served *more = fenp_arena_new(h->memory, ((size_t)h->count + 1) * sizeof *more);
    if (h->count) memcpy(more, h->served, (size_t)h->count * sizeof *more);
    h->served = more;
    h->served[h->count] = (fenp_served){.name = fenp_arena_text(h->memory, "%s", output)};
    return &h->served[h->count++];
}
/* Integers are 32 bits wide: a table that has others is refused when it is opened. */
static bool fit_integers(fen_host *h, const char *output, const fen_table *t) {
    int64_t n = t->rows * fen_row_size(&t->features);
    if (t->cell == FEN_U8) return true;
    for (int64_t i = 0; i < n; i++) {
        double x = t->cell == FEN_I64   ? (double)((const int64_t *)t->data)[i]
                   : t->cell == FEN_F32 ? (double)((const float *)t->data)[i]
                                        : ((const double *)t->data)[i];
        if (x >= INT32_MIN && x <= INT32_MAX) continue;
        fen_host_fail(h, "output `%s`: row %lld has %.17g; integers go from %d to %d", output, (long long)(i / fen_row_size(&t->features)), x,
                      INT32_MIN, INT32_MAX);
        return false;
    }
    return true;
}
void fen_host_serve(fen_host *h, const char *output, fen_type type, const fen_table *t, double scale, double shift) {
    if (!t || !t->data) {
        fen_host_fail(h, "serves `%s` without data", fenp_text_given(output));
        return;
    }
    fenp_served *s = served(h, output);
    if (!s || (type == FEN_INTEGER && !fit_integers(h, output, t))) return;
    s->type = type;
    s->table = *t;
    s->features = t->features;
    s->scale = scale;
    s->shift = shift;
}
void fen_host_output(fen_host *h, const char *output, fen_type type, fen_shape features) {
    fenp_served *s = served(h, output);
    if (!s) return;
    s->type = type;
    s->features = features;
}
bool fen_host_hdf5(fen_host *h, const char *path, const char *dataset, fen_table *t) {
    if (!path || !dataset || !t) return fen_host_fail(h, "asks for a dataset without a path, a name, or a table for it") != NULL;
    bool good = fenp_hdf5_table(path, dataset, t, h->experiment->faults, h->at);
    h->failed |= !good;
    return good;
}

/* ---- opening ---- */
static const char *key_of(const fenp_context *c, const fen_function *f, const fenp_call *call) {
    fenp_text t = {0};
    fenp_text_add(&t, "%s", f->name);
    for (int i = 0; i < fenp_attributes(f->attributes); i++) {
        const fenp_argument *a = &call->argument[i];
        fenp_text_add(&t, "|%s|%.17g|%lld|%d", a->text ? a->text : "", a->real, (long long)a->whole, a->given);
        double *d = a->node ? fenp_constants(a->node) : NULL;
        for (int64_t k = 0; d && k < fenp_count(&a->node->shape); k++) fenp_text_add(&t, ",%.17g", d[k]);
        fenp_delete(d);
        if (a->source) fenp_document_write(((const fenp_later *)a->source)->item, &t);
    }
    const char *key = fenp_arena_copy(&c->build->experiment->memory, t.at, t.n);
    fenp_text_free(&t);
    return key;
}
static bool equal_rows(fen_host *h, fenp_source *s) {
    for (int i = 0; i < s->outputs; i++) {
        if (!s->output[i].table.data) return true;
        if (i == 0) s->rows = s->output[i].table.rows;
        if (s->output[i].table.rows == s->rows) continue;
        fen_host_fail(h, "`%s` has %lld rows, `%s` has %lld; they are drawn together and need as many", s->output[0].name, (long long)s->rows,
                      s->output[i].name, (long long)s->output[i].table.rows);
        return false;
    }
    return true;
}
fenp_source *fenp_source_open(const fenp_context *c, const fen_function *f, const fenp_call *call, fenp_place at) {
    fenp_experiment *x = c->build->experiment;
    const char *key = key_of(c, f, call);
    fenp_source *s = fenp_map_get(&x->sources, key);
    if (s) return s->self || s->outputs ? s : NULL;
    s = fenp_arena_new(&x->memory, sizeof *s);
    fenp_map_set(&x->sources, key, s);
    fen_host h;
    fenp_host_init(&h, c, f, call, at);
    *s = (fenp_source){.function = f, .key = key};
    s->self = f->draws->open(&h);
    if (!s->self && !h.failed) fen_host_fail(&h, "could not be opened");
    s->output = h.served;
    s->outputs = h.count;
    if (!h.failed && !s->outputs) fen_host_fail(&h, "serves nothing");
    if (!h.failed && equal_rows(&h, s)) return s;
    s->self = NULL;
    s->outputs = 0;
    return NULL;
}
int64_t fenp_source_row(const fenp_source_use *u, int64_t i) {
    int k = 0;
    while (k < u->ranges - 1 && i >= u->range[k][1] - u->range[k][0]) {
        i -= u->range[k][1] - u->range[k][0];
        k++;
    }
    i += u->range[k][0];
    return u->mixed ? (int64_t)fenp_shuffled(fenp_key_step(u->mix, fenp_hash("mix")), (uint64_t)i, (uint64_t)u->source->rows) : i;
}
