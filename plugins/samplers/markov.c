/* Chains that any node moves: x' = next(x), `steps` times a turn. What `next` draws is fresh at every step; it may read `.step`. Gibbs
 * sampling, contrastive divergence, annealed importance sampling, diffusion sampling, any discretised SDE. */
#include "fenchel.h"
#include <string.h>

static const fen_attribute attributes[] = {
    {.name = "start", .type = FEN_ATTR_SAMPLER, .help = "where chains begin"},
    {.name = "next", .type = FEN_ATTR_NODE, .help = "the next position, a node that depends on this sampler's own value"},
    {.name = "steps", .type = FEN_ATTR_INT, .initial = "1", .range = "[1, inf)", .help = "moves a turn"},
    {.name = "persistent", .type = FEN_ATTR_BOOL, .initial = "false", .help = "go on from turn to turn; else begin anew in each"},
    FEN_END
};
static const fen_port outputs[] = {{.name = "value", .shape = "[...; ...]", .help = "the last position"}, FEN_END};

typedef struct rule { int64_t steps; bool persistent; } rule;
static void *markov_open(fen_host *h) {
    rule *r = fen_host_memory(h, sizeof *r);
    if (r) *r = (rule){fen_host_int(h, "steps"), fen_host_int(h, "persistent") != 0};
    return r;
}

static bool markov_advance(const void *self, fen_chain *c, double *x, double *const *out) {
    const rule *r = self;
    (void)out;
    int64_t n = c->chains * c->width;
    double *next = fen_chain_memory(c, n);
    if (!next) return false;
    c->step = 0;
    if (c->fresh || !r->persistent) fen_chain_draw(c, 0, x);
    for (int64_t s = 0; s < r->steps; s++) {
        c->step = s;
        if (!fen_chain_value(c, 0, x, next, NULL)) return false;
        memcpy(x, next, (size_t)n * sizeof *x);
    }
    return true;
}

static const fen_driver driver = {.open = markov_open, .advance = markov_advance};
static const fen_function markov = {
    .name = "markov", .summary = "Chains that a node moves.",
    .attributes = attributes, .outputs = outputs, .moves = &driver,
};
FEN_PLUGIN(.name = "markov", .version = "0.1.0", .license = "MIT", .samplers = FEN_LIST(&markov));
