/* Additive coupling: one half of x stays and says how far the other half moves; volume is kept.
 *   y_kept = x_kept,   y_moved = x_moved + net(x_kept),   log|det| = 0
 * mask alternate or channel: halves of the channel; checkerboard: halves of the places, the net sees zeros where x moves.
 * Source: Dinh, Krueger, Bengio 2015, arXiv 1410.8516, section 3.2. */
#include "fenchel.h"
#include <string.h>

static const fen_attribute attributes[] = {
    {.name = "net", .type = FEN_ATTR_LAYERS, .help = "layers from the kept half to 'out' channels: the shift"},
    {.name = "mask", .type = FEN_ATTR_WORD, .initial = "alternate", .range = "alternate|channel|checkerboard", .help = "which half"},
    {.name = "keep", .type = FEN_ATTR_INT, .initial = "0", .range = "[0, 1]", .help = "0: even positions, or the first half, stay"},
    FEN_END
};
static const fen_port inputs[]  = {{.name = "x", .shape = "[...; ..., C]", .help = "what is cut in halves"}, FEN_END};
static const fen_port outputs[] = {{.name = "y", .shape = "[...; ..., C]", .help = "one half moved"}, FEN_END};

typedef struct half { int64_t first, step, count; } half;            /* of n channels */
static half half_of(fen_builder *b, int64_t n, int64_t which) {
    if (strcmp(fen_attr_word(b, "mask"), "alternate") == 0) return (half){which, 2, (n - which + 1) / 2};
    return which ? (half){n - n / 2, 1, n / 2} : (half){0, 1, n - n / 2};
}
/* 1 where x moves: (row + column + keep) odd. */
static fen_node *moving(fen_builder *b, fen_node *x) {
    fen_node *sum = fen_shift(b, fen_add(b, fen_feature_coordinate(b, x, 0), fen_feature_coordinate(b, x, 1)), (double)fen_attr_int(b, "keep"));
    return fen_sub(b, sum, fen_scale(b, fen_floor(b, fen_scale(b, sum, 0.5)), 2));
}

/* The shift of all channels, zero where x stays. */
static fen_node *shift(fen_builder *b, fen_node *x) {
    int64_t n = fen_feature(x, -1), keep = fen_attr_int(b, "keep");
    if (strcmp(fen_attr_word(b, "mask"), "checkerboard") == 0) {
        fen_node *m = moving(b, x);
        return fen_mul(b, fen_layers(b, "net", fen_sub(b, x, fen_mul(b, x, m)), "out", n), m);
    }
    half k = half_of(b, n, keep), g = half_of(b, n, 1 - keep);
    fen_node *moved = fen_layers(b, "net", fen_slice(b, x, -1, k.first, k.step, k.count), "out", g.count);
    return fen_spread(b, moved, -1, g.first, g.step, n);
}
static void additive_coupling_build(fen_builder *b) {
    fen_node *x = fen_input(b, "x");
    fen_output(b, "y", fen_add(b, x, shift(b, x)));
}
static void additive_coupling_invert(fen_builder *b) {
    fen_node *y = fen_input(b, "y");
    fen_output(b, "x", fen_sub(b, y, shift(b, y)));
}

static const fen_function additive_coupling = {
    .name = "additive_coupling", .summary = "Additive coupling, invertible, keeps volume.", .source = "Dinh, Krueger, Bengio 2015, arXiv 1410.8516",
    .attributes = attributes, .inputs = inputs, .outputs = outputs, .build = additive_coupling_build, .invert = additive_coupling_invert,
};
FEN_PLUGIN(.name = "additive_coupling", .version = "0.1.0", .license = "MIT", .layers = FEN_LIST(&additive_coupling));
