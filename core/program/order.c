/* order.c: the order of the steps: each after what it reads, among the ready ones the oldest first, those that may write persistent
 * memory last. A step that the guard depends on never writes: so every write comes after the guard. */
#include "program/plan.h"

typedef struct graph { int *head, *next, *to; } graph;

static void heap_push(int *h, int *n, const fenp_job *u, int x) {
    int i = (*n)++;
    for (; i && u[h[(i - 1) / 2]].key > u[x].key; i = (i - 1) / 2) h[i] = h[(i - 1) / 2];
    h[i] = x;
}
static int heap_pop(int *h, int *n, const fenp_job *u) {
    int top = h[0], x = h[--*n], i = 0;
    for (int c; (c = 2 * i + 1) < *n; i = c) {
        if (c + 1 < *n && u[h[c + 1]].key < u[h[c]].key) c++;
        if (u[h[c]].key >= u[x].key) break;
        h[i] = h[c];
    }
    h[i] = x;
    return top;
}
static graph edges(fenp_plan *p) {
    size_t all = 1;
    int e = 0;
    for (int i = 0; i < p->n; i++) all += (size_t)p->at[i]->base.node.n;
    graph g = {fenp_new(((size_t)p->units + 1) * sizeof(int)), fenp_new(all * sizeof(int)), fenp_new(all * sizeof(int))};
    for (int u = 0; u < p->units; u++) g.head[u] = -1;
    for (int i = 0; i < p->n; i++) {
        const fen_node *x = &p->at[i]->base.node;
        int to = p->unit_of[i];
        for (int k = 0; to >= 0 && k < x->n; k++) {
            int from = p->unit_of[fenp_root(p, x->in[k]->id, NULL)];
            if (from < 0 || from == to) continue;
            g.to[e] = to;
            g.next[e] = g.head[from];
            g.head[from] = e++;
            p->unit[to].waits++;
        }
    }
    return g;
}
/* Units that the guard depends on: a sweep from larger ids to smaller. A group is marked when any of its values is, so once more for
 * groups that are met again: until nothing changes (twice in practice). */
static void mark_guarded(fenp_plan *p) {
    if (p->guard < 0) return;
    for (int i = 0; i < p->aims; i++) {
        int u = p->unit_of[fenp_root(p, p->aim[i].node->id, NULL)];
        if (p->aim[i].index == p->guard && u >= 0) p->unit[u].guarded = true;
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (int i = p->n - 1; i >= 0; i--) {
            const fen_node *x = &p->at[i]->base.node;
            if (p->unit_of[i] < 0 || !p->unit[p->unit_of[i]].guarded) continue;
            for (int k = 0; k < x->n; k++) {
                int u = p->unit_of[fenp_root(p, x->in[k]->id, NULL)];
                if (u < 0 || p->unit[u].guarded) continue;
                p->unit[u].guarded = changed = true;
            }
        }
    }
}
static void mark_commits(fenp_plan *p) {
    for (int i = 0; i < p->aims; i++) {
        int u = p->unit_of[p->aim[i].node->id];
        if (p->aim[i].how != FENP_WRITE || u < 0 || p->unit[u].guarded || p->unit[u].commits) continue;
        p->unit[u].commits = true;
        p->unit[u].key += p->n;
    }
}
bool fenp_order(fenp_plan *p) {
    graph g = edges(p);
    int *heap = fenp_new(((size_t)p->units + 1) * sizeof *heap), n = 0, done = 0;
    p->in_order = fenp_new(((size_t)p->units + 1) * sizeof *p->in_order);
    mark_guarded(p);
    mark_commits(p);
    for (int u = 0; u < p->units; u++) if (!p->unit[u].waits) heap_push(heap, &n, p->unit, u);
    while (n) {
        int u = heap_pop(heap, &n, p->unit);
        p->unit[u].order = done;
        p->in_order[done++] = u;
        for (int e = g.head[u]; e >= 0; e = g.next[e]) if (!--p->unit[g.to[e]].waits) heap_push(heap, &n, p->unit, g.to[e]);
    }
    fenp_delete(g.head);
    fenp_delete(g.next);
    fenp_delete(g.to);
    fenp_delete(heap);
    return done == p->units;
}
