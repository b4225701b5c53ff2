/* Layer normalisation: y = scale (x - mean) / sqrt(var + epsilon) + shift, the statistics of each row over its channel, or over all
 * its features; variance divided by n. scale, shift: [; C]. Source: Ba, Kiros, Hinton 2016, arXiv 1607.06450. */
#include "fenchel.h"
#include <string.h>

static const fen_attribute attributes[] = {
    {.name = "across", .type = FEN_ATTR_WORD, .initial = "channel", .range = "channel|features", .help = "what one mean is taken over"},
    {.name = "epsilon", .type = FEN_ATTR_REAL, .initial = "1e-5", .range = "(0, inf)", .help = "keeps the quotient finite"},
    {.name = "affine", .type = FEN_ATTR_BOOL, .initial = "true", .help = "with scale and shift"},
    {.name = "scale_init", .type = FEN_ATTR_FUNCTION, .initial = "ones", .help = "how scale starts"},
    {.name = "shift_init", .type = FEN_ATTR_FUNCTION, .initial = "zeros", .help = "how shift starts"},
    FEN_END
};
static const fen_port inputs[]  = {{.name = "x", .shape = "[...; ..., C]", .help = "any value"}, FEN_END};
static const fen_port outputs[] = {{.name = "y", .shape = "[...; ..., C]", .help = "mean shift, deviation scale"}, FEN_END};

/* The mean of x, with features that stretch over those of x again. */
static fen_node *mean(fen_builder *b, fen_node *x, bool channel) {
    if (!channel) return fen_reshape(b, fen_reduce(b, FEN_MEAN, x, FEN_FEATURES), fen_vector(1));
    fen_shape s = fen_shape_of(x);
    if (s.rank > s.leads) s.size[s.rank - 1] = 1;
    return fen_reshape(b, fen_reduce(b, FEN_MEAN, x, FEN_CHANNEL), fen_features(s.rank - s.leads, s.size + s.leads));
}

static void layer_norm_build(fen_builder *b) {
    fen_node *x = fen_input(b, "x");
    bool channel = strcmp(fen_attr_word(b, "across"), "channel") == 0;
    fen_node *r = fen_sub(b, x, mean(b, x, channel));
    fen_node *variance = fen_shift(b, mean(b, fen_square(b, r), channel), fen_attr_real(b, "epsilon"));
    fen_node *y = fen_mul(b, r, fen_power(b, variance, -0.5));
    if (fen_attr_bool(b, "affine")) {
        fen_shape c = fen_vector(fen_feature(x, -1));
        y = fen_add(b, fen_mul(b, y, fen_param(b, "scale", c, "scale_init")), fen_param(b, "shift", c, "shift_init"));
    }
    fen_output(b, "y", y);
}

static const fen_function layer_norm = {
    .name = "layer_norm", .summary = "Layer normalisation.", .source = "Ba, Kiros, Hinton 2016, arXiv 1607.06450",
    .attributes = attributes, .inputs = inputs, .outputs = outputs, .build = layer_norm_build,
};
FEN_PLUGIN(.name = "layer_norm", .version = "0.1.0", .license = "MIT", .layers = FEN_LIST(&layer_norm));
