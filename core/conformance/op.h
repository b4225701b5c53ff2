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
    bool as_met, wide[FENP_OP_INPUTS]; /* as_met: inputs are single or double as `wide` says, whatever the precision */
} fenp_op_case;
/* Node x of b as a case; value(context, node, i) is element i of an input. false: it has too many inputs. */
typedef double (*fenp_op_value)(void *context, const fen_node *x, int64_t i);
bool fenp_op_case_of(fenp_op_case *k, const fen_builder *b, const fen_node *x, fenp_op_value value, void *context, fenp_arena *memory);

/* Shape rule; kernels in both precisions: the same bits for any order of the parts, on threads, in any cut of a tile, in place, whatever stood
 * in the result; nothing written beside result and scratch, no input changed; single against double. */
void fenp_op_kernels(fenp_check *c, const fenp_op_case *k);
/* vjp (or expand) of first and second order against differences; the expansion against the kernel. */
void fenp_op_derivatives(fenp_check *c, const fenp_op_case *k);
/* The shape rule takes it, and value and derivatives are finite. */
bool fenp_op_accepts(const fenp_op_case *k);
int fenp_kernel_width(const fen_node *x); /* 0 single, 1 double: which of its kernels runs */
#endif
