/* ops/ops.h: the op set, and the verbs by position that the language uses beside fenchel/graph.h. An op is one const; its shape
 * rule, vjp and kernels stand beside each other in the file of its family. A position p of a value counts its sizes: leading axes
 * first, then features. Attributes of each op are said beside it: r = attrs.real, w = attrs.whole, s = attrs.shape. */
#ifndef FENCHEL_OPS_OPS_H
#define FENCHEL_OPS_OPS_H
#include "graph/builder.h"

/* leaf.c */
extern const fen_op fenp_op_slot;             /* w[0] the fenp_slot; never run: it is memory */
extern const fen_op fenp_op_feed;             /* w[0] index in builder.feed; never run */
extern const fen_op fenp_op_fill;             /* r[0] in every element of s; w[0] is the fen_type */
extern const fen_op fenp_op_table;            /* w[0] const double * of s; w[1] is the fen_type */
extern const fen_op fenp_op_coordinate;       /* w[0] position p in s, r[0] first, r[1] step; w[1] the type: p's index along s */
extern const fen_op fenp_op_faulty;
extern const fen_op fenp_op_name;             /* view: a variable of its own */
extern const fen_op fenp_op_stop;             /* view, flat: stop_gradient */
/* random.c: w[0] index in builder.noise, w[1] the stream's hash; draw keys come with the step */
extern const fen_op fenp_op_uniform, fenp_op_normal, fenp_op_permutation;
/* elementwise.c: equal shapes; reals unless said. Integers have ops of their own with int32 tiles in both places. */
extern const fen_op fenp_op_affine;           /* r[0] x + r[1] */
extern const fen_op fenp_op_add, fenp_op_sub, fenp_op_mul, fenp_op_div, fenp_op_max, fenp_op_min, fenp_op_remainder, fenp_op_power2;   /* power2: x^y, x > 0 */
extern const fen_op fenp_op_power;            /* x^r[0] */
extern const fen_op fenp_op_abs, fenp_op_square, fenp_op_sqrt, fenp_op_exp, fenp_op_expm1, fenp_op_log, fenp_op_log1p, fenp_op_sin, fenp_op_cos,
    fenp_op_tanh, fenp_op_sigmoid, fenp_op_log_sigmoid, fenp_op_softplus, fenp_op_erf, fenp_op_erf_inverse, fenp_op_lgamma;
extern const fen_op fenp_op_polygamma;        /* w[0] = order: 0 digamma, 1 trigamma, .. */
extern const fen_op fenp_op_leaky_relu;       /* r[0] slope (0: relu) */
extern const fen_op fenp_op_slope;            /* 1 where x > 0, r[0] elsewhere: flat */
extern const fen_op fenp_op_sign, fenp_op_floor, fenp_op_ceil, fenp_op_round;                /* flat, real to real */
extern const fen_op fenp_op_less, fenp_op_less_equal, fenp_op_equal, fenp_op_isfinite;      /* flat, reals to integer 0 or 1 */
extern const fen_op fenp_op_where;            /* integer condition, x, y */
extern const fen_op fenp_op_int_add, fenp_op_int_sub, fenp_op_int_mul, fenp_op_int_remainder, fenp_op_int_max, fenp_op_int_min,
    fenp_op_int_less, fenp_op_int_less_equal, fenp_op_int_equal, fenp_op_int_where;
extern const fen_op fenp_op_to_real, fenp_op_to_integer;   /* between the types; to_integer truncates a value that is whole */
extern const fen_op fenp_op_cast;             /* wide <-> narrow real of the same shape; w[0]: 1 to wide. Vjp: cast back */
/* structure.c */
extern const fen_op fenp_op_broadcast;        /* to s; input: a scalar (double), or aligned with s: fewer leading axes, features 1 or fewer */
extern const fen_op fenp_op_reshape;          /* view: s with as many elements in the same order; only labels and cuts change. Not to or from a scalar */
extern const fen_op fenp_op_number;           /* one element -> a scalar (double) */
extern const fen_op fenp_op_permute;          /* input positions w[0..5] packed: position i of s comes from input position (w[0] >> 4i) & 15 */
extern const fen_op fenp_op_slice;            /* w: p, first, step, count; a view where the rows are contiguous */
bool fenp_slice_is_view(const fen_node *y);   /* this slice's elements lie in its input one behind the other, from w[1] * stride(p) on */
extern const fen_op fenp_op_spread;           /* w: p, first, step, size of the result; zero elsewhere */
extern const fen_op fenp_op_concat;           /* any number of inputs; w[0] = p */
/* reduce.c: w[0] mask of positions that vanish (one run of neighbours at a time) */
extern const fen_op fenp_op_reduce_sum, fenp_op_reduce_max, fenp_op_reduce_min, fenp_op_reduce_argmax, fenp_op_reduce_argmin, fenp_op_reduce_logsumexp;
/* gather.c: w[0] position p in x; s the shape of x (for scatter_add) */
extern const fen_op fenp_op_gather, fenp_op_scatter_add;
extern const fen_op fenp_op_argsort, fenp_op_rank;         /* w[0] = p; ascending, first of equals first; rank: 0 is the largest */
extern const fen_op fenp_op_cumsum;           /* w[0] = p, w[1]: 1 from the end */
extern const fen_op fenp_op_roll;             /* w[0] = p, w[1] = n: entry j moves to j + n */
/* linear.c: w[1] y transposed; matmul: w[0] x transposed too */
extern const fen_op fenp_op_linear;           /* all rows of x as [rows, k] times y [; k, n] (transposed: y lies as [; n, k]) */
extern const fen_op fenp_op_outer_rows;       /* x [.., m], y [.., n] -> [; m, n], summed over all rows: the gradient of linear by its weight */
extern const fen_op fenp_op_matmul;           /* last two features, batched over equal leads and other features */
/* matrix.c: last two features, batched */
extern const fen_op fenp_op_cholesky;         /* lower factor */
extern const fen_op fenp_op_solve_triangular; /* L, B: w[0] L transposed; L lower */
extern const fen_op fenp_op_inverse, fenp_op_log_abs_det, fenp_op_lower;      /* lower: keeps the lower triangle, w[0]: 1 strictly, 2 diagonal halved */
extern const fen_op fenp_op_diagonal, fenp_op_from_diagonal;

/* Every op, NULL-ended: the conformance suite walks it. */
extern const fen_op *const fenp_ops[];

/* Verbs by position. Mask: bit p for position p. */
fen_node *fenp_broadcast(fen_builder *b, fen_node *x, fen_shape to);
fen_node *fenp_relabel(fen_builder *b, fen_node *x, fen_shape to);             /* reshape with any labels; scalars through number and broadcast */
fen_node *fenp_permute(fen_builder *b, fen_node *x, const int *from, fen_shape to);
fen_node *fenp_reduce(fen_builder *b, fen_reduction how, fen_node *x, unsigned mask);
fen_node *fenp_slice_at(fen_builder *b, fen_node *x, int p, int64_t first, int64_t step, int64_t count);
fen_node *fenp_spread_at(fen_builder *b, fen_node *x, int p, int64_t first, int64_t step, int64_t size);
fen_node *fenp_concat_at(fen_builder *b, fen_node *const *x, int n, int p);
/* Entry i of position p of x. Leading axes of i align with those of x by name. If i has axis p itself, the result keeps it (sorting,
 * shuffling); else p vanishes, and the features of i stand in its place (before the features, where p is a leading axis). */
fen_node *fenp_gather_at(fen_builder *b, fen_node *x, int p, fen_node *i);
fen_node *fenp_argsort_at(fen_builder *b, fen_node *x, int p);
fen_node *fenp_rank_at(fen_builder *b, fen_node *x, int p);
fen_node *fenp_sort_at(fen_builder *b, fen_node *x, int p);                    /* each line for itself, whatever else x has; differentiable */
fen_node *fenp_cumsum_at(fen_builder *b, fen_node *x, int p);
fen_node *fenp_roll_at(fen_builder *b, fen_node *x, int p, int64_t n);
fen_node *fenp_coordinate_at(fen_builder *b, fen_shape s, int p);              /* integers 0.. along p, broadcast over s */
/* Elementwise beside graph.h; two integers stay integers in add, sub, mul, remainder, max, min, where; else to reals first. */
fen_node *fenp_remainder(fen_builder *b, fen_node *x, fen_node *y);            /* has y's sign */
fen_node *fenp_power(fen_builder *b, fen_node *x, fen_node *y);                /* a constant whole or .5 exponent becomes squares, roots, powers */
fen_node *fenp_less_equal(fen_builder *b, fen_node *x, fen_node *y);
fen_node *fenp_ceil(fen_builder *b, fen_node *x);
fen_node *fenp_round(fen_builder *b, fen_node *x);
fen_node *fenp_isfinite(fen_builder *b, fen_node *x);
fen_node *fenp_to_real(fen_builder *b, fen_node *x);                           /* nothing to do for reals */
fen_node *fenp_to_integer(fen_builder *b, fen_node *x);
fen_node *fenp_widen(fen_builder *b, fen_node *x, bool wide);                  /* cast where needed */
/* Composed */
fen_node *fenp_softmax(fen_builder *b, fen_node *x, unsigned mask, bool log);
fen_node *fenp_norm(fen_builder *b, fen_node *x, unsigned mask);               /* derivative 0 at 0 */
fen_node *fenp_outer(fen_builder *b, fen_node *x, fen_node *y);
fen_node *fenp_solve(fen_builder *b, fen_node *a, fen_node *y);                /* general, through the inverse's LU */
fen_node *fenp_eye(fen_builder *b, int64_t n);
/* The number that a constant scalar has; false: it is no constant. */
bool      fenp_constant(const fen_node *x, double *value);
/* All elements of a constant in double; NULL: it is none. Free with fenp_delete. */
double   *fenp_constants(const fen_node *x);

/* What a kernel of random.c finds behind its fen_step: fen_step.draw is the key of (seed, stream, draw number). */
typedef struct fenp_step { fen_step step; int64_t first; } fenp_step;          /* first: index of the first example of the batch axis */
#endif
