/* A fixed random order of the channel: y_j = x_p(j), p drawn once from `seed`, no parameter. Invertible, log|det| = 0. */
#include "fenchel.h"
#include <stdlib.h>

static const fen_attribute attributes[] = {
    {.name = "seed", .type = FEN_ATTR_INT, .initial = "1", .range = "[0, inf)", .help = "which order; give each layer of a flow its own"},
    FEN_END
};
static const fen_port inputs[]  = {{.name = "x", .shape = "[...; ..., C]", .help = "any value"}, FEN_END};
static const fen_port outputs[] = {{.name = "y", .shape = "[...; ..., C]", .help = "its channels in another order"}, FEN_END};

/* p by Fisher and Yates. */
static void draw_order(uint64_t seed, int64_t n, double *p) {
    for (int64_t i = 0; i < n; i++) p[i] = (double)i;
    for (int64_t i = n - 1; i > 0; i--) {
        double u[2];
        fen_random(seed, (uint64_t)i, u);
        int64_t j = (int64_t)(u[0] * (double)(i + 1));
        double swapped = p[i];
        p[i] = p[j];
        p[j] = swapped;
    }
}

static fen_node *reorder(fen_builder *b, fen_node *x, bool inverse) {
    int64_t n = fen_feature(x, -1);
    double *p = calloc((size_t)n, 2 * sizeof *p);
    if (!p) return fen_fault(b, "permute: out of memory for %lld channels", (long long)n);
    double *q = p + n;
    draw_order((uint64_t)fen_attr_int(b, "seed"), n, p);
    for (int64_t i = 0; i < n; i++) q[(int64_t)p[i]] = (double)i;
    fen_node *order = fen_constants(b, FEN_INTEGER, fen_vector(n), inverse ? q : p);
    free(p);
    return fen_pick(b, x, -1, order);
}
static void permute_build(fen_builder *b)  { fen_output(b, "y", reorder(b, fen_input(b, "x"), false)); }
static void permute_invert(fen_builder *b) { fen_output(b, "x", reorder(b, fen_input(b, "y"), true)); }

static const fen_function permute = {
    .name = "permute", .summary = "A fixed random order of the channel, invertible.",
    .attributes = attributes, .inputs = inputs, .outputs = outputs, .build = permute_build, .invert = permute_invert,
};
FEN_PLUGIN(.name = "permute", .version = "0.1.0", .license = "MIT", .layers = FEN_LIST(&permute));
