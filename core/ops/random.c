/* ops/random.c: noise leaves. s->draw is the key of (seed, stream, draw number); each leading index in order of axis id steps it on to
 * the key of a row, so an axis that grows only appends; features 2j and 2j + 1 of a row are block j. The batch axis counts from
 * fenp_step.first, so the numbers of an evaluation do not depend on its batch size. */
#include "base/random.h"
#include "kernels/noise.h"
#include "ops/cells.h"
#include <math.h>
#include <string.h>

static const char *noise_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    (void)in, (void)n;
    *out = a->shape;
    *type = FEN_REAL;
    return NULL;
}
static const char *permutation_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    (void)in, (void)n;
    *out = a->shape;
    *type = FEN_INTEGER;
    return a->shape.leads == 1 && a->shape.rank == 1 ? NULL : "needs one leading axis and no features";
}

/* Blocks that are gathered until there are enough for one call. Rows follow one another in the result, so the blocks do too; where a
 * row has an odd number of features, its last block gives one number only. */
typedef struct gathered {
    const fen_step *step;
    int64_t row_size, to;                     /* to: the element of the result that the first block goes to */
    bool normal;
    int n;
    uint64_t key[FENP_NOISE_BLOCKS];
    uint32_t block[FENP_NOISE_BLOCKS];
} gathered;

/* Takes the numbers that are none out of x0 y0 x1 y1 ..; returns how many are left. */
static int64_t squeeze(const gathered *g, void *numbers, size_t size) {
    char *all = numbers;
    int64_t left = 0, last = g->row_size / 2;
    if (!last) {
        for (int i = 1; i < g->n; i++) memcpy(all + (size_t)i * size, all + 2 * (size_t)i * size, size);
        return g->n;
    }
    for (int i = 0; i < g->n; i++) {
        int64_t keep = g->block[i] == last ? 1 : 2;
        memmove(all + (size_t)left * size, all + 2 * (size_t)i * size, (size_t)keep * size);
        left += keep;
    }
    return left;
}

static void flush(gathered *g) {
    double x[FENP_NOISE_BLOCKS], y[FENP_NOISE_BLOCKS];
    union { double wide[2 * FENP_NOISE_BLOCKS]; float narrow[2 * FENP_NOISE_BLOCKS]; } both;
    bool wide = g->step->node->wide, odd = g->row_size % 2;
    size_t size = wide ? sizeof(double) : sizeof(float);
    char *out = (char *)g->step->out + (size_t)g->to * size;
    void *to = odd ? (void *)&both : (void *)out;
    if (g->normal) fenp_normal_pairs(g->key, g->block, g->n, x, y);
    else           fenp_uniform_pairs(g->key, g->block, g->n, x, y);
    if (wide) fenp_store_double(x, y, g->n, to);
    else      fenp_store_single(x, y, g->n, g->normal ? INFINITY : 1 - 0x1p-24, to);
    int64_t n = odd ? squeeze(g, &both, size) : 2 * g->n;
    if (odd) memcpy(out, &both, (size_t)n * size);
    g->to += n;
    g->n = 0;
}

static void add_row(gathered *g, uint64_t key) {
    int64_t blocks = (g->row_size + 1) / 2;
    for (int64_t j = 0; j < blocks;) {
        if (g->n == FENP_NOISE_BLOCKS) flush(g);
        int64_t n = FENP_NOISE_BLOCKS - g->n < blocks - j ? FENP_NOISE_BLOCKS - g->n : blocks - j;
        for (int64_t i = 0; i < n; i++) g->key[g->n + i] = key;
        for (int64_t i = 0; i < n; i++) g->block[g->n + i] = (uint32_t)(j + i);
        g->n += (int)n;
        j += n;
    }
}

static uint64_t first_of(const fen_step *s, int lead) { return s->node->shape.axis[lead] == FEN_BATCH ? (uint64_t)((const fenp_step *)s)->first : 0; }

/* The key of all leading indices but the last, for a row. */
static uint64_t outer_key(const fen_step *s, int64_t row) {
    const fen_shape *shape = &s->node->shape;
    uint64_t key = s->draw;
    for (int p = 0; p + 1 < shape->leads; p++) {
        int64_t index = row / fenp_span(shape, p + 1, shape->leads) % shape->size[p];
        key = fenp_key_step(key, first_of(s, p) + (uint64_t)index);
    }
    return key;
}

static int parts(const fen_node *y) { return fenp_parts_for(fen_rows(&y->shape), 8 * fen_row_size(&y->shape)); }

static void rows(const fen_step *s, int part, bool normal) {
    const fen_shape *shape = &s->node->shape;
    gathered g = {.step = s, .row_size = fen_row_size(shape), .normal = normal};
    fenp_range r = fenp_range_of(fen_rows(shape), part, parts(s->node));
    g.to = r.from * g.row_size;
    int last = shape->leads - 1;
    uint64_t keys[FENP_NOISE_BLOCKS];
    if (last < 0) {
        if (r.from < r.to) add_row(&g, s->draw);
        r.from = r.to;
    }
    for (int64_t row = r.from; row < r.to;) {   /* runs along the last leading axis */
        int64_t at = row % shape->size[last], n = shape->size[last] - at;
        if (n > r.to - row) n = r.to - row;
        if (n > FENP_NOISE_BLOCKS) n = FENP_NOISE_BLOCKS;
        bool single = g.row_size <= 2;        /* one block a row: the keys are where they are needed */
        fenp_row_keys(outer_key(s, row), first_of(s, last) + (uint64_t)at, (int)n, single ? g.key : keys);
        for (int64_t i = 0; i < n && !single; i++) add_row(&g, keys[i]);
        if (single) { g.n = (int)n; flush(&g); }
        row += n;
    }
    if (g.n) flush(&g);
}
static void uniform_run(const fen_step *s, int part) { rows(s, part, false); }
static void normal_run(const fen_step *s, int part) { rows(s, part, true); }

static int permutation_parts(const fen_node *y) { return fenp_parts_for(y->shape.size[0], 64); }
static void permutation_run(const fen_step *s, int part) {
    int64_t n = s->node->shape.size[0];
    int32_t *out = s->out;
    fenp_range r = fenp_range_of(n, part, permutation_parts(s->node));
    for (int64_t i = r.from; i < r.to; i++) out[i] = (int32_t)fenp_shuffled(s->draw, (uint64_t)i, (uint64_t)n);
}

const fen_op fenp_op_uniform = {.name = "uniform", .shape = noise_shape, .run = {uniform_run, uniform_run}, .parts = parts};
const fen_op fenp_op_normal = {.name = "normal", .shape = noise_shape, .run = {normal_run, normal_run}, .parts = parts};
const fen_op fenp_op_permutation = {
    .name = "permutation", .shape = permutation_shape, .run = {permutation_run, permutation_run}, .parts = permutation_parts,
};
