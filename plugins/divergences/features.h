/* features.h: two values that are compared element by element must have equal features; aligned silently, [28, 28, 1] against
 * [784] would become [28, 28, 784]. Numbers (no features) go with everything. */
#ifndef FENCHEL_DIVERGENCES_FEATURES_H
#define FENCHEL_DIVERGENCES_FEATURES_H
#include "fenchel.h"

/* x, or the faulty value with a fault that names the two ports. */
static inline fen_node *with_features_of(fen_builder *b, const char *who, const char *port, fen_node *x, const char *other, fen_node *y) {
    fen_shape s = fen_shape_of(x), t = fen_shape_of(y);
    int n = s.rank - s.leads, m = t.rank - t.leads;
    bool same = n == m || n == 0 || m == 0;
    for (int i = 0; same && i < n && i < m; i++) same = s.size[s.leads + i] == t.size[t.leads + i];
    if (same) return x;
    return fen_fault(b, "%s: %s has %d feature axes with %lld elements, %s has %d with %lld; needs equal features, as by flatten or reshape", who,
        port, n,
                     (long long)fen_row_size(&s), other, m, (long long)fen_row_size(&t));
}
#endif
