/* ops/along.c: ops along one position p: argsort (stable, ascending, NaN last), rank (0 is the largest, the first of equals first),
 * cumsum, roll. A sort is gather by argsort, so it has all derivatives; argsort and rank themselves are flat. */
#include "ops/cells.h"
#include <string.h>

static fenp_view along_view(const fen_node *y) {
    int p = (int)y->attrs.whole[0];
    return fenp_view_of(&y->shape, p, p + 1);
}
static const char *along_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    (void)n;
    *out = in[0]->shape;
    *type = in[0]->type;
    return a->whole[0] < 0 || a->whole[0] >= out->rank ? "has not this position" : NULL;
}
static const char *order_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    const char *wrong = along_shape(in, n, a, out, type);
    *type = FEN_INTEGER;
    return wrong;
}

/* argsort, rank: one line a unit. Keys are whole numbers in the order of the values, so the lines are sorted digit by digit, without a
 * comparison that could be guessed wrong; short ones by insertion. Both keep equals in their order. */

enum { SHORT = 40, DIGITS = 8, VALUES = 256 };
typedef struct item { uint64_t key; int64_t at; } item;

static int order_parts(const fen_node *y) {
    fenp_view v = along_view(y);
    return fenp_parts_for(v.outer * v.inner, 8 * v.n);
}
static size_t order_scratch(const fen_node *y) { return 2 * (size_t)along_view(y).n * sizeof(item); }

/* The bits of a number, so turned that they grow with it; -0 is 0 (by the sum), and what is no number comes last, in descending order too. */
static void keys_single(const float *x, int64_t stride, int64_t n, bool down, item *to) {
    for (int64_t i = 0; i < n; i++) {
        float v = x[i * stride] + 0.0f;
        uint32_t k;
        memcpy(&k, &v, sizeof k);
        k ^= -(k >> 31) | 0x80000000u;
        to[i] = (item){v != v ? UINT32_MAX : down ? ~k : k, i};
    }
}
static void keys_double(const double *x, int64_t stride, int64_t n, bool down, item *to) {
    for (int64_t i = 0; i < n; i++) {
        double v = x[i * stride] + 0.0;
        uint64_t k;
        memcpy(&k, &v, sizeof k);
        k ^= -(k >> 63) | 0x8000000000000000u;
        to[i] = (item){v != v ? UINT64_MAX : down ? ~k : k, i};
    }
}
static void keys_integer(const int32_t *x, int64_t stride, int64_t n, bool down, item *to) {
    for (int64_t i = 0; i < n; i++) {
        uint32_t k = (uint32_t)x[i * stride] ^ 0x80000000u;
        to[i] = (item){down ? ~k : k, i};
    }
}
static void insert_sorted(item *x, int64_t n) {
    for (int64_t i = 1; i < n; i++) {
        item moved = x[i];
        int64_t k = i;
        for (; k > 0 && x[k - 1].key > moved.key; k--) x[k] = x[k - 1];
        x[k] = moved;
    }
}
/* Returns x or spare, whichever holds the result. A digit that is the same in all keys is passed over. */
static item *sorted(item *x, item *spare, int64_t n, int digits) {
    uint32_t count[DIGITS][VALUES];
    if (n <= SHORT) { insert_sorted(x, n); return x; }
    memset(count, 0, (size_t)digits * sizeof count[0]);
    for (int64_t i = 0; i < n; i++) for (int d = 0; d < digits; d++) count[d][x[i].key >> (8 * d) & 255]++;
    for (int d = 0; d < digits; d++) {
        uint32_t sum = 0;
        if (count[d][x[0].key >> (8 * d) & 255] == n) continue;
        for (int v = 0; v < VALUES; v++) { uint32_t c = count[d][v]; count[d][v] = sum; sum += c; }
        for (int64_t i = 0; i < n; i++) spare[count[d][x[i].key >> (8 * d) & 255]++] = x[i];
        item *swap = x;
        x = spare;
        spare = swap;
    }
    return x;
}
static void order_run(const fen_step *s, int part) {
    const fen_node *y = s->node, *x = y->in[0];
    fenp_view v = along_view(y);
    bool rank = y->op == &fenp_op_rank, wide = x->type == FEN_REAL && x->wide;
    item *key = s->scratch;
    int32_t *out = s->out;
    fenp_range r = fenp_range_of(v.outer * v.inner, part, order_parts(y));
    for (int64_t u = r.from; u < r.to; u++) {
        int64_t first = u / v.inner * v.n * v.inner + u % v.inner;
        if (x->type == FEN_INTEGER) keys_integer((const int32_t *)s->in[0] + first, v.inner, v.n, rank, key);
        else if (wide) keys_double((const double *)s->in[0] + first, v.inner, v.n, rank, key);
        else keys_single((const float *)s->in[0] + first, v.inner, v.n, rank, key);
        const item *in_order = sorted(key, key + v.n, v.n, wide ? 8 : 4);
        for (int64_t i = 0; i < v.n; i++) out[first + (rank ? in_order[i].at : i) * v.inner] = (int32_t)(rank ? i : in_order[i].at);
    }
}
const fen_op fenp_op_argsort = {
    .name = "argsort", .arity = 1, .flags = FEN_FLAT, .shape = order_shape, .run = {order_run, order_run}, .parts = order_parts,
        .scratch = order_scratch,
};
const fen_op fenp_op_rank = {
    .name = "rank", .arity = 1, .flags = FEN_FLAT, .shape = order_shape, .run = {order_run, order_run}, .parts = order_parts,
        .scratch = order_scratch,
};

/* cumsum */

static int cumsum_parts(const fen_node *y) {
    fenp_view v = along_view(y);
    return fenp_parts_for(v.outer * ((v.inner + 63) / 64), v.n * (v.inner < 64 ? v.inner : 64));
}
#define real int32_t
#define total int64_t
#define R(name) name##_integer
#include "ops/along.inc"
#undef real
#undef total
#undef R
#define total double
#define FENP_TWICE "ops/along.inc"
#include "kernels/twice.h"
#undef total
static void cumsum_single(const fen_step *s, int part) { (s->node->type == FEN_INTEGER ? cumsum_lines_integer : cumsum_lines_single)(s, part); }
static void cumsum_double(const fen_step *s, int part) { (s->node->type == FEN_INTEGER ? cumsum_lines_integer : cumsum_lines_double)(s, part); }
static void cumsum_vjp(fen_builder *b, fen_node *y, fen_node *gy, const bool *need, fen_node **gx) {
    (void)need;
    fen_attrs a = {.whole = {y->attrs.whole[0], !y->attrs.whole[1]}};
    gx[0] = fen_apply(b, &fenp_op_cumsum, &gy, 1, &a);
}
const fen_op fenp_op_cumsum = {
    .name = "cumsum", .arity = 1, .shape = along_shape, .run = {cumsum_single, cumsum_double}, .parts = cumsum_parts, .vjp = cumsum_vjp,
};

/* roll: w[1] lies within 0 .. size - 1 */

static void roll_run(const fen_step *s, int part) {
    (void)part;
    const fen_node *y = s->node;
    fenp_view v = along_view(y);
    size_t row = (size_t)v.inner * fenp_cell_size(y), shift = (size_t)y->attrs.whole[1] * row, all = (size_t)v.n * row;
    for (int64_t i = 0; i < v.outer; i++) {
        const char *x = (const char *)s->in[0] + (size_t)i * all;
        char *to = (char *)s->out + (size_t)i * all;
        memcpy(to + shift, x, all - shift);
        memcpy(to, x + all - shift, shift);
    }
}
static const char *roll_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    const char *wrong = along_shape(in, n, a, out, type);
    if (wrong) return wrong;
    return a->whole[1] < 0 || a->whole[1] >= out->size[a->whole[0]] ? "moves by more than there is" : NULL;
}
static void roll_vjp(fen_builder *b, fen_node *y, fen_node *gy, const bool *need, fen_node **gx) {
    (void)need;
    gx[0] = fenp_roll_at(b, gy, (int)y->attrs.whole[0], -y->attrs.whole[1]);
}
const fen_op fenp_op_roll = {.name = "roll", .arity = 1, .shape = roll_shape, .run = {roll_run, roll_run}, .vjp = roll_vjp};
