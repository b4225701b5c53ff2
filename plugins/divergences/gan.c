/* The first GAN game, D = sigmoid(T), from scores T before the sigmoid:
 *   critic:    min  -E log D(x) - E log(1 - D(y))  =  E softplus(-T(x)) + E softplus(T(y));   2 log 2 where D tells nothing
 *   generator: min  -E log D(y)       =  E softplus(-T(y))      (non-saturating)
 *   minimax:   min   E log(1 - D(y))  = -E softplus(T(y))       (as in the game; its gradient fades where D wins)
 * Source: Goodfellow et al. 2014, arXiv 1406.2661. */
#include "fenchel.h"

static const fen_port inputs[] = {
    {.name = "real_score", .shape = "[...; ...]", .help = "T(x)"},
    {.name = "fake_score", .shape = "[...; ...]", .help = "T(y)"},
    FEN_END
};
static const fen_port outputs[] = {
    {.name = "critic", .shape = "[;]", .unit = "nats", .help = "minimised by the critic"},
    {.name = "generator", .shape = "[;]", .unit = "nats", .help = "minimised by the generator, non-saturating"},
    {.name = "minimax", .shape = "[;]", .unit = "nats", .help = "minimised by the generator of the minimax game"},
    FEN_END
};

static void gan_build(fen_builder *b) {
    fen_node *real = fen_input(b, "real_score"), *fake = fen_input(b, "fake_score");
    fen_node *caught = fen_mean(b, fen_softplus(b, fake));
    fen_output(b, "critic", fen_add(b, fen_mean(b, fen_softplus(b, fen_neg(b, real))), caught));
    fen_output(b, "generator", fen_mean(b, fen_softplus(b, fen_neg(b, fake))));
    fen_output(b, "minimax", fen_neg(b, caught));
}

static const fen_function gan = {
    .name = "gan", .summary = "The first GAN game, from scores.", .source = "Goodfellow et al. 2014, arXiv 1406.2661",
    .inputs = inputs, .outputs = outputs, .build = gan_build,
};
FEN_PLUGIN(.name = "gan", .version = "0.1.0", .license = "MIT", .divergences = FEN_LIST(&gan));
