/* aim.c: targets by their names: networks, layers, tensors (`update`, `assign`, `after`), and the values that they are given. */
#include "train/aim.h"
#include "language/network.h"
#include "ops/ops.h"
#include <string.h>

/* ---- by name ---- */
/* The tensors of one layer: "params/net/layer/". */
static const char *layer_path(const fenp_making *m, const fenp_aim *a, const char *path) {
    const char *head = fenp_arena_text(&m->run->experiment->memory, "%s/%s/", a->network->block, path);
    for (int i = 0; a->block && i < a->block->n; i++)
        if (strncmp(a->block->slot[i]->name, head, strlen(head)) == 0) return head;
    return NULL;
}
static const char *const *networks(fenp_experiment *x) {
    const char **names = fenp_arena_new(&x->memory, ((size_t)x->space->names.n + 1) * sizeof *names);
    for (int i = 0, n = 0; i < x->space->names.n; i++) {
        const fenp_definition *d = x->space->names.value[i];
        if (d->meaning == FENP_A_NETWORK) names[n++] = d->name;
    }
    return names;
}
static bool aim_at(fenp_making *m, const fenp_context *c, const char *key, fenp_place at, bool layers, fenp_aim *a) {
    fenp_experiment *x = m->run->experiment;
    char *path = fenp_arena_text(&x->memory, "%s", key), *dot = strchr(path, '.');
    if (dot) *dot = 0;
    fenp_definition *d = fenp_lookup(c->scope, path);
    if (!d || d->meaning != FENP_A_NETWORK) {
        const char *near = d ? NULL : fenp_nearest(path, networks(x));
        fenp_fail(x->faults, at, "`%s` is no network and no tensor of one (network.layer.tensor)%s%s%s", key, near ? "; did you mean `" : "",
                  near ? near : "", near ? "`?" : "");
        return false;
    }
    a->network = fenp_network_of(c, d);
    if (!a->network) return false;
    if (!fenp_network_declare(c, a->network, at)) {
        if (m->build->final && !x->faults->n)
            fenp_fail(x->faults, at, "network `%s` is never called: its parameters take their shapes from a call", path);
        return false;
    }
    a->block = fenp_store_block(x->store, a->network->block);
    if (!a->block && !a->network->broken && m->build->final) fenp_fail(x->faults, at, "network `%s` has no parameters", path);
    if (!a->block || !dot) return a->block != NULL;
    for (char *p = dot + 1; *p; p++)
        if (*p == '.') *p = '/';
    a->slot = fenp_store_find(x->store, fenp_arena_text(&x->memory, "%s/%s", a->network->block, dot + 1));
    if (!a->slot && layers) a->layer = layer_path(m, a, dot + 1);
    if (a->slot || a->layer || a->network->broken) return a->slot || a->layer;
    fenp_tensor_path(c, a->network, NULL, dot + 1, true, at); /* says what there is */
    return false;
}
static fen_node *fitted(fenp_making *m, const fenp_context *c, const fenp_item *item, fenp_value *v, fen_shape want) {
    fen_builder *b = m->build->b;
    if (fenp_is_fault(m->build, v)) return b->faulty;
    fen_node *x = fenp_tensor(c, v, item->at);
    if (fenp_is_faulty(b, x)) return x;
    x = fenp_to_real(b, x);
    fen_shape joined;
    bool one = fenp_count(&x->shape) == 1 && fenp_count(&want) == 1 && x->shape.leads == 0;
    if (one) return fenp_relabel(b, x, want);
    if (fenp_align(&x->shape, &want, &joined) && fenp_same(&joined, &want)) return fenp_broadcast(b, x, want);
    return fenp_wrong(c, item->at, "the target has shape %s; given %s", fenp_shape_text(b, want, (char[160]){0}),
                      fenp_shape_text(b, x->shape, (char[160]){0}))
        ->node;
}
static bool overlap(const fenp_aim *a, const fenp_aim *b) { return a->block == b->block && (a->slot == b->slot || !a->slot || !b->slot); }
fenp_assignment fenp_right_sides(fenp_making *m, fenp_player *p, const fenp_context *c, const fenp_item *map, const char *what) {
    fen_builder *b = m->build->b;
    fenp_assignment a = {.map = map, .what = what};
    if (map && map->sort != FENP_MAPPING) {
        fenp_fail(m->run->faults, map->at, "%s: given %s; needs {network or tensor: expression}", what, fenp_sort_name[map->sort]);
        m->good = false;
        a.map = NULL;
    }
    if (!a.map) return a;
    a.to = fenp_arena_new(&m->run->experiment->memory, (size_t)map->n * sizeof *a.to + 1);
    a.value = fenp_arena_new(&m->run->experiment->memory, (size_t)map->n * sizeof *a.value + 1);
    for (int i = 0; i < map->n; i++) {
        a.value[i] = b->faulty;
        fenp_entry(m->build, "%s.%s.%s", m->phase->name, p->name, what);
        if (!aim_at(m, c, map->key[i], map->key_at[i], false, &a.to[i])) {
            m->good = false;
            continue;
        }
        for (int k = 0; k < i; k++)
            if (overlap(&a.to[k], &a.to[i])) {
                fenp_fail(m->run->faults, map->key_at[i], "%s: `%s` and `%s` overlap", what, map->key[k], map->key[i]);
                m->good = false;
            }
        fen_shape shape = a.to[i].slot ? a.to[i].slot->shape : fen_vector(a.to[i].block->count);
        b->place = map->item[i]->at;
        a.value[i] = fitted(m, c, map->item[i], fenp_evaluate_text(c, map->item[i]), shape);
        if (fenp_is_faulty(b, a.value[i])) m->good = false;
        else fenp_guard(m, a.value[i]);
    }
    return a;
}
void fenp_assign(fenp_making *m, const fenp_assignment *a) {
    fen_builder *b = m->build->b;
    for (int i = 0; a->map && i < a->map->n; i++) {
        if (fenp_is_faulty(b, a->value[i])) continue;
        if (a->to[i].slot) fenp_slot_assign(b, a->to[i].slot, a->value[i]);
        else fenp_assign_vector(b, a->to[i].block->slot, a->to[i].block->n, a->value[i]);
    }
}
void fenp_assigned_apart(fenp_making *m, const fenp_assignment *a, const fenp_wanted *w, int players) {
    for (int i = 0; i < players; i++)
        for (int k = 0; a[i].map && k < a[i].map->n; k++)
            for (int j = 0; j < players; j++) {
                bool twice = false;
                for (int n = 0; w && j != i && n < w[j].n; n++)
                    twice |= a[i].to[k].block == w[j].slot[n]->block && (!a[i].to[k].slot || a[i].to[k].slot == w[j].slot[n]);
                for (int n = 0; j < i && a[j].map && n < a[j].map->n; n++) twice |= overlap(&a[i].to[k], &a[j].to[n]);
                if (!twice || !m->good) continue;
                fenp_fail(m->run->faults, a[i].map->key_at[k], "player `%s`: `%s` is set by player `%s` in the same turn (simultaneous)",
                          m->turn->player[i]->name, a[i].map->key[k], m->turn->player[j]->name);
                m->good = false;
            }
}

/* ---- update ---- */
/* No tensor is updated twice in a turn of one player. */
static bool apart(fenp_making *m, const fenp_item *u, fenp_network *const *network, int networks, fenp_slot *const *slot, int slots) {
    const char *twice = NULL;
    for (int i = 0; i < networks; i++)
        for (int k = 0; k < i; k++)
            if (network[i] == network[k]) twice = network[i]->block;
    for (int i = 0; i < slots; i++)
        for (int k = 0; k < i; k++)
            if (slot[i] == slot[k]) twice = slot[i]->name;
    for (int i = 0; i < slots; i++)
        for (int k = 0; k < networks; k++)
            if (strcmp(slot[i]->block->name, network[k]->block) == 0) twice = slot[i]->name;
    char *path = fenp_arena_text(&m->run->experiment->memory, "%s", twice ? strchr(twice, '/') + 1 : "");
    for (char *p = path; *p; p++)
        if (*p == '/') *p = '.';
    if (twice) fenp_fail(m->run->faults, u->at, "update: `%s` is in it twice", path);
    else if (u && !networks && !slots) fenp_fail(m->run->faults, u->at, "update: the list is empty; needs networks or paths into them");
    return !twice && (!u || networks || slots);
}
static void updated_slots(const fenp_aim *a, fenp_slot **slot, int *n) {
    if (a->slot) slot[(*n)++] = a->slot;
    for (int i = 0; a->layer && i < a->block->n; i++)
        if (strncmp(a->block->slot[i]->name, a->layer, strlen(a->layer)) == 0) slot[(*n)++] = a->block->slot[i];
}
bool fenp_find_updated(fenp_making *m, fenp_player *p, const fenp_context *c) {
    if (p->networks || p->slots) return true;
    fenp_experiment *x = m->run->experiment;
    const fenp_item *u = fenp_item_get(p->item, "update");
    int n = !u || u->sort == FENP_NULL ? 0 : u->sort == FENP_LIST ? u->n : 1, networks = 0, slots = 0, most = n;
    bool good = true;
    fenp_aim *to = fenp_arena_new(&x->memory, (size_t)(n + 1) * sizeof *to);
    for (int i = 0; i < n; i++) {
        const fenp_item *item = u->sort == FENP_LIST ? u->item[i] : u;
        if (!item->text)
            fenp_fail(x->faults, item->at, "update: given %s; needs a network, a path into one (network.layer), or a list of them",
                      fenp_sort_name[item->sort]);
        bool found = item->text && aim_at(m, c, item->text, item->at, true, &to[i]);
        good &= found;
        if (found) most += to[i].block->n;
    }
    fenp_network **network = fenp_arena_new(&x->memory, (size_t)(n + 1) * sizeof *network);
    fenp_slot **slot = fenp_arena_new(&x->memory, (size_t)(most + 1) * sizeof *slot);
    for (int i = 0; i < n && good; i++) {
        if (!to[i].slot && !to[i].layer) network[networks++] = to[i].network;
        else updated_slots(&to[i], slot, &slots);
    }
    if (!good || !apart(m, u, network, networks, slot, slots)) return false;
    p->network = network;
    p->networks = networks;
    p->slot = slot;
    p->slots = slots;
    return true;
}
