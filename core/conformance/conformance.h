/* conformance/conformance.h: what every plugin is held to, by what its tables promise. Nothing here knows a plugin's name: a function or
 * op is tested because it is registered.
 *
 * subject     one function, or one op of a module
 * setup       one way to call a function: attributes as texts, which inputs, their shapes; data only, so it can be changed and said
 * trial       a function called as a setup says, in an experiment of its own, with values for what it reads
 * evaluator   a graph run node by node, with guard bytes around every value
 * check       what a test holds while it runs, in a child process: its findings go to the parent over a pipe */
#ifndef FENCHEL_CONFORMANCE_CONFORMANCE_H
#define FENCHEL_CONFORMANCE_CONFORMANCE_H
#include "language/language.h"
#include "program/program.h"

/* Attributes given on the command line: NAME.attribute=TEXT. */
typedef struct fenp_conformance_options {
    const char *only; /* a function or a test; NULL: all */
    bool quiet;
    int seconds; /* a test may take; 0: its own limit */
    const char **set;
    int sets;
} fenp_conformance_options;
/* Tests the functions and ops of these modules; prints findings and the summary. true: none failed. */
bool fenp_conformance(const fenp_module *module, int modules, const fenp_conformance_options *o);

/* ---- suite.c, child.c ---- */
typedef struct fenp_subject {
    const char *kind, *name; /* "layer", "dense" */
    fenp_kind of;
    const fen_function *function; /* NULL: it is an op */
    const fen_op *op;
    const fen_plugin *plugin;
    const fenp_conformance_options *options;
} fenp_subject;
typedef struct fenp_check {
    const fenp_subject *subject;
    fenp_arena memory;
    const char *said[64]; /* findings; each once */
    int findings, more;
} fenp_check;
typedef struct fenp_conformance_test {
    const char *name;
    bool (*applies)(const fenp_subject *s);
    void (*run)(fenp_check *c);
    int seconds;
} fenp_conformance_test;
extern const fenp_conformance_test fenp_conformance_tests[];
/* One sentence: what, given, needed. */
void fenp_find(fenp_check *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A test in a child process. said: one finding a line, or how the child ended; NULL: none. */
typedef struct fenp_child {
    int pid, pipe;
    double until;
    fenp_text said;
    bool running;
    int seconds;
} fenp_child;
void fenp_child_start(fenp_child *k, void (*run)(void *context, int out), void *context, int seconds);
bool fenp_child_poll(fenp_child *k, double seconds); /* true: it has ended, and `said` is all */

/* ---- setup.c ---- */
enum { FENP_SETUP_ATTRIBUTES = 64, FENP_SETUP_RUNS = 5, FENP_SETUP_LETTERS = 4, FENP_SETUP_DRAWS = 4 };
typedef struct fenp_setup {
    const char *text[FENP_SETUP_ATTRIBUTES]; /* by attribute; NULL: as its table begins */
    unsigned long given;                     /* bit per input: the optional ones, and those with an initial value, that are given */
    int leads, run, letters, draw;           /* 0 none, 1 batch, 2 batch and k; which features "..." is, which sizes letters are; of samplers */
    bool flat;                               /* inputs have no leading axes: one law for all draws */
    int64_t batch;
    fen_mode mode;
    bool doubles;
} fenp_setup;
/* A setup with which the function builds without a fault, the plainest first; false: none was found, *why is what the first one said. */
bool fenp_setup_base(fenp_check *c, fenp_setup *s, const char **why);
/* The base, and each word, each truth, each optional input that builds: up to `most`. */
int fenp_setups(fenp_check *c, fenp_setup *s, int most);
bool fenp_setup_fit(fenp_check *c, fenp_setup *s); /* changes shapes until it builds; false: it never does */
bool fenp_setup_builds(fenp_check *c, const fenp_setup *s, const char **why);
int fenp_setup_draws(const fenp_subject *s);                                               /* of samplers: what it can be asked for */
const char *fenp_setup_text(fenp_check *c, const fenp_setup *s);                           /* "width=0.5, x [batch; 4]" */
fen_shape fenp_setup_shape(const fenp_setup *s, const fen_function *f, const fen_port *p); /* of an input */
int64_t fenp_setup_attribute(const fenp_setup *s, const fen_function *f, int i);           /* a whole number */

/* ---- trial.c ---- */
typedef struct fenp_variable {
    const char *name;
    fen_node *node;
    fenp_slot *slot; /* NULL: an input */
    double *value;
    int64_t count;
} fenp_variable;
typedef struct fenp_trial {
    const fen_function *function;
    const fenp_subject *subject;
    fenp_setup setup;
    fenp_arena memory;
    fenp_faults faults;
    fenp_experiment *experiment;
    fenp_build *declaration, *build; /* mode initialise; that of the setup */
    fen_builder *b;
    fenp_context context;
    fenp_call *call;
    struct fenp_source *source; /* of a sampler in host code */
    long verbs;                 /* of the function's build */
    fenp_variable variable[48]; /* inputs that are given, then parameters */
    int inputs, variables;
    fenp_output result[48]; /* outputs and feeds, log_det, states that are set */
    int results;
} fenp_trial;
/* Declares and builds; faults are in t->faults. fail_at: the n-th verb of the function's build fails; 0: none. */
void fenp_trial_open(fenp_trial *t, const fenp_subject *subject, const fenp_setup *s, long fail_at);
void fenp_trial_close(fenp_trial *t);
void fenp_trial_store(fenp_trial *t);                                        /* values of parameters into the store, from which programs read */
bool fenp_trial_bind(fenp_trial *t, const fen_function *f, fenp_call *call); /* attributes of the setup into a call of f */

/* shapes.c: values at and near the ends of an attribute's range, all words. large: only to be built. false: no more. */
bool fenp_attribute_end(fenp_check *c, const fen_attribute *a, int k, const char **text, bool *large);

/* ---- values.c ---- */
double fenp_normal_at(uint64_t key, uint64_t i); /* fixed numbers */
double fenp_uniform_at(uint64_t key, uint64_t i);
fen_node *fenp_weighted_sum(fen_builder *b, fen_node *y, uint64_t key); /* of all elements, with fixed weights */
/* Fills all variables with numbers at which results, and their derivatives, are finite; false: none were found. `salt`: other numbers. */
bool fenp_trial_values(fenp_trial *t, uint64_t salt);
bool fenp_trial_values_next(fenp_trial *t, uint64_t salt, int *way); /* from kind *way of numbers on; afterwards: the kind behind */

/* ---- evaluator.c ---- */
typedef struct fenp_evaluator {
    const fen_builder *b;
    char **memory; /* by node: guard, value, guard */
    int n;
    const fen_node *broken; /* the first node whose kernel wrote beside its value */
} fenp_evaluator;
enum { FENP_GUARD = 64 };
void *fenp_evaluator_data(fenp_evaluator *e, const fen_node *x); /* of a node of e->b */
void fenp_evaluator_put(fenp_evaluator *e, const fen_node *x, const double *value);
double fenp_evaluator_at(fenp_evaluator *e, const fen_node *x, int64_t i);
void fenp_evaluator_run(fenp_evaluator *e, const bool *held);                         /* all nodes but feeds, slots and those held */
void fenp_evaluator_run_for(fenp_evaluator *e, const fen_node *const *target, int n); /* only what these need */
void fenp_evaluator_free(fenp_evaluator *e);
double fenp_cell_get(const fen_node *x, const void *data, int64_t i);
void fenp_cell_put(const fen_node *x, void *data, int64_t i, double v);

/* ---- derivative.c: derivatives of y by variables, of first and second order, against differences ---- */
typedef struct fenp_slope {
    fen_builder *b; /* in double */
    fenp_variable *x;
    int n;
    fen_node *y;
    const char *name, *where;  /* "`value`", ", width=0.5" */
    const fenp_variable *also; /* has a value and is not differentiated; NULL: none */
} fenp_slope;
void fenp_slope_check(fenp_check *c, const fenp_slope *s);

/* ---- engine.c: the program, as a run uses it ---- */
typedef struct fenp_engine fenp_engine;
fenp_engine *fenp_engine_new(fenp_check *c, const fen_builder *b, fen_node *const *target, int n); /* NULL: it could not be made, a finding */
void fenp_engine_free(fenp_engine *e);
int64_t fenp_engine_count(const fenp_engine *e); /* numbers of all targets */
void fenp_engine_feed(fenp_engine *e, const fen_node *x, const double *value);
void fenp_engine_inputs(fenp_engine *e, const fenp_trial *t);          /* the values of the trial's inputs */
void fenp_engine_values(fenp_engine *e, uint64_t draw, double *value); /* runs it; values one target behind the other */
/* All at once; NULL: it could not be made. Free with fenp_delete. */
double *fenp_engine_run(fenp_check *c, fenp_trial *t, fen_node *const *target, int n, int64_t *count);

/* ---- the tests ---- */
void fenp_test_schema(fenp_check *c);
void fenp_test_shapes(fenp_check *c);
void fenp_test_extremes(fenp_check *c);
void fenp_test_faults(fenp_check *c);
void fenp_test_bits(fenp_check *c);
void fenp_test_precision(fenp_check *c);
void fenp_test_gradients(fenp_check *c);
void fenp_test_inverse(fenp_check *c);
void fenp_test_law(fenp_check *c);
void fenp_test_conjugate(fenp_check *c);
void fenp_test_optimizer(fenp_check *c);
void fenp_test_source(fenp_check *c);
void fenp_test_driver(fenp_check *c);
void fenp_test_fold(fenp_check *c);
void fenp_test_kernels(fenp_check *c);
void fenp_test_derivatives(fenp_check *c);
#endif
