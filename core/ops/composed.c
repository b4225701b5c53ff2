/* ops/composed.c: verbs that are a few others. */
#include "ops/cells.h"

/* exp(x - logsumexp(x)), or its log. */
fen_node *fenp_softmax(fen_builder *b, fen_node *x, unsigned mask, bool log) {
    if (fenp_is_faulty(b, x)) return x;
    x = fenp_to_real(b, x);
    fen_node *y = fen_sub(b, x, fenp_stretch(b, fenp_reduce(b, FEN_LOGSUMEXP, x, mask), x->shape, mask));
    return log ? y : fen_exp(b, y);
}

/* sqrt(sum x^2). The root is taken of 1 where the sum is 0, so that no derivative of any order meets 1/0; it is 0 there. */
fen_node *fenp_norm(fen_builder *b, fen_node *x, unsigned mask) {
    fen_node *sum = fenp_reduce(b, FEN_SUM, fen_square(b, fenp_to_real(b, x)), mask), *zero = fenp_number(b, 0);
    fen_node *at_zero = fen_equal(b, sum, zero);
    return fen_where(b, at_zero, zero, fen_sqrt(b, fen_where(b, at_zero, fenp_number(b, 1), sum)));
}

/* Each line along p by its own order. Gather by argsort does that where the index has no features beside p; else the lines are laid
 * one behind the other, [; lines, n] as [; lines n], and the index counts through all of them. */
fen_node *fenp_sort_at(fen_builder *b, fen_node *x, int p) {
    if (fenp_is_faulty(b, x) || p < 0 || p >= x->shape.rank) return fenp_argsort_at(b, x, p);
    const fen_shape *s = &x->shape;
    if (s->rank - s->leads == (p >= s->leads)) return fenp_gather_at(b, x, p, fenp_argsort_at(b, x, p));
    int from[FEN_MAX_RANK] = {0}, back[FEN_MAX_RANK] = {0}, n = 0;
    fen_shape last = {0};
    for (int q = 0; q < s->rank; q++) if (q != p) from[n++] = q;
    from[n] = p;
    for (int q = 0; q < s->rank; q++) { back[from[q]] = q; last = fenp_append(last, s->size[from[q]]); }
    int64_t size = s->size[p], all = fenp_count(s);
    fen_node *moved = fenp_permute(b, x, from, last), *lines = fenp_relabel(b, moved, fen_matrix(all / size, size));
    fen_node *first = fen_scale(b, fenp_coordinate_at(b, fen_matrix(all / size, size), 0), (double)size);
    fen_node *order = fen_add(b, fenp_argsort_at(b, lines, 1), first);
    fen_node *sorted = fenp_gather_at(b, fenp_relabel(b, lines, fen_vector(all)), 0, order);
    return fenp_permute(b, fenp_relabel(b, sorted, last), back, *s);
}
