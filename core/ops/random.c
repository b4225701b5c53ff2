/* ops/random.c: noise leaves. s->draw is the key of (seed, stream, draw number); each leading index in order of axis id steps it on to
 * the key of a row, so an axis that grows only appends; features 2j and 2j + 1 of a row are block j. The batch axis counts from
 * fenp_step.first, so the numbers of an evaluation do not depend on its batch size. */
#include "base/random.h"
#include "kernels/noise.h"
#include "ops/cells.h"

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

/* Blocks that are gathered until there are enough for one call, and where their numbers go: `at` counts elements of the result. */
typedef struct gathered {
    const fen_step *step;
    int64_t row_size;
    bool normal;
    int n;
    uint64_t key[FENP_NOISE_BLOCKS];
    uint32_t block[FENP_NOISE_BLOCKS];
    int64_t at[FENP_NOISE_BLOCKS];
} gathered;

/* Uniforms stay below 1 when they are rounded to single. */
static inline float to_single(double x, bool normal) { return normal || x < 1 - 0x1p-24 ? (float)x : 1 - 0x1p-24f; }

static void store(const gathered *g, const double *x, const double *y) {
    float *narrow = g->step->out;
    double *wide = g->step->out;
    for (int i = 0; i < g->n; i++) {
        bool second = 2 * (int64_t)g->block[i] + 1 < g->row_size;
        if (g->step->node->wide) {
            wide[g->at[i]] = x[i];
            if (second) wide[g->at[i] + 1] = y[i];
        } else {
            narrow[g->at[i]] = to_single(x[i], g->normal);
            if (second) narrow[g->at[i] + 1] = to_single(y[i], g->normal);
        }
    }
}

static void flush(gathered *g) {
    double x[FENP_NOISE_BLOCKS], y[FENP_NOISE_BLOCKS];
    if (g->normal) fenp_normal_pairs(g->key, g->block, g->n, x, y);
    else           fenp_uniform_pairs(g->key, g->block, g->n, x, y);
    store(g, x, y);
    g->n = 0;
}

static void add_row(gathered *g, uint64_t key, int64_t row) {
    for (int64_t j = 0; 2 * j < g->row_size; j++) {
        if (g->n == FENP_NOISE_BLOCKS) flush(g);
        g->key[g->n] = key;
        g->block[g->n] = (uint32_t)j;
        g->at[g->n++] = row * g->row_size + 2 * j;
    }
}

static uint64_t first_of(const fen_step *s, int lead) { return s->node->shape.axis[lead] == FEN_BATCH ? (uint64_t)((const fenp_step *)s)->first : 0; }

/* The key of all leading indices but the last, for a row. */
static uint64_t outer_key(const fen_step *s, int64_t row) {
    const fen_shape *shape = &s->node->shape;
    uint64_t key = s->draw;
    for (int p = 0; p + 1 < shape->leads; p++) key = fenp_key_step(key, first_of(s, p) + (uint64_t)(row / fenp_span(shape, p + 1, shape->leads) % shape->size[p]));
    return key;
}

static int parts(const fen_node *y) { return fenp_parts_for(fen_rows(&y->shape), 8 * fen_row_size(&y->shape)); }

static void rows(const fen_step *s, int part, bool normal) {
    const fen_shape *shape = &s->node->shape;
    gathered g = {.step = s, .row_size = fen_row_size(shape), .normal = normal};
    fenp_range r = fenp_range_of(fen_rows(shape), part, parts(s->node));
    int last = shape->leads - 1;
    uint64_t keys[FENP_NOISE_BLOCKS];
    if (last < 0) {
        if (r.from < r.to) add_row(&g, s->draw, 0);
        r.from = r.to;
    }
    for (int64_t row = r.from; row < r.to;) {   /* runs along the last leading axis */
        int64_t at = row % shape->size[last], n = shape->size[last] - at;
        if (n > r.to - row) n = r.to - row;
        if (n > FENP_NOISE_BLOCKS) n = FENP_NOISE_BLOCKS;
        fenp_row_keys(outer_key(s, row), first_of(s, last) + (uint64_t)at, (int)n, keys);
        for (int64_t i = 0; i < n; i++) add_row(&g, keys[i], row + i);
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
