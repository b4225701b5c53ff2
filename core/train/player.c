/* player.c: how objectives, `update`, `after` and `assign` become one program (DECISIONS 10):
 * objective -> gradients by the raw parameters -> clip_norm -> optimizer -> the map of current values has the new ones -> `after` -> commits. */
#include "train/aim.h"
#include "language/attribute.h"
#include "language/network.h"
#include "ops/ops.h"
#include <string.h>

enum { LARGE = 65536 };                       /* elements of a gradient that is summed by itself */

static void add_target(fenp_making *m, fen_node *node, fenp_slot *slot, fenp_how how) {
    m->target = fenp_more(m->target, m->targets, sizeof *m->target);
    m->target[m->targets++] = (fenp_target){node, slot, how};
}
void fenp_guard(fenp_making *m, fen_node *x) {
    fen_builder *b = m->build->b;
    if (fenp_is_faulty(b, x)) {
        m->good = false;
        return;
    }
    bool large = x->shape.rank > 1 && fenp_count(&x->shape) >= LARGE;  /* row by row: a sum that threads share, while the rows are near */
    if (large) x = fenp_reduce(b, FEN_SUM, x, 1u << (x->shape.rank - 1));
    m->guard = m->guard ? fen_add(b, m->guard, fen_sum(b, x)) : fen_sum(b, x);
}
fenp_context fenp_player_context(fenp_run *r, const fenp_phase *phase, const fenp_player *p, fenp_build *u) {
    fenp_scope *s = r->experiment->space->scope;
    fenp_world *w = fenp_world_with(u, u->world, phase->with, s);
    return (fenp_context){u, s, p ? fenp_world_with(u, w, p->with, s) : w};
}
static fenp_context context(fenp_making *m, const fenp_player *p) { return fenp_player_context(m->run, m->phase, p, m->build); }

/* ---- the objective ---- */
static fen_node *one_number(const fenp_context *c, fenp_value *v, const fenp_item *item, const char *what) {
    fen_builder *b = c->build->b;
    if (fenp_is_fault(c->build, v)) return b->faulty;
    fen_node *x = fenp_tensor(c, v, item->at);
    if (fenp_is_faulty(b, x)) return x;
    x = fenp_to_real(b, x);
    if (x->shape.leads == 0 && fenp_count(&x->shape) == 1) return fenp_relabel(b, x, fen_features(0, NULL));
    return fenp_wrong(c, item->at, "%s must be one number; this is %s: write mean(..)", what, fenp_shape_text(b, x->shape, (char[160]){0}))->node;
}
static fen_node *objective(fenp_making *m, fenp_player *p, const fenp_context *c) {
    const fenp_item *item = p->minimize ? p->minimize : p->maximize;
    fenp_entry(m->build, "%s.%s.%s", m->phase->name, p->name, p->minimize ? "minimize" : "maximize");
    m->build->b->place = item->at;
    fenp_value *v = fenp_evaluate_text(c, item);
    if (p->logged) p->logged[0].unit = v->unit;
    return one_number(c, v, item, p->minimize ? "minimize" : "maximize");
}

/* ---- gradients ---- */
static void want(fenp_wanted *w, fenp_slot *s, fenp_build *u) {
    w->slot = fenp_more(w->slot, w->n, sizeof *w->slot);
    w->raw = fenp_more(w->raw, w->n, sizeof *w->raw);
    w->slot[w->n] = s;
    w->raw[w->n++] = fenp_slot_read(u->b, s);
}
static bool want_all(fenp_making *m, fenp_player *p, fenp_wanted *w) {
    for (int i = 0; i < p->networks; i++) {
        fenp_block *k = fenp_store_block(m->run->experiment->store, p->network[i]->block);
        for (int s = 0; k && s < k->n; s++) want(w, k->slot[s], m->build);
    }
    for (int i = 0; i < p->slots; i++) want(w, p->slot[i], m->build);
    return w->n > 0;
}
/* What fenp_gradients gives where every path runs through stop_gradient or another flat op. */
static bool no_slope(const fen_node *x) { return x->op == &fenp_op_fill && x->attrs.real[0] == 0; }
static bool differentiate(fenp_making *m, fenp_player *p, fenp_wanted *w, fen_node *y) {
    fen_builder *b = m->build->b;
    bool *reached = fenp_new((size_t)w->n + 1), any = false;
    w->gradient = fenp_new((size_t)w->n * sizeof *w->gradient + 1);
    b->place = p->at;
    fenp_gradients(b, p->maximize ? fen_neg(b, y) : y, NULL, w->raw, w->n, w->gradient, reached);
    for (int i = 0; i < w->n; i++) any |= reached[i] && !no_slope(w->gradient[i]);
    fenp_delete(reached);
    if (any || fenp_is_faulty(b, y)) return true;
    fenp_fail(m->run->faults, p->at, "player `%s`: its objective does not depend on what it updates", p->name);
    return false;
}
/* All gradients scaled so that their common norm is at most clip_norm; + 1e-6 as in PyTorch's clip_grad_norm_. */
static void clip(fenp_making *m, fenp_wanted *w, const fenp_context *c, const fenp_item *body) {
    fen_builder *b = m->build->b;
    const fenp_item *item = body ? fenp_item_get(body, "clip_norm") : NULL;
    if (!item || item->sort == FENP_NULL) return;
    fenp_value *v = fenp_evaluate_text(c, item);
    if (fenp_is_fault(m->build, v)) {
        m->good = false;
        return;
    }
    fen_node *most = one_number(c, v, item, "clip_norm"), *sum = fenp_number(b, 0);
    double number;
    if (fenp_constant(most, &number) && number <= 0) {
        fenp_wrong(c, item->at, "clip_norm: given %g; needs a number above 0", number);
        m->good = false;
        return;
    }
    static const fen_attribute limit = {.name = "clip_norm", .type = FEN_ATTR_REAL, .range = "(0, inf)"};
    if (!fenp_is_faulty(b, most) && !(fenp_node_of(most)->depends & FENP_ON_DRAW)) fenp_live_add(m->build, most, &limit, item);
    for (int i = 0; i < w->n; i++) sum = fen_add(b, sum, fen_sum(b, fen_square(b, w->gradient[i])));
    fen_node *scale = fen_min(b, fenp_number(b, 1), fen_div(b, most, fen_shift(b, fen_sqrt(b, sum), 1e-6)));
    for (int i = 0; i < w->n; i++) w->gradient[i] = fen_mul(b, w->gradient[i], scale);
}

/* ---- the optimizer ---- */
typedef struct chosen {
    const fen_function *function;
    const fenp_item *body;
    fenp_place at;
} chosen;
static bool choose(const fenp_context *c, fenp_player *p, chosen *o) {
    fenp_node_form f;
    fenp_kind kind;
    if (!p->optimizer) {
        fenp_fail(c->build->experiment->faults, p->at, "player `%s` updates and has no optimizer: write `optimizer: {adam: {rate: 1e-3}}`", p->name);
        return false;
    }
    if (!fenp_node_read(c, p->optimizer, &f, true) || !f.function) return false;
    o->function = fenp_function_named(c, f.function, &kind, f.at, false);
    o->body = f.body;
    o->at = f.at;
    if (!o->function) return false;
    if (kind == FENP_OPTIMIZER) return true;
    fenp_fail(c->build->experiment->faults, f.at, "`%s` is a %s; needs an optimizer", f.function, fenp_kind_name[kind]);
    return false;
}
static fen_node *next_value(fenp_making *m, fenp_player *p, const fenp_context *c, const chosen *o, fen_node *x, fen_node *g, const char *path) {
    fenp_invocation i = {.function = o->function, .kind = FENP_OPTIMIZER, .body = o->body, .at = o->at};
    fenp_value *in[2] = {fenp_value_new(m->build, x), fenp_value_new(m->build, g)};
    fenp_arena *a = &m->run->experiment->memory;
    i.input = fenp_arena_new(a, ((size_t)fenp_ports(o->function->inputs) + 1) * sizeof *i.input);
    i.input[0] = in[0];
    if (fenp_ports(o->function->inputs) > 1) i.input[1] = in[1];
    i.owner = fenp_arena_text(a, "optimizer/%s/%s/%s", m->phase->name, p->name, path);
    i.site = i.owner;
    fenp_value *v = fenp_invoke(c, &i);
    return fenp_is_fault(m->build, v) ? m->build->b->faulty : fenp_tensor(c, v, o->at);
}
static const char *short_path(const char *slot) { return strncmp(slot, "params/", 7) == 0 ? slot + 7 : slot; }
static void step_tensor(fenp_making *m, fenp_player *p, const fenp_context *c, const chosen *o, fenp_wanted *w, int i) {
    fen_node *x = next_value(m, p, c, o, w->raw[i], w->gradient[i], short_path(w->slot[i]->name));
    fenp_guard(m, w->gradient[i]);
    fenp_slot_assign(m->build->b, w->slot[i], x);
}
/* An element-by-element optimizer runs once on the whole block. */
static void step_block(fenp_making *m, fenp_player *p, const fenp_context *c, const chosen *o, fenp_wanted *w, int first, int n, const char *path) {
    fen_builder *b = m->build->b;
    fen_node **x = fenp_new((size_t)n * sizeof *x), **g = fenp_new((size_t)n * sizeof *g);
    bool apart = false;
    for (int i = 0; i < n; i++) {
        x[i] = fenp_relabel(b, w->raw[first + i], fen_vector(w->slot[first + i]->count));
        g[i] = fenp_relabel(b, w->gradient[first + i], fen_vector(w->slot[first + i]->count));
    }
    fen_node *gradient = n == 1 ? g[0] : fenp_concat_at(b, g, n, 0);
    for (int i = 0; i < n; i++) apart |= w->slot[first + i]->count >= LARGE;
    for (int i = 0; i < n && apart; i++) fenp_guard(m, w->gradient[first + i]);
    if (!apart) fenp_guard(m, gradient);
    fen_node *next = next_value(m, p, c, o, n == 1 ? x[0] : fenp_concat_at(b, x, n, 0), gradient, path);
    fenp_assign_vector(b, w->slot + first, n, next);
    fenp_delete(x);
    fenp_delete(g);
}
void fenp_assign_vector(fen_builder *b, fenp_slot *const *slot, int n, fen_node *v) {
    int64_t at = 0;
    for (int i = 0; i < n; i++) {
        fen_node *piece = fenp_is_faulty(b, v) ? v : fenp_slice_at(b, v, 0, at, 1, slot[i]->count);
        fenp_slot_assign(b, slot[i], fenp_relabel(b, piece, slot[i]->shape));
        at += slot[i]->count;
    }
}
static void optimise(fenp_making *m, fenp_player *p, fenp_wanted *w, const fenp_context *c) {
    chosen o;
    fenp_entry(m->build, "%s.%s.optimizer", m->phase->name, p->name);
    if (!choose(c, p, &o)) {
        m->good = false;
        return;
    }
    clip(m, w, c, o.body);
    int i = 0;
    for (int k = 0; k < p->networks; k++) {
        fenp_block *block = fenp_store_block(m->run->experiment->store, p->network[k]->block);
        int n = block ? block->n : 0;
        if (o.function->flags & FEN_PER_ELEMENT && n) step_block(m, p, c, &o, w, i, n, short_path(block->name));
        else
            for (int s = 0; s < n; s++) step_tensor(m, p, c, &o, w, i + s);
        i += n;
    }
    for (; i < w->n; i++) step_tensor(m, p, c, &o, w, i);
}

/* ---- what `after` reads ---- */
/* Graph entries keep the turn's values from before the update: they are evaluated before it. */
static void evaluate_before(fenp_making *m, const fenp_context *c, const fenp_item *map) {
    for (int i = 0; map && i < map->n; i++) {
        const char *t = map->item[i]->text;
        for (char name[256]; t && *t;) {
            size_t n = strspn(t, "abcdefghijklmnopqrstuvwxyz0123456789_");
            if (n && n < sizeof name) {
                memcpy(name, t, n);
                name[n] = 0;
                fenp_definition *d = fenp_lookup(c->scope, name);
                if (d && d->meaning == FENP_A_NODE) fenp_definition_value(c, d, map->item[i]->at);
            }
            t += n ? n : 1;
        }
    }
    (void)m;
}

/* ---- commits ---- */
static void commit_parameters(fenp_making *m) {
    fenp_store *s = m->run->experiment->store;
    fen_builder *b = m->build->b;
    for (int i = 0; i < s->n; i++) {
        fenp_block *k = s->block[i];
        if (strncmp(k->name, "params/", 7)) continue;
        int changed = 0;
        for (int j = 0; j < k->n; j++) changed += fenp_map_get(&b->current, k->slot[j]->name) != NULL;
        if (changed && changed == k->n && k->n > 1) {
            fen_node **part = fenp_new((size_t)k->n * sizeof *part);
            for (int j = 0; j < k->n; j++) part[j] = fenp_relabel(b, fenp_slot_read(b, k->slot[j]), fen_vector(k->slot[j]->count));
            add_target(m, fenp_concat_at(b, part, k->n, 0), fenp_block_whole(s, k), FENP_WRITE);
            fenp_delete(part);
        } else
            for (int j = 0; j < k->n && changed; j++)
                if (fenp_map_get(&b->current, k->slot[j]->name)) add_target(m, fenp_slot_read(b, k->slot[j]), k->slot[j], FENP_WRITE);
    }
}
/* A state of a network is stored in turns of players that update it; any other one in every turn that uses it. */
static bool stores(fenp_making *m, const fenp_slot *s) {
    if (strncmp(s->name, "state/", 6)) return true;
    fenp_experiment *x = m->run->experiment;
    for (int i = 0; i < x->networks; i++) {
        fenp_network *n = x->network[i];
        size_t length = strlen(n->state);
        if (n->copy || strncmp(s->name, n->state, length) || s->name[length] != '/') continue;
        for (int p = 0; p < m->turn->players; p++) {
            fenp_player *player = m->turn->player[p];
            for (int k = 0; k < player->networks; k++)
                if (player->network[k] == n) return true;
            for (int k = 0; k < player->slots; k++)
                if (strcmp(player->slot[k]->block->name, n->block) == 0) return true;
        }
        return false;
    }
    return true;
}
static void commit_states(fenp_making *m, int settings, const int *counts) {
    fen_builder *b = m->build->b;
    for (int i = 0; i < settings; i++) {
        fenp_setting *s = &b->setting[i];
        int n = counts ? counts[i] : s->n;
        if (!n || !stores(m, s->slot)) continue;
        fen_node *x = s->value[0];
        for (int k = 1; k < n; k++) x = fen_add(b, x, s->value[k]);
        if (n > 1) x = fen_scale(b, x, 1.0 / n);
        add_target(m, x, s->slot, FENP_WRITE);
    }
}

/* ---- what is logged ---- */
static void log_values(fenp_making *m, fenp_player *p, const fenp_context *c) {
    for (int i = p->objective; i < p->count; i++) {
        fenp_entry(m->build, "%s.%s.log.%s", m->phase->name, p->name, p->logged[i].name);
        fenp_value *v = fenp_evaluate_text(c, p->logged[i].item);
        fen_node *x = one_number(c, v, p->logged[i].item, "a logged value");
        p->logged[i].unit = v->unit;
        p->logged[i].target = m->targets;
        if (fenp_is_faulty(m->build->b, x)) m->good = false;
        add_target(m, x, NULL, FENP_KEEP);
    }
}

/* ---- the whole turn ---- */
static void mark_updated(fenp_making *m) {
    fenp_experiment *x = m->run->experiment;
    for (int i = 0; i < x->networks; i++) x->network[i]->updated = false;
    for (int p = 0; p < m->phase->players; p++) {
        for (int k = 0; k < m->phase->player[p].networks; k++) m->phase->player[p].network[k]->updated = true;
        for (int k = 0; k < m->phase->player[p].slots; k++)
            for (int i = 0; i < x->networks; i++)
                if (strcmp(x->network[i]->block, m->phase->player[p].slot[k]->block->name) == 0) x->network[i]->updated = true;
    }
}
/* Accumulate: one program adds the gradients of each draw into slots of work; a second one reads them. */
static void add_up(fenp_making *m, fenp_wanted *w, bool second) {
    fenp_experiment *x = m->run->experiment;
    fen_builder *b = m->build->b;
    m->turn->works = w->n;
    if (second) w->gradient = fenp_new((size_t)w->n * sizeof *w->gradient + 1);
    if (!m->turn->work) m->turn->work = fenp_arena_new(&x->memory, (size_t)w->n * sizeof *m->turn->work);
    for (int i = 0; i < w->n; i++) {
        const char *name = fenp_arena_text(&x->memory, "work/%s/%s/%s", m->phase->name, m->turn->player[0]->name, w->slot[i]->name);
        if (!m->turn->work[i])
            m->turn->work[i] = fenp_store_slot(x->store, name, name, w->slot[i]->shape, FEN_REAL, b->doubles || !w->slot[i]->shape.rank, 0);
        if (second) w->gradient[i] = fen_scale(b, fenp_slot_read(b, m->turn->work[i]), 1.0 / (double)m->turn->draws);
        else {
            fenp_guard(m, w->gradient[i]);
            add_target(m, w->gradient[i], m->turn->work[i], FENP_ADD);
        }
    }
}
/* A player that cannot be built: what else is wrong with it is said all the same. */
static void look_at_rest(fenp_making *m, fenp_player *p) {
    fenp_context c = context(m, p);
    chosen o;
    fenp_enter(m->build, c.world);
    if (p->objective) fenp_find_updated(m, p, &c);
    if (p->objective && choose(&c, p, &o)) {
        fenp_invocation i = {.function = o.function, .kind = FENP_OPTIMIZER, .body = o.body, .at = o.at};
        fenp_call call = {.function = o.function};
        fenp_bind_attributes(&c, &i, &call);
    }
    log_values(m, p, &c);
    fenp_right_sides(m, p, &c, p->assign, "assign");
    fenp_right_sides(m, p, &c, p->after, "after");
}
static int *count_settings(fen_builder *b) {
    int *n = fenp_new((size_t)b->settings * sizeof *n + 1);
    for (int i = 0; i < b->settings; i++) n[i] = b->setting[i].n;
    return n;
}
/* Players of one turn must not want the same tensor: which update would hold? */
static bool disjoint(fenp_making *m, const fenp_wanted *w) {
    for (int i = 1; i < m->turn->players; i++)
        for (int k = 0; k < i; k++)
            for (int a = 0; a < w[i].n; a++)
                for (int b = 0; b < w[k].n; b++) {
                    if (w[i].slot[a] != w[k].slot[b]) continue;
                    fenp_fail(m->run->faults, m->turn->player[i]->at, "player `%s`: `%s` is updated by player `%s` in the same turn (simultaneous)",
                              m->turn->player[i]->name, short_path(w[i].slot[a]->name), m->turn->player[k]->name);
                    return false;
                }
    return true;
}
/* All players start from the same point: right sides of `assign`, then every update, then `after` on what they gave. */
static void update(fenp_making *m, fenp_wanted *w, const fenp_context *c) {
    fenp_turn *t = m->turn;
    fenp_assignment *a = fenp_new((size_t)t->players * sizeof *a);
    for (int i = 0; i < t->players; i++) a[i] = fenp_right_sides(m, t->player[i], &c[i], t->player[i]->assign, "assign");
    fenp_assigned_apart(m, a, w, t->players);
    for (int i = 0; i < t->players && m->good; i++)
        if (t->player[i]->objective) optimise(m, t->player[i], &w[i], &c[i]);
    for (int i = 0; i < t->players && m->good; i++) fenp_assign(m, &a[i]);
    for (int i = 0; i < t->players && m->good; i++) a[i] = fenp_right_sides(m, t->player[i], &c[i], t->player[i]->after, "after");
    if (m->good) fenp_assigned_apart(m, a, NULL, t->players);
    for (int i = 0; i < t->players && m->good; i++) fenp_assign(m, &a[i]);
    fenp_delete(a);
}
static void play(fenp_making *m, bool gathering) {
    fenp_turn *t = m->turn;
    fen_builder *b = m->build->b;
    fenp_wanted *w = fenp_new((size_t)t->players * sizeof *w);
    fenp_context *c = fenp_new((size_t)t->players * sizeof *c);
    for (int i = 0; i < t->players && m->good; i++) {
        fenp_player *p = t->player[i];
        c[i] = context(m, p);
        fenp_enter(m->build, c[i].world);
        if (!p->objective) continue;
        if (t->draws > 1 && !gathering) { /* the gradients were added up before */
            m->good &= want_all(m, p, &w[i]);
            if (m->good) add_up(m, &w[i], true);
            continue;
        }
        fen_node *y = objective(m, p, &c[i]);
        if (fenp_is_faulty(b, y)) {
            m->good = false;
            continue;
        }
        fenp_guard(m, y);
        p->logged[0].target = m->targets;
        add_target(m, y, NULL, FENP_KEEP);
        m->good &= fenp_find_updated(m, p, &c[i]) && want_all(m, p, &w[i]) && differentiate(m, p, &w[i], y);
        if (m->good && gathering) add_up(m, &w[i], false);
    }
    m->good = m->good && disjoint(m, w);
    for (int i = 0; i < t->players && m->good; i++) { evaluate_before(m, &c[i], t->player[i]->after); }
    int settings = b->settings, *counts = count_settings(b);
    if (m->good && gathering == (t->draws > 1))
        for (int i = 0; i < t->players; i++) log_values(m, t->player[i], &c[i]);
    int after_log = b->settings, *logged = count_settings(b);
    if (m->good && !gathering) update(m, w, c);
    if (m->good && !(t->draws > 1 && !gathering)) commit_states(m, settings, counts);
    for (int i = 0; i < b->settings && m->good && !gathering; i++) { /* of optimizers, and of calls that `assign` reached */
        fenp_setting *s = &b->setting[i];
        int old = i < after_log ? logged[i] : 0;
        if (s->n > old && (i >= settings || !counts[i])) {
            fenp_setting rest = {s->slot, s->value + old, s->n - old};
            fen_node *x = rest.value[0];
            for (int k = 1; k < rest.n; k++) x = fen_add(b, x, rest.value[k]);
            if (stores(m, s->slot)) add_target(m, rest.n > 1 ? fen_scale(b, x, 1.0 / rest.n) : x, s->slot, FENP_WRITE);
        }
    }
    if (m->good && !gathering) commit_parameters(m);
    if (!m->good && b->mode == FEN_INITIALISE)
        for (int i = 0; i < t->players; i++) look_at_rest(m, t->player[i]);
    for (int i = 0; i < t->players; i++) {
        fenp_delete(w[i].slot);
        fenp_delete(w[i].raw);
        fenp_delete(w[i].gradient);
    }
    fenp_delete(w);
    fenp_delete(c);
    fenp_delete(counts);
    fenp_delete(logged);
}
static bool build_one(fenp_making *m, fenp_task *task, fenp_chains **chains, fen_mode mode, bool gathering) {
    fenp_run *r = m->run;
    m->target = NULL;
    m->targets = 0;
    m->guard = NULL;
    play(m, gathering);
    fenp_chains_build(m->build);
    if (mode == FEN_INITIALISE || !m->good || r->faults->n) {
        fenp_delete(m->target);
        return m->good;
    }
    int guard_at = -1;
    if (m->guard) {
        guard_at = m->targets;
        add_target(m, m->guard, NULL, FENP_KEEP);
    }
    task->build = m->build;
    task->program = fenp_compiled(r, m->build->b, m->target, m->targets, guard_at);
    fenp_delete(m->target);
    if (task->program) *chains = fenp_chained(r, task);
    return task->program && *chains;
}
/* A program of its own for what must hold before the turn may change anything. */
static bool build_live(fenp_run *r, fenp_turn *t, fenp_build *u) {
    if (!u->lives) return true;
    fenp_target *target = fenp_new((size_t)u->lives * sizeof *target);
    for (int i = 0; i < u->lives; i++) target[i].node = u->live[i].node;
    t->live.build = u;
    t->live.program = fenp_compiled(r, u->b, target, u->lives, -1);
    fenp_delete(target);
    return t->live.program != NULL;
}
bool fenp_player_build(fenp_run *r, fenp_phase *p, fenp_turn *t, fen_mode mode) {
    fenp_making m = {.run = r, .phase = p, .turn = t, .good = true};
    bool declaring = mode == FEN_INITIALISE;
    t->draws = t->player[0]->draws;
    m.build = declaring ? t->build : fenp_build_new(r->experiment, mode, r->experiment->doubles);
    t->build = m.build;
    m.build->final |= !declaring;
    bool good = true;
    for (int i = 0; i < t->players && !declaring; i++) {
        fenp_context c = context(&m, t->player[i]);
        good &= fenp_find_updated(&m, t->player[i], &c);
    }
    if (!good) return false;
    mark_updated(&m);
    if (t->draws > 1) {
        if (!declaring) m.build = t->gather_build = fenp_build_new(r->experiment, mode, r->experiment->doubles);
        if (!build_one(&m, &t->gather, &t->gather_chains, mode, true)) return false;
        m.build = t->build;
        m.good = true;
    }
    return build_one(&m, &t->task, &t->chains, mode, false) && (declaring || build_live(r, t, t->build));
}
