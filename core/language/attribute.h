/* language/attribute.h: attributes of functions, given in YAML or as name=expression. */
#ifndef FENCHEL_LANGUAGE_ATTRIBUTE_H
#define FENCHEL_LANGUAGE_ATTRIBUTE_H
#include "base/io.h"
#include "language/language.h"
#include <stdlib.h>

/* An attribute that the function's build asks for later: function, layers, network, sampler, node, records. */
typedef struct fenp_later {
    const fenp_item *item;
    fenp_context context;
} fenp_later;
/* A text of a plugin's table ("[28, 28]", "0.5", "relu") as an item. */
const fenp_item *fenp_initial_item(fenp_experiment *x, const char *text, fenp_place at);
const fenp_item *fenp_given(const fenp_context *c, const fenp_invocation *i, const char *name); /* NULL: not given */
fenp_item *fenp_expression_item(fenp_experiment *x, const fenp_expression *e);
bool fenp_sizes_of(const fenp_context *c, const fenp_item *item, fen_shape *to);
#endif
