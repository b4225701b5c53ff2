/* Equal round normal distributions on a square grid of side x side points around 0, `spacing` apart. Its law, in nats; entropy: see mixture.h. */
#include "mixture.h"

static const fen_attribute attributes[] = {
    {.name = "side", .type = FEN_ATTR_INT, .initial = "5", .range = "[1, 64]", .help = "modes along a side"},
    {.name = "spacing", .type = FEN_ATTR_REAL, .initial = "2", .range = "(0, inf)", .help = "between neighbours"},
    {.name = "sd", .type = FEN_ATTR_REAL, .initial = "0.05", .range = "(0, inf)", .help = "standard deviation of each mode"},
    FEN_END
};
static const fen_port outputs[] = {{.name = "value", .shape = "[...; 2]", .help = "a point of the plane"}, FEN_END};

static mixture read(fen_builder *b) {
    int64_t side = fen_attr_int(b, "side"), n = side * side;
    double spacing = fen_attr_real(b, "spacing"), centre[2 * 64 * 64];
    for (int64_t i = 0; i < n; i++) {
        centre[2 * i] = spacing * ((double)(i % side) - (double)(side - 1) / 2);
        centre[2 * i + 1] = spacing * ((double)(i / side) - (double)(side - 1) / 2);
    }
    mixture m = {.mode = fen_axis_new(b, n)};
    m.centre = fen_name(b, fen_constants(b, FEN_REAL, fen_matrix(n, 2), centre), m.mode);
    m.sd = fen_fill(b, fen_features(0, NULL), fen_attr_real(b, "sd"));
    m.weight = fen_fill(b, fen_vector(n), 1 / (double)n);
    return m;
}
static void grid_build(fen_builder *b) { fen_output(b, "value", mixture_draw(b, read(b))); }
static fen_node *log_density(fen_builder *b, fen_node *x) { return mixture_log_density(b, read(b), x); }
static fen_node *entropy(fen_builder *b) { return mixture_entropy(b, read(b)); }
static void modes(fen_builder *b, fen_node **centre, fen_node **sd, fen_axis *mode) { mixture_modes(b, read(b), centre, sd, mode); }

static const fen_law law = {.log_density = log_density, .entropy = entropy, .modes = modes};
static const fen_function grid = {
    .name = "grid", .summary = "Normal distributions on a square grid.",
    .attributes = attributes, .outputs = outputs, .build = grid_build, .law = &law,
};
FEN_PLUGIN(.name = "grid", .version = "0.1.0", .license = "MIT", .samplers = FEN_LIST(&grid));
