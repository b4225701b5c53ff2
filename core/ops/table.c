/* ops/table.c: every op, by family. */
#include "ops/ops.h"

const fen_op *const fenp_ops[] = {
    /* leaf.c */
    &fenp_op_slot, &fenp_op_feed, &fenp_op_fill, &fenp_op_table, &fenp_op_coordinate, &fenp_op_faulty, &fenp_op_name, &fenp_op_stop,
    /* random.c */
    &fenp_op_uniform, &fenp_op_normal, &fenp_op_permutation,
    /* elementwise.c */
    &fenp_op_affine, &fenp_op_add, &fenp_op_sub, &fenp_op_mul, &fenp_op_div, &fenp_op_max, &fenp_op_min, &fenp_op_remainder,
    &fenp_op_power2, &fenp_op_power, &fenp_op_abs, &fenp_op_square, &fenp_op_sqrt, &fenp_op_exp, &fenp_op_expm1, &fenp_op_log,
    &fenp_op_log1p, &fenp_op_sin, &fenp_op_cos, &fenp_op_tanh, &fenp_op_sigmoid, &fenp_op_log_sigmoid, &fenp_op_softplus, &fenp_op_erf,
    &fenp_op_erf_inverse, &fenp_op_lgamma, &fenp_op_polygamma, &fenp_op_leaky_relu, &fenp_op_slope, &fenp_op_sign, &fenp_op_floor,
    &fenp_op_ceil, &fenp_op_round, &fenp_op_less, &fenp_op_less_equal, &fenp_op_equal, &fenp_op_isfinite, &fenp_op_where,
    &fenp_op_int_add, &fenp_op_int_sub, &fenp_op_int_mul, &fenp_op_int_remainder, &fenp_op_int_max, &fenp_op_int_min,
    &fenp_op_int_less, &fenp_op_int_less_equal, &fenp_op_int_equal, &fenp_op_int_where, &fenp_op_to_real, &fenp_op_to_integer,
    &fenp_op_cast,
    /* structure.c */
    &fenp_op_broadcast, &fenp_op_reshape, &fenp_op_number, &fenp_op_permute, &fenp_op_slice, &fenp_op_spread, &fenp_op_concat,
    /* reduce.c */
    &fenp_op_reduce_sum, &fenp_op_reduce_max, &fenp_op_reduce_min, &fenp_op_reduce_argmax, &fenp_op_reduce_argmin,
    &fenp_op_reduce_logsumexp,
    /* gather.c */
    &fenp_op_gather, &fenp_op_scatter_add, &fenp_op_argsort, &fenp_op_rank, &fenp_op_cumsum, &fenp_op_roll,
    /* linear.c */
    &fenp_op_linear, &fenp_op_outer_rows, &fenp_op_matmul,
    /* matrix.c */
    &fenp_op_cholesky, &fenp_op_solve_triangular, &fenp_op_inverse, &fenp_op_log_abs_det, &fenp_op_lower, &fenp_op_diagonal,
    &fenp_op_from_diagonal,
    NULL,
};
