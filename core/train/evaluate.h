/* train/evaluate.h: metrics at run time: passes over data, accumulators, folds, finishing programs; pictures and tensors; history. */
#ifndef FENCHEL_TRAIN_EVALUATE_H
#define FENCHEL_TRAIN_EVALUATE_H
#include "train/train.h"

/* One accumulator at work: one cell for each element of its result. */
typedef struct fenp_sum {
    double *a, *b, *n;
    int64_t cells, filled;
} fenp_sum;
void fenp_sum_start(fenp_sum *s, const fenp_accumulator *a);
void fenp_sum_add(fenp_sum *s, const fenp_accumulator *a, const fen_node *x, const void *value, double examples);
void fenp_sum_finish(fenp_sum *s, const fenp_accumulator *a, double *to); /* and frees */

typedef struct fenp_draft {
    fenp_build *build;
    fenp_metrics metrics;
    fenp_world *world;
    fenp_context context;
    int64_t batch;
} fenp_draft;
/* Values of one length, added up by one program (and one for the shorter last draw). */
typedef struct fenp_pass {
    fenp_length length;
    int *accumulator;
    int accumulators;
    int *fold, *feed;
    int feeds;
    fenp_task task, tail;
    fenp_chains *chains, *tail_chains;
    int64_t batch, rest;
    struct fenp_draft *tail_draft;
} fenp_pass;
typedef struct fenp_stage {
    fenp_program *program;
    int *target;
    int targets;
    struct fenp_fold_use *fold;
} fenp_stage;
/* What metrics of one group have in common; depth: how many groups stand before it. */
typedef struct fenp_key {
    const fenp_item *with, *examples, *draws, *every;
    int depth;
} fenp_key;
typedef struct fenp_import {
    int feed, from;
    fenp_metric *metric;
} fenp_import; /* a result of another group; from: its feed there, -1: the metric's value */
typedef struct fenp_group {
    fenp_key key;
    fenp_draft draft;
    fenp_pass *pass;
    int passes;
    fenp_task once;
    fenp_program *finish;
    fenp_stage *before;
    int stages;     /* programs that make inputs of folds from other results */
    double **value; /* one a feed of the finishing builder */
    fenp_metric **metric;
    int metrics;
    fenp_import *import;
    int imports; /* metrics of other groups */
    bool built, declared, evaluated, due; /* due: measured by the evaluation that is going on, or was the last */
    fenp_every period;                    /* of `every` */
} fenp_group;
typedef struct fenp_result {
    fenp_metric metric;
    fenp_key key;
    fenp_group *group;
    fen_shape shape;
    double *value;
    bool single;
    double **history;
    int64_t *round;
    int entries;
    const double *measured; /* on resume: the rounds of its entries, which the log's rows do not tell from those in which it was left out */
    int64_t measures;
    int series;
    int target;
} fenp_result;
typedef struct fenp_shown_value {
    const char *name;
    const fenp_item *item, *value, *range, *rows, *columns, *examples, *every;
    double black, white;
    fen_node *node;
    int target, series;
    bool image;
    fen_shape shape;
    const char *unit;
    fenp_place at;
    fenp_every period;
    bool periodic, due;
} fenp_shown_value;
struct fenp_evaluation {
    const fenp_item *item, *with, *examples, *draws, *expect;
    fenp_every every;
    bool periodic;
    fenp_result *result;
    int results;
    fenp_group **group;
    int groups;
    fenp_shown_value *shown;
    int count;
    fenp_task shown_task;
    fenp_chains *shown_chains;
    fenp_build *shown_build;
    fenp_every shown_every;
    bool shown_periodic;
    const void *before;        /* memory of chains and simulations as the evaluation that is going on met it: where each pass begins */
    fenp_definition *epoch_of; /* the sampler by which training counts epochs */
    fenp_run *run;
};
bool fenp_shown_read(fenp_run *r);
bool fenp_shown_build(fenp_run *r, fenp_build *u, bool declaring);
bool fenp_shown_write(fenp_run *r);
fenp_result *fenp_result_named(fenp_run *r, const char *name);
fenp_moment fenp_evaluation_moment(fenp_run *r);
bool fenp_due_again(fenp_run *r, const fenp_every *e); /* at the start, at a phase's end, and once each period */
void fenp_history_add(fenp_run *r);
void fenp_expect_look(fenp_run *r);
bool fenp_folds_start(fenp_run *r, fenp_group *g);
#endif
