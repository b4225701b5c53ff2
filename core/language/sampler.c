/* sampler.c: samplers: draws composed of noise, files, simulations, chains; and their laws (LANGUAGE 5, DECISIONS 7, 9). */
#include "language/network.h"
#include "language/source.h"
#include "ops/ops.h"
#include <math.h>
#include <string.h>

/* ---- how often it is drawn ---- */
fenp_draw_when fenp_draw_word(const fenp_context *c, const fenp_item *draw) {
    if (!draw || draw->sort == FENP_NULL) return FENP_EACH_TURN;
    const char *t = draw->text ? fenp_paste(c, draw) : NULL;
    if (t && strcmp(t, "once") == 0) return FENP_ONCE;
    if (t && strcmp(t, "round") == 0) return FENP_EACH_ROUND;
    if (!t || strcmp(t, "turn")) fenp_wrong(c, draw->at, "draw: given `%s`; needs turn, round or once", t ? t : fenp_sort_name[draw->sort]);
    return FENP_EACH_TURN;
}
void fenp_draw_keep(fenp_experiment *x, const char *site, fenp_draw_when when) {
    if (when == FENP_EACH_TURN || fenp_map_get(&x->streams, site)) return;
    fenp_draw_when *kept = fenp_arena_new(&x->memory, sizeof *kept);
    *kept = when;
    fenp_map_set(&x->streams, site, kept);
}
/* A stream's name begins with the site that said how often: a sampler's name, or the place of a call. */
fenp_draw_when fenp_draw_policy(fenp_experiment *x, const char *stream) {
    char site[512];
    size_t n = strlen(stream);
    for (; x->streams.n && n > 0 && n < sizeof site; n--) {
        if (stream[n] && stream[n] != '/') continue;
        memcpy(site, stream, n);
        site[n] = 0;
        const fenp_draw_when *kept = fenp_map_get(&x->streams, site);
        if (kept) return *kept;
    }
    return FENP_EACH_TURN;
}

/* ---- outputs under the sampler's name ---- */
static fenp_value *named_outputs(fenp_build *u, fenp_value *v, const char *name, fenp_definition *d, fenp_place at) {
    fenp_value *r = fenp_value_new(u, NULL);
    *r = *v;
    r->of = d;
    u->b->place = at;
    r->out = fenp_arena_new(&u->experiment->memory, ((size_t)v->outs + 1) * sizeof *r->out);
    for (int i = 0; i < v->outs; i++) {
        r->out[i] = fenp_value_new(u, NULL);
        *r->out[i] = *v->out[i];
        if (v->out[i]->node)
            r->out[i]->node =
                fenp_named(u->b, v->node && i == 0 ? name : fenp_arena_text(&u->experiment->memory, "%s.%s", name, v->name[i]), v->out[i]->node);
        if (v->node && v->out[i]->node == v->node) r->node = r->out[i]->node;
    }
    if (v->node && !v->outs) r->node = fenp_named(u->b, name, v->node);
    return r;
}
static fenp_origin *origin(fenp_build *u, fenp_origin_kind kind, fenp_definition *d, int output, fenp_draw_when when) {
    fenp_origin *o = fenp_arena_new(&u->experiment->memory, sizeof *o);
    *o = (fenp_origin){.kind = kind, .sampler = d, .output = output, .when = when};
    return o;
}
static void add_output(fenp_build *u, fenp_value *v, const char *name, fen_node *node) {
    const char **names = fenp_arena_new(&u->experiment->memory, ((size_t)v->outs + 1) * sizeof *names);
    fenp_value **outs = fenp_arena_new(&u->experiment->memory, ((size_t)v->outs + 1) * sizeof *outs);
    if (v->outs) {
        memcpy(names, v->name, (size_t)v->outs * sizeof *names);
        memcpy(outs, v->out, (size_t)v->outs * sizeof *outs);
    }
    names[v->outs] = name;
    outs[v->outs] = fenp_value_new(u, node);
    v->name = names;
    v->out = outs;
    v->outs++;
}
static bool joined(fen_shape leads, fen_shape features, fen_shape *to) {
    *to = leads;
    if (leads.leads + features.rank > FEN_MAX_RANK) return false;
    for (int i = 0; i < features.rank; i++) to->size[to->rank++] = features.size[i];
    return true;
}

/* ---- files and simulations ---- */
static bool one_range(const fenp_context *c, const fenp_item *item, int64_t rows, int64_t to[2]) {
    fenp_value *v = fenp_evaluate_text(c, item);
    if (fenp_is_fault(c->build, v)) return false;
    fen_node *x = fenp_tensor(c, v, item->at);
    double *d = fenp_is_faulty(c->build->b, x) ? NULL : fenp_constants(x);
    bool good = d && fenp_count(&x->shape) == 2 && d[0] == floor(d[0]) && d[1] == floor(d[1]) && d[0] >= 0 && d[0] < d[1] && d[1] <= (double)rows;
    if (good) {
        to[0] = (int64_t)d[0];
        to[1] = (int64_t)d[1];
    } else
        fenp_wrong(c, item->at, "rows: given %s%g, %g%s; needs a half-open range [from, to) within the %lld rows of the file", "[",
                   d && fenp_count(&x->shape) > 0 ? d[0] : NAN, d && fenp_count(&x->shape) > 1 ? d[1] : NAN, "]", (long long)rows);
    fenp_delete(d);
    return good;
}
static bool select_rows(const fenp_context *c, const fenp_item *body, fenp_source_use *s) {
    fenp_arena *m = &c->build->experiment->memory;
    const fenp_item *rows = body ? fenp_item_get(body, "rows") : NULL, *mix = body ? fenp_item_get(body, "mix") : NULL;
    bool several = rows && rows->sort == FENP_LIST && rows->n && rows->item[0]->sort == FENP_LIST;
    s->ranges = several ? rows->n : 1;
    s->range = fenp_arena_new(m, (size_t)s->ranges * sizeof *s->range);
    s->range[0][1] = s->source->rows;
    for (int i = 0; rows && rows->sort != FENP_NULL && i < s->ranges; i++)
        if (!one_range(c, several ? rows->item[i] : rows, s->source->rows, s->range[i])) return false;
    for (int i = 0; i < s->ranges; i++) s->rows += s->range[i][1] - s->range[i][0];
    int64_t seed = 0;
    if (mix && mix->sort != FENP_NULL) {
        if (!fenp_whole_of(c, mix, &seed)) return false;
        s->mixed = true;
        s->mix = (uint64_t)seed;
    }
    return true;
}
/* The same sampler under another `with` in this build: what it keeps from draw to draw is its own. */
static const char *own_name(fenp_build *u, const fenp_definition *d) {
    const fenp_source_use *last = NULL;
    int others = 0;
    for (int i = 0; i < u->b->feeds && u->b->mode != FEN_INITIALISE; i++) {
        const fenp_origin *o = u->b->feed[i].owner;
        if (o->kind != FENP_FROM_SIMULATION || o->sampler != d || o->source == last) continue;
        last = o->source;
        others++;
    }
    return others ? fenp_arena_text(&u->experiment->memory, "%s.%d", d->name, others + 1) : d->name;
}
static fenp_value *host_draw(const fenp_context *c, fenp_definition *d, fenp_invocation *i, fenp_draw_when when) {
    fenp_build *u = c->build;
    fenp_experiment *x = u->experiment;
    fenp_call *call = fenp_arena_new(&x->memory, sizeof *call);
    call->function = i->function;
    if (!fenp_bind_attributes(c, i, call) || !fenp_drawn_axes(c, i, &call->drawn)) return fenp_faulty_value(u);
    fenp_source *s = fenp_source_open(c, i->function, call, i->at);
    if (!s) return fenp_faulty_value(u);
    bool file = !i->function->draws->draw;
    fenp_source_use *use = fenp_arena_new(&x->memory, sizeof *use);
    *use = (fenp_source_use){.source = s, .sampler = d, .name = own_name(u, d)};
    if (file && !select_rows(c, i->body, use)) return fenp_faulty_value(u);
    if (file && use->rows < 1) return fenp_wrong(c, i->at, "%s: no row is left", d->name);
    d->source = use;
    fenp_value *v = fenp_value_new(u, NULL);
    unsigned depends = when == FENP_ONCE ? FENP_ON_STORE : FENP_ON_DRAW;
    for (int k = 0; k < s->outputs + file; k++) {
        bool index = k == s->outputs;
        fen_shape shape;
        if (!joined(call->drawn, index ? (fen_shape){0} : s->output[k].features, &shape))
            return fenp_wrong(c, i->at, "%s: more than %d axes", d->name, FEN_MAX_RANK);
        fenp_origin *o = origin(u, file ? FENP_FROM_FILE : FENP_FROM_SIMULATION, d, index ? -1 : k, when);
        o->source = use;
        const char *name = index ? "index" : s->output[k].name;
        add_output(u, v, name,
                   fenp_feed_new(u->b, fenp_arena_text(&x->memory, "%s.%s", d->name, name), shape, index ? FEN_INTEGER : s->output[k].type,
                                 u->b->doubles, depends, o));
    }
    if (s->outputs == 1) v->node = v->out[0]->node;
    return v;
}

/* ---- chains ---- */
static bool chain_shape(const fenp_context *c, fenp_chain_use *k, const fenp_invocation *call) {
    fen_shape leads, features = {0};
    bool known = false;
    if (!fenp_drawn_axes(c, call, &leads)) return false;
    for (int i = 0; k->function->attributes && k->function->attributes[i].name; i++) {
        const fen_attribute *a = &k->function->attributes[i];
        if (a->type == FEN_ATTR_SHAPE && k->call.argument[i].given) {
            features = k->call.argument[i].shape;
            known = true;
        }
        if (a->type != FEN_ATTR_SAMPLER || !k->call.argument[i].source) continue;
        const fenp_later *l = k->call.argument[i].source;
        fenp_definition *from = l->item->text ? fenp_lookup(l->context.scope, l->item->text) : NULL;
        if (from && from->meaning != FENP_A_SAMPLER) {
            fenp_wrong(c, l->item->at, "%s: `%s` is a %s; needs a sampler", a->name, from->name, fenp_meaning_name[from->meaning]);
            return false;
        }
        fenp_value *v = fenp_evaluate_text(&l->context, l->item);
        if (fenp_is_fault(c->build, v)) return false;
        fen_shape s = fen_shape_of(fenp_tensor(c, v, l->item->at));
        k->start[k->starts++] = v;
        if (!known) {
            features = fen_features(s.rank - s.leads, s.size + s.leads);
            known = true;
        }
    }
    if (!joined(leads, features, &k->shape)) {
        fenp_wrong(c, k->at, "%s: more than %d axes", k->name, FEN_MAX_RANK);
        return false;
    }
    return true;
}
static fenp_value *chain(const fenp_context *c, fenp_definition *d, fenp_invocation *i, fenp_draw_when when) {
    fenp_build *u = c->build;
    fenp_experiment *x = u->experiment;
    fenp_chain_use *k = fenp_arena_new(&x->memory, sizeof *k);
    *k = (fenp_chain_use){
        .sampler = d, .function = i->function, .name = d->name, .context = *c, .when = when, .at = i->at, .call = {.function = i->function}};
    k->start = fenp_arena_new(&x->memory, 8 * sizeof *k->start);
    if (!fenp_bind_attributes(c, i, &k->call) || !chain_shape(c, k, i)) return fenp_faulty_value(u);
    fenp_value *v = fenp_value_new(u, NULL);
    fenp_origin *o = origin(u, FENP_FROM_CHAIN, d, 0, when);
    o->chain = k;
    k->position_feed = u->b->feeds;
    k->position = fenp_feed_new(u->b, d->name, k->shape, FEN_REAL, u->b->doubles, FENP_ON_DRAW, o);
    add_output(u, v, "value", k->position);
    v->node = k->position;
    k->step_feed = u->b->feeds;
    k->step = fenp_feed_new(u->b, fenp_arena_text(&x->memory, "%s.step", d->name), fen_features(0, NULL), FEN_REAL, true, FENP_ON_DRAW,
                            origin(u, FENP_FROM_CHAIN_STEP, d, 0, when));
    add_output(u, v, "step", k->step);
    k->outputs = fenp_ports(i->function->outputs) - 1;
    k->output_feed = fenp_arena_new(&x->memory, ((size_t)k->outputs + 1) * sizeof *k->output_feed);
    for (int n = 0; n < k->outputs; n++) {
        fen_shape s = k->shape;
        s.rank = s.leads;
        for (int p = s.leads; p < FEN_MAX_RANK; p++) s.size[p] = 0;
        fenp_origin *p = origin(u, FENP_FROM_CHAIN, d, n + 1, when);
        p->chain = k;
        k->output_feed[n] = u->b->feeds;
        const char *name = i->function->outputs[n + 1].name;
        add_output(u, v, name, fenp_feed_new(u->b, fenp_arena_text(&x->memory, "%s.%s", d->name, name), s, FEN_REAL, u->b->doubles, FENP_ON_DRAW, p));
    }
    int others = 0; /* the same chain under another `with`: its positions are its own */
    for (int n = 0; n < u->chains; n++) others += u->chain[n]->sampler == d && u->b->mode != FEN_INITIALISE;
    if (others) k->name = fenp_arena_text(&x->memory, "%s.%d", d->name, others + 1);
    u->chain = fenp_arena_more(&u->experiment->memory, u->chain, u->chains, sizeof *u->chain);
    u->chain[u->chains++] = k;
    return v;
}
static bool fits_chain(const fenp_context *c, fenp_chain_use *k, fen_node *x, const fenp_later *l) {
    fen_shape leads = k->shape;
    leads.rank = leads.leads;
    fen_shape own = x->shape;
    bool one = own.leads == leads.leads && memcmp(own.axis, leads.axis, leads.leads) == 0;
    int64_t n = one ? fen_row_size(&own) : 0, width = fen_row_size(&k->shape);
    if (one && (n == 1 || n == width)) return true;
    fenp_wrong(c, l->item->at, "%s: `%s` is %s; needs the axes of the chain, %s, and one number or a value of its shape", k->name,
               l->item->text ? l->item->text : "its node", fenp_shape_text(c->build->b, own, (char[160]){0}),
               fenp_shape_text(c->build->b, k->shape, (char[160]){0}));
    return false;
}
static void build_chain(fenp_build *u, fenp_chain_use *k) {
    k->built = true;
    k->node = fenp_arena_new(&u->experiment->memory, 8 * sizeof *k->node);
    k->gradient = fenp_arena_new(&u->experiment->memory, 8 * sizeof *k->gradient);
    for (int i = 0; k->function->attributes[i].name; i++) {
        if (k->function->attributes[i].type != FEN_ATTR_NODE || !k->call.argument[i].source) continue;
        const fenp_later *l = k->call.argument[i].source;
        fenp_value *v = fenp_evaluate_text(&l->context, l->item);
        fen_node *x = fenp_is_fault(u, v) ? u->b->faulty : fenp_to_real(u->b, fenp_tensor(&l->context, v, l->item->at));
        if (!fenp_is_faulty(u->b, x) && !fits_chain(&l->context, k, x, l)) x = u->b->faulty;
        k->node[k->nodes] = x;
        u->b->place = l->item->at;
        if (!fenp_is_faulty(u->b, x) && fen_row_size(&x->shape) == 1 && fen_row_size(&k->shape) >= 1) {
            bool reached;
            fenp_gradients(u->b, x, NULL, &k->position, 1, &k->gradient[k->nodes], &reached);
            if (!reached)
                fenp_wrong(&l->context, l->item->at, "%s: `%s` does not depend on the chain `%s`: it must be a node of the chain's own value",
                           k->function->name, l->item->text ? l->item->text : "its node", k->name);
        }
        k->nodes++;
    }
}
void fenp_chains_build(fenp_build *u) {
    for (int i = 0; i < u->chains; i++)
        if (!u->chain[i]->built) build_chain(u, u->chain[i]);
}

/* ---- a sampler's name ---- */
typedef struct taken {
    fenp_context context;
    fenp_node_form form;
    const fenp_item *axes, *draw;
    fenp_scope *axes_scope;
} taken;
/* Follows `use`: an outer `axes`, `draw` and `with` wins. */
static bool take(const fenp_context *c, fenp_definition *d, taken *t) {
    *t = (taken){.context = {c->build, d->space->scope, c->world}};
    fenp_used u = {.item = d->item, .scope = d->space->scope};
    const char *owner = fenp_arena_text(&c->build->experiment->memory, "samplers/%s", d->name);
    for (int depth = 0; depth < 32; depth++) {
        if (!fenp_node_read(&t->context, u.item, &t->form, false)) return false;
        if (t->form.copy) {
            fenp_wrong(c, t->form.at, "copy makes a network; a sampler can `use` another one");
            return false;
        }
        fenp_with_add(c->build->experiment, &u.with, t->form.with, t->context.scope);
        if (!t->axes && t->form.axes) {
            t->axes = t->form.axes;
            t->axes_scope = t->context.scope;
        }
        if (!t->draw) t->draw = t->form.draw;
        if (!t->form.use) {
            t->context.world = fenp_world_said(c->build, c->world, &u.with);
            return true;
        }
        if (!fenp_use(&t->context, t->form.use, FENP_A_SAMPLER, owner, &u)) return false;
        t->context.scope = u.scope;
    }
    fenp_wrong(c, d->at, "`use` leads in a circle");
    return false;
}
static fenp_value *composed(const fenp_context *c, fenp_definition *d, taken *t, fenp_invocation *i) {
    fenp_build *u = c->build;
    i->when = d->when;
    int n = fenp_ports(i->function->inputs);
    i->input = fenp_arena_new(&u->experiment->memory, ((size_t)n + 1) * sizeof *i->input);
    fenp_taker taker = {.who = i->function->name, .ports = i->function->inputs, .to = i->input, .room = n};
    bool good = fenp_inputs_read(&t->context, t->form.in, &taker);
    return good ? fenp_invoke(&t->context, i) : fenp_faulty_value(u);
}
static fenp_value *make(const fenp_context *c, fenp_definition *d) {
    fenp_build *u = c->build;
    taken t;
    if (!take(c, d, &t)) return fenp_faulty_value(u);
    fenp_invocation i = {.body = t.form.body, .axes = t.axes, .axes_scope = t.axes_scope, .mode = t.form.mode, .at = t.form.at, .site = d->name};
    i.function = fenp_function_named(&t.context, t.form.function, &i.kind, t.form.at, true);
    if (!i.function) return fenp_faulty_value(u);
    d->when = fenp_draw_word(&t.context, t.draw);
    d->finite = i.function->draws && !i.function->draws->draw && d->when != FENP_ONCE;
    fenp_draw_keep(u->experiment, d->name, d->when);
    if (t.form.mode && !i.function->build)
        return fenp_wrong(c, t.form.mode->at, "`mode` belongs to what is built as graph; `%s` is a %s", t.form.function,
                          i.function->draws ? "source" : "chain");
    if (i.function->draws) return host_draw(&t.context, d, &i, d->when);
    if (i.function->moves) return chain(&t.context, d, &i, d->when);
    return composed(c, d, &t, &i);
}
static bool is_constant(const fenp_context *c, fenp_definition *d) {
    taken t;
    return take(c, d, &t) && t.form.function && strcmp(t.form.function, "constant") == 0;
}
static fenp_value *make_named(const fenp_context *c, fenp_definition *d) {
    fenp_value *v = make(c, d);
    return fenp_is_fault(c->build, v) ? v : named_outputs(c->build, v, d->name, d, d->at);
}
fenp_value *fenp_sampler_value(const fenp_context *c, fenp_definition *d, fenp_place at) {
    fenp_build *u = c->build;
    fenp_world *outer = NULL;
    fenp_binding *bound = fenp_bound(c->world, d, &outer);
    if (bound) return fenp_sampler_value(&(fenp_context){u, c->scope, outer}, bound->to, at);
    fenp_value *v = fenp_once_a_world(c, d, at, make_named);
    if (!c->scope->network || fenp_is_fault(u, v) || is_constant(c, d)) return v;
    fenp_value *law_only = fenp_value_new(u, NULL);
    *law_only = *v;
    law_only->refuse = fenp_arena_text(
        &u->experiment->memory,
        "`%s` is a draw: a network sees laws (log_density(%s, ..)), never draws by name; give it as an input, or draw afresh by calling the function",
        d->name, d->name);
    return law_only;
}

/* ---- laws ---- */
fen_node *fenp_law_apply(const fenp_context *c, fenp_law_use *l, const char *what, fen_node *x, fenp_place at) {
    const fen_law *law = l->function->law;
    fen_builder *b = c->build->b;
    bool entropy = strcmp(what, "entropy") == 0;
    fen_node *(*f)(fen_builder *, fen_node *) = !law             ? NULL
                                                : what[0] == 'l' ? law->log_density
                                                : what[0] == 'c' ? law->cdf
                                                : what[0] == 'q' ? law->quantile
                                                                 : NULL;
    if (!(entropy ? law && law->entropy : f != NULL))
        return fenp_wrong(c, at, "%s has no %s%s", l->function->name, law ? "" : "law: no ", what)->node;
    fenp_call call = l->call;
    call.output = NULL;
    call.outputs = 0;
    call.event = l->event;
    call.scope = (void *)c;
    const char *site = b->site;
    b->site = l->site ? l->site : site;
    b->place = at;
    fenp_frame frame = fenp_call_enter(b, &call);
    fen_node *y = entropy ? law->entropy(b) : f(b, x);
    fenp_call_leave(b, frame);
    b->site = site;
    return y;
}
void fenp_law_modes(fenp_law_use *l, fen_builder *b, fen_node **centre, fen_node **sd, fen_axis *mode) {
    fenp_call call = l->call;
    call.event = l->event;
    fenp_frame frame = fenp_call_enter(b, &call);
    l->function->law->modes(b, centre, sd, mode);
    fenp_call_leave(b, frame);
}
fenp_value *fenp_law_call(const fenp_context *c, const char *what, const fenp_expression *e) {
    fenp_value *s = fenp_evaluate(c, e->arg[0]);
    fen_node *x = NULL;
    if (fenp_is_fault(c->build, s)) return s;
    if (e->n > 1) {
        fenp_value *v = fenp_evaluate(c, e->arg[1]);
        if (fenp_is_fault(c->build, v)) return v;
        x = fenp_tensor(c, v, e->arg[1]->at);
        if (v->pass) return fenp_wrong(c, e->at, "%s of a value of the whole pass: name it in `graph`, per draw", what);
        bool labels = s->law && s->law->function->outputs[0].type == FEN_INTEGER;
        if (!labels) x = fenp_to_real(c->build->b, x);
    }
    if (!s->law) return fenp_wrong(c, e->arg[0]->at, "%s needs a sampler, or a draw such as normal(..), that has a law", what);
    fenp_value *r = fenp_value_new(c->build, fenp_law_apply(c, s->law, what, x, e->at));
    if (strcmp(what, "log_density") == 0 || strcmp(what, "entropy") == 0) r->unit = "nats";
    return r;
}
