/* language/network.h: networks and what they are made from. */
#ifndef FENCHEL_LANGUAGE_NETWORK_H
#define FENCHEL_LANGUAGE_NETWORK_H
#include "language/attribute.h"
#include "language/language.h"

/* What `use` leads to: a definition in its scope. item NULL: it is missing, and that was said. */
typedef struct fenp_used {
    const fenp_item *item;
    fenp_scope *scope;
    fenp_definition *definition;
    const char *run, *name, *state;
    bool best;
    fenp_with with;
} fenp_used;
/* One step; what of to->with names parameters of the file is used up. owner: who uses it, so that a private copy is made once. */
bool fenp_use(const fenp_context *c, const fenp_item *use, fenp_meaning meaning, const char *owner, fenp_used *to);
/* All steps to a network's body: of `use` that leads to `use` or `copy`, an outer `with` wins. */
bool fenp_use_network(const fenp_context *c, const fenp_item *use, const fenp_item *with, const char *owner, fenp_used *to);
bool fenp_network_check(const fenp_context *c, const fenp_item *item, const char *name); /* keys and their sorts */
/* The scope of a network: its own parameters (as `with` says them), axes and defaults over `up`. What is left in `with` names no own parameter. */
fenp_scope *fenp_network_scope(const fenp_context *c, const fenp_item *item, fenp_scope *up, fenp_with *with, const char *owner);

enum { FENP_T_LAYER, FENP_T_LET, FENP_T_NETWORK, FENP_T_SPLIT, FENP_T_CONCAT, FENP_T_RESIDUAL, FENP_T_PARAMETER };
/* One layer being run. */
typedef struct fenp_layer {
    fenp_context context;
    fenp_node_form form;
    fenp_layers_state *state;
    const fenp_item *item;
    fenp_value *in[16];
    int ins;
    const char *name; /* path of this layer below the owner */
    fenp_record *record;
} fenp_layer;
fenp_value *fenp_layer_repeat(fenp_layer *l);
fenp_value *fenp_layer_residual(fenp_layer *l);
fenp_value *fenp_layer_split(fenp_layer *l);
fenp_value *fenp_layer_concat(fenp_layer *l);
fenp_value *fenp_layer_parameter(fenp_layer *l);
fenp_value *fenp_layer_use(fenp_layer *l);
fen_node *fenp_parameter_make(const fenp_context *c, const char *slot, fen_shape shape, const fenp_later *init, const fenp_later *weight,
                              fenp_place at);
bool fenp_network_body(const fenp_context *c, const fenp_item *item, fenp_scope *scope, fenp_value **in, int ins, fenp_layers_state *s, fenp_place at,
                       const char *name);
fenp_value *fenp_network_result(const fenp_context *c, const fenp_item *item, fenp_layers_state *s, fenp_place at);
#endif
