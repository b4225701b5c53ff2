/* Where modules lie. Folders are read in name order (strcmp), so which of two equal names wins never depends on a file system. */
#include "plugin/loader.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_folder[] = {"layers", "divergences", "samplers", "optimizers", "metrics", "ops"};
enum { KIND_FOLDERS = sizeof kind_folder / sizeof *kind_folder };

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }
static bool is_module(const char *name) { size_t n = strlen(name); return n > 3 && name[0] != '.' && strcmp(name + n - 3, ".so") == 0; }

static bool is_missing(int error) { return error == ENOENT || error == ENOTDIR; }

/* The modules of this very folder; -1: there is none, or it cannot be read, which is said. */
static int search_one(const char *folder, fenp_searcher s) {
    DIR *d = opendir(folder);
    if (!d && !is_missing(errno)) s.wrong(folder, strerror(errno));
    if (!d) return -1;
    fenp_arena memory = {NULL};
    char **name = NULL;
    int n = 0;
    for (const struct dirent *e; (e = readdir(d));) {
        if (!is_module(e->d_name)) continue;
        name = fenp_more(name, n, sizeof *name);
        name[n++] = fenp_arena_text(&memory, "%s/%s", folder, e->d_name);
    }
    closedir(d);
    if (n > 1) qsort(name, (size_t)n, sizeof *name, by_name);
    for (int i = 0; i < n; i++) s.each(name[i]);
    fenp_delete(name);
    fenp_arena_free(&memory);
    return n;
}

int fenp_search(const char *folder, fenp_searcher s) {
    fenp_arena memory = {NULL};
    int n = search_one(folder, s);
    for (int k = 0; n >= 0 && k < KIND_FOLDERS; k++) {
        int plain = search_one(fenp_arena_text(&memory, "%s/%s", folder, kind_folder[k]), s);
        int built = search_one(fenp_arena_text(&memory, "%s/%s/.libs", folder, kind_folder[k]), s);
        n += (plain > 0 ? plain : 0) + (built > 0 ? built : 0);
    }
    fenp_arena_free(&memory);
    return n;
}
