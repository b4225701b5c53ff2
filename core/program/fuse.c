/* fuse.c: which values become groups of elementwise ops, run together over tiles.
 * Level of a value: the largest of its inputs', one more where a path enters a kernel, or a group's memory is cut by a view. Within one
 * level paths go from kernels to groups and from smaller to larger groups (by broadcasts) only, so joining elementwise values of equal level and
 * count can make no cycle. Where a group is full the level is raised instead of just stopping, for the same reason.
 * What is made from leaves alone, or from one tensor, sinks to its reader's level first: else it would be stored and read back. */
#include "program/plan.h"
#include <limits.h>
#include <string.h>

enum { LARGEST = 64, LARGEST_HOSTILE = 5 };
typedef struct fuser { fenp_plan *p; int *level, *up, *size, *last, *number; int most; } fuser;

static const fen_node *node_at(const fenp_plan *p, int id) { return &p->at[id]->base.node; }
static int64_t count_at(const fenp_plan *p, int id) { return fenp_count(&p->at[id]->base.node.shape); }

/* Roles */
static fenp_role first_role(fenp_plan *p, int id) {
    const fen_node *x = node_at(p, id);
    bool naive = p->flags & FENP_NAIVE;
    if (x->op == &fenp_op_slot || x->op == &fenp_op_feed) return FENP_LEAF;
    if (x->op == &fenp_op_broadcast && !fenp_is_view(x, NULL) && !naive) return FENP_VIRTUAL;
    if (x->op == &fenp_op_fill || (!p->at[id]->base.depends && fenp_data(p, &p->at[id]->base.node))) return FENP_FIXED;
    if (x->op->flags & FEN_VIEW) return p->role[x->in[0]->id] == FENP_VIRTUAL ? FENP_VIRTUAL : FENP_VIEW;
    if (fenp_is_view(x, NULL) && !naive) return FENP_VIEW;
    bool widens = x->op == &fenp_op_number && x->type == FEN_REAL && !x->in[0]->wide;
    if (x->op->tile[0] || x->op == &fenp_op_cast || widens) return FENP_TILED;
    return fenp_is_join(x) && !naive ? FENP_JOIN : FENP_KERNEL;
}
static fenp_role in_memory(const fenp_plan *p, int id) {             /* of a virtual value that is wanted in memory */
    const fen_node *x = node_at(p, id);
    if (x->op != &fenp_op_broadcast) return FENP_VIEW;
    return p->at[id]->base.depends ? FENP_KERNEL : FENP_FIXED;
}
static void find_roles(fenp_plan *p) {
    for (int i = 0; i < p->n; i++) p->role[i] = (uint8_t)first_role(p, i);
    for (int i = 0; i < p->aims; i++) {
        int id = p->aim[i].node->id;
        if (p->role[id] == FENP_VIRTUAL) p->role[id] = (uint8_t)in_memory(p, id);
    }
    for (int i = p->n - 1; i >= 0; i--) {                            /* only groups can read a virtual value */
        const fen_node *x = node_at(p, i);
        for (int k = 0; k < x->n; k++) {
            int j = x->in[k]->id;
            bool fine = p->role[i] == FENP_TILED || (p->role[i] == FENP_VIRTUAL && x->op != &fenp_op_broadcast);
            if (p->role[j] == FENP_VIRTUAL && !fine) p->role[j] = (uint8_t)in_memory(p, j);
        }
    }
    for (int i = 0; i < p->n; i++) {                                 /* a view of what is in memory now */
        const fen_node *x = node_at(p, i);
        if (p->role[i] == FENP_VIRTUAL && x->op != &fenp_op_broadcast && p->role[x->in[0]->id] != FENP_VIRTUAL) p->role[i] = FENP_VIEW;
    }
}

/* Levels */
static int find(fuser *f, int i) {
    while (f->up[i] != i) i = f->up[i] = f->up[f->up[i]];
    return i;
}
/* What the edge from j to i adds. */
static int raise(const fuser *f, int i, int j) {
    const fenp_plan *p = f->p;
    if (p->role[i] == FENP_KERNEL || p->role[i] == FENP_JOIN) return 1;
    if (p->role[i] == FENP_TILED) return p->flags & FENP_NAIVE ? 1 : 0;
    bool alone = p->role[i] == FENP_VIRTUAL && node_at(p, i)->op == &fenp_op_broadcast && count_at(p, i) == count_at(p, j);
    if (alone) return p->role[fenp_root(p, j, NULL)] == FENP_TILED;  /* a number as a tensor of one element: it must be there before */
    if (p->role[i] != FENP_VIEW || count_at(p, i) == count_at(p, j)) return 0;
    return p->role[fenp_root(p, j, NULL)] == FENP_TILED;
}
static bool is_free(const fenp_plan *p, int id) { return p->role[id] == FENP_VIEW || p->role[id] == FENP_VIRTUAL; }
static int needed_level(const fuser *f, int i) {
    const fen_node *x = node_at(f->p, i);
    int level = 0;
    for (int k = 0; k < x->n; k++) {
        int need = f->level[x->in[k]->id] + raise(f, i, x->in[k]->id);
        if (need > level) level = need;
    }
    return level;
}
/* Values that may be made later, by the group that reads them. Loose ones come from leaves without any kernel: storing them would be waste.
 * Of the others those with a single tensor among their inputs: one is kept for the other, and mostly it is kept anyway (tanh for 1 - tanh^2). */
static bool *find_mobile(const fuser *f) {
    const fenp_plan *p = f->p;
    bool *loose = fenp_new((size_t)p->n + 1), *mobile = fenp_new((size_t)p->n + 1);
    for (int i = 0; i < p->n; i++) {
        const fen_node *x = node_at(p, i);
        int tensors = 0;
        loose[i] = p->role[i] == FENP_LEAF || p->role[i] == FENP_FIXED || p->role[i] == FENP_TILED || is_free(p, i);
        for (int k = 0; k < x->n && p->role[i] != FENP_FIXED; k++) {
            loose[i] &= loose[x->in[k]->id];
            tensors += !loose[x->in[k]->id];
        }
        mobile[i] = is_free(p, i) || (p->role[i] == FENP_TILED && tensors <= 1);
    }
    for (int i = 0; i < p->aims; i++) if (p->role[p->aim[i].node->id] == FENP_TILED) mobile[p->aim[i].node->id] = false;
    fenp_delete(loose);
    return mobile;
}
static void sink(fuser *f) {
    const fenp_plan *p = f->p;
    bool *mobile = find_mobile(f);
    int *to = fenp_new(((size_t)p->n + 1) * sizeof *to);
    for (int i = 0; i < p->n; i++) to[i] = INT_MAX;
    for (int i = p->n - 1; i >= 0; i--) {
        const fen_node *x = node_at(p, i);
        if (mobile[i] && to[i] < INT_MAX && to[i] > f->level[i]) f->level[i] = to[i];
        for (int k = 0; k < x->n; k++) {
            int j = x->in[k]->id, most = f->level[i] - raise(f, i, j);
            if (most < to[j]) to[j] = most;
        }
    }
    fenp_delete(to);
    fenp_delete(mobile);
}

/* Groups */
static bool join(fuser *f, int i, int j) {
    i = find(f, i);
    j = find(f, j);
    if (i == j) return true;
    if (f->size[i] + f->size[j] > f->most) return false;
    f->up[i] = j;
    f->size[j] += f->size[i];
    return true;
}
static bool in_reach(const fuser *f, int i, int j) {
    return f->p->role[j] == FENP_TILED && f->level[i] == f->level[j] && count_at(f->p, i) == count_at(f->p, j);
}
/* The elementwise value that i reads directly or through views of all its elements; -1: none. */
static int producer(const fuser *f, int i, int k) {
    int64_t offset;
    int j = node_at(f->p, i)->in[k]->id, r = f->p->role[j] == FENP_VIRTUAL ? -1 : fenp_root(f->p, j, &offset);
    return r >= 0 && in_reach(f, i, r) ? r : -1;
}
static bool has_room(fuser *f, int i) {
    const fen_node *x = node_at(f->p, i);
    int seen[FENP_ARITY], n = 0, sum = 1;
    for (int k = 0; k < x->n; k++) {
        int j = producer(f, i, k), again = 0;
        if (j < 0) continue;
        j = find(f, j);
        for (int e = 0; e < n; e++) again |= seen[e] == j;
        if (!again && n < FENP_ARITY) { seen[n++] = j; sum += f->size[j]; }
    }
    return sum <= f->most;
}
static void join_producers(fuser *f, int i) {
    if (!has_room(f, i)) { f->level[i]++; return; }
    for (int k = 0; k < node_at(f->p, i)->n; k++) {
        int j = producer(f, i, k);
        if (j >= 0) join(f, i, j);
    }
}
/* Two readers of one value share the pass over it; numbers of one level share a step. */
static void join_neighbours(fuser *f, int i) {
    const fen_node *x = node_at(f->p, i);
    for (int k = 0; k < x->n; k++) {
        int j = x->in[k]->id, r = fenp_root(f->p, j, NULL), m = f->last[r];
        if (f->p->role[j] == FENP_VIRTUAL || f->p->role[r] == FENP_FIXED || producer(f, i, k) >= 0) continue;
        if (m >= 0 && in_reach(f, i, m)) join(f, i, m);
        f->last[r] = i;
    }
    if (count_at(f->p, i) != 1) return;
    int m = f->number[f->level[i]];
    if (m >= 0 && in_reach(f, i, m)) join(f, i, m);
    f->number[f->level[i]] = i;
}
static void find_groups(fuser *f) {
    const fenp_plan *p = f->p;
    for (int i = 0; i < p->n; i++) {
        int need = needed_level(f, i);                               /* inputs may have been raised since */
        if (need > f->level[i] || is_free(p, i)) f->level[i] = need;
        if (p->role[i] != FENP_TILED || p->flags & FENP_NAIVE) continue;
        join_producers(f, i);
        join_neighbours(f, i);
    }
}

/* Units, in order of their first value. */
static void make_units(fuser *f) {
    fenp_plan *p = f->p;
    for (int i = 0; i < p->n; i++) p->unit_of[i] = -1;
    for (int i = 0; i < p->n; i++) {
        bool step = p->role[i] == FENP_KERNEL || p->role[i] == FENP_JOIN || p->role[i] == FENP_TILED;
        if (!step) continue;
        int r = p->role[i] == FENP_TILED ? find(f, i) : i;
        if (p->unit_of[r] < 0) p->unit_of[r] = p->units++;
        p->unit_of[i] = p->unit_of[r];
    }
    p->unit = fenp_new(((size_t)p->units + 1) * sizeof *p->unit);
    for (int i = 0; i < p->n; i++) if (p->unit_of[i] >= 0) p->unit[p->unit_of[i]].n++;
    for (int u = 0; u < p->units; u++) {
        p->unit[u].value = fenp_arena_new(&p->memory, (size_t)p->unit[u].n * sizeof(int));
        p->unit[u].n = 0;
    }
    for (int i = 0; i < p->n; i++) {
        if (p->unit_of[i] < 0) continue;
        fenp_job *u = &p->unit[p->unit_of[i]];
        u->value[u->n++] = i;
        u->key = i;
    }
}
void fenp_fuse(fenp_plan *p) {
    size_t bytes = ((size_t)p->n * 2 + 2) * sizeof(int);
    fuser f = {.p = p, .most = p->flags & FENP_HOSTILE ? LARGEST_HOSTILE : LARGEST};
    int **const lists[] = {&f.level, &f.up, &f.size, &f.last, &f.number};
    for (int k = 0; k < 5; k++) *lists[k] = fenp_new(bytes);
    p->role = fenp_new((size_t)p->n + 1);
    p->unit_of = fenp_new(bytes);
    find_roles(p);
    for (int i = 0; i < p->n; i++) {
        f.up[i] = i;
        f.size[i] = 1;
        f.last[i] = -1;
    }
    for (int i = 0; i < 2 * p->n + 2; i++) f.number[i] = -1;
    for (int i = 0; i < p->n; i++) f.level[i] = needed_level(&f, i);
    if (!(p->flags & FENP_NAIVE)) sink(&f);
    find_groups(&f);
    make_units(&f);
    for (int k = 0; k < 5; k++) fenp_delete(*lists[k]);
}
