/* conformance/op.h: one application of an op, held to what core/include/fenchel/op.h promises: for ops of plugins as they are met in the
 * graphs of their functions, and for whoever has examples of other ops. */
#ifndef FENCHEL_CONFORMANCE_OP_H
#define FENCHEL_CONFORMANCE_OP_H
#include "conformance/conformance.h"

enum { FENP_OP_INPUTS = 16 };
typedef struct fenp_op_case {
    const fen_op *op;
    int n;
    fen_shape shape[FENP_OP_INPUTS];
    fen_type type[FENP_OP_INPUTS];
    const double *value[FENP_OP_INPUTS]; /* where value and derivatives are finite */
    fen_attrs attrs;
} fenp_op_case;

/* Shape rule; kernels in both precisions: the same bits for any order of the parts, on threads, in any cut of a tile, in place, whatever stood
 * in the result; nothing written beside result and scratch, no input changed; single against double. */
void fenp_op_kernels(fenp_check *c, const fenp_op_case *k);
/* vjp (or expand) of first and second order against differences; the expansion against the kernel. */
void fenp_op_derivatives(fenp_check *c, const fenp_op_case *k);
/* The shape rule takes it, and value and derivatives are finite. */
bool fenp_op_accepts(const fenp_op_case *k);
int fenp_kernel_width(const fen_node *x); /* 0 single, 1 double: which of its kernels runs */
#endif
