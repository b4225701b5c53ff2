/* An op that computes in single precision only. */
#include "fenchel.h"

static const char *shape(fen_node *const *in, int n, const fen_attrs *a, fen_shape *out, fen_type *type) {
    (void)n, (void)a, (void)type;
    *out = fen_shape_of(in[0]);
    return NULL;
}
static void tile(int n, const void *const *in, void *out, const fen_attrs *a) { (void)n, (void)in, (void)out, (void)a; }
static const fen_op half = {.name = "half_of_tests", .arity = 1, .shape = shape, .tile = {tile, NULL}};
FEN_PLUGIN(.name = "bad_op", .version = "1", .license = "MIT", .ops = FEN_OPS(&half));
