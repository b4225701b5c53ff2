/* Asks for nameless things wherever host code takes a name: a fault, and no crash. */
#include "fenchel.h"

static const fen_port outputs[] = {{.name = "value", .shape = "[...; 2]", .help = "nothing"}, FEN_END};
static const fen_port number[]  = {{.name = "value", .shape = "[;]", .help = "nothing"}, FEN_END};
static const fen_port inputs[]  = {{.name = "x", .shape = "[...; ...]", .help = "any value"}, FEN_END};

static void ask(fen_host *h) {
    fen_shape shape;
    fen_host_real(h, NULL);
    fen_host_int(h, NULL);
    fen_host_text(h, NULL);
    fen_host_numbers(h, NULL, &shape);
    fen_host_numbers(h, NULL, NULL);
    fen_host_shape(h, NULL);
    fen_host_records(h, NULL);
    fen_host_key(h, NULL, 0);
    fen_host_hdf5(h, NULL, NULL, NULL);
    fen_host_fail(h, NULL);
}
static void *open_source(fen_host *h) {
    fen_table none = {.data = NULL};
    ask(h);
    fen_host_output(h, NULL, FEN_REAL, fen_vector(2));
    fen_host_serve(h, NULL, FEN_REAL, NULL, 1, 0);
    fen_host_serve(h, "value", FEN_REAL, &none, 1, 0);
    return fen_host_memory(h, 1);
}
static void draw(const void *self, const fen_draw *at, double *const *out) { (void)self, (void)at, (void)out; }
static void *start(fen_host *h) { ask(h); return fen_host_memory(h, 1); }
static bool add(void *self, int64_t rows, const double *const *in) { (void)self, (void)rows, (void)in; return true; }
static bool finish(void *self, double *const *out) { (void)self; out[0][0] = 0; return true; }

static const fen_source draws = {.open = open_source, .draw = draw};
static const fen_fold fold = {.start = start, .add = add, .finish = finish};
static const fen_function source = {.name = "source_of_tests", .summary = "Nothing.", .outputs = outputs, .draws = &draws};
static const fen_function metric = {.name = "metric_of_tests", .summary = "Nothing.", .inputs = inputs, .outputs = number, .fold = &fold};
FEN_PLUGIN(.name = "null_host", .version = "1", .license = "MIT", .samplers = FEN_LIST(&source), .metrics = FEN_LIST(&metric));
