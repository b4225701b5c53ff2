/* Asks for nameless things wherever the SDK takes a name: each is a fault of its own, or nothing, and no crash. */
#include "fenchel.h"

static const fen_attribute attributes[] = {{.name = "init", .type = FEN_ATTR_FUNCTION, .initial = "zeros", .help = "a start"}, FEN_END};
static const fen_port inputs[]  = {{.name = "x", .shape = "[...; ...]", .help = "any value"}, FEN_END};
static const fen_port outputs[] = {{.name = "y", .shape = "[...; ...]", .help = "x"}, FEN_END};
static void build(fen_builder *b) {
    fen_node *x = fen_input(b, "x"), *centre, *sd;
    fen_axis mode;
    fen_shape none = fen_features(0, NULL);
    fen_input(b, NULL);
    fen_input_or_null(b, NULL);
    fen_output(b, NULL, x);
    fen_attr_given(b, NULL);
    fen_attr_real(b, NULL);
    fen_attr_int(b, NULL);
    fen_attr_bool(b, NULL);
    fen_attr_word(b, NULL);
    fen_attr_shape(b, NULL);
    fen_attr_node(b, NULL);
    fen_fault(b, NULL);
    fen_param(b, NULL, none, NULL);
    fen_param_from(b, NULL, x);
    fen_state(b, NULL, none, 0);
    fen_state_set(b, NULL, x);
    fen_uniform(b, NULL, none);
    fen_normal(b, NULL, none);
    fen_permutation(b, NULL, FEN_BATCH);
    fen_layers(b, NULL, x, NULL, 0);
    fen_layers(b, NULL, NULL, NULL, 0);
    fen_network(b, NULL, NULL, 0);
    fen_network(b, NULL, NULL, 2);
    fen_log_density(b, NULL, x);
    fen_conjugate_of(b, NULL, FEN_F, x);
    fen_modes(b, NULL, &centre, &sd, &mode);
    fen_forward_shape(b, NULL);
    fen_feed(b, NULL, NULL);
    fen_log_det_add(b, NULL);
    fen_gradient(b, NULL, NULL);
    fen_stop_gradient(b, NULL);
    fen_apply(b, NULL, NULL, 0, NULL);
    fen_apply(b, NULL, NULL, 2, NULL);
    fen_concat(b, NULL, 0, 0);
    fen_concat(b, NULL, 2, 0);
    fen_constants(b, FEN_REAL, fen_vector(2), NULL);
    fen_features(2, NULL);
    fen_shape_of(NULL);
    fen_feature(NULL, 0);
    fen_output(b, "y", x);
}
static const fen_function nameless = {
    .name = "nameless_of_tests", .summary = "x itself.", .attributes = attributes, .inputs = inputs, .outputs = outputs, .build = build,
};
FEN_PLUGIN(.name = "null_names", .version = "1", .license = "MIT", .layers = FEN_LIST(&nameless));
