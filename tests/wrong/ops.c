/* ops.c: ops of a plugin, each wrong in one way; `cube` in the derivative that it builds. */
#include "wrong.h"

/* x^3; the derivative of the second is that of x^2. */
#define CUBE(name, type, factor)                                                                                                                     \
    static void name(int n, const void *const *in, void *out, const fen_attrs *a) {                                                                  \
        const type *x = in[0];                                                                                                                       \
        type *y = out;                                                                                                                               \
        (void)a;                                                                                                                                     \
        for (int i = 0; i < n; i++) y[i] = (type)(x[i] * x[i] * x[i] * factor);                                                                      \
    }
CUBE(cube_single, float, 1)
CUBE(cube_double, double, 1)
CUBE(coarse_single, float, 1.0001f)
static void cube_vjp(fen_builder *b, fen_node *y, fen_node *gy, const bool *need, fen_node **gx) {
    (void)need;
    gx[0] = fen_mul(b, gy, fen_scale(b, fen_square(b, y->in[0]), 3));
}
static void cube_vjp_wrong(fen_builder *b, fen_node *y, fen_node *gy, const bool *need, fen_node **gx) {
    (void)need;
    gx[0] = fen_mul(b, gy, fen_scale(b, fen_square(b, y->in[0]), 2));
}
static const fen_op wrong_vjp = {.name = "wrong_vjp", .arity = 1, .shape = as_input, .tile = {cube_single, cube_double}, .vjp = cube_vjp_wrong};
static const fen_op coarse = {.name = "coarse", .arity = 1, .shape = as_input, .tile = {coarse_single, cube_double}, .vjp = cube_vjp};

/* The expansion is another function. */
static fen_node *square_expand(fen_builder *b, fen_node *y) { return fen_square(b, y->in[0]); }
static const fen_op wrong_expand = {
    .name = "wrong_expand", .arity = 1, .shape = as_input, .tile = {cube_single, cube_double}, .expand = square_expand};

/* Kernels over all elements: y = 2 x, and something beside. */
enum { PARTS = 2 };
static int two_parts(const fen_node *y) { return (void)y, PARTS; }
static int64_t elements(const fen_node *x) {
    fen_shape s = fen_shape_of(x);
    return fen_rows(&s) * fen_row_size(&s);
}
#define TWICE(name, type, before, inside, behind)                                                                                                    \
    static void name(const fen_step *s, int part) {                                                                                                  \
        int64_t n = elements(s->node), from = n * part / PARTS, to = n * (part + 1) / PARTS;                                                         \
        const type *x = s->in[0];                                                                                                                    \
        type *y = s->out;                                                                                                                            \
        before;                                                                                                                                      \
        for (int64_t i = from; i < to; i++) inside;                                                                                                  \
        behind;                                                                                                                                      \
    }
#define BOTH(name, before, inside, behind) TWICE(name##_single, float, before, inside, behind) TWICE(name##_double, double, before, inside, behind)
static void twice_vjp(fen_builder *b, fen_node *y, fen_node *gy, const bool *need, fen_node **gx) {
    (void)need, (void)y;
    gx[0] = fen_scale(b, gy, 2);
}
#define TWICE_OP(n)                                                                                                                                  \
    static const fen_op n = {.name = #n, .arity = 1, .shape = as_input, .run = {n##_single, n##_double}, .parts = two_parts, .vjp = twice_vjp};
BOTH(beside, (void)0, y[i] = 2 * x[i], if (part) y[n] = 0)
BOTH(input, (void)0, y[i] = 2 * x[i], ((void *)(uintptr_t)x == s->out ? (void)0 : (void)memset((void *)(uintptr_t)x, 0, sizeof *x)))
BOTH(leftover, if (part) to--, y[i] = 2 * x[i], (void)0)
BOTH(order, (void)0, y[i] = 2 * x[i] + (i && i == from && y[0] == 2 * x[0]), (void)0)
TWICE_OP(beside)
TWICE_OP(input)
TWICE_OP(leftover)
TWICE_OP(order)
/* Scratch of 8 bytes, of which it uses 16. */
static size_t scratch_of_8(const fen_node *y) { return (void)y, 8; }
BOTH(scratch, ((double *)s->scratch)[1] = 1, y[i] = 2 * x[i], (void)0)
static const fen_op scratch = {.name = "scratch",
                               .arity = 1,
                               .shape = as_input,
                               .run = {scratch_single, scratch_double},
                               .parts = two_parts,
                               .scratch = scratch_of_8,
                               .vjp = twice_vjp};
/* Nothing is wrong with these two. */
static size_t scratch_of_16(const fen_node *y) { return (void)y, 16; }
static fen_node *twice_expand(fen_builder *b, fen_node *y) { return fen_add(b, y->in[0], y->in[0]); }
static const fen_op cube = {.name = "cube", .arity = 1, .shape = as_input, .tile = {cube_single, cube_double}, .vjp = cube_vjp};
static const fen_op twice = {.name = "twice",
                             .arity = 1,
                             .shape = as_input,
                             .run = {scratch_single, scratch_double},
                             .parts = two_parts,
                             .scratch = scratch_of_16,
                             .expand = twice_expand};
/* Says that it is flat, and is not. */
static const fen_op flat_lie = {.name = "flat_lie", .arity = 1, .flags = FEN_FLAT, .shape = as_input, .tile = {cube_single, cube_double}};
/* A tile that reads its neighbour: wrong in place, and in pieces. */
#define NEIGHBOUR(name, type)                                                                                                                        \
    static void name(int n, const void *const *in, void *out, const fen_attrs *a) {                                                                  \
        const type *x = in[0];                                                                                                                       \
        type *y = out;                                                                                                                               \
        (void)a;                                                                                                                                     \
        for (int i = 0; i < n; i++) y[i] = 2 * x[i] + (i ? x[i - 1] : 0);                                                                            \
    }
NEIGHBOUR(neighbour_single, float)
NEIGHBOUR(neighbour_double, double)
static const fen_op neighbour = {.name = "neighbour", .arity = 1, .shape = as_input, .tile = {neighbour_single, neighbour_double}, .vjp = twice_vjp};
static const fen_op undeclared = {.name = "undeclared", .arity = 1, .shape = as_input, .tile = {cube_single, cube_double}, .vjp = cube_vjp};

#define LAYER(op_name)                                                                                                                               \
    static void build_##op_name(fen_builder *b) {                                                                                                    \
        fen_node *x = fen_input(b, "x");                                                                                                             \
        fen_output(b, "y", fen_apply(b, &op_name, &x, 1, NULL));                                                                                     \
    }                                                                                                                                                \
    static const fen_function with_##op_name = {                                                                                                     \
        .name = "with_" #op_name, .summary = "One op.", .inputs = x_in, .outputs = y_out, .build = build_##op_name};
LAYER(wrong_vjp)
LAYER(cube)
LAYER(twice)
LAYER(undeclared)
LAYER(beside)
FEN_PLUGIN(.name = "ops", .version = "0.1.0", .license = "MIT",
           .layers = FEN_LIST(&with_cube, &with_twice, &with_wrong_vjp, &with_undeclared, &with_beside),
           .ops = FEN_OPS(&cube, &twice, &wrong_vjp, &coarse, &wrong_expand, &beside, &input, &leftover, &order, &scratch, &flat_lie, &neighbour));
