/* Template of a layer, and a tutorial: y = factor (scale x + shift), with one parameter each for every channel.
 * x: [...; ..., C]   scale, shift: [; C]   ->   y: [...; ..., C]
 * Head comment: what it is, its formula, the shapes, where it comes from (paper and equation). Then always in this order: attributes,
 * inputs, outputs, the build, the descriptor. Everything is static; a plugin exports nothing but what FEN_PLUGIN makes.
 * A divergence, sampler, optimiser or metric is the same but for the last line. `fenchel describe template` reads these tables. */
#include "fenchel.h"

/* What a user writes under `template: {..}`. An attribute without `initial` must be given. Ranges are checked by the host. */
static const fen_attribute attributes[] = {
    {.name = "factor", .type = FEN_ATTR_REAL, .initial = "1", .range = "(0, inf)", .help = "a fixed factor"},
    {.name = "init", .type = FEN_ATTR_FUNCTION, .initial = "ones", .help = "how scale starts"},
    FEN_END
};
/* Leading axes ("...") pass through: a layer never sees the batch. C is one size throughout the call, so y has as many channels as x. */
static const fen_port inputs[]  = {{.name = "x", .shape = "[...; ..., C]", .help = "any value"}, FEN_END};
static const fen_port outputs[] = {{.name = "y", .shape = "[...; ..., C]", .help = "factor (scale x + shift)"}, FEN_END};

/* Composes the graph. Gradients of any order follow from the ops; nothing here can fail: an error of the user's was recorded before,
 * its value is faulty, and every verb passes faulty values on. What tables cannot say is reported by fen_fault. */
static void template_build(fen_builder *b) {
    fen_node *x = fen_input(b, "x");
    fen_shape channel = fen_vector(fen_feature(x, -1));
    fen_node *scale = fen_param(b, "scale", channel, "init");        /* starts by the attribute `init` */
    fen_node *shift = fen_param(b, "shift", channel, NULL);          /* NULL: zeros */
    fen_node *y = fen_add(b, fen_mul(b, x, scale), shift);           /* [; C] is aligned with [...; ..., C] on the right */
    fen_output(b, "y", fen_scale(b, y, fen_attr_real(b, "factor")));
}

static const fen_function template_layer = {
    .name = "template", .summary = "Scale and shift of each channel.", .source = "the hand that wrote it",
    .attributes = attributes, .inputs = inputs, .outputs = outputs, .build = template_build,
};
FEN_PLUGIN(.name = "template", .version = "0.1.0", .license = "MIT", .layers = FEN_LIST(&template_layer));
