/* evaluate.c: expressions to values. Numbers, names, dots, lists and operators here; calls in functions.c, invoke.c, network.c. */
#include "language/language.h"
#include "language/metric.h"
#include "ops/ops.h"
#include <math.h>
#include <string.h>

/* ---- values ---- */
fenp_value *fenp_value_new(fenp_build *u, fen_node *node) {
    fenp_value *v = fenp_arena_new(&u->experiment->memory, sizeof *v);
    v->node = node;
    return v;
}
fenp_value *fenp_faulty_value(fenp_build *u) { return fenp_value_new(u, u->b->faulty); }
bool fenp_is_fault(const fenp_build *u, const fenp_value *v) {
    return v->node && (v->node == u->b->faulty || (u->metrics && v->node == u->metrics->finish->faulty));
}
fenp_value *fenp_wrong(const fenp_context *c, fenp_place at, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    fenp_vfail(c->build->experiment->faults, at, format, ap);
    va_end(ap);
    return fenp_faulty_value(c->build);
}
static const char *names_of_outputs(const fenp_context *c, const fenp_value *v) {
    const char *list = "";
    for (int i = 0; i < v->outs; i++) list = fenp_arena_text(&c->build->experiment->memory, "%s%s.%s", list, *list ? ", " : "", v->name[i]);
    return list;
}
fen_node *fenp_tensor(const fenp_context *c, fenp_value *v, fenp_place at) {
    if (v->refuse) return fenp_wrong(c, at, "%s", v->refuse)->node;
    if (!v->node && v->network) {
        fenp_value *w = fenp_network_vector(c, v->network, at);
        v->node = w->node;
        v->pass = w->pass;
    }
    if (!v->node && v->outs) return fenp_wrong(c, at, "this has several values (%s): name one of them after a dot", names_of_outputs(c, v))->node;
    if (!v->node) return fenp_wrong(c, at, "has no value here")->node;
    return v->node;
}

/* ---- builders: in a metric, values of the pass live in the finishing builder ---- */
fen_builder *fenp_join(const fenp_context *c, fenp_value **v, int n, fenp_place at) {
    fen_builder *b = c->build->b;
    bool pass = false;
    for (int i = 0; i < n; i++) pass |= v[i] && v[i]->pass;
    if (pass) b = c->build->metrics->finish;
    for (int i = 0; i < n; i++) {
        if (!v[i]) continue;
        if (fenp_is_fault(c->build, v[i]) || fenp_is_faulty(c->build->b, fenp_tensor(c, v[i], at))) v[i] = fenp_faulty_value(c->build);
        if (pass && !v[i]->pass) v[i] = fenp_metric_lift(c, v[i], at);
    }
    b->place = at;
    b->site = c->build->b->site;
    return b;
}

/* ---- expressions ---- */
/* A network was named like a value of the language: that it cannot be called follows from that. */
static bool calls_refused(const fenp_experiment *x, const char *text) {
    static const char *const values[] = {"it", "step", "epoch", "pi"};
    for (size_t i = 0; x->faults->n && i < sizeof values / sizeof *values; i++) {
        const char *at = strstr(text, values[i]);
        if (at && at[strlen(values[i])] == '(' && fenp_is_refused(x, values[i])) return true;
    }
    return false;
}
fenp_expression *fenp_parsed(fenp_experiment *x, const char *text, fenp_place at) {
    char key[64];
    snprintf(key, sizeof key, "%p:%d:%d:%llx", (const void *)at.file, at.line, at.column, (unsigned long long)(uintptr_t)text);
    fenp_expression *e = fenp_map_get(&x->expressions, key);
    if (e || fenp_map_get(&x->missing, key) || calls_refused(x, text)) return e;
    e = fenp_expression_parse(&x->memory, text, at, x->faults);
    if (e) fenp_map_set(&x->expressions, key, e);
    else fenp_map_set(&x->missing, key, x);
    return e;
}
const char *fenp_paste_text(const fenp_context *c, const char *text, fenp_place at) {
    const char *begin = strstr(text, "${");
    if (!begin) return text;
    fenp_experiment *x = c->build->experiment;
    const char *end = strchr(begin, '}');
    if (!end) {
        fenp_wrong(c, at, "`%s`: a `${` without `}`", text);
        return NULL;
    }
    const char *name = fenp_arena_copy(&x->memory, begin + 2, (size_t)(end - begin - 2));
    fenp_local *l = fenp_local_find(c->scope, name);
    fenp_definition *d = l ? NULL : fenp_lookup(c->scope, name);
    fenp_world *outer = NULL;
    fenp_binding *b = d ? fenp_bound(c->world, d, &outer) : NULL;
    fenp_thunk t = l ? l->text : b ? b->text : d ? d->text : (fenp_thunk){0};
    const char *value = l && l->number ? fenp_arena_text(&x->memory, "%lld", (long long)l->whole) : NULL;
    if (!value && t.item && (!d || d->meaning == FENP_A_PARAMETER) && t.item->text) {
        fenp_context there = {c->build, t.scope, t.world ? t.world : outer ? outer : c->world};
        if (c->build->pasting == 32) {
            fenp_wrong(c, at, "`${%s}` leads in a circle", name);
            return NULL;
        }
        c->build->pasting++;
        value = fenp_paste_text(&there, t.item->text, t.item->at);
        c->build->pasting--;
        if (!value) return NULL;
    }
    if (!value) {
        const char *near = fenp_nearest(name, fenp_names_in(x, c->scope));
        fenp_wrong(c, at, "`${%s}`: there is no parameter `%s` with a text here%s%s%s", name, name, near ? "; did you mean `" : "", near ? near : "",
                   near ? "`?" : "");
        return NULL;
    }
    const char *whole = fenp_arena_text(&x->memory, "%.*s%s%s", (int)(begin - text), text, value, end + 1);
    return fenp_paste_text(c, whole, at);
}
/* The file to which a path text is relative: the one that wrote it, of "${run}#encoder" the one that wrote the parameter. */
const char *fenp_path_file(const fenp_context *c, const fenp_item *item) {
    const char *t = item->text, *end = strncmp(t, "${", 2) == 0 ? strchr(t, '}') : NULL;
    if (!end) return item->at.file;
    const char *name = fenp_arena_copy(&c->build->experiment->memory, t + 2, (size_t)(end - t - 2));
    fenp_local *l = fenp_local_find(c->scope, name);
    fenp_definition *d = l ? NULL : fenp_lookup(c->scope, name);
    fenp_world *outer = NULL;
    fenp_binding *b = d ? fenp_bound(c->world, d, &outer) : NULL;
    fenp_thunk k = l ? l->text : b ? b->text : d ? d->text : (fenp_thunk){0};
    if (!k.item || !k.item->text) return item->at.file;
    fenp_context there = {c->build, k.scope, k.world ? k.world : outer ? outer : c->world};
    return fenp_path_file(&there, k.item);
}
const char *fenp_paste(const fenp_context *c, const fenp_item *item) {
    if (item->text) return fenp_paste_text(c, item->text, item->at);
    fenp_wrong(c, item->at, "given %s; needs a text", fenp_sort_name[item->sort]);
    return NULL;
}
static fenp_value *list_of(const fenp_context *c, fenp_value **v, int n, fenp_place at) {
    fen_builder *b = fenp_join(c, v, n, at);
    if (!n) return fenp_wrong(c, at, "an empty list is no value");
    fen_node **row = fenp_arena_new(&c->build->experiment->memory, (size_t)n * sizeof *row);
    fen_shape first = fen_shape_of(v[0]->node);
    bool real = false;
    for (int i = 0; i < n; i++) real |= v[i]->node->type == FEN_REAL;
    for (int i = 0; i < n; i++) {
        fen_shape s = fen_shape_of(v[i]->node), one = s;
        if (v[i]->node == b->faulty) return fenp_faulty_value(c->build);
        if (s.rank - s.leads != first.rank - first.leads)
            return fenp_wrong(c, at, "the entries of this list have different shapes: %s and %s", fenp_shape_text(b, first, (char[160]){0}),
                              fenp_shape_text(b, s, (char[160]){0}));
        if (one.rank == FEN_MAX_RANK) return fenp_wrong(c, at, "too many axes for a list");
        memmove(one.size + s.leads + 1, s.size + s.leads, (size_t)(s.rank - s.leads) * sizeof *one.size);
        one.size[s.leads] = 1;
        one.rank++;
        row[i] = fenp_relabel(b, real ? fenp_to_real(b, v[i]->node) : v[i]->node, one);
    }
    fenp_value *r = fenp_value_new(c->build, fen_concat(b, row, n, 0));
    for (int i = 0; i < n; i++) r->pass |= v[i]->pass;
    return r;
}
static fenp_value *list(const fenp_context *c, const fenp_expression *e) {
    fenp_value **v = fenp_arena_new(&c->build->experiment->memory, ((size_t)e->n + 1) * sizeof *v);
    for (int i = 0; i < e->n; i++) v[i] = fenp_evaluate(c, e->arg[i]);
    return list_of(c, v, e->n, e->at);
}

/* ---- operators ---- */
typedef fen_node *(*verb2)(fen_builder *b, fen_node *x, fen_node *y);
static fen_node *greater(fen_builder *b, fen_node *x, fen_node *y) { return fen_less(b, y, x); }
static fen_node *greater_equal(fen_builder *b, fen_node *x, fen_node *y) { return fenp_less_equal(b, y, x); }
static fen_node *unequal(fen_builder *b, fen_node *x, fen_node *y) { return fen_sub(b, fenp_integer(b, 1), fen_equal(b, x, y)); }
static const struct {
    fenp_form form;
    verb2 verb;
} operators[] = {
    {FENP_X_ADD, fen_add},
    {FENP_X_SUBTRACT, fen_sub},
    {FENP_X_MULTIPLY, fen_mul},
    {FENP_X_DIVIDE, fen_div},
    {FENP_X_REMAINDER, fenp_remainder},
    {FENP_X_POWER, fenp_power},
    {FENP_X_LESS, fen_less},
    {FENP_X_LESS_EQUAL, fenp_less_equal},
    {FENP_X_GREATER, greater},
    {FENP_X_GREATER_EQUAL, greater_equal},
    {FENP_X_EQUAL, fen_equal},
    {FENP_X_UNEQUAL, unequal},
};
/* Units survive sums of the same kind and scaling by a number; two that differ under + are an error unless the metric says its unit. */
static const char *unit_of(const fenp_context *c, const fenp_expression *e, const fenp_value *x, const fenp_value *y) {
    if (e->form == FENP_X_ADD || e->form == FENP_X_SUBTRACT) {
        if (x->unit && y->unit && strcmp(x->unit, y->unit) && !(c->build->metrics && c->build->metrics->unit_said))
            fenp_wrong(c, e->at, "units differ: %s and %s; give the metric a `unit`", x->unit, y->unit);
        return x->unit ? x->unit : y->unit;
    }
    bool plain_y = y->node && y->node->shape.rank == 0 && !y->unit, plain_x = x->node && x->node->shape.rank == 0 && !x->unit;
    if (e->form == FENP_X_MULTIPLY) return plain_y ? x->unit : plain_x ? y->unit : NULL;
    if (e->form == FENP_X_DIVIDE) return plain_y ? x->unit : NULL;
    return NULL;
}
static fenp_value *operate(const fenp_context *c, const fenp_expression *e) {
    fenp_value *v[2] = {fenp_evaluate(c, e->arg[0]), fenp_evaluate(c, e->arg[1])};
    const char *unit = unit_of(c, e, v[0], v[1]);
    fen_builder *b = fenp_join(c, v, 2, e->at);
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (operators[i].form != e->form) continue;
        fenp_value *r = fenp_value_new(c->build, operators[i].verb(b, v[0]->node, v[1]->node));
        r->unit = unit;
        r->pass = v[0]->pass || v[1]->pass;
        return r;
    }
    return fenp_faulty_value(c->build);
}
static fenp_value *negate(const fenp_context *c, const fenp_expression *e) {
    fenp_value *v = fenp_evaluate(c, e->arg[0]);
    fen_builder *b = fenp_join(c, &v, 1, e->at);
    fenp_value *r = fenp_value_new(c->build, fen_neg(b, v->node));
    r->unit = v->unit;
    r->pass = v->pass;
    return r;
}

/* ---- dots ---- */
/* `net.layer.weight` as "layer/weight" behind a network's name; NULL: e is no such path. */
static const char *tensor_path(const fenp_context *c, const fenp_expression *e, fenp_definition **net) {
    if (e->form == FENP_X_NAME) {
        fenp_local *l = fenp_local_find(c->scope, e->name);
        fenp_definition *d = l ? NULL : fenp_lookup(c->scope, e->name);
        *net = d && d->meaning == FENP_A_NETWORK ? d : NULL;
        return *net ? "" : NULL;
    }
    if (e->form != FENP_X_DOT) return NULL;
    const char *head = tensor_path(c, e->arg[0], net);
    return head ? fenp_arena_text(&c->build->experiment->memory, "%s%s%s", head, *head ? "/" : "", e->name) : NULL;
}
static fenp_value *log_det_of(const fenp_context *c, fenp_value *v, fenp_place at) {
    const char *why = NULL;
    fenp_place where = at;
    if (!fenp_invertible(c, v->trace, &why, &where))
        return fenp_wrong(c, at, "no log_det: the network is not invertible: %s (line %d)", why, where.line);
    fen_node *d = v->log_det ? v->log_det : fenp_number(c->build->b, 0);
    return fenp_value_new(c->build, d);
}
static fenp_value *dot(const fenp_context *c, const fenp_expression *e) {
    fenp_definition *d = NULL;
    const char *path = tensor_path(c, e, &d);
    if (path) return fenp_tensor_path(c, fenp_network_of(c, d), fenp_network_bound(c, d), path, false, e->at);
    fenp_value *v = fenp_evaluate(c, e->arg[0]);
    if (fenp_is_fault(c->build, v)) return v;
    for (int i = v->outs; i-- > 0;)
        if (strcmp(v->name[i], e->name) == 0) return v->out[i]; /* the last: a name may be carried twice */
    if (v->trace && strcmp(e->name, "log_det") == 0) return log_det_of(c, v, e->at);
    if (!v->outs) return fenp_wrong(c, e->at, "there is no `.%s` here: the value before the dot has one value only", e->name);
    fenp_map names = {0};
    for (int i = 0; i < v->outs; i++) fenp_map_set(&names, v->name[i], v->out[i]);
    const char **list = fenp_arena_new(&c->build->experiment->memory, ((size_t)v->outs + 1) * sizeof *list);
    memcpy(list, v->name, (size_t)v->outs * sizeof *list);
    const char *near = fenp_nearest(e->name, list);
    fenp_map_free(&names);
    return fenp_wrong(c, e->at, "there is no output `.%s`; there are %s%s%s%s", e->name, names_of_outputs(c, v), near ? "; did you mean `." : "",
                      near ? near : "", near ? "`?" : "");
}

/* ---- names ---- */
static fenp_value *thunk_value(const fenp_context *c, fenp_thunk t, fenp_world *world) {
    fenp_context there = {c->build, t.scope, world};
    fenp_metrics *metrics = c->build->metrics;
    c->build->metrics = NULL; /* parameters are no part of the metric that reads them */
    fenp_value *v = fenp_evaluate_text(&there, t.item);
    c->build->metrics = metrics;
    return v;
}
static fenp_value *parameter(const fenp_context *c, fenp_definition *d, fenp_place at) {
    fenp_world *outer = NULL;
    fenp_binding *b = fenp_bound(c->world, d, &outer);
    int m = fenp_memo_of(c->world, d); /* in this world: `with: {beta: 2 * beta}` reads the beta outside */
    if (c->world->memo[m].busy) return fenp_wrong(c, at, "parameter `%s` depends on itself", d->name);
    c->world->memo[m].busy = true;
    fenp_value *v = b ? thunk_value(c, b->text, outer) : thunk_value(c, d->text, c->world);
    c->world->memo[m].busy = false;
    return v;
}
/* Its node is a variable of its own, under its name. */
static fenp_value *evaluate_entry(const fenp_context *c, fenp_definition *d) {
    fenp_build *u = c->build;
    fenp_value *v = fenp_evaluate_text(c, d->item), *named = fenp_value_new(u, NULL);
    *named = *v;
    if (v->node || !v->outs) {
        u->b->place = d->at;
        named->node = fenp_named(u->b, d->name, fenp_tensor(c, v, d->item->at));
    }
    return named;
}
static fenp_value *axis_value(const fenp_context *c, fenp_definition *d) {
    if (d->unsized) return fenp_faulty_value(c->build);
    fenp_world *entered = fenp_enter(c->build, c->world);
    fenp_value *v = fenp_value_new(c->build, fen_coordinate(c->build->b, d->axis));
    fenp_enter(c->build, entered);
    v->of = d;
    return v;
}
fenp_value *fenp_definition_value(const fenp_context *c, fenp_definition *d, fenp_place at) {
    bool inside = c->scope->network;
    switch (d->meaning) {
    case FENP_A_PARAMETER: return parameter(c, d, at);
    case FENP_AN_AXIS: return axis_value(c, d);
    case FENP_A_SAMPLER: return fenp_sampler_value(c, d, at);
    case FENP_A_NETWORK: {
        fenp_value *v = fenp_value_new(c->build, fenp_network_bound(c, d));
        v->network = fenp_network_of(c, d);
        if (!v->node && !v->network) return fenp_faulty_value(c->build); /* that was said */
        v->of = d;
        return v;
    }
    case FENP_A_NODE:
        if (inside)
            return fenp_wrong(c, at, "`%s` is a graph entry: a network sees its inputs, parameters, laws and other networks; give it as an input",
                              d->name);
        return fenp_once_a_world(c, d, at, evaluate_entry);
    }
    return fenp_faulty_value(c->build);
}
fenp_value *fenp_unknown_name(const fenp_context *c, const char *name, fenp_place at) {
    const char *near = fenp_nearest(name, fenp_names_in(c->build->experiment, c->scope));
    if (strcmp(name, "it") == 0) return fenp_wrong(c, at, "`it` is the value of the layer before; there is none here");
    if (fenp_builtin_find(name) || fenp_function_find(name, NULL))
        return fenp_wrong(c, at, "`%s` is a function: it needs arguments, `%s(..)`", name, name);
    if (near) return fenp_wrong(c, at, "unknown name `%s`; did you mean `%s`?", name, near);
    return fenp_wrong(c, at, "unknown name `%s`", name);
}
fenp_value *fenp_name_value(const fenp_context *c, const char *name, fenp_place at) {
    fenp_build *u = c->build;
    fenp_local *l = fenp_local_find(c->scope, name);
    if (l && l->value) return l->value;
    if (l && l->number) return fenp_value_new(u, fenp_integer(u->b, l->whole));
    if (l && l->busy) return fenp_wrong(c, at, "parameter `%s` depends on itself", name);
    if (l) {
        l->busy = true;
        fenp_value *v = thunk_value(c, l->text, l->text.world ? l->text.world : c->world);
        l->busy = false;
        return v;
    }
    if (fenp_is_refused(u->experiment, name)) return fenp_faulty_value(u);
    if (strcmp(name, "pi") == 0) return fenp_value_new(u, fenp_number(u->b, 3.14159265358979323846));
    bool clock = strcmp(name, "step") == 0 || strcmp(name, "epoch") == 0;
    if (clock && u->metrics_first && u->metrics) return fenp_wrong(c, at, "a condition holds at the end of the run; there `%s` has no value", name);
    if (clock) return fenp_value_new(u, name[0] == 's' ? u->step : u->epoch);
    fenp_value *first = u->metrics_first ? fenp_metric_named(c, name, at) : NULL;
    if (first) return first;
    fenp_definition *d = fenp_lookup(c->scope, name);
    if (u->metrics_first && u->metrics && d && d->meaning != FENP_A_PARAMETER && d->meaning != FENP_AN_AXIS)
        return fenp_wrong(c, at, "a condition reads metrics and parameters; `%s` is a %s: make a metric of it", name, fenp_meaning_name[d->meaning]);
    if (d) return fenp_definition_value(c, d, at);
    fenp_value *metric = u->metrics ? fenp_metric_named(c, name, at) : NULL;
    return metric ? metric : fenp_unknown_name(c, name, at);
}
fenp_value *fenp_evaluate(const fenp_context *c, const fenp_expression *e) {
    fenp_build *u = c->build;
    u->b->place = e->at;
    switch (e->form) {
    case FENP_X_NUMBER:
        return fenp_value_new(u, e->whole && fabs(e->number) < 2147483648.0 ? fenp_integer(u->b, (int64_t)e->number) : fenp_number(u->b, e->number));
    case FENP_X_NAME: return fenp_name_value(c, e->name, e->at);
    case FENP_X_DOT: return dot(c, e);
    case FENP_X_LIST: return list(c, e);
    case FENP_X_NEGATE: return negate(c, e);
    case FENP_X_CALL: return fenp_call_expression(c, e);
    default: return operate(c, e);
    }
}

/* ---- items ---- */
static fenp_value *list_item(const fenp_context *c, const fenp_item *item) {
    fenp_value **v = fenp_arena_new(&c->build->experiment->memory, ((size_t)item->n + 1) * sizeof *v);
    for (int i = 0; i < item->n; i++) {
        v[i] = fenp_evaluate_text(c, item->item[i]);
        if (fenp_is_fault(c->build, v[i])) return v[i];
    }
    return list_of(c, v, item->n, item->at);
}
fenp_value *fenp_evaluate_text(const fenp_context *c, const fenp_item *item) {
    fenp_build *u = c->build;
    u->b->place = item->at;
    if (item->sort == FENP_NUMBER) {
        bool whole = item->whole && fabs(item->number) < 2147483648.0;
        return fenp_value_new(u, whole ? fenp_integer(u->b, (int64_t)item->number) : fenp_number(u->b, item->number));
    }
    if (item->sort == FENP_LIST) return list_item(c, item);
    if (item->sort == FENP_MAPPING) return fenp_node_value(c, item);
    if (item->sort != FENP_TEXT)
        return fenp_wrong(c, item->at, "given %s; needs an expression or a number", item->sort == FENP_BOOL ? "true or false" : "nothing");
    const char *text = fenp_paste(c, item);
    fenp_expression *e = text ? fenp_parsed(u->experiment, text, item->at) : NULL;
    return e ? fenp_evaluate(c, e) : fenp_faulty_value(u);
}
bool fenp_constant_of(const fenp_context *c, const fenp_expression *e, double *number) {
    fenp_value *v = fenp_evaluate(c, e);
    if (fenp_is_fault(c->build, v)) return false;
    fen_node *x = fenp_tensor(c, v, e->at);
    if (fenp_is_faulty(c->build->b, x)) return false;
    if (!v->pass && fenp_constant(x, number)) return true;
    fenp_wrong(c, e->at, "needs a number that is known when the model is built (over parameters, loop index and size(axis)); this depends on %s",
               fenp_node_of(x)->depends & FENP_ON_DRAW    ? "a draw"
               : fenp_node_of(x)->depends & FENP_ON_STORE ? "weights"
               : fenp_node_of(x)->depends                 ? "`step` or `epoch`"
                                                          : "axes");
    return false;
}
/* A single word that names nothing was meant as a value: say what is needed. */
static bool no_number(const fenp_context *c, const fenp_item *item, const fenp_expression *e) {
    static const char *const numbers[] = {"pi", "step", "epoch", NULL};
    if (e->form != FENP_X_NAME || fenp_local_find(c->scope, e->name) || fenp_lookup(c->scope, e->name)) return false;
    for (int i = 0; numbers[i]; i++)
        if (strcmp(numbers[i], e->name) == 0) return false;
    if (c->build->metrics && fenp_metric_named(c, e->name, e->at)) return false;
    const char *near = fenp_nearest(e->name, fenp_names_in(c->build->experiment, c->scope));
    fenp_wrong(c, item->at, "given `%s`; needs a number, and there is no name `%s` here%s%s%s", e->name, e->name, near ? "; did you mean `" : "",
               near ? near : "", near ? "`?" : "");
    return true;
}
bool fenp_number_of(const fenp_context *c, const fenp_item *item, double *number) {
    if (item->sort == FENP_NUMBER) {
        *number = item->number;
        return true;
    }
    if (item->sort == FENP_BOOL || item->sort == FENP_NULL || item->sort == FENP_MAPPING || item->sort == FENP_LIST) {
        fenp_wrong(c, item->at, "given %s; needs a number", item->sort == FENP_BOOL ? item->text : fenp_sort_name[item->sort]);
        return false;
    }
    const char *text = fenp_paste(c, item);
    fenp_expression *e = text ? fenp_parsed(c->build->experiment, text, item->at) : NULL;
    return e && !no_number(c, item, e) && fenp_constant_of(c, e, number);
}
bool fenp_whole_of(const fenp_context *c, const fenp_item *item, int64_t *whole) {
    double number;
    if (!fenp_number_of(c, item, &number)) return false;
    if (number == floor(number) && fabs(number) < 9e15) {
        *whole = (int64_t)number;
        return true;
    }
    if (item->sort == FENP_NUMBER) fenp_wrong(c, item->at, "given %.17g; needs a whole number", number);
    else fenp_wrong(c, item->at, "given `%s`, which is %g; needs a whole number", item->text ? item->text : "?", number);
    return false;
}
