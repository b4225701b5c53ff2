/* language/language.h: from the document of an experiment to graph nodes (LANGUAGE.md, DECISIONS 2-8, 11, 12).
 *
 * space       the names of one file; a `use`d definition of another file brings a private copy of that file's space
 * definition  what a name stands for: a parameter, axis, sampler, network, graph entry
 * scope       where a text is read: inside a network (inputs, `as` names, loop index), else the space
 * world       what names are rebound to by `with`; evaluating a name in another world evaluates it anew
 * build       one builder with the values that were made in it
 * value       what an expression is worth: a node, several outputs, a network, a law */
#ifndef FENCHEL_LANGUAGE_LANGUAGE_H
#define FENCHEL_LANGUAGE_LANGUAGE_H
#include "config/document.h"
#include "config/expression.h"
#include "plugin/call.h"

typedef struct fenp_experiment fenp_experiment;
typedef struct fenp_space fenp_space;
typedef struct fenp_definition fenp_definition;
typedef struct fenp_scope fenp_scope;
typedef struct fenp_world fenp_world;
typedef struct fenp_build fenp_build;
typedef struct fenp_value fenp_value;
typedef struct fenp_network fenp_network;
typedef struct fenp_law_use fenp_law_use;
typedef struct fenp_trace fenp_trace;
typedef struct fenp_metrics fenp_metrics;
typedef struct fenp_context fenp_context;

typedef enum fenp_meaning { FENP_A_PARAMETER, FENP_AN_AXIS, FENP_A_SAMPLER, FENP_A_NETWORK, FENP_A_NODE } fenp_meaning;
extern const char *const fenp_meaning_name[];

/* Where an expression is evaluated. */
struct fenp_context {
    fenp_build *build;
    fenp_scope *scope;
    fenp_world *world;
};

/* Where a feed of a build comes from: what the host writes into it before a run. */
typedef enum fenp_origin_kind {
    FENP_FROM_STEP,
    FENP_FROM_EPOCH,
    FENP_FROM_FILE,
    FENP_FROM_SIMULATION,
    FENP_FROM_CHAIN,
    FENP_FROM_CHAIN_STEP,
    FENP_FROM_PASS
} fenp_origin_kind;
typedef enum fenp_draw_when { FENP_EACH_TURN, FENP_EACH_ROUND, FENP_ONCE } fenp_draw_when;
typedef struct fenp_origin {
    fenp_origin_kind kind;
    fenp_definition *sampler;
    struct fenp_source_use *source;
    int output;
    struct fenp_chain_use *chain;
    fenp_draw_when when;
} fenp_origin;

/* A text with the place where it is read: the right side of a parameter or of `with`. */
typedef struct fenp_thunk {
    const fenp_item *item;
    fenp_scope *scope;
    fenp_world *world;
} fenp_thunk;

struct fenp_definition {
    const char *name;
    fenp_meaning meaning;
    fenp_space *space;
    fenp_item *item;
    fenp_place at;
    bool used;
    fenp_thunk text; /* parameter: its text */
    fen_axis axis;
    fenp_definition *same_size; /* axis: id; of which other axis it has the size */
    int64_t size;
    double from, to;
    bool counted;
    fenp_network *network; /* network: made when it is first needed */
    fenp_draw_when when;
    bool finite, trained, measured;
    struct fenp_source_use *source; /* sampler, once it was built; by players, by metrics only */
    bool ranged;                    /* axis: from and to were read */
    bool unsized;                   /* axis: its size is a mistake, and that was said: what has this axis is faulty */
};
struct fenp_space {
    fenp_experiment *experiment;
    fenp_item *root;
    const char *file;
    fenp_map names; /* -> fenp_definition */
    fenp_scope *scope;
    const char *run;
    bool best; /* of a run's resolved.yaml: its folder, from which its networks take their values */
};

/* One name of a scope. A text is read when it is asked for; a number (loop index, `out`) is the same in every build. */
typedef struct fenp_local {
    const char *name;
    fenp_value *value, *next;
    bool carried, number;
    int64_t whole;
    fenp_thunk text;
    bool used, busy;
    fenp_place at;
} fenp_local;
struct fenp_scope {
    fenp_scope *up;
    fenp_space *space;
    fenp_local **local;
    int locals;
    bool network;
    const fenp_item *defaults;
};

/* Rebinding: `from` means `text` (or the network or sampler `to`). */
typedef struct fenp_binding {
    fenp_definition *from, *to;
    fenp_thunk text;
} fenp_binding;
/* What one or several `with` say, each where it was written; `of`: a name of the private copy of a file. Of two that say the same name the outer one counts. */
typedef struct fenp_said {
    const char *name;
    const fenp_item *item;
    fenp_scope *scope;
    fenp_place at;
    fenp_definition *of;
} fenp_said;
typedef struct fenp_with {
    fenp_said *said;
    int n;
} fenp_with;
/* Values at the start from another run: what lies below `params` and `state` here is called `name`, `state_name` there. */
typedef struct fenp_load {
    const char *run, *name, *state_name, *params, *state, *who;
    bool best;
    fenp_place at;
} fenp_load;
typedef struct fenp_memo {
    const void *key;
    fenp_value *value;
    bool busy;
} fenp_memo;
struct fenp_world {
    fenp_world *up;
    fenp_binding *bound;
    int bounds;
    fenp_memo *memo;
    int memos;
    fenp_build *build;
    struct fenp_skip {
        const fenp_world *frame;
        fenp_world *world;
    } * skip;
    int skips;
}; /* this world without one of its frames */

struct fenp_value {
    fen_node *node;        /* NULL: no single value */
    const char *unit;      /* NULL: unknown */
    fenp_definition *of;   /* the sampler, network or axis that was named; NULL: none */
    fenp_network *network; /* of a network's name */
    fenp_law_use *law;     /* of a sampler or a random call */
    fenp_trace *trace;     /* of a network call */
    fen_node *log_det;
    const char **name;
    fenp_value **out;
    int outs;
    const char *refuse; /* why its node must not be used here; NULL: it may */
    bool pass;          /* metrics: a value of the whole pass, in the finishing builder */
    const double *number;
    int64_t numbers; /* text parameters that are lists; unused else */
};

/* A network: layers, or a fresh copy of another one, or one from a run. */
struct fenp_network {
    fenp_definition *definition;
    const fenp_item *item; /* {inputs, layers, ..} after `use` was followed */
    fenp_scope *scope;     /* names around its layers: own parameters, then its file */
    const char *block;     /* "params/critic" */
    const char *state;     /* "state/critic": that of the original for a copy */
    fenp_network *copy;    /* of which network it is a copy (parameters equal at the start); NULL */
    const char *run;
    bool best;                        /* RUN#NAME: where its first values come from; NULL */
    const char *run_name, *run_state; /* NAME; the network there that has its states (of a copy: the original) */
    fenp_with rest;                   /* `with` of its `use`, beyond its own parameters */
    bool declared, broken;            /* its parameters are known; a call failed, and that was said */
    fenp_place called;
    fen_shape *input;
    int inputs;   /* the first call: place and shapes of the inputs */
    bool updated; /* in the phase that is being built: training mode */
    bool reading;
};

/* A law: the function, with inputs and attributes bound. */
struct fenp_law_use {
    const fen_function *function;
    fenp_call call;
    fen_shape event;
    const char *site;
    fenp_definition *sampler;
};

typedef struct fenp_vector {
    const char *block;
    fen_node *node;
} fenp_vector;

/* What happened in a network call, for running it backwards. */
typedef struct fenp_record {
    int kind;
    const fenp_item *item;
    fenp_scope *scope;
    const char *owner, *site;
    fenp_call call;
    fenp_value **in;
    int ins;
    fenp_value **out;
    int outs;
    fenp_trace *inner;
    fenp_network *network;
    fenp_world *world;
    const fen_function *function;
    fenp_place at;
    const char *block, *state;
    const fenp_item *body;
    fen_mode mode;
    fenp_vector vector;
    int to; /* its nodes end here, and begin where those of the layer before end */
} fenp_record;
struct fenp_trace {
    fenp_record **record;
    int n, from, to; /* the nodes that its layers made: [from, to) */
    fenp_value *input, *result;
};

/* Chains: nodes that are run by a driver. */
typedef struct fenp_chain_use {
    fenp_definition *sampler;
    const fen_function *function;
    const char *name;
    fenp_call call;
    fenp_context context;
    fen_node *position, *step;
    int position_feed, step_feed;
    int *output_feed;
    int outputs;
    fen_shape shape;
    fen_node **node, **gradient;
    int nodes; /* its attributes of type node, built on `position` by fenp_chains_build; gradients of those that are one number */
    fenp_value **start;
    int starts; /* its attributes of type sampler, drawn */
    fenp_draw_when when;
    bool built;
    fenp_place at;
} fenp_chain_use;

/* A live number of a range: what must hold whenever it is read. */
typedef struct fenp_live {
    fen_node *node;
    const fen_attribute *attribute;
    const char *given;
    fenp_place at;
} fenp_live;
void fenp_live_add(fenp_build *u, fen_node *x, const fen_attribute *a, const fenp_item *item);   /* attribute.c; nothing to do for a constant */

struct fenp_build {
    fenp_experiment *experiment;
    fen_builder *b;
    fenp_world *world; /* the outermost */
    fenp_map calls;    /* key of a call -> fenp_value */
    fenp_map places;   /* names used in the entry that is being built -> how often */
    const char *entry; /* "fake", "play.critic.minimize", "metrics.fd" */
    fen_node *step, *epoch;
    fenp_live *live;
    int lives;
    fenp_chain_use **chain;
    int chains;
    fenp_metrics *metrics; /* set while a metric is built */
    fenp_memo *weight;
    int weights;                                                            /* slot -> the node behind its weight function */
    fenp_vector vector;                                                     /* a network runs on this vector */
    fenp_world *entered;                                                    /* whose axis sizes the builder has now */
    bool deferred;                                                          /* an entry read a network that is not declared yet */
    fenp_value *(*called)(const fenp_context *c, const fenp_expression *e); /* functions of conditions (first, at, ..); NULL: none */
    bool metrics_first;                                                     /* conditions: a metric hides a definition of the same name */
    bool over_points;                                                       /* conditions of a sweep: reductions run over the points */
    int depth, pasting;                                                     /* of nested `use`, of `${a}` within `${b}` */
    bool final;                                                             /* nothing more is deferred: what is missing is an error */
    const char *state; /* "state/critic": where the states of the network that is being called lie */
};

struct fenp_experiment {
    fenp_arena memory;
    fenp_faults *faults;
    fenp_item *root;
    const char *file, *name;
    fenp_space *space;
    fenp_store *store;
    bool doubles;
    uint64_t seed;
    int axes; /* ids given out; 0 is the batch */
    fenp_definition *axis[FENP_MAX_AXES];
    fenp_map spaces; /* "who uses it|file" -> fenp_space, "owner|axes" -> that of a network with axes of its own */
    fenp_load *load;
    int loads; /* of layers that `use: RUN#NAME` */
    fenp_definition *batch;
    fenp_map expressions;      /* "file:line:column text" -> fenp_expression */
    fenp_map weight_functions; /* slot path -> fenp_record that holds attribute and scope */
    fenp_network **network;
    int networks;
    fenp_map streams; /* site -> fenp_draw_when, of those that are not drawn each turn */
    fenp_map sources; /* sampler instance -> opened source (train/) */
    struct fenp_owned {
        void *p;
        void (*free)(void *p);
    } * owned;
    int n_owned;      /* builders, programs: freed with the experiment, last first */
    fenp_map files;   /* path -> root: what `use` read, for resolved.yaml */
    fenp_map missing; /* functions, files, runs that were complained about */
    fenp_map reads;   /* definitions that were read: for unused names */
};

/* experiment.c */
fenp_experiment *fenp_experiment_new(fenp_item *root, const char *file, fenp_faults *faults);
void fenp_experiment_free(fenp_experiment *x);
void *fenp_owns(fenp_experiment *x, void *p, void (*free)(void *p)); /* p, which dies with the experiment; NULL is fine */
fenp_space *fenp_space_new(fenp_experiment *x, fenp_item *root, const char *file);
bool fenp_check_keys(fenp_experiment *x, const fenp_item *mapping, const char *what,
                     const char *const *known);  /* false: one is unknown; what is missing then need not be said */
fen_builder *fenp_finishing(fenp_experiment *x); /* a builder of finishing programs, in double, owned by x */
fenp_build *fenp_build_new(fenp_experiment *x, fen_mode mode, bool doubles);
void fenp_build_free(fenp_build *u);
void fenp_entry(fenp_build *u, const char *format, ...) __attribute__((format(printf, 2, 3))); /* begins an entry: sites are counted anew */
void fenp_unused(fenp_experiment *x);
void fenp_look_at_rest(fenp_build *u); /* look.c: of a faulty file, what the faults kept from being built */

/* scope.c */
bool fenp_is_refused(const fenp_experiment *x, const char *name);   /* defined in the file, and no definition: that was said */
fenp_definition *fenp_lookup(const fenp_scope *s, const char *name); /* of the space; marks it as used; NULL: none */
fenp_local *fenp_local_find(fenp_scope *s, const char *name);        /* NULL: none */
fenp_scope *fenp_scope_new(fenp_experiment *x, fenp_scope *up, bool network);
fenp_local *fenp_local_add(fenp_experiment *x, fenp_scope *s, const char *name);
void fenp_local_value(fenp_experiment *x, fenp_scope *s, const char *name, fenp_value *v);
void fenp_local_number(fenp_experiment *x, fenp_scope *s, const char *name, int64_t whole);
const char *const *fenp_names_in(fenp_experiment *x, const fenp_scope *s); /* for the nearest name */
/* `with: {..}` written in scope s under world w; NULL item gives w. */
fenp_world *fenp_world_with(fenp_build *u, fenp_world *w, const fenp_item *with, fenp_scope *s);
fenp_binding *fenp_bound(fenp_world *w, const fenp_definition *d, fenp_world **outer); /* innermost binding of d; outer: the world around it */
fenp_world *fenp_world_said(fenp_build *u, fenp_world *w, const fenp_with *with);
void fenp_with_add(fenp_experiment *x, fenp_with *w, const fenp_item *with, fenp_scope *s); /* names that w says already stay */
int fenp_memo_of(fenp_world *w, const void *key);                                           /* index of the memo of key, made if there is none */
int64_t fenp_axis_size(const fenp_context *c, fenp_definition *axis);
fenp_world *fenp_enter(fenp_build *u, fenp_world *w);               /* axis sizes of w into the builder; returns what was there */
fenp_world *fenp_world_of(fenp_world *w, const fenp_definition *d); /* the outermost world in which d has the same value */

/* evaluate.c */
fenp_value *fenp_value_new(fenp_build *u, fen_node *node);
fenp_value *fenp_faulty_value(fenp_build *u);
bool fenp_is_fault(const fenp_build *u, const fenp_value *v);
fenp_value *fenp_wrong(const fenp_context *c, fenp_place at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));                                         /* records, gives a faulty value */
fenp_expression *fenp_parsed(fenp_experiment *x, const char *text, fenp_place at); /* NULL: fault was recorded */
fenp_value *fenp_evaluate(const fenp_context *c, const fenp_expression *e);
fenp_value *fenp_evaluate_text(const fenp_context *c, const fenp_item *item); /* an item that is an expression, number, list of them, or a node */
fen_node *fenp_tensor(const fenp_context *c, fenp_value *v, fenp_place at);   /* the tensor; a fault where there is none */
/* d's value in its world, made there once by `make`. */
fenp_value *fenp_once_a_world(const fenp_context *c, fenp_definition *d, fenp_place at, fenp_value *(*make)(const fenp_context *, fenp_definition *));
fenp_value *fenp_unknown_name(const fenp_context *c, const char *name, fenp_place at); /* says so, with the nearest one */
fenp_value *fenp_name_value(const fenp_context *c, const char *name, fenp_place at);
fenp_value *fenp_definition_value(const fenp_context *c, fenp_definition *d, fenp_place at);
fen_builder *fenp_join(const fenp_context *c, fenp_value **v, int n, fenp_place at); /* the builder in which values meet; NULL: faulty */
bool fenp_number_of(const fenp_context *c, const fenp_item *item, double *number);   /* false: fault was recorded */
bool fenp_whole_of(const fenp_context *c, const fenp_item *item, int64_t *whole);
bool fenp_constant_of(const fenp_context *c, const fenp_expression *e, double *number);
const char *fenp_paste(const fenp_context *c, const fenp_item *item); /* text with ${p} pasted in; NULL: fault was recorded */
const char *fenp_path_file(const fenp_context *c, const fenp_item *item);
const char *fenp_paste_text(const fenp_context *c, const char *text, fenp_place at);
/* The functions of the language: functions.c; NULL: no such function. */
typedef struct fenp_builtin fenp_builtin;
const fenp_builtin *fenp_builtin_find(const char *name);
fenp_value *fenp_builtin_call(const fenp_context *c, const fenp_builtin *f, const fenp_expression *e);
const char *const *fenp_builtin_names(void);
/* reduce.c: axes named after `over` -> mask of positions of v's shape; whole: it covers batch, draws or all in a metric. */
bool fenp_over(const fenp_context *c, const fenp_expression *e, fen_shape s, unsigned *mask, bool *whole, bool *draws);
fenp_value *fenp_reduction(const fenp_context *c, const fenp_expression *e);
fenp_definition *fenp_axis_named(const fenp_context *c, const fenp_expression *e); /* an argument that names an axis; NULL: fault */

/* node.c: {function: {..}, in, as, axes, draw, mode, with} */
typedef struct fenp_node_form {
    const char *function;
    const fenp_item *body, *in, *as, *axes, *draw, *mode, *with, *use, *copy;
    fenp_place at;
} fenp_node_form;
bool fenp_node_read(const fenp_context *c, const fenp_item *item, fenp_node_form *f, bool layer);
fenp_value *fenp_node_value(const fenp_context *c, const fenp_item *item);
/* Who takes inputs, and where they go: of a function its ports, of a network its `inputs` (NULL: none has a name). */
typedef struct fenp_taker {
    const char *who;
    const fen_port *ports;
    const fenp_item *names;
    fenp_value **to;
    int room, n; /* n: inputs up to the last that is given */
} fenp_taker;
int fenp_input_named(const fenp_context *c, const fenp_taker *t, const char *name, fenp_place at);          /* -1: none is called so; said */
bool fenp_input_put(const fenp_context *c, fenp_taker *t, int p, fenp_value *v, fenp_place at);             /* false: no room, twice, faulty */
bool fenp_inputs_full(const fenp_context *c, const fenp_taker *t, fenp_place at);                           /* false: one is missing; said */
bool fenp_inputs_read(const fenp_context *c, const fenp_item *in, fenp_taker *t);                            /* `in`; false: faulty, said */
const char *fenp_network_title(const fenp_context *c, const char *name);                                    /* "network `critic`" */
fenp_value *fenp_builtin_node(const fenp_context *c, const fenp_node_form *f, const char *it); /* `exp: {}` */

/* invoke.c: a plugin function called. inputs by port (NULL: not given); body: its attributes and ports as a mapping; name: for the site. */
typedef struct fenp_invocation {
    const fen_function *function;
    fenp_kind kind;
    fenp_value **input;    /* one a port; NULL entries */
    const fenp_item *body; /* mapping or NULL */
    const char **attr_name;
    const fenp_expression **attr;
    int attrs; /* name = expr in an expression */
    fenp_draw_when when;
    const fenp_item *axes, *mode;
    fenp_scope *axes_scope;   /* where axes are written; NULL: where the call is */
    const char *site, *owner; /* NULL: the builder's, with the function's name added */
    fenp_place at;
    bool unknown; /* an attribute was given that it does not have: what is missing is not said */
} fenp_invocation;
fenp_value *fenp_invoke(const fenp_context *c, fenp_invocation *i);
fenp_value *fenp_call_expression(const fenp_context *c, const fenp_expression *e); /* name(..) that is a network or plugin */
const fen_function *fenp_function_named(const fenp_context *c, const char *name, fenp_kind *kind, fenp_place at, bool sampler_wanted);
bool fenp_drawn_axes(const fenp_context *c, const fenp_invocation *i, fen_shape *to); /* `axes: [..]` (NULL: the batch) with their sizes here */
fen_mode fenp_mode_word(const fenp_context *c, const fenp_item *mode);
bool fenp_attribute_known(const fenp_context *c, const fenp_invocation *i, const char *key, fenp_place at); /* false: said what there is */
bool fenp_bind_attributes(const fenp_context *c, fenp_invocation *i, fenp_call *call);
const fenp_item *fenp_default_of(const fenp_scope *s, const char *function, const char *attribute);
fen_node *fenp_function_applied(const fenp_context *c, const fenp_item *function, const char *site, const char *owner, fen_shape *draw,
                                fen_node *x);                                  /* initialiser (draw), weight function (x) */
const char *fenp_site_next(fenp_build *u, const char *base, const char *name); /* base/name, _2 from the second on */

/* network.c */
fenp_network *fenp_network_of(const fenp_context *c, fenp_definition *d);
fenp_value *fenp_network_call(const fenp_context *c, fenp_network *n, fen_node *vector, fenp_value **in, int ins, const fenp_item *mode,
                              fenp_place at);
fenp_value *fenp_network_named(const fenp_context *c, fenp_definition *d, fenp_value **in, int ins, const fenp_item *mode,
                               fenp_place at);                                          /* called under its name: as `with` says */
fen_node *fenp_network_bound(const fenp_context *c, fenp_definition *d);                /* the vector that `with` says d is; NULL: none */
fenp_value *fenp_network_vector(const fenp_context *c, fenp_network *n, fenp_place at); /* all raw parameters as one vector */
bool fenp_network_declare(const fenp_context *c, fenp_network *n, fenp_place at);       /* false: it must be called first */
fenp_value *fenp_tensor_path(const fenp_context *c, fenp_network *n, fen_node *vector, const char *path, bool raw,
                             fenp_place at); /* "layer/weight"; vector: the network is it */
typedef struct fenp_layers_state {
    fenp_scope *scope;
    fenp_value *it;
    fenp_map *counts;
    const char *owner;
    fenp_trace *trace;
    fen_node *log_det;
    int inputs;
} fenp_layers_state;
fen_node *fenp_weight_applied(const fenp_context *c, fenp_slot *slot, fen_node *raw,
                              const void *later); /* the value behind the weight function; raw without one */
bool fenp_layers_run(const fenp_context *c, const fenp_item *layers, fenp_layers_state *s);
fenp_value *fenp_inverse(const fenp_context *c, const fenp_expression *e);
bool fenp_invertible(const fenp_context *c, const fenp_trace *t, const char **why, fenp_place *where);

/* sampler.c */
fenp_value *fenp_sampler_value(const fenp_context *c, fenp_definition *d, fenp_place at);
fenp_value *fenp_law_call(const fenp_context *c, const char *what, const fenp_expression *e); /* log_density, cdf, quantile, entropy */
fen_node *fenp_law_apply(const fenp_context *c, fenp_law_use *l, const char *what, fen_node *x, fenp_place at);
void fenp_law_modes(fenp_law_use *l, fen_builder *b, fen_node **centre, fen_node **sd, fen_axis *mode);
void fenp_chains_build(fenp_build *u); /* the nodes of all chains that were read so far, and of those that these read */
fenp_draw_when fenp_draw_word(const fenp_context *c, const fenp_item *draw); /* `draw: once` */
void fenp_draw_keep(fenp_experiment *x, const char *site, fenp_draw_when when);
fenp_draw_when fenp_draw_policy(fenp_experiment *x, const char *stream); /* by the sampler, or the call, that owns it */
#endif
