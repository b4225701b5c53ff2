/* graph/builder.h: what stands behind fen_builder. A builder makes one graph; every node of it lives as long as the builder.
 * Each build is of one mode and one batch size; building again is cheap. Rules: DESIGN 4, DECISIONS 2-7 (core/graph/README.md). */
#ifndef FENCHEL_GRAPH_BUILDER_H
#define FENCHEL_GRAPH_BUILDER_H
#include "base/fault.h"
#include "fenchel/op.h"
#include "store/store.h"

/* On what a value depends; 0: nothing, it is a constant, computed in double when a program is made. */
enum { FENP_ON_DRAW = 1, FENP_ON_STORE = 2, FENP_ON_LIVE = 4 };

/* Every node is one of these; a fen_node * of a builder may be cast to it. expansion: the same value by smaller ops, built for the
 * first gradient through an op that has no vjp; its new nodes begin at id expanded_from. asked: of the faulty node, how often its
 * shape was asked for: what is made with such a shape fits nothing, and that is no fault of its own. */
typedef struct fenp_node { fen_node node; const char *site; fenp_place at; unsigned depends; fen_node *expansion; int expanded_from; unsigned asked; } fenp_node;
typedef struct fenp_graph { fenp_arena memory; fen_node **at; int n; } fenp_graph;
static inline const fenp_node *fenp_node_of(const fen_node *x) { return (const fenp_node *)x; }

/* A value that the host fills before each run: a file's draw, a chain's position, step, an accumulator. */
typedef struct fenp_feed { const char *name; fen_shape shape; fen_type type; bool wide; void *owner; fen_node *node; } fenp_feed;
/* A stream of noise: its name (a site path or a sampler's name) and what draws from it. */
typedef struct fenp_noise { const char *name; uint64_t hash; fen_shape shape; fen_node *node; } fenp_noise;
/* A state or parameter that this build sets: several calls may; the mean of what they set is stored. */
typedef struct fenp_setting { fenp_slot *slot; fen_node **value; int n; } fenp_setting;
/* Mode initialise: where a slot's start value comes from. */
typedef struct fenp_start { fenp_slot *slot; fen_node *value, *now; } fenp_start;   /* now: the parameter while it is declared */
/* Leading axes by id. coordinate: from..to in `size` points if !counted, else 0, 1, .. */
typedef struct fenp_axis { const char *name; int64_t size; double from, to; bool counted; } fenp_axis;

enum { FENP_MAX_AXES = 128, FENP_MAX_NODES = 1000000 };               /* of files; as many more are made by plugins, with ids above them */
#define FENP_MAX_ELEMENTS ((int64_t)1 << 40)                          /* of one value */

struct fen_builder {
    fenp_graph graph;
    fenp_store *store;
    fenp_faults *faults;
    fen_mode mode;
    bool doubles;                             /* precision: double */
    fenp_place place;                         /* of the text that is being built */
    const char *site;                         /* path of names for noise and messages: unique for every call */
    const char *owner;                        /* "params/critic/dense": path for parameters and states, the same for every call; NULL: none */
    const char *block;                        /* "params/critic": the block of the network; NULL: none */
    struct fenp_call *call;                   /* the function that is being built (plugin/call.h) */
    void *language;                           /* the experiment (language/), which serves the verbs about layers, networks, samplers */
    fenp_axis axis[2 * FENP_MAX_AXES]; int axes, private_axes;        /* 0 is the batch */
    fenp_map current;                         /* slot name -> the node that is its value now; absent: the slot itself */
    fenp_feed *feed; int feeds;
    fenp_noise *noise; int noises;
    fenp_setting *setting; int settings;
    fenp_start *start; int starts;
    fen_node *faulty;                         /* the one poisoned node; not in the graph, id -1 */
    fenp_map leaves;                          /* slot name -> its node, made once */
    bool full;                                /* FENP_MAX_NODES was reached, and said */
    bool rebuilt;                             /* states are read only: the network runs on a given vector */
    unsigned noise_depends;                   /* on what noise counts as depending: 0 a draw; FENP_ON_STORE for what is drawn once */
    long verbs, fail_at;                      /* the fail_at-th verb is made to fail (tests); 0: none */
};

fen_builder *fenp_builder_new(fenp_store *store, fen_mode mode, bool doubles, fenp_faults *faults);
void         fenp_builder_free(fen_builder *b);

/* A fault at b->place, prefixed with nothing; returns the faulty node. */
fen_node *fenp_faulty(fen_builder *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
static inline bool fenp_is_faulty(const fen_builder *b, const fen_node *x) { return x == b->faulty; }
const char *fenp_shape_refuses(const fen_shape *s);  /* why no value can have this shape; NULL: one can */
fen_node *fenp_node_given(fen_builder *b, fen_node *x);   /* x; of NULL, which fen_input_or_null may give, a fault */

/* Leaves */
fen_node *fenp_feed_new(fen_builder *b, const char *name, fen_shape shape, fen_type type, bool wide, unsigned depends, void *owner);
fen_node *fenp_slot_read(fen_builder *b, fenp_slot *slot);                     /* its value now: b->current, else the leaf */
void      fenp_slot_assign(fen_builder *b, fenp_slot *slot, fen_node *value);  /* b->current from here on */
fen_node *fenp_number(fen_builder *b, double value);                           /* a real number */
fen_node *fenp_integer(fen_builder *b, int64_t value);
fen_node *fenp_table(fen_builder *b, fen_shape shape, fen_type type, const double *value);   /* copied */
fen_node *fenp_named(fen_builder *b, const char *name, fen_node *x);           /* a variable of its own around x: op `name` */
fen_node *fenp_noise_new(fen_builder *b, const char *stream, const fen_op *law, fen_shape shape);   /* full stream name given */

/* gradient.c: d(sum of y)/dx[i] for all i in one sweep; out[i] zeros where the derivative is zero; reached[i]: a path leads there
 * (through stop_gradient too). gy: the seed, NULL for ones. */
void fenp_gradients(fen_builder *b, fen_node *y, fen_node *gy, fen_node *const *x, int n, fen_node **out, bool *reached);

/* shape.c */
int64_t     fenp_count(const fen_shape *s);                                    /* all elements */
bool        fenp_same(const fen_shape *a, const fen_shape *b);
const char *fenp_shape_text(const fen_builder *b, fen_shape s, char buffer[160]);            /* "[batch, k; 28, 28, 1]" */
int         fenp_lead_of(const fen_shape *s, fen_axis axis);                   /* position, -1: it has not this axis */
fen_shape   fenp_without(fen_shape s, unsigned mask);                          /* positions in mask removed */
/* Leading axes by name, features on the right, 1 stretches; false: they do not fit. */
bool        fenp_align(const fen_shape *a, const fen_shape *b, fen_shape *out);
#endif
