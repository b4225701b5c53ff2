/* commit.c: values computed right where they are wanted. A written value goes straight into its slot if every reader of that *memory*,
 * under whatever name, comes before, or is the same group and reads the same element. The inputs of a contiguous concat are computed
 * in it: so gradients of a network's tensors need no packing. */
#include "program/plan.h"
#include <stdlib.h>

typedef struct reader { uintptr_t block; int64_t from, to; int unit; bool by_element; } reader;
static int by_block(const void *a, const void *b) {
    const reader *x = a, *y = b;
    return (x->block > y->block) - (x->block < y->block);
}
static reader *find_readers(const fenp_plan *p, int *n) {
    reader *r = NULL;
    *n = 0;
    for (int i = 0; i < p->n; i++) {
        const fen_node *x = &p->at[i]->base.node;
        for (int k = 0; p->unit_of[i] >= 0 && k < x->n; k++) {
            int64_t first;
            int id = fenp_root(p, x->in[k]->id, &first);
            const fen_node *slot = &p->at[id]->base.node;
            if (slot->op != &fenp_op_slot) continue;
            bool virtual = p->role[x->in[k]->id] == FENP_VIRTUAL;
            int64_t count = virtual ? fenp_count(&slot->shape) : fenp_count(&x->in[k]->shape);
            if (virtual) first = 0;
            r = fenp_more(r, *n, sizeof *r);
            first += slot->attrs.whole[1];
            r[(*n)++] = (reader){(uintptr_t)slot->attrs.whole[0], first, first + count, p->unit_of[i], p->role[i] == FENP_TILED && !virtual};
        }
    }
    if (*n) qsort(r, (size_t)*n, sizeof *r, by_block);
    return r;
}
static int first_of(const reader *r, int n, uintptr_t block) {
    int low = 0, high = n;
    while (low < high) {
        int mid = (low + high) / 2;
        if (r[mid].block < block) low = mid + 1;
        else high = mid;
    }
    return low;
}
static bool readers_allow(const fenp_plan *p, const fenp_aim *a, const reader *r, int n) {
    int64_t to = a->offset + fenp_count(&a->node->shape);
    int mine = p->unit_of[a->node->id];
    uintptr_t block = (uintptr_t)a->block;
    for (int i = first_of(r, n, block); i < n && r[i].block == block; i++) {
        if (r[i].from >= to || r[i].to <= a->offset || p->unit[r[i].unit].order < p->unit[mine].order) continue;
        bool same = r[i].unit == mine && r[i].by_element && r[i].from == a->offset && r[i].to == to;
        if (!same) return false;
    }
    return true;
}
static bool fits_block(const fen_node *x, const fenp_block *b) { return x->type == b->type && (x->type == FEN_INTEGER || x->wide == b->wide); }

void fenp_commit_in_place(fenp_plan *p) {
    int n;
    if (p->flags & FENP_NAIVE) return;
    reader *r = find_readers(p, &n);
    for (int i = 0; i < p->aims; i++) {
        fenp_aim *a = &p->aim[i];
        int u = p->unit_of[a->node->id];
        fenp_spot *s = &p->spot[a->node->id];
        if (a->how != FENP_WRITE || u < 0 || !p->unit[u].commits || s->where || s->kept || p->role[a->node->id] == FENP_JOIN) continue;
        if (!fits_block(a->node, a->block) || !readers_allow(p, a, r, n)) continue;
        s->where = FENP_IN_SLOT;
        s->block = a->block;
        s->offset = a->offset * (int64_t)fenp_cell(a->node);
        a->in_place = true;
    }
    fenp_delete(r);
}

/* The value that may be computed in place of input k of join i; -1: it must be copied. */
static int guest(const fenp_plan *p, int i, int k) {
    const fen_node *in = p->at[i]->base.node.in[k];
    if (p->role[in->id] == FENP_VIRTUAL) return -1;
    int64_t first;
    int r = fenp_root(p, in->id, &first);
    bool whole = first == 0 && fenp_count(&p->at[r]->base.node.shape) == fenp_count(&in->shape);
    return p->unit_of[r] >= 0 && whole && !p->spot[r].where ? r : -1;
}
void fenp_host_joins(fenp_plan *p) {
    for (int i = p->n - 1; i >= 0; i--) {                            /* outer ones first */
        const fen_node *x = &p->at[i]->base.node;
        int64_t at = 0;
        for (int k = 0; p->role[i] == FENP_JOIN && k < x->n; at += (int64_t)fenp_bytes(x->in[k++])) {
            int r = guest(p, i, k);
            if (r < 0) continue;
            p->spot[r].where = FENP_HOSTED;
            p->spot[r].host = i;
            p->spot[r].offset = at;
            p->spot[i].hosts = true;
        }
    }
    for (int i = 0; i < p->n; i++) {                                 /* a host is needed as long as its guests; a guest has the smaller id */
        const fenp_spot *s = &p->spot[i];
        if (s->where != FENP_HOSTED) continue;
        fenp_spot *h = &p->spot[s->host];
        if (s->first < h->first) h->first = s->first;
        if (s->last > h->last) h->last = s->last;
        h->kept |= s->kept;
    }
}
