/* scope.c: what a name means where it stands: locals of networks, names of the file, rebound by worlds (`with`). */
#include "language/language.h"
#include <string.h>

fenp_definition *fenp_lookup(const fenp_scope *s, const char *name) {
    while (!s->space) s = s->up;
    fenp_definition *d = fenp_map_get(&s->space->names, name);
    if (d) d->used = true;
    return d;
}
fenp_local *fenp_local_find(fenp_scope *s, const char *name) {
    for (; s; s = s->up)
        for (int i = s->locals; i-- > 0;)
            if (strcmp(s->local[i]->name, name) == 0) {
                s->local[i]->used = true;
                return s->local[i];
            }
    return NULL;
}
fenp_scope *fenp_scope_new(fenp_experiment *x, fenp_scope *up, bool network) {
    fenp_scope *s = fenp_arena_new(&x->memory, sizeof *s);
    s->up = up;
    s->network = network || (up && up->network);
    s->defaults = up ? up->defaults : NULL;
    return s;
}
/* Locals of a scope lie in the experiment's arena in a list that is copied when it grows: scopes are many and small. */
fenp_local *fenp_local_add(fenp_experiment *x, fenp_scope *s, const char *name) {
    if ((s->locals & (s->locals - 1)) == 0) {
        fenp_local **more = fenp_arena_new(&x->memory, (size_t)(s->locals ? 2 * s->locals : 1) * sizeof *more);
        if (s->locals) memcpy(more, s->local, (size_t)s->locals * sizeof *more);
        s->local = more;
    }
    fenp_local *l = fenp_arena_new(&x->memory, sizeof *l);
    l->name = name;
    return s->local[s->locals++] = l;
}
void fenp_local_value(fenp_experiment *x, fenp_scope *s, const char *name, fenp_value *v) { fenp_local_add(x, s, name)->value = v; }
void fenp_local_number(fenp_experiment *x, fenp_scope *s, const char *name, int64_t whole) {
    fenp_local *l = fenp_local_add(x, s, name);
    l->number = true;
    l->whole = whole;
}
const char *const *fenp_names_in(fenp_experiment *x, const fenp_scope *s) {
    int n = 0;
    const fenp_scope *q = s;
    for (; q; q = q->up) n += q->locals + (q->space ? q->space->names.n : 0);
    const char **name = fenp_arena_new(&x->memory, ((size_t)n + 1) * sizeof *name);
    n = 0;
    for (; s; s = s->up) {
        for (int i = 0; i < s->locals; i++) name[n++] = s->local[i]->name;
        for (int i = 0; s->space && i < s->space->names.n; i++) name[n++] = s->space->names.key[i];
    }
    return name;
}

/* ---- worlds ---- */
/* w without one of its frames: what a rebound name stands for is not rebound by the same `with` again, but inner ones (another batch) hold. */
static fenp_world *without(fenp_world *w, const fenp_world *frame) {
    if (w == frame) return w->up;
    for (int i = 0; i < w->skips; i++)
        if (w->skip[i].frame == frame) return w->skip[i].world;
    fenp_arena *m = &w->build->experiment->memory;
    fenp_world *n = fenp_arena_new(m, sizeof *n);
    *n = (fenp_world){.up = without(w->up, frame), .bound = w->bound, .bounds = w->bounds, .build = w->build};
    struct fenp_skip *more = fenp_arena_new(m, (size_t)(w->skips + 1) * sizeof *more);
    if (w->skips) memcpy(more, w->skip, (size_t)w->skips * sizeof *more);
    more[w->skips++] = (struct fenp_skip){frame, n};
    w->skip = more;
    return n;
}
fenp_binding *fenp_bound(fenp_world *w, const fenp_definition *d, fenp_world **outer) {
    for (fenp_world *f = w; f; f = f->up)
        for (int i = 0; i < f->bounds; i++)
            if (f->bound[i].from == d) {
                if (outer) *outer = without(w, f);
                return &f->bound[i];
            }
    return NULL;
}
static bool is_plain_name(const fenp_item *i) { return i->sort == FENP_TEXT && fenp_is_name(i->text); }
static void bind(fenp_build *u, fenp_world *w, fenp_world *up, const fenp_said *said) {
    fenp_experiment *x = u->experiment;
    fenp_scope *s = said->scope;
    fenp_definition *from = said->of ? said->of : fenp_lookup(s, said->name);
    const fenp_item *right = said->item;
    if (!from) {
        const char *near = fenp_nearest(said->name, fenp_names_in(x, s));
        fenp_fail(x->faults, said->at, "with: there is no name `%s` here%s%s%s", said->name, near ? "; did you mean `" : "", near ? near : "",
                  near ? "`?" : "");
        return;
    }
    fenp_binding *b = &w->bound[w->bounds];
    *b = (fenp_binding){.from = from, .text = {right, s, up}};
    if (is_plain_name(right) && !fenp_local_find(s, right->text)) b->to = fenp_lookup(s, right->text);
    bool same = b->to && b->to->meaning == from->meaning;
    if (from->meaning == FENP_A_SAMPLER && !same) {
        fenp_fail(x->faults, right->at, "with: the sampler `%s` needs another sampler; given `%s`", from->name,
                  right->text ? right->text : fenp_sort_name[right->sort]);
        return;
    }
    if (from->meaning == FENP_A_NODE) {
        fenp_fail(x->faults, said->at, "with: `%s` is a graph entry; samplers, networks, parameters and axes can be rebound", from->name);
        return;
    }
    if (from->meaning == FENP_A_NETWORK && !same) b->to = NULL; /* a vector: unrolled steps, averages */
    w->bounds++;
}
void fenp_with_add(fenp_experiment *x, fenp_with *w, const fenp_item *with, fenp_scope *s) {
    if (!with || with->sort == FENP_NULL) return;
    if (with->sort != FENP_MAPPING) {
        fenp_fail(x->faults, with->at, "with is %s; needs a mapping {name: value}", fenp_sort_name[with->sort]);
        return;
    }
    fenp_said *more = fenp_arena_new(&x->memory, (size_t)(w->n + with->n) * sizeof *more + 1);
    if (w->n) memcpy(more, w->said, (size_t)w->n * sizeof *more);
    w->said = more;
    for (int k = 0, n = w->n; k < with->n; k++) {
        bool there = false;
        for (int i = 0; i < n; i++) there |= strcmp(w->said[i].name, with->key[k]) == 0;
        if (!there) w->said[w->n++] = (fenp_said){.name = with->key[k], .item = with->item[k], .scope = s, .at = with->key_at[k]};
    }
}
fenp_world *fenp_world_said(fenp_build *u, fenp_world *up, const fenp_with *with) {
    if (!with->n) return up;
    fenp_world *w = fenp_arena_new(&u->experiment->memory, sizeof *w);
    w->up = up;
    w->build = u;
    w->bound = fenp_arena_new(&u->experiment->memory, (size_t)with->n * sizeof *w->bound);
    for (int k = 0; k < with->n; k++) bind(u, w, up, &with->said[k]);
    return w;
}
fenp_world *fenp_world_with(fenp_build *u, fenp_world *up, const fenp_item *with, fenp_scope *s) {
    fenp_with said = {0};
    fenp_with_add(u->experiment, &said, with, s);
    return fenp_world_said(u, up, &said);
}
/* Does the text of d, or of anything it names, mention one of the names that w binds? */
static bool mentions(fenp_definition *d, const fenp_world *w, fenp_map *seen);
static bool text_mentions(fenp_space *s, const char *t, const fenp_world *w, fenp_map *seen) {
    char name[256];
    while (*t) {
        size_t n = strspn(t, "abcdefghijklmnopqrstuvwxyz0123456789_");
        if (n && n < sizeof name) {
            memcpy(name, t, n);
            name[n] = 0;
            fenp_definition *d = fenp_map_get(&s->names, name);
            if (d && mentions(d, w, seen)) return true;
        }
        t += n ? n : 1;
    }
    return false;
}
static bool item_mentions(fenp_space *s, const fenp_item *i, const fenp_world *w, fenp_map *seen) {
    if (i->text && text_mentions(s, i->text, w, seen)) return true;
    for (int k = 0; k < i->n; k++) {
        if (i->sort == FENP_MAPPING && text_mentions(s, i->key[k], w, seen)) return true; /* `{generator: {}, in: z}` names a network */
        if (item_mentions(s, i->item[k], w, seen)) return true;
    }
    return false;
}
static bool mentions(fenp_definition *d, const fenp_world *w, fenp_map *seen) {
    for (int i = 0; i < w->bounds; i++)
        if (w->bound[i].from == d || w->bound[i].from->meaning == FENP_AN_AXIS) return true;
    if (fenp_map_get(seen, d->name)) return false;
    fenp_map_set(seen, d->name, d);
    return item_mentions(d->space, d->item, w, seen);
}
fenp_world *fenp_world_of(fenp_world *w, const fenp_definition *d) {
    while (w->up) {
        fenp_map seen = {0};
        bool yes = mentions((fenp_definition *)d, w, &seen);
        fenp_map_free(&seen);
        if (yes) break;
        w = w->up;
    }
    return w;
}

/* ---- axes ---- */
static bool size_from(const fenp_context *c, fenp_definition *axis, const fenp_item *item, int64_t *size) {
    if (is_plain_name(item)) { /* the name of another axis means its size */
        fenp_definition *other = fenp_lookup(c->scope, item->text);
        if (other && other->meaning == FENP_AN_AXIS) {
            *size = fenp_axis_size(c, other);
            axis->unsized |= other->unsized;
            return true;
        }
    }
    if (!fenp_whole_of(c, item, size)) return false;
    if (*size >= 1 && *size <= INT32_MAX) return true;
    fenp_fail(c->build->experiment->faults, item->at, "axis `%s`: given size %lld; needs 1 to %d", axis->name, (long long)*size, INT32_MAX);
    return false;
}
static void range_of(const fenp_context *c, fenp_definition *a) {
    static const char *const keys[] = {"from", "to", "size", NULL};
    fenp_experiment *x = c->build->experiment;
    fenp_item *from = fenp_item_get(a->item, "from"), *to = fenp_item_get(a->item, "to");
    if (!fenp_check_keys(x, a->item, "an axis", keys)) return;
    if (!fenp_item_get(a->item, "size")) {
        fenp_fail(x->faults, a->at, "axis `%s` has no size; write {from: .., to: .., size: ..}", a->name);
        return;
    }
    if (!from != !to) fenp_fail(x->faults, a->at, "axis `%s` needs both from and to", a->name);
    else if (from) {
        fenp_number_of(c, from, &a->from);
        fenp_number_of(c, to, &a->to);
        a->counted = false;
    }
}
int64_t fenp_axis_size(const fenp_context *c, fenp_definition *a) {
    fenp_world *outer = NULL;
    fenp_binding *b = fenp_bound(c->world, a, &outer);
    int m = fenp_memo_of(c->world, a); /* in this world: what `with` says of a name may read the name as it was outside */
    if (c->world->memo[m].busy) {
        fenp_fail(c->build->experiment->faults, a->at, "the size of axis `%s` depends on itself", a->name);
        return 1;
    }
    c->world->memo[m].busy = true;
    int64_t size = 1;
    if (!a->ranged) {
        a->ranged = a->counted = true;
        if (a->item->sort == FENP_MAPPING) range_of(c, a);
    }
    const fenp_item *item = a->item->sort == FENP_MAPPING ? fenp_item_get(a->item, "size") : a->item;
    fenp_context own = {c->build, a->text.scope, c->world}, there = own;
    if (b) there = (fenp_context){c->build, b->text.scope, outer ? outer : c->build->world};
    fenp_metrics *metrics = c->build->metrics;
    c->build->metrics = NULL; /* `size(batch)` is that of a draw, in metrics too */
    if (!item || !size_from(&there, a, b ? b->text.item : item, &size)) {
        a->unsized = true;
        size = 1;
    }
    c->build->metrics = metrics;
    c->world->memo[m].busy = false;
    return size;
}
fenp_world *fenp_enter(fenp_build *u, fenp_world *w) {
    fenp_world *was = u->entered ? u->entered : u->world;
    u->entered = w;
    if (was == w) return was;
    fenp_context c = {u, u->experiment->space->scope, w};
    for (int i = 0; i < u->experiment->axes; i++) u->b->axis[i].size = fenp_axis_size(&c, u->experiment->axis[i]);
    return was;
}
