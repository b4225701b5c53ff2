/* hosts.c: host code: sources, folds and a chain, each wrong in one way. */
#include "wrong.h"

/* ---- sources: three uniform numbers an example ---- */
static void *open_three(fen_host *h) {
    fen_host_output(h, "value", FEN_REAL, fen_vector(3));
    return fen_host_memory(h, 64);
}
static void three(const fen_draw *at, int64_t i, int64_t example, double *x) {
    for (int k = 0; k < 3; k++) {
        double u[2];
        fen_random(fen_key(at, example), (uint64_t)k, u);
        x[3 * i + k] = u[0];
    }
}
static void pure(const void *self, const fen_draw *at, double *const *out) {
    (void)self;
    for (int64_t i = 0; i < at->count; i++) three(at, i, at->first + i, out[0]);
}
static void counting(const void *self, const fen_draw *at, double *const *out) {
    static int draws;
    pure(self, at, out);
    out[0][0] += draws++;
}
static void by_place(const void *self, const fen_draw *at, double *const *out) {
    (void)self;
    for (int64_t i = 0; i < at->count; i++) three(at, i, i, out[0]);
}
static void beside(const void *self, const fen_draw *at, double *const *out) {
    pure(self, at, out);
    out[0][3 * at->count] = 0;
}
static void in_self(const void *self, const fen_draw *at, double *const *out) {
    double *kept = (double *)(uintptr_t)self;
    pure(self, at, out);
    for (int64_t i = 0; i < at->count; i++) out[0][3 * i] += kept[0];
    if (at->first == 0) kept[0] += 1;
}
static void walk(const void *self, const fen_draw *at, double *const *out) {
    double *x = at->state;
    pure(self, at, out);
    for (int64_t i = 0; i < at->count; i++) out[0][3 * i] = x[i] += out[0][3 * i];
}
static void walk_too_far(const void *self, const fen_draw *at, double *const *out) {
    walk(self, at, out);
    ((double *)at->state)[at->count] = 0;
}
static const fen_port three_out[] = {{.name = "value", .shape = "[...; 3]", .help = "numbers"}, FEN_END};
#define SOURCE(name_, what, draw_, state_)                                                                                                           \
    static const fen_source name_##_source = {.state = state_, .open = open_three, .draw = draw_};                                                   \
    static const fen_function name_ = {.name = #name_, .summary = what, .outputs = three_out, .draws = &name_##_source};
SOURCE(source_is_right, "Nothing is wrong here.", pure, 0)
SOURCE(source_walks, "Nothing is wrong here: it goes on from its state.", walk, sizeof(double))
SOURCE(source_counts, "Not pure: counts its draws in a global.", counting, 0)
SOURCE(source_by_place, "Not pure: numbers by the place in the part.", by_place, 0)
SOURCE(source_beside, "Writes beside its output.", beside, 0)
SOURCE(source_in_self, "Keeps state in its instance.", in_self, 0)
SOURCE(source_too_far, "Writes beside its state.", walk_too_far, sizeof(double))

/* ---- folds: the mean of all rows ---- */
typedef struct tally {
    double sum, rows, draws;
} tally;
static tally shared;
static const fen_port rows_in[] = {{.name = "x", .shape = "[batch...; 2]", .help = "rows"}, FEN_END};
static const fen_port mean_out[] = {{.name = "value", .shape = "[; 2]", .help = "means"}, FEN_END};
static void *start(fen_host *h) { return fen_host_memory(h, sizeof(tally)); }
static void *start_shared(fen_host *h) {
    (void)h;
    shared = (tally){0, 0, 0};
    return &shared;
}
static bool add(void *self, int64_t rows, const double *const *in) {
    tally *t = self;
    for (int64_t i = 0; i < rows; i++) t->sum += in[0][2 * i] + in[0][2 * i + 1];
    t->rows += (double)rows;
    t->draws++;
    return true;
}
static bool add_mean(void *self, int64_t rows, const double *const *in) {
    tally *t = self, one = {0, 0, 0};
    add(&one, rows, in);
    t->sum += one.sum / one.rows;
    t->rows++;
    return true;
}
static bool add_beyond(void *self, int64_t rows, const double *const *in) { return add(self, rows + 1, in); }
static bool add_over(void *self, int64_t rows, const double *const *in) {
    add(self, rows, in);
    memset((void *)(uintptr_t)in[0], 0, sizeof(double));
    return true;
}
static bool finish(void *self, double *const *out) {
    tally *t = self;
    out[0][0] = t->sum / t->rows;
    out[0][1] = -out[0][0];
    return true;
}
static bool finish_beside(void *self, double *const *out) {
    out[0][2] = 0;
    return finish(self, out);
}
static bool finish_half(void *self, double *const *out) {
    tally *t = self;
    out[0][0] = t->sum / t->rows;
    return true;
}
#define FOLD(name_, what, start_, add_, finish_)                                                                                                     \
    static const fen_fold name_##_fold = {.start = start_, .add = add_, .finish = finish_};                                                          \
    static const fen_function name_ = {.name = #name_, .summary = what, .inputs = rows_in, .outputs = mean_out, .fold = &name_##_fold};
FOLD(fold_is_right, "Nothing is wrong here.", start, add, finish)
FOLD(fold_of_means, "Depends on the cut: a mean of means.", start, add_mean, finish)
FOLD(fold_shared, "All instances share a global.", start_shared, add, finish)
FOLD(fold_beyond, "Reads beyond its rows.", start, add_beyond, finish)
FOLD(fold_over, "Writes to its rows.", start, add_over, finish)
FOLD(fold_beside, "Writes beside its output.", start, add, finish_beside)
FOLD(fold_half, "Does not write all of its output.", start, add, finish_half)

/* ---- a chain ---- */
static const fen_attribute chain_attributes[] = {{.name = "next", .type = FEN_ATTR_NODE, .help = "the next position"},
                                                 {.name = "start", .type = FEN_ATTR_SAMPLER, .help = "where chains begin"},
                                                 FEN_END};
static const fen_port chain_out[] = {{.name = "value", .shape = "[...; ...]", .help = "the position"}, FEN_END};
static void *open_chain(fen_host *h) { return fen_host_memory(h, sizeof(double)); }
static bool advance(const void *self, fen_chain *c, double *x, double *const *out) {
    double *turns = (double *)(uintptr_t)self;
    (void)out;
    if (c->fresh) fen_chain_draw(c, 0, x);
    for (int64_t i = 0; i < c->chains * c->width; i++) x[i] = 0.5 * x[i] + *turns;
    *turns += 1;
    return true;
}
static const fen_driver forgetful = {.open = open_chain, .advance = advance};
static const fen_function chain_in_self = {
    .name = "chain_in_self", .summary = "Keeps state in its instance.", .attributes = chain_attributes, .outputs = chain_out, .moves = &forgetful};

FEN_PLUGIN(.name = "hosts", .version = "0.1.0", .license = "MIT",
           .samplers = FEN_LIST(&source_is_right, &source_walks, &source_counts, &source_by_place, &source_beside, &source_in_self, &source_too_far,
                                &chain_in_self),
           .metrics = FEN_LIST(&fold_is_right, &fold_of_means, &fold_shared, &fold_beyond, &fold_over, &fold_beside, &fold_half));
