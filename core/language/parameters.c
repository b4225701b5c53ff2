/* parameters.c: the verbs by which a plugin reaches parameters, states, and what its attributes of type layers, network, sampler and
 * function stand for. Paths: parameters "params/<network>/<layer>/<name>", states "state/<network>/<layer>/<name>" (DECISIONS 3, 4). */
#include "language/network.h"
#include "ops/ops.h"
#include <string.h>

static fenp_build *build_of(fen_builder *b) { return b->language; }
static const fenp_context *context_of(fen_builder *b) { return b->call ? b->call->scope : NULL; }

/* ---- parameters ---- */
fen_node *fenp_weight_applied(const fenp_context *c, fenp_slot *slot, fen_node *raw, const void *later) {
    const fenp_later *l = later;
    fenp_build *u = c->build;
    if (!l) return raw;
    for (int i = 0; i < u->weights; i++)
        if (u->weight[i].key == raw) return u->weight[i].value->node; /* computed once a turn */
    fen_builder *b = u->b;
    const char *owner = b->owner, *site = b->site;
    b->owner = slot->name;
    fenp_context there = {u, l->context.scope, c->world};
    fen_node *x = fenp_function_applied(&there, l->item, fenp_arena_text(&u->experiment->memory, "weight/%s", slot->name), slot->name, NULL, raw);
    b->owner = owner;
    b->site = site;
    if (!fenp_is_faulty(b, x) && !fenp_same(&x->shape, &raw->shape)) return fenp_faulty(b, "weight function of %s changes its shape", slot->name);
    u->weight = fenp_arena_more(&u->experiment->memory, u->weight, u->weights, sizeof *u->weight);
    u->weight[u->weights++] = (fenp_memo){.key = raw, .value = fenp_value_new(u, x)};
    return x;
}
/* The block as a given vector: a piece of it. */
static fen_node *piece(fenp_build *u, const fenp_slot *s) {
    fen_node *v = fen_slice(u->b, u->vector.node, 0, s->offset, 1, s->count);
    return fenp_relabel(u->b, v, s->shape);
}
static fen_node *start_of(const fenp_context *c, fenp_slot *s, const fenp_later *init) {
    fen_builder *b = c->build->b;
    if (!init) return fen_fill(b, s->shape, 0);
    fen_shape shape = s->shape;
    fenp_context there = {c->build, init->context.scope, c->world};
    unsigned before = b->noise_depends;
    b->noise_depends = FENP_ON_STORE; /* no draw of the game: it happens once, before step 0 */
    fen_node *x = fenp_function_applied(&there, init->item, fenp_arena_text(&c->build->experiment->memory, "init/%s", s->name), NULL, &shape, NULL);
    b->noise_depends = before;
    return fenp_broadcast(b, fenp_to_real(b, x), s->shape);
}
static fenp_network *network_of_block(fenp_experiment *x, const char *block) {
    for (int i = 0; i < x->networks; i++)
        if (x->network[i]->block && strcmp(x->network[i]->block, block) == 0) return x->network[i];
    return NULL;
}
static bool below(const char *path, const char *head) {
    size_t n = strlen(head);
    return strncmp(path, head, n) == 0 && path[n] == '/';
}
static fenp_slot *declare(const fenp_context *c, const char *name, fen_shape shape, fen_node *first, const fenp_later *init, fenp_place at) {
    fenp_build *u = c->build;
    fen_builder *b = u->b;
    fenp_slot *s = fenp_store_find(u->experiment->store, name);
    if (!s && b->mode != FEN_INITIALISE) {
        fenp_wrong(c, at, "%s: this parameter was not there when the experiment was declared", name);
        return NULL;
    }
    bool made = !s;
    if (made) s = fenp_store_slot(u->experiment->store, b->block, name, shape, FEN_REAL, b->doubles, 0);
    if (!s || !fenp_same(&s->shape, &shape)) {
        fenp_wrong(c, at, "%s has shape %s since its first call; here %s", name, s ? fenp_shape_text(b, s->shape, (char[160]){0}) : "?",
                   fenp_shape_text(b, shape, (char[160]){0}));
        return NULL;
    }
    fenp_network *n = network_of_block(u->experiment, b->block);
    bool from_elsewhere = n && (n->copy || n->run);
    for (int i = 0; i < u->experiment->loads; i++) from_elsewhere |= below(name, u->experiment->load[i].params);
    if (made && !from_elsewhere) {
        fen_node *value = first ? first : start_of(c, s, init), *x = fenp_named(b, name, value); /* a variable, whatever its first value is */
        if (!fenp_is_faulty(b, x)) ((fenp_node *)x)->depends = FENP_ON_STORE;
        b->start = fenp_more(b->start, b->starts, sizeof *b->start);
        b->start[b->starts++] = (fenp_start){s, value, x};
        fenp_slot_assign(b, s, x);
    }
    return s;
}
fen_node *fenp_parameter_make(const fenp_context *c, const char *name, fen_shape shape, const fenp_later *init, const fenp_later *weight,
                              fenp_place at) {
    fenp_build *u = c->build;
    fenp_slot *s = declare(c, name, shape, NULL, init, at);
    if (!s) return u->b->faulty;
    if (weight && !fenp_map_get(&u->experiment->weight_functions, name)) {
        fenp_later *kept = fenp_arena_new(&u->experiment->memory, sizeof *kept);
        *kept = *weight;
        fenp_map_set(&u->experiment->weight_functions, name, kept);
    }
    bool given = u->vector.node && strcmp(u->vector.block, u->b->block) == 0;
    fen_node *raw = given ? piece(u, s) : fenp_slot_read(u->b, s);
    return fenp_weight_applied(c, s, raw, weight);
}
/* What a plugin keeps under a name: the name is part of a path of the checkpoint. */
static bool keepable(fen_builder *b, const char *what, const char *name, const fen_shape *shape) {
    const char *who = b->call ? b->call->function->name : "this", *wrong = fenp_shape_refuses(shape);
    if (!name || !fenp_is_name(name)) fenp_faulty(b, "%s: its %s `%s` has no good name; needs [a-z][a-z0-9_]*", who, what, name ? name : "");
    else if (wrong) fenp_faulty(b, "%s: %s `%s`: %s", who, what, name, wrong);
    else return true;
    return false;
}
static const char *owned(fen_builder *b, const char *name) { return fenp_arena_text(&build_of(b)->experiment->memory, "%s/%s", b->owner, name); }
fen_node *fen_param(fen_builder *b, const char *name, fen_shape shape, const char *init) {
    const fenp_context *c = context_of(b);
    if (!b->owner || !b->block || !c)
        return fenp_faulty(b, "%s has parameters: it must stand in a network (`networks`), not in an expression of the graph",
                           b->call ? b->call->function->name : "this");
    if (!keepable(b, "parameter", name, &shape)) return b->faulty;
    const fenp_argument *i = init ? fenp_call_argument(b, init, FEN_ATTR_FUNCTION) : NULL;
    const fenp_later *weight = NULL;
    int k;
    const fen_attribute *a = fenp_attribute(b->call->function, name, &k);
    if (a && a->type == FEN_ATTR_FUNCTION) weight = b->call->argument[k].source;
    return fenp_parameter_make(c, owned(b, name), shape, i ? i->source : NULL, weight, b->place);
}
fen_node *fen_param_from(fen_builder *b, const char *name, fen_node *first) {
    const fenp_context *c = context_of(b);
    first = fenp_node_given(b, first);
    if (fenp_is_faulty(b, first)) return b->faulty;
    if (!b->owner || !b->block || !c)
        return fenp_faulty(b, "%s has parameters: it must stand in a network", b->call ? b->call->function->name : "this");
    fen_shape shape = fen_shape_of(first);
    if (!keepable(b, "parameter", name, &shape)) return b->faulty;
    fenp_slot *s = declare(c, owned(b, name), shape, first, NULL, b->place);
    if (!s) return b->faulty;
    fenp_build *u = c->build;
    return u->vector.node && strcmp(u->vector.block, b->block) == 0 ? piece(u, s) : fenp_slot_read(b, s);
}

/* ---- states ---- */
static const char *state_path(fen_builder *b, const char *name) {
    fenp_build *u = build_of(b);
    fenp_arena *m = &u->experiment->memory;
    if (!b->owner) return fenp_arena_text(m, "state/%s/%s", b->site, name);
    if (strncmp(b->owner, "params/", 7)) return fenp_arena_text(m, "%s/%s", b->owner, name);
    return fenp_arena_text(m, "%s%s/%s", u->state ? u->state : "state", b->owner + strlen(b->block), name);
}
static fenp_slot *state_slot(fen_builder *b, const char *name, fen_shape shape, double first) {
    fenp_build *u = build_of(b);
    const char *path = state_path(b, name);
    fenp_slot *s = fenp_store_find(u->experiment->store, path);
    if (!s && b->mode != FEN_INITIALISE) {
        fenp_faulty(b, "%s: this state was not there when the experiment was declared", path);
        return NULL;
    }
    if (!s) s = fenp_store_slot(u->experiment->store, path, path, shape, FEN_REAL, b->doubles || !shape.rank, first);
    if (s && fenp_same(&s->shape, &shape)) return s;
    fenp_faulty(b, "%s has shape %s since its first call; here %s", path, s ? fenp_shape_text(b, s->shape, (char[160]){0}) : "?",
                fenp_shape_text(b, shape, (char[160]){0}));
    return NULL;
}
fen_node *fen_state(fen_builder *b, const char *name, fen_shape shape, double first) {
    fenp_slot *s = keepable(b, "state", name, &shape) ? state_slot(b, name, shape, first) : NULL;
    return s ? fenp_slot_read(b, s) : b->faulty;
}
void fen_state_set(fen_builder *b, const char *name, fen_node *next) {
    fenp_build *u = build_of(b);
    name = fenp_text_given(name);
    next = fenp_node_given(b, next);
    if (fenp_is_faulty(b, next)) return;
    fenp_slot *s = fenp_store_find(u->experiment->store, state_path(b, name));
    if (!s) {
        fenp_faulty(b, "state `%s` is set before it is read", name);
        return;
    }
    if (!fenp_same(&s->shape, &next->shape)) {
        fenp_faulty(b, "state `%s` is %s; set to %s", name, fenp_shape_text(b, s->shape, (char[160]){0}),
                    fenp_shape_text(b, next->shape, (char[160]){0}));
        return;
    }
    if (u->vector.node) return; /* a network on a given vector reads its states only */
    int k = 0;
    while (k < b->settings && b->setting[k].slot != s) k++;
    if (k == b->settings) {
        b->setting = fenp_more(b->setting, b->settings, sizeof *b->setting);
        b->setting[b->settings++] = (fenp_setting){.slot = s};
    }
    fenp_setting *t = &b->setting[k];
    t->value = fenp_more(t->value, t->n, sizeof *t->value);
    t->value[t->n++] = next;
}

/* ---- what attributes stand for ---- */
fen_node *fen_layers(fen_builder *b, const char *attribute, fen_node *x, const char *bound, int64_t value) {
    const fenp_context *c = context_of(b);
    const fenp_argument *a = fenp_call_argument(b, attribute, FEN_ATTR_LAYERS);
    x = fenp_node_given(b, x);
    if (!a || !a->source || fenp_is_faulty(b, x)) return b->faulty;
    const fenp_later *l = a->source;
    fenp_experiment *e = c->build->experiment;
    fenp_context there = {c->build, fenp_scope_new(e, l->context.scope, true), c->world};
    if (bound) fenp_local_number(e, there.scope, bound, value);
    fenp_layers_state s = {.scope = there.scope,
                           .it = fenp_value_new(c->build, x),
                           .counts = &(fenp_map){0},
                           .trace = &(fenp_trace){0},
                           .owner = b->owner ? fenp_arena_text(&e->memory, "%s/%s", b->owner, attribute) : NULL};
    const char *site = b->site, *owner = b->owner;
    fenp_call *call = b->call;
    fenp_place place = b->place;
    b->site = fenp_arena_text(&e->memory, "%s/%s", site, attribute);
    b->call = NULL;
    bool good = fenp_layers_run(&there, l->item, &s);
    b->call = call;
    b->site = site;
    b->owner = owner;
    b->place = place;
    fenp_map_free(s.counts);
    return good && s.it ? fenp_tensor(&there, s.it, l->item->at) : b->faulty;
}
fen_node *fen_network(fen_builder *b, const char *attribute, fen_node *const *in, int n) {
    const fenp_context *c = context_of(b);
    const fenp_argument *a = fenp_call_argument(b, attribute, FEN_ATTR_NETWORK);
    if (!a || !a->source) return b->faulty;
    if (n < 0 || (n && !in)) return fenp_faulty(b, "%s: network `%s` is given no values", b->call->function->name, attribute);
    const fenp_later *l = a->source;
    fenp_definition *d = l->item->text ? fenp_lookup(l->context.scope, l->item->text) : NULL;
    if (!d || d->meaning != FENP_A_NETWORK) return fenp_wrong(c, l->item->at, "%s: needs the name of a network", attribute)->node;
    fenp_value **v = fenp_arena_new(&c->build->experiment->memory, ((size_t)n + 1) * sizeof *v);
    for (int i = 0; i < n; i++) v[i] = fenp_value_new(c->build, fenp_node_given(b, in[i]));
    fenp_call *call = b->call;
    b->call = NULL;
    fenp_context there = {c->build, l->context.scope, c->world};
    fenp_value *r = fenp_network_named(&there, d, v, n, NULL, l->item->at);
    b->call = call;
    return fenp_tensor(c, r, l->item->at);
}
static fenp_law_use *law_named(fen_builder *b, const char *sampler, fenp_place *at) {
    const fenp_context *c = context_of(b);
    const fenp_argument *a = fenp_call_argument(b, sampler, FEN_ATTR_SAMPLER);
    if (!a || !a->source) return NULL;
    const fenp_later *l = a->source;
    fenp_call *call = b->call;
    fenp_context there = {c->build, l->context.scope, c->world};
    b->call = NULL;
    fenp_value *v = fenp_evaluate_text(&there, l->item);
    b->call = call;
    *at = l->item->at;
    if (fenp_is_fault(c->build, v)) return NULL;
    if (!v->law) fenp_wrong(c, l->item->at, "%s: `%s` is no sampler with a law", sampler, l->item->text ? l->item->text : "this");
    return v->law;
}
fen_node *fen_log_density(fen_builder *b, const char *sampler, fen_node *x) {
    fenp_place at = b->place;
    fenp_law_use *l = law_named(b, sampler, &at);
    return l ? fenp_law_apply(context_of(b), l, "log_density", x, at) : b->faulty;
}
void fen_modes(fen_builder *b, const char *sampler, fen_node **centre, fen_node **sd, fen_axis *mode) {
    fenp_place at = b->place;
    fenp_law_use *l = law_named(b, sampler, &at);
    *centre = *sd = b->faulty;
    *mode = 0;
    if (!l) return;
    if (l->function->law && l->function->law->modes) fenp_law_modes(l, b, centre, sd, mode);
    else
        fenp_wrong(context_of(b), at, "%s: the law of %s has no modes; needs ring, grid, gaussian_mixture or another with modes", sampler,
                   l->function->name);
}
fen_node *fen_conjugate_of(fen_builder *b, const char *function, fen_conjugate_part part, fen_node *x) {
    fenp_kind kind;
    function = fenp_text_given(function);
    const fen_function *f = fenp_function_find(function, &kind);
    if (!f || !f->conjugate) return fenp_faulty(b, "`%s` is no f-divergence%s", function, f ? ": its plugin gives no conjugate" : "");
    if (part < FEN_F || part > FEN_F_ACTIVATION) return fenp_faulty(b, "`%s` is asked for a part that an f-divergence does not have", function);
    const fen_conjugate *k = f->conjugate;
    fen_node *(*const parts[])(fen_builder *, fen_node *) = {k->f, k->slope, k->conjugate, k->activation};
    return parts[part](b, x);
}
