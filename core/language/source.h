/* language/source.h: samplers in host code, opened: files serve tables, simulations draw. One instance a set of attribute values. */
#ifndef FENCHEL_LANGUAGE_SOURCE_H
#define FENCHEL_LANGUAGE_SOURCE_H
#include "language/language.h"

typedef struct fenp_served {
    const char *name;
    fen_type type;
    fen_table table;
    double scale, shift;
    fen_shape features;
} fenp_served;    /* table.data NULL: filled by `draw` */
struct fen_host { /* behind the verbs of fenchel/host.h */
    fenp_experiment *experiment;
    const fenp_context *context;
    const fenp_call *call;
    const fen_function *function;
    const char *who;
    fenp_place at;
    bool failed;
    fenp_served *served;
    int count;
    fen_shape *port;
    const char **port_name;
    int ports; /* shapes of inputs or feeds */
    fenp_arena *memory;
};
typedef struct fenp_source {
    const fen_function *function;
    void *self;
    fenp_served *output;
    int outputs;
    int64_t rows; /* of the file */
    const char *key;
} fenp_source;
/* A file sampler as an experiment uses it: which rows in which order. */
typedef struct fenp_source_use {
    fenp_source *source;
    fenp_definition *sampler;
    const char *name;
    int64_t (*range)[2];
    int ranges;
    int64_t rows;
    uint64_t mix;
    bool mixed; /* rows selected; a fixed permutation before */
} fenp_source_use;

fenp_source *fenp_source_open(const fenp_context *c, const fen_function *f, const fenp_call *call, fenp_place at); /* NULL: fault recorded */
int64_t fenp_source_row(const fenp_source_use *u, int64_t i); /* row of the file behind the i-th selected one */
void fenp_host_init(fen_host *h, const fenp_context *c, const fen_function *f, const fenp_call *call, fenp_place at);
#endif
