/* place.c: where each value lies in the arena: a sweep over the steps, giving memory to what they make and taking back what was read for
 * the last time (best fit, multiples of 64 bytes). An elementwise result may take over the memory of an operand that dies with it. */
#include "program/plan.h"
#include <string.h>

typedef struct hole { int64_t at, size; } hole;
typedef struct heap { hole *hole; int n; int64_t top; } heap;

static void remove_hole(heap *h, int i) {
    h->n--;
    memmove(h->hole + i, h->hole + i + 1, (size_t)(h->n - i) * sizeof *h->hole);
}
static int64_t take(heap *h, int64_t size) {
    int best = -1;
    for (int i = 0; i < h->n; i++) if (h->hole[i].size >= size && (best < 0 || h->hole[i].size < h->hole[best].size)) best = i;
    if (best < 0) {                                                  /* the last hole may grow */
        hole *last = h->n ? &h->hole[h->n - 1] : NULL;
        int64_t at = last && last->at + last->size == h->top ? last->at : h->top;
        if (at < h->top) h->n--;
        h->top = at + size;
        return at;
    }
    int64_t at = h->hole[best].at;
    h->hole[best].at += size;
    h->hole[best].size -= size;
    if (!h->hole[best].size) remove_hole(h, best);
    return at;
}
static void give(heap *h, int64_t at, int64_t size) {
    int low = 0, high = h->n;
    while (low < high) {
        int mid = (low + high) / 2;
        if (h->hole[mid].at < at) low = mid + 1;
        else high = mid;
    }
    h->hole = fenp_more(h->hole, h->n, sizeof *h->hole);
    memmove(h->hole + low + 1, h->hole + low, (size_t)(h->n - low) * sizeof *h->hole);
    h->hole[low] = (hole){at, size};
    h->n++;
    hole *mine = &h->hole[low];
    if (low + 1 < h->n && mine->at + mine->size == mine[1].at) { mine->size += mine[1].size; remove_hole(h, low + 1); }
    if (low > 0 && mine[-1].at + mine[-1].size == mine->at) { mine[-1].size += mine->size; remove_hole(h, low); }
}

/* From the step that makes a value to the last one that reads its memory. */
static void find_lives(fenp_plan *p) {
    for (int i = 0; i < p->n; i++) if (p->unit_of[i] >= 0) p->spot[i].first = p->spot[i].last = p->unit[p->unit_of[i]].order;
    for (int i = 0; i < p->n; i++) {
        const fen_node *x = &p->at[i]->base.node;
        for (int k = 0; p->unit_of[i] >= 0 && k < x->n; k++) {
            fenp_spot *s = &p->spot[fenp_root(p, x->in[k]->id, NULL)];
            if (p->unit[p->unit_of[i]].order > s->last) s->last = p->unit[p->unit_of[i]].order;
        }
    }
    for (int i = 0; i < p->aims; i++) {
        const fenp_aim *a = &p->aim[i];
        int r = fenp_root(p, a->node->id, NULL);
        if (p->unit_of[r] < 0) continue;
        p->spot[r].last = p->units;
        p->spot[r].kept |= a->how == FENP_KEEP;
    }
}
static bool is_stored(const fenp_plan *p, int i) {
    const fenp_spot *s = &p->spot[i];
    return p->unit_of[i] >= 0 && (s->last > s->first || p->role[i] != FENP_TILED);
}

static int host_of(const fenp_plan *p, int i) {
    while (p->spot[i].where == FENP_HOSTED) i = p->spot[i].host;
    return i;
}
/* May result i of unit u take over the memory of r, an operand? Every reading of that memory within the unit must be element by
 * element at the same place; views of a part, guests in it, and strided readings are not. */
static bool may_take(const fenp_plan *p, const fenp_job *u, int i, int r) {
    const fenp_spot *s = &p->spot[r];
    const fen_node *x = &p->at[i]->base.node, *y = &p->at[r]->base.node;
    if (s->where != FENP_ARENA || s->last != u->order || s->first == u->order || s->kept || s->given) return false;
    if (fenp_count(&x->shape) != fenp_count(&y->shape) || fenp_cell(x) != fenp_cell(y)) return false;
    for (int c = 0; c < u->n; c++) {
        const fen_node *v = &p->at[u->value[c]]->base.node;
        for (int k = 0; k < v->n; k++) {
            int64_t first;
            int j = v->in[k]->id, root = fenp_root(p, j, &first);
            if (p->unit_of[root] < 0 || host_of(p, root) != r) continue;
            if (root != r || first || p->role[j] == FENP_VIRTUAL || fenp_count(&v->in[k]->shape) != fenp_count(&x->shape)) return false;
        }
    }
    return true;
}
static int taken_over(const fenp_plan *p, const fenp_job *u, int i) {
    if (p->role[i] != FENP_TILED || p->spot[i].kept || p->flags & FENP_NAIVE || p->spot[i].first != u->order) return -1;
    for (int c = 0; c < u->n; c++) {
        const fen_node *v = &p->at[u->value[c]]->base.node;
        for (int k = 0; k < v->n; k++) {
            int r = fenp_root(p, v->in[k]->id, NULL);
            if (p->unit_of[r] >= 0 && may_take(p, u, i, r)) return r;
        }
    }
    return -1;
}
static void place(fenp_plan *p, heap *h, const fenp_job *u, int i) {
    fenp_spot *s = &p->spot[i];
    int from = taken_over(p, u, i);
    s->where = FENP_ARENA;
    if (from >= 0) {
        s->offset = p->spot[from].offset;
        p->spot[from].given = true;
        p->in_place++;
    } else s->offset = take(h, (int64_t)fenp_round64(fenp_bytes(&p->at[i]->base.node)));
}
/* Lists of values by step: head[k], next[value]; ended by -1. */
typedef struct lists { int *head, *next; } lists;
static lists lists_new(int steps, int values) {
    lists l = {fenp_new(((size_t)steps + 2) * sizeof(int)), fenp_new(((size_t)values + 1) * sizeof(int))};
    for (int k = 0; k < steps + 2; k++) l.head[k] = -1;
    return l;
}
static void lists_add(lists *l, int k, int i) {
    l->next[i] = l->head[k];
    l->head[k] = i;
}
static void lists_free(lists *l) {
    fenp_delete(l->head);
    fenp_delete(l->next);
}
static void sweep(fenp_plan *p) {
    lists born = lists_new(p->units, p->n), dies = lists_new(p->units, p->n);
    heap h = {NULL, 0, 0};
    for (int i = p->n - 1; i >= 0; i--) {
        if (!is_stored(p, i) || p->spot[i].where) continue;
        lists_add(&born, p->spot[i].first, i);
        p->values += fenp_round64(fenp_bytes(&p->at[i]->base.node));
    }
    for (int k = 0; k < p->units; k++) {
        for (int i = born.head[k]; i >= 0; i = born.next[i]) {
            place(p, &h, &p->unit[p->in_order[k]], i);
            lists_add(&dies, p->spot[i].last, i);
        }
        for (int i = dies.head[k]; i >= 0 && !(p->flags & FENP_NAIVE); i = dies.next[i])
            if (!p->spot[i].given) give(&h, p->spot[i].offset, (int64_t)fenp_round64(fenp_bytes(&p->at[i]->base.node)));
    }
    p->arena = (size_t)h.top;
    fenp_delete(h.hole);
    lists_free(&born);
    lists_free(&dies);
}
void fenp_place_all(fenp_plan *p) {
    p->spot = fenp_new(((size_t)p->n + 1) * sizeof *p->spot);
    find_lives(p);
    fenp_commit_in_place(p);
    fenp_host_joins(p);
    sweep(p);
}
