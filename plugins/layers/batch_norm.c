/* Batch normalisation: y = scale (x - mean) / sqrt(var + epsilon) + shift, one mean and variance a channel, over all leading axes and
 * places. In training those of this very call; running values, next = (1 - momentum) now + momentum batch, serve in evaluation.
 * Variance is divided by n in both. scale, shift, mean, variance: [; C]. Source: Ioffe, Szegedy 2015, arXiv 1502.03167. */
#include "fenchel.h"

static const fen_attribute attributes[] = {
    {.name = "momentum", .type = FEN_ATTR_REAL, .initial = "0.1", .range = "[0, 1]", .help = "weight of this call in the running values"},
    {.name = "epsilon", .type = FEN_ATTR_REAL, .initial = "1e-5", .range = "(0, inf)", .help = "keeps the quotient finite"},
    {.name = "affine", .type = FEN_ATTR_BOOL, .initial = "true", .help = "with scale and shift"},
    {.name = "scale_init", .type = FEN_ATTR_FUNCTION, .initial = "ones", .help = "how scale starts"},
    {.name = "shift_init", .type = FEN_ATTR_FUNCTION, .initial = "zeros", .help = "how shift starts"},
    FEN_END
};
static const fen_port inputs[]  = {{.name = "x", .shape = "[...; ..., C]", .help = "any value"}, FEN_END};
static const fen_port outputs[] = {{.name = "y", .shape = "[...; ..., C]", .help = "mean shift, deviation scale"}, FEN_END};

static void follow(fen_builder *b, const char *name, fen_node *now, fen_node *batch) {
    double momentum = fen_attr_real(b, "momentum");
    if (fen_mode_of(b) == FEN_TRAIN) fen_state_set(b, name, fen_add(b, fen_scale(b, now, 1 - momentum), fen_scale(b, batch, momentum)));
}

static void batch_norm_build(fen_builder *b) {
    fen_node *x = fen_input(b, "x");
    fen_shape c = fen_vector(fen_feature(x, -1));
    fen_node *mean = fen_state(b, "mean", c, 0), *variance = fen_state(b, "variance", c, 1);
    if (fen_mode_of(b) != FEN_EVALUATE) {
        fen_node *m = fen_reduce(b, FEN_MEAN, x, FEN_ALL_BUT_CHANNEL);
        fen_node *v = fen_reduce(b, FEN_MEAN, fen_square(b, fen_sub(b, x, m)), FEN_ALL_BUT_CHANNEL);
        follow(b, "mean", mean, m);
        follow(b, "variance", variance, v);
        mean = m;
        variance = v;
    }
    fen_node *y = fen_mul(b, fen_sub(b, x, mean), fen_power(b, fen_shift(b, variance, fen_attr_real(b, "epsilon")), -0.5));
    if (fen_attr_bool(b, "affine")) y = fen_add(b, fen_mul(b, y, fen_param(b, "scale", c, "scale_init")), fen_param(b, "shift", c, "shift_init"));
    fen_output(b, "y", y);
}

static const fen_function batch_norm = {
    .name = "batch_norm", .summary = "Batch normalisation.", .source = "Ioffe, Szegedy 2015, arXiv 1502.03167",
    .attributes = attributes, .inputs = inputs, .outputs = outputs, .build = batch_norm_build,
};
FEN_PLUGIN(.name = "batch_norm", .version = "0.1.0", .license = "MIT", .layers = FEN_LIST(&batch_norm));
