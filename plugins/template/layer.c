/* my_plugin: scale and shift of each channel, invertible; the scale cannot run away.
 *   y = x exp(s) + t,   x = (y - t) exp(-s),   log|det| = (number of places) sum s,   s = limit tanh(raw / limit)
 *   x, y: [...; ..., C]   raw, t: [; C], parameters
 * Source: the paper and the equation; this one follows Dinh, Krueger, Bengio 2015, arXiv 1410.8516, section 3.3.
 *
 * A file has always this order: head comment, attributes, inputs, outputs, build, descriptor. `fenchel describe my_plugin` reads the tables. */
#include "fenchel.h"

/* What a user writes under `my_plugin: {..}`. Without `initial` it must be given. The host checks types and ranges: no line here does. */
static const fen_attribute attributes[] = {
    {.name = "limit", .type = FEN_ATTR_REAL, .initial = "3", .range = "(0, inf)", .help = "bound of |s|"},
    {.name = "init", .type = FEN_ATTR_FUNCTION, .initial = "zeros", .help = "how raw starts"},
    FEN_END
};
/* Leading axes ("...", such as the batch) pass through: a layer never sees them. C is one size in the whole call. */
static const fen_port inputs[]  = {{.name = "x", .shape = "[...; ..., C]", .help = "any value"}, FEN_END};
static const fen_port outputs[] = {{.name = "y", .shape = "[...; ..., C]", .help = "x exp(s) + t"}, FEN_END};

/* The same parameters in both directions: a name is an identity. A divisor that cannot be 0: a faulty attribute reads as 1. */
static fen_node *log_scale(fen_builder *b, fen_node *x) {
    double limit = fen_attr_real(b, "limit");
    fen_node *raw = fen_param(b, "raw", fen_vector(fen_feature(x, -1)), "init");     /* starts as the attribute `init` says */
    return fen_scale(b, fen_tanh(b, fen_scale(b, raw, 1 / limit)), limit);
}
static fen_node *shift(fen_builder *b, fen_node *x) { return fen_param(b, "shift", fen_vector(fen_feature(x, -1)), NULL); }  /* NULL: zeros */

/* Composes the graph. Every verb has derivatives of any order, so no gradient is written. Nothing here can fail: a mistake of the user's was
 * said before, its value is faulty, and verbs pass faulty values on. What tables cannot say, fen_fault does. */
static void my_plugin_build(fen_builder *b) {
    fen_node *x = fen_input(b, "x"), *s = log_scale(b, x);
    fen_shape shape = fen_shape_of(x);
    fen_output(b, "y", fen_add(b, fen_mul(b, x, fen_exp(b, s)), shift(b, x)));       /* [; C] is aligned with [...; ..., C] on the right */
    fen_log_det_add(b, fen_scale(b, fen_sum_features(b, s), (double)(fen_row_size(&shape) / fen_feature(x, -1))));
}

/* From the output back to the first input. Leave it, .invert and fen_log_det_add out of a layer that cannot. */
static void my_plugin_invert(fen_builder *b) {
    fen_node *y = fen_input(b, "y");
    fen_output(b, "x", fen_mul(b, fen_sub(b, y, shift(b, y)), fen_exp(b, fen_neg(b, log_scale(b, y)))));
}

static const fen_function my_plugin_layer = {
    .name = "my_plugin", .summary = "Scale and shift of each channel, invertible.", .source = "Dinh, Krueger, Bengio 2015, arXiv 1410.8516",
    .attributes = attributes, .inputs = inputs, .outputs = outputs, .build = my_plugin_build, .invert = my_plugin_invert,
};
FEN_PLUGIN(.name = "my_plugin", .version = "0.1.0", .license = "MIT", .layers = FEN_LIST(&my_plugin_layer));
