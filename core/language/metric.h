/* language/metric.h: metrics cut at their whole-pass reductions (DECISIONS 8). What depends on a draw is computed by an adding program once
 * a draw; accumulators add up in double; a finishing program in double reads them. */
#ifndef FENCHEL_LANGUAGE_METRIC_H
#define FENCHEL_LANGUAGE_METRIC_H
#include "language/language.h"

typedef enum fenp_gather_how {
    FENP_G_SUM,
    FENP_G_MEAN,
    FENP_G_MAX,
    FENP_G_MIN,
    FENP_G_VAR,
    FENP_G_STD,
    FENP_G_NORM,
    FENP_G_LOGSUMEXP,
    FENP_G_LOGMEANEXP,
    FENP_G_KEEP
} fenp_gather_how;

typedef struct fenp_length {
    int64_t examples, draws;
} fenp_length;
/* A per-draw value that is reduced over the pass: elements at the positions of `mask` vanish, and draws follow each other. */
typedef struct fenp_accumulator {
    fen_node *node;
    fenp_gather_how how;
    unsigned mask;
    bool by_example; /* a value without batch counts once for each example of its draw */
    bool over_draws; /* KEEP: along draws, else along the batch */
    int feed;        /* in the finishing builder: where the result goes; KEEP: its shape has the axis, sized later */
    fen_shape result;
    fenp_length length; /* of its pass */
    const void *waits; /* of which metric its length is not known yet (NULL: it is) */
} fenp_accumulator;
/* A value that depends on no draw, handed to the finishing builder. */
typedef struct fenp_lift {
    fen_node *node;
    int feed;
} fenp_lift;
/* A metric plugin: what each draw feeds, in groups of one pass. */
typedef struct fenp_fold_use {
    const fen_function *function;
    fenp_invocation invocation;
    fenp_call call;
    fen_node **feed;
    const char **feed_name;
    int feeds;
    bool *of_pass;
    fenp_length *length; /* nodes per draw (or of the pass: in the finishing builder) */
    int *out;
    int outs; /* feeds of the finishing builder */
    fenp_context context;
} fenp_fold_use;

typedef struct fenp_metric {
    const char *name;
    const fenp_item *item, *value;
    const char *unit, *about;
    fenp_value *result;
    bool busy, done;
    fenp_place at;
    int target;
    bool every_draw;
    fen_shape shape;
    fenp_length length;
} fenp_metric; /* every_draw: a tensor of all draws of the pass: the shape of one, and how many */

struct fenp_metrics {
    fen_builder *finish; /* in double */
    fenp_accumulator *accumulator;
    int accumulators;
    fenp_lift *lift;
    int lifts;
    fenp_fold_use **fold;
    int folds;
    int64_t said_examples, said_draws, default_examples; /* 0: not said; the default is the length of the sampler that counts epochs */
    int size_batch, size_draws;                          /* feeds of size(batch), size(draws) in the finishing builder; -1: not read */
    bool unit_said;
    const char *finite; /* the finite sampler that the metric being built reads, and its rows: all its reductions run over that pass; NULL: none yet */
    int64_t finite_rows;
    const void *endless; /* the metric being built: its reductions that read endless samplers only wait for `finite` */
    const char *hidden;  /* a metric that the one being built names, hidden by the graph entry of that name; NULL: none */
    fenp_metric *metric;
    int count;                                                                    /* those built here */
    fenp_value *(*named)(const fenp_context *c, const char *name, fenp_place at); /* a metric by name; NULL: none */
    void *owner;
};

fenp_value *fenp_metric_lift(const fenp_context *c, fenp_value *v, fenp_place at);
fenp_value *fenp_metric_named(const fenp_context *c, const char *name, fenp_place at);
bool fenp_per_draw(const fenp_context *c, const fenp_value *v); /* in a metric: depends on the draw */
fenp_value *fenp_metric_reduce(const fenp_context *c, fenp_gather_how how, fenp_value *v, unsigned mask, bool draws, bool all, fenp_place at);
/* How long the pass over x is. alone: x has a pass of its own (ports of folds); else it is that of the whole metric, and `waits` (NULL: it
 * may not) is set where a sampler that says it may still come. */
bool fenp_metric_length(const fenp_context *c, const fen_node *x, fenp_place at, bool alone, const void **waits, fenp_length *to);
bool fenp_metric_settle(const fenp_context *c, const void *metric, fenp_place at); /* the lengths that waited; false: none came, and that was said */
fenp_value *fenp_metric_keep(const fenp_context *c, fenp_metric *m, fenp_value *v); /* all draws of v, one after the other, as a vector */
fenp_value *fenp_metric_size(const fenp_context *c, bool draws);
fenp_value *fenp_metric_fold(const fenp_context *c, fenp_invocation *i);
#endif
