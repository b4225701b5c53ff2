/* evaluate.c: the `evaluate` section read and built: groups of metrics that share `with`, `examples`, `draws`; in each, passes of one length. */
#include "train/evaluate.h"
#include "ops/ops.h"
#include <math.h>
#include <string.h>

static const fenp_item *field(const fenp_item *m, const char *key) {
    const fenp_item *i = m ? fenp_item_get(m, key) : NULL;
    return i && i->sort != FENP_NULL ? i : NULL;
}

/* ---- reading ---- */
bool fenp_every_read(fenp_run *r, const fenp_item *item, fenp_every *to) {
    static const struct {
        const char *word;
        int k;
    } units[] = {{"step", 0}, {"steps", 0}, {"epoch", 1}, {"epochs", 1}, {"s", 2}, {"draw", 3}, {"draws", 3}};
    *to = (fenp_every){0};
    const char *t = item->text ? item->text : "";
    char *space = strrchr(t, ' ');
    for (size_t i = 0; space && i < sizeof units / sizeof *units; i++) {
        if (strcmp(units[i].word, space + 1)) continue;
        fenp_item *number = fenp_item_text(&r->experiment->memory, fenp_arena_copy(&r->experiment->memory, t, (size_t)(space - t)), item->at);
        fenp_build *u = fenp_build_new(r->experiment, FEN_EVALUATE, true);
        fenp_context c = {u, r->experiment->space->scope, u->world};
        bool good = fenp_number_of(&c, number, &to->count);
        fenp_build_free(u);
        to->rounds = units[i].k == 0;
        to->epochs = units[i].k == 1;
        to->seconds = units[i].k == 2;
        to->draws = units[i].k == 3;
        if (good && to->count > 0) return true;
        if (good) fenp_fail(r->faults, item->at, "every: given `%s`; needs more than 0", t);
        return false;
    }
    fenp_fail(r->faults, item->at, "every: given `%s`; needs a number and a unit, such as 1000 steps, 1 epoch, 60 s",
              item->text ? item->text : fenp_sort_name[item->sort]);
    return false;
}
static bool alike(const fenp_item *a, const fenp_item *b) { return !a == !b && (!a || fenp_item_equal(a, b)); }
static bool together(const fenp_key *a, const fenp_key *b) {
    return alike(a->with, b->with) && alike(a->examples, b->examples) && alike(a->draws, b->draws) && alike(a->every, b->every);
}
static fenp_group *group_of(fenp_evaluation *e, const fenp_key *key) {
    fenp_arena *a = &e->run->experiment->memory;
    for (int i = 0; i < e->groups; i++)
        if (together(&e->group[i]->key, key) && e->group[i]->key.depth == key->depth) return e->group[i];
    fenp_group *g = fenp_arena_new(a, sizeof *g);
    *g = (fenp_group){.key = *key};
    if (key->every) fenp_every_read(e->run, key->every, &g->period);
    e->group = fenp_arena_more(a, e->group, e->groups, sizeof *e->group);
    return e->group[e->groups++] = g;
}
static void add_metric(fenp_evaluation *e, fenp_group *g, fenp_metric *m) {
    g->metric = fenp_arena_more(&e->run->experiment->memory, g->metric, g->metrics, sizeof *g->metric);
    g->metric[g->metrics++] = m;
}
static void read_metric(fenp_run *r, fenp_result *m, const char *name, const fenp_item *item, fenp_place at) {
    static const char *const keys[] = {"value", "unit", "about", "every", "with", "examples", "draws", NULL};
    fenp_evaluation *e = r->evaluation;
    bool long_form = item->sort == FENP_MAPPING && fenp_item_get(item, "value");
    *m = (fenp_result){.metric = {.name = name, .item = item, .value = item, .at = at}, .series = -1};
    if (long_form) {
        fenp_check_keys(r->experiment, item, "a metric", keys);
        m->metric.value = fenp_item_get(item, "value");
        m->metric.unit = field(item, "unit") ? field(item, "unit")->text : NULL;
        m->metric.about = field(item, "about") ? field(item, "about")->text : NULL;
    }
    const fenp_item *examples = long_form ? field(item, "examples") : NULL, *draws = long_form ? field(item, "draws") : NULL;
    if (examples && draws) fenp_fail(r->faults, draws->at, "metric `%s` has `examples` and `draws`; needs one of them", name);
    if (!examples && !draws) {
        examples = e->examples;
        draws = e->draws;
    }
    m->key = (fenp_key){
        .with = long_form ? field(item, "with") : NULL, .examples = examples, .draws = draws, .every = long_form ? field(item, "every") : NULL};
    if (!fenp_is_name(name)) fenp_fail(r->faults, at, "`%s` is no name: metrics are [a-z][a-z0-9_]*", name);
    if (strcmp(name, "step") == 0 || strcmp(name, "wall_time") == 0)
        fenp_fail(r->faults, at, "`%s` is the log's own name; a metric needs another", name);
}
/* A tensor of `every: 1 draw` is made by a pass, as metrics are. */
static void take_drawn_tensors(fenp_evaluation *e) {
    int n = 0;
    for (int i = 0; i < e->count; i++) {
        fenp_shown_value *s = &e->shown[i];
        if (s->image || !s->periodic || !s->period.draws) {
            e->shown[n++] = *s;
            continue;
        }
        if (s->period.count != 1)
            fenp_fail(e->run->faults, s->every ? s->every->at : s->at, "`%s`: every draw, `1 draw`, or every so many steps or epochs", s->name);
        fenp_result *m = &e->result[e->results++];
        *m = (fenp_result){.metric = {.name = s->name, .item = s->item, .value = s->value, .at = s->at, .every_draw = true}, .series = -1};
        m->key = (fenp_key){.examples = e->examples, .draws = e->draws};
    }
    e->count = n;
}
static bool mentions(const fenp_item *i, const char *name) {
    size_t n = strlen(name);
    for (const char *t = i->text; t && *t;) {
        size_t k = strspn(t, "abcdefghijklmnopqrstuvwxyz0123456789_");
        if (k == n && strncmp(t, name, n) == 0) return true;
        t += k ? k : 1;
    }
    for (int k = 0; k < i->n; k++)
        if (mentions(i->item[k], name)) return true;
    return false;
}
/* A group reads results of groups of less depth only, so that all it reads is there when it begins. */
static void make_groups(fenp_evaluation *e) {
    bool again = true;
    for (int round = 0; round < e->results && again; round++) {
        again = false;
        for (int i = 0; i < e->results; i++)
            for (int k = 0; k < e->results; k++) {
                fenp_result *a = &e->result[i], *b = &e->result[k];
                int least = b->key.depth + !together(&a->key, &b->key);
                if (i == k || a->key.depth >= least || !mentions(a->metric.value, b->metric.name)) continue;
                a->key.depth = least;
                again = true;
            }
    }
    for (int i = 0; i < e->results; i++) {
        e->result[i].group = group_of(e, &e->result[i].key);
        add_metric(e, e->result[i].group, &e->result[i].metric);
    }
}
bool fenp_evaluation_read(fenp_run *r) {
    static const char *const keys[] = {"every", "with", "examples", "draws", "metrics", "expect", NULL};
    const fenp_item *item = field(r->experiment->root, "evaluate"), *metrics;
    fenp_evaluation *e = r->evaluation = fenp_arena_new(&r->experiment->memory, sizeof *e);
    *e = (fenp_evaluation){.item = item, .run = r};
    int before = r->faults->n;
    if (item && item->sort != FENP_MAPPING) {
        fenp_fail(r->faults, item->at, "evaluate: given %s; needs {every, metrics, expect}", fenp_sort_name[item->sort]);
        return false;
    }
    fenp_check_keys(r->experiment, item, "evaluate", keys);
    e->with = field(item, "with");
    e->examples = field(item, "examples");
    e->draws = field(item, "draws");
    if (e->examples && e->draws) fenp_fail(r->faults, e->draws->at, "evaluate has `examples` and `draws`; needs one of them");
    e->expect = field(item, "expect");
    if (field(item, "every")) e->periodic = fenp_every_read(r, field(item, "every"), &e->every);
    if (e->periodic && !e->every.rounds && !e->every.epochs)
        fenp_fail(r->faults, field(item, "every")->at, "every: given `%s`; needs steps or epochs, so that runs can be repeated",
                  field(item, "every")->text);
    metrics = field(item, "metrics");
    if (metrics && metrics->sort != FENP_MAPPING) {
        fenp_fail(r->faults, metrics->at, "metrics: given %s; needs {name: expression}", fenp_sort_name[metrics->sort]);
        return false;
    }
    int n = metrics ? metrics->n : 0;
    bool shown = fenp_shown_read(r);
    e->result = fenp_arena_new(&r->experiment->memory, (size_t)(n + e->count + 1) * sizeof *e->result);
    e->results = n;
    for (int i = 0; i < n; i++) read_metric(r, &e->result[i], metrics->key[i], metrics->item[i], metrics->key_at[i]);
    if (!shown) return false;
    take_drawn_tensors(e);
    make_groups(e);
    return r->faults->n == before;
}
fenp_result *fenp_result_named(fenp_run *r, const char *name) {
    for (int i = 0; r->evaluation && i < r->evaluation->results; i++)
        if (!r->evaluation->result[i].metric.every_draw && strcmp(r->evaluation->result[i].metric.name, name) == 0) return &r->evaluation->result[i];
    return NULL;
}

/* ---- building ---- */
static bool build_group(fenp_run *r, fenp_group *g, fenp_build *declaring);
typedef struct owner {
    fenp_run *run;
    fenp_group *group;
    fenp_draft *draft;
} owner;

/* A metric that m names and that a graph name of the file hides. */
static const char *hidden_metric(const fenp_context *c, const fenp_metric *m) {
    const fenp_run *r = ((owner *)c->build->metrics->owner)->run;
    char name[256];
    for (const char *t = m->value->text; t && *t;) {
        size_t n = strspn(t, "abcdefghijklmnopqrstuvwxyz0123456789_");
        if (n && n < sizeof name) {
            memcpy(name, t, n);
            name[n] = 0;
            const fenp_result *other = fenp_result_named((fenp_run *)r, name);
            if (other && &other->metric != m && fenp_map_get(&r->experiment->space->names, name)) return other->metric.name;
        }
        t += n ? n : 1;
    }
    return NULL;
}
static fenp_value *evaluate_metric(const fenp_context *c, fenp_draft *d, fenp_metric *m) {
    fenp_build *u = c->build;
    if (m->busy) return fenp_wrong(c, m->at, "metric `%s` depends on itself", m->name);
    m->busy = true;
    const char *site = u->b->site, *entry = u->entry;
    const fenp_metrics outer = *u->metrics;
    fenp_entry(u, "metrics.%s", m->name);
    u->metrics->unit_said = m->unit != NULL;
    u->metrics->hidden = hidden_metric(c, m);
    u->metrics->finite = NULL;
    u->metrics->finite_rows = 0;
    u->metrics->endless = m;
    fenp_context here = d->context;
    fenp_metrics *metrics = u->metrics;
    if (m->every_draw) u->metrics = NULL; /* a tensor of each draw, not of the pass */
    fenp_value *v = fenp_evaluate_text(&here, m->value);
    u->metrics = metrics;
    if (!m->every_draw && !fenp_metric_settle(&here, m, m->value->at)) v = fenp_faulty_value(u);
    u->metrics->unit_said = outer.unit_said;
    u->metrics->hidden = outer.hidden;
    u->metrics->finite = outer.finite;
    u->metrics->finite_rows = outer.finite_rows;
    u->metrics->endless = outer.endless;
    u->b->site = site;
    u->entry = entry;
    m->busy = false;
    if (m->unit && !fenp_is_fault(u, v)) {
        fenp_value *w = fenp_value_new(u, NULL);
        *w = *v;
        w->unit = m->unit;
        v = w;
    }
    return v;
}
static fenp_value *finished(const fenp_context *c, fenp_metric *m, fenp_value *v) {
    if (fenp_is_fault(c->build, v) || (!v->node && v->outs && v->pass)) return v;
    if (fenp_is_faulty(c->build->b, fenp_tensor(c, v, m->at))) return fenp_faulty_value(c->build);
    const char *hidden = fenp_per_draw(c, v) ? hidden_metric(c, m) : NULL;
    if (hidden)
        return fenp_wrong(
            c, m->at, "metric `%s` depends on the draw: `%s` in it is the graph entry, not the metric of that name; give that metric another name",
            m->name, hidden);
    if (m->every_draw) return fenp_metric_keep(c, m, v);
    if (fenp_per_draw(c, v))
        return fenp_wrong(c, m->at, "metric `%s` still depends on the draw: reduce it over batch, draws or all (mean(..))", m->name);
    return v->pass ? v : fenp_metric_lift(c, v, m->at);
}
/* One value of another group: a feed of this one's finishing builder. from: the feed over there, -1: the metric's own result. */
static fenp_value *import_value(const fenp_context *c, fenp_group *g, fenp_result *other, int from, const fenp_value *v) {
    static fenp_origin pass = {.kind = FENP_FROM_PASS};
    fen_builder *f = c->build->metrics->finish;
    fenp_value *w = fenp_value_new(c->build, NULL);
    w->pass = true;
    w->unit = v->unit;
    for (int i = 0; i < g->imports; i++) {
        const fenp_import *old = &g->import[i];
        if (old->metric == &other->metric && old->from == from && old->feed < f->feeds) {
            w->node = f->feed[old->feed].node;
            return w;
        }
    }
    g->import = fenp_arena_more(&c->build->experiment->memory, g->import, g->imports, sizeof *g->import);
    g->import[g->imports++] = (fenp_import){.feed = f->feeds, .metric = &other->metric, .from = from};
    w->node = fenp_feed_new(f, other->metric.name, fen_shape_of(v->node), v->node->type, true, FENP_ON_LIVE, &pass);
    return w;
}
static fenp_value *import_metric(const fenp_context *c, owner *o, fenp_result *other, fenp_place at) {
    fenp_group *g = o->group;
    if (!build_group(o->run, other->group, o->draft->build->b->mode == FEN_INITIALISE ? o->draft->build : NULL)) return fenp_faulty_value(c->build);
    fenp_value *v = other->metric.result, *w;
    if (!other->metric.done || !v) return fenp_wrong(c, at, "metrics `%s` and others depend on each other in a circle", other->metric.name);
    if (v->node && v->pass) return import_value(c, g, other, -1, v);
    if (v->node || !v->outs) return fenp_faulty_value(c->build); /* faulty, and that was said */
    w = fenp_value_new(c->build, NULL);
    *w = *v;
    w->out = fenp_arena_new(&c->build->experiment->memory, (size_t)v->outs * sizeof *w->out);
    for (int i = 0; i < v->outs; i++) w->out[i] = import_value(c, g, other, (int)v->out[i]->node->attrs.whole[0], v->out[i]);
    return w;
}
static fenp_value *result_of(const fenp_context *c, fenp_draft *d, fenp_metric *m) {
    if (m->done) return m->result;
    m->result = finished(c, m, evaluate_metric(c, d, m));
    m->done = true;
    return m->result;
}
static fenp_value *named(const fenp_context *c, const char *name, fenp_place at) {
    owner *o = c->build->metrics->owner;
    fenp_result *other = fenp_result_named(o->run, name);
    if (!other) return NULL;
    if (other->group != o->group) return import_metric(c, o, other, at);
    return result_of(c, o->draft, &other->metric);
}
static bool counted(const fenp_context *c, const fenp_item *item, int64_t *to) {
    *to = 0;
    return !item || (fenp_whole_of(c, item, to) && (*to > 0 || (fenp_fail(c->build->experiment->faults, item->at, "needs at least 1"), false)));
}
/* The sampler by which training counts epochs: said, or the only finite one that its players draw; NULL: none. */
static fenp_definition *epoch_sampler(fenp_run *r) {
    fenp_space *s = r->experiment->space;
    fenp_definition *only = NULL;
    for (int i = r->phases; i-- > 0;)
        if (r->phase[i].epoch_of) return fenp_lookup(s->scope, r->phase[i].epoch_of);
    for (int i = 0; i < s->names.n; i++) {
        fenp_definition *d = s->names.value[i];
        if (d->meaning != FENP_A_SAMPLER || !d->finite || !d->source || !d->trained) continue;
        if (only) return NULL;
        only = d;
    }
    return only;
}
static int64_t rows_of(const fenp_context *c, fenp_definition *d) {
    fenp_world *outer = NULL;
    fenp_binding *b = fenp_bound(c->world, d, &outer);
    if (b && b->to) return rows_of(&(fenp_context){c->build, c->scope, outer}, b->to);
    fenp_value *v = fenp_sampler_value(c, d, d->at);
    return !fenp_is_fault(c->build, v) && d->source ? d->source->rows : 0;
}
/* All metrics of g built at a batch size (0: that of the world). */
static bool draft(fenp_run *r, fenp_group *g, fenp_draft *d, fenp_build *declaring, int64_t batch) {
    fenp_experiment *x = r->experiment;
    fenp_build *u = declaring ? declaring : fenp_build_new(x, FEN_EVALUATE, x->doubles);
    fenp_scope *s = x->space->scope;
    *d = (fenp_draft){.build = u, .batch = batch};
    u->final |= !declaring;
    for (int i = 0; i < x->networks; i++) x->network[i]->updated = false;
    d->world = fenp_world_with(u, fenp_world_with(u, u->world, r->evaluation->with, s), g->key.with, s);
    if (batch) { /* the last draw of a pass */
        fenp_item *size = fenp_item_new(&x->memory, FENP_MAPPING, r->evaluation->item->at);
        fenp_item_set(&x->memory, size, "batch", fenp_item_number(&x->memory, (double)batch, size->at), size->at);
        size->item[0]->whole = true;
        d->world = fenp_world_with(u, d->world, size, s);
    }
    d->context = (fenp_context){u, s, d->world};
    owner *o = fenp_arena_new(&x->memory, sizeof *o);
    *o = (owner){r, g, d};
    d->metrics = (fenp_metrics){.finish = fenp_finishing(x), .size_batch = -1, .size_draws = -1, .named = named, .owner = o};
    d->metrics.finish->language = u;
    fenp_metrics *was = u->metrics;
    u->metrics = &d->metrics;
    fenp_enter(u, d->world);
    memcpy(d->metrics.finish->axis, u->b->axis, sizeof u->b->axis);
    d->metrics.finish->axes = u->b->axes;
    if (r->evaluation->epoch_of && !g->key.examples && !g->key.draws) d->metrics.default_examples = rows_of(&d->context, r->evaluation->epoch_of);
    bool good = counted(&d->context, g->key.examples, &d->metrics.said_examples) && counted(&d->context, g->key.draws, &d->metrics.said_draws);
    g->imports = 0;
    for (int i = 0; i < g->metrics; i++) g->metric[i]->done = false;
    for (int i = 0; i < g->metrics && good; i++) result_of(&d->context, d, g->metric[i]);
    u->metrics = was;
    fenp_enter(u, u->world);
    return good && r->faults->n == 0;
}
static fenp_pass *pass_of(fenp_group *g, fenp_length l, fenp_arena *a) {
    for (int i = 0; i < g->passes; i++)
        if (g->pass[i].length.examples == l.examples) return &g->pass[i];
    g->pass = fenp_arena_more(a, g->pass, g->passes, sizeof *g->pass);
    fenp_pass *p = &g->pass[g->passes++];
    *p = (fenp_pass){.length = l};
    fenp_metrics *m = &g->draft.metrics;
    int feeds = 1;
    for (int i = 0; i < m->folds; i++) feeds += m->fold[i]->feeds;
    p->accumulator = fenp_arena_new(a, (size_t)(m->accumulators + 1) * sizeof *p->accumulator);
    p->fold = fenp_arena_new(a, (size_t)feeds * sizeof *p->fold);
    p->feed = fenp_arena_new(a, (size_t)feeds * sizeof *p->feed);
    return p;
}
static void sort_into_passes(fenp_run *r, fenp_group *g) {
    fenp_metrics *m = &g->draft.metrics;
    fenp_arena *a = &r->experiment->memory;
    for (int i = 0; i < m->accumulators; i++) {
        fenp_pass *p = pass_of(g, m->accumulator[i].length, a);
        p->accumulator[p->accumulators++] = i;
    }
    for (int i = 0; i < m->folds; i++)
        for (int k = 0; k < m->fold[i]->feeds; k++) {
            if (m->fold[i]->of_pass[k] || !m->fold[i]->feed[k] || !m->fold[i]->length[k].examples) continue;
            fenp_pass *p = pass_of(g, m->fold[i]->length[k], a);
            p->fold[p->feeds] = i;
            p->feed[p->feeds++] = k;
        }
}
static bool compile_pass(fenp_run *r, fenp_pass *p, fenp_draft *d, fenp_task *t, fenp_chains **chains) {
    int n = p->accumulators + p->feeds;
    fenp_target *target = fenp_new((size_t)n * sizeof *target + 1);
    for (int i = 0; i < p->accumulators; i++) target[i].node = d->metrics.accumulator[p->accumulator[i]].node;
    for (int i = 0; i < p->feeds; i++) target[p->accumulators + i].node = d->metrics.fold[p->fold[i]]->feed[p->feed[i]];
    t->build = d->build;
    t->program = fenp_compiled(r, d->build->b, target, n, -1);
    fenp_delete(target);
    if (!t->program) return false;
    *chains = fenp_chained(r, t);
    return *chains != NULL;
}
/* Programs before the last one: inputs of folds that are results themselves, in order of the folds. */
static bool compile_finish(fenp_run *r, fenp_group *g) {
    fenp_metrics *m = &g->draft.metrics;
    fenp_target *target = fenp_new((size_t)(g->metrics + 64) * sizeof *target);
    int n = 0;
    g->before = fenp_arena_new(&r->experiment->memory, (size_t)(m->folds + 1) * sizeof *g->before);
    for (int i = 0; i < m->folds; i++) {
        fenp_fold_use *f = m->fold[i];
        n = 0;
        for (int k = 0; k < f->feeds && n < 64; k++)
            if (f->of_pass[k]) target[n++].node = f->feed[k];
        if (!n) continue;
        g->before[g->stages] = (fenp_stage){.fold = f, .targets = n, .program = fenp_compiled(r, m->finish, target, n, -1)};
        if (!g->before[g->stages++].program) {
            fenp_delete(target);
            return false;
        }
    }
    n = 0;
    for (int i = 0; i < g->metrics; i++) {
        fenp_metric *k = g->metric[i];
        k->target = -1;
        if (!k->result || !k->result->node || !k->result->pass || k->result->node == m->finish->faulty) continue;
        k->target = n;
        target[n++].node = fenp_to_real(m->finish, k->result->node);
    }
    if (n) g->finish = fenp_compiled(r, m->finish, target, n, -1);
    fenp_delete(target);
    return !n || g->finish;
}
static bool compile_once(fenp_run *r, fenp_group *g) {
    fenp_metrics *m = &g->draft.metrics;
    int n = m->lifts;
    fenp_target *target = fenp_new((size_t)(n + 512) * sizeof *target);
    for (int i = 0; i < n; i++) target[i].node = m->lift[i].node;
    for (int i = 0; i < m->folds; i++) /* inputs that depend on no draw are fed once */
        for (int k = 0; k < m->fold[i]->feeds && n < m->lifts + 512; k++)
            if (!m->fold[i]->of_pass[k] && m->fold[i]->feed[k] && !m->fold[i]->length[k].examples) target[n++].node = m->fold[i]->feed[k];
    g->once.build = g->draft.build;
    if (n) g->once.program = fenp_compiled(r, g->draft.build->b, target, n, -1);
    fenp_delete(target);
    return !n || g->once.program;
}
static bool build_group(fenp_run *r, fenp_group *g, fenp_build *declaring) {
    if (g->built && !declaring) return true;
    if (g->built && g->draft.build == declaring && declaring && g->declared) return true;
    g->built = true;
    g->declared = declaring != NULL;
    if (!draft(r, g, &g->draft, declaring, 0)) return false;
    return true;
}
static bool compile_group(fenp_run *r, fenp_group *g) {
    if (!build_group(r, g, NULL)) return false;
    sort_into_passes(r, g);
    fenp_chains_build(g->draft.build);
    int64_t batch = fenp_axis_size(&g->draft.context, r->experiment->batch);
    for (int i = 0; i < g->passes; i++) {
        fenp_pass *p = &g->pass[i];
        p->batch = batch;
        p->rest = p->length.examples % batch;
        if (p->length.examples >= batch && !compile_pass(r, p, &g->draft, &p->task, &p->chains)) return false;
        if (!p->rest) continue;
        fenp_draft *tail = p->tail_draft = fenp_arena_new(&r->experiment->memory, sizeof *tail);
        fenp_value **results = fenp_new((size_t)g->metrics * sizeof *results + 1);
        for (int k = 0; k < g->metrics; k++) results[k] = g->metric[k]->result;
        int imports = g->imports;
        bool good = draft(r, g, tail, NULL, p->rest);
        fenp_chains_build(tail->build);
        for (int k = 0; k < g->metrics; k++) g->metric[k]->result = results[k];
        g->imports = imports;
        fenp_delete(results);
        if (!good || !compile_pass(r, p, tail, &p->tail, &p->tail_chains)) return false;
    }
    return compile_once(r, g) && compile_finish(r, g);
}

/* ---- declaration and compilation of all ---- */
bool fenp_evaluation_declare(fenp_run *r, fenp_build *u) {
    fenp_evaluation *e = r->evaluation;
    for (int i = 0; i < r->experiment->space->names.n; i++) {
        fenp_definition *s = r->experiment->space->names.value[i];
        if (s->meaning == FENP_A_SAMPLER) s->trained = s->source && !s->measured;
    }
    e->epoch_of = r->faults->n == 0 ? epoch_sampler(r) : NULL;
    for (int i = 0; i < e->groups; i++) {
        e->group[i]->declared = false;
        e->group[i]->built = false;
    }
    for (int i = 0; i < e->groups; i++)
        if (!build_group(r, e->group[i], u) && r->faults->n) continue;
    for (int i = 0; i < e->groups; i++) { e->group[i]->built = e->group[i]->declared = false; }
    bool good = fenp_shown_build(r, u, true);
    for (int i = 0; i < r->experiment->space->names.n; i++) {
        fenp_definition *s = r->experiment->space->names.value[i];
        s->measured |= s->source && !s->trained;
    }
    return good;
}
bool fenp_evaluation_compile(fenp_run *r) {
    fenp_evaluation *e = r->evaluation;
    for (int i = 0; i < e->groups; i++)
        if (!compile_group(r, e->group[i]) || !fenp_folds_start(r, e->group[i])) return false;
    for (int i = 0; i < e->results; i++) {
        fenp_result *m = &e->result[i];
        fenp_value *v = m->metric.result;
        bool measured = v && v->node && v->pass && m->metric.target >= 0;
        m->single = measured && !m->metric.every_draw;
        if (!measured) continue;
        m->shape = fen_shape_of(v->node);
        m->value = fenp_arena_new(&r->experiment->memory, (size_t)fenp_count(&m->shape) * sizeof(double) + 8);
        if (!m->metric.unit) m->metric.unit = v->unit;
    }
    return fenp_shown_build(r, NULL, false) && fenp_expect_check(r) && r->faults->n == 0;
}
