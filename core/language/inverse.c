/* inverse.c: inverse(network, z, conditions..): the network's trace walked backwards. The network is run forward once in this build on a
 * stand-in of the shape that its first call had; that run gives the records, owners and scopes, and its values are never computed. */
#include "language/network.h"
#include "ops/ops.h"
#include <string.h>

/* ---- can it be inverted: every layer on the way is, every value is used exactly once ---- */
static bool on_way(const fenp_value **way, int n, const fenp_value *v) {
    for (int i = 0; i < n; i++)
        if (way[i] == v) return true;
    return false;
}
static const char *layer_name(const fenp_record *r) {
    return r->function ? r->function->name : r->kind == FENP_T_LET ? "let" : r->kind == FENP_T_RESIDUAL ? "residual" : "a layer";
}
static int uses(const fenp_trace *t, const fenp_value *v) {
    int n = 0;
    for (int i = 0; i < t->n; i++)
        for (int k = 0; k < t->record[i]->ins; k++) n += t->record[i]->in[k] == v;
    return n;
}
/* How often each node is read by the nodes that the layers of t made. */
static int *readers(const fen_builder *b, const fenp_trace *t, fenp_arena *m) {
    int *n = fenp_arena_new(m, (size_t)(t->to + 1) * sizeof *n);
    for (int i = t->from; i < t->to; i++)
        for (int k = 0; k < b->graph.at[i]->n; k++)
            if (b->graph.at[i]->in[k]->id >= 0) n[b->graph.at[i]->in[k]->id]++;
    return n;
}
/* The first layer that reads x by its name, as a `let` does. */
static const fenp_record *reader(const fen_builder *b, const fenp_trace *t, const fen_node *x) {
    for (int i = 0, at = t->from; i < t->n; i++)
        for (; at < t->record[i]->to; at++)
            for (int k = 0; k < b->graph.at[at]->n; k++)
                if (b->graph.at[at]->in[k] == x) return t->record[i];
    return NULL;
}
bool fenp_invertible(const fenp_context *c, const fenp_trace *t, const char **why, fenp_place *where) {
    const fen_builder *b = c->build->b;
    fenp_arena *m = &c->build->experiment->memory;
    const fenp_value **way = fenp_arena_new(m, (size_t)(t->n * 16 + 16) * sizeof *way);
    const int *reads = readers(b, t, m);
    int n = 0;
    way[n++] = t->input;
    for (int i = 0; i < t->n; i++) {
        fenp_record *r = t->record[i];
        bool touched = false;
        for (int k = 0; k < r->ins; k++) touched |= on_way(way, n, r->in[k]);
        if (!touched) continue;
        *where = r->at;
        bool inner = r->kind == FENP_T_NETWORK && r->inner && fenp_invertible(c, r->inner, why, where);
        if (r->kind == FENP_T_NETWORK && !inner) return false;
        if (r->kind != FENP_T_SPLIT && r->kind != FENP_T_CONCAT && r->kind != FENP_T_NETWORK &&
            !(r->kind == FENP_T_LAYER && r->function && r->function->invert)) {
            *why = fenp_arena_text(m, "`%s` has no inverse", layer_name(r));
            return false;
        }
        for (int k = 0; k < r->outs && n < t->n * 16 + 16; k++) way[n++] = r->out[k];
    }
    for (int i = 0; i < n; i++) {
        if (!way[i] || !way[i]->node || way[i]->node->id < 0) continue;
        int takers = uses(t, way[i]), read = way[i]->node->id < t->to ? reads[way[i]->node->id] : 0;
        if (takers <= 1 && read <= takers) continue;
        const fenp_record *r = reader(b, t, way[i]->node);
        if (r) *where = r->at;
        *why = takers == 0 ? fenp_arena_text(m, "`%s` has no inverse", r ? layer_name(r) : "a layer")
                           : fenp_arena_text(m, "a value is used %d times, the first time by `%s`", read > takers ? read : takers, r ? layer_name(r) : "a layer");
        return false;
    }
    return true;
}

/* ---- backwards ---- */
typedef struct known {
    const fenp_value *of;
    fen_node *node;
} known;
typedef struct back {
    const fenp_context *c;
    known *at;
    int n;
    fenp_place place;
} back;

static fen_node *known_value(const back *w, const fenp_value *v) {
    for (int i = w->n; i-- > 0;)
        if (w->at[i].of == v) return w->at[i].node;
    return NULL;
}
static void learn(back *w, const fenp_value *v, fen_node *x) {
    w->at = fenp_more(w->at, w->n, sizeof *w->at);
    w->at[w->n++] = (known){v, x};
}
static bool undo(back *w, const fenp_trace *t);
static bool undo_split(back *w, fenp_record *r) {
    fen_node *part[16];
    if (r->outs > 16) return false;
    for (int k = 0; k < r->outs; k++)
        if (!(part[k] = known_value(w, r->out[k]))) return false;
    learn(w, r->in[0], fen_concat(w->c->build->b, part, r->outs, -1));
    return true;
}
static bool undo_concat(back *w, fenp_record *r) {
    fen_builder *b = w->c->build->b;
    fen_node *whole = known_value(w, r->out[0]);
    int64_t at = 0;
    if (!whole) return false;
    for (int k = 0; k < r->ins; k++) {
        int64_t size = fen_feature(r->in[k]->node, -1);
        learn(w, r->in[k], fen_slice(b, whole, -1, at, 1, size));
        at += size;
    }
    return true;
}
static bool undo_network(back *w, fenp_record *r) {
    int n = w->n;
    if (r->inner->result && (r->inner->result->node || !r->inner->result->outs)) {
        fen_node *z = known_value(w, r->out[0]);
        if (!z) return false;
        learn(w, r->inner->result, z);
    } else
        for (int k = 0; k < r->outs; k++) {
            fen_node *z = known_value(w, r->out[k]);
            if (!z) return false;
            learn(w, r->out[k], z);
        }
    if (!undo(w, r->inner)) return false;
    fen_node *x = known_value(w, r->inner->input);
    if (!x) return false;
    w->n = n > w->n ? w->n : w->n;
    learn(w, r->in[0], x);
    return true;
}
static bool undo_layer(back *w, fenp_record *r) {
    fenp_build *u = w->c->build;
    fenp_experiment *x = u->experiment;
    const fen_function *f = r->function;
    int outs = fenp_ports(f->outputs), ins = fenp_ports(f->inputs);
    fenp_context there = {u, r->scope, r->world};
    fenp_invocation i = {.function = f, .kind = FENP_LAYER, .body = r->body, .at = r->at};
    fenp_call *call = fenp_arena_new(&x->memory, sizeof *call);
    fen_shape *forward = fenp_arena_new(&x->memory, ((size_t)ins + 1) * sizeof *forward);
    *call = (fenp_call){.function = f, .inverting = true, .forward = forward};
    call->input = fenp_arena_new(&x->memory, (size_t)(outs + ins + 1) * sizeof *call->input);
    for (int k = 0; k < outs && k < r->outs; k++)
        if (!(call->input[k] = known_value(w, r->out[k]))) return false;
    for (int k = 0; k < r->ins && k < ins; k++) {
        forward[k] = fen_shape_of(r->in[k]->node);
        if (k) call->input[outs + k] = r->in[k]->node; /* a condition */
    }
    if (!fenp_bind_attributes(&there, &i, call)) return false;
    fenp_call_match(call);
    const char *site = u->b->site, *owner = u->b->owner, *block = u->b->block, *state = u->state;
    fen_mode mode = u->b->mode;
    fenp_vector vector = u->vector;
    u->state = r->state;
    u->b->mode = r->mode;
    u->vector = r->vector;
    u->b->site = fenp_site_next(u, fenp_arena_text(&x->memory, "%s/inverse", r->site), f->name);
    u->b->owner = r->owner;
    u->b->block = r->block;
    u->b->place = r->at;
    call->scope = &there;
    fenp_call_run(u->b, call, f->invert);
    u->b->site = site;
    u->b->owner = owner;
    u->b->block = block;
    u->b->mode = mode;
    u->state = state;
    u->vector = vector;
    fen_node *y = fenp_call_output(call, NULL);
    if (y) learn(w, r->in[0], y);
    return y && !fenp_is_faulty(u->b, y);
}
static bool undo(back *w, const fenp_trace *t) {
    for (int i = t->n; i-- > 0;) {
        fenp_record *r = t->record[i];
        bool any = false;
        for (int k = 0; k < r->outs; k++) any |= known_value(w, r->out[k]) != NULL;
        if (!any || r->kind == FENP_T_PARAMETER) continue;
        bool good = r->kind == FENP_T_SPLIT     ? undo_split(w, r)
                    : r->kind == FENP_T_CONCAT  ? undo_concat(w, r)
                    : r->kind == FENP_T_NETWORK ? undo_network(w, r)
                                                : undo_layer(w, r);
        if (!good) return false;
    }
    return true;
}

/* ---- inverse(network, z, ..) ---- */
static fen_node *stand_in(const fenp_context *c, fenp_network *n, fen_node *z, fenp_place at) {
    fenp_build *u = c->build;
    fen_shape s = fen_shape_of(z), leads = {.leads = s.leads, .rank = s.leads};
    if (!n->inputs || !n->input) {
        if (u->experiment->faults->n || (u->b->mode == FEN_INITIALISE && !u->final)) {
            u->deferred = true;
            return u->b->faulty;
        }
        return fenp_wrong(c, at, "inverse of network `%s`, which is never called forward: its shapes come from a forward call; add one to the graph",
                          n->definition->name)
            ->node;
    }
    for (int i = 0; i < s.leads; i++) {
        leads.axis[i] = s.axis[i];
        leads.size[i] = s.size[i];
    }
    for (int i = 0; i < n->input[0].rank; i++) leads.size[leads.rank++] = n->input[0].size[i];
    return fen_fill(u->b, leads, 0);
}
/* A value without features counts as [1]. */
static fen_shape features_of(const fen_shape *s) { return s->rank > s->leads ? fen_features(s->rank - s->leads, s->size + s->leads) : fen_vector(1); }
fenp_value *fenp_inverse(const fenp_context *c, const fenp_expression *e) {
    fenp_build *u = c->build;
    fenp_definition *d = e->arg[0]->form == FENP_X_NAME ? fenp_lookup(c->scope, e->arg[0]->name) : NULL;
    if (!d || d->meaning != FENP_A_NETWORK) return fenp_wrong(c, e->arg[0]->at, "inverse: needs the name of a network first, as in inverse(flow, z)");
    fenp_network *n = fenp_network_of(c, d);
    fenp_value *z = fenp_evaluate(c, e->arg[1]), *in[8];
    if (!n || fenp_is_fault(u, z)) return fenp_faulty_value(u);
    fen_node *first = z->node || !z->outs ? fenp_tensor(c, z, e->arg[1]->at) : z->out[0]->node;
    in[0] = fenp_value_new(u, stand_in(c, n, first, e->at));
    for (int i = 2; i < e->n; i++) in[i - 1] = fenp_evaluate(c, e->arg[i]);
    for (int i = 0; i < e->n - 1; i++)
        if (fenp_is_fault(u, in[i])) return fenp_faulty_value(u);
    const char *site = u->b->site;
    u->b->site = fenp_arena_text(&u->experiment->memory, "%s/forward", site);
    fenp_value *forward = fenp_network_named(c, d, in, e->n - 1, NULL, e->at);
    u->b->site = site;
    if (fenp_is_fault(u, forward)) return forward;
    fen_shape given = fen_shape_of(first), needed = forward->node ? fen_shape_of(forward->node) : given;
    fen_shape width = features_of(&given), values = features_of(&needed);
    if (!fenp_same(&width, &values))
        return fenp_wrong(c, e->arg[1]->at, "inverse of network `%s`: given %s; its values are %s", d->name,
                          fenp_shape_text(u->b, given, (char[160]){0}), fenp_shape_text(u->b, needed, (char[160]){0}));
    const char *why = NULL;
    fenp_place where = e->at;
    if (!fenp_invertible(c, forward->trace, &why, &where))
        return fenp_wrong(c, e->at, "network `%s` has no inverse: %s (line %d)", d->name, why, where.line);
    back w = {.c = c, .place = e->at};
    if (z->node || !z->outs) learn(&w, forward->trace->result, first);
    else
        for (int i = 0; i < z->outs && i < forward->outs; i++) learn(&w, forward->out[i], z->out[i]->node);
    bool good = undo(&w, forward->trace);
    fen_node *x = good ? known_value(&w, forward->trace->input) : NULL;
    fenp_delete(w.at);
    if (!x && !u->experiment->faults->n)
        return fenp_wrong(c, e->at, "network `%s` has no inverse: its outputs do not give back its input", d->name);
    return x ? fenp_value_new(u, x) : fenp_faulty_value(u);
}
