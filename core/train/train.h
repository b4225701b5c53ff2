/* train/train.h: the training game: phases of rounds, rounds of turns; draws and their counters; evaluation; checkpoints; the life of a run.
 *
 * turn     one update of one player (or of all, `simultaneous`): draws, chains, one program, commits
 * round    each player's `repeat` turns in order
 * phase    rounds until steps, epochs or `stop` */
#ifndef FENCHEL_TRAIN_TRAIN_H
#define FENCHEL_TRAIN_TRAIN_H
#include "language/language.h"
#include "language/metric.h"
#include "language/source.h"
#include "log/log.h"
#include "program/program.h"
#include "report/report.h"
#include <signal.h>

typedef struct fenp_run fenp_run;

/* ---- draws.c: counters, and what the host writes into feeds ---- */
typedef struct fenp_counter {
    const char *name;
    uint64_t count, round, turn;
    bool counted;
} fenp_counter; /* of a stream of noise, a simulation, a chain */
typedef struct fenp_cursor {
    const char *name;
    uint64_t pass, round, turn;
    int64_t next, at, passes;
    bool drawn, ended;
} fenp_cursor; /* of a file: next row of pass; at: where the last draw began; passes ended in this phase */
typedef struct fenp_memory {
    const char *name;
    size_t bytes;
    void *data;
    bool fresh;
} fenp_memory; /* state of a chain or simulation, by name */
typedef struct fenp_draws {
    fenp_experiment *experiment;
    fenp_counter **counter;
    int counters;
    fenp_cursor **cursor;
    int cursors;
    fenp_memory **memory;
    int memories;
    uint64_t round, turn; /* rounds of the whole run; turns (and evaluation draws) so far, never saved */
} fenp_draws;
fenp_counter *fenp_counter_of(fenp_draws *d, const char *stream);
fenp_cursor *fenp_cursor_of(fenp_draws *d, const char *sampler);
fenp_memory *fenp_memory_of(fenp_draws *d, const char *name, size_t bytes);
void *fenp_draws_save(const fenp_draws *d); /* memories only; for evaluation on a copy of all state */
void fenp_draws_load(fenp_draws *d, void *saved);
void fenp_draws_restore(fenp_draws *d, const void *saved); /* the same, and `saved` stays */

/* Where a run of a program stands. */
typedef struct fenp_moment {
    fenp_draws *draws;
    double step, epoch;
    uint64_t seed;
    bool training;
    uint64_t turn;
    int64_t first, draw;
} fenp_moment; /* turn: a number of its own for each draw, so that programs of one turn take a draw once */
fenp_memory *fenp_memory_for(const fenp_moment *m, const char *name, size_t bytes);

/* A program with what must be drawn before it runs. Several programs of one build that run in one turn share its draws. */
typedef struct fenp_task {
    fenp_build *build;
    fenp_program *program;
    bool *due;
} fenp_task;
void fenp_task_take(fenp_task *t, const fenp_moment *m);                                   /* counters of what the program reads move on (training) */
void fenp_task_fill(fenp_task *t, const fenp_moment *m, uint64_t step, const bool *fresh); /* feeds and draw numbers; step, fresh: inside a chain */

/* ---- chain.c ---- */
typedef struct fenp_chains fenp_chains; /* the chains of a build, each with its programs, in order of dependence */
fenp_chains *fenp_chains_new(fenp_build *u, fenp_task *main, int mains, fenp_faults *faults);
bool fenp_chains_run(fenp_chains *c, const fenp_moment *m, fenp_faults *faults); /* moves them, and writes their values into all tasks of the build */
void fenp_chains_free(fenp_chains *c);
size_t fenp_chains_arena(const fenp_chains *c);
void fenp_chains_bind(fenp_chains *c, void *arena);

/* ---- game.c, player.c ---- */
typedef struct fenp_logged {
    const char *name;
    const fenp_item *item;
    int target, series;
    double value;
    const char *unit;
} fenp_logged;
typedef struct fenp_player {
    const char *name, *who;
    const fenp_item *item;
    fenp_place at;
    const fenp_item *minimize, *maximize, *assign, *repeat, *accumulate, *optimizer, *after, *with, *log;
    fenp_network **network;
    int networks; /* those of `update` whole */
    fenp_slot **slot;
    int slots; /* tensors of `update` */
    fenp_logged *logged;
    int count; /* [0] the objective, where there is one */
    bool objective;
    int64_t draws;   /* accumulate */
    fenp_task turns; /* program of `repeat`; build NULL: once a round */
    bool wants_repeat;
} fenp_player;
typedef struct fenp_turn {
    fenp_player **player;
    int players;
    fenp_build *build, *gather_build;
    fenp_task task, gather; /* gather: accumulate's adding program */
    fenp_chains *chains, *gather_chains;
    fenp_slot **work;
    int works; /* gradients being added up */
    int64_t draws;
    int first_start, starts; /* start values that this turn's declaration brought */
    fenp_task live;          /* the live numbers of `task`, such as rates: looked at before it runs; program NULL: there are none */
} fenp_turn;
typedef struct fenp_phase {
    const char *name;
    const fenp_item *item, *with;
    fenp_place at;
    bool by_epochs, simultaneous;
    int64_t steps;
    double epochs;
    const char *epoch_of;
    const fenp_item *stop_metric;
    const char *stop;
    int64_t patience;
    bool restore, stops;
    fenp_player *player;
    int players;
    fenp_turn *turn;
    int turns;
    int64_t ended; /* round at which it ended; 0: not yet */
    fenp_definition *counts;
    int64_t total; /* the sampler that counts epochs; rounds that the phase will have */
} fenp_phase;
bool fenp_game_read(fenp_run *r);    /* the `train` section, checked */
bool fenp_game_declare(fenp_run *r); /* everything built once in mode initialise; the store is sealed */
bool fenp_game_compile(fenp_run *r); /* all programs of all phases */
fenp_program *fenp_compiled(fenp_run *r, const fen_builder *b, const fenp_target *t, int n, int guard); /* as fenp_program_new; dies with the run */
fenp_chains *fenp_chained(fenp_run *r, fenp_task *t);
fenp_context fenp_player_context(fenp_run *r, const fenp_phase *phase, const fenp_player *p,
                                 fenp_build *u); /* under the `with` of both; p NULL: of the phase */
bool fenp_player_build(fenp_run *r, fenp_phase *p, fenp_turn *t, fen_mode mode);
void fenp_assign_vector(fen_builder *b, fenp_slot *const *slot, int n, fen_node *v); /* pieces of v become the current values of the slots */
bool fenp_turn_run(fenp_run *r, fenp_phase *p, fenp_turn *t);                        /* false: the numbers failed, and it was said */
void fenp_blame(fenp_run *r, fenp_task *t, const fenp_moment *m, const char *who);

/* ---- start.c ---- */
bool fenp_start_values(fenp_run *r); /* initialisers, data-dependent starts, runs, copies */

/* ---- evaluate.c, pass.c, expect.c ---- */
typedef struct fenp_evaluation fenp_evaluation;
bool fenp_evaluation_read(fenp_run *r); /* the `evaluate` and `log` sections */
bool fenp_evaluation_declare(fenp_run *r, fenp_build *u);
bool fenp_evaluation_compile(fenp_run *r);
bool fenp_evaluate_now(fenp_run *r, const char *why);    /* all metrics, on a copy of all state */
bool fenp_evaluation_record(fenp_run *r); /* into log, pictures, history */
double fenp_metric_value(fenp_run *r, const char *name, bool *found);
void fenp_evaluation_free(fenp_run *r);
bool fenp_conditions(fenp_run *r, const fenp_item *expect, fenp_value *(*named)(const fenp_context *, const char *, fenp_place),
                     fenp_value *(*called)(const fenp_context *, const fenp_expression *), void *owner, bool quiet, bool *met);
bool fenp_expect_check(fenp_run *r); /* mistakes in `expect` are found before step 0 */
bool fenp_expect_table(fenp_run *r, bool quiet, bool *met);
bool fenp_expect_check(fenp_run *r); /* before step 0: can each condition be read? */

/* ---- the run ---- */
typedef struct fenp_every {
    double count;
    bool rounds, epochs, seconds, draws;
} fenp_every; /* `1000 steps`, `1 epoch`, `60 s`, `1 draw` */
bool fenp_every_read(fenp_run *r, const fenp_item *item, fenp_every *to);
struct fenp_run {
    fenp_experiment *experiment;
    bool ending; /* the phase's last evaluation is going on */
    bool partial, evaluated_part; /* the evaluation that is going on, the last one: only of what has an `every` of its own */
    fenp_faults *faults;
    const char *folder; /* NULL: checking only */
    fenp_phase *phase;
    int phases, current;
    fenp_draws draws;
    fenp_build *declaration;
    int first_evaluation_start; /* mode initialise; start values from here on came with the evaluation */
    void *arena;
    size_t arena_bytes;
    fenp_evaluation *evaluation;
    fenp_log *log;
    fenp_progress *progress;
    FILE *console;
    int64_t round, step, evaluated; /* of the run, of the phase; round of the last evaluation, -1: none */
    double epoch, evaluated_epoch, started, saved_at;
    bool first_done; /* the evaluation before the first phase */
    fenp_every save_every;
    int keep;
    const char *best_metric;
    bool has_best;
    double best;
    double stop_best;
    int64_t stop_waits;
    int lock;
    int signal;
    int exit_code;
    bool resumed, quiet, finished, restoring, points; /* points: conditions of a sweep */
    int train_series;
    const fenp_item *checkpoint;
    fenp_series *series;
    int n_series;
    const char *config_text, *resolved_text;
    const char *uses;                         /* RUN#NAME: who, checkpoint, SHA-256 of what was read; a line each; NULL: none */
    int64_t last_round; /* resume: rows of the log up to here */
};
extern volatile sig_atomic_t fenp_caught;
double fenp_epoch_now(fenp_run *r, const fenp_phase *p);
bool fenp_phases_check(fenp_run *r);
bool fenp_memory_enough(fenp_run *r); /* false: not, and it was said */
void fenp_memory_bind(fenp_run *r);   /* takes it */
int64_t fenp_phase_total(const fenp_phase *p);

/* checkpoint.c */
bool fenp_checkpoint_save(fenp_run *r, const char *path);
bool fenp_checkpoint_step(fenp_run *r); /* checkpoints/step-<round>.h5, older ones removed */
bool fenp_checkpoint_load(fenp_run *r, const char *path, fenp_faults *faults);
/* The newest that verifies; NULL: none. damaged (NULL: nobody asks) gets a line for each newer one that does not. */
const char *fenp_checkpoint_newest(fenp_arena *m, const char *folder, fenp_text *damaged);
bool fenp_runs_load(fenp_run *r);                                                           /* RUN#NAME */

/* run.c, folder.c */
typedef struct fenp_options {
    const char *file, *output;
    const char **set;
    int sets;
    const char **plugin;
    int plugins;
    int threads;
    bool overwrite, quiet;
    int jobs;
} fenp_options;
int fenp_run_file(const fenp_options *o);
int fenp_run_resume(const char *folder, const fenp_options *o);
int fenp_run_check(const fenp_options *o);
int fenp_run_sweep(const fenp_options *o, int jobs);
fenp_item *fenp_run_load(fenp_arena *m, const fenp_options *o, fenp_faults *faults); /* file, overrides, plugins; NULL: faults */
int fenp_run_root(fenp_item *root, const fenp_options *o);                           /* runs a loaded experiment in o->output */
const char *fenp_run_resolved(fenp_item *root, const char *file, fenp_arena *m);     /* what its resolved.yaml would be; NULL: it has faults */
fenp_run *fenp_run_new(fenp_item *root, const char *file, fenp_faults *faults);
bool fenp_run_prepare(fenp_run *r); /* reads, declares, compiles; everything that can fail before step 0 */
void fenp_run_free(fenp_run *r);
bool fenp_run_game(fenp_run *r); /* plays it to the end, a signal, or a fault */
const char *fenp_resolved(fenp_run *r, fenp_item *root);
enum { FENP_EXIT_MET = 0, FENP_EXIT_FAILED = 1, FENP_EXIT_USAGE = 2, FENP_EXIT_NUMBERS = 3, FENP_EXIT_UNMET = 4 };
#endif
