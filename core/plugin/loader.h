/* plugin/loader.h: from a file to a descriptor. Private to this folder. */
#ifndef FENCHEL_PLUGIN_LOADER_H
#define FENCHEL_PLUGIN_LOADER_H
#include "base/memory.h"
#include "fenchel/plugin.h"

/* loader.c: opens the module at an absolute, real path. NULL: *fault is one sentence, in `memory`. The module is never closed. `own`: of this
 * very build, so that only what compilers spoil is looked at afterwards. */
const fen_plugin *fenp_load(const char *path, bool own, fenp_arena *memory, const char **fault);
/* probe.c: what `judge` says of each file (NULL: nothing), or how it brought down the child process in which it was asked. */
typedef const char *fenp_judge(const char *path);
void fenp_probe(const char *const *path, int n, fenp_judge *judge, const char **says, fenp_arena *memory);
extern int fenp_probe_seconds;                                       /* for each file */
/* surroundings.c: what code that runs while a module is opened may change behind our back. `all`: also signals, folder, umask, timer. */
typedef struct fenp_surroundings fenp_surroundings;
fenp_surroundings *fenp_surroundings_now(bool all);
const char *fenp_surroundings_restored(fenp_surroundings *s, fenp_arena *memory);    /* NULL, or what was changed; frees s */
/* trust.c: NULL, or why the file must not be opened: owner, mode, parents, not a whole ELF module. */
const char *fenp_file_refuses(const char *path, fenp_arena *memory);
/* search.c: calls `each` with every module of a folder in name order: folder/ *.so, folder/KIND/ *.so, folder/KIND/.libs/ *.so.
 * How many; -1: no such folder. `wrong` is told of folders that are there and cannot be read. */
typedef struct fenp_searcher { void (*each)(const char *path); void (*wrong)(const char *folder, const char *why); } fenp_searcher;
int fenp_search(const char *folder, fenp_searcher s);
#endif
