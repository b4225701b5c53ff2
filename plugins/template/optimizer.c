/* my_plugin: Lion, steps of one length along the sign of a mean of gradients.
 *   next = p - rate (sign(b1 m + (1 - b1) g) + decay p),   m' = b2 m + (1 - b2) g
 *   p, g, m: of any shape, one tensor of parameters, its gradient, its memory
 * Source: Chen et al. 2023, arXiv 2302.06675, algorithm 2.
 *
 * A file has always this order: head comment, attributes, inputs, outputs, build, descriptor. `fenchel describe my_plugin` reads the tables. */
#include "fenchel.h"

/* What a user writes under `my_plugin: {..}`. `live`: may be an expression of step and epoch, read by fen_attr_node. The host adds `clip_norm`. */
static const fen_attribute attributes[] = {
    {.name = "rate", .type = FEN_ATTR_REAL, .live = true, .initial = "1e-3", .range = "[0, inf)", .help = "length of a step"},
    {.name = "beta1", .type = FEN_ATTR_REAL, .initial = "0.9", .range = "[0, 1)", .help = "b1, weight of the memory in the step"},
    {.name = "beta2", .type = FEN_ATTR_REAL, .initial = "0.99", .range = "[0, 1)", .help = "b2, weight of the memory in the new memory"},
    {.name = "decay", .type = FEN_ATTR_REAL, .initial = "0", .range = "[0, inf)", .help = "decoupled weight decay"},
    FEN_END
};
/* These names and shapes are the same in every optimizer. */
static const fen_port inputs[] = {
    {.name = "parameter", .shape = "[; ...]", .help = "p"},
    {.name = "gradient", .shape = "[; ...]", .help = "g"},
    FEN_END
};
static const fen_port outputs[] = {{.name = "next", .shape = "[; ...]", .help = "the parameter after the turn"}, FEN_END};

/* beta m + (1 - beta) g */
static fen_node *blend(fen_builder *b, fen_node *m, fen_node *g, double beta) {
    return fen_add(b, fen_scale(b, m, beta), fen_scale(b, g, 1 - beta));
}

/* A state is its value at the turn's start; what is set is stored at its end, and is in the checkpoint. */
static void my_plugin_build(fen_builder *b) {
    fen_node *p = fen_input(b, "parameter"), *g = fen_input(b, "gradient");
    fen_node *m = fen_state(b, "memory", fen_shape_of(p), 0);
    fen_node *way = fen_sign(b, blend(b, m, g, fen_attr_real(b, "beta1")));
    fen_state_set(b, "memory", blend(b, m, g, fen_attr_real(b, "beta2")));
    way = fen_add(b, way, fen_scale(b, p, fen_attr_real(b, "decay")));
    fen_output(b, "next", fen_sub(b, p, fen_mul(b, fen_attr_node(b, "rate"), way)));
}

/* FEN_PER_ELEMENT: no entry depends on another one, so the host may run it once over all parameters of a network. */
static const fen_function my_plugin_optimizer = {
    .name = "my_plugin", .summary = "Lion: the sign of a mean of gradients.", .source = "Chen et al. 2023, arXiv 2302.06675",
    .attributes = attributes, .inputs = inputs, .outputs = outputs, .build = my_plugin_build, .flags = FEN_PER_ELEMENT,
};
FEN_PLUGIN(.name = "my_plugin", .version = "0.1.0", .license = "MIT", .optimizers = FEN_LIST(&my_plugin_optimizer));
