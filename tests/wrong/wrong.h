/* wrong.h: tables that the wrong plugins share: x in, y out, any shape. What is wrong with each stands in its summary. */
#ifndef FENCHEL_TESTS_WRONG_H
#define FENCHEL_TESTS_WRONG_H
#include "fenchel.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

__attribute__((unused)) static const fen_port x_in[] = {{.name = "x", .shape = "[...; ...]", .help = "any value"}, FEN_END};
__attribute__((unused)) static const fen_port y_out[] = {{.name = "y", .shape = "[...; ...]", .help = "a value"}, FEN_END};
__attribute__((unused)) static const fen_port point_out[] = {{.name = "value", .shape = "[...;]", .help = "a number"}, FEN_END};
__attribute__((unused)) static fen_node *number(fen_builder *b, double x) { return fen_fill(b, fen_features(0, NULL), x); }
__attribute__((unused)) static const char *as_input(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    (void)n, (void)a;
    *out = fen_shape_of(in[0]);
    *type = FEN_REAL;
    return in[0]->type == FEN_REAL ? NULL : "needs reals";
}
#endif
