/* aims.c: targets made ready for placing. What is written is a value of its own, not a view: a concat becomes writes of its pieces
 * (each may then be computed right in its slot), all the slices of one value become one write. A value that lies in persistent
 * memory which another target changes is copied first: a and b may change places. */
#include "program/plan.h"
#include <stdlib.h>
#include <string.h>

static void copy4(int n, const void *const *in, void *out, const fen_attrs *a) { (void)a; memmove(out, in[0], (size_t)n * 4); }
static void copy8(int n, const void *const *in, void *out, const fen_attrs *a) { (void)a; memmove(out, in[0], (size_t)n * 8); }
const fen_op fenp_op_copy = {.name = "copy", .arity = 1, .tile = {copy4, copy8}};

static fen_node *copied(fenp_simplifier *s, fen_node *x) {
    fen_node y = *x;
    memset(&y.attrs, 0, sizeof y.attrs);
    y.op = &fenp_op_copy;
    y.in = &x;
    y.n = 1;
    fen_node *z = fenp_intern(s, &y);
    if (!fenp_value_of(z)->origin) fenp_value_of(z)->origin = fenp_value_of(x)->origin;
    return z;
}
/* Through views that keep all elements. */
static fen_node *without_views(fen_node *x) {
    while (fenp_is_view(x, NULL) && fenp_count(&x->shape) == fenp_count(&x->in[0]->shape)) x = x->in[0];
    return x;
}
static void put(fenp_plan *p, fenp_aim a) {
    p->aim = fenp_more(p->aim, p->aims, sizeof *p->aim);
    p->aim[p->aims++] = a;
}
/* Pieces go to the end of the list, where the loop meets them again. */
static void split_joins(fenp_plan *p) {
    for (int i = 0; i < p->aims; i++) {
        fenp_aim a = p->aim[i];
        if (a.how == FENP_KEEP) continue;
        p->aim[i].node = a.node = without_views(a.node);
        if (!fenp_is_join(a.node)) continue;
        p->aim[i].node = NULL;
        for (int k = 0; k < a.node->n; k++) {
            put(p, (fenp_aim){.node = a.node->in[k], .how = a.how, .block = a.block, .offset = a.offset, .index = a.index});
            a.offset += fenp_count(&a.node->in[k]->shape);
        }
    }
}
static void drop_empty(fenp_plan *p) {
    int n = 0;
    for (int i = 0; i < p->aims; i++) if (p->aim[i].node) p->aim[n++] = p->aim[i];
    p->aims = n;
}

/* A write of a contiguous slice of `whole`. */
typedef struct piece { int aim, whole; fenp_block *block; int64_t base, first, count; } piece;
static int by_whole(const void *a, const void *b) {
    const piece *x = a, *y = b;
    if (x->whole != y->whole) return x->whole < y->whole ? -1 : 1;
    if (x->block != y->block) return (uintptr_t)x->block < (uintptr_t)y->block ? -1 : 1;
    if (x->base != y->base) return x->base < y->base ? -1 : 1;
    return (x->first > y->first) - (x->first < y->first);
}
static fen_node *sliced(fen_node *x, int64_t *first) {
    int64_t offset;
    *first = 0;
    while (fenp_is_view(x, &offset)) {
        *first += offset;
        x = x->in[0];
    }
    return x;
}
static void join_slices(fenp_plan *p) {
    piece *q = fenp_new(((size_t)p->aims + 1) * sizeof *q);
    int n = 0;
    for (int i = 0; i < p->aims; i++) {
        fenp_aim *a = &p->aim[i];
        int64_t first;
        const fen_node *whole = sliced(a->node, &first);
        if (a->how == FENP_WRITE && whole != a->node)
            q[n++] = (piece){i, whole->id, a->block, a->offset - first, first, fenp_count(&a->node->shape)};
    }
    qsort(q, (size_t)n, sizeof *q, by_whole);
    for (int i = 0, end; i < n; i = end) {
        int64_t next = 0;
        for (end = i; end < n && q[end].whole == q[i].whole && q[end].block == q[i].block && q[end].base == q[i].base && q[end].first == next; end++)
            next += q[end].count;
        if (end == i) end++;
        fen_node *whole = &p->at[q[i].whole]->base.node;
        if (next != fenp_count(&whole->shape)) continue;
        fenp_aim *a = &p->aim[q[i].aim];
        a->node = whole;
        a->offset = q[i].base;
        for (int k = i + 1; k < end; k++) p->aim[q[k].aim].node = NULL;
    }
    fenp_delete(q);
}

/* Whether a target other than aim `but` changes any of these elements. */
static bool is_changed(const fenp_plan *p, int but, const fenp_block *block, int64_t from, int64_t to) {
    for (int i = 0; i < p->aims; i++) {
        const fenp_aim *a = &p->aim[i];
        if (i == but || a->how == FENP_KEEP || a->block != block) continue;
        if (a->offset < to && a->offset + fenp_count(&a->node->shape) > from) return true;
    }
    return false;
}
static void copy_changed(fenp_simplifier *s) {
    fenp_plan *p = s->plan;
    for (int i = 0; i < p->aims; i++) {
        fenp_aim *a = &p->aim[i];
        int64_t first, n = fenp_count(&a->node->shape);
        const fen_node *slot = sliced(a->node, &first);
        if (slot->op != &fenp_op_slot) continue;
        fenp_block *block = (fenp_block *)(intptr_t)slot->attrs.whole[0];
        first += slot->attrs.whole[1];
        bool itself = a->how == FENP_WRITE && block == a->block && first == a->offset;
        if (!itself && is_changed(p, i, block, first, first + n)) a->node = copied(s, a->node);
    }
    for (int i = 0; i < p->aims; i++) {                              /* writing a slot's value to the slot */
        fenp_aim *a = &p->aim[i];
        bool itself = a->how == FENP_WRITE && a->node->op == &fenp_op_slot && a->node->attrs.whole[0] == (int64_t)(intptr_t)a->block
            && a->node->attrs.whole[1] == a->offset;
        if (itself) a->node = NULL;
    }
    drop_empty(p);
}
void fenp_aims(fenp_simplifier *s) {
    split_joins(s->plan);
    drop_empty(s->plan);
    join_slices(s->plan);
    drop_empty(s->plan);
    copy_changed(s);
}
