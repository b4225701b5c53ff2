/* RMSprop: the gradient by the root of the running mean of its square.
 *   s = decay s + (1 - decay) g^2,   d = g / (sqrt(s) + epsilon),   v = momentum v + d,   next = p - rate v
 * Source: Tieleman, Hinton 2012, lecture 6.5. */
#include "fenchel.h"

static const fen_attribute attributes[] = {
    {.name = "rate", .type = FEN_ATTR_REAL, .live = true, .initial = "1e-2", .range = "[0, inf)", .help = "length of a step"},
    {.name = "decay", .type = FEN_ATTR_REAL, .initial = "0.99", .range = "[0, 1)", .help = "memory of the square"},
    {.name = "epsilon", .type = FEN_ATTR_REAL, .initial = "1e-8", .range = "(0, inf)", .help = "keeps the quotient finite"},
    {.name = "momentum", .type = FEN_ATTR_REAL, .initial = "0", .range = "[0, 1)", .help = "memory of the way"},
    FEN_END
};
static const fen_port inputs[] = {
    {.name = "parameter", .shape = "[; ...]", .help = "p"},
    {.name = "gradient", .shape = "[; ...]", .help = "g"},
    FEN_END
};
static const fen_port outputs[] = {{.name = "next", .shape = "[; ...]", .help = "the parameter after the turn"}, FEN_END};

/* weight x + memory (the state `name`), stored. */
static fen_node *running(fen_builder *b, const char *name, fen_node *x, double memory, double weight) {
    fen_node *next = fen_add(b, fen_scale(b, fen_state(b, name, fen_shape_of(x), 0), memory), fen_scale(b, x, weight));
    fen_state_set(b, name, next);
    return next;
}

static void rmsprop_build(fen_builder *b) {
    fen_node *p = fen_input(b, "parameter"), *g = fen_input(b, "gradient");
    double decay = fen_attr_real(b, "decay"), momentum = fen_attr_real(b, "momentum");
    fen_node *s = running(b, "square", fen_square(b, g), decay, 1 - decay);
    fen_node *way = fen_div(b, g, fen_shift(b, fen_sqrt(b, s), fen_attr_real(b, "epsilon")));
    if (momentum > 0) way = running(b, "way", way, momentum, 1);
    fen_output(b, "next", fen_sub(b, p, fen_mul(b, fen_attr_node(b, "rate"), way)));
}

static const fen_function rmsprop = {
    .name = "rmsprop", .summary = "Gradient by the root of its mean square.", .source = "Tieleman, Hinton 2012, lecture 6.5",
    .attributes = attributes, .inputs = inputs, .outputs = outputs, .build = rmsprop_build, .flags = FEN_PER_ELEMENT,
};
FEN_PLUGIN(.name = "rmsprop", .version = "0.1.0", .license = "MIT", .optimizers = FEN_LIST(&rmsprop));
