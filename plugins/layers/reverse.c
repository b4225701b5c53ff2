/* The channel in reverse order: y_j = x_(C - 1 - j). Its own inverse, log|det| = 0. */
#include "fenchel.h"
#include <stdlib.h>

static const fen_port inputs[]  = {{.name = "x", .shape = "[...; ..., C]", .help = "any value"}, FEN_END};
static const fen_port outputs[] = {{.name = "y", .shape = "[...; ..., C]", .help = "its channels, last first"}, FEN_END};

/* Entry C - 1 - j for every j. */
static fen_node *reversed(fen_builder *b, fen_node *x) {
    int64_t n = fen_feature(x, -1);
    double *order = calloc((size_t)n, sizeof *order);
    if (!order) return fen_fault(b, "reverse: out of memory for %lld channels", (long long)n);
    for (int64_t i = 0; i < n; i++) order[i] = (double)(n - 1 - i);
    fen_node *back = fen_constants(b, FEN_INTEGER, fen_vector(n), order);
    free(order);
    return fen_pick(b, x, -1, back);
}
static void reverse_build(fen_builder *b)  { fen_output(b, "y", reversed(b, fen_input(b, "x"))); }
static void reverse_invert(fen_builder *b) { fen_output(b, "x", reversed(b, fen_input(b, "y"))); }

static const fen_function reverse = {
    .name = "reverse", .summary = "The channel in reverse order, invertible.",
    .inputs = inputs, .outputs = outputs, .build = reverse_build, .invert = reverse_invert,
};
FEN_PLUGIN(.name = "reverse", .version = "0.1.0", .license = "MIT", .layers = FEN_LIST(&reverse));
