/* Unadjusted Langevin chains under an energy U:  x' = x - s U'(x) + sqrt(2 s) e,  e standard normal, `steps` times a turn.
 * The chain tends to exp(-U) / Z up to an error of order s. `restart` is the share of chains that begin anew each turn.
 * Source: Roberts, Tweedie 1996; with restarts Du, Mordatch 2019, arXiv 1903.08689. */
#include "fenchel.h"
#include <math.h>
#include <string.h>

static const fen_attribute attributes[] = {
    {.name = "energy", .type = FEN_ATTR_NODE, .help = "U, one number a chain, a node that depends on this sampler's own value"},
    {.name = "start", .type = FEN_ATTR_SAMPLER, .help = "where chains begin"},
    {.name = "steps", .type = FEN_ATTR_INT, .initial = "1", .range = "[1, inf)", .help = "moves a turn"},
    {.name = "step_size", .type = FEN_ATTR_REAL, .initial = "0.01", .range = "(0, inf)", .help = "s"},
    {.name = "persistent", .type = FEN_ATTR_BOOL, .initial = "true", .help = "go on from turn to turn; else begin anew in each"},
    {.name = "restart", .type = FEN_ATTR_REAL, .initial = "0", .range = "[0, 1]", .help = "share of persistent chains begun anew each turn"},
    FEN_END
};
static const fen_port outputs[] = {{.name = "value", .shape = "[...; ...]", .help = "the last position"}, FEN_END};

typedef struct rule { int64_t steps; double size, restart; bool persistent; } rule;
static void *langevin_open(fen_host *h) {
    rule *r = fen_host_memory(h, sizeof *r);
    if (!r) return NULL;
    *r = (rule){fen_host_int(h, "steps"), fen_host_real(h, "step_size"), fen_host_real(h, "restart"), fen_host_int(h, "persistent") != 0};
    return r;
}

/* Chains whose coin says so take a fresh position; coins are block 0 of the noise. */
static void restart(const rule *r, fen_chain *c, double *x, double *fresh) {
    fen_chain_draw(c, 0, fresh);
    for (int64_t i = 0; i < c->chains; i++) {
        double u[2];
        fen_random(fen_key(c->at, c->at->first + i), 0, u);
        if (u[0] < r->restart) memcpy(x + i * c->width, fresh + i * c->width, (size_t)c->width * sizeof *x);
    }
}

/* The normals of step s are blocks 1 + s ceil(width / 2) and on. */
static void move(const rule *r, fen_chain *c, double *x, const double *slope) {
    int64_t blocks = (c->width + 1) / 2;
    for (int64_t i = 0; i < c->chains; i++) {
        uint64_t key = fen_key(c->at, c->at->first + i);
        for (int64_t j = 0; j < c->width; j += 2) {
            double u[2], *at = x + i * c->width + j;
            const double *g = slope + i * c->width + j;
            fen_random(key, (uint64_t)(1 + c->step * blocks + j / 2), u);
            double length = 2 * sqrt(-r->size * log(u[0])), angle = 6.28318530717958647693 * u[1];
            at[0] += length * cos(angle) - r->size * g[0];
            if (j + 1 < c->width) at[1] += length * sin(angle) - r->size * g[1];
        }
    }
}

static bool langevin_advance(const void *self, fen_chain *c, double *x, double *const *out) {
    const rule *r = self;
    (void)out;
    int64_t n = c->chains * c->width;
    double *slope = fen_chain_memory(c, n + c->chains);
    if (!slope) return false;
    c->step = 0;
    if (c->fresh || !r->persistent) fen_chain_draw(c, 0, x);
    else if (r->restart > 0) restart(r, c, x, slope);
    for (int64_t s = 0; s < r->steps; s++) {
        c->step = s;
        if (!fen_chain_value(c, 0, x, slope + n, slope)) return false;
        move(r, c, x, slope);
    }
    return true;
}

static const fen_driver driver = {.open = langevin_open, .advance = langevin_advance};
static const fen_function langevin = {
    .name = "langevin", .summary = "Langevin chains under an energy.", .source = "Roberts, Tweedie 1996; Du, Mordatch 2019, arXiv 1903.08689",
    .attributes = attributes, .outputs = outputs, .moves = &driver,
};
FEN_PLUGIN(.name = "langevin", .version = "0.1.0", .license = "MIT", .samplers = FEN_LIST(&langevin));
