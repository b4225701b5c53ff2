/* The channel in two: [...; ..., C] -> first [...; ..., at], second the rest. Invertible, log|det| = 0. */
#include "fenchel.h"

static const fen_attribute attributes[] = {
    {.name = "at", .type = FEN_ATTR_INT, .initial = "0", .range = "[0, inf)", .help = "channels of the first part; 0: half of them"},
    FEN_END
};
static const fen_port inputs[]  = {{.name = "x", .shape = "[...; ..., C]", .help = "what is cut"}, FEN_END};
static const fen_port outputs[] = {
    {.name = "first", .shape = "[...; ..., A]", .help = "the first channels"},
    {.name = "second", .shape = "[...; ..., B]", .help = "the other channels"},
    FEN_END
};

static void split_build(fen_builder *b) {
    fen_node *x = fen_input(b, "x");
    int64_t n = fen_feature(x, -1), at = fen_attr_int(b, "at");
    if (at == 0 && n % 2 == 0) at = n / 2;
    if (at < 1 || at >= n) {
        x = fen_fault(b, "split: given %lld channels, to be cut at %lld; needs a cut within them (an even number of channels, or `at`)",
                      (long long)n, (long long)at);
        n = 2;
        at = 1;
    }
    fen_output(b, "first", fen_slice(b, x, -1, 0, 1, at));
    fen_output(b, "second", fen_slice(b, x, -1, at, 1, n - at));
}
static void split_invert(fen_builder *b) {
    fen_node *part[] = {fen_input(b, "first"), fen_input(b, "second")};
    fen_output(b, "x", fen_concat(b, part, 2, -1));
}

static const fen_function split = {
    .name = "split", .summary = "The channel in two parts, invertible.",
    .attributes = attributes, .inputs = inputs, .outputs = outputs, .build = split_build, .invert = split_invert,
};
FEN_PLUGIN(.name = "split", .version = "0.1.0", .license = "MIT", .layers = FEN_LIST(&split));
