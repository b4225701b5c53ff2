/* my_plugin: paths of an Ornstein-Uhlenbeck process, simulated in host code. It begins in its stationary law, and its steps are exact:
 *   x_0 = sd e_0,   x_k = a x_{k-1} + sd sqrt(1 - a^2) e_k,   a = exp(-dt / tau),   e standard normal
 *   so every x_k is normal with this sd, and E[x_j x_k] = sd^2 exp(-|j - k| dt / tau)
 * Source: the paper and the equation; this one is Gillespie 1996, equation 3.5.
 *
 * A simulation is a sampler whose numbers a loop computes: nothing is differentiated through it. `fenchel describe my_plugin` reads the tables. */
#include "fenchel.h"
#include <math.h>

/* What a user writes under `my_plugin: {..}`. Without `initial` it must be given. The host checks types and ranges: no line here does. */
static const fen_attribute attributes[] = {
    {.name = "steps", .type = FEN_ATTR_INT, .initial = "16", .range = "[1, 1000000]", .help = "points of a path"},
    {.name = "dt", .type = FEN_ATTR_REAL, .initial = "0.1", .range = "(0, inf)", .help = "time between two points"},
    {.name = "tau", .type = FEN_ATTR_REAL, .initial = "1", .range = "(0, inf)", .help = "time in which the past is forgotten"},
    {.name = "sd", .type = FEN_ATTR_REAL, .initial = "1", .range = "(0, inf)", .help = "standard deviation of a point"},
    FEN_END
};
static const fen_port outputs[] = {{.name = "value", .shape = "[...; steps]", .help = "a path"}, FEN_END};

typedef struct process { int64_t steps; double keep, kick, sd; } process;

/* Once: reads attributes, takes memory, says what `draw` fills. Only here may something fail: return fen_host_fail(h, "given .., needs .."). */
static void *my_plugin_open(fen_host *h) {
    process *p = (process *)fen_host_memory(h, sizeof *p);
    if (!p) return NULL;
    p->steps = fen_host_int(h, "steps");
    p->sd = fen_host_real(h, "sd");
    p->keep = exp(-fen_host_real(h, "dt") / fen_host_real(h, "tau"));
    p->kick = p->sd * sqrt(1 - p->keep * p->keep);
    fen_host_output(h, "value", FEN_REAL, fen_vector(p->steps));
    return p;
}

/* Normal k of an example: Box and Muller on block k / 2. */
static double normal(uint64_t key, int64_t k) {
    double u[2];
    fen_random(key, (uint64_t)(k / 2), u);
    double angle = 6.28318530717958647693 * u[1];
    return sqrt(-2 * log(u[0])) * (k % 2 ? sin(angle) : cos(angle));
}

/* Once a draw, a part of the batch at a time: examples first .. first + count - 1. Pure in the key of each example: no memory, no clock, no other
 * random numbers, or threads and a resumed run would change the result. What must go on from draw to draw is declared as .state. */
static void my_plugin_draw(const void *self, const fen_draw *at, double *const *out) {
    const process *p = (const process *)self;
    for (int64_t i = 0; i < at->count; i++) {
        uint64_t key = fen_key(at, at->first + i);
        double *x = out[0] + i * p->steps;                           /* output 0, example i: [steps] */
        x[0] = p->sd * normal(key, 0);
        for (int64_t k = 1; k < p->steps; k++) x[k] = p->keep * x[k - 1] + p->kick * normal(key, k);
    }
}

static const fen_source draws = {.open = my_plugin_open, .draw = my_plugin_draw};
static const fen_function my_plugin_sampler = {
    .name = "my_plugin", .summary = "Paths of an Ornstein-Uhlenbeck process.", .source = "Gillespie 1996",
    .attributes = attributes, .outputs = outputs, .draws = &draws,
};
FEN_PLUGIN(.name = "my_plugin", .version = "0.1.0", .license = "MIT", .samplers = FEN_LIST(&my_plugin_sampler));
