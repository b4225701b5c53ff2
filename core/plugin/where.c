/* Where this fenchel lies: in its build tree, so that a fresh build never runs with old modules, or installed. What was installed is looked
 * for from the executable, as far from it as configure said: `make install DESTDIR=..` or `prefix=..` puts all of it elsewhere. */
#include "plugin/where.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef FENP_PREFIX
#define FENP_PREFIX "/usr/local"
#define FENP_BINDIR FENP_PREFIX "/bin"
#define FENP_PKGLIBDIR FENP_PREFIX "/lib/fenchel"
#define FENP_PKGDATADIR FENP_PREFIX "/share/fenchel"
#endif

static bool is_folder(const char *path) { struct stat s; return stat(path, &s) == 0 && S_ISDIR(s.st_mode); }

/* The executable's folder; NULL: the system does not say. */
static char *own_folder(fenp_arena *memory) {
    char *exe = fenp_arena_new(memory, 4096);
    ssize_t n = readlink("/proc/self/exe", exe, 4095);
    char *cut = n > 0 ? strrchr(exe, '/') : NULL;
    if (cut) *cut = '\0';
    return cut ? exe : NULL;
}

/* An executable of the build tree lies in it, in .libs, or in tests/unit/.libs: at most three folders below the one with plugins/. */
const char *fenp_build_tree(fenp_arena *memory) {
    char *folder = own_folder(memory);
    for (int up = 0; folder && *folder && up < 4; up++) {
        if (is_folder(fenp_arena_text(memory, "%s/plugins/layers/.libs", folder))) return folder;
        *strrchr(folder, '/') = '\0';
    }
    return NULL;
}

/* What a path has behind the prefix; NULL: it does not lie there. */
static const char *behind_prefix(const char *path) {
    size_t n = strlen(FENP_PREFIX);
    return strncmp(path, FENP_PREFIX, n) == 0 && (path[n] == '/' || !path[n]) ? path + n : NULL;
}

/* A folder that configure named, as it lies beside the executable now. */
static const char *installed(fenp_arena *memory, const char *folder) {
    const char *bin = behind_prefix(FENP_BINDIR), *rest = behind_prefix(folder);
    char *own = own_folder(memory);
    size_t n = own ? strlen(own) : 0, m = bin ? strlen(bin) : 0;
    if (!own || !bin || !rest || n < m || strcmp(own + n - m, bin) != 0) return folder;
    const char *moved = fenp_arena_text(memory, "%.*s%s", (int)(n - m), own, rest);
    return is_folder(moved) ? moved : folder;
}

const char *fenp_folder_user(fenp_arena *memory) {
    const char *data = secure_getenv("XDG_DATA_HOME"), *home = secure_getenv("HOME");
    if (data && data[0] == '/') return fenp_arena_text(memory, "%s/fenchel/plugins", data);
    return home && home[0] == '/' ? fenp_arena_text(memory, "%s/.local/share/fenchel/plugins", home) : NULL;
}

const char *fenp_folder_builtin(fenp_arena *memory) {
    const char *tree = fenp_build_tree(memory);
    return tree ? fenp_arena_text(memory, "%s/plugins", tree) : installed(memory, FENP_PKGLIBDIR);
}

const char *fenp_folder_template(fenp_arena *memory) {
    const char *tree = fenp_build_tree(memory);
    return tree ? fenp_arena_text(memory, "%s/plugins/template", tree) : installed(memory, FENP_PKGDATADIR "/template");
}
