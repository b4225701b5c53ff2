/* Start of weights that keeps the variance of values and gradients: variance gain^2 2 / (fan in + fan out), uniform or normal.
 * Source: Glorot, Bengio 2010, eq. 16. */
#include "fan.h"
#include <math.h>
#include <string.h>

static const fen_attribute attributes[] = {
    {.name = "law", .type = FEN_ATTR_WORD, .initial = "uniform", .range = "uniform|normal", .help = "form of the distribution"},
    {.name = "gain", .type = FEN_ATTR_REAL, .initial = "1", .range = "(0, inf)", .help = "factor, by what follows the layer"},
    FEN_END
};
static const fen_port outputs[] = {{.name = "value", .shape = "[...; ...]", .help = "the draw, in the shape of the parameter"}, FEN_END};

static void xavier_build(fen_builder *b) {
    fen_shape s = fen_draw_shape(b, fen_features(0, NULL));
    double sd = fen_attr_real(b, "gain") * sqrt(2 / (fan_in_of(&s) + fan_out_of(&s)));
    bool uniform = strcmp(fen_attr_word(b, "law"), "uniform") == 0;
    fen_output(b, "value", uniform ? within(b, s, sd * sqrt(3)) : fen_scale(b, fen_normal(b, "noise", s), sd));
}

static const fen_function xavier = {
    .name = "xavier", .summary = "Start of weights by fan in and fan out.", .source = "Glorot, Bengio 2010",
    .attributes = attributes, .outputs = outputs, .build = xavier_build,
};
FEN_PLUGIN(.name = "xavier", .version = "0.1.0", .license = "MIT", .samplers = FEN_LIST(&xavier));
