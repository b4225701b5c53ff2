/* optimizers.c: gradient descent, wrong in one way each. */
#include "wrong.h"

static const fen_port in[] = {
    {.name = "parameter", .shape = "[...; ...]", .help = "p"}, {.name = "gradient", .shape = "[...; ...]", .help = "g"}, FEN_END};
static const fen_port out[] = {{.name = "next", .shape = "[...; ...]", .help = "the next p"}, FEN_END};

static void step(fen_builder *b, fen_node *way) { fen_output(b, "next", fen_sub(b, fen_input(b, "parameter"), fen_scale(b, way, 0.01))); }
static void lying(fen_builder *b) {
    fen_node *g = fen_input(b, "gradient");
    step(b, fen_add(b, g, fen_mean(b, g)));
}
static const fen_function per_element_lie = {.name = "per_element_lie",
                                             .summary = "Says element by element and takes a mean.",
                                             .inputs = in,
                                             .outputs = out,
                                             .build = lying,
                                             .flags = FEN_PER_ELEMENT};
static void climbing(fen_builder *b) { step(b, fen_neg(b, fen_input(b, "gradient"))); }
static const fen_function uphill = {.name = "uphill", .summary = "Goes up.", .inputs = in, .outputs = out, .build = climbing};
static void forgetting(fen_builder *b) {
    fen_node *g = fen_input(b, "gradient");
    step(b, fen_add(b, g, fen_state(b, "way", fen_shape_of(g), 0)));
}
static const fen_function forgets = {.name = "forgets", .summary = "Never sets its state.", .inputs = in, .outputs = out, .build = forgetting};
static void right(fen_builder *b) {
    fen_node *g = fen_input(b, "gradient"), *way = fen_add(b, g, fen_scale(b, fen_state(b, "way", fen_shape_of(g), 0), 0.5));
    fen_state_set(b, "way", way);
    step(b, way);
}
static const fen_function momentum = {
    .name = "momentum_is_right", .summary = "Nothing is wrong here.", .inputs = in, .outputs = out, .build = right, .flags = FEN_PER_ELEMENT};
FEN_PLUGIN(.name = "optimizers", .version = "0.1.0", .license = "MIT", .optimizers = FEN_LIST(&per_element_lie, &uphill, &forgets, &momentum));
