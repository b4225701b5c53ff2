/* tests/unit/op_rules.h: what each op that moves, reduces, picks or multiplies elements must give, element by element, by its
 * definition: sums as loops over all elements, matrices by their determinants. Nothing here is shared with the kernels. */
#ifndef FENCHEL_TESTS_OP_RULES_H
#define FENCHEL_TESTS_OP_RULES_H
#include "evaluate.h"
#include <math.h>

#define RULE(name) __attribute__((unused)) static double name(const evaluator *e, const fen_node *y, const int64_t *where)
typedef double (*op_rule)(const evaluator *e, const fen_node *y, const int64_t *where);      /* the element of y that stands there */

__attribute__((unused)) static void index_of(const fen_shape *s, int64_t i, int64_t *at) {
    for (int p = s->rank - 1; p >= 0; p--) { at[p] = i % s->size[p]; i /= s->size[p]; }
}
__attribute__((unused)) static int64_t offset_of(const fen_shape *s, const int64_t *at) {
    int64_t i = 0;
    for (int p = 0; p < s->rank; p++) i = i * s->size[p] + at[p];
    return i;
}
__attribute__((unused)) static double input_at(const evaluator *e, const fen_node *y, int k, const int64_t *where) {
    return at(e, y->in[k], offset_of(&y->in[k]->shape, where));
}

/* Structure */
RULE(broadcast_rule) {
    const fen_shape *x = &y->in[0]->shape;
    int64_t from[8];
    for (int p = 0; p < x->rank; p++) {
        int q = p < x->leads ? fenp_lead_of(&y->shape, x->axis[p]) : y->shape.rank - x->rank + p;
        from[p] = x->size[p] == 1 ? 0 : where[q];
    }
    return input_at(e, y, 0, from);
}
RULE(same_order_rule) { return at(e, y->in[0], offset_of(&y->shape, where)); }
RULE(permute_rule) {
    int64_t from[8];
    for (int i = 0; i < y->shape.rank; i++) from[y->attrs.whole[0] >> 4 * i & 15] = where[i];
    return input_at(e, y, 0, from);
}
RULE(slice_rule) {
    int64_t from[8];
    memcpy(from, where, sizeof from);
    from[y->attrs.whole[0]] = y->attrs.whole[1] + from[y->attrs.whole[0]] * y->attrs.whole[2];
    return input_at(e, y, 0, from);
}
RULE(spread_rule) {
    int64_t from[8], p = y->attrs.whole[0], j = where[p] - y->attrs.whole[1], step = y->attrs.whole[2];
    memcpy(from, where, sizeof from);
    from[p] = j / step;
    return j < 0 || j % step || j / step >= y->in[0]->shape.size[p] ? 0 : input_at(e, y, 0, from);
}
RULE(concat_rule) {
    int64_t from[8], p = y->attrs.whole[0];
    int k = 0;
    memcpy(from, where, sizeof from);
    for (; from[p] >= y->in[k]->shape.size[p]; k++) from[p] -= y->in[k]->shape.size[p];
    return input_at(e, y, k, from);
}

/* Reductions: all elements of x that fall on one of y, in order. */
__attribute__((unused)) static double reduced(const evaluator *e, const fen_node *x, fen_reduction how, unsigned mask, const int64_t *where) {
    double sum = 0, best = 0, largest = -INFINITY, exps = 0;
    int64_t count = 0, best_at = 0, from[8];
    for (int pass = 0; pass < 2; pass++)
        for (int64_t i = 0; i < fenp_count(&x->shape); i++) {
            bool mine = true;
            index_of(&x->shape, i, from);
            for (int p = 0, q = 0; p < x->shape.rank; p++) if (!(mask >> p & 1)) mine = mine && from[p] == where[q++];
            if (!mine) continue;
            double v = at(e, x, i);
            if (pass == 1) { exps += exp(v - largest); continue; }
            bool better = count == 0 || (how == FEN_MAX || how == FEN_ARGMAX ? v > best : v < best);
            if (better) { best = v; best_at = count; }
            if (v > largest) largest = v;
            sum += v;
            count++;
        }
    switch (how) {
    case FEN_SUM: return sum;
    case FEN_MEAN: return sum / (double)count;
    case FEN_LOGSUMEXP: return largest + log(exps);
    case FEN_ARGMAX: case FEN_ARGMIN: return (double)best_at;
    default: return best;
    }
}
RULE(sum_rule)       { return reduced(e, y->in[0], FEN_SUM, (unsigned)y->attrs.whole[0], where); }
RULE(max_rule)       { return reduced(e, y->in[0], FEN_MAX, (unsigned)y->attrs.whole[0], where); }
RULE(min_rule)       { return reduced(e, y->in[0], FEN_MIN, (unsigned)y->attrs.whole[0], where); }
RULE(argmax_rule)    { return reduced(e, y->in[0], FEN_ARGMAX, (unsigned)y->attrs.whole[0], where); }
RULE(argmin_rule)    { return reduced(e, y->in[0], FEN_ARGMIN, (unsigned)y->attrs.whole[0], where); }
RULE(logsumexp_rule) { return reduced(e, y->in[0], FEN_LOGSUMEXP, (unsigned)y->attrs.whole[0], where); }

/* Entries. Where in x stands what gather(x, i) at position p has at `where`; false: outside. */
__attribute__((unused)) static bool gathered_from(const evaluator *e, const fen_shape *x, const fen_node *index, int p, const fen_shape *y,
    const int64_t *where, int64_t *at_x) {
    const fen_shape *i = &index->shape;
    int features = p < x->leads ? y->leads : y->leads + p - x->leads;
    int64_t at_i[8];
    for (int l = 0; l < i->rank; l++) at_i[l] = where[l < i->leads ? fenp_lead_of(y, i->axis[l]) : features + l - i->leads];
    for (int k = 0; k < x->rank; k++) {
        int skip = i->rank - i->leads - (p >= x->leads);              /* features of i, without the one that vanished */
        if (k == p) at_x[k] = (int64_t)at(e, index, offset_of(i, at_i));
        else if (k < x->leads) at_x[k] = where[fenp_lead_of(y, x->axis[k])];
        else at_x[k] = where[y->leads + k - x->leads + (p < x->leads || k > p ? skip : 0)];
    }
    return at_x[p] >= 0 && at_x[p] < x->size[p];
}
RULE(gather_rule) {
    int64_t at_x[8];
    bool inside = gathered_from(e, &y->in[0]->shape, y->in[1], (int)y->attrs.whole[0], &y->shape, where, at_x);
    return inside ? input_at(e, y, 0, at_x) : y->type == FEN_REAL ? NAN : 0;
}
RULE(scatter_rule) {
    const fen_node *g = y->in[0];
    int64_t from[8], to[8];
    double sum = 0;
    for (int64_t k = 0; k < fenp_count(&g->shape); k++) {
        index_of(&g->shape, k, from);
        bool inside = gathered_from(e, &y->shape, y->in[1], (int)y->attrs.whole[0], &g->shape, from, to);
        if (inside && offset_of(&y->shape, to) == offset_of(&y->shape, where)) sum += at(e, g, k);
    }
    return sum;
}

/* How many entries of the line go before entry k: smaller ones, and equal ones on its left. NaN goes behind all. */
__attribute__((unused)) static int64_t before_in_line(const evaluator *e, const fen_node *x, const int64_t *where, int p, bool descending) {
    int64_t from[8], n = 0;
    memcpy(from, where, sizeof from);
    double v = at(e, x, offset_of(&x->shape, from));
    for (from[p] = 0; from[p] < x->shape.size[p]; from[p]++) {
        double u = at(e, x, offset_of(&x->shape, from));
        bool earlier = isnan(v) ? !isnan(u) : descending ? u > v : u < v, same = u == v || (isnan(u) && isnan(v));
        n += earlier || (same && from[p] < where[p]);
    }
    return n;
}
RULE(rank_rule) { return (double)before_in_line(e, y->in[0], where, (int)y->attrs.whole[0], true); }
RULE(argsort_rule) {
    int64_t from[8], p = y->attrs.whole[0];
    memcpy(from, where, sizeof from);
    for (from[p] = 0; from[p] < y->shape.size[p]; from[p]++)
        if (before_in_line(e, y->in[0], from, (int)p, false) == where[p]) return (double)from[p];
    return -1;
}
RULE(cumsum_rule) {
    int64_t from[8], p = y->attrs.whole[0];
    bool back = y->attrs.whole[1];
    double sum = 0;
    memcpy(from, where, sizeof from);
    for (from[p] = back ? where[p] : 0; from[p] < (back ? y->shape.size[p] : where[p] + 1); from[p]++) sum += input_at(e, y, 0, from);
    return sum;
}
RULE(roll_rule) {
    int64_t from[8], p = y->attrs.whole[0], n = y->shape.size[p];
    memcpy(from, where, sizeof from);
    from[p] = ((where[p] - y->attrs.whole[1]) % n + n) % n;
    return input_at(e, y, 0, from);
}

/* Products: z(i, j) of the matrices that begin at x and y. */
RULE(product_rule) {
    const fen_node *x = y->in[0], *z = y->in[1];
    bool outer = y->op == &fenp_op_outer_rows, tx = outer || (y->op == &fenp_op_matmul && y->attrs.whole[0]), tz = !outer && y->attrs.whole[1];
    const fen_shape *s = &x->shape, *t = &z->shape, *r = &y->shape;
    bool batched = y->op == &fenp_op_matmul;
    int64_t xc = s->size[s->rank - 1], zc = t->size[t->rank - 1], xr = batched ? s->size[s->rank - 2] : fenp_count(s) / xc, batch = 0;
    int64_t row = 0, column = where[r->rank - 1], inner = tx ? xr : xc;
    for (int p = 0; p < r->rank - 2; p++) batch = batch * r->size[p] + where[p];
    if (batched || outer) row = where[r->rank - 2];
    else for (int p = 0; p < r->rank - 1; p++) row = row * r->size[p] + where[p];
    double sum = 0;
    for (int64_t l = 0; l < inner; l++) {
        int64_t xi = (batched ? batch * xr * xc : 0) + (tx ? l * xc + row : row * xc + l);
        int64_t zi = batched ? batch * (t->size[t->rank - 2] * zc) : 0;
        zi += tz ? column * zc + l : l * zc + column;
        sum += at(e, x, xi) * at(e, z, zi);
    }
    return sum;
}

/* Matrices of at most 4 rows, by determinants. */
typedef struct square { int n; double a[4][4]; } square;
/* The matrix of input k that belongs to this element of the result, of which the last `own` positions are inside one matrix. */
__attribute__((unused)) static square square_at(const evaluator *e, const fen_node *y, const int64_t *where, int own) {
    const fen_shape *s = &y->in[0]->shape;
    square m = {.n = (int)s->size[s->rank - 1]};
    int64_t batch = 0;
    for (int p = 0; p < y->shape.rank - own; p++) batch = batch * y->shape.size[p] + where[p];
    for (int i = 0; i < m.n; i++) for (int j = 0; j < m.n; j++) m.a[i][j] = at(e, y->in[0], (batch * m.n + i) * m.n + j);
    return m;
}
/* Of the rows and columns that are listed, by the first row. */
__attribute__((unused)) static double determinant(const square *m, int n, const int *row, const int *column) {
    double sum = 0;
    if (n == 0) return 1;
    for (int j = 0; j < n; j++) {
        int others[4], k = 0;
        for (int i = 0; i < n; i++) if (i != j) others[k++] = column[i];
        sum += (j % 2 ? -1 : 1) * m->a[row[0]][column[j]] * determinant(m, n - 1, row + 1, others);
    }
    return sum;
}
__attribute__((unused)) static double minor_of(const square *m, int without_row, int without_column) {
    int row[4], column[4], r = 0, c = 0;
    for (int i = 0; i < m->n; i++) { if (i != without_row) row[r++] = i; if (i != without_column) column[c++] = i; }
    return determinant(m, r, row, column);
}
RULE(inverse_rule) {
    square m = square_at(e, y, where, 2);
    int i = (int)where[y->shape.rank - 2], j = (int)where[y->shape.rank - 1];
    return ((i + j) % 2 ? -1 : 1) * minor_of(&m, j, i) / minor_of(&m, -1, -1);
}
RULE(log_abs_det_rule) {
    square m = square_at(e, y, where, 0);
    return log(fabs(minor_of(&m, -1, -1)));
}
/* L(i, j) = det(rows 0..j-1 and i, columns 0..j) / sqrt(D(j) D(j + 1)), D(k) the leading minor of k rows of (A + A')/2. */
RULE(cholesky_rule) {
    static const int first[4] = {0, 1, 2, 3};
    square m = square_at(e, y, where, 2), s = m;
    int i = (int)where[y->shape.rank - 2], j = (int)where[y->shape.rank - 1], row[4] = {0, 1, 2, 3};
    for (int k = 0; k < m.n; k++) for (int l = 0; l < m.n; l++) s.a[k][l] = (m.a[k][l] + m.a[l][k]) / 2;
    if (j > i) return 0;
    row[j] = i;
    return determinant(&s, j + 1, row, first) / sqrt(determinant(&s, j, first, first) * determinant(&s, j + 1, first, first));
}
/* Cramer's rule; only the lower triangle counts. */
RULE(solve_triangular_rule) {
    square m = square_at(e, y, where, 2), upper = m;
    int i = (int)where[y->shape.rank - 2];
    int64_t from[8];
    memcpy(from, where, sizeof from);
    for (int k = 0; k < m.n; k++) for (int l = 0; l < m.n; l++) m.a[k][l] = l > k ? 0 : m.a[k][l];
    for (int k = 0; k < m.n; k++) for (int l = 0; l < m.n; l++) upper.a[k][l] = m.a[l][k];
    square a = y->attrs.whole[0] ? upper : m, b = a;
    for (int k = 0; k < m.n; k++) { from[y->shape.rank - 2] = k; b.a[k][i] = input_at(e, y, 1, from); }
    return minor_of(&b, -1, -1) / minor_of(&a, -1, -1);
}
RULE(lower_rule) {
    int64_t i = where[y->shape.rank - 2], j = where[y->shape.rank - 1];
    double on_diagonal = y->attrs.whole[0] == 0 ? 1 : y->attrs.whole[0] == 1 ? 0 : .5;
    return i < j ? 0 : (i == j ? on_diagonal : 1) * input_at(e, y, 0, where);
}
RULE(diagonal_rule) {
    int64_t from[8];
    memcpy(from, where, sizeof from);
    from[y->shape.rank] = where[y->shape.rank - 1];
    return input_at(e, y, 0, from);
}
RULE(from_diagonal_rule) {
    int r = y->shape.rank;
    return where[r - 1] == where[r - 2] ? input_at(e, y, 0, where) : 0;
}
#endif
