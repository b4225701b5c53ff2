/* my_plugin: the log-cosh loss, summed over features. Near 0 a parabola, far away a straight line: outliers pull with a bounded force.
 *   d = sum w^2 log cosh(r / w),   r = x - target;   d ~ r^2 / 2 where |r| << w,   d ~ w |r| where |r| >> w
 * Source: the paper and the equation; this one is folklore, see Huber 1964 for the idea.
 *
 * A file has always this order: head comment, attributes, inputs, outputs, build, descriptor. `fenchel describe my_plugin` reads the tables.
 * A divergence for a game of two gives two outputs, such as `critic` and `generator`. An f-divergence writes no build but .conjugate: f, f',
 * f* and the output activation, each one line (fenchel/plugin.h). */
#include "fenchel.h"

/* What a user writes under `my_plugin: {..}`. Without `initial` it must be given. The host checks types and ranges: no line here does. */
static const fen_attribute attributes[] = {
    {.name = "width", .type = FEN_ATTR_REAL, .initial = "1", .range = "(0, inf)", .help = "w, where the parabola becomes a line"},
    FEN_END
};
/* "...": any leading axes, such as the batch, and any features. */
static const fen_port inputs[] = {
    {.name = "x", .shape = "[...; ...]", .help = "a value"},
    {.name = "target", .shape = "[...; ...]", .help = "what it should be"},
    FEN_END
};
static const fen_port outputs[] = {{.name = "value", .shape = "[...;]", .help = "d, one number an example"}, FEN_END};

static const double log_2 = 0.69314718055994530942;

/* log cosh a = a + log(1 + exp(-2 a)) - log 2 overflows nowhere. Every verb has derivatives of any order, so no gradient is written. Nothing here
 * can fail: a mistake of the user's was said before, its value is faulty, and verbs pass faulty values on. */
static void my_plugin_build(fen_builder *b) {
    double width = fen_attr_real(b, "width");
    fen_node *a = fen_scale(b, fen_sub(b, fen_input(b, "x"), fen_input(b, "target")), 1 / width);
    fen_node *log_cosh = fen_shift(b, fen_add(b, a, fen_softplus(b, fen_scale(b, a, -2))), -log_2);
    fen_output(b, "value", fen_scale(b, fen_sum_features(b, log_cosh), width * width));
}

static const fen_function my_plugin_divergence = {
    .name = "my_plugin", .summary = "Log-cosh loss, summed over features.", .source = "Huber 1964",
    .attributes = attributes, .inputs = inputs, .outputs = outputs, .build = my_plugin_build,
};
FEN_PLUGIN(.name = "my_plugin", .version = "0.1.0", .license = "MIT", .divergences = FEN_LIST(&my_plugin_divergence));
