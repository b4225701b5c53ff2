/* Where modules lie. Folders are read in name order (strcmp), so which of two equal names wins never depends on a file system. */
#include "plugin/loader.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_folder[] = {"layers", "divergences", "samplers", "optimizers", "metrics", "ops"};
enum { KIND_FOLDERS = sizeof kind_folder / sizeof *kind_folder };

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }
static bool is_module(const char *name) { size_t n = strlen(name); return n > 3 && name[0] != '.' && strcmp(name + n - 3, ".so") == 0; }

/* The modules of this very folder; -1: no such folder. */
static int search_one(const char *folder, void (*each)(const char *path)) {
    DIR *d = opendir(folder);
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
    for (int i = 0; i < n; i++) each(name[i]);
    fenp_delete(name);
    fenp_arena_free(&memory);
    return n;
}

int fenp_search(const char *folder, void (*each)(const char *path)) {
    fenp_arena memory = {NULL};
    int n = search_one(folder, each);
    for (int k = 0; n >= 0 && k < KIND_FOLDERS; k++) {
        int plain = search_one(fenp_arena_text(&memory, "%s/%s", folder, kind_folder[k]), each);
        int built = search_one(fenp_arena_text(&memory, "%s/%s/.libs", folder, kind_folder[k]), each);
        n += (plain > 0 ? plain : 0) + (built > 0 ? built : 0);
    }
    fenp_arena_free(&memory);
    return n;
}
