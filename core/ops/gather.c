/* ops/gather.c: entries by index, and its adjoint that adds them back. gather(x, i) at position p of x: leading axes of x and i align
 * by name, the result has their union; where i has axis p itself the result keeps it, else p vanishes; the features of i stand
 * where p stood, before the features where p is a leading axis. An index outside gives NaN (0 for integers), so that the guard
 * sees it; scatter_add leaves it out. scatter_add adds in the order of the result of gather, whatever the number of threads. */
#include "ops/cells.h"
#include <math.h>
#include <string.h>

/* The result of gather, and how far its positions move in x (beside the index) and in i. */
typedef struct plan { fen_shape shape; int64_t x[FEN_MAX_RANK], i[FEN_MAX_RANK]; const char *wrong; } plan;

static void put(plan *q, int64_t size, int64_t x, int64_t i) {
    if (q->shape.rank == FEN_MAX_RANK) { q->wrong = "the result has more than 8 axes"; return; }
    q->shape.size[q->shape.rank] = size;
    q->x[q->shape.rank] = x;
    q->i[q->shape.rank++] = i;
}
static void put_features(plan *q, const fen_shape *s, int from, int to, bool of_x) {
    for (int k = from; k < to; k++) put(q, s->size[k], of_x ? fenp_stride(s, k) : 0, of_x ? 0 : fenp_stride(s, k));
}
/* One axis, at position k of x and l of i; -1: not there. */
static void put_lead(plan *q, const fen_shape *x, int k, const fen_shape *i, int l, int p) {
    if (k == p && l < 0) return;
    if (k >= 0 && l >= 0 && k != p && x->size[k] != i->size[l]) q->wrong = "a leading axis has two sizes";
    if (q->shape.leads < FEN_MAX_RANK) q->shape.axis[q->shape.leads++] = l >= 0 ? i->axis[l] : x->axis[k];
    put(q, l >= 0 ? i->size[l] : x->size[k], k >= 0 && k != p ? fenp_stride(x, k) : 0, l >= 0 ? fenp_stride(i, l) : 0);
}
static plan plan_of(const fen_shape *x, int p, const fen_shape *i) {
    plan q = {.wrong = NULL};
    for (int k = 0, l = 0; k < x->leads || l < i->leads;) {
        bool left = k < x->leads && (l == i->leads || x->axis[k] <= i->axis[l]);
        bool right = l < i->leads && (k == x->leads || i->axis[l] <= x->axis[k]);
        put_lead(&q, x, left ? k : -1, i, right ? l : -1, p);
        k += left;
        l += right;
    }
    int at = p < x->leads ? x->leads : p;
    put_features(&q, x, x->leads, at, true);
    put_features(&q, i, i->leads, i->rank, false);
    put_features(&q, x, p < x->leads ? at : at + 1, x->rank, true);
    return q;
}

/* Elements that lie one behind the other in x whatever the index; the positions before them are walked. */
typedef struct walk { plan q; int rank; int64_t run, units, n, stride; } walk;
static walk walk_of(const fen_node *y, const fen_shape *x, const fen_node *i) {
    int p = (int)y->attrs.whole[0];
    walk w = {.q = plan_of(x, p, &i->shape), .run = 1, .n = x->size[p], .stride = fenp_stride(x, p)};
    w.rank = w.q.shape.rank;
    while (w.rank && !w.q.i[w.rank - 1] && (w.q.x[w.rank - 1] == w.run || w.q.shape.size[w.rank - 1] == 1)) w.run *= w.q.shape.size[--w.rank];
    w.units = fenp_span(&w.q.shape, 0, w.rank);
    return w;
}
typedef struct place { int64_t at[FEN_MAX_RANK], x, i; } place;
static place place_of(const walk *w, int64_t unit) {
    place c = {.x = 0};
    for (int d = w->rank - 1; d >= 0; d--) {
        c.at[d] = unit % w->q.shape.size[d];
        unit /= w->q.shape.size[d];
        c.x += c.at[d] * w->q.x[d];
        c.i += c.at[d] * w->q.i[d];
    }
    return c;
}
static inline void next_place(const walk *w, place *c) {
    for (int d = w->rank - 1; d >= 0; d--) {
        c->x += w->q.x[d];
        c->i += w->q.i[d];
        if (++c->at[d] < w->q.shape.size[d]) return;
        c->x -= w->q.x[d] * w->q.shape.size[d];
        c->i -= w->q.i[d] * w->q.shape.size[d];
        c->at[d] = 0;
    }
}

/* gather */

static const char *indices(const fen_node *i, const fen_attrs *a, const fen_shape *x) {
    if (i->type != FEN_INTEGER) return "needs integers as indices";
    return a->whole[0] < 0 || a->whole[0] >= x->rank ? "has not this position" : NULL;
}
static const char *gather_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    (void)n;
    const char *wrong = indices(in[1], a, &in[0]->shape);
    *type = in[0]->type;
    if (wrong) return wrong;
    plan q = plan_of(&in[0]->shape, (int)a->whole[0], &in[1]->shape);
    *out = q.shape;
    return q.wrong;
}
static int gather_parts(const fen_node *y) {
    walk w = walk_of(y, &y->in[0]->shape, y->in[1]);
    return fenp_parts_for(w.units, w.run);
}
static void fill_outside(const fen_node *y, void *to, int64_t n) {
    bool real = y->type == FEN_REAL;
    for (int64_t k = 0; k < n; k++) {
        if (real && fenp_cell_size(y) == 8) ((double *)to)[k] = NAN;
        else if (real) ((float *)to)[k] = NAN;
        else ((int32_t *)to)[k] = 0;
    }
}
/* A gather of one element by a lone index yields a number, which is double. */
static void gather_number(const fen_step *s, int32_t at, const walk *w) {
    const fen_node *x = s->node->in[0];
    if (at < 0 || at >= w->n) fill_outside(s->node, s->out, 1);
    else if (x->type == FEN_INTEGER) *(int32_t *)s->out = ((const int32_t *)s->in[0])[at];
    else *(double *)s->out = x->wide ? ((const double *)s->in[0])[at] : (double)((const float *)s->in[0])[at];
}
static void gather_run(const fen_step *s, int part) {
    const fen_node *y = s->node;
    walk w = walk_of(y, &y->in[0]->shape, y->in[1]);
    const int32_t *index = s->in[1];
    if (!y->shape.rank) { gather_number(s, *index, &w); return; }
    size_t cell = fenp_cell_size(y), bytes = (size_t)w.run * cell;
    fenp_range r = fenp_range_of(w.units, part, gather_parts(y));
    place c = place_of(&w, r.from);
    for (int64_t u = r.from; u < r.to; u++, next_place(&w, &c)) {
        int32_t at = index[c.i];
        char *to = (char *)s->out + (size_t)u * bytes;
        const char *from = (const char *)s->in[0] + (size_t)(c.x + (int64_t)at * w.stride) * cell;
        if (at < 0 || at >= w.n) fill_outside(y, to, w.run);
        else if (bytes == 4) memcpy(to, from, 4);
        else if (bytes == 8) memcpy(to, from, 8);
        else memcpy(to, from, bytes);
    }
}
static void gather_vjp(fen_builder *b, fen_node *y, fen_node *gy, const bool *need, fen_node **gx) {
    fen_attrs a = {.whole = {y->attrs.whole[0]}, .shape = y->in[0]->shape};
    if (need[0]) gx[0] = fen_apply(b, &fenp_op_scatter_add, (fen_node *[]){gy, y->in[1]}, 2, &a);
}
const fen_op fenp_op_gather = {
    .name = "gather", .arity = 2, .shape = gather_shape, .run = {gather_run, gather_run}, .parts = gather_parts, .vjp = gather_vjp,
};

/* scatter_add: inputs g (shaped as gather's result) and i */

static const char *scatter_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    (void)n;
    const char *wrong = indices(in[1], a, &a->shape);
    *out = a->shape;
    *type = FEN_REAL;
    if (wrong) return wrong;
    plan q = plan_of(out, (int)a->whole[0], &in[1]->shape);
    if (q.wrong) return q.wrong;
    if (in[0]->type != FEN_REAL) return "needs reals";
    return fenp_same(&q.shape, &in[0]->shape) ? NULL : "the values are not what gather gives by these indices";
}
/* Parts are apart where the first position of the values is the first of the result and chosen by no index. */
static int scatter_parts(const fen_node *y) {
    walk w = walk_of(y, &y->shape, y->in[1]);
    bool apart = w.rank && y->attrs.whole[0] > 0 && w.q.x[0] == fenp_stride(&y->shape, 0);
    return apart ? fenp_parts_for(w.q.shape.size[0], fenp_count(&w.q.shape) / w.q.shape.size[0]) : 1;
}
#define FENP_TWICE "ops/scatter.inc"
#include "kernels/twice.h"
static void scatter_vjp(fen_builder *b, fen_node *y, fen_node *gy, const bool *need, fen_node **gx) {
    if (need[0]) gx[0] = fenp_gather_at(b, gy, (int)y->attrs.whole[0], y->in[1]);
}
const fen_op fenp_op_scatter_add = {
    .name = "scatter_add", .arity = 2, .shape = scatter_shape, .run = {scatter_run_single, scatter_run_double}, .parts = scatter_parts,
    .vjp = scatter_vjp,
};
