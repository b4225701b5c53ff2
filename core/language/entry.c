/* entry.c: a graph entry or a sampler is evaluated once a world, apart from what is being built: under its own name as the site, per draw, and
 * with the axis sizes of its world. */
#include "language/language.h"
#include <string.h>

static int memo_add(fenp_world *w, const void *key) {
    if ((w->memos & (w->memos - 1)) == 0) {
        fenp_memo *more = fenp_arena_new(&w->build->experiment->memory, (size_t)(w->memos ? 2 * w->memos : 1) * sizeof *more);
        if (w->memos) memcpy(more, w->memo, (size_t)w->memos * sizeof *more);
        w->memo = more;
    }
    w->memo[w->memos] = (fenp_memo){.key = key};
    return w->memos++;
}
int fenp_memo_of(fenp_world *w, const void *key) {
    for (int i = 0; i < w->memos; i++)
        if (w->memo[i].key == key) return i;
    return memo_add(w, key);
}

/* What is being built stands aside meanwhile. */
typedef struct aside { fenp_map places; const char *entry, *site, *owner, *block; fenp_world *entered; fenp_metrics *metrics; fenp_vector vector; } aside;
static aside begin(fenp_build *u, fenp_world *w, const char *name) {
    aside a = {u->places, u->entry, u->b->site, u->b->owner, u->b->block, fenp_enter(u, w), u->metrics, u->vector};
    u->places = (fenp_map){0};
    u->metrics = NULL;                        /* entries are per draw */
    u->vector = (fenp_vector){0};
    fenp_entry(u, "%s", name);
    return a;
}
static void end(fenp_build *u, const aside *a) {
    fenp_map_free(&u->places);
    fenp_enter(u, a->entered);
    u->places = a->places;
    u->entry = a->entry;
    u->metrics = a->metrics;
    u->vector = a->vector;
    u->b->site = a->site;
    u->b->owner = a->owner;
    u->b->block = a->block;
}
fenp_value *fenp_once_a_world(const fenp_context *c, fenp_definition *d, fenp_place at, fenp_value *(*make)(const fenp_context *, fenp_definition *)) {
    fenp_build *u = c->build;
    fenp_world *w = fenp_world_of(c->world, d);
    int m = fenp_memo_of(w, d);               /* an index: the list grows meanwhile */
    if (w->memo[m].value) return w->memo[m].value;
    if (w->memo[m].busy) return fenp_wrong(c, at, "%s `%s` depends on itself", fenp_meaning_name[d->meaning], d->name);
    w->memo[m].busy = true;
    aside a = begin(u, w, d->name);
    fenp_value *v = make(&(fenp_context){u, d->space->scope, w}, d);
    end(u, &a);
    w->memo[m].busy = false;
    return w->memo[m].value = v;
}
