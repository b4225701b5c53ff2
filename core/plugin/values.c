/* Verbs of fenchel/graph.h that are no more than a verb by position or a leaf of the graph. */
#include "ops/ops.h"

fen_node *fen_constants(fen_builder *b, fen_type type, fen_shape shape, const double *value) {
    const char *wrong = value ? fenp_shape_refuses(&shape) : "its values are NULL";
    return wrong ? fenp_faulty(b, "constants: %s", wrong) : fenp_table(b, shape, type, value);
}

fen_node *fen_cumsum(fen_builder *b, fen_node *x, int k) {
    int n = x->shape.rank - x->shape.leads, p = k < 0 ? n + k : k;
    if (fenp_is_faulty(b, x)) return x;
    if (p < 0 || p >= n) return fenp_faulty(b, "cumsum: given feature %d of a value that has %d", k, n);
    return fenp_cumsum_at(b, x, x->shape.leads + p);
}
