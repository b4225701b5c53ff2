/* Stochastic gradient descent, with momentum:  g' = g + decay p,   v = momentum v + g',   next = p - rate v
 * nesterov: next = p - rate (g' + momentum v). Source: Polyak 1964; Nesterov's form: Sutskever et al. 2013. */
#include "fenchel.h"

static const fen_attribute attributes[] = {
    {.name = "rate", .type = FEN_ATTR_REAL, .live = true, .initial = "1e-2", .range = "[0, inf)", .help = "length of a step"},
    {.name = "momentum", .type = FEN_ATTR_REAL, .initial = "0", .range = "[0, 1)", .help = "memory of the way"},
    {.name = "nesterov", .type = FEN_ATTR_BOOL, .initial = "false", .help = "look ahead along the way"},
    {.name = "decay", .type = FEN_ATTR_REAL, .initial = "0", .range = "[0, inf)", .help = "weight decay, as gradient of decay p^2 / 2"},
    FEN_END
};
static const fen_port inputs[] = {
    {.name = "parameter", .shape = "[; ...]", .help = "p"},
    {.name = "gradient", .shape = "[; ...]", .help = "g"},
    FEN_END
};
static const fen_port outputs[] = {{.name = "next", .shape = "[; ...]", .help = "the parameter after the turn"}, FEN_END};

static void sgd_build(fen_builder *b) {
    fen_node *p = fen_input(b, "parameter"), *way = fen_input(b, "gradient");
    double momentum = fen_attr_real(b, "momentum"), decay = fen_attr_real(b, "decay");
    if (decay > 0) way = fen_add(b, way, fen_scale(b, p, decay));
    if (momentum > 0) {
        fen_node *v = fen_add(b, fen_scale(b, fen_state(b, "way", fen_shape_of(p), 0), momentum), way);
        fen_state_set(b, "way", v);
        way = fen_attr_bool(b, "nesterov") ? fen_add(b, way, fen_scale(b, v, momentum)) : v;
    }
    fen_output(b, "next", fen_sub(b, p, fen_mul(b, fen_attr_node(b, "rate"), way)));
}

static const fen_function sgd = {
    .name = "sgd", .summary = "Stochastic gradient descent, with momentum.", .source = "Polyak 1964; Sutskever et al. 2013",
    .attributes = attributes, .inputs = inputs, .outputs = outputs, .build = sgd_build, .flags = FEN_PER_ELEMENT,
};
FEN_PLUGIN(.name = "sgd", .version = "0.1.0", .license = "MIT", .optimizers = FEN_LIST(&sgd));
