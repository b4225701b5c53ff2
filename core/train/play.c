/* play.c: the game played: phases of rounds, in the order of DECISIONS 13 at the end of each round: training row; evaluation if due; best state
 * and `stop`; checkpoint if due; signals. */
#include "train/evaluate.h"
#include "base/io.h"
#include <math.h>
#include <string.h>

volatile sig_atomic_t fenp_caught;

/* ---- epochs ---- */
/* The programs of a phase: two a turn, the second only where it accumulates. */
static const fenp_task *task_of(const fenp_phase *p, int i) { return i % 2 ? &p->turn[i / 2].gather : &p->turn[i / 2].task; }
static fenp_definition *epoch_sampler(fenp_run *r, const fenp_phase *p) {
    if (p->epoch_of) return fenp_lookup(r->experiment->space->scope, p->epoch_of);
    fenp_definition *found = NULL;
    for (int i = 0; i < 2 * p->turns; i++) {
        const fenp_task *t = task_of(p, i);
        for (int k = 0; t->program && k < t->build->b->feeds; k++) {
            const fenp_origin *o = t->build->b->feed[k].owner;
            if (!fenp_program_feed(t->program, k) || o->kind != FENP_FROM_FILE || !o->sampler->finite) continue;
            if (found && found != o->sampler) return NULL;
            found = o->sampler;
        }
    }
    return found;
}
/* Rows of a draw of d in this phase; 0: no player draws it. */
static int64_t batch_of(const fenp_phase *p, const fenp_definition *d) {
    for (int i = 0; i < 2 * p->turns; i++) {
        const fenp_task *t = task_of(p, i);
        for (int k = 0; t->program && k < t->build->b->feeds; k++) {
            const fenp_origin *o = t->build->b->feed[k].owner;
            if (o->kind == FENP_FROM_FILE && o->sampler == d && fenp_program_feed(t->program, k)) return fen_rows(&t->build->b->feed[k].shape);
        }
    }
    return 0;
}
double fenp_epoch_now(fenp_run *r, const fenp_phase *p) {
    fenp_definition *d = p->counts;
    if (!d || !d->source) return 0;
    fenp_cursor *c = fenp_cursor_of(&r->draws, d->name);
    int64_t batch = batch_of(p, d), length = batch ? batch * (d->source->rows / batch) : 0;
    return length ? (double)c->passes + (double)c->next / (double)length : 0;
}
int64_t fenp_phase_total(const fenp_phase *p) {
    if (!p->by_epochs) return p->steps;
    fenp_definition *d = p->counts;
    if (!d || !d->source) return 0;
    int64_t batch = batch_of(p, d);
    return batch ? (int64_t)ceil(p->epochs * (double)(d->source->rows / batch)) : 0;
}
bool fenp_phases_check(fenp_run *r) {
    bool counted = false;
    for (int i = 0; i < r->phases; i++) {
        fenp_phase *p = &r->phase[i];
        p->counts = epoch_sampler(r, p);
        if (p->by_epochs && !p->counts)
            fenp_fail(r->faults, p->at, "phase `%s` counts epochs, and its players draw %s finite sampler: say `epoch_of` or `steps`", p->name,
                      "not exactly one");
        counted |= p->counts != NULL;
        fenp_definition *d = p->counts;
        int64_t batch = d ? batch_of(p, d) : 1;
        if (d && !batch && (p->by_epochs || p->epoch_of))
            fenp_fail(r->faults, p->at, "phase `%s`: epochs are counted by `%s`, which none of its players draws", p->name, d->name);
        if (d && d->source && d->source->rows < batch)
            fenp_fail(r->faults, d->at, "sampler `%s` has %lld rows, fewer than the batch of %lld", d->name, (long long)d->source->rows,
                      (long long)batch);
    }
    if (r->phases && !counted && r->evaluation->every.epochs)
        fenp_fail(r->faults, fenp_item_get(r->evaluation->item, "every")->at,
                  "every: counts epochs, and no phase draws exactly one finite sampler: say `epoch_of`, or count steps");
    return r->faults->n == 0;
}

/* ---- due ---- */
static bool over(fenp_run *r, const fenp_phase *p) { return p->by_epochs ? r->epoch >= p->epochs - 1e-9 : r->step >= p->steps; }
static bool due(const fenp_every *e, int64_t round, double epoch_before, double epoch, double seconds) {
    if (e->rounds) return e->count >= 1 && round % (int64_t)e->count == 0;
    if (e->epochs) return floor(epoch / e->count + 1e-9) > floor(epoch_before / e->count + 1e-9);
    return e->seconds && seconds > 0 && seconds >= e->count;
}
/* From the place of the last evaluation alone, so that a resumed run decides alike. */
bool fenp_due_again(fenp_run *r, const fenp_every *e) {
    double now = e->epochs ? r->epoch : (double)r->round, before = e->epochs ? r->evaluated_epoch : (double)r->evaluated;
    bool at_end = r->ending || r->current >= r->phases || over(r, &r->phase[r->current]);
    return r->evaluated < 0 || at_end || !(e->rounds || e->epochs) || floor(now / e->count + 1e-9) > floor(before / e->count + 1e-9);
}
/* Turns of this round; -1: `repeat` is no number of turns, and that was said. */
static int64_t repeats(fenp_run *r, fenp_player *q) {
    if (!q->turns.program) return 1;
    fenp_moment m = {.draws = &r->draws, .step = (double)r->step, .epoch = r->epoch, .seed = r->experiment->seed, .training = true};
    fenp_task_fill(&q->turns, &m, 0, NULL);
    fenp_program_run(q->turns.program, m.seed, 0);
    double n = *(const double *)fenp_program_value(q->turns.program, 0);
    if (fabs(n - round(n)) < 1e-6 && n > -0.5 && n < 1e15) return (int64_t)llround(n);
    fenp_fail(r->faults, q->repeat->at, "repeat: is %g at step %lld; needs a whole number of at least 0: floor(..), max(.., 0)", n, (long long)r->step);
    r->exit_code = FENP_EXIT_NUMBERS;
    return -1;
}
static bool play_round(fenp_run *r, fenp_phase *p) {
    r->draws.round++;
    for (int i = 0; i < p->players; i++)
        for (int k = 0; k < p->player[i].count; k++) p->player[i].logged[k].value = NAN;
    for (int i = 0; i < p->turns; i++) {
        int64_t n = p->simultaneous ? 1 : repeats(r, p->turn[i].player[0]);
        if (n < 0) return false;
        for (int64_t k = 0; k < n; k++)
            if (!fenp_turn_run(r, p, &p->turn[i])) return false;
    }
    r->step++;
    r->round++;
    r->epoch = fenp_epoch_now(r, p);
    return true;
}
static bool log_round(fenp_run *r, fenp_phase *p) {
    if (!r->log) return true;
    for (int i = 0; i < p->players; i++)
        for (int k = 0; k < p->player[i].count; k++) {
            const fenp_logged *l = &p->player[i].logged[k];
            if (l->series >= 0 && !fenp_log_row(r->log, l->series, r->round, &l->value, r->faults)) return false;
        }
    return fenp_log_time(r->log, "train", r->round, fenp_log_now(), r->faults);
}

/* ---- best states ---- */
static const char *best_path(fenp_run *r, const char *of) {
    return fenp_arena_text(&r->experiment->memory, "%s/checkpoints/best%s%s.h5", r->folder, of ? "-" : "", of ? of : "");
}
/* Where it cannot be saved, it is as if it had not been found: what is resumed finds it again. */
static bool save_best(fenp_run *r, const char *of, double *best, double value) {
    double before = *best;
    *best = value;
    if (fenp_checkpoint_save(r, best_path(r, of))) return true;
    *best = before;
    return false;
}
static bool keep_best(fenp_run *r, fenp_phase *p, bool *stop) {
    if (r->best_metric) {
        fenp_result *m = fenp_result_named(r, r->best_metric);
        if (m && m->single && m->group->due && !isnan(m->value[0]) && (!r->has_best || m->value[0] < r->best)) {
            bool had = r->has_best;
            r->has_best = true;
            if (!save_best(r, NULL, &r->best, m->value[0])) return r->has_best = had, false;
        }
    }
    fenp_result *s = p && p->stops ? fenp_result_named(r, p->stop) : NULL;
    if (!s || !s->single || !s->group->due) return true;
    if (s->value[0] < r->stop_best) { /* NaN is no value */
        r->stop_waits = 0;
        if (p->restore) return save_best(r, p->name, &r->stop_best, s->value[0]);
        r->stop_best = s->value[0];
        return true;
    }
    *stop = p->patience >= 0 && ++r->stop_waits >= p->patience;
    return true;
}
static bool restore_best(fenp_run *r, fenp_phase *p) {
    if (!p->restore || isinf(r->stop_best)) return true;
    r->restoring = true; /* values only: the game goes on where it stands */
    bool good = fenp_checkpoint_load(r, best_path(r, p->name), r->faults);
    r->restoring = false;
    return good;
}

/* ---- phases ---- */
static void begin_phase(fenp_run *r) {
    r->step = 0;
    r->epoch = 0;
    r->stop_best = INFINITY;
    r->stop_waits = 0;
    for (int i = 0; i < r->draws.cursors; i++) {
        fenp_cursor *c = r->draws.cursor[i];
        if (c->next) {
            c->pass++;
            c->next = 0;
        }
        c->passes = 0;
    }
}
static void show(fenp_run *r, fenp_phase *p) {
    fenp_shown s[16];
    int n = 0;
    for (int i = 0; i < p->players && n < 16; i++)
        if (p->player[i].objective) s[n++] = (fenp_shown){p->player[i].logged[0].name, p->player[i].logged[0].value};
    fenp_progress_step(r->progress, p->name, r->step, p->total, p->counts ? r->epoch : -1, s, n);
}
static bool save_now(fenp_run *r) {
    r->saved_at = fenp_clock();
    return !r->folder || fenp_checkpoint_step(r);
}
static bool evaluate(fenp_run *r, const char *why) { return fenp_evaluate_now(r, why) && fenp_evaluation_record(r); }
/* The phase's last evaluation; one where it meets a periodic one, or that of the phase before a phase without rounds. */
static bool finish_phase(fenp_run *r, fenp_phase *p) {
    bool stop, done = r->evaluated == r->round && !r->evaluated_part && (!p->restore || r->step == 0);
    int64_t evaluated = r->evaluated;
    double epoch = r->evaluated_epoch;
    p->ended = r->round;
    if (done) return true;
    r->ending = true;
    bool good = restore_best(r, p) && evaluate(r, p->name) && keep_best(r, p, &stop);
    r->ending = false;
    if (!good) { /* what is resumed evaluates again */
        r->evaluated = evaluated;
        r->evaluated_epoch = epoch;
    }
    return good;
}
/* Where it stops with `restore: best`, or at an evaluation of a part, the phase's last evaluation takes the place of this one in the log. */
static bool evaluate_due(fenp_run *r, fenp_phase *p, bool *stop) {
    if (!fenp_evaluate_now(r, p->name) || !keep_best(r, p, stop)) return false;
    return (*stop && (p->restore || r->partial)) || fenp_evaluation_record(r);
}
/* Whether a metric, picture or tensor is due by an `every` of its own. */
static bool part_due(fenp_run *r, double epoch_before) {
    fenp_evaluation *e = r->evaluation;
    bool any = false;
    for (int i = 0; i < e->groups; i++)
        any |= e->group[i]->key.every && !e->group[i]->period.draws && due(&e->group[i]->period, r->round, epoch_before, r->epoch, 0);
    for (int i = 0; i < e->count; i++)
        any |= e->shown[i].periodic && !e->shown[i].period.draws && due(&e->shown[i].period, r->round, epoch_before, r->epoch, 0);
    return any;
}
static bool interrupted(fenp_run *r) { return fenp_caught != 0 && (r->signal = fenp_caught, true); }
static bool play_phase(fenp_run *r, fenp_phase *p) {
    fenp_evaluation *e = r->evaluation;
    p->total = fenp_phase_total(p);
    bool stop = false;
    while (!over(r, p) && !stop) {
        double before = r->epoch;
        if (!play_round(r, p) || !log_round(r, p)) return false;
        if (r->progress) show(r, p);
        bool last = over(r, p);
        bool whole = e->periodic && due(&e->every, r->round, before, r->epoch, 0);
        r->partial = !whole && part_due(r, before);
        if ((whole || r->partial) && !last && !evaluate_due(r, p, &stop)) return false;
        r->partial = false;
        if (last || stop) break;
        if (due(&r->save_every, r->round, before, r->epoch, fenp_clock() - r->saved_at) && !save_now(r)) return false;
        if (interrupted(r)) return save_now(r);
    }
    if (!finish_phase(r, p)) {
        save_now(r); /* what was trained is not lost with its evaluation */
        return false;
    }
    r->current++;
    begin_phase(r);
    r->finished = r->current == r->phases;
    return save_now(r) && (interrupted(r) || true);
}
bool fenp_run_game(fenp_run *r) {
    fenp_evaluation *e = r->evaluation;
    r->saved_at = fenp_clock();
    if (!r->resumed) begin_phase(r);
    bool stop = false;
    if (!r->first_done && (r->phases == 0 || e->periodic)) {
        if (!evaluate(r, "start") || !keep_best(r, NULL, &stop)) return false;
        r->first_done = true;
    }
    while (r->current < r->phases && !r->signal)
        if (!play_phase(r, &r->phase[r->current])) return false;
    if (r->phases == 0) {
        r->finished = true;
        return save_now(r);
    }
    return true;
}
