/* plugin/where.h: where this fenchel and what belongs to it lie. */
#ifndef FENCHEL_PLUGIN_WHERE_H
#define FENCHEL_PLUGIN_WHERE_H
#include "base/memory.h"

const char *fenp_build_tree(fenp_arena *memory);                     /* the one around the executable; NULL: it is installed */
const char *fenp_folder_user(fenp_arena *memory);                    /* of the user's modules; NULL: there is no home */
const char *fenp_folder_builtin(fenp_arena *memory);                 /* of the modules of this very build */
const char *fenp_folder_template(fenp_arena *memory);                /* of what `fenchel new` writes */
#endif
