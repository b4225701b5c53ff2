/* Start of weights before a rectifier: variance 2 / ((1 + slope^2) fan in), normal or uniform. Source: He et al. 2015, arXiv 1502.01852. */
#include "fan.h"
#include <math.h>
#include <string.h>

static const fen_attribute attributes[] = {
    {.name = "law", .type = FEN_ATTR_WORD, .initial = "normal", .range = "uniform|normal", .help = "form of the distribution"},
    {.name = "slope", .type = FEN_ATTR_REAL, .initial = "0", .range = "[0, inf)", .help = "slope below 0 of the rectifier that follows"},
    FEN_END
};
static const fen_port outputs[] = {{.name = "value", .shape = "[...; ...]", .help = "the draw, in the shape of the parameter"}, FEN_END};

static void he_build(fen_builder *b) {
    fen_shape s = fen_draw_shape(b, fen_features(0, NULL));
    double slope = fen_attr_real(b, "slope"), sd = sqrt(2 / ((1 + slope * slope) * fan_in_of(&s)));
    bool uniform = strcmp(fen_attr_word(b, "law"), "uniform") == 0;
    fen_output(b, "value", uniform ? within(b, s, sd * sqrt(3)) : fen_scale(b, fen_normal(b, "noise", s), sd));
}

static const fen_function he = {
    .name = "he", .summary = "Start of weights before a rectifier.", .source = "He et al. 2015, arXiv 1502.01852",
    .attributes = attributes, .outputs = outputs, .build = he_build,
};
FEN_PLUGIN(.name = "he", .version = "0.1.0", .license = "MIT", .samplers = FEN_LIST(&he));
