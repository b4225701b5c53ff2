/* op.c: one application of an op against its promises (op.h). */
#include "conformance/op.h"
#include "base/pool.h"
#include "base/random.h"
#include "ops/cells.h"
#include <float.h>
#include <math.h>
#include <string.h>

bool fenp_op_case_of(fenp_op_case *k, const fen_builder *b, const fen_node *x, fenp_op_value value, void *context, fenp_arena *memory) {
    if (x->n > FENP_OP_INPUTS) return false;
    *k = (fenp_op_case){.op = x->op, .n = x->n};
    memcpy(&k->attrs, &x->attrs, sizeof k->attrs);
    for (int i = 0; i < x->n; i++) {
        const fen_node *in = x->in[i];
        int64_t count = fenp_count(&in->shape);
        double *v = fenp_arena_new(memory, (size_t)count * sizeof *v + 8);
        for (int64_t j = 0; j < count; j++) {
            v[j] = value(context, in, j);
            if (in->type == FEN_REAL) v[j] = (double)(float)v[j]; /* the same in both precisions */
        }
        k->shape[i] = in->shape;
        k->type[i] = in->type;
        k->value[i] = v;
        k->wide[i] = in->wide;
        k->as_met |= x->op == &fenp_op_cast || (in->type == FEN_REAL && in->shape.rank && in->wide != b->doubles);
    }
    return true;
}

/* ---- a graph of this one op ---- */
typedef struct bench {
    const fenp_op_case *of;
    fenp_faults faults;
    fenp_store *store;
    fen_builder *b;
    fen_node *in[FENP_OP_INPUTS], *y;
    fenp_evaluator e;
} bench;

static void know_axes(fen_builder *b, const fen_shape *s) {
    for (int i = 0; i < s->leads; i++) {
        int id = s->axis[i];
        if (!b->axis[id].name) b->axis[id].name = "axis";
        b->axis[id].size = s->size[i];
        if (id < FENP_MAX_AXES && id >= b->axes) b->axes = id + 1;
        if (id >= FENP_MAX_AXES && id - FENP_MAX_AXES >= b->private_axes) b->private_axes = id - FENP_MAX_AXES + 1;
    }
}
static void open_bench(bench *n, const fenp_op_case *k, bool doubles) {
    *n = (bench){.of = k, .store = fenp_store_new(doubles)};
    n->b = fenp_builder_new(n->store, FEN_TRAIN, doubles, &n->faults);
    n->b->site = "op";
    n->e = (fenp_evaluator){.b = n->b};
    for (int i = 0; i < k->n; i++) {
        know_axes(n->b, &k->shape[i]);
        n->in[i] = fenp_feed_new(n->b, "x", k->shape[i], k->type[i], k->as_met ? k->wide[i] : doubles, FENP_ON_DRAW, NULL);
        if (fenp_is_faulty(n->b, n->in[i])) return;
        fenp_evaluator_put(&n->e, n->in[i], k->value[i]);
    }
    n->y = fen_apply(n->b, k->op, n->in, k->n, &k->attrs);
    if (fenp_is_faulty(n->b, n->y)) n->y = NULL;
}
static void close_bench(bench *n) {
    fenp_evaluator_free(&n->e);
    fenp_builder_free(n->b);
    fenp_store_free(n->store);
    fenp_faults_free(&n->faults);
}
static const char *bench_text(fenp_check *c, const bench *n) {
    fenp_text t = {0};
    fenp_text_add(&t, "op %s", n->of->op->name);
    for (int i = 0; i < n->of->n; i++) fenp_text_add(&t, "%s%s", i ? ", " : " of ", fenp_shape_text(n->b, n->of->shape[i], (char[160]){0}));
    fenp_text_add(&t, n->b->doubles ? " in double" : " in single");
    const char *text = fenp_arena_copy(&c->memory, t.at, t.n);
    fenp_text_free(&t);
    return text;
}

/* ---- running its kernel ---- */
typedef enum fenp_order { DOWN, UP, ODD_FIRST, ON_THREADS, ORDERS } fenp_order;
static const char *const order_text[ORDERS] = {"", "with its parts in another order", "with its parts in another order",
                                               "with its parts on three threads"};
typedef struct running {
    const fen_node *y;
    const void *const *in;
    char *out, **scratch;
    size_t bytes;
} running;
enum { BESIDE = 0xa5 };

static size_t bytes_of(const fen_node *x) { return (size_t)fenp_count(&x->shape) * fenp_cell_size(x); }
static char *guarded(size_t bytes, int fill) {
    char *m = fenp_new(bytes + 2 * FENP_GUARD);
    memset(m, BESIDE, bytes + 2 * FENP_GUARD);
    memset(m + FENP_GUARD, fill, bytes);
    return m + FENP_GUARD;
}
static bool whole(const char *m, size_t bytes) {
    for (size_t i = 0; i < FENP_GUARD; i++)
        if ((unsigned char)m[-1 - (long)i] != BESIDE || (unsigned char)m[bytes + i] != BESIDE) return false;
    return true;
}
static void run_part(const void *context, int part) {
    const running *r = context;
    fenp_step s = {.step = {.node = r->y, .in = r->in, .out = r->out, .scratch = r->scratch[part]}};
    r->y->op->run[fenp_kernel_width(r->y)](&s.step, part);
}
static void run_parts(running *r, int parts, fenp_order order) {
    if (order == ON_THREADS) {
        fenp_pool_start(3);
        fenp_pool_run(run_part, r, parts);
        fenp_pool_stop();
        return;
    }
    for (int k = 0; k < parts; k++) {
        int odd = parts / 2, part = order == UP ? k : order == DOWN ? parts - 1 - k : k < odd ? 2 * k + 1 : 2 * (k - odd);
        run_part(r, part);
    }
}
/* The value into `out`, which was filled with `fill` before. */
static void run_kernel(fenp_check *c, bench *n, const void *const *in, char *out, fenp_order order, const char *who) {
    const fen_node *y = n->y;
    int parts = y->op->parts ? y->op->parts(y) : 1;
    if (parts < 1) parts = 1;
    running r = {.y = y, .in = in, .out = out, .bytes = y->op->scratch ? y->op->scratch(y) : 0};
    r.scratch = fenp_new((size_t)parts * sizeof *r.scratch);
    for (int k = 0; k < parts; k++) r.scratch[k] = guarded(r.bytes, 0x3c);
    run_parts(&r, parts, order);
    for (int k = 0; k < parts; k++) {
        if (!whole(r.scratch[k], r.bytes)) fenp_find(c, "%s writes beside its scratch of %zu bytes a part", who, r.bytes);
        fenp_delete(r.scratch[k] - FENP_GUARD);
    }
    fenp_delete(r.scratch);
}
/* A tile in pieces: `cut` elements, then the rest; cut 0: whole. */
static void run_tile(bench *n, const void *const *in, char *out, int64_t cut) {
    const fen_node *y = n->y;
    int64_t count = fenp_count(&y->shape);
    const void *at[FENP_OP_INPUTS];
    for (int64_t from = 0; from < count || (from == 0 && count == 0);) {
        int64_t m = cut && from < 2 * cut && cut < count - from ? cut : count - from;
        for (int k = 0; k < y->n; k++) at[k] = (const char *)in[k] + (size_t)from * fenp_cell_size(y->in[k]);
        y->op->tile[fenp_kernel_width(y)]((int)m, at, out + (size_t)from * fenp_cell_size(y), &y->attrs);
        from += m ? m : 1;
    }
}

/* ---- kernels ---- */
static void gather_inputs(bench *n, const void **in) {
    for (int i = 0; i < n->y->n; i++) in[i] = fenp_evaluator_data(&n->e, n->y->in[i]);
}
static void compare(fenp_check *c, const bench *n, const char *first, const char *again, const char *who, const char *when) {
    size_t cell = fenp_cell_size(n->y);
    for (int64_t i = 0; i < fenp_count(&n->y->shape); i++) {
        if (memcmp(first + (size_t)i * cell, again + (size_t)i * cell, cell) == 0) continue;
        fenp_find(c, "%s differs %s: element %lld given %.17g, needed %.17g", who, when, (long long)i, fenp_cell_get(n->y, again, i),
                  fenp_cell_get(n->y, first, i));
        return;
    }
}
static uint64_t sum_of_inputs(const bench *n, const void *const *in) {
    uint64_t sum = 0;
    for (int i = 0; i < n->y->n; i++) {
        const unsigned char *p = in[i];
        for (size_t k = 0; k < bytes_of(n->y->in[i]); k++) sum = sum * 0x100000001B3u + p[k];
    }
    return sum;
}
/* Once more into fresh memory, and compared. */
static void once_more(fenp_check *c, bench *n, const void *const *in, const char *first, int way, const char *who) {
    static const unsigned char fills[] = {0x7b, 0x00, 0xff, 0x11};
    const fen_node *y = n->y;
    size_t bytes = bytes_of(y);
    char *out = guarded(bytes, fills[way % 4]);
    uint64_t before = sum_of_inputs(n, in);
    if (y->op->tile[0]) run_tile(n, in, out, way);
    else run_kernel(c, n, in, out, (fenp_order)way, who);
    if (!whole(out, bytes)) fenp_find(c, "%s writes beside its value", who);
    if (sum_of_inputs(n, in) != before) fenp_find(c, "%s changes its inputs", who);
    if (first) compare(c, n, first, out, who, y->op->tile[0] ? "when its elements come in other pieces" : order_text[way]);
    fenp_delete(out - FENP_GUARD);
}
/* out may be an input (op.h). */
static void in_place(fenp_check *c, bench *n, const void *const *in, const char *first, const char *who) {
    const void *mine[FENP_OP_INPUTS];
    const fen_node *y = n->y;
    for (int k = 0; k < y->n && y->op->tile[0]; k++) {
        if (fenp_cell_size(y->in[k]) != fenp_cell_size(y)) continue;
        char *both = guarded(bytes_of(y), 0);
        memcpy(both, in[k], bytes_of(y));
        for (int i = 0; i < y->n; i++) mine[i] = i == k ? both : in[i];
        run_tile(n, mine, both, 0);
        compare(c, n, first, both, who, "when it is written over an input");
        fenp_delete(both - FENP_GUARD);
    }
}
static double *kernels(fenp_check *c, bench *n) {
    const fen_node *y = n->y;
    const void *in[FENP_OP_INPUTS];
    const char *who = bench_text(c, n);
    size_t bytes = bytes_of(y);
    double *value = fenp_new((size_t)fenp_count(&y->shape) * sizeof *value + 8);
    if (y->op->flags & FEN_VIEW) return value;
    gather_inputs(n, in);
    char *first = guarded(bytes, 0x55);
    uint64_t before = sum_of_inputs(n, in);
    if (y->op->tile[0]) run_tile(n, in, first, 0);
    else run_kernel(c, n, in, first, DOWN, who);
    if (sum_of_inputs(n, in) != before) fenp_find(c, "%s changes its inputs", who);
    for (int way = 1; way < ORDERS; way++) once_more(c, n, in, first, way, who);
    once_more(c, n, in, NULL, 0, who);
    in_place(c, n, in, first, who);
    for (int64_t i = 0; i < fenp_count(&y->shape); i++) value[i] = fenp_cell_get(y, first, i);
    fenp_delete(first - FENP_GUARD);
    return value;
}

/* ---- single against double ---- */
static void add_spread(bench *n, const double *value, double *spread, int round) {
    const double error = 1e-7;
    for (int i = 0; i < n->of->n; i++) {
        int64_t count = fenp_count(&n->of->shape[i]);
        double *x = fenp_new((size_t)count * sizeof *x + 8);
        for (int64_t j = 0; j < count; j++) {
            double up = fenp_uniform_at((uint64_t)(500 + round), (uint64_t)(1000 * i + j)) < 0.5 ? error : -error;
            x[j] = n->of->value[i][j] * (n->of->type[i] == FEN_REAL ? 1 + up : 1);
        }
        fenp_evaluator_put(&n->e, n->in[i], x);
        fenp_delete(x);
    }
    fenp_evaluator_run(&n->e, NULL);
    for (int64_t i = 0; i < fenp_count(&n->y->shape); i++) spread[i] = fmax(spread[i], fabs(fenp_evaluator_at(&n->e, n->y, i) - value[i]) / error);
}
static void compare_precisions(fenp_check *c, bench *wide, const double *value, const double *narrow, const char *who) {
    int64_t n = fenp_count(&wide->y->shape), most = 1;
    double *spread = fenp_new((size_t)n * sizeof *spread + 8), size = 0, condition = 0;
    for (int round = 0; round < 4 && wide->of->n; round++) add_spread(wide, value, spread, round);
    for (int i = 0; i < wide->of->n; i++) most = fenp_count(&wide->of->shape[i]) > most ? fenp_count(&wide->of->shape[i]) : most;
    for (int64_t i = 0; i < n; i++) {
        size = fmax(size, fabs(value[i]));
        condition = fmax(condition, spread[i]);
    }
    double bound = 8 * FLT_EPSILON * sqrt((double)most) * (size + condition);
    for (int64_t i = 0; i < n; i++) {
        if (fabs(narrow[i] - value[i]) <= bound || (!isfinite(value[i]) && !isfinite(narrow[i]))) continue;
        fenp_find(c, "%s: element %lld given %.9g, needed %.9g (as in double) within %.2g", who, (long long)i, narrow[i], value[i], bound);
        break;
    }
    fenp_delete(spread);
}

/* ---- the whole ---- */
bool fenp_op_accepts(const fenp_op_case *k) {
    bench n;
    open_bench(&n, k, true);
    bool good = n.y && n.faults.n == 0;
    fen_node *real[FENP_OP_INPUTS], *gradient[FENP_OP_INPUTS];
    bool reached[FENP_OP_INPUTS];
    int reals = 0;
    for (int i = 0; i < k->n && good; i++)
        if (k->type[i] == FEN_REAL) real[reals++] = n.in[i];
    bool slopes = good && n.y->type == FEN_REAL && (k->op->vjp || k->op->expand);
    if (slopes && reals) fenp_gradients(n.b, fenp_weighted_sum(n.b, n.y, 3), NULL, real, reals, gradient, reached);
    if (good) fenp_evaluator_run(&n.e, NULL);
    for (int64_t i = 0; good && i < fenp_count(&n.y->shape); i++) good = isfinite(fenp_evaluator_at(&n.e, n.y, i));
    for (int g = 0; slopes && g < reals && !n.faults.n; g++)
        for (int64_t i = 0; good && i < fenp_count(&gradient[g]->shape); i++) good = isfinite(fenp_evaluator_at(&n.e, gradient[g], i));
    close_bench(&n);
    return good;
}
void fenp_op_kernels(fenp_check *c, const fenp_op_case *k) {
    bench wide, narrow;
    open_bench(&wide, k, true);
    open_bench(&narrow, k, false);
    const fenp_faults *said = wide.faults.n ? &wide.faults : &narrow.faults;
    if (said->n) fenp_find(c, "op %s: %s", k->op->name, said->at[0].text);
    if (wide.y && narrow.y && !said->n) {
        fen_shape again = {0};
        fen_type type = FEN_REAL;
        if (k->n) again = k->shape[0];
        const char *wrong = k->op->shape(wide.y->in, k->n, &wide.y->attrs, &again, &type);
        if (wrong || !fenp_same(&again, &wide.y->shape) || type != wide.y->type)
            fenp_find(c, "op %s: its shape rule answers otherwise when it is asked again", k->op->name);
        double *value = kernels(c, &wide), *single = kernels(c, &narrow);
        if (!(k->op->flags & FEN_VIEW)) compare_precisions(c, &wide, value, single, bench_text(c, &narrow));
        fenp_delete(value);
        fenp_delete(single);
    }
    close_bench(&wide);
    close_bench(&narrow);
}
static void check_expansion(fenp_check *c, bench *n) {
    fen_node *z = n->of->op->expand(n->b, n->y);
    const char *who = bench_text(c, n);
    if (!z || fenp_is_faulty(n->b, z)) {
        fenp_find(c, "%s: no expansion: %s", who, n->faults.n ? n->faults.at[0].text : "it is NULL");
        return;
    }
    if (!fenp_same(&z->shape, &n->y->shape)) {
        fenp_find(c, "%s: its expansion has shape %s, needed %s", who, fenp_shape_text(n->b, z->shape, (char[160]){0}),
                  fenp_shape_text(n->b, n->y->shape, (char[160]){0}));
        return;
    }
    double size = 1e-300;
    fenp_evaluator_run(&n->e, NULL);
    for (int64_t i = 0; i < fenp_count(&z->shape); i++) size = fmax(size, fabs(fenp_evaluator_at(&n->e, n->y, i)));
    for (int64_t i = 0; i < fenp_count(&z->shape); i++) {
        double run = fenp_evaluator_at(&n->e, n->y, i), expanded = fenp_evaluator_at(&n->e, z, i);
        if (fabs(run - expanded) <= 1e-12 * size || (run != run && expanded != expanded)) continue;
        fenp_find(c, "%s: its kernel differs from its expansion: element %lld given %.15g, needed %.15g", who, (long long)i, run, expanded);
        return;
    }
}
void fenp_op_derivatives(fenp_check *c, const fenp_op_case *k) {
    bench n;
    open_bench(&n, k, true);
    fenp_variable x[FENP_OP_INPUTS];
    int reals = 0;
    for (int i = 0; i < k->n && n.y; i++)
        if (k->type[i] == FEN_REAL)
            x[reals++] = (fenp_variable){.name = fenp_arena_text(&c->memory, "input %d", i),
                                         .node = n.in[i],
                                         .count = fenp_count(&k->shape[i]),
                                         .value = (double *)(uintptr_t)k->value[i]};
    if (n.y && k->op->expand) check_expansion(c, &n);
    bool slopes = k->op->vjp || k->op->expand || k->op->flags & FEN_FLAT;
    if (n.y && reals && slopes && n.y->type == FEN_REAL) {
        const fenp_slope s = {.b = n.b, .x = x, .n = reals, .y = n.y, .name = bench_text(c, &n), .where = ""};
        fenp_slope_check(c, &s);
    }
    close_bench(&n);
}
