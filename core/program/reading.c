/* reading.c: where the elements of a value lie: views, contiguous concats, strided readings of broadcasts. */
#include "program/plan.h"
#include <string.h>

static int64_t span(const fen_shape *s, int from, int to) {
    int64_t n = 1;
    for (int i = from; i < to; i++) n *= s->size[i];
    return n;
}
bool fenp_is_view(const fen_node *x, int64_t *offset) {
    int64_t first = 0;
    bool view = x->op->flags & FEN_VIEW && x->n == 1;
    if (x->op == &fenp_op_slice && fenp_slice_is_view(x)) {
        view = true;
        first = x->attrs.whole[1] * span(&x->in[0]->shape, (int)x->attrs.whole[0] + 1, x->in[0]->shape.rank);
    }
    if (x->op == &fenp_op_number || x->op == &fenp_op_broadcast)     /* one element in the same width */
        view = fenp_count(&x->shape) == fenp_count(&x->in[0]->shape) && fenp_cell(x) == fenp_cell(x->in[0]);
    if (offset) *offset = first;
    return view;
}
bool fenp_is_join(const fen_node *x) {
    return x->op == &fenp_op_concat && span(&x->shape, 0, (int)x->attrs.whole[0]) == 1;
}
int fenp_root(const fenp_plan *p, int id, int64_t *offset) {
    int64_t at = 0, first;
    for (; p->role[id] == FENP_VIEW || p->role[id] == FENP_VIRTUAL; id = p->at[id]->base.node.in[0]->id)
        if (p->role[id] == FENP_VIEW && fenp_is_view(&p->at[id]->base.node, &first)) at += first;
    if (offset) *offset = at;
    return id;
}

/* The position of s where position p of x stands: leading axes by name, features on the right. */
static int place_of(const fen_shape *x, int p, const fen_shape *s) {
    return p < x->leads ? fenp_lead_of(s, x->axis[p]) : s->rank - (x->rank - p);
}
fenp_strides fenp_reading(const fenp_plan *p, const fen_node *x, fen_node **source) {
    while (x->op != &fenp_op_broadcast) x = x->in[0];                /* a reshape keeps the flat order */
    const fen_shape *from = &x->in[0]->shape, *to = &x->shape;
    int64_t stride[FEN_MAX_RANK] = {0};
    fenp_strides r = {0};
    (void)p;
    for (int i = 0; i < from->rank; i++)
        if (from->size[i] != 1) stride[place_of(from, i, to)] = span(from, i + 1, from->rank);
    for (int i = 0; i < to->rank; i++) {
        if (to->size[i] == 1) continue;
        int last = r.rank - 1;
        if (r.rank && r.stride[last] == stride[i] * to->size[i]) { r.size[last] *= to->size[i]; r.stride[last] = stride[i]; }
        else { r.size[r.rank] = to->size[i]; r.stride[r.rank++] = stride[i]; }
    }
    *source = x->in[0];
    return r;
}
