/* my_plugin: the correlation of two numbers over a whole pass.
 *   r = sum (a - mean a)(b - mean b) / sqrt(sum (a - mean a)^2 sum (b - mean b)^2)
 * Row by row, so that neither a large mean nor the size of the batch costs a digit.
 * Source: the paper and the equation; this one is Welford 1962.
 *
 * A file has always this order: head comment, attributes, inputs, outputs, code, descriptor. `fenchel describe my_plugin` reads the tables. */
#include "fenchel.h"
#include <math.h>

/* Leads of one name ("rows...") are fed row by row from one pass; ports with leads of other names may have other lengths. */
static const fen_port inputs[] = {
    {.name = "a", .shape = "[rows...; 1]", .help = "a number"},
    {.name = "b", .shape = "[rows...; 1]", .help = "another one, of the same rows"},
    FEN_END
};
static const fen_port outputs[] = {{.name = "value", .shape = "[;]", .help = "r, from -1 to 1"}, FEN_END};

/* Means and sums of products about them, of the rows so far. A fold has no other memory: two evaluations may run one after the other. */
typedef struct tally { double rows, mean_a, mean_b, aa, bb, ab; } tally;

/* Once a pass. Memory of fen_host_memory is zeroed and freed by the host; attributes are read here, by fen_host_real and its like. */
static void *my_plugin_start(fen_host *h) { return fen_host_memory(h, sizeof(tally)); }

/* Once a draw: in[k] has the rows of port k, in double, whatever the precision of the experiment. */
static bool my_plugin_add(void *self, int64_t rows, const double *const *in) {
    tally *t = (tally *)self;
    for (int64_t i = 0; i < rows; i++) {
        double from_a = in[0][i] - t->mean_a, from_b = in[1][i] - t->mean_b;         /* from the means before this row */
        t->rows += 1;
        t->mean_a += from_a / t->rows;
        t->mean_b += from_b / t->rows;
        t->aa += from_a * (in[0][i] - t->mean_a);
        t->bb += from_b * (in[1][i] - t->mean_b);
        t->ab += from_a * (in[1][i] - t->mean_b);
    }
    return true;
}

/* At the end: out[k] has the features of output k. A value that never moves has no correlation: not a number. */
static bool my_plugin_finish(void *self, double *const *out) {
    const tally *t = (const tally *)self;
    double spread = sqrt(t->aa) * sqrt(t->bb);
    out[0][0] = spread > 0 ? t->ab / spread : NAN;
    return true;
}

/* A metric whose rows must be computed first has a .build beside, which hands them over by fen_feed (fenchel/graph.h). */
static const fen_fold fold = {.start = my_plugin_start, .add = my_plugin_add, .finish = my_plugin_finish};
static const fen_function my_plugin_metric = {
    .name = "my_plugin", .summary = "Correlation of two numbers.", .source = "Welford 1962",
    .inputs = inputs, .outputs = outputs, .fold = &fold,
};
FEN_PLUGIN(.name = "my_plugin", .version = "0.1.0", .license = "MIT", .metrics = FEN_LIST(&my_plugin_metric));
