/* fenchel/graph.h: the verbs with which a plugin composes its graph.
 *
 * A node is a value of the graph that is being built; the graph owns it, it lives as long as the builder. NULL only where said.
 * A faulty input gives a faulty node, silently: the error stands once in the host's list, with file:line:column. Every question
 * about a faulty node's shape answers 1, every faulty integer attribute is 1: no result needs a check, no division can fail.
 *
 * A shape is [leading; features]. Leading axes have names and are aligned by name; features are positional and aligned on the
 * right, where size 1 stretches. Two-operand verbs align and broadcast; ops see equal shapes, so the rule exists once.
 * Numbers (no axes at all) are double whatever the precision. Counting features: 0 is the first, -1 the last (the channel). */
#ifndef FENCHEL_GRAPH_H
#define FENCHEL_GRAPH_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

enum { FEN_MAX_RANK = 8, FEN_BATCH = 0 };
typedef struct fen_builder fen_builder;
typedef struct fen_node fen_node;
typedef uint8_t fen_axis;                     /* FEN_BATCH, then `axes:` in order of declaration, then private ones */
typedef enum fen_type { FEN_REAL, FEN_INTEGER } fen_type;            /* float or double by the precision; int32_t */
typedef enum fen_mode { FEN_TRAIN, FEN_EVALUATE, FEN_INITIALISE } fen_mode;

/* The first `leads` sizes belong to axis[0..leads), ascending; the rest are features. Zero beyond, so shapes compare as bytes. */
typedef struct fen_shape { uint8_t leads, rank; fen_axis axis[FEN_MAX_RANK]; int64_t size[FEN_MAX_RANK]; } fen_shape;
fen_shape fen_features(int n, const int64_t *size);                  /* [; size...]; n 0 is a number */
fen_shape fen_vector(int64_t n);
fen_shape fen_matrix(int64_t rows, int64_t columns);
fen_shape fen_shape_of(const fen_node *x);
int64_t   fen_feature(const fen_node *x, int k);                     /* size of feature k; 1 where there is none */
int64_t   fen_rows(const fen_shape *s);                              /* product of the leading sizes */
int64_t   fen_row_size(const fen_shape *s);                          /* product of the features: kernels see [rows; row_size] */

/* Ports and attributes of the function that is being built. Optional: NULL where the user gave none. */
fen_node   *fen_input(fen_builder *b, const char *port);
fen_node   *fen_input_or_null(fen_builder *b, const char *port);
void        fen_output(fen_builder *b, const char *port, fen_node *x);
bool        fen_attr_given(fen_builder *b, const char *name);           /* said, and (but for shapes) other than its default */
double      fen_attr_real(fen_builder *b, const char *name);
int64_t     fen_attr_int(fen_builder *b, const char *name);
bool        fen_attr_bool(fen_builder *b, const char *name);
const char *fen_attr_word(fen_builder *b, const char *name);         /* valid while the experiment is */
fen_shape   fen_attr_shape(fen_builder *b, const char *name);
fen_node   *fen_attr_node(fen_builder *b, const char *name);         /* a live number, or a table of constants */
fen_node   *fen_fault(fen_builder *b, const char *format, ...)       /* what tables cannot say: "who: given, needed, mend" */
    __attribute__((format(printf, 2, 3)));

/* Parameters, states, noise: named within the owner (network and layer path), found again by every call of it.
 * init names an attribute of type FEN_ATTR_FUNCTION, or is NULL for zeros. A function attribute that has the parameter's own
 * name is its weight function: fen_param returns the value behind it. State is the value at the turn's start; if several
 * calls of a turn set it, the mean of what they set is stored. Noise is fresh at every place, call and turn. */
fen_node *fen_param(fen_builder *b, const char *name, fen_shape shape, const char *init);
fen_node *fen_param_from(fen_builder *b, const char *name, fen_node *first);   /* starts as `first` of the first draw */
fen_node *fen_state(fen_builder *b, const char *name, fen_shape shape, double first);
void      fen_state_set(fen_builder *b, const char *name, fen_node *next);
fen_node *fen_uniform(fen_builder *b, const char *name, fen_shape shape);      /* (0, 1) */
fen_node *fen_normal(fen_builder *b, const char *name, fen_shape shape);
fen_node *fen_permutation(fen_builder *b, const char *name, fen_axis axis);    /* integers [axis;] */
fen_mode  fen_mode_of(const fen_builder *b);

/* What attributes of type layers (they may read the number `bound`; NULL: none), network and sampler give. */
fen_node *fen_layers(fen_builder *b, const char *attribute, fen_node *x, const char *bound, int64_t value);
fen_node *fen_network(fen_builder *b, const char *attribute, fen_node *const *in, int n);
fen_node *fen_log_density(fen_builder *b, const char *sampler, fen_node *x);
typedef enum fen_conjugate_part { FEN_F, FEN_F_SLOPE, FEN_F_CONJUGATE, FEN_F_ACTIVATION } fen_conjugate_part;
fen_node *fen_conjugate_of(fen_builder *b, const char *function, fen_conjugate_part part, fen_node *x);   /* of a divergence */
void      fen_modes(fen_builder *b, const char *sampler, fen_node **centre, fen_node **sd, fen_axis *mode);

/* Samplers: the shape of a draw whose inputs have these features: with the sampler's axes, its inputs' leading axes, and what is
 * asked for (attribute `shape`, or the parameter that is initialised). Laws: the features of one draw. Invertible layers: what
 * `build` was given at this port, for `invert`; the account of log|det|, one number a row, of the network being built. */
fen_shape fen_draw_shape(fen_builder *b, fen_shape features);
fen_shape fen_event_shape(fen_builder *b);
fen_shape fen_forward_shape(fen_builder *b, const char *port);
void      fen_log_det_add(fen_builder *b, fen_node *x);
void      fen_feed(fen_builder *b, const char *name, fen_node *x);   /* metrics with a fold: what each draw hands to `add` */

fen_node *fen_gradient(fen_builder *b, fen_node *y, fen_node *x);    /* of the sum of y; differentiable again */
fen_node *fen_stop_gradient(fen_builder *b, fen_node *x);

/* Elementwise */
#define FEN_UNARY(f)  fen_node *f(fen_builder *b, fen_node *x)
#define FEN_BINARY(f) fen_node *f(fen_builder *b, fen_node *x, fen_node *y)
#define FEN_SCALED(f) fen_node *f(fen_builder *b, fen_node *x, double a)
FEN_BINARY(fen_add);     FEN_BINARY(fen_sub);     FEN_BINARY(fen_mul);     FEN_BINARY(fen_div);
FEN_BINARY(fen_less);    FEN_BINARY(fen_equal);   FEN_BINARY(fen_max);     FEN_BINARY(fen_min);
FEN_UNARY(fen_neg);      FEN_UNARY(fen_abs);      FEN_UNARY(fen_sign);     FEN_UNARY(fen_square);    FEN_UNARY(fen_sqrt);
FEN_UNARY(fen_exp);      FEN_UNARY(fen_expm1);    FEN_UNARY(fen_log);      FEN_UNARY(fen_log1p);     FEN_UNARY(fen_floor);
FEN_UNARY(fen_sin);      FEN_UNARY(fen_cos);      FEN_UNARY(fen_tanh);     FEN_UNARY(fen_sigmoid);   FEN_UNARY(fen_log_sigmoid);
FEN_UNARY(fen_softplus); FEN_UNARY(fen_relu);     FEN_UNARY(fen_erf);      FEN_UNARY(fen_erf_inverse); FEN_UNARY(fen_lgamma);
FEN_SCALED(fen_scale);   FEN_SCALED(fen_shift);   FEN_SCALED(fen_power);   FEN_SCALED(fen_leaky_relu);
fen_node *fen_where(fen_builder *b, fen_node *condition, fen_node *x, fen_node *y);
fen_node *fen_fill(fen_builder *b, fen_shape shape, double value);
fen_node *fen_constants(fen_builder *b, fen_type type, fen_shape shape, const double *value);   /* a table; copied */
fen_node *fen_one_hot(fen_builder *b, fen_node *i, int64_t n);
fen_node *fen_coordinate(fen_builder *b, fen_axis axis);             /* [axis;] */
fen_node *fen_feature_coordinate(fen_builder *b, fen_node *x, int k);/* [; features of x], the position along feature k */

/* Reductions: what is reduced vanishes. */
typedef enum fen_reduction { FEN_SUM, FEN_MEAN, FEN_MAX, FEN_MIN, FEN_LOGSUMEXP, FEN_ARGMAX, FEN_ARGMIN } fen_reduction;
typedef enum fen_over { FEN_ALL, FEN_LEADS, FEN_FEATURES, FEN_CHANNEL, FEN_PLACES, FEN_ALL_BUT_CHANNEL } fen_over;
fen_node *fen_reduce(fen_builder *b, fen_reduction how, fen_node *x, fen_over over);
fen_node *fen_reduce_axis(fen_builder *b, fen_reduction how, fen_node *x, fen_axis axis);
FEN_UNARY(fen_sum); FEN_UNARY(fen_mean); FEN_UNARY(fen_sum_features); FEN_UNARY(fen_mean_features);

/* Shapes, features only: leading axes pass through. slice takes first, first + step, ..; spread is its adjoint, zero elsewhere. */
fen_node *fen_reshape(fen_builder *b, fen_node *x, fen_shape features);
fen_node *fen_slice(fen_builder *b, fen_node *x, int k, int64_t first, int64_t step, int64_t count);
fen_node *fen_spread(fen_builder *b, fen_node *x, int k, int64_t first, int64_t step, int64_t size);
fen_node *fen_concat(fen_builder *b, fen_node *const *x, int n, int k);
fen_node *fen_cumsum(fen_builder *b, fen_node *x, int k);            /* along feature k, its own entry included */
fen_node *fen_pick(fen_builder *b, fen_node *x, int k, fen_node *i); /* entry i of feature k; gains the axes of i */
/* Leading axes */
fen_axis  fen_axis_new(fen_builder *b, int64_t size);                /* private to this call: all pairs, mixture modes */
fen_node *fen_name(fen_builder *b, fen_node *x, fen_axis axis);      /* first feature -> leading axis; unname: back */
fen_node *fen_unname(fen_builder *b, fen_node *x, fen_axis axis);
fen_node *fen_rename(fen_builder *b, fen_node *x, fen_axis from, fen_axis to);
fen_node *fen_argsort(fen_builder *b, fen_node *x, fen_axis axis);   /* integers; flat: no derivative */
fen_node *fen_gather(fen_builder *b, fen_node *x, fen_axis axis, fen_node *i);
/* Matrices: the last two features; one alone is a row. linear: x [..., k], w [; k, n] -> [..., n] at every row and place. */
FEN_BINARY(fen_linear);    FEN_BINARY(fen_matmul);    FEN_UNARY(fen_transpose); FEN_UNARY(fen_diagonal);
FEN_UNARY(fen_cholesky);   FEN_BINARY(fen_solve_lower); FEN_UNARY(fen_log_abs_det);

#undef FEN_UNARY
#undef FEN_BINARY
#undef FEN_SCALED
#ifdef __cplusplus
}
#endif
#endif
