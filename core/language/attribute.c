/* attribute.c: what stands under a function's key, checked against its table and bound for the build. */
#include "language/language.h"
#include "language/attribute.h"
#include "ops/ops.h"
#include <math.h>
#include <string.h>
#include <unistd.h>

/* ---- where an attribute's text comes from ---- */
const fenp_item *fenp_default_of(const fenp_scope *s, const char *function, const char *attribute) {
    const fenp_item *f = s->defaults ? fenp_item_get(s->defaults, function) : NULL;
    return f ? fenp_item_get(f, attribute) : NULL;
}
fenp_item *fenp_expression_item(fenp_experiment *x, const fenp_expression *e) {
    const char *text = fenp_arena_copy(&x->memory, e->text + e->first, (size_t)(e->last - e->first));
    char *end;
    double number = strtod(text, &end);
    if (*text && !*end && e->form == FENP_X_NUMBER) {
        fenp_item *i = fenp_item_number(&x->memory, number, e->at);
        i->whole = e->whole;
        i->text = text;
        return i;
    }
    return fenp_item_text(&x->memory, text, e->at);
}
static const fenp_item *given(const fenp_context *c, const fenp_invocation *i, const char *name) {
    const fenp_item *item = i->body ? fenp_item_get(i->body, name) : NULL;
    for (int k = 0; !item && k < i->attrs; k++)
        if (strcmp(i->attr_name[k], name) == 0) item = fenp_expression_item(c->build->experiment, i->attr[k]);
    return item;
}
const fenp_item *fenp_given(const fenp_context *c, const fenp_invocation *i, const char *name) { return given(c, i, name); }

/* ---- one attribute by type ---- */
static void misfit(const fenp_context *c, const fen_attribute *a, const fenp_item *item, const char *needed) {
    fenp_wrong(c, item->at, "%s: given %s%s%s; needs %s", a->name, item->text ? "`" : "", item->text ? item->text : fenp_sort_name[item->sort],
               item->text ? "`" : "", needed);
}
static bool ranged(const fenp_context *c, const fen_attribute *a, const fenp_item *item, double value) {
    const char *needed = fenp_range_refuses(a, value, &c->build->experiment->memory);
    if (needed) misfit(c, a, item, needed);
    return !needed;
}
/* Says the attribute's name, which a text read as a number does not know. */
static bool numeric(const fenp_context *c, const fen_attribute *a, const fenp_item *item) {
    if (item->sort == FENP_NUMBER || item->sort == FENP_TEXT) return true;
    misfit(c, a, item, a->type == FEN_ATTR_INT ? "a whole number" : "a number");
    return false;
}
void fenp_live_add(fenp_build *u, fen_node *x, const fen_attribute *a, const fenp_item *item) {
    if (!a->range || !fenp_node_of(x)->depends) return;
    u->live = fenp_arena_more(&u->experiment->memory, u->live, u->lives, sizeof *u->live);
    u->live[u->lives++] = (fenp_live){x, a, item->text, item->at};
}
static bool live_number(const fenp_context *c, const fen_attribute *a, const fenp_item *item, fenp_argument *to) {
    fenp_value *v = fenp_evaluate_text(c, item);
    if (fenp_is_fault(c->build, v)) return false;
    fen_node *x = fenp_tensor(c, v, item->at);
    if (fenp_is_faulty(c->build->b, x)) return false;
    if (x->shape.rank) {
        misfit(c, a, item, "a number (it may use step and epoch)");
        return false;
    }
    if (fenp_node_of(x)->depends & FENP_ON_DRAW) {
        misfit(c, a, item, "a number that depends on no draw");
        return false;
    }
    to->node = fenp_to_real(c->build->b, x);
    fenp_live_add(c->build, to->node, a, item);
    return !fenp_constant(x, &to->real) || ranged(c, a, item, to->real);
}
static bool real_number(const fenp_context *c, const fen_attribute *a, const fenp_item *item, fenp_argument *to) {
    if (a->live) return live_number(c, a, item, to);
    if (!numeric(c, a, item)) return false;
    return fenp_number_of(c, item, &to->real) && ranged(c, a, item, to->real);
}
static bool whole_number(const fenp_context *c, const fen_attribute *a, const fenp_item *item, fenp_argument *to) {
    double value;
    if (!numeric(c, a, item) || !fenp_number_of(c, item, &value)) return false;
    if (value != floor(value) || fabs(value) > 9e15) {
        misfit(c, a, item, "a whole number");
        return false;
    }
    to->whole = (int64_t)value;
    return ranged(c, a, item, value);
}
static bool truth(const fenp_context *c, const fen_attribute *a, const fenp_item *item, fenp_argument *to) {
    const char *text = item->sort == FENP_BOOL ? (item->truth ? "true" : "false") : item->text ? fenp_paste(c, item) : NULL;
    fenp_local *l = text ? fenp_local_find(c->scope, text) : NULL;
    fenp_definition *d = text && !l ? fenp_map_get(&c->build->experiment->space->names, text) : NULL;
    const fenp_item *p = l ? l->text.item : d && d->meaning == FENP_A_PARAMETER ? d->text.item : NULL;
    if (p && p->sort == FENP_BOOL) {
        if (d) d->used = true;
        to->whole = p->truth;
        return true;
    }
    if (text && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)) {
        to->whole = text[0] == 't';
        return true;
    }
    misfit(c, a, item, "true or false");
    return false;
}
static bool word(const fenp_context *c, const fen_attribute *a, const fenp_item *item, fenp_argument *to) {
    to->text = item->text ? fenp_paste(c, item) : NULL;
    if (item->text && !to->text) return false;
    const char *needed = to->text ? fenp_word_refuses(a, to->text, &c->build->experiment->memory) : "a word";
    if (needed) misfit(c, a, item, needed);
    return !needed;
}
static bool text(const fenp_context *c, const fen_attribute *a, const fenp_item *item, fenp_argument *to) {
    if (!item->text) {
        misfit(c, a, item, a->type == FEN_ATTR_PATH ? "a path" : "a text");
        return false;
    }
    to->text = fenp_paste(c, item);
    if (!to->text || a->type != FEN_ATTR_PATH) return to->text != NULL;
    fenp_experiment *x = c->build->experiment;
    const char *path = fenp_path_beside(&x->memory, fenp_path_file(c, item), to->text), *key = fenp_arena_text(&x->memory, "path %s", path);
    if (access(path, R_OK) == 0) {
        to->text = path;
        return true;
    }
    const fenp_scope *s = c->scope;
    while (!s->space) s = s->up;
    const fenp_item *about = fenp_item_get(s->space->root, "about");
    if (!fenp_map_get(&x->missing, key))
        fenp_wrong(c, item->at, "no such file: `%s`%s%s", to->text, about && about->text ? "; " : "", about && about->text ? about->text : "");
    fenp_map_set(&x->missing, key, x);
    return false;
}
bool fenp_sizes_of(const fenp_context *c, const fenp_item *item, fen_shape *to) {
    fenp_experiment *x = c->build->experiment;
    if (item->sort == FENP_LIST && item->n == 0) {
        *to = fen_features(0, NULL);
        return true;
    }
    if (item->text && strcmp(item->text, "[]") == 0) {
        *to = fen_features(0, NULL);
        return true;
    }
    fenp_value *v = fenp_evaluate_text(c, item);
    if (fenp_is_fault(c->build, v)) return false;
    fen_node *n = fenp_tensor(c, v, item->at);
    double *d = fenp_is_faulty(c->build->b, n) ? NULL : fenp_constants(n);
    if (!d || n->shape.leads || n->shape.rank > 1 || fenp_count(&n->shape) > FEN_MAX_RANK) {
        fenp_delete(d);
        fenp_fail(x->faults, item->at, "given `%s`; needs a list of sizes such as [28, 28, 1]", item->text ? item->text : "a list");
        return false;
    }
    int64_t size[FEN_MAX_RANK];
    int k = (int)fenp_count(&n->shape);
    bool good = true;
    for (int i = 0; i < k; i++) {
        good &= d[i] == floor(d[i]) && d[i] >= 1 && d[i] <= FENP_MAX_ELEMENTS;
        size[i] = good ? (int64_t)d[i] : 1;
    }
    if (!good)
        fenp_fail(x->faults, item->at, "given %s; needs sizes, whole numbers from 1 to 2^40", item->text ? item->text : "a list of other numbers");
    fenp_delete(d);
    *to = fen_features(k, size);
    return good;
}
static bool table(const fenp_context *c, const fen_attribute *a, const fenp_item *item, fenp_argument *to) {
    fenp_value *v = fenp_evaluate_text(c, item);
    if (fenp_is_fault(c->build, v)) return false;
    to->node = fenp_tensor(c, v, item->at);
    if (fenp_is_faulty(c->build->b, to->node)) return false;
    if (fenp_node_of(to->node)->depends == 0) return true;
    misfit(c, a, item, "numbers that are known when the model is built");
    return false;
}
/* Functions, layers, networks, records, node names: the text itself, read when the build asks. */
static bool later(const fenp_context *c, const fen_attribute *a, const fenp_item *item, fenp_argument *to) {
    fenp_later *l = fenp_arena_new(&c->build->experiment->memory, sizeof *l);
    *l = (fenp_later){item, *c};
    bool none = item->text && strcmp(item->text, "none") == 0;
    bool fits = a->type == FEN_ATTR_LAYERS    ? item->sort == FENP_LIST
                : a->type == FEN_ATTR_RECORDS ? item->sort == FENP_MAPPING || item->sort == FENP_LIST
                                              : item->sort == FENP_TEXT || item->sort == FENP_MAPPING;
    static const char *const needed[] = {[FEN_ATTR_FUNCTION] = "a function: NAME or {NAME: {..}}",
                                         [FEN_ATTR_LAYERS] = "a list of layers",
                                         [FEN_ATTR_NETWORK] = "the name of a network",
                                         [FEN_ATTR_SAMPLER] = "the name of a sampler",
                                         [FEN_ATTR_NODE] = "the name of a graph entry",
                                         [FEN_ATTR_RECORDS] = "a mapping of records"};
    if (!fits) misfit(c, a, item, needed[a->type]);
    to->source = none ? NULL : l;
    to->text = item->text;
    return fits;
}
typedef bool (*reader)(const fenp_context *, const fen_attribute *, const fenp_item *, fenp_argument *);
static const reader readers[] = {
    [FEN_ATTR_REAL] = real_number, [FEN_ATTR_INT] = whole_number, [FEN_ATTR_BOOL] = truth,  [FEN_ATTR_WORD] = word,      [FEN_ATTR_TEXT] = text,
    [FEN_ATTR_PATH] = text,        [FEN_ATTR_SHAPE] = NULL,       [FEN_ATTR_TABLE] = table, [FEN_ATTR_FUNCTION] = later, [FEN_ATTR_LAYERS] = later,
    [FEN_ATTR_NETWORK] = later,    [FEN_ATTR_SAMPLER] = later,    [FEN_ATTR_NODE] = later,  [FEN_ATTR_RECORDS] = later,
};
const fenp_item *fenp_initial_item(fenp_experiment *x, const char *text, fenp_place at) {
    fenp_faults quiet = {0};
    fenp_item *i = fenp_document_parse(&x->memory, at.file, fenp_arena_text(&x->memory, "{value: %s}", text), strlen(text) + 9, &quiet);
    fenp_item *v = i ? fenp_item_get(i, "value") : NULL;
    fenp_faults_free(&quiet);
    if (!v) v = fenp_item_text(&x->memory, text, at);
    v->at = at;
    return v;
}
static bool bind_one(const fenp_context *c, const fenp_invocation *i, const fen_attribute *a, fenp_argument *to) {
    const fenp_item *item = given(c, i, a->name);
    to->given = item != NULL;
    if (!item || item->sort == FENP_NULL) item = fenp_default_of(c->scope, i->function->name, a->name);
    if (!item && !a->initial && a->type == FEN_ATTR_RECORDS) return true;
    if (!item && !a->initial) {
        if (!i->unknown) fenp_wrong(c, i->at, "%s needs `%s`: %s", i->function->name, a->name, a->help ? a->help : "");
        return false;
    }
    to->given |= item != NULL;
    bool shape = a->type == FEN_ATTR_SHAPE; /* [] is another shape than none */
    if (item && a->initial && !shape) to->given = !fenp_item_equal(item, fenp_initial_item(c->build->experiment, a->initial, i->at)); /* resolved.yaml */
    if (!item && a->type == FEN_ATTR_PATH && !*a->initial) return true; /* optional: NULL */
    if (!item) item = fenp_initial_item(c->build->experiment, a->initial, i->at);
    if (a->type == FEN_ATTR_SHAPE) return fenp_sizes_of(c, item, &to->shape);
    return readers[a->type](c, a, item, to);
}

/* ---- all ---- */
static const char *const *known_keys(const fenp_context *c, const fen_function *f) {
    int n = fenp_attributes(f->attributes), m = fenp_ports(f->inputs), k = 0;
    const char **names = fenp_arena_new(&c->build->experiment->memory, ((size_t)(n + m) + 2) * sizeof *names);
    for (int i = 0; i < n; i++) names[k++] = f->attributes[i].name;
    for (int i = 0; i < m; i++) names[k++] = f->inputs[i].name;
    return names;
}
static bool known(const fenp_context *c, const fenp_invocation *i, const char *key, fenp_place at) {
    if (fenp_attribute(i->function, key, NULL) || fenp_port(i->function->inputs, key, NULL)) return true;
    if (i->kind == FENP_OPTIMIZER && strcmp(key, "clip_norm") == 0) return true;
    if (i->function->draws && !i->function->draws->draw && (strcmp(key, "rows") == 0 || strcmp(key, "mix") == 0)) return true;
    const char *const *names = known_keys(c, i->function), *near = fenp_nearest(key, names), *list = "";
    for (int k = 0; names[k]; k++) list = fenp_arena_text(&c->build->experiment->memory, "%s%s%s", list, k ? ", " : "", names[k]);
    if (near) fenp_wrong(c, at, "%s has no attribute `%s`; did you mean `%s`?", i->function->name, key, near);
    else fenp_wrong(c, at, "%s has no attribute `%s`; it has %s", i->function->name, key, *list ? list : "none");
    return false;
}
bool fenp_attribute_known(const fenp_context *c, const fenp_invocation *i, const char *key, fenp_place at) { return known(c, i, key, at); }
bool fenp_bind_attributes(const fenp_context *c, fenp_invocation *i, fenp_call *call) {
    bool good = true;
    if (i->body && i->body->sort != FENP_MAPPING && i->body->sort != FENP_NULL) {
        fenp_wrong(c, i->body->at, "%s: given `%s`; needs its attributes as a mapping, `%s: {..}`", i->function->name,
                   i->body->text ? i->body->text : "a list", i->function->name);
        return false;
    }
    for (int k = 0; i->body && i->body->sort == FENP_MAPPING && k < i->body->n; k++) good &= known(c, i, i->body->key[k], i->body->key_at[k]);
    for (int k = 0; k < i->attrs; k++) good &= known(c, i, i->attr_name[k], i->attr[k]->at);
    i->unknown = !good;
    int n = fenp_attributes(i->function->attributes);
    call->argument = fenp_arena_new(&c->build->experiment->memory, ((size_t)n + 1) * sizeof *call->argument);
    for (int k = 0; k < n; k++) good &= bind_one(c, i, &i->function->attributes[k], &call->argument[k]);
    return good;
}
