/* ops/leaf.c: values that have no inputs (memory, feeds, constants), and the two views that only mark a value: `name`, a variable
 * of its own, and `stop`, through which no derivative goes. Constants are double; they are rounded where they meet other widths. */
#include "ops/cells.h"

static const char *slot_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    const fenp_slot *slot = (const fenp_slot *)(intptr_t)a->whole[0];
    (void)in, (void)n;
    *out = slot->shape;
    *type = slot->type;
    return NULL;
}
static const char *given(const fen_attrs *a, int64_t type, fen_shape *out, fen_type *to) {
    *out = a->shape;
    *to = type ? FEN_INTEGER : FEN_REAL;
    for (int i = 0; i < a->shape.rank; i++) if (a->shape.size[i] < 0) return "a size is negative";
    return NULL;
}
static const char *first_is_type(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    (void)in, (void)n;
    return given(a, a->whole[0], out, type);
}
static const char *second_is_type(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    (void)in, (void)n;
    return given(a, a->whole[1], out, type);
}
static const char *coordinate_shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    (void)in, (void)n;
    if (a->whole[0] < 0 || a->whole[0] >= a->shape.rank) return "has no such axis";
    return given(a, a->whole[1], out, type);
}
static const char *never(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    (void)in, (void)n, (void)a, (void)out, (void)type;
    return "is no op to apply";
}
static const char *as_it_is(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    (void)n, (void)a, (void)out;
    *type = in[0]->type;
    return NULL;
}

/* Element i becomes v, in the type of the result. */
static inline void set(const fen_node *y, void *out, int64_t i, double v) {
    if (y->type == FEN_INTEGER) ((int32_t *)out)[i] = (int32_t)v;
    else if (y->wide)           ((double *)out)[i] = v;
    else                        ((float *)out)[i] = (float)v;
}

static int parts(const fen_node *y) { return fenp_parts_for(fenp_count(&y->shape), 1); }
static fenp_range range(const fen_node *y, int part) { return fenp_range_of(fenp_count(&y->shape), part, parts(y)); }

static void fill_run(const fen_step *s, int part) {
    fenp_range r = range(s->node, part);
    for (int64_t i = r.from; i < r.to; i++) set(s->node, s->out, i, s->node->attrs.real[0]);
}
static void table_run(const fen_step *s, int part) {
    const double *value = (const double *)(intptr_t)s->node->attrs.whole[0];
    fenp_range r = range(s->node, part);
    for (int64_t i = r.from; i < r.to; i++) set(s->node, s->out, i, value[i]);
}
static void coordinate_run(const fen_step *s, int part) {
    const fen_node *y = s->node;
    int p = (int)y->attrs.whole[0];
    int64_t stride = fenp_stride(&y->shape, p), size = y->shape.size[p];
    fenp_range r = range(y, part);
    for (int64_t i = r.from; i < r.to; i++) set(y, s->out, i, y->attrs.real[0] + (double)(i / stride % size) * y->attrs.real[1]);
}

static void name_vjp(fen_builder *b, fen_node *y, fen_node *gy, const bool *need, fen_node **gx) {
    (void)b, (void)y, (void)need;
    gx[0] = gy;
}

const fen_op fenp_op_slot = {.name = "slot", .shape = slot_shape};
const fen_op fenp_op_feed = {.name = "feed", .shape = second_is_type};
const fen_op fenp_op_fill = {.name = "fill", .shape = first_is_type, .run = {fill_run, fill_run}, .parts = parts};
const fen_op fenp_op_table = {.name = "table", .shape = second_is_type, .run = {table_run, table_run}, .parts = parts};
const fen_op fenp_op_coordinate = {.name = "coordinate", .shape = coordinate_shape, .run = {coordinate_run, coordinate_run}, .parts = parts};
const fen_op fenp_op_faulty = {.name = "faulty", .shape = never};
const fen_op fenp_op_name = {.name = "name", .arity = 1, .flags = FEN_VIEW, .shape = as_it_is, .vjp = name_vjp};
const fen_op fenp_op_stop = {.name = "stop_gradient", .arity = 1, .flags = FEN_VIEW | FEN_FLAT, .shape = as_it_is};
