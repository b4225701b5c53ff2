/* Where modules lie. Folders are read in name order (strcmp), so which of two equal names wins never depends on a file system. */
#include "plugin/loader.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef FENP_PKGLIBDIR
#define FENP_PKGLIBDIR "/usr/local/lib/fenchel"
#endif

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

const char *fenp_folder_user(fenp_arena *memory) {
    const char *data = secure_getenv("XDG_DATA_HOME"), *home = secure_getenv("HOME");
    if (data && data[0] == '/') return fenp_arena_text(memory, "%s/fenchel/plugins", data);
    return home && home[0] == '/' ? fenp_arena_text(memory, "%s/.local/share/fenchel/plugins", home) : NULL;
}

static bool is_folder(const char *path) { struct stat s; return stat(path, &s) == 0 && S_ISDIR(s.st_mode); }

/* An executable of the build tree lies in it, in .libs, or in tests/unit/.libs: at most three folders below the one with plugins/. */
const char *fenp_folder_builtin(fenp_arena *memory) {
    char *exe = fenp_arena_new(memory, 4096);
    ssize_t n = readlink("/proc/self/exe", exe, 4095);
    if (n <= 0) return FENP_PKGLIBDIR;
    exe[n] = '\0';
    for (int up = 0; up < 4; up++) {
        char *cut = strrchr(exe, '/');
        if (!cut) break;
        *cut = '\0';
        if (is_folder(fenp_arena_text(memory, "%s/plugins/layers/.libs", exe))) return fenp_arena_text(memory, "%s/plugins", exe);
    }
    return FENP_PKGLIBDIR;
}
