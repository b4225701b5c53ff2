/* layers.c: layers, each wrong in one way that its summary says. */
#include "wrong.h"
#include <unistd.h>

static void wrong_log_det_build(fen_builder *b) {
    fen_node *x = fen_input(b, "x");
    fen_output(b, "y", fen_scale(b, x, 3));
    fen_log_det_add(b, fen_sum_features(b, fen_scale(b, fen_exp(b, fen_scale(b, x, 0)), 1.0))); /* log 3 is not 1 */
}
static void third(fen_builder *b) { fen_output(b, "x", fen_scale(b, fen_input(b, "y"), 1.0 / 3)); }
static const fen_function wrong_log_det = {
    .name = "wrong_log_det", .summary = "log|det| of another map.", .inputs = x_in, .outputs = y_out, .build = wrong_log_det_build, .invert = third};

static void tripled(fen_builder *b) {
    fen_node *x = fen_input(b, "x");
    fen_output(b, "y", fen_scale(b, x, 3));
    fen_log_det_add(b, fen_sum_features(b, fen_shift(b, fen_scale(b, x, 0), log(3))));
}
static void half(fen_builder *b) { fen_output(b, "x", fen_scale(b, fen_input(b, "y"), 0.5)); }
static const fen_function wrong_inverse = {
    .name = "wrong_inverse", .summary = "Its inverse is that of another map.", .inputs = x_in, .outputs = y_out, .build = tripled, .invert = half};

static int built;
static void counting_build(fen_builder *b) { fen_output(b, "y", fen_scale(b, fen_input(b, "x"), 1 + 1e-3 * built++)); }
static const fen_function counting = {
    .name = "counting", .summary = "Counts in a global how often it was built.", .inputs = x_in, .outputs = y_out, .build = counting_build};

static const fen_attribute word[] = {{.name = "how", .type = FEN_ATTR_WORD, .initial = "well", .range = "well|badly", .help = "badly is wrong"},
                                     FEN_END};
static bool badly(fen_builder *b) { return strcmp(fen_attr_word(b, "how"), "badly") == 0; }
static void crashing_build(fen_builder *b) {
    if (badly(b)) abort();
    fen_output(b, "y", fen_input(b, "x"));
}
static const fen_function crashing = {
    .name = "crashing", .summary = "Crashes at one word.", .attributes = word, .inputs = x_in, .outputs = y_out, .build = crashing_build};
static void leaving_build(fen_builder *b) {
    if (badly(b)) _exit(0);
    fen_output(b, "y", fen_input(b, "x"));
}
static const fen_function leaving = {
    .name = "leaving", .summary = "Ends the process at one word.", .attributes = word, .inputs = x_in, .outputs = y_out, .build = leaving_build};

static const fen_attribute size[] = {{.name = "size", .type = FEN_ATTR_INT, .initial = "2", .range = "[1, inf)", .help = "how many"}, FEN_END};
static const fen_port c_out[] = {{.name = "y", .shape = "[...; ..., size]", .help = "size channels"}, FEN_END};
static void wrong_shape_build(fen_builder *b) { fen_output(b, "y", fen_mul(b, fen_input(b, "x"), fen_fill(b, fen_vector(1), 2))); }
static const fen_function wrong_shape = {.name = "wrong_shape",
                                         .summary = "Not the channels that its port promises.",
                                         .attributes = size,
                                         .inputs = x_in,
                                         .outputs = c_out,
                                         .build = wrong_shape_build};

static const fen_attribute rate[] = {{.name = "rate", .type = FEN_ATTR_REAL, .live = true, .initial = "0.5", .range = "[0, 1]", .help = "a factor"},
                                     FEN_END};
static void frozen_build(fen_builder *b) { fen_output(b, "y", fen_scale(b, fen_input(b, "x"), fen_attr_real(b, "rate"))); }
static const fen_function frozen = {
    .name = "frozen", .summary = "Reads a live number once.", .attributes = rate, .inputs = x_in, .outputs = y_out, .build = frozen_build};

static const fen_attribute width[] = {{.name = "width", .type = FEN_ATTR_REAL, .initial = "1", .range = "[0, 1]", .help = "a divisor"}, FEN_END};
static void dividing_build(fen_builder *b) { fen_output(b, "y", fen_scale(b, fen_input(b, "x"), 1 / fen_attr_real(b, "width"))); }
static const fen_function dividing = {
    .name = "dividing", .summary = "Divides by an end of its range.", .attributes = width, .inputs = x_in, .outputs = y_out, .build = dividing_build};

/* A faulty value counts 1 channel: channels - 1 is 0. */
static void careless_build(fen_builder *b) {
    fen_node *x = fen_input(b, "x"), *y = fen_tanh(b, x);
    int64_t n = fen_feature(x, -1) > 1 ? fen_feature(y, -1) - 1 : 1;
    fen_output(b, "y", fen_scale(b, y, (double)(12 / n)));
}
static const fen_function careless = {
    .name = "careless", .summary = "Divides by what a faulty value counts.", .inputs = x_in, .outputs = y_out, .build = careless_build};

/* x, as (x + 1e5 x) - 1e5 x. */
static void cancelling_build(fen_builder *b) {
    fen_node *x = fen_input(b, "x"), *y = fen_add(b, x, fen_scale(b, fen_stop_gradient(b, x), 1e5));
    fen_output(b, "y", fen_sub(b, y, fen_scale(b, x, 1e5)));
}
static const fen_function cancelling = {
    .name = "cancelling", .summary = "Loses its digits in single precision.", .inputs = x_in, .outputs = y_out, .build = cancelling_build};

FEN_PLUGIN(.name = "layers", .version = "0.1.0", .license = "MIT",
           .layers = FEN_LIST(&wrong_log_det, &wrong_inverse, &counting, &crashing, &leaving, &wrong_shape, &frozen, &dividing, &careless,
                              &cancelling));
