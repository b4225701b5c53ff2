/* my_plugin: random-walk Metropolis chains under an energy U; they tend to exp(-U) / Z exactly, and need no gradient.
 *   propose x' = x + size e, e standard normal; take it with probability min(1, exp(U(x) - U(x')))
 * Source: the paper and the equation; this one is Metropolis et al. 1953.
 *
 * A driver is a sampler that moves its own value under nodes of the graph which depend on it. The host compiles those nodes; the loop is yours. */
#include "fenchel.h"
#include <math.h>

/* Node 0 and sampler 0 below are the first attributes of these types. */
static const fen_attribute attributes[] = {
    {.name = "energy", .type = FEN_ATTR_NODE, .help = "U, one number a chain, a node that depends on this sampler's own value"},
    {.name = "start", .type = FEN_ATTR_SAMPLER, .help = "where chains begin"},
    {.name = "steps", .type = FEN_ATTR_INT, .initial = "1", .range = "[1, inf)", .help = "proposals a turn"},
    {.name = "size", .type = FEN_ATTR_REAL, .initial = "1", .range = "(0, inf)", .help = "standard deviation of a proposal"},
    {.name = "persistent", .type = FEN_ATTR_BOOL, .initial = "true", .help = "go on from turn to turn; else begin anew in each"},
    FEN_END
};
/* The first output is the position; the others are one number a chain. */
static const fen_port outputs[] = {
    {.name = "value", .shape = "[...; ...]", .help = "the last position"},
    {.name = "accept", .shape = "[...;]", .help = "share of proposals taken in this turn"},
    FEN_END
};

typedef struct rule { int64_t steps; double size; bool persistent; } rule;

/* Once: reads attributes, takes memory. Only here may something fail: return fen_host_fail(h, "given .., needs .."). */
static void *my_plugin_open(fen_host *h) {
    rule *r = (rule *)fen_host_memory(h, sizeof *r);
    if (!r) return NULL;
    r->steps = fen_host_int(h, "steps");
    r->size = fen_host_real(h, "size");
    r->persistent = fen_host_int(h, "persistent") != 0;
    return r;
}

/* Random numbers of chain i in this step: block 0 the coin, block 1 and on the normals. */
static int64_t blocks(const fen_chain *c) { return 1 + (c->width + 1) / 2; }

static void propose(const rule *r, const fen_chain *c, const double *x, double *to) {
    for (int64_t i = 0; i < c->chains; i++) {
        uint64_t key = fen_key(c->at, c->at->first + i);
        for (int64_t j = 0; j < c->width; j++) {
            double u[2];
            fen_random(key, (uint64_t)(c->step * blocks(c) + 1 + j / 2), u);
            double angle = 6.28318530717958647693 * u[1];
            to[i * c->width + j] = x[i * c->width + j] + r->size * sqrt(-2 * log(u[0])) * (j % 2 ? sin(angle) : cos(angle));
        }
    }
}

/* An energy that is not a number compares false: the proposal is refused. */
static void choose(const fen_chain *c, double *x, double *now, const double *to, const double *then, double *taken) {
    for (int64_t i = 0; i < c->chains; i++) {
        double u[2];
        fen_random(fen_key(c->at, c->at->first + i), (uint64_t)(c->step * blocks(c)), u);
        if (!(log(u[0]) < now[i] - then[i])) continue;
        for (int64_t j = 0; j < c->width; j++) x[i * c->width + j] = to[i * c->width + j];
        now[i] = then[i];
        taken[i] += 1;
    }
}

/* Once a turn: moves all chains, x: [chains][width]. false: not finite. `step` is what the nodes see as `.step`; their draws are fresh in each. */
static bool my_plugin_advance(const void *self, fen_chain *c, double *x, double *const *out) {
    const rule *r = (const rule *)self;
    double *now = fen_chain_memory(c, c->chains), *then = fen_chain_memory(c, c->chains), *to = fen_chain_memory(c, c->chains * c->width);
    double *taken = out[0];                                          /* out[k]: output k + 1 */
    if (!now || !then || !to) return false;
    c->step = 0;
    if (c->fresh || !r->persistent) fen_chain_draw(c, 0, x);
    if (!fen_chain_value(c, 0, x, now, NULL)) return false;          /* NULL: no gradient wanted */
    for (int64_t i = 0; i < c->chains; i++) taken[i] = 0;
    for (int64_t s = 0; s < r->steps; s++) {
        c->step = s;
        propose(r, c, x, to);
        if (!fen_chain_value(c, 0, to, then, NULL)) return false;
        choose(c, x, now, to, then, taken);
    }
    for (int64_t i = 0; i < c->chains; i++) taken[i] /= (double)r->steps;
    return true;
}

static const fen_driver moves = {.open = my_plugin_open, .advance = my_plugin_advance};
static const fen_function my_plugin_sampler = {
    .name = "my_plugin", .summary = "Random-walk Metropolis chains under an energy.", .source = "Metropolis et al. 1953",
    .attributes = attributes, .outputs = outputs, .moves = &moves,
};
FEN_PLUGIN(.name = "my_plugin", .version = "0.1.0", .license = "MIT", .samplers = FEN_LIST(&my_plugin_sampler));
