/* plugin/registry.h: all plugins of the search path, opened once. loader.c alone knows libdl; it compares the ABI before any function of
 * a module is called. Order: files given, FENCHEL_PLUGIN_PATH, the user's folder, the built-in ones. First of a name wins. */
#ifndef FENCHEL_PLUGIN_REGISTRY_H
#define FENCHEL_PLUGIN_REGISTRY_H
#include "base/fault.h"
#include "fenchel/plugin.h"

typedef enum fenp_kind { FENP_LAYER, FENP_DIVERGENCE, FENP_SAMPLER, FENP_OPTIMIZER, FENP_METRIC, FENP_KINDS } fenp_kind;
extern const char *const fenp_kind_name[FENP_KINDS];                 /* "layer", .. */
typedef struct fenp_module { const char *path; const fen_plugin *plugin; const char *fault; } fenp_module;   /* fault: one sentence, NULL: fine */

/* Opens a file now; opening it twice is fine. */
fenp_module fenp_registry_file(const char *path);
/* The same (`--plugin`, `plugins:`); a bad one is a fault at `at`. */
bool fenp_registry_add(const char *path, fenp_faults *faults, fenp_place at);
void fenp_registry_open(void);                                       /* the search path, once */
const fen_function *fenp_function_find(const char *name, fenp_kind *kind);     /* NULL: unknown */
/* Why `name` may be unknown: a module that cannot be used. NULL: all can. */
const char *fenp_registry_lacks(const char *name, fenp_arena *memory);
const fen_op *fenp_plugin_op(const char *name);
const char *const *fenp_function_names(void);                        /* NULL-ended, for fenp_nearest */
int  fenp_modules(const fenp_module **all);
#endif
