/* metric.c: metric expressions cut at their whole-pass reductions. What is built per draw stays in the build's builder; a reduction over
 * batch, draws or all makes an accumulator and hands its result to the finishing builder as a feed. */
#include "language/metric.h"
#include "language/attribute.h"
#include "language/source.h"
#include "ops/ops.h"
#include <string.h>

static unsigned depends(const fen_node *x) { return fenp_node_of(x)->depends; }
bool fenp_per_draw(const fenp_context *c, const fenp_value *v) {
    (void)c;
    return !v->pass && v->node && depends(v->node) & FENP_ON_DRAW;
}
static fenp_origin *from_pass(const fenp_context *c) {
    fenp_origin *o = fenp_arena_new(&c->build->experiment->memory, sizeof *o);
    o->kind = FENP_FROM_PASS;
    return o;
}
static fenp_value *finish_feed(const fenp_context *c, const char *name, fen_shape s, fen_type type, int *feed) {
    fen_builder *f = c->build->metrics->finish;
    *feed = f->feeds;
    fenp_value *v = fenp_value_new(c->build, fenp_feed_new(f, name, s, type, true, FENP_ON_LIVE, from_pass(c)));
    v->pass = true;
    return v;
}
fenp_value *fenp_metric_lift(const fenp_context *c, fenp_value *v, fenp_place at) {
    fenp_metrics *m = c->build->metrics;
    if (fenp_is_fault(c->build, v)) {
        fenp_value *w = fenp_value_new(c->build, m->finish->faulty);
        w->pass = true;
        return w;
    }
    if (fenp_per_draw(c, v)) {
        fenp_value *w = m->hidden ? fenp_wrong(c, at,
                                               "mixes a value of the whole pass with per-example values: `%s` in it is the graph entry, not the "
                                               "metric of that name; give that metric another name",
                                               m->hidden)
                                  : fenp_wrong(c, at,
                                               "mixes a value of the whole pass with per-example values (that needs two passes): reduce both, or "
                                               "name the per-example part in `graph`");
        w->pass = true;
        w->node = m->finish->faulty;
        return w;
    }
    for (int i = 0; i < m->lifts; i++)
        if (m->lift[i].node == v->node) {
            fenp_value *again = fenp_value_new(c->build, m->finish->feed[m->lift[i].feed].node);
            again->pass = true;
            again->unit = v->unit;
            return again;
        }
    double number;
    if (!v->node->shape.rank && !depends(v->node) && fenp_constant(v->node, &number)) { /* keeps exponents and indices constant */
        fenp_value *n =
            fenp_value_new(c->build, v->node->type == FEN_INTEGER ? fenp_integer(m->finish, (int64_t)number) : fenp_number(m->finish, number));
        n->pass = true;
        n->unit = v->unit;
        return n;
    }
    m->lift = fenp_arena_more(&c->build->experiment->memory, m->lift, m->lifts, sizeof *m->lift);
    fenp_lift *l = &m->lift[m->lifts++];
    l->node = v->node;
    fenp_value *r = finish_feed(c, "once", fen_shape_of(v->node), v->node->type, &l->feed);
    r->unit = v->unit;
    return r;
}
fenp_value *fenp_metric_named(const fenp_context *c, const char *name, fenp_place at) {
    const fenp_metrics *m = c->build->metrics; /* NULL in a parameter's text, which no metric reaches */
    return m && m->named ? m->named(c, name, at) : NULL;
}

/* ---- reductions over the pass ---- */
/* How many examples and draws the pass over x has: as long as the finite sampler that it reads, unless `examples` or `draws` is said. */
typedef struct reach {
    const fenp_metrics *m;
    int64_t rows;
    const char *first;
    bool clash;
    const char *second;
} reach;
static void reach_file(reach *r, const fenp_origin *o) {
    if (o->kind != FENP_FROM_FILE || !o->sampler->finite || r->first == o->sampler->name) return;
    if (r->first && r->rows != o->source->rows) {
        r->clash = true;
        r->second = o->sampler->name;
    }
    if (!r->first) {
        r->first = o->sampler->name;
        r->rows = o->source->rows;
    }
}
/* A chain reads what its starts and its nodes read. */
static bool mark_chain(bool *on, const fenp_chain_use *k) {
    bool more = false;
    for (int i = 0; i < k->starts + k->nodes; i++) {
        const fen_node *x = i < k->starts ? k->start[i]->node : k->node[i - k->starts];
        if (!x || x->id < 0 || on[x->id]) continue;
        on[x->id] = more = true;
    }
    return more;
}
static void reach_feeds(fenp_build *u, const fen_node *x, reach *r) {
    fenp_metrics *metrics = u->metrics;
    u->metrics = NULL;
    if (depends(x) & FENP_ON_DRAW) fenp_chains_build(u);
    u->metrics = metrics;
    const fen_builder *b = u->b;
    bool *on = fenp_new((size_t)b->graph.n + 1), again = true;
    on[x->id] = true;
    while (again) {
        again = false;
        for (int i = b->graph.n - 1; i >= 0; i--) {
            const fen_node *n = b->graph.at[i];
            if (!on[i]) continue;
            for (int k = 0; k < n->n && depends(n) & FENP_ON_DRAW; k++) on[n->in[k]->id] = true; /* not through a parameter's first value */
            const fenp_origin *o = n->op == &fenp_op_feed ? b->feed[n->attrs.whole[0]].owner : NULL;
            if (o) reach_file(r, o);
            if (o && o->kind == FENP_FROM_CHAIN && mark_chain(on, o->chain)) again = true;
        }
    }
    fenp_delete(on);
}
static void two_lengths(const fenp_context *c, fenp_place at, const char *first, const char *second) {
    fenp_wrong(c, at, "reads two finite samplers of different length, `%s` and `%s`: say `examples` or `draws`", first, second);
}
static void only_endless(const fenp_context *c, fenp_place at) {
    fenp_wrong(c, at, "reads only endless samplers: say how long the pass is, `examples: 10000` or `draws: 100`");
}
static int64_t draws_of(const fenp_context *c, int64_t examples) {
    int64_t batch = fenp_axis_size(c, c->build->experiment->batch);
    return (examples + batch - 1) / batch;
}
bool fenp_metric_length(const fenp_context *c, const fen_node *x, fenp_place at, bool alone, const void **waits, fenp_length *to) {
    fenp_metrics *m = c->build->metrics;
    int64_t batch = fenp_axis_size(c, c->build->experiment->batch);
    reach r = {.m = m};
    *to = (fenp_length){.examples = m->said_draws ? m->said_draws * batch : m->said_examples};
    if (!to->examples) {
        reach_feeds(c->build, x, &r);
        bool differs = !alone && r.first && m->finite && m->finite_rows != r.rows;
        if (!alone && m->finite_rows < 0) return false; /* said before */
        if (r.clash || differs) {
            if (!alone) m->finite_rows = -1;
            two_lengths(c, at, differs ? m->finite : r.first, differs ? r.first : r.second);
            return false;
        }
        if (!alone && r.first) {
            m->finite = r.first;
            m->finite_rows = r.rows;
        }
        to->examples = r.first ? r.rows : !alone && m->finite ? m->finite_rows : m->default_examples;
        if (!r.first && !alone && !m->finite && waits) *waits = m->endless;
    }
    bool may_wait = waits && *waits, faulty = c->build->experiment->faults->n && fenp_item_get(c->build->experiment->root, "train");
    if (!to->examples && (may_wait || faulty)) to->examples = batch; /* faulty: the sampler that training counts by may be the faulty one */
    if (!to->examples) {
        only_endless(c, at);
        return false;
    }
    to->draws = draws_of(c, to->examples);
    return true;
}
bool fenp_metric_settle(const fenp_context *c, const void *metric, fenp_place at) {
    fenp_metrics *m = c->build->metrics;
    for (int i = 0; i < m->accumulators; i++) {
        fenp_accumulator *a = &m->accumulator[i];
        int64_t examples = m->finite ? m->finite_rows : m->default_examples;
        if (a->waits != metric) continue;
        a->waits = NULL;
        if (!examples && !c->build->experiment->faults->n) {
            only_endless(c, at);
            return false;
        }
        if (examples) a->length = (fenp_length){.examples = examples, .draws = draws_of(c, examples)};
    }
    return true;
}
/* KEEP: all values one after the other; along the batch in place of it, along draws as a new first axis (the batch's id is free there). */
static bool kept_shape(const fenp_context *c, fen_shape s, const fenp_length *l, bool draws, unsigned mask, fen_shape *to) {
    int p = fenp_lead_of(&s, FEN_BATCH);
    *to = s;
    if (!draws && p >= 0 && (mask >> p & 1)) {
        to->size[p] = l->examples;
        return true;
    }
    if (p >= 0 || s.rank == FEN_MAX_RANK) return false;
    memmove(to->size + 1, s.size, s.rank * sizeof *s.size);
    memmove(to->axis + 1, s.axis, s.leads * sizeof *s.axis);
    to->size[0] = l->draws;
    to->axis[0] = FEN_BATCH;
    to->rank++;
    to->leads++;
    (void)c;
    return true;
}
fenp_value *fenp_metric_reduce(const fenp_context *c, fenp_gather_how how, fenp_value *v, unsigned mask, bool draws, bool all, fenp_place at) {
    fenp_metrics *m = c->build->metrics;
    fen_shape s = fen_shape_of(v->node), result = fenp_without(s, mask);
    int p = fenp_lead_of(&s, FEN_BATCH);
    bool along_batch = p >= 0 && (mask >> p & 1);
    fenp_length length;
    const void *waits = NULL;
    if (!fenp_metric_length(c, v->node, at, false, how == FENP_G_KEEP ? NULL : &waits, &length)) return fenp_faulty_value(c->build);
    if (how == FENP_G_KEEP && !draws && !along_batch) draws = true; /* median(x over all) of one value a draw */
    if (how == FENP_G_KEEP && !kept_shape(c, s, &length, draws, mask, &result))
        return fenp_wrong(c, at, "over draws of a value that has a batch: reduce it over batch first, in `graph`");
    m->accumulator = fenp_arena_more(&c->build->experiment->memory, m->accumulator, m->accumulators, sizeof *m->accumulator);
    int k = m->accumulators++;
    int feed;
    bool whole = how == FENP_G_KEEP || how == FENP_G_SUM || how == FENP_G_MAX || how == FENP_G_MIN;   /* of integers: an integer again */
    fenp_value *r = finish_feed(c, "accumulated", result, whole ? v->node->type : FEN_REAL, &feed);
    m->accumulator[k] = (fenp_accumulator){.node = v->node,
                                           .how = how,
                                           .mask = how == FENP_G_KEEP ? 0 : mask,
                                           .by_example = all && !along_batch,
                                           .over_draws = draws && how == FENP_G_KEEP,
                                           .feed = feed,
                                           .result = result,
                                           .length = length,
                                           .waits = waits};
    r->unit = v->unit;
    return r;
}
fenp_value *fenp_metric_keep(const fenp_context *c, fenp_metric *m, fenp_value *v) {
    int64_t batch = fenp_axis_size(c, c->build->experiment->batch);
    if (!fenp_per_draw(c, v)) return fenp_wrong(c, m->at, "`%s` depends on no draw: log it without `every: 1 draw`", m->name);
    if (!fenp_metric_length(c, v->node, m->at, false, NULL, &m->length)) return fenp_faulty_value(c->build);
    if (m->length.examples % batch)
        return fenp_wrong(c, m->at, "`%s`: every draw of %lld examples by %lld leaves a shorter last draw; needs a multiple", m->name,
                          (long long)m->length.examples, (long long)batch);
    m->shape = fen_shape_of(v->node);
    fenp_metrics *k = c->build->metrics;
    fen_shape all = fen_vector(m->length.draws * fenp_count(&m->shape));
    int feed;
    fenp_value *r = finish_feed(c, m->name, all, FEN_REAL, &feed);
    k->accumulator = fenp_arena_more(&c->build->experiment->memory, k->accumulator, k->accumulators, sizeof *k->accumulator);
    k->accumulator[k->accumulators++] =
        (fenp_accumulator){.node = v->node, .how = FENP_G_KEEP, .over_draws = true, .feed = feed, .result = all, .length = m->length};
    r->unit = v->unit;
    return r;
}
fenp_value *fenp_metric_size(const fenp_context *c, bool draws) {
    fenp_metrics *m = c->build->metrics;
    int *feed = draws ? &m->size_draws : &m->size_batch;
    if (*feed >= 0) {
        fenp_value *again = fenp_value_new(c->build, m->finish->feed[*feed].node);
        again->pass = true;
        return again;
    }
    return finish_feed(c, draws ? "size(draws)" : "size(batch)", fen_features(0, NULL), FEN_INTEGER, feed);
}

/* ---- folds ---- */
typedef struct fold_build {
    const fenp_context *c;
    fenp_fold_use *f;
} fold_build;
static bool bind_inputs(const fenp_context *c, fenp_fold_use *f, fenp_invocation *i) {
    int n = fenp_ports(i->function->inputs);
    bool good = true;
    for (int k = 0; k < n; k++) {
        const fen_port *p = &i->function->inputs[k];
        const fenp_item *item = i->input[k] ? NULL : fenp_given(c, i, p->name);
        if (item) i->input[k] = fenp_evaluate_text(c, item);
        if (!i->input[k] && !p->optional) {
            fenp_wrong(c, i->at, "%s needs input `%s`: %s", i->function->name, p->name, p->help ? p->help : "");
            good = false;
        }
        if (i->input[k] && fenp_is_fault(c->build, i->input[k])) good = false;
        else if (i->input[k]) good &= fenp_tensor(c, i->input[k], i->at) != c->build->b->faulty;
    }
    (void)f;
    return good;
}
static int64_t attribute_of(void *context, const char *name) {
    const fenp_call *call = context;
    int k;
    return fenp_attribute(call->function, name, &k) ? call->argument[k].whole : 1;
}
static bool fit_inputs(const fenp_context *c, fenp_fold_use *f) {
    fenp_invocation *i = &f->invocation;
    int n = fenp_ports(i->function->inputs);
    bool good = true;
    f->call.input = fenp_arena_new(&c->build->experiment->memory, ((size_t)n + 1) * sizeof *f->call.input);
    f->call.match = (fenp_match){.function = i->function, .attribute = attribute_of, .context = &f->call};
    for (int k = 0; k < n; k++) {
        if (!i->input[k]) continue;
        const fen_port *p = &i->function->inputs[k];
        fen_builder *b = i->input[k]->pass ? c->build->metrics->finish : c->build->b;
        fen_node *x = i->input[k]->node;
        if (p->type == FEN_INTEGER && x->type != FEN_INTEGER) {
            fenp_wrong(c, i->at, "%s: input `%s` is real; needs integers", i->function->name, p->name);
            good = false;
            continue;
        }
        if (p->type == FEN_REAL) x = fenp_to_real(b, x);
        const char *needed = fenp_port_refuses(&f->call.match, p, b, x, &x);
        if (needed) {
            fenp_wrong(c, i->at, "%s: input `%s` is %s; needs %s", i->function->name, p->name,
                       fenp_shape_text(b, i->input[k]->node->shape, (char[160]){0}), needed);
            good = false;
        }
        f->call.input[k] = x;
    }
    return good;
}
/* Without build, ports are fed as they are; with one, what it feeds. */
static void collect_feeds(const fenp_context *c, fenp_fold_use *f) {
    const fen_function *g = f->function;
    int n = g->build ? f->call.feeds : fenp_ports(g->inputs);
    f->feeds = n;
    f->feed = fenp_arena_new(&c->build->experiment->memory, ((size_t)n + 1) * sizeof *f->feed);
    f->feed_name = fenp_arena_new(&c->build->experiment->memory, ((size_t)n + 1) * sizeof *f->feed_name);
    f->of_pass = fenp_arena_new(&c->build->experiment->memory, (size_t)n + 1);
    f->length = fenp_arena_new(&c->build->experiment->memory, (size_t)(n + 1) * sizeof *f->length);
    for (int k = 0; k < n; k++) {
        f->feed[k] = g->build ? f->call.feed[k].node : f->call.input[k];
        f->feed_name[k] = g->build ? f->call.feed[k].name : g->inputs[k].name;
        f->of_pass[k] = !g->build && f->invocation.input[k] && f->invocation.input[k]->pass;
        bool drawn = f->feed[k] && !f->of_pass[k] && f->feed[k] != c->build->b->faulty && depends(f->feed[k]) & FENP_ON_DRAW;
        if (drawn) fenp_metric_length(c, f->feed[k], f->invocation.at, true, NULL, &f->length[k]);
    }
}
static fenp_value *fold_outputs(const fenp_context *c, fenp_fold_use *f) {
    fenp_experiment *x = c->build->experiment;
    const fen_function *g = f->function;
    fenp_value *r = fenp_value_new(c->build, NULL);
    f->outs = fenp_ports(g->outputs);
    f->out = fenp_arena_new(&x->memory, ((size_t)f->outs + 1) * sizeof *f->out);
    r->name = fenp_arena_new(&x->memory, ((size_t)f->outs + 1) * sizeof *r->name);
    r->out = fenp_arena_new(&x->memory, ((size_t)f->outs + 1) * sizeof *r->out);
    r->outs = f->outs;
    r->pass = true;
    for (int k = 0; k < f->outs; k++) {
        int n = 0;
        int64_t size[FEN_MAX_RANK];
        if (!fenp_port_features(&f->call.match, &g->outputs[k], &n, size))
            return fenp_wrong(c, f->invocation.at, "%s: the size of its output `%s` is not known", g->name, g->outputs[k].name);
        r->name[k] = g->outputs[k].name;
        r->out[k] = finish_feed(c, g->outputs[k].name, fen_features(n, size), FEN_REAL, &f->out[k]);
        r->out[k]->unit = g->outputs[k].unit;
    }
    if (f->outs == 1) {
        r->node = r->out[0]->node;
        r->unit = r->out[0]->unit;
    }
    return r;
}
fenp_value *fenp_metric_fold(const fenp_context *c, fenp_invocation *i) {
    fenp_build *u = c->build;
    fenp_metrics *m = u->metrics;
    fenp_fold_use f = {.function = i->function, .invocation = *i, .call = {.function = i->function}, .context = *c};
    if (!f.invocation.input)
        f.invocation.input = fenp_arena_new(&u->experiment->memory, ((size_t)fenp_ports(i->function->inputs) + 1) * sizeof *i->input);
    bool good = bind_inputs(c, &f, &f.invocation);
    good &= fenp_bind_attributes(c, &f.invocation, &f.call);
    if (!good) return fenp_faulty_value(u);
    fenp_fold_use *kept = fenp_arena_new(&u->experiment->memory, sizeof *kept);
    *kept = f;
    if (!fit_inputs(c, kept)) return fenp_faulty_value(u);
    if (i->function->build) {
        for (int k = 0; k < fenp_ports(i->function->inputs); k++)
            if (kept->invocation.input[k] && kept->invocation.input[k]->pass)
                return fenp_wrong(c, i->at, "%s needs per-example values, not one of the whole pass", i->function->name);
        const char *site = u->b->site;
        u->b->site = fenp_site_next(u, site, i->function->name);
        u->b->place = i->at;
        kept->call.scope = (void *)&kept->context;
        fenp_world *entered = fenp_enter(u, c->world);
        fenp_call_run(u->b, &kept->call, i->function->build);
        fenp_enter(u, entered);
        u->b->site = site;
    }
    collect_feeds(c, kept);
    fenp_value *r = fold_outputs(c, kept);
    fenp_fold_use **more = fenp_arena_new(&u->experiment->memory, ((size_t)m->folds + 1) * sizeof *more);
    if (m->folds) memcpy(more, m->fold, (size_t)m->folds * sizeof *more);
    more[m->folds++] = kept;
    m->fold = more;
    return r;
}
