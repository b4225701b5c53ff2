/* plugin/schema.h: what the tables of a function promise: ranges, port shapes, texts of `fenchel describe` and the JSON Schema. */
#ifndef FENCHEL_PLUGIN_SCHEMA_H
#define FENCHEL_PLUGIN_SCHEMA_H
#include "plugin/registry.h"
#include "graph/builder.h"

int fenp_ports(const fen_port *p);                                   /* how many; 0 for NULL */
int fenp_attributes(const fen_attribute *a);
const fen_attribute *fenp_attribute(const fen_function *f, const char *name, int *i);   /* NULL: none */
const fen_port *fenp_port(const fen_port *p, const char *name, int *i);
/* NULL, or what is needed: "a number in (0, inf)", "one of alternate, channel". Text lives in `memory`. */
const char *fenp_range_refuses(const fen_attribute *a, double value, fenp_arena *memory);
const char *fenp_word_refuses(const fen_attribute *a, const char *word, fenp_arena *memory);

/* Matching of port shapes within one call: capital letters have one size, names of attributes their value, lead names one axis set. */
typedef struct fenp_match { int64_t letter[26]; const fen_function *function; int64_t (*attribute)(void *context, const char *name); void *context; } fenp_match;
/* x at port p. *x_out: x, with feature [1] added where the port wants features and x has none (nodes of b). NULL, or what was needed. */
const char *fenp_port_refuses(fenp_match *m, const fen_port *p, fen_builder *b, fen_node *x, fen_node **x_out);
/* The features that an output port promises, if they are all known by now (letters, attributes, numbers); false: not known. */
bool fenp_port_features(const fenp_match *m, const fen_port *p, int *n, int64_t *size);
/* NULL, or what is wrong in the tables themselves (unknown range form, port shape that cannot be read, missing help ..). */
const char *fenp_function_refuses(const fen_function *f, fenp_kind kind, fenp_arena *memory);
const char *fenp_op_refuses(const fen_op *op, fenp_arena *memory);
/* words.c: NULL, or why nothing may have this name: "is not [a-z][a-z0-9_]*", "is a word of the language". */
const char *fenp_name_refuses(const char *name);
bool fenp_good_name(const char *name);                               /* [a-z][a-z0-9_]*, at most 63 characters */
bool fenp_is_field(const char *name);                                /* what the host reads beside or under any function's key */
bool fenp_is_function(const char *name, bool *of_one_value);         /* of the language, core/language/functions.c */
int fenp_functions_of_language(void);
/* Page of `fenchel describe NAME`: summary, source, attributes, ports, an example. */
void fenp_describe(const fen_function *f, fenp_kind kind, fenp_text *to);
#endif
