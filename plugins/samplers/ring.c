/* Equal round normal distributions on a circle: mode k at angle 2 pi k / modes. Its law, in nats; entropy: see mixture.h. */
#include "mixture.h"

static const fen_attribute attributes[] = {
    {.name = "modes", .type = FEN_ATTR_INT, .initial = "8", .range = "[1, 4096]", .help = "how many"},
    {.name = "radius", .type = FEN_ATTR_REAL, .initial = "2", .range = "(0, inf)", .help = "of the circle"},
    {.name = "sd", .type = FEN_ATTR_REAL, .initial = "0.02", .range = "(0, inf)", .help = "standard deviation of each mode"},
    FEN_END
};
static const fen_port outputs[] = {{.name = "value", .shape = "[...; 2]", .help = "a point of the plane"}, FEN_END};

static mixture read(fen_builder *b) {
    int64_t n = fen_attr_int(b, "modes");
    mixture m = {.mode = fen_axis_new(b, n)};
    fen_node *angle = fen_scale(b, fen_coordinate(b, m.mode), 6.28318530717958647693 / (double)n);   /* [mode;] */
    fen_node *xy[] = {fen_reshape(b, fen_cos(b, angle), fen_vector(1)), fen_reshape(b, fen_sin(b, angle), fen_vector(1))};
    m.centre = fen_scale(b, fen_concat(b, xy, 2, -1), fen_attr_real(b, "radius"));
    m.sd = fen_fill(b, fen_features(0, NULL), fen_attr_real(b, "sd"));
    m.weight = fen_fill(b, fen_vector(n), 1 / (double)n);
    return m;
}
static void ring_build(fen_builder *b) { fen_output(b, "value", mixture_draw(b, read(b))); }
static fen_node *log_density(fen_builder *b, fen_node *x) { return mixture_log_density(b, read(b), x); }
static fen_node *entropy(fen_builder *b) { return mixture_entropy(b, read(b)); }
static void modes(fen_builder *b, fen_node **centre, fen_node **sd, fen_axis *mode) { mixture_modes(b, read(b), centre, sd, mode); }

static const fen_law law = {.log_density = log_density, .entropy = entropy, .modes = modes};
static const fen_function ring = {
    .name = "ring", .summary = "Normal distributions on a circle.",
    .attributes = attributes, .outputs = outputs, .build = ring_build, .law = &law,
};
FEN_PLUGIN(.name = "ring", .version = "0.1.0", .license = "MIT", .samplers = FEN_LIST(&ring));
