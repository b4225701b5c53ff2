/* measure.c: one evaluation: passes run on a copy of all state, accumulators and folds fed, finishing programs run, results kept. */
#include "train/evaluate.h"
#include "base/io.h"
#include "base/random.h"
#include "ops/ops.h"
#include <math.h>
#include <string.h>

typedef struct folding {
    fenp_fold_use *use;
    void *self;
    fenp_arena memory;
    const double **in;
    double **row;
} folding;
typedef struct measuring {
    fenp_run *run;
    fenp_group *group;
    fenp_sum *sum;
    folding *fold;
    fenp_moment moment;
} measuring;

fenp_moment fenp_evaluation_moment(fenp_run *r) {
    return (fenp_moment){
        .draws = &r->draws, .step = (double)r->step, .epoch = r->epoch, .seed = fenp_key_step(r->experiment->seed, fenp_hash("evaluation"))};
}
static void to_doubles(const fen_node *x, const void *from, double *to) {
    for (int64_t i = 0, n = fenp_count(&x->shape); i < n; i++)
        to[i] = x->type == FEN_INTEGER ? ((const int32_t *)from)[i] : x->wide ? ((const double *)from)[i] : (double)((const float *)from)[i];
}

/* ---- folds ---- */
static bool start_fold(measuring *m, folding *f, fenp_fold_use *use) {
    fen_host h;
    fenp_host_init(&h, &use->context, use->function, &use->call, use->invocation.at);
    *f = (folding){.use = use};
    h.memory = &f->memory;
    h.ports = use->feeds;
    h.port_name = use->feed_name;
    h.port = fenp_arena_new(&f->memory, (size_t)(use->feeds + 1) * sizeof *h.port);
    f->in = fenp_arena_new(&f->memory, (size_t)(use->feeds + 1) * sizeof *f->in);
    f->row = fenp_arena_new(&f->memory, (size_t)(use->feeds + 1) * sizeof *f->row);
    for (int k = 0; k < use->feeds; k++) {
        if (!use->feed[k]) continue;
        const fen_shape *s = &use->feed[k]->shape;
        h.port[k] = fen_features(s->rank - s->leads, s->size + s->leads);
        f->row[k] = fenp_arena_new(&f->memory, (size_t)fenp_count(s) * sizeof(double) + 8);
    }
    f->self = use->function->fold->start(&h);
    (void)m;
    if (!f->self && !h.failed) fen_host_fail(&h, "could not be started");
    return f->self != NULL && !h.failed;
}
/* Whether all folds of g start: what they refuse is said before step 0. */
bool fenp_folds_start(fenp_run *r, fenp_group *g) {
    fenp_metrics *k = &g->draft.metrics;
    measuring m = {.run = r, .group = g};
    bool good = true;
    for (int i = 0; i < k->folds; i++) {
        folding f;
        good &= start_fold(&m, &f, k->fold[i]);
        fenp_arena_free(&f.memory);
    }
    return good;
}
static bool feed_fold(measuring *m, folding *f, int64_t rows) {
    bool good = f->use->function->fold->add(f->self, rows, f->in);
    for (int k = 0; k < f->use->feeds; k++) f->in[k] = NULL;
    if (!good) fenp_fail(m->run->faults, f->use->invocation.at, "%s: out of memory", f->use->function->name);
    return good;
}
/* What one draw of a pass hands to the folds: those that it feeds get all their feeds of this pass at once. */
static bool feed_folds(measuring *m, const fenp_pass *p, const fenp_draft *d, const fenp_task *t) {
    for (int i = 0; i < d->metrics.folds; i++) {
        int64_t rows = -1;
        for (int k = 0; k < p->feeds; k++) {
            if (p->fold[k] != i) continue;
            const fen_node *x = d->metrics.fold[i]->feed[p->feed[k]];
            folding *f = &m->fold[i];
            to_doubles(x, fenp_program_value(t->program, p->accumulators + k), f->row[p->feed[k]]);
            f->in[p->feed[k]] = f->row[p->feed[k]];
            rows = fen_rows(&x->shape);
        }
        if (rows >= 0 && !feed_fold(m, &m->fold[i], rows)) return false;
    }
    return true;
}

/* ---- a pass ---- */
static bool one_draw(measuring *m, fenp_pass *p, const fenp_draft *d, fenp_task *t, fenp_chains *c, int64_t draw, int64_t first, int64_t examples) {
    fenp_moment *w = &m->moment;
    w->first = first;
    w->draw = draw;
    w->turn = ++m->run->draws.turn;
    fenp_task_take(t, w);
    fenp_task_fill(t, w, 0, NULL);
    if (!fenp_chains_run(c, w, m->run->faults)) {
        m->run->exit_code = FENP_EXIT_NUMBERS;
        return false;
    }
    fenp_program_run(t->program, w->seed, first);
    for (int i = 0; i < p->accumulators; i++) {
        const fenp_accumulator *a = &m->group->draft.metrics.accumulator[p->accumulator[i]];
        fenp_sum_add(&m->sum[p->accumulator[i]], a, d->metrics.accumulator[p->accumulator[i]].node, fenp_program_value(t->program, i),
                     (double)examples);
    }
    return feed_folds(m, p, d, t);
}
/* Each pass begins where training stands, so that no metric depends on those measured before it. */
static bool run_pass(measuring *m, fenp_pass *p) {
    fenp_draws_restore(&m->run->draws, m->run->evaluation->before);
    int64_t whole = p->length.examples / p->batch;
    for (int64_t k = 0; k < whole; k++)
        if (!one_draw(m, p, &m->group->draft, &p->task, p->chains, k, k * p->batch, p->batch)) return false;
    return !p->rest || one_draw(m, p, p->tail_draft, &p->tail, p->tail_chains, whole, whole * p->batch, p->rest);
}

/* ---- what depends on no draw ---- */
static bool run_once(measuring *m) {
    fenp_group *g = m->group;
    fenp_metrics *k = &g->draft.metrics;
    if (!g->once.program) return true;
    m->moment.turn = ++m->run->draws.turn;
    fenp_task_fill(&g->once, &m->moment, 0, NULL);
    fenp_program_run(g->once.program, m->moment.seed, 0);
    for (int i = 0; i < k->lifts; i++) to_doubles(k->lift[i].node, fenp_program_value(g->once.program, i), g->value[k->lift[i].feed]);
    int at = k->lifts;
    for (int i = 0; i < k->folds; i++) {
        int64_t rows = -1;
        for (int n = 0; n < k->fold[i]->feeds; n++) {
            fenp_fold_use *f = k->fold[i];
            if (f->of_pass[n] || !f->feed[n] || f->length[n].examples) continue;
            to_doubles(f->feed[n], fenp_program_value(g->once.program, at++), m->fold[i].row[n]);
            m->fold[i].in[n] = m->fold[i].row[n];
            rows = fen_rows(&f->feed[n]->shape);
        }
        if (rows >= 0 && !feed_fold(m, &m->fold[i], rows)) return false;
    }
    return true;
}

/* ---- finishing ---- */
/* False: a sum over the pass is more than an integer holds. */
static bool to_integers(const double *from, int64_t n, int32_t *to) {
    for (int64_t k = 0; k < n; k++) {
        if (fabs(from[k]) > INT32_MAX) return false;
        to[k] = from[k] != from[k] ? 0 : (int32_t)from[k];
    }
    return true;
}
static bool too_large(measuring *m) {
    m->run->exit_code = FENP_EXIT_NUMBERS;
    fenp_fail(m->run->faults, m->group->metric[0]->at, "a sum of integers over the pass is beyond 2147483647, the largest: make them real before (1.0 * x)");
    return false;
}
static bool run_finish(measuring *m, fenp_program *p) {
    const fen_builder *f = m->group->draft.metrics.finish;
    int n;
    fenp_stream *s = fenp_program_streams(p, &n);
    (void)s;
    for (int i = 0; i < f->feeds; i++) {
        void *to = fenp_program_feed(p, i);
        if (!to) continue;
        int64_t count = fenp_count(&f->feed[i].shape);
        if (f->feed[i].type != FEN_INTEGER) memcpy(to, m->group->value[i], (size_t)count * sizeof(double));
        else if (!to_integers(m->group->value[i], count, to)) return too_large(m);
    }
    fenp_program_run(p, m->moment.seed, 0);
    return true;
}
static bool finish_fold(measuring *m, folding *f) {
    fenp_group *g = m->group;
    for (int i = 0; i < g->stages; i++) {
        if (g->before[i].fold != f->use) continue;
        if (!run_finish(m, g->before[i].program)) return false;
        int at = 0;
        int64_t rows = 1;
        for (int k = 0; k < f->use->feeds; k++) {
            if (!f->use->of_pass[k]) continue;
            to_doubles(f->use->feed[k], fenp_program_value(g->before[i].program, at++), f->row[k]);
            f->in[k] = f->row[k];
            rows = fen_rows(&f->use->feed[k]->shape);
        }
        if (!feed_fold(m, f, rows)) return false;
    }
    double *out[32] = {0};
    for (int k = 0; k < f->use->outs && k < 32; k++) out[k] = g->value[f->use->out[k]];
    if (f->use->function->fold->finish(f->self, out)) return true;
    for (int k = 0; k < f->use->outs; k++) /* no convergence: not a number, which fails its condition */
        for (int64_t i = 0; i < fenp_count(&g->draft.metrics.finish->feed[f->use->out[k]].shape); i++) out[k][i] = NAN;
    return true;
}
static void sizes(fenp_group *g) {
    fenp_metrics *k = &g->draft.metrics;
    fenp_length l = g->passes ? g->pass[0].length : (fenp_length){0};
    if (k->size_batch >= 0) g->value[k->size_batch][0] = (double)l.examples;
    if (k->size_draws >= 0) g->value[k->size_draws][0] = (double)l.draws;
}
static bool measure(fenp_run *r, fenp_group *g);
static bool imports(fenp_run *r, fenp_group *g) {
    for (int i = 0; i < g->imports; i++) {
        fenp_result *other = fenp_result_named(r, g->import[i].metric->name);
        if (!other->group->evaluated && !measure(r, other->group)) return false;
        int feed = g->import[i].feed, from = g->import[i].from;
        const double *value = from < 0 ? other->value : other->group->value[from];
        memcpy(g->value[feed], value, (size_t)fenp_count(&g->draft.metrics.finish->feed[feed].shape) * sizeof(double));
    }
    return true;
}
static void keep_results(fenp_run *r, fenp_group *g) {
    for (int i = 0; i < r->evaluation->results; i++) {
        fenp_result *m = &r->evaluation->result[i];
        if (m->group != g || !m->value) continue;
        memcpy(m->value, fenp_program_value(g->finish, m->metric.target), (size_t)fenp_count(&m->shape) * sizeof(double));
    }
}
static bool measure(fenp_run *r, fenp_group *g) {
    fenp_metrics *k = &g->draft.metrics;
    measuring m = {.run = r, .group = g, .moment = fenp_evaluation_moment(r)};
    m.sum = fenp_new((size_t)k->accumulators * sizeof *m.sum + 1);
    m.fold = fenp_new((size_t)k->folds * sizeof *m.fold + 1);
    bool good = imports(r, g);
    g->evaluated = true;
    for (int i = 0; i < k->accumulators; i++) fenp_sum_start(&m.sum[i], &k->accumulator[i]);
    for (int i = 0; i < k->folds && good; i++) good = start_fold(&m, &m.fold[i], k->fold[i]);
    good = good && run_once(&m);
    for (int i = 0; i < g->passes && good; i++) good = run_pass(&m, &g->pass[i]);
    for (int i = 0; i < k->accumulators; i++) fenp_sum_finish(&m.sum[i], &k->accumulator[i], g->value[k->accumulator[i].feed]);
    sizes(g);
    for (int i = 0; i < k->folds && good; i++) good = finish_fold(&m, &m.fold[i]);
    if (good && g->finish) good = run_finish(&m, g->finish);
    if (good && g->finish) keep_results(r, g);
    for (int i = 0; i < k->folds; i++) fenp_arena_free(&m.fold[i].memory);
    fenp_delete(m.sum);
    fenp_delete(m.fold);
    return good;
}

/* ---- one evaluation ---- */
void fenp_history_add(fenp_run *r) {
    for (int i = 0; i < r->evaluation->results; i++) {
        fenp_result *m = &r->evaluation->result[i];
        if (!m->single || !m->group->due) continue;
        size_t bytes = (size_t)fenp_count(&m->shape) * sizeof(double);
        m->history = fenp_arena_more(&r->experiment->memory, m->history, m->entries, sizeof *m->history);
        m->round = fenp_arena_more(&r->experiment->memory, m->round, m->entries, sizeof *m->round);
        m->history[m->entries] = fenp_arena_new(&r->experiment->memory, bytes + 8);
        memcpy(m->history[m->entries], m->value, bytes);
        m->round[m->entries++] = r->round;
    }
}
static bool log_results(fenp_run *r) {
    if (!r->log) return true;
    for (int i = 0; i < r->evaluation->results; i++) {
        fenp_result *m = &r->evaluation->result[i];
        if (m->value && m->group->due && m->series >= 0 && !fenp_log_row(r->log, m->series, r->round, m->value, r->faults)) return false;
    }
    return !r->evaluation->results || fenp_log_time(r->log, "evaluate", r->round, fenp_log_now(), r->faults);
}
static void say(fenp_run *r, const char *why) {
    fenp_text t = {0};
    fenp_text_add(&t, "%s, step %lld", why, (long long)r->round);
    if (r->epoch > 0) fenp_text_add(&t, ", epoch %.3g", r->epoch);
    fenp_text_add(&t, ":");
    for (int i = 0; i < r->evaluation->results; i++) {
        fenp_result *m = &r->evaluation->result[i];
        if (m->single && m->group->due && fenp_count(&m->shape) == 1)
            fenp_text_add(&t, "  %s %.6g%s%s", m->metric.name, m->value[0], m->metric.unit ? " " : "", m->metric.unit ? m->metric.unit : "");
    }
    if (r->progress) fenp_progress_say(r->progress, "%s", t.at);
    fenp_text_free(&t);
}
/* A metric with an `every` of its own is measured then, or at the first evaluation from then on, at the start, and at the end; NaN between. */
static bool group_due(fenp_run *r, fenp_group *g) {
    if (g->key.every ? fenp_due_again(r, &g->period) : !r->partial) return true;
    for (int i = 0; i < r->evaluation->results; i++) {
        fenp_result *m = &r->evaluation->result[i];
        for (int64_t k = 0; m->group == g && m->single && k < fenp_count(&m->shape); k++) m->value[k] = NAN;
    }
    return false;
}
/* False where pictures or tensors alone are due. */
static bool any_due(const fenp_run *r) {
    bool any = !r->partial;
    for (int i = 0; i < r->evaluation->groups; i++) any |= r->evaluation->group[i]->due;
    return any;
}
bool fenp_evaluate_now(fenp_run *r, const char *why) {
    fenp_evaluation *e = r->evaluation;
    void *saved = fenp_draws_save(&r->draws);
    bool good = true;
    e->before = saved;
    for (int i = 0; i < e->groups; i++) {
        e->group[i]->due = group_due(r, e->group[i]);
        e->group[i]->evaluated = false;
    }
    for (int i = 0; i < e->groups && good; i++) /* and, of the others, what these read */
        if (e->group[i]->due && !e->group[i]->evaluated) good = measure(r, e->group[i]);
    e->before = NULL;
    fenp_draws_load(&r->draws, saved);
    if (good && any_due(r)) say(r, why); /* --quiet leaves the terminal out, not console.log */
    return good;
}
bool fenp_evaluation_record(fenp_run *r) {
    void *saved = fenp_draws_save(&r->draws);
    bool good = fenp_shown_write(r);
    fenp_draws_load(&r->draws, saved);
    if (!good || (any_due(r) && !log_results(r))) return false;
    fenp_history_add(r);
    r->evaluated = r->round;
    r->evaluated_part = r->partial;
    r->evaluated_epoch = r->epoch;
    return true;
}
