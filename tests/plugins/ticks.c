/* A simulation that counts: each example's value grows by `by` in every draw, from 0. What it counted is its state. */
#include "fenchel.h"

static const fen_attribute attributes[] = {{.name = "by", .type = FEN_ATTR_REAL, .initial = "1", .help = "what is added in each draw"}, FEN_END};
static const fen_port outputs[] = {{.name = "value", .shape = "[...;]", .help = "what was counted"}, FEN_END};

static void *ticks_open(fen_host *h) {
    double *by = fen_host_memory(h, sizeof *by);
    if (!by) return NULL;
    *by = fen_host_real(h, "by");
    fen_host_output(h, "value", FEN_REAL, fen_features(0, NULL));
    return by;
}
static void ticks_draw(const void *self, const fen_draw *at, double *const *out) {
    double *count = at->state;
    for (int64_t i = 0; i < at->count; i++) out[0][i] = count[i] += *(const double *)self;
}

static const fen_source draws = {.state = sizeof(double), .open = ticks_open, .draw = ticks_draw};
static const fen_function ticks = {
    .name = "ticks", .summary = "Counts.", .attributes = attributes, .outputs = outputs, .draws = &draws,
};
FEN_PLUGIN(.name = "ticks", .version = "0.1.0", .license = "MIT", .samplers = FEN_LIST(&ticks));
