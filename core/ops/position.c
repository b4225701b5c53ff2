/* ops/position.c: verbs by position, below the verbs of fenchel/graph.h: each makes sure that its op gets what it needs and makes no
 * node where there is nothing to do. Position p counts all sizes: leading axes first, then features. */
#include "ops/cells.h"
#include <string.h>

static bool any_faulty(const fen_builder *b, fen_node *const *x, int n) {
    for (int i = 0; i < n; i++) if (!x[i] || fenp_is_faulty(b, x[i])) return true;
    return false;
}
static fen_node *no_position(fen_builder *b, const char *who, fen_node *x, int p) {
    char text[160];
    return fenp_faulty(b, "%s: given position %d of %s, which has positions 0 to %d", who, p, fenp_shape_text(b, x->shape, text), x->shape.rank - 1);
}
static bool has_position(const fen_node *x, int p) { return p >= 0 && p < x->shape.rank; }

void fenp_all_real(fen_builder *b, fen_node **in, int n) {
    bool real = false;
    for (int i = 0; i < n; i++) real |= in[i]->type == FEN_REAL;
    for (int i = 0; real && i < n; i++) in[i] = fenp_to_real(b, in[i]);
}
fen_shape fenp_append(fen_shape s, int64_t size) {
    s.size[s.rank++] = size;
    return s;
}

/* Moving */

fen_node *fenp_broadcast(fen_builder *b, fen_node *x, fen_shape to) {
    fen_attrs a = {.shape = to};
    return fenp_is_faulty(b, x) || fenp_same(&x->shape, &to) ? x : fen_apply(b, &fenp_op_broadcast, &x, 1, &a);
}
fen_node *fenp_relabel(fen_builder *b, fen_node *x, fen_shape to) {
    fen_attrs a = {.shape = to};
    if (fenp_is_faulty(b, x) || fenp_same(&x->shape, &to)) return x;
    if (!to.rank) return fen_apply(b, &fenp_op_number, &x, 1, NULL);
    return x->shape.rank ? fen_apply(b, &fenp_op_reshape, &x, 1, &a) : fenp_broadcast(b, x, to);
}
/* Moves no two positions past each other but those of size 1: nothing moves in memory. */
static bool only_labels(const fen_shape *x, const int *from) {
    int last = -1;
    for (int i = 0; i < x->rank; i++) {
        if (x->size[from[i]] == 1) continue;
        if (from[i] < last) return false;
        last = from[i];
    }
    return true;
}
fen_node *fenp_permute(fen_builder *b, fen_node *x, const int *from, fen_shape to) {
    fen_attrs a = {.shape = to};
    if (fenp_is_faulty(b, x)) return x;
    for (int i = 0; i < x->shape.rank; i++) a.whole[0] |= (int64_t)from[i] << 4 * i;
    return only_labels(&x->shape, from) ? fenp_relabel(b, x, to) : fen_apply(b, &fenp_op_permute, &x, 1, &a);
}
fen_node *fenp_slice_at(fen_builder *b, fen_node *x, int p, int64_t first, int64_t step, int64_t count) {
    fen_attrs a = {.whole = {p, first, step, count}};
    if (fenp_is_faulty(b, x)) return x;
    if (has_position(x, p) && first == 0 && step == 1 && count == x->shape.size[p]) return x;
    return fen_apply(b, &fenp_op_slice, &x, 1, &a);
}
fen_node *fenp_spread_at(fen_builder *b, fen_node *x, int p, int64_t first, int64_t step, int64_t size) {
    fen_attrs a = {.whole = {p, first, step, size}};
    if (fenp_is_faulty(b, x)) return x;
    if (has_position(x, p) && first == 0 && step == 1 && size == x->shape.size[p]) return x;
    return fen_apply(b, &fenp_op_spread, &x, 1, &a);
}
fen_node *fenp_concat_at(fen_builder *b, fen_node *const *x, int n, int p) {
    fen_attrs a = {.whole = {p}};
    if (n < 1) return fenp_faulty(b, "concat: given nothing, needs a value");
    if (any_faulty(b, x, n)) return b->faulty;
    return n == 1 ? x[0] : fen_apply(b, &fenp_op_concat, x, n, &a);
}

/* Reducing */

fen_node *fenp_stretch(fen_builder *b, fen_node *y, fen_shape to, unsigned mask) {
    fen_shape thin = fenp_without(to, mask & ((1u << to.leads) - 1));
    if (fenp_is_faulty(b, y) || !y->shape.rank) return fenp_broadcast(b, y, to);
    for (int p = to.leads; p < to.rank; p++) if (mask >> p & 1) thin.size[thin.leads + p - to.leads] = 1;
    return fenp_broadcast(b, fenp_relabel(b, y, thin), to);
}

static const fen_op *const reductions[] = {
    [FEN_SUM] = &fenp_op_reduce_sum, [FEN_MEAN] = &fenp_op_reduce_sum, [FEN_MAX] = &fenp_op_reduce_max, [FEN_MIN] = &fenp_op_reduce_min,
    [FEN_LOGSUMEXP] = &fenp_op_reduce_logsumexp, [FEN_ARGMAX] = &fenp_op_reduce_argmax, [FEN_ARGMIN] = &fenp_op_reduce_argmin,
};
static bool is_arg(fen_reduction how) { return how == FEN_ARGMAX || how == FEN_ARGMIN; }

static unsigned ones_of(const fen_shape *s) {
    unsigned ones = 0;
    for (int p = 0; p < s->rank; p++) if (s->size[p] == 1) ones |= 1u << p;
    return ones;
}
/* The bits of mask whose positions stay when those in `gone` are removed. */
static unsigned squeezed(unsigned mask, unsigned gone) {
    unsigned left = 0;
    for (int p = 0, q = 0; p < FEN_MAX_RANK; p++)
        if (!(gone >> p & 1)) left |= (mask >> p & 1) << q++;
    return left;
}
/* The last run of neighbours in a mask. */
static unsigned last_run(unsigned mask) {
    unsigned run = 0;
    for (int p = FEN_MAX_RANK - 1; p >= 0; p--) {
        if (mask >> p & 1) run |= 1u << p;
        else if (run) break;
    }
    return run;
}
/* Positions in mask behind all others, so that they make one run: an index counts them together. */
static fen_node *masked_last(fen_builder *b, fen_node *x, unsigned *mask) {
    int from[FEN_MAX_RANK], n = 0;
    fen_shape to = {.rank = x->shape.rank};
    for (unsigned masked = 0; masked < 2; masked++)
        for (int p = 0; p < to.rank; p++)
            if ((*mask >> p & 1) == masked) { to.size[n] = x->shape.size[p]; from[n++] = p; }
    *mask = (1u << to.rank) - (1u << (to.rank - __builtin_popcount(*mask)));
    return fenp_permute(b, x, from, to);
}
static fen_node *reduce_runs(fen_builder *b, fen_reduction how, fen_node *x, unsigned mask) {
    if (is_arg(how) && last_run(mask) != mask) x = masked_last(b, x, &mask);
    while (mask) {
        fen_attrs a = {.whole = {last_run(mask)}};
        mask &= ~last_run(mask);
        x = fen_apply(b, reductions[how], &x, 1, &a);
    }
    return x;
}
/* Positions of size 1 have nothing to reduce and part no run; they are left out and put back. */
fen_node *fenp_reduce(fen_builder *b, fen_reduction how, fen_node *x, unsigned mask) {
    if (fenp_is_faulty(b, x)) return x;
    if (how == FEN_MEAN || how == FEN_LOGSUMEXP) x = fenp_to_real(b, x);
    mask &= (1u << x->shape.rank) - 1;
    unsigned ones = ones_of(&x->shape), left = squeezed(mask, ones);
    fen_shape to = fenp_without(x->shape, mask);
    double share = (double)fenp_count(&to) / (double)fenp_count(&x->shape);
    if (left) x = reduce_runs(b, how, fenp_relabel(b, x, fenp_without(x->shape, ones)), left);
    else if (is_arg(how)) return fenp_broadcast(b, fenp_integer(b, 0), to);
    x = fenp_relabel(b, x, to);
    return how == FEN_MEAN && left ? fen_scale(b, x, share) : x;
}

/* Entries by index */

fen_node *fenp_gather_at(fen_builder *b, fen_node *x, int p, fen_node *i) {
    fen_attrs a = {.whole = {p}};
    if (fenp_is_faulty(b, x) || fenp_is_faulty(b, i)) return b->faulty;
    if (!has_position(x, p)) return no_position(b, "gather", x, p);
    return fen_apply(b, &fenp_op_gather, (fen_node *[]){x, i}, 2, &a);
}
static fen_node *along(fen_builder *b, const fen_op *op, fen_node *x, int p, int64_t extra) {
    fen_attrs a = {.whole = {p, extra}};
    if (fenp_is_faulty(b, x)) return x;
    return has_position(x, p) ? fen_apply(b, op, &x, 1, &a) : no_position(b, op->name, x, p);
}
fen_node *fenp_argsort_at(fen_builder *b, fen_node *x, int p) { return along(b, &fenp_op_argsort, x, p, 0); }
fen_node *fenp_rank_at(fen_builder *b, fen_node *x, int p)    { return along(b, &fenp_op_rank, x, p, 0); }
fen_node *fenp_cumsum_at(fen_builder *b, fen_node *x, int p)  { return along(b, &fenp_op_cumsum, x, p, 0); }
fen_node *fenp_roll_at(fen_builder *b, fen_node *x, int p, int64_t n) {
    if (has_position(x, p)) n = (n % x->shape.size[p] + x->shape.size[p]) % x->shape.size[p];
    return n ? along(b, &fenp_op_roll, x, p, n) : x;
}
