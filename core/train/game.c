/* game.c: the `train` section: phases and players read, declared, compiled; one turn run. */
#include "train/evaluate.h"
#include "ops/ops.h"
#include <math.h>
#include <string.h>

/* ---- reading ---- */
static const fenp_item *field(const fenp_item *m, const char *key) {
    const fenp_item *i = fenp_item_get(m, key);
    return i && i->sort != FENP_NULL ? i : NULL;
}
static const char *name_of(fenp_run *r, const fenp_item *m, const char *key, const char *what) {
    const fenp_item *i = field(m, key);
    if (i && i->text && fenp_is_name(i->text)) return i->text;
    if (!i) fenp_fail(r->faults, m->at, "%s has no `%s`", what, key);
    else fenp_fail(r->faults, i->at, "%s: given `%s`; needs a name, [a-z][a-z0-9_]*", key, i->text ? i->text : fenp_sort_name[i->sort]);
    return "unnamed";
}
static void add_logged(fenp_run *r, fenp_player *p, const char *name, const fenp_item *item) {
    fenp_logged *more = fenp_arena_new(&r->experiment->memory, (size_t)(p->count + 1) * sizeof *more);
    if (p->count) memcpy(more, p->logged, (size_t)p->count * sizeof *more);
    more[p->count++] = (fenp_logged){.name = name, .item = item, .value = NAN, .series = -1};
    p->logged = more;
}
static void read_player(fenp_run *r, fenp_player *p, const fenp_item *m) {
    static const char *const keys[] = {"name",       "update",    "minimize", "maximize", "assign", "repeat",
                                       "accumulate", "optimizer", "after",    "with",     "log",    NULL};
    bool known = fenp_check_keys(r->experiment, m, "a player", keys);
    *p = (fenp_player){.item = m,
                       .at = m->at,
                       .minimize = field(m, "minimize"),
                       .maximize = field(m, "maximize"),
                       .assign = field(m, "assign"),
                       .repeat = field(m, "repeat"),
                       .accumulate = field(m, "accumulate"),
                       .optimizer = field(m, "optimizer"),
                       .after = field(m, "after"),
                       .with = field(m, "with"),
                       .log = field(m, "log"),
                       .draws = 1};
    p->name = name_of(r, m, "name", "a player");
    int n = !!p->minimize + !!p->maximize + !!p->assign;
    if (n > 1 || (!n && known))
        fenp_fail(r->faults, m->at, "player `%s` has %s of minimize, maximize, assign; needs one", p->name, n ? "several" : "none");
    p->objective = p->minimize || p->maximize;
    if (p->objective && !field(m, "update") && known)
        fenp_fail(r->faults, m->at, "player `%s` has an objective and no `update`: which networks does it change?", p->name);
    if (p->assign && n == 1 && (p->optimizer || field(m, "update")))
        fenp_fail(r->faults, m->at, "player `%s`: `assign` needs neither update nor optimizer", p->name);
    if (p->objective) add_logged(r, p, p->name, p->minimize ? p->minimize : p->maximize);
    if (p->log && p->log->sort != FENP_MAPPING) {
        fenp_fail(r->faults, p->log->at, "log: given %s; needs {name: expression}", fenp_sort_name[p->log->sort]);
        p->log = NULL;
    }
    for (int i = 0; p->log && i < p->log->n; i++) {
        if (strcmp(p->log->key[i], "step") == 0 || strcmp(p->log->key[i], "wall_time") == 0)
            fenp_fail(r->faults, p->log->key_at[i], "`%s` is the log's own name", p->log->key[i]);
        if (!fenp_is_name(p->log->key[i]))
            fenp_fail(r->faults, p->log->key_at[i], "`%s` is no name: logged values are [a-z][a-z0-9_]*", p->log->key[i]);
        for (int k = 0; k < p->count; k++)
            if (strcmp(p->logged[k].name, p->log->key[i]) == 0)
                fenp_fail(r->faults, p->log->key_at[i], "log: `%s` is the name of this player's objective; give the value another", p->log->key[i]);
        add_logged(r, p, p->log->key[i], p->log->item[i]);
    }
    if (strcmp(p->name, "step") == 0 || strcmp(p->name, "wall_time") == 0)
        fenp_fail(r->faults, m->at, "`%s` is the log's own name; a player needs another", p->name);
}
static void read_stop(fenp_run *r, fenp_phase *p, const fenp_item *m) {
    static const char *const keys[] = {"metric", "patience", "restore", NULL};
    const fenp_item *s = field(m, "stop"), *restore;
    if (!s) return;
    if (s->sort != FENP_MAPPING) {
        fenp_fail(r->faults, s->at, "stop: given %s; needs {metric, patience, restore}", fenp_sort_name[s->sort]);
        return;
    }
    fenp_check_keys(r->experiment, s, "stop", keys);
    p->stops = true;
    p->stop = name_of(r, s, "metric", "stop");
    p->stop_metric = field(s, "metric");
    p->patience = -1;
    const fenp_item *patience = field(s, "patience");
    fenp_build *u = fenp_build_new(r->experiment, FEN_EVALUATE, true);
    fenp_context c = {u, r->experiment->space->scope, u->world};
    if (patience) fenp_whole_of(&c, patience, &p->patience);
    fenp_build_free(u);
    restore = field(s, "restore");
    if (restore && restore->text && strcmp(restore->text, "best") == 0) p->restore = true;
    else if (restore)
        fenp_fail(r->faults, restore->at, "restore: given `%s`; needs best", restore->text ? restore->text : fenp_sort_name[restore->sort]);
}
static void read_length(fenp_run *r, fenp_phase *p, const fenp_item *m, bool known) {
    const fenp_item *steps = field(m, "steps"), *epochs = field(m, "epochs"), *of = field(m, "epoch_of");
    if (!steps == !epochs) {
        if (steps) fenp_fail(r->faults, epochs->at, "phase `%s` has `steps` and `epochs`; needs one of them", p->name);
        else if (known) fenp_fail(r->faults, m->at, "phase `%s` has no length; needs `steps` or `epochs`", p->name);
        return;
    }
    fenp_build *u = fenp_build_new(r->experiment, FEN_EVALUATE, true);
    fenp_context c = fenp_player_context(r, p, NULL, u);
    if (steps) fenp_whole_of(&c, steps, &p->steps);
    else fenp_number_of(&c, epochs, &p->epochs);
    fenp_build_free(u);
    p->by_epochs = epochs != NULL;
    const fenp_item *length = steps ? steps : epochs;
    if (p->steps < 0 || p->epochs < 0)
        fenp_fail(r->faults, length->at, "%s: given `%s`; needs 0 or more", steps ? "steps" : "epochs", length->text ? length->text : "?");
    if (!of) return;
    fenp_definition *d = of->text ? fenp_lookup(r->experiment->space->scope, of->text) : NULL;
    if (d && d->meaning == FENP_A_SAMPLER) p->epoch_of = of->text;
    else fenp_fail(r->faults, of->at, "epoch_of: `%s` is no sampler", of->text ? of->text : fenp_sort_name[of->sort]);
}
static void make_turns(fenp_run *r, fenp_phase *p) {
    fenp_arena *a = &r->experiment->memory;
    p->turns = p->simultaneous ? 1 : p->players;
    p->turn = fenp_arena_new(a, (size_t)p->turns * sizeof *p->turn + 1);
    for (int i = 0; i < p->turns; i++) {
        fenp_turn *t = &p->turn[i];
        t->players = p->simultaneous ? p->players : 1;
        t->player = fenp_arena_new(a, (size_t)t->players * sizeof *t->player);
        for (int k = 0; k < t->players; k++) t->player[k] = &p->player[i + k];
        t->draws = 1;
    }
    for (int i = 0; p->simultaneous && i < p->players; i++)
        if (p->player[i].repeat || p->player[i].accumulate)
            fenp_fail(r->faults, p->player[i].at, "player `%s`: `repeat` and `accumulate` do not go with `simultaneous`: the round is one turn",
                      p->player[i].name);
}
static void read_counts(fenp_run *r, fenp_phase *phase, fenp_player *p) {
    fenp_build *u = fenp_build_new(r->experiment, FEN_EVALUATE, true);
    fenp_context c = fenp_player_context(r, phase, p, u);
    if (p->accumulate) fenp_whole_of(&c, p->accumulate, &p->draws);
    if (p->draws < 1) {
        fenp_fail(r->faults, p->accumulate->at, "accumulate: needs at least 1");
        p->draws = 1;
    }
    fenp_build_free(u);
}
static void read_phase(fenp_run *r, fenp_phase *p, const fenp_item *m) {
    static const char *const keys[] = {"phase", "steps", "epochs", "epoch_of", "with", "simultaneous", "stop", "players", NULL};
    bool known = fenp_check_keys(r->experiment, m, "a phase", keys);
    *p = (fenp_phase){.item = m, .at = m->at, .with = field(m, "with")};
    p->name = name_of(r, m, "phase", "a phase");
    const fenp_item *players = field(m, "players"), *together = field(m, "simultaneous");
    if (together && together->sort != FENP_BOOL)
        fenp_fail(r->faults, together->at, "simultaneous: given `%s`; needs true or false",
                  together->text ? together->text : fenp_sort_name[together->sort]);
    p->simultaneous = together && together->truth;
    read_length(r, p, m, known);
    read_stop(r, p, m);
    if (!players || players->sort != FENP_LIST || !players->n) {
        fenp_fail(r->faults, players ? players->at : m->at, "phase `%s` needs a list of players", p->name);
        return;
    }
    p->player = fenp_arena_new(&r->experiment->memory, (size_t)players->n * sizeof *p->player);
    for (int i = 0; i < players->n; i++) {
        if (players->item[i]->sort != FENP_MAPPING) {
            fenp_fail(r->faults, players->item[i]->at, "a player is %s; needs {name, update, minimize, optimizer, ..}",
                      fenp_sort_name[players->item[i]->sort]);
            continue;
        }
        fenp_player *q = &p->player[p->players++];
        read_player(r, q, players->item[i]);
        q->who = fenp_arena_text(&r->experiment->memory, "%s.%s", p->name, q->name);
        read_counts(r, p, q);
        for (fenp_player *o = p->player; o < q; o++) {
            if (strcmp(o->name, q->name) == 0) {
                fenp_fail(r->faults, q->at, "two players are named `%s`", q->name);
                continue;
            }
            for (int k = 0; k < q->count; k++)
                for (int j = 0; j < o->count; j++)
                    if (strcmp(o->logged[j].name, q->logged[k].name) == 0)
                        fenp_fail(r->faults, q->at, "two series of phase `%s` are named `%s`", p->name, q->logged[k].name);
        }
    }
    make_turns(r, p);
}
bool fenp_game_read(fenp_run *r) {
    const fenp_item *train = field(r->experiment->root, "train");
    int before = r->faults->n;
    if (!train) return true;
    if (train->sort != FENP_LIST) {
        fenp_fail(r->faults, train->at, "train: given %s; needs a list of phases", fenp_sort_name[train->sort]);
        return false;
    }
    r->phase = fenp_arena_new(&r->experiment->memory, (size_t)train->n * sizeof *r->phase + 1);
    for (int i = 0; i < train->n; i++) {
        if (train->item[i]->sort != FENP_MAPPING) {
            fenp_fail(r->faults, train->item[i]->at, "a phase is %s; needs {phase, steps, players}", fenp_sort_name[train->item[i]->sort]);
            continue;
        }
        fenp_phase *p = &r->phase[r->phases++];
        read_phase(r, p, train->item[i]);
        for (fenp_phase *o = r->phase; o < p; o++)
            if (strcmp(o->name, p->name) == 0) fenp_fail(r->faults, p->at, "two phases are named `%s`", p->name);
    }
    return r->faults->n == before;
}

static fen_node *repeat_of(fenp_run *r, fenp_phase *p, fenp_player *q, fenp_build *u) {
    fenp_context c = fenp_player_context(r, p, q, u);
    double number;
    fenp_entry(u, "%s.%s.repeat", p->name, q->name);
    fenp_value *v = fenp_evaluate_text(&c, q->repeat);
    if (fenp_is_fault(u, v)) return NULL;
    fen_node *x = fenp_tensor(&c, v, q->repeat->at);
    if (fenp_is_faulty(u->b, x)) return NULL;
    x = fenp_to_real(u->b, x);
    bool live = !x->shape.rank && !(fenp_node_of(x)->depends & (FENP_ON_DRAW | FENP_ON_STORE));
    if (!live) fenp_fail(r->faults, q->repeat->at, "repeat: needs a number over parameters, step and epoch");
    else if (fenp_constant(x, &number) && (number < 0 || number != floor(number))) {
        fenp_fail(r->faults, q->repeat->at, "repeat: given %g; needs a whole number of at least 0", number);
        live = false;
    }
    return live ? x : NULL;
}

/* ---- declaration: the whole file once in mode initialise ---- */
static void only_starts(fen_builder *b) {
    fenp_map_free(&b->current);
    b->current = (fenp_map){0};
    for (int i = 0; i < b->starts; i++) fenp_slot_assign(b, b->start[i].slot, b->start[i].now);
}
bool fenp_game_declare(fenp_run *r) {
    fenp_build *u = r->declaration = fenp_build_new(r->experiment, FEN_INITIALISE, r->experiment->doubles);
    for (int round = 0; round < 2; round++) {
        u->final = round == 1;
        u->deferred = false;
        int before = r->faults->n;
        for (int i = 0; i < r->phases; i++)
            for (int k = 0; k < r->phase[i].turns; k++) {
                fenp_turn *t = &r->phase[i].turn[k];
                int starts = u->b->starts;
                t->build = u;
                fenp_player_build(r, &r->phase[i], t, FEN_INITIALISE);
                t->build = NULL;
                if (!t->starts) t->starts = u->b->starts - starts, t->first_start = starts;
                only_starts(u->b);
            }
        for (int i = 0; i < r->phases && round == 0; i++)
            for (int k = 0; k < r->phase[i].players; k++)
                if (r->phase[i].player[k].repeat) repeat_of(r, &r->phase[i], &r->phase[i].player[k], u);
        r->first_evaluation_start = u->b->starts;
        fenp_evaluation_declare(r, u);
        only_starts(u->b);
        if (!u->deferred || r->faults->n != before) break;
    }
    fenp_chains_build(u);
    if (r->faults->n) {
        u->final = false;
        fenp_look_at_rest(u);
        fenp_expect_look(r);
        return false;
    }
    fenp_store_seal(r->experiment->store);
    return true;
}

/* ---- programs ---- */
static void free_program(void *p) { fenp_program_free(p); }
static void free_chains(void *c) { fenp_chains_free(c); }
fenp_program *fenp_compiled(fenp_run *r, const fen_builder *b, const fenp_target *t, int n, int guard) {
    return fenp_owns(r->experiment, fenp_program_new(b, t, n, guard, r->faults), free_program);
}
fenp_chains *fenp_chained(fenp_run *r, fenp_task *t) { return fenp_owns(r->experiment, fenp_chains_new(t->build, t, 1, r->faults), free_chains); }
static bool compile_repeat(fenp_run *r, fenp_phase *p, fenp_player *q) {
    if (!q->repeat) return true;
    fenp_build *u = q->turns.build = fenp_build_new(r->experiment, FEN_TRAIN, r->experiment->doubles);
    fen_node *x = repeat_of(r, p, q, u);
    if (!x) return false;
    fenp_target t = {.node = x};
    q->turns.program = fenp_compiled(r, u->b, &t, 1, -1);
    return q->turns.program != NULL;
}
bool fenp_game_compile(fenp_run *r) {
    for (int i = 0; i < r->phases; i++) {
        fenp_phase *p = &r->phase[i];
        for (int k = 0; k < p->turns; k++)
            if (!fenp_player_build(r, p, &p->turn[k], FEN_TRAIN)) return false;
        for (int k = 0; k < p->players; k++)
            if (!compile_repeat(r, p, &p->player[k])) return false;
    }
    return r->faults->n == 0;
}

/* ---- a turn ---- */
static double number_at(const fenp_program *p, int target) { return *(const double *)fenp_program_value(p, target); }
void fenp_blame(fenp_run *r, fenp_task *t, const fenp_moment *m, const char *who) {
    const fen_node *x = fenp_program_blame(t->program, m->seed, m->first);
    const fenp_node *n = x ? fenp_node_of(x) : NULL;
    fenp_place none = {0};
    if (n)
        fenp_fail(r->faults, n->at, "%s: not finite at step %lld: first seen in `%s` of %s (built at %s); nothing was changed by this turn", who,
                  (long long)m->step, x->op->name, fenp_shape_text(t->build->b, x->shape, (char[160]){0}), n->site);
    else fenp_fail(r->faults, none, "%s: the objective or its gradient is not finite at step %lld", who, (long long)m->step);
}
static bool run_task(fenp_run *r, fenp_task *t, fenp_chains *c, fenp_moment *m, const char *who) {
    m->turn = ++r->draws.turn;
    fenp_task_take(t, m);
    fenp_task_fill(t, m, 0, NULL);
    if (!fenp_chains_run(c, m, r->faults)) {
        r->exit_code = FENP_EXIT_NUMBERS;
        return false;
    }
    if (fenp_program_run(t->program, m->seed, 0)) return true;
    fenp_blame(r, t, m, who);
    r->exit_code = FENP_EXIT_NUMBERS;
    return false;
}
/* What players log is the value of the turn, of an accumulated turn the mean over its draws. */
static void keep_logged(fenp_turn *t, const fenp_program *p, double weight, bool first) {
    for (int i = 0; i < t->players; i++)
        for (int k = 0; k < t->player[i]->count; k++) {
            fenp_logged *l = &t->player[i]->logged[k];
            double x = weight * number_at(p, l->target);
            l->value = first ? x : l->value + x;
        }
}
static fenp_moment moment(fenp_run *r) {
    return (fenp_moment){.draws = &r->draws, .step = (double)r->step, .epoch = r->epoch, .seed = r->experiment->seed, .training = true};
}
static bool accumulate(fenp_run *r, fenp_turn *t) {
    for (int i = 0; i < t->works; i++) memset(fenp_slot_data(t->work[i]), 0, fenp_slot_bytes(t->work[i]));
    for (int64_t k = 0; k < t->draws; k++) {
        fenp_moment m = moment(r);
        if (!run_task(r, &t->gather, t->gather_chains, &m, t->player[0]->who)) return false;
        keep_logged(t, t->gather.program, 1.0 / (double)t->draws, k == 0);
    }
    return true;
}
/* Live numbers lie in their ranges, or the turn is refused before it has changed anything. */
static bool live_numbers_fit(fenp_run *r, fenp_turn *t) {
    fenp_moment m = moment(r);
    if (!t->live.program) return true;
    fenp_task_fill(&t->live, &m, 0, NULL);
    fenp_program_run(t->live.program, m.seed, 0);
    for (int i = 0; i < t->live.build->lives; i++) {
        const fenp_live *l = &t->live.build->live[i];
        double x = number_at(t->live.program, i);
        const char *needed = fenp_range_refuses(l->attribute, x, &r->experiment->memory);
        if (!needed) continue;
        fenp_fail(r->faults, l->at, "%s: %s%s%sis %g at step %lld; needs %s; nothing was changed by this turn", l->attribute->name, l->given ? "`" : "",
                  l->given ? l->given : "", l->given ? "` " : "", x, (long long)r->step, needed);
        r->exit_code = FENP_EXIT_NUMBERS;
        return false;
    }
    return true;
}
bool fenp_turn_run(fenp_run *r, fenp_phase *p, fenp_turn *t) {
    fenp_moment m = moment(r);
    (void)p;
    if (!live_numbers_fit(r, t)) return false;
    if (t->draws > 1 && !accumulate(r, t)) return false;
    if (!run_task(r, &t->task, t->chains, &m, t->player[0]->who)) return false;
    if (t->draws == 1) keep_logged(t, t->task.program, 1, true);
    return true;
}
