/* plugin/loader.h: from a file to a descriptor. Private to this folder. */
#ifndef FENCHEL_PLUGIN_LOADER_H
#define FENCHEL_PLUGIN_LOADER_H
#include "base/memory.h"
#include "fenchel/plugin.h"

/* loader.c: opens the module at an absolute, real path. NULL: *fault is one sentence, in `memory`. The module is never closed. */
const fen_plugin *fenp_load(const char *path, fenp_arena *memory, const char **fault);
/* trust.c: NULL, or why the file must not be opened: owner, mode, parents, not a whole ELF module. */
const char *fenp_file_refuses(const char *path, fenp_arena *memory);
/* search.c: calls `each` with every module of a folder in name order: folder/ *.so, folder/KIND/ *.so, folder/KIND/.libs/ *.so.
 * How many; -1: no such folder. */
int fenp_search(const char *folder, void (*each)(const char *path));
#endif
