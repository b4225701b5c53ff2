/* plugin/call.h: one call of a graph function while its build runs: the frame behind fen_input, fen_attr_real, fen_output. */
#ifndef FENCHEL_PLUGIN_CALL_H
#define FENCHEL_PLUGIN_CALL_H
#include "plugin/schema.h"

typedef struct fenp_argument {                /* one attribute's checked value; only the member of its type is set */
    bool given;
    double real; int64_t whole; const char *text; fen_shape shape;
    fen_node *node;                           /* live number, table, node */
    const void *source;                       /* function, layers, network, sampler, records: the language's own form; NULL: "none" */
} fenp_argument;
typedef struct fenp_output { const char *name; fen_node *node; } fenp_output;

typedef struct fenp_call {
    struct fenp_call *up;                     /* the call in which this one happens */
    const fen_function *function;
    fenp_argument *argument;                  /* one an attribute, in the order of the table */
    fen_node **input;                         /* one a port; NULL: not given */
    fenp_output *output; int outputs;
    fenp_output *feed; int feeds;             /* fen_feed: metrics */
    fenp_match match;
    fen_node *log_det;                        /* sum of fen_log_det_add; NULL: none */
    fen_shape drawn, event; bool draws, axes_said;       /* samplers: axes of the draw and asked features (fen_draw_shape), law (fen_event_shape) */
    const fen_shape *forward;                 /* shapes of the inputs of the forward call, one a port; NULL: none known */
    bool inverting;
    void *scope;                              /* language: where the texts of its attributes are evaluated */
} fenp_call;

/* While `inverting`, `input` has one entry an output port (what is given back), then one an input port (the first NULL, the others conditions). */

/* Points c->match at the tables and arguments of c; before its inputs are matched. Arguments may be filled later. */
void fenp_call_match(fenp_call *c);
/* Runs f's build (or another verb of it) in a frame; b->call is the frame meanwhile. */
void fenp_call_run(fen_builder *b, fenp_call *c, void (*build)(fen_builder *));
/* The same for another verb of a function, such as one of a law: fenp_call_leave keeps the first fault where the rest follows from it. */
typedef struct fenp_frame { fenp_call *call; int faults; unsigned asked; } fenp_frame;
fenp_frame fenp_call_enter(fen_builder *b, fenp_call *c);
void fenp_call_leave(fen_builder *b, fenp_frame f);
fen_node *fenp_call_output(const fenp_call *c, const char *name);    /* NULL: it has none of that name; name NULL: the first */
const fenp_argument *fenp_call_argument(const fen_builder *b, const char *name, fen_attr_type type);   /* a wrong name is a plugin's fault */
#endif
