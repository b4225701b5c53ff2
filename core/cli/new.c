/* new.c: `fenchel new KIND NAME`, a folder in which a plugin can be begun. What is in it are files (plugins/template), compiled and run by the
 * tests like any other; here their words my_plugin and my_kind become the user's, in names of files too. */
#include "base/io.h"
#include "cli/cli.h"
#include "plugin/where.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *const kinds[] = {"layer", "divergence", "sampler", "optimizer", "metric", "op", "source", "driver", NULL};
static const struct { const char *from, *to; } files[] = {
    {"my_kind.c", "my_plugin.c"},
    {"plugin.mk", "Makefile"},
    {"my_kind.test.yaml", "test.yaml"},
    {"my_kind.example.yaml", "example.yaml"},
    {"plugin.md", "README.md"},
};
enum { FILES = sizeof files / sizeof *files };

static bool is_kind(const char *text) {
    for (int i = 0; kinds[i]; i++)
        if (strcmp(kinds[i], text) == 0) return true;
    return false;
}

/* The text with the user's words. */
static const char *filled(fenp_arena *memory, const char *text, const char *kind, const char *name) {
    fenp_text t = {0};
    while (*text) {
        bool of_name = strncmp(text, "my_plugin", 9) == 0, of_kind = strncmp(text, "my_kind", 7) == 0;
        if (of_name || of_kind) fenp_text_add(&t, "%s", of_name ? name : kind);
        else fenp_text_add(&t, "%c", *text);
        text += of_name ? 9 : of_kind ? 7 : 1;
    }
    const char *kept = fenp_arena_copy(memory, t.at ? t.at : "", t.n);
    fenp_text_free(&t);
    return kept;
}

/* NULL, or why no function of the user's should have this name. */
static const char *name_refuses(const char *name, fenp_arena *memory) {
    const char *why = fenp_name_refuses(name);
    if (why) return why;
    if (strncmp(name, "fen_", 4) == 0 || strcmp(name, "fen") == 0) return "begins as the names of the SDK do; take another";
    fenp_registry_open();
    return fenp_function_find(name, NULL) ? fenp_arena_text(memory, "is taken (fenchel describe %s says by what); take another", name) : NULL;
}

/* All is read before anything is written. */
static bool read_all(fenp_arena *memory, const char *kind, const char *name, const char *text[FILES], fenp_faults *faults) {
    const char *folder = fenp_folder_template(memory);
    for (int i = 0; i < FILES; i++) {
        const char *path = fenp_arena_text(memory, "%s/%s", folder, filled(memory, files[i].from, kind, name));
        char *got = fenp_read(path, 1 << 20, NULL, faults, (fenp_place){0});
        if (!got) return false;
        text[i] = filled(memory, got, kind, name);
        fenp_delete(got);
    }
    return true;
}

static bool write_all(fenp_arena *memory, const char *folder, const char *name, const char *const text[FILES], fenp_faults *faults) {
    if (!fenp_folder(folder, faults)) return false;
    for (int i = 0; i < FILES; i++) {
        const char *path = fenp_arena_text(memory, "%s/%s", folder, filled(memory, files[i].to, "", name));
        if (!fenp_replace_soon(path, text[i], strlen(text[i]), faults)) return false;
        printf("%s\n", path);
    }
    return true;
}

static int begin(fenp_arena *memory, const char *kind, const char *name, const char *folder) {
    fenp_faults faults = {0};
    const char *text[FILES], *tree = fenp_build_tree(memory);
    struct stat s;
    if (lstat(folder, &s) == 0) fenp_fail(&faults, (fenp_place){0}, "fenchel new: %s is there already; take another name, or say -o DIR", folder);
    else if (read_all(memory, kind, name, text, &faults) && write_all(memory, folder, name, text, &faults))
        printf("\nnext: cd %s && %s%s%smake check\n", folder, tree ? "PKG_CONFIG_PATH=" : "", tree ? tree : "", tree ? "/core " : "");
    if (!faults.n) return FENP_EXIT_MET;
    fenp_faults_print(&faults, stderr);
    fenp_faults_free(&faults);
    return FENP_EXIT_FAILED;
}

int fenp_command_new(int argc, char **argv) {
    const fenp_command *self = fenp_command_named("new");
    fenp_options o;
    const char *rest[2];
    int code, n;
    if (!fenp_options_read(argc, argv, &o, rest, 2, &n, self, &code)) return code;
    if (n < 2) return fenp_usage(self, n ? "which name?" : "which kind, which name?", NULL);
    fenp_arena memory = {0};
    if (!is_kind(rest[0])) {
        const char *near = fenp_nearest(rest[0], kinds);
        code = fenp_usage(self, near ? fenp_arena_text(&memory, "did you mean `%s`? There is no kind", near) : "there is no kind", rest[0]);
        fenp_arena_free(&memory);
        return code;
    }
    const char *why = name_refuses(rest[1], &memory);
    if (why) fprintf(stderr, "fenchel new: the name `%s` %s\n", rest[1], why);
    code = why ? FENP_EXIT_USAGE : begin(&memory, rest[0], rest[1], o.output ? o.output : rest[1]);
    fenp_arena_free(&memory);
    return code;
}
