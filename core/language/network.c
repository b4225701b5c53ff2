/* network.c: networks: found, called, read as vectors. A call of the same network on the same inputs is one call (DECISIONS 2). */
#include "language/network.h"
#include "ops/ops.h"
#include <string.h>

/* ---- the network behind a name ---- */
static fenp_network *remembered(fenp_experiment *x, fenp_network *n) {
    fenp_network **more = fenp_arena_new(&x->memory, ((size_t)x->networks + 1) * sizeof *more);
    if (x->networks) memcpy(more, x->network, (size_t)x->networks * sizeof *more);
    more[x->networks++] = n;
    x->network = more;
    return n;
}
/* {function: {attribute: value}}: a word that no function has would never be read. */
static bool check_defaults(const fenp_context *c, const fenp_item *d) {
    bool good = !d || d->sort == FENP_MAPPING || d->sort == FENP_NULL;
    if (!good) fenp_wrong(c, d->at, "defaults: given %s; needs {function: {attribute: value}}", fenp_sort_name[d->sort]);
    for (int i = 0; d && d->sort == FENP_MAPPING && i < d->n; i++) {
        fenp_kind kind;
        const fenp_item *of = d->item[i];
        const fen_function *f = fenp_function_named(c, d->key[i], &kind, d->key_at[i], false);
        if (f && of->sort != FENP_MAPPING) {
            fenp_wrong(c, of->at, "defaults: %s is %s; needs {attribute: value}", f->name, fenp_sort_name[of->sort]);
            good = false;
        }
        fenp_invocation v = {.function = f, .kind = kind, .body = of};
        for (int k = 0; f && of->sort == FENP_MAPPING && k < of->n; k++) good &= fenp_attribute_known(c, &v, of->key[k], of->key_at[k]);
        good &= f != NULL;
    }
    return good;
}
static bool check_names(const fenp_context *c, const fenp_item *list, const char *what) {
    if (!list) return true;
    bool good = list->sort == FENP_LIST;
    if (!good) fenp_wrong(c, list->at, "%s: given %s; needs a list of names", what, fenp_sort_name[list->sort]);
    for (int i = 0; i < list->n && good; i++) {
        const fenp_item *name = list->item[i];
        good = name->text && fenp_is_name(name->text);
        if (!good)
            fenp_wrong(c, name->at, "%s: given `%s`; needs names, [a-z][a-z0-9_]*", what, name->text ? name->text : fenp_sort_name[name->sort]);
        for (int k = 0; k < i && good; k++)
            if (strcmp(list->item[k]->text, name->text) == 0) {
                fenp_wrong(c, name->at, "%s: `%s` stands twice", what, name->text);
                good = false;
            }
    }
    return good;
}
static bool check_mapping(const fenp_context *c, const fenp_item *item, const char *key) {
    const fenp_item *m = fenp_item_get(item, key);
    if (!m || m->sort == FENP_MAPPING || m->sort == FENP_NULL) return true;
    fenp_wrong(c, m->at, "%s: given %s; needs a mapping from names", key, fenp_sort_name[m->sort]);
    return false;
}
bool fenp_network_check(const fenp_context *c, const fenp_item *item, const char *name) {
    static const char *const keys[] = {"inputs", "parameters", "axes", "defaults", "layers", "outputs", NULL};
    const fenp_item *layers = fenp_item_get(item, "layers"), *inputs = fenp_item_get(item, "inputs"), *outputs = fenp_item_get(item, "outputs");
    if (item->sort != FENP_MAPPING) {
        fenp_wrong(c, item->at, "network `%s` is %s; needs {layers: [..]}, {use: ..} or {copy: ..}", name, fenp_sort_name[item->sort]);
        return false;
    }
    if (!fenp_check_keys(c->build->experiment, item, fenp_arena_text(&c->build->experiment->memory, "network `%s`", name), keys) && !layers)
        return false;
    if (!check_names(c, inputs, "inputs") || !check_names(c, outputs, "outputs") || !check_mapping(c, item, "parameters") ||
        !check_mapping(c, item, "axes"))
        return false;
    if (!check_defaults(c, fenp_item_get(item, "defaults"))) return false;
    if (layers && layers->sort == FENP_LIST && layers->n) return true;
    if (layers && layers->sort != FENP_LIST)
        fenp_wrong(c, layers->at, "layers: given %s; needs a list, `layers: [dense: {units: 8}, relu]`", fenp_sort_name[layers->sort]);
    else fenp_wrong(c, item->at, "network `%s` has no layers; needs `layers: [..]`", name);
    return false;
}
static void make_copy(const fenp_context *c, fenp_network *n, const fenp_item *copy) {
    fenp_definition *d = copy->text ? fenp_lookup(c->scope, copy->text) : NULL;
    if (!d || d->meaning != FENP_A_NETWORK || d == n->definition) {
        fenp_wrong(c, copy->at, "copy: `%s` is no other network of this file", copy->text ? copy->text : fenp_sort_name[copy->sort]);
        return;
    }
    if (d->network && d->network->reading) {
        fenp_wrong(c, copy->at, "`copy` leads in a circle");
        return;
    }
    n->copy = fenp_network_of(&(fenp_context){c->build, c->scope, c->build->world}, d);
    if (!n->copy) return;
    n->item = n->copy->item;
    n->scope = n->copy->scope;
    n->state = n->copy->state;
    n->rest = n->copy->rest;
}
static void make(const fenp_context *c, fenp_network *n, const fenp_item *item, fenp_scope *up) {
    const fenp_item *use = fenp_item_get(item, "use"), *copy = fenp_item_get(item, "copy");
    static const char *const use_keys[] = {"use", "with", NULL}, *const copy_keys[] = {"copy", NULL};
    fenp_used u = {.item = item, .scope = up};
    if (copy) {
        fenp_check_keys(c->build->experiment, item, "a copy", copy_keys);
        make_copy(c, n, copy);
        return;
    }
    if (use) {
        fenp_check_keys(c->build->experiment, item, "`use`", use_keys);
        if (!fenp_use_network(&(fenp_context){c->build, up, c->world}, use, fenp_item_get(item, "with"), n->block, &u)) return;
    }
    n->run = u.run;
    n->best = u.best;
    n->run_name = u.name;
    n->run_state = u.state;
    if (!fenp_network_check(c, u.item, n->definition->name)) return;
    n->scope = fenp_network_scope(c, u.item, u.scope, &u.with, n->block);
    n->rest = u.with;
    n->item = u.item;
}
/* A network of a run's file that another one reaches comes with its values too. */
static void of_run(fenp_network *n) {
    const fenp_space *s = n->definition->space;
    if (!s->run || n->run) return;
    n->run = s->run;
    n->best = s->best;
    n->run_name = n->run_state = n->definition->name;
}
fenp_network *fenp_network_of(const fenp_context *c, fenp_definition *d) {
    fenp_experiment *x = c->build->experiment;
    fenp_world *outer = NULL;
    fenp_binding *b = fenp_bound(c->world, d, &outer);
    if (b && b->to) return fenp_network_of(&(fenp_context){c->build, c->scope, outer}, b->to);
    if (!d->network) {
        d->network = remembered(x, fenp_arena_new(&x->memory, sizeof *d->network));
        fenp_network *n = d->network;
        bool main_file = d->space == x->space;
        const char *name = main_file ? d->name : fenp_arena_text(&x->memory, "%s_%d", d->name, x->networks);
        n->definition = d;
        n->block = fenp_arena_text(&x->memory, "params/%s", name);
        n->state = fenp_arena_text(&x->memory, "state/%s", name);
        n->reading = true;
        make(&(fenp_context){c->build, d->space->scope, c->build->world}, n, d->item, d->space->scope);
        n->reading = false;
        of_run(n);
    }
    return d->network->item ? d->network : NULL;
}

/* ---- the body ---- */
bool fenp_network_body(const fenp_context *c, const fenp_item *item, fenp_scope *scope, fenp_value **in, int ins, fenp_layers_state *s, fenp_place at,
                       const char *name) {
    fenp_experiment *x = c->build->experiment;
    const fenp_item *inputs = fenp_item_get(item, "inputs");
    if (inputs && inputs->sort != FENP_LIST) {
        fenp_wrong(c, inputs->at, "inputs: given %s; needs a list of names", fenp_sort_name[inputs->sort]);
        return false;
    }
    int want = inputs ? inputs->n : ins > 1 ? 1 : ins;
    if (ins != want) {
        fenp_wrong(c, at, "network `%s` takes %d input%s; given %d", name, want, want == 1 ? "" : "s", ins);
        return false;
    }
    for (int i = 0; i < ins; i++) {
        const char *as = inputs && inputs->item[i]->text ? inputs->item[i]->text : NULL;
        fenp_value *v = fenp_value_new(c->build, NULL);
        *v = (fenp_value){.node = fenp_named(c->build->b, as ? as : "it", fenp_tensor(c, in[i], at)), .law = in[i]->law};
        if (fenp_is_faulty(c->build->b, v->node)) return false;
        if (as) fenp_local_value(x, scope, as, v);
        if (i == 0 && ins == 1) s->it = v;
        if (i == 0) s->trace->input = v;
    }
    s->scope = scope;
    s->inputs = scope->locals;
    s->trace->from = c->build->b->graph.n;
    bool good = fenp_layers_run(c, fenp_item_get(item, "layers"), s);
    s->trace->to = c->build->b->graph.n;
    return good;
}
static void give(fenp_value *r, const fenp_local *l) {
    if (!l->value || strcmp(l->name, "it") == 0) return;
    r->name[r->outs] = l->name;
    r->out[r->outs++] = l->value;
}
fenp_value *fenp_network_result(const fenp_context *c, const fenp_item *item, fenp_layers_state *s, fenp_place at) {
    fenp_experiment *x = c->build->experiment;
    fenp_value *r = fenp_value_new(c->build, NULL);
    const fenp_item *outputs = fenp_item_get(item, "outputs");
    if (s->it) {
        *r = *s->it;
        r->log_det = NULL;
    }
    r->name = fenp_arena_new(&x->memory, ((size_t)s->scope->locals + 1) * sizeof *r->name);
    r->out = fenp_arena_new(&x->memory, ((size_t)s->scope->locals + 1) * sizeof *r->out);
    r->outs = 0;
    for (int i = s->inputs; i < s->scope->locals && !outputs; i++) give(r, s->scope->local[i]);
    for (int i = 0; outputs && i < outputs->n; i++) {
        const char *name = outputs->item[i]->text;
        int before = r->outs;
        for (int k = s->inputs; k < s->scope->locals; k++) /* a name may be carried twice: both, the last counts */
            if (strcmp(s->scope->local[k]->name, name) == 0) give(r, s->scope->local[k]);
        if (r->outs == before) return fenp_wrong(c, outputs->item[i]->at, "outputs: no layer is named `%s` (`as`)", name);
    }
    if (outputs) {
        r->node = NULL;
        r->law = NULL;
    }
    if (outputs && outputs->n == 1 && r->outs) {
        const fenp_value *only = r->out[r->outs - 1];
        r->node = only->node;
        r->law = only->law;
        r->unit = only->unit;
    }
    r->log_det = s->log_det;
    r->trace = s->trace;
    s->trace->result = s->it;
    if (!r->node && !r->outs && s->it && s->it->outs)
        return fenp_wrong(c, at, "the last layer of the network gives several values: name them with `as: [..]`, then take one by a dot");
    if (!r->node && !r->outs && !s->it) return fenp_wrong(c, at, "the network gives nothing");
    return r;
}

/* ---- calls ---- */
/* A value without features counts as [1] where a layer needs a channel. */
static fen_shape features_of(const fen_node *x) {
    fen_shape s = fen_shape_of(x);
    return s.rank > s.leads ? fen_features(s.rank - s.leads, s.size + s.leads) : fen_vector(1);
}
static bool same_features(fenp_network *n, fenp_value **in, int ins, int *which) {
    for (int i = 0; i < ins && i < n->inputs; i++) {
        fen_shape features = features_of(in[i]->node);
        if (!fenp_same(&features, &n->input[i])) {
            *which = i;
            return false;
        }
    }
    return true;
}
static bool remember_call(const fenp_context *c, fenp_network *n, fenp_value **in, int ins, fenp_place at) {
    fenp_experiment *x = c->build->experiment;
    int i = 0;
    if (n->input) {
        fenp_block *weights = fenp_store_block(x->store, n->copy ? n->copy->block : n->block);
        if (!weights || !weights->n || same_features(n, in, ins, &i)) return true; /* without weights it is a function */
        fenp_wrong(c, at, "network `%s` is called with features %s here, with %s at line %d: its weights fit one of them", n->definition->name,
                   fenp_shape_text(c->build->b, features_of(in[i]->node), (char[160]){0}), fenp_shape_text(c->build->b, n->input[i], (char[160]){0}),
                   n->called.line);
        return false;
    }
    n->called = at;
    n->inputs = ins;
    n->input = fenp_arena_new(&x->memory, ((size_t)ins + 1) * sizeof *n->input);
    for (i = 0; i < ins; i++) n->input[i] = features_of(in[i]->node);
    return true;
}
static const char *call_key(const fenp_context *c, fenp_network *n, fen_node *vector, fenp_value **in, int ins, const char *mode) {
    fenp_text t = {0};
    fenp_text_add(&t, "%p %p %d %s", (void *)n, (void *)c->world, vector ? vector->id : -1, mode ? mode : "");
    for (int i = 0; i < ins; i++) fenp_text_add(&t, " %d", in[i]->node->id);
    const char *key = fenp_arena_copy(&c->build->experiment->memory, t.at, t.n);
    fenp_text_free(&t);
    return key;
}
typedef struct saved {
    const char *site, *owner, *block, *state;
    fen_mode mode;
    fenp_vector vector;
    fenp_metrics *metrics;
} saved;
static saved enter(fenp_build *u, fenp_network *n, fen_node *vector, const char *site, fen_mode mode) {
    saved s = {u->b->site, u->b->owner, u->b->block, u->state, u->b->mode, u->vector, u->metrics};
    u->metrics = NULL; /* inside a network reductions are per draw, wherever it is called */
    u->b->site = site;
    u->b->owner = u->b->block = n->block;
    u->b->mode = mode;
    u->state = n->state;
    u->vector = (fenp_vector){vector ? n->block : NULL, vector};
    return s;
}
static void leave(fenp_build *u, saved s) {
    u->b->site = s.site;
    u->b->owner = s.owner;
    u->b->block = s.block;
    u->b->mode = s.mode;
    u->state = s.state;
    u->vector = s.vector;
    u->metrics = s.metrics;
}
fenp_value *fenp_network_call(const fenp_context *outer, fenp_network *n, fen_node *vector, fenp_value **in, int ins, const fenp_item *mode_item,
                              fenp_place at) {
    fenp_build *u = outer->build;
    fen_builder *b = u->b;
    if (!n || !n->item) return fenp_faulty_value(u);
    if (n->reading) return fenp_wrong(outer, at, "network `%s` calls itself", n->definition->name);
    for (int i = 0; i < ins; i++)
        if (fenp_is_faulty(b, fenp_tensor(outer, in[i], at))) return fenp_faulty_value(u);
    for (int i = 0; i < ins; i++)
        if (in[i]->pass)
            return fenp_wrong(outer, at, "network `%s` is called on a value of the whole pass: call it in `graph`, per draw", n->definition->name);
    if (!remember_call(outer, n, in, ins, at)) return fenp_faulty_value(u);
    fenp_context c = {u, n->scope, fenp_world_said(u, outer->world, &n->rest)};
    const char *key = call_key(outer, n, vector, in, ins, mode_item ? mode_item->text : NULL);
    fenp_value *old = fenp_map_get(&u->calls, key);
    if (old) return old;
    int noises = b->noises;
    fen_mode mode = b->mode == FEN_INITIALISE ? b->mode : mode_item ? fenp_mode_word(outer, mode_item) : n->updated ? FEN_TRAIN : FEN_EVALUATE;
    fenp_layers_state s = {.owner = n->block, .counts = &(fenp_map){0}, .trace = fenp_arena_new(&u->experiment->memory, sizeof *s.trace)};
    fenp_scope *scope = fenp_scope_new(u->experiment, n->scope, true);
    saved before = enter(u, n, vector, fenp_site_next(u, b->site ? b->site : "", n->definition->name), mode);
    n->reading = true;
    c.scope = scope;
    bool good = fenp_network_body(&c, n->item, scope, in, ins, &s, at, n->definition->name);
    n->reading = false;
    leave(u, before);
    fenp_map_free(s.counts);
    if (u->b->mode == FEN_INITIALISE) n->declared = true;
    n->broken |= !good;
    fenp_value *r = good ? fenp_network_result(&c, n->item, &s, at) : fenp_faulty_value(u);
    if (b->noises == noises) fenp_map_set(&u->calls, key, r);
    return r;
}

static fenp_value *not_called(const fenp_context *c, fenp_network *n, fenp_place at) {
    if (c->build->final && !c->build->experiment->faults->n)
        return fenp_wrong(c, at, "network `%s` is read here but never called: its parameters take their shapes from a call", n->definition->name);
    return fenp_faulty_value(c->build); /* the entry is built again when the others are */
}
/* A vector as long as the network is. */
static fen_node *fitting(const fenp_context *c, fenp_definition *d, fen_node *x, fenp_place at) {
    fenp_network *n = fenp_network_of(&(fenp_context){c->build, c->scope, c->build->world}, d);
    if (fenp_is_faulty(c->build->b, x) || !n) return c->build->b->faulty;
    if (!fenp_network_declare(c, n, at)) return not_called(c, n, at)->node;
    fenp_block *k = fenp_store_block(c->build->experiment->store, n->block);
    int64_t count = 0;
    for (int i = 0; k && i < k->n; i++) count += k->slot[i]->count;
    if (x->shape.leads == 0 && fenp_count(&x->shape) == count) return fenp_relabel(c->build->b, fenp_to_real(c->build->b, x), fen_vector(count));
    return fenp_wrong(c, at, "with: network `%s` has %lld parameters; given %s, needs a vector of as many", d->name, (long long)count,
                      fenp_shape_text(c->build->b, x->shape, (char[160]){0}))
        ->node;
}
/* What `with` says a network is, where that is no other network: a vector, evaluated once a world. */
fen_node *fenp_network_bound(const fenp_context *c, fenp_definition *d) {
    fenp_world *outer = NULL;
    fenp_binding *b = fenp_bound(c->world, d, &outer);
    if (!b) return NULL;
    fenp_context there = {c->build, b->text.scope, outer};
    if (b->to) return fenp_network_bound(&there, b->to);
    int m = fenp_memo_of(outer, b);
    if (outer->memo[m].busy) return fenp_wrong(c, b->text.item->at, "with: the value of `%s` depends on itself", d->name)->node;
    if (!outer->memo[m].value) {
        outer->memo[m].busy = true;
        fenp_vector vector = c->build->vector;
        c->build->vector = (fenp_vector){0};
        fenp_value *v = fenp_evaluate_text(&there, b->text.item);
        fen_node *x =
            fenp_is_fault(c->build, v) ? c->build->b->faulty : fitting(&there, d, fenp_tensor(&there, v, b->text.item->at), b->text.item->at);
        c->build->vector = vector;
        outer->memo[m] = (fenp_memo){.key = b, .value = fenp_value_new(c->build, fenp_named(c->build->b, d->name, x))};
    }
    return outer->memo[m].value->node;
}
fenp_value *fenp_network_named(const fenp_context *c, fenp_definition *d, fenp_value **in, int ins, const fenp_item *mode, fenp_place at) {
    fenp_network *n = fenp_network_of(c, d);
    bool declaring = n && !n->declared && c->build->b->mode == FEN_INITIALISE; /* this very call says the shapes of what the vector is made of */
    fen_node *vector = n && !declaring ? fenp_network_bound(c, d) : NULL;
    return n && !(vector && fenp_is_faulty(c->build->b, vector)) ? fenp_network_call(c, n, vector, in, ins, mode, at) : fenp_faulty_value(c->build);
}

/* ---- as a vector ---- */
static void mirror(fenp_experiment *x, fenp_network *n) {
    fenp_block *from = fenp_store_block(x->store, n->copy->block);
    for (int i = 0; from && i < from->n; i++) {
        fenp_slot *s = from->slot[i];
        const char *name = fenp_arena_text(&x->memory, "%s%s", n->block, s->name + strlen(n->copy->block));
        fenp_store_slot(x->store, n->block, name, s->shape, s->type, from->wide, 0);
    }
    n->declared = true;
}
bool fenp_network_declare(const fenp_context *c, fenp_network *n, fenp_place at) {
    fenp_build *u = c->build;
    if (n->declared) return true;
    if (n->copy && fenp_network_declare(c, n->copy, at)) {
        mirror(u->experiment, n);
        return true;
    }
    const fenp_item *inputs = fenp_item_get(n->item, "inputs");
    if (!n->copy && !n->reading && !(inputs && inputs->n)) {
        fenp_item *first = fenp_item_get(n->item, "layers")->item[0];
        bool starts = first->sort == FENP_MAPPING && (fenp_item_get(first, "parameter") || fenp_item_index(first, "parameter") >= 0);
        if (starts) {
            fenp_network_call(c, n, NULL, NULL, 0, NULL, at);
            return n->declared;
        }
    }
    u->deferred = true;
    return false;
}
fenp_value *fenp_network_vector(const fenp_context *c, fenp_network *n, fenp_place at) {
    fenp_build *u = c->build;
    if (!n || !n->item) return fenp_faulty_value(u);
    if (!fenp_network_declare(c, n, at)) return not_called(c, n, at);
    fenp_block *k = fenp_store_block(u->experiment->store, n->block);
    if (!k || !k->n) return fenp_wrong(c, at, "network `%s` has no parameters: it is no vector", n->definition->name);
    fen_node **part = fenp_arena_new(&u->experiment->memory, (size_t)k->n * sizeof *part);
    for (int i = 0; i < k->n; i++) part[i] = fenp_relabel(u->b, fenp_slot_read(u->b, k->slot[i]), fen_vector(k->slot[i]->count));
    return fenp_value_new(u, k->n == 1 ? part[0] : fenp_concat_at(u->b, part, k->n, 0));
}
/* A path as it is written in a file. */
static const char *dotted(const fenp_context *c, const char *path) {
    char *text = fenp_arena_text(&c->build->experiment->memory, "%s", path);
    for (char *p = text; *p; p++)
        if (*p == '/') *p = '.';
    return text;
}
static fenp_value *no_tensor(const fenp_context *c, fenp_network *n, const char *path, fenp_place at) {
    if (n->broken) return fenp_faulty_value(c->build);
    fenp_block *k = fenp_store_block(c->build->experiment->store, n->block);
    const char **list = fenp_arena_new(&c->build->experiment->memory, ((size_t)(k ? k->n : 0) + 1) * sizeof *list);
    for (int i = 0; k && i < k->n; i++) list[i] = k->slot[i]->name + strlen(n->block) + 1;
    const char *near = fenp_nearest(path, list);
    return fenp_wrong(c, at, "network `%s` has no tensor `%s`%s%s%s", n->definition->name, dotted(c, path), near ? "; did you mean `" : "",
                      near ? dotted(c, near) : "", near ? "`?" : "");
}
fenp_value *fenp_tensor_path(const fenp_context *c, fenp_network *n, fen_node *vector, const char *path, bool raw, fenp_place at) {
    fenp_build *u = c->build;
    if (!n || !n->item) return fenp_faulty_value(u);
    if (!*path) {
        fenp_value *v = fenp_value_new(u, vector);
        v->network = n;
        return v;
    }
    if (!fenp_network_declare(c, n, at)) return not_called(c, n, at);
    fenp_slot *s = fenp_store_find(u->experiment->store, fenp_arena_text(&u->experiment->memory, "%s/%s", n->block, path));
    if (!s) return no_tensor(c, n, path, at);
    fenp_later *weight = raw ? NULL : fenp_map_get(&u->experiment->weight_functions, s->name);
    const char *state = u->state, *block = u->b->block;
    u->state = n->state;
    u->b->block = n->block;
    fen_node *x = vector ? fenp_relabel(u->b, fen_slice(u->b, vector, 0, s->offset, 1, s->count), s->shape) : fenp_slot_read(u->b, s);
    x = fenp_weight_applied(c, s, x, weight);
    u->state = state;
    u->b->block = block;
    return fenp_value_new(u, x);
}
