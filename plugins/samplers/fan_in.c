/* Start of weights: uniform in (-1, 1) / sqrt(fan in), fan in = elements / last axis. The sum of fan-in inputs of variance 1 then has
 * variance 1/3. Source: LeCun et al. 1998, section 4.6. */
#include "fan.h"
#include <math.h>

static const fen_port outputs[] = {{.name = "value", .shape = "[...; ...]", .help = "the draw, in the shape of the parameter"}, FEN_END};

static void fan_in_build(fen_builder *b) {
    fen_shape s = fen_draw_shape(b, fen_features(0, NULL));
    fen_output(b, "value", within(b, s, 1 / sqrt(fan_in_of(&s))));
}

static const fen_function fan_in = {
    .name = "fan_in", .summary = "Start of weights, uniform in 1 / sqrt(fan in).", .source = "LeCun et al. 1998",
    .outputs = outputs, .build = fan_in_build,
};
FEN_PLUGIN(.name = "fan_in", .version = "0.1.0", .license = "MIT", .samplers = FEN_LIST(&fan_in));
