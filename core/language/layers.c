/* layers.c: the layers of a network run in order; the structural forms let, use, repeat, residual, split, concat, parameter. Each layer
 * leaves a record in the trace of its network, by which inverse.c runs backwards. */
#include "language/network.h"
#include "ops/ops.h"
#include <math.h>
#include <string.h>

/* ---- names and paths ---- */
/* "dense", the second of its kind "dense_2": part of the path of parameters. */
static const char *counted(fenp_experiment *x, fenp_map *counts, const char *name) {
    int *n = fenp_map_get(counts, name);
    if (!n) {
        n = fenp_arena_new(&x->memory, sizeof *n);
        fenp_map_set(counts, name, n);
    }
    return ++*n == 1 ? name : fenp_arena_text(&x->memory, "%s_%d", name, *n);
}
static const char *short_name(fenp_experiment *x, const char *use) {
    const char *hash = strrchr(use, '#');
    return fenp_arena_text(&x->memory, "%s", hash ? hash + 1 : use);
}
static bool check_as(const fenp_context *c, const fenp_item *as) {
    int n = as->sort == FENP_LIST ? as->n : 1;
    bool good = as->sort == FENP_LIST || as->sort == FENP_TEXT;
    for (int i = 0; good && i < n; i++) {
        const char *t = as->sort == FENP_LIST ? as->item[i]->text : as->text;
        good = t && fenp_is_name(t) && strcmp(t, "it");
    }
    if (!good) fenp_wrong(c, as->at, "as: needs a name or a list of names ([a-z][a-z0-9_]*, not `it`)");
    return good;
}
/* A value under its name is a variable of its own. */
static fenp_value *named_value(fenp_layer *l, fenp_value *v, const char *name) {
    fenp_value *r = v;
    if (l->record->kind == FENP_T_LET || v->trace || l->ins == 0) {
        r = fenp_value_new(l->context.build, NULL);
        *r = *v;
    }
    if (r->node) r->node = fenp_named(l->context.build->b, name, r->node);
    return r;
}
static void set_local(fenp_layer *l, const char *name, fenp_value *v) {
    fenp_local *old = NULL;
    for (fenp_scope *s = l->state->scope; s && !old; s = s->up) /* a carried name is set for the next round */
        for (int i = 0; i < s->locals; i++)
            if (s->local[i]->carried && strcmp(s->local[i]->name, name) == 0) old = s->local[i];
    if (old) {
        old->next = v;
        return;
    }
    for (int i = 0; i < l->state->scope->locals; i++)
        if (strcmp(l->state->scope->local[i]->name, name) == 0) {
            fenp_wrong(&l->context, l->form.as->at, "as: `%s` is a name here already", name);
            return;
        }
    fenp_local_value(l->context.build->experiment, l->state->scope, name, v);
}
static fenp_value *name_outputs(fenp_layer *l, fenp_value *v) {
    const fenp_item *as = l->form.as;
    if (!as || fenp_is_fault(l->context.build, v)) return v;
    if (as->sort == FENP_TEXT) {
        v = named_value(l, v, as->text);
        set_local(l, as->text, v);
        return v;
    }
    if (as->n > v->outs) return fenp_wrong(&l->context, as->at, "as: %d names for %d value%s", as->n, v->outs, v->outs == 1 ? "" : "s");
    for (int i = 0; i < as->n; i++) {
        if (v->out[i]->node) v->out[i]->node = fenp_named(l->context.build->b, as->item[i]->text, v->out[i]->node);
        set_local(l, as->item[i]->text, v->out[i]);
    }
    return v;
}

/* ---- inputs ---- */
static bool layer_inputs(fenp_layer *l) {
    const fenp_item *in = l->form.in;
    if (!in) {
        if (l->state->it) l->in[l->ins++] = l->state->it;
        return true;
    }
    int n = in->sort == FENP_LIST || in->sort == FENP_MAPPING ? in->n : 1;
    if (n > 16) {
        fenp_wrong(&l->context, in->at, "in: more than 16 inputs");
        return false;
    }
    bool good = true;
    for (int k = 0; k < n; k++) {
        const fenp_item *item = in->sort == FENP_LIST || in->sort == FENP_MAPPING ? in->item[k] : in;
        l->in[l->ins] = fenp_evaluate_text(&l->context, item);
        good &= !fenp_is_fault(l->context.build, l->in[l->ins++]);
    }
    return good;
}
/* What a layer reads is a variable of its own, so that inverse.c can count who else reads the value. */
static fenp_value *own_input(fenp_layer *l, fenp_value *v) {
    fenp_build *u = l->context.build;
    if (!v->node || fenp_is_fault(u, v)) return v;
    fenp_value *r = fenp_value_new(u, NULL);
    *r = *v;
    r->node = fenp_named(u->b, "it", v->node);
    return r;
}
static fenp_value *first_input(fenp_layer *l) {
    if (l->ins && (l->in[0]->node || !l->in[0]->outs)) return l->in[0];
    if (l->ins) return fenp_wrong(&l->context, l->form.at, "the layer before gives several values: say which with `in`");
    return fenp_wrong(&l->context, l->form.at, "there is no value before this layer: say its input with `in`, or call the network with one");
}

/* The inputs of a network in its own order, where `in` names them; names: its `inputs`. */
static bool inputs_by_name(fenp_layer *l, const char *name, const fenp_item *names) {
    const fenp_item *in = l->form.in;
    if (!in || in->sort != FENP_MAPPING) return true;
    fenp_value *to[16] = {0};
    fenp_taker t = {.who = fenp_network_title(&l->context, name), .names = names, .to = to, .room = 16};
    bool good = true;
    for (int k = 0; k < in->n; k++)
        good &= fenp_input_put(&l->context, &t, fenp_input_named(&l->context, &t, in->key[k], in->key_at[k]), l->in[k], in->item[k]->at);
    if (!good || !fenp_inputs_full(&l->context, &t, l->form.at)) return false;
    memcpy(l->in, to, (size_t)t.n * sizeof *to);
    return true;
}

/* ---- the forms ---- */
static fenp_value *layer_let(fenp_layer *l) {
    fenp_value *v = fenp_evaluate_text(&l->context, l->form.body);
    return v->refuse ? fenp_value_new(l->context.build, fenp_tensor(&l->context, v, l->form.body->at)) : v;
}
fenp_value *fenp_layer_split(fenp_layer *l) {
    fenp_build *u = l->context.build;
    fenp_value *x = first_input(l), *r = fenp_value_new(u, NULL);
    const fenp_item *as = l->form.as;
    if (fenp_is_fault(u, x)) return x;
    fen_node *node = fenp_tensor(&l->context, own_input(l, x), l->form.at);
    int n = as && as->sort == FENP_LIST ? as->n : 2;
    int64_t size = fen_feature(node, -1);
    if (n < 1 || size % n)
        return fenp_wrong(&l->context, l->form.at, "split: the channel of %s does not fall into %d equal parts",
                          fenp_shape_text(u->b, node->shape, (char[160]){0}), n);
    r->outs = n;
    r->name = fenp_arena_new(&u->experiment->memory, (size_t)n * sizeof *r->name);
    r->out = fenp_arena_new(&u->experiment->memory, (size_t)n * sizeof *r->out);
    for (int i = 0; i < n; i++) {
        r->name[i] = as && as->sort == FENP_LIST && as->item[i]->text ? as->item[i]->text : fenp_arena_text(&u->experiment->memory, "part_%d", i + 1);
        r->out[i] = fenp_value_new(u, fen_slice(u->b, node, -1, i * (size / n), 1, size / n));
    }
    return r;
}
fenp_value *fenp_layer_concat(fenp_layer *l) {
    fenp_build *u = l->context.build;
    fen_node *x[16];
    for (int i = 0; i < l->ins; i++) x[i] = fenp_to_real(u->b, fenp_tensor(&l->context, l->in[i], l->form.at));
    if (!l->ins) return first_input(l);
    u->b->place = l->form.at;
    return fenp_value_new(u, fen_concat(u->b, x, l->ins, -1));
}
static bool has_layers(fenp_layer *l, const char *what) {
    const fenp_item *body = l->form.body;
    if (body && body->sort == FENP_MAPPING && fenp_item_get(body, "layers")) return true;
    fenp_wrong(&l->context, l->form.at, "%s: needs `layers: [..]` under it", what);
    return false;
}
fenp_value *fenp_layer_residual(fenp_layer *l) {
    fenp_build *u = l->context.build;
    fenp_value *x = first_input(l);
    static const char *const keys[] = {"layers", NULL};
    if (!fenp_check_keys(u->experiment, l->form.body, "residual", keys) || !has_layers(l, "residual")) return fenp_faulty_value(u);
    fenp_layers_state s = *l->state;
    fenp_trace inner = {0};
    s.scope = fenp_scope_new(u->experiment, l->state->scope, true);
    s.it = x;
    s.trace = &inner;
    if (fenp_is_fault(u, x) || !fenp_layers_run(&l->context, fenp_item_get(l->form.body, "layers"), &s)) return fenp_faulty_value(u);
    fen_node *from = fenp_tensor(&l->context, x, l->form.at), *way = fenp_tensor(&l->context, s.it, l->form.at);
    if (!fenp_is_faulty(u->b, way) && !fenp_same(&from->shape, &way->shape))
        return fenp_wrong(&l->context, l->form.at, "residual: its layers change %s to %s; needs the same shape",
                          fenp_shape_text(u->b, from->shape, (char[160]){0}), fenp_shape_text(u->b, way->shape, (char[160]){0}));
    for (int i = 0; i < s.scope->locals; i++)                         /* names inside are names of the network */
        if (strcmp(s.scope->local[i]->name, "it") && s.scope->local[i]->value)
            fenp_local_value(u->experiment, l->state->scope, s.scope->local[i]->name, s.scope->local[i]->value);
    return fenp_value_new(u, fen_add(u->b, from, way));
}
static bool rounds_of(fenp_layer *l, int64_t *times, double **over) {
    const fenp_item *body = l->form.body, *t, *o;
    *over = NULL;
    t = fenp_item_get(body, "times");
    o = fenp_item_get(body, "over");
    if (!t == !o) {
        fenp_wrong(&l->context, l->form.at, "repeat: needs one of `times` and `over`");
        return false;
    }
    if (t) {
        if (!fenp_whole_of(&l->context, t, times)) return false;
        if (*times >= 0 && *times <= 100000) return true;
        fenp_wrong(&l->context, t->at, "repeat: given %lld times; needs 0 to 100000", (long long)*times);
        return false;
    }
    if (o->sort == FENP_LIST && o->n == 0) {
        *times = 0;
        return true;
    }
    fenp_value *v = fenp_evaluate_text(&l->context, o);
    if (fenp_is_fault(l->context.build, v)) return false;
    fen_node *x = fenp_tensor(&l->context, v, o->at);
    *over = fenp_is_faulty(l->context.build->b, x) ? NULL : fenp_constants(x);
    *times = fenp_count(&x->shape);
    if (*over) return true;
    fenp_wrong(&l->context, o->at, "repeat: `over` needs a list of numbers that are known when the model is built");
    return false;
}
static fenp_scope *carry_scope(fenp_layer *l, const fenp_item *carry) {
    fenp_experiment *x = l->context.build->experiment;
    fenp_scope *s = fenp_scope_new(x, l->state->scope, true);
    for (int i = 0; carry && i < carry->n; i++) {
        fenp_local *local = fenp_local_add(x, s, carry->key[i]);
        local->carried = true;
        local->value = fenp_evaluate_text(&l->context, carry->item[i]);
    }
    return s;
}
fenp_value *fenp_layer_repeat(fenp_layer *l) {
    fenp_experiment *x = l->context.build->experiment;
    const fenp_item *body = l->form.body, *index = fenp_item_get(body, "index"), *carry = fenp_item_get(body, "carry");
    int64_t times = 0;
    double *over;
    static const char *const keys[] = {"times", "over", "index", "carry", "layers", NULL};
    if (!fenp_check_keys(x, body, "repeat", keys) || !has_layers(l, "repeat")) return fenp_faulty_value(l->context.build);
    if (index && (!index->text || index->sort != FENP_TEXT || !fenp_is_name(index->text)))
        return fenp_wrong(&l->context, index->at, "index: given %s; needs a name, [a-z][a-z0-9_]*", index->text ? index->text : fenp_sort_name[index->sort]);
    if (carry && carry->sort != FENP_MAPPING)
        return fenp_wrong(&l->context, carry->at, "carry: given %s; needs {name: value before the first round}", fenp_sort_name[carry->sort]);
    if (!rounds_of(l, &times, &over)) return fenp_faulty_value(l->context.build);
    fenp_scope *carried = carry_scope(l, carry);
    fenp_layers_state s = *l->state;
    s.it = l->ins ? l->in[0] : NULL;
    bool good = true;
    for (int64_t k = 0; k < times && good; k++) {
        s.scope = fenp_scope_new(x, carried, true);
        if (index && index->text) {
            fenp_local *local = fenp_local_add(x, s.scope, index->text);
            if (over && !(over[k] == floor(over[k]) && fabs(over[k]) < 9e15))
                local->value = fenp_value_new(l->context.build, fenp_number(l->context.build->b, over[k]));
            else {
                local->number = true;
                local->whole = over ? (int64_t)over[k] : k;
            }
        }
        good = fenp_layers_run(&l->context, fenp_item_get(body, "layers"), &s);
        for (int i = 0; i < carried->locals; i++)
            if (carried->local[i]->next) {
                carried->local[i]->value = carried->local[i]->next;
                carried->local[i]->next = NULL;
            }
    }
    fenp_delete(over);
    for (int i = 0; i < carried->locals; i++) fenp_local_value(x, l->state->scope, carried->local[i]->name, carried->local[i]->value);
    l->state->log_det = s.log_det;
    l->record->kind = -1; /* its layers are in the trace themselves */
    if (!good) return fenp_faulty_value(l->context.build);
    return s.it ? s.it : fenp_value_new(l->context.build, NULL);
}
fenp_value *fenp_layer_parameter(fenp_layer *l) {
    static const char *const keys[] = {"shape", "init", NULL};
    fenp_build *u = l->context.build;
    const fenp_item *body = l->form.body, *shape = fenp_item_get(body, "shape"), *init = fenp_item_get(body, "init");
    fen_shape s = {0}, features = {0};
    fenp_check_keys(u->experiment, body, "parameter", keys);
    if (shape && !fenp_sizes_of(&l->context, shape, &features)) return fenp_faulty_value(u);
    if (l->form.axes && !fenp_drawn_axes(&l->context, &(fenp_invocation){.axes = l->form.axes}, &s)) return fenp_faulty_value(u);
    if (s.rank + features.rank > FEN_MAX_RANK) return fenp_wrong(&l->context, l->form.at, "parameter: more than %d axes", FEN_MAX_RANK);
    for (int i = 0; i < features.rank; i++) s.size[s.rank++] = features.size[i];
    fenp_later *later = NULL;
    if (init && init->sort != FENP_NULL) {
        later = fenp_arena_new(&u->experiment->memory, sizeof *later);
        *later = (fenp_later){init, l->context};
    }
    const char *slot = fenp_arena_text(&u->experiment->memory, "%s/%s", l->state->owner, l->name);
    return fenp_value_new(u, fenp_parameter_make(&l->context, slot, s, later, NULL, l->form.at));
}
/* RUN#NAME as a layer: its parameters lie in this network, and take their first values from the run. */
static void load_later(fenp_layer *l, const fenp_used *used, const char *owner) {
    fenp_build *u = l->context.build;
    fenp_experiment *x = u->experiment;
    for (int i = 0; i < x->loads; i++)
        if (strcmp(x->load[i].params, owner) == 0) return;
    fenp_load *more = fenp_arena_new(&x->memory, ((size_t)x->loads + 1) * sizeof *more);
    if (x->loads) memcpy(more, x->load, (size_t)x->loads * sizeof *more);
    more[x->loads++] = (fenp_load){.run = used->run,
                                   .best = used->best,
                                   .name = used->name,
                                   .state_name = used->state,
                                   .params = owner,
                                   .state = fenp_arena_text(&x->memory, "%s%s", u->state ? u->state : "state", owner + strlen(u->b->block)),
                                   .who = l->name,
                                   .at = l->form.at};
    x->load = more;
}
fenp_value *fenp_layer_use(fenp_layer *l) {
    fenp_build *u = l->context.build;
    fenp_used used;
    fenp_layers_state s = {.owner = fenp_arena_text(&u->experiment->memory, "%s/%s", l->state->owner, l->name),
                           .counts = &(fenp_map){0},
                           .trace = fenp_arena_new(&u->experiment->memory, sizeof *s.trace)};
    if (++u->depth > 64) {
        u->depth--;
        return fenp_wrong(&l->context, l->form.at, "`use` is nested more than 64 deep: does it use itself?");
    }
    if (!fenp_use_network(&l->context, l->form.use, l->form.with, s.owner, &used) || !fenp_network_check(&l->context, used.item, l->name)) {
        u->depth--;
        return fenp_faulty_value(u);
    }
    if (used.run) load_later(l, &used, s.owner);
    fenp_scope *scope = fenp_network_scope(&l->context, used.item, used.scope, &used.with, s.owner);
    fenp_context c = {u, fenp_scope_new(u->experiment, scope, true), fenp_world_said(u, l->context.world, &used.with)};
    const char *site = u->b->site;
    u->b->site = fenp_site_next(u, site, l->name);
    bool good = inputs_by_name(l, l->name, fenp_item_get(used.item, "inputs")) &&
                fenp_network_body(&c, used.item, c.scope, l->in, l->ins, &s, l->form.at, l->name);
    fenp_value *r = good ? fenp_network_result(&c, used.item, &s, l->form.at) : fenp_faulty_value(u);
    u->b->site = site;
    u->depth--;
    fenp_map_free(s.counts);
    return r;
}
static fenp_value *layer_network(fenp_layer *l, fenp_definition *d) {
    fenp_network *n = fenp_network_of(&l->context, d);
    if (!n || !inputs_by_name(l, d->name, fenp_item_get(n->item, "inputs"))) return fenp_faulty_value(l->context.build);
    return fenp_network_named(&l->context, d, l->in, l->ins, l->form.mode, l->form.at);
}
static fenp_value *layer_function(fenp_layer *l) {
    fenp_experiment *x = l->context.build->experiment;
    fenp_invocation i = {.body = l->form.body, .axes = l->form.axes, .mode = l->form.mode, .at = l->form.at};
    i.function = fenp_function_named(&l->context, l->form.function, &i.kind, l->form.at, false);
    if (!i.function) return fenp_faulty_value(l->context.build);
    int ports = fenp_ports(i.function->inputs);
    i.owner = fenp_arena_text(&x->memory, "%s/%s", l->state->owner, l->name);
    i.input = fenp_arena_new(&x->memory, ((size_t)ports + 1) * sizeof *i.input);
    if (!l->ins && !l->form.in && ports && !i.function->inputs[0].optional && !i.function->inputs[0].initial &&
        !fenp_given(&l->context, &i, i.function->inputs[0].name))
        return first_input(l);
    if (l->ins > ports)
        return fenp_wrong(&l->context, l->form.at, "%s takes %d input%s; given %d", i.function->name, ports, ports == 1 ? "" : "s", l->ins);
    fenp_taker t = {.who = i.function->name, .ports = i.function->inputs, .to = i.input, .room = ports};
    const fenp_item *in = l->form.in && l->form.in->sort == FENP_MAPPING ? l->form.in : NULL;
    bool good = true;
    for (int k = 0; k < l->ins; k++) {
        int p = in ? fenp_input_named(&l->context, &t, in->key[k], in->key_at[k]) : k;
        good &= fenp_input_put(&l->context, &t, p, own_input(l, k == 0 ? first_input(l) : l->in[k]), in ? in->item[k]->at : l->form.at);
    }
    if (!good) return fenp_faulty_value(l->context.build);
    fenp_value *v = fenp_invoke(&l->context, &i);
    l->record->function = i.function;
    l->record->owner = i.owner;
    return v;
}

/* ---- one layer, all layers ---- */
static fenp_value *run_layer(fenp_layer *l) {
    static const struct {
        const char *name;
        int kind;
        fenp_value *(*run)(fenp_layer *);
    } forms[] = {{"let", FENP_T_LET, layer_let},
                 {"repeat", -1, fenp_layer_repeat},
                 {"residual", FENP_T_RESIDUAL, fenp_layer_residual},
                 {"split", FENP_T_SPLIT, fenp_layer_split},
                 {"concat", FENP_T_CONCAT, fenp_layer_concat},
                 {"parameter", FENP_T_PARAMETER, fenp_layer_parameter}};
    if (l->form.use) {
        l->record->kind = FENP_T_NETWORK;
        return fenp_layer_use(l);
    }
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(forms[i].name, l->form.function) == 0) {
            l->record->kind = forms[i].kind;
            return forms[i].run(l);
        }
    fenp_definition *d = fenp_lookup(l->context.scope, l->form.function);
    if (d && d->meaning == FENP_A_NETWORK) {
        l->record->kind = FENP_T_NETWORK;
        return layer_network(l, d);
    }
    bool language = !fenp_function_find(l->form.function, NULL) && fenp_builtin_find(l->form.function);
    l->record->kind = language ? FENP_T_LET : FENP_T_LAYER;
    return language ? fenp_builtin_node(&l->context, &l->form, l->ins ? "it" : "") : layer_function(l);
}
static void record(fenp_layer *l, fenp_value *v) {
    fenp_experiment *x = l->context.build->experiment;
    fenp_record *r = l->record;
    fenp_trace *t = l->state->trace;
    if (r->kind < 0) return;
    r->to = l->context.build->b->graph.n;
    r->item = l->item;
    r->at = l->form.at;
    r->scope = l->context.scope;
    r->world = l->context.world;
    r->site = l->context.build->b->site;
    r->block = l->context.build->b->block;
    r->state = l->context.build->state;
    r->mode = l->context.build->b->mode;
    r->vector = l->context.build->vector;
    r->body = l->form.body;
    r->inner = v->trace;
    r->ins = l->ins;
    r->in = fenp_arena_new(&x->memory, (size_t)(l->ins + 1) * sizeof *r->in);
    memcpy(r->in, l->in, (size_t)l->ins * sizeof *r->in);
    r->outs = v->node || !v->outs ? 1 : v->outs;
    r->out = v->node || !v->outs ? fenp_arena_new(&x->memory, sizeof *r->out) : v->out;
    if (v->node || !v->outs) r->out[0] = v;
    if ((t->n & (t->n - 1)) == 0) {
        fenp_record **more = fenp_arena_new(&x->memory, (size_t)(t->n ? 2 * t->n : 1) * sizeof *more);
        if (t->n) memcpy(more, t->record, (size_t)t->n * sizeof *more);
        t->record = more;
    }
    t->record[t->n++] = r;
}
static void add_log_det(fenp_layer *l, fenp_value *v) {
    fen_builder *b = l->context.build->b;
    if (!v->log_det || l->record->kind == FENP_T_LET || l->record->kind < 0) return;
    l->state->log_det = l->state->log_det ? fen_add(b, l->state->log_det, v->log_det) : v->log_det;
}
static bool one_layer(const fenp_context *c, const fenp_item *item, fenp_layers_state *s) {
    fenp_experiment *x = c->build->experiment;
    fenp_context here = {c->build, s->scope, c->world};
    fenp_layer *l = fenp_arena_new(&x->memory, sizeof *l);
    l->record = fenp_arena_new(&x->memory, sizeof *l->record);
    l->item = item;
    l->state = s;
    l->context = here;
    fenp_local *it = NULL;
    for (int i = 0; i < s->scope->locals && !it; i++)
        if (strcmp(s->scope->local[i]->name, "it") == 0) it = s->scope->local[i];
    if (!it && s->it) it = fenp_local_add(x, s->scope, "it");
    if (it) it->value = s->it;
    if (!fenp_node_read(&here, item, &l->form, true)) return false;
    if (l->form.copy) {
        fenp_wrong(&here, l->form.at, "copy makes a network; a layer can `use` one");
        return false;
    }
    if (l->form.as && !check_as(&here, l->form.as)) return false;
    if (!l->form.use) l->context.world = fenp_world_with(c->build, c->world, l->form.with, s->scope);
    if (!layer_inputs(l)) return false;
    const char *use = l->form.use && l->form.use->text ? fenp_paste(&here, l->form.use) : NULL;
    const char *base = l->form.as && l->form.as->sort == FENP_TEXT ? l->form.as->text
                       : use                                       ? short_name(x, use)
                       : l->form.function                          ? l->form.function
                                                                   : "layer";
    bool level = !l->form.function || (strcmp(l->form.function, "repeat") && strcmp(l->form.function, "residual"));
    l->name = level ? counted(x, s->counts, base) : base;
    fenp_value *v = run_layer(l);
    if (fenp_is_fault(c->build, v)) return false;
    record(l, v);
    add_log_det(l, v);
    v = name_outputs(l, v);
    for (int i = 0; i < l->record->outs && l->record->out && l->record->outs == 1 && l->record->kind >= 0; i++)
        l->record->out[0] = v->node || !v->outs ? v : l->record->out[0];
    s->it = v;
    return !fenp_is_fault(c->build, v);
}
bool fenp_layers_run(const fenp_context *c, const fenp_item *layers, fenp_layers_state *s) {
    if (!layers || layers->sort != FENP_LIST) {
        fenp_wrong(c, layers ? layers->at : c->build->b->place, "layers: needs a list");
        return false;
    }
    for (int i = 0; i < layers->n; i++)
        if (!one_layer(c, layers->item[i], s)) return false;
    return true;
}
