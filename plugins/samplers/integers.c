/* Integers from low to high, both included, equally likely: x = low + floor(u (high - low + 1)). Its law, in nats. */
#include "fenchel.h"
#include <math.h>

static const fen_attribute attributes[] = {
    {.name = "low", .type = FEN_ATTR_INT, .initial = "0", .range = "[-1000000000, 1000000000]", .help = "the least"},
    {.name = "high", .type = FEN_ATTR_INT, .range = "[-1000000000, 1000000000]", .help = "the greatest, included"},
    {.name = "shape", .type = FEN_ATTR_SHAPE, .initial = "[]", .help = "features of a draw"},
    FEN_END
};
static const fen_port outputs[] = {{.name = "value", .shape = "[...; ...]", .type = FEN_INTEGER, .help = "the draw"}, FEN_END};

static fen_node *number(fen_builder *b, double x) { return fen_fill(b, fen_features(0, NULL), x); }
static double count(fen_builder *b) { return (double)(fen_attr_int(b, "high") - fen_attr_int(b, "low") + 1); }

static void integers_build(fen_builder *b) {
    double n = count(b), low = (double)fen_attr_int(b, "low");
    fen_node *u = fen_uniform(b, "noise", fen_draw_shape(b, fen_features(0, NULL)));
    fen_node *i = fen_min(b, fen_floor(b, fen_scale(b, u, n)), number(b, n - 1));    /* u rounded to 1 in single precision */
    if (n < 1) i = fen_fault(b, "integers: given low %.0f above high %.0f; needs low <= high", low, low + n - 1);
    fen_output(b, "value", fen_shift(b, i, low));
}
static fen_node *log_density(fen_builder *b, fen_node *x) {
    double low = (double)fen_attr_int(b, "low"), high = (double)fen_attr_int(b, "high");
    fen_node *outside = fen_max(b, fen_less(b, x, number(b, low)), fen_less(b, number(b, high), x));
    return fen_sum_features(b, fen_where(b, outside, number(b, -INFINITY), number(b, -log(count(b)))));
}
static fen_node *entropy(fen_builder *b) { return fen_sum_features(b, fen_fill(b, fen_event_shape(b), log(count(b)))); }

static const fen_law law = {.log_density = log_density, .entropy = entropy};
static const fen_function integers = {
    .name = "integers", .summary = "Equally likely integers.",
    .attributes = attributes, .outputs = outputs, .build = integers_build, .law = &law,
};
FEN_PLUGIN(.name = "integers", .version = "0.1.0", .license = "MIT", .samplers = FEN_LIST(&integers));
